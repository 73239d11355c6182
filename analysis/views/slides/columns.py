"""Panels whose values stand above categories, days or evenly spaced numbers: bars, lines and bands together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

from analysis.views.slides import bands, bars, lines, reading
from analysis.views.slides.bases import waterfall
from analysis.views.slides.panels import Panel, Trace, day, listed, number, plain
from analysis.views.slides.scales import tick_format
from analysis.views.slides.spec import Category, Chart, Scale, Series

EVEN = 1e-6
MOST_NUMBERS = 120
"""Numbers along an axis that are still written as categories."""


@dataclass(frozen=True, slots=True)
class Along:
    """The axis of categories."""

    order: tuple[Any, ...]
    key: Callable[[Any], Any]
    categories: tuple[Category, ...]
    scale: Scale
    place: reading.Place
    ticks: tuple[str, ...]


def draw(panel: Panel, room: float) -> tuple[Chart, tuple[str, ...]] | None:
    """A chart of the panel, and what of it could not be drawn (keys of sentences); None where there is none.

    Parameters
    ----------
    room : float
        Width of the panel, points.
    """
    traces = [waterfall(t) if t.get("type") == "waterfall" else t for t in panel.traces]
    barred = [trace for trace in traces if trace.get("type") == "bar"]
    along = _along(panel, between=bool(barred), room=room)
    if along is None:
        return None
    made = bars.stack(panel, [_keyed(t, along) for t in barred], along.order, lying=False) if barred else None
    if barred and made is None:
        return None
    areas, lined, filled, lost = _scatters([t for t in traces if t.get("type") != "bar"], along)
    ends = [*(made.ends if made else ()), *_values(lined), *filled]
    zero = bool(barred) or any(one.kind == "area" and not one.role for one in areas)
    scale, ticks = reading.values_scale(panel, "y", ends, zero=zero)
    series = (*areas, *(made.series if made else ()), *lined)
    if not series:
        return None
    chart = Chart(
        series,
        along.categories,
        along.scale,
        scale,
        along.place,
        reading.linear(scale),
        ticks=ticks,
        stacked=bool(made and made.stacked),
        overlaid=bool(made and made.overlaid),
        between=bool(barred),
        gap=_gap(panel),
        legend=bool(panel.layout.get("showlegend")) and any(one.legend for one in series),
    )
    return chart, tuple(lost)


def _gap(panel: Panel) -> int:
    """Room between bars in per cent of a bar, from Plotly's part of the whole."""
    part = min(number(panel.layout.get("bargap")) or 0.2, 0.9)
    return min(round(100 * part / (1 - part)), 500)


def _keyed(trace: Trace, along: Along) -> Trace:
    return {**trace, "x": [along.key(value) for value in listed(trace.get("x"))]}


def _along(panel: Panel, *, between: bool, room: float) -> Along | None:
    kind, values = panel.kind("x"), panel.values("x")
    if not values:
        return None
    if kind == "date":
        days = sorted({day(value) for value in values} | _ends(panel))
        scale, ticks = reading.days_scale(panel, days, room)
        return Along(tuple(days), day, tuple(days), scale, reading.on_days(days, between=between), ticks)
    if kind == "category":
        found = reading.names(panel, "x")
        texts = reading.category_texts(found, panel, "x")
        scale = Scale("category", hidden=panel.across.get("visible") is False, title=_title(panel))
        return Along(tuple(found), str, texts, scale, reading.on_names(found, reverse=False), tuple(map(str, texts)))
    return _along_numbers(panel, between=between)


def _ends(panel: Panel) -> set[date]:
    """Days at which the axis itself ends."""
    return {day(one) for one in listed(panel.across.get("range")) if isinstance(one, str)}


def _along_numbers(panel: Panel, *, between: bool) -> Along | None:
    found = sorted({n for value in panel.values("x") if (n := number(value)) is not None})
    apart = [b - a for a, b in pairwise(found)]
    if len(found) < 2 or len(found) > MOST_NUMBERS or max(apart) - min(apart) > EVEN * max(apart):
        return None
    if panel.across.get("ticktext"):
        texts = dict(
            zip(map(number, listed(panel.across.get("tickvals"))), listed(panel.across["ticktext"]), strict=False)
        )
        if all(one in texts for one in found):
            told = tuple(plain(texts[one]) for one in found)
            scale = Scale("category", title=_title(panel))
            return Along(tuple(found), number, told, scale, reading.on_numbers(found, between=between), told)
    dtick = number(panel.across.get("dtick")) or 0.0
    form = tick_format(
        apart[0],
        high=max(abs(found[0]), abs(found[-1])),
        prefix=panel.across.get("tickprefix") or "",
        suffix=panel.across.get("ticksuffix") or "",
    )
    skip = max(round(dtick / apart[0]), 1) if dtick else 0
    scale = Scale(
        "category",
        step=skip,
        format=form,
        title=_title(panel) if not reading.shared(panel, "x") else "",
        hidden=panel.across.get("visible") is False,
        unlabelled=reading.shared(panel, "x"),
    )
    return Along(tuple(found), number, tuple(found), scale, reading.on_numbers(found, between=between), ("0",))


def _title(panel: Panel) -> str:
    title = panel.across.get("title") or {}
    return plain(title.get("text") or "") if isinstance(title, dict) else plain(title)


def _scatters(traces: Sequence[Trace], along: Along) -> tuple[list[Series], list[Series], list[float], list[str]]:
    """Areas, lines, how far the areas reach, and what was left out."""
    found: list[bands.Band] = []
    lined: list[Series] = []
    stacked: list[Series] = []
    lost: list[str] = []
    for index, trace in enumerate(traces):
        if trace.get("fill") == "toself":
            one = bands.band(_keyed(trace, along))
            if one is None:
                lost.append("band")
            else:
                found.append(one)
            continue
        made = lines.line(trace, along.order, along.key)
        if trace.get("fill") == "tonexty" and index and not trace.get("stackgroup"):
            one = bands.between(_keyed(traces[index - 1], along), _keyed(trace, along))
            found += [] if one is None else [one]
        if trace.get("stackgroup") or trace.get("fill") == "tozeroy":
            fill = str(trace.get("fillcolor") or (trace.get("line") or {}).get("color") or "#5f6775")
            hatched = (str((trace.get("fillpattern") or {}).get("shape") or ""),)
            area = Series(made.name, made.values, "area", fill=fill, labels=made.labels, legend=made.legend)
            stacked.append(replace(area, hatched=hatched))
        elif made.pen is not None or made.marker is not None or made.labels:
            lined.append(made)
        if (trace.get("line") or {}).get("shape") in ("hv", "vh", "hvh", "vhv"):
            lost.append("steps")
    reach = [end for one in found for end in (*one.low, *one.high)]
    sums = [sum(v or 0.0 for v in column) for column in zip(*(s.values for s in stacked), strict=True)]
    return [*bands.areas(found, along.order, lined), *stacked], lined, [*reach, *sums], lost


def _values(series: Sequence[Series]) -> list[float]:
    found = [value for one in series for value in one.values if value is not None]
    for one in series:
        if one.error is not None:
            sides = zip(one.values, one.error.minus, one.error.plus, strict=True)
            found += [end for v, less, more in sides if v is not None for end in (v - less, v + more)]
    return found
