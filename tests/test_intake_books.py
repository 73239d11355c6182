"""Cells of a workbook as Excel shows them: percentages, texts of several lines, numbers of sixteen digits."""

import datetime

import pytest

from data import intake
from tests.made_uploads import opened, rezipped, workbook

TERMS = ["平台", "城市", "开始日期", "单票补贴"]
START = datetime.date(2024, 3, 1)


def terms(header, shares, form="0%"):
    """A workbook of subsidies with shares in the format `form`; a text stays one."""

    def fill(book):
        shown = book.add_format({"num_format": form})
        for n, share in enumerate(shares, 1):
            book.worksheets()[0].write(n, 4, share, shown)

    rows = [
        [*TERMS, header],
        *([["菜鸟", city, START, 0.3] for city in ("杭州", "金华", "宁波", "温州")[: len(shares)]]),
    ]
    return workbook(("x", rows), fill=fill)


def allocations(raw):
    found = intake.read(raw, "subsidies")
    return found.table["allocation"].to_list(), found.problems["code"].to_list()


@pytest.mark.parametrize("header", ["派单比例", "派单比例(%)", "allocation", "allocation (%)"])
@pytest.mark.parametrize("form", ["0%", "0.00%", "0.0%;[Red]-0.0%", "#,##0.000%"])
def test_a_percentage_is_what_excel_shows(header, form):
    assert allocations(terms(header, [0.35, 0.4], form)) == ([0.35, 0.4], [])


@pytest.mark.parametrize("form", ["General", "0.00", '0"%"', "0\\%"])
def test_a_number_that_is_no_percentage_is_in_the_unit_of_its_header(form):
    assert allocations(terms("派单比例(%)", [35, 40], form)) == ([0.35, 0.4], [])


def test_percentages_in_some_cells_of_a_column(tmp_path):
    _, records = opened(terms("备注", [0.35, "", "text", 0.125]), tmp_path)
    assert [record[4] for record in records] == ["备注", "35%", "", "text", "12.5%"]
    plain = terms("备注", [0.35, 0.5], "General")
    _, records = opened(plain, tmp_path)
    assert [record[4] for record in records] == ["备注", "0.35", "0.5"]


def test_percentages_stand_in_their_rows_and_columns(tmp_path):
    def fill(book):
        shown = book.add_format({"num_format": "0.0%"})
        for row, column in ((3, 2), (4, 2), (7, 2), (5, 3), (7, 3)):
            book.worksheets()[0].write_number(row, column, 0.5, shown)

    rows = [[], [], ["", "", "a", "b"], *([["", "", 0.25, 0.25]] * 6)]
    _, records = opened(workbook(("x", rows), fill=fill), tmp_path)
    assert records[3:] == [
        ["50%", "0.25"], ["50%", "0.25"], ["0.25", "50%"], ["0.25", "0.25"], ["50%", "50%"], ["0.25", "0.25"],
    ]  # fmt: skip


def test_percentages_of_every_digit_come_back(tmp_path):
    shares = [0.1 + 0.2, 1e-7, 1.0, 0.0, -0.05, 12.5, 1 / 3]
    rows = [["a"], *([share] for share in shares)]

    def fill(book):
        for n, share in enumerate(shares, 1):
            book.worksheets()[0].write_number(n, 0, share, book.add_format({"num_format": "0%"}))

    _, records = opened(workbook(("x", rows), fill=fill), tmp_path)
    assert [float(text.removesuffix("%")) / 100 for (text,) in records[1:]] == pytest.approx(shares, rel=1e-15)
    assert records[3] == ["100%"]


def test_own_percentages_are_kept_as_shares():
    found = intake.read(terms("增长", [0.35, 0.4]), "subsidies")
    own = [name for name in found.rows_of.column_names if name == "增长"]
    assert [found.rows_of[name].to_pylist() for name in own] == [[0.35, 0.4]] * len(own)


def test_formats_may_be_absent(tmp_path):
    raw = rezipped(terms("派单比例", [0.35]), xl__styles_DOT_xml="<styleSheet/>")
    assert opened(raw, tmp_path)[1][1][4] == "0.35"


@pytest.mark.parametrize("text", ["a\rb", "a\r\nb", "a\nb", "\r", "a\r", "\rb", 'a\r"b"\r,c'])
def test_a_row_of_excel_is_one_record_whatever_its_texts_hold(tmp_path, text):
    header = ["月份", "城市", "平台", "件量", "备注"]
    rows = [header, ["2024-01", "杭州", "菜鸟", 3, text], ["2024-02", "杭州", "菜鸟", "wet", text]]
    raw = workbook(("x", rows))
    _, records = opened(raw, tmp_path)
    assert [len(record) for record in records] == [5, 5, 5]
    found = intake.read(raw, "volumes")
    assert (found.rows, found.kept) == (2, 1)
    assert found.problems.loc[found.problems["code"] == "not_a_number", "row"].to_list() == [3]


@pytest.mark.parametrize(("number", "text"), [(1234567890123450, "1234567890123450"), (10**15, "1000000000000000")])
def test_ids_of_sixteen_digits_have_no_point(tmp_path, number, text):
    _, records = opened(workbook(("x", [["编号", "b"], [number, 1]])), tmp_path)
    assert records[1] == [text, "1"]


def test_shares_divided_twice_are_said():
    text = "平台,城市,开始日期,单票补贴,派单比例(%)\n菜鸟,杭州,2024-01-01,0.1,0.35\n菜鸟,金华,2024-01-01,0.1,0.5\n"
    found = intake.read(text.encode(), "subsidies")
    assert found.problems[["row", "column", "code", "severity", "low"]].to_numpy().tolist() == [
        [2, "派单比例(%)", "unit_of_share", "warning", "0.35"]
    ]
    mixed = intake.read(text.replace(",0.35", ",35%").encode(), "subsidies")
    assert mixed.problems[["row", "value", "code", "low"]].to_numpy().tolist() == [[3, "0.5", "unit_of_share", "0.5"]]
    right = intake.read(text.encode(), "subsidies", units={"allocation": "ratio"})
    assert (right.table["allocation"].to_list(), right.problems.empty) == ([0.35, 0.5], True)
    both = text.replace("0.35", "35").replace(",0.5", ",50")
    assert intake.read(both.encode(), "subsidies").problems.empty
    assert intake.read(both.replace(",50", ",5").replace(",35", ",0.9").encode(), "subsidies").problems.empty
