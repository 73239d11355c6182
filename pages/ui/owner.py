"""Who is reading: a random name that the server keeps in a cookie of the browser."""

import re
import secrets
from http.cookies import CookieError, SimpleCookie

import streamlit as st

COOKIE = "posthouse_owner"
YEAR = 365 * 24 * 3600
"""Seconds that a browser keeps the name."""
_SESSION, LENT = "owner.session", "owner.lent"
"""Session values: a name of this session alone; the reader's, in a run that draws for him unseen."""


def new() -> str:
    """A name that nobody guesses: 128 random bits as 32 hexadecimal digits."""
    return secrets.token_hex(16)


def is_name(text: str) -> bool:
    """Whether `text` is such a name."""
    return re.fullmatch("[0-9a-f]{32}", text) is not None


def owner() -> str:
    """Name of this browser; of this session alone where there is no cookie (`streamlit run`).

    Whoever knows it owns what the browser keeps: it is never logged and never part of an address.
    """
    if LENT in st.session_state:
        return str(st.session_state[LENT])
    given = str(st.context.cookies.get(COOKIE, ""))
    return given if is_name(given) else str(st.session_state.setdefault(_SESSION, new()))


def named() -> bool:
    """Whether this browser brought its name along."""
    return is_name(str(st.context.cookies.get(COOKIE, "")))


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
