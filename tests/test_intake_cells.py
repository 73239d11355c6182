"""Cells: what numbers and dates mean as people write them, and what is said of those that mean nothing."""

import calendar
import datetime as dt

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.contract import Column
from data.intake.cells import (
    BLANKS,
    SPACES,
    blank_sql,
    clean_sql,
    number_sql,
    problem_code_sql,
    scaled_sql,
    value_sql,
)  # fmt: skip
from data.intake.units import DAYS
from data.schema import STATIONS, SUBSIDIES, VOLUMES

CON = duckdb.connect()
PARCELS, MONTH = VOLUMES.columns["parcels"], VOLUMES.columns["month"]
SUBSIDY, GUARANTEE = SUBSIDIES.columns["subsidy_cny_per_parcel"], SUBSIDIES.columns["guarantee_cny_per_day"]
WAIVER, ALLOCATION, START = (SUBSIDIES.columns[name] for name in ("fee_waiver_cny", "allocation", "start"))
LAT, LOCKERS = STATIONS.columns["lat"], STATIONS.columns["cells"]
OWN = Column("own", "number", ("", ""))
A_MONTH = DAYS["day"] / DAYS["month"]
"""CNY a day of 1 CNY a month."""
WAN = 10_000.0
MARCH = dt.date(2024, 3, 1)
FUZZ_RUNS = 30


def each(written, sql):
    CON.register("written", pa.table({"c": pa.array(written, pa.string())}))
    try:
        return [value for (value,) in CON.sql(f"SELECT {sql} FROM written").fetchall()]
    finally:
        CON.unregister("written")


def value(column, written, factor=1.0):
    return each([written], value_sql(column, clean_sql("c"), factor))[0]


def code(column, written):
    return each([written], problem_code_sql(column, clean_sql("c")))[0]


# numbers


@pytest.mark.parametrize(
    ("written", "parcels"),
    [
        ("1250", 1250), ("1,250,000", 1_250_000), ("１２５０", 1250), ("１，２５０", 1250), ("1.2e3", 1200), ("7.0", 7),
        ("1.2万", 12_000), ("1.2 万", 12_000), ("3.4亿", 340_000_000), ("1.2345万", 12_345), ("12万件", 120_000),
        ("5千", 5000), ("2百万", 2_000_000), ("1.2w", 12_000), ("860k", 860_000), ("1.5 million", 1_500_000),
        ("1250件", 1250), ("1250 parcels", 1250), ("1,250票", 1250), ("1.2万件/月", 12_000),
        ("(1,200)", -1200), ("（1,200）", -1200), ("-3", -3), ("−3", -3), ("+3", 3), ("'1234", 1234), ('="1234"', 1234),
        ("1\u00a0250", 1250), ("1\u2009250", 1250), ("1\u202f250\u202f000", 1_250_000), ("1 250 000", 1_250_000),
        ("1\u3000250", 1250), ("\u00a01250\u3000", 1250),
        ("1249999.9999999998", 1_250_000), ("1250.", 1250), (".5万", 5000), ("10件/天", 304),
    ],
)  # fmt: skip
def test_whole_numbers_as_people_write_them(written, parcels):
    assert value(PARCELS, written) == parcels


