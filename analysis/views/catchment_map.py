"""Map of one city's stations over its demand, with the sites placed, the stations shut and one catchment shaded."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.views.decks import CHINA, LEAST_DEGREES, Bounds, around, deck, land
from analysis.views.look import Look, percent
from analysis.views.theme import rgb
from data.geo import PREFECTURES_URL, distance_km
from data.platforms import PLATFORMS

if TYPE_CHECKING:
    import pydeck

CELLS, RIVALS, OWN = 5_000, 5_000, 10_000
"""Most cells of demand, marks of rivals and of the network drawn: the strongest cells, and one of stations close by."""
METRES = 111_195
"""In a degree of latitude."""
ROUND = 0.52
"""Radius of a cell drawn as a disc, in sides."""
FAINTEST, STRONGEST = 12, 150
"""Opacity of demand cells, 0-255."""
CATCHMENT_FULL = 210
LEAST_SHARE = 0.001
"""Share of a cell below which it is no part of a catchment that is drawn."""
MOST = 0.8
"""Part of a catchment's parcels that its reach is told for."""
EDGE = 0.05
"""Part of the stations to every side that the map leaves out of sight when it opens."""
COARSER = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032)
"""Degrees within which one rival stands for all of its network, tried one after another."""


def cells(demand: pd.DataFrame) -> pd.DataFrame:
    """The strongest cells of demand: columns lon, lat, r (metres), a (opacity, 0-255).

    `demand` has columns lat, lon and parcels_per_day.
    """
    kept = demand[demand["parcels_per_day"] > 0].nlargest(CELLS, "parcels_per_day")
    radius = round(side_m(demand) * ROUND)
    return kept[["lon", "lat"]].round(5).assign(r=radius, a=_opacity(kept["parcels_per_day"], STRONGEST))


