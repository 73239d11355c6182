"""Tables of another shape: days and districts to be added up, cells merged downwards, months across, no header."""

import pandas as pd
import pytest

from data import intake

DAYS = "日期,城市,品牌,件量\n2025-01-01,杭州,菜鸟,3\n2025-01-02,杭州,菜鸟,4\n2025/1/3,杭州,菜鸟,4\n"
MERGED = "月份,城市,品牌,件量\n2025-01,杭州,菜鸟,3\n,,多多,4\n2025-02,宁波,菜鸟,5\n,,多多,6\n合计,,,18\n"


def read(text, dataset="volumes", **options):
    return intake.read(text.encode(), dataset, **options)


def codes(found):
    return found.problems["code"].to_list()


def test_days_are_told_and_added_up_when_the_reader_says_so():
    found = read(DAYS)
    assert codes(found)[0] == "daily_rows"
    assert (found.kept, len(found.set_aside)) == (1, 2)
    whole = read(DAYS, add_up=True)
    assert whole.table["parcels"].to_list() == [11]
    assert (codes(whole), whole.kept, len(whole.set_aside)) == (["rows_added_up"], 3, 0)


def test_months_that_stand_twice_are_no_days():
    text = "月份,城市,品牌,件量\n2025-01-01,杭州,菜鸟,3\n2025-01-01,杭州,菜鸟,4\n"
    assert codes(read(text)) == ["duplicate_row"]


def test_districts_of_a_city_are_added_up():
    text = (
        "月份,城市,区县,品牌,件量\n2025-01,苏州,姑苏区,菜鸟,3\n2025-01,苏州,昆山市,菜鸟,3\n2025-01,杭州,西湖区,菜鸟,5\n"
    )
    assert read(text, add_up=True).table["parcels"].to_list() == [6, 5]


def test_nothing_is_added_up_where_no_row_is_repeated():
    text = "月份,城市,品牌,件量\n2025-01,杭州,菜鸟,3\n2025-02,杭州,菜鸟,4\n"
    pd.testing.assert_frame_equal(read(text, add_up=True).table, read(text).table)


def test_stations_are_never_added_up():
    rows = (f"A,菜鸟,杭州,{lat},120.1,2024-01-01" for lat in (30.2, 30.3))
    text = "\n".join(("station_id,platform,city,lat,lon,opened", *rows))
    assert "duplicate_row" in codes(read(text, "stations", add_up=True))


def test_blank_cells_mean_what_stands_above_in_the_columns_named():
    assert codes(read(MERGED)).count("blank_cell") == 4
    found = read(MERGED, fill_down=["月份", "城市"])
    assert found.table[["city", "parcels"]].to_numpy().tolist() == [
        ["330100", 3],
        ["330100", 4],
        ["330200", 5],
        ["330200", 6],
    ]
    assert codes(found) == ["totals_row"]


def test_a_column_to_fill_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="no header"):
        read(MERGED, fill_down=["省份"])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("城市,品牌,2025年1月,2025年2月\n杭州,菜鸟,3,5\n", "months_across"),
        ("城市,品牌,202501,202502,202503\n杭州,菜鸟,3,5,6\n", "months_across"),
        ("2025-01,杭州,菜鸟,3\n2025-02,杭州,菜鸟,3\n", "no_header"),
    ],
)
def test_a_table_of_another_shape_is_told_at_its_header(text, code):
    found = read(text)
    assert codes(found)[0] == code
    assert (found.kept, found.problems["row"].iloc[0]) == (0, 1)


def test_an_ordinary_table_has_an_ordinary_shape():
    assert codes(read("月份,城市,品牌,件量\n2025-01,杭州,菜鸟,3\n")) == []
