"""The airline model against the Kalman filter, published fits, and its laws."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import solve_triangular, toeplitz
from statsmodels.tsa.statespace.sarimax import SARIMAX

from analysis.growth import CURVES, fit
from analysis.growth.batch import Batch, Run
from analysis.growth.methods import airline
from tests.made_air import air, rows

FILTER = 1e-8  # exact against an exact diffuse filter: what rounding leaves of logs near 5
AHEAD = 1e-7  # predictions after a missing month, whose flat prior is a large number
OPTIMUM = 1e-5  # the other optimiser stops at six digits
CURVATURE = 1e-5  # both take second differences
SAME = 1e-9  # the same arithmetic in another order

MISSING = {"none": [], "inside": [40, 41, 77, 100], "start and end": [5, 40, 143], "first year": [2, 3, 14, 26, 50]}


def holed(values: np.ndarray, holes: list[int]) -> np.ndarray:
    values = values.copy()
    values[holes] = np.nan
    return values


def filtered(batch: Batch, run: Run, variance: float, **options: object) -> object:
    """statsmodels' Kalman filter of the one row of `batch`, exact diffuse start, at the parameters of `run`."""
    design = batch.design[: batch.values.shape[1]] if batch.design.shape[1] else None
    model = SARIMAX(
        np.log(batch.values[0]),
        exog=design,
        order=(0, 1, 1),
        seasonal_order=(0, 1, 1, batch.period),
        use_exact_diffuse=True,
        **options,
    )
    effects = run.effects[0] if options.get("mle_regression", True) else []
    return model.smooth(np.r_[effects, run.params[0, :2], variance])


def exact(batch: Batch, run: Run) -> tuple[object, float]:
    """The filter at the most likely variance, and its likelihood without the constant of the diffuse start."""
    nobs = int(batch.nobs[0]) - batch.period - 1
    free = 2 + int((run.effects != 0).sum())
    result = filtered(batch, run, float(run.sigma[0] ** 2 * (nobs - free) / nobs))
    return result, float(result.llf) + (batch.period + 1) / 2 * np.log(2 * np.pi)


@pytest.mark.parametrize("holes", MISSING.values(), ids=MISSING)
def test_likelihood_is_that_of_the_kalman_filter(holes):
    batch = rows(holed(air(), holes))
    run = airline.run(batch)
    assert airline.likelihood(batch, run.params)[0] == pytest.approx(exact(batch, run)[1], abs=FILTER)


@pytest.mark.parametrize(
    ("period", "theta"), [(12, (-0.4, -0.6)), (4, (-0.92, -0.24)), (2, (0.3, 0.5)), (4, (-1.0, -1.0))]
)
def test_likelihood_is_that_of_a_normal_vector(period, theta):
    ma, sma = theta
    w = np.diff(np.log(air()))
    w = w[period:] - w[:-period]
    weights = np.convolve([1, ma], np.r_[1, np.zeros(period - 1), sma])
    lags = [weights[k:] @ weights[: len(weights) - k] for k in range(len(weights))]
    root = np.linalg.cholesky(toeplitz(np.pad(lags, (0, len(w) - len(lags)))))
    shocks = solve_triangular(root, w, lower=True)
    variance = shocks @ shocks / len(w)
    expected = -0.5 * len(w) * (np.log(2 * np.pi * variance) + 1) - np.log(np.diag(root)).sum()
    found = airline.likelihood(rows(air(), period=period), np.array([[ma, sma, 0.0]]))
    assert found[0] == pytest.approx(expected, abs=FILTER)


@pytest.mark.parametrize("holes", MISSING.values(), ids=MISSING)
def test_forecasts_and_their_errors_are_those_of_the_kalman_filter(holes):
    batch = rows(holed(air(), holes), horizon=24)
    run = airline.run(batch)
    ahead = filtered(batch, run, float(run.sigma[0] ** 2)).get_forecast(24)
    np.testing.assert_allclose(np.log(run.median[0]), ahead.predicted_mean, rtol=FILTER)
    np.testing.assert_allclose(run.spread[0], ahead.se_mean, rtol=FILTER)


