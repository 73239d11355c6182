"""What each file holds, and templates with two example rows."""

import csv
import io
import re

import streamlit as st

from analysis.views import findings
from analysis.views.look import Look, View
from data.contract import Dataset
from data.grade import Grade
from data.schema import DATASETS, template_csv
from pages.ui import layout


def show(look: Look) -> None:
    """Templates of every dataset and the table of all columns."""
    title, table = look.say("data.contract"), findings.contract(look)
    layout.heading(look, View({}, table, title, look.say("data.contract_caption"), title, Grade.REPORTED), "contract")
    cards(look)
    st.dataframe(table, hide_index=True, alt=title, key="contract")


def cards(look: Look) -> None:
    """One card a dataset: what a row is, and its templates."""
    columns = st.columns(len(DATASETS), gap="small")
    for column, dataset in zip(columns, DATASETS, strict=True):
        with column, st.container(border=True, gap="small", key=f"templates_{dataset}"):
            st.subheader(look.say(f"dataset.{dataset}"), anchor=False)
            st.caption(look.say(f"data.about_{dataset}"))
            _templates(look, dataset)


def _templates(look: Look, dataset: str) -> None:
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            look.say("data.template_csv"),
            data=lambda: as_csv(dataset, look.lang),
            file_name=f"posthouse-{dataset}.csv",
            mime="text/csv",
            key=f"template_{dataset}",
            on_click="ignore",
        )
        st.download_button(
            look.say("data.template_excel"),
            data=lambda: as_excel(dataset, look.lang),
            file_name=f"posthouse-{dataset}.xlsx",
            mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            key=f"template_excel_{dataset}",
            on_click="ignore",
        )


def rows(dataset: str | Dataset, lang: str) -> list[list[str]]:
    """Header in the reader's language and two example rows."""
    found = list(csv.reader(io.StringIO(template_csv(dataset).decode("utf-8-sig"))))
    known = DATASETS[dataset] if isinstance(dataset, str) else dataset
    if lang == "zh":
        found[0] = [_chinese(column.headers) for column in known.columns.values()]
    return found


def _chinese(headers: tuple[str, ...]) -> str:
    """The first Chinese name among the headers of a column."""
    return next((name for name in headers if re.search("[\u4e00-\u9fff]", name)), headers[0])


def as_csv(dataset: str | Dataset, lang: str) -> bytes:
    """Template as a CSV file that Excel reads (UTF-8 with BOM)."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows(dataset, lang))
    return out.getvalue().encode("utf-8-sig")


def as_excel(dataset: str, lang: str) -> bytes:
    """Template as a workbook of one sheet; every cell is text, so that Excel leaves dates and codes as they are."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet(dataset)
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        sheet.set_column(0, len(DATASETS[dataset].columns) - 1, 18, text)
        for place, record in enumerate(rows(dataset, lang)):
            for column, cell in enumerate(record):
                sheet.write_string(place, column, cell, text if place else bold)
    return out.getvalue()
