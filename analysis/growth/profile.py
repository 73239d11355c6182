"""Profile intervals of a growth curve's parameters: how far one can move before the best of the others fits worse.

They need no straight-line approximation, so that an end which the data do not give is said to be infinite (Bates and
Watts, 1988, chapter 6).
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.growth import intervals, timeline
from analysis.growth.curves import CURVES, Curve, Parameter
from analysis.growth.fits import GrowthFit
from analysis.growth.fitting import fit as fit_again
from analysis.growth.intervals import Estimate

REACH = 10.0
"""A positive parameter is followed from exp(-10) to exp(10) times the scale of the data..."""
RANGES = 100.0
"""...any other to 100 times that scale on each side; an end that is farther is none."""
LOST = float(np.exp(2 * REACH))
"""Nor is one where another level has run away to this multiple of the data."""
CLOSE = 1e-7
"""Ends are found to that share of the first step..."""
SMALLEST = 1e-9
"""...which is at least this share of the scale, also where the curve leaves no residuals."""


@dataclass(frozen=True, slots=True)
class _Path:
    """A parameter at a distance u from its estimate: estimate exp(u) where it is positive, estimate + u otherwise."""

    fit: GrowthFit
    curve: Curve
    parameter: Parameter
    inflation: float

    @property
    def estimate(self) -> float:
        return float(self.fit.params[self.parameter.name])

    def value(self, u: float) -> float:
        return self.estimate * float(np.exp(u)) if self.parameter.positive else self.estimate + u

    def again(self, u: float) -> GrowthFit:
        """The others at their best with this one held at u."""
        fit, held = self.fit, _held(self.fit) | {self.parameter.name: self.value(u)}
        if len(held) == len(fit.params) and not fit.calendar:
            moved = replace(fit, params=pd.Series(held).reindex(fit.params.index))
            return replace(moved, residuals=_observed(fit) - moved.at(fit.fitted.index))
        return fit_again(_observed(fit), fit.curve, fixed=held, calendar=fit.calendar, errors="classical")

    def tau(self, u: float) -> float:
        least = max(_squares(self.fit), np.finfo(float).tiny)
        gain = max(_squares(self.again(u)) - least, 0.0)
        return float(np.sign(u) * np.sqrt(gain * self.fit.df / least)) * self.inflation

    def steps(self, side: float) -> tuple[float, float]:
        """Twice the standard error, or less where that is no measure; and how far to go."""
        error, scale = 2 * float(self.fit.std_errors[self.parameter.name]), _scale(self.fit, self.parameter)
        if self.parameter.positive:
            step = min(max(error / self.estimate, SMALLEST), 1.0)
            return step, max(REACH - side * float(np.log(self.estimate / scale)), 1.0)
        return min(max(error, SMALLEST * scale), scale), RANGES * scale

    def lost(self, u: float) -> bool:
        again, levels = self.again(u), [p for p in self.curve.parameters if p.positive and p.role in ("level", "stock")]
        return any(float(again.params[p.name]) > LOST * _scale(self.fit, p) for p in levels)

    def end(self, target: float) -> float | None:
        """Where tau is `target`, or None."""
        from scipy.optimize import brentq

        side = float(np.sign(target))
        inner, (outer, most) = 0.0, self.steps(side)
        step = outer
        while side * self.tau(side * outer) < abs(target):
            if outer >= most:
                return None
            inner, outer = outer, min(2 * outer, most)
        found = brentq(lambda u: self.tau(u) - target, side * inner, side * outer, xtol=CLOSE * step)
        return None if self.lost(found) else float(found)


def signed_root(fit: GrowthFit, parameter: str, value: float) -> float:
    """Profile t: signed root of what the sum of squares gains when `parameter` is held at `value`, over sigma.

    Where the errors of an identified fit allow for autocorrelation it is scaled by classical over such error (Pace,
    Salvan and Sartori, 2011): near the estimate it is (value - estimate) / standard error either way.
    """
    path = _path(fit, parameter)
    return path.tau(float(np.log(value / path.estimate)) if path.parameter.positive else value - path.estimate)


def profile(fit: GrowthFit, parameter: str, *, level: float = intervals.LEVEL) -> Estimate:
    """Profile interval of a parameter that was estimated: where `signed_root` meets Student's t, in its units.

    An end that is not met is infinite (0 below, for a positive parameter): the data do not give one.
    """
    path = _path(fit, parameter)
    t = intervals.quantile(level, fit.df)
    low, high = path.end(-t), path.end(t)
    least = 0.0 if path.parameter.positive else -np.inf
    return Estimate(
        path.estimate,
        least if low is None else path.value(low),
        np.inf if high is None else path.value(high),
    )


def _path(fit: GrowthFit, parameter: str) -> _Path:
    curve = CURVES[fit.curve]
    if not isinstance(curve, Curve) or curve.logs:
        raise ValueError(f"{fit.curve} has no profile: its intervals are `conf_int`")
    free = [p for p in curve.parameters if p.name not in fit.fixed]
    if parameter not in [p.name for p in free]:
        raise ValueError(f"{parameter!r} was not estimated: choose one of {', '.join(p.name for p in free)}")
    inflation = 1.0
    if fit.maxlags is not None and fit.identified:
        plain = fit_again(_observed(fit), fit.curve, fixed=_held(fit), calendar=fit.calendar, errors="classical")
        inflation = float(plain.std_errors[parameter] / fit.std_errors[parameter])
    return _Path(fit, curve, next(p for p in free if p.name == parameter), inflation)


def _observed(fit: GrowthFit) -> pd.Series:
    return fit.fitted + fit.residuals


def _held(fit: GrowthFit) -> dict[str, float]:
    return {name: float(fit.params[name]) for name in fit.fixed}


def _squares(fit: GrowthFit) -> float:
    return float((fit.residuals**2).sum())


def _scale(fit: GrowthFit, parameter: Parameter) -> float:
    """Size of the values, range of the times, or what their units make of a parameter."""
    observed = _observed(fit).dropna()
    span = float(np.ptp(timeline.read(observed.sort_index().index, per_year=None).times(observed.index)))
    size = float(observed.abs().max())
    sizes = {"level": size, "stock": size * span, "rate": 1 / span, "time": span}
    return sizes.get(parameter.role, 1.0)
