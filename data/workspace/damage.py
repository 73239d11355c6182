"""Stores that this program has found damaged, so that the good copy is offered where they are met."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from data.workspace.reading import connect
from data.workspace.refusal import WorkspaceError

MOST_PROBED = 32 * 2**20
"""Bytes of a SQLite file that is looked through whenever it has changed; larger ones are looked into."""
Stamp = list[int]
_MET: dict[Path, int] = {}
"""Number of the file in which damage was met: a file put in its place is another."""
_PROBED: dict[Path, tuple[Stamp, bool]] = {}
_LOCK = threading.Lock()


def met(error: WorkspaceError) -> WorkspaceError:
    """Note what an error says is damaged; gives the error back."""
    if error.code == "damaged":
        note(Path(error.values["path"]))
    return error


def note(path: Path) -> None:
    """Note a damaged store."""
    seen = stamp(path)
    with _LOCK:
        _MET[path] = seen[2] if seen else 0


def forget(path: Path) -> None:
    """Forget what was noted of a store: it was mended."""
    with _LOCK:
        _MET.pop(path, None)
        _PROBED.pop(path, None)


def found(stores: tuple[Path, ...]) -> tuple[Path, ...]:
    """Those stores that are damaged, as was met or shows at a look; a look is taken when a file has changed."""
    return tuple(path for path in stores if _is_met(path) or _is_damaged(path))


def _is_met(path: Path) -> bool:
    """Whether damage was met in the very file."""
    seen = stamp(path)
    with _LOCK:
        return seen is not None and _MET.get(path) == seen[2]


def _is_damaged(path: Path) -> bool:
    seen = stamp(path)
    if seen is None:
        return False
    with _LOCK:
        known = _PROBED.get(path)
    if known is None or known[0] != seen:
        known = seen, _shows(path, seen[1])
        with _LOCK:
            _PROBED[path] = known
    return known[1]


def _shows(path: Path, size: int) -> bool:
    """Whether damage shows at a look; a file that is busy or may not be read is not damaged."""
    try:
        if path.suffix != ".sqlite3":
            with path.open("rb") as file:
                return file.read(12)[8:] != b"DUCK"
        with closing(connect(path, write=False, seconds=1.0)) as base:
            base.execute("SELECT count(*) FROM sqlite_master").fetchone()
            look = "PRAGMA integrity_check(1)" if size <= MOST_PROBED else "SELECT 'ok'"
            return bool(base.execute(look).fetchone()[0] != "ok")
    except (OSError, sqlite3.OperationalError):
        return False
    except sqlite3.DatabaseError:
        return True


def stamp(path: Path) -> Stamp | None:
    """Time, size and number of a file; None where it cannot be looked at."""
    try:
        seen = path.stat()
    except OSError:
        return None
    return [seen.st_mtime_ns, seen.st_size, seen.st_ino]
