"""What each header means and in which unit its cells are, to be corrected in a table."""

import re
from dataclasses import replace

import pandas as pd
import streamlit as st

from analysis.views import findings
from analysis.views.look import Look
from data.contract import Column
from data.intake import units
from data.intake.found import Guess, Intake
from data.intake.units import NUMBERS
from data.schema import DATASETS
from pages.ui.intake_state import Table
from pages.ui.layout import plain

LEFT_OUT = "-"
"""Stands for no column."""
SAMPLES = 3
"""Cells shown of each column."""


def label(look: Look, column: Column) -> str:
    """Short name of a column in the reader's language, with the canonical one: 件量 · parcels."""
    words = [name for name in column.headers if re.search("[\u4e00-\u9fff]", name)]
    return f"{words[0]} · {column.name}" if look.lang == "zh" and words else column.name


def editor(look: Look, table: Table, found: Intake) -> None:
    """Table of headers with column, unit, confidence and reason; applied all at once."""
    st.caption(look.say("data.mapping_caption"))
    columns = DATASETS[found.dataset].columns
    rows = frame(look, found)
    names = {heading: look.say(f"data.{heading}") for heading in rows.columns}
    edited = st.data_editor(
        rows,
        hide_index=True,
        disabled=[name for name in rows.columns if name not in ("means", "unit")],
        key=f"mapping.{table.key}.{table.turn}.{look.lang}",
        alt=look.say("data.step_columns"),
        column_config={
            **{key: st.column_config.TextColumn(name) for key, name in names.items()},
            "means": st.column_config.SelectboxColumn(
                names["means"],
                options=[LEFT_OUT, *columns],
                format_func=lambda name: (
                    label(look, columns[str(name)]) if name in columns else look.say("data.left_out")
                ),
                required=True,
            ),
        },
    )
    if st.button(look.say("data.apply_columns"), key="apply_columns", icon=":material/refresh:"):
        apply(look, table, rows, edited)


def frame(look: Look, found: Intake) -> pd.DataFrame:
    """One row a header: header, cells, means, unit, sure and why."""
    columns = DATASETS[found.dataset].columns
    words = findings.mapping(found.guesses, look)
    numeric = [guess.column in columns and columns[guess.column].type in NUMBERS for guess in found.guesses]
    return pd.DataFrame(
        {
            "header": [guess.header for guess in found.guesses],
            "cells": [samples(found.preview.iloc[:, place + 1]) for place in range(len(found.guesses))],
            "means": [guess.column if guess.column in columns else LEFT_OUT for guess in found.guesses],
            "unit": [guess.unit if is_number else "" for guess, is_number in zip(found.guesses, numeric, strict=True)],
            "sure": words[look.say("change.column_confidence")],
            "why": [_why(look, guess) for guess in found.guesses],
        }
    )


def _why(look: Look, guess: Guess) -> str:
    """Why a header is read as it is, and the column offered where there is one."""
    why = findings.why(guess, look)
    return why if guess.column or not guess.suggest else f"{why} · {findings.read_as(guess, look)}"


def samples(cells: pd.Series) -> str:
    """The first different cells of a column."""
    return " / ".join(cells[cells.str.strip() != ""].drop_duplicates().head(SAMPLES))


def apply(look: Look, table: Table, rows: pd.DataFrame, edited: pd.DataFrame) -> None:
    """Read the table again as edited; two headers for one column, or a unit that is none, are refused in a sentence."""
    columns = DATASETS[table.choices.dataset].columns
    means = edited["means"]
    twice = sorted({name for name in means[means.duplicated()] if name != LEFT_OUT})
    if twice:
        st.warning(look.say("data.means_twice", columns=look.join(twice)), icon=":material/warning:")
        return
    moved = edited[means != rows["means"]]
    meant = moved["means"].replace(LEFT_OUT, "")
    mapping = {**table.choices.mapping, **dict(zip(moved["header"], meant, strict=True))}
    other = edited[(edited["unit"].fillna("") != rows["unit"]) & (means != LEFT_OUT)]
    chosen = {**table.choices.units, **dict(zip(other["means"], other["unit"].fillna(""), strict=True))}
    strange = [unit for column, unit in chosen.items() if unit and units.factor(unit, columns[column]) is None]
    if strange:
        st.warning(look.say("data.strange_unit", units=look.join(map(plain, strange))), icon=":material/warning:")
        return
    table.decide(replace(table.choices, mapping=mapping, units=chosen))
    st.rerun()
