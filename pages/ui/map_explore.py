"""The map that follows the zoom, with the city that was clicked beside it."""

from functools import partial
from weakref import ref

import numpy as np
import pandas as pd
import streamlit as st

from analysis.space.cloud import Cloud, cloud
from analysis.views import maps, nation, nation_scale, zoom
from analysis.views.look import Look, View
from analysis.views.nation_map import prefectures
from analysis.views.nation_values import Frames
from data import geo
from data.markets import Market
from data.platforms import OUTSIDE, PLATFORMS
from pages.ui import area, cached, inputs, layers, layout, map_boundaries, map_deck, map_panel, outlines
from pages.ui.inputs import Filters
from pages.ui.map_frames import frames
from pages.ui.owner import owner

KEY = "zoom"
HEIGHT = 520


def bar(look: Look) -> None:
    """What colours the prefectures."""
    inputs.one(look, "measure", nation.MEASURES, label=lambda m: look.say(f"measure.{m}"), width=300)


def section(look: Look, market: Market, filters: Filters, *, network: str, place: str) -> None:
    """Map and month slider on the left; the city chosen, or the ranking of cities, on the right."""
    measure = inputs.peek(look, "measure", nation.MEASURES)
    found = frames(market, filters, network, measure)
    view = _view(look, market, filters, network, measure, found)
    left, right = st.columns([3, 2], gap="small")
    with left:
        if map_deck.drawable():
            _zooming(look, market, filters, network=network, place=place, found=found, view=view)
        else:
            layout.card(look, view, "prefectures")
    with right:
        if place != "all":
            map_panel.panel(look, market, filters, place, network)
        else:
            _stations(look, market, filters, network)


def _zooming(
    look: Look, market: Market, filters: Filters, *, network: str, place: str, found: Frames, view: View
) -> None:
    with st.container(border=True, gap="xsmall", key="card_zoom"):
        layout.heading(look, view, "prefectures")
        city = place if place != "all" else ""
        ground, borders = outlines.addresses()
        click = map_deck.show(
            look,
            zoom.zoom_map(look, city=city, shape=map_boundaries.shape(city), ground=ground, borders=borders),
            key=KEY,
            alt=view.alt,
            height=HEIGHT,
            zooming=_spec(look, market, filters, network, found),
            stages=_stages(look, network, found),
            on_month=partial(_month, [f"{month:%Y-%m}" for month in found.months]),
        )
        if _of_one(found):
            layout.swatches(look, nation.legend(found, look))
        else:
            layout.legend(look, [key for key in cached.networks(market) if key != OUTSIDE])
    code = _city_of(click) if click is not None else ""
    if code in found.cities and code != place:
        choose(code)
    elif code and code != place:
        st.toast(look.say("map.city_outside"), icon=":material/filter_alt:")


def _city_of(click: map_deck.Click) -> str:
    """The city that was clicked; by the place where the browser found no region, as while it still draws them."""
    if click.layer == "regions":
        return str(click.row.get("adcode", ""))
    return "" if click.layer else str(geo.prefecture_at(np.array([click.lon]), np.array([click.lat]))[0])


def _stages(look: Look, network: str, found: Frames) -> dict[str, str]:
    """What is said of each layer: what it shows, and what its colours mean."""
    said = {stage: look.say(f"deck.stage_{stage}") for stage in map_deck.STAGES}
    name = look.name(network)
    more = dict.fromkeys(
        said, look.say("deck.own_hexes", name=name) if _of_one(found) else look.say("deck.leader_hexes")
    )
    more |= {"regions": "", "stations": look.say("deck.own_stations", name=name) if _of_one(found) else ""}
    return {stage: look.text((words, more[stage])) if more[stage] else words for stage, words in said.items()}


def _of_one(found: Frames) -> bool:
    """Whether the map is about one network: hexagons and stations then show that one."""
    return found.measure != "leader"


