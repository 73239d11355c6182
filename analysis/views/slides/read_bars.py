"""Bars of a figure as they are read: where each stands, begins and ends, and how it looks."""

from dataclasses import dataclass
from typing import Any

from analysis.views.slides.panels import Trace, at, listed, number
from analysis.views.slides.spec import Series
from analysis.views.theme import fade

PIXEL = 0.75
"""Points."""


@dataclass(frozen=True, slots=True)
class Stack:
    """Bars as series, whether they are stacked, and how far they reach."""

    series: tuple[Series, ...]
    stacked: bool
    ends: tuple[float, ...]
    overlaid: bool = False


def keys(trace: Trace, *, lying: bool) -> list[Any]:
    """Places of a trace along the axis of categories."""
    found = listed(trace.get("y" if lying else "x"))
    if len(found) == 2 and isinstance(found[0], list):
        return list(zip(found[0], found[1], strict=True))
    return found


def lengths(trace: Trace, *, lying: bool) -> list[float | None]:
    """Values of a trace."""
    return [number(value) for value in listed(trace.get("x" if lying else "y"))]


def colours(trace: Trace, count: int) -> tuple[list[str], list[str]]:
    """Colour of each bar, faded as on screen, and the shape of its hatches, if any."""
    marker = trace.get("marker") or {}
    faint = number(at(marker.get("opacity"), 0)) or number(trace.get("opacity")) or 1.0
    shapes = (marker.get("pattern") or {}).get("shape")
    found = [str(at(marker.get("color"), i) or "#5f6775") for i in range(count)]
    found = [fade(one, faint) if faint < 1 and one.startswith("#") else one for one in found]
    return found, [str(at(shapes, i) or "") for i in range(count)]


def starts(trace: Trace, *, lying: bool) -> list[Any]:
    """Where each bar of a trace begins."""
    base = trace.get("base")
    return base if isinstance(base, list) else [base] * len(keys(trace, lying=lying))
