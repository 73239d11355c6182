"""Fixed effects absorbed exactly: group codes, demeaning, and regression on what is left.

The grouping named first (the markets) is eliminated by its means. The remaining groupings are few enough for their
normal equations, reduced by the first grouping, to be factored once; a pivoted Cholesky factor copes with groupings
that overlap and gives the number of independent effects. Every column is then demeaned in a few passes over the rows,
with refinement until the group means left over are below `TOLERANCE`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.share.errors import ShareError

Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

TOLERANCE = 1e-10
"""Largest group mean left, as a fraction of the column's own norm."""
PASSES = 8
RANK_TOLERANCE = 1e-9
"""A pivot below this share of its group's weight means that the group is a combination of others."""
MOST_LEVELS = 12_000
"""Groups beside the first grouping; their normal equations are dense (12,000 need 1.2 GB)."""
_DENSE = 1 << 24


@dataclass(frozen=True, slots=True)
class Grouping:
    """Rows sorted into groups by the combination of some columns.

    Attributes
    ----------
    columns : tuple of str
    codes : (rows,) int64
        Group of each row, 0 to `size - 1`.
    size : int
    labels : pandas.Index
        What each group is: one level per column.
    """

    columns: tuple[str, ...]
    codes: Codes
    size: int
    labels: pd.Index


def _column_codes(values: pd.Series) -> tuple[Codes, pd.Index]:
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes, levels = values.cat.codes.to_numpy(np.int64), values.cat.categories
    else:
        raw, levels = pd.factorize(values, sort=True)
        codes = raw.astype(np.int64)
    if codes.size and codes.min() < 0:
        raise ValueError(f"column {values.name!r} has {int((codes < 0).sum())} empty cells: fill or drop those rows")
    return codes, pd.Index(levels)


def _compress(codes: Codes, size: int) -> tuple[Codes, Codes]:
    if size > _DENSE:
        used, inverse = np.unique(codes, return_inverse=True)
        return used, inverse.astype(np.int64)
    used = np.flatnonzero(np.bincount(codes, minlength=size))
    place = np.zeros(size, dtype=np.int64)
    place[used] = np.arange(used.size)
    return used, place[codes]


def group(frame: pd.DataFrame, columns: str | Sequence[str]) -> Grouping:
    """Sort rows into groups that agree on `columns`; groups without a row are left out."""
    names = (columns,) if isinstance(columns, str) else tuple(columns)
    missing = [name for name in names if name not in frame]
    if missing:
        raise ValueError(f"no column {', '.join(missing)}: the frame has {', '.join(map(str, frame.columns))}")
    parts = [_column_codes(frame[name]) for name in names]
    sizes = tuple(max(len(levels), 1) for _, levels in parts)
    flat = parts[0][0]
    for (codes, _), size in zip(parts[1:], sizes[1:], strict=True):
        flat = flat * size + codes
    used, codes = _compress(flat, int(np.prod(sizes)))
    where = np.unravel_index(used, sizes)
    levels = [level.take(at) for (_, level), at in zip(parts, where, strict=True)]
    labels = levels[0].rename(names[0]) if len(names) == 1 else pd.MultiIndex.from_arrays(levels, names=names)
    return Grouping(names, codes, used.size, labels)


def nested(inner: Codes, outer: Codes, size: int) -> bool:
    """Whether all rows of each inner group (there are `size`) lie in one outer group."""
    first = np.zeros(size, dtype=np.int64)
    first[inner] = outer
    return bool((first[inner] == outer).all())


@dataclass(frozen=True, slots=True)
class _Factor:
    """Upper factor of the reduced normal equations: independent groups only, scaled by `scale`."""

    upper: Floats
    keep: Codes
    scale: Floats

    def solve(self, moments: Floats) -> Floats:
        from scipy.linalg import solve_triangular

        scaled = moments[self.keep] * self.scale[self.keep, None]
        half = solve_triangular(self.upper, scaled, trans="T", check_finite=False)
        found = np.zeros_like(moments)
        found[self.keep] = solve_triangular(self.upper, half, check_finite=False) * self.scale[self.keep, None]
        return found


def _factor(normal: Floats, weight: Floats) -> _Factor:
    from scipy.linalg.lapack import dpstrf

    scale = 1 / np.sqrt(weight)
    upper, pivots, rank, _ = dpstrf(normal * np.outer(scale, scale), tol=RANK_TOLERANCE)
    return _Factor(np.triu(upper[:rank, :rank]), pivots[:rank].astype(np.int64) - 1, scale)


