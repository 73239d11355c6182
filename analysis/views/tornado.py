"""What a result hangs on: bars over each input's range, and intervals by what is uncertain."""

from collections.abc import Callable
from math import exp, log
from textwrap import wrap

import pandas as pd
import plotly.graph_objects as go

from analysis.views import amounts
from analysis.views.amounts import amount
from analysis.views.base import quiet
from analysis.views.look import Look, View
from data.grade import Grade, weakest

MOST = 10
"""Bars drawn; the rest are in the table."""
MATTERS = 1e-6
"""Spans below it, as a part of the widest, are none."""
THIN = 0.01
"""Part of the axis below which an interval is marked by a point."""
KINDS = {"parameter": "", "assumption": "/", "growth": "."}
"""Pattern of each kind of input."""
LABEL_WIDTH = {"en": 38, "zh": 18}
PAD = 0.14
"""Room for the words at both ends, as a part of the widest bar."""
SHOWN: dict[str, Callable[[float], float]] = {
    "subsidy_effect": lambda value: (exp(0.01 * value) - 1) * 100,
    "station_effect": lambda value: (exp(log(1.1) * value) - 1) * 100,
    "fraction": lambda value: value * 100,
    "share_year": lambda value: value * 100,
}
"""Units that a reader takes otherwise than code keeps them, and `SHOWN_UNIT` what they are then called."""
SHOWN_UNIT = {"fraction": "percent", "share_year": "percent/year"}
BARE = ("ratio",)
"""Units that go without saying."""


def named(key: str, look: Look) -> str:
    """Name of an input; a fitted effect with the tier it holds in."""
    effect, _, group = key.partition(":")
    said = look.say(f"assume.{effect}")
    return look.say("explain.effect_in", effect=said, group=look.term("tier", group)) if group else said


def number(unit: str, value: float) -> str:
    """Value of an input without its unit, as a reader takes it."""
    shown = SHOWN[unit](value) if unit in SHOWN else value
    return (f"{shown:,.0f}" if abs(shown) >= 1000 else f"{round(shown, 9):.3g}").replace("-", "−")


def valued(unit: str, value: str, look: Look) -> str:
    """Number (or a range of them) with the unit of an input."""
    if unit in BARE:
        return value
    return look.say("explain.valued", value=value, unit=look.say(f"unit.{SHOWN_UNIT.get(unit, unit)}"))


def span_of(row: pd.Series, look: Look) -> str:
    """Range of an input with its unit."""
    low, high = (number(row["unit"], row[end]) for end in ("at_low", "at_high"))
    return valued(row["unit"], look.say("explain.to", low=low, high=high), look)


def tornado(frame: pd.DataFrame, look: Look, *, platform: str, measure: str, caption: str, grade: Grade) -> View:
    """Bars both ways from the result as it stands; inputs without effect are counted.

    `frame` is `analysis.scenario.tornado.tornado` of the same platform and measure.
    """
    widest = frame["span"].max()
    rows = frame[frame["span"] > MATTERS * widest] if widest > 0 else frame.iloc[:0]
    point = float(frame["point"].iloc[0])
    top = rows.head(MOST)
    figure = _bars(top, look, measure, point)
    said = {"name": look.name(platform), "measure": amounts.name(measure, look)}
    title = look.say("explain.tornado_none", **said)
    if len(rows):
        first = amounts.between(measure, rows["low"].iloc[0], rows["high"].iloc[0], look)
        title = look.say("explain.tornado", input=named(str(rows.index[0]), look), ends=first, **said)
    items = look.join(
        look.pair(named(str(key), look), amounts.between(measure, row["low"], row["high"], look))
        for key, row in top.iterrows()
    )
    return View(
        figure,
        _table(rows, look, measure),
        title,
        _caption(frame, rows, look, measure, caption),
        look.say("explain.alt_tornado", items=items),
        weakest(grade, *map(Grade, rows["grade"])),
    )


