"""What a session has on its Data page, kept on the server for some hours should the browser load the page anew."""

import shutil
import tempfile
import threading
import time
import weakref
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui.owner import owner

if TYPE_CHECKING:
    from data.platforms import Platform
    from pages.ui.intake_state import Table, Upload

KEPT = 6 * 3600
"""Seconds that files wait for the browser that left them."""
_DESK = "intake.desk"


class Folder:
    """A folder that goes with what holds it."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="posthouse-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


@dataclass(slots=True, eq=False)
class Desk:
    """Files dropped and what was decided about them.

    Attributes
    ----------
    who : str
        Owner: the browser that they belong to.
    session : str
        Session that works on them.
    uploads : list of Upload
    tables : list of Table
    networks : tuple of Platform
        Networks added for the files.
    folder : Folder
        Holds the copies.
    used : float
        When they were last worked on, seconds.
    """

    who: str
    session: str
    uploads: "list[Upload]" = field(default_factory=list)
    tables: "list[Table]" = field(default_factory=list)
    networks: "tuple[Platform, ...]" = ()
    folder: Folder = field(default_factory=Folder)
    used: float = field(default_factory=time.monotonic)


_DESKS: list[Desk] = []
_LOCK = threading.Lock()


def desk() -> Desk:
    """The desk of this session; a new one when another session has taken its files up."""
    here: Desk | None = st.session_state.get(_DESK)
    session = _session()
    if here is None or here.session != session:
        here = st.session_state[_DESK] = Desk(owner(), session)
        with _LOCK:
            _DESKS.append(here)
    here.used = time.monotonic()
    return here


def take_up() -> bool:
    """Take up the files that a session of this browser left behind, unless there are others; whether there were any."""
    if desk().uploads:
        return False
    with _LOCK:
        _clear()
        left = [one for one in _DESKS if one.who == owner() and one.uploads and not alive(one.session)]
        if not left:
            return False
        found = st.session_state[_DESK] = left[-1]
        found.session = _session()
    return True


def _clear() -> None:
    """Forget what was left too long ago or holds nothing, and the rows read of what nobody works on."""
    gone = [one for one in _DESKS if not alive(one.session)]
    late = time.monotonic() - KEPT
    _DESKS[:] = [one for one in _DESKS if one not in gone or (one.uploads and one.used > late)]
    for table in (table for one in gone for table in one.tables):
        table.found = None


def alive(session: str) -> bool:
    """Whether a browser is connected to a session."""
    return runtime.exists() and runtime.get_instance().is_active_session(session)


def _session() -> str:
    running = get_script_run_ctx(suppress_warning=True)
    return running.session_id if running is not None else ""
