"""What is wrong with the place where things are kept, and the last good copy of a damaged store at one press."""

import streamlit as st

from analysis.views.look import Look
from data.workspace import WorkspaceError, keep, place, room
from data.workspace.postgres import Database
from pages.ui import people
from pages.ui.intake_times import moment
from pages.ui.layout import plain
from pages.ui.owner import owner

_SAID = "keep_good.said"
STORES = ("markets", "scenarios", "forecasts", "boards", "links")
"""Stores that have a name in the reader's language."""


def panel(look: Look) -> None:
    """Say what is damaged, full or read-only, and offer what can be done about it; nothing where all is well."""
    for kind, words in st.session_state.pop(_SAID, ()):
        (st.success if kind == "done" else st.error)(words, icon=":material/settings_backup_restore:")
    kept = place()
    if isinstance(kept, Database):
        return
    try:
        offers = keep.offer(kept)
    except WorkspaceError as error:
        st.warning(look.say(f"keep.workspace_{error.code}", **error.values), icon=":material/warning:")
        return
    for offer in offers:
        _offered(look, offer)
    if not room.takes_writes(kept):
        st.warning(look.say("keep.good_read_only", path=plain(str(kept))), icon=":material/lock:")
        return
    free = room.free(kept)
    if free is not None and free < room.LOW:
        st.warning(look.say("keep.good_low", mb=f"{free / 2**20:,.0f}"), icon=":material/hard_drive:")


def _offered(look: Look, offer: keep.Offer) -> None:
    """One damaged store."""
    with st.container(border=True, gap="small", key=f"card_good_{offer.store.partition('.')[0]}"):
        st.subheader(look.say("keep.good_damaged", what=_name(look, offer.store)), anchor=False)
        if offer.copy is None:
            st.write(look.say("keep.good_none", file=plain(offer.store)))
            return
        st.write(look.say("keep.good_offer", when=moment(offer.copy.made), n=offer.saves, file=plain(offer.store)))
        if people.person() is not None and not people.may("administer"):
            st.caption(look.say("keep.good_ask"))
            return
        st.button(
            look.say("keep.good_put_back"),
            icon=":material/settings_backup_restore:",
            key=f"good_{offer.store}",
            on_click=_mend,
            args=(look, offer.store),
        )


def _mend(look: Look, store: str) -> None:
    """Put the copy in place and note what to say of it."""
    kept = place()
    if isinstance(kept, Database):
        return
    try:
        done = keep.mend(kept, store, owner=owner(), shown=True)
    except WorkspaceError as error:
        st.session_state[_SAID] = (("error", look.say(f"keep.workspace_{error.code}", **error.values)),)
        return
    lost = look.say("keep.good_lost_some" if done.lost is None else "keep.good_lost", n=done.lost or 0)
    words = look.say("keep.good_done", what=_name(look, store), when=moment(done.copy.made))
    where = look.say("keep.good_aside", file=plain(done.aside.name))
    st.session_state[_SAID] = (("done", look.text([words, lost, where])),)


def _name(look: Look, store: str) -> str:
    """A store as readers know it."""
    stem = store.partition(".")[0]
    return look.say(f"keep.store_{stem}") if stem in STORES else plain(store)
