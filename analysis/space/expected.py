"""What one new station would win where others stand: an attraction model, one site at a time."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.space.huff import ASSUMED, MOST, MOST_LOCKERS, attraction, neighbours, pull
from analysis.space.nearest import ROUNDING, nearest_m, pairs_within
from analysis.space.sizes import SIZES, sizes
from data.platforms import FORMATS, PLATFORMS


def expected(
    demand: pd.DataFrame,
    stations: pd.DataFrame,
    sites: pd.DataFrame,
    network: str,
    *,
    reach_m: float,
    distance_exponent: float = ASSUMED["distance_exponent"].value,
    least_m: npt.ArrayLike = ASSUMED["least_m"].value,
    most: int | None = MOST,
    most_lockers: int | None = MOST_LOCKERS,
) -> pd.DataFrame:
    """Parcels a day that each site would win on its own, by the attraction model of Huff (1964).

    A station pulls a demand point with its size over its distance to a power; a new one wins its part of the pull of
    all within reach. Every network's name is worth the same. Not what all of them would win together.

    Parameters
    ----------
    demand : DataFrame
        Columns lat, lon, parcels_per_day.
    stations : DataFrame
        Columns platform, format, lat, lon, cells (of lockers; the standard set without): those that stand.
    sites : DataFrame
        Columns lat, lon.
    network : str
        Who opens; a station of the format it mostly runs.
    reach_m, distance_exponent : float
        Stations compete for a demand point within reach, with distance to this power.
    least_m : float or array_like, shape (demand points,)
        What is nearer to a demand point counts as this far away.
    most, most_lockers : int, optional
        Staffed stations and sets of lockers that a demand point chooses between, the nearest ones.

    Returns
    -------
    DataFrame
        Indexed as `sites`: expected_parcels_per_day, and of these from_own, from_rivals, from_nobody (demand points
        that no station reaches today).

    Raises
    ------
    ValueError
        For a station without a format that has a size.

    References
    ----------
    Huff, D. L. (1964), Defining and estimating a trading area, Journal of Marketing 28(3), 34-38.
    """
    site, point, metres = pairs_within(sites["lat"], sites["lon"], demand["lat"], demand["lon"], within_m=reach_m)
    near, at = np.unique(point, return_inverse=True)
    placed = _near(stations, sites, 2 * reach_m)
    found = neighbours(demand.iloc[near], placed, reach_m=reach_m, most=most, most_lockers=most_lockers)
    size = attraction(
        placed, sizes(placed if "cells" in placed else placed.assign(cells=pd.NA), SIZES), attraction_exponent=1.0
    )
    least = np.broadcast_to(np.asarray(least_m, np.float64), len(demand))[near]
    power = distance_exponent
    weight = pull(size[found.stations], found.distance_m, distance_exponent=power, least_m=least[found.points])
    mine = (placed["platform"] == network).to_numpy()[found.stations]
    held = np.bincount(found.points, weight, minlength=len(near))[at]
    own = np.bincount(found.points, weight * mine, minlength=len(near))[at]
    new = pull(SIZES[format_of(network)], metres, distance_exponent=power, least_m=least[at])
    won = demand["parcels_per_day"].to_numpy(np.float64)[point] * new / (new + held)
    own_part = np.divide(own, held, out=np.zeros(len(at)), where=held > 0)
    columns = {
        "expected_parcels_per_day": won,
        "from_own": won * own_part,
        "from_rivals": np.where(held > 0, won * (1 - own_part), 0.0),
        "from_nobody": np.where(held > 0, 0.0, won),
    }
    return pd.DataFrame(
        {name: np.bincount(site, values, minlength=len(sites)) for name, values in columns.items()}, sites.index
    )


def _near(stations: pd.DataFrame, sites: pd.DataFrame, within_m: float) -> pd.DataFrame:
    """Stations that a demand point around a site can reach."""
    placed = stations[stations["lat"].notna() & stations["lon"].notna()]
    metres = nearest_m(placed["lat"], placed["lon"], sites["lat"], sites["lon"], within_m=within_m * (1 + ROUNDING))
    return placed[np.isfinite(metres)]


def format_of(network: str) -> str:
    """Format that a network mostly runs; a station for one that runs none."""
    found = PLATFORMS[network].format
    return found if found in FORMATS else "station"
