"""Who wins where: heat table and small multiples by tier, region, province or city."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analysis.market import round_to_total
from analysis.summary import by_size, contested, row_shares
from analysis.summary import leader as first_of
from analysis.views.base import annotate, quiet, spread
from analysis.views.charts import TREND, leading, share_finding, shares_table
from analysis.views.look import Look, View, percent
from analysis.views.theme import contrast, rgb
from data.grade import Grade

ROW_PIXELS, SHORT_ROW_PIXELS = 40, 24
"""Height of a row of the heat table when there are few rows, and when there are many."""
FEW_ROWS = 8
SHOWN_ROWS = 20
"""Most rows in a picture; its table has all of them."""
PANEL_PIXELS = 170
LABELLED = 3
"""Networks named in each small panel."""


def row_height(rows: int) -> int:
    """Pixels of a picture with that many rows under two lines of headings."""
    return 70 + rows * (ROW_PIXELS if rows <= FEW_ROWS else SHORT_ROW_PIXELS)


def two_lines(name: str) -> str:
    """A name broken in the middle: at its space, or after half its characters when it is Chinese and long."""
    if " " in name:
        return name.replace(" ", "<br>", 1)
    chinese = re.fullmatch(r"[\u4e00-\u9fff]{4,}", name)
    return f"{name[: len(name) // 2]}<br>{name[len(name) // 2 :]}" if chinese else name


def dotted(look: Look, key: str, text: str) -> str:
    """`text` after a dot in the colour of `key`."""
    return f'<span style="color:{look.theme.colour(key)}">●</span> {text}'


def heat_table(
    volumes: pd.DataFrame,
    look: Look,
    *,
    group: str,
    caption: str,
    grade: Grade,
    everyone: pd.DataFrame | None = None,
    shown: int = SHOWN_ROWS,
) -> View:
    """Share of each network (columns, largest first) in each row of `volumes`; the leader of a row in bold.

    The picture has the first `shown` rows, the table all of them; one decimal, rows add to 100. `everyone` has the
    volumes of all networks where `volumes` has only some: who leads is read from it.
    """
    shares = row_shares(by_size(volumes))
    full = shares if everyone is None else row_shares(everyone)
    every = round_to_total(shares, total=100, decimals=1)
    table = every.iloc[:shown]
    labels = [look.term(group, row) for row in table.index]
    leader = first_of(full)
    cells = [
        [f"<b>{v:.1f}</b>" if key == leader[row] else f"{v:.1f}" for key, v in values.items()]
        for row, values in table.iterrows()
    ]
    steps = look.theme.sequential
    top = float(contested(table).max().max()) or 1.0
    figure = go.Figure(
        go.Heatmap(
            z=table.to_numpy(),
            x=[f"{i}" for i in range(table.shape[1])],
            y=labels,
            colorscale=[[i / (len(steps) - 1), colour] for i, colour in enumerate(steps)],
            zmin=0,
            zmax=top,
            showscale=False,
            xgap=2,
            ygap=2,
            customdata=[[look.name(str(key)) for key in table]] * len(table),
            hovertemplate="%{y} · %{customdata} <b>%{z:.1f}%</b><extra></extra>",
        )
    )
    inks = [[ink(steps, value / top) for value in row] for row in table.to_numpy()]
    figure.add_scatter(
        x=[f"{i}" for i in range(table.shape[1])] * len(table),
        y=[label for label in labels for _ in table],
        text=[cell for row in cells for cell in row],
        mode="text",
        textfont={"size": 13, "color": [colour for row in inks for colour in row]},
        hoverinfo="skip",
    )
    heads = [f"{dotted(look, str(key), '')}<br>{two_lines(look.name(str(key)))}" for key in table]
    quiet(figure, look, height=row_height(len(labels)))
    axis = {"fixedrange": True, "showgrid": False, "zeroline": False, "automargin": True, "ticks": ""}
    span = {"type": "category", "range": [-0.5, len(heads) - 0.5]}
    figure.update_xaxes(**axis, **span, side="top", tickvals=figure.data[0].x, ticktext=heads, tickangle=0)
    figure.update_yaxes(**axis, range=[len(labels) - 0.5, -0.5], type="category", ticksuffix="  ", dtick=1)
    alt = look.say("alt.heat", items=leading(full.iloc[:shown], look, group))
    rows = shares.set_axis([look.term(group, row) for row in shares.index])
    numbers = shares_table(rows, look, look.say(f"{group}.heading"))
    return View(figure, numbers, share_finding(shares, look, group, everyone=full), caption, alt, grade)


def ink(steps: Sequence[str], at: float) -> str:
    """Black or white, at least 4.5:1 on the colour scale `steps` at 0 (low) to 1 (high)."""
    position = min(at, 1.0) * (len(steps) - 1)
    channels = np.array([rgb(step)[:3] for step in steps])
    mixed = [round(float(np.interp(position, range(len(steps)), channel))) for channel in channels.T]
    cell = "#" + "".join(f"{value:02x}" for value in mixed)
    return max("#ffffff", "#000000", key=lambda colour: contrast(colour, cell))


def panels(
    history: pd.DataFrame,
    look: Look,
    *,
    group: str,
    caption: str,
    grade: Grade,
    everyone: pd.DataFrame | None = None,
    columns: int = 3,
) -> View:
    """Share over time, one panel a group on the same scale; the largest networks are named at their line's end.

    `history` has index (group, month), as has `everyone`: all networks where `history` has only some.
    """
    shares = row_shares(by_size(history[history.sum(axis=1) > 0]))
    full = shares if everyone is None else row_shares(everyone.loc[shares.index])
    groups = list(dict.fromkeys(shares.index.get_level_values(0)))
    columns = min(columns, len(groups))
    rows = -(-len(groups) // columns)
    figure = make_subplots(
        rows,
        columns,
        shared_xaxes="all",
        shared_yaxes="all",
        horizontal_spacing=0.36 / columns,
        vertical_spacing=0.3 / rows,
    )
    top = float(shares.max().max()) * 100
    axes = ["", *(str(i) for i in range(2, len(groups) + 1))]
    each = [(shares.loc[name], axis, look.term(group, name)) for name, axis in zip(groups, axes, strict=True)]
    figure.add_traces([line for rows_of, axis, _ in each for line in _panel_lines(rows_of, look, axis)])
    quiet(figure, look, height=rows * PANEL_PIXELS + 44, right=112)
    figure.update_layout(margin={"t": 26})
    annotate(
        figure, look, [note for rows_of, axis, name in each for note in _panel_words(rows_of, look, name, axis, top)]
    )
    figure.update_yaxes(range=[0, top * 1.06], ticksuffix="%", nticks=5)
    months = shares.index.get_level_values(1)
    figure.update_xaxes(range=[months.min(), months.max()], tickformat="%Y", nticks=5)
    title, alt = _panels_finding(shares, full, look, group)
    return View(figure, history_table(shares, look, group), title, caption, alt, grade)


def history_table(shares: pd.DataFrame, look: Look, group: str) -> pd.DataFrame:
    """Shares in per cent by group and month, the latest first."""
    rows = round_to_total(shares.rename(columns=look.name), total=100, decimals=1)[::-1]
    names = [look.term(group, row) for row in rows.index.get_level_values(0)]
    months = [f"{month:%Y-%m}" for month in rows.index.get_level_values(1)]
    rows.insert(0, look.say("market.month"), months)
    rows.insert(0, look.say(f"{group}.heading"), names)
    return rows.reset_index(drop=True)


def _panel_lines(shares: pd.DataFrame, look: Look, axis: str) -> list[dict[str, Any]]:
    thick = list(shares)[:LABELLED]
    return [
        {
            "type": "scatter",
            "xaxis": f"x{axis}",
            "yaxis": f"y{axis}",
            "x": list(shares.index),
            "y": (shares[key] * 100).round(2).tolist(),
            "mode": "lines" if len(shares) > 1 else "markers",
            "name": look.name(str(key)),
            "line": {"color": look.theme.colour(str(key)), "width": 2 if key in thick else 1.2},
            "hovertemplate": f"%{{x|%Y-%m}} {look.name(str(key))} <b>%{{y:.1f}}%</b><extra></extra>",
        }
        for key in shares
    ]


def _panel_words(shares: pd.DataFrame, look: Look, name: str, axis: str, top: float) -> list[dict[str, Any]]:
    """Title of a panel and the names of its largest networks at the end of their lines."""
    head = {"x": 0, "y": 1, "xref": f"x{axis} domain", "yref": f"y{axis} domain", "yshift": 2}
    title = {**head, "xanchor": "left", "yanchor": "bottom", "text": f"<b>{name}</b>"}
    last = contested(shares).iloc[-1] * 100
    ends = spread(dict(last.nlargest(LABELLED)), top * 0.13)
    at = {"x": shares.index[-1], "xref": f"x{axis}", "yref": f"y{axis}", "xanchor": "left", "xshift": 4}
    font = {"size": 11, "color": look.theme.text}
    words = {key: dotted(look, key, f"<b>{last[key]:.0f}%</b> {look.name(key)}") for key in ends}
    return [title, *({**at, "font": font, "y": y, "text": words[key]} for key, y in ends.items())]


def _panels_finding(shares: pd.DataFrame, full: pd.DataFrame, look: Look, group: str) -> tuple[str, str]:
    """The largest gain of any network shown in any group in twelve months, and who of all leads now."""
    by_month = shares.swaplevel().sort_index(level=0, sort_remaining=False)
    months = by_month.index.levels[0]
    now = contested(by_month.loc[months[-1]])
    standing = full.xs(months[-1], level=1)
    alt = look.say("alt.panels", items=leading(standing, look, group))
    earlier = months[months <= months[-1] - TREND]
    since = earlier[-1] if len(earlier) else months[0]
    change = ((now - contested(by_month.loc[since])) * 100).stack()
    if since == months[-1] or change.dropna().empty or change.max() <= 0:
        return share_finding(by_month.loc[months[-1]], look, group, everyone=standing), alt
    where, key = change.idxmax()
    title = look.say(
        "finding.panels",
        name=look.name(str(key)),
        gain=f"{change.max():.1f}",
        where=look.term(group, where),
        since=look.month(since),
        share=percent(float(now.loc[where, key])),
    )
    return title, alt
