"""Which of many candidate sites to open together: step by step, how far that is from the best set, and the best set.

What a network gains in parcels is monotone and submodular in the set of sites. At a point with demand d, where all
stations weigh D and the network's own o, a set that weighs a there leaves the network d (o + a) / (D + a): concave and
rising in a, which adds up over sites. Taking the best site at every step then reaches at least 1 - 1/e of the best set.
Profit is neither: a site may cost more than it brings, and earns nothing with parcels beyond what it can take.

References
----------
Nemhauser, G. L., Wolsey, L. A. and Fisher, M. L. (1978), An analysis of approximations for maximizing submodular set
functions, Mathematical Programming 14, 265-294. Minoux, M. (1978), Accelerated greedy algorithms for maximizing
submodular set functions, in Optimization Techniques, Springer, 234-243 (lazy evaluation).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heapreplace
from math import e

import numpy as np
import pandas as pd

from analysis import economics
from analysis.space import siting_profit
from analysis.space.catchment_base import Base
from analysis.space.catchment_rules import Site
from analysis.space.parts import part
from analysis.space.siting_gain import Ground

GUARANTEE = 1 - 1 / e
"""Part of the best set's gain that the greedy set reaches at least, for parcels."""
WORK = 5 * 10**7
"""Weights looked at before the search for the best set is given up."""
CLOSE = 1e-12


@dataclass(frozen=True, slots=True)
class Choice:
    """Sites to open, in order.

    Attributes
    ----------
    objective : str
        "parcels" (a day, net of what the network's other stations lose) or "profit" (CNY a month, likewise, of
        the parcels that stations can take).
    chosen : tuple of int
        Positions in the candidates: the best set where `exact`, and the greedy one otherwise.
    total : float
        What `chosen` gains.
    greedy : tuple of int
    greedy_total : float
    exact : bool
        Whether no set of as many sites gains more.
    bound : float
        No set gains more than this; NaN where nothing is known.
    guarantee : float
        Part of the best set that the greedy one reaches at least; NaN for profit.
    steps : pandas.DataFrame
        One row a site of `chosen`: candidate (position), name, lat, lon, parcels_per_day (of the site when it opens),
        gain (of the network), from_own (parcels a day taken from the network's own stations, sites opened before it
        included), cannibalisation (their part), profit_cny_per_month (what the network earns more), total (of the
        objective so far).
    """

    objective: str
    chosen: tuple[int, ...]
    total: float
    greedy: tuple[int, ...]
    greedy_total: float
    exact: bool
    bound: float
    guarantee: float
    steps: pd.DataFrame

    @property
    def gap(self) -> float:
        """Part by which the best set may gain more than `chosen`; 0 where that is the best set."""
        return 0.0 if self.exact else self.bound / self.total - 1 if self.total > 0 else float("nan")


def choose(
    base: Base,
    candidates: Sequence[Site],
    network: str,
    *,
    count: int,
    objective: str = "parcels",
    types: Mapping[str, economics.Station] | None = None,
) -> Choice:
    """Choose at most `count` of the candidates for a network.

    Parameters
    ----------
    base : Base
    candidates : sequence of Site
        Of the network.
    network : str
    count : int
    objective : str
        "parcels" or "profit".
    types : mapping, optional
        Station by format, as for `catchment.change`; what parcels lost cost the network's other stations is their
        format's margin of a parcel.

    Raises
    ------
    ValueError
        For an unknown objective, no count, no candidate, or a candidate of another network.
    """
    if objective not in ("parcels", "profit"):
        raise ValueError(f"{objective!r} is no objective: choose parcels or profit")
    if count < 1 or not candidates:
        raise ValueError("there is nothing to choose: give one candidate or more, and a count of 1 or more")
    if any(site.platform != network for site in candidates):
        raise ValueError(f"a candidate is of another network than {network!r}")
    kinds = dict(economics.STATIONS) | dict(types or {})
    many, ground = min(count, len(candidates)), Ground.of(base, candidates, network, kinds)
    parcels = objective == "parcels"
    profits = None if parcels else siting_profit.Profits.of(ground)
    greedy = _lazy(ground, many) if profits is None else siting_profit.greedy(profits, many)
    value = ground.gain if parcels else ground.profit
    found = _branch(ground, many, greedy) if profits is None else siting_profit.best(profits, many, greedy)
    best, exact = found
    bound = value(best) if exact else _bound(ground, many, greedy) if parcels else float("nan")
    steps = _steps(ground, candidates, best, parcels)
    guarantee = GUARANTEE if parcels else float("nan")
    return Choice(objective, best, value(best), greedy, value(greedy), exact, bound, guarantee, steps)


