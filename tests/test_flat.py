"""A map of marks as a plain figure: everything where it lies, as large and of the colour that it has on the map."""

import json
import math

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pydeck
import pytest

from analysis.views import decks, flat, maps
from analysis.views.decks import Bounds
from analysis.views.look import Look, View
from analysis.views.pinned import Whence, pinned, plain
from analysis.views.plane import Plane
from analysis.views.theme import Theme
from data import geo
from data.grade import Grade

LOOK = Look("en", Theme("light"))
CITY = Bounds(120.0, 30.0, 120.4, 30.3)
RED = [200, 0, 0]


def dots(rows, **options):
    given = {"get_position": "[lon, lat]", "get_radius": 100, "get_fill_color": RED} | options
    return pydeck.Layer("ScatterplotLayer", id="dots", data=pd.DataFrame(rows), **given)


def figure(*layers, bounds=CITY, **options):
    return flat.flat(decks.deck(list(layers), bounds, tip=""), LOOK, **options)


def marks(found):
    return [trace for trace in found["data"] if trace["mode"] == "markers"]


def square():
    return pd.DataFrame({"lon": [120.0, 120.4, 120.4, 120.0], "lat": [30.0, 30.0, 30.3, 30.3]})


def test_distances_on_the_paper_are_those_on_the_ground():
    found = marks(figure(dots(square())))[0]
    x, y = np.array(found["x"]), np.array(found["y"])
    for first, second in ((0, 1), (1, 2), (0, 2), (1, 3)):
        rows = square().iloc[[first, second]]
        ground = geo.distance_km(*rows[["lat", "lon"]].iloc[0], *rows[["lat", "lon"]].iloc[1])
        assert math.hypot(x[first] - x[second], y[first] - y[second]) == pytest.approx(float(ground), rel=2e-3)


def test_north_is_up_and_east_is_right():
    found = marks(figure(dots(square())))[0]
    assert found["x"][1] > found["x"][0]
    assert found["y"][2] > found["y"][1]


def test_a_unit_is_as_long_upwards_as_sideways():
    layout = figure(dots(square()))["layout"]
    assert layout["yaxis"]["scaleanchor"] == "x"
    assert layout["yaxis"]["scaleratio"] == 1


def test_the_country_is_drawn_with_equal_areas():
    plane = Plane(105, 35, conic=True)
    sides = 0.5
    for lon, lat in ((80, 40), (105, 25), (105, 47), (125, 50), (110, 20)):
        corners = plane.at([lon, lon + sides, lon + sides, lon], [lat, lat, lat + sides, lat + sides])
        x, y = corners
        area = 0.5 * abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))
        wide = math.radians(sides) * (math.sin(math.radians(lat + sides)) - math.sin(math.radians(lat)))
        assert area == pytest.approx(geo.EARTH_KM**2 * wide, rel=0.01)


def test_a_wide_map_is_conic_and_a_narrow_one_is_not():
    narrow, wide = square(), pd.DataFrame({"lon": [80.0, 130.0, 80.0, 130.0], "lat": [25.0, 25.0, 45.0, 45.0]})
    flat_sides = marks(figure(dots(narrow)))[0]["x"]
    assert flat_sides[0] == flat_sides[3]
    cone = marks(figure(dots(wide), bounds=Bounds(80, 25, 130, 45)))[0]["x"]
    assert cone[1] - cone[0] > cone[3] - cone[2] > 0


def test_marks_keep_colour_size_and_words():
    rows = square().assign(c=[[1, 2, 3], [4, 5, 6, 51], [1, 2, 3], [7, 8, 9]], r=[0, 1e3, 1e6, 1e3], t=list("abcd"))
    found = marks(
        figure(dots(rows, get_fill_color="c", get_radius="r", radius_min_pixels=2, radius_max_pixels=30, stroked=False))
    )[0]
    assert found["marker"]["color"] == ["rgba(1,2,3,1)", "rgba(4,5,6,0.2)", "rgba(1,2,3,1)", "rgba(7,8,9,1)"]
    assert found["marker"]["size"][0] == 4
    assert found["marker"]["size"][2] == 60
    assert 4 < found["marker"]["size"][1] < 60
    assert found["text"] == list("abcd")


def test_a_colour_put_together_of_numbers_and_a_column_is_read():
    rows = square().assign(a=[255, 0, 51, 255])
    found = marks(figure(dots(rows, get_fill_color="[24, 72, 209, a]")))[0]
    assert found["marker"]["color"] == [f"rgba(24,72,209,{part})" for part in ("1", "0", "0.2", "1")]


