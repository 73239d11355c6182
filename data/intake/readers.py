"""How a typed scan reads each column of a large file, from a sample spread over it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from data import duck
from data.contract import Column
from data.intake.aside import is_total
from data.intake.canonical import DATES, NAMED
from data.intake.cells import clean_sql, literal, quote, scaled_sql, value_sql
from data.intake.checks import PARSERS, monthly_sql, trimmed
from data.intake.known import months, names
from data.intake.loader import load
from data.intake.planning import SPILL, Plan

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_SPELLINGS = 60_000
"""Of one column; a code of two bytes holds more."""
PLAIN_NUMBERS = 0.95
"""Part of a sample's filled cells that are numbers as a machine writes them, for a column to be read as such."""
MOSTLY = 0.5
"""The same for a column of the user's own to be looked at."""
FIRST = "\x1ffirst"
"""Name of the reader of the first column where it means nothing: a word there may make its row a sum."""
_SAMPLES, _SAMPLE_BYTES = 512, 4_096


@dataclass(frozen=True, slots=True)
class Reader:
    """How the scan reads one column.

    Attributes
    ----------
    place : int
        Of the column in the file.
    type : str
        Of DuckDB.
    value : str
        SQL of the value.
    doubt : str
        SQL condition under which the row is not plainly good.
    meanings : dict of str to object
        Of a type that lists spellings: what each means, by code.
    """

    place: int
    type: str
    value: str
    doubt: str
    meanings: dict[str, object] | None = None


def readers(plan: Plan, own: Mapping[str, int], *, underscores: bool) -> dict[str, Reader]:
    """Reader of each column of the dataset that the file has, then of the user's own that hold numbers by header.

    Parameters
    ----------
    plan : Plan
    own : mapping of str to int
        Header of a column that may be kept as the user's own to its place.
    underscores : bool
        Whether the file holds any: DuckDB takes them between digits, which nobody means.
    """
    positions = plan.positions
    with duck.connect(plan.folder / SPILL) as con:
        load(con, _sample(plan), delimiter=plan.sheet.delimiter, width=len(plan.headers))
        plan.make_tables(con)
        found = {name: _reader(con, plan, name, place, plain=not underscores) for name, place in positions.items()}
        mostly = {header: place for header, place in own.items() if _is_mostly_numbers(con, place)}
        more = {header: _own_reader(con, place, plain=not underscores) for header, place in mostly.items()}
    if 0 not in positions.values():
        found[FIRST] = Reader(0, "VARCHAR", "NULL", f"coalesce({is_total(clean_sql('c0'))}, false)")
    return found | more


def _sample(plan: Plan) -> Path:
    """Whole lines from places spread evenly over the file."""
    path, source = plan.folder / "sample.csv", plan.sheet.path
    size = source.stat().st_size
    with source.open("rb") as file, path.open("wb") as out:
        for place in range(_SAMPLES):
            file.seek(place * size // _SAMPLES)
            whole = file.read(_SAMPLE_BYTES).split(b"\n")[1:-1]
            out.write(b"".join(line + b"\n" for line in whole if line.strip()))
    return path


def _reader(con: "DuckDBPyConnection", plan: Plan, name: str, place: int, *, plain: bool) -> Reader:
    column, factor, cell = plan.dataset.columns[name], plan.factors.get(name, 1.0), f"c{place}"
    blank = f"{cell} IS NULL" if column.required else "false"
    if column.type in (*NAMED, *DATES):
        sampled = _spellings(con, column, place)
        known = _expected(column, sampled, plan.choices.names.get(name, {})) | sampled
        listed = ", ".join(map(literal, known)) or "''"
        return Reader(place, f"ENUM({listed})", cell, blank, known)
    if column.type == "text":
        clean = clean_sql(cell, text=True)
        doubts = [blank, f"coalesce({clean} IS DISTINCT FROM {cell}, false)", f"coalesce({is_total(cell)}, false)"]
        return Reader(place, "VARCHAR", cell, " OR ".join(doubts))
    plain = plain and _is_plain(con, place) and column.type != "fraction"
    value = scaled_sql(cell, column, factor) if plain else value_sql(column, clean_sql(cell), factor)
    doubts = [blank, f"({cell} IS NOT NULL AND {value} IS NULL)", f"NOT isfinite({value})"]
    if column.low is not None and column.high is not None:
        doubts.append(f"NOT {value} BETWEEN {column.low} AND {column.high}")
    if column.type == "integer":
        doubts.append(f"{value} <> floor({value})")
    monthly = monthly_sql(column, plan.headers[place], plan.factors.get(name))
    doubts += [monthly.replace(quote(name), value)] if monthly else []
    doubt = " OR ".join(f"coalesce({part}, false)" for part in doubts)
    return Reader(place, "DOUBLE" if plain else "VARCHAR", value, doubt)


def _spellings(con: "DuckDBPyConnection", column: Column, place: int) -> dict[str, object]:
    """Cells of the sample as written that mean one thing for certain, or nothing where a cell may be blank."""
    table, text = quote("names_" + column.name), quote("t_" + column.name)
    found = con.sql(
        f"SELECT DISTINCT c{place}, v FROM cells JOIN {table} AS n ON {text} = n.t "
        f"WHERE n.code = '' AND NOT coalesce(n.total, false) AND v IS NOT NULL LIMIT {MOST_SPELLINGS}"
    ).fetchall()
    if column.required:
        return dict(found)
    blank = con.sql(f"SELECT DISTINCT c{place} FROM cells WHERE {text} IS NULL AND c{place} <> ''").fetchall()
    return dict(found) | {str(cell): None for (cell,) in blank}


def _expected(column: Column, sampled: Collection[str], decided: Mapping[str, str]) -> dict[str, object]:
    """Spellings that the rest of the file may hold; months only in the forms of the sample."""
    if column.type in DATES:
        return months(sampled) if column.type == "month" else {}
    return names(column.type, but=decided)


def _is_plain(con: "DuckDBPyConnection", place: int) -> bool:
    cell = f"nullif(c{place}, '')"
    filled, plain = con.sql(f"SELECT count({cell}), count(try_cast({cell} AS DOUBLE)) FROM raw").fetchall()[0]
    return filled > 0 and plain >= PLAIN_NUMBERS * filled


def _is_mostly_numbers(con: "DuckDBPyConnection", place: int) -> bool:
    """Whether a column may be one of the user's own: which are kept, all its cells decide."""
    cell = trimmed(place)
    filled, numbers = con.sql(f"SELECT count({cell}), count({PARSERS['number'](cell)}) FROM raw").fetchall()[0]
    return filled > 0 and numbers >= MOSTLY * filled


def _own_reader(con: "DuckDBPyConnection", place: int, *, plain: bool) -> Reader:
    cell = f"c{place}"
    if plain and _is_plain(con, place):
        return Reader(place, "DOUBLE", cell, f"coalesce(NOT isfinite({cell}), false)")
    value = PARSERS["number"](trimmed(place))
    return Reader(place, "VARCHAR", value, f"{trimmed(place)} IS NOT NULL AND {value} IS NULL")
