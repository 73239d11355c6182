"""Who is within reach of a station: shares of people and of parcels by radius, and who serves each demand point.

A demand point counts whole: it is within reach when its position is. `staffed` are all formats but lockers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.space.nearest import nearest_of_m
from analysis.space.sphere import unit_vectors
from data.cities import cities

RADII_M = (300, 1000, 3000)
"""Four minutes' walk, a quarter of an hour's, a ride."""
SERVED = ("own", "rivals", "lockers_only", "nobody")
"""Who serves a demand point; each has exactly one."""
ALL = "all"
KINDS = ("any", "staffed", "locker")
WEIGHTS = ("people", "parcels_per_day")
LOCKER = "locker"

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rings:
    """How far each demand point is from the nearest station of each network, in rings.

    Attributes
    ----------
    radii_m : tuple of float
        Rising.
    networks : tuple of str
        Network of each group.
    lockers : tuple of bool
        Whether the group is the network's lockers; else its staffed stations.
    ring : ndarray
        uint8, (groups, demand points): how many radii the nearest station is beyond; `len(radii_m)` where it is
        beyond all.
    """

    radii_m: tuple[float, ...]
    networks: tuple[str, ...]
    lockers: tuple[bool, ...]
    ring: npt.NDArray[np.uint8]

    def nearest(self, *, network: str = ALL, rivals_of: str = "", kind: str = "any") -> npt.NDArray[np.uint8]:
        """Smallest ring of the groups named, (demand points,): of `network` or all, of `kind`, none of `rivals_of`."""
        rows = [
            i
            for i, (name, locker) in enumerate(zip(self.networks, self.lockers, strict=True))
            if network in (ALL, name) and name != rivals_of and kind in ("any", LOCKER if locker else "staffed")
        ]
        beyond = np.full(self.ring.shape[1], len(self.radii_m), np.uint8)
        return self.ring[rows].min(axis=0, initial=len(self.radii_m)) if rows else beyond

    def within(self, radius_m: float, *, network: str = ALL, rivals_of: str = "", kind: str = "any") -> Mask:
        """Demand points with such a station within `radius_m`, one of `radii_m`."""
        return self.nearest(network=network, rivals_of=rivals_of, kind=kind) <= self._place(radius_m)

    def _place(self, radius_m: float) -> int:
        if radius_m not in self.radii_m:
            raise ValueError(f"{radius_m} m was not measured: choose from {', '.join(map(str, self.radii_m))}")
        return self.radii_m.index(radius_m)


def rings(demand: pd.DataFrame, stations: pd.DataFrame, *, radii_m: Sequence[float] = RADII_M) -> Rings:
    """Measure every network's staffed stations and lockers around every demand point.

    Parameters
    ----------
    demand : DataFrame
        Columns lat, lon (degrees), one row a demand point.
    stations : DataFrame
        Columns platform, format, lat, lon: those that stand. Without a position they count for nothing.
    radii_m : sequence of float
        Metres, any order.

    Returns
    -------
    Rings

    Raises
    ------
    ValueError
        For a radius that is not above 0.
    """
    radii = tuple(sorted(radii_m))
    if not radii or not radii[0] > 0:
        raise ValueError(f"radii are {radii_m}: give metres above 0")
    placed = stations[stations["lat"].notna() & stations["lon"].notna()]
    points, others = (unit_vectors(table["lat"], table["lon"]) for table in (demand, placed))
    groups = _groups(placed)
    found = np.empty((len(groups), len(demand)), np.uint8)
    for row, positions in zip(found, groups.values(), strict=True):
        metres = nearest_of_m(points, others[positions], within_m=radii[-1])
        row[:] = np.searchsorted(radii, metres)
    names = tuple(name for name, _ in groups), tuple(locker for _, locker in groups)
    return Rings(radii, *names, found)


def _groups(stations: pd.DataFrame) -> dict[tuple[str, bool], npt.NDArray[np.intp]]:
    """Rows of every network's staffed stations and of its lockers, network by network."""
    locker = (stations["format"] == LOCKER).to_numpy()
    codes, names = pd.factorize(stations["platform"], sort=True)
    keys = codes * 2 + locker
    order = np.argsort(keys, kind="stable")
    kinds, starts = np.unique(keys[order], return_index=True)
    parts = np.split(order, starts[1:]) if len(kinds) else []
    return {(str(names[key // 2]), bool(key % 2)): part for key, part in zip(kinds.tolist(), parts, strict=True)}


def shares(demand: pd.DataFrame, found: Rings, *, by: Sequence[str] = ("tier",)) -> pd.DataFrame:
    """Share of people and of parcels within each radius of a station, per network and for all.

    Parameters
    ----------
    demand : DataFrame
        Columns city (adcode), people, parcels_per_day.
    found : Rings
        Those of `demand`.
    by : sequence of str
        Columns of `data.cities` ("tier", "region", "province_en") or "city"; () for one row.

    Returns
    -------
    DataFrame
        Columns of `by`, network ("all" for any), kind ("any", "staffed", "locker"), radius_m, people and
        parcels_per_day within it, people_share and parcels_share (fractions of the group; missing where it has none).
    """
    codes, groups = _places(demand, by)
    size, weights = len(groups), [demand[w].to_numpy(np.float64) for w in WEIGHTS]
    totals = [np.bincount(codes, w, minlength=size) for w in weights]
    tables = []
    for network, kind in _asked(found):
        steps = len(found.radii_m) + 1
        cell = codes * steps + found.nearest(network=network, kind=kind)
        inside = [
            np.bincount(cell, w, minlength=size * steps).reshape(size, steps).cumsum(axis=1)[:, :-1] for w in weights
        ]
        table = groups.loc[np.repeat(groups.index, steps - 1)].reset_index(drop=True)
        table = table.assign(network=network, kind=kind, radius_m=np.tile(found.radii_m, size))
        for name, part, total in zip(WEIGHTS, inside, totals, strict=True):
            whole = np.repeat(total, steps - 1)
            table[name] = part.ravel()
            share = np.divide(part.ravel(), whole, out=np.full(len(table), np.nan), where=whole > 0)
            table[f"{name.removesuffix('_per_day')}_share"] = np.minimum(share, 1.0)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _asked(found: Rings) -> list[tuple[str, str]]:
    """Networks and kinds with a station, all networks first."""
    asked = [(ALL, kind) for kind in KINDS]
    for network in sorted(set(found.networks)):
        own = [locker for name, locker in zip(found.networks, found.lockers, strict=True) if name == network]
        asked += [(network, "any")] + [(network, LOCKER if locker else "staffed") for locker in sorted(own)]
    return asked


def _places(demand: pd.DataFrame, by: Sequence[str]) -> tuple[npt.NDArray[np.intp], pd.DataFrame]:
    """Number of each demand point's group, and the groups in order with the columns of `by`."""
    if not by:
        return np.zeros(len(demand), np.intp), pd.DataFrame(index=range(1))
    city, names = pd.factorize(demand["city"], sort=True)
    facts = cities().reindex(names.astype(str)).assign(city=names.astype(str))[list(by)].reset_index(drop=True)
    groups = facts.drop_duplicates().sort_values(list(by)).reset_index(drop=True)
    places = facts.merge(groups.assign(place=np.arange(len(groups))), on=list(by), how="left", sort=False)
    return places["place"].to_numpy(np.intp)[city], groups


def served(demand: pd.DataFrame, stations: pd.DataFrame, network: str, radius_m: float) -> pd.Series:
    """Who serves each demand point: its first of own stations, rivals' staffed ones, others' lockers, nobody.

    Parameters
    ----------
    demand, stations : DataFrame
        As for `rings`.
    network : str
        Whose stations, of any format, are "own".
    radius_m : float
        Metres within which a station serves.

    Returns
    -------
    Series
        Categorical of `SERVED`, indexed as `demand`.
    """
    return servers(demand, rings(demand, stations, radii_m=(radius_m,)), network, radius_m)


def servers(demand: pd.DataFrame, found: Rings, network: str, radius_m: float) -> pd.Series:
    """`served` of rings that were measured already, at one of their radii."""
    own = found.within(radius_m, network=network)
    rivals = found.within(radius_m, rivals_of=network, kind="staffed")
    lockers = found.within(radius_m, rivals_of=network, kind=LOCKER)
    codes = np.where(own, 0, np.where(rivals, 1, np.where(lockers, 2, 3))).astype(np.int8)
    return pd.Series(pd.Categorical.from_codes(codes, SERVED, ordered=True), demand.index, name="served")


def parts(demand: pd.DataFrame, by_whom: pd.Series, *, weight: str, by: Sequence[str] = ("tier",)) -> pd.DataFrame:
    """`weight` ("people" or "parcels_per_day") by group of `by` and server: index the group, columns `SERVED`."""
    codes, groups = _places(demand, by)
    cell = codes * len(SERVED) + by_whom.cat.codes.to_numpy(np.intp)
    sums = np.bincount(cell, demand[weight].to_numpy(np.float64), minlength=len(groups) * len(SERVED))
    index = pd.MultiIndex.from_frame(groups) if len(by) > 1 else pd.Index(groups[by[0]]) if by else groups.index
    return pd.DataFrame(sums.reshape(len(groups), len(SERVED)), index, list(SERVED))
