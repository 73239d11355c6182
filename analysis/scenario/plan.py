"""From levers to arrays: what changes in which city and month, and what that is worth to whoever chooses a network."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
import numpy.typing as npt

from analysis.scenario.contest import Floats, MarketModel
from analysis.scenario.levers import Lever, Scenario

ALL = "all"
OWN_ORDERS = {"Alibaba": 0.33, "Pinduoduo": 0.355, "JD": 0.085}
"""Share of all orders by owner, assumed where a market does not say whose its orders are."""
Cells = dict[int, Floats]
"""Changes (months, cities) by position of the network."""


@dataclass(frozen=True, slots=True)
class Caution:
    """Something to know before trusting a projection.

    Attributes
    ----------
    code : str
        "outside_observed_range": what a parcel brings, subsidies and their equivalents, lies above the highest subsidy
        of the panel (low, high, new_high, platform). "clipped_at_zero": the change would have made subsidies negative
        in `cities` cities; "guarantee_at_zero": guarantees. "not_offered": the lever meets no city where the network is
        present. "after_horizon": it begins after the last month (start_month). "interval_includes_zero": the 95 %
        interval of the subsidy effect in `group` includes 0. "captive_limit": routing asked for more than all orders;
        "captive_none": for less than none. "assumed_orders": whose the orders are is an assumption. "no_owner": the
        network's owner sells nothing. "closed_all": more stations closed than there are in `cities` cities.
        "unsettled": answers still moved in the last month. "doubtful_margin": a best response rests on a margin that
        is not credible; "limit_margin": on the highest margin at which paying nothing is best. "stations_bound": more
        stations came or went than is followed.
    values : dict
    """

    code: str
    values: dict[str, str | float]


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """What is added to the observed month, network by network; months first (row 0 is the observed one), cities last.

    Attributes
    ----------
    months : int
        Rows.
    subsidy, shared, forwarding, ancillary : Cells
        CNY per parcel.
    guarantee : Cells
        CNY per station and day.
    waiver : Cells
        CNY per new station.
    stations : Cells
        Stations.
    routed : Cells
        Parcels of a month without growth that move from choice to routing.
    """

    months: int
    subsidy: Cells = field(default_factory=dict)
    guarantee: Cells = field(default_factory=dict)
    waiver: Cells = field(default_factory=dict)
    stations: Cells = field(default_factory=dict)
    routed: Cells = field(default_factory=dict)
    shared: Cells = field(default_factory=dict)
    forwarding: Cells = field(default_factory=dict)
    ancillary: Cells = field(default_factory=dict)

    @property
    def touched(self) -> set[int]:
        """Networks for which anything changes anywhere."""
        groups = (getattr(self, name) for name in self.__dataclass_fields__ if name != "months")
        return {j for group in groups for j, cells in group.items() if cells.any()}

    def at(self, month: int) -> "Changes":
        """The changes of one month as a month of their own."""
        groups = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "months"}
        rows = slice(month, month + 1)
        return Changes(0, **{name: {j: cells[rows] for j, cells in group.items()} for name, group in groups.items()})

    def with_answers(self, subsidy: Cells, guarantee: Cells) -> "Changes":
        """The same and what rivals add."""
        return replace(self, subsidy=_sum(self.subsidy, subsidy), guarantee=_sum(self.guarantee, guarantee))


def _sum(first: Cells, second: Cells) -> Cells:
    return first | {j: first[j] + cells if j in first else cells for j, cells in second.items()}


FIELD = {"fee_waiver": "waiver", "shared_delivery": "shared", "allocation": "routed", "cooperation": "routed"}
"""Where a kind of lever goes when its field has another name."""


def weights(lever: Lever, months: int) -> Floats:
    """How much of the lever is in force in each month, 0 to 1; (months + 1,), nothing in the observed month."""
    since = np.arange(months + 1) - lever.start_month + 1
    ramp = np.clip(since / max(lever.ramp_months, 1), 0.0, 1.0)
    return ramp if lever.end_month is None else np.where(np.arange(months + 1) < lever.end_month, ramp, 0.0)


def area(lever: Lever, model: MarketModel) -> npt.NDArray[np.bool_]:
    """Cities of the lever where its network is on offer."""
    found = model.offered[model.platforms.index(lever.platform)].copy()
    if lever.tier is not None:
        inside = np.zeros_like(found)
        inside[model.span(lever.tier)] = True
        found &= inside
    for wanted, places in ((lever.region, model.region), (lever.province, model.province)):
        if wanted is not None:
            found &= np.array(places) == wanted
    if lever.cities:
        found &= np.isin(model.cities, lever.cities)
    return found


def fitting(scenario: Scenario, model: MarketModel) -> tuple[Scenario, tuple[Lever, ...]]:
    """The scenario without levers and rules on networks and tiers that the market does not have, and those levers."""
    out = tuple(x for x in scenario.levers if x.platform not in model.platforms or x.tier not in (None, *model.tiers))
    kept = tuple(lever for lever in scenario.levers if lever not in out)
    rules = tuple((name, rule) for name, rule in scenario.rules if name in model.platforms)
    return replace(scenario, levers=kept, rules=rules), out


def changes(scenario: Scenario, model: MarketModel, *, limited: bool = True) -> Changes:
    """Arrays of all levers; those of one kind on the same network and city add up. Routing stays within the parcels."""
    found = Changes(scenario.months)
    for lever in scenario.levers:
        _check(lever, model)
        j, inside = model.platforms.index(lever.platform), area(lever, model)
        cells = np.outer(weights(lever, scenario.months), _amount(lever, model, j, inside))
        kept: Cells = getattr(found, FIELD.get(lever.kind, lever.kind))
        kept[j] = kept[j] + cells if j in kept else cells
    if found.routed and limited:
        _limit(found.routed, model)
    return found


def _check(lever: Lever, model: MarketModel) -> None:
    if lever.platform not in model.platforms:
        raise ValueError(f"{lever.platform!r} is not in this market: choose from {', '.join(model.platforms)}")
    if lever.tier is not None and lever.tier not in model.tiers:
        raise ValueError(f"no city of tier {lever.tier!r} in this market: choose from {', '.join(model.tiers)}")


def _amount(lever: Lever, model: MarketModel, j: int, inside: npt.NDArray[np.bool_]) -> Floats:
    """Full size in each city: as it is, but for stations (spread) and routing (parcels)."""
    if lever.kind == "stations":
        weight = np.where(inside, model.parcels.sum(axis=0) if lever.change > 0 else model.stations[j], 0.0)
        return weight * (lever.change / max(float(weight.sum()), 1e-300))
    size = np.where(inside, lever.change, 0.0)
    if lever.kind == "allocation":
        return size * orders(model)[j]
    if lever.kind == "cooperation":
        return size * courier_share(lever.courier) * model.free
    return size


def orders(model: MarketModel) -> Floats:
    """Orders of each network's owner (networks, cities), parcels a month; assumed where their origin is not known."""
    if not np.isnan(model.own_orders).any():
        return model.own_orders
    from data.platforms import PLATFORMS

    part = [OWN_ORDERS.get(PLATFORMS[name].owner, 0.0) if name in PLATFORMS else 0.0 for name in model.platforms]
    return np.outer(part, model.parcels.sum(axis=0))


