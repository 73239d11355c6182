"""Tile-grid maps as native squares, their names and values written in them."""

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.views.slides import keys, vectors
from analysis.views.slides.colours import read, scaled
from analysis.views.slides.text import INCH, POINT, Box, Hand, put, unmarked

KEY = 2.3
"""Inches left of the tiles for what their colours mean."""
BROADEST = 1.7
"""Width of a tile over its height at most."""
SMALLEST = 7
"""Points of the words in a tile at least."""
_Written = dict[tuple[float, float], tuple[str, float, str]]


def are(figure: Mapping[str, Any]) -> bool:
    """Whether a figure is a map of tiles: cells on axes that nobody sees."""
    hidden = (figure["layout"].get("xaxis") or {}).get("visible") is False
    return hidden and any(trace.get("type") == "heatmap" for trace in figure["data"])


class _Plane:
    """Where places of the axes lie in a box (EMU)."""

    def __init__(self, layout: Mapping[str, Any], box: Box, *, equal: bool) -> None:
        (x0, x1), (y0, y1) = layout["xaxis"]["range"], layout["yaxis"]["range"]
        left, top, width, height = box
        across, down = width / abs(x1 - x0), height / abs(y1 - y0)
        if equal:
            across = down = min(across, down)
        across = min(across, BROADEST * down)
        self.across, self.down = across, down
        self._x, self._y = min(x0, x1), (y1 if y1 < y0 else y0)
        self._up = y1 > y0
        self._left = left + (width - across * abs(x1 - x0)) / 2
        self._top = top + (height - down * abs(y1 - y0)) / 2
        self._high = abs(y1 - y0)

    def __call__(self, x: float, y: float) -> tuple[float, float]:
        below = self._high - (y - self._y) if self._up else y - self._y
        return self._left + (x - self._x) * self.across, self._top + below * self.down


def draw(figure: Mapping[str, Any], shapes: Any, box: Box, hand: Hand, *, alt: str) -> bool:
    """Draw the tiles and what their colours mean."""
    layout = figure["layout"]
    left, top, width, height = box
    aside = round(KEY * INCH)
    plane = _Plane(layout, (left + aside, top, width - aside, height), equal="scaleanchor" in layout["yaxis"])
    words: _Written = {}
    for trace in figure["data"]:
        if trace.get("type") == "scatter" and "text" in str(trace.get("mode", "")):
            words |= _words(trace)
    pixel = height / float(layout.get("height") or 500)
    for trace in figure["data"]:
        if trace.get("type") == "heatmap":
            cells = _cells(trace, plane, pixel)
            found = vectors.group(shapes, list(cells.values()), name=unmarked(alt)[:60], alt=alt)
            backed = trace is not next(t for t in reversed(figure["data"]) if t.get("type") == "heatmap")
            elements = list(found._element.iter_shape_elms())
            for place, element in zip(cells, elements, strict=True) if not backed else ():
                if place in words:
                    text, size, colour = words.pop(place)
                    size = max(size * pixel / POINT * 0.94, SMALLEST)
                    vectors.lettered(element, text, Hand(hand.ink, hand.lang, size, colour, align="centre"))
    _beside(words, plane, shapes, hand, pixel)
    _key(figure, shapes, (left, top, aside, height), hand)
    return True


def _words(trace: Mapping[str, Any]) -> _Written:
    """Words by place, each with size (pixels) and colour; bold parts between double stars."""
    font = trace.get("textfont") or {}
    ink = font.get("color", "#000000")
    found: _Written = {}
    for at, (x, y, text) in enumerate(zip(trace["x"], trace["y"], trace["text"], strict=True)):
        if text:
            said = str(text).replace("<br>", "\n").replace("<b>", "**").replace("</b>", "**")
            found[x, y] = (said, float(font.get("size", 12)), read(ink[at] if isinstance(ink, list) else ink)[0])
    return found


def _cells(trace: Mapping[str, Any], plane: _Plane, pixel: float) -> dict[tuple[float, float], str]:
    """A square for each cell that has a value."""
    found: dict[tuple[float, float], str] = {}
    gap = float(trace.get("xgap") or 0) * pixel
    low, high = keys.limits(trace)
    hover = trace.get("text")
    for row, line in enumerate(trace["z"]):
        for column, colour in enumerate(scaled(line, trace["colorscale"], low, high)):
            if colour is None:
                continue
            x, y = plane(column, row)
            wide, tall = plane.across - gap, plane.down - gap
            place = (round(x - wide / 2), round(y - tall / 2), round(wide), round(tall))
            said = unmarked(str(hover[row][column])) if isinstance(hover, list) else ""
            name, _, value = said.partition("\n")
            paint = vectors.Paint(colour)
            found[column, row] = vectors.square(place, paint, name=name, alt=f"{name}: {value}" if value else name)
    return found


def _beside(words: _Written, plane: _Plane, shapes: Any, hand: Hand, pixel: float) -> None:
    """Words that stand between the tiles: names of provinces."""
    wide = round(plane.across * 7)
    for (x, y), (text, size, colour) in words.items():
        points = max(size * pixel / POINT * 0.94, SMALLEST)
        high = round(points * 1.3 * POINT)
        left, top = plane(x, y)
        at = (round(left) - wide // 2, round(top) - high // 2, wide, high)
        put(shapes, at, text, Hand(hand.ink, hand.lang, points, colour, align="centre"), anchor="middle")


def _key(figure: Mapping[str, Any], shapes: Any, box: Box, hand: Hand) -> None:
    left, top, width, height = box
    bar = keys.bar_of(_open(figure["data"]))
    if bar:
        keys.draw_bar(shapes, (left, top + height // 2, width, height // 2 - height // 20), bar, hand)
    else:
        entries = keys.listed(figure["layout"].get("annotations") or ())
        keys.draw_list(shapes, (left, top, width, height), entries, hand)


def _open(traces: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [trace for trace in traces if trace.get("type") != "heatmap" or "colorbar" in trace]
