"""Nonlinear least squares of a growth curve: scaled, from several starts, with the analytic Jacobian."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.growth.curves import Curve, Parameter
from analysis.growth.intervals import Estimation
from analysis.growth.shapes import FloatArray

LOG_LIMIT = 25.0
"""Positive parameters stay within exp(+-25) of the scale of the data; one that reaches it has no optimum."""
STARTS = 3
"""The best starts by sum of squares, of those declared, are followed to their optimum."""
OFFSET = 1e-3
"""A regular optimum leaves less than this share of the residuals in the tangent plane (Bates and Watts, 1981)."""
EXACT = 1e-10
"""Residuals below this share of the data are rounding."""
TOLERANCE = 1e-14
EPS = float(np.finfo(float).eps)
RANK = float(np.sqrt(EPS))
"""Directions of the scaled Jacobian below this share of the largest are beyond what the data can tell."""


@dataclass(frozen=True, slots=True)
class Solution:
    """Least-squares optimum in the units of the data.

    Attributes
    ----------
    params : ndarray (k,)
        Estimates, held ones included.
    root : ndarray (k, free)
        (J'J)^-1 = root root', zero in the rows of held parameters. Directions the data say nothing about are
        given a finite, enormous variance, never a small one.
    regular : bool
        The optimiser stopped at an interior point that satisfies the normal equations.
    """

    params: FloatArray
    root: FloatArray
    regular: bool


@dataclass(frozen=True, slots=True)
class _Problem:
    """The fit on u = (t - shift) / span in [0, 1] and v = y / size; positive parameters as logs."""

    curve: Curve
    u: FloatArray
    v: FloatArray
    free: NDArray[np.bool_]
    base: FloatArray
    positive: NDArray[np.bool_]

    def natural(self, theta: FloatArray) -> FloatArray:
        params = self.base.copy()
        logs = self.positive[self.free]
        params[self.free] = np.where(logs, np.exp(np.clip(np.where(logs, theta, 0.0), -LOG_LIMIT, LOG_LIMIT)), theta)
        return params

    def theta(self, params: FloatArray) -> FloatArray:
        logs = np.log(np.maximum(np.where(self.positive, params, 1.0), np.exp(-LOG_LIMIT)))
        return np.where(self.positive, logs, params)[self.free]

    def residual(self, theta: FloatArray) -> FloatArray:
        return self.curve.value(self.u, self.natural(theta)) - self.v

    def chain(self, theta: FloatArray) -> FloatArray:
        """Differentiate each free parameter by its theta."""
        return np.where(self.positive, self.natural(theta), 1.0)[self.free]

    def jacobian(self, theta: FloatArray) -> FloatArray:
        """Differentiate by theta; a parameter that has reached its limit stays there."""
        moves = ~self.positive[self.free] | (np.abs(theta) < LOG_LIMIT)
        return self.slopes(theta) * moves

    def slopes(self, theta: FloatArray) -> FloatArray:
        """Differentiate by theta as if there were no limit."""
        return self.curve.jacobian(self.u, self.natural(theta))[:, self.free] * self.chain(theta)


def factors(
    curve: Curve, shift: FloatArray | float, span: FloatArray | float, size: FloatArray | float
) -> tuple[FloatArray, FloatArray]:
    """Offset and factor (..., k) that take scaled parameters to the units of the data of one or many series (...)."""
    one = np.ones_like(span)
    known = {"level": size, "stock": size * span, "rate": 1.0 / span, "time": span, "dimensionless": one}
    offset = [shift if p.role == "time" else 0.0 * one for p in curve.parameters]
    return np.stack(offset, axis=-1), np.stack([known[p.role] for p in curve.parameters], axis=-1)


def _optimum(problem: _Problem, starts: FloatArray) -> FloatArray:
    from scipy.optimize import least_squares

    thetas = [problem.theta(s) for s in starts]
    thetas.sort(key=lambda theta: float((problem.residual(theta) ** 2).sum()))
    tolerances = {"ftol": TOLERANCE, "xtol": TOLERANCE, "gtol": TOLERANCE, "x_scale": "jac", "max_nfev": 2000}
    ends = [
        least_squares(problem.residual, theta, problem.jacobian, method="lm", **tolerances) for theta in thetas[:STARTS]
    ]
    return min(ends, key=lambda end: float(end.cost)).x


def _inverse_root(jacobian: FloatArray) -> tuple[FloatArray, FloatArray, bool]:
    """Root of (J'J)^-1, an orthonormal basis of the tangent plane, and whether J has full rank."""
    norms = np.linalg.norm(jacobian, axis=0)
    floor = max(float(norms.max()), EPS) * EPS
    norms, empty = np.maximum(norms, floor), bool((norms <= floor).any())
    basis, singular, rotation = np.linalg.svd(jacobian / norms, full_matrices=False)
    full = not empty and bool(singular[-1] > RANK * singular[0])
    return (rotation.T / np.maximum(singular, RANK * singular[0])) / norms[:, None], basis, full


def _settled(basis: FloatArray, residual: FloatArray) -> bool:
    """Relative offset: what the tangent plane could still explain, against what it cannot."""
    n, k = basis.shape
    if float(np.sqrt((residual**2).mean())) < EXACT:
        return True
    inside = float(np.linalg.norm(basis.T @ residual))
    outside = float(np.sqrt(max(float(residual @ residual) - inside**2, 0.0)))
    return inside / np.sqrt(k) < OFFSET * outside / np.sqrt(n - k)


def solve(curve: Curve, t: FloatArray, y: FloatArray, fixed: Mapping[str, float]) -> Solution:
    """Fit `curve` to t (n,) ascending and y (n,); `fixed` holds parameters at values in the units of t and y."""
    shift, span, size = float(t[0]), float(t[-1] - t[0]), float(np.abs(y).max())
    u, v = (t - shift) / span, y / size
    offset, factor = factors(curve, shift, span, size)
    starts = curve.starts(u, v) if curve.starts else np.empty((0, len(offset)))
    for i, name in enumerate(curve.names):
        if name in fixed:
            starts[:, i] = (fixed[name] - offset[i]) / factor[i]
    free = np.array([name not in {*curve.held, *fixed} for name in curve.names])
    problem = _Problem(curve, u, v, free, starts[0], np.array([p.positive for p in curve.parameters]))
    theta = _optimum(problem, starts)
    root, basis, full = _inverse_root(problem.slopes(theta))
    params = problem.natural(theta)
    spread = np.zeros((len(params), int(free.sum())))
    spread[free] = problem.chain(theta)[:, None] * root
    return Solution(
        params=offset + factor * params,
        root=factor[:, None] * spread / size,
        regular=full and _settled(basis, problem.residual(theta)),
    )


def seasoned(curve: Curve, design: FloatArray, names: Sequence[str]) -> Curve:
    """The curve times exp(design gamma), for the times of the rows of `design` (n, m) alone."""
    k = len(curve.names)

    def lift(params: FloatArray) -> FloatArray:
        return np.exp(design @ params[k:])

    def value(t: FloatArray, params: FloatArray) -> FloatArray:
        return curve.value(t, params[:k]) * lift(params)

    def jacobian(t: FloatArray, params: FloatArray) -> FloatArray:
        slopes = curve.jacobian(t, params[:k]) * lift(params)[:, None]
        return np.hstack([slopes, value(t, params)[:, None] * design])

    def starts(t: FloatArray, y: FloatArray) -> FloatArray:
        assert curve.starts is not None
        plain = curve.starts(t, y)
        return np.hstack([plain, np.zeros((len(plain), len(names)))])

    effects = tuple(Parameter(name, "dimensionless") for name in names)
    parameters = (*curve.parameters, *effects)
    return replace(curve, parameters=parameters, value=value, jacobian=jacobian, starts=starts, cumulative=None)


def estimate(curve: Curve, t: FloatArray, y: FloatArray, fixed: Mapping[str, float]) -> Estimation:
    """Solve; errors by the residual variance with n - k degrees of freedom."""
    solution = solve(curve, t, y, fixed)
    residual = y - curve.value(t, solution.params)
    df = len(y) - solution.root.shape[1]
    size = float(np.abs(y).max())
    sigma = size * float(np.linalg.norm(residual / size)) / float(np.sqrt(df))
    return Estimation(
        params=solution.params,
        root=sigma * solution.root,
        sigma=sigma,
        df=df,
        regular=solution.regular,
        fixed=tuple(name for name in curve.names if name in {*curve.held, *fixed}),
        residual=residual,
    )
