"""A projection month by month: shares, the subsidies in force, and what has been paid and earned (`money`)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.market import round_to_total
from analysis.scenario import Projection
from analysis.views import plain
from analysis.views.base import LABEL_GAP
from analysis.views.look import Look, View, percent
from analysis.views.outcome import ALL, cny_ticks, direction, graded, signed, told, where
from analysis.views.scenario_money import money
from data.grade import Grade

__all__ = ["money", "over_months", "path", "players", "subsidies"]

LINES = 4
"""Networks drawn at most."""
HEIGHT = 285
RIGHT = 184
"""Pixels for the names at the end of the lines."""
OPACITY = {"95": 0.12, "80": 0.2}
LEAST_CNY = 5e-4
"""Changes of an average subsidy below this are none."""
LEAST_CELL = 1e-9
"""Changes of a city's subsidy below this are none."""
LEAST_AXIS = 0.01
"""CNY per parcel that an axis of subsidies shows at least."""
PAD = 0.08
"""Room above and below the lines, as a part of what they span."""


def players(projection: Projection, platform: str) -> list[str]:
    """The network in question, the others with a lever, and those that answer."""
    levered = (lever.platform for lever in projection.scenario.levers)
    return list(dict.fromkeys((platform, *levered, *projection.scenario.rule_of)))


def _drawn(projection: Projection, found: plain.Grid, platform: str) -> list[str]:
    """Players first, then those that gain or lose most."""
    moved = np.abs(found.columns["point"][-1] - found.columns["observed"][-1])
    movers = (found.names[i] for i in np.argsort(-moved, kind="stable"))
    return [name for name in dict.fromkeys((*players(projection, platform), *movers)) if name in found.names][:LINES]


def path(
    projection: Projection,
    look: Look,
    *,
    platform: str,
    tier: str = ALL,
    caption: str = "",
    grade: Grade | None = None,
) -> View:
    """Share by month with the levers (solid) and without (dashed), bands of 80 and 95 % when there are draws."""
    found = plain.grid(projection.path(tier))
    names, x = _drawn(projection, found, platform), plain.dates(found.months)
    banded = projection.draws > 0
    traces = [band for name in reversed(names) for band in _bands(found, look, name, x)] if banded else []
    for name in reversed(names):
        colour = look.theme.colour(name)
        traces += [
            plain.line(x, found.of("observed", name) * 100, colour, width=1.4, dash="dash"),
            plain.line(x, found.of("point", name) * 100, colour, hover=f"{look.name(name)} <b>%{{y:.1f}}%</b>"),
        ]
    figure = over_months(
        traces,
        look,
        x,
        ends={name: float(found.of("point", name)[-1]) * 100 for name in names},
        texts={name: _end(found, look, name) for name in names},
        ticks={"ticksuffix": "%"},
        revision=f"path {tier}",
    )
    row = (float(found.of(key, platform)[-1]) for key in ("point", "observed", "low_95", "high_95"))
    title = _path_finding(look, platform, tier, look.month(found.months[-1]), *row)
    said = caption or look.say(
        "projection.caption_path_bands" if banded else "projection.caption_path", tier=where(look, tier)
    )
    items = look.join(f"{look.name(name)} {_arrow(found, name)}" for name in names)
    alt = look.say("projection.alt_path", title=title, items=items)
    return View(figure, _path_table(found, look, platform), title, said, alt, graded(projection, grade))


def _bands(found: plain.Grid, look: Look, name: str, x: Sequence[str]) -> list[plain.Trace]:
    return [
        plain.band(
            x, found.of(f"low_{p}", name) * 100, found.of(f"high_{p}", name) * 100, look.theme.colour(name), fill
        )
        for p, fill in OPACITY.items()
    ]


def _end(found: plain.Grid, look: Look, name: str) -> str:
    share, change = float(found.of("point", name)[-1]), _change(found, name)
    said = f" ({signed(change)})" if abs(change) >= 0.05 else ""
    return f"<b>{percent(share)}</b> {look.name(name)}{said}"


def _change(found: plain.Grid, name: str) -> float:
    return float(found.of("point", name)[-1] - found.of("observed", name)[-1]) * 100


def _arrow(found: plain.Grid, name: str) -> str:
    return f"{percent(float(found.of('observed', name)[-1]))} → {percent(float(found.of('point', name)[-1]))}"


def over_months(
    traces: list[plain.Trace],
    look: Look,
    x: list[str],
    *,
    ends: Mapping[str, float],
    texts: Mapping[str, str],
    ticks: Mapping[str, Any],
    revision: str,
    zero: bool = False,
    least: float = 0.0,
) -> dict[str, Any]:
    """Lines over months with their names at the right; the observed month is marked on the left.

    With `zero` the axis begins there and reaches `least` at least.
    """
    values = [v for trace in traces for v in trace["y"] if v is not None]
    low, high = min(values, default=0.0), max(values, default=1.0)
    pad = max((high - low) * PAD, 1e-3 * max(abs(high), 1e-3))
    floor = 0.0 if zero else max(low - pad, 0.0)
    top = max(high + pad, least)
    mark = plain.note(
        look, look.say("projection.observed"), x=x[0], y=1, yref="paper", xanchor="left", yanchor="top", xshift=4
    )
    mark["font"] = {"color": look.theme.muted, "size": 11}
    return plain.figure(
        traces,
        look,
        height=HEIGHT,
        right=RIGHT,
        x={**plain.months_axis(len(x)), "range": [x[0], x[-1]]},
        y={**ticks, "range": [floor, top]},
        hovermode="x unified",
        shapes=[plain.rule(look, x=x[0], dash="dot")],
        annotations=[*plain.end_notes(look, ends, texts, (top - floor) * LABEL_GAP), mark],
        uirevision=revision,
    )


