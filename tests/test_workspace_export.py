"""Files of a version: they read in again to the same rows, and nothing in them runs in a spreadsheet."""

import csv
import io
from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import duck
from data.intake import read
from data.workspace import Part, Workspace, WorkspaceError, export
from data.workspace.packed import pack
from tests.small_volumes import stations, subsidies, volumes

WAYS = {"csv": export.to_csv, "xlsx": export.to_excel, "parquet": export.to_parquet}
JULY = [("2026-07", "330100", "cainiao", 6.0), ("2026-07", "330100", "duoduo", 1e10, "Alibaba")]
HOSTILE = (
    "=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "+1",
    "-1",
    "@SUM(A1)",
    "'=x",
    "''=x",
    '="x"',
    "a,b",
    'say "x"',
    "two\nlines",
    "0012",
    "站点 1",
    "'x",
)
NUMBERS = st.one_of(st.floats(0, 1e6), st.sampled_from([0.1 + 0.2, 1 / 3, 5e-324, 123456789.125, 2.0**53]))


def again(table, dataset, kind):
    """The table as it is read from its own file, and its digest."""
    found = read(WAYS[kind](table, dataset), dataset, name=f"file.{kind}")
    assert found.problems[found.problems["severity"] == "error"].to_dict("records") == []
    return found.rows_of


@pytest.mark.parametrize("kind", WAYS)
@pytest.mark.parametrize(("dataset", "table"), [("volumes", volumes(JULY)), ("subsidies", subsidies())])
def test_a_file_reads_in_again_to_the_same_rows(kind, dataset, table):
    assert pack(again(table, dataset, kind)).digest == pack(table).digest


@pytest.mark.parametrize("kind", WAYS)
def test_texts_that_a_spreadsheet_would_run_come_back_as_they_were(kind):
    table = stations(HOSTILE)
    back = again(table, "stations", kind)
    assert back["station_id"].to_pylist() == list(HOSTILE)
    assert pack(back).digest == pack(table).digest


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=6).map("s".__add__)
        | st.sampled_from(HOSTILE),
        min_size=1,
        max_size=60,
        unique=True,
    )
)
def test_any_station_comes_back_from_csv(ids):
    table = stations(ids)
    assert pack(again(table, "stations", "csv")).digest == pack(table).digest


@settings(max_examples=10, deadline=None)
@given(st.lists(NUMBERS | st.none(), max_size=60), st.sampled_from(list(WAYS)))
def test_numbers_come_back_to_the_last_bit(drawn, kind):
    numbers = [0.1 + 0.2, 2 / 3, *drawn]
    years = [(f"{2000 + n // 12}-{n % 12 + 1:02d}", "330100", "cainiao", 1.0) for n in range(len(numbers))]
    table = volumes(years).append_column("rain", pa.array(numbers, pa.float64()))
    assert again(table, "volumes", kind)["rain"].to_pylist() == numbers


def test_a_lone_carriage_return_breaks_no_row():
    table = stations(("a\rb", "c"))
    assert again(table, "stations", "csv")["station_id"].to_pylist() == ["a\rb", "c"]
    raw = export.aside_csv(pd.DataFrame({"x": ["a\rb", "c"]})).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(raw, newline=""))) == [["x"], ["a\rb"], ["c"]]


def test_a_csv_is_for_excel_and_for_people():
    table = volumes(JULY).append_column("=rain", pa.array([0.1, None]))
    raw = export.to_csv(table, "volumes")
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert rows == [
        ["month", "city", "platform", "parcels", "origin", "'=rain"],
        ["2026-07", "330100", "cainiao", "6", "", "0.1"],
        ["2026-07", "330100", "duoduo", "10000000000", "Alibaba", ""],
    ]


def test_a_workbook_holds_numbers_dates_and_no_formula():
    from python_calamine import CalamineWorkbook

    table = stations(("=1+1", "x"))
    book = CalamineWorkbook.from_filelike(io.BytesIO(export.to_excel(table, "stations")))
    header, first, _ = book.get_sheet_by_name("stations").to_python()
    assert header == table.column_names
    assert first[:7] == ["'=1+1", "cainiao", "station", "330100", 30.0, 120.123456789, date(2024, 3, 1)]
    assert first[7:] == ["", ""]


