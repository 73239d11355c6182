"""The link to what is on the screen: its full address, a short one, and what no address can hold."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import streamlit as st

from analysis.views.look import Look
from data.workspace import Links, WorkspaceError, place
from pages.ui import board_store, guard, intake, markets, people, quiet, root
from pages.ui.owner import owner

ENTRY = "link"
"""Entry of the address that names a short link."""
MONTH, LANGUAGE, PLAN = "month", "lang", "plan"
FILES = {"demand": "extra.demand", "flows": "extra.flows"}
"""Session values of the map's files that only this session has."""
STEP = 20
"""Own links that are listed at first, and that are added by each press."""
BOARDS, BOARD = "present", "board"
"""The page whose address names a board, and that entry."""
_BOX, _LOST, _TURN_TO, _REFUSED, _MOST = (f"link.{name}" for name in ("box", "lost", "turn_to", "refused", "most"))


@dataclass(slots=True)
class _Lost:
    """A link that opened nothing, and the page that says so."""

    error: WorkspaceError
    page: str = ""


def resolve() -> None:
    """Put what a short link stands for in its place in the address, before anything reads that.

    The reader's own language stays. A link that leads nowhere leaves the page as it is at first, and is said there.
    """
    asked, language = st.query_params.get(ENTRY), st.query_params.get(LANGUAGE)
    if asked is None:
        return
    del st.query_params[ENTRY]
    try:
        found = _links().open(asked)
    except WorkspaceError as error:
        st.session_state[_LOST] = _Lost(error)
        return
    held = dict(parse_qsl(found.query, keep_blank_values=True))
    st.query_params.from_dict(held | ({LANGUAGE: language} if language else {}))
    st.session_state[_TURN_TO] = found.page


def control(look: Look, page: str) -> None:
    """Button behind which the links to this page as it is are found; a short link of another page turns to that one.

    What is behind it is drawn when it is opened: by then every input has told the address what is chosen.
    """
    if quiet.catching() is not None:
        return
    wanted = st.session_state.pop(_TURN_TO, page)
    if wanted != page and (quiet.PAGES / f"{wanted}.py").is_file():
        st.switch_page(f"pages/{wanted}.py", query_params=st.query_params.to_dict())
    with st.popover(
        look.say("link.link"),
        icon=":material/link:",
        help=look.say("link.help"),
        key=f"{_BOX}.{page}",
        on_change="rerun",
    ) as box:
        if box.open:
            _links_to(look, page)


def say_problem(look: Look, page: str) -> None:
    """A sentence where a link led nowhere, until the reader turns to another page."""
    lost: _Lost | None = st.session_state.get(_LOST)
    if lost is None:
        return
    lost.page = lost.page or page
    if lost.page == page:
        st.warning(look.text([board_store.why(look, lost.error), look.say("link.default")]), icon=":material/link_off:")
    else:
        del st.session_state[_LOST]


def entries(look: Look, page: str) -> dict[str, str]:
    """Entries of the address that show this very page later too: month and version of the market are written out."""
    held = {key: text for key, text in st.query_params.to_dict().items() if key != ENTRY}
    month = st.session_state.get(f"{MONTH}.{look.lang}.{page}")
    if month:
        held[MONTH] = str(month)
    version = markets.info()
    if version is not None and intake.own_market() is None:
        held |= {markets.MARKET: version.market, markets.NUMBER: str(version.number)}
    return held


def missing(look: Look, page: str) -> list[str]:
    """What no link can hold of what is on the screen, each a sentence."""
    if page == BOARDS:
        return [_board(look)]
    said = []
    if intake.own_market() is not None:
        said.append(look.say("link.session_data"))
    elif markets.info() is not None:
        said.append(_readers(look))
    if page == "map":
        brought = [look.say(f"demand.{kind}") for kind, held in FILES.items() if held in st.session_state]
        said += [look.say("link.session_files", files=look.join(brought))] if brought else []
    if page == "scenario" and PLAN not in st.query_params:
        said.append(look.say("link.long_plan"))
    return said


def _readers(look: Look) -> str:
    """Who else may open the market in use."""
    id = markets.chosen()
    kept = next((one for one in markets.listing() if one.id == id), None)
    return look.say("link.shared" if kept is not None and kept.shared else "link.private")


def _board(look: Look) -> str:
    """Who can open the board at the eye, and in which version."""
    id = st.query_params.get(BOARD)
    if id is None:
        return look.say("link.no_board")
    try:
        kept = board_store.shelf().open(id, asker=owner())
    except WorkspaceError as error:
        return board_store.why(look, error)
    old = st.query_params.get("at", str(kept.version)) != str(kept.version)
    return board_store.opens(look, kept, old=old)


def _links_to(look: Look, page: str) -> None:
    query = urlencode(sorted(entries(look, page).items()), safe="~")
    st.caption(look.say("link.full"))
    st.code(_address(page, query), language=None, wrap_lines=True)
    try:
        own = _links().links(owner())
        kept = next((one.id for one in own if (one.page, one.query) == (page, query)), None)
        if kept is None and people.may("save"):
            st.button(
                look.say("link.make"),
                icon=":material/content_cut:",
                key="link_make",
                on_click=_make,
                args=(page, query),
            )
        elif kept is not None:
            st.caption(look.say("link.short"))
            st.code(_address(page, urlencode({ENTRY: kept})), language=None, wrap_lines=True)
    except WorkspaceError as error:
        own = ()
        st.error(board_store.why(look, error), icon=":material/error:")
    refused: WorkspaceError | None = st.session_state.pop(_REFUSED, None)
    if refused is not None:
        st.error(board_store.why(look, refused), icon=":material/error:")
    holds = [] if page == BOARDS else [look.say("link.holds")]
    st.caption(look.text([*holds, *missing(look, page)]))
    if own:
        _listed(look, page, [one.id for one in own], [look.say(f"page.{one.page}") for one in own])


def _listed(look: Look, page: str, ids: list[str], names: list[str]) -> None:
    """The reader's own short links, to take back."""
    most = st.session_state.get(_MOST, STEP)
    with st.expander(look.say("link.own", n=len(ids)), key="link_own"):
        for id, name in list(zip(ids, names, strict=True))[:most]:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(look.pair(name, f"`{id}`"), width="stretch")
                label = look.say("link.delete", id=id)
                st.button(label, icon=":material/delete:", key=f"link_gone_{id}", on_click=_delete, args=(id,))
        if len(ids) > most:
            label = look.say("link.older", n=len(ids) - most)
            st.button(label, icon=":material/expand_more:", key="link_older", on_click=_more, args=(most,))


def _more(most: int) -> None:
    st.session_state[_MOST] = most + STEP


def _make(page: str, query: str) -> None:
    try:
        _links().make(page, query, owner=owner())
    except WorkspaceError as error:
        st.session_state[_REFUSED] = error


def _delete(id: str) -> None:
    try:
        _links().delete(id, owner=owner())
    except WorkspaceError as error:
        st.session_state[_REFUSED] = error


def _address(page: str, query: str) -> str:
    """Address of the page at which this reader finds it."""
    home = urlsplit(st.context.url or "")
    path = root.below("/" if page == guard.HOME else f"/{page}")
    there = home.path if home.path.rstrip("/") != root.path() else path
    return urlunsplit((home.scheme, home.netloc, there, query, ""))


def _links() -> Links:
    return Links(place())
