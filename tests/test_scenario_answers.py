"""Rivals' answers by hand: what each would find by trying out every subsidy, tier by tier."""

import dataclasses

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from analysis.scenario import Lever, MarketModel, Rule, Scenario, market_model, simulate
from tests.by_hand import ByHand
from tests.small_scenario import CAINIAO, DUODUO, FIT, JD, MONTH, PANEL, ROUTED, STILL, plan, point

CLOSE = 2e-6  # CNY: how exactly the top of a flat curve is found by trying
USUAL_MARGIN = 0.30
TRIES = np.linspace(0.0, 1.2, 1201)
BEST = Rule("best_response")
TINY = 1e-6  # CNY: a change nobody needs to answer


def sums(model: MarketModel, cells: np.ndarray) -> np.ndarray:
    """By tier."""
    return np.stack([cells[..., a:b].sum(axis=-1) for a, b in zip(model.bounds, model.bounds[1:], strict=False)], -1)


class Tiers:
    """Each tier's average market: contestable shares and parcels, captive parcels, subsidies paid."""

    def __init__(self, model: MarketModel, parcels: np.ndarray, captive: np.ndarray, subsidy: np.ndarray) -> None:
        total, self.captive = sums(model, parcels), sums(model, captive)
        free = total - self.captive
        self.size = free.sum(axis=0)
        self.share = free / self.size
        self.paid = sums(model, parcels * subsidy) / total
        self.slope = np.array([model.slopes[model.group[model.bounds[t]]] for t in range(len(model.tiers))])

    def volume(self, j: int, t: int, cny: np.ndarray | float) -> np.ndarray:
        lifted = self.share[j, t] * np.exp(self.slope[t] * (cny - self.paid[j, t]))
        return self.size[t] * lifted / (lifted + 1 - self.share[j, t]) + self.captive[j, t]

    def margin(self, j: int, t: int) -> float:
        """Margin at which another cent would earn no more; where nothing is paid, no more than is usual."""
        share, captive = self.share[j, t], self.captive[j, t] / self.size[t]
        found = self.paid[j, t] + (share + captive) / (self.slope[t] * share * (1 - share))
        return found if self.paid[j, t] > 0 else min(found, USUAL_MARGIN)

    def best(self, j: int, t: int, margin: float) -> float:
        """Subsidy that earns most, found by trying."""
        earned = self.volume(j, t, TRIES) * (margin - TRIES)
        at = TRIES[earned.argmax()]
        if at == 0:
            return 0.0
        around = minimize_scalar(
            lambda cny: -self.volume(j, t, cny) * (margin - cny) / self.size[t],
            bounds=(at - 0.001, at + 0.001),
            method="bounded",
            options={"xatol": 1e-10},
        )
        return float(around.x)


def observed(model: MarketModel) -> Tiers:
    return Tiers(model, model.parcels, model.captive, model.subsidy)


def after(levers: tuple[Lever, ...], model: MarketModel, month: int) -> Tiers:
    """The market in a month under these levers alone."""
    hand = ByHand(Scenario("then", levers, months=month), model)
    paid = model.subsidy.copy()
    captive = model.captive.copy()
    for city in range(len(model.cities)):
        captive[:, city] += hand.routed(city, month)
        for j in range(len(paid)):
            paid[j, city] = max(paid[j, city] + hand.total("subsidy", j, city, month), 0.0)
    return Tiers(model, hand.parcels[month], captive, paid)


def answers(model: MarketModel, levers: tuple[Lever, ...], rivals: tuple[int, ...], months: int = 2) -> np.ndarray:
    """What the rivals add to their subsidies (months + 1, networks, tiers)."""
    found = simulate(
        Scenario(
            "best",
            levers,
            months=months,
            rules=tuple((model.platforms[k], BEST) for k in rivals),
            assumptions=STILL,
        ),
        model,
        draws=0,
    ).point.found.subsidy
    zero = np.zeros((months + 1, len(model.cities)))
    return np.stack([found.get(j, zero)[:, model.bounds[:-1]] for j in range(len(model.platforms))], axis=1)


PLANS = {
    "subsidy": (Lever("duoduo", 0.10),),
    "routing": (Lever("duoduo", 0.25, kind="allocation"),),
    "less routing": (Lever("cainiao", -0.2, kind="allocation"),),
    "all": (
        Lever("duoduo", 0.06, "Tier 3"),
        Lever("duoduo", -0.05, "Tier 1"),
        Lever("cainiao", -0.1, kind="allocation"),
        Lever("duoduo", 120.0, kind="guarantee"),
        Lever("duoduo", 50.0, kind="stations"),
        Lever("cainiao", 0.2, kind="forwarding"),
    ),
}
PAYS_NOTHING = dataclasses.replace(ROUTED, subsidy=np.where(np.arange(4)[:, None] == JD, 0.0, ROUTED.subsidy))


