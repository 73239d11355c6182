"""Instruments for what a network pays: what it does elsewhere, and what its rivals do.

A subsidy that goes where the network is weak or growing moves with the share for reasons of its own. What the network
pays in other cities of the tier follows the same head-office plan but not this city's shock (Hausman 1996; Nevo 2001).
Sums over rivals shift a network's margin without entering its own attraction (Berry, Levinsohn and Pakes 1995).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.share.absorb import Floats, group


def elsewhere(
    panel: pd.DataFrame,
    driver: str,
    *,
    by: str | Sequence[str] = ("platform", "tier", "month"),
    unit: str = "city",
    coarser: Sequence[str | Sequence[str]] = (("platform", "month"), ("platform",)),
) -> pd.Series:
    """Mean of `driver` over the rows of the same group `by` that belong to other units.

    Once the network's constant is absorbed, the mean of the others knows 1/(C - 1) of what is lasting in the own city,
    with its sign turned: in groups of few cities absorb a constant for each network in each city, and none is left.

    Parameters
    ----------
    panel : pandas.DataFrame
    driver : str
        Any unit; the result has the same.
    by : str or sequence of str
    unit : str
        Column whose own rows are left out.
    coarser : sequence
        Groupings for rows whose group has no other unit, tried in turn: a network in one city of the tier so far.

    Returns
    -------
    pandas.Series
        Aligned to `panel`.
    """
    mean = np.full(len(panel), np.nan)
    for columns in (by, *coarser):
        alone = np.isnan(mean)
        if not alone.any():
            break
        mean[alone] = _mean_of_others(panel, driver, columns, unit)[alone]
    alone = np.isnan(mean)
    if alone.any():
        raise ValueError(
            f"{int(alone.sum())} rows have no other {unit} even in the coarsest grouping: leave those rows out"
        )
    return pd.Series(mean, panel.index, name=f"{driver}_elsewhere")


def _mean_of_others(panel: pd.DataFrame, driver: str, by: str | Sequence[str], unit: str) -> Floats:
    """Not a number where there are no others."""
    groups = group(panel, by)
    own = group(panel, tuple(dict.fromkeys((*groups.columns, unit))))
    values = panel[driver].to_numpy(np.float64)
    sums, counts = (
        np.bincount(groups.codes, v, groups.size)[groups.codes] - np.bincount(own.codes, v, own.size)[own.codes]
        for v in (values, np.ones(len(panel)))
    )
    return np.divide(sums, counts, out=np.full(len(panel), np.nan), where=counts > 0)


def rivals(panel: pd.DataFrame, column: str, *, market: str | Sequence[str] = ("city", "month")) -> pd.Series:
    """Sum of `column` over the other rows of the market, aligned to `panel`.

    Where the constant of the market is absorbed this is the column itself with its sign turned, so take a column that
    is not a driver, or a `market` finer than the constant (the nest within it).
    """
    markets = group(panel, market)
    values = panel[column].to_numpy(np.float64)
    total = np.bincount(markets.codes, values, markets.size)[markets.codes]
    return pd.Series(total - values, panel.index, name=f"{column}_rivals")
