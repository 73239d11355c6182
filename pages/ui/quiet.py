"""Draw a page unseen: its script runs beside the reader's session, in any language and theme, from an address.

Pins, exports in another language and refreshes rest on it: the very code of the page makes the view anew. A run is a
session of its own, begun from what the reader's session holds and no address does (`CARRIED`). It goes by the reader's
name, so it sees what its reader may see; nothing of it reaches the screen, and what it put up for download is let go.
"""

import threading
import uuid
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st
from streamlit import runtime
from streamlit.proto.ClientState_pb2 import ContextInfo
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.scriptrunner import RerunException, StopException, add_script_run_ctx, get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests, ScriptRequestType
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.runtime.state import SafeSessionState, SessionState

from data.platforms import carry
from pages.ui import guard, owner

if TYPE_CHECKING:
    from analysis.views.pinned import Pinned

PAGES = Path(__file__).resolve().parents[1]
CARRIED = ("intake.market", "intake.owner", "extra.demand", "extra.flows")
"""Names, or their beginnings, of session values that no address holds: data of this session alone, and whose it is."""
MOST_RUNS = 3
"""A page may ask to be run anew."""
_CATCH, _FOLDS = "quiet.catch", "quiet.folds"
Catch = Callable[[str, Callable[[], "Pinned"]], None]


@dataclass(frozen=True, slots=True)
class Scene:
    """What the reader's session lends to quiet runs; taken in a run of its own.

    Attributes
    ----------
    context : ScriptRunContext
    carried : mapping
        Session values that no address holds.
    """

    context: ScriptRunContext
    carried: Mapping[str, object]


def scene() -> Scene:
    """The scene of this session, for quiet runs in whatever thread."""
    context = get_script_run_ctx()
    assert context is not None
    held = {str(key): st.session_state[key] for key in st.session_state if str(key).startswith(CARRIED)}
    return Scene(context, {**held, owner.LENT: owner.owner()})


def run(
    scene: Scene,
    page: str,
    query: Mapping[str, str],
    *,
    theme: str,
    catch: Catch,
    folds: Collection[str] = (),
) -> None:
    """Run a page from its address, as `tried` does.

    Raises
    ------
    Exception
        The page broke down, as it would on screen.
    """
    error = tried(scene, page, query, theme=theme, catch=catch, folds=folds)
    if error is not None:
        raise error


def tried(
    scene: Scene,
    page: str,
    query: Mapping[str, str],
    *,
    theme: str,
    catch: Catch,
    folds: Collection[str] = (),
) -> BaseException | None:
    """Run a page from its address; `catch(key, take)` is told each view that it draws, some of them more than once.

    `take()` gives the view as it is; it must be called there and then.

    Parameters
    ----------
    query : mapping
        Entries of the address, `lang` among them.
    theme : str
        "light" or "dark".
    folds : collection of str
        Keys of the folds that are open.

    Returns
    -------
    BaseException or None
        What the page broke down with; None where it came to its end.
    """
    session = _Session(SessionState(), urlencode(query))
    for _ in range(MOST_RUNS):
        with ThreadPoolExecutor(1, thread_name_prefix="quiet") as thread:
            ran = thread.submit(carry(_run), scene, page, session, theme, catch, folds)
            error = ran.exception()
        if error is not None:
            return error
        again = ran.result()
        if again is None:
            return None
        session = again
    return RuntimeError(f"the page {page!r} asked {MOST_RUNS} times to be run anew")


def catching() -> Catch | None:
    """What wants to be told each view, in a quiet run; None on a reader's screen."""
    return st.session_state.get(_CATCH)


def unfolded(key: str, opened: bool | None) -> bool:
    """Whether what is in a fold is drawn: it is open on the screen, or asked for by a quiet run."""
    return bool(opened) or key in st.session_state.get(_FOLDS, ())


@dataclass(frozen=True, slots=True)
class _Session:
    """What a run starts from: a state and an address, which the page may have changed before it asked to run anew."""

    state: SessionState
    query: str


def _run(
    scene: Scene, page: str, session: _Session, theme: str, catch: Catch, folds: Collection[str]
) -> _Session | None:
    """One run of the script; what the next starts from, or None where this one came to its end."""
    context = _context(scene.context, session)
    context.context_info = ContextInfo(color_scheme=theme)
    add_script_run_ctx(threading.current_thread(), context)
    for key, value in {**scene.carried, _CATCH: catch, _FOLDS: frozenset(folds)}.items():
        st.session_state[key] = value
    guard.mark()
    try:
        exec(_code(page), {"__name__": f"pages.{page}", "__file__": str(PAGES / f"{page}.py")})
    except StopException:
        return None
    except RerunException:
        with context.session_state.query_params() as params:
            query = urlencode(params.to_dict())
        context.session_state.on_script_finished(frozenset(), remove_stale_widgets=False)
        return replace(session, query=query)
    finally:
        _let_go(context.session_id)
    return None


def _let_go(session: str) -> None:
    """Forget what a run registered with the server: files for download, tables that are read in parts."""
    if runtime.exists():
        server = runtime.get_instance()
        server.media_file_mgr.clear_session_refs(session)
        server.dataframe_source_mgr.clear_session_refs(session)


@cache
def _code(page: str) -> CodeType:
    path = next((path for path in PAGES.glob("*.py") if path.stem == page), None)
    if path is None:
        raise ValueError(f"there is no page {page!r}")
    return compile(path.read_bytes(), str(path), "exec")


def _context(lent: ScriptRunContext, session: _Session) -> ScriptRunContext:
    """A context with a state of its own, whose messages go nowhere; `st.stop` and `st.rerun` end its run."""
    requests = ScriptRequests()
    context = ScriptRunContext(
        session_id=f"quiet-{uuid.uuid4()}",
        _enqueue=lambda message: _obey(requests),
        script_requests=requests,
        query_string=session.query,
        session_state=SafeSessionState(session.state, lambda: _obey(requests)),
        uploaded_file_mgr=lent.uploaded_file_mgr,
        main_script_path=lent.main_script_path,
        user_info=lent.user_info,
        fragment_storage=MemoryFragmentStorage(),
        pages_manager=lent.pages_manager,
    )
    with context.session_state.query_params() as params:
        params.set_initial_query_params(session.query)
        params.populate_from_query_string(session.query)
    return context


def _obey(requests: ScriptRequests) -> None:
    """End the run where the page has asked for that; Streamlit asks at every message and every look at the state."""
    found = requests.on_scriptrunner_yield()
    if found is None:
        return
    if found.type is ScriptRequestType.STOP:
        raise StopException
    raise RerunException(found.rerun_data)
