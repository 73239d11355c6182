"""What a reading of a file gives, whatever it comes from: headers, mapping, the same from every source, exports."""

import csv
import dataclasses
import hashlib
import io

import pandas as pd
import pytest

from data import intake
from data.schema import DATASETS
from data.text import say
from tests.made_uploads import ROWS


def read(text, dataset="volumes", **options):
    return intake.read(text.encode(), dataset, **options)


def problems(found, *columns):
    return found.problems[list(columns)].to_numpy().tolist()


def test_blank_and_repeated_headers():
    found = read("月份,城市,城市,,平台,件量\n2024-01,杭州,杭州,note,菜鸟,3\n")
    assert found.mapping == {"月份": "month", "城市": "city", "平台": "platform", "件量": "parcels"}
    assert problems(found, "column", "code") == [["城市 #3", "duplicate_header"], ["#4", "unknown_column"]]
    assert found.kept == 1


def test_mapping_overrides_headers():
    text = "a,b,城市,平台,件量\n2024-01,杭州,金华,菜鸟,3\n"
    found = read(text, mapping={"a": "month", "b": "city", "城市": ""})
    assert found.table["city"].to_list() == ["330100"]
    assert found.mapping == {"a": "month", "b": "city", "平台": "platform", "件量": "parcels"}
    for wrong, message in (
        ({"z": "month"}, "no header 'z'"),
        ({"a": "moon"}, "no column 'moon'"),
        ({"a": "city", "b": "city"}, "two"),
    ):
        with pytest.raises(ValueError, match=message):
            read(text, mapping=wrong)


def test_missing_column_sets_everything_aside():
    found = read("城市,平台,件量\n杭州,菜鸟,3\n金华,菜鸟,4\n")
    assert (found.rows, found.kept, len(found.set_aside), found.ok) == (2, 0, 2, False)
    assert list(found.table.columns) == list(DATASETS["volumes"].columns)


def test_wrong_arguments():
    with pytest.raises(ValueError, match="unknown dataset"):
        read(ROWS, "parcels")
    with pytest.raises(ValueError, match="WGS-84"):
        read(ROWS, crs="WGS-85")


def test_every_kind_of_source_gives_the_same(tmp_path):
    path = tmp_path / "it's 1.csv"
    path.write_bytes(ROWS.encode())
    several = [
        intake.read(source, "volumes") for source in (ROWS.encode(), path, io.BytesIO(ROWS.encode()), io.StringIO(ROWS))
    ]
    for found in several:
        pd.testing.assert_frame_equal(found.table, several[0].table)
        assert found.digest == hashlib.sha256(ROWS.encode()).hexdigest()
    assert path.read_bytes() == ROWS.encode()


def test_result_cannot_be_reassigned():
    with pytest.raises(dataclasses.FrozenInstanceError):
        read(ROWS).rows = 3


# exports


def test_formula_cells_are_kept_in_the_table_and_harmless_in_exports():
    header = "platform,city,lat,lon,opened,station_id\n"
    rows = '菜鸟,杭州,=1+2,120,2024-01-01,x\n京东,杭州,30,120,2024-01-01,"=HYPERLINK(""http://a"")"\n'
    found = read(header + rows, "stations")
    assert found.table["station_id"].to_list() == ['=HYPERLINK("http://a")']
    assert found.set_aside["lat"].to_list() == ["=1+2"]
    for lang in ("en", "zh"):
        raw = intake.problems_csv(found, lambda key, lang=lang, **values: say(key, lang, **values))
        header, *rows = csv.reader(io.StringIO(raw.decode("utf-8-sig")))
        (row,) = (row for row in rows if row[1] == "lat" and "1+2" in row[2])
        assert len(header) == len(set(header)) == 6
        assert row[:3] == ["2", "lat", "'=1+2"]
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
    aside = intake.set_aside_csv(found).decode("utf-8-sig")
    assert "'=1+2" in aside
    assert intake.problems_csv(read(ROWS), _key).decode("utf-8-sig").count("\n") == 1


def _key(key, **_):
    return key
