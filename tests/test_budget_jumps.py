"""Allocation where the cost of a share is not convex: what the gap certifies and what the next yuan gains."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.budget import allocate
from analysis.budget.cost import costs
from tests.test_budget import STEP, at, three


def test_a_cost_that_is_not_convex_is_certified_by_its_gap():
    # Mostly captive parcels: below S = k / (1 + 2 k) one more point of share is cheaper than the one before.
    problem = three(captive=np.array([3e9, 5e7, 2e7]), share0=np.array([0.03, 0.3, 0.25]), ceiling=np.full(3, 2.0))
    k = problem.captive[0] / problem.parcels[0]
    assert problem.share0[0] < k / (1 + 2 * k)
    for budget in (1e9, 2.2e9, 4e9):
        best = allocate(problem, budget)
        assert best.spent == pytest.approx(budget, rel=1e-6)
        first = np.linspace(0, 2, 101)
        value = np.nan
        for s in first:
            spend = at(problem, np.r_[s, problem.subsidy0[1:]], np.zeros(3))[1]
            if spend.sum() > budget:
                break
            rest = replace(problem, floor=np.r_[s, problem.floor[1:]], ceiling=np.r_[s, problem.ceiling[1:]])
            value = np.fmax(value, allocate(rest, budget).value)
        assert value <= best.value + best.gap + 1e-6 * best.value
        assert best.value >= 0.97 * value


@pytest.mark.parametrize("objective", ["parcels", "profit"])
def test_shadow_value_is_the_slope_of_the_value_where_the_cost_is_not_convex(objective):
    """Half of the small network's parcels are captive: within the jump the next yuan gains more than the one before."""
    worth = 1.0 if objective == "parcels" else 5.0
    problem = three(
        captive=np.array([5e8, 5e8, 2e7]),
        share0=np.array([0.03, 0.05, 0.25]),
        ceiling=np.full(3, 1.5),
        objective=objective,
        value_cny_per_parcel=np.full(3, worth),
    )
    assert len(costs(problem).first) > 3
    loose = 0
    for budget in np.geomspace(1e4, 2e9, 25):
        best = allocate(problem, budget)
        low, high = (allocate(problem, budget * (1 + step)).value for step in (-STEP, STEP))
        assert (high - low) / (2 * STEP * budget) == pytest.approx(best.shadow_value, rel=1e-4)
        assert best.kkt_residual < 1e-6
        loose += best.gap > 1e-3 * best.value
    assert loose
