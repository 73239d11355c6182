"""A text file as one table: its encoding, its line ends, its delimiter, its header."""

from dataclasses import dataclass
from pathlib import Path

from data.intake import preamble
from data.intake.decode import bad_line, first_records, has_rows, mend, refuse_open_quote, transcode
from data.intake.encodings import WHOLE, detect
from data.intake.limits import MOST_COLUMNS
from data.intake.lines import Ends, scan
from data.intake.refusal import IntakeError
from data.intake.sheet import Sheet
from data.intake.watch import Watch

FIRST = 20
"""Records shown before anything is accepted; ten more under a header that stands lower."""
_READ = preamble.LAST_HEADER + 10
_TOP = 1 << 18


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is opened.

    Attributes
    ----------
    folder : Path
        Where texts are written.
    encoding : str
        One of ENCODINGS that was given; "" to detect it.
    header_row : int or None
        Record number of the header that was given.
    watch : Watch or None
    """

    folder: Path
    encoding: str
    header_row: int | None
    watch: Watch | None

    def free(self) -> Path:
        """Return the path of a text that is not there yet."""
        return self.folder / f"table{len(list(self.folder.glob('table*.csv')))}.csv"


def open_text(path: Path, options: Options, *, name: str = "") -> Sheet:
    """Open a text file, in place when it is plain UTF-8.

    Raises
    ------
    IntakeError
        It is no text, in no known encoding, or no table.
    """
    ends = scan(path)
    encodings = _encodings(path, options.encoding)
    if encodings[0] != "utf-8":
        target = options.free()
        code = "wrong_encoding" if options.encoding else "mixed_encoding"
        transcode(path, target, encodings[0], code=code, watch=options.watch)
        path, ends = target, scan(target)
    if ends.zeros:
        raise IntakeError("binary")
    delimiter = preamble.delimiter_of(_head(path))
    path = _mended(path, ends, delimiter, options)
    return sheet_of(path, "text", options, name=name, delimiter=delimiter, encoding=encodings[0], encodings=encodings)


def sheet_of(
    path: Path,
    kind: str,
    options: Options,
    *,
    name: str = "",
    delimiter: str = ",",
    encoding: str = "",
    encodings: tuple[str, ...] = (),
) -> Sheet:
    """Describe a text in UTF-8 with one record for each of its lines.

    Raises
    ------
    IntakeError
        It has no header, too wide a one, or nothing under it.
    """
    last = max(_READ, (options.header_row or 0) + FIRST)
    records = first_records(path, delimiter, last)
    top = preamble.top(records, header_row=options.header_row)
    if len(top.header) > MOST_COLUMNS:
        raise IntakeError("too_many_columns", columns=f"{len(top.header):,}", limit=f"{MOST_COLUMNS:,}")
    below = any(any(cell.strip() for cell in record) for record in records[top.header_row :])
    if not below and (len(records) < last or not has_rows(path, delimiter, after=last)):
        raise IntakeError("header_only")
    shown = tuple(tuple(record) for record in records[: max(FIRST, top.header_row + FIRST // 2)])
    return Sheet(name, path, kind, encoding, encodings, delimiter, top.header, top.header_row, shown)


def _encodings(path: Path, given: str) -> tuple[str, ...]:
    """Likeliest encodings first, the one that was given before all."""
    if not given:
        return detect(path)
    if given == "utf-8" and (row := bad_line(path)):
        raise IntakeError("wrong_encoding", encoding=given, row=str(row))
    try:
        others = detect(path)
    except IntakeError:
        others = ()
    return (given, *(name for name in others if name != given))


def _mended(path: Path, ends: Ends, delimiter: str, options: Options) -> Path:
    """Path of a text with one record for each line, its quotes closed."""
    if not ends.plain:
        target = options.free()
        mend(path, target, delimiter, size=ends.size, watch=options.watch)
        return target
    if ends.quotes % 2 or (ends.quotes and ends.size <= WHOLE):
        refuse_open_quote(path, delimiter)
    return path


def _head(path: Path) -> str:
    with path.open("rb") as file:
        text = file.read(_TOP).decode("utf-8-sig", "replace")
    return "".join(text.splitlines(keepends=True)[: 2 * _READ])
