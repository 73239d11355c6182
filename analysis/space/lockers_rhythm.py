"""When parcels come to a set of lockers and when they go, hour by hour."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from analysis.economics.locker import STANDARD, Locker

Floats = npt.NDArray[np.float64]
HOURS = 24
STEPS = 4
"""Moments looked at in an hour: the middles of its quarters."""
DROPS = (8, 18)
"""Hours between which couriers come, beside the evening peak: assumed."""
AWAKE = (0.05,) * 6 + (0.5,) + (1.0,) * 15 + (0.5, 0.2)
"""How readily a parcel is picked up in each hour, against the day outside the evening peak: assumed."""
PICKED_UP = 0.5
"""Part of all pick-ups in the evening peak: assumed. The hours of the peak, 18 to 22, are published."""
VISIT = 5
"""Parcels that a courier brings at once: assumed; 60 a day of a set, from six couriers with two rounds each."""
_STEEPEST = 8.0
"""Logarithm of the largest ratio between the pick-up rates of the evening peak and of the day."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When parcels come and go.

    Attributes
    ----------
    drops : tuple of float
        Part of the day's parcels that couriers bring in each of the 24 hours; they add up to 1.
    pickups : tuple of float
        Rate at which a parcel in a cell is picked up in each hour, 1/h.
    peak : tuple of int
        First and last hour of the evening peak.
    visit : int
        Parcels of all sizes that a courier brings at once; visits come at random (Poisson) moments.
    """

    drops: tuple[float, ...]
    pickups: tuple[float, ...]
    peak: tuple[int, int] = (18, 22)
    visit: int = 1

    def __post_init__(self) -> None:
        if self.visit < 1 or self.visit != int(self.visit):
            raise ValueError(f"visit is {self.visit}: give a whole number of parcels, 1 or more")

    @property
    def hours_in_cell(self) -> float:
        """Mean time from drop to pick-up."""
        return _mean_load(np.array(self.drops), np.array(self.pickups)) * HOURS

    @property
    def picked_up_in_peak(self) -> float:
        """Part of all pick-ups in the evening peak."""
        return _in_peak(np.array(self.drops), np.array(self.pickups), self.peak)

    @property
    def longer_than_a_day(self) -> float:
        """Part of the parcels still in their cell after the 24 hours that pick-up is free."""
        return float(np.exp(-sum(self.pickups)))


@lru_cache(maxsize=256)
def rhythm(
    locker: Locker = STANDARD,
    *,
    picked_up_in_peak: float = PICKED_UP,
    drops: tuple[int, int] = DROPS,
    awake: tuple[float, ...] = AWAKE,
    visit: int = VISIT,
) -> Rhythm:
    """The day of `locker`: its share of drops in the peak, its mean hours in a cell, and pick-ups in the peak.

    Parameters
    ----------
    locker : Locker
        Gives hours_in_cell, peak_share (of drops) and peak, in whole hours.
    picked_up_in_peak : float
        Part of all pick-ups in the evening peak. Where the drops leave no way to it, the nearest that can be reached:
        read `Rhythm.picked_up_in_peak`.
    drops : tuple of int
        First and last hour of the other drops, spread evenly over them.
    awake : tuple of float
        Pick-up rate of each hour against that of the day, for the hours outside the peak.
    visit : int
        Parcels that a courier brings at once.

    Raises
    ------
    ValueError
        When the peak is not in whole hours, the hours of the other drops all lie in it, or a visit brings no whole
        number of parcels.
    """
    from scipy.optimize import brentq

    first, last = (int(hour) for hour in locker.peak)
    if (first, last) != locker.peak:
        raise ValueError(f"peak is {locker.peak}: give whole hours")
    if not 0 < picked_up_in_peak < 1:
        raise ValueError(f"picked_up_in_peak is {picked_up_in_peak}: give a part between 0 and 1")
    came = _drops(locker.peak_share, (first, last), drops)
    ready = np.array(awake, float)

    def rates(steep: float) -> Floats:
        shape = ready.copy()
        shape[first:last] *= np.exp(steep)
        level = brentq(lambda x: _mean_load(came, shape * np.exp(x)) * HOURS - locker.hours_in_cell, -12.0, 12.0)
        return np.asarray(shape * np.exp(level))

    def off(steep: float) -> float:
        return _in_peak(came, rates(steep), (first, last)) - picked_up_in_peak

    low, high = off(-_STEEPEST), off(_STEEPEST)
    steep = -_STEEPEST if low >= 0 else _STEEPEST if high <= 0 else brentq(off, -_STEEPEST, _STEEPEST, xtol=1e-6)
    return Rhythm(tuple(map(float, came)), tuple(map(float, rates(steep))), (first, last), visit)


def _drops(in_peak: float, peak: tuple[int, int], other: tuple[int, int]) -> Floats:
    hour = np.arange(HOURS)
    evening = (hour >= peak[0]) & (hour < peak[1])
    rest = (hour >= other[0]) & (hour < other[1]) & ~evening
    if not rest.any() and in_peak < 1:
        raise ValueError(f"drops between {other[0]} and {other[1]} h all lie in the peak: give other hours")
    return np.asarray(evening * in_peak / evening.sum() + rest * (1 - in_peak) / max(rest.sum(), 1))


def _decay(pickups: Floats, hours: float) -> tuple[Floats, Floats, Floats]:
    """Of a parcel: part left after `hours`, time spent, and time spent by one that comes evenly meanwhile (an hour)."""
    gone = pickups * hours
    left = np.exp(-gone)
    some = gone > 1e-6
    rate = np.where(some, pickups, 1.0)
    spent = np.where(some, (1 - left) / rate, hours * (1 - gone / 2))
    coming = np.where(some, (hours - spent) / rate, hours**2 / 2 * (1 - gone / 3))
    return left, spent, coming


def _periodic(drops: Floats, pickups: Floats) -> Floats:
    """Parcels lying in an unlimited number of cells at the start of each hour and of the next day, (25,)."""
    left, spent, _ = _decay(pickups, 1.0)
    load = 0.0
    for part, stay, come in zip(left, spent, drops, strict=True):
        load = load * part + come * stay
    loads = [load / (1 - left.prod())]
    for part, stay, come in zip(left, spent, drops, strict=True):
        loads.append(loads[-1] * part + come * stay)
    return np.array(loads)


def _mean_load(drops: Floats, pickups: Floats) -> float:
    _, spent, coming = _decay(pickups, 1.0)
    return float((_periodic(drops, pickups)[:-1] * spent + drops * coming).mean())


def _in_peak(drops: Floats, pickups: Floats, peak: tuple[int, int]) -> float:
    loads = _periodic(drops, pickups)
    return float((drops + loads[:-1] - loads[1:])[peak[0] : peak[1]].sum() / drops.sum())


def offered_load(rhythm: Rhythm) -> Floats:
    """Cells that one parcel a day would take if cells were unlimited, at each moment, (24 * STEPS,).

    References
    ----------
    Eick, S. G., Massey, W. A. and Whitt, W. (1993), The physics of the Mt/G/infinity queue, Operations Research 41(4),
    731-742: the load is the integral of arrivals times the part still there.
    """
    drops, pickups = np.array(rhythm.drops), np.array(rhythm.pickups)
    start = _periodic(drops, pickups)[:-1]
    at = (np.arange(STEPS) + 0.5) / STEPS
    parts = [_decay(pickups, float(when)) for when in at]
    return np.stack([start * left + drops * spent for left, spent, _ in parts], axis=1).ravel()
