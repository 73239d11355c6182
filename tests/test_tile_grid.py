"""Tile-grid maps: every place has one square, about where it lies, in the colour of its value."""

import pandas as pd
import pytest

from analysis.views import nation, tile_grid
from analysis.views.nation_scale import hexes
from data import demo
from data.cities import cities
from data.geo import provinces
from data.grade import Grade


def test_every_province_has_one_tile_and_lies_about_right():
    codes = {str(one["properties"]["adcode"]) for one in provinces()["features"]}
    assert set(tile_grid.TILES) == codes
    assert len(set(tile_grid.TILES.values())) == len(codes)
    seats = cities().groupby(cities().index.str[:2])[["lat", "lon"]].mean()
    tiles = pd.DataFrame(tile_grid.TILES, index=["row", "column"]).T
    tiles.index = tiles.index.str[:2]
    both = seats.join(tiles).astype(float).rank()
    assert both["row"].corr(-both["lat"]) > 0.85
    assert both["column"].corr(both["lon"]) > 0.85


def test_prefectures_stand_inside_their_province():
    codes = tuple(cities().index)
    where = tile_grid.squares(codes)
    assert set(codes) <= set(where)
    assert len(set(where.values())) == len(where)
    for code, (row, column) in where.items():
        top, left = (tile_grid.STEP * at for at in tile_grid.TILES[f"{code[:2]}0000"])
        assert 0 <= row - top < tile_grid.SIDE
        assert 0 <= column - left < tile_grid.SIDE


@pytest.mark.parametrize("by", nation.BY)
@pytest.mark.parametrize("measure", nation.MEASURES)
def test_tiles_say_and_show_the_frames(look, measure, by):
    frames = nation.frames(demo.load().panel, "duoduo", measure, by=by)
    about = {"title": "Finding", "caption": "c", "grade": Grade.MODELLED, "table": pd.DataFrame({"a": [1]})}
    view = tile_grid.tiles(frames, look, **about)
    heat = next(trace for trace in reversed(view.figure["data"]) if trace["type"] == "heatmap")
    colours = [colour for _, colour in heat["colorscale"]]
    wanted = dict(zip(frames.cities, hexes(nation.paint(frames, look)[-1]), strict=True))
    where = tile_grid.TILES if by == "province" else tile_grid.squares(frames.cities)
    for number, (code, (row, column)) in enumerate(where.items()):
        assert heat["z"][row][column] == number
        assert colours[number] == wanted.get(code, look.theme.grid)
    assert "Finding" in view.alt
    said = dict(zip(frames.cities, nation.words(frames, look), strict=True))
    row, column = where["110000"]
    assert said["110000"] in heat["text"][row][column]


def test_prefectures_fill_the_width_and_provinces_stay_square(look):
    about = {"title": "t", "caption": "c", "grade": Grade.MODELLED, "table": pd.DataFrame({"a": [1]})}
    drawn = {}
    for by in nation.BY:
        frames = nation.frames(demo.load().panel, "duoduo", "leader", by=by)
        drawn[by] = tile_grid.tiles(frames, look, **about).figure["layout"]
    assert "scaleanchor" not in drawn["city"]["yaxis"]
    assert drawn["province"]["yaxis"]["scaleanchor"] == "x"
    assert drawn["city"]["height"] > drawn["province"]["height"]
