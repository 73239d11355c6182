"""Sharing: nobody, whoever has the link, people by their e-mail, or everyone here; where people sign in."""

import re

import streamlit as st

from analysis.views.look import Look
from data.workspace import WorkspaceError
from data.workspace.grants import HERE, LINK, PEOPLE, PRIVATE, Access
from data.workspace.shared import Shared
from pages.ui import board_store, people
from pages.ui.owner import owner

MARKET = (PRIVATE, PEOPLE, HERE)
"""Ways to share a market; those of all else have the link besides."""
OTHERS = (PRIVATE, PEOPLE, LINK, HERE)
_TOLD = "share.told"


def on() -> bool:
    """Whether there are people to share with: without sign-in, sharing is what it is without."""
    return people.configured()


def box(look: Look, store: Shared, id: str, *, who: str = "") -> None:
    """Who may read a thing, and the way to change that; a sentence for whoever may not share.

    Parameters
    ----------
    store : Shared
        That keeps it.
    who : str
        Its owner as the store knows him; the reader by default.
    """
    holder = who or owner()
    if not people.may("share"):
        st.caption(look.say("people.need_share"))
        return
    try:
        now = store.access(id, owner=holder)
    except WorkspaceError as error:
        st.warning(board_store.why(look, error), icon=":material/warning:")
        return
    _said(look)
    levels = MARKET if store.KIND == "market" else OTHERS
    key = f"share_level.{id}.{now.level}"
    level = st.radio(
        look.say("people.share"),
        levels,
        index=levels.index(now.level),
        format_func=lambda one: look.say(f"people.level_{one}"),
        captions=[look.say(f"people.level_{one}_what") for one in levels],
        key=f"{key}.{look.lang}",
    )
    field = f"share_people.{id}.{len(now.people)}"
    if level == PEOPLE:
        st.text_area(
            look.say("people.emails"),
            "\n".join(now.people),
            key=field,
            help=look.say("people.emails_help"),
            height=100,
        )
    st.button(
        look.say("people.do_share"), key=f"share_do.{id}", on_click=_do, args=(look, store, id, holder, level, field)
    )


def _do(look: Look, store: Shared, id: str, holder: str, level: str, field: str) -> None:
    """Share as chosen; what comes of it is said at the next drawing."""
    named = [one for one in re.split(r"[\s,;，；、]+", str(st.session_state.get(field, ""))) if one]
    try:
        found = store.allow(id, level, owner=holder, people=named)
    except WorkspaceError as error:
        st.session_state[_TOLD] = ("error", board_store.why(look, error))
    else:
        st.session_state[_TOLD] = ("check", said(look, found))


def said(look: Look, access: Access) -> str:
    """Who may read a thing, in words."""
    return look.say(f"people.now_{access.level}", n=len(access.people))


def _said(look: Look) -> None:
    icon, words = st.session_state.pop(_TOLD, ("", ""))
    if words:
        show = st.error if icon == "error" else st.success
        show(words, icon=f":material/{icon}:")
