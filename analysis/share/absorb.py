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

from analysis.share.blocks import combine, gram, spread
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
MOST_CELLS = 1 << 21
"""Of the table of first groups by levels; above, it is kept sparse."""
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
    starts : (size,) int64 or None
        First row of each group where the rows are in the order of the groups: sums are then quicker.
    """

    columns: tuple[str, ...]
    codes: Codes
    size: int
    labels: pd.Index
    starts: Codes | None = None

    def sums(self, columns: Floats) -> Floats:
        """Sums by group (k, size) of columns (k, rows)."""
        if self.starts is not None:
            return np.add.reduceat(columns, self.starts, axis=1)
        return np.stack([np.bincount(self.codes, column, self.size) for column in columns])


def _column_codes(values: pd.Series) -> tuple[Codes, pd.Index]:
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes, levels = values.cat.codes.to_numpy(np.int64), values.cat.categories
    else:
        raw, levels = pd.factorize(values, sort=True)
        codes = raw.astype(np.int64)
    if codes.size and codes.min() < 0:
        raise ValueError(f"column {values.name!r} has {int((codes < 0).sum())} empty cells: fill or drop those rows")
    return codes, pd.Index(levels)


def compress(codes: Codes, size: int) -> tuple[Codes, Codes]:
    """Codes that occur among 0 to `size` - 1, in order, and the place of each row's code among them."""
    if size > _DENSE:
        used, inverse = np.unique(codes, return_inverse=True)
        return used, inverse.astype(np.int64)
    used = np.flatnonzero(np.bincount(codes, minlength=size))
    place = np.zeros(size, dtype=np.int64)
    place[used] = np.arange(used.size)
    return used, place[codes]


def group(frame: pd.DataFrame, columns: str | Sequence[str]) -> Grouping:
    """Sort rows into groups that agree on `columns` (one group without columns); those without a row are left out."""
    names = (columns,) if isinstance(columns, str) else tuple(columns)
    if not names:
        return Grouping((), np.zeros(len(frame), dtype=np.int64), 1, pd.Index([0]))
    missing = [name for name in names if name not in frame]
    if missing:
        raise ValueError(f"no column {', '.join(missing)}: the frame has {', '.join(map(str, frame.columns))}")
    parts = [_column_codes(frame[name]) for name in names]
    sizes = tuple(max(len(levels), 1) for _, levels in parts)
    flat = parts[0][0]
    for (codes, _), size in zip(parts[1:], sizes[1:], strict=True):
        flat = flat * size + codes
    used, codes = compress(flat, int(np.prod(sizes)))
    where = np.unravel_index(used, sizes)
    levels = [level for _, level in parts]
    labels = levels[0].take(used).rename(names[0]) if len(names) == 1 else pd.MultiIndex(levels, where, names=names)
    ordered = bool((codes[1:] >= codes[:-1]).all())
    return Grouping(names, codes, used.size, labels, np.flatnonzero(np.diff(codes, prepend=-1)) if ordered else None)


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
        from scipy.linalg.lapack import dpotrs

        found = np.zeros_like(moments)
        if not self.keep.size:
            return found
        scaled = moments[self.keep] * self.scale[self.keep, None]
        found[self.keep] = dpotrs(self.upper, scaled)[0] * self.scale[self.keep, None]
        return found


def _totals(groupings: tuple[Grouping, ...], columns: Floats) -> tuple[Floats, Floats]:
    first, *others = [g.sums(columns) for g in groupings]
    return first.T, np.concatenate([*others, np.empty((len(columns), 0))], axis=1).T


