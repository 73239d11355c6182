"""Sheets of a workbook written as text: the script of a process of its own, as damage may bring its reader down.

Told by JSON on the standard input (path, folder, errors and percentages of each sheet, limit), it writes one CSV file
for each sheet and their names as JSON. It imports nothing of the project, which takes longer than a small workbook.
"""

import csv
import datetime
import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

ENCRYPTED = 3
WHOLE = 10**16
"""Numbers from here on are written with an exponent."""
Cell = Any
"""str, float, bool, date, time, datetime or timedelta; "" when blank."""
Errors = list[tuple[int, int, str]]
"""Row, column and the error shown there."""
Percents = list[tuple[int, int, int]]
"""Column, its first row that is shown as a percentage, and the last of those that follow on it."""


def write(path: Path, folder: Path, marks: list[tuple[Errors, Percents]], limit: int) -> list[str]:
    """Write the first `limit` sheets, hidden ones too, as 0.csv, 1.csv...; return the names of all.

    Lines end in both marks, so that a text with either of them alone is put into quotes.
    """
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_path(path) as book:
        names = book.sheet_names
        for n in range(min(len(names), limit)):
            with (folder / f"{n}.csv").open("w", encoding="utf-8", newline="") as out:
                writer = csv.writer(out, lineterminator="\r\n")
                errors, percents = marks[n] if n < len(marks) else ([], [])
                for cells in with_percents(rows(book.get_sheet_by_index(n), errors), percents):
                    writer.writerow([cell if type(cell) is str else text_of(cell) for cell in cells])
    return names


def rows(sheet: "CalamineSheet", errors: Errors) -> Iterator[tuple[int, list[Cell]]]:
    """First column and cells of each row of a sheet: with its errors, and with what is merged downwards in each.

    That goes for texts and dates. A number is not repeated: merged over three rows it is the sum of the three.
    """
    left = (sheet.start or (0, 0))[1]
    wrong: dict[int, list[tuple[int, str]]] = {}
    for row, column, text in errors:
        wrong.setdefault(row, []).append((column - left, text))
    merged = {
        (top, first - left): bottom
        for (top, first), (bottom, last) in sheet.merged_cell_ranges or ()
        if bottom > top and first == last
    }
    tops = {row for row, _ in merged}
    held: dict[int, tuple[int, Cell]] = {}
    for n, cells in enumerate(sheet.iter_rows()):
        cells += [""] * (sheet.width - len(cells))
        for column, text in wrong.get(n, ()):
            if 0 <= column < len(cells):
                cells[column] = text
        for column, (_, value) in held.items():
            cells[column] = cells[column] or value
        if n in tops:
            held |= {c: (merged[n, c], cell) for c, cell in enumerate(cells) if (n, c) in merged and _repeats(cell)}
        held = {column: last for column, last in held.items() if last[0] > n}
        yield left, cells


def with_percents(rows: Iterator[tuple[int, list[Cell]]], percents: Percents) -> Iterator[list[Cell]]:
    """Rows in which the numbers that are shown as a percentage are one: 0.35 is "35%"."""
    coming = sorted(percents, key=lambda run: run[1], reverse=True)
    running: list[tuple[int, int, int]] = []
    for n, (left, cells) in enumerate(rows):
        while coming and coming[-1][1] <= n:
            running.append(coming.pop())
        running = [run for run in running if run[2] >= n] if running else running
        for column, _, _ in running:
            if 0 <= column - left < len(cells) and type(cells[column - left]) in (int, float):
                cells[column - left] = f"{Decimal(repr(cells[column - left])).scaleb(2):f}%"
        yield cells


def _repeats(cell: Cell) -> bool:
    return bool(cell) and isinstance(cell, str | datetime.date)


def text_of(cell: Cell) -> str:
    """Write the value of a cell: whole numbers without a point, dates as 2024-03-01, times behind them only if any."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < WHOLE:
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        at_midnight = cell.time() == datetime.time()
        return cell.date().isoformat() if at_midnight else cell.isoformat(" ", "seconds")
    return cell.isoformat() if isinstance(cell, datetime.date | datetime.time) else str(cell)


def main() -> int:
    """Do what the standard input asks; return the exit code."""
    from python_calamine import PasswordError

    asked = json.load(sys.stdin)
    try:
        names = write(Path(asked["path"]), Path(asked["folder"]), asked["marks"], asked["limit"])
    except PasswordError:
        return ENCRYPTED
    json.dump(names, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
