"""Checks across the good rows of a table: repeated keys and overlapping spells, on dictionary codes and days."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.contract import Dataset
from data.intake.keys import Codes, codes, pack, repeated, row_numbers

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FINDING", "codes", "duplicates", "findings", "spells"]

FINDING = ("row", "column", "value", "code", "low", "high", "suggest", "other")
"""Columns of a finding: those of a problem without its words for the fix and its severity."""


def findings(
    rows: NDArray[np.int64] | list[int],
    code: str | NDArray[np.object_],
    *,
    column: str | NDArray[np.object_],
    value: object = "",
    low: object = "",
    high: object = "",
    other: object = "",
) -> pd.DataFrame:
    """Frame of findings with the columns of FINDING, as text but for `row`.

    Parameters
    ----------
    rows : (n,) array of int
        Rows of the file.
    code : str or (n,) array of str
    column : str or (n,) array of str
        Canonical name, several joined by " + ".
    value, low, high, other : str or (n,) array
        A value of "" stands for the cell as written.
    """
    texts = {"column": column, "value": value, "code": code, "low": low, "high": high, "suggest": "", "other": other}
    cells = {name: np.asarray(text).astype("str").astype("object") for name, text in texts.items()}
    whole = {name: np.broadcast_to(text, len(rows)) for name, text in cells.items()}
    return pd.DataFrame({"row": np.asarray(rows, "int64"), **whole}).astype(dict.fromkeys(texts, "str"))


def duplicates(table: "pa.Table", dataset: Dataset, *, written_origin: Codes | None = None) -> pd.DataFrame:
    """Rows whose key stood in an earlier row.

    Parameters
    ----------
    table : pyarrow.Table
        Good rows: `row`, the columns of the dataset, then those of the user's own.
    dataset : Dataset
    written_origin : (n,) array of int, optional
        Codes of the origins as written, which tell rows apart in the place of what they mean: orders of two shops of
        one owner are two rows.

    Returns
    -------
    DataFrame
        Columns of FINDING, by row: "duplicate_row" where another column differs from the first row of the key,
        "duplicate_same" where none does; `other` is that first row.
    """
    names = [name for name in dataset.key if name in table.column_names]
    parts = []
    for name in names:
        if name == "origin" and written_origin is not None:
            parts.append((written_origin, int(written_origin.max(initial=0)) + 1))
        else:
            found, categories = codes(table, name)
            parts.append((found, len(categories)))
    later, first = repeated(*pack(parts))
    del parts
    same = _same(table, first, later)
    rows = row_numbers(table)
    code = np.where(same, "duplicate_same", "duplicate_row").astype("object")
    return findings(rows[later], code, column=" + ".join(names), other=rows[first])


def _same(table: "pa.Table", first: NDArray[np.int64], later: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether two rows agree in every column but `row`; blanks agree."""
    same = np.ones(len(first), bool)
    if not len(first):
        return same
    pairs = table.take(np.concatenate([first, later]))
    for name in table.column_names:
        if name != "row":
            found, _ = codes(pairs, name)
            same &= found[: len(first)] == found[len(first) :]
    return same


def spells(table: "pa.Table", dataset: Dataset) -> pd.DataFrame:
    """Spells that start before an earlier one of the same key has ended.

    A blank end is no overlap, as the next start ends it; spells of one start are duplicates, not overlaps.

    Parameters
    ----------
    table : pyarrow.Table
        Good rows that are kept.
    dataset : Dataset
        One with a `spell`; others have no findings.

    Returns
    -------
    DataFrame
        Columns of FINDING, by row; `other` is the earlier spell, the one that ends last. "overlapping_parts" where one
        of the two pays only per parcel and the other only a guarantee, so that the days both cover lose one of them;
        else "overlapping_spell".
    """
    empty = findings([], "", column="")
    if not dataset.spell or not {*dataset.spell, *dataset.key} <= set(table.column_names) or not len(table):
        return empty
    first, last = dataset.spell
    later, holder = _overlaps(table, [name for name in dataset.key if name != first], first, last)
    rows = row_numbers(table)
    code = np.where(_complement(table, later, holder), "overlapping_parts", "overlapping_spell").astype("object")
    found = findings(rows[later], code, column=first, other=rows[holder])
    return found.sort_values("row", kind="stable", ignore_index=True)


def _overlaps(
    table: "pa.Table", names: list[str], first: str, last: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of the spells that overlap, and of the earlier spell of each that ends last."""
    group, _ = pack([(found, len(categories)) for found, categories in (codes(table, name) for name in names)])
    start, end = _day_numbers(table, first), _day_numbers(table, last)
    blank = end < 0
    order = np.lexsort((start, group))
    order = order[(blank | (end >= start))[order]]
    if not len(order):
        return order, order
    group, start, end = group[order].astype("int64"), start[order], np.where(blank, 0, end)[order]
    n, place = len(order), np.arange(len(order))
    days = int(max(start.max(), end.max())) + 2
    held = np.maximum.accumulate(((group * days) + end) * n + (n - 1 - place))
    new = np.append(True, (group[1:] != group[:-1]) | (start[1:] != start[:-1]))
    before = np.maximum.accumulate(np.where(new, place, 0)) - 1
    best = np.where(before >= 0, held[before], -1)
    over = (best // n) >= group * days + start
    return order[over], order[n - 1 - best[over] % n]


def _day_numbers(table: "pa.Table", name: str) -> NDArray[np.int64]:
    """Days from the year 1, -1 for a blank."""
    import pyarrow as pa

    days = table.column(name).cast(pa.int32()).to_pandas().to_numpy("float64")
    return np.where(np.isnan(days), -1, days + _DAYS_TO_1970).astype("int64")


_DAYS_TO_1970 = 719_162


def _complement(table: "pa.Table", later: NDArray[np.int64], holder: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether one of two spells pays only per parcel, and the other only a guarantee."""
    terms = ("subsidy_cny_per_parcel", "guarantee_cny_per_day")
    if not set(terms) <= set(table.column_names):
        return np.zeros(len(later), bool)
    paid = [table.column(name).to_pandas().to_numpy("float64") > 0 for name in terms]
    only = [paid[0] & ~paid[1], paid[1] & ~paid[0]]
    return (only[0][later] & only[1][holder]) | (only[1][later] & only[0][holder])
