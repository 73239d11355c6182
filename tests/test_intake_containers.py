"""Workbooks and archives: every table of them as text, record n of it being row n of the file."""

import datetime
import gzip
import io
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.intake import IntakeError
from data.intake.containers import open_file
from data.intake.decode import first_records
from tests.made_uploads import HEADER, ROWS, biff, code, compound, opened, rezipped, workbook, zip_of, zipped

SHEET = [HEADER, ["2024-01", "杭州", "菜鸟", 3], ["2024-01", "金华", "多多", 4]]
RECORDS = [list(HEADER), ["2024-01", "杭州", "菜鸟", "3"], ["2024-01", "金华", "多多", "4"]]


# workbooks


def test_cells_of_a_workbook_are_written_plainly(tmp_path):
    def fill(book):
        sheet = book.worksheets()[0]
        clock = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        month = book.add_format({"num_format": "yyyy年m月"})
        share = book.add_format({"num_format": "0%"})
        sheet.write_datetime("A2", datetime.datetime(2024, 3, 5, 13, 20), clock)
        sheet.write_datetime("B2", datetime.datetime(2024, 3, 1), month)
        sheet.write_number("C2", 0.35, share)
        sheet.write_formula("D2", "=1+1", None, 2)
        sheet.write_formula("E2", "=1/0", None, "#DIV/0!")
        sheet.write_formula("F2", "=NA()", None, "#N/A")
        sheet.write_boolean("G2", True)

    rows = [list("abcdefghi"), ["", "", "", "", "", "", "", 1_250_000.0, 1e-7], ["x", 'say "y"', "1,2", "a\nb"]]
    _, records = opened(workbook(("数据", rows), fill=fill), tmp_path)
    assert records[1] == [
        "2024-03-05 13:20:00",
        "2024-03-01",
        "35%",
        "2",
        "#DIV/0!",
        "#N/A",
        "TRUE",
        "1250000",
        "1e-07",
    ]
    assert records[2][:4] == ["x", 'say "y"', "1,2", "a\nb"]


def test_rows_of_a_sheet_keep_their_numbers(tmp_path):
    rows = [["2024年各城市业务量统计表"], [], HEADER, [], *SHEET[1:], [], ["2024-02", "杭州", "菜鸟", 5]]
    sheet, records = opened(workbook(("一月", rows)), tmp_path)
    assert (sheet.header, sheet.header_row, sheet.name, sheet.kind) == (HEADER, 3, "一月", "xlsx")
    assert records[7] == ["2024-02", "杭州", "菜鸟", "5"]
    assert [len(record) for record in records] == [4] * 8


def test_rows_and_columns_left_free_at_the_edge(tmp_path):
    rows = [[], [], ["", "", *HEADER], ["", "", *SHEET[1]]]
    sheet, records = opened(workbook(("x", rows)), tmp_path)
    assert (sheet.header, sheet.header_row) == (HEADER, 3)
    assert records[3] == RECORDS[1]


def test_texts_merged_downwards_stand_in_each_row_and_numbers_do_not(tmp_path):
    def fill(book):
        sheet = book.worksheets()[0]
        sheet.merge_range("A2:A4", "杭州")
        sheet.merge_range("B2:B4", 90)
        sheet.merge_range("A5:A6", "金华")

    rows = [
        ["城市", "件量", "平台"],
        ["", "", "a"],
        ["", "", "b"],
        ["", "", "c"],
        ["", 1, "d"],
        ["", 2, "e"],
        ["衢州", 3, "f"],
    ]
    _, records = opened(workbook(("x", rows), fill=fill), tmp_path)
    assert [record[0] for record in records[1:]] == ["杭州", "杭州", "杭州", "金华", "金华", "衢州"]
    assert [record[1] for record in records[1:]] == ["90", "", "", "1", "2", "3"]


def test_title_merged_over_columns_is_joined_to_the_header_below(tmp_path):
    def fill(book):
        sheet = book.worksheets()[0]
        sheet.merge_range("A1:A2", "月份")
        sheet.merge_range("B1:B2", "城市")
        sheet.merge_range("C1:D1", "说明")

    rows = [[], ["", "", "平台", "业务量"], ["2024-01", "杭州", "菜鸟", 3]]
    sheet, _ = opened(workbook(("x", rows), fill=fill), tmp_path)
    assert (sheet.header, sheet.header_row) == (("月份", "城市", "平台", "业务量"), 2)


def test_every_sheet_is_a_table_hidden_ones_too_and_empty_ones_are_named(tmp_path):
    raw = workbook(
        ("甲", SHEET), ("空", []), ("乙", SHEET), ("只有表头", [HEADER]), fill=lambda b: b.worksheets()[2].hide()
    )
    found = open_file(raw, folder=tmp_path)
    assert [sheet.name for sheet in found.sheets] == ["甲", "乙"]
    assert found.empty == ("空", "只有表头")
    assert all(first_records(sheet.path, ",", 9) == RECORDS for sheet in found.sheets)


def test_sheet_too_wide_does_not_hide_the_others(tmp_path):
    wide = [[f"c{n}" for n in range(1_001)], ["1"] * 1_001]
    assert open_file(workbook(("x", SHEET), ("wide", wide)), folder=tmp_path).empty == ("wide",)
    assert code(workbook(("wide", wide)), tmp_path) == "too_many_columns"


