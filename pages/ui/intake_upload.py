"""Adding data: drop files, see what is wrong with them, mend them, and take the good rows."""

import streamlit as st

from analysis.views import changes
from analysis.views.look import Look
from data.markets import Market
from pages.ui import (
    guard,
    intake,
    intake_contract,
    intake_desk,
    intake_files,
    intake_save,
    intake_state,
    intake_table,
    intake_work,
    jobs,
    layout,
    markets,
    sign_in,
    state,
)
from pages.ui.intake_save import Aim


def carry_on(look: Look, market: Market) -> bool:
    """Hand on what a job has found and begin what is next; whether a job is under way. Before anything is drawn."""
    if jobs.hand_on():
        st.rerun()
    if intake_desk.take_up():
        names = look.join(layout.plain(one.name) for one in intake_state.uploads())
        intake_state.notice("info", look.say("data.back_again", names=names))
    if intake_state.just_saved():
        state.put("tab", "markets", "upload")
        st.session_state[f"tab.{look.lang}.{guard.page()}"] = "markets"
    stations = market.stations if markets.info() is not None else None
    known = None if stations is None else stations[["station_id", "lat", "lon"]]
    return intake_work.advance(known=known)


def show(look: Look, *, busy: bool) -> None:
    """Drop zone and files on the left, where the good rows go on the right, the table looked at below."""
    if not sign_in.need(look, "upload"):
        return
    left, right = st.columns([3, 2], gap="medium") if intake_save.ready() and not busy else (st.container(), None)
    with left:
        intake_files.drop(look)
        st.caption(look.say("data.private"))
        if busy:
            intake_files.progress(look)
        intake_files.listing(look)
    if busy:
        return
    if not intake_state.uploads():
        intake_contract.cards(look)
        return
    aim = None
    if right is not None:
        with right:
            aim = intake_save.card(look)
    if aim is not None and aim.market:
        _preview(look, aim)
    table = intake_table.pick(look)
    if table is not None:
        intake_table.show(look, table)


def _preview(look: Look, aim: Aim) -> None:
    """Rows, totals and shares before and after the save."""
    found = intake_save.preview(look, aim)
    if found is None:
        return
    with st.container(border=True, gap="small", key="card_preview"):
        st.header(look.say("data.would_change"), anchor=False)
        lines = changes.preview_sentences(found, look, on_conflict=aim.on_conflict)
        st.markdown("\n".join(f"- {layout.plain(line)}" for line in lines))
        rows = changes.preview_rows(found, look)
        st.dataframe(rows, hide_index=True, alt=look.say("data.would_change"), key="preview_rows", height="content")
    if found.totals.empty:
        return
    left, right = st.columns(2, gap="small")
    with left:
        layout.card(look, changes.preview(found, look), "preview_totals")
    if len(found.shares):
        with right:
            layout.card(look, changes.preview_shares(found, look), "preview_shares")


def of_session(look: Look) -> None:
    """That the market in use is of this session alone, and a way back to the one that the address names."""
    if intake.own_market() is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="of_session"):
        st.info(look.say("data.in_session"), icon=":material/info:", width="stretch")
        st.button(look.say("data.leave_session"), key="leave_session", on_click=intake.leave)


def told(look: Look) -> None:
    """What just happened, once."""
    said = intake_state.noticed()
    if said is None:
        return
    kind, text = said
    if kind == "error":
        st.error(text)
    elif kind == "info":
        st.info(text, icon=":material/info:")
    else:
        st.success(text, icon=":material/check_circle:")
