"""The rule that chooses, bands widened by errors, what choosing costs."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis import growth
from analysis.growth import choice, intervals, trials
from analysis.growth.guards import GrowthError
from analysis.growth.testing import conformal, rivals, rule, trying
from tests.made_trials import grown, months

SAME = 1e-9  # the same fit on the same numbers, in a batch of another size
NEAR = 1e-4  # spreads of weakly identified curves, whose solver stops at another digit in another batch
EXACT = 1e-12  # the same sums in another order
FEW = ("log-linear", "logistic", "naive", "seasonal naive")


@pytest.fixture(scope="module")
def tested() -> trials.Backtest:
    return trials.backtest(grown(72), FEW, horizon=6, origins=8)


def board(**rows: tuple[float, ...]) -> pd.DataFrame:
    """MASE, coverage of the widened bands and, 1 where left out, their MSIS."""
    full = {key: (*row, 1.0)[:3] for key, row in rows.items()}
    return pd.DataFrame.from_dict(full, orient="index", columns=["mase", "held_95", "msis"]).rename_axis("curve")


def test_the_rule():
    """Lowest MASE among those that keep their coverage; seasonal naive where none is below it."""
    naive = {"seasonal naive": (1.0, 0.95)}
    choose = {
        "a": (board(a=(0.5, 0.95), b=(0.6, 0.95), **naive), "beats"),
        "b": (board(a=(0.5, 0.80), b=(0.6, 0.95), **naive), "beats"),
        "always": (board(always=(0.5, 1.00), b=(0.6, 0.95), **naive), "beats"),
        "sharp": (board(a=(0.5, 0.95, 1.1), sharp=(0.6, 0.95, 0.9), **naive), "beats"),
        "seasonal naive": (board(a=(0.5, 0.80), b=(1.0, 0.95), **naive), "nothing_beats"),
    }
    for key, (table, reason) in choose.items():
        assert rule.choose(table, origins=12) == (key, reason)
    assert rule.choose(choose["a"][0], origins=4) == ("seasonal naive", "too_short")
    assert rule.choose(board(a=(0.5, 0.95), naive=(0.4, 0.9)), origins=5) == ("naive", "nothing_beats")
    assert rule.choose(board(a=(0.5, 0.95)), origins=5) == ("naive", "nothing_beats")


def test_naive_has_to_be_beaten_where_seasonal_naive_could_not_be_tried():
    """A year of gaps leaves the first origins without two values a year apart."""
    gaps = grown(47)
    gaps.iloc[1:13] = np.nan
    found = trials.backtest(gaps, ["log-linear"])
    assert (set(found.failures), found.chosen, found.reason) == ({"seasonal naive"}, "log-linear", "beats")
    assert found.scores.at["log-linear", "mase"] < found.scores.at["naive", "mase"]
    assert (found.scores.at["log-linear", "wins"] > 0.5, found.scores.at["naive", "wins"]) == (True, 0)
    found = trials.backtest(gaps, ["sarima"])
    assert (set(found.failures), found.chosen) == ({"seasonal naive", "sarima"}, "naive")
    assert found.reason == "nothing_beats"


def test_a_series_without_either_benchmark_has_no_back_test(monkeypatch):
    """The reason is that of naive."""
    attempt = trying.attempt

    def failing(key, tried):
        found = attempt(key, tried)
        return replace(found, failed=np.full(1, "constant")) if key in rule.BENCHMARKS else found

    monkeypatch.setattr(trying, "attempt", failing)
    many = trials.backtest_many(grown(60).to_frame("series"), FEW, horizon=3, origins=5)
    assert (many.scores.empty, len(many.chosen), many.failures["series"].code) == (True, 0, "constant")
    with pytest.raises(GrowthError, match="naive"):
        many.of("series")


def test_many_origins_of_an_exact_curve():
    """Errors a millionth of the rivals', over forty origins, overflow nothing; bands that always hold are no fault."""
    found = trials.backtest(months(100 * 1.02 ** np.arange(150)), ("log-linear", "naive", "theta"), origins=40)
    assert (found.chosen, len(found.origins)) == ("log-linear", 40)
    assert np.isfinite(found.ahead.to_numpy()).all()
    doubt = rivals.doubt(np.ones((3, 2)), np.ones(2), np.array([1e-300, 1.0, 1e300]), 1, 400.0)
    assert np.isfinite(doubt).all()


def test_missing_scores_choose_the_benchmark():
    table = board(a=(np.nan, 0.95), **{"seasonal naive": (np.nan, 0.95)})
    assert rule.choose(table, origins=12) == ("seasonal naive", "nothing_beats")


def test_independent_errors_of_overlapping_origins():
    """Sums of h shocks at origins one apart: sum of squared correlations, term by term."""
    count, horizon = 7, 5
    found = conformal.independent(np.full(horizon, float(count)))
    for h in range(1, horizon + 1):
        pairs = sum(max(0.0, 1 - abs(i - j) / h) ** 2 for i in range(count) for j in range(count))
        assert found[h - 1] == pytest.approx(count**2 / pairs, rel=EXACT)
    assert found[0] == count
    assert (conformal.independent(np.zeros(3)) == 0).all()


