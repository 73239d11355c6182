"""Coordinates of Chinese maps: WGS-84, GCJ-02 (Amap, Tencent) and BD-09 (Baidu), each turned into WGS-84."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

CRS = ("WGS-84", "GCJ-02", "BD-09")
"""Systems a file may be in."""
Points = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Longitudes and latitudes, degrees."""
NEAR_M, FAR_M = 50.0, 150.0
"""Median distance, in metres, at which points are those known, and beyond which they are not."""
_AXIS, _EE = 6378245.0, 0.00669342162296594323
"""Krasovsky 1940, by which GCJ-02 shifts: half axis in metres, square of the eccentricity."""
_TURN = np.pi * 3000 / 180
_EXACT, _MOST_STEPS = 1e-10, 30
_EARTH_M = 6371008.8
_WORDS = {
    "GCJ-02": r"gcj|国测局|火星|高德|腾讯|amap|gaode|autonavi|tencent|mars(?![a-z])",
    "BD-09": r"bd_?09|百度|baidu",
    "WGS-84": r"wgs|gps|天地图|osm|openstreetmap",
}


def to_wgs84(lon: ArrayLike, lat: ArrayLike, crs: str) -> Points:
    """Turn points into WGS-84; those outside China and missing ones stay as they are.

    Parameters
    ----------
    lon, lat : array_like of shape (n,)
        Degrees in `crs`.
    crs : str
        One of CRS.

    Returns
    -------
    tuple of ndarray of shape (n,)
        Longitude and latitude, exact to 1e-9 degrees.

    Raises
    ------
    ValueError
        An unknown system.
    """
    point = _points(lon, lat)
    if crs not in CRS:
        raise ValueError(f"unknown coordinates {crs!r}; use one of {', '.join(CRS)}")
    return point if crs == "WGS-84" else _inverse(point, crs)


def from_wgs84(lon: ArrayLike, lat: ArrayLike, crs: str) -> Points:
    """Turn points in WGS-84 into another system; see `to_wgs84`."""
    point = _points(lon, lat)
    if crs not in CRS:
        raise ValueError(f"unknown coordinates {crs!r}; use one of {', '.join(CRS)}")
    return point if crs == "WGS-84" else _forward(point, crs)


def guess(ids: Sequence[str], lon: ArrayLike, lat: ArrayLike, known: pd.DataFrame) -> str:
    """Name the system in which points, taken as WGS-84, would fall onto the stations of the same name that are known.

    Parameters
    ----------
    ids : sequence of str
        Station of each point.
    lon, lat : array_like of shape (n,)
        Degrees.
    known : DataFrame
        station_id, lat, lon (degrees, WGS-84).

    Returns
    -------
    str
        One of CRS; "" where the points already lie on those known, or no system brings them there.
    """
    held = known.drop_duplicates("station_id").set_index("station_id")
    here = pd.DataFrame(dict(zip(("lon", "lat"), _points(lon, lat), strict=True)), index=pd.Index(ids))
    both = here.join(held[["lon", "lat"]].add_suffix("_held"), how="inner").dropna()
    if both.empty:
        return ""
    at = both["lon_held"].to_numpy(), both["lat_held"].to_numpy()
    off = {crs: float(np.median(distance_m(to_wgs84(both["lon"], both["lat"], crs), at))) for crs in CRS}
    best = min(CRS, key=off.__getitem__)
    return best if off["WGS-84"] > FAR_M and off[best] < NEAR_M else ""


def hint(headers: Sequence[str], file_name: str) -> str:
    """Name the system that headers or the name of the file speak of; "" where they name none or several."""
    said = " ".join([*headers, file_name]).lower()
    found = [crs for crs, words in _WORDS.items() if re.search(rf"(?<![a-z])(?:{words})", said)]
    return found[0] if len(found) == 1 else ""


def distance_m(one: Points, other: Points) -> NDArray[np.float64]:
    """Metres between points of WGS-84 not far apart."""
    (east, north), (x, y) = one, other
    across = (east - x) * np.cos(np.radians((north + y) / 2))
    return np.radians(np.hypot(across, north - y)) * _EARTH_M


def _points(lon: ArrayLike, lat: ArrayLike) -> Points:
    return np.asarray(lon, np.float64), np.asarray(lat, np.float64)


def _in_china(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Box within which the systems differ."""
    return (lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271)


def _forward(point: Points, crs: str) -> Points:
    lon, lat = point
    inside = _in_china(lon, lat)
    x, y = _shifted(lon[inside], lat[inside])
    if crs == "BD-09":
        x, y = _turned(x, y)
    east, north = lon.copy(), lat.copy()
    east[inside], north[inside] = x, y
    return east, north


def _inverse(point: Points, crs: str) -> Points:
    """Point that the forward way brings here, by fixed point: a step is a contraction of about 1e-3."""
    lon, lat = point
    east, north = lon.copy(), lat.copy()
    for _ in range(_MOST_STEPS):
        x, y = _forward((east, north), crs)
        east, north = east + (lon - x), north + (lat - y)
        if not (np.abs(lon - x) + np.abs(lat - y) > _EXACT).any():
            break
    return east, north


def _shifted(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Points:
    """WGS-84 to GCJ-02."""
    x, y = lon - 105, lat - 35
    wave = (20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)) * 2 / 3
    root = np.sqrt(np.abs(x))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    north += (20 * np.sin(np.pi * y) + 40 * np.sin(np.pi / 3 * y)) * 2 / 3
    north += (160 * np.sin(np.pi / 12 * y) + 320 * np.sin(np.pi / 30 * y)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    east += (20 * np.sin(np.pi * x) + 40 * np.sin(np.pi / 3 * x)) * 2 / 3
    east += (150 * np.sin(np.pi / 12 * x) + 300 * np.sin(np.pi / 30 * x)) * 2 / 3
    radians = np.radians(lat)
    bent = 1 - _EE * np.sin(radians) ** 2
    along = _AXIS * (1 - _EE) / (bent * np.sqrt(bent))
    across = _AXIS / np.sqrt(bent) * np.cos(radians)
    return lon + np.degrees(east / across), lat + np.degrees(north / along)


def _turned(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Points:
    """GCJ-02 to BD-09."""
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006
