"""What each lever and the answers of rivals contribute to a change: parts that add up exactly."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from math import factorial

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.rivalry.rules import Rule
from analysis.scenario import MarketModel, Scenario, simulate
from analysis.scenario import measure as measured
from analysis.scenario.levers import Lever
from analysis.scenario.plan import changes

Floats = npt.NDArray[np.float64]
Coalition = frozenset[int]
ORDERS = ("shapley", "given")
RIVALS = "rivals"
MOST_EXACT = 8
"""Players up to which every coalition is run: 256 runs."""
PAIRS = 64
"""Orders drawn for more players, each also run backwards."""


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """Change of a measure, in parts.

    Attributes
    ----------
    parts : pandas.Series
        Unit of the measure. Index: position in the scenario's levers of each family's first lever, then "rivals"
        where networks answer.
    families : tuple of tuple of int
        Positions of the levers of each part: one network, kind, timing and area, over one tier or several.
    start : float
        Share or parcels without levers; 0 for the measures that are changes by themselves.
    total : float
        Sum of the parts: the measure of the whole scenario.
    order : str
        "shapley": the mean over all orders in which levers can be added. "given": as listed, rivals last; another
        order gives other parts.
    drawn : int
        Orders drawn for "shapley" with many players; 0 where all were run.
    measure, platform, tier : str
    """

    parts: pd.Series
    families: tuple[tuple[int, ...], ...]
    start: float
    total: float
    order: str
    drawn: int
    measure: str
    platform: str
    tier: str


def attribute(
    scenario: Scenario,
    model: MarketModel,
    *,
    platform: str,
    measure: str = "share",
    tier: str = "all",
    order: str = "shapley",
    seed: int = 0,
) -> Attribution:
    """Split the change of `measure` for `platform` over the levers and the rivals' answers.

    A network with a subsidy lever of its own pays as it says and does not answer, in no part of the scenario either.

    Parameters
    ----------
    measure : str
        One of `analysis.scenario.MEASURES` but "cost_per_point", whose parts do not add up.
    order : str
        "shapley" or "given".
    seed : int
        Of the orders drawn when there are more than `MOST_EXACT` players.

    Raises
    ------
    ValueError
        For an unknown order, or a measure without a value for this network.
    """
    if order not in ORDERS:
        raise ValueError(f"{order!r} is no order: choose from {', '.join(ORDERS)}")
    if measure == "cost_per_point":
        raise ValueError("the cost per point of share has no parts that add up: split cost or share")
    scenario = replace(scenario, rules=answering(scenario, model))
    groups = families(scenario.levers)
    size = len(groups) + bool(scenario.rule_of)

    @cache
    def value(players: Coalition) -> float:
        part = _part(scenario, groups, players)
        return measured(simulate(part, model, draws=0), measure, platform, tier)

    everyone = value(frozenset(range(size))) - value(frozenset())
    if np.isnan(everyone):
        raise ValueError(f"{measure!r} has no value for {platform!r}: choose another measure or network")
    exact = size <= MOST_EXACT
    parts = ordered(value, size) if order == "given" else shapley(value, size) if exact else sampled(value, size, seed)
    return Attribution(
        parts=pd.Series(parts, [group[0] for group in groups] + [RIVALS] * (size - len(groups)), dtype=np.float64),
        families=groups,
        start=_start(scenario, model, measure, platform, tier),
        total=everyone,
        order=order,
        drawn=0 if exact or order == "given" else 2 * PAIRS,
        measure=measure,
        platform=platform,
        tier=tier,
    )


def families(levers: tuple[Lever, ...]) -> tuple[tuple[int, ...], ...]:
    """Positions of levers that differ in their tier and size alone, in the order of their first."""
    found: dict[Lever, list[int]] = {}
    for position, lever in enumerate(levers):
        found.setdefault(replace(lever, change=0.0, tier=None), []).append(position)
    return tuple(map(tuple, found.values()))


def answering(scenario: Scenario, model: MarketModel) -> tuple[tuple[str, Rule], ...]:
    """Rules of the networks that answer: those whose subsidies no lever of the scenario moves."""
    pays = {model.platforms[j] for j, cells in changes(scenario, model).subsidy.items() if cells.any()}
    return tuple((name, rule) for name, rule in scenario.rules if name not in pays)


def _part(scenario: Scenario, groups: tuple[tuple[int, ...], ...], players: Coalition) -> Scenario:
    """Scenario with the levers of `players` alone; the player after the last group is the rivals."""
    kept = sorted(position for player in players if player < len(groups) for position in groups[player])
    rules = scenario.rules if len(groups) in players else ()
    return replace(scenario, levers=tuple(scenario.levers[position] for position in kept), rules=rules)


def _start(scenario: Scenario, model: MarketModel, measure: str, platform: str, tier: str) -> float:
    if measure not in ("share", "parcels"):
        return 0.0
    still = simulate(replace(scenario, levers=(), rules=()), model, draws=0)
    frame = still.shares if measure == "share" else still.volumes
    return float(frame.loc[(tier, platform), "observed"])


def shapley(value: Callable[[Coalition], float], size: int) -> Floats:
    """Mean contribution of each of `size` players over all orders, from every coalition."""
    parts = np.zeros(size)
    for player in range(size):
        others = [other for other in range(size) if other != player]
        for met in range(size):
            weight = factorial(met) * factorial(size - met - 1) / factorial(size)
            before = map(frozenset, combinations(others, met))
            parts[player] += weight * sum(value(group | {player}) - value(group) for group in before)
    return parts


def sampled(value: Callable[[Coalition], float], size: int, seed: int) -> Floats:
    """Mean contribution over drawn orders, each with its reverse."""
    generator = np.random.default_rng(seed)
    drawn = [generator.permutation(size) for _ in range(PAIRS)]
    return np.mean([_along(value, order) for half in drawn for order in (half, half[::-1])], axis=0)


def ordered(value: Callable[[Coalition], float], size: int) -> Floats:
    """What each player adds to those before it."""
    return _along(value, np.arange(size))


def _along(value: Callable[[Coalition], float], order: npt.NDArray[np.int64]) -> Floats:
    parts = np.zeros(len(order))
    met: Coalition = frozenset()
    for player in map(int, order):
        parts[player] = value(met | {player}) - value(met)
        met |= {player}
    return parts
