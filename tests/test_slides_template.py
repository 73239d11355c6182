"""A reader's template is used as it is, or refused with a reason."""

import io
import re
import zipfile
from dataclasses import replace

import pytest
from pptx import Presentation
from pptx.util import Inches, Pt

from analysis.views.look import Look
from analysis.views.pinned import Pinned, Whence, words_view
from analysis.views.slide import Ink, Slide
from analysis.views.slides import TemplateError, deck
from analysis.views.slides.template import LARGEST, MOST_PARTS, UNPACKED, ground
from analysis.views.slides.themes import inked
from analysis.views.theme import Theme
from data.grade import Grade
from data.text import LANGUAGES, has

LOOK = Look("en", Theme("light"))
WORDS = Pinned(words_view("A finding", "What is said of it", Grade.REPORTED), Whence("", "", ""), "en", "light")
SLIDE = Slide(WORDS, "A finding", made="2026-11-21 20:00")


def saved(show) -> bytes:
    out = io.BytesIO()
    show.save(out)
    return out.getvalue()


def template(slides: int = 0) -> bytes:
    show = Presentation()
    for _ in range(slides):
        show.slides.add_slide(show.slide_layouts[1]).shapes.title.text = "to be left out"
    return saved(show)


def altered(content: bytes, *, add: dict[str, bytes] | None = None, change=None) -> bytes:
    """The same package with parts added, or with each part put through `change(name, bytes)`."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            part = old.read(entry)
            new.writestr(entry.filename, change(entry.filename, part) if change else part)
        for name, part in (add or {}).items():
            new.writestr(name, part)
    return out.getvalue()


def opened(content: bytes):
    return Presentation(io.BytesIO(content))


def refused(content: bytes) -> str:
    with pytest.raises(TemplateError) as error:
        ground(content)
    for lang in LANGUAGES:
        said = Look(lang, Theme("light")).say(f"deck.template_{error.value.code}", **error.value.values)
        assert "{" not in said
    return error.value.code


def test_its_slides_are_left_out_and_nothing_of_them_stays():
    show = opened(deck([SLIDE], LOOK, name="Board", template=template(slides=3)))
    assert [slide.shapes.title.text for slide in show.slides] == ["Board", "A finding"]
    with zipfile.ZipFile(io.BytesIO(saved(show))) as packed:
        assert sum(bool(re.fullmatch(r"ppt/slides/slide\d+\.xml", name)) for name in packed.namelist()) == 2


def test_its_size_scales_the_boxes():
    small = opened(deck([SLIDE], LOOK, name="Board", template=template()))
    assert (small.slide_width, small.slide_height) == (Inches(10), Inches(7.5))
    for slide in small.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= small.slide_width
            assert shape.top + shape.height <= small.slide_height


def test_its_fonts_and_sizes_are_left_to_it():
    content = deck([SLIDE], LOOK, name="Board", template=template())
    title = opened(content).slides[1].shapes.title
    assert title.text_frame.paragraphs[0].runs[0].font.size is None
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert b"typeface=" not in packed.read("ppt/slides/slide2.xml")


def test_a_long_title_shrinks_only_then():
    long = Slide(WORDS, "Every word of this finding counts, and there are many of them, " * 4, made=SLIDE.made)
    title = opened(deck([long], LOOK, name="Board", template=template())).slides[1].shapes.title
    assert title.text_frame.paragraphs[0].runs[0].font.size < Pt(44)


def test_the_words_take_the_colours_of_its_theme():
    dark = altered(
        template(), change=lambda name, part: part.replace(b'bg1="lt1" tx1="dk1"', b'bg1="dk1" tx1="lt1"', 1)
    )
    assert ground(template()).ink.text == "000000"
    assert ground(dark).ink.text == "FFFFFF"
    assert ground(dark).ink.muted not in ("FFFFFF", "000000")


def test_the_words_of_a_figure_take_them_too():
    ink = replace(Ink(), text="FFFFFF", muted="AAAAAA")
    figure = {"data": [{"marker": {"color": ["#0b1220", "#1848d1"]}, "y": [1.0, 2.0]}], "layout": {"a": "#5f6775"}}
    figure["layout"]["shapes"] = [{"fillcolor": "rgba(11,18,32,0.5)"}]
    found = inked(figure, ink)
    assert found["data"] == [{"marker": {"color": ["#ffffff", "#1848d1"]}, "y": [1.0, 2.0]}]
    assert found["layout"] == {"a": "#aaaaaa", "shapes": [{"fillcolor": "rgba(255,255,255,0.5)"}]}


def test_a_potx_is_a_template_too():
    def change(name: str, part: bytes) -> bytes:
        return part.replace(b"presentationml.presentation.main", b"presentationml.template.main")

    assert len(opened(deck([SLIDE], LOOK, name="Board", template=altered(template(), change=change))).slides) == 2


def test_the_layout_with_a_title_and_most_room_is_taken():
    assert ground(template()).page.name == "Title Only"
    show = Presentation()
    show.slide_layouts.remove(next(one for one in show.slide_layouts if one.name == "Title Only"))
    assert ground(saved(show)).page.name not in ("Blank", "Title Slide")


def test_without_a_title_there_is_no_deck():
    show = Presentation()
    for layout in list(show.slide_layouts):
        if layout.name != "Blank":
            show.slide_layouts.remove(layout)
    assert refused(saved(show)) == "no_layout"


def test_what_refers_to_its_slides_goes_with_them():
    section = b'<p:extLst><p:ext uri="{521415D9-36F7-43E2-AB2F-B90AF26B5E84}"/></p:extLst></p:presentation>'

    def change(name: str, part: bytes) -> bytes:
        part = (
            part.replace(b"<p:extLst>", b"<!--").replace(b"</p:extLst>", b"-->") if "presentation.xml" in name else part
        )
        return part.replace(b"</p:presentation>", section) if name == "ppt/presentation.xml" else part

    with zipfile.ZipFile(
        io.BytesIO(deck([SLIDE], LOOK, name="B", template=altered(template(1), change=change)))
    ) as out:
        assert b"521415D9" not in out.read("ppt/presentation.xml")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "no_presentation"),
        (b"not a file of any kind", "no_presentation"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "protected"),
        (b"\0" * (LARGEST + 1), "too_large"),
    ],
    ids=["nothing", "text", "password", "huge"],
)
def test_what_is_no_template_is_refused(content, code):
    assert refused(content) == code


def test_another_office_file_is_refused():
    assert refused(altered(b"PK\5\6" + b"\0" * 18, add={"word/document.xml": b"<a/>"})) == "no_presentation"


def test_a_bomb_is_not_unpacked():
    out = io.BytesIO(template())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as packed, packed.open("ppt/media/big.bin", "w") as part:
        for _ in range(UNPACKED // 10_000_000 + 1):
            part.write(b"\0" * 10_000_000)
    assert refused(out.getvalue()) == "bomb"
    assert refused(altered(template(), add={f"ppt/media/{n}.bin": b"" for n in range(MOST_PARTS)})) == "bomb"


@pytest.mark.parametrize("name", ["ppt/vbaProject.bin", "ppt/activeX/activeX1.bin"])
def test_macros_are_refused(name):
    assert refused(altered(template(), add={name: b"x"})) == "macros"


def test_macros_are_refused_by_their_type_alone():
    def change(name: str, part: bytes) -> bytes:
        return part.replace(
            b"presentationml.presentation.main+xml", b"ms-powerpoint.presentation.macroEnabled.main+xml"
        )

    assert refused(altered(template(), change=change)) == "macros"


def test_nothing_is_loaded_from_elsewhere():
    def reaching(kind: bytes):
        link = (
            b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
            + kind
            + b'" Target="http://example.invalid/x.png" TargetMode="External"/></Relationships>'
        )
        wanted = "ppt/slideMasters/_rels/slideMaster1.xml.rels"
        return lambda name, part: part.replace(b"</Relationships>", link) if name == wanted else part

    assert refused(altered(template(), change=reaching(b"image"))) == "reaches_out"
    assert ground(altered(template(), change=reaching(b"hyperlink"))).page.name == "Title Only"


def test_entities_are_not_opened():
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'

    def change(name: str, part: bytes) -> bytes:
        return bomb + part.partition(b"?>")[2] if name == "ppt/presentation.xml" else part

    assert refused(altered(template(), change=change)) == "damaged"


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9, 0.999])
def test_half_a_file_is_refused(part):
    whole = template()
    assert refused(whole[: int(len(whole) * part)]) in ("no_presentation", "damaged")


@pytest.mark.parametrize("name", ["ppt/presentation.xml", "ppt/slideMasters/slideMaster1.xml", "ppt/theme/theme1.xml"])
@pytest.mark.parametrize("content", [b"", b"<a/>", b"<broken"])
def test_a_part_that_makes_no_sense_is_refused(name, content):
    broken = altered(template(), change=lambda part, old: content if part == name else old)
    assert refused(broken) in ("no_presentation", "damaged", "no_layout")


@pytest.mark.parametrize(
    "code", ["damaged", "too_large", "protected", "no_presentation", "bomb", "macros", "reaches_out", "no_layout"]
)
def test_every_refusal_has_its_sentence(code):
    assert has(f"deck.template_{code}")
