"""A deck says what the screen says: findings, numbers, sources and how they came about, and can be edited."""

import io
import zipfile
from dataclasses import replace

import pandas as pd
import pytest
from lxml import etree
from pptx import Presentation
from pptx.oxml.ns import qn

from analysis.views.look import Look, View
from analysis.views.pinned import Pinned, Whence, words_view
from analysis.views.report import browser, images
from analysis.views.slide import Slide, slide_of
from analysis.views.slides import deck, tables
from analysis.views.slides.text import SPOKEN
from analysis.views.theme import Theme
from data.grade import Grade
from data.intake.watch import Cancelled

WHENCE = Whence(
    page="scenario",
    source="Illustrative market: simulated",
    version="1813bbc9ccbd0123",
    filters=("Month: Aug 2026", "Area: Zhejiang"),
    scenario="Push in small cities · version 3 · ab12cd",
    model="Share model, nested logit",
    assumptions=("Price of a parcel: 0.90 CNY", "Delay of rivals: 3 months"),
    interval="95 % of 1,000 draws",
    address="/scenario?plan=1&lang=en",
    made="2026-11-21 20:11",
)
BAR = {"type": "bar", "x": ["a", "b", "c"], "y": [1.5, 2.25, -3.0], "name": "Series", "marker": {"color": "#1848d1"}}
TABLE = pd.DataFrame({"Name": ["a", "b", "c"], "Value": [1.5, 2.25, -3.0]})
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8ffff3f0005fe02fe"
    "dccc59e70000000049454e44ae426082"
)


def look(lang="en") -> Look:
    return Look(lang, Theme("light"))


def one(figure=None, table=TABLE, *, lang="en", whence=WHENCE, title="Series <b>a</b> leads: x <y> & more") -> Pinned:
    view = View(figure or {}, table, title, "Share of parcels, %", "What it shows", Grade.MODELLED)
    return Pinned(view, whence, lang, "light")


def chart(**options) -> Pinned:
    return one({"data": [BAR], "layout": {"xaxis": {}, "yaxis": {}}}, **options)


def words(lang="en", text="**Duoduo** wins.\nCainiao holds.") -> Pinned:
    return Pinned(words_view("What we take from it", text, Grade.REPORTED), Whence("", "", ""), lang, "light")


def made(*slides, lang="en", **options) -> bytes:
    found = [one if isinstance(one, Slide) else slide_of(one) for one in slides]
    return deck(found, look(lang), name="Board of August", **options)


def opened(content: bytes):
    return list(Presentation(io.BytesIO(content)).slides)


def only(*slides, **options):
    """The slide behind the cover."""
    return opened(made(*slides, **options))[1]


def texts(slide) -> list[str]:
    return [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]


def notes(slide) -> str:
    return slide.notes_slide.notes_text_frame.text


def rows(slide) -> list[list[str]]:
    found = next(shape.table for shape in slide.shapes if shape.has_table)
    return [[cell.text for cell in row.cells] for row in found.rows]


def test_the_finding_is_the_real_title():
    slide = only(chart())
    assert slide.shapes.title.text == "Series a leads: x <y> & more"
    assert slide.shapes.title.is_placeholder


def test_the_presenters_title_goes_first_and_the_finding_to_the_notes():
    slide = only(slide_of(chart(), title="My own words"))
    assert slide.shapes.title.text == "My own words"
    assert "Finding: Series a leads" in notes(slide)


def test_a_chart_is_a_chart_with_the_numbers_of_the_figure():
    slide = only(chart())
    found = next(shape.chart for shape in slide.shapes if shape.has_chart)
    assert list(found.plots[0].categories) == BAR["x"]
    assert list(found.plots[0].series[0].values) == BAR["y"]


def test_a_chart_can_be_changed():
    show = Presentation(io.BytesIO(made(chart())))
    found = next(shape.chart for shape in show.slides[1].shapes if shape.has_chart)
    book = found.part.chart_workbook.xlsx_part.blob
    assert book.startswith(b"PK")
    with zipfile.ZipFile(io.BytesIO(book)) as packed:
        assert b"2.25" in packed.read("xl/worksheets/sheet1.xml")


