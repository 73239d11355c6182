"""Growth: one series in, one frozen result with intervals out.

Curves and time-series methods are declared in `analysis.growth.curves`. S-shaped curves are fitted by nonlinear least
squares, the log-linear curve by ordinary least squares on logs, methods by the estimators of their own modules.
`fit_many` and `analysis.growth.trials` do the same for many series, or one series as known at many dates, at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from analysis.growth import calendar as regressors
from analysis.growth import diagnostics, guards, intervals, loglinear, nonlinear, timeline
from analysis.growth.axis import Axis, axis, months_of, rows
from analysis.growth.batch import Batch, Run
from analysis.growth.curves import CURVES, Curve, Method
from analysis.growth.fits import GrowthFit, SeriesFit
from analysis.growth.guards import GrowthError
from analysis.growth.intervals import Estimate, Estimation
from analysis.growth.shapes import FloatArray
from analysis.growth.timeline import Label
from data.grade import Grade

__all__ = ["CURVES", "Comparison", "Estimate", "GrowthError", "GrowthFit", "annual", "compare", "fit"]

MONTHS = 12
LEAST_FOR_HAC = 24
"""Fewer residuals do not tell whether they are correlated well enough to change the errors."""
Errors = Literal["auto", "hac", "classical"]


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Curves fitted to one series.

    Attributes
    ----------
    fits : dict
        Curve to `GrowthFit`, lowest AIC first.
    failures : dict
        Curve to the `GrowthError` (code, values, message) that says why it was not fitted.
    """

    fits: dict[str, GrowthFit]
    failures: dict[str, GrowthError]

    def table(self) -> pd.DataFrame:
        """One row per fitted curve: aic, delta_aic, rmse, identified, ceiling (NaN when there is none to show)."""
        rows = {
            key: (f.aic, f.rmse, f.identified, f.ceiling.value if f.ceiling else float("nan"))
            for key, f in self.fits.items()
        }
        table = pd.DataFrame.from_dict(rows, orient="index", columns=["aic", "rmse", "identified", "ceiling"])
        table.insert(1, "delta_aic", table["aic"] - table["aic"].min())
        return table.rename_axis("curve")


def fit(
    series: pd.Series,
    curve: str,
    *,
    per_year: float | None = None,
    fixed: Mapping[str, Label] | None = None,
    errors: Errors = "auto",
    maxlags: int | None = None,
    calendar: Sequence[str] = (),
) -> GrowthFit:
    """Fit one curve or method to one series.

    Parameters
    ----------
    series : pd.Series
        Values by period, date or number, in any order, evenly spaced or not; missing values are left out and
        counted. Methods need even spacing (gaps allowed), but for "naive".
    curve : str
        Key of `CURVES`.
    per_year : float, optional
        Units of a numeric index in a year (12 when it counts months, 1 when it counts years), for the CAGR.
    fixed : mapping, optional
        Parameters of an S-curve held at given values, for example ``{"launch": pd.Timestamp("2012-01-01")}``.
    errors : str
        Of curves: "hac", "classical", or "auto": HAC for log-linear; for the others where a Ljung-Box test finds the
        residuals of at least 24 evenly spaced dates (or numbers with `per_year`) correlated at 5 %.
    maxlags : int, optional
        Lags of the HAC errors; floor(4 (n / 100)^(2/9)) by default (Newey and West, 1994).
    calendar : sequence of str
        Keys of `analysis.growth.calendar.REGRESSORS`, for an index of dates.

    Raises
    ------
    GrowthError
        When the series or the options cannot be used; the message says what to do.
    """
    declared = guards.declared(curve)
    values, missing = guards.values(series)
    ordered = values.dropna().sort_index(kind="stable")
    held, names = dict(fixed or {}), tuple(calendar)
    guards.check(ordered, declared, held, per_year, effects=len(names))
    with np.errstate(under="ignore"):
        if isinstance(declared, Method):
            return _method(declared, values, missing, per_year, names)
        clock = timeline.read(ordered.index, per_year=per_year)
        held_times = {name: clock.time(label) for name, label in held.items()}
        found = _Problem(declared, ordered, axis(ordered.index, per_year=per_year), held_times, names)
        return _result(found, values, missing, found.estimate(errors, maxlags))


def annual(series: pd.Series) -> pd.Series:
    """Sums of the calendar years whose twelve months are all there, of a monthly flow; index of years."""
    index = series.index
    years = index.year if isinstance(index, pd.PeriodIndex | pd.DatetimeIndex) else np.asarray(index)
    groups = series.dropna().groupby(years[series.notna()])
    sums = groups.sum()[groups.size() == MONTHS]
    return sums.set_axis(pd.PeriodIndex(sums.index.astype(int).astype(str), freq="Y"))


