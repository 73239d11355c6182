"""Where are they thick, thin, absent?"""

from pages.ui.guard import via_app

via_app(__file__)

import streamlit as st

from analysis.views import maps
from data.platforms import OUTSIDE, PLATFORMS
from pages.ui import cached, inputs, layout, text

look = text.look()
market = cached.market()
layout.header(look, "map", grade=market.grade, source=cached.source(look, market))
cached.need_volumes(market, look)
filters = inputs.filters(look, cached.months(market))

layout.need_rows(look, cached.wide(market, "tier", filters))
with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="map_controls"):
    measure = inputs.one(look, "measure", maps.MEASURES, label=lambda m: look.say(f"measure.{m}"), width=280)
    network = inputs.one(
        look, "focus", [p for p in PLATFORMS if p != OUTSIDE], label=look.name, default="duoduo", width=220
    )
    cities = cached.cities(market, filters, look, network=network)
    place = inputs.one(look, "city", ["all", *cities.index], label=lambda c: cached.city_label(c, look), width=240)
    if place != "all":
        layout.city_link(look, "share", place, cached.city_label(place, look))
layout.legend(look, list(cached.wide(market, "month", filters)))

left, right = st.columns([3, 2], gap="small")
with left:
    caption = look.say(f"measure.{measure}_caption", name=look.name(network), month=look.month(filters.month))
    view = maps.prefectures(
        cities,
        look,
        measure=measure,
        network=network,
        caption=caption,
        month=look.month(filters.month),
        grade=market.grade,
    )
    layout.card(look, view, "prefectures")
with right:
    stations = cached.stations(market, filters, place)
    if stations is None or stations.empty:
        st.info(look.say("map.no_stations"), icon=":material/info:")
        st.stop()
    deck, finding = cached.deck(market, filters, place, network, look)
    where = look.say("finding.stations", n=f"{len(stations):,}", where=cached.city_label(place, look))
    caption = look.say(
        "map.national_caption" if place == "all" else "map.city_caption", month=look.month(filters.month)
    )
    table = maps.station_table(stations, look)
    layout.deck_card(look, deck, table, title=finding or where, caption=caption, n=len(stations), grade=market.grade)
st.caption(look.say("map.schematic"))
