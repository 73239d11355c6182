"""A link in Chromium: made in one browser, opened in another as the first address after the server has started anew."""

import re

import pytest
from playwright.sync_api import expect

from data.text import LANGUAGES, say
from tests.browser import serving, settle

pytestmark = pytest.mark.browser


def opened(browser, address, **options):
    page = browser.new_context(**options).new_page()
    page.goto(address)
    settle(page)
    return page


def made(page, lang):
    """Address of the short link, as the window behind the button shows it."""
    page.locator("[class*=st-key-link-box]").get_by_role("button").first.click()
    page.get_by_role("button", name=say("link.make", lang)).click()
    codes = page.locator("[data-testid=stCode]")
    expect(codes).to_have_count(2)
    return codes.last.inner_text().strip()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_short_link_opens_in_another_browser_after_a_restart(browser, tmp_path, lang):
    other = next(one for one in LANGUAGES if one != lang)
    with serving(tmp_path) as url:
        maker = opened(browser, f"{url}/record?search=locker&lang={lang}")
        path = made(maker, lang).removeprefix(url)
        maker.context.close()
    assert re.fullmatch("/record[?]link=[2-9a-z]{8}", path)
    with serving(tmp_path) as url:
        reader = opened(browser, url + path, locale="zh-CN", color_scheme="dark")
        expect(reader.get_by_role("heading", level=1, name=say("page.record", lang))).to_be_visible()
        expect(reader.get_by_label(say("input.search", lang))).to_have_value("locker")
        expect(reader).to_have_url(re.compile("search=locker"))
        translated = opened(browser, f"{url}{path}&lang={other}")
        expect(translated.get_by_role("heading", level=1, name=say("page.record", other))).to_be_visible()
        expect(translated.get_by_label(say("input.search", other))).to_have_value("locker")
        for page in (reader, translated):
            page.context.close()


def test_the_first_page_has_a_link_of_its_own(page):
    first = page("/?tier=Tier 3")
    path = re.search("(/[^/]*)$", made(first, "en"))[1]
    assert re.fullmatch("/[?]link=[2-9a-z]{8}", path)
    again = page(path)
    expect(again.get_by_role("heading", level=1, name=say("page.overview", "en"))).to_be_visible()
    expect(again.get_by_text(say("tier.Tier 3", "en")).first).to_be_visible()
    expect(again).to_have_url(re.compile(r"tier=Tier(\+|%20)3"))
    assert again.locator("[role=dialog]").count() == 0
