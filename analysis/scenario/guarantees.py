"""What a guarantee is worth: its expected top-up per parcel, at the parcels that it wins.

A guarantee wins parcels, and more parcels need less topping up. The worth at which both agree is the one root of a
falling function, found city by city and month by month, with the stations that levers leave.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from analysis.economics import DAYS
from analysis.economics.incomes import top_up
from analysis.scenario.contest import Floats, MarketModel
from analysis.scenario.plan import Changes, Worth, open_stations
from analysis.scenario.pull import MOST, pull
from analysis.scenario.upkeep import upkeep

SWEEPS = 60
"""Most rounds over the networks where several change their guarantees."""
AT_REST_CNY = 1e-8
"""Change of any worth from one round to the next at which they are settled."""
UNDAMPED = 8
"""Rounds after which only half of each change is taken."""
STEPS = 40
CLOSE_CNY = 1e-10
"""Width in CNY per parcel at which a root is found."""


def guaranteed(model: MarketModel, found: Changes, gain: Worth, values: Mapping[str, float], growth: Floats) -> Worth:
    """The worth with that of the guarantees."""
    for sweep in range(SWEEPS):
        moved = 0.0
        for j in found.guarantee:
            others = replace(gain, guaranteed={k: cells for k, cells in gain.guaranteed.items() if k != j})
            cells, before = _one(j, model, found, others, values, growth), gain.guaranteed.get(j)
            if before is not None:
                moved = max(moved, float(np.abs(cells - before).max()))
                cells = cells if sweep < UNDAMPED else (cells + before) / 2
            gain = replace(gain, guaranteed=gain.guaranteed | {j: cells})
        if len(found.guarantee) == 1 or (sweep and moved < AT_REST_CNY):
            break
    return gain


def _one(
    j: int, model: MarketModel, found: Changes, others: Worth, values: Mapping[str, float], growth: Floats
) -> Floats:
    """Worth of one network's guarantee (months, cities), CNY per parcel, all else given."""
    seen, size = pull(model, found, others, values, growth), growth[:, None]
    own = model.sigma[j] + seen.more.get(j, np.zeros((1, 1)))
    rest = 1 + sum(seen.more.values(), np.zeros((1, 1))) - own
    captive = np.zeros((1, 1)) if seen.captive is None else seen.captive[j]
    slope = model.slopes[model.group] * values["guarantee_effect"]
    stations = open_stations(model, found, j) * np.ones((len(growth), 1))
    fee, spread = upkeep(model, values).fee[j], values["spread_of_stations"]
    paid = np.maximum(model.subsidy[j] + found.subsidy.get(j, np.zeros((1, 1))), 0.0)
    level = np.maximum(model.guarantee[j] + found.guarantee[j], 0.0)
    usual = _per_parcel(model.guarantee[j], fee + model.subsidy[j], model.parcels[j] * size, model.stations[j], spread)

    def surplus(worth: Floats) -> Floats:
        lifted = own * np.exp(np.clip(slope * worth, -MOST, MOST))
        parcels = captive + seen.free * lifted / np.maximum(rest + lifted, 1e-300)
        return _per_parcel(level, fee + paid, parcels, stations, spread) - usual - worth

    live = (stations > 0) & (model.stations[j] > 0) & (model.parcels[j] > 0) & (found.guarantee[j] != 0)
    return np.where(live, _root(surplus, np.zeros(stations.shape)), 0.0)


def _per_parcel(guarantee: Floats, rate: Floats, parcels: Floats, stations: Floats, spread: float) -> Floats:
    mean = parcels / np.maximum(stations, 1.0) / DAYS
    safe = np.where(mean > 0, mean, 1.0)
    return top_up(guarantee, rate, safe, spread) / safe


def _root(surplus: Callable[[Floats], Floats], start: Floats) -> Floats:
    """Root of a falling function between `start` and start + surplus(start), by regula falsi (Illinois)."""
    first = surplus(start)
    low, high = np.minimum(start, start + first), np.maximum(start, start + first)
    at_low, at_high = surplus(low), surplus(high)
    for _ in range(STEPS):
        drop = at_low - at_high
        part = np.divide(at_low, drop, out=np.full_like(drop, 0.5), where=drop > 0)
        middle = low + np.clip(part, 0.02, 0.98) * (high - low)
        value = surplus(middle)
        above = value > 0
        at_high = np.where(above, at_high / 2, value)
        at_low = np.where(above, value, at_low / 2)
        low, high = np.where(above, middle, low), np.where(above, high, middle)
        if ((high - low < CLOSE_CNY) | (np.abs(value) < CLOSE_CNY)).all():
            break
    return middle
