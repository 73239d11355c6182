"""An area in words, as a list, and on the map on which it is chosen."""

from functools import cache
from typing import Any

import pandas as pd

from analysis.views import plain
from analysis.views.look import Look, View
from data import area
from data.cities import cities as all_cities
from data.geo import PREFECTURES_URL
from data.grade import Grade

HEIGHT = 430
POINTS = "points"
"""Clicks alone."""
NEAR = 5
"""Pixels across the mark of a city."""


@cache
def _names(lang: str) -> tuple[dict[str, str], dict[str, str]]:
    """Names of cities by code and of provinces by their two digits."""
    table = all_cities()
    codes = [str(code) for code in table.index]
    provinces = {code[:2]: str(name) for code, name in zip(codes, table[f"province_{lang}"], strict=True)}
    return dict(zip(codes, map(str, table[f"city_{lang}"]), strict=True)), provinces


def said(cities: tuple[str, ...], look: Look) -> str:
    """Hangzhou; Zhejiang; 3 cities in Zhejiang; 12 cities in 3 provinces."""
    names, provinces = _names(look.lang)
    found = dict.fromkeys(code[:2] for code in cities)
    if len(cities) == 1:
        return names[cities[0]]
    if len(found) > 1:
        return look.say("area.cities_in_provinces", n=len(cities), provinces=len(found))
    province = next(iter(found))
    if len(cities) == len(area.members()[province]):
        return provinces[province]
    return look.say("area.cities_in_province", n=len(cities), province=provinces[province])


def options(look: Look) -> dict[str, str]:
    """What a list offers: every province of more than one city with the number of its cities, then every city."""
    names, provinces = _names(look.lang)
    whole = {
        key: look.say("area.whole_province", province=provinces[key], n=len(inside))
        for key, inside in area.members().items()
        if len(inside) > 1
    }
    one = {
        code: look.say("area.city_of", city=name, province=provinces[code[:2]])
        if len(area.members()[code[:2]]) > 1
        else name
        for code, name in names.items()
    }
    return whole | one


def table(cities: tuple[str, ...], look: Look) -> pd.DataFrame:
    """Cities of the area with province, tier and people, largest first."""
    rows = all_cities().loc[list(cities)].sort_values("population_2020", ascending=False)
    return pd.DataFrame(
        {
            look.say("market.city"): rows[f"city_{look.lang}"],
            look.say("province.heading"): rows[f"province_{look.lang}"],
            look.say("tier.heading"): [look.term("tier", tier) for tier in rows["tier"]],
            look.say("area.people"): rows["population_2020"],
        }
    ).rename_axis(look.say("market.adcode"))


def picker(cities: tuple[str, ...], look: Look, *, drag: str) -> View:
    """Prefectures with a mark on every seat, those of the area in colour; `drag` is what a drag draws.

    Every point carries the code of its city first in `customdata`.
    """
    rows, inside = all_cities(), set(cities)
    codes = [str(code) for code in rows.index]
    names = [str(name) for name in rows[f"city_{look.lang}"]]
    data = [[code, name] for code, name in zip(codes, names, strict=True)]
    stays: dict[str, Any] = {"selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}}}
    hover = "%{customdata[1]}<extra></extra>"
    ground = {
        "type": "choropleth",
        "geojson": PREFECTURES_URL,
        "featureidkey": "properties.adcode",
        "locations": codes,
        "z": [int(code in inside) for code in codes],
        "zmin": 0,
        "zmax": 1,
        "colorscale": [[0, look.theme.grid], [1, look.theme.accent]],
        "showscale": False,
        "marker": {"line": {"color": look.theme.surface, "width": 0.4}},
        "customdata": data,
        "hovertemplate": hover,
        **stays,
    }
    seats = {
        "type": "scattergeo",
        "mode": "markers",
        "lon": plain.numbers(rows["lon"]),
        "lat": plain.numbers(rows["lat"]),
        "marker": {
            "size": NEAR,
            "color": [look.theme.surface if code in inside else look.theme.muted for code in codes],
            "line": {"width": 0},
        },
        "customdata": data,
        "hovertemplate": hover,
        **stays,
    }
    figure = plain.figure(
        (ground, seats), look, height=HEIGHT, geo=plain.GEO, dragmode=drag if drag != POINTS else False
    )
    figure["layout"]["margin"] = {"l": 0, "r": 0, "t": 0, "b": 0}
    title = look.say("area.title_of", area=said(cities, look)) if cities else look.say("area.none")
    caption = look.say("area.map_caption")
    return View(figure, table(cities, look), title, caption, look.say("area.map_alt", area=title), Grade.REPORTED)
