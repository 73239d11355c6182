"""What a reader looks at first: problems counted by kind, the health of a file or a market, and both as CSV."""

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from data.cities import cities
from data.intake.found import Intake
from data.intake.grid import calendar, holes, occurring
from data.intake.keys import marked, pack
from data.markets import Market
from data.schema import DATASETS
from data.text import has

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

ORDER = ("error", "warning", "info")
"""Severities, the gravest first."""
_HEADINGS = ("data.row", "data.column", "record.value", "data.severity", "data.problem", "data.fix")
_WORDS = ("row", "column", "value", "low", "high", "suggest", "other")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CITY = re.compile(r"(\S+) (.+) (\d{6})")
_CANONICAL = {"missing_column": "column", "duplicate_header": "other"}
"""Problems that name a column of the dataset, and where."""
AT_LEAST = {
    "stations": (1, 0),
    "subsidies": (1, 0),
    "kept_share": (1, 0.95),
    "months": (24, 12),
    "cities": (30, 2),
    "networks": (3, 2),
}
"""Signs that are good from the first number on, and bad under the second."""
AT_MOST = {
    "errors": (0, 0),
    "warnings": (0, np.inf),
    "blank_share": (0.5, 1),
    "months_old": (2, 6),
    "missing_share": (0, 0.05),
}
"""Signs that are good up to the first number, and bad above the second."""


def summarise(problems: pd.DataFrame) -> pd.DataFrame:
    """Count problems by kind and column.

    Parameters
    ----------
    problems : DataFrame
        Those of an `Intake`.

    Returns
    -------
    DataFrame
        code, column, severity, count, first_row, example (value as written, at that row); errors first, then the most
        frequent. Findings that are only counted ("more_of_this") count with their kind.
    """
    counted = problems["code"] == "more_of_this"
    listed = problems[~counted]
    groups = listed.groupby(["code", "column", "severity"], sort=False, as_index=False)
    table = groups.agg(count=("row", "size"), first_row=("row", "first"), example=("value", "first"))
    rest = problems[counted]
    more = rest["value"].str.replace(",", "").astype("int64").groupby([rest["other"], rest["column"]]).sum()
    keys = pd.MultiIndex.from_frame(table[["code", "column"]])
    table["count"] = (table["count"] + more.reindex(keys).fillna(0).to_numpy()).astype("int64")
    rank = table["severity"].map(ORDER.index).astype("int64")
    ordered = table.assign(rank=rank, fewer=-table["count"]).sort_values(["rank", "fewer", "first_row"], kind="stable")
    return ordered.drop(columns=["rank", "fewer"]).reset_index(drop=True)


def values(problem: Mapping[str, object]) -> dict[str, str]:
    """Return what the words of a problem (a row of `problems`) may need."""
    return {name: str(problem[name]) for name in _WORDS}


def where(problem: Mapping[str, object], say: Callable[..., str]) -> str:
    """Header of the column that a problem is of; a word for one that the file does not have."""
    key = f"field.{problem['column']}"
    return say(key) if problem["code"] == "missing_column" and has(key) else str(problem["column"])


def words(problem: Mapping[str, object], say: Callable[..., str]) -> tuple[str, str]:
    """What is wrong and how to mend it, of a row of `problems`, in the language of `say`."""
    said = values(problem)
    if said["suggest"] and problem["fix_code"] != "did_you_mean_header":
        said["suggest"] = say("change.between").join(_meant(one, say) for one in said["suggest"].split("; "))
    own = _CANONICAL.get(str(problem["code"]), "")
    if own and has(f"field.{said[own]}"):
        said[own] = say(f"field.{said[own]}")
    return say(f"problem.{problem['code']}", **said), say(f"fix.{problem['fix_code']}", **said)


def _meant(text: str, say: Callable[..., str]) -> str:
    """One suggestion of `names.words` in one language."""
    chinese = say("change.language") == "zh"
    city = _CITY.fullmatch(text)
    if city is not None and city[3] in _provinces():
        return f"{city[1]}（{_provinces()[city[3]]}，{city[3]}）" if chinese else f"{city[2]} {city[3]}"
    if " / " in text:
        return text.split(" / ", 1)[chinese]
    return next((say(key) for key in (f"format.{text}", f"owner.{text}") if has(key)), text)


@cache
def _provinces() -> dict[str, str]:
    return {str(code): str(name) for code, name in cities()["province_zh"].items()}


def harmless(text: str) -> str:
    """Text with an apostrophe before it where a spreadsheet would run it as a formula."""
    return "'" + text if text.startswith(_FORMULA) else text


