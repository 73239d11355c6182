"""Formulas of the growth curves, their derivatives and their starts; `analysis.growth.curves` declares them.

Throughout: t (..., n) is time, params (..., k) in the declared order; values are (..., n), derivatives (..., n, k). One
series has t (n,) and params (k,); of many series the leading axes broadcast. Starts of one series are (s, k).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Shape = Callable[[FloatArray, FloatArray], FloatArray]

EXPONENT = 300.0
"""Exponents are held inside +-300, so that no value on the way to an optimum overflows."""
CEILINGS = (1.02, 1.5, 5.0)
"""Ceilings tried as starts, as multiples of the largest observation."""


def _exp(x: FloatArray) -> FloatArray:
    return np.exp(np.clip(x, -EXPONENT, EXPONENT))


def _sigmoid(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """1 / (1 + exp(-x)) and what it leaves of 1, both to full precision."""
    rise = _exp(x)
    left = 1.0 / (1.0 + rise)
    return rise * left, left


def _apart(params: FloatArray) -> FloatArray:
    """Each parameter in turn, (k, ..., 1)."""
    return params.transpose(-1, *range(params.ndim - 1))[..., None]


def _planes(*columns: FloatArray) -> FloatArray:
    """Derivatives (..., n, k) of which each column is contiguous."""
    planes = np.empty((len(columns), *np.broadcast(*columns).shape))
    for plane, column in zip(planes, columns, strict=True):
        plane[...] = column
    return planes.transpose(*range(1, planes.ndim), 0)


def _line(t: FloatArray, z: FloatArray) -> tuple[float, float]:
    """Rate and midpoint of z = rate (t - midpoint); the rate is kept positive."""
    span = float(np.ptp(t))
    slope = float(((t - t.mean()) * (z - z.mean())).sum() / ((t - t.mean()) ** 2).sum())
    rate = slope if slope > 0.05 / span else 4.0 / span
    return rate, float(t.mean() - z.mean() / rate)


def logit(share: FloatArray) -> FloatArray:
    """Linearise a logistic share; shares outside (0.001, 0.999) are drawn in."""
    share = np.clip(share, 1e-3, 1 - 1e-3)
    return np.log(share / (1 - share))


def loglog(share: FloatArray) -> FloatArray:
    """Linearise a Gompertz share; shares outside (0.001, 0.999) are drawn in."""
    return -np.log(-np.log(np.clip(share, 1e-3, 1 - 1e-3)))


def s_starts(link: Callable[[FloatArray], FloatArray]) -> Shape:
    """Start a three-parameter S-curve from the straight line that `link` makes of it under each trial ceiling."""

    def starts(t: FloatArray, y: FloatArray) -> FloatArray:
        tries = [c * float(y.max()) for c in CEILINGS]
        return np.array([(top, *reversed(_line(t, link(y / top)))) for top in tries])

    return starts


def exponential(t: FloatArray, params: FloatArray) -> FloatArray:
    """exp(a + g t), params a, g."""
    a, g = _apart(params)
    return _exp(a + g * t)


def exponential_jacobian(t: FloatArray, params: FloatArray) -> FloatArray:
    """Differentiate by a, g."""
    y = exponential(t, params)
    return _planes(y, t * y)


def logistic(t: FloatArray, params: FloatArray) -> FloatArray:
    """K / (1 + exp(-r (t - t0))), params K, t0, r."""
    top, t0, r = _apart(params)
    return top * _sigmoid(r * (t - t0))[0]


def logistic_jacobian(t: FloatArray, params: FloatArray) -> FloatArray:
    """Differentiate by K, t0, r."""
    top, t0, r = _apart(params)
    age = t - t0
    share, left = _sigmoid(r * age)
    bell = top * share * left
    return _planes(share, -r * bell, age * bell)


def gompertz(t: FloatArray, params: FloatArray) -> FloatArray:
    """K exp(-exp(-r (t - t0))), params K, t0, r."""
    top, t0, r = _apart(params)
    return top * _exp(-_exp(r * (t0 - t)))


def gompertz_jacobian(t: FloatArray, params: FloatArray) -> FloatArray:
    """Differentiate by K, t0, r."""
    top, t0, r = _apart(params)
    age = t - t0
    z = np.minimum(_exp(-r * age), EXPONENT)
    share = np.exp(-z)
    bell = top * share * z
    return _planes(share, -r * bell, age * bell)


def richards(t: FloatArray, params: FloatArray) -> FloatArray:
    """K (1 + nu exp(-r (t - t0)))^(-1 / nu), params K, t0, r, nu."""
    top, t0, r, nu = _apart(params)
    return top * _exp(-np.log1p(nu * _exp(r * (t0 - t))) / nu)


def richards_jacobian(t: FloatArray, params: FloatArray) -> FloatArray:
    """Differentiate by K, t0, r, nu."""
    top, t0, r, nu = _apart(params)
    age = t - t0
    z = _exp(-r * age)
    logs, part = np.log1p(nu * z) / nu, z / (1 + nu * z)
    share = _exp(-logs)
    bell = top * share * part
    return _planes(share, -r * bell, age * bell, top * share * (logs - part) / nu)


def four(t: FloatArray, params: FloatArray) -> FloatArray:
    """Rise from A to B: A + (B - A) / (1 + exp(-r (t - t0))), params A, B, t0, r."""
    floor, top, t0, r = _apart(params)
    return floor + (top - floor) * _sigmoid(r * (t - t0))[0]


def four_jacobian(t: FloatArray, params: FloatArray) -> FloatArray:
    """Differentiate by A, B, t0, r."""
    floor, top, t0, r = _apart(params)
    age = t - t0
    share, left = _sigmoid(r * age)
    bell = (top - floor) * share * left
    return _planes(left, share, -r * bell, age * bell)


def four_starts(t: FloatArray, y: FloatArray) -> FloatArray:
    """Straight line of the logit between a floor under the first value and each trial ceiling."""
    rise = float(y[-1] - y[0]) or float(np.ptp(y))
    floor = float(y[0]) - 0.05 * rise
    tries = [floor + c * 1.05 * rise for c in CEILINGS]
    return np.array([(floor, top, *reversed(_line(t, logit((y - floor) / (top - floor))))) for top in tries])


def _bass_parts(t: FloatArray, params: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Time since launch, e = exp(-(p+q) time) and D = p + q e."""
    _, p, q, launch = _apart(params)
    age = t - launch
    decay = np.exp(np.clip(-(p + q) * age, -EXPONENT / 2, EXPONENT / 2))
    return age, decay, p + q * decay


