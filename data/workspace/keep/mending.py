"""A damaged store put aside, and its last good copy put in its place."""

import logging
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from data import people
from data.workspace import audit, damage, rights, room, spare
from data.workspace.base import WAIT_SECONDS, new_id
from data.workspace.keep.good import Copy, last_good
from data.workspace.keep.stores import CONFIG, DAMAGED, SIDES, SQLITE, fsync, hold, stores
from data.workspace.keep.verify import verified
from data.workspace.refusal import WorkspaceError

_LOG = logging.getLogger(__name__)
_COUNTED = ("version", "forecast", "link")
"""Tables whose rows are saves."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be done for a damaged store.

    Attributes
    ----------
    store : str
    copy : Copy or None
        The last good copy; None where there is none.
    saves : int
        Saves that come back with it.
    """

    store: str
    copy: Copy | None
    saves: int


@dataclass(frozen=True, slots=True)
class Mended:
    """What was done.

    Attributes
    ----------
    store : str
    copy : Copy
        Now in place.
    aside : Path
        Where the damaged file is; it is never deleted.
    lost : int or None
        Saves that can still be counted in the damaged file and are not in the copy; None where they cannot.
    """

    store: str
    copy: Copy
    aside: Path
    lost: int | None


def offer(folder: Path) -> tuple[Offer, ...]:
    """What can be done for each store that shows damage."""
    found = []
    for path in damage.found(stores(folder)):
        copy = last_good(folder, path.name)
        found.append(Offer(path.name, copy, (saves(copy.path, path.suffix) or 0) if copy else 0))
    return tuple(found)


def mend(folder: Path, store: str, *, owner: str = "", shown: bool = False) -> Mended:
    """Put a damaged store aside and its last good copy in its place; killed at any moment, one of the two is there.

    Parameters
    ----------
    owner : str
        Whoever does it where nobody signs in; only an administrator does where people do.
    shown : bool
        Refuse a store that shows no damage any more: what another look found is not known to this program.

    Raises
    ------
    WorkspaceError
        "may_not", "signed_out", "no_good" without a good copy, "sound", "full", "busy", "cannot_write".
    """
    if people.acting() is not None:
        rights.need("administer")
    path, copy = folder / Path(store).name, last_good(folder, store)
    if copy is None or path.suffix not in SIDES:
        raise WorkspaceError("no_good", path=path)
    verified(copy.path, store)
    made = path.with_name(f"{path.name}.{new_id()}.mending")
    aside = path.with_name(f"{path.name}{DAMAGED}{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{new_id()[:4]}")
    try:
        room.need(path, copy.path.stat().st_size)
        shutil.copyfile(copy.path, made)
        fsync(made)
        with _held(path):
            if shown and not damage.found((path,)):
                raise WorkspaceError("sound", path=path)
            counted = saves(path, path.suffix)
            _put_aside(path, aside)
            os.replace(made, path)
            fsync(folder)
            damage.forget(path)
    except OSError as error:
        raise WorkspaceError(room.code(error), path=path) from error
    finally:
        with suppress(OSError):
            made.unlink(missing_ok=True)
    _log(folder, store, owner)
    back = saves(copy.path, path.suffix)
    lost = max(counted - back, 0) if counted is not None and back is not None else None
    return Mended(store, copy, aside, lost)


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Wait for those who are at the file, and let nobody begin."""
    with ExitStack() as stack:
        stack.enter_context(spare.alone(path, seconds=WAIT_SECONDS))
        if path.suffix == SQLITE and path.exists():
            hold(path, stack)
        yield


def _log(folder: Path, store: str, owner: str) -> None:
    """Add a row to the log of a store that was mended; it is mended even where no row can be added."""
    from data.workspace.transfer import STORES

    made = STORES.get(Path(store).stem)
    if made is None:
        return
    kept = made(folder)
    try:
        with kept.keeper.open(write=True) as base:
            audit.record(base, f"{kept.KIND}.mend", "", owner=owner)
    except WorkspaceError as error:
        _LOG.warning("%s was mended, and its log has no row of it: %s", store, error)


def _put_aside(path: Path, aside: Path) -> None:
    """Give the damaged file its other name, while it keeps its own, and take its logs along."""
    if path.exists():
        try:
            os.link(path, aside)
        except OSError:  # a disk without links
            shutil.copyfile(path, aside)
    for ending in SIDES[path.suffix]:
        beside = path.with_name(path.name + ending)
        if beside.exists():
            os.replace(beside, aside.with_name(aside.name + ending))


def saves(path: Path, suffix: str) -> int | None:
    """Saves in a store that nobody writes; None where it cannot be read."""
    if not path.is_file():
        return None
    if suffix != SQLITE:
        return _duck_saves(path)
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as base:
            names = [row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return sum(
                int(base.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) for table in _COUNTED if table in names
            )
    except sqlite3.Error:
        return None


def _duck_saves(path: Path) -> int | None:
    import duckdb

    try:
        with closing(duckdb.connect(path, read_only=True, config=CONFIG)) as base:
            return int(base.execute("SELECT count(*) FROM version").fetchall()[0][0])
    except duckdb.Error:
        return None


def aside(folder: Path) -> tuple[Path, ...]:
    """Damaged files that were put aside, by name."""
    named = folder.iterdir() if folder.is_dir() else ()
    return tuple(sorted(path for path in named if re.search(rf"{DAMAGED}[0-9TZ]+-\w{{4}}$", path.name)))
