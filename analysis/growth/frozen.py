"""A frozen forecast and its file, which is read as a stranger's: field by field."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from analysis.growth.curves import CURVES
from analysis.growth.timeline import Label
from data.grade import Grade

T = TypeVar("T")
COLUMNS = ("median", "low_80", "high_80", "low_95", "high_95")
FORMAT = 1
LONGEST = 5_000_000
"""Characters of a file."""
MESSAGES = {
    "no_json": "this is no frozen forecast: choose a file that Posthouse wrote (JSON)",
    "other_file": "this file holds no frozen forecast: choose a forecast file that Posthouse wrote",
    "newer": "the forecast is of format {value}, this Posthouse reads up to {most}: update Posthouse",
    "field": "{field} of the frozen forecast cannot be read ({value}): freeze the forecast again",
}


class ForecastFileError(ValueError):
    """A frozen forecast that cannot be read.

    Attributes
    ----------
    code : str
        One of no_json, other_file, newer, field; words are under `ledger.file_<code>`.
    values : dict
        Strings for those words: field, value, most.
    """

    def __init__(self, code: str, **values: object) -> None:
        self.code = code
        self.values = {key: str(value)[:80] for key, value in values.items()}
        super().__init__(MESSAGES[code].format(**self.values))

    def __reduce__(self) -> tuple[Callable[[], "ForecastFileError"], tuple[()]]:
        """Survive a pickle, which caches make: an exception is otherwise rebuilt without its code."""
        return partial(ForecastFileError, self.code, **self.values), ()


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """A forecast as it was frozen.

    Attributes
    ----------
    series, title : str
        Key of the series and the forecast's own name.
    curve : str
        Key of `analysis.growth.CURVES`.
    calendar : tuple of str
        Calendar regressors it used.
    made : date
    known_until : Period, Timestamp or float
        Last label with a published value on that day; later than the last of `history` when made looking back.
    unit : str
    grade : Grade
    history : pd.Series
        Values it was made from.
    table : pd.DataFrame
        One row per target: median, low_80, high_80, low_95, high_95, units of the series. Dates have no time zone,
        here and in `history`.
    scale : float
        Mean absolute error of the seasonal naive inside `history`, the unit of MASE; NaN where there is none.
    """

    series: str
    title: str
    curve: str
    calendar: tuple[str, ...]
    made: date
    known_until: Label
    unit: str
    grade: Grade
    history: pd.Series
    table: pd.DataFrame
    scale: float


def to_json(forecast: Forecast) -> str:
    """File that restores the forecast to the last digit."""
    index = forecast.table.index
    document = {
        "posthouse": "forecast",
        "format": FORMAT,
        **{name: getattr(forecast, name) for name in ("series", "title", "curve", "calendar", "unit")},
        "grade": forecast.grade.value,
        "made": forecast.made.isoformat(),
        "index": kind(index),
        "known_until": _written(forecast.known_until),
        "scale": forecast.scale if np.isfinite(forecast.scale) else None,
        "history": [[_written(label), value] for label, value in forecast.history.items()],
        "table": [[_written(row[0]), *row[1:]] for row in forecast.table.itertuples()],
    }
    return json.dumps(document, ensure_ascii=False)


def from_json(text: str | bytes) -> Forecast:
    """Forecast of a file.

    Raises
    ------
    ForecastFileError
        For the first field that cannot be read.
    """
    document = _parsed(text)
    index = _read(document, "index", str)
    history = _read(document, "history", lambda rows: _frame(rows, index, ["value"]))["value"]
    return Forecast(
        **{name: _read(document, name, _text) for name in ("series", "title", "unit")},
        curve=_read(document, "curve", _curve),
        calendar=_read(document, "calendar", lambda names: tuple(_text(name) for name in names)),
        made=_read(document, "made", date.fromisoformat),
        known_until=_read(document, "known_until", lambda label: _labels([label], index)[0]),
        grade=_read(document, "grade", Grade),
        history=history,
        table=_read(document, "table", lambda rows: _frame(rows, index, list(COLUMNS))),
        scale=_read(document, "scale", lambda value: np.nan if value is None else float(value)),
    )


def _parsed(text: str | bytes) -> dict[str, Any]:
    try:
        document = json.loads(text) if len(text) <= LONGEST else None
    except (RecursionError, ValueError):
        document = None
    if not isinstance(document, dict):
        raise ForecastFileError("no_json")
    if document.get("posthouse") != "forecast":
        raise ForecastFileError("other_file")
    if (found := _read(document, "format", int)) > FORMAT:
        raise ForecastFileError("newer", value=found, most=FORMAT)
    return document


def _read(document: dict[str, Any], field: str, convert: Callable[[Any], T]) -> T:
    try:
        return convert(document[field])
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
        raise ForecastFileError("field", field=field, value=document.get(field)) from None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.replace("\n", " ").isprintable():
        raise ValueError(value)
    return value


def _curve(value: Any) -> str:
    if value not in CURVES:
        raise ValueError(value)
    return str(value)


def _frame(rows: Any, freq: str, columns: list[str]) -> pd.DataFrame:
    labels, *values = zip(*rows, strict=True)
    frame = pd.DataFrame(dict(zip(columns, values, strict=True)), index=_labels(labels, freq), dtype=np.float64)
    if not np.isfinite(frame.to_numpy()).all() or not frame.index.is_monotonic_increasing:
        raise ValueError(columns)
    return frame


def without_zone(index: pd.Index) -> pd.Index:
    """Labels as clocks on the spot show them: dates lose their time zone."""
    return index.tz_localize(None) if isinstance(index, pd.DatetimeIndex) else index


def kind(index: pd.Index) -> str:
    """Frequency of periods, "date" or "number"."""
    if isinstance(index, pd.PeriodIndex):
        return str(index.freqstr)
    return "date" if isinstance(index, pd.DatetimeIndex) else "number"


def _written(label: Label) -> str | float:
    return str(label) if isinstance(label, pd.Period | pd.Timestamp) else float(label)


def _labels(labels: Any, freq: str) -> pd.Index:
    if freq == "number":
        index: pd.Index = pd.Index(labels, dtype=np.float64)
    else:
        index = pd.DatetimeIndex(labels) if freq == "date" else pd.PeriodIndex(labels, freq=freq)
    if index.hasnans:
        raise ValueError(labels)
    return without_zone(index)
