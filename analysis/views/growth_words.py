"""What a growth curve says, in sentences: how big, how fast, where it flattens, and whether that beat a naive guess."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.growth import CURVES, GrowthFit
from analysis.growth.reach import growth_rate
from analysis.growth.timeline import Label
from analysis.views.growth_style import curve_name, rounded, signed_percent, when
from analysis.views.growth_tables import rates_of
from analysis.views.growth_trials import verdict
from analysis.views.look import Look

if TYPE_CHECKING:
    from analysis.growth.trials import Backtest

LEAST_MONTHS = 24
"""Months that a curve needs (two years, so that every season is there twice)."""
AT_CEILING = 0.97
"""Share of the ceiling from which a series counts as flat."""


def finding(
    series: pd.Series,
    fit: GrowthFit,
    look: Look,
    unit: str,
    *,
    trend: GrowthFit | None = None,
    monthly: bool = False,
    confirmed: bool = True,
    forecast: pd.DataFrame | None = None,
    backtest: "Backtest | None" = None,
) -> str:
    """What the curve says about growth, or that the data cannot tell.

    With a `forecast` how big the series gets, with its interval and growth a year, and that nothing beat seasonal
    naive where that is so. `trend` is the log-linear fit: a series that falls has no ceiling ahead, whatever an
    S-curve makes of it.
    """
    n = int(series.count())
    if monthly and n < LEAST_MONTHS:
        return look.say("finding.too_short", n=n, need=LEAST_MONTHS)
    if forecast is None:
        return shape(series, fit, look, unit, trend=trend, confirmed=confirmed)
    said = outlook(series, forecast, look, unit)
    if backtest is not None and backtest.reason == "nothing_beats":
        return look.say("growth.but", first=said, second=look.say("growth.nothing_beats"))
    if fit.ceiling is None or not confirmed or _falls(trend):
        return said
    value = rounded(fit.ceiling.value, look)
    return look.say("growth.but", first=said, second=look.say("growth.ceiling_short", value=value, unit=unit))


def outlook(series: pd.Series, forecast: pd.DataFrame, look: Look, unit: str, *, rate: bool = True) -> str:
    """How big at the last step ahead, with its 95 % interval and, with `rate`, the growth a year until then."""
    row = forecast.iloc[-1]
    value, low, high = (rounded(float(row[key]), look) for key in ("median", "low_95", "high_95"))
    values = {
        "value": value,
        "low": low,
        "high": high,
        "unit": unit,
        "when": when(forecast.index[-1], look, series.index),
    }
    found = pace(series, forecast) if rate else None
    if found is None:
        return look.say("growth.outlook", **values)
    return look.say("growth.outlook_rate", rate=signed_percent(found[0]), **values)


def pace(series: pd.Series, forecast: pd.DataFrame) -> tuple[float, float, float] | None:
    """Growth a year until the last step ahead, as a fraction, with its 95 % interval.

    It is counted from the latest value a whole number of years before; None where there is none.
    """
    if not isinstance(series.index, pd.PeriodIndex | pd.DatetimeIndex):
        return None
    row = growth_rate(forecast.iloc[-1:], series)["cagr"].iloc[-1]
    value, low, high = (float(row[key]) for key in ("median", "low_95", "high_95"))
    return (value, low, high) if np.isfinite([value, low, high]).all() else None


def _falls(trend: GrowthFit | None) -> bool:
    return trend is not None and trend.cagr is not None and trend.cagr.high < 0


def shape(
    series: pd.Series,
    fit: GrowthFit,
    look: Look,
    unit: str,
    *,
    trend: GrowthFit | None = None,
    confirmed: bool = True,
    figures: int = 5,
) -> str:
    """What the fitted curve says of growth and ceiling so far; what a method without a curve leaves open."""
    if trend is not None and _falls(trend):
        return look.say("finding.declining", **rates_of(trend))
    if CURVES[fit.curve].ceiling is None:
        if fit.cagr is None:
            return look.say("growth.no_curve", curve=curve_name(fit.curve, look))
        return look.say("finding.cagr", **rates_of(fit))
    if fit.ceiling is None:
        return look.say("finding.no_ceiling", curve=curve_name(fit.curve, look))
    value, low, high = (rounded(v, look, figures) for v in fit.ceiling)
    values = {"value": value, "low": low, "high": high, "unit": unit}
    if not confirmed:
        return look.say("finding.ceiling_doubtful", **values)
    reached = float(series.dropna().iloc[-1]) / fit.ceiling.value
    if reached > AT_CEILING:
        return look.say("finding.at_ceiling", **values)
    return look.say("finding.ceiling", reached=f"{reached * 100:.0f}", **values)


def sentences(
    series: pd.Series,
    fit: GrowthFit,
    look: Look,
    unit: str,
    *,
    forecast: pd.DataFrame,
    trend: GrowthFit | None = None,
    monthly: bool = False,
    confirmed: bool = True,
    backtest: "Backtest | None" = None,
    reach: tuple[Label | None, Label | None, Label | None] | None = None,
) -> list[str]:
    """Every fact in order: how big, ceiling, when 90 % of it is reached, against naive, what the bands rest on.

    `reach` is when 90 % of the ceiling is reached with its 95 % interval; ends that are open are None.
    """
    n = int(series.count())
    short = monthly and n < LEAST_MONTHS
    said = (
        [look.say("finding.too_short", n=n, need=LEAST_MONTHS)]
        if short
        else [outlook(series, forecast, look, unit, rate=False)]
    )
    said += (
        []
        if short
        else [
            *_paced(series, forecast, look),
            shape(series, fit, look, unit, trend=trend, confirmed=confirmed, figures=3),
        ]
    )
    if reach is not None and fit.ceiling is not None and confirmed and not _falls(trend):
        said.append(_reached(reach, look, series.index))
    said = [look.say("growth.stop", sentence=sentence) for sentence in said]
    return [*said, look.say("growth.untested") if backtest is None else verdict(backtest, look)]


def _paced(series: pd.Series, forecast: pd.DataFrame, look: Look) -> list[str]:
    """Growth a year with its interval, where it can be told."""
    found = pace(series, forecast)
    if found is None:
        return []
    rate, low, high = map(signed_percent, found)
    return [look.say("growth.pace_said", rate=rate, low=low, high=high)]


def _reached(reach: tuple[Label | None, Label | None, Label | None], look: Look, among: pd.Index) -> str:
    """When 90 % of the ceiling is reached, from when and until when at the earliest and latest."""
    moment, low, high = reach
    if moment is None:
        return look.say("growth.reach_never")
    values: dict[str, Any] = dict(
        zip(("when", "low", "high"), (when(label, look, among) for label in reach), strict=True)
    )
    key = "both" if low is not None and high is not None else "open" if low is not None else "alone"
    return look.say(f"growth.reach_{key}", **values)


def bands_note(look: Look, backtest: "Backtest | None", *, widened: bool) -> str:
    """What the bands rest on."""
    if not widened or (backtest is not None and backtest.reason == "too_short"):
        return look.say("growth.bands_fit")
    return (
        look.say("growth.bands_widened")
        if backtest is None
        else look.say("growth.bands_tested", n=len(backtest.origins))
    )
