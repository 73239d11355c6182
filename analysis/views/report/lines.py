"""Text on a picture, where nothing wraps by itself: how wide it is, and its lines."""

import re
from html import escape

NARROW, WIDE = set(" ijl.,:;'|!()[]ftrI·-"), set("mwMW%@")
NARROW_EM, WIDE_EM, CAPITAL_EM, PLAIN_EM = 0.31, 0.88, 0.69, 0.56
"""Widths of Latin letters, in ems of a sans-serif face; a letter of East Asia takes a whole one."""
EAST = 0x2E80
"""From here on letters are as wide as they are high."""
BOLD = 1.06
NO_START = set("，。、；：！？）」』》…%％,.;:!?)")
"""Never first in a line."""
NO_END = set("（「『《“(")
"""Never last."""


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of a text, a little more rather than less."""
    return sum(_em(letter) for letter in text) * size * (BOLD if bold else 1)


def _em(letter: str) -> float:
    if ord(letter) >= EAST:
        return 1.0
    if letter in NARROW:
        return NARROW_EM
    return WIDE_EM if letter in WIDE else CAPITAL_EM if letter.isupper() else PLAIN_EM


def wrapped(text: str, room: float, size: float, *, most: int, bold: bool = False) -> list[str]:
    """Lines of a text no wider than `room`; beyond `most` of them the last ends in an ellipsis."""
    lines: list[str] = []
    for paragraph in text.splitlines():
        lines += _lines(paragraph, room, size, bold)
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and width(last + "…", size, bold=bold) > room:
        last = last[:-1]
    return [*lines[: most - 1], last.rstrip() + "…"]


def _lines(text: str, room: float, size: float, bold: bool) -> list[str]:
    lines, line = [], ""
    for piece in _pieces(text):
        if line and width((line + piece).rstrip(), size, bold=bold) > room:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str) -> list[str]:
    """Where a line may break: after a blank, and between letters of East Asia but at no bracket's inner side."""
    found: list[str] = []
    for piece in re.findall(r"[⺀-\U0003ffff]|[^⺀-\U0003ffff\s]+\s*|\s+", text):
        if found and (piece[0] in NO_START or piece.isspace() or found[-1][-1] in NO_END):
            found[-1] += piece
        else:
            found.append(piece)
    return found


def fitted(text: str, room: float, *, bold: bool, sizes: tuple[float, ...], most: int) -> tuple[list[str], float]:
    """Lines of a text in the largest of some sizes in which it needs no more than `most` lines, and that size."""
    for size in sizes:
        lines = wrapped(text, room, size, most=most + 1, bold=bold)
        if len(lines) <= most:
            return lines, size
    return wrapped(text, room, sizes[-1], most=most, bold=bold), sizes[-1]


def written(
    lines: list[str],
    x: float,
    y: float,
    size: float,
    *,
    colour: str,
    bold: bool = False,
    leading: float = 1.3,
    anchor: str = "start",
) -> str:
    """SVG of lines of text, the first on the base line `y`."""
    spans = "".join(
        f'<text x="{x:g}" y="{y + i * size * leading:.1f}">{escape(line)}</text>' for i, line in enumerate(lines)
    )
    weight = ' font-weight="600"' if bold else ""
    return f'<g font-size="{size:g}" fill="{colour}" text-anchor="{anchor}"{weight}>{spans}</g>'
