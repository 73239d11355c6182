"""Presenting in Chromium: keys turn slides at once, nothing but the slide is in sight, and typing stays typing."""

import re

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from analysis.views import plain
from analysis.views.board import Board, Pin, to_json
from analysis.views.look import Look, View
from analysis.views.pinned import Whence
from analysis.views.pinned import pinned as drawn
from analysis.views.theme import Theme
from data.grade import Grade
from data.text import say
from data.workspace import Boards, folder
from pages.ui.board_store import packed
from tests.browser import settle
from tests.test_browser_boards import pinned, titles

pytestmark = pytest.mark.browser
SLIDES = 5
BIG = (1920, 1080)
LARGEST = 24
"""Pixels of a title at least."""


@pytest.fixture(scope="module")
def board() -> str:
    """A shared board of five charts."""
    pins, parts = [], {}
    for i in range(SLIDES):
        kept = {}
        for theme in ("light", "dark"):
            look = Look("en", Theme(theme))
            bar = {"type": "bar", "x": [1 + i, 2], "y": ["a", "b"], "marker": {"color": look.theme.colour("duoduo")}}
            view = View(
                plain.figure([bar], look), pd.DataFrame({"n": [1]}), f"Duoduo {i + 1}", "Cap", "Alt", Grade.MODELLED
            )
            kept[f"en.{theme}"] = drawn(view, Whence("overview", "Source", "v"), lang="en", theme=theme)
        digests, data = packed(kept)
        parts |= data
        pins.append(Pin(f"p{i}", "view", "overview", "k", note=f"Note {i + 1}", parts=digests, seen="en.light"))
    made = Board(tuple(pins))
    shelf = Boards(folder())
    saved = shelf.save(to_json(made), owner="someone", name="Shown", parts=parts, digests=made.digests)
    shelf.share(saved.id, owner="someone", shared=True)
    return saved.id


def at(opened: Page, number: int) -> None:
    """The slide at the eye is this one, and no other is."""
    expect(opened.locator(".st-key-stage h1").filter(visible=True)).to_have_text([f"Duoduo {number}"])


@pytest.fixture
def shown(page, board):
    """The board from its first slide."""

    def show(more: str = "", **options):
        opened = page(f"/present?board={board}&show=1{more}", viewport=BIG, **options)
        expect(opened.locator(".st-key-stage .main-svg").first).to_be_visible()
        return opened

    return show


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_slide_fills_the_screen(shown, scheme):
    opened = shown(color_scheme=scheme)
    box = opened.locator(".st-key-stage").bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, *BIG)
    expect(opened.locator("[data-testid=stHeader]")).to_be_hidden()
    chart = opened.locator(".st-key-stage_slide_0 .js-plotly-plot").bounding_box()
    assert chart["height"] > 700
    assert chart["width"] > 1700
    size = opened.locator(".st-key-stage_slide_0 h1").evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert size >= LARGEST
    foot = opened.locator(".st-key-stage_slide_0 .stage-foot")
    expect(foot).to_contain_text("Source")
    assert foot.bounding_box()["y"] + foot.bounding_box()["height"] <= BIG[1]


def test_keys_turn_slides(shown):
    opened = shown()
    for key, number in (
        ("ArrowRight", 2),
        (" ", 3),
        ("PageDown", 4),
        ("Enter", 5),
        ("ArrowRight", 5),
        ("ArrowLeft", 4),
    ):
        opened.keyboard.press(key)
        at(opened, number)
    for key, number in (("PageUp", 3), ("Home", 1), ("End", 5), ("Home", 1)):
        opened.keyboard.press(key)
        at(opened, number)
    opened.keyboard.press("End")
    expect(opened).to_have_url(re.compile("show=5"))
    settle(opened)
    opened.reload()
    settle(opened)
    at(opened, SLIDES)


def test_fast_keys_arrive(shown):
    opened = shown()
    for _ in range(4):
        opened.keyboard.press("ArrowRight")
    expect(opened.get_by_role("heading", level=1, name="Duoduo 5")).to_be_visible()
    expect(opened).to_have_url(re.compile("show=5"))


def test_a_prepared_slide_is_there_in_the_next_frames(shown):
    opened = shown()
    expect(opened.locator(".st-key-stage_slide_1 .main-svg").first).to_be_attached()
    frames = opened.evaluate(
        """async () => {
            window.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
            const slide = document.querySelector(".st-key-stage_slide_1");
            for (let n = 0; n < 100; n++) {
                if (getComputedStyle(slide).visibility === "visible" && slide.querySelector(".main-svg")) return n;
                await new Promise(requestAnimationFrame);
            }
            return null;
        }"""
    )
    assert frames is not None
    assert frames <= 2


def test_buttons_have_names_and_are_reached_by_keyboard(shown):
    opened = shown()
    opened.mouse.move(400, 400)
    for _ in range(12):
        opened.keyboard.press("Tab")
        if opened.evaluate("() => !!document.activeElement.shadowRoot?.activeElement"):
            break
    follow = opened.get_by_role("button", name=say("show.next", "en"))
    expect(follow).to_be_visible()
    follow.focus()
    opened.keyboard.press("Enter")
    at(opened, 2)
    box = follow.bounding_box()
    assert min(box["width"], box["height"]) >= 24