def test_caption_filters_source_grade_version_and_page_are_on_the_slide():
    slide = only(chart())
    said = " ".join(texts(slide))
    for part in ("Share of parcels, %", *WHENCE.filters, WHENCE.source, "Modelled", WHENCE.version[:9]):
        assert part in said
    assert slide._element.find(f".//{qn('a:fld')}").get("type") == "slidenum"


def test_the_notes_hold_all_that_is_known():
    said = notes(only(slide_of(chart(), note="Say this first.", made="2026-11-22 09:00")))
    assert said.startswith("Say this first.")
    parts = (*WHENCE.filters, *WHENCE.assumptions, WHENCE.source, WHENCE.version, WHENCE.scenario, WHENCE.model)
    for part in (*parts, WHENCE.interval, WHENCE.address, "21 Nov 2026, 20:11 UTC", "22 Nov 2026, 09:00 UTC"):
        assert part in said
    assert look().say("grade.modelled_help").rstrip(".") in said


@pytest.mark.parametrize("figure", [{"data": [BAR], "layout": {}}, {}], ids=["chart", "table"])
def test_what_is_drawn_has_words_that_stand_for_it(figure):
    frame = next(shape for shape in only(one(figure)).shapes if shape.has_chart or shape.has_table)
    assert frame._element.find(f".//{qn('p:cNvPr')}").get("descr") == "What it shows"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_run_has_its_language_and_both_fonts(lang):
    slide = only(chart(lang=lang), lang=lang)
    runs = [run for part in (slide, slide.notes_slide) for run in part._element.iter(qn("a:r"))]
    assert runs
    for run in runs:
        properties = run.find(qn("a:rPr"))
        assert properties.get("lang") == SPOKEN[lang]
        assert properties.find(qn("a:ea")).get("typeface") == "Microsoft YaHei"
        assert properties.find(qn("a:latin")).get("typeface") == "Arial"


def test_the_theme_has_an_east_asian_font_too():
    with zipfile.ZipFile(io.BytesIO(made(chart()))) as packed:
        theme = packed.read("ppt/theme/theme1.xml").decode()
    assert theme.count('<a:ea typeface="Microsoft YaHei"/>') == 2


def test_it_is_wide():
    show = Presentation(io.BytesIO(made(chart())))
    assert show.slide_width / show.slide_height == pytest.approx(16 / 9, rel=1e-3)


@pytest.mark.parametrize(("lang", "day"), [("en", "21 Nov 2026"), ("zh", "2026年11月21日")])
def test_the_cover_names_board_data_and_day(lang, day):
    cover = opened(made(chart(lang=lang), lang=lang))[0]
    said = " ".join(texts(cover))
    assert cover.shapes.title.text == "Board of August"
    assert day in said
    assert WHENCE.source in said
    assert WHENCE.version[:9] in said


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_file_says_title_and_language(lang):
    properties = Presentation(io.BytesIO(made(chart(lang=lang), lang=lang))).core_properties
    assert (properties.title, properties.language) == ("Board of August", SPOKEN[lang])
    assert properties.created.isoformat()[:16] == "2026-11-21T20:11"


def test_the_same_slides_are_the_same_bytes():
    slides = chart(), one(), words()
    assert made(*slides) == made(*slides)


def test_a_table_has_the_numbers_of_the_screen():
    assert rows(only(one())) == [["Name", "Value"], ["a", "1.50"], ["b", "2.25"], ["c", "-3.00"]]


def test_numbers_stand_at_the_right():
    table = next(shape.table for shape in only(one()).shapes if shape.has_table)
    sides = [table.cell(1, at)._tc.txBody.p_lst[0].pPr.get("algn") for at in (0, 1)]
    assert sides == ["l", "r"]


def test_a_longer_table_goes_on_and_loses_no_row():
    count = tables.ROWS * 2 + 5
    long = one(table=pd.DataFrame({"Row": [f"r{at}" for at in range(count)]}))
    slides = opened(made(long))[1:]
    assert len(slides) == 3
    assert [row[0] for slide in slides for row in rows(slide)[1:]] == [f"r{at}" for at in range(count)]
    assert any("Part 2 of 3" in text for text in texts(slides[1]))


