"""Disks: full, read-only, and bytes that change by themselves."""

import os
import random
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.faults_journal import Journal, Outcome, begin, found, go_on, half_written, one
from data.workspace import WorkspaceError, keep, room
from data.workspace.keep.digests import digests
from data.workspace.keep.stores import stores
from tests.made_workspace import STORES

SIZE = 48 * 2**20
LONG_AGO = 1_700_000_000  # seconds since 1970: disks change bytes without a time


@contextmanager
def small_disk() -> Iterator[Path]:
    """A disk of 48 MB in memory; needs root."""
    with tempfile.TemporaryDirectory() as made:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", made], check=True, capture_output=True)
        try:
            yield Path(made)
        finally:
            subprocess.run(["umount", "-l", made], check=False, capture_output=True)


def full(tries: int) -> Outcome:
    """Fill the disk to a few blocks and save, with the guard before the save and, every other time, without it."""
    dice, said, guard = random.Random(2), Counter[str](), room.need
    with small_disk() as disk, tempfile.TemporaryDirectory() as beside:
        folder, journal = disk / "workspace", Journal(Path(beside) / "journal")
        begin(folder, journal)
        n = 10
        for attempt in range(tries):
            room.need = guard if attempt % 2 else _unasked
            fill(disk / "ballast", leave=dice.randrange(0, 200_000))
            for _ in range(6):
                n += 1
                said[one(folder, journal, dice.choice(STORES), n) or "saved"] += 1
            (disk / "ballast").unlink()
            n += 1
            said[one(folder, journal, STORES[attempt % len(STORES)], n) or "saved after"] += 1
        room.need = guard
        return Outcome(
            "disk full",
            tries,
            len(journal.lines()),
            len(journal.lost(folder)) + half_written(folder, journal),
            told(said),
        )


def _unasked(path: Path, size: int = 0) -> None:
    """In the place of the question whether there is room: another program may take it after the answer."""


def fill(path: Path, leave: int) -> None:
    """Fill a disk but for some bytes."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\1" * 65_536)
    size = max(path.stat().st_size - leave, 0)
    with path.open("r+b") as file:
        file.truncate(size)


def read_only(tries: int) -> Outcome:
    """Make the disk read-only between two saves; read everything, and try to save."""
    said, unread = Counter[str](), 0
    with small_disk() as disk, tempfile.TemporaryDirectory() as beside:
        folder, journal = disk / "workspace", Journal(Path(beside) / "journal")
        begin(folder, journal)
        for attempt in range(tries):
            go_on(folder, journal, attempt, journal.next_number(), 3)
            remount(disk, "ro")
            unread += sum(not found(folder, *line) for line in journal.lines())
            for store in STORES:
                said[one(folder, journal, store, journal.next_number()) or "saved"] += 1
            remount(disk, "rw")
        lost = journal.lost(folder)
        seen = f"{told(said)}; all saves readable meanwhile" if not unread else f"{unread} saves unreadable meanwhile"
        return Outcome("read-only disk", tries, len(journal.lines()), len(lost), seen)


def remount(disk: Path, how: str) -> None:
    """Let a disk take writes, or none."""
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True, capture_output=True)


def corrupt(tries: int) -> Outcome:
    """Change one byte of a store at rest; it is found and mended from the good copy, or changed nothing that is kept.

    Saves made after the good copy are not counted as lost: that they may go with the damaged file is said on screen.
    """
    dice, said, lost = random.Random(3), Counter[str](), 0
    with tempfile.TemporaryDirectory() as made:
        folder, journal = Path(made) / "workspace", Journal(Path(made) / "journal")
        begin(folder, journal)
        go_on(folder, journal, 1, 10, 60)
        for path in stores(folder):
            os.utime(path, (LONG_AGO, LONG_AGO))
        assert not keep.check(folder)
        held, lines = digests(folder), journal.lines()
        for _ in range(tries):
            path = dice.choice(stores(folder))
            whole = path.read_bytes()
            flip(path, dice)
            lost += _struck(folder, path, held, said)
            lost += sum(not found(folder, *line) for line in lines if path.name.startswith(line[0]))
            path.write_bytes(whole)
            os.utime(path, (LONG_AGO, LONG_AGO))
            assert not keep.check(folder)
        return Outcome("corrupt file", tries, len(lines), lost, told(said))


def flip(path: Path, dice: random.Random) -> None:
    """Change one byte."""
    place, when = dice.randrange(path.stat().st_size), path.stat().st_mtime_ns
    with path.open("r+b") as file:
        file.seek(place)
        (before,) = file.read(1)
        file.seek(place)
        file.write(bytes([before ^ dice.randrange(1, 256)]))
    os.utime(path, ns=(when, when))


def _struck(folder: Path, path: Path, held: dict[str, str], said: Counter[str]) -> int:
    """Find the damage and mend it; 1 where it changed something unseen."""
    if keep.check(folder, keep=False):
        keep.mend(folder, path.name)
        said["found, good copy back"] += 1
        return 0
    try:
        same = digests(folder) == held
    except (WorkspaceError, OSError):
        same = False
    said["in a free byte, nothing changed" if same else "UNSEEN"] += 1
    return int(not same)


def told(said: Counter[str]) -> str:
    """What was seen, the most frequent first."""
    return ", ".join(f"{words} {n}" for words, n in said.most_common())
