"""At most so many cores for a server: machines of its own size, on one that is too small for several."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
PERIOD = 20_000
"""Microseconds in which a group gets its share: short, so that nobody waits long for the next."""
TRIES, AGAIN = 50, 0.1
"""How often a group is emptied, and seconds between."""


class CoresError(Exception):
    """The machine does not let us."""


@contextmanager
def capped(pids: Sequence[int], cores: float) -> Iterator[None]:
    """Give each process, with all that it starts from now on, at most `cores` of the machine until the block ends.

    Linux alone, and as root: by a control group for each, of version 1 or 2.

    Raises
    ------
    CoresError
        There are no control groups here, or they are not ours to make.
    """
    with ExitStack() as stack:
        for pid in pids:
            stack.enter_context(_group(pid, cores))
        yield


@contextmanager
def _group(pid: int, cores: float) -> Iterator[None]:
    first = GROUPS / "cpu" if (GROUPS / "cpu").is_dir() else GROUPS
    made, quota = first / f"posthouse-{pid}", round(cores * PERIOD)
    with ExitStack() as stack:
        try:
            made.mkdir()
            stack.callback(_emptied, made, first)
            if (made / "cpu.cfs_quota_us").exists():
                (made / "cpu.cfs_period_us").write_text(str(PERIOD), "utf-8")
                (made / "cpu.cfs_quota_us").write_text(str(quota), "utf-8")
            else:
                (made / "cpu.max").write_text(f"{quota} {PERIOD}", "utf-8")
            for member in (pid, *started(pid)):
                (made / "cgroup.procs").write_text(str(member), "utf-8")
        except OSError as error:
            raise CoresError(f"cores cannot be limited here: {error}") from error
        yield


def _emptied(group: Path, above: Path) -> None:
    """Give back what is in a group, and what was started meanwhile, and take the group away."""
    for _ in range(TRIES):
        with suppress(OSError):  # something has ended, or something began
            for member in (group / "cgroup.procs").read_text("utf-8").split():
                (above / "cgroup.procs").write_text(member, "utf-8")
            group.rmdir()
            return
        time.sleep(AGAIN)


def started(pid: int) -> list[int]:
    """Processes that any thread of a process started, and that still run."""
    found: list[int] = []
    for each in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # the thread has ended
            found += map(int, each.read_text("utf-8").split())
    return found
