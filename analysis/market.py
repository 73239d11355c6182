"""Shares and concentration: who holds how much, in points that add up."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.flows import decompose as decompose
from analysis.flows import source_of_volume as source_of_volume
from data.platforms import PLATFORMS

Values = TypeVar("Values", pd.Series, pd.DataFrame)
Floats = npt.NDArray[np.float64]
SUM_TOLERANCE = 1e-6
"""How far shares may be from adding to 1."""


def shares(
    volumes: pd.DataFrame, *, by: Sequence[str] = (), volume: str = "parcels", alternative: str = "platform"
) -> pd.DataFrame:
    """Share of each alternative in each group's volume.

    Parameters
    ----------
    volumes : pandas.DataFrame
        Any number of rows for a group and alternative; volumes are added first, then divided.
    by : sequence of str
        Columns that name a group; none gives one row, "all".
    volume, alternative : str
        Columns of the volume (any unit) and of who carried it.

    Returns
    -------
    pandas.DataFrame
        Groups x alternatives, fractions; every row adds to 1. 0 where an alternative has no volume.
    """
    missing = [c for c in (*by, volume, alternative) if c not in volumes]
    if missing:
        raise ValueError(f"no column {', '.join(missing)}: the frame has {', '.join(map(str, volumes.columns))}")
    if volumes[volume].isna().any() or (volumes[volume] < 0).any():
        raise ValueError(f"column {volume!r} has empty or negative volumes: correct or drop those rows")
    keys = [volumes[c].array for c in by] or [np.repeat("all", len(volumes))]
    names = list(by) or ["group"]
    sums = volumes[volume].astype("float64").groupby([*keys, volumes[alternative].array], observed=True).sum()
    sums.index.names = [*names, alternative]
    wide = sums.unstack(alternative, fill_value=0.0)
    total = wide.sum(axis=1)
    if (total <= 0).any():
        raise ValueError(f"group {total.index[total <= 0][0]} has no volume: leave it out")
    return wide.div(total, axis=0)


def by_owner(
    volumes: pd.DataFrame, *, by: Sequence[str] = (), volume: str = "parcels", platform: str = "platform"
) -> pd.DataFrame:
    """Shares of owners: volumes of all networks of one owner are added before they are divided (or squared)."""
    owners = volumes[platform].astype(str).map({key: p.owner for key, p in PLATFORMS.items()})
    if owners.isna().any():
        raise ValueError(f"{volumes.loc[owners.isna(), platform].iloc[0]!r} is not a known network: resolve it first")
    return shares(volumes.assign(owner=owners), by=by, volume=volume, alternative="owner")


def _fractions(values: pd.Series | pd.DataFrame | Sequence[float], total: float = 1.0) -> Floats:
    found = np.asarray(values, dtype=np.float64)
    if found.size == 0 or not (found >= 0).all():
        raise ValueError("shares are empty, missing or negative: give fractions of 0 or more")
    off = np.abs(found.sum(axis=-1) - total).max()
    if off > SUM_TOLERANCE:
        raise ValueError(f"shares miss {total:g} by {off:.3g}: divide by their total, or use hhi_bounds with a fringe")
    return found


def _labelled(values: pd.Series | pd.DataFrame | Sequence[float], result: Floats, name: str) -> pd.Series | float:
    return pd.Series(result, values.index, name=name) if isinstance(values, pd.DataFrame) else float(result)


def hhi(values: pd.Series | pd.DataFrame | Sequence[float]) -> pd.Series | float:
    """Herfindahl-Hirschman index, 10,000 sum S^2: 0 (atomistic) to 10,000 points (monopoly).

    `values` are fractions that add to 1, or a frame with one such market a row. The merger guidelines of 2023 call
    a market above 1,800 points highly concentrated and one below 1,000 unconcentrated.
    """
    return _labelled(values, 1e4 * (_fractions(values) ** 2).sum(axis=-1), "hhi")


def hhi_bounds(
    known: pd.Series | Sequence[float], *, fringe: float, largest: float | None = None
) -> tuple[float, float]:
    """Lowest and highest HHI, in points, when a part of the market is of unknown composition.

    Parameters
    ----------
    known : sequence of float
        Fractions that add to 1 - `fringe`.
    fringe : float
        Fraction held by unknown firms. Lowest: they are atomistic. Highest: as few and large as `largest` allows.
    largest : float, optional
        Largest fraction that one unknown firm can hold; the whole fringe when not given.
    """
    if not 0 <= fringe < 1:
        raise ValueError(f"fringe is {fringe}: give the fraction of unknown composition, from 0 to below 1")
    low = 1e4 * float((_fractions(known, 1 - fringe) ** 2).sum())
    return low, low + 1e4 * float((fewest(fringe, largest=fringe if largest is None else largest) ** 2).sum())


def fewest(fringe: float, *, largest: float) -> Floats:
    """Fractions of the fewest firms that can hold `fringe`, none of them above `largest`; they add to `fringe`."""
    if fringe == 0:
        return np.zeros(0)
    if not largest > 0:
        raise ValueError(f"largest is {largest}: the largest unknown firm needs a positive fraction")
    full = int(fringe / largest + 1e-12)
    return np.array([*[largest] * full, max(fringe - full * largest, 0.0)])


def concentration_ratio(values: pd.Series | pd.DataFrame | Sequence[float], n: int = 4) -> pd.Series | float:
    """Sum of the `n` largest shares, a fraction."""
    if n < 1:
        raise ValueError(f"n is {n}: count one network or more")
    top = np.sort(_fractions(values), axis=-1)[..., ::-1][..., :n]
    return _labelled(values, top.sum(axis=-1), f"cr{n}")


def effective_number(values: pd.Series | pd.DataFrame | Sequence[float]) -> pd.Series | float:
    """Count the equal networks that would have the same HHI: 10,000 / HHI."""
    return _labelled(values, 1 / (_fractions(values) ** 2).sum(axis=-1), "effective_number")


def merger_delta(values: pd.Series, first: str, second: str) -> float:
    """Rise of the HHI, in points, if two networks became one: 20,000 S_i S_j."""
    held = pd.Series(_fractions(values), values.index)
    if first == second or first not in held or second not in held:
        raise ValueError(
            f"{first!r} and {second!r} must be two different networks of {', '.join(map(str, held.index))}"
        )
    return float(2e4 * held[first] * held[second])


def round_to_total(values: Values, total: float = 100, decimals: int = 1) -> Values:
    """Scale to `total` and round so that the rounded values still add to it (largest remainder).

    A frame is rounded row by row. No value moves by a whole last digit; zeros stay zero; equal remainders go to the
    earlier value.
    """
    found = np.atleast_2d(np.asarray(values, dtype=np.float64))
    sums = found.sum(axis=1, keepdims=True)
    if not (found >= 0).all() or not (np.isfinite(sums) & (sums > 0)).all():
        raise ValueError("values must be 0 or more, none missing, and each row must have a positive sum")
    unit = 10**decimals
    units = round(total * unit)
    if abs(total * unit - units) > 1e-9 * max(abs(units), 1):
        raise ValueError(f"a total of {total} cannot be met with {decimals} decimals: use more")
    exact = found / sums * units
    # An exact 3.0 may arrive as 2.9999999999999996: counting it as 3 keeps the remainders honest.
    whole = np.floor(exact + 1e-9)
    short = (units - whole.sum(axis=1)).astype(np.int64)
    order = np.argsort(-(exact - whole), axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    rounded = ((whole + (rank < short[:, None])) / unit).reshape(values.shape)
    if isinstance(values, pd.DataFrame):
        return pd.DataFrame(rounded, values.index, values.columns)
    return pd.Series(rounded, values.index, name=values.name)


def year_on_year(values: Values, *, points: bool = False) -> Values:
    """Change on the same month a year before: ratio - 1, or the difference with `points` (for shares).

    The index is dates, matched by date: a missing month gives no answer rather than a neighbour's.
    """
    if not isinstance(values.index, pd.DatetimeIndex):
        raise TypeError(f"the index is {type(values.index).__name__}: set the month as a DatetimeIndex")
    earlier = values.set_axis(values.index + pd.DateOffset(years=1)).reindex(values.index)
    return values - earlier if points else values / earlier - 1
