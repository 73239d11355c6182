"""What a browser may keep, and what a page may do: headers of every answer."""

import hashlib
import re
from base64 import b64encode
from functools import cache
from pathlib import Path

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.ui import root

OWN_AGE = 3600
"""Seconds for which a browser need not ask again for `static/`, whose names do not change with what they hold."""
MEDIA_AGE = 24 * 3600
"""Seconds for pictures, whose names are digests of what they hold."""
LANGUAGES = ("en", "zh-CN")
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), midi=(), "
    "display-capture=(), fullscreen=(self)",
}


class Dressed:
    """Adds to every answer what browsers keep and forbid; an answer that says so itself is left alone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"].removeprefix(root.path())

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (ALWAYS | {"Content-Security-Policy": policy()}).items():
                    headers.setdefault(name, value)
                kept = _kept(path, message["status"], headers)
                if kept:
                    headers["Cache-Control"] = kept
            await send(message)

        await self.app(scope, receive, dressed)


def _kept(path: str, status: int, headers: MutableHeaders) -> str:
    """Cache-Control of an answer; empty where it says the right thing already.

    A page comes with its browser's name in a cookie: no cache between them may hand it to another.
    """
    said = headers.get("cache-control", "")
    if status >= 400:
        return "no-store"
    if headers.get("content-type", "").startswith("text/html") and said in ("", "no-cache"):
        return "private, no-cache"
    if path.startswith("/media/"):
        taken = headers.get("content-disposition", "").startswith("attachment")
        return "private, no-store" if taken else f"private, max-age={MEDIA_AGE}"
    if path.startswith("/app/static/") and not said:
        return f"public, max-age={OWN_AGE}"
    return "" if said else "no-cache"


def language_script(code: str) -> str:
    """The one script that a page brings in its own text: it names the language for screen readers."""
    return f"document.documentElement.lang='{code}'"


@cache
def policy() -> str:
    """Content-Security-Policy of every answer.

    Scripts come from this server, or are one of those known by their digest. `blob:` is how Streamlit loads the parts
    of the map and of the stage that this program brings, and how Plotly and deck.gl start their workers; styles are
    written by Streamlit and Plotly as the page is drawn. Nothing comes from, or goes, anywhere else.
    """
    script = [*_digests(), "'wasm-unsafe-eval'", "blob:"]
    rules = {
        "default-src": ["'self'"],
        "script-src": ["'self'", *script],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'", "data:", "blob:"],
        "worker-src": ["'self'", "blob:"],
        "media-src": ["'self'", "blob:"],
        "frame-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items())


def _digests() -> list[str]:
    """Digests of the scripts in Streamlit's page and in ours."""
    page = (Path(st.__file__).parent / "static" / "index.html").read_text("utf-8")
    scripts = [*_INLINE.findall(page), *map(language_script, LANGUAGES)]
    return [f"'sha256-{b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in scripts]