def test_errors_as_large_as_stated_cost_only_the_uncertainty_of_their_number():
    errors = np.tile([1.0, -1.0], (12, 6))
    found = conformal.multiples(errors * np.where(np.arange(12) % 2, -1, 1)[:, None], 0.95)
    assert found[0] == pytest.approx(float(intervals.quantiles(0.95, np.array(12 * 0 + 1 + conformal.STATED))), rel=0.2)
    assert (found < intervals.quantile(0.95, 3)).all()


def test_without_errors_the_stated_band_stays():
    none = np.full((5, 3), np.nan)
    assert conformal.factors(none, np.ones(3), np.array(conformal.STATED), 0.95).tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("level", conformal.LEVELS)
def test_factors_never_narrow_and_widths_never_shrink(level):
    rng = np.random.default_rng(0)
    errors = rng.normal(size=(200, 6, 9)) * rng.uniform(0.2, 5, (200, 1, 9))
    spread = rng.uniform(0.5, 2, (200, 9))
    found = conformal.factors(errors, spread, np.full(200, 20.0), level)
    assert (found >= 1).all()
    assert (np.diff(found * spread, axis=1) >= -EXACT).all()


def test_one_error_without_measure_does_not_decide_the_band():
    errors = np.ones((8, 5))
    large, larger = errors.copy(), errors.copy()
    large[3, 2], larger[3, 2] = conformal.LARGEST, 1e12
    assert (conformal.multiples(large, 0.95) == conformal.multiples(larger, 0.95)).all()


