"""Prefecture and province outlines: schematic, replaceable, keyed by today's adcode.

Simplified from echarts 4.9.0 (Apache-2.0). Publication inside mainland China needs an approved base map: put another
GeoJSON with an `adcode` property in the same place.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "static" / "geo"
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
