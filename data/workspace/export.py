"""Tables as files that read in again to the same rows: CSV and Excel that no spreadsheet runs as formulas, Parquet."""

import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from pandas.api.types import is_numeric_dtype

from data import duck
from data.intake.canonical import ROW
from data.intake.cells import literal, quote
from data.schema import DATASETS
from data.workspace.refusal import WorkspaceError

if TYPE_CHECKING:
    import pyarrow as pa

MOST_EXCEL_ROWS = 1_048_575
"""Of a sheet, under its header."""
MOST_EXCEL_LETTERS = 32_767
"""Of a cell, as UTF-16 counts them."""
_RUN = r"^('*[=+@\t\r\n＝＋－＠-])"
"""Texts that a spreadsheet would run, or that would lose an apostrophe when read in: they get one more."""
_ONE_MORE = r"'\1"
_BATCH = 50_000
_FORMATS = {"month": "yyyy-mm", "date": "yyyy-mm-dd"}


class _Exact(float):
    """A number that is written in its shortest form, not to 16 figures."""

    def __format__(self, spec: str) -> str:
        return repr(float(self))


def write_csv(table: "pa.Table", dataset: str, path: Path) -> None:
    """Write rows as CSV in UTF-8 with a byte order mark, so that Excel reads it; numbers in their shortest form."""
    kinds = _kinds(table, dataset)
    header = ", ".join(literal(_safe(name)) for name in ("\ufeff" + next(iter(kinds)), *list(kinds)[1:]))
    cells = ", ".join(_text(f"c{place}", kind) for place, kind in enumerate(kinds.values()))
    query = f"SELECT {header} UNION ALL SELECT {cells} FROM plain"
    _write(table, kinds, query, lambda rows: rows.write_csv(str(path), header=False))


def write_parquet(table: "pa.Table", dataset: str, path: Path) -> None:
    """Write rows as Parquet; texts are written as in `write_csv`, and "_1" is added to a name that is there already.

    Names that differ in case alone are one.
    """
    kinds = _kinds(table, dataset)
    cells = ", ".join(
        f"{_harmless(f'c{place}') if kind == 'text' else f'c{place}'} AS {quote(_safe(name))}"
        for place, (name, kind) in enumerate(kinds.items())
    )
    query = f"SELECT {cells} FROM plain"
    _write(table, kinds, query, lambda rows: rows.write_parquet(str(path), compression="zstd"))


def write_excel(table: "pa.Table", dataset: str, path: Path) -> None:
    """Write rows as one sheet of a workbook, dates and numbers as such.

    Raises
    ------
    WorkspaceError
        "too_long_for_excel" when a sheet does not hold them, "long_text_for_excel" when a cell does not hold a text.
    """
    import xlsxwriter

    if len(table) > MOST_EXCEL_ROWS:
        raise WorkspaceError("too_long_for_excel", rows=f"{len(table):,}", most=f"{MOST_EXCEL_ROWS:,}")
    kinds = _kinds(table, dataset)
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet(dataset)
        shown = [
            book.add_format({"num_format": _FORMATS[kind]}) if kind in _FORMATS else None for kind in kinds.values()
        ]
        for place, name in enumerate(kinds):
            sheet.write_string(0, place, _short(_safe(name), 0))
        for start in range(0, len(table), _BATCH):
            rows = table.select(list(kinds)).slice(start, _BATCH)
            for line, cells in enumerate(zip(*(column.to_pylist() for column in rows.columns), strict=True), start + 1):
                _write_row(sheet, line, cells, shown)


def _short(text: str, row: int) -> str:
    """Text that a cell of a workbook holds whole."""
    if len(text) * 2 > MOST_EXCEL_LETTERS and len(text.encode("utf-16-le")) // 2 > MOST_EXCEL_LETTERS:
        raise WorkspaceError("long_text_for_excel", row=f"{row + 1:,}", most=f"{MOST_EXCEL_LETTERS:,}")
    return text


def _write_row(sheet: Any, line: int, cells: tuple[Any, ...], shown: list[Any]) -> None:
    for place, (cell, format) in enumerate(zip(cells, shown, strict=True)):
        if isinstance(cell, str):
            sheet.write_string(line, place, _short(_safe(cell), line))
        elif isinstance(cell, float):
            sheet.write_number(line, place, _Exact(cell))
        elif cell is not None:
            sheet.write_datetime(line, place, cell, format)


def to_csv(table: "pa.Table", dataset: str) -> bytes:
    """CSV file of rows; see `write_csv`."""
    return _bytes(table, dataset, write_csv)


def to_excel(table: "pa.Table", dataset: str) -> bytes:
    """Workbook of rows; see `write_excel`."""
    return _bytes(table, dataset, write_excel)


def to_parquet(table: "pa.Table", dataset: str) -> bytes:
    """Parquet file of rows; see `write_parquet`."""
    return _bytes(table, dataset, write_parquet)


def aside_csv(aside: pd.DataFrame) -> bytes:
    """Rows that were not taken, as CSV for Excel; the file stands first when the index tells it."""
    rows, files = aside.reset_index(drop=True), [str(aside.index.name)] if aside.index.name else []
    names = [*files, *map(str, rows.columns)]
    columns = [pd.Series(aside.index)] if files else []
    columns += [rows.iloc[:, place] for place in range(rows.shape[1])]
    safe = [
        one if is_numeric_dtype(one) else one.astype("str").str.replace(_RUN, _ONE_MORE, regex=True) for one in columns
    ]
    whole = pd.concat(safe, axis=1).set_axis(list(map(_safe, names)), axis=1) if safe else rows
    return whole.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def _bytes(table: "pa.Table", dataset: str, write: Callable[["pa.Table", str, Path], None]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        write(table, dataset, path)
        return path.read_bytes()


def _kinds(table: "pa.Table", dataset: str) -> dict[str, str]:
    """Type of each column but `row`; those of the user's own are numbers."""
    columns = DATASETS[dataset].columns
    names = [name for name in table.column_names if name != ROW]
    return {name: columns[name].type if name in columns else "number" for name in names}


def _write(table: "pa.Table", kinds: Mapping[str, str], query: str, write: Callable[[Any], None]) -> None:
    """Write what SQL makes of `plain`: the rows, their columns called c0, c1 ..."""
    with duck.connect() as base:
        base.register("plain", table.select(list(kinds)).rename_columns([f"c{place}" for place in range(len(kinds))]))
        write(base.sql(query))


def _text(cell: str, kind: str) -> str:
    """SQL of a cell as text."""
    if kind == "month":
        return f"strftime({cell}, '%Y-%m')"
    if kind in ("number", "integer", "fraction"):
        whole = f"{cell} = trunc({cell}) AND abs({cell}) < 1e15"
        return f"CASE WHEN {whole} THEN {cell}::BIGINT::VARCHAR ELSE {cell}::VARCHAR END"
    return f"{cell}::VARCHAR" if kind == "date" else _harmless(f"{cell}::VARCHAR")


def _harmless(text: str) -> str:
    return f"regexp_replace({text}, {literal(_RUN)}, {literal(_ONE_MORE)})"


def _safe(text: str) -> str:
    """Text with one more apostrophe where it would be run, or lose one."""
    return re.sub(_RUN, _ONE_MORE, text)
