"""One month's market as the scenario engine needs it: what is contestable, what is captive, and the fitted effects."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.captive import split
from analysis.share.absorb import group
from analysis.share.result import ShareFit, critical
from data.platforms import PLATFORMS

Floats = npt.NDArray[np.float64]
DENSITY = "log_stations"
YEAR = 12
USUAL_GROWTH_SD = 0.05
"""Spread of yearly growth where the panel is too short to show one."""
LEAST_YEARLY = 6
"""Changes on the year from which their spread is measured."""


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
    guarantee : (platforms, cities) float64
        CNY per station and day in force.
    stations : (platforms, cities) float64
        Stations active.
    own_orders : (platforms, cities) float64
        Parcels a month of the orders of the network's owner; not a number where the origin of orders is not known.
    offered : (platforms, cities) bool
        The network has a row in the panel.
    region, province : tuple of str
        Of each city.
    slopes : (groups,) float64
        Log-odds per CNY. `density` (groups,): log-odds per unit of ln(stations), 0 without that driver. `covariance`
        (2 groups, 2 groups): of both, slopes first. `df` (groups,) as in ShareFit.
    groups : tuple of str
        What each slope belongs to, and `group` (cities,) int64 which one holds in a city.
    observed_range : (float, float)
        Lowest and highest positive subsidy in the whole panel, CNY per parcel.
    growth : (float, float)
        Change of all parcels of the last twelve months on the twelve before, as a fraction, and its spread over time.
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
    guarantee: Floats
    stations: Floats
    own_orders: Floats
    offered: npt.NDArray[np.bool_]
    region: tuple[str, ...]
    province: tuple[str, ...]
    slopes: Floats
    density: Floats
    covariance: Floats
    df: Floats
    groups: tuple[str, ...]
    group: npt.NDArray[np.int64]
    observed_range: tuple[float, float]
    growth: tuple[float, float]

    def span(self, tier: str) -> slice:
        """Cities of a tier."""
        place = self.tiers.index(tier)
        return slice(self.bounds[place], self.bounds[place + 1])

    def by_tier(self, cells: Floats) -> Floats:
        """Sums over the cities (last axis) of each tier."""
        return np.add.reduceat(cells, self.bounds[:-1], axis=-1)

    @property
    def parcels(self) -> Floats:
        """Observed parcels a month (platforms, cities)."""
        return self.captive + self.sigma * self.free

    @property
    def volumes(self) -> Floats:
        """Observed parcels a month (tiers, platforms)."""
        return self.by_tier(self.parcels).T

    @property
    def formats(self) -> tuple[str, ...]:
        """What each network mostly runs, a format of `data.platforms`."""
        return tuple(PLATFORMS[name].format if name in PLATFORMS else "station" for name in self.platforms)

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
    cities: Sequence[str] | None = None,
    driver: str = "subsidy_cny_per_parcel",
    own_orders: pd.DataFrame | None = None,
) -> MarketModel:
    """Market of one month, ready for `analysis.scenario.simulate`.

    Parameters
    ----------
    panel : pandas.DataFrame
        Columns month, city, platform, parcels, tier, `driver`; those that `analysis.captive.split` reads; region when
        `regions` is given; the column that the fit's coefficients go by. Read where they are there: log_stations or
        stations, guarantee_cny_per_day, region, province.
    fit : ShareFit
    tiers, regions, cities : sequence of str, optional
        Cities to keep, the last by code; all by default.
    own_orders : pandas.DataFrame, optional
        Orders of the month by city (index) and owner (columns), parcels: see `own_orders`.
    """
    when = pd.Timestamp(month)
    kept = panel
    if tiers is not None:
        kept = kept[kept["tier"].isin(list(tiers))]
    if regions is not None:
        kept = kept[kept["region"].isin(list(regions))]
    if cities is not None:
        kept = kept[kept["city"].isin(list(cities))]
    rows = kept[kept["month"] == when]
    if rows.empty:
        raise ValueError(f"the panel has no rows for {when:%Y-%m} and this filter: choose another month or widen it")
    city, platform, tier = group(rows, ["tier", "city"]), group(rows, "platform"), group(rows, "tier")
    shape, place = (platform.size, city.size), (platform.codes, city.codes)
    parts = split(rows)
    free = _cells(parts["contestable"], shape, place)
    total = free.sum(axis=0)
    offered = np.zeros(shape, dtype=bool)
    offered[place] = True
    sizes = city.labels.get_level_values(0).value_counts().reindex(tier.labels)
    paid = panel[driver].to_numpy(np.float64)
    paid = paid[paid > 0]
    names, codes = tuple(map(str, platform.labels)), tuple(map(str, city.labels.get_level_values(1)))
    slopes, density, covariance = _effects(fit, driver)
    return MarketModel(
        month=when,
        platforms=names,
        tiers=tuple(map(str, tier.labels)),
        cities=codes,
        bounds=(0, *np.cumsum(sizes.to_numpy()).tolist()),
        sigma=np.divide(free, total, out=np.zeros(shape), where=total > 0),
        captive=_cells(parts["captive"], shape, place),
        free=total,
        subsidy=_cells(rows[driver], shape, place),
        guarantee=_cells(_column(rows, "guarantee_cny_per_day"), shape, place),
        stations=_cells(_stations(rows), shape, place),
        own_orders=_own(own_orders, names, codes),
        offered=offered,
        region=_places(rows, "region", city.codes, city.size),
        province=_places(rows, "province", city.codes, city.size),
        slopes=slopes.to_numpy(np.float64),
        density=density,
        covariance=covariance,
        df=fit.freedom(driver),
        groups=tuple(map(str, slopes.index)),
        group=_city_group(rows, fit, slopes.index, city.codes, city.size),
        observed_range=(float(paid.min()), float(paid.max())) if paid.size else (0.0, 0.0),
        growth=_growth(kept, when),
    )


def own_orders(volumes: pd.DataFrame, month: str | pd.Timestamp) -> pd.DataFrame | None:
    """Orders of one month by city and source, parcels, from the volumes of a market; None without a known origin."""
    if "origin" not in volumes:
        return None
    rows = volumes[(volumes["month"] == pd.Timestamp(month)) & (volumes["origin"].astype(str) != "")]
    if rows.empty:
        return None
    sums = rows.groupby(["city", "origin"], observed=True)["parcels"].sum()
    table = sums.unstack("origin", fill_value=0).astype(np.float64)
    return table.set_axis(table.index.astype(str)).set_axis(table.columns.astype(str), axis=1)


def _effects(fit: ShareFit, driver: str) -> tuple[pd.Series, Floats, Floats]:
    """Slopes and densities by group, and their joint covariance."""
    slopes, _ = fit.slope(driver)
    size = len(slopes)
    density, covariance = np.zeros(size), np.zeros((2 * size, 2 * size))
    names = [driver, DENSITY] if DENSITY in fit.drivers else [driver]
    keys = [name if fit.by is None else (key, name) for name in names for key in slopes.index]
    covariance[: len(keys), : len(keys)] = fit.covariance.loc[keys, keys].to_numpy(np.float64)
    if DENSITY in fit.drivers:
        density = fit.slope(DENSITY)[0].reindex(slopes.index).to_numpy(np.float64)
    return slopes, density, covariance


def _column(rows: pd.DataFrame, name: str) -> pd.Series:
    return rows[name] if name in rows else pd.Series(0.0, rows.index)


def _stations(rows: pd.DataFrame) -> pd.Series:
    if "stations" in rows:
        return rows["stations"]
    return np.exp(rows[DENSITY]) if DENSITY in rows else pd.Series(0.0, rows.index)


def _own(orders: pd.DataFrame | None, names: tuple[str, ...], cities: tuple[str, ...]) -> Floats:
    out = np.full((len(names), len(cities)), np.nan)
    if orders is None:
        return out
    for row, name in enumerate(names):
        owner = PLATFORMS[name].owner if name in PLATFORMS else name
        out[row] = orders[owner].reindex(list(cities)).fillna(0.0) if owner in orders else 0.0
    return out


def _places(rows: pd.DataFrame, column: str, cities: npt.NDArray[np.int64], size: int) -> tuple[str, ...]:
    found = np.full(size, "", dtype=object)
    if column in rows:
        found[cities] = rows[column].astype(str).to_numpy()
    return tuple(found)


def _growth(panel: pd.DataFrame, month: pd.Timestamp) -> tuple[float, float]:
    """From sums of twelve months, so that a holiday which moves between months does not look like growth."""
    total = panel.groupby("month", observed=True)["parcels"].sum().sort_index().loc[:month].astype(np.float64)
    sums = total.rolling(YEAR).sum()
    yearly = (sums / sums.shift(YEAR) - 1).dropna()
    yearly = yearly[np.isfinite(yearly)]
    if yearly.empty:
        return 0.0, USUAL_GROWTH_SD
    spread = float(yearly.tail(3 * YEAR).std()) if len(yearly) >= LEAST_YEARLY else USUAL_GROWTH_SD
    return float(yearly.iloc[-1]), spread


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
