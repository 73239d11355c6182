"""How large the words of a table can be, and how wide and high its columns and rows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.views.slides import text as lettering

ONE_LINE = (16, 14, 13, 12, 11)
"""Points at which every cell is tried on one line, before words may go on below."""
BROKEN = (14, 13, 12, 11, 10, 9, 8, 7)
TALLEST = 30
"""Points of a row at 13 points of type, at most."""
CLOSE = 3
"""Points above and below the words of a row at least."""
BOLD = 1.1
"""How much wider bold words are."""
LONGEST = 9
"""Width of a word, in its size, from which on it is broken where it must be."""
HALVINGS = 30
WIDE = 0x2E80
"""Letters from here on can be parted from each other anywhere."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Sizes of a table, points; columns and rows add to its width and to its height or less."""

    size: float
    columns: tuple[float, ...]
    rows: tuple[float, ...]


def fit(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    whole: Sequence[bool],
    room: tuple[float, float],
    *,
    pad: float,
    even: bool,
) -> Fit:
    """The largest type at which a table fits into `room` (width and height, points).

    Parameters
    ----------
    whole : sequence of bool
        Columns whose cells are never broken: numbers. Headers may always be, between their words.
    pad : float
        Points left and right of words.
    even : bool
        All columns but the first are as wide as each other.
    """
    tries = [(size, False) for size in ONE_LINE] + [(size, True) for size in BROKEN]
    for size, broken in tries:
        columns = _columns(header, rows, whole, room[0], size=size, pad=pad, even=even, broken=broken)
        if columns is None:
            continue
        least = _least(header, rows, columns, size, pad)
        if sum(least) <= room[1]:
            return Fit(size, columns, _spread(least, room[1], size))
    size = BROKEN[-1]
    columns = (room[0] / len(header),) * len(header)
    return Fit(size, columns, _spread(_least(header, rows, columns, size, pad), room[1], size))


def _columns(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    whole: Sequence[bool],
    room: float,
    *,
    size: float,
    pad: float,
    even: bool,
    broken: bool,
) -> tuple[float, ...] | None:
    """Widths, or None where they do not fit."""
    bodies = list(zip(*rows, strict=True)) or [()] * len(header)
    heads = [_longest(text, size) * BOLD for text in header]
    needs = [
        max(head, *(width(text, size) * 1.05 for text in body), 0) + 2 * pad
        for head, body in zip(heads, bodies, strict=True)
    ]
    if even and len(needs) > 1:
        needs = [needs[0], *[max(needs[1:])] * (len(needs) - 1)]
    if sum(needs) <= room:
        if even and len(needs) > 1:
            return needs[0], *[(room - needs[0]) / (len(needs) - 1)] * (len(needs) - 1)
        return tuple(need * room / sum(needs) for need in needs)
    if not broken:
        return None
    least = [
        need if stays else max(head, *(_longest(text, size) for text in body), 0) + 2 * pad
        for need, head, body, stays in zip(needs, heads, bodies, whole, strict=True)
    ]
    return _shared(needs, least, room) if sum(least) <= room else None


def _shared(needs: Sequence[float], least: Sequence[float], room: float) -> tuple[float, ...]:
    """Widths between the least and what is needed: the neediest columns are cut to the same width."""
    low, high = 0.0, max(needs)
    for _ in range(HALVINGS):
        level = (low + high) / 2
        if sum(max(small, min(need, level)) for need, small in zip(needs, least, strict=True)) > room:
            high = level
        else:
            low = level
    return tuple(max(small, min(need, low)) for need, small in zip(needs, least, strict=True))


def width(text: str, size: float) -> float:
    """Points of the widest line of a text."""
    return max(lettering.width(line, size) for line in text.split("\n"))


def _longest(text: str, size: float) -> float:
    """Points of the longest part of a text that is not broken; very long words are, and Chinese is anywhere."""
    most = LONGEST * size
    words = text.replace("\n", " ").split(" ")
    return min(max(min(width(word, size), most if _latin(word) else most / 2) for word in words), most)


def _latin(word: str) -> bool:
    return max(map(ord, word), default=0) < WIDE


def _least(
    header: Sequence[str], rows: Sequence[Sequence[str]], columns: Sequence[float], size: float, pad: float
) -> list[float]:
    """Heights at which the rows hold their words."""
    found = [_lines(header, columns, size * BOLD, pad)]
    found += [_lines(row, columns, size, pad) for row in rows]
    return [count * size * lettering.LINE + 2 * CLOSE for count in found]


def _lines(texts: Sequence[str], columns: Sequence[float], size: float, pad: float) -> int:
    """Lines of the cell that takes most."""
    pairs = zip(texts, columns, strict=True)
    return max((_broken(text, size, max(wide - 2 * pad, size)) for text, wide in pairs), default=1)


def _broken(text: str, size: float, room: float) -> int:
    """Lines of a text whose words stay whole."""
    if "\n" in text:
        return sum(_broken(line, size, room) for line in text.split("\n"))
    count, used = 1, 0.0
    for word in text.split(" "):
        long = width(word, size)
        if used and used + width(" ", size) + long > room:
            count, used = count + 1, 0.0
        used += long + (width(" ", size) if used else 0.0)
        if used > room:
            more = math.ceil(used / room) - 1
            count, used = count + more, used - more * room
    return count


def _spread(least: Sequence[float], room: float, size: float) -> tuple[float, ...]:
    """Heights with what is left shared among the rows, none higher than reads well."""
    most = TALLEST * max(size / 13, 1.0)
    spare = max(room - sum(least), 0.0) / len(least)
    return tuple(max(one, min(one + spare, most)) for one in least)
