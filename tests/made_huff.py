"""The Huff model whole, from the pieces that catchments are counted with; and two of its textbook forms."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.space.catchment_base import Base
from analysis.space.huff import ASSUMED, MOST, Flags, Floats, Neighbours, attraction, check, divided, neighbours, pull
from analysis.space.sizes import sizes
from data.grade import Grade


@dataclass(frozen=True, slots=True)
class Catchments:
    """Who hands over how much where.

    Attributes
    ----------
    neighbours : Neighbours
        The pairs.
    probability : ndarray of float, shape (pairs,)
        Share of the point's parcels handed over at the station; adds to 1 at every served point.
    demand : ndarray of float, shape (points,)
        Parcels a day.
    parcels_per_day : ndarray of float, shape (stations,)
        Parcels a day that the model brings to each station.
    served : ndarray of bool, shape (points,)
        Whether a station is within reach.
    attraction_exponent, distance_exponent, reach_m, least_m : float
    grade : Grade
        That of the exponents.
    """

    neighbours: Neighbours
    probability: Floats
    demand: Floats
    parcels_per_day: Floats
    served: Flags
    attraction_exponent: float
    distance_exponent: float
    reach_m: float
    least_m: float
    grade: Grade

    @property
    def unserved(self) -> float:
        """Parcels a day of points without a station within reach: nobody's, not forced on anyone."""
        return float(self.demand[~self.served].sum())

    def pairs(self) -> pd.DataFrame:
        """One row a pair: point and station (row numbers), distance_m, probability, parcels_per_day."""
        near = self.neighbours
        points = near.points
        return pd.DataFrame(
            {
                "point": points,
                "station": near.stations,
                "distance_m": near.distance_m,
                "probability": self.probability,
                "parcels_per_day": self.probability * self.demand[points],
            }
        )


def huff(
    demand: pd.DataFrame,
    stations: pd.DataFrame,
    *,
    size: str | npt.ArrayLike,
    attraction_exponent: float = ASSUMED["attraction_exponent"].value,
    distance_exponent: float = ASSUMED["distance_exponent"].value,
    reach_m: float = ASSUMED["reach_m"].value,
    least_m: float = ASSUMED["least_m"].value,
    brand: Mapping[str, float] | None = None,
    most: int | None = MOST,
    near: Neighbours | None = None,
    grade: Grade = Grade.ASSUMED,
) -> Catchments:
    """Catchment of every station: P_ij = A_j^g d_ij^-l over the sum of the same for all stations within reach.

    Parameters
    ----------
    demand : pandas.DataFrame
        lat, lon (degrees), parcels_per_day.
    stations : pandas.DataFrame
        lat, lon; platform where `brand` is given.
    size : str or array_like
        Column of the sizes, or the sizes, in any unit; a station of size 0 takes nothing.
    attraction_exponent, distance_exponent : float
        g and l.
    reach_m, most
        As for `neighbours`.
    least_m : float
        Metres; a nearer station counts as if it were this far away.
    brand : mapping, optional
        What a network multiplies the attraction of its stations by.
    near : Neighbours, optional
        What `neighbours` found for the same points and stations, to save finding it again.
    grade : Grade
        Of the exponents: estimated where a fit gave them.

    References
    ----------
    Huff, D. L. (1964), Defining and estimating a trading area, Journal of Marketing 28(3), 34-38.
    """
    check(attraction_exponent, distance_exponent, least_m)
    found = neighbours(demand, stations, reach_m=reach_m, most=most) if near is None else near
    drawn = attraction(stations, size, attraction_exponent=attraction_exponent, brand=brand)
    weight = pull(drawn[found.stations], found.distance_m, distance_exponent=distance_exponent, least_m=least_m)
    parcels = demand["parcels_per_day"].to_numpy(float)
    probability, won = divided(found, weight, parcels, len(stations))
    served = np.bincount(found.points, weight, minlength=len(demand)) > 0
    return Catchments(
        found, probability, parcels, won, served, attraction_exponent, distance_exponent, reach_m, least_m, grade
    )


def shares(sizes, distances, *, attraction_exponent=1.0, distance_exponent):
    """Choice probabilities of a small example, every station in reach of every origin; adds to 1 over the last axis."""
    drawn, distance = np.asarray(sizes, float) ** attraction_exponent, np.asarray(distances, float)
    weight = pull(drawn, distance, distance_exponent=distance_exponent, least_m=distance.min())
    return weight / weight.sum(axis=-1, keepdims=True)


def break_point(distance: float, size_from: float, size_to: float, *, distance_exponent: float = 2.0) -> float:
    """Distance from the first place at which both draw alike: d / (1 + (A_to / A_from) ^ (1 / l)).

    References
    ----------
    Converse, P. D. (1949), New laws of retail gravitation, Journal of Marketing 14(3), 379-384; Reilly's law is l = 2.
    """
    if not (distance > 0 and size_from > 0 and size_to > 0 and distance_exponent > 0):
        raise ValueError("distance, sizes and exponent must be above 0")
    return distance / (1 + (size_to / size_from) ** (1 / distance_exponent))


def anew(before: Base, stations: pd.DataFrame) -> pd.Series:
    """Parcels a day by station from the model anew, with the brands and demand of `before`."""
    rules = before.model
    found = huff(
        before.demand.assign(parcels_per_day=before.parcels),
        stations,
        size=sizes(stations, rules.sizes),
        brand=dict(zip(before.networks, before.brands.worth, strict=True)),
        attraction_exponent=rules.attraction_exponent,
        distance_exponent=rules.distance_exponent,
        reach_m=rules.reach_m,
        least_m=rules.least_m,
        most=None,
    )
    return pd.Series(found.parcels_per_day, stations["station_id"].to_numpy())
