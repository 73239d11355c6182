"""The country for slides and over time: outlines or tiles of every measure, stations opened and closed."""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from analysis.space.moves import moves
from analysis.views import nation, nation_map, openings, tile_grid
from analysis.views.look import Look
from data.markets import Market
from data.platforms import PLATFORMS
from pages.ui import cached, inputs, layout, map_boundaries
from pages.ui.inputs import Filters
from pages.ui.map_frames import frames

FORMS = ("outline", "provinces", "prefectures")
SCOPES = ("focus", "staffed", "lockers", "every")
HEIGHT = 500
SPAN = 12
"""Months between the two dates before the reader chooses."""


def section(look: Look, market: Market, filters: Filters, *, network: str, place: str) -> None:
    """One measure on outlines or tiles; below it, stations opened and closed between two months."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="nat_controls"):
        form = inputs.switch(look, "nat_form", FORMS, label=lambda f: look.say(f"nation.form_{f}"))
        measure = inputs.one(look, "measure", nation.MEASURES, label=lambda m: look.say(f"measure.{m}"), width=300)
        map_boundaries.popover(look)
    _measure(look, market, filters, network, measure, form, place)
    _openings(look, market, filters, network)


def _measure(look: Look, market: Market, filters: Filters, network: str, measure: str, form: str, place: str) -> None:
    month = look.month(filters.month)
    caption = look.say(f"measure.{measure}_caption", name=look.name(network), month=month)
    by = "province" if form == "provinces" else "city"
    found, table = frames(market, filters, network, measure, by), _table(look, market, filters, network, by)
    on = None if found.lead is not None else nation.scale(found, look)
    if form == "outline":
        view = nation_map.prefectures(
            table,
            look,
            measure=measure,
            network=network,
            caption=caption,
            month=month,
            grade=market.grade,
            height=HEIGHT,
            on=on,
            place="" if place == "all" else place,
        )
    else:
        view = tile_grid.tiles(
            found,
            look,
            title=nation_map.finding(table, look, measure, network, month, by=by),
            caption=caption,
            grade=market.grade,
            table=nation_map.city_table(table, look, by=by),
            month=filters.month,
            on=on,
        )
    with st.container(border=True, gap="xsmall", key=f"card_nat_{form}"):
        layout.chart(look, view, f"nat_{form}")
        if found.lead is not None and form == "outline":
            layout.swatches(look, nation.legend(found, look))


def _table(look: Look, market: Market, filters: Filters, network: str, by: str) -> pd.DataFrame:
    if by == "city":
        return cached.cities(market, filters, look, network=network)
    panel = market.panel
    assert panel is not None
    make = partial(nation.month_table, filters.rows(panel), network, filters.month, by=by)
    table = cached.kept("provinces", (market.version, filters.key, network), make)
    return table.assign(name=pd.Series(tile_grid.province_names(look)).reindex(table.index))


def _openings(look: Look, market: Market, filters: Filters, network: str) -> None:
    stations = market.stations
    if stations is None or not market.has("stations"):
        st.info(look.say("map.no_stations"), icon=":material/info:")
        return
    st.subheader(look.say("nation.moves_heading"), anchor=False)
    since, until, scope = _span(look, market, filters)
    if since >= until:
        st.info(look.say("nation.moves_order"), icon=":material/info:")
        return
    said = {"since": look.month(since), "until": look.month(until)}
    networks = _networks(scope, network, filters)
    _by_network(look, market, filters, since, until, said)
    name = look.name(network) if scope == "focus" else look.say(f"nation.scope_{scope}")
    of_city = _moved(market, filters, since, until, ("platform", "city"))
    of_city = of_city[of_city.index.get_level_values("platform").isin(networks)]
    if of_city.empty:
        st.info(look.say("nation.moves_nothing", name=name, **said), icon=":material/info:")
        return
    summed = openings.summed(of_city, "city")
    caption = look.text([look.say("nation.moves_map_caption", name=name, **said), openings.lasted(summed, look)])
    view = openings.prefectures(summed, look, name=name, caption=caption, grade=market.grade)
    layout.card(look, view, "nat_moves_map")


def _by_network(
    look: Look, market: Market, filters: Filters, since: pd.Timestamp, until: pd.Timestamp, said: dict[str, str]
) -> None:
    """Every network, opened against closed, and its net by tier."""
    moved = _moved(market, filters, since, until, ("platform", "tier"))
    if filters.networks:
        moved = moved[moved.index.get_level_values("platform").isin(filters.networks)]
    if moved.empty:
        st.info(look.say("nation.moves_nothing", name=look.say("map.all_networks"), **said), icon=":material/info:")
        return
    left, right = st.columns(2, gap="small")
    with left:
        caption = look.say("nation.moves_caption", **said)
        view = openings.bars(openings.summed(moved, "platform"), look, caption=caption, grade=market.grade)
        layout.card(look, view, "nat_moves")
    with right:
        caption = look.say("nation.moves_tier_caption", **said)
        layout.card(look, openings.by_tier(moved, look, caption=caption, grade=market.grade), "nat_moves_tier")


def _span(look: Look, market: Market, filters: Filters) -> tuple[pd.Timestamp, pd.Timestamp, str]:
    """Two month ends, and whose stations the map counts."""

    def called(month: str) -> str:
        return look.month(pd.Timestamp(month))

    months = [f"{month:%Y-%m}" for month in cached.months(market)]
    last = months.index(f"{filters.month:%Y-%m}")
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="nat_span"):
        since = inputs.one(
            look, "nat_since", months, label=called, default=months[max(last - SPAN, 0)], moves=True, width=150
        )
        until = inputs.one(look, "nat_until", months, label=called, default=months[last], moves=True, width=150)
        scope = inputs.one(look, "nat_scope", SCOPES, label=lambda s: look.say(f"nation.scope_{s}"), width=220)
    ends = (pd.Timestamp(month) + pd.offsets.MonthEnd(0) for month in (since, until))
    return next(ends), next(ends), scope


def _networks(scope: str, network: str, filters: Filters) -> Sequence[str]:
    if scope == "focus":
        return [network]
    kept = [key for key in PLATFORMS if not filters.networks or key in filters.networks]
    return [key for key in kept if scope == "every" or (PLATFORMS[key].format == "locker") == (scope == "lockers")]


def _moved(
    market: Market, filters: Filters, since: pd.Timestamp, until: pd.Timestamp, by: tuple[str, ...]
) -> pd.DataFrame:
    """Openings and closings in the cities that fit the filters, whether they have volumes in the month or not."""
    stations = market.stations
    assert stations is not None
    here = filters.tiers, filters.regions, filters.area
    inside = filters.cities()
    whole = cached.kept("moves", (market.version, since, until, by), partial(moves, stations, since, until, by=by))
    if not any(here):
        return whole
    if "city" in by:
        return whole[whole.index.get_level_values("city").isin(inside)]
    rows = stations["city"].isin(inside)
    make = partial(moves, stations[rows], since, until, by=by)
    return cached.kept("moves", (market.version, since, until, by, *here), make)
