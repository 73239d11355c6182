"""Beside the map: one city in figures, and the ways from it to every other page."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from analysis import summary
from analysis.views import city_panel, places
from analysis.views.look import Look, View
from data.cities import cities as all_cities
from data.markets import Market
from pages.ui import answers, area, cached, layout
from pages.ui.inputs import Filters

ICONS = {"growth": "trending_up", "subsidy": "payments", "scenario": "tune"}
MOST_FIGURES = 4


def panel(look: Look, market: Market, filters: Filters, city: str, network: str) -> None:
    """Figures, shares against the tier, subsidies and stations of one city (code), and links to the other pages.

    The title of the shares speaks of `network`, the one in focus. Its tier is compared as a whole, whatever the filters
    of tier, region and area, and with all networks.
    """
    with st.container(gap="small", key="city_panel"):
        if city not in all_cities().index:
            st.info(look.say("city_panel.unknown", code=layout.plain(city[:12])), icon=":material/info:")
            return
        name = cached.city_label(city, look)
        with st.container(border=True, gap="xsmall", key="city_panel_head"):
            st.header(name, anchor=False)
            _facts(look, city)
            _to_other_pages(look, city, name)
        rows = cached.city_rows(market, city) if market.panel is not None else None
        figures = [] if rows is None else city_panel.figures(rows, filters.month, look, market.grade)
        if rows is None or not figures:
            month = look.month(filters.month)
            st.info(look.say("city_panel.no_volumes", where=name, month=month), icon=":material/info:")
        else:
            caption = look.say("pinned.figures_of_place", where=name, month=look.month(filters.month))
            shown = [replace(figure, trend=[]) for figure in figures[:MOST_FIGURES]]
            answers.tiles(look, shown, "panel_figures", caption=caption, columns=2, least=140)
            if said := city_panel.home_apart(rows, filters.month, look):
                st.caption(said)
            _shares(look, market, filters, city, name, network)
            _subsidies(look, market, filters, rows, name)
        _stations(look, market, filters, city, name)


def _facts(look: Look, city: str) -> None:
    """Tier, province, people of the census."""
    row = all_cities().loc[city]
    people = look.count(float(row["population_2020"]))
    parts = {"tier": look.term("tier", row["tier"]), "province": row[f"province_{look.lang}"], "people": people}
    st.caption(look.say("city_panel.facts", code=city, **parts))


def _to_other_pages(look: Look, city: str, name: str) -> None:
    """The city as the area of every page, and links."""
    now = area.chosen()
    with st.container(horizontal=True, gap="small", key="city_panel_area"):
        if now != (city,):
            label, icon = look.say("city_panel.only", name=name), ":material/highlight_alt:"
            st.button(label, icon=icon, key="area_only", on_click=area.put, args=((city,),))
        if now and city not in now:
            label = look.say("city_panel.add", name=name)
            st.button(label, icon=":material/add:", key="area_add", on_click=area.put, args=((*now, city),))
        if city in now:
            label, rest = look.say("city_panel.take_out", name=name), tuple(code for code in now if code != city)
            st.button(label, icon=":material/remove:", key="area_take_out", on_click=area.put, args=(rest,))
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="city_panel_links"):
        layout.city_link(look, "share", city, name)
        for page, prepare in links(city).items():
            label, icon = look.say(f"page.{page}"), f":material/{ICONS[page]}:"
            help_text = look.say(f"city_panel.to_{page}", name=name)
            if st.button(label, icon=icon, key=f"city_to_{page}", type="tertiary", help=help_text):
                prepare()
                st.switch_page(f"pages/{page}.py")


def links(city: str) -> dict[str, Callable[[], None]]:
    """What has to be set before each page without a city of its own opens on it."""
    return {
        "growth": partial(_to_growth, city),
        "subsidy": partial(_to_subsidy, city),
        "scenario": partial(area.want, city),
    }


def _to_growth(city: str) -> None:
    area.put((city,))
    area.turn("topic", "series")
    area.turn("series", "market.total")


def _to_subsidy(city: str) -> None:
    area.put((city,))
    area.turn("part", "landscape")


def _shares(look: Look, market: Market, filters: Filters, city: str, name: str, network: str) -> None:
    tier = cached.city_tier(city)
    peers = cached.wide(market, "city", replace(filters.everywhere(), tiers=(tier,)))
    title = city_panel.share_finding(peers, city, look, network=network, name=name, tier=look.term("tier", tier))
    term = look.term("tier", tier)
    caption = look.say("view.city_caption", tier=term, month=look.month(filters.month))
    view = places.against_tier(peers, city, look, name=name, tier=term, caption=caption, grade=market.grade)
    layout.card(look, replace(view, title=title), "panel_share")


def _subsidies(look: Look, market: Market, filters: Filters, rows: pd.DataFrame, name: str) -> None:
    month = look.month(filters.month)
    payers = places.subsidies(summary.at(rows, filters.month), look)
    title = places.subsidy_finding(payers, look, name=name, month=month)
    caption = look.say("view.payers_caption", month=month)
    _said(look, market, payers, title=title, caption=caption, key="panel_payers")


def _stations(look: Look, market: Market, filters: Filters, city: str, name: str) -> None:
    if market.stations is None:
        st.caption(look.say("map.no_stations"))
        return
    stations = market.stations
    key = (market.version, city, f"{filters.month:%Y-%m}")
    table = cached.kept(
        "city_moves",
        key,
        lambda: city_panel.moves(stations.loc[stations["city"] == city, list(city_panel.NEEDED)], filters.month),
    )
    if table.empty:
        st.caption(look.say("city_panel.no_stations", where=name))
        return
    title = city_panel.stations_finding(table, look, name=name)
    caption = look.say("city_panel.stations_caption", month=look.month(filters.month))
    shown = city_panel.stations_table(table, look)
    _said(look, market, shown, title=title, caption=caption, key="panel_stations")


def _said(look: Look, market: Market, table: pd.DataFrame, *, title: str, caption: str, key: str) -> None:
    """A finding whose table opens on demand: the panel stays about as high as the map."""
    with st.container(border=True, gap="xsmall", key=f"card_{key}"):
        layout.heading(look, View({}, table, title, caption, title, market.grade), key)
