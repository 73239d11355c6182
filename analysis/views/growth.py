"""Competing growth curves on one chart, the fan of the chosen one, and what they say in sentences."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.growth import CURVES, GrowthFit
from analysis.growth.curves import Method
from analysis.views import amounts, plain
from analysis.views.growth_marks import ceiling, has_line, tested
from analysis.views.growth_style import NAIVE, curve_name, dashed, legend, places, short_name, style, value_axis
from analysis.views.growth_tables import diagnostics, effects, parameters, rates, scoreboard
from analysis.views.growth_words import bands_note, finding, sentences
from analysis.views.look import Look, View
from analysis.views.theme import fade
from data.grade import Grade, weakest

if TYPE_CHECKING:
    from analysis.growth.trials import Backtest

__all__ = [
    "HORIZONS",
    "curves",
    "diagnostics",
    "effects",
    "finding",
    "menu",
    "parameters",
    "rates",
    "scoreboard",
    "sentences",
]
ROLL_OUT = ("bass",)
"""Curves of what is installed by a date: for stations and lockers alone, not for parcels a month."""
FLOW = ("bass adoptions",)
"""Curves of what is added in a period: no series on the page is one."""
HORIZONS = ("1", "2", "3", "5", "10")
"""Years ahead to choose from."""
RIVALS = 3
"""Curves drawn beside the chosen one and the yardstick; the rest are in the table alone."""
HIGHEST = 3.0
"""The axis ends at this many times the largest observation, however far a forecast runs."""
BAND_ROOM = 1.75
"""The upper band may lengthen the axis to this many times what lines and observations need."""
OPACITY = {95: 0.14, 80: 0.22}
HEIGHT = 376
LEGEND_ROW, LEGEND_NAMES = 18, 4
"""Pixels of a row of the legend, and curves in it."""
LINE, MARKED = 30, 200
"""More observations than the first are joined by a line, fewer than the second each have a marker."""
SHORT, LONG = 3, 14
"""Years on the axis below which months are named, and above which not every year is."""


def menu(*, stock: bool, even: bool = True) -> tuple[str, ...]:
    """Curves and methods that suit a series: roll-outs for stocks alone, seasonal methods for even grids."""
    unfit = FLOW if stock else (*FLOW, *ROLL_OUT)
    return tuple(k for k, c in CURVES.items() if k not in unfit and (even or not (isinstance(c, Method) and c.even)))


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
    forecast: pd.DataFrame | None = None,
    backtest: "Backtest | None" = None,
    adjusted: pd.Series | None = None,
    untestable: bool = False,
) -> View:
    """The series, every fitted curve, and the forecast of `chosen` with 80 and 95 % bands.

    Parameters
    ----------
    forecast : pd.DataFrame, optional
        Of `chosen`, with bands widened by the back-test; without it those of the fit are drawn, and that is said.
    backtest : Backtest, optional
        Orders the rivals: the best are drawn, the rest are in the table. Otherwise the order of `fits` does.
    adjusted : pd.Series, optional
        The chosen curve without its calendar effects.
    confirmed : bool
        Whether annual sums tell the ceiling as well; one that they do not is neither drawn nor named as a finding.
    untestable : bool
        Whether a back-test is not possible: then no outlook is a finding.
    """
    fan = fits[chosen].forecast(steps) if forecast is None else forecast.iloc[:steps]
    paths = {key: fit.forecast(steps, ())["median"] for key, fit in fits.items()} | {chosen: fan["median"]}
    top = _top(series, fits[chosen], fan, confirmed)
    drawn = _order(fits, chosen, backtest)
    traces = [
        *_fan(fan, look),
        *(_rival(fits[key], paths[key], look) for key in drawn),
        *([] if adjusted is None else [_adjusted(adjusted, look)]),
        _observed(series, look),
        *_chosen(fits[chosen], fan["median"], look),
    ]
    marks = ceiling(fits[chosen], look, top, confirmed), tested(fan.index, backtest, look)
    figure = plain.figure(
        traces,
        look,
        height=HEIGHT + LEGEND_ROW * (len(drawn) // LEGEND_NAMES),
        margin={"l": 4, "r": 8, "t": 34, "b": 4},
        x=_time_axis(series.index, fan.index),
        y=_value_axis(series, fan, look, top),
        hovermode="x unified",
        showlegend=True,
        legend=legend(),
        shapes=[shape for shapes, _ in marks for shape in shapes],
        annotations=[note for _, notes in marks for note in notes],
        uirevision="curves",
    )
    said: dict[str, Any] = {"trend": fits.get("log-linear"), "monthly": monthly, "confirmed": confirmed}
    said["untestable"] = untestable
    title = finding(series, fits[chosen], look, unit, forecast=fan, backtest=backtest, **said)
    note = look.say("view.sentences", first=caption, second=bands_note(look, backtest, widened=forecast is not None))
    table = _path_table(series, fits, look, chosen, paths, fan)
    alt = look.say("alt.growth", title=title, n=int(series.count()))
    return View(figure, table, title, note, alt, weakest(grade, fits[chosen].grade))


def _order(fits: Mapping[str, GrowthFit], chosen: str, backtest: "Backtest | None") -> list[str]:
    """The other curves that are drawn, the best last (on top)."""
    rank = list(fits) if backtest is None else backtest.scores["mase"].sort_values().index.tolist()
    rivals = sorted((key for key in fits if key != chosen), key=lambda k: rank.index(k) if k in rank else len(rank))
    shown = {*rivals[:RIVALS], NAIVE}
    return [key for key in reversed(rivals) if key in shown]


def _fan(forecast: pd.DataFrame, look: Look) -> list[plain.Trace]:
    x = places(forecast.index)
    return [
        {
            **plain.band(x, forecast[f"low_{level}"], forecast[f"high_{level}"], look.theme.accent, opacity),
            "name": f"{level}%",
            "showlegend": True,
            "legendrank": 3,
        }
        for level, opacity in OPACITY.items()
    ]


def _drawn(path: pd.Series, look: Look, name: str, line: Mapping[str, Any]) -> plain.Trace:
    rest = {key: value for key, value in line.items() if key != "color"}
    trace = plain.line(places(path.index), path, line["color"], hover=f"{name} <b>%{{y:,.4s}}</b>", **rest)
    return {**trace, "name": name, "showlegend": True}


def _rival(fit: GrowthFit, path: pd.Series, look: Look) -> plain.Trace:
    """A curve from its first value; of a method only what it says of the future, its past being the series itself."""
    whole = path if isinstance(CURVES[fit.curve], Method) else pd.concat([fit.fitted, path])
    trace = _drawn(whole, look, short_name(fit.curve, look), style(fit.curve, look, chosen=False))
    return {**trace, "legendrank": 4}


def _chosen(fit: GrowthFit, path: pd.Series, look: Look) -> list[plain.Trace]:
    """The forecast strong, what was fitted thin in the same colour."""
    name, line = short_name(fit.curve, look), style(fit.curve, look, chosen=True)
    first = {**_drawn(path, look, name, line), "legendrank": 2}
    if isinstance(CURVES[fit.curve], Method):
        return [first]
    past = plain.line(places(fit.fitted.index), fit.fitted, fade(line["color"], 0.75), width=1.6)
    return [{**past, "showlegend": False}, first]


def _adjusted(path: pd.Series, look: Look) -> plain.Trace:
    line = {"color": look.theme.muted, "width": 1.2, "dash": "dash"}
    return {**_drawn(path, look, look.say("growth.adjusted"), line), "showlegend": False}


def _observed(series: pd.Series, look: Look) -> plain.Trace:
    """Observations: a line with small markers where there are many, markers where there are few."""
    name, many = look.say("growth.observed"), series.count() > LINE
    trace = plain.line(places(series.index), series, look.theme.text, hover=f"{name} <b>%{{y:,.4s}}</b>", width=1.1)
    mode = "lines" if series.count() > MARKED else "lines+markers" if many else "markers"
    return {
        **trace,
        "mode": mode,
        "marker": {"size": 3.5 if many else 6},
        "name": name,
        "showlegend": True,
        "legendrank": 1,
    }


def _top(series: pd.Series, fit: GrowthFit, fan: pd.DataFrame, confirmed: bool) -> float:
    """End of the axis: data and median always, band and ceiling as far as they leave the data readable."""
    seen = float(series.max())
    needed = min(max(seen, float(fan["median"].max())), seen * HIGHEST)
    wanted = [float(fan["high_95"].max()), fit.ceiling.high if has_line(fit, confirmed) and fit.ceiling else 0.0]
    return 1.06 * max(needed, min(max(wanted), needed * BAND_ROOM))


def _value_axis(series: pd.Series, fan: pd.DataFrame, look: Look, top: float) -> dict[str, Any]:
    """From zero, or around everything where the series falls below it."""
    if float(series.min()) < 0:
        return value_axis(look, (series, fan["low_95"], fan["high_95"]))
    return {"range": [0, top], **amounts.ticks(0, top, look)}


def _time_axis(index: pd.Index, ahead: pd.Index) -> dict[str, Any]:
    if not isinstance(index, pd.PeriodIndex | pd.DatetimeIndex):
        return {}
    first, last = (pd.Timestamp(str(places(i)[at])) for i, at in ((index, 0), (ahead, -1)))
    years = (last - first).days / 365
    step = {"dtick": "M12"} if SHORT < years < LONG else {"nticks": 8}
    return {"type": "date", "tickformat": "%Y" if years > SHORT else "%Y-%m", "hoverformat": "%Y-%m", **step}


def _path_table(
    series: pd.Series,
    fits: Mapping[str, GrowthFit],
    look: Look,
    chosen: str,
    paths: Mapping[str, pd.Series],
    fan: pd.DataFrame,
) -> pd.DataFrame:
    """Observed values, fitted values and median of every curve, bands of the chosen one."""
    columns = {look.say("growth.observed"): series}
    names: Sequence[str] = [chosen, *(key for key in fits if key != chosen)]
    for key in names:
        columns[curve_name(key, look)] = pd.concat([fits[key].fitted, paths[key]])
    for level in (80, 95):
        for side in ("low", "high"):
            columns[look.say(f"model.{side}_{level}")] = fan[f"{side}_{level}"]
    table = dashed(pd.DataFrame(columns).map(lambda v: float(f"{v:.5g}")), look)
    return table.set_axis(pd.Index([str(i)[:10] for i in table.index], name=look.say("market.period")))
