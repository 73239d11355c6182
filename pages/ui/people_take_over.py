"""What this browser kept before anybody signed in: whoever signs in with it may make it his own, once."""

import streamlit as st

from analysis.views.look import Look
from data import boundaries
from data.workspace import Boards, Ledger, Links, Shelf, Workspace, WorkspaceError, place
from data.workspace.shared import Owned
from pages.ui import board_store, markets, owner, people

_TOLD = "take_over.told"


def offer(look: Look) -> None:
    """A button where this browser kept anything; what came of it is said."""
    told = st.session_state.pop(_TOLD, None)
    if told is not None:
        st.caption(told)
    before = owner.browser()
    if not before or not people.may("save"):
        return
    try:
        found = sum(store.count(*names) for store, names in _names(before, owner.owner()))
    except WorkspaceError as error:
        st.warning(board_store.why(look, error), icon=":material/warning:")
        return
    if found:
        st.divider()
        st.caption(look.say("people.before", n=found))
        st.button(
            look.say("people.take_over"), icon=":material/move_down:", key="take_over", on_click=_do, args=(look,)
        )


def _do(look: Look) -> None:
    try:
        n = take_over(owner.browser(), owner.owner())
    except WorkspaceError as error:
        st.session_state[_TOLD] = board_store.why(look, error)
    else:
        st.session_state[_TOLD] = look.say("people.taken_over", n=n)


def take_over(before: str, after: str) -> int:
    """Make what one reader kept another's; how many things. What fails half-way is done by the next call.

    The outlines, which nothing offers by themselves, come first.

    Raises
    ------
    WorkspaceError
    """
    boundaries.hand_over(before, after)
    return sum(store.take_over(old, new) for store, names in _names(before, after) for old, new in names.items())


def _names(before: str, after: str) -> list[tuple[Owned, dict[str, str]]]:
    """New names by former ones in each store: what is about a market, be it another's, goes under a name of its own.

    The markets come last: by them the others are found.
    """
    where = place()
    kept, own = Workspace(where), {before: after}
    entries = kept.markets(before, shared=True)
    about = {markets.keeper_of(before, one.id): markets.keeper_of(after, one.id) for one in entries}
    return [(Boards(where), own), (Links(where), own), (Shelf(where), about), (Ledger(where), about), (kept, own)]
