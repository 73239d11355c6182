"""Least-squares fits of a curve to every row of a batch: S-curves on their values, the log-linear curve on logs."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.growth import nonlinear
from analysis.growth.batch import Batch
from analysis.growth.batched.cholesky import PIVOT, inverse
from analysis.growth.batched.marquardt import STEPS, BoolArray, IntArray, Rows, lifted
from analysis.growth.batched.search import Points, Search, blocks, free, scaled
from analysis.growth.curves import Curve
from analysis.growth.nonlinear import EXACT, OFFSET
from analysis.growth.shapes import FloatArray

ALL = slice(None)
PARTS = tuple(slice(part, None, 3) for part in range(3))
"""A row without a regular optimum is followed along the bend of its valley, then starts again from the best of each of
these parts of the points declared."""
NEAR = (2.0, 1.0, 1.0)
"""After each pass such a row goes on where its sum of squares is below so many times the best so far."""
BETTER = 1e-9
"""Share of the sum of squares by which another optimum must be better."""


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """Fits of the rows in units of the batch; NaN where a row failed.

    Attributes
    ----------
    params : ndarray (S, k)
    effects : ndarray (S, m)
    root : ndarray (S, k + m, f + m)
        Root of the covariance of parameters and effects for a residual variance of 1.
    sse : ndarray (S,)
        Sum of squared residuals, of logs where the curve is fitted on logs.
    df : ndarray (S,)
        Residual degrees of freedom.
    regular : ndarray (S,) of bool
        The optimum satisfies the normal equations in the interior.
    failed : ndarray (S,) of str
    """

    params: FloatArray
    effects: FloatArray
    root: FloatArray
    sse: FloatArray
    df: FloatArray
    regular: BoolArray
    failed: NDArray[np.str_]

    @property
    def sigma(self) -> FloatArray:
        """Residual standard deviation (S,)."""
        return np.sqrt(self.sse / self.df)


def solve(curve: Curve, batch: Batch) -> Solved:
    """Fit every row that can be fitted."""
    failed = refused(curve, batch)
    size, m = len(batch.values), batch.design.shape[-1]
    k, f = len(curve.names), len(free(curve))
    solved = Solved(
        params=np.full((size, k), np.nan),
        effects=np.full((size, m), np.nan),
        root=np.full((size, k + m, f + m), np.nan),
        sse=np.full(size, np.nan),
        df=np.full(size, np.nan),
        regular=np.zeros(size, dtype=bool),
        failed=failed,
    )
    good = np.flatnonzero(failed == "")
    if curve.logs:
        _linear(batch, solved, good)
    else:
        _nonlinear(curve, batch, solved, good)
    return solved


def refused(curve: Curve, batch: Batch) -> NDArray[np.str_]:
    """Code of what is wrong with each row; empty where nothing is."""
    values, nobs, times = batch.values, batch.nobs, batch.wide_times()[:, : batch.values.shape[1]]
    low, high = (np.where(np.isnan(end), 0.0, end) for end in _ends(values))
    first, last = _ends(np.where(batch.observed, times, np.nan))
    rises = any(p.positive and p.role in ("level", "stock") for p in curve.parameters)
    flat = (low == high) & (not curve.logs)
    barred = (low <= 0) if curve.logs else (high <= 0) & rises
    few = nobs < len(free(curve)) + active(batch).sum(axis=1) + 1
    codes = [np.isinf(values).any(axis=1), few, first == last, barred, flat]
    return np.select(codes, ["infinite", "too_few", "one_time", "non_positive", "constant"], "")


def _ends(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Smallest and largest of each row that are not missing."""
    return np.fmin.reduce(values, axis=1), np.fmax.reduce(values, axis=1)


def active(batch: Batch) -> BoolArray:
    """Regressors of each row that are not 0 throughout, (S, m)."""
    n = batch.values.shape[1]
    return ((batch.wide_design()[:, :n] != 0) & batch.observed[..., None]).any(axis=1)


