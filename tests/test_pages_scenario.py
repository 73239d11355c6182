"""The Scenario page: every part, lever and picture; links, files and kept plans; markets that cannot carry it."""

import json
import re

import pytest

from analysis.rivalry.rules import Rule
from analysis.scenario import KINDS, Lever, Scenario
from analysis.scenario.files import from_link, to_link
from analysis.scenario.presets import PRESETS
from analysis.views.look import Look
from analysis.views.theme import Theme
from data.text import LANGUAGES, say
from pages.ui import layout, scenario_state
from pages.ui.lever_panel import station_limits
from pages.ui.scenario_sections import PARTS, PICTURES
from pages.ui.scenario_state import Place, Timing
from tests.test_pages import PILOTS, charts, start

PLAN = "n.War~l.duoduo.subsidy.0.05.t3.t4~r.cainiao.match.0.5.w3"
TIER_3 = "lever.duoduo.subsidy.t4"
"""Slider of the fourth tier of the list: Tier 3."""


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path))
    return tmp_path


def whole(app):
    assert not app.exception
    assert not app.error
    for chart in charts(app):
        assert len(chart.alt) > 20


def plan(app):
    return app.session_state["scenario.plan"]


def figures(app):
    """Headline figures as the page shows them."""
    return next(html.proto.body for html in app.get("html") if 'role="group"' in html.proto.body)


def warnings(app):
    return [warning.value for warning in app.warning]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("part", PARTS)
def test_every_part_answers(part, lang):
    app = start("scenario", section=part, lang=lang)
    whole(app)
    assert app.title[0].value == say("page.scenario", lang)
    assert app.header


@pytest.mark.parametrize("picture", PICTURES)
def test_every_picture_is_drawn(picture):
    app = start("scenario", shows=picture)
    whole(app)
    assert len(charts(app)) > 1


@pytest.mark.parametrize("kind", KINDS)
def test_every_lever_moves_the_plan(kind):
    app = start("scenario", plan="n.Test", lever=kind, player="cainiao")
    whole(app)
    slider = next(s for s in app.slider if s.key.startswith(f"lever.cainiao.{kind}."))
    most = slider.max
    slider.set_value(most).run()
    whole(app)
    assert [(lever.kind, lever.change) for lever in plan(app).levers] == [(kind, most)]
    slider = next(s for s in app.slider if s.key == slider.key)
    slider.set_value(type(slider.value)(0)).run()
    assert plan(app).levers == ()


@pytest.mark.parametrize("place", ["region", "province", "city", "all"])
def test_a_lever_may_be_set_in_one_place(place):
    app = start("scenario", plan="n.Test", at_subsidy=place, player="duoduo")
    slider = next(s for s in app.slider if s.key.startswith("lever.duoduo.subsidy."))
    slider.set_value(0.02).run()
    whole(app)
    lever = plan(app).levers[0]
    assert lever.tier is None
    assert bool(lever.region or lever.province or lever.cities) == (place != "all")


def test_a_slider_changes_the_result_and_zero_restores_it():
    app = start("scenario", plan="n.Test")
    before = figures(app)
    app.slider(key=TIER_3).set_value(0.05).run()
    whole(app)
    assert figures(app) != before
    app.slider(key=TIER_3).set_value(0.0).run()
    assert figures(app) == before


def test_a_link_gives_the_same_numbers_in_another_session():
    first = start("scenario")
    first.slider(key=TIER_3).set_value(0.03).run()
    again = start("scenario", plan=to_link(plan(first)))
    assert plan(again) == plan(first)
    assert figures(again) == figures(first)


def test_a_bad_piece_of_a_link_is_said_and_the_rest_is_kept():
    app = start("scenario", plan=PLAN + "~l.duoduo.bribes.3")
    whole(app)
    assert plan(app) == from_link(PLAN)[0]
    assert any(text.startswith(say("plan.link_wrong", "en", why="")) for text in warnings(app))
    app = start("scenario", plan="x" * 20_000)
    whole(app)
    assert any(text.startswith(say("plan.link_wrong", "en", why="")) for text in warnings(app))


def test_an_unknown_kept_plan_is_said():
    app = start("scenario", saved="nobody")
    whole(app)
    assert say("plan.missing", "en", id="nobody") in warnings(app)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("key", PRESETS)
def test_every_preset_opens_with_its_story(key, lang):
    app = start("scenario", lang=lang)
    app.selectbox(key="open_plan").set_value(f"preset.{key}").run()
    whole(app)
    assert plan(app).preset == key
    assert any(say(f"preset.{key}_story", lang) in caption.value for caption in app.caption)
    assert plan(app).levers


def test_rivals_hold_still_unless_something_else_is_said():
    app = start("scenario", plan="n.Test~l.duoduo.subsidy.0.05")
    assert any(say("plan.rivals_still", "en") in caption.value for caption in app.caption)
    app = start("scenario", plan=PLAN)
    assert not any(say("plan.rivals_still", "en") in caption.value for caption in app.caption)


