"""What the filters of the Map page mean: cities without volumes, networks, dates that follow the month, one city."""

from dataclasses import replace

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from data import area, demo
from data.cities import cities
from data.text import say
from pages.ui import area as page_area
from pages.ui import map_nation, map_rooms
from pages.ui.inputs import Filters
from tests.test_pages import start

HANGZHOU, SHENZHEN = "330100", "440300"
ZHEJIANG = area.members()["33"]
SINCE, UNTIL = pd.Timestamp("2025-08-31"), pd.Timestamp("2026-08-31")


def pilot():
    """Volumes of one city in July and of two in August 2026, stations in all of Zhejiang."""
    whole = demo.load()
    panel, stations = whole.panel, whole.stations
    here = (panel["city"] == HANGZHOU) | ((panel["city"] == ZHEJIANG[1]) & (panel["month"] == "2026-08-01"))
    inside = stations[stations["city"].isin(ZHEJIANG)]
    return replace(whole, panel=panel[here], stations=inside, version="pilot-of-filters")


@pytest.mark.parametrize("by", [("platform", "tier"), ("platform", "city")])
def test_stations_opened_do_not_hang_on_the_month_of_the_page(by):
    market, found = pilot(), {}
    for month in ("2026-07-01", "2026-08-01"):
        for codes in ((), ZHEJIANG):
            filters = Filters(pd.Timestamp(month), (), (), (), codes)
            found[month, codes] = map_nation._moved(market, filters, SINCE, UNTIL, by)["opened"].sum()
    opened = market.stations["opened"]
    assert set(found.values()) == {((opened > SINCE) & (opened <= UNTIL)).sum()}


def test_cities_that_fit_are_those_of_the_list():
    everywhere = Filters(UNTIL, (), (), ())
    assert everywhere.cities() == tuple(cities().index.astype(str))
    found = replace(everywhere, tiers=("Tier 1",), area=(HANGZHOU, SHENZHEN)).cities()
    assert found == (SHENZHEN,)


@pytest.mark.parametrize("room", map_rooms.ROOMS)
def test_networks_are_filtered_where_they_mean_something(room):
    app = start("map", room=room, network="jd", city=HANGZHOU if room == "catchment" else "all")
    assert not app.exception
    shown = any(say("input.network_all", "en") == box.proto.placeholder for box in app.multiselect)
    assert shown == (room in map_rooms.BY_NETWORK)
    assert app.session_state["value.network" if shown else "value.room"] == (["jd"] if shown else room)


def test_dates_of_openings_follow_the_month_until_one_is_chosen():
    app = start("map", room="nation", month="2024-03")
    assert [box(app, name).value for name in ("nat_since", "nat_until")] == ["2023-03", "2024-03"]
    app.selectbox(key="month.en.map").set_value("2022-05").run()
    assert [box(app, name).value for name in ("nat_since", "nat_until")] == ["2021-05", "2022-05"]
    assert not {"nat_since", "nat_until"} & set(app.query_params)
    box(app, "nat_until").set_value("2022-02").run()
    assert app.query_params["nat_until"] in ("2022-02", ["2022-02"])
    app.selectbox(key="month.en.map").set_value("2022-06").run()
    assert [box(app, name).value for name in ("nat_since", "nat_until")] == ["2021-06", "2022-02"]


def box(app, name):
    return next(one for one in app.selectbox if one.key.startswith(f"{name}."))


@pytest.mark.parametrize("page", ["map", "share"])
def test_a_link_restores_all_cities_under_an_area_of_one(page):
    app = start(page, area=HANGZHOU)
    assert box(app, "city").value == HANGZHOU
    assert "city" not in app.query_params
    box(app, "city").set_value("all").run()
    assert box(app, "city").value == "all"
    assert "all" in app.query_params["city"]
    again = start(page, area=HANGZHOU, city="all")
    assert box(again, "city").value == "all"
    again.button(key="area_clear").click().run()
    assert box(again, "city").value == "all"
    assert not {"city", "area"} & set(again.query_params)


def turned():
    import streamlit as st

    from analysis.views.look import Look
    from analysis.views.theme import Theme
    from pages.ui import area, inputs

    look = Look("en", Theme("light"))
    if st.button("turn"):
        area.turn("city", "330100")
        st.write(",".join(st.query_params.get_all("city")))
    inputs.one(look, "city", ["all", "330100", "440300"])


def test_another_value_leaves_the_address_until_it_is_drawn():
    app = AppTest.from_function(turned, default_timeout=60)
    app.query_params["city"] = SHENZHEN
    app.run().button[0].click().run()
    assert app.markdown[0].value == SHENZHEN
    assert box(app, "city").value == HANGZHOU
    assert HANGZHOU in app.query_params["city"]


def test_the_default_city_is_that_of_the_area(monkeypatch):
    for codes, expected in {(): "all", (HANGZHOU,): HANGZHOU, ZHEJIANG: "all"}.items():
        monkeypatch.setattr(page_area, "chosen", lambda codes=codes: codes)
        assert page_area.of_city() == expected
