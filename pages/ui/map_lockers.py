"""Lockers on the map: what a set takes through the day, and how many sets cities need for a service level."""

from functools import partial

import pandas as pd
import streamlit as st

from analysis.space.lockers import day
from analysis.space.lockers_market import elsewhere, hand_overs, standing
from analysis.space.lockers_need import Curve, curves, needed, sizes, summed
from analysis.views import lockers, lockers_capacity, lockers_cities, lockers_record, lockers_sets
from analysis.views.look import Look, View
from data.cities import TIERS
from data.cities import cities as all_cities
from data.grade import Grade, weakest
from data.markets import Market
from pages.ui import answers, cached, fits, inputs, layout, published, tables, told
from pages.ui.inputs import Filters
from pages.ui.map_lockers_levers import Levers, levers

ALL = "all"


def section(look: Look, market: Market, filters: Filters, *, network: str, place: str) -> None:
    """The room of lockers: all networks of them together, whatever `network` is in focus."""
    rows = fits.month_rows(market, filters)
    layout.need_rows(look, rows)
    stations = cached.stations(market, filters, ALL)
    offered = hand_overs(rows, days=filters.month.days_in_month)
    if stations is None:
        st.info(look.say("lockmap.no_stations"), icon=":material/info:")
        stations = pd.DataFrame(columns=["city", "format", "platform", "cells"])
    st.fragment(partial(_room, look, market, filters, offered, stations, place), key="lock_room")()


def _room(
    look: Look, market: Market, filters: Filters, offered: pd.DataFrame, stations: pd.DataFrame, place: str
) -> None:
    top = st.container(gap="small", key="lock_top")
    chosen = levers(look)
    _tell(look, chosen)
    key = market.version, filters.key, len(stations)
    own = sum(chosen.locker.cells)
    sets = cached.kept("locker_sets", (*key, own), lambda: standing(stations, cells=own))
    solved = sizes(sets, chosen.locker), chosen.locker, chosen.rhythm
    curve = cached.kept("locker_curves", solved, lambda: curves(*solved))
    cities = _cities(look, offered, sets, curve, chosen)
    counted, modelled = market.grade, weakest(market.grade, Grade.ASSUMED)
    known = place if place in cities.index and cities.loc[place, ["sets", "parcels_per_day"]].any() else ""
    with top:
        _of_the_data(look, cities, chosen, place, known)
    _figures(look, cities, curve[own], chosen, known, modelled, counted)
    month = look.month(filters.month)
    left, right = st.columns([3, 2], gap="small")
    with left:
        whose = _day(look, cities, chosen, known, modelled)
    with right:
        _sets(look, cities, chosen, known, month, modelled)
    _capacity(look, curve[own], chosen, *whose, modelled)
    _cards(look, cities, chosen, known, month, modelled, counted)
    _notes(look, market, filters, stations, chosen)


def _tell(look: Look, chosen: Levers) -> None:
    """The set, its day and what is asked of it."""
    cells, hours, level = sum(chosen.locker.cells), chosen.locker.hours_in_cell, chosen.service.level * 100
    model = look.say("pinned.lockers", cells=f"{cells:,}", hours=f"{hours:g}", level=f"{level:g}")
    busy = look.say("pinned.lockers_busy", busy=f"{chosen.busy * 100:g}")
    spread = look.say("pinned.lockers_spread", spread=f"{chosen.service.spread * 100:g}")
    told.table(look, model, [spread, busy, _of_parcels(look, chosen)["source"]])


def _of_the_data(look: Look, cities: pd.DataFrame, chosen: Levers, place: str, known: str) -> None:
    """On top: that the city chosen has nothing to show, and where the market counts more than lockers can hold."""
    if place != ALL and not known:
        name = all_cities().at[place, f"city_{look.lang}"] if place in all_cities().index else place
        st.info(look.say("lockmap.not_there", where=name), icon=":material/info:")
    if chosen.share is None:
        hours = chosen.locker.hours_in_cell
        said = lockers_cities.impossible(cities, look, service=chosen.service, hours_in_cell=hours, place=known)
        if said:
            st.warning(said, icon=":material/warning:")


