"""What is actually known?"""

from pages.ui.guard import via_app

via_app(__file__)

from functools import partial

import streamlit as st

from analysis.views import record as views
from analysis.views.look import View
from data.grade import Grade
from pages.ui import answers, cached, inputs, layout, published, text, told

look = text.look()
layout.header(look, "record", grade=Grade.REPORTED, source=look.say("record.source_line"))
everything = published.figures()

with st.container(horizontal=True, gap="small", vertical_alignment="center", key="record_controls"):
    wanted = inputs.words(look, "search")
    metrics = inputs.some(look, "metric", sorted(everything["metric"].unique()), label=lambda m: look.term("metric", m))
    subjects = inputs.some(
        look, "subject", sorted(everything["subject"].unique()), label=lambda s: look.term("subject", s)
    )
    grades = inputs.some(
        look, "grade", [g.value for g in Grade if g != Grade.MODELLED], label=lambda g: look.term("grade", g)
    )
    years = inputs.some(look, "year", published.years())
rows = views.choose(everything, look, text=wanted, metrics=metrics, subjects=subjects, grades=grades, years=years)

said = {"metric": metrics, "subject": subjects, "grade": grades}
chosen = {name: look.join(look.term(name, value) for value in values) for name, values in said.items()}
told.chosen(look, {"search": wanted, **chosen, "year": look.join(years)})
told.table(look, look.say("pinned.record_source"))
left, right = st.columns([5, 3], gap="small")
with left, st.container(border=True, height="stretch", gap="xsmall"):
    title, caption = look.say("record.found", n=len(rows), total=len(everything)), look.say("record.table_caption")
    kept = (look.lang, rows.index.to_numpy().tobytes())
    table = cached.kept_large("record", kept, lambda: views.rows_table(rows, look))
    layout.heading(look, View({}, table, title, caption, title, Grade.REPORTED), "found")
    layout.record_rows(look, table)
    st.download_button(
        look.say("view.download_csv"),
        data=lambda: table.to_csv(index=False).encode("utf-8-sig"),
        file_name="posthouse-record.csv",
        mime="text/csv",
        on_click="ignore",
        key="record_csv",
    )
with right:
    names = published.charts(rows, look)
    if names:
        key = inputs.one(look, "chart", list(names), label=names.__getitem__)
        draw = partial(published.chart, key, look, names[key])
        layout.card(look, cached.drawn(key, "record", look.lang, look.theme.mode, draw), "record")
    else:
        st.info(look.say("record.no_series"), icon=":material/info:")

if codes := views.traps(rows):
    st.header(look.say("record.traps"), anchor=False)
    answers.notes(look, codes)
