"""Who wins where, and what drives it?"""

from pages.ui.guard import via_app

via_app(__file__)

import streamlit as st

from pages.ui import cached, inputs, layout, reading_sections, share_sections, text

look = text.look()
market = cached.market()
head = st.container()
view = inputs.switch(look, "view", share_sections.VIEWS, label=lambda v: look.say(f"share_view.{v}"))
with head:
    share_sections.header(look, market, view)
if view == "couriers":
    share_sections.couriers(look)
else:
    cached.need_volumes(market, look)
    filters = inputs.filters(look, cached.months(market))
    layout.need_rows(look, cached.wide(market, "tier", filters))
    sections = {
        "standing": share_sections.standing,
        "moves": share_sections.moves,
        "drivers": reading_sections.drivers,
        "trust": reading_sections.trust,
    }
    sections[view](look, market, filters)
