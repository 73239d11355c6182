"""Outlines for maps that are drawn far from the server: what their addresses stand for."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from data.geo import PREFECTURES_URL, PROVINCES_URL, prefectures, provinces

LAYERS = "coastlines", "land", "ocean", "lakes", "rivers", "countries", "subunits"


@cache
def assets() -> dict[str, Any]:
    """Value of the browser's `PlotlyGeoAssets`: with it no map asks anybody for outlines. Shared: do not change it."""
    nothing = {"type": "GeometryCollection", "geometries": []}
    world = {"type": "Topology", "objects": dict.fromkeys(LAYERS, nothing), "arcs": []}
    return {"topojson": {"world_110m": world}, PREFECTURES_URL: prefectures(), PROVINCES_URL: provinces()}


def used(figures: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The same with those outlines alone that the figures name."""
    named = {trace.get("geojson") for figure in figures for trace in figure.get("data", ())}
    return {name: value for name, value in assets().items() if name == "topojson" or name in named}