def _cities(
    look: Look, offered: pd.DataFrame, sets: pd.DataFrame, curve: dict[int, Curve], chosen: Levers
) -> pd.DataFrame:
    """What each city needs and has, with its name, tier, people, density and share of hand-overs."""
    to_lockers = offered["lockers"] if chosen.share is None else offered["handed"] * chosen.share
    cities = needed(to_lockers * chosen.busy, sets, curve, chosen.locker, chosen.service)
    facts = all_cities().reindex(cities.index)
    handed = offered["handed"].reindex(cities.index)
    return cities.assign(
        name=facts[f"city_{look.lang}"].fillna(pd.Series(cities.index, cities.index)),
        tier=facts["tier"],
        people=facts["population_2020"],
        per_10k=cities["sets"] / facts["population_2020"] * lockers_record.TEN_THOUSAND,
        handed=handed,
        lockers=offered["lockers"].reindex(cities.index),
        share=offered["lockers"].reindex(cities.index) / handed,
    )


def _of_parcels(look: Look, chosen: Levers) -> dict[str, str]:
    """Words for which parcels are offered to lockers."""
    share = "" if chosen.share is None else f"{chosen.share * 100:g}%"
    source = look.say("lockmap.of_market") if chosen.share is None else look.say("lockmap.of_share", share=share)
    busy = "" if chosen.busy == 1 else look.say("lockmap.of_busy", busy=f"{chosen.busy * 100:.0f}%")
    return {"source": source + busy}


def _figures(
    look: Look, cities: pd.DataFrame, curve: Curve, chosen: Levers, known: str, modelled: Grade, counted: Grade
) -> None:
    """Headline figures of the city chosen, or of all."""
    mine = cities.loc[[known]] if known else cities
    share = float(mine["lockers"].sum() / mine["handed"].sum()) if mine["handed"].sum() > 0 else float("nan")
    takes = curve.takes(chosen.service)
    shown = lockers.figures(
        look, cities=mine, takes=takes, service=chosen.service, share=share, grade=modelled, counted=counted
    )
    where = cities.at[known, "name"] if known else look.say("lockmap.whole")
    answers.tiles(look, shown, "lock_figures", caption=look.say("lockmap.figures_of", where=where))


def _day(look: Look, cities: pd.DataFrame, chosen: Levers, place: str, grade: Grade) -> tuple[pd.DataFrame, float, str]:
    """Hours of one set with the parcels of the average set of a city or a tier: those cities, its parcels, its name."""
    with st.container(border=True, height="stretch", gap="xsmall", key="card_lock_day"):
        mine, who = _whose(look, cities, place)
        parcels = round(_per_set(mine, chosen), 2)
        shown = cached.kept(
            "locker_day",
            (chosen.locker, chosen.rhythm, parcels),
            lambda: day(chosen.locker, chosen.rhythm, parcels),
        )
        uneven = lockers.part(lockers.turned_away(mine, chosen.service))
        when = look.say(f"lockmap.when_{chosen.service.judged}")
        caption = look.say("lockmap.day_caption", uneven=uneven, when=when)
        layout.chart(look, lockers.through_the_day(shown, look, who=who, caption=caption, grade=grade), "lock_day")
    return mine, parcels, who


def _sets(look: Look, cities: pd.DataFrame, chosen: Levers, known: str, month: str, grade: Grade) -> None:
    """Sets needed against sets there: of the city chosen, else by tier."""
    said = {"month": month, "cells": f"{sum(chosen.locker.cells):,}", **_of_parcels(look, chosen)}
    if known:
        mine = cities.loc[[known]]
        caption = look.say("lockmap.city_caption", sets=f"{int(mine['sets'].sum()):,}", **said)
        found = summed(mine, mine["name"])
        view = lockers_sets.of_city(found, look, service=chosen.service, caption=caption, grade=grade)
    else:
        caption = look.say("lockmap.tiers_caption", sets=f"{int(cities['sets'].sum()):,}", **said)
        found = summed(cities, cities["tier"])
        view = lockers_sets.by_tier(found, look, service=chosen.service, caption=caption, grade=grade)
    layout.card(look, view, "lock_tiers")


def _capacity(
    look: Look, curve: Curve, chosen: Levers, mine: pd.DataFrame, parcels: float, who: str, grade: Grade
) -> None:
    """What one set takes, and the other numbers said of a set, side by side."""
    uneven = lockers.turned_away(mine, chosen.service)
    table = lockers_capacity.table(
        curve, chosen.locker, look, service=chosen.service, given=parcels, uneven=uneven, where=who
    )
    layout.table_card(
        look,
        table,
        title=lockers_capacity.title(curve, look, chosen.service),
        caption=look.say("lockmap.capacity_caption", when=look.say(f"lockmap.when_{chosen.service.judged}")),
        grade=grade,
        key="lock_capacity",
    )