@pytest.mark.parametrize("holes", MISSING.values(), ids=MISSING)
def test_one_step_predictions_are_those_of_the_kalman_filter(holes):
    batch = rows(holed(air(), holes))
    run = airline.run(batch)
    expected = np.exp(filtered(batch, run, float(run.sigma[0] ** 2)).fittedvalues)
    known = np.isfinite(run.fitted[0])
    assert not known[:13].any()
    assert known[39:].all()  # by then every month of the year has been seen
    np.testing.assert_allclose(run.fitted[0, known], expected[known], rtol=AHEAD)


@pytest.mark.parametrize("holes", MISSING.values(), ids=MISSING)
def test_parameters_are_the_most_likely(holes):
    batch = rows(holed(air(), holes))
    run = airline.run(batch)
    scaled = SARIMAX(
        30 * np.log(batch.values[0]), order=(0, 1, 1), seasonal_order=(0, 1, 1, 12), use_exact_diffuse=True
    )
    other = scaled.fit(start_params=[-0.3, -0.5, 1.0], method="bfgs", gtol=1e-7, maxiter=500, disp=0, cov_type="none")
    np.testing.assert_allclose(run.params[0, :2], other.params[:2], atol=OPTIMUM)
    errors = scaled.smooth(other.params, cov_type="approx").bse[:2]
    np.testing.assert_allclose(np.sqrt(np.diag(airline.covariance(batch, run)))[:2], errors, rtol=CURVATURE)


@pytest.mark.parametrize("holes", [[], [40, 77]], ids=["none", "inside"])
def test_effects_are_those_of_the_kalman_filter(holes):
    rng = np.random.default_rng(5)
    design = rng.normal(size=(156, 2))
    batch = rows(holed(air() * np.exp(design[:144] @ [0.1, -0.05]), holes), design=design)
    run = airline.run(batch)
    result, likelihood = exact(batch, run)
    assert airline.likelihood(batch, run.params)[0] == pytest.approx(likelihood, abs=FILTER)
    score = result.model.score(result.params, transformed=True)
    assert np.abs(score[:4]).max() < 1e-2  # slopes of a likelihood whose curvature is of the order of 1e2 to 1e5
    states = filtered(batch, run, float(run.sigma[0] ** 2), mle_regression=False)
    ahead = states.get_forecast(12, exog=design[144:])
    np.testing.assert_allclose(np.log(run.median[0]), ahead.predicted_mean, rtol=FILTER)
    np.testing.assert_allclose(run.spread[0], ahead.se_mean, rtol=FILTER)
    found = np.sqrt(np.diag(states.smoothed_state_cov[:, :, -1]))[-2:]
    np.testing.assert_allclose(airline.effect_errors(batch, run)[0], found, rtol=FILTER)


def test_without_a_season_there_is_a_rate():
    rng = np.random.default_rng(2)
    logs = 3 + np.cumsum(0.05 + rng.normal(0, 0.1, 60))
    batch = rows(np.exp(holed(logs, [20, 41])), horizon=6, period=1)
    run = airline.run(batch)
    ma, _, rate = run.params[0]
    time = np.arange(66.0)[:, None]
    model = SARIMAX(np.log(batch.values[0]), exog=time[:60], order=(0, 1, 1), use_exact_diffuse=True)
    nobs = 57
    result = model.smooth([rate, ma, run.sigma[0] ** 2 * (nobs - 2) / nobs])
    likelihood = result.llf + np.log(2 * np.pi) / 2
    assert airline.likelihood(batch, run.params)[0] == pytest.approx(likelihood, abs=FILTER)
    assert np.abs(model.score(result.params, transformed=True)[:2]).max() < 1e-2
    options = {"order": (0, 1, 1), "use_exact_diffuse": True, "mle_regression": False}
    states = SARIMAX(np.log(batch.values[0]), exog=time[:60], **options).smooth([ma, run.sigma[0] ** 2])
    ahead = states.get_forecast(6, exog=time[60:])
    np.testing.assert_allclose(np.log(run.median[0]), ahead.predicted_mean, rtol=AHEAD)
    np.testing.assert_allclose(run.spread[0], ahead.se_mean, rtol=AHEAD)
    error = np.sqrt(airline.covariance(batch, run)[2, 2])
    assert error == pytest.approx(np.sqrt(states.smoothed_state_cov[-1, -1, -1]), rel=AHEAD)


