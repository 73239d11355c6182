"""Errors of many fits that stand autocorrelated residuals; `analysis.growth.diagnostics` has the tests of one."""

import numpy as np

from analysis.growth.diagnostics import LAGS, SIGNIFICANCE
from analysis.growth.marquardt import BoolArray, IntArray
from analysis.growth.shapes import FloatArray

LEAST_FOR_HAC = 24
"""Fewer residuals do not tell whether they are correlated well enough to change the errors."""


def autocorrelated(residuals: FloatArray) -> BoolArray:
    """Whether a Ljung-Box test of each row (S, n) on an even grid, NaN where missing, rejects at 5 %."""
    from scipy.special import chdtrc

    seen = np.isfinite(residuals)
    nobs = seen.sum(axis=1)
    used = np.minimum(LAGS, nobs // 5)
    mean = np.where(seen, residuals, 0.0).sum(axis=1) / nobs
    centred = np.where(seen, residuals - mean[:, None], 0.0)
    terms = np.zeros(len(nobs))
    for lag in range(1, min(LAGS, residuals.shape[1] - 1) + 1):
        pairs = (seen[:, lag:] & seen[:, :-lag]).sum(axis=1)
        product = np.vecdot(centred[:, lag:], centred[:, :-lag])
        terms += np.where(lag <= used, product**2 / np.maximum(pairs, 1), 0.0)
    statistic = nobs * (nobs + 2) * terms / np.vecdot(centred, centred) ** 2
    return chdtrc(used, statistic) < SIGNIFICANCE


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