def to_csv(problems: pd.DataFrame, say: Callable[..., str]) -> bytes:
    """Problems as a CSV file for Excel (UTF-8 with BOM); cells that would run as formulas get an apostrophe.

    Parameters
    ----------
    problems : DataFrame
        Those of an `Intake`.
    say : callable
        `say(key, **values)` gives the words in the user's language.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([say(key) for key in _HEADINGS])
    for problem in problems.to_dict("records"):
        written = where(problem, say), str(problem["value"])
        texts = (*written, say(f"severity.{problem['severity']}"), *words(problem, say))
        writer.writerow([problem["row"], *(harmless(text) for text in texts)])
    return out.getvalue().encode("utf-8-sig")


def problems_csv(intake: Intake, say: Callable[..., str]) -> bytes:
    """Problems of a file as `to_csv` writes them."""
    return to_csv(intake.problems, say)


def set_aside_csv(intake: Intake) -> bytes:
    """Rows set aside, as written, as a CSV file for Excel; cells that would run as formulas get an apostrophe."""
    rows = intake.set_aside
    safe = rows.assign(**{name: rows[name].map(harmless) for name in rows.columns if name != "row"})
    return safe.rename(columns=harmless).to_csv(index=False).encode("utf-8-sig")


class Sign(NamedTuple):
    """One sign of health.

    Attributes
    ----------
    key : str
        What is looked at; words under `health.<key>`.
    value : float or str
        A count, a share from 0 to 1 for keys that end in "_share", or a month "2026-07".
    state : str
        "good", "warn" or "bad".
    """

    key: str
    value: float | str
    state: str


def health(source: Intake | Market, *, today: dt.date) -> tuple[Sign, ...]:
    """How complete and fresh a file or a market is.

    Parameters
    ----------
    source : Intake or Market
    today : date
        For the freshness of the last month.

    Returns
    -------
    tuple of Sign
        Of a file: kept_share (of its rows), errors, warnings, blank_share (of optional cells). Of a market: stations,
        subsidies (rows). Of both, where there are volumes: months, last_month, months_old, cities (of 337), networks,
        missing_share (of the months inside the series).
    """
    if isinstance(source, Market):
        signs = tuple(
            _sign(name, len(getattr(source, name)) if source.has(name) else 0) for name in ("stations", "subsidies")
        )
        return (*signs, *_of_volumes(_table(source.volumes), today)) if source.has("volumes") else signs
    signs = _of_file(source)
    volumes = source.dataset == "volumes" and source.kept > 0
    return (*signs, *_of_volumes(source.rows_of, today)) if volumes else signs


def _table(volumes: pd.DataFrame | None) -> "pa.Table":
    import pyarrow as pa

    assert volumes is not None
    columns = volumes[["month", "city", "platform"]]
    table = pa.Table.from_pandas(columns, preserve_index=False)
    return table.set_column(0, "month", table.column("month").cast(pa.date32()))


def _sign(key: str, value: float) -> Sign:
    good, warn = limits(key)
    above = 1 if key in AT_MOST else -1
    return Sign(
        key, value, "good" if value * above <= good * above else "warn" if value * above <= warn * above else "bad"
    )


def limits(key: str) -> tuple[float, float]:
    """Numbers at which a sign ceases to be good, and begins to be bad."""
    return AT_MOST[key] if key in AT_MOST else AT_LEAST[key]


def _of_file(intake: Intake) -> tuple[Sign, ...]:
    counts = summarise(intake.problems).groupby("severity")["count"].sum()
    columns = DATASETS[intake.dataset].columns.values()
    optional = [c.name for c in columns if not c.required and c.name in intake.mapping.values()]
    blank = sum(intake.rows_of.column(name).null_count for name in optional)
    cells = max(len(optional) * intake.kept, 1)
    return (
        _sign("kept_share", intake.kept / max(intake.rows, 1)),
        _sign("errors", int(counts.get("error", 0))),
        _sign("warnings", int(counts.get("warning", 0))),
        _sign("blank_share", blank / cells),
    )


def _of_volumes(table: "pa.Table", today: dt.date) -> tuple[Sign, ...]:
    """Signs of volumes with at least one row."""
    present, months, networks = _present(table)
    gone, back, _ = holes(present.reshape(len(months), -1))
    missing = int((back - gone).sum())
    old = (today.year - 1970) * 12 + today.month - 1 - int(months[-1].astype("int64"))
    held = int(np.count_nonzero(present.any(axis=(1, 2))))
    last = _sign("months_old", old)
    return (
        _sign("months", held),
        Sign("last_month", str(months[-1]), last.state),
        last,
        _sign("cities", present.shape[2]),
        _sign("networks", len(networks)),
        _sign("missing_share", missing / (missing + int(np.count_nonzero(present)))),
    )


def gaps(market: Market) -> pd.DataFrame:
    """Months missing inside the series of a market, one series being a network in a city. It has volumes.

    Returns
    -------
    DataFrame
        Index: keys of networks. Columns: months (missing, over all cities), series (with a gap).
    """
    present, months, networks = _present(_table(market.volumes))
    gone, back, series = holes(present.reshape(len(months), -1))
    network = series // present.shape[2]
    n = len(networks)
    return pd.DataFrame(
        {
            "months": np.bincount(network, back - gone, n).astype("int64"),
            "series": np.bincount(np.unique(series) // present.shape[2], minlength=n),
        },
        index=pd.Index(networks.astype("str"), name="platform"),
    )


def _present(table: "pa.Table") -> "tuple[NDArray[np.bool_], NDArray[np.datetime64], NDArray[np.generic]]":
    """Which months x networks x cities there are rows of, the months, and the networks."""
    month, months = calendar(table)
    city, held = occurring(table, "city")
    platform, networks = occurring(table, "platform")
    key, space = pack([(month, len(months)), (platform, len(networks)), (city, len(held))])
    return marked([key], space).reshape(len(months), len(networks), -1), months, networks
