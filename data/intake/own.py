"""Columns of the user's own: numbers under a header that the contract does not know."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from data.contract import Dataset
from data.intake.cells import clean_sql
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
    places = {header: named[header] for header in kept}
    _make(con, places)
    return places, said


def _numeric(con: "DuckDBPyConnection", places: Places, counted: Mapping[str, int]) -> list[str]:
    """Headers under which nearly all filled cells are numbers."""
    if not places:
        return []
    columns = ", ".join(f"c{place}" for place in places.values())
    cells = f"UNPIVOT (SELECT {columns} FROM typed) ON {columns} INTO NAME place VALUE c"
    found = con.sql(
        f"SELECT place, count(t), count({PARSERS['number']('t')}) "
        f"FROM (SELECT place, {clean_sql('c')} AS t FROM ({cells})) GROUP BY place"
    ).fetchall()
    counts = {place: (filled, numbers) for place, filled, numbers in found}
    numeric = []
    for header, place in places.items():
        filled, numbers = (count + counted.get(header, 0) for count in counts.get(f"c{place}", (0, 0)))
        if filled and numbers >= LEAST_NUMBERS * filled:
            numeric.append(header)
    return numeric


def _make(con: "DuckDBPyConnection", kept: Places) -> None:
    """Create table `own` (row; c, t, v and the position: cell, its text, its value) of the columns that are kept."""
    cells = "".join(f", c{place}, {trimmed(place)} AS t{place}" for place in kept.values())
    values = "".join(f", {PARSERS['number'](f't{place}')} AS v{place}" for place in kept.values())
    con.execute(f"CREATE TEMP TABLE own AS SELECT *{values} FROM (SELECT row{cells} FROM typed)")


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
