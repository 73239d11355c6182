"""Forecasts that add up: sums to the last digit, draws as wide and as correlated as they should be, held cells."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.growth import shocks
from analysis.growth.choice import select
from analysis.growth.coherent import NATION, coherent
from analysis.growth.guards import GrowthError
from analysis.growth.mixes import LEAST
from data.text import LANGUAGES, say

ADDS = 1e-9  # relative; what "adds up" means here
SAME = 1e-6  # the optimiser stops this near on the same problem in other units or another order
MANY = 4000  # draws; a share of them estimated from normal numbers is off by 1 / sqrt(MANY)
CURVES = ("naive", "seasonal naive", "log-linear")

MONTHS = pd.period_range("2019-01", periods=72, freq="M")
T = np.arange(72.0)


def market(seed=1, months=MONTHS):
    """Three tiers of three networks: a total that grows, shares that drift, one network that enters late."""
    random, n = np.random.default_rng(seed), len(months)
    walk = np.cumsum(random.normal(0, 0.02, (n, 9)), axis=0) + np.linspace(0, 1, n)[:, None] * random.normal(0, 0.3, 9)
    size = np.exp(walk + np.log([5, 3, 2, 6, 4, 3, 2, 2, 1]))
    total = 1e6 * np.exp(0.015 * np.arange(n) + random.normal(0, 0.03, n))
    columns = pd.MultiIndex.from_product([["Tier 1", "Tier 2", "Tier 3"], ["a", "b", "c"]], names=["tier", "network"])
    table = pd.DataFrame(size / size.sum(axis=1, keepdims=True) * total[:, None], index=months, columns=columns)
    table.loc[months[:30], ("Tier 2", "c")] = 0.0
    return table


def forecast(table, **more):
    return coherent(table, **({"horizon": 12, "draws": 200, "curves": CURVES} | more))


@pytest.fixture(scope="module")
def found():
    return forecast(market())


def test_networks_add_to_tiers_and_tiers_to_the_nation_in_the_point(found):
    nation = found.nation["median"]
    for table in (found.tiers, found.networks, found.cells):
        assert table["median"].groupby("month").sum().to_numpy() == pytest.approx(nation.to_numpy(), rel=ADDS)
    for key in ("tier", "network"):
        whole = (found.tiers if key == "tier" else found.networks)["median"]
        parts = found.cells["median"].groupby([key, "month"]).sum()
        assert parts.to_numpy() == pytest.approx(whole.reindex(parts.index).to_numpy(), rel=ADDS)
    assert found.tiers["share"].groupby("month").sum().to_numpy() == pytest.approx(1, rel=ADDS)
    assert found.cells["share"].groupby(["tier", "month"]).sum().to_numpy() == pytest.approx(1, rel=ADDS)


def test_they_add_up_in_every_draw(found):
    assert found.draws.shape == (200, 12, 9)
    assert found.draws.sum(axis=-1) == pytest.approx(found.totals, rel=ADDS)
    assert (found.draws > 0).all()


def test_the_bands_of_the_tables_are_quantiles_of_the_draws(found):
    tier = found.draws[..., 3:6].sum(axis=-1)
    row = found.tiers.loc["Tier 2"]
    assert row["low_95"].to_numpy() == pytest.approx(np.quantile(tier, 0.025, axis=0), rel=ADDS)
    assert row["high_80"].to_numpy() == pytest.approx(np.quantile(tier, 0.9, axis=0), rel=ADDS)
    share = found.draws[..., 4] / tier
    cell = found.cells.loc[("Tier 2", "b")]
    assert cell["share_low_80"].to_numpy() == pytest.approx(np.quantile(share, 0.1, axis=0), rel=ADDS)
    for table in (found.tiers, found.networks, found.cells):
        for prefix in ("", "share_"):
            ends = table[[f"{prefix}{end}" for end in ("low_95", "low_80", "high_80", "high_95")]]
            assert (ends.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)


def test_the_total_is_the_chosen_curve_with_its_widened_bands(found):
    alone = select(market().sum(axis=1), 12, curves=CURVES)
    assert found.choice.chosen == alone.chosen
    expected = alone.forecast[list(found.nation)]
    pd.testing.assert_frame_equal(found.nation, expected, check_names=False)
    drawn = np.quantile(forecast(market(), draws=MANY).totals, [0.025, 0.1, 0.9, 0.975], axis=0).T
    assert drawn == pytest.approx(expected[["low_95", "low_80", "high_80", "high_95"]].to_numpy(), rel=5e-3)


def test_shares_are_between_zero_and_one_and_history_is_what_was_given(found):
    for table in (found.tiers, found.networks, found.cells):
        shares = table[[c for c in table if c.startswith("share")]]
        assert ((shares > 0) & (shares < 1)).all(axis=None)
    pd.testing.assert_frame_equal(found.history, market(), check_names=False, check_freq=False)


def test_a_network_that_came_late_moves_and_the_others_keep_their_past(found):
    assert found.held.empty
    late = found.mixes["Tier 2"]
    assert late.free.all()
    assert np.isfinite(late.residuals[2]).sum() <= 42
    assert np.isfinite(late.residuals[0]).sum() >= 70


def test_what_is_too_short_or_gone_is_held_at_its_last_share():
    table = market()
    table.loc[MONTHS[: 72 - LEAST + 1], ("Tier 2", "c")] = 0.0
    table.loc[MONTHS[-1], ("Tier 3", "a")] = 0.0
    found = forecast(table)
    held = found.held.set_index(["tier", "network"])
    assert held["reason"].to_dict() == {("Tier 2", "c"): "short", ("Tier 3", "a"): "zero"}
    last = table[("Tier 2", "c")].iloc[-1] / table["Tier 2"].iloc[-1].sum()
    assert held["share"].tolist() == pytest.approx([last, 0.0])
    short = found.cells.loc[("Tier 2", "c")]
    for column in ("share", "share_low_95", "share_high_95"):
        assert short[column].to_numpy() == pytest.approx(last, rel=ADDS)
    assert (found.cells.loc[("Tier 3", "a"), "high_95"] == 0).all()
    assert found.draws.sum(axis=-1) == pytest.approx(found.totals, rel=ADDS)


def test_a_whole_tier_that_is_new_is_held_and_a_lone_network_is_the_tier():
    table = market()[["Tier 1", "Tier 2"]].copy()
    table[("Tier 3", "a")] = np.where(T > 60, 1e4, 0.0)
    found = forecast(table)
    assert found.held[["tier", "network", "reason"]].to_numpy().tolist() == [
        ["Tier 3", "", "short"],
        ["Tier 3", "a", "short"],
    ]
    assert found.cells.loc[("Tier 3", "a"), "share"].to_numpy() == pytest.approx(1.0)
    ends = ["low_95", "high_95"]
    both = (found.tiers.loc["Tier 3", ends], found.cells.loc[("Tier 3", "a"), ends])
    assert both[0].to_numpy() == pytest.approx(both[1].to_numpy(), rel=ADDS)


def test_units_scale_volumes_and_leave_shares(found):
    other = forecast(market() * 1e-3)
    assert other.choice.chosen == found.choice.chosen
    for mine, yours in ((found.tiers, other.tiers), (found.cells, other.cells)):
        for column in mine:
            factor = 1.0 if column.startswith("share") else 1e-3
            assert yours[column].to_numpy() == pytest.approx(factor * mine[column].to_numpy(), rel=SAME)


def test_the_order_of_columns_and_rows_leaves_the_point(found):
    shuffled = market().iloc[::-1, [8, 3, 0, 4, 6, 1, 5, 2, 7]]
    other = forecast(shuffled)
    assert other.history.columns.get_level_values("tier").tolist() == ["Tier 3"] * 3 + ["Tier 2"] * 3 + ["Tier 1"] * 3
    for mine, yours in ((found.tiers, other.tiers), (found.networks, other.networks), (found.cells, other.cells)):
        for column in ("median", "share"):
            assert yours[column].reindex(mine.index).to_numpy() == pytest.approx(mine[column].to_numpy(), rel=SAME)


def test_a_seed_repeats_itself_and_another_moves_bands_alone(found):
    same, other = forecast(market()), forecast(market(), seed=1)
    pd.testing.assert_frame_equal(same.cells, found.cells)
    assert (other.cells["median"] == found.cells["median"]).all()
    assert not (other.cells["low_95"] == found.cells["low_95"]).all()


def test_months_that_are_missing_are_gaps():
    table = market().drop([MONTHS[20], MONTHS[50]])
    found = forecast(table)
    assert found.history.loc[[MONTHS[20], MONTHS[50]]].isna().all(axis=None)
    assert found.draws.sum(axis=-1) == pytest.approx(found.totals, rel=ADDS)
    full = forecast(market())
    assert found.tiers["share"].to_numpy() == pytest.approx(full.tiers["share"].to_numpy(), abs=0.02)


def test_progress_goes_up_to_the_end():
    told = []
    forecast(market(), progress=lambda done, total: told.append(done / total))
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.set_axis(MONTHS.to_timestamp()), "PeriodIndex"),
        (lambda t: t["Tier 1"], "MultiIndex"),
        (lambda t: -t, "negative"),
        (lambda t: t * 0, "all 0"),
        (lambda t: t.where(t < t.max(axis=None), np.inf), "infinite"),
    ],
)
def test_what_is_no_market_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        forecast(change(market()))


def test_the_callers_table_stays_as_it_was():
    table = market()
    forecast(table)
    pd.testing.assert_frame_equal(table, market())


def test_a_month_not_yet_reported_is_refused_and_one_without_parcels_is_not():
    table = market()
    table.loc[MONTHS[-1], ("Tier 2", "a")] = np.nan
    with pytest.raises(GrowthError, match="Tier 2, a has no value in 2024-12") as error:
        forecast(table)
    assert (error.value.code, error.value.values["month"]) == ("not_reported", "2024-12")
    for lang in LANGUAGES:
        assert "Tier 2" in say("growth_error.not_reported", lang, **error.value.values)
    gone = forecast(table.fillna(0.0))
    assert gone.held[["tier", "network", "reason"]].to_numpy().tolist() == [["Tier 2", "a", "zero"]]
    assert forecast(table.iloc[:-1]).history.index[-1] == MONTHS[-2]
    never = market()
    never[("Tier 3", "d")] = np.nan
    assert forecast(never).held["reason"].tolist() == ["zero"]


def test_a_tier_of_any_name_is_a_tier(found):
    names = {"Tier 1": "nation", "Tier 2": "", "Tier 3": "total"}
    other = forecast(market().rename(columns=names, level="tier"))
    assert list(other.mixes) == [NATION, *names.values()]
    renamed = found.cells.rename(index=names, level="tier")
    pd.testing.assert_frame_equal(other.cells, renamed)
    assert other.draws.sum(axis=-1) == pytest.approx(other.totals, rel=ADDS)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), parts=st.integers(1, 6), steps=st.integers(1, 30))
def test_paths_have_normal_margins_whatever_they_are_made_of(seed, parts, steps):
    random = np.random.default_rng(seed)
    width = np.cumsum(random.uniform(0, 1, (parts, steps)), axis=1)
    residuals = random.normal(size=(parts, 40))
    residuals[0, :10] = np.nan
    found = shocks.paths(residuals, width, draws=100, seed=seed)
    assert found.shape == (100, steps, parts)
    assert np.sort(found, axis=0) == pytest.approx(np.broadcast_to(np.sort(found[:, :1, :1], axis=0), found.shape))
    assert found.mean(axis=0) == pytest.approx(np.zeros((steps, parts)), abs=ADDS)


def test_paths_keep_the_correlation_of_residuals_and_of_steps():
    random = np.random.default_rng(7)
    base = random.normal(size=400)
    residuals = np.stack([base, 0.8 * base + 0.6 * random.normal(size=400), -base, np.full(400, np.nan)])
    width = np.tile(np.sqrt(np.arange(1.0, 13)), (4, 1))
    found = shocks.paths(residuals, width, draws=MANY, seed=0)
    at_end = np.corrcoef(found[:, -1].T)
    expected = float(residuals[0] @ residuals[1] / np.linalg.norm(residuals[0]) / np.linalg.norm(residuals[1]))
    near = 3 / np.sqrt(MANY) + 0.02  # ranks instead of values cost up to 0.02
    assert at_end[0, 1] == pytest.approx(expected, abs=near)
    assert at_end[0, 2] == pytest.approx(-1.0, abs=1e-6)
    assert at_end[3, :3] == pytest.approx(np.zeros(3), abs=near)
    over = np.corrcoef(found[:, 2, 0], found[:, 11, 0])[0, 1]
    assert over == pytest.approx(np.sqrt(3 / 12), abs=near)


def test_scaled_errors_fill_both_bands():
    normal = shocks.paths(np.zeros((1, 5)), np.ones((1, 1)), draws=MANY, seed=0)[:, 0, 0]
    found = shocks.scaled(normal, np.array([2.0, 7.0]))
    assert np.quantile(found, [0.1, 0.9, 0.025, 0.975]) == pytest.approx([-2, 2, -7, 7], rel=5e-3)
    assert (np.diff(found[np.argsort(normal)]) >= 0).all()


def test_how_far_one_looks_changes_nothing_of_what_is_nearer():
    near, far = (forecast(market(), horizon=h) for h in (12, 30))
    assert far.choice.chosen == near.choice.chosen
    assert far.nation.iloc[:12].to_numpy() == pytest.approx(near.nation.to_numpy())
    medians = far.cells["median"].unstack("month").iloc[:, :12]
    assert medians.to_numpy() == pytest.approx(near.cells["median"].unstack("month").to_numpy())
