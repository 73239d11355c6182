"""One plan of every kind of lever against plain loops: parcels, stations, every bill, profit."""

import numpy as np
import pytest

from analysis.scenario import KINDS, Lever, Rule, Scenario, simulate
from tests.by_hand import ITEMS, MARGIN, ByHand
from tests.small_scenario import ROUTED

CLOSE = 1e-7  # roots of guarantees are found to 1e-10 CNY, times slopes of 9; three rounds where two guarantee
LEVERS = (
    Lever("duoduo", 0.05, "Tier 3", start_month=2, ramp_months=3),
    Lever("duoduo", -0.08, "Tier 1", start_month=4, end_month=9),  # to 0 where less is paid
    Lever("jd", -0.09, "Tier 1", start_month=6),  # the larger cut is the one matched
    Lever("duoduo", 150.0, "Tier 3", kind="guarantee", start_month=3, end_month=12),
    Lever("duoduo", 0.10, "Tier 1", kind="allocation", ramp_months=4),
    Lever("cainiao", -0.60, "Tier 3", kind="allocation", start_month=5),  # all that is captive
    Lever("jd", 0.10, kind="cooperation", end_month=14),
    Lever("jd", 40.0, "Tier 3", kind="stations", ramp_months=5),
    Lever("duoduo", -30.0, "Tier 1", kind="stations", start_month=3),
    Lever("jd", 0.05, kind="shared_delivery", start_month=3),
    Lever("duoduo", 0.4, "Tier 1", kind="forwarding", end_month=10),
    Lever("cainiao", 0.1, "Tier 3", kind="forwarding"),
    Lever("cainiao", 3000.0, kind="fee_waiver", ramp_months=2),
    Lever("jd", 0.05, kind="ancillary"),
)
RULES = (("cainiao", Rule("match", 0.5, 3)),)


@pytest.mark.parametrize("response", [0.0, 0.05])
def test_a_plan_of_every_kind_number_by_number(response):
    assert {lever.kind for lever in LEVERS} == set(KINDS)
    scenario = Scenario(
        "all",
        LEVERS,
        months=16,
        growth_per_year=0.07,
        rules=RULES,
        assumptions=(("entry_response_per_1000_cny", response),),
    )
    found, hand = simulate(scenario, ROUTED, draws=0), ByHand(scenario, ROUTED, response)
    assert np.moveaxis(found.point.parcels, 1, 0) == pytest.approx(hand.parcels, rel=CLOSE)
    assert np.moveaxis(found.point.stations, 1, 0) == pytest.approx(hand.stations, rel=CLOSE)
    for item in ITEMS:
        assert found.point.bills[item].sum(axis=1) == pytest.approx(hand.bills[item], rel=CLOSE, abs=0.1), item
        assert hand.bills[item].any()
    cost = sum(hand.bills.values())
    profit = hand.parcels.sum(axis=2) * MARGIN - cost
    money = found.money()
    assert money["cost_after"].to_numpy() == pytest.approx(cost.ravel(), rel=CLOSE, abs=0.1)
    assert money["profit_after"].to_numpy() == pytest.approx(profit.ravel(), rel=CLOSE, abs=0.1)
