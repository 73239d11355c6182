"""Pins as they are shown and handed over: unpacked, in the language and theme that is asked for or the nearest kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from analysis.views.board import Pin, variant
from analysis.views.look import Look
from analysis.views.pinned import Pinned, PinnedError, Whence, unpack, words_view
from analysis.views.slide import Slide, slide_of
from data.grade import Grade
from data.text import LANGUAGES
from data.workspace import KeptBoard, WorkspaceError
from pages.ui import board_store
from pages.ui.board_variants import THEMES
from pages.ui.owner import owner

MOST = 400
"""Unpacked views that a session holds."""
_SEEN = "boards.unpacked"
Problem = WorkspaceError | PinnedError
Fetch = Callable[[str], Pinned | Problem]
"""The view under a digest, or why it cannot be read."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A pin with the view it shows.

    Attributes
    ----------
    pin : Pin
    slide : Slide or None
        None when nothing of it can be read.
    problem : WorkspaceError, PinnedError or None
        Why nothing can be.
    """

    pin: Pin
    slide: Slide | None
    problem: Problem | None = None

    def lacks(self, lang: str) -> bool:
        """Whether it was kept, but not in this language."""
        return lacks(self.pin, lang)

    @property
    def name(self) -> str:
        """Title of what can be read."""
        return self.slide.title if self.slide is not None else self.pin.title


def lacks(pin: Pin, lang: str) -> bool:
    """Whether a pin was kept, but not in a language."""
    return bool(pin.parts) and not any(name.startswith(f"{lang}.") for name in pin.parts)


def shown(pins: Sequence[Pin], look: Look, fetch: Fetch) -> list[Shown]:
    """Pins in a language and theme, or in the nearest to them that was kept."""
    return [_shown(pin, look, fetch) for pin in pins]


def order(lang: str, theme: str) -> list[str]:
    """Variants, the best first: of the theme in whatever language before the other theme, as colours must be read."""
    langs, themes = (sorted(LANGUAGES, key=lambda one: one != lang), sorted(THEMES, key=lambda one: one != theme))
    return [variant(one, of) for of in themes for one in langs]


def view(pin: Pin, look: Look, fetch: Fetch) -> Pinned | None:
    """What a pin keeps, in the nearest variant; None for words, and where it cannot be read."""
    found = _read(pin, look, fetch)
    return found if isinstance(found, Pinned) else None


def _read(pin: Pin, look: Look, fetch: Fetch) -> Pinned | Problem | None:
    """What a pin keeps, in the nearest variant that can be read; else why the nearest cannot, and None for words."""
    problem = None
    for name in order(look.lang, look.theme.mode):
        if name in pin.parts:
            found = fetch(pin.parts[name])
            if isinstance(found, Pinned):
                return found
            problem = problem or found
    return problem


def _shown(pin: Pin, look: Look, fetch: Fetch) -> Shown:
    found = _read(pin, look, fetch)
    if isinstance(found, Pinned):
        return Shown(pin, slide_of(found, title=pin.title, note=pin.note, what=pin.what, made=pin.made))
    if found is not None:
        return Shown(pin, None, found)
    words = words_view(pin.title or look.say("board.untitled"), pin.note, Grade.ASSUMED)
    said = Pinned(words, Whence("present", "", "", made=pin.made), look.lang, look.theme.mode)
    return Shown(pin, slide_of(said, what=pin.what, made=pin.made))


def on_screen(kept: KeptBoard) -> Fetch:
    """Views of a board for this session, which unpacks each once; what could not be read is tried again."""
    held: dict[str, Pinned] = st.session_state.setdefault(_SEEN, {})
    read = from_shelf(kept.id, owner())

    def fetch(digest: str) -> Pinned | Problem:
        if digest in held:
            return held[digest]
        found = read(digest)
        if isinstance(found, Pinned):
            while len(held) >= MOST:
                del held[next(iter(held))]
            held[digest] = found
        return found

    return fetch


def from_shelf(id: str, asker: str) -> Fetch:
    """Views of a board for whoever asks, in whatever thread."""
    shelf = board_store.shelf()

    def fetch(digest: str) -> Pinned | Problem:
        try:
            return unpack(shelf.part(digest, board=id, asker=asker))
        except (WorkspaceError, PinnedError) as problem:
            return problem

    return fetch
