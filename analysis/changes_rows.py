"""Rows that two versions of a market share: how many by dataset and month, and the market of what both hold."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from data import duck
from data.contract import Column
from data.markets import Market, build_panel
from data.schema import DATASETS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

COUNTS = ("added", "changed", "gone", "same")
_TYPES = {"month": "date", "date": "date", "number": "double", "integer": "double", "fraction": "double"}


@dataclass(frozen=True, slots=True, eq=False)
class Overlap:
    """What two versions share, matched by the key of each dataset.

    Attributes
    ----------
    rows : DataFrame
        Index dataset (those that either version holds); added (keys in the later version alone), changed (other values
        under the same key), gone (keys in the earlier version alone), same.
    months : DataFrame
        The same counts for the volumes; index month.
    common : Market
        Rows of the later version whose keys the earlier one holds; a dataset that either lacks is None.
    """

    rows: pd.DataFrame
    months: pd.DataFrame
    common: Market


def overlap(before: Market, after: Market) -> Overlap:
    """Match two versions of a market; columns of the user's own are not compared.

    Parcels of one key are added up. Volumes are matched by month, city and network alone wherever either version does
    not know the origin of all its parcels there.
    """
    counts: dict[str, pd.DataFrame] = {}
    frames: dict[str, pd.DataFrame | None] = dict.fromkeys(DATASETS)
    for dataset in DATASETS:
        old, new = getattr(before, dataset), getattr(after, dataset)
        if old is None and new is None:
            continue
        sides = [_present(old, new) if frame is None else frame for frame in (old, new)]
        with duck.connect() as db:
            counts[dataset] = _counted(db, dataset, *sides)
            if old is not None and new is not None:
                frames[dataset] = _shared(db, old, new, counts[dataset].sum())
    rows = pd.DataFrame({name: found.sum() for name, found in counts.items()}, list(COUNTS)).T.astype("int64")
    months = (
        counts["volumes"]
        if "volumes" in counts
        else pd.DataFrame(columns=list(COUNTS), index=pd.DatetimeIndex([], name="month"))
    )
    return Overlap(rows.rename_axis("dataset"), months.astype("int64"), _market(before, after, frames, counts))


def _present(*frames: pd.DataFrame | None) -> pd.DataFrame:
    """No row of the one that is there."""
    return next(frame for frame in frames if frame is not None).iloc[:0]


def _counted(db: "DuckDBPyConnection", dataset: str, old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Counts by month, one row for datasets without; leaves `old` and `new` in `db`: row, key, what it holds."""
    months, cells = pd.DatetimeIndex([pd.NaT], name="month"), 0
    if dataset == "volumes":
        months, cells = _pack(db, old, new)
    else:
        for name, frame in (("old", old), ("new", new)):
            db.register(f"{name}_rows", frame[list(DATASETS[dataset].columns)].assign(row=np.arange(len(frame))))
            db.execute(f"create or replace temp table {name} as {_keyed(f'{name}_rows', dataset)}")
    found = db.execute(
        f"""
        with before as (select key, sum(held)::hugeint as held from old group by key),
            after as (select key, sum(held)::hugeint as held from new group by key)
        select {"key // $cells" if cells else "0"} as month, count(*) filter (before.held is null) as added,
            count(*) filter (before.held <> after.held) as changed,
            count(*) filter (after.held is null) as gone, count(*) filter (before.held = after.held) as same
        from before full join after using (key) group by 1 order by 1
        """,
        {"cells": cells} if cells else {},
    ).df()
    return found.set_index(months[found.pop("month").to_numpy(np.int64)]).astype("int64")


def _keyed(rows: str, dataset: str) -> str:
    """Query of each row with its key and a digest of its other columns."""
    columns, key = DATASETS[dataset].columns.values(), DATASETS[dataset].key
    keys = ", ".join(_cast(column) for column in columns if column.name in key)
    others = ", ".join(_cast(column) for column in columns if column.name not in key)
    return f"select row, concat_ws(chr(31), {keys}) as key, hash({others})::hugeint as held from {rows}"


def _cast(column: Column) -> str:
    kind = _TYPES.get(column.type, "varchar")
    return f"coalesce(\"{column.name}\"::varchar, '')" if kind == "varchar" else f'"{column.name}"::{kind}'


