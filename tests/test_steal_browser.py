"""Addresses that one browser has fetched give another nothing: layers of the map, exported files."""

import urllib.error
import urllib.request

import pytest

from data.platforms import using
from data.workspace import Workspace, place
from pages.ui import owner
from tests.browser import settle
from tests.made_board import OTHER, READER
from tests.made_market import NEWCO, parts

NAME = "Operation Nightingale"


def reader(browser, url, name):
    """A page of the browser that goes by a name."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    context.add_cookies([{"name": owner.COOKIE, "value": name, "url": url, "httpOnly": True, "sameSite": "Lax"}])
    return context.new_page()


@pytest.mark.browser
def test_no_address_that_one_browser_fetches_gives_another_anything(browser, url):
    """Each is asked for with another name, with none, and with the right one."""
    (part,) = parts("volumes", since="2026-06-01")
    with using((NEWCO,)):
        id = Workspace(place()).save(owner=READER, name=NAME, parts=[part], networks=(NEWCO,)).market
    page = reader(browser, url, READER)
    page.goto(f"{url}/data?tab=markets&market={id}")
    settle(page)
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as caught:
        page.get_by_role("button", name="CSV", exact=True).first.click()
    assert "/media/" in caught.value.url
    assert answers(caught.value.url) == [200, 404, 404, 404]
    with page.expect_response(lambda one: "/_map/" in one.url and not one.url.endswith("deck.js")) as layer:
        page.goto(f"{url}/map")
    assert answers(layer.value.url) == [200, 404, 404, 404]
    page.context.close()


def answers(address):
    """Statuses for the reader, another one, one without a name, and one with a name that is none."""
    return [asked(address, name) for name in (READER, OTHER, "", "x")]


def asked(address, name):
    """Status with which an address is answered to whoever goes by a name."""
    request = urllib.request.Request(address, headers={"cookie": f"{owner.COOKIE}={name}"} if name else {})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
