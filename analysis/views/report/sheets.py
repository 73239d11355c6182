"""Tables to go on with: CSV and Excel, with units, filters and the source in them."""

import re
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.api.types import is_float_dtype

from analysis.views.look import Look
from analysis.views.pinned import Pinned
from analysis.views.report.cells import Digits, digits, numeric, text
from analysis.views.report.origin import filters, made, origin
from analysis.views.slide import Slide, Told, slide_of, untold
from data.untrusted import uncalculated

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

CARRIED = (
    *("grade", "caption", "filters", "scenario", "model", "assumption", "interval"),
    *("source", "version", "address", "made"),
)
"""Columns that stand behind the numbers of a CSV, the same in each row."""
LONGEST_NAME = 31
UNFIT = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
"""What the name of a sheet may not hold."""
LONGEST_CELL, MOST_ROWS = 32_767, 1_048_000
NARROWEST, WIDEST = 10, 48
"""Letters of a column."""


def csv(one: Pinned, look: Look) -> bytes:
    """The table of a view as one table that Excel and programs read: what it is and where from in columns of its own.

    A text that a spreadsheet would take for a formula has an apostrophe before it. Numbers without end are left out,
    as in a workbook. UTF-8 with a mark at its start.
    """
    table = one.view.table
    taken = set(table)
    for name, value in _carried(one, look).items():
        header = name
        while header in taken:
            header += "'"
        table = table.assign(**{header: value})
        taken.add(header)
    safe = table.rename(columns=lambda name: uncalculated(str(name)))
    for i, name in enumerate(safe):
        if not numeric(safe.iloc[:, i]):
            safe = safe.assign(**{name: [uncalculated(_flat(value, look)) for value in safe.iloc[:, i]]})
        elif is_float_dtype(safe.dtypes.iloc[i]):
            safe = safe.assign(**{name: safe.iloc[:, i].replace([np.inf, -np.inf], np.nan) + 0.0})
    return safe.to_csv(index=False).encode("utf-8-sig")


def _carried(one: Pinned, look: Look) -> dict[str, str]:
    """Columns that travel with the numbers, in the reader's language; those without a value are left out."""
    whence = one.whence
    values = {
        "grade": look.say(f"grade.{one.view.grade}"),
        "caption": one.view.caption,
        "filters": filters(one, look),
        "scenario": whence.scenario,
        "model": whence.model,
        "assumption": look.say("report.comma").join(whence.assumptions),
        "interval": whence.interval,
        "source": whence.source,
        "version": whence.version,
        "address": whence.address,
        "made": made(whence.made, look),
    }
    names = {key: look.say("grade.heading" if key == "grade" else f"report.{key}") for key in CARRIED}
    return {names[key]: values[key] for key in CARRIED if values[key]}


def _flat(value: Any, look: Look) -> str:
    """A cell that is no number: dates by the day, the rest as on the screen."""
    return value.strftime("%Y-%m-%d") if isinstance(value, datetime) and value == value else text(value, look)


def workbook(slides: Sequence[Slide] | Pinned, look: Look, *, name: str = "", told: Told = untold) -> bytes:
    """An Excel workbook: a sheet a view with real numbers, what they are above them, and a list of the sheets.

    Nothing in it is a formula, whatever it begins with.

    Parameters
    ----------
    slides : sequence of Slide, or Pinned
        Views in their order, or one.
    name : str
        Title of the workbook; that of the first view where there is none.
    told : callable
        Is told of each view that is done; may raise `data.intake.watch.Cancelled`.
    """
    from xlsxwriter import Workbook

    given = [slide_of(slides)] if isinstance(slides, Pinned) else list(slides)
    title = name or (given[0].title if given else "")
    file = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with Workbook(file, options) as book:
        book.set_properties({"title": title, "created": _created(given)})
        names = sheet_names([slide.title for slide in given], look)
        if len(given) > 1:
            _contents(book, given, names, look, title)
        for n, (slide, sheet) in enumerate(zip(given, names, strict=True)):
            told(n, len(given))
            _sheet(book, book.add_worksheet(sheet), slide, look)
        told(len(given), len(given))
    return file.getvalue()


