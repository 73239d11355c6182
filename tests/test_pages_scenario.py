"""The Scenario page: every part, lever and picture; links, files and kept plans; markets that cannot carry it."""

import pytest

from analysis.rivalry.rules import Rule
from analysis.scenario import KINDS, Lever, Scenario
from analysis.scenario.files import from_link, to_link
from analysis.scenario.presets import PRESETS
from data.text import LANGUAGES, say
from pages.ui import scenario_state
from pages.ui.scenario_sections import PARTS, PICTURES
from pages.ui.scenario_state import Place, Timing
from tests.test_pages import PILOTS, charts, start
from tests.uploads import use

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
    use(app, PILOTS[pilot])
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
