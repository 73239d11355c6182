"""The way of a request to the pages where people sign in: whose it is, what the provider answered, and cookies.

Streamlit's own routes lead to the provider and back, to one address that the secrets fix; see `pages.ui.sign_in` for
what is shown.
"""

import json
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value

from data.people import CALLBACK, NOBODY, Person, Role
from pages.ui import owner, people, root

ENTRY = "sign_in"
"""Entry of the address that says how a sign-in ended."""
AWAY, REFUSED, STALE = CODES = ("away", "refused", "stale")
LOGIN, LOGOUT, MEDIA, UPLOAD = "/auth/login", "/auth/logout", "/media/", "/_stcore/upload_file/"
WAY = "posthouse_way"
"""Cookie that keeps where a reader was going until he has signed in."""
WAY_SECONDS = 600
LONGEST_WAY = 2_000
MOST_FILES = 20_000
_made: OrderedDict[str, set[str]] = OrderedDict()
"""Sessions for which a file was made when it was asked for."""
_lock = threading.Lock()
_WAY = re.compile(r"/(?![/\\])[\x21-\x7e]*")


def asking(cookies: str) -> Person:
    """Who sends a request with this Cookie header; NOBODY for whoever is not signed in, or not let in."""
    claims = _brought(cookies)
    found = people.described(claims) if claims else NOBODY
    return found if found.role > Role.NOBODY else NOBODY


def _brought(cookies: str) -> dict[str, Any]:
    """What the provider said of whoever signed in here, by a Cookie header; empty where that is not signed by us."""
    if people.settings().problem:
        return {}
    brought = cookie_parser(cookies)

    def one(name: str) -> bytes | None:
        value = brought.get(name)
        return None if value is None else decode_signed_value(get_cookie_secret(), name, value)

    claims = _claims(get_cookie_with_chunks(one, people.COOKIE))
    here = claims.get("is_logged_in") and claims.get("origin") == people.settings().origin
    return claims if here else {}


def _claims(kept: bytes | None) -> dict[str, Any]:
    try:
        found = json.loads(kept or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def reader(cookies: str) -> str:
    """Under which name whoever sends a request owns things; "" for nobody."""
    return asking(cookies).owner if people.configured() else owner.named_in(cookies)


class Door:
    """Watches the sign-in, keeps files from all but those they were made for, and makes cookies Secure behind HTTPS."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 404 in the place of another's file."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if runtime.exists():
            _files()
        headers, path = Headers(scope=scope), scope["path"].removeprefix(root.path())
        cookies = headers.get("cookie", "")
        if not _open(path, cookies):
            await Response(status_code=404)(scope, receive, send)
            return
        if path == LOGOUT and people.configured() and (claims := _brought(cookies)):
            people.end(claims)
        secure = scope.get("scheme") == "https" or people.settings().origin.startswith("https:")

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                if path in (LOGIN, CALLBACK, LOGOUT) and people.configured():
                    _led(message, answer, path, scope, headers)
                if secure:
                    _secured(answer)
            await send(message)

        await self.app(scope, receive, watched)


def _open(path: str, cookies: str) -> bool:
    """Whether what stands at a path is for whoever asks."""
    if path.startswith(MEDIA):
        return reader(cookies) in whose(_file(path))
    return not (path.startswith(UPLOAD) and people.configured()) or asking(cookies) is not NOBODY


class Noted(MediaFileManager):
    """Streamlit's keeper of files, which notes for whose page a file was made that is made when it is asked for."""

    def execute_deferred(self, file_id: str) -> str:
        """Make a file; gives its address."""
        asked = self._deferred_callables.get(file_id)
        address = super().execute_deferred(file_id)
        if asked is not None:
            with _lock:
                _made.setdefault(_file(address), set()).add(asked["session_id"])
                while len(_made) > MOST_FILES:
                    _made.popitem(last=False)
        return address


def _files() -> MediaFileManager:
    """The files of this server, noted from the first request on."""
    found = runtime.get_instance().media_file_mgr
    if type(found) is MediaFileManager:
        found.__class__ = Noted
    return found


def _file(address: str) -> str:
    """Name of a file in its address."""
    return address.rpartition("/")[2].partition(".")[0]


def whose(file: str) -> set[str]:
    """Names of the readers for whose pages a file was made; "" stands for a browser that keeps no name."""
    if not runtime.exists():
        return set()
    held = _files()._files_by_session_and_coord
    sessions = {session for session, files in tuple(held.items()) if file in tuple(files.values())}
    sessions |= _made.get(file, set())
    return {name for session in sessions if (name := owner.of_session(session)) is not None}


def _led(message: Message, answer: MutableHeaders, path: str, scope: Scope, asked: Headers) -> None:
    """Lead on: to the provider, back to where the reader was going, or to words that say why not."""
    if path == LOGIN:
        if message["status"] >= 400:
            _away(message, answer)
        else:
            answer.append("set-cookie", _way(asked))
        return
    answer.append("set-cookie", _cookie("", 0))
    if path == LOGOUT:
        return
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    if _signed(answer.getlist("set-cookie")):
        kept = cookie_parser(asked.get("cookie", "")).get(WAY, "")
        answer["location"] = kept if is_way(kept) else root.below("/")
    elif "error" in query or "code" in query:
        stale = "error" not in query and not _begun(asked, query)
        answer["location"] = f"{root.below('/')}?{urlencode({ENTRY: STALE if stale else REFUSED})}"


def _begun(asked: Headers, query: dict[str, list[str]]) -> bool:
    """Whether the browser brings the session that Streamlit began a sign-in with."""
    return bool(query.get("state")) and "_streamlit_session" in cookie_parser(asked.get("cookie", ""))


def _away(message: Message, answer: MutableHeaders) -> None:
    message["status"] = 303
    answer["location"] = f"{root.below('/')}?{urlencode({ENTRY: AWAY})}"


def _signed(cookies: Iterable[str]) -> bool:
    """Whether an answer signs somebody in."""
    for header in cookies:
        morsel = SimpleCookie(header).get(people.COOKIE)
        if morsel is not None and morsel.value:
            return True
    return False


def is_way(text: str) -> bool:
    """Whether a text is an address on this very server: a path and a query, and nothing that leads elsewhere."""
    return len(text) <= LONGEST_WAY and _WAY.fullmatch(text) is not None


def _way(asked: Headers) -> str:
    """Cookie that keeps the page of this server from which a reader goes to sign in."""
    came = urlsplit(asked.get("referer", ""))
    query = "&".join(part for part in came.query.split("&") if part and not part.startswith(f"{ENTRY}="))
    path = f"{came.path or '/'}?{query}" if query else came.path or "/"
    here = came.netloc == asked.get("host") and is_way(path)
    return _cookie(path if here else "", WAY_SECONDS if here else 0)


def _cookie(value: str, seconds: int) -> str:
    made: SimpleCookie = SimpleCookie({WAY: value})
    return f"{made[WAY].OutputString()}; Path={root.path() or '/'}; Max-Age={seconds}; HttpOnly; SameSite=Lax"


def _secured(answer: MutableHeaders) -> None:
    """Say of every cookie that it goes over HTTPS alone."""
    cookies = answer.getlist("set-cookie")
    del answer["set-cookie"]
    for one in cookies:
        answer.append("set-cookie", one if "; secure" in one.lower() else f"{one}; Secure")
