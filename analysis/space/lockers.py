"""A set of lockers through the day: parcels dropped, cells taken, parcels turned away, hour by hour.

Couriers drop parcels at a rate that follows the clock, and each parcel in a cell is picked up at a rate that follows
the clock too (few at night, many in the evening). Each size of cell is a loss system of its own: a parcel that finds
no free cell of its size goes elsewhere. Rates are constant within an hour, so that the day can be solved exactly.

Couriers come at random (Poisson) moments and bring several parcels at once (`Rhythm.visit`), each of its own size: of
the parcels of a visit as many are taken as cells are free. One parcel a visit is the kindest case to the set: with the
same parcels a day, larger visits leave more of them without a cell. Rounds at fixed times, and visits that grow with
the parcels of the day, are left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Literal

import numpy as np

from analysis.economics.locker import STANDARD, Locker, erlang_b
from analysis.space.lockers_rhythm import HOURS, STEPS, Floats, Rhythm, offered_load

Method = Literal["exact", "modified", "pointwise"]
_SETTLED, _MOST_DAYS = 1e-10, 400


@dataclass(frozen=True, slots=True)
class Day:
    """A set of lockers through a day like all others.

    Attributes
    ----------
    locker : Locker
        The set.
    rhythm : Rhythm
        When parcels come and go.
    parcels_per_day : float
        Parcels offered.
    drops : (24,) ndarray
        Parcels offered in each hour.
    taken : (24 * STEPS, sizes) ndarray
        Mean number of cells taken.
    lost : (24 * STEPS, sizes) ndarray
        Part of the parcels of a size that would find no free cell at that moment.
    overflow : (24,) ndarray
        Part of an hour's parcels, of all sizes, that find no free cell of theirs.
    overflow_of_day, overflow_of_evening, overflow_of_worst_hour : float
        The same over the day, the evening peak and the hour with the most of it, among those with drops.
    worst_hour : int
        First hour that no other exceeds.
    """

    locker: Locker
    rhythm: Rhythm
    parcels_per_day: float
    drops: Floats
    taken: Floats
    lost: Floats
    overflow: Floats
    overflow_of_day: float
    overflow_of_evening: float
    overflow_of_worst_hour: float
    worst_hour: int

    @property
    def cells(self) -> int:
        """Of all sizes."""
        return sum(self.locker.cells)

    @property
    def occupancy(self) -> Floats:
        """Part of all cells that are taken, (24 * STEPS,)."""
        return np.asarray(self.taken.sum(axis=1) / max(self.cells, 1))

    @property
    def lost_of_all(self) -> Floats:
        """Part of the parcels of all sizes that would find no free cell of theirs, (24 * STEPS,)."""
        return np.asarray(self.lost @ np.array(self.locker.mix))

    @property
    def turnover(self) -> float:
        """Parcels that a cell takes in a day."""
        return self.parcels_per_day * (1 - self.overflow_of_day) / max(self.cells, 1)


def sized(cells: int, like: Locker = STANDARD) -> Locker:
    """A set of `cells` cells split by size as `like` is (as its parcels are, if it has none), whole cells."""
    if cells < 0:
        raise ValueError(f"cells is {cells}: give 0 or more")
    split = np.array(like.cells if any(like.cells) else like.mix, float)
    exact = split * cells / split.sum()
    found = np.floor(exact + 1e-9).astype(int)
    order = np.argsort(found - exact, kind="stable")
    found[order[: cells - found.sum()]] += 1
    return Locker(tuple(map(int, found)), like.mix, like.hours_in_cell, like.peak_share, like.peak, like.station)


def visits(visit: int, part: float) -> Floats:
    """Chances that a visit of `visit` parcels brings 0, 1, ... of a size that `part` of all parcels need."""
    if visit == 1 or part <= 0:
        return np.array([0.0, 1.0])
    return np.array([comb(visit, n) * part**n * (1 - part) ** (visit - n) for n in range(visit + 1)])


def turned_away(cells: int, brought: Floats) -> Floats:
    """Part of a visit's parcels of one size that find no cell with 0, 1, ... `cells` of them taken, (cells + 1,).

    `brought` is what `visits` returns.
    """
    number = np.arange(len(brought))
    over = np.maximum(np.arange(cells + 1)[:, None] + number - cells, 0)
    return np.asarray(over @ brought / (number @ brought))


def blocked(
    cells: int, rhythm: Rhythm, parcels_per_day: float, *, part: float = 1.0, method: Method = "exact"
) -> tuple[Floats, Floats]:
    """Part of the parcels that find all `cells` of one size taken, and cells taken, at each moment.

    Parameters
    ----------
    cells : int
        Of one size.
    rhythm : Rhythm
        When parcels come and go, and how many at once.
    parcels_per_day : float
        Of that size.
    part : float
        Of a visit's parcels that need this size.
    method : str
        "exact" solves the birth-and-death process of the day that repeats itself; "modified" is Erlang's formula at
        the offered load of the moment (Massey and Whitt 1994); "pointwise" is Erlang's formula at drops over pick-up
        rate of the moment. The two formulas take parcels that come one by one.

    Returns
    -------
    lost, taken : (24 * STEPS,) ndarray

    References
    ----------
    Massey, W. A. and Whitt, W. (1994), An analysis of the modified offered-load approximation for the nonstationary
    Erlang loss model, Annals of Applied Probability 4(4), 1145-1160.
    """
    if not parcels_per_day >= 0 or cells < 0:
        raise ValueError(f"{parcels_per_day} parcels a day and {cells} cells: give 0 or more")
    if method != "exact" and rhythm.visit != 1:
        raise ValueError(f"{rhythm.visit} parcels a visit: {method!r} takes parcels one by one")
    if cells == 0:
        return np.ones(HOURS * STEPS), np.zeros(HOURS * STEPS)
    if method == "exact":
        brought = visits(rhythm.visit, part)
        return _solved(cells, np.array(rhythm.drops) * parcels_per_day, np.array(rhythm.pickups), brought)
    load = offered_load(rhythm) * parcels_per_day
    if method == "pointwise":
        load = np.repeat(np.array(rhythm.drops) * parcels_per_day / np.array(rhythm.pickups), STEPS)
    lost = erlang_b(cells, load)
    return lost, load * (1 - lost)


def _solved(cells: int, drops: Floats, pickups: Floats, brought: Floats) -> tuple[Floats, Floats]:
    from scipy.linalg import expm

    states, turned = np.arange(cells + 1), turned_away(cells, brought)
    coming = np.zeros((cells + 1, cells + 1))
    for number, chance in enumerate(brought):
        coming[states, np.minimum(states + number, cells)] += chance / (np.arange(len(brought)) @ brought)
    pairs, which = np.unique(np.stack([drops, pickups], axis=1), axis=0, return_inverse=True)
    rates = pairs[:, :1, None] * coming
    rates[:, states[1:], states[:-1]] += states[1:] * pairs[:, 1:]
    rates[:, states, states] = 0.0
    rates[:, states, states] = -rates.sum(axis=2)
    half = expm(rates / (2 * STEPS))
    whole = np.linalg.matrix_power(half, 2 * STEPS)
    now = np.zeros(cells + 1)
    now[min(round(float(drops.sum() / pickups.sum())), cells)] = 1.0
    for _ in range(_MOST_DAYS):
        before = now
        for hour in which:
            now = now @ whole[hour]
        if np.abs(now - before).max() < _SETTLED:
            break
    lost, taken = [], []
    for hour in np.repeat(which, STEPS):
        now = now @ half[hour]
        lost.append(now @ turned)
        taken.append(now @ states)
        now = now @ half[hour]
    return np.clip(lost, 0.0, 1.0), np.array(taken)


def day(locker: Locker, rhythm: Rhythm, parcels_per_day: float, *, method: Method = "exact") -> Day:
    """What a set of lockers does with `parcels_per_day` through the day; `blocked` says how."""
    found = [
        blocked(cells, rhythm, parcels_per_day * part, part=part, method=method)
        for cells, part in zip(locker.cells, locker.mix, strict=True)
    ]
    lost, taken = (np.stack(part, axis=1) for part in zip(*found, strict=True))
    overflow = (lost @ np.array(locker.mix)).reshape(HOURS, STEPS).mean(axis=1)
    drops = np.array(rhythm.drops)
    evening = slice(*rhythm.peak)
    at_work = np.where(drops > 0, overflow, -1.0)
    return Day(
        locker,
        rhythm,
        float(parcels_per_day),
        drops * parcels_per_day,
        taken,
        lost,
        overflow,
        float(overflow @ drops),
        _weighted(overflow[evening], drops[evening]),
        float(at_work.max()),
        int(at_work.argmax()),
    )


def _weighted(values: Floats, weights: Sequence[float] | Floats) -> float:
    return float(np.average(values, weights=weights)) if np.sum(weights) > 0 else 0.0
