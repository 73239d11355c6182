"""The conic equal-area map of China as plane outlines, fitted into a box and cut at its edges."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.views.look import Look
from analysis.views.nation_scale import place_names
from data import geo

Points = NDArray[np.float64]
"""(n, 2)."""
EDGE = 60
"""Points along each side of the frame of a map."""
_WHOLE = {"lonaxis": (78.5, 131.5), "lataxis": (18.2, 53.5)}


class Conic:
    """Albers' conic equal-area projection into a box whose y runs down."""

    def __init__(self, layout: Mapping[str, Any], box: tuple[float, float, float, float]) -> None:
        """Fit the frame of a Plotly `geo` layout into `box` (left, top, width, height; any unit)."""
        turned = layout.get("projection", {})
        south, north = np.radians(turned.get("parallels", (25, 47)))
        self._middle = float(turned.get("rotation", {}).get("lon", 105))
        self._cone = (np.sin(south) + np.sin(north)) / 2
        self._constant = np.cos(south) ** 2 + 2 * self._cone * np.sin(south)
        self._scale, self._shift = 1.0, np.zeros(2)
        west, east = layout.get("lonaxis", {}).get("range", _WHOLE["lonaxis"])
        low, high = layout.get("lataxis", {}).get("range", _WHOLE["lataxis"])
        frame = self(_frame(west, east, low, high))
        least, most = frame.min(axis=0), frame.max(axis=0)
        left, top, width, height = box
        self._scale = float(min(width / (most - least)[0], height / (most - least)[1]))
        self._shift = np.array([left + width / 2, top + height / 2]) - self._scale * (least + most) / 2
        corner = self._scale * np.stack([least, most]) + self._shift
        self.frame = tuple(corner.ravel().tolist())
        """Left, top, right and bottom of what the map shows."""

    def __call__(self, degrees: Points) -> Points:
        """Points (n, 2) of longitude and latitude on the plane."""
        lon, lat = np.radians(degrees).T
        turn = self._cone * (lon - np.radians(self._middle))
        reach = np.sqrt(np.maximum(self._constant - 2 * self._cone * np.sin(lat), 0)) / self._cone
        plane = np.stack([reach * np.sin(turn), reach * np.cos(turn)], axis=1)
        return self._scale * plane + self._shift


def _frame(west: float, east: float, low: float, high: float) -> Points:
    lon, lat = np.linspace(west, east, EDGE), np.linspace(low, high, EDGE)
    sides = [(lon, np.full(EDGE, low)), (lon, np.full(EDGE, high)), (np.full(EDGE, west), lat)]
    return np.concatenate([np.stack(side, axis=1) for side in (*sides, (np.full(EDGE, east), lat))])


def cut(ring: Points, frame: tuple[float, ...]) -> Points:
    """The part of a closed ring within left, top, right, bottom (Sutherland and Hodgman); may be empty."""
    for axis, limit, above in ((0, frame[0], True), (1, frame[1], True), (0, frame[2], False), (1, frame[3], False)):
        inside = ring[:, axis] >= limit if above else ring[:, axis] <= limit
        if inside.all():
            continue
        if not inside.any():
            return ring[:0]
        ring = _cut_side(ring, inside, axis, limit)
    return ring


def _cut_side(ring: Points, inside: NDArray[np.bool_], axis: int, limit: float) -> Points:
    found: list[Points] = []
    for at, here in enumerate(ring):
        before, was, now = ring[at - 1], inside[at - 1], inside[at]
        if was != now:
            part = (limit - before[axis]) / (here[axis] - before[axis])
            found.append(before + part * (here - before))
        if now:
            found.append(here)
    return np.array(found)


@lru_cache(maxsize=4)
def outlines(file: str) -> dict[str, tuple[Points, ...]]:
    """Rings of the built-in outlines by adcode. Shared: do not change them.

    Parameters
    ----------
    file : str
        "provinces" or "prefectures".
    """
    return _by_code(geo.provinces() if file == "provinces" else geo.prefectures())


def _by_code(document: Mapping[str, Any]) -> dict[str, tuple[Points, ...]]:
    found: dict[str, tuple[Points, ...]] = {}
    for feature in document["features"]:
        shape = feature["geometry"]
        nested = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        rings = tuple(np.asarray(ring, dtype=np.float64)[:, :2] for part in nested for ring in part)
        code = str(feature["properties"].get("adcode", ""))
        found[code] = (*found.get(code, ()), *rings)
    return found


def called(look: Look) -> dict[str, str]:
    """Names of prefectures and provinces by adcode, in the reader's language where they have one in it."""
    features = (*geo.prefectures()["features"], *geo.provinces()["features"])
    told = [one["properties"] for one in features]
    own = {str(one["adcode"]): str(one["name_zh"]) for one in told}
    return (
        own | place_names(look) | {str(one["adcode"]): name for one in told if (name := one.get(f"name_{look.lang}"))}
    )


def rings_of(geojson: Any) -> dict[str, tuple[Points, ...]] | None:
    """Rings by adcode of what a figure names as its outlines; None for an address that is not ours."""
    if isinstance(geojson, Mapping):
        return _by_code(geojson)
    if isinstance(geojson, str) and geojson.lstrip().startswith("{"):
        return _by_code(json.loads(geojson))
    path = str(geojson).partition("?")[0]
    urls = {geo.PROVINCES_URL: "provinces", geo.PREFECTURES_URL: "prefectures"}
    return outlines(urls[path]) if path in urls else None
