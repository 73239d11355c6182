"""Saved scenarios in one SQLite file: every save is a version of its own, which stays until its owner deletes it.

A save is one transaction. Documents and results are text that this room does not read.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from data.workspace import audit, grants
from data.workspace.base import ALPHABET, LARGEST, LETTERS, LONGEST_NAME, Connection, distinct, named, new_id, read_id
from data.workspace.keepers import keeper
from data.workspace.postgres import Place
from data.workspace.refusal import WorkspaceError
from data.workspace.shared import SCHEMA, Shared

__all__ = ["ALPHABET", "FILE", "LARGEST", "LETTERS", "LONGEST_NAME", "Saved", "Shelf"]

FILE = "scenarios.sqlite3"
FORMAT = 2
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


class Shelf(Shared):
    """Saved scenarios of one place.

    Parameters
    ----------
    place : Path or Database
        A folder is made at the first save.
    """

    KIND, TABLE, UNKNOWN, FOREIGN = "scenario", "scenario", "not_found", "not_yours"

    def __init__(self, place: Place) -> None:
        super().__init__(keeper(place, FILE, _SCHEMA + SCHEMA, FORMAT))

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
            return _written(base, "save", kept, owner)

    def branch(self, id: str, *, owner: str, name: str, version: int | None = None) -> Saved:
        """Copy a version, of anyone, into a new scenario of `owner`; another's market does not come with it."""
        line = named(name, "no_name")
        with self._base.open(write=True) as base:
            origin = _one(base, id, version)
            kept = _new(base, owner, line, f"{origin.id}.{origin.version}")
            row = (origin.market, origin.data_version, origin.document, origin.result)
            _add(base, kept, *row, _digest(base, origin) if origin.owner == owner else _put(base, b""))
            return _written(base, "branch", kept, owner)

    def rename(self, id: str, name: str, *, owner: str) -> Saved:
        """Give one's scenario another name."""
        return self._change(id, owner, "name", named(name, "no_name"), "rename")

    def archive(self, id: str, *, owner: str) -> Saved:
        """Take one's scenario off the list; its link still opens it."""
        return self._change(id, owner, "archived", 1, "archive")

    def restore(self, id: str, *, owner: str) -> Saved:
        """Put an archived scenario back on the list."""
        return self._change(id, owner, "archived", 0, "restore")

    def delete(self, id: str, *, owner: str) -> None:
        """Remove one's scenario for good: every version, and markets that no other save rests on."""
        with self._base.open(write=True) as base:
            kept = self._own(base, id, owner)
            self._erase(base, kept)
            audit.record(base, "scenario.delete", kept, owner=owner)

    def _erase(self, base: Any, id: str) -> None:
        base.execute("PRAGMA secure_delete = ON")
        base.execute("DELETE FROM version WHERE id = ?", (id,))
        base.execute("DELETE FROM scenario WHERE id = ?", (id,))
        base.execute("DELETE FROM snapshot WHERE digest NOT IN (SELECT digest FROM version)")
        grants.drop(base, id)

    def _flag(self, base: Any, id: str) -> bool:
        return not grants.shut(base, id)

    def _set_flag(self, base: Any, id: str, on: bool) -> None:
        owner = base.execute("SELECT owner FROM scenario WHERE id = ?", (id,)).fetchone()[0]
        grants.by_link(base, id, owner, on)

    def _claim(self, base: Any, id: str) -> None:
        grants.claim(base, id)

    def _hand_over(self, base: Any, before: str, owner: str) -> None:
        for row in base.execute("SELECT id FROM scenario WHERE owner = ?", (before,)).fetchall():
            grants.claim(base, row[0])
        super()._hand_over(base, before, owner)

    def saved(self, owner: str, *, archived: bool = False) -> tuple[Saved, ...]:
        """Latest version of each of the owner's scenarios that whoever acts may read, newest first."""
        if not self._base.exists():
            return ()
        with self._base.open() as base:
            closed = grants.closed_among(base, "SELECT id FROM scenario WHERE owner = ?", (owner,))
            found = _latest(base, "owner = ? AND archived = ?", (owner, int(archived)))
        return tuple(one for one in found if one.id not in closed)

    def received(self) -> tuple[Saved, ...]:
        """Latest version of each scenario that is given to whoever acts, newest first."""
        if not self._base.exists():
            return ()
        with self._base.open() as base:
            return _latest(base, *grants.among_given())

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

    def _change(self, id: str, owner: str, column: str, value: str | int, what: str) -> Saved:
        with self._base.open(write=True) as base:
            kept = self._own(base, id, owner)
            base.execute(f"UPDATE scenario SET {column} = ? WHERE id = ?", (value, kept))
            return _written(base, what, kept, owner)

    @staticmethod
    def _own(base: Connection, id: str, owner: str) -> str:
        found = _one(base, id)
        if found.owner != owner:
            raise WorkspaceError("not_yours", id=found.id)
        return found.id


