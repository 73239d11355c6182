"""What every request passes on its way in: whose page it comes from, what is not for everyone, the browser's name."""

import asyncio
import hmac
import ipaddress
import os
from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.ui import owner, root

TOKEN = "POSTHOUSE_PROBE_TOKEN"
"""Environment variable: whoever sends it as a bearer token may ask from elsewhere too."""
INNER = ("/healthz", "/readyz", "/metrics", "/_stcore/metrics")
"""Answered to this machine, and to whoever has the token."""
CONDITIONS = (b"if-none-match", b"if-modified-since")
"""Headers by which a browser asks whether what it holds is still right."""
PASSED_ON = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via")
"""Headers of a request that came through a proxy: whoever is behind it is not this machine."""


class Gate:
    """Holds the first sessions back until the heavy imports are done: two threads must not run them at once."""

    def __init__(self, app: ASGIApp, *, ready: asyncio.Event) -> None:
        self.app = app
        self.ready = ready

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; a session (WebSocket) only once `ready` is set."""
        if scope["type"] == "websocket":
            await self.ready.wait()
        await self.app(scope, receive, send)


class Names:
    """Gives every browser a name of its own, in a cookie that comes with the page.

    A page is sent whole each time: an answer that the browser's copy still holds would bring no name to one that has
    the page and has lost its cookies, and would renew none.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; an answer that is a page (HTML) takes the name along, and renews it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        known = owner.named_in(asked.get("cookie", ""))
        if "text/html" in asked.get("accept", ""):
            left = [(name, value) for name, value in scope["headers"] if name not in CONDITIONS]
            scope = {**scope, "headers": left}
        secure = scope.get("scheme") == "https"

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    cookie = owner.cookie(known or owner.new())
                    headers.append("set-cookie", f"{cookie}; Secure" if secure else cookie)
            await send(message)

        await self.app(scope, receive, named)


class Origins:
    """Refuses sessions that a page of another site opens: the reader's cookie would come with them.

    Streamlit lets in pages of any program on the reader's own machine, and asks the internet for its own address to
    compare others with; here a page must come from where it is served, or from what `server.corsAllowedOrigins` names.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or close a strange session before it is open (403)."""
        if scope["type"] == "websocket" and not own_origin(Headers(scope=scope)):
            await send({"type": "websocket.close", "code": 1008})
            return
        await self.app(scope, receive, send)


def own_origin(headers: Headers) -> bool:
    """Whether a session comes from a page of this server; programs that are no browser name no origin."""
    origin = headers.get("origin")
    if origin is None or origin in st.get_option("server.corsAllowedOrigins"):
        return True
    came = urlsplit(origin)
    port = {"http": ":80", "https": ":443"}.get(came.scheme, "")
    return bool(came.netloc) and came.netloc.removesuffix(port) == headers.get("host", "").removesuffix(port)


class Inner:
    """Keeps what tells of the server's health and work from everyone outside: to him there is no such page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.paths = frozenset(map(root.below, INNER))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 404."""
        asked = scope["path"].rstrip("/") if scope["type"] == "http" else ""
        if asked in self.paths and not inside(scope):
            await Response(status_code=404)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def inside(scope: Scope) -> bool:
    """Whether a request comes from this machine, through no proxy, or brings the token."""
    headers = Headers(scope=scope)
    token = os.environ.get(TOKEN, "")
    brought = headers.get("authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(brought.encode(), token.encode()):
        return True
    client = scope.get("client")
    return client is not None and local(client[0]) and not any(name in headers for name in PASSED_ON)


def local(host: str) -> bool:
    """Whether an address is reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
