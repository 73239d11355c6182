"""Catchments on the Map page: sites and shut stations by click, list and address, and what they move."""

from dataclasses import replace
from unittest.mock import patch

import pytest
from streamlit.testing.v1 import AppTest

from analysis.space import demand
from analysis.space.catchment import Model
from data.demo import load
from data.text import LANGUAGES, say
from pages.ui import cached, map_catchment_model, map_deck
from pages.ui import map_catchment_state as plans
from pages.ui.map_catchment_state import Placed
from pages.ui.map_deck import Click

HANGZHOU = "330100"
ONE = "30.27415,120.15515,s"
TWO = f"{ONE}~30.29000,120.10000,l"


def room():
    """A page with this room alone."""
    import streamlit as st

    from analysis.views.look import Look
    from analysis.views.theme import Theme
    from pages.ui import cached, inputs, map_catchment, state, text

    look, market = Look(text.language(), Theme("light")), cached.demo_market()
    filters = inputs.everything(cached.months(market))
    place = state.get("city", "all", str)
    map_catchment.section(look, market, filters, network=st.query_params.get("focus", "duoduo"), place=place)


def start(city=HANGZHOU, **query):
    app = AppTest.from_function(room, default_timeout=120)
    for name, value in {"city": city, **query}.items():
        app.query_params[name] = value
    return well(app.run())


def well(app):
    assert not app.exception
    assert not app.error
    return app


def entry(app, name):
    """The address, as a browser would show it."""
    found = app.query_params.get(name)
    return found[0] if isinstance(found, list) else found


def heads(app):
    return [header.value for header in app.header]


def own(count=3, network="duoduo"):
    rows = load().stations
    rows = rows[(rows["city"] == HANGZHOU) & (rows["platform"] == network) & rows["closed"].isna()]
    return rows["station_id"].astype(str).head(count).tolist()


def button(app, key):
    return next(one for one in app.button if one.key == key)


def test_sites_survive_the_address():
    sites = (Placed(30.27415, 120.15515, "station"), Placed(29.1, 119.9, "service_centre"))
    assert plans.read_sites(plans.sites_text(sites)) == sites
    assert plans.sites_text(sites) == "30.27415,120.15515,s~29.10000,119.90000,c"


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "30,120", "30,120,x", "nan,120,s", "91,120,s", "30,220,s", "51.5,-0.1,s", "1e999,1,s", "~~~"],
)
def test_what_is_no_site_is_left_out(text):
    assert plans.read_sites(text) is None
    assert plans.read_sites(f"{text}~{ONE}") == (Placed(30.27415, 120.15515, "station"),)


def test_an_address_holds_no_more_than_the_cap():
    many = "~".join(f"30.{i:05d},120.1,s" for i in range(100))
    assert len(plans.read_sites(many)) == plans.CAP
    assert len(plans.read_shut("~".join(f"a{i}" for i in range(100)))) == plans.CAP


def test_shut_stations_keep_strange_names():
    assert plans.read_shut("a%7Eb~c%25~~d") == ("a~b", "c%", "d")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_a_city_the_room_asks_for_one(lang):
    app = start("all", lang=lang)
    assert app.info[0].value == say("catch.choose_city", lang)
    table = app.dataframe[0].value
    assert len(table) > 300
    parcels = table[say("catch.others_parcels", lang)]
    assert parcels.is_monotonic_decreasing


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_empty_plan_shows_the_city_and_what_to_do(lang):
    app = start(lang=lang)
    assert not app.metric
    assert any("Hangzhou" in head or "杭州" in head for head in heads(app))
    assert len(app.get("plotly_chart")) == 0
    assert app.dataframe


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_link_restores_sites_and_shut_stations(lang):
    shut = own(2)
    app = start(cat_sites=TWO, cat_shut="~".join(shut), lang=lang)
    assert say("catch.plan_finding", lang, where="Hangzhou" if lang == "en" else "杭州", new=2, shut=2) in heads(app)
    assert len(app.metric) == 5
    assert len(app.get("plotly_chart")) == 2
    assert all(len(chart.proto.alt) > 20 for chart in app.get("plotly_chart"))
    assert app.multiselect[0].value == shut
    assert entry(app, "cat_sites") == TWO


def test_stations_reopen_from_the_list_and_undo_shuts_them_again():
    shut = own(2)
    app = start(cat_shut="~".join(shut))
    well(app.multiselect[0].set_value(shut[:1]).run())
    assert entry(app, "cat_shut") == shut[0]
    well(button(app, "cat_undo").click().run())
    assert entry(app, "cat_shut") == "~".join(shut)
    well(button(app, "cat_clear").click().run())
    assert entry(app, "cat_shut") is None
    assert not app.metric


def test_a_site_can_be_placed_by_its_coordinates():
    app = start()
    lat, lon = (next(box for box in app.number_input if box.key.startswith(key)) for key in ("cat_lat", "cat_lon"))
    lat.set_value(30.25)
    lon.set_value(120.2)
    place = next(one for one in app.button if one.label == say("catch.place", "en"))
    well(place.click().run())
    assert entry(app, "cat_sites") == "30.25000,120.20000,s"
    assert app.metric


def clicked(click, **query):
    """The room after one click on the map."""
    clicks = [click]
    with patch.object(map_deck, "show", lambda *_, **__: clicks.pop() if clicks else None):
        return start(**query)


