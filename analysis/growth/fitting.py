"""Fit one curve, or several, to one series.

Curves and time-series methods are declared in `analysis.growth.curves`. S-shaped curves are fitted by nonlinear least
squares, the log-linear curve by ordinary least squares on logs, methods by the estimators of their own modules.
`fit_many` and `analysis.growth.trials` do the same for many series, or one series as known at many dates, at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.growth import guards, intervals, nonlinear, timeline
from analysis.growth.axis import axis, rows
from analysis.growth.batch import Batch, Run
from analysis.growth.batched import robust
from analysis.growth.curves import CURVES, Curve, Method
from analysis.growth.fits import GrowthFit, SeriesFit
from analysis.growth.guards import GrowthError
from analysis.growth.problem import Errors, Problem, posed
from analysis.growth.shapes import FloatArray
from analysis.growth.timeline import Label
from data.grade import Grade

MONTHS = 12


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
        Lags of the HAC errors; floor(4 (n / 100)^(2/9)) by default (Newey and West, 1994), which is short of a season:
        a rhythm of the year belongs in `calendar` or in a seasonal method.
    calendar : sequence of str
        Keys of `analysis.growth.calendar.REGRESSORS`, for an index of months. One that never changes among the
        observations is left out of the fit: 0, with NaN for its errors.

    Raises
    ------
    GrowthError
        When the series or the options cannot be used; the message says what to do.
    """
    declared = guards.declared(curve)
    values, missing = guards.values(series)
    ordered = values.dropna().sort_index(kind="stable")
    held, names = dict(fixed or {}), tuple(calendar)
    guards.check(ordered, declared, held, per_year)
    if maxlags is not None and not 0 <= maxlags < len(ordered):
        raise ValueError(f"maxlags is {maxlags}: give a number of lags from 0 to {len(ordered) - 1}")
    with np.errstate(under="ignore"):
        if isinstance(declared, Method):
            return _method(declared, values, missing, per_year, names)
        clock = timeline.read(ordered.index, per_year=per_year)
        held_times = {name: clock.time(label) for name, label in held.items()}
        found = posed(declared, ordered, axis(ordered.index, per_year=per_year), held_times, names)
        guards.enough(declared, held, len(ordered), effects=int(found.told.sum()))
        return _result(found, values, missing, errors, maxlags)


def annual(series: pd.Series) -> pd.Series:
    """Sums of the calendar years whose twelve months are all there, each once, of a monthly flow; index of years."""
    known = series.dropna()
    groups = known.groupby(known.index.year)
    months = pd.Series(known.index.month, index=known.index).groupby(known.index.year).nunique()
    sums = groups.sum()[(groups.size() == MONTHS) & (months == MONTHS)]
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


def _result(problem: Problem, values: pd.Series, missing: int, errors: Errors, maxlags: int | None) -> GrowthFit:
    parts, correlated = problem.estimate(errors, maxlags)
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
        autocorrelated=correlated,
        calendar=problem.calendar,
        effects=intervals.effect_table(
            problem.calendar,
            parts.params[k:],
            np.where(problem.told, np.linalg.norm(parts.root[k:], axis=1), np.nan),
            parts.df,
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
    share = _typical(residuals, size)
    logs = float(np.log(max(share, nonlinear.EXACT)) + np.log(size))
    aic = nobs * (float(np.log(2 * np.pi)) + 2 * logs + 1) + 2 * (free + 1)
    return replace(found, fitted=fitted, residuals=residuals, rmse=size * share, aic=aic)


def _typical(residuals: pd.Series, size: float) -> float:
    """Root mean square as a share of a size, whatever the unit."""
    return float(np.sqrt(((residuals / size) ** 2).mean()))


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
    residuals, size = values - fitted, float(values.abs().max()) or 1.0
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
        rmse=size * _typical(residuals, size),
        sigma=float(found.sigma[0]),
        aic=np.nan,
        identified=True,
        ceiling=None,
        cagr=None,
        smearing=1.0,
        maxlags=None,
        autocorrelated=where.even and _correlated(found, batch),
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
    told = (batch.wide_design()[0] != 0).any(axis=0)
    return np.where(told, method.effect_errors(batch, found)[0], np.nan) if method.effect_errors else told * np.nan


def _correlated(found: Run, batch: Batch) -> bool:
    errors = np.log(batch.values / found.fitted) if found.logs else batch.values - found.fitted
    return bool(robust.autocorrelated(errors[:1], batch.period)[0])
