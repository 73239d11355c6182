"""How much memory this program may still take: of the machine, of its container, of its own limit."""

import re
from pathlib import Path

_MACHINE, _SELF, _CGROUPS = Path("/proc/meminfo"), Path("/proc/self"), Path("/sys/fs/cgroup")
_KB = 1024
LEAST = 256 * 2**20
"""Bytes that a query is given in any case: it spills rather than wait."""
TIMES = 8
"""What a file takes in memory, in sizes of its own, before queries spill."""
SHARE = 0.5
"""Of what is free: others work at the same time."""


def limit() -> int | None:
    """Bytes for one query; None where nobody can tell how much memory there is."""
    free = available()
    return None if free is None else max(int(free * SHARE), LEAST)


def scarce(size: int) -> bool:
    """Whether there is less than a file of so many bytes needs in any case."""
    free = available()
    return free is not None and free < min(LEAST, TIMES * size)


def available() -> int | None:
    """Bytes that can be had without swapping: the least of machine, container and limit of the process."""
    found = [one for one in (_machine(), _container(), _own()) if one is not None]
    return max(min(found), 0) if found else None


def _machine() -> int | None:
    kilobytes = _number(_MACHINE, r"^MemAvailable:\s+(\d+) kB")
    return None if kilobytes is None else kilobytes * _KB


def _container() -> int | None:
    """What the control group leaves, files that could be read again not counted."""
    second = [_left(one, "memory.max", "memory.current", r"^inactive_file (\d+)") for one in _groups("")]
    first = [
        _left(one, "memory.limit_in_bytes", "memory.usage_in_bytes", r"^total_inactive_file (\d+)")
        for one in _groups("memory")
    ]
    return min((one for one in (*second, *first) if one is not None), default=None)


def _left(group: Path, most: str, used: str, files: str) -> int | None:
    limit, now = _number(group / most, r"(\d+)"), _number(group / used, r"(\d+)")
    if limit is None or now is None:
        return None
    return limit - now + (_number(group / "memory.stat", files) or 0)


def _groups(controller: str) -> list[Path]:
    """Folders of the control group that this program is in, and of those above."""
    root, mine = _CGROUPS / controller, re.compile(rf"^\d+:{controller}:/(.*)$", re.MULTILINE)
    try:
        found = mine.search((_SELF / "cgroup").read_text())
    except OSError:
        return []
    inner = root / (found[1] if found else "")
    return [one for one in (inner, *inner.parents) if one == root or root in one.parents]


def _own() -> int | None:
    """What the limit of the process leaves."""
    allowed, used = _number(_SELF / "limits", r"^Max address space\s+(\d+)"), _number(_SELF / "statm", r"^(\d+)")
    if allowed is None or used is None:
        return None
    import resource

    return allowed - used * resource.getpagesize()


def _number(file: Path, pattern: str) -> int | None:
    """First number of a file; None where it is not there, or "max"."""
    try:
        found = re.search(pattern, file.read_text(), re.MULTILINE)
    except OSError:
        return None
    return int(found[1]) if found else None
