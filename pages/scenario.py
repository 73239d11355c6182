"""What if networks paid and built otherwise?"""

from pages.ui.guard import via_app

via_app(__file__)

import pandas as pd
import streamlit as st

from data.grade import Grade, weakest
from pages.ui import (
    answers,
    area,
    cached,
    inputs,
    layout,
    plan_bar,
    plan_list,
    scenario_sections,
    scenario_state,
    scenarios,
    text,
)

look = text.look()
market = cached.market()
layout.header(look, "scenario", grade=weakest(market.grade, Grade.MODELLED), source=cached.source(look, market))
cached.need_volumes(market, look)
month_names = [f"{month:%Y-%m}" for month in reversed(cached.months(market))]
bar = st.container(horizontal=True, gap="small", vertical_alignment="center", key="plan_bar")
with bar:
    month = inputs.one(
        look, "month", month_names, label=lambda m: look.month(pd.Timestamp(m)), collapsed=True, width=130
    )
base = scenarios.base(market, look, pd.Timestamp(month))
if isinstance(base, str):
    answers.callout(look, look.say(base), "no_scenario")
    st.page_link("pages/data.py", label=look.say("plan.to_data"), icon=":material/upload_file:")
    st.stop()
plan_list.reread(look)
scenario_state.restore(base, plan_bar.saved_plan)
with bar:
    area.chip(look)
    plan_bar.bar(look, base)
plan_bar.notices(look, base)
scenario_sections.workbench(look, base)
