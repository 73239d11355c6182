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

MOST_MISSING = 1 / 3
"""A grid of which more is missing is none: its observations are uneven."""
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

    def design(self, names: Sequence[str], steps: int) -> FloatArray:
        """Calendar regressors of every label and of `steps` after the last, (N + steps, m)."""
        return regressors.design(months_of(self.index.append(self.future(steps))), names)


def months_of(index: pd.Index) -> pd.Index:
    """Labels as months where they are dates; plain numbers as they are."""
    if isinstance(index, pd.PeriodIndex):
        return index.asfreq("M", how="start")
    return index.tz_localize(None).to_period("M") if isinstance(index, pd.DatetimeIndex) else index


def axis(index: pd.Index, *, per_year: float | None = None) -> Axis:
    """Axis of an ascending index of observations; `per_year` is for plain numbers alone."""
    clock = timeline.read(index, per_year=per_year)
    times = clock.times(index)
    places = _places(times)
    if places is None:
        return Axis(clock, index, 1, even=False)
    grid = timeline.read(clock.filled(places), per_year=per_year)
    a_year = 0.0 if clock.per_year is None else clock.per_year * float(places[-1]) / float(np.ptp(times))
    period = next((p for p in SEASONS if abs(a_year - p) < timeline.WHOLE), 1)
    return Axis(grid, grid.index, period, even=True)


def _places(times: FloatArray) -> NDArray[np.int64] | None:
    """Position of each time on an even grid, or None when there is no such grid."""
    gaps = np.diff(times)
    if len(times) < 2 or float(gaps.min()) <= 0:
        return None
    steps = (times - times[0]) / float(np.sort(gaps)[(len(gaps) - 1) // 2])
    places = np.round(steps).astype(np.int64)
    if np.abs(steps - places).max() > timeline.WHOLE or len(np.unique(places)) < len(places):
        return None
    return places if len(places) >= (1 - MOST_MISSING) * (places[-1] + 1) else None


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
        times=times[: width + horizon] if where.even else _per_origin(times, cuts, width, horizon, len(values)),
        horizon=horizon,
        period=where.period,
        design=_varying(cut, _per_origin(design, cuts, width, horizon, len(values)), horizon)
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


def _varying(values: FloatArray, design: FloatArray, horizon: int) -> FloatArray:
    seen = np.isfinite(values)[..., None]
    known = design[:, : design.shape[1] - horizon]
    spread = np.where(seen, known, -np.inf).max(axis=1) - np.where(seen, known, np.inf).min(axis=1)
    return design * (spread > 0)[:, None, :]
