"""Shorthands for the tests of native charts: a figure drawn on a slide, saved, opened and read back."""

import io
from datetime import date, timedelta

from pptx import Presentation
from pptx.oxml.ns import qn
from pptx.util import Inches
from python_calamine import CalamineWorkbook

from analysis.views.look import Look
from analysis.views.slide import Ink
from analysis.views.slides.native import native
from analysis.views.theme import Theme

BOX = tuple(int(Inches(side)) for side in (0.5, 1.2, 12.3, 5.6))
EPOCH = date(1899, 12, 30)
BLUE = "#1848d1"


def bar(x, y, name="", **options):
    return {"type": "bar", "x": x, "y": y, "name": name, **options}


def line(x, y, name="", colour=BLUE, **options):
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "name": name, "line": {"color": colour}, **options}


def band(x, low, high):
    outline = {"x": [*x, *x[::-1]], "y": [*high, *low[::-1]]}
    return {"type": "scatter", "mode": "lines", "fill": "toself", "fillcolor": "rgba(24,72,209,0.2)", **outline}


def values(found):
    return [numbers for _, numbers in series(found)]


def drawn(data, layout=None, *, lang="en", ink=None):
    """The shapes of a slide read back from its file, and what `native` gave."""
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    figure = {"data": data, "layout": layout or {}}
    found = native(figure, slide.shapes, BOX, Look(lang, Theme("light")), ink or Ink(), alt="What it shows")
    held = io.BytesIO()
    deck.save(held)
    return list(Presentation(io.BytesIO(held.getvalue())).slides[0].shapes), found


def charts(data, layout=None, **options):
    return [shape.chart for shape in drawn(data, layout, **options)[0] if shape.has_chart]


def chart(data, layout=None, **options):
    (found,) = charts(data, layout, **options)
    return found


def kinds(found) -> list[str]:
    """Kinds of charts in a part, from below."""
    area = found._chartSpace.chart.plotArea
    return [child.tag.split("}")[1] for child in area if child.tag.endswith("Chart")]


def series(found) -> list[tuple[str, list]]:
    """Name and values of each series in the order of the workbook; blanks are None."""
    made = sorted(found._chartSpace.iter(qn("c:ser")), key=lambda one: int(one.find(qn("c:order")).get("val")))
    return [(_name(one), _values(one, "c:yVal" if one.find(qn("c:yVal")) is not None else "c:val")) for one in made]


def across(found, at: int) -> list:
    """Places of a series along the level axis: x of a scatter, or its categories."""
    one = next(s for s in found._chartSpace.iter(qn("c:ser")) if s.find(qn("c:order")).get("val") == str(at))
    return _values(one, "c:xVal" if one.find(qn("c:xVal")) is not None else "c:cat")


def _name(one) -> str:
    return "".join(value.text or "" for value in one.find(qn("c:tx")).iter(qn("c:v")))


def _values(one, tag) -> list:
    held = one.find(qn(tag))
    count = int(next(held.iter(qn("c:ptCount"))).get("val"))
    found = {int(point.get("idx")): point.find(qn("c:v")).text or "" for point in held.iter(qn("c:pt"))}
    return [_number(found.get(at)) for at in range(count)]


def _number(text):
    try:
        return None if text is None else float(text)
    except ValueError:
        return text


def days(found, at: int = 0) -> list[date]:
    return [EPOCH + timedelta(days=int(value)) for value in across(found, at)]


def sheet(found) -> list[list]:
    """Rows of the workbook inside a chart."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(found.part.chart_workbook.xlsx_part.blob))
    return book.get_sheet_by_index(0).to_python()


def words(found) -> list[str]:
    """Words at points."""
    return ["".join(t.text or "" for t in label.iter(qn("a:t"))) for label in found._chartSpace.iter(qn("c:dLbl"))]


def notes(shapes) -> list[str]:
    """Words of the groups on a slide."""
    return [
        part.text_frame.text
        for shape in shapes
        if shape.shape_type == 6
        for part in shape.shapes
        if part.has_text_frame
    ]
