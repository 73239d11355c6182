"""One DuckDB file, opened for one transaction at a time: killed at any moment, it opens with the last complete one.

Others wait their turn, threads of this program and other programs alike.
"""

import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.workspace import damage, reading, rights, room, spare
from data.workspace.base import ALPHABET, LETTERS, TABLE, new_id, repeatable
from data.workspace.refusal import WorkspaceError
from data.workspace.store_rows import Opened
from data.workspace.underway import WRITES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

WAIT_SECONDS = 20.0
PAUSE_SECONDS = 0.02
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "default_block_size": "65536",
    "enable_external_access": "false",
}
"""Nothing is fetched for a strange file, which reaches no other; a table of a few rows takes little room."""
SETTLED_NS = 4_000_000_000
"""A file changed more recently may change again within one tick of a disk's clock, which is up to two seconds."""
LEFT_SECONDS = 24 * 3600
"""A file that was being made longer ago is of a program that was killed."""
_CODES = {
    "could not set lock": "busy",
    "used by another process": "busy",
    "no space left": "full",
    "not enough space": "full",
    "file too large": "full",
    "out of memory": "full",
    "permission denied": "cannot_write",
    "read-only": "cannot_write",
    "cannot open file": "cannot_write",
    "version number": "newer",
}
_BLANK = """
CREATE TABLE blank AS SELECT hash(range) AS noise
FROM range((SELECT ((free_blocks + 1) * block_size // 8)::BIGINT FROM pragma_database_size()))
"""
"""Fills the free blocks of a file: 8 bytes a row, which do not compress."""
_WRITING = threading.Lock()
"""Held by the thread that writes."""
_DOOR = threading.Lock()
"""Held while a file is opened or closed, so that no thread opens one that another is still closing."""


