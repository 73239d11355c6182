"""One table found in an upload, as UTF-8 text on disk."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a file, before anything is made of its columns.

    Row numbers of users count the records of `path` from 1: the rows of Excel, blank ones included.

    Attributes
    ----------
    name : str
        Of the table inside its file: a sheet of a workbook, a member of an archive; "" when the file is the table.
    path : Path
        Text file in UTF-8 (a byte order mark may stand first), comma, semicolon or tab between cells, RFC 4180 quotes.
    kind : str
        Key of what the file was: "text", "xlsx", "parquet" or "geojson".
    encoding : str
        As found in a text file; "" for other kinds.
    encodings : tuple of str
        Every encoding in which the whole text makes sense, the likeliest first.
    delimiter : str
        Of `path`.
    header : tuple of str
        Cells of the header row as written; a title merged over two header rows is joined to the lower one.
    header_row : int
        Record number of the header; those above are a preamble.
    first : tuple of tuple of str
        The first records as written, preamble included: what the reader is shown before anything is accepted.
    """

    name: str
    path: Path
    kind: str
    encoding: str
    encodings: tuple[str, ...]
    delimiter: str
    header: tuple[str, ...]
    header_row: int
    first: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """An upload that could be opened.

    Attributes
    ----------
    name : str
        File name as the user knows it, without its folder and without control marks.
    digest : str
        SHA-256 of the file, hexadecimal.
    size : int
        Bytes.
    sheets : tuple of Sheet
        Tables with at least a header and one row, in file order.
    empty : tuple of str
        Names of those that hold none.
    """

    name: str
    digest: str
    size: int
    sheets: tuple[Sheet, ...]
    empty: tuple[str, ...]
