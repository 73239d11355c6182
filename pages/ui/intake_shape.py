"""Tables that are not one row a month, city and network: rows to be added up, blanks that mean what stands above."""

from dataclasses import replace

import streamlit as st

from analysis.views.look import Look
from data.intake.found import Intake
from data.schema import DATASETS
from pages.ui.intake_state import Table

_REPEATED = ("duplicate_row", "daily_rows", "rows_added_up")


def ask(look: Look, table: Table, found: Intake) -> None:
    """Switch for adding rows up and columns to be filled down, where the file gives reason for them."""
    choices, codes = table.choices, set(found.problems["code"])
    if DATASETS[found.dataset].own and codes & set(_REPEATED):
        added = st.toggle(
            look.say("data.add_up"),
            choices.add_up,
            help=look.say("data.add_up_help"),
            key=f"add_up.{table.key}.{table.turn}.{look.lang}",
        )
        if added != choices.add_up:
            table.decide(replace(choices, add_up=added))
            st.rerun()
    blank = [header for header in found.mapping if header in _blank(found) or header in choices.fill_down]
    if not blank:
        return
    filled = st.pills(
        look.say("data.fill_down"),
        blank,
        default=list(choices.fill_down),
        selection_mode="multi",
        help=look.say("data.fill_down_help"),
        key=f"fill_down.{table.key}.{table.turn}.{look.lang}",
    )
    if tuple(filled) != choices.fill_down:
        table.decide(replace(choices, fill_down=tuple(filled)))
        st.rerun()


def _blank(found: Intake) -> set[str]:
    """Headers of columns in which a cell that must be there is blank."""
    return set(found.problems.loc[found.problems["code"] == "blank_cell", "column"])
