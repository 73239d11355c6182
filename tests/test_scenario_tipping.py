"""Tipping points: there the measure is zero, on one side the sign is one, on the other the other."""

import dataclasses

import numpy as np
import pytest

from analysis import share
from analysis.economics.assumptions import values
from analysis.scenario import Lever, Scenario, market_model
from analysis.scenario.tipping import first_turn, tipping
from analysis.scenario.tornado import evaluate, inputs
from tests.small_panel import draw

NEAR = 1e-6  # the search stops at 1e-7 of the distance, and lands closer; profits are about linear in between
PANEL = draw()
MODEL = market_model(PANEL, share.fit(PANEL, ["subsidy_cny_per_parcel", "log_stations"], by="tier"), month="2025-06-01")
PLAN = Scenario("plan", (Lever("duoduo", 0.03, "Tier 3"),), months=4, assumptions=(("margin_cny_per_parcel", 0.25),))
LARGER = Scenario("larger", (Lever("duoduo", 0.06, "Tier 3"),), months=4, assumptions=PLAN.assumptions)


@pytest.fixture(scope="module")
def tips():
    return tipping(PLAN, MODEL, platform="duoduo")


def test_the_result_is_zero_at_the_tip_and_turns_there(tips):
    at = evaluate(PLAN, MODEL, platform="duoduo", measure="total_profit")
    items = {item.key: item for item in inputs(PLAN, MODEL)}
    assert {"margin_cny_per_parcel", "subsidy_effect:Tier 3"} <= {tip.key for tip in tips}
    for tip in tips:
        item = items[tip.key]
        now = at(item, item.at)
        step = 0.01 * tip.change
        assert abs(at(item, tip.value)) < NEAR * abs(now)
        assert at(item, tip.value - step) * now > 0 > at(item, tip.value + step) * now
        assert tip.flips == ("down" if now > 0 else "up")


def test_the_smallest_relative_change_comes_first(tips):
    sizes = [abs(tip.relative) for tip in tips]
    assert sizes == sorted(sizes)
    assert [tip.change for tip in tips] == pytest.approx([tip.value - tip.default for tip in tips])
    assert [tip.relative for tip in tips] == pytest.approx([tip.change / abs(tip.default) for tip in tips])


def test_the_margin_at_which_a_plan_breaks_even_is_known(tips):
    """Profit is parcels won times the margin less what is paid: the tip is their ratio."""
    at = evaluate(PLAN, MODEL, platform="duoduo", measure="total_profit")
    item = next(item for item in inputs(PLAN, MODEL) if item.key == "margin_cny_per_parcel")
    paid, won = -at(item, 0.0), at(item, 1.0) - at(item, 0.0)
    tip = next(tip for tip in tips if tip.key == "margin_cny_per_parcel")
    assert tip.value == pytest.approx(paid / won, rel=1e-6)
    assert tip.default == 0.25
    assert tip.within == (item.low <= tip.value <= item.high)


def test_inputs_that_turn_nothing_are_not_listed(tips):
    assert "opening_locker_cny" not in {tip.key for tip in tips}
    assert "growth_per_year" not in {tip.key for tip in tips}  # more parcels make a gain larger, never a loss
    assert tipping(Scenario("nothing"), MODEL, platform="duoduo") == ()


def test_the_ranking_of_two_plans_turns():
    found = tipping(PLAN, MODEL, platform="duoduo", against=(LARGER,))
    tip = next(tip for tip in found if tip.other == "larger" and tip.key == "margin_cny_per_parcel")
    own, other = (evaluate(plan, MODEL, platform="duoduo", measure="total_profit") for plan in (PLAN, LARGER))
    item = next(item for item in inputs(PLAN, MODEL) if item.key == tip.key)
    gaps = [own(item, value) - other(item, value) for value in (tip.value - 0.01, tip.value, tip.value + 0.01)]
    assert gaps[0] > 0 > gaps[2]  # a larger subsidy needs a larger margin
    assert abs(gaps[1]) < NEAR * abs(own(item, item.at))
    assert {tip.other for tip in found} == {"", "larger"}


def test_an_input_that_the_other_plan_sets_for_itself_is_left_to_it():
    fixed = dataclasses.replace(LARGER, assumptions=(("margin_cny_per_parcel", 0.6),))
    found = tipping(PLAN, MODEL, platform="duoduo", against=(fixed,))
    tip = next(tip for tip in found if tip.other and tip.key == "margin_cny_per_parcel")
    own, other = (evaluate(plan, MODEL, platform="duoduo", measure="total_profit") for plan in (PLAN, fixed))
    item, theirs = (next(i for i in inputs(plan, MODEL) if i.key == tip.key) for plan in (PLAN, fixed))
    assert own(item, tip.value) == pytest.approx(other(theirs, 0.6), rel=NEAR)


def test_no_effect_no_share():
    """Share stops rising where the subsidy has no effect: at a slope of zero, when its interval is wide enough."""
    wide = dataclasses.replace(MODEL, covariance=np.diag([1.0, 16.0, 0.0, 0.0]))
    still = dataclasses.replace(PLAN, assumptions=(("entry_response_per_1000_cny", 0.0),))
    found = tipping(still, wide, platform="duoduo", measure="share")
    tip = next(tip for tip in found if tip.key == "subsidy_effect:Tier 3")
    assert tip.value == pytest.approx(0, abs=NEAR)
    assert not [tip for tip in found if tip.key in values()]


def test_the_nearer_of_two_turns_on_one_side_is_found():
    """Loss, for a moment, between 1.2 and 1.3: at half way (1.5) and at the end (2) there is a gain again."""
    item = next(item for item in inputs(PLAN, MODEL) if item.key == "margin_cny_per_parcel")
    item = dataclasses.replace(item, at=1.0, low=0.9, high=1.5, least=0.5, most=2.0)

    def gap(_item, value):
        return (value - 1.2) * (value - 1.3)

    assert first_turn(item, gap, gap(item, 1.0), item.most) == pytest.approx(1.2, abs=NEAR)
    assert first_turn(item, gap, gap(item, 1.0), item.least) is None
    assert first_turn(item, gap, gap(item, 1.0), item.at) is None