def test_a_click_on_the_ground_places_a_site():
    app = clicked(Click("", {}, 30.271234567, 120.15), cat_tap="add")
    assert entry(app, "cat_sites") == "30.27123,120.15000,s"
    app = clicked(Click("", {}, 45.0, 120.15), cat_tap="add")
    assert entry(app, "cat_sites") is None
    assert any("km from where" in warning.value for warning in app.warning)
    app = clicked(Click("", {}, 51.5, -0.1), cat_tap="add")
    assert entry(app, "cat_sites") is None


def test_a_click_on_a_candidate_places_a_site_on_it():
    click = Click("candidates", {"lat": 30.31234, "lon": 120.21234}, 30.3125, 120.2124)
    assert entry(clicked(click, cat_best="1"), "cat_sites") == "30.31234,120.21234,s"


def test_a_click_on_a_station_shuts_it_and_another_opens_it():
    station = own(1)[0]
    app = clicked(Click("own", {"id": station}, 30.2, 120.1), cat_tap="shut")
    assert entry(app, "cat_shut") == station
    app = clicked(Click("shut", {"id": station}, 30.2, 120.1), cat_tap="shut", cat_shut=station)
    assert entry(app, "cat_shut") is None


def test_a_click_removes_a_site_or_shows_its_catchment():
    app = clicked(Click("sites", {"id": "2"}, 30.29, 120.1), cat_tap="shut", cat_sites=TWO)
    assert entry(app, "cat_sites") == ONE
    app = clicked(Click("sites", {"id": "1"}, 30.27, 120.15), cat_tap="show", cat_sites=TWO)
    assert entry(app, "cat_show") == "#1"
    assert any(head.startswith("Site 1 draws") for head in heads(app))


def test_a_click_where_nothing_stands_says_so():
    app = clicked(Click("", {}, 30.2, 120.1), cat_tap="shut")
    assert app.toast[0].value == say("catch.nothing_there", "en")


def test_a_full_plan_takes_no_more():
    full = "~".join(f"30.{2000 + i},120.10000,s" for i in range(plans.CAP))
    app = clicked(Click("", {}, 30.27, 120.15), cat_tap="add", cat_sites=full)
    assert app.warning[0].value == say("catch.full", "en", n=plans.CAP)
    assert len(entry(app, "cat_sites").split("~")) == plans.CAP


def test_sites_of_another_city_are_kept_and_left_out():
    app = start(cat_sites=f"{ONE}~31.23000,121.47000,s")
    assert say("catch.elsewhere", "en", n=1, where="Hangzhou") in [one.value for one in app.caption]
    assert entry(app, "cat_sites").count("~") == 1


@pytest.mark.parametrize(
    "query",
    [
        {"cat_l": "4", "cat_g": "0", "cat_km": "0.5"},
        {"cat_show": "nobody-knows", "cat_tap": "?"},
        {"cat_sites": "x", "cat_shut": "no-such-station"},
        {"cat_show": "#9", "cat_sites": ONE},
        {"focus": "hivebox", "cat_sites": TWO},
        {"focus": "rural"},
    ],
    ids=str,
)
def test_any_choice_is_answered(query):
    assert heads(start(**query))


@pytest.mark.parametrize("objective", ["parcels", "profit"])
def test_the_best_candidates_can_be_placed(objective):
    app = start(cat_best="1", cat_for=objective, cat_k="2", cat_n="10")
    well(button(app, "cat_place_best").click().run())
    assert 1 <= len(entry(app, "cat_sites").split("~")) <= 2
    assert app.metric


def test_sites_beyond_capacity_are_warned_of():
    said = say("catch.over", "en", names="|", name="", mean="").split("|")[0]
    assert any(one.value.startswith(said) for one in start(cat_sites=ONE).warning)
    assert not start(cat_shut=own(1)[0]).warning


def test_a_market_without_stations_says_what_it_needs():
    with patch.object(cached, "demo_market", lambda: replace(load(), stations=None)):
        app = start()
    assert app.info[0].value == say("catch.needs", "en")


def test_rivals_can_be_shut_as_well():
    rivals = own(40, "jd")
    app = start(cat_shut="~".join(rivals), cat_of="jd")
    assert say("catch.plan_finding", "en", where="Hangzhou", new=0, shut=40) in heads(app)
    assert rivals[0] not in app.dataframe[0].value[say("catch.station", "en")].tolist()
    assert app.metric[1].value.startswith("+")


def test_cutting_cells_keeps_every_parcel():
    points = demand.city_people(HANGZHOU).assign(parcels_per_day=lambda rows: rows["people"] / 10)
    found = map_catchment_model.sharpened(points)
    assert len(points) < len(found) <= map_catchment_model.POINTS
    for column in ("people", "rural", "parcels_per_day"):
        assert found[column].sum() == pytest.approx(points[column].sum(), rel=1e-9)
    assert found["lat"].mul(found["people"]).sum() == pytest.approx(points["lat"].mul(points["people"]).sum(), rel=1e-9)


def test_key_of_a_model_tells_its_numbers_apart():
    keys = {map_catchment_model.key_of(Model(distance_exponent=one)) for one in (1.0, 2.0, 2.0)}
    assert len(keys) == 2
