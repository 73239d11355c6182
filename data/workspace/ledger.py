"""Frozen forecasts in one SQLite file: each is added once and never changed; its owner can take it off.

Forecasts are text that this room does not read.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from data.workspace import audit, grants
from data.workspace.base import LARGEST, LETTERS, Connection, named, new_id, read_id
from data.workspace.keepers import keeper
from data.workspace.postgres import Place
from data.workspace.refusal import WorkspaceError
from data.workspace.shared import SCHEMA, Removable

FILE = "forecasts.sqlite3"
FORMAT = 2
_SCHEMA = """
CREATE TABLE IF NOT EXISTS forecast (
    place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, owner TEXT NOT NULL, title TEXT NOT NULL,
    made_at TEXT NOT NULL, document TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS by_owner ON forecast (owner);
"""
_SELECT = "SELECT id, owner, title, made_at, document FROM forecast"


@dataclass(frozen=True, slots=True)
class Kept:
    """A forecast as it was frozen.

    Attributes
    ----------
    id : str
        Whoever knows it may read the forecast.
    owner, title : str
    made_at : datetime
        UTC, from the clock of whoever runs the program.
    document : str
    """

    id: str
    owner: str
    title: str
    made_at: datetime
    document: str


class Ledger(Removable):
    """Frozen forecasts of one place.

    Parameters
    ----------
    place : Path or Database
        A folder is made when the first forecast is added.
    """

    KIND, TABLE, UNKNOWN, FOREIGN = "forecast", "forecast", "no_forecast", "not_your_forecast"

    def __init__(self, place: Place) -> None:
        super().__init__(keeper(place, FILE, _SCHEMA + SCHEMA, FORMAT))

    def add(self, document: str, *, owner: str, title: str) -> Kept:
        """Keep a forecast for good."""
        line = named(title, "no_title")
        if len(document.encode()) > LARGEST:
            raise WorkspaceError("forecast_too_large", most=LARGEST)
        row = (new_id(), owner, line, datetime.now(UTC).isoformat(), document)
        with self._base.open(write=True) as base:
            base.execute("INSERT INTO forecast (id, owner, title, made_at, document) VALUES (?, ?, ?, ?, ?)", row)
            grants.close(base, row[0])
            audit.record(base, "forecast.save", row[0], owner=owner)
            return _one(base, row[0])

    def list(self, owner: str) -> tuple[Kept, ...]:
        """The owner's forecasts, the last one added first."""
        if not self._base.exists():
            return ()
        with self._base.open() as base:
            rows = base.execute(f"{_SELECT} WHERE owner = ? ORDER BY place DESC", (owner,))
            return tuple(_kept(row) for row in rows)

    def get(self, id: str) -> Kept:
        """A forecast, for whoever knows its id; that of a signed-in person for him alone."""
        if not self._base.exists():
            raise WorkspaceError("no_forecast", id=id[:LETTERS])
        with self._base.open() as base:
            return _one(base, id)

    def remove(self, id: str, *, owner: str) -> None:
        """Take one's forecast off the ledger and off the disk."""
        if not self._base.exists():
            raise WorkspaceError("no_forecast", id=id[:LETTERS])
        with self._base.open(write=True) as base:
            found = _one(base, id)
            if found.owner != owner:
                raise WorkspaceError("not_your_forecast", id=found.id)
            self._erase(base, found.id)
            audit.record(base, "forecast.delete", found.id, owner=owner)

    def _erase(self, base: Any, id: str) -> None:
        base.execute("PRAGMA secure_delete = ON")
        base.execute("DELETE FROM forecast WHERE id = ?", (id,))
        grants.drop(base, id)


def _one(base: Connection, id: str) -> Kept:
    row = base.execute(f"{_SELECT} WHERE id = ?", (read_id(id),)).fetchone()
    if row is None or grants.closed(base, row["id"]):
        raise WorkspaceError("no_forecast", id=id[:LETTERS])
    return _kept(row)


def _kept(row: Any) -> Kept:
    values = dict(row)
    return Kept(**{**values, "made_at": datetime.fromisoformat(values["made_at"])})
