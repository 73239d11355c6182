"""What a fit hands back: of a growth curve, and of a time-series method in the same shape."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from analysis.growth import calendar as regressors
from analysis.growth import engine, intervals
from analysis.growth.axis import months_of, rows
from analysis.growth.curves import CURVES, Curve, Method
from analysis.growth.intervals import Estimate
from analysis.growth.shapes import FloatArray
from analysis.growth.timeline import Label, Timeline
from data.grade import Grade

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
        Regular optimum, standard error of the ceiling at most half of it and its 95 % interval, half of it, at most all
        of it. True without a ceiling.
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
    autocorrelated : bool
        Whether a Ljung-Box test finds the residuals correlated in time at 5 %, two seasons long where there are some;
        False where it cannot be done.
    calendar : tuple of str
        Keys of the calendar regressors in the fit.
    effects : pd.DataFrame
        Index regressor; estimate, std_error, low, high (95 %) on logs: exp(estimate) - 1 is the effect of the whole
        event against none. One that the observations do not tell (it never changes among them) is 0, its errors NaN.
        The curve is the level of an average month without them.
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
    autocorrelated: bool
    calendar: tuple[str, ...]
    effects: pd.DataFrame
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
        low, high = self._interval(self.fitted.index, level, noise=0.0)
        return pd.DataFrame({"low": low, "high": high}, index=self.fitted.index)

    def forecast(self, steps: int, levels: Iterable[float] = (0.8, 0.95)) -> pd.DataFrame:
        """Continue the series by `steps` median steps after its last observation.

        Returns
        -------
        pd.DataFrame
            Columns median (and mean for log-linear), then low_80, high_80... for each level: prediction intervals
            from the parameters' covariance and the residual variance, in units of the series; not below 0 when the
            series never is. They hold the curve for true: `analysis.growth.choice` widens them by the back-test.
        """
        index = self._clock.future(_at_least_one(steps))
        table = {"median": self.at(index).to_numpy()}
        if self._declared.logs:
            table["mean"] = table["median"] * self.smearing
        for level in levels:
            low, high = self._interval(index, level, noise=self.sigma)
            table |= {f"low_{100 * level:g}": low, f"high_{100 * level:g}": high}
        return pd.DataFrame(table, index=index)

    def at(self, index: pd.Index, *, calendar: bool = True) -> pd.Series:
        """The curve at any labels, with its calendar effects or as the level of an average month."""
        values = self._declared.value(self._clock.times(index), self.params.to_numpy())
        lift = self._design(index) @ self.effects["estimate"].to_numpy() if calendar else 0.0
        return pd.Series(values * np.exp(lift), index=index)

    def steps(self, years: float) -> int:
        """Steps of `forecast` that reach at least `years` beyond the last observation of a dated series."""
        return self._clock.steps(years)

    def time_to(self, fraction: float) -> Label | None:
        """When the curve reaches `fraction` of its ceiling: a period, a date, or a number as the index has.

        None when the ceiling is not identified or the curve never gets there.
        """
        if not 0 < fraction < 1:
            raise ValueError(f"fraction is {fraction}: give a share of the ceiling between 0 and 1")
        found = self.crossing(fraction, self.params.to_numpy()) if self.ceiling else None
        return None if found is None else self.label(found)

    def crossing(self, fraction: float, params: FloatArray) -> float | None:
        """Numeric time at which the curve with these (k,) parameters reaches `fraction` of their ceiling."""
        curve, times = self._declared, self._clock.times(self._clock.index)
        if curve.ceiling is None:
            return None
        span = float(np.ptp(times))
        between = (float(times[0]) - HORIZON * span, float(times[-1]) + HORIZON * span)
        approach, top = curve.cumulative or curve.value, float(params[curve.names.index(curve.ceiling)])
        return intervals.crossing(lambda t: float(approach(np.array([t]), params)[0]), fraction * top, between)

    def label(self, time: float) -> Label:
        """Period, day or number of the index that holds a numeric time of the curve."""
        return self._clock.label(time)

    def peak(self) -> Label | None:
        """When growth is fastest (Bass: adoptions per period peak); None for a curve without such a time."""
        peak = self._declared.peak
        return None if peak is None else self._clock.label(peak(self.params.to_numpy()))

    @property
    def per_year(self) -> float | None:
        """Units of time in a year; None when a numeric index does not say."""
        return self._clock.per_year

    def error(self, gradient: FloatArray) -> float:
        """Standard error of what moves by `gradient` (k,) with the parameters, by the delta method."""
        return float(np.linalg.norm(gradient @ self._root[: len(self.params)]))

    @property
    def _declared(self) -> Curve:
        return cast("Curve", CURVES[self.curve])

    def _design(self, index: pd.Index) -> FloatArray:
        return regressors.design(months_of(index), self.calendar)

    def _interval(self, index: pd.Index, level: float, *, noise: float) -> tuple[FloatArray, FloatArray]:
        times, design, params = self._clock.times(index), self._design(index), self.params.to_numpy()
        centre = self.at(index).to_numpy()
        lift = np.exp(design @ self.effects["estimate"].to_numpy())
        slopes = np.hstack([self._declared.jacobian(times, params) * lift[:, None], centre[:, None] * design])
        error = np.linalg.norm(slopes @ self._root, axis=1)
        t = intervals.quantile(level, self.df)
        if self._declared.logs:
            return intervals.multiplied(centre, t * np.hypot(error / centre, noise))
        half = t * np.hypot(error, noise)
        return np.maximum(centre - half, self._floor), centre + half


@dataclass(frozen=True, slots=True, eq=False)
class SeriesFit(GrowthFit):
    """Fitted time-series method: as `GrowthFit`, without a curve, so that it has no ceiling, peak or growth rate.

    `fitted` holds one-step predictions, `aic` is NaN: their errors do not compare with those of a curve. `forecast`
    continues what came last.
    """

    _observed: pd.Series
    _logs: bool

    def band(self, level: float = intervals.LEVEL) -> pd.DataFrame:
        """Interval of each one-step prediction, on the index of the series: columns low, high."""
        centre = self.fitted.to_numpy()
        half = np.full(len(centre), intervals.quantile(level, self.df) * self.sigma)
        low, high = intervals.multiplied(centre, half) if self._logs else (centre - half, centre + half)
        return pd.DataFrame({"low": np.maximum(low, self._floor), "high": high}, index=self.fitted.index)

    def forecast(self, steps: int, levels: Iterable[float] = (0.8, 0.95)) -> pd.DataFrame:
        """Continue the series by `steps`: columns median, then low_80, high_80... for each level."""
        batch, axis = rows(
            self._observed, horizon=_at_least_one(steps), calendar=self.calendar, per_year=self._clock.per_year
        )
        found = self._method.run(batch, self.params.to_numpy()[None])
        table = {"median": found.median[0]}
        for level in levels:
            low, high = engine.bands(found, level, batch.floor)
            table |= {f"low_{100 * level:g}": low[0], f"high_{100 * level:g}": high[0]}
        return pd.DataFrame(table, index=axis.future(steps))

    def at(self, index: pd.Index, *, calendar: bool = True) -> pd.Series:
        """One-step predictions at observed labels; a method says nothing between or before them."""
        if not calendar:
            raise ValueError(f"{self.curve} has no level apart from the calendar: ask for `fitted`")
        return self.fitted.reindex(index)

    def crossing(self, fraction: float, params: FloatArray) -> float | None:
        """None: there is no ceiling."""
        return None

    def peak(self) -> Label | None:
        """None: there is no curve."""
        return None

    @property
    def _method(self) -> Method:
        return cast("Method", CURVES[self.curve])


def _at_least_one(steps: int) -> int:
    if steps < 1:
        raise ValueError(f"steps is {steps}: ask for at least one")
    return steps
