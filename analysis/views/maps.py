"""Prefecture map (Plotly, no tiles) and station map (pydeck, no tiles): nothing is fetched from outside."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.views.base import quiet
from analysis.views.look import Look, View, percent
from analysis.views.theme import rgb
from data.geo import PREFECTURES_URL, PROVINCES_URL, provinces
from data.grade import Grade

if TYPE_CHECKING:
    import pydeck

MEASURES = ("leader", "network_share", "hhi", "stations_per_10k", "subsidy")
"""What the prefecture map can show."""
FULL_LEAD = 0.25
"""Lead over the second (share) at which a leader's colour is at full strength."""
MAP_PIXELS = 360
"""Side of the square that a map of stations must fit into: the least width of its card."""
GRID_DEGREES = 0.25
"""Side of a cell of the national station map; about 25 km."""
LAND = {"light": ([236, 239, 244], [255, 255, 255]), "dark": ([26, 36, 54], [60, 74, 98])}


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
) -> View:
    """Choropleth of `measure` by prefecture.

    `cities` has index adcode and columns name, leader, share, lead, network_share, hhi, stations_per_10k, subsidy.
    """
    figure = go.Figure(_ground(look))
    for trace in _leader_traces(cities, look) if measure == "leader" else (_scale_trace(cities, look, measure),):
        figure.add_trace(trace)
    figure.update_geos(
        visible=False,
        bgcolor="rgba(0,0,0,0)",
        lonaxis_range=[78.5, 131.5],
        lataxis_range=[18.2, 53.5],
        projection={"type": "conic equal area", "parallels": [25, 47], "rotation": {"lon": 105}},
    )
    quiet(figure, look, height=height)
    figure.update_layout(margin={"l": 0, "r": 0, "t": 0, "b": 0})
    title = _map_finding(cities, look, measure, network, month)
    top = cities.sort_values("share" if measure == "leader" else measure, ascending=False).head(5)
    items = look.join(f"{row['name']} {_cell(row, look, measure)}" for _, row in top.iterrows())
    alt = look.say("alt.map", title=title, items=items)
    return View(figure, city_table(cities, look), title, caption, alt, grade)


def _ground(look: Look) -> go.Choropleth:
    """Every province in grey: what shows through has no data."""
    codes = [feature["properties"]["adcode"] for feature in provinces()["features"]]
    return go.Choropleth(
        geojson=PROVINCES_URL,
        featureidkey="properties.adcode",
        locations=codes,
        z=[0] * len(codes),
        colorscale=[[0, look.theme.grid], [1, look.theme.grid]],
        showscale=False,
        marker_line={"color": look.theme.surface, "width": 0.4},
        hoverinfo="skip",
    )


def _leader_traces(cities: pd.DataFrame, look: Look) -> list[go.Choropleth]:
    traces = []
    for leader, rows in cities.groupby("leader", sort=False):
        traces.append(
            go.Choropleth(
                geojson=PREFECTURES_URL,
                featureidkey="properties.adcode",
                locations=rows.index,
                z=rows["lead"],
                zmin=-FULL_LEAD / 2,
                zmax=FULL_LEAD,
                showscale=False,
                name=look.name(str(leader)),
                colorscale=[[0, look.theme.surface], [1, look.theme.colour(str(leader))]],
                marker_line={"color": look.theme.surface, "width": 0.4},
                customdata=np.column_stack([rows["name"], rows["share"] * 100, rows["lead"] * 100]),
                hovertemplate="<b>%{customdata[0]}</b><br>"
                + look.name(str(leader))
                + " %{customdata[1]:.1f}% ("
                + look.say("map.lead")
                + " %{customdata[2]:.1f})<extra></extra>",
            )
        )
    return traces