def _whose(look: Look, cities: pd.DataFrame, place: str) -> tuple[pd.DataFrame, str]:
    """Cities whose average set is shown, and its name: the city chosen where it has sets, else those of a tier."""
    if place and cities.loc[place, "sets"] > 0:
        return cities.loc[[place]], look.say("lockmap.average", where=cities.loc[place, "name"])
    known = cities.groupby("tier", observed=True)["sets"].sum()
    options = [ALL, *(tier for tier in TIERS if known.get(tier, 0) > 0)]
    whose = inputs.one(look, "lock_tier", options, label=lambda t: _tier(look, t), width=200)
    name = look.say("lockmap.average_all") if whose == ALL else look.term("tier", whose)
    return cities if whose == ALL else cities[cities["tier"] == whose], look.say("lockmap.average", where=name)


def _per_set(rows: pd.DataFrame, chosen: Levers) -> float:
    """Parcels a day that a set of the chosen kind would have, if all cells had the same; 0 without cells."""
    cells = float(rows["cells"].sum())
    own = sum(chosen.locker.cells)
    return float(rows["parcels_per_day"].sum()) / cells * own if cells else 0.0


def _tier(look: Look, tier: str) -> str:
    return look.say("lockmap.whole") if tier == ALL else look.term("tier", tier)


def _cards(
    look: Look, cities: pd.DataFrame, chosen: Levers, known: str, month: str, modelled: Grade, counted: Grade
) -> None:
    """Map of overflow with its table; share of hand-overs; density: the city chosen in front, beside all cities."""
    service = chosen.service
    left, right = st.columns([3, 2], gap="small")
    with left:
        caption = look.say("lockmap.map_caption", month=month, **_of_parcels(look, chosen))
        view = lockers_cities.overflow_map(cities, look, service=service, caption=caption, grade=modelled, place=known)
        layout.card(look, view, "lock_map")
    columns = ["sets", "people", "handed", "lockers"]
    whole = cities[columns].groupby(cities["tier"], observed=True).sum()
    city = cities.loc[[known]].set_index("name")[columns] if known else None
    handed = city if city is None or city["handed"].iloc[0] > 0 else None
    record = published.figures()
    with right:
        if whole["handed"].sum() > 0:
            caption = look.say("lockmap.share_caption", month=month)
            view = lockers_record.shares(whole, record, look, caption=caption, grade=counted, city=handed)
            layout.card(look, view, "lock_share")
    caption = look.say("lockmap.density_caption", month=month)
    view = lockers_record.density(whole, record, look, caption=caption, grade=counted, city=city)
    layout.card(look, view, "lock_density")
    table = lockers_cities.city_table(cities, look, place=known)
    with st.container(border=True, gap="xsmall", key="card_lock_cities"):
        first = look.say("lockmap.first", where=cities.at[known, "name"]) if known else ""
        own = f"{sum(chosen.locker.cells):,}"
        caption = first + look.say("lockmap.cities_caption", cells=own)
        title, alt = (
            look.say("lockmap.cities_title", n=len(table)),
            lockers_cities.finding(cities, look, service, place=known),
        )
        layout.heading(look, View({}, table, title, caption, alt, modelled), "lock_cities")
        st.dataframe(table, alt=alt, key="lock_cities", height=360, column_config=tables.figures(table))


def _notes(look: Look, market: Market, filters: Filters, stations: pd.DataFrame, chosen: Levers) -> None:
    """What is left out, and what rests on what."""
    other = cached.kept("locker_elsewhere", (market.version, filters.key, len(stations)), lambda: elsewhere(stations))
    notes = [look.say("lockmap.model", visit=chosen.rhythm.visit), look.say("lockmap.spread_note")]
    notes.append(look.say("lockmap.days_note", days=filters.month.days_in_month, month=look.month(filters.month)))
    if other and chosen.share is None:
        notes.append(look.say("lockmap.elsewhere", n=f"{other:,}"))
    for note in notes:
        st.caption(note)
