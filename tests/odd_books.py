"""Odd workbooks, Parquet files, archives and GeoJSON."""

import datetime as dt
import io
import json
import zipfile
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

from tests.made_uploads import biff, compound, rezipped, workbook, zip_of
from tests.odd_files import BASE, HEAD, NONE, ROWS, kept, odd

HEADER = ["月份", "城市", "平台", "件量"]
PLAIN = [HEADER, ["2024-01", "杭州", "菜鸟", 3], ["2024-01", "金华", "多多", 4]]
TABLE = pa.table({"月份": ["2024-01"] * 2, "城市": ["杭州", "金华"], "平台": ["菜鸟", "多多"], "件量": [3, 4]})
OTHER = HEAD + "2024-02,杭州,菜鸟,5\n"
POINTS = {"type": "FeatureCollection", "features": [
    {"type": "Feature", "geometry": {"type": "Point", "coordinates": [120.15512, 30.27413]},
     "properties": {"station_id": "A1", "platform": "菜鸟", "city": "杭州", "opened": "2024-01-05",
                    "lat": 30.27413, "lon": 120.15512}},
]}  # fmt: skip


def _book(*sheets, fill=None):
    return lambda: workbook(*sheets, fill=fill)


def _merged(book):
    form = book.add_format()
    book.worksheets()[0].merge_range("A1:D1", "2024年业务量统计表", form)


def _hide(book):
    book.worksheets()[1].hide()


def _formulas(book):
    sheet = book.worksheets()[0]
    sheet.write_formula("D2", "=1+2", None, 3)
    sheet.write_formula("D3", "=2+2", None, 4)


def _percent(book):
    book.worksheets()[0].write_number("F2", 0.35, book.add_format({"num_format": "0%"}))


def _errors(book):
    book.worksheets()[0].write_formula("D3", "=1/0", None, "#DIV/0!")


def _parquet(**columns):
    table = TABLE
    for name, cells in columns.items():
        place = table.column_names.index(name) if name in table.column_names else len(table.column_names)
        table = table.remove_column(place) if place < len(table.column_names) else table
        table = table.add_column(place, name, cells)
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def _locked():
    """An archive whose member says it needs a password."""
    raw = bytearray(zip_of({"a.csv": ROWS}))
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + flags] |= 1
    return bytes(raw)


