"""The map that follows the zoom: prefectures, then hexagons, then single stations."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.space.cloud import Cloud, hexes
from analysis.space.packets import every_packet, hex_packet, packed, tile_packet
from analysis.views import nation
from analysis.views.decks import CHINA, LAND, Bounds, deck, land
from analysis.views.look import Look
from analysis.views.theme import rgb
from data.cities import cities
from data.geo import PREFECTURES_URL, PROVINCES_URL, prefectures
from data.platforms import PLATFORMS
from data.settlements import settlements

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pydeck

    from analysis.views.nation_values import Frames

STEPS = ((9.0, "stations"), (7.3, "6"), (6.1, "5"), (4.8, "4"), (-9.0, "regions"))
"""From which zoom on which layer is shown: H3 resolutions between prefectures and stations."""
DEEPEST = 16.0
MOST_PLACES = 40
FONTS = "Inter, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"


def zoom_map(
    look: Look,
    *,
    city: str = "",
    shape: dict[str, Any] | None = None,
    ground: str = PREFECTURES_URL,
    borders: str = PROVINCES_URL,
) -> "pydeck.Deck":
    """Ground, the layers that follow the zoom, borders of provinces; the view opens on `city`, which is framed.

    `ground` and `borders` are addresses of outlines; `shape` is the geometry (GeoJSON) of the city where it is not that
    of the built-in ones.

    The layers "regions", "hexes" and "stations" hold no rows: the browser fetches those it shows.
    """
    import pydeck

    _, edge = LAND[look.theme.mode]
    line = {"get_line_color": edge, "line_width_min_pixels": 0.5, "pickable": True, "auto_highlight": True}
    layers = [
        land(look, ground),
        pydeck.Layer("GeoJsonLayer", id="regions", data=ground, **line),
        pydeck.Layer(
            "H3HexagonLayer", id="hexes", data=[], extruded=False, stroked=False, coverage=0.94, pickable=True
        ),
        pydeck.Layer(
            "ScatterplotLayer",
            id="stations",
            data=[],
            get_radius=45,
            radius_min_pixels=1.6,
            radius_max_pixels=7,
            pickable=True,
        ),
        pydeck.Layer(
            "GeoJsonLayer",
            id="borders",
            data=borders,
            filled=False,
            get_line_color=rgb(look.theme.muted, 180),
            line_width_min_pixels=0.8,
        ),
    ]
    shapes = _shapes(city, shape)
    layers += [_frame(shapes, look)] if shapes else []
    layers.append(_names(city, look))
    return deck(layers, _bounds(shapes), tip="", deepest=DEEPEST)


def _names(city: str, look: Look) -> "pydeck.Layer":
    """Names of prefectures, and of the largest places of the city chosen; the browser shows them from near."""
    import pydeck

    seats = cities()
    name = f"name_{look.lang}"
    near = settlements()
    near = near[near["prefecture"] == (city or None)].nlargest(MOST_PLACES, "population")
    rows = pd.concat(
        [
            pd.DataFrame({"t": seats[f"city_{look.lang}"], "lon": seats["lon"], "lat": seats["lat"], "s": 12}),
            pd.DataFrame({"t": near[name], "lon": near["lon"], "lat": near["lat"], "s": 10}),
        ]
    )
    return pydeck.Layer(
        "TextLayer",
        id="names",
        data=rows.drop_duplicates("t"),
        get_position="[lon, lat]",
        get_text="t",
        get_size="s",
        get_color=rgb(look.theme.text),
        background=True,
        get_background_color=rgb(look.theme.surface, 190),
        background_padding=[3, 1],
        character_set=pydeck.types.String("auto"),
        font_family=pydeck.types.String(FONTS),
    )


def _shapes(city: str, own: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Features of the city chosen: of the reader's own outlines, or of the built-in ones."""
    if own is not None:
        return [{"type": "Feature", "properties": {"adcode": city}, "geometry": own}]
    return [one for one in prefectures()["features"] if str(one["properties"]["adcode"]) == city]


def _bounds(shapes: "Sequence[dict[str, Any]]") -> Bounds:
    if not shapes:
        return CHINA
    held = [np.array(ring) for one in shapes for polygon in _polygons(one["geometry"]) for ring in polygon]
    (west, south), (east, north) = np.concatenate(held).min(axis=0), np.concatenate(held).max(axis=0)
    return Bounds(float(west), float(south), float(east), float(north))


def _polygons(geometry: dict[str, Any]) -> "Sequence[Sequence[Sequence[Sequence[float]]]]":
    found = geometry["coordinates"]
    return found if geometry["type"] == "MultiPolygon" else [found]


def _frame(shapes: "Sequence[dict[str, Any]]", look: Look) -> "pydeck.Layer":
    """Outline of the city chosen."""
    import pydeck

    return pydeck.Layer(
        "GeoJsonLayer",
        id="chosen",
        data={"type": "FeatureCollection", "features": list(shapes)},
        filled=False,
        get_line_color=rgb(look.theme.text),
        line_width_min_pixels=2,
    )


def region_packets(frames: "Frames", look: Look) -> "Callable[[str], bytes | None]":
    """Colours of all months at once, and what a hover says of one month, by name ("colours", "words/3.json")."""

    def make(name: str) -> bytes | None:
        if name == "colours":
            return packed(nation.paint(frames, look).reshape(-1))
        month = _number(name.removeprefix("words/").removesuffix(".json"), len(frames.months))
        if month is None:
            return None
        import json

        return json.dumps(nation.words(frames, look, month=frames.months[month]), ensure_ascii=False).encode()

    return make


def station_packets(cloud: Cloud, months: int, within: "Sequence[str] | None") -> "Callable[[str], bytes | None]":
    """Hexagons, tiles and all stations by name: "hex/5/91/1" (resolution, month, network), "tile/208/111", "every/91".

    `months` is how many there are; `within` limits all of it to some cities.
    """
    lockers = [i for i, key in enumerate(cloud.networks) if PLATFORMS[key].format == "locker"]

    def make(name: str) -> bytes | None:
        kind, *rest = name.split("/")
        numbers = [_number(text, 2**16) for text in rest]
        match kind, numbers:
            case "hex", [int(resolution), int(month), int(focus)] if resolution in cloud.cells and month < months:
                found = hexes(cloud, resolution, month, cities=within)
                return hex_packet(found, focus - 1 if focus <= len(cloud.networks) else -1, aside=lockers)
            case "tile", [int(x), int(y)]:
                return tile_packet(cloud, x, y, cities=within)
            case "every", [int(month)] if month < months:
                return every_packet(cloud, month, cities=within)
        return None

    return make


def _number(text: str, below: int) -> int | None:
    found = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None
    return found if found is not None and found < below else None


def colours(look: Look) -> dict[str, Any]:
    """Colours that the browser paints hexagons and stations with."""
    fills = [{"key": key, "name": look.name(key), "rgb": rgb(look.theme.colour(key))[:3]} for key in PLATFORMS]
    rest, ground = (rgb(colour)[:3] for colour in (look.theme.colour(""), look.theme.grid))
    return {"networks": fills, "rest": rest, "bare": ground}
