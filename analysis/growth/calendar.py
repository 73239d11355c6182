"""Months that are known to differ: the lunar new year, the sales campaigns, the redefinition of a parcel.

A regressor acts on logs: its coefficient, exponentiated, multiplies the month it is 1 in. All but a break are centred
on their mean over a year, a twelfth, so that a curve fitted with them is the level of an average month.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import pandas as pd

from analysis.growth.guards import GrowthError
from analysis.growth.shapes import FloatArray
from data.lunar import new_years
from data.record import DEFINITION_BREAK

BEFORE, AFTER = 10, 10
"""Days before and after the new year's day on which couriers and merchants pause, the day itself in between.

Of eighteen windows from 0 to 20 days before and 0 to 15 after, this one has the highest likelihood for the parcels of
the nation since 2019 in the (0,1,1)(0,1,1) model of logs: 71.12, against 70.74 for 14 and 14 days, 70.62 for 20 and 15
and 68.14 for 7 and 7; 49.31 without any. Since 2021 it is second by 0.36. Windows that end on the day itself or begin
on it do worse by 4 to 11.
"""
LEAST = 24
"""Months a series needs before its calendar can be told from its growth."""
BESIDE = 6
"""Months needed on each side of a break."""
YEAR = 12


@dataclass(frozen=True, slots=True)
class Regressor:
    """One calendar regressor.

    Attributes
    ----------
    key : str
        Name in `REGRESSORS`.
    column : callable
        Monthly index (n,) -> (n,), dimensionless.
    seasonal : bool
        The same months every year: a seasonal model absorbs it.
    break_ : bool
        A lasting change of level, for series on the definition that was changed.
    """

    key: str
    column: Callable[[pd.PeriodIndex], FloatArray]
    seasonal: bool = False
    break_: bool = False


@cache
def _slack() -> pd.Series:
    """Share of each lunar new year's window in each month that has some of it."""
    days = np.add.outer(new_years().to_numpy(), np.arange(-BEFORE, AFTER + 1) * np.timedelta64(1, "D")).ravel()
    return pd.Series(1.0 / (BEFORE + AFTER + 1), index=pd.DatetimeIndex(days).to_period("M")).groupby(level=0).sum()


def _lunar(index: pd.PeriodIndex) -> FloatArray:
    return _slack().reindex(index, fill_value=0.0).to_numpy() - 1 / YEAR


def _month(number: int, index: pd.PeriodIndex) -> FloatArray:
    return (index.month == number).astype(np.float64) - 1 / YEAR


def _before(start: pd.Period, index: pd.PeriodIndex) -> FloatArray:
    return -(index < start).astype(np.float64)


BREAKS = {"definition_2024": DEFINITION_BREAK.to_period("M")}
"""First month on the new definition."""
_LIST = (
    Regressor("lunar_new_year", _lunar),
    Regressor("campaign_618", partial(_month, 6), seasonal=True),
    Regressor("double_11", partial(_month, 11), seasonal=True),
    *(Regressor(key, partial(_before, start), break_=True) for key, start in BREAKS.items()),
)
REGRESSORS: dict[str, Regressor] = {r.key: r for r in _LIST}


def design(index: pd.Index, names: Iterable[str]) -> FloatArray:
    """Columns of the named regressors on a monthly index, (n, m); m is 0 without names, whatever the index.

    Raises
    ------
    GrowthError
        calendar: an unknown name, or an index that is not of months; calendar_years: beyond the years whose lunar new
        year is known.
    """
    chosen = list(names)
    unknown = [name for name in chosen if name not in REGRESSORS]
    if unknown:
        message = f"no calendar regressor {', '.join(unknown)}: choose from {', '.join(REGRESSORS)}"
        raise GrowthError("calendar", message, names=unknown)
    if not chosen:
        return np.empty((len(index), 0))
    if not _monthly(index):
        raise GrowthError("calendar", "calendar regressors are for months: leave them out", names=chosen)
    if "lunar_new_year" in chosen and not _known(index):
        first, last = (int(day.year) for day in new_years()[[0, -1]])
        message = f"the lunar new year is known from {first} to {last}: leave it out beyond"
        raise GrowthError("calendar_years", message, first=first, last=last)
    return np.column_stack([REGRESSORS[name].column(index) for name in chosen])


def offered(index: pd.Index, *, breaks: Iterable[str] = ()) -> tuple[str, ...]:
    """Regressors that apply to observations at `index`: none unless it has at least 24 months.

    A break applies to the series it is named for in `breaks`, if it lies inside with six observations on each side.
    """
    if not _monthly(index) or index.nunique() < LEAST or not _known(index):
        return ()
    always = tuple(r.key for r in _LIST if not r.break_)
    return always + tuple(key for key in breaks if _inside(index, BREAKS[key]))


def absorbed(names: Iterable[str], seasonal_model: bool) -> tuple[str, ...]:
    """Those of the regressors that a seasonal model already has in its season."""
    return tuple(name for name in names if seasonal_model and REGRESSORS[name].seasonal)


def _monthly(index: pd.Index) -> bool:
    return isinstance(index, pd.PeriodIndex) and index.freqstr == "M"


def _known(index: pd.PeriodIndex) -> bool:
    days = new_years()
    return not len(index) or bool(days[0].year <= index.year.min() and index.year.max() <= days[-1].year)


def _inside(index: pd.PeriodIndex, start: pd.Period) -> bool:
    earlier = index[index < start].nunique()
    return bool(earlier >= BESIDE and index.nunique() - earlier >= BESIDE)
