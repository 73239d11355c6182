"""Where a view meets the board: every view drawn is offered here, with a button that pins it."""

from collections.abc import Sequence

import streamlit as st

from analysis.views.board import new_id
from analysis.views.look import Look, View
from analysis.views.pinned import pinned
from pages.ui import boards, guide, people, quiet, whence
from pages.ui.boards import Press


def pressed() -> None:
    """Keep what was pressed; before anything is drawn where others wait for the one who draws."""
    if quiet.catching() is None and people.may("save"):
        boards.pin_pressed()


def offer(look: Look, view: View, key: str, *, folds: Sequence[str] = ()) -> None:
    """Draw the button that pins a view, and the way to its guide; in a quiet run, tell whoever waits for it instead.

    What is pinned is what was on screen when the button was pressed, whatever is chosen or opened next.

    Parameters
    ----------
    key : str
        The view's own name on its page, the same in every language.
    folds : sequence of str
        Keys of the folds that it lies in.
    """
    catch = quiet.catching()
    if catch is not None:
        catch(key, lambda: pinned(view, whence.now(look), lang=look.lang, theme=look.theme.mode))
        return
    if not people.may("save"):
        return
    boards.pin_pressed()
    waiting, now, query, id = boards.presses(), whence.now(look), whence.query(), new_id()

    def press() -> None:
        one = pinned(view, now, lang=look.lang, theme=look.theme.mode)
        waiting.append(Press(id, look, key, one, query, tuple(folds)))

    st.button(
        look.say("pin.pin"),
        icon=":material/keep:",
        type="tertiary",
        key=f"pin_{key}",
        help=look.say("pin.help"),
        on_click=press,
    )
    guide.mark(look, view.title, key)
