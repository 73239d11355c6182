"""Title row, cards and footer: the frame every page is drawn in."""

from collections.abc import Sequence
from html import escape
from typing import Any, Literal

import pandas as pd
import streamlit as st

from analysis.views import area_map
from analysis.views.base import CONFIG
from analysis.views.look import Look, View
from analysis.views.theme import Theme
from data.grade import Grade
from data.untrusted import as_written, unlinked, unmarked
from pages.ui import area, charts, guide, inputs, links, markets, narrow, pins, sign_in, tables, translated, turns
from pages.ui import whence

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
    return unmarked(text)


def bare(text: str) -> str:
    """What `plain` made safe, as it was: for files, which know no Markdown."""
    return as_written(text)


def shown(text: str) -> str:
    """A finding or caption for Markdown: what others named in it becomes no link and no picture."""
    return unlinked(text)


def need_rows(look: Look, rows: pd.DataFrame) -> None:
    """Stop the page with a sentence when nothing fits the filters."""
    if rows.empty:
        place = area_map.said(area.chosen(), look) if area.chosen() else ""
        said = [look.say("view.nothing_fits"), *([look.say("area.nothing", area=place)] if place else [])]
        st.info(look.text(said), icon=":material/filter_alt_off:")
        st.stop()


def badge(look: Look, grade: Grade) -> None:
    """Evidence grade as a coloured word."""
    st.badge(look.say(f"grade.{grade}"), color=GRADE_COLOUR[grade], help=look.say(f"grade.{grade}_help"))


def header(look: Look, page: str, *, grade: Grade | None, source: str) -> None:
    """Title, the question the page answers, evidence grade, data in use, language."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="header"):
        with st.container(width="stretch", gap=None):
            st.title(look.say(f"page.{page}"), anchor=False)
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.caption(look.say(f"page.{page}_question"), width="content")
                if grade is not None:
                    badge(look, grade)
                st.caption(source, width="content")
        markets.picker(look)
        links.control(look, page)
        guide.control(look, page)
        inputs.change_language(look)
        sign_in.who(look)
    markets.say_problem(look)
    links.say_problem(look, page)
    whence.begin(bare(source))


def legend(look: Look, networks: list[str]) -> None:
    """Colours of the networks, once a page; `light-dark()` follows the theme switch by itself."""
    light, dark = Theme("light"), Theme("dark")
    swatches(look, [(f"light-dark({light.colour(p)},{dark.colour(p)})", look.name(p)) for p in networks])


def swatches(look: Look, items: Sequence[tuple[str, str]]) -> None:
    """Colours (CSS) with what they mean."""
    entries = "".join(
        '<li style="display:flex;align-items:center;gap:.4em"><span aria-hidden="true" style="width:.8em;height:.8em;'
        f'border-radius:2px;background:{colour}"></span>{escape(words)}</li>'
        for colour, words in items
    )
    st.html(
        f'<ul aria-label="{look.say("market.legend")}" style="display:flex;flex-wrap:wrap;gap:.15em 1.1em;'
        f'list-style:none;margin:0;padding:0;font-size:.9rem">{entries}</ul>'
    )


def card(look: Look, view: View, key: str) -> None:
    """A chart with its finding, caption, grade and the numbers behind it."""
    with st.container(border=True, height="stretch", gap="xsmall", key=f"card_{key}"):
        chart(look, view, key)


def chart(look: Look, view: View, key: str) -> None:
    """The same inside a card that holds more."""
    turns.GATE.breathe()
    heading(look, view, key)
    st.plotly_chart(charts.ready(view.figure), config=CONFIG, key=f"chart_{key}", alt=view.alt)


def preview(look: Look, view: View, key: str) -> None:
    """A chart that another takes the place of as soon as that is ready: nothing of it can be pinned."""
    st.header(shown(view.title), anchor=False)
    st.caption(shown(view.caption))
    st.plotly_chart(charts.ready(view.figure), config=CONFIG, key=f"chart_{key}", alt=view.alt)


def heading(look: Look, view: View, key: str, *, folds: Sequence[str] = ()) -> None:
    """Finding, caption, grade, pin and table of a view."""
    st.header(shown(view.title), anchor=False)
    caption_row(look, view, key, folds=folds)


def caption_row(look: Look, view: View, key: str, *, folds: Sequence[str] = ()) -> None:
    """Caption and grade on the left, the pin and the table behind the chart on the right."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False, key=f"caption_{key}"):
        badge(look, view.grade)
        st.caption(shown(view.caption), width="stretch")
        pins.offer(look, view, key, folds=folds)
        if len(view.table):
            tables.numbers(look, view, key, folds=folds)


def table_card(
    look: Look, table: pd.DataFrame, *, title: str, caption: str, grade: Grade, key: str, folds: Sequence[str] = ()
) -> None:
    """A finding with a small table under it; the finding alone when the table is empty."""
    with st.container(border=True, gap="xsmall", key=f"card_{key}"):
        st.header(shown(title), anchor=False)
        with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
            badge(look, grade)
            st.caption(shown(caption), width="stretch")
            pins.offer(look, View({}, table, title, caption, title, grade), key, folds=folds)
        if len(table):
            st.dataframe(
                table,
                alt=title,
                key=key,
                hide_index=isinstance(table.index, pd.RangeIndex),
                height="content",
                column_config=tables.figures(table),
            )


def city_link(look: Look, page: str, city: str, name: str) -> None:
    """Link to another page about the same city."""
    label, icon = look.say(f"map.to_{page}", name=name), {"share": "donut_small", "map": "map"}[page]
    st.page_link(f"pages/{page}.py", label=label, icon=f":material/{icon}:", query_params={"city": city})


def footer(look: Look) -> None:
    """Invisible helpers: language for screen readers, rules for phones, and a rerun when the theme is switched."""
    narrow.style()
    translated.words(look)
    code = "zh-CN" if look.lang == "zh" else "en"
    st.html(f"<script>document.documentElement.lang='{code}'</script>", unsafe_allow_javascript=True)
    _theme_watch(key="theme_watch", height=1, on_mode_change=lambda: None)


def league(look: Look, table: pd.DataFrame, caption: str, grade: Grade) -> None:
    """Networks by share, with change and trend."""
    share, change, trend = (look.say(f"market.{k}") for k in ("share", "change_points", "trend"))
    title = look.say("view.league")
    told = table.drop(columns=trend)
    told = told.assign(**{share: (told[share] * 100).round(1)}).rename(
        columns={share: look.say("pinned.share_percent")}
    )
    with st.container(border=True, height="stretch", gap="xsmall", key="card_league"):
        heading(look, View({}, told, title, caption, title, grade), "league")
        st.dataframe(
            table,
            hide_index=True,
            alt=title,
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


def deck_card(look: Look, deck: object, view: View) -> None:
    """Station map with its table by network and tier."""
    with st.container(border=True, height="stretch", gap="xsmall", key="card_stations"):
        heading(look, view, "stations")
        st.pydeck_chart(deck, height=430, key="deck", alt=view.alt)


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
