"""Anderson and Rubin (1949) sets: which coefficients the reduced form does not reject, however weak the instruments."""

from dataclasses import dataclass

import numpy as np

from analysis.share.absorb import Codes, Floats
from analysis.share.errors import ShareError
from analysis.share.products import products
from analysis.share.roles import Roles, Single, assign

REAL = 1e-7
"""Largest imaginary part, relative to its size, of a root that counts as real; a false one changes no set."""


@dataclass(frozen=True, slots=True)
class Interval:
    """All values of a coefficient that the test does not reject.

    Attributes
    ----------
    low, high : float
        Ends of the set; infinite when it has none, not a number when the set is empty.
    kind : str
        "bounded"; "unbounded" (the instruments are too weak to bound the coefficient on one side or both);
        "disjoint" (several pieces); "empty" (no value fits: the instruments contradict one another).
    parts : tuple of (float, float)
        The pieces from low to high.
    """

    low: float
    high: float
    kind: str
    parts: tuple[tuple[float, float], ...]

    def holds(self, value: float) -> bool:
        """Whether the set contains `value`."""
        return any(low <= value <= high for low, high in self.parts)


def anderson_rubin(
    outcome: Floats,
    exogenous: Floats,
    endogenous: Floats,
    instruments: Floats,
    position: int = 0,
    *,
    clusters: Codes | None,
    absorbed: int = 0,
    held: int | None = None,
    level: float = 0.95,
) -> Interval:
    """Set of values of one endogenous coefficient that the Anderson-Rubin test does not reject at `1 - level`.

    Parameters
    ----------
    outcome, exogenous, endogenous, instruments, clusters, absorbed
        As for `iv.two_stage`.
    position : int
        Which endogenous driver. With several, the others are concentrated out by two-stage least squares (the subset
        test), which is exact in large samples when the instruments of the others are strong. Where drivers have
        instruments of their own (`own` of `iv.two_stage`), only those of the driver are tested.
    held : int, optional
        Clusters that hold the coefficient, when fewer than all do.
    level : float

    Notes
    -----
    The statistic is a ratio of polynomials in the value tested. Its crossings of the critical value of F(q, C - 1),
    or F(q, n - k) without clusters, are the real eigenvalues of a quadratic eigenvalue problem, so the set is found
    without a grid.
    """
    columns = np.vstack([outcome[None], endogenous, instruments, exogenous])
    found = products(columns, clusters=clusters, absorbed=absorbed)
    return invert(assign(found, len(endogenous), len(instruments)), position, held=held, level=level)


def invert(roles: Roles, position: int, *, held: int | None = None, level: float = 0.95) -> Interval:
    """The set of `anderson_rubin` from cross-products already taken."""
    if not 0 < level < 1:
        raise ValueError(f"level is {level}: give a probability between 0 and 1, such as 0.95")
    test = _Test.of(roles.concentrated(position), held, level)
    unit = roles.found.scale[0] / roles.found.scale[1 + position]
    return _interval([(low * unit, high * unit) for low, high in test.accepted()])


@dataclass(frozen=True, slots=True)
class _Test:
    """Moments r_y - b r_x (q,), their covariance v_yy - b v_xy + b^2 v_xx (q, q), critical value of their Wald."""

    r_y: Floats
    r_x: Floats
    v_yy: Floats
    v_xy: Floats
    v_xx: Floats
    critical: float

    @classmethod
    def of(cls, single: Single, held: int | None, level: float) -> "_Test":
        from scipy.special import fdtri

        found, width = single.found, single.instruments.shape[1]
        lost = width + single.controls.shape[1]
        holding = found.clusters if held is None else held
        free = found.freedom(lost) if holding is None else holding - 1
        if free < width:
            raise ShareError("few_clusters", f"{free + 1} clusters cannot carry {width} instruments: use fewer")
        factor = 1.0
        if holding is not None and found.clusters is not None:
            factor = holding / (holding - 1) * (found.clusters - 1) / found.clusters
        size = np.linalg.cholesky(found.cross(single.instruments, single.instruments))
        basis = single.instruments @ np.linalg.inv(size).T
        both = np.hstack([single.outcome, single.driver])
        y, x = found.project(both, np.hstack([basis, single.controls]))[1].T
        v_yy, v_yx, v_xx = (factor * found.meat(basis, a, b, lost=lost) for a, b in ((y, y), (y, x), (x, x)))
        moments = found.cross(basis, both)
        return cls(moments[:, 0], moments[:, 1], v_yy, v_yx + v_yx.T, v_xx, width * float(fdtri(width, free, level)))

    def statistic(self, value: float) -> float:
        gap = self.r_y - value * self.r_x
        return float(gap @ np.linalg.solve(self.v_yy - value * self.v_xy + value**2 * self.v_xx, gap))

    def accepted(self) -> list[tuple[float, float]]:
        """Pieces of the set, adjacent ones joined."""
        roots = self._roots()
        if not roots.size:
            return [(-np.inf, np.inf)] if self.statistic(0.0) <= self.critical else []
        width = 1 + np.abs(roots).max()
        tried = [roots[0] - width, *(roots[1:] + roots[:-1]) / 2, roots[-1] + width]
        ends = [-np.inf, *roots, np.inf]
        pieces: list[tuple[float, float]] = []
        for value, low, high in zip(tried, ends[:-1], ends[1:], strict=True):
            if self.statistic(value) > self.critical:
                continue
            joined = bool(pieces) and pieces[-1][1] == low
            pieces.append((pieces.pop()[0] if joined else low, high))
        return pieces

    def _roots(self) -> Floats:
        """Values at which the statistic is critical: det [[V(b), r(b)], [r(b)', critical]] = 0."""
        from scipy.linalg import eigvals

        width = len(self.r_y) + 1
        constant, linear, square = (np.zeros((width, width)) for _ in range(3))
        constant[:-1, :-1], linear[:-1, :-1], square[:-1, :-1] = self.v_yy, -self.v_xy, self.v_xx
        constant[:-1, -1] = constant[-1, :-1] = self.r_y
        linear[:-1, -1] = linear[-1, :-1] = -self.r_x
        constant[-1, -1] = self.critical
        none, one = np.zeros_like(square), np.eye(width)
        top, bottom = eigvals(
            np.block([[none, one], [-constant, -linear]]),
            np.block([[one, none], [none, square]]),
            homogeneous_eigvals=True,
        )
        finite = np.abs(bottom) > np.finfo(float).eps * np.abs(top)
        roots = top[finite] / bottom[finite]
        return np.sort(roots.real[np.abs(roots.imag) <= REAL * (1 + np.abs(roots.real))])


def _interval(parts: list[tuple[float, float]]) -> Interval:
    if not parts:
        return Interval(np.nan, np.nan, "empty", ())
    low, high = float(parts[0][0]), float(parts[-1][1])
    plain = tuple((float(a), float(b)) for a, b in parts)
    if len(parts) > 1:
        return Interval(low, high, "disjoint", plain)
    return Interval(low, high, "bounded" if np.isfinite([low, high]).all() else "unbounded", plain)
