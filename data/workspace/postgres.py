"""A PostgreSQL database in the place of the workspace's folder, for a team whose servers are several."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

_HOST = r"(?:[\w.%-]*|\[[0-9A-Fa-f:.%]+\])(?::\d*)?"
_URL = re.compile(
    rf"postgres(?:ql)?://(?:[^@/?#]*@)?(?P<hosts>{_HOST}(?:,{_HOST})*)(?:/(?P<base>[^/@?#]*))?"
    r"(?:\?(?P<options>[^@?#]*))?"
)
UNREAD = "POSTHOUSE_DATABASE"
"""Name of an address that is none, of which nothing is shown: a password may stand anywhere in it."""


@dataclass(frozen=True, slots=True)
class Database:
    """A database by its address; who reads `name`, `str` or `repr` learns no user and no password.

    Attributes
    ----------
    url : str
        postgresql://user:password@host:port/database?sslmode=verify-full&..., as libpq reads it.
    """

    url: str = field(repr=False)

    @property
    def name(self) -> str:
        """Host and database, in words and in keys of caches."""
        found = _URL.fullmatch(self.url)
        if found is None:
            return UNREAD
        socket = parse_qs(found["options"] or "").get("host", [""])[0]
        return f"{found['hosts'] or socket or 'localhost'}/{found['base'] or ''}"

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"Database({self.name!r})"


Place = Path | Database
"""Where a workspace is kept."""


def named_place(place: Place) -> str:
    """The place in words and in keys of caches: the path of a folder, or host and database without a password."""
    return place.name if isinstance(place, Database) else str(place)
