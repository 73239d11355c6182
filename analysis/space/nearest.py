"""Great-circle distances to the nearest of many points, and how many lie around: exact, by trees of unit vectors."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analysis.space.sphere import Floats, chord, metres, unit_vectors

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

ROUNDING = 1e-9
"""By how much a bound is widened before the exact comparison, as a fraction."""


def tree(points: Floats) -> "cKDTree":
    """Search tree of unit vectors; made fast rather than balanced, because it is asked once or twice."""
    from scipy.spatial import cKDTree

    return cKDTree(points, balanced_tree=False, compact_nodes=False)


def nearest_m(
    lat: npt.ArrayLike,
    lon: npt.ArrayLike,
    to_lat: npt.ArrayLike,
    to_lon: npt.ArrayLike,
    *,
    within_m: float | None = None,
) -> Floats:
    """Metres from each of n points to the nearest of m others.

    Parameters
    ----------
    lat, lon : array_like
        The n points, degrees.
    to_lat, to_lon : array_like
        The m others, degrees.
    within_m : float, optional
        Where none is within this many metres, the answer is infinite; no bound by default.

    Returns
    -------
    ndarray
        (n,), great-circle metres; infinite without others.
    """
    return nearest_of_m(unit_vectors(lat, lon), unit_vectors(to_lat, to_lon), within_m=within_m)


def nearest_of_m(points: Floats, others: Floats, *, within_m: float | None = None) -> Floats:
    """The same for unit vectors, (n, 3) and (m, 3)."""
    if not len(points) or not len(others):
        return np.full(len(points), np.inf)
    bound = np.inf if within_m is None else float(chord(within_m)) * (1 + ROUNDING)
    found, _ = tree(others).query(points, distance_upper_bound=bound, workers=-1)
    distance = metres(found)
    return distance if within_m is None else np.where(distance <= within_m, distance, np.inf)


def count_within(
    lat: npt.ArrayLike, lon: npt.ArrayLike, to_lat: npt.ArrayLike, to_lon: npt.ArrayLike, *, within_m: float
) -> npt.NDArray[np.int64]:
    """How many of m other points (degrees) lie within `within_m` great-circle metres of each of n points, (n,)."""
    points, others = unit_vectors(lat, lon), unit_vectors(to_lat, to_lon)
    if not len(points) or not len(others):
        return np.zeros(len(points), np.int64)
    counts = tree(others).query_ball_point(points, float(chord(within_m)), return_length=True, workers=-1)
    return np.asarray(counts, np.int64)


def pairs_within(
    lat: npt.ArrayLike, lon: npt.ArrayLike, to_lat: npt.ArrayLike, to_lon: npt.ArrayLike, *, within_m: float
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Floats]:
    """Every pair of n points and m others (degrees) within `within_m`: row, row of the other, metres; three columns."""
    points, others = unit_vectors(lat, lon), unit_vectors(to_lat, to_lon)
    if not len(points) or not len(others):
        return np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0)
    bound = float(chord(within_m)) * (1 + ROUNDING)
    found = tree(points).sparse_distance_matrix(tree(others), bound, output_type="ndarray")
    distance = metres(found["v"])
    kept = distance <= within_m
    return found["i"][kept], found["j"][kept], distance[kept]
