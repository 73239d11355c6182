"""The lever panel, the list of the plan and what is folded away: what they show of plans made here and elsewhere."""

import json

import pytest

from analysis.scenario.files import from_link, to_link
from analysis.views.look import Look
from analysis.views.theme import Theme
from data.text import LANGUAGES, say
from pages.ui import layout
from pages.ui.lever_panel import station_limits
from tests.test_pages import PILOTS, charts, start
from tests.test_pages_scenario import PLAN, TIER_3, figures, plan, warnings, whole
from tests.uploads import use


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path))


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
    assert say("projection.in_total", "en") in figures(app)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_empty_plan_says_what_to_do_first(lang):
    app = start("scenario", plan="n.", player="duoduo", lang=lang)
    whole(app)
    first = say("plan.first", lang, name=Look(lang, Theme("light")).name("duoduo"), share="SHARE")
    before, after = first.split("SHARE")
    assert any(h.value.startswith(before) and h.value.endswith(after) for h in app.header)
    assert say("projection.in_total", lang) in figures(app)
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
    use(app, PILOTS[pilot])
    app.switch_page("pages/scenario.py").run()
    assert [info.value for info in app.info] == [say("scenario.no_subsidies", "en")]
    assert app.get("page_link")


def test_stations_by_tier_and_month_are_under_their_picture():
    before = len(charts(start("scenario")))
    assert len(charts(start("scenario", shows="stations"))) == before + 2
