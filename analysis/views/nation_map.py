"""Prefectures on their outlines (Plotly, no tiles): every measure, coloured as on the zoomable map."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.views import plain
from analysis.views.heat import steps
from analysis.views.look import Look, View, percent
from analysis.views.nation_scale import Scale, hexes, leader_name, paint, said, scale, ticks, unit, words
from analysis.views.nation_values import MEASURES, Frames, graded
from data.geo import PREFECTURES_URL, PROVINCES_URL, provinces
from data.grade import Grade
from data.platforms import OUTSIDE

MOST_NAMED = 5
ANY_MONTH = pd.DatetimeIndex(["2000-01-01"])


def prefectures(
    cities: pd.DataFrame,
    look: Look,
    *,
    measure: str,
    network: str,
    caption: str,
    month: str,
    grade: Grade,
    height: int = 430,
    on: Scale | None = None,
    place: str = "",
) -> View:
    """Choropleth of `measure` by prefecture.

    Parameters
    ----------
    cities : pandas.DataFrame
        Index adcode; column name and those of `nation.month_table`, or as many of them as the map and table show.
    measure, network : str
        One of `nation.MEASURES`, and whose.
    month, caption : str
        In words.
    on : Scale, optional
        A scale that other months share; otherwise that of this month.
    place : str
        Adcode of a prefecture to be framed.
    """
    shown = of_month(cities, measure, network)
    names, said_of = cities["name"].tolist(), words(shown, look)
    colours = hexes(paint(shown, look, on=on)[0])
    known = np.flatnonzero(np.isfinite(shown.values[0]))
    places = [(shown.cities[i], names[i], said_of[i], colours[i]) for i in known]
    traces = [ground(look), filled(places, look, pale=measure != "leader")]
    if measure != "leader":
        traces.append(colour_bar(on or scale(shown, look), measure, look))
    if place:
        traces.append(framed(place, look))
    figure = plain.figure(traces, look, height=height, geo=plain.GEO, uirevision="prefectures")
    figure["layout"]["margin"] = {"l": 0, "r": 0, "t": 0, "b": 0}
    title = finding(cities, look, measure, network, month)
    alt = look.say("alt.map", title=title, items=look.join(highest(cities, look, measure)))
    return View(figure, city_table(cities, look), title, caption, alt, graded(measure, grade))


def of_month(cities: pd.DataFrame, measure: str, network: str) -> Frames:
    """A column of the cities' table as `Frames` of one month."""
    codes = tuple(cities.index.astype(str))
    if measure != "leader":
        return Frames(measure, network, codes, ANY_MONTH, cities[measure].to_numpy(np.float32)[None])
    networks = tuple(dict.fromkeys(cities["leader"].astype(str)))
    rows = cities["leader"].astype(str).map(networks.index), cities["lead"], cities["share"]
    who, lead, share = (row.to_numpy(np.float32)[None] for row in rows)
    return Frames(measure, network, codes, ANY_MONTH, who, networks, lead, share)


def ground(look: Look) -> plain.Trace:
    """All land in grey: what shows through has no data."""
    codes = [str(feature["properties"]["adcode"]) for feature in provinces()["features"]]
    return {
        **_layer(PROVINCES_URL, codes, look),
        "z": [0] * len(codes),
        "colorscale": [[0, look.theme.grid], [1, look.theme.grid]],
        "hoverinfo": "skip",
    }


def filled(places: Sequence[tuple[str, str, str, str]], look: Look, *, pale: bool = False) -> plain.Trace:
    """Places (adcode, name, words, hex colour), each in its own colour: by its number in a scale of as many colours.

    `pale` colours can be that of the page, and have an edge that shows on it.
    """
    colours = [colour for *_, colour in places] or [look.theme.grid]
    return {
        **_layer(PREFECTURES_URL, [code for code, *_ in places], look, look.theme.colour("") if pale else ""),
        "z": list(range(len(places))),
        "zmin": 0,
        "zmax": max(len(places) - 1, 1),
        "colorscale": steps(colours if len(colours) > 1 else colours * 2),
        "customdata": [[name, said_of] for _, name, said_of, _ in places],
        "hovertemplate": "<b>%{customdata[0]}</b><br>%{customdata[1]}<extra></extra>",
    }


def framed(code: str, look: Look) -> plain.Trace:
    """One place with a frame in ink, whatever its colour."""
    clear = {"z": [0], "colorscale": [[0, plain.CLEAR], [1, plain.CLEAR]], "hoverinfo": "skip"}
    edge = {"line": {"color": look.theme.text, "width": 2}}
    return {**_layer(PREFECTURES_URL, [code], look), **clear, "marker": edge}


