"""Stations open where they earn and close where they do not."""

import numpy as np

from analysis.economics.incomes import Array, Numbers

MONTHS_IN_A_YEAR = 12.0


def entry(profit_change_cny_per_month: Numbers, *, response_per_1000: Numbers, months: Numbers) -> Array:
    """Change of the number of stations that a change of their profit brings.

    Parameters
    ----------
    profit_change_cny_per_month : array_like
        CNY per station and month.
    response_per_1000 : array_like
        Change of ln(stations) in a year for 1,000 CNY a month; 0.04 is about 4 % more stations after a year.
    months : array_like
        How long the change has lasted.

    Returns
    -------
    ndarray
        Change of ln(stations): adds up over spells, and a loss undoes an equal gain.
    """
    yearly = np.multiply(profit_change_cny_per_month, response_per_1000, dtype=float) / 1000.0
    return np.asarray(yearly * np.asarray(months, float) / MONTHS_IN_A_YEAR)
