"""How big will it get, and when does it flatten?"""

from pages.ui.guard import via_app

via_app(__file__)

import streamlit as st

from analysis.views import growth
from data.grade import Grade, weakest
from pages.ui import cached, fits, inputs, layout, series, text

look = text.look()
market = cached.market()
layout.header(look, "growth", grade=Grade.ESTIMATED, source=look.say("growth.sources"))
choices = series.choices(look, market)
key = inputs.one(look, "series", list(choices), label=lambda k: choices[k].label)
chosen = choices[key]
filters = inputs.filters(look, cached.months(market)) if series.of_market(key) else None
values = series.values(key, market, filters)
layout.need_rows(look, values)
source = series.source(key, market, filters)
found = fits.comparison(source, key, growth.menu(stock=chosen.stock), values)
if not found.fits:
    layout.refusal(look, found.failures)
    st.stop()
with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="growth_controls"):
    curve = inputs.one(look, "curve", list(found.fits), label=lambda c: look.say(f"curve.{c}"), width=260)
    years = inputs.one(look, "years", growth.HORIZONS, default="3", width=160)
fit = found.fits[curve]
confirmed = not chosen.flow or fits.confirmed(source, key, curve, values)
view = growth.curves(
    values,
    found.fits,
    look,
    chosen=curve,
    steps=fit.steps(float(years)),
    caption=chosen.caption,
    unit=chosen.unit,
    grade=weakest(chosen.grade, fit.grade),
    monthly=chosen.flow,
    confirmed=confirmed,
)

left, right = st.columns([3, 2], gap="small")
with left:
    layout.card(look, view, "growth")
with right, st.container(border=True, height="stretch", gap="xsmall", key="card_scoreboard"):
    st.header(look.say("growth.compare"), anchor=False)
    st.caption(look.say("growth.compare_caption"))
    st.dataframe(growth.scoreboard(found.fits, look), hide_index=True, alt=look.say("growth.compare"), key="scoreboard")
    layout.refusal(look, found.failures)
    name = look.say("growth.parameters", curve=look.say(f"curve.{curve}"))
    st.caption(look.say("view.sentences", first=name, second=look.say(f"curve.{curve}_about")))
    st.dataframe(growth.parameters(fit, look), alt=name, key="parameters")
if not confirmed:
    st.caption(look.say("growth.seasonal_note"))
layout.notes(look, series.traps(key))
