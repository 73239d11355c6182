"""What a reader looks at first: problems counted by kind, the health of a file or a market, and both as CSV."""

import csv
import datetime as dt
import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from data.intake.found import Intake
from data.intake.grid import calendar, holes, occurring
from data.intake.keys import marked, pack
from data.markets import Market
from data.schema import DATASETS

if TYPE_CHECKING:
    import pyarrow as pa

ORDER = ("error", "warning", "info")
"""Severities, the gravest first."""
_HEADINGS = ("data.row", "data.column", "record.value", "data.severity", "data.problem", "data.fix")
_WORDS = ("row", "column", "value", "low", "high", "suggest", "other")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
        words = values(problem)
        texts = (
            words["column"],
            words["value"],
            say(f"severity.{problem['severity']}"),
            say(f"problem.{problem['code']}", **words),
            say(f"fix.{problem['fix_code']}", **words),
        )
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
            _at_least(name, len(getattr(source, name)) if source.has(name) else 0, good=1, warn=0)
            for name in ("stations", "subsidies")
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


def _at_least(key: str, value: float, *, good: float, warn: float) -> Sign:
    return Sign(key, value, "good" if value >= good else "warn" if value >= warn else "bad")


def _at_most(key: str, value: float, *, good: float, warn: float) -> Sign:
    return Sign(key, value, "good" if value <= good else "warn" if value <= warn else "bad")


def _of_file(intake: Intake) -> tuple[Sign, ...]:
    counts = summarise(intake.problems).groupby("severity")["count"].sum()
    columns = DATASETS[intake.dataset].columns.values()
    optional = [c.name for c in columns if not c.required and c.name in intake.mapping.values()]
    blank = sum(intake.rows_of.column(name).null_count for name in optional)
    cells = max(len(optional) * intake.kept, 1)
    return (
        _at_least("kept_share", intake.kept / max(intake.rows, 1), good=1, warn=0.95),
        _at_most("errors", int(counts.get("error", 0)), good=0, warn=0),
        _at_most("warnings", int(counts.get("warning", 0)), good=0, warn=np.inf),
        _at_most("blank_share", blank / cells, good=0.5, warn=1),
    )


def _of_volumes(table: "pa.Table", today: dt.date) -> tuple[Sign, ...]:
    """Signs of volumes with at least one row."""
    month, months = calendar(table)
    city, cities = occurring(table, "city")
    platform, platforms = occurring(table, "platform")
    key, space = pack([(month, len(months)), (platform, len(platforms)), (city, len(cities))])
    present = marked([key], space).reshape(len(months), -1)
    gone, back, _ = holes(present)
    missing = int((back - gone).sum())
    old = (today.year - 1970) * 12 + today.month - 1 - int(months[-1].astype("int64"))
    held = int(np.count_nonzero(present.any(axis=1)))
    last = _at_most("months_old", old, good=2, warn=6)
    return (
        _at_least("months", held, good=24, warn=12),
        Sign("last_month", str(months[-1]), last.state),
        last,
        _at_least("cities", len(cities), good=30, warn=2),
        _at_least("networks", len(platforms), good=3, warn=2),
        _at_most("missing_share", missing / (missing + int(np.count_nonzero(present))), good=0, warn=0.05),
    )
