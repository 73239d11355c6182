"""Search for the smoothing parameters of many rows at once: a grid, then Levenberg and Marquardt inside a box."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.growth.methods.smoothing import Problem, profile
from analysis.growth.shapes import FloatArray

LOW = np.array([1e-4, 1e-4, 0.8, 1e-4])
HIGH = np.array([1 - 1e-4, 1 - 1e-4, 0.98, 1 - 1e-4])
"""Of alpha, beta / alpha, phi and gamma / (1 - alpha): the usual region (Hyndman et al., 2008, section 2.7)."""
GRID = ((0.002, 0.02, 0.1, 0.4, 0.9), (0.02, 0.2, 0.95), (0.85, 0.97), (0.01, 0.3))
"""Values of the same four that are tried in every combination."""
ROUNDS = ((8, 5), (3, 60))
"""Starts that are followed, and for how many steps: points of the grid that beat their neighbours come first, then
the best others; of what became of them, the best."""
SETTLED = 1e-10
"""A step that promises less of the sum of squares ends the search."""
BLOCK = 512
"""Rows worked on at a time, so that a block stays in the cache."""


@dataclass(frozen=True, slots=True)
class _Local:
    """Quadratic model of half the sum of squares in the coordinates of the box."""

    sse: FloatArray
    gradient: FloatArray
    hessian: FloatArray

    def take(self, rows: NDArray[np.bool_]) -> "_Local":
        return _Local(self.sse[rows], self.gradient[rows], self.hessian[rows])

    def where(self, rows: NDArray[np.bool_], other: "_Local") -> "_Local":
        """Take `rows` from here, the rest from the other."""
        return _Local(
            np.where(rows, self.sse, other.sse),
            np.where(rows[:, None], self.gradient, other.gradient),
            np.where(rows[:, None, None], self.hessian, other.hessian),
        )


def minimum(problem: Problem) -> FloatArray:
    """Alpha, beta, phi and gamma (S, 4) of the least sum of squares; gamma is 0 without seasons."""
    rows, grid = problem.columns.shape[2], GRID if problem.period > 1 else (*GRID[:3], (0.0,))
    points = np.stack(np.meshgrid(*grid, indexing="ij"), axis=-1).reshape(-1, 4)
    row, point = np.indices((rows, len(points))).reshape(2, -1)
    sums = np.empty(rows * len(points))
    for part in _blocks(len(sums)):
        params = natural(points[point[part]], problem.period)
        sums[part] = profile(problem.take(row[part]), params, slopes=False).sse
    ends = points[_promising(sums.reshape(rows, *(len(axis) for axis in grid)), ROUNDS[0][0])]
    for starts, iterations in ROUNDS:
        ends, sse = _followed(problem, ends[:, :starts], iterations)
        ends = np.take_along_axis(ends, np.argsort(sse, axis=1)[:, :, None], axis=1)
    return natural(ends[:, 0], problem.period)


def _followed(problem: Problem, starts: FloatArray, iterations: int) -> tuple[FloatArray, FloatArray]:
    """Where starts (S, s, 4) lead, and the sums of squares there (S, s)."""
    row, ends = np.repeat(np.arange(len(starts)), starts.shape[1]), starts.reshape(-1, 4)
    sse = np.empty(len(row))
    for part in _blocks(len(row)):
        ends[part], sse[part] = _descend(problem.take(row[part]), ends[part], iterations)
    return ends.reshape(starts.shape), sse.reshape(starts.shape[:2])


def _promising(sums: FloatArray, count: int) -> NDArray[np.int64]:
    """Positions (S, count) on the raveled grid of sums (S, ...)."""
    beaten = np.zeros(sums.shape, dtype=bool)
    for axis in range(1, sums.ndim):
        rises = np.diff(sums, axis=axis) > 0
        ends = [(0, 0)] * sums.ndim
        beaten |= np.pad(rises, [*ends[:axis], (1, 0), *ends[axis + 1 :]])
        beaten |= np.pad(~rises, [*ends[:axis], (0, 1), *ends[axis + 1 :]])
    behind = sums > sums.min(axis=tuple(range(2, sums.ndim)), keepdims=True)
    flat = sums.reshape(len(sums), -1)
    return np.lexsort((flat, beaten.reshape(flat.shape), behind.reshape(flat.shape)))[:, :count]


def _blocks(total: int) -> list[slice]:
    return [slice(k, k + BLOCK) for k in range(0, total, BLOCK)]


def natural(points: FloatArray, period: int) -> FloatArray:
    """Alpha, beta, phi and gamma of points (S, 4) of the box."""
    alpha, ratio, phi, share = points.T
    return np.column_stack([alpha, alpha * ratio, phi, (1 - alpha) * share if period > 1 else np.zeros_like(share)])


def _local(problem: Problem, points: FloatArray) -> _Local:
    found = profile(problem, natural(points, problem.period))
    alpha, ratio, _, share = points.T[:, :, None]
    a, b, p, g = np.moveaxis(found.slopes, 2, 0)
    if problem.period == 1:
        share, g = np.zeros_like(share), np.zeros_like(g)
    slopes = np.stack([a + ratio * b - share * g, alpha * b, p, (1 - alpha) * g], axis=2)
    turned = slopes.transpose(0, 2, 1)
    return _Local(found.sse, np.matmul(turned, found.errors[:, :, None])[:, :, 0], np.matmul(turned, slopes))


def _descend(problem: Problem, points: FloatArray, iterations: int) -> tuple[FloatArray, FloatArray]:
    """Optima (S, 4) in the box and their sums of squares; rows that have settled are dropped."""
    at, found = points.copy(), _local(problem, points)
    ends, sse = at.copy(), found.sse.copy()
    live, damping = np.arange(len(points)), np.full(len(points), 1e-3)
    for _ in range(iterations):
        step, promised = _step(found, at, damping)
        keep = promised > SETTLED * found.sse
        if not keep.any():
            break
        live, at, damping, found, step = live[keep], at[keep], damping[keep], found.take(keep), step[keep]
        problem = problem if keep.all() else problem.take(np.flatnonzero(keep))
        trial = np.clip(at + step, LOW, HIGH)
        after = _local(problem, trial)
        gain = (found.sse - after.sse) / np.maximum(promised[keep], np.finfo(np.float64).tiny)
        better = gain > 0
        at, found = np.where(better[:, None], trial, at), after.where(better, found)
        damping *= np.where(better, np.maximum(1 - (2 * np.minimum(gain, 1) - 1) ** 3, 1 / 5), 6.0)
        ends[live], sse[live] = at, found.sse
    return ends, sse


def _step(found: _Local, at: FloatArray, damping: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Step (S, 4) with coordinates held that press against the box, and what it promises of the sum of squares."""
    held = ((at <= LOW) & (found.gradient > 0)) | ((at >= HIGH) & (found.gradient < 0))
    size = np.diagonal(found.hessian, axis1=1, axis2=2)
    held |= size <= 0
    gradient = np.where(held, 0.0, found.gradient)
    both = held[:, :, None] | held[:, None, :]
    diagonal = np.where(held, 1.0, size * (1 + damping[:, None]))
    matrix = np.where(both, 0.0, found.hessian)
    i = np.arange(matrix.shape[1])
    matrix[:, i, i] = diagonal
    step = -np.linalg.solve(matrix, gradient[:, :, None])[:, :, 0]
    return step, -np.einsum("sk,sk->s", gradient, step)
