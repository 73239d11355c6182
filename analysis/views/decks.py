"""Maps of marks on outlines (pydeck, no tiles): nothing is fetched from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analysis.views.look import Look

if TYPE_CHECKING:
    import pydeck

MAP_PIXELS = 360
"""Side of the square that what is shown must fit into: the least width of its card."""
LEAST_DEGREES = 0.05
LAND = {"light": ([236, 239, 244], [255, 255, 255]), "dark": ([26, 36, 54], [60, 74, 98])}
"""Fill and outline of land."""
TIP = {"background": "#101826", "color": "#fff", "fontSize": "12px"}


@dataclass(frozen=True, slots=True)
class Bounds:
    """A box of degrees."""

    west: float
    south: float
    east: float
    north: float


CHINA = Bounds(73.5, 18.0, 134.8, 53.6)


def around(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Bounds:
    """The box that holds all points; China where there are none."""
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    return Bounds(float(x.min()), float(y.min()), float(x.max()), float(y.max())) if len(x) else CHINA


def land(look: Look, url: str) -> "pydeck.Layer":
    """Outlines as ground, fetched by the browser from `url` of this server."""
    import pydeck

    fill, edge = LAND[look.theme.mode]
    return pydeck.Layer(
        "GeoJsonLayer", id="land", data=url, get_fill_color=fill, get_line_color=edge, line_width_min_pixels=1
    )


def safe(text: str) -> str:
    """Text as a part of the HTML of a hover: it is neither a tag nor a column."""
    return escape(text).replace("{", "&#123;").replace("}", "&#125;")


def deck(layers: "Sequence[pydeck.Layer]", bounds: Bounds, *, tip: str, deepest: float = 15) -> "pydeck.Deck":
    """Map of `layers` (each with an id of its own), the lowest first, that opens on `bounds`.

    `map_provider=None` is what keeps it off the internet; an empty style would not. `tip` is the HTML of a hover with
    {columns} of the mark; names go through `safe`.
    """
    import pydeck

    return pydeck.Deck(
        map_provider=None,
        layers=list(layers),
        initial_view_state=pydeck.ViewState(**view(bounds), min_zoom=1, max_zoom=deepest),
        views=[pydeck.View(type="MapView", controller={"scrollZoom": False})],
        tooltip={"html": tip, "style": TIP},
    )


def view(bounds: Bounds) -> dict[str, float]:
    """Centre and zoom (a world of 512 x 2^zoom pixels) at which the box fits into `MAP_PIXELS`."""
    low, high = (float(np.degrees(np.arcsinh(np.tan(np.radians(lat))))) for lat in (bounds.south, bounds.north))
    wide = max(bounds.east - bounds.west, LEAST_DEGREES)
    zoom = float(np.log2(MAP_PIXELS * 360 / 512 / max(wide, high - low, LEAST_DEGREES)))
    middle = float(np.degrees(np.arctan(np.sinh(np.radians((low + high) / 2)))))
    return {"longitude": (bounds.west + bounds.east) / 2, "latitude": middle, "zoom": zoom}
