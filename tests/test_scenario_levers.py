"""Every lever by hand: what it moves, what it costs, where it stops."""

import numpy as np
import pandas as pd
import pytest

from analysis.economics.incomes import top_up
from analysis.scenario import Lever, market_model, measure
from analysis.scenario.plan import OWN_ORDERS, courier_share
from tests.small_scenario import DUODUO, FIT, MODEL, MONTH, PANEL, plan, point

SUMS = 1e-12  # sums of a thousand cells


def logit(change: np.ndarray, j: int = DUODUO) -> np.ndarray:
    """Parcels of all networks by city when the log-odds of one change."""
    weight = MODEL.sigma.copy()
    weight[j] = weight[j] * np.exp(change)
    return MODEL.captive + MODEL.free * weight / weight.sum(axis=0)


@pytest.mark.parametrize(("guarantee", "growth"), [(40.0, 0.0), (150.0, 0.3), (-60.0, 0.0)])
def test_a_guarantee_is_worth_its_top_up_at_the_parcels_it_wins_and_costs_it(guarantee, growth):
    found = point(plan(Lever("duoduo", guarantee, kind="guarantee"), Lever("duoduo", 0.02), growth_per_year=growth))
    stations, size = MODEL.stations[DUODUO], (1 + growth) ** 0.5
    paid = MODEL.subsidy[DUODUO] + 0.02

    def each(level: float, rate: np.ndarray, parcels: np.ndarray) -> np.ndarray:
        return top_up(level, 0.35 + rate, parcels / stations / 30, 0.8)

    after, before = found.point.parcels[DUODUO, -1], MODEL.parcels[DUODUO] * size
    worth = each(60 + guarantee, paid, after) / (after / stations / 30)
    worth = worth - each(60, MODEL.subsidy[DUODUO], before) / (before / stations / 30)
    expected = logit(MODEL.slopes[MODEL.group] * (0.02 + 0.8 * worth))
    assert found.point.parcels[:, -1] == pytest.approx(size * expected, rel=1e-7)
    assert (np.sign(worth[np.abs(worth) > 1e-9]) == np.sign(guarantee)).mean() > 0.9
    bill = (each(60 + guarantee, paid, after) * stations).sum() * 30
    assert found.bill.loc[("duoduo", "top_up"), "after"] == pytest.approx(bill, rel=1e-9, abs=1e-6)


def test_new_stations_work_through_density_and_cost_their_opening():
    found = point(plan(Lever("duoduo", 480.0, "Tier 3", kind="stations", ramp_months=4)))
    inside = np.zeros(len(MODEL.cities))
    inside[MODEL.span("Tier 3")] = MODEL.parcels.sum(axis=0)[MODEL.span("Tier 3")]
    added = 480 * inside / inside.sum()
    change = MODEL.density[MODEL.group] * np.log((MODEL.stations[DUODUO] + added) / MODEL.stations[DUODUO])
    assert found.point.parcels[:, -1] == pytest.approx(logit(change), rel=1e-10)
    opened = [path["openings"][:, :, DUODUO].sum() for path in (found.base.bills, found.point.bills)]
    assert opened == pytest.approx([0.0, 480 * 5000.0])


def test_closing_more_than_there_are_keeps_one_and_says_so():
    found = point(plan(Lever("duoduo", -1e6, kind="stations")))
    assert {c.code for c in found.warnings} == {"closed_all"}
    assert found.station_income.loc[("all", "duoduo"), "stations_after"] == pytest.approx(len(MODEL.cities))


def test_allocation_routes_part_of_the_owners_orders():
    orders = pd.DataFrame({"Alibaba": 0.0, "Pinduoduo": 0.3 * MODEL.parcels.sum(axis=0)}, list(MODEL.cities))
    model = market_model(PANEL, FIT, month=MONTH, own_orders=orders)
    found = point(plan(Lever("duoduo", 0.2, kind="allocation")), model)
    moved = 0.2 * orders["Pinduoduo"].to_numpy()
    expected = MODEL.sigma * (MODEL.free - moved)
    expected[DUODUO] += moved
    assert found.point.parcels[:, -1] == pytest.approx(expected, rel=1e-10)
    assert found.warnings == ()
    guessed = point(plan(Lever("duoduo", 0.2, kind="allocation")))
    assert [c.code for c in guessed.warnings] == ["assumed_orders"]
    part = OWN_ORDERS["Pinduoduo"] * 0.2
    share = MODEL.parcels[DUODUO].sum() / MODEL.parcels.sum()
    assert guessed.shares.loc[("all", "duoduo"), "point"] == pytest.approx(share * (1 - part) + part, rel=1e-9)


def test_routing_takes_no_more_than_there_is():
    orders = pd.DataFrame({"Alibaba": 0.9, "Pinduoduo": 0.9}, list(MODEL.cities)).mul(MODEL.parcels.sum(axis=0), axis=0)
    model = market_model(PANEL, FIT, month=MONTH, own_orders=orders)
    both = plan(Lever("duoduo", 0.9, kind="allocation"), Lever("cainiao", 0.9, kind="allocation"))
    found = point(both, model)
    assert {c.code for c in found.warnings} == {"captive_limit"}
    assert found.shares.loc["all", "point"][["duoduo", "cainiao"]].to_numpy() == pytest.approx(0.5, abs=1e-9)


