"""Looking a workspace through, and a verified copy of each store that was sound, for the day on which one is not."""

import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from data.workspace import damage, spare
from data.workspace.base import new_id
from data.workspace.keep.digests import sha256
from data.workspace.keep.stores import GOOD, fsync, others, snapshot, stores
from data.workspace.keep.verify import problems
from data.workspace.refusal import WorkspaceError
from data.workspace.room import need, takes_writes
from data.workspace.store import SETTLED_NS

MOST = 7
"""Good copies of a store."""
OLDEST = timedelta(days=14)
"""Age at which a copy goes, the last one apart: what was deleted is not kept for ever."""
WAIT_SECONDS = 600.0
"""For another program that is looking the same workspace through."""
MESSAGES = {
    "damaged": "{file} is damaged ({detail})",
    "digest": "{file}: what is kept under {detail} is not what was saved",
    "changed": "{file}: {detail} is not what it was in the last good copy",
    "rotten": "{file} has other bytes than when it was last looked through, though nobody has written it since",
    "missing": "{file} is gone, and good copies of it are there",
    "newer": "{file} was written by a newer Posthouse",
    "unread": "{file} could not be looked through ({detail})",
}
REMEDIES = {
    "newer": "update this one",
    "unread": "make room, or make it readable, and check again",
    "mend": "python -m data.workspace mend {file} puts the copy of {when} in its place",
    "restore": "no good copy is left: restore a backup, or move the file away and begin anew",
}
_CHECKING, _SEEN = ".checking-", "seen.json"
_NAME = re.compile(r"(\d{6,})-(\d{8}T\d{6}Z)-([0-9a-f]{16})(\.\w+)")


