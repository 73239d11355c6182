"""Native tables: numbers as on screen, right-aligned, readable from the back of a room."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from analysis.views.look import Look
from analysis.views.report.cells import right, written
from analysis.views.slide import Ink
from analysis.views.slides.colours import read
from analysis.views.slides.fits import fit
from analysis.views.slides.panels import runs
from analysis.views.slides.spec import Run
from analysis.views.slides.text import POINT, Box, Hand, clean, describe, dress, unmarked

ROWS, COLUMNS = 14, 8
"""Most that are readable on one slide."""
CONTINUED = 3
"""Slides that a table may take; a longer one shows its first rows and says how many more there are."""
PAD, TIGHT = 8, 3
"""Points left and right of the words of a cell: of a table, and of one with coloured cells."""
_PLAIN_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
_PARTED = re.compile(r"(?<=[\u2e80-\uffef]) (?=[\u2e80-\uffef])")
_DRESS = re.compile(r"</?(?:b|strong|span)\b[^>]*>|<br\s*/?>")
_SCHEMA = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'


@dataclass(frozen=True, slots=True)
class Shade:
    """Colours of a cell, hex without "#"."""

    fill: str
    ink: str


@dataclass(frozen=True, slots=True)
class Cells:
    """A table as it is written.

    Words may be dressed as those of a figure are: `<b>`, `<br>` and `<span style="color:...">` come out as bold words,
    lines of their own (in the rows) and colours.

    Attributes
    ----------
    header : tuple of str
    rows : tuple of tuple of str
        Each as long as the header.
    right : tuple of bool
        Columns whose words stand at the right: numbers.
    shades : tuple of tuple of (Shade or None), optional
        Colours of the cells of `rows`; empty for none.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[bool, ...]
    shades: tuple[tuple[Shade | None, ...], ...] = ()


def table(shapes: Any, box: Box, cells: Cells, look: Look, ink: Ink, *, alt: str, name: str = "") -> Any:
    """Draw a table as large as its box allows; the graphic frame.

    Widths follow the longest words of each column. Coloured cells are centred.

    Parameters
    ----------
    shapes
        Of a slide.
    box : tuple of int
        Left, top, width, height in EMU; the table may be lower than its box, never higher.
    alt, name : str
        What stands for it, and its name in the list of objects.
    """
    left, top, wide, high = box
    shown = [[_words(text) for text in cells.header], *([_said(text) for text in row] for row in cells.rows)]
    pad, even = TIGHT if cells.shades else PAD, bool(cells.shades)
    whole = tuple(numbers or even for numbers in cells.right)
    sizes = fit(shown[0], shown[1:], whole, (wide / POINT, high / POINT), pad=pad, even=even)
    frame = shapes.add_table(len(shown), len(cells.header), left, top, wide, round(sum(sizes.rows) * POINT))
    found = frame.table
    _plainly(frame)
    for column, points in zip(found.columns, sizes.columns, strict=True):
        column.width = round(points * POINT)
    for line, points in zip(found.rows, sizes.rows, strict=True):
        line.height = round(points * POINT)
    hand = Hand(ink, look.lang, sizes.size, ink.text)
    for at, element in enumerate(found._tbl.tr_lst):
        _row(element, at, cells, hand)
    describe(frame, alt, name=name)
    return frame


def _plainly(frame: Any) -> None:
    """No style of the program: lines and colours are those of the cells."""
    from pptx.oxml.ns import qn

    properties = frame._element.find(f".//{qn('a:tblPr')}")
    properties.set("bandRow", "0")
    properties.find(qn("a:tableStyleId")).text = _PLAIN_STYLE


def _row(element: Any, at: int, cells: Cells, hand: Hand) -> None:
    words = cells.rows[at - 1] if at else cells.header
    shades = cells.shades[at - 1] if at and cells.shades else (None,) * len(words)
    for column, (cell, text, shade) in enumerate(zip(element.tc_lst, words, shades, strict=True)):
        centred = bool(cells.shades) and column > 0
        side = "ctr" if centred else "r" if cells.right[column] else "l"
        colour = shade.ink if shade else hand.ink.text if at else hand.ink.muted
        _cell(cell, _lines(text, whole=not at), Hand(hand.ink, hand.lang, hand.size, colour, bold=not at), side)
        _edge(cell, hand.ink.muted if not at else hand.ink.grid, shade, TIGHT if cells.shades else PAD)


