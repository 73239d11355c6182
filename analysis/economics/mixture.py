"""Stations of several cities taken together: each city's spread log-normally around its own mean."""

from collections.abc import Callable, Sequence

import numpy as np

from analysis.economics.incomes import NOTHING, Array, Numbers, below_break_even, median_income

EXACT = 1e-12
"""Part of an income, or CNY a day, to which the middle one is found."""
MOST_STEPS = 100
QUARTILE = 0.6744897501960817
"""Upper quartile of the standard normal distribution."""


def mixed_incomes(
    mean: Numbers,
    stations: Numbers,
    spread: float,
    *,
    fee: Numbers,
    subsidy: Numbers,
    ancillary: Numbers,
    variable: Numbers,
    fixed: Numbers,
    guarantee: Numbers,
    starts: Sequence[int] = (0,),
) -> tuple[Array, Array]:
    """Middle income of the stations of several cities, and the fraction of them below break-even.

    The middle income is the median of incomes: half of the stations, each city counted by its stations, earn less. It
    is not the income at the median number of parcels, because cities differ in what they are paid, and because a
    guarantee can leave small stations more than larger ones. Where all cities are alike and every parcel adds to the
    income, it is `median_income`.

    Parameters
    ----------
    mean, stations : (..., cities) array_like
        Parcels per station and day; stations, which are the weights.
    spread : float
        Standard deviation of parcels across the stations of a city over their mean.
    fee, subsidy, ancillary, variable, fixed, guarantee : array_like
        As for `median_income`; they broadcast to the shape of `mean`.
    starts : sequence of int
        First city of each group, in rising order; one group by default.

    Returns
    -------
    median : (..., groups) ndarray
        CNY per station and day; not a number where a group has no station.
    below : (..., groups) ndarray
        The cities' fractions below break-even, weighted by stations.
    """
    names = ("fee", "subsidy", "ancillary", "variable", "fixed", "guarantee")
    average, many, *costs = np.broadcast_arrays(
        *(np.asarray(x, float) for x in (mean, stations, fee, subsidy, ancillary, variable, fixed, guarantee))
    )
    sizes = np.diff([*starts, many.shape[-1]])
    shape = (*many.shape[:-1], sizes.size)
    groups = np.repeat(np.arange(np.prod(shape, dtype=int)).reshape(shape), sizes, axis=-1)
    kept = many > 0
    cells = _Cells(average[kept], spread, {name: cost[kept] for name, cost in zip(names, costs, strict=True)})
    weights, at = many[kept], groups[kept]
    totals = np.bincount(at, weights, np.prod(shape, dtype=int))
    weights = weights / totals[at]

    def under(income: Array) -> Array:
        """Fraction of each group's stations that earn less."""
        return np.asarray(np.bincount(at, weights * cells.under(income[at]), totals.size), float)

    low, high = np.full(totals.size, np.inf), np.full(totals.size, -np.inf)
    first, last = cells.between()
    np.minimum.at(low, at, first)
    np.maximum.at(high, at, last)
    staffed = totals > 0
    found = _middle(under, np.where(staffed, low, 0.0), np.where(staffed, high, 0.0))
    below = np.where(staffed, under(np.zeros(totals.size)), np.nan)
    return np.where(staffed, found, np.nan).reshape(shape), below.reshape(shape)


class _Cells:
    """Stations of cities, one after another: how many earn less than an income, and what encloses their median."""

    def __init__(self, mean: Array, spread: float, costs: dict[str, Array]) -> None:
        self.mean, self.spread, self.costs = mean, spread, costs
        self.margin = costs["fee"] + costs["subsidy"] + costs["ancillary"] - costs["variable"]
        simple = (mean > 0) & (costs["guarantee"] <= 0) & (self.margin > NOTHING) & (spread > 0)
        self.simple, self.rest = np.flatnonzero(simple), np.flatnonzero(~simple)
        self.width = np.sqrt(np.log1p(spread**2))
        self.middle = np.log(mean[self.simple] * self.margin[self.simple]) - self.width**2 / 2
        self.others = {name: cost[self.rest] for name, cost in costs.items() if name != "fixed"}

    def under(self, income: Array) -> Array:
        """Fraction of each city's stations that earn less than `income` (cities,)."""
        from scipy.special import ndtr

        needed, out = self.costs["fixed"] + income, np.empty(income.shape)
        with np.errstate(divide="ignore"):
            distance = np.log(np.maximum(needed[self.simple], 0.0)) - self.middle
        out[self.simple] = ndtr(distance / (self.width or 1.0))
        if self.rest.size:
            out[self.rest] = below_break_even(self.mean[self.rest], self.spread, fixed=needed[self.rest], **self.others)
        return out

    def between(self) -> tuple[Array, Array]:
        """Incomes that enclose the median income of each city.

        Income is convex in parcels: at the median parcels it is at most the median income, and half of the stations,
        those between the quartiles, earn at most what the better of the quartiles earns.
        """
        far = np.exp(QUARTILE * self.width)
        low, *ends = (median_income(self.mean * part, self.spread, **self.costs) for part in (1.0, far, 1 / far))
        return low, np.maximum(np.maximum(*ends), low)


def _middle(under: Callable[[Array], Array], low: Array, high: Array) -> Array:
    """Where `under` passes a half, element by element.

    References
    ----------
    Chandrupatla, T. R. (1997), A new hybrid quadratic/bisection algorithm for finding the zero of a nonlinear function
    without using derivatives, Advances in Engineering Software 28, 145-149.
    """
    a, b = low, high
    fa, fb = np.minimum(under(a) - 0.5, 0.0), np.maximum(under(b) - 0.5, 0.0)
    part = np.full(a.shape, 0.5)
    for _ in range(MOST_STEPS):
        x = a + part * (b - a)
        fx = under(x) - 0.5
        same = np.sign(fx) == np.sign(fa)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same, b, a), np.where(same, fb, fa)
        a, fa = x, fx
        best = np.where(np.abs(fa) < np.abs(fb), a, b)
        least = EXACT * np.maximum(1.0, np.abs(best)) / np.maximum(np.abs(b - a), EXACT)
        if np.all((least > 0.5) | (fa == 0) | (fb == 0)):
            break
        part = np.clip(_next(a, b, c, fa, fb, fc), np.minimum(least, 0.5), np.maximum(1 - least, 0.5))
    return best


def _next(a: Array, b: Array, c: Array, fa: Array, fb: Array, fc: Array) -> Array:
    """Part of the way from a to b: by inverse quadratic interpolation where it is safe, else half."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        place, level = (a - b) / (c - b), (fa - fb) / (fc - fb)
        curved = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        safe = (level**2 < place) & ((1 - level) ** 2 < 1 - place) & np.isfinite(curved)
    return np.where(safe, curved, 0.5)
