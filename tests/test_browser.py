"""The app as a user meets it in Chromium: every page, both languages, both themes, nothing fetched from outside."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from data.text import say
from tests.browser import settle

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
ERROR_BOXES = "[data-testid=stException], [data-testid=stAlertContentError]"
HEADLINE = 800
"""Height of the screen on which a page must answer its question without scrolling."""


def address(page: str, lang: str = "en", **query: str) -> str:
    parts = [f"{key}={value}" for key, value in ({"lang": lang} if lang != "en" else {} | query).items()]
    return f"/{'' if page == 'overview' else page}" + (f"?{'&'.join(parts)}" if parts else "")


@pytest.mark.parametrize(("lang", "scheme"), [("en", "light"), ("zh", "dark")])
@pytest.mark.parametrize("name", PAGES)
def test_page_opens(page, name, lang, scheme):
    """As a deep link, with no error box, in the right language, with alternative text on every chart."""
    opened = page(address(name, lang), color_scheme=scheme)
    expect(opened.get_by_role("heading", level=1, name=say(f"page.{name}", lang))).to_be_visible()
    expect(opened.locator("html")).to_have_attribute("lang", "zh-CN" if lang == "zh" else "en")
    assert opened.locator(ERROR_BOXES).count() == 0
    for chart in opened.locator("[data-testid=stPlotlyChart], [data-testid=stDeckGlJsonChart]").all():
        assert chart.get_attribute("aria-label") or chart.locator("[aria-label], [role=img]").count()


@pytest.mark.parametrize("name", PAGES)
def test_headline_fits_the_first_screen(page, name):
    opened = page(address(name))
    headings = opened.get_by_role("heading", level=2)
    if headings.count():
        box = headings.first.bounding_box()
        assert box["y"] + box["height"] < HEADLINE


def test_first_address_after_a_start_may_be_a_page(page):
    opened = page("/growth?series=lockers")
    expect(opened.get_by_role("heading", level=1, name="Growth")).to_be_visible()
    expect(opened.get_by_role("radio", name="中文")).to_be_visible()


def test_language_switch_keeps_the_filters(page):
    opened = page("/?tier=Tier 4~Tier 5")
    opened.get_by_role("radio", name="中文").click()
    expect(opened.get_by_role("heading", level=1, name="总览")).to_be_visible()
    expect(opened).to_have_url(re.compile("lang=zh"))
    expect(opened).to_have_url(re.compile("tier=Tier"))
    expect(opened.get_by_text("四线").first).to_be_visible()


def test_moving_a_lever_moves_the_shares_and_the_link(page):
    opened = page("/share?view=drivers")
    expect(opened.get_by_role("heading", name=say("finding.scenario_same", "en"))).to_be_visible()
    lever = opened.locator(".st-key-s5-en-share input[type=range]")
    lever.focus()
    for _ in range(3):
        opened.keyboard.press("ArrowRight")
    expect(opened.get_by_role("heading", name=re.compile("Duoduo would hold"))).to_be_visible()
    expect(opened).to_have_url(re.compile(r"s5=0\.03"))
    again = page("/share?" + opened.url.split("?")[1])
    expect(again.get_by_role("heading", name=re.compile("Duoduo would hold"))).to_be_visible()


def test_theme_switch_recolours_the_charts(page):
    opened = page("/", color_scheme="light")
    first = opened.locator(".st-key-chart_tiers .bars path").first
    expect(first).to_have_css("fill", "rgb(24, 72, 209)")
    opened.emulate_media(color_scheme="dark")
    expect(first).to_have_css("fill", "rgb(109, 141, 247)")


def test_the_table_behind_a_chart_opens_and_downloads(page):
    opened = page("/")
    opened.locator(".st-key-open_tiers button").first.click()
    expect(opened.locator(".st-key-table_tiers")).to_be_visible()
    with opened.expect_download() as download:
        opened.locator(".st-key-csv_tiers button").click()
    text = Path(download.value.path()).read_text("utf-8-sig")
    assert text.splitlines()[0].startswith("City tier,Cainiao")
    assert len(text.splitlines()) == 7


def test_a_bad_file_is_answered_cell_by_cell(page, tmp_path):
    bad = tmp_path / "门店.csv"
    bad.write_bytes(
        "月份,城市,平台,件量\n2025-13,杭州,菜鸟驿站,1200\n2025-02,杭州,菜鸟驿站,一千\n2025-03,杭州,菜鸟驿站,900\n".encode(
            "gb18030"
        )
    )
    opened = page("/data")
    opened.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(bad)
    expect(opened.get_by_text("1 of 3 rows are good, 2 set aside")).to_be_visible()
    with opened.expect_download() as download:
        opened.locator("[class*=st-key-problems_csv] button").click()
    lines = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert any(line.startswith("2,月份,2025-13") for line in lines)
    assert any(line.startswith("3,件量,一千") for line in lines)


def test_junk_is_refused_in_a_sentence(page, tmp_path):
    junk = tmp_path / "junk.csv"
    junk.write_bytes(bytes(range(256)) * 40)
    opened = page("/data")
    opened.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(junk)
    expect(opened.get_by_text("junk.csv").last).to_be_visible()
    expect(opened.locator("[data-testid=stAlertContentError]")).to_be_visible()
    assert opened.locator("[data-testid=stException]").count() == 0


def test_uploads_are_seen_by_their_owner_alone(page, tmp_path):
    mine = tmp_path / "mine.csv"
    rows = [f"2025-0{m},杭州,{p},{m * 1000}" for m in (1, 2, 3) for p in ("菜鸟驿站", "多多驿站", "丰巢")]
    mine.write_text("\n".join(["month,city,platform,parcels", *rows]), "utf-8")
    owner = page("/data")
    owner.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(mine)
    owner.locator(".st-key-session_only button").first.click()
    expect(owner.get_by_text("Your files: mine.csv")).to_be_visible()
    other = page("/data")
    expect(other.get_by_text("Illustrative market: simulated")).to_be_visible()
    assert other.get_by_text("mine.csv").count() == 0


def test_record_is_found_by_words_and_keyboard(page):
    opened = page("/record")
    box = opened.locator(".st-key-search-en-record input")
    box.focus()
    opened.keyboard.type("Hive Box")
    opened.keyboard.press("Enter")
    expect(opened.get_by_role("heading", name=re.compile(r"^\d\d of 2544 published figures"))).to_be_visible()
    expect(opened).to_have_url(re.compile("search=Hive"))
    settle(opened)


def test_a_hostile_file_name_stays_text(page, tmp_path):
    """Markdown in a name must not become a picture: the page fixture fails on any request that leaves the machine."""
    name = "![x](http:&#47;&#47;evil.invalid&#47;x.png) **b** :red[r] $a$.csv"
    hostile = tmp_path / name
    hostile.write_text("month,city,platform,parcels\n2025-01,杭州,菜鸟驿站,5\n2025-01,杭州,丰巢,6\n", "utf-8")
    opened = page("/data")
    opened.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(hostile)
    opened.locator(".st-key-session_only button").first.click()
    expect(opened.get_by_text("Your files:")).to_be_visible()
    settle(opened)
    assert opened.locator("[data-testid=stMain] img").count() == 0
    assert "**b**" in opened.locator(".st-key-header").inner_text()
