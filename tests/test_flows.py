"""Source of volume and decomposition of shares: exact identities, closed cases, laws on drawn volumes."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis import flows, market
from data.grade import Grade

EXACT = 1e-9  # relative to the volumes: sums over cells, rounding only
NAMES = ["cainiao", "duoduo", "jd", "home"]
volumes = arrays(np.float64, (5, 4), elements=st.one_of(st.just(0.0), st.floats(1e-3, 1e6)))


def frame(values, cells=None) -> pd.DataFrame:
    return pd.DataFrame(values, cells or [f"c{n}" for n in range(len(values))], NAMES[: np.shape(values)[1]])


def test_a_closed_case():
    # market 100 -> 120; the first keeps 60 -> 48 of its 72 at constant share, so loses 24, the second gains them
    found = flows.source_of_volume(frame([[60.0, 40.0]]), frame([[48.0, 72.0]]))
    assert found.growth.tolist() == pytest.approx([12, 8])
    assert found.matrix.to_numpy() == pytest.approx(np.array([[0, 24], [0, 0]]))
    assert found.net.tolist() == pytest.approx([-24, 24])
    assert found.grade is Grade.MODELLED


def test_losses_go_to_winners_in_proportion_to_their_gains():
    found = flows.source_of_volume(frame([[50.0, 30.0, 20.0]]), frame([[20.0, 50.0, 30.0]]))
    assert found.matrix.loc["cainiao"].tolist() == pytest.approx([0, 20, 10])


@settings(max_examples=80, deadline=None)
@given(volumes, volumes)
def test_volumes_are_accounted_for_network_by_network(before, after):
    found = flows.source_of_volume(frame(before), frame(after))
    scale = before.sum() + after.sum() + 1
    explained = found.before + found.growth + found.gained - found.lost
    assert explained.to_numpy() == pytest.approx(found.after.to_numpy(), abs=EXACT * scale)
    assert found.net.to_numpy() == pytest.approx((found.gained - found.lost).to_numpy(), abs=EXACT * scale)
    assert (found.matrix.to_numpy() >= 0).all()
    assert np.diag(found.matrix).sum() == pytest.approx(0, abs=EXACT * scale)
    assert found.growth.sum() == pytest.approx(after.sum() - before.sum(), abs=EXACT * scale)


@settings(max_examples=40, deadline=None)
@given(volumes, volumes)
def test_flows_add_up_over_cells(before, after):
    whole = flows.source_of_volume(frame(before), frame(after))
    parts = [flows.source_of_volume(frame(before).iloc[s], frame(after).iloc[s]) for s in (slice(2), slice(2, 5))]
    scale = before.sum() + after.sum() + 1
    assert sum(p.matrix.to_numpy() for p in parts) == pytest.approx(whole.matrix.to_numpy(), abs=EXACT * scale)
    assert sum(p.cells for p in parts) == whole.cells


def test_coarser_cells_show_no_more_churn():
    rng = np.random.default_rng(4)
    before, after = (frame(rng.uniform(1, 100, (40, 4))) for _ in range(2))
    coarse = flows.source_of_volume(before.sum().to_frame().T, after.sum().to_frame().T)
    assert coarse.matrix.sum().sum() < flows.source_of_volume(before, after).matrix.sum().sum()


def test_equal_shares_make_no_flows():
    before = frame([[10.0, 30.0], [6.0, 2.0]])
    found = flows.source_of_volume(before, before.mul([2.5, 0.3], axis=0))
    assert found.matrix.to_numpy().sum() == 0
    assert found.growth.tolist() == pytest.approx((before.mul([1.5, -0.7], axis=0)).sum().tolist())


def test_a_city_that_enters_or_leaves_is_growth_of_the_networks_there():
    before, after = frame([[60.0, 40.0], [5.0, 5.0]], ["a", "gone"]), frame([[60.0, 40.0], [9.0, 1.0]], ["a", "new"])
    found = flows.source_of_volume(before, after)
    assert found.matrix.to_numpy().sum() == 0
    assert found.growth.tolist() == pytest.approx([9 - 5, 1 - 5])
    assert (found.cells, found.entered, found.left) == (3, 1, 1)


def test_a_network_absent_at_one_date_counts_as_zero():
    found = flows.source_of_volume(frame([[60.0, 40.0]]), pd.DataFrame([[60.0, 30.0, 10.0]], ["c0"], NAMES[:3]))
    assert found.matrix.loc["duoduo", "jd"] == pytest.approx(10)
    assert found.before["jd"] == 0


@settings(max_examples=80, deadline=None)
@given(volumes, volumes)
def test_the_decomposition_is_exact_adds_to_zero_and_is_the_same_backwards(before, after):
    before[0, 0], after[1, 1] = before[0, 0] + 1, after[1, 1] + 1
    found = flows.decompose(frame(before), frame(after))
    total = after.sum(axis=0) / after.sum() - before.sum(axis=0) / before.sum()
    assert found["total"].to_numpy() == pytest.approx(total, abs=EXACT)
    assert (found["within"] + found["mix"]).to_numpy() == pytest.approx(total, abs=EXACT)
    assert found.sum().to_numpy() == pytest.approx(0, abs=EXACT)
    back = flows.decompose(frame(after), frame(before))
    assert back.to_numpy() == pytest.approx(-found.to_numpy(), abs=EXACT)


def test_pure_mix_and_pure_gains_are_told_apart():
    shares = np.array([[0.8, 0.2], [0.3, 0.7]])
    grown = flows.decompose(frame(shares * [[50], [50]]), frame(shares * [[20], [80]]))
    assert grown["within"].abs().max() < EXACT
    assert grown.loc["cainiao", "mix"] == pytest.approx(0.3 * (0.3 - 0.8))
    won = flows.decompose(frame(shares * 100), frame((shares + np.array([-0.1, 0.1])) * 100))
    assert won["mix"].abs().max() < EXACT
    assert won.loc["duoduo", "within"] == pytest.approx(0.1)


def test_a_group_present_at_one_date_is_mix_alone():
    found = flows.decompose(frame([[8.0, 2.0]], ["a"]), frame([[8.0, 2.0], [1.0, 9.0]], ["a", "b"]))
    assert found["within"].abs().max() < EXACT
    assert found.loc["cainiao", "mix"] == pytest.approx(9 / 20 - 0.8)


@pytest.mark.parametrize("make", [lambda f: -f, lambda f: f.where(f > 2), lambda f: pd.concat([f, f])])
def test_volumes_that_cannot_be_added_are_refused(make):
    good = frame([[1.0, 2.0], [3.0, 4.0]])
    for call in (flows.source_of_volume, flows.decompose):
        with pytest.raises(ValueError, match=r"0 or more|listed twice"):
            call(make(good), good)
    with pytest.raises(ValueError, match="no volume"):
        flows.decompose(good * 0, good)


def test_the_caller_keeps_its_frames_and_the_market_module_offers_the_same():
    before, after = frame([[1.0, 2.0]]), frame([[2.0, 2.0]])
    copies = before.copy(), after.copy()
    market.source_of_volume(before, after)
    market.decompose(before, after)
    pd.testing.assert_frame_equal(before, copies[0])
    pd.testing.assert_frame_equal(after, copies[1])
