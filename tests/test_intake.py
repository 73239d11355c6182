"""Intake: what becomes of good cells, bad cells, odd files and noise."""

import csv
import dataclasses
import hashlib
import io
from functools import partial

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import intake
from data.checks import BAD, SEVERITY
from data.decode import ENCODINGS
from data.intake import IntakeError
from data.schema import DATASETS, template_csv
from data.text import has, say

VOLUMES = "month,city,platform,parcels\n"
STATIONS = "station_id,platform,city,lat,lon,opened,closed,format,cells\n"
SUBSIDIES = "platform,city,start,end,subsidy_cny_per_parcel,allocation\n"
GOOD_STATION = "A1,菜鸟,杭州,30.2,120.1,2023-01-01,,station,\n"
FUZZ_RUNS = 60


def read(text, dataset="volumes", **options):
    return intake.read(text.encode(), dataset, **options)


def problems(found, *columns):
    return found.problems[list(columns or ("row", "column", "value", "code"))].to_numpy().tolist()


# every problem, at its row and column

CASES = [
    ("blank_cell", "volumes", "月份,城市,平台,件量\n2024-01,杭州,菜鸟,5\n2024-01,,京东,5\n", [3, "城市", ""]),
    ("not_a_number", "volumes", "月份,城市,平台,件量\n2024-01,杭州,菜鸟,五百\n", [2, "件量", "五百"]),
    ("not_a_number", "volumes", VOLUMES + "2024-01,杭州,菜鸟,nan\n", [2, "parcels", "nan"]),
    ("not_a_number", "volumes", VOLUMES + '2024-01,杭州,菜鸟,"1,00"\n', [2, "parcels", "1,00"]),
    ("not_whole", "volumes", VOLUMES + "2024-01,杭州,菜鸟,1.5\n", [2, "parcels", "1.5"]),
    ("out_of_range", "volumes", VOLUMES + "2024-01,杭州,菜鸟,-3\n", [2, "parcels", "-3"]),
    ("out_of_range", "subsidies", SUBSIDIES + "菜鸟,杭州,2024-01-01,,0.1,135%\n", [2, "allocation", "135%"]),
    ("bad_month", "volumes", VOLUMES + "2024-13,杭州,菜鸟,3\n", [2, "month", "2024-13"]),
    ("bad_month", "volumes", VOLUMES + "1024-01,杭州,菜鸟,3\n", [2, "month", "1024-01"]),
    ("bad_date", "subsidies", SUBSIDIES + "菜鸟,杭州,2024-02-30,,0.1,\n", [2, "start", "2024-02-30"]),
    ("bad_date", "subsidies", SUBSIDIES + "菜鸟,杭州,2024-02,,0.1,\n", [2, "start", "2024-02"]),
    ("unknown_platform", "volumes", VOLUMES + "2024-01,杭州,Cainio,3\n", [2, "platform", "Cainio"]),
    ("unknown_city", "volumes", VOLUMES + "2024-01,杭洲,菜鸟,3\n", [2, "city", "杭洲"]),
    ("ambiguous_city", "volumes", VOLUMES + "2024-01,Taizhou,菜鸟,3\n", [2, "city", "Taizhou"]),
    ("unknown_format", "stations", STATIONS + "A1,菜鸟,杭州,30.2,120.1,2023-01-01,,moon base,\n", [2, "format", "moon base"]),
    ("outside_china", "stations", STATIONS + "A1,菜鸟,杭州,51.5,-0.1,2023-01-01,,,\n", [2, "lon", "-0.1"]),
    ("swapped", "stations", STATIONS + "A1,菜鸟,杭州,120.1,30.2,2023-01-01,,,\n", [2, "lat", "120.1"]),
    (
        "closed_before_opened", "stations",
        STATIONS + "A1,菜鸟,杭州,30.2,120.1,2023-01-01,2022-01-01,,\n", [2, "closed", "2022-01-01"],
    ),
    ("end_before_start", "subsidies", SUBSIDIES + "菜鸟,杭州,2024-02-01,2024-01-01,0.1,\n", [2, "end", "2024-01-01"]),
    (
        "duplicate_row", "stations",
        STATIONS + GOOD_STATION + GOOD_STATION, [3, "station_id", "A1"],
    ),
    ("totals_row", "volumes", VOLUMES + "2024-01,杭州,菜鸟,3\n合计,,,3\n", [3, "", "合计"]),
    ("totals_row", "volumes", VOLUMES + "2024-01,杭州,菜鸟,3\n2024-01,Total,,3\n", [3, "", "Total"]),
    ("too_many_cells", "volumes", VOLUMES + "2024-01,杭州,菜鸟,3,9\n", [2, "", "9"]),
    ("missing_column", "volumes", "month,city,platform,percels\n2024-01,杭州,菜鸟,3\n", [1, "parcels", ""]),
    ("unknown_column", "volumes", "month,city,platform,parcels,weather\n2024-01,杭州,菜鸟,3,rain\n", [1, "weather", ""]),
    ("duplicate_header", "volumes", "月份,城市,平台,件量,业务量\n2024-01,杭州,菜鸟,3,3\n", [1, "业务量", ""]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "dataset", "text", "where"), CASES, ids=[f"{c[0]}-{i}" for i, c in enumerate(CASES)])