def test_header_row_given_for_one_sheet_is_no_matter_of_the_others(tmp_path):
    raw = workbook(("x", [["标题"], ["甲"], HEADER, *SHEET[1:]]), ("y", [["a"], ["1"]]))
    found = open_file(raw, folder=tmp_path, header_row=3)
    assert [(sheet.name, sheet.header) for sheet in found.sheets] == [("x", HEADER)]


def test_two_files_in_one_folder_are_kept_apart(tmp_path):
    sheets = [opened(raw, tmp_path)[0] for raw in (ROWS.encode(), ROWS.replace("3", "5").encode(), ROWS.encode("gbk"))]
    assert [first_records(sheet.path, ",", 2)[1][3] for sheet in sheets] == ["3", "5", "3"]


def test_chart_sheets_are_no_tables(tmp_path):
    def fill(book):
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=x!$D$2:$D$3"})
        book.add_chartsheet("图").set_chart(chart)

    assert open_file(workbook(("x", SHEET), fill=fill), folder=tmp_path).empty == ("图",)


def test_errors_are_those_of_their_own_sheet(tmp_path):
    def fill(book):
        book.worksheets()[1].write_formula("D3", "=NA()", None, "#N/A")

    found = open_file(workbook(("a", SHEET), ("b", SHEET), fill=fill), folder=tmp_path)
    cells = [first_records(sheet.path, ",", 9)[2][3] for sheet in found.sheets]
    assert cells == ["4", "#N/A"]


def test_old_workbook(tmp_path):
    sheet, records = opened(compound("Workbook", biff(SHEET)), tmp_path)
    assert (records, sheet.header_row) == (RECORDS, 1)


CELLS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8),
    st.integers(-(10**12), 10**12),
    st.floats(1e-6, 1e6).map(lambda x: float(f"{x:.15g}")),
    st.dates(datetime.date(2000, 1, 1), datetime.date(2099, 12, 31)),
)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=30))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_workbook_says_what_was_put_in(tmp_path, rows):
    def fill(book):
        sheet = book.worksheets()[0]
        for n, row in enumerate(rows, 1):
            for m, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(n, m, cell)

    raw = workbook(
        ("x", [["a", "b", "c"], *([c if not isinstance(c, str) else "" for c in row] for row in rows)]), fill=fill
    )
    _, records = opened(raw, tmp_path)
    for record, row in zip(records[1:], rows, strict=True):
        for text, cell in zip(record, row, strict=True):
            assert float(text) == cell if isinstance(cell, float) else text == str(cell)


# archives


def test_files_of_an_archive_are_tables_under_their_own_names(tmp_path):
    raw = zip_of(
        {
            "甲/一月.csv": ROWS,
            "乙/一月.csv": ROWS.encode("gb18030"),
            "book.xlsx": workbook(("s", SHEET), ("t", [])),
            "readme.pdf": b"%PDF-1.7",
            "blank.csv": "",
            "__MACOSX/._一月.csv": b"\0\1",
            "甲/.DS_Store": b"\0",
        }
    )
    found = open_file(raw, folder=tmp_path, name="all.zip")
    assert [sheet.name for sheet in found.sheets] == ["一月.csv", "一月.csv (2)", "book.xlsx / s"]
    assert set(found.empty) == {"book.xlsx / t", "readme.pdf", "blank.csv"}
    assert all(first_records(sheet.path, ",", 9) == RECORDS for sheet in found.sheets)


@pytest.mark.parametrize("name", ["../../etc/x.csv", "/etc/x.csv", "..\\x.csv", "C:\\x.csv", "a/../x.csv"])
def test_members_never_leave_the_folder(tmp_path, name):
    folder = tmp_path / "in" / "here"
    folder.mkdir(parents=True)
    found = open_file(zip_of({name: ROWS}), folder=folder)
    assert [sheet.name for sheet in found.sheets] == ["x.csv"]
    assert all(folder in path.parents for path in tmp_path.rglob("*") if path.is_file())


def test_names_of_members_in_gbk(tmp_path):
    raw = zipped(aaaa_DOT_csv=ROWS).replace(b"aaaa.csv", "件量".encode("gbk") + b".csv")
    assert open_file(raw, folder=tmp_path).sheets[0].name == "件量.csv"


def test_gz_is_its_content(tmp_path):
    sheet, records = opened(gzip.compress(ROWS.encode("gb18030")), tmp_path, name="x.csv.gz")
    assert (records, sheet.encoding, sheet.name) == (RECORDS, "gb18030", "")


def test_error_in_an_archive_names_the_member(tmp_path):
    with pytest.raises(IntakeError) as caught:
        open_file(zip_of({"good.csv": ROWS, "bad.csv": '月份,城市\n"2024,杭州\n'}), folder=tmp_path)
    assert (caught.value.code, caught.value.values["member"]) == ("unclosed_quote", "bad.csv")


def test_workbook_within_an_archive_of_another_office(tmp_path):
    assert code(rezipped(workbook(("x", SHEET))), tmp_path) == "opened"
    word = zip_of({"[Content_Types].xml": "<x/>", "word/document.xml": "<x/>"})
    assert code(word, tmp_path) == "not_csv"
    assert zipfile.is_zipfile(io.BytesIO(word))
