"""Backup and restore of a workspace wherever it is kept: a folder, or a database by way of one."""

import os
import shutil
import tempfile
from pathlib import Path

from data import settings
from data.workspace import room
from data.workspace.base import new_id
from data.workspace.keep import archive, swap
from data.workspace.keep.archive import Manifest
from data.workspace.keep.stores import fsync, others
from data.workspace.postgres import Place
from data.workspace.refusal import WorkspaceError


def backup(place: Place, file: Path) -> Manifest:
    """Write a workspace to one file, while others go on saving; all of it or nothing.

    Beside what a database holds, the file takes the outlines in the folder of the workspace.

    Raises
    ------
    WorkspaceError
        "nothing_kept", "backup_inside", "damaged", "full", "busy", "cannot_read", "cannot_write".
    """
    if isinstance(place, Path):
        swap.recover(place)
        return archive.backup(place, file)
    from data.workspace import transfer

    beside = settings.workspace()
    if beside.resolve() in file.resolve().parents:
        raise WorkspaceError("backup_inside", path=file)
    with tempfile.TemporaryDirectory() as made:
        transfer.copy(place, Path(made))
        _copy_others(beside, Path(made))
        return archive.backup(Path(made), file)


def restore(file: Path, place: Place, *, replace: bool = False) -> tuple[Manifest, Path | None]:
    """Put a backup in the place of a workspace: in a folder wholly or not at all, in a database store by store.

    Beside a database, outlines go to the folder of the workspace, where those that are there stay as they are. What
    fails half-way leaves the stores before it: drop the schemas, and begin again.

    Returns
    -------
    tuple of Manifest and Path or None
        What was restored, and the folder in which what was there is kept; None where nothing was.

    Raises
    ------
    WorkspaceError
        "occupied" where something is kept and `replace` is not set, "no_backup", "bad_backup", "newer", "full",
        "busy", "cannot_read", "cannot_write"; "not_empty" of a database that holds something.
    """
    if isinstance(place, Path):
        return swap.restore(file, place, replace=replace)
    from data.workspace import transfer

    with tempfile.TemporaryDirectory() as made:
        found, _ = swap.restore(file, Path(made) / "workspace")
        transfer.copy(Path(made) / "workspace", place)
        _copy_others(Path(made) / "workspace", settings.workspace())
        return found, None


def _copy_others(source: Path, target: Path) -> None:
    """Copy the files that are no stores, each whole, and leave those that are there."""
    try:
        for path in others(source):
            there = target / path.relative_to(source)
            if there.exists():
                continue
            there.parent.mkdir(parents=True, exist_ok=True)
            made = there.with_name(f".{new_id()}")  # of its own: a name may be as long as the disk takes
            shutil.copyfile(path, made)
            fsync(made)
            os.replace(made, there)
    except OSError as error:
        raise WorkspaceError(room.code(error), path=target) from error


def digests(place: Place) -> dict[str, str]:
    """Digest of every table of a workspace, the same wherever it is kept."""
    from data.workspace import transfer

    return transfer.digests(place)
