"""One DuckDB file, opened for one transaction at a time: killed at any moment, it opens with the last complete one.

Others wait their turn, threads of this program and other programs alike.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from data.workspace import spare
from data.workspace.base import LETTERS, new_id
from data.workspace.refusal import WorkspaceError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

WAIT_SECONDS = 20.0
PAUSE_SECONDS = 0.02
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "default_block_size": "65536",
}
"""Nothing is fetched from the net for a strange file; a table of a few rows takes little room."""
LEFT_SECONDS = 24 * 3600
"""A file that was being made longer ago is of a program that was killed."""
_CODES = {
    "could not set lock": "busy",
    "used by another process": "busy",
    "no space left": "full",
    "not enough space": "full",
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
    def open(self, *, write: bool = False) -> Iterator["DuckDBPyConnection"]:
        """Connection inside one transaction, which is undone when anything fails."""
        import duckdb

        base = None
        with self._turn(write):
            try:
                if write:
                    self._clear()
                    if not self.exists():
                        self._make()
                base = self._opened(write)
                base.execute("BEGIN")
                self._check(base)
                if write:
                    base.execute("DROP TABLE IF EXISTS blank")
                yield base
                base.execute("COMMIT")
            except duckdb.Error as error:
                raise WorkspaceError(_code(error, write=write), path=self.path) from error
            except OSError as error:
                raise WorkspaceError("cannot_write", path=self.path) from error
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

    def wipe(self) -> None:
        """Write over the room of what was deleted; left for the next time where others are in the way."""
        import duckdb

        with self._turn(True), suppress(duckdb.Error, OSError):
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
        found = base.execute("SELECT format FROM meta").fetchall()
        if found[0][0] > self.format:
            raise WorkspaceError("newer", path=self.path)

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
        for left in self.path.parent.glob(f"{self.path.name}.{'?' * LETTERS}*"):
            with suppress(OSError):
                if time.time() - left.stat().st_mtime > LEFT_SECONDS:
                    left.unlink()


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
