"""Columns as codes, and codes packed into one key a row: what checks across millions of rows are made of."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

DENSE = 60_000_000
"""Largest space of packed keys that is mapped cell by cell; wider ones are sorted."""
_CELLS_PER_ROW = 100
_FEW_CELLS = 1_000_000
_BLOCK = 1 << 17


Codes = NDArray[np.integer]


def row_numbers(table: "pa.Table") -> NDArray[np.int64]:
    """Rows of the file, of every row of a table of good rows."""
    return table.column("row").to_numpy()


def codes(table: "pa.Table", name: str) -> tuple[Codes, NDArray[np.generic]]:
    """Column as codes.

    Parameters
    ----------
    table : pyarrow.Table
    name : str
        One of its columns, of any type.

    Returns
    -------
    codes : (n,) array of int
        Places in the categories; -1 for a blank.
    categories : (k,) array
        Distinct values: days in order for dates, else as the table lists them; not all of a dictionary need occur.
    """
    import pyarrow as pa

    column = table.column(name)
    if pa.types.is_date32(column.type) and not column.null_count:
        return _days(_whole(column.cast(pa.int32())).to_numpy(zero_copy_only=False))
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    whole = _whole(column.unify_dictionaries())
    places = whole.indices if not whole.null_count else whole.indices.cast(pa.int32()).fill_null(-1)
    return places.to_numpy(zero_copy_only=False), whole.dictionary.to_numpy(zero_copy_only=False)


def _whole(column: "pa.ChunkedArray") -> "pa.Array":
    """Column in one piece, not copied where it is in one already."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _days(days: NDArray[np.int32]) -> tuple[Codes, NDArray[np.generic]]:
    if not len(days):
        return days, np.array([], "datetime64[D]")
    first = int(days.min())
    wide = int(days.max()) - first + 1
    seen = marked((days[block] - first for block in blocks(len(days))), wide)
    rank = (np.cumsum(seen) - 1).astype("int16" if wide < 2**15 else "int32")
    found = np.empty(len(days), rank.dtype)
    for block in blocks(len(days)):
        found[block] = rank[days[block] - first]
    return found, (np.flatnonzero(seen) + first).astype("datetime64[D]")


def blocks(n: int) -> list[slice]:
    """Slices of n rows, short enough that what is made of one stays in the processor's cache."""
    return [slice(start, start + _BLOCK) for start in range(0, n, _BLOCK)]


def marked(places: Iterable[Codes], size: int) -> NDArray[np.bool_]:
    """Which of the places 0 to size - 1 occur in any block of places."""
    seen = np.zeros(size, bool)
    for some in places:
        seen[some] = True
    return seen


def pack(parts: list[tuple[Codes, int]]) -> tuple[Codes, int]:
    """Pack codes into one key.

    Parameters
    ----------
    parts : list of (codes, size)
        Codes 0 to size - 1 of each part, or -1 for a blank, which is a value of its own; the last one varies fastest.

    Returns
    -------
    key : (n,) array of int32, or of int64 where the space is wider
    space : int
        Number of keys there could be.
    """
    sizes = [size + 1 if len(part) and part.min() < 0 else size for part, size in parts]
    space = int(np.prod(sizes, dtype="object"))
    key = np.zeros(len(parts[0][0]), "int32" if space < 2**31 else "int64")
    for block in blocks(len(key)):
        some = key[block]
        for (part, size), wide in zip(parts, sizes, strict=True):
            some *= wide
            some += part[block].astype(key.dtype, copy=False)
            some += key.dtype.type(wide - size)
    return key, space


def repeated(key: Codes, space: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the keys that stand more than once.

    Parameters
    ----------
    key : (n,) array of int
        Keys from 0 to space - 1.
    space : int

    Returns
    -------
    later : (m,) array of int
        Places of the keys that stood before, ascending.
    first : (m,) array of int
        Where each of them stood first.
    """
    places = _several(key, space)
    order = places[np.argsort(key[places], kind="stable")]
    ordered = key[order]
    new = np.append(True, ordered[1:] != ordered[:-1])[: len(order)]
    first = order[np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))]
    later, first = order[~new], first[~new]
    by_place = np.argsort(later)
    return later[by_place], first[by_place]


def _several(key: Codes, space: int) -> NDArray[np.int64]:
    """Places of every key that stands more than once."""
    every = blocks(len(key))
    dense = space <= min(DENSE, _CELLS_PER_ROW * len(key) + _FEW_CELLS)
    if dense and np.count_nonzero(marked((key[block] for block in every), space)) == len(key):
        return np.array([], "int64")
    ordered = np.sort(key)
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(twice):
        return np.array([], "int64")
    if dense:
        several = marked([twice], space)
        return np.concatenate([block.start + np.flatnonzero(several[key[block]]) for block in every])
    near = np.minimum(np.searchsorted(twice, key), len(twice) - 1)
    return np.flatnonzero(twice[near] == key)
