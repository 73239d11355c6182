"""What a scenario costs and earns month by month, and when it has paid back."""

from typing import Any

import numpy as np
import pandas as pd

from analysis.scenario import Projection
from analysis.views import amounts, plain
from analysis.views.base import LABEL_GAP, spread
from analysis.views.look import Look, View
from analysis.views.outcome import graded
from analysis.views.plain import Floats
from analysis.views.theme import fade
from data.grade import Grade, weakest

HEIGHT = 320
RIGHT = 184
"""Pixels for the names at the end of the lines."""
PAD = 0.08
"""Room above and below, as a part of what is drawn."""
LEAST_CNY = 0.5
"""Sums below this are none."""


def money(projection: Projection, look: Look, *, platform: str, caption: str = "", grade: Grade | None = None) -> View:
    """Change of profit by month (bars), and of profit and cost added up since the start (lines)."""
    found = plain.grid(projection.money())
    profit, cost = (
        found.of(f"{key}_after", platform) - found.of(f"{key}_before", platform) for key in ("profit", "cost")
    )
    earned, paid = np.cumsum(profit), np.cumsum(cost)
    x, colour = plain.dates(found.months), look.theme.colour(platform)
    bars: plain.Trace = {
        "type": "bar",
        "x": x,
        "y": plain.numbers(profit),
        "marker": {"color": fade(colour, 0.4)},
        "hoverinfo": "skip",
    }
    lines = [
        _added(look, "added_cost", x, paid, look.theme.muted, width=1.8, dash="dot"),
        _added(look, "added_profit", x, earned, colour),
    ]
    every = np.concatenate([profit, earned, paid, [0.0]])
    low, high = float(every.min()), float(every.max())
    pad = PAD * (high - low or 1.0)
    figure = plain.figure(
        [bars, *lines],
        look,
        height=HEIGHT,
        right=RIGHT,
        x=plain.months_axis(len(x)),
        y={**_ticks(look, low, high), "range": [low - pad, high + pad]},
        hovermode="x unified",
        bargap=0.3,
        shapes=[plain.rule(look, y=0)],
        annotations=_money_ends(look, colour, earned, paid, (high - low + 2 * pad) * LABEL_GAP),
        uirevision="money",
    )
    title = _payback(found.months, earned, look, platform)
    table = pd.DataFrame(
        {
            look.say(f"projection.{key}"): np.round(values).astype("int64")
            for key, values in {
                "month_cost": cost,
                "added_cost": paid,
                "month_profit": profit,
                "added_profit": earned,
            }.items()
        },
        index=pd.Index([look.month(m) for m in found.months], name=look.say("market.month")),
    )
    said = caption or look.say("projection.caption_money", name=look.name(platform))
    alt = look.say("projection.alt_money", title=title)
    return View(figure, table, title, said, alt, weakest(graded(projection, grade), Grade.ASSUMED))


def _ticks(look: Look, low: float, high: float) -> dict[str, Any]:
    """Round sums of money."""
    found = amounts.ticks(low, high, look)
    texts = [str(text) for text in found["ticktext"]]
    return {**found, "ticktext": [f"−¥{text[1:]}" if text[0] == "−" else f"¥{text}" for text in texts]}


def _added(look: Look, key: str, x: list[str], values: Floats, colour: str, **style: Any) -> plain.Trace:
    """Line of a sum since the start, its hover in the words of the language."""
    drawn = plain.line(x, values, colour, hover=f"{look.say(f'projection.{key}')} <b>%{{customdata}}</b>", **style)
    return {**drawn, "customdata": [look.money(value, signed=True) for value in values]}


def _money_ends(look: Look, colour: str, earned: Floats, paid: Floats, gap: float) -> list[dict[str, Any]]:
    ends = {"added_profit": float(earned[-1]), "added_cost": float(paid[-1])}
    dots = {"added_profit": colour, "added_cost": look.theme.muted}
    at = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 6, "align": "left"}
    return [
        plain.note(
            look,
            f'<span style="color:{dots[key]}">●</span> <b>{look.money(ends[key], signed=True)}</b> '
            f"{look.say(f'projection.{key}_end')}",
            y=y,
            **at,
        )
        for key, y in spread(ends, gap).items()
    ]


def _payback(months: pd.DatetimeIndex, earned: Floats, look: Look, platform: str) -> str:
    """From which month on the plan has earned back what it cost."""
    values = {"name": look.name(platform), "month": look.month(months[-1])}
    if np.abs(earned).max() < LEAST_CNY:
        return look.say("projection.money_same", name=values["name"])
    total = look.money(abs(float(earned[-1])))
    under = np.flatnonzero(earned < -LEAST_CNY)
    if not under.size:
        return look.say("projection.money_at_once", total=total, **values)
    if under[-1] == len(earned) - 1:
        return look.say("projection.money_not_yet", total=total, **values)
    return look.say("projection.money_back", total=total, back=look.month(months[under[-1] + 1]), **values)
