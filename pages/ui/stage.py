"""The stage: slides of a board one at a time on the whole screen, turned by keys, buttons or a swipe.

Slides around the one at the eye and at both ends are drawn unseen, so that the browser turns to them at once; the
server is told after and draws those that come next.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import streamlit as st

from analysis.views.board import Pin
from analysis.views.look import Look
from analysis.views.masked import Mask, mask_of, masked_slide
from analysis.views.slide import Slide
from analysis.views.theme import Theme
from data.workspace import KeptBoard
from pages.ui import live, stage_answer, stage_legend, stage_slide, state

SHOW, MASKED = "show", "names"
"""Entries of the address: the slide at the eye, and whether names are blacked out."""
AHEAD, BEHIND = 3, 2
"""Slides around the one at the eye that are drawn before they are asked for."""
BUTTONS = (
    *(("back", "←"), ("next", "→"), ("full", "F"), ("live", "L"), ("note", "N"), ("names", "B"), ("answer", "R")),
    ("leave", "✕"),
)
_AT, _TURN, _LIVE, _BAR = "stage.at", "stage.turn", "stage.live", "stage_bar"
"""Session: the slide that the browser last turned to; when the server last turned (ms); whether a lever is live."""
_HERE = Path(__file__).parent

_bar = st.components.v2.component(
    "posthouse_stage",
    html='<div class="bar" role="toolbar"></div><div class="place" aria-hidden="true"></div>'
    '<div class="said" role="status" aria-live="polite"></div>',
    css=(_HERE / "stage_bar.css").read_text("utf-8"),
    js=(_HERE / "stage.js").read_text("utf-8"),
)


@dataclass(slots=True, eq=False)
class Show:
    """What is presented, for as long as the page is not run anew.

    Attributes
    ----------
    look : Look
    board : KeptBoard
    pins, slides : sequence
        Of the same places.
    read_only : bool
        Whether answers cannot be recorded.
    """

    look: Look
    board: KeptBoard
    pins: Sequence[Pin]
    slides: Sequence[Slide]
    read_only: bool
    _masked: dict[int, Slide] = field(default_factory=dict)
    _mask: Mask | None = None

    def slide(self, place: int) -> Slide:
        """A slide as it is shown: with its names, or without."""
        if not blacked():
            return self.slides[place]
        if place not in self._masked:
            self._masked[place] = masked_slide(self.slides[place], self.mask)
        return self._masked[place]

    @property
    def mask(self) -> Mask:
        """The mask of the board, with the networks in use."""
        self._mask = self._mask or mask_of(self.board.id, [slide.one for slide in self.slides])
        return self._mask

    def legend(self, place: int) -> list[tuple[str, str]]:
        """Colours and names that the slide needs beside its marks."""
        one = self.slides[place].one
        look = Look(one.lang, Theme(one.theme))
        found = [(look.theme.colour(key), look.name(key)) for key in stage_legend.networks(one)]
        if not blacked():
            return found
        return [(self.mask.colour(colour, one.theme), self.mask.text(name, one.lang)) for colour, name in found]

    def said(self, text: str) -> str:
        """Words as they are shown."""
        return self.mask.text(text, self.look.lang) if blacked() else text

    def live(self, place: int) -> bool:
        """Whether a slide can be shown beside a live lever."""
        return live.plays(self.pins[place], self.slides[place])


def run(look: Look, board: KeptBoard, pins: Sequence[Pin], slides: Sequence[Slide], *, read_only: bool) -> None:
    """Show the slide that the address names, over the whole window.

    Parameters
    ----------
    pins, slides : sequence
        Of the same places; at least one.
    read_only : bool
        Whether answers cannot be recorded.
    """
    if not slides:
        st.query_params.pop(SHOW, None)
        st.rerun()
    show = Show(look, board, pins, slides, read_only)
    if st.session_state.get(_AT) != at(len(slides)):
        st.session_state[_AT] = at(len(slides))
        st.session_state[_TURN] = time.time_ns() // 1_000_000
    st.html(f"<style>{_style()}</style>")
    with st.container(key="stage"):
        st.fragment(partial(_body, show), key="stage_body")()


def blacked() -> bool:
    """Whether names are blacked out."""
    return state.get(MASKED, "", state.one_of(("off",))) == "off"


def at(count: int) -> int:
    """Place of the slide at the eye, counted from 0."""
    asked = st.query_params.get(SHOW, "1")
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1
    return min(max(number, 1), count) - 1


def drawn(here: int, count: int) -> list[int]:
    """Places whose slides are drawn, the one at the eye first: those around it, and both ends, a key away from any."""
    around = (*range(here, min(here + AHEAD + 1, count)), *range(max(here - BEHIND, 0), here))
    return list(dict.fromkeys((*around, 0, count - 1)))


def _body(show: Show) -> None:
    if SHOW not in st.query_params:
        st.rerun()
    here, count = at(len(show.slides)), len(show.slides)
    slots = [st.container(key=f"stage_slide_{place}") for place in range(count)]
    with st.container(key="stage_bar_box"):
        _controls(show, here)
    for place in drawn(here, count):
        with slots[place]:
            _slide(show, place, here)
    answered = next((place for place, pin in enumerate(show.pins) if pin.id == stage_answer.of()), None)
    if answered is not None and not show.read_only:
        with st.container(key="stage_answer"):
            _answer(show, answered)


def _slide(show: Show, place: int, here: int) -> None:
    slide = show.slide(place)
    stage_slide.head(show.look, slide, show.legend(place))
    with st.container(key=f"stage_body_{place}"):
        if place == here and st.session_state.get(_LIVE) and show.live(place):
            live.beside(show.look, show.pins[place], slide, mask=show.mask if blacked() else None)
        else:
            stage_slide.body(show.look, slide, f"{place}.{'b' if blacked() else 'a'}")
    stage_slide.foot(show.look, slide)


def _controls(show: Show, here: int) -> None:
    look, places = show.look, range(len(show.slides))
    words = {"place": look.say("show.place", at="{at}", n=len(show.slides))}
    words["said"] = look.say("show.said", at="{at}", n=len(show.slides), title="{title}")
    _bar(
        key=_BAR,
        data={
            "turn": st.session_state[_TURN],
            "at": here,
            "count": len(show.slides),
            "titles": [show.said(slide.title) for slide in show.slides],
            "notes": [bool(slide.note) for slide in show.slides],
            "live": [show.live(place) for place in places],
            "lives": bool(st.session_state.get(_LIVE)),
            "names": blacked(),
            "may": not show.read_only,
            "answers": stage_answer.opened(),
            "words": words,
            "buttons": [
                [name, look.say(f"show.{name}"), letter, look.say(f"show.short_{name}")] for name, letter in BUTTONS
            ],
        },
        on_at_change=_turned,
        on_act_change=partial(_acted, show),
    )


def _turned() -> None:
    """The browser turned to another slide."""
    st.session_state[_AT] = int(st.session_state[_BAR]["at"])
    st.query_params[SHOW] = str(st.session_state[_AT] + 1)


def _acted(show: Show) -> None:
    """A key or button of the bar."""
    match st.session_state[_BAR]["act"]:
        case "names":
            state.put(MASKED, "" if blacked() else "off", "")
        case "live":
            st.session_state[_LIVE] = not st.session_state.get(_LIVE)
        case "answer":
            stage_answer.toggle(show.pins[at(len(show.pins))].id)
        case "leave":
            st.query_params.pop(SHOW, None)
            state.put(MASKED, "", "")
            live.forget()
            for name in (_AT, _LIVE):
                st.session_state.pop(name, None)
            stage_answer.close()


def _answer(show: Show, place: int) -> None:
    """The panel in which an answer is recorded; the board has another slide when it was."""
    pin = show.pins[place]
    moved = live.seen(pin) if st.session_state.get(_LIVE) and show.live(place) else None
    if stage_answer.panel(show.look, show.board, pin, title=show.said(show.slides[place].title), live=moved):
        st.query_params[SHOW] = str(place + 2)
        live.forget()
        st.session_state.pop(_LIVE, None)
        st.rerun()


def _style() -> str:
    return (_HERE / "stage.css").read_text("utf-8")
