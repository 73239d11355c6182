"""Markets that are kept: which is in use, how healthy it is, its versions, and what can be done with it."""

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from analysis.views import health
from analysis.views.look import Look
from data.intake import summary
from data.markets import Market
from data.workspace import MarketEntry, WorkspaceError
from data.workspace.base import LONGEST_NAME
from pages.ui import intake_export, intake_files, intake_state, intake_versions, layout, markets, people, people_share
from pages.ui.intake_times import moment
from pages.ui.layout import plain
from pages.ui.owner import owner


def show(look: Look, market: Market) -> None:
    """The list, and all about the market in use."""
    entries = markets.listing()
    with st.container(border=True, gap="small", key="card_markets"):
        st.header(_title(look, entries), anchor=False)
        theirs = entries and not any(entry.owned for entry in entries)
        mine = "keep.markets_caption_signed" if people.configured() else "keep.markets_caption"
        st.caption(look.say("keep.markets_caption_others" if theirs else mine))
        if entries:
            _choice(look, entries)
    info = markets.info()
    entry = next((one for one in entries if info is not None and one.id == info.market), None)
    if entry is not None:
        _actions(look, entry)
    _health(look, market)
    if entry is not None:
        intake_versions.show(look, entry, market)


def _title(look: Look, entries: Sequence[MarketEntry]) -> str:
    """How many markets are the reader's own, and how many are shared by others."""
    own = sum(entry.owned for entry in entries)
    others = len(entries) - own
    if own and others:
        return look.say("keep.markets_both", n=own, m=others)
    if others:
        return look.say("keep.markets_others", n=others)
    return look.say("keep.markets_n" if own else "keep.markets_none", n=own)


def _health(look: Look, market: Market) -> None:
    """Which months hold which networks, and what needs a look."""
    signs = summary.health(market, today=dt.date.today())
    title, caption = health.verdict(signs, look), look.say("keep.market_facts")
    facts = health.facts(signs, look)
    left, right = st.columns([3, 2], gap="small") if market.panel is not None else (None, st.container())
    if left is not None:
        with left:
            layout.card(look, health.coverage(market, look), "coverage")
    with right:
        layout.table_card(look, facts, title=title, caption=caption, grade=market.grade, key="facts")


def _choice(look: Look, entries: list[MarketEntry]) -> None:
    """One market of the list, or the illustrative one."""
    rows = {"": look.say("market.illustrative"), **{entry.id: _row(look, entry) for entry in entries}}
    chosen = markets.chosen()
    picked = st.radio(
        look.say("input.market"),
        list(rows),
        index=list(rows).index(chosen) if chosen in rows else 0,
        format_func=rows.__getitem__,
        key=f"kept_market.{look.lang}.{chosen}.{rows.get(chosen)}",
        label_visibility="collapsed",
    )
    if picked != chosen and not (picked == "" and chosen not in rows):
        markets.choose(picked or "")
        st.rerun()


def _row(look: Look, entry: MarketEntry) -> str:
    words = "keep.market_row" if entry.owned else "keep.market_shared"
    if entry.owned and entry.shared:
        words = "keep.market_row_shared"
    when = moment(entry.updated)
    return look.say(words, name=plain(entry.name), version=entry.current, versions=entry.versions, when=when)


def _actions(look: Look, entry: MarketEntry) -> None:
    """Undo, redo, rename, share, export and delete; another's market can be exported alone."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="market_actions"):
        if entry.owned:
            may = {"undo": entry.current > 1, "redo": entry.current < entry.versions}
            for name in ("undo", "redo"):
                if st.button(look.say(f"keep.{name}"), key=name, icon=f":material/{name}:", disabled=not may[name]):
                    _do(look, partial(_move, name, entry), f"keep.done_{name}")
        intake_export.popover(look)
        if entry.owned:
            _rename(look, entry)
            _share(look, entry)
            _delete(look, entry)
    if entry.owned and entry.shared:
        with st.container(gap="xsmall", key="shared_link"):
            st.caption(look.say("keep.shared_link"))
            st.code(_link(entry), language=None)


def _link(entry: MarketEntry) -> str:
    """Address that opens a market."""
    return f"{(st.context.url or '').partition('?')[0]}?{markets.MARKET}={entry.id}"


def _move(name: str, entry: MarketEntry) -> None:
    """One version back or forth; the page shows the one that is in use then."""
    workspace = markets.workspace()
    (workspace.undo if name == "undo" else workspace.redo)(entry.id, owner())
    markets.choose(entry.id)


def _do(look: Look, act: Callable[[], object], said: str) -> None:
    """Do something with a market and say so, or say why it failed."""
    try:
        act()
    except WorkspaceError as error:
        intake_state.notice("error", intake_files.sentence(look, error))
    else:
        intake_state.notice("check", look.say(said))
    st.rerun()


def _rename(look: Look, entry: MarketEntry) -> None:
    with st.popover(look.say("keep.rename"), icon=":material/edit:", key="rename_box"):
        name = st.text_input(
            look.say("data.market_name"), entry.name, max_chars=LONGEST_NAME, key=f"new_name.{entry.id}"
        )
        if st.button(look.say("keep.do_rename"), key="rename"):
            _do(look, lambda: markets.workspace().rename(entry.id, owner(), name), "keep.done_rename")


def _share(look: Look, entry: MarketEntry) -> None:
    with st.popover(look.say("keep.share"), icon=":material/share:", key="share_box"):
        if people_share.on():
            people_share.box(look, markets.workspace(), entry.id)
            return
        st.caption(look.say("keep.share_help"))
        words = "keep.do_unshare" if entry.shared else "keep.do_share"
        if st.button(look.say(words), key="share"):
            shared = not entry.shared
            said = "keep.done_share" if shared else "keep.done_unshare"
            _do(look, lambda: markets.workspace().share(entry.id, owner(), shared), said)


def _delete(look: Look, entry: MarketEntry) -> None:
    with st.popover(look.say("keep.delete"), icon=":material/delete:", key="delete_box"):
        st.write(look.say("keep.delete_what", name=plain(entry.name), n=entry.versions))
        if st.button(look.say("keep.do_delete"), key="delete", type="primary"):
            _do(look, lambda: _forget(entry), "keep.done_delete")


def _forget(entry: MarketEntry) -> None:
    markets.workspace().delete(entry.id, owner())
    markets.choose("")
