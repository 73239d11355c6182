"""What the stations of each network earn and cost, as arrays over networks."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.economics.station import station_type
from analysis.scenario.contest import Floats, MarketModel
from data.platforms import FORMATS


@dataclass(frozen=True, slots=True, eq=False)
class Upkeep:
    """Arrays (networks,).

    Attributes
    ----------
    fee, ancillary, variable : Floats
        CNY per parcel.
    fixed : Floats
        CNY per station and day.
    opening : Floats
        What one new station costs the network, CNY.
    staffed : Floats
        1 for networks with premises, 0 for the door.
    """

    fee: Floats
    ancillary: Floats
    variable: Floats
    fixed: Floats
    opening: Floats
    staffed: Floats


def upkeep(model: MarketModel, values: Mapping[str, float]) -> Upkeep:
    """Economics of the format that each network mostly runs."""
    formats = model.formats
    kinds = {f: station_type(f, values) for f in FORMATS if f in formats}
    none = (0.0,) * 6
    rows = [
        (
            kinds[f].fee_cny_per_parcel,
            kinds[f].ancillary_cny_per_parcel,
            kinds[f].variable_cny_per_parcel,
            kinds[f].fixed_cny_per_day,
            values[f"opening_{f}_cny"],
            1.0,
        )
        if f in kinds
        else none
        for f in formats
    ]
    return Upkeep(*np.array(rows, dtype=np.float64).T)
