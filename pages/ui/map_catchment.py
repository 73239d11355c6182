"""Catchments: what a site placed or a station shut moves in one city, and from whom."""

from functools import partial

import pandas as pd
import streamlit as st

from analysis.space.catchment import Base
from analysis.views import catchment, catchment_sites
from analysis.views.look import Look, View
from data.grade import Grade, weakest
from data.markets import Market
from pages.ui import (
    answers,
    cached,
    layout,
    map_catchment_cautions,
    map_catchment_choice,
    map_catchment_city,
    map_catchment_map,
    map_catchment_model,
    map_catchment_rules,
    map_catchment_state,
    map_catchment_tools,
    tables,
    told,
)
from pages.ui.inputs import Filters


def section(look: Look, market: Market, filters: Filters, *, network: str, place: str) -> None:
    """The room: map and tools, what the plan moves, every site's account, the best of the candidates, assumptions."""
    if not market.has("stations") or market.panel is None:
        st.info(look.say("catch.needs"), icon=":material/info:")
        return
    map_catchment_state.show()
    if place == "all":
        map_catchment_city.ask(look, market, filters, network)
        return
    first, results, last = (st.container(key=f"cat_{part}") for part in ("first", "results", "last"))
    with last:
        model = map_catchment_rules.chosen(look, market)
    found = map_catchment_model.city(look, market, filters, place, model)
    if found is None or not len(found.base.stations):
        with first:
            st.info(look.say("catch.no_stations", where=cached.city_label(place, look)), icon=":material/info:")
        return
    today = found.base
    plan, elsewhere = map_catchment_model.here(map_catchment_state.plan(), today)
    types_of = partial(map_catchment_model.stations_of, market, filters, place)
    types = types_of(network)
    change = map_catchment_model.after(found, plan, network, types)
    moved = map_catchment_model.moved(change, network, found.demand)
    account = map_catchment_model.account(change, types, network)
    where, month = cached.city_label(place, look), look.month(filters.month)
    told.huff(look, model, look.say("pinned.demand_own" if found.own else "pinned.demand_modelled"))
    with first:
        if elsewhere:
            st.caption(look.say("catch.elsewhere", n=elsewhere, where=where))
        left, right = st.columns([3, 2], gap="small")
    card = left.container(border=True, height="stretch", gap="xsmall", key="card_cat_map")
    with card:
        head = st.container()
        asked = map_catchment_map.controls(look, today, plan, network)
    with right, st.container(border=True, height="stretch", gap="xsmall", key="card_cat_tools"):
        map_catchment_tools.everything(look, today, network, types_of, plan, format=asked.format)
    with results:
        if plan.size:
            _figures(look, today, account, moved, month)
            _results(look, account, moved, month)
        offered = map_catchment_choice.best(look, found, filters, types, network=network, format=asked.format)
    with card:
        title = map_catchment_map.finding(look, change, plan, asked.shown, where)
        head.header(title, anchor=False)
        caption = look.say("catch.map_caption", name=look.name(network), where=where, month=month)
        map_catchment_map.draw(
            look,
            found,
            change,
            plan,
            asked,
            offered,
            network=network,
            title=title,
            caption=caption,
            grade=moved.grade,
        )
    with last:
        for said in map_catchment_cautions.cautions(found, network, look):
            st.caption(said)


def _figures(look: Look, today: Base, account: pd.DataFrame, moved: catchment.Moved, month: str) -> None:
    profit = float(account.loc[account["state"] == "new", "profit_cny_per_month"].sum())
    caption = look.say("pinned.figures_sites", name=look.name(moved.network), month=month)
    answers.tiles(look, catchment.figures(moved, profit, look), "cat_figures", caption=caption)
    full = account.loc[(account["state"] == "new") & (account["parcels_per_day"] > account["takes_per_day"]), "name"]
    if len(full):
        own = today.stations[today.stations["inside"] & (today.stations["platform"] == moved.network)]
        mean = look.count(float(own["parcels_per_day"].mean())) if len(own) else look.say("unit.none")
        said = look.say("catch.over", names=look.few(list(full)), name=look.name(moved.network), mean=mean)
        st.warning(said, icon=":material/warning:")


def _results(look: Look, account: pd.DataFrame, moved: catchment.Moved, month: str) -> None:
    """Who loses and gains, shares before and after, and every site's own account."""
    left, right = st.columns(2, gap="small")
    with left:
        layout.card(
            look, catchment.from_whom(moved, look, caption=look.say("catch.whom_caption", month=month)), "cat_whom"
        )
    with right:
        caption = look.say("catch.shares_caption", month=month)
        layout.card(look, catchment.shares(moved, look, caption=caption), "cat_shares")
    table, title = catchment_sites.site_table(account, look), catchment_sites.site_finding(account, look)
    caption = look.say("catch.account_caption", name=look.name(moved.network))
    grade = weakest(moved.grade, Grade.ASSUMED)
    with st.container(border=True, gap="xsmall", key="card_cat_account"):
        layout.heading(look, View({}, table, title, caption, title, grade), "cat_account")
        st.dataframe(
            table,
            hide_index=True,
            height="content",
            alt=title,
            key="cat_account_rows",
            column_config=tables.figures(table),
        )