def test_note_and_names(shown):
    opened = shown()
    note = opened.locator(".st-key-stage_slide_0 .stage-note")
    expect(note).to_be_hidden()
    opened.keyboard.press("n")
    expect(note).to_be_visible()
    opened.keyboard.press("n")
    expect(note).to_be_hidden()
    opened.keyboard.press("b")
    expect(opened.get_by_role("heading", level=1, name=re.compile("Network [A-K] 1"))).to_be_visible()
    expect(opened.locator(".st-key-stage")).not_to_contain_text("Duoduo", use_inner_text=True)
    opened.keyboard.press("b")
    at(opened, 1)


def test_full_screen_and_out(shown):
    opened = shown()
    opened.keyboard.press("f")
    opened.wait_for_function("() => document.fullscreenElement !== null")
    opened.keyboard.press("f")
    opened.wait_for_function("() => document.fullscreenElement === null")
    opened.keyboard.press("Escape")
    expect(opened.locator(".st-key-stage")).to_have_count(0)
    expect(opened.get_by_role("heading", level=1, name=say("page.present", "en"))).to_be_visible()
    expect(opened.locator("[data-testid=stHeader]")).to_be_visible()
    expect(opened).not_to_have_url(re.compile("show="))


def test_a_swipe_turns(shown):
    opened = shown()
    opened.evaluate(
        """() => {
            const touch = x => new Touch({ identifier: 1, target: document.body, clientX: x, clientY: 300 });
            const send = (kind, x, down) => document.body.dispatchEvent(new TouchEvent(kind, { bubbles: true,
                touches: down ? [touch(x)] : [], changedTouches: [touch(x)] }));
            send("touchstart", 900, true); send("touchend", 600, false);
        }"""
    )
    at(opened, 2)


def test_an_answer_beside_a_lever_becomes_a_slide(page):
    """Pinned on the Scenario page, moved on stage, recorded with words that are no commands."""
    opened = page("/scenario", viewport=BIG)
    opened.locator(".st-key-pin_outcome").get_by_role("button").first.click()
    expect(opened.locator("[data-testid=stToast]").first).to_be_visible()
    opened.goto(opened.url.split("/scenario")[0] + "/present?show=1")
    settle(opened)
    opened.keyboard.press("l")
    slider = opened.get_by_role("slider")
    expect(slider).to_be_visible()
    slider.focus()
    opened.keyboard.press("ArrowRight")
    expect(opened.locator(".st-key-stage_live")).to_contain_text("→")
    expect(opened).to_have_url(re.compile("show=1"))
    opened.evaluate("() => document.activeElement.blur()")
    opened.keyboard.press("r")
    question = opened.get_by_role("textbox", name=say("show.question", "en"))
    expect(question).to_be_focused()
    opened.keyboard.type("Bring fun now, or later?")
    opened.keyboard.press("Tab")
    opened.keyboard.type("Later.")
    opened.get_by_role("button", name=say("show.record", "en"), exact=True).press("Enter")
    expect(opened.get_by_role("heading", level=1, name="Bring fun now, or later?")).to_be_visible()
    expect(opened).to_have_url(re.compile("show=2"))
    expect(opened.locator(".st-key-stage_slide_1 .stage-tag")).to_be_visible()


def test_what_is_written_of_an_answer_outlives_a_look_at_another_slide(page):
    opened = pinned(page, "tiers", "leaders")
    second = titles(opened)[1]
    opened.get_by_role("button", name=say("board.start", "en")).click()
    expect(opened.locator(".st-key-stage .main-svg").first).to_be_visible()
    settle(opened)
    opened.keyboard.press("r")
    question, words = (opened.get_by_role("textbox", name=say(f"show.{name}", "en")) for name in ("question", "words"))
    expect(question).to_be_focused()
    opened.keyboard.type("How much?")
    opened.keyboard.press("Tab")
    opened.keyboard.type("About half.")
    opened.keyboard.press("Escape")
    opened.keyboard.press("ArrowRight")
    expect(opened.get_by_role("heading", level=1, name=second)).to_be_visible()
    settle(opened)
    expect(question).to_have_value("How much?")
    opened.keyboard.press("Home")
    expect(opened).to_have_url(re.compile("show=1"))
    settle(opened)
    opened.keyboard.press("r")
    expect(question).to_be_hidden()
    settle(opened)
    opened.keyboard.press("r")
    expect(question).to_be_focused()
    expect(question).to_have_value("How much?")
    expect(words).to_have_value("About half.")
    opened.get_by_role("button", name=say("show.record", "en"), exact=True).click()
    expect(opened.get_by_role("heading", level=1, name="How much?")).to_be_visible()
    expect(opened).to_have_url(re.compile("show=2"))
    expect(question).to_have_count(0)
