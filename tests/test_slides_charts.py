"""Every idiom of a figure becomes a native chart whose numbers are the figure's, and which can be changed."""

from datetime import date

import pytest
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml.ns import qn

from tests.small_slides import across, band, bar, chart, charts, days, drawn, kinds, line, notes, series, values, words

MONTHS = ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"]
BLUE, RED = "#1848d1", "#c3410f"


def test_lying_bars_are_stacked_with_their_names_and_their_shares():
    traces = [bar([60, 40], ["a", "b"], "One", orientation="h"), bar([40, 60], ["a", "b"], "Two", orientation="h")]
    found = chart(traces, {"barmode": "stack", "yaxis": {"autorange": "reversed"}})
    assert found.chart_type == XL_CHART_TYPE.BAR_STACKED
    assert series(found) == [("One", [60, 40]), ("Two", [40, 60])]
    assert across(found, 0) == ["a", "b"]
    assert found.category_axis.reverse_order


def test_standing_bars_stand_beside_each_other():
    found = chart([bar(["a", "b"], [1.25, 2.5], "One"), bar(["a", "b"], [3, None], "Two")], {"barmode": "group"})
    assert found.chart_type == XL_CHART_TYPE.COLUMN_CLUSTERED
    assert series(found) == [("One", [1.25, 2.5]), ("Two", [3, None])]


def test_each_bar_keeps_its_own_colour():
    found = chart([bar(["a", "b"], [1, 2], marker={"color": [BLUE, RED]})])
    fills = [point.find(f".//{qn('a:srgbClr')}").get("val") for point in found._chartSpace.iter(qn("c:dPt"))]
    assert fills == ["1848D1", "C3410F"]


def test_bars_in_groups_of_names_keep_both_levels():
    found = chart([{"type": "bar", "orientation": "h", "x": [1, 2, 3], "y": [["A", "A", "B"], ["p", "q", "p"]]}])
    assert [tuple(one) for one in found.plots[0].categories.flattened_labels] == [("A", "p"), ("A", "q"), ("B", "p")]


def test_values_are_written_by_a_number_format_where_one_says_the_same():
    found = chart([bar(["a", "b"], [12.34, 5.0], text=["12.3%", "5.0%"], textposition="outside")])
    form = found._chartSpace.find(f".//{qn('c:dLbls')}/{qn('c:numFmt')}").get("formatCode")
    assert '0.0"%"' in form
    assert not words(found)


def test_other_words_on_bars_are_kept_word_for_word():
    found = chart([bar(["a", "b"], [12.34, 5.0], text=["<b>12</b> Duoduo", "new"], textposition="outside")])
    assert words(found) == ["12 Duoduo", "new"]


def test_words_never_stand_beyond_bars_that_are_piled_up():
    traces = [bar(["a"], [1], text=["1"], textposition="outside"), bar(["a"], [2], text=["2"], textposition="outside")]
    places = {one.get("val") for one in chart(traces, {"barmode": "stack"})._chartSpace.iter(qn("c:dLblPos"))}
    assert "outEnd" not in places


def test_a_waterfall_stands_on_what_is_not_seen():
    trace = {
        "type": "waterfall",
        "x": ["Before", "Up", "Down", "After"],
        "measure": ["absolute", "relative", "relative", "total"],
        "y": [15.5, 3.25, -0.5, 0],
        "text": ["15.5", "+3.25", "−0.5", "18.25"],
    }
    found = chart([trace], {"yaxis": {"range": [15, 20]}})
    gaps, seen, *_ = values(found)
    assert kinds(found) == ["barChart"]
    assert gaps == [0, 15.5, 18.25, 0]
    assert seen == [15.5, 3.25, 0.5, 18.25]
    assert sorted(words(found)) == sorted(trace["text"])
    hollow = next(found._chartSpace.iter(qn("c:ser"))).find(qn("c:spPr"))
    assert hollow.find(qn("a:noFill")) is not None


