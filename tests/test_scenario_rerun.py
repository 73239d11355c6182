"""What moved a saved result: data, fitted effects, default assumptions, and nothing else."""

from dataclasses import fields, replace

import numpy as np
import pytest

from analysis import share
from analysis.economics.assumptions import ASSUMPTIONS
from analysis.rivalry.rules import Rule
from analysis.scenario import MEASURES, Lever, Scenario, market_model, measure, simulate
from analysis.scenario.absent import absent
from analysis.scenario.fields import ScenarioFileError
from analysis.scenario.rerun import moved, restore, snapshot
from analysis.views import keeping
from analysis.views.tornado import named
from tests.small_panel import draw

DRIVERS = ["subsidy_cny_per_parcel", "log_stations"]
MONTH = "2025-06-01"
SUMS = 1e-12  # of relative size: three differences of four numbers are added up
MARGIN = "margin_cny_per_parcel"
PANEL = draw()
MODEL = market_model(PANEL, share.fit(PANEL, DRIVERS, by="tier"), month=MONTH)
OLD = snapshot(MODEL)
WAR = Scenario(
    "war",
    (Lever("duoduo", 0.05, "Tier 3"), Lever("duoduo", 20.0, kind="guarantee")),
    rules=(("cainiao", Rule("match", 0.5, 3)),),
)


def follow(model, *, scenario=WAR, name="total_profit", before=OLD, **more):
    return moved(scenario, before, model, platform="duoduo", measure=name, **more)


def grown():
    """Duoduo pays another half fen in every city, and one city's parcels doubled."""
    free = MODEL.free.copy()
    free[0] *= 2
    return replace(MODEL, subsidy=MODEL.subsidy + 0.005, free=free)


def test_a_snapshot_gives_the_market_back_to_the_last_bit():
    found = restore(OLD)
    for field in fields(MODEL):
        kept, given = getattr(found, field.name), getattr(MODEL, field.name)
        assert type(kept) is type(given)
        assert np.array_equal(kept, given, equal_nan=True) if isinstance(given, np.ndarray) else kept == given
    assert snapshot(found) == OLD


@pytest.mark.parametrize("data", [b"", b"no archive", OLD[:200], OLD[:-50]])
def test_a_snapshot_that_cannot_be_read_is_refused(data):
    with pytest.raises(ScenarioFileError) as error:
        restore(data)
    assert error.value.code == "no_snapshot"


@pytest.mark.parametrize("mask", [0x01, 0x20, 0xFF])
def test_any_damaged_byte_is_refused_or_harmless(mask):
    """A central directory, a flag, a compression method or packed numbers that are no longer what was written."""
    refused = 0
    for place in (*range(0, len(OLD), 197), *range(len(OLD) - 1500, len(OLD))):
        data = bytearray(OLD)
        data[place] ^= mask
        try:
            assert restore(bytes(data)).platforms == MODEL.platforms
        except ScenarioFileError as error:
            refused += error.code == "no_snapshot"
    assert refused > 100


def test_a_market_that_was_not_kept_leaves_todays_result(look):
    both = replace(WAR, levers=(*WAR.levers, Lever("jd", 0.02, province="Atlantis")))
    found = follow(MODEL, scenario=both, before=b"")
    assert found.after == measure(simulate(both, MODEL, draws=0), "total_profit", "duoduo")
    assert np.isnan([found.before, *found.parts]).all()
    assert (found.month_before, found.left_out) == (None, (Lever("jd", 0.02, province="Atlantis"),))
    title, table = keeping.moved({"a": found}, look)
    assert title == look.say("keep.moved_unknown")
    assert look.say("keep.because_not_kept") in table[look.say("keep.column_why")][0]
    assert look.say("keep.because_nothing") not in table[look.say("keep.column_why")][0]
    assert table[look.say("keep.column_then")][0] == look.say("unit.none")
    assert table[look.say("keep.column_now")][0] != look.say("unit.none")
    title, _ = keeping.moved({"a": found, "b": follow(MODEL)}, look)
    assert title == look.say("keep.moved_same_of", total=1)


def test_what_a_market_does_not_have_is_found_wherever_it_is_asked_for():
    here, gone = MODEL.cities[0], "999999"
    lost = (
        Lever("nobody", 0.02),
        Lever("jd", 0.02, "Tier 9"),
        Lever("jd", 0.02, region="Moon"),
        Lever("jd", 0.02, province="Atlantis"),
        Lever("jd", 0.02, cities=(gone,)),
    )
    partly = Lever("jd", 0.02, cities=(here, gone))
    there = (Lever("jd", 0.02, MODEL.tiers[0]), Lever("jd", 0.02, cities=(here,)), Lever("jd", 0.02))
    found = absent(Scenario("", (*lost, partly, *there)), MODEL)
    assert found == (*lost, replace(partly, cities=(gone,)))


@pytest.mark.parametrize("name", MEASURES)
def test_nothing_moves_on_the_same_market(name):
    found = follow(MODEL, name=name)
    assert found.before == pytest.approx(measure(simulate(WAR, MODEL, draws=0), name, "duoduo"), nan_ok=True)
    assert found.after == pytest.approx(found.before, nan_ok=True, rel=0, abs=0)
    assert found.parts.fillna(0).eq(0).all()
    assert (found.changed, found.left_out) == ((), ())


