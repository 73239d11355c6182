"""What the parts of a save make of the rows that are there, and what that would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from data import duck
from data.intake.canonical import ROW, complete
from data.schema import DATASETS
from data.workspace.pairs import Clash, clash, matched, moves, pair
from data.workspace.refusal import WorkspaceError
from data.workspace.versions import OnConflict, Part, Preview

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_COUNTS = ("added", "changed", "gone", "same")
_MONTHLY = """
SELECT month::TIMESTAMP AS month, platform::VARCHAR AS platform, sum(parcels)::DOUBLE AS parcels
FROM volumes GROUP BY ALL
"""


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """Rows of a dataset once its parts are taken in.

    Attributes
    ----------
    table : pyarrow.Table or None
        None where there were none and are none.
    stays : ndarray of bool
        Which of the earlier rows stay: they stand first, in their order.
    clash : Clash
        Keys that appends bring again with other values.
    """

    table: "pa.Table | None"
    stays: "NDArray[np.bool_]"
    clash: Clash


def taken(earlier: "pa.Table | None", parts: Sequence[Part], on_conflict: OnConflict) -> Taken:
    """Take the parts of a dataset in, one after the other.

    Where `on_conflict` is "old" the rows that are there stay; otherwise those of the part take their place, at the end.

    Raises
    ------
    WorkspaceError
        "too_many_own" when appends bring more columns of the user's own than the dataset keeps.
    """
    table, found, stays = earlier, Clash(), np.ones(0 if earlier is None else len(earlier), bool)
    for part in parts:
        later = canonical(part.table, part.dataset)
        if part.how == "replace" or table is None:
            table, stays = later, np.zeros_like(stays)
            continue
        later = _spelt_alike(later, table, part.dataset)
        both = pair(table, later, part.dataset)
        again = clash(both)
        found = Clash(found.keys + again.keys, found.example or again.example)
        if on_conflict == "old":
            table = _joined(table, _except(later, matched(both, of="later", by="earlier")))
            continue
        gone = matched(both, of="earlier", by="later")
        first = np.flatnonzero(stays)
        stays[first[gone[gone < len(first)]]] = False
        table = _joined(_except(table, gone), later)
    return Taken(table, stays, found)


def _spelt_alike(later: "pa.Table", earlier: "pa.Table", dataset: str) -> "pa.Table":
    """Later rows whose own columns are called as the earlier ones that differ from them in case alone."""
    there = {name.casefold(): name for name in reversed(earlier.column_names)}
    here = set(later.column_names)
    called = [
        name if there.get(name.casefold()) in here else there.get(name.casefold(), name) for name in later.column_names
    ]
    known = DATASETS[dataset]
    own = {*earlier.column_names, *called} - set(known.columns)
    if len(own) > max(known.own, len(here - set(known.columns))):
        raise WorkspaceError("too_many_own", dataset=dataset, number=len(own), most=known.own)
    return later.rename_columns(called)


def canonical(table: "pa.Table", dataset: str) -> "pa.Table":
    """Every column of the dataset in its order and type, then the user's own, without the rows of the file."""
    import pyarrow as pa

    rows = table
    if ROW not in rows.column_names:
        rows = rows.append_column(ROW, pa.nulls(len(rows), pa.int64()))
    return complete(rows, DATASETS[dataset]).drop_columns(ROW)


def _joined(earlier: "pa.Table", later: "pa.Table") -> "pa.Table":
    import pyarrow as pa

    return pa.concat_tables([earlier, later], promote_options="permissive")


def _except(table: "pa.Table", places: "NDArray[np.int64]") -> "pa.Table":
    import pyarrow as pa

    if not len(places):
        return table
    left = np.ones(len(table), bool)
    left[places] = False
    return table.filter(pa.array(left))


def preview(earlier: Mapping[str, "pa.Table"], parts: Sequence[Part], on_conflict: OnConflict) -> Preview:
    """What parts would change in the tables that are there."""
    rows, later, examples = [], {}, {}
    for dataset in DATASETS:
        before = earlier.get(dataset)
        made = taken(before, [part for part in parts if part.dataset == dataset], on_conflict)
        after, found = made.table, made.clash
        if after is not None:
            later[dataset] = after
            rows.append(_row(dataset, before, after, found))
        if found.keys:
            examples[dataset] = found.example
    columns = ["dataset", "before", "after", *_COUNTS, "conflicts"]
    totals, shares = _monthly(earlier.get("volumes"), later.get("volumes"))
    return Preview(pd.DataFrame(rows, columns=columns), totals, shares, examples)


def _row(dataset: str, before: "pa.Table | None", after: "pa.Table", found: Clash) -> list[str | int]:
    counts = moves(before, after, dataset)
    sizes = [0 if before is None else len(before), len(after)]
    return [dataset, *sizes, *(getattr(counts, name) for name in _COUNTS), found.keys]


def _monthly(before: "pa.Table | None", after: "pa.Table | None") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Parcels by month, and shares of networks by month, before and after."""
    sums = {"before": _sums(before), "after": _sums(after)}
    months = {side: of.groupby(level="month").sum() for side, of in sums.items()}
    shares = {side: of / of.groupby(level="month").transform("sum") for side, of in sums.items()}
    totals = pd.concat(months, axis=1, sort=True).reset_index()
    return totals, pd.concat(shares, axis=1, sort=True).reset_index()


def _sums(volumes: "pa.Table | None") -> pd.Series:
    """Parcels by month and network."""
    if volumes is None:
        index = pd.MultiIndex.from_arrays(
            [pd.DatetimeIndex([], dtype="datetime64[us]"), []], names=["month", "platform"]
        )
        return pd.Series([], index=index, dtype="float64")
    with duck.connect() as base:
        base.register("volumes", volumes)
        return base.sql(_MONTHLY).df().set_index(["month", "platform"])["parcels"]
