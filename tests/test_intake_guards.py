"""What is no table, or more than one may be: every upload ends opened or with its sentence, never otherwise."""

import gzip
import io
import os
import random

import pandas as pd
import pytest

from data.intake import archive, containers, frames, limits, survey
from tests.made_uploads import ROWS, biff, code, compound, rezipped, workbook, zip_of, zipped

BOOK = workbook(("x", [["a", "b"], ["1", "2"]]))
FRAME = io.BytesIO()
pd.DataFrame({"a": ["x"] * 9, "b": range(9)}).to_parquet(FRAME)
PARQUET = FRAME.getvalue()


def _locked():
    """An archive whose member says it needs a password."""
    raw = bytearray(zipped(a=ROWS))
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + flags] |= 1
    return bytes(raw)


def _lying():
    """An archive whose member says it is of one byte."""
    raw = bytearray(zipped(a=b"0" * 40_000_000))
    for mark, size in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = raw.index(mark) + size
        raw[at : at + 4] = b"\x01\0\0\0"
    return bytes(raw)


def _far(cell):
    """A workbook with one cell at the far end of its sheet."""
    return workbook(("x", [["a", "b"], ["1", "2"]]), fill=lambda book: book.worksheets()[0].write(cell, "far"))


def _sheet(text):
    return rezipped(BOOK, xl__worksheets__sheet1_DOT_xml=text)


