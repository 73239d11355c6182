"""Pins of a board as cards: what each shows and remembers, the presenter's words, and where it stands."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

import streamlit as st

from analysis.views import board as edits
from analysis.views.base import CONFIG
from analysis.views.board import Board, Pin
from analysis.views.look import Look
from analysis.views.pinned import Pinned
from analysis.views.report.legend import legend
from analysis.views.slide import MARK
from data.text import LANGUAGES
from data.workspace import KeptBoard
from pages.ui import board_refresh, board_store, board_variants, boards, charts, jobs, layout, tables, text
from pages.ui.board_refresh import Fresh
from pages.ui.board_slides import Shown
from pages.ui.lever_panel import held

EAGER = 6
"""Charts that are drawn at once; the others on demand."""
BRIEF = ("page", "filters", "version", "made")
"""What of a pin's memory is in sight; all of it is one press away."""
_WROTE = "board_cards.wrote"
"""Session: what was last written in each field, by its key."""
MOST_ROWS, HIGHEST = 12, 420
"""Rows from which on a table scrolls on its card, and its height then in pixels."""


def cards(look: Look, kept: KeptBoard, every: Sequence[Shown], *, may_edit: bool) -> None:
    """Every pin in its order."""
    for place, one in enumerate(every):
        with st.container(border=True, gap="small", key=f"slide_{one.pin.id}"):
            _head(look, one, place)
            left, right = st.columns([5, 3], gap="medium")
            with left:
                _body(look, one, at_once=place < EAGER)
            with right:
                if may_edit:
                    _words(look, kept, one)
                elif one.pin.note and one.pin.what != "words":
                    st.write(layout.plain(one.pin.note))
                _memory(look, kept, one)
            fresh = board_refresh.waiting(kept.id).get(one.pin.id)
            if may_edit and fresh is not None:
                _changed(look, kept, one, fresh)
            if may_edit and (refused := board_refresh.refused(kept.id).get(one.pin.id)):
                st.info(refused, icon=":material/info:")
            if may_edit:
                _buttons(look, kept, one, place, len(every))


def _head(look: Look, one: Shown, place: int) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"head_{one.pin.id}"):
        st.caption(look.say("board.place", n=place + 1), width="content")
        if one.slide is not None and one.pin.parts:
            layout.badge(look, one.slide.one.view.grade)
        if one.pin.what == "answer":
            st.badge(look.say("board.answer", when=one.pin.made), color="violet")
    st.header(layout.plain(one.name), anchor=False)


def _body(look: Look, one: Shown, *, at_once: bool) -> None:
    """The view itself: at once, or in a fold."""
    if one.slide is None:
        why = look.say("board.error_part") if one.problem is None else board_store.why(look, one.problem)
        st.warning(why, icon=":material/warning:")
        return
    if at_once or one.slide.one.kind == "words":
        _view(look, one.slide.one, one.pin.id)
        return
    with st.expander(look.say("board.show"), key=f"show_{one.pin.id}", on_change="rerun") as fold:
        if fold.open:
            _view(look, one.slide.one, one.pin.id)


def _view(look: Look, one: Pinned, id: str) -> None:
    view = one.view
    if one.kind == "words":
        st.markdown(layout.plain(view.caption))
        return
    st.caption(layout.plain(view.caption))
    if one.kind == "table":
        _table(look, one, id)
        return
    if strip := legend(one):
        layout.swatches(look, [(colour, name) for name, colour in strip])
    st.plotly_chart(charts.ready(view.figure), config=CONFIG, key=f"chart_{id}", alt=view.alt)
    if len(view.table):
        with st.popover(
            look.say("view.as_table"),
            icon=":material/table_rows:",
            type="tertiary",
            key=f"open_{id}",
            on_change="rerun",
        ) as fold:
            if fold.open:
                _table(look, one, id)


def _table(look: Look, one: Pinned, id: str) -> None:
    table = one.view.table
    height: int | Literal["content"] = HIGHEST if len(table) > MOST_ROWS else "content"
    with st.container(width=tables.TABLE_WIDTH, key=f"table_{id}"):
        st.dataframe(
            table,
            alt=one.view.title,
            key=f"rows_{id}",
            hide_index=True,
            height=height,
            column_config=tables.figures(table),
        )


def _words(look: Look, kept: KeptBoard, one: Shown) -> None:
    """The presenter's title and note, kept as soon as they are left."""
    pin, finding = one.pin, one.slide.one.view.title if one.slide is not None and one.pin.parts else ""
    title, note = held(f"title_{pin.id}", pin.title), held(f"note_{pin.id}", pin.note)
    st.text_input(
        look.say("board.own_title"),
        key=title,
        max_chars=edits.LONGEST_TITLE,
        placeholder=finding,
        on_change=_written,
        args=(look, kept, pin, "title", title),
    )
    st.text_area(
        look.say("board.words_text" if pin.what == "words" else "board.note"),
        key=note,
        max_chars=edits.LONGEST_NOTE,
        height=90,
        on_change=_written,
        args=(look, kept, pin, "note", note),
    )


