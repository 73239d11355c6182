"""Nonlinear least squares of many series at once: Levenberg and Marquardt's method with a row for every series.

Rows are on scaled axes (time in [0, 1], largest value 1), positive parameters are searched as logs, and every series
keeps its own damping; those that have arrived leave the block. Levels enter a curve linearly, so that its values are
the levels times their own derivatives and no separate evaluation is needed.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.growth.batched.bends import Bend
from analysis.growth.batched.cholesky import backward, factor, forward
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
DAMPING, LESS, MORE = 1e-3, 0.3, 3.0
"""First damping, as a share of the curvature, and its factors after a step that succeeds and one that fails."""
BEYOND = 3 * LOG_LIMIT
"""Where positive parameters are taken in all the same: a bend has limits of its own."""
LEAP = 1.5
"""Most that the log of a parameter changes in one step."""
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
    bend : Bend or None
        Coordinates to search in, where they are not the parameters.
    """

    curve: Curve
    u: FloatArray
    v: FloatArray
    seen: FloatArray | None
    design: FloatArray
    base: FloatArray
    free: IntArray
    bend: Bend | None = None

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
        if self.bend:
            return np.hstack(
                [np.clip(self.bend.there(params), *self.limits), np.zeros((len(params), len(self.design)))]
            )
        free = params[:, self.free]
        if self.curve.lag is not None:
            free[:, -1] += self.curve.lag(params)[0]
        logs = np.log(np.maximum(np.where(self.positive, free, 1.0), np.exp(-BEYOND)))
        return np.hstack([np.where(self.positive, logs, free), np.zeros((len(free), len(self.design)))])

    def natural(self, theta: FloatArray) -> FloatArray:
        """All parameters (S, k) on the scaled axes."""
        if self.bend:
            return self.bend.back(theta[:, : len(self.free)])[0]
        found, free = self.base.copy(), theta[:, : len(self.free)]
        logs = np.exp(np.clip(np.where(self.positive, free, 0.0), -BEYOND, BEYOND))
        found[:, self.free] = np.where(self.positive, logs, free)
        if self.curve.lag is not None:
            found[:, -1] -= self.curve.lag(found)[0]
        return found

    def chain(self, params: FloatArray) -> FloatArray:
        """Differentiate parameters and effects by theta, (S, f + m)."""
        free = np.where(self.positive, params[:, self.free], 1.0)
        return np.hstack([free, np.ones((len(free), len(self.design)))])

    def moved(self, theta: FloatArray, step: FloatArray) -> FloatArray:
        """Theta less a step, shortened where a coordinate with limits moves by more than `LEAP`, in a bend it alone."""
        low, high = self.limits
        f, bound = len(low), np.flatnonzero(np.isfinite(high))
        if self.bend:
            step = step.copy()
            step[:, bound] = np.clip(step[:, bound], -LEAP, LEAP)
        longest = np.abs(step[:, bound]).max(axis=1, initial=0.0)
        trial = theta - step * np.minimum(1.0, LEAP / np.maximum(longest, LEAP))[:, None]
        trial[:, :f] = np.clip(trial[:, :f], low, high)
        return trial

    @property
    def limits(self) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest values of the coordinates of the free parameters, each (f,)."""
        if self.bend:
            return np.array(self.bend.low), np.array(self.bend.high)
        high = np.where(self.positive, LOG_LIMIT, np.inf)
        return -high, high

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
        if self.bend:
            return self._bent(theta, residual, columns)
        if search:
            if self.curve.lag is not None:
                _, slopes = self.curve.lag(params)
                for k in np.flatnonzero(slopes.any(axis=0)):
                    columns[k] = columns[k] - (slopes[:, k] / chain[k])[:, None] * columns[len(self.free) - 1]
            held = self.positive[:, None] & (np.abs(theta[:, : len(self.free)].T) >= LOG_LIMIT)
            chain[: len(self.free)][held] = 0.0
        return self._equations(residual, columns, chain)

    def _bent(self, theta: FloatArray, residual: FloatArray, columns: list[FloatArray]) -> Normal:
        """Normal equations in the coordinates of the bend; those that press against a limit stay."""
        assert self.bend is not None
        f, (low, high) = len(self.free), self.limits
        turn = self.bend.back(theta[:, :f])[1].transpose(1, 2, 0)[..., None]
        turned = [sum(turn[i, j] * columns[i] for i in range(f) if turn[i, j].any()) for j in range(f)]
        chain = np.ones((len(columns), len(theta)))
        for j, column in enumerate(turned):
            slope, at = np.vecdot(column, residual), theta[:, j]
            chain[j] = ~(((at <= low[j]) & (slope > 0)) | ((at >= high[j]) & (slope < 0)))
        return self._equations(residual, [*turned, *columns[f:]], chain)

    def _equations(self, residual: FloatArray, columns: list[FloatArray], chain: FloatArray) -> Normal:
        """Normal equations of columns (p of (S, n)) times their factors (p, S)."""
        size = len(columns)
        gram, slope = np.empty((size, size, len(residual))), np.empty((size, len(residual)))
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
