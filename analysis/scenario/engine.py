"""The point path: shares, parcels, stations, bills and profits month by month at the estimates themselves.

Only contestable parcels move. With V' = V + b ds + d dln(stations) the new contestable share is
sigma'_j = sigma_j exp(dV_j) / sum_k sigma_k exp(dV_k), so observed shares are the starting point and a zero policy
returns them; captive parcels stay with their network unless a lever routes them elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.economics import DAYS
from analysis.economics.incomes import below_break_even, median_income, top_up
from analysis.scenario.contest import Floats, MarketModel
from analysis.scenario.plan import Changes, Worth, open_stations, worth
from analysis.scenario.upkeep import Upkeep, upkeep

MOST = 60.0
"""Largest change of log-odds: everything that is contestable."""
ITEMS = ("subsidy", "top_up", "forwarding", "openings", "waivers", "savings")


@dataclass(frozen=True, eq=False)
class Path:
    """One path of the market; months first where there are months, row 0 the observed one.

    Attributes
    ----------
    model : MarketModel
    found : Changes
    values : mapping
        Assumptions.
    growth : (months + 1,) float64
        All parcels over those of the observed month.
    entry : (months + 1, tiers, networks) float64 or None
        Change of ln(stations) because incomes changed.
    moved : (networks, months + 1, cities) float64 or None
        Parcels a month; None where nothing changes but the size of the market.
    """

    model: MarketModel
    found: Changes
    values: Mapping[str, float]
    growth: Floats
    entry: Floats | None
    moved: Floats | None

    @cached_property
    def parcels(self) -> Floats:
        """Parcels a month (networks, months, cities)."""
        return self.model.parcels[:, None, :] * self.growth[:, None] if self.moved is None else self.moved

    @cached_property
    def volumes(self) -> Floats:
        """Parcels a month (months, tiers, networks)."""
        if self.moved is None:
            return self.model.volumes * self.growth[:, None, None]
        return np.moveaxis(self.model.by_tier(self.moved), 0, 2)

    def paid_by(self, j: int) -> Floats:
        """Subsidy of a network (months, cities), CNY per parcel."""
        return np.maximum(self.model.subsidy[j] + self.found.subsidy.get(j, np.zeros((self.found.months + 1, 1))), 0.0)

    def guaranteed_by(self, j: int) -> Floats:
        """Guarantee of a network (months, cities), CNY per station and day."""
        added = self.found.guarantee.get(j, np.zeros((self.found.months + 1, 1)))
        return np.maximum(self.model.guarantee[j] + added, 0.0)

    @cached_property
    def subsidy_bill(self) -> Floats:
        """Subsidies paid (months, tiers, networks), CNY a month."""
        if self.moved is None:
            paid = self.model.by_tier(self.model.parcels * self.model.subsidy).T
            return paid * self.growth[:, None, None]
        out = np.zeros(self.volumes.shape)
        for j in range(len(self.model.platforms)):
            if j in self.found.subsidy or self.model.subsidy[j].any():
                out[:, :, j] = self.model.by_tier(self.parcels[j] * self.paid_by(j))
        return out

    @cached_property
    def stations(self) -> Floats:
        """Stations (networks, months, cities)."""
        out = np.repeat(self.model.stations[:, None, :], self.found.months + 1, axis=1)
        for j in self.found.stations:
            out[j] = open_stations(self.model, self.found, j)
        if self.entry is not None:
            sizes = np.diff(self.model.bounds)
            out *= np.moveaxis(np.exp(np.repeat(self.entry, sizes, axis=1)), 2, 0)
        return out

    @cached_property
    def upkeep(self) -> Upkeep:
        """Economics of the stations."""
        return upkeep(self.model, self.values)

    @cached_property
    def top_ups(self) -> Floats:
        """Guarantee top-ups (months, tiers, networks), CNY a month."""
        out = np.zeros((self.found.months + 1, len(self.model.tiers), len(self.model.platforms)))
        for j in range(len(self.model.platforms)):
            if not (j in self.found.guarantee or self.model.guarantee[j].any()):
                continue
            stations = self.stations[j]
            mean = self.parcels[j] / np.maximum(stations, 1.0) / DAYS
            rate = self.upkeep.fee[j] + self.paid_by(j)
            each = top_up(self.guaranteed_by(j), rate, mean, self.values["spread_of_stations"])
            out[:, :, j] = self.model.by_tier(each * stations) * DAYS
        return out

    @cached_property
    def bills(self) -> dict[str, Floats]:
        """What each network pays (months, tiers, networks), CNY a month, by item; savings are negative."""
        found, zero = self.found, np.zeros((self.found.months + 1, len(self.model.tiers), len(self.model.platforms)))
        bills = {item: zero.copy() for item in ITEMS}
        bills |= {"subsidy": self.subsidy_bill, "top_up": self.top_ups}
        for j, cells in found.forwarding.items():
            bills["forwarding"][:, :, j] = self.model.by_tier(self.parcels[j] * cells)
        for j, cells in found.shared.items():
            bills["savings"][:, :, j] = -self.model.by_tier(self.parcels[j] * cells)
        for j in {*found.stations, *found.waiver}:
            own = open_stations(self.model, found, j)
            opened = np.maximum(np.diff(own, axis=0, prepend=own[:1]), 0.0)
            bills["openings"][:, :, j] = self.upkeep.opening[j] * self.model.by_tier(opened)
            if j in found.waiver:
                bills["waivers"][:, :, j] = self.model.by_tier(found.waiver[j] * self._new(j, opened))
        return bills

    def _new(self, j: int, opened: Floats) -> Floats:
        """New stations of a month (months, cities): opened by levers, by entry, and in place of those given up."""
        usual = self.values["openings_per_month"] * self.stations[j]
        net = np.diff(self.stations[j], axis=0, prepend=self.stations[j][:1])
        return np.maximum(opened, np.maximum(net, 0.0)) + usual

    @cached_property
    def cost(self) -> Floats:
        """Sum of all bills (months, tiers, networks), CNY a month."""
        total: Floats = sum(self.bills.values(), np.zeros(1))
        return total

    @cached_property
    def profit(self) -> Floats:
        """Parcels times the margin, less the bills (months, tiers, networks), CNY a month."""
        return self.volumes * self.values["margin_cny_per_parcel"] - self.cost

    @cached_property
    def tier_stations(self) -> Floats:
        """Stations (months, tiers, networks)."""
        if self.entry is None and not self.found.stations:
            return np.broadcast_to(self.model.by_tier(self.model.stations).T, self.volumes.shape)
        return np.moveaxis(self.model.by_tier(self.stations), 0, 2)

    @cached_property
    def terms(self) -> dict[str, Floats]:
        """Means of a tier that station formulas take (months, tiers, networks): CNY per parcel, CNY per day."""
        parcels = np.where(self.volumes > 0, self.volumes, 1.0)
        extra = np.zeros_like(parcels)
        for j, cells in self.found.ancillary.items():
            extra[:, :, j] = self.model.by_tier(self.parcels[j] * cells) / parcels[:, :, j]
        weight = self.model.by_tier(self.model.stations).T
        guarantee = np.zeros_like(parcels)
        for j in np.flatnonzero((self.model.guarantee > 0).any(axis=1)).tolist() + list(self.found.guarantee):
            cells = self.guaranteed_by(j) * self.model.stations[j]
            guarantee[:, :, j] = self.model.by_tier(cells) / np.maximum(weight[:, j], 1.0)
        return {
            "subsidy": self.subsidy_bill / parcels,
            "ancillary": self.upkeep.ancillary + extra,
            "guarantee": guarantee,
            **{name: getattr(self.upkeep, name) for name in ("fee", "variable", "fixed")},
        }

    @cached_property
    def mean(self) -> Floats:
        """Parcels per station and day (months, tiers, networks); 0 without stations."""
        return per_day(self.volumes, self.tier_stations)

    def earned(self, volumes: Floats, stations: Floats) -> Floats:
        """Income of the median station at other volumes and stations, CNY a month."""
        day = median_income(per_day(volumes, stations), self.values["spread_of_stations"], **self.terms)
        return np.asarray(day) * DAYS

    def tilted(self, entry: Floats) -> Floats:
        """Volumes if stations came and went as well, on each tier's average market (months, tiers, networks)."""
        free = np.maximum(self.volumes - self.captive, 0.0)
        lifted = free * np.exp(_by_tier(self.model) * entry)
        total = lifted.sum(axis=2, keepdims=True)
        return self.captive + lifted * free.sum(axis=2, keepdims=True) / np.where(total > 0, total, 1.0)

    @cached_property
    def captive(self) -> Floats:
        """Parcels that routing fixes (months, tiers, networks), a month."""
        out = np.repeat(self.model.by_tier(self.model.captive).T[None], self.found.months + 1, axis=0)
        for j, cells in self.found.routed.items():
            out[:, :, j] += self.model.by_tier(cells)
        return out * self.growth[:, None, None]

    def incomes(self, rows: slice = slice(None)) -> tuple[Floats, Floats]:
        """Income of the median station, CNY a month, and the fraction below break-even (months, tiers, networks)."""
        terms = {name: cells[rows] if cells.ndim > 1 else cells for name, cells in self.terms.items()}
        mean, spread = self.mean[rows], self.values["spread_of_stations"]
        return np.asarray(median_income(mean, spread, **terms)) * DAYS, np.asarray(
            below_break_even(mean, spread, **terms)
        )


