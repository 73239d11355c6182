"""Coordinates of Chinese maps: published pairs of points, there and back, and which system a file is in."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.cities import cities
from data.intake.crs import CRS, FAR_M, distance_m, from_wgs84, guess, hint, to_wgs84

CM = 0.01
PAIRS = [  # longitude and latitude in WGS-84, then in the other system
    # eviltransform, go/transform_test.go
    ("GCJ-02", (121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ("GCJ-02", (113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ("GCJ-02", (116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    # coordtransform, README
    ("GCJ-02", (116.404, 39.915), (116.41024449916938, 39.91640428150164)),
    # the README's point in GCJ-02 turned by its gcj02tobd09
    ("BD-09", (116.404, 39.915), (116.41662724378733, 39.922699552216216)),
]
LON, LAT = st.floats(74, 135), st.floats(4, 53)


@pytest.mark.parametrize(("crs", "wgs", "other"), PAIRS)
def test_published_points(crs, wgs, other):
    assert np.ravel(from_wgs84(*wgs_of(wgs), crs)) == pytest.approx(other, abs=1e-9)
    assert np.ravel(to_wgs84(*wgs_of(other), crs)) == pytest.approx(wgs, abs=1e-9)


def wgs_of(point):
    return [point[0]], [point[1]]


@given(LON, LAT, st.sampled_from(CRS))
def test_there_and_back_is_less_than_a_centimetre(lon, lat, crs):
    moved = from_wgs84([lon], [lat], crs)
    assert distance_m(to_wgs84(*moved, crs), (np.array([lon]), np.array([lat])))[0] < CM


def test_cities_shift_by_some_hundred_metres():
    table = cities()
    at = table["lon"].to_numpy(float), table["lat"].to_numpy(float)
    moved = distance_m(from_wgs84(*at, "GCJ-02"), at)
    assert np.quantile(moved, [0.05, 0.95]) == pytest.approx([300, 640], abs=120)
    assert moved.max() < 750
    assert distance_m(from_wgs84(*at, "BD-09"), at).min() > moved.min()


@pytest.mark.parametrize("crs", CRS)
@pytest.mark.parametrize("point", [(-0.1, 51.5), (139.7, 35.7), (0.0, 0.0), (float("nan"), float("nan"))])
def test_points_outside_china_and_missing_ones_stay(crs, point):
    lon, lat = to_wgs84(*wgs_of(point), crs)
    assert np.array_equal([lon[0], lat[0]], point, equal_nan=True)


def test_the_caller_s_points_are_not_touched():
    lon, lat = np.array([116.4]), np.array([39.9])
    lon.flags.writeable = lat.flags.writeable = False
    to_wgs84(lon, lat, "BD-09")
    assert (lon[0], lat[0]) == (116.4, 39.9)


def test_unknown_system():
    for turn in (to_wgs84, from_wgs84):
        with pytest.raises(ValueError, match="CGCS"):
            turn([116.4], [39.9], "CGCS2000")


def stations(crs, *, shuffled=False):
    """Points of 40 stations in a system, and the stations as they are known."""
    rng = np.random.default_rng(7)
    ids = [f"HZ{n:04}" for n in range(40)]
    lon, lat = rng.uniform(119.9, 120.3, 40), rng.uniform(30.1, 30.4, 40)
    known = pd.DataFrame({"station_id": ids, "lat": lat, "lon": lon})
    order = rng.permutation(40) if shuffled else np.arange(40)
    points = from_wgs84(lon + rng.normal(0, 5e-5, 40), lat + rng.normal(0, 5e-5, 40), crs)
    return [ids[n] for n in order], *(values[order] for values in points), known


@pytest.mark.parametrize("crs", CRS[1:])
@pytest.mark.parametrize("shuffled", [False, True])
def test_the_system_is_guessed_from_stations_that_are_known(crs, shuffled):
    assert guess(*stations(crs, shuffled=shuffled)) == crs


def test_nothing_is_guessed_without_reason():
    ids, lon, lat, known = stations("WGS-84")
    assert guess(ids, lon, lat, known) == ""
    assert guess([f"X{name}" for name in ids], *from_wgs84(lon, lat, "GCJ-02"), known) == ""
    assert guess(ids, lon + 0.1, lat, known) == ""
    assert guess([], [], [], known) == ""
    assert guess(ids, np.full(40, np.nan), lat, known) == ""


def test_a_few_moved_stations_do_not_hide_the_system():
    ids, lon, lat, known = stations("GCJ-02")
    lon[:10] += 0.05
    assert guess(ids, lon, lat, pd.concat([known, known])) == "GCJ-02"
    assert FAR_M < 300


@pytest.mark.parametrize(
    ("headers", "name", "crs"),
    [
        (["经度", "纬度"], "高德poi_杭州.csv", "GCJ-02"), (["lng_gcj02", "lat_gcj02"], "a.csv", "GCJ-02"),
        (["经度(火星坐标)", "纬度"], "", "GCJ-02"), (["amap_lng"], "", "GCJ-02"), (["腾讯经度"], "", "GCJ-02"),
        (["bd09_lng"], "", "BD-09"), (["百度经度"], "", "BD-09"), (["lon"], "baidu_map.xlsx", "BD-09"),
        (["wgs84_lng"], "", "WGS-84"), (["lon", "lat"], "stations.csv", ""), (["lon"], "marshal.csv", ""),
        (["bd09_lng", "gcj02_lng"], "", ""), ([], "", ""),
    ],
)  # fmt: skip
def test_words_that_name_a_system(headers, name, crs):
    assert hint(headers, name) == crs