@pytest.mark.parametrize("base", [3.0, -3.0, 0.5])
def test_a_tornado_reaches_to_both_sides_of_its_base(base):
    trace = bar([-1, 2, -0.25, 0.5], ["a", "a", "b", "b"], orientation="h", base=[base] * 4)
    columns = list(zip(*values(chart([trace])), strict=True))
    for column, ends in zip(columns, ((base - 1, base + 2), (base - 0.25, base + 0.5)), strict=True):
        known = [value for value in column if value is not None]
        assert sum(v for v in known if v > 0) == pytest.approx(max(ends[1], 0))
        assert sum(v for v in known if v < 0) == pytest.approx(min(ends[0], 0))


def test_a_stack_written_with_bases_is_a_stack_again():
    traces = [
        bar([60, 40], ["a", "b"], "One", orientation="h", base=[0, 60]),
        bar([40, 60], ["a", "b"], "Two", orientation="h", base=[60, 0]),
    ]
    found = chart(traces, {"barmode": "overlay"})
    assert found.chart_type == XL_CHART_TYPE.BAR_STACKED
    assert series(found) == [("One", [60, 40]), ("Two", [40, 60])]


def test_marks_and_intervals_over_bars_are_bars_of_error():
    traces = [
        bar([20, 10], ["a", "b"], orientation="h"),
        line([18, 23, None, 9, 12, None], ["a", "a", "a", "b", "b", "b"]),
        {"type": "scatter", "mode": "markers", "x": [15, 11], "y": ["a", "b"], "marker": {"symbol": "line-ns"}},
    ]
    found = chart(traces)
    bars, marks = values(found)
    assert (bars, marks) == ([20, 10], [15, 11])
    error = next(found._chartSpace.iter(qn("c:errBars")))
    ends = [[float(v.text) for v in error.find(qn(f"c:{side}")).iter(qn("c:v"))] for side in ("plus", "minus")]
    assert ends == [[3, 2], [2, 1]]


def test_lines_run_over_an_axis_of_dates():
    found = chart([line(MONTHS, [1.5, 2, None, 4], "One"), line(MONTHS[1:], [5, 6, 7], "Two", RED)])
    assert kinds(found) == ["lineChart"]
    assert found._chartSpace.chart.plotArea.find(qn("c:dateAx")) is not None
    assert days(found) == [date.fromisoformat(month) for month in MONTHS]
    assert series(found) == [("One", [1.5, 2, None, 4]), ("Two", [None, 5, 6, 7])]


def test_a_years_tick_is_a_year():
    found = chart([line(MONTHS, [1, 2, 3, 4])], {"xaxis": {"dtick": "M12", "tickformat": "%Y"}})
    axis = found._chartSpace.chart.plotArea.find(qn("c:dateAx"))
    assert (axis.find(qn("c:majorUnit")).get("val"), axis.find(qn("c:majorTimeUnit")).get("val")) == ("1", "years")


def test_a_note_at_the_end_of_a_line_names_its_last_point():
    note = {"text": f'<span style="color:{RED}">●</span> <b>6</b> Two', "x": 1, "xref": "paper", "y": 6.5}
    note |= {"xanchor": "left", "showarrow": False}
    traces = [line(MONTHS, [1, 2, 3, 4], "One"), line(MONTHS, [3, 4, 5, 6], "Two", RED)]
    shapes, _ = drawn(traces, {"annotations": [note]})
    (found,) = [shape.chart for shape in shapes if shape.has_chart]
    label = next(found._chartSpace.iter(qn("c:dLbl")))
    assert words(found) == ["● 6 Two"]
    assert label.getparent().getparent().find(qn("c:idx")).get("val") == "1"
    assert label.find(qn("c:idx")).get("val") == "3"
    assert not notes(shapes)


def test_a_band_lies_between_its_two_lines():
    low, high = [1, 2, 3, 4], [2, 4, 6, 8]
    found = chart([band(MONTHS, low, high), line(MONTHS, [1.5, 3, 4.5, 6], "Middle")])
    assert kinds(found) == ["areaChart", "lineChart"]
    below, width, middle = values(found)
    assert below == low
    assert [a + b for a, b in zip(below, width, strict=True)] == high
    assert middle == [1.5, 3, 4.5, 6]


