"""Growth curves: one series in, one frozen result with intervals out.

The curves are declared in `analysis.growth.curves`. S-shaped ones are fitted by nonlinear least squares, the log-linear
curve by ordinary least squares on logs with autocorrelation-consistent (HAC) errors.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from analysis.growth import guards, intervals, loglinear, nonlinear, timeline
from analysis.growth.curves import CURVES, Curve
from analysis.growth.guards import GrowthError
from analysis.growth.intervals import Estimate
from analysis.growth.shapes import FloatArray
from analysis.growth.timeline import Label, Timeline
from data.grade import Grade

__all__ = ["CURVES", "Comparison", "Estimate", "GrowthError", "GrowthFit", "annual", "compare", "fit"]

MONTHS = 12
HORIZON = 100.0
"""A level reached later than this many observed spans after the data counts as never reached."""


@dataclass(frozen=True, slots=True, eq=False)
class GrowthFit:
    """Fitted growth curve of n observations.

    Attributes
    ----------
    curve : str
        Key of `CURVES`.
    params, std_errors : pd.Series
        k parameters in the units of their role: levels in units of the series; rates per month and times in months
        since the first observation, or in units of a numeric index.
    covariance : pd.DataFrame
        k x k. S-curves: s^2 (J'J)^-1 with n - k degrees of freedom; log-linear: HAC or classical.
    fitted, residuals : pd.Series
        On the index of the series, same units. Log-linear: the median curve. Residuals are NaN where values are.
    nobs, missing, df : int
        Observations used, missing values left out, residual degrees of freedom.
    rmse : float
        Root mean squared residual, units of the series.
    sigma : float
        Residual standard deviation with `df`; of ln y for the log-linear curve.
    aic : float
        Gaussian criterion of the residuals in units of the series for every curve (log-linear included), so that
        curves compare; the residual variance counts as a parameter.
    identified : bool
        Regular optimum and standard error of the ceiling at most half of it. True without a ceiling.
    ceiling : Estimate or None
        95 % interval, symmetric in logs where the ceiling is positive by construction, units of the series (of a
        flow: added up over time). None when not identified and for curves without one.
    cagr : Estimate or None
        Mean growth of the fitted curve per year from the first to the last observation, as a fraction, 95 %
        interval; exp(12 g) - 1 for log-linear by month. None when a numeric index does not say its years.
    smearing : float
        Mean of exp(log residual): mean curve / median curve. 1 for curves fitted without logs.
    maxlags : int or None
        Lags of the HAC errors; None for classical errors.
    fixed : tuple of str
        Parameters that were given, not estimated; their standard error is 0.
    grade : Grade
    """

    curve: str
    params: pd.Series
    std_errors: pd.Series
    covariance: pd.DataFrame
    fitted: pd.Series
    residuals: pd.Series
    nobs: int
    missing: int
    df: int
    rmse: float
    sigma: float
    aic: float
    identified: bool
    ceiling: Estimate | None
    cagr: Estimate | None
    smearing: float
    maxlags: int | None
    fixed: tuple[str, ...]
    grade: Grade
    _root: FloatArray
    _clock: Timeline
    _floor: float

    def conf_int(self, level: float = intervals.LEVEL) -> pd.DataFrame:
        """Interval of each parameter from Student's t, shape (k, 2): columns low, high."""
        half = intervals.quantile(level, self.df) * self.std_errors
        return pd.DataFrame({"low": self.params - half, "high": self.params + half})

    def band(self, level: float = intervals.LEVEL) -> pd.DataFrame:
        """Interval of the fitted curve by the delta method, on the index of the series: columns low, high."""
        low, high = self._interval(self._clock.times(self.fitted.index), level, noise=0.0)
        return pd.DataFrame({"low": low, "high": high}, index=self.fitted.index)

    def forecast(self, steps: int, levels: Iterable[float] = (0.8, 0.95)) -> pd.DataFrame:
        """Continue the series by `steps` median steps after its last observation.

        Returns
        -------
        pd.DataFrame
            Columns median (and mean for log-linear), then low_80, high_80... for each level: prediction intervals
            from the parameters' covariance and the residual variance, in units of the series; not below 0 when the
            series never is. They hold the curve for true: see the back-test for what that costs.
        """
        if steps < 1:
            raise ValueError(f"steps is {steps}: ask for at least one")
        index = self._clock.future(steps)
        times = self._clock.times(index)
        table = {"median": self._value(times)}
        if CURVES[self.curve].logs:
            table["mean"] = table["median"] * self.smearing
        for level in levels:
            low, high = self._interval(times, level, noise=self.sigma)
            table |= {f"low_{100 * level:g}": low, f"high_{100 * level:g}": high}
        return pd.DataFrame(table, index=index)

    def steps(self, years: float) -> int:
        """Steps of `forecast` that reach at least `years` beyond the last observation of a dated series."""
        return self._clock.steps(years)

    def time_to(self, fraction: float) -> Label | None:
        """When the curve reaches `fraction` of its ceiling: a period, a date, or a number as the index has.

        None when the ceiling is not identified or the curve never gets there.
        """
        if not 0 < fraction < 1:
            raise ValueError(f"fraction is {fraction}: give a share of the ceiling between 0 and 1")
        if self.ceiling is None:
            return None
        times = self._clock.times(self._clock.index)
        span = float(np.ptp(times))
        between = (float(times[0]) - HORIZON * span, float(times[-1]) + HORIZON * span)
        curve = CURVES[self.curve]
        approach, params = curve.cumulative or curve.value, self.params.to_numpy()
        found = intervals.crossing(
            lambda t: float(approach(np.array([t]), params)[0]), fraction * self.ceiling.value, between
        )
        return None if found is None else self._clock.label(found)

    def peak(self) -> Label | None:
        """When growth is fastest (Bass: adoptions per period peak); None for a curve without such a time."""
        peak = CURVES[self.curve].peak
        return None if peak is None else self._clock.label(peak(self.params.to_numpy()))

    def _value(self, times: FloatArray) -> FloatArray:
        return CURVES[self.curve].value(times, self.params.to_numpy())

    def _interval(self, times: FloatArray, level: float, *, noise: float) -> tuple[FloatArray, FloatArray]:
        curve = CURVES[self.curve]
        centre = self._value(times)
        error = np.linalg.norm(curve.jacobian(times, self.params.to_numpy()) @ self._root, axis=1)
        t = intervals.quantile(level, self.df)
        if curve.logs:
            return intervals.multiplied(centre, t * np.hypot(error / centre, noise))
        half = t * np.hypot(error, noise)
        return np.maximum(centre - half, self._floor), centre + half


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
    errors: Literal["hac", "classical"] = "hac",
    maxlags: int | None = None,
) -> GrowthFit:
    """Fit one curve to one series.

    Parameters
    ----------
    series : pd.Series
        Values by period, date or number, in any order, evenly spaced or not; missing values are left out and
        counted.
    curve : str
        Key of `CURVES`.
    per_year : float, optional
        Units of a numeric index in a year (12 when it counts months, 1 when it counts years), for the CAGR.
    fixed : mapping, optional
        Parameters held at given values, for example ``{"launch": pd.Timestamp("2012-01-01")}``.
    errors : str
        "hac" or "classical", for the log-linear curve; the others have classical errors.
    maxlags : int, optional
        Lags of the HAC errors; floor(4 (n / 100)^(2/9)) by default (Newey and West, 1994).

    Raises
    ------
    GrowthError
        When the series or the options cannot be used; the message says what to do.
    """
    declared = guards.declared(curve)
    values, missing = guards.values(series)
    ordered = values.dropna().sort_index(kind="stable")
    held = dict(fixed or {})
    guards.check(ordered, declared, held, per_year)
    clock = timeline.read(ordered.index, per_year=per_year)
    t, y = clock.times(ordered.index), ordered.to_numpy()
    with np.errstate(under="ignore"):
        if declared.logs:
            parts = loglinear.estimate(t, y, errors=errors, maxlags=maxlags)
        else:
            parts = nonlinear.estimate(declared, t, y, {name: clock.time(label) for name, label in held.items()})
        return _result(declared, values, missing, clock, parts)


