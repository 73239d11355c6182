"""A reader's own outlines in place of the built-in ones, kept in the workspace for drawing alone."""

import errno
import hashlib
import json
import os
import re
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from data.boundary_file import LARGEST, LEVELS, BoundaryError, Found, check
from data.workspace import WorkspaceError, folder, rights
from data.workspace.spare import alone

__all__ = ["LARGEST", "LEVELS", "BoundaryError", "Found", "check", "content", "keep", "remove", "shape", "used"]

WAIT_SECONDS = 10.0
"""For another one who is writing."""
_TURN = threading.RLock()


def _room() -> Path:
    return folder() / "boundaries"


def _file(owner: str) -> Path:
    """What an owner uses; the name cannot be told from that of the file."""
    return _room() / f"{hashlib.sha256(owner.encode()).hexdigest()[:32]}.json"


@contextmanager
def _writing() -> Iterator[None]:
    """One writer at a time, of this program or another; what goes wrong is a `WorkspaceError`."""
    rights.need("upload")
    room = _room()
    try:
        room.mkdir(parents=True, exist_ok=True)
        with _TURN, alone(room / "outlines", seconds=WAIT_SECONDS):
            yield
    except OSError as error:
        raise WorkspaceError("full" if error.errno == errno.ENOSPC else "cannot_write", path=room) from error


def keep(found: Found, owner: str) -> str:
    """Use the outlines for this owner's maps from now on; digest under which they are kept.

    Raises
    ------
    WorkspaceError
        When they cannot be written; what was used before stays in use.
    """
    with _writing():
        _write(_path(found.digest), found.content)
        _use({**_read(_file(owner)), found.level: found.digest}, owner)
        _sweep()
    return found.digest


def remove(level: str, owner: str) -> None:
    """Draw the built-in outlines again.

    Raises
    ------
    WorkspaceError
        When that cannot be noted.
    """
    with _writing():
        _use({one: digest for one, digest in _read(_file(owner)).items() if one != level}, owner)
        _sweep()


def hand_over(before: str, owner: str) -> None:
    """Make the outlines of one owner those of another, who keeps what he has."""
    if used(before):
        with _writing():
            _use({**_read(_file(before)), **_read(_file(owner))}, owner)
            _file(before).unlink(missing_ok=True)


def _sweep() -> None:
    """Delete outlines that nobody uses any more, and what a write that was cut off has left."""
    wanted = {digest for file in _room().glob("*.json") for digest in _read(file).values()}
    for file in [*_room().glob("*.geojson"), *_room().glob("tmp*")]:
        if file.stem not in wanted:
            file.unlink(missing_ok=True)


def used(owner: str) -> dict[str, str]:
    """Digests of the outlines that an owner's maps are drawn with, by level; none for the built-in ones."""
    return {level: digest for level, digest in _read(_file(owner)).items() if _is_kept(digest)}


def content(digest: str) -> bytes | None:
    """Outlines by digest; None where there are none."""
    try:
        return _path(digest).read_bytes() if _is_kept(digest) else None
    except OSError:  # removed this moment
        return None


def shape(digest: str, code: str) -> dict[str, Any] | None:
    """GeoJSON geometry of one place (adcode) in kept outlines; None where they do not have it."""
    features = json.loads(content(digest) or b'{"features":[]}')["features"]
    return next((one["geometry"] for one in features if one["properties"]["adcode"] == code), None)


def _path(digest: str) -> Path:
    return _room() / f"{digest}.geojson"


def _is_kept(digest: str) -> bool:
    return re.fullmatch("[0-9a-f]{32}", digest) is not None and _path(digest).is_file()


def _use(chosen: Mapping[str, str], owner: str) -> None:
    _write(_file(owner), json.dumps(dict(chosen)).encode())


def _read(file: Path) -> dict[str, str]:
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return {level: str(found[level]) for level in LEVELS if level in found} if isinstance(found, dict) else {}


def _write(file: Path, body: bytes) -> None:
    """All of it or nothing."""
    made = None
    try:
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as made:
            made.write(body)
        os.replace(made.name, file)
    except OSError:
        if made is not None:
            with suppress(OSError):
                os.unlink(made.name)
        raise
