"""From the share without levers to the share with all: what each lever and the rivals contribute."""

import re
from itertools import accumulate
from textwrap import wrap

import pandas as pd
import plotly.graph_objects as go

from analysis.scenario.attribution import RIVALS, Attribution
from analysis.scenario.levers import Scenario
from analysis.views import amounts
from analysis.views.amounts import amount, inside
from analysis.views.base import quiet
from analysis.views.compare import place, sentences, when
from analysis.views.look import Look, View, percent
from data.grade import Grade

LABEL_WIDTH = {"en": 14, "zh": 9}
"""Characters of a label on one line."""
NOTHING = 1e-12
"""Totals below it, as a part of the start, are no change."""
PAD = 0.18
"""Room above and below the bars, as a part of their height."""


def waterfall(attribution: Attribution, scenario: Scenario, look: Look, *, caption: str, grade: Grade) -> View:
    """Bars from the start over each lever and the rivals to the end.

    `attribution` is of `scenario`. Measures that are changes by themselves start at zero, without a bar.
    """
    factor, names = amounts.scale(attribution.measure), _names(attribution, scenario, look)
    level = bool(attribution.start)
    steps = [attribution.start] * level + attribution.parts.to_list() + [0.0]
    figure = go.Figure(
        go.Waterfall(
            x=_labels([look.say("explain.baseline")] * level + names + [look.say("explain.outcome")], look),
            y=[step * factor for step in steps],
            measure=["absolute"] * level + ["relative"] * len(names) + ["total"],
            text=_texts(attribution, look),
            textposition="outside",
            cliponaxis=False,
            constraintext="none",
            textfont={"color": look.theme.text, "size": 12},
            connector={"line": {"color": look.theme.muted, "width": 1}},
            increasing={"marker": {"color": look.theme.accent}},
            decreasing={"marker": {"color": look.theme.muted}},
            totals={"marker": {"color": look.theme.colour(attribution.platform)}},
            hovertemplate="%{x} <b>%{text}</b><extra></extra>",
        )
    )
    quiet(figure, look, height=330)
    low, high = (end * factor for end in _span(attribution))
    style = {"fixedrange": True, "zeroline": False, "tickfont": {"color": look.theme.muted}, "automargin": True}
    suffix = "%" if attribution.measure == "share" else ""
    figure.update_xaxes(type="category", tickangle=0, showgrid=False, **style)
    figure.update_yaxes(range=[low, high], gridcolor=look.theme.grid, **style)
    figure.update_yaxes(**amounts.ticks(low, high, look, suffix=suffix))
    items = look.join(
        look.pair(x, amount(attribution.measure, y, look)) for x, y in zip(names, attribution.parts, strict=True)
    )
    start, end = (_level(attribution, value, look) for value in (attribution.start, _end(attribution)))
    return View(
        figure,
        table(attribution, scenario, look),
        _finding(attribution, names, look),
        _caption(attribution, look, caption),
        look.say("explain.alt_waterfall", start=start, end=end, items=items),
        grade,
    )


def table(attribution: Attribution, scenario: Scenario, look: Look) -> pd.DataFrame:
    """Levers in full, what each contributes and what they add up to."""
    sums = [*accumulate(attribution.parts, initial=attribution.start)]
    levers = [sentences([scenario.levers[n] for n in family], look) for family in attribution.families]
    levers += [look.say("explain.rivals")] * (len(attribution.parts) - len(levers))
    last = attribution.total, _end(attribution)
    return pd.DataFrame(
        {
            look.say("lever.heading"): [look.say("explain.baseline"), *levers, look.say("explain.outcome")],
            look.say("explain.part"): [
                "",
                *(amount(attribution.measure, x, look) for x in (*attribution.parts, last[0])),
            ],
            look.say("explain.running"): [_level(attribution, x, look) for x in (*sums, last[1])],
        }
    )


def _end(attribution: Attribution) -> float:
    return attribution.start + attribution.total


