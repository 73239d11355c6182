"""Files of the workspace read where nobody may write: a disk that is read-only, a folder of someone else."""

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from data.workspace.room import takes_writes

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Config = dict[str, str | bool | int | float | list[str]]


def connect(path: Path, *, write: bool, seconds: float) -> sqlite3.Connection:
    """Open a SQLite file; one that cannot be written is read without its log's index, or from a copy of both."""
    if write or takes_writes(path) or not path.is_file():
        return sqlite3.connect(path, timeout=seconds, isolation_level=None)
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        return _copied(path, log)
    return _immutable(path)


def number(path: Path) -> int:
    """Number of a file on its disk, which another one put in its place does not have; 0 for none."""
    try:
        return path.stat().st_ino
    except OSError:
        return 0


def duck(path: Path, config: Config) -> "DuckDBPyConnection":
    """Open a DuckDB file to read it alone."""
    import duckdb

    return duckdb.connect(path, read_only=True, config=config)


def _immutable(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)


def _copied(path: Path, log: Path) -> sqlite3.Connection:
    """What a file and its log hold, in memory."""
    held = sqlite3.connect(":memory:", isolation_level=None)
    with tempfile.TemporaryDirectory() as made:
        copy = Path(made) / path.name
        shutil.copyfile(path, copy)
        shutil.copyfile(log, copy.with_name(log.name))
        with closing(sqlite3.connect(copy)) as source:
            source.backup(held)
    return held
