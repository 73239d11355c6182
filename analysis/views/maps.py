"""Station maps (pydeck, no tiles): nothing is fetched from outside."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.views.decks import around, deck, land, safe
from analysis.views.look import Look
from analysis.views.theme import rgb
from data.geo import PREFECTURES_URL, PROVINCES_URL

if TYPE_CHECKING:
    import pydeck

GRID_DEGREES = 0.25
"""Side of a cell of the national station map; about 25 km."""


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
    tip = f"{safe(look.name(network))}: <b>{{n}}</b><br/>{look.say('map.all_networks')}: {{all}}"
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


def _deck(layer: "pydeck.Layer", look: Look, points: pd.DataFrame, *, tip: str, ground: str) -> "pydeck.Deck":
    return deck([land(look, ground), layer], around(points["lon"], points["lat"]), tip=tip, deepest=13)


def station_table(stations: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Stations by network and tier: the map as numbers."""
    table = stations.groupby(["platform", "tier"], observed=True).size().unstack(fill_value=0)
    table.insert(0, "total", table.sum(axis=1))
    table = table.sort_values("total", ascending=False)
    table.columns = [look.say("market.total") if c == "total" else look.term("tier", c) for c in table.columns]
    table.index = pd.Index([look.name(str(p)) for p in table.index], name=look.say("market.network"))
    return table
