"""In grey, series that lie beside each other are told apart on any printer; numbers and words stay as they are."""

import json
import re
from dataclasses import replace
from itertools import combinations, pairwise

import pandas as pd
import plotly.graph_objects as go
import pytest

from analysis.views import plain
from analysis.views.grey import COLOUR, DASHES, LEAST_STEP, grey, grey_of, lightness, networks, parts, spaced, steady
from analysis.views.heat import steps, two_sided
from analysis.views.look import Look, View
from analysis.views.masked import NEUTRAL
from analysis.views.pinned import Pinned, Whence, pinned
from analysis.views.theme import SURFACE, Theme, contrast, fade, ink_on
from data.grade import Grade
from data.platforms import BUILT_IN, PLATFORMS

LOOK = Look("en", Theme("light"))
NETWORKS = list(PLATFORMS)
MONTHS = ["2026-01-01", "2026-02-01", "2026-03-01"]


def of(traces, theme="light", **layout) -> Pinned:
    look = Look("en", Theme(theme))
    view = View(plain.figure(traces, look, **layout), pd.DataFrame({"n": [1]}), "T", "C", "A", Grade.MODELLED)
    return pinned(view, Whence("overview", "s", "v"), lang="en", theme=theme)


def bars(theme="light"):
    return [
        {
            "type": "bar",
            "x": [1, 2],
            "y": ["a", "b"],
            "name": key,
            "marker": {"color": Theme(theme).colour(key)},
            "insidetextfont": {"color": ink_on(Theme(theme).colour(key)), "size": 13},
        }
        for key in NETWORKS
    ]


def lines():
    return [plain.line(MONTHS, [1, 2, 3], LOOK.theme.colour(key)) for key in NETWORKS]


def colours(value):
    return [found[0] for found in COLOUR.finditer(json.dumps(value))]


def is_grey(colour):
    base = parts(colour)[0]
    return base[1:3] == base[3:5] == base[5:7]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("series", range(1, 25))
def test_neighbours_differ_and_all_stand_out(series, theme):
    tones = spaced(series, theme)
    assert len(set(tones)) == len(tones) == series
    levels = [lightness(tone) for tone in tones]
    assert all(abs(one - other) >= LEAST_STEP for one, other in pairwise(levels))
    assert all(contrast(tone, SURFACE[theme]) >= 3 for tone in tones)


@pytest.mark.parametrize("level", [0, 5, 10, 33.3, 60, 99, 100])
def test_lightness_goes_there_and_back(level):
    assert lightness(grey_of(level)) == pytest.approx(level, abs=0.25)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_bars_of_networks_keep_apart(theme):
    found = grey(of(bars(theme), theme)).view.figure
    assert all(is_grey(colour) for colour in colours(found))
    fills = [trace["marker"]["color"] for trace in found["data"]]
    assert len(set(fills)) == len(NETWORKS)
    levels = [lightness(fill) for fill in fills]
    assert all(abs(one - other) >= 18 for one, other in pairwise(levels))
    assert all(contrast(fill, SURFACE[theme]) >= 3 for fill in fills)
    shapes = [trace["marker"]["pattern"]["shape"] for trace in found["data"]]
    assert all(one != other for one, other in pairwise(shapes))
    for trace in found["data"]:
        assert contrast(trace["insidetextfont"]["color"], trace["marker"]["color"]) >= 4.5


