"""One table of an upload: how it was read, what is wrong with it, and what can be decided about it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePath

import pandas as pd
import streamlit as st

from analysis.views import findings
from analysis.views.look import Look
from data.intake import problems_csv
from data.intake.adapters import ADAPTERS
from data.intake.canonical import frame
from data.intake.crs import CRS
from data.intake.found import Intake
from data.intake.refusal import IntakeError
from data.intake.watch import Cancelled
from data.schema import DATASETS
from pages.ui import (
    intake_files,
    intake_mapping,
    intake_mend,
    intake_names,
    intake_options,
    intake_shape,
    intake_state,
)
from pages.ui.intake_state import Choices, Table
from pages.ui.layout import plain

SHOWN = 500
"""Findings listed on the page; the download has all."""
FIRST = 4
"""Records shown as read, at least."""
STEPS = ("findings", "columns", "names", "mend")


def pick(look: Look) -> Table | None:
    """The table that is looked at, when there are several."""
    tables = {table.key: table for table in intake_state.wanted()}
    if len(tables) < 2:
        return next(iter(tables.values()), None)
    key = st.segmented_control(
        look.say("data.table"),
        list(tables),
        format_func=lambda key: _label(look, tables[key]),
        default=next(iter(tables)),
        key=f"table.{look.lang}.{'.'.join(tables)}",
        required=True,
        label_visibility="collapsed",
    )
    return tables[key or next(iter(tables))]


def _label(look: Look, table: Table) -> str:
    """volumes.csv · Volumes · 118/120."""
    name = plain(" · ".join(filter(None, (table.upload.name, table.sheet.name))))
    parts = [name, look.say(f"dataset.{table.choices.dataset}")]
    parts += [f"{table.found.kept:,}/{table.found.rows:,}"] if table.found else []
    return " · ".join(parts)


def show(look: Look, table: Table) -> None:
    """The table as read, what became of it, and one of the steps."""
    with st.container(border=True, gap="small", key="card_table"):
        st.header(_title(look, table), anchor=False)
        _as_read(look, table)
        if table.choices.adapter and ADAPTERS[table.choices.adapter].options:
            intake_options.ask(look, table)
        if table.refused is not None:
            said = st.info if isinstance(table.refused, Cancelled) else st.error
            said(intake_files.sentence(look, table.refused))
            if not isinstance(table.refused, IntakeError):
                st.button(look.say("data.read_again"), on_click=table.decide, args=(table.choices,), key="reread")
        elif table.found is not None:
            if len(table.found.rows_of) != table.found.kept:
                _made(look, table, table.found)
            _call(look, table, table.found)
            intake_shape.ask(look, table, table.found)
            _step(look, table, table.found)


def _title(look: Look, table: Table) -> str:
    name, found = plain(table.upload.name), table.found
    if found is None:
        return name
    label = f"{look.say(f'dataset.{found.dataset}')} · {name}"
    rows, aside = f"{found.rows:,}", f"{found.rows - found.kept:,}"
    if found.kept and len(found.rows_of) != found.kept:
        return _counted(look, label, found)
    if found.kept == found.rows:
        return look.say("data.fine" if found.problems.empty else "data.all_kept", name=label, n=rows)
    return look.say("data.taken", name=label, kept=f"{found.kept:,}", n=rows, aside=aside)


def _counted(look: Look, label: str, found: Intake) -> str:
    """How many rows a log of events was counted into, and of which months."""
    import pyarrow.compute as pc

    ends = pc.min_max(found.rows_of["month"]).as_py()
    first, last = (look.month(pd.Period(ends[end], "M")) for end in ("min", "max"))
    kept, n, made = (f"{count:,}" for count in intake_state.counts(found))
    return look.say("data.counted", name=label, kept=kept, n=n, rows=made, first=first, last=last)


def _as_read(look: Look, table: Table) -> None:
    """What the file is taken for, each to be overruled, above its first records as read."""
    choices, sheet, upload = table.choices, table.sheet, table.upload
    with st.container(horizontal=True, gap="small", key="as_read"):
        _holds(look, table)
        if sheet.encodings:
            encodings = tuple(dict.fromkeys((sheet.encoding, *sheet.encodings)))
            encoding = _select(look, table, "encoding", encodings, sheet.encoding, str)
            if encoding != sheet.encoding:
                intake_state.reopen(upload, encoding=encoding, header_row=upload.header_row)
                st.rerun()
        rows = tuple(map(str, dict.fromkeys((*range(1, len(sheet.first) + 1), sheet.header_row))))
        row = _select(look, table, "header_row", rows, str(sheet.header_row), str)
        if int(row) != sheet.header_row:
            intake_state.reopen(upload, encoding=upload.encoding, header_row=int(row))
            st.rerun()
        if {"lat", "lon"} <= set(DATASETS[choices.dataset].columns):
            system = _select(look, table, "crs", CRS, choices.crs, str)
            if system != choices.crs:
                table.decide(replace(choices, crs=system))
                st.rerun()
    if table.found is not None and table.found.crs_guess:
        st.info(look.say("data.crs_guess", crs=table.found.crs_guess, now=choices.crs), icon=":material/my_location:")
    label = look.say("data.first_rows", encoding=sheet.encoding or sheet.kind, row=sheet.header_row)
    doubtful = table.refused is not None or sheet.header_row > 1 or sheet.encoding not in ("", "utf-8")
    with st.expander(label, key=f"first_rows.{table.key}", expanded=doubtful):
        st.dataframe(_first(table), alt=label, key=f"first.{table.key}")


def _holds(look: Look, table: Table) -> None:
    """Which dataset the table is, or which other kind of file; nothing is decided yet about another one."""
    choices = table.choices
    value = choices.adapter or choices.dataset
    words = {**{name: f"dataset.{name}" for name in DATASETS}, **{name: f"adapter.{name}" for name in ADAPTERS}}
    chosen = _select(look, table, "dataset", tuple(words), value, lambda name: look.say(words[name]), width=300)
    if chosen == value:
        return
    kind = ADAPTERS.get(chosen)
    table.decide(Choices(kind.dataset, adapter=chosen, crs=kind.crs) if kind else Choices(chosen, crs=choices.crs))
    st.rerun()


def _select(
    look: Look,
    table: Table,
    name: str,
    options: tuple[str, ...],
    value: str,
    label: Callable[[str], str],
    *,
    width: int = 170,
) -> str:
    return st.selectbox(
        look.say(f"data.as_{name}"),
        options,
        index=options.index(value),
        format_func=label,
        key=f"{name}.{table.key}.{value}.{look.lang}",
        width=width,
    )


def _first(table: Table) -> pd.DataFrame:
    """The first records as read, under the letters that a spreadsheet gives their columns."""
    records = table.sheet.first[: max(FIRST, table.sheet.header_row + 2)]
    width = max(map(len, records), default=0)
    rows = [[*record, *[""] * (width - len(record))] for record in records]
    return pd.DataFrame(rows, columns=[_letters(place) for place in range(width)], index=range(1, len(rows) + 1))


def _letters(place: int) -> str:
    """A, B ... Z, AA, AB."""
    return (_letters(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)


def _made(look: Look, table: Table, found: Intake) -> None:
    """Rows that a log was counted into."""
    title = look.say("data.counted_rows")
    with st.expander(title, key=f"made.{table.key}", expanded=True):
        rows = frame(found.rows_of.slice(0, SHOWN), found.dataset)
        st.dataframe(rows.dropna(axis="columns", how="all"), hide_index=True, alt=title, key=f"counted.{table.key}")


def _call(look: Look, table: Table, found: Intake) -> None:
    """That names are to be decided first, and the way there."""
    rows = int(found.names["rows"].sum())
    if not rows:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"call.{table.key}"):
        said = look.say("data.decide_names", n=f"{len(found.names):,}", rows=f"{rows:,}")
        st.info(said, icon=":material/label:", width="stretch")
        st.button(look.say("data.to_names"), key="to_names", on_click=_turn_to_names, args=(_step_key(look, table),))


def _turn_to_names(key: str) -> None:
    st.session_state[key] = "names"


def _step_key(look: Look, table: Table) -> str:
    return f"step.{table.key}.{look.lang}"


def _step(look: Look, table: Table, found: Intake) -> None:
    """Findings, columns, names or rows to mend; the counts say where there is something to do."""
    counts = {
        "findings": len(found.problems),
        "columns": len(found.guesses),
        "names": len(found.names),
        "mend": found.rows - found.kept,
    }
    step = st.segmented_control(
        look.say("data.steps"),
        STEPS,
        format_func=lambda step: look.say("data.step", step=look.say(f"data.step_{step}"), n=f"{counts[step]:,}"),
        default=STEPS[0],
        key=_step_key(look, table),
        required=True,
        label_visibility="collapsed",
    )
    if step == "columns" and table.choices.adapter:
        rows = findings.mapping(found.guesses, look)
        st.dataframe(rows, hide_index=True, alt=look.say("data.step_columns"), key=f"brought.{table.key}")
    elif step == "columns":
        intake_mapping.editor(look, table, found)
    elif step == "names":
        intake_names.resolve(look, table, found)
    elif step == "mend" and (counts["mend"] or table.choices.edits):
        intake_mend.mend(look, table, found)
    elif not counts[step or STEPS[0]]:
        st.caption(look.say(f"data.no_{step}"))
    else:
        _findings(look, table, found)


def _findings(look: Look, table: Table, found: Intake) -> None:
    """Summary first, the table below, and all of it as CSV to send back."""
    st.caption(findings.title(found.problems, look))
    st.dataframe(
        findings.summary(found.problems, look),
        hide_index=True,
        alt=look.say("data.summary"),
        key=f"summary.{table.key}",
        height="content",
    )
    title = look.say("data.problems", name=plain(table.upload.name))
    st.header(title, anchor=False)
    if len(found.problems) > SHOWN:
        st.caption(look.say("data.more_problems", shown=f"{SHOWN:,}", n=f"{len(found.problems):,}"))
    rows = findings.table(found.problems.head(SHOWN), look)
    st.dataframe(rows, hide_index=True, alt=title, key=f"problems.{table.key}")
    st.download_button(
        look.say("data.problems_csv"),
        data=lambda: problems_csv(found, look.say),
        mime="text/csv",
        file_name=f"problems-{PurePath(table.upload.name).stem}.csv",
        key=f"problems_csv_{table.key}",
        on_click="ignore",
    )
