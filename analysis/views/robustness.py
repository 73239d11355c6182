"""The same coefficient by other estimators, and what the residuals and single cities tell."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analysis.views.base import quiet
from analysis.views.look import Look, View
from analysis.views.reading import minus, tier_name
from analysis.ways import Robustness
from data.grade import Grade

CITIES = 12
"""Most cities in the chart of influence."""
SIGNIFICANT = 0.05
ONE = 1.0
"""Standard errors from which one city decides too much."""


def _way(way: str, look: Look) -> str:
    return look.say(f"way.{way.replace('-', '_')}")


def estimators(found: Robustness, look: Look, *, driver: str, caption: str, grade: Grade) -> View:
    """Coefficients by tier, one panel an estimator; ticks mark the main fit in every panel."""
    ways = list(found.estimates.index.get_level_values("way").unique())
    main = found.estimates.loc[ways[0]]
    labels = [tier_name(group, look) for group in main.index]
    figure = make_subplots(1, len(ways), shared_yaxes=True, horizontal_spacing=0.015)
    low, high = _span(found.estimates, main)
    for column, way in enumerate(ways, start=1):
        rows = found.estimates.loc[way].reindex(main.index)
        marks = found.references.loc[way].reindex(main.index)
        figure.add_trace(_tick_marks(marks["estimate"], labels, look), 1, column)
        figure.add_trace(_dots(rows, labels, look), 1, column)
        figure.add_annotation(
            x=0.5,
            xref=f"x{'' if column == 1 else column} domain",
            y=1.02,
            yref="paper",
            yanchor="bottom",
            text=_way(way, look),
            showarrow=False,
            font={"size": 12, "color": look.theme.text},
        )
    quiet(figure, look, height=36 * len(labels) + 74, right=8)
    figure.update_layout(margin={"t": 30})
    figure.update_xaxes(
        fixedrange=True, showgrid=True, gridcolor=look.theme.grid, zeroline=False, nticks=5, range=[low, high]
    )
    figure.update_xaxes(tickfont={"color": look.theme.muted, "size": 11})
    figure.update_yaxes(fixedrange=True, autorange="reversed", showgrid=False, zeroline=False, automargin=True)
    figure.update_yaxes(dtick=1)
    figure.update_yaxes(ticksuffix="  ", col=1, tickfont={"color": look.theme.text, "size": 12})
    table = found.estimates.round(3).reset_index()
    table["way"], table["group"] = (
        table["way"].map(lambda w: _named(w, found, look)),
        table["group"].map(lambda g: tier_name(g, look)),
    )
    heads = ("way.heading", "tier.heading", "model.estimate", "model.low_95", "model.high_95")
    table.columns = [look.say(key) for key in heads]
    title = _finding(found, main, look, driver)
    items = look.join(_way(way, look) for way in ways)
    if late := list(found.months):
        names = look.join(_way(way, look) for way in late)
        caption = look.say("way.months", caption=caption, ways=names, n=found.months[late[0]])
    return View(figure, table, title, caption, look.say("alt.estimators", items=items, title=title), grade)


def _named(way: str, found: Robustness, look: Look) -> str:
    name = _way(way, look)
    return look.say("way.late", way=name, n=found.months[way]) if way in found.months else name


def nesting(found: Robustness, look: Look) -> str:
    """How close networks of one kind are, in one sentence; nothing where no nested logit could be fitted."""
    if found.nesting is None:
        return ""
    given = {name: minus(getattr(found.nesting, name)) for name in ("rho", "low", "high")}
    return look.say(f"way.rho_{'plausible' if found.nesting.plausible else 'implausible'}", **given)


def _span(estimates: pd.DataFrame, main: pd.DataFrame) -> tuple[float, float]:
    """Range of the axis: all estimates, and the main intervals three times as wide; a wilder interval is cut off."""
    width = float((main["high"] - main["low"]).max())
    low = min(float(estimates["estimate"].min()), float(main["low"].min()) - width, 0.0)
    high = max(float(estimates["estimate"].max()), float(main["high"].max()) + width)
    room = 0.05 * (high - low)
    return low - room, high + room


def _tick_marks(values: pd.Series, labels: list[str], look: Look) -> go.Scatter:
    mark = {"symbol": "line-ns", "size": 18, "line": {"width": 1.5, "color": look.theme.muted}}
    return go.Scatter(x=values, y=labels, mode="markers", marker=mark, hoverinfo="skip")


def _dots(rows: pd.DataFrame, labels: list[str], look: Look) -> go.Scatter:
    return go.Scatter(
        x=rows["estimate"],
        y=labels,
        mode="markers",
        marker={"size": 9, "color": look.theme.accent},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": rows["high"] - rows["estimate"],
            "arrayminus": rows["estimate"] - rows["low"],
            "color": look.theme.accent,
            "thickness": 2,
            "width": 0,
        },
        customdata=rows[["low", "high"]],
        hovertemplate="%{y} <b>%{x:.2f}</b> (%{customdata[0]:.2f} – %{customdata[1]:.2f})<extra></extra>",
    )


def _finding(found: Robustness, main: pd.DataFrame, look: Look, driver: str) -> str:
    ways = list(found.estimates.index.get_level_values("way").unique()[1:])
    apart = []
    for way in ways:
        rows, beside = (table.loc[way].reindex(main.index) for table in (found.estimates, found.references))
        overlap = (rows["low"] <= beside["high"]) & (rows["high"] >= beside["low"])
        apart += [] if overlap[rows["low"].notna()].all() else [_way(way, look)]
    name = look.say(f"driver.{driver}")
    if not ways:
        return look.say("finding.estimators_alone", driver=name)
    if not apart:
        return look.say("finding.estimators_agree", driver=name, n=len(ways) + 1)
    return look.say("finding.estimators_differ", driver=name, ways=look.join(apart), n=len(ways) + 1)


def influence(changes: pd.DataFrame, look: Look, *, cities: dict[str, str], caption: str, grade: Grade) -> View:
    """Cities that move a coefficient most when left out, in its standard errors.

    `changes` is `checks.influence`: cities x groups.
    """
    size = changes.abs().max(axis=1).sort_values(ascending=False).head(CITIES)
    group = changes.abs().loc[size.index].idxmax(axis=1)
    moved = pd.Series([changes.loc[city, group[city]] for city in size.index], size.index)
    codes = [str(city) for city in size.index]
    labels = [f"{cities.get(code, code)} · {tier_name(group[code], look)}" for code in codes]
    figure = go.Figure(
        go.Bar(
            y=labels,
            x=moved,
            orientation="h",
            marker={"color": look.theme.accent},
            hovertemplate="%{y} <b>%{x:+.2f}</b><extra></extra>",
        )
    )
    for edge in (-ONE, ONE):
        figure.add_vline(x=edge, line={"color": look.theme.muted, "width": 1, "dash": "dot"})
    figure.add_vline(x=0, line={"color": look.theme.muted, "width": 1})
    quiet(figure, look, height=24 * len(labels) + 40, right=12)
    figure.update_layout(bargap=0.4)
    figure.update_xaxes(showgrid=True, gridcolor=look.theme.grid, nticks=7)
    figure.update_yaxes(autorange="reversed", showgrid=False, ticksuffix="  ", nticks=len(labels) + 1)
    table = pd.DataFrame({look.say("market.city"): labels, look.say("check.moved"): moved.round(3).to_numpy()})
    first = {"city": labels[0], "value": f"{abs(moved.iloc[0]):.2f}"}
    key = "finding.influence_much" if size.iloc[0] >= ONE else "finding.influence_little"
    title = look.say(key, **first)
    return View(figure, table, title, caption, look.say("alt.influence", title=title), grade)


def quantile_lines(quantiles: pd.DataFrame, look: Look, *, caption: str, grade: Grade) -> View:
    """Quantiles of the standardised residuals by tier against the normal's: on the diagonal they are normal."""
    figure = go.Figure()
    normal = list(quantiles.index)
    figure.add_scatter(
        x=normal, y=normal, mode="lines", line={"color": look.theme.muted, "width": 1, "dash": "dot"}, hoverinfo="skip"
    )
    colours = look.theme.sequential
    for place, group in enumerate(quantiles):
        shade = colours[min(1 + place * (len(colours) - 2) // max(len(quantiles.columns) - 1, 1), len(colours) - 1)]
        figure.add_scatter(
            x=normal,
            y=quantiles[group],
            mode="lines",
            line={"color": shade, "width": 2},
            hovertemplate=tier_name(group, look) + " %{x:.2f} → <b>%{y:.2f}</b><extra></extra>",
        )
    quiet(figure, look, height=328, right=8)
    figure.update_xaxes(nticks=7, title={"text": look.say("check.normal"), "font": {"size": 12}})
    figure.update_yaxes(title={"text": look.say("check.residual"), "font": {"size": 12}})
    tails = quantiles.iloc[[0, -1]].abs().mean() / float(np.abs(quantiles.index[-1]))
    worst = str((tails - 1).abs().idxmax())
    key = (
        "finding.tails_heavy"
        if tails[worst] > 1.15
        else "finding.tails_light"
        if tails[worst] < 0.85
        else "finding.tails"
    )
    title = look.say(key, tier=tier_name(worst, look), ratio=f"{tails[worst]:.2f}")
    table = quantiles.round(3).rename(columns=lambda g: tier_name(g, look)).rename_axis(look.say("check.normal"))
    table.index = table.index.to_numpy().round(3)
    return View(figure, table, title, caption, look.say("alt.quantiles", title=title), grade)


def wild_table(few: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Wild bootstrap of the groups with few cities, beside Student's t."""
    heads = ("check.cities", "model.estimate", "check.t_low", "check.t_high", "check.wild_p", "check.wild_low")
    table = few.round(3).set_axis([look.say(key) for key in (*heads, "check.wild_high")], axis=1)
    return table.set_axis(pd.Index([tier_name(g, look) for g in few.index], name=look.say("tier.heading")))


def wild_title(few: pd.DataFrame, look: Look) -> str:
    """Whether the tiers with few cities still show an effect."""
    clear = few[few["wild_p"] < SIGNIFICANT]
    key = "finding.wild_all" if len(clear) == len(few) else "finding.wild_some" if len(clear) else "finding.wild_none"
    named = clear if len(clear) else few
    return look.say(key, n=len(clear), total=len(few), tiers=look.few([tier_name(g, look) for g in named.index]))