def test_lines_have_dashes_unless_dashes_mean_something():
    found = grey(of(lines())).view.figure["data"]
    assert {trace["line"]["dash"] for trace in found} == set(DASHES)
    pairs = {(trace["line"]["color"], trace["line"]["dash"]) for trace in found}
    assert len(pairs) == len(NETWORKS)
    plan = plain.line(MONTHS, [1, 1, 1], LOOK.theme.colour("jd"), dash="dash")
    kept = grey(of([*lines(), plan])).view.figure["data"]
    assert [trace["line"].get("dash") for trace in kept] == [None] * len(NETWORKS) + ["dash"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_network_has_one_grey_pattern_and_dash_whatever_is_beside_it(theme):
    whole = grey(of(bars(theme), theme)).view.figure["data"]
    for chosen in ([5, 1], [1, 3, 5, 7], [4]):
        some = grey(of([bars(theme)[at] for at in chosen], theme)).view.figure["data"]
        for at, trace in zip(chosen, some, strict=True):
            assert trace["marker"]["color"] == whole[at]["marker"]["color"]
            if len(chosen) > 1:
                assert trace["marker"]["pattern"] == whole[at]["marker"]["pattern"]
    levels = [lightness(whole[at]["marker"]["color"]) for at in (1, 3, 5)]
    assert min(abs(a - b) for a, b in combinations(levels, 2)) >= 12


def test_blacked_out_and_own_networks_have_their_grey_too():
    own = ("acme", "Acme", "顶点", "#b647ff", "#c47fff", "Acme")
    bar = {"type": "bar", "x": [1], "y": ["a"]}
    colours_ = [NEUTRAL["light", True][0], NEUTRAL["light", False][0], "#b647ff", LOOK.theme.colour("cainiao")]
    one = of([{**bar, "marker": {"color": colour}} for colour in colours_])
    one = replace(one, whence=replace(one.whence, networks=(own,)))
    places = [networks(one)[colour] for colour in colours_]
    assert places == [0, 1, len(BUILT_IN), 0]
    fills = [trace["marker"]["color"] for trace in grey(one).view.figure["data"]]
    assert fills == [steady(place, "light") for place in places]


def test_two_series_that_are_no_networks_are_as_far_apart_as_can_be():
    pair = [plain.line(MONTHS, [1, 2, 3], colour) for colour in (LOOK.theme.accent, "#b45309")]
    found = grey(of(pair)).view.figure["data"]
    assert abs(lightness(found[0]["line"]["color"]) - lightness(found[1]["line"]["color"])) > 45
    assert found[0]["line"]["dash"] != found[1]["line"]["dash"]


def test_a_series_has_one_grey_in_marks_bands_and_words():
    colour = LOOK.theme.colour("duoduo")
    band = plain.band(MONTHS, [1, 1, 1], [3, 3, 3], colour, 0.3)
    note = plain.note(LOOK, f'<span style="color:{colour}">●</span> Duoduo', x=1, y=3)
    found = grey(of([band, *lines()], annotations=[note])).view.figure
    line = found["data"][1 + NETWORKS.index("duoduo")]["line"]["color"]
    assert line in found["layout"]["annotations"][0]["text"]
    level = int(line[1:3], 16)
    assert found["data"][0]["fillcolor"] == f"rgba({level},{level},{level},0.3)"
    assert found["layout"]["annotations"][0]["text"].endswith("Duoduo")


def test_one_series_has_no_pattern():
    bar = {"type": "bar", "x": [1], "y": ["a"], "marker": {"color": LOOK.theme.accent}}
    found = grey(of([bar])).view.figure["data"][0]
    assert "pattern" not in found["marker"]
    assert is_grey(found["marker"]["color"])


def test_bars_of_many_colours_have_a_pattern_each():
    own, pale = LOOK.theme.colour("jd"), fade(LOOK.theme.colour("tuxi"), 0.5)
    found = grey(of([{"type": "bar", "x": [1, 2], "y": ["a", "b"], "marker": {"color": [own, pale]}}]))
    marker = found.view.figure["data"][0]["marker"]
    assert len(set(marker["pattern"]["shape"])) == 2
    assert marker["color"][1].startswith("rgba(")
    assert marker["color"][1].endswith(",0.5)")


def test_sequential_scales_keep_their_order_and_two_sided_ones_run_one_way():
    one = {"type": "choropleth", "z": [1, 2], "locations": ["1", "2"], "colorscale": steps(LOOK.theme.sequential)}
    two = {**one, "colorscale": two_sided(LOOK)}
    for trace in (one, two):
        scale = grey(of([trace])).view.figure["data"][0]["colorscale"]
        levels = [lightness(colour) for _, colour in scale]
        assert levels == sorted(levels, reverse=True)
        assert [at for at, _ in scale] == [at for at, _ in trace["colorscale"]]
        assert all(is_grey(colour) for _, colour in scale)


def test_areas_have_patterns():
    areas = [
        {"type": "scatter", "x": MONTHS, "y": [1, 2, 3], "stackgroup": "s", "fillcolor": LOOK.theme.colour(key)}
        for key in NETWORKS[:4]
    ]
    shapes = [trace["fillpattern"]["shape"] for trace in grey(of(areas)).view.figure["data"]]
    assert len(set(shapes)) == 4


def test_numbers_and_words_stay_and_plotly_takes_it():
    before = of([*bars(), *lines()])
    after = grey(before)
    assert after.view.table is before.view.table
    assert (after.view.title, after.whence) == (before.view.title, before.whence)
    for old, new in zip(before.view.figure["data"], after.view.figure["data"], strict=True):
        assert (old["x"], old["y"], old.get("name")) == (new["x"], new["y"], new.get("name"))
    assert len(go.Figure(after.view.figure).data) == 2 * len(NETWORKS)
    assert not re.search("#1848d1|24,72,209", json.dumps(after.view.figure))


def test_words_and_tables_have_no_figure_to_change():
    one = Pinned(View({}, pd.DataFrame({"a": [1]}), "T", "C", "A", Grade.REPORTED), Whence("", "", ""), "en", "light")
    assert grey(one) == one or grey(one).view.figure == {}
