"""Maps become shapes: one a region, in the colours of the figure, where the projection puts it."""

import copy
import io
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from pptx import Presentation
from pptx.oxml.ns import qn

from analysis.views import nation_map, plain, tile_grid
from analysis.views.look import Look
from analysis.views.nation_values import Frames
from analysis.views.pinned import Whence, pinned
from analysis.views.slide import Ink
from analysis.views.slides import maps
from analysis.views.slides.colours import read, scaled
from analysis.views.slides.conic import Conic, called, cut, outlines
from analysis.views.theme import Theme
from data import geo
from data.cities import cities
from data.grade import Grade

LOOK = Look("en", Theme("light"))
BOX = (500_000, 1_200_000, 11_000_000, 5_000_000)
MONTH = pd.DatetimeIndex(["2026-08-01"])
CODES = ("310000", "110000", "330100")


def drawn(figure, table=None, look=LOOK):
    """The shapes of a slide with the map, opened anew."""
    show = Presentation()
    slide = show.slides.add_slide(show.slide_layouts[6])
    found = maps.draw(figure, slide.shapes, BOX, look, Ink(), alt="What it shows", table=table)
    out = io.BytesIO()
    show.save(out)
    return SimpleNamespace(drawn=found, shapes=list(Presentation(io.BytesIO(out.getvalue())).slides[0].shapes))


def parts(found):
    return [part for group in found.shapes if group.shape_type == 6 for part in group.shapes]


def region(found, name, *, last=True):
    named = [part for part in parts(found) if part.name == name]
    return named[-1 if last else 0]


def filled(part) -> str:
    return part._element.find(f"{qn('p:spPr')}/{qn('a:solidFill')}/{qn('a:srgbClr')}").get("val")


def map_of(measure="network_share", look=LOOK, values=(0.1, 0.2, 0.3)):
    table = cities().loc[list(CODES)]
    rows = pd.DataFrame({"name": table[f"city_{look.lang}"], "share": values, "leader": ["duoduo", "duoduo", "jd"]})
    rows = rows.assign(lead=[0.2, 0.1, 0.3], parcels=[3.0, 2.0, 1.0], **{measure: rows.get(measure, values)})
    said = {"caption": "Share", "month": "Aug 2026", "grade": Grade.MODELLED}
    view = nation_map.prefectures(rows, look, measure=measure, network="duoduo", **said)
    return pinned(view, Whence("map", "", ""), lang=look.lang, theme="light").view


def tiles_of(by="province", measure="network_share"):
    codes = ("310000", "440000") if by == "province" else CODES
    frames = Frames(measure, "duoduo", codes, MONTH, np.array([[0.1, 0.4, 0.2][: len(codes)]], np.float32), by=by)
    view = tile_grid.tiles(frames, LOOK, title="T", caption="C", grade=Grade.MODELLED, table=pd.DataFrame({"a": [1]}))
    return pinned(view, Whence("map", "", ""), lang="en", theme="light").view.figure


def test_every_region_is_a_shape_of_its_own_with_its_name():
    found = drawn(map_of().figure)
    names = {part.name for part in parts(found)}
    assert found.drawn
    assert {str(one["properties"]["name_en"]) for one in geo.provinces()["features"]} <= names
    assert {"Shanghai", "Beijing", "Hangzhou"} <= names
    assert all(
        group._element.find(f".//{qn('p:cNvPr')}").get("descr")
        for group in found.shapes
        if group.has_text_frame is False
    )


def test_names_are_in_the_language_of_the_deck():
    look = Look("zh", Theme("light"))
    names = {part.name for part in parts(drawn(map_of(look=look).figure, look=look))}
    assert {"上海", "杭州"} <= names
    assert "Hangzhou" not in names


def test_regions_have_the_colours_of_the_figure():
    view = map_of()
    found, trace = drawn(view.figure), view.figure["data"][1]
    named = dict(zip(trace["locations"], [data[0] for data in trace["customdata"]], strict=True))
    colours = scaled(trace["z"], trace["colorscale"], trace["zmin"], trace["zmax"])
    for code, colour in zip(trace["locations"], colours, strict=True):
        assert filled(region(found, named[code])) == read(colour)[0]
    ground = next(part for part in parts(found) if part.name == "Qinghai")
    assert "#" + filled(ground).lower() == LOOK.theme.grid


