"""Rows of a table as text: cells that mean nothing, rows that are no data, and the row and words they are told by."""

import duckdb
import pytest

from data.intake.aside import is_total
from data.intake.checks import make_tables, monthly_sql, table_checks
from data.intake.severity import SET_ASIDE, SEVERITY
from data.schema import DATASETS, SUBSIDIES
from data.text import has, say

VOLUMES = ("month", "city", "platform", "parcels")
SUBSIDY = ("platform", "city", "start", "subsidy_cny_per_parcel", "guarantee_cny_per_day")
GOOD = ("2024-01", "杭州", "菜鸟", "3")
CODES = (
    "footer", "header_again", "totals_row", "formula", "ambiguous_date", "unit_twice", "looks_monthly", "unknown_unit",
    "unit_converted",
)  # fmt: skip


def checked(columns, *rows, dataset="volumes", headers=None, **options):
    """Problems (row, column, value, code) of rows from 2 on, and the numbers of the rows of data."""
    width, headers = len(columns), headers or dict(zip(columns, columns, strict=True))
    positions = {name: place for place, name in enumerate(columns)}
    with duckdb.connect() as con:
        cells = ", ".join(f"c{place} VARCHAR" for place in range(width + 1))
        con.execute(f"CREATE TEMP TABLE raw (row BIGINT, {cells})")
        filled = [[number, *row, *[None] * (width + 1 - len(row))] for number, row in enumerate(rows, 2)]
        con.executemany(f"INSERT INTO raw VALUES ({', '.join('?' * (width + 2))})", filled)
        make_tables(con, DATASETS[dataset], positions, headers=headers, **options)
        checks = table_checks(DATASETS[dataset], positions, headers, width, factors=options.get("factors", {}))
        problems = con.sql(f'SELECT row, "column", value, code FROM ({" UNION ALL ".join(checks)})').fetchall()
        kept = [row for (row,) in con.sql("SELECT row FROM typed ORDER BY row").fetchall()]
    return sorted(problems, key=lambda problem: problem[0]), kept


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("合计", "", "", "3"), "合计"), (("合计：", "", "", "3"), "合计："), (("小计(元)", "", "", "3"), "小计(元)"),
        (("2024-01", "杭州 合计", "", "3"), "杭州 合计"), (("2024-01", "浙江省小计", "菜鸟", "3"), "浙江省小计"),
        (("2024-01", "Total", "", "3"), "Total"), (("2024-01", "全国", "菜鸟", "3"), "全国"),
        (("2024-01", "Grand total (parcels)", "菜鸟", "3"), "Grand total (parcels)"),
        (("2024-01", "总计（万件）", "菜鸟", "3"), "总计（万件）"), (("2024-01", "杭州", "subtotal", "3"), "subtotal"),
    ],
)  # fmt: skip
def test_totals_at_the_start_or_end_of_a_cell(row, said):
    assert checked(VOLUMES, GOOD, row) == ([(3, "", said, "totals_row")], [2])


@pytest.mark.parametrize("name", ["Totalcity", "合计划", "subtotalled", "Sumitomo", "全国性网络", "national park"])
def test_words_that_only_contain_one_are_no_totals(name):
    assert [code for *_, code in checked(VOLUMES, (GOOD[0], name, "菜鸟", "3"))[0]] == ["unknown_city"]


STATIONS = ("station_id", "platform", "city", "lat", "lon", "opened")
PLACE = ("菜鸟", "杭州", "30.27413", "120.15512", "2024-01-05")


@pytest.mark.parametrize("name", ["Total Fitness", "上海汇总", "汇总 便利店", "小计(杭州)店", "Shop total"])
def test_a_name_that_holds_such_a_word_is_a_name(name):
    rows = ((name, *PLACE), ("A1", *PLACE))
    assert checked(STATIONS, *rows, dataset="stations") == ([], [2, 3])
    assert checked((*VOLUMES, "origin"), (*GOOD, ""), (*GOOD, "淘宝")) == ([], [2, 3])
    assert checked((*VOLUMES, "origin"), GOOD, ("", "", "", "3", "合计")) == ([(3, "", "合计", "totals_row")], [2])


