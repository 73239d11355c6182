"""What a folder holds, as one digest a table: the same in every copy, whatever order its rows lie in."""

import hashlib
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from data.intake.cells import quote
from data.workspace.keep.stores import CONFIG, SQLITE, others, stores

_BITS = 256


def digests(folder: Path) -> dict[str, str]:
    """Digest of every table and further file, by "store/table" or name.

    Parameters
    ----------
    folder : Path
        One that nobody writes meanwhile: a copy.
    """
    found: dict[str, str] = {}
    for path in stores(folder):
        tables = _sqlite(path) if path.suffix == SQLITE else _duck(path)
        found |= {f"{path.name}/{table}": digest for table, digest in tables.items()}
    for path in others(folder):
        found[path.relative_to(folder).as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    return dict(sorted(found.items()))


def _sqlite(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as base:
        tables = base.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return {table: _sum(base.execute(f"SELECT * FROM {quote(table)}")) for (table,) in tables.fetchall()}


def _sum(rows: Iterable[tuple[object, ...]]) -> str:
    """Digest of rows whatever their order: the sum of the digests of each."""
    total = number = 0
    for row in rows:
        total += int.from_bytes(hashlib.sha256(repr(row).encode()).digest(), "big")
        number += 1
    return hashlib.sha256(f"{number} {total % 2**_BITS}".encode()).hexdigest()


def _duck(path: Path) -> dict[str, str]:
    import duckdb

    with closing(duckdb.connect(path, read_only=True, config=CONFIG)) as base:
        tables = base.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal").fetchall()
        found = {}
        for (table,) in tables:
            asked = f"SELECT count(*), sum(hash(one)::HUGEINT), bit_xor(hash(one)) FROM {quote(table)} AS one"
            found[table] = hashlib.sha256(repr(base.execute(asked).fetchall()).encode()).hexdigest()
        return found


def sha256(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
