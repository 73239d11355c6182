"""A city's stations and demand as a market: who hands over how much where today."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.space import huff
from analysis.space.brands import Brands, calibrate
from analysis.space.catchment_rules import Model as Model
from analysis.space.huff import Flags, Floats, Ints, Neighbours
from analysis.space.parts import part
from analysis.space.sizes import sizes
from analysis.space.sphere import unit_vectors
from analysis.space.surroundings import around_demand, spread_m
from data.grade import Grade
from data.platforms import OUTSIDE, PLATFORMS

MISSED = 1e-3
"""Part of all parcels by which a network's catchments may fall short of what it carries before it is said."""


@dataclass(frozen=True, slots=True)
class Base:
    """A city today.

    Attributes
    ----------
    demand : pandas.DataFrame
        The demand points, rows 0 to points - 1.
    stations : pandas.DataFrame
        Stations of the city and of its neighbours around the demand, rows 0 to stations - 1, with size,
        parcels_per_day (of this city's people alone: what a neighbour's station hands over at home is not in it) and
        inside (whether it stands in the city).
    networks : tuple of str
    model : Model
    brands : Brands
        By network; all 1 and graded assumed where the networks' parcels are not known.
    carried : ndarray of float, shape (networks,)
        Parcels a day that the networks were said to carry; NaN where not known.
    handed_over : float
        Part of a point's parcels that stations would hand over where none does.
    part : float
        Part of a point's parcels that stations hand over where some do: with all networks' parcels known, as large as
        makes catchments add to them, above 1 where more is carried than the demand in reach.
    parcels : ndarray of float, shape (points,)
        Parcels a day handed over at stations, or that would be if there were one.
    least_m : ndarray of float, shape (points,)
        Distance that no station is nearer than.
    near : Neighbours
    points : ndarray of int, shape (pairs,)
    weight : ndarray of float, shape (pairs,)
    owner : ndarray of int, shape (stations,)
        Row of `networks`.
    by_network : ndarray of float, shape (points, networks)
        Sums of the weights.
    around : ndarray of float, shape (points, 3)
        The points as unit vectors.
    without_stations : tuple of str
        Networks that carry parcels and have no station within reach; their parcels are left out.
    without_parcels : tuple of str
        Networks with a station within reach and no parcels in the month: nothing is handed over there.
    """

    demand: pd.DataFrame
    stations: pd.DataFrame
    networks: tuple[str, ...]
    model: Model
    brands: Brands
    carried: Floats
    handed_over: float
    part: float
    parcels: Floats
    least_m: Floats
    near: Neighbours
    points: Ints
    weight: Floats
    owner: Ints
    by_network: Floats
    around: Floats
    without_stations: tuple[str, ...]
    without_parcels: tuple[str, ...]

    @property
    def total(self) -> Floats:
        """Sum of all weights by point; 0 where no station within reach hands anything over."""
        return self.by_network.sum(axis=1)

    @property
    def served(self) -> Flags:
        """Points with a station within reach."""
        return np.diff(self.near.starts) > 0

    @property
    def unserved(self) -> float:
        """Parcels a day of points without a station within reach: who has them hands them over farther away."""
        return float(self.parcels[~self.served].sum())

    @property
    def nobodys(self) -> float:
        """Parcels a day of points where nobody hands any over: no station within reach, or none with parcels."""
        return float(self.parcels[self.total <= 0].sum())

    @property
    def beyond(self) -> float:
        """Part of the demand that has no station within reach."""
        demand = self.demand["parcels_per_day"].to_numpy(float)
        return float(demand[~self.served].sum() / (demand.sum() or 1.0))

    @property
    def short(self) -> tuple[str, ...]:
        """Networks whose share of what all carry is above that of their catchments: too few stations within reach."""
        there = np.array([key not in self.without_stations for key in self.networks], dtype=np.bool_)
        held, said = self.volumes.to_numpy(), np.where(there, self.carried, 0.0)
        if not (held.sum() > 0 and said.sum() > 0):
            return ()
        missed = said / said.sum() - held / held.sum()
        return tuple(key for key, part in zip(self.networks, missed, strict=True) if part > MISSED)

    @property
    def volumes(self) -> pd.Series:
        """Parcels a day by network."""
        return pd.Series(
            self.parcels @ part(self.by_network, self.total[:, None]), list(self.networks), name="parcels_per_day"
        )

    @property
    def grade(self) -> Grade:
        """Catchments come from a model, of exponents that are fitted or only assumed."""
        return Grade.ASSUMED if self.model.grade == Grade.ASSUMED else Grade.MODELLED

    def catchment(self, station_id: str) -> pd.DataFrame:
        """Points of one station: lat, lon, probability, parcels_per_day, nearest first."""
        pairs = np.flatnonzero(self.near.stations == self.row(station_id))
        points = self.points[pairs]
        share = part(self.weight[pairs], self.total[points])
        return drawn(self, points, share)

    def row(self, station_id: str) -> int:
        """Row of a station; ValueError for one that is not around."""
        found = np.flatnonzero(self.stations["station_id"].to_numpy() == station_id)
        if not len(found):
            raise ValueError(f"{station_id!r} is no station of this city or around it")
        return int(found[0])


def drawn(base: Base, points: Ints, probability: Floats) -> pd.DataFrame:
    """Frame of points with a probability and what it brings."""
    frame = base.demand.loc[points, ["lat", "lon"]].reset_index(drop=True)
    return frame.assign(probability=probability, parcels_per_day=probability * base.parcels[points])


