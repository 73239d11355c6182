"""What a workspace keeps, file by file, and a copy of each as it was at one moment, while others write."""

import os
import re
import shutil
import sqlite3
import stat
from contextlib import ExitStack, closing
from pathlib import Path

from data.workspace import room, spare
from data.workspace.base import LETTERS, WAIT_SECONDS
from data.workspace.damage import met
from data.workspace.reading import Config, connect
from data.workspace.refusal import WorkspaceError
from data.workspace.store import Store

SQLITE, DUCK = ".sqlite3", ".duckdb"
GOOD, BEFORE, INCOMING = "good", "before-", ".incoming-"
"""Folders beside the stores: good copies, what a restore replaced, what one is about to put in place."""
DAMAGED = ".damaged-"
SIDES = {SQLITE: ("-wal", "-shm", "-journal"), DUCK: (".wal", ".wal.new", ".wal.spare", ".new", ".spare")}
"""Endings of the files beside a store that are nothing without it."""
CONFIG: Config = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_external_access": "false",
}
_PASSING = re.compile(
    r"-wal$|-shm$|-journal$|\.wal$|\.lock$|\.spare$|\.new$|\.damaged-|^tmp|^\.|\.mending$"
    rf"|\.duckdb\.[a-z0-9]{{{LETTERS}}}"
)
"""Names of what passes: logs, locks, and what a program that was killed has left."""
_NEWEST = 2**31 - 1
_TRIES = 3


def stores(folder: Path) -> tuple[Path, ...]:
    """Databases of a workspace, by name.

    Raises
    ------
    WorkspaceError
        "cannot_read".
    """
    return tuple(path for path in _listed(folder) if path.suffix in (SQLITE, DUCK))


def others(folder: Path) -> tuple[Path, ...]:
    """Further files of a workspace, by name: those of its folders too."""
    above = [path for path in _listed(folder) if path.suffix not in (SQLITE, DUCK)]
    rooms = [one for one in _entries(folder) if stat.S_ISDIR(_mode(one)) and not _passes(one)]
    return tuple(above + [path for room in rooms for path in _listed(room)])


def _listed(folder: Path) -> list[Path]:
    """Files of a folder that stay, links left out."""
    return [path for path in _entries(folder) if stat.S_ISREG(_mode(path)) and not _passes(path)]


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        raise WorkspaceError("cannot_read", path=folder) from error


def _mode(path: Path) -> int:
    """Kind of a file; 0 where it has gone."""
    try:
        return path.lstat().st_mode
    except OSError:
        return 0


def _passes(path: Path) -> bool:
    return path.name == GOOD or path.name.startswith(BEFORE) or bool(_PASSING.search(path.name))


def snapshot(path: Path, target: Path) -> None:
    """Copy a store as it is between two saves, to a file that needs no log; other files as they are.

    Raises
    ------
    WorkspaceError
        "damaged", "busy", "full", "cannot_read".
    """
    try:
        if path.suffix == SQLITE:
            _sqlite(path, target)
        elif path.suffix == DUCK:
            _duck(path, target)
        else:
            shutil.copyfile(path, target)
        fsync(target)
    except sqlite3.Error as error:
        raise met(WorkspaceError(_code(error), path=path)) from error
    except OSError as error:
        raise WorkspaceError(room.code(error, write=False), path=path) from error


def _sqlite(path: Path, target: Path) -> None:
    with closing(connect(path, write=False, seconds=WAIT_SECONDS)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def _code(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", "")
    codes = {"SQLITE_BUSY": "busy", "SQLITE_LOCKED": "busy", "SQLITE_FULL": "full", "SQLITE_CANTOPEN": "cannot_read"}
    return next((code for start, code in codes.items() if name.startswith(start)), "damaged")


def _duck(path: Path, target: Path) -> None:
    """Copy while nobody has the file open; what a program that was killed has left there is taken in first."""
    for _ in range(_TRIES):
        with spare.alone(path, seconds=WAIT_SECONDS):
            if not spare.pending(path):
                shutil.copyfile(path, target)
                return
        with Store(path, "", _NEWEST).open():
            continue
    raise WorkspaceError("busy", path=path)


def hold(path: Path, stack: ExitStack) -> None:
    """Wait for whoever saves to a SQLite store, and let nobody begin meanwhile; a damaged one holds nobody up."""
    base = stack.enter_context(closing(connect(path, write=True, seconds=WAIT_SECONDS)))
    try:
        base.execute("BEGIN IMMEDIATE")
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
            raise WorkspaceError("busy", path=path) from error


def fsync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk before anything rests on it."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:  # Windows opens no folder
        if path.is_dir():
            return
        raise
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
