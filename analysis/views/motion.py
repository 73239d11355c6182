"""100 % bars and a league that rank themselves month by month, under one Play button."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analysis.market import round_to_total
from analysis.summary import by_size, contested, row_shares
from analysis.views.base import quiet
from analysis.views.charts import LEAST_LABELLED, leading
from analysis.views.look import Look, View, percent
from analysis.views.standing import history_table
from data.grade import Grade

FRAMES = 36
"""Most pictures in one film; a longer history is shown in steps of two, three... months that end with the last."""
FRAME_MS = 450
"""Milliseconds a picture stays."""

Floats = npt.NDArray[np.float64]


def ranked_bars(
    history: pd.DataFrame,
    look: Look,
    *,
    group: str,
    caption: str,
    grade: Grade,
    everyone: pd.DataFrame | None = None,
) -> View:
    """Bars of 100 % by group, the largest network first in each, and the networks of all groups ranked beside them.

    `history` has index (group, month) and a column per network. The picture starts at the last month; Play and the
    slider go through the months. `everyone` has all networks where `history` has only some: ranks are read from it.
    """
    volumes = by_size(history[history.sum(axis=1) > 0])
    groups = list(dict.fromkeys(volumes.index.get_level_values(0)))
    months = volumes.index.get_level_values(1).unique().sort_values()
    step = -(-len(months) // FRAMES)
    months = months[::-1][::step][::-1]
    figure = make_subplots(1, 2, column_widths=[0.62, 0.38], horizontal_spacing=0.03)
    frames = [_frame(volumes, month, group, look) for month in months]
    figure.add_traces(
        [{**fixed, **moving} for fixed, moving in zip(_fixed(volumes, look), frames[-1]["data"], strict=True)]
    )
    figure.frames = frames if len(frames) > 1 else []
    quiet(figure, look, height=max(300, 44 * len(groups) + 106))
    figure.update_layout(barmode="overlay", bargap=0.24, margin={"b": 4})
    figure.update_xaxes(visible=False, range=[0, 100], col=1)
    names = [look.term(group, name) for name in groups]
    figure.update_yaxes(autorange="reversed", showgrid=False, ticksuffix="  ", dtick=1, categoryarray=names, col=1)
    total = row_shares(volumes.groupby(level=1).sum())
    players = contested(total)
    figure.update_xaxes(visible=False, range=[0, float(players.max().max()) * 145], col=2)
    figure.update_yaxes(visible=False, range=[players.shape[1] - 0.4, -0.6], col=2)
    if len(frames) > 1:
        _controls(figure, look)
    full = volumes if everyone is None else everyone.loc[volumes.index]
    alt = look.say("alt.film", items=leading(row_shares(full.xs(months[-1], level=1)), look, group))
    table = history_table(row_shares(volumes), look, group)
    title = climber(contested(row_shares(full.groupby(level=1).sum())), look, among=list(players))
    return View(figure, table, title, caption, alt, grade)


def ranked_edges(shares: Floats, last: int) -> Floats:
    """Left edge of each column's segment when every row is laid out largest first, the `last` columns at the end."""
    rank_by = -shares.copy()
    if last:
        rank_by[:, -last:] = 2 + np.arange(last)
    order = np.argsort(rank_by, axis=1, kind="stable")
    laid = np.take_along_axis(shares, order, axis=1)
    edges = np.empty_like(shares)
    np.put_along_axis(edges, order, laid.cumsum(axis=1) - laid, axis=1)
    return edges


def _frame(volumes: pd.DataFrame, month: pd.Timestamp, group: str, look: Look) -> dict[str, Any]:
    """What one month changes: the segments of a bar trace per network, then the league of all groups."""
    rows = volumes.xs(month, level=1)
    shares = row_shares(rows) * 100
    edges = ranked_edges(shares.to_numpy(), shares.shape[1] - contested(shares).shape[1])
    rounded = round_to_total(shares, total=100, decimals=0)
    labels = [look.term(group, name) for name in shares.index]
    segments = [
        {
            "type": "bar",
            "y": labels,
            "x": shares[key].round(2).tolist(),
            "base": edges[:, i].round(2).tolist(),
            "text": [f"{v:.0f}" if v >= LEAST_LABELLED else "" for v in rounded[key]],
        }
        for i, key in enumerate(shares)
    ]
    held = contested(row_shares(rows.sum().to_frame().T)).iloc[0].sort_values(ascending=False, kind="stable") * 100
    league = {
        "type": "bar",
        "xaxis": "x2",
        "x": held.round(2).tolist(),
        "text": [f"<b>{value:.1f}%</b> {look.name(str(key))}" for key, value in held.items()],
        "marker": {"color": [look.theme.colour(str(key)) for key in held.index]},
    }
    return {"name": look.month(month), "data": [*segments, league]}


