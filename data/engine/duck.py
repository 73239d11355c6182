"""DuckDB as an engine: inside this program, on this machine's cores, spilling to its disk."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from data import duck
from data.engine.base import INSTANT, NUMBER, RAW, TEXT, TIME, WHOLE, csv, decimal, quoted
from data.engine.refusal import EngineError, Stopped

if TYPE_CHECKING:
    import pyarrow as pa

_TYPES = {
    "VARCHAR": TEXT,
    "DOUBLE": NUMBER,
    "FLOAT": NUMBER,
    "DATE": TIME,
    "TIMESTAMP": TIME,
    "TIMESTAMP_S": TIME,
    "TIMESTAMP_MS": TIME,
    "TIMESTAMP_NS": TIME,
    "TIMESTAMP WITH TIME ZONE": INSTANT,
}
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_WIDE = ("UBIGINT", "HUGEINT", "UHUGEINT")
"""Whole numbers beyond 64 bits, which are told apart as text."""
_AS = {TEXT: "{}::VARCHAR", WHOLE: "{}::BIGINT", NUMBER: "{}::VARCHAR::DOUBLE"}
"""How what is not read as it stands is turned into a type; by way of text, a number is the nearest, as Spark's is."""
_SAID = {"No files found": "no_events", "Permission denied": "not_permitted"}


class Duck:
    """A database in memory."""

    name = "DuckDB"
    dialect = "duckdb"

    def __init__(self) -> None:
        self.con = duck.connect()
        self.con.execute("SET TimeZone = 'UTC'")

    def scan(self, where: str) -> dict[str, str]:
        """See `Engine.scan`."""
        with _told(where):
            found = self.con.execute(f"DESCRIBE SELECT * FROM {_reader(where)}").fetchall()
            kinds = {str(name): str(kind) for name, kind, *_ in found}
            turned = {name: _turned(kind) for name, kind in kinds.items() if _turned(kind)}
            cells = {name: '"' + name.replace('"', '""') + '"' for name in turned}
            casts = ", ".join(f"{_AS[kind].format(cells[name])} AS {cells[name]}" for name, kind in turned.items())
            every = f"* REPLACE ({casts})" if casts else "*"
            self.con.execute(f"CREATE OR REPLACE TEMP VIEW {RAW} AS SELECT {every} FROM {_reader(where)}")
        return {name: turned.get(name) or _type(kind) for name, kind in kinds.items()}

    def put(self, name: str, table: "pa.Table") -> None:
        """See `Engine.put`."""
        with _told():
            self.con.register("given", table)
            self.con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM given")
            self.con.unregister("given")

    def sql(self, text: str) -> "pa.Table":
        """See `Engine.sql`."""
        with _told():
            return self.con.sql(text).to_arrow_table()

    def stop(self) -> None:
        """See `Engine.stop`."""
        import duckdb

        with suppress(duckdb.ConnectionException):  # closed meanwhile
            self.con.interrupt()

    def close(self) -> None:
        """See `Engine.close`."""
        self.con.close()


def _reader(where: str) -> str:
    """Table function that reads a folder or pattern; folders wholly, without columns made of their names."""
    folder = Path(where)
    if csv(where):
        pattern = quoted(str(folder / "**" / "*.csv*") if folder.is_dir() else where)
        return f"read_csv({pattern}, all_varchar = true, header = true, delim = ',', hive_partitioning = false)"
    pattern = quoted(str(folder / "**" / "*.parquet") if folder.is_dir() else where)
    return f"read_parquet({pattern}, hive_partitioning = false)"


def _type(name: str) -> str:
    if name in _WHOLE:
        return WHOLE
    return TEXT if name.startswith("ENUM") else _TYPES.get(name, name)


def _turned(name: str) -> str:
    """Type into which a column must be turned to be read; "" where it is read as it stands, or not at all."""
    return TEXT if name in _WIDE else decimal(name)


@contextmanager
def _told(where: str = "") -> Iterator[None]:
    """Say what DuckDB says in our words."""
    import duckdb

    try:
        yield
    except duckdb.InterruptException as error:
        raise Stopped from error
    except duckdb.Error as error:
        said = str(error).partition("\n")[0]
        code = next((code for mark, code in _SAID.items() if mark in said), "failed") if where else "failed"
        raise EngineError(code, **({"why": said} if code == "failed" else {"where": where})) from error
