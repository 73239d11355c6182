"""The coverage room: every choice, both languages, one city, files of the reader; the address holds what was chosen."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from analysis.space.demand_assumptions import ASSUMPTIONS
from data.cities import cities
from data.platforms import PLATFORMS
from data.text import LANGUAGES, say

HANGZHOU = "330100"
SECONDS = 120


def page():
    """The room alone, with what the page around it hands over in the address."""
    import streamlit as st

    from analysis.views.look import Look
    from analysis.views.theme import Theme
    from pages.ui import cached, inputs, map_coverage

    asked = st.query_params
    look, market = Look(asked.get("lang", "en"), Theme("light")), cached.demo_market()
    months = cached.months(market)
    tiers = tuple(asked.get_all("only"))
    filters = inputs.Filters(months[int(asked.get("at", -1))], tiers, (), ())
    map_coverage.section(look, market, filters, network=asked.get("net", "duoduo"), place=asked.get("where", "all"))


def start(**query):
    app = AppTest.from_function(page, default_timeout=SECONDS)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert not app.error
    return app


def titles(app):
    return [header.value for header in app.header]


def charts(app):
    return [chart.proto for chart in app.get("plotly_chart")]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nation(lang):
    app = start(lang=lang)
    assert len(titles(app)) == 6
    assert len(charts(app)) == 4
    assert all(len(chart.alt) > 20 for chart in charts(app))
    assert len(app.dataframe[0].value) == 10
    assert say("cover.source_modelled", lang) in app.caption[0].value
    assert say("cover.km", lang, n=1) in titles(app)[0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_city(lang):
    app = start(lang=lang, where=HANGZHOU)
    assert len(titles(app)) == 4
    assert len(charts(app)) == 2
    assert say("cover.rings", lang, n=10) in " ".join(caption.value for caption in app.caption)
    seat, rows = cities().loc[HANGZHOU], app.dataframe[0].value
    assert (rows[say("field.lat", lang)] - seat["lat"]).abs().max() < 1
    assert [str(group.key).split(".")[0] for group in app.button_group] == ["cov_weight"]


@pytest.mark.parametrize("radius", ["300", "3000"])
def test_every_radius(radius):
    app = start(where=HANGZHOU, cov_radius=radius)
    said = say("cover.m", "en", n=300) if radius == "300" else say("cover.km", "en", n=3)
    assert all(said in title for title in titles(app)[:3])


def test_radius_and_weight_are_kept_in_the_address():
    app = start(where=HANGZHOU)
    app.selectbox[0].set_value("3000").run()
    assert app.query_params["cov_radius"] == "3000"
    people = titles(app)[1]
    app.button_group[0].set_value("parcels_per_day").run()
    assert app.query_params["cov_weight"] == "parcels_per_day"
    assert not app.exception
    assert say("cover.people", "en") in people
    assert say("cover.parcels_per_day", "en") in titles(app)[1]


def test_larger_radius_covers_more():
    shares = []
    for radius in ("300", "1000", "3000"):
        title = titles(start(where=HANGZHOU, cov_radius=radius))[1]
        shares.append(float(title.split("%")[0]))
    assert shares == sorted(shares)
    assert shares[0] < shares[-1]


def test_cities_of_one_tier():
    app = start(cov_by="city", only="Tier 1")
    assert len(titles(app)) == 6
    named = set(app.dataframe[0].value.iloc[:, 1])
    assert named <= {"Beijing", "Shanghai", "Guangzhou", "Shenzhen"}


@pytest.mark.parametrize("network", ["hivebox", "rural", "cainiao"])
def test_networks_of_every_format(network):
    app = start(where=HANGZHOU, net=network)
    assert PLATFORMS[network].en in titles(app)[0]


def test_before_the_first_station_of_a_network_all_is_white_space():
    app = start(where=HANGZHOU, net="duoduo", at=0)
    assert titles(app)[1].startswith("0.0%")


def drop(app, content):
    zone = next(one for one in app.file_uploader if one.key.startswith("extra_drop_demand"))
    app = zone.set_value(("demand.csv", content.encode(), "text/csv")).run()
    assert not app.exception
    return app


def test_own_points_take_the_place_of_the_model():
    lat, lon = (float(cities().loc[HANGZHOU, axis]) for axis in ("lat", "lon"))
    steps = np.linspace(-0.02, 0.02, 5)
    rows = "\n".join(f"{lat + a:.4f},{lon + b:.4f},900,100,300" for a in steps for b in steps)
    app = drop(start(where=HANGZHOU), f"lat,lon,people,village_people,parcels_per_day\n{rows}\n")
    assert say("cover.source_reported", "en", n=25) in app.caption[0].value


def test_what_a_file_leaves_out_is_filled_in_and_said():
    lat, lon = (float(cities().loc[HANGZHOU, axis]) for axis in ("lat", "lon"))
    app = drop(start(where=HANGZHOU), f"lat,lon,parcels_per_day\n{lat:.4f},{lon:.4f},300\n")
    assert say("cover.source_filled", "en", n=1) in app.caption[0].value


def test_points_elsewhere_leave_nothing_to_show():
    lat, lon = (float(cities().loc["610100", axis]) for axis in ("lat", "lon"))
    app = drop(start(only="Tier 1"), f"lat,lon,people,parcels_per_day\n{lat:.4f},{lon:.4f},100,300\n")
    assert say("cover.no_demand", "en") in [info.value for info in app.info]


def test_what_the_surface_assumes_moves_the_answer():
    spread = ASSUMPTIONS["people_per_km2"]
    thin, thick = (
        titles(start(where=HANGZHOU, dem_people_per_km2=f"{value:g}")) for value in (spread.low, spread.high)
    )
    assert thin[1] != thick[1]
