"""The map of the room: stations over demand, and what a click on it does."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis.space.catchment import Base, Change
from analysis.space.expected import format_of
from analysis.views import catchment_map
from analysis.views.look import Look, View
from data.grade import Grade
from data.platforms import PLATFORMS
from pages.ui import inputs, layout, map_catchment_state, map_catchment_tools, map_deck, state
from pages.ui.map_catchment_city import renew
from pages.ui.map_catchment_model import City
from pages.ui.map_catchment_state import Plan

if TYPE_CHECKING:
    from pydeck import Deck

TAPS = ("add", "shut", "show")
"""What a click does: adds a site, shuts a station or removes a site, shows a catchment."""
NONE = ""
SITE = "#"
"""Before the number of a placed site among the stations that can be shown."""
OFFERED = 150
"""Stations offered by name to show the catchment of; a click on the map shows any."""


@dataclass(frozen=True, slots=True)
class Controls:
    """What the reader set beside the map: what a click does, the format of the next site, the catchment shown."""

    tap: str
    format: str
    shown: str


def controls(look: Look, today: Base, plan: Plan, network: str) -> Controls:
    """Switch of what a click does, format of the next site, and the catchment shown."""
    tap = inputs.switch(look, "cat_tap", TAPS, label=lambda t: look.say(f"catch.tap_{t}"))
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        format = inputs.one(
            look,
            "cat_format",
            list(map_catchment_state.CODES),
            label=lambda f: look.say(f"station.format_{f}"),
            default=format_of(network),
            of=network,
            width=200,
        )
        return Controls(tap, format, _shown(look, today, plan, network))


def draw(
    look: Look,
    today: City,
    change: Change,
    plan: Plan,
    asked: Controls,
    offered: pd.DataFrame,
    *,
    network: str,
    title: str,
    caption: str,
    grade: Grade,
) -> None:
    """The map with its table; `offered` are the candidates on show (columns lat, lon, white_parcels_per_day)."""
    drawn = _catchment(change, plan, asked.shown)
    deck = _deck(look, today.ground, change, plan, network, asked.shown, drawn, offered)
    alt = look.say("catch.alt_map", title=title)
    here = set(today.base.stations.loc[today.base.stations["inside"], "platform"].astype(str))
    legend = [(look.theme.colour(one), look.name(one)) for one in PLATFORMS if one in here]
    figure = map_deck.still(look, deck, legend=legend)
    layout.caption_row(look, View(figure, _table(look, change, drawn), title, caption, alt, grade), "cat_map")
    click = map_deck.show(look, deck, key="cat_deck", alt=alt, height=460)
    st.caption(look.say("catch.map_key", name=look.name(network)))
    if click is not None:
        _clicked(look, change.base, click, asked.tap, asked.format, plan, network=network)


def _shown(look: Look, today: Base, plan: Plan, network: str) -> str:
    """Which catchment is shaded: of a site placed, a station shut or one of the network's largest."""
    own = today.stations[today.stations["inside"] & (today.stations["platform"] == network)]
    large = own.nlargest(OFFERED, "parcels_per_day")["station_id"].astype(str)
    sites = [f"{SITE}{i + 1}" for i in range(len(plan.sites))]
    asked = state.get("cat_show", NONE, str)
    known = [asked] if asked and asked in set(today.stations["station_id"].astype(str)) else []
    options = list(dict.fromkeys([NONE, *sites, *known, *plan.shut, *large]))
    return inputs.one(look, "cat_show", options, label=lambda one: _label(look, one), of=network, width=230)


def _label(look: Look, one: str) -> str:
    if one == NONE:
        return look.say("catch.show_none")
    return look.say("catch.show_site", n=one[1:]) if one.startswith(SITE) else one


def finding(look: Look, change: Change, plan: Plan, shown: str, where: str) -> str:
    """How far the catchment shown reaches, or what the plan holds."""
    drawn = _catchment(change, plan, shown)
    if drawn is not None:
        name = layout.plain(_label(look, shown))  # an id from a file: nothing in it may become a picture
        return catchment_map.reach_finding(drawn, _place(change, plan, shown), look, name=name)
    if plan.size:
        return look.say("catch.plan_finding", where=where, new=len(plan.sites), shut=len(plan.shut))
    return look.say("catch.start", where=where)


