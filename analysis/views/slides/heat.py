"""Heat maps as native tables with shaded cells, or as squares where there are too many for a table."""

from typing import Any

import numpy as np

from analysis.views.look import Look
from analysis.views.slide import Ink
from analysis.views.slides import tables
from analysis.views.slides.colours import read, scaled
from analysis.views.slides.panels import Trace, listed, number, plain
from analysis.views.slides.scales import round_step
from analysis.views.slides.text import INCH, LINE, POINT, Box, Hand, describe, put, width
from analysis.views.slides.vectors import Paint, group, square
from analysis.views.theme import ink_on

MOST_COLUMNS, MOST_ROWS = 26, 26
"""Of a table; a larger one is drawn in squares."""
SIZE = 11.0
KEY = 0.35
"""Inches for what the colours mean."""


def draw(figure: Trace, shapes: Any, box: Box, look: Look, ink: Ink, *, alt: str) -> tuple[Any, ...]:
    """Draw the heat map of a figure; the shapes."""
    heat = next(trace for trace in figure["data"] if trace.get("type") == "heatmap")
    words = [trace for trace in figure["data"] if trace.get("type") == "scatter"]
    layout = figure.get("layout", {})
    columns, rows = (_order(heat, axis, layout.get(f"{axis}axis") or {}) for axis in "xy")
    texts = _texts(heat, words)
    limits = _limits(heat)
    if len(columns) <= MOST_COLUMNS and len(rows) <= MOST_ROWS and (texts or len(columns) * len(rows) <= 400):
        return (_table(heat, columns, rows, texts, limits, shapes, box, look, ink, alt),)
    return _squares(heat, columns, rows, limits, shapes, box, look, ink, alt)


def _order(heat: Trace, axis: str, given: Trace) -> list[tuple[int, str]]:
    """Columns from the left or rows from above: which of the heat map each is, and its name."""
    values = listed(heat.get(axis))
    ticks = dict(zip(map(str, listed(given.get("tickvals"))), listed(given.get("ticktext")), strict=False))
    found = [(at, str(ticks.get(str(value), value)).lstrip("● ")) for at, value in enumerate(values)]
    ends = [number(end) for end in listed(given.get("range"))]
    backward = len(ends) == 2 and ends[0] is not None and ends[1] is not None and ends[0] > ends[1]
    turned = given.get("autorange") == "reversed" or backward
    return found if (axis == "x") is not turned else found[::-1]


def _limits(heat: Trace) -> tuple[float, float]:
    known = [v for row in heat["z"] for one in listed(row) if (v := number(one)) is not None]
    low, high = number(heat.get("zmin")), number(heat.get("zmax"))
    return min(known, default=0.0) if low is None else low, max(known, default=1.0) if high is None else high


def _texts(heat: Trace, words: list[Trace]) -> dict[tuple[int, int], str]:
    """Words of the cells, by row and column."""
    given = heat.get("text")
    found: dict[tuple[int, int], str] = {}
    for row, line in enumerate(listed(given) if isinstance(given, list) else []):
        found |= {(row, column): str(text) for column, text in enumerate(listed(line)) if text is not None}
    across = {str(value): at for at, value in enumerate(listed(heat.get("x")))}
    down = {str(value): at for at, value in enumerate(listed(heat.get("y")))}
    for trace in words:
        for x, y, text in zip(listed(trace.get("x")), listed(trace.get("y")), listed(trace.get("text")), strict=False):
            if str(x) in across and str(y) in down and text:
                found[down[str(y)], across[str(x)]] = str(text)
    return found


def _table(
    heat: Trace,
    columns: list[tuple[int, str]],
    rows: list[tuple[int, str]],
    texts: dict[tuple[int, int], str],
    limits: tuple[float, float],
    shapes: Any,
    box: Box,
    look: Look,
    ink: Ink,
    alt: str,
) -> Any:
    """A table whose cells have the colours of the screen."""
    written, shades = [], []
    for row, name in rows:
        values = [number(heat["z"][row][column]) for column, _ in columns]
        colours = scaled(values, heat["colorscale"], *limits)
        said = [
            texts.get((row, column), "") if texts else _short(v) for (column, _), v in zip(columns, values, strict=True)
        ]
        written.append((name, *said))
        shades.append((None, *(_shade(one) for one in colours)))
    right = (False, *(True for _ in columns))
    cells = tables.Cells(("", *(name for _, name in columns)), tuple(written), right, tuple(shades))
    return tables.table(shapes, box, cells, look, ink, alt=alt)


