"""Boards in one SQLite file: every save is a version of its own, and what pins keep is kept once, by its digest.

A save is one transaction. Documents and parts are text and bytes that this room does not read.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from data.workspace import audit, grants
from data.workspace.base import LARGEST, LETTERS, Connection, distinct, named, new_id, read_id
from data.workspace.keepers import keeper
from data.workspace.postgres import Place
from data.workspace.refusal import WorkspaceError
from data.workspace.shared import SCHEMA, Shared

FILE = "boards.sqlite3"
FORMAT = 2
MOST_LISTED = 100
_SCHEMA = """
CREATE TABLE IF NOT EXISTS board (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, name TEXT NOT NULL, shared INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS version (
    id TEXT NOT NULL REFERENCES board, version INTEGER NOT NULL, saved_at TEXT NOT NULL, document TEXT NOT NULL,
    PRIMARY KEY (id, version));
CREATE TABLE IF NOT EXISTS part (digest TEXT PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS use (
    id TEXT NOT NULL, version INTEGER NOT NULL, digest TEXT NOT NULL REFERENCES part,
    PRIMARY KEY (id, digest, version)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS board_owner ON board (owner);
CREATE INDEX IF NOT EXISTS use_digest ON use (digest);
"""
_SELECT = """
SELECT id, version, name, owner, shared, document, saved_at,
    (SELECT count(*) FROM version AS other WHERE other.id = version.id) AS versions
FROM version JOIN board USING (id)
"""
_LATEST = "version = (SELECT max(version) FROM version AS other WHERE other.id = version.id)"
_PART = "SELECT data FROM part JOIN use USING (digest) WHERE id = ? AND digest = ? AND version >= ? LIMIT 1"
_OWNED = "SELECT 1 FROM use JOIN board USING (id) WHERE digest = ? AND owner = ? LIMIT 1"


@dataclass(frozen=True, slots=True)
class KeptBoard:
    """One version of a board.

    Attributes
    ----------
    id : str
        Of the board.
    version : int
        1 for the first save.
    name, owner : str
    shared : bool
        Whether whoever knows the id may open it.
    document : str
        The board.
    saved_at : datetime
        UTC.
    versions : int
        How many there are.
    """

    id: str
    version: int
    name: str
    owner: str
    shared: bool
    document: str
    saved_at: datetime
    versions: int


class Boards(Shared):
    """Boards of one place.

    Parameters
    ----------
    place : Path or Database
        A folder is made at the first save.
    """

    KIND, TABLE, UNKNOWN, FOREIGN = "board", "board", "no_board", "no_board"

    def __init__(self, place: Place) -> None:
        super().__init__(keeper(place, FILE, _SCHEMA + SCHEMA, FORMAT))

    def save(
        self,
        document: str,
        *,
        owner: str,
        name: str | None = None,
        id: str | None = None,
        after: int | None = None,
        parts: Mapping[str, bytes] | None = None,
        digests: Collection[str] = (),
    ) -> KeptBoard:
        """Add a version to `id`, else a new board; a name that another board of the owner's has gets a number.

        Parameters
        ----------
        name : str, optional
            None keeps that of `id`; a new board needs one.
        after : int, optional
            The version that the edit was made on; None to save whatever came meanwhile.
        parts : mapping of str to bytes, optional
            What the document refers to and is not yet kept, by SHA-256 digest.
        digests : collection of str
            All that the document refers to; those of `parts` are added.

        Raises
        ------
        WorkspaceError
            "board_moved_on" when `after` is no longer the latest, "no_board" when `id` is nobody's or another's and
            not shared, "not_your_board", "no_board_name", "board_too_large", "no_board_part" when a digest is neither
            given nor kept by a board of the owner's, and what keeping anything may raise.
        """
        given = dict(parts or {})
        line = "" if id and name is None else named(name or "", "no_board_name")
        _check(document, given)
        with self._base.open(write=True) as base:
            kept = _own(base, id, owner) if id else _new(base, owner, line)
            if id and line:
                _rename(base, kept, owner, line)
            latest = base.execute("SELECT coalesce(max(version), 0) FROM version WHERE id = ?", (kept,)).fetchone()[0]
            if id and after not in (None, latest):
                raise WorkspaceError("board_moved_on", number=latest)
            row = (kept, latest + 1, datetime.now(UTC).isoformat(), document)
            base.execute("INSERT INTO version VALUES (?, ?, ?, ?)", row)
            _put(base, (kept, latest + 1), owner, given, digests)
            audit.record(base, "board.save", kept, owner=owner, version=latest + 1)
            return _one(base, kept, None)

    def open(self, id: str, version: int | None = None, *, asker: str) -> KeptBoard:
        """A version of a board, the latest by default, for its owner; that alone for whoever knows a shared one's id.

        Raises
        ------
        WorkspaceError
            "no_board" when it was deleted, never was, or is another's and not shared: the three are not told apart;
            "no_board_version" when there is none of this number, or it is an earlier one of another's.
        """
        if not self._base.exists():
            raise WorkspaceError("no_board", id=id[:LETTERS])
        with self._base.open() as base:
            latest = _readable(base, id, asker)
            if version in (None, latest.version):
                return latest
            if latest.owner != asker:
                raise WorkspaceError("no_board_version", number=version)
            return _one(base, latest.id, version)

    def part(self, digest: str, *, board: str, asker: str) -> bytes:
        """What is kept under a digest that some version of one's board refers to, or the latest of another's.

        Raises
        ------
        WorkspaceError
            "no_board" as in `open`, "no_board_part".
        """
        if not self._base.exists():
            raise WorkspaceError("no_board", id=board[:LETTERS])
        with self._base.open() as base:
            latest = _readable(base, board, asker)
            row = base.execute(_PART, (latest.id, digest, 1 if latest.owner == asker else latest.version)).fetchone()
        if row is None:
            raise WorkspaceError("no_board_part")
        return bytes(row["data"])

    def versions(self, id: str, *, asker: str, most: int = MOST_LISTED) -> tuple[KeptBoard, ...]:
        """The last `most` versions of one's board, oldest first; of another's the latest alone."""
        latest = self.open(id, asker=asker)
        if latest.owner != asker:
            return (latest,)
        with self._base.open() as base:
            rows = base.execute(f"{_SELECT} WHERE id = ? ORDER BY version DESC LIMIT ?", (latest.id, most)).fetchall()
        return tuple(_kept(row) for row in reversed(rows))

    def boards(self, owner: str) -> tuple[KeptBoard, ...]:
        """Latest version of each of the owner's boards, that changed last first."""
        return self._latest("owner = ?", (owner,))

    def received(self) -> tuple[KeptBoard, ...]:
        """Latest version of each board that is given to whoever acts, that changed last first."""
        return self._latest(*grants.among_given())

    def _latest(self, where: str, values: Sequence[object]) -> tuple[KeptBoard, ...]:
        if not self._base.exists():
            return ()
        with self._base.open() as base:
            rows = base.execute(f"{_SELECT} WHERE {where} AND {_LATEST} ORDER BY saved_at DESC, id", values)
            return tuple(_kept(row) for row in rows)

    def rename(self, id: str, name: str, *, owner: str) -> KeptBoard:
        """Give one's board another name; one that another board of the owner's has gets a number."""
        line = named(name, "no_board_name")
        with self._base.open(write=True) as base:
            kept = _own(base, id, owner)
            _rename(base, kept, owner, line)
            audit.record(base, "board.rename", kept, owner=owner)
            return _one(base, kept, None)

    def share(self, id: str, *, owner: str, shared: bool) -> KeptBoard:
        """Let whoever knows the id open one's board, or its owner alone."""
        with self._base.open(write=True) as base:
            kept = _own(base, id, owner)
            self._share(base, kept, grants.Access(grants.LINK if shared else grants.PRIVATE))
            audit.record(base, "board.share", kept, owner=owner, level=grants.LINK if shared else grants.PRIVATE)
            return _one(base, kept, None)

    def delete(self, id: str, *, owner: str) -> None:
        """Remove one's board for good: every version, and the parts that nothing else refers to."""
        with self._base.open(write=True) as base:
            kept = _own(base, id, owner)
            self._erase(base, kept)
            audit.record(base, "board.delete", kept, owner=owner)

    def _erase(self, base: Any, id: str) -> None:
        base.execute("PRAGMA secure_delete = ON")
        for table in ("use", "version", "board"):
            base.execute(f"DELETE FROM {table} WHERE id = ?", (id,))
        base.execute("DELETE FROM part WHERE digest NOT IN (SELECT digest FROM use)")
        grants.drop(base, id)


def _check(document: str, parts: Mapping[str, bytes]) -> None:
    """Refuse what is too large to keep.

    Raises
    ------
    ValueError
        A part is given under a digest that is not its own.
    """
    if max(len(document.encode()), *map(len, parts.values()), 0) > LARGEST:
        raise WorkspaceError("board_too_large", most=LARGEST)
    wrong = next((digest for digest, data in parts.items() if hashlib.sha256(data).hexdigest() != digest), None)
    if wrong is not None:
        raise ValueError(f"{wrong} is not the digest of its part")


def _put(
    base: Connection, place: tuple[str, int], owner: str, parts: Mapping[str, bytes], digests: Collection[str]
) -> None:
    """Keep the parts that are new, and note all that the version refers to."""
    for digest in {*digests} - parts.keys():
        if base.execute(_OWNED, (digest, owner)).fetchone() is None:
            raise WorkspaceError("no_board_part")
    base.executemany("INSERT OR IGNORE INTO part VALUES (?, ?)", parts.items())
    base.executemany("INSERT INTO use VALUES (?, ?, ?)", [(*place, digest) for digest in {*digests, *parts}])


def _new(base: Connection, owner: str, name: str) -> str:
    made = new_id()
    base.execute("INSERT INTO board VALUES (?, ?, ?, 0)", (made, owner, _distinct(base, made, owner, name)))
    return made


def _rename(base: Connection, id: str, owner: str, name: str) -> None:
    base.execute("UPDATE board SET name = ? WHERE id = ?", (_distinct(base, id, owner, name), id))


def _distinct(base: Connection, id: str, owner: str, name: str) -> str:
    """The name, or the first of "name (2)", "name (3)" ... that no other board of the owner's has."""
    taken = {row["name"] for row in base.execute("SELECT name FROM board WHERE owner = ? AND id != ?", (owner, id))}
    return distinct(name, taken)


def _own(base: Connection, id: str, owner: str) -> str:
    """Id of a board of the owner's."""
    found = _readable(base, id, owner)
    if found.owner != owner:
        raise WorkspaceError("not_your_board", id=found.id)
    return found.id


def _readable(base: Connection, id: str, asker: str) -> KeptBoard:
    """Latest version of a board that the asker may open."""
    row = base.execute(f"{_SELECT} WHERE id = ? AND {_LATEST}", (read_id(id),)).fetchone()
    if row is None or not (row["owner"] == asker or grants.given(base, row["id"], row["shared"])):
        raise WorkspaceError("no_board", id=id[:LETTERS])
    return _kept(row)


def _one(base: Connection, id: str, version: int | None) -> KeptBoard:
    which = _LATEST if version is None else "CAST(version AS TEXT) = ?"
    asked = () if version is None else (str(version),)
    row = base.execute(f"{_SELECT} WHERE id = ? AND {which}", (id, *asked)).fetchone()
    if row is None:
        raise WorkspaceError("no_board_version", number=version)
    return _kept(row)


def _kept(row: Any) -> KeptBoard:
    values: dict[str, Any] = dict(row)
    when, shared = datetime.fromisoformat(values["saved_at"]), bool(values["shared"])
    return KeptBoard(**{**values, "saved_at": when, "shared": shared})
