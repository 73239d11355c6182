"""Names that a backup may hold: a file of the workspace, or of one folder in it, in letters known everywhere."""

import re
from collections.abc import Iterable

from data.workspace.keep.stores import GOOD

_NAME = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,120}/)?[A-Za-z0-9_][A-Za-z0-9_.-]{0,120}")
"""A file, or a file in one folder; none begins with a dot."""
_RESERVED = {"con", "prn", "aux", "nul"}


def fits(name: str) -> bool:
    """Whether a backup may hold a name: it stays within a folder. All that this program writes has such a name."""
    parts = name.split("/")
    return (
        bool(_NAME.fullmatch(name))
        and parts[0] != GOOD
        and not any(part.partition(".")[0].lower() in _RESERVED or part.endswith(".") for part in parts)
    )


def unfit(names: Iterable[str]) -> tuple[str, ...]:
    """Those of `names` that do not fit, or differ from another in capitals alone: small letters go first."""
    known: set[str] = set()
    found = []
    for name in sorted(names, key=lambda name: (name != name.lower(), name)):
        if not fits(name) or name.lower() in known:
            found.append(name)
        known.add(name.lower())
    return tuple(found)