def _place(change: Change, plan: Plan, shown: str) -> tuple[float, float]:
    """Latitude and longitude of what is shown."""
    if shown.startswith(SITE):
        site = plan.sites[int(shown[1:]) - 1]
        return site.lat, site.lon
    row = change.base.stations.iloc[change.base.row(shown)]
    return float(row["lat"]), float(row["lon"])


def _catchment(change: Change, plan: Plan, shown: str) -> pd.DataFrame | None:
    """Points of the catchment shown: of a site after the plan, of a station as it is today."""
    if shown == NONE:
        return None
    if shown.startswith(SITE):
        return change.catchment(int(shown[1:]) - 1)
    return change.base.catchment(shown)


def _deck(
    look: Look,
    ground: pd.DataFrame,
    change: Change,
    plan: Plan,
    network: str,
    shown: str,
    drawn: pd.DataFrame | None,
    offered: pd.DataFrame,
) -> "Deck":
    today = change.base
    stations = today.stations[today.stations["inside"]]
    said = [
        look.say("catch.tip_site", n=row.name, parcels=look.count(row.parcels_per_day))
        for row in change.sites[["name", "parcels_per_day"]].itertuples(index=False)
    ]
    sites = change.sites[["name", "lat", "lon"]].assign(said=said)
    at = None if drawn is None else _place(change, plan, shown)
    return catchment_map.catchment_map(
        ground,
        stations,
        look,
        network=network,
        sites=sites,
        shut=plan.shut,
        chosen=at,
        catchment=drawn,
        candidates=offered,
    )


def _table(look: Look, change: Change, drawn: pd.DataFrame | None) -> pd.DataFrame:
    """Cells of the catchment shown, or the stations whose parcels the plan moves."""
    if drawn is not None:
        rows = drawn.sort_values("probability", ascending=False).head(1000)
        return pd.DataFrame(
            {
                look.say("catch.latitude"): rows["lat"].round(5),
                look.say("catch.longitude"): rows["lon"].round(5),
                look.say("catch.share_here"): (rows["probability"] * 100).round(2),
                look.say("catch.parcels_per_day"): rows["parcels_per_day"].round(2),
            }
        ).reset_index(drop=True)
    rows = change.stations().head(1000)
    return pd.DataFrame(
        {
            look.say("catch.station"): rows["station_id"].astype(str),
            look.say("market.network"): [look.name(str(p)) for p in rows["platform"]],
            look.say("catch.before_per_day"): rows["before"].round(2),
            look.say("catch.change_per_day"): rows["change"].round(2),
            look.say("catch.takes"): rows["capacity"].round(0),
            look.say("catch.latitude"): rows["lat"].round(5),
            look.say("catch.longitude"): rows["lon"].round(5),
        }
    ).reset_index(drop=True)


def _clicked(
    look: Look, today: Base, click: map_deck.Click, tap: str, format: str, plan: Plan, *, network: str
) -> None:
    """Do what a click asks for, and draw the room again."""
    mark = str(click.row.get("id", "")) if click.layer in ("own", "shut", "sites") else ""
    if tap == "add":
        at = click.row if click.layer == "candidates" else {"lat": click.lat, "lon": click.lon}
        site = map_catchment_state.placed(float(at["lat"]), float(at["lon"]), format)
        if site is not None and click.layer != "sites":
            map_catchment_tools.place(look, today, site)
    elif not mark:
        st.toast(look.say("catch.nothing_there"), icon=":material/touch_app:")
    elif tap == "show":
        state.put("cat_show", f"{SITE}{mark}" if click.layer == "sites" else mark, NONE)
        renew(look, f"cat_show.{network}")
        st.rerun()
    elif click.layer == "sites" and mark.isdigit() and int(mark) <= len(plan.sites):
        site = plan.sites[int(mark) - 1]
        map_catchment_state.remove(site.lat, site.lon)
        st.rerun()
    elif click.layer != "sites":
        map_catchment_tools.added(look, map_catchment_state.toggle(mark))
