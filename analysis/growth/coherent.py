"""Forecasts that add up: the nation's total and the shares of it are forecast apart and multiplied.

Networks add to their tier and tiers to the nation, in the point forecast and in every draw. The total is continued by
the curve that its back-test chooses, shares by `analysis.growth.mixes`. Bands come from draws in which the errors of
the total and of every share are correlated as their residuals were, and as wide as their back-tests say.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.growth import choice, shocks, trials
from analysis.growth.choice import Choice
from analysis.growth.frozen import COLUMNS
from analysis.growth.guards import GrowthError
from analysis.growth.mixes import Mix, mixes
from analysis.growth.shapes import FloatArray
from data.grade import Grade

NATION: Hashable = ()
"""Key of the mix of tiers in `Coherent.mixes`, which no tier has; a tier's own key is that of its networks."""
NAMES = ["tier", "network"]
ENDS = (0.1, 0.9, 0.025, 0.975)
"""Quantiles of the draws that are the ends of the bands."""
TOTAL, SHARES = 40, 10
"""Time of the back-test of the total against that of all mixes."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Coherent:
    """Forecasts of a nation, its tiers and their networks, which add up.

    Attributes
    ----------
    nation : pd.DataFrame
        Index month ahead; median, low_80, high_80, low_95, high_95 in units of the volumes: the chosen curve with its
        widened bands.
    tiers, networks, cells : pd.DataFrame
        Index (tier, month), (network, month), (tier, network, month). The same columns and share, share_low_80...
        (fractions of the nation; of the tier for cells). The median is the product of the median total and the median
        shares, bands are quantiles of the draws.
    history : pd.DataFrame
        Volumes on a full grid of months; 0 where a network is not there.
    held : pd.DataFrame
        Cells held at their last share: columns tier, network (empty for a whole tier), reason ("zero": nothing in
        the last month; "short": fewer than 24 months), share.
    choice : Choice
        Of the nation's total.
    mixes : dict of Hashable to Mix
        Of tiers (key `NATION`) and of networks in each tier (key tier).
    totals : ndarray (draws, horizon)
    draws : ndarray (draws, horizon, cells)
        Joint draws of the total, and of the cells in the order of `history`; rows add up to `totals`.
    grade : Grade
    """

    nation: pd.DataFrame
    tiers: pd.DataFrame
    networks: pd.DataFrame
    cells: pd.DataFrame
    history: pd.DataFrame
    held: pd.DataFrame
    choice: Choice
    mixes: dict[Hashable, Mix]
    totals: FloatArray
    draws: FloatArray
    grade: Grade


def coherent(
    volumes: pd.DataFrame,
    *,
    horizon: int = 24,
    draws: int = 500,
    seed: int = 0,
    curves: Iterable[str] | None = None,
    calendar: Sequence[str] = (),
    tested: int = trials.HORIZON,
    origins: int = trials.ORIGINS,
    progress: Progress | None = None,
) -> Coherent:
    """Forecast a nation, its tiers and their networks together.

    Parameters
    ----------
    volumes : pd.DataFrame
        Index of months (PeriodIndex), columns (tier, network); a volume that is missing beside others is 0, but in the
        last month of all, where it may just not have been reported, it is refused.
    horizon : int
        Months ahead.
    draws, seed : int
        Joint draws behind the bands.
    curves : iterable of str, optional
        Keys of `CURVES` that the total is tried with; all by default.
    calendar : sequence of str
        Calendar regressors of the total.
    tested, origins : int
        Steps ahead and origins of the back-tests: what is chosen does not hang on how far one looks.
    progress : callable, optional
        Told (done, in all).

    Raises
    ------
    GrowthError
        When the total cannot be back-tested; "not_reported" when a network that had parcels is missing in the last
        month.
    """
    history = _grid(volumes)
    tiers = history.T.groupby(level=0, sort=False).sum().T
    parts: dict[Hashable, pd.DataFrame] = {NATION: tiers} | {tier: history[tier] for tier in tiers}
    told = partial(_tell, progress) if progress else None
    chosen = choice.select(
        history.sum(axis=1, min_count=1),
        min(horizon, tested),
        ahead=horizon,
        curves=curves,
        calendar=calendar,
        origins=origins,
        progress=told,
    )
    shared = mixes(parts, horizon, tested=tested, origins=origins)
    if progress:
        progress(TOTAL + SHARES, TOTAL + SHARES)
    point = _cells(chosen.forecast["median"].to_numpy(), {key: one.shares() for key, one in shared.items()})
    totals, shares = _drawn(chosen, shared, history.index, draws, seed)
    cells = _cells(totals, shares)
    keys, months = history.columns, chosen.forecast.index
    return Coherent(
        nation=chosen.forecast[list(COLUMNS)],
        tiers=_table(point, cells, keys, months, ["tier"]),
        networks=_table(point, cells, keys, months, ["network"]),
        cells=_table(point, cells, keys, months, ["tier", "network"]),
        history=history,
        held=_held(shared),
        choice=chosen,
        mixes=shared,
        totals=totals,
        draws=cells,
        grade=Grade.MODELLED,
    )


def _tell(progress: Progress, done: int, total: int) -> None:
    """Say how far the back-test of the total is."""
    progress(TOTAL * done // total, TOTAL + SHARES)


def _grid(volumes: pd.DataFrame) -> pd.DataFrame:
    """Volumes on every month from the first to the last with a parcel; columns of a tier together."""
    index, columns = volumes.index, volumes.columns
    if not isinstance(index, pd.PeriodIndex) or index.freqstr != "M" or not index.is_unique:
        raise ValueError("volumes need an index of different months: use a PeriodIndex of frequency M")
    if columns.nlevels != len(NAMES) or not columns.is_unique:
        raise ValueError("volumes need one column for each tier and network: use a MultiIndex (tier, network)")
    values = volumes.to_numpy(dtype=np.float64)
    if (values < 0).any() or np.isinf(values).any() or not (values > 0).any():
        raise ValueError("volumes are negative, infinite or all 0: give parcels of every month")
    table = pd.DataFrame(values, index=index, columns=pd.MultiIndex.from_tuples(columns, names=NAMES)).sort_index()
    tiers = list(dict.fromkeys(table.columns.get_level_values("tier")))
    there = table.index[(table > 0).any(axis=1)]
    months = pd.period_range(there[0], there[-1], freq="M", name="month")
    missing = table.columns[table.loc[there[-1]].isna() & (table > 0).any()]
    if len(missing):
        tier, network, last = *map(str, missing[0]), str(there[-1])
        message = f"{tier}, {network} has no value in {last}: give 0 if it has left, or leave the month out"
        raise GrowthError("not_reported", message, tier=tier, network=network, month=last, count=len(missing))
    return table.reindex(columns=tiers, level="tier").dropna(how="all").fillna(0.0).reindex(months)


def _cells(totals: FloatArray, shares: Mapping[Hashable, FloatArray]) -> FloatArray:
    """Totals (..., h) times shares of tiers times shares of networks, (..., h, cells)."""
    tiers = totals[..., None] * shares[NATION]
    inside = [part for key, part in shares.items() if key != NATION]
    return np.concatenate([tiers[..., [i]] * part for i, part in enumerate(inside)], axis=-1)


def _drawn(
    chosen: Choice, mixes: Mapping[Hashable, Mix], months: pd.Index, draws: int, seed: int
) -> tuple[FloatArray, dict[Hashable, FloatArray]]:
    """Draws of the total (draws, h) and of the shares in each mix (draws, h, P)."""
    halves, residuals = _of_total(chosen, months)
    widths = np.vstack([halves[1][None], *(one.half[1] for one in mixes.values())])
    errors = np.vstack([residuals[None], *(one.residuals for one in mixes.values())])
    normal = shocks.paths(errors, widths, draws=draws, seed=seed)
    off, middle = shocks.scaled(normal[..., 0], halves), chosen.forecast["median"].to_numpy()
    multiply = chosen.chosen in chosen.backtest.multiply
    totals = middle * np.exp(off) if multiply else np.maximum(middle + off, chosen.backtest.floor)
    ends = np.cumsum([1, *(len(one.parts) for one in mixes.values())])
    pairs = zip(mixes.items(), ends[:-1], ends[1:], strict=True)
    return totals, {
        key: one.shares(shocks.scaled(normal[..., a:b], one.half.transpose(0, 2, 1))) for (key, one), a, b in pairs
    }


def _of_total(chosen: Choice, months: pd.Index) -> tuple[FloatArray, FloatArray]:
    """Half widths (2, h) of the total's bands, in logs where errors multiply, and its log residuals (n,)."""
    table, fit = chosen.forecast, chosen.fit
    high, middle = table[["high_80", "high_95"]].to_numpy().T, table["median"].to_numpy()
    halves = np.log(high / middle) if chosen.chosen in chosen.backtest.multiply else high - middle
    actual = fit.fitted + fit.residuals
    both = (actual > 0) & (fit.fitted > 0)
    return halves, np.log(actual[both] / fit.fitted[both]).reindex(months).to_numpy()


