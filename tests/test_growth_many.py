"""Many series at once: the answers of the one-by-one fit, row by row, and the laws that a batch keeps."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from analysis.growth import CURVES, GrowthError, engine, fit
from analysis.growth.axis import rows
from analysis.growth.batch import Batch
from analysis.growth.batched import robust
from analysis.growth.curves import Curve
from analysis.growth.many import ManyFits, fit_many, run_curve

SAME = 1e-6  # parameters, as a share of the larger of the estimate and its standard error
ERRORS = 1e-5  # standard errors of weakly identified parameters amplify the above
WORSE = 1e-6  # share of the sum of squares by which another optimum counts as worse
ROUNDED = 1e-12  # the same sums in another order
EXACT = 1e-9  # closed forms
STEP = 1e-6  # of one-sided differences, good to about as much of the scale

NAMES = [key for key, curve in CURVES.items() if isinstance(curve, Curve)]
SHAPED = [key for key in NAMES if not CURVES[key].logs]
MONTHS = pd.period_range("2019-01", periods=72, freq="M")
T = np.arange(72.0)
TRUTH = {
    "log-linear": ([1.0, 0.00], [4.0, 0.03]),
    "logistic": ([50, 15, 0.08], [200, 45, 0.2]),
    "gompertz": ([50, 10, 0.06], [200, 30, 0.15]),
    "richards": ([50, 15, 0.08, 0.5], [200, 40, 0.2, 2]),
    "four-parameter logistic": ([5, 50, 20, 0.1], [20, 200, 40, 0.2]),
    "bass": ([50, 0.002, 0.08, -3], [200, 0.01, 0.15, 0]),
    "bass adoptions": ([500, 0.002, 0.08, -1], [2000, 0.01, 0.15, -1]),
}
curves = pytest.mark.parametrize("curve", NAMES)


def drawn(curve: str, size: int, seed: int = 0) -> np.ndarray:
    """Parameters (size, k) between those of `TRUTH`."""
    low, high = TRUTH[curve]
    return np.random.default_rng(seed).uniform(low, high, (size, len(low)))


def simulated(curve: str, size: int, *, rho: float = 0.0, noise: float = 0.02, seed: int = 0) -> pd.DataFrame:
    """Months x series of the curve; errors of 2 % of the largest value with autocorrelation `rho`, never negative."""
    clean = CURVES[curve].value(T, drawn(curve, size, seed))
    draws = np.random.default_rng(seed + 1).normal(0, noise, clean.shape)
    for i in range(1, len(T)):
        draws[:, i] += rho * draws[:, i - 1]
    values = clean * np.exp(draws) if CURVES[curve].logs else np.abs(clean + draws * clean.max(axis=1, keepdims=True))
    return pd.DataFrame(values.T, index=MONTHS, columns=[f"s{i}" for i in range(size)])


def with_gaps(wide: pd.DataFrame) -> pd.DataFrame:
    """Single months, whole starts and ends, every second and every third month missing."""
    table, rng = wide.copy(), np.random.default_rng(3)
    table.iloc[rng.choice(len(T), 8, replace=False), 0] = np.nan
    table.iloc[:11, 1] = np.nan
    table.iloc[66:, 2] = np.nan
    table.iloc[::2, 3] = np.nan
    table.iloc[1::3, 4] = np.nan
    return table


def near(found: pd.Series, expected: pd.Series, errors: pd.Series) -> None:
    assert ((found - expected).abs() <= SAME * np.maximum(expected.abs(), errors)).all()


def check_one(many: ManyFits, name: str, series: pd.Series, per_year: float | None) -> None:
    one = fit(series, many.curve, per_year=per_year)
    squares = one.sigma**2 * one.df
    assert many.sse[name] <= squares * (1 + WORSE)
    assert many.identified[name] == one.identified
    assert (many.nobs[name], many.missing[name], many.df[name]) == (one.nobs, one.missing, one.df)
    assert many.hac[name] == (one.maxlags is not None)
    assert not many.failed[name]
    if not one.identified:
        return
    near(many.params.loc[name], one.params, one.std_errors)
    assert many.std_errors.loc[name].to_numpy() == pytest.approx(one.std_errors.to_numpy(), rel=ERRORS)
    assert many.rmse[name] == pytest.approx(one.rmse, rel=WORSE)
    for table, estimate in ((many.ceiling, one.ceiling), (many.cagr, one.cagr)):
        expected = [np.nan] * 3 if estimate is None else list(estimate)
        assert table.loc[name].to_numpy() == pytest.approx(expected, rel=ERRORS, abs=ERRORS, nan_ok=True)


def refusal(series: pd.Series, curve: str) -> str:
    """Code with which the one-by-one fit refuses a series; empty when it does not."""
    try:
        fit(series, curve)
    except GrowthError as error:
        return error.code
    return ""


@curves
@pytest.mark.parametrize("rho", [0.0, 0.7])
def test_each_series_has_the_answer_of_its_own_fit(curve, rho):
    wide = with_gaps(simulated(curve, 7, rho=rho))
    found = fit_many(wide, curve)
    for name, series in wide.items():
        check_one(found, name, series, None)
    assert found.identified.any()


@pytest.mark.parametrize("per_year", [None, 12.0])
@pytest.mark.parametrize("curve", ["log-linear", "logistic"])
def test_numbers_and_uneven_labels_as_in_the_one_by_one_fit(curve, per_year):
    wide = simulated(curve, 3, rho=0.6).set_axis(T + 5)
    for table in (wide, wide.iloc[[0, 1, 3, 4, 7, 20, *range(21, 60, 2)]], wide.iloc[::-1]):
        found = fit_many(table, curve, per_year=per_year)
        for name, series in table.items():
            check_one(found, name, series, per_year)


@pytest.mark.parametrize("curve", ["log-linear", "bass"])
def test_dates_count_from_the_first_value_of_each_series(curve):
    wide = simulated(curve, 3).set_axis(MONTHS.to_timestamp())
    wide.iloc[:9, 1] = np.nan
    found = fit_many(wide, curve)
    for name, series in wide.items():
        check_one(found, name, series, None)


@curves
def test_a_series_that_cannot_be_fitted_says_why_and_leaves_the_others(curve):
    wide = simulated(curve, 8)
    wide["few"] = wide["s0"].where(np.arange(72) < 2)
    wide["none"] = np.nan
    wide["flat"] = 5.0
    wide["below"] = -wide["s0"]
    wide["endless"] = wide["s0"].where(np.arange(72) != 4, np.inf)
    found, alone = fit_many(wide, curve), fit_many(wide[["s3", "s4"]], curve)
    for name in ("few", "none", "flat", "below", "endless"):
        code = refusal(wide[name], curve)
        assert found.failed[name] == code
        assert found.params.loc[name].isna().all() == bool(code)
        assert not (code and found.identified[name])
    assert found.params.loc[["s3", "s4"]].to_numpy() == pytest.approx(alone.params.to_numpy(), rel=SAME)


def test_a_frame_that_cannot_be_used_is_refused():
    wide = simulated("logistic", 2)
    for wrong, code in (
        (wide.astype(str), "not_numeric"),
        (wide.iloc[:1], "too_few"),
        (wide.set_axis(list("ab") * 36), "index"),
    ):
        with pytest.raises(GrowthError) as refused:
            fit_many(wrong, "logistic")
        assert refused.value.code == code
    for curve in ("naive", "unheard of"):
        with pytest.raises(GrowthError, match=curve) as refused:
            fit_many(wide, curve)
        assert refused.value.code == "unknown_curve"
    with pytest.raises(GrowthError) as refused:
        fit_many(wide, "logistic", per_year=12)
    assert refused.value.code == "per_year"
    with pytest.raises(ValueError, match="DataFrame"):
        fit_many(wide["s0"], "logistic")


def test_progress_ends_with_all_series_and_the_frame_is_not_changed():
    wide = with_gaps(simulated("logistic", 6))
    before, seen = wide.copy(deep=True), []
    fit_many(wide, "logistic", progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (6, 6)
    pd.testing.assert_frame_equal(wide, before)


@pytest.mark.parametrize("curve", SHAPED)
def test_values_are_the_levels_times_their_derivatives(curve):
    declared, params = CURVES[curve], drawn(curve, 5)
    slopes = declared.jacobian(T, params)
    levels = [i for i, p in enumerate(declared.parameters) if p.role in ("level", "stock")]
    total = sum(params[:, i, None] * slopes[..., i] for i in levels)
    assert total == pytest.approx(declared.value(T, params), rel=EXACT)


@pytest.mark.parametrize("curve", [key for key in SHAPED if CURVES[key].lag])
def test_the_lag_of_a_curve_has_the_derivatives_it_says(curve):
    declared, params = CURVES[curve], drawn(curve, 5)
    lag, slopes = declared.lag(params)
    for i, parameter in enumerate(declared.parameters):
        moved = params.copy()
        moved[:, i] = moved[:, i] * np.exp(STEP) if parameter.positive else moved[:, i] + STEP
        assert slopes[:, i] == pytest.approx((declared.lag(moved)[0] - lag) / STEP, rel=100 * STEP, abs=1e-7)


@curves
def test_units_and_the_order_of_the_columns_change_nothing_else(curve):
    wide = with_gaps(simulated(curve, 6))
    found, other = fit_many(wide, curve), fit_many(1e6 * wide[wide.columns[::-1]], curve)
    assert other.cagr.loc[found.cagr.index].to_numpy() == pytest.approx(found.cagr.to_numpy(), rel=ERRORS, abs=ERRORS)
    assert other.identified[found.identified.index].equals(found.identified)
    ceiling = other.ceiling.loc[found.ceiling.index].to_numpy()
    assert ceiling == pytest.approx(1e6 * found.ceiling.to_numpy(), rel=ERRORS, nan_ok=True)


@curves
def test_rows_of_parameters_and_of_times_are_evaluated_row_by_row(curve):
    declared, params = CURVES[curve], drawn(curve, 3)
    times = T + np.arange(3)[:, None]
    for function in (declared.value, declared.jacobian):
        one_by_one = np.stack([function(t, p) for t, p in zip(times, params, strict=True)])
        assert function(times, params) == pytest.approx(one_by_one, rel=ROUNDED)
        shared = np.stack([function(T, p) for p in params])
        assert function(T, params) == pytest.approx(shared, rel=ROUNDED)


@curves
@pytest.mark.parametrize("calendar", [(), ("lunar_new_year", "double_11")])
def test_every_origin_has_the_forecast_of_its_own_fit(curve, calendar):
    wide, origins = simulated(curve, 2), (60, 66)
    wide *= np.exp(0.1 * (np.asarray(wide.index.month) == 11))[:, None]
    batch, _ = rows(wide, horizon=6, origins=origins, calendar=calendar)
    found = run_curve(CURVES[curve], batch)
    low, high = engine.bands(found, 0.95, batch.floor)
    for row, (series, known) in enumerate((s, k) for s in range(2) for k in origins):
        one = fit(wide.iloc[:known, series], curve, calendar=calendar, errors="classical")
        ahead = one.forecast(6)
        assert found.median[row] == pytest.approx(ahead["median"].to_numpy(), rel=SAME)
        assert low[row] == pytest.approx(ahead["low_95"].to_numpy(), rel=ERRORS)
        assert high[row] == pytest.approx(ahead["high_95"].to_numpy(), rel=ERRORS)
        assert found.effects[row] == pytest.approx(one.effects["estimate"].to_numpy(), rel=ERRORS, abs=SAME)
        assert found.fitted[row, -known:] == pytest.approx(one.fitted.to_numpy(), rel=SAME)
        assert found.df[row] == one.df


def test_a_regressor_that_a_row_does_not_see_has_no_effect_and_costs_nothing():
    wide = simulated("logistic", 1)
    design = np.zeros((2, 78, 1))
    design[1, 50:, 0] = 1.0
    values = np.repeat(wide.to_numpy().T, 2, axis=0)
    found = run_curve(CURVES["logistic"], Batch(values, np.arange(78.0), 6, 12, design, np.zeros(2)))
    plain = run_curve(CURVES["logistic"], Batch(values, np.arange(78.0), 6, 12, design[:, :, :0], np.zeros(2)))
    assert found.effects[0] == 0
    assert found.effects[1] != 0
    assert found.df.tolist() == [69, 68]
    assert found.median[0] == pytest.approx(plain.median[0], rel=SAME)
    assert found.spread[0] == pytest.approx(plain.spread[0], rel=SAME)


def test_rows_on_times_of_their_own_are_as_the_same_rows_apart():
    wide = simulated("gompertz", 3)
    times = np.arange(78.0) * np.array([1.0, 2.0, 0.5])[:, None] + np.array([0.0, -40.0, 7.0])[:, None]
    values = wide.to_numpy().T
    together = run_curve(CURVES["gompertz"], Batch(values, times, 6, 1, np.zeros((78, 0)), np.zeros(3)))
    for row in range(3):
        alone = Batch(values[row : row + 1], times[row], 6, 1, np.zeros((78, 0)), np.zeros(1))
        found = run_curve(CURVES["gompertz"], alone)
        assert together.params[row] == pytest.approx(found.params[0], rel=SAME)
        assert together.spread[row] == pytest.approx(found.spread[0], rel=SAME)


def test_a_curve_that_only_declares_starts_is_fitted_as_well(monkeypatch):
    wide = simulated("logistic", 4)
    expected = fit_many(wide, "logistic")
    monkeypatch.setitem(CURVES, "logistic", dataclasses.replace(CURVES["logistic"], grid=None))
    assert fit_many(wide, "logistic").params.to_numpy() == pytest.approx(expected.params.to_numpy(), rel=SAME)


def test_correlation_of_many_residuals_is_judged_as_of_one():
    draws = np.random.default_rng(8).normal(size=(40, 60))
    draws[:20, 1:] += 0.5 * draws[:20, :-1]
    draws[::3, 10:14] = np.nan
    draws[1::3, :20] = np.nan
    for period in (1, 12):
        alone = [bool(robust.autocorrelated(row[None, np.isfinite(row).argmax() :], period)[0]) for row in draws]
        found = robust.autocorrelated(draws, period)
        assert found.tolist() == alone
        assert 0 < found.sum() < len(found)