def _path_finding(
    look: Look, platform: str, tier: str, month: str, point: float, observed: float, low: float, high: float
) -> str:
    change = [(value - observed) * 100 for value in (point, low, high)]
    place = "" if tier == ALL else look.say("projection.where", tier=look.term("tier", tier))
    values = {"name": look.name(platform), "share": percent(point), "month": month, "where": place}
    sign = direction(*change)
    return look.say(f"projection.path_{sign}", **values, **({} if sign == "same" else told(look, *change)))


def _path_table(found: plain.Grid, look: Look, platform: str) -> pd.DataFrame:
    """Share of every network by month in per cent (rows add to 100), and of `platform` without the levers."""
    order = np.argsort(-found.columns["point"][-1], kind="stable")
    names = [look.name(found.names[i]) for i in order]
    shares = pd.DataFrame(found.columns["point"][:, order], [look.month(m) for m in found.months], names)
    table = round_to_total(shares)
    table[look.say("projection.without", name=look.name(platform))] = (found.of("observed", platform) * 100).round(1)
    return table.rename_axis(look.say("market.month"))


def subsidies(
    projection: Projection,
    look: Look,
    *,
    platform: str,
    tier: str = ALL,
    caption: str = "",
    grade: Grade | None = None,
) -> View:
    """Average subsidy in force by month of the networks that change theirs: levers and rivals' answers."""
    found = plain.grid(projection.subsidies(tier))
    known = [name for name in players(projection, platform) if name in found.names]
    since = _changed(projection, tier)
    names = [name for name in dict.fromkeys((platform, *(n for n in known if n in since))) if name in known][:LINES]
    x, traces = plain.dates(found.months), []
    for name in reversed(names):
        colour, hover = look.theme.colour(name), f"{look.name(name)} <b>¥%{{y:.3f}}</b>"
        traces += [
            plain.line(x, found.of("before", name), colour, width=1.4, dash="dash", shape="hv"),
            plain.line(x, found.of("after", name), colour, hover=hover, shape="hv"),
        ]
    ends = {name: float(found.of("after", name)[-1]) for name in names}
    texts = {name: f"<b>¥{ends[name]:.3f}</b> {look.name(name)}" for name in names}
    top = max((v for trace in traces for v in trace["y"] if v is not None), default=0.0)
    figure = over_months(
        traces,
        look,
        x,
        ends=ends,
        texts=texts,
        ticks=cny_ticks(look, 0.0, max(top, LEAST_AXIS)),
        revision=f"subsidies {tier}",
        zero=True,
        least=LEAST_AXIS,
    )
    title = _subsidy_finding(projection, found, look, platform, since)
    table = pd.DataFrame(
        {look.name(name): found.of("after", name).round(4) for name in dict.fromkeys((*names, *found.names))},
        index=pd.Index([look.month(m) for m in found.months], name=look.say("market.month")),
    )
    items = look.join(f"{look.name(name)} ¥{found.of('before', name)[-1]:.3f} → ¥{ends[name]:.3f}" for name in names)
    alt = look.say("projection.alt_subsidies", title=title, items=items)
    said = caption or look.say("projection.caption_subsidies", tier=where(look, tier))
    return View(figure, table, title, said, alt, graded(projection, grade))


def _changed(projection: Projection, tier: str) -> dict[str, int]:
    """Networks that pay another subsidy somewhere in the tier, and the first month in which they do."""
    model, found = projection.model, {}
    span = slice(None) if tier == ALL else model.span(tier)
    for j, cells in projection.point.found.subsidy.items():
        paid = np.maximum(model.subsidy[j] + cells, 0.0) - model.subsidy[j]
        moved = (np.abs(paid[:, span]) > LEAST_CELL).any(axis=1)
        if moved.any():
            found[model.platforms[j]] = int(np.argmax(moved))
    return found


def _subsidy_finding(
    projection: Projection, found: plain.Grid, look: Look, platform: str, since: Mapping[str, int]
) -> str:
    """When and by how much the first network answers, or who changes its subsidy without an answer, or that none does.

    An average also moves with where a network's parcels are: that is said to be no change.
    """
    planned = {lever.platform for lever in projection.scenario.levers if lever.kind == "subsidy"}
    answering = [name for name in since if name in projection.scenario.rule_of and name not in planned]
    if not answering:
        return _unanswered(found, look, platform, since)
    name = min(answering, key=lambda rival: since[rival])
    change = float(found.of("after", name)[-1] - found.of("before", name)[-1])
    return look.say(
        "projection.subsidies_answer",
        name=look.name(name),
        since=look.month(found.months[since[name]]),
        month=look.month(found.months[-1]),
        change=signed(change, 3),
    )


def _unanswered(found: plain.Grid, look: Look, platform: str, since: Mapping[str, int]) -> str:
    names = [look.name(name) for name in since]
    if not names:
        moved = np.nan_to_num(np.abs(found.of("after", platform) - found.of("before", platform))).max()
        return look.say("projection.subsidies_mix" if moved >= LEAST_CNY else "projection.subsidies_same")
    key = "projection.subsidies_alone" if len(names) == 1 else "projection.subsidies_several"
    return look.say(key, name=names[0], names=look.few(names))
