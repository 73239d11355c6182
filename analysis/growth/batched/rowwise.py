"""Errors and intervals of many fits at once, as `analysis.growth.fit` has them of one."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.growth import guards, intervals, loglinear
from analysis.growth.axis import Axis, axis
from analysis.growth.batch import Batch
from analysis.growth.batched import robust
from analysis.growth.batched.marquardt import BoolArray
from analysis.growth.batched.optima import Solved
from analysis.growth.curves import Curve
from analysis.growth.guards import GrowthError
from analysis.growth.shapes import FloatArray

ESTIMATE = ["value", "low", "high"]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Series (S, n) in rows on the labels of an axis, NaN where missing; `dated` ones count time from their start."""

    values: FloatArray
    axis: Axis
    dated: bool

    def take(self, rows: slice) -> "Table":
        """Some of the series."""
        return replace(self, values=self.values[rows])

    def batch(self) -> Batch:
        """The series as rows to be fitted."""
        size, n = self.values.shape
        seen = np.isfinite(self.values)
        start = self.axis.times[seen.argmax(axis=1)] if self.dated else np.zeros(size)
        alike = (start == start[0]).all()
        times = self.axis.times - start[0] if alike else self.axis.times - start[:, None]
        return Batch(self.values, times, 0, 1, np.zeros((n, 0)), np.full(size, -np.inf))


def read(wide: pd.DataFrame, per_year: float | None) -> Table:
    """Series of a frame in rows on an even grid where there is one."""
    if not isinstance(wide, pd.DataFrame) or not wide.shape[1]:
        raise ValueError("expected a DataFrame with a column for every series: use `fit` for one series")
    guards.values(wide.iloc[:, 0])
    types = pd.api.types
    kinds = {k for k in wide.dtypes.unique() if types.is_bool_dtype(k) or not types.is_numeric_dtype(k)}
    wrong = [str(name) for name, kind in wide.dtypes.items() if kind in kinds] if kinds else []
    if wrong:
        raise GrowthError("not_numeric", f"columns {', '.join(wrong[:5])} are not numbers: use pd.to_numeric")
    ordered = wide.sort_index(kind="stable").dropna(how="all")
    dated = isinstance(wide.index, pd.PeriodIndex | pd.DatetimeIndex)
    if per_year is not None and (dated or not per_year > 0):
        raise GrowthError("per_year", "per_year is for plain numbers (dates have 12 months) and positive: leave it out")
    if len(ordered) < 2:
        raise GrowthError("too_few", "fewer than two times have a value: add observations", need=2, got=len(ordered))
    where = axis(ordered.index, per_year=per_year)
    grid = ordered.reindex(where.index) if where.even else ordered
    values = grid.to_numpy(dtype=np.float64, na_value=np.nan).T
    return Table(np.ascontiguousarray(values), where, dated)


