"""Checks of subsidies across rows: rates in fen among rates in yuan, shares that were divided by 100 twice."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from data.intake.cross import findings
from data.intake.grid import capped
from data.intake.keys import row_numbers

if TYPE_CHECKING:
    import pyarrow as pa

_FEWEST = 8
_TIMES, _APART = 8.0, 3.0
"""How many times the middle rate, and the largest of those nearer to it, a rate must be."""
_FEN = 1.0
"""CNY a parcel from which a middle rate is likelier to be one in fen: paid rates are a few fen to a few jiao."""


_SMALL, _GAP = 0.01, 10.0
"""An allocation up to here is rather a share under a header in percent, if the others are so many times as large."""


def check(table: "pa.Table") -> pd.DataFrame:
    """Findings of a table of subsidies, with the columns of `cross.FINDING`."""
    return pd.concat([_shares(table), _rates(table)], ignore_index=True)


def _shares(table: "pa.Table") -> pd.DataFrame:
    share = table.column("allocation").to_numpy() if "allocation" in table.column_names else np.zeros(0)
    small = np.flatnonzero((share > 0) & (share <= _SMALL))
    others = share[share > _SMALL]
    if not len(small) or (len(others) and others.min() < _GAP * share[small].max()):
        return findings([], "", column="")
    small = small if len(others) else small[:1]
    written = np.array([f"{100 * one:g}" for one in share[small]], "object")
    return capped(findings(row_numbers(table)[small], "unit_of_share", column="allocation", low=written))


def _rates(table: "pa.Table") -> pd.DataFrame:
    name = "subsidy_cny_per_parcel"
    rate, rows = table.column(name).to_numpy(), row_numbers(table)
    paid = rate[rate > 0]
    if len(paid) < _FEWEST:
        return findings([], "", column="")
    middle = float(np.median(paid))
    if middle >= _FEN:
        first = rows[np.flatnonzero(rate >= middle)[:1]]
        return findings(first, "unit_of_subsidy", column=name, low=f"{middle:g}", other=f"{len(paid):,}")
    usual = float(paid[paid < _TIMES * middle].max())
    high = (rate >= _TIMES * middle) & (rate >= _APART * usual)
    times = np.array([f"{one / middle:,.0f}" for one in rate[high]], "object")
    return capped(findings(rows[high], "level_of_subsidy", column=name, low=f"{middle:g}", other=times))
