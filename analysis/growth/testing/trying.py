"""Curves tried on series as they were known at past origins: the arrays behind `analysis.growth.trials`.

Series that share their last label, origins and horizon go through each curve together, one row a series and origin, and
one more row a series for the forecast from everything known.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.growth import engine, guards
from analysis.growth.axis import Axis, axis, rows
from analysis.growth.batch import Batch, Run
from analysis.growth.curves import CURVES, Method
from analysis.growth.guards import GrowthError
from analysis.growth.shapes import FloatArray
from analysis.growth.testing import conformal, scores

YEARS = 2
LEAST = 5
"""An origin knows at least `YEARS` years and at least `LEAST` values."""
ORIGINS = 5
"""Fewer origins do not settle a choice: the horizon tested is shortened, if it can be, to have as many."""
TINY = 1e-9
"""Spreads and values below this share of the forecast are rounding."""
METRICS = (
    *("mase", "smape", "rmsse", "msis", "bias"),
    *("coverage_80", "coverage_95", "held_80", "held_95", "wins", "n"),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What can be tested of a series.

    Attributes
    ----------
    length : int
        Labels from its first to its last observation.
    horizon : int
        Steps tested, at most those asked for.
    origins : int
    key : tuple
        What series must share to be tried together. Whether all values are positive is one thing: then the errors of
        methods multiply, at every origin, as do those of the same method fitted to the whole series.
    """

    length: int
    horizon: int
    origins: int
    key: tuple[object, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Series tried together.

    Attributes
    ----------
    names : list
        S series.
    axis : Axis
        Of all N labels.
    cuts : ndarray (O,)
        Labels known at each origin.
    horizon, ahead : int
        Steps tested (H) and steps asked for (A).
    batch : Batch
        Rows: each series at each origin, then with everything known; (S * (O + 1), N) values, A steps ahead.
    actual : ndarray (S, O, H)
    scale, scale2 : ndarray (S, O)
        Mean absolute and mean squared seasonal naive error of what each origin knows.
    """

    names: list[Hashable]
    axis: Axis
    cuts: NDArray[np.int64]
    horizon: int
    ahead: int
    batch: Batch
    actual: FloatArray
    scale: FloatArray
    scale2: FloatArray

    def shaped(self, values: NDArray[Any]) -> NDArray[Any]:
        """Rows as (S, O + 1, ...)."""
        return values.reshape(len(self.names), len(self.cuts) + 1, *values.shape[1:])


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """One curve tried on the series of a group.

    Attributes
    ----------
    median : ndarray (S, O + 1, A)
        Forecasts; the last of the origins knows everything.
    nominal, wide : dict
        Level in per cent to (low, high), each (S, O + 1, A): as stated by the curve, and widened by the errors known by
        then (with everything known: of all origins).
    factors : dict
        Level in per cent to (S, H).
    failed : ndarray (S,) of str
        Code of a `GrowthError` of any origin; empty where all went well.
    multiply : bool
        Errors multiply: bands are symmetric in logs.
    """

    median: FloatArray
    nominal: dict[int, tuple[FloatArray, FloatArray]]
    wide: dict[int, tuple[FloatArray, FloatArray]]
    factors: dict[int, FloatArray]
    failed: NDArray[np.str_]
    multiply: bool


def plan(series: pd.Series, horizon: int, origins: int, *, per_year: float | None = None) -> Plan:
    """Origins and horizon, as many as asked for where the data allow it; `series` has an ascending index."""
    known = guards.values(series)[0].dropna()
    labels = known.index if len(known) > LEAST else series.index
    where = axis(labels, per_year=per_year) if labels.nunique() > 1 else None
    least, room = max(YEARS * where.period, LEAST) if where else LEAST, 0
    if where and len(known) > LEAST:
        guards.check(known, CURVES["naive"], {}, per_year)
        least = max(least, int(where.index.searchsorted(labels[LEAST - 1], side="right")))
        room = len(where.index) - least
    if where is None or room < 1:
        message = f"a back-test needs {least + 1} observations, got {len(known)}: add some"
        raise GrowthError("too_few", message, need=least + 1, got=len(known))
    tested = int(np.clip(room + 1 - ORIGINS, 1, horizon))
    count = min(origins, room + 1 - tested)
    step = float(np.diff(where.times[-2:]).round(6)[0]) if where.even else series.name
    key = (where.index[-1], step, tested, count, bool((known > 0).all()))
    return Plan(len(where.index), tested, count, key)


def gather(
    table: pd.DataFrame, plans: Sequence[Plan], ahead: int, *, calendar: Sequence[str], per_year: float | None
) -> Group:
    """Rows of the columns of `table`, whose `plans` have one key."""
    one, length = plans[0], max(p.length for p in plans)
    cuts = length - one.horizon - one.origins + 1 + np.arange(one.origins)
    batch, where = rows(table, horizon=ahead, origins=[*cuts.tolist(), length], calendar=calendar, per_year=per_year)
    values = batch.values.reshape(table.shape[1], one.origins + 1, length)
    train, period = values[:, :-1], where.period
    return Group(
        names=list(table.columns),
        axis=where,
        cuts=cuts,
        horizon=one.horizon,
        ahead=ahead,
        batch=batch,
        actual=values[:, -1][:, cuts[:, None] + np.arange(one.horizon)],
        scale=scores.scale(train, period),
        scale2=scores.scale(train, period, 2),
    )


def attempt(key: str, tried: Group) -> Tried:
    """Fit a curve at every origin and widen its bands."""
    declared = guards.declared(key)
    if isinstance(declared, Method) and declared.even and not tried.axis.even:
        return _refused(tried, "uneven")
    found = engine.run(key, tried.batch)
    spread, df, median = (tried.shaped(a) for a in (found.spread, found.df, found.median))
    errors = _errors(tried.actual, median[:, :-1, : tried.horizon], spread[:, :-1, : tried.horizon], found.logs)
    nominal, wide, factors = {}, {}, {}
    for level in conformal.LEVELS:
        last = conformal.factors(errors, spread[:, -1, : tried.horizon], df[:, -1], level)
        known = conformal.known_then(errors, spread[:, :-1, : tried.horizon], df[:, :-1], level)
        every = conformal.carried(np.concatenate([known, last[:, None]], axis=1), tried.ahead)
        percent = round(100 * level)
        factors[percent] = last
        nominal[percent] = _bands(found, tried, level, np.ones_like(every))
        wide[percent] = _bands(found, tried, level, every)
    return Tried(median, nominal, wide, factors, _failed(tried, found), found.logs)


def _bands(found: Run, tried: Group, level: float, factor: FloatArray) -> tuple[FloatArray, FloatArray]:
    flat = factor.reshape(-1, tried.ahead)
    low, high = engine.bands(found, level, tried.batch.floor, factor=flat)
    return tried.shaped(low), tried.shaped(high)


def _errors(actual: FloatArray, median: FloatArray, spread: FloatArray, logs: bool) -> FloatArray:
    """Errors ahead in nominal spreads, (S, O, H)."""
    size = np.abs(median)
    if not logs:
        with np.errstate(over="ignore"):
            return (actual - median) / np.maximum(spread, np.maximum(TINY * size, np.finfo(float).tiny))
    return np.log(np.maximum(actual, TINY * size) / median) / np.maximum(spread, TINY)


def _failed(tried: Group, found: Run) -> NDArray[np.str_]:
    """First reason of each series; a forecast that is not a number is one too."""
    lost = ~np.isfinite(found.median + found.spread).all(axis=1)
    codes = tried.shaped(np.where((found.failed == "") & lost, "no_optimum", found.failed))
    return codes[np.arange(len(codes)), (codes != "").argmax(axis=1)]


def _refused(tried: Group, code: str) -> Tried:
    blank = np.full((len(tried.names), len(tried.cuts) + 1, tried.ahead), np.nan)
    pairs = {round(100 * level): (blank, blank) for level in conformal.LEVELS}
    none = dict.fromkeys(pairs, blank[:, 0, : tried.horizon])
    return Tried(blank, pairs, pairs, none, np.full(len(tried.names), code), multiply=False)


def gathered(
    table: pd.DataFrame,
    plans: dict[Hashable, Plan],
    ahead: int,
    *,
    calendar: Sequence[str],
    per_year: float | None,
) -> list[Group]:
    """The series of `plans`, columns of `table`, with those they can be tried with."""
    together: dict[tuple[object, ...], list[Hashable]] = {}
    for name, one in plans.items():
        together.setdefault(one.key, []).append(name)
    return [
        gather(table[names], [plans[n] for n in names], ahead, calendar=calendar, per_year=per_year)
        for names in together.values()
    ]


def metrics(group: Group, tried: Tried, benchmark: FloatArray, over: tuple[int, ...]) -> dict[str, FloatArray]:
    """Scores (S, ...) of one curve, over origins and steps or over origins alone."""
    actual, scale, scale2 = group.actual, group.scale[:, :, None], group.scale2[:, :, None]

    def tested(values: FloatArray) -> FloatArray:
        return values[:, :-1, : group.horizon]

    median = tested(tried.median)
    bands = {
        f"{kind}_{level}": (tested(low), tested(high))
        for kind, both in (("coverage", tried.nominal), ("held", tried.wide))
        for level, (low, high) in both.items()
    }
    rest = tuple(axis for axis in over if axis > 1)
    missed = [
        scores.mean(np.abs(actual - m), axis=rest) if rest else np.abs(actual - m) for m in (median, tested(benchmark))
    ]
    won = np.where(np.isfinite(missed[0] + missed[1]), (missed[0] < missed[1]).astype(np.float64), np.nan)
    return {
        "mase": scores.mase(actual, median, scale, axis=over),
        "smape": scores.smape(actual, median, axis=over),
        "rmsse": scores.rmsse(actual, median, scale2, axis=over),
        "msis": scores.msis(actual, *bands["held_95"], scale, axis=over),
        "bias": scores.bias(actual, median, scale, axis=over),
        **{name: scores.coverage(actual, low, high, axis=over) for name, (low, high) in bands.items()},
        "wins": scores.mean(won, axis=1),
        "n": np.isfinite(actual + median).sum(axis=over),
    }
