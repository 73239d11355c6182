"""Least squares of exponential smoothing for many rows at once: initial states and effects are concentrated out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.growth.batch import Batch
from analysis.growth.shapes import FloatArray

RIDGE = 1e-13
"""Keeps collinear columns, relative to their norms, from stopping the others."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Rows to be smoothed, in the order of time first.

    Attributes
    ----------
    columns : ndarray (n, 1 + m, S)
        Logs, 0 where missing, and the regressors.
    seen : ndarray (n, S)
        1 where there is a value, 0 where it is missing.
    starts : ndarray (S,)
        Position of each row's first value.
    period : int
        Observations in a season, 1 without one.
    """

    columns: FloatArray
    seen: FloatArray
    starts: NDArray[np.int64]
    period: int

    @property
    def whole(self) -> bool:
        """Whether no row has a gap after its start."""
        return bool((self.seen.sum(axis=0) == len(self.seen) - self.starts).all())

    def take(self, rows: NDArray[np.int64]) -> "Problem":
        """Some of the rows, which may repeat."""
        return Problem(self.columns[:, :, rows], self.seen[:, rows], self.starts[rows], self.period)


@dataclass(frozen=True, slots=True)
class Profile:
    """Least squares at given parameters.

    Attributes
    ----------
    sse : ndarray (S,)
        Sum of squared errors.
    coefficients : ndarray (S, m + 1 + period)
        Effects, initial level, trend and seasons but the last, which makes them sum to zero.
    errors : ndarray (S, n)
        0 where a value is missing.
    slopes : ndarray (S, n, 4)
        Derivatives of the errors by alpha, beta, phi and gamma, less what the coefficients take up.
    """

    sse: FloatArray
    coefficients: FloatArray
    errors: FloatArray
    slopes: FloatArray


def acting(batch: Batch, period: int) -> FloatArray:
    """Regressors (S, n + horizon, m) with 0 for those that repeat every season, which the season absorbs."""
    design = batch.wide_design()
    if period == 1 or not design.shape[-1]:
        return design
    later = np.arange(period, design.shape[1]) - period >= batch.starts[:, None]
    changes = np.abs(design[:, period:] - design[:, :-period]).max(axis=1, initial=0.0, where=later[:, :, None])
    return design * (changes > np.finfo(np.float64).eps)[:, None, :]


def profile(problem: Problem, params: FloatArray, *, slopes: bool = True) -> Profile:
    """Least squares at `params` (S, 4): alpha, beta, phi, gamma."""
    responses = _responses(problem, params)
    y, basis = responses[:, 0], responses[:, 1:].transpose(0, 2, 1)
    solve = Normal(basis)
    coefficients = solve(y[:, :, None])[:, :, 0]
    errors = y - np.matmul(basis, coefficients[:, :, None])[:, :, 0]
    sse = np.vecdot(errors, errors)
    if not slopes:
        return Profile(sse, coefficients, errors, np.empty((0, 0, 0)))
    raw = _slopes(problem, params, errors, coefficients)
    return Profile(sse, coefficients, errors, raw - np.matmul(basis, solve(raw)))


class Normal:
    """Least squares on a basis (S, n, k) by scaled normal equations with one step of refinement."""

    def __init__(self, basis: FloatArray) -> None:
        gram = np.matmul(basis.transpose(0, 2, 1), basis)
        norms = np.sqrt(np.einsum("skk->sk", gram))
        self.basis = basis
        self.scale = 1 / np.where(norms > 0, norms, 1.0)
        scaled = gram * self.scale[:, :, None] * self.scale[:, None, :]
        k = basis.shape[2]
        ridge = np.where(norms > 0, RIDGE, 1.0)
        self.inverse = np.linalg.inv(scaled + ridge[:, :, None] * np.eye(k))

    def __call__(self, target: FloatArray) -> FloatArray:
        """Coefficients (S, k, r) of targets (S, n, r)."""
        first = self._step(target)
        return first + self._step(target - np.matmul(self.basis, first))

    def _step(self, target: FloatArray) -> FloatArray:
        side = np.matmul(self.basis.transpose(0, 2, 1), target) * self.scale[:, :, None]
        return np.matmul(self.inverse, side) * self.scale[:, :, None]


def _responses(problem: Problem, params: FloatArray) -> FloatArray:
    """One-step errors (S, 1 + m + states, n) of the columns from zero, and of zero from each initial state.

    Without gaps a season answers as the first one does, so many steps later.
    """
    seasons = problem.period - 1
    alike = seasons > 1 and problem.whole
    out = _filter(problem, params, min(seasons, 1) if alike else seasons, balanced=not alike)
    stacked = np.ascontiguousarray((out * problem.seen[:, None]).transpose(2, 1, 0))
    if not alike:
        return stacked
    rows, width, n = stacked.shape
    found = np.zeros((rows, width - 1 + seasons, n))
    found[:, : width - 1] = stacked[:, :-1]
    for k in range(min(seasons, n)):
        found[:, width - 1 + k, k:] = stacked[:, -1, : n - k]
    found[:, width - 1 :, seasons:] -= stacked[:, -1:, : max(n - seasons, 0)]
    return found


def _initial(columns: int, period: int, seasons: int, balanced: bool) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Initial level (c, 1), trend (c, 1) and seasons (period, c, 1) of the columns and of one unit of each state.

    States have unit -1, so that their responses are regressors like the others; `balanced` seasons sum to zero.
    """
    total = columns + 2 + seasons
    level, trend, state = np.zeros((total, 1)), np.zeros((total, 1)), np.zeros((period, total, 1))
    level[columns], trend[columns + 1] = -1.0, -1.0
    for k in range(seasons):
        state[k, columns + 2 + k], state[-1, columns + 2 + k] = -1.0, float(balanced)
    return level, trend, state


