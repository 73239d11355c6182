"""One HTML file with everything in it, opened from the disk with the network cut."""

import gzip
import json
import re
from base64 import b64decode
from html.parser import HTMLParser

import pytest

from analysis.views.report import html
from analysis.views.slide import slide_of
from data.intake.watch import Cancelled
from tests.made_pins import FILTERS, LOOKS, SOURCE, board, chart, leaders, words

MOST_BYTES = 5_000_000
DRAWN = "html[data-drawn]"


class Reader(HTMLParser):
    """Texts of a page and names of its elements."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [value for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data):
        self.texts.append(data)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_everything_of_a_view_is_in_the_page(lang):
    slides = board(lang)
    page = html(slides, LOOKS[lang], name="Board & co")
    found = Reader(page)
    text = "\n".join(found.texts)
    for slide in slides:
        one = slide.one
        wanted = (slide.title, slide.note, one.whence.source, one.whence.version, one.whence.address, one.view.caption)
        assert all(part in text for part in wanted)
        assert all(part in text for part in (*one.whence.filters, *one.whence.assumptions, one.whence.interval))
    assert LOOKS[lang].say("report.answer", time=LOOKS[lang].say("report.utc", time="2026-11-21 21:00")) in text
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en-GB"}">' in page.decode()
    assert "Board & co" in found.texts


def test_nothing_in_the_page_points_outside_it():
    found = Reader(html(board(), LOOKS["en"], name="Board"))
    assert found.links
    assert all(link.startswith("#") and link[1:] in found.ids for link in found.links)


def test_what_a_file_says_becomes_no_markup():
    page = html(
        [slide_of(words(), title="<img src=x onerror=1>", note="</script><script>x")], LOOKS["en"], name="</title>"
    )
    found = Reader(page)
    assert "img" not in found.tags
    assert found.tags.count("script") == 3
    assert "<img src=x onerror=1>" in found.texts


def test_ten_views_stay_small():
    slides = [slide_of(one) for one in [chart()] * 8 + [leaders()] * 2]
    assert len(html(slides, LOOKS["en"], name="Board")) < MOST_BYTES


def test_the_numbers_of_a_chart_are_those_of_the_view():
    page = html([slide_of(chart())], LOOKS["en"], name="Board").decode()
    packed = re.search(r'id="views">([^<]*)<', page)
    data = json.loads(gzip.decompress(b64decode(packed[1])))
    assert [trace["y"] for trace in data["figures"]["0"]["data"]] == [[21.5, 18.0], [7.25, 32.0]]


def test_the_same_slides_make_the_same_page():
    assert html(board(), LOOKS["en"], name="Board") == html(board(), LOOKS["en"], name="Board")


def test_progress_is_told_and_a_stop_is_heard():
    seen = []
    html(board(), LOOKS["en"], name="Board", told=lambda done, total: seen.append((done, total)))
    assert seen == [(n, 4) for n in range(5)]

    def stop(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        html(board(), LOOKS["en"], name="Board", told=stop)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_opens_without_a_network(browser, tmp_path, lang):
    path = tmp_path / "board.html"
    path.write_bytes(html(board(lang), LOOKS[lang], name="Board"))
    context = browser.new_context()
    context.set_offline(True)
    page = context.new_page()
    asked, wrong = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(path.as_uri())
    page.wait_for_selector(DRAWN)
    assert asked == [path.as_uri()]
    assert wrong == []
    assert page.locator("#chart-0 .barlayer .point").count() == 4
    assert page.locator("#chart-1 .choroplethlayer path").count() == len(leaders().view.table)
    page.locator("#chart-0 .barlayer .point").first.hover(force=True)
    page.wait_for_selector("#chart-0 .hoverlayer .hovertext")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "view-0"
    about = page.locator("#view-0 details").last
    about.locator("summary").focus()
    page.keyboard.press("Enter")
    assert about.get_by_text(SOURCE[lang]).is_visible()
    assert FILTERS[lang][1] in about.inner_text()
    context.close()


def test_the_page_passes_axe_in_both_themes(browser, tmp_path):
    from axe_playwright_python.sync_playwright import Axe

    path = tmp_path / "board.html"
    path.write_bytes(html(board(), LOOKS["en"], name="Board"))
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        page = context.new_page()
        page.goto(path.as_uri())
        page.wait_for_selector(DRAWN)
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
        assert [(one["id"], one["nodes"][0]["html"]) for one in found.response["violations"]] == []
        context.close()
