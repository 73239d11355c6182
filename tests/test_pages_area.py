"""An area on every page: in the row of filters, in the numbers, in the address, in a scenario, and cleared again."""

import json

import numpy as np
import pandas as pd
import pytest

from analysis.views.look import Look
from analysis.views.theme import Theme
from data import area, demo
from data.text import LANGUAGES, say
from pages.ui import area as page_area
from pages.ui import map_panel, series
from tests.test_pages import PILOTS, charts, start
from tests.uploads import use

MONTH = pd.Timestamp("2026-08-01")
ZHEJIANG, HANGZHOU, NINGBO = "33", "330100", "330200"
EN = Look("en", Theme("light"))
PAGES = {
    "overview": {},
    "share": {},
    "subsidy": {},
    "map": {},
    "scenario": {},
    "growth": {"series": "market.total"},
}


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path))


def whole(app):
    assert not app.exception
    assert not app.error
    assert app.header or app.info


def cities(app):
    return app.session_state["value.area"]


def parcels(app):
    return next(m for m in app.metric if m.label == say("kpi.parcels", "en")).value


def rows(codes):
    panel = demo.load().panel
    return panel[panel["city"].isin(codes) & (panel["month"] == MONTH)]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_the_area_and_a_way_to_clear_it(page, lang):
    app = start(page, area=ZHEJIANG, lang=lang, **PAGES[page])
    whole(app)
    assert app.button(key="area_open").label == {"en": "Zhejiang", "zh": "浙江省"}[lang]
    app.button(key="area_clear").click().run()
    whole(app)
    assert app.button(key="area_open").label == say("area.none", lang)
    assert not any(b.key == "area_clear" for b in app.button)
    assert "area" not in app.query_params


@pytest.mark.parametrize("codes", [HANGZHOU, f"{HANGZHOU}~{NINGBO}", ZHEJIANG, f"33-{NINGBO}~44"])
def test_figures_are_those_of_the_area(codes):
    app = start("overview", area=codes)
    whole(app)
    assert parcels(app) == EN.count(rows(area.unpacked(codes)[0])["parcels"].sum())


def test_the_area_goes_from_page_to_page():
    app = start("overview", area=f"{HANGZHOU}~{NINGBO}")
    for page in ("share", "subsidy", "map", "scenario"):
        app.switch_page(f"pages/{page}.py").run()
        whole(app)
        assert cities(app) == (HANGZHOU, NINGBO)
        assert app.button(key="area_open").label == "2 cities in Zhejiang"


@pytest.mark.parametrize("view", ["standing", "moves", "drivers"])
def test_every_section_of_shares_takes_an_area(view):
    app = start("share", view=view, area=ZHEJIANG)
    whole(app)
    assert charts(app)


@pytest.mark.parametrize("part", ["landscape", "effect", "station"])
@pytest.mark.parametrize("codes", [ZHEJIANG, HANGZHOU])
def test_every_section_of_subsidies_takes_an_area(part, codes):
    app = start("subsidy", part=part, area=codes)
    whole(app)


def test_a_station_is_that_of_the_area():
    app = start("subsidy", part="station", area=HANGZHOU, station_of="duoduo")
    assert any("Hangzhou" in h.value for h in app.header) or any("Hangzhou" in c.value for c in app.caption)


@pytest.mark.parametrize("page", ["share", "map"])
def test_one_city_as_the_area_is_the_city_of_the_page(page):
    app = start(page, area=HANGZHOU)
    whole(app)
    assert app.selectbox(key=f"city.en.{page}").value == HANGZHOU
    app.button(key="area_clear").click().run()
    assert app.selectbox(key=f"city.en.{page}").value == "all"


def test_a_city_outside_the_area_is_said():
    app = start("share", area=f"{HANGZHOU}~{NINGBO}", city="440300")
    whole(app)
    where = {"name": "Shenzhen", "where": "2 cities in Zhejiang"}
    assert say("view.city_outside", "en", **where) in [c.value for c in app.caption]


