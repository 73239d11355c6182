"""A city's catchments today: what they reproduce, and what they say when they cannot."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis import economics
from analysis.space.brands import calibrate
from analysis.space.catchment import Model, Site, base, capacity, change, daily, handed_over
from analysis.space.catchment_base import Base
from analysis.space.huff import ASSUMED
from analysis.space.sizes import SIZES
from analysis.space.surroundings import spread_m
from data.grade import Grade
from tests.made_city import CARRIED, CITY, people, standing
from tests.made_huff import anew

WIDE = Model(reach_m=6000.0, least_m=100.0)
"""Everyone reaches everything."""
NARROW = Model(reach_m=700.0, least_m=100.0, attraction_exponent=0.8, distance_exponent=1.6)
"""Some reach nothing."""
HERE = Site(30.2512, 120.1487, "cainiao", "station", name="Here")
THERE = Site(30.2471, 120.1533, "jd", "locker", cells=168)


def city(model: Model = WIDE, stations: pd.DataFrame | None = None, carried: dict | None = None, **options) -> Base:
    found, said = standing() if stations is None else stations, CARRIED if carried is None else carried
    return base(people(), found, said, model=model, city=CITY, **options)


def test_catchments_reproduce_what_networks_carry():
    found = city()
    assert found.brands.reached
    assert found.brands.gap <= 1e-9
    assert found.handed_over == pytest.approx(7000 / 9000, rel=1e-12)
    carried = pd.Series({key: parcels for key, parcels in CARRIED.items() if key != "home"})
    np.testing.assert_allclose(found.volumes, carried[list(found.networks)], rtol=1e-8)
    by_station = found.stations.groupby(found.stations["platform"].astype(str))["parcels_per_day"].sum()
    np.testing.assert_allclose(by_station[list(found.networks)], found.volumes, rtol=1e-12)
    assert (found.unserved, found.short, found.without_stations) == (0.0, (), ())


@pytest.mark.parametrize("model", [WIDE, NARROW])
def test_the_base_is_the_huff_model_with_brands(model):
    found = city(model)
    np.testing.assert_allclose(
        found.stations.set_index("station_id")["parcels_per_day"], anew(found, found.stations), rtol=1e-9, atol=1e-12
    )
    logs = np.log(found.brands.worth) @ (found.carried / found.carried.sum())
    assert logs == pytest.approx(0.0, abs=1e-9)


def test_parcels_are_those_of_the_networks_where_some_people_reach_nothing():
    found = city(NARROW)
    assert 0 < found.unserved < 2000
    np.testing.assert_allclose(found.volumes, found.carried, rtol=1e-8)
    assert found.unserved == pytest.approx(found.beyond * 7000, rel=1e-12)
    assert found.part == pytest.approx(7000 / 9000 / (1 - found.beyond), rel=1e-12)


def test_a_network_cannot_get_more_than_is_in_its_reach():
    stations = standing()
    lone = stations[(stations["platform"] != "jd") | (stations["station_id"] == "s003")]
    found = base(people(), lone, CARRIED | {"jd": 30_000.0}, model=NARROW, city=CITY)
    assert not found.brands.reached
    assert found.short == ("jd",)
    assert (found.brands.worth > 0).all()
    assert found.brands.worth.max() / found.brands.worth.min() < 1e6
    gone = base(people(), stations[stations["platform"] != "jd"], CARRIED, model=WIDE, city=CITY)
    assert (gone.without_stations, gone.short) == (("jd",), ())
    share = gone.volumes / gone.volumes.sum()
    np.testing.assert_allclose(share[["cainiao", "duoduo", "hivebox"]], np.array([3000, 2000, 1500]) / 6500, atol=1e-9)
    assert gone.volumes.sum() == pytest.approx(6500, rel=1e-12)  # parcels of a network without a station are nobody's


def test_without_volumes_all_brands_are_one():
    found = base(people(), standing(), model=WIDE)
    assert (found.brands.worth == 1).all()
    assert found.handed_over == 1
    assert found.stations["inside"].all()
    assert (found.grade, found.short) == (Grade.ASSUMED, ())
    fitted = base(people(), standing(), model=Model(distance_exponent=1.5, grade=Grade.ESTIMATED))
    assert fitted.grade == Grade.MODELLED


def test_capacity_of_formats():
    assert capacity("locker") == pytest.approx(economics.capacity(economics.STANDARD), rel=1e-12)
    assert capacity("locker", 168) > 2 * capacity("locker", 84)  # larger groups of cells are better used
    assert capacity("station") == economics.declared("station")["parcels_per_day"].high
    assert set(SIZES) == set(economics.STATIONS)


def test_neighbours_compete_and_are_told_apart():
    found = city()
    outside = found.stations[~found.stations["inside"]]
    assert len(outside) == 4
    assert (outside["parcels_per_day"] > 0).all()
    alone = base(people(), standing().loc[lambda frame: frame["city"] == CITY], CARRIED, model=WIDE, city=CITY)
    assert (
        alone.stations["parcels_per_day"].sum() > found.stations.loc[found.stations["inside"], "parcels_per_day"].sum()
    )


@pytest.mark.parametrize("lat", [0.0, 30.0, 48.0])
def test_what_stands_for_an_area_has_a_mean_distance(lat):
    side, rng = 0.01, np.random.default_rng(3)
    north, east = rng.uniform(-side / 2, side / 2, (2, 400_000)) * 111_195
    cells = pd.DataFrame({"lat": [lat, lat, lat], "lon": 120.0, "degrees": [side, side / 4, 0.0]})
    found = spread_m(cells, 3000.0)
    assert found[0] == pytest.approx(np.hypot(north, east * np.cos(np.radians(lat))).mean(), rel=3e-3)
    assert found[1] == pytest.approx(found[0] / 4, rel=1e-12)
    assert found[2] == ASSUMED["least_m"].value
    assert spread_m(cells, 400.0)[0] == 100.0
    assert spread_m(cells[["lat", "lon"]], 3000.0).tolist() == [50.0] * 3


def test_the_part_handed_over_at_stations():
    rows = pd.DataFrame(
        [("a", "cainiao", 60), ("a", "home", 40), ("b", "jd", 9), ("c", "jd", 0), ("d", "home", 7)],
        columns=["city", "platform", "parcels"],
    )
    assert handed_over(rows).to_dict() == {"a": 0.6, "b": 1.0, "c": 1.0, "d": 0.0}
    assert handed_over(rows[rows["platform"] != "home"]).to_dict() == {"a": 1.0, "b": 1.0, "c": 1.0}
    assert handed_over(rows.iloc[:0]).empty


def test_daily_parcels_leave_home_delivery_out():
    rows = pd.DataFrame(
        {
            "month": pd.Timestamp("2026-02-01"),
            "platform": ["cainiao", "home", "jd"],
            "parcels": [2800, 5600, 0],
        }
    )
    assert daily(rows) == {"cainiao": 100.0, "jd": 0.0}


def test_a_city_without_stations_or_parcels():
    found = base(people(), standing().iloc[:0], CARRIED, model=WIDE, city=CITY)
    assert found.unserved == pytest.approx(7000, rel=1e-12)
    assert set(found.without_stations) == {"cainiao", "duoduo", "hivebox", "jd"}
    assert found.short == ()
    assert change(found, opened=[HERE]).sites["newly_served"].iloc[0] == pytest.approx(7000, rel=1e-12)
    for unknown in ({}, dict.fromkeys(CARRIED, 0.0)):
        nothing = base(people(), standing(), unknown, model=WIDE, city=CITY, handed_over=0.6)
        assert (nothing.handed_over, nothing.part, nothing.unserved, nothing.short) == (0.6, 0.6, 0.0, ())
        assert nothing.volumes.sum() == pytest.approx(0.6 * 9000, rel=1e-12)


def test_a_market_larger_than_the_demand_is_carried_whole():
    found = base(people(), standing(), {key: 10 * parcels for key, parcels in CARRIED.items()}, model=WIDE, city=CITY)
    assert (found.handed_over, found.part) == (1, pytest.approx(70_000 / 9000))
    assert found.volumes.sum() == pytest.approx(70_000, rel=1e-9)
    np.testing.assert_allclose(found.brands.worth, city().brands.worth, rtol=1e-9)


@pytest.mark.parametrize("factor", [1e-3, 1.0, 1e5])
def test_counted_demand_is_kept_as_it_was_counted(factor):
    points = people().assign(parcels_per_day=lambda rows: rows["parcels_per_day"] * factor)
    found = base(points, standing(), CARRIED, model=WIDE, city=CITY, handed_over=0.6, counted=True)
    assert found.volumes.sum() == pytest.approx(0.6 * 9000 * factor, rel=1e-9)
    np.testing.assert_allclose(found.volumes / found.volumes.sum(), found.carried / 7000, atol=1e-9)


def test_counted_points_have_no_width():
    points = people(5)  # far apart: the gaps between them say nothing about where people live
    near = standing().assign(lat=points["lat"].iloc[0], lon=points["lon"].iloc[0] + 0.001).iloc[:1]
    far = near.assign(station_id="far", lon=points["lon"].iloc[0] + 0.002)
    found = base(points.iloc[:1], pd.concat([near, far]), CARRIED, city=CITY, counted=True)
    assert found.least_m.tolist() == [50.0]
    ratio = found.stations["parcels_per_day"].iloc[0] / found.stations["parcels_per_day"].iloc[1]
    assert ratio == pytest.approx(4.0, rel=1e-3)  # half as far, distance to the second power


def test_a_station_without_parcels_is_a_station_within_reach():
    before = city(carried={key: n for key, n in CARRIED.items() if key == "duoduo"}, stations=only("jd"))
    assert (before.served.all(), before.unserved, before.beyond) == (True, 0.0, 0.0)
    assert (before.without_parcels, before.without_stations) == (("jd",), ("duoduo",))
    whole = city(carried=CARRIED | {"jd": 0.0})
    assert (whole.without_parcels, whole.volumes["jd"]) == (("jd",), 0.0)
    assert whole.volumes.sum() == pytest.approx(6500, rel=1e-9)


def only(platform: str) -> pd.DataFrame:
    """Stations of one network."""
    return standing()[lambda rows: rows["platform"] == platform]


@pytest.mark.parametrize("extra", [40, 400])
def test_lockers_crowd_no_staffed_station_out(extra):
    rules = Model(reach_m=3000.0, least_m=100.0, most=20, most_lockers=5)
    rng, staffed = np.random.default_rng(8), standing()[lambda rows: rows["format"] != "locker"]
    lockers = staffed.sample(extra, replace=True, random_state=1).assign(
        **{"station_id": [f"l{i}" for i in range(extra)], "platform": "hivebox", "format": "locker", "cells": 84},
        lat=30.25 + rng.uniform(-0.015, 0.015, extra),
        lon=120.15 + rng.uniform(-0.015, 0.015, extra),
    )
    both = pd.concat([lockers, staffed.astype({"platform": str, "format": str})], ignore_index=True)
    found, alone = city(rules, both.astype({"cells": "Int64"})), city(rules, staffed)
    kind = (found.stations["format"] == "locker").to_numpy()
    assert (np.bincount(found.points[kind[found.near.stations]], minlength=80) == 5).all()
    names = [base.stations["station_id"].to_numpy()[base.near.stations] for base in (found, alone)]
    pairs = [
        set(zip(base.points.tolist(), name.tolist(), strict=True))
        for base, name in zip((found, alone), names, strict=True)
    ]
    assert pairs[1] <= pairs[0]
    np.testing.assert_array_equal(found.near.radius_m, alone.near.radius_m)


def test_the_same_neighbours_serve_other_exponents():
    first = city(NARROW)
    again = city(replace(NARROW, distance_exponent=2.2), near=first.near)
    np.testing.assert_allclose(again.volumes, city(replace(NARROW, distance_exponent=2.2)).volumes, rtol=1e-12)


def test_no_demand_and_unfinished_demand_are_refused():
    with pytest.raises(ValueError, match="no demand point"):
        base(people().iloc[:0], standing(), CARRIED)
    for column in ("lat", "parcels_per_day"):
        with pytest.raises(ValueError, match="lacks"):
            base(people().assign(**{column: np.nan}), standing(), CARRIED)


def test_brands_are_exact_where_they_can_be():
    rng = np.random.default_rng(4)
    pull, parcels = rng.gamma(0.5, 1.0, (200, 6)), rng.gamma(2.0, 50.0, 200)
    carried = np.array([500.0, 80.0, 3.0, 900.0, 0.0, 40.0])
    found = calibrate(pull, parcels, carried)
    assert found.reached
    assert found.worth[4] == 0
    share = pull * found.worth / (pull @ found.worth)[:, None]
    np.testing.assert_allclose(parcels @ share / parcels.sum(), carried / carried.sum(), atol=1e-9)
    scaled = calibrate(pull * 84.0, parcels * 30.0, carried * 30.0)
    np.testing.assert_allclose(scaled.worth, found.worth, rtol=1e-7)
    stronger = calibrate(pull * [1.0, 2.0, 1.0, 1.0, 1.0, 1.0], parcels, carried)  # what a size lacks the brand has
    ratio = stronger.worth[[0, 1, 2, 3, 5]] / found.worth[[0, 1, 2, 3, 5]]
    np.testing.assert_allclose(ratio / ratio[0], [1.0, 0.5, 1.0, 1.0, 1.0], rtol=1e-6)


def test_brands_stay_within_bounds_where_they_cannot_be_exact():
    pull = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    found = calibrate(pull, np.full(4, 100.0), np.array([30.0, 5.0, 30.0]))  # the second has two points to itself
    assert not found.reached
    assert found.gap > 0.3
    assert (found.worth[[0, 2]] > found.worth[1]).all()
    assert found.worth.max() / found.worth.min() < 1e8
    assert calibrate(pull, np.full(4, 100.0), np.zeros(3)).worth.tolist() == [0.0, 0.0, 0.0]