@pytest.mark.parametrize("name", ["合计", "合计：", "Total", "总计（家）", "上海汇总", "Total Fitness"])
def test_it_is_a_total_where_the_row_lacks_what_it_must_have(name):
    whole = name not in ("上海汇总", "Total Fitness")
    rows = (("A1", *PLACE), (name, *(PLACE if whole else ("", *PLACE[1:]))))
    assert checked(STATIONS, *rows, dataset="stations") == ([(3, "", name, "totals_row")], [2])


@pytest.mark.parametrize(("name", "code"), [("Total Fitness", None), ("华东合计", None), ("合计", "totals_row")])
def test_a_first_column_of_no_meaning_may_hold_names(name, code):
    with duckdb.connect() as con:
        values = f"(2, '{name}', '2024-01', '杭州', '菜鸟', '3', NULL)"
        con.execute(f"CREATE TEMP TABLE raw AS SELECT * FROM (VALUES {values}) t(row, c0, c1, c2, c3, c4, c5)")
        make_tables(con, DATASETS["volumes"], {name: place for place, name in enumerate(VOLUMES, 1)})
        assert con.sql("SELECT aside.code FROM joined").fetchall() == [(code,)]


def test_a_total_in_the_first_column_counts_though_no_column_is_read_from_it():
    with duckdb.connect() as con:
        con.execute("CREATE TEMP TABLE raw AS SELECT * FROM (VALUES (2, '1', '2024-01', '杭州', '菜鸟', '3', NULL), "
                    "(3, '合计', NULL, NULL, NULL, '3', NULL)) t(row, c0, c1, c2, c3, c4, c5)")  # fmt: skip
        make_tables(con, DATASETS["volumes"], {name: place for place, name in enumerate(VOLUMES, 1)})
        assert con.sql("SELECT row, aside.code FROM joined ORDER BY row").fetchall() == [(2, None), (3, "totals_row")]


@pytest.mark.parametrize(
    "note",
    [
        ("制表人：张三",), ("制表人：张三", "", "审核：李四"), ("", "数据来源：国家邮政局"), ("备注",),
        ("注：含港澳台",),
        ("单位：万件",), ("Source: State Post Bureau",), ("Note 1: preliminary",), ("※ 部分为估计值",),
        ("以上数据仅供内部参考，不得外传",), ("导出时间：2024-03-01 08:00",), ("Preliminary figures, see the annex",),
    ],
)  # fmt: skip
def test_notes_under_a_table_are_no_data(note):
    said = next(cell for cell in note if cell)
    assert checked(VOLUMES, GOOD, note) == ([(3, "", said, "footer")], [2])


@pytest.mark.parametrize(
    "row",
    [
        ("2024-02",),
        ("火星",),
        ("17",),
        ("注：", "杭州", "菜鸟", "3"),
        ("", "杭州", "菜鸟", ""),
        ("2024年2月1日 00:00",),
    ],
)
def test_broken_rows_are_no_notes(row):
    problems, kept = checked(VOLUMES, GOOD, row)
    assert kept == [2, 3]
    assert {code for *_, code in problems} <= {"blank_cell", "bad_month"}
    assert problems


def test_a_header_that_stands_there_again():
    headers = {"month": "统计月", "city": "城市", "platform": "平台", "parcels": "业务量(万件)"}
    again = ("统计月", "城市", "平台", "业务量(万件)")
    short = ("月份", "城市", "品牌", "件量(件)")
    rows = (GOOD, again, (GOOD[0], "金华", *GOOD[2:]), short, ("统计月", "城市", "菜鸟", "3"))
    problems, kept = checked(VOLUMES, *rows, headers=headers)
    assert [(row, code) for row, *_, code in problems if code == "header_again"] == [
        (3, "header_again"), (5, "header_again"),
    ]  # fmt: skip
    assert kept == [2, 4, 6]


def test_a_placeholder_is_blank_as_written():
    problems, _ = checked(VOLUMES, ("2024-01", "杭州", "暂无", "-"))
    assert problems == [(2, "platform", "暂无", "blank_cell"), (2, "parcels", "-", "blank_cell")]
    optional = ("菜鸟", "杭州", "2024-01-01", "0.05", "—")
    assert checked(SUBSIDY, optional, dataset="subsidies")[0] == []