def test_codes_that_nobody_knows_are_said_and_left_out():
    app = start("overview", area=f"{HANGZHOU}~999999~<script>")
    whole(app)
    assert cities(app) == (HANGZHOU,)
    said = say("area.unknown", "en", codes="`999999`, `script`")
    assert said in [c.value for c in app.caption]
    app = start("overview", area="999999")
    whole(app)
    assert cities(app) == ()


@pytest.mark.parametrize("page", ["overview", "share", "map"])
def test_an_area_without_parcels_is_a_sentence_that_names_it(page):
    app = start(page, area=HANGZHOU, tier="Tier 5")
    assert not app.exception
    said = EN.text([say("view.nothing_fits", "en"), say("area.nothing", "en", area="Hangzhou")])
    assert said in [i.value for i in app.info]


@pytest.mark.parametrize("pilot", PILOTS)
def test_an_area_outside_a_pilot_file_is_answered_on_every_page(pilot):
    app = start("data")
    use(app, PILOTS[pilot])
    app.session_state["value.area"] = ("440300",)
    for page in PAGES:
        app.switch_page(f"pages/{page}.py").run()
        whole(app)


def test_the_list_takes_provinces_and_cities():
    app = start("overview")
    app.button(key="area_open").click().run()
    whole(app)
    box = next(m for m in app.multiselect if m.key.startswith("area_list."))
    box.set_value([ZHEJIANG, "440300"]).run()
    assert cities(app) == (*area.members()["33"], "440300")
    assert parcels(app) == EN.count(rows(cities(app))["parcels"].sum())
    app.button(key="area_open").click().run()
    box = next(m for m in app.multiselect if m.key.startswith("area_list."))
    assert box.value == [ZHEJIANG, "440300"]
    box.set_value(["440300"]).run()
    assert cities(app) == ("440300",)


def test_all_cities_are_no_area():
    app = start("overview")
    app.button(key="area_open").click().run()
    box = next(m for m in app.multiselect if m.key.startswith("area_list."))
    box.set_value([key for key, codes in area.members().items() if len(codes) > 1] + ["110000", "120000"]).run()
    assert len(cities(app)) == 337 - 2  # without Shanghai and Chongqing
    app.button(key="area_open").click().run()
    box = next(m for m in app.multiselect if m.key.startswith("area_list."))
    box.set_value([*box.value, "310000", "500000"]).run()
    assert cities(app) == ()


def test_a_series_of_an_area_is_the_sum_of_its_cells():
    market = demo.load()
    codes = area.members()["33"]
    found = series.values(series.Where("market.cainiao", ("Tier 3",), (), codes), market)
    panel = market.panel
    inside = panel["city"].isin(codes) & (panel["tier"] == "Tier 3") & (panel["platform"] == "cainiao")
    expected = panel[inside].groupby("month", observed=True)["parcels"].sum()
    np.testing.assert_allclose(found, expected[expected > 0], rtol=1e-12)


@pytest.mark.parametrize("codes", [(), (HANGZHOU,), area.members()["44"], (HANGZHOU, "440300")])
def test_the_address_of_a_series_of_an_area_is_read_back(codes):
    where = series.Where("market.jd", ("Tier 2",), ("East",), codes)
    assert series.read(where.text()) == where
    assert series.placed(series.Series(label="X", caption="", unit=""), where, EN).label.endswith("East") == (not codes)


@pytest.mark.parametrize("topic", ["series", "tiers"])
def test_growth_is_that_of_the_area(topic):
    app = start("growth", topic=topic, series="market.total", area=ZHEJIANG)
    whole(app)
    spec = json.loads(charts(app)[-1 if topic == "tiers" else 0].spec)
    inside = rows(area.members()["33"])["parcels"].sum()
    sent = np.concatenate([np.array(t["y"], dtype=float) for t in spec["data"] if t.get("y") is not None])
    assert np.nanmin(np.abs(sent / inside - 1)) < 1e-4


