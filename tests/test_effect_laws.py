"""Laws of difference-in-differences on drawn panels, and its equals in statsmodels."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.effect import att, decompose, placebo, randomise, twfe
from tests.staggered import COLUMNS, draw

ROUNDING = 1e-10  # sums of a few hundred numbers near 1
SEEDS = st.integers(0, 2**20)
FEW = settings(max_examples=15, deadline=None)


def same(one, other, shift=0.0):
    for name in ("att_gt", "event", "by_cohort", "by_time"):
        first, second = getattr(one, name), getattr(other, name)
        after = first.index.get_level_values(-1) >= (0 if name == "event" else -1)
        if name == "att_gt":
            after = first.index.get_level_values("time") >= first.index.get_level_values("cohort")
        moved = first.assign(estimate=first["estimate"] + shift * after)
        columns = ["estimate", "std_error", "treated"]
        pd.testing.assert_frame_equal(moved[columns], second[columns], rtol=0, atol=ROUNDING)


@FEW
@given(SEEDS, st.sampled_from(["never", "not-yet"]), st.sampled_from(["universal", "varying"]))
def test_unit_and_time_constants_do_not_matter(seed, control, base):
    panel = draw(np.random.default_rng(seed))
    constants = np.sin(panel["unit"] * 7.0) * 3 + np.cos(panel["time"] * 5.0) * 3
    options = {"control": control, "base": base}
    same(att(panel, **COLUMNS, **options), att(panel.assign(y=panel["y"] + constants), **COLUMNS, **options))
    moved = panel.assign(y=panel["y"] + constants)
    assert twfe(moved, **COLUMNS).estimate == pytest.approx(twfe(panel, **COLUMNS).estimate, abs=ROUNDING)


@FEW
@given(SEEDS, st.floats(-3, 3), st.sampled_from(["never", "not-yet"]))
def test_an_effect_added_is_an_effect_found(seed, tau, control):
    panel = draw(np.random.default_rng(seed))
    more = panel.assign(y=panel["y"] + tau * (panel["time"] >= panel["cohort"]))
    one, other = (att(p, **COLUMNS, control=control) for p in (panel, more))
    same(one, other, tau)
    for kind, average in one.averages.items():
        assert other.averages[kind].estimate == pytest.approx(average.estimate + tau, abs=ROUNDING)
    assert twfe(more, **COLUMNS).estimate == pytest.approx(twfe(panel, **COLUMNS).estimate + tau, abs=ROUNDING)


@FEW
@given(SEEDS)
def test_order_and_names_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    panel = draw(rng)
    names = rng.permutation(panel["unit"].nunique())
    shuffled = panel.assign(unit=[f"city {names[u]}" for u in panel["unit"]]).sample(frac=1, random_state=seed)
    dated = shuffled.assign(
        time=pd.Timestamp("2024-01-01") + pd.to_timedelta(shuffled["time"], unit="D"),
        cohort=pd.Timestamp("2024-01-01") + pd.to_timedelta(shuffled["cohort"], unit="D"),
    )
    one, other = att(panel, **COLUMNS), att(dated, **COLUMNS)
    assert other.event.index.equals(one.event.index)
    for name in ("att_gt", "event", "by_cohort", "by_time"):
        columns = ["estimate", "std_error", "low", "high"]
        mine, theirs = (getattr(f, name)[columns].to_numpy() for f in (one, other))
        assert theirs == pytest.approx(mine, abs=ROUNDING, nan_ok=True)
    assert other.pretest.statistic == pytest.approx(one.pretest.statistic, rel=1e-6)


@FEW
@given(SEEDS, st.floats(0.01, 100))
def test_units_of_the_outcome(seed, factor):
    panel = draw(np.random.default_rng(seed))
    one, other = att(panel, **COLUMNS), att(panel.assign(y=factor * panel["y"]), **COLUMNS)
    assert other.overall.estimate == pytest.approx(factor * one.overall.estimate, rel=1e-9)
    assert other.overall.std_error == pytest.approx(factor * one.overall.std_error, rel=1e-9)
    assert other.pretest.p_value == pytest.approx(one.pretest.p_value, abs=1e-6)


def test_a_placebo_is_zero_on_average():
    rng = np.random.default_rng(20)
    found = [placebo(draw(rng), **COLUMNS, shifts=(2,)).loc[2] for _ in range(200)]
    estimates = np.array([row["estimate"] for row in found])
    assert abs(estimates.mean()) < 3 * estimates.std() / np.sqrt(len(estimates))
    assert estimates.std() == pytest.approx(np.mean([row["std_error"] for row in found]), rel=0.15)


@FEW
@given(SEEDS)
def test_weights_count_like_copies(seed):
    panel = draw(np.random.default_rng(seed), size=3, never=6)
    double = panel["unit"] % 2 == 0
    copies = pd.concat([panel, panel[double].assign(unit=panel["unit"] + 1000)])
    one = att(panel.assign(w=1.0 + double), **COLUMNS, weight="w")
    other = att(copies, **COLUMNS)
    for name in ("att_gt", "event", "by_cohort", "by_time"):
        assert getattr(one, name)["estimate"].to_list() == pytest.approx(getattr(other, name)["estimate"].to_list())
    # copies are no new information: clustered by what they copy, the errors agree too
    clustered = att(copies.assign(first=copies["unit"] % 1000), **COLUMNS, cluster="first", small_sample=False)
    plain = att(panel.assign(w=1.0 + double), **COLUMNS, weight="w", small_sample=False)
    assert clustered.overall.std_error == pytest.approx(plain.overall.std_error, rel=1e-9)
    assert clustered.clusters == plain.clusters == panel["unit"].nunique()


@FEW
@given(SEEDS)
def test_anticipation_is_an_earlier_base(seed):
    panel = draw(np.random.default_rng(seed))
    told = att(panel, **COLUMNS, anticipation=2).event
    plain = att(panel.assign(cohort=panel["cohort"] - 2), **COLUMNS).event
    assert told["estimate"].to_list() == pytest.approx(plain["estimate"].to_list(), abs=ROUNDING)
    assert told.loc[-3, ["estimate", "std_error"]].to_list() == [0, 0]


@FEW
@given(SEEDS, st.booleans())
def test_two_way_fixed_effects_are_their_comparisons(seed, everyone):
    panel = draw(np.random.default_rng(seed), never=0 if everyone else 5, size=2)
    panel["w"] = 1.0 + panel["unit"] % 3
    for weight, last in ((None, np.inf), ("w", np.inf), (None, 1), ("w", 1)):
        options = {"weight": weight, "window": (-np.inf, last)}
        parts = decompose(panel, **COLUMNS, **options)
        assert parts["weight"].sum() == pytest.approx(1)
        assert (parts["weight"] >= -ROUNDING).all()
        found = twfe(panel, **COLUMNS, **options)
        assert (parts["weight"] * parts["estimate"]).sum() == pytest.approx(found.estimate, abs=ROUNDING)


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return draw(np.random.default_rng(30), cohorts=(3, 5, 8), size=4, never=7, periods=10)


def dummies(panel: pd.DataFrame) -> pd.DataFrame:
    return pd.get_dummies(panel[["unit", "time"]].astype(str), dtype=float, drop_first=True).assign(one=1.0)


def test_saturated_regression_is_the_same(panel):
    # Sun and Abraham (2021): unit and period constants, one coefficient a cohort and relative period but -1.
    relative = panel["time"] - panel["cohort"]
    cells = {
        (g, e): ((panel["cohort"] == g) & (relative == e)).astype(float)
        for g in (3.0, 5.0, 8.0)
        for e in range(-int(g), 10 - int(g))
        if e != -1
    }
    design = pd.concat([pd.DataFrame(cells).set_axis(list(cells), axis=1), dummies(panel)], axis=1)
    fitted = sm.OLS(panel["y"], design.to_numpy()).fit()
    found = att(panel, **COLUMNS).att_gt["estimate"]
    saturated = dict(zip(cells, fitted.params.iloc[: len(cells)], strict=True))
    assert [found[(g, g + e)] for g, e in cells] == pytest.approx(list(saturated.values()), abs=ROUNDING)


def test_two_way_fixed_effects_are_those_of_statsmodels(panel):
    treated = (panel["time"] >= panel["cohort"]).astype(float)
    design = np.column_stack([treated, dummies(panel)])
    fitted = sm.OLS(panel["y"], design).fit(cov_type="cluster", cov_kwds={"groups": panel["unit"]})
    found = twfe(panel, **COLUMNS)
    assert found.estimate == pytest.approx(fitted.params.iloc[0], abs=ROUNDING)
    later = (panel["time"] > panel["cohort"] + 2).astype(float)  # periods after the window apart
    apart = sm.OLS(panel["y"], np.column_stack([treated - later, later, dummies(panel)])).fit()
    assert twfe(panel, **COLUMNS, window=(-2, 2)).estimate == pytest.approx(apart.params.iloc[0], abs=ROUNDING)
    # constants of the units lie inside the clusters and do not count against the degrees of freedom
    rows, units, periods = len(panel), panel["unit"].nunique(), panel["time"].nunique()
    ratio = np.sqrt((rows - units - periods) / (rows - 1 - periods))
    assert found.std_error == pytest.approx(fitted.bse.iloc[0] * ratio, rel=1e-9)


def test_errors_of_two_groups_are_those_of_two_means():
    # One cohort, two periods: the difference of two mean changes with unequal variances (Welch).
    panel = draw(np.random.default_rng(31), cohorts=(1,), size=8, never=11, periods=2)
    change = panel.groupby("unit")["y"].agg(lambda y: y.iloc[1] - y.iloc[0])
    own, other = change[:8], change[8:]
    found = att(panel, **COLUMNS)
    assert found.overall.estimate == pytest.approx(own.mean() - other.mean())
    assert found.overall.std_error == pytest.approx(np.sqrt(own.var() / 8 + other.var() / 11))


def test_the_same_seed_gives_the_same_numbers(panel):
    one, other = (att(panel, **COLUMNS, seed=3).event for _ in range(2))
    pd.testing.assert_frame_equal(one, other)
    draws = [randomise(panel, **COLUMNS, draws=49, seed=5).draws for _ in range(2)]
    pd.testing.assert_series_equal(*draws)


def test_the_panel_is_not_changed(panel):
    before = panel.copy()
    att(panel, **COLUMNS)
    placebo(panel, **COLUMNS, shifts=(1,))
    randomise(panel, **COLUMNS, draws=19)
    pd.testing.assert_frame_equal(panel, before)
