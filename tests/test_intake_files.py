"""Files as they come: encodings, delimiters, blank lines, odd headers, and what is no table at all."""

import csv
import dataclasses
import hashlib
import io

import pandas as pd
import pytest

from data import intake
from data.intake import IntakeError
from data.intake.decode import ENCODINGS
from data.schema import DATASETS
from data.text import say

VOLUMES = "month,city,platform,parcels\n"


def read(text, dataset="volumes", **options):
    return intake.read(text.encode(), dataset, **options)


def problems(found, *columns):
    return found.problems[list(columns)].to_numpy().tolist()


ROWS = "月份,城市,平台,件量\n2024-01,杭州,菜鸟,3\n2024-01,金华,多多,4\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_encoding_is_detected(encoding):
    found = intake.read(ROWS.encode(encoding), "volumes")
    assert found.problems.empty
    assert found.table["city"].to_list() == ["330100", "330700"]
    assert found.encoding == {"utf-8-sig": "utf-8", "gbk": "gb18030"}.get(encoding, encoding)


def test_rare_characters_of_gb18030():
    found = intake.read(ROWS.replace("城市", "城市").replace("金华", "𠮷𠮷").encode("gb18030"), "volumes")
    assert problems(found, "row", "value", "code") == [[3, "𠮷𠮷", "unknown_city"]]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encoding_can_be_given(encoding):
    text = VOLUMES + "2024-01,330100,jd,3\n"
    assert intake.read(text.encode(encoding), "volumes", encoding=encoding).kept == 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiter_is_found(delimiter):
    found = read(ROWS.replace(",", delimiter))
    assert (found.kept, found.delimiter) == (2, delimiter)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_newline(newline):
    found = intake.read(ROWS.replace("\n", newline).encode(), "volumes")
    assert found.kept == 2


def test_blank_lines_and_quoted_newlines_keep_row_numbers():
    text = (
        '\n\n月份,城市,平台,件量\n\n2024-01,杭州,菜鸟,3\n\n2024-01,"金\n华",多多,x\n , , , \n2024-02,金华,多多,y\n\n\n'
    )
    found = read(text)
    assert problems(found, "row", "code") == [[7, "not_a_number"], [9, "not_a_number"]]
    assert found.rows == 3


def test_quoted_blank_lines_and_plain_ones_together():
    header = "platform,city,lat,lon,opened,station_id\n"
    rows = '\n菜鸟,杭州,30,120,2024-01-01,"a\n\nb"\n\n多多,金华,x,120,2024-01-01,c\n'
    found = read(header + rows, "stations")
    assert found.table["station_id"].to_list() == ["a\n\nb"]
    assert problems(found, "row", "code") == [[5, "not_a_number"]]


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


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty_file"),
        (b" \n\r\n", "empty_file"),
        (b"\xef\xbb\xbf", "empty_file"),
        (b"month,city\n", "header_only"),
        (b"month,city\n\n , \n", "header_only"),
        (b"PK\x03\x04rest of a workbook", "not_csv"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "not_csv"),
        (b"\x00\x01\x02\x03" * 50, "binary"),
        (b"month\n\x01\x02\n", "binary"),
        (b"caf\xe9 1,\xff\xfe\n1,2\n", "no_encoding"),
    ],
)
def test_what_is_no_table_says_so(raw, code):
    with pytest.raises(IntakeError) as caught:
        intake.read(raw, "volumes")
    assert caught.value.code == code
    for lang in ("en", "zh"):
        assert "{" not in say(f"problem.{code}", lang, **caught.value.values) + say(
            f"fix.{code}", lang, **caught.value.values
        )


def test_wrong_and_unknown_encodings():
    for encoding, code in (("utf-8", "wrong_encoding"), ("latin-1", "unknown_encoding")):
        with pytest.raises(IntakeError) as caught:
            intake.read(ROWS.encode("gb18030"), "volumes", encoding=encoding)
        assert caught.value.code == code


def test_wrong_arguments():
    with pytest.raises(ValueError, match="unknown dataset"):
        read(ROWS, "parcels")
    with pytest.raises(ValueError, match="WGS-84"):
        read(ROWS, crs="GCJ-02")


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
        header, row = csv.reader(io.StringIO(raw.decode("utf-8-sig")))
        assert len(header) == len(set(header)) == 6
        assert row[:3] == ["2", "lat", "'=1+2"]
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
    aside = intake.set_aside_csv(found).decode("utf-8-sig")
    assert "'=1+2" in aside
    assert intake.problems_csv(read(ROWS), _key).decode("utf-8-sig").count("\n") == 1


def _key(key, **_):
    return key
