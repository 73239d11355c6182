"""Frozen forecasts: how each fared once the figures came, and one of them against what came."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.growth.ledger import Forecast, Scored
from analysis.views import plain
from analysis.views.growth_style import curve_name, dashed, half_width, legend, places, time_axis, value_axis, when
from analysis.views.look import Look, View, percent
from analysis.views.theme import fade

HEIGHT = 340
BEFORE = 2.0
"""History shown before the first target, in lengths of the forecast."""
LEAST_SHOWN = 12
"""Values of history shown at least."""
RESTATED = 0.001
"""Relative changes of the values a forecast was made from that are worth saying."""
SAME = 5e-4
"""Relative differences below this are none."""
OPACITY = {95: 0.14, 80: 0.22}


def table(entries: Sequence[tuple[Forecast, Scored]], look: Look) -> pd.DataFrame:
    """One row a forecast, in the order given: what it was, how many figures have come, and its scores."""
    rows = [_row(forecast, scored, look) for forecast, scored in entries]
    return dashed(pd.DataFrame(rows, columns=[look.say(f"ledger.{key}") for key in COLUMNS]), look)


COLUMNS = (
    "title",
    "made",
    "curve",
    "targets",
    "came",
    "mase",
    "bias",
    "coverage_80",
    "coverage_95",
    "restated",
    "state",
    "grade",
)


def _row(forecast: Forecast, scored: Scored, look: Look) -> list[Any]:
    index, known = forecast.table.index, forecast.history.index
    return [
        forecast.title,
        forecast.made.isoformat(),
        curve_name(forecast.curve, look),
        look.say("ledger.span", first=when(index[0], look, known), last=when(index[-1], look, known)),
        look.say("ledger.of", n=scored.n, total=len(index) - scored.hindsight),
        round(scored.mase, 2),
        round(100 * _lean(scored), 1),
        round(100 * scored.coverage_80, 0),
        round(100 * scored.coverage_95, 0),
        round(100 * scored.restated, 1),
        look.say(f"ledger.state_{_state(scored)}"),
        look.term("grade", forecast.grade),
    ]


def _state(scored: Scored) -> str:
    """Waiting, looking back, running or finished."""
    if scored.n:
        return "running" if scored.pending else "finished"
    return "waiting" if scored.pending else "hindsight"


def scored(
    forecast: Forecast, scored: Scored, series: pd.Series, look: Look, *, caption: str = "", unit: str | None = None
) -> View:
    """The fan as it was frozen and the values that came: inside the 95 % band, outside it, or known when frozen.

    `unit` in the reader's language; otherwise as it was frozen.
    """
    shown = _shown(forecast, series)
    hover = f"{look.say('growth.observed')} <b>%{{y:,.4s}}</b>"
    history = plain.line(places(shown.index), shown, look.theme.text, hover=hover, width=1.4)
    rows = scored.rows
    figure = plain.figure(
        [*_fan(rows, look), {**history, "name": look.say("growth.observed"), "showlegend": True}, *_came(rows, look)],
        look,
        height=HEIGHT,
        margin={"l": 4, "r": 12, "t": 34, "b": 4},
        x=time_axis(shown.index),
        y=value_axis(look, (shown, rows["low_95"], rows["high_95"], rows["actual"])),
        showlegend=True,
        legend=legend(),
        shapes=[plain.rule(look, x=places(pd.Index([_known(forecast)]))[0], dash="dot")],
        annotations=[_mark(forecast, look)],
        uirevision="ledger",
    )
    title = finding(forecast, scored, look)
    values = {"title": forecast.title, "made": forecast.made.isoformat(), "unit": unit or forecast.unit}
    said = caption or look.say("ledger.caption", curve=curve_name(forecast.curve, look), **values)
    return View(
        figure,
        _table(forecast, scored, look),
        title,
        said,
        look.say("ledger.alt", finding=title, **values),
        forecast.grade,
    )


def finding(forecast: Forecast, scored: Scored, look: Look) -> str:
    """How a frozen forecast has fared."""
    if not scored.n:
        return _waits(forecast, scored, look) if scored.pending else look.say("ledger.finding_hindsight")
    inside = round(scored.coverage_95 * scored.n)
    apart = _lean(scored)
    values = {"n": scored.n, "inside": inside, "bias": percent(abs(apart)), "mase": f"{scored.mase:.2f}"}
    values["width"] = percent(half_width(_counted(scored)), 0)
    lean = "even" if abs(apart) < SAME else "low" if apart > 0 else "high"
    key = "scored" if np.isfinite(scored.mase) else "unscaled"
    return look.say(f"ledger.finding_{key}_{lean}", **values)


def _waits(forecast: Forecast, scored: Scored, look: Look) -> str:
    """Which target is the first that will be scored, and how many were known when frozen."""
    rows = scored.rows
    said = look.say(
        "ledger.finding_waiting", first=when(rows.index[rows["actual"].isna()][0], look, forecast.history.index)
    )
    if not scored.hindsight:
        return said
    return look.say("growth.but", first=said, second=look.say("ledger.known_already", n=scored.hindsight))


def _counted(scored: Scored) -> pd.DataFrame:
    """Targets that are scored."""
    return scored.rows[scored.rows["actual"].notna() & ~scored.rows["hindsight"]]


def _lean(scored: Scored) -> float:
    """What came over what was forecast, summed over the targets scored, less one; NaN without any."""
    rows = _counted(scored)
    return float(rows["actual"].sum() / rows["median"].sum() - 1) if len(rows) and rows["median"].sum() else np.nan


def notes(scored: Scored, look: Look) -> list[str]:
    """What to know about the score: targets known when frozen, restated and withdrawn values."""
    said = []
    if scored.hindsight:
        said.append(look.say("ledger.note_hindsight", n=scored.hindsight))
    if np.isfinite(scored.restated) and scored.restated > RESTATED:
        said.append(look.say("ledger.note_restated", share=percent(scored.restated)))
    if scored.withdrawn:
        said.append(look.say("ledger.note_withdrawn", n=scored.withdrawn))
    return said


def _known(forecast: Forecast) -> Any:
    """Last label the forecast was made from."""
    return forecast.history.index[-1]


def _shown(forecast: Forecast, series: pd.Series) -> pd.Series:
    """The end of what the forecast was made from and everything published since."""
    seen = series.dropna().sort_index()
    kept = max(int(BEFORE * len(forecast.table)), LEAST_SHOWN)
    before = int((seen.index <= _known(forecast)).sum())
    return seen.iloc[max(0, before - kept) : before + len(forecast.table)]


def _fan(rows: pd.DataFrame, look: Look) -> list[plain.Trace]:
    x, accent = places(rows.index), look.theme.accent
    bands = [
        {
            **plain.band(x, rows[f"low_{level}"], rows[f"high_{level}"], accent, part),
            "name": f"{level}%",
            "showlegend": True,
        }
        for level, part in OPACITY.items()
    ]
    name = look.say("trial.said")
    median = plain.line(x, rows["median"], accent, hover=f"{name} <b>%{{y:,.4s}}</b>")
    return [*bands, {**median, "name": name, "showlegend": True}]


def _came(rows: pd.DataFrame, look: Look) -> list[plain.Trace]:
    """Values that came as markers: filled inside the band, open outside it, pale where known when frozen."""
    came = rows[rows["actual"].notna()]
    kinds = {
        "inside": came[~came["hindsight"] & (came["inside_95"] > 0)],
        "outside": came[~came["hindsight"] & (came["inside_95"] == 0)],
        "hindsight": came[came["hindsight"]],
    }
    symbols = {"inside": "circle", "outside": "x", "hindsight": "circle-open"}
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": places(part.index),
            "y": plain.numbers(part["actual"]),
            "name": look.say(f"ledger.{kind}"),
            "showlegend": True,
            "marker": {
                "size": 8,
                "symbol": symbols[kind],
                "color": look.theme.text if kind != "hindsight" else fade(look.theme.text, 0.6),
            },
            "hovertemplate": f"{look.say(f'ledger.{kind}')} <b>%{{y:,.4s}}</b><extra></extra>",
        }
        for kind, part in kinds.items()
        if len(part)
    ]


def _mark(forecast: Forecast, look: Look) -> dict[str, Any]:
    """Words at the date the forecast was made from."""
    at = {"x": places(pd.Index([_known(forecast)]))[0], "y": 1, "yref": "paper", "xanchor": "right", "yanchor": "top"}
    text = look.say("ledger.known", when=when(_known(forecast), look, forecast.history.index))
    return {**plain.note(look, text, xshift=-4, **at), "font": {"size": 11, "color": look.theme.muted}}


def _table(forecast: Forecast, scored: Scored, look: Look) -> pd.DataFrame:
    """One row a target: the forecast with its bands, what came, the error, inside or not."""
    rows = scored.rows
    numbers = rows[["median", "low_80", "high_80", "low_95", "high_95", "actual"]].map(lambda v: float(f"{v:.5g}"))
    names = [look.say("trial.said"), *(look.say(f"model.{e}_{p}") for p in (80, 95) for e in ("low", "high"))]
    numbers.columns = pd.Index([*names, look.say("growth.observed")])
    numbers[look.say("trial.miss")] = (100 * (rows["actual"] / rows["median"] - 1)).round(1)
    numbers[look.say("ledger.came")] = [look.say(f"ledger.{_kind(row)}") for _, row in rows.iterrows()]
    numbers.insert(0, look.say("trial.target"), [when(label, look, forecast.history.index) for label in rows.index])
    return dashed(numbers.reset_index(drop=True), look)


def _kind(row: pd.Series) -> str:
    if np.isnan(row["actual"]):
        return "pending"
    return "hindsight" if row["hindsight"] else "inside" if row["inside_95"] else "outside"