def test_what_a_region_says_is_what_the_hover_says():
    alt = region(drawn(map_of().figure), "Hangzhou")._element.find(f".//{qn('p:cNvPr')}").get("descr")
    trace = map_of().figure["data"][1]
    assert alt == f"Hangzhou: {trace['customdata'][trace['locations'].index('330100')][1]}"


def test_a_place_without_a_value_shows_the_ground():
    figure = copy.deepcopy(map_of().figure)
    figure["data"][1]["z"][0] = None
    name = figure["data"][1]["customdata"][0][0]
    before = sum(part.name == name for part in parts(drawn(map_of().figure)))
    assert sum(part.name == name for part in parts(drawn(figure))) == before - 1


def test_shapes_stay_within_their_box():
    for part in parts(drawn(map_of().figure)):
        assert part.left >= BOX[0] - 1_000
        assert part.top >= BOX[1] - 1_000
        assert part.left + part.width <= BOX[0] + BOX[2] + 1_000
        assert part.top + part.height <= BOX[1] + BOX[3] + 1_000


def test_outlines_of_unknown_origin_are_left_to_a_picture():
    figure = copy.deepcopy(map_of().figure)
    figure["data"][1]["geojson"] = "https://example.invalid/x.geojson"
    assert not drawn(figure).drawn


def test_outlines_within_the_figure_are_drawn():
    square = {"type": "Polygon", "coordinates": [[[100, 30], [110, 30], [110, 40], [100, 40], [100, 30]]]}
    feature = {"properties": {"adcode": "999999"}, "geometry": square}
    trace = {"type": "choropleth", "geojson": {"features": [feature]}, "locations": ["999999"], "z": [1]}
    trace |= {"colorscale": [[0, "#000000"], [1, "#ff0000"]], "zmin": 0, "zmax": 1, "showscale": False}
    found = drawn({"data": [trace], "layout": {"geo": plain.GEO}})
    assert filled(region(found, "999999")) == "FF0000"


def test_the_bar_of_colours_has_the_words_of_the_figure():
    view = map_of()
    bar = next(t for t in view.figure["data"] if (t.get("marker") or {}).get("showscale"))["marker"]["colorbar"]
    texts = [shape.text_frame.text for shape in drawn(view.figure).shapes if shape.has_text_frame]
    assert set(bar["ticktext"]) & set(texts)
    assert set(texts) <= set(bar["ticktext"])


def test_who_leads_is_named_beside_the_map():
    view = map_of("leader")
    texts = [shape.text_frame.text for shape in drawn(view.figure, view.table).shapes if shape.has_text_frame]
    assert texts == ["Duoduo", "JD"]


def test_points_are_dots_lines_are_lines_and_words_are_words():
    base = {"type": "scattergeo", "lon": [116.4, 121.5], "lat": [39.9, 31.2]}
    dots = {
        **base,
        "mode": "markers",
        "text": ["Beijing", "Shanghai"],
        "marker": {"size": 8, "color": ["#ff0000", "#00ff00"]},
    }
    line = {**base, "mode": "lines", "line": {"color": "#0000ff", "width": 2}, "name": "way"}
    words = {**base, "mode": "text", "text": ["here", "there"]}
    found = drawn({"data": [dots, line, words], "layout": {"geo": plain.GEO}})
    north, south = region(found, "Beijing"), region(found, "Shanghai")
    assert (filled(north), filled(south)) == ("FF0000", "00FF00")
    assert north.top < south.top
    assert north.left < south.left
    way = region(found, "way")
    assert way._element.find(f".//{qn('a:path')}").get("fill") == "none"
    assert {shape.text_frame.text for shape in found.shapes if shape.has_text_frame} == {"here", "there"}


def test_many_dots_of_a_colour_are_one_shape():
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(100, 115, 900).tolist(), rng.uniform(25, 40, 900).tolist()
    trace = {"type": "scattergeo", "mode": "markers", "lon": lon, "lat": lat, "marker": {"size": 4, "color": "#123456"}}
    found = drawn({"data": [trace], "layout": {"geo": plain.GEO}})
    assert len(parts(found)) == 1
    assert len(parts(found)[0]._element.findall(f".//{qn('a:arcTo')}")) == 900


