"""Bands between two lines as stacked areas: nothing up to the lowest line, then what lies between them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from analysis.views.slides.panels import Trace, listed, number, plain
from analysis.views.slides.read_bars import PIXEL
from analysis.views.slides.spec import Pen, Series

NEAR = 1e-9


class Band(NamedTuple):
    """Low and high at each place along the axis."""

    name: str
    fill: str
    xs: tuple[Any, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    legend: bool


def band(trace: Trace) -> Band | None:
    """A closed outline as a band: out along one line, back along the other; None for any other outline."""
    xs, ys = listed(trace.get("x")), [number(value) for value in listed(trace.get("y"))]
    half = len(xs) // 2
    if len(xs) % 2 or not half or xs[half:][::-1] != xs[:half]:
        return None
    out, back = ys[:half], ys[half:][::-1]
    pairs = [
        (x, min(a, b), max(a, b))
        for x, a, b in zip(xs[:half], out, back, strict=True)
        if a is not None and b is not None
    ]
    if not pairs:
        return None
    places, low, high = zip(*pairs, strict=True)
    fill = str(trace.get("fillcolor") or "rgba(95,103,117,0.2)")
    legend = bool(trace.get("showlegend") is not False and trace.get("name"))
    return Band(plain(trace.get("name") or ""), fill, places, low, high, legend)


def between(lower: Trace, upper: Trace) -> Band | None:
    """A band from one line down to the one drawn before it."""
    held = dict(zip(listed(lower.get("x")), listed(lower.get("y")), strict=False))
    pairs = [
        (x, number(held.get(x)), number(y))
        for x, y in zip(listed(upper.get("x")), listed(upper.get("y")), strict=False)
    ]
    known = [(x, min(a, b), max(a, b)) for x, a, b in pairs if a is not None and b is not None]
    if not known:
        return None
    places, low, high = zip(*known, strict=True)
    return Band(
        plain(upper.get("name") or ""), str(upper.get("fillcolor") or "rgba(95,103,117,0.2)"), places, low, high, False
    )


def areas(bands: Sequence[Band], order: Sequence[Any], lined: Sequence[Series]) -> list[Series]:
    """Bands as areas: stacked where their lines never cross, on hidden axes where they do, else two thin lines.

    The widest come first: what stands on hidden axes is not drawn by every program. Outside a band its low follows the
    first of the lines that is known there, at no width.
    """
    layers: list[list[Band]] = [[], []]
    left: list[Band] = []
    for one in sorted(bands, key=_width, reverse=True):
        layer = next((some for some in layers if _ordered([*some, one], order)), None)
        (left if layer is None else layer).append(one)
    found = [series for second, some in enumerate(layers) for series in _stack(some, order, lined, second=bool(second))]
    return found + [line for one in left for line in _edges(one, order)]


def _width(one: Band) -> float:
    """Mean distance of high from low."""
    return sum(high - low for low, high in zip(one.low, one.high, strict=True)) / len(one.xs)


def _lines(bands: Sequence[Band], order: Sequence[Any]) -> "np.ndarray":
    """Low and high of each band along the axis (2 bands, places); NaN outside."""
    at = {x: index for index, x in enumerate(order)}
    found = np.full((2 * len(bands), len(order)), np.nan)
    for number_, one in enumerate(bands):
        where = [at[x] for x in one.xs]
        found[2 * number_, where], found[2 * number_ + 1, where] = one.low, one.high
    return found


def _rank(lines: "np.ndarray") -> "np.ndarray":
    """Order of lines from the lowest up, by their means where all are known; the outer of equal bands goes outside."""
    known = np.isfinite(lines).all(axis=0)
    means = lines[:, known].mean(axis=1)
    turn = np.array([-1 if i % 2 == 0 else 1 for i in range(len(lines))]) * np.arange(len(lines), 0, -1)
    return np.lexsort((turn, np.round(means, 12)))


def _ordered(bands: Sequence[Band], order: Sequence[Any]) -> bool:
    """Whether the lines of bands never cross, and all bands lie along the same places."""
    if len({one.xs for one in bands}) > 1:
        return False
    lines = _lines(bands, order)
    lines = lines[:, np.isfinite(lines).all(axis=0)]
    steps = np.diff(lines[_rank(lines)], axis=0)
    return bool((steps >= -NEAR * np.abs(lines).max(initial=1.0)).all())


def _stack(bands: Sequence[Band], order: Sequence[Any], lined: Sequence[Series], *, second: bool) -> list[Series]:
    """The lowest line, unseen, and above it each strip in the colour of the innermost band that holds it."""
    if not bands:
        return []
    lines = _lines(bands, order)
    rank = _rank(lines).tolist()
    ranked = lines[rank]
    name = " · ".join(dict.fromkeys(one.name for one in bands if one.name))
    found = [Series(name, _low(ranked[0], lined), "area", second=second, role="low")]
    told: set[int] = set()
    for step in range(len(rank) - 1):
        holding = [b for b in range(len(bands)) if rank.index(2 * b) <= step < rank.index(2 * b + 1)]
        inner = min(holding, key=lambda b: rank.index(2 * b + 1) - rank.index(2 * b), default=None)
        width = np.maximum(ranked[step + 1] - ranked[step], 0.0)
        fill = "" if inner is None else bands[inner].fill
        legend = inner is not None and bands[inner].legend and inner not in told
        told |= set() if inner is None else {inner}
        label = "" if inner is None else bands[inner].name
        found.append(
            Series(label, np.nan_to_num(width).tolist(), "area", fill=fill, second=second, legend=legend, role="width")
        )
    return found


def _low(line: "np.ndarray", lined: Sequence[Series]) -> list[float | None]:
    """The lowest line; beyond its ends the first line that is known there, else its own last value."""
    known = np.flatnonzero(np.isfinite(line))
    found: list[float | None] = []
    for at, value in enumerate(line.tolist()):
        seen = next((one.values[at] for one in lined if one.values[at] is not None), None)
        nearest = float(line[known[np.abs(known - at).argmin()]])
        found.append(value if np.isfinite(value) else nearest if seen is None else seen)
    return found


def _edges(one: Band, order: Sequence[Any]) -> list[Series]:
    """A band as its two lines."""
    lines = _lines([one], order)
    pen = Pen(one.fill, PIXEL * 2)
    return [
        Series(f"{one.name} {sign}".strip(), [float(v) if np.isfinite(v) else None for v in line], "line", pen=pen)
        for line, sign in zip(lines, "↓↑", strict=True)
    ]
