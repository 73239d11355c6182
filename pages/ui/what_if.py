"""The small scenario: one network's subsidy by tier, and the shares that follow."""

from functools import partial

import streamlit as st

from analysis.scenario import Lever, MarketModel, Projection, Scenario, simulate
from analysis.share import ShareFit
from analysis.views import drivers
from analysis.views import projection as said
from analysis.views.look import Look
from data.cities import TIERS
from data.markets import Market
from data.platforms import OUTSIDE
from pages.ui import fits, inputs, layout

HIGHEST_CHANGE_CNY = 0.15
SLIDERS_IN_A_ROW = 3
STATIONS_STAY = (("entry_response_per_1000_cny", 0.0),)


def block(look: Look, market: Market, fit: ShareFit, filters: inputs.Filters) -> str | None:
    """What-if of one network; its levers and result are a fragment, so that a slider moves them alone.

    Returns the network chosen, None when there is nothing to change.
    """
    with st.container(border=True, height="stretch", gap="xsmall", key="what_if"):
        model = fits.market_model(market, fit, filters) if fits.DRIVERS[0] in fit.drivers else None
        offered = [p for p in model.platforms if p != OUTSIDE] if model else []
        if model is None or not offered:
            st.info(look.say("scenario.no_networks" if model else "scenario.no_subsidies"), icon=":material/info:")
            return None
        network = inputs.one(
            look, "player", offered, label=look.name, default="duoduo" if "duoduo" in offered else None
        )
        st.header(look.say("scenario.title", name=look.name(network)), anchor=False)
        st.fragment(partial(_body, look, model, network), key="what_if_body")()
    return network


def _body(look: Look, model: MarketModel, network: str) -> None:
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
    scenario = Scenario("what if", levers, months=1, assumptions=STATIONS_STAY)
    _result(look, simulate(scenario, model, vary=("parameters",)), network)


def _result(look: Look, projection: Projection, network: str) -> None:
    shares = projection.shares.xs("all", level=0)
    caption = look.say("scenario.caption", month=look.month(projection.month))
    view = drivers.before_after(shares, look, changed=network, caption=caption, grade=projection.grade)
    layout.chart(look, view, "what_if")
    if cost := drivers.cost_sentence(projection, look, network):
        st.markdown(cost)
    for caution in said.cautions(projection, look):
        st.warning(caution, icon=":material/warning:")
