"""Canonical form of a table and the digest of what it holds.

The digest is of the rows: not of their order, nor of the order of columns, chunks or dictionaries.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from data.intake.canonical import ROW, split

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

Columns = tuple[tuple[str, str, tuple[str, ...]], ...]
"""Name, kind ("key", "date", "number" or "text") and, of keys, the words in order."""
_MOST_WHOLE = 2.0**53
_MOST_DAYS = 2**20
_MOST_RANKS = 2**62
"""Of columns that are sorted by as one whole number."""
_WIDTHS = (np.uint8, np.uint16, np.uint32)


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """A table in canonical form.

    Attributes
    ----------
    columns : Columns
    plain : pyarrow.Table
        Keys as small whole numbers, whole numbers as int64, columns named c0, c1 ...
    digest : str
        SHA-256 of names, types and rows, whatever their order.
    """

    columns: Columns
    plain: "pa.Table"
    digest: str

    @property
    def spec(self) -> str:
        """Columns as JSON."""
        return json.dumps(self.columns, ensure_ascii=False)


def pack(table: "pa.Table") -> Packed:
    """Canonical form of a table of dictionary, date, number and text columns; its column `row` is left out.

    Raises
    ------
    ValueError
        A column is of another type.
    """
    import pyarrow as pa

    columns, arrays = plain(table)
    kept = [_stored(kind, values) for (_, kind, _), values in zip(columns, arrays, strict=True)]
    named = pa.table(kept, names=[f"c{n}" for n in range(len(kept))])
    return Packed(columns, named, _digest(table.num_rows, columns, arrays))


def _digest(rows: int, columns: Columns, arrays: Sequence["pa.Array"]) -> str:
    """SHA-256 of columns by name, of rows in an order that they alone decide."""
    hashed = hashlib.sha256(f"{rows}\n".encode())
    sorted_by_name = sorted(zip(columns, arrays, strict=True), key=lambda one: one[0][0])
    order = _order([values for _, values in sorted_by_name]) if rows else np.zeros(0, np.int64)
    for column, values in sorted_by_name:
        hashed.update(json.dumps(column, ensure_ascii=False).encode() + b"\n")
        _feed(hashed, values, order)
    return hashed.hexdigest()


def plain(table: "pa.Table") -> tuple[Columns, list["pa.Array"]]:
    """Columns of a table and their values: places of words, days, float64 or text; the column `row` is left out."""
    named = [(name, *_column(name, table.column(name))) for name in table.column_names if name != ROW]
    return tuple((name, kind, words) for name, kind, words, _ in named), [values for *_, values in named]


def unpack(spec: str, plain: "pa.Table") -> "pa.Table":
    """Table of a canonical form: keys are dictionary(int32, string), numbers float64."""
    import pyarrow as pa

    columns = json.loads(spec)
    arrays = [_unpacked(kind, words, array) for (_, kind, words), array in zip(columns, plain.columns, strict=True)]
    return pa.table(arrays, names=[name for name, _, _ in columns])


def alike(tables: Sequence["pa.Table"]) -> "pa.Table":
    """Rows of several tables as one, whose words and types are those of `unpack`."""
    import pyarrow as pa

    columns, arrays = plain(pa.concat_tables(tables, promote_options="permissive"))
    return unpack(json.dumps(columns), pa.table(arrays, names=[name for name, _, _ in columns]))


def _column(name: str, chunks: "pa.ChunkedArray") -> tuple[str, tuple[str, ...], "pa.Array"]:
    """Kind of a column, its words and its values: places of words, days, float64 or text."""
    import pyarrow as pa

    of, type = pa.types, chunks.type
    if of.is_dictionary(type):
        return "key", *_keys(chunks)
    if of.is_date(type):
        return "date", (), _one(chunks.cast(pa.date32()))
    if of.is_integer(type) or of.is_floating(type):
        return "number", (), _numbers(chunks)
    if of.is_string(type) or of.is_large_string(type) or of.is_null(type):
        return "text", (), _one(chunks.cast(pa.large_string()))
    raise ValueError(f"column {name} is {type}: give dictionary, date, number or string columns")


def _one(chunks: "pa.ChunkedArray") -> Any:
    """Return the chunks as one array."""
    import pyarrow as pa

    return chunks.chunk(0) if chunks.num_chunks == 1 else pa.concat_arrays(chunks.chunks or [pa.array([], chunks.type)])


def _keys(chunks: "pa.ChunkedArray") -> tuple[tuple[str, ...], "pa.Array"]:
    """Words in use, sorted, and the place of each row's word among them."""
    import pyarrow as pa

    codes, given = split(chunks)
    used = np.zeros(len(given) + 1, bool)
    used[codes] = True  # -1, for none, is the last
    words = sorted({word for word, use in zip(given, used[:-1], strict=True) if use})
    width = next(width for width in _WIDTHS if len(words) <= np.iinfo(width).max)
    place = {word: n for n, word in enumerate(words)}
    places = np.array([*(place.get(word, 0) for word in given), 0], dtype=width)
    return tuple(words), pa.array(places[codes], mask=codes < 0 if used[-1] else None)


