"""The board in use: what is pinned goes there, the Present page shows it, and every edit is made on its newest version.

A pin keeps what was on screen at once; its other languages and themes are drawn beside the page and join it.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import streamlit as st

from analysis.views import board as edits
from analysis.views.board import Board, BoardError, Edit, Pin, from_json, variant
from analysis.views.look import Look
from analysis.views.pinned import Pinned
from data.workspace import KeptBoard, WorkspaceError
from pages.ui import board_store, board_variants, guard, intake, quiet, root, whence
from pages.ui.board_store import Problem, escaped
from pages.ui.owner import owner

PAGE = "present"
"""This page, and the one that opens without a name in the address."""
BOARD, AT, SHOW = "board", "at", "show"
"""Entries of the address: a board, a version of it, the slide that is presented."""
_IN_USE, _NOTICES = "boards.in_use", "boards.notices"
_PRESSED, _TOLD = "boards.pressed", "boards.told"


@dataclass(frozen=True, slots=True)
class Press:
    """A view whose button is pressed.

    Attributes
    ----------
    id : str
        Of the pin that it becomes: a press that Streamlit repeats gives no second pin.
    look : Look
    key : str
        The view's own name on its page.
    one : Pinned
        The view as it is on screen.
    query : mapping of str to str
        The page's address, language aside.
    folds : tuple of str
        Keys of the folds that it lies in.
    """

    id: str
    look: Look
    key: str
    one: Pinned
    query: Mapping[str, str]
    folds: tuple[str, ...]


def presses() -> deque[Press]:
    """Pins that were asked for and are not on the board yet.

    A press is put down here by a callback that reads and says nothing, for Streamlit drops the rest of a run, and of
    its callbacks, wherever one of them looks at the session while the reader clicks on.
    """
    found: deque[Press] = st.session_state.setdefault(_PRESSED, deque())
    return found


def pin_pressed() -> None:
    """Put what was pressed on the board; what the next click cuts short is done by the run that follows it."""
    waiting = presses()
    while waiting:
        _pin(waiting)
    told: deque[tuple[str, str]] = st.session_state.setdefault(_TOLD, deque())
    while told:
        text, icon = told[0]
        st.toast(text, icon=f":material/{icon}:")
        told.popleft()


def _pin(waiting: deque[Press]) -> None:
    """Keep the first view that waits as it was seen, and begin to draw its other variants.

    All that Streamlit may cut short comes before the board is touched: from there on nothing reads the session, so a
    pin is kept, filled and off the list, or still on it.
    """
    press, id, who, scene, made = waiting[0], _chosen(), owner(), quiet.scene(), whence.stamp()
    told: deque[tuple[str, str]] = st.session_state.setdefault(_TOLD, deque())
    private = intake.own_market() is not None
    look, one = press.look, press.one
    seen = variant(one.lang, one.theme)
    parts, data = board_store.packed({seen: one})
    page, query = one.whence.page, dict(press.query)
    added = Pin(press.id, "view", page, press.key, query, press.folds, parts=parts, seen=seen, made=made)
    try:
        kept = _put(look, added, data, id=id, who=who)
    except (WorkspaceError, BoardError) as error:
        told.append((board_store.why(look, error), "warning"))
        waiting.popleft()
        return
    board_variants.fill(kept.id, who, added, one, scene)
    told.append((_said(look, kept, added, one, private=private), "keep"))
    waiting.popleft()
    use(kept.id)


def _said(look: Look, kept: KeptBoard, added: Pin, one: Pinned, *, private: bool) -> str:
    """Where a pin went, and what its reader should know of it."""
    said = {"title": escaped(one.view.title), "board": escaped(kept.name), "link": path(look, kept.id)}
    told = [look.say("board.pinned", n=len(from_json(kept.document).pins), **said)]
    if private:
        told.append(look.say("board.private", path=escaped(board_store.shelf().where)))
    if not board_variants.addressed(added):
        told.append(look.say("board.no_plan"))
    return look.text(told)


def _put(look: Look, added: Pin, data: Mapping[str, bytes], *, id: str, who: str) -> KeptBoard:
    """The board in use with one more pin, or a new board with this pin alone."""
    id = _in_use(id, who)
    if not id:
        first = edits.add(Board(), added)
        return board_store.saved(first, owner=who, name=look.say("board.first_name"), parts=data)
    return board_store.edited(id, lambda board: _once(board, added), owner=who, parts=data)


def _once(board: Board, added: Pin) -> Board:
    """The board with a pin, be it there already."""
    return board if any(pin.id == added.id for pin in board.pins) else edits.add(board, added)


def in_use() -> str:
    """Id of the reader's board that pins go to: that chosen last, else that changed last; empty for none."""
    return _in_use(_chosen(), owner())


