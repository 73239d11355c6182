"""The growth page in a real browser: curves first, the league that opens series, folds, and the ledger."""

import re

import pytest
from playwright.sync_api import expect

from data.text import say
from tests.browser import LOOK, settle

SLOW = 240_000
"""Milliseconds for back-tests on a busy machine."""
ERRORS = "[data-testid=stException], [data-testid=stAlertContentError]"
FOLDS = ("rates", "effects", "fits", "diagnostics")


def finding(page):
    return page.locator(".st-key-card_growth h2")


def board(page):
    """The board, once it holds the back-test."""
    return page.locator(".st-key-card_scoreboard [data-testid=stDataFrame]")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_fold_opens(page, lang):
    opened = page(f"/growth?series=national_monthly&curve=logistic&lang={lang}", wait=False)
    expect(board(opened)).to_be_visible(timeout=SLOW)
    settle(opened, timeout=SLOW)
    for name in FOLDS:
        fold = opened.locator(f".st-key-fold_{name}")
        fold.locator("summary").click()
        expect(fold.locator("[data-testid=stDataFrame]").first).to_be_visible(timeout=SLOW)
        settle(opened, timeout=SLOW)
    assert opened.locator(ERRORS).count() == 0


def test_a_calendar_effect_is_switched_off_and_the_link_keeps_it(page):
    opened = page("/growth?series=national_monthly_extended", wait=False)
    expect(board(opened)).to_be_visible(timeout=SLOW)
    settle(opened, timeout=SLOW)
    pill = opened.get_by_role("button", name=say("calendar.double_11", "en"))
    pill.click()
    expect(opened).to_have_url(re.compile("off=double_11"))
    expect(board(opened)).to_be_visible(timeout=SLOW)
    settle(opened, timeout=SLOW)
    again = page("/growth?" + opened.url.split("?")[1], wait=False)
    expect(board(again)).to_be_visible(timeout=SLOW)
    settle(again, timeout=SLOW)
    assert finding(again).inner_text() == finding(opened).inner_text()


def test_a_row_of_the_league_opens_its_series(page):
    opened = page("/growth?topic=league", wait=False)
    league = opened.locator(".st-key-growth_league [data-testid=stDataFrame]")
    expect(league).to_be_visible(timeout=SLOW)
    settle(opened, timeout=SLOW)
    box = league.bounding_box()
    opened.mouse.click(box["x"] + 18, box["y"] + 35 * 3.5)
    expect(opened).to_have_url(re.compile("series=lockers"), timeout=SLOW)
    expect(opened.get_by_role("combobox", name=say("input.series", "en"))).to_have_value(say("growth.lockers", "en"))
    expect(finding(opened)).to_be_visible(timeout=SLOW)


def test_a_forecast_is_frozen_found_on_the_ledger_and_deleted(page):
    opened = page("/growth?series=record.express_volume.industry.china.year.100-million-parcels", wait=False)
    expect(finding(opened)).to_be_visible(timeout=SLOW)
    settle(opened, timeout=SLOW)
    opened.get_by_role("button", name=say("ledger.freeze", "en")).click()
    name = opened.get_by_label(say("ledger.name", "en"))
    name.fill("Volume as told in the browser")
    name.press("Tab")
    opened.locator(".st-key-do_freeze button").click()
    frozen = say("ledger.frozen", "en", name="Volume as told in the browser")
    expect(opened.get_by_text(frozen)).to_be_visible(timeout=SLOW)
    again = page("/growth?topic=ledger")
    expect(again.locator(".st-key-card_frozen h2")).to_be_visible()
    again.get_by_role("button", name=say("ledger.remove", "en")).click()
    again.locator(".st-key-do_remove button").click()
    expect(again.get_by_text(say("ledger.none", "en"))).to_be_visible()


def test_a_rerun_leaves_the_page_where_the_reader_is(page):
    opened = page("/growth", wait=False)
    expect(board(opened)).to_be_visible(timeout=SLOW)
    settle(opened, timeout=SLOW)
    main = opened.get_by_test_id("stMain")
    main.evaluate("main => { main.scrollTop = 300 }")
    for _ in range(2):
        begun = opened.evaluate("window.__begun")
        opened.keyboard.press("r")
        opened.wait_for_function("before => window.__begun > before", arg=begun, polling=LOOK)
        settle(opened, timeout=SLOW)
        assert main.evaluate("main => main.scrollTop") == 300