def _fixed(volumes: pd.DataFrame, look: Look) -> list[dict[str, Any]]:
    """What no month changes of the same traces."""
    segments: list[dict[str, Any]] = [
        {
            "orientation": "h",
            "name": look.name(str(key)),
            "marker": {"color": look.theme.colour(str(key)), "line": {"color": look.theme.surface, "width": 1.2}},
            "textposition": "inside",
            "insidetextanchor": "middle",
            "textangle": 0,
            "constraintext": "none",
            "insidetextfont": {"color": look.theme.ink_on(str(key)), "size": 13},
            "hovertemplate": f"%{{y}} · {look.name(str(key))} <b>%{{value:.1f}}%</b><extra></extra>",
        }
        for key in volumes
    ]
    league = {
        "orientation": "h",
        "yaxis": "y2",
        "y": list(range(contested(volumes).shape[1])),
        "textposition": "outside",
        "cliponaxis": False,
        "textfont": {"color": look.theme.text, "size": 12},
        "hoverinfo": "skip",
    }
    return [*segments, league]


def _controls(figure: go.Figure, look: Look) -> None:
    """Play, pause and the slider of months, under the bars."""
    still = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}, "transition": {"duration": 0}}
    run = {**still, "frame": {"duration": FRAME_MS, "redraw": True}, "fromcurrent": True}
    names = [frame.name for frame in figure.frames]
    quiet_box = {
        "bgcolor": look.theme.surface,
        "bordercolor": look.theme.grid,
        "font": {"color": look.theme.text, "size": 12},
    }
    figure.update_layout(
        margin={"b": 96},
        updatemenus=[
            {
                **quiet_box,
                "type": "buttons",
                "direction": "right",
                "showactive": False,
                "x": 0,
                "xanchor": "left",
                "y": 0,
                "yanchor": "top",
                "pad": {"t": 20},
                "buttons": [
                    {"label": f"▶ {look.say('view.play')}", "method": "animate", "args": [names, run]},
                    {"label": f"❚❚ {look.say('view.pause')}", "method": "animate", "args": [[None], still]},
                ],
            }
        ],
        sliders=[
            {
                "active": len(names) - 1,
                "x": 0.2,
                "len": 0.77,
                "y": 0,
                "yanchor": "top",
                "pad": {"t": 8, "b": 0},
                "bgcolor": look.theme.grid,
                "bordercolor": look.theme.grid,
                "activebgcolor": look.theme.accent,
                "tickcolor": look.theme.muted,
                "ticklen": 4,
                "minorticklen": 2,
                "font": {"color": look.theme.muted, "size": 11},
                "currentvalue": {
                    "xanchor": "left",
                    "offset": 8,
                    "font": {"color": look.theme.text, "size": 15},
                },
                "steps": [{"label": name, "method": "animate", "args": [[name], still]} for name in names],
            }
        ],
    )


def climber(shares: pd.DataFrame, look: Look, *, among: Sequence[str] | None = None) -> str:
    """Network that gained most points since the first month, of those `among`, with its rank of all then and now."""
    first, last = shares.iloc[0], shares.iloc[-1]
    gains = last - first
    key = str((gains if among is None else gains.reindex(among)).idxmax())
    if len(shares) == 1 or last[key] <= first[key]:
        best = str(last.idxmax())
        return look.say("finding.holds", name=look.name(best), share=percent(float(last[best])))
    ranks = [int(row.rank(ascending=False, method="min")[key]) for row in (first, last)]
    now = {"name": look.name(key), "end": percent(float(last[key])), "after": ranks[1]}
    if not first[key]:
        return look.say("finding.entered", **now, since=look.month((shares[key] > 0).idxmax()))
    return look.say(
        "finding.climber",
        **now,
        before=ranks[0],
        start=percent(float(first[key])),
        since=look.month(shares.index[0]),
    )