def test_bands_within_bands_keep_all_their_lines():
    found = chart([band(MONTHS, [0, 0, 0, 0], [9, 9, 9, 9]), band(MONTHS, [2, 3, 2, 3], [5, 6, 5, 6])])
    sums, lines = [0.0] * 4, []
    for strip in values(found):
        sums = [a + b for a, b in zip(sums, strip, strict=True)]
        lines.append(sums)
    assert lines == [[0] * 4, [2, 3, 2, 3], [5, 6, 5, 6], [9] * 4]


def test_bands_that_cross_lie_on_axes_of_their_own():
    found = chart([band(MONTHS, [0, 1, 2, 3], [1, 2, 3, 4]), band(MONTHS, [3, 2, 1, 0], [4, 3, 2, 1])])
    assert kinds(found) == ["areaChart", "areaChart"]
    axes = [axis.find(qn("c:delete")).get("val") for axis in found._chartSpace.chart.plotArea.iter(qn("c:valAx"))]
    assert axes == ["0", "1"]


def test_of_bands_that_cross_the_widest_lies_on_the_axes_in_sight():
    found = chart([band(MONTHS, [3, 2, 1, 0], [3.1, 2.1, 1.1, 0.1]), band(MONTHS, [0, 1, 2, 3], [2, 3, 4, 5])])
    assert kinds(found) == ["areaChart", "areaChart"]
    assert values(found)[0] == [0, 1, 2, 3]


def test_outside_a_band_its_width_is_nothing():
    found = chart([band(MONTHS[2:], [1, 2], [3, 4]), line(MONTHS[:2], [7, 8], "Observed")])
    below, width, _ = values(found)
    assert below == [7, 8, 1, 2]
    assert width == [0, 0, 2, 2]


def test_areas_that_add_up_are_stacked_areas():
    traces = [line(MONTHS, [10, 20, 30, 40], name, stackgroup="all") for name in ("One", "Two")]
    found = chart(traces)
    assert found.chart_type == XL_CHART_TYPE.AREA_STACKED
    assert series(found) == [("One", [10, 20, 30, 40]), ("Two", [10, 20, 30, 40])]


def test_bars_and_lines_share_a_chart():
    found = chart([bar(["a", "b"], [1, 2]), line(["a", "b"], [3, 4])])
    assert kinds(found) == ["barChart", "lineChart"]
    assert values(found) == [[1, 2], [3, 4]]


def test_numbers_against_numbers_are_a_scatter():
    found = chart([line([0.5, 1.7, 9], [1, 4, 9], "Curve")])
    assert kinds(found) == ["scatterChart"]
    assert (across(found, 0), values(found)[0]) == ([0.5, 1.7, 9], [1, 4, 9])


def test_dots_in_rows_keep_their_names_and_intervals():
    trace = {"type": "scatter", "mode": "markers", "x": [1, 2], "y": ["Tier 1", "Tier 2"]}
    trace |= {"error_x": {"type": "data", "array": [0.5, 0.25], "arrayminus": [0.25, 0.5]}}
    found = chart([trace], {"yaxis": {"autorange": "reversed"}})
    assert across(found, 0)[:6] == [0.75, 1.5, None, 1.5, 2.25, None]
    assert across(found, 1)[:2] == [1, 2]
    assert words(found) == ["Tier 1", "Tier 2"]
    assert values(found)[1][:2] == [1, 0]


def test_a_chart_of_several_panels_is_several_charts():
    traces = [line(MONTHS, [1, 2, 3, 4]), line(MONTHS, [5, 6, 7, 8], xaxis="x2", yaxis="y2")]
    layout = {
        "xaxis": {"domain": [0, 0.45]},
        "xaxis2": {"domain": [0.55, 1], "anchor": "y2"},
        "yaxis2": {"anchor": "x2"},
    }
    assert [values(found) for found in charts(traces, layout)] == [[[1, 2, 3, 4]], [[5, 6, 7, 8]]]


