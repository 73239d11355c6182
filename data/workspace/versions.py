"""What the workspace hands out and takes in: parts of a version, where they came from, what a version would change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import pandas as pd

from data.workspace.refusal import WorkspaceError

if TYPE_CHECKING:
    import pyarrow as pa

LONGEST_NOTE = 1_000
How = Literal["replace", "append"]
OnConflict = Literal["error", "new", "old"]


def now() -> datetime:
    """Moment of the call, UTC."""
    return datetime.now(UTC)


def read_note(text: str) -> str:
    """A note without blanks around it."""
    note = text.strip()
    if len(note) > LONGEST_NOTE or not all(mark.isprintable() or mark in "\n\t" for mark in note):
        raise WorkspaceError("bad_note", most=LONGEST_NOTE)
    return note


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the rows of a dataset came from, and what was decided on the way.

    Attributes
    ----------
    file, digest : str
        Name of the file and its SHA-256.
    size : int
        Bytes of it.
    sheet, encoding, adapter, crs : str
        As read; "" where it does not apply.
    mapping : mapping of str to str
        Header to column.
    units : mapping of str to str
        Column to the unit its figures were written in.
    names : mapping of str to mapping of str to str
        Column to written text to key, "" for names set aside.
    edits : int
        Cells mended by hand.
    rows, kept, aside : int
        Rows of the file that are not blank, those taken and those kept aside.
    at : datetime
        UTC, when the file was read.
    who : str
        Written by the workspace: 12 figures that stand for the owner who saved.
    how, set_aside : str
        "replace" or "append", and the digest of the rows kept aside; written by the workspace.
    """

    file: str = ""
    digest: str = ""
    size: int = 0
    sheet: str = ""
    encoding: str = ""
    adapter: str = ""
    crs: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    edits: int = 0
    rows: int = 0
    kept: int = 0
    aside: int = 0
    at: datetime = field(default_factory=now)
    who: str = ""
    how: str = "replace"
    set_aside: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Rows of one dataset to be saved.

    Attributes
    ----------
    dataset : str
        Key of DATASETS.
    table : pyarrow.Table
        Canonical columns as in `Intake.rows_of`; a column `row` is left out.
    how : str
        "replace" the dataset, or "append" to it.
    aside : DataFrame
        Rows of the file that were not taken, as text.
    provenance : Provenance
    """

    dataset: str
    table: "pa.Table"
    how: How = "replace"
    aside: pd.DataFrame = field(default_factory=pd.DataFrame)
    provenance: Provenance = field(default_factory=Provenance)


@dataclass(frozen=True, slots=True)
class MarketEntry:
    """A market of the workspace.

    Attributes
    ----------
    id, name : str
    owned : bool
        Whether it belongs to the one who asked.
    owner : str
        12 figures that stand for its owner.
    shared : bool
        Whether everyone may read it.
    current : int
        Number of the version in use.
    versions : int
        How many there are.
    updated : datetime
        UTC, of the last save.
    """

    id: str
    name: str
    owned: bool
    owner: str
    shared: bool
    current: int
    versions: int
    updated: datetime


@dataclass(frozen=True, slots=True)
class Holding:
    """One dataset in one version.

    Attributes
    ----------
    dataset : str
    rows : int
    digest : str
        SHA-256 of the rows, whatever file they came in.
    provenance : tuple of Provenance
        Of every file whose rows make it up, in the order of saving.
    since : int
        Version that brought it.
    """

    dataset: str
    rows: int
    digest: str
    provenance: tuple[Provenance, ...]
    since: int


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """One version of a market.

    Attributes
    ----------
    market : str
        Id of the market.
    name : str
        Of the market, as it is called now.
    number : int
        1 for the first save.
    note : str
        What the user wrote about it.
    created : datetime
        UTC.
    parts : tuple of Holding
        In the order of DATASETS.
    digest : str
        12 figures that stand for the contents of all parts.
    undone : bool
        Whether the version now in use was made without it.
    """

    market: str
    name: str
    number: int
    note: str
    created: datetime
    parts: tuple[Holding, ...]
    digest: str
    undone: bool

    def part(self, dataset: str) -> Holding | None:
        """The dataset in this version, None when it is not held."""
        return next((part for part in self.parts if part.dataset == dataset), None)


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """A version whose rows can be read.

    Attributes
    ----------
    info : VersionInfo
    """

    info: VersionInfo
    _table: Callable[[Holding], "pa.Table"]
    _aside: Callable[[Holding], pd.DataFrame]

    def table(self, dataset: str) -> "pa.Table | None":
        """Rows of a dataset as they were saved, None when it is not held; read anew at every call."""
        part = self.info.part(dataset)
        return self._table(part) if part else None

    def aside(self, dataset: str) -> pd.DataFrame:
        """Rows that were not taken from the files of a dataset, as text; the index tells the file, in order."""
        part = self.info.part(dataset)
        return self._aside(part) if part else pd.DataFrame()


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """What a new version would change.

    Attributes
    ----------
    rows : DataFrame
        One row a dataset that is held before or after: dataset, before, after (rows), added, changed, gone, same (rows
        by key; `changed` have the key of an earlier row and other values), conflicts (keys that an append brings again
        with other values). before + added - gone = after = same + changed + added.
    totals : DataFrame
        month, before, after: parcels a month; not a number where a version holds none. Empty without volumes.
    shares : DataFrame
        month, platform, before, after: share of the network in the parcels of the month, 0 to 1.
    examples : mapping of str to tuple of str
        Dataset to the key of its first conflict.
    """

    rows: pd.DataFrame
    totals: pd.DataFrame
    shares: pd.DataFrame
    examples: Mapping[str, tuple[str, ...]]