def test_rings_have_no_fill():
    found = marks(figure(dots(square(), filled=False, stroked=True, get_line_color=[1, 1, 1], line_width_min_pixels=3)))
    assert found[0]["marker"]["color"] == "rgba(0,0,0,0)"
    assert found[0]["marker"]["line"] == {"width": 3, "color": "rgba(1,1,1,1)"}


def test_hexagons_lie_where_their_cells_are_and_share_a_trace_by_colour():
    cells = ["8731aa42dffffff", "8731aa429ffffff", "8731aa42affffff"]
    rows = pd.DataFrame({"h": cells, "c": [[200, 0, 0, 255], [200, 0, 0, 255], [0, 0, 200, 128]]})
    layer = pydeck.Layer("H3HexagonLayer", id="hexes", data=rows, get_hexagon="h", get_fill_color="c")
    found = figure(layer, bounds=Bounds(116.3, 39.8, 116.6, 40.0))
    shapes = [trace for trace in found["data"] if trace.get("fill") == "toself"]
    assert [trace["fillcolor"] for trace in shapes] == ["rgba(200,0,0,1)", "rgba(0,0,200,0.502)"]
    assert [trace["x"].count(None) for trace in shapes] == [1, 0]
    corners = [value for value in shapes[1]["x"] if value is not None]
    assert len(corners) == 7
    assert corners[0] == corners[-1]
    assert 1 < max(corners) - min(corners) < 4


def test_outlines_are_those_within_the_frame():
    found = figure(decks.land(LOOK, geo.PREFECTURES_URL), dots(square()))
    ground = found["data"][0]
    assert ground["fill"] == "toself"
    assert 0 < ground["x"].count(None) < 40
    own = {
        "features": [{"geometry": {"type": "Polygon", "coordinates": [[[120, 30], [121, 30], [121, 31], [120, 30]]]}}]
    }
    assert len(figure(decks.land(LOOK, geo.PREFECTURES_URL), dots(square()), ground=own)["data"][0]["x"]) == 4


def test_more_marks_than_can_be_drawn_become_fewer_and_that_is_said():
    rng = np.random.default_rng(1)
    many = flat.MOST * 3
    rows = pd.DataFrame({"lon": rng.uniform(120, 120.4, many).round(4), "lat": rng.uniform(30, 30.3, many).round(4)})
    found = figure(dots(rows))
    shown = len(marks(found)[0]["x"])
    assert shown <= flat.MOST
    assert f"{many - shown:,}" in found["layout"]["annotations"][0]["text"]
    assert "annotations" not in figure(dots(square()))["layout"]


def test_texts_stand_at_their_places():
    rows = square().assign(id=list("1234"))
    names = pydeck.Layer(
        "TextLayer", id="names", data=rows, get_position="[lon, lat]", get_text="id", get_size=13, get_color=[0, 0, 0]
    )
    text = next(trace for trace in figure(names)["data"] if trace["mode"] == "text")
    assert text["text"] == list("1234")
    assert text["textfont"]["size"] == 13


def test_the_legend_says_what_colours_mean():
    found = figure(dots(square()), legend=[("#ff0000", "Own"), ("#00ff00", "Rivals")])
    named = [trace for trace in found["data"] if trace["showlegend"]]
    assert [trace["name"] for trace in named] == ["Own", "Rivals"]
    assert found["layout"]["showlegend"] is True


def test_a_map_without_marks_is_a_map():
    found = figure(decks.land(LOOK, geo.PROVINCES_URL), dots(square()[:0]))
    assert found["data"][0]["fill"] == "toself"


def test_it_is_plain_and_plotly_takes_it():
    stations = pd.DataFrame({"lon": [120.1, 120.2], "lat": [30.1, 30.2], "platform": ["duoduo", "jd"]})
    found = flat.flat(maps.city_map(stations, LOOK, "duoduo"), LOOK)
    assert json.loads(json.dumps(found)) == found == plain(found)
    assert len(go.Figure(found).data) == len(found["data"])
    view = View(found, pd.DataFrame(), "t", "c", "a", Grade.MODELLED)
    assert pinned(view, Whence("map", "s", "v"), lang="en", theme="light").kind == "chart"


def test_a_map_that_is_only_looked_at_is_not_made():
    made = []

    def make():
        made.append(1)
        return figure(dots(square()))

    later = flat.Later(make)
    view = View(later, pd.DataFrame(), "t", "c", "a", Grade.MODELLED)
    assert bool(later)
    assert not made
    assert pinned(view, Whence("map", "s", "v"), lang="en", theme="light").view.figure == figure(dots(square()))
    assert made == [1]
