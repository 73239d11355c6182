"""Tornado: what is used moves the result, what is not does not; every change of an input is that input alone."""

import dataclasses

import numpy as np
import pytest

from analysis import share
from analysis.economics.assumptions import ASSUMPTIONS
from analysis.scenario import Lever, Rule, Scenario, market_model, measure, simulate
from analysis.scenario.tornado import inputs, tornado, uncertainty
from data.grade import Grade
from tests.small_panel import draw

EXACT = 1e-12  # the same run twice
PANEL = draw()
MODEL = market_model(PANEL, share.fit(PANEL, ["subsidy_cny_per_parcel", "log_stations"], by="tier"), month="2025-06-01")
PLAN = Scenario("plan", (Lever("duoduo", 0.05, "Tier 3"),), months=4)
OPTIONS = {"platform": "duoduo", "measure": "total_profit"}


@pytest.fixture(scope="module")
def profit():
    return tornado(PLAN, MODEL, **OPTIONS)


def test_inputs_that_nothing_uses_have_no_span(profit):
    unused = ["opening_locker_cny", "demand_elasticity", "shared_pass_on", "guarantee_effect", "opening_agent_cny"]
    assert (profit.loc[unused, "span"] == 0).all()
    assert (profit.loc[unused, ["low", "high"]].to_numpy() == profit["point"].iloc[0]).all()
    assert profit.loc["subsidy_effect:Tier 1", "span"] == 0


def test_inputs_that_are_used_are_listed_widest_first(profit):
    assert profit.index[0] in ("margin_cny_per_parcel", "subsidy_effect:Tier 3")
    assert (profit.loc[["margin_cny_per_parcel", "subsidy_effect:Tier 3", "growth_per_year"], "span"] > 0).all()
    assert profit["span"].is_monotonic_decreasing
    assert set(profit.index) == {item.key for item in inputs(PLAN, MODEL)}
    assert set(profit["kind"]) == {"parameter", "assumption", "growth"}


def test_ends_are_the_scenario_with_that_input_there(profit):
    known = ASSUMPTIONS["margin_cny_per_parcel"]
    low = dataclasses.replace(PLAN, assumptions=((known.key, known.low),))
    assert profit.at[known.key, "low"] == pytest.approx(value(low), rel=EXACT)
    row = profit.loc["subsidy_effect:Tier 3"]
    place = MODEL.groups.index("Tier 3")
    steep = dataclasses.replace(MODEL, slopes=np.where(np.arange(2) == place, row["at_high"], MODEL.slopes))
    assert row["high"] == pytest.approx(value(PLAN, steep), rel=EXACT)
    half = MODEL.critical_95[place] * np.sqrt(MODEL.covariance[place, place])
    assert row["at_high"] - row["at"] == pytest.approx(half, rel=1e-9)
    assert row["at"] == MODEL.slopes[place]


def value(scenario, model=MODEL):
    return measure(simulate(scenario, model, draws=0), "total_profit", "duoduo")


def test_the_point_is_the_scenario_as_it_stands(profit):
    assert (profit["point"] == value(PLAN)).all()


def test_density_matters_where_stations_change():
    built = Scenario("built", (Lever("duoduo", 300.0, "Tier 1", kind="stations"),), months=4)
    found = tornado(built, MODEL, platform="duoduo", measure="share")
    assert found.at["station_effect:Tier 1", "span"] > 0
    assert found.at["subsidy_effect:Tier 1", "span"] == 0


def test_a_changed_assumption_is_the_readers_own_and_stays_in_its_range():
    changed = dataclasses.replace(PLAN, assumptions=(("price_cny_per_parcel", 12.0),))
    found = {item.key: item for item in inputs(changed, MODEL)}["price_cny_per_parcel"]
    assert (found.at, found.high, found.grade) == (12.0, 12.0, Grade.ASSUMED)
    assert found.low == ASSUMPTIONS["price_cny_per_parcel"].low


def test_answers_of_rivals_are_worked_out_anew_at_each_end():
    rules = (("cainiao", Rule("best_response")),)
    found = tornado(dataclasses.replace(PLAN, rules=rules), MODEL, platform="duoduo", measure="share")
    assert found["point"].iloc[0] < tornado(PLAN, MODEL, platform="duoduo", measure="share")["point"].iloc[0]


def test_sources_of_uncertainty_apart():
    found = uncertainty(PLAN, MODEL, **OPTIONS, draws=200)
    assert list(found.index) == ["parameters", "growth", "assumptions", "all"]
    assert (found["low_95"] <= found["high_95"]).all()
    assert found.at["all", "width"] > 0.8 * found["width"].drop("all").max()  # 200 draws: ends vary by some per cent
    shares = uncertainty(PLAN, MODEL, platform="duoduo", measure="share", draws=200)
    assert shares.at["parameters", "width"] > 0
    still = dataclasses.replace(PLAN, assumptions=(("entry_response_per_1000_cny", 0.0),))
    alone = uncertainty(still, MODEL, platform="duoduo", measure="share", draws=20).loc["growth"]
    assert alone["width"] == pytest.approx(0, abs=EXACT)  # growth moves shares through stations alone
    certain = dataclasses.replace(MODEL, covariance=np.zeros_like(MODEL.covariance))
    none = uncertainty(PLAN, certain, platform="duoduo", measure="share", draws=50)
    assert none.at["parameters", "width"] == pytest.approx(0, abs=1e-6)


def test_what_is_not_drawn_is_said():
    with pytest.raises(ValueError, match="choose share, parcels, cost or profit"):
        uncertainty(PLAN, MODEL, platform="duoduo", measure="station_income", draws=10)


@pytest.mark.parametrize("measure", ["share", "total_profit"])
def test_growth_alone_is_as_wide_as_its_bar(measure):
    bar = tornado(PLAN, MODEL, platform="duoduo", measure=measure).loc["growth_per_year"]
    alone = uncertainty(PLAN, MODEL, platform="duoduo", measure=measure, draws=20).loc["growth"]
    assert alone["low_95"] == min(bar["low"], bar["high"]) < alone["point"]
    assert alone["high_95"] == max(bar["low"], bar["high"]) > alone["point"]
