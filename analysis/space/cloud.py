"""Stations laid out for a map that follows the zoom: hexagons of any month, tiles of single stations, all at once.

Coordinates become cells once; every month and filter after that is counting whole columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.space.coverage import LOCKER
from data.platforms import PLATFORMS

RESOLUTIONS = (4, 5, 6)
"""H3 resolutions of the hexagons: edges of about 26, 10 and 4 km."""
TILE_ZOOM = 8
"""Zoom of the square tiles that single stations are fetched by."""
MOST_NETWORKS = 256
NEVER = 65_535
"""Month number of what has not closed."""
Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Cloud:
    """Stations, one entry each, sorted by tile; lockers first in each, so that the few others are drawn over them.

    Attributes
    ----------
    networks, cities : tuple of str
        Keys that the columns of codes point into.
    lon, lat : ndarray of float32
        Degrees, WGS-84.
    network : ndarray of uint8
    city : ndarray of uint16
    opened, closed : ndarray of uint16
        Months since `first`: open in month m when opened <= m < closed. `NEVER` where it stands.
    first : Period
        Month number 0; whatever opened earlier counts as opened then.
    cells : dict
        By H3 resolution: the cells (uint64, sorted) and the place of each station's cell among them (int32).
    tiles : dict
        By (x, y) of a tile at `TILE_ZOOM`: the slice of its stations.
    """

    networks: tuple[str, ...]
    cities: tuple[str, ...]
    lon: npt.NDArray[np.float32]
    lat: npt.NDArray[np.float32]
    network: npt.NDArray[np.uint8]
    city: npt.NDArray[np.uint16]
    opened: npt.NDArray[np.uint16]
    closed: npt.NDArray[np.uint16]
    first: pd.Period
    cells: dict[int, tuple[npt.NDArray[np.uint64], Ints]]
    tiles: dict[tuple[int, int], slice]

    def month(self, month: pd.Timestamp) -> int:
        """Number of a month, from 0."""
        return max((month.year - self.first.year) * 12 + month.month - self.first.month, 0)

    def standing(self, month: int, *, cities: Sequence[str] | None = None) -> Flags:
        """Which stations are open at the end of a month, of some cities or of all; (n,)."""
        found = (self.opened <= month) & (self.closed > month)
        return found if cities is None else found & self.among(cities)[self.city]

    def among(self, cities: Sequence[str]) -> Flags:
        """Which of `self.cities` are among `cities`."""
        return np.isin(np.array(self.cities), np.array(list(cities), dtype=str))


@dataclass(frozen=True, slots=True, eq=False)
class Hexes:
    """Hexagons that hold stations.

    Attributes
    ----------
    cells : ndarray of uint64
        H3 indexes.
    counts : ndarray of int32, (cells, networks)
        Stations.
    """

    cells: npt.NDArray[np.uint64]
    counts: Ints


def cloud(stations: pd.DataFrame, *, first: pd.Timestamp) -> Cloud:
    """Lay out the stations of a market, all that ever stood; `first` is the month that counts as 0.

    Networks that are not in use here get entries of their own behind those that are. What has no day of opening never
    stands.

    Raises
    ------
    ValueError
        For a station without a network or city, or more than 256 networks.
    """
    from h3ronpy.vector import coordinates_to_cells

    lat, lon = stations["lat"].to_numpy(np.float64), stations["lon"].to_numpy(np.float64)
    x, y = tile_of(lon, lat)
    key = x.astype(np.int64) << 16 | y
    staffed = (stations["format"] != LOCKER).to_numpy() if "format" in stations else np.zeros(len(key), dtype=np.bool_)
    order = np.lexsort((staffed, key))
    start = np.flatnonzero(np.r_[True, np.diff(key[order]) > 0]) if len(order) else np.zeros(0, dtype=np.int64)
    stop = np.r_[start[1:], len(order)] if len(order) else start
    tiles = {(int(x[order[a]]), int(y[order[a]])): slice(int(a), int(b)) for a, b in zip(start, stop, strict=True)}
    cells: dict[int, tuple[npt.NDArray[np.uint64], Ints]] = {}
    for resolution in RESOLUTIONS:  # each by itself: a cell's children do not fill it to its edges
        held = np.asarray(coordinates_to_cells(lat[order], lon[order], resolution))
        found, place = np.unique(held, return_inverse=True)
        cells[resolution] = found, place.astype(np.int32)
    networks, codes = _coded(stations["platform"], list(PLATFORMS))
    cities, places = _coded(stations["city"])
    if len(networks) > MOST_NETWORKS:
        raise ValueError(f"there are {len(networks)} networks: at most {MOST_NETWORKS} fit on a map")
    zero = first.to_period("M")
    return Cloud(
        networks,
        cities,
        lon[order].astype(np.float32),
        lat[order].astype(np.float32),
        codes[order].astype(np.uint8),
        places[order].astype(np.uint16),
        _months(stations["opened"], zero, NEVER)[order],
        _months(stations["closed"], zero, NEVER)[order],
        zero,
        cells,
        tiles,
    )


def _coded(values: pd.Series, first: Sequence[str] = ()) -> tuple[tuple[str, ...], npt.NDArray[np.int64]]:
    """Keys, `first` and then the others there are, and the place of each value among them."""
    labelled = values if isinstance(values.dtype, pd.CategoricalDtype) else values.astype("category")
    codes, names = labelled.cat.codes.to_numpy(), labelled.cat.categories.astype(str)
    if (codes < 0).any():
        raise ValueError(f"{int((codes < 0).sum())} stations have no {values.name}: give every station one")
    used = names[np.bincount(codes, minlength=len(names)) > 0]
    keys = [*first, *sorted(set(used) - {*first})]
    return tuple(keys), pd.Index(keys, dtype=object).get_indexer(names)[codes].astype(np.int64)


def _months(days: pd.Series, first: pd.Period, blank: int) -> npt.NDArray[np.uint16]:
    """Months since `first`; `blank` where there is no day."""
    number = (days.dt.year - first.year) * 12 + days.dt.month - first.month
    return number.clip(0, NEVER).fillna(blank).to_numpy().astype(np.uint16)


def tile_of(
    lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Column and row of the Web Mercator tile (zoom `TILE_ZOOM`) that holds each point."""
    size, bent = 2**TILE_ZOOM, np.radians(np.clip(lat, -85.0, 85.0))
    x = np.floor((lon + 180) / 360 * size)
    y = np.floor((1 - np.arcsinh(np.tan(bent)) / np.pi) / 2 * size)
    return np.clip(x, 0, size - 1).astype(np.int64), np.clip(y, 0, size - 1).astype(np.int64)


def tile_box(x: int, y: int) -> tuple[float, float, float, float]:
    """West, south, east and north of a tile, in degrees."""
    size = 2**TILE_ZOOM
    north, south = (float(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * row / size))))) for row in (y, y + 1))
    return x / size * 360 - 180, south, (x + 1) / size * 360 - 180, north


def hexes(cloud: Cloud, resolution: int, month: int, *, cities: Sequence[str] | None = None) -> Hexes:
    """Stations open at the end of a month by hexagon and network; hexagons without any are left out."""
    cells, place = cloud.cells[resolution]
    width = len(cloud.networks)
    open_now = cloud.standing(month, cities=cities)
    flat = place[open_now].astype(np.int64) * width + cloud.network[open_now]
    counts = np.bincount(flat, minlength=len(cells) * width).reshape(len(cells), width)
    some = counts.sum(axis=1) > 0
    return Hexes(cells[some], counts[some].astype(np.int32))