def _names(attribution: Attribution, scenario: Scenario, look: Look) -> list[str]:
    """Short names of the parts: what is changed, where, by which network if another one, when if the rest is alike."""
    levers = [_name(family, scenario, attribution.platform, look) for family in attribution.families]
    times = [when(scenario.levers[family[0]], look) for family in attribution.families]
    levers = [
        look.say("explain.brief", change=name, when=time) if levers.count(name) > 1 else name
        for name, time in zip(levers, times, strict=True)
    ]
    return levers + [look.say("explain.rivals")] * (RIVALS in attribution.parts.index)


def _name(family: tuple[int, ...], scenario: Scenario, platform: str, look: Look) -> str:
    first = scenario.levers[family[0]]
    kind = look.say(f"lever.{first.kind}")
    named = kind if first.platform == platform else look.say("explain.of", kind=kind, name=look.name(first.platform))
    found = place(first, look) if len(family) == 1 else look.say("explain.n_tiers", n=len(family))
    return look.say("explain.short", name=named, place=found) if found else named


def _labels(names: list[str], look: Look) -> list[str]:
    """Names on several lines, kept apart where two are alike."""
    lines = [re.sub(r" ?(?=[(（])", "\n", text).splitlines() for text in names]
    wrapped = ["<br>".join(part for line in text for part in wrap(line, LABEL_WIDTH[look.lang])) for text in lines]
    return [text + "\u200b" * wrapped[:n].count(text) for n, text in enumerate(wrapped)]


def _texts(attribution: Attribution, look: Look) -> list[str]:
    parts = [amount(attribution.measure, part, look) for part in attribution.parts]
    first = [_level(attribution, attribution.start, look)] if attribution.start else []
    return [*first, *parts, _level(attribution, _end(attribution), look)]


def _level(attribution: Attribution, value: float, look: Look) -> str:
    """Where the bars stand: a share is said in per cent, a change as a change."""
    if attribution.measure == "share":
        return percent(value, 2)
    return amount(attribution.measure, value, look, signed=not attribution.start)


def _span(attribution: Attribution) -> tuple[float, float]:
    """Ends of the axis: around the bars' tops, from zero when they are near it or changes by themselves."""
    tops = [*accumulate(attribution.parts, initial=attribution.start), _end(attribution)]
    low, high = min(tops), max(tops)
    pad = PAD * (high - low or abs(high) or 1.0)
    if not cut(attribution):
        low, high = min(low, 0.0), max(high, 0.0)
        pad = PAD * (high - low or 1.0)
        return (low - pad if low < 0 else 0.0), high + pad
    return low - pad, high + pad


def cut(attribution: Attribution) -> bool:
    """Whether the axis leaves zero out: the bars are small beside the start."""
    tops = [*accumulate(attribution.parts, initial=attribution.start)]
    return min(tops) > 2 * (max(tops) - min(tops))


def _caption(attribution: Attribution, look: Look, caption: str) -> str:
    order = "drawn" if attribution.drawn else attribution.order
    said = amounts.caption(attribution.measure, look, caption)
    said = look.say("explain.then", first=said, second=look.say(f"explain.order_{order}", n=attribution.drawn))
    return look.say("explain.then", first=said, second=look.say("explain.axis_cut")) if cut(attribution) else said


def _finding(attribution: Attribution, names: list[str], look: Look) -> str:
    """Whose measure moves how far, and what most of it comes from."""
    said = {"name": look.name(attribution.platform), "measure": inside(amounts.name(attribution.measure, look))}
    parts = attribution.parts.reset_index(drop=True)
    if not len(parts) or parts.abs().max() <= NOTHING * max(abs(attribution.start), 1.0):
        return look.say("explain.waterfall_none", **said)
    total = amount(attribution.measure, attribution.total, look)
    if len(parts) == 1:
        return look.say("explain.waterfall_one", total=total, lever=inside(names[0]), **said)
    levers = parts.iloc[: len(attribution.families)]
    best = int(levers.abs().idxmax())
    part = amount(attribution.measure, float(parts[best]), look)
    if len(levers) == len(parts):
        return look.say("explain.waterfall", total=total, lever=inside(names[best]), part=part, **said)
    rivals = amount(attribution.measure, float(parts.iloc[-1]), look)
    return look.say(
        "explain.waterfall_rivals", total=total, lever=inside(names[best]), part=part, rivals=rivals, **said
    )
