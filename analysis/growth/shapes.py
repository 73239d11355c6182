"""Formulas of the growth curves, their derivatives and their starts; `analysis.growth.curves` declares them.

Throughout: t (n,) is time, params (k,) in the declared order; values are (n,), derivatives (n, k), starts (s, k).
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


def _sigmoid(x: FloatArray) -> FloatArray:
    decay = _exp(-np.abs(x))
    return np.where(x >= 0, 1.0, decay) / (1.0 + decay)


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
    a, g = params
    return _exp(a + g * t)


def exponential_jacobian(t: FloatArray, params: FloatArray) -> FloatArray:
    """Differentiate by a, g."""
    y = exponential(t, params)
    return np.column_stack([y, t * y])


def logistic(t: FloatArray, params: FloatArray) -> FloatArray:
    """K / (1 + exp(-r (t - t0))), params K, t0, r."""
    top, t0, r = params
    return top * _sigmoid(r * (t - t0))


def logistic_jacobian(t: FloatArray, params: FloatArray) -> FloatArray:
    """Differentiate by K, t0, r."""
    top, t0, r = params
    x = r * (t - t0)
    bell = top * _sigmoid(x) * _sigmoid(-x)
    return np.column_stack([_sigmoid(x), -r * bell, (t - t0) * bell])


def gompertz(t: FloatArray, params: FloatArray) -> FloatArray:
    """K exp(-exp(-r (t - t0))), params K, t0, r."""
    top, t0, r = params
    return top * _exp(-_exp(-r * (t - t0)))


def gompertz_jacobian(t: FloatArray, params: FloatArray) -> FloatArray:
    """Differentiate by K, t0, r."""
    top, t0, r = params
    z = _exp(-r * (t - t0))
    share = _exp(-z)
    bell = top * (share * np.minimum(z, EXPONENT))
    return np.column_stack([share, -r * bell, (t - t0) * bell])


def four(t: FloatArray, params: FloatArray) -> FloatArray:
    """Rise from A to B: A + (B - A) / (1 + exp(-r (t - t0))), params A, B, t0, r."""
    floor, top, t0, r = params
    return floor + (top - floor) * _sigmoid(r * (t - t0))


def four_jacobian(t: FloatArray, params: FloatArray) -> FloatArray:
    """Differentiate by A, B, t0, r."""
    floor, top, t0, r = params
    x = r * (t - t0)
    bell = (top - floor) * _sigmoid(x) * _sigmoid(-x)
    return np.column_stack([_sigmoid(-x), _sigmoid(x), -r * bell, (t - t0) * bell])


def four_starts(t: FloatArray, y: FloatArray) -> FloatArray:
    """Straight line of the logit between a floor under the first value and each trial ceiling."""
    rise = float(y[-1] - y[0]) or float(np.ptp(y))
    floor = float(y[0]) - 0.05 * rise
    tries = [floor + c * 1.05 * rise for c in CEILINGS]
    return np.array([(floor, top, *reversed(_line(t, logit((y - floor) / (top - floor))))) for top in tries])


def _bass_parts(t: FloatArray, params: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Time since launch, e = exp(-(p+q) time) and D = p + q e."""
    _, p, q, launch = params
    age = t - launch
    decay = np.exp(np.clip(-(p + q) * age, -EXPONENT / 2, EXPONENT / 2))
    return age, decay, p + q * decay


def bass(t: FloatArray, params: FloatArray) -> FloatArray:
    """Count what is installed by t: m (1 - e) / (1 + (q / p) e), params m, p, q, launch."""
    m, p, _, _ = params
    _, e, d = _bass_parts(t, params)
    return m * p * (1 - e) / d


def bass_jacobian(t: FloatArray, params: FloatArray) -> FloatArray:
    """Differentiate by m, p, q, launch."""
    m, p, q, _ = params
    age, e, d = _bass_parts(t, params)
    both = p * (p + q) * age * e / d**2
    dp, dq = (1 - e) * q * e / d**2 + both, both - p * (1 - e) * e / d**2
    return np.column_stack([p * (1 - e) / d, m * dp, m * dq, -m * p * (p + q) ** 2 * e / d**2])


def adoptions(t: FloatArray, params: FloatArray) -> FloatArray:
    """Count what is added per unit of time at t: the derivative of `bass` by t, same params."""
    m, p, q, _ = params
    _, e, d = _bass_parts(t, params)
    return m * p * (p + q) ** 2 * e / d**2


def adoptions_jacobian(t: FloatArray, params: FloatArray) -> FloatArray:
    """Differentiate by m, p, q, launch."""
    m, p, q, _ = params
    age, e, d = _bass_parts(t, params)
    b, y = p + q, adoptions(t, params)
    dp = 1 / p + 2 / b - age - 2 * (1 - q * age * e) / d
    dq = 2 / b - age - 2 * (e - q * age * e) / d
    return np.column_stack([y / m, y * dp, y * dq, y * (b - 2 * q * b * e / d)])


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
