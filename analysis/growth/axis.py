"""The time axis of a series: an even grid with its gaps where there is one, and rows of a `Batch` cut from it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.growth import calendar as regressors
from analysis.growth import guards, timeline
from analysis.growth.batch import Batch
from analysis.growth.shapes import FloatArray
from analysis.growth.timeline import Timeline

MOST_MISSING = 3
"""One in so many places of a grid may be missing; where it is more, observations are uneven."""
SEASONS = (12, 4, 2)
"""Observations a year that make a season."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Where the observations of a series stand in time.

    Attributes
    ----------
    clock : Timeline
        Of `index`.
    index : pd.Index
        N labels, ascending: the whole grid with its gaps, or the labels observed where they are uneven.
    period : int
        Observations a year that make a season; 1 without seasons, or where labels are uneven.
    even : bool
        Whether steps are equal.
    """

    clock: Timeline
    index: pd.Index
    period: int
    even: bool

    @property
    def times(self) -> FloatArray:
        """Numeric time of each label, (N,)."""
        return self.clock.times(self.index)

    def future(self, steps: int) -> pd.Index:
        """Labels of the steps after the last."""
        return self.clock.future(steps)

    @property
    def straight(self) -> bool:
        """Whether times are as even as labels: days are not, on a clock of months."""
        gaps = np.diff(self.times)
        return self.even and float(np.ptp(gaps)) <= timeline.WHOLE * float(gaps[0])

    @property
    def monthly(self) -> bool:
        """Whether labels are months, or dates of which no two share one and that are not evenly further apart."""
        if isinstance(self.index, pd.DatetimeIndex):
            months = np.unique(months_of(self.index).asi8)
            return len(months) == self.index.nunique() and not (self.even and np.diff(months).min() > 1)
        return isinstance(self.index, pd.PeriodIndex) and self.index.freqstr == "M"

    def design(self, names: Sequence[str], steps: int) -> FloatArray:
        """Calendar regressors of every label and of `steps` after the last, (N + steps, m); refused unless monthly."""
        return self.design_at(self.index.append(self.future(steps)), names)

    def design_at(self, index: pd.Index, names: Sequence[str]) -> FloatArray:
        """Calendar regressors of labels (n,) on this axis, (n, m); refused unless it is monthly."""
        return regressors.design(months_of(index) if self.monthly else pd.RangeIndex(len(index)), names)


def months_of(index: pd.Index) -> pd.Index:
    """Labels as months where they are dates; periods and plain numbers as they are."""
    return index.tz_localize(None).to_period("M") if isinstance(index, pd.DatetimeIndex) else index


def axis(index: pd.Index, *, per_year: float | None = None) -> Axis:
    """Axis of an ascending index of observations; `per_year` is for plain numbers alone."""
    clock = timeline.read(index, per_year=per_year)
    times = clock.times(index)
    places = _places(clock.ticks(index))
    if places is None:
        return Axis(clock, index, 1, even=False)
    grid = timeline.read(clock.filled(places), per_year=per_year)
    a_year = 0.0 if clock.per_year is None else clock.per_year * float(places[-1]) / float(np.ptp(times))
    period = next((p for p in SEASONS if abs(a_year - p) < timeline.WHOLE), 1)
    return Axis(grid, grid.index, period, even=True)


def _places(ticks: FloatArray) -> NDArray[np.int64] | None:
    """Position of each tick on an even grid, or None when there is no such grid."""
    gaps = np.diff(ticks)
    if len(ticks) < 2 or float(gaps.min()) <= 0:
        return None
    steps = (ticks - ticks[0]) / float(np.sort(gaps)[(len(gaps) - 1) // 2])
    places = np.round(steps).astype(np.int64)
    if np.abs(steps - places).max() > timeline.WHOLE or len(np.unique(places)) < len(places):
        return None
    missing = int(places[-1]) + 1 - len(places)
    return places if MOST_MISSING * missing <= places[-1] + 1 else None


def rows(
    observed: pd.Series | pd.DataFrame,
    *,
    horizon: int,
    origins: Sequence[int] | None = None,
    calendar: Sequence[str] = (),
    per_year: float | None = None,
) -> tuple[Batch, Axis]:
    """Rows of a batch: every series once, or as it was known at each origin.

    Parameters
    ----------
    observed : pd.Series or pd.DataFrame
        One series, or series in columns on one index, in any order; missing values stay missing.
    origins : sequence of int, optional
        Numbers of grid labels known; rows are all origins of the first series, then of the next. All by default.
    horizon : int
        Steps ahead.
    calendar : sequence of str
        Keys of `calendar.REGRESSORS`; one that does not vary over what a row knows is 0 in that row.

    Returns
    -------
    Batch, Axis
        The batch and the axis of all labels; row i * len(origins) + j is series i at origin j.
    """
    table = observed.to_frame() if isinstance(observed, pd.Series) else observed
    columns = [guards.values(table.iloc[:, i])[0].sort_index(kind="stable") for i in range(table.shape[1])]
    known = pd.concat(columns, axis=1).dropna(how="all")
    where = axis(known.index, per_year=per_year)
    values = known.reindex(where.index).to_numpy().T if where.even else known.to_numpy().T
    cuts = [len(where.index)] if origins is None else list(origins)
    width = max(cuts)
    times = where.clock.times(where.index.append(where.future(horizon)))
    design = where.design(calendar, horizon)
    cut = _right([values[:, :k] for k in cuts], width, np.nan)
    return Batch(
        values=cut,
        times=times[: width + horizon] if where.straight else _per_origin(times, cuts, width, horizon, len(values)),
        horizon=horizon,
        period=where.period,
        design=_told(cut, _per_origin(design, cuts, width, horizon, len(values)), horizon)
        if calendar
        else design[: width + horizon],
        floor=np.where(np.repeat((np.where(np.isnan(values), 0.0, values) < 0).any(axis=1), len(cuts)), -np.inf, 0.0),
    ), where


def _right(parts: Sequence[FloatArray], width: int, fill: float) -> FloatArray:
    """Parts (series, k) filled up to `width` on the left and stacked as (series * parts, width)."""
    padded = [np.pad(part, ((0, 0), (width - part.shape[1], 0)), constant_values=fill) for part in parts]
    return np.stack(padded, axis=1).reshape(-1, width)


def _per_origin(whole: FloatArray, cuts: Sequence[int], width: int, horizon: int, series: int) -> FloatArray:
    """Rows of `whole` (N + horizon, ...) that end `horizon` after each cut; before its start the first row repeats."""
    places = np.maximum(np.arange(-width, horizon)[None] + np.array(cuts)[:, None], 0)
    return np.tile(whole[places], (series, *[1] * whole.ndim))


def _told(values: FloatArray, design: FloatArray, horizon: int) -> FloatArray:
    return design * varying(design[:, : design.shape[1] - horizon], np.isfinite(values))[:, None, :]


def varying(design: FloatArray, seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which columns of regressors (..., n, m) vary over what is seen (..., n): the others tell nothing, (..., m)."""
    there = seen[..., None]
    spread = np.where(there, design, -np.inf).max(axis=-2) - np.where(there, design, np.inf).min(axis=-2)
    return np.asarray(spread > 0)
