"""Station economics: one station with every number open, then formats, networks and lockers side by side."""

from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from analysis.economics import STANDARD, STATIONS, Locker, capacity, incomes_by_tier
from analysis.views import area_map, station_market, stations
from analysis.views.lockers_rush import beside_rush
from analysis.views.look import Look, View
from data import area
from data.grade import Grade, weakest
from data.markets import Market
from data.platforms import FORMATS, PLATFORMS
from pages.ui import answers, fits, inputs, layout, published, state, station_levers, told
from pages.ui.station_levers import FIELDS, OF_MARKET, Choice


def station(look: Look, market: Market, filters: inputs.Filters) -> None:
    """Does the station live on it? City tiers chosen apply to the one station; the rest shows every tier."""
    rows = fits.month_rows(market, filters)
    layout.need_rows(look, rows)
    mine = _incomes(rows)
    cells = _incomes(fits.month_rows(market, replace(filters, tiers=()))) if filters.tiers else mine
    month = look.month(filters.month)
    chosen = _choice(look, market, mine, filters)
    whose = PLATFORMS[chosen.whose.partition(state.JOIN)[0]] if chosen.measured else None
    of = look.name(whose.key) if whose else look.say("station.any", format=look.say(f"station.format_{chosen.format}"))
    told.narrowed(look, filters, {"station_of": of})
    station_levers.switch_to(chosen.whose)
    locker = station_levers.locker()
    st.fragment(partial(_one, look, chosen, station_levers.helps(look, chosen), locker), key="station_one")()
    left, right = st.columns([3, 2], gap="small")
    with left:
        _networks(look, market, cells, month)
    with right:
        draw = partial(_lockers, look, _per_locker(cells), month, market.grade, locker, chosen.format)
        st.fragment(draw, key="station_lockers")()
    finding, caption = station_market.types_finding(look), station_market.types_caption(look)
    table = station_market.types(look)
    layout.table_card(look, table, title=finding, caption=caption, grade=Grade.ASSUMED, key="station_types")
    _sources(look, chosen.format)


def _incomes(rows: pd.DataFrame) -> pd.DataFrame | None:
    return incomes_by_tier(rows) if (rows["stations"] > 0).any() else None


def _choice(look: Look, market: Market, mine: pd.DataFrame | None, filters: inputs.Filters) -> Choice:
    """A network in the tiers chosen, or a format on its own."""
    networks = [] if mine is None else list(mine.index.get_level_values("platform").unique())
    names = {p: look.name(p) for p in networks} | {
        f: look.say("station.any", format=look.say(f"station.format_{f}")) for f in FORMATS
    }
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom", key="station_controls"):
        default = "duoduo" if "duoduo" in networks else None
        of = inputs.one(look, "station_of", list(names), label=names.__getitem__, default=default, width=250)
        st.caption(look.say("station.which"), width="stretch")
    if mine is None or of not in networks:
        caption = look.say("station.levers_default")
        who = look.say(f"station.who_format_{of}")
        return Choice(of, of, station_levers.defaults(of), who, caption, False, Grade.ASSUMED)
    return _of_network(look, mine.loc[(of, "all")], of, filters, market.grade)


def _of_network(look: Look, cell: pd.Series, of: str, filters: inputs.Filters, grade: Grade) -> Choice:
    """The network's format with the parcels, subsidy and guarantee of its average station."""
    format, tiers = PLATFORMS[of].format, filters.tiers
    found = station_levers.defaults(format) | {f: round(float(cell[f]), FIELDS[f][3]) for f in OF_MARKET}
    limits = [look.term("tier", t) for t in tiers] + ([area_map.said(filters.area, look)] if filters.area else [])
    where = look.join(limits) if limits else look.say("station.all_tiers")
    name, kind = look.name(of), "locker" if format == "locker" else "station"
    who = look.say(f"station.who_{kind}" if limits else f"station.who_{kind}_all", name=name, tier=where)
    caption = look.say("station.levers_market", name=name, tier=where, month=look.month(filters.month))
    whose = state.joined((of, *sorted(tiers), *filter(None, [area.packed(filters.area)])))
    return Choice(whose, format, found, who, caption, True, weakest(grade, STATIONS[format].grade))


