"""What one point in a village lives from: its people, its costs and how many couriers share it, all open to change."""

import streamlit as st

from analysis.economics import Station, declared, made
from analysis.economics.assumptions import Assumption
from analysis.space import rural_living
from analysis.space.rural_living import FORMATS, Village
from analysis.views import rural_living as view
from analysis.views import stations as words
from analysis.views.look import Look
from data.grade import Grade
from pages.ui import inputs, layout, state, told

OF_VILLAGE = {
    "people": ("people", 50_000.0, 50.0, 0),
    "parcels_per_head_per_year": ("head", 500.0, 1.0, 1),
    "through_point": ("point", 1.0, 0.05, 2),
    "sideline_cny_per_month": ("side", 50_000.0, 100.0, 0),
}
"""Numbers of the village: name in the URL (after "rur_"), highest value, step, decimals."""
OF_STATION = {
    "fee_cny_per_parcel": ("fee", 5.0, 0.01, 2),
    "ancillary_cny_per_parcel": ("other", 5.0, 0.01, 2),
    "variable_cny_per_parcel": ("handling", 5.0, 0.01, 2),
    "rent_cny_per_month": ("rent", 50_000.0, 100.0, 0),
    "wages_cny_per_month": ("wages", 100_000.0, 100.0, 0),
    "fines_cny_per_month": ("fines", 20_000.0, 50.0, 0),
    "subsidy_cny_per_parcel": ("subsidy", 2.0, 0.01, 2),
    "guarantee_cny_per_day": ("guarantee", 1_000.0, 10.0, 0),
}
"""The same of its station."""
IN_A_ROW = 4
_RESETS = "rural_resets"


def section(look: Look) -> None:
    """Levers, profit by people served, people needed by couriers sharing, and where the numbers come from."""
    kinds = {f: look.say(f"station.format_{f}") for f in FORMATS}
    with st.container(border=True, gap="xsmall", key="card_rural_levers"):
        st.header(look.say("rural.levers"), anchor=False)
        st.caption(look.say("rural.levers_caption"))
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom", key="rural_kind"):
            format = inputs.one(look, "rur_format", FORMATS, label=kinds.__getitem__, width=240)
            st.button(look.say("station.reset"), icon=":material/restart_alt:", key="rural_reset", on_click=_reset)
        village = _village(look, format)
    who = kinds[format]
    of_village = {f"rural.field_{field}": f"{getattr(village, field):g}" for field in OF_VILLAGE}
    numbers = {words.field_name(field, format, look): getattr(village.station, field) for field in OF_STATION}
    of_station = [look.pair(name, f"{value:g}") for name, value in numbers.items()]
    told.table(look, look.say("pinned.living"), [*told.pairs(look, of_village), *of_station])
    left, right = st.columns([3, 2], gap="small")
    with left:
        layout.card(look, view.profit(village, look, who=who, grade=Grade.ASSUMED), "rural_profit")
    with right:
        layout.card(look, view.needed(village, look, grade=Grade.ASSUMED), "rural_needed")
    table = view.couriers_table(look)
    caption = look.say("rural.couriers_caption")
    layout.table_card(
        look, table, title=view.couriers_finding(look), caption=caption, grade=Grade.ESTIMATED, key="rural_couriers"
    )


def _village(look: Look, format: str) -> Village:
    """The village as the reader left it."""
    numbers = rural_living.assumptions() | declared(format)
    found: dict[str, float] = {}
    with st.grid(IN_A_ROW, min_column_width=150, gap="small", vertical_alignment="bottom"):
        for field in OF_VILLAGE | OF_STATION:
            own = field in OF_VILLAGE
            label = look.say(f"rural.field_{field}") if own else words.field_name(field, format, look)
            found[field] = _number(look, field, format, numbers.get(field), label)
    rest = {field: numbers[field].value for field in ("parcels_per_day", "day_spread", "takeover_cny")}
    station: Station = made(format, rest | {field: found[field] for field in OF_STATION})
    return Village(station=station, **{field: found[field] for field in OF_VILLAGE})


def _number(look: Look, field: str, format: str, item: Assumption | None, label: str) -> float:
    """One number; only what differs from its default is kept, in the session and in the URL."""
    short, high, step, digits = (OF_VILLAGE | OF_STATION)[field]
    default = item.value if item else 0.0
    kept: float | None = state.get(f"rur_{short}", None, state.number(0.0, high))
    grade = item.grade if item else Grade.ASSUMED
    typed = st.number_input(
        label,
        min_value=0.0,
        max_value=high,
        value=float(default if kept is None else kept),
        step=step,
        format=f"%.{digits}f",
        key=f"rur_{short}.{look.lang}.{format}.{st.session_state.get(_RESETS, 0)}",
        help=look.say("rural.default_is", value=f"{default:,.6g}", grade=look.say(f"grade.{grade}")),
    )
    state.put(f"rur_{short}", None if typed == default else float(typed), None, state.digits)
    return float(typed)


def _reset() -> None:
    """Forget every change; new widget keys make the boxes start from their defaults again."""
    for short, *_ in (OF_VILLAGE | OF_STATION).values():
        state.put(f"rur_{short}", None, None)
    st.session_state[_RESETS] = st.session_state.get(_RESETS, 0) + 1
