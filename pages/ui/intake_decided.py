"""What was decided about a table on this page, line by line, each with a way to take it back."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from analysis.views.look import Look
from data.intake import names
from data.intake.found import Intake
from data.schema import DATASETS
from pages.ui import intake_state
from pages.ui.intake_state import FORGOTTEN, Table
from pages.ui.layout import plain

MOST = 20
"""Decisions listed, the last ones first."""
_Key = tuple[str, str] | tuple[int, str]


def header(found: Intake, column: str) -> str:
    """Header that the file has for a column; the column where it has none."""
    return next((guess.header for guess in found.guesses if guess.column == column), column)


def of_names(look: Look, table: Table, found: Intake) -> None:
    """Names that were decided here, and those decided for earlier files."""
    here = table.choices.names
    _list(look, table, "data.names_decided", _lines(look, table, found, here))
    earlier = {
        column: {text: key for text, key in of.items() if text not in here.get(column, {}) and key != FORGOTTEN}
        for column, of in table.recalled.items()
    }
    _list(look, table, "data.names_recalled", _lines(look, table, found, earlier))


def _lines(look: Look, table: Table, found: Intake, said: Mapping[str, Mapping[str, str]]) -> dict[_Key, str]:
    return {
        (column, written): look.say(
            "data.name_decided",
            written=plain(written),
            column=plain(header(found, column)),
            meant=_meant(look, DATASETS[table.choices.dataset].columns[column].type, key),
        )
        for column, of in said.items()
        for written, key in of.items()
        if key != FORGOTTEN
    }


def _meant(look: Look, kind: str, key: str) -> str:
    """Name of what a spelling was decided to mean."""
    if not key:
        return look.say("data.set_aside")
    new = {network.key: getattr(network, look.lang) for network in intake_state.networks()}
    return plain(new[key]) if key in new else names.words(kind, (key,)) if key in names.keys(kind) else plain(key)


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
    choices = table.choices
    said = {column: dict(of) for column, of in choices.names.items()}
    edits = dict(choices.edits)
    meant = set()
    for place, text in keys:
        if isinstance(place, int):
            edits.pop((place, text), None)
            continue
        meant.add(said.setdefault(place, {}).pop(text, ""))
        if text in table.recalled.get(place, {}):
            said[place][text] = FORGOTTEN
    table.decide(replace(choices, names={column: of for column, of in said.items() if of}, edits=edits))
    still = {key for one in intake_state.tables() for of in one.choices.names.values() for key in of.values()}
    for key in meant - still:
        intake_state.drop_network(key)
