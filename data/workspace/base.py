"""SQLite files of the workspace: one transaction at a time in a write-ahead log, and errors that say what to do.

After a crash a file opens with its last complete transaction, and two programs may write at once.
"""

import re
import secrets
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from data.workspace import damage, reading, rights, room
from data.workspace.refusal import WorkspaceError
from data.workspace.underway import WRITES

if TYPE_CHECKING:
    import pyarrow as pa

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Letters and figures that are not taken for one another."""
LETTERS = 13
"""Of an id: 31 ** 13 is over 2 ** 64, so that nobody guesses one."""
WAIT_SECONDS = 20.0
LONGEST_NAME = 120
LARGEST = 20_000_000
"""Bytes of a document, result or snapshot."""
TABLE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)")
_MADE = re.compile(r"\bCREATE (TABLE|SEQUENCE|INDEX|UNIQUE INDEX) (?!IF NOT EXISTS)")


class Rows(Protocol):
    """What a statement answers; a row goes by position and by name, and `dict(row)` by names."""

    def fetchone(self) -> Any:
        """The next row, None for none."""

    def fetchall(self) -> list[Any]:
        """The rows that are left."""

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """A transaction of SQLite or PostgreSQL: `?` for values, and the SQL that both read.

    PostgreSQL is told what SQLite calls BLOB, INTEGER PRIMARY KEY AUTOINCREMENT, WITHOUT ROWID and INSERT OR IGNORE;
    a PRAGMA does nothing there.
    """

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Rows:
        """Answer to a statement whose values are `?`."""

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Rows:
        """Run a statement once for each row of values."""


class Tables(Connection, Protocol):
    """A transaction of DuckDB or PostgreSQL, which keeps rows of markets too; rows go by position alone."""

    def put_rows(self, digest: str, plain: "pa.Table", /) -> None:
        """Keep rows under a digest."""

    def rows(self, digest: str, /) -> "pa.Table":
        """Rows that are kept under a digest."""

    def drop_rows(self, digest: str, /) -> None:
        """Take rows away."""


class Keeper(Protocol):
    """Tables of one kind in one place: a file, or a schema of a database."""

    @property
    def path(self) -> Path | None:
        """The file; None in a database."""

    @property
    def where(self) -> str:
        """The place in words, without a password."""

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables, in the order in which they are made."""

    def exists(self) -> bool:
        """Whether anything was ever kept."""

    def open(self, *, write: bool = False) -> AbstractContextManager[Any]:
        """Connection inside one transaction, which is undone when anything fails."""

    def each(self, base: Any, table: str) -> Iterator[dict[str, Any]]:
        """Rows of a table as they come, a few at a time."""

    def settle(self, base: Any) -> None:
        """Go on counting after rows that brought their numbers."""


@dataclass(frozen=True, slots=True)
class Base:
    """One file of the workspace.

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
    def open(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        """Connection inside one transaction, which is undone when anything fails."""
        base = None
        if write:
            WRITES.begin()
        try:
            if write:
                rights.need("save")
                self.path.parent.mkdir(parents=True, exist_ok=True)
                room.need(self.path)
            base = self._begun(write)
            yield base
            base.execute("COMMIT")
        except sqlite3.Error as error:
            code = room.lacking(self.path, _code(error, write=write))
            raise damage.met(WorkspaceError(code, path=self.path)) from error
        except OSError as error:
            raise WorkspaceError(room.code(error, write=write), path=self.path) from error
        finally:
            if base is not None:
                base.close()
            if write:
                WRITES.end()

    def _begun(self, write: bool) -> sqlite3.Connection:
        """Connection in a transaction of the file in place: another may have been put there while this waited."""
        while True:
            before = reading.number(self.path)
            base = reading.connect(self.path, write=write, seconds=WAIT_SECONDS)
            try:
                self._prepare(base)
                base.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            except (sqlite3.Error, WorkspaceError):
                base.close()
                raise
            if not (write and before) or before == reading.number(self.path):
                return base
            base.close()

    @staticmethod
    def each(base: sqlite3.Connection, table: str) -> Iterator[dict[str, Any]]:
        """Rows of a table as they come."""
        yield from map(dict, base.execute(f"SELECT * FROM {table}"))

    @staticmethod
    def settle(base: sqlite3.Connection) -> None:
        """Do nothing: SQLite counts on by itself."""

    def _prepare(self, base: sqlite3.Connection) -> None:
        base.row_factory = sqlite3.Row
        found = base.execute("PRAGMA user_version").fetchone()[0]
        if found > self.format:
            raise WorkspaceError("newer", path=self.path)
        if found < self.format:
            base.execute("PRAGMA journal_mode = WAL")
            base.executescript(f"BEGIN IMMEDIATE; {self.schema} PRAGMA user_version = {self.format}; COMMIT;")
        base.execute("PRAGMA synchronous = FULL")


def _code(error: sqlite3.Error, *, write: bool = True) -> str:
    name = getattr(error, "sqlite_errorname", "")
    if not write and name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR")):
        return "cannot_read"
    codes = {"SQLITE_BUSY": "busy", "SQLITE_LOCKED": "busy", "SQLITE_FULL": "full"}
    codes |= {"SQLITE_READONLY": "cannot_write", "SQLITE_CANTOPEN": "cannot_write", "SQLITE_IOERR": "cannot_write"}
    return next((code for start, code in codes.items() if name.startswith(start)), "damaged")


def repeatable(schema: str) -> str:
    """Statements that make what is not there, and leave the rest."""
    return _MADE.sub(r"CREATE \1 IF NOT EXISTS ", schema)


def new_id() -> str:
    """An id that nobody guesses."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))


def read_id(id: str) -> str | None:
    """Id as it is kept, or None for what cannot be one."""
    key = id.strip().lower()
    return key if set(key) <= set(ALPHABET) else None


def named(name: str, code: str) -> str:
    """Name on one line; refused with `code` when it is empty, too long or holds control marks."""
    line = " ".join(name.split())
    if not 1 <= len(line) <= LONGEST_NAME or not line.isprintable():
        raise WorkspaceError(code, most=LONGEST_NAME)
    return line


def distinct(name: str, taken: Collection[str]) -> str:
    """The name, or the first of "name (2)", "name (3)" ... that is not taken."""
    names = (f"{name[: LONGEST_NAME - 9].rstrip()} ({n})" for n in count(2))
    return name if name not in taken else next(one for one in names if one not in taken)
