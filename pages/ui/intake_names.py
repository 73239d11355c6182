"""Spellings that no column could resolve: each is mapped to what it means, added as a network, or set aside."""

from dataclasses import replace
from typing import Any

import streamlit as st

from analysis.views.look import Look
from data import networks
from data.intake import names
from data.intake.found import Intake
from data.networks import NetworkError
from data.platforms import BUILT_IN, FORMATS, OUTSIDE, Platform, added
from data.schema import DATASETS
from data.text import LANGUAGES
from pages.ui import intake_decided, intake_state
from pages.ui.intake_state import Table
from pages.ui.layout import plain

MOST = 20
"""Spellings asked for at once, those of the most rows first."""
UNDECIDED, ASIDE, NEW = "?", "-", "+"


def resolve(look: Look, table: Table, found: Intake) -> None:
    """One line a spelling, decided all at once; below what was decided."""
    st.caption(look.say("data.names_caption" if len(found.names) else "data.no_names"))
    _undecided(look, table, found)
    intake_decided.of_names(look, table, found)


def _undecided(look: Look, table: Table, found: Intake) -> None:
    if len(found.names) > MOST:
        st.caption(look.say("data.names_first", n=MOST, all=f"{len(found.names):,}"))
    rows = found.names.sort_values("rows", ascending=False, kind="stable").head(MOST).to_dict("records")
    if not rows:
        return
    chosen = [_line(look, table, found, place, row) for place, row in enumerate(rows)]
    if not st.button(look.say("data.apply_names"), key="apply_names", type="primary", icon=":material/refresh:"):
        return
    if all(one == UNDECIDED for one in chosen):
        st.info(look.say("data.nothing_decided"), icon=":material/info:")
        return
    _apply(look, table, rows, chosen)


def _line(look: Look, table: Table, found: Intake, place: int, row: dict[str, Any]) -> str | dict[str, str]:
    """What the reader chose for one spelling: a key, UNDECIDED, ASIDE, or what a new network is to be."""
    column = DATASETS[found.dataset].columns[row["column"]]
    first = [UNDECIDED, *row["suggest"], ASIDE, *([NEW] if column.type == "platform" else [])]
    options = list(dict.fromkeys([*first, *names.keys(column.type)]))
    words = {UNDECIDED: "data.undecided", ASIDE: "data.set_aside", NEW: "data.new_network"}
    key = f"name.{table.key}.{table.turn}.{place}.{look.lang}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"name_{place}"):
        chosen = st.selectbox(
            look.say(
                "data.spelling",
                written=plain(row["written"]),
                column=plain(intake_decided.header(found, column.name)),
                n=f"{row['rows']:,}",
            ),
            options,
            format_func=lambda one: look.say(words[one]) if one in words else names.words(column.type, (one,)),
            key=key,
            width=380,
        )
        return _network(look, table, key, row["written"]) if chosen == NEW else chosen


def _network(look: Look, table: Table, key: str, written: str) -> dict[str, str]:
    """Names, format and colours of a network to be added; the next free colours are offered."""
    light, dark = networks.free((*added(), *intake_state.networks(), *_coloured(table, key)))
    say = look.say
    return {
        "name": written,
        "en": st.text_input(say("data.network_en"), written[: networks.LONGEST], key=f"{key}.en", width=150),
        "zh": st.text_input(say("data.network_zh"), written[: networks.LONGEST], key=f"{key}.zh", width=150),
        "format": st.selectbox(
            say("data.network_format"), FORMATS, format_func=lambda f: look.term("format", f), key=f"{key}.f", width=130
        ),
        "light": st.color_picker(say("data.network_light"), light, key=f"{key}.light"),
        "dark": st.color_picker(say("data.network_dark"), dark, key=f"{key}.dark"),
    }


def _coloured(table: Table, key: str) -> list[Platform]:
    """Colours chosen on other lines, as networks that have them."""
    lines = [f"name.{table.key}.{table.turn}.{place}.{lang}" for place in range(MOST) for lang in LANGUAGES]
    others = [one for one in lines if one != key and f"{one}.light" in st.session_state]
    colours = [(st.session_state[f"{one}.light"], st.session_state[f"{one}.dark"]) for one in others]
    return [replace(BUILT_IN[OUTSIDE], light=light, dark=dark) for light, dark in colours]


def _apply(look: Look, table: Table, rows: list[dict[str, Any]], chosen: list[str | dict[str, str]]) -> None:
    """Read the table again with what was decided; a network that cannot be added is refused in a sentence."""
    decided = {column: dict(said) for column, said in table.choices.names.items()}
    for row, one in zip(rows, chosen, strict=True):
        if one == UNDECIDED:
            continue
        try:
            meant = "" if one == ASIDE else one if isinstance(one, str) else _add(one).key
        except NetworkError as error:
            st.warning(look.say(f"network.{error.code}", **{k: plain(v) for k, v in error.values.items()}))
            return
        decided.setdefault(row["column"], {})[row["written"]] = meant
    table.decide(replace(table.choices, names=decided))
    st.rerun()


def _add(wanted: dict[str, str]) -> Platform:
    beside = (*added(), *intake_state.networks())
    made = networks.make(
        wanted["en"],
        beside=beside,
        zh=wanted["zh"],
        format=wanted["format"],
        light=wanted["light"],
        dark=wanted["dark"],
        aliases=(wanted["name"],),
    )
    intake_state.add_network(made)
    return made
