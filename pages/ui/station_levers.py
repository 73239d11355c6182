"""The numbers of one station, open to change: every change belongs to the station it was made for."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from analysis.economics import STANDARD, STATIONS, Locker, Station, declared, made
from analysis.views import stations
from analysis.views.look import Look
from data.grade import Grade
from pages.ui import inputs, layout, published, state

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
PAID = ("topped", "added")
SET = ("wages_cny_per_month", "locker")
"""Upkeep of lockers: not printed, but chosen so that the printed loss results."""
HOURS, PEAK = (2.0, 24.0, 1.0), (5.0, 60.0, 5.0)
"""Lowest, highest and step of the hours in a cell and of the evening's part of the day, %."""
_RESETS, _EDITS, _WHOSE = "station_resets", "station_edits", "station_edited"


@dataclass(frozen=True, slots=True)
class Choice:
    """The station looked at: whose, its format and default numbers, who it is, where they come from."""

    whose: str
    format: str
    numbers: dict[str, float]
    who: str
    caption: str
    measured: bool
    grade: Grade


def defaults(format: str) -> dict[str, float]:
    """Numbers of a format; subsidy and guarantee are none."""
    return dict.fromkeys(FIELDS, 0.0) | {field: item.value for field, item in declared(format).items()}


def numbers(chosen: Choice) -> dict[str, float]:
    """Numbers of the station as the reader left them."""
    kept = {field: _kept(field) for field in FIELDS}
    return {field: chosen.numbers[field] if value is None else value for field, value in kept.items()}


def graded(chosen: Choice) -> Callable[[str, float], Grade]:
    """Grade of a number of the station: its own where it is the default, assumed where the reader changed it."""
    known = declared(chosen.format)

    def grade(field: str, value: float) -> Grade:
        if value != chosen.numbers[field]:
            return Grade.ASSUMED
        if field in OF_MARKET and chosen.measured:
            return chosen.grade
        return known[field].grade if field in known else Grade.ASSUMED

    return grade


def switch_to(whose: str) -> None:
    """Put away the changes made for the last station and bring back those made for this one."""
    last = st.session_state.get(_WHOSE, whose)
    st.session_state[_WHOSE] = whose
    if last == whose:
        return
    kept = st.session_state.setdefault(_EDITS, {})
    kept[last] = {field: _kept(field) for field in FIELDS}, _paid()
    numbers, paid = kept.get(whose, ({}, PAID[0]))
    _put(numbers, paid)


def _kept(field: str) -> float | None:
    short, high, *_ = FIELDS[field]
    return state.get(f"st_{short}", None, state.number(0.0, high))


def _paid() -> str:
    return state.get("station_paid", PAID[0], state.one_of(PAID))


def _put(numbers: dict[str, float | None], paid: str) -> None:
    """Keep these changes and no others; the control of the guarantee starts from `paid`."""
    for field, (short, *_) in FIELDS.items():
        state.put(f"st_{short}", numbers.get(field), None, state.digits)
    state.put("station_paid", paid, PAID[0])
    for key in [key for key in st.session_state if str(key).startswith("station_paid.")]:
        del st.session_state[key]


def locker() -> Locker:
    """The set of lockers as the reader left it."""
    hours = state.get("st_hours", STANDARD.hours_in_cell, state.number(*HOURS[:2]))
    part = state.get("st_peak", 100 * STANDARD.peak_share, state.number(*PEAK[:2]))
    return replace(STANDARD, hours_in_cell=hours, peak_share=part / 100)


def locker_sliders(look: Look) -> Locker:
    """Hours in a cell and the evening's part of the day."""
    with st.container(horizontal=True, gap="medium", key="station_rush_levers"):
        _slider(look, "st_hours", "hours_in_cell", HOURS, STANDARD.hours_in_cell)
        _slider(look, "st_peak", "peak_share", PEAK, 100 * STANDARD.peak_share)
    return locker()


