"""What a budget may buy: the market of one network by tier, what money does there, and the bounds it must keep."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from analysis.economics import assumptions as stated
from analysis.scenario import MarketModel
from data.platforms import OUTSIDE

Floats = npt.NDArray[np.float64]

INSTRUMENTS = ("subsidy", "stations")
OBJECTIVES = ("parcels", "profit")
"""Parcels: as many as the money wins. Profit: what the parcels earn less what is spent, so money may be left over."""
CEILING_CNY = 0.30
"""Highest subsidy per parcel unless told otherwise."""
LIFE_MONTHS = 36.0
"""Months over which the cost of opening a station is spread."""
MOST_OPENED = 0.5
"""New stations at most, as a part of those there are."""


class BudgetError(ValueError):
    """A budget that cannot do what is asked.

    Attributes
    ----------
    code : str
        "presence_costs_more" (group, needed, total, budget), "out_of_reach" (group, wanted, reached), "no_network"
        (platform).
    values : dict
    """

    def __init__(self, message: str, code: str, **values: str | float) -> None:
        super().__init__(message)
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """One network's market by group (tier). Arrays have one entry a group.

    Attributes
    ----------
    platform : str
    groups : tuple of str
    parcels : (groups,) float64
        Contestable parcels a month.
    captive : (groups,) float64
        Parcels a month that come to the network whatever it pays; the subsidy is paid on them too.
    share0 : (groups,) float64
        Part of the contestable parcels won today, between 0 and 1.
    subsidy0 : (groups,) float64
        CNY per parcel in force.
    slope : (groups,) float64
        Log-odds per CNY of subsidy. Where it is not above 0 a subsidy wins nothing and is left as it is.
    value_cny_per_parcel : (groups,) float64
        What a parcel won is worth; all 1 to count parcels.
    stations, density : (groups,) float64
        Stations today, and log-odds per unit of ln(stations).
    opening_cost_cny_per_month : (groups,) float64
        Cost of one new station, spread over its life.
    floor, ceiling : (groups,) float64
        Bounds of the subsidy, CNY per parcel.
    least_share : (groups,) float64 or None
        Contestable share to hold at least; 0 for none.
    least_opened, most_opened : (groups,) float64 or None
        Bounds of the stations opened; 0 and none opened by default.
    all_parcels : (groups,) float64 or None
        Every network's parcels a month, captive ones included, to show shares as the market has them.
    instruments : tuple of str
        Of `INSTRUMENTS`.
    objective : str
        One of `OBJECTIVES`.
    """

    platform: str
    groups: tuple[str, ...]
    parcels: Floats
    captive: Floats
    share0: Floats
    subsidy0: Floats
    slope: Floats
    value_cny_per_parcel: Floats
    stations: Floats
    density: Floats
    opening_cost_cny_per_month: Floats
    floor: Floats
    ceiling: Floats
    _: KW_ONLY
    least_share: Floats | None = None
    least_opened: Floats | None = None
    most_opened: Floats | None = None
    all_parcels: Floats | None = None
    instruments: tuple[str, ...] = ("subsidy",)
    objective: str = "parcels"

    def __post_init__(self) -> None:
        if unknown := set(self.instruments) - set(INSTRUMENTS) or not self.instruments:
            raise ValueError(f"{unknown} is no instrument: choose from {', '.join(INSTRUMENTS)}")
        if self.objective not in OBJECTIVES:
            raise ValueError(f"{self.objective!r} is no objective: choose from {', '.join(OBJECTIVES)}")
        self._refuse((self.share0 <= 0) | (self.share0 >= 1), "the share today must lie between 0 and 1: leave it out")
        self._refuse((self.parcels <= 0) | (self.captive < 0), "nothing to win: give contestable parcels")
        self._refuse(self.floor < 0, "the floor of the subsidy is below 0: give 0 or more")
        self._refuse(self.ceiling < self.floor, "the ceiling of the subsidy is below its floor: raise it")
        if "stations" in self.instruments:
            self._refuse(self.opening_cost_cny_per_month <= 0, "a station costs nothing: give its cost a month")

    def _refuse(self, wrong: npt.NDArray[np.bool_], why: str) -> None:
        if wrong.any():
            raise ValueError(f"{self.groups[int(np.argmax(wrong))]}: {why}")

    @property
    def carried(self) -> Floats:
        """Parcels a month today, captive ones included."""
        return self.parcels * self.share0 + self.captive

    @property
    def whole(self) -> Floats:
        """Parcels that shares are shown of: everyone's, or the contestable and own captive ones."""
        return self.parcels + self.captive if self.all_parcels is None else self.all_parcels