def _new(base: Connection, owner: str, name: str, branched_from: str = "") -> str:
    """Id of a new scenario; a name that is on the owner's list is numbered."""
    name = _distinct(base, owner, name)
    made = new_id()
    base.execute("INSERT INTO scenario VALUES (?, ?, ?, 0, ?)", (made, owner, name, branched_from))
    grants.close(base, made)
    return made


def _distinct(base: Connection, owner: str, name: str) -> str:
    """The name, or the first of "name (2)", "name (3)" ... that is not on the owner's list."""
    taken = {row["name"] for row in base.execute("SELECT name FROM scenario WHERE owner = ?", (owner,))}
    return distinct(name, taken)


def _put(base: Connection, snapshot: bytes) -> str:
    """Digest under which the market is kept, once."""
    digest = hashlib.sha256(snapshot).hexdigest()
    base.execute("INSERT OR IGNORE INTO snapshot VALUES (?, ?)", (digest, snapshot))
    return digest


def _add(base: Connection, id: str, market: str, data_version: str, document: str, result: str, digest: str) -> None:
    latest = base.execute("SELECT coalesce(max(version), 0) FROM version WHERE id = ?", (id,)).fetchone()[0]
    row = (id, latest + 1, datetime.now(UTC).isoformat(), market, data_version, document, result, digest)
    base.execute("INSERT INTO version VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)


def _one(base: Connection, id: str, version: int | None = None) -> Saved:
    rows = base.execute(f"{_SELECT} WHERE id = ? ORDER BY version DESC", (read_id(id),))
    found = next((row for row in rows if version in (None, row["version"])), None)
    if found is None or grants.closed(base, found["id"]):
        raise WorkspaceError("not_found", id=id[:LETTERS])
    return _saved(found)


def _latest(base: Connection, where: str, values: Sequence[object]) -> tuple[Saved, ...]:
    rows = base.execute(f"{_SELECT} WHERE {where} AND {_LATEST} ORDER BY saved_at DESC, id", values)
    return tuple(_saved(row) for row in rows)


def _written(base: Connection, what: str, id: str, owner: str) -> Saved:
    """A scenario as it is now, once the log tells what was done to it."""
    found = _one(base, id)
    audit.record(base, f"scenario.{what}", id, owner=owner, version=found.version)
    return found


def _digest(base: Connection, saved: Saved) -> str:
    row = base.execute("SELECT digest FROM version WHERE id = ? AND version = ?", (saved.id, saved.version)).fetchone()
    if row is None or grants.closed(base, saved.id):
        raise WorkspaceError("not_found", id=saved.id)
    return str(row[0])


def _saved(row: Any) -> Saved:
    values: dict[str, Any] = dict(row)
    when, archived = datetime.fromisoformat(values["saved_at"]), bool(values["archived"])
    return Saved(**{**values, "saved_at": when, "archived": archived})
