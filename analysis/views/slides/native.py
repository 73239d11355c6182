"""Figures as native, editable charts: panels placed in a box, their words and rules where the figure has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.views.look import Look
from analysis.views.slide import Ink
from analysis.views.slides import columns, heat, known, parts, points, rows, tiles, written
from analysis.views.slides.marks import Words
from analysis.views.slides.panels import Panel, panels
from analysis.views.slides.read_bars import PIXEL
from analysis.views.slides.spec import Chart
from analysis.views.slides.stage import labelled, stage
from analysis.views.slides.text import POINT, Box, describe

LARGE, SMALL, TINY = 12.0, 10.0, 7.5
"""Points of the words in a chart, in one of several panels or many rows, and at least."""
ROOMY = 1.15
"""How much larger words may be than on a screen of the same height."""
CROWDED = 14
"""Rows from which words are small."""
DRAWN = ("bar", "scatter", "waterfall", "heatmap")
LOST = {"band": "no_band", "steps": "steps_slope", "notes": "no_notes", "fixed": "fixed_words"}


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn.

    Attributes
    ----------
    shapes : tuple
        Charts, tables, and groups of words and rules.
    notes : tuple of str
        What of the figure is not in them, in sentences.
    """

    shapes: tuple[Any, ...]
    notes: tuple[str, ...] = ()


def native(figure: Mapping[str, Any], shapes: Any, box: Box, look: Look, ink: Ink, *, alt: str) -> Drawn | None:
    """Draw a figure in lists as native charts or a table.

    Parameters
    ----------
    figure : mapping
        Plotly's data and layout in plain lists.
    shapes
        Of a slide.
    box : tuple of int
        Left, top, width, height; EMU.
    alt : str
        What stands for the chart.

    Returns
    -------
    Drawn or None
        None for what is no chart in PowerPoint: maps, flows, and axes that lie over each other. Then nothing is drawn.
    """
    kinds = {trace.get("type", "scatter") for trace in figure["data"]}
    found = panels(figure)
    if not found or not kinds <= set(DRAWN) or tiles.are(figure) or not known.all_known(figure, found):
        return None
    if "heatmap" in kinds:
        return Drawn(heat.draw(figure, shapes, box, look, ink, alt=alt)) if len(found) == 1 else None
    room = box[2] / POINT
    made: list[tuple[Panel, Chart]] = []
    lost: list[str] = []
    for panel in found:
        one = _chart(panel, room * (panel.place[2] - panel.place[0]))
        if one is None:
            return None
        made.append((panel, known.above_zero(one[0])))
        lost += one[1]
    return _draw(figure, shapes, box, made, lost, look, ink, alt)


def _chart(panel: Panel, room: float) -> tuple[Chart, tuple[str, ...]] | None:
    """The chart of a panel, and what it lacks (keys of sentences)."""
    kinds = {trace.get("type", "scatter") for trace in panel.traces}
    lying = any(trace.get("type") == "bar" and trace.get("orientation") == "h" for trace in panel.traces)
    if lying:
        laid = rows.lying(panel)
        return None if laid is None else (laid, ())
    if panel.kind("y") == "category":
        return points.draw(panel, room)
    filled = any(trace.get("fill") or trace.get("stackgroup") for trace in panel.traces)
    if kinds & {"bar", "waterfall"} or filled or panel.kind("x") in ("date", "category"):
        found = columns.draw(panel, room)
        if found is not None:
            return found
    return points.draw(panel, room)


def _draw(
    figure: Mapping[str, Any],
    shapes: Any,
    box: Box,
    made: Sequence[tuple[Panel, Chart]],
    lost: Sequence[str],
    look: Look,
    ink: Ink,
    alt: str,
) -> Drawn:
    """Rectangles and rules below the charts, the charts, and the notes above them."""
    crowded = len(made) > 1 or any(chart.lying and len(chart.categories) > CROWDED for _, chart in made)
    shrunk = (
        LARGE
        * box[3]
        / POINT
        / PIXEL
        / float(figure["layout"].get("height") or 1.0)
        * (ROOMY if len(made) == 1 else 1.0)
    )
    size = max(min(SMALL if crowded else LARGE, shrunk), TINY)
    words = Words(ink, look.lang)
    where = stage(figure, made, box, size)
    named, used = [], []
    for panel, chart in made:
        told, ends = labelled(chart, panel, figure, where)
        named.append((panel, known.named(told, panel, look)))
        used += ends
    drawn = list(written.rules(figure, named, where, shapes, below=True))
    for panel, chart in named:
        placed = where.placed(panel, chart)
        frame = parts.add(shapes, where.frame(panel, placed), placed, words, size)
        describe(frame, alt)
        drawn.append(frame)
    drawn += written.rules(figure, named, where, shapes, below=False)
    said, missing = written.words(figure, named, where, shapes, words, used)
    fixed = any(known.fixed(chart) for _, chart in named) or any(map(known.counted, said))
    notes = dict.fromkeys([*lost, *(["notes"] if missing else []), *(["fixed"] if fixed else [])])
    return Drawn((*drawn, *said), tuple(look.say(f"slides.{LOST[key]}") for key in notes))
