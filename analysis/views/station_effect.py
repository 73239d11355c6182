"""What a scenario does to stations: income of the median one, those that do not break even, how many there are."""

import numpy as np
import pandas as pd

from analysis.scenario import Projection
from analysis.views import amounts, plain
from analysis.views.look import Look, View, percent
from analysis.views.outcome import ALL, graded, number, row_name, said_month, where
from analysis.views.scenario_path import LINES, over_months, players
from data.grade import Grade, weakest

LEAST_STATIONS = 0.5
"""Changes of a number of stations below this are none."""
LEAST_CNY = 1.0
"""Changes of a monthly income below this are none."""


def _rows(projection: Projection, platform: str) -> pd.DataFrame:
    """Tiers in which the network has stations."""
    rows = projection.station_income
    found = rows[rows.index.get_level_values(1) == platform].droplevel(1).astype(np.float64)
    return found[found[["stations_before", "stations_after"]].max(axis=1) > 0]


def incomes(
    projection: Projection, look: Look, *, platform: str, caption: str = "", grade: Grade | None = None
) -> View:
    """Monthly income of the median station by tier, without (hollow) and with the levers, and who falls short."""
    rows = _rows(projection, platform)
    labels = [row_name(look, str(tier)) for tier in rows.index]
    colour = look.theme.colour(platform)
    before, after = rows["income_before"], rows["income_after"]
    below = [_below(a, b) for a, b in zip(rows["below_before"], rows["below_after"], strict=True)]
    figure = plain.figure(
        [
            plain.interval(before, after, labels, colour, 3),
            _dots(before, labels, look, "projection.without_levers", colour, hollow=True),
            _dots(after, labels, look, "projection.with_levers", colour, hollow=False),
        ],
        look,
        height=34 * max(len(labels), 2) + 66,
        right=116,
        x={"showgrid": True, "gridcolor": look.theme.grid, "nticks": 6, "tickprefix": "¥", "tickformat": ",.0f"},
        y=plain.rows_axis(),
        shapes=[plain.rule(look, x=0)],
        annotations=[*plain.at_right(look, dict(zip(labels, below, strict=True))), _head(look)],
        uirevision="incomes",
    )
    figure["layout"]["margin"]["t"] = 26
    table = pd.DataFrame(
        {
            look.say("projection.income_before"): before.round(0).to_numpy(),
            look.say("projection.income_after"): after.round(0).to_numpy(),
            look.say("projection.below_before"): (rows["below_before"] * 100).round(1).to_numpy(),
            look.say("projection.below_after"): (rows["below_after"] * 100).round(1).to_numpy(),
            look.say("projection.per_day_before"): rows["parcels_per_day_before"].round(0).to_numpy(),
            look.say("projection.per_day_after"): rows["parcels_per_day_after"].round(0).to_numpy(),
        },
        index=pd.Index(labels, name=look.say("tier.heading")),
    )
    title = _income_finding(rows, look, platform)
    items = look.join(
        f"{label} {look.money(a)} → {look.money(b)}" for label, a, b in zip(labels, before, after, strict=True)
    )
    alt = look.say("projection.alt_incomes", title=title, items=items)
    text = caption or said_month(projection, look, "incomes", name=look.name(platform))
    return View(figure, table, title, text, alt, weakest(graded(projection, grade), Grade.ASSUMED))


def _below(before: float, after: float) -> str:
    return (
        percent(after, 0)
        if round(before, 2) == round(after, 2)
        else f"{percent(before, 0)} → <b>{percent(after, 0)}</b>"
    )


def _head(look: Look) -> dict[str, object]:
    """Head of the column of stations below break-even."""
    at = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 6, "y": 1, "yref": "paper", "yanchor": "bottom"}
    note = plain.note(look, look.say("projection.below_head"), **at)
    return note | {"font": {"color": look.theme.muted, "size": 11}}


def _dots(values: pd.Series, labels: list[str], look: Look, key: str, colour: str, *, hollow: bool) -> plain.Trace:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": plain.numbers(values),
        "y": labels,
        "marker": {
            "size": 12,
            "color": look.theme.surface if hollow else colour,
            "line": {"width": 2.5, "color": colour},
        },
        "hovertemplate": f"%{{y}} · {look.say(key)} <b>¥%{{x:,.0f}}</b><extra></extra>",
    }


def _income_finding(rows: pd.DataFrame, look: Look, platform: str) -> str:
    """Income of the median station over all tiers, and the part below break-even."""
    name = look.name(platform)
    if ALL not in rows.index or not np.isfinite(rows.loc[ALL, "income_after"]):
        return look.say("projection.incomes_none", name=name)
    row = rows.loc[ALL]
    change = float(row["income_after"] - row["income_before"])
    values = {"name": name, "income": look.money(row["income_after"]), "after": percent(row["below_after"], 0)}
    if abs(change) < LEAST_CNY:
        return look.say("projection.incomes_same", **values)
    key = "projection.incomes_up" if change > 0 else "projection.incomes_down"
    return look.say(key, **values, change=look.money(abs(change)), before=percent(row["below_before"], 0))


