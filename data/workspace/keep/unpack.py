"""A backup read again: nothing of it is believed before its digest, its names and its sizes have been looked at."""

import hashlib
import json
import os
import shutil
import struct
import zipfile
import zlib
from datetime import datetime
from pathlib import Path
from typing import IO

from data.workspace import room
from data.workspace.keep.archive import FORMAT, MANIFEST, MARK, SEALED, Entry, Manifest, before_seal
from data.workspace.keep.names import unfit
from data.workspace.keep.stores import fsync
from data.workspace.keep.verify import problems
from data.workspace.refusal import WorkspaceError

MOST_ENTRIES = 100_000
LARGEST_MANIFEST = 32 * 2**20
"""Bytes."""
MOST_RATIO = 1_100
"""Bytes that one packed byte may become: deflate makes 1,032 at most."""
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_STEP = 1 << 20
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
)
"""What reading a zip that somebody crafted may raise, beside what a disk does."""


def manifest(file: Path) -> Manifest:
    """What a backup holds, once every byte of it was found to be what was written.

    Raises
    ------
    WorkspaceError
        "no_backup", "bad_backup", "newer", "cannot_read".
    """
    try:
        _sealed(file)
        with zipfile.ZipFile(file) as archive:
            return _manifest(file, archive)
    except OSError as error:
        raise WorkspaceError("cannot_read", path=file) from error
    except _BROKEN as error:
        raise _told(error, file) from error


def _told(error: Exception, file: Path) -> WorkspaceError:
    return error if isinstance(error, WorkspaceError) else WorkspaceError("bad_backup", path=file)


def _sealed(file: Path) -> None:
    """Refuse what is no backup, or not the one that was written."""
    with file.open("rb") as read:
        start = read.read(4)
        read.seek(0, os.SEEK_END)
        if read.tell() < SEALED or start != b"PK\x03\x04":
            raise WorkspaceError("no_backup", path=file)
        read.seek(-SEALED, os.SEEK_END)
        tail = read.read()
    if tail != MARK + before_seal(file).encode():
        raise WorkspaceError("bad_backup", path=file)


def _manifest(file: Path, archive: zipfile.ZipFile) -> Manifest:
    infos = archive.infolist()
    if not infos or infos[0].filename != MANIFEST or infos[0].file_size > LARGEST_MANIFEST:
        raise WorkspaceError("no_backup", path=file)
    if len(infos) > MOST_ENTRIES or any(info.compress_type not in _PACKED for info in infos):
        raise WorkspaceError("bad_backup", path=file)
    with archive.open(infos[0]) as read:
        said = json.loads(read.read(LARGEST_MANIFEST))
    if int(said["format"]) > FORMAT:
        raise WorkspaceError("newer", path=file)
    entries = tuple(Entry(str(one["name"]), int(one["size"]), str(one["sha256"])) for one in said["entries"])
    names = [entry.name for entry in entries]
    whole = sorted(names) == sorted(info.filename for info in infos[1:]) and not unfit(names)
    if not whole or any(entry.size < 0 for entry in entries):
        raise WorkspaceError("bad_backup", path=file)
    if sum(entry.size for entry in entries) > MOST_RATIO * file.stat().st_size:
        raise WorkspaceError("bad_backup", path=file)
    when = datetime.fromisoformat(said["made_at"])
    return Manifest(int(said["format"]), str(said["app"]), when, entries, dict(said["digests"]))


def unpack(file: Path, folder: Path) -> Manifest:
    """Write what a backup holds to a new folder, and look every store of it through.

    Raises
    ------
    WorkspaceError
        As `manifest`, and "full", "cannot_write".
    """
    found = manifest(file)
    room.need(folder, found.size)
    try:
        with zipfile.ZipFile(file) as archive:
            for entry in found.entries:
                target = folder / entry.name
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(entry.name) as read:
                    _write(read, target, entry, file)
                if problems(target, target.name):
                    raise WorkspaceError("bad_backup", path=file)
    except OSError as error:
        raise WorkspaceError(room.code(error), path=folder) from error
    except _BROKEN as error:
        raise _told(error, file) from error
    for inner in sorted({(folder / entry.name).parent for entry in found.entries}):
        fsync(inner)
    return found


def _write(read: IO[bytes], target: Path, entry: Entry, file: Path) -> None:
    """Write one entry, no byte more than was said of it."""
    hashed, size = hashlib.sha256(), 0
    with target.open("xb") as to:
        while some := read.read(_STEP):
            size += len(some)
            if size > entry.size:
                break
            hashed.update(some)
            to.write(some)
        to.flush()
        os.fsync(to.fileno())
    if (size, hashed.hexdigest()) != (entry.size, entry.sha256):
        raise WorkspaceError("bad_backup", path=file)


def drop(folder: Path) -> None:
    """Take a half-made folder away."""
    shutil.rmtree(folder, ignore_errors=True)