def _view(look: Look, market: Market, filters: Filters, network: str, measure: str, found: Frames) -> View:
    month = look.month(filters.month)
    caption = look.say(f"measure.{measure}_caption", name=look.name(network), month=month)
    cities = cached.cities(market, filters, look, network=network)
    return prefectures(
        cities,
        look,
        measure=measure,
        network=network,
        caption=caption,
        month=month,
        grade=market.grade,
        on=nation_scale.scale(found, look) if found.lead is None else None,
    )


def _spec(look: Look, market: Market, filters: Filters, network: str, found: Frames) -> dict[str, object]:
    """What the browser needs to follow the zoom: addresses, months, colours."""
    months = list(found.months)
    here = filters.tiers, filters.regions, filters.area
    shades = found.measure, network, *here, look.lang, look.theme.mode
    regions = layers.offer(owner(), ("regions", market.version, *shades), zoom.region_packets(found, look))
    return {
        **zoom.colours(look),
        "steps": zoom.STEPS,
        "months": [look.month(month) for month in months],
        "keys": [f"{month:%Y-%m}" for month in months],
        "month": months.index(filters.month),
        "focus": list(PLATFORMS).index(network) if _of_one(found) else -1,
        "regions": {
            "url": regions,
            "codes": found.cities,
            "names": nation.names(found, look),
            "label": look.say(f"measure.{found.measure}"),
        },
        "stations": _served(market, filters, months),
    }


def _served(market: Market, filters: Filters, months: list[pd.Timestamp]) -> str:
    """Address of hexagons and stations; empty where the market has none."""
    if not market.has("stations"):
        return ""
    here = filters.tiers, filters.regions, filters.area
    cities = cached.city_codes(market, filters) if any(here) else None
    laid = ref(laid_out(market, months[0]))  # the cache may let go of it: the page then offers it anew
    key = ("stations", market.version, *here, f"{filters.month:%Y-%m}" if cities else "")

    def make(name: str) -> bytes | None:
        found = laid()
        return None if found is None else zoom.station_packets(found, len(months), cities)(name)

    return layers.offer(owner(), key, make)


def laid_out(market: Market, first: pd.Timestamp) -> Cloud:
    """Stations of the market as the map fetches them."""
    stations = market.stations
    assert stations is not None
    return cached.kept_large("cloud", (market.version, f"{first:%Y-%m}"), lambda: cloud(stations, first=first))


def _stations(look: Look, market: Market, filters: Filters, network: str) -> None:
    """Stations of the whole country, by network and tier; their cells where the map cannot follow the zoom."""
    rows = cached.stations(market, filters, "all")
    if rows is None or rows.empty:
        st.info(look.say("map.no_stations"), icon=":material/info:")
        return
    key = (market.version, filters.key, look.lang)
    table = cached.kept("station_table", key, partial(maps.station_table, rows, look))
    month = look.month(filters.month)
    if map_deck.drawable():
        own = int((rows["platform"] == network).sum())
        title = look.say("finding.own_stations", name=look.name(network), n=f"{own:,}", total=f"{len(rows):,}")
        caption = look.say("map.table_caption", month=month)
        layout.table_card(look, table, title=title, caption=caption, grade=market.grade, key="stations")
    else:
        deck, finding = cached.deck(market, filters, "all", network, look)
        caption, alt = look.say("map.national_caption", month=month), look.say("alt.stations", n=f"{len(rows):,}")
        legend = [(look.theme.colour(network), look.name(network)), (look.theme.colour(""), look.say("pinned.rivals"))]
        figure = map_deck.still(look, deck, legend=legend)
        layout.deck_card(look, deck, View(figure, table, finding, caption, alt, market.grade))


def choose(city: str) -> None:
    """Show a city, as if it had been picked from the list."""
    area.turn("city", city)
    st.rerun()


def _month(months: list[str]) -> None:
    """The month that the slider was left at becomes the page's."""
    asked = map_deck.asked_month(KEY)
    if asked in months:
        area.turn("month", asked)
