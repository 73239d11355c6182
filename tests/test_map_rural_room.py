"""The room "rural" of the Map page: every question answered in both languages, kept in the link, with a table."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis.space import rural, rural_living, rural_plans, rural_remote
from data.text import LANGUAGES, say
from pages.ui import map_deck
from pages.ui.map_rural import PARTS

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 120


def start(**query):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    for key, value in ({"room": "rural"} | query).items():
        app.query_params[key] = value
    app.run()
    app.switch_page("pages/map.py").run()
    assert not app.exception
    assert not app.error
    return app


def titles(app):
    return [header.value for header in app.header]


def specs(app):
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("part", PARTS)
def test_every_question_is_answered(part, lang):
    app = start(rur_part=part, lang=lang)
    charts = [chart.proto for chart in app.get("plotly_chart")]
    assert charts
    assert all(len(chart.alt) > 20 for chart in charts)
    maps = app.get("deck_gl_json_chart")
    assert len(maps) == (part == "reach")
    tables = [b for b in app.get("popover") if b.proto.popover.label == say("view.as_table", lang)]
    assert len(tables) >= len(charts) + len(maps)
    wrong = "{" if lang == "en" else "None"
    assert not any(wrong in title for title in titles(app))


@pytest.mark.parametrize("topic", rural_plans.TOPICS)
def test_link_restores_the_topic_of_the_plans(topic):
    app = start(rur_topic=topic)
    rows = rural_plans.figures()
    rows = rows[(rows["topic"] == topic) & ~rows["plan"]]
    drawn = {y for trace in specs(app)[0]["data"] if trace["mode"] == "markers" for y in trace["y"]}
    assert drawn == set(rows["value"])


def test_counties_follow_the_distance_and_whose_stations_count():
    near, far = (start(rur_part="reach", rur_km=km) for km in ("5", "40"))
    parts = [specs(app)[0]["data"][1]["x"][0] for app in (near, far)]
    assert parts[0] < parts[1]
    everyone = start(rur_part="reach", rur_km="5", rur_who="staffed")
    assert specs(everyone)[0]["data"][1]["x"][0] > parts[0]
    assert say("rural.who_staffed", "en") in titles(everyone)[0]


def test_published_counties_stand_beside_those_of_rural_taobao():
    app = start(rur_part="reach", rur_who="rural")
    said = " ".join(caption.value for caption in app.caption)
    assert "700 counties" in said
    assert "1,000 planned" in said


@pytest.mark.parametrize(
    ("who", "network", "said"),
    [
        ("chinapost", "duoduo", ("48.5%", "75%")),
        ("centres", "duoduo", ("95%", "278,000")),
        ("focus", "rural", ("700",)),
    ],
)
def test_what_is_published_stands_beside_the_market(who, network, said):
    app = start(rur_part="reach", rur_who=who, focus=network)
    words = " ".join(caption.value for caption in app.caption)
    assert all(number in words for number in said)


def test_counties_by_province_within_the_filters():
    app = start(rur_part="reach", rur_by="province", region="Northwest")
    labels = specs(app)[0]["data"][1]["y"]
    assert labels[0] == say("rural.all", "en")
    assert set(labels[1:]) == {"Shaanxi", "Gansu", "Qinghai", "Ningxia", "Xinjiang"}


def test_one_city_and_one_county():
    units = rural.units()
    placed = units[(units["city"] == "330100") & units["lat"].notna()]
    code = placed.index[-1]
    app = start(rur_part="reach", city="330100", rur_county=code, rur_who="staffed")
    chosen = app.selectbox(key="rur_county.en.map")
    assert chosen.value == code
    assert len(chosen.options) == len(placed)
    assert any(placed.loc[code, "name_en"] in shown.value for shown in app.markdown)


def test_a_click_on_a_county_chooses_it(monkeypatch):
    units = rural.units()
    code = units[(units["city"] == "510100") & units["lat"].notna()].index[0]
    click = map_deck.Click("counties", {"adcode": code}, 30.0, 104.0)
    monkeypatch.setattr(map_deck, "show", lambda *_, **__: click)
    app = start(rur_part="reach")
    assert app.selectbox[-1].value == code
    assert app.query_params["rur_county"] == code
    assert any(f"**{units.loc[code, 'name_en']} ·" in shown.value for shown in app.markdown)


def test_a_network_without_stations_is_said():
    app = start(rur_part="reach", rur_who="rural", city="310000")
    assert not any("nan" in title for title in titles(app))


def test_levers_of_the_way_move_the_costs_and_stay_in_the_link():
    app = start(rur_part="remote")
    before = titles(app)[0]
    app.slider(key="rur_load.en.map").set_value(0.4).run()
    assert not app.exception
    assert titles(app)[0] != before
    assert app.query_params["rur_load"] == "0.4"
    again = start(rur_part="remote", rur_load="0.4")
    assert titles(again)[0] == titles(app)[0]


def test_nobody_pays_and_no_remote_province():
    free = start(rur_part="remote", rur_pay="0")
    assert say("rural.remote_table_free", "en", name="Duoduo") in titles(free)
    none = start(rur_part="remote", region="East")
    assert say("rural.no_remote", "en") in [info.value for info in none.info]


def test_one_village_point_keeps_its_numbers_and_forgets_them():
    app = start(rur_part="living", rur_people="2500", rur_wages="500")
    village = rural_living.village()
    assert "2,500" in titles(app)[1]
    assert app.number_input[0].value == 2500
    app.button(key="rural_reset").click().run()
    assert not app.exception
    assert app.number_input[0].value == village.people
    assert "rur_people" not in app.query_params
    assert "rur_wages" not in app.query_params


def test_the_kind_of_point_brings_its_own_defaults():
    agent = start(rur_part="living", rur_format="agent")
    money = abs(float(rural_living.profit_cny_per_month(rural_living.village("agent"))))
    assert f"¥{money:,.0f}" in titles(agent)[1]


def test_nonsense_in_the_link_is_ignored():
    app = start(rur_part="<b>", rur_topic="x", rur_who="nobody", rur_km="-4", rur_people="many", rur_hub="000000")
    assert titles(app)[0] == titles(start())[0]
    odd = start(rur_part="remote", rur_hub="000000", rur_alone="9", rur_pay="nan")
    assert app.title[0].value == odd.title[0].value
    assert odd.selectbox(key="rur_hub.en.map").value == rural_remote.HUBS[0]
