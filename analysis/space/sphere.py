"""Great-circle distances for trees of points: unit vectors on the sphere and the straight chords between them."""

import numpy as np
import numpy.typing as npt

from data.geo import EARTH_KM

Floats = npt.NDArray[np.float64]
DIAMETER_M = 2e3 * EARTH_KM
DEGREE_M = DIAMETER_M * np.pi / 360
"""Metres of one degree of latitude."""


def unit_vectors(lat: npt.ArrayLike, lon: npt.ArrayLike) -> Floats:
    """Points in degrees as (n, 3) unit vectors: nearer on the sphere is nearer through it."""
    north, east = np.radians(np.asarray(lat, float)), np.radians(np.asarray(lon, float))
    across = np.cos(north)
    return np.stack([across * np.cos(east), across * np.sin(east), np.sin(north)], axis=-1)


def chord(metres: npt.ArrayLike) -> Floats:
    """Chord of the unit sphere under a great-circle distance; the diameter from half around the Earth on."""
    return np.asarray(2 * np.sin(np.minimum(np.asarray(metres, float) / DIAMETER_M, np.pi / 2)))


def metres(chord: npt.ArrayLike) -> Floats:
    """Great-circle distance over a chord of the unit sphere; infinite chords stay infinite."""
    length = np.asarray(chord, float)
    reached = np.isfinite(length)
    found = DIAMETER_M * np.arcsin(np.minimum(np.where(reached, length, 0.0) / 2, 1.0))
    return np.where(reached, found, np.inf)