@dataclass(frozen=True, slots=True)
class Store:
    """One file.

    Attributes
    ----------
    path : Path
        Made, with its folder, when it is first written.
    schema : str
        Statements that make its tables.
    format : int
        Version of the schema; a file of a later one is refused.
    """

    path: Path
    schema: str
    format: int

    @property
    def where(self) -> str:
        """The file, in words."""
        return str(self.path)

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables, in the order in which they are made."""
        return tuple(TABLE.findall(self.schema))

    def exists(self) -> bool:
        """Whether anything was ever kept.

        Raises
        ------
        WorkspaceError
            "cannot_read" when the folder does not let itself be looked into.
        """
        try:
            return self.path.exists()
        except OSError as error:
            raise WorkspaceError("cannot_read", path=self.path) from error

    @contextmanager
    def open(self, *, write: bool = False) -> Iterator[Opened]:
        """Connection inside one transaction, which is undone when anything fails."""
        import duckdb

        if write:
            rights.need("save")
        base = None
        with WRITES.one() if write else nullcontext(), self._turn(write):
            try:
                if write:
                    self._clear()
                    room.need(self.path, self.path.stat().st_size if self.exists() else 0)
                    if not self.exists():
                        self._make()
                base = self._opened(write)
                base.execute("BEGIN")
                self._check(base)
                if write:
                    base.execute("DROP TABLE IF EXISTS blank")
                yield Opened(base)
                base.execute("COMMIT" if write else "ROLLBACK")
            except duckdb.Error as error:
                code = room.lacking(self.path, _code(error, write=write))
                raise damage.met(WorkspaceError(code, path=self.path)) from error
            except OSError as error:
                raise WorkspaceError(room.code(error, write=write), path=self.path) from error
            finally:
                if base is not None:
                    with _DOOR:
                        base.close()
                    spare.forget(self.path)

    @contextmanager
    def _turn(self, write: bool) -> Iterator[None]:
        """Wait for those who are at the file."""
        if write:
            with suppress(OSError):
                self.path.parent.mkdir(parents=True, exist_ok=True)
        with spare.alone(self.path, seconds=WAIT_SECONDS), _WRITING if write else nullcontext():
            yield

    def _opened(self, write: bool) -> "DuckDBPyConnection":
        """Open the file, with a spare of it where it will be written; the spare itself where the file is damaged."""
        import duckdb

        if not write and not room.takes_writes(self.path):
            return reading.duck(self.path, _CONFIG)
        pending = spare.pending(self.path)
        if write or pending:
            spare.prepare(self.path)
        try:
            base = self._connect()
            if pending:
                self._look_through(base)
        except duckdb.Error as error:
            spare.drop(self.path)
            if _code(error, write=write) != "damaged" or not spare.restore(self.path):
                raise
            return self._connect()
        if write or pending:
            spare.accept(self.path)
        return base

    def _look_through(self, base: "DuckDBPyConnection") -> None:
        """Read what tells where every row is, so that damage shows now."""
        import duckdb

        try:
            for (table,) in base.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal").fetchall():
                base.execute("SELECT count(*) FROM pragma_storage_info(?)", [table])
        except duckdb.Error:
            base.close()
            raise

    def stamp(self) -> tuple[object, ...] | None:
        """Time, size and number of the file and of its log: no write leaves them as they were; None just after one."""
        found = [one for file in (self.path, self.path.with_name(f"{self.path.name}.wal")) if (one := _stat(file))]
        settled = found and time.time_ns() - max(when for when, *_ in found) > SETTLED_NS
        return tuple(found) if settled else None

    @staticmethod
    def each(base: Opened, table: str) -> Iterator[dict[str, Any]]:
        """Rows of a table as they come, a few at a time."""
        return base.each(table)

    @staticmethod
    def settle(base: Opened) -> None:
        """Do nothing: no table counts."""

    def wipe(self) -> None:
        """Write over the room of what was deleted; left for the next deletion where others are in the way."""
        import duckdb

        with suppress(WorkspaceError, duckdb.Error, OSError), WRITES.one(), self._turn(True):
            with closing(self._opened(True)) as base:
                base.execute("CHECKPOINT")
                base.execute(_BLANK)
                base.execute("CHECKPOINT")
                base.execute("DROP TABLE blank")
            spare.forget(self.path)

    def _connect(self) -> "DuckDBPyConnection":
        """Open the file, waiting for another program to leave it."""
        import duckdb

        until = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                with _DOOR:
                    return duckdb.connect(self.path, config=_CONFIG)
            except duckdb.Error as error:
                if _code(error, write=True) != "busy" or time.monotonic() > until:
                    raise
            time.sleep(PAUSE_SECONDS)

    def _check(self, base: "DuckDBPyConnection") -> None:
        """Refuse a file of a later format; one of an earlier gets the tables that it lacks, for good when written."""
        found = base.execute("SELECT format FROM meta").fetchall()
        if found[0][0] > self.format:
            raise WorkspaceError("newer", path=self.path)
        if found[0][0] < self.format:
            base.execute(f"{repeatable(self.schema)} UPDATE meta SET format = {self.format};")

    def _make(self) -> None:
        """Make the file beside its place and move it there whole; another program may have been first."""
        import duckdb

        self.path.parent.mkdir(parents=True, exist_ok=True)
        made = self.path.with_name(f"{self.path.name}.{new_id()}")
        try:
            with duckdb.connect(made, config=_CONFIG) as base:
                base.execute(f"{self.schema} CREATE TABLE meta AS SELECT {self.format} AS format;")
            _place(made, self.path)
        finally:
            made.unlink(missing_ok=True)

    def _clear(self) -> None:
        """Take away what programs that were killed had begun."""
        begun = re.compile(rf"{re.escape(self.path.name)}\.[{ALPHABET}]{{{LETTERS}}}(?:\.\w+)*")
        for left in self.path.parent.glob(f"{self.path.name}.*"):
            with suppress(OSError):
                if begun.fullmatch(left.name) and time.time() - left.stat().st_mtime > LEFT_SECONDS:
                    left.unlink()


def _stat(file: Path) -> tuple[int, int, int] | None:
    """Time, size and number of a file; None where it cannot be looked at."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _place(made: Path, path: Path) -> None:
    try:
        os.link(made, path)
    except FileExistsError:
        return
    except OSError:  # a disk without links
        made.rename(path)


def _code(error: Exception, *, write: bool) -> str:
    import duckdb

    said = str(error).lower()
    if isinstance(error, duckdb.ConversionException | duckdb.InvalidInputException):
        return "not_kept"
    code = next((code for words, code in _CODES.items() if words in said), "damaged")
    return "cannot_read" if code == "cannot_write" and not write else code
