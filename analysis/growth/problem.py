"""One curve and one series: solved once, with classical errors or with ones that stand correlated residuals."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.growth import loglinear, nonlinear
from analysis.growth.axis import Axis, varying
from analysis.growth.batched import robust
from analysis.growth.curves import Curve
from analysis.growth.intervals import Estimation
from analysis.growth.shapes import FloatArray

Errors = Literal["auto", "hac", "classical"]
TINY = float(np.finfo(float).tiny)


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A curve and the observations it is fitted to, in order of time; `design` (n, m) has the regressors `told`."""

    curve: Curve
    observed: pd.Series
    axis: Axis
    held: dict[str, float]
    calendar: tuple[str, ...]
    design: FloatArray
    told: NDArray[np.bool_]

    def estimate(self, errors: Errors, maxlags: int | None) -> tuple[Estimation, bool]:
        """Solve once, and say whether the residuals are correlated in time."""
        times, values = self.axis.clock.times(self.observed.index), self.observed.to_numpy()
        if self.curve.logs:
            parts = loglinear.estimate(times, values, self.design)
            slopes = np.column_stack([np.ones_like(times), times, self.design])
        else:
            names = [name for name, told in zip(self.calendar, self.told, strict=True) if told]
            work = nonlinear.seasoned(self.curve, self.design, names) if names else self.curve
            parts = nonlinear.estimate(work, times, values, self.held)
            slopes = work.jacobian(times, parts.params)
        correlated = self.correlated(parts)
        if errors == "hac" or (errors == "auto" and (self.curve.logs or correlated)):
            lags = loglinear.lags(len(values)) if maxlags is None else maxlags
            bare = parts.root / max(parts.sigma, TINY)
            parts = replace(parts, root=robust.sandwich(bare, slopes, parts.residual, lags=lags), maxlags=lags)
        return self._whole(parts), correlated

    def correlated(self, parts: Estimation) -> bool:
        """Whether the residuals of at least 24 evenly spaced dates are."""
        if not self.axis.even or self.axis.clock.per_year is None:
            return False
        on_grid = pd.Series(parts.residual, index=self.observed.index).reindex(self.axis.index)
        return bool(robust.autocorrelated(on_grid.to_numpy()[None], self.axis.period)[0])

    def _whole(self, parts: Estimation) -> Estimation:
        """With zeros for the effects that were not told."""
        there = np.concatenate([np.ones(len(self.curve.names), dtype=bool), self.told])
        params, root = np.zeros(len(there)), np.zeros((len(there), parts.root.shape[1]))
        params[there], root[there] = parts.params, parts.root
        return replace(parts, params=params, root=root)


def posed(curve: Curve, observed: pd.Series, where: Axis, held: dict[str, float], calendar: tuple[str, ...]) -> Problem:
    """A problem, its regressors refused or left out where they do not apply."""
    design = where.design_at(observed.index, calendar)
    told = varying(design, np.ones(len(observed), dtype=bool))
    return Problem(curve, observed, where, held, calendar, design[:, told], told)
