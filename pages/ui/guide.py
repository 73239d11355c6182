"""The guide below `/guide/`, and the links by which pages lead to it: one in the header, one beside every pin."""

import re
from functools import cache, partial
from hashlib import sha256
from html import escape
from urllib.parse import urlencode

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from analysis.views.look import Look
from data.text import LANGUAGES
from pages.ui import guard, owner, quiet, root

ROOT = "/guide"
HTML, CSS, PNG = "text/html", "text/css", "image/png"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
"""What a page of the guide may load: its style and pictures; no script at all."""
SHORTEST_MARK = 16
"""Letters of a digest in an ETag."""
PICTURE = re.compile(r"[a-z]+\.[a-z]+\.png")
MARK = (
    "display:flex;width:24px;height:24px;margin:4px 0;align-items:center;justify-content:center;border-radius:50%;"
    "text-decoration:none;color:inherit;border:1px solid light-dark(#dfe3ea,#2a3547);font-size:.8rem"
)
_OPEN: list[bool] = []


def served() -> bool:
    """Whether this reader can be led there: `streamlit run` has no routes of ours, and gives browsers no name."""
    return bool(_OPEN) and owner.named()


def address(look: Look, page: str, anchor: str = "") -> str:
    """Where the guide speaks of a page, or of a view on it."""
    query = urlencode({"theme": look.theme.mode})
    return root.below(f"{ROOT}/{look.lang}/{page}?{query}{f'#{anchor}' if anchor else ''}")


def control(look: Look, page: str) -> None:
    """Link in the header to the page's chapter; it opens beside the app."""
    if served() and quiet.catching() is None:
        help = look.say("guide.help")
        st.link_button(look.say("guide.link"), address(look, page), icon=":material/help:", help=help, key="guide")


def mark(look: Look, title: str, key: str) -> None:
    """A "?" that leads to what the guide says of a view."""
    if served():
        link, name = escape(address(look, guard.page(), key)), escape(look.say("guide.view", title=title))
        st.html(f'<a href="{link}" target="_blank" style="{MARK}" aria-label="{name}" title="{name}">?</a>', width=24)


def routes() -> list[Route]:
    """Routes of the guide, for the server that will have them."""
    _OPEN[:] = [True]
    answers = {
        "": _home,
        "/": _home,
        "/assets/guide.css": _style,
        "/pictures/{name}": _picture,
        "/{lang}": _home,
        "/{lang}/": _home,
        "/{lang}/search": _search,
        "/{lang}/{chapter}": _chapter,
    }
    return [Route(root.below(f"{ROOT}{path}"), answer) for path, answer in answers.items()]


async def _home(request: Request) -> Response:
    """To the first chapter, in the language of the address or of the browser."""
    from analysis.views.guide import HOME

    asked = request.path_params.get("lang", "")
    lang = asked if asked in LANGUAGES else preferred(request.headers.get("accept-language", ""))
    return RedirectResponse(root.below(f"{ROOT}/{lang}/{HOME}"), headers={"Vary": "Accept-Language"})


def preferred(accepted: str) -> str:
    """The language that an `Accept-Language` header puts first among ours.

    Examples
    --------
    >>> preferred("de, zh-CN;q=0.8, en;q=0.7")
    'zh'
    """
    first = (part.split(";")[0].strip()[:2].lower() for part in accepted.split(","))
    return next((lang for lang in first if lang in LANGUAGES), LANGUAGES[0])


async def _chapter(request: Request) -> Response:
    from analysis.views.guide import KEYS, page, unknown_page

    lang, key, theme = _asked(request)
    known = lang in LANGUAGES and key in KEYS
    draw = page if known else unknown_page
    lang = lang if lang in LANGUAGES else LANGUAGES[0]
    body = await run_in_threadpool(partial(draw, key, lang, theme=theme, style=_style_mark()))
    return _answer(request, body.encode(), HTML, status=200 if known else 404)


async def _search(request: Request) -> Response:
    from analysis.views.guide import search_page

    lang, _, theme = _asked(request)
    lang, words = lang if lang in LANGUAGES else LANGUAGES[0], request.query_params.get("q", "")
    body = await run_in_threadpool(partial(search_page, words, lang, theme=theme, style=_style_mark()))
    return _answer(request, body.encode(), HTML)


def _asked(request: Request) -> tuple[str, str, str]:
    """Language, chapter and theme of the address."""
    found = request.path_params
    return found["lang"], found.get("chapter", ""), request.query_params.get("theme", "")


async def _style(request: Request) -> Response:
    return _answer(request, _sheet(), CSS)


async def _picture(request: Request) -> Response:
    from analysis.views.guide import PICTURES

    name = request.path_params["name"]
    file = PICTURES / name
    if not PICTURE.fullmatch(name) or not file.is_file():
        return Response(status_code=404)
    return _answer(request, await run_in_threadpool(file.read_bytes), PNG)


@cache
def _sheet() -> bytes:
    from analysis.views.guide import STYLE

    return STYLE.read_bytes()


def _style_mark() -> str:
    return sha256(_sheet()).hexdigest()[:8]


def _answer(request: Request, body: bytes, kind: str, *, status: int = 200) -> Response:
    """The content, or that the browser has it already."""
    tag = f'"{sha256(body).hexdigest()[:SHORTEST_MARK]}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "no-cache",
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    }
    asked = request.headers.get("if-none-match", "").split(",")
    if status == 200 and tag in [one.strip().removeprefix("W/") for one in asked]:
        return Response(status_code=304, headers=headers)
    return Response(body, status_code=status, media_type=kind, headers=headers)