def test_changed_data_moves_the_data_part_alone():
    found = follow(grown())
    assert found.data != 0
    assert (found.effects, found.assumptions) == (0, 0)
    assert found.after == measure(simulate(WAR, grown(), draws=0), "total_profit", "duoduo")


def test_changed_slopes_move_the_effects_part_alone():
    found = follow(replace(MODEL, slopes=MODEL.slopes * 1.2), name="share")
    assert found.effects > 0
    assert (found.data, found.assumptions) == (0, 0)


def test_changed_defaults_move_the_assumptions_part_alone(monkeypatch):
    monkeypatch.setitem(ASSUMPTIONS, MARGIN, replace(ASSUMPTIONS[MARGIN], value=0.5))
    found = follow(MODEL)
    assert found.assumptions > 0
    assert (found.data, found.effects) == (0, 0)
    assert found.changed == (MARGIN,)


def test_a_value_that_the_scenario_sets_itself_does_not_move_with_the_default(monkeypatch):
    monkeypatch.setitem(ASSUMPTIONS, MARGIN, replace(ASSUMPTIONS[MARGIN], value=0.5))
    found = follow(MODEL, scenario=replace(WAR, assumptions=((MARGIN, 0.4),)))
    assert (found.after, found.changed) == (found.before, ())


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("tier", ["all", "Tier 3"])
def test_the_parts_add_up_when_everything_changed(monkeypatch, name, tier):
    monkeypatch.setitem(ASSUMPTIONS, MARGIN, replace(ASSUMPTIONS[MARGIN], value=0.5))
    today = replace(grown(), slopes=MODEL.slopes * 1.2)
    found = follow(today, name=name, tier=tier)
    size = abs(found.parts).sum() + abs(found.before)
    assert found.before + found.parts.sum() == pytest.approx(found.after, abs=SUMS * size)
    assert found.after == measure(simulate(WAR, today, draws=0), name, "duoduo", tier)


def test_other_cities_and_another_grouping_can_be_compared():
    more = draw(cities=60, seed=3)
    today = market_model(more, share.fit(more, DRIVERS), month="2025-05-01")
    found = follow(today, name="share")
    assert found.before + found.parts.sum() == pytest.approx(found.after, abs=SUMS)
    assert found.effects != 0
    assert (found.month_before.month, found.month_after.month) == (6, 5)


def test_a_network_that_is_gone_is_left_out_of_the_scenario_and_cannot_be_followed():
    fewer = PANEL[PANEL["platform"] != "jd"].assign(platform=lambda f: f["platform"].cat.remove_unused_categories())
    today = market_model(fewer, share.fit(fewer, DRIVERS, by="tier"), month=MONTH)
    both = replace(WAR, levers=(*WAR.levers, Lever("jd", 0.02)))
    assert follow(today, scenario=both).left_out == (Lever("jd", 0.02),)
    for wanted in ({"platform": "jd"}, {"platform": "duoduo", "tier": "Tier 9"}):
        with pytest.raises(ScenarioFileError) as error:
            moved(both, OLD, today, **wanted)
        assert error.value.code == "unknown"


def test_the_table_says_which_plans_moved_and_why(monkeypatch, look):
    monkeypatch.setitem(ASSUMPTIONS, MARGIN, replace(ASSUMPTIONS[MARGIN], value=0.31))
    still = replace(WAR, assumptions=((MARGIN, 0.4),))
    found = {"still": follow(MODEL, scenario=still), "data": follow(grown(), scenario=still), "default": follow(MODEL)}
    title, table = keeping.moved(found, look)
    assert "2" in title
    assert "3" in title
    assert look.say("keep.mostly_data") in title
    assert table[look.say("keep.column_plan")].tolist() == list(found)
    why = table[look.say("keep.column_why")]
    assert why[0] == look.say("keep.because_nothing")
    assert why[1] == look.say("keep.because_data")
    assert named(MARGIN, look) in why[2]
    then, now = (table[look.say(f"keep.column_{when}")] for when in ("then", "now"))
    assert (then == now).tolist() == [True, False, False]


def test_the_title_of_one_plan_and_of_none_that_moved(look):
    same, _ = keeping.moved({"a": follow(MODEL)}, look)
    one, table = keeping.moved({"a": follow(grown(), name="cost_per_point", scenario=Scenario("none"))}, look)
    assert same == one == look.say("keep.moved_same")
    assert table[look.say("keep.column_then")].tolist() == [look.say("unit.none")]
    other, _ = keeping.moved({"a": follow(grown())}, look)
    assert other == look.say("keep.moved_one", why=look.say("keep.mostly_data"))


def test_levers_that_the_market_lost_are_named(look):
    found = replace(follow(MODEL), left_out=(Lever("jd", 0.02, "Tier 3"),))
    (why,) = keeping.moved({"a": found}, look)[1][look.say("keep.column_why")]
    assert look.name("jd") in why
    assert look.term("tier", "Tier 3") in why
