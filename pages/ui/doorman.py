"""The gate before everything else that is served: what is too long, misdirected or of no use to a route is refused."""

import ipaddress
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from data.text import LANGUAGES, say
from pages.ui import root
from pages.ui.server_gates import PASSED_ON

LONGEST_TARGET = 48_000
"""Bytes of path and query: a plan of 16,000 letters, many of them Chinese, stays below it."""
LONGEST_HEADERS = 64_000
"""Bytes of all headers; a browser keeps 4 kB a cookie."""
OWN = ("/_map/", "/app/static/", "/healthz", "/readyz", "/metrics", "/guide")
"""Routes that only give: they take GET and HEAD without a body."""
GIVING = ("GET", "HEAD")
CLOSED = 1008
"""Code with which a session is refused."""
LOCAL = ("localhost", "localhost.localdomain")


class Refusal(NamedTuple):
    """Status of what is not let in, and the key of its words with the number in them."""

    status: int
    key: str
    most: int = 0

    @property
    def said(self) -> str:
        """The words, a line in each language."""
        return "\n".join(say(f"door.{self.key}", lang, most=f"{self.most:,}") for lang in LANGUAGES) + "\n"


class Doorman:
    """ASGI gate; sessions (WebSocket) pass it as requests do."""

    def __init__(self, app: ASGIApp, *, own: Sequence[str] = OWN) -> None:
        self.app = app
        self.own = tuple(own)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refused = next(self._wrong(scope), None)
        if refused is not None and scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": CLOSED})
            return
        if refused is None:
            await self.app(scope, receive, send)
        else:
            headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
            await PlainTextResponse(refused.said, refused.status, headers)(scope, receive, send)

    def _wrong(self, scope: Scope) -> Iterator[Refusal]:
        """Why a request is not let in; nothing for one that is."""
        target = len(scope.get("raw_path") or scope["path"].encode()) + len(scope["query_string"])
        if target > LONGEST_TARGET:
            yield Refusal(414, "address_long", LONGEST_TARGET)
        if sum(len(name) + len(value) for name, value in scope["headers"]) > LONGEST_HEADERS:
            yield Refusal(431, "headers_long", LONGEST_HEADERS)
        headers = Headers(scope=scope)
        if misdirected(scope, headers):
            yield Refusal(421, "other_name")
        if scope["type"] == "http" and scope["path"].removeprefix(root.path()).startswith(self.own):
            yield from _of_own(scope["method"], headers)


def _of_own(method: str, headers: Headers) -> Iterator[Refusal]:
    """Why a route that only gives does not take a request."""
    if method not in GIVING:
        yield Refusal(405, "only_get")
    if "transfer-encoding" in headers:
        yield Refusal(411, "no_length")
    if headers.get("content-length", "0").strip("0 "):
        yield Refusal(413, "no_body")


def misdirected(scope: Scope, headers: Headers) -> bool:
    """Whether a browser on this machine was led here under a stranger's name (DNS rebinding).

    A proxy in front may go by any name: it says for whom it asks, which no page of another site can make a session say.
    """
    here = (scope.get("server") or ("", 0))[0]
    if not _loops(here) or any(name in headers for name in PASSED_ON):
        return False
    host = headers.get("host", here).strip()
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return not (name.casefold().rstrip(".") in LOCAL or name.casefold().endswith(".localhost") or _numbered(name))


def _loops(address: str) -> bool:
    """Whether an address is of this machine alone."""
    return _numbered(address) and ipaddress.ip_address(address).is_loopback


def _numbered(name: str) -> bool:
    """Whether a name is an address in figures: no page of another site can go by one that leads here."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
