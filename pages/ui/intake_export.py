"""A version back as files: CSV, Excel or Parquet that read in again to the same data, and the rows kept aside."""

import re
from collections.abc import Callable

import streamlit as st

from analysis.views.look import Look
from data.workspace import Holding, Version, WorkspaceError, export
from pages.ui import intake_files, markets
from pages.ui.owner import owner

MANY = 50_000
"""Rows from which a workbook takes seconds to write."""
_MADE = "intake.made"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {
    "csv": (export.to_csv, "text/csv"),
    "xlsx": (export.to_excel, EXCEL),
    "parquet": (export.to_parquet, "application/vnd.apache.parquet"),
}
"""By ending: what writes the file, and its type."""


def popover(look: Look) -> None:
    """Downloads of every dataset of the version in use; files are made when they are asked for."""
    info = markets.info()
    if info is None:
        return
    with st.popover(look.say("keep.export"), icon=":material/download:", key="export_box", on_change="rerun") as box:
        if not box.open:
            return
        st.caption(look.say("keep.export_help"))
        try:
            version = markets.workspace().version(info.market, info.number, owner=owner())
        except WorkspaceError as error:
            st.warning(intake_files.sentence(look, error), icon=":material/warning:")
            return
        for part in info.parts:
            _downloads(look, version, part)


def _downloads(look: Look, version: Version, part: Holding) -> None:
    dataset, rows = part.dataset, part.rows
    name = re.sub(r"[^\w.-]+", "_", version.info.name).strip("._") or "posthouse"
    stem = f"{name}-{look.say(f'dataset.{dataset}')}-v{version.info.number}"
    st.markdown(f"**{look.say(f'dataset.{dataset}')}** · {rows:,}")
    with st.container(horizontal=True, gap="xsmall"):
        for ending, (_, mime) in FORMATS.items():
            if ending != "xlsx" or rows <= export.MOST_EXCEL_ROWS:
                _file(look, version, part, ending, f"{stem}.{ending}", mime)
        if any(source.aside for source in part.provenance):
            words = look.say("keep.export_aside", dataset=look.say(f"dataset.{dataset}"))
            _button(words, lambda: export.aside_csv(version.aside(dataset)), f"{stem}-aside.csv", "text/csv")


def _file(look: Look, version: Version, part: Holding, ending: str, name: str, mime: str) -> None:
    """Button of one file; a long workbook is written first, while the page says so."""
    make = written(version, part.dataset, ending)
    if ending != "xlsx" or part.rows <= MANY:
        _button(ending.upper(), make, name, mime)
        return
    wanted, kept = (part.digest, name), st.session_state.get(_MADE, (None, b""))
    if kept[0] != wanted and st.button(look.say("keep.prepare", ending=ending.upper()), key=f"make.{name}"):
        with st.spinner(look.say("keep.making")):
            kept = st.session_state[_MADE] = wanted, make()
        st.rerun()
    if kept[0] == wanted:
        _button(ending.upper(), lambda: kept[1], name, mime)


def written(version: Version, dataset: str, ending: str) -> Callable[[], bytes]:
    """What makes the file of a dataset."""

    def make() -> bytes:
        table = version.table(dataset)
        assert table is not None
        return FORMATS[ending][0](table, dataset)

    return make


def _button(label: str, data: Callable[[], bytes], name: str, mime: str) -> None:
    st.download_button(label, data=data, file_name=name, mime=mime, key=f"export.{name}", on_click="ignore")