def test_each_problem_keeps_the_cell_as_written():
    rows = (
        ("3/1/2024", " 杭洲 ", "菜鸟", "=SUM(A1)"),
        ("2024-01", "杭州", "菜鸟", "3亿"),
        ("2024-02", "杭州", "菜鸟", "1.5"),
    )
    assert checked(VOLUMES, *rows, factors={"parcels": 1e4})[0] == [
        (2, "month", "3/1/2024", "ambiguous_date"), (2, "city", " 杭洲 ", "unknown_city"),
        (2, "parcels", "=SUM(A1)", "formula"), (3, "parcels", "3亿", "unit_twice"),
    ]  # fmt: skip


def test_limits_are_said_in_the_unit_of_the_header():
    with duckdb.connect() as con:
        con.execute("CREATE TEMP TABLE raw AS SELECT * FROM (VALUES (2, '2024-01', '杭州', '菜鸟', '99999999', NULL)) "
                    "t(row, c0, c1, c2, c3, c4)")  # fmt: skip
        positions = {name: place for place, name in enumerate(VOLUMES)}
        make_tables(con, DATASETS["volumes"], positions, factors={"parcels": 1e4})
        named = {name: name for name in VOLUMES}
        checks = table_checks(DATASETS["volumes"], positions, named, 4, factors={"parcels": 1e4})
        found = con.sql(f"SELECT value, code, low, high FROM ({' UNION ALL '.join(checks)})").fetchall()
    assert found == [("99999999", "out_of_range", "0", "10,000,000")]


def test_a_guarantee_of_a_month_is_said_where_the_header_names_no_unit():
    rows = [("菜鸟", city, "2024-01-01", "0.05", paid) for city, paid in (("杭州", "1800"), ("金华", "300"))]
    headers = dict(zip(SUBSIDY, (*SUBSIDY[:4], "保底"), strict=True))
    problems, kept = checked(SUBSIDY, *rows, dataset="subsidies", headers=headers)
    assert (problems, kept) == ([(2, "保底", "1800", "looks_monthly")], [2, 3])
    column = SUBSIDIES.columns[SUBSIDY[-1]]
    for header in ("保底(元/天)", "日保底", "guarantee_cny_per_day", "daily guarantee"):
        assert monthly_sql(column, header) == ""
    assert monthly_sql(column, "保底", factor=12 / 365.25) == ""
    assert monthly_sql(SUBSIDIES.columns["fee_waiver_cny"], "减免") == ""


def test_names_follow_what_the_reader_decided():
    rows = (("2024-01", "杭州", "熊猫", "3"), ("2024-02", "杭州", "狐狸", "3"), ("2024-03", "杭州", "菜鸟", "3"))
    problems, kept = checked(VOLUMES, *rows, names={"platform": {"熊猫": "cainiao", "狐狸": ""}})
    assert problems == [(3, "platform", "狐狸", "set_aside_name")]
    assert kept == [2, 3, 4]


def test_a_column_of_provinces_tells_cities_of_one_name_apart():
    with duckdb.connect() as con:
        con.execute("CREATE TEMP TABLE raw AS SELECT * FROM (VALUES (2, '2024-01', 'Suzhou', 'jd', '3', '江苏', NULL), "
                    "(3, '2024-01', 'Suzhou', 'jd', '3', '安徽', NULL)) t(row, c0, c1, c2, c3, c4, c5)")  # fmt: skip
        make_tables(con, DATASETS["volumes"], {name: n for n, name in enumerate(VOLUMES)}, province=4)
        assert con.sql("SELECT city FROM typed ORDER BY row").fetchall() == [("320500",), ("341300",)]


@pytest.mark.parametrize("code", CODES)
def test_every_problem_has_words_in_both_languages(code):
    values = dict.fromkeys(("row", "column", "value", "low", "high", "suggest", "other"), "x")
    for key in (f"problem.{code}", f"fix.{code}"):
        assert has(key)
        assert all("{" not in say(key, lang, **values) for lang in ("en", "zh"))


def test_rows_that_are_no_data_are_warnings():
    assert {SEVERITY[code] for code in SET_ASIDE} == {"warning"}


@pytest.mark.parametrize("text", ["", "-", "杭州", "3"])
def test_other_cells_are_no_totals(text):
    with duckdb.connect() as con:
        assert con.execute(f"SELECT {is_total('?::VARCHAR')}", [text]).fetchall() == [(False,)]
