"""Bands widened by what the back-test got wrong, so that the coverage they state is kept out of sample.

An error ahead is counted in nominal spreads: u = error / spread. If a curve knew its own uncertainty, u would follow
Student's t. The widened band is median -+ m_h spread (or median exp(-+ m_h spread) where errors multiply), with

    s_0^2 = 1,   s_h^2 = (P s_(h-1)^2 + n_h mean u_h^2) / (P + n_h),
    m_h = s_h t(d_h),   d_h = max(L, n*_h + N / max(1, s_h^2)),

t the two-sided quantile of the level. What keeps it honest with few origins whose errors depend on each other:

- Errors h steps ahead of origins one step apart share h - 1 shocks. O of them are worth
  n_h = O^2 / sum_ij max(0, 1 - |i - j| / h)^2 independent ones: about 2 of 12 at h = 12.
- Where consecutive errors agree even more (first autocorrelation r about zero), as those of a wrong curve do, they say
  less still about the next: n*_h = min(n_h, O (1 - r^2) / (1 + r^2)).
- Scales are pooled over neighbouring steps: the step before, or the nominal spread before the first, counts as P = 3
  independent errors. The nominal spread lends N = 8 degrees of freedom, fewer the more the errors refute it.
- What is not known is paid for by the quantile of t, with never less than L = 3 degrees of freedom.

Bands are never narrowed (factor m_h / t(df) at least 1) and their widths never shrink as the horizon grows. Steps
beyond the tested horizon keep its last factor. No back-test can see a break that has not happened yet.

The same is done at each origin of the back-test with what was known then: the errors h steps ahead of origins at least
h before it. At its start nothing is: n_h = n*_h = 0. What the bands of forecasts then made did hold is their coverage.
"""

import numpy as np
import pandas as pd

from analysis.growth import intervals
from analysis.growth.shapes import FloatArray

PRIOR = 3.0
"""P: independent errors that the nominal spread, or the step before, counts for in the scale."""
STATED = 8.0
"""N: degrees of freedom that the nominal spread lends."""
LEAST = 3.0
"""L: degrees of freedom of the quantile at least."""
LARGEST = 20.0
"""An error of more nominal spreads counts as so many: they were those of a past without errors, such as a constant."""
LEVELS = (0.8, 0.95)
"""Levels that are tested and widened."""


def multiples(errors: FloatArray, level: float) -> FloatArray:
    """Half width of the band in nominal spreads, (..., horizon).

    Parameters
    ----------
    errors : ndarray (..., origins, horizon)
        Errors ahead divided by their nominal spread, origins one step apart and in order; NaN where not known.
    level : float
        Coverage to keep.
    """
    errors = np.clip(errors, -LARGEST, LARGEST)
    known = np.isfinite(errors)
    squares = np.where(known, errors, 0.0) ** 2
    count = known.sum(axis=-2).astype(np.float64)
    square = squares.sum(axis=-2) / np.maximum(count, 1.0)
    worth = independent(count)
    scale2, told = np.ones(count.shape[:-1]), np.minimum(worth, _told(errors, squares, count))
    result = np.empty(count.shape)
    for step in range(count.shape[-1]):
        scale2 = (PRIOR * scale2 + worth[..., step] * square[..., step]) / (PRIOR + worth[..., step])
        df = np.maximum(told[..., step] + STATED / np.maximum(scale2, 1.0), LEAST)
        result[..., step] = intervals.quantiles(level, df) * np.sqrt(scale2)
    return result


def independent(count: FloatArray) -> FloatArray:
    """Independent errors that `count` (..., horizon) errors of consecutive origins are worth at each step."""
    ahead = np.arange(1, count.shape[-1] + 1)
    pairs = count.copy()
    for lag in range(1, int(count.max(initial=0.0))):
        pairs += 2 * np.maximum(count - lag, 0.0) * np.maximum(1 - lag / ahead, 0.0) ** 2
    return count**2 / np.maximum(pairs, 1.0)


