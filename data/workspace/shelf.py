"""Saved scenarios in one SQLite file: every save is a version of its own, which stays until its owner deletes it.

A save is one transaction. Documents and results are text that this room does not read.
"""

import hashlib
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from data.workspace.base import ALPHABET, LARGEST, LETTERS, LONGEST_NAME, Base, named, new_id, read_id
from data.workspace.refusal import WorkspaceError

__all__ = ["ALPHABET", "FILE", "LARGEST", "LETTERS", "LONGEST_NAME", "Saved", "Shelf"]

FILE = "scenarios.sqlite3"
FORMAT = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS scenario (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, name TEXT NOT NULL, archived INTEGER NOT NULL,
    branched_from TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS snapshot (digest TEXT PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS version (
    id TEXT NOT NULL REFERENCES scenario, version INTEGER NOT NULL, saved_at TEXT NOT NULL, market TEXT NOT NULL,
    data_version TEXT NOT NULL, document TEXT NOT NULL, result TEXT NOT NULL, digest TEXT NOT NULL REFERENCES snapshot,
    PRIMARY KEY (id, version));
CREATE INDEX IF NOT EXISTS by_owner ON scenario (owner, archived);
"""
_SELECT = """
SELECT id, version, name, owner, market, data_version, saved_at, archived, branched_from, document, result
FROM version JOIN scenario USING (id)
"""
_LATEST = "version = (SELECT max(version) FROM version AS other WHERE other.id = version.id)"


@dataclass(frozen=True, slots=True)
class Saved:
    """One version of a saved scenario.

    Attributes
    ----------
    id : str
        Of the scenario; whoever knows it may open it.
    version : int
        1 for the first save.
    name, owner : str
    market, data_version : str
        Name and version of the market it was computed on.
    saved_at : datetime
        UTC.
    archived : bool
    branched_from : str
        "id.version" it was copied from; empty for none.
    document, result : str
        The scenario and what came of it.
    """

    id: str
    version: int
    name: str
    owner: str
    market: str
    data_version: str
    saved_at: datetime
    archived: bool
    branched_from: str
    document: str
    result: str


class Shelf:
    """Saved scenarios of one folder.

    Parameters
    ----------
    folder : Path
        Made at the first save.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._base = Base(self.path, _SCHEMA, FORMAT)

    def save(
        self,
        document: str,
        *,
        owner: str,
        name: str,
        market: str,
        data_version: str,
        result: str = "",
        snapshot: bytes = b"",
        id: str | None = None,
    ) -> Saved:
        """Add a version to `id`, else a new scenario; a name that is on the owner's list gets a number.

        Parameters
        ----------
        snapshot : bytes
            The market it was computed on; empty to keep none.
        """
        line = named(name, "no_name")
        if max(len(document), len(result), len(snapshot)) > LARGEST:
            raise WorkspaceError("too_large", most=LARGEST)
        with self._base.open(write=True) as base:
            kept = self._own(base, id, owner) if id else _new(base, owner, line)
            if id:
                base.execute("UPDATE scenario SET name = ?, archived = 0 WHERE id = ?", (line, kept))
            _add(base, kept, market, data_version, document, result, _put(base, snapshot))
            return _one(base, kept)

    def branch(self, id: str, *, owner: str, name: str, version: int | None = None) -> Saved:
        """Copy a version, of anyone, into a new scenario of `owner`; another's market does not come with it."""
        line = named(name, "no_name")
        with self._base.open(write=True) as base:
            origin = _one(base, id, version)
            kept = _new(base, owner, line, f"{origin.id}.{origin.version}")
            row = (origin.market, origin.data_version, origin.document, origin.result)
            _add(base, kept, *row, _digest(base, origin) if origin.owner == owner else _put(base, b""))
            return _one(base, kept)

    def rename(self, id: str, name: str, *, owner: str) -> Saved:
        """Give one's scenario another name."""
        return self._change(id, owner, "name", named(name, "no_name"))

    def archive(self, id: str, *, owner: str) -> Saved:
        """Take one's scenario off the list; its link still opens it."""
        return self._change(id, owner, "archived", 1)

    def restore(self, id: str, *, owner: str) -> Saved:
        """Put an archived scenario back on the list."""
        return self._change(id, owner, "archived", 0)

    def delete(self, id: str, *, owner: str) -> None:
        """Remove one's scenario for good: every version, and markets that no other save rests on."""
        with self._base.open(write=True) as base:
            kept = self._own(base, id, owner)
            base.execute("PRAGMA secure_delete = ON")
            base.execute("DELETE FROM version WHERE id = ?", (kept,))
            base.execute("DELETE FROM scenario WHERE id = ?", (kept,))
            base.execute("DELETE FROM snapshot WHERE digest NOT IN (SELECT digest FROM version)")

    def saved(self, owner: str, *, archived: bool = False) -> tuple[Saved, ...]:
        """Latest version of each of the owner's scenarios, newest first."""
        if not self._base.exists():
            return ()
        order = f"{_SELECT} WHERE owner = ? AND archived = ? AND {_LATEST} ORDER BY saved_at DESC, id"
        with self._base.open() as base:
            return tuple(_saved(row) for row in base.execute(order, (owner, int(archived))))

    def open(self, id: str, version: int | None = None) -> Saved:
        """A version of a scenario, the latest by default, for whoever knows its id."""
        if not self._base.exists():
            raise WorkspaceError("not_found", id=id[:LETTERS])
        with self._base.open() as base:
            return _one(base, id, version)

    def versions(self, id: str) -> tuple[Saved, ...]:
        """Every version of a scenario, oldest first."""
        latest = self.open(id)
        with self._base.open() as base:
            rows = base.execute(f"{_SELECT} WHERE id = ? ORDER BY version", (latest.id,))
            return tuple(_saved(row) for row in rows)

    def snapshot(self, saved: Saved) -> bytes:
        """The market as it was when the version was saved, as it was handed in; empty when none was kept."""
        with self._base.open() as base:
            row = base.execute("SELECT data FROM snapshot WHERE digest = ?", (_digest(base, saved),)).fetchone()
        return bytes(row[0])

    def _change(self, id: str, owner: str, column: str, value: str | int) -> Saved:
        with self._base.open(write=True) as base:
            kept = self._own(base, id, owner)
            base.execute(f"UPDATE scenario SET {column} = ? WHERE id = ?", (value, kept))
            return _one(base, kept)

    @staticmethod
    def _own(base: sqlite3.Connection, id: str, owner: str) -> str:
        found = _one(base, id)
        if found.owner != owner:
            raise WorkspaceError("not_yours", id=found.id)
        return found.id


def _new(base: sqlite3.Connection, owner: str, name: str, branched_from: str = "") -> str:
    """Id of a new scenario; a name that is on the owner's list is numbered."""
    name = _distinct(base, owner, name)
    made = new_id()
    base.execute("INSERT INTO scenario VALUES (?, ?, ?, 0, ?)", (made, owner, name, branched_from))
    return made


def _distinct(base: sqlite3.Connection, owner: str, name: str) -> str:
    """The name, or the first of "name (2)", "name (3)" ... that is not on the owner's list."""
    taken = {row["name"] for row in base.execute("SELECT name FROM scenario WHERE owner = ?", (owner,))}
    names = (f"{name[: LONGEST_NAME - 9].rstrip()} ({n})" for n in count(2))
    return name if name not in taken else next(one for one in names if one not in taken)


def _put(base: sqlite3.Connection, snapshot: bytes) -> str:
    """Digest under which the market is kept, once."""
    digest = hashlib.sha256(snapshot).hexdigest()
    base.execute("INSERT OR IGNORE INTO snapshot VALUES (?, ?)", (digest, snapshot))
    return digest


def _add(
    base: sqlite3.Connection, id: str, market: str, data_version: str, document: str, result: str, digest: str
) -> None:
    latest = base.execute("SELECT coalesce(max(version), 0) FROM version WHERE id = ?", (id,)).fetchone()[0]
    row = (id, latest + 1, datetime.now(UTC).isoformat(), market, data_version, document, result, digest)
    base.execute("INSERT INTO version VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)


def _one(base: sqlite3.Connection, id: str, version: int | None = None) -> Saved:
    rows = base.execute(f"{_SELECT} WHERE id = ? ORDER BY version DESC", (read_id(id),))
    found = next((row for row in rows if version in (None, row["version"])), None)
    if found is None:
        raise WorkspaceError("not_found", id=id[:LETTERS])
    return _saved(found)


def _digest(base: sqlite3.Connection, saved: Saved) -> str:
    row = base.execute("SELECT digest FROM version WHERE id = ? AND version = ?", (saved.id, saved.version)).fetchone()
    if row is None:
        raise WorkspaceError("not_found", id=saved.id)
    return str(row[0])


def _saved(row: sqlite3.Row) -> Saved:
    values: dict[str, Any] = dict(row)
    when, archived = datetime.fromisoformat(values["saved_at"]), bool(values["archived"])
    return Saved(**{**values, "saved_at": when, "archived": archived})
