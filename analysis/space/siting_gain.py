"""What a set of sites brings a network, at the demand points that any of the candidates reaches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis import economics
from analysis.space.catchment_base import Base
from analysis.space.catchment_rules import Site
from analysis.space.huff import Floats, Ints
from analysis.space.parts import inverse, part
from analysis.space.redistribution import reach
from analysis.space.sizes import capacities, capacity, profit


@dataclass(frozen=True, slots=True)
class Own:
    """The network's stations that the candidates' points weigh up.

    Attributes
    ----------
    at, station : ndarray of int, shape (pairs,)
        Position among the points, rising, and row of the stations below.
    weight : ndarray of float, shape (pairs,)
    parcels, limit, margin : ndarray of float, shape (stations,)
        Parcels a day today, as many as the station can take, and what one leaves it, CNY.
    """

    at: Ints
    station: Ints
    weight: Floats
    parcels: Floats
    limit: Floats
    margin: Floats

    def lost(self, step: Floats) -> float:
        """CNY a day that the stations lose when the parcels per weight fall by `step` at every point."""
        fall = np.bincount(self.station, self.weight * step[self.at], len(self.parcels)).astype(float)
        return float(self.margin @ self.missed(self.parcels, fall))

    def missed(self, parcels: Floats, fall: Floats, rows: Ints | slice = slice(None)) -> Floats:
        """Parcels a day of those that stations could take that are gone when `parcels` fall."""
        limit = self.limit[rows]
        return np.asarray(np.minimum(parcels, limit) - np.minimum(parcels - fall, limit))


@dataclass(frozen=True, slots=True)
class Ground:
    """Weights at the m points in reach of one candidate or more.

    Attributes
    ----------
    parcels, total, own : ndarray of float, shape (m,)
        Parcels a day, the weights of all stations, and of the network's.
    stations : Own
    points : tuple of ndarray of int
        Of each candidate, positions among the m.
    weights : tuple of ndarray of float
        Of each candidate, there.
    flat : tuple of ndarray
        Those of all candidates in one: candidate, position, weight.
    types : tuple of Station
        Of each candidate.
    limit : ndarray of float, shape (sites,)
        Parcels a day that each can take.
    """

    parcels: Floats
    total: Floats
    own: Floats
    stations: Own
    points: tuple[Ints, ...]
    weights: tuple[Floats, ...]
    flat: tuple[Ints, Ints, Floats]
    types: tuple[economics.Station, ...]
    limit: Floats

    @classmethod
    def of(
        cls, base: Base, candidates: Sequence[Site], network: str, kinds: Mapping[str, economics.Station]
    ) -> "Ground":
        """Ground of candidates; `kinds` are stations by format, of the candidates and of those that stand."""
        reaches = [reach(base, site) for site in candidates]
        touched = np.zeros(len(base.demand), dtype=np.bool_)
        for each in reaches:
            touched[each.points] = True
        rows = np.flatnonzero(touched)
        place = np.full(len(touched), -1)
        place[rows] = np.arange(len(rows))
        mine = np.array([key == network for key in base.networks], dtype=np.bool_)
        pairs = np.flatnonzero(touched[base.points] & mine[base.owner[base.near.stations]])
        at, weight = place[base.points[pairs]], base.weight[pairs]
        known, station = np.unique(base.near.stations[pairs], return_inverse=True)
        held = base.stations.iloc[known]
        margin = np.array([kinds[format].margin_cny_per_parcel for format in held["format"].astype(str)], float)
        stations = Own(at, station, weight, held["parcels_per_day"].to_numpy(float), capacities(held), margin)
        places, weights = tuple(place[each.points] for each in reaches), tuple(each.weight for each in reaches)
        flat = (
            np.repeat(np.arange(len(places)), [len(each) for each in places]),
            np.concatenate([*places, np.zeros(0, np.intp)]),
            np.concatenate([*weights, np.zeros(0)]),
        )
        own = np.bincount(at, weight, len(rows)).astype(float)
        limit = np.array([capacity(site.format, site.cells) for site in candidates], float)
        types = tuple(kinds[site.format] for site in candidates)
        return cls(base.parcels[rows], base.total[rows], own, stations, places, weights, flat, types, limit)

    @property
    def sites(self) -> int:
        """How many candidates there are."""
        return len(self.points)

    @property
    def size(self) -> int:
        """Weights of all candidates."""
        return len(self.flat[0])

    def nothing(self) -> Floats:
        """Weight of no site, shape (m,)."""
        return np.zeros(len(self.parcels))

    def with_site(self, site: int, added: Floats) -> Floats:
        """`added` and the weight of one site."""
        found = added.copy()
        found[self.points[site]] += self.weights[site]
        return found

    def added(self, chosen: Sequence[int]) -> Floats:
        """Weight of a set of sites, shape (m,)."""
        found = self.nothing()
        for site in chosen:
            found[self.points[site]] += self.weights[site]
        return found

    def gain_of(self, site: int, added: Floats) -> float:
        """Parcels a day that the network gains by one more site."""
        return float(self._more(self.points[site], self.weights[site], added).sum())

    def gains(self, added: Floats) -> Floats:
        """The same for every candidate, shape (sites,)."""
        site, at, weight = self.flat
        return np.bincount(site, self._more(at, weight, added), self.sites).astype(float)

    def gain(self, chosen: Sequence[int]) -> float:
        """Parcels a day that the network gains by a set of sites."""
        added = self.added(chosen)
        now = part(self.own + added, self.total + added)
        return float(self.parcels @ (now - part(self.own, self.total)))

    def won(self, chosen: Sequence[int]) -> Floats:
        """Parcels a day of each site of the set, shape (chosen,)."""
        total = self.total + self.added(chosen)
        rate = self.parcels / np.where(total > 0, total, 1.0)
        return np.array([self.weights[site] @ rate[self.points[site]] for site in chosen])

    def alone(self) -> tuple[Floats, Floats, Floats]:
        """Parcels a day of each site opened alone, and of these from own stations and from nobody; (sites,) each."""
        site, at, weight = self.flat
        won = self.parcels[at] * part(weight, self.total[at] + weight)
        parts = (won, won * part(self.own, self.total)[at], np.where(self.total[at] > 0, 0.0, won))
        found = tuple(np.bincount(site, one, self.sites).astype(float) for one in parts)
        return found[0], found[1], found[2]

    def earned(self, sites: Sequence[int], parcels_per_day: Floats) -> Floats:
        """CNY a month of each of the sites with the parcels that come to it, as many as it can take."""
        rows, found = np.asarray(sites, np.intp), np.zeros(len(parcels_per_day))
        kinds = [self.types[row] for row in rows]
        for kind in dict.fromkeys(kinds):
            same = np.array([one == kind for one in kinds])
            found[same] = profit(kind, parcels_per_day[same], self.limit[rows[same]])
        return found

    def lost(self, chosen: Sequence[int]) -> float:
        """CNY a month that the network's stations lose to a set of sites."""
        total = self.total + self.added(chosen)
        return self.stations.lost(self.parcels * (inverse(self.total) - inverse(total))) * economics.DAYS

    def profit(self, chosen: Sequence[int]) -> float:
        """CNY a month: profits of the sites, less what other stations of the network lose.

        Neither earns with parcels beyond what it can take.
        """
        return float(self.earned(chosen, self.won(chosen)).sum()) - self.lost(chosen)

    def _more(self, at: Ints, weight: Floats, added: Floats) -> Floats:
        """Parcels a day that weights bring at positions `at` on top of `added`."""
        own, total = self.own[at] + added[at], self.total[at] + added[at]
        return np.asarray(self.parcels[at] * (part(own + weight, total + weight) - part(own, total)))
