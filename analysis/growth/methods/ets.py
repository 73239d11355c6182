"""Exponential smoothing with a damped trend and additive seasons, on logs: ETS(A,Ad,A) and ETS(A,Ad,N).

y_t = l_(t-1) + phi b_(t-1) + s_(t-m) + x_t'g + e_t, with l_t = l_(t-1) + phi b_(t-1) + alpha e_t,
b_t = phi b_(t-1) + beta e_t and s_t = s_(t-m) + gamma e_t; a missing value has e_t = 0. The initial states and g enter
the errors linearly and are concentrated out, so that the search is over alpha, beta, phi and gamma alone.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.growth.batch import Batch, Run
from analysis.growth.methods import descent, smoothing
from analysis.growth.methods.smoothing import Problem
from analysis.growth.shapes import FloatArray

LEAST = 7
"""Five parameters and two degrees of freedom."""
SEASONS = 2
EXTRA = 5
"""A season is estimated from two years and five observations on (Hyndman and Kostenko, 2007)."""
RIDGE = 1e-10
"""Least eigenvalue of a scaled information matrix, relative to the largest: what is flatter is beyond the data."""


def damped(batch: Batch, params: FloatArray | None = None) -> Run:
    """Estimate the parameters alpha, beta, phi, gamma (S, 4) where none are given, and continue.

    Notes
    -----
    Errors ahead have the variance of the class 1 models of Hyndman, Koehler, Ord and Snyder (2008, section 6.3),
    sigma^2 (1 + sum c_j^2), c_j = alpha + beta (phi + ... + phi^j) + gamma at multiples of the season.
    """
    rows, m = len(batch.values), batch.design.shape[-1]
    width, ahead = batch.values.shape[1], batch.horizon
    found = Run(
        params=np.full((rows, 4), np.nan),
        effects=np.full((rows, m), np.nan),
        fitted=np.full((rows, width), np.nan),
        median=np.full((rows, ahead), np.nan),
        spread=np.full((rows, ahead), np.nan),
        sigma=np.full(rows, np.nan),
        df=np.full(rows, np.nan),
        logs=True,
        failed=_failed(batch),
    )
    season = seasonal(batch)
    for chosen, period in ((season, batch.period), (~season, 1)):
        where = np.flatnonzero(chosen & (found.failed == ""))
        if len(where):
            _fill(found, where, batch.take(where), period, None if params is None else params[where])
    return found


def seasonal(batch: Batch) -> NDArray[np.bool_]:
    """Rows whose seasons can be told: two years and five observations, and each season seen, (S,)."""
    m = batch.period
    seen = np.stack([batch.observed[:, k::m].any(axis=1) for k in range(m)]).all(axis=0)
    return seen & (m > 1) & (batch.nobs >= SEASONS * m + EXTRA)


def _failed(batch: Batch) -> NDArray[np.str_]:
    short = batch.nobs < LEAST + batch.design.shape[-1]
    return np.where((batch.values <= 0).any(axis=1), "non_positive", np.where(short, "too_few", ""))


@dataclass(frozen=True, slots=True)
class _Setting:
    """A batch whose rows have one kind of season, as a problem of least squares."""

    problem: Problem
    design: FloatArray
    free: NDArray[np.int64]


def _setting(batch: Batch, period: int) -> _Setting:
    design = smoothing.acting(batch, period)
    logs = np.log(np.where(batch.observed, batch.values, 1.0))
    columns = np.concatenate([logs[:, :, None], design[:, : logs.shape[1]]], axis=2)
    problem = Problem(
        np.ascontiguousarray(columns.transpose(1, 2, 0)), batch.observed.T.astype(np.float64), batch.starts, period
    )
    states = 2 + (period - 1)
    return _Setting(problem, design, 3 + (period > 1) + states + design.any(axis=1).sum(axis=1))


def _fill(found: Run, where: NDArray[np.int64], batch: Batch, period: int, params: FloatArray | None) -> None:
    """Write what became of `batch`, which is rows `where` of `found`."""
    setting = _setting(batch, period)
    problem, n = setting.problem, batch.values.shape[1]
    optimum = descent.minimum(problem) if params is None else params
    coefficients = smoothing.profile(problem, optimum).coefficients
    effects = coefficients[:, : setting.design.shape[-1]]
    path = smoothing.path(problem, optimum, coefficients, batch.horizon)
    calendar = np.einsum("snm,sm->sn", setting.design, effects)
    errors = np.where(batch.observed, np.log(np.where(batch.observed, batch.values, 1.0)) - calendar[:, :n], np.nan)
    errors -= path[:, :n]
    df = (batch.nobs - setting.free).astype(np.float64)
    found.params[where], found.effects[where] = optimum, effects
    started = np.arange(n) >= batch.starts[:, None]
    found.fitted[where] = np.where(started, np.exp(path[:, :n] + calendar[:, :n]), np.nan)
    found.median[where] = np.exp(path[:, n:] + calendar[:, n:])
    found.sigma[where] = sigma = np.sqrt(np.nansum(errors**2, axis=1) / df)
    found.df[where] = df
    found.spread[where] = sigma[:, None] * np.sqrt(multipliers(optimum, batch.horizon, period))


def multipliers(params: FloatArray, horizon: int, period: int) -> FloatArray:
    """Variance of the error 1, 2... steps ahead over that of one step, (S, horizon)."""
    alpha, beta, phi, gamma = (column[:, None] for column in params.T)
    j = np.arange(1, horizon)
    c = alpha + beta * np.cumsum(phi**j, axis=1) + gamma * ((j % period == 0) & (period > 1))
    return np.cumsum(np.hstack([np.ones((len(params), min(horizon, 1))), c**2]), axis=1)


def covariance(batch: Batch, run: Run) -> FloatArray:
    """Covariance sigma^2 (J'J)^-1 of the parameters of one row, (4, 4); zero for gamma without seasons."""
    period = batch.period if bool(seasonal(batch)[0]) else 1
    free = 3 + (period > 1)
    slopes = smoothing.profile(_setting(batch, period).problem, run.params).slopes[0, :, :free]
    norms = np.maximum(np.linalg.norm(slopes, axis=0), np.finfo(np.float64).tiny)
    values, vectors = np.linalg.eigh((slopes / norms).T @ (slopes / norms))
    root = vectors / np.sqrt(np.maximum(values, RIDGE * values[-1])) / norms[:, None]
    result = np.zeros((4, 4))
    result[:free, :free] = run.sigma[0] ** 2 * root @ root.T
    return result
