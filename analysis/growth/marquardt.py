"""Nonlinear least squares of many series at once: Levenberg and Marquardt's method with a row for every series.

Rows are on scaled axes (time in [0, 1], largest value 1), positive parameters are searched as logs, and every series
keeps its own damping; those that have arrived leave the block. Levels enter a curve linearly, so that its values are
the levels times their own derivatives and no separate evaluation is needed.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.growth.curves import Curve
from analysis.growth.nonlinear import EXACT, LOG_LIMIT
from analysis.growth.shapes import EXPONENT, FloatArray

BLOCK = 512
"""Series worked on together: what fits the processor's cache."""
STEPS = (12, 40, 150)
"""Iterations of each pass; what is not finished after one is gathered into new blocks for the next."""
GAIN = 1e-14
"""A step that promises less than this share of the sum of squares is the last."""
RIDGE, RIDGE_GAIN = 1e-9, 1e-8
"""On a ridge, where the smallest pivot is below the one, a step must promise the other: the parameters it moves along
the ridge are beyond what the data can tell."""
PIVOT = 1e-14
"""Least squared share of a direction that the other parameters must leave unexplained."""
DAMPING, LESS, MORE = 1e-3, 0.3, 3.0
"""First damping, as a share of the curvature, and its factors after a step that succeeds and one that fails."""
LEAP = 1.5
"""Most that the log of a parameter changes in one step."""
LEAST = 0.05
"""Least positive level to start from, as a share of the largest value."""
STUCK = 1e9
"""Damping at which no step is short enough: rounding is all that is left."""

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Normal:
    """Normal equations of each row: sum of squares (S,), gram (p, p, S), gradient (p, S)."""

    sse: FloatArray
    gram: FloatArray
    slope: FloatArray

    def take(self, rows: IntArray | BoolArray) -> "Normal":
        """Some of the rows."""
        return Normal(self.sse[rows], self.gram[:, :, rows], self.slope[:, rows])


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Series of one curve on scaled axes.

    Attributes
    ----------
    curve : Curve
    u : ndarray (n,) or (S, n)
        Scaled time.
    v : ndarray (S, n)
        Scaled values, 0 where missing.
    seen : ndarray (S, n) or None
        1 where there is a value, 0 elsewhere; None when there are all.
    design : ndarray (m, S, n)
        Regressors that act on logs.
    base : ndarray (S, k)
        Held parameters; the others are overwritten.
    free : ndarray (f,)
        Positions of the parameters estimated.
    """

    curve: Curve
    u: FloatArray
    v: FloatArray
    seen: FloatArray | None
    design: FloatArray
    base: FloatArray
    free: IntArray

    def take(self, rows: IntArray | BoolArray) -> "Rows":
        """Some of the rows."""
        return replace(
            self,
            u=self.u if self.u.ndim == 1 else self.u[rows],
            v=self.v[rows],
            seen=None if self.seen is None else self.seen[rows],
            design=self.design[:, rows],
            base=self.base[rows],
        )

    @property
    def positive(self) -> BoolArray:
        """Which of the free parameters are searched as logs, (f,)."""
        return np.array([p.positive for p in self.curve.parameters])[self.free]

    def theta(self, params: FloatArray) -> FloatArray:
        """Free parameters (S, f), then effects of zero (S, m)."""
        free = params[:, self.free]
        if self.curve.lag is not None:
            free[:, -1] += self.curve.lag(params)[0]
        logs = np.log(np.maximum(np.where(self.positive, free, 1.0), np.exp(-LOG_LIMIT)))
        return np.hstack([np.where(self.positive, logs, free), np.zeros((len(free), len(self.design)))])

    def natural(self, theta: FloatArray) -> FloatArray:
        """All parameters (S, k) on the scaled axes."""
        found, free = self.base.copy(), theta[:, : len(self.free)]
        logs = np.exp(np.clip(np.where(self.positive, free, 0.0), -LOG_LIMIT, LOG_LIMIT))
        found[:, self.free] = np.where(self.positive, logs, free)
        if self.curve.lag is not None:
            found[:, -1] -= self.curve.lag(found)[0]
        return found

    def chain(self, params: FloatArray) -> FloatArray:
        """Differentiate parameters and effects by theta, (S, f + m)."""
        free = np.where(self.positive, params[:, self.free], 1.0)
        return np.hstack([free, np.ones((len(free), len(self.design)))])

    def moved(self, theta: FloatArray, step: FloatArray) -> FloatArray:
        """Theta less a step that is shortened where a positive parameter would change by more than `LEAP`."""
        logs = np.flatnonzero(self.positive)
        longest = np.abs(step[:, logs]).max(axis=1, initial=0.0)
        trial = theta - step * np.minimum(1.0, LEAP / np.maximum(longest, LEAP))[:, None]
        trial[:, logs] = np.clip(trial[:, logs], -LOG_LIMIT, LOG_LIMIT)
        return trial

    def planes(self, params: FloatArray, effects: FloatArray) -> tuple[FloatArray, list[FloatArray]]:
        """Values (S, n) and their derivatives by the free parameters and the effects, each (S, n)."""
        slopes = self.curve.jacobian(self.u, params).transpose(2, 0, 1)
        value = self.level(params, slopes)
        columns = list(slopes[self.free])
        if len(self.design):
            lift = lifted(self.design, effects)
            value = value * lift
            columns = [c * lift for c in columns] + [value * x for x in self.design]
        if self.seen is not None:
            value = value * self.seen
            columns = [c * self.seen for c in columns]
        return value, columns

    def level(self, params: FloatArray, slopes: FloatArray) -> FloatArray:
        """Values of the curve from the derivatives by its levels, (S, n)."""
        parts = [
            params[:, i, None] * slopes[i] for i, p in enumerate(self.curve.parameters) if p.role in ("level", "stock")
        ]
        return np.add.reduce(parts)

    def normal(self, theta: FloatArray, *, search: bool = True) -> Normal:
        """Normal equations at theta.

        For the `search`, a parameter that has reached its limit stays there, and the last one moves with its lag;
        otherwise derivatives are by parameters (positive ones by their logs).
        """
        params = self.natural(theta)
        value, columns = self.planes(params, theta[:, len(self.free) :])
        residual = value - self.v
        chain = self.chain(params).T
        if search:
            if self.curve.lag is not None:
                _, slopes = self.curve.lag(params)
                for k in np.flatnonzero(slopes.any(axis=0)):
                    columns[k] = columns[k] - (slopes[:, k] / chain[k])[:, None] * columns[len(self.free) - 1]
            held = self.positive[:, None] & (np.abs(theta[:, : len(self.free)].T) >= LOG_LIMIT)
            chain[: len(self.free)][held] = 0.0
        size = len(columns)
        gram, slope = np.empty((size, size, len(theta))), np.empty((size, len(theta)))
        for i, column in enumerate(columns):
            slope[i] = np.vecdot(column, residual) * chain[i]
            for j in range(i + 1):
                gram[i, j] = gram[j, i] = np.vecdot(column, columns[j]) * chain[i] * chain[j]
        for i in range(len(self.free), size):
            gram[i, i] += gram[i, i] == 0
        return Normal(np.vecdot(residual, residual), gram, slope)


def lifted(design: FloatArray, effects: FloatArray) -> FloatArray:
    """exp(X g) of regressors (m, S, n) and effects (S, m), shape (S, n)."""
    return np.exp(np.clip(np.einsum("msn,sm->sn", design, effects), -EXPONENT, EXPONENT))


def factor(gram: FloatArray, damping: FloatArray | float = 0.0) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Cholesky root of each gram matrix scaled to a unit diagonal.

    Returns
    -------
    root : ndarray (p, p, S)
        Lower triangular.
    scale : ndarray (p, S)
        Root of the diagonal; 1 for a column of zeros, which then moves nothing.
    least : ndarray (S,)
        Smallest pivot before it was kept from zero.
    """
    scale = np.sqrt(np.einsum("iis->is", gram))
    empty = scale == 0
    scale = np.where(empty, 1.0, scale)
    work, root = gram / scale / scale[:, None], np.zeros_like(gram)
    least = np.where(empty.any(axis=0), 0.0, 1.0)
    for i in range(len(gram)):
        pivot = np.where(empty[i], 1.0, work[i, i]) + damping
        least = np.minimum(least, pivot)
        root[i, i] = np.sqrt(np.maximum(pivot, PIVOT))
        if i + 1 < len(gram):
            column = root[i + 1 :, i] = work[i + 1 :, i] / root[i, i]
            work[i + 1 :, i + 1 :] -= column[:, None] * column
    return root, scale, least


