"""The workbook inside a chart: the numbers that PowerPoint shows under "Edit data"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

from analysis.views.slides.spec import Category, Chart, Series
from analysis.views.slides.text import clean

EPOCH = date(1899, 12, 30)
"""Day nought of a workbook."""
MADE = datetime(2000, 1, 1, tzinfo=UTC)
"""When every workbook says it was made: the same chart gives the same bytes."""
DAYS, SHEET = "yyyy-mm-dd", "Sheet1"


@dataclass(frozen=True, slots=True)
class Cells:
    """Where a series stands in its sheet."""

    name: str
    xs: str
    values: str
    errors: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A workbook with the places of each series in it."""

    blob: bytes
    cells: tuple[Cells, ...]


class _Writer:
    """One sheet in the making; texts never become formulas or links."""

    def __init__(self) -> None:
        from xlsxwriter import Workbook

        self._held = BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = Workbook(self._held, options)
        self._book.set_properties({"created": MADE})
        self._sheet = self._book.add_worksheet(SHEET)
        self._days = self._book.add_format({"num_format": DAYS})

    def column(self, row: int, column: int, values: Sequence[Any]) -> str:
        """Write values below each other; their cells."""
        for at, value in enumerate(values):
            if isinstance(value, date):
                self._sheet.write_number(row + at, column, day_number(value), self._days)
            elif isinstance(value, str):
                self._sheet.write_string(row + at, column, clean(value))
            elif value is not None:
                self._sheet.write_number(row + at, column, value)
        last = row + max(len(values), 1)
        return f"{SHEET}!${letter(column)}${row + 1}:${letter(column)}${last}"

    def done(self) -> bytes:
        """The file."""
        self._book.close()
        return self._held.getvalue()


def day_number(day: Category) -> float:
    """A day as a workbook counts it."""
    assert isinstance(day, date)
    return float((day - EPOCH).days)


def letter(column: int) -> str:
    """Name of a column, from 0."""
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))


def sheet_of(chart: Chart) -> Sheet:
    """The numbers of a chart: categories in the first column, or pairs of x and y below each other."""
    return _pairs(chart.series) if chart.series[0].kind == "xy" else _columns(chart)


def _columns(chart: Chart) -> Sheet:
    writer = _Writer()
    grouped = bool(chart.categories) and isinstance(chart.categories[0], tuple)
    depth = 2 if grouped else 1
    for level in range(depth):
        names = [one[level] if isinstance(one, tuple) else one for one in chart.categories]
        writer.column(
            1, level, [None if grouped and not level and i and names[i - 1] == n else n for i, n in enumerate(names)]
        )
    categories = f"{SHEET}!$A$2:${letter(depth - 1)}${len(chart.categories) + 1}"
    found, spare = [], depth + len(chart.series)
    for at, one in enumerate(chart.series):
        writer.column(0, depth + at, [one.name])
        values = writer.column(1, depth + at, one.values)
        errors = None
        if one.error is not None:
            errors = _errors(writer, one, 1, spare)
            spare += 2
        found.append(Cells(f"{SHEET}!${letter(depth + at)}$1", categories, values, errors))
    return Sheet(writer.done(), tuple(found))


def _pairs(series: Sequence[Series]) -> Sheet:
    writer, row, found = _Writer(), 0, []
    for one in series:
        writer.column(row, 1, [one.name])
        xs, values = writer.column(row + 1, 0, one.xs), writer.column(row + 1, 1, one.values)
        errors = None
        if one.error is not None:
            errors = _errors(writer, one, row + 1, 2)
        found.append(Cells(f"{SHEET}!$B${row + 1}", xs, values, errors))
        row += len(one.values) + 2
    return Sheet(writer.done(), tuple(found))


def _errors(writer: _Writer, one: Series, row: int, column: int) -> tuple[str, str]:
    assert one.error is not None
    writer.column(row - 1, column, [f"{one.name} +"])
    writer.column(row - 1, column + 1, [f"{one.name} −"])
    return writer.column(row, column, one.error.plus), writer.column(row, column + 1, one.error.minus)
