"""How a file of the record is declared, checked cell by cell, and turned into rows of the long frame."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pandas as pd

from data import platforms
from data.record.periods import parse

INDUSTRY, CHINA, GROWTH = "Industry", "China", "percent yoy"
EVIDENCE = {"high": "A", "medium": "C", "low": "D"}
"""Confidence of the bulletin files as a grade: A official, B company, C press or derived, D weak."""
_AT_LEAST = r'"(?:over|more than|exceeded|at least)'
_NETWORKS = {
    "Industry (lockers)": "hivebox",
    "Industry (all operators)": "hivebox",
    "Cainiao-led locker platform": "cainiao",
    "Courier partners of Cainiao": "cainiao",
    "China Post Group": "chinapost",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """One file: its header, what its cells may hold, and the function that makes figures of its rows.

    Attributes
    ----------
    figures : callable
        Takes the file as text cells, gives rows of the long frame (columns of `figures`).
    header : tuple of str
        The columns, in order.
    numbers : tuple of str
        Columns that hold a number or nothing.
    filled : tuple of str
        Columns that are never blank.
    words : mapping of str to set of str
        Columns whose cells are one of a few words.
    period : str
        Column of the period; "" when periods may be vague and stay without a date.
    """

    figures: Callable[[pd.DataFrame], pd.DataFrame]
    header: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    filled: tuple[str, ...] = ("source_title",)
    words: Mapping[str, frozenset[str]] = field(default_factory=dict)
    period: str = "period"


@cache
def network_of(subject: str) -> str:
    """Key of the network that a printed subject means ("Duoduo Station (Pinduoduo)"), or ""."""
    plain = re.sub(r"\s*\(.*\)$", "", subject)
    with platforms.using(()):
        return _NETWORKS.get(subject) or platforms.resolve(plain) or ""


def kinds(words: pd.Series) -> pd.Series:
    """Stated, derived or plan, from what a file says of how a value came about."""
    kinds = pd.Series("stated", index=words.index)
    kinds[words.str.contains("derived|implied|difference|minus|estimate")] = "derived"
    return kinds.mask(words.isin(["guidance", "plan or forecast"]), "plan")


def bounds(words: pd.Series) -> pd.Series:
    """Bound "lower" where a source printed "over" or "at least", else "point"."""
    return pd.Series("point", index=words.index).mask(words.str.contains(_AT_LEAST), "lower")


def part(
    raw: pd.DataFrame, metric: pd.Series | str, value: pd.Series, unit: pd.Series | str, **more: object
) -> pd.DataFrame:
    """Rows of the long frame from the rows of one file that have a value."""
    said = raw["value_type"] if "value_type" in raw else pd.Series("", index=raw.index)
    frame = pd.DataFrame(
        {
            "row": raw.index,
            "metric": metric,
            "subject": INDUSTRY,
            "place": CHINA,
            "value": value,
            "unit": unit,
            "basis": "",
            "bound": bounds(said + " " + raw["note"]) if "note" in raw else "point",
            "kind": kinds(said),
            "evidence": raw["confidence"].map(EVIDENCE) if "confidence" in raw else "",
            "low": "",
            "high": "",
            **more,
        },
        index=raw.index,
    )
    return frame[(frame["value"] != "") | (frame["low"] != "")]


def growth(raw: pd.DataFrame, metric: pd.Series | str, column: str = "yoy_pct", **more: object) -> pd.DataFrame:
    """Rows of a growth column as figures of their own: percent against the same period a year earlier."""
    kind = kinds(raw["value_type"]).where(lambda k: k == "plan", "stated") if "value_type" in raw else "stated"
    return part(raw, metric + "_yoy", raw[column], GROWTH, **{"kind": kind, **more})


def read(name: str, layout: Layout, folder: Path) -> pd.DataFrame:
    """Text cells of one file, indexed by file row (the header is row 1).

    Raises
    ------
    ValueError
        The file breaks its layout; the message names file, row, column and value.
    """
    path = folder / f"{name}.csv"
    raw = pd.read_csv(path, dtype=str, keep_default_na=False)
    if tuple(raw.columns) != layout.header:
        raise ValueError(f"{path.name} row 1: columns are {list(raw.columns)}, expected {list(layout.header)}")
    raw.index += 2
    for column, good, wanted in _rules(raw, layout):
        if not good.all():
            row = good.idxmin()
            raise ValueError(f"{path.name} row {row}, column {column}: {raw.at[row, column]!r} is not {wanted}")
    return raw


def _rules(raw: pd.DataFrame, layout: Layout) -> Iterator[tuple[str, pd.Series, str]]:
    for column in layout.filled:
        yield column, raw[column] != "", "filled in"
    for column in layout.numbers:
        yield column, (raw[column] == "") | pd.to_numeric(raw[column], errors="coerce").notna(), "a number"
    for column, words in layout.words.items():
        yield column, raw[column].isin(words), f"one of {sorted(words)}"
    if layout.period:
        dated = pd.Series([None not in parse(text) for text in raw[layout.period]], index=raw.index)
        yield layout.period, dated, "a period such as 2024-05, 2024-Q1, 2024-01..05"