def test_a_line_of_the_plan_is_taken_out():
    app = start("scenario", plan=PLAN)
    app.button(key="remove_rule_cainiao").click().run()
    assert plan(app).rules == ()
    app.button(key="remove_lever0").click().run()
    assert plan(app).levers == ()
    whole(app)


@pytest.mark.parametrize("pilot", PILOTS)
def test_any_pilot_file_is_answered(pilot, workspace):
    app = start("data")
    for dataset, content in PILOTS[pilot].items():
        app.file_uploader(key=f"file_{dataset}").upload(f"{dataset}.csv", content).run()
    for section in PARTS:
        app.query_params["section"] = section
        app.switch_page("pages/scenario.py").run()
        assert not app.exception, section
        assert not app.error, section
        assert app.header or app.info, section


def test_a_new_plan_grows_like_the_last_year():
    app = start("scenario")
    growth = plan(app).growth_per_year
    assert growth != 0
    said = say("plan.horizon_last", "en", months=12, growth=f"{growth * 100:g}")
    assert any(said in caption.value for caption in app.caption)
    app.number_input(key="plan.growth").set_value(growth * 100 + 3).run()
    assert not any(said in caption.value for caption in app.caption)
    app.button(key="start_over").click().run()
    assert plan(app) == Scenario("", growth_per_year=growth)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_figure_with_one_end_is_said_to_be_at_most_or_at_least(lang):
    for key, bound, n in (("duoduo", "up_to", "3,000"), ("rural", "at_least", "30,000")):
        app = start("scenario", lang=lang)
        app.selectbox(key="open_plan").set_value(f"preset.{key}").run()
        shown = " ".join(text.value for text in app.markdown)
        assert say(f"plan.{bound}", lang, n=n) in shown
        assert "nan" not in shown


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_network_whose_subsidies_the_plan_sets_is_offered_no_answer(lang):
    app = start("scenario", plan=PLAN + "~r.duoduo.best_response", lang=lang)
    offered = {box.key for box in app.selectbox if box.key.startswith("rule.")}
    assert not offered
    app.session_state["fold_rivals"] = True
    app.run()
    offered = {box.key for box in app.selectbox if box.key.startswith("rule.")}
    assert "rule.cainiao" in offered
    assert "rule.duoduo" not in offered
    name = Look(lang, Theme("light")).name("duoduo")
    shown = " ".join(text.value for text in app.markdown)
    assert say("plan.keeps", lang, name=name).split(":")[0] in shown
    assert layout.plain(say("plan.keeps_of", lang, name=name)) in shown


def test_a_lever_after_the_horizon_is_said():
    app = start("scenario", plan="n.Late~l.duoduo.subsidy.0.05.t3.s20")
    whole(app)
    said = say("scenario.after_horizon", "en", platform="Duoduo", start_month=20)
    assert any(layout.plain(said) in text for text in warnings(app))
    assert " of draws" not in figures(app)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_empty_plan_says_what_to_do_first(lang):
    app = start("scenario", plan="n.", player="duoduo", lang=lang)
    whole(app)
    first = say("plan.first", lang, name=Look(lang, Theme("light")).name("duoduo"), share="SHARE")
    before, after = first.split("SHARE")
    assert any(h.value.startswith(before) and h.value.endswith(after) for h in app.header)
    assert "0%" not in re.sub(r"\d+\.\d%", "", figures(app))
    assert json.loads(charts(app)[0].spec)["data"][0]["type"] == "bar"


PLACES = {
    "l.jd.guarantee.50.t2": ("jd", "guarantee", "tier"),
    "l.jd.stations.500": ("jd", "stations", "all"),
    "l.cainiao.subsidy.0.02.pHenan": ("cainiao", "subsidy", "province"),
    "l.jt.subsidy.0.02.c510100": ("jt", "subsidy", "city"),
}


@pytest.mark.parametrize("entry", PLACES)
def test_sliders_show_the_first_lever_of_a_plan_that_is_opened(entry):
    network, kind, at = PLACES[entry]
    wanted = from_link(f"n.Opened~{entry}")[0]
    app = start("scenario", plan=PLAN)
    app.selectbox(key="at_subsidy.en").set_value("region").run()
    app.query_params["plan"] = to_link(wanted)
    app.run()
    whole(app)
    shown = [s for s in app.slider if s.key.startswith(f"lever.{network}.{kind}.")]
    assert app.selectbox(key=f"at_{kind}.en").value == at
    assert wanted.levers[0].change in [slider.value for slider in shown]


def test_a_slider_that_moves_leaves_the_panel_where_it_is():
    app = start("scenario", plan=PLAN)
    app.selectbox(key="player.en.scenario").set_value("jd").run()
    app.slider(key="lever.jd.subsidy.t4").set_value(0.03).run()
    assert app.selectbox(key="player.en.scenario").value == "jd"
    app.button(key="remove_rule_cainiao").click().run()
    assert app.selectbox(key="player.en.scenario").value == "jd"


