"""A map of pydeck layers as a plain figure: the same marks on the same ground, to pin, print and hand over."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.views.deck_paint import column, css, marker
from analysis.views.decks import MAP_PIXELS
from analysis.views.look import Look
from analysis.views.plane import Numbers, Plane
from analysis.views.theme import MUTED
from data import geo

if TYPE_CHECKING:
    import pydeck

MOST = 20_000
"""Marks of a layer that are drawn; where there are more, those that lie close together become one."""
WIDTH = 900
"""Pixels of the figure for which sizes of marks are meant."""
CONIC_DEGREES = 12.0
"""A wider map is drawn in the conic equal-area projection of the other maps, a narrower one on a plane of its own."""
SLIMMEST, BROADEST = 1.25, 1.8
"""Width of the frame over its height."""
PAD = 0.04
"""Margin around the marks, as a part of their extent."""
SHADES = 16
"""Steps of opacity, 0-255, that one colour of hexagons is told apart by."""
FIRST_DEGREES = 0.001
"""Side of the cells in which close marks become one, doubled until few enough are left."""
Box = tuple[float, float, float, float]
"""Left, right, low and high of the paper, kilometres."""


class Later:
    """A figure that is made when its content is asked for: most maps on a page are only looked at.

    Parameters
    ----------
    make : callable
        Gives the figure in plain lists.
    """

    def __init__(self, make: Callable[[], dict[str, Any]]) -> None:
        self._make = make

    def to_plotly_json(self) -> dict[str, Any]:
        """The content."""
        return self._make()


def flat(
    deck: "pydeck.Deck",
    look: Look,
    *,
    ground: Mapping[str, Any] | None = None,
    legend: Sequence[tuple[str, str]] = (),
    height: int = 460,
) -> dict[str, Any]:
    """A Plotly figure of a deck, in plain lists, with true aspect.

    Parameters
    ----------
    deck : pydeck.Deck
        Of scatterplot, H3 hexagon, text and GeoJSON layers, as `analysis.views` makes them.
    ground : mapping, optional
        GeoJSON of the outlines that a layer names by address; the built-in ones by default.
    legend : sequence of (str, str)
        Colours (CSS) and what they mean.
    height : int
        Pixels.
    """
    view = deck.initial_view_state
    side = MAP_PIXELS * 360 / 512 / 2**view.zoom
    plane = Plane(view.longitude, view.latitude, side > CONIC_DEGREES)
    box = _frame(deck, plane, side)
    pixels = WIDTH / (box[1] - box[0])
    traces: list[dict[str, Any]] = []
    fewer = 0
    for layer in deck.layers:
        drawn, gone = _layer(layer, plane, box, pixels, ground)
        traces += drawn
        fewer += gone
    traces += [_swatch(colour, words) for colour, words in legend]
    layout = _layout(look, box, height) | {"showlegend": bool(legend)}
    if fewer:
        layout["annotations"] = [_note(look.say("pinned.coarser", n=f"{fewer:,}"), look)]
    return {"data": traces, "layout": layout}


def _layout(look: Look, box: Box, height: int) -> dict[str, Any]:
    left, right, low, high = box
    axis = {"visible": False, "fixedrange": True, "constrain": "domain"}
    ink = {"color": look.theme.text, "size": 12}
    return {
        "height": height,
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "xaxis": {**axis, "range": [left, right]},
        "yaxis": {**axis, "range": [low, high], "scaleanchor": "x", "scaleratio": 1},
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "font": ink, "itemclick": False},
        "font": {**ink, "size": 13},
        "dragmode": False,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "meta": {"map": True},
    }


def _frame(deck: "pydeck.Deck", plane: Plane, side: float) -> Box:
    """The marks in sight when the map opens, with a margin."""
    lon, lat = _marks(deck)
    view = deck.initial_view_state
    inside = (np.abs(lon - view.longitude) <= side / 2) & (np.abs(lat - view.latitude) <= side / 2)
    if not inside.any():
        corners = np.array([-side / 2, side / 2])
        lon, lat, inside = view.longitude + corners, view.latitude + corners, np.array([True, True])
    x, y = plane.at(lon[inside], lat[inside])
    middle = (x.min() + x.max()) / 2, (y.min() + y.max()) / 2
    wide, tall = ((1 + 2 * PAD) * max(float(np.ptp(v)), 1.0) for v in (x, y))
    wide, tall = max(wide, tall * SLIMMEST), max(tall, wide / BROADEST)
    return middle[0] - wide / 2, middle[0] + wide / 2, middle[1] - tall / 2, middle[1] + tall / 2


def _marks(deck: "pydeck.Deck") -> tuple[Numbers, Numbers]:
    """Degrees of all marks; of a hexagon those of its centre."""
    found = [np.empty((0, 2))]
    for layer in deck.layers:
        rows = pd.DataFrame(layer.data) if isinstance(layer.data, list) else pd.DataFrame()
        if layer.type == "H3HexagonLayer" and len(rows):
            found.append(_centres(layer, rows))
        elif {"lon", "lat"} <= set(rows):
            found.append(rows[["lon", "lat"]].to_numpy(float))
    every = np.concatenate(found)
    return every[:, 0], every[:, 1]


def _layer(
    layer: Any, plane: Plane, box: Box, pixels: float, ground: Mapping[str, Any] | None
) -> tuple[list[dict[str, Any]], int]:
    """Traces of one layer, and how many of its marks are not drawn apart."""
    if layer.type == "GeoJsonLayer":
        return _outlines(layer, plane, box, ground), 0
    rows = pd.DataFrame(layer.data)
    if rows.empty:
        return [], 0
    if layer.type == "H3HexagonLayer":
        return _hexagons(layer, rows, plane), 0
    kept = _thinned(rows)
    x, y = plane.at(kept["lon"], kept["lat"])
    place = {"type": "scatter", "x": x.tolist(), "y": y.tolist(), "showlegend": False, "cliponaxis": True}
    if layer.type == "TextLayer":
        texts = kept[column(layer.get_text)].astype(str).tolist()
        font = {"color": css(layer.get_color), "size": layer.get_size}
        return [{**place, "mode": "text", "text": texts, "textposition": "top center", "textfont": font}], 0
    named = next((name for name in ("t", "name") if name in kept), None)
    hover = {"hoverinfo": "skip"} if named is None else {"text": kept[named].tolist(), "hoverinfo": "text"}
    return [{**place, "mode": "markers", "marker": marker(layer, kept, pixels), **hover}], len(rows) - len(kept)


def _thinned(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of a layer; of those in one cell of a grid the last, which lies on top, where they are too many."""
    kept, degrees = rows, FIRST_DEGREES
    while len(kept) > MOST:
        cells = pd.DataFrame({axis: (rows[axis] / degrees).round() for axis in ("lon", "lat")})
        kept, degrees = rows[~cells.duplicated(keep="last")], degrees * 2
    return kept