def opened(projection: Projection, look: Look, *, platform: str, caption: str = "", grade: Grade | None = None) -> View:
    """Stations opened and closed by tier up to the last month, against no levers."""
    rows = _rows(projection, platform)
    tiers = rows.drop(index=ALL, errors="ignore") if len(rows) > 1 else rows
    labels = [row_name(look, str(tier)) for tier in tiers.index]
    added = tiers["stations_after"] - tiers["stations_before"]
    said = [
        f"<b>{_count(look, a)}</b> · {look.short(round(n))}"
        for a, n in zip(added, tiers["stations_after"], strict=True)
    ]
    bars: plain.Trace = {
        "type": "bar",
        "orientation": "h",
        "x": plain.numbers(added),
        "y": labels,
        "marker": {"color": look.theme.colour(platform)},
        "hovertemplate": "%{y} <b>%{x:+,.0f}</b><extra></extra>",
    }
    figure = plain.figure(
        (bars,),
        look,
        height=30 * max(len(labels), 2) + 36,
        right=124,
        x={"showgrid": True, "gridcolor": look.theme.grid, "nticks": 5, "tickformat": ",.0f"},
        y=plain.rows_axis(),
        bargap=0.34,
        shapes=[plain.rule(look, x=0)],
        annotations=plain.at_right(look, dict(zip(labels, said, strict=True))),
        uirevision="opened",
    )
    table = pd.DataFrame(
        {
            look.say("projection.stations_before"): tiers["stations_before"].round(0).to_numpy(),
            look.say("projection.stations_after"): tiers["stations_after"].round(0).to_numpy(),
            look.say("projection.stations_change"): added.round(0).to_numpy(),
        },
        index=pd.Index(labels, name=look.say("tier.heading")),
    )
    title = _count_finding(look, platform, *(float(tiers[f"stations_{side}"].sum()) for side in ("before", "after")))
    items = look.join(f"{label} {_count(look, a)}" for label, a in zip(labels, added, strict=True))
    alt = look.say("projection.alt_opened", title=title, items=items)
    text = caption or said_month(projection, look, "opened", name=look.name(platform))
    return View(figure, table, title, text, alt, weakest(graded(projection, grade), Grade.ASSUMED))


def _count(look: Look, stations: float) -> str:
    return (
        "0" if abs(stations) < LEAST_STATIONS else f"{'+' if stations > 0 else '−'}{look.short(round(abs(stations)))}"
    )


def _count_finding(look: Look, platform: str, before: float, after: float) -> str:
    """Stations more or fewer, and what part of all that is."""
    if abs(after - before) < LEAST_STATIONS:
        return look.say("projection.counts_same", name=look.name(platform))
    return look.say(
        "projection.counts_up" if after > before else "projection.counts_down",
        name=look.name(platform),
        stations=look.short(round(abs(after - before))),
        part=f"{number(abs(after / before - 1) * 100)}%" if before else look.say("unit.none"),
    )


def counts(
    projection: Projection,
    look: Look,
    *,
    platform: str,
    tier: str = ALL,
    caption: str = "",
    grade: Grade | None = None,
) -> View:
    """Stations by month with the levers (solid) and without (dashed): this network, others with levers, answers."""
    before, after = (_over_time(projection, path.tier_stations, tier) for path in (projection.base, projection.point))
    names = [name for name in players(projection, platform) if name in after][:LINES]
    x, traces = plain.dates(projection.months), []
    for name in reversed(names):
        colour, hover = look.theme.colour(name), f"{look.name(name)} <b>%{{y:,.0f}}</b>"
        traces += [
            plain.line(x, before[name], colour, width=1.4, dash="dash"),
            plain.line(x, after[name], colour, hover=hover),
        ]
    ends = {name: float(after[name].iloc[-1]) for name in names}
    texts = {name: f"<b>{look.short(round(ends[name]))}</b> {look.name(name)}" for name in names}
    every = np.concatenate([frame[names].to_numpy().ravel() for frame in (before, after)])
    ticks = amounts.ticks(float(every.min()), float(every.max()), look)
    figure = over_months(traces, look, x, ends=ends, texts=texts, ticks=ticks, revision=f"counts {tier}")
    table = after[list(dict.fromkeys((*names, *after)))].round(0).rename(columns=look.name)
    table[look.say("projection.without", name=look.name(platform))] = before[platform].round(0)
    table.index = pd.Index([look.month(m) for m in projection.months], name=look.say("market.month"))
    title = _count_finding(look, platform, float(before[platform].iloc[-1]), ends[platform])
    items = look.join(f"{look.name(name)} {before[name].iloc[-1]:,.0f} → {after[name].iloc[-1]:,.0f}" for name in names)
    alt = look.say("projection.alt_counts", title=title, items=items)
    text = caption or look.say("projection.caption_counts", tier=where(look, tier))
    return View(figure, table, title, text, alt, weakest(graded(projection, grade), Grade.ASSUMED))


def _over_time(projection: Projection, stations: plain.Floats, tier: str) -> pd.DataFrame:
    """Stations of `tier` from (months, tiers, networks); rows are months."""
    model = projection.model
    found = stations.sum(axis=1) if tier == ALL else stations[:, model.tiers.index(tier)]
    return pd.DataFrame(found, projection.months, list(model.platforms))
