"""Files people already hold: courier events, logs of parcels, lockers of OpenStreetMap, places of Amap."""

import csv
import io
import json

import numpy as np
import pytest

from data import intake
from data.cities import cities
from data.geo import prefecture_at
from data.intake import adapters, crs
from data.schema import DATASETS, template_csv

OPENED = {"opened": "2024-01-01"}
YEAR = {"year": "2022", "platform": "菜鸟"}
LADE_DELIVERY = (
    "order_id region_id city courier_id lng lat aoi_id aoi_type accept_time accept_gps_time accept_gps_lng "
    "accept_gps_lat delivery_time delivery_gps_time delivery_gps_lng delivery_gps_lat ds"
)
LADE_PICKUP = (
    "order_id region_id city courier_id accept_time time_window_start time_window_end lng lat aoi_id aoi_type "
    "pickup_time pickup_gps_time pickup_gps_lng pickup_gps_lat accept_gps_time accept_gps_lng accept_gps_lat ds"
)
LADE_MERGED = (
    "order_id from_dipan_id from_city_name delivery_user_id poi_lng poi_lat aoi_id typecode receipt_time receipt_lng "
    "receipt_lat sign_time sign_lng sign_lat ds"
)
# columns of LaDe as its authors publish them: huggingface.co/datasets/Cainiao-AI/LaDe
AMAP = "id name type typecode location pcode pname citycode cityname adcode adname address tel"
OSM = "@type @id @lat @lon amenity brand operator name addr:city capacity start_date"


