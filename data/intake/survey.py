"""A look through the parts of an .xlsx before it is read: how far its cells reach, which hold errors or percentages.

The reader of workbooks keeps a dense table in memory, leaves errors blank and says nothing of percentages.
"""

import re
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from data.intake.archive import Budget, open_zip, unpack
from data.intake.refusal import IntakeError
from data.intake.watch import Watch

MOST_CELLS = 40_000_000
"""Rows by columns of a sheet, blank cells included ("heavy_workbook")."""
MOST_TEXT = 4_000_000_000
"""Bytes that the texts of a sheet may come to, each cell with a text of its own ("heavy_workbook")."""
_CELL = re.compile(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]{1,3})(\d{1,9})"[^>]*(?<!/)>')
_ERROR = re.compile(rb'<c [^>]*?\br="([A-Z]{1,3})(\d{1,9})"[^>]*?\bt="e"[^>]*>(?:<f.*?(?:</f>|/>))?<v>([^<]{1,20})</v>')
_SHEET = re.compile(rb'<(?:\w+:)?sheet [^>]*?\br:id="([^"]+)"')
_LINK = re.compile(rb"<Relationship [^>]*>")
_WIDER = [*(f"[{chr(65 + n)}-Z][A-Z]|[A-Z]{{3}}" for n in range(26)), "[A-Z]{3}"]
"""Letters of columns beyond 26, 52, 78... 676 and 702."""
_HIGHER = [*(f"[{n}-9]\\d{{5}}|\\d{{7,}}" for n in range(1, 10)), "\\d{7,}", "1[1-9]\\d{5}|[2-9]\\d{6}|\\d{8,}"]
"""Digits of rows beyond 99,999, 199,999... 999,999 and 1,099,999."""
_OVERLAP, _LONGEST_CELL = 200, 1 << 22
_NUMBER_FORMAT = re.compile(rb"<(?:\w+:)?numFmt [^>]*>")
_FORMATS = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_FORMAT = re.compile(rb"<(?:\w+:)?xf\b[^>]*>")
_SAID = re.compile(rb"&quot;.*?&quot;|\\.")
"""What a format of numbers shows as it stands."""
_PERCENTS = (b"9", b"10")
"""Formats of percentages that every workbook has: 0% and 0.00%."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What the reader of workbooks does not tell of the cells of a sheet; rows and columns from 0.

    Attributes
    ----------
    errors : dict
        Row and column, and the error shown there.
    percents : list of tuple of int
        Column, the first of some rows on end that are shown as percentages, and the last.
    """

    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    percents: list[tuple[int, int, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Sheet:
    """What is known of a sheet: how far its cells reach at most, its errors and percentages, the cells with text.

    `percent` finds the cells whose format is that of a percentage; None where there is no such format.
    """

    percent: re.Pattern[bytes] | None
    wide: int = 0
    high: int = 0
    texts: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    runs: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    def marks(self) -> Marks:
        return Marks(self.errors, [(column, *run) for column, runs in self.runs.items() for run in runs])

    def look(self, part: bytes) -> None:
        while self.wide < len(_WIDER) and re.search(rf'r="(?:{_WIDER[self.wide]})\d'.encode(), part):
            self.wide += 1
        while self.high < len(_HIGHER) and re.search(rf'r="[A-Z]{{1,3}}(?:{_HIGHER[self.high]})"'.encode(), part):
            self.high += 1
        self.texts += part.count(b't="s"')
        if b't="e"' in part:
            self.errors |= {_place(c, r): text.decode("utf-8", "replace") for c, r, text in _ERROR.findall(part)}
        for place in self.percent.findall(part) if self.percent else ():
            row, column = _place(*place)
            runs = self.runs.setdefault(column, [])
            first = runs.pop()[0] if runs and runs[-1][1] in (row - 1, row) else row
            runs.append((first, row))

    def cells(self) -> int:
        """Return the most cells it may have."""
        columns = 26 * (self.wide + 1) if self.wide < len(_WIDER) else 16_384
        rows = 100_000 * (self.high + 1) if self.high < len(_HIGHER) else 10**9
        return columns * rows


def survey(path: Path, watch: Watch | None) -> list[Marks]:
    """Look through a workbook: the errors and percentages of each of its sheets, in order.

    Raises
    ------
    IntakeError
        It is no workbook, is damaged, asks for a password, unpacks to too much, or would not fit in memory.
    """
    budget = Budget(path.stat().st_size, watch)
    longest, sheets = 0, {}
    with closing(open_zip(path)) as archive:
        names = set(archive.namelist())
        order = _order(archive, names, budget)
        percent = _percent(_member(archive, "xl/styles.xml", names, budget))
        for info in archive.infolist():
            if info.filename in order:
                sheet = sheets[info.filename] = _Sheet(percent)
                for part in _parts(unpack(archive, info, budget)):
                    sheet.look(part)
                if sheet.cells() > MOST_CELLS and _cells(archive, info, path, watch) > MOST_CELLS:
                    raise IntakeError("heavy_workbook")
                continue
            texts = "haredStrings" in info.filename
            for piece in unpack(archive, info, budget):
                longest = max(longest, *map(len, piece.split(b"</si>"))) if texts else longest
    if any(sheet.texts * longest > MOST_TEXT for sheet in sheets.values()):
        raise IntakeError("heavy_workbook")
    return [sheets[name].marks() if name in sheets else Marks() for name in order]


def _cells(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, watch: Watch | None) -> int:
    """Rows by columns of a sheet, from cells that are not blank."""
    rows = columns = 0
    for part in _parts(unpack(archive, info, Budget(path.stat().st_size, watch))):
        places = {_place(column, row) for column, row in _CELL.findall(part)}
        rows = max(rows, *(row + 1 for row, _ in places), 0)
        columns = max(columns, *(column + 1 for _, column in places), 0)
    return rows * columns


def _order(archive: zipfile.ZipFile, names: set[str], budget: Budget) -> list[str]:
    """Members that hold the sheets, in the order of the workbook; "" for one that is not there."""
    book, links = (_member(archive, name, names, budget) for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"))
    targets = {
        _of(text, b"Id"): _of(text, b"Target").removeprefix(b"/").removeprefix(b"xl/").decode("utf-8", "replace")
        for text in _LINK.findall(links)
    }
    return ["xl/" + targets.get(sheet, "") for sheet in _SHEET.findall(book)]


def _member(archive: zipfile.ZipFile, name: str, names: set[str], budget: Budget) -> bytes:
    return b"".join(unpack(archive, archive.getinfo(name), budget)) if name in names else b""


def _percent(styles: bytes) -> re.Pattern[bytes] | None:
    """Pattern of the cells with a format of percentages."""
    codes = {
        _of(text, b"numFmtId"): _SAID.sub(b"", _of(text, b"formatCode")) for text in _NUMBER_FORMAT.findall(styles)
    }
    shares = {*_PERCENTS, *(number for number, code in codes.items() if b"%" in code)}
    section = _FORMATS.search(styles)
    formats = _FORMAT.findall(section[0]) if section else []
    numbers = [str(n).encode() for n, text in enumerate(formats) if _of(text, b"numFmtId") in shares]
    style = rb'(?=[^>]*?\bs="(?:' + b"|".join(numbers) + rb')")'
    return re.compile(rb"<(?:\w+:)?c " + style + rb'[^>]*?\br="([A-Z]{1,3})(\d{1,9})"') if numbers else None


def _of(text: bytes, name: bytes) -> bytes:
    """Attribute of an element, b"" when it has none."""
    found = re.search(rb"\b" + name + rb'="([^"]*)"', text)
    return found[1] if found else b""


def _parts(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Pieces that end where a cell does."""
    rest = b""
    for piece in pieces:
        text = rest + piece
        cut = text.rfind(b"<c ")
        cut = cut if cut > 0 and len(text) - cut < _LONGEST_CELL else max(len(text) - _OVERLAP, 0)
        yield text[:cut]
        rest = text[cut:]
    yield rest


def _place(column: bytes, row: bytes) -> tuple[int, int]:
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return int(row) - 1, number - 1
