"""Volumes as a grid of months, networks and cities, and findings drafted at its cells."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.intake.cross import findings
from data.intake.keys import DENSE, Codes, blocks, codes, marked, pack, row_numbers

if TYPE_CHECKING:
    import pyarrow as pa

MOST = 1_000
"""Findings of one code that are listed; the others are counted."""
LEAST = 1_000
"""Parcels a month under which a series is too small to judge."""

Cells = NDArray[np.float32]
Months = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Volumes by origin, month, network and city.

    Attributes
    ----------
    cells : (origins, months, networks x cities) array of float32
        Parcels a month; not a number where the file has no row.
    total : (months, networks x cities) array of float32
        Over the origins.
    months : (months,) array of datetime64[M]
        From the first to the last of the file, without gaps.
    platforms, cities, origins : array of str
        Keys that occur.
    key : (n,) array of int
        Place of each row in `cells`, flat.
    rows : (n,) array of int
        Rows of the file.
    """

    cells: NDArray[np.float32]
    total: Cells
    months: Months
    platforms: NDArray[np.generic]
    cities: NDArray[np.generic]
    origins: NDArray[np.generic]
    key: Codes
    rows: NDArray[np.int64]


def lay_out(table: "pa.Table") -> Grid:
    """Grid of a table of volumes with at least one row."""
    place, months = calendar(table)
    platform, platforms = occurring(table, "platform")
    city, cities = occurring(table, "city")
    origin, origins = occurring(table, "origin")
    parts = [(place, len(months)), (platform, len(platforms)), (city, len(cities))]
    if len(origins) * len(months) * len(platforms) * len(cities) > DENSE:
        origins = origins[:0]
    else:
        parts = [(origin, len(origins)), *parts]
    key, space = pack(parts)
    shape = (max(len(origins), 1), len(months), len(platforms) * len(cities))
    cells = _scatter(key, table.column("parcels").to_numpy(), space).reshape(shape)
    return Grid(cells, _summed(cells), months, platforms, cities, origins, key, row_numbers(table))


def calendar(table: "pa.Table") -> tuple[Codes, Months]:
    """Month of each row as a place among all from the first to the last, and these; of at least one row."""
    place, days = codes(table, "month")
    of_month = days.astype("datetime64[M]").astype("int64")
    months = np.arange(of_month[0], of_month[-1] + 1).astype("datetime64[M]")
    whole = len(months) == len(days)
    return place if whole else (of_month - of_month[0]).astype("int32")[place], months


def occurring(table: "pa.Table", name: str) -> tuple[Codes, NDArray[np.generic]]:
    """Codes of a column without blanks, as `cross.codes`, of categories that all occur."""
    found, categories = codes(table, name)
    seen = marked((found[block] for block in blocks(len(found))), len(categories))
    return (found, categories) if seen.all() else ((np.cumsum(seen) - 1)[found].astype("int32"), categories[seen])


def _scatter(key: Codes, parcels: NDArray[np.int64], space: int) -> NDArray[np.float32]:
    cells = np.full(space, np.nan, "float32")
    for block in blocks(len(key)):
        cells[key[block]] = parcels[block]
    if np.count_nonzero(np.isnan(cells)) + len(key) > space:  # several rows of one cell: they add up
        cells[key] = 0
        np.add.at(cells, key, parcels.astype("float32"))
    return cells


def _summed(cells: NDArray[np.float32]) -> Cells:
    if len(cells) == 1:
        return cells[0]
    total, present = np.zeros(cells.shape[1:], "float32"), np.zeros(cells.shape[1:], bool)
    for block in cells:
        filled = ~np.isnan(block)
        total += np.where(filled, block, np.float32(0))
        present |= filled
    total[~present] = np.nan
    return total


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """Findings of one code at cells of a grid, before their rows are looked up.

    Attributes
    ----------
    code, column : str
    cell : (n,) array of int
        Places in `Grid.total`, flat.
    origin : (n,) array of int
        Origin of the row, -1 for the first row of the cell.
    texts : dict of str to array of str
        value, low, high, other.
    more : int
        Findings beyond these.
    """

    code: str
    column: str
    cell: NDArray[np.int64]
    origin: NDArray[np.int64]
    texts: dict[str, NDArray[np.object_]]
    more: int


