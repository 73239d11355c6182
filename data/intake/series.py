"""Checks of volumes along the months of each network in each city: gaps, zeros, breaks of level, units off."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.contract import Dataset
from data.intake import jumps, parts, sites, terms
from data.intake.cross import findings
from data.intake.grid import LEAST, Cells, Draft, Grid, draft, finish, holes, lay_out, middle, spans

if TYPE_CHECKING:
    import pyarrow as pa

_BREAK = 3.0
"""A level has broken when it moves by this factor against the median of the BEFORE months before."""
_SUDDEN = 2.0
"""And at least by this one within a month: steady growth is no break."""
_BEFORE, _AFTER, _FEWEST = 6, 3, 4
_REGULAR, _YEAR = 4, 12
"""Months that stand equally far apart, from which on they are of quarters or years."""
_CHUNK = 300_000


def check(table: "pa.Table", dataset: Dataset) -> pd.DataFrame:
    """What looks odd in the good rows of a table, though every cell is in order.

    Parameters
    ----------
    table : pyarrow.Table
        Good rows that are kept: `row`, then the columns of the dataset.
    dataset : Dataset

    Returns
    -------
    DataFrame
        Columns of `cross.FINDING`, by row; at most `grid.MOST` of a code, then one "more_of_this" with the number of
        the others.
    """
    looked_at = {"volumes": _volumes, "stations": sites.check, "subsidies": terms.check}
    if not len(table) or dataset.name not in looked_at:
        return findings([], "", column="")
    found = looked_at[dataset.name](table)
    return found.sort_values("row", kind="stable", ignore_index=True)


def _volumes(table: "pa.Table") -> pd.DataFrame:
    grid = lay_out(table)
    units, off = jumps.check(grid)
    return finish(grid, [*_missing(grid), *_zeros(grid), *units, *_breaks(grid, off), *parts.check(grid)])


def _missing(grid: Grid) -> list[Draft]:
    """Months inside a series that it lacks; those that every series lacks are said once."""
    present = ~np.isnan(grid.total)
    held = np.flatnonzero(present.any(axis=1))
    before = np.flatnonzero(np.diff(held) > 1)
    begin, end = held[before] + 1, held[before + 1] - 1
    cell = held[before] * present.shape[1] + present[held[before]].argmax(axis=1)
    everywhere = draft("month_missing_everywhere", cell, column="month", value=lambda k: spans(grid, begin[k], end[k]))
    if len(held) >= _REGULAR and len(set(np.diff(held).tolist())) == 1 and len(before):
        apart = np.full(1, str(np.diff(held)[0]), "object")
        everywhere = draft("months_apart", cell[:1], column="month", other=lambda k: apart[k])
    gone, back, series = holes(present[held])
    first, last = held[gone], held[back - 1]
    cell = held[gone - 1] * present.shape[1] + series
    return [everywhere, draft("months_missing", cell, column="month", value=lambda k: spans(grid, first[k], last[k]))]


def _zeros(grid: Grid) -> list[Draft]:
    """Runs of zeros between months of a series that is not small."""
    some = np.flatnonzero((grid.total == 0).any(axis=0))
    level = grid.total[:, some]
    gone, back, series = holes(level > 0)
    if not len(series):
        return []
    zero = level == 0
    upto = np.vstack([np.zeros(len(some), "int64"), zero.cumsum(axis=0)])
    usual = middle(np.where(level > 0, level, np.nan).T)
    keep = (upto[back, series] > upto[gone, series]) & (usual[series] >= LEAST)
    gone, back, series = gone[keep], back[keep], series[keep]
    place = np.where(zero, np.arange(len(zero))[:, None], len(zero))
    following = np.minimum.accumulate(place[::-1], axis=0)[::-1]
    cell = following[gone, series] * grid.total.shape[1] + some[series]
    return [draft("zero_run", cell, column="parcels", value=lambda k: spans(grid, gone[k], back[k] - 1))]


def _breaks(grid: Grid, off: NDArray[np.int64]) -> list[Draft]:
    """Levels that move by more than a factor against the months before, and stay; not of the series `off`."""
    level = grid.total
    now, last = level[_FEWEST : 1 - _AFTER], level[_FEWEST - 1 : -_AFTER]
    if len(now) < 1:
        return []
    sudden = (now > _SUDDEN * last) | (_SUDDEN * now < last)
    sudden &= last > 0
    sudden[:, off] = False
    month, series = np.nonzero(sudden)
    chunks = [slice(start, start + _CHUNK) for start in range(0, len(month), _CHUNK)]
    base = np.concatenate([_lasting(level, month[c] + _FEWEST, series[c]) for c in chunks] or [np.array([], "float64")])
    month, series, base = month[base > 0] + _FEWEST, series[base > 0], base[base > 0]
    usual = _grows_or_goes(level, month, series, up=level[month, series] > base)
    month, series, base = month[~usual], series[~usual], base[~usual]
    cell, times = month * level.shape[1] + series, level[month, series] / base
    low, other = (lambda k: grid.months[month[k]]), (lambda k: np.array([_times(one) for one in times[k]], "object"))
    return [draft("level_break", cell, column="parcels", low=low, other=other)]


def _grows_or_goes(
    level: Cells, month: NDArray[np.int64], series: NDArray[np.int64], *, up: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Breaks that are the rise of a network in its first year in a city, or the fall in its last."""
    held, last = level > 0, len(level) - 1
    first, final = held.argmax(axis=0)[series], last - held[::-1].argmax(axis=0)[series]
    return (up & (first > 0) & (month - first <= _YEAR)) | (~up & (final < last) & (final - month <= _YEAR))


def _times(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.2f}"


def _lasting(level: Cells, month: NDArray[np.int64], series: NDArray[np.int64]) -> NDArray[np.float64]:
    """Level before each break that lasts, 0 for those that do not or that concern a small series."""
    back = month[:, None] + np.arange(-_BEFORE, 0)
    before = np.where(back >= 0, level[np.maximum(back, 0), series[:, None]], np.nan)
    before = np.where(before > 0, before, np.nan)
    after = level[month[:, None] + np.arange(_AFTER), series[:, None]]
    enough = np.count_nonzero(before > 0, axis=1) >= _FEWEST
    base = np.where(enough, middle(before), 0.0)
    moved = (after > _BREAK * base[:, None]).all(axis=1) | (_BREAK * after < base[:, None]).all(axis=1)
    return np.where(enough & moved & (base >= LEAST), base, 0.0)
