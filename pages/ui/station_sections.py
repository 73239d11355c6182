"""Station economics: one station with every number open, then formats, networks and lockers side by side."""

from dataclasses import dataclass, replace
from functools import partial

import pandas as pd
import streamlit as st

from analysis.economics import STANDARD, STATIONS, Station, declared, incomes_by_tier, made
from analysis.views import station_market, stations
from analysis.views.look import Look
from data.cities import TIERS
from data.grade import Grade, weakest
from data.markets import Market
from data.platforms import FORMATS, PLATFORMS
from pages.ui import fits, inputs, layout, published, state

FIELDS: dict[str, tuple[str, float, float, int]] = {
    "parcels_per_day": ("parcels", 20000.0, 10.0, 0),
    "subsidy_cny_per_parcel": ("subsidy", 1.0, 0.01, 3),
    "guarantee_cny_per_day": ("guarantee", 1000.0, 10.0, 0),
    "fee_cny_per_parcel": ("fee", 5.0, 0.01, 2),
    "ancillary_cny_per_parcel": ("other", 5.0, 0.01, 2),
    "variable_cny_per_parcel": ("handling", 5.0, 0.01, 2),
    "rent_cny_per_month": ("rent", 50000.0, 100.0, 0),
    "wages_cny_per_month": ("wages", 100000.0, 100.0, 0),
    "fines_cny_per_month": ("fines", 20000.0, 100.0, 0),
    "day_spread": ("days", 3.0, 0.05, 2),
    "takeover_cny": ("takeover", 1000000.0, 1000.0, 0),
}
"""Numbers the reader can change: name in the URL (after "st_"), highest value, step, decimals."""
OF_MARKET = ("parcels_per_day", "subsidy_cny_per_parcel", "guarantee_cny_per_day")
IN_A_ROW = 3
SET = ("wages_cny_per_month", "locker")
"""Upkeep of lockers: not printed, but chosen so that the printed loss results."""
_RESETS = "station_resets"


@dataclass(frozen=True, slots=True)
class Choice:
    """The station looked at: its format and default numbers, who it is, where they come from."""

    format: str
    numbers: dict[str, float]
    who: str
    caption: str
    measured: bool
    grade: Grade


def station(look: Look, market: Market, filters: inputs.Filters) -> None:
    """Does the station live on it?"""
    rows = fits.month_rows(market, filters)
    layout.need_rows(look, rows)
    cells = incomes_by_tier(rows) if (rows["stations"] > 0).any() else None
    month = look.month(filters.month)
    chosen = _choice(look, market, cells, month)
    st.fragment(partial(_one, look, chosen, _helps(look, chosen)), key="station_one")()
    left, right = st.columns([3, 2], gap="small")
    with left:
        _networks(look, market, cells, month)
    with right:
        st.fragment(partial(_lockers, look, cells, month, market.grade), key="station_lockers")()
    finding, caption = station_market.types_finding(look), look.say("station.types_caption")
    table = station_market.types(look)
    layout.table_card(look, table, title=finding, caption=caption, grade=Grade.ASSUMED, key="station_types")
    _sources(look, chosen.format)


def _choice(look: Look, market: Market, cells: pd.DataFrame | None, month: str) -> Choice:
    """Network and tier, or a format on its own."""
    networks = [] if cells is None else list(cells.index.get_level_values("platform").unique())
    names = {p: look.name(p) for p in networks} | {
        f: look.say("station.any", format=look.say(f"station.format_{f}")) for f in FORMATS
    }
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom", key="station_controls"):
        default = "duoduo" if "duoduo" in networks else None
        of = inputs.one(look, "station_of", list(names), label=names.__getitem__, default=default, width=250)
        tier = "all"
        if cells is not None and of in networks:
            present = cells.loc[of].index
            tiers = ["all", *(t for t in TIERS if t in present)]
            default = "Tier 3" if "Tier 3" in tiers else None
            tier = inputs.one(look, "station_tier", tiers, label=partial(_tier, look), default=default, width=170)
    if cells is None or of not in networks:
        caption = look.say("station.levers_default")
        return Choice(of, _defaults(of), look.say(f"station.who_format_{of}"), caption, False, Grade.ASSUMED)
    return _of_network(look, cells.loc[(of, tier)], of, tier, month, market.grade)


def _tier(look: Look, tier: str) -> str:
    return look.say("station.all_tiers") if tier == "all" else look.term("tier", tier)


def _of_network(look: Look, cell: pd.Series, of: str, tier: str, month: str, grade: Grade) -> Choice:
    """The network's format with the parcels, subsidy and guarantee of its average station."""
    format = PLATFORMS[of].format
    found = _defaults(format) | {field: round(float(cell[field]), FIELDS[field][3]) for field in OF_MARKET}
    name, where = look.name(of), _tier(look, tier)
    kind = "locker" if format == "locker" else "station"
    who = look.say(f"station.who_{kind}_all" if tier == "all" else f"station.who_{kind}", name=name, tier=where)
    caption = look.say("station.levers_market", name=name, tier=where, month=month)
    return Choice(format, found, who, caption, True, weakest(grade, STATIONS[format].grade))


def _defaults(format: str) -> dict[str, float]:
    """Numbers of a format; subsidy and guarantee are none."""
    return dict.fromkeys(FIELDS, 0.0) | {field: item.value for field, item in declared(format).items()}


