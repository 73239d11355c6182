"""What an inspector of accessibility finds on every page (WCAG 2.2 AA), and what readers' settings ask of the app."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from data.text import say
from tests.browser import settle
from tests.keyboard import step
from tests.shown import ADDRESSES

pytestmark = pytest.mark.browser
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
STREAMLITS = {
    ("svg-img-alt", "metric_chart_"): "the little line of a headline figure: its marks say nothing beside the figure",
}
"""Findings in what Streamlit draws itself, by rule and part of the element: the app cannot mend them."""
DARK = ("overview", "scenario", "data", "present")
"""Pages looked at in the dark as well; every other has the same parts, and colours have a test of their own."""
MOVING = "() => document.getAnimations().filter(one => one.playState === 'running').length"


def findings(page):
    """Violations that are the app's: rule, and the elements."""
    found = {}
    for violation in Axe().run(page, options=RULES).response["violations"]:
        nodes = [f"{node['target']} {node['html'][:160]}" for node in violation["nodes"]]
        mine = [n for n in nodes if not any(violation["id"] == rule and part in n for rule, part in STREAMLITS)]
        if mine:
            found[violation["id"]] = mine[:5]
    return found


@pytest.mark.parametrize(
    ("address", "scheme"), [*((one, "light") for one in ADDRESSES), *((one, "dark") for one in DARK)]
)
def test_a_page_is_clean(page, address, scheme):
    opened = page("/" + address.removeprefix("overview"), color_scheme=scheme, wait=False)
    settle(opened)
    assert findings(opened) == {}


def test_windows_over_the_page_are_clean(page):
    """The table behind a chart, the link of the page and the picker of an area."""
    opened = page("/")
    for key in ("open_tiers", "link_open", "area"):
        button = opened.locator(f"[class*='st-key-{key}'] button").first
        if button.count():
            button.click()
            settle(opened)
            opened.wait_for_function(f"() => !({MOVING})()")  # a window fades in, and half of it has no contrast
            assert findings(opened) == {}, key
            opened.keyboard.press("Escape")


def test_a_reader_who_wants_no_motion_gets_none(page):
    opened = page("/", wait=False)
    opened.emulate_media(reduced_motion="reduce")
    opened.goto(opened.url)
    settle(opened)
    assert opened.evaluate(MOVING) == 0
    moved = opened.evaluate(
        "() => [...document.querySelectorAll('button, a, details, [role=dialog]')].filter(e => parseFloat("
        "getComputedStyle(e).transitionDuration) > 0.001).length"
    )
    assert moved == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_keyboard_shows_where_it_is(page, scheme):
    """All the way down a page and half of it back: an edge around what has the focus, never under the header."""
    opened = page("/", color_scheme=scheme)
    for _ in range(45):
        step(opened)
    for _ in range(20):
        step(opened, "Shift+Tab")


def test_streamlits_own_words_are_chinese_on_a_chinese_page(page):
    opened = page("/?lang=zh")
    skip = opened.locator("[data-testid=stSkipToContent]")
    expect(skip).to_have_text(say("streamlit_words.menu_skip", "zh"))
    opened.locator("[data-testid=stMainMenuButton]").click()
    expect(opened.get_by_text(say("streamlit_words.menu_print", "zh"), exact=True)).to_be_visible()
    opened.keyboard.press("Escape")
    box = opened.locator("[data-testid=stMultiSelect] input").first
    box.fill("zzz")
    expect(opened.get_by_text(say("streamlit_words.choice_no_results", "zh"), exact=True)).to_be_visible()
    assert box.input_value() == "zzz"
    box.fill("")
    opened.keyboard.press("Escape")
    expect(opened.get_by_role("listbox")).to_have_count(0)
    opened.get_by_role("radio", name="English").click()
    expect(skip).to_have_text(say("streamlit_words.menu_skip", "en"))
    settle(opened)
    names = opened.evaluate("() => [...document.querySelectorAll('[aria-label]')].map(e => e.ariaLabel).join()")
    assert not re.search("[\u4e00-\u9fff]", names)


def test_words_of_the_upload_are_chinese(page):
    opened = page("/data?lang=zh")
    drop = opened.locator("[data-testid=stFileUploaderDropzone]")
    expect(drop.locator("button")).to_contain_text(say("streamlit_words.upload_button", "zh"))
    expect(drop).to_contain_text("每个文件最大")
    assert "per file" not in drop.inner_text()
