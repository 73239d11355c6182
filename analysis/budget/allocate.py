"""The best use of a budget: one price of money for all tiers, found so that the money is spent.

Value is sum v N (S - S0), money is sum C(S): at a price of money p every tier takes the share at which v N S - p C(S)
is largest, and p is raised until the budget holds. Where the cost is convex that is the optimum, and the gap to the
dual bound is rounding. Where it is not (a small network with many captive parcels) one price may buy too much and any
higher one too little: the best is kept of what is left going to the tier that jumps and of that tier held to a convex
stretch of its cost; the gap says how far off that can be at most.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.budget.conditions import margins, residual
from analysis.budget.cost import Costs, costs
from analysis.budget.problem import INSTRUMENTS, BudgetError, Problem
from data.grade import Grade

Floats = npt.NDArray[np.float64]
Solved = tuple[float, float, Floats]
"""What the next yuan gains, the price of money of the dual bound, and log-odds by tier."""
EXACT = 1e-9
"""Relative difference of two amounts of money that are the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Allocation:
    """Where the money goes; made by `allocate`. Arrays are (groups,) or (groups, instruments "subsidy", "stations").

    Attributes
    ----------
    problem : Problem
    budget_cny_per_month : float
    subsidy, added : (groups,) float64
        CNY per parcel, and what is added to the one in force.
    opened : (groups,) float64
        Stations.
    share : (groups,) float64
        Contestable share won.
    spend : (groups, 2) float64
        Extra CNY a month: subsidies of all parcels of the tier less those paid today; cost of the stations opened.
    gained : (groups,) float64
        Parcels a month won.
    value : float
        Value of the parcels won, less the money spent where the objective is profit.
    shadow_value : float
        Value gained per further CNY a month in this allocation; 0 when money is left over.
    marginal : (groups, 2) float64
        Value gained by the next CNY put into each instrument; NaN where there is no such instrument.
    bound : (groups, 2) str
        "floor" or "ceiling" where the instrument is at its bound, "none" where it does not exist, "" where it is free.
    held : (groups,) bool
        The least share decides.
    kkt_residual : float
        Largest relative violation of: free instruments gain the same per CNY, those at the floor no more, those at the
        ceiling no less.
    gap : float
        Most that any other allocation could gain on top, in the unit of `value` (dual bound).
    grade : Grade
    """

    problem: Problem
    budget_cny_per_month: float
    subsidy: Floats
    opened: Floats
    share: Floats
    spend: Floats
    value: float
    shadow_value: float
    marginal: Floats
    bound: npt.NDArray[np.str_]
    held: npt.NDArray[np.bool_]
    kkt_residual: float
    gap: float
    grade: Grade = Grade.MODELLED

    @property
    def added(self) -> Floats:
        """CNY per parcel on top of the subsidy in force."""
        return self.subsidy - self.problem.subsidy0

    @property
    def gained(self) -> Floats:
        """Parcels a month won."""
        return self.problem.parcels * (self.share - self.problem.share0)

    @property
    def spent(self) -> float:
        """Extra CNY a month."""
        return float(self.spend.sum())

    @property
    def left(self) -> float:
        """CNY a month of the budget that is better kept."""
        left = self.budget_cny_per_month - self.spent
        return left if left > slack(self.problem, self.budget_cny_per_month) else 0.0

    @property
    def idle(self) -> bool:
        """No tier gets or gives money."""
        return float(np.abs(self.spend).sum()) <= slack(self.problem, self.budget_cny_per_month)

    @property
    def shares(self) -> tuple[Floats, Floats]:
        """Shares of all parcels of each tier, before and after."""
        p = self.problem
        before, after = ((p.parcels * share + p.captive) / p.whole for share in (p.share0, self.share))
        return before, after

    @property
    def table(self) -> pd.DataFrame:
        """Everything needed to work it out again by hand, one row a tier."""
        p, (before, after) = self.problem, self.shares
        columns = {
            "contestable": p.parcels,
            "captive": p.captive,
            "slope": p.slope,
            "density": p.density,
            "share_before": p.share0,
            "share_after": self.share,
            "whole_before": before,
            "whole_after": after,
            "subsidy_before": p.subsidy0,
            "subsidy_after": self.subsidy,
            "added": self.added,
            "stations": p.stations,
            "opened": self.opened,
            "parcels_before": p.carried,
            "parcels_after": p.carried + self.gained,
            "gained": self.gained,
            **{f"spend_{name}": self.spend[:, i] for i, name in enumerate(INSTRUMENTS)},
            "spend": self.spend.sum(axis=1),
            **{f"marginal_{name}": self.marginal[:, i] for i, name in enumerate(INSTRUMENTS)},
            **{f"bound_{name}": self.bound[:, i] for i, name in enumerate(INSTRUMENTS)},
            "held": self.held,
        }
        return pd.DataFrame(columns, pd.Index(p.groups, name="tier"))


