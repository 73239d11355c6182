"""The path of a scenario: every lever by hand, months, rivals, entry, money, laws."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import share
from analysis.economics.incomes import top_up
from analysis.scenario import KINDS, Lever, MarketModel, Rule, Scenario, fitting, market_model, measure, simulate
from analysis.scenario.answers import game_of
from analysis.scenario.plan import OWN_ORDERS, courier_share
from tests.small_panel import draw

EXACT = 1e-14  # a zero policy multiplies shares by one
SUMS = 1e-12  # sums of a thousand cells
SINGLE = 2e-5  # draws are single precision, and differences of sums lose digits
MONTH = "2025-06-01"
STILL = (("entry_response_per_1000_cny", 0.0),)
PANEL = draw().assign(
    stations=lambda p: np.exp(p["log_stations"]).round(),
    guarantee_cny_per_day=lambda p: np.where(p["platform"] == "duoduo", 60.0, 0.0),
    province=lambda p: np.where(p["city"].cat.codes % 4 == 0, "Tibet", "Zhejiang"),
)
FIT = share.fit(PANEL, ["subsidy_cny_per_parcel", "log_stations"], by="tier")
MODEL = market_model(PANEL, FIT, month=MONTH)
DUODUO, CAINIAO, JD = (MODEL.platforms.index(name) for name in ("duoduo", "cainiao", "jd"))


def plan(*levers: Lever, months: int = 6, still: bool = True, **options: object) -> Scenario:
    return Scenario("test", levers, months=months, assumptions=STILL if still else (), **options)


def point(scenario: Scenario, model: MarketModel = MODEL):
    return simulate(scenario, model, draws=0)


def total(projection, platform: str) -> np.ndarray:
    """Parcels of a network month by month."""
    return projection.point.volumes[:, :, projection.model.platforms.index(platform)].sum(axis=1)


sized = [
    st.builds(
        Lever,
        st.sampled_from(["cainiao", "duoduo", "jd"]),
        st.floats(kind.low, kind.high),
        st.sampled_from([None, *MODEL.tiers]),
        kind=st.just(name),
        province=st.sampled_from([None, "Tibet"]),
        start_month=st.integers(1, 4),
        ramp_months=st.integers(0, 4),
        end_month=st.sampled_from([None, 5, 6]),
    )
    for name, kind in KINDS.items()
]
rules = st.sampled_from([(), (("jd", Rule("match", 0.5, 2)),), (("jd", Rule("best_response", lag_months=2)),)])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.one_of(sized), max_size=4), rules)
def test_shares_add_to_one_in_every_tier_and_draw(levers, given_rules):
    found = simulate(plan(*levers, still=False, rules=given_rules, growth_per_year=0.1), MODEL, draws=3)
    assert (found.point.parcels >= -1e-6).all()
    for tier in (*MODEL.tiers, "all"):
        path = found.path(tier)
        assert path["point"].groupby("month").sum().to_numpy() == pytest.approx(1, abs=SUMS)
        assert ((path["low_95"] >= -1e-9) & (path["high_95"] <= 1 + 1e-9)).all()
    demand = any(lever.kind == "forwarding" for lever in levers)
    if not demand:
        grown = found.model.parcels.sum() * found.point.growth
        assert found.point.volumes.sum(axis=(1, 2)) == pytest.approx(grown, rel=1e-9)


@settings(deadline=None, max_examples=20)
@given(st.sampled_from(list(KINDS)), rules)
def test_the_zero_policy_changes_nothing(kind, given_rules):
    scenario = plan(Lever("duoduo", 0.0, kind=kind), still=False, rules=given_rules, growth_per_year=0.05)
    found = simulate(scenario, MODEL, draws=10)
    assert (found.shares["point"] - found.shares["observed"]).abs().max() <= EXACT
    assert (found.shares["low_95"] - found.shares["observed"]).abs().max() <= EXACT
    assert found.cost.empty
    assert found.profit[["change", "total", "low_95", "high_95"]].abs().max(axis=None) < 1e-6
    assert found.cities.abs().max(axis=None) <= EXACT


def test_the_observed_month_stays_and_a_ramp_grows_evenly():
    found = point(plan(Lever("duoduo", 0.06, start_month=2, ramp_months=3, end_month=6)))
    paid = found.subsidies().xs("duoduo", level="platform")
    before = MODEL.subsidy[DUODUO]
    parcels = found.point.parcels[DUODUO]
    for month, part in enumerate((0.0, 0.0, 1 / 3, 2 / 3, 1.0, 1.0, 0.0)):
        expected = (parcels[month] * (before + 0.06 * part)).sum() / parcels[month].sum()
        assert paid["after"].iloc[month] == pytest.approx(expected, rel=SUMS)
    assert total(found, "duoduo")[[0, 1, 6]] == pytest.approx(MODEL.parcels[DUODUO].sum(), rel=SUMS)
    assert total(found, "duoduo")[4] == pytest.approx(total(found, "duoduo")[5], rel=SUMS)


def test_growth_scales_volumes_and_leaves_shares():
    found = point(plan(Lever("duoduo", 0.05), months=12, growth_per_year=0.2))
    flat = point(plan(Lever("duoduo", 0.05), months=12))
    assert total(found, "duoduo")[-1] == pytest.approx(1.2 * total(flat, "duoduo")[-1], rel=SUMS)
    pd.testing.assert_frame_equal(found.shares, flat.shares, rtol=SUMS)


def logit(change: np.ndarray, j: int = DUODUO) -> np.ndarray:
    """Parcels of all networks by city when the log-odds of one change."""
    weight = MODEL.sigma.copy()
    weight[j] = weight[j] * np.exp(change)
    return MODEL.captive + MODEL.free * weight / weight.sum(axis=0)


def test_a_guarantee_is_worth_its_top_up_per_parcel_and_costs_it():
    found = point(plan(Lever("duoduo", 40.0, kind="guarantee")))
    stations = MODEL.stations[DUODUO]
    mean = MODEL.parcels[DUODUO] / stations / 30
    worth = (
        top_up(100, 0.35 + MODEL.subsidy[DUODUO], mean, 0.8) - top_up(60, 0.35 + MODEL.subsidy[DUODUO], mean, 0.8)
    ) / mean
    assert (worth > 0).all()
    expected = logit(MODEL.slopes[MODEL.group] * worth)
    assert found.point.parcels[:, -1] == pytest.approx(expected, rel=1e-10)
    after = expected[DUODUO] / stations / 30
    bill = (top_up(100, 0.35 + MODEL.subsidy[DUODUO], after, 0.8) * stations).sum() * 30
    assert found.bill.loc[("duoduo", "top_up"), "after"] == pytest.approx(bill, rel=1e-10)


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
    assert found.bill.loc[("duoduo", "savings"), "after"] == pytest.approx(-0.1 * parcels, rel=SUMS)


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


def test_stations_come_until_what_they_earn_explains_them():
    found = point(plan(Lever("duoduo", 0.03), still=False, months=40))
    after, before = found.point.incomes()[0], found.base.incomes()[0]
    goal = 0.04 / 1000 * (after - before)[-1]
    assert found.point.entry[-1] == pytest.approx(goal, abs=0.02 * np.abs(goal).max())
    assert found.point.entry[0] == pytest.approx(0)
    assert (found.point.entry[-1][:, DUODUO] > 0).all()
    assert (found.point.entry[-1][:, JD] < 0).all()


def test_a_rival_matches_part_of_the_change_after_its_lag():
    scenario = plan(Lever("duoduo", 0.05, "Tier 3"), rules=(("cainiao", Rule("match", 0.5, 3)),))
    found = point(scenario)
    added = found.point.found.subsidy[CAINIAO]
    inside = np.zeros(len(MODEL.cities), dtype=bool)
    inside[MODEL.span("Tier 3")] = True
    assert added[:4].any() == np.False_
    assert added[4:] == pytest.approx(np.tile(0.025 * inside, (3, 1)))
    by_hand = point(plan(Lever("duoduo", 0.05, "Tier 3"), Lever("cainiao", 0.025, "Tier 3", start_month=4)))
    assert found.point.parcels == pytest.approx(by_hand.point.parcels, rel=1e-12)
    still = point(plan(Lever("duoduo", 0.05, "Tier 3"), rules=(("cainiao", Rule("match", 0.0, 3)),)))
    assert still.point.parcels == pytest.approx(point(plan(Lever("duoduo", 0.05, "Tier 3"))).point.parcels, rel=1e-12)


def test_a_network_with_levers_of_its_own_does_not_answer():
    levers = Lever("duoduo", 0.05), Lever("cainiao", 0.01)
    answered = point(plan(*levers, rules=(("cainiao", Rule("match", 1.0, 1)),)))
    assert answered.point.parcels == pytest.approx(point(plan(*levers)).point.parcels, rel=1e-12)


ONE_EACH = market_model(PANEL[PANEL["city"].isin(["000000", "000001"])], FIT, month=MONTH)


def test_best_responses_come_to_rest_where_nobody_gains_by_moving():
    rivals = (("cainiao", Rule("best_response")), ("jd", Rule("best_response")))
    found = simulate(plan(Lever("duoduo", 0.06), months=40, rules=rivals), ONE_EACH, draws=0)
    assert "unsettled" not in {c.code for c in found.warnings}
    margin = game_of(ONE_EACH).margin
    end = game_of(
        ONE_EACH,
        found.point.parcels[:, -1],
        np.stack([found.point.paid_by(j)[-1] for j in range(4)]),
        margin=margin,
    )
    from analysis.rivalry.game import profit_at

    for j in (CAINIAO, JD):
        own = profit_at(end, end.subsidy)[j]
        for group in range(2):
            for step in np.linspace(-0.02, 0.02, 9):
                other = end.subsidy.copy()
                other[j, group] = max(other[j, group] + step, 0.0)
                assert profit_at(end, other)[j] <= own + 1e-6 * abs(own)


def test_a_budget_is_not_exceeded_by_much():
    spent = float((ONE_EACH.parcels * ONE_EACH.subsidy)[CAINIAO].sum())
    rule = Rule("budget", lag_months=1, budget_cny_per_month=spent / 2)
    found = simulate(plan(Lever("duoduo", 0.02), months=30, rules=(("cainiao", rule),)), ONE_EACH, draws=0)
    assert found.bill.loc[("cainiao", "subsidy"), "after"] == pytest.approx(spent / 2, rel=0.02)


def test_draws_collapse_to_the_point_without_uncertainty():
    certain = dataclasses.replace(MODEL, covariance=np.zeros_like(MODEL.covariance), growth=(0.0, 0.0))
    levers = Lever("duoduo", 0.03), Lever("duoduo", 30.0, kind="guarantee"), Lever("jd", 200, kind="stations")
    found = simulate(plan(*levers, still=False), certain, draws=7, vary=("parameters", "growth"))
    tables = found.shares, found.volumes, found.cost.assign(point=found.cost["change"])
    for table in tables:
        for band in ("low_95", "median", "high_95"):
            assert table[band].to_numpy() == pytest.approx(table["point"].to_numpy(), rel=SINGLE * 20)
    assert found.profit["low_95"].to_numpy() == pytest.approx(found.profit["change"].to_numpy(), rel=1e-3, abs=1.0)
    assert set(found.profit["chance"]) <= {0.0, 1.0}


def test_sources_of_uncertainty_vary_apart_and_scenarios_share_their_draws():
    scenario = plan(Lever("duoduo", 0.03), still=False)
    widths = {}
    for vary in ((), ("parameters",), ("assumptions",), ("parameters", "growth", "assumptions")):
        row = simulate(scenario, MODEL, draws=200, vary=vary).profit.loc["duoduo"]
        widths[vary] = row["high_95"] - row["low_95"]
    assert widths[()] == pytest.approx(0, abs=1e-3 * widths["parameters",])
    assert widths["parameters", "growth", "assumptions"] > max(widths["parameters",], widths["assumptions",])
    again = simulate(scenario, MODEL, draws=200)
    other = simulate(dataclasses.replace(scenario, name="again"), MODEL, draws=200)
    assert np.array_equal(again.drawn.volumes, other.drawn.volumes)
    with pytest.raises(ValueError, match="'luck' does not vary"):
        simulate(scenario, MODEL, draws=2, vary=("luck",))


def test_order_of_networks_and_halves_of_a_city_do_not_matter():
    scenario = plan(Lever("duoduo", 0.03, "Tier 3"), Lever("jd", 20.0, kind="guarantee"), still=False)
    turned = PANEL.assign(platform=PANEL["platform"].cat.reorder_categories(["home", "jd", "duoduo", "cainiao"]))
    other = point(scenario, market_model(turned, FIT, month=MONTH)).shares["point"]
    found = point(scenario).shares["point"]
    pd.testing.assert_series_equal(other.reindex(found.index), found, rtol=1e-10)
    half = PANEL.assign(parcels=PANEL["parcels"] / 2, stations=PANEL["stations"])
    twin = half.assign(city=half["city"].cat.rename_categories(lambda c: f"9{c[1:]}"))
    both = pd.concat([half.astype({"city": str}), twin.astype({"city": str})]).astype({"city": "category"})
    split = point(plan(Lever("duoduo", 0.03, "Tier 3")), market_model(both, FIT, month=MONTH))
    pd.testing.assert_series_equal(
        split.shares["point"], point(plan(Lever("duoduo", 0.03, "Tier 3"))).shares["point"], rtol=1e-10
    )


def test_flows_add_up_to_what_the_network_won():
    found = point(plan(Lever("duoduo", 0.05)))
    assert found.flows.net["duoduo"] == pytest.approx(measure(found, "parcels", "duoduo"), rel=1e-9)
    assert found.flows.matrix["duoduo"].sum() == pytest.approx(found.flows.gained["duoduo"])


def test_measures_and_their_refusals():
    found = point(plan(Lever("duoduo", 0.05)))
    points = 100 * measure(found, "share", "duoduo")
    assert measure(found, "cost_per_point", "duoduo") == pytest.approx(measure(found, "cost", "duoduo") / points)
    assert np.isnan(measure(found, "cost_per_point", "jd"))
    assert measure(found, "total_profit", "duoduo") == pytest.approx(found.profit.loc["duoduo", "total"])
    with pytest.raises(ValueError, match="'luck' is no measure"):
        measure(found, "luck", "duoduo")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Lever("duoduo", float("nan")), "give a number"),
        (lambda: Lever("duoduo", 1, kind="magic"), "'magic' is no lever"),
        (lambda: Lever("duoduo", 1, start_month=0), "month 1 or later"),
        (lambda: Lever("duoduo", 1, start_month=3, end_month=3), "before it starts"),
        (lambda: Scenario("x", months=0), "give 1 to 120"),
        (lambda: Scenario("x", growth_per_year=3), "growth is 3"),
        (
            lambda: point(Scenario("x", rules=(("nobody", Rule("match")),), levers=(Lever("jd", 0.1),))),
            "'nobody' is not",
        ),
        (lambda: point(Scenario("x", assumptions=(("magic", 1.0),))), "'magic' is no assumption"),
        (lambda: Rule("guess"), "'guess' is no rule"),
        (lambda: Rule("match", share=3), "give 0 to 2"),
    ],
)
def test_bad_input_is_refused_with_what_to_do(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_plan_from_another_market_is_cut_to_what_is_here():
    foreign = plan(
        Lever("duoduo", 0.02), Lever("mama", 0.02), Lever("jd", 0.1, "Tier 5"), rules=(("mama", Rule("match")),)
    )
    kept, out = fitting(foreign, MODEL)
    assert [lever.platform for lever in kept.levers] == ["duoduo"]
    assert kept.rules == ()
    assert [lever.platform for lever in out] == ["mama", "jd"]
    point(kept)
