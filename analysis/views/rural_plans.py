"""Plans for the countryside against what was reached, as published: conflicts are drawn, never averaged."""

from typing import Any

import pandas as pd

from analysis.space.rural_plans import DOUBLING, TOPICS, WITH_SHOP
from analysis.views import plain
from analysis.views.look import Look, View, percent
from analysis.views.record import SYMBOLS
from analysis.views.theme import fade
from data.grade import Grade

HEIGHT = 380
LEGEND: dict[str, Any] = {"showlegend": True, "legend": {"orientation": "h", "y": -0.14, "yanchor": "top", "x": 0}}
TOGETHER_DAYS = 100
"""Figures of so many days apart contradict each other directly."""
_OWN_NAMES = (DOUBLING, WITH_SHOP)
_PALER = 0.6
"""Opacity of the second metric of the whole industry."""


def name(metric: str, look: Look) -> str:
    """What a metric is called."""
    return look.say(f"rural.metric_{metric}") if metric in _OWN_NAMES else look.term("metric", metric)


def timeline(
    table: pd.DataFrame, look: Look, *, topic: str, today: pd.Series | None = None, grade: Grade = Grade.REPORTED
) -> View:
    """Figures of one topic over time: filled as printed, triangles "at least", hollow diamonds plans when due.

    Parameters
    ----------
    table : DataFrame
        What `analysis.space.rural_plans.figures` returns.
    look : Look
    topic : str
        Key of `TOPICS`.
    today : Series, optional
        Centres of Rural Taobao in the market in use by month; drawn in topic "centres".
    grade : Grade
        Of that market.
    """
    rows = table[table["topic"] == topic]
    colours = _colours(rows, look)
    drawn = today if topic == "centres" else None
    market = [] if drawn is None else [_market(drawn, look)]
    traces = [*market, *_plans(rows, look, colours), *_stated(rows, look, colours), *_conflicts(rows, look)]
    ticks = {"ticksuffix": "%"} if topic == "shares" else {"separatethousands": True, "tickformat": ",.0f"}
    figure = plain.figure(
        traces,
        look,
        height=HEIGHT,
        right=12,
        x={"type": "date", "tickformat": "%Y-%m"},
        y={"rangemode": "tozero", **ticks},
    )
    figure["layout"] |= LEGEND
    title = finding(rows, look, topic)
    caption = look.say("rural.plans_caption")
    if market:
        caption += look.say("rural.plans_market", grade=look.say(f"grade.{grade}"))
    alt = look.say("rural.plans_alt", title=title, n=len(rows))
    return View(figure, figures_table(rows, look), title, caption, alt, Grade.REPORTED)


def _colours(rows: pd.DataFrame, look: Look) -> dict[str, str]:
    """Colour of each metric: of its network; the accent, its paler shade and grey for the industry."""
    order = {metric: place for place, metric in enumerate(TOPICS[rows["topic"].iloc[0]])}
    stated = rows[~rows["plan"]].sort_values("metric", key=lambda m: m.map(order).fillna(len(order)), kind="stable")
    industry = look.theme.accent, fade(look.theme.accent, _PALER), look.theme.muted
    found, shade = {}, 0
    for (metric, network), _ in stated.groupby(["metric", "network"], sort=False):
        found[str(metric)] = look.theme.colour(str(network)) if network else industry[shade]
        shade += not network
    return found


def _stated(rows: pd.DataFrame, look: Look, colours: dict[str, str]) -> list[plain.Trace]:
    traces = []
    for metric, part in rows[~rows["plan"]].groupby("metric", sort=False):
        part = part.sort_values("at")
        colour = colours[str(metric)]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": name(str(metric), look),
                "x": plain.dates(pd.DatetimeIndex(part["at"])),
                "y": plain.numbers(part["value"]),
                "marker": {
                    "symbol": [
                        SYMBOLS[b] + ("-open" if d else "") for b, d in zip(part["bound"], part["derived"], strict=True)
                    ],
                    "size": 11,
                    "color": colour,
                    "line": {"width": 1.6, "color": colour},
                },
                "customdata": _said(part, look),
                "hovertemplate": "%{customdata}<extra></extra>",
            }
        )
    return traces


