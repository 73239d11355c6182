"""What a scenario costs and earns month by month, and when it has paid back."""

from typing import Any

import numpy as np
import pandas as pd

from analysis.scenario import Projection
from analysis.views import plain
from analysis.views.base import LABEL_GAP, spread
from analysis.views.look import Look, View
from analysis.views.outcome import cny, cny_ticks, graded
from analysis.views.plain import Floats
from data.grade import Grade, weakest

HEIGHT = 380
ABOVE, BELOW = (0.4, 1.0), (0.0, 0.28)
"""Where the sums and the months stand, as parts of the height."""
RIGHT = 184
"""Pixels for the names at the end of the lines."""
PAD = 0.08
"""Room above and below, as a part of what is drawn."""
LEAST_CNY = 0.5
"""Sums below this are none."""
LEAST_SCALE = 100.0
"""CNY up and down on an axis where nothing moves."""


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
        "yaxis": "y2",
        "marker": {"color": colour},
        "customdata": [cny(look, value, with_sign=True) for value in profit],
        "hovertemplate": f"{look.say('projection.month_profit')} <b>%{{customdata}}</b><extra></extra>",
    }
    lines = [
        _added(look, "added_cost", x, paid, look.theme.muted, width=1.8, dash="dot"),
        _added(look, "added_profit", x, earned, colour),
    ]
    sums, months = _axis(look, earned, paid), _axis(look, profit)
    low, high = sums["range"]
    figure = plain.figure(
        [bars, *lines],
        look,
        height=HEIGHT,
        right=RIGHT,
        x={**plain.months_axis(len(x)), "anchor": "y2"},
        y={**sums, "domain": ABOVE},
        yaxis2={**plain.axis(look), "gridcolor": look.theme.grid, **months, "domain": BELOW},
        hovermode="x unified",
        hoversubplots="axis",
        bargap=0.3,
        shapes=[plain.rule(look, y=0), {**plain.rule(look, y=0), "yref": "y2"}],
        annotations=[
            *_money_ends(look, colour, earned, paid, (high - low) * LABEL_GAP / (ABOVE[1] - ABOVE[0])),
            _heading(look, "money_sums", ABOVE[1]),
            _heading(look, "money_months", BELOW[1]),
        ],
        uirevision="money",
    )
    figure["layout"]["margin"]["t"] = 24
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
    said = caption or _caption(projection, look, platform)
    alt = look.say("projection.alt_money", title=title)
    return View(figure, table, title, said, alt, weakest(graded(projection, grade), Grade.ASSUMED))


def _axis(look: Look, *values: Floats) -> dict[str, Any]:
    """Round sums of money around zero and all values, with some room."""
    every = np.concatenate([*values, [0.0]])
    low, high = float(every.min()), float(every.max())
    if high - low < LEAST_CNY:
        low, high = -LEAST_SCALE, LEAST_SCALE
    pad = PAD * (high - low)
    return {**cny_ticks(look, low, high), "range": [low - pad, high + pad]}


def _heading(look: Look, key: str, y: float) -> dict[str, Any]:
    """Words over one of the two parts."""
    at = {"x": 0, "xref": "paper", "xanchor": "left", "y": y, "yref": "paper", "yanchor": "bottom"}
    return plain.note(look, look.say(f"projection.{key}"), **at) | {"font": {"color": look.theme.muted, "size": 11}}


def _caption(projection: Projection, look: Look, platform: str) -> str:
    """What is drawn; where there are draws, what lies in their middle."""
    said = look.say("projection.caption_money", name=look.name(platform))
    middle = projection.profit["total_median"].get(platform, np.nan)
    if not abs(middle) >= LEAST_CNY:
        return said
    drawn = look.say("projection.money_draws", total=cny(look, middle, with_sign=True))
    return f"{said}{'。' if look.lang == 'zh' else '. '}{drawn}"


def _added(look: Look, key: str, x: list[str], values: Floats, colour: str, **style: Any) -> plain.Trace:
    """Line of a sum since the start, its hover in the words of the language."""
    drawn = plain.line(x, values, colour, hover=f"{look.say(f'projection.{key}')} <b>%{{customdata}}</b>", **style)
    return {**drawn, "customdata": [cny(look, value, with_sign=True) for value in values]}


def _money_ends(look: Look, colour: str, earned: Floats, paid: Floats, gap: float) -> list[dict[str, Any]]:
    ends = {"added_profit": float(earned[-1]), "added_cost": float(paid[-1])}
    dots = {"added_profit": colour, "added_cost": look.theme.muted}
    at = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 6, "align": "left"}
    return [
        plain.note(
            look,
            f'<span style="color:{dots[key]}">●</span> <b>{cny(look, ends[key], with_sign=True)}</b> '
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
    total = cny(look, abs(float(earned[-1])))
    under = np.flatnonzero(earned < -LEAST_CNY)
    if not under.size:
        return look.say("projection.money_at_once", total=total, **values)
    if under[-1] == len(earned) - 1:
        return look.say("projection.money_not_yet", total=total, **values)
    return look.say("projection.money_back", total=total, back=look.month(months[under[-1] + 1]), **values)
