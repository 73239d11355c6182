"""Room on a disk, asked before anything is written, and disks that take no writes."""

import errno
import os
import shutil
from pathlib import Path

from data.workspace.refusal import WorkspaceError

LEAST = 4 * 2**20
"""Bytes that a disk keeps free after a save: the log of the next one."""
LOW = 512 * 2**20
"""Bytes free under which whoever saves is told."""


def free(path: Path) -> int | None:
    """Bytes free for this user where `path` is or would be; None where that cannot be told."""
    try:
        return shutil.disk_usage(nearest(path)).free
    except OSError:
        return None


def need(path: Path, size: int = 0) -> None:
    """Refuse to begin what would not fit.

    Parameters
    ----------
    path : Path
        What will be written, or its folder.
    size : int
        Bytes that it will take at most.

    Raises
    ------
    WorkspaceError
        "full".
    """
    there = free(path)
    if there is not None and there < size + LEAST:
        raise WorkspaceError("full", path=path)


def code(error: OSError, *, write: bool = True) -> str:
    """Code of what a disk refuses."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "full"
    return "cannot_write" if write else "cannot_read"


def lacking(path: Path, code: str) -> str:
    """Code of a refusal, "full" where it says that nothing can be written and there is hardly any room to write."""
    left = free(path) if code == "cannot_write" else None
    return "full" if left is not None and left < LEAST and takes_writes(path) else code


def takes_writes(path: Path) -> bool:
    """Whether a file, or one that would be made there, may be written."""
    try:
        return os.access(nearest(path), os.W_OK) and (not path.is_file() or os.access(path.parent, os.W_OK))
    except OSError:
        return False


def nearest(path: Path) -> Path:
    """The path, or the nearest folder above it that is there."""
    return next((one for one in (path, *path.parents) if one.exists()), Path(path.anchor or "."))