ODD = {
    "exact": 100 * np.exp(0.02 * np.arange(60)),
    "zero until late": np.maximum(0.0, np.arange(60) - 40),
    "constant, then a jump": np.where(np.arange(60) < 50, 5.0, 50.0),
    "ends at zero": np.r_[10.0 + np.arange(59), 0.0],
    "hardly begun": np.r_[np.zeros(50), np.arange(1.0, 11.0)],
    "all zero": np.zeros(60),
    "around zero": np.sin(np.arange(60.0)),
    "a spike": np.where(np.arange(60) == 45, 1e9, 10.0 + np.arange(60) % 3),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_series_get_finite_bands_in_order(name):
    chosen = choice.select(months(ODD[name]), 6, origins=6)
    table = chosen.forecast
    assert np.isfinite(table.to_numpy()).all()
    order = table[["low_95", "low_80", "median", "high_80", "high_95"]].to_numpy()
    assert (np.diff(order, axis=1) >= -SAME * np.abs(order).max()).all()


def test_larger_errors_widen_more():
    errors = np.random.default_rng(1).normal(size=(8, 5))
    sizes = [conformal.multiples(errors * k, 0.95) for k in (1, 2, 4)]
    assert (sizes[0] < sizes[1]).all()
    assert (sizes[1] < sizes[2]).all()


def test_bands_of_an_origin_rest_on_what_was_known_then():
    """Errors h steps ahead are known h steps later; before that they change nothing."""
    rng = np.random.default_rng(5)
    errors, spread, df = rng.normal(size=(9, 4)), np.ones((9, 4)), np.full(9, 30.0)
    held = conformal.known_then(errors, spread, df, 0.95)
    for origin, step in ((0, 1), (2, 3), (5, 4)):
        changed = errors.copy()
        changed[origin, step - 1] = 15.0
        wider = conformal.known_then(changed, spread, df, 0.95)
        assert (wider[: origin + step] == held[: origin + step]).all()
        assert (wider[origin + step :, step - 1] > held[origin + step :, step - 1]).all()
    seen = np.where(np.arange(7)[:, None] + np.arange(1, 5) <= 7, errors[:7], np.nan)
    assert held[7] == pytest.approx(conformal.factors(seen, spread[7], df[7], 0.95), rel=EXACT)


def test_the_first_origin_knows_no_errors():
    """Its spread is as stated, with the quantile of what the stated spread lends."""
    held = conformal.known_then(np.full((6, 3), 9.0), np.ones((6, 3)), np.full(6, 30.0), 0.95)
    few, stated = (float(intervals.quantile(0.95, df)) for df in (conformal.STATED, 30))
    assert held[0] == pytest.approx(few / stated, rel=EXACT)


def test_widened_forecast_of_the_choice():
    chosen = choice.select(grown(72), 6, curves=FEW, origins=8)
    assert chosen.reason in rule.REASONS
    assert chosen.fit.curve == chosen.chosen == chosen.backtest.chosen
    table = chosen.forecast
    assert list(table.index) == list(grown(78).index[72:])
    for level in (80, 95):
        assert (table[f"low_{level}"] <= table[f"nominal_low_{level}"] * (1 + EXACT)).all()
        assert (table[f"high_{level}"] >= table[f"nominal_high_{level}"] * (1 - EXACT)).all()
    again = chosen.widened(growth.fit(grown(72), chosen.chosen, errors="classical"), 6)
    assert again["high_95"].to_numpy() == pytest.approx(table["high_95"].to_numpy(), rel=NEAR)
    assert again["low_80"].to_numpy() == pytest.approx(table["low_80"].to_numpy(), rel=NEAR)


def test_beyond_the_tested_horizon_the_last_factor_stays():
    chosen = choice.select(grown(40), 12, curves=FEW, origins=8)
    factors = chosen.backtest.factors.loc["naive"]
    fit = growth.fit(grown(40), "naive")
    stated, wide = fit.forecast(20), chosen.widened(fit, 20)
    half = np.log(wide["high_95"] / wide["median"]) / np.log(stated["high_95"] / stated["median"])
    assert half.to_numpy()[: len(factors)] == pytest.approx(factors[95].to_numpy(), rel=EXACT)
    assert half.to_numpy()[len(factors) :] == pytest.approx(factors[95].iloc[-1], rel=EXACT)


def test_a_curve_that_was_not_tried_has_no_widened_bands():
    chosen = choice.select(grown(60), 6, curves=("naive",), origins=6)
    assert chosen.widened(growth.fit(grown(60), "log-linear"), 6) is None


def test_widened_bands_of_a_series_that_is_never_negative_end_at_zero():
    forecast = pd.DataFrame({"median": [1.0], "low_95": [0.5], "high_95": [1.5]})
    factors = pd.DataFrame({95: [4.0]}, index=[1])
    assert conformal.widen(forecast, factors, multiply=False, floor=0.0).loc[0, "low_95"] == 0
    assert conformal.widen(forecast, factors, multiply=False).loc[0, "low_95"] == -1
    wide = conformal.widen(forecast, factors, multiply=True)
    assert wide.loc[0, "high_95"] == pytest.approx(1.5**4, rel=EXACT)


def test_a_constant_series_has_no_scale_and_is_left_to_seasonal_naive():
    found = trials.backtest(months(np.full(60, 5.0)), ("naive",), horizon=3, origins=5)
    assert found.scores["mase"].isna().all()
    assert (found.scores[["coverage_95", "held_80"]] == 1).all(axis=None)
    assert found.chosen == "seasonal naive"


def test_least_training_is_two_years():
    found = trials.backtest(grown(60), ("naive",), horizon=12, origins=99)
    known = found.origins[0].ordinal - grown(60).index[0].ordinal + 1
    assert known == trying.YEARS * 12


def rivals_of(*, apart: float, worse: float) -> np.ndarray:
    """The chosen curve and one rival, `apart` standard errors off and with `worse` times its errors."""
    median = np.array([[10.0, 10.0], [10.0 + apart, 10.0 + apart]])
    return rivals.doubt(median, np.full(2, 2.0), np.array([1.0, worse]), 0, 8.0)


def test_choosing_costs_nothing_among_curves_that_agree():
    assert rivals_of(apart=0.0, worse=1.0).tolist() == [1.0, 1.0]


def test_a_rival_that_errs_as_little_and_says_otherwise_widens():
    """Half its weight: sqrt((1 + 1 + 2^2) / 2) half widths."""
    assert rivals_of(apart=2.0, worse=1.0) == pytest.approx(np.sqrt(3.0), rel=EXACT)
    shares = [rivals_of(apart=2.0, worse=worse)[0] for worse in (1.0, 1.2, 1.5, 3.0)]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == pytest.approx(1.0, abs=1e-3)
    assert rivals_of(apart=1e9, worse=1.0).max() <= rivals.MOST


def test_the_chosen_curve_alone_pays_for_the_choice(tested):
    """Its factors and its forecast are wider by the same; those of the others are not."""
    many = trials.backtest_many(grown(72).to_frame("series"), FEW, horizon=6, origins=8)
    for curve in FEW:
        ahead, before = tested.ahead.loc[curve], many.forecasts(curve).loc["series", curve]
        assert (ahead["wide_high_95"] >= before["wide_high_95"] * (1 - EXACT)).all()
        assert curve == tested.chosen or ahead.equals(before)
        nominal, wide = (ahead[f"{kind}high_95"] / ahead["median"] for kind in ("", "wide_"))
        ratio = np.log(wide) / np.log(nominal) if curve in tested.multiply else (wide - 1) / (nominal - 1)
        assert ratio.to_numpy() == pytest.approx(tested.factors.loc[curve, 95].to_numpy(), rel=SAME)


def test_forecasts_of_many_are_those_of_each():
    wide = pd.DataFrame({"a": grown(60), "b": grown(60, 1) - 100})
    many = trials.backtest_many(wide, FEW, horizon=3, origins=5)
    chosen = many.forecasts()
    for name in wide:
        one = many.of(name)
        pd.testing.assert_frame_equal(chosen.loc[name, one.chosen], one.ahead.loc[one.chosen])
    none = trials.backtest_many(grown(20).to_frame("short"), FEW).forecasts()
    assert (none.empty, list(none.columns), none.index.names) == (True, list(chosen.columns), chosen.index.names)
    assert list(many.forecasts("log-linear").index.get_level_values("series").unique()) == ["a"]
