"""Who pays what, and does it work?"""

from pages.ui.guard import via_app

via_app(__file__)

import streamlit as st

from pages.ui import cached, fits, inputs, layout, station_sections, subsidy_sections, text

look = text.look()
market = cached.market()
layout.header(look, "subsidy", grade=market.grade, source=cached.source(look, market))
cached.need_volumes(market, look)
with st.container(horizontal=True, gap="small", vertical_alignment="center", key="subsidy_controls"):
    part = inputs.switch(look, "part", ("landscape", "effect", "station"), label=lambda p: look.say(f"subsidy.{p}"))
    filters = inputs.filters(look, cached.months(market), by_network=part == "landscape")
if part == "station":
    station_sections.station(look, market, filters)
elif not fits.payers(market):
    st.info(look.say("subsidy.none_in_data"), icon=":material/info:")
elif part == "landscape":
    subsidy_sections.landscape(look, market, filters)
else:
    subsidy_sections.effect(look, market, filters)