def per_day(volumes: Floats, stations: Floats) -> Floats:
    """Parcels per station and day; 0 without stations."""
    return np.divide(volumes, stations * DAYS, out=np.zeros_like(volumes), where=stations > 0)


def growth_path(growth_per_year: float, months: int) -> Floats:
    """All parcels over those of the observed month, (months + 1,)."""
    return (1 + growth_per_year) ** (np.arange(months + 1) / 12)


def baseline(model: MarketModel, months: int, growth: Floats, values: Mapping[str, float]) -> Path:
    """The market if nothing changes but its size: shares, subsidies and stations stay."""
    return Path(model, Changes(months), values, growth, None, None)


def follow(
    model: MarketModel, found: Changes, growth: Floats, values: Mapping[str, float], *, entry: Floats | None = None
) -> Path:
    """Path under the changes, with stations coming and going as `entry` says."""
    parcels = respond(model, found, worth(found, model, values), values, entry=entry, size=growth[:, None])
    return Path(model, found, values, growth, entry, parcels)


def respond(
    model: MarketModel,
    found: Changes,
    gain: Worth,
    values: Mapping[str, float],
    *,
    entry: Floats | None = None,
    rows: slice = slice(None),
    size: Floats | float = 1.0,
) -> Floats:
    """Parcels (networks, months, cities) for the months `rows`, times `size` (months, 1)."""
    slope, density = model.slopes[model.group], model.density[model.group]
    lifts = {j: np.minimum(gain.lift(j, slope, density, values), MOST) for j in gain.networks}
    free, captive = _routed(model, found, rows, size)
    months = len(range(*rows.indices(found.months + 1)))
    if entry is None:
        more = {j: np.expm1(change) * model.sigma[j] for j, change in lifts.items()}
        scale = free / (1 + sum(more.values(), np.zeros((months, 1))))
        parcels = model.sigma[:, None, :] * scale
        for j, extra in more.items():
            parcels[j] += extra * scale
    else:
        parcels = model.sigma[:, None, :] * _spread(np.exp(entry[rows] * _by_tier(model)), model)
        for j, change in lifts.items():
            parcels[j] *= np.exp(change)
        total = parcels.sum(axis=0)
        parcels *= free / np.where(total > 0, total, 1.0)
    if captive is not None:
        parcels += captive
    if found.forwarding:
        parcels *= np.exp(values["demand_elasticity"] * cheaper(model, found, values)[rows])
    return parcels


