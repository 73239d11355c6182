"""The share model in plain words: what one more fen or ten per cent more stations do, and to whom."""

from math import log

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.market import round_to_total
from analysis.views import heat
from analysis.views.base import quiet
from analysis.views.look import Look, View, percent
from analysis.views.theme import fade
from data.grade import Grade

STEPS = {"subsidy_cny_per_parcel": 0.01, "log_stations": log(1.1)}
"""One more of each driver, as a reader thinks of it: one fen a parcel; ten per cent more stations."""
LOGGED = ("log_stations",)
"""Drivers that are logarithms."""


def minus(value: float, digits: int = 2) -> str:
    """Number with a real minus sign."""
    return f"{value:.{digits}f}".replace("-", "−")


def p_value(p: float) -> str:
    """p-value with its sign of comparison: three decimals, or below the last of them."""
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"


def tier_name(group: object, look: Look) -> str:
    """Name of a coefficient's group; "all" where one coefficient serves all tiers."""
    return look.term("tier", group)


def sentence(row: pd.Series, look: Look, *, driver: str, network: str, group: object) -> str:
    """One more fen per parcel lifts Duoduo's Tier 3 share by 0.31 points (95 %: 0.18 to 0.44)."""
    sign, (points, low, high) = _told(*(float(row[name]) for name in ("points", "points_low", "points_high")))
    return look.say(
        f"reading.{driver}_{sign}",
        name=look.name(network),
        tier=tier_name(group, look),
        points=minus(points),
        low=minus(low),
        high=minus(high),
    )


def _told(value: float, low: float, high: float) -> tuple[str, tuple[float, float, float]]:
    """Up, down or unclear, and value, low and high as that wording takes them: a fall by so much is a positive one."""
    if low <= 0 <= high:
        return "unclear", (value, low, high)
    return ("up", (value, low, high)) if value > 0 else ("down", (-value, -high, -low))


def one_more(responses: pd.DataFrame, look: Look, *, driver: str, network: str, caption: str, grade: Grade) -> View:
    """Points of share that one more of `driver` brings `network`, by tier, with 95 % intervals.

    `responses` is `ShareFit.elasticities` with `step=STEPS[driver]`; `network` has a row in it.
    """
    rows = responses.xs(network, level=1).dropna(subset=["points"])
    labels = [tier_name(group, look) for group in rows.index]
    figure = dots(
        rows, labels, look, colour=look.theme.colour(network), columns=("points", "points_low", "points_high")
    )
    words = [sentence(row, look, driver=driver, network=network, group=group) for group, row in rows.iterrows()]
    table = pd.DataFrame(
        {
            look.say("reading.points"): rows["points"].round(3).to_numpy(),
            look.say("model.low_95"): rows["points_low"].round(3).to_numpy(),
            look.say("model.high_95"): rows["points_high"].round(3).to_numpy(),
            look.say("reading.own"): rows["own"].round(3).to_numpy(),
            look.say("reading.cross"): rows["cross"].round(3).to_numpy(),
            look.say("reading.words"): words,
        },
        index=pd.Index(labels, name=look.say("tier.heading")),
    )
    best = int(np.nanargmax(rows["points"].abs()))
    return View(
        figure, table, words[best].rstrip(".。"), caption, look.say("alt.reading", items=look.text(words)), grade
    )


def dots(rows: pd.DataFrame, labels: list[str], look: Look, *, colour: str, columns: tuple[str, str, str]) -> go.Figure:
    """Estimates with their intervals, one a line; `columns` name estimate, low and high."""
    point, low, high = (rows[name].to_numpy(np.float64) for name in columns)
    figure = go.Figure(
        go.Scatter(
            x=point,
            y=labels,
            mode="markers",
            marker={"size": 11, "color": colour},
            error_x={
                "type": "data",
                "symmetric": False,
                "color": colour,
                "thickness": 2,
                "width": 0,
                "array": high - point,
                "arrayminus": point - low,
            },
            customdata=np.column_stack([low, high]),
            hovertemplate="%{y} <b>%{x:.2f}</b> (%{customdata[0]:.2f} – %{customdata[1]:.2f})<extra></extra>",
        )
    )
    figure.add_vline(x=0, line={"color": look.theme.muted, "width": 1})
    quiet(figure, look, height=34 * len(labels) + 36, right=12)
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", nticks=len(labels) + 1, showgrid=False)
    figure.update_xaxes(showgrid=True, gridcolor=look.theme.grid, nticks=6)
    return figure


