"""Incomes of a network's stations in one city, whose parcels a day are spread log-normally around their mean.

Every function takes arrays that broadcast and works without loops. The handling fee and the subsidy together are what
a guarantee tops up; ancillary income and costs are outside it.
"""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Numbers = npt.ArrayLike
DAYS = 30.0
"""Days of business in a month: 3,000 CNY a month is 100 CNY a day."""
NOTHING = 1e-12
"""CNY per parcel that only rounding tells from 0."""


def _sigma(spread: Array) -> Array:
    """Standard deviation of ln(parcels) for a coefficient of variation."""
    return np.asarray(np.sqrt(np.log1p(spread**2)))


def top_up(guarantee: Numbers, rate: Numbers, mean: Numbers, spread: Numbers) -> Array:
    """What a guarantee costs on an average station: E max(0, G - r Q).

    Parameters
    ----------
    guarantee : array_like
        Income guaranteed, CNY per station and day.
    rate : array_like
        Handling fee plus subsidy, CNY per parcel.
    mean : array_like
        Parcels per station and day.
    spread : array_like
        Standard deviation of parcels across stations over their mean.

    Returns
    -------
    ndarray
        CNY per station and day, in the shape all arguments broadcast to. At spread 0 it is max(0, G - r mean).

    References
    ----------
    Black, F. (1976), The pricing of commodity contracts, Journal of Financial Economics 3, 167-179: a put on a
    log-normal quantity.
    """
    from scipy.special import ndtr

    floor, earned, width = np.broadcast_arrays(
        np.asarray(guarantee, float), np.multiply(rate, mean, dtype=float), _sigma(np.asarray(spread, float))
    )
    out = np.array(np.maximum(floor - earned, 0.0))
    random = (floor > 0) & (earned > 0) & (width > 0)
    if random.any():
        g, m, s = floor[random], earned[random], width[random]
        d = (np.log(m) - np.log(g)) / s + s / 2
        out[random] = np.maximum(g * ndtr(s - d) - m * ndtr(-d), out[random])
    return out


def median_income(
    mean: Numbers,
    spread: Numbers,
    *,
    fee: Numbers,
    subsidy: Numbers,
    ancillary: Numbers,
    variable: Numbers,
    fixed: Numbers,
    guarantee: Numbers,
) -> Array:
    """Income of the station with the median number of parcels.

    Parameters
    ----------
    mean, spread : array_like
        Parcels per station and day, and their standard deviation across stations over the mean.
    fee, subsidy, ancillary, variable : array_like
        CNY per parcel.
    fixed, guarantee : array_like
        CNY per station and day.

    Returns
    -------
    ndarray
        CNY per day; a month has `DAYS` of them.
    """
    parcels = np.asarray(mean, float) / np.sqrt(1 + np.square(np.asarray(spread, float)))
    return _income(parcels, np.add(fee, subsidy), np.subtract(ancillary, variable), fixed, guarantee)


def _income(parcels: Array, rate: Numbers, other: Numbers, fixed: Numbers, guarantee: Numbers) -> Array:
    return np.asarray(np.maximum(np.multiply(rate, parcels), guarantee) + np.multiply(other, parcels) - fixed)


def below_break_even(
    mean: Numbers,
    spread: Numbers,
    *,
    fee: Numbers,
    subsidy: Numbers,
    ancillary: Numbers,
    variable: Numbers,
    fixed: Numbers,
    guarantee: Numbers,
) -> Array:
    """Fraction of stations whose income is below 0.

    Income is the higher of two straight lines in parcels, one with the guarantee and one without, so that the stations
    which lose lie in one interval: where variable costs exceed ancillary income, a guarantee carries the small ones.

    Parameters
    ----------
    mean, spread, fee, subsidy, ancillary, variable, fixed, guarantee : array_like
        As for `median_income`.

    Returns
    -------
    ndarray
        Between 0 and 1.
    """
    rate, other = np.add(fee, subsidy), np.asarray(np.subtract(ancillary, variable), float)
    average, width = np.asarray(mean, float), _sigma(np.asarray(spread, float))
    lines = (np.subtract(guarantee, fixed), other), (np.negative(fixed), rate + other)
    low, high = zip(*(_losing(*line) for line in lines), strict=True)
    top, bottom = np.minimum(*high), np.maximum(*low)
    found = np.asarray(np.maximum(_share_under(top, average, width) - _share_under(bottom, average, width), 0.0))
    alike = (average <= 0) | (width <= 0)
    if alike.any():
        found = np.where(alike, _income(average, rate, other, fixed, guarantee) < 0, found)
    return found


def _losing(start: Array, slope: Array) -> tuple[Array, Array]:
    """Open interval of parcels on which start + slope * parcels < 0; empty intervals end before they begin."""
    start, slope = np.asarray(start, float), np.where(np.abs(slope) < NOTHING, 0.0, slope)
    zero = -start / np.where(slope == 0, 1.0, slope)
    low = np.where(slope < 0, zero, 0.0)
    high = np.where(slope > 0, zero, np.where((slope < 0) | (start < 0), np.inf, 0.0))
    return low, high


def _share_under(limit: Array, mean: Array, width: Array) -> Array:
    """Fraction of stations with fewer than `limit` parcels; any number where `mean` or `width` is 0."""
    from scipy.special import ndtr

    s = np.where(width > 0, width, 1.0)
    with np.errstate(divide="ignore"):
        distance = np.log(np.maximum(limit, 0.0)) - np.log(np.where(mean > 0, mean, 1.0))
    return np.asarray(ndtr(distance / s + s / 2))
