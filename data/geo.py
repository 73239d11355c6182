"""Prefecture and province outlines: schematic, replaceable, keyed by today's adcode.

Simplified from echarts 4.9.0 (Apache-2.0). Publication inside mainland China needs an approved base map: put another
GeoJSON with an `adcode` property in the same place.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).resolve().parents[1] / "static" / "geo"
EARTH_KM = 6371.0088
"""Mean radius (IUGG)."""
Degrees = float | NDArray[np.float64]
Outline = list[NDArray[np.float64]]
"""Closed rings, each (points, 2) of longitude and latitude."""
PREFECTURES_URL = "app/static/geo/prefectures.geojson"
PROVINCES_URL = "app/static/geo/provinces.geojson"
"""Where the browser fetches the outlines from this server, so that no chart carries them."""


@cache
def prefectures() -> dict[str, Any]:
    """Outlines of the prefectures, a GeoJSON FeatureCollection. Shared: do not change it."""
    return json.loads((FOLDER / "prefectures.geojson").read_text("utf-8"))


@cache
def provinces() -> dict[str, Any]:
    """Outlines of the provinces, a GeoJSON FeatureCollection. Shared: do not change it."""
    return json.loads((FOLDER / "provinces.geojson").read_text("utf-8"))


@cache
def outlines() -> dict[str, Outline]:
    """Rings of each prefecture by adcode. Shared: do not change them."""
    found: dict[str, Outline] = {}
    for feature in prefectures()["features"]:  # Laiwu stands apart from Jinan, which it belongs to since 2019
        found.setdefault(str(feature["properties"]["adcode"]), []).extend(_rings(feature["geometry"]))
    return found


def _rings(geometry: dict[str, Any]) -> Outline:
    shapes = geometry["coordinates"]
    nested = shapes if str(geometry["type"]) == "MultiPolygon" else [shapes]
    return [np.asarray(ring, dtype=np.float64) for shape in nested for ring in shape]


def inside(lon: NDArray[np.float64], lat: NDArray[np.float64], outline: Outline) -> NDArray[np.bool_]:
    """Whether points lie in an outline (even-odd rule over all its rings)."""
    odd = np.zeros(len(lon), dtype=np.bool_)
    for ring in outline:
        (x0, y0), (x1, y1) = ring[:-1].T, ring[1:].T
        slope = np.divide(x1 - x0, y1 - y0, out=np.zeros_like(x0), where=y1 != y0)
        spans = (y0 > lat[:, None]) != (y1 > lat[:, None])
        odd ^= np.count_nonzero(spans & (lon[:, None] < x0 + slope * (lat[:, None] - y0)), axis=1) % 2 == 1
    return odd


def prefecture_at(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.str_]:
    """Adcode of the prefecture in which each point lies (degrees, WGS-84), "" where there is none.

    The outlines are simplified: near a border the neighbour may be named.
    """
    found = np.full(len(lon), "", dtype="U6")
    for code, outline in outlines().items():
        rings = np.concatenate(outline)
        (west, south), (east, north) = rings.min(axis=0), rings.max(axis=0)
        near = np.flatnonzero((found == "") & (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
        for part in np.array_split(near, len(near) // 20_000 + 1):
            found[part[inside(lon[part], lat[part], outline)]] = code
    return found


def distance_km(lat: Degrees, lon: Degrees, to_lat: Degrees, to_lon: Degrees) -> NDArray[np.float64]:
    """Great-circle distance between points, which broadcast against each other."""
    a, b, c, d = (np.radians(one) for one in (lat, lon, to_lat, to_lon))
    half = np.sin((c - a) / 2) ** 2 + np.cos(a) * np.cos(c) * np.sin((d - b) / 2) ** 2
    return 2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
