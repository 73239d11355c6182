"""Markets and versions as rows of the workspace's file."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from data.platforms import Platform
from data.schema import DATASETS
from data.workspace import grants
from data.workspace.base import LETTERS, Tables, named, new_id, read_id
from data.workspace.refusal import WorkspaceError
from data.workspace.versions import Holding, MarketEntry, Provenance, VersionInfo, now

FIGURES = 12
"""Of a digest that is shown."""
SCHEMA = """
CREATE TABLE market (
    id VARCHAR, owner VARCHAR, name VARCHAR, shared BOOLEAN, current INTEGER, updated VARCHAR, networks VARCHAR);
CREATE TABLE version (
    market VARCHAR, number INTEGER, parent INTEGER, note VARCHAR, created VARCHAR, digest VARCHAR);
CREATE TABLE holding (
    market VARCHAR, number INTEGER, dataset VARCHAR, digest VARCHAR, rows BIGINT, since INTEGER, files VARCHAR);
"""
_MARKET = """
SELECT id, name, owner, shared, current, (SELECT count(*) FROM version WHERE market = id), updated FROM market
"""


def mask(owner: str) -> str:
    """What is kept instead of an owner's name."""
    return hashlib.sha256(owner.encode()).hexdigest()


def add(base: Tables, owner: str, name: str) -> MarketEntry:
    """Make a market without versions."""
    line, id = named(name, "no_market_name"), new_id()
    row = (id, mask(owner), line, False, 0, now().isoformat(), "[]")
    base.execute("INSERT INTO market VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    return market(base, id, owner)


def market(base: Tables, id: str, owner: str, *, change: bool = False) -> MarketEntry:
    """A market that `owner` may read, or `change`."""
    rows = base.execute(f"{_MARKET} WHERE id = ?", (read_id(id),)).fetchall()
    if not rows:
        raise WorkspaceError("no_market", id=id[:LETTERS])
    found = _entry(rows[0], mask(owner))
    if not found.owned and (change or not grants.given(base, found.id, found.shared)):
        raise WorkspaceError("not_your_market", id=found.id)
    return found


def markets(base: Tables, owner: str, *, shared: bool) -> tuple[MarketEntry, ...]:
    """Markets of an owner, and those that others share, the last changed first."""
    shared = shared and grants.let_in()
    given = grants.listed(base) if shared else ()
    where = f"owner = ? OR shared OR id IN ({', '.join('?' * len(given)) or 'NULL'})" if shared else "owner = ?"
    values = (mask(owner), *given, mask(owner))
    rows = base.execute(f"{_MARKET} WHERE {where} ORDER BY owner <> ?, updated DESC, id", values)
    return tuple(_entry(row, mask(owner)) for row in rows.fetchall())


def _entry(row: tuple[Any, ...], asker: str) -> MarketEntry:
    id, name, owner, shared, current, versions, updated = row
    when = datetime.fromisoformat(updated)
    return MarketEntry(id, name, owner == asker, owner[:FIGURES], shared, current, versions, when)


def change(base: Tables, id: str, column: str, value: str | int | bool) -> None:
    """Set one column of a market, and when it was changed."""
    base.execute(f"UPDATE market SET {column} = ?, updated = ? WHERE id = ?", (value, now().isoformat(), id))


def holdings(base: Tables, id: str) -> dict[int, dict[str, Holding]]:
    """What each version of a market holds, in the order of DATASETS."""
    select = "SELECT number, dataset, rows, digest, files, since FROM holding WHERE market = ?"
    rows = base.execute(select, (id,)).fetchall()
    found: dict[int, dict[str, Holding]] = {}
    for number, *row in sorted(rows, key=lambda row: tuple(DATASETS).index(row[1])):
        found.setdefault(number, {})[row[0]] = _holding(*row)
    return found


def _holding(dataset: str, rows: int, digest: str, files: str, since: int) -> Holding:
    read = [Provenance(**file | {"at": datetime.fromisoformat(file["at"])}) for file in json.loads(files)]
    return Holding(dataset, rows, digest, tuple(read), since)


def add_version(base: Tables, entry: MarketEntry, note: str, parts: Mapping[str, Holding]) -> int:
    """Add a version to a market and move the market to it."""
    (latest,) = base.execute("SELECT coalesce(max(number), 0) FROM version WHERE market = ?", (entry.id,)).fetchall()[0]
    number = latest + 1
    contents = "".join(f"{dataset} {parts[dataset].digest}\n" for dataset in DATASETS if dataset in parts)
    digest = hashlib.sha256(contents.encode()).hexdigest()[:FIGURES]
    row = (entry.id, number, entry.current, note, now().isoformat(), digest)
    base.execute("INSERT INTO version VALUES (?, ?, ?, ?, ?, ?)", row)
    for part in parts.values():
        files = json.dumps([_plain(one) for one in part.provenance], ensure_ascii=False)
        line = (entry.id, number, part.dataset, part.digest, part.rows, part.since or number, files)
        base.execute("INSERT INTO holding VALUES (?, ?, ?, ?, ?, ?, ?)", line)
    change(base, entry.id, "current", number)
    return number


def _plain(whence: Provenance) -> dict[str, Any]:
    """Provenance as JSON holds it."""
    names = {column: dict(decided) for column, decided in whence.names.items()}
    plain = replace(whence, mapping=dict(whence.mapping), units=dict(whence.units), names=names)
    return asdict(plain) | {"at": whence.at.isoformat()}


def versions(base: Tables, entry: MarketEntry) -> tuple[VersionInfo, ...]:
    """Every version of a market, oldest first.

    Whoever is not its owner sees the one in use, and no rows that were set aside.
    """
    select = "SELECT number, parent, note, created, digest FROM version WHERE market = ? ORDER BY number"
    rows = base.execute(select, (entry.id,)).fetchall()
    held, standing = holdings(base, entry.id), _standing(entry.current, {row[0]: row[1] for row in rows})
    return tuple(
        VersionInfo(
            market=entry.id,
            name=entry.name,
            number=number,
            note=note,
            created=datetime.fromisoformat(created),
            parts=tuple(part if entry.owned else _public(part) for part in held.get(number, {}).values()),
            digest=digest,
            undone=number not in standing,
        )
        for number, _, note, created, digest in rows
        if entry.owned or number == entry.current
    )


def _public(part: Holding) -> Holding:
    """A dataset of a version as others see it."""
    return replace(part, provenance=tuple(replace(one, set_aside="") for one in part.provenance))


def _standing(current: int, parents: Mapping[int, int]) -> set[int]:
    """The version in use and those it was made from."""
    found = set()
    while current:
        found.add(current)
        current = parents[current]
    return found


def version(base: Tables, entry: MarketEntry, number: int | None) -> VersionInfo:
    """One version of a market, the current one by default."""
    wanted = entry.current if number is None else number
    found = next((one for one in versions(base, entry) if one.number == wanted), None)
    if found is None:
        raise WorkspaceError("no_version", id=entry.id, number=wanted)
    return found


def neighbour(base: Tables, entry: MarketEntry, *, later: bool) -> int | None:
    """The version that the current one was made from, or the last one made from it; None for none."""
    where = ("max(number)", "parent") if later else ("nullif(max(parent), 0)", "number")
    select = f"SELECT {where[0]} FROM version WHERE market = ? AND {where[1]} = ?"
    (found,) = base.execute(select, (entry.id, entry.current)).fetchall()[0]
    return None if found is None else int(found)


def networks(base: Tables, entry: MarketEntry) -> tuple[Platform, ...]:
    """Networks that were added to a market."""
    (kept,) = base.execute("SELECT networks FROM market WHERE id = ?", (entry.id,)).fetchall()[0]
    return tuple(Platform(**one | {"aliases": tuple(one["aliases"])}) for one in json.loads(kept))


def add_network(base: Tables, entry: MarketEntry, network: Platform) -> None:
    """Add a network to a market, or put it in place of the one of the same key."""
    kept = {one.key: one for one in networks(base, entry)} | {network.key: network}
    change(base, entry.id, "networks", json.dumps([asdict(one) for one in kept.values()], ensure_ascii=False))


def delete(base: Tables, id: str) -> None:
    """Remove a market with its versions."""
    base.execute("DELETE FROM holding WHERE market = ?", (id,))
    base.execute("DELETE FROM version WHERE market = ?", (id,))
    base.execute("DELETE FROM market WHERE id = ?", (id,))


def in_use(base: Tables) -> tuple[set[str], set[str]]:
    """Digests of the rows, and of the rows set aside, that some version holds."""
    rows = base.execute("SELECT DISTINCT digest, files FROM holding").fetchall()
    return {digest for digest, _ in rows}, {file["set_aside"] for _, files in rows for file in json.loads(files)}
