"""Where people live and parcels are handed over: a surface that knows no station, so that white space can exist.

People are the census of each prefecture; their towns are settlements, the rest lies around all of them. Parcels are
those of a market's city, spread over its people. Both are modelled: no count of people by square kilometre stands
behind them.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.space.demand_assumptions import rural_shares, values
from data.cities import cities as city_table
from data.geo import Outline, outlines
from data.settlements import settlements

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

DEMAND = ("city", "lat", "lon", "people", "rural", "parcels_per_day")
"""Columns of demand points."""
NATION_DEGREES = 0.025
"""Cells of about 2.8 by 2.3 km."""
CITY_DEGREES = (0.004, 0.006, 0.01, 0.02, 0.04)
"""Cells of a city alone, finest first."""
KM_PER_DEGREE = 111.195
CUT = 3.0
"""Standard deviations at which a bell curve ends."""
LEEWAY = 1e-6
"""Part by which a cell may be above its limit, so that the limits are reached in few rounds."""
THINNEST_PER_KM2 = 25.0
"""Cells with fewer people a square kilometre are left out; their people join the others of the city."""


def people(
    *,
    cities: Iterable[str] | None = None,
    degrees: float = NATION_DEGREES,
    assumptions: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """People of the 2020 census on a grid of latitude and longitude.

    Parameters
    ----------
    cities : iterable of str, optional
        Adcodes; all of `data.cities` without.
    degrees : float
        Side of a cell.
    assumptions : mapping, optional
        Changed values of `demand_assumptions.ASSUMPTIONS`.

    Returns
    -------
    DataFrame
        One row a cell: city (category), lat, lon (degrees, WGS-84, of its centre), people, rural (how many of them live
        in villages). The people of a city add to its census. Modelled.

    Raises
    ------
    ValueError
        For a city that is none, cells that are not above 0 and at most 1 degree, or an assumption out of range.
    """
    if not 0 < degrees <= 1:
        raise ValueError(f"cells of {degrees} degrees: give more than 0 and at most 1")
    assumed, table = values(assumptions), city_table()
    codes = [str(code) for code in (table.index if cities is None else cities)]
    strange = sorted(set(codes) - set(table.index))
    if strange:
        raise ValueError(f"{', '.join(strange)}: no adcode of a city")
    tiers, share = table["tier"].astype(str), rural_shares(assumed)
    census = table["population_2020"].astype(float)
    parts = [_city(code, float(census[code]), share[tiers[code]], degrees, assumed) for code in codes]
    sizes = [part.shape[1] for part in parts]
    lat, lon, town, rural = np.concatenate([np.empty((4, 0)), *parts], axis=1)
    city = pd.Categorical.from_codes(np.repeat(np.arange(len(codes)), sizes), codes)
    columns = {"city": city, "lat": lat.round(5), "lon": lon.round(5), "people": town + rural, "rural": rural}
    return pd.DataFrame(columns)


def surface(
    panel_month: pd.DataFrame, people: pd.DataFrame, *, assumptions: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Parcels a day of each cell: those of its city, all networks and home delivery, spread over its people.

    A head in a village counts `village_parcels_per_head` of one in town. What is spread are hand-overs, as a market's
    volumes count them.

    Parameters
    ----------
    panel_month : DataFrame
        Rows of `Market.panel` of one month: month, city, parcels.
    people : DataFrame
        As of `people`.
    assumptions : mapping, optional
        Changed values of `demand_assumptions.ASSUMPTIONS`.

    Returns
    -------
    DataFrame
        Columns of `DEMAND`, rows of `people` in order; 0 parcels in cities without volumes in the month. The parcels of
        a city add to its volumes over the days of the month. Modelled.

    Raises
    ------
    ValueError
        For rows of several months.
    """
    months = panel_month["month"].unique()
    if len(months) > 1:
        raise ValueError(f"rows of {len(months)} months: give those of one")
    weight = people["people"] - (1.0 - values(assumptions)["village_parcels_per_head"]) * people["rural"]
    city = people["city"].astype("category").cat
    codes, names = city.codes.to_numpy(), city.categories
    volume = np.zeros(len(names))
    if len(months):
        each = panel_month.groupby("city", observed=True)["parcels"].sum()
        each.index = each.index.astype(str)
        volume = each.reindex(names.astype(str), fill_value=0).to_numpy(float) / pd.Timestamp(months[0]).days_in_month
    rate = _over(volume, np.bincount(codes, weight, minlength=len(names)).astype(float))
    return people.assign(parcels_per_day=weight.to_numpy() * rate[codes])


