"""How rivals answer, worked out along the point path and then held in the draws.

Who matches adds part of the largest change of the others, some months later. Who answers best looks at the month before
and solves its own problem by tier, on the tier's average market, at the margins that its present subsidies imply.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from analysis.rivalry.game import Game
from analysis.rivalry.rules import Rule
from analysis.scenario.contest import Floats, MarketModel
from analysis.scenario.engine import respond
from analysis.scenario.levers import Scenario
from analysis.scenario.plan import Caution, Cells, Changes
from data.platforms import OUTSIDE

REST_CNY = 1e-4
"""A subsidy that moves less between two answers has come to rest."""
DOUBTS = {"doubtful_margin": ("above_fee", "no_best_answer"), "limit_margin": ("only_a_limit",)}
"""Cautions, and the doubts about implied margins that they stand for."""


def answered(
    scenario: Scenario, model: MarketModel, found: Changes, growth: Floats, values: Mapping[str, float]
) -> tuple[Changes, list[Caution]]:
    """The changes with what rivals add to their subsidies and guarantees, and what to know about it.

    A network that pays as its own levers say does not answer; nobody answers where nothing changes.
    """
    planned = {k for k, cells in found.subsidy.items() if cells.any()}
    rules = {k: r for k, r in _rules(scenario, model).items() if k not in planned}
    if not rules or not found.touched:
        return found, []
    first = min(lever.start_month for lever in scenario.levers if lever.change)
    matched = {k: rule for k, rule in rules.items() if rule.kind == "match"}
    subsidy = {k: match(k, rule, found.subsidy, model.subsidy, model, found.months) for k, rule in matched.items()}
    guarantee = {
        k: match(k, rule, found.guarantee, model.guarantee, model, found.months) for k, rule in matched.items()
    }
    found = found.with_answers(
        *({k: cells for k, cells in side.items() if cells.any()} for side in (subsidy, guarantee))
    )
    best = {k: rule for k, rule in rules.items() if rule.kind in ("best_response", "budget")}
    return _best(best, first, model, found, growth, values) if best else (found, [])


def _rules(scenario: Scenario, model: MarketModel) -> dict[int, Rule]:
    unknown = [name for name in scenario.rule_of if name not in model.platforms]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not in this market: choose from {', '.join(model.platforms)}")
    return {model.platforms.index(name): rule for name, rule in scenario.rule_of.items()}


def match(k: int, rule: Rule, cells: Cells, level: Floats, model: MarketModel, months: int) -> Floats:
    """Part of the largest change that the plan makes to another network, city by city, after the lag.

    What counts is the change that takes place: nothing falls below 0. (months, cities).
    """
    others = [np.maximum(change, -level[j]) for j, change in cells.items() if j != k]
    if not others:
        return np.zeros((months + 1, len(model.cities)))
    stack = np.stack(others)
    largest = np.take_along_axis(stack, np.abs(stack).argmax(axis=0)[None], axis=0)[0]
    late = np.zeros_like(largest)
    late[rule.lag_months :] = largest[: len(largest) - rule.lag_months]
    return rule.share * late * model.offered[k]


def game_of(
    model: MarketModel,
    parcels: Floats | None = None,
    subsidy: Floats | None = None,
    captive: Floats | None = None,
    *,
    margin: Floats | None = None,
    budget: Floats | None = None,
    plays: npt.NDArray[np.bool_] | None = None,
    usual_margin: float = np.inf,
) -> Game:
    """The game of one month by tier, on each tier's average market.

    Parameters
    ----------
    parcels, subsidy, captive : (networks, cities) float64, optional
        Parcels a month, CNY per parcel, and parcels that routing fixes; the observed month by default.
    margin : (networks, tiers) float64, optional
        CNY per parcel; those that the subsidies imply by default.
    budget : (networks,) float64, optional
        CNY a month; no limit by default.
    plays : (networks,) bool, optional
        Who answers; all but home delivery by default.
    usual_margin : float
        Where a network pays nothing, its subsidy only says how high its margin may be; this is the most then assumed.
    """
    from analysis.rivalry.margins import implied_margin

    parcels = model.parcels if parcels is None else parcels
    total = model.by_tier(parcels)
    fixed = model.by_tier(model.captive if captive is None else captive)
    paid = model.by_tier(parcels * (model.subsidy if subsidy is None else subsidy))
    free = np.maximum(total - fixed, 0.0)
    size = free.sum(axis=0)
    slope = np.add.reduceat(model.slopes[model.group], np.array(model.bounds[:-1])) / np.diff(model.bounds)
    game = Game(
        platforms=model.platforms,
        groups=model.tiers,
        share=np.divide(free, size, out=np.zeros_like(free), where=size > 0),
        parcels=size,
        captive=fixed,
        subsidy=paid / np.where(total > 0, total, 1.0),
        slope=slope,
        margin=np.zeros_like(free) if margin is None else margin,
        budget=np.full(len(total), np.inf) if budget is None else budget,
        plays=np.array(model.platforms) != OUTSIDE if plays is None else plays,
        offered=model.by_tier(model.offered.astype(np.float64)) > 0,
    )
    if margin is not None:
        return game
    implied = implied_margin(game)
    limited = np.where(game.subsidy > 0, implied, np.minimum(implied, usual_margin))
    return replace(game, margin=limited)


def _best(
    rules: dict[int, Rule],
    first: int,
    model: MarketModel,
    found: Changes,
    growth: Floats,
    values: Mapping[str, float],
) -> tuple[Changes, list[Caution]]:
    from analysis.rivalry.best_response import best_response
    from analysis.rivalry.margins import doubts

    base = game_of(model, usual_margin=values["margin_cny_per_parcel"])
    budget = np.full(len(model.platforms), np.inf)
    for k, rule in rules.items():
        budget[k] = rule.budget_cny_per_month if rule.kind == "budget" else np.inf
    rest = {
        k: base.subsidy[k] if rule.kind == "budget" else best_response(base, k, base.subsidy)
        for k, rule in rules.items()
    }
    size = (found.months + 1, len(model.cities))
    added = {k: np.zeros(size) for k in rules}
    now, moved = {k: np.zeros(len(model.tiers)) for k in rules}, dict.fromkeys(rules, 0.0)
    sizes = np.diff(model.bounds)
    for t in range(first + 1, found.months + 1):
        due = [k for k, rule in rules.items() if (t - first) % rule.lag_months == 0]
        if due:
            game = _seen(model, found, added, values, t - 1, base.margin, budget / growth[t])
            for k in due:
                wanted = best_response(game, k, game.subsidy) - rest[k]
                moved[k] = float(np.abs(wanted - now[k]).max())
                now[k] = wanted
        for k in rules:
            added[k][t] = np.repeat(now[k], sizes) * model.offered[k]
    cautions = [Caution("unsettled", {"platform": model.platforms[k]}) for k in rules if moved[k] > REST_CNY]
    found_doubts = doubts(base)
    for code, names in DOUBTS.items():
        doubtful = np.isin(found_doubts, names).sum(axis=1) > 0
        cautions += [Caution(code, {"platform": model.platforms[k]}) for k in rules if doubtful[k]]
    return found.with_answers(added, {}), cautions


def _seen(
    model: MarketModel,
    found: Changes,
    added: Cells,
    values: Mapping[str, float],
    month: int,
    margin: Floats,
    budget: Floats,
) -> Game:
    """The game as it stands in a month, with the answers given so far."""
    then = found.with_answers(added, {})
    parcels = respond(model, then, values, month)
    paid, captive = model.subsidy.copy(), model.captive.copy()
    for j, cells in then.subsidy.items():
        paid[j] = np.maximum(paid[j] + cells[month], 0.0)
    for j, cells in then.routed.items():
        captive[j] += cells[month]
    return game_of(model, parcels, paid, captive, margin=margin, budget=budget)
