"""Axes of a panel read into scales: their range, their ticks and the way from a value to its place."""

import math
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from analysis.views.slides.panels import Panel, Trace, day, listed, number, plain
from analysis.views.slides.scales import MOST, number_format, round_step, tick_format
from analysis.views.slides.spec import Category, Scale

ROOM = 0.05
"""Room beyond the values of an axis that does not begin at zero, as a part of them."""
TIGHT = 1e-9
Place = Callable[[Any], float | None]


def settings(panel: Panel, axis: str) -> Trace:
    """Settings of an axis of a panel ("x" or "y")."""
    return panel.across if axis == "x" else panel.up


def values_scale(
    panel: Panel, axis: str, values: Sequence[float], *, zero: bool, most: int = MOST
) -> tuple[Scale, tuple[str, ...]]:
    """Scale of numbers, with its ticks as they are read.

    Parameters
    ----------
    values : sequence of float
        All that must have room.
    zero : bool
        It begins at zero unless the figure says where.
    most : int
        Steps that there is room for.
    """
    given = settings(panel, axis)
    log = given.get("type") == "log"
    low, high = _range(given, values, zero=zero or given.get("rangemode") == "tozero", log=log)
    title = given.get("title") or {}
    words = plain(title.get("text", "") if isinstance(title, dict) else title)
    hidden = given.get("visible") is False or given.get("showticklabels") is False
    steps, texts = [number(t) for t in listed(given.get("tickvals"))], listed(given.get("ticktext"))
    known = [(s, str(t)) for s, t in zip(steps, texts, strict=False) if s is not None]
    step = _step(given, [s for s, _ in known], low, high, most)
    form = number_format([s for s, _ in known], [t for _, t in known], loose=True) if known else None
    if form is None:
        pattern = str(given.get("tickformat") or "")
        ends = {"prefix": given.get("tickprefix") or "", "suffix": given.get("ticksuffix") or ""}
        form = tick_format(step, high=max(abs(low), abs(high)), pattern=pattern, **ends)
    if not hidden and not log and step:
        low, high = math.floor(low / step + TIGHT) * step, math.ceil(high / step - TIGHT) * step
    ticks = tuple(text for _, text in known) or _ticks(low, high, step, given)
    grid = not hidden and given.get("showgrid", axis == "y") is not False
    scale = Scale(
        "value",
        low,
        high,
        step,
        form,
        title=words,
        hidden=hidden,
        grid=grid,
        log=log,
        zero=bool(given.get("zeroline")),
        unlabelled=shared(panel, axis),
    )
    return scale, () if hidden else ticks


def shared(panel: Panel, axis: str) -> bool:
    """Whether the words of an axis stand at another panel that has the same axis."""
    anchor = settings(panel, axis).get("anchor")
    return anchor is not None and anchor not in ("free", panel.y if axis == "x" else panel.x)


def _range(given: Trace, values: Sequence[float], *, zero: bool, log: bool) -> tuple[float, float]:
    ends = [number(one) for one in listed(given.get("range"))]
    if len(ends) == 2 and ends[0] is not None and ends[1] is not None:
        low, high = sorted((ends[0], ends[1]))
        return (10**low, 10**high) if log else (low, high)
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if log:
        above = [value for value in values if value > 0] or [1.0, 10.0]
        return 10 ** math.floor(math.log10(min(above))), 10 ** math.ceil(math.log10(max(above)))
    room = ((high - low) or abs(high) or 1.0) * ROOM
    if zero:
        return min(low - room, 0.0) if low < 0 else 0.0, max(high + room, 0.0) if high > 0 else 0.0 if low < 0 else 1.0
    return low - room, high + room


def _step(given: Trace, ticks: Sequence[float], low: float, high: float, most: int) -> float:
    apart = [b - a for a, b in pairwise(ticks)]
    if apart and max(apart) - min(apart) <= 1e-6 * max(apart):
        return apart[0]
    dtick = number(given.get("dtick"))
    return dtick or round_step(low, high, max(min(int(given.get("nticks") or MOST), most), 2))


def _ticks(low: float, high: float, step: float, given: Trace) -> tuple[str, ...]:
    places = next((n for n in range(6) if abs(round(step, n) - step) < 1e-9 * step), 6)
    ends = (f"{given.get('tickprefix') or ''}{one:,.{places}f}{given.get('ticksuffix') or ''}" for one in (low, high))
    return tuple(ends)


