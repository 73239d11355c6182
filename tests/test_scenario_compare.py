"""Side by side: measures with their intervals, and exactly the inputs that differ."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from analysis import share
from analysis.scenario import MEASURES, Lever, Rule, Scenario, market_model, measure, simulate
from analysis.scenario.compare import compare, differences, labels
from tests.small_panel import draw

SUMS = 1e-6  # draws are float32
PANEL = draw()
MODEL = market_model(PANEL, share.fit(PANEL, ["subsidy_cny_per_parcel", "log_stations"], by="tier"), month="2025-06-01")
PLAN = Scenario("plan", (Lever("duoduo", 0.05, "Tier 3"), Lever("jd", 0.02)), months=4)
OTHER = dataclasses.replace(PLAN, name="other", levers=(Lever("duoduo", 0.08, "Tier 3"), PLAN.levers[1]))


@pytest.fixture(scope="module")
def drawn():
    return [simulate(plan, MODEL, draws=100) for plan in (PLAN, OTHER)]


def test_values_are_the_measures_and_intervals_hold_them(drawn):
    table = compare(drawn, platform="duoduo")
    assert list(table.index) == list(MEASURES)
    for projection in drawn:
        found = table[projection.scenario.name]
        assert found["value"].to_dict() == {name: measure(projection, name, "duoduo") for name in MEASURES}
        for name in ("share", "parcels", "cost"):
            assert found.at[name, "low_95"] <= found.at[name, "value"] <= found.at[name, "high_95"]
        assert found.loc[["cost_per_point", "station_income", "below_break_even"], "low_95"].isna().all()
    total = drawn[0].profit.loc["duoduo"]
    assert table.at["total_profit", ("plan", "low_95")] == pytest.approx(total["total_low_95"], rel=SUMS)


def test_a_tier_alone(drawn):
    table = compare(drawn, platform="duoduo", tier="Tier 1")
    assert table.at["share", ("plan", "value")] == measure(drawn[0], "share", "duoduo", "Tier 1")


def test_without_draws_there_are_no_intervals():
    table = compare([simulate(PLAN, MODEL, draws=0)], platform="home")
    assert table["plan"][["low_95", "high_95"]].isna().all(axis=None)


def test_a_scenario_and_itself_have_the_same_numbers_and_no_differences(drawn):
    table = compare([drawn[0], drawn[0]], platform="duoduo")
    pd.testing.assert_frame_equal(table["plan"], table["plan (2)"])
    assert differences([PLAN, PLAN]).empty
    assert differences([PLAN, dataclasses.replace(PLAN, name="twin", note="seen", version=2)]).empty
    assert labels(["a", "b", "a", "a"]) == ["a", "b", "a (2)", "a (3)"]


@pytest.mark.parametrize(
    ("change", "row"),
    [
        ({"months": 6}, ("months", "months")),
        ({"growth_per_year": 0.1}, ("growth", "growth_per_year")),
        ({"assumptions": (("margin_cny_per_parcel", 0.4),)}, ("assumption", "margin_cny_per_parcel")),
        ({"rules": (("jd", Rule("match")),)}, ("rule", "jd")),
        ({"levers": PLAN.levers[:1]}, ("lever", "jd.subsidy")),
        ({"levers": (*PLAN.levers, Lever("jd", 10.0, kind="guarantee"))}, ("lever", "jd.guarantee")),
        ({"levers": OTHER.levers}, ("lever", "duoduo.subsidy.Tier 3")),
        ({"levers": (dataclasses.replace(PLAN.levers[0], start_month=2), PLAN.levers[1])},
         ("lever", "duoduo.subsidy.Tier 3")),
    ],
)  # fmt: skip
def test_one_changed_input_is_one_row(change, row):
    other = dataclasses.replace(PLAN, name="other", **change)
    assert list(differences([PLAN, other]).index) == [row]
    assert list(differences([other, PLAN]).index) == [row]


def test_rows_hold_both_values():
    found = differences([PLAN, OTHER])
    assert found.at[("lever", "duoduo.subsidy.Tier 3"), "other"] == (OTHER.levers[0],)
    lone = dataclasses.replace(PLAN, name="lone", levers=PLAN.levers[:1], rules=(("jd", Rule("match")),))
    found = differences([PLAN, lone])
    assert found.loc[("lever", "jd.subsidy")].tolist() == [(PLAN.levers[1],), ()]
    assert found.loc[("rule", "jd")].tolist() == [Rule(), Rule("match")]


def test_the_order_of_levers_and_levers_of_zero_are_no_difference():
    mixed = dataclasses.replace(PLAN, levers=(*PLAN.levers[::-1], Lever("cainiao", 0.0)))
    default = dataclasses.replace(PLAN, assumptions=(("margin_cny_per_parcel", 0.30),))
    assert differences([PLAN, mixed, default]).empty


def test_four_at_most(drawn):
    with pytest.raises(ValueError, match="choose 1 to 4"):
        compare(drawn * 3, platform="duoduo")
    with pytest.raises(ValueError, match="choose 1 to 4"):
        compare([], platform="duoduo")
    assert np.isfinite(compare(drawn * 2, platform="duoduo").loc["share"]).all()
