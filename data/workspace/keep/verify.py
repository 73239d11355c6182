"""Whether a copy of a store is sound: every page read, every digest computed anew."""

import hashlib
import re
import sqlite3
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from data.intake.cells import quote
from data.workspace.keep.stores import CONFIG, DUCK, SQLITE
from data.workspace.refusal import WorkspaceError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Problem = tuple[str, str]
"""Code and detail."""
LASTING = {
    "scenarios.sqlite3": (
        "version",
        ("id", "version"),
        ("saved_at", "market", "data_version", "document", "result", "digest"),
    ),
    "boards.sqlite3": ("version", ("id", "version"), ("saved_at", "document")),
    "forecasts.sqlite3": ("forecast", ("id",), ("made_at", "document")),
}
"""Table, key and columns of rows that are never changed once they are written."""
_SHA = re.compile(r"[0-9a-f]{64}")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}")
"""Names of all that this program makes in a store, which have to be no SQL."""


def problems(path: Path, name: str, *, earlier: Path | None = None) -> tuple[Problem, ...]:
    """What is wrong with a copy of the store `name`; nothing for files of other kinds.

    Parameters
    ----------
    path : Path
        A copy that nobody writes.
    earlier : Path, optional
        A good copy: rows that never change must be the same in both.
    """
    try:
        if Path(name).suffix == SQLITE:
            return tuple(_sqlite(path, name, earlier))
        return tuple(_duck(path)) if Path(name).suffix == DUCK else tuple(_outline(path, name))
    except (sqlite3.Error, TypeError) as error:
        return (("damaged", str(error)),)


def _sqlite(path: Path, name: str, earlier: Path | None) -> Iterator[Problem]:
    """Pages, blobs under their digest, and rows that never change."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as base:
        said = [str(row[0]) for row in base.execute("PRAGMA integrity_check(3)")]
        if said != ["ok"]:
            yield "damaged", said[0].replace("\n", " ")
            return
        tables = [row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        odd = base.execute("SELECT name FROM sqlite_master WHERE type IN ('view', 'trigger') OR sql LIKE '%VIRTUAL%'")
        names = [name for table in tables for name in (table, *_columns(base, "main", table))]
        if strange := [row[0] for row in odd] or _strange(names):
            yield "damaged", _FOREIGN.format(name=strange[0][:80])
            return
        for table in tables:
            if {"digest", "data"} <= _columns(base, "main", table):
                yield from (("digest", digest[:12]) for digest in _wrong(base.execute(_BLOBS.format(quote(table)))))
            else:
                deque(base.execute(f"SELECT * FROM {quote(table)}"), maxlen=0)
        if earlier is not None and name in LASTING:
            yield from _changed(base, earlier, name)


_BLOBS = "SELECT digest, data FROM {}"
_FOREIGN = "{name} is nothing that this program makes"


def _strange(names: Iterable[str]) -> list[str]:
    """Names that this program gives to nothing."""
    return [name for name in names if not _PLAIN.fullmatch(name)]


def _wrong(rows: "Iterator[tuple[str, bytes]] | sqlite3.Cursor") -> Iterator[str]:
    """Digests under which something else is kept."""
    for digest, data in rows:
        if _SHA.fullmatch(digest) is None or hashlib.sha256(data).hexdigest() != digest:
            yield digest


def _columns(base: sqlite3.Connection, schema: str, table: str) -> set[str]:
    return {row[1] for row in base.execute(f"PRAGMA {schema}.table_info({quote(table)})")}


def _changed(base: sqlite3.Connection, earlier: Path, name: str) -> Iterator[Problem]:
    """Rows that are not what they were in a good copy."""
    table, keys, columns = LASTING[name]
    base.execute("ATTACH ? AS good", (f"{earlier.resolve().as_uri()}?mode=ro&immutable=1",))
    wanted = {*keys, *columns}
    if not (wanted <= _columns(base, "main", table) and wanted <= _columns(base, "good", table)):
        return
    same = " AND ".join(f"here.{column} IS there.{column}" for column in columns)
    question = f'SELECT {keys[0]} FROM main."{table}" AS here JOIN good."{table}" AS there'
    for (id,) in base.execute(f"{question} USING ({', '.join(keys)}) WHERE NOT ({same}) LIMIT 3"):
        yield "changed", str(id)


def _duck(path: Path) -> Iterator[Problem]:
    """Every block, and the digest of all contents and of rows set aside."""
    import duckdb
    import pyarrow as pa

    try:
        with closing(duckdb.connect(path, read_only=True, config=CONFIG)) as base:
            if strange := _foreign(base):
                yield "damaged", _FOREIGN.format(name=strange[0][:80])
                return
            for (table,) in base.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal").fetchall():
                base.execute(f"SELECT count(*), bit_xor(hash(one)) FROM {quote(table)} AS one").fetchall()
            yield from _contents(base)
    except (
        duckdb.Error,
        pa.ArrowException,
        zlib.error,
        ValueError,
        KeyError,
        TypeError,
        MemoryError,
        RecursionError,
    ) as error:
        yield "damaged", str(error).partition("\n")[0]


def _foreign(base: "DuckDBPyConnection") -> list[str]:
    """Names of what this program makes nowhere: views, macros, other schemas, and tables and columns of odd names."""
    made = [
        "SELECT view_name FROM duckdb_views() WHERE NOT internal",
        "SELECT function_name FROM duckdb_functions() WHERE NOT internal",
        "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND schema_name <> 'main'",
    ]
    found = [str(name) for asked in made for (name,) in base.execute(asked).fetchall()]
    asked = "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal"
    return found + _strange(name for row in base.execute(asked).fetchall() for name in row)


def _contents(base: "DuckDBPyConnection") -> Iterator[Problem]:
    from data.workspace import contents
    from data.workspace.packed import pack
    from data.workspace.store_rows import Opened

    there = {row[0] for row in base.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal").fetchall()}
    if not {"content", "aside", "holding"} <= there:
        yield "damaged", "tables are missing"
        return
    kept = {digest for (digest,) in base.execute("SELECT digest FROM content").fetchall()}
    for digest in sorted(kept):
        if pack(contents.get(Opened(base), digest)).digest != digest:
            yield "digest", digest[:12]
    held = {digest for (digest,) in base.execute("SELECT DISTINCT digest FROM holding").fetchall()}
    yield from (("digest", digest[:12]) for digest in sorted(held - kept))
    for (digest,) in base.execute("SELECT digest FROM aside").fetchall():
        data = base.execute("SELECT data FROM aside WHERE digest = ?", (digest,)).fetchall()
        yield from (("digest", wrong[:12]) for wrong in _wrong(iter([(digest, data[0][0])])))


def _outline(path: Path, name: str) -> Iterator[Problem]:
    """Outlines are kept under the first half of their digest."""
    stem = Path(name).stem
    if Path(name).suffix == ".geojson" and hashlib.sha256(path.read_bytes()).hexdigest()[: len(stem)] != stem:
        yield "digest", stem[:12]


def verified(path: Path, name: str) -> None:
    """Refuse a copy that is not sound.

    Raises
    ------
    WorkspaceError
        "damaged".
    """
    if problems(path, name):
        raise WorkspaceError("damaged", path=path)