def points_per_unit(row: pd.Series, slope: float) -> float | None:
    """Points of share for one more of a driver per unit of its coefficient; None where the coefficient is 0."""
    return float(row["points"]) / slope if slope else None


def _signed(value: float, digits: int) -> str:
    return "" if np.isnan(value) else f"{value:+.{digits}f}".replace("-", "−")


def response_table(
    matrix: pd.DataFrame,
    look: Look,
    *,
    network: str,
    driver: str,
    elastic: bool,
    tier: str,
    slope: pd.Series,
    caption: str,
    grade: Grade,
) -> View:
    """Heat table of `responses.matrix`: change of each row's parcels when the column's network does one more, %.

    With `elastic` the cells are elasticities: per cent for one per cent more. The finding is that of `network`, with
    the interval of `slope` (estimate, low, high: the row of `ShareFit.estimates` that the cells are made with).
    """
    named = (
        matrix.rename(index=look.name, columns=look.name)
        .rename_axis(look.say("market.network"))
        .rename_axis(None, axis=1)
    )
    values = named if elastic else named * 100
    own = values.index.to_numpy()[:, None] == values.columns.to_numpy()
    rivals = values.to_numpy()[~own]
    limit = float(np.nanmax(np.abs(rivals), initial=0.0)) * 1.5 or None
    text = values.map(lambda v: _signed(v, 2))
    hover = look.say("reading.response_hover", row="%{y}", column="%{x}", value="%{z:+.2f}" + ("" if elastic else "%"))
    figure = heat.table(values, look, text=text, hover=hover, limit=limit, both_ways=True, row=30, size=11)
    slant(figure)
    said = "elastic" if elastic else driver
    title = _response_finding(
        values, look, network=look.name(network), said=said, tier=tier_name(tier, look), slope=slope
    )
    return View(figure, values.round(3), title, caption, look.say("alt.response", title=title), grade)


def slant(figure: go.Figure) -> None:
    """Turn the column names, so that a dozen of them fit."""
    figure.update_xaxes(tickangle=-40)
    figure.update_layout(height=figure.layout.height + 40)


def _response_finding(values: pd.DataFrame, look: Look, *, network: str, said: str, tier: str, slope: pd.Series) -> str:
    """What the column of `network` says, cells and names as shown; every cell is a multiple of the slope."""
    column = values.get(network, pd.Series(dtype=np.float64)).dropna()
    if column.empty or len(column) < 2 or not column[network]:
        return look.say("finding.response_none", tier=tier, name=network)
    unit = column[network] / slope["estimate"]
    sign, (own, low, high) = _told(column[network], *sorted((unit * slope["low"], unit * slope["high"])))
    rivals = column.drop(network)
    hit = str(rivals.abs().idxmax())
    return look.say(
        f"finding.response_{said}_{sign}",
        name=network,
        tier=tier,
        own=minus(own),
        low=minus(low),
        high=minus(high),
        rival=hit,
        cross=minus(abs(rivals[hit])),
    )


