"""The Map page's room for slides and changes: every form in both languages, and outlines of the reader's own."""

import json

import pandas as pd
import pytest
from playwright.sync_api import expect

from analysis.space.moves import moves
from analysis.views import nation, tile_grid
from data import demo, geo
from data.boundary_file import check
from data.platforms import PLATFORMS
from data.text import LANGUAGES, say
from pages.ui.map_nation import FORMS, SCOPES
from tests.test_pages import charts, start


def room(**query):
    app = start("map", room="nation", **query)
    assert not app.exception
    assert not app.error
    return app


def headings(app):
    return [h.value for h in app.header]


def spec(app, place=0):
    return json.loads(charts(app)[place].spec)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_drawn_with_its_words(form, lang):
    app = room(nat_form=form, lang=lang, measure="growth")
    assert len(charts(app)) == 4
    assert all(len(chart.alt) > 20 for chart in charts(app))
    kinds = {trace["type"] for trace in spec(app)["data"]}
    assert ("choropleth" in kinds) == (form == "outline")
    assert ("heatmap" in kinds) == (form != "outline")
    tables = [b for b in app.get("popover") if b.proto.popover.label == say("view.as_table", lang)]
    assert len(tables) == 4


@pytest.mark.parametrize("measure", nation.MEASURES)
def test_every_measure_is_drawn(measure):
    app = room(measure=measure, nat_form="provinces")
    heat = [trace for trace in spec(app)["data"] if trace["type"] == "heatmap"][-1]
    assert len(heat["colorscale"]) == len(tile_grid.TILES)


def test_openings_are_those_between_the_months_of_the_link():
    app = room(nat_since="2023-06", nat_until="2024-05", focus="jd")
    market = demo.load()
    table = moves(market.stations, pd.Timestamp("2023-06-30"), pd.Timestamp("2024-05-31"))
    bars = [trace for trace in spec(app, 1)["data"] if trace["type"] == "bar"]
    shown = dict(zip(bars[0]["y"], bars[0]["x"], strict=True))
    assert shown[PLATFORMS["jd"].en] == table.loc["jd", "opened"]
    assert any("May 2024" in caption.value for caption in app.caption)


@pytest.mark.parametrize("scope", SCOPES)
def test_the_map_counts_whom_it_says(scope):
    app = room(nat_scope=scope)
    assert headings(app)[-1].startswith("Duoduo" if scope == "focus" else say(f"nation.scope_{scope}", "en"))


def test_months_in_the_wrong_order_are_said():
    app = room(nat_since="2024-05", nat_until="2023-06")
    assert say("nation.moves_order", "en") in [info.value for info in app.info]
    assert len(charts(app)) == 1


def test_a_network_without_stations_is_said():
    app = room(nat_since="2019-03", nat_until="2019-06", focus="duoduo")
    assert any("Duoduo" in info.value for info in app.info)


def test_an_area_narrows_everything():
    app = room(area="33", nat_form="prefectures")
    assert "11" in headings(app)[0]
    places = [trace for trace in spec(app, 3)["data"] if trace["type"] == "choropleth"][-1]["locations"]
    assert places
    assert all(code.startswith("33") for code in places)


def own_file():
    """Zhejiang alone, its cities shifted, with the marks of some other program."""
    features = []
    for one in geo.prefectures()["features"]:
        code = str(one["properties"]["adcode"])
        if code.startswith("33"):
            shape = {"type": one["geometry"]["type"], "coordinates": one["geometry"]["coordinates"]}
            features.append({"type": "Feature", "properties": {"ADCODE99": int(code)}, "geometry": shape})
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def test_own_outlines_are_brought_used_and_removed(page):
    found = check(own_file())
    tab = page("/map?room=nation")
    tab.locator(".st-key-nat_outlines button").first.click()
    file = {"name": "own.geojson", "mimeType": "application/json", "buffer": own_file()}
    tab.locator(".st-key-nat_outlines_file_0 input[type=file]").set_input_files(file)
    expect(tab.get_by_text(say("nation.found_prefectures", "en", n=11, total=337))).to_be_visible()
    with tab.expect_response(lambda answer: "prefectures.geojson?v=" in answer.url) as answered:
        tab.locator(".st-key-nat_use button").click()
    assert answered.value.body() == found.content
    used = tab.get_by_text(say("nation.outlines_used", "en", level="prefectures"))
    expect(used).to_be_visible()
    tab.locator(".st-key-nat_remove_prefectures button").click()
    expect(used).to_have_count(0)
    tab.locator(".st-key-nat_outlines_file_1 input[type=file]").set_input_files(
        {"name": "bad.json", "mimeType": "application/json", "buffer": b"[["}
    )
    expect(tab.get_by_text(say("nation.boundary_not_json", "en"))).to_be_visible()