@pytest.mark.parametrize(
    ("column", "written", "factor", "number"),
    [
        (PARCELS, "1.2", WAN, 12_000), (PARCELS, "123.45678", WAN, 1_234_568), (PARCELS, "1,200", WAN, 12_000_000),
        (PARCELS, "1.2万", WAN, 12_000), (PARCELS, "12万件", WAN, 120_000),
        (PARCELS, "100", DAYS["month"] / DAYS["day"], 3044),
        (SUBSIDY, "0.05元", 1.0, 0.05), (SUBSIDY, "¥0.05", 1.0, 0.05), (SUBSIDY, "￥0.05", 1.0, 0.05),
        (SUBSIDY, "5分", 1.0, 0.05), (SUBSIDY, "5毛", 1.0, 0.5), (SUBSIDY, "0.05元/件", 1.0, 0.05),
        (SUBSIDY, "5", 0.01, 0.05), (SUBSIDY, "5分", 0.01, 0.05), (SUBSIDY, "RMB 0.05", 1.0, 0.05),
        (GUARANTEE, "60元/天", 1.0, 60), (GUARANTEE, "1800", A_MONTH, 1800 * A_MONTH),
        (GUARANTEE, "1800元", A_MONTH, 1800 * A_MONTH), (GUARANTEE, "1800元/月", 1.0, 1800 * A_MONTH),
        (GUARANTEE, "1800元/月", A_MONTH, 1800 * A_MONTH), (WAIVER, "1.5万元", 1.0, 15_000), (WAIVER, "-¥20", 1.0, -20),
        (ALLOCATION, "35%", 1.0, 0.35), (ALLOCATION, "３５％", 1.0, 0.35), (ALLOCATION, "0.35", 1.0, 0.35),
        (ALLOCATION, "35", 0.01, 0.35), (ALLOCATION, "35%", 0.01, 0.35), (ALLOCATION, "5‰", 1.0, 0.005),
        (LAT, "30.2741°", 1.0, 30.2741), (LOCKERS, "84格", 1.0, 84), (OWN, "¥1.2万", 1.0, 12_000),
    ],
)  # fmt: skip
def test_units_of_cells_and_headers(column, written, factor, number):
    found = value(column, written, factor)
    assert found == pytest.approx(number, rel=1e-12)
    assert column.type != "fraction" or found == number  # to the last bit


@pytest.mark.parametrize(
    ("column", "written", "said"),
    [
        (PARCELS, "五百", "not_a_number"), (PARCELS, "nan", "not_a_number"), (PARCELS, "inf", "not_a_number"),
        (PARCELS, "100 200", "not_a_number"), (PARCELS, "1 250", "not_a_number"), (PARCELS, "1_000", "not_a_number"),
        (PARCELS, "1_000件", "not_a_number"), (SUBSIDY, "0.1_5", "not_a_number"), (ALLOCATION, "3_5%", "not_a_number"),
        (PARCELS, "1,00", "not_a_number"), (PARCELS, "1.234,5", "not_a_number"), (PARCELS, "1 25", "not_a_number"),
        (PARCELS, "35%", "not_a_number"), (PARCELS, "5元", "not_a_number"), (PARCELS, "¥5", "not_a_number"),
        (PARCELS, "5万万", "not_a_number"), (PARCELS, "(-5)", "not_a_number"), (PARCELS, "(5", "not_a_number"),
        (PARCELS, "--5", "not_a_number"), (PARCELS, "5件/天/站", "not_a_number"), (PARCELS, "5kg", "not_a_number"),
        (LAT, "3万", "not_a_number"), (SUBSIDY, "5件", "not_a_number"), (SUBSIDY, "35%", "not_a_number"),
        (ALLOCATION, "3万", "not_a_number"), (OWN, "35%", "not_a_number"), (OWN, "wet", "not_a_number"),
        (PARCELS, "=SUM(A1:A3)", "formula"), (PARCELS, "=1+1", "formula"), (SUBSIDY, "+SUM(A1)", "formula"),
        (PARCELS, "@SUM(A1)", "formula"), (START, "=TODAY()", "formula"),
    ],
)  # fmt: skip
def test_no_number_is_guessed(column, written, said):
    assert value(column, written) is None
    assert code(column, written) == said


def test_columns_of_the_user_s_own_hold_plain_numbers():
    written = ["1250", "1,250.5", "１，２５０", "1\u202f250", "-3", "1e3", "35%", "1,00", "5件", "wet", "nan"]
    written += ["=1+1", "-", "1 250", "1_000"]
    plain = [1250, 1250.5, 1250, 1250, -3, 1000, 0.35, *[None] * 8]
    assert each(written, number_sql(clean_sql("c"))) == plain


