"""Saves that a program was told had been kept, in a journal of their own: what is lost is counted from it alone."""

import json
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from data.workspace import Boards, Ledger, Place, Shelf, WorkspaceError
from tests.made_workspace import OWNER, STORES, document, holds, save


@dataclass(frozen=True, slots=True)
class Outcome:
    """One line of the table.

    Attributes
    ----------
    fault : str
    tries, acknowledged, lost : int
        How often it struck, saves that were acknowledged, and those of them that are not there, or not as they were.
    seen : str
        What whoever works then sees.
    """

    fault: str
    tries: int
    acknowledged: int
    lost: int
    seen: str


@dataclass(slots=True)
class Journal:
    """Acknowledged saves, one line each, on the disk before the next save begins.

    Attributes
    ----------
    path : Path
    ids : mapping of str to str
        What the saves are versions of, by store.
    """

    path: Path
    ids: dict[str, str] = field(default_factory=dict)

    def note(self, store: str, id: str, n: int) -> None:
        """Write one line."""
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, (json.dumps([store, id, n]) + "\n").encode())
            os.fsync(handle)
        finally:
            os.close(handle)

    def lines(self) -> list[tuple[str, str, int]]:
        """All lines that were written whole."""
        text = self.path.read_text() if self.path.exists() else ""
        return [tuple(json.loads(line)) for line in text.splitlines()]

    def next_number(self) -> int:
        """A number that no save had."""
        return max((n for _, _, n in self.lines()), default=0) + 1_000

    def lost(self, folder: Path, since: int = 0) -> list[tuple[str, str, int]]:
        """Acknowledged saves from line `since` on that are not there, or not as they were."""
        return [line for line in self.lines()[since:] if not found(folder, *line)]


def found(folder: Path, store: str, id: str, n: int) -> bool:
    """Whether a save is there as it was."""
    try:
        return holds(folder, store, id, n)
    except WorkspaceError:
        return False


def begin(folder: Path, journal: Journal) -> None:
    """First saves of every store."""
    for store in STORES:
        journal.ids[store] = save(folder, store, 1)
        journal.note(store, journal.ids[store], 1)


def one(folder: Place, journal: Journal, store: str, n: int) -> str:
    """Save once and note it; the code of the refusal, "" for none."""
    try:
        id = save(folder, store, n, journal.ids.get(store) if store not in ("forecasts", "links") else None)
    except WorkspaceError as error:
        return error.code
    journal.note(store, id, n)
    return ""


def go_on(folder: Path, journal: Journal, seed: int, first: int, most: int = 1 << 30) -> dict[str, int]:
    """Save in stores taken by chance, number after number; refusals by code."""
    dice, refusals = random.Random(seed), dict[str, int]()
    for n in range(first, first + most):
        code = one(folder, journal, dice.choice(STORES), n)
        if code:
            refusals[code] = refusals.get(code, 0) + 1
    return refusals


def half_written(folder: Path, journal: Journal) -> int:
    """Versions that can be read and are not what any save wrote."""
    documents = [kept.document for kept in Shelf(folder).versions(journal.ids["scenarios"])]
    documents += [kept.document for kept in Boards(folder).versions(journal.ids["boards"], asker=OWNER, most=100_000)]
    documents += [kept.document for kept in Ledger(folder).list(OWNER)]
    return sum(text != document(json.loads(text)["n"]) for text in documents)


@contextmanager
def child(work: Callable[[], object]) -> Iterator[int]:
    """Run work in a process of its own; whoever leaves the block waits for it."""
    number = os.fork()
    if number == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    try:
        yield number
    finally:
        os.waitpid(number, 0)


def pause(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)