def _numbers(chunks: "pa.ChunkedArray") -> "pa.Array":
    """Numbers as float64; what is not a number is missing, and there is one zero."""
    import pyarrow as pa

    values = _one(chunks.cast(pa.float64())).to_numpy(zero_copy_only=False)
    missing = np.isnan(values)
    return pa.array(values + 0.0, mask=missing if missing.any() else None)


def _order(arrays: Sequence["pa.Array"]) -> "NDArray[np.int64]":
    """Places of the rows by what they hold.

    Words and days are sorted by as one number; figures and texts decide only between rows that are alike in those.
    """
    n, spread, others = len(arrays[0]), 1, []
    whole = np.zeros(n, np.int64)
    for values in arrays:
        ranks, most = _ranks(values) if _is_ranked(values) else (whole, _MOST_RANKS)
        if spread * most < _MOST_RANKS:
            whole, spread = whole * most + ranks, spread * most
        else:
            others.append(values)
    order = _sorted(whole, spread)
    return order if len(order) == n else np.lexsort([*(_finer(values) for values in others), whole])


def _sorted(numbers: "NDArray[np.int64]", most: int) -> "NDArray[np.int64]":
    """Places of whole numbers under `most` by size, of equal ones only the last."""
    if most > 8 * len(numbers) + 2**16:
        order = np.argsort(numbers, kind="stable")
        ahead = numbers[order]
        return order[np.append(ahead[1:] != ahead[:-1], True)]
    places = np.full(most, -1)
    places[numbers] = np.arange(len(numbers))
    return places[places >= 0]


def _is_ranked(values: "pa.Array") -> bool:
    import pyarrow as pa

    return pa.types.is_unsigned_integer(values.type) or pa.types.is_date(values.type)


def _ranks(values: "pa.Array") -> "tuple[NDArray[np.int64], int]":
    """Words and days as numbers, 0 for none where there are such; and how many there may be."""
    import pyarrow as pa

    dates = pa.types.is_date(values.type)
    flat = (values.cast(pa.int32()) if dates else values).fill_null(0).to_numpy().astype(np.int64)
    if dates:
        flat -= flat.min()
        if flat.max() < _MOST_DAYS:
            flat = (np.cumsum(np.bincount(flat) > 0) - 1)[flat]
    if values.null_count:
        flat = np.where(values.is_null().to_numpy(zero_copy_only=False), 0, flat + 1)
    return flat, int(flat.max()) + 1


def _finer(values: "pa.Array") -> "NDArray[np.int64]":
    """Whole numbers that differ where the values do."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_floating(values.type):
        return np.asarray(values.fill_null(np.nan).to_numpy(zero_copy_only=False)).view(np.int64)
    if pa.types.is_large_string(values.type):
        return np.asarray(pc.rank(values, tiebreaker="dense").to_numpy().astype(np.int64))
    return _ranks(values)[0]


def _feed(hashed: "hashlib._Hash", values: "pa.Array", order: "NDArray[np.int64]") -> None:
    """Take an array into a digest in an order: how many cells are empty and which, how long the texts are, the rest."""
    import pyarrow as pa

    hashed.update(f"{values.null_count}\n".encode())
    if values.null_count:
        empty = values.is_null().to_numpy(zero_copy_only=False)
        hashed.update(np.packbits(empty[order]).data)
    if pa.types.is_large_string(values.type):
        texts = values.take(pa.array(order)).fill_null("")
        _, offsets, text = texts.buffers()
        places = np.frombuffer(offsets, "<i8", len(texts) + 1, texts.offset * 8)
        hashed.update(np.diff(places).data)
        hashed.update(memoryview(text or b"")[places[0] : places[-1]])
    else:
        flat = (values.cast(pa.int32()) if pa.types.is_date(values.type) else values).fill_null(0).to_numpy()
        hashed.update(np.ascontiguousarray(flat[order]).data)


def _stored(kind: str, values: "pa.Array") -> "pa.Array":
    """Return the array as it is kept: whole numbers take a quarter of the time to read again."""
    import pyarrow as pa

    if kind != "number":
        return values
    numbers = values.fill_null(0).to_numpy()
    whole = np.all(np.abs(numbers) < _MOST_WHOLE) and np.all(numbers == np.floor(numbers))
    return values.cast(pa.int64()) if whole else values


def _unpacked(kind: str, words: list[str], kept: "pa.ChunkedArray") -> Any:
    import pyarrow as pa

    if kind == "key":
        codes, of = _one(kept.cast(pa.int32())), pa.array(words, pa.string())
        return pa.DictionaryArray.from_arrays(codes, of)
    return kept.cast({"date": pa.date32(), "number": pa.float64(), "text": pa.string()}[kind])
