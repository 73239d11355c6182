"""The Map page in Chromium: layers that follow the zoom, months that play, clicks that answer, nothing sent twice."""

import re
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import expect

from data.text import say
from tests.browser import settle

pytestmark = pytest.mark.browser
MAP = ".posthouse-map .map"
WIRE = 2_000_000
"""Bytes that one layer may take."""
TELLING = """() => {
    window.__told = [];
    new MutationObserver(() => window.__told.push(document.querySelector('.posthouse-map .said')?.textContent ?? ''))
        .observe(document.body, { subtree: true, childList: true, characterData: true });
}"""
"""Every change of what the map says, from now on."""
STAGES = ("regions", "4", "5", "6", "stations")


@pytest.fixture
def page(page):
    """Pages whose map jumps where it would glide: a frame takes long without a graphics card."""

    def still(path, **options):
        opened = page(path, **options)
        opened.emulate_media(reduced_motion="reduce")
        return opened

    return still


def drawn(opened, stage="regions"):
    expect(opened.locator(MAP)).to_have_attribute("data-stage", stage)
    expect(opened.locator(MAP)).to_have_attribute("data-drawn", re.compile("[1-9]"))
    expect(opened.locator(MAP)).to_have_attribute("aria-busy", "false")


def listen(opened):
    """Layers fetched from now on: path and bytes."""
    heard = []

    def note(response):
        if "/_map/" in response.url and "deck.js" not in response.url:
            heard.append((response.url.split("/_map/")[1], len(response.body())))

    opened.on("response", note)
    return heard


def zoom_in(opened, until):
    """Press + until the map is in a stage, one of the next ones."""
    for _ in range(12):
        if opened.locator(MAP).get_attribute("data-stage") == until:
            return
        opened.locator(".posthouse-map .in").click()
        opened.wait_for_timeout(400)
        expect(opened.locator(MAP)).to_have_attribute("aria-busy", "false")
    drawn(opened, until)


@pytest.mark.parametrize(("lang", "scheme", "motion"), [("en", "light", "no-preference"), ("zh", "dark", "reduce")])
def test_layers_follow_the_zoom(page, lang, scheme, motion):
    opened = page(f"/map?lang={lang}", color_scheme=scheme)
    opened.emulate_media(reduced_motion=motion)
    drawn(opened)
    heard = listen(opened)
    said = opened.locator(".posthouse-map .said")
    expect(said).to_contain_text(say("deck.stage_regions", lang))
    for stage in STAGES[1:4]:
        zoom_in(opened, stage)
        expect(said).to_contain_text(say(f"deck.stage_{stage}", lang))
    assert {name.split("/", 1)[1].rsplit("/", 2)[0] for name, _ in heard if "/hex/" in name} == {
        "hex/4",
        "hex/5",
        "hex/6",
    }
    assert max(size for _, size in heard) < WIRE


def test_a_city_opens_with_single_stations_near(page):
    opened = page("/map?city=440300")
    expect(opened.locator(MAP)).to_have_attribute("data-drawn", re.compile("[1-9]"))
    zoom_in(opened, "stations")
    fetched = "performance.getEntriesByType('resource').filter(e => /tile/.test(e.name)).map(e => e.decodedBodySize)"
    tiles = opened.evaluate(fetched)
    assert tiles
    assert 1_000 < sum(tiles) < WIRE


def test_nothing_fails_on_the_way_in_and_out_and_in_another_language(page):
    opened, wrong = page("/map?city=440300"), []
    opened.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.evaluate(TELLING)
    expect(opened.locator(MAP)).to_have_attribute("data-drawn", re.compile("[1-9]"))
    zoom_in(opened, "stations")
    opened.get_by_role("radio", name="中文").click()
    said = opened.locator(".posthouse-map .said")
    expect(said).to_contain_text(re.compile("[\u4e00-\u9fff]"))
    settle(opened)
    for stage in ("4", None):
        for _ in range(6):
            opened.locator(".posthouse-map .out").click()
        drawn(opened)
        expect(said).to_have_text(say("deck.stage_regions", "zh"))
        if stage:
            zoom_in(opened, stage)
            expect(said).to_contain_text(say(f"deck.stage_{stage}", "zh").rstrip("。"))
    assert wrong == []
    told = opened.evaluate("window.__told")
    assert len(told) >= len(STAGES)
    assert not [words for words in told if say("deck.failed", "en") in words or say("deck.failed", "zh") in words]


def test_what_is_there_is_not_fetched_again(page):
    opened = page("/map?measure=network_share")
    drawn(opened)
    zoom_in(opened, "4")
    heard = listen(opened)
    with opened.expect_response(re.compile("/_map/.*/colours$")):
        opened.get_by_role("combobox", name=re.compile("Show")).click()
        opened.get_by_role("option", name=say("measure.hhi", "en")).click()
        settle(opened)
        opened.locator(".posthouse-map .out").click()
        drawn(opened)
    assert not [name for name, _ in heard if "/hex/" in name]


