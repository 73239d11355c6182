"""Who wins where, and what drives it?"""

from pages.ui.guard import via_app

via_app(__file__)

import streamlit as st

from analysis import summary
from analysis.views import charts, drivers
from pages.ui import cached, fits, inputs, layout, text, what_if

look = text.look()
market = cached.market()
layout.header(look, "share", grade=market.grade, source=cached.source(look, market))
cached.need_volumes(market, look)
filters = inputs.filters(look, cached.months(market))

with st.container(horizontal=True, gap="small", vertical_alignment="center", key="share_controls"):
    by = inputs.switch(look, "by", ("tier", "region", "province"), label=lambda g: look.say(f"{g}.heading"))
    counted = inputs.switch(look, "count", ("network", "owner"), label=lambda c: look.say(f"market.by_{c}"))
everyone = cached.wide(market, by, filters)
layout.need_rows(look, everyone)
everyone = summary.by_owner(everyone) if counted == "owner" else everyone
volumes = everyone if counted == "owner" else summary.keep_networks(everyone, filters.networks)
when = look.say("view.share_of_parcels_in", month=look.month(filters.month))
layout.legend(look, list(volumes))

left, right = st.columns([3, 2], gap="small")
with left:
    layout.card(look, charts.share_by(volumes, look, group=by, caption=when, grade=market.grade), "shares")
with right:
    caption = look.say("view.hhi_caption", month=look.month(filters.month))
    layout.card(look, charts.concentration(everyone, look, group=by, caption=caption, grade=market.grade), "hhi")

fit = fits.share_fit(market, look)
if isinstance(fit, str):
    st.info(look.say(f"share_error.{fit}"), icon=":material/info:")
    st.stop()
left, right = st.columns([3, 2], gap="small")
with left:
    network = what_if.block(look, market, fit, filters)
with right:
    driver = inputs.one(look, "driver", fit.drivers, label=lambda d: look.say(f"driver.{d}"))
    caption = look.say(f"driver.{driver}_caption")
    layout.card(look, drivers.coefficients(fit, look, driver=driver, caption=caption, data=market.grade), "drivers")
    if network:
        what_if.per_fen(look, market, fit, filters, network)
    layout.model_card(look, fit, fits.counted(market))
