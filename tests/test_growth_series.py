"""Laws of the time-series methods fitted one by one. A method added to `CURVES` is tested by the loops below."""

import pickle

import numpy as np
import pandas as pd
import pytest

from analysis.growth import CURVES, GrowthError, compare, fit, guards
from analysis.growth.axis import axis
from analysis.growth.curves import Method
from data.grade import Grade

SAME = 1e-4  # two searches of the same optimum in other units stop this near each other
NEAR = 0.1  # forecasts of a clean seasonal series, relative

METHODS = [key for key, c in CURVES.items() if isinstance(c, Method)]
SEASONAL = [key for key in METHODS if key != "naive"]
MONTHS = pd.period_range("2018-01", periods=72, freq="M")
T = np.arange(72)
SEASON = np.exp(0.2 * np.sin(2 * np.pi * T / 12))
SERIES = pd.Series(
    1e6 * np.exp(0.012 * T + np.random.default_rng(2).normal(0, 0.02, 72)) * SEASON, index=MONTHS, name="parcels"
)
YEARS = pd.Series(SERIES.to_numpy()[:20], index=pd.period_range("2004", periods=20, freq="Y"))

methods = pytest.mark.parametrize("method", METHODS)


@methods
@pytest.mark.parametrize("series", [SERIES, YEARS], ids=["months", "years"])
def test_result_is_labelled_graded_and_survives_a_pickle(method, series):
    found = pickle.loads(pickle.dumps(fit(series, method)))
    assert list(found.params.index) == list(found.std_errors.index) == list(found.covariance) == CURVES[method].names
    assert found.grade is Grade.ESTIMATED
    seen = found.fitted.notna()
    assert seen.sum() > 5
    assert (found.fitted + found.residuals)[seen].to_numpy() == pytest.approx(series[seen].to_numpy())
    assert found.ceiling is found.cagr is found.time_to(0.9) is found.peak() is None
    assert found.identified


@methods
def test_forecast_is_ordered_and_continues_the_index(method):
    found = fit(SERIES, method)
    ahead = found.forecast(15)
    assert list(ahead.index) == list(pd.period_range("2024-01", periods=15, freq="M"))
    assert (ahead["low_95"] < ahead["low_80"]).all()
    assert (ahead["low_80"] < ahead["median"]).all()
    assert (ahead["median"] < ahead["high_80"]).all()
    assert (ahead["high_80"] < ahead["high_95"]).all()
    width = np.log(ahead["high_95"] / ahead["low_95"])
    assert width.iloc[12] >= width.iloc[0]
    band = found.band(0.95).loc[found.fitted.notna()]
    assert (band["low"] < band["high"]).all()
    with pytest.raises(ValueError, match="steps"):
        found.forecast(0)


@pytest.mark.parametrize("method", SEASONAL)
def test_the_season_comes_again(method):
    expected = 1e6 * np.exp(0.012 * np.arange(72, 84)) * SEASON[:12]
    ahead = fit(SERIES, method).forecast(12)["median"].to_numpy()
    growth = np.exp(0.012 * 12) if method == "seasonal naive" else 1.0
    assert ahead * growth == pytest.approx(expected, rel=NEAR)


@methods
@pytest.mark.parametrize("factor", [1e-6, 1e4])
def test_units_of_the_series_scale_the_forecast_alone(method, factor):
    one, other = fit(SERIES, method), fit(SERIES * factor, method)
    for column, values in one.forecast(6).items():
        assert other.forecast(6)[column].to_numpy() == pytest.approx(values.to_numpy() * factor, rel=SAME)


@methods
def test_order_of_rows_and_time_origin_change_nothing(method):
    one = fit(SERIES, method).forecast(6)
    shuffled = fit(SERIES.sample(frac=1, random_state=1), method)
    later = fit(SERIES.set_axis(pd.period_range("1990-01", periods=72, freq="M")), method)
    for other in (shuffled, later):
        assert other.forecast(6).to_numpy() == pytest.approx(one.to_numpy(), rel=SAME)


