"""Scenarios side by side: measures as bars and tables, and the inputs that differ."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.economics.assumptions import ASSUMPTIONS
from analysis.rivalry.rules import Rule
from analysis.scenario import Projection
from analysis.scenario.compare import common, compare, labels
from analysis.scenario.levers import KINDS, Lever
from analysis.views import amounts
from analysis.views.base import quiet
from analysis.views.levers import PER_CENT, change, describe, describe_rule, place, rule_words, sentences, when, where
from analysis.views.look import Look, View, percent
from analysis.views.theme import REST
from analysis.views.tornado import named, number, valued
from data.grade import Grade
from data.untrusted import untagged

__all__ = [
    "bars",
    "describe",
    "describe_rule",
    "inputs",
    "place",
    "sentences",
    "table",
    "when",
    "where",
]

PATTERNS = ("", "/", ".", "x")
"""Of the bars of up to four scenarios."""
LEGEND: dict[str, Any] = {"showlegend": True, "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}}


def table(frame: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Measures (rows) of `analysis.scenario.compare.compare` by scenario; under each its interval where one is drawn.

    Cells are short, so that four scenarios fit beside each other.
    """
    columns = list(dict.fromkeys(frame.columns.get_level_values(0)))
    names, cells = [], []
    for key, row in frame.iterrows():
        each = [row[column] for column in columns]
        names.append(_named(str(key), frame, look))
        cells.append([amounts.amount(str(key), float(one["value"]), look) for one in each])
        if any(pd.notna(one["low_95"]) for one in each):
            names.append(look.say("explain.ends"))
            cells.append([_ends(str(key), one, look) for one in each])
    return pd.DataFrame(cells, pd.Index(names, name=_head(frame, look)), columns)


def _head(frame: pd.DataFrame, look: Look) -> str:
    """Of which month the measures are."""
    return look.say("explain.measure_at", month=look.month(frame.attrs["months"][-1]))


def _named(measure: str, frame: pd.DataFrame, look: Look) -> str:
    """Name of a measure; a sum over months says over how many."""
    count = len(frame.attrs["months"]) - 1
    if amounts.unit_of(measure) != "total":
        return amounts.name(measure, look)
    return look.say("explain.total_over_1" if count == 1 else "explain.total_over", n=count)


def _ends(measure: str, row: pd.Series, look: Look) -> str:
    """Both ends of the interval, without the unit; that nothing changes; empty where none is drawn."""
    if pd.isna(row["low_95"]):
        return ""
    if row["low_95"] == row["high_95"] == row["value"] == 0:
        return look.say("explain.no_change")
    low, high = (amounts.bare(measure, float(row[end]), look) for end in ("low_95", "high_95"))
    return look.say("explain.to", low=low, high=high)


def _cell(measure: str, row: pd.Series, look: Look) -> str:
    value, ends = amounts.amount(measure, float(row["value"]), look), _ends(measure, row, look)
    return look.say("explain.interval", value=value, ends=ends) if ends else value


def bars(
    projections: Sequence[Projection],
    look: Look,
    *,
    platform: str,
    caption: str,
    grade: Grade,
    measure: str = "share",
    tier: str = "all",
) -> View:
    """Shares by tier under each scenario beside those without levers, or any other measure by scenario.

    All are of the last month of the shortest scenario; which ones run longer is said.
    """
    every = common(projections)
    view = (
        _shares(every, look, platform=platform, caption=caption, grade=grade)
        if measure == "share"
        else _measures(every, look, platform=platform, caption=caption, grade=grade, measure=measure, tier=tier)
    )
    names = labels([one.scenario.name for one in projections])
    longer = [name for name, one, cut in zip(names, projections, every, strict=True) if one is not cut]
    if not longer:
        return view
    said = look.say("explain.cut", month=look.month(every[0].months[-1]), names=look.join(longer))
    return replace(view, caption=look.say("explain.then", first=view.caption, second=said))


