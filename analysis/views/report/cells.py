"""A table as it is read: numbers with the separators and decimals that the screen gives them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_numeric_dtype

from analysis.views.look import Look

THOUSAND, MOST_DECIMALS, TINY = 1000, 5, 1e-9
"""From when on digits are grouped; decimals of a column at most; a smaller rest is none."""
YEARS = 1900, 2100
"""Whole numbers between these are years and take no separators."""
LOCALIZED_DECIMALS = 3
"""Of grouped numbers."""
TREND = 12
"""Numbers of a trend inside a cell that are written out at most."""


@dataclass(frozen=True, slots=True)
class Digits:
    """How the numbers of a column are written.

    Attributes
    ----------
    grouped : bool
        Thousands are set apart.
    decimals : int
        At most, where grouped; exactly, else.
    """

    grouped: bool
    decimals: int


def numeric(column: object) -> bool:
    """Whether a column holds numbers that can be counted with."""
    return isinstance(column, pd.Series) and is_numeric_dtype(column.dtype) and not is_bool_dtype(column.dtype)


def digits(column: pd.Series) -> Digits | None:
    """Separators from a thousand on, below as many decimals as any number has; None for years and where all miss."""
    values = column.dropna().to_numpy(float)
    values = values[np.isfinite(values)]
    if not len(values):
        return None
    if np.abs(values).max() >= THOUSAND:
        whole = bool((values % 1 == 0).all())
        years = whole and YEARS[0] <= values.min() and values.max() <= YEARS[1]
        return None if years else Digits(True, 0 if whole else LOCALIZED_DECIMALS)
    decimals = next((n for n in range(MOST_DECIMALS) if np.abs(values - values.round(n)).max() < TINY), MOST_DECIMALS)
    return Digits(False, decimals)


def written(table: pd.DataFrame, look: Look) -> list[list[str]]:
    """Cells by row, as texts; nothing where a value is missing."""
    columns = [_column(table.iloc[:, i], look) for i in range(table.shape[1])]
    return [list(row) for row in zip(*columns, strict=True)]


def right(table: pd.DataFrame) -> list[bool]:
    """Which columns stand on the right: those of numbers."""
    return [numeric(table.iloc[:, i]) for i in range(table.shape[1])]


def _column(column: pd.Series, look: Look) -> list[str]:
    if numeric(column):
        form = _number(digits(column))
        return [form(float(value)) if np.isfinite(float(value)) else "" for value in column.astype("float64")]
    if is_datetime64_any_dtype(column.dtype):
        monthly = bool((column.dropna().dt.day == 1).all())
        return ["" if pd.isna(value) else look.month(value) if monthly else day(value, look) for value in column]
    return [text(value, look) for value in column]


def day(value: Any, look: Look) -> str:
    """A day in words: 5 May 2026 or 2026年5月5日."""
    month = value.strftime("%b") if look.lang == "en" else value.month
    return look.say("deck.day", year=value.year, month=month, day=value.day)


def _number(found: Digits | None) -> Callable[[float], str]:
    if found is None:
        return lambda value: _unsigned(f"{value:.0f}")
    if not found.grouped:
        return lambda value: _unsigned(f"{value:.{found.decimals}f}")
    return lambda value: _unsigned(_trimmed(f"{value:,.{found.decimals}f}"))


def _trimmed(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


def _unsigned(number: str) -> str:
    """A nought has no sign."""
    return number.lstrip("-") if not number.strip("-0.,") else number


def text(value: Any, look: Look) -> str:
    """A cell of whatever kind."""
    if isinstance(value, list | tuple | np.ndarray):
        return " ".join(f"{one:.4g}" if isinstance(one, int | float) else str(one) for one in list(value)[-TREND:])
    if isinstance(value, bool | np.bool_):
        return look.say("report.yes" if value else "report.no")
    return "" if value is None or value is pd.NaT or value is pd.NA or value != value else str(value)