def table(headers, *rows):
    """CSV of rows, each some cells by header."""
    out = io.StringIO()
    writer = csv.DictWriter(out, headers.split(), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def read(raw, key, options=OPENED, **more):
    """The intake; whatever it is, no row is lost and it is told by its headers."""
    kind = adapters.ADAPTERS[key]
    found = intake.read(raw, kind.dataset, adapter=key, options=options, **more)
    assert found.kept + len(found.set_aside) == found.rows
    assert found.adapter == key
    return found


def said(found):
    return found.problems[["row", "column", "code"]].to_numpy().tolist()


def volumes(found):
    frame = found.table
    frame["month"] = frame["month"].dt.strftime("%Y-%m")
    return frame[["month", "city", "platform", "parcels"]].to_numpy().tolist()


# events


@pytest.mark.parametrize(
    ("key", "headers", "time", "city"),
    [
        ("lade_delivery", LADE_DELIVERY, "delivery_time", "city"),
        ("lade_pickup", LADE_PICKUP, "pickup_time", "city"),
        ("lade_merged", LADE_MERGED, "sign_time", "from_city_name"),
    ],
)
def test_courier_events_are_counted_by_month_and_city(key, headers, time, city):
    rows = [
        *({time: f"09-{day:02} 08:52:00", city: "Hangzhou"} for day in range(1, 6)),
        *({time: f"10-{day:02} 18:02:00", city: "Yantai"} for day in range(1, 4)),
        {time: "", city: "Jilin"},
        {time: "13-01 08:00:00", city: "Jilin"},
        {time: "10-01 08:00:00", city: "Suzhou"},
    ]
    raw = table(headers, *({"order_id": str(n), **row} for n, row in enumerate(rows)))
    assert adapters.detect(headers.split()) == key
    found = read(raw, key, YEAR)
    assert volumes(found) == [["2022-09", "330100", "cainiao", 5], ["2022-10", "370600", "cainiao", 3]]
    assert (found.rows, found.kept) == (11, 8)
    assert said(found) == [[10, "month", "blank_cell"], [11, "month", "bad_month"], [12, "city", "ambiguous_city"]]


@pytest.mark.parametrize(
    "headers",
    [
        ("event_time", "place", "network", "source"),
        ("scan_time", "city", "company", "order_source"),
        ("签收时间", "城市", "快递公司", "订单来源"),
        ("操作时间", "签收城市", "驿站品牌", "电商平台"),
    ],
)
def test_a_log_of_parcels_is_counted(headers):
    rows = [
        ("2024-03-05 13:20:11", "杭州", "菜鸟", "淘宝"),
        ("20240331235959", "杭州市", "Cainiao", "天猫"),
        ("2024-04-01T00:00:01", "杭州", "菜鸟", "淘宝"),
        ("2024-03-05 13:20:11", "杭州", "菜鸟", "拼多多"),
        ("2024-03-05 13:20:11", "金华", "极兔", ""),
        ("yesterday", "杭州", "菜鸟", ""),
        ("2024-03-05", "火星", "菜鸟", ""),
        ("2024-03-05", "杭州", "Cainio", ""),
    ]
    raw = table(" ".join(headers), *(dict(zip(headers, row, strict=True)) for row in rows))
    assert adapters.detect(headers) == "events"
    found = read(raw, "events", {})
    assert volumes(found) == [
        ["2024-03", "330100", "cainiao", 2],
        ["2024-04", "330100", "cainiao", 1],
        ["2024-03", "330100", "cainiao", 1],
        ["2024-03", "330700", "jt", 1],
    ]
    assert found.table["origin"].to_list() == ["Alibaba", "Alibaba", "Pinduoduo", ""]
    assert said(found) == [[7, "month", "bad_month"], [8, "city", "unknown_city"], [9, "platform", "unknown_platform"]]
    assert found.set_aside["row"].to_list() == [7, 8, 9]


# places

POINT = {"@lat": "30.27413", "@lon": "120.15512", "amenity": "parcel_locker"}
PLACES = [
    {"@type": "node", "@id": "1", "brand": "丰巢", "capacity": "84", "start_date": "2023-05-01", **POINT},
    {"@type": "way", "@id": "2", "name": "菜鸟驿站(西湖店)", "addr:city": "杭州市", **POINT, "amenity": "post_office"},
    {"@type": "node", "@id": "3", "operator": "China Post", **POINT, "@lat": "39.90421", "@lon": "116.40739"},
    {"@type": "node", "@id": "4", "brand": "DHL", **POINT},
    {"@type": "node", "@id": "5", "brand": "丰巢", **POINT, "@lon": "200"},
    {"@type": "node", "@id": "6", **POINT},
]
LOCKERS = [
    ["node/1", "hivebox", "locker", "330100", "2023-05-01"],
    ["way/2", "cainiao", "station", "330100", "2024-01-01"],
    ["node/3", "chinapost", "locker", "110000", "2024-01-01"],
]


def stations(found):
    frame = found.table
    frame["opened"] = frame["opened"].dt.strftime("%Y-%m-%d")
    return frame[["station_id", "platform", "format", "city", "opened"]].to_numpy().tolist()


def test_lockers_of_overpass_csv():
    raw = table(OSM, *PLACES)
    assert adapters.detect(OSM.split()) == "osm"
    found = read(raw.replace(b",", b"\t"), "osm")
    assert stations(found) == LOCKERS
    assert found.table["cells"].to_list()[0] == 84
    assert {(row, column) for row, column, code in said(found) if row > 4} == {
        (5, "platform"),
        (6, "lon"),
        (6, "city"),
        (7, "platform"),
    }


def test_lockers_of_geojson(tmp_path):
    features = [
        {
            "type": "Feature",
            "id": f"{row['@type']}/{row['@id']}",
            "properties": {name: cell for name, cell in row.items() if not name.startswith("@")},
            "geometry": {"type": "Point", "coordinates": [float(row["@lon"]), float(row["@lat"])]},
        }
        for row in PLACES
    ]
    raw = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    opened = intake.open_file(raw, folder=tmp_path, name="lockers.geojson")
    assert adapters.detect(opened.sheets[0].header) == "osm"
    found = read(opened, "osm")
    assert stations(found) == LOCKERS
    points = found.table[["lat", "lon"]].to_numpy().tolist()
    assert points[0] == pytest.approx([30.27413, 120.15512])


def test_places_of_amap_are_brought_to_wgs84():
    lon, lat = crs.from_wgs84(np.array([120.15512, 116.46]), np.array([30.27413, 39.92]), "GCJ-02")
    spots = [f"{x:.8f},{y:.8f}" for x, y in zip(lon, lat, strict=True)]
    rows = [
        {"id": "B1", "name": "菜鸟驿站(西溪店)", "location": spots[0], "adcode": "330106", "cityname": "杭州市"},
        {"id": "B2", "name": "丰巢智能柜", "location": spots[1], "adcode": "110105", "cityname": "北京城区"},
        {"id": "B3", "name": "韵达快递超市", "location": spots[0], "cityname": "杭州市"},
        {"id": "B4", "name": "便利店", "location": spots[0], "adcode": "330106"},
        {"id": "B5", "name": "菜鸟驿站", "location": "", "adcode": "330106"},
    ]
    found = read(table(AMAP, *rows), "amap")
    assert adapters.detect(AMAP.split()) == "amap"
    assert found.crs == "GCJ-02"
    assert stations(found)[:3] == [
        ["B1", "cainiao", "station", "330100", "2024-01-01"],
        ["B2", "hivebox", "locker", "110000", "2024-01-01"],
        ["B3", "yunda", "station", "330100", "2024-01-01"],
    ]
    points = found.table[["lon", "lat"]].to_numpy()
    assert points[:2] == pytest.approx(np.array([[120.15512, 30.27413], [116.46, 39.92]]), abs=1e-7)
    assert said(found) == [[5, "platform", "unknown_platform"], [6, "lat", "blank_cell"], [6, "lon", "blank_cell"]]


# what is none


@pytest.mark.parametrize("name", DATASETS)
def test_ordinary_tables_are_no_such_file(name):
    headers = template_csv(name).decode("utf-8-sig").splitlines()[0].split(",")
    assert adapters.detect(headers) == ""
    for column in DATASETS[name].columns.values():
        for alias in column.headers:
            assert adapters.detect([alias if header == column.name else header for header in headers]) == "", alias


def test_what_a_file_does_not_say_must_be_said():
    raw = table(LADE_DELIVERY, {"order_id": "1", "delivery_time": "09-01 08:00:00", "city": "Hangzhou"})
    for options in ({}, {"year": "2022"}, {"year": "2022", "platform": ""}):
        with pytest.raises(ValueError, match="platform"):
            read(raw, "lade_delivery", options)
    with pytest.raises(ValueError, match="opened"):
        read(table(OSM, *PLACES), "osm", {})
    with pytest.raises(ValueError, match="lade_delivery"):
        intake.read(raw, "stations", adapter="lade_delivery", options=YEAR)


ON_THE_EDGE = {"370200", "350200", "330900", "450500", "460300", "421100", "420200", "370100"}
"""Seats by the sea or a river, beyond outlines that are simplified; islands without one; a city of two outlines."""


def test_cities_are_told_from_the_outlines_in_which_points_lie():
    seats = cities()
    found = prefecture_at(seats["lon"].to_numpy(float), seats["lat"].to_numpy(float))
    agree = found == seats.index.to_numpy(str)
    assert set(seats.index[~agree]) <= ON_THE_EDGE
    assert agree.mean() > 0.975  # 329 of 337