def test_problem_is_found_at_its_row_and_column(code, dataset, text, where):
    found = read(text, dataset)
    same = [p for p in problems(found) if p[3] == code]
    assert same == [[*where, code]]
    assert has(f"problem.{code}")
    severity = found.problems.loc[found.problems["code"] == code, "severity"].iloc[0]
    assert severity == SEVERITY.get(code, "error")
    assert found.ok == (severity != "error")


def test_every_problem_code_is_tried():
    rules = {rule.code for d in DATASETS.values() for rule in d.rules}
    outside = {c.outside for d in DATASETS.values() for c in d.columns.values() if c.low is not None}
    found = {"unknown_platform", "unknown_city", "ambiguous_city", "unknown_format"}
    rows = {"blank_cell", "not_whole", "duplicate_row", "too_many_cells", "missing_column", *SEVERITY}
    assert {case[0] for case in CASES} == rules | outside | found | rows | set(BAD.values())


@pytest.mark.parametrize("case", CASES, ids=[f"{c[0]}-{i}" for i, c in enumerate(CASES)])
def test_problem_and_fix_can_be_said_in_both_languages(case):
    for problem in read(case[2], case[1]).problems.to_dict("records"):
        for lang in ("en", "zh"):
            for key in (f"problem.{problem['code']}", f"fix.{problem['fix_code']}"):
                assert "{" not in say(key, lang, **intake.values(problem))


def test_problems_are_sorted_and_complete():
    found = read(
        "月份,城市,平台,件量\n2024-99,火星,菜鸟,x\n2024-01,杭州,菜鸟,1\n,杭州,淘淘,-1\n2024-01,杭州,菜鸟驿站,1\n"
    )
    assert problems(found, "row", "column", "code") == [
        [2, "月份", "bad_month"],
        [2, "城市", "unknown_city"],
        [2, "件量", "not_a_number"],
        [4, "月份", "blank_cell"],
        [4, "平台", "unknown_platform"],
        [4, "件量", "out_of_range"],
        [5, "月份 + 城市 + 平台", "duplicate_row"],
    ]
    assert found.problems["other"].iloc[-1] == "3"
    assert found.set_aside["row"].to_list() == [2, 4, 5]


def test_suggestions():
    found = read(VOLUMES + "2024-01,杭洲市,Cainio,3\n2024-01,Taizhou,jd,3\n")
    by_code = found.problems.set_index("code")
    assert "Cainiao Post" in by_code.at["unknown_platform", "suggest"]
    assert by_code.at["unknown_platform", "fix_code"] == "did_you_mean"
    assert "330100" in by_code.at["unknown_city", "suggest"]
    assert {"331000", "321200"} <= set(by_code.at["ambiguous_city", "suggest"].replace(";", "").split())
    missing = read("month,city,platform,percels\n2024-01,杭州,菜鸟,3\n").problems.set_index("code")
    assert missing.at["missing_column", "suggest"] == "percels"


