"""Bills of every draw, and incomes and arrivals of stations, by hand."""

import dataclasses
import math

import numpy as np
import pytest
from scipy.optimize import brentq

from analysis.scenario import Lever, Projection, Scenario, simulate
from tests.by_hand import FEE, OTHER, SPREAD, ByHand, phi, put
from tests.small_scenario import CAINIAO, DUODUO, JD, ROUTED, plan, point

SINGLE = 2e-5  # draws are single precision, and bills are differences of sums of them
FIXED = {"cainiao": 7300 / 30, "duoduo": 7300 / 30, "jd": 3250 / 30}  # rent, wages, fines of a station, a partner store
UNPAID = dataclasses.replace(ROUTED, subsidy=np.zeros_like(ROUTED.subsidy), guarantee=np.zeros_like(ROUTED.guarantee))
"""The market without any bill."""
ONE = dataclasses.replace(
    UNPAID, guarantee=np.where((np.arange(4)[:, None] == DUODUO) & np.isin(np.arange(12), (3, 8)), 130.0, 0.0)
)
"""A guarantee of one network in one city of each tier."""


def drawn(*levers: Lever, model=ROUTED, still: bool = True, months: int = 4) -> Projection:
    scenario = plan(*levers, months=months, still=still, growth_per_year=0.2)
    return simulate(scenario, model, draws=25, seed=1)


def cost(found: Projection, j: int) -> np.ndarray:
    """Change of cost in the last month, by draw."""
    return found.accounts.cost_change[:, -1, j]


def parcels(found: Projection, j: int) -> np.ndarray:
    """Parcels in the last month (draws, tiers)."""
    return found.drawn.volumes[:, -1, :, j] * found.drawn.growth[:, -1, None]


def test_what_a_guarantee_tops_up_in_a_draw_is_the_put_at_its_fee_spread_and_parcels():
    """In the one city of each tier that is guaranteed, all else follows from the tier's parcels."""
    more = 70.0
    found = drawn(Lever("duoduo", more, kind="guarantee", cities=(ROUTED.cities[3], ROUTED.cities[8])), model=ONE)
    values, size = found.drawn.values, found.drawn.growth[:, -1]
    now = found.drawn.volumes[:, -1, :, DUODUO]
    expected = np.zeros(25)
    for t, city in enumerate((3, 8)):
        inside = ROUTED.span(ROUTED.tiers[t])
        usual, stations = ROUTED.parcels[DUODUO, city], ROUTED.stations[DUODUO, city]
        lifted = found.point.parcels[DUODUO, -1]
        for d in range(25):
            fee, spread = (values[key][d] for key in ("handling_fee_cny_per_parcel", "spread_of_stations"))
            after = now[d, t] * lifted[city] / lifted[inside].sum() * size[d] / stations / 30
            before = usual * size[d] / stations / 30
            expected[d] += 30 * stations * (put(130 + more, fee, after, spread) - put(130.0, fee, before, spread))
    assert cost(found, DUODUO) == pytest.approx(expected, rel=1e-4)
    assert expected.std() > 0.2 * expected.mean()


def test_what_opening_costs_is_drawn_and_waived_fees_are_drawn_with_the_stations_that_change_hands():
    found = drawn(Lever("jd", 200.0, kind="stations", ramp_months=4), model=UNPAID)
    assert cost(found, JD) == pytest.approx(200 / 4 * found.drawn.values["opening_partner_store_cny"], rel=SINGLE)
    both = Lever("duoduo", 120.0, kind="stations", ramp_months=4), Lever("duoduo", 1000.0, kind="fee_waiver")
    found = drawn(*both, model=UNPAID)
    values, there = found.drawn.values, ROUTED.stations[DUODUO].sum() + 120
    expected = 30 * (values["opening_station_cny"] + 1000) + 1000 * values["openings_per_month"] * there
    assert cost(found, DUODUO) == pytest.approx(expected, rel=SINGLE)
    assert np.ptp(values["opening_station_cny"]) > 5000


def test_what_shared_delivery_keeps_is_drawn():
    found = drawn(Lever("jd", 0.08, kind="shared_delivery"), model=UNPAID)
    kept = 1 - found.drawn.values["shared_pass_on"]
    expected = -0.08 * kept * parcels(found, JD).sum(axis=1)
    assert cost(found, JD) == pytest.approx(expected, rel=SINGLE)
    assert np.ptp(kept) > 0.4


