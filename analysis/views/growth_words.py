"""What a growth curve says, in sentences: how big, how fast, where it flattens, and whether that beat a naive guess."""

from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.growth import CURVES, Estimate, GrowthFit, timeline
from analysis.growth.curves import Curve
from analysis.growth.reach import growth_rate
from analysis.growth.testing import rule
from analysis.growth.timeline import Label
from analysis.views.amounts import inside
from analysis.views.growth_style import ahead_of, curve_name, rounded, signed_percent, tested_until, tight, when
from analysis.views.growth_trials import verdict
from analysis.views.look import Look, percent

if TYPE_CHECKING:
    from analysis.growth.trials import Backtest

LEAST_MONTHS = 24
"""Months that a curve needs (two years, so that every season is there twice)."""
AT_CEILING = 0.97
"""Share of the ceiling from which a series counts as flat."""
LATE = 12
"""Values whose mean a ceiling cannot lie below."""
WIDE = 4.0
"""Ends of a band that are this many times apart do not pin a figure down."""
GAP = 0.05
"""Distance of a curve from the figure that growth is counted from, as a share of it, that is worth saying."""
ALIKE = 0.005
"""Growth rates closer than this say the same."""


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
    untestable: bool = False,
) -> str:
    """What the curve says about growth, or that the data cannot tell.

    With a `forecast` how big the series gets, with its interval and growth a year, and that nothing beat seasonal
    naive where that is so. `trend` is the log-linear fit: a series that falls has no ceiling ahead, whatever an
    S-curve makes of it. `untestable`: there cannot be a back-test.
    """
    if short := _short(series, look, unit, monthly=monthly, untestable=untestable or _unsettled(backtest)):
        return short
    told = confirmed and not _falls(trend) and _tells(series, fit, backtest)
    if forecast is None:
        shown = fit if told or not confirmed else replace(fit, ceiling=None)
        return shape(series, shown, look, unit, trend=trend, confirmed=confirmed)
    said = [outlook(series, forecast, look, unit)]
    if backtest is not None and backtest.reason == "nothing_beats":
        said.append(look.say("growth.nothing_beats"))
    elif told and fit.ceiling is not None:
        said.append(look.say("growth.ceiling_short", unit=unit, **_interval(fit.ceiling, look)))
    return tight(reduce(lambda first, second: look.say("growth.but", first=first, second=second), said))


def _unsettled(backtest: "Backtest | None") -> bool:
    return backtest is not None and backtest.reason == "too_short"


def _short(series: pd.Series, look: Look, unit: str, *, monthly: bool, untestable: bool) -> str | None:
    """That a series is too short, and what is known of it; None where it is not."""
    known = series.dropna().sort_index()
    if monthly and len(known) < LEAST_MONTHS:
        return look.say("finding.too_short", n=len(known), need=LEAST_MONTHS)
    if not untestable or known.empty:
        return None
    first, last = known.index[0], known.index[-1]
    value = rounded(float(known.iloc[-1]), look)
    said = look.say("growth.too_short", n=len(known), value=value, unit=unit, when=when(last, look, known.index))
    if len(known) == 1 or known.iloc[0] <= 0:
        return said
    change = signed_percent(float(known.iloc[-1] / known.iloc[0] - 1))
    so_far = look.say("growth.so_far", change=change, first=when(first, look, known.index))
    return look.say("growth.but", first=said, second=so_far)


def _tells(series: pd.Series, fit: GrowthFit, backtest: "Backtest | None") -> bool:
    """Whether a ceiling is a finding: not below what was seen of late, nor of a curve whose bands did not hold."""
    if fit.ceiling is None or fit.ceiling.value < AT_CEILING * float(series.dropna().tail(LATE).mean()):
        return False
    return backtest is None or fit.curve not in backtest.scores.index or bool(rule.keeps(backtest.scores)[fit.curve])


def _interval(estimate: Estimate, look: Look, figures: int = 3) -> dict[str, str]:
    said = (rounded(value, look, figures) for value in estimate)
    return dict(zip(("value", "low", "high"), said, strict=True))


def outlook(series: pd.Series, forecast: pd.DataFrame, look: Look, unit: str, *, rate: bool = True) -> str:
    """How big at the last step ahead, with its 95 % interval and, with `rate`, the growth a year until then.

    Where the band is too wide to say, the band alone.
    """
    row = forecast.iloc[-1]
    value, low, high = (rounded(float(row[key]), look) for key in ("median", "low_95", "high_95"))
    moment = when(forecast.index[-1], look, series.index)
    values = {"value": value, "low": low, "high": high, "unit": unit, "when": moment}
    if wide(series, forecast):
        return look.say("growth.unpinned", **values)
    found = pace(series, forecast) if rate else None
    if found is None:
        return look.say("growth.outlook", **values)
    return look.say("growth.outlook_rate", rate=signed_percent(found[0]), **values)


def wide(series: pd.Series, forecast: pd.DataFrame) -> bool:
    """Whether the last band of a series that is never negative reaches zero or spans more than a factor of `WIDE`."""
    low, high = (float(forecast[key].iloc[-1]) for key in ("low_95", "high_95"))
    return float(series.min()) >= 0 and high > WIDE * max(low, 0.0)