def test_fit_through_the_table():
    months = pd.period_range("1949-01", periods=144, freq="M")
    found = fit(pd.Series(air(), index=months), "sarima")
    batch = rows(air())
    run = airline.run(batch)
    np.testing.assert_allclose(found.params, run.params[0], rtol=SAME)
    np.testing.assert_allclose(found.std_errors, np.sqrt(np.diag(airline.covariance(batch, run))), rtol=SAME)
    np.testing.assert_allclose(found.forecast(12)["median"], run.median[0], rtol=SAME)
    assert found.df == 129


def test_rows_are_fitted_as_if_alone():
    rng = np.random.default_rng(8)
    late, holes, steep = (
        holed(air(), list(range(50))),
        holed(air(), [60, 61, 90]),
        air() * np.exp(0.01 * np.arange(144)),
    )
    noise = np.exp(rng.normal(0, 0.1, (200, 144)).cumsum(axis=1))
    together = airline.run(rows(late, holes, steep, *noise))
    for i, one in enumerate([late, holes, steep, noise[0], noise[-1]]):
        alone = airline.run(rows(one))
        row = i if i < 4 else -1
        np.testing.assert_allclose(together.params[row], alone.params[0], atol=1e-7)  # where Newton's steps end
        np.testing.assert_allclose(together.spread[row], alone.spread[0], rtol=1e-6)
        np.testing.assert_allclose(together.fitted[row], alone.fitted[0], rtol=1e-6)


def test_a_late_start_is_a_short_series():
    late = airline.run(rows(holed(air(), list(range(50)))))
    short = airline.run(rows(air()[50:]))
    np.testing.assert_allclose(late.median, short.median, rtol=SAME)
    np.testing.assert_allclose(late.fitted[:, 50:], short.fitted, rtol=SAME)
    assert np.isnan(late.fitted[:, :63]).all()
    assert late.df == short.df


@settings(deadline=None, max_examples=15)
@given(st.floats(1e-6, 1e9), st.floats(-0.02, 0.05))
def test_units_and_steady_growth_only_scale(unit, growth):
    """Growth at a constant rate passes through the differences; the unit of the series is that of the forecast."""
    trend = np.exp(growth * np.arange(156))
    base, other = airline.run(rows(air())), airline.run(rows(unit * air() * trend[:144]))
    np.testing.assert_allclose(other.params, base.params, atol=1e-6)
    np.testing.assert_allclose(other.median[0], base.median[0] * unit * trend[144:], rtol=1e-6)
    np.testing.assert_allclose(other.spread, base.spread, rtol=1e-6)


def test_rate_is_per_unit_of_time():
    values = np.exp(np.random.default_rng(3).normal(0.1, 0.2, 30).cumsum())
    yearly = rows(values, period=1)
    monthly = replace(yearly, times=12 * yearly.times)
    one, other = airline.run(yearly), airline.run(monthly)
    assert one.params[0, 2] == pytest.approx(12 * other.params[0, 2], rel=SAME)
    np.testing.assert_allclose(one.median, other.median, rtol=SAME)


def test_predictions_do_not_look_ahead():
    later = air()
    later[120:] *= 1.5
    params = np.array([[-0.4, -0.6, 0.0]])
    base, other = airline.run(rows(air()), params), airline.run(rows(later), params)
    np.testing.assert_allclose(base.fitted[:, :121], other.fitted[:, :121], rtol=SAME)
    assert np.array_equal(base.params, params)


