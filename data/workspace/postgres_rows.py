"""A transaction of PostgreSQL, asked as SQLite and DuckDB are; rows of markets as packed pieces."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from data.workspace.postgres_sql import question
from data.workspace.refusal import WorkspaceError

if TYPE_CHECKING:
    import psycopg
    import pyarrow as pa

PIECES = """
CREATE TABLE piece (digest VARCHAR, place INTEGER, data BLOB, PRIMARY KEY (digest, place));
ALTER TABLE piece ALTER COLUMN data SET STORAGE EXTERNAL;
"""
"""Rows of a market as Arrow streams under zstd, which the server need not compress again."""
PIECE_ROWS = 500_000
"""Of a piece."""
BATCH = 50
"""Rows of a table that are read at a time."""


class Row(tuple[Any, ...]):
    """Values by position and by name."""

    names: dict[str, int]

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(self.names[key] if isinstance(key, str) else key)

    def keys(self) -> list[str]:
        """Names of the values."""
        return list(self.names)


def by_name(cursor: Any) -> Any:
    """Maker of rows for a cursor of psycopg."""
    names = {column.name: place for place, column in enumerate(cursor.description or ())}

    def row(values: Sequence[Any]) -> Row:
        made = Row(values)
        made.names = names
        return made

    return row


@dataclass(frozen=True, slots=True)
class Opened:
    """A transaction.

    Attributes
    ----------
    connection : psycopg.Connection
    where : str
        The database in words.
    """

    connection: "psycopg.Connection[Any]"
    where: str

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Any:
        """Answer to a statement whose values are `?`; nothing is done for a PRAGMA."""
        from psycopg import RawCursor

        asked, cursor = question(sql), RawCursor(self.connection, row_factory=by_name)
        if not asked:
            return cursor
        try:
            return cursor.execute(asked, tuple(parameters) or None, binary=True)
        except UnicodeEncodeError as error:
            raise WorkspaceError("not_kept", path=self.where) from error

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Any:
        """Run a statement once for each row of values."""
        from psycopg import RawCursor

        cursor = RawCursor(self.connection, row_factory=by_name)
        try:
            cursor.executemany(question(sql), [tuple(row) for row in parameters])
        except UnicodeEncodeError as error:
            raise WorkspaceError("not_kept", path=self.where) from error
        return cursor

    def each(self, table: str) -> Iterator[dict[str, Any]]:
        """Rows of a table as they come, a few at a time."""
        from psycopg import RawServerCursor

        with RawServerCursor(self.connection, f"each_{table}", row_factory=by_name) as cursor:
            cursor.itersize = BATCH
            yield from map(dict, cursor.execute(f"SELECT * FROM {table}", binary=True))

    def put_rows(self, digest: str, plain: "pa.Table") -> None:
        """Keep rows under a digest."""
        import pyarrow as pa

        options = pa.ipc.IpcWriteOptions(compression="zstd")
        for place, start in enumerate(range(0, max(len(plain), 1), PIECE_ROWS)):
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, plain.schema, options=options) as stream:
                stream.write_table(plain.slice(start, PIECE_ROWS))
            self.execute("INSERT INTO piece VALUES (?, ?, ?)", (digest, place, sink.getvalue().to_pybytes()))

    def rows(self, digest: str) -> "pa.Table":
        """Rows that are kept under a digest."""
        import pyarrow as pa

        found = self.execute("SELECT data FROM piece WHERE digest = ? ORDER BY place", (digest,)).fetchall()
        if not found:
            raise WorkspaceError("rows_gone")
        return pa.concat_tables([pa.ipc.open_stream(data).read_all() for (data,) in found])

    def drop_rows(self, digest: str) -> None:
        """Take rows away."""
        self.execute("DELETE FROM piece WHERE digest = ?", (digest,))
