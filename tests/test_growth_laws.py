"""Laws of growth fits: units, time origin, month or year, order of rows, kind of index."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.growth import CURVES, GrowthFit, fit
from analysis.growth.curves import Curve
from analysis.growth.many import fit_many

SAME = 1e-5  # two runs of the optimiser on the same problem in other units stop this near each other
SHOWN = 1e-4  # standard errors of weakly identified parameters amplify the above
LAW = settings(max_examples=12, deadline=None, derandomize=True)

T = np.arange(36)
NOISE = np.random.default_rng(5).normal(0, 1, len(T))
STOCK = pd.Series(5 + 100 / (1 + np.exp(-0.2 * (T - 18))) + NOISE, index=T)
FLOW = pd.Series(40 / np.cosh(0.12 * (T - 18)) ** 2 + NOISE + 5, index=T)

SHAPES = [key for key, c in CURVES.items() if isinstance(c, Curve)]

curves = pytest.mark.parametrize("curve", SHAPES)


def series_for(curve: str) -> pd.Series:
    return (FLOW if CURVES[curve].cumulative else STOCK).copy()


def ceiling(found: GrowthFit) -> list[float]:
    return [] if found.ceiling is None else list(found.ceiling)


@curves
@LAW
@given(power=st.integers(-6, 9))
def test_units_of_the_series_scale_levels_alone(curve, power):
    factor, series = 10.0**power, series_for(curve)
    one, other = fit(series, curve, per_year=12), fit(series * factor, curve, per_year=12)
    assert list(other.cagr) == pytest.approx(list(one.cagr), rel=SAME, abs=SAME)
    assert other.identified == one.identified
    assert ceiling(other) == pytest.approx([c * factor for c in ceiling(one)], rel=SHOWN)
    for parameter in CURVES[curve].parameters:
        if parameter.role in ("rate", "dimensionless"):
            assert other.params[parameter.name] == pytest.approx(one.params[parameter.name], rel=SAME)
    for column, values in one.forecast(6).items():
        assert other.forecast(6)[column].to_numpy() == pytest.approx(values.to_numpy() * factor, rel=SHOWN)


@curves
@LAW
@given(shift=st.integers(-3000, 3000))
def test_time_origin_changes_nothing_but_times(curve, shift):
    series = series_for(curve)
    one, other = fit(series, curve, per_year=12), fit(series.set_axis(T + shift), curve, per_year=12)
    assert list(other.cagr) == pytest.approx(list(one.cagr), rel=SAME)
    assert ceiling(other) == pytest.approx(ceiling(one), rel=SHOWN)
    assert other.aic == pytest.approx(one.aic, rel=SAME)
    for parameter in CURVES[curve].parameters:
        if parameter.role == "time":
            assert other.params[parameter.name] == pytest.approx(one.params[parameter.name] + shift, abs=SHOWN * 36)


@curves
def test_months_or_years_leave_growth_and_ceiling(curve):
    series = series_for(curve)
    monthly = fit(series, curve, per_year=12)
    yearly = fit(series.set_axis(T / 12), curve, per_year=1)
    dated = fit(series.set_axis(pd.period_range("2020-01", periods=36, freq="M")), curve)
    assert list(yearly.cagr) == pytest.approx(list(monthly.cagr), rel=SAME)
    assert list(dated.cagr) == pytest.approx(list(monthly.cagr), rel=SAME)
    stock = 12 if CURVES[curve].cumulative else 1
    assert [c * stock for c in ceiling(yearly)] == pytest.approx(ceiling(monthly), rel=SHOWN)
    assert yearly.identified == monthly.identified == dated.identified
    for parameter in CURVES[curve].parameters:
        if parameter.role == "rate":
            assert yearly.params[parameter.name] == pytest.approx(12 * monthly.params[parameter.name], rel=SAME)


@curves
@LAW
@given(order=st.permutations(range(36)))
def test_order_of_rows_changes_nothing(curve, order):
    series = series_for(curve)
    one, other = fit(series, curve), fit(series.iloc[order], curve)
    assert other.params.to_numpy() == pytest.approx(one.params.to_numpy(), rel=SAME, abs=SAME)
    assert list(other.fitted.index) == list(order)
    assert other.forecast(2).index.equals(one.forecast(2).index)


@curves
def test_input_is_not_changed(curve):
    series = series_for(curve)
    series.iloc[4] = np.nan
    before = series.copy(deep=True)
    fit(series, curve).forecast(3)
    pd.testing.assert_series_equal(series, before)


@curves
def test_replicates_at_the_same_time_are_used(curve):
    series = series_for(curve)
    doubled = fit(pd.concat([series, series]), curve)
    assert doubled.nobs == 72
    assert doubled.params.to_numpy() == pytest.approx(fit(series, curve).params.to_numpy(), rel=SHOWN, abs=SHOWN)


@pytest.mark.parametrize("curve", ["logistic", "log-linear"])
@pytest.mark.parametrize(
    ("index", "ahead"),
    [
        (pd.period_range("2020-01", periods=36, freq="M"), ["2023-01", "2023-02"]),
        (pd.period_range("2000Q1", periods=36, freq="Q"), ["2009Q1", "2009Q2"]),
        (pd.period_range("1980", periods=36, freq="Y"), ["2016", "2017"]),
        (pd.date_range("2020-01-01", periods=36, freq="MS"), ["2023-01-01", "2023-02-01"]),
        (pd.date_range("2020-01-31", periods=36, freq="ME"), ["2023-01-31", "2023-02-28"]),
        (pd.date_range("2020-01-15", periods=36, freq="MS") + pd.Timedelta(days=14), ["2023-02-15", "2023-03-15"]),
        (pd.date_range("2020-01-06", periods=36, freq="W-MON"), ["2020-09-14", "2020-09-21"]),
        (pd.date_range("2020-01-01", periods=36, freq="MS", tz="Asia/Shanghai"), ["2023-01-01", "2023-02-01"]),
    ],
)
def test_forecast_continues_each_kind_of_index(index, ahead, curve):
    found = fit(STOCK.set_axis(index), curve)
    future = found.forecast(2).index
    expected = pd.PeriodIndex(ahead, freq=index.freq) if isinstance(index, pd.PeriodIndex) else pd.DatetimeIndex(ahead)
    if isinstance(index, pd.DatetimeIndex):
        expected = expected.tz_localize(index.tz)
    assert list(future) == list(expected)
    assert type(future) is type(index)


def test_uneven_months_continue_by_their_median_step():
    months = pd.PeriodIndex(["2016-06", "2017-06", "2017-12", "2018-09", "2018-12", "2019-12"], freq="M")
    lockers = pd.Series([129.0, 170, 200, 250, 272, 406], index=months)
    found = fit(lockers, "log-linear")
    assert list(found.forecast(2).index.astype(str)) == ["2020-09", "2021-06"]
    dated = fit(lockers.set_axis(months.to_timestamp()), "log-linear")
    assert list(dated.cagr) == pytest.approx(list(found.cagr))
    assert found.cagr.value == pytest.approx((found.fitted.iloc[-1] / found.fitted.iloc[0]) ** (12 / 42) - 1)


def test_the_step_between_two_medians_is_one_that_was_observed():
    numbers = pd.Series([1.0, 2, 4, 7, 20], index=[0, 1, 2, 4, 6])
    assert list(fit(numbers, "log-linear").forecast(2).index) == [7, 8]


def test_one_odd_date_leaves_the_calendar_step():
    dates = pd.date_range("2020-01-01", periods=36, freq="MS").insert(36, pd.Timestamp("2023-01-16"))
    dates = dates.append(pd.date_range("2023-03-01", periods=3, freq="MS"))
    series = pd.Series(np.exp(0.02 * np.arange(40)), index=dates)
    assert list(fit(series, "log-linear").forecast(2).index) == [pd.Timestamp("2023-06-01"), pd.Timestamp("2023-07-01")]


def test_numbers_without_a_year_have_no_cagr():
    assert fit(STOCK, "log-linear").cagr is None


@pytest.mark.parametrize("curve", [key for key in SHAPES if CURVES[key].ceiling])
def test_exponential_growth_has_no_ceiling_and_finite_forecasts(curve):
    growing = pd.Series(np.exp(0.05 * T + 0.01 * NOISE), index=pd.period_range("2020-01", periods=36, freq="M"))
    found = fit(growing, curve)
    assert not found.identified
    assert found.ceiling is None
    assert found.time_to(0.5) is None
    assert np.isfinite(found.forecast(24).to_numpy()).all()
    assert np.isfinite(found.covariance.to_numpy()).all()
    assert (found.forecast(24)["low_95"] >= 0).all()


@pytest.mark.parametrize("curve", [key for key in SHAPES if not CURVES[key].logs])
def test_a_flat_series_with_noise_raises_no_warning(curve):
    found = fit(pd.Series(100 + NOISE, index=T), curve)
    assert np.isfinite(found.forecast(5).to_numpy()).all()
    assert np.isfinite(found.std_errors.to_numpy()).all()


def test_a_parameter_at_its_limit_is_not_a_regular_optimum():
    """Growth that slows from the first day drives imitation to nothing: the potential only looks precise."""
    slowing = pd.Series(100 * (1 - np.exp(-0.5 * np.sqrt(T[1:]))), index=T[1:])
    found = fit(slowing, "bass", fixed={"launch": 0.0})
    assert found.params["q"] < 1e-6
    assert found.std_errors["m"] < 0.1 * found.params["m"]
    assert not found.identified
    assert found.ceiling is None


def test_one_degree_of_freedom_does_not_know_a_ceiling():
    """Standard error .13 of it, but an interval from a fifth of it to five times it."""
    series = pd.Series([1.0, 2, 4, 5], index=np.arange(4))
    found, many = fit(series, "logistic"), fit_many(series.to_frame("x"), "logistic")
    assert found.std_errors["K"] < 0.5 * found.params["K"]
    assert not found.identified
    assert found.ceiling is None
    assert not many.identified["x"]
    assert many.ceiling.isna().all(axis=None)
    sharp = pd.Series(100 / (1 + np.exp(-2.0 * (np.arange(4) - 1))) + [0.1, 0, -0.1, 0.05], index=np.arange(4))
    assert fit(sharp, "logistic").identified
    assert fit_many(sharp.to_frame("x"), "logistic").identified["x"]
