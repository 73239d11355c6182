"""Who wrote what and when: the reader's own things, and those of all for whoever administers."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from analysis.views.look import Look, View
from data.grade import Grade
from data.people import EVERYONE
from data.workspace import Boards, Ledger, Links, Shelf, Workspace, WorkspaceError, audit, place
from data.workspace.audit import Entry
from data.workspace.shared import Owned, Removable, Shared
from pages.ui import board_store, layout, markets, people
from pages.ui.intake_times import moment
from pages.ui.owner import owner

KEY = "activity"
ROWS, LONG = 14, 560
"""Rows of a list that is shown wholly; pixels of a longer one."""
_TOLD = "activity.told"


def stores() -> tuple[Owned, ...]:
    """Every store whose writes are in a log."""
    where = place()
    return Workspace(where), Boards(where), Shelf(where), Ledger(where), Links(where)


def entries() -> list[Entry]:
    """What concerns the reader, the latest first; all of it for an administrator.

    Raises
    ------
    WorkspaceError
    """
    mine = [owner(), *(markets.keeper_of(owner(), one.id) for one in Workspace(place()).markets(owner()))]
    if not people.configured():
        mine.append(EVERYONE)
    found = [entry for store in stores() for entry in store.activity(*mine)]
    return sorted(found, key=lambda entry: entry.at, reverse=True)[: audit.MOST]


def show(look: Look) -> None:
    """The log as a table, and what an administrator may take back."""
    try:
        found = entries()
    except WorkspaceError as error:
        st.warning(board_store.why(look, error), icon=":material/warning:")
        return
    _said(look)
    if found:
        _listed(look, found)
    else:
        st.info(look.say("activity.none"), icon=":material/info:")
    if people.may("administer"):
        _administer(look, found)


def _listed(look: Look, found: list[Entry]) -> None:
    seen = table(found, look)
    title = look.say("activity.title_all" if people.may("administer") else "activity.title", n=len(found))
    days = audit.kept_days()
    kept = look.say("activity.kept_days", n=days) if days else look.say("activity.kept_always")
    caption = look.text([look.say("activity.caption"), kept])
    layout.heading(look, View({}, seen, title, caption, title, Grade.REPORTED), KEY)
    st.dataframe(
        seen, hide_index=True, height=LONG if len(seen) > ROWS else "content", alt=title, key=f"rows_{KEY}_list"
    )


def table(found: list[Entry], look: Look) -> pd.DataFrame:
    """Rows of the log in the reader's words."""
    me, names = audit.digest(owner()), _names()
    rows = [
        (
            moment(one.at),
            look.say("activity.you") if one.who == me else one.name or one.who[:8],
            look.say(f"activity.kind_{one.kind}"),
            look.say(f"activity.did_{one.what}"),
            names.get(one.thing, one.thing),
            one.version or pd.NA,
            _told(one, look),
        )
        for one in found
    ]
    columns = [look.say(f"activity.column_{name}") for name in ("at", "who", "kind", "did", "thing", "version", "said")]
    made = pd.DataFrame(rows, columns=columns)
    return made.astype({columns[5]: "Int64"})


def _told(one: Entry, look: Look) -> str:
    said: Mapping[str, str | int] = one.said
    if "level" in said:
        return look.say(f"people.now_{said['level']}", n=said.get("people", 0))
    if "rows" in said:
        return look.say("activity.rows", n=f"{said['rows']:,}")
    return look.say("activity.things", n=said["n"]) if "n" in said else ""


def _names() -> dict[str, str]:
    """Names of the reader's own things by id: those of others' are theirs."""
    where, me = place(), owner()
    found: dict[str, str] = {one.id: one.name for one in Workspace(where).markets(me)}
    names = [me, *(markets.keeper_of(me, id) for id in found)]
    found |= {one.id: one.name for one in Boards(where).boards(me)}
    for name in names if people.configured() else [*names, EVERYONE]:
        found |= {one.id: one.name for one in Shelf(where).saved(name)}
        found |= {one.id: one.title for one in Ledger(where).list(name)}
    return found


def _administer(look: Look, found: list[Entry]) -> None:
    """Take back what somebody shares, or delete it: what the log tells of, or whatever else has an id."""
    kinds = [store.KIND for store in stores() if isinstance(store, Removable)]
    gone = {one.thing for one in found if one.what in ("delete", "take_away")}
    things = {one.thing: one for one in reversed(found) if one.kind in kinds and one.thing and one.thing not in gone}
    with st.container(border=True, gap="small", key="card_administer"):
        st.header(look.say("activity.administer"), anchor=False)
        st.caption(look.say("activity.administer_what"))
        chosen = st.selectbox(
            look.say("activity.column_thing"),
            list(reversed(things)),
            format_func=lambda id: look.pair(look.say(f"activity.kind_{things[id].kind}"), id),
            key="administer_thing",
        )
        typed = st.text_input(look.say("activity.by_id"), help=look.say("activity.by_id_help"), key="administer_id")
        with st.container(horizontal=True, gap="small"):
            for what, icon in (("take_back", "lock"), ("take_away", "delete")):
                st.button(
                    look.say(f"activity.do_{what}"),
                    icon=f":material/{icon}:",
                    key=what,
                    on_click=_do,
                    args=(look, typed.strip() or chosen or "", what),
                )


def _do(look: Look, id: str, what: str) -> None:
    try:
        done = _done(id, what)
    except WorkspaceError as error:
        st.session_state[_TOLD] = ("error", board_store.why(look, error))
    else:
        words = look.say(f"activity.done_{what}") if done else look.say("activity.no_thing", id=board_store.escaped(id))
        st.session_state[_TOLD] = ("check" if done else "error", words)


def _done(id: str, what: str) -> bool:
    """Do it in the store that has such a thing; whether one does."""
    for store in stores():
        if what == "take_back" and isinstance(store, Shared) and store.has(id):
            store.take_back(id)
            return True
        if what == "take_away" and isinstance(store, Removable) and store.has(id):
            store.take_away(id)
            return True
    return False


def _said(look: Look) -> None:
    icon, words = st.session_state.pop(_TOLD, ("", ""))
    if words:
        show = st.error if icon == "error" else st.success
        show(words, icon=f":material/{icon}:")
