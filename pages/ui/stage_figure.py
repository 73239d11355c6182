"""A figure for the big screen: the same marks with type and lines that the last row can read."""

import re
from collections.abc import Mapping
from typing import Any

LARGER = 1.6
"""How much larger type is than on the page."""
ROOM = 720
"""Pixels of height that a chart has on a screen of 1080; a taller one grows less."""
LEAST_TYPE = 15
"""Pixels below which no word of a chart is set."""
BASE = 13
"""Type of a chart that says nothing about it."""
LENGTHS = frozenset(("xshift", "yshift", "standoff", "ticklabelstandoff", "thickness", "pad"))
"""Numbers in pixels that go with the type."""
AXIS = re.compile(r"[xy]axis\d*")
_SIZE = re.compile(r"font-size:\s*([\d.]+)px")


def enlarged(figure: Mapping[str, Any], *, room: float = ROOM) -> dict[str, Any]:
    """The figure without a height of its own, its type, margins, lines and marks larger.

    Parameters
    ----------
    figure : mapping
        Plain lists.
    room : float
        Pixels of height that it will have.
    """
    layout = dict(figure.get("layout", {}))
    height = layout.pop("height", None)
    times = min(max(room / height, 1.0), LARGER) if height else LARGER
    layout.pop("width", None)
    drawn = {key: _grown(value, times) for key, value in figure.items() if key not in ("data", "layout")}
    drawn["data"] = [_grown(trace, times) for trace in figure.get("data", [])]
    drawn["layout"] = _typed(_grown(layout, times), _type(BASE, times))
    return drawn


def _typed(layout: dict[str, Any], size: float) -> dict[str, Any]:
    """The layout with a size for the words that have none: the page's theme would set them small."""
    layout = {"xaxis": {}, "yaxis": {}, **layout}
    for name, part in layout.items():
        if AXIS.fullmatch(name):
            layout[name] = {**part, "tickfont": {"size": size, **part.get("tickfont", {})}}
    return {**layout, "font": {"size": size, **layout.get("font", {})}}


def _grown(value: Any, times: float, of: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: _part(key, inner, times, of) for key, inner in value.items()}
    if isinstance(value, list):
        return [
            _grown(inner, times, of) if isinstance(inner, Mapping | list) else _words(inner, times) for inner in value
        ]
    return _words(value, times)


def _part(key: str, value: Any, times: float, of: str) -> Any:
    if key == "size" and of.endswith("font"):
        return _each(value, lambda size: _type(size, times))
    if (key, of) in (("size", "marker"), ("width", "line")):
        return _each(value, lambda size: round(size * times, 2))
    pixels = of == "margin" or key in LENGTHS
    return _each(value, lambda size: round(size * times)) if pixels else _grown(value, times, key)


def _each(value: Any, larger: Any) -> Any:
    if isinstance(value, list):
        return [_each(one, larger) for one in value]
    return larger(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _type(size: float, times: float) -> float:
    return max(round(size * times, 1), LEAST_TYPE)


def _words(value: Any, times: float) -> Any:
    if isinstance(value, str) and "font-size" in value:
        return _SIZE.sub(lambda found: f"font-size:{_type(float(found[1]), times)}px", value)
    return value
