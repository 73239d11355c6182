"""Bars that begin at a base of their own, as stacks: nothing up to where each begins, then what is seen of it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from analysis.views.slides.panels import Trace, at, listed, number, runs
from analysis.views.slides.read_bars import Stack, colours, keys, lengths, starts
from analysis.views.slides.spec import Label, Run, Series

TIGHT = 1e-6
CLEAR = "rgba(0,0,0,0)"
ASIDE = 0.3
"""Room for words beyond a bar, as a part of the axis; nothing is seen of it."""


class _Piece(NamedTuple):
    """A bar, or the part of it on one side of zero, measured away from zero."""

    near: float
    far: float
    fill: str
    hatched: str
    words: tuple[Run, ...]
    outward: bool


def made(traces: Sequence[Trace], order: Sequence[Any], *, lying: bool) -> Stack | None:
    """Bars as stacks on either side of zero; None where bars lie over each other."""
    ends = [end for trace in traces for low, high in _limits(trace, lying=lying) for end in (low, high)]
    span = (max(ends) - min(ends)) if ends else 1.0
    series: list[Series] = []
    for sign in (1, -1):
        pieces = _pieces(traces, order, sign, lying=lying)
        for level in range(max(map(len, pieces.values()), default=0)):
            found = _level(pieces, order, level, sign, span)
            if found is None:
                return None
            series += found
    return Stack(tuple(series), True, tuple(ends))


def _limits(trace: Trace, *, lying: bool) -> list[tuple[float, float]]:
    cells = zip(starts(trace, lying=lying), lengths(trace, lying=lying), strict=True)
    return [(number(base) or 0.0, (number(base) or 0.0) + length) for base, length in cells if length is not None]


def _pieces(traces: Sequence[Trace], order: Sequence[Any], sign: int, *, lying: bool) -> dict[Any, list[_Piece]]:
    found: dict[Any, list[_Piece]] = {key: [] for key in order}
    for trace in traces:
        places = keys(trace, lying=lying)
        fills, striped = colours(trace, len(places))
        outside = at(trace.get("textposition"), 0) in (None, "outside", "auto")
        for i, (key, base, length) in enumerate(
            zip(places, starts(trace, lying=lying), lengths(trace, lying=lying), strict=True)
        ):
            if length is None:
                continue
            start = (number(base) or 0.0) * sign
            end = start + length * sign
            near, far = max(min(start, end), 0.0), max(start, end, 0.0)
            if far > 0:
                words = runs(str(at(trace.get("text"), i) or "")) if outside else ()
                found[key].append(_Piece(near, far, fills[i], striped[i], words, outward=end >= start))
    return {key: sorted(some, key=lambda piece: (piece.near, piece.far)) for key, some in found.items()}


def _level(
    pieces: Mapping[Any, Sequence[_Piece]], order: Sequence[Any], level: int, sign: int, span: float
) -> list[Series] | None:
    """The bars that come so-and-so many from zero: the gap before them, they themselves, and words beyond them."""
    gaps: list[float | None] = []
    tall: list[float | None] = []
    beyond: list[float | None] = []
    inward: dict[int, Label] = {}
    outward: dict[int, Label] = {}
    some = [pieces[key][level] if level < len(pieces[key]) else None for key in order]
    for index, (key, piece) in enumerate(zip(order, some, strict=True)):
        if piece is None:
            gaps.append(None)
            tall.append(None)
            beyond.append(None)
            continue
        gap = piece.near - (pieces[key][level - 1].far if level else 0.0)
        if gap < -TIGHT * max(piece.far, 1.0):
            return None
        gaps.append(gap * sign)
        tall.append((piece.far - piece.near) * sign)
        last = level == len(pieces[key]) - 1
        told = bool(piece.words) and piece.outward and last
        beyond.append(span * ASIDE * sign if told else None)
        if told:
            outward[index] = Label(piece.words, "inBase")
        elif piece.words:
            inward[index] = Label(piece.words, "inEnd")
    fills = [CLEAR if piece is None else piece.fill for piece in some]
    found = []
    if inward or any(gap is not None and abs(gap) > TIGHT for gap in gaps):
        found.append(Series("", gaps, "bar", labels=inward, role="start"))
    hatched = ["" if piece is None else piece.hatched for piece in some]
    found.append(Series("", tall, "bar", fill=fills[0], fills=fills, hatched=hatched))
    return [*found, Series("", beyond, "bar", labels=outward, role="words")] if outward else found


def waterfall(trace: Trace) -> Trace:
    """A waterfall as bars from bases of their own."""
    measures, values = listed(trace.get("measure")), [number(v) or 0.0 for v in listed(trace.get("y"))]
    reached, bases, tall, fills = number(trace.get("base")) or 0.0, [], [], []
    for index, value in enumerate(values):
        measure = measures[index] if index < len(measures) else "relative"
        kind = "totals" if measure in ("total", "absolute") else "increasing" if value >= 0 else "decreasing"
        if measure == "total":
            start, end = 0.0, reached
        elif measure == "absolute":
            start, end = 0.0, value
        else:
            start, end = reached, reached + value
        reached = end
        bases.append(start)
        tall.append(end - start)
        fills.append(((trace.get(kind) or {}).get("marker") or {}).get("color") or "#5f6775")
    kept = {key: trace[key] for key in ("x", "text", "textposition", "name") if key in trace}
    return {**kept, "type": "bar", "base": bases, "y": tall, "marker": {"color": fills}}
