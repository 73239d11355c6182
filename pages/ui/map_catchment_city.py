"""Which city? Catchments are drawn for one; this lists them, those with most parcels of others first."""

import pandas as pd
import streamlit as st

from analysis.views.look import Look, View
from data.markets import Market
from pages.ui import area, cached, guard, layout, tables
from pages.ui.inputs import Filters

KEY = "cat_cities"


def ask(look: Look, market: Market, filters: Filters, network: str) -> None:
    """Cities to choose from; a row chosen opens its city."""
    table = cached.cities(market, filters, look, network=network)
    layout.need_rows(look, table)
    days = filters.month.days_in_month
    others = (table["parcels"] * (1 - table["network_share"]) / days).sort_values(ascending=False)
    rows = table.loc[others.index]
    shown = pd.DataFrame(
        {
            look.say("market.city"): rows["name"].to_numpy(),
            look.say("tier.heading"): [look.term("tier", tier) for tier in rows["tier"]],
            look.say("catch.others_parcels"): others.round(0).to_numpy(),
            look.say("measure.network_share"): (rows["network_share"] * 100).round(1).to_numpy(),
            look.say("measure.stations_per_10k"): rows["stations_per_10k"].round(2).to_numpy(),
        }
    )
    codes = [str(code) for code in rows.index]
    st.info(look.say("catch.choose_city"), icon=":material/location_city:")
    with st.container(border=True, gap="xsmall", key="card_cat_cities"):
        first = rows["name"].iloc[0]
        title = look.say("catch.cities_finding", where=first, name=look.name(network))
        caption = look.say("catch.cities_caption", name=look.name(network), month=look.month(filters.month))
        layout.heading(look, View({}, shown, title, caption, title, market.grade), "cat_cities")
        st.dataframe(
            shown,
            hide_index=True,
            height=360,
            alt=caption,
            key=KEY,
            selection_mode="single-row",
            column_config=tables.figures(shown),
            on_select=lambda: _open(codes),
        )


def _open(codes: list[str]) -> None:
    """Make the city of the row chosen the city of the page."""
    chosen = st.session_state[KEY].selection.rows
    if chosen:
        area.turn("city", codes[chosen[0]])


def renew(look: Look, name: str) -> None:
    """Let the widget of an input start again from the value the session holds."""
    st.session_state.pop(f"{name}.{look.lang}.{guard.page()}", None)
