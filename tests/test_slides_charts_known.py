"""A native chart shows what the screen shows, or is none: settings that it cannot follow, outlines, hatches, names."""

import pytest
from pptx import Presentation
from pptx.oxml.ns import qn

from analysis.views.look import Look
from analysis.views.slide import Ink
from analysis.views.slides import keys
from analysis.views.slides.text import Hand
from analysis.views.theme import Theme
from tests.small_slides import BOX, bar, chart, drawn, line, series, values

MONTHS = ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"]
BLUE, RED = "#1848d1", "#c3410f"
HOURS = ["2024-01-01T08:00:00", "2024-01-01T09:00:00"]


@pytest.mark.parametrize(
    ("data", "layout"),
    [
        ([bar(["a", "b"], [1, 3]), bar(["a", "b"], [2, 4])], {"barmode": "stack", "barnorm": "percent"}),
        ([line(MONTHS, [1, 2, 3, 4], stackgroup="one", groupnorm="percent")], {}),
        ([bar(["b", "a"], [1, 3])], {"xaxis": {"categoryorder": "total descending"}}),
        ([line(MONTHS, [1, 2, 3, 4])], {"yaxis": {"autorange": "reversed"}}),
        ([line(MONTHS, [1, 2, 3, 4])], {"yaxis": {"range": [4, 0]}}),
        ([line(HOURS, [1, 2])], {}),
    ],
)
def test_settings_that_no_chart_can_follow_leave_a_picture(data, layout):
    assert drawn(data, layout) == ([], None)


@pytest.mark.parametrize("moment", ["", " 00:00", "T00:00:00", "T00:00:00.000000"])
def test_the_beginning_of_a_day_is_a_day(moment):
    assert values(chart([line([month + moment for month in MONTHS], [1, 2, 3, 4])])) == [[1, 2, 3, 4]]


def test_areas_that_add_up_begin_at_zero():
    found = chart([line(MONTHS, [2, 2.1, 2, 2.2], stackgroup="one"), line(MONTHS, [2, 1.9, 2, 1.8], stackgroup="one")])
    assert found.value_axis.minimum_scale == 0


def test_a_scale_of_powers_has_no_point_at_zero():
    found = chart([line(MONTHS, [1, 0, 100, 1000])], {"yaxis": {"type": "log"}})
    assert values(found) == [[1, None, 100, 1000]]
    curve = chart([line([0, 1, 10], [1, 2, 3])], {"xaxis": {"type": "log"}})
    assert values(curve) == [[None, 2, 3]]


def test_each_bar_keeps_its_own_outline():
    edges = chart([bar(["a", "b"], [1, 2], marker={"color": "#ffffff", "line": {"color": [BLUE, RED]}})])
    points = edges._chartSpace.iter(qn("c:dPt"))
    assert [point.find(f".//{qn('a:ln')}").find(f".//{qn('a:srgbClr')}").get("val") for point in points] == [
        "1848D1",
        "C3410F",
    ]


def test_each_shape_of_hatches_is_another_pattern():
    marker = {"color": BLUE, "pattern": {"shape": ["", "/", "\\", "x", "-", "|", "+", "."]}}
    found = chart([bar(list("abcdefgh"), [1] * 8, marker=marker)])
    patterns = [one.get("prst") for one in found._chartSpace.iter(qn("a:pattFill"))]
    assert len(set(patterns)) == len(patterns) == 7


def test_an_area_keeps_its_hatches():
    trace = line(MONTHS, [1, 2, 3, 4], stackgroup="one", fillcolor=BLUE, fillpattern={"shape": "x"})
    assert len(list(chart([trace])._chartSpace.iter(qn("a:pattFill")))) == 1


def test_a_list_of_colours_shows_how_clear_and_how_hatched_they_are():
    data = [bar(["a"], [1], marker={"color": RED, "pattern": {"shape": "/"}})]
    deck = Presentation()
    page = deck.slides.add_slide(deck.slide_layouts[6])
    hand = Hand(Ink(), "en", 12, "000000")
    clear = "rgba(24,72,209,0.25)"
    keys.draw_strip(page.shapes, BOX, [(clear, "first"), (RED, "last")], hand, patterns=keys.hatches({"data": data}))
    tree = page.shapes._spTree
    assert [one.get("val") for one in tree.iter(qn("a:alpha"))] == ["25000"]
    assert [one.get("prst") for one in tree.iter(qn("a:pattFill"))] == ["wdUpDiag"]


def test_a_series_without_a_name_has_that_of_its_measure():
    title = {"yaxis": {"title": {"text": "Parcels"}}}
    assert [name for name, _ in series(chart([bar(["a"], [1]), bar(["a"], [2])], title))] == ["Parcels", "Parcels (2)"]
    measure = Look("zh", Theme("light")).say("slides.measure")
    assert series(chart([bar(["a"], [1])], lang="zh"))[0][0] == measure


def test_the_line_at_zero_stands_between_bars_to_either_side():
    layout = {"xaxis": {"zeroline": True, "showticklabels": False}, "yaxis": {"showticklabels": False}}
    found = chart([bar([2, -1], ["a", "b"], orientation="h")], layout)
    axis = found._chartSpace.chart.plotArea.find(qn("c:catAx"))
    assert axis.find(qn("c:delete")).get("val") == "0"
    assert axis.find(f"{qn('c:spPr')}/{qn('a:ln')}/{qn('a:solidFill')}") is not None
    assert axis.find(qn("c:crossesAt")).get("val") == "0.0"
