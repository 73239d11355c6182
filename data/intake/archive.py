"""Files packed into one: .gz and .zip, unpacked within limits to files whose names are ours."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import IO

from data.intake.clean import clean_name
from data.intake.limits import LARGEST_FILE, LARGEST_RATIO, MOST_TABLES, SMALL
from data.intake.lines import CHUNK
from data.intake.refusal import IntakeError
from data.intake.watch import Watch

_LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)
_ENCRYPTED = 1
LARGEST_INDEX = 2_000_000
"""Bytes of the list of members, of which each takes ten times as much memory: some 20,000 of them."""


@dataclass(slots=True)
class Budget:
    """What an archive may still unpack to.

    Attributes
    ----------
    packed : int
        Bytes of the archive.
    unpacked : int
        Bytes so far.
    watch : Watch or None
    """

    packed: int
    watch: Watch | None = None
    unpacked: int = 0

    def spend(self, size: int) -> None:
        """Count unpacked bytes.

        Raises
        ------
        IntakeError
            They are too many, in all or for the size of the archive.
        """
        self.unpacked += size
        if self.unpacked > LARGEST_FILE or (self.unpacked > SMALL and self.unpacked > LARGEST_RATIO * self.packed):
            raise IntakeError("bomb", size=f"{self.packed / 1e6:,.1f}", limit=f"{LARGEST_FILE / 1e6:,.0f}")
        if self.watch:
            self.watch.report("opening", self.unpacked)


class _Listed(FileIO):
    """A file from whose end no list of members is read that is too long."""

    open_yet = False

    def read(self, size: int | None = -1, /) -> bytes:
        """Read on.

        Raises
        ------
        IntakeError
            The list is too long.
        """
        if not self.open_yet and size is not None and size > LARGEST_INDEX:
            raise IntakeError("too_many_tables", tables=f"> {LARGEST_INDEX // 100:,}", limit=f"{MOST_TABLES:,}")
        return super().read(size)


class _Archive(zipfile.ZipFile):
    """An archive that closes its file."""

    def __init__(self, path: Path) -> None:
        self._held = _Listed(path)
        try:
            super().__init__(self._held)
        except _BROKEN:
            self._held.close()
            raise
        self._held.open_yet = True

    def close(self) -> None:
        """Close the archive and its file."""
        super().close()
        self._held.close()


def gunzip(path: Path, target: Path, watch: Watch | None) -> None:
    """Unpack a .gz.

    Raises
    ------
    IntakeError
        It is damaged, or unpacks to too much.
    """
    budget = Budget(path.stat().st_size, watch)
    try:
        with gzip.open(path) as packed, target.open("wb") as out:
            for piece in _pieces(packed, budget):
                out.write(piece)
    except (zlib.error, EOFError, OSError) as error:
        raise IntakeError("broken_archive") from error


def open_zip(path: Path) -> zipfile.ZipFile:
    """Open an archive.

    Raises
    ------
    IntakeError
        It is damaged, asks for a password, or lists too many members.
    """
    try:
        archive = _Archive(path)
    except IntakeError:
        raise
    except _BROKEN as error:
        raise IntakeError("broken_archive") from error
    if any(info.flag_bits & _ENCRYPTED for info in archive.infolist()):
        archive.close()
        raise IntakeError("encrypted")
    return archive


def unzip(path: Path, folder: Path, watch: Watch | None) -> list[tuple[str, Path]]:
    """Unpack the files of an archive: their names, without folders and each its own, and where they are.

    Raises
    ------
    IntakeError
        It is damaged, asks for a password, holds too many files, or unpacks to too much.
    """
    found: list[tuple[str, Path]] = []
    budget = Budget(path.stat().st_size, watch)
    with closing(open_zip(path)) as archive:
        members = [
            info for info in archive.infolist() if not info.filename.endswith("/") and not _litter(info.filename)
        ]
        if len(members) > MOST_TABLES:
            raise IntakeError("too_many_tables", tables=f"{len(members):,}", limit=f"{MOST_TABLES:,}")
        for n, info in enumerate(members):
            target = folder / f"{path.name}.{n}"
            with target.open("wb") as out:
                for piece in unpack(archive, info, budget):
                    out.write(piece)
            found.append((_own(_name(info), [name for name, _ in found]), target))
    return found


def unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget) -> Iterator[bytes]:
    """Content of a member in pieces, as long as it is, whatever the archive says.

    Raises
    ------
    IntakeError
        It is damaged, or unpacks to too much.
    """
    info.file_size = max(info.file_size, LARGEST_FILE + 1)  # the size told is not to be trusted
    try:
        with archive.open(info) as packed:
            yield from _pieces(packed, budget)
    except _BROKEN as error:
        if isinstance(error, IntakeError):
            raise
        raise IntakeError("broken_archive") from error


def _pieces(packed: "IO[bytes] | gzip.GzipFile", budget: Budget) -> Iterator[bytes]:
    while piece := packed.read(CHUNK):
        budget.spend(len(piece))
        yield piece


def _litter(name: str) -> bool:
    return any(part in _LITTER or part.startswith("._") for part in name.replace("\\", "/").split("/"))


def _name(info: zipfile.ZipInfo) -> str:
    """Name of a member: without the flag of UTF-8 it is bytes, on Chinese Windows GBK."""
    if info.flag_bits & 0x800:
        return clean_name(info.filename)
    raw = info.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return clean_name(raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return clean_name(info.filename)


def _own(name: str, taken: list[str]) -> str:
    name, number = name or "#", 2
    shown = name
    while shown in taken:
        shown, number = f"{name} ({number})", number + 1
    return shown
