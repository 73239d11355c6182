"""Totals among their parts, and a whole column in another unit than that of the nation's published parcels."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from data.cities import cities
from data.intake.grid import LEAST, Cells, Draft, Grid, Text, draft
from data.record import national_monthly

_NEAR = 1e-3
"""How near a total must be to the sum of its parts."""
_MOST, _LEAST = 0.8, 3
"""Share of the cells, and number of them, in which it must be."""
_PARTS = 3
_CITIES, _NETWORKS, _FEW_NETWORKS = 200, 6, 3
_NEAR_POWER = float(np.log10(3))
_FAR = 50.0
"""A part of the nation with this many times its parcels a head cannot be: the densest city has about 15 times."""


def check(grid: Grid) -> list[Draft]:
    """Draft the findings about totals and about the unit of the column."""
    cube = np.nan_to_num(grid.total).reshape(len(grid.months), len(grid.platforms), len(grid.cities))
    return [*_unit(grid), *_groups(grid, cube), *_origins(grid)]


def _unit(grid: Grid) -> list[Draft]:
    """Whether the months are a power of ten off the nation's, by the people of the cities of the file."""
    nation, people = _nation()
    published = np.array([nation.get(month, np.nan) for month in grid.months.astype("str").tolist()])
    part = sum(people[str(city)] for city in grid.cities) / sum(people.values())
    total = np.nansum(grid.total, axis=1, dtype="float64")
    known = np.isfinite(published) & (total > 0)
    if not known.any():
        return []
    ratio = float(np.median(np.log10(total[known] / (published[known] * part))))
    power = min((-8, -4, -3, 3, 4, 8), key=lambda one: abs(ratio - one))
    whole = len(grid.cities) >= _CITIES and len(grid.platforms) >= _NETWORKS
    near = abs(ratio - power) <= _NEAR_POWER
    several = len(grid.platforms) >= _FEW_NETWORKS
    maybe = ratio > np.log10(_FAR) or (several and near and power <= -4)
    if not (near if whole else maybe):
        return []
    month = int(np.flatnonzero(known)[-1])
    cell = np.array([month * grid.total.shape[1] + int(np.nanargmax(grid.total[month]))])
    times = 10 ** abs(power if near else round(ratio))
    return [
        draft(
            "unit_of_column" if whole else "unit_of_column_maybe",
            cell,
            column="parcels",
            value=_constant(f"{total[month]:,.0f}"),
            low=_constant(str(grid.months[month])),
            high=_constant(f"{published[month] * part:,.0f}"),
            other=_constant(f"{times:,}"),
        )
    ]


@cache
def _nation() -> tuple[dict[str, float], dict[str, int]]:
    """Published parcels by month, and people by city."""
    monthly = national_monthly(extend=True)
    return dict(zip(monthly.index.astype("str"), monthly, strict=True)), cities()["population_2020"].to_dict()


def _constant(text: str) -> Text:
    return lambda kept: np.full(len(kept), text, "object")


def _groups(grid: Grid, cube: Cells) -> list[Draft]:
    """Networks that are the sum of the others, and cities that are that of the others of the file or their province.

    `cube` holds parcels by month, network and city, 0 where there is no row.
    """
    place = np.arange(cube.size, dtype="int32").reshape(cube.shape)
    province = np.array([str(code)[:2] for code in grid.cities])
    groups = [np.flatnonzero(province == one) for one in np.unique(province)]
    if len(groups) > 1:
        groups.append(np.arange(len(province)))
    of_cities = (_totals(cube[:, :, g], place[:, :, g], 2, "city", grid.cities[g]) for g in groups)
    return [_totals(cube, place, 1, "platform", grid.platforms), *of_cities]


def _origins(grid: Grid) -> list[Draft]:
    """Rows without an origin that are the sum of those with one."""
    if "" not in grid.origins or len(grid.origins) < _PARTS:
        return []
    blank = list(grid.origins).index("")
    value = np.nan_to_num(grid.cells[blank])
    total = np.nan_to_num(grid.total)
    others = sum((~np.isnan(block)).astype("int8") for o, block in enumerate(grid.cells) if o != blank)
    tried = (value > 0) & (others >= _PARTS - 1)
    cell = _cells(
        tried, tried & (np.abs(2 * value - total) <= _NEAR * value), np.arange(total.size).reshape(total.shape)
    )
    origin = np.full(len(cell), blank)
    return [draft("total_of_origins", cell, column="origin", origin=origin)]


def _totals(cube: Cells, place: NDArray[np.int64], axis: int, column: str, names: NDArray[np.generic]) -> Draft:
    """Draft the series along `axis` that are the sum of the others; only the largest of a group can be."""
    top, total = cube.max(axis=axis), cube.sum(axis=axis)
    hit = (top >= LEAST) & (np.abs(2 * top - total) <= _NEAR * top)
    found = [np.array([], "int64")]
    values = [np.array([], "object")]
    if hit.any():
        several, who = np.count_nonzero(cube, axis=axis) > _PARTS, cube.argmax(axis=axis)
        hit &= several
    else:
        who = several = hit
    for one in np.unique(who[hit]):
        tried = several & (cube.take(one, axis=axis) > 0)
        found.append(_cells(tried, hit & (who == one), place.take(one, axis=axis)))
        values.append(np.full(len(found[-1]), str(names[one]), "object"))
    return draft("total_of_parts", np.concatenate(found), column=column, other=np.concatenate(values).__getitem__)


def _cells(tried: NDArray[np.bool_], hit: NDArray[np.bool_], place: NDArray[np.int64]) -> NDArray[np.int64]:
    """First cell of each series with hits in most months; one alone where most of all cells are hits."""
    if _most(np.atleast_1d(hit.sum()), np.atleast_1d(tried.sum())).all():
        return place[hit][:1]
    series = np.flatnonzero(_most(hit.sum(axis=0), tried.sum(axis=0)))
    return place[hit[:, series].argmax(axis=0), series]


def _most(hits: NDArray[np.integer], tried: NDArray[np.integer]) -> NDArray[np.bool_]:
    return (hits >= _LEAST) & (hits >= _MOST * tried)
