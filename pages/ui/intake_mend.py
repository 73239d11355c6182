"""Rows set aside, mended in place and checked again."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import streamlit as st

from analysis.views.look import Look
from data.intake import set_aside_csv, values
from data.intake.found import Intake
from pages.ui.intake_state import Table

MOST = 200
"""Rows shown for mending; the next ones follow once these are mended."""
ROW, PROBLEM = "row", "problem"
"""Columns before the cells, which go by their place: headers may be anything."""


def mend(look: Look, table: Table, found: Intake) -> None:
    """Rows with an error as a table whose cells can be changed; the other rows left out are counted."""
    bad = rows(look, found)
    shown, others = bad.head(MOST), len(found.set_aside) - len(bad)
    said = [look.say("data.mend_caption")]
    said += [look.say("data.mend_first", n=MOST, all=f"{len(bad):,}")] if len(bad) > MOST else []
    said += [look.say("data.left_others", n=f"{others:,}")] if others else []
    st.caption(look.text(said))
    if len(bad):
        edited = st.data_editor(
            shown,
            hide_index=True,
            disabled=[ROW, PROBLEM],
            key=f"mend.{table.key}.{table.turn}.{look.lang}",
            alt=look.say("data.step_mend"),
            column_config={
                **{cell(place): header for place, header in enumerate(found.set_aside.columns[1:])},
                ROW: st.column_config.NumberColumn(look.say("data.row"), width=60, pinned=True),
                PROBLEM: st.column_config.TextColumn(look.say("data.problem"), width=260, pinned=True),
            },
        )
    with st.container(horizontal=True, gap="small"):
        if len(bad) and st.button(look.say("data.recheck"), key="recheck", type="primary", icon=":material/refresh:"):
            recheck(look, table, edits(found, shown, edited))
        st.download_button(
            look.say("data.aside_csv"),
            data=lambda: set_aside_csv(found),
            mime="text/csv",
            file_name=f"aside-{found.dataset}.csv",
            key=f"aside_csv_{table.key}",
            on_click="ignore",
        )


def cell(place: int) -> str:
    """Name of the column at a place of the file."""
    return f"c{place}"


def rows(look: Look, found: Intake) -> pd.DataFrame:
    """Rows that an error keeps out: row, the first thing wrong in words, then the cells as written."""
    errors = found.problems[found.problems["severity"] == "error"].drop_duplicates("row")
    aside = found.set_aside.set_axis([ROW, *map(cell, range(found.set_aside.shape[1] - 1))], axis=1)
    said = {
        problem["row"]: look.say(f"problem.{problem['code']}", **values(problem))
        for problem in errors[errors["row"].isin(aside[ROW])].head(MOST).to_dict("records")
    }
    bad = aside[aside[ROW].isin(errors["row"])].copy()
    bad.insert(1, PROBLEM, bad[ROW].map(said).fillna("").astype("str"))
    return bad


def edits(found: Intake, shown: pd.DataFrame, edited: pd.DataFrame) -> dict[tuple[int, str], str]:
    """Cells that were changed: row and header to the new text."""
    headers = found.set_aside.columns[1:]
    return {
        (int(row), str(header)): str(new)
        for place, header in enumerate(headers)
        for row, old, new in zip(shown[ROW], shown[cell(place)], edited[cell(place)].fillna(""), strict=True)
        if new != old
    }


def recheck(look: Look, table: Table, changed: Mapping[tuple[int, str], str]) -> None:
    """Read the table again with the cells as changed."""
    if not changed:
        st.info(look.say("data.nothing_edited"), icon=":material/info:")
        return
    table.decide(replace(table.choices, edits={**table.choices.edits, **changed}))
    st.rerun()