def test_swapped_coordinates_are_one_problem():
    found = read(STATIONS + "A1,菜鸟,杭州,120.1,30.2,2023-01-01,,,\n", "stations")
    assert problems(found, "code") == [["swapped"]]


# good cells


@pytest.mark.parametrize("month", ["2024-03", "2024/3", "2024.03", "202403", "2024年3月", "2024年03月", "2024/3/1", "20240301",
                                   "２０２４-03", "2024-03-01 00:00:00", " 2024-03 "])  # fmt: skip
def test_months_in_every_usual_form(month):
    found = read(VOLUMES + f"{month},杭州,菜鸟,3\n")
    assert found.problems.empty
    assert found.table["month"].to_list() == [pd.Timestamp("2024-03-01")]


@pytest.mark.parametrize(
    "day", ["2024-03-05", "2024/3/5", "2024.3.5", "20240305", "2024年3月5日", "2024-03-05T00:00:00"]
)
def test_dates_in_every_usual_form(day):
    found = read(SUBSIDIES + f"菜鸟,杭州,{day},,0.1,\n", "subsidies")
    assert found.problems.empty
    assert found.table["start"].to_list() == [pd.Timestamp("2024-03-05")]


@pytest.mark.parametrize(
    ("written", "parcels"),
    [
        ("1250", 1250),
        ('"1,250,000"', 1_250_000),
        ("１２５０", 1250),
        ('"１，２５０"', 1250),
        ("1.2e3", 1200),
        (" 7 ", 7),
        ("7.0", 7),
    ],
)
def test_numbers_in_every_usual_form(written, parcels):
    found = read(VOLUMES + f"2024-03,杭州,菜鸟,{written}\n")
    assert found.problems.empty
    assert found.table["parcels"].to_list() == [parcels]
    assert found.table["parcels"].dtype == "int64"


@pytest.mark.parametrize("city", ["杭州", "杭州市", "Hangzhou", "hangzhou city", "330100", "330100.0"])
def test_cities_by_any_name(city):
    assert read(VOLUMES + f"2024-03,{city},菜鸟,3\n").table["city"].to_list() == ["330100"]


def test_blank_optional_cells_take_their_default():
    found = read("platform,city,start,subsidy_cny_per_parcel\n丰巢,杭州,2024-01-01,0.1\n", "subsidies")
    row = found.table.iloc[0]
    assert (row["guarantee_cny_per_day"], row["fee_waiver_cny"]) == (0, 0)
    assert pd.isna(row["end"])
    assert pd.isna(row["allocation"])
    station = read(
        STATIONS + "A1,丰巢,杭州,30.2,120.1,2023-01-01,,,84\nA2,菜鸟,杭州,30.2,120.1,2023-01-01,,,\n", "stations"
    )
    assert station.table["format"].to_list() == ["locker", "station"]
    assert station.table["cells"].to_list() == [84, pd.NA]


def test_same_key_with_another_origin_is_no_duplicate():
    found = read(
        "month,city,platform,parcels,origin\n2024-01,杭州,菜鸟,3,Alibaba\n2024-01,杭州,菜鸟,4,JD\n2024-01,杭州,菜鸟,4,\n"
    )
    assert found.problems.empty
    assert found.table["origin"].to_list() == ["Alibaba", "JD", ""]


# files

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
        '\n\n月份,城市,平台,件量\n\n2024-01,杭州,菜鸟,3\n\n2024-01,"金\n华",多多,x\n , , , \n2024-01,金华,多多,y\n\n\n'
    )
    found = read(text)
    assert problems(found, "row", "code") == [[7, "not_a_number"], [9, "not_a_number"]]
    assert found.rows == 3


