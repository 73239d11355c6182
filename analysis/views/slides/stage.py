"""Where things stand in the box of a chart: room for words around the plot, panels in it, and values in panels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from analysis.views.slides.panels import Panel, Trace, listed, number, runs
from analysis.views.slides.read_bars import PIXEL
from analysis.views.slides.spec import Chart, Label
from analysis.views.slides.text import LINE, POINT, Box, width

DOT = "●"
GAP = 8.0
"""Points between words and the plot."""
WIDEST = 0.42
"""Part of the box that names of rows or words at the right may take."""
HALF, PLOT = 0.5, 0.75
"""Parts of a plot, and about what of the box a plot takes."""
KEY, LEGEND = 44.0, 0.6
"""Points of the sign of a legend's entry, and the part of the width that entries fill before they break."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A box and the plot in it (EMU), the points of its words, and whether it holds one panel alone."""

    box: Box
    plot: Box
    size: float
    alone: bool

    def inner(self, panel: Panel) -> tuple[float, float, float, float]:
        """Left, top, width and height of a panel's plot, EMU."""
        left, top, wide, high = self.plot
        x0, y0, x1, y1 = panel.place
        return left + x0 * wide, top + (1 - y1) * high, (x1 - x0) * wide, (y1 - y0) * high

    def frame(self, panel: Panel, chart: Chart) -> Box:
        """Box of a panel's chart: all of it for one alone, else its plot with room for its own words."""
        if self.alone:
            return self.box
        left, top, wide, high = self.inner(panel)
        room = side(chart, self.size) * POINT
        line = self.size * LINE * POINT
        x0, y0 = max(left - room, self.box[0]), max(top - line * HALF, self.box[1])
        x1 = min(left + wide + 3 * line, self.box[0] + self.box[2])
        y1 = min(top + high + 2.4 * line, self.box[1] + self.box[3])
        return round(x0), round(y0), round(x1 - x0), round(y1 - y0)

    def placed(self, panel: Panel, chart: Chart) -> Chart:
        """The chart with its plot where the stage has it."""
        left, top, wide, high = self.inner(panel)
        x, y, w, h = self.frame(panel, chart)
        inner = (left - x) / w, (top - y) / h, wide / w, high / h
        return replace(chart, inner=inner, legend=chart.legend and self.alone)


def side(chart: Chart, size: float) -> float:
    """Points left of a plot for the words of its upright axis."""
    if chart.lying:
        texts = (
            [" ".join(one) if isinstance(one, tuple) else str(one) for one in chart.categories]
            if not chart.x.hidden
            else []
        )
    else:
        texts = [] if chart.y.hidden and not chart.ticks else list(chart.ticks)
        texts = texts if chart.series[0].kind == "xy" or not chart.y.hidden else []
    title = size * LINE * 1.2 if not chart.lying and chart.y.title and not chart.y.hidden else 0.0
    return max((width(text, size) for text in texts), default=0.0) + (GAP if texts else 0.0) + title


def stage(figure: Trace, made: Sequence[tuple[Panel, Chart]], box: Box, size: float) -> Stage:
    """The plot within the box, with room for the words around it."""
    layout = figure.get("layout", {})
    left, top, wide, high = box
    line = size * LINE
    edge = min(panel.place[0] for panel, _ in made)
    names = max((side(chart, size) for panel, chart in made if panel.place[0] <= edge + 0.01), default=0.0)
    west = min(names, wide / POINT * WIDEST) + 2
    notes = [
        note for note in listed(layout.get("annotations")) if note.get("visible") is not False and note.get("text")
    ]
    east = min(
        max((_beyond(note, made, size, wide / POINT * PLOT) for note in notes), default=0.0) + 14, wide / POINT * WIDEST
    )
    north = max((_above(note, size) for note in notes), default=0.0) + line * HALF
    if (len(made) == 1 and made[0][1].legend) or legends(made):
        north += line * (0.5 + _lines_of_legend(made, size, wide / POINT))
    foot = [chart for panel, chart in made if panel.place[1] <= 0.02]
    south = max((_foot(chart, line, wide / POINT) for chart in foot), default=0.0) + 4
    plot = (
        round(left + west * POINT),
        round(top + north * POINT),
        round(wide - (west + east) * POINT),
        round(high - (north + south) * POINT),
    )
    return Stage(box, plot, size, len(made) == 1)