@pytest.mark.parametrize(
    ("column", "written", "factor"),
    [(PARCELS, "3亿", WAN), (PARCELS, "5件", WAN), (SUBSIDY, "0.05元", 0.01), (GUARANTEE, "60元/天", A_MONTH)],
)
def test_a_cell_that_contradicts_its_header_is_said(column, written, factor):
    assert value(column, written, factor) is None
    assert code(column, written) == "unit_twice"


@pytest.mark.parametrize("written", ["1.5", "1000000.5", "1,000,000.5", "1.23456万"])
def test_a_broken_count_stays_broken(written):
    assert value(PARCELS, written) % 1 != 0


# dates


@pytest.mark.parametrize(
    "written",
    [
        "2024-03", "2024/3", "2024.03", "202403", "2024年3月", "2024年03月", "2024年3月份", "2024 年 3 月", "24-Mar",
        "Mar-24", "Mar 2024", "March 2024", "2024-Mar", "mar. 2024", "03/2024", "45352", "45352.0", "202403.0",
        "２０２４-03", "'2024-03", "2024/3/1", "2024-03-15", "20240301", "2024年3月1日", "2024-03-01 00:00:00",
        "2024-03-01T00:00:00.000", "2024-3-01",
    ],
)  # fmt: skip
def test_months_as_people_write_them(written):
    assert value(MONTH, written) == MARCH


@pytest.mark.parametrize(
    "written",
    [
        "2024-03-05", "2024/3/5", "2024.3.5", "20240305", "2024年3月5日", "2024年3月5号", "2024年3月5日 星期二",
        "2024-03-05 13:20", "2024-03-05T23:59:59", "2024/3/5 1:20:00 PM", "2024-03-05 00:00:00+08:00", "45356",
        "05-Mar-2024", "5 March 2024", "Mar 5, 2024", "2024-Mar-05", "２０２４／３／５",
    ],
)  # fmt: skip
def test_days_as_people_write_them(written):
    assert value(START, written) == dt.date(2024, 3, 5)


@pytest.mark.parametrize(
    ("column", "written", "said"),
    [
        (MONTH, "2024-13", "bad_month"), (MONTH, "1024-01", "bad_month"), (MONTH, "24年3月", "bad_month"),
        (MONTH, "2024-03-05 13:20", "bad_month"), (MONTH, "2024-03-01T00:00:00Z", "bad_month"),
        (MONTH, "5", "bad_month"), (MONTH, "12345", "bad_month"), (MONTH, "Smarch 2024", "bad_month"),
        (MONTH, "3/1/2024", "ambiguous_date"), (MONTH, "05-Mar", "ambiguous_date"), (MONTH, "15-Mar", "ambiguous_date"),
        (START, "2024-02-30", "bad_date"), (START, "2024-03", "bad_date"), (START, "202403", "bad_date"),
        (START, "2024-03-05 25:00", "bad_date"), (START, "25/12/2024", "bad_date"), (START, "24-03-05", "bad_date"),
        (START, "3/1/2024", "ambiguous_date"), (START, "01/03/2024", "ambiguous_date"),
        (START, "1.3.2024 08:00", "ambiguous_date"), (START, "24-Mar", "ambiguous_date"),
        (START, "Mar-24", "ambiguous_date"), (START, "05-Mar-24", "ambiguous_date"), (START, "soon", "bad_date"),
    ],
)  # fmt: skip
def test_no_date_is_guessed(column, written, said):
    assert value(column, written) is None
    assert code(column, written) == said


# blanks and texts


@pytest.mark.parametrize("written", [*BLANKS, "", "  ", "\u3000", "\t", "N/A", "NULL", " — ", "\u200b"])
def test_what_stands_for_nothing_is_blank(written):
    assert each([written], clean_sql("c"))[0] is None
    assert each([written], blank_sql("c"))[0] is True


