"""One slide on the big screen: finding, chart or table or words, and where the numbers come from."""

from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from analysis.views.base import CONFIG
from analysis.views.look import Look
from analysis.views.pinned import Pinned
from analysis.views.slide import MARK, Slide
from pages.ui import charts, stage_legend, tables
from pages.ui.stage_figure import ROOM, enlarged

ROWS, COLUMNS = 12, 8
"""Of a table that can be read from the last row; more are counted."""
DECIMALS = 4
"""Of a number that the page writes as its locale does."""
HALF = 560
"""Pixels of height of one of two charts beside each other."""


def head(look: Look, slide: Slide, legend: list[tuple[str, str]]) -> None:
    """Finding, caption, and the colours (with what they stand for) that nothing in the chart names."""
    answer = f'<span class="stage-tag">{escape(look.say("show.answered", at=slide.made))}</span>'
    words = slide.one.kind == "words" and slide.what != "answer"
    caption = "" if words else f'<div class="stage-caption">{escape(slide.one.view.caption)}</div>'
    strip = stage_legend.strip(look, legend) if legend else ""
    st.html(f"{answer if slide.what == 'answer' else ''}<h1>{escape(slide.title)}</h1>{caption}{strip}")


def body(look: Look, slide: Slide, key: str) -> None:
    """What the slide shows."""
    one = slide.one
    if one.kind in ("chart", "map"):
        chart(one, f"stage_{key}")
    elif one.kind == "table":
        st.html(table(look, one.view.table))
    else:
        st.html(f'<div class="stage-words">{escape(one.view.caption)}</div>')


def chart(one: Pinned, key: str, *, half: bool = False, into: Any = None) -> Any:
    """A chart or map that fills its place, or takes that of the element `into`."""
    assert isinstance(one.view.figure, dict)
    figure = enlarged(one.view.figure, room=HALF if half else ROOM)
    draw = st.plotly_chart if into is None else into.plotly_chart
    return draw(charts.ready(figure), config=CONFIG, key=key, alt=one.view.alt, height="stretch")


def foot(look: Look, slide: Slide) -> None:
    """The presenter's note, on demand; source, grade and version of the data."""
    note = slide.note if slide.one.kind != "words" or slide.what == "answer" else ""
    if note:
        st.html(f'<div class="stage-note">{escape(note)}</div>')
    if said := source_line(look, slide):
        st.html(f'<div class="stage-foot">{escape(said)}</div>')


def source_line(look: Look, slide: Slide) -> str:
    """Source, grade, what is chosen, version of the data; nothing for the presenter's own words."""
    whence = slide.one.whence
    if not whence.source:
        return ""
    grade = look.say(f"grade.{slide.one.view.grade}")
    version = look.say("show.version", version=whence.version[:MARK]) if whence.version else ""
    source = look.say("show.source", source=whence.source)
    return " · ".join(filter(None, (source, grade, *whence.filters, version)))


def table(look: Look, found: pd.DataFrame) -> str:
    """A table as HTML: its first rows and columns, numbers as on the page."""
    shown = found.iloc[:ROWS, :COLUMNS]
    forms = {name: config["type_config"]["format"] for name, config in tables.figures(shown).items()}
    numeric = [pd.api.types.is_numeric_dtype(kind) for kind in shown.dtypes]
    heads = "".join(_cell("th", str(name), number) for name, number in zip(shown, numeric, strict=True))
    rows = "".join(
        "<tr>"
        + "".join(
            _cell("td", said(value, forms.get(str(name), "")), number)
            for name, number, value in zip(shown, numeric, row, strict=True)
        )
        + "</tr>"
        for row in shown.itertuples(index=False, name=None)
    )
    more = [look.say("show.more_rows", n=len(found) - ROWS)] if len(found) > ROWS else []
    more += [look.say("show.more_columns", n=found.shape[1] - COLUMNS)] if found.shape[1] > COLUMNS else []
    note = f'<div class="stage-more">{escape(look.text(more))}</div>' if more else ""
    return f'<div class="stage-table"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{note}</div>'


def _cell(tag: str, text: str, number: bool) -> str:
    scope = ' scope="col"' if tag == "th" else ""
    return f"<{tag}{scope}{' class=number' if number else ''}>{escape(text)}</{tag}>"


def said(value: Any, form: str) -> str:
    """A cell as the page writes it; empty where nothing is known."""
    if isinstance(value, list):
        return " ".join(map(str, value))
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m}" if value.day == 1 else f"{value:%Y-%m-%d}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if form == "localized":
        return f"{value:,.{DECIMALS}f}".rstrip("0").rstrip(".")
    return form % value if form else f"{value:g}"
