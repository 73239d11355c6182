"""What the browser is told about the map that follows the zoom."""

import json

import numpy as np
import pandas as pd
import pytest

from analysis.space.cloud import RESOLUTIONS, cloud, hexes
from analysis.views import nation, zoom
from analysis.views.look import Look
from analysis.views.theme import Theme
from data import demo
from data.geo import outlines
from data.platforms import PLATFORMS
from pages.ui import map_deck


@pytest.fixture(scope="module")
def market():
    return demo.load()


@pytest.fixture(scope="module")
def laid(market):
    rows = market.stations[market.stations["city"].isin(["110000", "540100"])]
    return cloud(rows, first=pd.Timestamp("2019-01-01"))


@pytest.fixture(scope="module")
def frames(market):
    return nation.frames(market.panel, "duoduo", "network_share")


def count(body):
    return int(np.frombuffer(body[:4], "<u4")[0])


def test_every_layer_has_a_name_of_its_own(look):
    layers = [layer.id for layer in zoom.zoom_map(look, city="110000").layers]
    assert layers == ["land", "regions", "hexes", "stations", "borders", "chosen", "names"]
    assert [layer.id for layer in zoom.zoom_map(look).layers] == [*layers[:-2], "names"]


def test_names_are_those_of_the_language(look):
    names = pd.DataFrame(zoom.zoom_map(look, city="330100").layers[-1].data)["t"]
    assert ("杭州" in set(names)) == (look.lang == "zh")
    assert 337 < len(names) <= 337 + zoom.MOST_PLACES
    assert names.is_unique


def test_the_map_asks_nobody_outside(look):
    sent = zoom.zoom_map(look, city="110000").to_json()
    assert "http" not in sent
    assert json.loads(sent).get("mapProvider") is None
    assert len(sent) < 60_000


def test_it_opens_on_the_city(look):
    view = zoom.zoom_map(look, city="110000").initial_view_state
    rings = np.concatenate(outlines()["110000"])
    assert rings[:, 0].min() < view.longitude < rings[:, 0].max()
    assert rings[:, 1].min() < view.latitude < rings[:, 1].max()
    assert view.zoom > zoom.zoom_map(look).initial_view_state.zoom + 2


def test_it_frames_the_reader_s_own_shape(look):
    ring = [[100.0, 30.0], [101.0, 30.0], [101.0, 31.0], [100.0, 30.0]]
    own = {"type": "MultiPolygon", "coordinates": [[ring]]}
    found = zoom.zoom_map(look, city="110000", shape=own)
    (framed,) = [layer for layer in found.layers if layer.id == "chosen"]
    assert framed.data["features"][0]["geometry"] == own
    assert found.initial_view_state.longitude == pytest.approx(100.5)


def test_an_unknown_city_is_the_whole_country(look):
    assert zoom.zoom_map(look, city="999999").to_json() == zoom.zoom_map(look).to_json()


def test_steps_name_the_layers_there_are():
    from_zoom, stages = zip(*zoom.STEPS, strict=True)
    assert list(from_zoom) == sorted(from_zoom, reverse=True)
    assert set(stages) == {"stations", "regions", *map(str, RESOLUTIONS)} == set(map_deck.STAGES)


def test_colours_of_all_months_are_one_packet(frames):
    look = Look("en", Theme("dark"))
    body = zoom.region_packets(frames, look)("colours")
    assert count(body) == 3 * len(frames.months) * len(frames.cities)
    painted = np.frombuffer(body[8:], np.uint8).reshape(len(frames.months), len(frames.cities), 3)
    np.testing.assert_array_equal(painted, nation.paint(frames, look))


def test_words_of_a_month_are_one_a_city(frames, look):
    make = zoom.region_packets(frames, look)
    assert json.loads(make("words/5.json")) == nation.words(frames, look, month=frames.months[5])


@pytest.mark.parametrize("name", ["", "words/92.json", "words/-1.json", "words/x.json", "words/٣.json", "colour"])
def test_other_names_are_not_there(frames, look, name):
    assert zoom.region_packets(frames, look)(name) is None


def test_stations_by_name(laid):
    make, month = zoom.station_packets(laid, 92, None), 91
    for resolution in RESOLUTIONS:
        assert count(make(f"hex/{resolution}/{month}/2")) == len(hexes(laid, resolution, month).cells)
    assert count(make(f"every/{month}")) == laid.standing(month).sum()
    tiles = [count(make(f"tile/{x}/{y}")) for x, y in laid.tiles]
    assert sum(tiles) == len(laid.lon)


def test_the_focus_is_the_network_counted(laid):
    make, keys = zoom.station_packets(laid, 92, None), list(PLATFORMS)
    found = hexes(laid, 4, 91)
    for place in (0, keys.index("hivebox")):
        body = make(f"hex/4/91/{place + 1}")
        own = np.frombuffer(body[8 + 8 * len(found.cells) :][: 4 * len(found.cells)], "<u4")
        np.testing.assert_array_equal(own, found.counts[:, place])
    nobody = np.frombuffer(make("hex/4/91/0")[8 + 8 * len(found.cells) :][: 4 * len(found.cells)], "<u4")
    assert not nobody.any()


def test_cities_limit_everything(laid):
    make = zoom.station_packets(laid, 92, ["540100"])
    alone = laid.standing(91, cities=["540100"]).sum()
    assert 0 < alone < laid.standing(91).sum()
    assert count(make("every/91")) == alone


@pytest.mark.parametrize(
    "name",
    ["hex/7/91/0", "hex/4/92/0", "hex/4/91", "hex/4/91/0/1", "tile/1", "tile/-1/2", "every/92", "every/", "x", ""],
)
def test_strange_stations_are_not_there(laid, name):
    assert zoom.station_packets(laid, 92, None)(name) is None


def test_networks_have_the_colours_of_the_page(look):
    told = zoom.colours(look)["networks"]
    assert [one["key"] for one in told] == list(PLATFORMS)
    assert ["#{:02x}{:02x}{:02x}".format(*one["rgb"]) for one in told] == [look.theme.colour(key) for key in PLATFORMS]
