"""Huff model: at which of the stations within reach the parcels of a demand point are handed over.

P_ij = A_j^g d_ij^-l over the sum of the same for all stations that the point weighs up.

References
----------
Huff, D. L. (1964), Defining and estimating a trading area, Journal of Marketing 28(3), 34-38.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.space.neighbours import ASSUMED as ASSUMED
from analysis.space.neighbours import MOST as MOST
from analysis.space.neighbours import MOST_LOCKERS as MOST_LOCKERS
from analysis.space.neighbours import Floats as Floats
from analysis.space.neighbours import Ints as Ints
from analysis.space.neighbours import Neighbours as Neighbours
from analysis.space.neighbours import neighbours as neighbours

Flags = npt.NDArray[np.bool_]


def pull(
    attraction: npt.ArrayLike, distance_m: npt.ArrayLike, *, distance_exponent: float, least_m: npt.ArrayLike
) -> Floats:
    """Weight of a station at a point: attraction over distance to the exponent, the distance in units of `least_m`.

    Nothing is nearer than `least_m`, so that a station on top of a demand point does not take all of it.
    """
    least = np.asarray(least_m, float)
    near = np.maximum(np.asarray(distance_m, float), least) / least
    return np.asarray(np.asarray(attraction, float) * near**-distance_exponent)


def divided(near: Neighbours, weight: Floats, parcels: Floats, stations: int) -> tuple[Floats, Floats]:
    """Each point's parcels over its stations by weight: probability (pairs,) and parcels a day (stations,)."""
    points = near.points
    total = np.bincount(points, weight, minlength=len(parcels))
    probability = weight / np.where(total > 0, total, 1.0)[points]
    return probability, np.bincount(near.stations, probability * parcels[points], stations).astype(float)


def attraction(
    stations: pd.DataFrame,
    size: str | npt.ArrayLike,
    *,
    attraction_exponent: float,
    brand: Mapping[str, float] | None = None,
) -> Floats:
    """Size to the exponent, times what the station's network is worth (`brand` by platform, 1 where not named).

    Raises
    ------
    ValueError
        For sizes or brands that are missing, negative or infinite.
    """
    sizes = np.asarray(stations[size] if isinstance(size, str) else size, float)
    if sizes.shape != (len(stations),):
        raise ValueError(f"there are {len(stations)} stations and sizes of shape {sizes.shape}: give one each")
    if not (np.isfinite(sizes) & (sizes >= 0)).all():
        raise ValueError("a size is missing, negative or infinite: give every station one of 0 or more")
    if not all(0 <= one < np.inf for one in (brand or {}).values()):
        raise ValueError("a brand is missing, negative or infinite: give 0 or more")
    worth = stations["platform"].astype(str).map(dict(brand)).fillna(1.0).to_numpy(float) if brand else 1.0
    return np.asarray(np.where(sizes > 0, sizes**attraction_exponent, 0.0) * worth)


def check(attraction_exponent: float, distance_exponent: float, least_m: float) -> None:
    """Raise ValueError for exponents below 0 or a guard that is no distance."""
    if not (0 <= attraction_exponent < np.inf and 0 <= distance_exponent < np.inf):
        raise ValueError(f"exponents are {attraction_exponent} and {distance_exponent}: give finite ones of 0 or more")
    if not 0 < least_m < np.inf:
        raise ValueError(f"least_m is {least_m}: give more than 0 m")
