"""A native chart before it is written: series, scales and where they stand in their frame."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NamedTuple

Kind = Literal["bar", "area", "line", "xy"]
Category = str | float | date | tuple[str, str]


class Run(NamedTuple):
    """Words in one colour (CSS, or empty for ink) and weight."""

    text: str
    colour: str = ""
    bold: bool = False


class Pen(NamedTuple):
    """A line: CSS colour, points, and Plotly's name of its dashes."""

    colour: str
    width: float = 1.0
    dash: str = "solid"


class Marker(NamedTuple):
    """A point: PowerPoint's symbol, points across, CSS colours."""

    symbol: str
    size: float
    fill: str
    edge: str = ""


class Label(NamedTuple):
    """Words at a point: where (PowerPoint's `dLblPos`), and how far off that, in parts of the frame.

    With an Excel format it is the value so written, which follows an edit, in the dress of its one run; no runs and no
    format is no label.
    """

    runs: tuple[Run, ...]
    place: str
    dx: float = 0.0
    dy: float = 0.0
    format: str = ""


class Written(NamedTuple):
    """Values written at all points of a series: Excel's number format, `dLblPos`, CSS colour."""

    format: str
    place: str
    colour: str = ""


class Error(NamedTuple):
    """Bars of error: lengths to either side of each point, along "x" or "y"."""

    plus: Sequence[float]
    minus: Sequence[float]
    pen: Pen
    along: Literal["x", "y"]
    cap: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """One series.

    Attributes
    ----------
    xs : sequence
        Of an XY chart only; None leaves a gap.
    fill : str
        CSS colour of bars and areas; empty for none.
    fills, hatched, edges : sequence
        The same for each point, the shapes (Plotly's) of those that are hatched, and their outlines. The one shape of
        an area is that of all of it.
    markers : mapping
        Points that look otherwise than `marker`.
    role : str
        What a series without a name is for: "start" of bars, "words" beyond them, "rows", "span" of an interval.
    second : bool
        On hidden axes of its own with the same scales, behind which nothing is stacked.
    """

    name: str
    values: Sequence[float | None]
    kind: Kind
    xs: Sequence[float | None] = ()
    fill: str = ""
    fills: Sequence[str] = ()
    hatched: Sequence[str] = ()
    edge: str = ""
    edges: Sequence[str] = ()
    pen: Pen | None = None
    marker: Marker | None = None
    markers: Mapping[int, Marker] = field(default_factory=dict)
    labels: Mapping[int, Label] = field(default_factory=dict)
    written: Written | None = None
    error: Error | None = None
    second: bool = False
    legend: bool = False
    role: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """One axis.

    Attributes
    ----------
    kind : str
        "value", "category" or "date".
    low, high, step : float
        Of values; step 0 leaves it to the program. A date axis counts its step in `unit`.
    format : str
        Excel's number format of the ticks.
    hidden, unlabelled, grid, reverse, log : bool
    """

    kind: Literal["value", "category", "date"]
    low: float = 0.0
    high: float = 1.0
    step: float = 0.0
    format: str = "General"
    title: str = ""
    unit: str = "months"
    hidden: bool = False
    unlabelled: bool = False
    grid: bool = False
    reverse: bool = False
    log: bool = False
    zero: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart and its scales; `x` is the axis of categories wherever there are any, even when bars lie.

    Attributes
    ----------
    at_x, at_y : callable
        Part (0-1) of the plot, from left and from below, where a value of the figure's axis is; None for nowhere.
    ticks : tuple of str
        Names of the ticks of axes, for the room that they take.
    inner : tuple of float
        Left, top, width and height of the plot in parts of the frame.
    """

    series: tuple[Series, ...]
    categories: tuple[Category, ...]
    x: Scale
    y: Scale
    at_x: Callable[[Any], float | None]
    at_y: Callable[[Any], float | None]
    ticks: tuple[str, ...] = ()
    lying: bool = False
    stacked: bool = False
    between: bool = True
    gap: int = 40
    overlaid: bool = False
    origin: float = 0.0
    inner: tuple[float, float, float, float] = (0.1, 0.1, 0.8, 0.8)
    legend: bool = False
