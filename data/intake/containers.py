"""An upload of any kind, opened: its tables as UTF-8 text on disk. Every way it can fail has its sentence."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from data.intake.archive import gunzip, unzip
from data.intake.clean import clean_name
from data.intake.encodings import known
from data.intake.frames import open_json, open_parquet
from data.intake.kinds import kind_of, office_of
from data.intake.limits import LARGEST_FILE
from data.intake.lines import CHUNK
from data.intake.plain import Options, open_text
from data.intake.refusal import IntakeError
from data.intake.sheet import Opened, Sheet
from data.intake.watch import Cancelled, Watch
from data.intake.workbook import open_workbook

_NO_TABLE = ("empty_file", "header_only", "no_table", "not_csv")
_ARCHIVES = ("zip", "gzip")
_GLOB = "*?["


class Readable(Protocol):
    """Anything with `read`, such as an open file or an upload."""

    def read(self, size: int = -1, /) -> bytes | str:
        """Return what comes next, at most `size` bytes or characters."""


def open_file(
    source: bytes | Path | Readable,
    *,
    folder: Path,
    name: str = "",
    encoding: str | None = None,
    header_row: int | None = None,
    watch: Watch | None = None,
    hashed: bool = True,
) -> Opened:
    """Open an upload.

    Parameters
    ----------
    source : bytes, Path or file-like
        The file. Plain UTF-8 given as a Path is used where it is.
    folder : Path
        Where the text of its tables is written, each time in a folder of its own; the caller's to remove.
    name : str
        File name as the user knows it; that of the path by default.
    encoding : str, optional
        One of ENCODINGS, when the detected one is wrong.
    header_row : int, optional
        Record number of the header, when it is not where it seems to be.
    watch : Watch, optional
    hashed : bool
        Whether to compute `digest` here; "" when not.

    Raises
    ------
    IntakeError
        It holds no table, or cannot be opened.
    Cancelled
        The watch was stopped.
    """
    folder = Path(tempfile.mkdtemp(dir=folder))  # apart from what else the folder holds
    path = _landed(source, folder)
    shown = clean_name(name or (source.name if isinstance(source, Path) else ""))
    options = Options(folder, known(encoding) if encoding else "", header_row, watch)
    sheets, empty = _tables(path, shown, options, packed=False)
    if not sheets:
        raise IntakeError("no_table", name=shown)
    return Opened(shown, digest(path, watch) if hashed else "", path.stat().st_size, tuple(sheets), tuple(empty))


def _tables(path: Path, name: str, options: Options, *, packed: bool) -> tuple[list[Sheet], list[str]]:
    """Tables of a file, and the names of its parts without one; an archive in an archive is refused."""
    kind = kind_of(path)
    if kind == "zip":
        kind = office_of(path) or kind
    if kind in _ARCHIVES and packed:
        raise IntakeError("nested_archive", name=name)
    if kind == "gzip":
        inner = options.folder / "unpacked"
        gunzip(path, inner, options.watch)
        return _tables(inner, name, options, packed=True)
    if kind == "zip":
        return _members(path, options)
    if kind in ("xlsx", "xls"):
        return open_workbook(path, kind, options)
    opening = {"parquet": open_parquet, "json": open_json, "text": open_text}
    return [opening[kind](path, options)], []


def _members(path: Path, options: Options) -> tuple[list[Sheet], list[str]]:
    """Tables of the files in an archive, under the names of the files; those of a workbook have their own behind."""
    found: list[Sheet] = []
    empty: list[str] = []
    members = unzip(path, options.folder, options.watch)
    for name, member in members:
        try:
            sheets, blank = _tables(member, name, options, packed=True)
        except IntakeError as error:
            if error.code not in _NO_TABLE or len(members) == 1:
                raise IntakeError(error.code, **(error.values | {"member": name})) from error
            empty.append(name)
            continue
        found += [replace(sheet, name=f"{name} / {sheet.name}" if sheet.name else name) for sheet in sheets]
        empty += [f"{name} / {sheet}" for sheet in blank]
    return found, empty


def digest(path: Path, watch: Watch | None = None) -> str:
    """SHA-256 of a file, hexadecimal; other threads run meanwhile.

    Raises
    ------
    Cancelled
        The watch was stopped.
    """
    total = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            total.update(piece)
            if watch and watch.stopped:
                raise Cancelled
    return total.hexdigest()


def _landed(source: bytes | Path | Readable, folder: Path) -> Path:
    """Path of the file itself, written to `folder` when it is none yet."""
    if isinstance(source, Path):
        if source.is_dir():
            raise IntakeError("directory", name=clean_name(source.name))
        if not source.is_file():
            raise IntakeError("no_file", name=clean_name(source.name))
        _refuse_large(source.stat().st_size)
        return _plainly(source, folder)
    target = folder / "upload"
    with target.open("wb") as out:
        for piece in _read(source):
            out.write(piece)
            _refuse_large(out.tell())
    return target


def _read(source: bytes | Readable) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    while piece := source.read(CHUNK):
        yield piece.encode() if isinstance(piece, str) else piece


def _refuse_large(size: int) -> None:
    if size > LARGEST_FILE:
        raise IntakeError("too_large", size=f"{size / 1e6:,.0f}", limit=f"{LARGEST_FILE / 1e6:,.0f}")


def _plainly(path: Path, folder: Path) -> Path:
    """Path of a file by which DuckDB means that file alone."""
    if not set(str(path)) & set(_GLOB):
        return path
    target = folder / "upload"
    try:
        target.symlink_to(path.resolve())
    except OSError:
        shutil.copyfile(path, target)
    return target
