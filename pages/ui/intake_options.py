"""What files of other kinds do not say: the network of the parcels, the year of their times, the day points opened."""

import datetime as dt
from dataclasses import replace

import streamlit as st

from analysis.views.look import Look
from data.intake.adapters import ADAPTERS
from data.platforms import PLATFORMS
from pages.ui.intake_state import Table

YEARS = (2015, 2035)
"""Years that a file without one may be of."""


def ask(look: Look, table: Table) -> None:
    """One input an option; the table is read again with what is said."""
    kind, given = ADAPTERS[table.choices.adapter], table.choices.options
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="options"):
        said = {name: _option(look, table, name, given.get(name, "")) for name in kind.options}
        if st.button(look.say("data.read_with"), key="read_with", type="primary" if table.lacks else "secondary"):
            table.decide(replace(table.choices, options=said))
            st.rerun()
    if table.lacks:
        st.info(look.say("data.option_needed"), icon=":material/info:")


def _option(look: Look, table: Table, name: str, value: str) -> str:
    key, label = f"option.{name}.{table.key}.{look.lang}", look.say(f"data.option_{name}")
    if name == "opened":
        day = st.date_input(label, value=dt.date.fromisoformat(value) if value else None, key=key, width=220)
        return day.isoformat() if isinstance(day, dt.date) else ""
    years = map(str, range(YEARS[0], YEARS[1] + 1))
    options = ["", *(PLATFORMS if name == "platform" else years)]
    return st.selectbox(
        label,
        options,
        options.index(value),
        format_func=lambda one: look.name(one) if one else look.say("unit.none"),
        key=key,
        width=200,
    )
