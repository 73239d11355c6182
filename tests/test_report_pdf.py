"""The PDF: one page a view, lines and letters, its Chinese as a reader would type it."""

import unicodedata
import zlib
from io import BytesIO

import pytest
from pypdf import PdfReader

from analysis.views.report import NoBrowser, browser, pdf
from analysis.views.report.letters import RADICALS, mended, plain
from data.intake.watch import Cancelled
from tests.browser import REQUIRED
from tests.made_pins import LOOKS, TITLE, board

MAP = "begincmap\n1 beginbfchar\n<01> <2F49>\nendbfchar\n1 beginbfrange\n<02> <04> <2F3A>\nendbfrange\nendcmap\n"


@pytest.fixture(scope="module")
def made():
    """The board as a PDF in each language; without a browser the test is skipped, or fails where CI=true."""
    try:
        browser.find()
    except NoBrowser as error:
        if REQUIRED:
            raise
        pytest.skip(error.said(LOOKS["en"]))
    yield {
        lang: PdfReader(BytesIO(pdf(board(lang), look, name=f"Board {lang}")), strict=True)
        for lang, look in LOOKS.items()
    }
    browser.shut()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_one_page_a_view_of_sixteen_to_nine(made, lang):
    pages = made[lang].pages
    assert len(pages) == len(board(lang))
    for page in pages:
        assert float(page.mediabox.width) / float(page.mediabox.height) == pytest.approx(16 / 9, abs=1e-3)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_letters_can_be_searched(made, lang):
    for page, slide in zip(made[lang].pages, board(lang), strict=True):
        text = page.extract_text().replace(" ", "").replace("\n", "")
        assert slide.title.replace(" ", "") in text
        assert slide.one.whence.source.replace(" ", "") in text
        assert slide.note.replace(" ", "") in text
        assert not any(0x2E80 <= ord(letter) <= 0x2FDF for letter in text)
    assert TITLE[lang].replace(" ", "") in made[lang].pages[0].extract_text().replace(" ", "").replace("\n", "")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_bookmarks_title_and_language(made, lang):
    assert [mark.title for mark in made[lang].outline] == [slide.title for slide in board(lang)]
    assert made[lang].metadata.title == f"Board {lang}"
    assert made[lang].trailer["/Root"]["/Lang"] == {"en": "en-GB", "zh": "zh-CN"}[lang]


def test_charts_are_lines_and_not_pictures(made):
    for page in made["en"].pages:
        assert not page.images


def test_a_stop_is_heard():
    def told(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        pdf(board(), LOOKS["en"], name="Board", told=told)


def test_radicals_become_the_letters_that_are_meant():
    assert plain("⽉") == "月"
    assert plain("⻦") == "鸟"
    assert plain("月") == "月"
    assert plain("A") == "A"
    assert all(not 0x2E80 <= ord(letter) <= 0x2FDF for letter in RADICALS.values())
    assert all(unicodedata.name(radical).startswith("CJK RADICAL") for radical in RADICALS)


def small_pdf() -> bytes:
    packed = zlib.compress(MAP.encode())
    body = b"%PDF-1.4\n"
    places = [len(body)]
    body += b"1 0 obj\n<</Filter /FlateDecode\n/Length " + str(len(packed)).encode() + b">> stream\n"
    body += packed + b"\nendstream\nendobj\n"
    places.append(len(body))
    body += b"2 0 obj\n<</Type /Catalog /Pages 3 0 R /Map 1 0 R>>\nendobj\n"
    places.append(len(body))
    body += b"3 0 obj\n<</Type /Pages /Kids [] /Count 0>>\nendobj\n"
    start = len(body)
    rows = b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    body += b"xref\n0 4\n0000000000 65535 f \n" + rows
    return body + b"trailer\n<</Size 4\n/Root 2 0 R>>\nstartxref\n" + str(start).encode() + b"\n%%EOF\n"


def test_a_table_of_letters_is_mended_and_the_rest_stays():
    before = small_pdf()
    after = mended(before)
    assert after.startswith(before)
    table = PdfReader(BytesIO(after), strict=True).trailer["/Root"]["/Map"].get_data().decode()
    assert "<01> <6708>" in table
    assert "<02> <02> <5F61>" in table
    assert "<04> <04> <5FC3>" in table
    assert mended(after.replace(b"trailer", b"trailed")) == after.replace(b"trailer", b"trailed")
    assert mended(b"no PDF") == b"no PDF"