def _told(errors: FloatArray, squares: FloatArray, count: FloatArray) -> FloatArray:
    """The same from the first autocorrelation about zero of the errors themselves, at least one."""
    together = errors[..., 1:, :] * errors[..., :-1, :]
    both = np.isfinite(together)
    around = np.where(both, (squares[..., 1:, :] + squares[..., :-1, :]) / 2, 0.0).sum(axis=-2)
    shared = np.where(both, together, 0.0).sum(axis=-2) / np.where(around > 0, around, 1.0)
    r2 = np.clip(shared, 0.0, 1.0) ** 2
    return np.maximum(count * (1 - r2) / (1 + r2), np.minimum(count, 1.0))


def factors(errors: FloatArray, spread: FloatArray, df: FloatArray, level: float) -> FloatArray:
    """Factors of the nominal half widths, (..., horizon): at least 1, widths never shrinking with the horizon.

    Parameters
    ----------
    errors : ndarray (..., origins, horizon)
        As in `multiples`.
    spread : ndarray (..., horizon)
        Nominal spread at each step.
    df : ndarray (...)
        Degrees of freedom of the nominal band.
    """
    nominal = intervals.quantiles(level, df)[..., None]
    wider = np.fmax(multiples(errors, level) / nominal, 1.0)
    width = np.fmax.accumulate(wider * spread, axis=-1)
    return np.where(spread > 0, width / np.where(spread > 0, spread, 1.0), wider)


def known_then(errors: FloatArray, spread: FloatArray, df: FloatArray, level: float) -> FloatArray:
    """Factors for each origin from the errors that were known then, (..., origins, horizon).

    Those h steps ahead are known of origins at least h before; where none is, the scale of the step before stays.

    Parameters
    ----------
    errors, spread : ndarray (..., origins, horizon)
    df : ndarray (..., origins)
    """
    found, places, ahead = np.empty(errors.shape), np.arange(errors.shape[-2]), np.arange(1, errors.shape[-1] + 1)
    for origin in places:
        known = np.where((origin - places)[:, None] >= ahead, errors, np.nan)
        found[..., origin, :] = factors(known, spread[..., origin, :], df[..., origin], level)
    return found


def carried(found: FloatArray, horizon: int) -> FloatArray:
    """Factors (..., tested) for `horizon` steps: the last is kept beyond what was tested."""
    steps = np.minimum(np.arange(horizon), found.shape[-1] - 1)
    return found[..., steps]


def widen(forecast: pd.DataFrame, found: pd.DataFrame, *, multiply: bool, floor: float = -np.inf) -> pd.DataFrame:
    """Widen a forecast of one series.

    Parameters
    ----------
    forecast : pd.DataFrame
        One row a step: median, then low_80, high_80, low_95, high_95 nominal, units of the series.
    found : pd.DataFrame
        Factors: one row a step tested, columns 80, 95.
    multiply : bool
        Errors multiply: bands are symmetric in logs.
    floor : float
        What the series is never below.

    Returns
    -------
    pd.DataFrame
        The same columns, widened.
    """
    table = forecast.copy()
    median = forecast["median"].to_numpy()
    for level in found.columns:
        factor = carried(found[level].to_numpy(dtype=np.float64), len(forecast))
        high = forecast[f"high_{level}"].to_numpy()
        low, high = stretched(median, high, factor, multiply=multiply, floor=floor)
        table[f"low_{level}"], table[f"high_{level}"] = low, high
    return table


def stretched(
    median: FloatArray, high: FloatArray, factor: FloatArray, *, multiply: bool, floor: float
) -> tuple[FloatArray, FloatArray]:
    """Ends of the band whose half width is `factor` times that up to `high`; options as in `widen`."""
    if multiply:
        return intervals.multiplied(median, np.log(high / median) * factor)
    half = (high - median) * factor
    return np.maximum(median - half, floor), median + half
