"""The scenario engine once more in plain loops, city by city and month by month, with none of its functions."""

import math
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import brentq

from analysis.scenario import Lever, MarketModel, Scenario

FEE = {"cainiao": 0.35, "duoduo": 0.35, "jd": 0.35, "home": 0.0}
OPENING = {"cainiao": 5000.0, "duoduo": 5000.0, "jd": 2000.0, "home": 0.0}
SPREAD, OTHER, MARGIN = 0.8, 0.05 - 0.23, 0.30
ITEMS = ("subsidy", "top_up", "forwarding", "openings", "waivers", "savings")


def phi(x: float) -> float:
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


def put(level: float, rate: float, mean: float, spread: float = SPREAD) -> float:
    """Mean of max(0, level - rate Q) for a log-normal Q with this mean."""
    if level <= 0 or mean <= 0:
        return max(level, 0.0)
    width = math.sqrt(math.log(1 + spread**2))
    below = (math.log(level / (rate * mean)) + width**2 / 2) / width
    return level * phi(below) - rate * mean * phi(below - width)


def in_force(lever: Lever, month: int) -> float:
    if month < lever.start_month or (lever.end_month is not None and month >= lever.end_month):
        return 0.0
    return min(1.0, (month - lever.start_month + 1) / lever.ramp_months) if lever.ramp_months else 1.0


