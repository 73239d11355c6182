"""Scenarios in words and side by side: levers and rules as sentences, measures as bars, inputs that differ."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.economics.assumptions import ASSUMPTIONS
from analysis.rivalry.rules import Rule
from analysis.scenario import Projection
from analysis.scenario.compare import compare, labels
from analysis.scenario.levers import KINDS, Lever
from analysis.views import amounts
from analysis.views.base import quiet
from analysis.views.look import Look, View, percent
from analysis.views.theme import REST
from analysis.views.tornado import named, number, valued
from data.cities import cities
from data.grade import Grade

PER_CENT = ("allocation", "cooperation")
"""Kinds of levers that are fractions; a reader reads them in per cent."""
NAMED = 2
"""Cities named in a sentence; more are counted."""
PATTERNS = ("", "/", ".", "x")
"""Of the bars of up to four scenarios."""
LEGEND: dict[str, Any] = {"showlegend": True, "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}}


def describe(lever: Lever, look: Look) -> str:
    """Duoduo: subsidy +0.05 CNY per parcel in Tier 3, from month 1 over 3 months."""
    courier = look.term("subject", lever.courier) if lever.courier else look.say("explain.a_courier")
    does = look.say(f"explain.does_{lever.kind}", change=_change(lever), courier=courier)
    return look.say(
        "explain.lever", name=look.name(lever.platform), does=does, where=where(lever, look), when=when(lever, look)
    )


def _change(lever: Lever) -> str:
    """Change as its sentence takes it: signed where it may go both ways, in per cent where it is a fraction."""
    value = lever.change * (100 if lever.kind in PER_CENT else 1)
    signed = KINDS[lever.kind].low < 0
    return f"{round(value, 6):{'+' if signed else ''},g}".replace("-", "−")


def where(lever: Lever, look: Look) -> str:
    """In Tier 3, Northwest; everywhere when nothing limits it."""
    found = place(lever, look)
    return look.say("explain.in_place", place=found) if found else look.say("explain.everywhere")


def place(lever: Lever, look: Look) -> str:
    """Tier 3, Northwest; empty when nothing limits it."""
    limits = [look.term(group, value) for group, value in (("tier", lever.tier), ("region", lever.region)) if value]
    limits += [_province(lever.province, look)] if lever.province else []
    limits += [_cities(lever.cities, look)] if lever.cities else []
    return look.join(limits)


def sentences(levers: Sequence[Lever], look: Look) -> str:
    """Levers in one cell, or that there is none."""
    said = [describe(lever, look) for lever in levers]
    return ("；" if look.lang == "zh" else "; ").join(said) or look.say("explain.no_lever")


def when(lever: Lever, look: Look) -> str:
    """From month 1 over 3 months, until the end of month 12."""
    said = look.say("explain.from_month", start=lever.start_month)
    said += look.say("explain.ramp", ramp=lever.ramp_months) if lever.ramp_months else ""
    return said + (look.say("explain.until_month", end=lever.end_month - 1) if lever.end_month else "")


@cache
def _places(lang: str) -> dict[str, str]:
    """Names of provinces (by their English name) and of cities (by adcode)."""
    table = cities()
    provinces = dict(zip(table["province_en"], table[f"province_{lang}"], strict=True))
    return provinces | dict(zip(table.index, table[f"city_{lang}"], strict=True))


def _province(name: str, look: Look) -> str:
    return _places(look.lang).get(name, name)


def _cities(codes: tuple[str, ...], look: Look) -> str:
    if len(codes) > NAMED:
        return look.say("explain.n_cities", n=len(codes))
    return look.join(_places(look.lang).get(code, code) for code in codes)


def describe_rule(network: str, rule: Rule, look: Look) -> str:
    """Cainiao adds 50 % of the largest rise among the others, 3 months later."""
    lag = rule.lag_months
    return look.say(
        f"explain.rule_{rule.kind}",
        name=look.name(network),
        share=f"{rule.share * 100:g}",
        budget=look.money(rule.budget_cny_per_month),
        lag=look.say("explain.lag_n" if lag > 1 else f"explain.lag_{lag}", n=lag),
        every=look.say("explain.every_n" if lag > 1 else "explain.every_1", n=lag),
    )


def table(frame: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Measures (rows) of `analysis.scenario.compare.compare` by scenario; under each its interval where one is drawn.

    Cells are short, so that four scenarios fit beside each other.
    """
    columns = list(dict.fromkeys(frame.columns.get_level_values(0)))
    names, cells = [], []
    for key, row in frame.iterrows():
        each = [row[column] for column in columns]
        names.append(amounts.name(str(key), look))
        cells.append([amounts.amount(str(key), float(one["value"]), look) for one in each])
        if any(pd.notna(one["low_95"]) for one in each):
            names.append(look.say("explain.ends"))
            cells.append([_ends(str(key), one, look) for one in each])
    return pd.DataFrame(cells, pd.Index(names, name=look.say("explain.measure")), columns)


