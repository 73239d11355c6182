"""What more money would win, and what the same subsidy everywhere would."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.budget.allocate import spend_on
from analysis.budget.cost import Point, costs
from analysis.budget.problem import Problem


def even(problem: Problem, budget_cny_per_month: float) -> Point:
    """The budget spent as the same CNY per parcel added in every tier, up to each ceiling.

    What must be held (least shares, least stations) is not asked of it.
    """
    from scipy.optimize import brentq

    room = float((problem.ceiling - problem.subsidy0).max())
    if _even_at(problem, room).cost.sum() <= budget_cny_per_month:
        return _even_at(problem, room)
    added = brentq(lambda more: _even_at(problem, more).cost.sum() - budget_cny_per_month, 0.0, room, xtol=1e-15)
    return _even_at(problem, added)


def _even_at(problem: Problem, added: float) -> Point:
    p = problem
    subsidy = np.minimum(p.subsidy0 + added, np.maximum(p.ceiling, p.subsidy0))
    slope = np.maximum(p.slope, 0.0)
    odds = p.share0 / (1 - p.share0) * np.exp(slope * (subsidy - p.subsidy0))
    share = odds / (1 + odds)
    cost = (p.parcels * share + p.captive) * subsidy - p.carried * p.subsidy0
    return Point(share, subsidy, np.zeros_like(share), cost, np.full_like(share, np.nan))


def frontier(problem: Problem, budgets: Sequence[float]) -> pd.DataFrame:
    """What each budget wins at its best, and what the same money evenly spread would.

    Returns
    -------
    pandas.DataFrame
        Index budget (CNY a month). `share`, `even_share`: of all parcels of the tiers (fractions); `gained`,
        `even_gained`: parcels a month; `spent`: CNY a month; `value`; `shadow_value`; `gap`.
    """
    p, whole, curves = problem, problem.whole.sum(), costs(problem)
    rows = []
    for budget in budgets:
        best = spend_on(curves, budget)
        plain = even(p, max(best.spent, 0.0))
        gained, evenly = best.gained.sum(), (p.parcels * (plain.share - p.share0)).sum()
        rows.append(
            {
                "share": (p.carried.sum() + gained) / whole,
                "even_share": (p.carried.sum() + evenly) / whole,
                "gained": gained,
                "even_gained": evenly,
                "spent": best.spent,
                "value": best.value,
                "shadow_value": best.shadow_value,
                "gap": best.gap,
            }
        )
    return pd.DataFrame(rows, pd.Index(list(budgets), name="budget", dtype=np.float64))