def test_a_table_longer_than_a_sheet_is_refused(monkeypatch):
    monkeypatch.setattr(export, "MOST_EXCEL_ROWS", 1)
    with pytest.raises(WorkspaceError) as error:
        export.to_excel(volumes(JULY), "volumes")
    assert (error.value.code, error.value.values) == ("too_long_for_excel", {"rows": "2", "most": "1"})


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text("'=+-@＝＋－＠\t\r\n x1", max_size=5), min_size=1))
def test_every_way_out_takes_the_same_texts_for_formulas(texts):
    cells = pd.DataFrame({"x": texts})
    with duck.connect() as base:
        base.register("cells", pa.table({"x": texts}))
        by_sql = [cell for (cell,) in base.sql(f"SELECT {export._harmless('x')} FROM cells").fetchall()]
    rows = csv.reader(io.StringIO(export.aside_csv(cells).decode("utf-8-sig"), newline=""))
    assert by_sql == list(map(export._safe, texts)) == [row[0] for row in rows][1:]


@pytest.mark.parametrize("kind", WAYS)
@pytest.mark.parametrize("name", ["=rain", "'=rain", "-rain", "@x"])
def test_a_header_that_a_spreadsheet_would_run_comes_back_as_it_was(kind, name):
    table = volumes(JULY).append_column(name, pa.array([0.1, None]))
    assert pack(again(table, "volumes", kind)).digest == pack(table).digest


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_own_columns_whose_names_differ_in_case_keep_their_figures(kind):
    table = volumes(JULY).append_column("Rent", pa.array([5.0, None])).append_column("rent", pa.array([None, 7.0]))
    back = again(table, "volumes", kind)
    assert [back[name].to_pylist() for name in ("Rent", "rent")] == [[5, None], [None, 7]]


def test_parquet_calls_names_that_differ_in_case_alone_apart():
    table = volumes(JULY).append_column("Rent", pa.array([5.0, None])).append_column("rent", pa.array([None, 7.0]))
    back = pq.read_table(io.BytesIO(export.to_parquet(table, "volumes")))
    assert [back[name].to_pylist() for name in ("Rent", "rent_1")] == [[5, None], [None, 7]]


def test_a_text_that_a_cell_of_a_workbook_cannot_hold_is_refused():
    most = export.MOST_EXCEL_LETTERS
    fits = stations(("x" * most, "𠮷" * (most // 2)))
    assert again(fits, "stations", "xlsx")["station_id"].to_pylist() == fits["station_id"].to_pylist()
    for text in ("x" * (most + 1), "=" * most, "𠮷" * (most // 2 + 1)):
        with pytest.raises(WorkspaceError) as error:
            export.to_excel(stations(("short", text)), "stations")
        assert (error.value.code, error.value.values["row"]) == ("long_text_for_excel", "3")


def test_headers_of_rows_kept_aside_may_be_called_anything(tmp_path):
    names = ["file", "self", "index", "level_0", "other", "fill_value"]
    aside = pd.DataFrame([[7, *map(str.upper, names)]], columns=["row", *names])
    workspace = Workspace(tmp_path)
    market = workspace.save(owner="ann", parts=[Part("volumes", volumes(JULY), aside=aside)], name="m").market
    for frame, first, cells in (
        (workspace.version(market, owner="ann").aside("volumes"), ["file"], [""]),
        (aside, [], []),
    ):
        rows = list(csv.reader(io.StringIO(export.aside_csv(frame).decode("utf-8-sig"))))
        assert rows == [[*first, "row", *names], [*cells, "7", *map(str.upper, names)]]
    assert export.aside_csv(pd.DataFrame()).decode("utf-8-sig").strip() == ""


def test_rows_kept_aside_come_out_as_they_were_written(tmp_path):
    aside = pd.DataFrame(
        {
            "row": [7, 9],
            "月份": ["合计", "2026-13"],
            "=件量": ["=1+1", "'-x"],
            "note": ["＝1", "\n=1"],
            "other": [None, "-"],
        }
    )
    workspace = Workspace(tmp_path)
    market = workspace.save(owner="ann", parts=[Part("volumes", volumes(JULY), aside=aside)], name="m").market
    raw = export.aside_csv(workspace.version(market, owner="ann").aside("volumes"))
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert rows == [
        ["file", "row", "月份", "'=件量", "note", "other"],
        ["", "7", "合计", "'=1+1", "'＝1", ""],
        ["", "9", "2026-13", "''-x", "'\n=1", "'-"],
    ]
    assert export.aside_csv(aside).decode("utf-8-sig").splitlines()[0] == "row,月份,'=件量,note,other"
