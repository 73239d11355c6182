"""What was decided about a table on this page, line by line, each with a way to take it back."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from analysis.views.look import Look
from data.intake import names
from data.intake.found import Intake
from data.schema import DATASETS
from pages.ui import intake_state
from pages.ui.intake_state import Table
from pages.ui.layout import plain

MOST = 20
"""Decisions listed, the last ones first."""
_Key = tuple[str, str] | tuple[int, str]


def header(found: Intake, column: str) -> str:
    """Header that the file has for a column; the column where it has none."""
    return next((guess.header for guess in found.guesses if guess.column == column), column)


def of_names(look: Look, table: Table, found: Intake) -> None:
    """Names that were decided."""
    columns = DATASETS[table.choices.dataset].columns
    lines: dict[_Key, str] = {
        (column, written): look.say(
            "data.name_decided",
            written=plain(written),
            column=plain(header(found, column)),
            meant=names.words(columns[column].type, (key,)) if key else look.say("data.set_aside"),
        )
        for column, said in table.choices.names.items()
        for written, key in said.items()
    }
    _list(look, table, "data.names_decided", lines)


def of_cells(look: Look, table: Table) -> None:
    """Cells that were changed."""
    lines: dict[_Key, str] = {
        (row, head): look.say("data.cell_edited", row=f"{row:,}", column=plain(head), value=plain(text))
        for (row, head), text in table.choices.edits.items()
    }
    _list(look, table, "data.cells_edited", lines)


def _list(look: Look, table: Table, title: str, lines: Mapping[_Key, str]) -> None:
    if not lines:
        return
    with st.container(border=True, gap="xsmall", key=f"decided.{title}.{table.key}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{look.say(title, n=f'{len(lines):,}')}**", width="stretch")
            if len(lines) > 1:
                words = look.say("data.take_all_back")
                st.button(words, key=f"back_all.{title}", on_click=take_back, args=(table, list(lines)))
        for place, (key, line) in enumerate(list(lines.items())[: -MOST - 1 : -1]):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.caption(line, width="stretch")
                st.button(
                    look.say("data.take_back"),
                    icon=":material/undo:",
                    type="tertiary",
                    key=f"back.{title}.{place}",
                    on_click=take_back,
                    args=(table, [key]),
                )
        if len(lines) > MOST:
            st.caption(look.say("data.others_decided", n=f"{len(lines) - MOST:,}"))


def take_back(table: Table, keys: list[_Key]) -> None:
    """Take decisions back: names by column and text, cells by row and header; the table is read again."""
    gone, choices = set(keys), table.choices
    meant = {choices.names[str(column)][text] for column, text in keys if text in choices.names.get(str(column), {})}
    said = {
        column: {text: key for text, key in of.items() if (column, text) not in gone}
        for column, of in choices.names.items()
    }
    edits = {cell: text for cell, text in choices.edits.items() if cell not in gone}
    table.decide(replace(choices, names={column: of for column, of in said.items() if of}, edits=edits))
    still = {key for one in intake_state.tables() for of in one.choices.names.values() for key in of.values()}
    for key in meant - still:
        intake_state.drop_network(key)