def _ends(measure: str, row: pd.Series, look: Look) -> str:
    """Both ends of the interval, without the unit; nothing where none is drawn."""
    if pd.isna(row["low_95"]):
        return ""
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
    """Shares by tier under each scenario beside those without levers, or any other measure by scenario."""
    return (
        _shares(projections, look, platform=platform, caption=caption, grade=grade)
        if measure == "share"
        else _measures(projections, look, platform=platform, caption=caption, grade=grade, measure=measure, tier=tier)
    )


def _shares(projections: Sequence[Projection], look: Look, *, platform: str, caption: str, grade: Grade) -> View:
    names = labels([projection.scenario.name for projection in projections])
    each = [projection.shares.xs(platform, level="platform") for projection in projections]
    rows = [look.term("tier", tier) for tier in each[0].index]
    figure = go.Figure()
    figure.add_bar(
        x=rows, y=each[0]["observed"] * 100, name=look.say("explain.baseline"), marker={"color": REST[look.theme.mode]}
    )
    for name, shares, style in zip(names, each, _styles(platform, look), strict=False):
        figure.add_bar(x=rows, y=shares["point"] * 100, name=name, marker=style, error_y=_errors(shares, look))
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
    title = _finding("share", ends, look, platform)
    items = look.join(f"{name} {percent(value, 2)}" for name, value in ends.items())
    said = look.say("explain.then", first=caption, second=look.say("explain.shares_caption")).strip()
    frame = pd.DataFrame(cells, index=pd.Index(rows, name=look.say("tier.heading")))
    return View(figure, frame, title, said, look.say("explain.alt_compare", items=items), grade)


def _measures(
    projections: Sequence[Projection], look: Look, *, platform: str, caption: str, grade: Grade, measure: str, tier: str
) -> View:
    frame = compare(projections, platform=platform, tier=tier).loc[measure].unstack()
    frame = frame.loc[labels([projection.scenario.name for projection in projections])]
    factor = amounts.scale(measure)
    texts = [amounts.amount(measure, value, look) for value in frame["value"]]
    figure = go.Figure(
        go.Bar(
            x=[f"{name}<br><b>{text}</b>" for name, text in zip(frame.index, texts, strict=True)],
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
    whole = cells.set_axis([amounts.name(measure, look)]).rename_axis(look.say("explain.measure"))
    return View(figure, whole, title, said, look.say("explain.alt_compare", items=items), grade)


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
    names = [_input(kind, key, look) for kind, key in found.index]
    cells = {
        name: [_value(kind, key, value, look) for (kind, key), value in column.items()]
        for name, column in found.items()
    }
    return title, pd.DataFrame({look.say("explain.input"): names, **cells})


def _input(kind: str, key: str, look: Look) -> str:
    if kind == "lever":
        platform, lever, *_place = key.split(".")
        return f"{look.name(platform)} · {look.say(f'lever.{lever}')}"
    if kind == "rule":
        return look.say("explain.input_rule", name=look.name(key))
    return look.say("explain.input_months") if kind == "months" else named(key, look)


def _value(kind: str, key: str, value: Any, look: Look) -> str:
    """Value of an input in words."""
    if kind == "lever":
        return sentences(value, look)
    if kind == "rule":
        return describe_rule(key, value, look)
    if kind == "months":
        return str(value)
    unit = "share_year" if kind == "growth" else ASSUMPTIONS[key].unit
    return valued(unit, number(unit, value), look)
