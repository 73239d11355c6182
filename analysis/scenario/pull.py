"""What draws parcels to networks: attraction of each month and city under the changes, and who gets what."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.scenario.contest import Floats, MarketModel
from analysis.scenario.plan import Changes, Worth

MOST = 60.0
"""Largest change of log-odds: everything that is contestable."""


@dataclass(frozen=True, slots=True, eq=False)
class Pull:
    """Attraction by month and city; every row of months is one month.

    Attributes
    ----------
    model : MarketModel
    more : dict of int to (months, cities) float64
        Contestable share times what the changes add to it, exp(dV) - 1, of the networks whose attraction changes.
    free : (months, cities) or (1, cities) float64
        Contestable parcels a month, with growth and the demand that forwarding adds.
    captive : (networks, months, cities) float64 or None
        Parcels that routing fixes, with growth; None where there are none.
    """

    model: MarketModel
    more: dict[int, Floats]
    free: Floats
    captive: Floats | None

    def parcels(self, entry: Floats | None) -> Floats:
        """Parcels a month (networks, months, cities), stations having come and gone as `entry` says."""
        if entry is None:
            lower = 1 + sum(self.more.values(), np.zeros((1, 1)))
            scale = self.free / lower
            found = self.model.sigma[:, None, :] * scale
            for j, extra in self.more.items():
                found[j] += extra * scale
        else:
            found = self.weight(slice(None)) * np.exp(entry * self.model.density[self.model.group])
            total = found.sum(axis=0)
            found *= self.free / np.where(total > 0, total, 1.0)
        if self.captive is not None:
            found += self.captive
        return found

    def weight(self, rows: slice) -> Floats:
        """Attraction of every network (networks, months, cities), stations as the levers leave them."""
        months = 1 if not self.more else len(next(iter(self.more.values()))[rows])
        found = np.repeat(self.model.sigma[:, None, :], months, axis=1)
        for j, extra in self.more.items():
            found[j] += extra[rows]
        return found


def pull(model: MarketModel, found: Changes, gain: Worth, values: Mapping[str, float], growth: Floats) -> Pull:
    """Attraction under the changes; `growth` (months,) is the size of each month. Forwarding makes parcels more."""
    slope, density = model.slopes[model.group], model.density[model.group]
    size = growth[:, None]
    if found.forwarding:
        size = size * np.exp(values["demand_elasticity"] * cheaper(model, found, values))
    more = {}
    for j in gain.networks:
        change = np.minimum(gain.lift(j, slope, density, values), MOST)
        more[j] = np.expm1(change) * model.sigma[j]
    if not found.routed:
        captive = model.captive[:, None, :] * size if model.captive.any() else None
        return Pull(model, more, model.free * size, captive)
    fixed = np.repeat(model.captive[:, None, :], len(growth), axis=1)
    for j, cells in found.routed.items():
        fixed[j] += cells
    moved = sum(found.routed.values(), np.zeros((1, 1)))
    return Pull(model, more, (model.free - moved) * size, fixed * size)


def cheaper(model: MarketModel, found: Changes, values: Mapping[str, float]) -> Floats:
    """What forwarding takes off the average price of a parcel, as a fraction (months, cities)."""
    total = np.maximum(model.parcels.sum(axis=0), 1e-300)
    part = sum((cells * (model.parcels[j] / total) for j, cells in found.forwarding.items()), np.zeros((1, 1)))
    return part / values["price_cny_per_parcel"]
