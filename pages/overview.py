"""Who holds the last mile, and what moved?"""

from pages.ui.guard import via_app

via_app(__file__)

from functools import partial

import streamlit as st

from analysis import summary
from analysis.views import charts, kpis, nation_map
from pages.ui import answers, cached, inputs, layout, published, text

look = text.look()
market = cached.market()
layout.header(look, "overview", grade=market.grade, source=cached.source(look, market))
cached.need_volumes(market, look)
filters = inputs.filters(look, cached.months(market))

over_time = cached.wide(market, "month", filters, history=True)
by_tier = cached.wide(market, "tier", filters)
layout.need_rows(look, by_tier)
cities = cached.cities(market, filters, look, network="")
fewer = summary.keep_networks(over_time, filters.networks)

figures = kpis.headline(over_time, cached.stations_over_time(market, filters), published.price(), look, market.grade)
caption = look.say("pinned.figures_of", month=look.month(filters.month))
answers.tiles(look, figures, "figures", caption=caption, beside=lambda: layout.legend(look, list(fewer)))

left, right = st.columns([3, 2], gap="small")
when = look.say("view.share_of_parcels_in", month=look.month(filters.month))
with left:
    tiers = summary.keep_networks(by_tier, filters.networks)
    draw = partial(charts.share_by, tiers, look, group="tier", caption=when, grade=market.grade, everyone=by_tier)
    layout.card(look, cached.pictured(market, filters, look, "tiers", draw), "tiers")
with right:
    draw = partial(
        nation_map.prefectures,
        cities,
        look,
        measure="leader",
        network="",
        caption=look.say("map.leader_caption"),
        month=look.month(filters.month),
        grade=market.grade,
        height=292,
    )
    layout.card(look, cached.pictured(market, filters, look, "leaders", draw), "leaders")

left, right = st.columns([3, 2], gap="small")
with left:
    caption = look.say("view.share_over_time")
    draw = partial(charts.share_lines, fewer, look, caption=caption, grade=market.grade, height=360)
    layout.card(look, cached.pictured(market, filters, look, "lines", draw), "lines")
with right:
    layout.league(
        look,
        charts.league(over_time, look),
        look.say("view.league_caption", month=look.month(filters.month)),
        market.grade,
    )
