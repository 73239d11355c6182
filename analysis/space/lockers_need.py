"""How many sets of lockers a city needs for a service level, against those that stand there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.economics.locker import Locker
from analysis.space.lockers import day, sized, turned_away, visits
from analysis.space.lockers_rhythm import Floats, Rhythm, offered_load

Judged = Literal["worst", "evening", "day"]
JUDGED: tuple[Judged, ...] = ("worst", "evening", "day")
"""When the service level has to hold: in the fullest hour, over the evening peak, over the whole day."""
MOST_SIZES = 6
"""Sets of more sizes than these are counted as the nearest of them."""
NODES = np.geomspace(0.15, 12.0, 18)
"""Offered load over cells, at its highest in the day, at which a set is solved; a smooth curve goes through."""
_LEAST = 1e-12
_GRID = 9
"""Points of the spread of parcels between the sets of a city."""


@dataclass(frozen=True, slots=True)
class Service:
    """What is asked of lockers.

    Attributes
    ----------
    level : float
        Part of the parcels that must find a free cell.
    judged : str
        When: one of `JUDGED`.
    spread : float
        Standard deviation of parcels between the sets of a city over their mean, log-normal.
    """

    level: float = 0.99
    judged: Judged = "worst"
    spread: float = 0.3

    def __post_init__(self) -> None:
        if not 0 < self.level < 1 or self.judged not in JUDGED or not self.spread >= 0:
            raise ValueError(f"{self}: level within 0 and 1, judged one of {', '.join(JUDGED)}, spread 0 or more")


@dataclass(frozen=True, slots=True)
class Curve:
    """Overflow of one size of set against parcels a day.

    Attributes
    ----------
    locker : Locker
        The set.
    parcels_per_day : (nodes,) ndarray
        Where it was solved.
    overflow : mapping of str to (nodes,) ndarray
        By `JUDGED`.
    visit : int
        Parcels that a courier brings at once.
    """

    locker: Locker
    parcels_per_day: Floats
    overflow: Mapping[str, Floats]
    visit: int = 1

    @property
    def never(self) -> float:
        """Part of the parcels that find no cell even in an empty set: no cell of their size, or too few for a visit."""
        sizes = zip(self.locker.cells, self.locker.mix, strict=True)
        return float(sum(part * turned_away(cells, visits(self.visit, part))[0] for cells, part in sizes))

    def at(self, parcels_per_day: npt.ArrayLike, judged: Judged, *, spread: float = 0.0) -> Floats:
        """Part of the parcels turned away, where sets have `parcels_per_day` on average, in its shape."""
        mean = np.asarray(parcels_per_day, float)
        factor, weight = _log_normal(spread)
        parcels = mean[..., None] * factor
        return np.asarray((self._of_one(parcels, judged) * weight * factor).sum(axis=-1))

    def _of_one(self, parcels: Floats, judged: Judged) -> Floats:
        from scipy.interpolate import PchipInterpolator

        known, lost = self.parcels_per_day, self.overflow[judged]
        if lost.min() >= 1 - _LEAST or lost.max() <= _LEAST:
            return np.full(parcels.shape, lost[-1])
        inner = np.clip(lost, _LEAST, 1 - _LEAST)
        curve = PchipInterpolator(np.log(known), np.log(inner / (1 - inner)))
        odds = curve(np.log(np.clip(parcels, known[0], known[-1])))
        far = 1 - (1 - lost[-1]) * known[-1] / np.maximum(parcels, known[-1])
        never = self.never
        near = never + (lost[0] - never) * parcels / known[0]
        return np.select([parcels < known[0], parcels > known[-1]], [near, far], 1 / (1 + np.exp(-odds)))

    def takes(self, service: Service) -> float:
        """Parcels a day of the average set at which the level is just met; 0 if it never is, infinite if always."""
        from scipy.optimize import brentq

        allowed = 1 - service.level
        if allowed <= self.never:
            return 0.0

        def over(log_parcels: float) -> float:
            return float(self.at(np.exp(log_parcels), service.judged, spread=service.spread)) - allowed

        low, high = float(np.log(self.parcels_per_day[0] / 100)), float(np.log(self.parcels_per_day[-1] * 100))
        if over(high) < 0:
            return float("inf")
        return float(np.exp(brentq(over, low, high, xtol=1e-6)))


def _log_normal(spread: float) -> tuple[Floats, Floats]:
    """Factors with mean 1 and this spread, and their weights."""
    if spread == 0:
        return np.ones(1), np.ones(1)
    point, weight = np.polynomial.hermite_e.hermegauss(_GRID)
    sigma = np.sqrt(np.log1p(spread**2))
    factor, weight = np.exp(sigma * point), weight / weight.sum()
    return factor / (factor @ weight), weight


def curve(locker: Locker, rhythm: Rhythm) -> Curve:
    """Solve the day of one set at `NODES`."""
    cells, peak = max(sum(locker.cells), 1), float(offered_load(rhythm).max())
    parcels = NODES * cells / peak
    days = [day(locker, rhythm, float(n)) for n in parcels]
    found = {
        "worst": [d.overflow_of_worst_hour for d in days],
        "evening": [d.overflow_of_evening for d in days],
        "day": [d.overflow_of_day for d in days],
    }
    return Curve(locker, parcels, {key: np.array(values) for key, values in found.items()}, rhythm.visit)


def sizes(sets: pd.DataFrame, locker: Locker) -> tuple[int, ...]:
    """Numbers of cells of the sets to solve: those of `sets` (see `lockers_market.standing`) and of `locker` itself.

    Where there are more than `MOST_SIZES`, those in the middle of equal parts of the sets stand for all.
    """
    counts = sets.groupby("cells")["sets"].sum().sort_index()
    found = counts.index.to_numpy()
    if len(found) > MOST_SIZES:
        done = (counts.cumsum() - counts / 2) / counts.sum()
        middles = (np.arange(MOST_SIZES) + 0.5) / MOST_SIZES
        found = found[np.searchsorted(done.to_numpy(), middles).clip(0, len(found) - 1)]
    return tuple(sorted({int(n) for n in found} | {sum(locker.cells)}))


def curves(cells: tuple[int, ...], locker: Locker, rhythm: Rhythm) -> dict[int, Curve]:
    """Curve of each of `sizes` by number of cells; sizes of cells are split as in `locker`."""
    own = sum(locker.cells)
    return {n: curve(locker if n == own else sized(n, locker), rhythm) for n in cells}


def needed(
    parcels_per_day: pd.Series, sets: pd.DataFrame, known: Mapping[int, Curve], locker: Locker, service: Service
) -> pd.DataFrame:
    """Sets that each city needs, and what those it has do with its parcels.

    Parcels are spread over the sets of a city by their cells, unevenly as `service` says.

    Parameters
    ----------
    parcels_per_day : pandas.Series
        Parcels offered to lockers, by city.
    sets : pandas.DataFrame
        From `lockers_market.standing`.
    known : mapping
        From `curves`, of the same `locker`.
    locker : Locker
        The set in which need is counted.
    service : Service
        What is asked.

    Returns
    -------
    pandas.DataFrame
        Index city (those with parcels or sets); columns parcels_per_day, sets, cells, per_set (parcels a set and day),
        turnover (parcels taken a cell and day), overflow_worst, overflow_evening, overflow_day (parts of the parcels
        turned away; not a number without a set), takes (parcels a day that the sets take at the service level), needed
        (sets of `locker`), missing (sets of `locker` to add; below 0: more than needed).
    """
    index = pd.Index(sorted({*map(str, parcels_per_day.index), *sets["city"]}), name="city", dtype="str")
    named = parcels_per_day.set_axis(parcels_per_day.index.astype(str))
    offered = named.reindex(index, fill_value=0.0).to_numpy(np.float64)
    size, many = sets["cells"].to_numpy(np.int64), sets["sets"].to_numpy(np.float64)
    at = index.get_indexer(sets["city"])
    there, cells = (np.bincount(at, weights, len(index)).astype(np.float64) for weights in (many, many * size))
    per_cell = _ratio(offered, cells, 0.0)
    solved = np.array(sorted(known))
    nearest = solved[np.abs(size[:, None] - solved).argmin(axis=1)]
    lost, takes = {judged: np.zeros(len(index)) for judged in JUDGED}, np.zeros(len(index))
    for one in np.unique(nearest):
        held = np.bincount(at, np.where(nearest == one, many * size, 0.0), len(index))
        for judged in JUDGED:
            lost[judged] += held * known[int(one)].at(per_cell * one, judged, spread=service.spread)
        has = held > 0
        takes[has] += held[has] / one * known[int(one)].takes(service)
    lost = {judged: _ratio(sums, cells, np.nan) for judged, sums in lost.items()}
    usual = known[sum(locker.cells)].takes(service)
    if np.isfinite(usual):
        need = offered / usual if usual > 0 else np.where(offered > 0, np.inf, 0.0)
        worth = takes / usual if usual > 0 else np.zeros(len(index))
    else:
        need, worth = np.zeros(len(index)), there
    return pd.DataFrame(
        {
            "parcels_per_day": offered,
            "sets": there.astype(np.int64),
            "cells": cells.astype(np.int64),
            "per_set": _ratio(offered, there, np.nan),
            "turnover": np.where(cells > 0, per_cell * (1 - lost["day"]), np.nan),
            **{f"overflow_{judged}": lost[judged] for judged in JUDGED},
            "takes": takes,
            "needed": need,
            "missing": need - worth,
        },
        index=index,
    )


def _ratio(above: Floats, below: Floats, otherwise: float) -> Floats:
    return np.asarray(np.divide(above, below, out=np.full(len(above), otherwise), where=below > 0))


def summed(cities: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """The same by group (tier), missing sets never set off against those to spare in another city.

    Parameters
    ----------
    cities : pandas.DataFrame
        From `needed`.
    groups : pandas.Series
        Group of each city, on its index.

    Returns
    -------
    pandas.DataFrame
        Index group; columns parcels_per_day, sets, cells, needed, missing (of the cities that lack sets), spare (of
        the others), lacking and cities (numbers of cities with parcels), overflow_worst, overflow_evening and
        overflow_day (of the average parcel where there are sets).
    """
    has = cities[cities["parcels_per_day"] > 0]
    columns = {
        **{name: cities[name] for name in ("parcels_per_day", "sets", "cells", "needed")},
        "missing": cities["missing"].clip(lower=0),
        "spare": (-cities["missing"]).clip(lower=0),
        "lacking": (cities["missing"] > 0) & (cities["parcels_per_day"] > 0),
        "cities": pd.Series(True, index=has.index).reindex(cities.index, fill_value=False),
    }
    table = pd.DataFrame(columns).groupby(groups.reindex(cities.index), observed=True).sum()
    served = has[has["sets"] > 0]
    weight = served["parcels_per_day"].groupby(groups.reindex(served.index), observed=True).sum()
    for judged in JUDGED:
        lost = (served[f"overflow_{judged}"] * served["parcels_per_day"]).groupby(
            groups.reindex(served.index), observed=True
        )
        table[f"overflow_{judged}"] = (lost.sum() / weight).reindex(table.index)
    return table