@dataclass(frozen=True, eq=False)
class Fitted:
    """Fits of the rows of a table, and what follows from them."""

    curve: Curve
    table: Table
    batch: Batch
    solved: Solved

    @cached_property
    def residuals(self) -> FloatArray:
        """Residuals (S, n) in units of the series, NaN where missing."""
        return self.batch.values - self._value

    @cached_property
    def hac(self) -> BoolArray:
        """Whether the errors of each row are HAC: log-linear, or residuals correlated in time."""
        fitted = self.solved.failed == ""
        if self.curve.logs:
            return fitted
        if self.table.axis.clock.per_year is None:
            return np.zeros(len(fitted), dtype=bool)
        n, nobs = self.batch.values.shape[1], self.batch.nobs
        length = n - self.batch.starts - self.batch.observed[:, ::-1].argmax(axis=1)
        even = fitted & self.table.axis.even & (nobs * 3 > length * 2 + 2)
        found = even.copy()
        found[even] = robust.autocorrelated(self.residuals[even], self.table.axis.period)
        for row in np.flatnonzero(fitted & ~even & (nobs >= robust.LEAST_FOR_HAC)):
            found[row] = self._alone(self.residuals[row])
        return found

    @cached_property
    def covariance(self) -> FloatArray:
        """Covariance of the parameters, (S, k, k)."""
        root, hac = self.solved.root, self.hac
        found = np.einsum("sij,skj,s->sik", root, root, self.solved.sigma**2)
        if hac.any():
            scores, lags = self._scores(hac), np.array([loglinear.lags(i) for i in range(self.batch.nobs.max() + 1)])
            nobs, df, part = self.batch.nobs[hac], self.solved.df[hac], root[hac]
            long_run = robust.meat(scores, lags[nobs]) * (nobs / df)[:, None, None]
            found[hac] = part @ long_run @ part.transpose(0, 2, 1)
        return found

    def errors(self, covariance: FloatArray) -> FloatArray:
        """Standard errors (S, k)."""
        return np.sqrt(np.einsum("sii->si", covariance))

    def ceiling(self) -> tuple[BoolArray, FloatArray]:
        """Whether the ceiling of each row is identified, and its 95 % interval (S, 3)."""
        none = np.full((len(self.batch.values), 3), np.nan)
        if self.curve.ceiling is None:
            return self.solved.regular, none
        position = self.curve.names.index(self.curve.ceiling)
        value, error = self.solved.params[:, position], self.errors(self.covariance)[:, position]
        half, size = self._quantile * error, np.abs(value)
        within = (error <= intervals.IDENTIFIED * size) & (half <= intervals.WITHIN * size)
        identified = self.solved.regular & within
        if self.curve.parameters[position].positive:
            low, high = intervals.multiplied(value, half / value)
        else:
            low, high = value - half, value + half
        return identified, np.where(identified[:, None], np.column_stack([value, low, high]), none)

    def cagr(self) -> FloatArray:
        """Growth a year between the ends of each row's curve, with its 95 % interval, (S, 3)."""
        per_year, n = self.table.axis.clock.per_year, self.batch.values.shape[1]
        none = np.full((len(self.batch.values), 3), np.nan)
        if per_year is None:
            return none
        ends = np.column_stack([self.batch.starts, n - 1 - self.batch.observed[:, ::-1].argmax(axis=1)])
        times = np.take_along_axis(self.batch.wide_times(), ends, axis=1)
        levels = self.curve.value(times, self.solved.params)
        years = np.ptp(times, axis=1) / per_year
        slopes = self.curve.jacobian(times, self.solved.params) / levels[..., None]
        across = slopes[:, 1] - slopes[:, 0]
        error = np.sqrt(np.einsum("si,sij,sj->s", across, self.covariance, across))
        half = self._quantile * error / years
        rate = np.log(levels[:, 1] / levels[:, 0]) / years
        grown = intervals.grown(np.column_stack([rate, rate - half, rate + half]))
        return np.where((levels.min(axis=1) > 0)[:, None], grown, none)

    @cached_property
    def _value(self) -> FloatArray:
        return self.curve.value(self.batch.times, self.solved.params)

    @property
    def _quantile(self) -> FloatArray:
        return intervals.quantiles(intervals.LEVEL, self.solved.df)

    def _alone(self, residuals: FloatArray) -> bool:
        """Test a row by itself, on the grid of its own labels."""
        seen = np.isfinite(residuals)
        series = pd.Series(residuals[seen], index=self.table.axis.index[seen])
        own = axis(series.index, per_year=self.table.axis.clock.per_year if not self.table.dated else None)
        return own.even and bool(robust.autocorrelated(series.reindex(own.index).to_numpy()[None], own.period)[0])

    def _scores(self, rows: BoolArray) -> FloatArray:
        """Derivative of the residuals by the errors' axes times the residuals, (f, S, n), packed in time."""
        batch, seen = self.batch.take(np.flatnonzero(rows)), self.batch.observed[rows]
        value, residual = self._value[rows], self.residuals[rows]
        slopes = self.curve.jacobian(batch.times, self.solved.params[rows]) @ self.solved.root[rows]
        if self.curve.logs:
            slopes, residual = slopes / value[..., None], np.log(batch.values / value)
        scores = np.where(seen, np.moveaxis(slopes, -1, 0) * residual, 0.0)
        return robust.packed(scores, seen)