def test_a_very_long_table_says_what_it_leaves_out():
    count = tables.ROWS * tables.CONTINUED + 1
    wide = {f"c{at}": range(count) for at in range(tables.COLUMNS + 2)}
    slides = opened(made(one(table=pd.DataFrame(wide))))[1:]
    said = " ".join(texts(slides[0]))
    assert len(slides) == 1
    assert len(rows(slides[0])) == tables.ROWS + 1
    assert look().say("deck.more_rows", n=count - tables.ROWS) in said
    assert look().say("deck.more_columns", n=2) in said


def test_words_are_large_and_bold_where_they_are():
    slide = only(words())
    frame = slide.shapes[-1].text_frame if slide.shapes[-1].has_text_frame else None
    box = next(shape for shape in slide.shapes if shape.has_text_frame and "Cainiao" in shape.text_frame.text)
    first = box.text_frame.paragraphs[0].runs
    assert frame is not None
    assert [(run.text, run.font.bold) for run in first] == [("Duoduo", True), (" wins.", None)]
    assert first[0].font.size.pt >= 28


def test_the_presenters_own_words_are_the_slide():
    slide = only(Slide(words(text=""), "Our ask", "Ten more stations.", "words", "2026-11-21 20:11"))
    assert "Ten more stations." in texts(slide)


def test_an_answer_says_so():
    slide = only(slide_of(chart(), what="answer", made="2026-11-21 20:30"))
    assert "Answer recorded 21 Nov 2026, 20:30 UTC" in texts(slide)
    assert not any("Answer recorded" in text for text in texts(only(chart())))


def test_a_slide_in_another_language_stays_in_it():
    slide = only(chart(lang="zh"), lang="en")
    assert any("数据来源" in text for text in texts(slide))


def test_what_no_chart_can_show_becomes_a_picture(monkeypatch):
    monkeypatch.setattr(images, "chart", lambda one, *, width, height: '<svg width="1" height="1"/>')
    monkeypatch.setattr(browser, "draw", lambda work: PNG)
    slide = only(one({"data": [{"type": "sankey"}], "layout": {}}))
    picture = next(shape for shape in slide.shapes if shape.shape_type == 13)
    assert picture._element.find(f".//{qn('p:cNvPr')}").get("descr") == "What it shows"
    assert look().say("deck.note_picture") in notes(slide)


def test_without_a_browser_its_numbers_follow(monkeypatch):
    def none(*_, **__):
        raise browser.NoBrowser("none")

    monkeypatch.setattr(images, "chart", none)
    slides = opened(made(one({"data": [{"type": "sankey"}], "layout": {}})))[1:]
    assert look().say("deck.no_picture") in texts(slides[0])
    assert rows(slides[1])[1] == ["a", "1.50"]


def test_progress_is_told_by_slide_and_can_stop_it():
    told = []
    made(chart(), words(), told=lambda done, total: told.append((done, total)))
    assert told == [(0, 2), (1, 2), (2, 2)]

    def stop(done: int, total: int) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        made(chart(), words(), told=stop)


def test_nothing_to_show_is_a_cover():
    assert len(opened(made())) == 1


def test_odd_letters_do_no_harm():
    odd = "a\x00b\x0b <script>&amp; \ud800 ]]> \uffff 漢字"
    view = chart()
    bent = replace(view, view=replace(view.view, title=odd, caption=odd, alt=odd), whence=replace(WHENCE, source=odd))
    slide = only(Slide(bent, odd, odd))
    assert slide.shapes.title.text.startswith("ab ")
    assert slide.shapes.title.text.endswith("漢字")


def test_the_package_is_sound():
    table = pd.DataFrame({"Row": [f"r{at}" for at in range(30)]})
    with zipfile.ZipFile(io.BytesIO(made(chart(), one(table=table), words()))) as packed:
        names = set(packed.namelist())
        assert len(names) == len(packed.namelist())
        for name in names:
            if name.endswith((".xml", ".rels")):
                etree.fromstring(packed.read(name))
        for name in names:
            if name.startswith("ppt/slides/slide"):
                ids = [e.get("id") for e in etree.fromstring(packed.read(name)).iter(qn("p:cNvPr"))]
                assert len(ids) == len(set(ids))
