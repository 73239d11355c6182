"""Lines of a large text file by their number, without holding the file."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK = 2**18
"""Bytes between two known line counts."""
_READ = 2**22
_TAIL = 4
_STEP = 2**16
_NEWLINE, _UNDERSCORE = 10, 95
_BLANK_ENDS = (b"\n\n", b"\n\r\n", b"\n\r")


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """How many lines end before each block of a file.

    Attributes
    ----------
    path : Path
    before : array of int64, one a block and one more
        Line ends before the block; the last entry counts all.
    lines : int
        Lines of the file.
    blank_end : bool
        Whether the last of them is blank.
    underscores : int
        How many the file holds.
    """

    path: Path
    before: "NDArray[np.int64]"
    lines: int
    blank_end: bool
    underscores: int

    def fetch(self, numbers: "NDArray[np.int64]") -> list[bytes]:
        """Text of lines by number (from 1, ascending, no repeats), without their ends."""
        found: list[bytes] = []
        with self.path.open("rb") as file:
            for first, last in self._spans(numbers):
                found += self._cut(file, numbers[first:last])
        return found

    def _spans(self, numbers: "NDArray[np.int64]") -> Iterator[tuple[int, int]]:
        """Slices of `numbers` whose lines start in one read of neighbouring blocks."""
        block = np.searchsorted(self.before, numbers - 1, side="right") - 1
        group = block // (_READ // BLOCK)
        cuts = [0, *(np.flatnonzero(np.diff(group)) + 1).tolist(), len(numbers)]
        return ((first, last) for first, last in pairwise(cuts) if last > first)

    def _cut(self, file: BinaryIO, numbers: "NDArray[np.int64]") -> list[bytes]:
        """Lines that lie close to one another."""
        low = max(int(np.searchsorted(self.before, numbers[0] - 1, side="left")) - 1, 0)
        high = int(np.searchsorted(self.before, numbers[-1], side="left"))
        file.seek(low * BLOCK)
        text = file.read((high - low) * BLOCK)
        ends = np.flatnonzero(np.frombuffer(text, np.uint8) == _NEWLINE)
        starts = np.concatenate([[0], ends + 1])
        ends = np.append(ends, len(text))
        places = numbers - 1 - self.before[low]
        return [text[starts[place] : ends[place]].rstrip(b"\r") for place in places.tolist()]


def index(path: Path) -> Lines:
    """Count the lines of a file block by block."""
    counts, last, underscores = [0], b"", 0
    for piece in _reads(path):
        ends = piece == _NEWLINE
        counts += [int(np.count_nonzero(ends[start : start + BLOCK])) for start in range(0, len(ends), BLOCK)]
        underscores += int(np.count_nonzero(piece == _UNDERSCORE))
        last = (last + piece[-_TAIL:].tobytes())[-_TAIL:]
    before = np.cumsum(counts, dtype=np.int64)
    return Lines(path, before, int(before[-1]) + (not last.endswith(b"\n")), last.endswith(_BLANK_ENDS), underscores)


def without_blank_end(path: Path, target: Path) -> Path:
    """Copy a file but for the white space at its end."""
    shutil.copyfile(path, target)
    with target.open("r+b") as file:
        size = target.stat().st_size
        while size:
            start = max(size - _STEP, 0)
            file.seek(start)
            kept = len(file.read(size - start).rstrip())
            size = start + kept
            if kept:
                break
        file.truncate(size)
    return target


def _reads(path: Path) -> "Iterator[NDArray[np.uint8]]":
    """Pieces of a file in one buffer that is written again each time."""
    buffer = np.empty(_READ, np.uint8)
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(buffer.data):
            yield buffer[:size]
