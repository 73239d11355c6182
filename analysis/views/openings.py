"""Openings and closings between two dates: by network, by tier, by prefecture."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.views import heat, plain
from analysis.views.look import Look, View, percent
from analysis.views.nation_map import colour_bar, filled, ground
from analysis.views.nation_scale import Scale, hexes, place_names, rounded
from analysis.views.theme import fade
from data.cities import TIERS, cities
from data.grade import Grade
from data.platforms import PLATFORMS

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROW = 27
MEASURE = "net_per_10k"
FULL = 0.95
"""Part of the prefectures within the strongest colours of the map."""
PALE = 0.45
NAMED = 5
LEGEND = 52
"""Pixels of the scale under a table."""


def bars(moved: pd.DataFrame, look: Look, *, caption: str, grade: Grade) -> View:
    """Stations opened (to the right) and closed (to the left) by network, with the net as a tick.

    `moved` is `analysis.space.moves.moves` by platform. Lockers stand apart, on a scale of their own.
    """
    rows = moved.loc[[key for key in PLATFORMS if key in moved.index]]
    lockers = np.array([PLATFORMS[str(key)].format == "locker" for key in rows.index], dtype=bool)
    parts = [part for part in (rows[~lockers], rows[lockers]) if len(part)]
    traces: list[plain.Trace] = []
    axes: dict[str, dict[str, object]] = {}
    top = 1.0
    for number, part in enumerate(parts, start=1):
        suffix = "" if number == 1 else str(number)
        part = part.sort_values("net", ascending=False, kind="stable")
        traces += _flow(part, look, suffix)
        low = top - len(part) / len(rows) * (1 - 0.06 * (len(parts) - 1))
        most = 1.05 * max(float(part[["opened", "closed"]].to_numpy().max()), 1.0)
        axes |= _axes(look, suffix, (max(low, 0.0), top), (-most if part["closed"].any() else -0.02 * most, most))
        top = low - 0.06
    figure = plain.figure(
        traces, look, height=ROW * len(rows) + 40, right=128, barmode="relative", bargap=0.3, uirevision="moves"
    )
    figure["layout"] |= axes
    figure["layout"]["annotations"] = [note for n, part in enumerate(parts, 1) for note in _said(part, look, n)]
    table = table_of(rows, look, [look.name(str(key)) for key in rows.index], look.say("market.network"))
    items = look.join(f"{look.name(str(k))} {count(v)}" for k, v in rows["net"].items())
    return View(figure, table, finding(rows, look), caption, look.say("nation.moves_alt", items=items), grade)


def count(net: float) -> str:
    """A number of stations with its sign."""
    return f"{net:+,.0f}".replace("-", "−") if net else "0"


def short(net: float, look: Look) -> str:
    """The same with few digits, for a narrow cell."""
    return f"{'+' if net > 0 else ''}{look.count(net)}".replace("-", "−")


def _flow(part: pd.DataFrame, look: Look, suffix: str) -> list[plain.Trace]:
    names = [look.name(str(key)) for key in part.index]
    colours = [look.theme.colour(str(key)) for key in part.index]
    bar = {"type": "bar", "orientation": "h", "y": names, "xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
    pale = [fade(colour, PALE) for colour in colours]
    opened, closed = look.say("nation.opened"), look.say("nation.closed")
    tick = {"symbol": "line-ns", "size": 14, "line": {"width": 2.5, "color": look.theme.text}}
    hover = "%{y}<br>"
    return [
        {**bar, "x": part["opened"].tolist(), "marker": {"color": colours}}
        | {"hovertemplate": hover + f"{opened} <b>%{{x:,.0f}}</b><extra></extra>"},
        {**bar, "x": (-part["closed"]).tolist(), "marker": {"color": pale, "line": {"color": colours, "width": 1}}}
        | {"customdata": part["closed"].tolist()}
        | {"hovertemplate": hover + f"{closed} <b>%{{customdata:,.0f}}</b><extra></extra>"},
        {**bar, "type": "scatter", "mode": "markers", "x": part["net"].tolist(), "marker": tick}
        | {"hovertemplate": hover + f"{look.say('nation.net')} <b>%{{x:+,.0f}}</b><extra></extra>"},
    ]


def _axes(
    look: Look, suffix: str, domain: tuple[float, float], ends: tuple[float, float]
) -> dict[str, dict[str, object]]:
    axis = {**plain.axis(look), "showgrid": False}
    zero = {"zeroline": True, "zerolinecolor": look.theme.muted, "showticklabels": False, "range": list(ends)}
    ink = {"color": look.theme.text, "size": 12}
    down = {"autorange": "reversed", "domain": list(domain), "tickfont": ink, "ticksuffix": "  ", "dtick": 1}
    return {
        f"xaxis{suffix}": {**axis, **zero, "anchor": f"y{suffix}"},
        f"yaxis{suffix}": {**axis, **down, "anchor": f"x{suffix}", "type": "category"},
    }


def _said(part: pd.DataFrame, look: Look, number: int) -> list[dict[str, object]]:
    at = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 6, "yref": "y" if number == 1 else f"y{number}"}
    rows = part[["opened", "closed"]].itertuples()
    return [plain.note(look, f"+{opened:,} −{closed:,}", y=look.name(str(key)), **at) for key, opened, closed in rows]


def finding(moved: pd.DataFrame, look: Look) -> str:
    """Who grew and who shrank most, in stations."""
    most, least = moved["net"].idxmax(), moved["net"].idxmin()
    values = {"name": look.name(str(most)), "n": count(float(moved["net"].max()))}
    if moved["net"].min() < 0:
        other = {"other": look.name(str(least)), "m": count(float(moved["net"].min()))}
        key = "nation.moves_both" if moved["net"].max() > 0 else "nation.moves_down"
        return look.say(key, **values, **other)
    return look.say("nation.moves_up" if moved["net"].max() > 0 else "nation.moves_none", **values)


def by_tier(moved: pd.DataFrame, look: Look, *, caption: str, grade: Grade) -> View:
    """Net openings by network and tier: the number in each cell, its share of the stations there as colour.

    `moved` is by platform and tier.
    """
    net, stood = (moved[column].unstack("tier") for column in ("net", "before"))
    order, tiers = [key for key in PLATFORMS if key in net.index], [tier for tier in TIERS if tier in net.columns]
    net, stood = net.loc[order, tiers], stood.loc[order, tiers]
    names = {"index": dict(zip(order, map(look.name, order), strict=True))}
    names["columns"] = {tier: look.term("tier", tier) for tier in tiers}
    part = (net / stood.where(stood > 0)).clip(-1, 1).where(net.notna() & (stood > 0), np.sign(net))
    text = net.map(lambda value: "" if pd.isna(value) else short(value, look)).rename(**names)
    hover = f"%{{y}} · %{{x}}<br>{look.say('nation.net')} <b>%{{z:+.1%}}</b> {look.say('nation.of_before')}"
    limit = rounded(float(np.nanquantile(np.abs(part.to_numpy(float)), FULL))) if part.notna().any(axis=None) else 1.0
    figure = heat.table(part.rename(**names), look, text=text, hover=hover, limit=limit, both_ways=True, size=12)
    _scale(figure, limit, look)
    gained, sum_of = int((net.sum() > 0).sum()), count(float(net.to_numpy(float)[net.notna()].sum()))
    title = look.say("nation.tiers_finding", n=gained, total=len(tiers), net=sum_of)
    if gained == len(tiers):
        title = look.say("nation.tiers_all", total=len(tiers), net=sum_of)
    alt = look.say("nation.moves_alt", items=look.join(f"{look.term('tier', t)} {count(net[t].sum())}" for t in tiers))
    table = net.astype("Int64").rename(**names).rename_axis(look.say("market.network")).rename_axis(None, axis=1)
    return View(figure, table, title, caption, alt, grade)


def _scale(figure: "go.Figure", limit: float, look: Look) -> None:
    """What the colours of the table mean, as a bar under it."""
    ends, tail = (-limit, -limit / 2, 0.0, limit / 2, limit), look.say("nation.of_before")
    words = [f"{'+' if end > 0 else ''}{100 * end:g}%".replace("-", "−") for end in ends]
    bar = {"orientation": "h", "y": 0, "yanchor": "top", "thickness": 9, "len": 0.75, "outlinewidth": 0, "ypad": 4}
    ticks = {"tickvals": list(ends), "ticktext": words, "tickfont": {"size": 11, "color": look.theme.muted}}
    said = {"title": {"text": tail, "side": "bottom", "font": {"size": 11, "color": look.theme.muted}}}
    figure.data[0].update(showscale=True, colorbar=bar | ticks | said)
    figure.update_layout(height=figure.layout.height + LEGEND, margin_b=figure.layout.margin.b + LEGEND)


def prefectures(
    moved: pd.DataFrame,
    look: Look,
    *,
    name: str,
    caption: str,
    grade: Grade,
    height: int = 430,
) -> View:
    """Map of net openings per 10,000 people by prefecture; `moved` is by city, of one network or several (`name`)."""
    people = cities()["population_2020"].reindex(moved.index.astype(str)).to_numpy(float)
    rate = 1e4 * moved["net"].to_numpy(float) / people
    known = np.isfinite(rate)
    limit = rounded(float(np.quantile(np.abs(rate[known]), FULL))) if known.any() else 1.0
    colours = tuple(colour for _, colour in heat.two_sided(look))
    beyond = [bool((sign * rate[known] > limit).any()) for sign in (-1, 1)]
    shown = Scale(-limit, limit, colours, *beyond)
    called = place_names(look)
    names = [called.get(str(code), str(code)) for code in moved.index]
    said_of = [
        look.say(
            "nation.moves_hover", net=count(net), opened=f"{o:,}", closed=f"{c:,}", rate=f"{r:+.2f}".replace("-", "−")
        )
        for net, o, c, r in zip(moved["net"], moved["opened"], moved["closed"], rate, strict=True)
    ]
    paints = hexes(np.rint(shown.paint(np.nan_to_num(rate))).astype(np.uint8))
    codes = moved.index.astype(str)
    places = [(codes[i], names[i], said_of[i], paints[i]) for i in np.flatnonzero(known)]
    traces = [ground(look), filled(places, look, pale=True), colour_bar(shown, MEASURE, look)]
    figure = plain.figure(traces, look, height=height, geo=plain.GEO, uirevision="moves_map")
    figure["layout"]["margin"] = {"l": 0, "r": 0, "t": 0, "b": 0}
    up, down = int((moved["net"] > 0).sum()), int((moved["net"] < 0).sum())
    title = look.say("nation.moves_map", name=name, up=up, down=down, total=len(moved))
    order = moved["net"].abs().sort_values(ascending=False, kind="stable").index[:NAMED]
    items = look.join(f"{called.get(str(code), str(code))} {count(moved.loc[code, 'net'])}" for code in order)
    table = table_of(moved, look, names, look.say("market.city")).assign(**{look.say("nation.rate"): rate.round(3)})
    table = table.sort_values(look.say("nation.net"), ascending=False, kind="stable")
    return View(figure, table, title, caption, look.say("alt.map", title=title, items=items), grade)


def table_of(moved: pd.DataFrame, look: Look, names: Sequence[str], heading: str) -> pd.DataFrame:
    """Stations before and after, opened, closed, both within the span, net, and closed as a share of all, by name."""
    counts = ("before", "opened", "closed", "brief", "net", "after")
    columns = {look.say(f"nation.{column}"): moved[column].to_numpy() for column in counts}
    churn = (100 * moved["churn"].to_numpy(float)).round(1)
    return pd.DataFrame(columns | {look.say("nation.churn"): churn}, index=pd.Index(names, name=heading))


def lasted(moved: pd.DataFrame, look: Look) -> str:
    """How many of all that stood were closed, in one sentence."""
    stood = float((moved["before"] + moved["opened"]).sum())
    share = float(moved["closed"].sum()) / stood if stood else 0.0
    return look.say("nation.churned", share=percent(share), brief=f"{moved['brief'].sum():,}")


def summed(moved: pd.DataFrame, by: str) -> pd.DataFrame:
    """`moves` of finer groups added up by one of their levels."""
    sums = moved.drop(columns="churn").groupby(level=by, observed=True).sum()
    return sums.assign(churn=sums["closed"] / (sums["before"] + sums["opened"]))