def compare(
    series: pd.Series,
    curves: Iterable[str] | None = None,
    *,
    per_year: float | None = None,
    calendar: Sequence[str] = (),
) -> Comparison:
    """Fit several curves (all that are no method by default), ranked by AIC; none is dropped without its reason.

    Methods come last: the errors of their one-step predictions do not compare with those of a curve.
    """
    fits: dict[str, GrowthFit] = {}
    failures: dict[str, GrowthError] = {}
    for curve in (k for k, c in CURVES.items() if isinstance(c, Curve)) if curves is None else curves:
        try:
            fits[curve] = fit(series, curve, per_year=per_year, calendar=calendar)
        except GrowthError as error:
            failures[curve] = error
    ranked = sorted(fits.items(), key=lambda item: np.nan_to_num(item[1].aic, nan=np.inf))
    return Comparison(dict(ranked), failures)


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """A curve and the observations it is fitted to, in order of time."""

    curve: Curve
    observed: pd.Series
    axis: Axis
    held: dict[str, float]
    calendar: tuple[str, ...]

    def estimate(self, errors: Errors, maxlags: int | None) -> Estimation:
        lags = loglinear.lags(len(self.observed)) if maxlags is None else maxlags
        if errors == "hac" or (errors == "auto" and self.curve.logs):
            return self._solve(lags)
        plain = self._solve(None)
        return self._solve(lags) if errors == "auto" and self.correlated(plain) else plain

    def correlated(self, parts: Estimation) -> bool:
        known = self.axis.even and self.axis.clock.per_year is not None
        if not known or len(parts.residual) < LEAST_FOR_HAC:
            return False
        on_grid = pd.Series(parts.residual, index=self.observed.index).reindex(self.axis.index)
        return diagnostics.autocorrelated(on_grid.to_numpy(), even=True)

    def _solve(self, lags: int | None) -> Estimation:
        t, y = self.axis.clock.times(self.observed.index), self.observed.to_numpy()
        design = regressors.design(months_of(self.observed.index), self.calendar)
        if self.curve.logs:
            return loglinear.estimate(t, y, design, maxlags=lags)
        work = nonlinear.seasoned(self.curve, design, self.calendar) if self.calendar else self.curve
        return nonlinear.estimate(work, t, y, self.held, lags=lags)


def _result(problem: _Problem, values: pd.Series, missing: int, parts: Estimation) -> GrowthFit:
    curve, k = problem.curve, len(problem.curve.names)
    clock = timeline.read(problem.observed.index, per_year=problem.axis.clock.per_year)
    nobs, free = len(values) - missing, len(values) - missing - parts.df
    covariance = (parts.root @ parts.root.T)[:k, :k]
    params = pd.Series(parts.params[:k], index=curve.names)
    identified, ceiling = intervals.ceiling(curve, parts)
    blank = pd.Series(np.nan, index=values.index, name=values.name)
    found = GrowthFit(
        curve=curve.key,
        params=params,
        std_errors=pd.Series(np.sqrt(np.diag(covariance)), index=curve.names),
        covariance=pd.DataFrame(covariance, index=curve.names, columns=curve.names),
        fitted=blank,
        residuals=blank,
        nobs=nobs,
        missing=missing,
        df=parts.df,
        rmse=np.nan,
        sigma=parts.sigma,
        aic=np.nan,
        identified=identified,
        ceiling=ceiling,
        cagr=intervals.cagr(curve, parts, clock),
        smearing=parts.smearing,
        maxlags=parts.maxlags,
        autocorrelated=problem.correlated(parts),
        calendar=problem.calendar,
        effects=intervals.effect_table(
            problem.calendar, parts.params[k:], np.linalg.norm(parts.root[k:], axis=1), parts.df
        ),
        fixed=parts.fixed,
        grade=Grade.ESTIMATED,
        _root=parts.root,
        _clock=clock,
        _floor=_floor(values),
    )
    fitted = found.at(values.index).rename(values.name)
    residuals = values - fitted
    size = float(values.abs().max())
    mean_square = max(float((residuals**2).mean()), (nonlinear.EXACT * size) ** 2)
    aic = nobs * (float(np.log(2 * np.pi * mean_square)) + 1) + 2 * (free + 1)
    rmse = float(np.sqrt((residuals**2).mean()))
    return replace(found, fitted=fitted, residuals=residuals, rmse=rmse, aic=aic)


def _floor(values: pd.Series) -> float:
    return 0.0 if float(values.min()) >= 0 else -np.inf


def _method(
    method: Method, values: pd.Series, missing: int, per_year: float | None, calendar: tuple[str, ...]
) -> SeriesFit:
    used = calendar if method.calendar else ()
    batch, where = rows(values, horizon=0, calendar=used, per_year=per_year)
    if method.even and not where.even:
        raise guards.refused("uneven", method, int(batch.nobs[0]), where.period)
    found = method.run(batch, None)
    if found.failed[0]:
        raise guards.refused(str(found.failed[0]), method, int(batch.nobs[0]), where.period)
    covariance = method.covariance(batch, found) if method.covariance else np.zeros((0, 0))
    fitted = pd.Series(found.fitted[0], index=where.index).reindex(values.index).rename(values.name)
    residuals = values - fitted
    return SeriesFit(
        curve=method.key,
        params=pd.Series(found.params[0], index=method.names),
        std_errors=pd.Series(np.sqrt(np.diag(covariance)), index=method.names),
        covariance=pd.DataFrame(covariance, index=method.names, columns=method.names),
        fitted=fitted,
        residuals=residuals,
        nobs=int(batch.nobs[0]),
        missing=missing,
        df=int(found.df[0]),
        rmse=float(np.sqrt((residuals**2).mean())),
        sigma=float(found.sigma[0]),
        aic=np.nan,
        identified=True,
        ceiling=None,
        cagr=None,
        smearing=1.0,
        maxlags=None,
        autocorrelated=_correlated(found, batch.values),
        calendar=used,
        effects=intervals.effect_table(used, found.effects[0], _effect_errors(method, batch, found), int(found.df[0])),
        fixed=(),
        grade=Grade.ESTIMATED,
        _root=np.zeros((len(method.names), 0)),
        _clock=where.clock,
        _floor=_floor(values),
        _observed=values,
        _logs=found.logs,
    )


def _effect_errors(method: Method, batch: Batch, found: Run) -> FloatArray:
    return method.effect_errors(batch, found)[0] if method.effect_errors else np.full(found.effects.shape[1], np.nan)


def _correlated(found: Run, values: FloatArray) -> bool:
    errors = np.log(values[0] / found.fitted[0]) if found.logs else values[0] - found.fitted[0]
    return int(np.isfinite(errors).sum()) >= LEAST_FOR_HAC and diagnostics.autocorrelated(errors, even=True)