@dataclass(frozen=True, slots=True)
class Absorber:
    """Weighted projection that removes the effects of all groupings; made by `absorber`.

    Attributes
    ----------
    groupings : tuple of Grouping
        The first is eliminated by its means, the others by the factored normal equations.
    weights : (rows,) float64 or None
        None means equal weights.
    """

    groupings: tuple[Grouping, ...]
    weights: Floats | None
    _first_weight: Floats
    _cross: Any
    _normal: Floats
    _level_weight: Floats
    _solver: _Factor

    @property
    def _starts(self) -> list[int]:
        return np.cumsum([0, *(g.size for g in self.groupings[1:])]).tolist()

    def _sums(self, column: Floats) -> tuple[Floats, Floats]:
        weighted = column if self.weights is None else column * self.weights
        first, *others = [np.bincount(g.codes, weighted, g.size).astype(np.float64) for g in self.groupings]
        return first, np.concatenate([*others, np.empty(0)])

    def _solve(self, first: Floats, other: Floats) -> Floats:
        if not self._level_weight.size:
            return np.zeros_like(other)
        return self._solver.solve(other - self._cross.T @ (first / self._first_weight[:, None]))

    def _take_out(self, column: Floats, mean: Floats, values: Floats) -> None:
        column -= mean[self.groupings[0].codes]
        for grouping, start in zip(self.groupings[1:], self._starts, strict=False):
            column -= values[start : start + grouping.size][grouping.codes]

    def _left(self, first: Floats, other: Floats, norms: Floats) -> float:
        parts = ((first, self._first_weight), (other, self._level_weight))
        return max(float((np.abs(s) / np.sqrt(w)[:, None] / norms).max(initial=0.0)) for s, w in parts)

    def demean(self, columns: Floats) -> tuple[Floats, Floats]:
        """Columns (k, rows) with all effects removed, and the effects of the groupings after the first (levels, k)."""
        out = np.array(columns, dtype=np.float64, order="C")
        weight = 1.0 if self.weights is None else self.weights
        norms = np.sqrt((out**2 * weight).sum(axis=1))
        norms[norms == 0] = 1.0
        total = np.zeros((self._level_weight.size, len(out)))
        for _ in range(PASSES):
            sums = [self._sums(column) for column in out]
            first, other = (np.stack(part, axis=1) for part in zip(*sums, strict=True))
            if self._left(first, other, norms) <= TOLERANCE:
                return out, total
            values = self._solve(first, other)
            mean = (first - self._cross @ values) / self._first_weight[:, None]
            for k, column in enumerate(out):
                self._take_out(column, mean[:, k], values[:, k])
            total += values
        raise ShareError(
            "not_converged",
            f"absorbing the effects did not converge in {PASSES} passes: use fewer or coarser effects, or rescale "
            "drivers whose values differ by many orders of magnitude",
        )

    def count(self, clusters: Codes | None = None) -> int:
        """Independent effects absorbed; those of groupings that lie inside the clusters are left out."""
        inside = [clusters is not None and nested(g.codes, clusters, g.size) for g in self.groupings]
        rank = self._solver.keep.size + (0 if inside[0] else self.groupings[0].size)
        within = np.repeat(inside[1:], [g.size for g in self.groupings[1:]]).astype(bool)
        if within.any():
            rank -= _factor(self._normal[np.ix_(within, within)], self._level_weight[within]).keep.size
        return int(rank)

    def effects(self, values: Floats) -> dict[tuple[str, ...], pd.Series]:
        """Effects `values` (levels,) by grouping, labelled."""
        parts = zip(self.groupings[1:], self._starts, strict=False)
        return {g.columns: pd.Series(values[start : start + g.size], index=g.labels) for g, start in parts}


def absorber(groupings: Sequence[Grouping], *, weights: Floats | None = None) -> Absorber:
    """Projection that removes the effects of `groupings` under positive `weights`; put the finest grouping first."""
    from scipy.sparse import csr_array

    first, others = groupings[0], groupings[1:]
    levels = sum(g.size for g in others)
    if levels > MOST_LEVELS:
        raise ShareError(
            "many_levels", f"{levels:,} effects beside the markets: use coarser ones ({MOST_LEVELS:,} at most)"
        )
    first_weight = np.bincount(first.codes, weights, first.size).astype(np.float64)
    starts = np.cumsum([0, *(g.size for g in others)])
    codes = [g.codes + start for g, start in zip(others, starts, strict=False)]
    parts = [np.bincount(code, weights, levels) for code in codes]
    level_weight = np.sum(parts, axis=0) if parts else np.empty(0)
    data = np.ones(first.codes.size) if weights is None else weights
    flat = np.concatenate(codes) if codes else np.empty(0, dtype=np.int64)
    rows = np.tile(first.codes, len(codes))
    cross = csr_array((np.tile(data, len(codes)), (rows, flat)), shape=(first.size, levels))
    normal = _reduced_normal(codes, data, cross, first_weight)
    solver = _factor(normal, level_weight) if levels else _Factor(normal, flat, level_weight)
    return Absorber(tuple(groupings), weights, first_weight, cross, normal, level_weight, solver)


def _reduced_normal(codes: list[Codes], data: Floats, cross: Any, first_weight: Floats) -> Floats:
    size = cross.shape[1]
    normal = np.zeros(size * size)
    for a in codes:
        for b in codes:
            np.add(normal, np.bincount(a * size + b, data, size * size), out=normal)
    if size:
        scaled = cross / np.sqrt(first_weight)[:, None]
        normal -= (scaled.T @ scaled).toarray().ravel()
    return normal.reshape(size, size)