def problem(
    model: MarketModel,
    platform: str,
    *,
    instruments: Sequence[str] = ("subsidy",),
    objective: str = "parcels",
    assumptions: Mapping[str, float] | None = None,
    tiers: Sequence[str] | None = None,
    ceiling_cny: float = CEILING_CNY,
    cuts: bool = False,
    most_opened: float = MOST_OPENED,
    life_months: float = LIFE_MONTHS,
    least_share: Mapping[str, float] | None = None,
    least_stations: Mapping[str, float] | None = None,
) -> Problem:
    """The market of `platform` by tier, over the cities where it is present.

    A tier's effects are the fitted ones times what a spread of shares over its cities takes off them, so that the first
    yuan does what the cities together would do; new stations go to the cities by their parcels, as those of a scenario
    do. With one city a tier the effects are the fitted ones.

    Parameters
    ----------
    tiers : sequence of str, optional
        Where money may go; all by default.
    ceiling_cny : float
        Highest subsidy per parcel; a higher one in force stays.
    cuts : bool
        Whether a subsidy in force may be cut to pay for another.
    most_opened : float
        New stations at most, as a part of those there are; above 0.
    life_months : float
        Months over which the cost of opening is spread.
    least_share : mapping of tier to float
        Share of all parcels of the tier to hold at least, as a fraction.
    least_stations : mapping of tier to float
        Stations to have at least.
    """
    if platform not in model.platforms or platform == OUTSIDE:
        networks = ", ".join(name for name in model.platforms if name != OUTSIDE)
        raise ValueError(f"{platform!r} is no network of this market: choose from {networks}")
    j, known = model.platforms.index(platform), stated.values(assumptions)
    won = model.sigma[j] * model.free
    live = model.offered[j] & (won > 0) & (won < model.free)
    shown = [t for t in model.tiers if live[model.span(t)].any() and (tiers is None or t in tiers)]
    if not shown:
        raise BudgetError(f"{platform} carries nothing there: choose another", "no_network", platform=platform)
    total = partial(_total, model, shown, live)
    parcels, captive, stations = total(model.free), total(model.captive[j]), total(model.stations[j])
    share, carried = total(won) / parcels, won + model.captive[j]
    response = model.free * model.sigma[j] * (1 - model.sigma[j])
    steep = parcels * share * (1 - share)
    paid = total(carried * model.subsidy[j]) / total(carried)
    everything = total(model.free + model.captive.sum(axis=0))
    held = np.array([(least_share or {}).get(t, 0.0) for t in shown])
    wanted = np.array([(least_stations or {}).get(t, 0.0) for t in shown])
    least = np.maximum(wanted - stations, 0.0)
    cost = known[f"opening_{model.formats[j]}_cny"] / life_months
    nearer = _nearer(model, j, live, most_opened / 2) * model.density[model.group]
    return Problem(
        platform,
        tuple(shown),
        parcels,
        captive,
        share,
        paid,
        total(response * model.slopes[model.group]) / steep,
        np.full(len(shown), known["margin_cny_per_parcel"] if objective == "profit" else 1.0),
        stations,
        total(response * nearer) / steep,
        np.full(len(shown), cost),
        np.zeros(len(shown)) if cuts else paid,
        np.maximum(ceiling_cny, paid),
        least_share=np.maximum((held * everything - captive) / parcels, 0.0) if held.any() else None,
        least_opened=least,
        most_opened=np.maximum(most_opened * stations, least),
        all_parcels=everything,
        instruments=tuple(instruments),
        objective=objective,
    )


def _nearer(model: MarketModel, j: int, live: npt.NDArray[np.bool_], part: float) -> Floats:
    """Change of ln(stations) of each city when its tier opens `part` of its stations again, per ln(1 + part)."""
    kept, now = np.where(live, model.stations[j], 0.0), np.maximum(model.stations[j], 1.0)
    size = np.where(live, model.parcels.sum(axis=0), 0.0)
    cities = np.diff(model.bounds)
    opened, everything = (np.repeat(model.by_tier(cells), cities) for cells in (kept, size))
    return np.log1p(part * opened * size / np.maximum(everything, 1.0) / now) / np.log1p(part)


def _total(model: MarketModel, tiers: Sequence[str], live: npt.NDArray[np.bool_], values: Floats) -> Floats:
    """Sums (tiers,) of `values` (cities,) over the cities where the network is present."""
    kept = np.where(live, values, 0.0)
    return np.array([kept[model.span(tier)].sum() for tier in tiers])
