"""Months, cities, networks and random streams that the parts of the illustrative market share."""

from collections.abc import Sequence
from functools import cache
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.cities import TIERS, cities
from data.demo.network_table import NETWORKS
from data.demo.parameters import FIRST, HISTORY, LAST, SEED, Path
from data.platforms import OUTSIDE, PLATFORMS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def stream(*names: str) -> np.random.Generator:
    """Random numbers for one purpose, the same whatever other purposes draw."""
    return np.random.default_rng([SEED, *(crc32(name.encode()) for name in names)])


def networks() -> list[str]:
    """Keys of the networks with assumptions, in the order of `PLATFORMS`, home delivery last."""
    return [key for key in PLATFORMS if key in NETWORKS and key != OUTSIDE] + [OUTSIDE]


def history() -> pd.PeriodIndex:
    """Months over which roll-outs are drawn."""
    return pd.period_range(HISTORY, LAST, freq="M")


def published() -> pd.PeriodIndex:
    """Months of the market."""
    return pd.period_range(FIRST, LAST, freq="M")


def month_number(month: str) -> int:
    """Months since January of year 0."""
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def numbers(months: pd.PeriodIndex) -> Floats:
    """Month numbers of an index."""
    return (months.year * 12 + months.month - 1).to_numpy(dtype=np.float64)


def along(path: Path, at: Floats) -> Floats:
    """Value of a path at month numbers, linear between knots and flat outside."""
    return np.interp(at, [month_number(month) for month, _ in path], [value for _, value in path])


@cache
def city_table() -> pd.DataFrame:
    """Cities sorted by adcode; read, never written."""
    return cities().sort_index()


def tier_codes() -> Ints:
    """Tier of each city as a number from 0 (Tier 1)."""
    return city_table()["tier"].cat.codes.to_numpy(dtype=np.int64)


def by_tier(values: Sequence[float]) -> Floats:
    """Value of each city's tier."""
    assert len(values) == len(TIERS)
    return np.asarray(values, dtype=np.float64)[tier_codes()]


def population() -> Floats:
    """People in each city."""
    return city_table()["population_2020"].to_numpy(dtype=np.float64)


def to_total(weights: Floats, totals: Ints) -> Ints:
    """Whole numbers along the last axis that add to `totals`, by largest remainder.

    Parameters
    ----------
    weights : array (..., n)
        Non-negative, with a positive sum in every row.
    totals : array (...)
        What each row adds to.
    """
    exact = weights * (totals / weights.sum(axis=-1))[..., None]
    whole = np.floor(exact).astype(np.int64)
    left = totals - whole.sum(axis=-1)
    order = np.argsort(whole - exact, axis=-1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.broadcast_to(np.arange(order.shape[-1]), order.shape), axis=-1)
    return whole + (rank < left[..., None])