def _hexagons(layer: Any, rows: pd.DataFrame, plane: Plane) -> list[dict[str, Any]]:
    """One filled trace for each colour, in steps of opacity."""
    corners = _corners(layer, rows)
    fills = [css([*one[:3], min(255, round(one[3] / SHADES) * SHADES)]) for one in rows[column(layer.get_fill_color)]]
    found = []
    for fill, places in pd.Series(range(len(rows))).groupby(pd.Series(fills), sort=False):
        rings = [corners[place] for place in places]
        found.append(_filled(rings, plane, fill=str(fill), line={"width": 0}))
    return found


def _centres(layer: Any, rows: pd.DataFrame) -> Numbers:
    """Longitude and latitude of H3 cells."""
    import pyarrow as pa
    from h3ronpy import cells_parse
    from h3ronpy.vector import cells_to_coordinates

    found = pa.record_batch(cells_to_coordinates(cells_parse(rows[column(layer.get_hexagon)].tolist())))
    return np.column_stack([found["lng"].to_numpy(), found["lat"].to_numpy()])


def _corners(layer: Any, rows: pd.DataFrame) -> list[Numbers]:
    """Closed rings of degrees of H3 cells."""
    import pyarrow as pa
    from h3ronpy import cells_parse
    from h3ronpy.vector import cells_to_wkb_polygons

    shapes = pa.array(cells_to_wkb_polygons(cells_parse(rows[column(layer.get_hexagon)].tolist())))
    return [_ring(shape) for shape in shapes.to_pylist()]


