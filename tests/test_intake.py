"""Intake: what becomes of good cells, bad cells, odd files and noise."""

import csv
import io

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import intake
from data.intake import IntakeError
from data.intake.cells import BAD
from data.intake.severity import SEVERITY
from data.platforms import PLATFORMS
from data.schema import DATASETS, template_csv
from data.text import catalogue, has, say
from tests.test_intake_corpus import CORPUS

VOLUMES = "month,city,platform,parcels\n"
STATIONS = "station_id,platform,city,lat,lon,opened,closed,format,cells\n"
ORIGINS = "month,city,platform,parcels,origin\n"
SUBSIDIES = "platform,city,start,end,subsidy_cny_per_parcel,allocation\n"
GOOD_STATION = "A1,菜鸟,杭州,30.2,120.1,2023-01-01,,station,\n"
OWN = "month,city,platform,parcels,rain\n"
TWENTY_OWN = "".join(f"20{20 + n // 12}-{n % 12 + 1:02},杭州,菜鸟,3,{n}\n" for n in range(20))
THIRTEEN_OWN = VOLUMES[:-1] + "".join(f",x{n}" for n in range(1, 14)) + "\n2024-01,杭州,菜鸟,3" + ",9" * 13 + "\n"
FUZZ_RUNS = 60


def read(text, dataset="volumes", **options):
    return intake.read(text.encode(), dataset, **options)


def attempt(raw):
    """The intake, or the code of what was wrong with the file."""
    try:
        return intake.read(raw, "volumes")
    except IntakeError as error:
        return error.code


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
    ("unknown_format", "stations", STATIONS + "A1,菜鸟,杭州,30.2,120.1,2023-01-01,,moon,\n", [2, "format", "moon"]),
    ("outside_china", "stations", STATIONS + "A1,菜鸟,杭州,51.5,-0.1,2023-01-01,,,\n", [2, "lon", "-0.1"]),
    ("swapped", "stations", STATIONS + "A1,菜鸟,杭州,120.1,30.2,2023-01-01,,,\n", [2, "lat", "120.1"]),
    (
        "closed_before_opened", "stations",
        STATIONS + "A1,菜鸟,杭州,30.2,120.1,2023-01-01,2022-01-01,,\n", [2, "closed", "2022-01-01"],
    ),
    ("end_before_start", "subsidies", SUBSIDIES + "菜鸟,杭州,2024-02-01,2024-01-01,0.1,\n", [2, "end", "2024-01-01"]),
    (
        "duplicate_row", "stations",
        STATIONS + GOOD_STATION + GOOD_STATION.replace("30.2", "30.3"), [3, "station_id", "A1"],
    ),
    ("duplicate_same", "stations", STATIONS + GOOD_STATION + GOOD_STATION, [3, "station_id", "A1"]),
    ("totals_row", "volumes", VOLUMES + "2024-01,杭州,菜鸟,3\n合计,,,3\n", [3, "", "合计"]),
    ("totals_row", "volumes", VOLUMES + "2024-01,杭州,菜鸟,3\n2024-01,Total,,3\n", [3, "", "Total"]),
    ("too_many_cells", "volumes", VOLUMES + "2024-01,杭州,菜鸟,3,9\n", [2, "", "9"]),
    ("missing_column", "volumes", "month,city,platform,percels\n2024-01,杭州,菜鸟,3\n", [1, "parcels", ""]),
    ("unknown_column", "volumes", "month,city,platform,parcels,rain\n2024-01,杭州,菜鸟,3,wet\n", [1, "rain", ""]),
    ("own_column", "volumes", OWN + "2024-01,杭州,菜鸟,3,9\n", [1, "rain", ""]),
    ("own_not_a_number", "volumes", OWN + TWENTY_OWN + "2025-12,杭州,菜鸟,3,wet\n", [22, "rain", "wet"]),
    ("own_name_taken", "volumes", VOLUMES[:-1] + ",Log stations\n2024-01,杭州,菜鸟,3,9\n", [1, "Log stations", ""]),
    ("too_many_own", "volumes", THIRTEEN_OWN, [1, "x13", ""]),
    ("unknown_origin", "volumes", ORIGINS + "2024-01,杭州,菜鸟,3,ZTO\n", [2, "origin", "ZTO"]),
    (
        "overlapping_spell", "subsidies",
        SUBSIDIES + "菜鸟,杭州,2024-01-01,2024-06-30,0.06,\n菜鸟,杭州,2024/6/30,,0.08,\n", [3, "start", "2024/6/30"],
    ),
    ("duplicate_header", "volumes", "月份,城市,平台,件量,业务量\n2024-01,杭州,菜鸟,3,3\n", [1, "业务量", ""]),
    ("unit_of_share", "subsidies", SUBSIDIES + "菜鸟,杭州,2024-01-01,,0.1,0.35%\n", [2, "allocation", "0.35%"]),
    ("months_apart", "volumes", VOLUMES + "".join(f"202{y}-1,杭州,菜鸟,3\n" for y in range(4)), [2, "month", "2020-1"]),
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
    tried = {case[0] for case in CASES}.union(code.split("@")[0] for entry in CORPUS for code in entry.found)
    elsewhere = {"directory", "no_file", "too_large", "too_many_rows", "heavy_workbook", "unreadable"}
    elsewhere |= {"no_disk", "no_memory"}
    words = {key.removeprefix("problem.") for key in catalogue() if key.startswith("problem.")}
    assert tried | elsewhere == words | set(SEVERITY) | set(BAD.values())


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
        [5, "月份 + 城市 + 平台", "duplicate_same"],
    ]
    assert found.problems["other"].iloc[-1] == "3"
    assert found.set_aside["row"].to_list() == [2, 4, 5]


