"""What every chart shares: quiet axes, no mode bar, direct labels."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from analysis.views.look import Look

CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "displayModeBar": False,
    "responsive": True,
    "scrollZoom": False,
    "topojsonURL": "app/static/topojson/",
}
"""Plotly options for every chart; the topology is a local stub, so that no map asks the internet for one."""

TICKS = 5
"""Most steps on a vertical axis."""
LABEL_GAP = 0.055
"""Least distance of two direct labels, as a share of the axis."""


def quiet(figure: go.Figure, look: Look, *, height: int = 300, right: int = 0) -> go.Figure:
    """Margins, fonts and fixed axes, so that a finger scrolls the page and not the chart."""
    axis = {"fixedrange": True, "zeroline": False, "tickfont": {"color": look.theme.muted}, "automargin": True}
    flat = any(trace.type in ("bar", "scatter") for trace in figure.data)
    axes = {"xaxis": {**axis, "showgrid": False}, "yaxis": {**axis, "gridcolor": look.theme.grid, "nticks": 6}}
    figure.update_layout(
        height=height,
        margin={"l": 4, "r": right, "t": 6, "b": 4},
        font={"size": 13, "color": look.theme.text},
        dragmode=False,
        showlegend=False,
        hoverlabel={"font": {"size": 13}},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        **(axes if flat else {}),
    )
    return figure


def annotate(figure: go.Figure, look: Look, notes: Iterable[dict[str, Any]]) -> None:
    """Add words to a chart all at once (one at a time, each would copy those before it)."""
    ink = {"color": look.theme.text, "size": 12}
    added = [{"showarrow": False, "font": ink, **note} for note in notes]
    figure.layout.annotations = (*figure.layout.annotations, *added)


def count_axis(figure: go.Figure, look: Look, top: float) -> None:
    """Vertical axis from zero to `top` with round ticks in the words of the language: 5 bn or 50亿."""
    step = 10 ** np.floor(np.log10(top / 4))
    step = next(step * m for m in (1, 2, 2.5, 5, 10) if top / (step * m) <= TICKS)
    ticks = np.arange(0, top * (1 + 1e-9), step)
    figure.update_yaxes(range=[0, top], tickvals=ticks, ticktext=[look.short(t) for t in ticks])


def spread(ends: Mapping[str, float], gap: float) -> dict[str, float]:
    """Positions of labels, pushed apart to at least `gap`, around the values they name."""
    placed: dict[str, float] = {}
    last = float("-inf")
    for key, value in sorted(ends.items(), key=lambda item: item[1]):
        last = max(value, last + gap)
        placed[key] = last
    return placed


def end_labels(figure: go.Figure, look: Look, ends: Mapping[str, float], texts: Mapping[str, str], gap: float) -> None:
    """Name each series at the right end of its line: a dot in its colour, the words in ink."""
    place = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 6}
    dots = {key: f'<span style="color:{look.theme.colour(key)}">●</span>' for key in ends}
    notes = ({**place, "y": y, "text": f"{dots[key]} {texts[key]}"} for key, y in spread(ends, gap).items())
    annotate(figure, look, notes)
