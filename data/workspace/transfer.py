"""Everything of one place copied into an empty other, and digests that are equal when two places hold the same."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from data.workspace import contents
from data.workspace.base import Keeper
from data.workspace.boards import Boards
from data.workspace.ledger import Ledger
from data.workspace.links import Links
from data.workspace.markets import Workspace
from data.workspace.packed import pack
from data.workspace.postgres import Place
from data.workspace.refusal import WorkspaceError
from data.workspace.shelf import Shelf

STORES = {"markets": Workspace, "scenarios": Shelf, "forecasts": Ledger, "boards": Boards, "links": Links}
"""The largest first: what goes wrong goes wrong early."""
BATCH = 50
"""Rows that are written at a time."""
_EMPTY = hashlib.sha256(b"").hexdigest()
_PLACE = "#"
"""Column of the numbers of rows, for the digest of rows in their order."""


def digests(place: Place) -> dict[str, str]:
    """SHA-256 of what each store holds, by store: the same for the same contents, wherever and however they are kept.

    A store that nothing was ever kept in has that of an empty one.

    Raises
    ------
    WorkspaceError
        As reading does.
    """
    found = {}
    for name, made in STORES.items():
        keeper = made(place).keeper
        found[name] = _EMPTY
        if keeper.exists():
            with keeper.open() as base:
                found[name] = _digest(keeper, base)
    return found


def copy(source: Place, target: Place) -> dict[str, str]:
    """Copy every store of one place into another that holds nothing; `digests` of both, which are equal.

    A store is copied in one transaction and compared before it ends. When one fails, those before it stay: empty the
    target and begin again. `source` should not be written meanwhile: stores are copied one after the other.

    Raises
    ------
    WorkspaceError
        "not_empty" before anything is written, "copy_differs", and what reading and keeping may raise.
    """
    found = digests(target)
    if set(found.values()) != {_EMPTY}:
        raise WorkspaceError("not_empty", path=str(target))
    for name, made in STORES.items():
        here, there = made(source).keeper, made(target).keeper
        if here.exists():
            with here.open() as read, there.open(write=True) as written:
                found[name] = _copied(here, read, there, written)
    return found


def _copied(here: Keeper, read: Any, there: Keeper, written: Any) -> str:
    """Copy one store; its digest, which is that of the copy too."""
    for table in here.tables:
        rows = here.each(read, table)
        while batch := [row for _, row in zip(range(BATCH), rows, strict=False)]:
            names = ", ".join(batch[0])
            values = ", ".join("?" * len(batch[0]))
            written.executemany(
                f"INSERT INTO {table} ({names}) VALUES ({values})", [tuple(row.values()) for row in batch]
            )
    if "content" in here.tables:
        for digest in contents.whole(read):
            written.put_rows(digest, read.rows(digest))
    there.settle(written)
    found = _digest(here, read)
    if _digest(there, written) != found:
        raise WorkspaceError("copy_differs", path=there.where)
    return found


def _digest(keeper: Keeper, base: Any) -> str:
    """Digest of the rows of every table, whatever their order, and of the rows of markets in theirs."""
    hashed = hashlib.sha256()
    for table in keeper.tables:
        lines = sorted(_line(row) for row in keeper.each(base, table))
        if lines:
            hashed.update(f"{table} {len(lines)}\n".encode() + b"".join(lines))
    if "content" in keeper.tables:
        for digest in contents.whole(base):
            hashed.update(f"{digest} {_in_order(base, digest)}\n".encode())
    return hashed.hexdigest()


def _line(row: Mapping[str, Any]) -> bytes:
    """Digest of one row, whatever the order of its columns."""
    plain = {
        name: hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else value for name, value in row.items()
    }
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).digest()


def _in_order(base: Any, digest: str) -> str:
    """Digest of rows in the order in which they lie."""
    import pyarrow as pa

    rows = contents.get(base, digest)
    return pack(rows.append_column(_PLACE, pa.array(range(len(rows)), pa.int64()))).digest
