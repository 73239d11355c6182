"""One folder for all that a running program keeps for a moment: uploads, what queries spill, files being read.

It goes with the program; that of a program that was killed goes when the next one starts.
"""

import atexit
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

NAME = "posthouse-run-"
_LOCK = ".lock"


def begin() -> Path:
    """Make the folder, have `tempfile` use it from now on, and clear those of programs that were killed."""
    above = Path(tempfile.gettempdir())
    clear(above)
    made = Path(tempfile.mkdtemp(prefix=NAME, dir=above))
    held = hold(made)
    tempfile.tempdir = str(made)
    atexit.register(_end, made, held)
    return made


def _end(made: Path, held: int | None) -> None:
    shutil.rmtree(made, ignore_errors=True)
    if held is not None:
        os.close(held)


def hold(made: Path) -> int | None:
    """Mark a folder as in use for as long as this program lives; None where the system has no such locks."""
    try:
        import fcntl
    except ImportError:
        return None
    handle = os.open(made / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle


def clear(above: Path) -> None:
    """Delete the folders that no living program holds."""
    for left in above.glob(f"{NAME}*"):
        with suppress(OSError):
            if not (left / _LOCK).is_file() or left.is_symlink():
                continue
            handle = hold(left)
            if handle is not None:
                shutil.rmtree(left, ignore_errors=True)
                os.close(handle)