def _lines_of_legend(made: Sequence[tuple[Panel, Chart]], size: float, room: float) -> int:
    """Lines that a legend takes."""
    names = [one.name for one in made[0][1].series if one.legend] if len(made) == 1 else []
    needed = sum(width(name, size) + KEY for name in names)
    return max(-(-int(needed) // int(room * LEGEND)), 1)


def legends(made: Sequence[tuple[Panel, Chart]]) -> list[tuple[str, str]]:
    """Names and colours that several panels share; empty for one panel, which has a legend of its own."""
    if len(made) == 1 or not made[0][0].layout.get("showlegend"):
        return []
    found: dict[str, str] = {}
    for _, chart in made:
        for one in chart.series:
            colour = one.fill or (one.pen.colour if one.pen else one.marker.fill if one.marker else "")
            if one.legend and one.name and colour:
                found.setdefault(one.name, colour)
    return list(found.items())


def _foot(chart: Chart, line: float, wide: float) -> float:
    """Points below a plot for the words of its level axis."""
    level = chart.y if chart.lying else chart.x
    if level.hidden:
        return 0.0
    texts = [str(one) for one in chart.categories] if not chart.lying and level.kind == "category" else []
    room = wide * 0.9 / max(len(texts), 1)
    deep = max((min(-(-width(text, line / LINE) // room), 4) for text in texts), default=1) if len(texts) < 30 else 1
    return line * (deep + 0.5) + (line * 1.2 if level.title else 0.0)


def _beyond(note: Trace, made: Sequence[tuple[Panel, Chart]], size: float, room: float) -> float:
    """Points right of a plot, itself so many points wide, that a note takes."""
    part = _across(note, made)
    if part is None or not -HALF < part < 1 + HALF:
        return 0.0
    begins = {"left": 0.0, "right": 1.0}.get(str(note.get("xanchor")), HALF)
    wide = max(width(one, size) for one in broken(note["text"])) * 1.06
    return max(wide * (1 - begins) + (number(note.get("xshift")) or 0) * PIXEL - (1 - part) * room, 0.0)


def _across(note: Trace, made: Sequence[tuple[Panel, Chart]]) -> float | None:
    """Where a note is between the left and the right end of all panels."""
    ref, x = str(note.get("xref") or "x"), note.get("x")
    if ref == "paper":
        return number(x)
    panel, chart = next(((p, c) for p, c in made if p.x == ref.split(" ")[0]), made[0])
    part = number(x) if ref.endswith("domain") else chart.at_x(x)
    return None if part is None else panel.place[0] + part * (panel.place[2] - panel.place[0])


def _above(note: Trace, size: float) -> float:
    """Points above the plot that a note takes."""
    if (
        not str(note.get("yref")).startswith("paper")
        or (number(note.get("y")) or 0) < 0.99
        or note.get("yanchor") != "bottom"
    ):
        return 0.0
    return len(broken(note["text"])) * size * LINE


def broken(text: Any) -> list[str]:
    """Lines of a note."""
    return "".join(run.text for run in runs(str(text))).split("\n")


def ends(figure: Trace, panel: Panel) -> list[Trace]:
    """Notes that name a series at the end of its line: a dot in its colour, right of the plot."""
    found = []
    for note in listed(figure.get("layout", {}).get("annotations")):
        ours = str(note.get("yref") or "y") == panel.y and note.get("xref") in ("paper", f"{panel.x} domain")
        if ours and DOT in str(note.get("text")) and (number(note.get("x")) or 0) >= panel.place[2] - 0.02:
            found.append(note)
    return found


def labelled(chart: Chart, panel: Panel, figure: Trace, where: Stage) -> tuple[Chart, list[Trace]]:
    """The chart with notes that name its lines as labels of their last points, and the notes so used."""
    series, used = list(chart.series), []
    (_, _, w, h), (_, _, wide, high) = where.frame(panel, chart), where.inner(panel)
    for note in ends(figure, panel):
        words = runs(str(note["text"]))
        colour = next((run.colour for run in words if DOT in run.text), "")
        place = chart.at_y(note.get("y"))
        at = _last(series, colour, number(note.get("y")))
        if at is None or place is None:
            continue
        index = max(i for i, value in enumerate(series[at].values) if value is not None)
        here = chart.at_y(series[at].values[index])
        across = chart.at_x(series[at].xs[index] if series[at].xs else _key(chart, index))
        if here is None or across is None:
            continue
        label = Label(words, "r", ((1 - across) * wide) / w, (here - place) * high / h)
        name = series[at].name or words[-1].text.strip()
        series[at] = replace(series[at], name=name, labels={**series[at].labels, index: label})
        used.append(note)
    return replace(chart, series=tuple(series)), used


def _key(chart: Chart, index: int) -> Any:
    return chart.categories[index] if chart.x.kind == "date" or not isinstance(chart.categories[index], str) else index


def _last(series: Sequence[Any], colour: str, value: float | None) -> int | None:
    """The line in this colour that ends nearest to a value and has no name yet."""
    found = []
    for at, one in enumerate(series):
        ours = one.pen is not None and one.pen.colour == colour and one.kind in ("line", "xy")
        last = next((v for v in reversed(one.values) if v is not None), None)
        if ours and last is not None and value is not None:
            found.append((bool(one.labels), one.pen.dash != "solid", abs(last - value), at))
    return None if not found or min(found)[0] else min(found)[3]
