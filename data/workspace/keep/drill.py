"""The recovery drill: back up, destroy, restore, and compare what is there with what was there, table by table."""

import random
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from data.workspace import room
from data.workspace.keep.digests import digests
from data.workspace.keep.good import check
from data.workspace.keep.places import backup
from data.workspace.keep.stores import others, stores
from data.workspace.keep.swap import restore
from data.workspace.postgres import Place
from data.workspace.refusal import WorkspaceError

_TORN = 4096
"""Bytes of rubbish that the drill writes into a store."""


@dataclass(frozen=True, slots=True)
class Line:
    """One table of a workspace before and after.

    Attributes
    ----------
    name : str
    before, after : str
        Digests; "" where there is none.
    """

    name: str
    before: str
    after: str

    @property
    def same(self) -> bool:
        """Whether it came back as it was."""
        return self.before == self.after


@dataclass(frozen=True, slots=True)
class Drill:
    """How a drill went.

    Attributes
    ----------
    lines : tuple of Line
    noticed : int
        Stores that `check` found wrong after they were destroyed.
    destroyed : int
        Stores and files that were destroyed.
    size : int
        Bytes of the backup.
    backup_seconds, restore_seconds : float
    left_out : tuple of str
        What the backup does not hold, as `Manifest.left_out`.
    """

    lines: tuple[Line, ...]
    noticed: int
    destroyed: int
    size: int
    backup_seconds: float
    restore_seconds: float
    left_out: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether all came back as it was."""
        return bool(self.lines) and all(line.same for line in self.lines)


def drill(place: Place, *, seed: int = 1) -> Drill:
    """Back a workspace up, destroy a copy of it, restore the copy, and compare; the workspace itself is only read.

    Raises
    ------
    WorkspaceError
        As `backup` and `restore`.
    """
    try:
        with tempfile.TemporaryDirectory() as made:
            return _drilled(place, Path(made), random.Random(seed))
    except OSError as error:
        raise WorkspaceError(room.code(error), path=tempfile.gettempdir()) from error


def _drilled(place: Place, made: Path, dice: random.Random) -> Drill:
    file, scratch = made / "drill.zip", made / "scratch"
    start = time.perf_counter()
    made_of = backup(place, file)
    before = made_of.digests
    backed_up = time.perf_counter()
    restore(file, scratch)
    destroyed = _destroy(scratch, dice)
    noticed = len({finding.file for finding in check(scratch, keep=False)})
    begun = time.perf_counter()
    restore(file, scratch, replace=True)
    took = time.perf_counter() - begun
    after = digests(scratch)
    lines = tuple(Line(name, before.get(name, ""), after.get(name, "")) for name in sorted({*before, *after}))
    return Drill(lines, noticed, destroyed, file.stat().st_size, backed_up - start, took, made_of.left_out)


def _destroy(scratch: Path, dice: random.Random) -> int:
    """Delete every third file, cut every third short, and write rubbish into the others; how many there were."""
    given = (*stores(scratch), *others(scratch))
    for n, path in enumerate(given):
        if n % 3 == 0:
            _tear(path, dice)
        elif n % 3 == 1:
            with path.open("r+b") as file:
                file.truncate(path.stat().st_size // 2)
        else:
            path.unlink()
    for inner in scratch.iterdir():
        if inner.is_dir():
            shutil.rmtree(inner, ignore_errors=True)
    return len(given)


def _tear(path: Path, dice: random.Random) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(min(64, size // 2))
        file.write(dice.randbytes(min(_TORN, size)))
