"""The most profitable set of sites: step by step, and by branch and bound."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis import economics
from analysis.space.huff import Floats, Ints
from analysis.space.parts import inverse
from analysis.space.siting_gain import Ground

WORK = 2 * 10**8
"""Weights looked at before the search for the best set is given up: two to three seconds."""
CLOSE = 1e-12


@dataclass(frozen=True, slots=True)
class Extended:
    """Sets of the same sites and one more each.

    Attributes
    ----------
    profits : ndarray of float, shape (sites,)
        CNY a month of the set with each candidate.
    lost : ndarray of float, shape (sites,)
        Of these what the network's other stations lose.
    ceilings : ndarray of float, shape (sites,)
        What each candidate itself earns at most with the set, whatever else is opened.
    held : float
        The same of the set's sites together.
    """

    profits: Floats
    lost: Floats
    ceilings: Floats
    held: float


@dataclass(frozen=True, slots=True)
class Profits:
    """Candidates' points paired with the network's stations there.

    Attributes
    ----------
    ground : Ground
    entry : ndarray of int, shape (pairs,)
        Row of `ground.flat`.
    weight : ndarray of float, shape (pairs,)
        Of the station.
    group : ndarray of int, shape (pairs,)
        Row of the combinations of a candidate and a station.
    site, station : ndarray of int, shape (combinations,)
    """

    ground: Ground
    entry: Ints
    weight: Floats
    group: Ints
    site: Ints
    station: Ints

    @classmethod
    def of(cls, ground: Ground) -> "Profits":
        """Pairs of a ground."""
        own, (site, at, _) = ground.stations, ground.flat
        starts = np.searchsorted(own.at, np.arange(len(ground.parcels) + 1))
        many = starts[at + 1] - starts[at]
        entry = np.repeat(np.arange(len(at)), many)
        pair = np.arange(len(entry)) - np.repeat(np.cumsum(many) - many, many) + starts[at[entry]]
        width = max(len(own.parcels), 1)
        code, group = np.unique(site[entry] * width + own.station[pair], return_inverse=True)
        return cls(ground, entry, own.weight[pair], group, code // width, code % width)

    @property
    def size(self) -> int:
        """Weights looked at for one set."""
        return len(self.entry) + self.ground.size

    def extended(self, chosen: Sequence[int]) -> Extended:
        """`chosen` with each of the candidates."""
        ground, (site, at, weight) = self.ground, self.ground.flat
        total = ground.total + ground.added(chosen)
        after = total[at] + weight
        won = np.bincount(site, ground.parcels[at] * weight / after, ground.sites).astype(float)
        step = np.where(total[at] > 0, ground.parcels[at] * (inverse(total[at]) - 1 / after), 0.0)
        earned, held, before = ground.earned(range(ground.sites), won), 0.0, ground.won(chosen)
        ceilings = np.maximum(earned, ground.earned(range(ground.sites), np.zeros(ground.sites)))
        for one, parcels in zip(chosen, before, strict=True):
            mine = ground.nothing()
            mine[ground.points[one]] = ground.weights[one]
            fall = np.bincount(site, mine[at] * step, ground.sites)
            earned = earned + ground.earned([one] * ground.sites, parcels - fall)
            held += float(ground.earned([one, one], np.array([0.0, parcels])).max())
        lost = self._lost(ground.parcels * (inverse(ground.total) - inverse(total)), step)
        profits = earned - lost
        profits[list(chosen)] = -np.inf
        return Extended(profits, lost, ceilings, held)

    def _lost(self, before: Floats, step: Floats) -> Floats:
        """CNY a month by candidate: what stations lose to the set (`before` by point) and to the candidate on top."""
        own = self.ground.stations
        gone = np.bincount(own.station, own.weight * before[own.at], len(own.parcels)).astype(float)
        fall = np.bincount(self.group, self.weight * step[self.entry], len(self.site)).astype(float)
        more = own.missed((own.parcels - gone)[self.station], fall, self.station) * own.margin[self.station]
        first = float(own.margin @ own.missed(own.parcels, gone))
        return np.asarray(first + np.bincount(self.site, more, self.ground.sites), float) * economics.DAYS

    @property
    def slack(self) -> float:
        """CNY a month that more sites may save at most where parcels cost a station more than they bring; 0 or less."""
        own = self.ground.stations
        return float(np.minimum(own.margin, 0.0) @ np.minimum(own.parcels, own.limit)) * economics.DAYS


def greedy(profits: Profits, count: int) -> tuple[int, ...]:
    """The best site at every step, until none adds any profit."""
    chosen: tuple[int, ...] = ()
    earned = 0.0
    while len(chosen) < count:
        found = profits.extended(chosen).profits
        best = int(np.argmax(found))
        if found[best] <= earned:
            break
        chosen, earned = (*chosen, best), float(found[best])
    return chosen


def best(profits: Profits, count: int, first: tuple[int, ...]) -> tuple[tuple[int, ...], bool]:
    """The best set of at most `count`, or `first` when the search takes more than `WORK`.

    No set earns more than its sites do beside fewer others, less what the network's stations lose to a part of it.
    """
    found, top, slack, work = first, profits.ground.profit(first), profits.slack, 0
    stack: list[tuple[float, tuple[int, ...], tuple[int, ...]]] = [(np.inf, (), tuple(range(profits.ground.sites)))]
    while stack:
        bound, chosen, left = stack.pop()
        if bound <= top + CLOSE * abs(top) or not left:
            continue
        work += profits.size * (1 + len(chosen))
        if work > WORK:
            return first, False
        sets, here = profits.extended(chosen), np.array(left)
        most = here[np.argmax(sets.profits[here])]
        if sets.profits[most] > top + CLOSE * abs(top):
            found, top = (*chosen, int(most)), float(sets.profits[most])
        if len(chosen) + 1 == count:
            continue
        ranked = here[np.argsort(-sets.ceilings[here], kind="stable")]
        gains, room = np.maximum(sets.ceilings[ranked], 0.0), count - len(chosen) - 1
        follow = [
            (
                sets.held + float(sets.ceilings[one] + gains[i + 1 : i + 1 + room].sum() - sets.lost[one]) - slack,
                (*chosen, int(one)),
                tuple(ranked[i + 1 :].tolist()),
            )
            for i, one in enumerate(ranked)
        ]
        stack.extend(reversed(follow))
    return found, True