def _ring(wkb: bytes) -> Numbers:
    """Outer ring of a polygon: byte order, type, rings, points, then pairs of little-endian doubles (OGC 06-103r4)."""
    many = int.from_bytes(wkb[9:13], "little")
    return np.frombuffer(wkb, dtype="<f8", count=2 * many, offset=13).reshape(-1, 2)


def _outlines(layer: Any, plane: Plane, box: Box, ground: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Rings of a GeoJSON layer that reach into the frame."""
    data = layer.data
    if isinstance(data, str):
        data = ground or (geo.prefectures() if "prefectures" in data else geo.provinces())
    rings = _within(list(_rings(data)), plane, box)
    filled = getattr(layer, "filled", True)
    line = {"color": css(layer.get_line_color), "width": getattr(layer, "line_width_min_pixels", 1)}
    return [_filled(rings, plane, fill=css(layer.get_fill_color) if filled else "", line=line)] if rings else []


def _rings(data: Mapping[str, Any]) -> Iterable[Numbers]:
    for feature in data["features"]:
        shape = feature["geometry"]
        kind, coordinates = str(shape["type"]), shape["coordinates"]
        parts = coordinates if kind.startswith("Multi") else [coordinates]
        for part in parts:
            for ring in [part] if kind.endswith("LineString") else part:
                yield np.asarray([point[:2] for point in ring], dtype=np.float64)


def _within(rings: Sequence[Numbers], plane: Plane, box: Box) -> list[Numbers]:
    """Those that reach into the frame."""
    if not rings:
        return []
    x, y = plane.at(*np.concatenate(rings).T)
    starts = np.cumsum([0, *map(len, rings[:-1])])
    left, right, low, high = box
    reach = (np.maximum.reduceat(x, starts) > left) & (np.minimum.reduceat(x, starts) < right)
    reach &= (np.maximum.reduceat(y, starts) > low) & (np.minimum.reduceat(y, starts) < high)
    return [ring for ring, near in zip(rings, reach, strict=True) if near]


def _filled(rings: Sequence[Numbers], plane: Plane, *, fill: str, line: Mapping[str, Any]) -> dict[str, Any]:
    """One trace of many rings with gaps between them."""
    gap = np.full((1, 2), np.nan)
    points = np.concatenate([part for ring in rings for part in (ring, gap)])[:-1]
    x, y = (
        [None if lost else value for value, lost in zip(side.tolist(), np.isnan(side), strict=True)]
        for side in plane.at(points[:, 0], points[:, 1])
    )
    area = {"fill": "toself", "fillcolor": fill} if fill else {}
    trace = {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": dict(line), "hoverinfo": "skip"}
    return {**trace, **area, "showlegend": False, "cliponaxis": True}


def _swatch(colour: str, words: str) -> dict[str, Any]:
    """An entry of the legend."""
    marker = {"color": colour, "size": 11, "symbol": "circle"}
    entry = {"type": "scatter", "mode": "markers", "x": [None], "y": [None], "name": words, "showlegend": True}
    return {**entry, "marker": marker, "hoverinfo": "skip"}


def _note(text: str, look: Look) -> dict[str, Any]:
    """A sentence in the lower left corner."""
    corner = {"x": 0, "y": 0, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    return {**corner, "text": text, "showarrow": False, "font": {"size": 11, "color": MUTED[look.theme.mode]}}
