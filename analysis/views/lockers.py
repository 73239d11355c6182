"""Lockers: the day of a set hour by hour, and the headline figures."""

from typing import Any

import numpy as np
import pandas as pd

from analysis.space.lockers import Day
from analysis.space.lockers_need import Service
from analysis.space.lockers_rhythm import HOURS, STEPS
from analysis.views import plain
from analysis.views.kpis import Kpi
from analysis.views.look import Look, View, percent
from data.grade import Grade

SIZES = ("small", "medium", "large")
MOMENTS = (np.arange(HOURS * STEPS) + 0.5) / STEPS
HEIGHT = 380
TICKS = list(range(0, HOURS, 3))
TOP = {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "font": {"size": 12}}
"""Where the names of what is drawn stand."""
WHOLE = 1e5
"""Sets from which on they are told in thousands."""


def clock(hour: int) -> str:
    """The hour that begins then: 17–18."""
    return f"{hour}–{hour + 1}"


def part(value: float) -> str:
    """Part of the parcels in per cent: one more digit where it would be lost, none claimed below 0.01 %."""
    if np.isnan(value):
        return "–"
    if value < 5e-5:
        return "<0.01%" if value > 0 else "0%"
    return percent(value, 2 if value < 0.01 else 1)


def level(service: Service) -> str:
    """Service level in per cent, without needless digits."""
    return f"{service.level * 100:.4g}%"


def many(number: float, look: Look) -> str:
    """A number of sets in a sentence: whole below `WHOLE`, so that numbers of one city subtract."""
    return (
        f"{number:,.0f}" if abs(number) < WHOLE else look.count(number, 1 if look.lang == "zh" or number >= 1e6 else 0)
    )


def through_the_day(shown: Day, look: Look, *, who: str, caption: str, grade: Grade) -> View:
    """Cells taken and parcels dropped above, parcels without a free cell below, hour by hour."""
    hours, words = MOMENTS.tolist(), {key: look.say(f"lockmap.{key}") for key in ("drops", "taken", "all_sizes")}
    accent, tones = look.theme.accent, (look.theme.muted, look.theme.sequential[3], look.theme.sequential[5])
    drops = {
        "type": "bar",
        "x": [f"{hour + 0.5:g}" for hour in range(HOURS)],
        "y": plain.numbers(shown.drops),
        "width": 0.86,
        "name": words["drops"],
        "marker": {"color": look.theme.colour("")},
        "hovertemplate": f"{words['drops']} <b>%{{y:.1f}}</b><extra></extra>",
    }
    taken = plain.line(hours, shown.taken.sum(axis=1), accent, hover=f"{words['taken']} <b>%{{y:.0f}}</b>")
    traces = [drops, taken | {"name": words["taken"]}]
    for i, size in enumerate(SIZES[: len(shown.locker.cells)]):
        name = look.say(f"lockmap.{size}")
        drawn = plain.line(hours, shown.lost[:, i] * 100, tones[i], hover=f"{name} <b>%{{y:.1f}}%</b>", dash="dot")
        traces.append(drawn | {"name": name, "yaxis": "y2"})
    whole = plain.line(hours, shown.lost_of_all * 100, accent, hover=f"{words['all_sizes']} <b>%{{y:.1f}}%</b>")
    traces.append(whole | {"name": words["all_sizes"], "yaxis": "y2", "showlegend": False})
    figure = plain.figure(traces, look, height=HEIGHT, **_panels(shown, look))
    said = _said(shown, look)
    alt = look.say("lockmap.day_alt", **said)
    return View(figure, _day_table(shown, look), look.say("lockmap.day_title", who=who, **said), caption, alt, grade)


def _said(shown: Day, look: Look) -> dict[str, str]:
    """Numbers of a day for its sentences."""
    full = int(shown.occupancy.argmax())
    return {
        "parcels": f"{shown.parcels_per_day:,.0f}",
        "cells": f"{shown.cells:,}",
        "hour": clock(shown.worst_hour),
        "worst": part(shown.overflow_of_worst_hour),
        "evening": part(shown.overflow_of_evening),
        "day": part(shown.overflow_of_day),
        "full": percent(float(shown.occupancy[full]), 0),
        "fullest": f"{int(MOMENTS[full]):02d}:{int(MOMENTS[full] % 1 * 60):02d}",
        "turnover": f"{shown.turnover:.2f}",
        "peak": look.say("lockmap.hours", first=shown.rhythm.peak[0], last=shown.rhythm.peak[1]),
    }


