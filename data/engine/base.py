"""What an engine can do, whichever it is."""

import re
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

RAW = "raw_events"
"""View of the log as it lies there."""
TEXT, WHOLE, NUMBER, TIME, INSTANT = "string", "int64", "float64", "timestamp", "timestamp('UTC')"
"""Types of columns, in Ibis' words; `TIME` is a clock's time without zone, `INSTANT` a moment with one."""
KNOWN = {TEXT, WHOLE, NUMBER, TIME, INSTANT}
DIGITS = 18
"""Digits of a whole decimal that fits into 64 bits."""


class Engine(Protocol):
    """A connection that runs SQL of one dialect. One thread at a time, but for `stop`."""

    name: str
    """As a reader knows it."""
    dialect: str
    """As Ibis knows it."""

    def scan(self, where: str) -> dict[str, str]:
        """Make the view `RAW` of the log at a folder or pattern; type of each column.

        A type that is none of `KNOWN` is as the engine calls it.

        Raises
        ------
        Stopped
            `stop` was called meanwhile.
        EngineError
            "no_events" where there are none, "not_permitted" where they may not be read.
        """
        ...

    def put(self, name: str, table: "pa.Table") -> None:
        """Make a small table known under a name, in the place of one of that name; raises as `sql` does."""
        ...

    def sql(self, text: str) -> "pa.Table":
        """Answer of a query.

        Raises
        ------
        Broken
            The connection broke off.
        Stopped
            `stop` was called meanwhile.
        EngineError
            "failed" when the engine refuses.
        """
        ...

    def stop(self) -> None:
        """Interrupt the query that runs, from another thread."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


def csv(where: str) -> bool:
    """Whether a log is text rather than Parquet, by the ending of its files."""
    from pathlib import Path

    ending = where.lower().removesuffix(".gz")
    if ending.endswith((".csv", ".parquet")):
        return ending.endswith(".csv")
    folder = Path(where)
    return folder.is_dir() and not any(folder.rglob("*.parquet")) and any(folder.rglob("*.csv*"))


def decimal(kind: str) -> str:
    """Type as which decimals are read, whole ones exactly; "" for what is no type of decimals."""
    found = re.fullmatch(r"decimal\((\d+),(\d+)\)", kind.lower())
    if found is None:
        return ""
    width, scale = map(int, found.groups())
    whole = WHOLE if width <= DIGITS else TEXT
    return NUMBER if scale else whole


def quoted(text: str) -> str:
    """A text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"
