"""Intervals shared by the growth fits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.growth.curves import Curve
from analysis.growth.shapes import EXPONENT, FloatArray
from analysis.growth.timeline import Timeline

IDENTIFIED = 0.5
"""A ceiling whose standard error exceeds this share of it is not identified..."""
WITHIN = 1.0
"""...nor is one whose 95 % interval, half of it, exceeds this share: few degrees of freedom know little."""
LEVEL = 0.95
"""Confidence of the intervals that are fields of a result."""


class Estimate(NamedTuple):
    """A number and its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimation:
    """What an estimator hands to the result.

    Attributes
    ----------
    params : ndarray (k,)
    root : ndarray (k, m)
        Root of the covariance: covariance = root root'.
    sigma : float
        Residual standard deviation, on the scale of the regression.
    df : int
        Residual degrees of freedom.
    regular : bool
        The optimum satisfies the normal equations in the interior.
    smearing : float
    maxlags : int or None
    fixed : tuple of str
        Parameters given, not estimated.
    residual : ndarray (n,)
        On the scale of the regression, in order of time.
    """

    params: FloatArray
    root: FloatArray
    sigma: float
    df: int
    residual: FloatArray
    regular: bool = True
    smearing: float = 1.0
    maxlags: int | None = None
    fixed: tuple[str, ...] = ()


def quantile(level: float, df: int) -> float:
    """Two-sided quantile of Student's t."""
    from scipy.special import stdtrit

    if not 0 < level < 1:
        raise ValueError(f"level is {level}: give a confidence between 0 and 1, such as 0.95")
    return float(stdtrit(df, (1 + level) / 2))


def quantiles(level: float, df: FloatArray) -> FloatArray:
    """Two-sided quantile of Student's t for each number of degrees of freedom; NaN below one."""
    from scipy.special import stdtrit

    return np.asarray(stdtrit(np.where(df > 0, df, np.nan), (1 + level) / 2))


def multiplied(centre: FloatArray, half: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Bounds centre exp(-half), centre exp(half), kept finite."""
    room = np.minimum(half, EXPONENT)
    return centre * np.exp(-room), centre * np.exp(room)


def grown(rate: FloatArray) -> FloatArray:
    """Growth a year as a fraction, from its log."""
    return np.expm1(np.clip(rate, -EXPONENT, EXPONENT))


def crossing(value: Callable[[float], float], target: float, between: tuple[float, float]) -> float | None:
    """Where a monotone function meets `target`, or None when it does not within the bounds."""
    from scipy.optimize import brentq

    low, high = between
    if (value(low) - target) * (value(high) - target) > 0:
        return None
    return float(brentq(lambda t: value(t) - target, low, high, xtol=1e-9 * (high - low)))


def ceiling(curve: Curve, parts: Estimation) -> tuple[bool, Estimate | None]:
    """Whether the ceiling is identified, and its interval if so."""
    if curve.ceiling is None:
        return parts.regular, None
    position = curve.names.index(curve.ceiling)
    value, error = float(parts.params[position]), float(np.linalg.norm(parts.root[position]))
    half = quantile(LEVEL, parts.df) * error
    if not parts.regular or error > IDENTIFIED * abs(value) or half > WITHIN * abs(value):
        return False, None
    if curve.parameters[position].positive:
        return True, Estimate(value, value * float(np.exp(-half / value)), value * float(np.exp(half / value)))
    return True, Estimate(value, value - half, value + half)


def cagr(curve: Curve, parts: Estimation, clock: Timeline) -> Estimate | None:
    """Growth a year between the ends of the fitted curve; the interval is that of its log, mapped."""
    ends = clock.times(clock.index)[[0, -1]]
    k = len(curve.names)
    params, root = parts.params[:k], parts.root[:k]
    levels = curve.value(ends, params)
    if clock.per_year is None or float(levels.min()) <= 0:
        return None
    years = float(np.ptp(ends)) / clock.per_year
    gradient = curve.jacobian(ends, params) / levels[:, None]
    half = quantile(LEVEL, parts.df) * float(np.linalg.norm((gradient[1] - gradient[0]) @ root)) / years
    rate = float(np.log(levels[1] / levels[0])) / years
    return Estimate(*(float(g) for g in grown(np.array([rate, rate - half, rate + half]))))


def effect_table(names: Sequence[str], values: FloatArray, errors: FloatArray, df: int) -> pd.DataFrame:
    """Calendar effects on logs: estimate, std_error, low, high (95 %); NaN for a method without standard errors."""
    half = quantile(LEVEL, df) * errors
    table = {"estimate": values, "std_error": errors, "low": values - half, "high": values + half}
    return pd.DataFrame(table, index=pd.Index(names, name="regressor"))
