"""What stores of owned things have in common: their log, sharing, and what an administrator may take back."""

from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from data.workspace import audit, grants, rights
from data.workspace.audit import Entry
from data.workspace.base import LETTERS, read_id
from data.workspace.grants import LINK, PRIVATE, Access
from data.workspace.keepers import Room
from data.workspace.refusal import WorkspaceError

SCHEMA = audit.SCHEMA + grants.SCHEMA


class Owned(Room):
    """A store whose things have an owner, and whose writes are in its log."""

    KIND: ClassVar[str]
    """First part of what its log tells."""
    TABLE: ClassVar[str]

    def activity(self, *owners: str) -> tuple[Entry, ...]:
        """The last writes by these owners or on what is theirs, the latest first; of all for an administrator."""
        return audit.activity(self._base, owners)

    def count(self, *owners: str) -> int:
        """How many things these owners have."""
        if not self.exists():
            return 0
        with self._base.open() as base:
            return self._count(base, [self._kept_as(owner) for owner in owners])

    def _count(self, base: Any, kept: Sequence[str]) -> int:
        places = ", ".join("?" * len(kept)) or "NULL"
        return int(base.execute(f"SELECT count(*) FROM {self.TABLE} WHERE owner IN ({places})", kept).fetchone()[0])

    def take_over(self, before: str, owner: str) -> int:
        """Make the things of `before` those of `owner`; how many."""
        if not self.count(before):
            return 0
        old, new = self._kept_as(before), self._kept_as(owner)
        with self._base.open(write=True) as base:
            found = self._count(base, [old])
            self._hand_over(base, old, new)
            audit.record(base, f"{self.KIND}.take_over", "", owner=owner, n=found)
        return found

    def _hand_over(self, base: Any, before: str, owner: str) -> None:
        base.execute(f"UPDATE {self.TABLE} SET owner = ? WHERE owner = ?", (owner, before))

    @staticmethod
    def _kept_as(owner: str) -> str:
        """What the store keeps of an owner's name."""
        return owner

    @staticmethod
    def _mark(kept: str) -> str:
        """Digest for the log of an owner as the store keeps him."""
        return audit.digest(kept)


class Removable(Owned):
    """A store whose things an administrator may delete."""

    UNKNOWN: ClassVar[str]
    FOREIGN: ClassVar[str]
    """Codes of the refusals where there is no such thing, and where it is another's."""

    def has(self, id: str) -> bool:
        """Whether there is anyone's thing of this id; for administrators."""
        rights.need("administer")
        if not self.exists():
            return False
        with self._base.open() as base:
            row = base.execute(f"SELECT 1 FROM {self.TABLE} WHERE id = ?", (read_id(id),)).fetchone()
            return row is not None

    def take_away(self, id: str) -> None:
        """Delete anyone's thing; for administrators."""
        rights.need("administer")
        with self._base.open(write=True) as base:
            kept, whose = self._found(base, id, None)
            self._erase(base, kept)
            audit.record(base, f"{self.KIND}.take_away", kept, whose=self._mark(whose))

    def _found(self, base: Any, id: str, owner: str | None) -> tuple[str, str]:
        """Id of a thing, of this owner where one is named, and what is kept of its owner's name."""
        row = base.execute(f"SELECT id, owner FROM {self.TABLE} WHERE id = ?", (read_id(id),)).fetchone()
        if row is None:
            raise WorkspaceError(self.UNKNOWN, id=id[:LETTERS])
        if owner is not None and row[1] != self._kept_as(owner):
            raise WorkspaceError(self.FOREIGN, id=id[:LETTERS])
        return str(row[0]), str(row[1])

    def _erase(self, base: Any, id: str) -> None:
        """Delete a thing with all that belongs to it alone."""
        raise NotImplementedError


class Shared(Removable):
    """A store whose things can be shared."""

    FLAG: ClassVar[str] = LINK
    """What the column `shared` means."""

    def access(self, id: str, *, owner: str) -> Access:
        """Who may read one's thing beside oneself.

        Raises
        ------
        WorkspaceError
            Where there is none of this id, or it is another's.
        """
        with self._base.open() as base:
            kept, _ = self._found(base, id, owner)
            return Access(self.FLAG) if self._flag(base, kept) else grants.read(base, kept)

    def allow(self, id: str, level: str, *, owner: str, people: Collection[str] = ()) -> Access:
        """Share one's thing with these and no others: see `grants.checked` for what is refused."""
        wanted = grants.checked(level, people)
        with self._base.open(write=True) as base:
            kept, whose = self._found(base, id, owner)
            self._claim(base, kept)
            self._share(base, kept, wanted)
            mark, n = self._mark(whose), len(wanted.people)
            audit.record(base, f"{self.KIND}.share", kept, whose=mark, level=wanted.level, people=n)
        return wanted

    def given(self) -> tuple[str, ...]:
        """Ids of what is given to whoever acts, by name or as to everyone here."""
        if not self.exists():
            return ()
        with self._base.open() as base:
            return grants.listed(base)

    def take_back(self, id: str) -> None:
        """Make anyone's thing private again; for administrators."""
        rights.need("administer")
        with self._base.open(write=True) as base:
            kept, whose = self._found(base, id, None)
            self._share(base, kept, Access(PRIVATE))
            audit.record(base, f"{self.KIND}.take_back", kept, whose=self._mark(whose))

    def _claim(self, base: Any, id: str) -> None:
        """Note whose a thing is, where its owner's name does not tell."""

    def _share(self, base: Any, id: str, access: Access) -> None:
        self._set_flag(base, id, access.level == self.FLAG)
        grants.put(base, id, Access() if access.level == self.FLAG else access)

    def _flag(self, base: Any, id: str) -> bool:
        return bool(base.execute(f"SELECT shared FROM {self.TABLE} WHERE id = ?", (id,)).fetchone()[0])

    def _set_flag(self, base: Any, id: str, on: bool) -> None:
        base.execute(f"UPDATE {self.TABLE} SET shared = ? WHERE id = ?", (int(on), id))