def test_a_lever_on_the_area_holds_its_cities():
    app = start("scenario", plan="n.", player="duoduo", area=f"{HANGZHOU}~{NINGBO}", at_subsidy="area")
    whole(app)
    slider = next(s for s in app.slider if s.key.startswith("lever.duoduo.subsidy.area"))
    assert slider.label.startswith("2 cities in Zhejiang")
    slider.set_value(0.05).run()
    whole(app)
    (lever,) = app.session_state["scenario.plan"].levers
    assert (lever.cities, lever.tier, lever.change) == ((HANGZHOU, NINGBO), None, 0.05)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_area_is_the_first_place_offered_for_levers(lang):
    app = start("scenario", plan="n.", player="duoduo", area=ZHEJIANG, lang=lang)
    whole(app)
    name = {"en": "Zhejiang", "zh": "浙江省"}[lang]
    assert name in app.selectbox(key=f"at_subsidy.{lang}").options[0]
    assert app.selectbox(key=f"at_subsidy.{lang}").value == "tier"
    (said,) = [c.value for c in app.caption if c.value == say("plan.area_line", lang, area=name)]
    assert name in said
    app.button(key="area_levers").click().run()
    whole(app)
    assert app.selectbox(key=f"at_subsidy.{lang}").value == "area"
    assert any(s.key.startswith("lever.duoduo.subsidy.area") for s in app.slider)
    assert say("plan.area_now", lang, area=name) in [c.value for c in app.caption]
    assert "area_levers" not in {b.key for b in app.button}


def test_the_line_of_the_area_says_what_the_sliders_show():
    app = start("scenario", area=ZHEJIANG)  # the example that opens has levers by tier
    whole(app)
    assert app.selectbox(key="at_subsidy.en").value == "tier"
    assert say("plan.area_line", "en", area="Zhejiang") in [c.value for c in app.caption]
    app = start("scenario", area=ZHEJIANG, at_subsidy="area")
    whole(app)
    assert app.selectbox(key="at_subsidy.en").value == "area"
    assert say("plan.area_now", "en", area="Zhejiang") in [c.value for c in app.caption]


def test_without_an_area_the_scenario_says_nothing_of_one():
    app = start("scenario", plan="n.", player="duoduo")
    assert app.selectbox(key="at_subsidy.en").options[0] == say("plan.at_tier", "en")
    assert "area_levers" not in {b.key for b in app.button}


def test_the_map_of_a_scenario_is_that_of_the_area():
    plan = "l.duoduo.subsidy.0.05"
    app = start("scenario", plan=plan, area=ZHEJIANG, shows="map")
    whole(app)
    spec = json.loads(charts(app)[0].spec)
    assert set(spec["data"][1]["locations"]) == set(area.members()["33"])
    low, high = spec["layout"]["geo"]["lonaxis"]["range"]
    assert high - low < 15
    assert any("Zhejiang" in c.value for c in app.caption)


def test_a_scenario_without_an_area_asks_for_one():
    app = start("scenario", plan="n.", player="duoduo", at_subsidy="area")
    whole(app)
    assert say("plan.no_area", "en") in [i.value for i in app.info]


@pytest.mark.parametrize("page", ["growth", "subsidy", "scenario"])
def test_links_of_the_panel_open_the_page_on_the_city(page):
    app = start("map", city=NINGBO)
    assert set(map_panel.links(NINGBO)) >= {page}
    app.button(key=f"city_to_{page}").click().run()
    whole(app)
    assert app.title[0].value == say(f"page.{page}", "en")
    if page == "scenario":
        assert app.selectbox(key="at_subsidy.en").value == "city"
        assert app.selectbox(key="area_city.en").value == NINGBO
    else:
        assert cities(app) == (NINGBO,)


def test_marks_on_the_map_change_the_area(monkeypatch):
    """What a lasso sends, and the key of the next map."""
    points = [{"customdata": ["330100", "Hangzhou"]}, {"customdata": ["330200", "Ningbo"]}, {}]
    kept = {"area_map.0.lasso": {"selection": {"points": points}}, "value.area": ("440300",)}
    monkeypatch.setattr(page_area.st, "session_state", kept)
    monkeypatch.setattr(page_area.state.st, "query_params", {})
    page_area._marked("area_map.0.lasso", "add")
    assert kept["value.area"] == (HANGZHOU, NINGBO, "440300")
    assert kept["area.turn"] == 1
