"""Joint errors ahead of several forecasts, so that what went wrong together goes wrong together."""

import numpy as np

from analysis.growth.shapes import FloatArray

NORMAL = (1.2815515655446004, 1.959963984540054)
"""Standard normal quantiles at the upper ends of 80 % and 95 % bands."""


def paths(residuals: FloatArray, width: FloatArray, *, draws: int, seed: int) -> FloatArray:
    """Standard normal paths of M forecasts, (draws, h, M).

    Each step's errors have the correlation of the residuals. Errors of one forecast accumulate: those at steps h and
    k are correlated by width_h / width_k, h < k, as sums of independent steps are.

    Parameters
    ----------
    residuals : ndarray (M, n)
        One-step errors on common dates; missing ones say nothing. A row without any is independent of the others.
    width : ndarray (M, h)
        Half width of a band at each step, any level; not shrinking.
    """
    random = np.random.default_rng(seed)
    size = np.sqrt(np.nansum(residuals**2, axis=1))
    known = (
        np.where(np.isfinite(residuals) & (size > 0)[:, None], residuals, 0.0) / np.where(size > 0, size, 1.0)[:, None]
    )
    steps = random.standard_normal((draws, width.shape[1], residuals.shape[1])) @ known.T
    steps += np.where(size > 0, 0.0, random.standard_normal((draws, width.shape[1], len(width))))
    added = np.diff(np.maximum.accumulate(width, axis=1) ** 2, axis=1, prepend=0.0)
    total = np.cumsum(np.sqrt(added).T * steps, axis=1)
    return _normal(np.where(width.T > 0, total, steps))


def _normal(values: FloatArray) -> FloatArray:
    """Replace every column of draws (first axis) by normal scores of its ranks: exact margins with few draws."""
    from scipy.special import ndtri

    ranks = values.argsort(axis=0).argsort(axis=0)
    return ndtri((np.arange(len(values)) + 0.5) / len(values))[ranks]


def scaled(normal: FloatArray, halves: FloatArray) -> FloatArray:
    """Errors whose 80 % and 95 % bands have the half widths given: linear in |normal| between and beyond them.

    Parameters
    ----------
    normal : ndarray (draws, ...)
    halves : ndarray (2, ...)
        Half widths at 80 % and 95 %.
    """
    inner, outer = halves
    near = np.abs(normal) / NORMAL[0]
    far = (np.abs(normal) - NORMAL[0]) / (NORMAL[1] - NORMAL[0])
    return np.sign(normal) * np.where(far <= 0, near * inner, inner + far * (outer - inner))