def test_cooperation_steers_part_of_one_couriers_parcels():
    found = point(plan(Lever("duoduo", 0.25, kind="cooperation", courier="ZTO")))
    part = 0.25 * courier_share("ZTO")
    assert 0.15 < courier_share("ZTO") < 0.25  # published: 19 % of all parcels in 2025
    share = MODEL.parcels[DUODUO].sum() / MODEL.parcels.sum()
    assert found.shares.loc[("all", "duoduo"), "point"] == pytest.approx(share * (1 - part) + part, rel=1e-9)
    with pytest.raises(ValueError, match="no published share of 'Nobody'"):
        point(plan(Lever("duoduo", 0.25, kind="cooperation", courier="Nobody")))


def test_shared_delivery_saves_money_and_passes_part_of_it_on():
    found = point(plan(Lever("duoduo", 0.1, kind="shared_delivery")))
    as_subsidy = point(plan(Lever("duoduo", 0.05)))  # half of it is passed on
    assert found.point.parcels == pytest.approx(as_subsidy.point.parcels, rel=1e-12)
    parcels = found.volumes.loc[("all", "duoduo"), "point"]
    assert found.bill.loc[("duoduo", "savings"), "after"] == pytest.approx(-0.05 * parcels, rel=SUMS)  # half is kept


def test_forwarding_reaches_the_provinces_named_and_makes_the_market_larger():
    found = point(plan(Lever("duoduo", 1.5, kind="forwarding", province="Tibet")))
    inside = np.array(MODEL.province) == "Tibet"
    assert (found.cities["duoduo"].to_numpy() > 0).tolist() == inside.tolist()
    share = MODEL.parcels[DUODUO] / MODEL.parcels.sum(axis=0)
    grown = found.point.parcels[:, -1].sum(axis=0) / MODEL.parcels.sum(axis=0)
    assert grown == pytest.approx(np.where(inside, np.exp(0.3 * 1.5 * share / 7.5), 1.0), rel=1e-10)
    bill = found.bill.loc[("duoduo", "forwarding"), "after"]
    assert bill == pytest.approx(1.5 * found.point.parcels[DUODUO, -1][inside].sum(), rel=SUMS)


def test_a_waiver_brings_entrants_and_is_paid_on_every_new_station():
    nothing = point(plan(Lever("duoduo", 0.0), still=False, months=14))
    found = point(plan(Lever("duoduo", 6000.0, kind="fee_waiver"), still=False, months=14))
    assert nothing.point.entry is None
    more = found.station_income.loc[("all", "duoduo")]
    assert more["stations_after"] > more["stations_before"]
    assert found.bill.loc[("duoduo", "waivers"), "after"] >= 6000 * 0.036 * more["stations_after"] * 0.999
    assert point(plan(Lever("duoduo", 6000.0, kind="fee_waiver"))).cost.loc["duoduo", "change"] == pytest.approx(
        6000 * 0.036 * MODEL.stations[DUODUO].sum()
    )


def test_ancillary_income_makes_stations_live():
    found = point(plan(Lever("duoduo", 0.1, kind="ancillary"), still=False, months=18))
    row = found.station_income.loc[("all", "duoduo")]
    assert row["income_after"] > row["income_before"]
    assert row["below_after"] < row["below_before"]
    assert measure(found, "share", "duoduo") > 0  # through the stations that come
    assert measure(point(plan(Lever("duoduo", 0.1, kind="ancillary"))), "share", "duoduo") == 0


@pytest.mark.parametrize(
    ("lever", "code"),
    [
        (Lever("duoduo", 0.05, start_month=20), "after_horizon"),
        (Lever("duoduo", -200.0, kind="guarantee"), "guarantee_at_zero"),
        (Lever("duoduo", -0.3, kind="allocation"), "captive_none"),
        (Lever("duoduo", 3.0, kind="forwarding"), "outside_observed_range"),
        (Lever("duoduo", 0.05, cities=("999999",)), "not_offered"),
    ],
)
def test_what_a_lever_cannot_do_is_said(lever, code):
    assert code in {c.code for c in point(plan(lever)).warnings}
    assert code not in {c.code for c in point(plan(Lever("duoduo", -0.01, "Tier 3"))).warnings}


def test_the_cities_of_a_plan_have_shares_of_their_own():
    inside = ("000001", "000003")
    found = point(plan(Lever("duoduo", 0.05, cities=inside)))
    here = np.isin(MODEL.cities, inside)
    parcels = found.point.parcels[:, -1, here].sum(axis=1)
    assert found.area["point"].to_numpy() == pytest.approx(parcels / parcels.sum(), rel=SUMS)
    assert found.area["observed"].sum() == pytest.approx(1)
    assert found.area.loc["duoduo", "point"] > found.area.loc["duoduo", "observed"]
    assert point(plan(Lever("duoduo", 0.05))).area.empty