def _plans(rows: pd.DataFrame, look: Look, colours: dict[str, str]) -> list[plain.Trace]:
    """From what stood when the plan was announced (shares: not known) to what was due."""
    traces = []
    for (metric, planned), part in rows[rows["plan"]].groupby(["metric", "value"], sort=False):
        first = part.iloc[0]
        colour = (
            look.theme.colour(first["network"]) if first["network"] else colours.get(str(metric), look.theme.accent)
        )
        before = rows[~rows["plan"] & (rows["network"] == first["network"]) & (rows["at"] <= first["announced"])]
        start = float(before.sort_values("at")["value"].iloc[-1]) if len(before) else 0.0
        shown = slice(1 if first["topic"] == "shares" else 0, None)
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": look.say("rural.plan_of", what=name(str(metric), look)),
                "x": [f"{first['announced']:%Y-%m-%d}", f"{first['at']:%Y-%m-%d}"][shown],
                "y": plain.numbers([start, planned])[shown],
                "line": {"color": fade(look.theme.muted, 0.7), "width": 1.2, "dash": "dot"},
                "marker": {"symbol": "diamond-open", "size": [0, 13][shown], "color": colour, "line": {"width": 2}},
                "customdata": [_said(part, look)[0]] * 2,
                "hovertemplate": "%{customdata}<extra></extra>",
            }
        )
    return traces


def _conflicts(rows: pd.DataFrame, look: Look) -> list[plain.Trace]:
    """Lines between figures for one time that contradict each other."""
    strong = look.theme.text
    traces: list[plain.Trace] = []
    for _, part in rows[rows["conflict"]].groupby("plan"):
        part = part.sort_values("at")
        cluster = (part["at"].diff() > pd.Timedelta(days=TOGETHER_DAYS)).cumsum()
        for _, pair in part.groupby(cluster):
            ends = pair.sort_values("value").iloc[[0, -1]]
            if ends["value"].iloc[0] == ends["value"].iloc[1]:
                continue
            traces.append(
                {
                    "type": "scatter",
                    "mode": "lines+markers",
                    "name": look.say("rural.conflict"),
                    "showlegend": not traces,
                    "x": plain.dates(pd.DatetimeIndex(ends["at"])),
                    "y": plain.numbers(ends["value"]),
                    "line": {"color": strong, "width": 2},
                    "marker": {"symbol": "circle-open", "size": 18, "color": strong, "line": {"width": 2}},
                    "hoverinfo": "skip",
                }
            )
    return traces


def _market(today: pd.Series, look: Look) -> plain.Trace:
    hover = look.say("rural.market_hover")
    line = plain.line(
        plain.dates(pd.DatetimeIndex(today.index)),
        today.to_numpy(),
        fade(look.theme.colour("rural"), 0.55),
        hover=f"%{{x|%Y-%m}} {hover} <b>%{{y:,.0f}}</b>",
        dash="dash",
        width=1.8,
    )
    return {**line, "name": look.say("rural.market_line")}


def _said(rows: pd.DataFrame, look: Look) -> list[str]:
    return [
        f"<b>{_value(row, look)}</b> · {look.period(row.period)}<br>{name(row.metric, look)}<br>{row.source_title[:70]}"
        for row in rows.itertuples()
    ]


def _value(row: Any, look: Look) -> str:
    number = f"{row.value:,.1f}%" if row.topic == "shares" else f"{row.value:,.0f}"
    return number if row.bound == "point" else f"{look.term('bound', row.bound)} {number}"