@cache
def courier_share(name: str) -> float:
    """Latest published share of all parcels of a courier; 1 without a name, for all parcels."""
    if not name:
        return 1.0
    from analysis import couriers

    table = couriers.annual()
    if name not in table or table[name].dropna().empty:
        raise ValueError(f"no published share of {name!r}: choose from {', '.join(table.columns[:-1])}")
    return float(table[name].dropna().iloc[-1])


def _limit(routed: Cells, model: MarketModel) -> None:
    """No network gives up more than its captive parcels, all together take no more than is free."""
    for j, cells in routed.items():
        np.maximum(cells, np.where(model.free > 0, -model.captive[j], 0.0), out=cells)
    taken = sum((np.maximum(cells, 0.0) for cells in routed.values()), np.zeros((1, 1)))
    factor = np.divide(model.free, taken, out=np.ones_like(taken), where=taken > model.free)
    for cells in routed.values():
        np.multiply(cells, factor, out=cells, where=cells > 0)


@dataclass(frozen=True, slots=True, eq=False)
class Worth:
    """What the changes are worth where the network is chosen; (months, cities) by position of the network.

    Attributes
    ----------
    plain : Cells
        CNY per parcel: subsidies after the floor at 0, and forwarding.
    guaranteed : Cells
        Change of the expected top-up per parcel of a guarantee, CNY, at full effect.
    shared : Cells
        Cost saved by shared delivery, CNY per parcel, at full pass-on.
    opened : Cells
        Change of ln(stations).
    """

    plain: Cells
    guaranteed: Cells
    shared: Cells
    opened: Cells

    def lift(self, j: int, slope: Floats, density: Floats, values: Mapping[str, float]) -> Floats | float:
        """Change of log-odds of network j; `slope` and `density` by city."""
        cny = self.cny(j, values)
        return slope * (0.0 if cny is None else cny) + density * self.opened.get(j, 0.0)

    def cny(self, j: int, values: Mapping[str, float]) -> Floats | None:
        """What network j's changes are worth, CNY per parcel; None without any but stations."""
        effects = (
            (self.plain, 1.0),
            (self.guaranteed, values["guarantee_effect"]),
            (self.shared, values["shared_pass_on"]),
        )
        parts = [effect * cells[j] for cells, effect in effects if j in cells]
        return sum(parts[1:], parts[0]) if parts else None

    @property
    def networks(self) -> list[int]:
        """Networks whose attraction changes."""
        return sorted({*self.plain, *self.guaranteed, *self.shared, *self.opened})


def worth(found: Changes, model: MarketModel) -> Worth:
    """Worth of the changes but for guarantees, which `guarantees.guaranteed` adds."""
    plain = {j: np.maximum(cells, -model.subsidy[j]) for j, cells in found.subsidy.items()}
    opened = {j: _opened(model.stations[j], cells) for j, cells in found.stations.items()}
    return Worth(_sum(plain, found.forwarding), {}, found.shared, opened)


def _opened(stations: Floats, cells: Floats) -> Floats:
    """Change of ln(stations), where fewer than one count as one, as in the panel."""
    return np.log(np.maximum(stations + cells, 1.0)) - np.log(np.maximum(stations, 1.0))


def open_stations(model: MarketModel, found: Changes, j: int) -> Floats:
    """Stations of a network (months, cities) by its levers alone; at least one of them stays."""
    least = np.minimum(model.stations[j], 1.0)
    return np.maximum(model.stations[j] + found.stations.get(j, np.zeros((found.months + 1, 1))), least)
