"""What the colours of a map mean: a bar of colours with round values, or a list of names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from analysis.views.slides import marks, panels, vectors
from analysis.views.slides.colours import scaled
from analysis.views.slides.text import INCH, POINT, Box, Hand, fitting, put, unmarked, width

BANDS = 40
"""Steps of a bar of colours."""
ROW = 22
"""Points of a line of a list."""
MOST = 14
"""Lines of a list."""
_LINE = re.compile(r'<span style="color:\s*([^";]+)">[■●]</span>\s*([^<]*)')


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of colours from `low` to `high`.

    Attributes
    ----------
    scale : sequence of (place, colour)
        Plotly's.
    marks : tuple of (value, words)
    title : str
    """

    scale: Sequence[Sequence[Any]]
    low: float
    high: float
    marks: tuple[tuple[float, str], ...]
    title: str


def bar_of(traces: Sequence[Mapping[str, Any]]) -> Bar | None:
    """The bar that a figure shows, if any."""
    for trace in traces:
        marker = trace.get("marker") or {}
        if isinstance(marker, Mapping) and marker.get("showscale") and "colorbar" in marker:
            return _bar(marker["colorbar"], marker["colorscale"], marker.get("cmin"), marker.get("cmax"))
        if "colorbar" in trace and trace.get("showscale", True):
            return _bar(trace["colorbar"], trace["colorscale"], *limits(trace))
    return None


def limits(trace: Mapping[str, Any]) -> tuple[float, float]:
    """Values of the first and last colour of a trace."""
    known = [float(value) for value in np.ravel(np.array(trace["z"], dtype=object)) if value is not None]
    low, high = trace.get("zmin"), trace.get("zmax")
    return (
        float(low) if low is not None else min(known, default=0.0),
        float(high) if high is not None else max(known, default=1.0),
    )


def _bar(told: Mapping[str, Any], scale: Sequence[Sequence[Any]], low: Any, high: Any) -> Bar:
    low, high = float(low), float(high)
    if "tickvals" in told:
        texts = told.get("ticktext") or [f"{value:g}" for value in told["tickvals"]]
        marks = [(float(value), str(text)) for value, text in zip(told["tickvals"], texts, strict=True)]
    else:
        suffix = str(told.get("ticksuffix", ""))
        marks = [(value, f"{value:g}{suffix}") for value in _round(low, high)]
    title = told.get("title") or {}
    words = title.get("text", "") if isinstance(title, Mapping) else title
    inside = tuple((value, unmarked(text)) for value, text in marks if low - 1e-9 <= value <= high + 1e-9)
    return Bar(scale, low, high, inside, unmarked(str(words)))


def _round(low: float, high: float) -> list[float]:
    step = 10 ** np.floor(np.log10((high - low) / 4 or 1.0))
    step = next(step * part for part in (1, 2, 2.5, 5, 10) if (high - low) / (step * part) <= 5)
    return [float(value) for value in np.arange(np.ceil(low / step) * step, high + step / 1e6, step)]


def draw_bar(shapes: Any, box: Box, bar: Bar, hand: Hand) -> None:
    """A standing bar in `box`, its words right of it and its title above."""
    left, top, width, height = box
    thick, above = round(0.2 * INCH), round(0.3 * INCH) if bar.title else 0
    if bar.title:
        put(shapes, (left, top, width, above), bar.title, hand)
    start, tall = top + above, height - above
    values = [bar.high - (bar.high - bar.low) * (at + 0.5) / BANDS for at in range(BANDS)]
    colours = scaled(values, bar.scale, bar.low, bar.high)
    edges = np.rint(np.linspace(start, start + tall, BANDS + 1)).astype(int).tolist()
    bands = zip(colours, edges, edges[1:], strict=False)
    parts = [
        vectors.square((left, first, thick, last - first), vectors.Paint(str(colour)), name=str(at))
        for at, (colour, first, last) in enumerate(bands, 1)
    ]
    words = " – ".join(text for _, text in (bar.marks[:1] + bar.marks[-1:]))
    vectors.group(shapes, parts, name=bar.title or words, alt=f"{bar.title} {words}".strip())
    line = round(hand.size * 1.3 * POINT)
    for value, text in bar.marks:
        middle = start + tall * (bar.high - value) / ((bar.high - bar.low) or 1.0)
        at = (left + thick + 6 * POINT, round(middle - line / 2), width - thick - 6 * POINT, line)
        put(shapes, at, text, hand, anchor="middle")


def listed(annotations: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Colours and names of a list that a figure writes in a corner."""
    texts = (str(note.get("text", "")) for note in annotations)
    return [(colour, name.strip()) for text in texts for colour, name in _LINE.findall(text)]


def draw_list(shapes: Any, box: Box, entries: Sequence[tuple[str, str]], hand: Hand) -> None:
    """A list of colours and names, one a line, at the foot of `box`."""
    left, top, width, height = box
    shown = entries[:MOST]
    row, side = round(ROW * POINT), round(hand.size * POINT)
    start = top + height - row * len(shown)
    for at, (colour, name) in enumerate(shown):
        middle = start + row * at + row // 2
        part = vectors.square((left, middle - side // 2, side, side), vectors.Paint(colour), name=name)
        vectors.group(shapes, [part], name=name, alt=name)
        place = (left + side + 6 * POINT, middle - row // 2, width - side - 6 * POINT, row)
        size = fitting(name, (place[2], row), (hand.size, 11, 10, 9), most=2)
        put(shapes, place, name, replace(hand, size=size), anchor="middle")


def hatches(figure: Mapping[str, Any]) -> dict[str, str]:
    """Shapes (Plotly's) of the hatches on the bars and areas of a figure, by their colour."""
    found: dict[str, str] = {}
    for trace in figure["data"]:
        marker = trace.get("marker") or {}
        inks, shapes = marker.get("color"), (marker.get("pattern") or {}).get("shape")
        if trace.get("stackgroup"):
            inks, shapes = trace.get("fillcolor"), (trace.get("fillpattern") or {}).get("shape")
        count = len(inks) if isinstance(inks, list) else 1
        told = ((panels.at(inks, i), panels.at(shapes, i)) for i in range(count))
        found |= {str(one): str(shape) for one, shape in told if one and shape}
    return found


def draw_strip(
    shapes: Any,
    box: Box,
    entries: Sequence[tuple[str, str]],
    hand: Hand,
    *,
    patterns: Mapping[str, str] = MappingProxyType({}),
) -> int:
    """A list of colours and names in lines at the top of `box`, some colours hatched; how high it is (EMU)."""
    left, top, wide, _ = box
    row, side = round(ROW * POINT), round(hand.size * 0.8 * POINT)
    x, line = left, 0
    for colour, name in entries:
        words = round((width(name, hand.size) * 1.1 + 4) * POINT)
        if x > left and x + side + words > left + wide:
            x, line = left, line + 1
        middle = top + row * line + row // 2
        part = vectors.square((x, middle - side // 2, side, side), vectors.Paint(colour), name=name)
        if patterns.get(colour):
            part = part.replace(marks.solid(colour), marks.hatched(colour, patterns[colour]), 1)
        vectors.group(shapes, [part], name=name, alt=name)
        x += side + 5 * POINT
        put(shapes, (x, middle - row // 2, words, row), name, hand, anchor="middle")
        x += words + 10 * POINT
    return row * (line + 1)