def slack(problem: Problem, budget: float) -> float:
    """CNY a month that are nothing beside the budget and what is paid today."""
    return EXACT * max(budget, float(problem.carried @ problem.subsidy0))


def allocate(problem: Problem, budget_cny_per_month: float) -> Allocation:
    """Best use of so much extra money a month.

    Raises
    ------
    BudgetError
        Where the least shares and stations cost more than the budget, or are out of reach.
    """
    return spend_on(costs(problem), budget_cny_per_month)


def spend_on(curves: Costs, budget_cny_per_month: float) -> Allocation:
    """The same for cost curves that are already there."""
    problem, budget = curves.problem, float(budget_cny_per_month)
    if not 0 <= budget < np.inf:
        raise ValueError(f"the budget is {budget} CNY a month: give 0 or more")
    _affordable(curves, budget)
    price, dual, odds = _solve(curves, budget)
    bound = _gain(curves, curves.best(dual), dual) + (dual - _least_price(problem)) * budget
    point = curves.at(odds)
    spend = np.stack([point.cost, np.where(curves.builds, problem.opening_cost_cny_per_month * point.opened, 0.0)], 1)
    spend[:, 0] -= spend[:, 1]
    value = _gain(curves, odds, _least_price(problem))
    marginal, bounds, held = margins(curves, point, odds)
    return Allocation(
        problem,
        budget,
        point.subsidy,
        point.opened,
        point.share,
        spend,
        value,
        price - _least_price(problem),
        marginal,
        bounds,
        held,
        residual(marginal, bounds, held, price),
        max(bound - value, 0.0),
    )


def least_budget(problem: Problem) -> float:
    """CNY a month that the least shares and stations take."""
    curves = costs(problem)
    return max(_spent(curves, curves.low), 0.0)


def _least_price(problem: Problem) -> float:
    """What a yuan is worth unspent: one where profit counts, nothing where parcels do."""
    return 1.0 if problem.objective == "profit" else 0.0


def _affordable(curves: Costs, budget: float) -> None:
    needed = curves.at(curves.low).cost
    total = float(needed.sum())
    if total > budget + slack(curves.problem, budget):
        g = int(np.argmax(needed))
        name, most = curves.problem.groups[g], float(needed[g])
        said = f"what must be held costs {total:,.0f} CNY a month, most of it {name} ({most:,.0f})"
        raise BudgetError(
            f"{said}, and the budget is {budget:,.0f}: ask for less there or give {total:,.0f}",
            "presence_costs_more",
            group=name,
            needed=most,
            total=total,
            budget=budget,
        )


def _gain(curves: Costs, odds: Floats, price: float) -> float:
    """Value won less `price` times the money spent."""
    p, point = curves.problem, curves.at(odds)
    return float((p.value_cny_per_parcel * p.parcels * (point.share - p.share0) - price * point.cost).sum())


def _spent(curves: Costs, odds: Floats) -> float:
    return float(curves.at(odds).cost.sum())


