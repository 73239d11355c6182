"""When a curve gets somewhere and how fast a forecast grows: closed forms, coverage, what has no interval."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.special import stdtrit

from analysis.growth import fit, reach
from analysis.growth.reach import growth_rate, time_to
from data import demo

EXACT = 1e-9  # closed forms
FOUND = 1e-4  # noise-free fits
DELTA = 0.1  # share of the half width: 2,000 draws, and the curvature of a precise fit
COVERAGE = (0.88, 0.995)  # nominal 95 %, 100 draws: three binomial standard errors
SLOPE = 0.1  # share of the half width: the curvature that the delta method leaves out, and 2,000 draws
MONTHS = pd.period_range("2019-01", periods=48, freq="M")


def s_curve(noise: float, seed: int = 0) -> pd.Series:
    t = np.arange(48)
    values = 100 / (1 + np.exp(-0.1 * (t - 30))) + np.random.default_rng(seed).normal(0, noise, 48)
    return pd.Series(values, index=t)


def rising(index: pd.Index, rate: float = 0.02) -> pd.Series:
    return pd.Series(50 * np.exp(rate * np.arange(len(index))), index=index)


def test_interval_of_a_precise_fit_is_that_of_the_closed_form():
    """Of t0 + ln(9) / r, by the delta method."""
    found = fit(s_curve(0.5), "logistic")
    t0, r = found.params["t0"], found.params["r"]
    gradient = np.array([0, 1, -np.log(9) / r**2])
    half = stdtrit(found.df, 0.975) * float(np.sqrt(gradient @ found.covariance @ gradient))
    reach = time_to(found, 0.9)
    assert reach.label == found.time_to(0.9)
    assert reach.label == pytest.approx(t0 + np.log(9) / r)
    assert reach.low == pytest.approx(reach.label - half, abs=DELTA * half)
    assert reach.high == pytest.approx(reach.label + half, abs=DELTA * half)


def test_interval_covers_the_true_time():
    truth = 30 + np.log(9) / 0.1
    reaches = [time_to(fit(s_curve(2, seed), "logistic", errors="classical"), 0.9) for seed in range(100)]
    known = [reach for reach in reaches if reach.label is not None]
    assert len(known) > 95
    assert COVERAGE[0] < np.mean([reach.low < truth < reach.high for reach in known]) < COVERAGE[1]


@pytest.mark.parametrize("curve", ["logistic", "gompertz", "richards", "four-parameter logistic"])
def test_dates_are_ordered_and_the_level_widens_them(curve):
    found = fit(s_curve(0.5).set_axis(MONTHS), curve)
    narrow, wide = time_to(found, 0.9, level=0.8), time_to(found, 0.9, level=0.99)
    assert isinstance(wide.low, pd.Period)
    assert wide.low <= narrow.low <= found.time_to(0.9) <= narrow.high <= wide.high
    assert wide.low < wide.high


def test_a_flow_reaches_its_share_of_the_potential():
    flow = pd.Series([840.0, 1470, 2110, 4000, 7590, 10950, 10530, 9470, 7790, 5890], index=range(1, 11))
    found = fit(flow, "bass adoptions")
    reach = time_to(found, 0.9)
    assert reach.low < reach.label < reach.high
    shares = fit(flow.cumsum(), "bass").params
    assert reach.label == pytest.approx(found.time_to(0.9))
    assert shares["m"] == pytest.approx(found.params["m"], rel=0.1)


def test_the_same_seed_gives_the_same_interval():
    found = fit(s_curve(2), "gompertz")
    assert time_to(found, 0.5) == time_to(found, 0.5)
    assert time_to(found, 0.5, seed=1).low == pytest.approx(time_to(found, 0.5).low, abs=1)


def test_errors_beyond_all_measure_leave_the_end_open():
    found = fit(s_curve(1).set_axis(MONTHS), "logistic")
    wild = dataclasses.replace(
        found, covariance=1e8 * found.covariance, std_errors=1e4 * found.std_errors, _root=1e4 * found._root
    )
    assert time_to(wild, 0.9) == (found.time_to(0.9), None, None)


@pytest.mark.parametrize("curve", ["logistic", "log-linear", "naive"])
def test_no_time_without_a_ceiling(curve):
    assert time_to(fit(rising(MONTHS), curve), 0.9) == (None, None, None)


def test_growth_of_a_steady_series_is_its_rate_at_every_step():
    series = rising(MONTHS)
    rates = growth_rate(fit(series, "log-linear").forecast(30), series)
    assert rates[("yoy", "median")].to_numpy() == pytest.approx(np.expm1(0.24), rel=FOUND)
    assert rates[("cagr", "median")].to_numpy() == pytest.approx(np.expm1(0.24), rel=FOUND)


def test_intervals_carry_over_where_the_denominator_was_observed():
    series = rising(MONTHS) * np.exp(np.random.default_rng(0).normal(0, 0.05, 48))
    ahead = fit(series, "log-linear").forecast(30)
    rates = growth_rate(ahead, series)
    assert list(rates.index) == list(ahead.index)
    before = series.iloc[-12:].to_numpy()
    for column in ahead:
        expected = ahead[column].iloc[:12].to_numpy() / before - 1
        assert rates[("yoy", column)].iloc[:12].to_numpy() == pytest.approx(expected, rel=EXACT)
        assert rates[("cagr", column)].iloc[:12].to_numpy() == pytest.approx(expected, rel=EXACT)
        two_years = np.sqrt(ahead[column].iloc[12:24].to_numpy() / before) - 1
        assert rates[("cagr", column)].iloc[12:24].to_numpy() == pytest.approx(two_years, rel=EXACT)
    assert rates["yoy"].drop(columns="median").iloc[12:].isna().all(axis=None)
    medians = ahead["median"].to_numpy()
    assert rates[("yoy", "median")].iloc[12:].to_numpy() == pytest.approx(medians[12:] / medians[:-12] - 1, rel=EXACT)


def test_a_year_before_that_is_missing_has_no_growth_on_the_year():
    series = rising(MONTHS)
    holes = series.where(series.index != MONTHS[40])
    rates = growth_rate(fit(holes, "log-linear").forecast(12), holes)
    assert np.isnan(rates[("yoy", "median")].iloc[4])
    assert rates[("yoy", "median")].isna().sum() == 1
    assert rates[("cagr", "median")].to_numpy() == pytest.approx(np.expm1(0.24), rel=FOUND)


@pytest.mark.parametrize(
    ("index", "rate"),
    [
        (pd.period_range("2005", periods=15, freq="Y"), 0.02),
        (pd.period_range("2010Q1", periods=40, freq="Q"), 0.08),
        (pd.date_range("2015-01-31", periods=40, freq="ME"), 0.24),
    ],
)
def test_every_calendar_has_its_year(index, rate):
    series = rising(index)
    rates = growth_rate(fit(series, "log-linear").forecast(5), series)
    assert rates["yoy"]["median"].to_numpy() == pytest.approx(np.expm1(rate), rel=FOUND)
    assert rates["cagr"]["median"].to_numpy() == pytest.approx(np.expm1(rate), rel=FOUND)


def test_uneven_dates_grow_from_the_last_observation_once_it_is_a_year_old():
    dates = pd.PeriodIndex(["2016-02", "2017-03", "2017-10", "2018-09", "2019-01", "2019-12"], freq="M")
    series = pd.Series([129.0, 170, 200, 250, 272, 406], index=dates)
    ahead = fit(series, "log-linear").forecast(3)
    rates = growth_rate(ahead, series)
    months = np.array([(label - dates[-1]).n for label in ahead.index])
    expected = (ahead["median"].to_numpy() / 406) ** (12 / months) - 1
    a_year = months >= 12
    assert a_year.sum() == 2
    assert rates[("cagr", "median")].to_numpy()[a_year] == pytest.approx(expected[a_year], rel=EXACT)


def test_numbers_say_their_years_or_are_refused():
    series = s_curve(0.5).iloc[10:]
    ahead = fit(series, "logistic").forecast(3)
    with pytest.raises(ValueError, match="give per_year"):
        growth_rate(ahead, series)
    rates = growth_rate(ahead, series, per_year=12)
    expected = ahead["median"].to_numpy() / series.iloc[-12:-9].to_numpy() - 1
    assert rates[("yoy", "median")].to_numpy() == pytest.approx(expected, rel=EXACT)


def test_growth_from_nothing_is_not_a_number_and_inputs_stay():
    series = rising(MONTHS)
    series.iloc[-12] = 0.0
    ahead = fit(series, "naive").forecast(2)
    kept, given = series.copy(), ahead.copy()
    assert np.isnan(growth_rate(ahead, series)[("yoy", "median")].iloc[0])
    pd.testing.assert_series_equal(series, kept)
    pd.testing.assert_frame_equal(ahead, given)


@pytest.mark.parametrize("curve", ["logistic", "gompertz", "richards"])
def test_slopes_and_draws_agree_on_a_regular_fit(curve, monkeypatch):
    found = fit(s_curve(0.3).set_axis(MONTHS.to_timestamp()), curve, errors="classical")
    numbers = fit(s_curve(0.3), curve, errors="classical")
    assert (numbers.std_errors / numbers.params).max() < reach.VAGUE
    drawn, months = time_to(numbers, 0.9), time_to(found, 0.9)
    monkeypatch.setattr(reach, "VAGUE", 0.0)
    sloped = time_to(numbers, 0.9)
    half = (drawn.high - drawn.low) / 2
    assert sloped.label == drawn.label
    assert [sloped.low, sloped.high] == pytest.approx([drawn.low, drawn.high], abs=SLOPE * half)
    assert abs(time_to(found, 0.9).high - months.high) < pd.Timedelta(days=31 * SLOPE * half + 1)


def test_the_slope_of_a_flow_is_that_of_what_it_adds_up_to(monkeypatch):
    flow = pd.Series([840.0, 1470, 2110, 4000, 7590, 10950, 10530, 9470, 7790, 5890], index=range(1, 11))
    found = fit(flow, "bass adoptions")
    drawn = time_to(found, 0.9)
    monkeypatch.setattr(reach, "VAGUE", 0.0)
    sloped = time_to(found, 0.9)
    assert [sloped.low, sloped.high] == pytest.approx([drawn.low, drawn.high], abs=SLOPE * (drawn.high - drawn.low) / 2)


def gompertz(seed: int) -> pd.Series:
    t = np.arange(60.0)
    return pd.Series(100 * np.exp(-np.exp(-0.09 * (t - 22))) + np.random.default_rng(seed).normal(0, 1, 60), index=t)


def test_a_shape_that_the_data_do_not_tell_leaves_the_interval_of_the_time():
    """Richards on a Gompertz curve: its asymmetry is anything near 0, the ceiling and the time are known."""
    truth = 22 - np.log(-np.log(0.9)) / 0.09
    fits = [f for f in (fit(gompertz(seed), "richards", errors="classical") for seed in range(100)) if f.identified]
    vague = [f for f in fits if f.std_errors["nu"] > reach.VAGUE * f.params["nu"]]
    assert len(vague) > 30
    reaches = [time_to(f, 0.9) for f in vague]
    assert all(found.low is not None and found.high is not None for found in reaches)
    assert np.mean([found.low < truth < found.high for found in reaches]) > COVERAGE[0]
    widths = [found.high - found.low for found in reaches]
    assert max(widths) < 3 * min(widths)


def test_stations_of_a_network_reach_their_share_between_two_dates():
    panel = demo.load().panel
    stations = panel[panel["platform"] == "duoduo"].groupby("month")["stations"].sum()
    found = fit(stations, "richards")
    assert found.std_errors["nu"] > found.params["nu"]
    reached = time_to(found, 0.9)
    assert reached.low < reached.label < reached.high
    assert reached.high - reached.low < pd.Timedelta(days=3 * 365)