def city_people(city: str, *, most: int = 20_000, assumptions: Mapping[str, float] | None = None) -> pd.DataFrame:
    """`people` of one city, on the finest of the grids of `CITY_DEGREES` that has at most `most` cells."""
    found = people(cities=[city], degrees=CITY_DEGREES[-1], assumptions=assumptions)
    area = len(found) * CITY_DEGREES[-1] ** 2
    for degrees in CITY_DEGREES[:-1]:
        if area / degrees**2 <= 2 * most:
            finer = people(cities=[city], degrees=degrees, assumptions=assumptions)
            if len(finer) <= most:
                return finer
    return found


def _city(code: str, census: float, share: float, degrees: float, assumed: Mapping[str, float]) -> "Floats":
    """Cells of one city: array (4, n) of latitude, longitude, people in town and in villages."""
    at_lat, at_lon, weight = _places(code, assumed)
    town = (1.0 - share) * census * weight / weight.sum()
    spread = np.maximum(assumed["least_spread_km"], np.sqrt(town / (4.0 * np.pi * assumed["people_per_km2"])))
    rural = np.full(len(town), share * census / len(town))
    around = np.sqrt(rural / (4.0 * np.pi * assumed["village_people_per_km2"]))
    villages = np.maximum(assumed["village_spread_km"], around)
    widest = CUT * max(spread.max(), villages.max() if share else 0.0) / KM_PER_DEGREE
    narrow = np.cos(np.radians(at_lat.mean()))
    south, rows = _edges(at_lat, widest, degrees)
    west, columns = _edges(at_lon, widest / narrow, degrees)
    lat: Floats = ((south + np.arange(rows) + 0.5) * degrees).astype(np.float64)
    lon: Floats = ((west + np.arange(columns) + 0.5) * degrees).astype(np.float64)
    both = []
    for people_there, width in ((town, spread), (rural, villages)):
        over = width / KM_PER_DEGREE
        up = _bells(at_lat, over, south, rows, degrees)
        along = _bells(at_lon, over / narrow, west, columns, degrees)
        both.append((up * people_there[:, None]).T @ along)
    allowed = _raster(lon, lat, outlines().get(code, []))
    row, column = np.floor(at_lat / degrees).astype(int) - south, np.floor(at_lon / degrees).astype(int) - west
    for beyond in np.flatnonzero(~allowed[row, column]):  # on coasts and rivers, which the outlines simplify
        far = np.hypot(lat[:, None] - at_lat[beyond], (lon[None, :] - at_lon[beyond]) * narrow) * KM_PER_DEGREE
        allowed |= far <= spread[beyond]
        allowed[row[beyond], column[beyond]] = True
    total = both[0] + both[1]
    total[~allowed] = 0.0
    cell_km2 = np.broadcast_to((degrees * KM_PER_DEGREE) ** 2 * np.cos(np.radians(lat))[:, None], total.shape)
    kept = (total >= THINNEST_PER_KM2 * cell_km2) | (total == total.max())
    found = _filled(
        np.stack([layer[kept] for layer in both]),
        np.array([1.0 - share, share]) * census,
        assumed["most_people_per_km2"] * cell_km2[kept],
    )
    row, column = np.nonzero(kept)
    return np.vstack([lat[row], lon[column], found])