@dataclass(frozen=True, slots=True)
class Copy:
    """A good copy of a store.

    Attributes
    ----------
    store : str
        Name of the store.
    path : Path
    number : int
        Higher ones are later, whatever the clock says.
    made : datetime
        UTC, by the clock of that day.
    digest : str
        16 figures of its SHA-256.
    """

    store: str
    path: Path
    number: int
    made: datetime
    digest: str

    @property
    def sound(self) -> bool:
        """Whether it is what it was when it was verified."""
        try:
            return sha256(self.path)[:16] == self.digest
        except OSError:
            return False


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a workspace.

    Attributes
    ----------
    file : str
        Name of the file.
    code : str
        One of damaged, digest, changed, rotten, missing, newer, unread.
    detail : str
    offered : Copy or None
        The last good copy.
    """

    file: str
    code: str
    detail: str = ""
    offered: Copy | None = None

    @property
    def message(self) -> str:
        """What is wrong, in English."""
        return MESSAGES[self.code].format(file=self.file, detail=self.detail)

    @property
    def remedy(self) -> str:
        """What to do about it, in English."""
        how = self.code if self.code in REMEDIES else "mend" if self.offered else "restore"
        return REMEDIES[how].format(
            file=self.file, when=f"{self.offered.made:%Y-%m-%d %H:%M} UTC" if self.offered else ""
        )


def check(folder: Path, *, keep: bool = True) -> tuple[Finding, ...]:
    """Look every store through in a copy of it, and keep the copies of those that are sound.

    Parameters
    ----------
    keep : bool
        Whether a good copy is kept, of each store at most one a day.

    Raises
    ------
    WorkspaceError
        "cannot_read" where the folder itself cannot be read, "busy" while another program does the same.
    """
    with _turn(folder, keep=keep) as made:
        found = [one for path in stores(folder) for one in _checked(folder, path, made, keep=keep)]
        found += [Finding(path.name, *one) for path in others(folder) for one in _other(path)]
    there = {path.name for path in stores(folder)}
    gone = [copy for store in _kept(folder) if store not in there for copy in copies(folder, store)[-1:]]
    return (*found, *(Finding(copy.store, "missing", offered=copy) for copy in gone))


def _checked(folder: Path, path: Path, made: Path, *, keep: bool) -> Iterator[Finding]:
    """Findings in one store; a sound one is kept where one is due."""
    copy, last = made / path.name, last_good(folder, path.name)
    try:
        need(made, path.stat().st_size)
        snapshot(path, copy)
        wrong = problems(copy, path.name, earlier=last.path if last else None)
        wrong = wrong or ((("rotten", ""),) if rotten(folder, path) else ())
        if not wrong:
            damage.forget(path)
            if keep and made.parent.name == GOOD:
                _keep(folder, copy)
                _remember(folder, path)
    except WorkspaceError as error:
        wrong = ((error.code if error.code in MESSAGES else "unread", error.code),)
    except OSError as error:
        wrong = (("unread", str(error.strerror)),)
    if any(code in ("damaged", "digest", "changed", "rotten") for code, _ in wrong):
        damage.note(path)
    yield from (Finding(path.name, code, detail, last) for code, detail in wrong)
    copy.unlink(missing_ok=True)


def _other(path: Path) -> tuple[tuple[str, str], ...]:
    """What is wrong with a file that is no store."""
    try:
        return problems(path, path.name)
    except OSError as error:
        return (("unread", str(error.strerror)),)


@contextmanager
def _turn(folder: Path, *, keep: bool) -> Iterator[Path]:
    """A folder for copies, beside the good ones where they are to be kept; one program at a time."""
    room = folder / GOOD
    if not (keep and folder.is_dir() and takes_writes(folder)):
        with tempfile.TemporaryDirectory() as elsewhere:
            yield Path(elsewhere)
        return
    try:
        room.mkdir(exist_ok=True)
    except OSError as error:
        raise WorkspaceError("cannot_write", path=room) from error
    with spare.alone(room / "check", seconds=WAIT_SECONDS):
        for left in room.glob(f"{_CHECKING}*"):
            shutil.rmtree(left, ignore_errors=True)
        made = room / f"{_CHECKING}{new_id()}"
        made.mkdir()
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)


def _keep(folder: Path, verified: Path) -> None:
    """Keep a verified copy, unless there is one of today or of the very same; the oldest go."""
    now, before = datetime.now(UTC), copies(folder, verified.name)
    digest, last = sha256(verified)[:16], before[-1] if before else None
    if last is None or (last.digest != digest and last.made.date() != now.date()):
        room = folder / GOOD / verified.name
        room.mkdir(exist_ok=True)
        number = last.number + 1 if last else 1
        os.replace(verified, room / f"{number:06d}-{now:%Y%m%dT%H%M%SZ}-{digest}{verified.suffix}")
        fsync(room)
    for copy in _superfluous(copies(folder, verified.name), now):
        with suppress(OSError):
            copy.path.unlink()


def rotten(folder: Path, path: Path) -> bool:
    """Whether a store that nobody has written since it was last looked through has other bytes than then."""
    try:
        said, seen = json.loads((folder / GOOD / path.name / _SEEN).read_text("utf-8")), damage.stamp(path)
        return said["stamp"] == seen and said["sha256"] != sha256(path) and damage.stamp(path) == seen
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _remember(folder: Path, path: Path) -> None:
    """Note the bytes of a sound store, unless somebody is writing it."""
    before = damage.stamp(path)
    if before is None or time.time_ns() - before[0] < SETTLED_NS:
        return
    digest = sha256(path)
    if before == damage.stamp(path):
        made = folder / GOOD / path.name / f"{_SEEN}.new"
        made.write_text(json.dumps({"stamp": before, "sha256": digest}), "utf-8")
        os.replace(made, made.with_suffix(""))


def _superfluous(kept: tuple[Copy, ...], now: datetime) -> tuple[Copy, ...]:
    """Copies that go: over the number, or too old; a copy of the future, by the clock, is not old."""
    return tuple(copy for n, copy in enumerate(kept[:-1]) if n < len(kept) - MOST or now - copy.made > OLDEST)


def copies(folder: Path, store: str) -> tuple[Copy, ...]:
    """Good copies of a store, the last one last."""
    room = folder / GOOD / Path(store).name
    try:
        named = [(path, _NAME.fullmatch(path.name)) for path in room.iterdir()] if room.is_dir() else []
    except OSError:
        return ()
    found = [
        Copy(store, path, int(read[1]), datetime.strptime(read[2], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC), read[3])
        for path, read in named
        if read
    ]
    return tuple(sorted(found, key=lambda copy: copy.number))


def last_good(folder: Path, store: str) -> Copy | None:
    """The last good copy that is still what it was; None for none."""
    return next((copy for copy in reversed(copies(folder, store)) if copy.sound), None)


def _kept(folder: Path) -> list[str]:
    """Names of stores of which there are good copies."""
    room = folder / GOOD
    return (
        sorted(one.name for one in room.iterdir() if one.is_dir() and not one.name.startswith("."))
        if room.is_dir()
        else []
    )
