"""What back-tests hand back: the tables of one series, and the scores of many."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.growth import guards
from analysis.growth.curves import CURVES, Method
from analysis.growth.guards import GrowthError
from analysis.growth.shapes import FloatArray
from analysis.growth.testing import conformal, rivals, rule, scores
from analysis.growth.testing.trying import METRICS, Group, Tried
from data.grade import Grade

SAID = ("median", *(f"{kind}{end}_{level}" for kind in ("", "wide_") for level in (80, 95) for end in ("low", "high")))


@dataclass(frozen=True, slots=True, eq=False)
class Backtest:
    """Back-test of one series.

    Attributes
    ----------
    horizon : int
        Steps tested: those asked for, or as many as leave `trying.ORIGINS` origins.
    origins : pd.Index
        Last label known at each origin, ascending.
    period : int
        Observations a year that make a season; the scale of MASE, RMSSE and MSIS is seasonal naive's error within
        what each origin knew.
    trials : pd.DataFrame
        Index (curve, origin, step); target (label), actual, median, nominal bands low_80, high_80, low_95, high_95,
        bands wide_low_80... widened by the errors known by then, in units of the series; scale (that unit) and
        scale2 (its square).
    scores : pd.DataFrame
        Index curve; mase, smape (0 to 200 %), rmsse, msis (widened 95 % band), bias (forecast minus actual over
        scale), coverage_80, coverage_95 (nominal bands), held_80, held_95 (widened bands), wins (share of origins
        with a smaller mean absolute error than the benchmark of `analysis.growth.testing.rule`), n (targets).
    by_step : pd.DataFrame
        Index (curve, step); the same columns.
    failures : dict
        Curve to the `GrowthError` that says why it could not be tried at every origin.
    factors : pd.DataFrame
        Index (curve, step), columns 80, 95: by which nominal half widths are multiplied; for the chosen curve with
        what choosing costs (`analysis.growth.testing.rivals`).
    ahead : pd.DataFrame
        Index (curve, label): from everything known, over the horizon asked for; median, nominal and widened bands as
        in `trials`, widened by the errors of all origins; those of the chosen curve with what choosing costs as well.
    chosen, reason : str
        Key of the curve to use, and "beats", "nothing_beats" or "too_short".
    multiply : frozenset of str
        Curves whose errors multiply: their bands are symmetric in logs.
    floor : float
        What the series is never below: 0 or -inf.
    grade : Grade
    """

    horizon: int
    origins: pd.Index
    period: int
    trials: pd.DataFrame
    scores: pd.DataFrame
    by_step: pd.DataFrame
    failures: dict[str, GrowthError]
    factors: pd.DataFrame
    ahead: pd.DataFrame
    chosen: str
    reason: str
    multiply: frozenset[str]
    floor: float
    grade: Grade = Grade.ESTIMATED


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What became of the series of a group."""

    group: Group
    tried: dict[str, Tried]
    totals: dict[str, dict[str, FloatArray]]
    steps: dict[str, dict[str, FloatArray]]

    def good(self, series: int) -> list[str]:
        """Curves tried at every origin."""
        return [key for key, one in self.tried.items() if not one.failed[series]]

    def scores(self, series: int) -> pd.DataFrame:
        """Index curve, columns `METRICS`."""
        rows = {key: {m: self.totals[key][m][series] for m in METRICS} for key in self.good(series)}
        return pd.DataFrame.from_dict(rows, orient="index", columns=list(METRICS)).rename_axis("curve")

    def outcome(self, series: int) -> "Outcome":
        """Scores of one series and what they choose."""
        table = self.scores(series)
        chosen, reason = rule.choose(table, origins=len(self.group.cuts))
        return Outcome(self, series, table, chosen, reason)

    def backtest(self, series: int, table: pd.DataFrame, chosen: str, reason: str) -> Backtest:
        """Tables of one series, whose scores are `table`."""
        group, good, doubt = self.group, self.good(series), self.doubt(series, table, chosen)
        return Backtest(
            horizon=group.horizon,
            origins=group.axis.index[group.cuts - 1],
            period=group.axis.period,
            trials=self._trials(series, good),
            scores=table,
            by_step=self._by_step(series, good),
            failures={key: self.failure(series, key) for key in self.tried if key not in good},
            factors=self._factors(series, good, doubt),
            ahead=self.ahead(series, good, doubt),
            chosen=chosen,
            reason=reason,
            multiply=frozenset(key for key in good if self.tried[key].multiply),
            floor=self.floor(series),
        )

    def failure(self, series: int, key: str) -> GrowthError:
        """Why a curve could not be tried at every origin."""
        group, declared = self.group, CURVES[key]
        code = str(self.tried[key].failed[series])
        got = int(group.shaped(group.batch.nobs)[series, 0])
        if isinstance(declared, Method):
            return guards.refused(code, declared, got, group.axis.period)
        message = f"{key} could not be fitted to what was known at every origin ({code}): choose another curve"
        return GrowthError(code, message, need=len(declared.names) + 1, got=got, count=1, value="")

    def _trials(self, series: int, good: Sequence[str]) -> pd.DataFrame:
        group = self.group
        origins, steps = len(group.cuts), group.horizon
        target = (group.cuts - 1)[:, None] + np.arange(1, steps + 1)
        shared = {
            "target": group.axis.index[target.ravel()],
            "actual": group.actual[series].ravel(),
            "scale": np.repeat(group.scale[series], steps),
            "scale2": np.repeat(group.scale2[series], steps),
        }
        at = [group.axis.index[group.cuts - 1], range(1, steps + 1)]
        index = pd.MultiIndex.from_product(at, names=["origin", "step"])
        tables = {}
        for key in good:
            said = {name: values[:origins, :steps].ravel() for name, values in self._said(series, key).items()}
            table = pd.DataFrame(shared | said, index=index)
            tables[key] = table[["target", "actual", *said, "scale", "scale2"]]
        return _stacked(tables)

    def doubt(self, series: int, table: pd.DataFrame, chosen: str) -> dict[str, FloatArray]:
        """Factor (A,) of the widened bands of the chosen curve for having been chosen, by its key."""
        limit = table.at[rule.benchmark(table), "mase"]
        keys = list(table.index[(table["mase"] <= limit) | (table.index == chosen)])
        said = [self._said(series, key) for key in keys]
        mine = said[keys.index(chosen)]
        half = (mine["wide_high_95"][-1] - mine["wide_low_95"][-1]) / 2
        missed = np.array([one["median"][:-1, : self.group.horizon] - self.group.actual[series] for one in said])
        median, rmse = np.array([one["median"][-1] for one in said]), np.sqrt(scores.mean(missed**2, axis=(1, 2)))
        worth = conformal.independent(np.full(self.group.horizon, float(len(self.group.cuts)))).mean()
        return {chosen: rivals.doubt(median, half, rmse, keys.index(chosen), float(worth))}

    def ahead(self, series: int, good: Sequence[str], doubt: Mapping[str, FloatArray]) -> pd.DataFrame:
        """Forecasts from everything known, index (curve, label), widened by `doubt` once more."""
        index = self.group.axis.future(self.group.ahead).rename("label")
        tables = {}
        for key in good:
            said = {name: values[-1] for name, values in self._said(series, key).items()}
            if key in doubt:
                said |= self._stretched(series, key, said, doubt[key])
            tables[key] = pd.DataFrame(said, index=index)
        return _stacked(tables)

    def _stretched(
        self, series: int, key: str, said: Mapping[str, FloatArray], factor: FloatArray
    ) -> dict[str, FloatArray]:
        bands: dict[str, FloatArray] = {}
        multiply, floor = self.tried[key].multiply, self.floor(series)
        for level in self.tried[key].wide:
            high = said[f"wide_high_{level}"]
            low, high = conformal.stretched(said["median"], high, factor, multiply=multiply, floor=floor)
            bands |= {f"wide_low_{level}": low, f"wide_high_{level}": high}
        return bands

    def floor(self, series: int) -> float:
        """What the series is never below."""
        return float(self.group.shaped(self.group.batch.floor)[series, -1])

    def _said(self, series: int, key: str) -> dict[str, FloatArray]:
        """Median and bands (O + 1, A)."""
        tried, table = self.tried[key], {"median": self.tried[key].median[series]}
        for prefix, bands in (("", tried.nominal), ("wide_", tried.wide)):
            for level, (low, high) in bands.items():
                table |= {f"{prefix}low_{level}": low[series], f"{prefix}high_{level}": high[series]}
        return table

    def _by_step(self, series: int, good: Sequence[str]) -> pd.DataFrame:
        index = pd.RangeIndex(1, self.group.horizon + 1, name="step")
        rows = {key: {m: self.steps[key][m][series] for m in METRICS} for key in good}
        return _stacked({key: pd.DataFrame(row, index=index) for key, row in rows.items()})

    def _factors(self, series: int, good: Sequence[str], doubt: Mapping[str, FloatArray]) -> pd.DataFrame:
        steps = self.group.horizon
        index = pd.RangeIndex(1, steps + 1, name="step")
        tables = {}
        for key in good:
            more = doubt[key][:steps] if key in doubt else np.ones(steps)
            found = {level: factor[series] * more for level, factor in self.tried[key].factors.items()}
            tables[key] = pd.DataFrame(found, index=index)
        return _stacked(tables)


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Place of a series in its part, its scores, and what they choose."""

    part: Part
    series: int
    scores: pd.DataFrame
    chosen: str
    reason: str

    def backtest(self) -> Backtest:
        """Tables of the series."""
        return self.part.backtest(self.series, self.scores, self.chosen, self.reason)

    def forecast(self, curve: str | None) -> pd.DataFrame:
        """Forecast of a curve as stated, or of the chosen one with what choosing costs; empty where it has none."""
        doubt = {} if curve else self.part.doubt(self.series, self.scores, self.chosen)
        keys = [key for key in (curve or self.chosen,) if key in self.scores.index]
        return self.part.ahead(self.series, keys, doubt) if keys else pd.DataFrame()


@dataclass(frozen=True, slots=True, eq=False)
class Backtests:
    """Back-tests of many series.

    Attributes
    ----------
    scores : pd.DataFrame
        Index (series, curve); columns as in `Backtest.scores`.
    chosen, reason : pd.Series
        Index series.
    failures : dict
        Series to the `GrowthError` that says why it has no back-test.
    """

    scores: pd.DataFrame
    chosen: pd.Series
    reason: pd.Series
    failures: dict[Hashable, GrowthError]
    _found: dict[Hashable, Outcome]

    def of(self, name: Hashable) -> Backtest:
        """Back-test of one series; its `GrowthError` when there is none."""
        if name in self.failures:
            raise self.failures[name]
        return self._found[name].backtest()

    def forecasts(self, curve: str | None = None) -> pd.DataFrame:
        """Forecasts of every series by one curve, or each by its chosen one: index (series, curve, label).

        Columns as in `Backtest.ahead`; bands of the chosen ones, and of these alone, are as wide as having been chosen
        asks for. A series that the curve could not be tried on is left out.
        """
        tables = {name: one.forecast(curve) for name, one in self._found.items()}
        said = {name: table for name, table in tables.items() if len(table)}
        names = [*self.scores.index.names, "label"]
        return pd.concat(said, names=names[:-2]) if said else pd.DataFrame(columns=SAID, index=no_rows(names))


def no_rows(names: Sequence[Hashable]) -> pd.MultiIndex:
    """Index of an empty table."""
    return pd.MultiIndex.from_arrays([[] for _ in names], names=names)


def _stacked(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Tables under the key of their curve."""
    return pd.concat(tables, names=["curve"])
