"""What networks carry in a city, from the market's rows of one month: a day, and how much of it stations hand over."""

import pandas as pd

from data.platforms import OUTSIDE


def daily(rows: pd.DataFrame) -> dict[str, float]:
    """Parcels a day by network from panel rows of one month (of one city, or of several), home delivery left out."""
    days = rows["month"].dt.days_in_month.to_numpy(float)
    parcels = (rows["parcels"] / days).groupby(rows["platform"].astype(str)).sum()
    return {str(key): float(value) for key, value in parcels.items() if key != OUTSIDE}


def handed_over(rows: pd.DataFrame) -> pd.Series:
    """Part of each city's parcels that stations hand over and nobody brings home.

    Parameters
    ----------
    rows : pandas.DataFrame
        Panel rows of one month: city, platform, parcels.

    Returns
    -------
    pandas.Series
        Index city (adcode): 0 to 1; 1 where nothing is brought home or no parcels are known.
    """
    places, parcels = rows["city"].astype(str), rows["parcels"].astype(float)
    everything = parcels.groupby(places).sum()
    door = parcels.where(rows["platform"].astype(str) == OUTSIDE, 0.0).groupby(places).sum()
    return (1.0 - door / everything.where(everything > 0)).fillna(1.0).rename_axis("city").rename("handed_over_share")
