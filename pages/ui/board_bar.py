"""The row over a board: which one, its name, its link, its versions, and the way to a new one."""

from collections.abc import Sequence
from functools import partial
from urllib.parse import urljoin

import streamlit as st

from analysis.views import board as edits
from analysis.views.board import Board, BoardError, Pin, from_json
from analysis.views.look import Look
from data.workspace import KeptBoard, WorkspaceError
from data.workspace.base import LONGEST_NAME
from pages.ui import board_store, boards, intake_times, layout, people, people_share, whence
from pages.ui.owner import owner

_NEW_NAME, _NAME, _PICK = "board_new_name", "board_name", "board_pick"


def bar(look: Look, kept: KeptBoard | None, *, may_edit: bool) -> None:
    """Choose, make, name, share, go back, delete."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="board_bar"):
        _choice(look, kept)
        if people.may("save"):
            with st.popover(look.say("board.new"), icon=":material/add:", key="board_new"):
                st.text_input(look.say("board.name"), key=_NEW_NAME, max_chars=LONGEST_NAME)
                st.button(look.say("board.make"), key="board_make", on_click=_make, args=(look,))
        if kept is None:
            return
        if may_edit:
            _own(look, kept)
        with st.popover(look.say("board.link"), icon=":material/link:", key="board_link"):
            _link(look, kept)
        if kept.owner != owner():
            return
        with st.popover(
            look.say("board.versions"), icon=":material/history:", key="board_versions", on_change="rerun"
        ) as opened:
            if opened.open:
                _versions(look, kept)


def _choice(look: Look, kept: KeptBoard | None) -> None:
    mine = {one.id: one for one in (*boards.mine(look), *boards.given())}
    every = mine if kept is None or kept.id in mine else {kept.id: kept, **mine}
    if not every:
        return
    here = kept.id if kept is not None else None
    if st.session_state.get(_PICK) != here or here is None:
        st.session_state[_PICK] = here
    st.selectbox(
        look.say("board.pick"),
        list(every),
        format_func=lambda id: every[id].name,
        key=_PICK,
        placeholder=look.say("board.pick_hint"),
        on_change=_picked,
        label_visibility="collapsed",
        width=260,
    )


def _picked() -> None:
    go(st.session_state[_PICK] or "")


def go(id: str, at: int | None = None) -> None:
    """Show a board, in a version of it or as it is now; none shows the one in use."""
    boards.use(id)
    for name, value in ((boards.BOARD, id), (boards.AT, str(at or ""))):
        if value:
            st.query_params[name] = value
        else:
            st.query_params.pop(name, None)


def _make(look: Look) -> None:
    try:
        made = board_store.saved(Board(), owner=owner(), name=st.session_state[_NEW_NAME])
    except WorkspaceError as error:
        boards.failed(look, error)
        return
    st.session_state[_NEW_NAME] = ""
    go(made.id)


def _own(look: Look, kept: KeptBoard) -> None:
    """What only its owner may do."""
    with st.popover(look.say("board.rename"), icon=":material/edit:", key="board_rename"):
        field = f"{_NAME}.{kept.id}"
        st.text_input(look.say("board.name"), kept.name, key=field, max_chars=LONGEST_NAME)
        st.button(look.say("board.keep_name"), key="board_keep_name", on_click=_rename, args=(look, kept, field))
    with st.popover(look.say("board.add_words"), icon=":material/notes:", key="board_words"):
        _words(look, kept)
    undo = look.say("board.undo")
    st.button(undo, icon=":material/undo:", key="board_undo", on_click=_undo, args=(look, kept), type="tertiary")
    with st.popover(look.say("board.delete"), icon=":material/delete:", key="board_delete"):
        st.write(look.say("board.delete_what", name=layout.plain(kept.name)))
        st.button(look.say("board.delete_yes"), key="board_delete_yes", on_click=_delete, args=(look, kept))


def _rename(look: Look, kept: KeptBoard, field: str) -> None:
    """Take the name that is in the field now: the press that ends the typing carries it."""
    try:
        board_store.shelf().rename(kept.id, str(st.session_state[field]), owner=owner())
    except WorkspaceError as error:
        boards.failed(look, error)


def _delete(look: Look, kept: KeptBoard) -> None:
    try:
        board_store.shelf().delete(kept.id, owner=owner())
    except WorkspaceError as error:
        boards.failed(look, error)
        return
    go("")
    boards.notice("delete", look.say("board.deleted", name=layout.plain(kept.name)))


def _words(look: Look, kept: KeptBoard) -> None:
    """A slide of the presenter's own words."""
    with st.form("board_words_form", clear_on_submit=True, border=False):
        title = st.text_input(look.say("board.words_title"), max_chars=edits.LONGEST_TITLE, key="words_title")
        note = st.text_area(look.say("board.words_text"), max_chars=edits.LONGEST_NOTE, key="words_text")
        if st.form_submit_button(look.say("board.words_add"), key="words_add") and (title.strip() or note.strip()):
            added = Pin(edits.new_id(), "words", title=title.strip(), note=note.strip(), made=whence.stamp())
            boards.change(look, partial(edits.add, pin=added), id=kept.id)
            st.rerun()


