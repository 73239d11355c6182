"""League of series: each with its best curve, whether that beat the naive, and where it leads."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from analysis.growth import guards, timeline
from analysis.growth.axis import Axis
from analysis.growth.axis import axis as axis_of
from analysis.growth.frozen import kind
from analysis.growth.guards import GrowthError
from analysis.growth.testing import rule, trying
from analysis.growth.trials import Backtest, backtest_many

Progress = Callable[[int, int], None]
SPARK = 36
"""Last values shown of a series."""
MONTHS = 12.0


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """One series that can be tried: its observations, their axis and the steps of the outlook."""

    values: pd.Series
    axis: Axis
    steps: int


def league(
    series: Mapping[str, pd.Series],
    *,
    horizon: int = 12,
    curves: Iterable[str] | None = None,
    calendars: Mapping[str, tuple[str, ...]] | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Back-test every series and put what came of it in one row each.

    Parameters
    ----------
    series : mapping
        Key to values by period, date or number.
    horizon : int
        Months ahead, rounded up to whole steps of each series; steps where a numeric index does not say its years.
    curves : iterable of str, optional
        Keys of `CURVES`; all by default.
    calendars : mapping, optional
        Calendar regressors by key of the series; none by default.
    progress : callable, optional
        Told (done, in all).

    Returns
    -------
    pd.DataFrame
        Index series, in the order given; n (values), first, last (labels as text), years (from first to last), value
        (the last), year_on_year (fraction: the last year's values against those of the year before, seasons known in
        both), chosen, reason (as in `Backtest`, or the code of the `GrowthError` that kept it from one), why (dict of
        what that code's words need), mase, mase_naive (of seasonal naive), held_95 (coverage of widened bands,
        fraction), at (label of the outlook, as text), median, low_95, high_95 (outlook, units of the series), growth
        (fraction a year, from the last value of that season to the outlook), verdict ("beats", "nothing_beats",
        "too_short", or "untested" for a series without a back-test), spark (list of the last values). NaN and "" where
        there is none.
    """
    read = {key: _entry(one, horizon) for key, one in series.items()}
    entries = {key: entry for key, entry in read.items() if isinstance(entry, _Entry)}
    refused = {key: error for key, error in read.items() if isinstance(error, GrowthError)}
    tested = refused | _tested(entries, calendars or {}, curves, progress)
    rows = {key: _row(one, entries.get(key), tested[key]) for key, one in series.items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("series")


def _entry(series: pd.Series, horizon: int) -> _Entry | GrowthError:
    """What can be tried of a series, or why nothing can."""
    try:
        values = guards.values(series)[0].dropna().sort_index(kind="stable")
        if len(values) < 2:
            trying.plan(values, horizon, trying.ORIGINS)
    except GrowthError as error:
        return error
    if twice := int(values.index.duplicated().sum()):
        message = f"{twice} values have the time of another: keep one value for each period or date"
        return GrowthError("duplicates", message, count=twice)
    axis = axis_of(values.index)
    return _Entry(values, axis, axis.clock.steps(horizon / MONTHS) if axis.clock.per_year else horizon)


def _tested(
    entries: Mapping[str, _Entry],
    calendars: Mapping[str, tuple[str, ...]],
    curves: Iterable[str] | None,
    progress: Progress | None,
) -> dict[str, Backtest | GrowthError]:
    """Back-tests of the series, those that count time alike together, or why there is none."""
    groups: dict[tuple[str, int, tuple[str, ...]], list[str]] = {}
    for key, entry in entries.items():
        groups.setdefault((kind(entry.values.index), entry.steps, tuple(calendars.get(key, ()))), []).append(key)
    tried = None if curves is None else list(curves)
    found: dict[str, Backtest | GrowthError] = {}
    before = 0
    for (_, steps, calendar), keys in groups.items():
        wide = pd.concat([entries[key].values for key in keys], axis=1, keys=keys, sort=True)
        told = None if progress is None else partial(_tell, progress, before, len(keys), len(entries))
        many = backtest_many(wide, tried, horizon=steps, calendar=calendar, progress=told)
        before += len(keys)
        found |= {key: many.failures[key] if key in many.failures else many.of(key) for key in keys}
    return found


def _tell(progress: Progress, before: int, now: int, series: int, done: int, total: int) -> None:
    """Say how far the `now` series are that come after `before` others, in thousandths of a series."""
    progress(round(1000 * (before + now * done / total)), 1000 * series)


def _row(series: pd.Series, entry: _Entry | None, tested: Backtest | GrowthError) -> dict[str, Any]:
    blank = {"n": int(series.count()), "first": "", "last": "", "chosen": "", "reason": "", "why": {}, "at": ""}
    names = ("years", "value", "year_on_year", "mase", "mase_naive", "held_95", "median", "low_95", "high_95", "growth")
    row = blank | dict.fromkeys(names, np.nan) | {"verdict": "untested", "spark": []}
    if isinstance(tested, GrowthError):
        row |= {"reason": tested.code, "why": tested.values}
    if entry is None:
        return row
    values, years = entry.values, entry.axis.clock.per_year or np.nan
    row |= {"first": _text(values.index[0]), "last": _text(values.index[-1]), "value": float(values.iloc[-1])}
    row |= {"years": float(np.ptp(entry.axis.times)) / years, "year_on_year": _year_on_year(entry)}
    row["spark"] = values.iloc[-SPARK:].tolist()
    return row | _tried(entry, tested) if isinstance(tested, Backtest) else row


def _tried(entry: _Entry, backtest: Backtest) -> dict[str, Any]:
    chosen = backtest.scores.loc[backtest.chosen]
    outlook = backtest.ahead.loc[backtest.chosen].iloc[-1]
    at = entry.axis.future(entry.steps)
    benchmark = rule.benchmark(backtest.scores)
    return {
        "chosen": backtest.chosen,
        "reason": backtest.reason,
        "verdict": backtest.reason,
        "mase": float(chosen["mase"]),
        "mase_naive": float(backtest.scores.loc[benchmark, "mase"]),
        "held_95": float(chosen["held_95"]),
        "at": _text(at[-1]),
        "median": float(outlook["median"]),
        "low_95": float(outlook["wide_low_95"]),
        "high_95": float(outlook["wide_high_95"]),
        "growth": _growth(entry, at, float(outlook["median"])),
    }


def _text(label: object) -> str:
    return f"{label:%Y-%m-%d}" if isinstance(label, pd.Timestamp) else str(label)


def _on_grid(entry: _Entry) -> pd.Series:
    return entry.values.reindex(entry.axis.index)


def _year_on_year(entry: _Entry) -> float:
    """The last year's values over those of the year before, less one; of the seasons known in both, at least half."""
    axis, period = entry.axis, entry.axis.period
    a_year = axis.clock.per_year
    if not axis.even or a_year is None:
        return np.nan
    step = float(np.ptp(axis.times)) / (len(axis.index) - 1)
    lag = round(a_year / step)
    values = _on_grid(entry).to_numpy()
    if abs(a_year / step - lag) > timeline.WHOLE or lag < 1 or len(values) < lag + period:
        return np.nan
    now, before = values[-period:], values[-period - lag :][:period]
    both = np.isfinite(now + before)
    total = float(before[both].sum())
    return float(now[both].sum() / total - 1) if 2 * both.sum() >= period and total > 0 else np.nan


def _growth(entry: _Entry, at: pd.Index, median: float) -> float:
    """Growth a year from the last value of the outlook's season to the outlook."""
    axis, period = entry.axis, entry.axis.period
    values = _on_grid(entry) if axis.even else entry.values
    place = len(values) - 1 - (-entry.steps) % period
    if axis.clock.per_year is None or not place >= 0 or not (values.iloc[place] > 0 and median > 0):
        return np.nan
    then, now = axis.clock.times(at)[-1], axis.times[place]
    return float((median / values.iloc[place]) ** (axis.clock.per_year / (then - now)) - 1)
