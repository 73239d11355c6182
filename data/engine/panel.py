"""What came back from an engine, as small frames: the panel that becomes a market's volumes, and what to know of it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from data import cities, platforms

if TYPE_CHECKING:
    import pyarrow as pa

KEYS = ["city", "network", "origin", "month"]
KINDS = ["arrived", "collected", "returned"]
FAULTS = ("time", "city", "network", "kind", "parcel", "place", "repeated", "backwards")
"""What may be wrong with an event, as `queries.checks` and `queries.order` find it."""


@dataclass(frozen=True, eq=False)
class Counted:
    """Events counted. Further frames are made on access, once; nobody changes them.

    Attributes
    ----------
    engine, where : str
    rows : int
        Events read.
    panel : DataFrame
        city (adcode, or as written), network (key, or as written), origin, month, and parcels that arrived, were
        collected, were returned.
    hours : DataFrame
        network, day (0 Monday), hour, parcels collected.
    waits : DataFrame
        network, parcels, and minutes to collection: p50, p90, p95.
    checks : DataFrame
        fault, events, like (the least of them, as text).
    span : tuple of Timestamp
        First and last day of the events that count; empty where none does.
    at : datetime
        UTC, when it was counted.
    seconds : float
        How long that took.
    """

    engine: str
    where: str
    rows: int
    panel: pd.DataFrame
    hours: pd.DataFrame
    waits: pd.DataFrame
    checks: pd.DataFrame
    span: tuple[pd.Timestamp, ...]
    at: datetime
    seconds: float

    @cached_property
    def volumes(self) -> pd.DataFrame:
        """Table of the dataset "volumes": month, city, platform, parcels collected, origin."""
        return volumes(self.panel)

    @property
    def cut(self) -> tuple[pd.Timestamp, ...]:
        """Months of which the log seems to have a part: it begins after their first day, or ends before their last.

        Its first and its last event alone are looked at: days that are missing between them are not noticed.
        """
        begins = [day for day in self.span[:1] if not day.is_month_start]
        ends = [day for day in self.span[1:] if not day.is_month_end]
        return tuple(sorted({day.replace(day=1) for day in begins + ends}))

    @cached_property
    def whole(self) -> pd.DataFrame:
        """Rows of `volumes` of the whole months; all of them where no whole month has parcels."""
        found = self.volumes[~self._in_part]
        return self.volumes if found.empty else found.reset_index(drop=True)

    @property
    def partial(self) -> bool:
        """Whether `volumes` has rows of a month of which the log has a part."""
        return bool(self._in_part.any())

    @cached_property
    def _in_part(self) -> "pd.Series[bool]":
        return self.volumes["month"].isin([month.strftime("%Y-%m") for month in self.cut])


def known(written: "pa.Table", column: str) -> "pa.Table":
    """How names of a column ("city" or "network") are spelt, and what each means; null where that is not known.

    In the order of their letters, which both engines have too; `place` is the place in it.
    """
    import pyarrow as pa

    resolve = cities.resolve if column == "city" else platforms.resolve
    spelt = sorted(written.column(column).unique().to_pylist())
    meant = pa.array(map(resolve, spelt), pa.string())
    place = np.arange(len(spelt), dtype="int32")
    return pa.table({"spelt": pa.array(spelt, pa.string()), "meant": meant, "place": place})


def frame(table: "pa.Table") -> pd.DataFrame:
    """Panel with months as time stamps."""
    found = table.to_pandas()
    month = pd.to_datetime(found["month"].astype(str), format="%Y%m")
    return found.assign(month=month)


def span(found: "pa.Table") -> tuple[pd.Timestamp, ...]:
    """First and last day in the answer to the checks."""
    row = found.to_pylist()[0]
    return tuple(pd.to_datetime(str(row[name]), format="%Y%m%d") for name in ("first", "last") if row[name])


def added(panels: list[pd.DataFrame]) -> pd.DataFrame:
    """Panels of parts of a log, such as its months, as one of the whole: they add up."""
    whole = pd.concat(panels, ignore_index=True)
    return whole.groupby(KEYS, sort=True, as_index=False)[KINDS].sum()


def volumes(panel: pd.DataFrame) -> pd.DataFrame:
    """Rows of the dataset "volumes"; where nothing was ever collected, the parcels that arrived stand for it."""
    count = "collected" if panel["collected"].any() else "arrived"
    rows = panel[panel[count] > 0]
    month = rows["month"].dt.strftime("%Y-%m")
    table = {"month": month, "city": rows["city"], "platform": rows["network"], "parcels": rows[count]}
    return pd.DataFrame({**table, "origin": rows["origin"]}).reset_index(drop=True)


def checked(found: "pa.Table", order: "pa.Table", panel: pd.DataFrame) -> pd.DataFrame:
    """Faults with their number and the least example, and the names that mean nothing known; those found alone."""
    row = {**found.to_pylist()[0], **order.to_pylist()[0]}
    rows = [(fault, row[f"n_{fault}"] or 0, row[f"like_{fault}"] or "") for fault in FAULTS]
    for column, resolve in (("city", cities.resolve), ("network", platforms.resolve)):
        counts = panel.groupby(column)[KINDS].sum().sum(axis=1)
        strange = counts[[resolve(str(name)) is None for name in counts.index]]
        if len(strange):
            rows.append((f"strange_{column}", int(strange.sum()), str(strange.index[0])))
    table = pd.DataFrame(rows, columns=["fault", "events", "like"])
    return table[table["events"] > 0].reset_index(drop=True)
