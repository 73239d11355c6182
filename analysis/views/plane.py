"""Where degrees of longitude and latitude lie on paper."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data import geo

PARALLELS, MERIDIAN = (25.0, 47.0), 105.0
"""Of the conic equal-area projection, as on the other maps of the country."""
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Plane:
    """Where degrees lie on the paper, in kilometres.

    Attributes
    ----------
    lon, lat : float
        Centre, degrees.
    conic : bool
    """

    lon: float
    lat: float
    conic: bool

    def at(self, lon: Any, lat: Any) -> tuple[Numbers, Numbers]:
        """East and north of points (degrees), kilometres."""
        east, north = np.radians(np.asarray(lon, dtype=np.float64)), np.radians(np.asarray(lat, dtype=np.float64))
        if not self.conic:
            here = np.radians(self.lat)
            x = geo.EARTH_KM * np.cos(here) * (east - np.radians(self.lon))
            return np.round(x, 3), np.round(geo.EARTH_KM * (north - here), 3)
        first, second = np.sin(np.radians(PARALLELS))
        n = (first + second) / 2
        c = 1 - first**2 + 2 * n * first
        rho = geo.EARTH_KM * np.sqrt(np.maximum(c - 2 * n * np.sin(north), 0.0)) / n
        turn = n * (east - np.radians(MERIDIAN))
        return np.round(rho * np.sin(turn), 1), np.round(geo.EARTH_KM * np.sqrt(c) / n - rho * np.cos(turn), 1)
