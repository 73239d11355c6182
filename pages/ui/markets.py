"""Which market is in use: the illustrative one, or a version of one that the workspace keeps.

The address says it: `market=<id>`, and `data=<number>` for a version other than the current one. Whether this reader
may see it is asked of the workspace at every run.
"""

import hashlib
from dataclasses import replace

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from analysis.views.look import Look
from data.grade import Grade
from data.markets import Market, make
from data.platforms import Platform, provide
from data.workspace import MarketEntry, Version, VersionInfo, Workspace, WorkspaceError, place
from data.workspace.base import LETTERS
from pages.ui import intake, state
from pages.ui.owner import owner

MARKET, NUMBER = "market", "data"
"""Entries of the address."""
LONGEST = 40
"""Letters of an id in the address."""
_BOX, _SESSION = "market_box", "session"
_NETWORKS, _PROBLEM, _INFO, _ANSWER = (f"markets.{name}" for name in ("networks", "problem", "info", "answer"))


def workspace() -> Workspace:
    """Where markets are kept."""
    return Workspace(place())


def listing() -> list[MarketEntry]:
    """The reader's own markets, the last one changed first, then those that others share; none when unreadable."""
    try:
        return list(workspace().markets(owner(), shared=True))
    except WorkspaceError:
        return []


def choose(id: str, number: int | None = None) -> None:
    """Use a market ("" for the illustrative one) on every page, in a version of it or as it is now."""
    intake.leave()
    _put(id, number)


def chosen() -> str:
    """Id of the market chosen; empty for the illustrative one."""
    return state.get(MARKET, "", lambda text: "".join(filter(str.isalnum, text))[:LONGEST] or "0")


def number() -> int | None:
    """Version chosen; None for the current one."""
    return state.get(NUMBER, 0, lambda text: int(text[:9]) if text.isascii() and text.isdecimal() else None) or None


def in_use() -> tuple[Version, tuple[Platform, ...]] | None:
    """The version chosen and the networks of its market, for a reader who may see it; None for the illustrative market.

    None also where it cannot be had: `problem` then says why.
    """
    for key in (_PROBLEM, _INFO):
        st.session_state.pop(key, None)
    id, at = chosen(), number()
    _put(id, at)
    if not id:
        return None
    try:
        found = _asked(id, at)
    except WorkspaceError as error:
        lost(error)
        return None
    st.session_state[_INFO] = found[0].info
    return found


def lost(error: WorkspaceError) -> None:
    """Note why the market chosen is not the one in use."""
    st.session_state.pop(_INFO, None)
    st.session_state[_PROBLEM] = error


def _asked(id: str, at: int | None) -> tuple[Version, tuple[Platform, ...]]:
    """What the workspace answers this reader; its last answer while nothing has been written since."""
    kept = workspace()
    stamp = kept.stamp()
    question = (id, at, owner(), kept.where, stamp)
    answered, answer = st.session_state.get(_ANSWER, (None, None))
    if stamp is None or answered != question or answer is None:
        st.session_state.pop(_ANSWER, None)
        answer = kept.version(id, at, owner=owner()), kept.networks(id, owner())
        if stamp is not None:
            st.session_state[_ANSWER] = question, answer
    return answer


def problem() -> WorkspaceError | None:
    """Why the market chosen is not the one in use."""
    return st.session_state.get(_PROBLEM)


def info() -> VersionInfo | None:
    """The version in use; None for a market that the workspace does not keep."""
    return st.session_state.get(_INFO)


def networks(id: str) -> tuple[Platform, ...]:
    """Networks that were added to a market; none when they cannot be read."""
    try:
        return workspace().networks(id, owner()) if id else ()
    except WorkspaceError:
        return ()


def add_network(id: str, network: Platform) -> None:
    """Add a network to one's market, or change the one of the same key.

    Raises
    ------
    WorkspaceError
        When it cannot be kept, or the market belongs to someone else.
    """
    workspace().add_network(id, owner(), network)


