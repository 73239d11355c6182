"""How large a station counts, how many parcels a day it can take, and what it earns with those that come."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import economics
from analysis.space.huff import Floats

STANDARD_CELLS = sum(economics.STANDARD.cells)
SIZES: dict[str, float] = {format: station.parcels_per_day for format, station in economics.STATIONS.items()}
"""Size of a station by format: the parcels a day it has by default; a set of lockers in proportion to its cells."""


def sizes(stations: pd.DataFrame, by_format: Mapping[str, float]) -> Floats:
    """Size of each station: that of its format, of lockers in proportion to their cells (standard where not known)."""
    format = stations["format"].astype(str)
    found = format.map(dict(by_format)).to_numpy(float)
    cells = stations["cells"].astype("Float64").fillna(STANDARD_CELLS).to_numpy(float)
    return np.where(format == "locker", found * cells / STANDARD_CELLS, found)


@lru_cache(maxsize=256)
def capacity(format: str, cells: int = 0) -> float:
    """Parcels a day that a station can take.

    Of lockers with `cells` (0 for the standard set) as many as leave the evening's overflow tolerable; of other formats
    the upper end of the range assumed for one station: no published figure says more.
    """
    if format != "locker":
        return economics.declared(format)["parcels_per_day"].high
    scale = (cells or STANDARD_CELLS) / STANDARD_CELLS
    scaled = tuple(round(count * scale) for count in economics.STANDARD.cells)
    return economics.capacity(replace(economics.STANDARD, cells=scaled))


def capacities(stations: pd.DataFrame) -> Floats:
    """Parcels a day that each of the stations (columns format, cells) can take, shape (stations,)."""
    cells = stations["cells"].fillna(0).astype(int)
    return np.array([capacity(*one) for one in zip(stations["format"].astype(str), cells, strict=True)], dtype=float)


def profit(station: economics.Station, parcels_per_day: npt.ArrayLike, limit: npt.ArrayLike) -> Floats:
    """CNY a month of a station to which parcels come: it earns with as many as it can take, `limit` a day."""
    taken = np.minimum(np.asarray(parcels_per_day, float), limit)
    return np.asarray(economics.profit(station, taken), float) * economics.DAYS
