"""How many parcels a day a set of lockers takes, as if its evening rush lasted.

The evening's drops, held for days on end, fill the cells to a level that a rush of a few hours does not reach: with the
default numbers the overflow is an upper bound of that of the evening. `analysis.space.lockers.day` solves the day hour
by hour; there the fullest hour comes before the evening, when the parcels of the day still lie in their cells.
"""

from dataclasses import dataclass, replace

import numpy as np

from analysis.economics.incomes import DAYS, Array, Numbers
from analysis.economics.station import STATIONS, Station, profit
from data.grade import Grade, weakest

HOURS = 24.0
TOLERATED = 0.01
"""Part of the evening's parcels turned away at capacity: the usual grade of service of the loss formula."""


@dataclass(frozen=True, slots=True)
class Locker:
    """A set of lockers.

    Attributes
    ----------
    cells : tuple of int
        Small, medium and large cells.
    mix : tuple of float
        Parts of the parcels that need each size; they add up to 1.
    hours_in_cell : float
        Mean time from drop to pick-up.
    peak_share : float
        Part of a day's parcels that the couriers drop between `peak`.
    peak : tuple of float
        First and last hour of the evening peak.
    station : Station
        Fee, costs and parcels a day.
    grade : Grade
    """

    cells: tuple[int, ...] = (44, 30, 10)
    mix: tuple[float, ...] = (0.5, 0.38, 0.12)
    hours_in_cell: float = 10.0
    peak_share: float = 0.3
    peak: tuple[float, float] = (18.0, 22.0)
    station: Station = STATIONS["locker"]
    grade: Grade = Grade.ASSUMED

    def __post_init__(self) -> None:
        if len(self.cells) != len(self.mix) or min(self.cells) < 0 or abs(sum(self.mix) - 1) > 1e-6:
            raise ValueError("cells and mix need one number each per size; the mix must add up to 1")
        if not (self.hours_in_cell > 0 and 0 <= self.peak_share <= 1 and 0 <= self.peak[0] < self.peak[1] <= HOURS):
            raise ValueError("hours_in_cell must be above 0, peak_share within 0 and 1, peak within a day")


STANDARD = Locker()
"""The published standard locker: 84 cells of three sizes, evening peak from 18 to 22 h; the rest is assumed."""


@dataclass(frozen=True, slots=True)
class Throughput:
    """What a set of lockers does with the parcels it is offered.

    Attributes
    ----------
    offered, taken : float
        Parcels a day.
    capacity : float
        Parcels a day at which `TOLERATED` of the evening's parcels are turned away.
    overflow, at_other_hours : float
        Parts of the parcels of the evening peak and of the other hours that find no free cell, each as if these hours
        lasted: too many in the evening, too few before it.
    by_size : tuple of float
        Overflow of the evening peak by size of cell.
    profit_cny_per_month : float
        On the parcels taken.
    grade : Grade
    """

    offered: float
    taken: float
    capacity: float
    overflow: float
    at_other_hours: float
    by_size: tuple[float, ...]
    profit_cny_per_month: float
    grade: Grade


def erlang_b(cells: int, load: Numbers) -> Array:
    """Part of arrivals that find all `cells` taken when `load` of them would be taken on average without a limit.

    It holds for any distribution of the time in a cell (Sevastyanov 1957), for arrivals one by one.

    References
    ----------
    Erlang, A. K. (1917), Solution of some problems in the theory of probabilities of significance in automatic
    telephone exchanges, Elektroteknikeren 13; Sevastyanov, B. A. (1957), An ergodic theorem for Markov processes and
    its application to telephone systems with refusals, Teoriya Veroyatnostei i ee Primeneniya 2(1). The recursion over
    the number of cells is that of textbooks.
    """
    offered = np.asarray(load, float)
    lost = np.ones_like(offered)
    for n in range(1, cells + 1):
        lost = offered * lost / (n + offered * lost)
    return lost


def _lost(locker: Locker, per_hour: Numbers) -> tuple[Array, ...]:
    """Part lost by size when this many parcels arrive in an hour."""
    load = np.asarray(per_hour, float) * locker.hours_in_cell
    return tuple(erlang_b(cells, load * part) for cells, part in zip(locker.cells, locker.mix, strict=True))


def _all_sizes(locker: Locker, lost: tuple[Array, ...]) -> Array:
    return np.asarray(sum(part * size for part, size in zip(locker.mix, lost, strict=True)))


def evening_overflow(locker: Locker, parcels_per_day: Numbers) -> Array:
    """Part of the evening's parcels that find no free cell, as if the rush lasted; shape of `parcels_per_day`."""
    return _all_sizes(locker, _lost(locker, _evening(locker, parcels_per_day)))


def _evening(locker: Locker, parcels_per_day: Numbers) -> Array:
    """Parcels an hour in the evening peak."""
    return np.asarray(parcels_per_day, float) * locker.peak_share / (locker.peak[1] - locker.peak[0])


def capacity(locker: Locker, *, tolerated: float = TOLERATED) -> float:
    """Parcels a day at which a lasting evening turns `tolerated` of its parcels away; infinite without a peak."""
    from scipy.optimize import brentq

    if not 0 < tolerated < 1:
        raise ValueError(f"tolerated is {tolerated}: give a part between 0 and 1")
    if locker.peak_share == 0:
        return float("inf")
    if not any(cells for cells, part in zip(locker.cells, locker.mix, strict=True) if part):
        return 0.0
    high = 1.0
    while evening_overflow(locker, high) < tolerated:
        high *= 2
    return float(brentq(lambda parcels: float(evening_overflow(locker, parcels)) - tolerated, 0.0, high))


def locker_throughput(locker: Locker, parcels_per_day: float | None = None) -> Throughput:
    """What the lockers take of `parcels_per_day` (those of the station by default), and what that earns.

    Each size is a loss system of its own: a parcel that finds no free cell of its size goes elsewhere. The evening and
    the other hours are each treated as if they lasted.
    """
    offered = locker.station.parcels_per_day if parcels_per_day is None else float(parcels_per_day)
    if not offered >= 0:
        raise ValueError(f"parcels_per_day is {offered}: give 0 or more")
    length = locker.peak[1] - locker.peak[0]
    by_size = _lost(locker, _evening(locker, offered))
    evening = float(_all_sizes(locker, by_size))
    rest = 1 - locker.peak_share
    other = float(_all_sizes(locker, _lost(locker, offered * rest / (HOURS - length)))) if length < HOURS else 0.0
    taken = offered * (1 - locker.peak_share * evening - rest * other)
    earned = float(profit(replace(locker.station, parcels_per_day=taken))) * DAYS
    grade = weakest(locker.grade, locker.station.grade)
    return Throughput(offered, taken, capacity(locker), evening, other, tuple(map(float, by_size)), earned, grade)
