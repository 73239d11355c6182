"""Coordinates in which the valleys of unidentified curves are straight: what a curve does where the data are.

An S-curve on data that show no ceiling slides along a bent valley towards an exponential, a straight line or a step.
The level and the growth at the last observation stay put along it, so that they take the place of midpoint and rate
(the expected-value parameters of Ross, 1970, Applied Statistics 19(3)). Times are scaled to [0, 1] and values to 1.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.growth.shapes import FloatArray

Turned = tuple[FloatArray, FloatArray]
FAR, NEAR = 25.0, -25.0
"""Logs of positive coordinates stay within these."""
HIGH = float(np.log(28.0))
"""Log of the most by which a log ceiling exceeds the last level: beyond where the fit of one series stops."""
SHALLOW = -10.0
"""Log of the rate at which a four-parameter logistic is a straight line."""
LEFT, RIGHT = -18.0, 30.0
"""Distance of the midpoint, in units of the rate, at which it is an exponential with a ceiling or a floor alone."""
ALL_BUT = 1 - 1e-9
"""Most of the range that lies below zero."""


@dataclass(frozen=True, slots=True)
class Bend:
    """Other coordinates of the parameters of a curve.

    Attributes
    ----------
    there : callable
        params (S, k) -> coordinates (S, k).
    back : callable
        coordinates (S, k) -> params (S, k) and their derivatives (S, k, k): parameter, coordinate.
    low, high : tuple of float
        Limits of the coordinates.
    """

    there: Callable[[FloatArray], FloatArray]
    back: Callable[[FloatArray], Turned]
    low: tuple[float, ...]
    high: tuple[float, ...]


def _log(x: FloatArray) -> FloatArray:
    return np.log(np.maximum(x, np.exp(-100.0)))


def _there(r: FloatArray, t0: FloatArray, top: FloatArray, nu: FloatArray) -> list[FloatArray]:
    """Log level at 1, log of what is missing of the log ceiling there, log growth there."""
    ahead = np.clip(r * (t0 - 1), -100.0, 300.0)
    both = ahead + _log(nu)
    left = np.where(both > NEAR, np.logaddexp(0.0, both) / np.maximum(nu, np.exp(-100.0)), np.exp(ahead))
    return [_log(top) - left, _log(left), _log(r) + ahead - np.logaddexp(0.0, both)]


def _back(c: FloatArray, h: FloatArray, s: FloatArray, nu: FloatArray) -> tuple[list[FloatArray], FloatArray]:
    """Log ceiling, midpoint and log rate, and their derivatives (3, 4, S) by c, log h, log s and log nu."""
    left = np.exp(h)
    x = np.maximum(nu * left, 1e-12)
    grown, shrunk = -np.expm1(-x), np.exp(-x)
    above, below = x / grown, x * shrunk / grown
    log_rate = s - h + np.log(above)
    rate, ahead = np.exp(log_rate), h + x - np.log(above)
    none, one = np.zeros_like(c), np.ones_like(c)
    by_rate = np.stack([none, -below, one, 1 - below])
    by_ahead = np.stack([none, above, none, above - 1])
    by_time = (by_ahead - ahead * by_rate) / rate
    return [c + left, 1 + ahead / rate, log_rate], np.stack([np.stack([one, left, none, none]), by_time, by_rate])


def s_curve(nu: float | None) -> Bend:
    """Of K, t0, r with a fixed nu (0: Gompertz, 1: logistic), or of K, t0, r, nu."""
    k = 4 if nu is None else 3

    def there(params: FloatArray) -> FloatArray:
        top, t0, r, *rest = params.T
        shape = rest[0] if rest else np.full_like(top, nu or 0.0)
        return np.stack([*_there(r, t0, top, shape), *[_log(x) for x in rest]], axis=1)

    def back(theta: FloatArray) -> Turned:
        c, h, s, *rest = theta.T
        shape = np.exp(rest[0]) if rest else np.full_like(c, nu or 0.0)
        (top, t0, rate), by = _back(c, h, s, shape)
        params = [np.exp(top), t0, np.exp(rate), *([shape] if rest else [])]
        turn = np.zeros((len(theta), k, k))
        for i, scale in enumerate((params[0], 1.0, params[2])):
            turn[:, i] = (by[i, :k] * scale).T
        if rest:
            turn[:, 3, 3] = shape
        return np.stack(params, axis=1), turn

    return Bend(there, back, (-FAR, NEAR, NEAR, NEAR)[:k], (FAR, HIGH, FAR, FAR)[:k])


def _bass_there(params: FloatArray) -> FloatArray:
    m, p, q, launch = params.T
    below, rate = m * p / q, p + q
    return np.stack([*_there(rate, launch + np.log(q / p) / rate, m + below, np.ones_like(m)), _log(below)], axis=1)


def _bass_back(theta: FloatArray) -> Turned:
    """As a logistic curve from -m p / q to m."""
    c, h, s, a = theta.T
    (top, t0, rate), by = _back(c, h, s, np.ones_like(c))
    below = np.minimum(a, top + np.log(ALL_BUT))
    share = np.exp(below - top)
    m, r = np.exp(top) * (1 - share), np.exp(rate)
    odds = np.log(m) - below
    by_below = np.stack([np.zeros_like(c)] * 3 + [np.ones_like(c)])
    by_top, by_time, by_rate = (np.concatenate([x[:3], np.zeros((1, len(c)))]) for x in by)
    by_m = (by_top - share * by_below) / (1 - share)
    p, q = r * share, r * (1 - share)
    turn = [m * by_m, p * (by_rate + by_below - by_top), q * (by_rate + by_m - by_top)]
    turn.append(by_time - (by_m - by_below - odds * by_rate) / r)
    return np.stack([m, p, q, t0 - odds / r], axis=1), np.stack(turn).transpose(2, 0, 1)


BASS = Bend(_bass_there, _bass_back, (-FAR, NEAR, NEAR, NEAR), (FAR, HIGH, FAR, FAR))
"""Of m, p, q, launch: a logistic curve that starts below zero, and how far below."""


def _share(x: FloatArray) -> FloatArray:
    return 1 / (1 + np.exp(np.clip(-x, -300.0, 300.0)))


def _four_there(params: FloatArray) -> FloatArray:
    floor, top, t0, r = params.T
    z = np.clip(r * (t0 - 0.5), LEFT, RIGHT)
    ends = [floor + (top - floor) * _share(side * r / 2 - z) for side in (-1, 1)]
    return np.stack([*ends, z, _log(r)], axis=1)


def _four_back(theta: FloatArray) -> Turned:
    first, last, z, log_rate = theta.T
    r, none, one = np.exp(log_rate), np.zeros(len(theta)), np.ones(len(theta))
    start, end = _share(-r / 2 - z), _share(r / 2 - z)
    width = np.maximum(end * _share(r / 2 + z) * -np.expm1(-r), 1e-100)
    rise = (last - first) / width
    by_width = np.stack([none, none, start + end - 1, r * ((1 - end + start) / 2 + np.exp(-r) / -np.expm1(-r))])
    by_rise = np.stack([-one, one, none, none]) / width - rise * by_width
    by_start = -start * (1 - start) * np.stack([none, none, one, r / 2])
    by_floor = np.stack([one, none, none, none]) - start * by_rise - rise * by_start
    by_time = np.stack([none, none, 1 / r, -z / r])
    floor = first - rise * start
    turn = np.stack([by_floor, by_floor + by_rise, by_time, np.stack([none, none, none, r])])
    return np.stack([floor, floor + rise, 0.5 + z / r, r], axis=1), turn.transpose(2, 0, 1)


FOUR = Bend(_four_there, _four_back, (-np.inf, -np.inf, LEFT, SHALLOW), (np.inf, np.inf, RIGHT, FAR))
"""Of A, B, t0, r: the values at both ends, the midpoint in units of the rate, the rate."""
