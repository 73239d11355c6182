"""A budget on a market: tiers added up, levers, and the allocation worked out again by the scenario engine."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from analysis import share
from analysis.budget import BudgetError, allocate, frontier, least_budget, levers, problem, retrace
from analysis.budget.cost import GRID, costs
from analysis.budget.problem import LIFE_MONTHS
from analysis.scenario import Lever, Scenario, market_model, simulate
from tests.small_panel import draw
from tests.small_scenario import MODEL as ENGINE
from tests.test_budget import BOTH, three

SAME = 1e-9
"""One city a tier: allocation and engine use the same formula, in another order."""
BILLED = 1e-6
"""Of the budget: levers carry twelve digits."""
SPREAD = 1e-3
"""Many cities: what the spread of shares within a tier does to a change of a few points."""
MONTH = "2025-06-01"
PANEL = draw()
FIT = share.fit(PANEL, ["subsidy_cny_per_parcel", "log_stations"], by="tier")
MANY = market_model(PANEL, FIT, month=MONTH)
ONE_EACH = market_model(draw(cities=2), FIT, month=MONTH)


@pytest.mark.parametrize("instruments", [("subsidy",), BOTH, ("stations",)])
@pytest.mark.parametrize("budget", [1e4, 1e5, 1e6])
def test_the_engine_finds_the_same_shares_with_one_city_a_tier(instruments, budget):
    found = allocate(problem(ONE_EACH, "duoduo", instruments=instruments), budget)
    traced = retrace(found, ONE_EACH)
    assert traced["difference"].abs().max() < SAME
    assert (traced["allocated"] > traced["before"]).any()
    money = max(found.spent, 1.0)
    np.testing.assert_allclose(traced["paid_simulated"], traced["paid_allocated"], atol=BILLED * money)
    assert traced.at["all", "paid_allocated"] == pytest.approx(found.spend[:, 0].sum())
    if "stations" in instruments:
        spread, billed = traced["opening_allocated"], traced["opening_simulated"]
        np.testing.assert_allclose(billed, LIFE_MONTHS * spread, atol=BILLED * money)
        assert spread["all"] == pytest.approx(found.spend[:, 1].sum())
    else:
        assert "opening_simulated" not in traced


def test_the_engine_bills_what_the_allocation_spends_on_subsidies():
    found = allocate(problem(ONE_EACH, "duoduo"), 1e5)
    plan = Scenario("budget", levers(found), months=1, assumptions=(("entry_response_per_1000_cny", 0.0),))
    bill = simulate(plan, ONE_EACH, draws=0).bill.loc[("duoduo", "subsidy")]
    assert bill["after"] - bill["before"] == pytest.approx(found.spent, rel=1e-6)


def test_many_cities_differ_and_the_difference_is_told():
    traced = retrace(allocate(problem(MANY, "duoduo"), 3e6), MANY)
    assert 0 < traced["difference"].abs().max() < SPREAD
    assert traced.loc["all", "allocated"] > traced.loc["all", "before"]


def test_tiers_add_up_to_the_market():
    p = problem(MANY, "duoduo")
    j = MANY.platforms.index("duoduo")
    np.testing.assert_allclose(p.carried, MANY.volumes[:, j], rtol=1e-12)
    np.testing.assert_allclose(p.whole, MANY.volumes.sum(axis=1), rtol=1e-12)
    paid = MANY.by_tier(MANY.parcels[j] * MANY.subsidy[j]) / MANY.by_tier(MANY.parcels[j])
    np.testing.assert_allclose(p.subsidy0, paid, rtol=1e-12)


def test_first_yuan_does_what_the_cities_together_would():
    p = problem(MANY, "duoduo")
    plan = Scenario("one", (Lever("duoduo", 1e-6),), months=1, assumptions=(("entry_response_per_1000_cny", 0.0),))
    volumes = simulate(plan, MANY, draws=0).volumes.xs("duoduo", level="platform").loc[list(p.groups)]
    gained = (volumes["point"] - volumes["observed"]).to_numpy() / 1e-6
    np.testing.assert_allclose(p.parcels * p.share0 * (1 - p.share0) * p.slope, gained, rtol=1e-4)


def test_levers_say_what_the_allocation_says():
    found = allocate(problem(ONE_EACH, "duoduo", instruments=BOTH), 2e5)
    pulled = levers(found)
    by_kind = {(lever.tier, lever.kind): lever.change for lever in pulled}
    for tier, added, opened in zip(found.problem.groups, found.added, found.opened, strict=True):
        assert by_kind.get((tier, "subsidy"), 0.0) == pytest.approx(added, abs=1e-12)
        assert by_kind.get((tier, "stations"), 0.0) == pytest.approx(opened, abs=1e-12)
    assert not levers(allocate(problem(ONE_EACH, "duoduo"), 0))


def test_least_share_of_all_parcels_is_held():
    tier = MANY.tiers[0]
    p = problem(MANY, "duoduo", least_share={tier: 0.3})
    found = allocate(p, 2 * least_budget(p))
    assert found.shares[1][0] == pytest.approx(0.3, rel=1e-9)
    with pytest.raises(BudgetError, match=tier):
        allocate(p, least_budget(p) / 2)


def test_least_stations_are_there():
    tier = MANY.tiers[1]
    p = problem(
        MANY, "duoduo", instruments=BOTH, least_stations={tier: 2500.0}, assumptions={"opening_station_cny": 2e4}
    )
    found = allocate(p, 1e6)
    assert found.problem.stations[1] + found.opened[1] >= 2500 * (1 - 1e-12)


def test_margin_values_parcels_when_profit_counts():
    found = allocate(problem(MANY, "duoduo", objective="profit", assumptions={"margin_cny_per_parcel": 0.5}), 1e12)
    assert found.left > 0
    assert (found.problem.value_cny_per_parcel == 0.5).all()
    np.testing.assert_allclose(found.marginal[found.bound == ""], 1.0, rtol=1e-9)


def test_only_the_tiers_asked_for():
    p = problem(MANY, "duoduo", tiers=[MANY.tiers[1]])
    assert p.groups == (MANY.tiers[1],)
    with pytest.raises(BudgetError, match="carries nothing") as raised:
        problem(MANY, "duoduo", tiers=["Tier 5"])
    assert raised.value.code == "no_network"


@pytest.mark.parametrize("name", ["home", "nobody"])
def test_networks_that_cannot_pay_are_refused(name):
    with pytest.raises(ValueError, match="no network of this market"):
        problem(MANY, name)


def test_captive_parcels_make_the_first_points_of_share_dear():
    # dC/dS falls below S = k / (1 + 2 k), k = K/N, and rises above it: the second run begins there.
    whole = three(captive=np.array([5e8, 0.0, 0.0]), share0=np.array([0.03, 0.3, 0.25]), ceiling=np.full(3, 2.0))
    curves = costs(whole)
    second = expit(curves.first[(curves.tier == 0) & (curves.first > curves.low[0])])
    step = (curves.high[0] - curves.low[0]) / (GRID - 1)
    assert second == pytest.approx([0.5 / 2], abs=step)
    assert (np.bincount(curves.tier) == [2, 1, 1]).all()


def test_stations_keep_the_cost_convex_where_density_is_below_one():
    # Without captive parcels b C'' S (1 - S)^2 / N = 1 - d (1 - S)^2 where both move, above 0 for d < 1.
    assert len(costs(three(instruments=BOTH, captive=np.zeros(3))).first) == 3


def test_frontier_compares_the_same_money():
    points = frontier(problem(MANY, "duoduo", objective="profit"), [0, 1e5, 1e9])
    assert (points["share"] >= points["even_share"] - 1e-9).all()
    assert points["spent"].iloc[-1] < 1e9
    assert points["share"].iloc[0] == pytest.approx(points["even_share"].iloc[0], rel=1e-9)


def test_guarantees_in_force_are_topped_up_in_the_scenario_alone():
    found = allocate(problem(ENGINE, "duoduo"), 1e6)
    traced, plain = retrace(found, ENGINE), retrace(found, replace(ENGINE, guarantee=np.zeros_like(ENGINE.guarantee)))
    assert traced.at["all", "paid_simulated"] < plain.at["all", "paid_simulated"]
    assert traced.at["all", "paid_allocated"] == plain.at["all", "paid_allocated"]