def _shares(projections: Sequence[Projection], look: Look, *, platform: str, caption: str, grade: Grade) -> View:
    names = labels([projection.scenario.name for projection in projections])
    each = [projection.shares.xs(platform, level="platform") for projection in projections]
    rows = [look.term("tier", tier) for tier in each[0].index]
    figure = go.Figure()
    figure.add_bar(
        x=rows, y=each[0]["observed"] * 100, name=look.say("explain.baseline"), marker={"color": REST[look.theme.mode]}
    )
    for name, shares, style in zip(names, each, _styles(platform, look), strict=False):
        errors = _errors(shares, look)
        figure.add_bar(x=rows, y=shares["point"] * 100, name=untagged(name), marker=style, error_y=errors)
    figure.update_traces(hovertemplate="%{x} · %{fullData.name} <b>%{y:.2f}%</b><extra></extra>")
    quiet(figure, look, height=340)
    figure.update_layout(barmode="group", bargap=0.25, **LEGEND)
    figure.update_yaxes(ticksuffix="%", rangemode="tozero")
    ends = {name: float(shares.at["all", "point"]) for name, shares in zip(names, each, strict=True)}
    columns = {
        look.say("explain.baseline"): each[0]["observed"],
        **{n: s["point"] for n, s in zip(names, each, strict=True)},
    }
    cells = {name: (column * 100).round(2).to_numpy() for name, column in columns.items()}
    title, month = _finding("share", ends, look, platform), look.month(projections[0].months[-1])
    items = look.join(f"{name} {percent(value, 2)}" for name, value in ends.items())
    said = look.say("explain.then", first=caption, second=look.say("explain.shares_caption", month=month)).strip()
    frame = pd.DataFrame(cells, index=pd.Index(rows, name=look.say("tier.heading")))
    return View(figure, frame, title, said, look.say("explain.alt_compare", items=items), grade)


def _measures(
    projections: Sequence[Projection], look: Look, *, platform: str, caption: str, grade: Grade, measure: str, tier: str
) -> View:
    whole = compare(projections, platform=platform, tier=tier)
    frame = whole.loc[measure].unstack()
    frame = frame.loc[labels([projection.scenario.name for projection in projections])]
    factor = amounts.scale(measure)
    texts = [amounts.amount(measure, value, look) for value in frame["value"]]
    figure = go.Figure(
        go.Bar(
            x=[f"{untagged(name)}<br><b>{text}</b>" for name, text in zip(frame.index, texts, strict=True)],
            y=frame["value"] * factor,
            marker={"color": look.theme.colour(platform)},
            error_y=_errors(frame.rename(columns={"value": "point"}) * factor / 100, look),
            hovertemplate="%{x}<extra></extra>",
        )
    )
    quiet(figure, look, height=320)
    ends = [0.0, *frame.to_numpy(np.float64)[np.isfinite(frame.to_numpy(np.float64))]]
    low, high = min(ends) * factor, max(ends) * factor
    pad = 0.12 * (high - low or 1.0)
    low, high = low - pad * (low < 0), high + pad
    figure.update_xaxes(type="category")
    figure.update_yaxes(range=[low, high], **amounts.ticks(low, high, look))
    title = _finding(measure, frame["value"].dropna().to_dict(), look, platform)
    items = look.join(f"{name} {text}" for name, text in zip(frame.index, texts, strict=True))
    said = amounts.caption(measure, look, caption)
    cells = pd.DataFrame({name: [_cell(measure, row, look)] for name, row in frame.iterrows()})
    cells = cells.set_axis([_named(measure, whole, look)]).rename_axis(_head(whole, look))
    return View(figure, cells, title, said, look.say("explain.alt_compare", items=items), grade)