def _created(slides: Sequence[Slide]) -> datetime:
    """The newest time on the slides, so that the same slides make the same file."""
    stamps = [slide.made or slide.one.whence.made for slide in slides]
    newest = max((stamp for stamp in stamps if stamp), default="2000-01-01 00:00")
    return datetime.fromisoformat(newest.replace("Z", "")).replace(tzinfo=None)


def sheet_names(titles: Sequence[str], look: Look) -> list[str]:
    """Names of sheets: numbered, without what Excel refuses, none longer than it takes, all different."""
    names = []
    for n, title in enumerate(titles):
        plain = UNFIT.sub(" ", title).strip().strip("'") or look.say("report.view")
        names.append(f"{n + 1} {plain}"[:LONGEST_NAME].rstrip().rstrip("'"))
    return names


def _contents(book: "Workbook", slides: Sequence[Slide], names: Sequence[str], look: Look, title: str) -> None:
    contents = look.say("report.contents")
    sheet = book.add_worksheet(
        contents if contents.casefold() not in {n.casefold() for n in names} else f"{contents} 0"
    )
    bold = book.add_format({"bold": True, "font_size": 14})
    sheet.write_string(0, 0, _cut(title), bold)
    sheet.set_column(0, 0, 6)
    sheet.set_column(1, 1, 90)
    for n, (slide, name) in enumerate(zip(slides, names, strict=True)):
        sheet.write_number(n + 2, 0, n + 1)
        quoted = name.replace("'", "''")
        sheet.write_url(n + 2, 1, f"internal:'{quoted}'!A1", string=slide.title[:255])


def _sheet(book: "Workbook", sheet: "Worksheet", slide: Slide, look: Look) -> None:
    one = slide.one
    bold, quiet = book.add_format({"bold": True, "font_size": 14}), book.add_format({"font_color": "#5F6775"})
    sheet.write_string(0, 0, _cut(slide.title), bold)
    sheet.write_string(1, 0, _cut(one.view.caption), quiet)
    about = [*([(look.say("report.note"), slide.note)] if slide.note else []), *origin(one, look)]
    for n, (label, said) in enumerate(about, start=2):
        sheet.write_string(n, 0, label, quiet)
        sheet.write_string(n, 1, _cut(said), quiet)
    first = len(about) + 3
    table = one.view.table.head(MOST_ROWS - first)
    if not table.shape[1]:
        return
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    for i, name in enumerate(table):
        sheet.write_string(first, i, _cut(str(name)), head)
        _column(book, sheet, table.iloc[:, i], i, first + 1, look)
    sheet.freeze_panes(first + 1, 1)
    sheet.autofilter(first, 0, first + max(len(table), 1), table.shape[1] - 1)


def _column(book: "Workbook", sheet: "Worksheet", column: pd.Series, i: int, first: int, look: Look) -> None:
    """Cells of one column below its header, numbers as numbers, dates as dates."""
    number = numeric(column)
    dated = pd.api.types.is_datetime64_any_dtype(column.dtype)
    form = book.add_format({"num_format": "yyyy-mm-dd" if dated else _excel(digits(column)) if number else "@"})
    longest = NARROWEST
    for n, value in enumerate(column):
        longest = max(longest, _cell(sheet, first + n, i, value, form, look))
    header = max((len(word) for word in str(column.name).split()), default=0)
    sheet.set_column(i, i, min(WIDEST, max(longest + 2, header + 2)))


def _cell(sheet: "Worksheet", row: int, column: int, value: Any, form: "Format", look: Look) -> int:
    """Write a cell; how many letters wide it is."""
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and not np.isfinite(value)):
        return 0
    if isinstance(value, bool | np.bool_):
        sheet.write_boolean(row, column, bool(value))
        return 5
    if isinstance(value, int | float | np.number):
        sheet.write_number(row, column, float(value), form)
        return len(f"{value:,.4g}")
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, value.replace(tzinfo=None), form)
        return 10
    said = _cut(text(value, look))
    sheet.write_string(row, column, said, form)
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in said[:WIDEST])


def _excel(found: Digits | None) -> str:
    """Number format of a column."""
    if found is None:
        return "0"
    if found.grouped:
        return "#,##0.0##" if found.decimals else "#,##0"
    return f"0.{'0' * found.decimals}" if found.decimals else "0"


def _cut(said: str) -> str:
    return said[:LONGEST_CELL]
