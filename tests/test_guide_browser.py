"""The guide as its reader meets it: opened from the header by keyboard, in both languages and themes, and clean."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from data.text import LANGUAGES, say
from tests.browser import leaves, settle
from tests.test_browser_access import RULES

pytestmark = pytest.mark.browser
FITS = "() => document.documentElement.scrollWidth <= innerWidth"
WIDTHS = (1280, 375)
ONE_ROW = 60
"""Pixels that the controls of a header take which does not wrap."""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_guide_opens_beside_the_app(page, url, lang):
    opened = page(f"/record?lang={lang}", wait=False)
    settle(opened)
    outside = []
    opened.context.on("request", lambda one: outside.append(one.url) if leaves(one, url) else None)
    link = opened.locator(".st-key-guide a:visible")
    expect(link).to_have_attribute("target", "_blank")
    with opened.context.expect_page() as beside:
        link.focus()
        opened.keyboard.press("Enter")
    chapter = beside.value
    expect(chapter.locator("h1")).to_have_text(say("page.record", lang))
    chapter.locator("nav.contents > ul a[href^='scenario']").click()
    expect(chapter.locator("h1")).to_have_text(say("page.scenario", lang))
    assert outside == []
    assert chapter.evaluate(FITS)


@pytest.mark.parametrize(
    ("path", "scheme"), [("en/methods", "light"), ("zh/share", "dark"), ("en/search?q=share", "light")]
)
def test_a_chapter_is_clean(page, path, scheme):
    opened = page(f"/guide/{path}", color_scheme=scheme, wait=False)
    expect(opened.locator("h1")).to_be_visible()
    violations = Axe().run(opened, options=RULES).response["violations"]
    assert {one["id"]: [node["html"][:160] for node in one["nodes"][:3]] for one in violations} == {}


def test_a_view_leads_to_its_place_and_the_header_has_room(page):
    opened = page("/", wait=False)
    settle(opened)
    parts = opened.locator(".st-key-header .stLinkButton, .st-key-header .stPopover, .st-key-language").all()
    boxes = [box for box in (one.bounding_box() for one in parts) if box]
    assert max(box["y"] + box["height"] for box in boxes) - min(box["y"] for box in boxes) < ONE_ROW
    for width in WIDTHS:
        opened.set_viewport_size({"width": width, "height": 800})
        assert opened.evaluate(FITS), width
    with opened.context.expect_page() as beside:
        opened.locator(".st-key-caption_tiers a").first.click()
    assert beside.value.url.endswith("/guide/en/overview?theme=light#tiers")
    expect(beside.value.locator("#tiers")).to_be_in_viewport()
