"""Where lockers are too few: prefecture map and list of cities."""

import numpy as np
import pandas as pd

from analysis.space.lockers_need import JUDGED, Service
from analysis.space.lockers_rhythm import HOURS
from analysis.views import plain
from analysis.views.heat import steps
from analysis.views.lockers import level, part
from analysis.views.lockers_sets import standing
from analysis.views.look import Look, View
from data.geo import PREFECTURES_URL, PROVINCES_URL, provinces
from data.grade import Grade

HEIGHT = 430
FULL = 0.98
"""Part of the cities whose overflow is within the strongest colours."""
MOST_NAMED = 5


def overflow_map(
    cities: pd.DataFrame,
    look: Look,
    *,
    service: Service,
    caption: str,
    grade: Grade,
    place: str = "",
    outlines: str = PREFECTURES_URL,
) -> View:
    """Part of the parcels that find no free cell, by prefecture; grey: no parcels or no set.

    `cities` is `lockers_need.needed` with a column name; `place` the city that is outlined and spoken of, if any.
    """
    column = f"overflow_{service.judged}"
    rows = cities[(cities["parcels_per_day"] > 0) & cities[column].notna()].sort_values(column, ascending=False)
    lost = rows[column] * 100
    top = max(float(lost.quantile(FULL)) if len(lost) else 0.0, 1.0)
    ground = _layer(PROVINCES_URL, [str(f["properties"]["adcode"]) for f in provinces()["features"]], look)
    ground |= {"z": [0] * len(ground["locations"]), "showscale": False, "hoverinfo": "skip"}
    ground["colorscale"] = [[0, look.theme.grid], [1, look.theme.grid]]
    shown = _layer(outlines, [str(code) for code in rows.index], look)
    shown |= {
        "z": plain.numbers(lost),
        "zmin": 0.0,
        "zmax": top,
        "colorscale": steps(look.theme.sequential),
        "customdata": [
            [name, part(float(value)), f"{per_set:,.0f}"]
            for name, value, per_set in zip(rows["name"], rows[column], rows["per_set"], strict=True)
        ],
        "hovertemplate": "<b>%{customdata[0]}</b><br>"
        + look.say("lockmap.map_hover", lost="%{customdata[1]}", parcels="%{customdata[2]}")
        + "<extra></extra>",
        "colorbar": {
            "thickness": 12,
            "len": 0.5,
            "x": 0.02,
            "y": 0.28,
            "outlinewidth": 1,
            "outlinecolor": look.theme.muted,
            "ticksuffix": "%",
            "nticks": 5,
            "tickfont": {"color": look.theme.text, "size": 12},
        },
    }
    layers = [ground, shown, *([_outlined(outlines, place, look)] if place in cities.index else [])]
    figure = plain.figure(layers, look, height=HEIGHT, geo=plain.GEO, uirevision="locker_map")
    figure["layout"]["margin"] = {"l": 0, "r": 0, "t": 0, "b": 0}
    title = finding(cities, look, service, place=place)
    named = rows.head(MOST_NAMED)
    items = look.join(f"{name} {part(float(v))}" for name, v in zip(named["name"], named[column], strict=True))
    alt = look.say("alt.map", title=title, items=items)
    return View(figure, city_table(cities, look, place=place), title, caption, alt, grade)


def _layer(url: str, codes: list[str], look: Look) -> plain.Trace:
    return {
        "type": "choropleth",
        "geojson": url,
        "featureidkey": "properties.adcode",
        "locations": codes,
        "marker": {"line": {"color": look.theme.surface, "width": 0.4}},
    }


def _outlined(url: str, place: str, look: Look) -> plain.Trace:
    """The outline alone of the city chosen."""
    clear = "rgba(0,0,0,0)"
    line = {"marker": {"line": {"color": look.theme.text, "width": 2.5}}, "hoverinfo": "skip", "showscale": False}
    return _layer(url, [place], look) | line | {"z": [0], "colorscale": [[0, clear], [1, clear]]}


