"""Where a scenario moves a network's share: prefecture map of the change."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.scenario import Projection
from analysis.views import amounts, area_map, plain
from analysis.views.heat import two_sided
from analysis.views.look import Look, View
from analysis.views.outcome import LEAST_POINTS, graded, number, said_month
from data.area import known
from data.cities import cities as known_cities
from data.geo import PREFECTURES_URL, PROVINCES_URL, provinces
from data.grade import Grade

HEIGHT = 430
MARGIN = 2.0
"""Degrees around the seats of an area."""
FULL = 0.98
"""Part of the cities with a change whose change is within the strongest colours."""


def change(
    projection: Projection,
    look: Look,
    *,
    platform: str,
    caption: str = "",
    grade: Grade | None = None,
    cities: Collection[str] = (),
) -> View:
    """Change of the network's share in each prefecture in the last month, in points; grey: not in this market.

    Only `cities` (codes), and the map closer to them, where the market has any of them.
    """
    moved = (projection.cities[platform] * 100).rename("points").sort_values(ascending=False)
    inside = moved[moved.index.isin(list(cities))]
    moved = inside if len(inside) else moved
    names = city_names(moved.index, look)
    sizes = moved.abs()[moved.abs() > LEAST_POINTS]
    limit = float(sizes.quantile(FULL)) if len(sizes) else 1.0
    unit = look.say("effect.points_unit")
    ground = _layer(PROVINCES_URL, [f["properties"]["adcode"] for f in provinces()["features"]], look)
    ground |= {"z": [0] * len(ground["locations"]), "showscale": False, "hoverinfo": "skip"}
    ground["colorscale"] = [[0, look.theme.grid], [1, look.theme.grid]]
    shown = _layer(PREFECTURES_URL, [str(code) for code in moved.index], look)
    shown |= {
        "z": plain.numbers(moved),
        "zmin": -limit,
        "zmax": limit,
        "colorscale": two_sided(look),
        "customdata": names,
        "hovertemplate": f"<b>%{{customdata}}</b><br>%{{z:+.2f}}{unit}<extra></extra>",
        "colorbar": {
            "thickness": 10,
            "len": 0.5,
            "x": 0.02,
            "y": 0.28,
            "outlinewidth": 0,
            "title": {"text": unit.strip(), "font": {"color": look.theme.muted, "size": 11}},
            "tickfont": {"color": look.theme.muted},
            **_scale(limit, look),
        },
    }
    figure = plain.figure((ground, shown), look, height=HEIGHT, geo=_frame(inside.index), uirevision="change_map")
    figure["layout"]["margin"] = {"l": 0, "r": 0, "t": 0, "b": 0}
    table = _table(projection, moved, names, look)
    title = _finding(moved, names, look, platform)
    items = look.join(f"{name} {number(value, 2)}" for name, value in list(zip(names, moved, strict=True))[:5])
    alt = look.say("alt.map", title=title, items=items)
    place = look.say("area.title_of", area=area_map.said(known(inside.index), look)) + " · " if len(inside) else ""
    text = caption or place + said_month(projection, look, "map", name=look.name(platform))
    return View(figure, table, title, text, alt, graded(projection, grade))


def _frame(codes: pd.Index) -> Mapping[str, Any]:
    """The conic map around the seats of these cities; all of China without any."""
    seats = known_cities().loc[list(known(codes)), ["lon", "lat"]]
    if seats.empty:
        return plain.GEO
    low, high = seats.min() - MARGIN, seats.max() + MARGIN
    ranges = {f"{axis}axis": {"range": [float(low[axis]), float(high[axis])]} for axis in ("lon", "lat")}
    middle = float(low["lon"] + high["lon"]) / 2
    return plain.GEO | ranges | {"projection": plain.GEO["projection"] | {"rotation": {"lon": middle}}}


def _scale(limit: float, look: Look) -> dict[str, Any]:
    """Round ticks of points up to `limit` both ways, rises with their sign."""
    found = amounts.ticks(-limit, limit, look)
    texts = (str(text) for text in found["ticktext"])
    return {**found, "ticktext": [text if text == "0" or text[0] == "−" else f"+{text}" for text in texts]}


def city_names(codes: pd.Index, look: Look) -> list[str]:
    """Names of cities by code; the code itself where a file brought one that nobody knows."""
    named = known_cities()[f"city_{look.lang}"].reindex(codes)
    return [str(code) if pd.isna(name) else str(name) for code, name in named.items()]


def _layer(url: str, codes: list[str], look: Look) -> plain.Trace:
    return {
        "type": "choropleth",
        "geojson": url,
        "featureidkey": "properties.adcode",
        "locations": codes,
        "marker": {"line": {"color": look.theme.colour(""), "width": 0.4}},
    }


def _table(projection: Projection, moved: pd.Series, names: list[str], look: Look) -> pd.DataFrame:
    """Every city, the largest rise first, with the change of every network in points."""
    rows = projection.cities.loc[moved.index] * 100
    order = [str(moved.name), *(key for key in rows if key != moved.name)] if moved.name in rows else list(rows)
    table = rows[order].round(2).rename(columns=look.name)
    table.insert(0, look.say("market.city"), names)
    table.columns.name = None
    return table.rename_axis(look.say("market.adcode"))


def _finding(moved: pd.Series, names: list[str], look: Look, platform: str) -> str:
    """In how many cities the share rises and falls, and where most."""
    up, down = int((moved > LEAST_POINTS).sum()), int((moved < -LEAST_POINTS).sum())
    if not up + down:
        return look.say("projection.map_same", name=look.name(platform))
    most = int(np.argmax(moved.abs()))
    key = "projection.map_up" if moved.iloc[most] > 0 else "projection.map_down"
    values = {"n": up if moved.iloc[most] > 0 else down, "total": len(moved)}
    points = number(abs(float(moved.iloc[most])))
    return look.say(key, name=look.name(platform), where=names[most], points=points, **values)