def base(
    demand: pd.DataFrame,
    stations: pd.DataFrame,
    parcels_per_day: Mapping[str, float] | None = None,
    *,
    model: Model | None = None,
    city: str = "",
    handed_over: float | None = None,
    counted: bool = False,
    near: Neighbours | None = None,
) -> Base:
    """A city's catchments today.

    Parameters
    ----------
    demand : pandas.DataFrame
        lat, lon, parcels_per_day of the city's points; degrees (side of the cell that one stands for, 0 for none).
    stations : pandas.DataFrame
        Active stations, of the city and of its neighbours (all of the country will do): canonical columns.
    parcels_per_day : mapping, optional
        What each network carries in the city (`carried.daily`); its stations' attraction is calibrated to it. Without
        it, or where it is nothing, all brands are 1.
    model : Model, optional
    city : str
        Adcode, to tell the city's stations from its neighbours'.
    handed_over : float, optional
        Part of the demand that stations hand over (`carried.handed_over`); when not given what networks carry over all
        demand, at most 1.
    counted : bool
        Whether the demand is a count of parcels point by point, which is kept as it is. A modelled one only says where
        they go: what the networks carry is then spread over the points with a station within reach.
    near : Neighbours, optional
        That of an earlier base of the same demand, stations, reach and `most`.

    Returns
    -------
    Base
        Its catchments have the networks' shares and, but for counted demand, add to what the networks with a station
        within reach carry. Left out is what people of neighbouring cities hand over at the city's stations.

    Raises
    ------
    ValueError
        Without a demand point, or for one without a place or a number of parcels.
    """
    points = demand.reset_index(drop=True)
    if not len(points):
        raise ValueError("there is no demand point: choose a city that has some")
    if not np.isfinite(points[["lat", "lon", "parcels_per_day"]].to_numpy(float)).all():
        raise ValueError("a demand point lacks its latitude, longitude or parcels: leave it out or fill it in")
    rules = model or Model()
    least = spread_m(points, rules.reach_m) if rules.least_m is None else np.full(len(points), rules.least_m)
    huff.check(rules.attraction_exponent, rules.distance_exponent, float(least.min()))
    around = around_demand(points, stations, rules.reach_m).reset_index(drop=True)
    size = sizes(around, rules.sizes)
    around = around.assign(size=size, inside=(around["city"].astype(str) == city) if city else True)
    near = near or huff.neighbours(
        points, around, reach_m=rules.reach_m, most=rules.most, most_lockers=rules.most_lockers
    )
    attraction = huff.attraction(around, size, attraction_exponent=rules.attraction_exponent)
    weight = huff.pull(
        attraction[near.stations],
        near.distance_m,
        distance_exponent=rules.distance_exponent,
        least_m=least[near.points],
    )
    names = around["platform"].astype(str).to_numpy()
    carried = {key: parcels for key, parcels in (parcels_per_day or {}).items() if parcels > 0 and key != OUTSIDE}
    present = {*names, *carried} - {OUTSIDE}
    networks = tuple(key for key in [*PLATFORMS, *sorted(present - {*PLATFORMS})] if key in present)
    built = _Built(points, around, networks, rules, near, weight, least, pd.Index(networks).get_indexer(names))
    return built.calibrated(carried, handed_over, counted=counted)


@dataclass(frozen=True, slots=True)
class _Built:
    """A base before its brands."""

    demand: pd.DataFrame
    stations: pd.DataFrame
    networks: tuple[str, ...]
    model: Model
    near: Neighbours
    weight: Floats
    least_m: Floats
    owner: Ints

    def calibrated(self, carried: Mapping[str, float], handed_over: float | None, *, counted: bool) -> Base:
        count, width, owner = len(self.demand), len(self.networks), self.owner[self.near.stations]
        points, demand = self.near.points, self.demand["parcels_per_day"].to_numpy(float)
        pulls = np.bincount(points * width + owner, self.weight, count * width).astype(float).reshape(count, width)
        said = np.array([carried.get(key, 0.0) if carried else np.nan for key in self.networks], float)
        reachable = pulls.T @ demand > 0
        brands = calibrate(pulls, demand, said) if carried else Brands(np.ones(width), 0.0)
        by_network = pulls * brands.worth
        active, everywhere = by_network.sum(axis=1) > 0, float(demand.sum())
        implied = min(1.0, float(said.sum()) / everywhere) if carried and everywhere > 0 else 1.0
        outside = implied if handed_over is None else handed_over
        inside = float(demand[active].sum())
        part = float(said[reachable].sum()) / inside if carried and not counted and inside > 0 else outside
        parcels, weight = demand * np.where(active, part, outside), self.weight * brands.worth[owner]
        won = huff.divided(self.near, weight, parcels, len(self.stations))[1]
        names, near_one = np.array(self.networks, object), np.isin(np.arange(width), owner)
        return Base(
            self.demand, self.stations.assign(parcels_per_day=won), self.networks, self.model, brands, said, outside,
            part, parcels, self.least_m, self.near, points, weight, self.owner, by_network,
            unit_vectors(self.demand["lat"], self.demand["lon"]),
            tuple(names[(said > 0) & ~reachable]), tuple(names[(said == 0) & near_one]),
        )  # fmt: skip