def _routed(model: MarketModel, found: Changes, rows: slice, size: Floats | float) -> tuple[Floats, Floats | None]:
    """Contestable parcels (months, cities), and captive ones (networks, months, cities) where there are any."""
    if not found.routed:
        captive = model.captive[:, None, :] * size if model.captive.any() else None
        return model.free * size * np.ones((1, 1)), captive
    moved = {j: cells[rows] for j, cells in found.routed.items()}
    months = len(next(iter(moved.values())))
    fixed = np.repeat(model.captive[:, None, :], months, axis=1)
    for j, cells in moved.items():
        fixed[j] += cells
    return (model.free - sum(moved.values(), np.zeros((1, 1)))) * size, fixed * size


def _by_tier(model: MarketModel) -> Floats:
    """Density of each tier (tiers, 1)."""
    return model.density[model.group[list(model.bounds[:-1])]][:, None]


def cheaper(model: MarketModel, found: Changes, values: Mapping[str, float]) -> Floats:
    """What forwarding takes off the average price of a parcel, as a fraction (months, cities)."""
    total = np.maximum(model.parcels.sum(axis=0), 1e-300)
    part = sum(cells * (model.parcels[j] / total) for j, cells in found.forwarding.items())
    return np.asarray(part) / values["price_cny_per_parcel"]


def _spread(entry: Floats, model: MarketModel) -> Floats:
    """Tiers repeated over their cities: (networks, months, cities)."""
    return np.moveaxis(np.repeat(entry, np.diff(model.bounds), axis=1), 2, 0)
