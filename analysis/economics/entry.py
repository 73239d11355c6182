"""Stations open where they earn and close where they do not."""

import numpy as np

from analysis.economics.incomes import Array, Numbers

ENTRY_MONTHS = 12.0
"""Months over which stations come and go once their profit has changed."""


def entry(profit_change_cny_per_month: Numbers, *, response_per_1000: Numbers, months: Numbers) -> Array:
    """Change of the number of stations that a lasting change of their profit brings.

    Parameters
    ----------
    profit_change_cny_per_month : array_like
        CNY per station and month.
    response_per_1000 : array_like
        Change of ln(stations) after a year for 1,000 CNY a month; 0.04 is about 4 % more stations.
    months : array_like
        How long the change has lasted; the response grows evenly over `ENTRY_MONTHS` and then stays.

    Returns
    -------
    ndarray
        Change of ln(stations), which a loss of the same size undoes. That more stations share the same parcels is left
        to the caller.
    """
    goal = np.multiply(profit_change_cny_per_month, response_per_1000, dtype=float) / 1000.0
    return np.asarray(goal * np.clip(np.asarray(months, float) / ENTRY_MONTHS, 0.0, 1.0))
