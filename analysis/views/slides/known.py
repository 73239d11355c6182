"""What a native chart needs to know of a figure: settings it cannot follow, names of its series, labels that stay."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from analysis.views.look import Look
from analysis.views.slides.panels import Panel, Trace, listed, plain
from analysis.views.slides.reading import settings
from analysis.views.slides.spec import Chart, Series

MODES = (None, "group", "stack", "overlay", "relative")
ORDERS = (None, "trace", "array")
NORMED = ("barnorm",)
MIDNIGHT = "T00:00:00"
"""What a day may have behind it."""
ROLES = {
    "start": "role_start",
    "words": "role_words",
    "rows": "role_rows",
    "span": "role_span",
    "low": "role_low",
    "width": "role_width",
}


def all_known(figure: Trace, found: Sequence[Panel]) -> bool:
    """Whether a chart can follow every setting of a figure; otherwise it would show other numbers than the screen."""
    layout = figure.get("layout", {})
    if any(layout.get(name) for name in NORMED) or layout.get("barmode") not in MODES:
        return False
    if any(trace.get("groupnorm") or (trace.get("stackgroup") and _lying(trace)) for trace in figure["data"]):
        return False
    return all(_followed(panel, axis) for panel in found for axis in ("x", "y"))


def _lying(trace: Trace) -> bool:
    return trace.get("orientation") == "h"


def _followed(panel: Panel, axis: str) -> bool:
    given, kind = settings(panel, axis), panel.kind(axis)
    if given.get("categoryorder") not in ORDERS:
        return False
    if kind == "date":
        return all(_day(value) for value in panel.values(axis))
    ends = listed(given.get("range"))
    turned = str(given.get("autorange") or "").endswith("reversed") or (len(ends) == 2 and _backward(ends))
    return not turned or kind in ("category", "multicategory")


def _backward(ends: Sequence[Any]) -> bool:
    return all(isinstance(one, int | float) for one in ends) and ends[0] > ends[1]


def _day(value: Any) -> bool:
    """Whether a moment is the beginning of a day."""
    rest = str(value)[10:].replace(" ", "T")
    return not rest or (MIDNIGHT.startswith(rest[:9]) and not rest[9:].strip(".0Z"))


def above_zero(chart: Chart) -> Chart:
    """The chart without points at or below zero of a scale of powers, which has no place for them."""
    if not (chart.x.log or chart.y.log):
        return chart
    return replace(chart, series=tuple(_above(one, chart) for one in chart.series))


def _above(one: Series, chart: Chart) -> Series:
    values = [None if v is not None and v <= 0 and chart.y.log else v for v in one.values]
    xs = [None if x is not None and x <= 0 and chart.x.log else x for x in one.xs]
    if xs:
        pairs = [(x, v) if x is not None and v is not None else (None, None) for x, v in zip(xs, values, strict=True)]
        xs, values = [x for x, _ in pairs], [v for _, v in pairs]
    return replace(one, values=values, xs=xs)


def named(chart: Chart, panel: Panel, look: Look) -> Chart:
    """The chart with a name of its own for each series: what it is for, or the measure, numbered where one comes twice.

    Names that are in a legend stay as they are.
    """
    across = chart.lying or any("error_x" in trace for trace in panel.traces)
    measure = _title(panel, "x" if across else "y") or look.say("slides.measure")
    taken = {one.name for one in chart.series if one.legend}
    found = []
    for one in chart.series:
        if one.legend:
            found.append(one)
            continue
        role = look.say(f"slides.{ROLES[one.role]}") if one.role else ""
        name = " · ".join(part for part in (one.name, role) if part) or measure
        turns = (f"{name} ({turn})" for turn in range(2, len(chart.series) + 2))
        name = name if name not in taken else next(turn for turn in turns if turn not in taken)
        taken.add(name)
        found.append(replace(one, name=name))
    return replace(chart, series=tuple(found))


def _title(panel: Panel, axis: str) -> str:
    title = settings(panel, axis).get("title") or {}
    return plain(title.get("text") or "" if isinstance(title, dict) else title)


def fixed(chart: Chart) -> bool:
    """Whether labels of a chart say numbers in words that do not follow an edit."""
    labels = (label for one in chart.series if one.role != "rows" for label in one.labels.values() if not label.format)
    return any(_digits("".join(run.text for run in label.runs)) for label in labels)


def counted(group: Any) -> bool:
    """Whether the words in a group of text boxes say numbers."""
    return any(part.has_text_frame and _digits(part.text_frame.text) for part in group.shapes)


def _digits(text: str) -> bool:
    return any(one.isdigit() for one in text)
