"""Parquet, and JSON of maps and portals, as text: one record for each of their rows."""

import io
import json

import numpy as np
import pandas as pd
import pytest

from tests.made_uploads import code, opened


def test_parquet(tmp_path):
    frame = pd.DataFrame(
        {
            "月份": pd.to_datetime(["2024-01-01", "2024-02-01"]),
            "城市": pd.Categorical(["杭州", None]),
            "件量": [3.0, np.nan],
            "share": [0.35, 1e-9],
            "id": ["=1+1", 'a "b", c'],
        }
    )
    out = io.BytesIO()
    frame.to_parquet(out)
    sheet, records = opened(out.getvalue(), tmp_path)
    assert records[1] == ["2024-01-01 00:00:00", "杭州", "3", "0.35", "=1+1"]
    assert records[2] == ["2024-02-01 00:00:00", "", "", "1e-09", 'a "b", c']
    assert (sheet.header, sheet.kind) == (tuple(frame.columns), "parquet")


def test_blank_rows_of_a_parquet_file_of_one_column_are_records(tmp_path):
    out = io.BytesIO()
    pd.DataFrame({"城市": ["杭州", None, "金华"]}).to_parquet(out)
    assert opened(out.getvalue(), tmp_path)[1] == [["城市"], ["杭州"], [""], ["金华"]]


def test_features_of_a_map(tmp_path):
    ring = [[[120.0, 30.0], [120.2, 30.0], [120.2, 30.4], [120.0, 30.0]]]
    features = [
        ("node/1", {"brand": "丰巢", "capacity": 84}, {"type": "Point", "coordinates": [120.1, 30.25]}),
        ("way/2", {"name": 'a "b"', "x": None}, {"type": "Polygon", "coordinates": ring}),
        (None, None, None),
    ]
    content = [{"type": "Feature", "id": i, "properties": p, "geometry": g} for i, p, g in features]
    _, records = opened(json.dumps({"type": "FeatureCollection", "features": content}).encode(), tmp_path)
    rows = [dict(zip(records[0], record, strict=True)) for record in records[1:]]
    assert [(row["@type"], row["@id"]) for row in rows] == [("node", "1"), ("way", "2"), ("", "")]
    assert [(row["@lat"], row["@lon"]) for row in rows] == [("30.25", "120.1"), ("30.2", "120.1"), ("", "")]
    assert [(row["brand"], row["capacity"], row["name"]) for row in rows[:2]] == [("丰巢", "84", ""), ("", "", 'a "b"')]


def test_elements_of_overpass(tmp_path):
    elements = [
        {"type": "node", "id": 5, "lat": 30.1, "lon": 120.2, "tags": {"amenity": "parcel_locker"}},
        {"type": "way", "id": 6, "center": {"lat": 31.5, "lon": 121}, "tags": {"amenity": "post_office"}},
        {"type": "way", "id": 7, "bounds": {"minlat": 30, "maxlat": 31, "minlon": 120, "maxlon": 121}},
    ]
    _, records = opened(json.dumps({"version": 0.6, "elements": elements}).encode(), tmp_path)
    assert records[0] == ["amenity", "@type", "@id", "@lat", "@lon"]
    assert records[1:] == [
        ["parcel_locker", "node", "5", "30.1", "120.2"],
        ["post_office", "way", "6", "31.5", "121.0"],
        ["", "way", "7", "30.5", "120.5"],
    ]


def test_list_of_objects(tmp_path):
    _, records = opened(b'[{"id": "B0", "location": "120.1,30.2"}, {"id": "B1", "$x/y": {"a": [1]}}]', tmp_path)
    assert records == [["id", "location", "$x/y"], ["B0", "120.1,30.2", ""], ["B1", "", '{"a":[1]}']]
    assert opened(b'\xef\xbb\xbf [{"id": "B0"}]', tmp_path)[1] == [["id"], ["B0"]]
    assert opened(b'{"status": "1", "pois": [{"id": "B0"}]}', tmp_path)[1] == [["id"], ["B0"]]


@pytest.mark.parametrize("text", ['{"a": ', "[]", '[{"a": 1}', "{}", '{"features": [1, 2]}', '[{"a": "\\ud800"}]'])
def test_json_without_a_table(tmp_path, text):
    assert code(text.encode(), tmp_path) in ("broken_json", "no_table", "header_only")