def _solve(curves: Costs, budget: float) -> Solved:
    """Log-odds that spend the budget, or less where more is worth nothing."""
    from scipy.optimize import brentq

    least = _least_price(curves.problem)
    highest, lowest = _prices(curves)
    if _spent(curves, at_least := curves.best(max(least, lowest / 2))) <= budget + slack(curves.problem, budget):
        return least, least, at_least
    if _spent(curves, curves.low) >= budget - slack(curves.problem, budget):
        return highest, highest, curves.low
    low, high = np.log(max(least, lowest / 2)), np.log(2 * highest)
    price = float(np.exp(brentq(lambda p: _spent(curves, curves.best(np.exp(p))) - budget, low, high, xtol=1e-14)))
    odds = curves.best(price)
    if abs(_spent(curves, odds) - budget) <= slack(curves.problem, budget):
        return price, price, odds
    filled, odds = _fill(curves, budget, price)
    return filled, price, odds


def _prices(curves: Costs) -> tuple[float, float]:
    """Prices of money at which nothing is bought any more, and at which all is."""
    p, tier = curves.problem, curves.tier
    worth = p.value_cny_per_parcel * p.parcels
    ends = np.concatenate([curves.first, curves.last])
    place = np.concatenate([tier, tier])
    start, point = curves.at(curves.low), curves.at(ends, place)
    more = point.cost - start.cost[place]
    mean = np.divide(point.share - start.share[place], more, out=np.zeros_like(more), where=more > 0)
    gains = worth[place] * np.maximum(mean, 1 / point.slope)
    live = (curves.high > curves.low)[place] & (gains > 0)
    slow = worth[place] / point.slope
    return (float(gains[live].max()), float(slow[live].min())) if live.any() else (1.0, 1.0)


def _fill(curves: Costs, budget: float, price: float) -> tuple[float, Floats]:
    """Where one price buys too much and any higher one too little: the best within the jump and on either side."""
    before, after = curves.best(price * (1 + EXACT)), curves.best(price * (1 - EXACT))
    g = int(np.argmax(after - before))
    found = [_within(curves, before, g, budget - _spent(curves, before)), *_beside(curves, g, budget)]
    return max(found, key=lambda one: _gain(curves, one[1], _least_price(curves.problem)))


def _within(curves: Costs, odds: Floats, g: int, rest: float) -> tuple[float, Floats]:
    """All that is left goes to tier g, which then says what the next yuan gains."""
    from scipy.optimize import brentq

    def over(place: float) -> float:
        moved = odds.copy()
        moved[g] = place
        return _spent(curves, moved) - _spent(curves, odds) - rest

    filled, p, top = odds.copy(), curves.problem, float(curves.high[g])
    if over(top) <= 0:
        filled[g] = top
        return _least_price(p), filled
    filled[g] = brentq(over, float(odds[g]), top)
    return float(p.value_cny_per_parcel[g] * p.parcels[g] / curves.at(filled).slope[g]), filled


def _beside(curves: Costs, g: int, budget: float) -> list[tuple[float, Floats]]:
    """The best with tier g held to each of its runs; without those that are too dear."""
    runs = np.flatnonzero(curves.tier == g)
    held = [_held(curves, g, int(run)) for run in runs] if len(runs) > 1 else []
    solved = [_solve(one, budget) for one in held if _spent(one, one.low) <= budget]
    return [(price, odds) for price, _dual, odds in solved]


def _held(curves: Costs, g: int, run: int) -> Costs:
    """The same with tier g within one of its runs."""
    low, high = curves.low.copy(), curves.high.copy()
    low[g], high[g] = curves.first[run], curves.last[run]
    kept = np.flatnonzero((curves.tier != g) | (np.arange(len(curves.tier)) == run))
    runs = {name: getattr(curves, name)[kept] for name in ("tier", "first", "last")}
    return replace(curves, low=low, high=high, grid=tuple(curves.grid[i] for i in kept), **runs)
