"""Tables handed over: numbers stay numbers, texts never become formulas, and where they come from goes along."""

import csv
from dataclasses import replace
from io import BytesIO, StringIO

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from analysis.views.report import cells, origin, sheets
from analysis.views.slide import slide_of
from data.intake.watch import Cancelled
from tests.made_pins import LOOKS, board, chart, rows, whence, words


def book(content: bytes) -> CalamineWorkbook:
    return CalamineWorkbook.from_filelike(BytesIO(content))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_csv_is_one_table_with_its_origin_in_columns(lang):
    one = chart(lang)
    text = sheets.csv(one, LOOKS[lang]).decode("utf-8-sig")
    found = pd.read_csv(StringIO(text))
    table = one.view.table
    assert found.iloc[:, : table.shape[1]].equals(table)
    carried = set(found.iloc[0, table.shape[1] :])
    assert carried >= {one.view.caption, one.whence.source, one.whence.version, one.whence.address}
    assert any(all(text in str(value) for text in one.whence.filters) for value in carried)
    assert LOOKS[lang].say(f"grade.{one.view.grade}") in carried
    assert (found.iloc[:, table.shape[1] :].nunique() == 1).all()


def test_excel_opens_a_csv_as_utf_8():
    assert sheets.csv(chart("zh"), LOOKS["zh"]).startswith(b"\xef\xbb\xbf")


def test_no_text_of_a_csv_is_a_formula():
    lines = list(csv.DictReader(StringIO(sheets.csv(rows(), LOOKS["en"]).decode("utf-8-sig"))))
    assert [line["City"] for line in lines[:5]] == ["'=HYPERLINK(1)", "'@x", "'+cmd|calc", "-1.5", "City 4"]
    assert lines[0]["Month"] == "2026-08-01"
    assert lines[0]["Gap"] == ""


def test_a_column_of_the_same_name_as_one_that_is_added_stays():
    one = chart()
    table = one.view.table.assign(**{LOOKS["en"].say("report.source"): "mine"})
    view = type(one.view)(one.view.figure, table, "t", "c", "a", one.view.grade)
    found = pd.read_csv(BytesIO(sheets.csv(type(one)(view, whence(), "en", "light"), LOOKS["en"])))
    assert found[LOOKS["en"].say("report.source")].eq("mine").all()
    assert one.whence.source in set(found.iloc[0])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_workbook_has_a_sheet_a_view_with_numbers_and_their_origin(lang):
    slides = board(lang)
    found = book(sheets.workbook(slides, LOOKS[lang], name="Board"))
    assert len(found.sheet_names) == len(slides) + 1
    for slide, name in zip(slides, found.sheet_names[1:], strict=True):
        cells_ = found.get_sheet_by_name(name).to_python()
        flat = [str(cell) for row in cells_ for cell in row]
        one = slide.one
        assert cells_[0][0] == slide.title
        for text in (one.whence.source, one.whence.version, one.whence.scenario, one.view.caption, slide.note):
            assert not text or text in flat
        head = list(one.view.table)
        if head:
            start = next(n for n, row in enumerate(cells_) if row[: len(head)] == head)
            for i, column in enumerate(head):
                if cells.numeric(one.view.table[column]):
                    values = [row[i] for row in cells_[start + 1 :]]
                    assert [v for v in values if v != ""] == one.view.table[column].dropna().tolist()


def test_nothing_in_a_workbook_is_a_formula():
    import zipfile

    with zipfile.ZipFile(BytesIO(sheets.workbook(rows(), LOOKS["en"]))) as parts:
        xml = "".join(parts.read(name).decode() for name in parts.namelist() if "worksheets/" in name)
    assert "<f>" not in xml
    texts = [
        str(cell)
        for row in book(sheets.workbook(rows(), LOOKS["en"])).get_sheet_by_index(0).to_python()
        for cell in row
    ]
    assert "=HYPERLINK(1)" in texts


def test_names_of_sheets_are_what_excel_takes():
    titles = ["a/b:c*d?[e]\\f", "x" * 90, "", "'quoted'", "x" * 90, "History"]
    names = sheets.sheet_names(titles, LOOKS["en"])
    assert len({name.casefold() for name in names}) == len(titles)
    for name in names:
        assert 0 < len(name) <= 31
        assert not set(name) & set("[]:*?/\\")
        assert name == name.strip("'")