def _scale_trace(cities: pd.DataFrame, look: Look, measure: str) -> go.Choropleth:
    values = cities[measure] * (100 if measure == "network_share" else 1)
    steps = look.theme.sequential
    return go.Choropleth(
        geojson=PREFECTURES_URL,
        featureidkey="properties.adcode",
        locations=cities.index,
        z=values,
        zmin=float(values.min()),
        zmax=float(values.quantile(0.98)) or 1.0,
        colorscale=[[i / (len(steps) - 1), colour] for i, colour in enumerate(steps)],
        marker_line={"color": look.theme.surface, "width": 0.4},
        customdata=cities["name"],
        colorbar={
            "thickness": 10,
            "len": 0.5,
            "x": 0.02,
            "y": 0.28,
            "tickfont": {"color": look.theme.muted},
            "title": "",
        },
        hovertemplate="<b>%{customdata}</b><br>" + look.say(f"measure.{measure}") + " %{z:,.2f}<extra></extra>",
    )


def _map_finding(cities: pd.DataFrame, look: Look, measure: str, network: str, month: str) -> str:
    if measure == "leader":
        counts = cities["leader"].value_counts()
        return look.say(
            "finding.map_leader", name=look.name(str(counts.index[0])), n=int(counts.iloc[0]), total=len(cities)
        )
    if measure == "subsidy" and not cities[measure].any():
        return look.say("finding.no_subsidy", name=look.name(network), month=month)
    best = cities.loc[cities[measure].idxmax()]
    return look.say(
        "finding.map_measure",
        measure=look.say(f"measure.{measure}"),
        where=best["name"],
        value=_cell(best, look, measure),
        name=look.name(network),
    )


def _cell(row: pd.Series, look: Look, measure: str) -> str:
    if measure == "leader":
        return f"{look.name(str(row['leader']))} {percent(float(row['share']))}"
    if measure == "network_share":
        return percent(float(row[measure]))
    if measure == "subsidy":
        return look.say("unit.cny_per_parcel_value", value=f"{row[measure]:.3g}")
    return f"{row[measure]:,.1f}" if measure == "stations_per_10k" else f"{row[measure]:,.0f}"