def _written(look: Look, kept: KeptBoard, drawn: Pin, part: str, key: str) -> None:
    """Keep what was written; that it took the place of words which the field did not show is said."""
    written: str = st.session_state[key].strip()
    wrote: dict[str, str] = st.session_state.setdefault(_WROTE, {})
    known, there = {"", written, getattr(drawn, part), wrote.get(key, "")}, ""

    def edit(board: Board) -> Board:
        nonlocal there
        there = getattr(board.pins[board.place(drawn.id)], part)
        return edits.change(board, drawn.id, **{part: written})

    if boards.change(look, edit, id=kept.id) is None:
        return
    wrote[key] = written
    if there not in known:
        boards.notice("warning", look.say("board.replaced"))


def _memory(look: Look, kept: KeptBoard, one: Shown) -> None:
    """What a pin remembers of its numbers, and which languages it lacks."""
    if one.slide is None or not one.pin.parts:
        return
    said = memory(look, one)
    st.caption(layout.plain(" · ".join(said[name] for name in BRIEF if name in said)))
    if set(said) - {*BRIEF}:
        with st.popover(
            look.say("board.memory"), type="tertiary", icon=":material/history_edu:", key=f"mem_{one.pin.id}"
        ):
            st.markdown("\n\n".join(layout.plain(line) for line in said.values()))
    lacks = [text.LANGUAGE_NAMES[lang] for lang in LANGUAGES if one.lacks(lang)]
    if lacks:
        key = "board.being_drawn" if board_variants.filling(kept.id) else "board.lacks"
        st.caption(look.say(key, langs=look.join(lacks)))


def memory(look: Look, one: Shown) -> dict[str, str]:
    """Source, data version, filters, scenario, model, interval and time of a pin, each after its name."""
    assert one.slide is not None
    whence = one.slide.one.whence
    said = {
        "page": look.say(f"page.{one.pin.page}") if one.pin.page else "",
        "source": whence.source,
        "version": whence.version[:MARK],
        "filters": look.join(whence.filters),
        "scenario": whence.scenario,
        "model": whence.model,
        "assumptions": look.join(whence.assumptions),
        "interval": whence.interval,
        "made": f"{one.pin.made} UTC" if one.pin.made else "",
    }
    return {name: look.pair(look.say(f"board.memory_{name}"), value) for name, value in said.items() if value}


def _changed(look: Look, kept: KeptBoard, one: Shown, fresh: Fresh) -> None:
    """What a refresh found, to be kept or left."""
    with st.container(border=True, gap="xsmall", key=f"fresh_{one.pin.id}"):
        change = fresh.change
        st.markdown(f"**{layout.plain(change.said if change is not None else look.say('board.cannot_compare'))}**")
        if change is not None and change.after != change.before:
            st.caption(look.say("board.title_after", title=layout.plain(change.after)))
        if change is not None and len(change.moves):
            st.dataframe(
                change.moves,
                alt=change.said,
                hide_index=True,
                key=f"moves_{one.pin.id}",
                height="content",
                column_config=tables.figures(change.moves),
            )
        pins = (one.pin.id,)
        with st.container(horizontal=True, gap="small", key=f"decide_{one.pin.id}"):
            st.button(
                look.say("board.keep"),
                type="primary",
                key=f"keep_{one.pin.id}",
                on_click=board_refresh.keep,
                args=(look, kept.id, pins),
            )
            st.button(look.say("board.leave"), key=f"leave_{one.pin.id}", on_click=board_refresh.leave, args=(pins,))


def _buttons(look: Look, kept: KeptBoard, one: Shown, place: int, total: int) -> None:
    """Move, draw anew, go to the page, remove."""
    pin = one.pin
    moves = {"first": (0, "vertical_align_top"), "up": (place - 1, "arrow_upward")}
    moves |= {"down": (place + 1, "arrow_downward"), "last": (total - 1, "vertical_align_bottom")}
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key=f"buttons_{pin.id}"):
        for name, (to, icon) in moves.items():
            stays = place == 0 if name in ("first", "up") else place == total - 1
            _button(look, name, icon, partial(_move, look, kept, pin.id, to), pin.id, disabled=stays)
        if pin.page:
            again = partial(board_refresh.start, look, kept, (pin,))
            busy = jobs.current(jobs.BOARD) is not None
            _button(look, "refresh", "refresh", again, pin.id, disabled=busy)
        if pin.page and board_variants.addressed(pin):
            address = boards.address(pin.page, pin.query, look.lang)
            st.link_button(
                look.say("board.go"), address, type="tertiary", icon=":material/open_in_new:", key=f"go_{pin.id}"
            )
        _button(look, "remove", "close", partial(_remove, look, kept, pin.id), pin.id)


def _button(look: Look, name: str, icon: str, does: Callable[[], None], id: str, *, disabled: bool = False) -> None:
    st.button(
        look.say(f"board.{name}"),
        icon=f":material/{icon}:",
        type="tertiary",
        key=f"{name}_{id}",
        disabled=disabled,
        on_click=does,
    )


def _move(look: Look, kept: KeptBoard, id: str, to: int) -> None:
    boards.change(look, lambda board: edits.move(board, id, to), id=kept.id)


def _remove(look: Look, kept: KeptBoard, id: str) -> None:
    if boards.change(look, lambda board: edits.remove(board, id), id=kept.id) is not None:
        boards.notice("undo", look.say("board.removed"))
