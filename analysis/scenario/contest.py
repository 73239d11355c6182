"""One month's market as the scenario engine needs it: what is contestable, what is captive, and the fitted effects."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.captive import split
from analysis.share.absorb import group
from analysis.share.result import ShareFit, critical

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class MarketModel:
    """Arrays of one month, platforms first and cities last; cities sorted by tier. Made by `market_model`.

    Attributes
    ----------
    month : pandas.Timestamp
    platforms, tiers, cities : tuple of str
    bounds : tuple of int
        Cities of tier t are `bounds[t]` to `bounds[t + 1]`.
    sigma : (platforms, cities) float64
        Contestable shares; each city adds to 1 (or is all 0 when every parcel is captive).
    captive : (platforms, cities) float64
        Parcels a month that routing fixes.
    free : (cities,) float64
        Contestable parcels a month.
    subsidy : (platforms, cities) float64
        CNY per parcel in force.
    offered : (platforms, cities) bool
        The network has a row in the panel.
    slopes : (groups,) float64
        Log-odds per CNY; `covariance` (groups, groups) float64; `df` (groups,) as in ShareFit.
    groups : tuple of str
        What each slope belongs to, and `group` (cities,) int64 which one holds in a city.
    observed_range : (float, float)
        Lowest and highest positive subsidy in the whole panel, CNY per parcel.
    """

    month: pd.Timestamp
    platforms: tuple[str, ...]
    tiers: tuple[str, ...]
    cities: tuple[str, ...]
    bounds: tuple[int, ...]
    sigma: Floats
    captive: Floats
    free: Floats
    subsidy: Floats
    offered: npt.NDArray[np.bool_]
    slopes: Floats
    covariance: Floats
    df: Floats
    groups: tuple[str, ...]
    group: npt.NDArray[np.int64]
    observed_range: tuple[float, float]

    def span(self, tier: str) -> slice:
        """Cities of a tier."""
        place = self.tiers.index(tier)
        return slice(self.bounds[place], self.bounds[place + 1])

    @property
    def volumes(self) -> Floats:
        """Observed parcels a month (tiers, platforms)."""
        parcels = self.captive + self.sigma * self.free
        return np.stack([parcels[:, self.span(tier)].sum(axis=1) for tier in self.tiers])

    @property
    def critical_95(self) -> Floats:
        """Two-sided 95 % critical values of the slopes."""
        return critical(0.95, self.df)


def market_model(
    panel: pd.DataFrame,
    fit: ShareFit,
    *,
    month: str | pd.Timestamp,
    tiers: Sequence[str] | None = None,
    regions: Sequence[str] | None = None,
    driver: str = "subsidy_cny_per_parcel",
) -> MarketModel:
    """Market of one month, ready for `analysis.scenario.simulate`.

    Parameters
    ----------
    panel : pandas.DataFrame
        Columns month, city, platform, parcels, tier, `driver`; those that `analysis.captive.split` reads; region when
        `regions` is given; the column that the fit's coefficients go by.
    fit : ShareFit
    tiers, regions : sequence of str, optional
        Cities to keep; all by default.
    """
    when = pd.Timestamp(month)
    rows = panel[panel["month"] == when]
    if tiers is not None:
        rows = rows[rows["tier"].isin(list(tiers))]
    if regions is not None:
        rows = rows[rows["region"].isin(list(regions))]
    if rows.empty:
        raise ValueError(f"the panel has no rows for {when:%Y-%m} and this filter: choose another month or widen it")
    city, platform, tier = group(rows, ["tier", "city"]), group(rows, "platform"), group(rows, "tier")
    shape, place = (platform.size, city.size), (platform.codes, city.codes)
    parts = split(rows)
    free, captive, subsidy = (
        _cells(values, shape, place) for values in (parts["contestable"], parts["captive"], rows[driver])
    )
    total = free.sum(axis=0)
    offered = np.zeros(shape, dtype=bool)
    offered[place] = True
    slopes, covariance = fit.slope(driver)
    sizes = city.labels.get_level_values(0).value_counts().reindex(tier.labels)
    paid = panel[driver].to_numpy(np.float64)
    paid = paid[paid > 0]
    return MarketModel(
        month=when,
        platforms=tuple(map(str, platform.labels)),
        tiers=tuple(map(str, tier.labels)),
        cities=tuple(map(str, city.labels.get_level_values(1))),
        bounds=(0, *np.cumsum(sizes.to_numpy()).tolist()),
        sigma=np.divide(free, total, out=np.zeros(shape), where=total > 0),
        captive=captive,
        free=total,
        subsidy=subsidy,
        offered=offered,
        slopes=slopes.to_numpy(np.float64),
        covariance=covariance.to_numpy(np.float64),
        df=fit.freedom(driver),
        groups=tuple(map(str, slopes.index)),
        group=_city_group(rows, fit, slopes.index, city.codes, city.size),
        observed_range=(float(paid.min()), float(paid.max())) if paid.size else (0.0, 0.0),
    )


def _cells(
    values: pd.Series, shape: tuple[int, int], place: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
) -> Floats:
    out = np.zeros(shape)
    out[place] = values.to_numpy(np.float64)
    return out


def _city_group(
    rows: pd.DataFrame, fit: ShareFit, groups: pd.Index, cities: npt.NDArray[np.int64], size: int
) -> npt.NDArray[np.int64]:
    """Place of each city's coefficient; ValueError when the fit has none for a city."""
    found = np.zeros(size, dtype=np.int64)
    if fit.by is None:
        return found
    found[cities] = groups.get_indexer(pd.Index(rows[fit.by].to_numpy()))
    if (found < 0).any():
        missing = set(rows[fit.by].astype(str)) - set(map(str, groups))
        raise ValueError(f"the fit has no coefficient for {', '.join(sorted(missing))}: fit on a panel with it")
    return found