def test_tiles_are_squares_with_their_words_in_them():
    figure = tiles_of()
    found = drawn(figure)
    shanghai = region(found, "Shanghai")
    assert shanghai.text_frame.text == "Shanghai\n10%"
    assert abs(shanghai.width - shanghai.height) <= 2
    trace = [t for t in figure["data"] if t["type"] == "heatmap"][-1]
    row, column = tile_grid.TILES["310000"]
    colour = scaled([trace["z"][row][column]], trace["colorscale"], trace["zmin"], trace["zmax"])[0]
    assert filled(shanghai) == read(colour)[0]
    assert region(found, "Heilongjiang").top < shanghai.top < region(found, "Hainan").top


def test_tiles_of_prefectures_have_the_names_of_provinces_above():
    found = drawn(tiles_of("city"))
    texts = {shape.text_frame.text for shape in found.shapes if shape.has_text_frame}
    assert {"Zhejiang", "Sichuan"} <= texts
    assert "Hangzhou" in {part.name for part in parts(found)}


def test_a_map_on_a_plane_keeps_its_aspect_and_breaks():
    trace = {
        "type": "scatter",
        "mode": "lines",
        "fill": "toself",
        "fillcolor": "rgba(255,0,0,0.5)",
        "line": {"width": 0},
    }
    trace |= {"x": [0, 10, 10, None, 20, 30, 30], "y": [0, 0, 10, None, 0, 0, 10], "name": "Area", "showlegend": True}
    layout = {"meta": {"map": True}, "xaxis": {"range": [0, 40], "visible": False}, "yaxis": {"range": [0, 20]}}
    found = drawn({"data": [trace], "layout": layout})
    area = region(found, "Area", last=False)
    assert len(area._element.findall(f".//{qn('a:moveTo')}")) == 2
    assert area.width / area.height == pytest.approx(3, rel=0.01)
    assert area._element.find(f".//{qn('a:alpha')}").get("val") == "50000"
    assert [shape.text_frame.text for shape in found.shapes if shape.has_text_frame] == ["Area"]


def test_charts_are_no_maps():
    assert not maps.is_map({"data": [{"type": "bar"}], "layout": {}})
    assert not maps.is_map({"data": [{"type": "heatmap"}], "layout": {"xaxis": {"visible": True}}})


def test_the_projection_keeps_areas():
    conic = Conic(plain.GEO, (0, 0, 1000, 1000))

    def area(lon, lat):
        ring = conic(np.array([[lon, lat], [lon + 0.1, lat], [lon + 0.1, lat + 0.1], [lon, lat + 0.1]], float))
        x, y = ring.T
        return abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / np.cos(np.radians(lat + 0.05))

    sizes = [area(lon, lat) for lon in (80, 105, 130) for lat in (20, 35, 50)]
    assert np.ptp(sizes) / np.mean(sizes) < 1e-3


def test_the_middle_meridian_stands_upright():
    x, y = Conic(plain.GEO, (0, 0, 1000, 1000))(np.array([[105.0, 20.0], [105.0, 50.0]])).T
    assert x[0] == pytest.approx(x[1])
    assert y[0] > y[1]


@pytest.mark.parametrize(
    ("ring", "left"),
    [
        ([[1, 1], [2, 1], [2, 2], [1, 2], [1, 1]], 1.0),
        ([[-5, -5], [15, -5], [15, 15], [-5, 15], [-5, -5]], 100.0),
        ([[5, 2], [15, 2], [15, 4], [5, 4], [5, 2]], 10.0),
        ([[20, 20], [30, 20], [30, 30], [20, 20]], 0.0),
    ],
    ids=["inside", "around", "across", "outside"],
)
def test_cutting_leaves_what_is_inside(ring, left):
    found = cut(np.array(ring, float), (0, 0, 10, 10))
    x, y = found.T if len(found) else (np.zeros(1), np.zeros(1))
    assert abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2 == pytest.approx(left)


def test_every_outline_has_a_name():
    for lang in ("en", "zh"):
        names = called(Look(lang, Theme("light")))
        assert all(names[code] for file in ("provinces", "prefectures") for code in outlines(file))