def use(market: Market) -> Market:
    """The market, whose networks everything in this session knows from now on.

    A kept one is called as it is called now, and comes from the files of the version in use: another of the same
    contents may have been built before.
    """
    st.session_state[_NETWORKS] = market.networks
    kept = info()
    if kept is None or kept.market != _holder(market):
        return market
    name, source = kept.name, _files(kept)
    return market if (name, source) == (market.name, market.source) else replace(market, name=name, source=source)


def _files(info: VersionInfo) -> str:
    """Files that a version was made of."""
    return ", ".join(dict.fromkeys(one.file for part in info.parts for one in part.provenance))


def mark(info: VersionInfo, networks: tuple[Platform, ...]) -> str:
    """Version of a kept market: its id and networks, a dash, and the digest of its contents."""
    look = hashlib.sha256(repr(networks).encode()).hexdigest()[:6]
    return f"{info.market}.{look}-{info.digest}" if networks else f"{info.market}-{info.digest}"


def brought(market: Market) -> bool:
    """Whether the market is of files that someone brought, not the illustrative one."""
    return "-" in market.version


def lasting(market: Market) -> bool:
    """Whether it is one that the workspace keeps."""
    return brought(market) and len(_holder(market)) == LETTERS


def keeper(market: Market) -> str:
    """Owner of what this reader keeps about a market brought, under a name that gives neither of them away."""
    return keeper_of(owner(), _holder(market))


def keeper_of(who: str, holder: str) -> str:
    """The same for any owner and holder."""
    return hashlib.sha256(f"{who} {holder}".encode()).hexdigest()[:16]


def _holder(market: Market) -> str:
    """Id of a kept market, or name of the session that holds it."""
    return market.version.partition("-")[0].partition(".")[0]


def build(version: Version, networks: tuple[Platform, ...]) -> Market:
    """Market of a version: every dataset it holds, and its panel."""
    from data.intake.canonical import frame

    info = version.info
    read = {part.dataset: version.table(part.dataset) for part in info.parts}
    return make(
        info.name,
        grade=Grade.REPORTED,
        version=mark(info, networks),
        source=_files(info),
        networks=networks,
        **{dataset: frame(rows, dataset) for dataset, rows in read.items() if rows is not None},
    )


def picker(look: Look) -> None:
    """Choice of a market, once the workspace keeps any."""
    _put(chosen(), number())
    if chosen() or _any():
        with st.popover(look.say("market.pick"), icon=":material/storefront:", key=_BOX, on_change="rerun") as box:
            if box.open:
                _choice(look)


def say_problem(look: Look) -> None:
    """A sentence where the illustrative market stands in for the one chosen."""
    error = problem()
    if error is not None:
        why = look.say(f"keep.workspace_{error.code}", **error.values)
        st.warning(look.say("market.stands_in", why=why), icon=":material/warning:")


def _choice(look: Look) -> None:
    here = _SESSION if intake.own_market() is not None else chosen()
    names = {"": look.say("market.illustrative"), **{entry.id: _name(look, entry) for entry in listing()}}
    names.setdefault(here, look.say("market.yours") if here == _SESSION else here)
    key = f"market_picked.{look.lang}.{here}"
    st.selectbox(
        look.say("input.market"),
        list(names),
        index=list(names).index(here),
        format_func=names.__getitem__,
        key=key,
        on_change=_pick,
        args=(key,),
    )


def _name(look: Look, entry: MarketEntry) -> str:
    return entry.name if entry.owned else look.say("market.shared_name", name=entry.name)


def _pick(key: str) -> None:
    """Use the market picked, and close the list."""
    if st.session_state[key] != _SESSION:
        choose(st.session_state[key])
    st.session_state[_BOX] = False


def _any() -> bool:
    """Whether the workspace keeps markets."""
    try:
        return workspace().exists()
    except WorkspaceError:
        return False


def _put(id: str, number: int | None) -> None:
    state.put(MARKET, id, "")
    state.put(NUMBER, number or 0, 0)


def _of_session() -> tuple[Platform, ...]:
    """Networks of the market that the running session uses; none outside of one."""
    running = get_script_run_ctx(suppress_warning=True) is not None
    return st.session_state.get(_NETWORKS, ()) if running else ()


provide(_of_session)
