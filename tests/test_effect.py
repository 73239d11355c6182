"""Staggered difference-in-differences: truth recovered, intervals that cover, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from analysis.effect import (
    EffectError,
    att,
    decompose,
    distance_km,
    placebo,
    randomise,
    ring,
    spill_over,
    twfe,
)
from data.cities import cities
from data.grade import Grade
from tests.staggered import COLUMNS, draw, long

EXACT = 1e-12  # panels without noise
RUNS = 400  # coverage of 0.95 has a standard error of 0.011
COVERAGE = (0.92, 0.97)


def grow(never: int, power: int = 1) -> pd.DataFrame:
    """No noise; three units each start in periods 3 and 7 of 10, and the effect is (e + 1) ** power."""
    cohort = np.concatenate([np.repeat([3.0, 7.0], 3), np.full(never, np.nan)])
    relative = np.arange(10) - cohort[:, None]
    level = np.arange(len(cohort))[:, None] + np.arange(10.0)
    return long(level + np.where(relative >= 0, (relative + 1) ** power, 0.0), cohort)


def test_growing_effects_are_recovered():
    found = att(grow(4), **COLUMNS)
    event = found.event["estimate"]
    assert event.to_list() == pytest.approx([max(e + 1, 0) for e in event.index], abs=EXACT)
    assert found.by_cohort["estimate"].to_list() == pytest.approx([4.0, 2.0], abs=EXACT)
    assert found.overall.estimate == pytest.approx(3.0, abs=EXACT)
    assert found.averages["simple"].estimate == pytest.approx((28 + 6) / 10, abs=EXACT)
    assert (found.units, found.treated, found.controls, found.control) == (10, 6, 4, "never")
    assert found.grade is Grade.ESTIMATED
    assert found.few_treated


def test_two_way_fixed_effects_have_the_wrong_sign_where_effects_grow():
    panel = grow(0, power=2)
    found = att(panel, **COLUMNS, control="not-yet")
    assert found.overall.estimate == pytest.approx((1 + 4 + 9 + 16) / 4, abs=EXACT)
    assert found.unmatched == 3 + 3
    assert twfe(panel, **COLUMNS).estimate < 0
    parts = decompose(panel, **COLUMNS)
    assert parts.loc["never", "weight"] == 0
    assert parts.loc["already", "estimate"] < 0 < parts.loc["not_yet", "estimate"]


def test_never_treated_may_be_missing_only_for_not_yet():
    with pytest.raises(EffectError, match="not-yet") as caught:
        att(grow(0), **COLUMNS)
    assert caught.value.code == "no_controls"


def test_intervals_and_bands_cover():
    rng = np.random.default_rng(1)
    cohorts = (4, 6, 8, 9)
    lags = np.concatenate([np.arange(12 - g) for g in cohorts])
    truth = {"group": np.mean([0.1 + 0.1 * (11 - g) / 2 for g in cohorts]), "simple": 0.1 + 0.1 * lags.mean()}
    covered = dict.fromkeys([*truth, "event", "band"], 0.0)
    for run in range(RUNS):
        found = att(draw(rng, cohorts=cohorts, sampled=True), **COLUMNS, seed=run)
        for kind, real in truth.items():
            covered[kind] += found.averages[kind].low < real < found.averages[kind].high
        path = found.event[found.event["std_error"] > 0]
        real = 0.1 * np.maximum(path.index + 1, 0)
        covered["event"] += path.loc[1, "low"] < 0.2 < path.loc[1, "high"]
        covered["band"] += ((path["band_low"] < real) & (real < path["band_high"])).all()
    rates = {name: count / RUNS for name, count in covered.items()}
    assert {name for name, rate in rates.items() if not COVERAGE[0] <= rate <= COVERAGE[1]} <= {"band"}, rates
    assert rates["band"] >= COVERAGE[0], rates  # far leads rest on a few units: Student's t makes the band wide


def test_pretest_holds_its_size_and_finds_a_trend():
    rng = np.random.default_rng(2)
    panels = [draw(rng, never=60, size=20, persistence=0.0) for _ in range(200)]
    rejected = [att(p, **COLUMNS, window=(-5, 3)).pretest.p_value < 0.05 for p in panels]
    assert 0.02 <= np.mean(rejected) <= 0.10
    tilted = panels[0].assign(y=panels[0]["y"] + 0.3 * panels[0]["time"] * panels[0]["cohort"].notna())
    assert att(tilted, **COLUMNS, window=(-5, 3)).pretest.p_value < 1e-4


def test_pretest_says_why_there_is_none():
    rng = np.random.default_rng(3)
    assert att(draw(rng, cohorts=(1,)), **COLUMNS).pretest.reason == "no_before"
    assert att(draw(rng, cohorts=(4,), size=3, never=4), **COLUMNS).pretest.reason == "few_units"
    assert att(grow(30), **COLUMNS).pretest.reason == "no_spread"
    near = att(draw(rng, cohorts=(8,), size=10, never=20), **COLUMNS).pretest
    assert (near.reason, near.df) == ("nearest", 3)


def test_randomisation_holds_its_size_with_six_treated():
    rng = np.random.default_rng(4)
    p_values = [
        randomise(
            draw(rng, cohorts=(5, 7), size=3, never=24, effect=0.0, growth=0.0), **COLUMNS, draws=99, seed=run
        ).p_value
        for run in range(300)
    ]
    assert 0.02 <= np.mean(np.array(p_values) <= 0.05) <= 0.08
    assert 0.44 <= np.mean(p_values) <= 0.56


def test_randomisation_finds_an_effect_and_agrees_with_att():
    panel = draw(np.random.default_rng(5), cohorts=(5, 7), size=3, never=24, effect=2.0)
    found = att(panel, **COLUMNS).overall
    for control in ("never", "not-yet"):
        fit = att(panel, **COLUMNS, control=control).overall
        drawn = randomise(panel, **COLUMNS, control=control, draws=39)
        assert drawn.p_value == pytest.approx(1 / 40)
        assert drawn.statistic == pytest.approx(fit.estimate / fit.std_error, rel=1e-10)
    weighted = panel.assign(w=1 + panel["unit"] % 3)
    found = att(weighted, **COLUMNS, weight="w", anticipation=1, window=(-2, 2)).overall
    drawn = randomise(weighted, **COLUMNS, weight="w", anticipation=1, window=(-2, 2), draws=19)
    assert drawn.estimate == pytest.approx(found.estimate, rel=1e-10)


def test_randomisation_inside_strata_keeps_their_cohorts():
    panel = draw(np.random.default_rng(6), cohorts=(5,), size=6, never=6)
    panel["big"] = panel["unit"] < 6
    with pytest.raises(EffectError) as caught:  # nobody in a stratum to deal the dates to
        randomise(panel, **COLUMNS, within="big", draws=19)
    assert caught.value.code == "few_deals"
    panel["big"] = panel["unit"] < 9
    found = randomise(panel, **COLUMNS, within="big", draws=99)
    assert found.within == "big"
    assert found.draws.nunique() <= 84  # ways to choose 6 of 9
    with pytest.raises(EffectError, match="19 or more"):
        randomise(panel, **COLUMNS, draws=10)


def test_placebo_reads_nothing_after_treatment():
    panel = draw(np.random.default_rng(7))
    found = placebo(panel, **COLUMNS, shifts=(2, 3, 9))
    shouted = panel.assign(y=panel["y"] + 100 * (panel["time"] >= panel["cohort"]))
    pd.testing.assert_frame_equal(placebo(shouted, **COLUMNS, shifts=(2, 3, 9)), found)
    assert found["treated"].to_list() == [20, 20, 0]
    assert (found["low"] < 0).iloc[:2].all()
    assert np.isnan(found.loc[9, "estimate"])
    with pytest.raises(ValueError, match="longer than the anticipation"):
        placebo(panel, **COLUMNS, anticipation=2, shifts=(2,))


def test_units_left_out_are_counted():
    panel = draw(np.random.default_rng(8))
    from_the_start = panel.assign(cohort=panel["cohort"].where(panel["unit"] > 1, 0.0))
    hole = from_the_start[~((panel["unit"] == 7) & (panel["time"] == 3))]
    found = att(hole, **COLUMNS)
    assert found.dropped == {"incomplete": 1, "already_treated": 2}
    assert (found.units, found.treated) == (37, 17)


def test_a_cohort_after_the_panel_is_a_control():
    panel = draw(np.random.default_rng(9), cohorts=(4, 9))
    later = panel.assign(cohort=panel["cohort"].where(panel["cohort"] != 9, 40.0))
    assert att(later, **COLUMNS).controls == 25


def test_a_single_treated_unit_has_no_error_of_its_own():
    found = att(draw(np.random.default_rng(10), cohorts=(4, 6), size=1), **COLUMNS)
    assert found.att_gt["std_error"].isna().all()
    assert found.att_gt["estimate"].notna().all()
    assert found.by_cohort["low"].isna().all()
    assert np.isfinite(found.overall.std_error)


def test_two_way_fixed_effects_read_the_same_months_with_a_window():
    """The effect of three periods is 1 and fades to 0 afterwards: only that of the window is read."""
    cohort = np.concatenate([np.repeat([3.0, 5.0], 4), np.full(8, np.nan)])
    relative = np.arange(14) - cohort[:, None]
    panel = long(np.arange(14.0) + np.where((relative >= 0) & (relative <= 2), 1.0, 0.0), cohort)
    found = att(panel, **COLUMNS, window=(-3, 2)).overall.estimate
    assert found == pytest.approx(1, abs=EXACT)
    assert twfe(panel, **COLUMNS, window=(-3, 2)).estimate == pytest.approx(found, abs=1e-10)
    assert twfe(panel, **COLUMNS).estimate < 0.5
    kinds = decompose(panel, **COLUMNS, window=(-3, 2))
    assert 0 < kinds.loc["already", "weight"] < 1


def test_cells_without_a_control_are_counted_inside_the_window():
    panel = grow(0)
    assert att(panel, **COLUMNS, control="not-yet").unmatched == 3 + 3
    assert att(panel, **COLUMNS, control="not-yet", window=(-3, 4)).unmatched == 1 + 3


def test_a_placebo_without_controls_has_no_estimate():
    """Moved 3 earlier, the cohort of period 3 has no period before and the other nothing to compare with."""
    found = placebo(grow(0), **COLUMNS, control="not-yet", shifts=(3,)).loc[3]
    assert np.isnan(found["estimate"])
    assert found["treated"] == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda p: p.assign(y=np.where(p.index == 3, -np.inf, p["y"])), "not_finite"),
        (lambda p: pd.concat([p, p.iloc[:1]]), "repeated"),
        (lambda p: p.assign(cohort=p["cohort"].where(p.index != 3, 5.0)), "cohort_varies"),
        (lambda p: p[(p["time"] + p["unit"]) % 12 != 0], "unbalanced"),
        (lambda p: p[p["time"] == 3], "one_period"),
        (lambda p: p.assign(cohort=np.nan), "no_treated"),
        (lambda p: p.assign(cohort=0.0), "no_before"),
        (lambda p: p[p["cohort"].notna()], "no_controls"),
    ],
)
def test_what_cannot_be_estimated_is_refused(change, code):
    panel = change(draw(np.random.default_rng(11)))
    with pytest.raises(EffectError) as caught:
        att(panel, **COLUMNS)
    assert caught.value.code == code


def test_wrong_arguments_are_named():
    panel = draw(np.random.default_rng(12))
    with pytest.raises(ValueError, match="no column wage"):
        att(panel, **(COLUMNS | {"outcome": "wage"}))
    with pytest.raises(ValueError, match="choose from"):
        att(panel, **COLUMNS, control="all")
    with pytest.raises(ValueError, match="positive"):
        att(panel.assign(w=0.0), **COLUMNS, weight="w")


def test_distances_and_ring():
    # Great-circle distance Beijing - Shanghai about 1,068 km; Guangzhou - Foshan are neighbours.
    seats = cities()
    far = distance_km(seats.loc[["110000"]], seats.loc[["310000"]])[0, 0]
    assert far == pytest.approx(1068, abs=4)
    near = ring(seats, treated=["440100"], radius_km=40)
    assert "440600" in near
    assert "440100" not in near
    assert ring(seats, treated=list(seats.index), radius_km=40) == []
    with pytest.raises(ValueError, match="kilometres"):
        ring(seats, treated=["440100"], radius_km=0)


def test_spill_over_is_found_in_the_ring_alone():
    places = pd.DataFrame({"lat": np.zeros(30), "lon": np.r_[0.0, np.linspace(0.1, 0.5, 9), np.linspace(5, 9, 20)]})
    cohort = np.where(np.arange(30) == 0, 6.0, np.nan)
    near = (np.arange(30) > 0) & (np.arange(30) < 10)
    rng = np.random.default_rng(13)
    outcome = rng.normal(0, 0.1, (30, 12)) + np.where(near[:, None] & (np.arange(12) >= 6), -0.5, 0.0)
    panel = long(outcome, cohort)
    found = spill_over(panel, places, **COLUMNS, radius_km=100)
    assert (found.treated, found.controls) == (9, 20)
    assert found.overall.low < -0.5 < found.overall.high < 0
    for radius, code in ((1, "no_neighbours"), (5000, "no_controls")):
        with pytest.raises(EffectError) as caught:
            spill_over(panel, places, **COLUMNS, radius_km=radius)
        assert caught.value.code == code