def pace(series: pd.Series, forecast: pd.DataFrame) -> tuple[float, float, float] | None:
    """Growth a year until the last step ahead, as a fraction, with its 95 % interval.

    It is counted from the latest value a whole number of years before; None where there is none.
    """
    if not isinstance(series.index, pd.PeriodIndex | pd.DatetimeIndex):
        return None
    row = growth_rate(forecast.iloc[-1:], series)["cagr"].iloc[-1]
    value, low, high = (float(row[key]) for key in ("median", "low_95", "high_95"))
    return (value, low, high) if np.isfinite([value, low, high]).all() else None


def base(series: pd.Series, forecast: pd.DataFrame, rate: float) -> Label:
    """Label of the latest value from which growth at `rate` a year leads to the last step ahead."""
    known = series.dropna().sort_index()[::-1]
    clock = timeline.read(known.index[::-1], per_year=None)
    gone = (clock.times(forecast.index[-1:])[0] - clock.times(known.index)) / (clock.per_year or 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        rates = (max(float(forecast["median"].iloc[-1]), 0.0) / known.to_numpy(np.float64)) ** (1 / gone) - 1
    return known.index[int(np.nanargmin(np.abs(rates - rate)))]


def _falls(trend: GrowthFit | None) -> bool:
    return trend is not None and trend.cagr is not None and trend.cagr.high < 0


def _past(fit: GrowthFit, trend: GrowthFit | None) -> GrowthFit | None:
    """The fit whose growth is said of the past: the trend where that falls, else a curve without a ceiling."""
    if _falls(trend):
        return trend
    return fit if CURVES[fit.curve].ceiling is None and fit.cagr is not None else None


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
    past = _past(fit, trend)
    if past is not None and past.cagr is not None:
        known = series.dropna().sort_index().index
        ends = {"first": when(known[0], look, known), "last": when(known[-1], look, known)}
        rates = dict(zip(("rate", "low", "high"), map(signed_percent, past.cagr), strict=True))
        return look.say("growth.past", curve=inside(curve_name(past.curve, look)), **ends, **rates)
    if CURVES[fit.curve].ceiling is None:
        return look.say("growth.no_curve", curve=curve_name(fit.curve, look))
    if fit.ceiling is None:
        return look.say("finding.no_ceiling", curve=curve_name(fit.curve, look))
    values = {"unit": unit, **_interval(fit.ceiling, look, figures)}
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
    untestable: bool = False,
) -> list[str]:
    """Every fact in order: how big, how fast, ceiling, when 90 % of it is reached, against naive.

    `reach` is when 90 % of the ceiling is reached with its 95 % interval; ends that are open are None.
    """
    short = _short(series, look, unit, monthly=monthly, untestable=untestable or _unsettled(backtest))
    if short:
        said = [short]
    else:
        said = [outlook(series, forecast, look, unit, rate=False), *_tested(series, forecast, backtest, look)]
        said += _growth(series, fit, forecast, look, unit, trend=trend, confirmed=confirmed)
        if reach is not None and fit.ceiling is not None and confirmed and not _falls(trend):
            said.append(_reached(reach, look, series.index))
    said = [tight(look.say("growth.stop", sentence=sentence)) for sentence in said]
    return [*said, look.say("growth.untested") if backtest is None else verdict(backtest, look)]


def _tested(series: pd.Series, forecast: pd.DataFrame, backtest: "Backtest | None", look: Look) -> list[str]:
    """How far ahead the back-test went, where the forecast goes further."""
    until = tested_until(forecast.index, backtest)
    if backtest is None or until is None:
        return []
    moment = when(until, look, series.index)
    return [look.say("growth.tested_to", ahead=ahead_of(backtest, backtest.horizon, look), when=moment)]


def _growth(
    series: pd.Series,
    fit: GrowthFit,
    forecast: pd.DataFrame,
    look: Look,
    unit: str,
    *,
    trend: GrowthFit | None,
    confirmed: bool,
) -> list[str]:
    """Growth ahead, what a gap at its start adds, and growth in the past where that is not the same."""
    found = None if wide(series, forecast) else pace(series, forecast)
    past = _past(fit, trend)
    before = shape(series, fit, look, unit, trend=trend, confirmed=confirmed, figures=3)
    if found is None:
        return [before]
    since, until = base(series, forecast, found[0]), forecast.index[-1]
    ends = {"first": when(since, look, series.index), "last": when(until, look, series.index)}
    rates = dict(zip(("rate", "low", "high"), map(signed_percent, found), strict=True))
    said = [look.say("growth.pace_said", **ends, **rates), *_gap(series, fit, since, look)]
    same = past is not None and past.cagr is not None and abs(past.cagr.value - found[0]) < ALIKE
    return said if same else [*said, before]


def _gap(series: pd.Series, fit: GrowthFit, since: Label, look: Look) -> list[str]:
    """How far the curve is off the figure that growth is counted from."""
    if not isinstance(CURVES[fit.curve], Curve) or series[since] <= 0:
        return []
    apart = float(fit.fitted[since] / series[since] - 1)
    if not abs(apart) > GAP:
        return []
    values = {"share": percent(abs(apart), 0), "when": when(since, look, series.index)}
    return [look.say(f"growth.gap_{'below' if apart < 0 else 'above'}", **values)]


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
