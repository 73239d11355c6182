"""Where the subsidy war comes to rest, if it does."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analysis.rivalry.best_response import answer, best_responses
from analysis.rivalry.game import Floats, Game, Mask, profit_at, shares_at

SETTLED = 1e-10
"""Largest residual, CNY per parcel, at which the war has settled."""
REPEATS = 1e-8
"""CNY per parcel within which a round repeats an earlier one."""
MEMORY = 24
"""Rounds among which a repeat is looked for; a longer cycle shows as unsettled."""
CALM = 120
"""Rounds of half steps: enough to halve any distance below `SETTLED` when nothing else stands in the way."""
DISTINCT = 1e-6
"""CNY per parcel by which two equilibria differ."""


@dataclass(frozen=True, slots=True, eq=False)
class Equilibrium:
    """Subsidies from which no network gains by moving alone, or what was found instead.

    Attributes
    ----------
    subsidy, shares : (P, G) float64
        CNY per parcel; contestable shares. Of the last round when there is no rest.
    profit : (P,) float64
        CNY a month.
    residual : float
        Largest distance of a subsidy from its network's best answer, CNY per parcel.
    floor : (P, G) bool
        Where a network that plays pays the floor.
    multiplier : (P,) float64
        CNY of profit that one more CNY of budget would bring; 0 where the budget does not bind.
    iterations : int
        Rounds in which every network answered once.
    status : str
        "settled", "cycle" (the answers repeat without rest) or "unsettled" (neither within the rounds allowed).
    cycle : tuple of (P, G) float64 or None
        Subsidies after each round of the cycle, in order.
    """

    subsidy: Floats
    shares: Floats
    profit: Floats
    residual: float
    floor: Mask
    multiplier: Floats
    iterations: int
    status: str
    cycle: tuple[Floats, ...] | None = None


def equilibrium(
    game: Game, *, start: Floats | None = None, tolerance: float = 1e-12, most: int = 500, damping: float = 0.0
) -> Equilibrium:
    """Networks answer one after the other, round after round, until nobody moves, or until the rounds repeat.

    Parameters
    ----------
    game : Game
    start : (P, G) float64, optional
        CNY per parcel; those in force by default. Networks that do not play stay there.
    tolerance : float
        CNY per parcel that a round may still move.
    most : int
        Rounds.
    damping : float
        Part of each step that is not taken, 0 to below 1.
    """
    subsidy = np.array(game.subsidy if start is None else start, dtype=np.float64)
    seen: list[Floats] = [subsidy]
    rounds, cycle = 0, None
    for _ in range(most):
        subsidy = _round(game, subsidy, damping)
        rounds += 1
        moved = float(np.abs(subsidy - seen[-1]).max())
        seen = [*seen[-MEMORY:], subsidy]
        if moved <= tolerance * (1 - damping):
            break
        cycle = _cycle(seen, moved)
        if cycle is not None:
            break
    return _result(game, subsidy, rounds, cycle)


def equilibria(game: Game, *, starts: int = 8, seed: int = 0) -> tuple[Equilibrium, ...]:
    """Distinct outcomes from several starts: those in force, the floor, the margins, and seeded draws between.

    Where full steps find no rest, half steps are tried, which may come to rest at an equilibrium that full steps
    circle. Equilibria come first, by the sum of subsidies, then cycles and what did not settle. What is not found may
    still exist.
    """
    found: list[Equilibrium] = []
    for start in _starts(game, starts, seed):
        end = equilibrium(game, start=start)
        calm = end if end.status == "settled" else equilibrium(game, start=start, most=CALM, damping=0.5)
        for one in (end, calm) if calm.status == "settled" else (end,):
            if not any(_same(one, other) for other in found):
                found.append(one)
    order = ("settled", "cycle", "unsettled")
    return tuple(sorted(found, key=lambda one: (order.index(one.status), float(one.subsidy.sum()))))


def path(game: Game, *, steps: int, sequential: bool = False) -> Floats:
    """Subsidies (steps + 1, P, G) from those in force, round by round.

    All answer at once to what was paid in the round before, or one after the other (`sequential`).
    """
    rounds = [np.array(game.subsidy)]
    for _ in range(steps):
        last = rounds[-1]
        rounds.append(_round(game, last, 0.0) if sequential else best_responses(game, last))
    return np.stack(rounds)


def _round(game: Game, subsidy: Floats, damping: float) -> Floats:
    subsidy = subsidy.copy()
    for row in np.flatnonzero(game.plays):
        best, _ = answer(game, int(row), subsidy)
        subsidy[row] = best + damping * (subsidy[row] - best)
    return subsidy


def _cycle(seen: list[Floats], moved: float) -> tuple[Floats, ...] | None:
    """Rounds since the last time subsidies were what they are now, unless the last step is itself that small."""
    near = min(REPEATS, moved / 1000)
    if moved < SETTLED:
        return None
    for back in range(3, len(seen) + 1):
        if np.abs(seen[-back] - seen[-1]).max() <= near:
            return tuple(seen[1 - back :])
    return None


def _result(game: Game, subsidy: Floats, rounds: int, cycle: tuple[Floats, ...] | None) -> Equilibrium:
    best, multiplier = subsidy.copy(), np.zeros(len(subsidy))
    for row in np.flatnonzero(game.plays):
        best[row], multiplier[row] = answer(game, int(row), subsidy)
    residual = float(np.abs(best - subsidy).max())
    rests = "settled" if residual < SETTLED else "unsettled"
    return Equilibrium(
        subsidy=subsidy,
        shares=shares_at(game, subsidy),
        profit=profit_at(game, subsidy),
        residual=residual,
        floor=game.plays[:, None] & game.offered & (subsidy <= game.floor),
        multiplier=multiplier,
        iterations=rounds,
        status=rests if cycle is None else "cycle",
        cycle=cycle,
    )


def _starts(game: Game, starts: int, seed: int) -> Iterator[Floats]:
    rng = np.random.default_rng(seed)
    moves = game.plays[:, None] & game.offered
    top = np.fmax(np.fmax(game.margin, game.subsidy), game.floor)
    drawn = [rng.random(top.shape) for _ in range(max(starts - 3, 0))]
    for part in [None, np.zeros(top.shape), np.ones(top.shape), *drawn][:starts]:
        between = game.subsidy if part is None else game.floor + part * (top - game.floor)
        yield np.where(moves, between, game.subsidy)


def _same(one: Equilibrium, other: Equilibrium) -> bool:
    if one.status != other.status:
        return False
    if one.cycle is None or other.cycle is None:
        return bool(np.abs(one.subsidy - other.subsidy).max() <= DISTINCT)
    return len(one.cycle) == len(other.cycle) and any(
        np.abs(one.subsidy - turn).max() <= DISTINCT for turn in other.cycle
    )
