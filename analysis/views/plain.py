"""Charts as plain dicts dressed like `base.quiet`, so that one under a moving slider costs a millisecond, not ten."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.views.base import spread
from analysis.views.look import Look
from analysis.views.theme import fade

Floats = npt.NDArray[np.float64]
Trace = dict[str, Any]
CLEAR = "rgba(0,0,0,0)"
QUIET = {"fixedrange": True, "zeroline": False, "automargin": True}
DECIMALS = 4
"""Digits sent to the browser."""
GEO: dict[str, Any] = {
    "visible": False,
    "bgcolor": CLEAR,
    "lonaxis": {"range": [78.5, 131.5]},
    "lataxis": {"range": [18.2, 53.5]},
    "projection": {"type": "conic equal area", "parallels": [25, 47], "rotation": {"lon": 105}},
}
"""All of China on a conic map without borders of its own."""
MONTHS_A_TICK = ((7, 1), (16, 3), (40, 6), (80, 12))
"""Up to so many months on an axis, a tick every so many; beyond, one every two years."""


def figure(
    traces: Iterable[Trace],
    look: Look,
    *,
    height: int = 300,
    right: int = 0,
    x: Mapping[str, Any] | None = None,
    y: Mapping[str, Any] | None = None,
    **layout: Any,
) -> dict[str, Any]:
    """Figure with the margins, fonts and fixed axes of every chart; `x` and `y` are added to the axes."""
    return {
        "data": list(traces),
        "layout": {
            "height": height,
            "margin": {"l": 4, "r": right, "t": 6, "b": 4},
            "font": {"size": 13, "color": look.theme.text},
            "dragmode": False,
            "showlegend": False,
            "hoverlabel": {"font": {"size": 13}},
            "paper_bgcolor": CLEAR,
            "plot_bgcolor": CLEAR,
            "xaxis": {**axis(look), "showgrid": False, **(x or {})},
            "yaxis": {**axis(look), "gridcolor": look.theme.grid, "nticks": 6, **(y or {})},
            **layout,
        },
    }


def axis(look: Look) -> dict[str, Any]:
    """An axis that does not move under a finger, its labels in quiet ink."""
    return {**QUIET, "tickfont": {"color": look.theme.muted}}


def numbers(values: npt.ArrayLike) -> list[float | None]:
    """Numbers for the browser: few digits, None where missing."""
    found = np.round(np.asarray(values, dtype=np.float64), DECIMALS)
    return found.tolist() if np.isfinite(found).all() else [v if np.isfinite(v) else None for v in found.tolist()]


def line(x: Sequence[str], y: npt.ArrayLike, colour: str, *, hover: str = "", **style: Any) -> Trace:
    """Line of a series; without `hover` the pointer passes it by."""
    said = {"hovertemplate": f"{hover}<extra></extra>"} if hover else {"hoverinfo": "skip"}
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": numbers(y),
        "line": {"color": colour, "width": 2.4, **style},
        **said,
    }


def band(x: Sequence[str], low: npt.ArrayLike, high: npt.ArrayLike, colour: str, opacity: float) -> Trace:
    """Area between two lines."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [*x, *reversed(x)],
        "y": [*numbers(high), *reversed(numbers(low))],
        "fill": "toself",
        "fillcolor": fade(colour, opacity),
        "line": {"width": 0},
        "hoverinfo": "skip",
    }


def interval(low: npt.ArrayLike, high: npt.ArrayLike, labels: Sequence[str], colour: str, width: float) -> Trace:
    """Horizontal bars from `low` to `high`, one a label."""
    ends = np.stack([np.asarray(low, float), np.asarray(high, float), np.full(len(labels), np.nan)], axis=1)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": numbers(ends.ravel()),
        "y": [label for label in labels for _ in range(3)],
        "line": {"color": colour, "width": width},
        "hoverinfo": "skip",
    }


def note(look: Look, text: str, **at: Any) -> dict[str, Any]:
    """Words on a chart, without an arrow."""
    return {"text": text, "showarrow": False, "font": {"color": look.theme.text, "size": 12}, **at}


def at_right(look: Look, texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """A column of words right of rows named by their labels."""
    at = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 6}
    return [note(look, text, y=label, **at) for label, text in texts.items()]


def end_notes(look: Look, ends: Mapping[str, float], texts: Mapping[str, str], gap: float) -> list[dict[str, Any]]:
    """Name each network at the right end of its line: a dot in its colour, the words in ink."""
    at = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 6}
    return [
        note(look, f'<span style="color:{look.theme.colour(key)}">●</span> {texts[key]}', y=y, **at)
        for key, y in spread(ends, gap).items()
    ]


def rule(look: Look, *, x: float | str | None = None, y: float | None = None, dash: str = "solid") -> dict[str, Any]:
    """Thin line across the chart at `x` or at `y`."""
    at = {"x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper"}
    if x is None:
        at = {"x0": 0, "x1": 1, "xref": "paper", "y0": y, "y1": y}
    return {"type": "line", "layer": "below", "line": {"color": look.theme.muted, "width": 1, "dash": dash}, **at}


def dates(months: pd.DatetimeIndex) -> list[str]:
    """Months for a date axis."""
    return np.datetime_as_string(months.to_numpy(), unit="D").tolist()


def months_axis(months: int) -> dict[str, Any]:
    """Date axis with few ticks for so many months."""
    step = next((step for most, step in MONTHS_A_TICK if months <= most), 24)
    return {"type": "date", "dtick": f"M{step}", "tickformat": "%Y-%m", "hoverformat": "%Y-%m"}


def rows_axis() -> dict[str, Any]:
    """Vertical axis of rows, each named, the first on top."""
    return {"type": "category", "autorange": "reversed", "showgrid": False, "ticksuffix": "  ", "dtick": 1}


@dataclass(frozen=True, slots=True)
class Grid:
    """Columns of a frame indexed by month and network, each as (months, networks); missing rows are NaN."""

    months: pd.DatetimeIndex
    names: list[str]
    columns: Mapping[str, Floats]

    def of(self, column: str, name: str) -> Floats:
        """One network over time."""
        return self.columns[column][:, self.names.index(name)]


def grid(frame: pd.DataFrame) -> Grid:
    """`frame` has index (month, platform)."""
    index = frame.index
    assert isinstance(index, pd.MultiIndex)
    cells = np.full((frame.shape[1], *(len(level) for level in index.levels)), np.nan)
    cells[:, *index.codes] = frame.to_numpy(np.float64).T
    columns = dict(zip(map(str, frame.columns), cells, strict=True))
    return Grid(pd.DatetimeIndex(index.levels[0]), list(map(str, index.levels[1])), columns)
