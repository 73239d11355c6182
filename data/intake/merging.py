"""Good rows as one Arrow table: those a typed scan took and those that were read as text."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np

from data import duck
from data.contract import Dataset
from data.intake.canonical import ROW, complete, joined, split
from data.intake.cells import quote
from data.intake.sieve import Sieved

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

SPELT = "\x1fspelt"
"""Column with a number for each way in which the source of an order is written; headers have no control marks."""


def values(
    con: "DuckDBPyConnection",
    dataset: Dataset,
    positions: Mapping[str, int],
    own: Mapping[str, int],
    *,
    bad: Collection[int],
) -> "pa.Table":
    """Rows of `typed` that are not `bad`: `row`, the dataset's columns, the user's own, and how origins are spelt."""
    import pyarrow as pa

    origin = next((name for name in positions if dataset.columns[name].type == "origin"), None)
    spelt = f"lower({quote('t_' + origin)})" if origin else "NULL::VARCHAR"
    columns = ", ".join([*map(quote, positions), *(f"v{place}" for place in own.values()), f"{spelt} AS spelt"])
    con.register("bad", pa.table({ROW: pa.array(sorted(bad), pa.int64())}))
    source = "typed JOIN own USING (row)" if own else "typed"
    found = con.sql(
        f"SELECT row, {columns} FROM {source} WHERE row NOT IN (SELECT row FROM bad) ORDER BY row"
    ).to_arrow_table()
    return found.rename_columns([ROW, *positions, *own, SPELT])


def merged(sieved: Sieved | None, texts: "pa.Table", origin: str | None) -> "pa.Table":
    """Both kinds of rows in file order; the spelling of origins as numbers."""
    import pyarrow as pa

    if sieved is None:
        codes, _ = split(texts[SPELT])
        return texts.set_column(texts.column_names.index(SPELT), SPELT, pa.array(codes, pa.int32()))
    codes, written = _spelt(sieved, origin)
    fast = sieved.table.append_column(SPELT, pa.array(codes, pa.int32()))
    if not len(texts):
        return fast
    slow, _ = split(texts[SPELT])
    numbers = np.array([*(_number(written, name) for name in split(texts[SPELT])[1]), -1], np.int32)
    texts = texts.set_column(texts.column_names.index(SPELT), SPELT, pa.array(numbers[slow], pa.int32()))
    both = pa.table({name: _joined(fast[name], texts[name]) for name in fast.column_names})
    return both.take(np.argsort(both[ROW].to_numpy(), kind="stable"))


def _spelt(sieved: Sieved, origin: str | None) -> "tuple[NDArray[np.int32], list[str]]":
    """Numbers of the spellings of a scan, where case and blanks around do not count, and the spellings they are of."""
    if origin is None or origin not in sieved.spelt:
        return np.full(len(sieved.table), -1, np.int32), []
    written: list[str] = []
    plain = [text.strip().lower() for text in sieved.spellings[origin]]
    turn = np.array([_number(written, text) if text else -1 for text in plain], np.int32)
    return turn[sieved.spelt[origin]], written


def _number(written: list[str], text: str) -> int:
    if text not in written:
        written.append(text)
    return written.index(text)


def _joined(first: "pa.ChunkedArray", second: "pa.ChunkedArray") -> "pa.Array | pa.ChunkedArray":
    import pyarrow as pa

    if pa.types.is_dictionary(first.type):
        (codes, names), (more, others) = split(first), split(second)
        return joined(
            np.concatenate([codes, np.where(more < 0, -1, more.astype(np.int32) + len(names))]), [*names, *others]
        )
    return pa.chunked_array([*first.chunks, *second.cast(first.type).chunks], first.type)


def summed(table: "pa.Table", dataset: Dataset) -> "pa.Table":
    """Rows of one key as one, at the first of them: parcels added up, the user's own columns averaged."""
    places = {name: quote(f"c{place}") for place, name in enumerate(table.column_names)}
    own = [name for name in table.column_names if name not in (ROW, *dataset.columns)]
    keys = ", ".join(places[name] for name in dataset.key)
    totals = [f"sum({places[name]}) AS {places[name]}" for name in dataset.columns if name not in dataset.key]
    means = [f"avg({places[name]} ORDER BY {places[ROW]}) AS {places[name]}" for name in own]
    first = f"min({places[ROW]}) AS {places[ROW]}"
    with duck.connect() as con:
        con.register("rows", table.rename_columns([place.strip('"') for place in places.values()]))
        found = con.sql(
            f"SELECT {', '.join([first, keys, *totals, *means])} FROM rows GROUP BY {keys} ORDER BY {places[ROW]}"
        ).to_arrow_table()
    names = [ROW, *dataset.key, *(name for name in dataset.columns if name not in dataset.key), *own]
    return complete(found.rename_columns(names), dataset)