def _in_use(chosen: str, who: str) -> str:
    ids = [kept.id for kept in board_store.shelf().boards(who)]
    return chosen if chosen in ids else next(iter(ids), "")


def _chosen() -> str:
    return str(st.session_state.get(_IN_USE, ""))


def use(id: str) -> None:
    """Choose the board that pins go to and that the Present page shows; empty for the one changed last."""
    st.session_state[_IN_USE] = id


def mine(look: Look) -> list[KeptBoard]:
    """The reader's boards, that changed last first; none when they cannot be read, which is said."""
    try:
        return list(board_store.shelf().boards(owner()))
    except WorkspaceError as error:
        notice("warning", board_store.why(look, error))
        return []


def given() -> list[KeptBoard]:
    """Boards that others share with the reader by name, or with everyone here; none when they cannot be read."""
    try:
        return [one for one in board_store.shelf().received() if one.owner != owner()]
    except WorkspaceError:
        return []


def opened() -> KeptBoard | None:
    """The board that the address names, else the one in use; None for none.

    Raises
    ------
    WorkspaceError
        The one named was deleted, never was, or is not shared; or nothing can be read.
    """
    pin_pressed()
    asked = st.query_params.get(BOARD, "")
    id = asked or in_use()
    if not id:
        return None
    number = st.query_params.get(AT, "")
    at = int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else None
    kept = board_store.shelf().open(id, at, asker=owner())
    if kept.owner == owner():
        use(kept.id)
    st.query_params[BOARD] = kept.id
    return kept


def change(look: Look, edit: Edit, *, id: str = "", parts: Mapping[str, bytes] | None = None) -> KeptBoard | None:
    """Edit the newest version of a board; None when it cannot be, which is said.

    Parameters
    ----------
    edit : callable
        Board -> Board; made anew on what was kept meanwhile.
    id : str
        The board; empty for the one in use.
    parts : mapping of str to bytes, optional
        Packed views that the edit adds, by digest: see `board_store.packed`.
    """
    try:
        return board_store.edited(id or in_use(), edit, owner=owner(), parts=parts)
    except (WorkspaceError, BoardError) as error:
        notice("warning", board_store.why(look, error))
        return None


def failed(look: Look, problem: Problem) -> None:
    """Say at the next drawing what went wrong."""
    notice("warning", board_store.why(look, problem))


def notice(icon: str, text: str) -> None:
    """Something to say at the next drawing of the page."""
    st.session_state.setdefault(_NOTICES, []).append((icon, text))


def say_notices() -> None:
    """Say what has come up since the last drawing."""
    for icon, text in dict.fromkeys(st.session_state.pop(_NOTICES, ())):
        st.toast(text, icon=f":material/{icon}:")


def path(look: Look, id: str, **entries: object) -> str:
    """Path and query of a board on the Present page."""
    return root.below(f"/{PAGE}?{urlencode({BOARD: id, **entries, 'lang': look.lang})}")


def address(page: str, query: Mapping[str, str], lang: str) -> str:
    """Path and query of a page as it was when something was pinned there."""
    return root.below(f"/{'' if page == guard.HOME else page}?{urlencode({**query, 'lang': lang}, safe='~')}")
