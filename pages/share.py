"""Who wins where, and what drives it?"""

from pages.ui.guard import via_app

via_app(__file__)

import streamlit as st

from pages.ui import cached, courier_sections, inputs, layout, reading_sections, share_sections, text

look = text.look()
market = cached.market()
head = st.container()
view = inputs.switch(look, "view", share_sections.VIEWS, label=lambda v: look.say(f"share_view.{v}"))
with head:
    share_sections.header(look, market, view)
if view == "couriers":
    courier_sections.couriers(look)
else:
    cached.need_volumes(market, look)
    months = cached.months(market)
    if view == "trust":
        filters = inputs.everything(months)
        st.caption(look.say("view.whole_market"))
    else:
        counted = inputs.peek(look, "count", share_sections.COUNTS)
        by_network = view in ("standing", "moves") and counted == "network"
        filters = inputs.filters(look, months, by_network=by_network)
    layout.need_rows(look, cached.wide(market, "tier", filters))
    sections = {
        "standing": share_sections.standing,
        "moves": share_sections.moves,
        "drivers": reading_sections.drivers,
        "trust": reading_sections.trust,
    }
    sections[view](look, market, filters)