Text = Callable[[NDArray[np.int64]], NDArray[np.generic]]
"""Texts of the findings at some places among all of them."""


def draft(
    code: str, cell: NDArray[np.int64], *, column: str, origin: NDArray[np.int64] | None = None, **texts: Text
) -> Draft:
    """Draft the findings of one code, the first MOST of them by month; `texts` gives value, low, high and other."""
    kept = np.argsort(cell, kind="stable")[:MOST]
    where = np.full(len(kept), -1) if origin is None else origin[kept]
    shown = {name: text(kept).astype("str").astype("object") for name, text in texts.items()}
    return Draft(code, column, cell[kept], where, shown, len(cell) - len(kept))


def holes(filled: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Runs of months, inside a series, that are not filled: first month, first filled one after, series."""
    over = np.logical_or.accumulate(filled, axis=0)
    hole = ~filled
    hole &= over
    np.logical_or.accumulate(filled[::-1], axis=0, out=over[::-1])
    hole &= over
    series, gone = np.nonzero((hole[1:] & filled[:-1]).T)
    _, back = np.nonzero((hole[:-1] & filled[1:]).T)
    return gone + 1, back + 1, series


def spans(grid: Grid, first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.object_]:
    """Text of spans of months: "2024-03" or "2024-03..2024-05"."""
    begin, end = (grid.months[place].astype("str").astype("object") for place in (first, last))
    return np.where(first == last, begin, begin + ".." + end)


def middle(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Median of each row of an (n, k) array without its NaN, NaN where there is nothing else."""
    ordered = np.sort(values, axis=1)
    count = np.count_nonzero(~np.isnan(ordered), axis=1)
    row = np.arange(len(ordered))
    low, high = ordered[row, np.maximum(count - 1, 0) // 2], ordered[row, np.minimum(count // 2, ordered.shape[1] - 1)]
    return (low.astype("float64") + high) / 2


def finish(grid: Grid, drafts: list[Draft]) -> pd.DataFrame:
    """Findings of drafts by row, with the columns of `cross.FINDING`."""
    drafts = [one for one in drafts if len(one.cell)]
    if not drafts:
        return findings([], "", column="")
    rows = _rows_at(grid, np.concatenate([d.cell for d in drafts]), np.concatenate([d.origin for d in drafts]))
    counts = [len(one.cell) for one in drafts]
    names = {
        name: np.repeat(np.array([getattr(d, name) for d in drafts], "object"), counts) for name in ("code", "column")
    }
    texts = {
        name: np.concatenate([d.texts.get(name, np.full(len(d.cell), "", "object")) for d in drafts])
        for name in ("value", "low", "high", "other")
    }
    last = rows[np.cumsum(counts) - 1]
    rest = [more(d.code, d.column, row, d.more) for d, row in zip(drafts, last, strict=True) if d.more]
    frame = pd.concat([findings(rows, **names, **texts), *rest], ignore_index=True)
    return frame.sort_values("row", kind="stable", ignore_index=True)


def more(code: str, column: str, row: int, count: int) -> pd.DataFrame:
    """Note that `count` findings of a code are not listed: value is their number, other the code."""
    return findings([row], "more_of_this", column=column, value=f"{count:,}", low=f"{MOST:,}", other=code)


def capped(frame: pd.DataFrame) -> pd.DataFrame:
    """Findings of one code, the first MOST of them and the number of the others."""
    if len(frame) <= MOST:
        return frame
    last = frame.iloc[MOST - 1]
    rest = more(last["code"], last["column"], int(last["row"]), len(frame) - MOST)
    return pd.concat([frame.iloc[:MOST], rest], ignore_index=True)


def _rows_at(grid: Grid, cell: NDArray[np.int64], origin: NDArray[np.int64]) -> NDArray[np.int64]:
    """First row of each cell, or of each cell of one origin."""
    size = grid.total.size
    wanted = marked([cell], size)
    every = blocks(len(grid.key))
    hit = np.concatenate([block.start + np.flatnonzero(wanted[grid.key[block] % size]) for block in every])
    key = grid.key[hit].astype("int64")
    found = pd.Series(hit)
    by_cell, by_key = found.groupby(key % size).first(), found.groupby(key).first()
    place = np.where(origin < 0, by_cell.reindex(cell), by_key.reindex(np.maximum(origin, 0) * size + cell))
    return grid.rows[place.astype("int64")]
