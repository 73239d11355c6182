"""Bounds of an allocation: floors, ceilings, cuts, least presence, and what is refused."""

import numpy as np
import pytest

from analysis.budget import BudgetError, allocate
from tests.test_budget import BOTH, OPTIMAL, three


def test_bounds_bind_with_the_right_sign():
    best = allocate(three(ceiling=np.array([0.3, 0.3, 0.1])), 4e7)
    assert best.bound[:, 0].tolist() == ["floor", "", "ceiling"]
    assert best.marginal[0, 0] < best.shadow_value < best.marginal[2, 0]
    assert best.bound[0, 1] == "none"
    assert best.kkt_residual < OPTIMAL


def test_everything_at_its_ceiling_leaves_money():
    best = allocate(three(), 1e10)
    np.testing.assert_allclose(best.subsidy, 0.3)
    assert best.shadow_value == 0
    assert best.left > 0


def test_cuts_pay_for_better_uses():
    kept, cut = three(), three(floor=np.zeros(3))
    assert allocate(cut, 1e6).value > allocate(kept, 1e6).value * 1.01
    assert allocate(cut, 5e7).spent == pytest.approx(5e7, rel=1e-9)
    assert allocate(cut, 0).value >= 0


def test_least_share_is_held_and_costs_value():
    least = np.array([0.3, 0.0, 0.0])
    free, held = allocate(three(), 1e8), allocate(three(least_share=least), 1e8)
    assert held.share[0] == pytest.approx(0.3, rel=1e-12)
    assert held.held.tolist() == [True, False, False]
    assert held.value < free.value
    assert held.kkt_residual < OPTIMAL


def test_least_stations_are_opened():
    problem = three(instruments=BOTH, least_opened=np.array([0.0, 100.0, 3000.0]))
    best = allocate(problem, 1e8)
    assert (best.opened >= problem.least_opened).all()
    assert best.kkt_residual < OPTIMAL


def test_a_presence_that_costs_more_says_which_and_how_much():
    with pytest.raises(BudgetError, match=r"Tier 2") as raised:
        allocate(three(least_share=np.array([0.0, 0.6, 0.0])), 1e7)
    assert raised.value.code == "presence_costs_more"
    needed = raised.value.values["total"]
    exact = allocate(three(least_share=np.array([0.0, 0.6, 0.0])), needed)
    assert exact.share[1] == pytest.approx(0.6, rel=1e-9)


def test_a_share_out_of_reach_says_how_far_one_gets():
    with pytest.raises(BudgetError, match=r"Tier 1.*out of reach") as raised:
        allocate(three(least_share=np.array([0.9, 0.0, 0.0])), 1e12)
    assert raised.value.code == "out_of_reach"
    assert 0.2 < raised.value.values["reached"] < 0.9


def test_a_tier_where_subsidies_win_nothing_gets_none():
    best = allocate(three(slope=np.array([-1.0, 8.0, 12.0])), 4e8)
    assert best.added[0] == 0
    assert best.spend[0].sum() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"share0": np.array([0.0, 0.3, 0.2])}, "Tier 1: the share today"),
        ({"ceiling": np.array([0.3, 0.3, 0.05])}, "Tier 3: the ceiling"),
        ({"floor": np.array([0.0, -0.1, 0.0])}, "Tier 2: the floor"),
        ({"instruments": ("bribes",)}, "no instrument"),
        ({"objective": "glory"}, "no objective"),
    ],
)
def test_impossible_problems_are_refused(changed, said):
    with pytest.raises(ValueError, match=said):
        three(**changed)


@pytest.mark.parametrize("budget", [-1.0, np.nan, np.inf])
def test_impossible_budgets_are_refused(budget):
    with pytest.raises(ValueError, match="give 0 or more"):
        allocate(three(), budget)
