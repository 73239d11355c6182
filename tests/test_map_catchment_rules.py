"""Exponents of the catchment room: fitted to the session's flows, or told why they are not."""

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analysis.space import active
from analysis.space.huff_fit import choice_sets
from data.demo import load
from data.grade import Grade
from data.text import say
from tests.test_map_catchment_room import ONE, start
from tests.test_map_files import DEMAND, drop

CENTRE = (30.27, 120.16)
COLUMNS = ["origin", "lat", "lon", "station_id", "parcels"]


def near(platform, kind, count):
    """Stations of the illustrative market nearest to the middle of Hangzhou."""
    found = load().stations.query("city == '330100' and platform == @platform and format == @kind")
    found = active(found, pd.Timestamp("2026-08-31"))
    gap = np.hypot(found["lat"] - CENTRE[0], found["lon"] - CENTRE[1])
    return found.loc[gap.nsmallest(count).index, ["station_id", "lat", "lon", "platform", "format"]]


def flows(size=0.7, distance=1.8, origins=60, parcels=2000):
    """Flows of a known model to stations of two networks and three formats."""
    rng = np.random.default_rng(3)
    stations = pd.concat([near("jd", "station", 5), near("jd", "partner_store", 5), near("hivebox", "locker", 4)])
    ends = {"lat": "station_lat", "lon": "station_lon"}
    stations = stations.rename(columns=ends).astype({"platform": str, "format": str})
    picked = stations.sample(origins, replace=True, random_state=1).reset_index(drop=True)
    at = {name: picked[f"station_{name}"] + rng.normal(0, 0.006, origins) for name in ("lat", "lon")}
    points = pd.DataFrame({"origin": [f"P{i}" for i in range(origins)], **at})
    pairs = points.merge(stations, how="cross").assign(parcels=1.0)
    laid = choice_sets(pairs)
    weight = laid["size"] ** size * laid["distance_m"] ** -distance
    mean = parcels * weight / weight.groupby(laid["origin"]).transform("sum")
    drawn = laid.assign(n=rng.poisson(mean)).set_index(["origin", "station_id"])["n"].rename("parcels")
    return pairs.drop(columns="parcels").join(drawn, on=["origin", "station_id"], how="inner")[COLUMNS]


def rules():
    """A page with the rules alone, and the model that comes of them."""
    import streamlit as st

    from analysis.views.look import Look
    from analysis.views.theme import Theme
    from pages.ui import cached, map_catchment_rules, text

    model = map_catchment_rules.chosen(Look(text.language(), Theme("light")), cached.demo_market())
    st.session_state["model"] = model


def bring(table, **query):
    app = AppTest.from_function(rules, default_timeout=120)
    for name, value in query.items():
        app.query_params[name] = value
    app = drop(app.run(), "flows", table.to_csv(index=False))
    assert not app.exception
    return app


def exponents(app):
    """Rows of distance and size, or None where no fit is shown."""
    shown = [one.value for one in app.dataframe if say("catch.exponent", "en") in one.value]
    return [list(row) for row in shown[0].itertuples(index=False)] if shown else None


def warned(app, key, part=0):
    """Whether a warning of that text is shown; `part` picks a piece between placeholders."""
    values = dict.fromkeys(("name", "value", "low", "high", "part", "reasons", "n", "reason"), "|")
    piece = say(f"catch.{key}", "en", **values).split("|")[part]
    return any(piece in one.value for one in app.warning)


def test_exponents_come_from_flows_where_there_are_some():
    app = bring(flows())
    distance, size = exponents(app)
    assert distance[3] < 1.8 < distance[4]
    assert size[3] < 0.7 < size[4]
    assert distance[4] - distance[3] < 0.5
    model = app.session_state["model"]
    assert (model.distance_exponent, model.attraction_exponent) == pytest.approx((distance[1], size[1]), abs=5e-4)
    assert (model.grade, model.reach_m) == (Grade.ESTIMATED, 3000.0)
    assert not app.warning
    captions = " ".join(one.value for one in app.caption)
    assert say("catch.fit_check", "en", values="|", pairs="|").split("|")[0] in captions
    assert "3 km" in captions
    wider = bring(flows(), cat_km="1.0")
    assert "1 km" in " ".join(one.value for one in wider.caption)
    assert exponents(wider) != exponents(app)
    assert exponents(bring(flows(), cat_fit="assumed")) is None


def test_a_file_with_as_many_rows_and_parcels_has_a_fit_of_its_own():
    table = flows()
    turned = table.assign(parcels=table["parcels"].to_numpy()[::-1])
    assert exponents(bring(table)) != exponents(bring(turned))


def test_flows_that_carry_no_fit_are_told_so():
    app = bring(flows().head(1))
    assert exponents(app) is None
    assert warned(app, "no_fit")


def test_separation_is_told_and_the_exponents_stay_assumed():
    table = flows(size=0.0, distance=60.0)
    nearest = table.groupby("origin")["parcels"].transform("max") == table["parcels"]
    app = bring(table.assign(parcels=np.where(nearest, 40.0, 0.0)))
    assert exponents(app) is None
    assert any(say("catch.fit_no_top", "en") in one.value for one in app.warning)


@pytest.mark.parametrize(
    ("made", "key", "part"),
    [
        ({"size": -0.6}, "fit_wrong", 1),
        ({"distance": 5.0, "parcels": 500_000}, "fit_beyond", 1),
        ({"origins": 7}, "fit_few", 1),
    ],
)
def test_what_is_odd_about_a_fit_is_said(made, key, part):
    app = bring(flows(**made))
    assert exponents(app) is not None
    assert warned(app, key, part)
    assert len(app.warning) == 1
    assert app.session_state["model"].attraction_exponent >= 0


def test_parcels_left_aside_are_said():
    table = flows()
    unknown = table.assign(station_id="nobody knows", parcels=table["parcels"].sum() / len(table))
    app = bring(pd.concat([table, unknown.drop_duplicates("origin").assign(parcels=2000.0)]))
    assert warned(app, "fit_part")
    piece = say("catch.aside_nowhere", "en", part="|").split("|")[1]
    assert any(piece in one.value for one in app.warning)
    assert exponents(app) == exponents(bring(table))


def test_demand_points_of_a_file_take_the_place_of_the_model():
    app = start(cat_sites=ONE, cat_best="1")
    modelled = app.metric[0].value
    assert say("catch.demand_modelled", "en") in [one.value for one in app.caption]
    app = drop(app, "demand", DEMAND)
    assert not app.exception
    assert say("catch.demand_reported", "en") in [one.value for one in app.caption]
    assert app.metric[0].value != modelled
