"""Numeric time of an index of periods, dates or plain numbers, and the way back."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.growth.shapes import FloatArray

MONTHS_PER_YEAR = 12.0
WHOLE = 1e-6
"""A median step this near to whole months is that many calendar months."""
Label: TypeAlias = pd.Period | pd.Timestamp | float


@dataclass(frozen=True, slots=True)
class Timeline:
    """Clock of a series: months since its first observation, or the numbers of a numeric index as they are.

    Attributes
    ----------
    index : pd.Index
        Labels of the observations, ascending.
    per_year : float or None
        Units of time in a year: 12 for periods and dates; None when a numeric index does not say.
    origin : float
        Months from January 1970 to the first observation; 0 for numbers.
    whole : bool
        Dates that share a day of the month (its last day where a month is shorter), or are all month ends, count in
        whole months.
    """

    index: pd.Index
    per_year: float | None
    origin: float
    whole: bool

    def times(self, index: pd.Index) -> FloatArray:
        """Numeric time of each label of `index`, shape (n,)."""
        if isinstance(index, pd.PeriodIndex | pd.DatetimeIndex):
            return _months(_dates(index), whole=self.whole) - self.origin
        return index.to_numpy(dtype=np.float64)

    def ticks(self, index: pd.Index) -> FloatArray:
        """Where labels stand on a scale on which equal steps are equal, shape (n,): months, periods, days, numbers."""
        if self.whole or not isinstance(index, pd.PeriodIndex | pd.DatetimeIndex):
            return self.times(index)
        if isinstance(index, pd.PeriodIndex):
            return index.asi8.astype(np.float64)
        return ((_dates(index) - _dates(index[:1])[0]) / pd.Timedelta(days=1)).to_numpy(dtype=np.float64)

    def time(self, label: Label) -> float:
        """Numeric time of one label; a plain number is returned as it is."""
        if isinstance(label, pd.Period | pd.Timestamp):
            return float(self.times(pd.Index([label]))[0])
        return float(label)

    def label(self, time: float) -> Label:
        """Period or day that holds the numeric time, or the number itself."""
        if not isinstance(self.index, pd.PeriodIndex | pd.DatetimeIndex):
            return time
        months = self.origin + time
        start = pd.Timestamp(np.datetime64("1970-01", "M") + int(np.floor(months)))
        date = start + pd.Timedelta(days=(months % 1.0) * start.days_in_month).as_unit("s")
        if isinstance(self.index, pd.PeriodIndex):
            return date.to_period(self.index.freq)
        return date.floor("D").tz_localize(self.index.tz)

    def future(self, steps: int) -> pd.Index:
        """Labels of the `steps` steps after the last; a step is the median spacing (the lower of two)."""
        return self._steps_on(self.index[-1], range(1, steps + 1))

    def filled(self, places: NDArray[np.int64]) -> pd.Index:
        """Every label of an even grid on which the labels stand at `places`, the first of them at 0."""
        gaps = np.setdiff1d(np.arange(places[-1] + 1), places)
        return self.index.append(self._steps_on(self.index[0], gaps.tolist())).sort_values()

    def steps(self, years: float) -> int:
        """Median steps from the last label that reach at least `years` ahead."""
        if not isinstance(self.index, pd.PeriodIndex | pd.DatetimeIndex):
            raise TypeError("a numeric index does not say its years: ask for steps instead")
        return max(1, math.ceil(12 * years / _median_step(self.times(self.index)) - WHOLE))

    def _steps_on(self, start: Label, count: Iterable[int]) -> pd.Index:
        name = self.index.name
        if isinstance(self.index, pd.PeriodIndex):
            periods = int(_median_step(self.index.asi8))
            first = cast("pd.Period", start)
            return pd.PeriodIndex([first + periods * i for i in count], freq=self.index.freq, name=name)
        if isinstance(self.index, pd.DatetimeIndex):
            return pd.DatetimeIndex([self._later(cast("pd.Timestamp", start), i) for i in count], name=name)
        step = _median_step(self.index.to_numpy(dtype=np.float64))
        return pd.Index([cast("float", start) + step * i for i in count], name=name, dtype=np.float64)

    def _later(self, last: pd.Timestamp, i: int) -> pd.Timestamp:
        dates = cast("pd.DatetimeIndex", self.index)
        months = _median_step(self.times(dates))
        if months < 1 or abs(months - round(months)) > WHOLE:
            return last + i * pd.Timedelta(_median_step(dates.as_unit("ns").asi8), unit="ns")
        date = last + pd.DateOffset(months=i * round(months))
        return date.replace(day=min(_day(dates), date.days_in_month)) if self.whole else date


def _median_step(times: FloatArray) -> float:
    gaps = np.sort(np.diff(np.unique(times)))
    return float(gaps[(len(gaps) - 1) // 2])


def _dates(index: pd.PeriodIndex | pd.DatetimeIndex) -> pd.DatetimeIndex:
    if isinstance(index, pd.PeriodIndex):
        return index.to_timestamp(how="start")
    return index.tz_localize(None)


def _day(dates: pd.DatetimeIndex) -> int:
    """Day of the month that dates may share, as far as their months have it."""
    return 31 if dates.is_month_end.all() else int(dates.day.max())


def _share_a_day(dates: pd.DatetimeIndex) -> bool:
    same = bool((dates.day == np.minimum(_day(dates), dates.days_in_month)).all())
    return same and len(np.unique(dates - dates.normalize())) == 1


def _months(dates: pd.DatetimeIndex, *, whole: bool) -> FloatArray:
    months = (dates.year * 12.0 + dates.month - 1.0 - 1970 * 12.0).to_numpy(dtype=np.float64)
    if whole:
        return months
    days = (dates - dates.normalize()) / pd.Timedelta(days=1) + dates.day - 1
    return months + (days / dates.days_in_month).to_numpy(dtype=np.float64)


def read(index: pd.Index, *, per_year: float | None) -> Timeline:
    """Clock of an ascending index; `per_year` is for plain numbers alone."""
    if not isinstance(index, pd.PeriodIndex | pd.DatetimeIndex):
        return Timeline(index, per_year, 0.0, whole=False)
    whole = _share_a_day(_dates(index))
    return Timeline(index, MONTHS_PER_YEAR, float(_months(_dates(index[:1]), whole=whole)[0]), whole)
