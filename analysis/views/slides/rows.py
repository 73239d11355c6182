"""Panels of rows, each named: lying bars with their marks, or dots and intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from analysis.views.slides import bars, lines, reading
from analysis.views.slides.panels import Panel, Trace, at, listed, number, plain
from analysis.views.slides.read_bars import PIXEL, keys, lengths
from analysis.views.slides.spec import Category, Chart, Error, Pen, Scale, Series

STROKE = 0.0005
"""Half the width of an upright stroke, as a part of the axis."""
THICK = 3.5
"""Points of its line."""
NEAR = 1e-9


def lying(panel: Panel) -> Chart | None:
    """Lying bars; upright strokes and intervals over them on hidden axes of their own."""
    grouped = panel.kind("y") == "multicategory"
    barred = [_named(trace, grouped=grouped) for trace in panel.traces if trace.get("type") == "bar"]
    rest = [_named(trace, grouped=False) for trace in panel.traces if trace.get("type") != "bar"]
    order: list[Any] = list(dict.fromkeys(key for trace in barred for key in keys(trace, lying=True)))
    if not grouped:
        order = reading.names(panel, "y")
    made = bars.stack(panel, barred, order, lying=True)
    if made is None or not made.series or not order:
        return None
    ends = [*made.ends, *(v for trace in rest for v in lengths(trace, lying=True) if v is not None)]
    scale, _ = reading.values_scale(panel, "x", ends, zero=True)
    reverse = reading.reversed_axis(panel, "y")
    marks, errors = _marks(rest, order, scale, made.series[0].values if len(made.series) == 1 else ())
    series = tuple(replace(one, error=errors) if errors and len(made.series) == 1 else one for one in made.series)
    texts: tuple[Category, ...] = tuple(order) if grouped else reading.category_texts(order, panel, "y")
    hidden = panel.up.get("visible") is False or panel.up.get("showticklabels") is False
    chart = Chart(
        (*series, *marks),
        texts,
        Scale("category", reverse=reverse, hidden=hidden),
        scale,
        reading.linear(scale),
        reading.on_names(order, reverse=reverse),
        ticks=() if hidden else tuple(" ".join(t) if isinstance(t, tuple) else str(t) for t in texts),
        lying=True,
        stacked=made.stacked,
        overlaid=made.overlaid,
        gap=_gap(panel),
        legend=bool(panel.layout.get("showlegend")) and any(one.legend for one in series),
    )
    return chart


def _gap(panel: Panel) -> int:
    part = min(number(panel.layout.get("bargap")) or 0.2, 0.9)
    return min(round(100 * part / (1 - part)), 500)


def _named(trace: Trace, *, grouped: bool) -> Trace:
    return trace if grouped else {**trace, "y": [str(value) for value in listed(trace.get("y"))]}


def _marks(
    traces: Sequence[Trace], order: Sequence[Any], scale: Scale, barred: Sequence[float | None]
) -> tuple[list[Series], Error | None]:
    """Marks over bars and intervals as bars of error of unseen bars, or of the bars that lie in them."""
    pointed = [trace for trace in traces if _shows(trace, "markers")]
    spans = _spans([trace for trace in traces if not _shows(trace, "markers") and _shows(trace, "lines")])
    pen = next((lines.pen(trace) for trace in traces if _shows(trace, "lines")), None)
    errors = _around(barred, order, spans, pen) if barred and spans else None
    around = spans if errors is None else {}
    found = [_strokes(trace, order, scale) for trace in pointed]
    if not around:
        return found, errors
    middles = [sum(spans[key]) / 2 if key in spans else None for key in order]
    held = next((one.values for one in found if _around(one.values, order, spans, pen)), middles)
    return [Series("", held, "bar", second=True, error=_around(held, order, spans, pen), role="span"), *found], None


def _held(trace: Trace, order: Sequence[Any]) -> list[float | None]:
    held = dict(zip(listed(trace["y"]), lengths(trace, lying=True), strict=False))
    return [held.get(key) for key in order]


def _strokes(trace: Trace, order: Sequence[Any], scale: Scale) -> Series:
    """Marks as the caps of very short bars of error at the ends of unseen bars."""
    half = [(scale.high - scale.low) * STROKE] * len(order)
    error = Error(half, half, Pen(_ink(trace), THICK), "x", cap=True)
    return Series(plain(trace.get("name") or ""), _held(trace, order), "bar", second=True, error=error)


def _shows(trace: Trace, what: str) -> bool:
    return what in str(trace.get("mode") or "") and any(value is not None for value in listed(trace.get("x")))


def _spans(traces: Sequence[Trace]) -> dict[Any, tuple[float, float]]:
    """From where to where the lines of each row go."""
    ends: dict[Any, list[float]] = {}
    for trace in traces:
        for key, value in zip(listed(trace.get("y")), lengths(trace, lying=True), strict=False):
            if value is not None:
                ends.setdefault(key, []).append(value)
    return {key: (min(some), max(some)) for key, some in ends.items()}


def _around(
    values: Sequence[float | None], order: Sequence[Any], spans: Mapping[Any, tuple[float, float]], pen: Pen | None
) -> Error | None:
    """Bars of error that reach from values to the ends of their intervals; None where a value lies outside its own."""
    plus, minus = [], []
    for key, value in zip(order, values, strict=True):
        low, high = spans.get(key, (0.0, 0.0))
        if key in spans and (value is None or not low - NEAR <= value <= high + NEAR):
            return None
        plus.append(max(high - value, 0.0) if key in spans and value is not None else 0.0)
        minus.append(max(value - low, 0.0) if key in spans and value is not None else 0.0)
    return Error(plus, minus, pen or Pen("#0b1220", PIXEL * 2), "x")


def _ink(trace: Trace) -> str:
    given = trace.get("marker") or {}
    edge = given.get("line") or {}
    return str(at(edge.get("color"), 0) or at(given.get("color"), 0) or "#0b1220")
