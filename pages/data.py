"""Is my data right?"""

from pages.ui.guard import via_app

via_app(__file__)

import pandas as pd
import streamlit as st

from analysis.views import assumptions
from analysis.views.look import View
from data import demo
from data.grade import Grade
from pages.ui import (
    cached,
    events,
    inputs,
    intake_contract,
    intake_markets,
    intake_upload,
    keep_good,
    layout,
    people_activity,
    text,
    told,
)

TABS = (
    "upload",
    "markets",
    *(["events"] if events.offered() else []),
    "contract",
    "assumptions",
    "anchors",
    "activity",
)


def listed(table: pd.DataFrame, name: str, grade: Grade) -> None:
    """A long table with its title and caption."""
    title, caption = look.say(f"data.{name}_title"), look.say(f"data.{name}_caption")
    layout.heading(look, View({}, table, title, caption, title, grade), name)
    st.dataframe(table, hide_index=True, height=560, alt=title)


look = text.look()
market = cached.market()
busy = intake_upload.carry_on(look, market)
layout.header(look, "data", grade=market.grade, source=cached.source(look, market))

keep_good.panel(look)
choice = inputs.switch(look, "tab", TABS, label=lambda t: look.say(f"data.{t}"))
told.chosen(look, {"tab": look.say(f"data.{choice}")})
intake_upload.told(look)
intake_upload.of_session(look)
if choice == "upload":
    intake_upload.show(look, busy=busy)
elif choice == "markets":
    intake_markets.show(look, market)
elif choice == "events":
    events.show(look)
elif choice == "activity":
    people_activity.show(look)
elif choice == "contract":
    intake_contract.show(look)
elif choice == "assumptions":
    listed(assumptions.table(demo.assumptions(), look), "assumptions", Grade.ASSUMED)
else:
    listed(assumptions.anchors(cached.anchors(), look), "anchors", market.grade)
