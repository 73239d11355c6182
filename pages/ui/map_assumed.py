"""What the modelled demand assumes: every number with its range, and a field to change it."""

import streamlit as st

from analysis.space.demand_assumptions import ASSUMPTIONS
from analysis.views.look import Look
from data.cities import TIERS
from data.grade import Grade
from pages.ui import layout, state

_PREFIX = "dem_"
_TURN = "dem.turn"


def changed() -> dict[str, float]:
    """Assumptions that differ from their defaults: kept in the URL and the session."""
    found = {
        key: state.get(_PREFIX + key, one.value, state.number(one.low, one.high)) for key, one in ASSUMPTIONS.items()
    }
    return {key: value for key, value in found.items() if value != ASSUMPTIONS[key].value}


def show(look: Look) -> None:
    """Popover with a field for every assumption."""
    now = changed()
    label = look.say("demand.assumed_n", n=len(now)) if now else look.say("demand.assumed")
    with st.popover(label, icon=":material/tune:", key="dem_open", width="content"):
        layout.badge(look, Grade.ASSUMED)
        st.caption(look.say("demand.assumed_caption"))
        items = list(ASSUMPTIONS.items())
        for first in range(0, len(items), 2):
            for column, (key, one) in zip(st.columns(2, gap="small"), items[first : first + 2], strict=False):
                with column:
                    _field(look, key, now.get(key, one.value))
        st.button(
            look.say("demand.reset"), icon=":material/restart_alt:", key="dem_reset", on_click=_reset, disabled=not now
        )


def words(look: Look, key: str) -> str:
    """What an assumption is called, with its unit."""
    if key.startswith("rural_share_"):
        tier = TIERS[int(key.removeprefix("rural_share_")) - 1]
        return look.say("demand.rural_share", tier=look.term("tier", tier))
    return look.say(f"demand.{key}")


def told(look: Look) -> list[str]:
    """Assumptions that the reader changed, each with its value."""
    return [look.pair(words(look, key), f"{value:g}") for key, value in changed().items()]


def _field(look: Look, key: str, value: float) -> None:
    one = ASSUMPTIONS[key]
    field = f"{_PREFIX}{key}.{look.lang}.{st.session_state.get(_TURN, 0)}"

    def put() -> None:
        state.put(_PREFIX + key, float(st.session_state[field]), one.value, state.digits)

    fine = one.high <= 1.0
    st.number_input(
        words(look, key),
        one.low,
        one.high,
        value,
        step=0.01 if fine else one.low / 10,
        format="%.3f" if fine else "%g",
        key=field,
        on_change=put,
        help=look.say("demand.range", low=f"{one.low:,g}", high=f"{one.high:,g}"),
    )


def _reset() -> None:
    for key, one in ASSUMPTIONS.items():
        state.put(_PREFIX + key, one.value, one.value)
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
