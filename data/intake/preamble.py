"""Where the table starts: the delimiter, the header row, and what stands above it."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from data.intake.adapters import ADAPTERS
from data.intake.refusal import IntakeError
from data.intake.spelling import fold
from data.schema import DATASETS

DELIMITERS = ",;\t|"
LAST_HEADER = 50
"""Records among which the header is sought."""
_UNIT = re.compile(r"\s*[(（\[【][^)）\]】]*[)）\]】]\s*$|\s*[/_][^/_]*$")
_UNIT_CELL = re.compile(
    r"[(（\[]?\s*(单位[:：])?[千万亿十百]*(件|票|单|元|个|%|天|月|日|分|角|度|人|公里|米|/|每)+\s*[)）\]]?"
)
_NUMBER = re.compile(r"[-+]?[\d,.]+%?|\d{4}[-/.年]\d{1,2}.*")
_FULL = 0.6
"""Part of the columns that a header fills."""
Records = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Top:
    """The top of a table.

    Attributes
    ----------
    header : tuple of str
        Cells of the header; a title over several columns, or a unit under it, is joined to the cell.
    header_row : int
        Record number of the header, of the lower one of two.
    known : int
        Cells that are headers of a dataset.
    """

    header: tuple[str, ...]
    header_row: int
    known: int


def top(records: Records, *, header_row: int | None = None) -> Top:
    """Find the header among the first records.

    Parameters
    ----------
    records : sequence of sequences of str
    header_row : int, optional
        Record number of the header, when it is not where it seems to be.

    Raises
    ------
    IntakeError
        No record has text, or there is no record of that number.
    """
    if header_row is not None and not 1 <= header_row <= len(records):
        raise IntakeError("no_header_row", row=str(header_row))
    filled = [n for n, record in enumerate(records[:LAST_HEADER]) if any(cell.strip() for cell in record)]
    if not filled:
        raise IntakeError("empty_file")
    candidates = [header_row - 1] if header_row is not None else filled
    found = [_top(records, n) for n in candidates]
    best = max(found, key=lambda one: one.known)
    sure = best.known > 1 or (best.known and _looks_like_header(records, best.header_row - 1))
    if sure or header_row is not None:
        return best
    full = [one for one in found if _is_full(records, one.header_row - 1)] or found
    return next((one for one in full if _looks_like_header(records, one.header_row - 1)), full[0])


def delimiter_of(text: str) -> str:
    """Delimiter that makes the most of a table of the first lines of a text: headers we know, then rows as wide."""
    return max(DELIMITERS, key=lambda delimiter: _fit(text, delimiter))


def parsed(text: str, delimiter: str) -> list[list[str]]:
    """Split a text into records.

    Raises
    ------
    IntakeError
        A cell is longer than any should be.
    """
    try:
        return list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter))
    except csv.Error as error:
        raise IntakeError("long_cell", limit=f"{csv.field_size_limit():,}") from error


def _fit(text: str, delimiter: str) -> tuple[int, float]:
    if (sep := re.match(r'\ufeff?"?sep=(.)"?\s', text, re.I)) and sep[1] == delimiter:
        return len(text), 1.0
    records = [record for record in parsed(text, delimiter) if any(record)]
    (width, rows) = Counter(map(len, records)).most_common(1)[0] if records else (1, 0)
    known = max((_known(record) for record in records[:LAST_HEADER]), default=0)
    return (known if known > 1 else 0), rows / len(records) if width > 1 else 0.0


def _top(records: Records, n: int) -> Top:
    """Record `n` as a header: joined to the one above when that makes more of it."""
    own = tuple(records[n])
    alone = Top(own, n + 1, _known(own))
    if not n:
        return alone
    above = records[n - 1]
    joined = tuple(_join(above, own))
    known = _known(joined)
    if _is_units(own) and known == _known(above) > 0:
        return Top(joined, n + 1, known + 1)  # ahead of the row above alone
    return Top(joined, n + 1, known) if known > max(alone.known, _known(above)) else alone


def _join(above: Sequence[str], own: Sequence[str]) -> list[str]:
    title, cells = "", []
    units = _is_units(own)
    for n in range(max(len(above), len(own))):
        upper, lower = (record[n].strip() if n < len(record) else "" for record in (above, own))
        title = upper or ("" if units else title)
        if not lower or (lower == upper):
            cells.append(upper)
        elif units:
            cells.append(f"{upper}({lower.strip('()（）[]')})")
        else:
            cells.append(lower if not title or fold(lower) in _headers() else f"{title} {lower}")
    return cells


def _known(cells: Sequence[str]) -> int:
    return len({name for cell in cells for name in (fold(cell), fold(_UNIT.sub("", cell))) if name in _headers()})


@cache
def _headers() -> frozenset[str]:
    columns = [column for dataset in DATASETS.values() for column in dataset.columns.values()]
    ours = {header for column in columns for header in column.headers}
    return frozenset(map(fold, ours.union(*(adapter.needs for adapter in ADAPTERS.values()))))


def _is_units(cells: Sequence[str]) -> bool:
    filled = [cell.strip() for cell in cells if cell.strip()]
    return bool(filled) and all(_UNIT_CELL.fullmatch(cell) for cell in filled)


def _looks_like_header(records: Records, n: int) -> bool:
    """Whether a record is nothing but texts, no two alike."""
    cells = [cell.strip() for cell in records[n] if cell.strip()]
    texts = not any(_NUMBER.fullmatch(cell) for cell in cells)
    return texts and len(set(cells)) == len(cells) and _is_full(records, n)


def _is_full(records: Records, n: int) -> bool:
    filled = sum(1 for cell in records[n] if cell.strip())
    return filled >= _FULL * max(len(record) for record in records) and n + 1 < len(records)