def _labels(rows: pd.DataFrame, look: Look) -> list[str]:
    """Name and range of each input, on lines of their own."""
    return [
        "<br>".join([*wrap(named(str(key), look), LABEL_WIDTH[look.lang]), span_of(row, look)])
        for key, row in rows.iterrows()
    ]


def _bars(rows: pd.DataFrame, look: Look, measure: str, point: float) -> go.Figure:
    """One trace for the low ends and one for the high ones: the number at each tip is the input's value there."""
    factor, labels = amounts.scale(measure), _labels(rows, look)
    colours = {"parameter": look.theme.accent, "assumption": look.theme.muted, "growth": look.theme.text}
    figure = go.Figure()
    for end in ("low", "high"):
        figure.add_bar(
            y=labels,
            x=(rows[end] - point) * factor,
            base=[point * factor] * len(rows),
            orientation="h",
            text=[number(row["unit"], row[f"at_{end}"]) for _key, row in rows.iterrows()],
            textposition="outside",
            textangle=0,
            cliponaxis=False,
            constraintext="none",
            textfont={"color": look.theme.text, "size": 12},
            customdata=[amount(measure, value, look) for value in rows[end]],
            marker={
                "color": [colours[kind] for kind in rows["kind"]],
                "opacity": 0.55 if end == "low" else 1,
                "pattern": {"shape": [KINDS[kind] for kind in rows["kind"]], "fgcolor": look.theme.surface, "size": 6},
            },
            hovertemplate="%{y}<br>%{text}: <b>%{customdata}</b><extra></extra>",
        )
    quiet(figure, look, height=46 * len(rows) + 50, right=12)
    ends = [point, *rows["low"], *rows["high"]]
    low, high = min(ends) * factor, max(ends) * factor
    pad = PAD * (high - low or 1.0)
    figure.update_layout(barmode="overlay", bargap=0.4)
    figure.update_xaxes(range=[low - pad, high + pad], showgrid=True, gridcolor=look.theme.grid)
    figure.update_xaxes(**amounts.ticks(low - pad, high + pad, look))
    figure.update_yaxes(autorange="reversed", showgrid=False, ticklabelstandoff=8, nticks=len(rows) + 1)
    figure.add_vline(x=point * factor, line={"color": look.theme.text, "width": 1.5})
    return figure


def _table(rows: pd.DataFrame, look: Look, measure: str) -> pd.DataFrame:
    cells = [row for _key, row in rows.iterrows()]
    return pd.DataFrame(
        {
            look.say("explain.input"): [named(str(key), look) for key in rows.index],
            look.say("explain.now"): [number(row["unit"], row["at"]) for row in cells],
            look.say("explain.range"): [span_of(row, look) for row in cells],
            look.say("explain.result_low"): [amount(measure, row["low"], look) for row in cells],
            look.say("explain.result_high"): [amount(measure, row["high"], look) for row in cells],
            look.say("explain.rests_on"): [look.say(f"explain.kind_{row['kind']}") for row in cells],
            look.say("grade.heading"): [look.term("grade", row["grade"]) for row in cells],
        }
    )


def _caption(frame: pd.DataFrame, rows: pd.DataFrame, look: Look, measure: str, caption: str) -> str:
    point = amount(measure, float(frame["point"].iloc[0]), look)
    left, smaller = len(frame) - len(rows), max(len(rows) - MOST, 0)
    said = [amounts.caption(measure, look, caption), look.say("explain.tornado_caption", point=point)]
    said += [look.say("explain.smaller_1" if smaller == 1 else "explain.smaller", n=smaller)] if smaller else []
    said += [look.say("explain.left_out_1" if left == 1 else "explain.left_out_n", n=left)] if left else []
    return ("" if look.lang == "zh" else " ").join(said)