def _shade(colour: str | None) -> tables.Shade | None:
    if colour is None or read(colour)[1] == 0:
        return None
    return tables.Shade(read(colour)[0], ink_on(f"#{read(colour)[0].lower()}").lstrip("#").upper())


def _short(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:,.1f}"


def _squares(
    heat: Trace,
    columns: list[tuple[int, str]],
    rows: list[tuple[int, str]],
    limits: tuple[float, float],
    shapes: Any,
    box: Box,
    look: Look,
    ink: Ink,
    alt: str,
) -> tuple[Any, ...]:
    """A square for each value, in one group; names of rows and of some columns beside it, the colours above."""
    left, top, wide, high = box
    size = min(SIZE, (high - KEY * INCH) / (len(rows) + 1) / POINT / LINE)
    names = round(max(width(name, size) for _, name in rows) * 1.08 + 6) * POINT
    foot, head = round(size * LINE * 1.3 * POINT), round(KEY * INCH) if heat.get("showscale", True) else 0
    across, down = (wide - names) / len(columns), (high - foot - head) / len(rows)
    parts = []
    for at, (row, name) in enumerate(rows):
        values = [number(heat["z"][row][column]) for column, _ in columns]
        for place, (colour, value) in enumerate(zip(scaled(values, heat["colorscale"], *limits), values, strict=True)):
            if colour is not None:
                x0, y0 = left + names + place * across, top + head + at * down
                spot = round(x0), round(y0), round(x0 + across) - round(x0), round(down * 0.92)
                parts.append(square(spot, Paint(fill=colour), name=f"{name} {columns[place][1]}: {_short(value)}"))
    found = [group(shapes, parts, name=plain(alt)[:60], alt=alt)]
    hand = Hand(ink, look.lang, size, ink.text)
    for at, (_, name) in enumerate(rows):
        found.append(
            put(shapes, (left, round(top + head + at * down), names, round(down)), name, hand, anchor="middle")
        )
    quiet = Hand(ink, look.lang, size, ink.muted)
    for place in _told(columns, (wide - names) / POINT, size):
        spot = round(left + names + place * across), top + high - foot, round(8 * size * POINT), foot
        put(shapes, spot, _year(columns[place][1]), quiet, anchor="bottom")
    if head:
        _key(heat, limits, shapes, (left + names, top, round(2.4 * INCH), head), quiet)
    for shape in found[1:]:
        describe(shape, "")
    return tuple(found)


def _told(columns: list[tuple[int, str]], room: float, size: float) -> list[int]:
    """Columns that are named: the first of each year, or round ones."""
    months = [at for at, (_, name) in enumerate(columns) if name[4:7] in ("-01", "-1")]
    if months and room / len(months) > size * 3:
        return months
    step = max(round(round_step(0, len(columns), max(int(room / (size * 5)), 1))), 1)
    return list(range(0, len(columns), step))


def _year(name: str) -> str:
    return name[:4] if name[4:8] == "-01-" else name


def _key(heat: Trace, limits: tuple[float, float], shapes: Any, box: Box, hand: Hand) -> None:
    """What the colours mean: a strip from the lowest to the highest value."""
    left, top, wide, _ = box
    bar = round(hand.size * POINT)
    steps = np.linspace(*limits, 12)
    colours = scaled(steps.tolist(), heat["colorscale"], *limits)
    parts = [
        square(
            (round(left + wide * 0.2 + at * wide * 0.05), top, round(wide * 0.05) + 1, bar),
            Paint(fill=str(colour)),
            name="key",
        )
        for at, colour in enumerate(colours)
    ]
    group(shapes, parts, name="key", alt="")
    ends = ((_short(limits[0]), 0.0, "right"), (_short(limits[1]), 0.82, "left"))
    for text, at, align in ends:
        words = Hand(hand.ink, hand.lang, hand.size, hand.colour, align="right" if align == "right" else "left")
        put(shapes, (round(left + wide * at), top, round(wide * 0.18), bar), text, words, anchor="middle")
