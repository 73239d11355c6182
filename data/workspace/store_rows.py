"""A transaction of the DuckDB file: SQL, and rows of markets as tables of their own."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from data.intake.cells import quote

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

BATCH = 1_000
"""Rows of a table that are read at a time."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A transaction.

    Attributes
    ----------
    connection : duckdb.DuckDBPyConnection
    """

    connection: "DuckDBPyConnection"

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Any:
        """Answer to a statement whose values are `?`."""
        return self.connection.execute(sql, parameters or None)

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Any:
        """Run a statement once for each row of values."""
        for row in parameters:
            self.connection.execute(sql, row)
        return self.connection

    def each(self, table: str) -> Iterator[dict[str, Any]]:
        """Rows of a table as they come, a few at a time."""
        answer = self.connection.execute(f"SELECT * FROM {table}")
        names = [column[0] for column in answer.description]
        while rows := answer.fetchmany(BATCH):
            yield from (dict(zip(names, row, strict=True)) for row in rows)

    def put_rows(self, digest: str, plain: "pa.Table", /) -> None:
        """Keep rows under a digest."""
        self.connection.register("plain", plain)
        self.connection.execute(f"CREATE TABLE {_named(digest)} AS SELECT * FROM plain")
        self.connection.unregister("plain")

    def rows(self, digest: str, /) -> "pa.Table":
        """Rows that are kept under a digest."""
        return self.connection.sql(f"SELECT * FROM {_named(digest)}").to_arrow_table()

    def drop_rows(self, digest: str, /) -> None:
        """Take rows away."""
        self.connection.execute(f"DROP TABLE IF EXISTS {_named(digest)}")


def _named(digest: str) -> str:
    """Table of rows, as SQL."""
    return quote(f"rows_{digest}")
