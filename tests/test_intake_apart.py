"""A file is read for what it holds: not for the names of its folders, nor by what its own name promises."""

import datetime as dt
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import intake
from data.intake import IntakeError, frames
from data.intake.headers import unique
from data.intake.plain import Options
from tests.made_uploads import ROWS, code, opened

COLUMNS = {"month": ["2024-01"], "city": ["杭州"], "platform": ["菜鸟"], "parcels": [10]}
UTC = pa.timestamp("us", "UTC")


def parquet(**columns):
    out = io.BytesIO()
    pq.write_table(pa.table({**COLUMNS, **columns}), out)
    return out.getvalue()


def kept(source):
    found = intake.read(source, "volumes")
    return [tuple(row.values())[1:5] for row in found.rows_of.to_pylist()], found.problems["code"].to_list()


HERE = (dt.date(2024, 1, 1), "330100", "cainiao", 10.0)


@pytest.mark.parametrize("folder", ["parcels=9", "c3=9", "month=2023-05", "city=x", "row=7"])
def test_names_of_folders_are_no_cells(tmp_path, folder):
    place = tmp_path / folder
    place.mkdir()
    (place / "a.parquet").write_bytes(parquet())
    (place / "a.csv").write_text("month,city,platform,parcels\n2024-01,杭州,菜鸟,10\n", "utf-8")
    (place / "a.json").write_text('[{"month": "2024-01", "city": "杭州", "platform": "菜鸟", "parcels": 10}]', "utf-8")
    for path in sorted(place.iterdir()):
        assert kept(path) == ([HERE], [])


@pytest.mark.parametrize("name", ["a.csv.gz", "a.csv.zst", "a.gz", "a.json.gz", "a.parquet"])
def test_a_name_does_not_make_an_archive_of_a_text(tmp_path, name):
    (tmp_path / name).write_text("month,city,platform,parcels\n2024-01,杭州,菜鸟,10\n", "utf-8")
    assert kept(tmp_path / name) == ([HERE], [])


def test_json_that_is_called_packed(tmp_path):
    path = tmp_path / "a.json.gz"
    path.write_text('[{"month": "2024-01", "city": "杭州", "platform": "菜鸟", "parcels": 10}]', "utf-8")
    assert kept(path) == ([HERE], [])


def test_bytes_of_parquet_are_utf_8(tmp_path):
    raw = parquet(city=pa.array(["杭州".encode()], pa.binary()), note=pa.array([b"\xff\x00"]))
    assert kept(raw) == ([HERE], ["unknown_column"])
    assert opened(raw, tmp_path)[1][1] == ["2024-01", "杭州", "菜鸟", "10", "\\xFF\\x00"]


@pytest.mark.parametrize("kind", [pa.int64(), pa.float64()])
def test_sixteen_digits_of_parquet(tmp_path, kind):
    raw = parquet(note=pa.array([1234567890123450], kind))
    assert opened(raw, tmp_path)[1][1][4] == "1234567890123450"


def test_days_in_utc_are_those_days():
    assert kept(parquet(month=pa.array([dt.datetime(2024, 1, 1)], UTC))) == ([HERE], [])


def test_moments_are_those_of_china(tmp_path):
    at = [dt.datetime(2023, 12, 31, 16), None, dt.datetime(2024, 1, 1)]
    raw = parquet(**{name: cells * 3 for name, cells in COLUMNS.items()}, at=pa.array(at, UTC))
    assert [record[4] for record in opened(raw, tmp_path)[1][1:]] == ["2024-01-01 00:00:00", "", "2024-01-01 08:00:00"]


def test_what_reads_uploads_reaches_nothing_else(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "a.csv").write_text(ROWS, "utf-8")
    (tmp_path / "b.csv").write_text(ROWS, "utf-8")
    options = Options(tmp_path / "in", "", None, None)
    with frames.connection("broken_json", tmp_path / "a.csv", options) as con:
        assert con.sql(f"SELECT count(*) FROM '{tmp_path / 'a.csv'}'").fetchall() == [(2,)]
        settings = (
            "SELECT current_setting('autoinstall_known_extensions'), current_setting('autoload_known_extensions')"
        )
        assert con.sql(settings).fetchall() == [(False, False)]
    with pytest.raises(IntakeError), frames.connection("broken_json", tmp_path / "a.csv", options) as con:
        con.sql(f"SELECT count(*) FROM '{tmp_path / 'b.csv'}'").fetchall()


def test_a_name_with_quotes_is_one_file(tmp_path):
    for name in ("it's.parquet", "a, b.parquet", "{a,b}.parquet"):
        (tmp_path / name).write_bytes(parquet())
        assert kept(tmp_path / name) == ([HERE], [])
    assert code(parquet(parcels=[10.5]), tmp_path) == "opened"


def test_headers_that_reading_needs_itself():
    assert unique(("row", "#spelt", "#first", "a", "a")) == ["row #1", "#spelt #2", "#first #3", "a", "a #5"]
    assert unique(("'=x", "''=x", "'a", "=x", "'-1")) == ["=x", "'=x", "'a", "=x #4", "-1"]
    text = "month,city,platform,parcels,#spelt,#first\n2024-01,杭州,菜鸟,10,5,6\n"
    found = intake.read(text.encode(), "volumes").rows_of.to_pylist()[0]
    assert (found["#spelt #5"], found["#first #6"]) == (5.0, 6.0)
