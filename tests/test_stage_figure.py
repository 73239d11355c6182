"""Figures for the big screen: larger type, the same numbers, a legend only where colours have no name."""

import json

import pytest

from analysis.views import plain
from analysis.views.look import Look, View
from analysis.views.pinned import pinned
from analysis.views.theme import Theme
from data.grade import Grade
from data.platforms import PLATFORMS
from pages.ui.stage_figure import LARGER, LEAST_TYPE, enlarged
from pages.ui.stage_legend import networks
from tests.test_stage import chart

LOOK = Look("en", Theme("light"))


def test_type_and_marks_grow_and_numbers_stay():
    one = chart(height=300).view.figure
    before = json.dumps(one)
    grown = enlarged(one)
    assert json.dumps(one) == before
    assert "height" not in grown["layout"]
    assert grown["layout"]["font"]["size"] == pytest.approx(13 * LARGER)
    assert grown["layout"]["xaxis"]["tickfont"]["size"] == pytest.approx(13 * LARGER, abs=0.1)
    assert [trace["x"] for trace in grown["data"]] == [trace["x"] for trace in one["data"]]
    line = {"data": [plain.line(["2026-01-01"], [1.0], "#000000")], "layout": {"margin": {"l": 10}, "height": 720}}
    tall = enlarged(line)
    assert tall["data"][0]["line"]["width"] == 2.4
    assert tall["layout"]["margin"]["l"] == 10
    note = {"data": [], "layout": {"annotations": [{"text": '<span style="font-size:8px">a</span>', "xshift": 5}]}}
    small = enlarged(note)["layout"]["annotations"][0]
    assert f"font-size:{LEAST_TYPE}px" in small["text"]
    assert small["xshift"] == 8


def test_a_legend_only_where_nothing_names_the_colours():
    one = chart()
    assert networks(one) == ["cainiao", "duoduo"]
    legend = {**one.view.figure, "layout": {**one.view.figure["layout"], "showlegend": True}}
    assert (
        networks(pinned(View(legend, one.view.table, "", "", "", Grade.MODELLED), one.whence, lang="en", theme="light"))
        == []
    )
    named = [plain.note(LOOK, f'<span style="color:{LOOK.theme.colour(key)}">●</span>') for key in PLATFORMS]
    direct = {**one.view.figure, "layout": {**one.view.figure["layout"], "annotations": named}}
    assert (
        networks(pinned(View(direct, one.view.table, "", "", "", Grade.MODELLED), one.whence, lang="en", theme="light"))
        == []
    )
