"""Weights of stations and sites at the points that an opening or closing touches, before and after it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.space import huff
from analysis.space.catchment_base import Base
from analysis.space.catchment_rules import Site
from analysis.space.huff import Flags, Floats, Ints
from analysis.space.parts import safe
from analysis.space.sizes import STANDARD_CELLS
from analysis.space.sphere import chord, metres, unit_vectors


@dataclass(frozen=True, slots=True)
class Reach:
    """Demand points that weigh up a site, and its weight there.

    Attributes
    ----------
    points : ndarray of int, shape (points in reach,)
        Rows of the demand, rising.
    weight : ndarray of float, shape (points in reach,)
    """

    points: Ints
    weight: Floats


def reach(base: Base, site: Site) -> Reach:
    """Points in reach of a site: those that look that far.

    Raises
    ------
    ValueError
        For a place off the map or a format that the model has no size for.
    """
    if not (-90 <= site.lat <= 90 and -180 <= site.lon <= 180):
        raise ValueError(f"{site.lat}, {site.lon} is no place: give degrees of latitude and longitude")
    if site.format not in base.model.sizes:
        raise ValueError(f"{site.format!r} has no size: choose from {', '.join(base.model.sizes)}")
    there, rules = unit_vectors(site.lat, site.lon), base.model
    apart = ((base.around - there) ** 2).sum(axis=1)
    near = np.flatnonzero(apart <= (chord(rules.reach_m) * (1 + 1e-9)) ** 2)
    distance = metres(np.sqrt(apart[near]))
    looks = base.near.locker_radius_m if site.format == "locker" else base.near.radius_m
    inside = distance <= looks[near]
    drawn, found, least = attraction(base, site), near[inside], base.least_m[near[inside]]
    return Reach(found, huff.pull(drawn, distance[inside], distance_exponent=rules.distance_exponent, least_m=least))


def attraction(base: Base, site: Site) -> float:
    """Size to its exponent times the network's brand; that of the average network where it has none in the city."""
    size, worth = base.model.sizes[site.format], 1.0
    if site.format == "locker":
        size *= (site.cells or STANDARD_CELLS) / STANDARD_CELLS
    if site.platform in base.networks:
        worth = float(base.brands.worth[base.networks.index(site.platform)]) or 1.0
    return float(size**base.model.attraction_exponent * worth)


@dataclass(frozen=True, slots=True)
class Redistribution:
    """Weights at the m points touched.

    Attributes
    ----------
    points : ndarray of int, shape (m,)
        Rows of the demand.
    parcels : ndarray of float, shape (m,)
        Parcels a day.
    before, after : ndarray of float, shape (m,)
        All weights; 0 where no station is within reach.
    kept, shut : ndarray of float, shape (m, networks)
        Of stations that stay, and of those that close.
    opened : ndarray of float, shape (m, sites)
    closing : ndarray of float, shape (m, closed stations)
    """

    points: Ints
    parcels: Floats
    before: Floats
    after: Floats
    kept: Floats
    shut: Floats
    opened: Floats
    closing: Floats

    def won(self) -> tuple[Floats, Floats, Floats]:
        """Parcels a day that sites win: from kept and closed stations (both sites x networks), and from nobody."""
        taken = self.opened * (self.parcels / safe(self.after))[:, None]
        part = 1 / safe(self.before)
        from_nobody = taken[self.before <= 0].sum(axis=0)
        return taken.T @ (self.kept * part[:, None]), taken.T @ (self.shut * part[:, None]), from_nobody

    def lost(self) -> tuple[Floats, Floats, Floats]:
        """Parcels a day that closed stations lose: to kept networks, to sites (closed x either), and to nobody."""
        let = self.closing * (self.parcels / safe(self.before))[:, None]
        part = (1 / safe(self.after))[:, None]
        return let.T @ (self.kept * part), let.T @ (self.opened * part), let[self.after <= 0].sum(axis=0)


def redistribute(base: Base, reaches: Sequence[Reach], closed: Ints) -> Redistribution:
    """Weights when sites open and the stations of rows `closed` close."""
    shut = np.zeros(len(base.stations), dtype=np.bool_)
    shut[closed] = True
    gone = np.flatnonzero(shut[base.near.stations]) if len(closed) else np.zeros(0, np.intp)
    touched = np.zeros(len(base.demand), dtype=np.bool_)
    for one in (base.points[gone], *(each.points for each in reaches)):
        touched[one] = True
    points = np.flatnonzero(touched)
    place = np.full(len(base.demand), -1)
    place[points] = np.arange(len(points))
    kept, shut_by_network, closing = _closed(base, points, place, shut, gone, closed)
    opened = np.zeros((len(points), len(reaches)))
    for column, each in enumerate(reaches):
        opened[place[each.points], column] = each.weight
    before = base.by_network[points].sum(axis=1)
    after = kept.sum(axis=1) + opened.sum(axis=1)
    return Redistribution(points, base.parcels[points], before, after, kept, shut_by_network, opened, closing)


def _closed(
    base: Base, points: Ints, place: Ints, shut: Flags, gone: Ints, closed: Ints
) -> tuple[Floats, Floats, Floats]:
    """Weights at `points` of kept and closed stations by network, and of each closed station."""
    kept, width = base.by_network[points], len(base.networks)
    closing = np.zeros((len(points), len(closed)))
    if not len(gone):
        return kept, np.zeros_like(kept), closing
    column = np.full(len(shut), -1)
    column[closed] = np.arange(len(closed))
    closing[place[base.points[gone]], column[base.near.stations[gone]]] = base.weight[gone]
    owner = base.owner[closed]
    off = np.stack([closing[:, owner == network].sum(axis=1) for network in range(width)], axis=1)
    hit = np.unique(base.points[gone])  # added up again there: a difference would leave rounding where nothing is left
    pairs = np.concatenate([np.arange(base.near.starts[point], base.near.starts[point + 1]) for point in hit])
    left = pairs[~shut[base.near.stations[pairs]]]
    cell = place[base.points[left]] * width + base.owner[base.near.stations[left]]
    again = np.bincount(cell, base.weight[left], kept.size).reshape(kept.shape)
    kept = kept.copy()
    kept[place[hit]] = again[place[hit]]
    return kept, off, closing
