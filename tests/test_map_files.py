"""Files of the map's own: read like any other, of one session alone, and the modelled surface without them."""

import csv
import io

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analysis.space.demand_assumptions import ASSUMPTIONS
from data import extras, intake, markets, schema
from data.contract import TYPES
from data.intake.canonical import frame
from data.intake.crs import from_wgs84
from data.intake.headers import guess
from data.platforms import fold
from data.text import LANGUAGES, has, say

DEMAND = (
    "小区名称,纬度,经度,人口(万人),日均件量(件/日)\n文三,30.2741,120.1551,0.52,2100\n古荡,30.2598,120.1303,0.31,1280\n"
)
FLOWS = "起点,纬度,经度,站点编号,件量\nA,30.27,120.15,s1,10\nA,30.27,120.15,s2,20\nB,30.28,120.15,s1,0\n"
HANGZHOU = "330100"


def read(text, kind, **options):
    raw = text if isinstance(text, bytes) else text.encode()
    return intake.read(raw, extras.EXTRAS[kind], name=f"{kind}.csv", **options)


def rows(text, kind, **options):
    found = read(text, kind, **options)
    return extras.good(frame(found.rows_of, extras.EXTRAS[kind]), kind, options.get("crs", "WGS-84"))


def test_a_market_keeps_its_three_datasets():
    assert list(schema.DATASETS) == ["stations", "subsidies", "volumes"]
    assert not set(extras.EXTRAS) & set(schema.DATASETS)
    assert not set(extras.EXTRAS) & set(markets.REQUIRED)


@pytest.mark.parametrize("kind", extras.EXTRAS)
def test_columns_are_whole(kind):
    columns = extras.EXTRAS[kind].columns.values()
    headers = [fold(header) for column in columns for header in set(column.headers)]
    assert len(headers) == len(set(headers))
    for column in columns:
        assert column.type in TYPES
        assert (column.low is None) == (column.high is None)
        assert has(f"field.{column.name}")
        assert any("\u4e00" <= letter <= "\u9fff" for header in column.headers for letter in header)


@pytest.mark.parametrize("kind", extras.EXTRAS)
def test_every_header_is_read_as_its_column(kind):
    dataset = extras.EXTRAS[kind]
    for column in dataset.columns.values():
        for header in column.headers:
            sample = pd.DataFrame({header: ["1"]}, dtype="str")
            found, _ = guess([header], dataset, given={}, remembered={}, header_row=1, sample=sample)
            assert found[0].column == column.name, header


@pytest.mark.parametrize("kind", extras.EXTRAS)
def test_template_passes_its_own_check(kind):
    raw = schema.template_csv(extras.EXTRAS[kind])
    header, *examples = csv.reader(io.StringIO(raw.decode("utf-8-sig")))
    assert header == list(extras.EXTRAS[kind].columns)
    found = read(raw, kind)
    assert found.ok
    assert found.kept == len(examples) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_chinese_headers_units_and_encodings(encoding):
    found = rows(DEMAND.encode(encoding), "demand")
    assert found["people"].tolist() == [5200.0, 3100.0]
    assert found["parcels_per_day"].tolist() == [2100.0, 1280.0]
    assert found["village_people"].isna().all()


def test_monthly_parcels_become_daily():
    found = rows("lat,lon,日均件量(件/月)\n30.2,120.1,3043.75\n", "demand")
    assert found["parcels_per_day"].tolist() == pytest.approx([100.0])


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("x,120.1,30.2,5", "swapped"),
        ("x,52.5,13.4,5", "outside_china"),
        ("x,30.2,120.1,abc", "not_a_number"),
        ("x,30.2,120.1,-5", "out_of_range"),
        ("x,,120.1,5", "blank_cell"),
        ("合计,,,5", "totals_row"),
    ],
)
def test_bad_rows_are_named_with_a_remedy(line, code):
    found = read(f"name,lat,lon,people\na,30.1,120.1,9\n{line}\n", "demand")
    problem = found.problems[found.problems["code"] == code]
    assert problem["row"].tolist() == [3]
    assert all(has(f"fix.{one}") for one in problem["fix_code"])
    assert found.kept == 1


