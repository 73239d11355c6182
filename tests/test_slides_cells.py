"""Cells of a native table keep the weight, lines and colours that they have on screen."""

from dataclasses import replace

from pptx import Presentation
from pptx.util import Inches, Pt

from analysis.views.look import Look
from analysis.views.slide import Ink, slide_of
from analysis.views.slides import speaker, tables
from analysis.views.slides.fits import fit
from analysis.views.theme import Theme
from tests.made_pins import chart

LOOK = Look("en", Theme("light"))
BOX = (0, 0, Inches(10), Inches(4))


def drawn(header, *rows):
    show = Presentation()
    page = show.slides.add_slide(show.slide_layouts[6])
    cells = tables.Cells(header, rows, (False, True))
    return tables.table(page.shapes, BOX, cells, LOOK, Ink(), alt="a").table


def runs(cell):
    return [[(run.text, run.font.bold) for run in line.runs] for line in cell.text_frame.paragraphs]


def test_bold_words_and_lines_stay():
    found = drawn(("Tier", "Share"), ("Tier 1", "<b>8.5</b><br>3/15"), ("Tier 2", "21.8<b> of</b> 100"))
    assert [[text for text, _ in line] for line in runs(found.cell(1, 1))] == [["8.5"], ["3/15"]]
    assert runs(found.cell(1, 1))[0][0][1] is True
    assert not runs(found.cell(1, 1))[1][0][1]
    assert [bool(bold) for _, bold in runs(found.cell(2, 1))[0]] == [False, True, False]


def test_coloured_dots_of_a_header_stay_on_its_line():
    found = drawn(("", '<span style="color:#1848d1">●</span> Cainiao<br>Post'), ("a", "1"))
    line = found.cell(0, 1).text_frame.paragraphs
    assert len(line) == 1
    assert [run.text for run in line[0].runs] == ["●", " Cainiao", " ", "Post"]
    assert str(line[0].runs[0].font.color.rgb) == "1848D1"


def test_signs_that_are_no_dress_are_words():
    found = drawn(("", "x"), ("a <5 and b> 3", "R&amp;D"))
    assert found.cell(1, 0).text_frame.text == "a <5 and b> 3"
    assert found.cell(1, 1).text_frame.text == "R&amp;D"


def test_lines_of_a_cell_have_room():
    one = fit(["h"], [["8.5"]], [True], (200, 400), pad=8, even=False)
    two = fit(["h"], [["8.5\n3/15"]], [True], (200, 400), pad=8, even=False)
    assert one.size == two.size
    assert two.rows[1] >= 2 * two.size * 1.2
    found = drawn(("a", "b"), ("c", "1<br>2<br>3"))
    assert found.rows[1].height > Pt(3 * 11)


def test_the_foot_says_what_the_interval_is():
    one = replace(chart(), whence=replace(chart().whence, interval="95 % of 1,000 draws"))
    said = speaker.below(slide_of(one), LOOK)
    assert "95 % of 1,000 draws" in said
    assert one.whence.source in said
