"""The small scenario: one network's subsidy by tier, and the shares that follow."""

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from analysis.scenario import Lever, Projection, Scenario, simulate
from analysis.share import ShareFit
from analysis.views import drivers
from analysis.views.base import CONFIG
from analysis.views.look import Look
from data.cities import TIERS
from data.grade import weakest
from data.markets import Market
from data.platforms import OUTSIDE
from pages.ui import fits, inputs, layout

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

HIGHEST_CHANGE_CNY = 0.15
SLIDERS_IN_A_ROW = 3


def block(look: Look, market: Market, fit: ShareFit, filters: inputs.Filters, aside: "DeltaGenerator") -> None:
    """Levers and result in a fragment of their own: a slider moves this block alone.

    `aside` takes what one more fen wins for the network chosen.
    """
    with st.container(border=True, height="stretch", gap="xsmall", key="what_if"):
        if "subsidy_cny_per_parcel" not in fit.drivers:
            st.info(look.say("scenario.no_subsidies"), icon=":material/info:")
            return
        st.fragment(partial(_body, look, market, fit, filters, aside), key="what_if_body")()


def _body(look: Look, market: Market, fit: ShareFit, filters: inputs.Filters, aside: "DeltaGenerator") -> None:
    model = fits.market_model(market, fit, filters)
    offered = [p for p in model.platforms if p != OUTSIDE]
    if not offered:
        st.info(look.say("scenario.no_networks"), icon=":material/info:")
        return
    network = inputs.one(look, "player", offered, label=look.name, default="duoduo" if "duoduo" in offered else None)
    st.header(look.say("scenario.title", name=look.name(network)), anchor=False)
    changes = {}
    with st.grid(SLIDERS_IN_A_ROW, min_column_width=150, gap="medium"):
        for tier in model.tiers:
            changes[tier] = inputs.amount(
                look,
                f"s{TIERS.index(tier) + 1}",
                -HIGHEST_CHANGE_CNY,
                HIGHEST_CHANGE_CNY,
                0.0,
                0.01,
                label=look.say("scenario.change_in", tier=look.term("tier", tier)),
                pattern="%+.2f",
            )
    levers = tuple(Lever(network, change, tier) for tier, change in changes.items() if change)
    _result(look, simulate(Scenario("what if", levers), model), network, filters)
    with aside:
        title = look.say("model.semi", name=look.name(network))
        st.header(title, anchor=False)
        with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
            layout.badge(look, weakest(market.grade, fit.grade))
            st.caption(look.say("model.semi_caption", month=look.month(filters.month)))
        table = drivers.points_per_fen(fits.elasticities(market, fit, filters), network, look)
        st.dataframe(table, alt=title, key="per_fen")


def _result(look: Look, projection: Projection, network: str, filters: inputs.Filters) -> None:
    shares = projection.shares.xs("all", level=0)
    caption = look.say("scenario.caption", month=look.month(filters.month))
    view = drivers.before_after(shares, look, changed=network, caption=caption, grade=projection.grade)
    layout.heading(look, view, "what_if")
    st.plotly_chart(view.figure, config=CONFIG, key="chart_what_if", alt=view.alt)
    if cost := drivers.cost_sentence(projection, look, network):
        st.markdown(cost)
    for caution in drivers.cautions(projection, look):
        st.warning(caution, icon=":material/warning:")