def test_points_without_amounts_mean_nothing():
    assert len(rows("name,lat,lon,people,parcels_per_day\na,30.1,120.1,,\nb,30.1,120.2,4,\n", "demand")) == 1
    assert rows("name,lat,lon\na,30.1,120.1\n", "demand").empty


def test_shifted_coordinates_are_turned_back():
    lon, lat = from_wgs84([120.15, 120.2], [30.27, 30.3], "GCJ-02")
    text = f"point,lat,lon,station_lat,station_lon,parcels\nA,{lat[0]},{lon[0]},{lat[1]},{lon[1]},4\n"
    found = rows(text, "flows", crs="GCJ-02").iloc[0]
    np.testing.assert_allclose(found[["lat", "lon"]].astype(float), [30.27, 120.15], atol=1e-8)
    np.testing.assert_allclose(found[["station_lat", "station_lon"]].astype(float), [30.3, 120.2], atol=1e-8)


STATIONS = pd.DataFrame(
    {"station_id": ["s1", "s3"], "lat": [30.26, 30.4], "lon": [120.16, 120.3], "platform": ["cainiao", "hivebox"]}
).assign(format=["station", "locker"])


def test_flows_find_their_stations():
    found = extras.to_stations(rows(FLOWS, "flows"), STATIONS)
    assert found[["origin", "station_id", "parcels"]].to_numpy().tolist() == [["A", "s1", 10.0], ["B", "s1", 0.0]]
    assert found["station_lat"].tolist() == [30.26, 30.26]
    assert found["platform"].tolist() == ["cainiao", "cainiao"]


def test_flows_without_a_name_go_to_a_place_and_add_up():
    text = (
        "point,lat,lon,station_lat,station_lon,parcels\nA,30.27,120.15,30.26,120.16,4\nA,30.275,120.15,30.26,120.16,6\n"
    )
    found = extras.to_stations(rows(text, "flows"), None)
    assert found["station_id"].tolist() == ["30.26,120.16"]
    assert found["parcels"].tolist() == [10.0]
    assert found["platform"].tolist() == [""]


def test_flows_to_unknown_stations_are_none():
    assert extras.to_stations(rows(FLOWS, "flows"), None).empty


def page():
    """A page that asks for both files and keeps what came of it."""
    import streamlit as st

    from analysis.views.look import Look
    from analysis.views.theme import Theme
    from pages.ui import cached, inputs, map_files

    look, market = Look(st.query_params.get("lang", "en"), Theme("light")), cached.demo_market()
    filters = inputs.everything(cached.months(market))
    for kind in ("demand", "flows"):
        map_files.upload(look, kind)
    st.session_state["nation"] = map_files.demand(look, market, filters)
    st.session_state["tier"] = map_files.demand(look, market, inputs.Filters(filters.month, ("Tier 1",), (), ()))
    st.session_state["city"] = map_files.city_demand(look, market, filters, "330100")
    st.session_state["other"] = map_files.city_demand(look, market, filters, "310000")
    st.session_state["flows"] = map_files.flows(look, market)
    st.session_state["key"] = map_files.assumed_key()