def _one(look: Look, chosen: Choice, helps: dict[str, str]) -> None:
    """Levers, key figures and both charts of one station."""
    figures = st.container(key="station_figures")
    left, right = st.columns([6, 7], gap="small")
    with left, st.container(border=True, height="stretch", gap="xsmall", key="card_station_levers"):
        edited = _levers(look, chosen, helps)
    with figures, st.grid(5, min_column_width=150, gap="small"):
        for figure in stations.figures(edited, look):
            layout.kpi(look, figure)
    with right:
        caption = look.say("station.bars_caption")
        view = stations.profit_bars(edited, look, who=chosen.who, caption=caption, grade=chosen.grade)
        layout.card(look, view, "station_bars")
    caption = look.say("station.crossing_caption")
    layout.card(look, stations.by_parcels(edited, look, caption=caption, grade=chosen.grade), "station_curve")


def _levers(look: Look, chosen: Choice, helps: dict[str, str]) -> Station:
    """Every number of the station, as the reader left it."""
    st.header(look.say("station.levers"), anchor=False)
    st.caption(chosen.caption)
    found = {}
    with st.grid(IN_A_ROW, min_column_width=140, gap="small", vertical_alignment="bottom"):
        for field in FIELDS:
            label = stations.field_name(field, chosen.format, look)
            found[field] = _number(look, field, chosen.numbers[field], label=label, help=helps[field])
    st.caption(look.say("station.paid"))
    with st.container(horizontal=True, gap="small", key="station_paying"):
        paid = inputs.switch(look, "station_paid", ("topped", "added"), label=lambda p: look.say(f"station.paid_{p}"))
        changed = sum(found[field] != chosen.numbers[field] for field in FIELDS)
        label = look.say("station.reset_n", n=changed) if changed else look.say("station.reset")
        st.button(label, icon=":material/restart_alt:", key="station_reset", on_click=_reset, disabled=not changed)
    return made(chosen.format, found, add_on=paid == "added", grade=chosen.grade)


def _number(look: Look, field: str, default: float, *, label: str, help: str) -> float:
    """One number; only what differs from the default is kept, in the session and in the URL."""
    short, high, step, digits = FIELDS[field]
    high = max(high, default)
    kept = state.get(f"st_{short}", None, state.number(0.0, high))
    resets = st.session_state.get(_RESETS, 0)
    chosen = st.number_input(
        label,
        min_value=0.0,
        max_value=high,
        value=default if kept is None else float(kept),
        step=step,
        format=f"%.{digits}f",
        key=f"st_{short}.{look.lang}.{default:g}.{resets}",
        help=help,
    )
    state.put(f"st_{short}", None if chosen == default else chosen, None, lambda v: f"{v:g}")
    return float(chosen)


def _reset() -> None:
    """Forget every change; new widget keys make the boxes start from their defaults again."""
    for short, *_ in FIELDS.values():
        state.put(f"st_{short}", None, None)
    st.session_state[_RESETS] = st.session_state.get(_RESETS, 0) + 1


def _helps(look: Look, chosen: Choice) -> dict[str, str]:
    """Where every default comes from."""
    record = published.figures()
    return {field: _help(look, chosen, field, record) for field in FIELDS}


def _help(look: Look, chosen: Choice, field: str, record: pd.DataFrame) -> str:
    """Where a default comes from."""
    value = f"{chosen.numbers[field]:,.6g}"
    if chosen.measured and field in OF_MARKET:
        said, grade = look.say("station.from_market"), chosen.grade
    elif item := declared(chosen.format).get(field):
        row = stations.origin(item, record)
        said = look.say("station.not_printed")
        if row is not None:
            said = layout.plain(f"{stations.printed(row, look)} ({row['source_title']})")
        if (field, chosen.format) == SET:
            parcels = STATIONS[chosen.format].parcels_per_day
            said = look.say("station.upkeep_set", parcels=f"{parcels:,.0f}", printed=said)
        grade = item.grade
    else:
        said, grade = look.say("station.not_printed"), Grade.ASSUMED
    return look.say("station.default_is", value=value, grade=look.say(f"grade.{grade}"), printed=said)


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


def _lockers(look: Look, cells: pd.DataFrame | None, month: str, grade: Grade) -> None:
    """Capacity of a set of lockers and its evening rush."""
    with st.container(border=True, height="stretch", gap="xsmall", key="card_station_rush"):
        with st.container(horizontal=True, gap="medium", key="station_rush_levers"):
            hours = inputs.amount(
                look,
                "st_hours",
                2.0,
                24.0,
                STANDARD.hours_in_cell,
                1.0,
                label=look.say("station.hours_in_cell"),
                pattern="%.0f",
            )
            part = inputs.amount(
                look,
                "st_peak",
                5.0,
                60.0,
                100 * STANDARD.peak_share,
                5.0,
                label=look.say("station.peak_share"),
                pattern="%.0f",
            )
        locker = replace(STANDARD, hours_in_cell=hours, peak_share=part / 100)
        caption = look.say("station.rush_caption", month=month)
        observed = _per_locker(cells)
        found = weakest(grade, Grade.ASSUMED)
        layout.chart(
            look, station_market.rush(locker, look, observed=observed, caption=caption, grade=found), "station_rush"
        )


def _per_locker(cells: pd.DataFrame | None) -> pd.Series:
    """Parcels a locker takes in a day by tier, of the market's largest locker network."""
    if cells is None:
        return pd.Series(dtype=float)
    lockers = [p for p in cells.index.get_level_values("platform").unique() if PLATFORMS[p].format == "locker"]
    return cells.loc[lockers[0], "parcels_per_day"].drop("all") if lockers else pd.Series(dtype=float)


def _sources(look: Look, format: str) -> None:
    table = stations.sources(format, published.figures(), look)
    rest = (table[look.say("station.printed")] != "").sum()
    title = look.say("station.sources", n=rest, total=len(table))
    caption = look.say("station.sources_caption", format=look.say(f"station.format_{format}"))
    layout.table_card(look, table, title=title, caption=caption, grade=Grade.ASSUMED, key="station_sources")
