"""The charts of three pages of the illustrative market, drawn as native charts in both languages."""

import pytest
from pptx.oxml.ns import qn

from analysis.views.slides.panels import number
from data.text import LANGUAGES
from tests.edited_charts import compared
from tests.quiet_rooms import caught
from tests.small_slides import drawn, series, words

ROOMS = (
    ("overview", {}, ()),
    ("share", {"view": "drivers"}, ()),
    ("subsidy", {"part": "effect"}, ()),
)
NO_CHART = ("choropleth", "scattergeo", "sankey")
SIXTEEN = 1e-14
"""A workbook keeps sixteen digits."""


@pytest.fixture(scope="module", params=LANGUAGES)
def views(request):
    """By name: the views with a figure that is no map."""
    rooms = caught(ROOMS, lang=request.param, monkeypatch=pytest.MonkeyPatch())
    found = {f"{one.room[0]}.{key}": pinned for one in rooms for key, pinned in one.views.items()}
    return {key: one for key, one in found.items() if one.kind == "chart" and not _no_chart(one.view.figure)}


def _no_chart(figure) -> bool:
    return any(trace["type"] in NO_CHART for trace in figure["data"])


def shown(figure) -> list[float]:
    """Numbers of the bars, lines and points of a figure: not of shaded bands or heat maps."""
    found = []
    for trace in figure["data"]:
        axis = "x" if trace.get("orientation") == "h" or _rows(trace) else "y"
        if trace["type"] in ("bar", "scatter") and not trace.get("fill") and not trace.get("base"):
            found += [n for value in trace.get(axis) or [] if (n := number(value)) is not None]
    return found


def _rows(trace) -> bool:
    return any(isinstance(value, str) for value in trace.get("y") or [])


def held(shapes) -> set[float]:
    """Numbers of all chart parts, along both axes."""
    parts = [shape.chart for shape in shapes if shape.has_chart]
    found = {value for part in parts for _, column in series(part) for value in column if isinstance(value, float)}
    return found | {
        float(v.text) for part in parts for xs in part._chartSpace.iter(qn("c:xVal")) for v in xs.iter(qn("c:v"))
    }


def test_each_is_native(views):
    lost = [key for key, one in views.items() if drawn(one.view.figure["data"], one.view.figure["layout"])[1] is None]
    assert views
    assert not lost


def test_the_numbers_are_those_on_screen(views):
    for key, one in views.items():
        figure = one.view.figure
        if any(trace["type"] == "heatmap" for trace in figure["data"]):
            continue
        shapes, _ = drawn(figure["data"], figure["layout"], lang=one.lang)
        assert set(shown(figure)) <= held(shapes), key


def test_no_label_of_a_page_is_left_in_tags(views):
    for key, one in views.items():
        shapes, _ = drawn(one.view.figure["data"], one.view.figure["layout"], lang=one.lang)
        texts = [t.text or "" for shape in shapes for t in shape._element.iter(qn("a:t"))]
        texts += [t.text or "" for shape in shapes if shape.has_chart for t in shape.chart._chartSpace.iter(qn("a:t"))]
        assert not [text for text in texts if "<" in text and ">" in text], key


def test_every_cell_says_what_the_chart_says_and_no_number_alone_is_fixed(views):
    for key, one in views.items():
        shapes, _ = drawn(one.view.figure["data"], one.view.figure["layout"], lang=one.lang)
        for part in (shape.chart for shape in shapes if shape.has_chart):
            assert not [cell for cell in compared(part) if not _same(*cell[1:])], key
            assert not [text for text in words(part) if text and number(text) is not None], key


def _same(cell, kept) -> bool:
    return cell == (pytest.approx(kept, rel=SIXTEEN) if isinstance(kept, float) else kept)
