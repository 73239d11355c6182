"""Tables that are not one row a month, city and network: told by their headers, mended where the reader says so."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from data import platforms
from data.cities import resolve
from data.intake.cells import SPACES, literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_MONTH = re.compile(r"(?:20\d\d\s*[-/.年]\s*\d{1,2}\s*月?|20\d{4}|\d{1,2}月)")
_NUMBER = re.compile(r"[-+]?[\d,]+(?:\.\d+)?%?")
_DAY = r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*(?:0?[2-9]|[1-3]\d)\b.*"
LEAST_MONTHS = 2
"""Headers that are months from which a table has its months across."""


def shape_note(headers: Sequence[str]) -> str:
    """Problem code of a table that cannot be read as it stands: "months_across", "no_header" or ""."""
    if sum(bool(_MONTH.fullmatch(header.strip())) for header in headers) >= LEAST_MONTHS:
        return "months_across"
    return "no_header" if sum(map(_is_data, headers)) >= max(2, len(headers) // 2) else ""


def _is_data(cell: str) -> bool:
    """Whether a header looks like a cell: a month, a number, a city or a network."""
    text = cell.strip()
    is_name = resolve(text) is not None or platforms.resolve(text) is not None
    return bool(_MONTH.fullmatch(text) or _NUMBER.fullmatch(text)) or is_name


def fill_down(con: "DuckDBPyConnection", places: Sequence[int]) -> None:
    """Give blank cells of some columns of `raw` the text above them, as merged cells mean it."""
    filled = ", ".join(
        f"last_value(nullif(trim(c{place}, {literal(SPACES)}), '') IGNORE NULLS) OVER (ORDER BY row) AS c{place}"
        for place in places
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE raw AS SELECT * REPLACE ({filled}) FROM raw ORDER BY row")


def are_days(found: pd.DataFrame) -> bool:
    """Whether rows of one key are days of one month: their first cell as written is a day."""
    repeated = found[found["code"] == "duplicate_row"]
    return bool(len(repeated)) and bool(repeated["value"].str.match(_DAY).mean() > 0.5)
