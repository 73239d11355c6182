"""Pictures of views: slide size, everything in them, drawn on this machine by a browser that is found or not."""

import re
import struct
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from xml.etree import ElementTree

import pytest

from analysis.views.report import browser, images, legend, lines
from analysis.views.report.browser import NoBrowser
from analysis.views.report.frame import renamed
from tests.browser import REQUIRED
from tests.made_pins import LOOKS, chart, leaders, rows, words


@pytest.fixture(scope="module")
def drawing():
    """A browser to draw with, closed after the last test; without one the test is skipped, or fails where CI=true."""
    try:
        browser.find()
    except NoBrowser as error:
        if REQUIRED:
            raise
        pytest.skip(error.said(LOOKS["en"]))
    yield
    browser.shut()


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


def letters(svg: bytes) -> str:
    return " ".join("".join(one.itertext()) for one in ElementTree.fromstring(svg).iter() if one.tag.endswith("}text"))


@pytest.mark.parametrize("make", [chart, leaders, rows, words])
def test_a_picture_has_the_size_of_a_slide(drawing, make):
    assert size(images.png(make(), LOOKS["en"])) == (2560, 1440)


def test_a_picture_has_the_size_that_is_asked_for(drawing):
    assert size(images.png(chart(), LOOKS["en"], size=(800, 450), scale=1)) == (800, 450)
    assert size(images.png(chart(), LOOKS["en"])) == (2560, 1440)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("make", [chart, rows, words])
def test_a_drawing_says_what_it_shows_and_where_from(drawing, make, lang):
    one = make(lang=lang)
    said = letters(images.svg(one, LOOKS[lang])).replace(" ", "")
    wanted = [one.view.title, one.whence.source, LOOKS[lang].say(f"grade.{one.view.grade}"), *one.whence.filters]
    wanted += [one.whence.version[:9], *one.view.caption.splitlines()]
    for text in wanted:
        assert text.replace(" ", "") in said


def test_a_title_of_ones_own_takes_the_place_of_the_finding():
    said = letters(images.svg(words(), LOOKS["en"], title="My words & mine"))
    assert "My words & mine" in said
    assert "Ceiling" not in said


def test_a_table_says_how_many_rows_it_leaves_out():
    said = letters(images.svg(rows(count=60), LOOKS["en"]))
    shown = 4 + len(re.findall(r"City \d+", said))
    more = re.search(r"(\d+) more rows", said)
    assert 8 < shown < 30
    assert int(more[1]) + shown == 60


def test_the_same_view_gives_the_same_drawing(drawing):
    assert images.svg(chart(), LOOKS["en"]) == images.svg(chart(), LOOKS["en"])


def test_a_map_is_drawn_without_a_network(drawing):
    assert images.svg(leaders(), LOOKS["en"]).count(b"choroplethlayer") >= 1
    paths = images.svg(leaders(), LOOKS["en"]).split(b"choroplethlayer")[1]
    assert paths.count(b"<path") >= len(leaders().view.table)


def test_nothing_is_asked_of_anybody(drawing):
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}/x.png"
        one = chart(images=[{"source": url, "x": 0, "y": 1, "sizex": 1, "sizey": 1}])
        images.png(one, LOOKS["en"])
        server.shutdown()
        thread.join()
    assert asked == []


def test_several_threads_draw_at_once(drawing):
    wanted = {lang: images.svg(chart(lang), LOOKS[lang]) for lang in LOOKS}
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda lang: images.svg(chart(lang), LOOKS[lang]), ["en", "zh"] * 4))
    assert found == [wanted["en"], wanted["zh"]] * 4


def test_a_browser_that_was_closed_is_started_again(drawing):
    before = images.svg(chart(), LOOKS["en"])
    browser.shut()
    assert images.svg(chart(), LOOKS["en"]) == before


def test_a_browser_leaves_nothing_behind(drawing, monkeypatch, tmp_path):
    browser.shut()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    images.png(words(), LOOKS["en"], scale=1)
    assert any(tmp_path.iterdir())
    browser.shut()
    assert list(tmp_path.iterdir()) == []


