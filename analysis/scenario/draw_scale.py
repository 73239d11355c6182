"""What a draw changes of the worth of guarantees and of demand, on each tier's average."""

from collections.abc import Mapping

import numpy as np

from analysis.economics import DAYS
from analysis.economics.incomes import top_up
from analysis.scenario.contest import Floats
from analysis.scenario.path import Path
from analysis.scenario.pull import cheaper

FEE, SPREAD = "handling_fee_cny_per_parcel", "spread_of_stations"
ROUNDS = 8
"""Half steps in which a worth and the parcels it wins come to agree."""
LEAST_CNY = 1e-6
FARTHEST = 20.0
"""Smallest worth of the point that is scaled, CNY per parcel, and the largest factor."""


def guaranteed_means(path: Path, j: int) -> list[tuple[Floats, Floats, Floats]]:
    """By tier, over the cities with a guarantee: guarantee, subsidy and parcels of a station and day (months,)."""
    level = path.guaranteed_by(j)
    stations = path.stations[j] * (level > 0)
    parcels = path.parcels[j] * (level > 0)
    many, volume = (path.model.by_tier(cells) for cells in (stations, parcels))
    safe, full = np.where(many > 0, many, 1.0), np.where(volume > 0, volume, 1.0)
    guarantee = path.model.by_tier(level * stations) / safe
    paid = path.model.by_tier(path.paid_by(j) * parcels) / full
    return list(zip(guarantee.T, paid.T, (volume / safe / DAYS).T, strict=True))


def guarantee_ratios(path: Path, values: Mapping[str, Floats], growth: Floats, slopes: Floats) -> dict[int, Floats]:
    """Worth of each network's changed guarantee in a draw over that of the point (draws, months, tiers).

    The handling fee, the spread of stations, growth and the slope of the draw; parcels that the guarantee wins lower
    what it tops up.
    """
    found = {}
    for j in path.found.guarantee:
        ratio = np.ones((len(growth), len(path.growth), len(path.model.tiers)))
        for tier in range(len(path.model.tiers)):
            ratio[:, :, tier] = _ratio(path, j, tier, values, growth, slopes)
        found[j] = ratio
    return found


def _ratio(path: Path, j: int, tier: int, values: Mapping[str, Floats], growth: Floats, slopes: Floats) -> Floats:
    model = path.model
    level, paid, mean = guaranteed_means(path, j)[tier]
    before, old, usual = _observed(path, j, tier)
    staffed = model.formats[j] != "locker"
    first = model.bounds[tier]
    slope = slopes[:, [model.group[first]]] * values["guarantee_effect"][:, None]
    share = path.volumes[:, tier, j] / np.maximum(path.volumes[:, tier].sum(axis=1), 1e-300)
    size = growth / path.growth

    def worth(fee: Floats, spread: Floats, parcels: Floats, scale: Floats) -> Floats:
        new = _per_parcel(level, fee + paid, parcels, spread)
        return new - _per_parcel(before, fee + old, usual * path.growth * scale, spread)

    one, fixed = np.ones(1), path.upkeep.fee[[j]]
    point = worth(fixed, one * path.values[SPREAD], mean, one)
    fee = values[FEE][:, None] if staffed else fixed
    drawn = np.tile(point, (len(growth), 1))
    for _ in range(ROUNDS):
        won = np.exp(np.clip(slope * (1 - share) * (drawn - point), -5, 5))
        drawn = (drawn + worth(fee, values[SPREAD][:, None], mean * size * won, size)) / 2
    ratio = np.divide(drawn, point, out=np.ones_like(drawn), where=np.abs(point) > LEAST_CNY)
    return np.clip(ratio, 0.0, FARTHEST)


def _observed(path: Path, j: int, tier: int) -> tuple[float, float, float]:
    """Guarantee, subsidy and parcels of a station and day in the observed month, where a guarantee is in force then."""
    model, cities = path.model, path.model.span(path.model.tiers[tier])
    inside = (path.guaranteed_by(j)[-1, cities] > 0) | (model.guarantee[j, cities] > 0)
    stations, parcels = model.stations[j, cities] * inside, model.parcels[j, cities] * inside
    many, volume = float(stations.sum()), float(parcels.sum())
    if not many or not volume:
        return 0.0, 0.0, 0.0
    guarantee, paid = model.guarantee[j, cities] @ stations / many, model.subsidy[j, cities] @ parcels / volume
    return float(guarantee), float(paid), volume / many / DAYS


def _per_parcel(guarantee: Floats | float, rate: Floats, mean: Floats, spread: Floats) -> Floats:
    safe = np.where(mean > 0, mean, 1.0)
    return np.asarray(top_up(guarantee, rate, safe, spread) / safe)


def demand(path: Path, values: Mapping[str, Floats]) -> Floats:
    """Parcels over those without forwarding in a draw (draws, months, tiers, 1), float32.

    The point path's demand, and what a drawn elasticity or price changes of it.
    """
    keys = ("demand_elasticity", "price_cny_per_parcel")
    usual = _demand(path, {key: np.array([path.values[key]]) for key in keys})[0]
    exact = path.volumes.sum(axis=2, keepdims=True) / path.growth[:, None, None]
    plain = path.model.volumes.sum(axis=1)[None, :, None]
    return (_demand(path, values) / usual * (exact / np.maximum(plain, 1e-300))).astype(np.float32)


def _demand(path: Path, values: Mapping[str, Floats]) -> Floats:
    model = path.model
    less = cheaper(model, path.found, path.values) * path.values["price_cny_per_parcel"]
    total = model.parcels.sum(axis=0)
    average = model.by_tier(less * total) / np.maximum(model.by_tier(total), 1e-300)
    elastic = values["demand_elasticity"] / values["price_cny_per_parcel"]
    return np.exp(elastic[:, None, None] * average)[..., None]
