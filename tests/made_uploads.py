"""Files as users drop them, made in memory: workbooks old and new, archives, and what opening them gives."""

import datetime
import io
import struct
import zipfile

import xlsxwriter

from data.intake import IntakeError
from data.intake.containers import open_file
from data.intake.decode import first_records
from data.text import say

ROWS = "月份,城市,平台,件量\n2024-01,杭州,菜鸟,3\n2024-01,金华,多多,4\n"
HEADER = ("月份", "城市", "平台", "件量")


def opened(source, folder, **options):
    """The only table of a file, and its records."""
    found = open_file(source, folder=folder, **options)
    (sheet,) = found.sheets
    return sheet, first_records(sheet.path, sheet.delimiter, 10_000)


def code(source, folder, **options):
    """Why a file cannot be opened; its words need no more than the refusal gives."""
    try:
        open_file(source, folder=folder, **options)
    except IntakeError as caught:
        error = caught
    else:
        return "opened"
    for lang in ("en", "zh"):
        for part in ("problem", "fix"):
            assert "{" not in say(f"{part}.{error.code}", lang, **error.values, shown="")
    return error.code


def workbook(*sheets, fill=None):
    """A workbook of sheets, each a name and rows; `fill` may do more to it."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    for name, rows in sheets:
        sheet = book.add_worksheet(name)
        for n, row in enumerate(rows):
            for m, cell in enumerate(row):
                if isinstance(cell, datetime.date):
                    sheet.write_datetime(n, m, cell, book.add_format({"num_format": "yyyy-mm-dd"}))
                else:
                    sheet.write(n, m, cell)
    if fill:
        fill(book)
    book.close()
    return out.getvalue()


def rezipped(raw, **changed):
    """An archive with members changed; names are those of `changed` with "__" for "/" and "_DOT_" for "."."""
    new = {name.replace("__", "/").replace("_DOT_", "."): text for name, text in changed.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in old.namelist():
            archive.writestr(name, new.get(name, old.read(name)))
    return out.getvalue()


def zipped(**members):
    """An archive; names of members have "_DOT_" for "."."""
    return zip_of({name.replace("_DOT_", "."): content for name, content in members.items()})


def zip_of(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def _record(kind, content=b""):
    return struct.pack("<HH", kind, len(content)) + content


def _label(row, column, text):
    return _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le"))


def biff(rows):
    """The stream of an .xls of 1997 with one sheet: BIFF8 records ([MS-XLS] 2.4) of texts and numbers."""
    bof = struct.pack("<HH", 0x0600, 0x0005) + bytes(12)
    name = b"\x06\x00" + b"Sheet1"
    start = len(_record(0x0809, bof) + _record(0x0085, bytes(6) + name) + _record(0x000A))
    book = _record(0x0809, bof) + _record(0x0085, struct.pack("<IH", start, 0) + name) + _record(0x000A)
    sheet = _record(0x0809, struct.pack("<HH", 0x0600, 0x0010) + bytes(12))
    sheet += _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0))
    for n, row in enumerate(rows):
        for m, cell in enumerate(row):
            number = isinstance(cell, int | float)
            sheet += _record(0x0203, struct.pack("<HHHd", n, m, 0, cell)) if number else _label(n, m, cell)
    return book + sheet + _record(0x000A)


def compound(name, stream):
    """A compound file ([MS-CFB]) of one stream: header, one sector of the table, one of the directory, the stream."""
    stream = stream.ljust(4096, b"\0") + bytes(-len(stream) % 512 if len(stream) > 4096 else 0)
    sectors = len(stream) // 512
    free, end, table = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<I", 0) + struct.pack("<I", free) * 108
    links = [table, end, *range(3, 2 + sectors), end]
    links += [free] * (128 - len(links))
    directory = _entry("Root Entry", 5, 1, end, 0) + _entry(name, 2, free, 2, len(stream)) + bytes(256)
    return header + struct.pack("<128I", *links) + directory + stream


def _entry(name, kind, child, start, size):
    text = name.encode("utf-16-le")
    shape = struct.pack("<HBBIII", len(text) + 2, kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
    return text.ljust(64, b"\0") + shape + bytes(36) + struct.pack("<IQ", start, size)
