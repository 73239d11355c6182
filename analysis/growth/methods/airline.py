"""The airline model: (0,1,1)(0,1,1) of logs, or (0,1,1) with a steady rate where there is no season.

The likelihood is exact. A missing month is a regressor of its own, and the likelihood is corrected by the determinant
of these regressors (Gomez, Maravall and Pena, 1999, Journal of Econometrics 88), which makes it that of the Kalman
filter from a diffuse start. A month ahead is one more missing month: its error has everything in it but the error of
the two moving-average parameters.
"""

import numpy as np
from numpy.typing import NDArray

from analysis.growth.batch import Batch, Run
from analysis.growth.methods import airline_gls as gls
from analysis.growth.methods import airline_rows as layout
from analysis.growth.methods.airline_rows import Levels, Problem, Rows
from analysis.growth.shapes import EXPONENT, FloatArray

BLOCK = 192
"""Rows worked on together, so that their filtered columns stay in cache."""


def least(period: int) -> int:
    """Observations needed: two seasons and five, or seven without a season."""
    return 2 * period + 5


def run(batch: Batch, params: FloatArray | None = None) -> Run:
    """Fit and continue every row.

    Parameters
    ----------
    batch : Batch
        Positive values, evenly spaced; missing ones are allowed for.
    params : ndarray (S, 3), optional
        ma and sma to be used instead of the most likely ones; the rate comes from the data.

    Returns
    -------
    Run
        Of logs. `params` are ma (of one step), sma (of one season; 0 without one) and rate (growth in logs per unit of
        time; 0 with a season, which carries its own growth). A regressor that the season absorbs has effect 0. `fitted`
        is NaN where a missing month leaves nothing to predict from. Rows fail as too_few (also where a calendar month
        was never seen) or non_positive.
    """
    (rows, n), m = batch.values.shape, batch.design.shape[-1]
    failed = np.where((batch.values <= 0).any(axis=1), "non_positive", "").astype("<U16")
    failed[batch.nobs < least(batch.period)] = "too_few"
    shapes = {"params": (3,), "effects": (m,), "fitted": (n,), "median": (batch.horizon,), "spread": (batch.horizon,)}
    fields = {name: np.full((rows, *shapes.get(name, ())), np.nan) for name in [*shapes, "sigma", "df"]}
    usable = np.flatnonzero(failed == "")
    for start in range(0, len(usable), BLOCK):
        some = usable[start : start + BLOCK]
        found, few = _block(batch.take(some), None if params is None else params[some])
        failed[some[few]] = "too_few"
        for name, values in found.items():
            fields[name][some[~few]] = values[~few]
    return Run(**fields, logs=True, failed=failed)


def likelihood(batch: Batch, params: FloatArray) -> FloatArray:
    """Log-likelihood of the logs of each row at its ma and sma, (S,); variance, rate and effects at their best."""
    return gls.likelihood(layout.estimation(batch), params[:, : gls.free(batch.period)])


def covariance(batch: Batch, fitted: Run) -> FloatArray:
    """Covariance of ma, sma and rate of one row, (3, 3), from the curvature of the likelihood; NaN without any."""
    d, problem = gls.free(batch.period), layout.estimation(batch)
    theta = fitted.params[:, :d]
    _, hessian = gls.slopes(problem, theta, gls.likelihood(problem, theta))
    result = np.zeros((3, 3))
    regular = bool((np.linalg.eigvalsh(hessian[0]) < 0).all())
    result[:d, :d] = np.linalg.inv(-hessian[0]) if regular else np.nan
    if d == 1:
        result[2, 2] = (fitted.sigma[0] * gls.solution(problem, theta).errors[0, -1]) ** 2
    return result


def effect_errors(batch: Batch, fitted: Run) -> FloatArray:
    """Standard errors of the calendar effects, (S, m); 0 for those the season absorbs."""
    problem = layout.estimation(batch)
    chosen = slice(problem.gaps, problem.gaps + batch.design.shape[-1])
    errors = gls.solution(problem, fitted.params[:, : gls.free(batch.period)]).errors[:, chosen]
    return fitted.sigma[:, None] * np.where(problem.kept[:, chosen], errors, 0.0)


def _block(batch: Batch, given: FloatArray | None) -> tuple[dict[str, FloatArray], NDArray[np.bool_]]:
    """Fields of the run for a few rows that can be fitted, and which of them turned out to have too few values."""
    d, n, m = gls.free(batch.period), batch.values.shape[1], batch.design.shape[-1]
    theta = gls.optimum(layout.estimation(batch)) if given is None else given[:, :d]
    levels = layout.levels(batch, batch.horizon)
    problem = layout.problem(levels, batch.horizon, batch.period)
    found = gls.solution(problem, theta)
    ahead, regressors = problem.gaps, problem.gaps + problem.ahead
    few = (problem.kept[:, :regressors].sum(axis=1) < levels.missing.sum(axis=1)) | (found.df < 1)
    params = np.pad(theta, ((0, 0), (0, 3 - d)))
    if batch.period == 1:
        params[:, 2] = found.effects[:, -1]
    sigma = np.sqrt(found.squares / np.maximum(found.df, 1.0))
    curve = np.exp(np.clip(_predicted(levels, problem, found, theta, batch.starts), -EXPONENT, EXPONENT))
    return {
        "params": params,
        "effects": found.effects[:, regressors : regressors + m],
        "fitted": curve[:, :n],
        "median": curve[:, n:],
        "spread": sigma[:, None] * found.errors[:, ahead:regressors],
        "sigma": sigma,
        "df": found.df,
    }, few


def _predicted(levels: Levels, problem: Problem, found: gls.Solution, theta: FloatArray, starts: Rows) -> FloatArray:
    """Logs predicted one step ahead, and past the end from the end, (S, n + horizon); NaN before the first."""
    future = np.where(levels.slots >= problem.gaps, levels.slots + 1, 0)
    ahead = np.take_along_axis(np.pad(found.effects, ((0, 0), (1, 0))), future, axis=1)
    predicted = levels.logs - np.where(future > 0, ahead, 0.0)
    lost = predicted.shape[1] - problem.columns.shape[1]
    surprise, variance = gls.surprises(problem, theta, found)
    foreseen = variance - gls.FLAT * levels.missing[:, lost:] < gls.FORESEEN
    predicted[:, lost:] -= np.where(foreseen, surprise, np.nan)
    predicted[:, :lost] = np.nan
    position = np.arange(predicted.shape[1]) - starts[:, None]
    return np.where(position >= 0, np.take_along_axis(predicted, np.maximum(position, 0), axis=1), np.nan)
