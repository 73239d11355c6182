"""What kind of file it is, by its content: names lie."""

import mmap
import re
from contextlib import closing
from pathlib import Path

from data.intake.archive import open_zip
from data.intake.refusal import IntakeError

_MAGIC = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\x1f\x8b": "gzip",
    b"PAR1": "parquet",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "ole",
}
_OTHERS = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"BZh9": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"SQLite format 3": "SQLite",
    b"{\\rtf": "RTF",
    b"ARROW1": "Arrow",
    b"\x89HDF": "HDF5",
}
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(!doctype html|html|head|meta|table|style|div|\?xml)", re.IGNORECASE)
_JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*[{\]])')
_OLE = {"EncryptedPackage": "encrypted", "Workbook": "xls", "Book": "xls", "WordDocument": "DOC", "PowerPoint": "PPT"}
_OFFICE = {"xl/": "XLSB", "word/": "DOCX", "ppt/": "PPTX", "META-INF/": "OpenDocument"}
_START = 4096


def kind_of(path: Path) -> str:
    """Kind of a file that may hold a table: "zip", "gzip", "parquet", "xls", "json" or "text".

    Raises
    ------
    IntakeError
        It is empty, of another kind, or asks for a password.
    """
    with path.open("rb") as file:
        start = file.read(_START)
    if not start:
        raise IntakeError("empty_file")
    for magic, kind in _OTHERS.items():
        if start.startswith(magic):
            raise IntakeError("not_csv", kind=kind)
    if start[257:262] == b"ustar":
        raise IntakeError("not_csv", kind="tar")
    if markup := _MARKUP.match(start):
        raise IntakeError("not_csv", kind="XML" if markup[1] == b"?xml" else "HTML")
    found = next((kind for magic, kind in _MAGIC.items() if start.startswith(magic)), "text")
    if found == "ole":
        return _ole(path)
    return "json" if found == "text" and _JSON.match(start) else found


def _ole(path: Path) -> str:
    """Kind of a file of old Office, by the names of its streams."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        names = [kind for name, kind in _OLE.items() if content.find(name.encode("utf-16-le")) >= 0]
    if "encrypted" in names:
        raise IntakeError("encrypted")
    if "xls" not in names:
        raise IntakeError("not_csv", kind=names[0] if names else "Office")
    return "xls"


def office_of(path: Path) -> str:
    """Kind of a zip that is a file of Office: "xlsx"; "" for an archive of files.

    Raises
    ------
    IntakeError
        It is damaged, asks for a password, or is an Office file of another kind.
    """
    with closing(open_zip(path)) as archive:
        names = archive.namelist()
    if "xl/workbook.xml" in names:
        return "xlsx"
    for start, kind in _OFFICE.items():
        if any(name.startswith(start) for name in names) and {"[Content_Types].xml", "mimetype"} & set(names):
            raise IntakeError("not_csv", kind=kind)
    return ""
