"""Text in any encoding rewritten in UTF-8, and the first records of it."""

import codecs
import csv
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from data.intake.encodings import decode_whole
from data.intake.limits import MOST_COLUMNS
from data.intake.lines import CHUNK, lines_before, mended
from data.intake.refusal import IntakeError
from data.intake.watch import Watch

WIDEST = 16_384
"""Cells of a record at most: columns of a sheet of Excel."""


def first_records(path: Path, delimiter: str, n: int) -> list[list[str]]:
    """Return the first records of a text in UTF-8, as written."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        try:
            return [_narrow(record) for record in islice(csv.reader(file, delimiter=delimiter), n)]
        except csv.Error as error:
            raise IntakeError("long_cell", limit=f"{csv.field_size_limit():,}") from error


def _narrow(record: list[str]) -> list[str]:
    """A record, unless it is wider than a sheet of a workbook can be: a row of a million cells is no table."""
    if len(record) > WIDEST:
        raise IntakeError("too_many_columns", columns=f"{len(record):,}", limit=f"{MOST_COLUMNS:,}")
    return record


def transcode(path: Path, target: Path, encoding: str, *, code: str, watch: Watch | None = None) -> None:
    """Write a text anew in UTF-8, a piece at a time.

    Raises
    ------
    IntakeError
        `code`, with the line where the text is not in `encoding`.
    """
    with target.open("wb") as out:
        for text in _texts(path, encoding, code, watch):
            out.write(text.encode())


def mend(path: Path, target: Path, delimiter: str, *, size: int, watch: Watch | None = None) -> None:
    """Write the first `size` bytes of a text in UTF-8 anew, with one record for each line."""
    with target.open("w", encoding="utf-8", newline="") as out:
        for text in mended(_texts(path, "utf-8", "mixed_encoding", watch, size), delimiter):
            out.write(text)


def refuse_open_quote(path: Path, delimiter: str) -> None:
    """Read a text in UTF-8 through.

    Raises
    ------
    IntakeError
        A quotation mark is not closed.
    """
    for _ in mended(_texts(path, "utf-8", "mixed_encoding"), delimiter):
        pass


def bad_line(path: Path) -> int:
    """Number of the first line that is not UTF-8, 0 when all are."""
    try:
        for _ in _texts(path, "utf-8", "mixed_encoding"):
            pass
    except IntakeError as error:
        return int(error.values["row"])
    return 0


def has_rows(path: Path, delimiter: str, *, after: int) -> bool:
    """Whether a record below the first `after` has text."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        try:
            return any(
                any(map(str.strip, record)) for record in islice(csv.reader(file, delimiter=delimiter), after, None)
            )
        except csv.Error:
            return True


def _texts(path: Path, encoding: str, code: str, watch: Watch | None = None, size: int | None = None) -> Iterator[str]:
    size, done, row = path.stat().st_size if size is None else size, 0, 1
    decode, wide = _decoder(encoding), encoding.startswith("utf-16")
    for piece in _pieces(path, size, whole_lines=not wide):
        try:
            text = decode(piece)
        except UnicodeDecodeError as error:
            row += error.object[: error.start].count(b"\n") + (0 if wide else lines_before(path, done))
            raise IntakeError(code, encoding=encoding, row=str(row)) from error
        yield text if done else text.removeprefix("\ufeff")
        row += text.count("\n") if wide else 0
        done += len(piece)
        if watch:
            watch.report("decoding", done, size)


def _decoder(encoding: str) -> Callable[[bytes], str]:
    """Decode the pieces of a text, of which the last is empty unless they are whole lines."""
    if encoding.startswith("utf-16"):
        decoder = codecs.getincrementaldecoder(encoding)()
        return lambda piece: decoder.decode(piece, final=not piece)
    return partial(decode_whole, encoding=encoding)


def _pieces(path: Path, size: int, *, whole_lines: bool) -> Iterator[bytes]:
    rest, left = b"", size
    with path.open("rb") as file:
        while piece := file.read(min(CHUNK, left)):
            left -= len(piece)
            piece = rest + piece
            cut = max(piece.rfind(b"\n"), piece.rfind(b"\r")) + 1 if whole_lines else len(piece)
            rest = piece[cut:]
            yield piece[:cut]
    yield rest
