"""Findings across rows, from the file to the words: at which row and header, how grave, and what becomes of the row."""

import pytest

from data import intake
from data.intake import summary
from data.intake.severity import SET_ASIDE, SEVERITY
from data.text import say
from tests.made_rows import line, months

STEADY = [100_000 + 1_000 * (n % 7) for n in range(24)]
CITIES = ("110000", "310000", "320100", "320500", "330100", "330700", "440100", "440300", "500000", "510100")
SUBSIDIES = "平台,城市,开始日期,结束日期,单票补贴,日保底\n"
STATIONS = "站点编号,平台,城市,纬度,经度,开业日期\n"


def volumes(*lines):
    rows = [record for one in lines for record in one]
    return "月份,城市,平台,件量,订单来源\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)


def stations(*points):
    return STATIONS + "".join(f"A{n},菜鸟,杭州,{lat},{lon},2023-01-01\n" for n, (lat, lon) in enumerate(points))


def subsidies(*rates):
    dated = zip(months("2010-01", len(rates)), rates, strict=True)
    return SUBSIDIES + "".join(f"菜鸟,杭州,{month}-01,,{rate},\n" for month, rate in dated)


def off(*at, times=1e-4, city="330100"):
    return line("2024-01", [int(cell * times) if n in at else cell for n, cell in enumerate(STEADY)], city=city)


TOTAL = [line("2024-01", [30_300, 60_600, 90_900], platform="cainiao")]
PARTS = [
    line("2024-01", [n, 2 * n, 3 * n], platform=name) for n, name in ((10_000, "jd"), (10_100, "sto"), (10_200, "jt"))
]
GAP = [line("2009-01", [5, None, 5]), line("2009-01", [5, 5, 5], city="110000")]
KEY = "月份 + 城市 + 平台 + 订单来源"
SPREAD = [(30.20011 + n * 0.00413, 120.10013 + n * 0.00317) for n in range(9)]

CASES = [
    ("duplicate_same", "volumes", volumes(line("2009-01", [5]) * 2), 3, KEY),
    ("duplicate_row", "volumes", volumes(line("2009-01", [5]), line("2009-01", [6])), 3, KEY),
    (
        "overlapping_parts", "subsidies",
        SUBSIDIES + "菜鸟,杭州,2024-01-01,2024-06-30,0,60\n菜鸟,杭州,2024/3/1,,0.08,\n", 3, "开始日期",
    ),
    ("months_missing", "volumes", volumes(*GAP), 2, "月份"),
    ("month_missing_everywhere", "volumes", volumes(line("2009-01", [5, None, 5])), 2, "月份"),
    ("zero_run", "volumes", volumes(line("2009-01", [9_000, 0, 9_000])), 3, "件量"),
    ("level_break", "volumes", volumes(off(*range(12, 24), times=4)), 14, "件量"),
    ("unit_jump", "volumes", volumes(off(5, times=1e4)), 7, "件量"),
    ("unit_fall", "volumes", volumes(off(5)), 7, "件量"),
    ("unit_of_months", "volumes", volumes(*(off(5, city=city) for city in CITIES)), 7, "件量"),
    ("unit_of_column_maybe", "volumes", volumes(line("2024-05", [10**11])), 2, "件量"),
    ("total_of_parts", "volumes", volumes(*TOTAL, *PARTS), 2, "平台"),
    (
        "total_of_origins", "volumes",
        volumes(
            line("2009-01", [20_100, 40_200, 60_300]),
            line("2009-01", [10_000, 20_000, 30_000], origin="JD"),
            line("2009-01", [10_100, 20_200, 30_300], origin="Alibaba"),
        ), 2, "订单来源",
    ),
    ("same_place", "stations", stations(*[(30.27411, 120.15513)] * 6), 2, "纬度 + 经度"),
    ("far_from_city", "stations", stations(*SPREAD, (39.90421, 116.40739)), 11, "纬度 + 经度"),
    ("rounded_coordinates", "stations", stations(*SPREAD, (30.27, 120.15)), 11, "纬度 + 经度"),
    ("level_of_subsidy", "subsidies", subsidies(*[0.05, 0.08] * 6, 3), 14, "单票补贴"),
    ("unit_of_subsidy", "subsidies", subsidies(*[2, 3] * 6), 3, "单票补贴"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "dataset", "text", "row", "column"), CASES, ids=[case[0] for case in CASES])
def test_finding_is_said_at_its_row_and_header(code, dataset, text, row, column):
    found = intake.read(text.encode(), dataset)
    same = found.problems[found.problems["code"] == code]
    assert same[["row", "column"]].to_numpy().tolist() == [[row, column]]
    severity = SEVERITY.get(code, "error")
    assert set(same["severity"]) == {severity}
    assert bool(same["value"].iloc[0]) == (code != "total_of_origins")  # a blank cell as written
    aside = severity == "error" or code in SET_ASIDE
    assert (row in found.set_aside["row"].to_list()) == aside
    assert found.kept == found.rows - (1 if aside else 0)
    words = summary.values(same.iloc[0].to_dict())
    for lang in ("en", "zh"):
        sentence = say(f"problem.{code}", lang, **words)
        assert "{" not in sentence
        assert "  " not in sentence


def test_a_value_is_as_written_or_what_is_amiss():
    spelt = volumes(off(5)).replace("330100,jd,10,", "杭州市,京东, 10 ,")
    found = intake.read(spelt.encode(), "volumes").problems.set_index("code")
    assert found.at["unit_fall", "value"].strip() == "10"
    gap = volumes(line("2009-01", [5, None, None, 5]), line("2009-01", [5] * 4, city="110000"))
    assert intake.read(gap.encode(), "volumes").problems["value"].to_list() == ["2009-02..2009-03"]


def test_several_kinds_at_once():
    text = volumes(line("2009-01", [5, None, 5]), line("2009-01", [5, 6, 5], city="110000"), line("2009-01", [5]))
    found = intake.read(text.encode(), "volumes")
    assert found.problems[["row", "code"]].to_numpy().tolist() == [[2, "months_missing"], [7, "duplicate_same"]]


def test_checks_see_only_rows_that_are_kept():
    # the later copy would double January, the bad cell would be a month
    text = (
        volumes(line("2009-01", [9_000] * 8))
        + "2009-01,330100,jd,900000,\n2009-09,330100,jd,x,\n2009-10,330100,jd,9000,\n"
    )
    found = intake.read(text.encode(), "volumes")
    assert found.problems[["row", "code"]].to_numpy().tolist() == [
        [9, "month_missing_everywhere"], [10, "duplicate_row"], [11, "not_a_number"],
    ]  # fmt: skip