def test_a_heat_map_is_a_table_in_its_colours():
    heat = {"type": "heatmap", "x": ["p", "q"], "y": ["a", "b"], "z": [[0, 10], [5, None]], "zmin": 0, "zmax": 10}
    heat |= {"colorscale": [[0, "#ffffff"], [1, "#000000"]], "text": [["0", "ten"], ["5", ""]]}
    shapes, _ = drawn([heat], {"yaxis": {"autorange": "reversed"}})
    table = next(shape.table for shape in shapes if shape.has_table)
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["", "p", "q"],
        ["a", "0", "ten"],
        ["b", "5", ""],
    ]
    assert str(table.cell(1, 2).fill.fore_color.rgb) == "000000"


def test_a_large_heat_map_is_squares():
    days_ = [f"20{year}-{month:02d}-01" for year in (23, 24, 25) for month in range(1, 13)]
    heat = {"type": "heatmap", "x": days_, "y": ["a", "b"], "z": [list(range(36))] * 2}
    shapes, _ = drawn([{**heat, "colorscale": [[0, "#ffffff"], [1, "#000000"]], "showscale": False}])
    group = next(shape for shape in shapes if shape.shape_type == 6)
    assert len(group.shapes) == 72


def test_rules_and_words_stand_where_the_figure_has_them():
    rule = {"type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": 2, "y1": 2, "line": {"color": RED, "dash": "dot"}}
    layout = {
        "shapes": [rule],
        "annotations": [{"text": "limit", "x": 0.5, "xref": "paper", "y": 2, "showarrow": False}],
    }
    layout |= {"yaxis": {"range": [0, 4]}}
    shapes, _ = drawn([bar(["a", "b"], [1, 3])], layout)
    frame = next(shape for shape in shapes if shape.has_chart)
    place = frame.chart._chartSpace.chart.plotArea.find(f".//{qn('c:manualLayout')}")
    top, high = (float(place.find(qn(f"c:{side}")).get("val")) for side in "yh")
    stroke = next(part for shape in shapes if shape.shape_type == 6 for part in shape.shapes if not part.has_text_frame)
    assert stroke.top == pytest.approx(frame.top + frame.height * (top + high / 2), abs=frame.height * 0.002)
    assert notes(shapes) == ["limit"]


@pytest.mark.parametrize("kind", ["choropleth", "sankey", "scattergeo", "pie"])
def test_what_is_no_chart_leaves_the_slide_as_it_was(kind):
    shapes, found = drawn([{"type": kind}])
    assert (shapes, found) == ([], None)


def test_axes_over_each_other_are_no_native_chart():
    traces = [line(MONTHS, [1, 2, 3, 4]), line(MONTHS, [5, 6, 7, 8], yaxis="y2")]
    assert drawn(traces, {"yaxis2": {"overlaying": "y"}})[1] is None


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_lost_is_said_in_words(lang):
    crooked = {"type": "scatter", "mode": "lines", "fill": "toself", "x": MONTHS[:3], "y": [1, 2, 3]}
    _, found = drawn([crooked, line(MONTHS, [1, 2, 3, 4])], lang=lang)
    assert len(found.notes) == 1
    assert (" " in found.notes[0]) is (lang == "en")


def test_a_scale_of_powers_stays_one():
    layout = {axis: {"type": "log"} for axis in ("xaxis", "yaxis")}
    found = chart([line([1, 10, 1000], [3, 0, 300])], layout)
    bases = [base.get("val") for base in found._chartSpace.iter(qn("c:logBase"))]
    assert bases == ["10", "10"]
    lows = [float(low.get("val")) for low in found._chartSpace.iter(qn("c:min"))]
    assert min(lows) > 0


@pytest.mark.parametrize("data", [[], [bar([], [])], [bar([], [], orientation="h")], [line([], [])]])
def test_nothing_is_drawn_of_nothing(data):
    assert drawn(data) == ([], None)
