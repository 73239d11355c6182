"""Panels between two axes of numbers, and dots and intervals in named rows: native XY charts."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from analysis.views.slides import lines, reading
from analysis.views.slides.panels import Panel, Trace, day, listed, number, plain
from analysis.views.slides.read_bars import PIXEL, colours
from analysis.views.slides.scales import MOST
from analysis.views.slides.sheet import day_number
from analysis.views.slides.spec import Chart, Label, Pen, Run, Scale, Series

APART = 56.0
"""Points between two ticks at least."""
THICK = 0.8
"""Width of a bar, where a figure says nothing."""


def draw(panel: Panel, width: float) -> tuple[Chart, tuple[str, ...]] | None:
    """A chart of the panel; `width` is that of its plot, points."""
    axes = {axis: _axis(panel, axis, width) for axis in "xy"}
    if any(one is None for one in axes.values()):
        return None
    (x, go_x, _, names_x), (y, go_y, ticks_y, names_y) = (one for one in axes.values() if one is not None)
    lost: list[str] = []
    series: list[Series] = []
    for trace in panel.traces:
        if trace.get("type") == "bar":
            series.append(_bars(trace, go_x, go_y, width / ((x.high - x.low) or 1.0)))
        elif trace.get("fill") == "toself":
            lost.append("band")
        else:
            series += lines.scatter(trace, go_x, go_y)
    if names_x:
        return None
    series = _joined(series) if names_y else series
    turned = reading.reversed_axis(panel, "y")
    named = panel.up.get("showticklabels") is not False and panel.up.get("visible") is not False
    if names_y:
        series += [_rows(names_y, x, turned=turned)] if named else []
    if not series:
        return None
    at_y = reading.on_names(names_y, reverse=turned) if names_y else reading.linear(y)
    at_x = reading.linear(x) if panel.kind("x") != "date" else _on_days(x)
    legend = bool(panel.layout.get("showlegend")) and any(one.legend for one in series)
    return Chart(
        _even(series), (), x, y, at_x, at_y, ticks=(*ticks_y, *(names_y if named else ())), legend=legend
    ), tuple(lost)


def _even(series: Sequence[Series]) -> tuple[Series, ...]:
    """Series of one length, blank at their ends: some programs leave out any that is shorter than another."""
    most = max(len(one.values) for one in series)
    found = []
    for one in series:
        blank: list[float | None] = [None] * (most - len(one.values))
        found.append(replace(one, xs=[*one.xs, *blank], values=[*one.values, *blank]))
    return tuple(found)


def _joined(series: Sequence[Series]) -> list[Series]:
    """Lines that look alike and follow each other as one series, with gaps between them."""
    found: list[Series] = []
    for one in series:
        last = found[-1] if found else None
        if last and one.marker is None and last.marker is None and (one.pen, one.name) == (last.pen, last.name):
            found[-1] = replace(last, xs=[*last.xs, None, *one.xs], values=[*last.values, None, *one.values])
        else:
            found.append(one)
    return found


def _on_days(scale: Scale) -> reading.Place:
    within = reading.linear(scale)

    def place(value: Any) -> float | None:
        try:
            return within(day_number(day(value)))
        except ValueError:
            return None

    return place


def _axis(panel: Panel, axis: str, room: float) -> tuple[Scale, Any, tuple[str, ...], tuple[str, ...]] | None:
    kind = panel.kind(axis)
    if kind == "category":
        found = reading.names(panel, axis)
        texts = tuple(str(one) for one in reading.category_texts(found, panel, axis))
        turned = reading.reversed_axis(panel, axis)
        at = {name: (len(found) - 1 - index if turned else index) for index, name in enumerate(found)}
        scale = Scale("value", -0.5, len(found) - 0.5, 1.0, unlabelled=True, hidden=True)
        return scale, lambda value: at.get(str(value)), (), texts
    if kind == "multicategory":
        return None
    if kind == "date":
        days = [day_number(day(value)) for value in panel.values(axis)]
        scale = Scale("value", min(days), max(days), round((max(days) - min(days)) / 6), "yyyy-mm")
        return scale, lambda value: day_number(day(value)), ("2026-01",), ()
    found_ = [n for value in panel.values(axis) if (n := number(value)) is not None]
    for trace in panel.traces:
        found_ += _errors(trace, axis)
    if not found_:
        return None
    zero = any(trace.get("type") == "bar" for trace in panel.traces) and axis == "y"
    most = max(int(room / APART), 2) if axis == "x" else MOST
    scale, ticks = reading.values_scale(panel, axis, found_, zero=zero, most=most)
    return scale, number, ticks, ()


def _errors(trace: Trace, axis: str) -> list[float]:
    """Ends of the bars of error."""
    given = trace.get(f"error_{axis}") or {}
    values, plus = listed(trace.get(axis)), listed(given.get("array"))
    minus = listed(given.get("arrayminus")) or plus
    sides = [(number(v), number(more), number(less)) for v, more, less in zip(values, plus, minus, strict=False)]
    return [end for v, more, less in sides if v is not None for end in (v - (less or 0), v + (more or 0))]


def _rows(names: Sequence[str], x: Scale, *, turned: bool) -> Series:
    """Names of rows as words left of unseen points at the beginning of each row."""
    places = [float(len(names) - 1 - at if turned else at) for at in range(len(names))]
    labels = {at: Label((Run(name),), "l") for at, name in enumerate(names)}
    return Series("", places, "xy", xs=[x.low] * len(names), labels=labels, role="rows")


def _bars(trace: Trace, x: Any, y: Any, unit: float) -> Series:
    """Bars above numbers as thick pieces up from zero."""
    places = [(x(a), y(b)) for a, b in zip(listed(trace.get("x")), listed(trace.get("y")), strict=False)]
    wide = (number(trace.get("width")) or THICK) * unit
    fills, _ = colours(trace, len(places))
    stroke = Pen(fills[0] if fills else "#5f6775", max(wide, PIXEL))
    name = plain(trace.get("name") or "")
    known = [((a, 0.0), (a, b)) for a, b in places if a is not None and b is not None]
    return replace(lines.segments(name, known, stroke), legend=bool(name))
