"""From the bytes of a file to clean UTF-8 CSV: encoding, delimiter, header. Nothing is ever guessed as Latin-1."""

import codecs
import csv
import io
import re
import unicodedata
from dataclasses import dataclass

from data.intake.refusal import IntakeError

ENCODINGS = ("utf-8", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "big5")
"""Encodings a file may be read in; GBK and GB2312 are parts of GB18030."""
DELIMITERS = ",;\t"
_MAGIC = {
    b"PK\x03\x04": "xlsx",
    b"\xd0\xcf\x11\xe0": "xls",
    b"\x1f\x8b": "gzip",
    b"%PDF": "pdf",
    b"PAR1": "parquet",
    b"\x89PNG": "png",
    b"\xff\xd8\xff": "jpeg",
}
_NAMES = {"gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "utf-8-sig": "utf-8", "utf8": "utf-8"}
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_BLANK_LINE = re.compile(rb"(?:\A|\n)\r?\n|\r(?!\n)")
_SAMPLE = 100_000


@dataclass(frozen=True, slots=True)
class Text:
    """A decoded file.

    Attributes
    ----------
    encoding, delimiter : str
        As found.
    header : tuple of str
        Cells of the header row, as written.
    header_row : int
        Record number of the header; 1 unless blank lines come first.
    clean : bytes or None
        The file as UTF-8 with one record for each of its lines, or None when the original bytes already are.
    """

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    header_row: int
    clean: bytes | None


def decode(raw: bytes, *, encoding: str | None = None) -> Text:
    """Decode a CSV file.

    Raises
    ------
    IntakeError
        Empty, not a text file, in no known encoding, or without a row under its header.
    """
    if not raw.strip():
        raise IntakeError("empty_file")
    for magic, kind in _MAGIC.items():
        if raw.startswith(magic):
            raise IntakeError("not_csv", kind=kind)
    name = _known(encoding) if encoding else _detect(raw)
    text = _strict(raw, name)
    if text is None:
        raise IntakeError("wrong_encoding", encoding=name)
    if _CONTROL.search(text):
        raise IntakeError("binary")
    return _text(raw, text, name)


def _text(raw: bytes, text: str, name: str) -> Text:
    delimiter = _delimiter(text)
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header_row, header = next(
            ((n, r) for n, r in enumerate(records, 1) if any(cell.strip() for cell in r)), (1, [])
        )
        more = any(any(cell.strip() for cell in record) for record in records)
    except csv.Error as error:
        raise IntakeError("unreadable") from error
    if not header:
        raise IntakeError("empty_file")
    if not more:
        raise IntakeError("header_only")
    plain = name == "utf-8" and not _BLANK_LINE.search(raw.rstrip())
    return Text(name, delimiter, tuple(header), header_row, None if plain else _clean(text, delimiter))


def _known(encoding: str) -> str:
    name = _NAMES.get(encoding.lower(), encoding.lower())
    if name not in ENCODINGS:
        raise IntakeError("unknown_encoding", encoding=encoding, known=", ".join(ENCODINGS))
    return name


def _detect(raw: bytes) -> str:
    if raw.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in raw[:_SAMPLE]:
        wide = [name for name in ("utf-16-le", "utf-16-be") if _plausible(_strict(raw, name))]
        if not wide:
            raise IntakeError("binary")
        return wide[0]
    if _strict(raw, "utf-8") is not None:
        return "utf-8"
    if _plausible(_strict(raw, "gb18030")):
        return "gb18030"
    raise IntakeError("no_encoding", known="UTF-8, GB18030, UTF-16")


def _strict(raw: bytes, name: str) -> str | None:
    try:
        text = raw.decode(name)
    except UnicodeDecodeError:
        return None
    return text.removeprefix("\ufeff").rstrip("\x1a\0")


def _plausible(text: str | None) -> bool:
    """Whether a decoding gave only assigned characters and looks like lines of a table."""
    if text is None or _CONTROL.search(text) or not re.search(f"[\n\r{DELIMITERS}]", text):
        return False
    return not any(unicodedata.category(character) in ("Cn", "Co", "Cs") for character in set(text[:_SAMPLE]))


def _delimiter(text: str) -> str:
    first = text.lstrip("\r\n")[:_SAMPLE]
    line = re.split("[\r\n]", re.sub('"[^"]*"', "", first), maxsplit=1)[0]
    return max(DELIMITERS, key=line.count)


def _clean(text: str, delimiter: str) -> bytes:
    """UTF-8 in which a blank line is a record of blanks, so that record numbers stay those of the file."""
    if '"' not in text:
        lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
        return "\n".join(line or delimiter for line in lines).encode()
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        writer.writerow(record or ["", ""])
    return out.getvalue().encode()