def test_a_drawing_that_takes_too_long_is_given_up(drawing):
    with pytest.raises(NoBrowser) as late:
        browser.draw(lambda screen: screen.call("() => new Promise(() => null)"), seconds=0.5)
    assert late.value.code == "late"
    assert images.png(words(), LOOKS["en"], scale=1)


def test_what_cannot_be_drawn_is_said(drawing):
    with pytest.raises(NoBrowser) as refused:
        browser.draw(lambda screen: screen.call("() => { throw new Error('no'); }"))
    assert refused.value.code == "drawing"
    assert "no" in refused.value.said(LOOKS["zh"])


def test_a_named_browser_goes_first_and_must_be_there(monkeypatch, tmp_path):
    mine = tmp_path / "browser"
    mine.touch()
    monkeypatch.setenv(browser.OWN, str(mine))
    assert browser.find() == mine
    mine.unlink()
    with pytest.raises(NoBrowser) as missing:
        browser.find()
    assert str(mine) in missing.value.said(LOOKS["en"])


@pytest.mark.parametrize(
    ("platform", "place"),
    [
        ("darwin", "Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
        ("win32", "Microsoft/Edge/Application/msedge.exe"),
    ],
)
def test_browsers_of_other_systems_are_found(monkeypatch, tmp_path, platform, place):
    found = tmp_path / place
    found.parent.mkdir(parents=True)
    found.touch(mode=0o755)
    monkeypatch.delenv(browser.OWN, raising=False)
    monkeypatch.setattr(browser.shutil, "which", lambda name: None)
    monkeypatch.setattr(browser.sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(browser, "WINDOWS_FOLDERS", ("MADE_UP",))
    monkeypatch.setenv("MADE_UP", str(tmp_path))
    assert browser.find() == found


def test_without_a_browser_a_sentence_says_how_to_get_one(monkeypatch):
    monkeypatch.delenv(browser.OWN, raising=False)
    monkeypatch.setattr(browser.shutil, "which", lambda name: None)
    monkeypatch.setattr(browser, "LINUX", ())
    monkeypatch.setattr(browser, "MAC", ())
    monkeypatch.setattr(browser, "WINDOWS", ())
    for lang, look in LOOKS.items():
        with pytest.raises(NoBrowser) as none:
            images.svg(chart(lang), look)
        assert "Chromium" in none.value.said(look)
    assert images.svg(words(), LOOKS["en"])
    assert images.svg(rows(), LOOKS["en"])


def test_colours_are_named_where_the_view_does_not():
    assert legend.legend(chart()) == [("Cainiao", "#1848d1"), ("Duoduo", "#c3410f")]
    assert dict(legend.legend(leaders())) == {"Cainiao": "#1848d1", "Duoduo": "#c3410f"}
    assert legend.legend(chart(showlegend=True)) == []
    assert legend.legend(chart(annotations=[{"text": "● Cainiao"}])) == []
    assert legend.legend(rows()) == []


@pytest.mark.parametrize("text", ["Duoduo pays in 161 of its 336 cities", "多多驿站已进入的336个城市中，161个有补贴。"])
def test_lines_fit_their_room_and_lose_nothing(text):
    for room in (60.0, 120.0, 300.0):
        found = lines.wrapped(text, room, 12, most=99)
        assert "".join(found).replace(" ", "") == text.replace(" ", "")
        assert all(lines.width(line, 12) <= room for line in found if " " in line or ord(line[0]) > lines.EAST)
        assert not any(line[0] in lines.NO_START for line in found)
    assert lines.wrapped(text, 60.0, 12, most=2)[-1].endswith("…")


def test_names_inside_a_drawing_become_its_own():
    svg = '<g id="a" clip-path="url(#a)"/><g id="b" fill="url(\'#b\')"><use href="#a"/></g>'
    assert renamed(svg, "p") == '<g id="p0" clip-path="url(#p0)"/><g id="p1" fill="url(\'#p1\')"><use href="#p0"/></g>'
