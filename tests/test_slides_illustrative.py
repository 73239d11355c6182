"""The illustrative market as a deck in both languages: what the pages show is what the slides hold, as native parts."""

import io

import pytest
from pptx import Presentation
from pptx.oxml.ns import qn

from analysis.views.look import Look
from analysis.views.report import cells
from analysis.views.slide import slide_of
from analysis.views.slides import deck, tables
from analysis.views.slides.text import unmarked
from analysis.views.theme import Theme
from data.text import LANGUAGES
from tests.quiet_rooms import caught

ROOMS = (
    ("overview", {}, ()),
    ("share", {}, ()),
    ("subsidy", {}, ()),
    ("scenario", {"shows": "map"}, ()),
    ("growth", {}, ()),
    ("map", {"room": "nation", "nat_form": "provinces", "measure": "growth"}, ()),
)
PICTURE = 13
EXACT = "tiers", "lines", "sources", "subsidy_bill"
"""Views whose bars and lines are drawn as they are, without bands or bases made for the eye."""


@pytest.fixture(scope="module")
def decks():
    """By language: the views in their order, and the slides behind the cover."""
    found = {}
    for lang in LANGUAGES:
        rooms = caught(ROOMS, lang=lang, monkeypatch=pytest.MonkeyPatch())
        views = {f"{one.room[0]}.{key}": view for one in rooms for key, view in one.views.items()}
        short = {
            key: view for key, view in views.items() if len(view.view.table) <= tables.ROWS or view.kind != "table"
        }
        content = deck([slide_of(view) for view in short.values()], Look(lang, Theme("light")), name="Board")
        slides = list(Presentation(io.BytesIO(content)).slides)[1:]
        found[lang] = dict(zip(short, zip(short.values(), slides, strict=True), strict=True))
    return found


@pytest.fixture(params=LANGUAGES)
def pairs(request, decks):
    return decks[request.param]


def charts(slide):
    return [shape.chart for shape in slide.shapes if shape.has_chart]


def numbers(slide) -> list[float]:
    """Values of all series of the chart parts of a slide."""
    found = [
        point.text
        for one in charts(slide)
        for values in one._chartSpace.iter(qn("c:val"))
        for point in values.iter(qn("c:v"))
    ]
    return sorted(round(float(text), 6) for text in found)


def shown(figure) -> list[float]:
    """Values of all bars and lines of a figure."""
    lying = [trace.get("orientation") == "h" for trace in figure["data"]]
    values = [value for trace, h in zip(figure["data"], lying, strict=True) for value in trace["x" if h else "y"]]
    return sorted(round(float(value), 6) for value in values if value is not None)


def test_ten_slides_and_more_come_without_a_browser(pairs):
    assert len(pairs) >= 10
    for name, (_, slide) in pairs.items():
        assert not any(shape.shape_type == PICTURE for shape in slide.shapes), name
        assert len(slide.shapes) > 3, name


def test_every_title_is_the_finding(pairs):
    for one, slide in pairs.values():
        assert slide.shapes.title.text == unmarked(one.view.title)


def test_bars_and_lines_have_the_numbers_of_the_screen(pairs):
    checked = [name for name in pairs if name.partition(".")[2] in EXACT]
    assert len(checked) == len(EXACT)
    for name in checked:
        one, slide = pairs[name]
        assert numbers(slide) == pytest.approx(shown(one.view.figure)), name


def test_tables_have_the_numbers_of_the_screen(pairs):
    found = [(one, slide) for one, slide in pairs.values() if one.kind == "table"]
    assert found
    for one, slide in found:
        table = next(shape.table for shape in slide.shapes if shape.has_table)
        written = [[cell.text for cell in row.cells] for row in table.rows]
        width = min(one.view.table.shape[1], tables.COLUMNS)
        words = cells.written(one.view.table.iloc[:, :width], Look(one.lang, Theme("light")))
        assert written[0] == [unmarked(str(name)) for name in one.view.table.columns[:width]]
        assert written[1:] == [[unmarked(text) for text in row] for row in words]


def test_maps_are_shapes(pairs):
    maps = [name for name, (one, _) in pairs.items() if one.kind == "map" or "nat_provinces" in name]
    assert len(maps) >= 3
    for name in maps:
        groups = [shape for shape in pairs[name][1].shapes if shape.shape_type == 6]
        assert max(len(group.shapes) for group in groups) > 30, name


def test_the_languages_have_the_same_numbers(decks):
    assert decks["en"].keys() == decks["zh"].keys()
    for name, (_, slide) in decks["en"].items():
        assert numbers(slide) == numbers(decks["zh"][name][1]), name


def test_captions_and_notes_name_the_month_and_the_data(pairs):
    for name, (one, slide) in pairs.items():
        said = slide.notes_slide.notes_text_frame.text
        assert one.whence.version in said, name
        assert one.whence.address in said, name
        for chosen in one.whence.filters:
            assert chosen in said, name
