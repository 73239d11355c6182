"""Who wrote what and when: a row of every write, kept by the same transaction, and never changed.

A row holds no names and no contents: what was deleted leaves nothing but the fact. It goes when it is old.
"""

import hashlib
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from data import people, tally
from data.workspace import rights

if TYPE_CHECKING:
    from data.workspace.base import Keeper

DAYS = "POSTHOUSE_AUDIT_DAYS"
"""Environment variable: days after which a row goes, 0 for never."""
KEPT_DAYS = 730
MOST = 5_000
"""Rows that are read."""
FIGURES = 32
"""Of a digest that stands for an owner."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS audit (
    moment TEXT NOT NULL, who TEXT NOT NULL, name TEXT NOT NULL, whose TEXT NOT NULL, what TEXT NOT NULL,
    thing TEXT NOT NULL, version INTEGER NOT NULL, said TEXT NOT NULL);
"""
WRITES = {
    "save": "save",
    "branch": "save",
    "rename": "save",
    "archive": "save",
    "restore": "save",
    "undo": "save",
    "redo": "save",
    "network": "save",
    "remember": "save",
    "take_over": "save",
    "mend": "save",
    "share": "share",
    "delete": "delete",
    "take_back": "administer",
    "take_away": "administer",
}
"""What a row tells of, and the action that it takes the right to."""
_INSERT = "INSERT INTO audit (moment, who, name, whose, what, thing, version, said) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_SELECT = "SELECT moment, who, name, whose, what, thing, version, said FROM audit"


@dataclass(frozen=True, slots=True)
class Entry:
    """One write.

    Attributes
    ----------
    at : datetime
        UTC.
    who, whose : str
        Digests of whoever wrote and of the owner of what was written; see `digest`.
    name : str
        Of whoever wrote, as it was shown; "" without sign-in.
    kind, what : str
        Of thing ("market", "board", "scenario", "forecast", "link") and of write: a key of WRITES.
    thing : str
        Its id; "" for none.
    version : int
        That was written; 0 where there is none.
    said : mapping of str to str or int
        Counts and levels, no contents.
    """

    at: datetime
    who: str
    whose: str
    name: str
    kind: str
    what: str
    thing: str
    version: int
    said: Mapping[str, str | int]


def digest(owner: str) -> str:
    """What stands for an owner in the log."""
    return hashlib.sha256(owner.encode()).hexdigest()[:FIGURES]


def record(
    base: Any, what: str, thing: str, *, owner: str = "", whose: str = "", version: int = 0, **said: str | int
) -> None:
    """Add a row to the transaction that writes; refuse, and so undo, what whoever acts has no right to.

    Parameters
    ----------
    what : str
        Kind and write: "board.rename".
    owner : str
        Of the thing; `whose` instead where only a digest of it is known.

    Raises
    ------
    WorkspaceError
        "may_not", "signed_out".
    """
    rights.need(rights.action(WRITES[what.partition(".")[2]], owner))
    person, now, holder = people.acting(), datetime.now(UTC), whose[:FIGURES] or digest(owner)
    who, name = (digest(person.owner), person.name) if person is not None else (holder, "")
    told = json.dumps(said, ensure_ascii=False)
    base.execute(_INSERT, (now.isoformat(), who, name, holder, what, thing, version, told))
    days = kept_days()
    if days:
        base.execute("DELETE FROM audit WHERE moment < ?", ((now - timedelta(days=days)).isoformat(),))
    tally.tell(tally.WROTE, what)


def kept_days() -> int:
    """Days for which rows are kept, 0 for ever; 730 where nothing sensible is set."""
    given = os.environ.get(DAYS, "").strip()
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 6 else KEPT_DAYS


def activity(keeper: "Keeper", owners: Collection[str]) -> tuple[Entry, ...]:
    """The last writes by `owners` or on what is theirs, the latest first; those of all for an administrator."""
    if not keeper.exists():
        return ()
    marks = sorted({digest(owner) for owner in owners})
    places = ", ".join("?" * len(marks)) or "''"
    where, values = f"WHERE who IN ({places}) OR whose IN ({places})", (*marks, *marks)
    if rights.administers():
        where, values = "", ()
    with keeper.open() as base:
        rows = base.execute(f"{_SELECT} {where} ORDER BY moment DESC LIMIT {MOST}", values).fetchall()
    return tuple(_entry(*row) for row in rows)


def _entry(moment: str, who: str, name: str, whose: str, what: str, thing: str, version: int, said: str) -> Entry:
    kind, _, did = what.partition(".")
    return Entry(datetime.fromisoformat(moment), who, whose, name, kind, did, thing, int(version), json.loads(said))
