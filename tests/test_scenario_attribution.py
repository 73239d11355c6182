"""Attribution: parts add up exactly, equals get equal parts, what does nothing gets nothing."""

import dataclasses
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import share
from analysis.scenario import Lever, Rule, Scenario, market_model, measure, simulate
from analysis.scenario import attribution as parts_of
from analysis.scenario.attribution import attribute, families, shapley
from tests.small_panel import NAMES, draw

EXACT = 1e-12  # differences of shares, each rounded to 1e-16, over at most 256 runs
PANEL = draw()
MODEL = market_model(PANEL, share.fit(PANEL, ["subsidy_cny_per_parcel", "log_stations"], by="tier"), month="2025-06-01")
STILL = (("entry_response_per_1000_cny", 0.0),)
RIVAL = (("cainiao", Rule("match", 0.5, 1)),)
SEVERAL = (
    Lever("duoduo", 0.03, "Tier 3"),
    Lever("jd", 0.05, "Tier 1"),
    Lever("duoduo", 40.0, kind="guarantee"),
    Lever("duoduo", 200.0, kind="stations", start_month=2),
)


def split(levers, *, rules=(), assumptions=(), **options):
    scenario = Scenario("test", tuple(levers), rules=rules, months=4, assumptions=assumptions)
    return attribute(scenario, MODEL, platform="duoduo", **options), scenario


@pytest.mark.parametrize("order", ["shapley", "given"])
@pytest.mark.parametrize("name", ["share", "parcels", "cost", "profit", "total_profit", "station_income"])
def test_parts_add_up_to_what_the_scenario_does(order, name):
    found, scenario = split(SEVERAL, rules=RIVAL, measure=name, order=order)
    whole = measure(simulate(scenario, MODEL, draws=0), name, "duoduo")
    assert found.parts.sum() == pytest.approx(whole, rel=EXACT, abs=EXACT)
    assert found.total == pytest.approx(whole, rel=EXACT)
    assert list(found.parts.index) == [0, 1, 2, 3, "rivals"]


@settings(deadline=None, max_examples=20)
@given(st.lists(st.builds(Lever, st.sampled_from(NAMES[:3]), st.floats(-0.1, 0.2)), min_size=1, max_size=4))
def test_parts_add_up_for_any_levers(drawn):
    found, _ = split(drawn, rules=RIVAL)
    assert found.parts.sum() == pytest.approx(found.total, abs=EXACT)


def test_symmetric_levers_get_equal_parts():
    """Both are in full force in the last month; stations, which remember when a lever began, are held still."""
    twins = [Lever("duoduo", 0.03, start_month=1), Lever("duoduo", 0.03, start_month=2)]
    found, _ = split(twins, assumptions=STILL)
    assert found.parts[0] == pytest.approx(found.parts[1], abs=EXACT)
    ordered, _ = split(twins, assumptions=STILL, order="given")
    assert abs(ordered.parts[0] - ordered.parts[1]) > 1e-6


def test_a_lever_without_effect_gets_nothing():
    found, _ = split([Lever("duoduo", 0.03), Lever("jd", 0.0), Lever("jd", 0.1, start_month=9)])
    assert found.parts[[1, 2]].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("order", ["shapley", "given"])
def test_one_lever_alone_gets_everything(order):
    found, scenario = split([Lever("duoduo", 0.03)], order=order)
    projection = simulate(scenario, MODEL, draws=0)
    assert found.parts[0] == measure(projection, "share", "duoduo")
    assert found.start == projection.shares.at[("all", "duoduo"), "observed"]


def test_rivals_take_part_of_the_gain():
    found, _ = split([Lever("duoduo", 0.05)], rules=RIVAL)
    assert found.parts["rivals"] < 0 < found.parts[0]