@pytest.mark.parametrize("written", ["0", "nan", "未知", "无锡", "a-", "- 5"])
def test_what_says_something_is_not_blank(written):
    assert each([written], clean_sql("c"))[0] == written
    assert each([written], blank_sql("c"))[0] is False


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("'＝1+1", "＝1+1"), ("'＠x", "＠x"), ("''－1", "'－1"), ("'\n=1", "\n=1"), ("'＝", "＝"),
        ("'=A1", "=A1"), ("'-7", "-7"), ("''=A1", "'=A1"), ("'tis", "'tis"), ("O'Hara", "O'Hara"), ('="HZ01"', "HZ01"),
        ("=A1", "=A1"), (" HZ 01 ", "HZ 01"), ("'@x", "@x"),
    ],
)  # fmt: skip
def test_texts_lose_only_the_apostrophe_that_guards_them(written, text):
    assert each([written], clean_sql("c", text=True))[0] == text


# laws


@given(st.lists(st.text(max_size=12), min_size=1, max_size=20), st.sampled_from([1.0, WAN, 0.01, A_MONTH]))
@settings(max_examples=FUZZ_RUNS, deadline=None)
def test_any_text_has_a_value_or_a_problem(written, factor):
    columns = (PARCELS, SUBSIDY, ALLOCATION, LAT, MONTH, START, OWN)
    values = (value_sql(column, clean_sql("c"), factor) for column in columns)
    codes = (problem_code_sql(column, clean_sql("c")) for column in columns)
    for found in each(written, f"[{', '.join(f'({value})::VARCHAR' for value in values)}]"):
        assert not {"nan", "inf", "-inf"} & set(found)
    assert all(all(found) for found in each(written, f"[{', '.join(codes)}]"))


@given(st.integers(-(10**11), 10**11))
@settings(max_examples=FUZZ_RUNS, deadline=None)
def test_every_way_to_write_a_count_is_one_number(count):
    forms = [str(count), f"{count:,}", f"{count:,}".replace(",", "\u2009"), f"{count}.0", f"{count}件", f"'{count}"]
    forms += [f"{count:,}".translate({ord("0") + n: "０１２３４５６７８９"[n] for n in range(10)})]
    forms += [f"{count // WAN:.0f}万"] if count % WAN == 0 else [f"{count / WAN:.4f}万"]
    forms += [f"({-count:,})"] if count < 0 else [f"+{count}"]
    assert each(forms, value_sql(PARCELS, clean_sql("c"))) == [float(count)] * len(forms)


@given(st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)))
@settings(max_examples=FUZZ_RUNS, deadline=None)
def test_every_way_to_write_a_day_is_one_day(day):
    name = calendar.month_abbr[day.month]
    forms = [
        day.isoformat(),
        f"{day:%Y%m%d}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
    ]
    forms += [str((day - dt.date(1899, 12, 30)).days), f"{day.day} {name} {day.year}", f"{day.isoformat()} 00:00:00"]
    assert each(forms, value_sql(START, clean_sql("c"))) == [day] * len(forms)
    months = [*forms, f"{day:%Y-%m}", f"{day:%Y%m}", f"{day.year}年{day.month}月", f"{name} {day.year}"]
    assert each(months, value_sql(MONTH, clean_sql("c"))) == [day.replace(day=1)] * len(months)


@given(st.lists(st.floats(0, 1e9, allow_subnormal=False), min_size=1), st.sampled_from([1.0, WAN, 0.01, A_MONTH]))
@settings(max_examples=FUZZ_RUNS, deadline=None)
def test_plain_numbers_mean_the_same_whether_typed_or_text(numbers, factor):
    for column in (PARCELS, WAIVER):
        texts = each([repr(number) for number in numbers], value_sql(column, clean_sql("c"), factor))
        assert texts == each([repr(number) for number in numbers], scaled_sql("c::DOUBLE", column, factor))
        assert texts == pytest.approx([number * factor for number in numbers], abs=1, rel=1e-6)


def test_a_cell_keeps_its_inner_spaces_and_loses_the_outer():
    assert each([f"{SPACES}a b{SPACES}"], clean_sql("c"))[0] == "a b"
