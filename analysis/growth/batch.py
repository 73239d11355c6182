"""Many series at once: what a curve or a method is given, and what it hands back.

Rows are series, or one series as it was known at several dates; columns are observations. Rows are aligned at their
end: the last column is what each row knows last, a row that starts later has missing values before its start.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.growth.shapes import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Rows to be continued by `horizon` steps.

    Attributes
    ----------
    values : ndarray (S, n)
        In units of the series; NaN where a value is missing or a row has not started.
    times : ndarray (n + horizon,) or (S, n + horizon)
        Numeric time of every observation and of every step ahead: months, or a numeric index as it is.
    horizon : int
        Steps ahead; 0 for none.
    period : int
        Observations a year that make a season (12 for months, 4, 2); 1 without seasons.
    design : ndarray (m columns): (n + horizon, m) or (S, n + horizon, m)
        Calendar regressors, which act on logs; m may be 0.
    floor : ndarray (S,)
        0 for a series that is never negative, -inf otherwise.
    """

    values: FloatArray
    times: FloatArray
    horizon: int
    period: int
    design: FloatArray
    floor: FloatArray

    @property
    def observed(self) -> NDArray[np.bool_]:
        """Where there is a value, (S, n)."""
        return np.isfinite(self.values)

    @property
    def nobs(self) -> NDArray[np.int64]:
        """Values of each row, (S,)."""
        return self.observed.sum(axis=1)

    @property
    def starts(self) -> NDArray[np.int64]:
        """Column of each row's first value, (S,)."""
        return self.observed.argmax(axis=1)

    def wide_times(self) -> FloatArray:
        """Times as (S, n + horizon)."""
        return np.broadcast_to(self.times, (len(self.values), self.times.shape[-1]))

    def wide_design(self) -> FloatArray:
        """Regressors as (S, n + horizon, m)."""
        return np.broadcast_to(self.design, (len(self.values), *self.design.shape[-2:]))

    def take(self, rows: NDArray[np.int64] | slice) -> "Batch":
        """Some of the rows."""
        return replace(
            self,
            values=self.values[rows],
            times=self.times if self.times.ndim == 1 else self.times[rows],
            design=self.design if self.design.ndim == 2 else self.design[rows],
            floor=self.floor[rows],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What became of a batch. A row that could not be fitted is NaN throughout, with its reason in `failed`.

    Attributes
    ----------
    params : ndarray (S, k)
        In the order declared, in units of the batch's times and values.
    effects : ndarray (S, m)
        Coefficients of the calendar regressors on logs; 0 for one that the season absorbs.
    fitted : ndarray (S, n)
        One-step (methods) or fitted (curves) values with calendar effects, units of the series; NaN before a row's
        first prediction.
    median : ndarray (S, horizon)
        Continuation with calendar effects, units of the series.
    spread : ndarray (S, horizon)
        Standard deviation of the error ahead (parameters and noise), of logs where `logs`, else units of the series.
    sigma : ndarray (S,)
        Residual standard deviation with `df`, same scale.
    df : ndarray (S,)
        Residual degrees of freedom; Student's t of the bands has them.
    logs : bool
        Whether errors multiply: band = median exp(-+ t spread), else median -+ t spread.
    failed : ndarray (S,) of str
        Code of a `GrowthError`; empty where the row was fitted.
    """

    params: FloatArray
    effects: FloatArray
    fitted: FloatArray
    median: FloatArray
    spread: FloatArray
    sigma: FloatArray
    df: FloatArray
    logs: bool
    failed: NDArray[np.str_]
