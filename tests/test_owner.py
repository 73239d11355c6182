"""Who is reading: one name a browser, in a cookie that nothing but the server reads."""

import re

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from data.platforms import using
from data.workspace import Workspace, folder
from pages.ui import owner, server
from tests.browser import settle
from tests.made_market import NEWCO, parts
from tests.test_server import fetch

NAME = "0123456789abcdef" * 2
SAY = "import streamlit as st\nfrom pages.ui.owner import owner\nst.write(owner())\nst.write(owner())"


def answer(kind, *, cookie="", scope="http"):
    """Headers that a browser gets with an answer of the content type `kind`."""
    sent = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind.encode())]})
        await send({"type": "http.response.body", "body": b"x"})

    async def send(message):
        sent.append(message)

    headers = [(b"cookie", cookie.encode("latin-1"))] if cookie else []
    with pytest.raises(StopIteration):  # nothing in it waits, so it needs no event loop, and the browser runs one
        server.Names(app)({"type": scope, "headers": headers}, None, send).send(None)
    return [value.decode() for key, value in sent[0]["headers"] if key == b"set-cookie"]


def name_of(header):
    return re.match(f"{owner.COOKIE}=([^;]*)", header)[1]


def test_a_new_browser_gets_a_name_with_the_page():
    (first,), (second,) = answer("text/html; charset=utf-8"), answer("text/html")
    assert owner.is_name(name_of(first))
    assert name_of(first) != name_of(second)
    assert set(first.split("; ")[1:]) == {"Path=/", "Max-Age=31536000", "HttpOnly", "SameSite=Lax"}


def test_a_browser_keeps_its_name():
    (kept,) = answer("text/html", cookie=f"_streamlit_xsrf=2|x; {owner.COOKIE}={NAME}")
    assert name_of(kept) == NAME


@pytest.mark.parametrize(
    "given", ["", "admin", NAME.upper(), NAME + "0", NAME[:-1], f"{NAME}\r\nx", '"\\073"', "é" * 32, "' or 1=1 --"]
)
def test_a_name_that_was_made_up_is_replaced(given):
    (fresh,) = answer("text/html", cookie=f"{owner.COOKIE}={given}")
    assert owner.is_name(name_of(fresh))
    assert name_of(fresh) != given


@pytest.mark.parametrize("kind", ["application/javascript", "text/css", "application/json", "font/woff2"])
def test_other_files_carry_no_name(kind):
    assert answer(kind) == []


def test_a_browser_that_has_the_page_and_lost_its_cookies_gets_a_name(url):
    first = httpx.get(f"{url}/", headers={"accept": "text/html"})
    again = httpx.get(f"{url}/", headers={"accept": "text/html", "if-none-match": first.headers["etag"]})
    assert again.status_code == 200
    assert owner.is_name(again.cookies[owner.COOKIE])


def test_a_session_passes_through():
    assert answer("text/html", scope="websocket") == []


@settings(deadline=None)
@given(st.text())
def test_any_cookie_header_is_read_without_a_fault(header):
    found = owner.named_in(header)
    assert found == "" or owner.is_name(found)


def test_names_are_random():
    assert len({owner.new() for _ in range(1000)}) == 1000


def test_without_a_cookie_the_session_has_a_name_of_its_own():
    apps = [AppTest.from_string(SAY, default_timeout=60).run() for _ in range(2)]
    names = [{line.value for line in app.markdown} for app in apps]
    assert [len(said) for said in names] == [1, 1]
    assert names[0] != names[1]
    assert all(owner.is_name(*said) for said in names)
    assert {line.value for line in apps[0].run().markdown} == names[0]


def test_the_server_names_whoever_opens_a_page(url):
    _, headers = fetch(url + "/")
    assert owner.is_name(name_of(headers["set-cookie"]))


@pytest.mark.browser
def test_a_browser_is_the_same_reader_on_every_page(page):
    opened = page("/")
    settle(opened)
    kept = [one for one in opened.context.cookies() if one["name"] == owner.COOKIE]
    opened.goto(opened.url.rpartition("/")[0] + "/share")
    settle(opened)
    again = [one for one in opened.context.cookies() if one["name"] == owner.COOKIE]
    assert [one["value"] for one in kept] == [one["value"] for one in again]
    assert all((one["httpOnly"], one["sameSite"]) == (True, "Lax") for one in kept)
    assert opened.evaluate("document.cookie").find(owner.COOKIE) == -1


@pytest.mark.browser
def test_a_market_opens_for_the_browser_that_owns_it_alone(browser, url):
    workspace, (volumes,) = Workspace(folder()), parts("volumes", since="2026-01-01")
    with using((NEWCO,)):
        kept = workspace.save(owner=NAME, name="Only mine", parts=[volumes], networks=(NEWCO,))
    seen = {}
    for name in (NAME, NAME[::-1]):
        context = browser.new_context()
        context.add_cookies([{"name": owner.COOKIE, "value": name, "url": url, "httpOnly": True, "sameSite": "Lax"}])
        opened = context.new_page()
        opened.goto(f"{url}/share?market={kept.market}")
        settle(opened)
        seen[name] = [opened.get_by_text(words).count() for words in ("Only mine", "NewCo")]
        assert opened.get_by_test_id("stException").count() == 0
        context.close()
    workspace.delete(kept.market, NAME)
    assert all(seen[NAME])
    assert not any(seen[NAME[::-1]])