def test_a_subsidy_is_paid_on_the_parcels_of_the_draw():
    found = drawn(Lever("jd", 0.06), model=UNPAID)
    assert cost(found, JD) == pytest.approx(0.06 * parcels(found, JD).sum(axis=1), rel=SINGLE)
    usual = UNPAID.volumes[:, JD].sum() * found.drawn.growth[:, -1]
    gain = (parcels(found, JD).sum(axis=1) - usual) * found.drawn.values["margin_cny_per_parcel"] - cost(found, JD)
    assert found.accounts.profit_change[:, -1, JD] == pytest.approx(gain, rel=SINGLE, abs=50)


def earn_less(income: float, mean: float, j: str, subsidy: float, guarantee: float) -> float:
    """Fraction of a city's stations that earn less than `income` a day, where income rises with parcels."""
    rate = FEE[j] + subsidy
    assert guarantee == 0
    at = (income + FIXED[j]) / (rate + OTHER)
    if at <= 0:
        return 0.0
    width = math.sqrt(math.log(1 + SPREAD**2))
    return phi(math.log(at / mean) / width + width / 2)


def test_the_middle_station_of_all_cities_counts_every_city_by_its_stations():
    model = dataclasses.replace(ROUTED, guarantee=np.zeros_like(ROUTED.guarantee))
    found = point(plan(Lever("duoduo", 0.05)), model)
    for name in ("cainiao", "duoduo", "jd"):
        j = model.platforms.index(name)
        mean = found.point.parcels[j, -1] / model.stations[j] / 30
        paid = model.subsidy[j] + 0.05 * (name == "duoduo")
        for tier, cities in {"all": range(12), "Tier 1": range(6), "Tier 3": range(6, 12)}.items():
            many = sum(model.stations[j, c] for c in cities)

            def under(income: float, *, at=cities, j=j, name=name, mean=mean, paid=paid, many=many) -> float:
                parts = [model.stations[j, c] * earn_less(income, mean[c], name, paid[c], 0.0) for c in at]
                return sum(parts) / many

            row = found.station_income.loc[(tier, name)]
            middle = brentq(lambda income, under=under: under(income) - 0.5, -1000, 3000)
            assert row["income_after"] == pytest.approx(30 * middle, rel=1e-6)
            assert row["below_after"] == pytest.approx(under(0.0), abs=1e-9)
            plain = np.mean([under(0.0, at=[c], many=model.stations[j, c]) for c in cities])
            assert name != "cainiao" or abs(plain - row["below_after"]) > 0.02  # unweighted would be something else


def test_a_waived_fee_brings_stations_as_income_over_two_years_does_within_one():
    found = simulate(Scenario("w", (Lever("jd", 4800.0, kind="fee_waiver"),), months=3), ROUTED, draws=0)
    first = 0.04 * 4800 / 24 / 1000 / 12  # 4 % more for every 1,000 CNY a month, a twelfth of it a month
    entry = found.point.entry[JD]
    assert entry[:2] == pytest.approx(0, abs=1e-15)
    assert entry[2] == pytest.approx(np.full(12, first), rel=1e-9)
    hand = ByHand(found.scenario, ROUTED, 0.04)
    assert np.moveaxis(found.point.stations, 1, 0) == pytest.approx(hand.stations, rel=1e-9)
    assert np.moveaxis(found.point.parcels, 1, 0) == pytest.approx(hand.parcels, rel=1e-9)


def test_captive_parcels_stay_where_stations_come_and_go():
    lever = Lever("jd", 0.2, "Tier 3", kind="ancillary")
    scenario = Scenario("c", (lever,), months=30, growth_per_year=0.1)
    found = simulate(scenario, ROUTED, draws=0)
    hand = ByHand(scenario, ROUTED, 0.04)
    assert np.moveaxis(found.point.stations, 1, 0) == pytest.approx(hand.stations, rel=1e-9)
    assert np.moveaxis(found.point.parcels, 1, 0) == pytest.approx(hand.parcels, rel=1e-9)
    entry = found.point.entry[:, -1]
    assert entry[JD, 6:].min() > 0.05
    assert (entry[:, :6] == 0).all()  # Tier 1 is untouched
    lost = 1 - found.point.parcels[CAINIAO, -1] / ROUTED.parcels[CAINIAO] / 1.1**2.5
    assert lost[:6] == pytest.approx(0, abs=1e-12)
    assert lost[6:].min() > 0
