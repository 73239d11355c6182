"""Residuals correlated in time, of many fits or of one: the test that finds them, and errors that stand them."""

import numpy as np

from analysis.growth.batched.marquardt import BoolArray, IntArray
from analysis.growth.shapes import FloatArray

SIGNIFICANCE = 0.05
"""A test rejects below this p-value."""
LAGS = 10
"""Autocorrelations tested without a season..."""
SEASONS = 2
"""...and seasons of them with one, at most a fifth of the observations (Hyndman and Athanasopoulos, 2021, 5.4)."""
LEAST_FOR_HAC = 24
"""Fewer residuals do not tell whether they are correlated well enough to change the errors."""


def lags(nobs: IntArray, period: int = 1) -> IntArray:
    """Autocorrelations that so many residuals can tell, with seasons of `period` steps."""
    return np.minimum(LAGS if period == 1 else SEASONS * period, nobs // 5)


def ljung_box(residuals: FloatArray, period: int = 1) -> FloatArray:
    """p-values (S,) of the Ljung-Box test at `lags` autocorrelations; NaN with less than five residuals or no variance.

    Parameters
    ----------
    residuals : ndarray (S, n)
        On an even grid, in order of time. Missing ones are NaN: a lag counts the pairs it has, and without gaps the
        statistic is that of Ljung and Box (1978); with them, that of Stoffer and Toloi (1992).
    period : int
        Steps of a season; 1 without.
    """
    from scipy.special import chdtrc

    seen = np.isfinite(residuals)
    nobs = seen.sum(axis=1)
    used = lags(nobs, period)
    scaled = np.where(seen, residuals, 0.0) / _positive(np.abs(residuals).max(axis=1, where=seen, initial=0.0))[:, None]
    centred = np.where(seen, scaled - (scaled.sum(axis=1) / np.maximum(nobs, 1))[:, None], 0.0)
    total, terms = np.vecdot(centred, centred), np.zeros(len(nobs))
    for lag in range(1, int(used.max(initial=0)) + 1):
        pairs = (seen[:, lag:] & seen[:, :-lag]).sum(axis=1)
        product = np.vecdot(centred[:, lag:], centred[:, :-lag])
        terms += np.where(lag <= used, product**2 / np.maximum(pairs, 1), 0.0)
    p = chdtrc(np.maximum(used, 1), nobs * (nobs + 2) * terms / _positive(total) ** 2)
    return np.where((used > 0) & (total > 0), p, np.nan)


def autocorrelated(residuals: FloatArray, period: int = 1) -> BoolArray:
    """Whether `ljung_box` rejects at 5 %, (S,); not with fewer than `LEAST_FOR_HAC` residuals."""
    enough = np.isfinite(residuals).sum(axis=1) >= LEAST_FOR_HAC
    return enough & (ljung_box(residuals, period) < SIGNIFICANCE)


def sandwich(root: FloatArray, jacobian: FloatArray, residual: FloatArray, *, lags: int) -> FloatArray:
    """Root (k, f) of the HAC covariance of one fit by so many lags, with n / (n - f) (Newey and West, 1987).

    Parameters
    ----------
    root : ndarray (k, f)
        (J'J)^-1 = root root'.
    jacobian : ndarray (n, k)
    residual : ndarray (n,)
        In order of time.
    """
    scores = ((jacobian @ root) * residual[:, None]).T[:, None]
    weight, axes = np.linalg.eigh(meat(scores, np.array([lags]))[0])
    n, free = len(residual), root.shape[1]
    return root @ axes * np.sqrt(np.maximum(weight, 0.0) * n / (n - free))


def _positive(values: FloatArray) -> FloatArray:
    return np.where(values > 0, values, 1.0)


def packed(scores: FloatArray, seen: BoolArray) -> FloatArray:
    """Scores (p, S, n), 0 where missing, moved up to follow one another in time."""
    if (seen.sum(axis=1) == seen.shape[1]).all():
        return scores
    return np.take_along_axis(scores, np.argsort(~seen, axis=1, kind="stable")[None], axis=2)


def meat(scores: FloatArray, lags: IntArray) -> FloatArray:
    """Long-run sum of squares of scores (p, S, n) with Bartlett weights and so many lags a row, (S, p, p).

    Newey and West (1987), Econometrica 55(3).
    """
    total = np.array([[np.vecdot(a, b) for a in scores] for b in scores])
    for lag in range(1, int(lags.max(initial=0)) + 1):
        cross = np.array([[np.vecdot(a[:, lag:], b[:, :-lag]) for a in scores] for b in scores])
        total += np.maximum(1 - lag / (lags + 1), 0.0) * (cross + cross.transpose(1, 0, 2))
    return total.transpose(2, 0, 1)