def test_the_same_slides_make_the_same_workbook():
    assert sheets.workbook(board(), LOOKS["en"]) == sheets.workbook(board(), LOOKS["en"])


def test_words_and_one_view_make_workbooks_too():
    assert len(book(sheets.workbook(words(), LOOKS["en"])).sheet_names) == 1
    assert len(book(sheets.workbook([slide_of(words())], LOOKS["en"])).sheet_names) == 1


def test_a_long_export_can_be_stopped():
    def told(done, total):
        if done == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        sheets.workbook(board(), LOOKS["en"], told=told)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([1234.5, 2.0], ["1,234.5", "2"]),
        ([0.25, 1.5], ["0.25", "1.50"]),
        ([2025, 2026], ["2025", "2026"]),
        ([1e6, 5], ["1,000,000", "5"]),
        ([None, 3.0], ["", "3"]),
        ([-0.0, 0.5], ["0.0", "0.5"]),
        ([-1e-12, 2.0], ["0", "2"]),
        ([float("inf"), float("-inf"), 1.5], ["", "", "1.5"]),
        ([-0.0, 1234.5], ["0", "1,234.5"]),
    ],
)
def test_numbers_are_written_as_on_the_screen(values, shown):
    table = pd.DataFrame({"n": pd.Series(values, dtype="float64")})
    assert [row[0] for row in cells.written(table, LOOKS["en"])] == shown


@pytest.mark.parametrize(
    ("days", "en", "zh"),
    [
        (["2026-05-05", "2026-01-01"], ["5 May 2026", "1 Jan 2026"], ["2026年5月5日", "2026年1月1日"]),
        (["2026-05-01", None], ["May 2026", ""], ["2026年5月", ""]),
    ],
)
def test_days_are_written_where_they_are_no_months(days, en, zh):
    table = pd.DataFrame({"d": pd.to_datetime(pd.Series(days))})
    assert [row[0] for row in cells.written(table, LOOKS["en"])] == en
    assert [row[0] for row in cells.written(table, LOOKS["zh"])] == zh


def test_a_csv_carries_how_its_numbers_were_made():
    one = chart()
    told = replace(
        one.whence,
        model="Nested logit",
        interval="95 % of draws",
        assumptions=("Floor: 0.3", "Cap: 2"),
        made="2026-11-21 20:00",
    )
    row = set(pd.read_csv(BytesIO(sheets.csv(replace(one, whence=told), LOOKS["en"]))).iloc[0].astype(str))
    assert {"Nested logit", "95 % of draws"} <= row
    assert any("Floor: 0.3" in said and "Cap: 2" in said for said in row)
    assert any("2026-11-21 20:00" in said for said in row)


@pytest.mark.parametrize("text", ["\n=1", " =1", "＝1+1", "\u00a0@x", "－cmd", "\t+A1"])
def test_no_disguised_text_of_a_csv_is_a_formula(text):
    view = replace(chart().view, table=pd.DataFrame({"a": [text]}))
    found = next(csv.DictReader(StringIO(sheets.csv(replace(chart(), view=view), LOOKS["en"]).decode("utf-8-sig"))))
    assert found["a"].startswith("'")


def test_a_csv_has_no_endless_numbers_and_no_negative_nought():
    view = replace(chart().view, table=pd.DataFrame({"a": [-0.0, float("inf"), float("-inf"), -2.5]}))
    lines = sheets.csv(replace(chart(), view=view), LOOKS["en"]).decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["0.0", "", "", "-2.5"]


def test_the_foot_names_a_scenario_without_the_code_of_its_plan():
    told = replace(chart().whence, scenario="Subsidy (plan n.~g.0.05~l.duoduo.subsidy.0.05): +0.05")
    said = origin.foot(replace(chart(), whence=told), LOOKS["en"])
    assert "Subsidy (plan …): +0.05" in said
    assert "~" not in said
    assert ("Scenario", told.scenario) in origin.origin(replace(chart(), whence=told), LOOKS["en"])
