"""Answers that are figures or words: in a row or a box, with one pin for each."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from analysis.views.kpis import Kpi, row_view
from analysis.views.look import Look
from analysis.views.pinned import words_view
from data.grade import Grade
from pages.ui import pins, tables


@contextmanager
def pinnable(
    look: Look, key: str, title: str, said: Iterable[str], grade: Grade, *, folds: Sequence[str] = ()
) -> Iterator[None]:
    """What is drawn within is an answer in words; its pin stands right of it."""
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="top", key=f"answer_{key}"):
        with st.container(width="stretch", gap="xsmall"):
            yield
        pins.offer(look, words_view(title, "\n".join(said), grade), key, folds=folds)


def callout(look: Look, text: str, key: str, *, icon: str = "info", grade: Grade = Grade.MODELLED) -> None:
    """An answer that is one or two sentences in a box: why there is no number, above all."""
    first, rest = opening(text)
    with pinnable(look, key, first, [rest] if rest else [], grade):
        st.info(text, icon=f":material/{icon}:")


def opening(text: str) -> tuple[str, str]:
    """The first sentence of a text, and the others."""
    first, *rest = re.split(r"(?<=[。！？])|(?<=[.!?]) +(?=[A-Z])", text.strip(), maxsplit=1)
    return first, "".join(rest).strip()


def kpi(look: Look, figure: Kpi) -> None:
    """One headline figure with its change on the year, trend and evidence grade."""
    st.metric(
        figure.label,
        figure.value,
        figure.delta,
        border=True,
        height="stretch",
        chart_data=figure.trend[-36:] if len(figure.trend) > 1 else None,
        delta_color="off" if figure.good is None else "normal",
        help=look.say(f"grade.{figure.grade}_help"),
        delta_description=figure.versus if figure.delta else None,
    )


def tiles(
    look: Look,
    figures: Sequence[Kpi],
    key: str,
    *,
    caption: str,
    columns: int = 5,
    least: int = 150,
    beside: Callable[[], object] | None = None,
) -> None:
    """Headline figures in a row, with one pin for all of them; `beside` draws what shares the pin's line."""
    with st.grid(columns, min_column_width=least, gap="small"):
        for figure in figures:
            kpi(look, figure)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"caption_{key}"):
        with st.container(width="stretch"):
            if beside is not None:
                beside()
            elif figures:
                st.caption(caption)
        if figures:
            view = row_view(figures, look, caption=caption)
            pins.offer(look, view, key)
            tables.numbers(look, view, key)


def notes(look: Look, codes: Sequence[str]) -> None:
    """Traps of the record in words."""
    said = [look.say("view.note", name=look.say(f"trap.{code}_name"), text=look.say(f"trap.{code}")) for code in codes]
    if said:
        with pinnable(look, "traps", look.say("record.traps"), said, Grade.REPORTED):
            columns = st.columns(2, gap="medium")
            for i, text in enumerate(said):
                columns[i % 2].caption(text)