@methods
def test_missing_months_are_bridged_counted_and_not_filled_in_place(method):
    series = SERIES.copy()
    series.iloc[[20, 41, 42]] = np.nan
    before = series.copy(deep=True)
    found = fit(series, method)
    pd.testing.assert_series_equal(series, before)
    assert (found.missing, found.nobs) == (3, 69)
    dropped = fit(series.dropna(), method)
    assert dropped.forecast(12).to_numpy() == pytest.approx(found.forecast(12).to_numpy(), rel=SAME)
    plain = fit(SERIES, method).forecast(12)["median"].to_numpy()
    assert found.forecast(12)["median"].to_numpy() == pytest.approx(plain, rel=NEAR)


@methods
def test_months_may_be_periods_or_dates_of_any_day(method):
    one = fit(SERIES, method).forecast(3)
    for index in (MONTHS.to_timestamp(), MONTHS.to_timestamp(how="end").normalize()):
        other = fit(SERIES.set_axis(index), method).forecast(3)
        assert other.to_numpy() == pytest.approx(one.to_numpy(), rel=SAME)
        assert isinstance(other.index, pd.DatetimeIndex)


@pytest.mark.parametrize("method", [key for key in METHODS if CURVES[key].even])
def test_uneven_dates_are_refused(method):
    dates = pd.to_datetime(["2016-06-30", "2017-06-30", "2017-12-31", "2018-09-30", "2019-12-31", "2020-01-31"])
    with pytest.raises(GrowthError) as refused:
        fit(pd.Series([1.0, 2, 3, 4, 5, 6], index=dates), method)
    assert refused.value.code == "uneven"


@pytest.mark.parametrize("method", [key for key in METHODS if CURVES[key].logs])
def test_what_is_not_positive_is_refused_by_those_that_take_logs(method):
    series = SERIES.copy()
    series.iloc[3] = 0.0
    with pytest.raises(GrowthError) as refused:
        fit(series, method)
    assert refused.value.code == "non_positive"


@methods
def test_too_few_observations_are_refused_with_what_is_needed(method):
    with pytest.raises(GrowthError) as refused:
        fit(SERIES.iloc[:1], method)
    assert refused.value.code == "too_few"
    assert refused.value.values["got"] == 1
    assert refused.value.values["need"] > 1


def test_parameters_of_a_method_cannot_be_fixed():
    with pytest.raises(GrowthError) as refused:
        fit(SERIES, METHODS[-1], fixed={"alpha": 0.5})
    assert refused.value.code == "fixed"


def test_methods_are_compared_when_named_and_come_last():
    found = compare(SERIES, [METHODS[0], "log-linear"])
    assert list(found.fits) == ["log-linear", METHODS[0]]
    assert not set(compare(SERIES).fits) & set(METHODS)


@pytest.mark.parametrize("method", [key for key in METHODS if CURVES[key].calendar])
def test_the_lunar_new_year_moves_the_forecast(method):
    from analysis.growth.calendar import design

    lift = np.exp(-0.5 * design(MONTHS, ["lunar_new_year"])[:, 0])
    found = fit(SERIES * lift, method, calendar=("lunar_new_year",))
    assert found.effects.loc["lunar_new_year", "estimate"] == pytest.approx(-0.5, abs=0.1)
    ahead, plain = found.forecast(2)["median"], fit(SERIES, method).forecast(2)["median"]
    moved = design(pd.period_range("2024-01", periods=2, freq="M"), ["lunar_new_year"])[:, 0]
    assert np.log(ahead / plain).to_numpy() == pytest.approx(-0.5 * moved, abs=NEAR)


def test_a_time_far_away_still_has_a_label():
    found = fit(SERIES, "log-linear")
    assert found.label(3000.5) == pd.Period("2268-01", "M")
    assert fit(SERIES.set_axis(MONTHS.to_timestamp()), "log-linear").label(-9000.5) == pd.Timestamp("1267-12-16")


@methods
@pytest.mark.parametrize("code", ["no_optimum", "uneven", "non_positive", "constant", "too_few"])
def test_what_a_method_says_of_a_row_is_what_happened(method, code):
    error = guards.refused(code, CURVES[method], 30, 12)
    assert error.code == code
    assert method in str(error)
    assert ("needs" in str(error)) == (code in ("uneven", "too_few"))


@pytest.mark.parametrize("places", [9, 12, 30, 60])
def test_a_grid_may_miss_one_place_in_three_and_no_more(places):
    months = pd.period_range("2015-01", periods=places, freq="M")
    missing = places // 3
    assert axis(months[[0, *range(missing + 1, places)]]).even
    assert not axis(months[[0, *range(missing + 2, places)]]).even
