"""Search for the least-squares optimum of every row: scaled axes, starts from a grid, and blocks in several passes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from analysis.growth.batch import Batch
from analysis.growth.batched.bends import Bend
from analysis.growth.batched.cholesky import backward, factor, forward
from analysis.growth.batched.marquardt import BLOCK, IntArray, Rows, descend
from analysis.growth.curves import Curve
from analysis.growth.nonlinear import factors
from analysis.growth.shapes import FloatArray

LEAST = 0.05
"""Least positive level to start from, as a share of the largest value."""


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """Scaled axes of each row, and what its observations look like.

    Attributes
    ----------
    shift, span, size : ndarray (S,)
        u = (t - shift) / span, v = y / size.
    step : ndarray (S,)
        Median step in u (the lower of two).
    """

    shift: FloatArray
    span: FloatArray
    size: FloatArray
    step: FloatArray

    def factors(self, curve: Curve) -> tuple[FloatArray, FloatArray]:
        """Offset and factor (S, k) that take scaled parameters to the units of the batch."""
        return factors(curve, self.shift, self.span, self.size)


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Where each row of a search is: theta (S, p), and base (S, k) for the parameters it holds."""

    theta: FloatArray
    base: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """A curve and the rows it is fitted to."""

    curve: Curve
    batch: Batch
    scale: Scale
    bend: Bend | None = None

    def start(self, good: IntArray, among: slice) -> Points:
        """Points from which the rows start: the best among some of those declared."""
        size, p = len(self.batch.values), len(free(self.curve)) + self.batch.design.shape[-1]
        found = Points(np.full((size, p), np.nan), np.full((size, len(self.curve.names)), np.nan))
        for index in self._alike(good):
            rows = self.rows(found, index)
            found.base[index] = _starts(rows, float(self.scale.step[index[0]]), among)
            found.theta[index] = rows.theta(found.base[index])
        return found

    def bent(self) -> "Search":
        """The same in the coordinates of the curve's bend."""
        return replace(self, bend=self.curve.bend)

    def turned(self, found: Points, left: IntArray) -> Points:
        """Points in the coordinates of the bend, where they are not, and back from it, where they are."""
        other = replace(self, bend=None) if self.bend else self.bent()
        moved = Points(np.full_like(found.theta, np.nan), found.base)
        for index in blocks(left):
            rows, theta = self.rows(found, index), found.theta[index]
            moved.theta[index] = other.rows(found, index).theta(rows.natural(theta))
            moved.theta[index, len(rows.free) :] = theta[:, len(rows.free) :]
        return moved

    def follow(self, found: Points, left: IntArray, passes: tuple[int, ...]) -> IntArray:
        """Move the points of the rows to their optimum, in place; rows that did not arrive."""
        for steps in passes:
            still = [left[:0]]
            for index in blocks(left):
                found.theta[index], arrived = descend(self.rows(found, index), found.theta[index], steps)
                still.append(index[~arrived])
            left = np.concatenate(still)
        return left

    def sse(self, found: Points, left: IntArray) -> FloatArray:
        """Sum of squares of each row, in the units of the batch."""
        parts = [self.rows(found, index).normal(found.theta[index]).sse for index in blocks(left)]
        return np.concatenate([np.empty(0), *parts]) * self.scale.size[left] ** 2

    def rows(self, found: Points, index: IntArray) -> Rows:
        """Block of the batch on scaled axes; one axis of time where all rows share it."""
        part, shift, span = self.batch.take(index), self.scale.shift[index], self.scale.span[index]
        n, seen = part.values.shape[1], part.observed
        if part.times.ndim == 1 and (shift == shift[0]).all() and (span == span[0]).all():
            u = (part.times[:n] - shift[0]) / span[0]
        else:
            u = (part.wide_times()[:, :n] - shift[:, None]) / span[:, None]
        return Rows(
            curve=self.curve,
            u=u,
            v=np.where(seen, part.values / self.scale.size[index, None], 0.0),
            seen=None if seen.all() else seen.astype(np.float64),
            design=np.ascontiguousarray(np.moveaxis(part.wide_design()[:, :n], -1, 0)),
            base=found.base[index],
            free=free(self.curve),
            bend=self.bend,
        )

    def _alike(self, good: IntArray) -> Iterator[IntArray]:
        """Blocks of rows with the same scaled times."""
        keys = np.column_stack([self.scale.shift, self.scale.span, self.scale.step])[good]
        if (keys == keys[:1]).all():
            return blocks(good)
        group = np.unique(keys, axis=0, return_inverse=True)[1]
        order = np.argsort(group, kind="stable")
        parts = np.split(good[order], np.flatnonzero(np.diff(group[order])) + 1)
        return (block for part in parts for block in blocks(part))