def bass(t: FloatArray, params: FloatArray) -> FloatArray:
    """Count what is installed by t: m (1 - e) / (1 + (q / p) e), params m, p, q, launch."""
    m, p, _, _ = _apart(params)
    _, e, d = _bass_parts(t, params)
    return m * p * (1 - e) / d


def bass_jacobian(t: FloatArray, params: FloatArray) -> FloatArray:
    """Differentiate by m, p, q, launch."""
    m, p, q, _ = _apart(params)
    age, e, d = _bass_parts(t, params)
    per = 1 / d
    share, decay = (1 - e) * per, e * per
    flow = (m * p * (p + q)) * decay * per
    both, late = age * flow, m * decay * share
    return _planes(p * share, q * late + both, both - p * late, -(p + q) * flow)


def adoptions(t: FloatArray, params: FloatArray) -> FloatArray:
    """Count what is added per unit of time at t: the derivative of `bass` by t, same params."""
    m, p, q, _ = _apart(params)
    _, e, d = _bass_parts(t, params)
    return m * p * (p + q) ** 2 * e / d**2


def adoptions_jacobian(t: FloatArray, params: FloatArray) -> FloatArray:
    """Differentiate by m, p, q, launch."""
    m, p, q, _ = _apart(params)
    age, e, d = _bass_parts(t, params)
    b = p + q
    unit = p * b**2 * e / d**2
    y, ahead = m * unit, q * age * e
    dp = 1 / p + 2 / b - age - 2 * (1 - ahead) / d
    dq = 2 / b - age - 2 * (e - ahead) / d
    return _planes(unit, y * dp, y * dq, y * b * (1 - 2 * q * e / d))


def bass_lag(params: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Time from launch to about the peak, ln(1 + q / p) / (p + q), and its derivatives by ln m, ln p, ln q, launch.

    Where p is small, data tell the peak and hardly the launch. Shapes (S,) and (S, 4).
    """
    _, p, q, _ = params.T
    both = p + q
    lag = np.log1p(q / p) / both
    none = np.zeros_like(p)
    return lag, np.stack([none, -(q / both + p * lag) / both, q * (1 / both - lag) / both, none], axis=1)


def bass_starts(value: Shape) -> Shape:
    """Grid of p + q and q / p with launch one step (then one span) before the data; the potential is projected out."""

    def starts(t: FloatArray, y: FloatArray) -> FloatArray:
        span, times = float(np.ptp(t)), np.unique(t)
        step = float(np.sort(np.diff(times))[(len(times) - 2) // 2])
        points = []
        for back in (step, span):
            for total in (3.0, 8.0, 20.0):
                for ratio in (3.0, 30.0, 300.0):
                    p = total / span / (1 + ratio)
                    unit = np.array([1.0, p, ratio * p, t[0] - back])
                    shape = value(t, unit)
                    points.append([max(float(shape @ y) / float(shape @ shape), float(y.max())), *unit[1:]])
        return np.array(points)

    return starts


def bass_peak(params: FloatArray) -> float:
    """Time of most adoptions: launch + ln(q / p) / (p + q)."""
    _, p, q, launch = params
    return float(launch + np.log(q / p) / (p + q))


def grid(*axes: tuple[float, ...]) -> Callable[[float], FloatArray]:
    """Points of every combination of the values on each axis, in parameter order, whatever the step."""
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))
    return lambda _: points


def bass_grid(*, spans: tuple[float, ...]) -> Callable[[float], FloatArray]:
    """Grid of p + q and q / p with launch one step before the data, and at each of `spans` before them."""

    def points(step: float) -> FloatArray:
        total, ratio, back = (
            axis.ravel() for axis in np.meshgrid((1.5, 3.0, 6.0, 12.0, 24.0), (1.0, 5.0, 30.0, 300.0), (step, *spans))
        )
        p = total / (1 + ratio)
        return np.stack([np.ones_like(p), p, ratio * p, -back], axis=-1)

    return points


def richards_starts(t: FloatArray, y: FloatArray) -> FloatArray:
    """Straight line of the linearised share under each trial ceiling and shape."""
    points = []
    for nu in (0.3, 1.0, 3.0):

        def link(share: FloatArray, nu: float = nu) -> FloatArray:
            return -np.log(np.expm1(-nu * np.log(np.clip(share, 1e-3, 1 - 1e-3))) / nu)

        points.append(np.column_stack([s_starts(link)(t, y), np.full(len(CEILINGS), nu)]))
    return np.concatenate(points)
