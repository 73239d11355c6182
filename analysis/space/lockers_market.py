"""What a market says of its lockers: parcels handed over by them, and sets that stand."""

import pandas as pd

from data.platforms import PLATFORMS


def hand_overs(rows: pd.DataFrame, *, days: float) -> pd.DataFrame:
    """Parcels a day by city.

    Parameters
    ----------
    rows : pandas.DataFrame
        Panel rows of one month: city, platform, parcels.
    days : float
        Of that month.

    Returns
    -------
    pandas.DataFrame
        Index city; columns handed (by all networks and at the door) and lockers (by the networks that mostly run
        lockers), parcels a day.
    """
    cities = rows["city"].astype(str).to_numpy()
    of_lockers = rows["platform"].isin([key for key, p in PLATFORMS.items() if p.format == "locker"])
    table = pd.DataFrame(
        {"handed": rows["parcels"].to_numpy(float), "lockers": rows["parcels"].where(of_lockers, 0).to_numpy(float)}
    )
    return (table.groupby(cities).sum() / days).rename_axis("city")


def standing(stations: pd.DataFrame, *, cells: int) -> pd.DataFrame:
    """Sets of lockers by city and number of cells.

    Parameters
    ----------
    stations : pandas.DataFrame
        Active stations with columns city, format and cells.
    cells : int
        Of a set whose file does not say.

    Returns
    -------
    pandas.DataFrame
        Columns city (str), cells, sets; one row for each size in a city.
    """
    rows = stations[stations["format"] == "locker"]
    table = pd.DataFrame(
        {"city": rows["city"].astype("category"), "cells": rows["cells"].fillna(cells).astype("int64")}
    )
    counted = table.groupby(["city", "cells"], observed=True).size().rename("sets").reset_index()
    return counted.assign(city=counted["city"].astype(str))


def elsewhere(stations: pd.DataFrame) -> int:
    """Sets of lockers of networks that mostly run something else, whose parcels `hand_overs` cannot tell apart."""
    mostly = [key for key, p in PLATFORMS.items() if p.format == "locker"]
    return int(((stations["format"] == "locker") & ~stations["platform"].isin(mostly)).sum())
