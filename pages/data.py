"""Is my data right?"""

from pages.ui.guard import via_app

via_app(__file__)

import streamlit as st

from analysis.views import assumptions, problems
from data import demo
from data.schema import DATASETS
from pages.ui import cached, inputs, intake, layout, text

look = text.look()
market = cached.market()
layout.header(look, "data", grade=market.grade, source=cached.source(look, market))

choice = inputs.switch(look, "tab", ("upload", "assumptions", "anchors"), label=lambda t: look.say(f"data.{t}"))
if choice == "upload":
    intake.market_switch(look)
    columns = st.columns(len(DATASETS), gap="small")
    for column, dataset in zip(columns, DATASETS, strict=True):
        with column:
            intake.box(look, dataset)
    for dataset in DATASETS:
        intake.report(look, dataset)
    st.header(look.say("data.contract"), anchor=False)
    st.caption(look.say("data.contract_caption"))
    st.dataframe(problems.contract(look), hide_index=True, alt=look.say("data.contract"), key="contract")
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
