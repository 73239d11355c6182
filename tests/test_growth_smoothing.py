"""Damped trend and Theta against statsmodels, against a plain loop and against repeated samples."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.tools.sm_exceptions import ConvergenceWarning
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.theta import ThetaModel

from analysis.growth.batch import Run
from analysis.growth.methods import descent, ets, smoothing, theta
from tests.made_months import Array, batch, months

NO_WORSE = 1e-6  # relative, of a sum of squares
CLOSED = 1e-9  # the same formula in another order
STOPPED = 3e-4  # statsmodels' optimiser stops where its likelihood is flat; the forecasts differ by as much
SLOPE = 1e-5  # a central difference at steps of 1e-6
SPREAD = 0.25  # relative; a standard deviation of 200 estimates against the mean of their standard errors


def sums(found: Run) -> Array:
    return found.df * found.sigma**2


@pytest.mark.parametrize(("period", "n", "rows"), [(1, 40, 40), (12, 72, 24)])
@pytest.mark.filterwarnings(f"ignore::{ConvergenceWarning.__module__}.{ConvergenceWarning.__name__}")
def test_damped_trend_is_no_worse_than_statsmodels(period: int, n: int, rows: int) -> None:
    values = months(rows, n, season=0.2 if period > 1 else 0.0, seed=3)
    found = ets.damped(batch(values, period=period))
    options = {"error": "add", "trend": "add", "damped_trend": True}
    if period > 1:
        options |= {"seasonal": "add", "seasonal_periods": period}
    fits = [ETSModel(pd.Series(np.log(row)), **options).fit(disp=False, maxiter=1000) for row in values]
    theirs = np.array([fit.sse for fit in fits])
    assert (sums(found) <= theirs * (1 + NO_WORSE)).all()
    same = sums(found) > theirs * (1 - NO_WORSE)
    assert same.sum() >= rows / 4
    ahead = np.exp([fit.forecast(12) for fit in fits])
    assert found.median[same] == pytest.approx(ahead[same], rel=STOPPED)


@pytest.mark.parametrize("period", [1, 12])
def test_variance_ahead_is_that_of_statsmodels(period: int) -> None:
    row, params = months(1, 72)[0], np.array([[0.4, 0.1, 0.9, 0.2 if period > 1 else 0.0]])
    options = {"seasonal": "add", "seasonal_periods": period} if period > 1 else {}
    model = ETSModel(pd.Series(np.log(row)), error="add", trend="add", damped_trend=True, **options)
    start = pd.Series(model.start_params, index=model.param_names)
    shared = ["smoothing_level", "smoothing_trend", "damping_trend", "smoothing_seasonal"]
    for name, value in zip(shared, params[0], strict=True):
        if name in start:
            start[name] = value
    smoothed = model.smooth(start.to_numpy())
    ahead = smoothed.get_prediction(72, 71 + 30).forecast_variance / smoothed.mse
    assert ets.multipliers(params, 30, period)[0] == pytest.approx(ahead, rel=CLOSED)


def errors_by_hand(y: Array, params: Array, level: float, trend: float, seasons: Array) -> Array:
    """One-step errors of one row by the equations, one observation at a time."""
    alpha, beta, phi, gamma = params
    seasons, errors = list(seasons), []
    for now in y:
        expected = level + phi * trend + seasons[0]
        error = 0.0 if np.isnan(now) else now - expected
        level, trend = level + phi * trend + alpha * error, phi * trend + beta * error
        seasons = [*seasons[1:], seasons[0] + gamma * error]
        errors.append(error)
    return np.array(errors)


@pytest.mark.parametrize("period", [1, 4])
def test_states_and_effects_are_the_least_squares_of_a_plain_loop(period: int) -> None:
    rng = np.random.default_rng(5)
    y = np.log(months(1, 50, seed=2)[0])
    y[[7, 8, 30]] = np.nan
    x = rng.normal(size=54)
    params = np.array([0.5, 0.2, 0.9, 0.3 if period > 1 else 0.0])
    found = ets.damped(batch(np.exp(y), horizon=4, period=period, design=x[:, None]), params[None])
    places = [(0.0, 1.0, 0.0, -1), (0.0, 0.0, 1.0, -1), *((0.0, 0.0, 0.0, k) for k in range(period - 1))]
    gap = np.where(np.isnan(y), np.nan, 0.0)
    columns = [
        -errors_by_hand(gap, params, lv, tr, np.eye(period)[k] if k >= 0 else np.zeros(period))
        for _, lv, tr, k in places
    ]
    columns.append(errors_by_hand(gap + x[:50], params, 0.0, 0.0, np.zeros(period)))
    errors = errors_by_hand(y, params, 0.0, 0.0, np.zeros(period))
    solution, residual, *_ = np.linalg.lstsq(np.column_stack(columns), errors, rcond=None)
    assert sums(found)[0] == pytest.approx(float(residual[0]), rel=CLOSED)
    assert found.effects[0, 0] == pytest.approx(solution[-1], rel=1e3 * CLOSED)
    assert found.df[0] == 47 - (3 + (period > 1)) - (2 + period - 1) - 1


@pytest.mark.parametrize("period", [1, 12])
def test_slopes_are_the_derivative_of_the_sum_of_squares(period: int) -> None:
    problem = ets._setting(batch(months(3, 60), period=period), period).problem
    params = np.tile([0.4, 0.1, 0.9, 0.2 if period > 1 else 0.0], (3, 1))
    here = smoothing.profile(problem, params)
    gradient = 2 * np.einsum("snk,sn->sk", here.slopes, here.errors)
    for k in range(4 if period > 1 else 3):
        step = np.eye(4)[k] * 1e-6
        change = smoothing.profile(problem, params + step).sse - smoothing.profile(problem, params - step).sse
        assert gradient[:, k] == pytest.approx(change / 2e-6, rel=SLOPE, abs=SLOPE * float(here.sse.max()))


def test_gaps_of_another_row_change_nothing() -> None:
    values = months(2, 60)
    values[0, :7] = np.nan
    whole = ets._setting(batch(values), 12).problem
    values[1, 30] = np.nan
    gappy = ets._setting(batch(values), 12).problem
    assert whole.whole
    assert not gappy.whole
    params = np.tile([0.4, 0.1, 0.9, 0.2], (2, 1))
    alone, beside = smoothing.profile(whole, params), smoothing.profile(gappy, params)
    assert alone.sse[0] == pytest.approx(beside.sse[0], rel=CLOSED)
    assert alone.coefficients[0] == pytest.approx(beside.coefficients[0], rel=CLOSED, abs=CLOSED)


def test_search_ends_where_no_step_inside_the_box_is_better() -> None:
    problem = ets._setting(batch(months(8, 72)), 12).problem
    best = descent.minimum(problem)
    least = smoothing.profile(problem, best).sse
    alpha, beta, phi, gamma = best.T
    points = np.column_stack([alpha, beta / alpha, phi, gamma / (1 - alpha)])
    for step in np.vstack([np.eye(4), -np.eye(4)]) * 0.01:
        moved = descent.natural(np.clip(points + step, descent.LOW, descent.HIGH), 12)
        assert (smoothing.profile(problem, moved).sse >= least * (1 - NO_WORSE)).all()


def test_damped_trend_needs_two_years_and_five_months_for_a_season() -> None:
    values = np.full((2, 40), np.nan)
    values[0, -28:], values[1, -29:] = months(1, 28)[0], months(1, 29)[0]
    found = ets.damped(batch(values))
    assert (found.params[:, 3] > 0).tolist() == [False, True]


def test_theta_is_that_of_statsmodels() -> None:
    values = np.vstack([months(20, 60), months(20, 60, season=0.0, seed=1)])
    models = [ThetaModel(row, period=12).fit() for row in values]
    params = np.array([[m.params["alpha"], m.params["b0"]] for m in models])
    ahead = np.array([np.asarray(m.forecast(12)) for m in models])
    rises = (ahead > theta.LOWEST * values[:, -1:]).all(axis=1)
    assert theta.theta(batch(values), params).median[rises] == pytest.approx(ahead[rises], rel=CLOSED)
    found = theta.theta(batch(values))
    assert found.params[:, 1] == pytest.approx(params[:, 1], rel=CLOSED)
    assert found.median[rises] == pytest.approx(ahead[rises], rel=STOPPED)
    assert 0 < sum(len(m._seasonal) > 0 for m in models) < len(models)


def test_theta_smooths_with_the_least_errors() -> None:
    y = months(4, 60, season=0.0)
    grid = np.linspace(theta.LOW, theta.HIGH, 400)
    errors = y[:, :, None] - theta._levels(y, np.tile(grid, (4, 1)))[:, :-1]
    at = y - theta._levels(y, theta.theta(batch(y, period=1)).params[:, :1])[:, :-1, 0]
    assert ((at**2).sum(axis=1) <= (errors**2).sum(axis=1).min(axis=1) * (1 + NO_WORSE)).all()


def test_theta_ends_a_falling_line_above_zero() -> None:
    found = theta.theta(batch(np.linspace(100, 1, 30), horizon=60, period=1))
    assert (found.median > 0).all()


def test_standard_errors_of_the_damped_trend_are_those_of_repeated_samples() -> None:
    rng = np.random.default_rng(8)
    alpha, beta, phi = 0.5, 0.2, 0.9
    level, trend, rows = np.full(200, 5.0), np.full(200, 0.02), []
    for error in rng.normal(0, 0.05, (150, 200)):
        rows.append(level + phi * trend + error)
        level, trend = level + phi * trend + alpha * error, phi * trend + beta * error
    given = batch(np.exp(np.array(rows).T), horizon=1, period=1)
    found = ets.damped(given)
    inner = np.flatnonzero((found.params[:, 2] > 0.81) & (found.params[:, 2] < 0.97))
    errors = []
    for i in inner[:60]:
        row = given.take(np.array([i]))
        covariance = ets.covariance(row, ets.damped(row, found.params[i : i + 1]))
        assert (covariance[3] == 0).all()
        errors.append(np.sqrt(covariance[0, 0]))
    assert np.std(found.params[inner, 0]) == pytest.approx(np.mean(errors), rel=SPREAD)


def test_standard_errors_of_theta_are_those_of_repeated_samples() -> None:
    rng = np.random.default_rng(9)
    level, rows = np.full(200, 100.0), []
    for error in rng.normal(0, 1.0, (100, 200)):
        rows.append(level + error)
        level = level + 0.4 * error
    given = batch(np.array(rows).T, horizon=1, period=1)
    found = theta.theta(given)
    every = [np.array([i]) for i in range(60)]
    covariances = [theta.covariance(given.take(i), theta.theta(given.take(i))) for i in every]
    errors = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    assert found.params.std(axis=0) == pytest.approx(errors.mean(axis=0), rel=SPREAD)