def test_quoted_blank_lines_and_plain_ones_together():
    found = read('month,city,platform,parcels,origin\n\n2024-01,杭州,菜鸟,3,"a\n\nb"\n\n2024-01,金华,多多,x,c\n')
    assert found.table["origin"].to_list() == ["a\n\nb"]
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
    found = read(
        'month,city,platform,parcels,origin\n2024-01,杭州,菜鸟,=1+2,x\n2024-01,杭州,京东,1,"=HYPERLINK(""http://a"")"\n'
    )
    assert found.table["origin"].to_list() == ['=HYPERLINK("http://a")']
    assert found.set_aside["parcels"].to_list() == ["=1+2"]
    for lang in ("en", "zh"):
        raw = intake.problems_csv(found, lambda key, lang=lang, **values: say(key, lang, **values))
        header, row = csv.reader(io.StringIO(raw.decode("utf-8-sig")))
        assert len(header) == len(set(header)) == 6
        assert row[:3] == ["2", "parcels", "'=1+2"]
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
    aside = intake.set_aside_csv(found).decode("utf-8-sig")
    assert "'=1+2" in aside
    assert intake.problems_csv(read(ROWS), partial(_key)).decode("utf-8-sig").count("\n") == 1


def _key(key, **_):
    return key


# laws

CELLS = st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc")), max_size=6)
CITY = st.sampled_from(["杭州", "Jinhua", "330100", "火星", "合计", "", "Taizhou"])
NETWORK = st.sampled_from(["菜鸟", "jd", "Cainio", "", "多多"])
MONTH = st.sampled_from(["2024-01", "2024/2", "2024年3月", "2024-31", "", "202405"])
RECORD = st.tuples(MONTH, CITY, NETWORK, st.one_of(st.integers(-5, 99).map(str), CELLS))


@settings(max_examples=FUZZ_RUNS, deadline=None)
@given(st.lists(RECORD, min_size=1, max_size=12))
def test_no_row_is_lost(records):
    out = io.StringIO()
    csv.writer(out).writerows([("month", "city", "platform", "parcels"), *records])
    filled = [
        number
        for number, record in enumerate(records, 2)
        if any(cell.strip(" \t\u00a0\u3000\ufeff") for cell in record)
    ]
    try:
        found = intake.read(out.getvalue().encode(), "volumes")
    except IntakeError as error:
        assert error.code in ("header_only", "no_encoding") or not filled
        return
    assert found.kept + len(found.set_aside) == found.rows
    assert found.kept == len(found.table)
    assert set(found.set_aside["row"]) <= set(found.problems["row"])
    assert found.set_aside["row"].is_unique
    assert not found.table.duplicated(["month", "city", "platform"]).any()
    assert found.table["parcels"].between(0, 1e11).all()
    assert found.problems["row"].is_monotonic_increasing
    for problem in found.problems.to_dict("records"):
        if problem["column"] in found.set_aside and problem["row"] > 1:
            written = found.set_aside.set_index("row").at[problem["row"], problem["column"]]
            assert written.strip() == problem["value"].strip()


@settings(max_examples=FUZZ_RUNS, deadline=None)
@given(
    st.binary(max_size=300), st.sampled_from([b"", b"month,city,platform,parcels\n", b"\xff\xfe", b"\xef\xbb\xbfa,b\n"])
)
def test_noise_never_raises_anything_but_intake_errors(noise, start):
    try:
        found = intake.read(start + noise, "volumes")
    except IntakeError as error:
        assert has(f"problem.{error.code}")
        assert has(f"fix.{error.code}")
    else:
        assert found.kept + len(found.set_aside) == found.rows


@settings(max_examples=FUZZ_RUNS, deadline=None)
@given(st.text(max_size=200))
def test_noisy_text_never_raises_anything_but_intake_errors(noise):
    try:
        found = intake.read((VOLUMES + "2024-01,杭州,菜鸟,1\n" + noise).encode("utf-8", "ignore"), "volumes")
    except IntakeError as error:
        assert has(f"problem.{error.code}")
    else:
        assert found.kept + len(found.set_aside) == found.rows


@pytest.mark.parametrize("name", DATASETS)
def test_exported_table_reads_back_the_same(name):
    table = intake.read(template_csv(name), name).table
    again = intake.read(table.to_csv(index=False).encode(), name)
    assert again.problems.empty
    pd.testing.assert_frame_equal(again.table, table)
