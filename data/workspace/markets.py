"""Markets of a workspace: every save is a version of its own that keeps the datasets which were not given."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from data.platforms import Platform, added, using
from data.schema import DATASETS
from data.workspace import audit, catalogue, contents, grants, merge, remembered, shared, taking
from data.workspace.base import LETTERS, Tables, named
from data.workspace.postgres import Database, Place
from data.workspace.postgres_rows import PIECES
from data.workspace.postgres_schema import Schema
from data.workspace.refusal import WorkspaceError
from data.workspace.store import Store
from data.workspace.versions import (
    Holding,
    MarketEntry,
    OnConflict,
    Part,
    Preview,
    Version,
    VersionInfo,
    read_note,
)

if TYPE_CHECKING:
    import pyarrow as pa

FILE = "markets.duckdb"
FORMAT = 2


class Workspace(shared.Shared):
    """Markets of one place; `owner` is whoever asks, and only a digest of it is kept.

    Parameters
    ----------
    place : Path or Database
        A folder is made at the first save.
    """

    KIND, TABLE, UNKNOWN, FOREIGN, FLAG = "market", "market", "no_market", "not_your_market", grants.HERE

    def __init__(self, place: Place) -> None:
        self._store = _store(place)
        super().__init__(self._store)

    def stamp(self) -> tuple[object, ...] | None:
        """What every write changes; None where a write may have left it as it was."""
        return self._store.stamp()

    def save(
        self,
        *,
        owner: str,
        parts: Sequence[Part],
        market: str | None = None,
        name: str = "",
        note: str = "",
        networks: Sequence[Platform] = (),
        on_conflict: OnConflict = "error",
    ) -> VersionInfo:
        """Add a version to `market`, else make one called `name`; datasets that are not given stay as they are.

        Parameters
        ----------
        networks : sequence of Platform
            Networks to add to the market, as `add_network` does.
        on_conflict : str
            What an append does with a key that is there with other values: "error", or keep the "new" or "old" rows.

        Raises
        ------
        WorkspaceError
            "conflict" when an append brings keys again with other values; "too_many_own" when appends bring too many
            columns of the user's own; "nothing_to_save" without parts; "not_your_market"; "no_market_name"; "bad_note".
        ValueError
            A part is of no dataset.
        """
        _known(parts)
        if not parts:
            raise WorkspaceError("nothing_to_save")
        written = read_note(note)
        with self._store.open(write=True) as base:
            entry = catalogue.market(base, market, owner, change=True) if market else catalogue.add(base, owner, name)
            held = catalogue.holdings(base, entry.id).get(entry.current, {})
            for network in networks:
                catalogue.add_network(base, entry, network)
            with using((*catalogue.networks(base, entry), *added())):
                for dataset in dict.fromkeys(part.dataset for part in parts):
                    of = [part for part in parts if part.dataset == dataset]
                    held[dataset] = taking.take(base, owner, held.get(dataset), of, on_conflict)
            number = catalogue.add_version(base, entry, written, held)
            rows = sum(part.rows for part in held.values() if not part.since)
            audit.record(base, "market.save", entry.id, owner=owner, version=number, rows=rows)
            return catalogue.version(base, catalogue.market(base, entry.id, owner), number)

    def preview(
        self,
        *,
        owner: str,
        parts: Sequence[Part],
        market: str | None = None,
        networks: Sequence[Platform] = (),
        on_conflict: OnConflict = "error",
    ) -> Preview:
        """What `save` of the same would change; nothing is written, and conflicts are counted, never raised."""
        _known(parts)
        earlier, there = {}, tuple(networks)
        if market:
            with self._reading(market) as base:
                entry = catalogue.market(base, market, owner)
                held = catalogue.holdings(base, entry.id).get(entry.current, {})
                earlier = {dataset: contents.get(base, part.digest) for dataset, part in held.items()}
                there = (*there, *catalogue.networks(base, entry))
        with using((*there, *added())):
            return merge.preview(earlier, parts, on_conflict)

    def markets(self, owner: str, *, shared: bool = False) -> tuple[MarketEntry, ...]:
        """The owner's markets, the last changed first; then, when `shared`, those that others share."""
        if not self._store.exists():
            return ()
        with self._store.open() as base:
            return catalogue.markets(base, owner, shared=shared)

    def market(self, market: str, owner: str) -> MarketEntry:
        """A market that `owner` may read."""
        with self._reading(market) as base:
            return catalogue.market(base, market, owner)

    def versions(self, market: str, owner: str) -> tuple[VersionInfo, ...]:
        """Every version of a market, oldest first."""
        with self._reading(market) as base:
            return catalogue.versions(base, catalogue.market(base, market, owner))

    def version(self, market: str, number: int | None = None, *, owner: str) -> Version:
        """A version whose rows can be read, the current one by default."""
        with self._reading(market) as base:
            info = catalogue.version(base, catalogue.market(base, market, owner), number)
        return Version(info, partial(self._rows, info), partial(self._aside, info))

    def undo(self, market: str, owner: str) -> VersionInfo:
        """Go back to the version that the current one was made from; nothing is deleted."""
        return self._move(market, owner, later=False)

    def redo(self, market: str, owner: str) -> VersionInfo:
        """Go on to the last version that was made from the current one."""
        return self._move(market, owner, later=True)

    def rename(self, market: str, owner: str, name: str) -> MarketEntry:
        """Give one's market another name."""
        return self._change(market, owner, "name", named(name, "no_market_name"), "rename")

    def share(self, market: str, owner: str, shared: bool) -> MarketEntry:
        """Let everyone read one's market, or nobody else."""
        self.allow(market, grants.HERE if shared else grants.PRIVATE, owner=owner)
        return self.market(market, owner)

    def delete(self, market: str, owner: str) -> None:
        """Remove one's market for good: every version, and rows that no other market holds."""
        with self._changing(market, owner) as (base, entry):
            self._erase(base, entry.id)
            audit.record(base, "market.delete", entry.id, owner=owner)
        self._store.wipe()

    def take_away(self, id: str) -> None:
        """Delete anyone's market; for administrators."""
        super().take_away(id)
        self._store.wipe()

    def _erase(self, base: Tables, id: str) -> None:
        catalogue.delete(base, id)
        contents.sweep(base, *catalogue.in_use(base))
        grants.drop(base, id)

    def _set_flag(self, base: Tables, id: str, on: bool) -> None:
        catalogue.change(base, id, "shared", on)

    @staticmethod
    def _kept_as(owner: str) -> str:
        return catalogue.mask(owner)

    @staticmethod
    def _mark(kept: str) -> str:
        return kept[: audit.FIGURES]

    def _hand_over(self, base: Tables, before: str, owner: str) -> None:
        super()._hand_over(base, before, owner)
        base.execute("UPDATE decision SET owner = ? WHERE owner = ?", (owner, before))

    def networks(self, market: str, owner: str) -> tuple[Platform, ...]:
        """Networks that were added to a market."""
        with self._reading(market) as base:
            return catalogue.networks(base, catalogue.market(base, market, owner))

    def add_network(self, market: str, owner: str, network: Platform) -> None:
        """Add a network to one's market, or put it in place of the one of the same key."""
        with self._changing(market, owner) as (base, entry):
            catalogue.add_network(base, entry, network)
            audit.record(base, "market.network", entry.id, owner=owner)

    def remember(self, owner: str, dataset: str, header_key: str, mapping: Mapping[str, str]) -> None:
        """Keep which column each header was, for the next file with the same headers."""
        self._keep(owner, remembered.HEADERS, f"{dataset} {header_key}", mapping)

    def recall(self, owner: str, dataset: str, header_key: str) -> dict[str, str]:
        """Columns by header as last kept; empty for none."""
        return self._kept(owner, remembered.HEADERS, f"{dataset} {header_key}")

    def remember_names(self, owner: str, column: str, names: Mapping[str, str]) -> None:
        """Keep what written names of a column were decided to be, beside those decided before."""
        self._keep(owner, remembered.NAMES, column, names)

    def recall_names(self, owner: str, column: str) -> dict[str, str]:
        """Keys by written name as last decided, "" for names set aside; empty for none."""
        return self._kept(owner, remembered.NAMES, column)

    @contextmanager
    def _reading(self, market: str) -> Iterator[Tables]:
        if not self._store.exists():
            raise WorkspaceError("no_market", id=market[:LETTERS])
        with self._store.open() as base:
            yield base

    @contextmanager
    def _changing(self, market: str, owner: str) -> Iterator[tuple[Tables, MarketEntry]]:
        if not self._store.exists():
            raise WorkspaceError("no_market", id=market[:LETTERS])
        with self._store.open(write=True) as base:
            yield base, catalogue.market(base, market, owner, change=True)

    def _change(self, market: str, owner: str, column: str, value: str, what: str) -> MarketEntry:
        with self._changing(market, owner) as (base, entry):
            catalogue.change(base, entry.id, column, value)
            audit.record(base, f"market.{what}", entry.id, owner=owner)
            return catalogue.market(base, entry.id, owner)

    def _move(self, market: str, owner: str, *, later: bool) -> VersionInfo:
        with self._changing(market, owner) as (base, entry):
            number = catalogue.neighbour(base, entry, later=later)
            if number is None:
                raise WorkspaceError("nothing_to_redo" if later else "nothing_to_undo", id=entry.id)
            catalogue.change(base, entry.id, "current", number)
            audit.record(base, f"market.{'redo' if later else 'undo'}", entry.id, owner=owner, version=number)
            return catalogue.version(base, catalogue.market(base, entry.id, owner), None)

    def _rows(self, info: VersionInfo, part: Holding) -> "pa.Table":
        with self._reading(info.market) as base:
            return contents.get(base, part.digest)

    def _aside(self, info: VersionInfo, part: Holding) -> pd.DataFrame:
        with self._reading(info.market) as base:
            return contents.get_aside(base, part)

    def _keep(self, owner: str, kind: str, key: str, decided: Mapping[str, str]) -> None:
        with self._store.open(write=True) as base:
            remembered.keep(base, owner, kind, key, decided)
            audit.record(base, "market.remember", "", owner=owner)

    def _kept(self, owner: str, kind: str, key: str) -> dict[str, str]:
        if not self._store.exists():
            return {}
        with self._store.open() as base:
            return remembered.kept(base, owner, kind, key)


def _store(place: Place) -> Store | Schema:
    schema = catalogue.SCHEMA + contents.SCHEMA + remembered.SCHEMA + shared.SCHEMA
    if isinstance(place, Database):
        return Schema(place, "markets", schema, FORMAT, more=PIECES)
    return Store(place / FILE, schema, FORMAT)


def _known(parts: Sequence[Part]) -> None:
    strange = sorted({part.dataset for part in parts} - set(DATASETS))
    if strange:
        raise ValueError(f"dataset {', '.join(strange)} is not one of {', '.join(DATASETS)}")