def _layer(url: str, codes: list[str], look: Look, edge: str = "") -> plain.Trace:
    return {
        "type": "choropleth",
        "geojson": url,
        "featureidkey": "properties.adcode",
        "locations": codes,
        "showscale": False,
        "marker": {"line": {"color": edge or look.theme.surface, "width": 0.4}},
    }


def colour_bar(shown: Scale, measure: str, look: Look, *, flat: bool = False) -> plain.Trace:
    """The legend of a scale as the bar of a trace that draws nothing else; `flat` for a chart that is no map."""
    by = unit(measure)
    place = {"orientation": "h", "x": 0, "xanchor": "left", "xpad": 26, "y": 1, "yanchor": "top", "len": 0.5}
    bar = {
        "thickness": 12,
        "outlinewidth": 1,
        "outlinecolor": look.theme.muted,
        "tickfont": {"color": look.theme.text, "size": 12},
        "ticks": "",
        "ticklabeloverflow": "allow",
        **ticks(shown, measure, look),
        **(place if flat else {"x": 0.02, "y": 0.28, "len": 0.5}),
    }
    marker = {"color": [shown.low * by], "cmin": shown.low * by, "cmax": shown.high * by, "size": 0.1}
    marker |= {"colorscale": steps(shown.colours), "showscale": True, "colorbar": bar}
    drawn = {"type": "scatter", "mode": "markers", "x": [None], "y": [None]}
    drawn = drawn if flat else {"type": "scattergeo", "lon": [None], "lat": [None]}
    return {**drawn, "hoverinfo": "skip", "marker": marker}


def finding(table: pd.DataFrame, look: Look, measure: str, network: str, month: str, *, by: str = "city") -> str:
    """Who leads in how many places, where the measure is highest, or in how many it is above zero."""
    name, places = look.name(network), look.say(f"nation.places_{by}")
    if measure == "leader":
        counts = table["leader"].value_counts()
        counts = counts.drop(OUTSIDE, errors="ignore") if len(counts) > 1 else counts
        first = {"name": leader_name(str(counts.index[0]), look), "n": int(counts.iloc[0])}
        return look.say("nation.leader_finding", total=len(table), places=places, **first)
    known = table[table[measure].notna()]
    if known.empty:
        return look.say("nation.unknown", measure=look.say(f"measure.{measure}"), name=name, month=month)
    if measure == "subsidy" and not known[measure].any():
        return look.say("finding.no_subsidy", name=name, month=month)
    best = known.loc[known[measure].idxmax()]
    highest = {"where": best["name"], "value": said(float(best[measure]), measure, look)}
    more = {"n": int((known[measure] > 0).sum()), "total": len(known), "places": places}
    return look.say(f"nation.{measure}_finding", name=name, **highest, **more)


def highest(cities: pd.DataFrame, look: Look, measure: str) -> list[str]:
    """The places with the highest values, in words."""
    by = "share" if measure == "leader" else measure
    top = cities[cities[by].notna()].sort_values(by, ascending=False).head(MOST_NAMED)
    if measure == "leader":
        values = [
            f"{look.name(str(who))} {percent(float(s))}" for who, s in zip(top["leader"], top["share"], strict=True)
        ]
    else:
        values = [said(float(value), measure, look) for value in top[measure]]
    return [f"{name} {value}" for name, value in zip(top["name"], values, strict=True)]


DECIMALS = {
    "network_share": 3,
    "growth": 3,
    "hhi": 0,
    "subsidy": 3,
    "stations_per_10k": 2,
    "network_stations_per_10k": 2,
    "income_per_station": 0,
}


def city_table(cities: pd.DataFrame, look: Look, *, by: str = "city") -> pd.DataFrame:
    """Every place with every measure there is, most parcels first; shares and growth in per cent."""
    rows = cities.sort_values("parcels", ascending=False)
    columns = {look.say("market.city" if by == "city" else "province.heading"): rows["name"]}
    if "tier" in rows:
        columns[look.say("tier.heading")] = [look.term("tier", tier) for tier in rows["tier"]]
    columns[look.say("measure.leader")] = [leader_name(str(key), look) for key in rows["leader"]]
    columns[look.say("market.leader_share")] = (rows["share"] * 100).round(1)
    for measure in MEASURES:
        if measure in DECIMALS and measure in rows:
            columns[look.say(f"measure.{measure}")] = rows[measure].round(DECIMALS[measure]) * unit(measure)
    columns[look.say("market.parcels_month")] = rows["parcels"]
    return pd.DataFrame(columns).rename_axis(look.say("market.adcode"))
