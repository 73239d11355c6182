"""Plainly good rows of a large file by one typed scan; the row numbers of all others, which are then read as text.

The scan knows the spellings that a sample of the file holds. A cell that is none of them makes DuckDB reject its row,
which is read as text later: the sample decides how fast a row is read, never what becomes of it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from data.contract import Dataset
from data.intake import numbered
from data.intake.canonical import ROW, arrow_type, joined, kept
from data.intake.cells import literal, quote
from data.intake.loader import options
from data.intake.numbered import Lines
from data.intake.planning import Plan
from data.intake.readers import FIRST, Reader, readers
from data.intake.refusal import IntakeError
from data.intake.sheet import Sheet

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

FROM_BYTES = 4_000_000
"""Size of file from which a sieve pays."""
MOST_REST = 0.2
"""Part of the rows beyond which reading them all as text is no slower."""
_BATCH = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Sieved:
    """What the scan gave.

    Attributes
    ----------
    table : pyarrow.Table
        `row`, the columns of the dataset that the file has, the user's own under their headers; in file order.
    spelt : dict of str to array of int
        Of the columns of origins: a number for each way of writing them; `spellings` has the texts, "" for blank.
    spellings : dict of str to tuple of str
    rest : array of int64
        Rows to be read as text, ascending.
    texts : list of bytes
        Their lines.
    lines : Lines
        Of the file.
    own : tuple of str
        Headers of the user's own columns in `table`.
    """

    table: "pa.Table"
    spelt: "dict[str, NDArray[np.integer]]"
    spellings: dict[str, tuple[str, ...]]
    rest: "NDArray[np.int64]"
    texts: list[bytes]
    lines: Lines
    own: tuple[str, ...]

    @property
    def counted(self) -> dict[str, int]:
        """How many numbers stand under each of the user's own headers."""
        return {name: len(self.table) - self.table[name].null_count for name in self.own}

    def without(self, rows: "NDArray[np.int64]") -> "Sieved":
        """The same with some rows among those to be read as text."""
        keep = ~np.isin(self.table[ROW].to_numpy(), rows)
        if keep.all():
            return self
        moved = self.table[ROW].to_numpy()[~keep]
        spelt = {name: codes[keep] for name, codes in self.spelt.items()}
        rest = np.union1d(self.rest, moved)
        return replace(self, table=self.table.filter(keep), spelt=spelt, rest=rest, texts=self.lines.fetch(rest))

    def only(self, own: Collection[str]) -> "Sieved":
        """The same without the user's own columns that are not kept."""
        return replace(self, table=self.table.drop_columns([name for name in self.own if name not in own]))


def sieve(con: "DuckDBPyConnection", plan: Plan, *, own: Mapping[str, int]) -> Sieved | None:
    """Scan a sheet, or None where its records are not its lines or many rows are not plainly good.

    Parameters
    ----------
    con : duckdb connection
    plan : Plan
    own : mapping of str to int
        Header of a column that may be kept as the user's own to its place.
    """
    import duckdb

    path = plan.sheet.path
    counted = numbered.index(path)
    if counted.blank_end:  # DuckDB would count its rejects past them
        path = numbered.without_blank_end(path, plan.folder / "trimmed.csv")
        counted = numbered.index(path)
    above = counted.fetch(np.arange(1, plan.sheet.header_row + 1))
    how = readers(plan, own, underscores=counted.underscores > sum(line.count(b"_") for line in above))
    try:
        scanned = _scan(con, replace(plan.sheet, path=path), how)
    except duckdb.InvalidInputException:  # line ends of two kinds
        return None
    rejected, texts = _rejected(con)
    total = scanned.num_rows + len(rejected)
    if counted.lines != total + plan.sheet.header_row or len(rejected) > MOST_REST * total:
        return None
    rows = np.arange(plan.sheet.header_row + 1, plan.sheet.header_row + 1 + total, dtype=np.int64)
    rows = np.delete(rows, rejected - plan.sheet.header_row - 1) if len(rejected) else rows
    table, spelt = _meant(scanned, how, plan.dataset, rows)
    doubt = _bools(scanned["doubt"]) | _breaks_rule(con, table, plan.dataset)
    del scanned
    rest = np.union1d(rejected, rows[doubt])
    if len(rest) > MOST_REST * total:
        return None
    cut = counted.fetch(rest)
    said = [cut[place].strip() for place in np.searchsorted(rest, rejected)]
    if said != [text.strip().encode() for text in texts]:
        return None
    if doubt.any():
        columns = dict(zip(table.column_names, table.columns, strict=True))
        del table
        table, spelt = kept(columns, ~doubt), {name: codes[~doubt] for name, codes in spelt.items()}
    spellings = {name: (*(how[name].meanings or ()), "") for name in spelt}
    return Sieved(table, spelt, spellings, rest, cut, counted, tuple(name for name in how if name in own))