def test_levers_without_a_slider_are_named_beside_it():
    app = start("scenario")
    app.selectbox(key="open_plan").set_value("preset.duoduo").run()
    lever = plan(app).levers[0]
    said = say("plan.cities_of", "en", n=len(lever.cities), tier=lever.tier)
    assert any(said in caption.value.replace("\\", "") for caption in app.caption)


def test_a_slider_of_stations_goes_as_far_as_there_are_stations():
    app = start("scenario", plan="n.Test", player="duoduo", lever="stations")
    for slider in app.slider:
        assert slider.min <= 0 <= slider.max
        assert slider.min % slider.step == slider.max % slider.step == 0
    ranges = {(slider.min, slider.max) for slider in app.slider}
    assert len(ranges) > 1
    for stations in (0.0, 3.0, 396.0, 5_432.0, 180_000.0):
        low, high, step = station_limits(stations)
        assert -stations <= low <= min(0.0, step - stations)
        assert max(stations, 10 * step) <= high < stations + 11 * step
        assert float(f"{step:.0e}") == step


def test_many_levers_of_one_kind_are_one_line():
    app = start("scenario")
    app.selectbox(key="open_plan").set_value("preset.lockers").run()
    whole(app)
    levers = plan(app).levers
    lines = [button for button in app.button if button.key.startswith("remove_lever")]
    assert len(lines) == 1 < len(levers)
    shown = " ".join(text.value for text in app.markdown).replace("\\", "")
    assert f"{sum(lever.change for lever in levers):+,.0f}" in shown
    app.session_state["each_levers0"] = True
    app.run()
    app.button(key="remove_lever0").click().run()
    assert plan(app).levers == levers[1:]
    app.button(key="remove_levers0").click().run()
    assert plan(app).levers == ()
    whole(app)


def test_a_changed_assumption_is_assumed_and_one_beyond_its_range_is_said():
    app = start("scenario", plan="n.Test~a.rent_cny_per_month.9000")
    app.session_state["fold_assumptions"] = True
    app.run()
    whole(app)
    mark = say("plan.beyond", "en", said="").strip()
    assert sum(mark in caption.value for caption in app.caption) == 1
    green = sum(":green-badge" in text.value for text in app.markdown)
    app.button(key="reset_assumptions").click().run()
    assert sum(":green-badge" in text.value for text in app.markdown) == green + 1
    assert not any(mark in caption.value for caption in app.caption)


def test_going_back_in_the_browser_opens_the_plan_of_the_address():
    app = start("scenario", plan=PLAN)
    app.slider(key=TIER_3).set_value(0.03).run()
    assert plan(app) != from_link(PLAN)[0]
    app.query_params["plan"] = PLAN
    app.run()
    whole(app)
    assert plan(app) == from_link(PLAN)[0]
    assert app.slider(key=TIER_3).value == 0.05


def test_a_market_without_subsidies_is_shown_the_way_to_the_data_page():
    app = start("data")
    pilot = next(name for name, files in PILOTS.items() if set(files) == {"volumes"})
    app.file_uploader(key="file_volumes").upload("volumes.csv", PILOTS[pilot]["volumes"]).run()
    app.switch_page("pages/scenario.py").run()
    assert [info.value for info in app.info] == [say("scenario.no_subsidies", "en")]
    assert app.get("page_link")


def test_stations_by_tier_and_month_are_under_their_picture():
    before = len(charts(start("scenario")))
    assert len(charts(start("scenario", shows="stations"))) == before + 2


def test_edits_of_a_plan():
    levers = (Lever("duoduo", 0.05, "Tier 3"), Lever("duoduo", 0.05, "Tier 4"), Lever("jd", 100, kind="stations"))
    wanted = Scenario("War", levers)
    assert scenario_state.change_at(wanted, "duoduo", "subsidy", Place("Tier 4")) == 0.05
    assert scenario_state.change_at(wanted, "duoduo", "subsidy", Place()) == 0
    assert scenario_state.families(wanted) == [(0, 1), (2,)]
    less = scenario_state.with_change(wanted, Lever("duoduo", 0.0, "Tier 3"))
    assert less.levers == levers[1:]
    more = scenario_state.with_change(wanted, Lever("duoduo", 0.07, "Tier 3"))
    assert more.levers == (Lever("duoduo", 0.07, "Tier 3"), *levers[1:])
    late = scenario_state.with_timing(wanted, "duoduo", "subsidy", Timing(4, 2, 3))
    assert scenario_state.timing(late, "duoduo", "subsidy") == Timing(4, 2, 5)
    assert late.levers[2] == levers[2]
    assert scenario_state.without(wanted, (0, 1)).levers == levers[2:]
    answered = scenario_state.with_rule(wanted, "jd", Rule("match", 0.5, 3))
    assert answered.rule_of == {"jd": Rule("match", 0.5, 3)}
    assert scenario_state.with_rule(answered, "jd", Rule()) == wanted
    assumed = scenario_state.with_assumption(wanted, "margin_cny_per_parcel", 0.4, 0.3)
    assert assumed.assumptions == (("margin_cny_per_parcel", 0.4),)
    assert scenario_state.with_assumption(assumed, "margin_cny_per_parcel", 0.3, 0.3) == wanted
