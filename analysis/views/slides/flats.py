"""Maps of points, hexagons and lines on a plane of their own as native shapes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analysis.views.slides import keys, layers, vectors
from analysis.views.slides.conic import Points
from analysis.views.slides.text import INCH, POINT, Box, Hand, put, unmarked

KEY = 2.3
"""Inches left of a map for what its colours mean."""
MOST = 80_000
"""Points that a slide can carry; a map with more becomes a picture."""
NOTE = 16
"""Points of the height of a note."""


def are(figure: Mapping[str, Any]) -> bool:
    """Whether a figure says that it is a map on a plane."""
    return bool((figure["layout"].get("meta") or {}).get("map"))


def draw(figure: Mapping[str, Any], shapes: Any, box: Box, hand: Hand, *, name: str, alt: str) -> bool:
    """Draw a map on its plane; False where it has too many points."""
    layout, traces = figure["layout"], figure["data"]
    if sum(len(trace.get("x") or ()) for trace in traces) > MOST:
        return False
    left, top, width, height = box
    aside = round(KEY * INCH)
    place, frame = _plane(layout, (left + aside, top, width - aside, height))
    for trace in traces:
        placed = place(trace)
        parts = layers.drawn(trace, placed, frame)
        if parts:
            vectors.group(shapes, parts, name=str(trace.get("name") or name), alt=alt)
        layers.lettered(trace, placed, shapes, hand)
    keys.draw_list(shapes, (left, top, aside, height), _named(traces), hand)
    notes = [unmarked(str(note.get("text", ""))) for note in layout.get("annotations") or ()]
    if notes:
        high = NOTE * POINT
        right = Hand(hand.ink, hand.lang, 10, hand.ink.muted, align="right")
        put(shapes, (left, top + height - high, width, high), " ".join(notes), right, anchor="bottom")
    return True


def _plane(layout: Mapping[str, Any], box: Box) -> tuple[Any, tuple[float, ...]]:
    """Where a trace's points lie, and the frame of the map."""
    (x0, x1), (y0, y1) = layout["xaxis"]["range"], layout["yaxis"]["range"]
    left, top, width, height = box
    by = min(width / (x1 - x0), height / (y1 - y0))
    start = left + (width - by * (x1 - x0)) / 2, top + (height - by * (y1 - y0)) / 2

    def place(trace: Mapping[str, Any]) -> Points:
        x, y = (np.array(trace.get(axis) or (), dtype=np.float64) for axis in ("x", "y"))
        return np.stack([start[0] + (x - x0) * by, start[1] + (y1 - y) * by], axis=1)

    return place, (*start, start[0] + by * (x1 - x0), start[1] + by * (y1 - y0))


def _named(traces: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Colours and names of the legend."""
    named = [trace for trace in traces if trace.get("showlegend") and trace.get("name")]
    return [(_colour(trace), unmarked(str(trace["name"]))) for trace in named]


def _colour(trace: Mapping[str, Any]) -> str:
    marker, line = trace.get("marker") or {}, trace.get("line") or {}
    return str(layers.of(marker.get("color"), 0) or trace.get("fillcolor") or line.get("color") or "#000000")