def _filled(layers: "Floats", people_of: "Floats", most: "Floats") -> "Floats":
    """Layers (layers, cells) scaled to so many people each, no cell above `most` of all layers together.

    What is above a cell's limit goes to the cells below theirs, in proportion to those who live there. Where a layer
    has no such cell left, as where a city's people do not fit at all, the limit gives way.
    """
    found: Floats = layers * _over(people_of, layers.sum(axis=1))[:, None]
    free = np.ones(found.shape[1], dtype=np.bool_)
    while (over := free & (found.sum(axis=0) > most * (1 + LEEWAY))).any():
        cut = found.copy()
        cut[:, over] *= most[over] / found[:, over].sum(axis=0)
        free &= ~over
        missing, left = people_of - cut.sum(axis=1), cut[:, free].sum(axis=1)
        if ((left <= 0) & (people_of > 0)).any():
            return cut * _over(people_of, cut.sum(axis=1))[:, None]
        cut[:, free] *= 1 + _over(missing, left)[:, None]
        found = cut
    return found


def _over(above: "Floats", below: "Floats") -> "Floats":
    """Quotient, 0 where the divisor is."""
    return np.divide(above, below, out=np.zeros_like(below), where=below > 0)


def _edges(at: "Floats", reach: float, degrees: float) -> tuple[int, int]:
    """First cell of the grid and number of cells that hold all places and what is around them."""
    first = int(np.floor((at.min() - reach) / degrees))
    return first, int(np.floor((at.max() + reach) / degrees)) - first + 1


def _bells(at: "Floats", width: "Floats", first: int, cells: int, degrees: float) -> "Floats":
    """Share of each place's bell curve in each cell: array (places, cells)."""
    from scipy.special import erf

    edges = (first + np.arange(cells + 1)) * degrees
    score = np.clip((edges[None, :] - at[:, None]) / width[:, None], -CUT, CUT)
    share: Floats = np.diff(erf(score / np.sqrt(2.0)), axis=1) / 2.0
    return share


def _raster(lon: "Floats", lat: "Floats", outline: Outline) -> "NDArray[np.bool_]":
    """Whether the crossings of `lat` (rows) and `lon` (columns) lie in an outline; everywhere where there is none."""
    if not outline:
        return np.ones((len(lat), len(lon)), dtype=np.bool_)
    crossings = np.zeros((len(lat), len(lon) + 1), dtype=np.int64)
    for ring in outline:
        (x0, y0), (x1, y1) = ring[:-1].T, ring[1:].T
        row, side = np.nonzero((y0 > lat[:, None]) != (y1 > lat[:, None]))
        x = x0[side] + (x1[side] - x0[side]) * (lat[row] - y0[side]) / (y1[side] - y0[side])
        np.add.at(crossings, (row, np.searchsorted(lon, x)), 1)
    odd: NDArray[np.bool_] = np.cumsum(crossings, axis=1)[:, :-1] % 2 == 1
    return odd


@cache
def _listed() -> "tuple[dict[str, NDArray[np.int64]], Floats, Floats, Floats, NDArray[np.int64]]":
    """Rows of each prefecture; latitude, longitude, people and kind (0 town, 1 seat of a county, 2 of a city)."""
    table = settlements()
    rows = {str(code): places for code, places in table.groupby("prefecture").indices.items()}
    kind = np.where(table["seat"], 2, (table["county"] != "").to_numpy().astype(np.int64))
    lat, lon, known = (table[name].to_numpy(float) for name in ("lat", "lon", "people"))
    return rows, lat, lon, known, kind


def _places(code: str, assumed: Mapping[str, float]) -> tuple["Floats", "Floats", "Floats"]:
    """Latitude, longitude and weight of a city's settlements; its seat alone where it has none."""
    of, lat, lon, known, kind = _listed()
    if code not in of:
        seat = city_table().loc[code]
        return np.array([seat["lat"]], float), np.array([seat["lon"]], float), np.ones(1)
    rows = of[code]
    unlisted = np.array([assumed[f"people_of_{place}"] for place in ("town", "county_seat", "city_seat")])[kind[rows]]
    return lat[rows], lon[rows], np.where(np.isnan(known[rows]), unlisted, known[rows])
