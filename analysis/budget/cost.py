"""What a share costs: the cheapest mix of subsidy and stations that wins it, tier by tier.

With S the contestable share, N and K contestable and captive parcels, s the subsidy and x the stations opened,
ln(S/(1-S)) = z0 + b (s - s0) + d ln((n0 + x)/n0), and the extra money a month is (N S + K) s - (N S0 + K) s0 + c x.
For a given S the best x is where both instruments cost the same per unit of log-odds, n0 + x = (N S + K) d/(b c),
within bounds. Then dC/dS = N s + m/(S (1-S)), with m = (N S + K)/b where the subsidy moves and c (n0 + x)/d where
stations do.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from analysis.budget.problem import BudgetError, Problem

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
FARTHEST = 40.0
"""Log-odds above today's that an endless ceiling stands for: the share is 1 to 17 digits."""
GRID = 513
"""Points a tier on which the slope of the cost is looked at for parts that are not convex."""
STEPS = 100
"""Most steps to a root; three are one halving at least."""
SAME = 1e-14
"""Difference of logarithms that is rounding."""
TINY = 1e-300
ROUGH = 1e-12
"""Fall of ln(dCost/dShare) from one point of the grid to the next that is none."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the cost curve of some tiers: share, subsidy, stations opened, extra CNY a month, and dCost/dShare."""

    share: Floats
    subsidy: Floats
    opened: Floats
    cost: Floats
    slope: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Costs:
    """Cost curves of a problem's tiers; `low` and `high` bound the log-odds. Made by `costs`.

    A run is a stretch of a tier in which dCost/dShare does not fall, from log-odds `first` to `last`: there is at most
    one best share in it. A convex tier is one run. `grid` has places in each run and ln(dCost/dShare) there.
    """

    problem: Problem
    odds: Floats
    slope: Floats
    density: Floats
    floor: Floats
    ceiling: Floats
    stations: Floats
    fewest: Floats
    most: Floats
    builds: npt.NDArray[np.bool_]
    low: Floats
    high: Floats
    tier: Whole
    first: Floats
    last: Floats
    grid: tuple[tuple[Floats, Floats], ...]

    def at(self, odds: Floats, tier: Whole | slice = slice(None)) -> Point:
        """The cheapest way to log-odds `odds` in the tiers numbered `tier`."""
        p, b, d, stations = self.problem, self.slope[tier], self.density[tier], self.stations[tier]
        floor, ceiling, price = self.floor[tier], self.ceiling[tier], p.opening_cost_cny_per_month[tier]
        fewest, most, builds, paid = self.fewest[tier], self.most[tier], self.builds[tier], p.subsidy0[tier]
        share = 1 / (1 + np.exp(-odds))
        carried = p.parcels[tier] * share + p.captive[tier]
        need = odds - self.odds[tier]
        wish = carried * d / (b * price) - stations
        free = np.clip(wish, fewest, most)
        at_ceiling, at_floor = (
            stations * np.expm1(np.minimum((need - b * (s - paid)) / d, FARTHEST)) for s in (ceiling, floor)
        )
        opened = np.clip(np.minimum(np.maximum(free, at_ceiling), at_floor), fewest, most)
        stuck = ((at_ceiling > wish) & (at_ceiling >= free)) | ((at_floor < wish) & (at_floor <= free))
        forced = builds & (stuck | (floor >= ceiling))
        subsidy = np.clip(paid + (need - d * np.log1p(opened / stations)) / b, floor, ceiling)
        cost = carried * subsidy - p.carried[tier] * paid + np.where(builds, price * opened, 0.0)
        margin = np.where(forced, price * (stations + opened) / d, carried / b)
        return Point(share, subsidy, opened, cost, p.parcels[tier] * subsidy + margin / (share * (1 - share)))

    def best(self, price: float) -> Floats:
        """Log-odds (tiers,) at which value less `price` times cost is largest in each tier."""
        worth = (self.problem.value_cny_per_parcel * self.problem.parcels)[self.tier]
        found = self._margin_is(worth / price if price > 0 else np.full_like(worth, np.inf))
        if len(found) == len(self.low):
            return found
        point = self.at(found, self.tier)
        return self._largest(found, worth * point.share - price * point.cost)

    def _margin_is(self, wanted: Floats) -> Floats:
        """Log-odds (runs,) at which dCost/dShare is `wanted`, or the nearest end: false position with halvings."""
        tier = slice(None) if len(self.first) == len(self.low) else self.tier
        aim = np.log(np.maximum(wanted, TINY))
        low, high = self._between(aim)
        under, over = (np.log(self.at(end, tier).slope) - aim for end in (low, high))
        found, done = np.where(under >= 0, low, high), (under >= 0) | (over <= 0)
        for step in range(STEPS):
            if done.all():
                break
            secant = (low * over - high * under) / np.where(done, 1.0, over - under)
            middle = (low + high) / 2 if step % 3 == 2 else np.clip(secant, low, high)
            found = np.where(done, found, middle)
            off = np.log(self.at(found, tier).slope) - aim
            done |= (np.abs(off) <= SAME) | (high - low <= SAME)
            up = off > 0
            over, under = np.where(up, off, over / 2), np.where(up, under / 2, off)
            low, high = np.where(up, low, found), np.where(up, found, high)
        return found

    def _between(self, aim: Floats) -> tuple[Floats, Floats]:
        """Neighbours on the grid between which ln(dCost/dShare) passes `aim`, or the end that is nearest."""
        ends = np.empty((2, len(aim)))
        for i, (odds, slope) in enumerate(self.grid):
            place = int(np.searchsorted(slope, aim[i]))
            ends[:, i] = odds[max(place - 1, 0)], odds[min(place, len(odds) - 1)]
        low, high = np.clip(ends, self.first, self.last)
        return low, high

    def _largest(self, odds: Floats, gain: Floats) -> Floats:
        order = np.lexsort((gain, self.tier))
        return odds[order[np.flatnonzero(np.diff(self.tier[order], append=-1))]]