@pytest.mark.parametrize("model", [ROUTED, PAYS_NOTHING], ids=["paying", "jd pays nothing"])
@pytest.mark.parametrize("name", PLANS)
def test_a_best_answer_is_what_trying_every_subsidy_finds(name, model):
    first, then = observed(model), after(PLANS[name], model, 1)
    found = answers(model, PLANS[name], (CAINIAO, JD))
    for k in (CAINIAO, JD):
        for t in range(len(model.tiers)):
            margin = first.margin(k, t)
            expected = then.best(k, t, margin) - first.best(k, t, margin)
            assert found[2, k, t] == pytest.approx(expected, abs=CLOSE), (k, t)
    assert not found[:2, [CAINIAO, JD]].any()
    assert np.abs(found[2, [CAINIAO, JD]]).max() > 0.001


def test_the_second_answer_sees_the_first():
    levers = PLANS["all"]
    found = answers(ROUTED, levers, (CAINIAO, JD), months=3)
    given = tuple(
        Lever(ROUTED.platforms[k], found[2, k, t], tier, start_month=2)
        for k in (CAINIAO, JD)
        for t, tier in enumerate(ROUTED.tiers)
    )
    first, then = observed(ROUTED), after((*levers, *given), ROUTED, 2)
    for k in (CAINIAO, JD):
        for t in range(2):
            margin = first.margin(k, t)
            expected = then.best(k, t, margin) - first.best(k, t, margin)
            assert found[3, k, t] == pytest.approx(expected, abs=CLOSE)
    assert np.abs(found[3] - found[2]).max() > 10 * CLOSE


def test_who_would_earn_more_by_paying_nothing_does_not_stop_at_the_first_occasion():
    """With most parcels captive no margin makes the subsidy paid the best one; the answer is to the change alone."""
    captive, free = ROUTED.captive * 4, ROUTED.free * 0.3
    model = dataclasses.replace(ROUTED, captive=captive, free=free)
    first = observed(model)
    jumps = [first.paid[CAINIAO, t] - first.best(CAINIAO, t, first.margin(CAINIAO, t)) for t in range(len(model.tiers))]
    assert max(jumps) > 0.02
    found = answers(model, (Lever("duoduo", TINY),), (CAINIAO,), months=4)
    assert np.abs(found).max() < 1e-4
    said = simulate(plan(Lever("duoduo", TINY), rules=(("cainiao", BEST),)), model, draws=0).warnings
    assert "doubtful_margin" in {caution.code for caution in said}


def test_where_nothing_is_paid_no_more_than_the_usual_margin_is_assumed():
    first, then = observed(PAYS_NOTHING), after(PLANS["subsidy"], PAYS_NOTHING, 1)
    share, captive = first.share[JD], first.captive[JD] / first.size
    largest = (share + captive) / (first.slope * share * (1 - share))
    assert largest.max() > 1.05 * USUAL_MARGIN  # so that the limit binds somewhere
    margin = 0.45
    scenario = plan(*PLANS["subsidy"], rules=(("jd", BEST),), months=2)
    raised = dataclasses.replace(scenario, assumptions=(*STILL, ("margin_cny_per_parcel", margin)))
    for chosen, plans in ((USUAL_MARGIN, scenario), (margin, raised)):
        added = point(plans, PAYS_NOTHING).point.found.subsidy[JD][2, list(PAYS_NOTHING.bounds[:-1])]
        limited = np.minimum(largest, chosen)
        assert added == pytest.approx([then.best(JD, t, limited[t]) for t in range(2)], abs=CLOSE)


def test_a_guarantee_is_matched_in_part_after_the_lag_where_it_takes_place():
    levers = Lever("duoduo", 80.0, "Tier 3", kind="guarantee"), Lever("jd", -70.0, "Tier 1", kind="guarantee")
    found = point(plan(*levers, months=5, rules=(("cainiao", Rule("match", 0.5, 2)),)), ROUTED)
    added = found.point.found.guarantee[CAINIAO]
    expected = np.zeros((6, 12))
    expected[3:, 6:] = 40.0  # jd guarantees nothing, so there is nothing to cut in Tier 1
    assert added == pytest.approx(expected, abs=1e-12)
    level = ROUTED.guarantee[CAINIAO] + expected[-1]
    assert found.point.guaranteed_by(CAINIAO)[-1] == pytest.approx(level)
    assert found.bill.loc[("cainiao", "top_up"), "after"] > 1.2 * found.bill.loc[("cainiao", "top_up"), "before"]
    assert found.point.guaranteed_by(DUODUO)[-1] == pytest.approx(
        ROUTED.guarantee[DUODUO] + 80.0 * (np.arange(12) >= 6)
    )


def test_a_budget_holds_in_money_of_the_month_while_parcels_grow():
    one_each = market_model(PANEL[PANEL["city"].isin(["000000", "000001"])], FIT, month=MONTH)
    budget = 0.6 * float((one_each.parcels * one_each.subsidy)[CAINIAO].sum())
    rules = (("cainiao", Rule("budget", lag_months=1, budget_cny_per_month=budget)),)
    found = point(plan(Lever("duoduo", 0.02), months=36, growth_per_year=0.3, rules=rules), one_each)
    spent = found.point.bills["subsidy"][12:, :, CAINIAO].sum(axis=1)
    # The month's answer rests on the shares of the month before, which hardly move any more.
    assert spent == pytest.approx(budget, rel=0.005)
