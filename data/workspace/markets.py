"""Markets of a workspace: every save is a version of its own that keeps the datasets which were not given."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from data.platforms import Platform, added, using
from data.schema import DATASETS
from data.workspace import catalogue, contents, merge, remembered
from data.workspace.base import LETTERS, named
from data.workspace.refusal import WorkspaceError
from data.workspace.store import Store
from data.workspace.versions import Holding, MarketEntry, OnConflict, Part, Preview, Provenance, Version, VersionInfo

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

FILE = "markets.duckdb"
FORMAT = 1
LONGEST_NOTE = 1_000


class Workspace:
    """Markets of one folder, in one file; `owner` is whoever asks, and only a digest of it is kept.

    Parameters
    ----------
    folder : Path
        Made at the first save.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._store = Store(self.path, catalogue.SCHEMA + contents.SCHEMA + remembered.SCHEMA, FORMAT)

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
        written = _note(note)
        with self._store.open(write=True) as base:
            entry = catalogue.market(base, market, owner, change=True) if market else catalogue.add(base, owner, name)
            held = catalogue.holdings(base, entry.id).get(entry.current, {})
            for network in networks:
                catalogue.add_network(base, entry, network)
            with using((*catalogue.networks(base, entry), *added())):
                for dataset in dict.fromkeys(part.dataset for part in parts):
                    of = [part for part in parts if part.dataset == dataset]
                    held[dataset] = _take(base, owner, held.get(dataset), of, on_conflict)
            number = catalogue.add_version(base, entry, written, held)
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
        return self._change(market, owner, "name", named(name, "no_market_name"))

    def share(self, market: str, owner: str, shared: bool) -> MarketEntry:
        """Let everyone read one's market, or nobody else."""
        return self._change(market, owner, "shared", shared)

    def delete(self, market: str, owner: str) -> None:
        """Remove one's market for good: every version, and rows that no other market holds."""
        with self._changing(market, owner) as (base, entry):
            catalogue.delete(base, entry.id)
            contents.sweep(base, *catalogue.in_use(base))
        self._store.wipe()

    def networks(self, market: str, owner: str) -> tuple[Platform, ...]:
        """Networks that were added to a market."""
        with self._reading(market) as base:
            return catalogue.networks(base, catalogue.market(base, market, owner))

    def add_network(self, market: str, owner: str, network: Platform) -> None:
        """Add a network to one's market, or put it in place of the one of the same key."""
        with self._changing(market, owner) as (base, entry):
            catalogue.add_network(base, entry, network)

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
    def _reading(self, market: str) -> Iterator["DuckDBPyConnection"]:
        if not self._store.exists():
            raise WorkspaceError("no_market", id=market[:LETTERS])
        with self._store.open() as base:
            yield base

    @contextmanager
    def _changing(self, market: str, owner: str) -> Iterator[tuple["DuckDBPyConnection", MarketEntry]]:
        if not self._store.exists():
            raise WorkspaceError("no_market", id=market[:LETTERS])
        with self._store.open(write=True) as base:
            yield base, catalogue.market(base, market, owner, change=True)

    def _change(self, market: str, owner: str, column: str, value: str | bool) -> MarketEntry:
        with self._changing(market, owner) as (base, entry):
            catalogue.change(base, entry.id, column, value)
            return catalogue.market(base, entry.id, owner)

    def _move(self, market: str, owner: str, *, later: bool) -> VersionInfo:
        with self._changing(market, owner) as (base, entry):
            number = catalogue.neighbour(base, entry, later=later)
            if number is None:
                raise WorkspaceError("nothing_to_redo" if later else "nothing_to_undo", id=entry.id)
            catalogue.change(base, entry.id, "current", number)
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

    def _kept(self, owner: str, kind: str, key: str) -> dict[str, str]:
        if not self._store.exists():
            return {}
        with self._store.open() as base:
            return remembered.kept(base, owner, kind, key)


def _note(text: str) -> str:
    """A note without blanks around it."""
    note = text.strip()
    if len(note) > LONGEST_NOTE or not all(mark.isprintable() or mark in "\n\t" for mark in note):
        raise WorkspaceError("bad_note", most=LONGEST_NOTE)
    return note


def _known(parts: Sequence[Part]) -> None:
    strange = sorted({part.dataset for part in parts} - set(DATASETS))
    if strange:
        raise ValueError(f"dataset {', '.join(strange)} is not one of {', '.join(DATASETS)}")


def _take(
    base: "DuckDBPyConnection", owner: str, held: Holding | None, parts: Sequence[Part], on_conflict: OnConflict
) -> Holding:
    """Keep the rows of a dataset once its parts are taken in."""
    dataset = parts[0].dataset
    earlier = contents.get(base, held.digest) if held and parts[0].how == "append" else None
    made = merge.taken(earlier, parts, on_conflict)
    table, found = made.table, made.clash
    assert table is not None
    if found.keys and on_conflict == "error":
        raise WorkspaceError("conflict", dataset=dataset, rows=found.keys, example=" + ".join(found.example))
    files = held.provenance if held else ()
    for part in parts:
        files = (*(files if part.how == "append" else ()), _stamped(base, owner, part))
    packed = contents.put_onto(base, table, held.digest if held else "", made.stays)
    return Holding(dataset, packed.plain.num_rows, packed.digest, files, 0)


def _stamped(base: "DuckDBPyConnection", owner: str, part: Part) -> Provenance:
    """Keep the rows set aside; the provenance says who saved, how, and where those rows are."""
    whence, who = part.provenance, catalogue.mask(owner)[: catalogue.FIGURES]
    return replace(whence, who=who, how=part.how, set_aside=contents.put_aside(base, part.aside))
