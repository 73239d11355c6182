"""A native chart can be changed: its workbook holds its numbers, and says what the chart says."""

import pytest
from pptx.oxml.ns import qn

from analysis.views.look import Look
from analysis.views.slide import Ink
from analysis.views.theme import Theme
from tests.edited_charts import compared, edited, live
from tests.small_slides import band, bar, chart, charts, drawn, line, series, sheet, values, words

MONTHS = ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"]
IDIOMS = {
    "bars": ([bar(["a", "b"], [1.25, None]), bar(["a", "b"], [3, 4])], {"barmode": "stack"}),
    "groups": ([{"type": "bar", "orientation": "h", "x": [1, 2, 3], "y": [["A", "A", "B"], ["p", "q", "p"]]}], {}),
    "lines": ([line(MONTHS, [1.5, 2, None, 4]), line(MONTHS[1:], [5, 6, 7])], {}),
    "bands": (
        [
            {**band(MONTHS, [0] * 4, [9] * 4), "name": "95%"},
            {**band(MONTHS, [2, 3, 2, 3], [5, 6, 5, 6]), "name": "80%"},
            line(MONTHS, [3, 4, 3, 4], "Middle"),
        ],
        {"showlegend": True},
    ),
    "waterfall": (
        [
            {
                "type": "waterfall",
                "x": ["a", "b"],
                "y": [3, -1],
                "measure": ["absolute", "relative"],
                "text": ["3", "−1"],
            }
        ],
        {},
    ),
    "rows": (
        [{"type": "scatter", "mode": "markers", "x": [1, 2], "y": ["p", "q"], "error_x": {"array": [0.5, 0.25]}}],
        {},
    ),
    "curves": ([line([0.5, 1.7, 9], [1, 4, 9]), line([1, 2], [5, 6])], {}),
}


def test_a_changed_cell_changes_its_point_alone():
    found = chart([bar(["a", "b"], [1.25, 2.5], "One"), bar(["a", "b"], [4, 5], "Two")])
    assert edited(found, "C3", 77) == [("Two", 1, 5, 77)]


def test_a_changed_cell_of_a_curve_changes_its_point_alone():
    found = chart([line([0.5, 1.7, 9], [1, 4, 9], "Curve"), line([1, 2, 3], [5, 6, 7], "Other")])
    assert edited(found, "B4", 8) == [("Curve", 2, 9, 8)]


@pytest.mark.parametrize("name", IDIOMS)
def test_every_cell_says_what_the_chart_says(name):
    data, layout = IDIOMS[name]
    for found in charts(data, layout):
        wrong = [(where, shown, kept) for where, shown, kept in compared(found) if shown != kept]
        assert not wrong


@pytest.mark.parametrize("name", IDIOMS)
def test_every_column_has_a_name_of_its_own(name):
    for found in charts(*IDIOMS[name]):
        names = [one for one, _ in series(found)]
        assert all(names)
        assert len(set(names)) == len(names)


def test_the_label_of_a_value_follows_an_edit():
    """Values in one format, in units that change with them, and beside bars that have no label."""
    for texts in (["1", "2", "3"], ["1", "", "3"], ["1%", "2 fen", "3"]):
        found = chart([bar(["a", "b", "c"], [1, 2, 3], text=texts, textposition="outside")])
        assert not any(words(found))
        assert len(live(found)) == sum(bool(one) for one in texts)
    millions = chart([bar(["a", "b"], [365e3, 1.53e6], text=["¥365 k", "¥1.53 m"], textposition="outside")])
    assert live(millions) == {
        0: '[>=1000000]"¥"0.00,," m";[>=1000]"¥"0," k";"¥"#,##0',
        1: '[>=1000000000]"¥"0.00,,," bn";[>=1000000]"¥"0.00,," m";"¥"0," k"',
    }


def test_labels_that_stay_are_said_to_stay():
    stay = Look("en", Theme("light")).say("slides.fixed_words")
    told = {"text": ["<b>12</b> Duoduo", "new"], "textposition": "outside"}
    assert drawn([bar(["a", "b"], [12, 5], **told)])[1].notes == (stay,)
    note = {"text": "limit 2", "x": 0.5, "xref": "paper", "y": 2, "showarrow": False}
    assert drawn([bar(["a"], [3])], {"annotations": [note]})[1].notes == (stay,)
    assert drawn([bar(["a"], [3], text=["3"])])[1].notes == ()


def test_names_never_become_formulas():
    found = chart([bar(["=1+1", "@b"], [1, 2], "=HYPERLINK(0)")])
    assert sheet(found)[0][1] == "=HYPERLINK(0)"
    assert sheet(found)[1][0] == "=1+1"


def test_the_workbook_says_what_the_chart_says():
    found = chart([band(MONTHS, [1, 2, 3, 4], [2, 4, 6, 8]), line(MONTHS, [1.5, 3, 4.5, 6], "Middle")])
    columns = list(zip(*sheet(found)[1:], strict=True))[1:]
    assert [list(column) for column in columns] == values(found)


def test_words_have_both_fonts_and_the_language():
    found = chart([bar(["甲", "乙"], [1, 2], text=["甲一", "乙二"], textposition="outside")], lang="zh")
    run = next(found._chartSpace.iter(qn("a:rPr")))
    assert run.get("lang") == "zh-CN"
    assert run.find(qn("a:ea")).get("typeface") == "Microsoft YaHei"


def test_the_fonts_of_a_template_are_left_alone():
    found = chart([bar(["a"], [1])], ink=Ink(latin=None, east_asian=None))
    assert not list(found._chartSpace.iter(qn("a:latin")))


def test_the_same_figure_is_the_same_chart():
    first, second = (chart([bar(["a", "b"], [1, 2])]) for _ in range(2))
    assert first.part.blob == second.part.blob
    assert first.part.chart_workbook.xlsx_part.blob == second.part.chart_workbook.xlsx_part.blob


def test_a_chart_has_words_that_stand_for_it():
    shapes, _ = drawn([bar(["a"], [1])])
    assert shapes[0]._element.nvGraphicFramePr.cNvPr.get("descr") == "What it shows"