def costs(problem: Problem) -> Costs:
    """Cost curves with their bounds; BudgetError where a share asked for is out of reach."""
    p, builds = problem, _builds(problem)
    moves = (p.slope > 0) & ("subsidy" in p.instruments)
    floor, ceiling = np.where(moves, p.floor, p.subsidy0), np.where(moves, p.ceiling, p.subsidy0)
    none = np.zeros(len(p.groups))
    fewest, most = (np.where(builds, none if x is None else x, 0.0) for x in (p.least_opened, p.most_opened))
    slope, density = np.where(p.slope > 0, p.slope, 1.0), np.where(builds, p.density, 1.0)
    stations, odds = np.where(builds, p.stations, 1.0), np.log(p.share0 / (1 - p.share0))
    low = odds + slope * (floor - p.subsidy0) + density * np.log1p(fewest / stations)
    high = odds + slope * (ceiling - p.subsidy0) + density * np.log1p(most / stations)
    high = np.minimum(high, np.maximum(odds, low) + FARTHEST)
    wanted = none if p.least_share is None else p.least_share
    _reachable(p, wanted, high)
    held = np.log(np.maximum(wanted, TINY) / (1 - wanted))
    low = np.minimum(np.maximum(low, held), high)
    every = np.arange(len(p.groups))
    curves = (p, odds, slope, density, floor, ceiling, stations, fewest, most, builds, low, high)
    return _runs(Costs(*curves, every, low, high, ()))


def _builds(problem: Problem) -> npt.NDArray[np.bool_]:
    can = (problem.stations > 0) & (problem.density > 0)
    return can & ("stations" in problem.instruments) & (problem.most_opened is not None)


def _reachable(problem: Problem, wanted: Floats, high: Floats) -> None:
    reached = 1 / (1 + np.exp(-high))
    short = wanted > reached * (1 + 1e-12)
    if short.any():
        g = int(np.argmax(wanted - reached))
        size, own = problem.parcels[g] / problem.whole[g], problem.captive[g] / problem.whole[g]
        values = {"wanted": float(wanted[g] * size + own), "reached": float(reached[g] * size + own)}
        said = f"{problem.groups[g]}: a share of {values['wanted']:.1%} is out of reach, {values['reached']:.1%} is the"
        raise BudgetError(
            f"{said} most that the ceilings allow: raise a ceiling or ask for less",
            "out_of_reach",
            group=problem.groups[g],
            **values,
        )


def _runs(whole: Costs) -> Costs:
    """The same with one run for each stretch in which the slope of the cost does not fall."""
    tiers: list[int] = []
    grid: list[tuple[Floats, Floats]] = []
    for g in range(len(whole.low)):
        odds = np.linspace(whole.low[g], whole.high[g], GRID)
        slope = np.log(whole.at(odds, np.full(GRID, g)).slope)
        breaks = np.flatnonzero(np.diff(slope) < -ROUGH)
        for start, end in zip(np.r_[0, breaks + 1], np.r_[breaks, GRID - 1], strict=True):
            if end > start or start == 0 or end == GRID - 1:
                tiers.append(g)
                grid.append((odds[start : end + 1], np.maximum.accumulate(slope[start : end + 1])))
    first, last = (np.array([odds[end] for odds, _ in grid]) for end in (0, -1))
    return replace(whole, tier=np.array(tiers), first=first, last=last, grid=tuple(grid))