def start(**query):
    app = AppTest.from_function(page, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def drop(app, kind, content):
    zone = next(one for one in app.file_uploader if one.key.startswith(f"extra_drop_{kind}"))
    return zone.set_value((f"{kind}.csv", content.encode(), "text/csv")).run()


def test_without_a_file_the_surface_is_modelled():
    app = start()
    assert not app.exception
    (nation, grade), (city, _), (tier, _) = (app.session_state[name] for name in ("nation", "city", "tier"))
    assert grade == "modelled"
    assert nation["city"].nunique() == 337
    assert tier["city"].nunique() == 4
    assert set(city["city"]) == {HANGZHOU}
    assert len(city) > (nation["city"] == HANGZHOU).sum()
    here = nation[nation["city"] == HANGZHOU]
    assert city["parcels_per_day"].sum() == pytest.approx(here["parcels_per_day"].sum())
    assert app.session_state["flows"] is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_file_takes_the_place_of_the_surface_until_it_is_taken_away(lang):
    app = drop(start(lang=lang), "demand", DEMAND)
    assert not app.exception
    found, grade = app.session_state["nation"]
    assert grade == "modelled"  # people in villages are filled in
    assert found["parcels_per_day"].tolist() == [2100.0, 1280.0]
    assert app.session_state["city"][0]["name"].tolist() == ["文三", "古荡"]
    assert len(app.session_state["other"][0]) > 1000
    assert app.session_state["tier"][0].empty
    assert len(app.success) == 1
    assert "2" in app.success[0].value
    app.button(key="extra_away_demand").click().run()
    assert len(app.session_state["nation"][0]) > 100_000


def test_a_file_that_says_everything_is_reported():
    app = drop(start(), "demand", "lat,lon,people,village_people,parcels_per_day\n30.27,120.15,90,10,30\n")
    assert app.session_state["city"][1] == "reported"
    assert app.session_state["other"][1] == "modelled"


def test_problems_stand_in_words():
    app = drop(start(), "demand", "name,lat,lon,people\na,120.1,30.1,4\nb,30.1,120.1,4\n")
    assert not app.exception
    listed = app.dataframe[0].value
    assert say("problem.swapped", "en") in listed.to_numpy().ravel().tolist()


@pytest.mark.parametrize("content", ["nothing,here\n1,2\n", "", "<html></html>", "name,lat,lon\na,30.1,120.1\n"])
def test_a_file_without_a_point_is_refused_in_words_and_the_surface_stays(content):
    app = drop(start(), "demand", content)
    assert not app.exception
    assert len(app.error) == 1
    assert app.session_state["nation"][1] == "modelled"
    assert len(app.session_state["nation"][0]) > 100_000
    app.button(key="extra_away_demand").click().run()
    assert not app.error


def test_coordinates_can_be_chosen_afterwards():
    app = drop(start(), "demand", DEMAND)
    before = app.session_state["city"][0]
    next(box for box in app.selectbox if box.key.startswith("extra_crs_demand")).select("GCJ-02").run()
    after = app.session_state["city"][0]
    assert not app.exception
    shift = np.hypot(*(after[["lat", "lon"]].to_numpy() - before[["lat", "lon"]].to_numpy()).T)
    assert ((shift > 0.002) & (shift < 0.01)).all()


def test_flows_are_kept_for_the_session():
    text = "point,lat,lon,station_lat,station_lon,parcels\nA,30.27,120.15,30.26,120.16,4\n"
    app = drop(start(), "flows", text)
    assert app.session_state["flows"]["parcels"].tolist() == [4.0]
    assert start().session_state["flows"] is None


def field(app, key):
    return next(box for box in app.number_input if box.key.startswith(f"dem_{key}."))


def test_every_assumption_can_be_changed_and_put_back():
    app = start()
    assert len(app.number_input) == len(ASSUMPTIONS)
    before = app.session_state["city"][0]
    field(app, "village_parcels_per_head").set_value(0.9).run()
    assert not app.exception
    assert app.query_params["dem_village_parcels_per_head"] == "0.9"
    after = app.session_state["city"][0]
    pd.testing.assert_series_equal(after["people"], before["people"])
    assert after["parcels_per_day"].sum() == pytest.approx(before["parcels_per_day"].sum())
    assert after["parcels_per_day"].max() < before["parcels_per_day"].max()
    app.button(key="dem_reset").click().run()
    pd.testing.assert_frame_equal(app.session_state["city"][0], before)
    assert "dem_village_parcels_per_head" not in app.query_params


@pytest.mark.parametrize("lang", LANGUAGES)
def test_assumptions_live_in_the_url_and_the_key(lang):
    app = start(dem_people_per_km2="20000", dem_village_spread_km="999", lang=lang)
    assert not app.exception
    assert app.session_state["key"] == (("people_per_km2", 20_000.0),)
    assert field(app, "people_per_km2").value == 20_000.0
    assert field(app, "village_spread_km").value == ASSUMPTIONS["village_spread_km"].value
    assert app.session_state["city"][0]["people"].max() > start().session_state["city"][0]["people"].max()
