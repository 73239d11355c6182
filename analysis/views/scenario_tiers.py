"""Shares before and after a scenario, all networks at once and one network tier by tier."""

import numpy as np
import pandas as pd

from analysis.scenario import Projection
from analysis.views import plain
from analysis.views.drivers import before_after_table
from analysis.views.look import Look, View, percent
from analysis.views.outcome import (
    ALL,
    direction,
    graded,
    in_points,
    number,
    row_name,
    said_month,
    told,
    where,
)
from analysis.views.projection import main_sources
from analysis.views.theme import fade
from data.grade import Grade

ROOM = 0.05
"""Room left and right of intervals, as a part of what they span."""
PALE = 0.55
"""Opacity of the networks the finding is not about."""


def before_after(
    projection: Projection,
    look: Look,
    *,
    platform: str,
    tier: str = ALL,
    caption: str = "",
    grade: Grade | None = None,
) -> View:
    """Share of every network with the levers (bar, 95 % interval) and without (tick)."""
    shares = projection.shares.xs(tier, level=0).sort_values("point", ascending=False)
    labels = [look.name(str(key)) for key in shares.index]
    colours = [look.theme.colour(str(key)) for key in shares.index]
    bars: plain.Trace = {
        "type": "bar",
        "orientation": "h",
        "x": plain.numbers(shares["point"] * 100),
        "y": labels,
        "marker": {
            "color": [c if k == platform else fade(c, PALE) for k, c in zip(shares.index, colours, strict=True)]
        },
        "hovertemplate": "%{y} <b>%{x:.2f}%</b><extra></extra>",
    }
    ticks: plain.Trace = {
        "type": "scatter",
        "mode": "markers",
        "x": plain.numbers(shares["observed"] * 100),
        "y": labels,
        "marker": {"symbol": "line-ns", "size": 14, "line": {"width": 2.5, "color": look.theme.text}},
        "hovertemplate": f"%{{y}} · {look.say('projection.without_levers')} %{{x:.2f}}%<extra></extra>",
    }
    low, high = shares["low_95"] * 100, shares["high_95"] * 100
    ranges = [plain.interval(low, high, labels, look.theme.text, 2)] if projection.draws else []
    change = (shares["point"] - shares["observed"]) * 100
    figure = plain.figure(
        [bars, *ranges, ticks],
        look,
        height=26 * len(labels) + 34,
        right=104,
        x={"ticksuffix": "%", "showgrid": True, "gridcolor": look.theme.grid, "rangemode": "tozero", "nticks": 6},
        y=plain.rows_axis(),
        bargap=0.34,
        annotations=plain.at_right(look, dict(zip(labels, map(_labelled, shares["point"], change), strict=True))),
        uirevision="before_after",
    )
    title = _gain_finding(projection, look, platform, tier)
    items = (
        f"{name} {percent(before)} → {percent(after)}"
        for name, before, after in zip(labels, shares["observed"], shares["point"], strict=True)
    )
    return View(
        figure,
        before_after_table(shares, look).dropna(axis=1, how="all"),
        title,
        caption or said_month(projection, look, "before_after", tier=where(look, tier)),
        look.say("projection.alt_before_after", title=title, items=look.join(items)),
        graded(projection, grade),
    )


def _labelled(share: float, change: float) -> str:
    return f"<b>{percent(share)}</b> {signed(change)}"


def signed(change: float) -> str:
    """Points with their sign; nothing for less than a twentieth."""
    return "" if abs(change) < 0.05 else f"{change:+.1f}".replace("-", "−")


def _gain_finding(projection: Projection, look: Look, platform: str, tier: str) -> str:
    change = in_points(projection.shares.loc[(tier, platform)])
    values = {"name": look.name(platform), "tier": where(look, tier)}
    sign = direction(*change)
    if sign == "same":
        return look.say("projection.gain_same", **values)
    sources = main_sources(projection, look, platform) if tier == ALL and sign != "unclear" else ""
    said = {} if sign == "unclear" else {"sources": sources}
    return look.say(f"projection.gain_{sign}", **values, **told(look, *change), **said)


