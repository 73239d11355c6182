"""Line ends of a text file: what they are, and one record for each of its lines."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import SEEK_END, BufferedReader
from pathlib import Path

import numpy as np

from data.intake.limits import LONGEST_RECORD
from data.intake.refusal import IntakeError

CHUNK = 1 << 20
_STEP = 1 << 18
_NEAR = 1 << 16
_LF, _CR, _QUOTE = 10, 13, 34
_END = b" \t\r\n\0\x1a"


@dataclass(frozen=True, slots=True)
class Ends:
    """What a scan of a text found, white space at its end left out.

    Attributes
    ----------
    size : int
        Bytes up to the last that is no white space, end-of-file mark or zero.
    blank : bool
        Whether there are empty lines.
    bare : bool
        Whether a line ends in a carriage return alone.
    zeros : bool
        Whether there are zero bytes.
    quotes : int
        Number of quotation marks.
    marked : bool
        Whether an end-of-file mark or zeros follow.
    """

    size: int
    blank: bool
    bare: bool
    zeros: bool
    quotes: int
    marked: bool

    @property
    def plain(self) -> bool:
        """Whether every line is a record as it stands."""
        return not (self.blank or self.bare or self.marked)


def scan(path: Path) -> Ends:
    """Scan a whole file whose bytes below 128 are ASCII, at the speed of memory.

    Raises
    ------
    IntakeError
        The file is empty, or a line is longer than LONGEST_RECORD.
    """
    if not path.stat().st_size:
        raise IntakeError("empty_file")
    with path.open("rb") as file:
        size, marked = _trimmed(file)
        if not size:
            raise IntakeError("empty_file")
        _no_long_line(file, size)
    blank = bare = zeros = False
    quotes = 0
    buffer = bytearray(b"x\n") + bytearray(_STEP)  # behind the last two bytes before: an empty line may straddle a cut
    with path.open("rb") as raw:
        for start in range(0, size, _STEP):
            end = 2 + raw.readinto(memoryview(buffer)[2 : 2 + min(_STEP, size - start)])
            window = np.frombuffer(buffer, np.uint8, end)
            feeds = window == _LF
            blank = blank or bool((feeds[1:] & feeds[:-1]).any())
            if buffer.find(b"\r", 0, end) >= 0:
                returns = window == _CR
                blank = blank or bool((feeds[2:] & returns[1:-1] & feeds[:-2]).any())
                bare = bare or bool((returns[:-1] & ~feeds[1:]).any())
            zeros = zeros or buffer.find(b"\0", 0, end) >= 0
            quotes += int(np.count_nonzero(window[2:] == _QUOTE)) if buffer.find(b'"', 2, end) >= 0 else 0
            buffer[:2] = buffer[end - 2 : end]
    return Ends(size, blank, bare, zeros, quotes, marked)


def _trimmed(file: BufferedReader) -> tuple[int, bool]:
    """Bytes without what ends a file, and whether a mark or zeros are among that."""
    size, marked = file.seek(0, SEEK_END), False
    while size:
        tail = _read(file, max(0, size - _STEP), size)
        kept = tail.rstrip(_END)
        marked = marked or any(mark in tail[len(kept) :] for mark in (b"\0", b"\x1a"))
        size -= len(tail) - len(kept)
        if kept:
            break
    return size, marked


def _no_long_line(file: BufferedReader, size: int) -> None:
    """Jump from line end to line end, as far as a record may be long: a few reads for each of them."""
    start = 0
    while size - start > LONGEST_RECORD:
        reach = start + LONGEST_RECORD
        end = _last_end(file, reach - _NEAR, reach) or _last_end(file, start, reach)
        if not end:
            raise IntakeError("long_line", limit=f"{LONGEST_RECORD:,}")
        start = end


def _last_end(file: BufferedReader, start: int, reach: int) -> int:
    """Where the last line before `reach` ends, 0 when none does from `start` on."""
    piece = _read(file, start, reach)
    end = max(piece.rfind(b"\n"), piece.rfind(b"\r")) + 1
    return start + end if end else 0


def _read(file: BufferedReader, start: int, end: int) -> bytes:
    file.seek(start)
    return file.read(end - start)


def lines_before(path: Path, at: int) -> int:
    """Count the line feeds in the first bytes of a file."""
    with path.open("rb") as file:
        return sum(file.read(min(CHUNK, at - start)).count(b"\n") for start in range(0, at, CHUNK))


def mended(chunks: Iterable[str], delimiter: str) -> Iterator[str]:
    """Text whose every line is a record: an empty one becomes blank cells, a bare carriage return a line feed.

    What stands in quotes stays as it is. A chunk may end anywhere.

    Raises
    ------
    IntakeError
        A quotation mark is not closed by the end or within LONGEST_RECORD.
    """
    field = rf'(?:(?<=[{re.escape(delimiter)}\r\n])|\A)"[^"]*(?:""[^"]*)*'
    tokens = re.compile(rf'({field}"(?!"))|({field}\Z)|((?:(?<=[\r\n])|\A)(?:\r\n|\r|\n))|\r\n?')
    rest, row = "", 1
    for chunk in chunks:
        text = rest + chunk
        cut = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1
        whole, rest = _records(text[:cut], tokens, delimiter)
        rest += text[cut:]
        row += whole.count("\n")
        if len(rest) > LONGEST_RECORD:
            raise IntakeError("unclosed_quote", row=str(row))
        yield whole
    whole, rest = _records(rest, tokens, delimiter)
    if rest:
        raise IntakeError("unclosed_quote", row=str(row + whole.count("\n")))
    yield whole


def _records(text: str, tokens: re.Pattern[str], delimiter: str) -> tuple[str, str]:
    """Mended text up to a cell whose quotes are still open, and the rest from there as it was."""
    if '"' not in text:
        return re.sub(r"(?m)^\n", delimiter + "\n", text.replace("\r\n", "\n").replace("\r", "\n")), ""
    rest = ""

    def token(match: re.Match[str]) -> str:
        nonlocal rest
        closed, unclosed, empty = match.groups()
        if unclosed:
            rest = unclosed
        return closed or (delimiter + "\n" if empty else "" if unclosed else "\n")

    return tokens.sub(token, text), rest