def _lazy(ground: Ground, count: int) -> tuple[int, ...]:
    """Greedy by gain: a gain can only fall as sites are added, so that most need not be counted again."""
    added, chosen = ground.nothing(), list[int]()
    heap = [(-gain, site, 0) for site, gain in enumerate(ground.gains(added))]
    heapify(heap)
    while heap and len(chosen) < count:
        gain, site, counted = heap[0]
        if counted < len(chosen):
            heapreplace(heap, (-ground.gain_of(site, added), site, len(chosen)))
        elif gain >= 0:
            break
        else:
            heappop(heap)
            chosen.append(site)
            added = ground.with_site(site, added)
    return tuple(chosen)


def _bound(ground: Ground, count: int, greedy: tuple[int, ...]) -> float:
    """Least of the bounds that the greedy steps give: what is there plus the largest gains on top of it."""
    added, found = ground.nothing(), float("inf")
    for step in range(len(greedy) + 1):
        gains = np.sort(ground.gains(added))[::-1]
        found = min(found, ground.gain(greedy[:step]) + float(np.maximum(gains[:count], 0.0).sum()))
        if step < len(greedy):
            added = ground.with_site(greedy[step], added)
    return found


def _branch(ground: Ground, count: int, greedy: tuple[int, ...]) -> tuple[tuple[int, ...], bool]:
    """The best set by branch and bound, or the greedy one when that takes more than `WORK`."""
    best, top, work = greedy, ground.gain(greedy), 0
    stack: list[tuple[tuple[int, ...], tuple[int, ...]]] = [((), tuple(range(ground.sites)))]
    while stack:
        chosen, left = stack.pop()
        added = ground.nothing()
        for site in chosen:
            added = ground.with_site(site, added)
        work += ground.size
        if work > WORK:
            return greedy, False
        here, gains = ground.gain(chosen), ground.gains(added)[list(left)]
        if here > top * (1 + CLOSE):
            best, top = chosen, here
        order, room = np.argsort(-gains, kind="stable"), count - len(chosen)
        ranked, gains = [left[i] for i in order], np.maximum(gains[order], 0.0)
        follow = []
        for i in range(len(ranked) if room else 0):
            if here + gains[i : i + room].sum() <= top * (1 + CLOSE):
                break  # sets without the sites before cannot gain enough
            follow.append(((*chosen, ranked[i]), tuple(ranked[i + 1 :])))
        stack.extend(reversed(follow))
    return best, True


def _steps(ground: Ground, candidates: Sequence[Site], chosen: tuple[int, ...], parcels: bool) -> pd.DataFrame:
    rows = []
    for step, site in enumerate(chosen):
        before, after = chosen[:step], chosen[: step + 1]
        won, gain = ground.won(after)[-1], ground.gain(after) - ground.gain(before)
        earned = ground.profit(after) - ground.profit(before)
        total = ground.gain(after) if parcels else ground.profit(after)
        place = candidates[site]
        own = won - gain
        rows.append((site, place.name, place.lat, place.lon, won, gain, own, own / won if won else 0.0, earned, total))
    columns = "candidate name lat lon parcels_per_day gain from_own cannibalisation profit_cny_per_month total"
    return pd.DataFrame(rows, columns=columns.split())


def alone(
    base: Base, candidates: Sequence[Site], network: str, *, types: Mapping[str, economics.Station] | None = None
) -> pd.DataFrame:
    """Account of each candidate opened alone: that of `catchment.change`, for many sites at once.

    Returns
    -------
    pandas.DataFrame
        One row a candidate: parcels_per_day (won), of these from_own, from_rivals and newly_served; gain (of the
        network), cannibalisation, capacity, over_capacity, break_even, margin (parcels won over break-even) and
        profit_cny_per_month (of the site, with the parcels that it can take).
    """
    kinds = dict(economics.STATIONS) | dict(types or {})
    ground = Ground.of(base, candidates, network, kinds)
    won, own, nobody = ground.alone()
    needed = np.array([economics.break_even(kind) for kind in ground.types], float)
    return pd.DataFrame(
        {
            "parcels_per_day": won,
            "from_own": own,
            "from_rivals": won - own - nobody,
            "newly_served": nobody,
            "gain": won - own,
            "cannibalisation": part(own, won),
            "capacity": ground.limit,
            "over_capacity": won > ground.limit,
            "break_even": needed,
            "margin": won / np.where(needed > 0, needed, np.nan),
            "profit_cny_per_month": ground.earned(range(ground.sites), won),
        }
    )