def _styles(platform: str, look: Look) -> list[dict[str, object]]:
    """One network in up to four scenarios: its colour, told apart by patterns."""
    colour = look.theme.colour(platform)
    return [
        {"color": colour, "pattern": {"shape": shape, "fgcolor": look.theme.surface, "fillmode": "overlay", "size": 6}}
        for shape in PATTERNS
    ]


def _errors(rows: pd.DataFrame, look: Look) -> dict[str, object]:
    high = (rows["high_95"] - rows["point"]).clip(lower=0.0) * 100
    low = (rows["point"] - rows["low_95"]).clip(lower=0.0) * 100
    style = {"type": "data", "symmetric": False, "color": look.theme.text, "thickness": 1.2, "width": 3}
    return {
        **style,
        "array": high.to_list(),
        "arrayminus": low.to_list(),
        "visible": bool(rows["low_95"].notna().any()),
    }


def _finding(measure: str, ends: dict[str, float], look: Look, platform: str) -> str:
    """Which scenario ends highest and which lowest."""
    said = {"name": look.name(platform), "measure": amounts.name(measure, look)}
    if not ends:
        return look.say("explain.compare_none", **said)
    first, last = max(ends, key=lambda key: ends[key]), min(ends, key=lambda key: ends[key])
    texts = {n: percent(v, 2) if measure == "share" else amounts.amount(measure, v, look) for n, v in ends.items()}
    if len(ends) > 1 and texts[first] == texts[last]:
        return look.say("explain.compare_same", high=texts[first], **said)
    key = "explain.compare_share" if measure == "share" else "explain.compare_measure"
    if len(ends) == 1:
        key = "explain.compare_one" if measure == "share" else "explain.compare_measure_one"
    return look.say(key, first=first, last=last, high=texts[first], low=texts[last], **said)


def inputs(found: pd.DataFrame, look: Look) -> tuple[str, pd.DataFrame]:
    """Title and table of the inputs in which scenarios differ: `analysis.scenario.compare.differences`."""
    count = len(found)
    title = look.say(
        "explain.differ_none" if not count else "explain.differ_1" if count == 1 else "explain.differ_n", n=count
    )
    names = [_input(kind, key, row.to_list(), look) for (kind, key), row in found.iterrows()]
    cells = {
        name: [_value(kind, key, value, look) for (kind, key), value in column.items()]
        for name, column in found.items()
    }
    return title, pd.DataFrame({look.say("explain.input"): names, **cells})


def _input(kind: str, key: str, values: list[Any], look: Look) -> str:
    """Name of an input; a lever with its network and where it is pulled."""
    if kind == "lever":
        lever: Lever = next(levers[0] for levers in values if levers)
        what = look.say("explain.of_network", name=look.name(lever.platform), kind=look.say(f"lever.{lever.kind}"))
        found = place(lever, look)
        return look.say("explain.short", name=what, place=found) if found else what
    if kind == "rule":
        return look.say("explain.input_rule", name=look.name(key))
    return look.say("explain.input_months") if kind == "months" else named(key, look)


def _value(kind: str, key: str, value: Any, look: Look) -> str:
    """Value of an input in words."""
    if kind == "lever":
        return ("；" if look.lang == "zh" else "; ").join(_brief(one, look) for one in value) or look.say(
            "explain.no_lever"
        )
    if kind == "rule":
        return _answer(value, look)
    if kind == "months":
        return str(value)
    unit = "share_year" if kind == "growth" else ASSUMPTIONS[key].unit
    return valued(unit, number(unit, value), look)


def _brief(lever: Lever, look: Look) -> str:
    """+0.05 CNY per parcel, from month 1."""
    unit = "percent" if lever.kind in PER_CENT else KINDS[lever.kind].unit
    return look.say("explain.brief", change=valued(unit, change(lever), look), when=when(lever, look))


def _answer(rule: Rule, look: Look) -> str:
    """50 % of the largest rise, 3 months later."""
    return look.say(f"explain.brief_{rule.kind}", **rule_words(rule, look))
