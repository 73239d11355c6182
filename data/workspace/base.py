"""SQLite files of the workspace: one transaction at a time in a write-ahead log, and errors that say what to do.

After a crash a file opens with its last complete transaction, and two programs may write at once.
"""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from data.workspace.refusal import WorkspaceError

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Letters and figures that are not taken for one another."""
LETTERS = 13
"""Of an id: 31 ** 13 is over 2 ** 64, so that nobody guesses one."""
WAIT_SECONDS = 20.0
LONGEST_NAME = 120
LARGEST = 20_000_000
"""Bytes of a document, result or snapshot."""


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
        try:
            if write:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            base = sqlite3.connect(self.path, timeout=WAIT_SECONDS, isolation_level=None)
            self._prepare(base)
            base.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            yield base
            base.execute("COMMIT")
        except sqlite3.Error as error:
            raise WorkspaceError(_code(error), path=self.path) from error
        except OSError as error:
            raise WorkspaceError("cannot_write", path=self.path) from error
        finally:
            if base is not None:
                base.close()

    def _prepare(self, base: sqlite3.Connection) -> None:
        base.row_factory = sqlite3.Row
        found = base.execute("PRAGMA user_version").fetchone()[0]
        if found > self.format:
            raise WorkspaceError("newer", path=self.path)
        if found < self.format:
            base.execute("PRAGMA journal_mode = WAL")
            base.executescript(f"BEGIN IMMEDIATE; {self.schema} PRAGMA user_version = {self.format}; COMMIT;")
        base.execute("PRAGMA synchronous = FULL")


def _code(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", "")
    codes = {"SQLITE_BUSY": "busy", "SQLITE_LOCKED": "busy", "SQLITE_FULL": "full"}
    codes |= {"SQLITE_READONLY": "cannot_write", "SQLITE_CANTOPEN": "cannot_write", "SQLITE_IOERR": "cannot_write"}
    return next((code for start, code in codes.items() if name.startswith(start)), "damaged")


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
