"""Lines and points of a figure as series: over categories or days, and between two axes of numbers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from analysis.views.slides.panels import Trace, at, listed, number, plain, runs
from analysis.views.slides.read_bars import PIXEL
from analysis.views.slides.spec import Error, Label, Marker, Pen, Run, Series

SYMBOLS = {
    "circle": "circle",
    "square": "square",
    "diamond": "diamond",
    "cross": "plus",
    "x": "x",
    "star": "star",
    "triangle-up": "triangle",
}
TICK = "line-ns"
"""Plotly's upright stroke, which PowerPoint has not."""
STROKE = 0.3
"""Half the height of an upright stroke, in rows."""
OPEN = "#ffffff"
PLACES = {"top": "t", "bottom": "b", "middle": "r"}


def pen(trace: Trace) -> Pen | None:
    """Line of a trace; None where it has none."""
    if "lines" not in str(trace.get("mode") or "lines"):
        return None
    given = trace.get("line") or {}
    width = number(given.get("width"))
    width = 2.0 if width is None else width
    colour = str(given.get("color") or (trace.get("marker") or {}).get("color") or "#5f6775")
    return Pen(colour, width * PIXEL, str(given.get("dash") or "solid")) if width else None


def marker(trace: Trace, index: int) -> Marker | None:
    """How one point of a trace looks; None where its points are not seen."""
    if "markers" not in str(trace.get("mode") or ""):
        return None
    given = trace.get("marker") or {}
    edge = given.get("line") or {}
    symbol = str(at(given.get("symbol"), index) or "circle")
    size = (number(at(given.get("size"), index)) or 6.0) * PIXEL
    fill = str(at(given.get("color"), index) or (trace.get("line") or {}).get("color") or "#5f6775")
    rim = str(at(edge.get("color"), index) or "") if number(at(edge.get("width"), index)) else ""
    if symbol.endswith("-open"):
        return Marker(SYMBOLS.get(symbol.removesuffix("-open"), "circle"), size, OPEN, fill)
    return Marker(SYMBOLS.get(symbol, "circle"), size, fill, rim)


def points(trace: Trace, count: int) -> tuple[Marker | None, dict[int, Marker]]:
    """How most points of a trace look, and those that look otherwise."""
    found = [marker(trace, index) for index in range(count)]
    first = found[0] if found else None
    return first, {index: one for index, one in enumerate(found) if one is not None and one != first}


def line(trace: Trace, order: Sequence[Any], key: Callable[[Any], Any]) -> Series:
    """A trace along categories, days or numbers."""
    held = {key(x): index for index, x in enumerate(listed(trace.get("x")))}
    ys = [number(value) for value in listed(trace.get("y"))]
    spread = [held.get(one) for one in order]
    usual, others = points(trace, len(ys))
    errors = trace.get("error_y") or {}
    return Series(
        plain(trace.get("name") or ""),
        [None if index is None else ys[index] for index in spread],
        "line",
        pen=pen(trace),
        marker=usual,
        markers={p: others[i] for p, i in enumerate(spread) if i is not None and i in others},
        labels=_labels(trace, spread),
        error=_error(errors, spread, trace, "y") if errors else None,
        legend=bool(trace.get("name")) and trace.get("showlegend") is not False,
    )


def _labels(trace: Trace, spread: Sequence[int | None]) -> dict[int, Label]:
    texts = trace.get("text")
    if not isinstance(texts, list) or "text" not in str(trace.get("mode") or ""):
        return {}
    where = str(at(trace.get("textposition"), 0) or "middle center")
    vertical, _, side = where.partition(" ")
    place = {"left": "l", "right": "r"}.get(side) if vertical == "middle" else PLACES.get(vertical)
    ink = (trace.get("textfont") or {}).get("color")
    found = {}
    for position, index in enumerate(spread):
        words = runs(str(at(texts, index) or "")) if index is not None else ()
        if words:
            colour = str(at(ink, index or 0) or "")
            found[position] = Label(tuple(Run(w.text, w.colour or colour, w.bold) for w in words), place or "ctr")
    return found


def _error(given: Mapping[str, Any], spread: Sequence[int | None], trace: Trace, along: str) -> Error | None:
    if given.get("visible") is False or not given.get("array"):
        return None
    back = given.get("arrayminus") or given["array"]
    plus = [0.0 if i is None else number(at(given["array"], i)) or 0.0 for i in spread]
    minus = [0.0 if i is None else number(at(back, i)) or 0.0 for i in spread]
    colour = given.get("color") or (trace.get("marker") or {}).get("color") or "#0b1220"
    colour = str(at(colour, 0))
    width = (number(given.get("thickness")) or 2.0) * PIXEL
    return Error(plus, minus, Pen(colour, width), "x" if along == "x" else "y", cap=bool(given.get("width", 4)))


def scatter(trace: Trace, x: Callable[[Any], float | None], y: Callable[[Any], float | None]) -> list[Series]:
    """A trace between two axes of numbers, or of rows; its level bars of error as a series of their own."""
    xs, ys = ([way(v) for v in listed(trace.get(axis))] for way, axis in ((x, "x"), (y, "y")))
    count = min(len(xs), len(ys))
    pairs = [(a, b) if a is not None and b is not None else (None, None) for a, b in zip(xs, ys, strict=False)]
    usual, others = points(trace, count)
    everything = list(range(count))
    name = plain(trace.get("name") or "")
    edge = (trace.get("marker") or {}).get("line") or {}
    if str(at((trace.get("marker") or {}).get("symbol"), 0) or "").startswith(TICK):
        stroke = Pen(str(at(edge.get("color"), 0) or "#0b1220"), (number(at(edge.get("width"), 0)) or 1.5) * PIXEL)
        return [segments(name, [((a, b - STROKE), (a, b + STROKE)) for a, b in _known(pairs)], stroke)]
    across, up = (_error(trace.get(f"error_{one}") or {}, everything, trace, one) for one in "xy")
    spans: list[Series] = []
    if across is not None:
        ends = zip(pairs, across.minus, across.plus, strict=True)
        reach = [((a - less, b), (a + more, b)) for (a, b), less, more in ends if a is not None and b is not None]
        spans = [segments(name, reach, across.pen, role="span")]
    found = Series(
        name,
        [b for _, b in pairs],
        "xy",
        xs=[a for a, _ in pairs],
        pen=pen(trace),
        marker=usual,
        markers=others,
        labels=_labels(trace, everything),
        error=up,
        legend=bool(trace.get("name")) and trace.get("showlegend") is not False,
    )
    return [*spans, found]


def _known(pairs: Sequence[tuple[float | None, float | None]]) -> list[tuple[float, float]]:
    return [(a, b) for a, b in pairs if a is not None and b is not None]


def segments(
    name: str, ends: Sequence[tuple[tuple[float, float], tuple[float, float]]], stroke: Pen, *, role: str = ""
) -> Series:
    """Straight pieces, each from one point to another, with a gap after each."""
    xs: list[float | None] = [x for one in ends for x in (one[0][0], one[1][0], None)]
    ys: list[float | None] = [y for one in ends for y in (one[0][1], one[1][1], None)]
    return Series(name, ys, "xy", xs=xs, pen=stroke, role=role)