def _pack(db: "DuckDBPyConnection", old: pd.DataFrame, new: pd.DataFrame) -> tuple[pd.DatetimeIndex, int]:
    """Volumes with one number for a key; the months it counts from, and how many cells each holds."""
    named = ("city", "platform", "origin") if _origins(old) and _origins(new) else ("city", "platform")
    known = {name: pd.Index(sorted({"", *_names(old[name]), *_names(new[name])})) for name in named}
    first = min((frame["month"].min() for frame in (old, new) if len(frame)), default=pd.Timestamp(0))
    last = max((frame["month"].max() for frame in (old, new) if len(frame)), default=first)
    keys = [_place(frame, known, np.datetime64(first, "M")) for frame in (old, new)]
    if "origin" in known:
        keys = _by_known_origin(keys, len(known["origin"]), known["origin"].get_loc(""))
    for side, frame, key in zip(("old", "new"), (old, new), keys, strict=True):
        db.register(side, pd.DataFrame({"row": np.arange(len(frame)), "key": key, "held": frame["parcels"].to_numpy()}))
    months = pd.period_range(first, last, freq="M", name="month").to_timestamp()
    return months, int(np.prod([len(names) for names in known.values()]))


def _place(volumes: pd.DataFrame, known: Mapping[str, pd.Index], start: np.datetime64) -> npt.NDArray[np.int64]:
    """One number for the month and names of each row."""
    key = (volumes["month"].to_numpy("datetime64[M]") - start).astype(np.int64)
    for name, names in known.items():
        key = key * len(names) + _codes(volumes[name], names)
    return key


def _by_known_origin(keys: list[npt.NDArray[np.int64]], origins: int, blank: int) -> list[npt.NDArray[np.int64]]:
    """Keys without the origin where both versions have the month, city and network, and one not all its origins."""
    cells = [key // origins for key in keys]
    size = 1 + max((int(cell.max()) for cell in cells if len(cell)), default=0)
    there, unknown = np.zeros((2, size), bool), np.zeros(size, bool)
    for side, (key, cell) in enumerate(zip(keys, cells, strict=True)):
        there[side, cell] = True
        unknown[cell[key % origins == blank]] = True
    merged = unknown & there.all(axis=0)
    return [np.where(merged[cell], cell * origins + blank, key) for key, cell in zip(keys, cells, strict=True)]


def _origins(volumes: pd.DataFrame) -> bool:
    """Whether the origin of any parcel is known."""
    return "origin" in volumes and any(_names(volumes["origin"]))


def _names(column: pd.Series) -> set[str]:
    return set(map(str, column.dropna().unique()))


def _codes(column: pd.Series, names: pd.Index) -> npt.NDArray[np.int64]:
    """Places of the names of a column; a blank is the place of ""."""
    found = column.astype("category").cat
    places = np.append(names.get_indexer(found.categories.astype("str")), names.get_loc(""))
    return places[found.codes.to_numpy()]


def _shared(db: "DuckDBPyConnection", old: pd.DataFrame, new: pd.DataFrame, total: pd.Series) -> pd.DataFrame:
    """Rows of `new` whose keys `old` holds; one of the two as it is where that is the same."""
    if not total["changed"] and not total["gone"]:
        return old
    if not total["added"]:
        return new
    found = db.execute("select row from new semi join old using (key) order by row")
    return new.iloc[found.fetchnumpy()["row"].astype(np.int64)]


def _market(
    before: Market, after: Market, frames: dict[str, pd.DataFrame | None], counts: Mapping[str, pd.DataFrame]
) -> Market:
    """Market of the frames; its panel is made only where neither version has it."""
    alike = {dataset for dataset, found in counts.items() if not found[["added", "changed", "gone"]].to_numpy().any()}
    for version in (before, after):
        if all(frame is getattr(version, dataset) or dataset in alike for dataset, frame in frames.items()):
            return version
    given = {dataset: frame for dataset, frame in frames.items() if frame is not None}
    panel = build_panel(given) if len(given.get("volumes", ())) else None
    return replace(
        after, stations=frames["stations"], subsidies=frames["subsidies"], volumes=frames["volumes"], panel=panel
    )
