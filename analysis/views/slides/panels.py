"""A Plotly figure taken apart: panels with their axes, traces, and what is written and drawn across them."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import unescape
from typing import Any

from analysis.views.slides.spec import Run

Trace = Mapping[str, Any]
_DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?([T ].*)?")
_TAGS = re.compile(r"<(/?)(\w+)([^>]*)>")
_COLOUR = re.compile(r"color:\s*([^;\"']+)")


@dataclass(frozen=True, slots=True)
class Panel:
    """One pair of axes.

    Attributes
    ----------
    x, y : str
        Their names ("x", "y2").
    across, up : mapping
        Their settings.
    traces : tuple
    place : tuple of float
        Left, bottom, right and top in parts of the figure's plot.
    """

    x: str
    y: str
    across: Trace
    up: Trace
    traces: tuple[Trace, ...]
    place: tuple[float, float, float, float]
    layout: Trace

    def values(self, axis: str) -> list[Any]:
        """All values of an axis ("x" or "y") over its traces."""
        return [value for trace in self.traces for value in listed(trace.get(axis)) if value is not None]

    def kind(self, axis: str) -> str:
        """What an axis is made of: "linear", "log", "date", "category" or "multicategory"."""
        given = (self.across if axis == "x" else self.up).get("type")
        return str(given) if given and given != "-" else of(self.values(axis))


def listed(values: Any) -> list[Any]:
    """Values as a list; nothing for None."""
    return [] if values is None else list(values)


def of(values: Sequence[Any]) -> str:
    """What kind of axis Plotly takes for values."""
    if not values:
        return "linear"
    if isinstance(values[0], list):
        return "multicategory"
    texts = [value for value in values if isinstance(value, str)]
    if not texts:
        return "linear"
    if all(_DATE.fullmatch(text) for text in texts):
        return "date"
    return "linear" if all(number(text) is not None for text in texts) else "category"


def number(value: Any) -> float | None:
    """A number, whether it is written as one or as a text."""
    if value is None or isinstance(value, bool):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None


def day(value: Any) -> date:
    """Day of an ISO text."""
    text = str(value)
    return date.fromisoformat(text[:10] if len(text) >= 10 else f"{text}-01")


def panels(figure: Trace) -> list[Panel] | None:
    """Panels of a figure, in the order of its traces; None where two axes share one place."""
    layout = figure.get("layout", {})
    found: dict[tuple[str, str], list[Trace]] = {}
    for trace in figure["data"]:
        if trace.get("visible") not in (False, "legendonly"):
            found.setdefault((trace.get("xaxis") or "x", trace.get("yaxis") or "y"), []).append(trace)
    made = [_panel(x, y, traces, layout) for (x, y), traces in found.items()]
    return None if any("overlaying" in one.up or "overlaying" in one.across for one in made) else made


def _panel(x: str, y: str, traces: Sequence[Trace], layout: Trace) -> Panel:
    across, up = (layout.get(f"{name[0]}axis{name[1:]}") or {} for name in (x, y))
    left, right = across.get("domain") or (0.0, 1.0)
    low, high = up.get("domain") or (0.0, 1.0)
    return Panel(x, y, across, up, tuple(traces), (left, low, right, high), layout)


def runs(text: str) -> tuple[Run, ...]:
    """Words of a figure, their breaks as line ends, with their colours and weights."""
    found: list[Run] = []
    colours, bold, at = [""], False, 0
    for tag in _TAGS.finditer(text):
        found.append(Run(unescape(text[at : tag.start()]), colours[-1], bold))
        at, name = tag.end(), tag[2].lower()
        if name == "br":
            found.append(Run("\n", colours[-1], bold))
        elif name in ("b", "strong"):
            bold = not tag[1]
        elif tag[1] and len(colours) > 1:
            colours.pop()
        elif not tag[1]:
            colour = _COLOUR.search(tag[3])
            colours.append(colour[1].strip() if colour else colours[-1])
    found.append(Run(unescape(text[at:]), colours[-1], bold))
    return tuple(run for run in found if run.text)


def plain(text: Any) -> str:
    """Words of a figure without their dress, on one line."""
    return "".join(run.text for run in runs(str(text))).replace("\u200b", "").replace("\n", " ").strip()


def at(values: Any, index: int) -> Any:
    """One of a list, or the one value that holds for all."""
    if not isinstance(values, list):
        return values
    return values[index] if index < len(values) else None
