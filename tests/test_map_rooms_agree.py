"""What two rooms of the map, or two views of one, say of the same thing is the same."""

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from data.text import say
from pages.ui.map_catchment_state import Placed, sites_text

SHAOXING = "330600"
SMALL = ("130800", "370300", "450400", "511500", "610100", "650100")
"""Cities of every kind, those where a coarse grid goes wrong among them."""
SECONDS = 120
SAME = {"expected": "parcels_per_day", "break_even": "break_even", "profit": "profit"}
"""Columns of the same figures in the tables of coverage and of catchments."""


def rooms():
    """Both rooms, of a market with or without home delivery; what they say goes to the session."""
    from dataclasses import replace

    import streamlit as st

    from analysis.views.coverage import Subject
    from analysis.views.look import Look
    from analysis.views.theme import Theme
    from pages.ui import cached, inputs, map_catchment, map_coverage, map_coverage_model

    asked, look, market = st.query_params, Look("en", Theme("light")), cached.demo_market()
    if asked.get("networks"):
        kept = market.panel["platform"].isin(asked["networks"].split("~"))
        market = replace(market, panel=market.panel[kept], version="of some networks")
    filters, where = inputs.everything(cached.months(market)), asked.get("where", "all")
    match asked["room"]:
        case "coverage":
            map_coverage.section(look, market, filters, network="duoduo", place=where)
        case "catchment":
            map_catchment.section(look, market, filters, network="duoduo", place=where)
        case "shares":
            tables = {}
            for place in ("all", *asked["cities"].split("~")):
                this = map_coverage_model.Asked(look, market, filters, place, Subject("duoduo", "people", 1000), "city")
                found = map_coverage_model.measured(this)
                tables[place] = map_coverage_model.tables(this, found)["city"]
            st.session_state["shares"] = tables


def start(**query):
    app = AppTest.from_function(rooms, default_timeout=SECONDS)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert not app.error
    return app


def rows_with(app, column):
    """The table that has a column."""
    return next(frame.value for frame in app.dataframe if column in frame.value)


def test_one_site_has_the_same_figures_in_both_rooms():
    ranked = rows_with(start(room="coverage", where=SHAOXING), say("cover.expected", "en")).head(3)
    for _, cell in ranked.iterrows():
        lat, lon = (float(cell[say(f"field.{axis}", "en")]) for axis in ("lat", "lon"))
        placed = sites_text((Placed(lat, lon, "station"),))
        app = start(room="catchment", where=SHAOXING, cat_sites=placed)
        site = rows_with(app, say("catch.break_even", "en")).iloc[0]
        for one, other in SAME.items():
            here, there = cell[say(f"cover.{one}", "en")], site[say(f"catch.{other}", "en")]
            assert here == pytest.approx(there, abs=1.0), one


@pytest.mark.parametrize("query", [{"room": "coverage"}, {"room": "coverage", "where": SHAOXING}])
def test_a_market_without_home_delivery_has_coverage(query):
    app = start(networks="duoduo~cainiao", **query)
    assert len(app.dataframe[0].value) == 10


def test_a_market_without_home_delivery_has_catchments():
    placed = sites_text((Placed(30.0, 120.58, "station"),))
    app = start(room="catchment", networks="duoduo~cainiao", where=SHAOXING, cat_sites=placed)
    assert len(rows_with(app, say("catch.break_even", "en"))) == 1


def test_a_city_has_the_coverage_that_it_has_in_the_country():
    """Within about a point of all people, and without a lean to one side."""
    app = start(room="shares", cities="~".join(SMALL))
    tables = app.session_state["shares"]
    keys = ["city", "network", "kind", "radius_m"]
    alone = pd.concat([tables[city] for city in SMALL]).astype({"city": str}).set_index(keys)["people_share"]
    country = tables["all"].astype({"city": str}).set_index(keys)["people_share"].reindex(alone.index)
    apart = (alone - country)[alone.index.get_level_values("network").isin(["all", "duoduo", "cainiao"])]
    assert apart.abs().max() < 0.0125
    assert abs(apart.mean()) < 0.002
