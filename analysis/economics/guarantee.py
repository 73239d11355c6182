"""What a guaranteed income costs the network and is worth to a station: a put option on fee income."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from analysis.economics import incomes
from analysis.economics.incomes import DAYS, Array, Numbers

Distribution = Literal["normal", "poisson", "negative_binomial", "lognormal", "empirical"]
DISTRIBUTIONS: tuple[Distribution, ...] = ("normal", "poisson", "negative_binomial", "lognormal", "empirical")
Settlement = Literal["daily", "monthly"]
NEARLY = 1e-9
"""A count this close under a whole number is taken for it: G / r of 100 / 0.35 is no more exact."""


def guarantee_top_up(
    guarantee: Numbers,
    rate: Numbers,
    mean: Numbers,
    *,
    sd: Numbers | None = None,
    distribution: Distribution = "normal",
    sample: npt.ArrayLike | None = None,
    settlement: Settlement = "daily",
) -> Array:
    """Expected top-up of a guarantee: E max(0, G - r Q) for Q parcels a day.

    Parameters
    ----------
    guarantee, rate, mean : array_like
        CNY per day guaranteed, CNY per parcel earned, mean parcels a day; they broadcast.
    sd : array_like, optional
        Standard deviation of a day's parcels. Not for "poisson" and "empirical", which have their own.
    distribution : str
        Of a day's parcels, one of `DISTRIBUTIONS`. "negative_binomial" needs sd above that of a Poisson count.
    sample : array_like, optional
        Observed days in their order, for "empirical"; scaled to `mean`.
    settlement : str
        "monthly" compares the income of a month with `DAYS` guarantees. It is never dearer (Jensen), because good days
        make up for bad ones. Days are independent; those of a sample stay in their order.

    Returns
    -------
    ndarray
        CNY per day.

    Raises
    ------
    ValueError
        For numbers below 0, an unknown distribution, or one without what it needs.
    """
    g, r, m = (np.asarray(x, float) for x in (guarantee, rate, mean))
    if not (np.all(g >= 0) and np.all(r >= 0) and np.all(m >= 0)):
        raise ValueError("guarantee, rate and mean must be 0 or more")
    days = DAYS if settlement == "monthly" else 1.0
    if distribution == "empirical":
        return _empirical(g, r, m, sample, monthly=settlement == "monthly")
    if distribution == "poisson":
        return _poisson(g * days, r, m * days) / days
    if distribution not in DISTRIBUTIONS:
        raise ValueError(f"{distribution!r} is no distribution: choose from {', '.join(DISTRIBUTIONS)}")
    if sd is None or not np.all(np.asarray(sd, float) >= 0):
        raise ValueError(f"{distribution} parcels need sd, their standard deviation over days, of 0 or more")
    s = np.asarray(sd, float)
    if distribution == "negative_binomial":
        return _negative_binomial(g * days, r, m * days, s * np.sqrt(days)) / days
    s = s / np.sqrt(days)
    return _normal(g, r, m, s) if distribution == "normal" else incomes.top_up(g, r, m, s / np.where(m > 0, m, 1.0))


def _normal(g: Array, r: Array, m: Array, s: Array) -> Array:
    """Bachelier's put: (G - rm) Phi(d) + r sd phi(d)."""
    from scipy.special import ndtr

    short, width = np.broadcast_arrays(g - r * m, r * s)
    d = short / np.where(width > 0, width, 1.0)
    random = short * ndtr(d) + width * np.exp(-d * d / 2) / np.sqrt(2 * np.pi)
    return np.where(g > 0, np.where(width > 0, random, np.maximum(short, 0.0)), 0.0)


def _most(g: Array, r: Array) -> Array:
    """Largest count whose fees do not exceed the guarantee."""
    return np.asarray(np.floor(g / np.where(r > 0, r, 1.0) * (1 + NEARLY)))


def _poisson(g: Array, r: Array, m: Array) -> Array:
    from scipy.special import pdtr

    most = _most(g, r)
    below = np.where(most > 0, pdtr(np.maximum(most - 1, 0.0), m), 0.0)
    return np.where(r > 0, np.maximum(g * pdtr(most, m) - r * m * below, 0.0), g)


def _negative_binomial(g: Array, r: Array, m: Array, s: Array) -> Array:
    from scipy.special import betainc

    if not np.all(s * s > m):
        raise ValueError("negative_binomial parcels need sd above sqrt(mean): take poisson for counts that vary less")
    variance = s * s
    size, success = m * m / (variance - m), m / variance
    most, positive = _most(g, r), np.where(m > 0, size, 1.0)
    p = np.where(m > 0, success, 0.5)
    below = np.where(most > 0, betainc(positive + 1, np.maximum(most, 1.0), p), 0.0)
    found = np.maximum(g * betainc(positive, most + 1, p) - r * m * below, 0.0)
    return np.where((r > 0) & (m > 0), found, g)


def _empirical(g: Array, r: Array, m: Array, sample: npt.ArrayLike | None, *, monthly: bool) -> Array:
    days = np.asarray([] if sample is None else sample, float).ravel()
    if not days.size or not days.mean() > 0:
        raise ValueError("empirical parcels need a sample of days with parcels")
    shape, weight = days / days.mean(), np.full(days.size, 1 / days.size)
    if monthly:
        months = np.array_split(shape, max(1, int(days.size // DAYS)))
        shape = np.array([month.mean() for month in months])
        weight = np.array([month.size / days.size for month in months])
    return np.asarray(np.maximum(g[..., None] - (r * m)[..., None] * shape, 0.0) @ weight)


def equivalent_subsidy(top_up: Numbers, mean: Numbers) -> Array:
    """Subsidy that would pay a station as much as the top-up, CNY per parcel; infinite without parcels."""
    paid, parcels = np.broadcast_arrays(np.asarray(top_up, float), np.asarray(mean, float))
    some = parcels > 0
    return np.where(some, paid / np.where(some, parcels, 1.0), np.where(paid > 0, np.inf, 0.0))


def indifference(
    guarantee_cny_per_day: float,
    subsidy_cny_per_parcel: float,
    *,
    rate: float,
    spread: float = 0.0,
    add_on: bool = False,
) -> float:
    """Parcels a day below which the guarantee is worth more to a station than the subsidy.

    Parameters
    ----------
    guarantee_cny_per_day, subsidy_cny_per_parcel : float
        The two offers, of which a station gets one.
    rate : float
        Handling fee, CNY per parcel, which a top-up counts and an add-on does not.
    spread : float
        Standard deviation of a day's parcels over their mean (log-normal).
    add_on : bool
        The guarantee is paid in full on top of the fee: 100 CNY a day against 0.07 CNY a parcel is 1,429 parcels.

    Returns
    -------
    float
        Parcels a day; infinite when the guarantee is always worth more.
    """
    if min(guarantee_cny_per_day, subsidy_cny_per_parcel, rate, spread) < 0:
        raise ValueError("guarantee, subsidy, rate and spread must be 0 or more")
    if guarantee_cny_per_day == 0:
        return 0.0
    if subsidy_cny_per_parcel == 0:
        return float("inf")
    most = guarantee_cny_per_day / subsidy_cny_per_parcel
    if add_on:
        return most
    from scipy.optimize import brentq

    def gain(parcels: float) -> float:
        paid = incomes.top_up(guarantee_cny_per_day, rate, parcels, spread)
        return float(paid) - subsidy_cny_per_parcel * parcels

    return float(brentq(gain, 0.0, most * (1 + NEARLY)))
