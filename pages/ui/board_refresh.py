"""Pins drawn anew from today's data: what has changed is shown, then kept or left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from analysis.views import board as edits
from analysis.views.board import Board, Pin
from analysis.views.look import Look
from analysis.views.pinned import Pinned
from analysis.views.refreshed import Change, compare
from data.intake.watch import Cancelled, Watch
from data.workspace import KeptBoard
from pages.ui import board_slides, board_store, boards, jobs, quiet, whence
from pages.ui.board_variants import VARIANTS, Room, addressed, agreeing, room, same_holder, tried

_FRESH = "boards.fresh"
DRAWING = "drawing"


@dataclass(frozen=True, slots=True)
class Fresh:
    """A pin drawn anew.

    Attributes
    ----------
    board : str
        Id of the board.
    parts : mapping of str to str
        Digests by variant.
    data : mapping of str to bytes
        What to keep, by digest.
    change : Change or None
        Against what the pin shows now; None where that cannot be read.
    made : str
        When: ISO date and minute, UTC.
    refused : str
        Why what was drawn cannot take the pin's place; empty where it can.
    """

    board: str
    parts: Mapping[str, str]
    data: Mapping[str, bytes]
    change: Change | None
    made: str
    refused: str = ""


Found = Mapping[str, Fresh | Literal["gone", "broken"]]
"""What became of each pin: drawn anew, no longer drawn by its page, or its page broke down."""


def start(look: Look, kept: KeptBoard, pins: Sequence[Pin]) -> None:
    """Draw pins anew in a job beside the page."""
    wanted = [pin for pin in pins if pin.page]
    fetch = board_slides.on_screen(kept)
    before = {pin.id: board_slides.view(pin, look, fetch) for pin in wanted}
    scene, made = quiet.scene(), whence.stamp()

    def work(watch: Watch) -> Found:
        found, broken = _views(scene, [pin for pin in wanted if addressed(pin)], watch)
        told: dict[str, Fresh | Literal["gone", "broken"]] = {}
        for pin in wanted:
            if not addressed(pin):
                told[pin.id] = Fresh(kept.id, {}, {}, None, made, look.say("board.no_plan"))
            elif views := found[pin.id]:
                told[pin.id] = _fresh(look, kept.id, before[pin.id], views, made)
            else:
                told[pin.id] = "broken" if pin.id in broken else "gone"
        return told

    def then(found: object) -> None:
        if isinstance(found, dict):
            _take(look, kept, found)
        elif isinstance(found, Cancelled):
            boards.notice("info", look.say("board.refresh_stopped"))
        else:
            boards.notice("warning", look.say("board.refresh_failed"))

    jobs.begin(look.say("board.refreshing"), work, then, kind=jobs.BOARD)


def _views(
    scene: quiet.Scene, pins: Sequence[Pin], watch: Watch
) -> tuple[dict[str, dict[str, Pinned]], frozenset[str]]:
    """Views of pins by variant, one run of a page for all its pins in one state; and pins whose page broke down."""
    rooms: dict[Room, list[Pin]] = {}
    for pin in pins:
        rooms.setdefault(room(pin), []).append(pin)
    found: dict[str, dict[str, Pinned]] = {pin.id: {} for pin in pins}
    broken: set[str] = set()
    total, done = len(rooms) * len(VARIANTS), 0
    for where, together in rooms.items():
        for name in VARIANTS:
            watch.report(DRAWING, done, total)
            lang, theme = name.split(".")
            views, ended = tried(scene, where, {pin.key for pin in together}, lang=lang, theme=theme)
            broken |= set() if ended else {pin.id for pin in together}
            for pin in together:
                if pin.key in views:
                    found[pin.id][name] = views[pin.key]
            done += 1
    watch.report(DRAWING, done, total)
    return found, frozenset(broken)


def _fresh(look: Look, board: str, before: Pinned | None, found: Mapping[str, Pinned], made: str) -> Fresh:
    """What was drawn against what the pin shows; variants of other numbers than those compared are left out."""
    names = [name for name in board_slides.order(look.lang, look.theme.mode) if name in found]
    like = found[names[0]] if before is None else found.get(f"{before.lang}.{before.theme}", found[names[0]])
    if before is not None and not same_holder(before, like):
        return Fresh(board, {}, {}, None, made, look.say("board.other_market"))
    change = None if before is None else compare(before, like, look)
    parts, data = board_store.packed(agreeing(like, found))
    return Fresh(board, parts, data, change, made)


def _take(look: Look, kept: KeptBoard, found: Found) -> None:
    """What is as it was is kept at once; the rest waits for the reader."""
    outcomes = list(found.values())
    drawn = {id: fresh for id, fresh in found.items() if isinstance(fresh, Fresh)}
    same = {id: fresh for id, fresh in drawn.items() if fresh.change and fresh.change.same}
    rest = {id: fresh for id, fresh in drawn.items() if id not in same}
    if same:
        _apply(look, kept.id, same)
    leave(list(found))
    st.session_state[_FRESH] = _every() | rest
    refused = sum(bool(fresh.refused) for fresh in rest.values())
    numbers = {"same": len(same), "moved": len(rest) - refused, "refused": refused}
    numbers |= {name: outcomes.count(name) for name in ("gone", "broken")}
    boards.notice("refresh", look.text([look.say(f"board.{name}_n", n=n) for name, n in numbers.items() if n]))


def waiting(id: str) -> dict[str, Fresh]:
    """Pins of a board that were drawn anew and are neither kept nor left, by pin."""
    return {pin: fresh for pin, fresh in _every().items() if fresh.board == id and not fresh.refused}


def refused(id: str) -> dict[str, str]:
    """Why pins of a board could not be drawn anew, by pin: there is nothing to keep or leave."""
    return {pin: fresh.refused for pin, fresh in _every().items() if fresh.board == id and fresh.refused}


def _every() -> dict[str, Fresh]:
    found: dict[str, Fresh] = st.session_state.get(_FRESH, {})
    return found


def keep(look: Look, id: str, pins: Sequence[str]) -> None:
    """Let pins show what was drawn anew."""
    found = {pin: fresh for pin, fresh in waiting(id).items() if pin in pins}
    if _apply(look, id, found):
        leave(pins)


def leave(pins: Sequence[str]) -> None:
    """Let pins show what they showed."""
    st.session_state[_FRESH] = {pin: fresh for pin, fresh in _every().items() if pin not in pins}


def _apply(look: Look, id: str, found: Mapping[str, Fresh]) -> bool:
    def edit(board: Board) -> Board:
        for pin in board.pins:
            if pin.id in found:
                board = edits.change(board, pin.id, **_anew(pin, found[pin.id]))
        return board

    data = {digest: part for fresh in found.values() for digest, part in fresh.data.items()}
    return boards.change(look, edit, id=id, parts=data) is not None


def _anew(pin: Pin, fresh: Fresh) -> dict[str, Any]:
    """What a pin shows now; variants that could not be drawn stay where nothing has changed."""
    same = fresh.change is not None and fresh.change.same
    parts = {**(pin.parts if same else {}), **fresh.parts}
    return {"parts": parts, "made": fresh.made, "seen": pin.seen if pin.seen in parts else next(iter(parts))}
