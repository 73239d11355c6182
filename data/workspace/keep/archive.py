"""A workspace in one file: every store as it was between two saves, under one digest.

A zip that any program opens. Its comment holds the SHA-256 of all that comes before, so that no byte can change unseen.
"""

import hashlib
import json
import os
import shutil
import tempfile
import tomllib
import zipfile
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from data.workspace import room
from data.workspace.base import new_id
from data.workspace.keep.digests import digests, sha256
from data.workspace.keep.names import unfit
from data.workspace.keep.stores import fsync, others, snapshot, stores
from data.workspace.keep.verify import problems
from data.workspace.refusal import WorkspaceError

ROOT = Path(__file__).resolve().parents[3]
FORMAT = 1
MANIFEST = "manifest.json"
MARK = b"posthouse sha256 "
"""Before the digest, in the comment."""
SEALED = len(MARK) + 64
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of every entry: the moment is in the manifest alone."""
_STEP = 1 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a backup.

    Attributes
    ----------
    name : str
        Path in the workspace, with slashes.
    size : int
        Bytes.
    sha256 : str
    """

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    Attributes
    ----------
    format : int
        Of the backup.
    app : str
        Version of the program that wrote it.
    made_at : datetime
        UTC, by the clock of that day.
    entries : tuple of Entry
        By name.
    digests : mapping of str to str
        Digest of every table, by "store/table".
    left_out : tuple of str
        What is not in it for its name (see `names`): nothing that this program wrote. It is told to whoever makes the
        backup, and not written.
    """

    format: int
    app: str
    made_at: datetime
    entries: tuple[Entry, ...]
    digests: dict[str, str]
    left_out: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all entries."""
        return sum(entry.size for entry in self.entries)

    def to_json(self) -> bytes:
        """The manifest as it is written."""
        values = asdict(self) | {"made_at": self.made_at.isoformat()}
        del values["left_out"]
        return json.dumps(values, indent=1, sort_keys=True, ensure_ascii=False).encode()


def backup(folder: Path, file: Path) -> Manifest:
    """Write a workspace to a file, while others go on saving; all of it or nothing.

    Files whose names a restore would refuse are left out, and named in what is given back.

    Raises
    ------
    WorkspaceError
        "nothing_kept" of an empty workspace, "backup_inside" for a file within it, "damaged" of a store that is not
        sound, "full", "busy", "cannot_read", "cannot_write".
    """
    if folder.resolve() in file.resolve().parents:
        raise WorkspaceError("backup_inside", path=file)
    names = {path.relative_to(folder).as_posix(): path for path in (*stores(folder), *others(folder))}
    left_out = unfit(names)
    out = set(left_out)
    given = [path for name, path in names.items() if name not in out]
    if not given:
        raise WorkspaceError("nothing_kept", path=folder)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        room.need(file, 2 * sum(path.stat().st_size for path in given))
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as made:
            copies = Path(made) / "copies"
            for path in given:
                _copy(path, copies / path.relative_to(folder))
            return replace(pack(copies, file), left_out=left_out)
    except OSError as error:
        raise WorkspaceError(room.code(error), path=file) from error


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    snapshot(path, target)
    if problems(target, path.name):
        raise WorkspaceError("damaged", path=path)


def pack(copies: Path, file: Path) -> Manifest:
    """Write a folder that nobody changes to a backup, beside its place and then into it."""
    given = (*stores(copies), *others(copies))
    entries = [Entry(path.relative_to(copies).as_posix(), path.stat().st_size, sha256(path)) for path in given]
    entries.sort(key=lambda entry: entry.name)
    manifest = Manifest(FORMAT, version(), datetime.now(UTC), tuple(entries), digests(copies))
    made = file.with_name(f".{file.name}.{new_id()}")
    try:
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
            archive.writestr(_info(MANIFEST), manifest.to_json())
            for entry in entries:
                with (
                    (copies / entry.name).open("rb") as read,
                    archive.open(_info(entry.name), "w", force_zip64=True) as to,
                ):
                    shutil.copyfileobj(read, to, _STEP)
            archive.comment = MARK + b"0" * 64
        seal(made)
        os.replace(made, file)
        fsync(file.parent)
    finally:
        with suppress(OSError):
            made.unlink(missing_ok=True)
    return manifest


def version() -> str:
    """Version of this program."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o600 << 16
    return info


def seal(file: Path) -> None:
    """Write the digest of all that comes before it to the end of a backup."""
    digest = before_seal(file)
    with file.open("r+b") as written:
        written.seek(-64, os.SEEK_END)
        written.write(digest.encode())
    fsync(file)


def before_seal(file: Path) -> str:
    """SHA-256 of a backup without its last 64 bytes."""
    left, hashed = file.stat().st_size - 64, hashlib.sha256()
    with file.open("rb") as read:
        while left > 0 and (some := read.read(min(left, _STEP))):
            hashed.update(some)
            left -= len(some)
    return hashed.hexdigest()