NO_TABLE = {
    "nothing": (b"", "empty_file"),
    "blank lines": (b" \n\r\n\t\n", "empty_file"),
    "a byte order mark": (b"\xef\xbb\xbf", "empty_file"),
    "byte order mark of UTF-16": (b"\xff\xfe", "empty_file"),
    "zeros": (bytes(5000), "empty_file"),
    "blank cells": (b",,\n,,\n", "empty_file"),
    "a header": (b"month,city\n", "header_only"),
    "a header and blank rows": (b"month,city\n" + b" , \n" * 500, "header_only"),
    "a word": (b"hello", "header_only"),
    "control characters": (b"month\n\x01\x02\n", "binary"),
    "bytes from 0 to 3": (b"\0\1\2\3" * 50, "binary"),
    "a zero in the text": (b"a,b\n1,\x002\n3,4\n", "binary"),
    "a zero far down": (b"a,b\n" + b"1,2\n" * 50_000 + b"\0,2\n3,4\n", "binary"),
    "UTF-32": (ROWS.encode("utf-32"), "no_encoding"),
    "Latin-1": ("ville,qté\nOrléans,3\nNîmes,4\n".encode("latin-1"), "no_encoding"),
    "Windows Cyrillic": ("Город,Месяц\nМосква,Январь\n".encode("cp1251"), "no_encoding"),
    "Korean": ("도시,물량\n서울,3\n부산광역시,4\n택배회사,우체국\n".encode("euc-kr"), "no_encoding"),
    "Shift JIS": ("都市,荷物数\n東京,3\n大阪,ヤマト運輸の荷物\n".encode("shift_jis"), "no_encoding"),
    "bad bytes": (b"caf\xe9 1,\xff\xfe\n1,2\n", "no_encoding"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3", "not_csv"),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(50), "not_csv"),
    "JPEG": (b"\xff\xd8\xff\xe0\0\x10JFIF", "not_csv"),
    "GIF": (b"GIF89a\1\0\1\0", "not_csv"),
    "RAR": (b"Rar!\x1a\x07\0", "not_csv"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4", "not_csv"),
    "bzip2": (b"BZh91AY&SY", "not_csv"),
    "xz": (b"\xfd7zXZ\0\0", "not_csv"),
    "SQLite": (b"SQLite format 3\0" + bytes(80), "not_csv"),
    "RTF": (b"{\\rtf1\\ansi}", "not_csv"),
    "HTML that is called .xls": (b"<html><body><table><tr><td>1</td></tr></table>", "not_csv"),
    "a bare HTML table": (b"\xef\xbb\xbf\n<table border=1>", "not_csv"),
    "XML of Excel 2003": (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>', "not_csv"),
    "tar": (b"x.csv".ljust(257, b"\0") + b"ustar\x0000" + bytes(300), "not_csv"),
    "Word of 1997": (compound("WordDocument", b"x"), "not_csv"),
    "PowerPoint of 1997": (compound("PowerPoint Document", b"x"), "not_csv"),
    "an Office file of no kind": (compound("Contents", b"x"), "not_csv"),
    "Word": (zip_of({"[Content_Types].xml": "", "word/document.xml": ""}), "not_csv"),
    "binary workbook": (zip_of({"[Content_Types].xml": "", "xl/workbook.bin": ""}), "not_csv"),
    "OpenDocument": (zip_of({"mimetype": "", "META-INF/manifest.xml": "", "content.xml": ""}), "not_csv"),
    "JSON cut short": (b'{"type": "FeatureCollection", "features": [{"ty', "broken_json"),
    "no closing bracket": (b'[{"a": 1}, {"a": 2}', "broken_json"),
    "deep JSON": (b'[{"a":' * 50_000, "broken_json"),
    "JSON without records": (b"{}", "no_table"),
    "archive cut short": (zipped(a_DOT_csv=ROWS)[:-30], "broken_archive"),
    "not an archive": (b"PK\x03\x04rest of a workbook", "broken_archive"),
    "empty archive": (zip_of({}), "no_table"),
    "archive of a folder": (zip_of({"a/": ""}), "no_table"),
    "archive of a PDF": (zip_of({"a.pdf": b"%PDF"}), "not_csv"),
    "archive of two PDFs": (zip_of({"a.pdf": b"%PDF", "b.pdf": b"%PDF"}), "no_table"),
    "archive in an archive": (zip_of({"a.zip": zipped(a=ROWS)}), "nested_archive"),
    "gz in an archive": (zip_of({"a.csv.gz": gzip.compress(ROWS.encode())}), "nested_archive"),
    "archive in a gz": (gzip.compress(zipped(a=ROWS)), "nested_archive"),
    "gz in a gz": (gzip.compress(gzip.compress(b"a,b\n1,2\n")), "nested_archive"),
    "gz cut short": (gzip.compress(ROWS.encode() * 99)[:-9], "broken_archive"),
    "gz of nothing": (gzip.compress(b""), "empty_file"),
    "gz with a wrong sum": (gzip.compress(ROWS.encode())[:-8] + bytes(8), "broken_archive"),
    "archive with a password": (_locked(), "encrypted"),
    "workbook with a password": (compound("EncryptedPackage", b"x"), "encrypted"),
    "archive that lies about a size": (_lying(), "bomb"),
    "zip bomb": (zip_of({"a.csv": b"0,0\n" * 15_000_000}), "bomb"),
    "gz bomb": (gzip.compress(b"0,0\n" * 15_000_000), "bomb"),
    "workbook that is a bomb": (_sheet(b" " * 60_000_000), "bomb"),
    "101 files": (zip_of({f"{n}.csv": "a,b\n1,2\n" for n in range(101)}), "too_many_tables"),
    "101 sheets": (workbook(*((f"s{n}", [["a"], ["1"]]) for n in range(101))), "too_many_tables"),
    "a cell in the last column and row": (_far("XFD1048576"), "heavy_workbook"),
    "a cell far to the right": (_far("XFD2"), "too_many_columns"),
    "a cell far down and right": (_far("ZZ900000"), "heavy_workbook"),
    "workbook without its book": (zip_of({"[Content_Types].xml": "", "xl/workbook.xml": ""}), "broken_workbook"),
    "workbook whose sheet is cut short": (_sheet(b"<worksheet><she"), "broken_workbook"),
    "workbook whose sheet is no text": (_sheet(b"\xff\0\xfe"), "broken_workbook"),
    "workbook cut short": (BOOK[:-200], "broken_archive"),
    "workbook of headers": (workbook(("x", [["a", "b"]])), "no_table"),
    "workbook without cells": (workbook(("x", []), ("y", [])), "no_table"),
    "old workbook cut short": (compound("Workbook", biff([["a"], ["b"]]))[:1400], "broken_workbook"),
    "old workbook of zeros": (compound("Workbook", bytes(4096)), "no_table"),
    "Parquet cut short": (PARQUET[:-20], "broken_parquet"),
    "Parquet by name": (b"PAR1 is what it says", "broken_parquet"),
    "Parquet damaged within": (PARQUET[:10] + b"\xff" * 60 + PARQUET[70:], "broken_parquet"),
    "10,000 columns": (",".join(f"c{n}" for n in range(10_000)).encode() + b"\n1\n", "too_many_columns"),
    "one line of 3 MB": (b"a" * 3_000_000, "long_line"),
    "a line of 3 MB far down": (b"a,b\n" * 900_000 + b"x" * 3_000_000 + b"\n1,2\n", "long_line"),
    "a cell of 200 KB on top": (b"a,b\n1," + b"x" * 200_000 + b"\n", "long_cell"),
    "a quote that is never closed": ('月份,城市\n2024-01,"杭州\n2024-02,金华\n'.encode(), "unclosed_quote"),
    "a quote that is never closed, far down": (b"a,b\n" * 3_000_000 + b'1,"x\n' + b"2,y\n" * 900_000, "unclosed_quote"),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_TABLE)
def test_what_is_no_table_says_so(tmp_path, name):
    raw, expected = NO_TABLE[name]
    assert code(raw, tmp_path) == expected


def test_folders_and_missing_files(tmp_path):
    assert code(tmp_path, tmp_path) == "directory"
    assert code(tmp_path / "gone.csv", tmp_path) == "no_file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX")
def test_pipe_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert code(tmp_path / "pipe", tmp_path) == "no_file"


def test_limits_of_size_hold_for_every_kind_of_source(tmp_path, monkeypatch):
    monkeypatch.setattr(containers, "LARGEST_FILE", 60)
    path = tmp_path / "x.csv"
    path.write_bytes(ROWS.encode())
    for source in (ROWS.encode(), path, io.BytesIO(ROWS.encode()), io.StringIO(ROWS)):
        assert code(source, tmp_path) == "too_large"
    assert limits.LARGEST_FILE == 1_000_000_000


def test_what_an_archive_unpacks_to_is_limited_before_it_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "LARGEST_FILE", 3_000_000)
    raw = zip_of({"a.csv": random.Random(1).randbytes(4_000_000).hex()})
    assert code(raw, tmp_path) == "bomb"
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.0")) <= 3_000_000


def test_large_json_and_parquet(tmp_path, monkeypatch):
    monkeypatch.setattr(frames, "LARGEST_JSON", 10)
    monkeypatch.setattr(frames, "MOST_ROWS", 8)
    assert code(b'[{"a": 1}, {"a": 2}]', tmp_path) == "too_large"
    assert code(PARQUET, tmp_path) == "too_many_rows"
    monkeypatch.setattr(frames, "LARGEST_FILE", 8)
    assert code(PARQUET, tmp_path) == "bomb"


def test_texts_repeated_beyond_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(survey, "MOST_TEXT", 5_000)
    raw = workbook(("x", [["a"], *([["y" * 900]] * 9)]))
    assert code(raw, tmp_path) == "heavy_workbook"


def test_long_sheets_are_counted_cell_by_cell_when_need_be(tmp_path, monkeypatch):
    monkeypatch.setattr(survey, "MOST_CELLS", 20)
    assert code(workbook(("x", [["a", "b"]] + [["1", "2"]] * 9)), tmp_path) == "opened"
    assert code(workbook(("x", [["a", "b"]] + [["1", "2"]] * 10)), tmp_path) == "heavy_workbook"
