"""Stations come and go as their incomes change, city by city and month by month."""

from collections.abc import Mapping, Sequence

import numpy as np

from analysis.economics import DAYS
from analysis.scenario.contest import Floats, MarketModel
from analysis.scenario.plan import Changes, open_stations
from analysis.scenario.pull import Pull
from analysis.scenario.upkeep import upkeep

PAYBACK_MONTHS = 24.0
"""Months over which an entrant counts a waived fee as income."""
ENTRY_MONTHS = 12
"""Months over which stations come and go once their income has changed."""
FARTHEST = np.log(5.0)
"""Largest change of ln(stations): five times as many, or a fifth."""


def coming(
    model: MarketModel, found: Changes, seen: Pull, growth: Floats, values: Mapping[str, float]
) -> Floats | None:
    """Change of ln(stations) that follows from changed incomes (networks, months, cities); None when nothing follows.

    Of the income of the median station, less what it would be without levers, `entry_response_per_1000_cny` of the
    stations follow for each 1,000 CNY a month, spread evenly over the next `ENTRY_MONTHS`. More stations share the
    parcels, which the next month's income shows. A waived fee counts as income over `PAYBACK_MONTHS`.
    """
    return comings(model, found, seen, growth, [values])[0]


def comings(
    model: MarketModel, found: Changes, seen: Pull, growth: Floats, values: Sequence[Mapping[str, float]]
) -> list[Floats | None]:
    """The same under several sets of assumptions at once."""
    touched = _touched(found, model)
    responses = np.array([one["entry_response_per_1000_cny"] / 1000 for one in values])
    if not responses.any() or not touched.any():
        return [None] * len(values)
    months = found.months + 1
    entry = np.zeros((len(values), len(model.platforms), months, len(model.cities)))
    local = _Local(model, found, seen, growth, values, touched)
    goals = np.zeros((months, len(values), len(model.platforms), int(touched.sum())))
    now = np.zeros(goals.shape[1:])
    for month in range(1, months):
        goals[month - 1] = responses[:, None, None] * local.gained(month - 1, now)
        now = np.clip(goals[max(month - ENTRY_MONTHS, 0) : month].sum(axis=0) / ENTRY_MONTHS, -FARTHEST, FARTHEST)
        entry[:, :, month, touched] = now
    return [one if response else None for one, response in zip(entry, responses, strict=True)]


def _touched(found: Changes, model: MarketModel) -> "np.ndarray":
    """Cities in which anything changes."""
    out = np.zeros(len(model.cities), dtype=bool)
    for name in found.__dataclass_fields__:
        if name != "months":
            for cells in getattr(found, name).values():
                out |= (cells != 0).any(axis=0)
    return out


class _Local:
    """Arrays of the cities in which something changes: (sets of assumptions, networks, cities), some by month."""

    def __init__(
        self,
        model: MarketModel,
        found: Changes,
        seen: Pull,
        growth: Floats,
        values: Sequence[Mapping[str, float]],
        at: Floats,
    ) -> None:
        costs, months = [upkeep(model, one) for one in values], found.months + 1
        self.density = model.density[model.group][at]
        self.fee = np.stack([cost.fee for cost in costs])[:, :, None]
        self.other = np.stack([cost.ancillary - cost.variable for cost in costs])[:, :, None]
        spread = np.array([one["spread_of_stations"] for one in values])
        self.per_day = (1 / DAYS / np.sqrt(1 + spread**2))[:, None, None]
        self.growth, self.seen, self.at = growth, seen, at
        self.usual = model.parcels[:, at]
        self.subsidy, self.guarantee = model.subsidy[:, at], model.guarantee[:, at]
        self.before = model.stations[:, at]
        self.changes = {name: getattr(found, name) for name in ("subsidy", "guarantee", "ancillary", "waiver")}
        self.stations = np.repeat(self.before[None], months, axis=0)
        for j in found.stations:
            self.stations[:, j] = open_stations(model, found, j)[:, at]

    def gained(self, month: int, entry: Floats) -> Floats:
        """Income of the median station less that without levers, CNY a month, with waived fees."""
        stations = self.stations[month] * np.exp(entry)
        after = self._income(
            self._parcels(month, entry),
            stations,
            np.maximum(self._with("subsidy", month), 0.0),
            np.maximum(self._with("guarantee", month), 0.0),
            self.other + self._with("ancillary", month),
        )
        usual = self.usual * self.growth[month]
        before = self._income(usual, self.before, self.subsidy, self.guarantee, self.other)
        waived = self._with("waiver", month) / PAYBACK_MONTHS
        return np.where((self.before > 0) & (stations > 0), DAYS * (after - before) + waived, 0.0)

    def _parcels(self, month: int, entry: Floats) -> Floats:
        rows = slice(month, month + 1)
        weight = self.seen.weight(rows)[:, 0, self.at] * np.exp(entry * self.density)
        total = weight.sum(axis=1, keepdims=True)
        weight *= self.seen.free[month, self.at] / np.where(total > 0, total, 1.0)
        return weight if self.seen.captive is None else weight + self.seen.captive[:, month, self.at]

    def _income(self, parcels: Floats, stations: Floats, subsidy: Floats, guarantee: Floats, other: Floats) -> Floats:
        """Income of the median station before rent and wages, CNY a day."""
        median = parcels / np.where(stations > 0, stations, 1.0) * self.per_day
        return np.maximum((self.fee + subsidy) * median, guarantee) + other * median

    def _with(self, name: str, month: int) -> Floats:
        """What is in force in a month (networks, cities); changes alone where nothing is in force at first."""
        first = getattr(self, name, None)
        out = np.zeros(self.usual.shape) if first is None else first.copy()
        for j, cells in self.changes[name].items():
            out[j] += cells[month, self.at]
        return out
