"""The checks of one sheet, from its cells to what became of it."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from data.intake import adapters, cross, crs, own, series
from data.intake.canonical import ROW, complete, split
from data.intake.checks import PROBLEM_COLUMNS, table_checks
from data.intake.found import Intake
from data.intake.headers import Note
from data.intake.limits import MOST_ROWS
from data.intake.loader import load
from data.intake.merging import SPELT, merged, summed, values
from data.intake.names import unresolved
from data.intake.planning import Plan
from data.intake.refusal import IntakeError
from data.intake.severity import SET_ASIDE
from data.intake.shape import are_days, fill_down
from data.intake.sheet import Opened
from data.intake.sieve import FROM_BYTES, Sieved, sieve
from data.intake.stating import as_written, rows_to_quote, stated
from data.intake.watch import Watch
from data.intake.written import Written

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

PREVIEW_ROWS = 10
"""Rows shown as written before anything is accepted."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """What the cells of a sheet gave, before rows are compared with one another.

    Attributes
    ----------
    table : pyarrow.Table
        Rows without an error, in canonical types.
    spelt : array of int32
        For each, a number for the way in which the source of its orders is written; -1 where there is none.
    problems : DataFrame
        Of the other rows, and what there is to say about these.
    notes : list of dict
        Problems of the header row.
    names : DataFrame
        As `Intake.names`.
    """

    table: "pa.Table"
    spelt: "NDArray[np.int32]"
    problems: pd.DataFrame
    notes: list[Note]
    names: pd.DataFrame


def check(con: "DuckDBPyConnection", plan: Plan, opened: Opened, watch: Watch) -> Intake:
    """Read a sheet and check it.

    Raises
    ------
    IntakeError
        More rows than a market may have, or quotes that do not close.
    """
    watch.report("reading", 0, _rows_about(plan))
    watch.probe = partial(_percent, con)
    sieved = _sieve(con, plan)
    rows = _load(con, plan, sieved) + (len(sieved.table) if sieved else 0)
    if rows > MOST_ROWS:
        raise IntakeError("too_many_rows", rows=f"{rows:,}", most=f"{MOST_ROWS:,}")
    watch.report("checking", 0, rows)
    written = Written(con, plan.headers, plan.sheet.delimiter, sieved.lines if sieved else None)
    cells = _cells(con, plan, sieved)
    watch.report("checking", rows // 4, rows)
    table, found = _across(cells, plan, watch)
    watch.report("checking", 3 * rows // 4, rows)
    aside = _rows_aside(con, plan, stated([], [cells.problems, found]))
    texts = written.cells(np.union1d(aside, rows_to_quote(found, after=plan.sheet.header_row)))
    found = as_written(found, texts, plan.written, after=plan.sheet.header_row)
    notes = [*cells.notes, *_days(found, plan)]
    guess = _crs_guess(table, plan, opened)
    watch.report("done", rows, rows)
    return Intake(
        dataset=plan.dataset.name,
        rows_of=_in_wgs84(table, plan),
        problems=stated(notes, [cells.problems, found]),
        set_aside=texts[texts[ROW].isin(aside)].reset_index(drop=True),
        preview=written.first(PREVIEW_ROWS, after=plan.sheet.header_row),
        guesses=plan.guesses,
        names=cells.names,
        encoding=plan.sheet.encoding,
        delimiter=plan.sheet.delimiter,
        encodings=plan.sheet.encodings,
        header_row=plan.sheet.header_row,
        rows=rows,
        kept=rows - len(aside),
        sheet=plan.sheet.name,
        crs=plan.choices.crs,
        crs_guess=guess,
        adapter=plan.choices.adapter,
        name=opened.name,
        digest=opened.digest,
    )


def _days(found: pd.DataFrame, plan: Plan) -> list[Note]:
    """Note that rows which stand for one month are its days."""
    if "month" not in plan.positions or not are_days(found):
        return []
    said = {"row": plan.sheet.header_row, "column": plan.written["month"], "code": "daily_rows"}
    return [dict.fromkeys(PROBLEM_COLUMNS, "") | said]


def _rows_about(plan: Plan) -> int:
    """Rows of a sheet by the length of its first ones."""
    first = [
        len(plan.sheet.delimiter.join(record).encode()) + 1 for record in plan.sheet.first[plan.sheet.header_row :]
    ]
    return int(plan.sheet.path.stat().st_size / (sum(first) / len(first))) if first else 0


def _percent(con: "DuckDBPyConnection") -> float:
    """How far the running query is; the connection may have gone meanwhile."""
    import duckdb

    try:
        return float(con.query_progress())
    except duckdb.Error:
        return -1.0


def _sieve(con: "DuckDBPyConnection", plan: Plan) -> Sieved | None:
    if plan.fatal or plan.adapter or plan.choices.fill_down or plan.sheet.path.stat().st_size < FROM_BYTES:
        return None
    offered = own.offered(plan.dataset, plan.headers, plan.notes)
    sieved = sieve(con, plan, own=own.free(plan.dataset, offered))
    return (
        sieved.without(np.unique([row for row, _ in plan.choices.edits])) if sieved and plan.choices.edits else sieved
    )


def _load(con: "DuckDBPyConnection", plan: Plan, sieved: Sieved | None) -> int:
    """Create `raw` of the rows that are read as text, with the edits made, and count them."""
    width = len(plan.sheet.header)
    if sieved is None:
        rows = load(con, plan.sheet.path, delimiter=plan.sheet.delimiter, width=width, after=plan.sheet.header_row)
    else:
        path = plan.folder / "rest.csv"
        path.write_bytes(b"\n".join(sieved.texts))
        rows = load(con, path, delimiter=plan.sheet.delimiter, width=width, rows=sieved.rest)
    if plan.adapter:
        adapters.bring(con, plan.adapter, plan.sheet.header, plan.choices.options)
    if plan.choices.fill_down:
        fill_down(con, [plan.headers.index(header) for header in plan.choices.fill_down])
    for (row, header), text in plan.choices.edits.items():
        change = f"UPDATE raw SET c{plan.headers.index(header)} = ? WHERE row = ? RETURNING row"
        if not con.execute(change, [text, row]).fetchall():
            raise ValueError(f"the file has no row {row} under its header, or it is blank")
    return rows


def _cells(con: "DuckDBPyConnection", plan: Plan, sieved: Sieved | None) -> Cells:
    """Check cell by cell and row by row."""
    dataset, positions = plan.dataset, plan.positions
    if plan.fatal:
        return _nothing(con, plan)
    if sieved is not None and not len(sieved.rest):
        return _plain(con, plan, sieved)
    plan.make_tables(con)
    counted = sieved.counted if sieved else {}
    kept, notes = own.keep(con, dataset, plan.headers, plan.notes, counted=counted)
    checks = table_checks(dataset, positions, plan.written, len(plan.headers), factors=plan.factors)
    problems = con.sql(" UNION ALL ".join([*checks, *own.checks(kept)])).df()
    texts = values(con, dataset, positions, kept, bad=_bad(stated([], [problems])))
    origin = next((name for name in positions if dataset.columns[name].type == "origin"), None)
    table = merged(sieved.only(kept) if sieved else None, texts, origin)
    spelt = table[SPELT].combine_chunks().fill_null(-1).to_numpy()
    names = unresolved(con, dataset, positions)
    return Cells(complete(table.drop_columns([SPELT]), dataset), spelt, problems, notes, names)


def _plain(con: "DuckDBPyConnection", plan: Plan, sieved: Sieved) -> Cells:
    """Rows that were all plainly good."""
    import pyarrow as pa

    con.execute("CREATE TEMP VIEW typed AS FROM raw")
    kept, notes = own.keep(con, plan.dataset, plan.headers, plan.notes, counted=sieved.counted)
    origin = next((name for name in plan.positions if plan.dataset.columns[name].type == "origin"), None)
    table = merged(sieved.only(kept), pa.table({}), origin)
    spelt = table[SPELT].combine_chunks().to_numpy()
    whole = complete(table.drop_columns([SPELT]), plan.dataset)
    return Cells(whole, spelt, pd.DataFrame(), notes, unresolved(con, plan.dataset, {}))


def _nothing(con: "DuckDBPyConnection", plan: Plan) -> Cells:
    """No good row, where a column that must be there is not."""
    import pyarrow as pa

    empty = complete(pa.table({ROW: pa.array([], pa.int64())}), plan.dataset)
    names = unresolved(con, plan.dataset, {})
    return Cells(empty, np.zeros(0, np.int32), pd.DataFrame(), plan.notes, names)


def _bad(problems: pd.DataFrame) -> set[int]:
    """Rows that are no good data."""
    bad = problems["severity"].eq("error") | problems["code"].isin(SET_ASIDE)
    return set(problems.loc[bad, "row"].tolist())


def _across(cells: Cells, plan: Plan, watch: Watch) -> "tuple[pa.Table, pd.DataFrame]":
    """Rows that stand comparison with the others, and what comparing them found."""
    if plan.adapter and plan.adapter.events:
        table = summed(cells.table, plan.dataset)
        return table, series.check(table, plan.dataset)
    if plan.choices.add_up and plan.dataset.own:
        table, added = _added_up(cells.table, plan, "rows_added_up")
        return table, pd.concat([added, series.check(table, plan.dataset)], ignore_index=True)
    spelt = _told_apart(cells)
    repeated = cross.duplicates(cells.table, plan.dataset, written_origin=spelt)
    table = _without(cells.table, _bad(stated([], [repeated])))
    found = [repeated]
    if spelt is not None:
        table, added = _added_up(table, plan, "orders_summed")
        found.append(added)
    watch.report("checking", watch.total // 2, watch.total)
    found += [cross.spells(table, plan.dataset), series.check(table, plan.dataset)]
    return table, pd.concat(found, ignore_index=True)


def _told_apart(cells: Cells) -> "NDArray[np.int32] | None":
    """Ways in which known sources of orders are written: those that are not known are one; None where all are."""
    if not (cells.spelt >= 0).any():
        return None
    codes, names = split(cells.table["origin"])
    known = np.array([*(name != "" for name in names), False])[codes]
    return np.where(known, cells.spelt, -1).astype(np.int32)


def _added_up(table: "pa.Table", plan: Plan, code: str) -> "tuple[pa.Table, pd.DataFrame]":
    """Rows of one key as one row, and a note that says so."""
    same = cross.duplicates(table, plan.dataset)
    if same.empty:
        return table, same
    note = cross.findings(
        [int(same["row"].iloc[0])],
        code,
        column="",
        value=f"{len(same):,}",
        other=same["other"].iloc[0],
    )
    return summed(table, plan.dataset), note


def _without(table: "pa.Table", rows: Collection[int]) -> "pa.Table":
    if not rows:
        return table
    numbers = table[ROW].to_numpy()
    keep = np.ones(len(table), bool)
    keep[np.searchsorted(numbers, np.fromiter(rows, np.int64, len(rows)))] = False
    return table.filter(keep)


def _rows_aside(con: "DuckDBPyConnection", plan: Plan, problems: pd.DataFrame) -> "NDArray[np.int64]":
    """Rows that are left out: every row where a column is missing that must be there."""
    if plan.fatal:
        return np.asarray(con.sql("SELECT row FROM raw").fetchnumpy()["row"], np.int64)
    bad = np.array(sorted(_bad(problems)), np.int64)
    return bad[bad > plan.sheet.header_row]


def _in_wgs84(table: "pa.Table", plan: Plan) -> "pa.Table":
    """Rows with their points in WGS-84."""
    import pyarrow as pa

    if plan.choices.crs == "WGS-84" or "lon" not in table.column_names:
        return table
    lon, lat = crs.to_wgs84(table["lon"].to_numpy(), table["lat"].to_numpy(), plan.choices.crs)
    for name, found in (("lon", lon), ("lat", lat)):
        table = table.set_column(table.column_names.index(name), name, pa.array(found, pa.float64()))
    return table


def _crs_guess(table: "pa.Table", plan: Plan, opened: Opened) -> str:
    """Another system in which the points may be: from stations known already, else from the words of the file."""
    if "lon" not in table.column_names:
        return ""
    found = ""
    if plan.choices.known is not None and plan.choices.crs == "WGS-84":
        points = (table["lon"].to_numpy(), table["lat"].to_numpy())
        found = crs.guess(table["station_id"].to_pylist(), *points, plan.choices.known)
    found = found or crs.hint(plan.headers, opened.name)
    return "" if found == plan.choices.crs else found
