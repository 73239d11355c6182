"""A city's catchments: what they reproduce, and what opening and closing stations does."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis import economics
from analysis.space.catchment import NOBODY, Model, Site, base, capacity, change
from analysis.space.catchment_base import Base
from tests.made_city import CARRIED, CITY, people, standing
from tests.made_huff import anew

WIDE = Model(reach_m=6000.0, least_m=100.0)
"""Everyone reaches everything."""
NARROW = Model(reach_m=700.0, least_m=100.0, attraction_exponent=0.8, distance_exponent=1.6)
"""Some reach nothing."""
HERE = Site(30.2512, 120.1487, "cainiao", "station", name="Here")
THERE = Site(30.2471, 120.1533, "jd", "locker", cells=168)


def city(model: Model = WIDE, stations: pd.DataFrame | None = None, **options) -> Base:
    return base(people(), standing() if stations is None else stations, CARRIED, model=model, city=CITY, **options)


def with_sites(*sites: Site) -> pd.DataFrame:
    """The stations and the sites among them, as if they had always been there."""
    rows = [
        {"station_id": f"new{i}", "cells": site.cells or pd.NA, "city": CITY}
        | {name: getattr(site, name) for name in ("platform", "format", "lat", "lon")}
        for i, site in enumerate(sites)
    ]
    whole = pd.concat([standing().astype({"platform": str, "format": str, "city": str}), pd.DataFrame(rows)])
    return whole.astype({"cells": "Int64"}).reset_index(drop=True)


def test_a_new_station_takes_what_the_model_anew_says():
    before = city()
    after = change(before, opened=[HERE, THERE])
    expected = anew(before, with_sites(HERE, THERE))
    np.testing.assert_allclose(after.sites["parcels_per_day"], expected[["new0", "new1"]], rtol=1e-9)
    table = after.stations().set_index("station_id")
    np.testing.assert_allclose(table["after"], expected[table.index], rtol=1e-9)
    assert (table["change"] < 0).all()
    assert len(table) == 30


def test_closing_and_opening_together_as_the_model_anew_says():
    before, closed = city(NARROW), ["s000", "s005"]
    after = change(before, opened=[HERE, THERE], closed=closed)
    expected = anew(before, with_sites(HERE, THERE).set_index("station_id").drop(closed).reset_index())
    np.testing.assert_allclose(after.sites["parcels_per_day"], expected[["new0", "new1"]], rtol=1e-9)
    table = after.stations().set_index("station_id")
    assert (table.loc[closed, "after"] == 0).all()
    np.testing.assert_allclose(table["after"].drop(closed), expected[table.index.drop(closed)], rtol=1e-9, atol=1e-9)
    reached = expected.sum()
    assert before.parcels.sum() - reached == pytest.approx(after.unserved_after, abs=1e-9)
    assert after.networks["after"].sum() == pytest.approx(reached, rel=1e-12)


@pytest.mark.parametrize("model", [WIDE, NARROW])
def test_nothing_is_lost_on_the_way(model):
    after = change(city(model), opened=[HERE, THERE], closed=["s000", "s010", "s001"])
    parts = ["from_own", "from_rivals", "from_closed", "newly_served"]
    np.testing.assert_allclose(after.sites[parts].sum(axis=1), after.sites["parcels_per_day"], rtol=1e-12)
    by_site = after.won.groupby("site")["parcels_per_day"].sum()
    np.testing.assert_allclose(by_site, after.sites["parcels_per_day"], rtol=1e-12)
    to_sites = after.lost.query("to == 'site'")["parcels_per_day"].sum()
    assert to_sites == pytest.approx(after.sites["from_closed"].sum(), rel=1e-12)
    known = after.base.stations.set_index("station_id")["parcels_per_day"]
    lost = after.lost.groupby("station_id")["parcels_per_day"].sum()
    np.testing.assert_allclose(lost, known[lost.index], rtol=1e-9)
    served = after.networks["change"].sum()
    assert after.unserved_before - after.unserved_after == pytest.approx(served, abs=1e-9)
    np.testing.assert_allclose(after.networks[["share_before", "share_after"]].sum(), 1.0, rtol=1e-12)
    for name, step in after.networks["change"].items():
        table = after.stations()
        moved = table.loc[table["platform"] == name, "change"].sum()
        opened = after.sites.loc[after.sites["platform"] == name, "parcels_per_day"].sum()
        assert moved + opened == pytest.approx(step, abs=1e-8)


def test_what_own_and_rivals_closing_stations_give_is_told_apart():
    before, closed = city(), ["s000", "s005"]  # of cainiao and of duoduo
    after = change(before, opened=[HERE, THERE], closed=closed)
    lost = after.lost[after.lost["to"] == "site"].groupby(["platform", "to_platform"])["parcels_per_day"].sum()
    assert after.sites["from_own_closed"].tolist() == [pytest.approx(lost["cainiao", "cainiao"], rel=1e-10), 0.0]
    rest = after.sites["from_closed"] - after.sites["from_own_closed"]
    assert rest.sum() == pytest.approx(lost.sum() - lost["cainiao", "cainiao"], rel=1e-10)


def test_what_is_won_is_lost_by_others_or_was_nobodys():
    before = city(NARROW)
    far = before.demand[~before.served].iloc[0]
    after = change(before, opened=[Site(far["lat"] + 0.004, far["lon"], "cainiao", "station"), THERE])
    lost = -after.stations()["change"].sum()
    new = after.unserved_before - after.unserved_after
    assert new > 0
    assert after.sites["parcels_per_day"].sum() == pytest.approx(lost + new, rel=1e-10)
    assert after.sites["newly_served"].sum() == pytest.approx(new, rel=1e-10)
    assert after.won.loc[after.won["platform"] == NOBODY, "parcels_per_day"].sum() == pytest.approx(new, rel=1e-10)


def test_opening_then_closing_restores():
    before = city()
    opened = base(people(), with_sites(HERE), None, model=WIDE, city=CITY)
    plain = base(people(), standing(), None, model=WIDE, city=CITY)
    closed = change(opened, closed=["new0"])
    table = closed.stations().set_index("station_id")["after"].drop("new0")
    np.testing.assert_allclose(
        table, plain.stations.set_index("station_id")["parcels_per_day"][table.index], rtol=1e-12
    )
    nothing = change(before)
    assert nothing.stations().empty
    assert nothing.sites.empty
    assert nothing.lost.empty
    np.testing.assert_array_equal(nothing.networks["before"], nothing.networks["after"])


def test_a_site_out_of_reach_changes_nothing():
    after = change(city(), opened=[Site(31.2, 121.4, "cainiao", "station")])
    assert after.sites["parcels_per_day"].tolist() == [0.0]
    assert after.sites["cannibalisation"].tolist() == [0.0]
    assert (after.networks["change"] == 0).all()
    assert after.catchment(0).empty


def test_an_opening_takes_from_stations_in_proportion():
    before = city()
    table = change(before, opened=[HERE]).catchment(0)
    assert len(table) == 80
    points = before.demand.merge(table, on=["lat", "lon"])
    own = before.catchment("s000")
    assert own["parcels_per_day"].sum() == pytest.approx(before.stations["parcels_per_day"].iloc[0], rel=1e-12)
    assert len(own) == len(points)
    after = change(before, opened=[HERE])
    stays = 1 - after.catchment(0)["probability"].to_numpy()  # every station keeps the same part at one point
    expected = [before.catchment(f"s{i:03d}").sort_values(["lat", "lon"])["parcels_per_day"] for i in range(30)]
    order = after.catchment(0)[["lat", "lon"]].assign(stays=stays).sort_values(["lat", "lon"])["stays"].to_numpy()
    kept = after.stations().sort_values("station_id")["after"].to_numpy()
    np.testing.assert_allclose(kept, [parcels.to_numpy() @ order for parcels in expected], rtol=1e-9)


def test_cannibalisation_is_own_loss_over_gain():
    after = change(city(), opened=[HERE])
    table = after.stations()
    own = -table.loc[table["platform"] == "cainiao", "change"].sum()
    site = after.sites.iloc[0]
    assert site["from_own"] == pytest.approx(own, rel=1e-9)
    assert site["cannibalisation"] == pytest.approx(own / site["parcels_per_day"], rel=1e-9)
    assert after.networks.at["cainiao", "change"] == pytest.approx(site["parcels_per_day"] - own, rel=1e-9)


def test_profit_capacity_and_break_even():
    after = change(city(), opened=[HERE, THERE])
    for row, site in zip(after.sites.itertuples(), (HERE, THERE), strict=True):
        kind = economics.STATIONS[site.format]
        assert row.profit_cny_per_month == pytest.approx(30 * float(economics.profit(kind, row.parcels_per_day)))
        assert row.break_even == pytest.approx(economics.break_even(kind))
        assert row.margin == pytest.approx(row.parcels_per_day / row.break_even)
        assert row.capacity == capacity(site.format, site.cells)
        assert row.over_capacity == (row.parcels_per_day > row.capacity)
    paid = replace(economics.STATIONS["station"], subsidy_cny_per_parcel=0.5)
    helped = change(city(), opened=[HERE], types={"station": paid}).sites.iloc[0]
    alone = change(city(), opened=[HERE]).sites.iloc[0]
    more = helped["profit_cny_per_month"] - alone["profit_cny_per_month"]
    assert more == pytest.approx(0.5 * alone["parcels_per_day"] * economics.DAYS, rel=1e-9)
    assert helped["break_even"] < alone["break_even"]


def test_a_new_station_earns_with_what_it_can_take():
    many = {key: 20 * parcels for key, parcels in CARRIED.items()}
    points = people().assign(parcels_per_day=lambda rows: 20 * rows["parcels_per_day"])
    after = change(base(points, standing(), many, model=WIDE, city=CITY), opened=[HERE]).sites.iloc[0]
    assert after["over_capacity"]
    most = float(economics.profit(economics.STATIONS["station"], capacity("station")))
    assert after["profit_cny_per_month"] == pytest.approx(economics.DAYS * most, rel=1e-12)


def test_a_network_new_to_the_city_has_the_average_brand():
    before = city()
    after = change(before, opened=[Site(30.25, 120.15, "tuxi", "station")])
    assert after.networks.at["tuxi", "before"] == 0
    assert after.networks.at["tuxi", "after"] == pytest.approx(after.sites["parcels_per_day"].iloc[0])
    assert after.sites["from_own"].iloc[0] == 0
    average = base(people(), standing(), None, model=WIDE)
    assert change(average, opened=[HERE]).sites["parcels_per_day"].iloc[0] > 0


def test_the_order_of_stations_and_points_changes_nothing():
    found = base(
        people().sample(frac=1, random_state=1), standing().sample(frac=1, random_state=2), CARRIED, model=NARROW
    )
    plain = base(people(), standing(), CARRIED, model=NARROW)
    np.testing.assert_allclose(found.volumes, plain.volumes, rtol=1e-9)
    one, other = (change(b, opened=[HERE], closed=["s004"]) for b in (found, plain))
    np.testing.assert_allclose(one.sites["parcels_per_day"], other.sites["parcels_per_day"], rtol=1e-9)
    np.testing.assert_allclose(one.networks["change"], other.networks["change"], rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"closed": ["s000", "s000"]}, "twice"),
        ({"closed": ["x"]}, "no station"),
        ({"opened": [Site(30.25, 120.15, "jd", "door")]}, "no size"),
        ({"opened": [Site(300.0, 120.15, "jd", "station")]}, "no place"),
    ],
)
def test_wrong_changes_are_refused(options, text):
    with pytest.raises(ValueError, match=text):
        change(city(), **options)
