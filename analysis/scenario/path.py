"""One path of a market, with or without levers: parcels, stations, bills and profits month by month."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.economics import DAYS, mixed_incomes
from analysis.economics.incomes import top_up
from analysis.scenario.contest import Floats, MarketModel
from analysis.scenario.plan import Changes, Worth, open_stations
from analysis.scenario.upkeep import Upkeep, upkeep

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
    gain : Worth
        What the changes are worth.
    entry : (networks, months + 1, cities) float64 or None
        Change of ln(stations) because incomes changed.
    moved : (networks, months + 1, cities) float64 or None
        Parcels a month; None where nothing changes but the size of the market.
    """

    model: MarketModel
    found: Changes
    values: Mapping[str, float]
    growth: Floats
    gain: Worth
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
        return out if self.entry is None else out * np.exp(self.entry)

    @cached_property
    def upkeep(self) -> Upkeep:
        """Economics of the stations."""
        return upkeep(self.model, self.values)

    @cached_property
    def guaranteeing(self) -> list[int]:
        """Networks that guarantee an income somewhere."""
        wide = range(len(self.model.platforms))
        return [j for j in wide if j in self.found.guarantee or self.model.guarantee[j].any()]

    @cached_property
    def _earned(self) -> dict[int, tuple[Floats, Floats]]:
        return {}

    def earned(self, j: int) -> tuple[Floats, Floats]:
        """Income of a network's median station, CNY a month, and fraction below break-even in the last month.

        By tier, all of them last; made once.
        """
        found = self._earned.get(j)
        if found is None:
            found = self._earned[j] = self._mixed(j)
        return found

    def _mixed(self, j: int) -> tuple[Floats, Floats]:
        model, costs = self.model, self.upkeep
        stations = self.stations[j, -1] * costs.staffed[j]
        mean = self.parcels[j, -1] / np.where(stations > 0, stations, 1.0) / DAYS
        extra = self.found.ancillary.get(j, np.zeros((1, 1)))[-1]
        given = {name: getattr(costs, name)[j] for name in ("fee", "variable", "fixed")}
        given |= {"ancillary": costs.ancillary[j] + extra, "subsidy": self.paid_by(j)[-1]}
        given["guarantee"] = self.guaranteed_by(j)[-1]
        spread = self.values["spread_of_stations"]
        parts = [mixed_incomes(mean, stations, spread, starts=starts, **given) for starts in (model.bounds[:-1], (0,))]
        income, below = (np.concatenate(cells) for cells in zip(*parts, strict=True))
        return income * DAYS, below

    @cached_property
    def top_ups(self) -> Floats:
        """Guarantee top-ups (months, tiers, networks), CNY a month."""
        out = np.zeros((self.found.months + 1, len(self.model.tiers), len(self.model.platforms)))
        for j in self.guaranteeing:
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
        bills["savings"] = -(1 - self.values["shared_pass_on"]) * self.saved
        for j in found.stations:
            bills["openings"][:, :, j] = self.upkeep.opening[j] * self.model.by_tier(self.opened(j))
        bills["waivers"] = sum(self.waived.values(), zero)
        return bills

    @cached_property
    def saved(self) -> Floats:
        """Cost that shared delivery saves, before any of it is passed on (months, tiers, networks), CNY a month."""
        out = np.zeros(self.volumes.shape)
        for j, cells in self.found.shared.items():
            out[:, :, j] = self.model.by_tier(self.parcels[j] * cells)
        return out

    def opened(self, j: int) -> Floats:
        """Stations that levers open in a month (months, cities)."""
        own = open_stations(self.model, self.found, j)
        return np.maximum(np.diff(own, axis=0, prepend=own[:1]), 0.0)

    @cached_property
    def waived(self) -> dict[str, Floats]:
        """Fees waived (months, tiers, networks), CNY a month: of stations that are more, and of those that replace."""
        found = {part: np.zeros(self.volumes.shape) for part in ("more", "replaced")}
        for j, fee in self.found.waiver.items():
            net = np.diff(self.stations[j], axis=0, prepend=self.stations[j][:1])
            found["more"][:, :, j] = self.model.by_tier(fee * np.maximum(self.opened(j), np.maximum(net, 0.0)))
            usual = self.values["openings_per_month"] * self.stations[j]
            found["replaced"][:, :, j] = self.model.by_tier(fee * usual)
        return found

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