def scaled(batch: Batch) -> Scale:
    """Scaled axes of each row; NaN for a row without values."""
    seen, times = batch.observed, batch.wide_times()[:, : batch.values.shape[1]]
    ordered = np.sort(np.where(seen, times, np.nan), axis=1)
    span = np.fmax.reduce(ordered, axis=1) - ordered[:, 0]
    gaps = np.sort(np.diff(ordered, axis=1), axis=1)
    middle = np.maximum(np.isfinite(gaps).sum(axis=1) - 1, 0) // 2
    size = np.fmax.reduce(np.abs(batch.values), axis=1)
    return Scale(ordered[:, 0], span, size, gaps[np.arange(len(gaps)), middle] / span)


def free(curve: Curve) -> IntArray:
    """Positions of the parameters that are estimated."""
    return np.array([i for i, name in enumerate(curve.names) if name not in curve.held])


def blocks(rows: IntArray) -> Iterator[IntArray]:
    """Rows in pieces that are worked on together."""
    return (rows[i : i + BLOCK] for i in range(0, len(rows), BLOCK))


def _starts(rows: Rows, step: float, among: slice) -> FloatArray:
    """Point from which each row starts, (S, k)."""
    if rows.curve.grid is not None:
        return best_start(rows, rows.curve.grid(step)[among])
    seen = np.ones(rows.v.shape, dtype=bool) if rows.seen is None else rows.seen > 0
    u = np.broadcast_to(rows.u, rows.v.shape)
    return np.stack([_start(rows.curve, t[s], y[s], among) for t, y, s in zip(u, rows.v, seen, strict=True)])


def _start(curve: Curve, t: FloatArray, y: FloatArray, among: slice) -> FloatArray:
    if curve.starts is None:
        raise TypeError(f"{curve.key} says neither a grid nor starts")
    points = curve.starts(t, y)
    points = points[among] if len(points[among]) else points
    return points[((curve.value(t, points) - y) ** 2).sum(axis=-1).argmin()]


def best_start(rows: Rows, points: FloatArray) -> FloatArray:
    """Best of the points (s, k) for each row, with its levels fitted, (S, k)."""
    levels = [i for i, p in enumerate(rows.curve.parameters) if p.role in ("level", "stock")]
    basis = np.moveaxis(rows.curve.jacobian(rows.u[..., None, :], points)[..., levels], -1, 0)
    seen = np.ones_like(rows.v) if rows.seen is None else rows.seen
    inner = np.stack([_against(rows.v, b) for b in basis])
    gram = np.array([[_against(seen, a * b) for a in basis] for b in basis])
    root, scale, _ = factor(gram.reshape(len(levels), len(levels), -1))
    half = forward(root, inner.reshape(len(levels), -1) / scale)
    explained = (half**2).sum(axis=0).reshape(inner.shape[1:])
    best = explained.argmax(axis=1)
    fitted, every = (backward(root, half) / scale).reshape(inner.shape), np.arange(len(best))
    chosen = points[best]
    for level, value in zip(levels, fitted, strict=True):
        positive = rows.curve.parameters[level].positive
        chosen[:, level] = np.maximum(value[every, best], LEAST if positive else -np.inf)
    return chosen


def _against(rows: FloatArray, basis: FloatArray) -> FloatArray:
    """Inner products (S, s) of rows (S, n) with a shared basis (s, n) or each row's own (S, s, n)."""
    return rows @ basis.T if basis.ndim == 2 else np.vecdot(basis, rows[:, None])