def test_a_season_absorbs_its_months():
    design = np.column_stack([np.arange(156) % 12 == 5, np.full(156, 2.0), np.sin(np.arange(156) ** 2)]).astype(float)
    run, only = airline.run(rows(air(), design=design)), airline.run(rows(air(), design=design[:, 2:]))
    assert run.effects[0, :2].tolist() == [0.0, 0.0]
    assert run.effects[0, 2] == pytest.approx(only.effects[0, 0], abs=SAME)
    assert run.df[0] == only.df[0] == 128
    assert airline.effect_errors(rows(air(), design=design), run)[0, :2].tolist() == [0.0, 0.0]


def test_a_perfect_series_is_continued_exactly():
    season = np.tile(np.exp(np.sin(np.arange(12))), 6)
    steady = 100 * np.exp(0.01 * np.arange(72)) * season
    run = airline.run(rows(steady[:60], np.full(60, 7.0)))
    np.testing.assert_allclose(run.median[0], steady[60:], rtol=1e-6)
    np.testing.assert_allclose(run.median[1], 7.0, rtol=1e-6)
    assert run.spread.max() < 1e-5


def test_rows_that_cannot_be_fitted_say_why():
    unseen = list(range(0, 144, 12))
    zero = air()
    zero[30] = 0.0
    run = airline.run(rows(air(), zero, holed(air(), list(range(116))), holed(air(), unseen), np.full(144, np.nan)))
    assert run.failed.tolist() == ["", "non_positive", "too_few", "too_few", "too_few"]
    assert np.isfinite(run.median[0]).all()
    assert np.isnan(run.median[1:]).all()
    assert np.isnan(run.fitted[1:]).all()


def test_it_is_declared():
    method = CURVES["sarima"]
    assert method.names == ["ma", "sma", "rate"]
    assert [method.least(period) for period in (12, 4, 1)] == [29, 13, 7]
    assert method.calendar
    assert method.even


def made(count: int, months: int, ma: float, sma: float, seed: int) -> np.ndarray:
    """Logs of an airline model with shocks of 0.05, (count, months)."""
    shocks = np.random.default_rng(seed).normal(0, 0.05, (count, months + 13))
    w = shocks[:, 13:] + ma * shocks[:, 12:-1] + sma * shocks[:, 1:-12] + ma * sma * shocks[:, :-13]
    for lag in range(12, months):
        w[:, lag] += w[:, lag - 12]
    return w.cumsum(axis=1)


@pytest.mark.parametrize(("ma", "sma"), [(-0.4, -0.6), (0.3, -0.9), (-0.95, 0.2)])
def test_no_other_parameters_are_more_likely(ma, sma):
    grid = np.array([(a, b, 0.0) for a in np.linspace(-0.99, 0.99, 12) for b in np.linspace(-0.99, 0.99, 12)])
    for logs in made(4, 60, ma, sma, seed=4):
        one = rows(np.exp(logs), horizon=0)
        best = airline.likelihood(one, airline.run(one).params)[0]
        assert airline.likelihood(rows(*[np.exp(logs)] * len(grid), horizon=0), grid).max() <= best + SAME


def test_errors_ahead_are_as_large_as_stated():
    """At the true parameters, squared errors over squared spread average df / (df - 2), that of Student's t."""
    logs = made(500, 72, -0.4, -0.6, seed=9)
    run = airline.run(rows(*np.exp(logs[:, :60])), np.tile([-0.4, -0.6, 0.0], (500, 1)))
    ratio = ((logs[:, 60:] - np.log(run.median)) / run.spread) ** 2
    df = run.df[0]
    np.testing.assert_allclose(ratio.mean(axis=0), df / (df - 2), rtol=0.25)  # four standard errors of 500 squares
