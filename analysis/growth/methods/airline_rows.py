"""Rows for the airline model: moved to a common start, missing months and months ahead as columns, differenced."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.growth.batch import Batch
from analysis.growth.shapes import FloatArray

Rows = NDArray[np.int64]

DEPENDENT = 1e-8
"""A column of which no more than this is left by those before it is left out: the season absorbs it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Rows moved to start in the first column, differenced.

    Attributes
    ----------
    columns : ndarray (S, N, p)
        One column a missing month (gaps of them), one a month ahead, m regressors, and the logs; zero past the end.
    inside : ndarray (S, N)
        Up to the end of each row, months ahead included.
    kept : ndarray (S, p - 1)
        Columns that are there and do not depend on those before.
    nobs : ndarray (S,)
        Observations less those that differencing takes.
    gaps, ahead : int
    period : int
    """

    columns: FloatArray
    inside: NDArray[np.bool_]
    kept: NDArray[np.bool_]
    nobs: Rows
    gaps: int
    ahead: int
    period: int

    def take(self, rows: Rows) -> "Problem":
        """Some of the rows."""
        return replace(
            self, columns=self.columns[rows], inside=self.inside[rows], kept=self.kept[rows], nobs=self.nobs[rows]
        )


@dataclass(frozen=True, slots=True)
class Levels:
    """Rows moved to start in the first column, before differencing.

    Attributes
    ----------
    logs : ndarray (S, n + ahead)
    missing, inside : ndarray (S, n + ahead)
        Not observed, though in the row; in the row.
    design : ndarray (S, n + ahead, m)
    slots : ndarray (S, n + ahead)
        Column of what is not observed: `gaps` of the past, then the months ahead; -1 where there is none.
    gaps : int
    """

    logs: FloatArray
    missing: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    design: FloatArray
    slots: Rows
    gaps: int


def _design(batch: Batch, ahead: int) -> FloatArray:
    """Regressors up to `ahead` steps ahead; time itself where there is no season."""
    total = batch.values.shape[1] + ahead
    design = batch.wide_design()[:, :total]
    if batch.period > 1:
        return design
    times = batch.wide_times()[:, :total, None]
    return np.concatenate([design, times - times[:, :1]], axis=2)


def levels(batch: Batch, ahead: int) -> Levels:
    """Rows with `ahead` more months; a missing value, to be corrected by its column, is the last one before it."""
    n = batch.values.shape[1]
    columns = np.arange(n + ahead)
    position = batch.starts[:, None] + columns
    inside = position < n + ahead
    position = np.minimum(position, n + ahead - 1)
    seen = np.pad(batch.observed, ((0, 0), (0, ahead)))
    last = np.maximum.accumulate(np.where(seen, columns, 0), axis=1)
    logs = np.take_along_axis(np.log(batch.values), last, axis=1)
    missing = np.take_along_axis(~seen, position, axis=1) & inside
    gaps = missing.sum(axis=1).max(initial=ahead) - ahead
    order = missing.cumsum(axis=1) - 1
    future = position - n
    return Levels(
        logs=np.where(inside, np.take_along_axis(logs, position, axis=1), 0.0),
        missing=missing,
        inside=inside,
        design=np.take_along_axis(_design(batch, ahead), position[:, :, None], axis=1),
        slots=np.where(missing, np.where(future >= 0, gaps + future, order), -1),
        gaps=int(gaps),
    )


def _differenced(columns: FloatArray, period: int) -> FloatArray:
    columns = np.diff(columns, axis=1)
    return columns if period == 1 else columns[:, period:] - columns[:, :-period]


def problem(levels: Levels, ahead: int, period: int) -> Problem:
    """Columns differenced, those that depend on others left out."""
    own = levels.slots[:, :, None] == np.arange(levels.gaps + ahead)
    columns = _differenced(np.concatenate([own, levels.design, levels.logs[:, :, None]], axis=2), period)
    lost = levels.inside.shape[1] - columns.shape[1]
    inside = levels.inside[:, lost:]
    columns *= inside[:, :, None]
    past = inside & (levels.slots[:, lost:] < levels.gaps)
    known = np.delete(columns[:, :, :-1], slice(levels.gaps, levels.gaps + ahead), axis=2)
    kept = np.insert(_independent(known * past[:, :, None]), [levels.gaps] * ahead, values=True, axis=1)
    columns[:, :, :-1] *= kept[:, None, :]
    return Problem(
        columns=columns,
        inside=inside,
        kept=kept,
        nobs=levels.inside.sum(axis=1) - levels.missing.sum(axis=1) - lost,
        gaps=levels.gaps,
        ahead=ahead,
        period=period,
    )


def estimation(batch: Batch) -> Problem:
    """Problem without months ahead, for the likelihood."""
    return problem(levels(batch, 0), 0, batch.period)


def _independent(columns: FloatArray) -> NDArray[np.bool_]:
    """Columns of which something is left by those before them, (S, p)."""
    gram = columns.transpose(0, 2, 1) @ columns
    whole = np.diagonal(gram, axis1=1, axis2=2).copy()
    kept = np.zeros(whole.shape, dtype=bool)
    for j in range(whole.shape[1]):
        left = gram[:, j, j]
        kept[:, j] = (whole[:, j] > 0) & (left > DEPENDENT * whole[:, j])
        row = np.where(kept[:, j, None], gram[:, j], 0.0)
        gram = gram - row[:, :, None] * row[:, None, :] / np.where(kept[:, j], left, 1.0)[:, None, None]
    return kept
