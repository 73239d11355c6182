"""A spare of a file while it is written, for DuckDB may be killed half-way through a block that is in use.

The spare is what the file was before: whoever opens a file that is damaged, and finds a spare, puts it back.
"""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from data.workspace.refusal import WorkspaceError

PAUSE_SECONDS = 0.02


@contextmanager
def alone(path: Path, *, seconds: float) -> Iterator[None]:
    """Keep other threads and programs from the file meanwhile, where the system has such locks.

    Raises
    ------
    WorkspaceError
        "busy" when another has been at it for so many seconds.
    """
    try:
        import fcntl
    except ImportError:  # Windows: DuckDB's own lock has to do
        yield
        return
    try:
        lock = _beside(path, ".lock").open("a")
    except OSError:  # nobody can write here, so nobody does
        yield
        return
    with lock:
        until = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > until:
                    raise WorkspaceError("busy", path=path) from error
            time.sleep(PAUSE_SECONDS)
        yield


def prepare(path: Path) -> None:
    """Copy the file and its log aside; the copy counts only after `accept`."""
    for one in _parts(path):
        if one.is_file():
            shutil.copyfile(one, _beside(one, ".new"))


def accept(path: Path) -> None:
    """Make the copy the spare: the file it was made of could be opened."""
    log = _parts(path)[1]
    if not _beside(log, ".new").exists():
        _beside(log, ".spare").unlink(missing_ok=True)
    for one in reversed(_parts(path)):
        if _beside(one, ".new").exists():
            os.replace(_beside(one, ".new"), _beside(one, ".spare"))


def drop(path: Path) -> None:
    """Take the copy away that never counted."""
    for one in _parts(path):
        _beside(one, ".new").unlink(missing_ok=True)


def pending(path: Path) -> bool:
    """Whether the last program at the file was killed before it was done."""
    return _beside(path, ".spare").exists() or _parts(path)[1].exists()


def restore(path: Path) -> bool:
    """Put the spare back in the place of a damaged file; whether there was one."""
    if not _beside(path, ".spare").exists():
        return False
    _parts(path)[1].unlink(missing_ok=True)
    for one in _parts(path):
        if _beside(one, ".spare").exists():
            shutil.copyfile(_beside(one, ".spare"), _beside(one, ".new"))
            os.replace(_beside(one, ".new"), one)
    return True


def forget(path: Path) -> None:
    """Take the spare away: the file was written and closed."""
    with suppress(OSError):
        drop(path)
        for one in _parts(path):
            _beside(one, ".spare").unlink(missing_ok=True)


def _parts(path: Path) -> tuple[Path, Path]:
    return path, _beside(path, ".wal")


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
