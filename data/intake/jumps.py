"""Values in another unit than their neighbours: 件 among 万件, by powers of ten along the months of a series."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.intake.grid import Draft, Grid, draft, spans

_POWERS = np.array([-8, -4, -3, 3, 4, 8])
"""A unit is off by one of these powers of ten: 千, 万 and 亿."""
_NEAR = float(np.log10(3))
_STEP = 3 - _NEAR
_ODD = 1.5
_LARGE = 4.0
"""Powers of ten: how near a ratio must be, the least step between neighbours, from which distance to the middle of its
series a run is odd, and the least level of the larger side."""
_CHUNK = 2_000_000
_MANY = 10


@dataclass(frozen=True, slots=True, eq=False)
class _Runs:
    """Runs of months whose unit is off, (n,) each: first and last month, series, origin, power of ten."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    series: NDArray[np.int64]
    origin: NDArray[np.int64]
    power: NDArray[np.int64]

    def of(self, keep: NDArray[np.bool_]) -> "_Runs":
        return _Runs(self.first[keep], self.last[keep], self.series[keep], self.origin[keep], self.power[keep])


def check(grid: Grid) -> tuple[list[Draft], NDArray[np.int64]]:
    """Draft the runs of months in another unit, those of most series once, and list the series that have one."""
    found = [_of_origin(block, origin) for origin, block in enumerate(grid.cells)]
    fields = zip(*((r.first, r.last, r.series, r.origin, r.power) for r in found), strict=True)
    runs = _Runs(*(np.concatenate(field) for field in fields))
    if len(grid.cells) == 1:
        runs.origin[:] = -1
    return _drafts(grid, runs), runs.series


def _drafts(grid: Grid, runs: _Runs) -> list[Draft]:
    if not len(runs.first):
        return []
    held = np.count_nonzero(grid.cells >= 0, axis=(0, 2))
    _, first, shared, count = np.unique(
        np.column_stack([runs.first, runs.last, runs.power]),
        axis=0,
        return_index=True,
        return_inverse=True,
        return_counts=True,
    )
    most = (count >= _MANY) & (2 * count >= held[runs.first[first]])
    common = np.zeros(len(runs.first), bool)
    common[first[most]] = True
    alone = ~most[shared.reshape(-1)]
    drafts = [
        _draft(grid, runs.of(alone & (runs.power > 0)), "unit_jump"),
        _draft(grid, runs.of(alone & (runs.power < 0)), "unit_fall"),
    ]
    return [*drafts, _draft(grid, runs.of(common), "unit_of_months")]


def _draft(grid: Grid, runs: _Runs, code: str) -> Draft:
    cell = runs.first * grid.total.shape[1] + runs.series
    power = np.abs(runs.power)
    return draft(
        code,
        cell,
        column="parcels",
        origin=runs.origin,
        low=lambda k: spans(grid, runs.first[k], runs.last[k]),
        other=lambda k: np.array([f"{10**one:,}" for one in power[k].tolist()], "object"),
    )


def _of_origin(block: NDArray[np.float32], origin: int) -> _Runs:
    """Runs of one origin: `block` holds its parcels by month and series."""
    level = np.where(block > 0, block, np.float32(np.nan))
    high, low = np.fmax.reduce(level, axis=0), np.fmin.reduce(level, axis=0)
    some = np.flatnonzero((high >= 10**_LARGE) & (high > 10**_STEP * low))
    wide = max(1, _CHUNK // len(block))
    chunks = [some[start : start + wide] for start in range(0, max(len(some), 1), wide)]
    found = [_runs(np.log10(level[:, chunk].T), chunk, origin) for chunk in chunks]
    fields = zip(*((r.first, r.last, r.series, r.origin, r.power) for r in found), strict=True)
    return _Runs(*(np.concatenate(field) for field in fields))


def _runs(level: NDArray[np.float32], names: NDArray[np.int64], origin: int) -> _Runs:
    """Runs of the (series, months) powers of ten `level`, of series called `names`."""
    series, month = np.nonzero(~np.isnan(level))
    value = level[series, month].astype("float64")
    follows = np.append(False, series[1:] == series[:-1])[: len(series)]
    step = np.diff(value, prepend=value[:1])
    start = np.flatnonzero(~follows | (np.abs(step) > _STEP))
    end = np.append(start[1:], len(value))
    run = np.repeat(np.arange(len(start)), end - start)
    usual = _middle(series, value)
    apart = _middle(run, value)[: len(start)] - usual[series[start]]
    odd = np.abs(apart) > _ODD
    before, after = follows[start], np.append(follows, False)[end] if len(end) else np.zeros(0, bool)
    enter = np.where(before & ~np.append(False, odd)[:-1], step[start], np.nan)
    leave = np.where(after & ~np.append(odd, False)[1:], -np.append(step, 0.0)[end], np.nan)
    known = np.column_stack([enter, leave])
    edges = np.count_nonzero(~np.isnan(known), axis=1)
    ratio = np.where(edges > 0, np.nansum(known, axis=1) / np.maximum(edges, 1), apart)
    power = _POWERS[np.abs(ratio[:, None] - _POWERS).argmin(axis=1)]
    opening = (power == -3) & (end - start == 1) & ~(before & after)  # a month that was served for a day or two
    large = np.maximum(usual[series[start]], usual[series[start]] + apart) >= _LARGE
    keep = odd & (np.abs(ratio - power) <= _NEAR) & large & ~opening
    at, last = start[keep], end[keep] - 1
    where = np.full(len(at), origin)
    return _Runs(month[at], month[last], names[series[at]], where, power[keep])


def _middle(group: NDArray[np.int64], value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lower median of the values of each group 0, 1, 2...; groups stand together."""
    if not len(group):
        return value
    ordered = value[np.lexsort((value, group))]
    count = np.bincount(group)
    return ordered[np.cumsum(count) - count + (count - 1) // 2]