def _words(text: str) -> str:
    """Text of a header on one line; Chinese words that a line break parted on screen stand together."""
    return _PARTED.sub("", _said(text).replace("\n", " "))


def _said(text: str) -> str:
    """Text of a cell without its dress."""
    return "".join(run.text for run in runs(clean(text))) if _DRESS.search(text) else unmarked(text)


def _lines(text: str, *, whole: bool) -> list[list[Run]]:
    """Lines of a cell, each in runs of one weight and colour; all of it on one line where it is `whole`."""
    if not _DRESS.search(text):
        said = _words(text) if whole else unmarked(text)
        return [[Run(line)] for line in said.split("\n")]
    found: list[list[Run]] = [[]]
    for run in runs(clean(text)):
        words = run.text.replace("\n", " ") if whole else run.text
        for at, part in enumerate(words.split("\n")):
            if at:
                found.append([])
            if part:
                found[-1].append(run._replace(text=part))
    return found


def _cell(cell: Any, lines: Sequence[Sequence[Run]], hand: Hand, side: str) -> None:
    from pptx.oxml import parse_xml

    body = cell.txBody
    for _ in lines[1:]:
        body.append(parse_xml(f"<a:p {_SCHEMA}/>"))
    for paragraph, line in zip(body.p_lst, lines, strict=True):
        paragraph.get_or_add_pPr().set("algn", side)
        for given in line:
            run = paragraph.add_r()
            run.text = given.text
            inked = replace(hand, colour=read(given.colour)[0]) if given.colour else hand
            dress(run.get_or_add_rPr(), inked, bold=True if given.bold else hand.bold)


def _edge(cell: Any, line: str, shade: Shade | None, pad: int) -> None:
    """Margins, the line below and the colour of a cell."""
    from pptx.oxml import parse_xml

    old = cell.tcPr
    if old is not None:
        cell.remove(old)
    below = f'<a:lnB w="6350"><a:solidFill><a:srgbClr val="{line}"/></a:solidFill></a:lnB>'
    if shade:
        white = '<a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill>'
        below = "".join(f'<a:ln{side} w="12700">{white}</a:ln{side}>' for side in "LRTB")
    fill = f'<a:solidFill><a:srgbClr val="{shade.fill}"/></a:solidFill>' if shade else "<a:noFill/>"
    sides = f'marL="{pad * POINT}" marR="{pad * POINT}" marT="0" marB="0" anchor="ctr"'
    cell.append(parse_xml(f"<a:tcPr {_SCHEMA} {sides}>{below}{fill}</a:tcPr>"))


def pages(frame: pd.DataFrame, look: Look) -> tuple[tuple[Cells, str], ...]:
    """A table cut to slides, each with a sentence on what it leaves out, or "" for nothing.

    At most `CONTINUED` slides of `ROWS` rows; a longer table shows its first rows alone. Columns beyond `COLUMNS` are
    left out and counted.
    """
    kept = frame.iloc[:, :COLUMNS]
    whole = cells(kept, look)
    columns = frame.shape[1] - kept.shape[1]
    beyond = look.say("deck.more_columns", n=columns) if columns else ""
    if len(frame) > ROWS * CONTINUED:
        more = look.say("deck.more_rows", n=f"{len(frame) - ROWS:,}")
        return ((_part(whole, 0, ROWS), look.text(filter(None, (more, beyond)))),)
    parts = max(-(-len(frame) // ROWS), 1)
    size = -(-len(frame) // parts)
    return tuple((_part(whole, at * size, (at + 1) * size), beyond) for at in range(parts))


def _part(whole: Cells, first: int, last: int) -> Cells:
    return Cells(whole.header, whole.rows[first:last], whole.right)


def cells(frame: pd.DataFrame, look: Look) -> Cells:
    """A table in words, numbers as on screen: the same decimals all down a column."""
    return Cells(tuple(map(str, frame)), tuple(map(tuple, written(frame, look))), tuple(right(frame)))
