"""Effect by months since the first payment, with what was still paid under it."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.studies import Study
from analysis.views.base import annotate, quiet
from analysis.views.effects import RANGES, ends, pretrend, shown, sign_of, unit_of
from analysis.views.look import Look, View
from analysis.views.reading import minus, p_value
from analysis.views.theme import fade
from data.grade import Grade

YEAR = 12
FEWEST = 5
"""Below so many cities that came to pay no interval is drawn: it would rest on a handful of differences."""
REACH = 3
"""The axis shows no more than so many times the largest estimate."""
BANDS = (("band_low", "band_high", 0.14), ("low", "high", 0.26))
BOUNDS = ["low", "high", "band_low", "band_high"]


def event_study(study: Study, implied: pd.DataFrame | None, look: Look, *, caption: str, grade: Grade) -> View:
    """Effect by months since the first payment: pointwise and simultaneous 95 % bands, and the share model's answer.

    `implied` has index event and columns estimate, low, high, in the unit of the study's measure. Bands are cut where
    they leave the axis, and left out with fewer than `FEWEST` cities. Under the curve: the mean subsidy in fen.
    """
    measure = study.roll_out.measure
    event = shown(study.fit.event[[*RANGES, "band_low", "band_high"]], measure)
    model = None if implied is None else shown(implied, measure)
    banded, months = study.fit.treated >= FEWEST, list(event.index)
    span, cut = _axis(event if banded else event[["estimate"]], model)
    figure = go.Figure()
    if banded:
        _add_bands(figure, event.clip(*span), look.theme.colour(study.roll_out.platform))
    _add_curve(figure, event, study, look, banded=banded)
    if model is not None:
        _add_implied(figure, model, look)
    quiet(figure, look, height=440, right=8 if implied is None else 84)
    figure.add_hline(y=0, line={"color": look.theme.text, "width": 1})
    figure.add_vline(x=-0.5, line={"color": look.theme.muted, "width": 1, "dash": "dot"})
    reach = [months[0] - 0.5, months[-1] + 0.5]
    figure.update_xaxes(dtick=3, range=reach, title={"text": look.say("effect.months_since"), "font": {"size": 12}})
    figure.update_yaxes(ticksuffix=unit_of(study, look), range=span)
    _add_paid(figure, study, look)
    title = _finding(study, look)
    said = caption + (look.say("effect.band_caption") if banded else look.say("effect.no_band_caption", n=FEWEST))
    said += look.say("effect.cut_caption") if cut else ""
    alt = look.say("alt.event_study", title=title, before=pretrend(study, look))
    return View(figure, _table(study, event, model, look, banded=banded), title, said, alt, grade)


def _axis(event: pd.DataFrame, model: pd.DataFrame | None) -> tuple[list[float], bool]:
    """Ends of the axis, and whether a band goes beyond them."""
    points = [event["estimate"]] + ([] if model is None else [model["estimate"]])
    limit = REACH * max(float(values.abs().max()) for values in points)
    values = pd.concat([*points, *(event[name] for name in BOUNDS if name in event)])
    low, high = max(float(values.min()), -limit), min(float(values.max()), limit)
    pad = 0.05 * (high - low)
    return [low - pad, high + pad], bool((values.abs() > limit).any())


def _add_bands(figure: go.Figure, event: pd.DataFrame, colour: str) -> None:
    for low, high, opacity in BANDS:
        known = event[[low, high]].dropna()
        figure.add_scatter(
            x=[*known.index, *known.index[::-1]],
            y=[*known[high], *known[low][::-1]],
            fill="toself",
            fillcolor=fade(colour, opacity),
            line={"width": 0},
            hoverinfo="skip",
            mode="lines",
        )


def _add_curve(figure: go.Figure, event: pd.DataFrame, study: Study, look: Look, *, banded: bool) -> None:
    colour, unit = look.theme.colour(study.roll_out.platform), unit_of(study, look)
    interval = " (%{customdata[0]:.1f} – %{customdata[1]:.1f})" if banded else ""
    figure.add_scatter(
        x=list(event.index),
        y=event["estimate"],
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={"size": 7, "color": colour},
        customdata=event[["low", "high"]],
        hovertemplate="%{x:+d} <b>%{y:.1f}</b>" + interval + unit + "<extra></extra>",
    )


def _add_implied(figure: go.Figure, model: pd.DataFrame, look: Look) -> None:
    figure.add_scatter(
        x=list(model.index),
        y=model["estimate"],
        mode="lines",
        line={"color": look.theme.text, "width": 1.6, "dash": "dash"},
        hovertemplate=look.say("effect.row_implied") + " <b>%{y:.1f}</b><extra></extra>",
    )
    figure.add_annotation(
        x=model.index[-1],
        y=float(model["estimate"].iloc[-1]),
        text=look.say("effect.implied"),
        xanchor="left",
        xshift=8,
        showarrow=False,
        font={"size": 12, "color": look.theme.muted},
    )


def _still(study: Study) -> pd.Series:
    """Cities that pay, by month since their first payment."""
    return (study.roll_out.paid["paying"] * study.roll_out.paid["treated"]).round().astype(int)


def _add_paid(figure: go.Figure, study: Study, look: Look) -> None:
    """Second panel: mean subsidy of the cities that came to pay, in fen; how many still pay in the hover."""
    paid = study.roll_out.paid
    figure.add_bar(
        x=list(paid.index),
        y=100 * paid["subsidy"],
        marker={"color": look.theme.colour(study.roll_out.platform), "opacity": 0.55},
        customdata=np.column_stack([_still(study), paid["treated"]]),
        hovertemplate=look.say("effect.paid_hover", fen="%{y:.1f}", still="%{customdata[0]}", of="%{customdata[1]}")
        + "<extra></extra>",
        yaxis="y2",
    )
    quiet_axis = {"fixedrange": True, "tickfont": {"color": look.theme.muted}, "automargin": True, "nticks": 3}
    figure.update_layout(
        yaxis_domain=[0.3, 1],
        yaxis2={"domain": [0, 0.17], "rangemode": "tozero", "gridcolor": look.theme.grid, **quiet_axis},
        xaxis_anchor="y2",
        bargap=0.3,
    )
    muted = {"size": 12, "color": look.theme.muted}
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": 0.18, "yref": "paper", "yanchor": "bottom"}
    annotate(figure, look, [{**place, "text": look.say("effect.paid_panel"), "font": muted}])


def _table(study: Study, event: pd.DataFrame, model: pd.DataFrame | None, look: Look, *, banded: bool) -> pd.DataFrame:
    names = ("model.estimate", "model.low_95", "model.high_95", "effect.band_low", "effect.band_high")
    drawn = len(names) if banded else 1
    table = event.round(2).set_axis([look.say(name) for name in names], axis=1).iloc[:, :drawn]
    table[look.say("effect.treated")] = study.fit.event["treated"]
    table[look.say("effect.subsidy")] = (100 * study.roll_out.paid["subsidy"].reindex(table.index)).round(2)
    table[look.say("effect.still")] = _still(study).reindex(table.index)
    if model is not None:
        table[look.say("effect.row_implied")] = model["estimate"].round(2)
    return table.rename_axis(look.say("effect.months_since"))


def _finding(study: Study, look: Look) -> str:
    """What had happened after a year; with a handful of cities the random deals of dates come first."""
    measure = study.roll_out.measure
    after = study.fit.event[study.fit.event.index >= 0]
    month = int(min(YEAR, after.index[-1]))
    row = shown(after.loc[[month], list(RANGES)], measure).iloc[0]
    said = {
        "name": look.name(study.roll_out.platform),
        "when": look.say("effect.year") if month == YEAR else look.say("effect.months", n=month),
        "still": int(_still(study)[month]),
        "treated": int(study.roll_out.paid.loc[month, "treated"]),
    }
    if study.fit.treated >= FEWEST:
        value, low, high = ends(row)
        return look.say(f"finding.effect_{measure}_{sign_of(row)}", **said, value=value, low=low, high=high)
    change = f"{'+' if row['estimate'] > 0 else ''}{minus(row['estimate'], 1)}{unit_of(study, look)}"
    what = look.say(f"effect.what_{measure}")
    said |= {"n": study.fit.treated, "what": what, "change": change}
    found = study.randomisation
    if found is None:
        return look.say("finding.effect_few_untested", **said)
    return look.say("finding.effect_few", **said, p=p_value(found.p_value))