def forward(root: FloatArray, right: FloatArray) -> FloatArray:
    """Solve root x = right for each row; right (p, S)."""
    found = right / root[0, 0]
    for i in range(1, len(right)):
        found[i] = (right[i] - np.einsum("is,is->s", root[i, :i], found[:i])) / root[i, i]
    return found


def backward(root: FloatArray, right: FloatArray) -> FloatArray:
    """Solve root' x = right for each row; right (p, S)."""
    found = right / root[-1, -1]
    for i in reversed(range(len(right) - 1)):
        found[i] = (right[i] - np.einsum("is,is->s", root[i + 1 :, i], found[i + 1 :])) / root[i, i]
    return found


def inverse(gram: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Root of each inverse (S, p, p), inverse = root root', and the smallest pivot (S,)."""
    root, scale, least = factor(gram)
    sides = [backward(root, np.broadcast_to(e[:, None], scale.shape).copy()) / scale for e in np.eye(len(gram))]
    return np.stack(sides).transpose(2, 1, 0), least


def _stepped(at: Normal, damping: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Damped step (S, p), the fall of the sum of squares it promises (S,) and the smallest pivot (S,)."""
    root, scale, least = factor(at.gram, damping)
    half = forward(root, at.slope / scale)
    step = backward(root, half)
    return (step / scale).T, (half**2 + damping * step**2).sum(axis=0), least


def descend(rows: Rows, theta: FloatArray, steps: int) -> tuple[FloatArray, BoolArray]:
    """Follow each row towards its optimum: theta (S, p), and which of them arrived."""
    found, arrived = theta.copy(), np.zeros(len(theta), dtype=bool)
    places, part, at, damping = np.arange(len(theta)), rows, rows.normal(theta), np.full(len(theta), DAMPING)
    floor = EXACT**2 * np.vecdot(rows.v, rows.v)
    for _ in range(steps):
        step, gain, least = _stepped(at, damping)
        enough = np.where(least < RIDGE, RIDGE_GAIN, GAIN) * at.sse
        done = ((gain <= enough) & (damping < 1)) | (at.sse <= floor[places]) | (damping > STUCK)
        if done.any():
            found[places], arrived[places] = np.where(done[:, None], part.moved(theta, step), theta), done
            stay = ~done
            places, theta, step, gain, damping = places[stay], theta[stay], step[stay], gain[stay], damping[stay]
            part, at = part.take(stay), at.take(stay)
            if not len(places):
                break
        trial = part.moved(theta, step)
        new = part.normal(trial)
        better = new.sse < at.sse
        theta = np.where(better[:, None], trial, theta)
        damping = np.where(better, np.maximum(damping * LESS, 1e-12), damping * MORE)
        at = Normal(
            np.where(better, new.sse, at.sse),
            np.where(better, new.gram, at.gram),
            np.where(better, new.slope, at.slope),
        )
    found[places] = theta
    return found, arrived


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
