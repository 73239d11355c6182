"""Back-tests: every curve tried on the past, from rolling origins, against what came.

The last origins of a series, one step apart, are those from which every tested step is known. At each, every curve is
fitted to what was known then and continued; its errors make the scores, widen its bands (`testing.conformal`)
and decide which curve is used (`testing.rule`).
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

import numpy as np
import pandas as pd

from analysis.growth import guards
from analysis.growth.curves import CURVES
from analysis.growth.guards import GrowthError
from analysis.growth.testing import rule, trial_tables, trying
from analysis.growth.testing.trial_tables import Backtest, Backtests, Outcome, Part
from analysis.growth.testing.trying import METRICS, Group

Progress = Callable[[int, int], None]
HORIZON, ORIGINS = 12, 12
OVER = ((1, 2), (1,))
"""Scores are means over origins and steps, and over origins."""
__all__ = ["Backtest", "Backtests", "backtest", "backtest_many"]


def backtest(
    series: pd.Series,
    curves: Iterable[str] | None = None,
    horizon: int = HORIZON,
    origins: int = ORIGINS,
    *,
    ahead: int = 0,
    calendar: Sequence[str] = (),
    per_year: float | None = None,
    progress: Progress | None = None,
) -> Backtest:
    """Try curves (all of `CURVES` by default) on the past of one series.

    Parameters
    ----------
    series : pd.Series
        Values by period, date or number, in any order; missing values stay missing.
    curves : iterable of str, optional
        Keys of `CURVES`; naive and seasonal naive are always tried along.
    horizon : int
        Steps ahead; fewer are tested when the series would leave less than `trying.ORIGINS` origins.
    origins : int
        At most; as many as the series allows, each knowing at least two years and five values.
    ahead : int
        Steps that the forecasts run on, if more than are tested: the bands keep the last factor.
    calendar : sequence of str
        Keys of `calendar.REGRESSORS`.
    per_year : float, optional
        Units of a numeric index in a year.
    progress : callable, optional
        Told (curves done, curves in all).

    Raises
    ------
    GrowthError
        "too_few" when there is no origin; "per_year" as in `fit`.
    """
    guards.values(series)
    table = series.to_frame(name="series")
    found = backtest_many(
        table, curves, horizon, origins, ahead=ahead, calendar=calendar, per_year=per_year, progress=progress
    )
    return found.of("series")


def backtest_many(
    wide: pd.DataFrame,
    curves: Iterable[str] | None = None,
    horizon: int = HORIZON,
    origins: int = ORIGINS,
    *,
    ahead: int = 0,
    calendar: Sequence[str] = (),
    per_year: float | None = None,
    progress: Progress | None = None,
) -> Backtests:
    """Try curves on many series at once, columns of `wide`; each as `backtest` would, in one batch a curve."""
    if min(horizon, origins) < 1:
        raise ValueError(f"horizon is {horizon} and origins {origins}: ask for at least one of each")
    if not wide.columns.is_unique:
        repeated = ", ".join(map(str, wide.columns[wide.columns.duplicated()].unique()))
        raise ValueError(f"more than one column is called {repeated}: rename them")
    table = wide.sort_index(kind="stable")
    plans, failures = {}, {}
    for place, name in enumerate(table.columns):
        try:
            plans[name] = trying.plan(table.iloc[:, place].rename(name), horizon, origins, per_year=per_year)
        except GrowthError as error:
            failures[name] = error
    groups = trying.gathered(table, plans, max(ahead, horizon), calendar=calendar, per_year=per_year)
    names = [str(level or "series") for level in table.columns.names]
    return _all(_parts(groups, _with_benchmarks(curves), progress), failures, names)


def _with_benchmarks(curves: Iterable[str] | None) -> list[str]:
    asked = list(CURVES if curves is None else curves)
    for key in asked:
        guards.declared(key)
    return asked + [key for key in rule.BENCHMARKS if key not in asked]


def _parts(groups: Sequence[Group], curves: Sequence[str], progress: Progress | None) -> Iterator[Part]:
    done, total = 0, len(groups) * len(curves)
    for group in groups:
        tried = {}
        for key in curves:
            tried[key] = trying.attempt(key, group)
            done += 1
            if progress:
                progress(done, total)
        bar, other = (tried[key] for key in rule.BENCHMARKS)
        beaten = np.where((bar.failed == "")[:, None, None], bar.median, other.median)
        scored = [{k: trying.metrics(group, one, beaten, over) for k, one in tried.items()} for over in OVER]
        yield Part(group, tried, *scored)


def _all(parts: Iterable[Part], failures: dict[Hashable, GrowthError], names: Sequence[str]) -> Backtests:
    found: dict[Hashable, Outcome] = {}
    for part in parts:
        for place, name in enumerate(part.group.names):
            if set(rule.BENCHMARKS) & set(part.good(place)):
                found[name] = part.outcome(place)
            else:
                failures[name] = part.failure(place, rule.BENCHMARKS[-1])
    empty = pd.DataFrame(columns=METRICS, index=trial_tables.no_rows([*names, "curve"]))
    tables = {name: one.scores for name, one in found.items()}
    return Backtests(
        scores=pd.concat(tables, names=[*names, "curve"]) if tables else empty,
        chosen=pd.Series({name: one.chosen for name, one in found.items()}, dtype=str),
        reason=pd.Series({name: one.reason for name, one in found.items()}, dtype=str),
        failures=failures,
        _found=found,
    )
