"""Frozen forecasts: what was said on a day, as a file, and how it fared once the figures came.

A forecast is never changed after it is frozen. What it is scored on had not been published by then; targets that had
been (a forecast made looking back) are shown and left out of the score.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analysis.growth.axis import rows as cut
from analysis.growth.frozen import COLUMNS, Forecast, ForecastFileError, from_json, kind, to_json, without_zone
from analysis.growth.guards import GrowthError
from analysis.growth.testing import scores
from data.grade import Grade

__all__ = ["COLUMNS", "Forecast", "ForecastFileError", "Scored", "freeze", "from_json", "score", "to_json"]

LEAST = 2
"""Values that have a step between them."""


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A frozen forecast beside what came.

    Attributes
    ----------
    rows : pd.DataFrame
        One row per target: the columns of the forecast, actual, error (median less actual: positive when the forecast
        is too high), both NaN while not published; inside_80, inside_95 (0 or 1, NaN while not published); hindsight
        (published when it was frozen).
    n, hindsight, pending : int
        Targets scored, left out as published when frozen, and not published yet.
    mase, bias : float
        Mean absolute error and mean error of the n scored, in units of the scale; NaN without.
    coverage_80, coverage_95 : float
        Share of the n inside the bands.
    restated, withdrawn : float, int
        Largest relative change since of the values it was made from (1 where a 0 was revised), and how many of them are
        gone.
    """

    rows: pd.DataFrame
    n: int
    hindsight: int
    pending: int
    mase: float
    bias: float
    coverage_80: float
    coverage_95: float
    restated: float
    withdrawn: int


def freeze(
    table: pd.DataFrame,
    series: pd.Series,
    *,
    key: str,
    title: str,
    curve: str,
    unit: str,
    grade: Grade,
    made: date,
    scale: float | None = None,
    calendar: tuple[str, ...] = (),
) -> Forecast:
    """Freeze a forecast of `series`.

    Parameters
    ----------
    table : pd.DataFrame
        Forecast with at least the columns median, low_80, high_80, low_95, high_95, on the labels ahead.
    series : pd.Series
        Everything published by now: what lies before the first target is what the forecast was made from.
    scale : float, optional
        Unit of MASE; by default the mean absolute change of those values from the same season a year before.
    """
    short = [column for column in COLUMNS if column not in table]
    if short or not len(table) or not np.isfinite(table[list(COLUMNS)].to_numpy(dtype=np.float64)).all():
        raise ValueError(f"a forecast needs finite {', '.join(COLUMNS)} for at least one step: give them all")
    if not np.isfinite(series.to_numpy(dtype=np.float64)).any():
        raise ValueError("the series is empty: freeze a forecast together with the values it was made from")
    known = series.set_axis(without_zone(series.index)).dropna().sort_index()
    targets = table[list(COLUMNS)].astype(float).set_axis(without_zone(table.index))
    history = known[known.index < targets.index[0]].astype(float)
    return Forecast(
        *(key, title, curve, tuple(calendar), made, known.index[-1], unit, grade),
        history=history,
        table=targets,
        scale=_scale(history) if scale is None else float(scale),
    )


def _scale(history: pd.Series) -> float:
    if len(history) < LEAST:
        return np.nan
    batch, _ = cut(history, horizon=0)
    return float(scores.scale(batch.values, batch.period)[0])


def score(forecast: Forecast, series: pd.Series) -> Scored:
    """Compare a forecast with the series as it is published today.

    Targets and values meet on their period, on the day of dates without their time zone, and on the number of a numeric
    index. Where no month holds two dates of the forecast (history and targets together), a date without a value of its
    own day takes the only one that the month has.

    Raises
    ------
    GrowthError
        "other_index" when the series counts time in another way than the forecast.
    """
    rows = forecast.table.copy()
    labels = forecast.history.index.append(rows.index)
    monthly = isinstance(labels, pd.DatetimeIndex) and labels.to_period("M").is_unique
    rows["actual"] = _at(rows.index, series, monthly=monthly).to_numpy()
    rows["error"] = rows["median"] - rows["actual"]
    came = rows["actual"].notna()
    for level in (80, 95):
        inside = rows["actual"].between(rows[f"low_{level}"], rows[f"high_{level}"])
        rows[f"inside_{level}"] = inside.astype(float).where(came)
    rows["hindsight"] = rows.index <= forecast.known_until
    fair = rows[came & ~rows["hindsight"]]
    actual, median, scale = fair["actual"].to_numpy(), fair["median"].to_numpy(), np.array(forecast.scale)
    history = forecast.history
    restated, withdrawn = _restated(history, _at(history.index, series, monthly=monthly).set_axis(history.index))
    return Scored(
        rows,
        n=len(fair),
        hindsight=int(rows["hindsight"].sum()),
        pending=int((~came & ~rows["hindsight"]).sum()),
        mase=float(scores.mase(actual, median, scale)),
        bias=float(scores.bias(actual, median, scale)),
        coverage_80=float(fair["inside_80"].mean()),
        coverage_95=float(fair["inside_95"].mean()),
        restated=restated,
        withdrawn=withdrawn,
    )


def _at(targets: pd.Index, series: pd.Series, *, monthly: bool) -> pd.Series:
    """Values of the series at the targets, which ascend; NaN where there is none."""
    values = series.dropna()
    index = without_zone(values.index)
    if isinstance(targets, pd.PeriodIndex) and isinstance(index, pd.DatetimeIndex):
        index = index.to_period(targets.freq)
    if kind(targets) != kind(index):
        message = "the series counts time in another way than the forecast: score it with the series it was made from"
        raise GrowthError("other_index", message)
    if isinstance(index, pd.DatetimeIndex):
        targets, index = (pd.DatetimeIndex(i).to_period("D") for i in (targets, index))
    last = values.set_axis(index).groupby(level=0).last()
    found = last.reindex(targets)
    if not monthly:
        return found
    by_month = last.groupby(last.index.asfreq("M"))
    alone = by_month.last()[by_month.size() == 1]
    return found.fillna(alone.reindex(targets.asfreq("M")).set_axis(targets))


def _restated(history: pd.Series, now: pd.Series) -> tuple[float, int]:
    """Largest relative change of the values that are still there, and how many are gone."""
    change = (now - history).abs()
    relative = change / history.abs().where(history != 0, now.abs()).where(change != 0, 1.0)
    gone = int(now.isna().sum())
    return (float(relative.max()) if gone < len(now) else np.nan), gone