def test_suggestions():
    found = read(VOLUMES + "2024-01,杭洲市,Cainio,3\n2024-01,Taizhou,jd,3\n")
    by_code = found.problems.set_index("code")
    assert PLATFORMS["cainiao"].en in by_code.at["unknown_platform", "suggest"]
    assert by_code.at["unknown_platform", "fix_code"] == "did_you_mean"
    assert "330100" in by_code.at["unknown_city", "suggest"]
    assert {"331000", "321200"} <= set(by_code.at["ambiguous_city", "suggest"].replace(";", "").split())
    missing = read("month,city,platform,percels\n2024-01,杭州,菜鸟,3\n").problems.set_index("code")
    assert missing.at["missing_column", "suggest"] == "percels"


def test_swapped_coordinates_are_one_problem():
    found = read(STATIONS + "A1,菜鸟,杭州,120.1,30.2,2023-01-01,,,\n", "stations")
    assert problems(found, "code") == [["swapped"]]


# good cells


@pytest.mark.parametrize(
    "month",
    [
        "2024-03",
        "2024/3",
        "2024.03",
        "202403",
        "2024年3月",
        "2024年03月",
        "2024/3/1",
        "20240301",
        "２０２４-03",
        " 2024-03 ",
    ],
)
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
    found = attempt(out.getvalue().encode())
    if not filled:
        assert found == "header_only"
        return
    assert found.rows == len(filled)
    assert found.kept + len(found.set_aside) == found.rows
    assert found.kept == len(found.table)
    assert set(found.set_aside["row"]) <= set(found.problems["row"])
    assert found.set_aside["row"].is_unique
    assert not found.table.duplicated(["month", "city", "platform"]).any()
    assert found.table["parcels"].between(0, 1e11).all()
    assert found.problems["row"].is_monotonic_increasing
    aside = set(found.set_aside["row"])
    for problem in found.problems.to_dict("records"):
        if problem["column"] in found.set_aside and problem["row"] in aside:
            written = found.set_aside.set_index("row").at[problem["row"], problem["column"]]
            assert written.strip() == problem["value"].strip()


@settings(max_examples=FUZZ_RUNS, deadline=None)
@given(
    st.binary(max_size=300), st.sampled_from([b"", b"month,city,platform,parcels\n", b"\xff\xfe", b"\xef\xbb\xbfa,b\n"])
)
def test_noise_never_raises_anything_but_intake_errors(noise, start):
    found = attempt(start + noise)
    if isinstance(found, str):
        assert has(f"problem.{found}")
        assert has(f"fix.{found}")
    else:
        assert found.kept + len(found.set_aside) == found.rows


@settings(max_examples=FUZZ_RUNS, deadline=None)
@given(st.text(max_size=200))
def test_noisy_text_never_raises_anything_but_intake_errors(noise):
    found = attempt((VOLUMES + "2024-01,杭州,菜鸟,1\n" + noise).encode("utf-8", "ignore"))
    assert has(f"problem.{found}") if isinstance(found, str) else found.kept + len(found.set_aside) == found.rows


@pytest.mark.parametrize("name", DATASETS)
def test_exported_table_reads_back_the_same(name):
    table = intake.read(template_csv(name), name).table
    again = intake.read(table.to_csv(index=False).encode(), name)
    assert again.problems.empty
    pd.testing.assert_frame_equal(again.table, table)