def linear(scale: Scale) -> Place:
    """Way from a number to its place."""

    def place(value: Any) -> float | None:
        found = number(value)
        if found is None or (scale.log and found <= 0):
            return None
        low, high = (math.log10(scale.low), math.log10(scale.high)) if scale.log else (scale.low, scale.high)
        found = math.log10(found) if scale.log else found
        part = (found - low) / ((high - low) or 1.0)
        return 1 - part if scale.reverse else part

    return place


def names(panel: Panel, axis: str) -> list[str]:
    """Categories of an axis in their order."""
    given = settings(panel, axis)
    seen = dict.fromkeys(str(value) for value in panel.values(axis))
    array = [str(one) for one in listed(given.get("categoryarray"))]
    return [*array, *(one for one in seen if one not in array)] if array else list(seen)


def reversed_axis(panel: Panel, axis: str) -> bool:
    """Whether an axis runs the other way."""
    given = settings(panel, axis)
    ends = [number(one) for one in listed(given.get("range"))]
    backward = len(ends) == 2 and ends[0] is not None and ends[1] is not None and ends[0] > ends[1]
    return given.get("autorange") == "reversed" or backward


def on_names(found: Sequence[str], *, reverse: bool) -> Place:
    """Way from a category, or from its number, to its place."""
    at = {name: index for index, name in enumerate(found)}

    def place(value: Any) -> float | None:
        index = at.get(str(value), number(value))
        if index is None:
            return None
        part = (index + 0.5) / max(len(found), 1)
        return 1 - part if reverse else part

    return place


def on_numbers(found: Sequence[float], *, between: bool) -> Place:
    """Way from a number to its place on an axis of evenly spaced numbers that are categories."""
    step = (found[-1] - found[0]) / (len(found) - 1) if len(found) > 1 else 1.0

    def place(value: Any) -> float | None:
        index = number(value)
        if index is None:
            return None
        index = (index - found[0]) / step
        return (index + 0.5) / len(found) if between else index / max(len(found) - 1, 1)

    return place


def monthly(days: Sequence[date]) -> bool:
    """Whether all days are the same day of their month."""
    return len({one.day for one in days}) <= 1


def on_days(days: Sequence[date], *, between: bool) -> Place:
    """Way from a day to its place on an axis of days or months."""
    months = monthly(days)

    def count(one: date) -> float:
        length = ((one.replace(day=28) + timedelta(days=4)).replace(day=1) - one.replace(day=1)).days
        return one.year * 12 + one.month + (one.day - days[0].day) / length if months else float(one.toordinal())

    first, last = count(days[0]), count(days[-1])

    def place(value: Any) -> float | None:
        try:
            found = count(day(value)) - first
        except ValueError:
            return None
        return (found + 0.5) / (last - first + 1) if between else found / ((last - first) or 1.0)

    return place


def days_scale(panel: Panel, days: Sequence[date], room: float) -> tuple[Scale, tuple[str, ...]]:
    """Scale of days or months, with so many points of room."""
    given = panel.across
    months = monthly(days)
    span = (days[-1] - days[0]).days
    dtick = str(given.get("dtick") or "")
    step = float(dtick[1:]) if dtick.startswith("M") else 0.0
    year = str(given.get("tickformat") or "") == "%Y" or (not given.get("tickformat") and span > 1100)
    if not step:
        most = max(room / (40 if year else 64), 2)
        count = span / 30.44 if months else span
        choices = (12, 24, 60, 120) if year else (1, 2, 3, 6, 12, 24, 60)
        step = float(next((s for s in choices if count / s <= most), 120)) if months else max(round(span / most), 1)
    form = ("yyyy" if year else "yyyy-mm") if months else "yyyy-mm-dd" if span < 400 else "yyyy-mm"
    if not months and dtick.startswith("M"):
        step *= 30.44
    scale = Scale(
        "date",
        step=step,
        format=form,
        unit="months" if months else "days",
        hidden=given.get("visible") is False,
        unlabelled=shared(panel, "x"),
    )
    return scale, (days[0].isoformat()[: 4 if year else 7],)


def category_texts(found: Sequence[str], panel: Panel, axis: str) -> tuple[Category, ...]:
    """Categories as they are read: names of ticks where the figure gives them."""
    given = settings(panel, axis)
    ticks = dict(zip(map(str, listed(given.get("tickvals"))), listed(given.get("ticktext")), strict=False))
    return tuple(plain(ticks.get(name, name)) for name in found)