def _filter(problem: Problem, params: FloatArray, count: int, *, balanced: bool) -> FloatArray:
    """One-step errors (n, 1 + m + 2 + count, S) from the columns, level, trend and so many of the seasons."""
    n, columns, rows = problem.columns.shape
    initial = _initial(columns, problem.period, count, balanced)
    total = len(initial[0])
    level, trend = np.zeros((total, rows)), np.zeros((total, rows))
    seasons = np.zeros((problem.period, total, rows))
    alpha, beta, phi, gamma = params.T
    out, update = np.empty((n, total, rows)), np.empty((total, rows))
    begins = set(problem.starts.tolist())
    for t in range(n):
        if t in begins:
            new = np.flatnonzero(problem.starts == t)
            level[:, new], trend[:, new] = initial[0], initial[1]
            seasons[:, :, new] = np.roll(initial[2], t, axis=0)
        season, error = seasons[t % problem.period], out[t]
        trend *= phi
        level += trend
        np.add(level, season, out=error)
        np.negative(error, out=error)
        error[:columns] += problem.columns[t]
        np.multiply(error, problem.seen[t], out=update)
        level += alpha * update
        trend += beta * update
        if problem.period > 1:
            season += gamma * update
    return out


def _start(problem: Problem, coefficients: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Initial level (S,), trend (S,) and seasons (period, S), the first at the row's start."""
    states = coefficients[:, problem.columns.shape[1] - 1 :]
    first = states[:, 2:]
    return states[:, 0], states[:, 1], np.vstack([first.T, -first.sum(axis=1)])


def path(problem: Problem, params: FloatArray, coefficients: FloatArray, horizon: int) -> FloatArray:
    """One-step predictions and the continuation without calendar effects, (S, n + horizon), on logs."""
    n, columns, rows = problem.columns.shape
    effects = coefficients[:, : columns - 1]
    clean = problem.columns[:, 0] - np.einsum("nms,sm->ns", problem.columns[:, 1:], effects)
    alpha, beta, phi, gamma = params.T
    level, trend, seasons = (state.copy() for state in _start(problem, coefficients))
    out = np.empty((n + horizon, rows))
    places = np.arange(rows)
    for t in range(n + horizon):
        begun = t >= problem.starts
        place = (t - problem.starts) % problem.period
        trend = np.where(begun, phi * trend, trend)
        level = np.where(begun, level + trend, level)
        out[t] = level + seasons[place, places]
        error = (clean[t] - out[t]) * problem.seen[t] if t < n else np.zeros(rows)
        level, trend = level + alpha * error, trend + beta * error
        if problem.period > 1:
            seasons[place, places] += gamma * error
    return out.T


def _slopes(problem: Problem, params: FloatArray, errors: FloatArray, coefficients: FloatArray) -> FloatArray:
    """Derivatives of the errors (S, n, 4) by alpha, beta, phi and gamma with the coefficients held."""
    rows, n = errors.shape
    alpha, beta, phi, gamma = params.T
    trend = np.zeros(rows)
    first = _start(problem, coefficients)[1]
    level_by, trend_by = np.zeros((4, rows)), np.zeros((4, rows))
    seasons_by = np.zeros((problem.period, 4, rows))
    out = np.empty((n, 4, rows))
    for t in range(n):
        trend = np.where(problem.starts == t, first, trend)
        error, season_by = errors[:, t], seasons_by[t % problem.period]
        trend_by *= phi
        trend_by[2] += trend
        level_by += trend_by
        by = -(level_by + season_by) * problem.seen[t]
        out[t] = by
        level_by += alpha * by
        level_by[0] += error
        trend_by += beta * by
        trend_by[1] += error
        if problem.period > 1:
            season_by += gamma * by
            season_by[3] += error
        trend = phi * trend + beta * error
    return np.ascontiguousarray(out.transpose(2, 0, 1))