def diversion_table(ratios: pd.DataFrame, look: Look, *, tier: str, caption: str, grade: Grade) -> View:
    """Heat table of `responses.diversion`: where the parcels go that leave the row's network, %; rows add to 100."""
    values = _hundred(ratios, 1).rename(index=look.name, columns=look.name)
    values = values.rename_axis(look.say("market.network")).rename_axis(None, axis=1)
    whole, own = _hundred(ratios, 0), np.eye(len(values), dtype=bool)
    shown = values.mask(own)
    text = pd.DataFrame(whole.map("{:.0f}".format).to_numpy(), values.index, values.columns).mask(own, "")
    hover = look.say("reading.diversion_hover", row="%{y}", column="%{x}", value="%{z:.1f}%")
    figure = heat.table(shown, look, text=text, hover=hover, row=30, size=12)
    slant(figure)
    taker = str(ratios.mean().idxmax())
    taken = whole[taker].drop(taker)
    title = look.say(
        "finding.diversion",
        name=look.name(taker),
        tier=tier_name(tier, look),
        low=f"{taken.min():.0f}%",
        high=f"{taken.max():.0f}%",
    )
    return View(figure, values, title, caption, look.say("alt.diversion", title=title), grade)


def _hundred(ratios: pd.DataFrame, decimals: int) -> pd.DataFrame:
    """Per cent, rounded so that each row adds to 100; a row without any (a network alone everywhere) stays 0."""
    some = ratios.sum(axis=1) > 0
    return round_to_total(ratios[some], decimals=decimals).reindex(ratios.index, fill_value=0.0)


def captive_bars(split: pd.DataFrame, look: Look, *, measured: bool, caption: str, grade: Grade) -> View:
    """Parcels of each network that routing fixes (full colour) and that follow choice (pale), millions a month.

    `split` has index network and columns captive, contestable (parcels a month).
    """
    rows = split[split.sum(axis=1) > 0]
    part = rows["captive"] / rows.sum(axis=1)
    labels = [look.name(str(p)) for p in rows.index]
    colours = [look.theme.colour(str(p)) for p in rows.index]
    figure = go.Figure()
    for column, tint in (("captive", 1.0), ("contestable", 0.35)):
        figure.add_bar(
            y=labels,
            x=rows[column],
            orientation="h",
            name=look.say(f"reading.{column}"),
            marker={"color": [fade(c, tint) for c in colours]},
            hovertemplate="%{y} · " + look.say(f"reading.{column}") + " <b>%{x:,.0f}</b><extra></extra>",
        )
    figure.update_layout(barmode="stack", bargap=0.3)
    quiet(figure, look, height=30 * len(labels) + 16, right=92)
    total = rows.sum(axis=1)
    for label, end, share in zip(labels, total, part, strict=True):
        figure.add_annotation(
            x=end,
            y=label,
            xanchor="left",
            xshift=4,
            showarrow=False,
            text=look.say("reading.part_of", part=percent(float(share), 0), total=look.short(end)),
            font={"size": 12, "color": look.theme.text},
        )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, ticksuffix="  ", nticks=len(labels) + 1)
    table = pd.DataFrame(
        {
            look.say("reading.captive"): rows["captive"].round(0).to_numpy(),
            look.say("reading.contestable"): rows["contestable"].round(0).to_numpy(),
            look.say("reading.captive_part"): (part * 100).round(1).to_numpy(),
        },
        index=pd.Index(labels, name=look.say("market.network")),
    )
    title = _captive_finding(part, rows, look, measured)
    items = look.join(f"{label} {percent(float(v), 0)}" for label, v in zip(labels, part, strict=True))
    return View(figure, table, title, caption, look.say("alt.captive", items=items), grade)


def _captive_finding(part: pd.Series, rows: pd.DataFrame, look: Look, measured: bool) -> str:
    if not (part > 0).any():
        return look.say("finding.captive_none" if measured else "finding.captive_unknown")
    most = str(part.idxmax())
    whole = percent(float(rows["captive"].sum() / rows.to_numpy().sum()), 0)
    key = "finding.captive" if measured else "finding.captive_assumed"
    return look.say(key, name=look.name(most), part=percent(float(part[most]), 0), whole=whole)


def twins(pairs: list[tuple[str, str]], look: Look) -> str:
    """What the model gets wrong about networks that are near twins; empty without any."""
    if not pairs:
        return ""
    named = [look.say("reading.pair", first=look.name(a), second=look.name(b)) for a, b in pairs]
    return look.say("reading.twins", pairs=look.few(named))
