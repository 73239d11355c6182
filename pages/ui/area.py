"""The area that every page shows: cities chosen by list, by province or on the map; in the address and the session."""

from collections.abc import Collection
from hashlib import blake2b

import streamlit as st

from analysis.views import area_map
from analysis.views.base import CONFIG
from analysis.views.look import Look
from data import area
from data.cities import cities as all_cities
from pages.ui import charts, state

ENTRY = "area"
HANDS = ("add", "take_out", "only")
"""What happens to the cities that are marked on the map."""
DRAGS = ("points", "lasso", "select")
MOST_ROWS, HIGHEST = 6, 240
"""Rows of the table in sight, and its pixels where it scrolls."""
_UNKNOWN, _TURN, _WANTED = "area.unknown", "area.turn", "area.wanted"
_FEW_UNKNOWN = 3
_LONGEST_CODE = 12


def chosen() -> tuple[str, ...]:
    """Codes of the cities of the area, in their order; none means all."""
    first = f"value.{ENTRY}" not in st.session_state
    none: tuple[str, ...] = ()
    found = state.get(ENTRY, none, _read)
    if first and "city" not in st.query_params:
        _follow(none, found)
    return found


def of_city() -> str:
    """What an input that asks for one city shows unless another is chosen: the area where it is one city, else all."""
    found = chosen()
    return found[0] if len(found) == 1 else "all"


def _read(text: str) -> tuple[str, ...]:
    found, unknown = area.unpacked(text)
    st.session_state[_UNKNOWN] = unknown
    return found


def put(cities: Collection[str]) -> None:
    """Take these cities as the area; none, or every city of the list, is no area. Unknown codes are left out."""
    none: tuple[str, ...] = ()
    before, after = chosen(), area.known(cities)
    after = none if len(after) == len(all_cities()) else after
    state.put(ENTRY, after, none, area.packed)
    st.session_state.pop(_UNKNOWN, None)
    _follow(before, after)


def _follow(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """The one city of pages that show one follows an area of one city, and is let go with it."""
    if len(after) == 1:
        turn("city", after[0])
    elif len(before) == 1 and st.session_state.get("value.city") == before[0]:
        turn("city", "all")


def turn(name: str, value: str) -> None:
    """Give an input another value before it is drawn, on whatever page that is; the address follows there."""
    state.hold(name, value)
    for key in [key for key in st.session_state if str(key).startswith(f"{name}.")]:
        del st.session_state[key]


def want(city: str) -> None:
    """Ask the scenario page to open its levers on a city."""
    st.session_state[_WANTED] = city


def wanted() -> str:
    """The city that was asked for, once."""
    return str(st.session_state.pop(_WANTED, ""))


def digest(cities: tuple[str, ...]) -> str:
    """Short name of a set of cities, for keys of widgets."""
    return blake2b(area.packed(cities).encode(), digest_size=6).hexdigest()


def chip(look: Look) -> tuple[str, ...]:
    """What is chosen, in the row of filters, with ways to choose and to clear; returns the cities."""
    cities = chosen()
    with st.container(horizontal=True, gap=None, vertical_alignment="center", width="content", key="area_chip"):
        label = area_map.said(cities, look) if cities else look.say("area.none")
        icon, help_text = ":material/highlight_alt:", look.say("area.open_help")
        if st.button(label, icon=icon, key="area_open", help=help_text):
            _choose(look)
        if cities:
            st.button(
                look.say("area.clear_short"),
                icon=":material/close:",
                key="area_clear",
                type="tertiary",
                help=look.say("area.clear"),
                on_click=put,
                args=((),),
            )
    unknown = st.session_state.get(_UNKNOWN, ())
    if unknown:
        codes = [f"`{''.join(c for c in code[:_LONGEST_CODE] if c.isalnum()) or '?'}`" for code in unknown]
        more = len(unknown) - _FEW_UNKNOWN
        named = look.join(codes[:_FEW_UNKNOWN]) + (f" {look.say('market.more', n=more)}" if more > 0 else "")
        st.caption(look.say("area.unknown", codes=named))
    return cities


def _choose(look: Look) -> None:
    """A window with the list and the map; what is behind it is drawn again when it closes."""
    title = look.say("area.title")
    st.dialog(title, width="large", on_dismiss="rerun")(_window)(look)


def _window(look: Look) -> None:
    cities = chosen()
    st.caption(look.say("area.how"))
    _list(look, cities)
    _map(look, cities)
    _table(look, cities)
    with st.container(horizontal=True, gap="small", key="area_ends"):
        if st.button(look.say("area.done"), type="primary", key="area_done"):
            st.rerun()
        st.button(look.say("area.clear"), key="area_clear_all", disabled=not cities, on_click=put, args=((),))


def _list(look: Look, cities: tuple[str, ...]) -> None:
    """Provinces and cities by name, with search: the path without a mouse."""
    names, key = area_map.options(look), f"area_list.{look.lang}.{digest(cities)}"
    st.session_state.setdefault(key, list(area.grouped(cities)))
    st.multiselect(
        look.say("area.list"),
        list(names),
        format_func=names.__getitem__,
        key=key,
        placeholder=look.say("area.list_hint"),
        select_all=False,
        on_change=_listed,
        args=(key,),
    )


def _listed(key: str) -> None:
    put(area.spread(st.session_state[key]))


def _map(look: Look, cities: tuple[str, ...]) -> None:
    """Click, box or lasso on the prefectures; a new map after each, so that nothing stays marked."""
    with st.container(horizontal=True, gap="small", key="area_tools"):
        hand = _switch(look, "area_hand", HANDS)
        drag = _switch(look, "area_drag", DRAGS)
    view = area_map.picker(cities, look, drag=drag)
    key = f"area_map.{st.session_state.get(_TURN, 0)}.{drag}"
    st.plotly_chart(
        charts.ready(view.figure),
        config=CONFIG,
        key=key,
        alt=view.alt,
        on_select=lambda: _marked(key, hand),
        selection_mode=("points", "box", "lasso"),
    )
    st.caption(view.caption)


def _switch(look: Look, name: str, options: tuple[str, ...]) -> str:
    found = st.segmented_control(
        look.say(f"area.{name}"),
        options,
        format_func=lambda o: look.say(f"area.{o}"),
        default=options[0],
        required=True,
        key=f"{name}.{look.lang}",
        label_visibility="collapsed",
    )
    return str(found)


def _marked(key: str, hand: str) -> None:
    """Cities under a click, box or lasso."""
    points = st.session_state[key]["selection"]["points"]
    put(after(chosen(), [str(point.get("customdata", [""])[0]) for point in points], hand))
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def after(cities: Collection[str], marked: Collection[str], hand: str) -> tuple[str, ...]:
    """The area once cities were marked; one that is in the area already is taken out by a click on it."""
    now, new = set(cities), set(area.known(marked))
    if not new:
        return area.known(now)
    if hand == "only":
        return area.known(new)
    leave = hand == "take_out" or (len(new) == 1 and new <= now)
    return area.known(now - new if leave else now | new)


def _table(look: Look, cities: tuple[str, ...]) -> None:
    if cities:
        st.dataframe(
            area_map.table(cities, look),
            alt=look.say("area.title"),
            key=f"area_table.{digest(cities)}",
            height=HIGHEST if len(cities) > MOST_ROWS else "content",
            column_config={look.say("area.people"): st.column_config.NumberColumn(format="localized")},
        )