def _slider(look: Look, name: str, word: str, bounds: tuple[float, float, float], default: float) -> None:
    low, high, step = bounds
    chosen = st.slider(
        look.say(f"station.{word}"),
        low,
        high,
        state.get(name, default, state.number(low, high)),
        step,
        format="%.0f",
        key=f"{name}.{look.lang}.{st.session_state.get(_RESETS, 0)}",
    )
    state.put(name, float(chosen), default, state.digits)


def levers(look: Look, chosen: Choice, helps: dict[str, str]) -> Station:
    """Every number of the station, as the reader left it."""
    st.header(look.say("station.levers"), anchor=False)
    caption = st.empty()
    found = {}
    with st.grid(IN_A_ROW, min_column_width=140, gap="small", vertical_alignment="bottom"):
        for field in FIELDS:
            label = stations.field_name(field, chosen.format, look)
            with st.container(gap="xxsmall"):
                found[field] = _number(look, field, chosen, label=label, help=helps[field])
    st.caption(look.say("station.paid"))
    with st.container(horizontal=True, gap="small", key="station_paying"):
        paid = inputs.switch(look, "station_paid", PAID, label=lambda p: look.say(f"station.paid_{p}"))
        changed = _changed(look, chosen, found, paid)
        label = look.say("station.reset_n", n=len(changed)) if changed else look.say("station.reset")
        st.button(label, icon=":material/restart_alt:", key="station_reset", on_click=_reset, disabled=not changed)
    said = look.say("station.changed", items=" · ".join(changed)) if changed else ""
    caption.caption(f"{chosen.caption} {said}".strip())
    return made(chosen.format, found, add_on=paid == "added", grade=chosen.grade)


def _changed(look: Look, chosen: Choice, found: dict[str, float], paid: str) -> list[str]:
    """Names of what differs from its default, the set of lockers included."""
    names = [stations.field_name(f, chosen.format, look) for f in FIELDS if found[f] != chosen.numbers[f]]
    now = locker()
    return [
        *names,
        *([look.say("station.paid")] if paid != PAID[0] else []),
        *([look.say("station.hours_in_cell")] if now.hours_in_cell != STANDARD.hours_in_cell else []),
        *([look.say("station.peak_share")] if now.peak_share != STANDARD.peak_share else []),
    ]


def _number(look: Look, field: str, chosen: Choice, *, label: str, help: str) -> float:
    """One number; only what differs from the default is kept, in the session and in the URL."""
    short, high, step, digits = FIELDS[field]
    default, kept = chosen.numbers[field], _kept(field)
    high = max(high, default)
    key = f"st_{short}.{look.lang}.{chosen.whose}.{default:g}.{st.session_state.get(_RESETS, 0)}"
    typed = st.number_input(
        label,
        value=default if kept is None else float(kept),
        step=step,
        format=f"%.{digits}f",
        key=key,
        help=help,
        on_change=_within,
        args=(key, high),
    )
    if st.session_state.get(f"{key}.limited"):
        st.caption(look.say("station.limited", high=f"{high:,.6g}", value=f"{typed:,.6g}"))
    state.put(f"st_{short}", None if typed == default else typed, None, state.digits)
    return float(typed)


def _within(key: str, high: float) -> None:
    """Bring a number back between 0 and `high`, and remember that it was."""
    typed = st.session_state[key]
    st.session_state[key] = min(max(typed, 0.0), high)
    st.session_state[f"{key}.limited"] = st.session_state[key] != typed


def _reset() -> None:
    """Forget every change; new widget keys make the boxes start from their defaults again."""
    _put({}, PAID[0])
    for name, default in (("st_hours", STANDARD.hours_in_cell), ("st_peak", 100 * STANDARD.peak_share)):
        state.put(name, default, default)
    st.session_state[_RESETS] = st.session_state.get(_RESETS, 0) + 1


def helps(look: Look, chosen: Choice) -> dict[str, str]:
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
