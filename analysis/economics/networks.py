"""What the stations of every network earn, by city tier, from one month of the panel."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.economics.assumptions import values
from analysis.economics.incomes import DAYS, below_break_even, median_income
from analysis.economics.station import station_type
from data.platforms import FORMATS, PLATFORMS


def incomes_by_tier(rows: pd.DataFrame, assumptions: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Incomes of stations by network and tier.

    Parameters
    ----------
    rows : pandas.DataFrame
        Panel rows of one month. Every network runs the format it mostly runs, with that format's default numbers.
    assumptions : mapping, optional
        Values that differ from their defaults.

    Returns
    -------
    pandas.DataFrame
        Index platform and tier ("all" for every tier); columns stations, parcels_per_day (mean per station),
        subsidy_cny_per_parcel (of the average parcel), guarantee_cny_per_day (of the average station), median (CNY a
        month of the middle station), below (fraction of stations below break-even). Networks without stations are left
        out, and so are cities where one has none. Stations of a city spread log-normally; the middle station of several
        cities is the middle one of their medians, each counted as often as it has stations.
    """
    formats = rows["platform"].map({key: platform.format for key, platform in PLATFORMS.items()}).astype(str)
    kept = rows[(rows["stations"] > 0) & formats.isin(FORMATS)]
    cities = _cities(kept, formats[kept.index], values(assumptions))
    tiers = cities["tier"].cat.categories if isinstance(cities["tier"].dtype, pd.CategoricalDtype) else None
    both = pd.concat([cities.assign(tier=cities["tier"].astype(str)), cities.assign(tier="all")])
    found = {key: _together(part) for key, part in both.groupby(["platform", "tier"], observed=True)}
    table = pd.DataFrame.from_dict(found, orient="index", columns=_COLUMNS)
    table.index = pd.MultiIndex.from_tuples(list(found), names=["platform", "tier"])
    order = [*(tiers if tiers is not None else sorted(cities["tier"].unique())), "all"]
    keys = [(p, t) for p in PLATFORMS for t in order if (p, t) in found]
    return table.loc[keys]


_COLUMNS = ["stations", "parcels_per_day", "subsidy_cny_per_parcel", "guarantee_cny_per_day", "median", "below"]


def _cities(rows: pd.DataFrame, formats: pd.Series, chosen: Mapping[str, float]) -> pd.DataFrame:
    """Median income and part below break-even of every network in every city."""
    stations = {format: station_type(format, chosen) for format in FORMATS}

    def of(field: str) -> pd.Series:
        return formats.map({format: getattr(station, field) for format, station in stations.items()}).astype(float)

    mean = rows["parcels"] / rows["stations"] / DAYS
    numbers = {
        "fee": of("fee_cny_per_parcel"),
        "ancillary": of("ancillary_cny_per_parcel"),
        "variable": of("variable_cny_per_parcel"),
        "fixed": of("fixed_cny_per_day"),
        "subsidy": rows["subsidy_cny_per_parcel"],
        "guarantee": rows["guarantee_cny_per_day"],
    }
    spread = chosen["spread_of_stations"]
    median = median_income(mean, spread, **numbers) * DAYS
    return rows.assign(median=median, below=below_break_even(mean, spread, **numbers))


def _together(part: pd.DataFrame) -> tuple[float, ...]:
    stations, parcels = part["stations"].to_numpy(float), part["parcels"].to_numpy(float)
    paid = float((part["subsidy_cny_per_parcel"] * parcels).sum() / parcels.sum()) if parcels.sum() > 0 else 0.0
    weights = stations / stations.sum()
    ordered = part["median"].to_numpy(float).argsort()
    middle = ordered[np.searchsorted(weights[ordered].cumsum(), 0.5)]
    return (
        float(stations.sum()),
        float(parcels.sum() / stations.sum() / DAYS),
        paid,
        float(part["guarantee_cny_per_day"].to_numpy(float) @ weights),
        float(part["median"].iloc[middle]),
        float(part["below"].to_numpy(float) @ weights),
    )
