"""Heat tables: numbers in cells, coloured so that the large ones are seen first."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.views.base import quiet
from analysis.views.look import Look
from analysis.views.standing import ink

FALL = {"light": ("#8f3d10", "#d98a55"), "dark": ("#f2a065", "#8a4a1f")}
"""Dark and pale ends of a fall; a rise takes the accent colour."""
ROW = 34
"""Pixels of a row."""


def steps(colours: Sequence[str]) -> list[list[Any]]:
    """Plotly colour scale of evenly spaced colours."""
    return [[i / (len(colours) - 1), colour] for i, colour in enumerate(colours)]


def two_sided(look: Look) -> list[list[Any]]:
    """Falls in orange, rises in blue, nothing in the colour of the page."""
    return steps(_both_ways(look))


def _both_ways(look: Look) -> tuple[str, ...]:
    strong, pale = FALL[look.theme.mode]
    return strong, pale, look.theme.surface, look.theme.sequential[1], look.theme.sequential[3]


def table(
    values: pd.DataFrame,
    look: Look,
    *,
    text: pd.DataFrame | None = None,
    hover: str,
    limit: float | None = None,
    both_ways: bool = False,
    row: int = ROW,
    size: int = 13,
) -> go.Figure:
    """Heat table of `values` with its own row and column labels.

    Parameters
    ----------
    values : pandas.DataFrame
        What the colour shows; missing cells stay empty.
    text : pandas.DataFrame, optional
        What each cell says, shaped as `values`; nothing by default.
    hover : str
        Plotly template; %{x}, %{y}, %{z}.
    limit : float, optional
        Value of the strongest colour; the largest by default.
    both_ways : bool
        Colours on both sides of zero.
    """
    found, colours = values.to_numpy(np.float64), _both_ways(look) if both_ways else look.theme.sequential
    top = limit or (float(np.nanmax(np.abs(found))) if np.isfinite(found).any() else 1.0) or 1.0
    low = -top if both_ways else 0.0
    figure = go.Figure(
        go.Heatmap(
            z=found,
            x=list(values.columns),
            y=list(values.index),
            zmin=low,
            zmax=top,
            colorscale=steps(colours),
            showscale=False,
            xgap=2,
            ygap=2,
            text=None if text is None else text.to_numpy(),
            hovertemplate=hover + "<extra></extra>",
            hoverongaps=False,
        )
    )
    quiet(figure, look, height=row * len(values) + 34)
    axis = {"fixedrange": True, "showgrid": False, "zeroline": False, "automargin": True, "type": "category"}
    font = {"color": look.theme.text, "size": 12}
    figure.update_xaxes(**axis, side="top", tickfont=font, tickangle=0, ticklabelstandoff=2)
    figure.update_yaxes(**axis, autorange="reversed", tickfont=font, ticksuffix="  ")
    if text is not None:
        places = np.clip(np.nan_to_num((found - low) / (top - low)), 0.0, 1.0).ravel()
        _write(figure, values, text.to_numpy(), [ink(colours, place) for place in places], size)
    return figure


def _write(figure: go.Figure, values: pd.DataFrame, text: Any, inks: Sequence[str], size: int) -> None:
    """Words in the cells, each in the ink that reads best on its colour; missing cells stay empty."""
    rows, columns = values.shape
    figure.add_scatter(
        x=list(values.columns) * rows,
        y=[label for label in values.index for _ in range(columns)],
        mode="text",
        text=np.where(values.notna().to_numpy(), text, "").ravel().tolist(),
        textfont={"size": size, "color": list(inks)},
        cliponaxis=False,
        hoverinfo="skip",
    )
    figure.update_xaxes(range=[-0.5, columns - 0.5])
    figure.update_yaxes(range=[rows - 0.5, -0.5], autorange=False)
