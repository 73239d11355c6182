"""Who is reading: whoever is signed in, else a random name that the server keeps in a cookie of the browser."""

import re
import secrets
import threading
from collections import OrderedDict
from http.cookies import CookieError, SimpleCookie

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui import people

COOKIE = "posthouse_owner"
YEAR = 365 * 24 * 3600
"""Seconds that a browser keeps the name."""
MOST_SESSIONS = 20_000
_SESSION, LENT = "owner.session", "owner.lent"
"""Session values: a name of this session alone; the reader's, in a run that draws for him unseen."""
_sessions: OrderedDict[str, str] = OrderedDict()
_lock = threading.Lock()


def new() -> str:
    """A name that nobody guesses: 128 random bits as 32 hexadecimal digits."""
    return secrets.token_hex(16)


def is_name(text: str) -> bool:
    """Whether `text` is such a name."""
    return re.fullmatch("[0-9a-f]{32}", text) is not None


def owner() -> str:
    """Name of whoever is signed in (see `data.people.owner_of`); without sign-in, of this browser.

    Of this session alone where there is no cookie (`streamlit run`). Whoever knows a browser's name owns what it keeps:
    it is never logged and never part of an address.
    """
    if LENT in st.session_state:
        return str(st.session_state[LENT])
    return _brought() or str(st.session_state.setdefault(_SESSION, new()))


def browser() -> str:
    """Name in this browser's cookie, whoever is signed in; empty for none."""
    given = str(st.context.cookies.get(COOKIE, ""))
    return given if is_name(given) else ""


def _brought() -> str:
    """Name that came with the session; empty for none."""
    person = people.person()
    return browser() if person is None else person.owner


def named() -> bool:
    """Whether requests of this reader will bring his name along; what is drawn for him unseen makes none."""
    return LENT not in st.session_state and bool(_brought())


def note() -> None:
    """Note whose this session is, for what is made for it and fetched over HTTP."""
    running = get_script_run_ctx(suppress_warning=True)
    if running is None:
        return
    with _lock:
        _sessions[running.session_id] = _brought()
        _sessions.move_to_end(running.session_id)
        while len(_sessions) > MOST_SESSIONS:
            _sessions.popitem(last=False)


def of_session(session: str) -> str | None:
    """Whose a session is, "" for a browser that keeps no name; None for one that was never noted."""
    return _sessions.get(session)


def named_in(header: str) -> str:
    """Name in the Cookie header of a request; empty when it holds none."""
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found is not None and is_name(found.value) else ""


def cookie(name: str) -> str:
    """Set-Cookie header that keeps `name` for a year, out of reach of scripts.

    Another site's pages send nothing in its name; a link followed from there brings the reader with his name (Lax).
    """
    return f"{COOKIE}={name}; Path=/; Max-Age={YEAR}; HttpOnly; SameSite=Lax"