def _linear(batch: Batch, solved: Solved, good: IntArray) -> None:
    for index in blocks(good):
        part = batch.take(index)
        n = part.values.shape[1]
        seen = part.observed
        times = part.wide_times()[:, :n]
        logs = np.where(seen, np.log(part.values), 0.0)
        middle = (times * seen).sum(axis=1) / part.nobs
        columns = [seen * 1.0, np.where(seen, times - middle[:, None], 0.0)]
        columns += [np.where(seen, x, 0.0) for x in np.moveaxis(part.wide_design()[:, :n], -1, 0)]
        gram = np.array([[np.vecdot(a, b) for a in columns] for b in columns])
        used = active(part)
        for i, on in enumerate(used.T, 2):
            gram[i, i] += ~on
        root, least = inverse(gram)
        right = np.stack([np.vecdot(c, logs) for c in columns], axis=1)
        found = np.einsum("sij,skj,sk->si", root, root, right)
        residual = logs - sum(c * g[:, None] for c, g in zip(columns, found.T, strict=True))
        root[:, 0] -= middle[:, None] * root[:, 1]
        found[:, 0] -= middle * found[:, 1]
        root[:, 2:] *= used[..., None]
        solved.params[index], solved.effects[index], solved.root[index] = found[:, :2], found[:, 2:], root
        solved.sse[index] = np.vecdot(residual, residual)
        solved.df[index] = part.nobs - 2 - used.sum(axis=1)
        solved.regular[index] = least > PIVOT


def _nonlinear(curve: Curve, batch: Batch, solved: Solved, good: IntArray) -> None:
    search = Search(curve, batch, scaled(batch))
    found = search.start(good, ALL)
    search.follow(found, good, STEPS)
    _settle(search, found, good, solved)
    bent, again = search.bent(), good[~solved.regular[good]]
    if curve.bend and len(again):
        moved = search.turned(found, again)
        bent.follow(moved, again, STEPS)
        _improve(bent, moved, again, solved)
    for part in PARTS:
        left = again[~solved.regular[again]]
        other = bent.start(left, part)
        for steps, near in zip(STEPS, NEAR, strict=True):
            bent.follow(other, left, (steps,))
            left = left[bent.sse(other, left) < near * solved.sse[left]]
        _improve(bent, other, left, solved)


def _improve(bent: Search, other: Points, left: IntArray, solved: Solved) -> None:
    """Write those of the optima that are better than what there is."""
    plain = bent.turned(other, left)
    better = left[replace(bent, bend=None).sse(plain, left) < (1 - BETTER) * solved.sse[left]]
    _settle(replace(bent, bend=None), plain, better, solved)


def redo(curve: Curve, batch: Batch, solved: Solved, row: int) -> None:
    """Fit a row by the solver of one series, and keep what it finds where it is better."""
    seen = batch.observed[row]
    t, y = batch.wide_times()[row, : len(seen)][seen], batch.values[row, seen]
    found = nonlinear.solve(curve, t, y, {})
    squares = float(((curve.value(t, found.params) - y) ** 2).sum())
    if squares < (1 - BETTER) * solved.sse[row]:
        solved.params[row], solved.root[row] = found.params, found.root
        solved.sse[row], solved.regular[row] = squares, found.regular


def _settle(search: Search, found: Points, left: IntArray, solved: Solved) -> None:
    """Write the optima of the rows, with their errors, in the units of the batch."""
    for index in blocks(left):
        _write(search.rows(found, index), found.theta[index], search, solved, index)


def _write(rows: Rows, theta: FloatArray, search: Search, solved: Solved, index: IntArray) -> None:
    at = rows.normal(theta, search=False)
    root, least = inverse(at.gram)
    part, scale, f = search.batch.take(index), search.scale, len(rows.free)
    used, nobs = active(part), part.nobs
    df = nobs - f - used.sum(axis=1)
    inside = (np.einsum("sij,is->sj", root, at.slope) ** 2).sum(axis=1)
    outside = np.maximum(at.sse - inside, 0.0)
    settled = inside / (nobs - df) < OFFSET**2 * outside / df
    offset, factors = (ends[index] for ends in scale.factors(rows.curve))
    size = scale.size[index]
    params = rows.natural(theta)
    root *= rows.chain(params)[..., None] / size[:, None, None]
    k = len(rows.curve.names)
    spread = np.zeros((len(index), k + used.shape[1], root.shape[2]))
    spread[:, rows.free] = factors[:, rows.free, None] * root[:, :f]
    spread[:, k:] = root[:, f:] * used[..., None]
    solved.params[index], solved.effects[index] = offset + factors * params, theta[:, f:]
    solved.root[index], solved.sse[index], solved.df[index] = spread, at.sse * size**2, df
    solved.regular[index] = (least > PIVOT) & (settled | (at.sse < nobs * EXACT**2))


def continued(curve: Curve, solved: Solved, times: FloatArray, design: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Values (S, n) of the fits at `times`, and their derivatives (S, n, k + m) by parameters and effects."""
    lift = lifted(np.moveaxis(design, -1, 0), solved.effects)
    value = curve.value(times, solved.params) * lift
    slopes = curve.jacobian(times, solved.params) * lift[..., None]
    return value, np.concatenate([slopes, value[..., None] * design], axis=2)
