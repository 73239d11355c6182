"""Columns of the user's own: numbers under a header that the contract does not know."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from data.contract import Dataset
from data.intake.checks import PARSERS, problem, trimmed
from data.intake.headers import Note
from data.platforms import fold

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LEAST_NUMBERS = 0.95
"""Part of a column's filled cells that must be numbers."""
Places = Mapping[str, int]
"""Header to position in the file."""


def offered(dataset: Dataset, headers: list[str], notes: list[Note]) -> dict[str, int]:
    """Named headers that no column goes by, and their places; none where the dataset keeps none."""
    unknown = {str(note["column"]) for note in notes if note["code"] in ("unknown_column", "province_column")}
    return {h: p for p, h in enumerate(headers) if h in unknown and h != f"#{p + 1}"} if dataset.own else {}


def free(dataset: Dataset, places: Places) -> dict[str, int]:
    """Those whose names are not the product's own."""
    reserved = {fold(name) for name in dataset.reserved}
    return {header: place for header, place in places.items() if fold(header) not in reserved}


def keep(
    con: "DuckDBPyConnection",
    dataset: Dataset,
    headers: list[str],
    notes: list[Note],
    *,
    counted: Mapping[str, int] | None = None,
) -> tuple[dict[str, int], list[Note]]:
    """Choose the unknown columns to keep, first come first; the notes say what became of each.

    `typed` holds the rows read as text; `counted` tells how many numbers the other rows hold under each header.
    """
    named = offered(dataset, headers, notes)
    numeric = _numeric(con, named, counted or {})
    kept_free = list(free(dataset, {header: named[header] for header in numeric}))
    kept = kept_free[: dataset.own]
    codes = dict.fromkeys(numeric, "own_name_taken") | dict.fromkeys(kept_free, "too_many_own")
    codes |= dict.fromkeys(kept, "own_column")
    most = str(dataset.own)
    said = [
        note | {"code": codes[str(note["column"])], "other": most} if note["column"] in codes else note
        for note in notes
    ]
    return {header: named[header] for header in kept}, said


def _numeric(con: "DuckDBPyConnection", places: Places, counted: Mapping[str, int]) -> list[str]:
    """Create table `own` (row; c, t, v and the position: cell, its text, its value) and tell which hold numbers."""
    if not places:
        return []
    digits = ", ".join(f"bool_or(regexp_matches(c{p}, '[0-9０-９]'))" for p in places.values())
    some = con.sql(f"SELECT {digits} FROM typed").fetchall()[0]
    places = {header: p for (header, p), any_ in zip(places.items(), some, strict=True) if any_ or counted.get(header)}
    if not places:
        return []
    cells = ", ".join(f"c{p}, {trimmed(p)} AS t{p}" for p in places.values())
    values = ", ".join(f"{PARSERS['number'](f't{p}')} AS v{p}" for p in places.values())
    con.execute(f"CREATE TEMP TABLE own AS SELECT *, {values} FROM (SELECT row, {cells} FROM typed)")
    counts = ", ".join(f"count(t{p}), count(v{p})" for p in places.values())
    found = con.sql(f"SELECT {counts} FROM own").fetchall()[0]
    more = [counted.get(header, 0) for header in places]
    filled = ((h, c + m, n + m) for h, c, n, m in zip(places, found[::2], found[1::2], more, strict=True))
    return [header for header, cells, numbers in filled if cells and numbers >= LEAST_NUMBERS * cells]


def checks(kept: Places) -> list[str]:
    """Write the SELECTs of the cells of kept columns that are not numbers."""
    return [
        problem(
            "own_not_a_number",
            column=header,
            value=f"c{p}",
            when=f"t{p} IS NOT NULL AND v{p} IS NULL",
            source="own",
        )
        for header, p in kept.items()
    ]