def _one(look: Look, chosen: Choice, helps: dict[str, str], locker: Locker) -> None:
    """Levers, key figures and both charts of one station."""
    if locker != station_levers.locker():
        st.rerun()
    figures = st.container(key="station_figures")
    left, right = st.columns([6, 7], gap="small")
    with left, st.container(border=True, height="stretch", gap="xsmall", key="card_station_levers"):
        edited = station_levers.levers(look, chosen, helps)
    _tell(look, chosen)
    takes = capacity(locker) if chosen.format == "locker" else float("inf")
    with figures:
        caption = look.say("pinned.figures_station", who=chosen.who)
        answers.tiles(look, stations.figures(edited, look), "station_figures", caption=caption)
        if edited.parcels_per_day > takes:
            st.warning(station_market.beyond(locker, look, edited.parcels_per_day), icon=":material/warning:")
    with right:
        caption = look.say("station.bars_caption")
        view = stations.profit_bars(edited, look, who=chosen.who, caption=caption, grade=chosen.grade, takes=takes)
        layout.card(look, view, "station_bars")
    caption = look.say("station.crossing_caption")
    layout.card(look, stations.by_parcels(edited, look, caption=caption, grade=chosen.grade), "station_curve")


def _tell(look: Look, chosen: Choice) -> None:
    """Every number of the station with its grade."""
    grade = station_levers.graded(chosen)
    said = [
        look.pair(
            stations.field_name(field, chosen.format, look),
            look.say("pinned.graded", value=f"{value:,.6g}", grade=look.say(f"grade.{grade(field, value)}")),
        )
        for field, value in station_levers.numbers(chosen).items()
    ]
    told.table(look, look.say("pinned.station"), said)


def _networks(look: Look, market: Market, cells: pd.DataFrame | None, month: str) -> None:
    """Share below break-even, or income of the middle station, by network and tier."""
    with st.container(border=True, height="stretch", gap="xsmall", key="card_station_networks"):
        if cells is None:
            st.info(look.say("station.no_stations"), icon=":material/info:")
            return
        options = station_market.SHOW
        show = inputs.switch(look, "station_show", options, label=lambda s: look.say(f"station.show_{s}"))
        caption = look.say(f"station.networks_caption_{show}", month=month)
        grade = weakest(market.grade, Grade.ASSUMED)
        view = station_market.networks(cells, look, show=show, caption=caption, grade=grade)
        layout.chart(look, view, "station_networks")


def _lockers(look: Look, observed: pd.Series, month: str, grade: Grade, drawn: Locker, format: str) -> None:
    """Capacity of a set of lockers and its evening rush; the station above is drawn again where it depends on it."""
    with st.container(border=True, height="stretch", gap="xsmall", key="card_station_rush"):
        locker = station_levers.locker_sliders(look)
        if locker != drawn and (format == "locker" or STANDARD in (locker, drawn)):
            st.rerun()
        caption = look.say("station.rush_caption", month=month)
        found = weakest(grade, Grade.ASSUMED)
        view = station_market.rush(locker, look, observed=observed, caption=caption, grade=found)
        layout.chart(look, view, "station_rush")
        st.caption(beside_rush(locker, look, observed=observed))
        if len(observed) and observed.max() > capacity(locker):
            st.caption(station_market.beyond(locker, look, float(observed.max())))


def _per_locker(cells: pd.DataFrame | None) -> pd.Series:
    """Parcels a locker takes in a day by tier, of the market's largest locker network."""
    if cells is None:
        return pd.Series(dtype=float)
    lockers = [p for p in cells.index.get_level_values("platform").unique() if PLATFORMS[p].format == "locker"]
    return cells.loc[lockers[0], "parcels_per_day"].drop("all") if lockers else pd.Series(dtype=float)


def _sources(look: Look, format: str) -> None:
    """Defaults of the format and what they rest on, in a table whose words wrap."""
    table = stations.sources(format, published.figures(), look)
    rest = (table[look.say("station.printed")] != "").sum()
    with st.container(border=True, gap="xsmall", key="card_station_sources"):
        title = look.say("station.sources", n=rest, total=len(table))
        st.header(title, anchor=False)
        caption = look.say("station.sources_caption", format=look.say(f"station.format_{format}"))
        layout.caption_row(look, View({}, table, title, caption, title, Grade.ASSUMED), "station_sources")
        st.table(_read(look, table), border="horizontal", hide_index=True, alt=caption)


def _read(look: Look, table: pd.DataFrame) -> pd.DataFrame:
    """The same in four columns of words: default with its range, figure with its source."""
    number, default, low, high = (look.say(k) for k in ("station.number", "station.default", "data.from", "data.to"))
    grade, printed, source, link = (
        look.say(k) for k in ("grade.heading", "station.printed", "record.source", "record.link")
    )
    ranges = [
        layout.plain(f"{value:,.6g} ({least:,.6g}–{most:,.6g})")
        for value, least, most in table[[default, low, high]].itertuples(index=False)
    ]
    rests = [
        f"{layout.plain(said)} · [{layout.plain(title)}]({url})" if url else layout.plain(f"{said} {title}".strip())
        for said, title, url in table[[printed, source, link]].itertuples(index=False)
    ]
    names = table[number].map(layout.plain)
    return pd.DataFrame({number: names, look.say("station.range"): ranges, grade: table[grade], printed: rests})