def _scan(con: "DuckDBPyConnection", sheet: Sheet, how: Mapping[str, Reader]) -> "pa.Table":
    """Values of the rows that DuckDB takes, as v0, v1..., and whether they are in `doubt`."""
    types = {reader.place: reader.type for reader in how.values()}
    args = options(
        sheet.delimiter, [types.get(place, "VARCHAR") for place in range(len(sheet.header))], strict=True, parallel=True
    )
    values = ", ".join(f"{reader.value} AS v{place}" for place, reader in enumerate(how.values()))
    doubt = " OR ".join(f"({reader.doubt})" for reader in how.values())
    return con.sql(
        f"SELECT {values}, coalesce({doubt}, true) AS doubt FROM read_csv({literal(str(sheet.path))}, {args}, "
        f"skip={sheet.header_row}, store_rejects=true, rejects_limit=0)"
    ).to_arrow_table(_BATCH)


def _rejected(con: "DuckDBPyConnection") -> "tuple[NDArray[np.int64], list[str]]":
    """Rows that DuckDB did not take, ascending, and their text.

    Raises
    ------
    IntakeError
        One of them is not in UTF-8.
    """
    odd = con.sql("SELECT min(line) FROM reject_errors WHERE error_type = 'INVALID ENCODING'").fetchall()[0][0]
    if odd is not None:
        raise IntakeError("mixed_encoding", encoding="utf-8", row=str(odd))
    found = con.sql(
        "SELECT line::BIGINT AS line, any_value(csv_line) AS text FROM reject_errors GROUP BY line ORDER BY line"
    ).fetchall()
    return np.array([line for line, _ in found], np.int64), [text for _, text in found]


def _bools(column: "pa.ChunkedArray") -> "NDArray[np.bool_]":
    return column.to_numpy().astype(bool, copy=False)


def _meant(
    scanned: "pa.Table", how: Mapping[str, Reader], dataset: Dataset, rows: "NDArray[np.int64]"
) -> "tuple[pa.Table, dict[str, NDArray[np.integer]]]":
    """Rows in canonical types, and how origins were written."""
    import pyarrow as pa

    columns: dict[str, pa.Array | pa.ChunkedArray] = {ROW: pa.array(rows)}
    spelt = {}
    for place, (name, reader) in enumerate(how.items()):
        if name == FIRST:
            continue
        cells = scanned[f"v{place}"]
        if reader.meanings is None:
            columns[name] = cells
            continue
        column, meant = dataset.columns[name], list(reader.meanings.values())
        codes = _codes(cells, blank=len(meant))
        if pa.types.is_dictionary(arrow_type(column)):
            default = None if column.default is None else str(column.default)
            columns[name] = joined(codes, [*(default if value is None else str(value) for value in meant), default])
        else:
            columns[name] = _dates(codes, [*meant, None])
        if column.type == "origin":
            spelt[name] = codes
    return pa.table(columns), spelt


def _codes(cells: "pa.ChunkedArray", *, blank: int) -> "NDArray[np.integer]":
    """Codes of a column of one enumeration, in as few bytes as it has; `blank` where there is none."""
    import pyarrow as pa

    kind = np.dtype("uint8" if blank < 2**8 else "uint16" if blank < 2**16 else "uint32")
    out: NDArray[np.integer] = np.empty(len(cells), kind)
    start = 0
    for chunk in cells.chunks:
        indices = chunk.indices
        if indices.null_count:
            indices = indices.cast(pa.from_numpy_dtype(kind)).fill_null(blank)
        out[start : start + len(chunk)] = indices.to_numpy(zero_copy_only=False)
        start += len(chunk)
    return out


def _dates(codes: "NDArray[np.integer]", meant: list[object]) -> "pa.Array":
    import pyarrow as pa

    days = np.array(meant, "datetime64[D]")
    blank = np.isnat(days)
    numbers = np.where(blank, 0, days.astype(np.int64)).astype(np.int32)
    mask = blank[codes] if blank[:-1].any() or (codes == len(meant) - 1).any() else None
    return pa.array(numbers[codes], pa.int32(), mask=mask).cast(pa.date32())


def _breaks_rule(con: "DuckDBPyConnection", table: "pa.Table", dataset: Dataset) -> "NDArray[np.bool_]":
    """Rows that fail a check over several of their cells."""
    rules = [f"({rule.when})" for rule in dataset.rules if {rule.column} <= set(table.column_names)]
    if not rules:
        return np.zeros(len(table), bool)
    con.register("sieved", table.select([name for name in table.column_names if name in dataset.columns]))
    absent = ", ".join(f"NULL AS {quote(name)}" for name in dataset.columns if name not in table.column_names)
    source = f"(SELECT *{', ' + absent if absent else ''} FROM sieved)"
    found = con.sql(f"SELECT coalesce({' OR '.join(rules)}, false) AS broken FROM {source}").to_arrow_table()
    con.unregister("sieved")
    return _bools(found["broken"])
