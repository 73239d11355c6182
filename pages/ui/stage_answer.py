"""Record an answer in the meeting: the question, the answer, and the view it was read from, behind its slide."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from analysis.views import board as edits
from analysis.views.board import LONGEST_NOTE, LONGEST_TITLE, Board, Pin, variant
from analysis.views.look import Look
from analysis.views.pinned import Pinned
from data.workspace import KeptBoard
from pages.ui import board_store, board_variants, boards, layout, quiet, whence
from pages.ui.owner import owner

_OF, _OPEN, _QUESTION, _ANSWER = "stage.answer_of", "stage.answer", "stage_question", "stage_words"
"""Session: the pin that the answer is of, whether the panel is in sight; keys of its fields."""


def of() -> str:
    """Id of the pin that an answer is being written of, in sight or put aside; empty for none."""
    return str(st.session_state.get(_OF, ""))


def opened() -> bool:
    """Whether the panel is in sight."""
    return bool(st.session_state.get(_OPEN))


def toggle(id: str) -> None:
    """Open the panel for a pin, or put it aside with what is written in it."""
    st.session_state[_OPEN] = not opened()
    if opened():
        st.session_state[_OF] = id


def close() -> None:
    """Close the panel; what was written in it is forgotten."""
    for name in (_OF, _OPEN):
        st.session_state.pop(name, None)


def panel(look: Look, board: KeptBoard, pin: Pin, *, title: str, live: Pin | None) -> bool:
    """Ask for question and answer; whether the answer was recorded.

    Parameters
    ----------
    pin : Pin
        Of the slide that the answer is of.
    title : str
        Its title as it is shown.
    live : Pin or None
        The view beside a live lever, not yet drawn for the board; None for no lever.
    """
    with st.form("stage_answer_form", border=False):
        st.subheader(look.say("show.answer"), anchor=False)
        st.caption(look.say("show.answer_live" if live else "show.answer_of", title=layout.plain(title)))
        question = st.text_input(look.say("show.question"), key=_QUESTION, max_chars=LONGEST_TITLE)
        words = st.text_area(look.say("show.words"), key=_ANSWER, max_chars=LONGEST_NOTE, height=160)
        with st.container(horizontal=True, gap="small"):
            record = st.form_submit_button(look.say("show.record"), type="primary", key="stage_record")
            st.form_submit_button(look.say("show.cancel"), key="stage_cancel", on_click=close)
    if not record:
        return False
    if not (question.strip() or words.strip() or live):
        st.warning(look.say("show.nothing"), icon=":material/edit_note:")
        return False
    return _record(look, board, pin, live, question.strip(), words.strip())


def _record(look: Look, board: KeptBoard, pin: Pin, live: Pin | None, question: str, words: str) -> bool:
    """Keep an answer behind its slide; what it was read from goes with it."""
    parts: Mapping[str, bytes] = {}
    one = _drawn(look, live) if live is not None else None
    title = _titled(look, question, words, one.view.title if one is not None else "")
    found = replace(pin, id=edits.new_id(), what="answer", title=title, note=words, made=whence.stamp())
    if live is not None and one is not None:
        seen = variant(look.lang, look.theme.mode)
        digests, parts = board_store.packed({seen: one})
        found = replace(
            found, page=live.page, key=live.key, query=live.query, folds=live.folds, parts=digests, seen=seen
        )
    kept = boards.change(look, lambda now: _behind(now, pin.id, found), id=board.id, parts=parts)
    boards.say_notices()
    if kept is None:
        return False
    if one is not None:
        board_variants.fill(board.id, owner(), found, one, quiet.scene())
    close()
    st.toast(look.say("show.recorded"), icon=":material/check:")
    return True


def _titled(look: Look, question: str, words: str, finding: str) -> str:
    """Question and answer on one line; the finding answers where nothing was written."""
    answer = next(iter(words.splitlines()), "") or (finding if question else "")
    return look.text(part for part in (question, answer) if part)[:LONGEST_TITLE]


def _behind(board: Board, id: str, found: Pin) -> Board:
    """The board with the answer behind its slide, or at the end when that was taken off meanwhile."""
    return edits.add(board, found, after=id if any(pin.id == id for pin in board.pins) else "")


def _drawn(look: Look, live: Pin) -> Pinned | None:
    """The live view as its page draws it."""
    room = board_variants.room(live)
    return board_variants.drawn(quiet.scene(), room, (live.key,), lang=look.lang, theme=look.theme.mode).get(live.key)
