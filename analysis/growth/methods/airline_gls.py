"""Exact likelihood, best parameters and best effects of the airline model, many rows at once.

Differenced logs are a moving average, w = A e + B e0 with s + 1 shocks e0 from before the data. Filtering by A, a Gram
matrix and one Cholesky factor give it all: those shocks, missing months, months ahead and calendar effects are columns,
taken out by generalised least squares.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from analysis.growth.methods.airline_rows import Problem
from analysis.growth.shapes import FloatArray

GRID = (-0.95, -0.7, -0.4, 0.0, 0.5, 0.95)
"""Values of each parameter from which the best pair is improved by Newton's method."""
EDGE = 1 - 1e-5
"""The likelihood is the same at x and 1/x: parameters are sought inside."""
STEP = 1e-4
"""Of the differences that give slopes and curvature; they are good to eight digits."""
REACH = 0.3
"""Longest move of a parameter in one round."""
ROUNDS, SETTLED = 40, 1e-8
FLAT = 1e7
"""Prior variance of a missing month, in variances of a shock, where predictions may not look ahead."""
FORESEEN = 1e3
"""A prediction of larger variance, in variances of a shock, rests on a missing month and is none."""
CORNER = 1e100
"""Last diagonal element of a bordered covariance: any number larger than what it borders has room for."""
RIDGE = 1e-15
"""Least share of the variation of w that stays unexplained, so that a perfect series has a likelihood."""


def free(period: int) -> int:
    """Moving-average parameters."""
    return 2 if period > 1 else 1


def _polynomial(theta: FloatArray, period: int) -> FloatArray:
    """Weights of a shock 0 to q steps later, (S, q + 1)."""
    lags = np.zeros((len(theta), period + 2 if period > 1 else 2))
    lags[:, 0], lags[:, 1] = 1.0, theta[:, 0]
    if period > 1:
        lags[:, period] += theta[:, 1]
        lags[:, period + 1] = theta[:, 0] * theta[:, 1]
    return lags


def _factor(problem: Problem, theta: FloatArray) -> FloatArray:
    """Cholesky factor of the Gram matrix of the shocks before the data and all columns, filtered: (S, q + p, q + p)."""
    lags = _polynomial(theta, problem.period)
    q, (rows, n, p) = lags.shape[1] - 1, problem.columns.shape
    filtered = np.zeros((rows, n, q + p))
    for lag in range(1, q + 1):
        shocks = np.arange(min(lag, n))
        filtered[:, shocks, lag - 1 - shocks] += lags[:, lag, None]
    filtered[:, :, q:] = problem.columns
    for t in range(1, n):
        filtered[:, t] -= theta[:, :1] * filtered[:, t - 1]
    if problem.period > 1:
        for t in range(problem.period, n, problem.period):
            block = filtered[:, t : t + problem.period]
            block -= theta[:, 1, None, None] * filtered[:, t - problem.period : t][:, : block.shape[1]]
    filtered *= problem.inside[:, :, None]
    gram = filtered.transpose(0, 2, 1) @ filtered
    diagonal = np.einsum("sii->si", gram)
    diagonal[:, :q] += 1.0
    diagonal[:, q:-1] += ~problem.kept
    diagonal[:, -1] += RIDGE * (diagonal[:, -1] + 1.0)
    return np.linalg.cholesky(gram)


def likelihood(problem: Problem, theta: FloatArray) -> FloatArray:
    """Logarithm of the likelihood at the best variance and effects, (S,); for a problem without months ahead."""
    factor = np.diagonal(_factor(problem, theta), axis1=1, axis2=2)
    corrections = factor.shape[1] - problem.columns.shape[2] + problem.gaps
    logs = 2 * np.log(factor[:, :corrections]).sum(axis=1)
    return -0.5 * (problem.nobs * (np.log(2 * np.pi * factor[:, -1] ** 2 / problem.nobs) + 1) + logs)