def _named(name):
    """An archive of one member under a name as it stands."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("x")
        info.filename = name
        archive.writestr(info, ROWS)
    return out.getvalue()


DATED = [HEADER, [dt.date(2024, 1, 1), "杭州", "菜鸟", 3], [dt.date(2024, 1, 1), "金华", "多多", 4.0]]
GRANTS = [
    ["平台", "城市", "开始日期", "单票补贴", "日保底", "派单比例"],
    ["菜鸟", "杭州", dt.date(2024, 1, 1), 0.1, 60],
]
TOTALS = [["业务量统计表"], ["单位：万件"], *PLAIN, ["合计", "", "", 7], ["制表人：张三"]]
WAN = ((*BASE[0][:3], 30_000), (*BASE[1][:3], 40_000))
TWO = {"a.csv": ROWS, "b.csv": OTHER}
STATION = (("A1", "cainiao", "330100", 30.27413, 120.15512, "2024-01-05"),)

BOOKS = [
    odd("xlsx", _book(("x", PLAIN)), BASE, name="a.xlsx"),
    odd("xlsx called .csv", _book(("x", PLAIN)), BASE),
    odd("several sheets, the first", _book(("一", PLAIN), ("二", [HEADER, ["2024-02", "杭州", "菜鸟", 5]])), BASE),
    odd("several sheets, another", _book(("一", PLAIN), ("二", [HEADER, ["2024-02", "杭州", "菜鸟", 5]])),
        kept(5, month="2024-02"), sheet="二"),
    odd("empty sheet first", _book(("空", []), ("数据", PLAIN)), BASE),
    odd("merged title", _book(("x", [[""], *PLAIN]), fill=_merged), BASE),
    odd("hidden sheet", _book(("一", PLAIN), ("藏", [HEADER, ["2024-02", "杭州", "菜鸟", 5]]), fill=_hide),
        kept(5, month="2024-02"), sheet="藏"),
    odd("error cell", _book(("x", PLAIN), fill=_errors), BASE[:1], "not_a_number@3"),
    odd("dates and decimals of a workbook", _book(("x", DATED)), BASE),
    odd("serial numbers of days", _book(("x", [HEADER, [45292, "杭州", "菜鸟", 3]])), kept()),
    odd("percentage and date", _book(("x", GRANTS), fill=_percent),
        (("cainiao", "330100", "2024-01-01", 0.1, 60, 0.35),), dataset="subsidies"),
    odd("formulas give their results", _book(("x", PLAIN), fill=_formulas), BASE),
    odd("title, unit, total and footer in a workbook", _book(("x", TOTALS)), WAN, "unit_above@3",
        "totals_row@6", "footer@7"),
    odd("numbers kept as text", _book(("x", [HEADER, ["202401", "330100", "菜鸟", "'3"]])), kept()),
    odd("a name of a sheet that is hostile", _book(("=1+1", PLAIN)), BASE, sheet="=1+1"),
    odd("a workbook of headers", _book(("x", [HEADER])), "no_table"),
    odd("a workbook of nothing", _book(("x", []), ("y", [])), "no_table"),
    odd("a workbook cut short", lambda: workbook(("x", PLAIN))[:-200], "broken_archive", name="a.xlsx"),
    odd("a workbook whose sheet is damaged",
        lambda: rezipped(workbook(("x", PLAIN)), xl__worksheets__sheet1_DOT_xml=b"<worksheet><she"), "broken_workbook"),
    odd("a workbook with a password", lambda: compound("EncryptedPackage", b"x"), "encrypted", name="a.xlsx"),
    odd("an old workbook", lambda: compound("Workbook", biff(PLAIN)), BASE, name="a.xls"),
    odd("an old workbook cut short", lambda: compound("Workbook", biff(PLAIN))[:1400], "broken_workbook", name="a.xls"),
    odd("101 sheets", _book(*((f"s{n}", []) for n in range(101))), "too_many_tables"),
    # Parquet
    odd("Parquet", _parquet, BASE, name="a.parquet"),
    odd("Parquet called .csv", _parquet, BASE),
    odd("Parquet with decimals", lambda: _parquet(件量=pa.array([Decimal("3.00"), Decimal("4.00")])), BASE),
    odd("Parquet with floats and nothing", lambda: _parquet(件量=pa.array([3.0, None])), BASE[:1], "blank_cell@3"),
    odd("Parquet with nan", lambda: _parquet(件量=pa.array([3.0, float("nan")])), BASE[:1], "blank_cell@3"),
    odd("Parquet with days", lambda: _parquet(月份=pa.array([dt.date(2024, 1, 1)] * 2)), BASE),
    odd("Parquet with times of a zone",
        lambda: _parquet(月份=pa.array([dt.datetime(2023, 12, 31, 16)] * 2, pa.timestamp("us", "UTC")).cast(
            pa.timestamp("us", "Asia/Shanghai"))), BASE),
    odd("Parquet with nested columns",
        lambda: _parquet(更多=pa.array([{"a": [1, 2]}, {"a": None}])), BASE, "unknown_column@1"),
    odd("Parquet with categories", lambda: _parquet(城市=pa.array(["杭州", "金华"]).dictionary_encode()), BASE),
    odd("Parquet cut short", lambda: _parquet()[:-20], "broken_parquet"),
    odd("Parquet by its first bytes", b"PAR1 is what it says", "broken_parquet"),
    # archives
    odd("zip", lambda: zip_of({"a.csv": ROWS.encode("gb18030")}), BASE, name="a.zip"),
    odd("zip of two, the first", lambda: zip_of(TWO), BASE),
    odd("zip of two, another", lambda: zip_of(TWO), kept(5, month="2024-02"), sheet="b.csv"),
    odd("zip of a workbook", lambda: zip_of({"a.xlsx": workbook(("x", PLAIN))}), BASE),
    odd("zip of a Parquet", lambda: zip_of({"a.parquet": _parquet()}), BASE),
    odd("zip with folders and litter", lambda: zip_of(
        {"数据/": "", "数据/a.csv": ROWS, "__MACOSX/数据/._a.csv": b"\0\1", ".DS_Store": b"\0"}), BASE, sheet="a.csv"),
    odd("zip whose member climbs", lambda: zip_of({"../../etc/passwd.csv": ROWS}), BASE, sheet="passwd.csv"),
    odd("zip whose member has a drive", lambda: _named("C:\\a\\..\\b.csv"), BASE, sheet="b.csv"),
    odd("zip with a picture beside", lambda: zip_of({"a.png": b"\x89PNG\r\n\x1a\n", "b.csv": ROWS}), BASE),
    odd("zip of nothing", lambda: zip_of({}), "no_table"),
    odd("zip of a folder", lambda: zip_of({"a/": ""}), "no_table"),
    odd("zip in a zip", lambda: zip_of({"a.zip": zip_of({"a.csv": ROWS})}), "nested_archive"),
    odd("zip bomb", lambda: zip_of({"a.csv": b"0,0\n" * 6_000_000}), "bomb"),
    odd("zip with a password", _locked, "encrypted"),
    odd("zip cut short", lambda: zip_of({"a.csv": ROWS})[:-30], "broken_archive"),
    odd("zip of 101 files", lambda: zip_of({f"{n}.csv": "a,b\n1,2\n" for n in range(101)}), "too_many_tables"),
    odd("zip of a PDF", lambda: zip_of({"a.pdf": b"%PDF"}), "not_csv"),
    # GeoJSON
    odd("GeoJSON", lambda: json.dumps(POINTS).encode(), STATION, *["duplicate_header@1"] * 2, dataset="stations",
        name="a.geojson"),
    odd("GeoJSON without features", b'{"type": "FeatureCollection", "features": []}', "no_table", name="a.geojson"),
    odd("GeoJSON of nothing of ours", b'{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": '
        b'{"a": 1}, "geometry": null}]}', NONE, *["missing_column@1"] * 4, "unknown_column@1", name="a.geojson"),
]  # fmt: skip
