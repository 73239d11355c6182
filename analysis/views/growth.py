"""Competing growth curves, the fan of the chosen one and the table that compares them."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from analysis.growth import CURVES, GrowthFit
from analysis.views.base import count_axis, quiet
from analysis.views.look import SHORTEST, Look, View
from analysis.views.theme import fade
from data.grade import Grade

ROLL_OUT = ("bass",)
"""Curves of what is installed by a date: for stations and lockers alone, not for parcels a month."""
FLOW = ("bass adoptions",)
"""Curves of what is added in a period: no series on the page is one."""
LEAST_MONTHS = 24
"""Months that a curve needs (two years, so that every season is there twice)."""
AT_CEILING = 0.97
"""Share of the ceiling from which a series counts as flat."""
HIGHEST = 3.0
"""The axis ends at this many times the largest observation, however far a forecast runs."""
SHORT, LONG = 3, 14
"""Years on the axis below which months are named, and above which not every year is."""
HORIZONS = ("1", "2", "3", "5", "10")
"""Years ahead to choose from."""
CURVE_COLOURS = {
    "light": ("#1848d1", "#c3410f", "#14a0b0", "#5a2b78", "#b68e1a"),
    "dark": ("#6d8df7", "#f0892f", "#54e3ee", "#c58ae8", "#f3dc7a"),
}


def menu(*, stock: bool) -> tuple[str, ...]:
    """Curves that suit a series."""
    unfit = FLOW if stock else (*FLOW, *ROLL_OUT)
    return tuple(key for key in CURVES if key not in unfit)


def _moments(index: pd.Index) -> pd.Index:
    return index.to_timestamp() if isinstance(index, pd.PeriodIndex) else index


def curves(
    series: pd.Series,
    fits: Mapping[str, GrowthFit],
    look: Look,
    *,
    chosen: str,
    steps: int,
    caption: str,
    unit: str,
    grade: Grade,
    monthly: bool = False,
    confirmed: bool = True,
) -> View:
    """The series, every fitted curve, and forecast with 80 and 95 % bands of `chosen`.

    A ceiling that is not `confirmed` (by annual sums) is not named as a finding.
    """
    figure = go.Figure()
    _fan(figure, fits[chosen].forecast(steps), look)
    for name, fit in fits.items():
        colour = CURVE_COLOURS[look.theme.mode][list(CURVES).index(name) % len(CURVE_COLOURS[look.theme.mode])]
        path = pd.concat([fit.fitted, fit.forecast(steps)["median"]])
        figure.add_scatter(
            x=list(_moments(path.index)),
            y=path,
            mode="lines",
            name=look.say(f"curve.{name}"),
            showlegend=True,
            line={
                "color": colour,
                "width": 2.8 if name == chosen else 1.4,
                "dash": "solid" if name == chosen else "dot",
            },
            hovertemplate=look.say(f"curve.{name}") + " <b>%{y:,.3s}</b><extra></extra>",
        )
    figure.add_scatter(
        x=list(_moments(series.index)),
        y=series,
        mode="markers",
        name=look.say("growth.observed"),
        showlegend=True,
        marker={"size": 5, "color": look.theme.text},
        hovertemplate="<b>%{y:,.4s}</b><extra></extra>",
    )
    quiet(figure, look, height=380, right=8)
    figure.update_layout(
        hovermode="x unified",
        showlegend=True,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
        margin={"t": 34},
    )
    _axes(figure, series, fits[chosen], steps, look)
    trend = fits.get("log-linear")
    title = finding(series, fits[chosen], look, unit, trend=trend, monthly=monthly, confirmed=confirmed)
    table = _path_table(series, fits, look, chosen, steps)
    return View(figure, table, title, caption, look.say("alt.growth", title=title, n=int(series.count())), grade)


def _fan(figure: go.Figure, forecast: pd.DataFrame, look: Look) -> None:
    x = list(_moments(forecast.index))
    for level, opacity in ((95, 0.14), (80, 0.22)):
        figure.add_scatter(
            x=x + x[::-1],
            y=[*forecast[f"high_{level}"], *forecast[f"low_{level}"][::-1]],
            fill="toself",
            mode="lines",
            line={"width": 0},
            fillcolor=fade(look.theme.accent, opacity),
            hoverinfo="skip",
            showlegend=True,
            name=f"{level} %",
        )


def _axes(figure: go.Figure, series: pd.Series, fit: GrowthFit, steps: int, look: Look) -> None:
    """Keep the axis on the data and its median: bands of an unidentified ceiling may run off the page."""
    forecast = fit.forecast(steps)["median"]
    seen = float(series.max())
    count_axis(figure, look, min(max(seen, float(forecast.max())), seen * HIGHEST) * 1.3)
    years = (_moments(forecast.index)[-1] - _moments(series.index)[0]).days / 365
    figure.update_xaxes(tickformat="%Y" if years > SHORT else "%Y-%m", dtick="M12" if SHORT < years < LONG else None)


def finding(
    series: pd.Series,
    fit: GrowthFit,
    look: Look,
    unit: str,
    *,
    trend: GrowthFit | None = None,
    monthly: bool = False,
    confirmed: bool = True,
) -> str:
    """What the curve says about growth, or that the data cannot tell.

    `trend` is the log-linear fit: a series that falls has no ceiling ahead, whatever an S-curve makes of it.
    """
    n = int(series.count())
    if monthly and n < LEAST_MONTHS:
        return look.say("finding.too_short", n=n, need=LEAST_MONTHS)
    if trend is not None and trend.cagr is not None and trend.cagr.high < 0:
        return look.say("finding.declining", **_rates(trend))
    if CURVES[fit.curve].ceiling is None:
        return look.say("finding.cagr", **_rates(fit))
    if fit.ceiling is None:
        return look.say("finding.no_ceiling", curve=look.say(f"curve.{fit.curve}"))
    value, low, high = (look.short(v) for v in fit.ceiling)
    if not confirmed:
        return look.say("finding.ceiling_doubtful", value=value, low=low, high=high, unit=unit)
    reached = float(series.dropna().iloc[-1]) / fit.ceiling.value
    if reached > AT_CEILING:
        return look.say("finding.at_ceiling", value=value, low=low, high=high, unit=unit)
    return look.say("finding.ceiling", value=value, low=low, high=high, unit=unit, reached=f"{reached * 100:.0f}")


def _path_table(series: pd.Series, fits: Mapping[str, GrowthFit], look: Look, chosen: str, steps: int) -> pd.DataFrame:
    """Observed values, median of every curve, bands of the chosen one."""
    columns = {look.say("growth.observed"): series}
    for name, fit in fits.items():
        columns[look.say(f"curve.{name}")] = pd.concat([fit.fitted, fit.forecast(steps)["median"]])
    bands = fits[chosen].forecast(steps)
    for level in (80, 95):
        for side in ("low", "high"):
            columns[look.say(f"model.{side}_{level}")] = bands[f"{side}_{level}"]
    table = pd.DataFrame(columns).map(lambda v: float(f"{v:.5g}"))
    table.index = pd.Index([str(i)[:10] for i in table.index], name=look.say("market.period"))
    return table


def scoreboard(fits: Mapping[str, GrowthFit], look: Look) -> pd.DataFrame:
    """One row a curve: ceiling with its 95 % interval or "not identified", growth a year, errors, AIC."""
    best = min(fit.aic for fit in fits.values())
    rows = [
        {
            look.say("growth.curve"): look.say(f"curve.{name}"),
            look.say("growth.delta_aic"): round(fit.aic - best, 1),
            look.say("growth.ceiling"): _ceiling(fit, look),
            look.say("growth.time_to_90"): _label(fit.time_to(0.9), look),
            look.say("growth.cagr"): _cagr(fit),
            look.say("growth.rmse"): look.short(fit.rmse),
            look.say("growth.missing"): fit.missing,
        }
        for name, fit in fits.items()
    ]
    return pd.DataFrame(rows).sort_values(look.say("growth.delta_aic"), ignore_index=True)


def _ceiling(fit: GrowthFit, look: Look) -> str:
    if CURVES[fit.curve].ceiling is None:
        return look.say("growth.no_ceiling")
    if fit.ceiling is None:
        return look.say("growth.not_identified")
    value, low, high = fit.ceiling
    return f"{look.short(value)} ({look.short(low)} – {look.short(high)})"


def _label(moment: object, look: Look) -> str:
    """A period, a date or a number of the index as the reader writes it."""
    if isinstance(moment, pd.Period | pd.Timestamp):
        return look.month(moment)
    return "–" if moment is None else f"{moment:,.1f}"


def _cagr(fit: GrowthFit) -> str:
    if fit.cagr is None:
        return "–"
    return "{rate} % ({low} – {high})".format(**_rates(fit))


def _rates(fit: GrowthFit) -> dict[str, str]:
    """Growth a year and its interval in per cent."""
    return (
        {}
        if fit.cagr is None
        else dict(zip(("rate", "low", "high"), (f"{100 * v:.1f}" for v in fit.cagr), strict=True))
    )


def parameters(fit: GrowthFit, look: Look) -> pd.DataFrame:
    """Estimates, standard errors and 95 % intervals of the chosen curve."""
    bounds = fit.conf_int(0.95)
    table = pd.DataFrame(
        {
            look.say("model.estimate"): fit.params,
            look.say("model.std_error"): fit.std_errors,
            look.say("model.low_95"): bounds["low"],
            look.say("model.high_95"): bounds["high"],
        }
    )
    written = table.map(lambda v: f"{v:,.4g}" if abs(v) < SHORTEST else f"{v:.4g}")
    return written.rename_axis(look.say("growth.parameter"))
