"""Good rows in canonical types: as an Arrow table, where names are codes, and as a frame."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from data.contract import Column, Dataset
from data.platforms import FORMATS, PLATFORMS
from data.schema import DATASETS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

NAMED = ("platform", "city", "format", "origin")
"""Types whose cells are keys, kept as codes of a dictionary."""
DATES = ("month", "date")
ROW = "row"
_DTYPES = {"integer": "Int64", "date": "datetime64[us]", "month": "datetime64[us]", "text": "str"}


def arrow_type(column: Column) -> "pa.DataType":
    """Type of a column in `Intake.rows_of`; the codes of keys may be narrower."""
    import pyarrow as pa

    if column.type in NAMED:
        return pa.dictionary(pa.int32(), pa.string())
    return pa.date32() if column.type in DATES else pa.string() if column.type == "text" else pa.float64()


def complete(table: "pa.Table", dataset: Dataset) -> "pa.Table":
    """Rows with every column of the dataset in its order and type, defaults filled in, then the user's own columns."""
    import pyarrow as pa

    own = [name for name in table.column_names if name not in (ROW, *dataset.columns)]
    columns = {ROW: table[ROW]}
    for name, column in dataset.columns.items():
        kind = arrow_type(column)
        given = table[name] if name in table.column_names else pa.nulls(len(table), _plain(kind))
        columns[name] = _filled(given, column, kind)
    if "format" in columns:
        columns["format"] = _usual_format(columns["format"], columns["platform"])
    return pa.table({**columns, **{name: table[name].cast(pa.float64()) for name in own}})


def _plain(kind: "pa.DataType") -> "pa.DataType":
    import pyarrow as pa

    return pa.string() if pa.types.is_dictionary(kind) else kind


def _filled(cells: "pa.ChunkedArray | pa.Array", column: Column, kind: "pa.DataType") -> "pa.ChunkedArray | pa.Array":
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(kind):
        if pa.types.is_dictionary(cells.type) and (column.default is None or not cells.null_count):
            return cells
        codes, names = split(cells)
        if column.default is None or not (codes < 0).any():
            return joined(codes, names)
        return joined(np.where(codes < 0, len(names), codes), [*names, str(column.default)])
    cells = cells.cast(kind)
    return cells if column.default is None else pc.fill_null(cells, pa.scalar(column.default, kind))


def split(cells: "pa.ChunkedArray | pa.Array") -> "tuple[NDArray[np.integer], list[str]]":
    """Codes (-1 where null) and names of a column of keys, whichever way it is stored."""
    import pyarrow as pa

    whole = cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells
    if isinstance(whole, pa.ChunkedArray):  # no chunk at all
        return np.zeros(0, np.int32), []
    if not pa.types.is_dictionary(whole.type):
        whole = whole.cast(pa.string()).dictionary_encode()
    codes = whole.indices.cast(pa.int32()).fill_null(-1) if whole.null_count else whole.indices
    return codes.to_numpy(zero_copy_only=False), whole.dictionary.to_pylist()


def joined(codes: "NDArray[np.integer]", names: "Sequence[str | None]") -> "pa.DictionaryArray":
    """Column of keys from codes (-1 for null) and what each means (None for null), in as few bytes as there are names.

    Repeated names become one, unused ones go, the rest stand sorted.
    """
    import pyarrow as pa

    used = np.zeros(len(names) + 1, bool)
    used[codes] = True
    places = sorted({name for name, is_used in zip(names, used, strict=False) if is_used and name is not None})
    rank = {name: place for place, name in enumerate(places)}
    kind = np.int8 if len(places) < 2**7 else np.int16 if len(places) < 2**15 else np.int32
    turned = np.array([*(-1 if name is None else rank.get(name, -1) for name in names), -1], kind)[codes]
    blank = turned < 0 if used[-1] or any(name is None for name in names) else None
    return pa.DictionaryArray.from_arrays(pa.array(turned, mask=blank), pa.array(places, pa.string()))


def kept(columns: "dict[str, pa.ChunkedArray]", mask: "NDArray[np.bool_]") -> "pa.Table":
    """Rows of some columns, which are taken out of `columns` one by one, so that both are never held whole."""
    import pyarrow as pa

    flags = pa.array(mask)
    return pa.table({name: _picked(columns.pop(name), mask, flags) for name in list(columns)})


def _picked(column: "pa.ChunkedArray", mask: "NDArray[np.bool_]", flags: "pa.Array") -> "pa.Array | pa.ChunkedArray":
    """Cells of a column by a mask; NumPy is the faster where no cell is blank."""
    import pyarrow as pa

    if column.null_count or not len(column) or pa.types.is_string(column.type):
        return column.filter(flags)
    whole = column.combine_chunks()
    if pa.types.is_dictionary(column.type):
        codes = whole.indices.to_numpy(zero_copy_only=False)[mask]
        return pa.DictionaryArray.from_arrays(pa.array(codes), whole.dictionary)
    numbers = whole.view(pa.int32()) if pa.types.is_date32(column.type) else whole
    return pa.array(numbers.to_numpy(zero_copy_only=False)[mask]).view(column.type)


def _usual_format(formats: "pa.DictionaryArray", platforms: "pa.DictionaryArray") -> "pa.DictionaryArray":
    """Formats; where none is given, what the network mostly runs."""
    (codes, names), (networks, keys) = split(formats), split(platforms)
    usual = [PLATFORMS[key].format if key in PLATFORMS else "" for key in keys]
    every = [*names, *FORMATS]
    turn = np.array([every.index(kind if kind in FORMATS else "station") for kind in usual], np.int32)
    return joined(np.where(codes < 0, turn[networks], codes) if len(turn) else codes, every)


def frame(table: "pa.Table", dataset: str | Dataset) -> pd.DataFrame:
    """Rows of `Intake.rows_of` as a frame, without `row`: names as categories, months and dates as times."""
    columns = (DATASETS[dataset] if isinstance(dataset, str) else dataset).columns
    made = {name: _series(table[name], columns.get(name)) for name in table.column_names if name != ROW}
    return pd.DataFrame(made)


def _series(cells: "pa.ChunkedArray", column: Column | None) -> pd.Series:
    import pyarrow as pa

    if column is None:
        return cells.to_pandas()
    if column.type in NAMED:
        codes, names = split(cells)
        return pd.Series(pd.Categorical.from_codes(codes, names))
    series = cells.cast(pa.timestamp("us")).to_pandas() if column.type in DATES else cells.to_pandas()
    kind = "int64" if column.type == "integer" and column.required else _DTYPES.get(column.type, "float64")
    return series.astype(kind)