def _link(look: Look, kept: KeptBoard) -> None:
    """The board's address, and whether others may open it."""
    if kept.owner == owner() and people_share.on():
        people_share.box(look, board_store.shelf(), kept.id)
    elif kept.owner == owner():
        key = f"board_shared.{kept.id}"
        st.session_state[key] = kept.shared
        st.toggle(look.say("board.shared"), key=key, on_change=_share, args=(look, kept, key))
    at = {boards.AT: kept.version} if boards.AT in st.query_params else {}
    st.caption(board_store.opens(look, kept, old=bool(at)))
    st.code(urljoin(st.context.url or "", boards.path(look, kept.id, **at)), language=None, wrap_lines=True)


def _share(look: Look, kept: KeptBoard, key: str) -> None:
    try:
        board_store.shelf().share(kept.id, owner=owner(), shared=bool(st.session_state[key]))
    except WorkspaceError as error:
        boards.failed(look, error)


def distinct(versions: Sequence[KeptBoard]) -> list[tuple[KeptBoard, Board]]:
    """Versions that differ in more than the languages that were drawn meanwhile, newest first."""
    found: list[tuple[KeptBoard, Board]] = []
    for kept in reversed(versions):
        try:
            board = from_json(kept.document)
        except BoardError:
            continue
        if not found or essence(board) != essence(found[-1][1]):
            found.append((kept, board))
    return found


def essence(board: Board) -> tuple[tuple[str, ...], ...]:
    """What a reader sees of a board."""
    return tuple((pin.id, pin.title, pin.note, pin.made) for pin in board.pins)


def _versions(look: Look, kept: KeptBoard) -> None:
    """A version to look at; the newest is what everyone sees."""
    try:
        every = distinct(board_store.shelf().versions(kept.id, asker=owner()))
    except WorkspaceError as error:
        st.warning(board_store.why(look, error), icon=":material/warning:")
        return
    names = {
        one.version: look.say(
            "board.version_row", number=one.version, when=intake_times.moment(one.saved_at), n=len(board.pins)
        )
        for one, board in every
    }
    st.caption(look.say("board.versions_what"))
    at = st.selectbox(look.say("board.version"), list(names), format_func=names.__getitem__, key="board_version")
    newest = next(iter(names), None)
    st.button(
        look.say("board.version_open"),
        key="board_version_open",
        on_click=go,
        args=(kept.id, None if at == newest else at),
    )


def _undo(look: Look, kept: KeptBoard) -> None:
    """Go back to what the board was before its last change; done twice, the change is there again."""
    try:
        every = distinct(board_store.shelf().versions(kept.id, asker=owner()))
    except WorkspaceError as error:
        boards.failed(look, error)
        return
    if len(every) < 2:
        boards.notice("info", look.say("board.nothing_to_undo"))
        return
    back(look, kept, every[1][1], seen=from_json(kept.document))


def back(look: Look, kept: KeptBoard, old: Board, *, seen: Board | None = None) -> None:
    """Make an old version the newest, with the languages drawn since; those between stay in the list.

    Parameters
    ----------
    seen : Board, optional
        What the reader goes back from: nothing happens, and that is said, when another window made another of it.
    """

    def edit(now: Board) -> Board:
        if seen is not None and essence(now) != essence(seen):
            raise BoardError("moved_on")
        since = {pin.id: pin for pin in now.pins}
        return Board(tuple(edits.joined(pin, since.get(pin.id)) for pin in old.pins))

    if boards.change(look, edit, id=kept.id) is not None:
        go(kept.id)


def copy(look: Look, kept: KeptBoard) -> None:
    """Keep a board of someone else's as one of the reader's own."""
    shelf = board_store.shelf()
    try:
        board = from_json(shelf.open(kept.id, asker=owner()).document)
        parts = {digest: shelf.part(digest, board=kept.id, asker=owner()) for digest in board.digests}
        made = board_store.saved(board, owner=owner(), name=kept.name, parts=parts)
    except (WorkspaceError, BoardError) as error:
        boards.failed(look, error)
        return
    go(made.id)
