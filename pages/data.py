"""Is my data right?"""

from pages.ui.guard import via_app

via_app(__file__)

import streamlit as st

from analysis.views import assumptions
from data import demo
from pages.ui import cached, inputs, intake_contract, intake_markets, intake_upload, layout, text

TABS = ("upload", "markets", "contract", "assumptions", "anchors")

look = text.look()
market = cached.market()
busy = intake_upload.carry_on(look, market)
layout.header(look, "data", grade=market.grade, source=cached.source(look, market))

choice = inputs.switch(look, "tab", TABS, label=lambda t: look.say(f"data.{t}"))
intake_upload.told(look)
intake_upload.of_session(look)
if choice == "upload":
    intake_upload.show(look, busy=busy)
elif choice == "markets":
    intake_markets.show(look, market)
elif choice == "contract":
    intake_contract.show(look)
elif choice == "assumptions":
    st.header(look.say("data.assumptions_title"), anchor=False)
    st.caption(look.say("data.assumptions_caption"))
    st.dataframe(
        assumptions.table(demo.assumptions(), look), hide_index=True, height=560, alt=look.say("data.assumptions_title")
    )
else:
    st.header(look.say("data.anchors_title"), anchor=False)
    st.caption(look.say("data.anchors_caption"))
    st.dataframe(
        assumptions.anchors(cached.anchors(), look), hide_index=True, height=560, alt=look.say("data.anchors_title")
    )