def annual(series: pd.Series) -> pd.Series:
    """Sums of the calendar years whose twelve months are all there, of a monthly flow; index of years."""
    index = series.index
    years = index.year if isinstance(index, pd.PeriodIndex | pd.DatetimeIndex) else np.asarray(index)
    groups = series.dropna().groupby(years[series.notna()])
    sums = groups.sum()[groups.size() == MONTHS]
    return sums.set_axis(pd.PeriodIndex(sums.index.astype(int).astype(str), freq="Y"))


def compare(series: pd.Series, curves: Iterable[str] | None = None, *, per_year: float | None = None) -> Comparison:
    """Fit several curves (all of `CURVES` by default) and rank them by AIC; none is dropped without its reason."""
    fits: dict[str, GrowthFit] = {}
    failures: dict[str, GrowthError] = {}
    for curve in CURVES if curves is None else curves:
        try:
            fits[curve] = fit(series, curve, per_year=per_year)
        except GrowthError as error:
            failures[curve] = error
    return Comparison(dict(sorted(fits.items(), key=lambda item: item[1].aic)), failures)


def _result(curve: Curve, values: pd.Series, missing: int, clock: Timeline, parts: intervals.Estimation) -> GrowthFit:
    times = clock.times(values.index)
    fitted = pd.Series(curve.value(times, parts.params), index=values.index, name=values.name)
    residuals = values - fitted
    nobs, free = len(values) - missing, len(values) - missing - parts.df
    covariance = parts.root @ parts.root.T
    std = pd.Series(np.sqrt(np.diag(covariance)), index=curve.names)
    params = pd.Series(parts.params, index=curve.names)
    identified, ceiling = intervals.ceiling(curve, parts)
    size = float(values.abs().max())
    mean_square = max(float((residuals**2).mean()), (nonlinear.EXACT * size) ** 2)
    return GrowthFit(
        curve=curve.key,
        params=params,
        std_errors=std,
        covariance=pd.DataFrame(covariance, index=curve.names, columns=curve.names),
        fitted=fitted,
        residuals=residuals,
        nobs=nobs,
        missing=missing,
        df=parts.df,
        rmse=float(np.sqrt((residuals**2).mean())),
        sigma=parts.sigma,
        aic=nobs * (float(np.log(2 * np.pi * mean_square)) + 1) + 2 * (free + 1),
        identified=identified,
        ceiling=ceiling,
        cagr=intervals.cagr(curve, parts, clock),
        smearing=parts.smearing,
        maxlags=parts.maxlags,
        fixed=parts.fixed,
        grade=Grade.ESTIMATED,
        _root=parts.root,
        _clock=clock,
        _floor=0.0 if float(values.min()) >= 0 else -np.inf,
    )
