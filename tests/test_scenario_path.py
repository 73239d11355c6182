"""The path of a scenario: every lever by hand, months, rivals, entry, money, laws."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.economics.incomes import median_income
from analysis.scenario import KINDS, Lever, Rule, Scenario, fitting, market_model, measure, simulate
from analysis.scenario.answers import game_of
from tests.small_scenario import CAINIAO, DUODUO, FIT, JD, MODEL, MONTH, PANEL, plan, point, total

EXACT = 1e-14  # a zero policy multiplies shares by one
SUMS = 1e-12  # sums of a thousand cells
SINGLE = 2e-5  # draws are single precision, and differences of sums lose digits
MATCH = (("cainiao", Rule("match", 1.0, 0)),)
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


def income(path, j: int) -> np.ndarray:
    """Income of the median station of a network (months, cities), CNY a month."""
    costs = path.upkeep
    return 30 * median_income(
        path.parcels[j] / path.stations[j] / 30,
        path.values["spread_of_stations"],
        fee=costs.fee[j],
        subsidy=path.paid_by(j),
        ancillary=costs.ancillary[j] + path.found.ancillary.get(j, 0.0),
        variable=costs.variable[j],
        fixed=costs.fixed[j],
        guarantee=path.guaranteed_by(j),
    )


@pytest.mark.parametrize("response", [0.04, 0.10])
def test_stations_follow_the_incomes_of_the_year_before(response):
    levers = Lever("duoduo", 0.03, "Tier 3"), Lever("jd", 0.05, kind="ancillary"), Lever("jd", 9.0, kind="guarantee")
    values = (("entry_response_per_1000_cny", response),)
    found = simulate(Scenario("long", levers, months=60, growth_per_year=0.05, assumptions=values), MODEL, draws=0)
    for j in (CAINIAO, DUODUO, JD):
        goal = response / 1000 * (income(found.point, j) - income(found.base, j))
        for month in (0, 1, 7, 30, 60):
            before = goal[max(month - 12, 0) : month].sum(axis=0) / 12
            assert found.point.entry[j, month] == pytest.approx(before, abs=1e-9)
    assert found.point.entry[DUODUO, -1, MODEL.span("Tier 3")].mean() > 0
    assert found.point.entry[CAINIAO, -1].mean() < 0


def test_stations_move_only_where_something_changed():
    found = simulate(Scenario("one", (Lever("duoduo", 0.05, cities=("000003",)),)), MODEL, draws=0)
    here = np.array(MODEL.cities) == "000003"
    assert np.abs(found.point.entry[:, :, ~here]).max() == 0
    assert found.cities.loc[~here].abs().max(axis=None) <= EXACT
    assert found.cities.at["000003", "duoduo"] > 0


def test_stations_that_would_multiply_are_bounded_and_said():
    values = (("entry_response_per_1000_cny", 1.0),)
    found = simulate(Scenario("much", (Lever("duoduo", 0.2, kind="ancillary"),), assumptions=values), MODEL, draws=0)
    assert np.exp(found.point.entry).max() == pytest.approx(5.0)
    assert "stations_bound" in {c.code for c in found.warnings}


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
    rule = (("cainiao", Rule("match", 1.0, 1)),)
    assert point(plan(*levers, rules=rule)).point.parcels == pytest.approx(
        point(plan(*levers)).point.parcels, rel=1e-12
    )
    idle = Lever("cainiao", 0.0, "Tier 3")
    answers = point(plan(levers[0], idle, rules=rule)), point(plan(levers[0], rules=rule))
    assert answers[0].point.parcels == pytest.approx(answers[1].point.parcels, rel=1e-12)


def test_only_a_change_that_takes_place_is_matched():
    found = point(plan(Lever("duoduo", -5.0), Lever("duoduo", -500.0, kind="guarantee"), rules=MATCH))
    after = found.point.found
    assert after.subsidy[CAINIAO][-1] == pytest.approx(-MODEL.subsidy[DUODUO])
    assert after.guarantee[CAINIAO][-1] == pytest.approx(-MODEL.guarantee[DUODUO])


ONE_EACH = market_model(PANEL[PANEL["city"].isin(["000000", "000001"])], FIT, month=MONTH)


def test_best_responses_come_to_rest_where_nobody_gains_by_moving():
    rivals = (("cainiao", Rule("best_response")), ("jd", Rule("best_response")))
    found = simulate(plan(Lever("duoduo", 0.06), months=40, rules=rivals), ONE_EACH, draws=0)
    assert "unsettled" not in {c.code for c in found.warnings}
    margin = game_of(ONE_EACH, usual_margin=0.30).margin
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


@pytest.mark.parametrize("growth", [0.0, 0.2])
def test_a_budget_is_not_exceeded_by_much(growth):
    spent = float((ONE_EACH.parcels * ONE_EACH.subsidy)[CAINIAO].sum())
    rule = Rule("budget", lag_months=1, budget_cny_per_month=spent / 2)
    scenario = plan(Lever("duoduo", 0.02), months=30, growth_per_year=growth, rules=(("cainiao", rule),))
    found = simulate(scenario, ONE_EACH, draws=0)
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