@dataclass
class ByHand:
    """Parcels, stations (months, networks, cities) and bills (months, networks) of a scenario; match rules only."""

    scenario: Scenario
    model: MarketModel
    response: float = 0.0
    sweeps: int = 25
    parcels: np.ndarray = field(init=False)
    stations: np.ndarray = field(init=False)
    bills: dict[str, np.ndarray] = field(init=False)

    def __post_init__(self) -> None:
        model, months = self.model, self.scenario.months + 1
        self.names, self.wide = model.platforms, len(model.platforms)
        self.tier = [t for t, n in enumerate(np.diff(model.bounds)) for _ in range(n)]
        self.usual = model.captive + model.sigma * model.free
        self.all = self.usual.sum(axis=0)
        self.parcels, self.stations = (np.zeros((months, self.wide, len(model.cities))) for _ in range(2))
        self.bills = {item: np.zeros((months, self.wide)) for item in ITEMS}
        for city in range(len(model.cities)):
            self._city(city, months)

    def meets(self, lever: Lever, city: int) -> bool:
        return lever.tier in (None, self.model.tiers[self.tier[city]])

    def total(self, kind: str, j: int, city: int, month: int) -> float:
        """What all levers of a kind change for one network."""
        found = 0.0
        for lever in self.scenario.levers:
            if lever.kind == kind and lever.platform == self.names[j] and self.meets(lever, city) and month >= 0:
                size = lever.change * in_force(lever, month)
                if kind == "stations":
                    area = [c for c in range(len(self.tier)) if self.meets(lever, c)]
                    weight = self.all if lever.change > 0 else self.model.stations[j]
                    size *= weight[city] / weight[area].sum()
                found += size
        return found

    def paid(self, kind: str, level: np.ndarray, city: int, month: int) -> list[float]:
        """Subsidy or guarantee added, with what rivals match of the largest change of others that takes place."""
        own = [self.total(kind, j, city, month) for j in range(self.wide)]
        for name, rule in self.scenario.rules:
            k, then = self.names.index(name), month - rule.lag_months
            cuts = [max(self.total(kind, j, city, then), -level[j, city]) for j in range(self.wide) if j != k]
            own[k] += rule.share * max(cuts, key=abs)
        return own

    def _city(self, c: int, months: int) -> None:
        goals, entry = [], [0.0] * self.wide
        base = self.model.stations[:, c]
        last = base.copy()
        opened_last = base.copy()
        for t in range(months):
            own = np.array(
                [max(base[j] + self.total("stations", j, c, t), min(base[j], 1.0)) for j in range(self.wide)]
            )
            if t:
                entry = [sum(g[j] for g in goals[-12:]) / 12 for j in range(self.wide)]
            stations = own * np.exp(entry)
            parcels = self._month(c, t, own, stations, entry)
            goals.append(self._goals(c, t, parcels, stations))
            self.parcels[t, :, c], self.stations[t, :, c] = parcels, stations
            self._bill(c, t, np.maximum(own - opened_last, 0), np.maximum(stations - last, 0))
            last, opened_last = stations, own

    def _month(self, c: int, t: int, own: np.ndarray, stations: np.ndarray, entry: list[float]) -> np.ndarray:
        """Parcels; forwarding makes the market larger."""
        model, size = self.model, (1 + self.scenario.growth_per_year) ** (t / 12)
        moved, forward = self.routed(c, t), [self.total("forwarding", j, c, t) for j in range(self.wide)]
        cheaper = sum(forward[j] * self.usual[j, c] / self.all[c] for j in range(self.wide)) / 7.5
        larger = size * math.exp(0.3 * cheaper)
        captive, free = (model.captive[:, c] + moved) * larger, (model.free[c] - moved.sum()) * larger
        slope, dense = model.slopes[model.group[c]], model.density[model.group[c]]
        added = self.paid("subsidy", model.subsidy, c, t)
        plain = [
            slope * (max(added[j], -model.subsidy[j, c]) + forward[j] + 0.5 * self.total("shared_delivery", j, c, t))
            + dense * (math.log(max(own[j], 1)) - math.log(max(model.stations[j, c], 1)))
            for j in range(self.wide)
        ]
        weight = model.sigma[:, c] * np.exp(plain)
        weight = weight * np.exp(slope * 0.8 * self._worth(c, t, own, weight, captive, free, slope * 0.8, size))
        weight = weight * np.exp(dense * np.array(entry))
        return captive + free * weight / weight.sum()

    def routed(self, c: int, t: int) -> np.ndarray:
        model = self.model
        moved = np.array(
            [
                model.own_orders[j, c] * self.total("allocation", j, c, t)
                + model.free[c] * self.total("cooperation", j, c, t)
                for j in range(self.wide)
            ]
        )
        moved = np.maximum(moved, -model.captive[:, c])
        taken = moved[moved > 0].sum()
        return np.where(moved > 0, moved * min(1.0, model.free[c] / taken), moved) if taken else moved

    def _worth(self, c, t, own, weight, captive, free, slope, size) -> np.ndarray:
        """CNY per parcel of every guarantee at the parcels it wins: root by root until all agree."""
        model, worth = self.model, np.zeros(self.wide)
        more, cny = self.paid("guarantee", model.guarantee, c, t), self.paid("subsidy", model.subsidy, c, t)
        live = [j for j in range(self.wide) if more[j] and model.stations[j, c] > 0]
        for _ in range(self.sweeps if len(live) > 1 else 1):
            for j in live:
                fee, first = FEE[self.names[j]], model.subsidy[j, c]
                mean = self.usual[j, c] * size / max(model.stations[j, c], 1) / 30
                before = put(model.guarantee[j, c], fee + first, mean) / mean
                level, rate = max(model.guarantee[j, c] + more[j], 0), fee + max(first + cny[j], 0)

                def gap(value: float, j: int = j, level=level, rate=rate, before=before) -> float:
                    tried = worth.copy()
                    tried[j] = value
                    lifted = weight * np.exp(slope * tried)
                    mean = (captive[j] + free * lifted[j] / lifted.sum()) / max(own[j], 1) / 30
                    return put(level, rate, mean) / mean - before - value

                worth[j] = brentq(gap, -20, 20, xtol=1e-14)
        return worth

    def _goals(self, c: int, t: int, parcels: np.ndarray, stations: np.ndarray) -> list[float]:
        """What the incomes of a month add to ln(stations) in the year after it."""
        model, size = self.model, (1 + self.scenario.growth_per_year) ** (t / 12)
        cny, more = self.paid("subsidy", model.subsidy, c, t), self.paid("guarantee", model.guarantee, c, t)
        found = []
        for j, name in enumerate(self.names):
            if model.stations[j, c] == 0:
                found.append(0.0)
                continue
            first, middle = model.subsidy[j, c], 1 / 30 / math.sqrt(1 + SPREAD**2)
            old, new = self.usual[j, c] * size / model.stations[j, c] * middle, parcels[j] / stations[j] * middle
            before = max((FEE[name] + first) * old, model.guarantee[j, c]) + OTHER * old
            after = max((FEE[name] + max(first + cny[j], 0)) * new, max(model.guarantee[j, c] + more[j], 0))
            after += (OTHER + self.total("ancillary", j, c, t)) * new
            gain = 30 * (after - before) + self.total("fee_waiver", j, c, t) / 24
            found.append(self.response / 1000 * gain)
        return found

    def _bill(self, c: int, t: int, opened: np.ndarray, more: np.ndarray) -> None:
        model = self.model
        cny, floor = self.paid("subsidy", model.subsidy, c, t), self.paid("guarantee", model.guarantee, c, t)
        for j, name in enumerate(self.names):
            parcels, stations = self.parcels[t, j, c], self.stations[t, j, c]
            paid, level = max(model.subsidy[j, c] + cny[j], 0), max(model.guarantee[j, c] + floor[j], 0)
            waiver = self.total("fee_waiver", j, c, t)
            sums = {
                "subsidy": parcels * paid,
                "top_up": put(level, FEE[name] + paid, parcels / max(stations, 1) / 30) * stations * 30,
                "forwarding": parcels * self.total("forwarding", j, c, t),
                "openings": OPENING[name] * opened[j],
                "waivers": waiver * (max(opened[j], more[j]) + 0.036 * stations),
                "savings": -0.5 * parcels * self.total("shared_delivery", j, c, t),
            }
            for item, cny_a_month in sums.items():
                self.bills[item][t, j] += cny_a_month