def shaded(catchment: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Cells of one catchment by the share that the station has there: columns lon, lat, r, a, t (what a hover tells).

    `catchment` has columns lat, lon, probability and parcels_per_day.
    """
    kept = catchment[catchment["probability"] > LEAST_SHARE].nlargest(CELLS, "probability")
    said = [
        look.say("catch.tip_cell", share=percent(share), parcels=f"{parcels:,.1f}")
        for share, parcels in kept[["probability", "parcels_per_day"]].itertuples(index=False)
    ]
    radius = round(side_m(catchment) * ROUND)
    return kept[["lon", "lat"]].round(5).assign(r=radius, a=_opacity(kept["probability"], CATCHMENT_FULL), t=said)


def _opacity(values: pd.Series, full: int) -> npt.NDArray[np.int64]:
    top = float(values.quantile(0.98)) if len(values) else 1.0
    strength = np.sqrt(np.minimum(values.to_numpy(float) / (top or 1.0), 1.0))
    return np.asarray((FAINTEST + strength * (full - FAINTEST)).round(), dtype=np.int64)


def reach_finding(catchment: pd.DataFrame, at: tuple[float, float], look: Look, *, name: str) -> str:
    """Within how many kilometres most of a station's parcels live; `catchment` as for `catchment_map`."""
    parcels = catchment["parcels_per_day"].to_numpy(float)
    if not parcels.sum() > 0:
        return look.say("catch.no_catchment", name=name)
    away = distance_km(catchment["lat"].to_numpy(float), catchment["lon"].to_numpy(float), *at)
    order = np.argsort(away, kind="stable")
    far = away[order][np.searchsorted(np.cumsum(parcels[order]), MOST * parcels.sum())]
    values = {"part": percent(MOST, 0), "parcels": look.count(float(parcels.sum())), "km": f"{far:.1f}"}
    return look.say("catch.reach_finding", name=name, **values)


def side_m(demand: pd.DataFrame) -> float:
    """Distance between neighbouring cells of demand on a grid, metres; 250 where there is none to be seen."""
    steps = np.diff(np.unique(demand["lat"].to_numpy().round(5)))
    steps = steps[steps > 1e-4]
    return float(np.clip(np.median(steps) * METRES, 100, 5_000)) if len(steps) else 250.0


def together(stations: pd.DataFrame, *, most: int = RIVALS) -> pd.DataFrame:
    """Stations at their places (columns platform, lon, lat); of a network's that stand close, one where they are many.

    Other columns follow; what is left are `most` or fewer.
    """
    marks = stations.assign(platform=stations["platform"].astype(str)).round({"lon": 5, "lat": 5})
    thinned = marks
    for degrees in COARSER:
        if len(thinned) <= most:
            break
        cells = [(marks[axis] / degrees).round().astype(int) for axis in ("lon", "lat")]
        repeated = pd.DataFrame({"platform": marks["platform"], "x": cells[0], "y": cells[1]}).duplicated()
        thinned = marks[~repeated]
    return thinned


def catchment_map(
    demand: pd.DataFrame,
    stations: pd.DataFrame,
    look: Look,
    *,
    network: str,
    sites: pd.DataFrame,
    shut: tuple[str, ...] = (),
    chosen: tuple[float, float] | None = None,
    catchment: pd.DataFrame | None = None,
    candidates: pd.DataFrame | None = None,
) -> "pydeck.Deck":
    """The map.

    Parameters
    ----------
    demand : DataFrame
        Columns lat, lon, parcels_per_day.
    stations : DataFrame
        Those that stand: columns station_id, platform, lat, lon.
    network : str
        Whose stations are in full colour and can be clicked.
    sites : DataFrame
        Sites placed: columns name, lat, lon, said (what a hover tells).
    shut : tuple of str
        Ids of stations shut.
    chosen : tuple of float, optional
        Latitude and longitude of the station whose catchment is shaded.
    catchment : DataFrame, optional
        Its points: columns lat, lon, probability, parcels_per_day.
    candidates : DataFrame, optional
        Places that could be chosen, in their order: columns lat, lon, white_parcels_per_day.
    """
    points = stations if len(stations) else demand
    bounds = around(*(points[axis].quantile([EDGE, 1 - EDGE]) for axis in ("lon", "lat"))) if len(points) else CHINA
    if catchment is not None and len(catchment):
        bounds = around(catchment["lon"], catchment["lat"])
        stations = _near(stations, bounds)
    own = stations[stations["platform"] == network]
    rivals = stations[(stations["platform"] != network) & ~stations["station_id"].isin(shut)]
    layers = [land(look, PREFECTURES_URL), _ground(demand, look, network, catchment)]
    layers += _rivals(rivals, look)
    layers += _own(own[~own["station_id"].isin(shut)], look, network)
    layers += _shut(stations[stations["station_id"].isin(shut)], look)
    if candidates is not None and len(candidates):
        layers.append(_candidates(candidates, look, network))
    layers += _sites(sites, look, network)
    if chosen is not None:
        layers.append(_ring(chosen, look))
    return deck(layers, bounds, tip="{t}", deepest=16)


def _near(stations: pd.DataFrame, bounds: Bounds) -> pd.DataFrame:
    """Stations within a box widened by its own size to every side: what can come into sight around a catchment."""
    wide, tall = max(bounds.east - bounds.west, LEAST_DEGREES), max(bounds.north - bounds.south, LEAST_DEGREES)
    lon, lat = stations["lon"], stations["lat"]
    return stations[
        lon.between(bounds.west - wide, bounds.east + wide) & lat.between(bounds.south - tall, bounds.north + tall)
    ]


def _dots(id: str, rows: pd.DataFrame, colour: object, **options: object) -> "pydeck.Layer":
    import pydeck

    return pydeck.Layer(
        "ScatterplotLayer", id=id, data=rows, get_position="[lon, lat]", get_fill_color=colour, **options
    )


def _ground(demand: pd.DataFrame, look: Look, network: str, catchment: pd.DataFrame | None) -> "pydeck.Layer":
    radius = {"get_radius": "r", "radius_min_pixels": 1.2}
    rows, colour = cells(demand), look.theme.sequential[3]
    if catchment is not None:
        rows, colour = shaded(catchment, look), look.theme.colour(network)
    red, green, blue, _ = rgb(colour)
    id = "demand" if catchment is None else "catchment"
    return _dots(id, rows, f"[{red}, {green}, {blue}, a]", pickable=catchment is not None, **radius)


def _rivals(rivals: pd.DataFrame, look: Look) -> "list[pydeck.Layer]":
    marks = together(rivals[["platform", "lon", "lat"]])
    layers = []
    for key in [p for p in PLATFORMS if p in set(marks["platform"])]:
        locker = PLATFORMS[key].format == "locker"
        size = {"get_radius": 40 if locker else 70, "radius_min_pixels": 0.7 if locker else 1.2, "radius_max_pixels": 4}
        colour = rgb(look.theme.colour(key), 60 if locker else 130)
        layers.append(_dots(f"rivals-{key}", marks.loc[marks["platform"] == key, ["lon", "lat"]], colour, **size))
    return layers


def _own(own: pd.DataFrame, look: Look, network: str) -> "list[pydeck.Layer]":
    many = len(own) > RIVALS
    marks = together(own[["station_id", "platform", "lon", "lat"]], most=OWN)
    ids = marks["station_id"].astype(str)
    rows = marks[["lon", "lat"]].assign(id=ids, t=ids)
    size = {"get_radius": 60 if many else 110, "radius_min_pixels": 1.5 if many else 3, "radius_max_pixels": 8}
    outline = {"stroked": True, "get_line_color": rgb(look.theme.surface), "line_width_min_pixels": 0.6}
    return [_dots("own", rows, rgb(look.theme.colour(network), 235), pickable=True, **size, **outline)]


def _shut(rows: pd.DataFrame, look: Look) -> "list[pydeck.Layer]":
    marks = pd.DataFrame(
        {"lon": rows["lon"].round(5), "lat": rows["lat"].round(5), "id": rows["station_id"].astype(str)}
    )
    marks = marks.assign(t=[look.say("catch.tip_shut", id=one) for one in marks["id"]])
    ring = {"stroked": True, "get_line_color": rgb(look.theme.text), "line_width_min_pixels": 2}
    return [
        _dots("shut", marks, rgb(look.theme.surface, 200), pickable=True, get_radius=90, radius_min_pixels=5, **ring)
    ]


def _sites(sites: pd.DataFrame, look: Look, network: str) -> "list[pydeck.Layer]":
    import pydeck

    rows = pd.DataFrame({"lon": sites["lon"].round(5), "lat": sites["lat"].round(5), "id": sites["name"]})
    rows = rows.assign(t=sites["said"])
    ring = {"stroked": True, "get_line_color": rgb(look.theme.text), "line_width_min_pixels": 2}
    size = {"get_radius": 130, "radius_min_pixels": 7, "radius_max_pixels": 14}
    dots = _dots("sites", rows, rgb(look.theme.colour(network)), pickable=True, **size, **ring)
    names = pydeck.Layer(
        "TextLayer",
        id="site-names",
        data=rows[["lon", "lat", "id"]],
        get_position="[lon, lat]",
        get_text="id",
        get_size=13,
        get_color=rgb(look.theme.text),
        get_pixel_offset=[0, -17],
        font_weight=650,
    )
    return [dots, names]


def _candidates(rows: pd.DataFrame, look: Look, network: str) -> "pydeck.Layer":
    said = [
        look.say("catch.tip_candidate", n=i + 1, parcels=look.count(parcels))
        for i, parcels in enumerate(rows["white_parcels_per_day"])
    ]
    marks = pd.DataFrame({"lon": rows["lon"].round(5), "lat": rows["lat"].round(5)}).assign(t=said)
    ring = {"stroked": True, "get_line_color": rgb(look.theme.colour(network)), "line_width_min_pixels": 2}
    size = {"get_radius": 120, "radius_min_pixels": 5}
    return _dots("candidates", marks, rgb(look.theme.surface, 120), pickable=True, **size, **ring)


def _ring(at: tuple[float, float], look: Look) -> "pydeck.Layer":
    rows = pd.DataFrame({"lon": [round(at[1], 5)], "lat": [round(at[0], 5)]})
    line = {"get_line_color": rgb(look.theme.text), "line_width_min_pixels": 2, "stroked": True, "filled": False}
    return _dots("chosen", rows, rgb(look.theme.text, 0), get_radius=260, radius_min_pixels=12, **line)