def test_the_given_order_depends_on_the_order():
    one, _ = split(SEVERAL, order="given")
    other, _ = split(SEVERAL[::-1], order="given")
    assert one.order == "given"
    assert np.abs(one.parts.to_numpy() - other.parts.to_numpy()[::-1]).max() > 1e-6
    first, _ = split(SEVERAL, order="shapley")
    second, _ = split(SEVERAL[::-1], order="shapley")
    assert first.parts.to_numpy() == pytest.approx(second.parts.to_numpy()[::-1], abs=EXACT)


def test_levers_of_one_kind_over_several_tiers_are_one_part():
    levers = (Lever("duoduo", 0.03, "Tier 1"), Lever("jd", 0.02), Lever("duoduo", 0.05, "Tier 3"))
    assert families(levers) == ((0, 2), (1,))
    assert families((levers[0], dataclasses.replace(levers[2], start_month=2))) == ((0,), (1,))
    found, _ = split(levers)
    assert list(found.parts.index) == [0, 1]


def test_many_levers_are_split_over_drawn_orders():
    levers = [Lever("duoduo", 0.01, start_month=1 + n % 4, ramp_months=n // 4) for n in range(9)]
    found, _ = split(levers)
    again, _ = split(levers)
    exact = shapley(coalitions(levers), len(levers))
    assert found.drawn == 2 * parts_of.PAIRS
    assert found.parts.sum() == pytest.approx(found.total, abs=EXACT)
    assert found.parts.to_numpy() == pytest.approx(again.parts.to_numpy(), abs=0)
    assert found.parts.to_numpy() == pytest.approx(exact, rel=0.02)  # 128 orders of nearly additive parts


def coalitions(levers):
    """Share gained by every set of levers, run once each."""
    runs = {
        frozenset(kept): measure(
            simulate(Scenario("part", tuple(levers[n] for n in kept), months=4), MODEL, draws=0), "share", "duoduo"
        )
        for size in range(len(levers) + 1)
        for kept in combinations(range(len(levers)), size)
    }
    return runs.__getitem__


def test_the_glove_game_has_its_published_value():
    """Two right gloves and one left: 1/6, 1/6, 4/6 (Shapley value of the glove game, a textbook example)."""
    value = shapley(lambda players: float(2 in players and len(players) > 1), 3)
    assert value == pytest.approx([1 / 6, 1 / 6, 4 / 6], abs=EXACT)


def test_what_cannot_be_split_is_said():
    with pytest.raises(ValueError, match="choose from shapley, given"):
        split(SEVERAL, order="random")
    with pytest.raises(ValueError, match="split cost or share"):
        split(SEVERAL, measure="cost_per_point")
    with pytest.raises(ValueError, match="has no value for 'home'"):
        attribute(Scenario("t", SEVERAL), closed(), platform="home", measure="station_income")


def closed():
    """The market with no stations behind home delivery."""
    stations = MODEL.stations.copy()
    stations[MODEL.platforms.index("home")] = 0.0
    return dataclasses.replace(MODEL, stations=stations)


def test_nothing_changed_is_nothing_to_split():
    found, _ = split([])
    assert found.parts.empty
    assert found.total == 0.0


def test_a_network_that_pays_as_its_levers_say_is_no_rival():
    """Cainiao has a lever of its own, so that its rule never holds, also where that lever is left out."""
    levers = (Lever("duoduo", 0.05, "Tier 3"), Lever("cainiao", 0.02, "Tier 3"))
    for order in ("shapley", "given"):
        found, scenario = split(levers, rules=RIVAL, order=order)
        assert list(found.parts.index) == [0, 1]
        silent, _ = split(levers, order=order)
        assert found.parts.to_list() == pytest.approx(silent.parts.to_list(), abs=EXACT)
        assert found.total == pytest.approx(measure(simulate(scenario, MODEL, draws=0), "share", "duoduo"), abs=EXACT)
    both, _ = split(levers, rules=(*RIVAL, ("jd", Rule("match", 0.5, 1))))
    assert list(both.parts.index) == [0, 1, "rivals"]
    assert (
        list(split([levers[0], Lever("cainiao", 30.0, kind="guarantee")], rules=RIVAL)[0].parts.index)[-1] == "rivals"
    )