def uncertainty(frame: pd.DataFrame, look: Look, *, platform: str, measure: str, caption: str, grade: Grade) -> View:
    """Intervals by what varies; `frame` is `analysis.scenario.tornado.uncertainty`."""
    factor, labels = amounts.scale(measure), [look.say(f"explain.vary_{name}") for name in frame.index]
    figure = go.Figure(
        go.Bar(
            y=labels,
            x=(frame["high_95"] - frame["low_95"]) * factor,
            base=(frame["low_95"] * factor).to_list(),
            orientation="h",
            marker={
                "color": [look.theme.accent, look.theme.text, look.theme.muted, look.theme.accent],
                "pattern": {"shape": ["", ".", "/", "x"], "fgcolor": look.theme.surface, "size": 6},
            },
            customdata=[_interval(row, look, measure) for _name, row in frame.iterrows()],
            hovertemplate="%{y} <b>%{customdata}</b><extra></extra>",
        )
    )
    figure.add_vline(x=float(frame["point"].iloc[0]) * factor, line={"color": look.theme.text, "width": 1.5})
    thin = _thin(frame)
    figure.add_scatter(
        x=(frame["low_95"] + frame["high_95"])[thin] / 2 * factor,
        y=[label for label, point in zip(labels, thin, strict=True) if point],
        mode="markers+text",
        text=[_interval(row, look, measure) for _name, row in frame[thin].iterrows()],
        textposition="middle right",
        textfont={"color": look.theme.text, "size": 12},
        marker={"symbol": "diamond", "size": 10, "color": look.theme.text},
        hoverinfo="skip",
    )
    quiet(figure, look, height=44 * len(labels) + 40, right=12)
    low, high = frame["low_95"].min() * factor, frame["high_95"].max() * factor
    pad = 0.05 * (high - low or 1.0)
    figure.update_layout(bargap=0.45)
    figure.update_xaxes(range=[low - pad, high + pad], showgrid=True, gridcolor=look.theme.grid)
    figure.update_xaxes(**amounts.ticks(low - pad, high + pad, look))
    figure.update_yaxes(autorange="reversed", showgrid=False, ticklabelstandoff=8)
    figure.update_yaxes(categoryorder="array", categoryarray=labels)
    table = pd.DataFrame(
        {
            look.say("explain.varies"): labels,
            look.say("model.low_95"): [amount(measure, value, look) for value in frame["low_95"]],
            look.say("model.high_95"): [amount(measure, value, look) for value in frame["high_95"]],
            look.say("explain.width"): [amount(measure, value, look, signed=False) for value in frame["width"]],
        }
    )
    items = look.join(
        f"{x} {_interval(row, look, measure)}" for x, (_, row) in zip(labels, frame.iterrows(), strict=True)
    )
    said = look.say(
        "explain.then", first=amounts.caption(measure, look, caption), second=look.say("explain.split_caption")
    )
    title = _split_finding(frame, look, platform, measure)
    return View(figure, table, title, said, look.say("explain.alt_split", items=items), weakest(grade, Grade.ASSUMED))


def _thin(frame: pd.DataFrame) -> pd.Series:
    """Sources whose interval is too narrow to see."""
    return frame["width"] <= THIN * frame["width"].max()


def _interval(row: pd.Series, look: Look, measure: str) -> str:
    return amounts.between(measure, float(row["low_95"]), float(row["high_95"]), look)


def _split_finding(frame: pd.DataFrame, look: Look, platform: str, measure: str) -> str:
    """Whether assumptions, growth or the error of what was fitted makes the answer wide."""
    alone = frame["width"].drop("all")
    if not alone.max() > 0:
        return look.say(
            "explain.split_none", name=look.name(platform), measure=amounts.inside(amounts.name(measure, look))
        )
    wide = str(alone.idxmax())
    narrow = "assumptions" if wide == "parameters" else "parameters"
    said = {key: _interval(frame.loc[row], look, measure) for key, row in (("wide", wide), ("narrow", narrow))}
    return look.say(f"explain.split_{wide}", **said)
