"""Outlines of a reader's own on every map, what is kept of them, and names in hovers."""

import json

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analysis.space.coverage import SERVED
from analysis.views import decks, maps, served
from analysis.views.coverage import Subject
from analysis.views.look import Look
from analysis.views.theme import Theme
from data import boundaries
from data.boundary_file import BoundaryError
from data.cities import cities
from data.geo import PREFECTURES_URL, PROVINCES_URL
from pages.ui import layers, map_boundaries, outlines
from tests.test_pages import charts, start

EN = Look("en", Theme("light"))
DIGEST = "0123456789abcdef" * 2
GROUND = {"type": "choropleth", "geojson": PROVINCES_URL, "locations": ["330000"], "z": [0]}
PLACES = {"type": "choropleth", "geojson": PREFECTURES_URL, "locations": ["330100"], "z": [3]}
FIGURE = {"data": [GROUND, PLACES, {"type": "bar", "x": [1]}], "layout": {"height": 3}}


@pytest.fixture
def use(monkeypatch):
    def put(*levels):
        monkeypatch.setattr(layers, "served", lambda: True)
        monkeypatch.setattr(boundaries, "used", lambda owner: dict.fromkeys(levels, DIGEST))

    return put


def test_without_own_outlines_a_figure_is_itself(use):
    use()
    assert outlines.drawn(FIGURE) is FIGURE


def test_prefectures_of_one_s_own_are_their_own_ground(use):
    use("prefectures")
    before = json.dumps(FIGURE)
    ground, places, bars = outlines.drawn(FIGURE)["data"]
    assert ground["geojson"] == places["geojson"] == f"{PREFECTURES_URL}?v={DIGEST[:8]}"
    assert {*map(str, cities().index)} <= set(ground["locations"])
    assert len(ground["z"]) == len(ground["locations"]) == len(set(ground["locations"]))
    assert (places["locations"], places["z"]) == (["330100"], [3])
    assert bars is FIGURE["data"][2]
    assert json.dumps(FIGURE) == before  # figures are shared between readers


@pytest.mark.parametrize("levels", [("provinces",), ("provinces", "prefectures")])
def test_provinces_of_one_s_own_are_the_ground(use, levels):
    use(*levels)
    ground, places, _ = outlines.drawn(FIGURE)["data"]
    assert ground["geojson"] == f"{PROVINCES_URL}?v={DIGEST[:8]}"
    assert ground["locations"] == ["330000"]
    assert places["geojson"].startswith(PREFECTURES_URL)
    assert ("?v=" in places["geojson"]) == ("prefectures" in levels)


@pytest.mark.parametrize("levels", [(), ("prefectures",)])
def test_the_area_is_chosen_on_the_same_outlines(use, levels):
    use(*levels)
    figure = {"data": [PLACES]}
    assert outlines.drawn(figure)["data"][0]["geojson"] == outlines.addresses()[0]


ROOMS = [
    ("map", {"room": "nation"}),
    ("map", {"room": "lockers"}),
    ("scenario", {"plan": "l.duoduo.subsidy.0.05", "shows": "map"}),
]


@pytest.mark.parametrize(("name", "query"), ROOMS, ids=["nation", "lockers", "scenario"])
def test_every_room_draws_them(use, name, query):
    use("prefectures")
    app = start(name, **query)
    assert not app.exception
    traces = [trace for chart in charts(app) for trace in json.loads(chart.spec)["data"] if "geojson" in trace]
    assert {trace["geojson"] for trace in traces} == {outlines.addresses()[0]} == {f"{PREFECTURES_URL}?v={DIGEST[:8]}"}


def page():
    import streamlit as st

    from pages.ui import cached, map_boundaries

    for _ in range(3):
        found = cached.kept_large("outlines", ("a",), lambda: map_boundaries._checked(b"[["))
        st.write(found.code)


def test_a_refused_file_is_read_once(monkeypatch):
    read = []

    def check(raw):
        read.append(raw)
        raise BoundaryError("not_json")

    monkeypatch.setattr(map_boundaries.boundaries, "check", check)
    app = AppTest.from_function(page, default_timeout=60).run()
    app.run()
    assert [one.value for one in app.markdown] == ["not_json"] * 3
    assert len(read) == 1


def crowd():
    import streamlit as st

    from pages.ui import cached

    first = cached.kept_large("test.a", (0,), object)
    for number in range(50):
        cached.kept_large("test.b", (number,), object)
    st.write(str(cached.kept_large("test.a", (0,), object) is first))


def test_large_things_do_not_push_out_those_of_another_name():
    assert AppTest.from_function(crowd, default_timeout=60).run().markdown[0].value == "True"


HOSTILE = "<img src=x onerror=alert(1)> {n} J&T"


def test_a_name_in_a_hover_is_text():
    assert decks.safe(HOSTILE) == "&lt;img src=x onerror=alert(1)&gt; &#123;n&#125; J&amp;T"


def test_names_of_networks_are_no_html(monkeypatch):
    monkeypatch.setattr(Look, "name", lambda self, key: HOSTILE)
    cells = pd.DataFrame({"lon": [120.0], "lat": [30.0], "own": [1], "all": [2]})
    shares = pd.DataFrame({key: [float(key == "own")] for key in SERVED})
    hexes = shares.assign(cell=["882a100d67fffff"], lon=120.0, lat=30.0, city="330100", amount=5.0)
    hexes["first"] = pd.Categorical(["own"], SERVED)
    subject = Subject("duoduo", "people", 300)
    for deck in (
        maps.density_map(cells, EN, "duoduo"),
        served.served_map(hexes, EN, subject=subject, ground=PREFECTURES_URL),
    ):
        html = deck._tooltip["html"]
        assert decks.safe(HOSTILE) in html
        assert "<img" not in html
