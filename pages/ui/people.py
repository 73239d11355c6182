"""Who is signed in, and what he may do here.

Sign-in is on where Streamlit's secrets have a table `auth`; roles are in their table `posthouse`. See docs/people.md.
"""

import hashlib
import json
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from streamlit import config
from streamlit.runtime.scriptrunner import get_script_run_ctx

from data import people
from data.people import NOBODY, Person, Role, Rules

COOKIE = "_streamlit_user"
"""Of Streamlit, signed by the server: what the provider said of whoever signed in."""
SIGN_IN = ("iss", "sub", "iat", "nonce")
"""Claims that together are those of one sign-in: two within a second have two nonces."""
MOST_ENDED = 10_000
_LOG = logging.getLogger(__name__)
_ended: OrderedDict[str, None] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Settings:
    """What the secrets say of sign-in, as they were when the program began.

    Attributes
    ----------
    auth : mapping
        Streamlit's table of that name; empty where nobody has to sign in.
    rules : Rules
    problem : str
        Why nobody can be let in: "secrets" (cannot be read), "auth" (roles without a table `auth`, or one that lacks
        something), "rules"; "" for none.
    """

    auth: Mapping[str, Any] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)
    problem: str = ""

    @property
    def origin(self) -> str:
        """Where this server signs people in: scheme, host and port."""
        found = urlsplit(str(self.auth.get("redirect_uri", "")))
        return f"{found.scheme}://{found.netloc}"


@cache
def settings() -> Settings:
    """What the secrets say; the log says what is wrong with them."""
    files = config.get_option("secrets.files")
    try:
        if st.secrets.load_if_toml_exists():
            return read(_table("auth"), _table("posthouse"))
        found = [path for path in files if Path(path).exists()]
    except (OSError, UnicodeDecodeError):
        found = [", ".join(files)]
        st.secrets.merge_programmatic_secrets({})  # Streamlit breaks down on such a file, and now reads it no more
    if found:
        _LOG.error("%s %s", found[0], people.UNREADABLE, extra=_told("secrets"))
    return Settings(problem="secrets" if found else "")


def _table(name: str) -> dict[str, Any]:
    found = st.secrets.get(name, {})
    return found.to_dict() if hasattr(found, "to_dict") else {}


def read(auth: Mapping[str, Any], posthouse: Mapping[str, Any]) -> Settings:
    """Settings of the two tables."""
    if not auth and not posthouse.get("roles"):
        return Settings()
    problem = "auth"
    try:
        people.check(auth)
        problem = "rules"
        return Settings(auth, people.rules(posthouse))
    except ValueError as error:
        _LOG.error("%s", error, extra=_told(problem))
        return Settings(auth, problem=problem)


def _told(problem: str) -> dict[str, object]:
    """For a log in JSON, which has no wording of ours: what is wrong in one word."""
    return {"told": {"event": "nobody_let_in", "code": problem}}


def configured() -> bool:
    """Whether whoever opens the program must sign in."""
    said = settings()
    return bool(said.auth or said.problem)


def person() -> Person | None:
    """Who is signed in; None where nobody has to, NOBODY where nobody is, or no longer."""
    if not configured():
        return None
    if get_script_run_ctx(suppress_warning=True) is None or not st.user.get("is_logged_in"):
        return NOBODY
    return described(st.user.to_dict())


def described(claims: Mapping[str, Any]) -> Person:
    """The person of what the provider said, as kept in a signed cookie; NOBODY once that was signed out of."""
    said = settings()
    if said.problem or _sign_in(claims) in _ended:
        return NOBODY
    return people.described(claims, said.rules, now=time.time())


def may(action: str) -> bool:
    """Whether the reader may do something: see `data.people.NEEDS`."""
    return people.may(person(), action)


def let_in() -> bool:
    """Whether the reader may see anything at all."""
    found = person()
    return found is None or found.role > Role.NOBODY


def end(claims: Mapping[str, Any]) -> None:
    """Take a sign-in back, as a signed cookie keeps it: a copy, or a page that is open with it, is signed out too."""
    with _lock:
        _ended[_sign_in(claims)] = None
        while len(_ended) > MOST_ENDED:
            _ended.popitem(last=False)


def _sign_in(claims: Mapping[str, Any]) -> str:
    """What tells a sign-in from every other, however its cookie is written."""
    return hashlib.sha256(json.dumps([claims.get(name) for name in SIGN_IN]).encode()).hexdigest()


people.provide(person)
