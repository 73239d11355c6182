"""The Explore room: what reaches the browser, and what a click and the slider do."""

import json

import pytest

from data.text import LANGUAGES
from pages.ui import layers, map_deck
from tests.test_pages import start


@pytest.fixture
def served(monkeypatch):
    monkeypatch.setattr(layers, "served", lambda: True)
    monkeypatch.setattr(layers, "SHELF", layers.Shelf())


def told(app):
    """Data of the map's component."""
    (found,) = [one.proto for one in app.get("bidi_component") if one.proto.component_name.endswith("posthouse_map")]
    return json.loads(found.json or found.mixed.json)


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_browser_is_told_months_networks_and_addresses(lang):
    app = start("map", lang=lang, month="2025-03", measure="network_share", focus="cainiao")
    assert not app.exception
    data = told(app)
    follow = data["zooming"]
    assert follow["keys"][follow["month"]] == "2025-03"
    assert len(follow["months"]) == len(follow["keys"]) == 92
    assert follow["networks"][follow["focus"]]["key"] == "cainiao"
    assert len(follow["regions"]["codes"]) == len(follow["regions"]["names"]) == 337
    assert follow["stations"].startswith(layers.ROOT)
    assert set(data["words"]["stages"]) == set(map_deck.STAGES)
    assert len(data["alt"]) > 20
    assert len(json.dumps(data)) < 40_000


@pytest.mark.usefixtures("served")
def test_unchanged_layers_keep_their_addresses():
    first = told(start("map", measure="network_share"))["zooming"]
    again = told(start("map", measure="hhi"))["zooming"]
    assert first["regions"]["url"] != again["regions"]["url"]


def test_without_routes_the_outline_map_stands_in():
    app = start("map")
    assert not app.exception
    assert app.get("plotly_chart")
    assert not [one for one in app.get("bidi_component") if one.proto.component_name.endswith("posthouse_map")]


@pytest.mark.parametrize(
    "value", [None, "x", {}, {"layer": "a"}, {"layer": "a", "row": 3, "lat": 1, "lon": 2}, {"row": {}, "lat": "x"}]
)
def test_a_strange_click_is_none(value):
    assert map_deck._click(value) is None


def test_a_click_says_where_and_what():
    found = map_deck._click({"layer": "regions", "row": {"adcode": "330100"}, "lat": 30.1, "lon": 120})
    assert (found.layer, found.row["adcode"], found.lat, found.lon) == ("regions", "330100", 30.1, 120.0)
