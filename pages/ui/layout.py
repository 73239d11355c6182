"""Title row, cards and footer: the frame every page is drawn in."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import streamlit as st

from analysis.views.base import CONFIG
from analysis.views.kpis import Kpi
from analysis.views.look import Look, View
from analysis.views.theme import Theme
from data.grade import Grade
from pages.ui import inputs, markets

if TYPE_CHECKING:
    from analysis.growth import GrowthError

TABLE_WIDTH = 620
"""Pixels of the table behind a chart."""
GRADE_COLOUR: dict[Grade, Literal["green", "blue", "orange", "gray"]] = {
    Grade.REPORTED: "green",
    Grade.ESTIMATED: "blue",
    Grade.MODELLED: "orange",
    Grade.ASSUMED: "gray",
}

_theme_watch = st.components.v2.component(
    "posthouse_theme_watch",
    js="""
export default function ({ setStateValue }) {
  const root = document.querySelector('[data-testid="stApp"]') || document.body;
  let seen = getComputedStyle(root).colorScheme;
  const observer = new MutationObserver(() => {
    const now = getComputedStyle(root).colorScheme;
    if (now !== seen) { seen = now; setStateValue("mode", now); }
  });
  observer.observe(root, { attributes: true, attributeFilter: ["class"] });
  return () => observer.disconnect();
}""",
)


def plain(text: str) -> str:
    """Text that came from a file, made safe for Markdown: nothing in it becomes a link, a picture or a style."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>$~:&@/])", r"\\\1", text)


def need_rows(look: Look, rows: pd.DataFrame) -> None:
    """Stop the page with a sentence when nothing fits the filters."""
    if rows.empty:
        st.info(look.say("view.nothing_fits"), icon=":material/filter_alt_off:")
        st.stop()


def badge(look: Look, grade: Grade) -> None:
    """Evidence grade as a coloured word."""
    st.badge(look.say(f"grade.{grade}"), color=GRADE_COLOUR[grade], help=look.say(f"grade.{grade}_help"))


def header(look: Look, page: str, *, grade: Grade, source: str) -> None:
    """Title, the question the page answers, evidence grade, data in use, language."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="header"):
        with st.container(width="stretch", gap=None):
            st.title(look.say(f"page.{page}"), anchor=False)
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.caption(look.say(f"page.{page}_question"), width="content")
                badge(look, grade)
                st.caption(source, width="content")
        markets.picker(look)
        inputs.change_language(look)
    markets.say_problem(look)


def legend(look: Look, networks: list[str]) -> None:
    """Colours of the networks, once a page; `light-dark()` follows the theme switch by itself."""
    light, dark = Theme("light"), Theme("dark")
    items = "".join(
        '<li style="display:flex;align-items:center;gap:.4em"><span aria-hidden="true" style="width:.8em;height:.8em;'
        f'border-radius:2px;background:light-dark({light.colour(p)},{dark.colour(p)})"></span>{escape(look.name(p))}</li>'
        for p in networks
    )
    st.html(
        f'<ul aria-label="{look.say("market.legend")}" style="display:flex;flex-wrap:wrap;gap:.15em 1.1em;'
        f'list-style:none;margin:0;padding:0;font-size:.9rem">{items}</ul>'
    )


def card(look: Look, view: View, key: str) -> None:
    """A chart with its finding, caption, grade and the numbers behind it."""
    with st.container(border=True, height="stretch", gap="xsmall", key=f"card_{key}"):
        chart(look, view, key)


def chart(look: Look, view: View, key: str) -> None:
    """The same inside a card that holds more."""
    heading(look, view, key)
    st.plotly_chart(view.figure, config=CONFIG, key=f"chart_{key}", alt=view.alt)


def heading(look: Look, view: View, key: str) -> None:
    """Finding, caption, grade and table of a view."""
    st.header(view.title, anchor=False)
    under_title(look, view.caption, view.grade, view.table, key)


def under_title(look: Look, caption: str, grade: Grade, table: pd.DataFrame, key: str) -> None:
    """Caption and grade on the left, the table behind the chart on the right."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False, key=f"caption_{key}"):
        badge(look, grade)
        st.caption(caption, width="stretch")
        numbers(look, table, key, grade)


def table_card(look: Look, table: pd.DataFrame, *, title: str, caption: str, grade: Grade, key: str) -> None:
    """A finding with a small table under it; the finding alone when the table is empty."""
    with st.container(border=True, gap="xsmall", key=f"card_{key}"):
        st.header(title, anchor=False)
        with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
            badge(look, grade)
            st.caption(caption, width="stretch")
        if len(table):
            st.dataframe(table, alt=title, key=key, hide_index=isinstance(table.index, pd.RangeIndex), height="content")