def city_table(cities: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Every city with every measure, most parcels first."""
    rows = cities.sort_values("parcels", ascending=False)
    table = pd.DataFrame(
        {
            look.say("market.city"): rows["name"],
            look.say("tier.heading"): [look.term("tier", tier) for tier in rows["tier"]],
            look.say("measure.leader"): [look.name(str(p)) for p in rows["leader"]],
            look.say("market.leader_share"): (rows["share"] * 100).round(1),
            look.say("measure.network_share"): (rows["network_share"] * 100).round(1),
            look.say("measure.hhi"): rows["hhi"].round(0),
            look.say("measure.stations_per_10k"): rows["stations_per_10k"].round(2),
            look.say("measure.subsidy"): rows["subsidy"].round(3),
            look.say("market.parcels_month"): rows["parcels"],
        }
    )
    return table.rename_axis(look.say("market.adcode"))


def grid(stations: pd.DataFrame, network: str, *, degrees: float = GRID_DEGREES) -> pd.DataFrame:
    """Stations counted by cell, least first: columns lon, lat (cell centre, degrees), own (of `network`), all."""
    cells = pd.DataFrame(
        {
            "x": np.floor(stations["lon"].to_numpy() / degrees).astype("int32"),
            "y": np.floor(stations["lat"].to_numpy() / degrees).astype("int32"),
            "own": (stations["platform"] == network).to_numpy(),
        }
    )
    counts = cells.groupby(["x", "y"])["own"].agg(["sum", "size"]).sort_values("sum", kind="stable")
    return pd.DataFrame(
        {
            "lon": ((counts.index.get_level_values("x") + 0.5) * degrees).round(4),
            "lat": ((counts.index.get_level_values("y") + 0.5) * degrees).round(4),
            "own": counts["sum"].to_numpy(),
            "all": counts["size"].to_numpy(),
        }
    )


def density_finding(cells: pd.DataFrame, look: Look, network: str) -> str:
    """How many stations the network has and where rivals stand without it."""
    absent = float((cells["own"] == 0).mean()) * 100
    return look.say("finding.density", name=look.name(network), n=f"{cells['own'].sum():,}", absent=f"{absent:.0f}")


def density_map(cells: pd.DataFrame, look: Look, network: str) -> "pydeck.Deck":
    """National map: bubbles where the network stands, their area its stations; grey dots where only rivals do."""
    import pydeck

    own, colour = cells["own"], rgb(look.theme.colour(network), 200)
    marks = pd.DataFrame(
        {
            "lon": cells["lon"],
            "lat": cells["lat"],
            "n": own,
            "all": cells["all"],
            "r": np.where(own > 0, np.sqrt(own / max(own.max(), 1)) * 60_000 + 3_000, 6_000).round(0),
            "c": [colour if n else rgb(look.theme.colour(""), 170) for n in own],
        }
    )
    layer = pydeck.Layer(
        "ScatterplotLayer",
        id="cells",
        data=marks,
        get_position="[lon, lat]",
        get_radius="r",
        get_fill_color="c",
        radius_min_pixels=1,
        pickable=True,
    )
    tip = f"{look.name(network)}: <b>{{n}}</b><br/>{look.say('map.all_networks')}: {{all}}"
    return _deck(layer, look, cells, tip=tip, ground=PROVINCES_URL)


def city_map(stations: pd.DataFrame, look: Look, network: str) -> "pydeck.Deck":
    """Single stations of one city (columns lon, lat, platform), those of `network` on top and in full colour."""
    import pydeck

    own = (stations["platform"] == network).to_numpy()
    rows = stations.assign(own=own).sort_values("own", kind="stable")
    marks = pd.DataFrame(
        {
            "lon": rows["lon"].round(4),
            "lat": rows["lat"].round(4),
            "name": [look.name(str(p)) for p in rows["platform"]],
            "c": [
                rgb(look.theme.colour(str(p)), 235 if mine else 80)
                for p, mine in zip(rows["platform"], rows["own"], strict=True)
            ],
        }
    )
    layer = pydeck.Layer(
        "ScatterplotLayer",
        id="stations",
        data=marks,
        get_position="[lon, lat]",
        get_radius=120,
        get_fill_color="c",
        radius_min_pixels=1.5,
        radius_max_pixels=6,
        pickable=True,
    )
    return _deck(layer, look, stations, tip="<b>{name}</b>", ground=PREFECTURES_URL)


def _view(points: pd.DataFrame) -> dict[str, float]:
    """Centre and zoom (a world of 512 x 2^zoom pixels) at which all points fit into `MAP_PIXELS`."""
    low, high = points[["lon", "lat"]].min(), points[["lon", "lat"]].max()
    wide = max(float(high["lon"] - low["lon"]), 0.05)
    tall = max(float(high["lat"] - low["lat"]), 0.05) / np.cos(np.radians(float(high["lat"] + low["lat"]) / 2))
    zoom = np.log2(MAP_PIXELS * 360 / 512 / max(wide, tall))
    return {
        "longitude": float(low["lon"] + high["lon"]) / 2,
        "latitude": float(low["lat"] + high["lat"]) / 2,
        "zoom": zoom,
    }


def _deck(layer: "pydeck.Layer", look: Look, points: pd.DataFrame, *, tip: str, ground: str) -> "pydeck.Deck":
    """`map_provider=None` is what keeps the map off the internet; an empty style would not."""
    import pydeck

    land, edge = LAND[look.theme.mode]
    outlines = pydeck.Layer(
        "GeoJsonLayer", id="land", data=ground, get_fill_color=land, get_line_color=edge, line_width_min_pixels=1
    )
    return pydeck.Deck(
        map_provider=None,
        layers=[outlines, layer],
        initial_view_state=pydeck.ViewState(**_view(points), min_zoom=1, max_zoom=13),
        views=[pydeck.View(type="MapView", controller={"scrollZoom": False})],
        tooltip={"html": tip, "style": {"background": "#101826", "color": "#fff", "fontSize": "12px"}},
    )


def station_table(stations: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Stations by network and tier: the map as numbers."""
    table = stations.groupby(["platform", "tier"], observed=True).size().unstack(fill_value=0)
    table["total"] = table.sum(axis=1)
    table = table.sort_values("total", ascending=False)
    table.columns = [look.say("market.total") if c == "total" else look.term("tier", c) for c in table.columns]
    table.index = pd.Index([look.name(str(p)) for p in table.index], name=look.say("market.network"))
    return table
