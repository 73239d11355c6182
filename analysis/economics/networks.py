"""What the stations of every network earn, by city tier, from one month of the panel."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.economics.assumptions import values
from analysis.economics.incomes import DAYS, Array
from analysis.economics.mixture import mixed_incomes
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
        month that half of the stations do not reach), below (fraction of stations below break-even), both as in
        `mixed_incomes`. Networks without stations are left out, and so are cities where one has none.
    """
    formats = rows["platform"].map({key: platform.format for key, platform in PLATFORMS.items()}).astype(str)
    kept = rows[(rows["stations"] > 0) & formats.isin(FORMATS)]
    tier = kept["tier"] if isinstance(kept["tier"].dtype, pd.CategoricalDtype) else kept["tier"].astype("category")
    index = pd.MultiIndex.from_product([list(PLATFORMS), [*tier.cat.categories, "all"]], names=["platform", "tier"])
    wide, network = len(tier.cat.categories) + 1, pd.Index(list(PLATFORMS)).get_indexer(kept["platform"])
    if kept.empty:
        return pd.DataFrame(columns=list(_COLUMNS), index=index[:0], dtype=float)
    chosen = values(assumptions)
    numbers, spread = _numbers(kept, formats[kept.index], chosen), chosen["spread_of_stations"]
    parts = [_grouped(network * wide + place, numbers, spread) for place in (tier.cat.codes.to_numpy(), wide - 1)]
    keys, columns = (np.concatenate(cells) for cells in zip(*parts, strict=True))
    return pd.DataFrame(columns, index[keys], list(_COLUMNS)).iloc[keys.argsort()]


_COLUMNS = ("stations", "parcels_per_day", "subsidy_cny_per_parcel", "guarantee_cny_per_day", "median", "below")


def _numbers(rows: pd.DataFrame, formats: pd.Series, chosen: Mapping[str, float]) -> dict[str, Array]:
    """What `mixed_incomes` takes, by row."""
    kinds = {format: station_type(format, chosen) for format in FORMATS}
    fields = ("fee_cny_per_parcel", "ancillary_cny_per_parcel", "variable_cny_per_parcel", "fixed_cny_per_day")
    found = {
        field.partition("_")[0]: formats.map({format: getattr(kind, field) for format, kind in kinds.items()})
        for field in fields
    }
    found |= {"subsidy": rows["subsidy_cny_per_parcel"], "guarantee": rows["guarantee_cny_per_day"]}
    found |= {"mean": rows["parcels"] / rows["stations"] / DAYS, "stations": rows["stations"]}
    return {name: column.to_numpy(float) for name, column in found.items()}


def _grouped(
    keys: npt.NDArray[np.intp], numbers: Mapping[str, Array], spread: float
) -> tuple[npt.NDArray[np.intp], Array]:
    """Keys in rising order, and their rows of `_COLUMNS`."""
    order = keys.argsort(kind="stable")
    found, starts = np.unique(keys[order], return_index=True)
    cells = {name: column[order] for name, column in numbers.items()}
    median, below = mixed_incomes(**cells, spread=spread, starts=starts.tolist())
    stations = cells["stations"]
    parcels = stations * cells["mean"]
    many, volume = (np.add.reduceat(weights, starts) for weights in (stations, parcels))
    paid = np.add.reduceat(parcels * cells["subsidy"], starts) / np.where(volume > 0, volume, 1.0)
    guarantee = np.add.reduceat(stations * cells["guarantee"], starts) / many
    return found, np.stack([many, volume / many, paid, guarantee, median * DAYS, below], axis=1)
