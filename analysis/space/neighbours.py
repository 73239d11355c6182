"""Which stations each demand point weighs up: the nearest ones within reach."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.economics import Assumption
from analysis.space.nearest import ROUNDING
from analysis.space.sphere import chord, metres, unit_vectors

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

# fmt: off
ASSUMED: dict[str, Assumption] = {a.key: a for a in (
    Assumption("attraction_exponent", 1.0, 0.0, 2.0, "ratio"),
    Assumption("distance_exponent", 2.0, 0.5, 4.0, "ratio"),
    Assumption("reach_m", 3000.0, 500.0, 10000.0, "m"),
    Assumption("least_m", 50.0, 10.0, 500.0, "m"),
)}
# fmt: on
"""What nobody measured for this market: replace the exponents by fitted ones (`huff_fit`) where a file has flows."""
MOST = 64
"""Stations that one demand point weighs up, the nearest ones."""
MOST_LOCKERS = 32
"""Sets of lockers that it weighs up beside them where lockers are looked for apart."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Stations that each demand point weighs up.

    Attributes
    ----------
    starts : ndarray of int, shape (points + 1,)
        Pairs `starts[i]:starts[i + 1]` belong to point i, the nearest station first (of lockers looked for apart, the
        nearest after all staffed stations).
    stations : ndarray of int, shape (pairs,)
        Row of the station.
    distance_m : ndarray of float, shape (pairs,)
        Great-circle distance.
    radius_m : ndarray of float, shape (points,)
        How far the point looks: the reach, or to its farthest neighbour where there are as many as it weighs up.
    locker_radius_m : ndarray of float, shape (points,)
        The same for lockers.
    """

    starts: Ints
    stations: Ints
    distance_m: Floats
    radius_m: Floats
    locker_radius_m: Floats

    @property
    def points(self) -> Ints:
        """Row of the demand point of every pair, shape (pairs,)."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))


def neighbours(
    demand: pd.DataFrame,
    stations: pd.DataFrame,
    *,
    reach_m: float = ASSUMED["reach_m"].value,
    most: int | None = MOST,
    most_lockers: int | None = None,
) -> Neighbours:
    """Stations within `reach_m` of each demand point, the `most` nearest of them (None for all).

    Parameters
    ----------
    demand, stations : pandas.DataFrame
        With lat and lon, degrees; stations with format where `most_lockers` is given.
    reach_m : float
        Metres, great circle.
    most : int, optional
        Where more stations are in reach, the point weighs up the nearest ones.
    most_lockers : int, optional
        When given, `most` is that of staffed stations alone, and this that of lockers: lockers crowd none of them out.
    """
    if not reach_m > 0:
        raise ValueError(f"reach_m is {reach_m}: give more than 0 m")
    if any(one is not None and one < 1 for one in (most, most_lockers)):
        raise ValueError(f"most is {most}, {most_lockers} of lockers: a point weighs up one station or more")
    if most_lockers is None:
        return _nearest(demand, stations, reach_m, most)
    locker = (stations["format"].astype(str) == "locker").to_numpy()
    staffed, lockers = (
        _nearest(demand, stations[kind], reach_m, count) for kind, count in ((~locker, most), (locker, most_lockers))
    )
    at = np.empty(len(staffed.stations) + len(lockers.stations), np.intp)
    first = np.arange(len(staffed.stations)) + lockers.starts[staffed.points]
    at[first] = np.flatnonzero(~locker)[staffed.stations]
    later = np.arange(len(lockers.stations)) + staffed.starts[lockers.points + 1]
    at[later] = np.flatnonzero(locker)[lockers.stations]
    length = np.empty(len(at))
    length[first], length[later] = staffed.distance_m, lockers.distance_m
    return Neighbours(staffed.starts + lockers.starts, at, length, staffed.radius_m, lockers.radius_m)


def _nearest(demand: pd.DataFrame, stations: pd.DataFrame, reach_m: float, most: int | None) -> Neighbours:
    from scipy.spatial import cKDTree

    count, known = len(demand), len(stations)
    radius = np.full(count, float(reach_m))
    if not count or not known:
        return Neighbours(np.zeros(count + 1, np.intp), np.zeros(0, np.intp), np.zeros(0), radius, radius)
    lat, lon = (stations[column].to_numpy(float) for column in ("lat", "lon"))
    order = np.lexsort((lon, lat))  # so that ties at the edge do not depend on the order of rows
    tree = cKDTree(unit_vectors(lat[order], lon[order]))
    around, bound = unit_vectors(demand["lat"], demand["lon"]), float(chord(reach_m)) * (1 + ROUNDING)
    if most is None or most >= known:
        found = cKDTree(around).sparse_distance_matrix(tree, bound, output_type="ndarray")
        sort = np.lexsort((found["j"], found["v"], found["i"]))
        points, rows, length = found["i"][sort], found["j"][sort], metres(found["v"][sort])
    else:
        near, at = tree.query(around, k=np.arange(1, most + 1), distance_upper_bound=bound, workers=-1)
        points, column = np.nonzero(np.isfinite(near))
        rows, length = at[points, column], metres(near[points, column])
        full = np.isfinite(near[:, -1])
        radius[full] = np.minimum(metres(near[full, -1]), reach_m)
    inside = length <= reach_m
    points, rows, length = points[inside], rows[inside], length[inside]
    starts = np.concatenate([[0], np.cumsum(np.bincount(points, minlength=count))]).astype(np.intp)
    return Neighbours(starts, order[rows].astype(np.intp), length, radius, radius)
