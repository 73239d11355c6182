"""Rows set aside, mended in place and checked again."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import PurePath

import pandas as pd
import streamlit as st

from analysis.views.look import Look
from data.intake import set_aside_csv
from data.intake.found import Intake
from data.intake.summary import words
from pages.ui import intake_decided
from pages.ui.intake_state import Table

MOST = 200
"""Rows shown for mending; the next ones follow once these are mended."""
MOST_EDITS = 2000
"""Cells changed at once."""
ROW, PROBLEM = "row", "problem"
"""Columns before the cells, which go by their place: headers may be anything."""


def mend(look: Look, table: Table, found: Intake) -> None:
    """Rows with an error as a table whose cells can be changed, and the cells that were; other rows are counted."""
    faulty, unnamed = in_error(found), only_names(found)
    left = found.set_aside["row"]
    shows_names = bool(unnamed) and st.toggle(look.say("data.with_names"), key=f"with_names.{table.key}")
    bad = rows(look, found, faulty if shows_names else faulty - unnamed)
    others = len(left) - int(left.isin(faulty).sum())
    said = [look.say("data.mend_caption")] if len(bad) else []
    said += [look.say("data.mend_first", n=MOST, all=f"{len(bad):,}")] if len(bad) > MOST else []
    said += [look.say("data.left_names", n=f"{len(unnamed):,}")] if unnamed and not shows_names else []
    said += [look.say("data.left_others", n=f"{others:,}")] if others else []
    st.caption(look.text(said))
    if len(bad):
        _edit(look, table, found, bad.head(MOST))
    stem = PurePath(table.upload.name).stem
    st.download_button(
        look.say("data.aside_csv"),
        data=lambda: set_aside_csv(found),
        mime="text/csv",
        file_name=f"aside-{stem}.csv",
        key=f"aside_csv_{table.key}",
        on_click="ignore",
    )
    intake_decided.of_cells(look, table)


def _edit(look: Look, table: Table, found: Intake, shown: pd.DataFrame) -> None:
    """Rows to be mended; only their number stays in sight on a narrow screen. What was changed outlasts the table."""
    key = f"mend.{table.key}.{table.turn}.{look.lang}.{len(shown)}"
    if key not in st.session_state:
        table.laid = dict(table.drafts)
    laid = _laid(found, shown, table.laid)
    edited = st.data_editor(
        laid,
        hide_index=True,
        disabled=[ROW, PROBLEM],
        key=key,
        alt=look.say("data.step_mend"),
        on_change=_note,
        args=(table, found, shown, key),
        column_config={
            **{cell(place): header for place, header in enumerate(found.set_aside.columns[1:])},
            ROW: st.column_config.NumberColumn(look.say("data.row"), width=60, pinned=True),
            PROBLEM: st.column_config.TextColumn(look.say("data.problem"), width=260),
        },
    )
    everywhere = st.toggle(look.say("data.everywhere"), key=f"everywhere.{table.key}")
    if st.button(look.say("data.recheck"), key="recheck", type="primary", icon=":material/refresh:"):
        recheck(look, table, edits(found, shown, edited, everywhere=everywhere))


def _laid(found: Intake, shown: pd.DataFrame, drafts: Mapping[tuple[int, str], str]) -> pd.DataFrame:
    """Rows with the cells that were changed before."""
    places = {str(header): cell(place) for place, header in enumerate(found.set_aside.columns[1:])}
    at = {int(row): index for index, row in shown[ROW].items()}
    laid = shown.copy()
    for (row, header), text in drafts.items():
        if row in at and header in places:
            laid.loc[at[row], places[header]] = text
    return laid


def _note(table: Table, found: Intake, shown: pd.DataFrame, key: str) -> None:
    """Keep what was changed until it is checked."""
    edited = _laid(found, shown, table.laid)
    for place, cells in st.session_state[key]["edited_rows"].items():
        for name, text in cells.items():
            edited.iloc[int(place), edited.columns.get_loc(name)] = text or ""
    rows = set(shown[ROW])
    others = {at: text for at, text in table.drafts.items() if at[0] not in rows}
    table.drafts = {**others, **edits(found, shown, edited)}


def unchecked(table: Table, found: Intake) -> int:
    """How many cells were changed on the page, in rows that still have an error, and not checked."""
    bad = in_error(found) if table.drafts else ()
    return sum(row in bad for row, _ in table.drafts)


def cell(place: int) -> str:
    """Name of the column at a place of the file."""
    return f"c{place}"


def in_error(found: Intake) -> set[int]:
    """Rows left out that an error keeps out."""
    problems = found.problems
    errors = problems.loc[problems["severity"] == "error", "row"]
    return set(errors[errors.isin(found.set_aside["row"])].astype(int))


def only_names(found: Intake) -> set[int]:
    """Of these, rows of which nothing is wrong but names that are not decided."""
    errors = found.problems[found.problems["severity"] == "error"]
    named = errors["code"].isin(found.names["code"]) & errors["value"].isin(found.names["written"])
    return in_error(found) - set(errors.loc[~named, "row"].astype(int))


def rows(look: Look, found: Intake, wanted: Collection[int]) -> pd.DataFrame:
    """Rows of those left out: row, the first thing wrong in words, then the cells as written."""
    errors = found.problems[found.problems["severity"] == "error"].drop_duplicates("row")
    aside = found.set_aside.set_axis([ROW, *map(cell, range(found.set_aside.shape[1] - 1))], axis=1)
    bad = aside[aside[ROW].isin(wanted)].copy()
    said = {
        problem["row"]: words(problem, look.say)[0]
        for problem in errors[errors["row"].isin(bad[ROW].head(MOST))].to_dict("records")
    }
    bad.insert(1, PROBLEM, bad[ROW].map(said).fillna("").astype("str"))
    return bad


def edits(
    found: Intake, shown: pd.DataFrame, edited: pd.DataFrame, *, everywhere: bool = False
) -> dict[tuple[int, str], str]:
    """Cells that were changed, row and header to the new text; `everywhere` with every equal cell of rows left out."""
    alike: dict[tuple[int, str], str] = {}
    changed: dict[tuple[int, str], str] = {}
    for place, header in enumerate(map(str, found.set_aside.columns[1:])):
        cells = found.set_aside.iloc[:, place + 1]
        for row, old, new in zip(shown[ROW], shown[cell(place)], edited[cell(place)].fillna(""), strict=True):
            if new != old:
                changed[int(row), header] = str(new)
                same = found.set_aside.loc[cells == old, "row"] if everywhere else ()
                alike |= {(int(one), header): str(new) for one in same}
    return {**alike, **changed}


def recheck(look: Look, table: Table, changed: Mapping[tuple[int, str], str]) -> None:
    """Read the table again with the cells as changed."""
    if not changed:
        st.info(look.say("data.nothing_edited"), icon=":material/info:")
        return
    if len(changed) > MOST_EDITS:
        said = look.say("data.too_many_equal", n=f"{len(changed):,}", most=f"{MOST_EDITS:,}")
        st.warning(said, icon=":material/warning:")
        return
    table.drafts = {}
    table.decide(replace(table.choices, edits={**table.choices.edits, **changed}))
    st.rerun()
