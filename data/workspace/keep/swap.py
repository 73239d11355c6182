"""What was restored, put in the place of what was there: wholly or not at all, whenever the program is killed.

A journal is written once all that comes in is on the disk. Before it, the old workspace stands; from it on the new one
does, for whoever opens the workspace next takes the journal's last steps first. Each file changes places with its
successor in one step of the system where it has such a step (Linux), so that no store is missing for a moment.
"""

import ctypes
import errno
import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from data.workspace import JOURNAL, damage, room, spare
from data.workspace.base import WAIT_SECONDS, new_id
from data.workspace.keep.archive import Manifest
from data.workspace.keep.stores import BEFORE, DUCK, GOOD, INCOMING, SIDES, fsync, hold, others, stores
from data.workspace.keep.unpack import drop, unpack
from data.workspace.refusal import WorkspaceError

_TURN = ".turn"
_EXCHANGE, _HERE = 2, -100
"""Of renameat2: the flag, and the folder that paths are relative to."""


def restore(file: Path, folder: Path, *, replace: bool = False) -> tuple[Manifest, Path | None]:
    """Put a backup in the place of a workspace; gives the folder in which what was there is kept, None for nothing.

    Raises
    ------
    WorkspaceError
        "occupied" where something is kept and `replace` is not set, "no_backup", "bad_backup", "newer", "full",
        "busy", "cannot_read", "cannot_write".
    """
    recover(folder)
    if not replace and (stores(folder) or others(folder)):
        raise WorkspaceError("occupied", path=folder)
    incoming = folder / f"{INCOMING}{new_id()}"
    try:
        incoming.mkdir(parents=True)
        with _turn(folder):
            for left in folder.glob(f"{INCOMING}*"):
                if left != incoming:
                    drop(left)
            found = unpack(file, incoming)
            with _held(folder):
                _commit(folder, incoming)
                return found, _finish(folder)
    except OSError as error:
        raise WorkspaceError(room.code(error), path=folder) from error
    finally:
        if not (folder / JOURNAL).exists():
            drop(incoming)


def recover(folder: Path) -> bool:
    """Take the last steps of a restore that was killed; whether there was one."""
    if not (folder / JOURNAL).exists():
        return False
    with _turn(folder):
        if not (folder / JOURNAL).exists():
            return False
        _finish(folder)
    return True


def _turn(folder: Path) -> ExitStack:
    """One program at a time."""
    stack = ExitStack()
    stack.enter_context(spare.alone(folder / _TURN, seconds=WAIT_SECONDS))
    return stack


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Wait for those who are saving, and let nobody begin; a damaged store holds nobody up."""
    with ExitStack() as stack:
        for path in stores(folder):
            if path.suffix == DUCK:
                stack.enter_context(spare.alone(path, seconds=WAIT_SECONDS))
            else:
                hold(path, stack)
        yield


def _commit(folder: Path, incoming: Path) -> None:
    """Write the journal: from here on the new workspace stands."""
    coming = {entry.name: _number(entry) for entry in incoming.iterdir()}
    here = (*stores(folder), *others(folder))
    leaving = {path.relative_to(folder).parts[0] for path in here}
    if coming and (folder / GOOD).exists():  # copies of what is there now are no good copies of what comes
        leaving.add(GOOD)
    sides = [path.name + end for path in stores(folder) for end in SIDES[path.suffix]]
    plan = {
        "incoming": incoming.name,
        "before": f"{BEFORE}{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{new_id()[:4]}" if leaving else "",
        "coming": coming,
        "leaving": sorted(leaving - coming.keys()) + [name for name in sides if (folder / name).exists()],
    }
    made = folder / f"{JOURNAL}.{new_id()}"
    made.write_text(json.dumps(plan), "utf-8")
    fsync(made)
    os.replace(made, folder / JOURNAL)
    fsync(folder)


def _finish(folder: Path) -> Path | None:
    """Take the steps of the journal that were not taken yet; each may be taken twice."""
    plan = json.loads((folder / JOURNAL).read_text("utf-8"))
    incoming = folder / plan["incoming"]
    for name in plan["leaving"]:
        if (folder / name).exists() and not (incoming / name).exists():
            os.replace(folder / name, incoming / name)
    for name, number in plan["coming"].items():
        if _number(folder / name) != number:
            change_places(incoming / name, folder / name)
    for name in plan["coming"]:
        damage.forget(folder / name)
    fsync(folder)
    before = folder / plan["before"] if plan["before"] else None
    if incoming.exists():
        if before is None:
            drop(incoming)
        else:
            os.replace(incoming, before)
    with suppress(FileNotFoundError):
        (folder / JOURNAL).unlink()
    fsync(folder)
    return before


def _number(path: Path) -> int:
    """Number of a file on its disk, which it keeps under every name; 0 where there is none."""
    try:
        return path.lstat().st_ino
    except FileNotFoundError:
        return 0


def change_places(coming: Path, here: Path) -> None:
    """Let two files or folders change places, in one step where the system can."""
    if not here.exists():
        os.rename(coming, here)
        return
    if exchange(coming, here):
        return
    aside = coming.with_name(f"{coming.name}.{new_id()}")
    os.rename(here, aside)
    os.rename(coming, here)
    os.rename(aside, coming)


def exchange(one: Path, other: Path) -> bool:
    """Let two paths change places at once; False where the system or the disk has no such step."""
    if not sys.platform.startswith("linux"):
        return False
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    if call(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(number, os.strerror(number), str(one))


def replaced(folder: Path) -> tuple[Path, ...]:
    """Folders in which what was replaced is kept, by name."""
    return tuple(sorted(folder.glob(f"{BEFORE}*"))) if folder.is_dir() else ()
