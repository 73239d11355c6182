"""The numbers behind a view: how they are shown, and the files that hand the view over."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from analysis.views.look import Look, View
from analysis.views.pinned import Pinned, pinned
from analysis.views.report import NoBrowser, browser, cells
from analysis.views.theme import Theme
from data.platforms import carry
from pages.ui import quiet, whence

TABLE_WIDTH = 620
"""Pixels of the table behind a chart."""
TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "png": "image/png",
    "svg": "image/svg+xml",
}
"""Files of a view by their ending, in the order of their buttons."""
DRAWN = "png", "svg"
"""Those that a browser draws."""
Take = Callable[[], Pinned]


def figures(table: pd.DataFrame) -> dict[str, Any]:
    """Column settings of a table: thousands separators, and the same decimals all down a column."""
    found = {
        str(name): cells.digits(table[name]) for name in table if isinstance(name, str) and cells.numeric(table[name])
    }
    return {
        name: st.column_config.NumberColumn(format="localized" if form.grouped else f"%.{form.decimals}f")
        for name, form in found.items()
        if form
    }


def numbers(look: Look, view: View, key: str, *, folds: Sequence[str] = ()) -> None:
    """The table behind a view, opened on demand, with the view as a file: table, slide or picture.

    Parameters
    ----------
    key : str
        The view's own name on its page.
    folds : sequence of str
        Keys of the folds that it lies in.
    """
    table = view.table
    label = look.say("view.as_table")
    with st.popover(
        label,
        icon=":material/table_rows:",
        type="tertiary",
        key=f"open_{key}",
        on_change="rerun",
        help=look.say("view.as_table_help"),
    ) as fold:
        if fold.open:
            numbered = isinstance(table.index, pd.RangeIndex)
            with st.container(width=TABLE_WIDTH, key=f"table_{key}"):
                columns = figures(table) | {look.say("record.link"): st.column_config.LinkColumn()}
                st.dataframe(table, alt=label, key=f"rows_{key}", hide_index=numbered, column_config=columns)
            _files(look, view, key, folds)


def _files(look: Look, view: View, key: str, folds: Sequence[str]) -> None:
    """A button for each file; a sentence in place of those that only a browser can draw where there is none."""
    take, light = _takes(look, view, key, folds)
    charted = bool(view.figure["data"] if isinstance(view.figure, dict) and view.figure else view.figure)
    missing = _missing(look) if charted else ""
    endings = [ending for ending in TYPES if ending not in DRAWN or (charted and not missing)]
    with st.container(horizontal=True, gap="xsmall", key=f"files_{key}"):
        for ending in endings:
            st.download_button(
                look.say(f"report.download_{ending}"),
                data=carry(_built(look, ending, light if ending in (*DRAWN, "pptx") else take)),
                file_name=f"posthouse-{key}.{ending}",
                mime=TYPES[ending],
                key=f"{ending}_{key}",
                on_click="ignore",
            )
    if missing:
        st.caption(missing)


def _missing(look: Look) -> str:
    try:
        browser.find()
    except NoBrowser as error:
        return error.said(look)
    return ""


def _takes(look: Look, view: View, key: str, folds: Sequence[str]) -> tuple[Take, Take]:
    """The view as it is, and as it is drawn on white: on a dark page it is drawn anew, unseen, from its address."""
    now, scene = whence.now(look), quiet.scene()
    query = {**whence.query(), "lang": look.lang}

    def seen() -> Pinned:
        return pinned(view, now, lang=look.lang, theme=look.theme.mode)

    def light() -> Pinned:
        if look.theme.mode == "light":
            return seen()
        caught: list[Pinned] = []

        def catch(found: str, take: Take) -> None:
            if found == key:
                caught.append(take())

        quiet.run(scene, now.page, query, theme="light", catch=catch, folds=folds)
        here = seen()
        return next((one for one in caught if one.view.table.equals(here.view.table)), here)

    return seen, light


def _built(look: Look, ending: str, take: Take) -> Callable[[], bytes]:
    """What makes a file when its button is pressed."""

    def build() -> bytes:
        from analysis.views.report import images, sheets
        from analysis.views.slide import slide_of
        from analysis.views.slides import deck

        one = take()
        shown = Look(look.lang, Theme(one.theme))
        match ending:
            case "csv":
                return sheets.csv(one, shown)
            case "xlsx":
                return sheets.workbook(one, shown)
            case "pptx":
                return deck([slide_of(one)], shown, name=one.view.title)
        try:
            return images.png(one, shown) if ending == "png" else images.svg(one, shown)
        except NoBrowser as error:
            raise RuntimeError(error.said(look)) from error

    return build
