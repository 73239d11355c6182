"""The Present page: the board that is open, what may be done with it, and its slides on the big screen."""

from functools import partial

import streamlit as st

from analysis.views.board import Board, BoardError, from_json
from analysis.views.look import Look
from data.workspace import KeptBoard, WorkspaceError
from pages.ui import (
    board_bar,
    board_cards,
    board_refresh,
    board_slides,
    board_store,
    boards,
    exports,
    inputs,
    jobs,
    layout,
    people,
    stage,
)
from pages.ui.board_slides import Shown
from pages.ui.owner import owner

SIDES = ("pins", "export")
STARTS = ("overview", "share", "scenario", "map")
"""Pages that an empty board points to."""


def page(look: Look) -> None:
    """The desk, or the stage where the address names a slide."""
    jobs.hand_on(jobs.BOARD)
    try:
        kept = boards.opened()
        board = from_json(kept.document) if kept is not None else Board()
    except (WorkspaceError, BoardError) as error:
        _lost(look, error)
        return
    every = board_slides.shown(board.pins, look, board_slides.on_screen(kept)) if kept is not None else []
    told = [(one.pin, one.slide) for one in every if one.slide is not None]
    if kept is not None and boards.SHOW in st.query_params and told:
        pins, slides = zip(*told, strict=True)
        stage.run(look, kept, pins, slides, read_only=not _may_edit(kept))
        return
    _desk(look, kept, every)


def _lost(look: Look, problem: WorkspaceError | BoardError) -> None:
    """A board that cannot be opened, and the way to another."""
    layout.header(look, boards.PAGE, grade=None, source=look.say("board.none_open"))
    board_bar.bar(look, None, may_edit=False)
    st.warning(board_store.why(look, problem), icon=":material/link_off:")
    boards.say_notices()


def _desk(look: Look, kept: KeptBoard | None, every: list[Shown]) -> None:
    layout.header(look, boards.PAGE, grade=None, source=_source(look, kept, len(every)))
    boards.say_notices()
    may_edit = kept is not None and _may_edit(kept)
    board_bar.bar(look, kept, may_edit=may_edit)
    if kept is not None and not may_edit:
        _read_only(look, kept)
    if kept is None or not every:
        _empty(look)
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="board_sides"):
        side = inputs.switch(look, "side", SIDES, label=lambda one: look.say(f"board.side_{one}"))
        st.space("stretch")
        if may_edit:
            _refresh_all(look, kept, every)
        st.button(
            look.say("board.start"), type="primary", icon=":material/slideshow:", key="board_start", on_click=_start
        )
    progress(look)
    if side == "export":
        exports.panel(look, kept, every)
    else:
        board_cards.cards(look, kept, every, may_edit=may_edit)


def _may_edit(kept: KeptBoard) -> bool:
    """Whether the reader owns the board and sees it as it is now."""
    return kept.owner == owner() and boards.AT not in st.query_params and people.may("save")


def _source(look: Look, kept: KeptBoard | None, pins: int) -> str:
    if kept is None:
        return look.say("board.none_open")
    return look.say("board.source", name=layout.plain(kept.name), n=pins)


def _start() -> None:
    st.query_params[boards.SHOW] = "1"


def _read_only(look: Look, kept: KeptBoard) -> None:
    """Why nothing can be changed here, and the way to change it all the same."""
    mine = kept.owner == owner()
    st.info(look.say("board.old_version" if mine else "board.of_others", number=kept.version), icon=":material/lock:")
    with st.container(horizontal=True, gap="small", key="board_read_only"):
        if mine:
            old = from_json(kept.document)
            st.button(look.say("board.back_to"), key="board_back", on_click=board_bar.back, args=(look, kept, old))
            st.button(look.say("board.newest"), key="board_newest", on_click=board_bar.go, args=(kept.id,))
        elif people.may("save"):
            st.button(look.say("board.copy"), key="board_copy", on_click=board_bar.copy, args=(look, kept))


def _empty(look: Look) -> None:
    """How to pin."""
    st.info(look.say("board.empty"), icon=":material/keep:")
    with st.container(horizontal=True, gap="medium", key="board_starts"):
        for name in STARTS:
            st.page_link(f"pages/{name}.py", label=look.say(f"page.{name}"), icon=":material/arrow_forward:")


def _refresh_all(look: Look, kept: KeptBoard, every: list[Shown]) -> None:
    pins = [one.pin for one in every]
    waiting = [pin.id for pin in pins if pin.id in board_refresh.waiting(kept.id)]
    if waiting:
        keep = partial(board_refresh.keep, look, kept.id, waiting)
        st.button(look.say("board.keep_all", n=len(waiting)), key="board_keep_all", on_click=keep)
        st.button(look.say("board.leave_all"), key="board_leave_all", on_click=board_refresh.leave, args=(waiting,))
    st.button(
        look.say("board.refresh_all"),
        icon=":material/refresh:",
        key="board_refresh_all",
        disabled=jobs.current(jobs.BOARD) is not None,
        on_click=board_refresh.start,
        args=(look, kept, pins),
    )


def progress(look: Look) -> None:
    """How far the job is, while there is one."""
    if jobs.current(jobs.BOARD) is not None:
        _progress(look)


@st.fragment(run_every=jobs.EVERY)
def _progress(look: Look) -> None:
    job = jobs.current(jobs.BOARD)
    if job is None or job.over:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="board_progress"):
        watch = job.watch
        said = look.say("board.far", what=job.name, done=watch.done, total=watch.total) if watch.total else job.name
        st.progress(watch.fraction or 0.0, text=said)
        st.button(look.say("data.cancel"), key="board_cancel", on_click=jobs.cancel, args=(jobs.BOARD,))
