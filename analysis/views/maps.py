"""Prefecture map (Plotly, no tiles) and station map (pydeck, no tiles): nothing is fetched from outside."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.views.base import quiet
from analysis.views.look import Look, View, percent
from analysis.views.theme import rgb
from data.geo import PREFECTURES_URL
from data.grade import Grade

if TYPE_CHECKING:
    import pydeck

MEASURES = ("leader", "network_share", "hhi", "stations_per_10k", "subsidy")
"""What the prefecture map can show."""
FULL_LEAD = 0.25
"""Lead over the second (share) at which a leader's colour is at full strength."""
GRID_DEGREES = 0.25
"""Side of a cell of the national station map; about 25 km."""
PROVINCES_URL = "app/static/geo/provinces.geojson"
LAND = {"light": ([236, 239, 244], [255, 255, 255]), "dark": ([26, 36, 54], [60, 74, 98])}


def prefectures(
    cities: pd.DataFrame, look: Look, *, measure: str, network: str, caption: str, grade: Grade, height: int = 430
) -> View:
    """Choropleth of `measure` by prefecture.

    `cities` has index adcode and columns name, leader, share, lead, network_share, hhi, stations_per_10k, subsidy.
    """
    figure = _leader_traces(cities, look) if measure == "leader" else _scale_trace(cities, look, measure)
    figure.update_geos(
        visible=False,
        bgcolor="rgba(0,0,0,0)",
        lonaxis_range=[78.5, 131.5],
        lataxis_range=[18.2, 53.5],
        projection={"type": "conic equal area", "parallels": [25, 47], "rotation": {"lon": 105}},
    )
    quiet(figure, look, height=height)
    figure.update_layout(margin={"l": 0, "r": 0, "t": 0, "b": 0})
    title = _map_finding(cities, look, measure, network)
    top = cities.sort_values("share" if measure == "leader" else measure, ascending=False).head(5)
    items = look.join(f"{row['name']} {_cell(row, look, measure)}" for _, row in top.iterrows())
    alt = look.say("alt.map", title=title, items=items)
    return View(figure, city_table(cities, look), title, caption, alt, grade)


def _leader_traces(cities: pd.DataFrame, look: Look) -> go.Figure:
    figure = go.Figure()
    for leader, rows in cities.groupby("leader", sort=False):
        figure.add_choropleth(
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
            + " %{customdata[1]:.1f}% (+%{customdata[2]:.1f})<extra></extra>",
        )
    return figure


def _scale_trace(cities: pd.DataFrame, look: Look, measure: str) -> go.Figure:
    values = cities[measure] * (100 if measure == "network_share" else 1)
    steps = look.theme.sequential
    return go.Figure(
        go.Choropleth(
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
    )


def _map_finding(cities: pd.DataFrame, look: Look, measure: str, network: str) -> str:
    if measure == "leader":
        counts = cities["leader"].value_counts()
        return look.say(
            "finding.map_leader", name=look.name(str(counts.index[0])), n=int(counts.iloc[0]), total=len(cities)
        )
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
        return look.say("unit.cny_per_parcel_value", value=f"{row[measure]:.3f}")
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
    return table.rename_axis("adcode")


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
    tip = f"{look.name(network)} <b>{{n}}</b><br/>{look.say('map.all_networks')} {{all}}"
    return _deck(layer, look, longitude=104.0, latitude=35.5, zoom=2.55, tip=tip)


def city_map(stations: pd.DataFrame, look: Look) -> "pydeck.Deck":
    """Single stations of one city (columns lon, lat, platform)."""
    import pydeck

    marks = pd.DataFrame(
        {
            "lon": stations["lon"].round(4),
            "lat": stations["lat"].round(4),
            "name": [look.name(str(p)) for p in stations["platform"]],
            "c": [rgb(look.theme.colour(str(p)), 200) for p in stations["platform"]],
        }
    )
    layer = pydeck.Layer(
        "ScatterplotLayer",
        id="stations",
        data=marks,
        get_position="[lon, lat]",
        get_radius=120,
        get_fill_color="c",
        radius_min_pixels=2,
        radius_max_pixels=7,
        pickable=True,
    )
    centre = stations[["lon", "lat"]].median()
    return _deck(
        layer, look, longitude=float(centre["lon"]), latitude=float(centre["lat"]), zoom=8.6, tip="<b>{name}</b>"
    )


def _deck(
    layer: "pydeck.Layer", look: Look, *, longitude: float, latitude: float, zoom: float, tip: str
) -> "pydeck.Deck":
    """`map_provider=None` is what keeps the map off the internet; an empty style would not."""
    import pydeck

    land, edge = LAND[look.theme.mode]
    ground = pydeck.Layer(
        "GeoJsonLayer", id="land", data=PROVINCES_URL, get_fill_color=land, get_line_color=edge, line_width_min_pixels=1
    )
    return pydeck.Deck(
        map_provider=None,
        layers=[ground, layer],
        initial_view_state=pydeck.ViewState(longitude=longitude, latitude=latitude, zoom=zoom, min_zoom=2, max_zoom=13),
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
