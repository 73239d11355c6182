"""Short links: an address kept under a few letters in one SQLite file, until whoever made it takes it back."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from data.workspace import audit
from data.workspace.base import ALPHABET, Connection, read_id
from data.workspace.keepers import keeper
from data.workspace.postgres import Place
from data.workspace.refusal import WorkspaceError
from data.workspace.shared import Owned

FILE = "links.sqlite3"
FORMAT = 3
LETTERS = 8
"""Of an id: 31 ** 8 is 850 billion, so that a few thousand links are not found by trying."""
LONGEST_PAGE, LONGEST_QUERY = 80, 100_000
_SHOWN = 13
_SCHEMA = """
CREATE TABLE IF NOT EXISTS link (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, page TEXT NOT NULL, query TEXT NOT NULL, made_at TEXT NOT NULL,
    deleted_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS link_owner ON link (owner);
"""
_INDEX = "DROP INDEX IF EXISTS link_state; CREATE INDEX IF NOT EXISTS link_place ON link (owner, page, query);"
"""PostgreSQL takes no entries as long as an address into an index; `link_state` took one link to an address for each
owner, and who takes over those of his browser may have two."""


@dataclass(frozen=True, slots=True)
class Link:
    """An address under a short name.

    Attributes
    ----------
    id : str
        Whoever knows it may open it.
    page, query : str
        Page, and entries of its address ("city=310100&month=2026-06").
    made_at : datetime
        UTC.
    """

    id: str
    page: str
    query: str
    made_at: datetime


class Links(Owned):
    """Short links of one place.

    Parameters
    ----------
    place : Path or Database
        A folder is made with the first link.
    """

    KIND, TABLE = "link", "link"

    def __init__(self, place: Place) -> None:
        super().__init__(keeper(place, FILE, _SCHEMA + audit.SCHEMA, FORMAT, index=_INDEX))

    def make(self, page: str, query: str, *, owner: str) -> str:
        """Id of the owner's link to an address: the one there is, else a new one.

        Raises
        ------
        WorkspaceError
            "link_too_long", and what keeping anything may raise.
        """
        if len(page) > LONGEST_PAGE or len(query) > LONGEST_QUERY:
            raise WorkspaceError("link_too_long", most=LONGEST_QUERY)
        with self._base.open(write=True) as base:
            place = (owner, page, query)
            kept = "SELECT id FROM link WHERE owner = ? AND page = ? AND query = ? AND deleted_at = ''"
            row = base.execute(kept, place).fetchone()
            if row is not None:
                return str(row["id"])
            made = _free(base)
            base.execute("INSERT INTO link VALUES (?, ?, ?, ?, ?, '')", (made, *place, datetime.now(UTC).isoformat()))
            audit.record(base, "link.save", made, owner=owner)
            return made

    def open(self, id: str) -> Link:
        """The address under an id.

        Raises
        ------
        WorkspaceError
            "link_deleted" with the day (`on`), "no_link" when nobody ever made it.
        """
        if not self._base.exists():
            raise WorkspaceError("no_link", id=id[:_SHOWN])
        with self._base.open() as base:
            row = _row(base, id)
        if row["deleted_at"]:
            raise WorkspaceError("link_deleted", id=row["id"], on=row["deleted_at"][:10])
        return _link(row)

    def links(self, owner: str) -> tuple[Link, ...]:
        """The owner's links, newest first."""
        if not self._base.exists():
            return ()
        with self._base.open() as base:
            question = "SELECT * FROM link WHERE owner = ? AND deleted_at = '' ORDER BY made_at DESC, id"
            return tuple(_link(row) for row in base.execute(question, (owner,)))

    def delete(self, id: str, *, owner: str) -> None:
        """Take one's link back: its address is gone for good, and the day on which it went is kept.

        Raises
        ------
        WorkspaceError
            "no_link" when nobody ever made it, "not_your_link"; nothing happens to one that is deleted already.
        """
        if not self._base.exists():
            raise WorkspaceError("no_link", id=id[:_SHOWN])
        with self._base.open(write=True) as base:
            row = _row(base, id)
            if row["owner"] != owner:
                raise WorkspaceError("not_your_link", id=row["id"])
            base.execute("PRAGMA secure_delete = ON")
            gone = "UPDATE link SET page = '', query = '', deleted_at = ? WHERE id = ? AND deleted_at = ''"
            base.execute(gone, (datetime.now(UTC).isoformat(), row["id"]))
            audit.record(base, "link.delete", row["id"], owner=owner)


def _free(base: Connection) -> str:
    """An id that no link, deleted ones among them, ever had."""
    while True:
        made = "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))
        if base.execute("SELECT 1 FROM link WHERE id = ?", (made,)).fetchone() is None:
            return made


def _row(base: Connection, id: str) -> Any:
    row = base.execute("SELECT * FROM link WHERE id = ?", (read_id(id),)).fetchone()
    if row is None:
        raise WorkspaceError("no_link", id=id[:_SHOWN])
    return row


def _link(row: Any) -> Link:
    return Link(row["id"], row["page"], row["query"], datetime.fromisoformat(row["made_at"]))