def by_tier(
    projection: Projection, look: Look, *, platform: str, caption: str = "", grade: Grade | None = None
) -> View:
    """Change of the network's share by tier in points, with 80 % (thick) and 95 % (thin) intervals."""
    shares = projection.shares.xs(platform, level=1)
    points = shares.sub(shares["observed"], axis=0).mul(100)
    labels = [row_name(look, str(tier)) for tier in points.index]
    colour = look.theme.colour(platform)
    dots: plain.Trace = {
        "type": "scatter",
        "mode": "markers",
        "x": plain.numbers(points["point"]),
        "y": labels,
        "marker": {"size": 11, "color": colour, "line": {"width": 1.5, "color": look.theme.surface}},
        "hovertemplate": f"%{{y}} <b>%{{x:+.2f}}</b>{look.say('effect.points_unit')}<extra></extra>",
    }
    ranges = [
        plain.interval(points[f"low_{part}"], points[f"high_{part}"], labels, colour, width)
        for part, width in ((95, 1.6), (80, 5.0))
        if projection.draws
    ]
    said = [
        f"<b>{signed(change) or '0'}</b> · {percent(share)}"
        for change, share in zip(points["point"], shares["point"], strict=True)
    ]
    figure = plain.figure(
        [*ranges, dots],
        look,
        height=34 * len(labels) + 40,
        right=104,
        x={"showgrid": True, "gridcolor": look.theme.grid, "nticks": 6, "range": _room(points)},
        y=plain.rows_axis(),
        shapes=[plain.rule(look, x=0)],
        annotations=plain.at_right(look, dict(zip(labels, said, strict=True))),
        uirevision="by_tier",
    )
    table = pd.DataFrame(
        {
            look.say("scenario.now"): (shares["observed"] * 100).round(1),
            look.say("scenario.then"): (shares["point"] * 100).round(1),
            look.say("projection.change"): points["point"].round(2),
            look.say("projection.low_80"): points["low_80"].round(2),
            look.say("projection.high_80"): points["high_80"].round(2),
            look.say("model.low_95"): points["low_95"].round(2),
            look.say("model.high_95"): points["high_95"].round(2),
        }
    ).dropna(axis=1, how="all")
    table.index = pd.Index(labels, name=look.say("tier.heading"))
    items = look.join(f"{label} {number(change, 2)}" for label, change in zip(labels, points["point"], strict=True))
    title = _tier_finding(points, look, platform)
    key = "by_tier_bands" if projection.draws else "by_tier"
    text = caption or said_month(projection, look, key, name=look.name(platform))
    alt = look.say("projection.alt_by_tier", title=title, items=items)
    return View(figure, table, title, text, alt, graded(projection, grade))


def _room(points: pd.DataFrame) -> list[float]:
    """Ends of an axis that shows zero and all intervals, with some room."""
    every = np.nan_to_num(points[["point", "low_95", "high_95"]].to_numpy(np.float64))
    low, high = min(0.0, float(every.min())), max(0.0, float(every.max()))
    pad = ROOM * (high - low or 1.0)
    return [low - pad, high + pad]


def _tier_finding(points: pd.DataFrame, look: Look, platform: str) -> str:
    """Where the network gains or loses most."""
    tiers = points.drop(index=ALL, errors="ignore")
    rows = tiers if len(tiers) else points
    name = look.name(platform)
    most = rows["point"].abs().idxmax()
    change, low, high = (float(rows.loc[most, key]) for key in ("point", "low_95", "high_95"))
    sign = direction(change, low, high)
    if sign == "same":
        return look.say("projection.tiers_same", name=name)
    key = f"projection.tiers_{sign}"
    return look.say(key, name=name, tier=where(look, str(most)), **told(look, change, low, high))