def _factor(normal: Floats, weight: Floats) -> _Factor:
    from scipy.linalg.lapack import dpstrf

    scale = 1 / np.sqrt(weight)
    upper, pivots, rank, _ = dpstrf(normal * np.outer(scale, scale), tol=RANK_TOLERANCE)
    return _Factor(np.asfortranarray(np.triu(upper[:rank, :rank])), pivots[:rank].astype(np.int64) - 1, scale)


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

    def _solve(self, first: Floats, other: Floats) -> Floats:
        if not self._level_weight.size:
            return np.zeros_like(other)
        share = first / self._first_weight[:, None]
        full = isinstance(self._cross, np.ndarray)
        return self._solver.solve(other - (gram(self._cross.T, share.T) if full else self._cross.T @ share))

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
            first, other = _totals(self.groupings, out if self.weights is None else out * self.weights)
            if self._left(first, other, norms) <= TOLERANCE:
                return out, total
            values = self._solve(first, other)
            mean = (first - spread(self._cross, values)) / self._first_weight[:, None]
            for k, column in enumerate(out):
                self._take_out(column, mean[:, k], values[:, k])
            total += values
        raise ShareError(
            "not_converged",
            f"absorbing the effects did not converge in {PASSES} passes: use fewer or coarser effects, or rescale "
            "drivers whose values differ by many orders of magnitude",
        )

    def step(self, columns: Floats, pull: Floats) -> Floats:
        """Fit (rows,) of the columns and all effects to `pull`, which holds outcome times weight: one Newton step."""
        weighted = np.empty((len(columns) + 1, pull.size))
        np.multiply(columns, 1.0 if self.weights is None else self.weights, out=weighted[:-1])
        weighted[-1] = pull
        first, other = _totals(self.groupings, weighted)
        values = self._solve(first, other)
        mean = (first - spread(self._cross, values)) / self._first_weight[:, None]
        products = gram(weighted, columns)
        size = products[:-1] - gram(first[:, :-1].T, mean[:, :-1].T) - other[:, :-1].T @ values[:, :-1]
        moment = products[-1] - gram(mean[:, :-1].T, first[:, -1:].T)[:, 0] - values[:, :-1].T @ other[:, -1]
        slopes = np.linalg.solve(size, moment)
        fitted = combine(slopes, columns)
        self._take_out(fitted, combine(slopes, mean[:, :-1].T) - mean[:, -1], values[:, :-1] @ slopes - values[:, -1])
        return fitted

    def count(self, clusters: tuple[Codes, ...] = ()) -> int:
        """Independent effects absorbed; those of groupings that lie inside the clusters count as one constant."""
        inside = [any(nested(g.codes, c, g.size) for c in clusters) for g in self.groupings]
        rank = self._solver.keep.size + (0 if inside[0] else self.groupings[0].size)
        within = np.repeat(inside[1:], [g.size for g in self.groupings[1:]]).astype(bool)
        if within.any():
            rank -= _factor(self._normal[np.ix_(within, within)], self._level_weight[within]).keep.size
        return int(rank) + any(inside)

    def effects(self, values: Floats) -> dict[tuple[str, ...], pd.Series]:
        """Effects `values` (levels,) by grouping, labelled."""
        parts = zip(self.groupings[1:], self._starts, strict=False)
        return {g.columns: pd.Series(values[start : start + g.size], index=g.labels) for g, start in parts}


def absorber(groupings: Sequence[Grouping], *, weights: Floats | None = None) -> Absorber:
    """Projection that removes the effects of `groupings` under positive `weights`; put the finest grouping first."""
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
    cross = _cross(first, codes, weights, levels)
    normal = _reduced_normal(codes, weights, cross, first_weight)
    solver = _factor(normal, level_weight) if levels else _Factor(normal, np.empty(0, dtype=np.int64), level_weight)
    return Absorber(tuple(groupings), weights, first_weight, cross, normal, level_weight, solver)


def _cross(first: Grouping, codes: list[Codes], weights: Floats | None, levels: int) -> Any:
    """Weight of each first group by level: a full table where it is small, otherwise a sparse one."""
    if first.size * levels <= MOST_CELLS:
        table = np.zeros(first.size * levels)
        for code in codes:
            table += np.bincount(first.codes * levels + code, weights, table.size)
        return table.reshape(first.size, levels)
    from scipy.sparse import csr_array

    data = np.ones(first.codes.size) if weights is None else weights
    place = (np.tile(first.codes, len(codes)), np.concatenate(codes))
    return csr_array((np.tile(data, len(codes)), place), shape=(first.size, levels))


def _reduced_normal(codes: list[Codes], weights: Floats | None, cross: Any, first_weight: Floats) -> Floats:
    size = cross.shape[1]
    normal = np.zeros(size * size)
    for at, a in enumerate(codes):
        normal[:: size + 1] += np.bincount(a, weights, size)
        for b in codes[:at]:
            pairs = np.bincount(a * size + b, weights, size * size)
            normal += pairs + pairs.reshape(size, size).T.ravel()
    normal = normal.reshape(size, size)
    root = 1 / np.sqrt(first_weight)
    if isinstance(cross, np.ndarray):
        scaled = cross * root[:, None]
        return normal - gram(scaled.T, scaled.T)
    scaled = cross.copy()
    scaled.data *= np.repeat(root, np.diff(cross.indptr))
    return normal - (scaled.T @ scaled).toarray()
