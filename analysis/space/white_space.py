"""Demand without an own station in reach: who serves it today, and what a new station there could live on."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.economics import STATIONS, Station, break_even
from analysis.space.carried import handed_over
from analysis.space.coverage import SERVED, WEIGHTS
from analysis.space.expected import expected, format_of
from analysis.space.grids import finer as finer
from analysis.space.huff import ASSUMED
from analysis.space.nearest import pairs_within
from analysis.space.served_cells import cells, text
from analysis.space.sizes import capacity, profit
from analysis.space.surroundings import spread_m
from data.cities import cities

TERMS = ("subsidy_cny_per_parcel", "guarantee_cny_per_day")
WHITE = SERVED[1:]
"""Who serves white space: rivals, lockers alone, nobody."""
SIDE_DEGREES = 0.005
"""Demand around a new station is cut into cells of about 500 m before it chooses."""
CELL_M = 2500.0
"""How far the middle of a demand cell may be from its corners."""

Floats = npt.NDArray[np.float64]


def white_space(
    demand: pd.DataFrame,
    stations: pd.DataFrame,
    by_whom: pd.Series,
    paid: pd.DataFrame,
    network: str,
    *,
    resolution: int,
    most: int = 300,
) -> pd.DataFrame:
    """Cells of a country with most demand without an own station in reach, screened for a new station in each.

    Parameters
    ----------
    demand : DataFrame
        Columns city, lat, lon, people, parcels_per_day, degrees (side of the cell; 0 for a point).
    stations : DataFrame
        Columns platform, format, lat, lon: those that stand.
    by_whom : Series
        Who serves each demand point, as `analysis.space.coverage.served` says.
    paid : DataFrame
        What the network pays by city, as `terms` returns.
    network : str
        Who opens.
    resolution : int
        H3: 7 has cells of 5 km2.
    most : int
        Cells judged, those with most white space.

    Returns
    -------
    DataFrame
        As `judged`; parcels as `screened` says.
    """
    table = by_cell(demand, by_whom, resolution=resolution, most=most)
    return judged(table, screened(table, demand, stations, paid, network), paid, network)


def screened(
    sites: pd.DataFrame, demand: pd.DataFrame, stations: pd.DataFrame, paid: pd.DataFrame, network: str
) -> pd.DataFrame:
    """What a new station at each of the sites would win, quickly and for a whole country: `expected`.

    Reach and least distance are those of `analysis.space.catchment`. It leaves out what a catchment there knows beside:
    what the networks' names are worth in the city. Only parcels handed over at stations count.
    """
    reach_m = ASSUMED["reach_m"].value
    _, near, _ = pairs_within(sites["lat"], sites["lon"], demand["lat"], demand["lon"], within_m=reach_m + CELL_M)
    around = demand.iloc[np.unique(near)]
    share = paid["handed_over_share"].reindex(around["city"].astype(str)).fillna(1.0).to_numpy()
    around = finer(around.assign(parcels_per_day=around["parcels_per_day"] * share), SIDE_DEGREES)
    return expected(around, stations, sites, network, reach_m=reach_m, least_m=spread_m(around, reach_m))


def judged(table: pd.DataFrame, won: pd.DataFrame, paid: pd.DataFrame, network: str) -> pd.DataFrame:
    """Cells in their rank: what a new station wins there against what it needs.

    Parameters
    ----------
    table : DataFrame
        As `by_cell`.
    won : DataFrame
        By cell: expected_parcels_per_day, from_own.
    paid : DataFrame
        As `terms`.
    network : str

    Returns
    -------
    DataFrame
        Columns of all three; margin (expected over break-even parcels a day, or how many stations the parcels won would
        feed), profit_cny_per_month (of one station, which handles `most_of` at most; subsidy and guarantee included),
        rank (1 has the highest margin). Sorted by rank.
    """
    table = table.join(won).join(paid, on="city")
    table["margin"] = table["expected_parcels_per_day"] / table["break_even_parcels_per_day"]
    table["profit_cny_per_month"] = _profit(table, network)
    table = table.sort_values(["margin", "white_parcels_per_day"], ascending=False, kind="stable")
    return table.assign(rank=np.arange(1, len(table) + 1))


def most_of(network: str) -> float:
    """Parcels a day that one station of a network handles at most."""
    return capacity(format_of(network))


def terms(rows: pd.DataFrame, network: str) -> pd.DataFrame:
    """What a network pays its stations in each city of a month's panel rows.

    Where the network is not, or its pay is not known: the mean of the tier's cities by its parcels there.

    Returns
    -------
    DataFrame
        Index city (adcode): subsidy_cny_per_parcel, guarantee_cny_per_day, break_even_parcels_per_day (from here on
        fees and subsidy carry a station of the network's format, without a guarantee), handed_over_share (of the
        city's parcels, at stations and not at the door).
    """
    places = pd.Index(rows["city"].astype(str).unique(), name="city")
    mine = rows[rows["platform"] == network]
    paid = mine.set_index(mine["city"].astype(str))[list(TERMS)]
    tier = cities()["tier"].astype(str)
    each, parcels = tier.reindex(paid.index).to_numpy(), mine["parcels"].to_numpy(np.float64)
    sums, weights = (one.mul(parcels, axis=0).groupby(each).sum() for one in (paid, paid.notna()))
    means = sums / weights.where(weights > 0)
    usual = means.reindex(tier.reindex(places).to_numpy()).set_axis(places)
    filled = paid.reindex(places).fillna(usual).fillna(0.0)
    return filled.assign(
        break_even_parcels_per_day=[break_even(_station(network, *pair)) for pair in filled.itertuples(index=False)],
        handed_over_share=handed_over(rows).reindex(places),
    )


def _station(network: str, subsidy: float, guarantee: float) -> Station:
    return replace(STATIONS[format_of(network)], subsidy_cny_per_parcel=subsidy, guarantee_cny_per_day=guarantee)


def _profit(table: pd.DataFrame, network: str) -> Floats:
    """CNY a month of one new station in each row."""
    found = np.full(len(table), np.nan)
    parcels = table["expected_parcels_per_day"].to_numpy(np.float64)
    for pair, places in table.groupby(list(TERMS)).indices.items():
        found[places] = profit(_station(network, *pair), parcels[places], most_of(network))
    return found


def by_city(demand: pd.DataFrame, by_whom: pd.Series) -> pd.DataFrame:
    """Demand of each city without an own station in reach, most parcels first.

    Parameters
    ----------
    demand : DataFrame
        Columns city, people, parcels_per_day.
    by_whom : Series
        Who serves each row, as `analysis.space.coverage.served` says.

    Returns
    -------
    DataFrame
        Index city (adcode): people and parcels_per_day in all; white_people and white_parcels_per_day without an own
        station in reach; rivals, lockers_only, nobody (white parcels a day by who serves them); white_share of the
        parcels.
    """
    codes, places = pd.factorize(demand["city"])
    table = _white(demand, by_whom, codes, pd.Index(places.astype(str), name="city"))
    return table.sort_values("white_parcels_per_day", ascending=False, kind="stable")


def _white(demand: pd.DataFrame, by_whom: pd.Series, codes: npt.NDArray[np.intp], groups: pd.Index) -> pd.DataFrame:
    size, kinds = len(groups), len(SERVED)
    cell = codes * kinds + by_whom.cat.codes.to_numpy(np.intp)
    people, parcels = (
        np.bincount(cell, demand[w].to_numpy(np.float64), minlength=size * kinds).reshape(size, kinds) for w in WEIGHTS
    )
    whole, white = parcels.sum(axis=1), parcels[:, 1:].sum(axis=1)
    return pd.DataFrame(
        {
            "people": people.sum(axis=1),
            "parcels_per_day": whole,
            "white_people": people[:, 1:].sum(axis=1),
            "white_parcels_per_day": white,
            **dict(zip(WHITE, parcels.T[1:], strict=True)),
            "white_share": np.divide(white, whole, out=np.zeros(size), where=whole > 0),
        },
        groups,
    )


def by_cell(demand: pd.DataFrame, by_whom: pd.Series, *, resolution: int, most: int) -> pd.DataFrame:
    """The `most` H3 cells with most parcels without an own station in reach, most first.

    Returns
    -------
    DataFrame
        Index cell (H3 index as text): columns of `by_city`; city (of its largest white demand point), lat, lon (middle
        of its white demand, degrees). Cells without white space are left out.
    """
    codes, names = pd.factorize(cells(demand["lat"], demand["lon"], resolution))
    white = np.where(by_whom == SERVED[0], 0.0, demand["parcels_per_day"].to_numpy(np.float64))
    sums = np.bincount(codes, white, minlength=len(names))
    best = np.argsort(-sums, kind="stable")[:most]
    best = best[sums[best] > 0]
    place = np.full(len(names), -1)
    place[best] = np.arange(len(best))
    rows = np.flatnonzero(place[codes] >= 0)
    found, at, weight = demand.iloc[rows], place[codes[rows]], white[rows]
    index = pd.Index(text(names[best]), name="cell", dtype=object)
    table = _white(found, by_whom.iloc[rows], at, index)
    for name in ("lat", "lon"):
        middle = np.bincount(at, weight * found[name].to_numpy(np.float64), minlength=len(best))
        table[name] = (middle / sums[best]).round(5)
    heaviest = rows[np.argsort(weight, kind="stable")]
    city = np.empty(len(best), object)
    city[place[codes[heaviest]]] = demand["city"].astype(str).to_numpy(object)[heaviest]
    return table.assign(city=city)