def _panels(shown: Day, look: Look) -> dict[str, Any]:
    """Two panels over one clock, the evening peak shaded in both."""
    first, last = shown.rhythm.peak
    words = {"xref": "paper", "yref": "paper", "xanchor": "left", "x": 0}
    top = float(max(shown.cells, shown.taken.sum(axis=1).max()))
    lost = max(float(shown.lost.max()) * 100, 1.0)
    shade = {"type": "rect", "xref": "x", "yref": "paper", "y0": 0, "y1": 1, "layer": "below", "line": {"width": 0}}
    limit = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": shown.cells, "y1": shown.cells}
    return {
        "x": {"range": [0, HOURS], "tickvals": TICKS, "ticktext": [f"{hour} h" for hour in TICKS], "anchor": "y2"},
        "y": {"domain": [0.44, 0.95], "range": [0, top * 1.12]},
        "yaxis2": {
            **plain.axis(look),
            "gridcolor": look.theme.grid,
            "domain": [0.0, 0.32],
            "range": [0, lost * 1.12],
            "ticksuffix": "%",
            "nticks": 4,
        },
        "shapes": [
            {**shade, "x0": first, "x1": last, "fillcolor": look.theme.grid, "opacity": 0.55},
            {**limit, "line": {"color": look.theme.muted, "width": 1, "dash": "dash"}},
        ],
        "annotations": [
            plain.note(
                look,
                look.say("lockmap.cells_limit", n=f"{shown.cells:,}"),
                y=shown.cells,
                yanchor="bottom",
                x=0.2,
                xanchor="left",
            ),
            plain.note(look, look.say("lockmap.lost_heading"), **words, y=0.33, yanchor="bottom"),
        ],
        "showlegend": True,
        "legend": {**TOP, "font": {"size": 12, "color": look.theme.text}},
        "bargap": 0.1,
        "uirevision": "locker_day",
    }


def _day_table(shown: Day, look: Look) -> pd.DataFrame:
    """One row an hour."""
    hourly = shown.lost.reshape(HOURS, STEPS, -1).mean(axis=1)
    sizes = SIZES[: hourly.shape[1]]
    taken = shown.occupancy.reshape(HOURS, STEPS).mean(axis=1)
    columns = {
        look.say("lockmap.hour"): [clock(hour) for hour in range(HOURS)],
        look.say("lockmap.drops"): shown.drops.round(2),
        look.say("lockmap.occupancy"): (taken * 100).round(1),
        look.say("lockmap.overflow"): (shown.overflow * 100).round(3),
        **{
            look.say("lockmap.overflow_of", size=look.say(f"lockmap.{s}")): (hourly[:, i] * 100).round(3)
            for i, s in enumerate(sizes)
        },
    }
    return pd.DataFrame(columns)


def turned_away(cities: pd.DataFrame, service: Service) -> float:
    """Part of the parcels of these cities that find no cell when the service is judged; not a number without sets."""
    served = cities[(cities["sets"] > 0) & (cities["parcels_per_day"] > 0)]
    weight = served["parcels_per_day"].to_numpy()
    return float(np.average(served[f"overflow_{service.judged}"], weights=weight)) if len(served) else float("nan")


def figures(
    look: Look, *, cities: pd.DataFrame, takes: float, service: Service, share: float, grade: Grade, counted: Grade
) -> tuple[Kpi, ...]:
    """What a set takes, what is turned away, turnover, sets missing and the share of hand-overs.

    `cities` is `lockers_need.needed`; `counted` the grade of the market's own numbers.
    """
    served = cities[(cities["sets"] > 0) & (cities["parcels_per_day"] > 0)]
    lost = turned_away(cities, service)
    cells = float(served["cells"].sum())
    turned = float((served["turnover"] * served["cells"]).sum() / cells) if cells else np.nan
    missing = float(cities["missing"].clip(lower=0).sum())
    none = look.say("unit.none")
    values = {
        "takes": (look.say("station.a_day", n=f"{takes:,.0f}" if np.isfinite(takes) else "∞"), grade),
        "lost": (part(lost), grade),
        "turnover": (f"{turned:.2f}" if np.isfinite(turned) else none, grade),
        "missing": (many(missing, look) if np.isfinite(missing) else none, grade),
        "share": (percent(share) if np.isfinite(share) else none, counted),
    }
    said = {"when": look.say(f"lockmap.judged_{service.judged}"), "level": level(service)}
    return tuple(
        Kpi(look.say(f"lockmap.kpi_{key}", **said), value, None, None, [], graded, "")
        for key, (value, graded) in values.items()
    )
