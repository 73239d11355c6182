"""Boards in the browser: pin, order by keyboard, share with another browser, present, hand over."""

import re

import pytest
from playwright.sync_api import expect
from pptx import Presentation

from data.text import LANGUAGES, say
from tests.browser import settle


def pinned(page, *keys, path="/?lang=en", lang="en", **options):
    """The Present page of a browser that has pinned these views of a page."""
    opened = page(path, **options)
    for n, key in enumerate(keys, 1):
        opened.locator(f".st-key-pin_{key} button:visible").click()
        expect(opened.get_by_test_id("stToast").last).to_contain_text(re.compile(rf"\b{n}\b|第{n}页"))
    settle(opened)
    opened.goto(opened.url.partition("?")[0].rstrip("/") + f"/present?lang={lang}")
    settle(opened)
    return opened


def titles(opened):
    return opened.locator("[class*='st-key-slide_'] h2").all_inner_texts()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_pinned_is_on_the_board_with_its_chart(page, lang):
    opened = pinned(page, "tiers", "leaders", path=f"/?lang={lang}", lang=lang)
    assert len(titles(opened)) == 2
    expect(opened.locator("[class*='st-key-chart_'] .main-svg").first).to_be_visible()
    expect(opened.get_by_text(say("board.place", lang, n=2))).to_be_visible()
    assert re.search(r"board=[0-9a-z]{13}", opened.url)


def test_views_pinned_one_after_another_without_waiting_are_all_on_the_board(page):
    opened = page("/?lang=en")
    keys = ("figures", "tiers", "leaders")
    for key in keys:
        opened.locator(f".st-key-pin_{key} button:visible").click()
    expect(opened.get_by_test_id("stToast").filter(has_text="slide 3")).to_be_visible()
    settle(opened)
    opened.goto(opened.url.partition("?")[0].rstrip("/") + "/present?lang=en")
    settle(opened)
    assert len(titles(opened)) == len(keys)


def test_a_slide_is_moved_and_moved_back_by_keyboard(page):
    opened = pinned(page, "tiers", "leaders")
    first, second = titles(opened)
    down = opened.locator("[class*='st-key-down_'] button").first
    down.focus()
    opened.keyboard.press("Enter")
    expect(opened.locator("[class*='st-key-slide_'] h2").first).to_have_text(second)
    settle(opened)
    assert titles(opened) == [second, first]
    opened.locator(".st-key-board_undo button").focus()
    opened.keyboard.press("Space")
    expect(opened.locator("[class*='st-key-slide_'] h2").first).to_have_text(first)


def test_a_title_of_ones_own_survives_a_reload_and_a_second_window(page):
    opened = pinned(page, "tiers")
    finding = titles(opened)[0]
    field = opened.get_by_label(say("board.own_title", "en"))
    field.fill("Where we lead")
    field.press("Enter")
    expect(opened.locator("[class*='st-key-slide_'] h2").first).to_have_text("Where we lead")
    opened.reload()
    settle(opened)
    assert titles(opened) == ["Where we lead"]
    second = opened.context.new_page()
    second.goto(opened.url)
    settle(second)
    field = second.get_by_label(say("board.own_title", "en"))
    field.fill("")
    field.press("Enter")
    expect(second.locator("[class*='st-key-slide_'] h2").first).to_have_text(finding)


def test_a_board_opens_in_another_browser_once_it_is_shared(page):
    opened = pinned(page, "tiers")
    where = "/" + opened.url.split("/", 3)[3]
    other = page(where)
    expect(other.get_by_text(re.compile("it was deleted, is not shared"))).to_be_visible()
    assert titles(other) == []
    opened.locator(".st-key-board_link button").first.click()
    opened.get_by_text(say("board.shared", "en")).click()
    expect(opened.get_by_text(say("board.link_shared", "en"))).to_be_visible()
    settle(opened)
    other.reload()
    settle(other)
    assert titles(other) == titles(opened)
    expect(other.get_by_text(say("board.of_others", "en", number=2))).to_be_visible()
    expect(other.get_by_label(say("board.own_title", "en"))).to_have_count(0)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_deck_is_built_and_taken(page, tmp_path, lang):
    opened = pinned(page, "tiers", "figures")
    opened.goto(opened.url + f"&side=export&to={lang}")
    settle(opened)
    opened.locator(".st-key-export_build button").focus()
    opened.keyboard.press("Enter")
    take = opened.locator(".st-key-export_download button")
    expect(take).to_be_visible()
    with opened.expect_download() as taken:
        take.press("Enter")
    path = tmp_path / taken.value.suggested_filename
    taken.value.save_as(path)
    assert path.name == "Board.pptx"
    deck = Presentation(str(path))
    text = "".join(shape.text_frame.text for slide in deck.slides for shape in slide.shapes if shape.has_text_frame)
    assert (say("grade.modelled", lang)) in text
    assert any(shape.has_chart for slide in deck.slides for shape in slide.shapes)


def test_the_stage_opens_at_the_first_slide_and_the_desk_comes_back(page):
    opened = pinned(page, "tiers", "leaders")
    opened.locator(".st-key-board_start button").click()
    expect(opened.locator(".st-key-stage")).to_be_visible()
    expect(opened).to_have_url(re.compile("show=1"))
    expect(opened.locator(".st-key-board_bar")).to_have_count(0)
    opened.go_back()
    settle(opened)
    opened.goto(re.sub(r"&show=\d+", "", opened.url))
    settle(opened)
    expect(opened.locator(".st-key-board_bar")).to_be_visible()