def finding(cities: pd.DataFrame, look: Look, service: Service, *, place: str = "") -> str:
    """Where most parcels find no free cell, or what part of those of `place` does and how it ranks."""
    used = cities[cities["parcels_per_day"] > 0]
    column = f"overflow_{service.judged}"
    said = {"total": str(len(used)), "level": level(service), "when": look.say(f"lockmap.when_{service.judged}")}
    if used.empty:
        return look.say("lockmap.map_none")
    served = used[used["sets"] > 0]
    if place in served.index:
        mine = served.loc[place]
        rank = int((served[column] > mine[column]).sum()) + 1
        said |= {"where": mine["name"], "lost": part(float(mine[column]))}
        return look.say("lockmap.map_city", rank=str(rank), of=str(len(served)), **said)
    bare = int((used["sets"] == 0).sum())
    words = look.say("lockmap.map_within", **said)
    if (served["parcels_per_day"] > served["takes"]).any():
        worst = served.loc[served[column].idxmax()]
        said |= {"parcels": f"{worst['per_set']:,.0f}", "lost": part(float(worst[column])), "where": worst["name"]}
        said |= {"total": str(len(served))}
        words = look.say("lockmap.map_most", middle=part(float(served[column].median())), **said)
    return words + look.say("lockmap.map_bare", n=bare) if bare else words


def impossible(cities: pd.DataFrame, look: Look, *, service: Service, hours_in_cell: float, place: str = "") -> str:
    """What the market's own data say of more parcels than lockers can hold; empty where nowhere, or not in `place`."""
    used = cities[(cities["parcels_per_day"] > 0) & (cities["sets"] > 0)]
    over = used[used["parcels_per_day"] > used["cells"] * HOURS / hours_in_cell]
    worst = over.loc[[place]] if place in over.index else over.nlargest(0 if place else 1, "per_set")
    if worst.empty:
        return ""
    one = worst.iloc[0]
    beyond = int((used["parcels_per_day"] > used["takes"]).sum())
    said = {
        "n": f"{len(over):,}",
        "total": f"{len(used):,}",
        "beyond": f"{beyond:,}",
        "level": level(service),
        "when": look.say(f"lockmap.when_{service.judged}"),
        "where": one["name"],
        "parcels": f"{one['per_set']:,.0f}",
        "most": f"{one['cells'] / one['sets'] * HOURS / hours_in_cell:,.0f}",
        "cells": f"{one['cells'] / one['sets']:,.0f}",
        "hours": f"{hours_in_cell:g}",
    }
    return look.say("lockmap.impossible_city" if place else "lockmap.impossible", **said)


def city_table(cities: pd.DataFrame, look: Look, *, place: str = "") -> pd.DataFrame:
    """Every city, most missing sets first but `place` before all; needed - there = missing in every row.

    `cities` has columns name and tier beside those of `needed`.
    """
    rows = cities.sort_values(["missing", "parcels_per_day"], ascending=False)
    if place in rows.index:
        rows = rows.loc[[place, *rows.index.drop(place)]]
    need, there = rows["needed"].round(0), standing(rows).round(0)
    overflow = {
        look.say("lockmap.overflow_when", when=look.say(f"lockmap.when_{judged}")): (
            rows[f"overflow_{judged}"] * 100
        ).round(2)
        for judged in JUDGED
    }
    over = (rows["parcels_per_day"] > rows["takes"]) & (rows["sets"] > 0)
    table = pd.DataFrame(
        {
            look.say("market.city"): rows["name"],
            look.say("tier.heading"): [look.term("tier", tier) for tier in rows["tier"]],
            look.say("lockmap.needed"): need,
            look.say("lockmap.there"): there,
            look.say("lockmap.missing_or_spare"): need - there,
            look.say("lockmap.sets"): rows["sets"],
            look.say("lockmap.per_set"): rows["per_set"].round(1),
            look.say("lockmap.turnover"): rows["turnover"].round(2),
            **overflow,
            look.say("lockmap.per_10k"): rows["per_10k"].round(2),
            look.say("lockmap.share"): (rows["share"] * 100).round(2),
            look.say("lockmap.offered"): rows["parcels_per_day"].round(0),
            look.say("lockmap.cells"): rows["cells"],
            look.say("lockmap.beyond"): np.where(over, look.say("lockmap.yes"), ""),
        }
    )
    return table.rename_axis(look.say("market.adcode"))
