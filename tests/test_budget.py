"""Allocation of a budget: conditions of an optimum, brute force, an independent solver, closed forms."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize
from scipy.special import expit, lambertw, logit

from analysis.budget import Problem, allocate, even, frontier
from analysis.budget.cost import costs

OPTIMAL = 1e-10
"""Relative: roots are found to 1e-14 and a few of them are chained."""
SOLVER = 1e-6
"""Where SLSQP stops; the value is flat at the optimum, so shares agree to about its root."""
ROUNDING = 1e-12
"""Of all parcels: a budget that moves a millionth of them is found to a millionth."""
STEP = 1e-4
"""Relative step of numerical derivatives; the error of a central difference is its square."""
BUDGETS = (1e7, 1e8, 4e8)


def three(**changed) -> Problem:
    """Three tiers, a little captive volume, one of them unpaid so far."""
    given_ = {
        "platform": "duoduo",
        "groups": ("Tier 1", "Tier 2", "Tier 3"),
        "parcels": np.array([1e9, 2e9, 1.5e9]),
        "captive": np.array([1e7, 5e7, 2e7]),
        "share0": np.array([0.2, 0.3, 0.25]),
        "subsidy0": np.array([0.0, 0.05, 0.08]),
        "slope": np.array([4.0, 8.0, 12.0]),
        "value_cny_per_parcel": np.ones(3),
        "stations": np.array([5e3, 1e4, 2e4]),
        "density": np.array([0.4, 0.3, 0.5]),
        "opening_cost_cny_per_month": np.array([3000.0, 5000.0, 9000.0]),
        "floor": np.array([0.0, 0.05, 0.08]),
        "ceiling": np.full(3, 0.3),
        "most_opened": np.array([2500.0, 5000.0, 10000.0]),
    }
    return Problem(**given_ | changed)


BOTH = ("subsidy", "stations")


def at(problem, subsidy, opened):
    """Shares and spend of any plan, straight from the formulas."""
    raised = problem.slope * (subsidy - problem.subsidy0) + problem.density * np.log1p(opened / problem.stations)
    share = expit(logit(problem.share0) + raised)
    spend = (problem.parcels * share + problem.captive) * subsidy - problem.carried * problem.subsidy0
    return share, spend + problem.opening_cost_cny_per_month * opened


def won(problem, share):
    return problem.value_cny_per_parcel * problem.parcels @ (share - problem.share0)


@st.composite
def problems(draw):
    n = draw(st.integers(1, 5))

    def some(low, high):
        return np.array(draw(st.lists(st.floats(low, high), min_size=n, max_size=n)))

    paid = some(0, 0.1)
    return Problem(
        "duoduo",
        tuple(f"t{i}" for i in range(n)),
        some(1e7, 3e9),
        some(0, 3e8),
        some(0.02, 0.9),
        paid,
        some(0.5, 20),
        some(0.1, 1),
        some(100, 3e4),
        some(0.05, 0.9),
        some(50, 20_000),
        paid,
        paid + some(0.001, 0.4),
        most_opened=some(1, 2e4),
        instruments=draw(st.sampled_from([("subsidy",), BOTH, ("stations",)])),
        objective=draw(st.sampled_from(["parcels", "profit"])),
    )


@given(problems(), st.floats(1e3, 1e9), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_no_plan_within_the_budget_does_better_than_the_bound_allows(problem, budget, seed):
    best = allocate(problem, budget)
    scale = max(best.value, 1.0)
    assert best.gap >= 0
    assert best.spent <= budget + 1e-7 * max(budget, problem.carried @ problem.subsidy0)
    rng = np.random.default_rng(seed)
    many = (200, len(problem.groups))
    subsidy = problem.floor + rng.random(many) ** 3 * (problem.ceiling - problem.floor) * (
        "subsidy" in problem.instruments
    )
    opened = rng.random(many) ** 3 * problem.most_opened * ("stations" in problem.instruments)
    for s, x in zip(subsidy, opened, strict=True):
        share, spend = at(problem, s, x)
        if spend.sum() <= budget:
            value = won(problem, share) - spend.sum() * (problem.objective == "profit")
            assert value <= best.value + best.gap + 1e-7 * scale


@given(problems(), st.floats(1e3, 1e9))
@settings(max_examples=60, deadline=None)
def test_the_plan_is_what_the_formulas_make_of_it(problem, budget):
    best = allocate(problem, budget)
    share, spend = at(problem, best.subsidy, best.opened)
    np.testing.assert_allclose(share, best.share, rtol=1e-9)
    np.testing.assert_allclose(spend, best.spend.sum(axis=1), rtol=1e-9, atol=1e-6 * budget)
    if len(costs(problem).first) == len(problem.groups):
        worth = problem.value_cny_per_parcel @ problem.parcels
        assert best.gap <= ROUNDING * worth + 1e-7 * max(best.value, budget * best.shadow_value)
        assert best.kkt_residual < 1e-7


@pytest.mark.parametrize("instruments", [("subsidy",), BOTH])
@pytest.mark.parametrize("budget", BUDGETS)
def test_conditions_hold_and_the_gap_is_rounding(instruments, budget):
    best = allocate(three(instruments=instruments), budget)
    assert best.spent == pytest.approx(budget, rel=1e-9)
    assert best.kkt_residual < OPTIMAL
    assert best.gap < OPTIMAL * best.value
    free = best.marginal[best.bound == ""]
    assert free.size
    np.testing.assert_allclose(free, best.shadow_value, rtol=OPTIMAL)


@pytest.mark.parametrize("objective", ["parcels", "profit"])
@pytest.mark.parametrize("budget", BUDGETS[:2])
def test_shadow_value_is_the_slope_of_the_value(objective, budget):
    problem = three(instruments=BOTH, objective=objective)
    low, high = (allocate(problem, budget * (1 + step)).value for step in (-STEP, STEP))
    assert (high - low) / (2 * STEP * budget) == pytest.approx(allocate(problem, budget).shadow_value, rel=SOLVER)


def test_no_money_changes_nothing():
    problem = three(instruments=BOTH)
    best = allocate(problem, 0)
    np.testing.assert_allclose(best.share, problem.share0, rtol=1e-14)
    assert not best.opened.any()
    assert best.spent == pytest.approx(0, abs=1e-6)
    assert best.shadow_value == pytest.approx((allocate(problem, 1e3).value) / 1e3, rel=1e-3)


def test_more_money_never_wins_less_and_each_yuan_wins_less():
    found = frontier(three(instruments=BOTH), np.linspace(0, 1.5e9, 31))
    assert (np.diff(found["value"]) >= -1e-6).all()
    assert (np.diff(found["shadow_value"]) <= 1e-9).all()
    assert (found["gained"] >= found["even_gained"] - 1e-3).all()
    assert found["shadow_value"].iloc[-1] == 0


def test_two_tiers_by_brute_force():
    whole = three()
    two = replace(
        whole,
        groups=whole.groups[:2],
        **{
            name: getattr(whole, name)[:2] for name in Problem.__slots__ if isinstance(getattr(whole, name), np.ndarray)
        },
    )
    budget, best = 3e8, allocate(two, 3e8)

    def rest(first):
        """Subsidy of the second tier that spends what the first leaves."""

        def over(second):
            return at(two, np.array([first, second]), np.zeros(2))[1].sum() - budget

        return brentq(over, two.floor[1], 0.6) if over(two.floor[1]) < 0 else np.nan

    grid = np.linspace(0, 0.3, 3001)
    plans = np.array([(first, second) for first in grid if (second := rest(first)) <= 0.3])
    value = np.array([won(two, at(two, plan, np.zeros(2))[0]) for plan in plans])
    assert value.max() <= best.value * (1 + 1e-12)
    assert value.max() == pytest.approx(best.value, rel=1e-7)
    np.testing.assert_allclose(plans[value.argmax()], best.subsidy, atol=2e-4)


@pytest.mark.parametrize("instruments", [("subsidy",), BOTH])
def test_an_independent_solver_agrees(instruments):
    problem, budget = three(instruments=instruments), 4e8
    room = np.r_[problem.ceiling - problem.floor, problem.most_opened * ("stations" in instruments)]

    def plan(part):
        subsidy, opened = np.split(part * room, 2)
        return at(problem, problem.floor + subsidy, opened)

    found = minimize(
        lambda part: -won(problem, plan(part)[0]) / 1e9,
        np.full(6, 0.3),
        bounds=[(0, 1)] * 6,
        constraints={"type": "ineq", "fun": lambda part: (budget - plan(part)[1].sum()) / 1e8},
        options={"ftol": 1e-15, "maxiter": 1000},
        method="SLSQP",
    )
    best = allocate(problem, budget)
    assert -found.fun * 1e9 == pytest.approx(best.value, rel=SOLVER)
    np.testing.assert_allclose(plan(found.x)[0], best.share, rtol=1e-3)


def test_one_tier_spends_what_its_share_costs():
    # One instrument, no captive parcels: B = N S s - N S0 s0 with s = s0 + (logit S - logit S0) / b.
    one = Problem("jd", ("a",), *(np.array([v]) for v in (1e9, 0, 0.2, 0.03, 6, 1, 1, 0, 1, 0.03, 5)))

    def spend(share):
        return 1e9 * (share * (0.03 + (logit(share) - logit(0.2)) / 6) - 0.2 * 0.03)

    best = allocate(one, 1e8)
    assert best.share[0] == pytest.approx(brentq(lambda s: spend(s) - 1e8, 0.2, 0.99, xtol=1e-15), rel=1e-10)


def test_profit_stops_where_the_lambert_function_says():
    # Monopoly logit: m - s = (1 + W(exp(a + b m - 1))) / b with log-odds a + b s, from m - s = 1 / (b (1 - S)).
    share0, paid, slope, margin = 0.2, 0.03, 6.0, 0.6
    numbers = (1e9, 0, share0, paid, slope, margin, 1, 0, 1, paid, 5)
    one = Problem("jd", ("a",), *(np.array([v]) for v in numbers), objective="profit")
    a = logit(share0) - slope * paid
    subsidy = margin - (1 + lambertw(np.exp(a + slope * margin - 1)).real) / slope
    best = allocate(one, 1e12)
    assert best.subsidy[0] == pytest.approx(subsidy, rel=1e-10)
    assert best.shadow_value == 0
    assert best.left == pytest.approx(1e12 - best.spent)


def test_money_that_earns_less_than_it_costs_is_kept():
    poor = three(objective="profit", value_cny_per_parcel=np.full(3, 0.05))
    best = allocate(poor, 1e8)
    np.testing.assert_allclose(best.share, poor.share0, rtol=1e-12)
    assert best.left == pytest.approx(1e8)
    assert best.value == pytest.approx(0, abs=1e-6)


def test_order_of_tiers_does_not_matter():
    problem, order = three(instruments=BOTH), [2, 0, 1]
    arrays = {n: getattr(problem, n)[order] for n in Problem.__slots__ if isinstance(getattr(problem, n), np.ndarray)}
    turned = replace(problem, groups=tuple(problem.groups[i] for i in order), **arrays)
    plain, found = allocate(problem, 1e8), allocate(turned, 1e8)
    np.testing.assert_allclose(found.spend, plain.spend[order], rtol=1e-9, atol=1e-3)
    assert found.shadow_value == pytest.approx(plain.shadow_value, rel=OPTIMAL)


def test_fen_instead_of_yuan():
    problem = three(instruments=BOTH)
    money = ("subsidy0", "opening_cost_cny_per_month", "floor", "ceiling")
    fen = replace(problem, slope=problem.slope / 100, **{name: getattr(problem, name) * 100 for name in money})
    plain, found = allocate(problem, 1e8), allocate(fen, 1e10)
    np.testing.assert_allclose(found.share, plain.share, rtol=1e-9)
    assert found.shadow_value == pytest.approx(plain.shadow_value / 100, rel=OPTIMAL)


def test_parcels_in_thousands():
    problem = three()
    thousands = replace(problem, parcels=problem.parcels / 1e3, captive=problem.captive / 1e3)
    np.testing.assert_allclose(allocate(thousands, 1e5).share, allocate(problem, 1e8).share, rtol=1e-9)


def test_like_tiers_get_like_money():
    problem = three(instruments=BOTH)
    same = {
        n: np.repeat(getattr(problem, n)[1], 3)
        for n in Problem.__slots__
        if isinstance(getattr(problem, n), np.ndarray)
    }
    best = allocate(replace(problem, **same), 3e8)
    np.testing.assert_allclose(best.spend, best.spend[[0, 0, 0]], rtol=1e-9)
    plain = even(replace(problem, instruments=("subsidy",), **same), 3e8)
    np.testing.assert_allclose(allocate(replace(problem, instruments=("subsidy",), **same), 3e8).share, plain.share)
