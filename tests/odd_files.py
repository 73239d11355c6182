"""Odd files: what an entry of the corpus is, and how what became of it is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from data.intake import Intake

HEAD = "月份,城市,平台,件量\n"
ROWS = HEAD + "2024-01,杭州,菜鸟,3\n2024-01,金华,多多,4\n"
BASE = (("2024-01", "330100", "cainiao", 3), ("2024-01", "330700", "duoduo", 4))
"""What ROWS holds."""
NONE = ()
SHOWN = {
    "volumes": ("month", "city", "platform", "parcels"),
    "stations": ("station_id", "platform", "city", "lat", "lon", "opened"),
    "subsidies": ("platform", "city", "start", "subsidy_cny_per_parcel", "guarantee_cny_per_day", "allocation"),
}
"""Columns in which the rows of a dataset are told; an entry may name others as `columns`."""
_DAYS = {"month": "%Y-%m", "opened": "%Y-%m-%d", "start": "%Y-%m-%d", "end": "%Y-%m-%d", "closed": "%Y-%m-%d"}


@dataclass(frozen=True, slots=True)
class Odd:
    """A file, and what must become of it.

    Attributes
    ----------
    id, name : str
        Of the entry, and of the file.
    make : callable
        Its bytes.
    rows : tuple of tuples, or None
        Rows that are kept, in the columns of SHOWN; None when the file is refused.
    found : tuple of str
        Every finding as code@row, sorted; of a file that is refused, the code alone.
    dataset : str
    options : mapping
        Of `data.intake.read`.
    columns : tuple of str
        Columns of `rows`.
    """

    id: str
    name: str
    make: Callable[[], bytes]
    rows: tuple[tuple[object, ...], ...] | None
    found: tuple[str, ...]
    dataset: str = "volumes"
    options: Mapping[str, object] = field(default_factory=dict)
    columns: tuple[str, ...] = ()


def odd(id, content, rows, *found, name="file.csv", dataset="volumes", columns=(), **options):
    """Make an entry; `rows` is the code alone when the file is refused."""
    if isinstance(rows, str):
        rows, found = None, (rows,)
    make = content if callable(content) else lambda: content.encode() if isinstance(content, str) else content
    return Odd(id, name, make, rows, tuple(sorted(found)), dataset, options, columns or SHOWN[dataset])


def one(cell="3", month="2024-01", city="杭州", platform="菜鸟", head=HEAD):
    """A file of one row, with cells as given."""
    return f"{head}{month},{city},{platform},{cell}\n"


def kept(parcels=3, month="2024-01", city="330100", platform="cainiao"):
    """The rows of such a file."""
    return ((month, city, platform, parcels),)


def told(found: Intake, columns: tuple[str, ...]) -> tuple[tuple[object, ...], ...]:
    """Rows that are kept, in some columns: dates as text, decimals to five places, what is missing as None."""
    table = found.table
    return tuple(zip(*([_told(name, cell) for cell in table[name]] for name in columns), strict=True))


def _told(name: str, cell: object) -> object:
    if pd.isna(cell):
        return None
    if name not in _DAYS:
        return round(cell, 5) if isinstance(cell, float) else cell
    return cell.strftime(_DAYS[name])


def findings(found: Intake) -> tuple[str, ...]:
    """Every finding as code@row, sorted."""
    return tuple(sorted(found.problems["code"] + "@" + found.problems["row"].astype("str")))
