"""Where are they thick, thin, absent?"""

from pages.ui.guard import via_app

via_app(__file__)

from functools import partial

import streamlit as st

from data.platforms import OUTSIDE, PLATFORMS
from pages.ui import area, cached, inputs, layout, map_rooms, text, told

look = text.look()
market = cached.market()
layout.header(look, "map", grade=market.grade, source=cached.source(look, market))
cached.need_volumes(market, look)
by_network = inputs.peek(look, "room", map_rooms.ROOMS) in map_rooms.BY_NETWORK
filters = inputs.filters(look, cached.months(market), by_network=by_network)

layout.need_rows(look, cached.wide(market, "tier", filters))
room = inputs.switch(look, "room", map_rooms.ROOMS, label=lambda r: look.say(f"room.{r}"))
with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="map_subject"):
    network = inputs.one(
        look, "focus", [p for p in PLATFORMS if p != OUTSIDE], label=look.name, default="duoduo", width=220
    )
    cities = cached.cities(market, filters, look, network=network)
    codes, said = ["all", *cities.index], partial(cached.city_label, look=look)
    place = inputs.one(look, "city", codes, label=said, default=area.of_city(), width=240)
    map_rooms.bar(look, room)
told.narrowed(look, filters, {"focus": look.name(network), "city": "" if place == "all" else said(place)})
map_rooms.show(look, market, filters, room=room, network=network, place=place)
st.caption(look.say("map.schematic"))
