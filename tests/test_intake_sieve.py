"""A large file is read by a typed scan, a small one as text: what becomes of its rows is the same."""

import csv
import io

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import intake
from data.intake import checking, numbered, readers

ALWAYS, NEVER = 0, 10**12
EXAMPLES = 25
FRAMES = ("problems", "set_aside", "preview", "names")
CITY = st.sampled_from(["杭州", "Jinhua", "330100", " 金华 ", "火星", "合计", "", "Taizhou", "义乌", '"a'])
NETWORK = st.sampled_from(["菜鸟", "jd", "Cainio", "", "多多", "京东 "])
MONTH = st.sampled_from(["2024-01", "2024/2", "2024年3月", "2024-31", "", "202405", "45352", "24-Mar"])
PARCELS = st.sampled_from(
    ["5", "1,250", "1.2万", "-3", "1.5", "x", "", "nan", "1e3", "007", "１２", "99999999999999", "inf", "1_000"]
)
ORIGIN = st.sampled_from(["淘宝", "天猫", "Alibaba", "jd", "", "ZTO", "TAOBAO", "NULL", "未知"])
PRICE = st.sampled_from(["0.95", "1", "", "-2.5", "wet", "1,000"])
RECORD = st.tuples(MONTH, CITY, NETWORK, PARCELS, ORIGIN, PRICE)
HEADER = ("month", "city", "platform", "parcels", "origin", "price")


def read(raw, dataset, monkeypatch, size, **options):
    monkeypatch.setattr(checking, "FROM_BYTES", size)
    try:
        return intake.read(raw, dataset, **options)
    except intake.IntakeError as error:
        return error.code


def same(first, second):
    if isinstance(first, str) or isinstance(second, str):
        assert first == second
        return
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name), check_index_type=False)
    assert first.rows_of.to_pylist() == second.rows_of.to_pylist()
    for name in ("rows", "kept", "guesses", "digest", "header_row"):
        assert getattr(first, name) == getattr(second, name)


def text(header, records):
    out = io.StringIO()
    csv.writer(out).writerows([header, *records])
    return out.getvalue().encode()


@pytest.fixture
def much_rest(monkeypatch):
    """Let the scan stand however few rows it takes."""
    from data.intake import sieve

    monkeypatch.setattr(sieve, "MOST_REST", 1.0)
    monkeypatch.setattr(readers, "_SAMPLE_BYTES", 10**6)
    monkeypatch.setattr(readers, "_SAMPLES", 1)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(RECORD, min_size=1, max_size=30))
def test_volumes_by_scan_and_as_text(records):
    with pytest.MonkeyPatch.context() as patch:
        from data.intake import sieve

        patch.setattr(sieve, "MOST_REST", 1.0)
        patch.setattr(readers, "_SAMPLES", 1)
        raw = text(HEADER, records)
        same(read(raw, "volumes", patch, ALWAYS), read(raw, "volumes", patch, NEVER))


STATION = st.tuples(
    st.sampled_from(["A1", "A2", "A3", "'=A4", " B", "", "合计", "A,5"]),
    NETWORK,
    st.sampled_from(["station", "locker", "moon", ""]),
    st.sampled_from(["杭州", "上海", "火星"]),
    st.sampled_from(["30.2", "120.1", "51", "", "x"]),
    st.sampled_from(["120.1", "30.2", "0", ""]),
    st.sampled_from(["2023-01-01", "2024/5/6", "2024-02-30", ""]),
    st.sampled_from(["", "2022-01-01", "2025-01-01", "soon"]),
    st.sampled_from(["", "84", "8.5", "9999"]),
)
STATION_HEADER = ("station_id", "platform", "format", "city", "lat", "lon", "opened", "closed", "cells")


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(STATION, min_size=1, max_size=30))
def test_stations_by_scan_and_as_text(records):
    with pytest.MonkeyPatch.context() as patch:
        from data.intake import sieve

        patch.setattr(sieve, "MOST_REST", 1.0)
        patch.setattr(readers, "_SAMPLES", 1)
        raw = text(STATION_HEADER, records)
        same(read(raw, "stations", patch, ALWAYS), read(raw, "stations", patch, NEVER))


ROWS = [("2024-01", "杭州", "菜鸟", str(n), "淘宝", "1") for n in range(1, 400)]


@pytest.mark.parametrize(
    "raw",
    [
        text(HEADER, ROWS).replace(b"\r\n", b"\n"),
        text(HEADER, ROWS) + b"\r\n\r\n",
        text(HEADER, ROWS).replace("2024-01,杭州,菜鸟,398,".encode(), "2024-01,火星,菜鸟,398,".encode()) + b"\n" * 9,
        text(HEADER, ROWS).replace("2024-01,杭州,菜鸟,7,".encode(), '2024-01,"杭\n州",菜鸟,7,'.encode()),
        text(HEADER, ROWS).replace("2024-01,杭州,菜鸟,7,".encode(), "\r\n2024-01,杭州,菜鸟,7,".encode()),
        text(HEADER, ROWS).replace("2024-01,杭州,菜鸟,7,".encode(), "2024-01,杭州,菜鸟,7,9,9,9,9,".encode()),
        text(HEADER, ROWS).replace("2024-01,杭州,菜鸟,7,淘宝,1".encode(), "2024-01,杭州,菜鸟,7".encode()),
        b"\xef\xbb\xbf" + text(HEADER, ROWS),
        "2024年业务量统计表\n\n".encode() + text(HEADER, ROWS),
        text(HEADER, ROWS) + "合计,,,79800,,\n制表人：张三,,,,,".encode(),
        text(("月份", "城市", "平台", "业务量(万件)", "来源", "price"), ROWS),
    ],
    ids=[
        "plain",
        "blank-end",
        "bad-before-a-blank-end",
        "quoted-line",
        "blank-line",
        "long",
        "short",
        "mark",
        "preamble",
        "footer",
        "unit",
    ],
)
def test_odd_files_by_scan_and_as_text(raw, much_rest, monkeypatch):
    fast = read(raw, "volumes", monkeypatch, ALWAYS)
    same(fast, read(raw, "volumes", monkeypatch, NEVER))
    assert fast.kept > 0


def test_edits_reach_rows_that_were_good(much_rest, monkeypatch):
    raw = text(HEADER, ROWS)
    edits = {(5, "parcels"): "x", (6, "city"): "金华"}
    fast = read(raw, "volumes", monkeypatch, ALWAYS, edits=edits)
    same(fast, read(raw, "volumes", monkeypatch, NEVER, edits=edits))
    assert fast.problems.query("row == 5")["value"].tolist()[0] == "x"


@pytest.mark.parametrize(("end", "blank"), [(b"", 0), (b"\n", 0), (b"\n\n\n", 2), (b"\r\n", 0), (b"\r\n\r\n", 1)])
def test_lines_by_number(tmp_path, monkeypatch, end, blank):
    monkeypatch.setattr(numbered, "BLOCK", 16)
    monkeypatch.setattr(numbered, "_READ", 64)
    lines = [b"x" * (n * 7 % 40) + b"." for n in range(60)]
    path = tmp_path / "lines.txt"
    path.write_bytes(b"\n".join(lines) + end)
    found = numbered.index(path)
    assert (found.lines, found.blank_end) == (len(lines) + blank, blank > 0)
    wanted = pd.Series([1, 2, 17, 30, 31, 60]).to_numpy()
    assert found.fetch(wanted) == [lines[number - 1] for number in wanted]