def test_a_click_on_a_city_opens_its_panel(page):
    opened = page("/map")
    drawn(opened)
    box = opened.locator(f"{MAP} canvas").bounding_box()
    opened.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.6)
    opened.wait_for_url(re.compile(r"city=\d{6}"))
    settle(opened)
    code = re.search(r"city=(\d{6})", opened.url)[1]
    expect(opened.get_by_text(code).first).to_be_visible()


def test_a_drag_is_no_click(page):
    opened = page("/map")
    drawn(opened)
    box = opened.locator(f"{MAP} canvas").bounding_box()
    x, y = box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.6
    opened.mouse.move(x, y)
    opened.mouse.down()
    opened.mouse.move(x + 60, y + 20, steps=4)
    opened.mouse.up()
    opened.wait_for_timeout(1_500)
    assert "city=" not in opened.url


def test_months_play_and_the_slider_sets_the_page(page):
    opened = page("/map?month=2026-05")
    drawn(opened)
    now = opened.locator(".posthouse-map .now")
    expect(now).to_have_text("May 2026")
    opened.get_by_role("button", name=say("deck.play", "en")).click()
    expect(now).to_have_text("Aug 2026")
    expect(opened.get_by_role("button", name=say("deck.play", "en"))).to_be_visible()
    assert "month=2026-05" in opened.url
    slider = opened.get_by_role("slider", name=say("deck.month", "en"))
    slider.focus()
    opened.keyboard.press("ArrowLeft")
    opened.wait_for_url(re.compile("month=2026-07"))
    settle(opened)
    expect(opened.locator(".st-key-card_zoom")).to_contain_text("Jul 2026")


def test_every_station_is_one_fetch_of_at_most_ten_megabytes(page):
    opened = page("/map")
    drawn(opened)
    heard = listen(opened)
    opened.get_by_role("button", name=say("deck.all", "en")).click()
    expect(opened.locator(MAP)).to_have_attribute("data-every-ms", re.compile(r"\d+"))
    for _ in range(100):  # what came may be told after what was drawn of it
        if any("/every/" in name for name, _ in heard):
            break
        opened.wait_for_timeout(100)
    (size,) = [size for name, size in heard if "/every/" in name]
    assert 5_000_000 < size < 10_000_000


def test_a_layer_is_for_its_reader_alone(page):
    opened = page("/map")
    drawn(opened)
    paths = opened.evaluate("performance.getEntriesByType('resource').map(e => e.name).filter(n => /colours$/.test(n))")
    assert opened.request.get(paths[0]).status == 200
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(paths[0], timeout=60)


def test_the_map_is_reached_by_keyboard(page):
    opened = page("/map")
    drawn(opened)
    opened.get_by_role("button", name=say("deck.in", "en")).focus()
    for _ in range(6):
        if opened.locator(MAP).get_attribute("data-stage") == "4":
            break
        opened.keyboard.press("Enter")
        opened.wait_for_timeout(400)
        expect(opened.locator(MAP)).to_have_attribute("aria-busy", "false")
    drawn(opened, "4")
    opened.get_by_role("button", name=say("deck.home", "en")).focus()
    opened.keyboard.press("Enter")
    drawn(opened)


def test_it_fits_a_phone(page):
    opened = page("/map", viewport=(390, 800))
    drawn(opened)
    box = opened.locator(MAP).bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert opened.evaluate("document.documentElement.scrollWidth <= 390")


def test_every_station_goes_away_again(page):
    opened = page("/map?city=540100")
    expect(opened.locator(MAP)).to_have_attribute("data-drawn", re.compile("[1-9]"))
    button = opened.get_by_role("button", name=say("deck.all", "en"))
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(opened.locator(MAP)).to_have_attribute("data-stage", "every")
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(opened.locator(MAP)).not_to_have_attribute("data-stage", "every")
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(opened.locator(".posthouse-map .said")).not_to_contain_text(re.compile(r"7\d\d,\d\d\d"))


def test_late_answers_do_not_win(page):
    opened = page("/map?measure=network_share")
    drawn(opened)
    zoom_in(opened, "4")
    held = []
    opened.route(re.compile(r"/hex/4/90/"), lambda route: held.append(route))
    slider = opened.get_by_role("slider", name=say("deck.month", "en"))
    slider.evaluate("e => { e.value = 90; e.dispatchEvent(new Event('input')); }")
    slider.evaluate("e => { e.value = 80; e.dispatchEvent(new Event('input')); }")
    expect(opened.locator(MAP)).to_have_attribute("data-shown", "hex/4/80/2")
    held[0].continue_()
    opened.wait_for_timeout(1_500)
    assert opened.locator(MAP).get_attribute("data-shown") == "hex/4/80/2"


def test_a_library_that_failed_once_is_asked_for_again(page):
    opened = page("/map?room=rural", wait=True)
    opened.route("**/_map/deck.js", lambda route: route.abort())
    opened.get_by_role("radio", name=say("room.explore", "en")).click()
    expect(opened.locator(".posthouse-map .said")).to_contain_text("deck.js")
    opened.unroute("**/_map/deck.js")
    opened.get_by_role("radio", name=say("room.rural", "en")).click()
    settle(opened)
    opened.get_by_role("radio", name=say("room.explore", "en")).click()
    drawn(opened)
