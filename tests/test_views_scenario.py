"""A projection in pictures: they hold its numbers, add up, and say in both languages what it found."""

import json

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from plotly.colors import sample_colorscale, unlabel_rgb

from analysis.views import heat, plain, scenario_map, scenario_path, scenario_tiers
from analysis.views.base import quiet
from analysis.views.look import Look
from analysis.views.theme import Theme, contrast
from data.cities import cities
from data.grade import Grade
from tests.made_projection import LOSS, MOVED, NOTHING, POINT, SENT, VIEWS, WAR, Made

LARGEST_FIGURE = 60_000
"""Bytes of JSON of one picture under a slider."""


@pytest.mark.parametrize("made", [WAR, POINT, NOTHING, LOSS], ids=["war", "point", "nothing", "loss"])
@pytest.mark.parametrize("name", VIEWS)
def test_every_view_is_whole_and_small(name, made, look):
    view = VIEWS[name](made, look, platform="duoduo")
    assert isinstance(view.figure, dict)
    assert len(json.dumps(view.figure, allow_nan=False)) < LARGEST_FIGURE
    go.Figure(view.figure)
    assert look.name("duoduo") in view.title or name == "subsidies"
    assert view.caption
    assert view.alt.count(view.title) == 1
    assert view.figure["layout"]["uirevision"]
    assert not view.table.columns.has_duplicates


@pytest.mark.parametrize("name", VIEWS)
def test_the_weaker_grade_and_the_given_caption_travel(name, look):
    view = VIEWS[name](WAR, look, platform="duoduo", caption="mine", grade=Grade.ASSUMED)
    assert (view.grade, view.caption) == (Grade.ASSUMED, "mine")
    assert VIEWS[name](WAR, look, platform="duoduo", grade=Grade.REPORTED).grade in (Grade.MODELLED, Grade.ASSUMED)


def test_plain_figures_are_dressed_as_all_others(look):
    drawn = quiet(go.Figure(go.Scatter(x=[1], y=[1])), look, height=300, right=12).to_plotly_json()["layout"]
    drawn.pop("template")
    assert plain.figure((), look, height=300, right=12)["layout"] == drawn


def test_nothing_changed_is_said(look):
    assert "96" not in scenario_path.path(NOTHING, look, platform="duoduo").title
    said = [VIEWS[name](NOTHING, look, platform="duoduo").title for name in ("path", "before_after", "map", "sources")]
    keys = ("path_same", "gain_same", "map_same", "sources_none")
    for title, key in zip(said, keys, strict=True):
        part = look.say(f"projection.{key}").partition("}")[2].partition("{")[0]
        assert part.strip() in title


def test_an_interval_across_zero_is_no_finding(look):
    small = Made(MOVED / 20)
    word = {"en": "no clear change", "zh": "变化不明确"}[look.lang]
    assert word in scenario_path.path(small, look, platform="duoduo").title
    assert word in scenario_tiers.before_after(small, look, platform="duoduo").title


def test_a_fall_is_said_as_a_fall(look):
    title = scenario_tiers.before_after(LOSS, look, platform="duoduo").title
    assert {"en": "loses 2.4 points", "zh": "下降2.4个百分点"}[look.lang] in title
    assert {"en": "2.0 to 2.8", "zh": "2.0至2.8"}[look.lang] in title


def test_by_tier_shows_both_intervals(look):
    view = scenario_tiers.by_tier(WAR, look, platform="duoduo")
    wide, narrow, dots = view.figure["data"]
    np.testing.assert_allclose(dots["x"][:2], MOVED[:, 1] * 100, atol=SENT)
    assert wide["x"][0] < narrow["x"][0] < dots["x"][0] < narrow["x"][1] < wide["x"][1]
    assert look.term("tier", "Tier 3") in view.title
    assert len(scenario_tiers.by_tier(POINT, look, platform="duoduo").figure["data"]) == 1


def test_map_is_even_around_zero_and_names_the_largest(look):
    view = scenario_map.change(WAR, look, platform="duoduo")
    ground, shown = view.figure["data"]
    assert shown["zmin"] == -shown["zmax"]
    np.testing.assert_allclose(shown["z"], sorted(WAR.cities["duoduo"] * 100, reverse=True), atol=SENT)
    assert len(ground["locations"]) == len(set(ground["locations"])) > 30
    most = cities().loc[WAR.cities["duoduo"].idxmax(), f"city_{look.lang}"]
    assert most in view.title
    assert view.table.iloc[0, 0] == most
    np.testing.assert_allclose(view.table.iloc[:, 1:].sum(axis=1), 0, atol=0.03)


@pytest.mark.parametrize("size", [1e-3, 1e-2, 1, 3])
def test_map_scale_has_a_unit_and_ticks_that_differ(size, look):
    bar = scenario_map.change(Made(MOVED * size), look, platform="duoduo").figure["data"][1]["colorbar"]
    assert bar["title"]["text"] == look.say("effect.points_unit").strip()
    assert len(set(bar["ticktext"])) == len(bar["ticktext"]) > 2
    assert "0" in bar["ticktext"]
    assert {text[0] for text in bar["ticktext"]} == {"+", "0", "−"}


READABLE = 4.5
"""Contrast of ink on any cell: between black and white the worst grey leaves 4.58."""


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("both_ways", [True, False])
def test_words_of_a_heat_table_are_read_on_every_colour(mode, both_ways):
    look = Look("en", Theme(mode))
    values = pd.DataFrame([np.linspace(-1.0 if both_ways else 0.0, 1.0, 40), [np.nan] * 40], ["a", "b"])
    values.columns = [f"c{n}" for n in range(40)]
    figure = heat.table(values, look, text=values.map("{:.1f}".format), hover="", both_ways=both_ways)
    cells, words = figure.data
    low, high = cells.zmin, cells.zmax
    scale = [colour for _, colour in cells.colorscale]
    drawn = sample_colorscale(scale, ((values.loc["a"] - low) / (high - low)).tolist())
    fills = ["#" + "".join(f"{round(part):02x}" for part in unlabel_rgb(fill)) for fill in drawn]
    assert len(set(fills)) > 20
    assert min(contrast(ink, fill) for ink, fill in zip(words.textfont.color, fills, strict=False)) > READABLE
    assert list(words.text[:2]) == ["-1.0" if both_ways else "0.0", f"{values.iloc[0, 1]:.1f}"]
    assert set(words.text[40:]) == {""}
    assert figure.layout.yaxis.range == (1.5, -0.5)


def test_a_city_nobody_knows_keeps_its_code(look):
    assert scenario_map.city_names(pd.Index(["999999"]), look) == ["999999"]