def city_link(look: Look, page: str, city: str, name: str) -> None:
    """Link to another page about the same city."""
    label, icon = look.say(f"map.to_{page}", name=name), {"share": "donut_small", "map": "map"}[page]
    st.page_link(f"pages/{page}.py", label=label, icon=f":material/{icon}:", query_params={"city": city})


def numbers(look: Look, table: pd.DataFrame, key: str, grade: Grade) -> None:
    """The table behind a chart, opened on demand, with a download that Excel reads."""
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
                links = {look.say("record.link"): st.column_config.LinkColumn()}
                st.dataframe(table, alt=label, key=f"rows_{key}", hide_index=numbered, column_config=links)
            st.download_button(
                look.say("view.download_csv"),
                data=lambda: graded(look, table, grade).to_csv(index=not numbered).encode("utf-8-sig"),
                file_name=f"posthouse-{key}.csv",
                mime="text/csv",
                key=f"csv_{key}",
                on_click="ignore",
            )


def graded(look: Look, table: pd.DataFrame, grade: Grade) -> pd.DataFrame:
    """The table with its evidence grade in a last column, so that it travels with the numbers."""
    return table.assign(**{look.say("grade.heading"): look.say(f"grade.{grade}")})


def footer(look: Look) -> None:
    """Invisible helpers: the page's language for screen readers, and a rerun when the theme is switched."""
    code = "zh-CN" if look.lang == "zh" else "en"
    st.html(f"<script>document.documentElement.lang='{code}'</script>", unsafe_allow_javascript=True)
    _theme_watch(key="theme_watch", height=1, on_mode_change=lambda: None)


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


def league(look: Look, table: pd.DataFrame, caption: str, grade: Grade) -> None:
    """Networks by share, with change and trend."""
    share, change, trend = (look.say(f"market.{k}") for k in ("share", "change_points", "trend"))
    with st.container(border=True, height="stretch", gap="xsmall", key="card_league"):
        st.header(look.say("view.league"), anchor=False)
        with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
            badge(look, grade)
            st.caption(caption, width="stretch")
        st.dataframe(
            table,
            hide_index=True,
            alt=look.say("view.league"),
            key="league",
            height="content",
            column_config={
                look.say("market.network"): st.column_config.TextColumn(width=92),
                share: st.column_config.ProgressColumn(
                    format="percent", min_value=0, max_value=float(table[share].max()) * 1.1, width=110
                ),
                change: st.column_config.NumberColumn(format="%+.1f", width=62),
                trend: st.column_config.LineChartColumn(y_min=0, width=80),
            },
        )


def deck_card(look: Look, deck: object, table: pd.DataFrame, *, title: str, caption: str, grade: Grade, n: int) -> None:
    """Station map with its table by network and tier."""
    alt = look.say("alt.stations", n=f"{n:,}")
    with st.container(border=True, height="stretch", gap="xsmall", key="card_stations"):
        st.header(title, anchor=False)
        under_title(look, caption, grade, table, "stations")
        st.pydeck_chart(deck, height=430, key="deck", alt=alt)


def refusal(look: Look, failures: "Mapping[str, GrowthError]") -> None:
    """Curves that could not be fitted, each with the reason."""
    for curve, error in failures.items():
        reason = look.say(f"growth_error.{error.code}", **error.values)
        st.warning(
            look.say("growth.failed", curve=look.say(f"curve.{curve}"), reason=reason), icon=":material/warning:"
        )


def notes(look: Look, codes: Sequence[str]) -> None:
    """Traps of the record in words."""
    columns = st.columns(2, gap="medium")
    for i, code in enumerate(codes):
        text = look.say("view.note", name=look.say(f"trap.{code}_name"), text=look.say(f"trap.{code}"))
        columns[i % 2].caption(text)


def record_rows(look: Look, table: pd.DataFrame) -> None:
    """Figures of the record with the source beside each."""
    widths = {"metric": 190, "subject": 110, "value": 125, "unit": 90, "source": 260}
    columns: dict[str, Any] = {look.say(f"record.{k}"): st.column_config.Column(width=w) for k, w in widths.items()}
    columns |= {
        look.say(f"record.{k}"): st.column_config.NumberColumn(format="localized") for k in ("value", "low", "high")
    }
    columns |= {
        look.say("record.link"): st.column_config.LinkColumn(),
        look.say("market.period"): st.column_config.Column(width=90),
    }
    alt = look.say("record.table_caption")
    st.dataframe(table, hide_index=True, height=430, alt=alt, key="record_rows", column_config=columns)