def _table(point: FloatArray, draws: FloatArray, keys: pd.MultiIndex, months: pd.Index, by: list[str]) -> pd.DataFrame:
    """Cells (h, C) and their draws (draws, h, C) summed by the levels `by`, with shares of the nation or the tier."""
    place, names = _groups(keys, by)
    whole, _ = _groups(keys, ["tier"]) if len(by) > 1 else (np.zeros(len(keys), dtype=np.int64), [])
    table: dict[str, FloatArray] = {}
    for prefix, within in (("", None), ("share", whole)):
        middle, drawn = (_summed(values, place, within) for values in (point, draws))
        table |= {prefix or "median": middle}
        ends = np.quantile(drawn, ENDS, axis=0)
        table |= {f"{prefix}_{name}".removeprefix("_"): end for name, end in zip(COLUMNS[1:], ends, strict=True)}
    index = pd.MultiIndex.from_tuples([(*name, month) for name in names for month in months], names=[*by, "month"])
    return pd.DataFrame({name: values.T.ravel() for name, values in table.items()}, index=index)


def _groups(keys: pd.MultiIndex, by: list[str]) -> tuple[NDArray[np.int64], list[tuple[Hashable, ...]]]:
    """Number of the group of each cell, and the names of the groups."""
    tuples = list(zip(*(keys.get_level_values(name) for name in by), strict=True))
    names = list(dict.fromkeys(tuples))
    return np.array([names.index(one) for one in tuples]), names


def _summed(values: FloatArray, place: NDArray[np.int64], whole: NDArray[np.int64] | None) -> FloatArray:
    """Cells (..., C) summed by group (..., K); divided by what their `whole` group adds up to, if given."""
    member = np.eye(place.max() + 1)[place]
    if whole is None:
        return values @ member
    all_of_it = (values @ np.eye(whole.max() + 1)[whole])[..., whole[member.argmax(axis=0)]]
    return values @ member / np.where(all_of_it > 0, all_of_it, 1.0)


def _held(mixes: Mapping[Hashable, Mix]) -> pd.DataFrame:
    rows = [
        (part, "", reason, share) if key == NATION else (key, part, reason, share)
        for key, one in mixes.items()
        for part, reason, share in zip(one.parts, one.reasons, one.last, strict=True)
        if reason
    ]
    return pd.DataFrame(rows, columns=["tier", "network", "reason", "share"])