def slopes(problem: Problem, theta: FloatArray, value: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gradient (S, d) and Hessian (S, d, d) of the log-likelihood by differences."""
    d = theta.shape[1]
    moves = STEP * np.eye(d)
    up = [likelihood(problem, theta + move) for move in moves]
    down = [likelihood(problem, theta - move) for move in moves]
    gradient = (np.array(up) - np.array(down)).T / (2 * STEP)
    hessian = np.empty((len(theta), d, d))
    for i, j in product(range(d), repeat=2):
        if i == j:
            hessian[:, i, i] = (up[i] - 2 * value + down[i]) / STEP**2
        elif i < j:
            both = likelihood(problem, theta + moves[i] + moves[j])
            hessian[:, i, j] = hessian[:, j, i] = (both - up[i] - up[j] + value) / STEP**2
    return gradient, hessian


def _uphill(gradient: FloatArray, hessian: FloatArray, damping: FloatArray) -> FloatArray:
    """Newton's step, uphill in every direction and no longer than `REACH`."""
    curvature, axes = np.linalg.eigh(hessian)
    along = np.einsum("sij,si->sj", axes, gradient) / (np.abs(curvature) + damping[:, None])
    return np.clip(np.einsum("sij,sj->si", axes, along), -REACH, REACH)


def optimum(problem: Problem) -> FloatArray:
    """Most likely parameters, (S, d): the best of the grid, improved by damped Newton steps until they settle."""
    rows, d = len(problem.nobs), free(problem.period)
    grid = np.array(list(product(GRID, repeat=d)))
    tried = np.array([likelihood(problem, np.broadcast_to(point, (rows, d))) for point in grid])
    theta, value = grid[tried.argmax(axis=0)], tried.max(axis=0)
    damping, open_ = np.full(rows, 1e-2), np.arange(rows)
    for _ in range(ROUNDS):
        part = problem.take(open_)
        step = _uphill(*slopes(part, theta[open_], value[open_]), damping[open_])
        trial = np.clip(theta[open_] + step, -EDGE, EDGE)
        reached = likelihood(part, trial)
        moved, better = np.abs(trial - theta[open_]).max(axis=1), reached > value[open_]
        theta[open_[better]], value[open_[better]] = trial[better], reached[better]
        damping[open_] *= np.where(better, 0.1, 10.0)
        open_ = open_[moved > SETTLED]
        if not len(open_):
            break
    return theta


@dataclass(frozen=True, slots=True)
class Solution:
    """What a problem with months ahead comes to at given parameters.

    Attributes
    ----------
    effects : ndarray (S, p - 1)
        Coefficients of all columns.
    errors : ndarray (S, p - 1)
        Their standard errors, in units of the standard deviation of a shock.
    squares : ndarray (S,)
        Sum of squared standardised shocks.
    df : ndarray (S,)
    """

    effects: FloatArray
    errors: FloatArray
    squares: FloatArray
    df: FloatArray


def solution(problem: Problem, theta: FloatArray) -> Solution:
    """Effects and their errors at given parameters."""
    factor = _factor(problem, theta)
    start = factor.shape[1] - problem.columns.shape[2]
    inverse = np.linalg.inv(factor[:, start:-1, start:-1])
    regressors = problem.kept[:, problem.gaps + problem.ahead :]
    return Solution(
        effects=np.einsum("sij,si->sj", inverse, factor[:, -1, start:-1]),
        errors=np.sqrt((inverse**2).sum(axis=1)),
        squares=factor[:, -1, -1] ** 2,
        df=(problem.nobs - theta.shape[1] - regressors.sum(axis=1)).astype(np.float64),
    )


def surprises(problem: Problem, theta: FloatArray, found: Solution) -> tuple[FloatArray, FloatArray]:
    """Errors of the one-step predictions of w from all before it, and their variances in those of a shock, (S, N) each.

    A missing month has a flat prior, which is in the variance of its own prediction.
    """
    missing, known = np.split(problem.columns, [problem.gaps], axis=2)
    rest = known[:, :, -1] - np.einsum("snp,sp->sn", known[:, :, :-1], found.effects[:, problem.gaps :])
    n = rest.shape[1]
    bordered = np.zeros((len(theta), n + 1, n + 1))
    bordered[:, :n, :n] = _autocovariance(theta, problem.period, n) + FLAT * missing @ missing.transpose(0, 2, 1)
    bordered[:, n, :n] = rest
    bordered[:, n, n] = CORNER
    factor = np.linalg.cholesky(bordered)
    spread = np.diagonal(factor, axis1=1, axis2=2)[:, :n]
    return factor[:, n, :n] * spread, spread**2


def _autocovariance(theta: FloatArray, period: int, n: int) -> FloatArray:
    """Covariance of n values of w, in variances of a shock, (S, n, n)."""
    weights = _polynomial(theta, period)
    size = weights.shape[1]
    at = np.zeros((len(theta), max(n, size)))
    for lag in range(size):
        at[:, lag] = (weights[:, lag:] * weights[:, : size - lag]).sum(axis=1)
    return at[:, np.abs(np.subtract.outer(np.arange(n), np.arange(n)))]
