"""Points, lines, areas and words of a map, once their places on the slide are known."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from analysis.views.slides import vectors
from analysis.views.slides.conic import Points, cut
from analysis.views.slides.text import INCH, POINT, Hand, put, unmarked

PIXEL = 0.75
"""Points."""
SINGLE = 400
"""Marks of a trace up to which each is a shape of its own; more of them become one shape a colour."""
SMALLEST = 1.0
"""Points across a mark at least."""


def of(value: Any, at: int, other: Any = None) -> Any:
    """What a style says of one mark: it is a list, or the same for all."""
    found = value[at] if isinstance(value, list) else value
    return other if found is None else found


def drawn(trace: Mapping[str, Any], places: Points, frame: tuple[float, ...], alts: Sequence[str] = ()) -> list[str]:
    """Shapes of a trace of points, lines or areas.

    Parameters
    ----------
    trace : mapping
        Plotly's scatter or scattergeo.
    places : (n, 2)
        EMU; NaN where a line breaks.
    frame : tuple of float
        Left, top, right, bottom: what lies beyond is left out.
    alts : sequence of str
        What is said of each point.
    """
    mode, name = str(trace.get("mode", "markers")), str(trace.get("name") or "-")
    parts = []
    line = trace.get("line") or {}
    edge = str(line.get("color", "")) if line.get("width", 2) else ""
    thick = float(line.get("width", 2)) * PIXEL
    if trace.get("fill") == "toself":
        rings = (cut(run, frame) for run in _runs(places))
        fill = vectors.Paint(str(trace.get("fillcolor", "")), edge, thick)
        parts.append(vectors.outline(rings, fill, name=name))
    elif "lines" in mode:
        paint = vectors.Paint("", edge or "#000000", thick)
        parts.append(vectors.outline(_runs(places), paint, name=name, closed=False))
    if "markers" in mode:
        parts += _markers(trace, places, frame, name, alts)
    return [part for part in parts if part]


def _runs(places: Points) -> Iterator[Points]:
    """Points between two breaks."""
    known = np.asarray(np.isfinite(places).all(axis=1))
    for run in np.split(np.arange(len(places)), np.flatnonzero(~known)):
        inside = run[known[run]]
        if len(inside) > 1:
            yield places[inside]


def _markers(
    trace: Mapping[str, Any], places: Points, frame: tuple[float, ...], name: str, alts: Sequence[str]
) -> list[str]:
    marker = trace.get("marker") or {}
    edge = marker.get("line") or {}
    left, top, right, bottom = frame
    x, y = places.T
    inside = np.flatnonzero((x >= left) & (x <= right) & (y >= top) & (y <= bottom)).tolist()
    by_paint: dict[vectors.Paint, list[int]] = {}
    for at in inside:
        thin = float(of(edge.get("width"), at, 0)) * PIXEL
        rim = str(of(edge.get("color"), at, "")) if thin else ""
        by_paint.setdefault(vectors.Paint(str(of(marker.get("color"), at, "#000000")), rim, thin), []).append(at)
    sizes = {at: max(float(of(marker.get("size"), at, 6)) * PIXEL, SMALLEST) for at in inside}
    if len(inside) > SINGLE:
        return [
            vectors.dots([(places[at], sizes[at]) for at in some], paint, name=name) for paint, some in by_paint.items()
        ]
    parts = []
    for paint, some in by_paint.items():
        for at in some:
            said = alts[at] if alts else ""
            words = unmarked(str(of(trace.get("text"), at, ""))) or name
            parts.append(vectors.dot(places[at], sizes[at], paint, name=words, alt=said or words))
    return parts


def lettered(trace: Mapping[str, Any], places: Points, shapes: Any, hand: Hand) -> None:
    """Words of a trace, each around its place."""
    if "text" not in str(trace.get("mode", "")):
        return
    wide, high = round(1.8 * INCH), round(hand.size * 1.4 * POINT)
    centred = Hand(hand.ink, hand.lang, hand.size, hand.colour, align="centre")
    for at, (x, y) in enumerate(places.tolist()):
        text = unmarked(str(of(trace.get("text"), at, "")))
        if text and np.isfinite(x) and np.isfinite(y):
            put(shapes, (round(x) - wide // 2, round(y) - high // 2, wide, high), text, centred, anchor="middle")