def finding(rows: pd.DataFrame, look: Look, topic: str) -> str:
    """What the figures of a topic say together."""
    stated, plans = rows[~rows["plan"]], rows[rows["plan"]]
    if topic == "centres":
        last = stated.sort_values("at").iloc[-1]
        most, doubled = (
            float(plans.loc[plans["metric"] == m, "value"].iloc[0]) for m in ("villages_planned", DOUBLING)
        )
        parts = [percent(last["value"] / planned, 0) for planned in (most, doubled)]
        values = {"n": f"{last['value']:,.0f}", "when": look.month(last["at"]), "most": f"{most:,.0f}"}
        return look.say("rural.finding_centres", part=parts[0], doubled=f"{doubled:,.0f}", half=parts[1], **values)
    if topic == "counties":
        last = stated[stated["metric"] == "counties_covered"].sort_values("at").iloc[-1]
        planned = float(plans["value"].max())
        values = {"n": f"{last['value']:,.0f}", "planned": f"{planned:,.0f}", "when": look.month(last["at"])}
        return look.say("rural.finding_counties", part=percent(last["value"] / planned, 0), **values)
    if topic == "points":
        pair = stated[stated["conflict"] & (stated["metric"] == "village_stations")].sort_values("value").iloc[[0, -1]]
        low, high = (f"{v:,.0f}" for v in pair["value"])
        first, last = (look.month(day) for day in pair["at"])
        return look.say("rural.finding_points", low=low, high=high, low_at=first, high_at=last)
    express = stated[stated["metric"] == "share_villages_with_express"].iloc[-1]
    post = stated[stated["metric"] == "share_villages_in_post_express_cooperation"].sort_values("at")["value"]
    values = {"n": f"{express['value']:g}", "planned": f"{plans['value'].iloc[0]:g}", "when": look.month(express["at"])}
    return look.say("rural.finding_shares", first=f"{post.iloc[0]:g}", last=f"{post.iloc[-1]:g}", **values)


def figures_table(rows: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Every figure of a topic with its source beside it."""
    kinds = [
        "plan" if plan else "derived" if derived else "stated"
        for plan, derived in zip(rows["plan"], rows["derived"], strict=True)
    ]
    return pd.DataFrame(
        {
            look.say("record.metric"): [name(m, look) for m in rows["metric"]],
            look.say("record.subject"): [look.term("subject", s) for s in rows["subject"]],
            look.say("market.period"): [look.period(p) for p in rows["period"]],
            look.say("record.value"): rows["value"].to_numpy(),
            look.say("record.bound"): [look.term("bound", b) for b in rows["bound"]],
            look.say("record.kind"): [look.term("kind", k) for k in kinds],
            look.say("rural.conflict"): [look.say("rural.yes") if c else "" for c in rows["conflict"]],
            look.say("record.grade"): [look.term("grade", g) for g in rows["grade"]],
            look.say("record.source"): rows["source_title"].to_numpy(),
            look.say("record.note"): rows["note"].to_numpy(),
            look.say("record.link"): rows["source_url"].to_numpy(),
        }
    )


def ledger_table(rows: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Every plan against what was last published by the day it was due."""
    planned, reached = (
        [f"{v:g}%" if t == "shares" else f"{v:,.0f}" for v, t in zip(rows[name], rows["topic"], strict=True)]
        for name in ("planned", "reached")
    )
    least = ["≥ " if bound == "lower" else "" for bound in rows["bound"]]
    return pd.DataFrame(
        {
            look.say("rural.plan"): [name(m, look) for m in rows["metric"]],
            look.say("rural.announced"): [look.month(d) for d in rows["announced"]],
            look.say("rural.due"): [look.month(d) for d in rows["last"]],
            look.say("rural.planned"): planned,
            look.say("rural.reached"): [a + b for a, b in zip(least, reached, strict=True)],
            look.say("rural.reached_at"): [look.month(d) for d in rows["reached_at"]],
            look.say("rural.part"): [a + percent(b, 0) for a, b in zip(least, rows["part"], strict=True)],
            look.say("rural.conflict"): [look.say("rural.yes") if c else "" for c in rows["conflict"]],
            look.say("record.source"): rows["sources"].to_numpy(),
        }
    )


def ledger_finding(rows: pd.DataFrame, look: Look) -> str:
    """How many of the plans were reached by the day they were due."""
    met = int((rows["part"] >= 1).sum())
    return look.say("rural.ledger_met" if met else "rural.ledger_none", n=met, total=len(rows))


def topics(look: Look) -> dict[str, str]:
    """Names of the topics by key."""
    return {topic: look.say(f"rural.topic_{topic}") for topic in TOPICS}
