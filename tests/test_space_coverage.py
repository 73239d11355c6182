"""Coverage against every pair of a small town, its laws, and who serves whom."""

import numpy as np
import pandas as pd
import pytest

from analysis.space.coverage import ALL, RADII_M, SERVED, parts, rings, served, servers
from data.cities import cities
from tests.made_space import CITIES, coverage, demand, near, stations

RADII = (300, 1000, 3000)


def at(table, network=ALL, kind="any", radius_m=1000):
    chosen = (table["network"] == network) & (table["kind"] == kind) & (table["radius_m"] == radius_m)
    return table[chosen]


def one(points, found, **which):
    return at(coverage(points, found, by=()), **which).iloc[0]


@pytest.mark.parametrize("radius_m", RADII)
@pytest.mark.parametrize("network", [ALL, "cainiao", "duoduo", "jd", "hivebox"])
def test_coverage_is_that_of_every_pair(network, radius_m):
    points, found = demand(), stations()
    table = coverage(points, found, by=("city",))
    for kind in ("any", "staffed", "locker"):
        kept = (found["platform"] == network) | (network == ALL)
        kept &= (found["format"] == "locker") == (kind == "locker") if kind != "any" else True
        rows = at(table, network, kind, radius_m).set_index("city")
        if not kept.any():
            assert rows.empty
            continue
        inside = near(points, found[kept], radius_m)
        for city in CITIES:
            here = (points["city"] == city).to_numpy()
            for weight, share in (("people", "people_share"), ("parcels_per_day", "parcels_share")):
                amount = points[weight].to_numpy()
                assert rows.loc[city, weight] == pytest.approx(amount[here & inside].sum(), abs=1e-9)
                expected = amount[here & inside].sum() / amount[here].sum()
                assert rows.loc[city, share] == pytest.approx(expected, abs=1e-12)


def test_groups_add_up_to_the_whole():
    points, found = demand(), stations()
    whole, tiers, places = (coverage(points, found, by=by) for by in ((), ("tier",), ("city",)))
    keys = ["network", "kind", "radius_m"]
    for weight in ("people", "parcels_per_day"):
        for table in (tiers, places):
            sums = table.groupby(keys)[weight].sum()
            np.testing.assert_allclose(sums, whole.set_index(keys)[weight].reindex(sums.index))
    tier = cities()["tier"]
    assert list(tiers["tier"].cat.categories) == list(tier.cat.categories)
    assert set(tiers["tier"]) == {tier[city] for city in CITIES}


def test_two_columns_of_groups():
    table = coverage(demand(), stations(), by=("tier", "city"))
    assert len(at(table)) == len(CITIES)
    assert (
        at(table)["tier"].astype(str).to_numpy() == cities()["tier"].astype(str)[at(table)["city"]].to_numpy()
    ).all()


def test_shares_are_fractions_and_a_larger_radius_never_lowers_them():
    table = coverage(demand(), stations(), by=("city",))
    for share in ("people_share", "parcels_share"):
        assert table[share].between(0, 1).all()
        wide = table.pivot(index=["city", "network", "kind"], columns="radius_m", values=share)
        assert list(wide.columns) == list(RADII_M)
        assert (wide.diff(axis=1).iloc[:, 1:] >= 0).all().all()


@pytest.mark.parametrize("seed", range(5))
def test_opening_never_lowers_and_closing_never_raises(seed):
    points, found = demand(seed=seed), stations(seed=seed + 10)
    keys = ["city", "network", "kind", "radius_m"]
    fewer, more = (coverage(points, rows, by=("city",)).set_index(keys) for rows in (found.iloc[:-25], found))
    both = fewer.index.intersection(more.index)
    for share in ("people_share", "parcels_share"):
        assert (more.loc[both, share] >= fewer.loc[both, share] - 1e-12).all()
    assert more["people"].sum() > fewer["people"].sum()


def test_a_station_far_away_changes_nothing():
    points, found = demand(), stations()
    far = found.iloc[:1].assign(station_id="far", lat=45.0, lon=85.0)
    pd.testing.assert_frame_equal(coverage(points, pd.concat([found, far])), coverage(points, found))


def test_order_of_rows_changes_nothing():
    points, found = demand(), stations()
    turned = coverage(points.sample(frac=1, random_state=1), found.sample(frac=1, random_state=2), by=("city",))
    pd.testing.assert_frame_equal(turned, coverage(points, found, by=("city",)))


def test_a_demand_point_in_two_halves_changes_nothing():
    points, found = demand(), stations()
    half = points.assign(people=points["people"] / 2, parcels_per_day=points["parcels_per_day"] / 2)
    pd.testing.assert_frame_equal(coverage(pd.concat([half, half]), found), coverage(points, found))


def test_on_the_radius_is_within_it():
    points = demand().iloc[:1].assign(lat=30.0, lon=120.0)
    metres = 1000.0
    north = 30.0 + np.degrees(metres / 6371008.8) * (1 - 1e-12)
    found = stations().iloc[:1].assign(lat=north, lon=120.0)
    assert one(points, found)["people_share"] == 1.0
    assert one(points, found.assign(lat=north + 1e-7))["people_share"] == 0.0


def test_a_station_without_a_position_counts_for_nothing():
    points, found = demand(), stations()
    lost = found.assign(lat=found["lat"].where(found["platform"] != "jd"))
    assert "jd" not in set(coverage(points, lost)["network"])


def test_without_stations_nobody_is_covered():
    table = coverage(demand(), stations().iloc[:0], by=())
    assert set(table["network"]) == {ALL}
    assert (table["people_share"] == 0).all()


def test_a_place_without_people_has_no_share():
    table = coverage(demand().assign(people=0.0), stations(), by=())
    assert table["people_share"].isna().all()
    assert table["parcels_share"].notna().all()


def test_a_radius_is_above_nothing():
    with pytest.raises(ValueError, match="above 0"):
        rings(demand(), stations(), radii_m=(0, 300))
    with pytest.raises(ValueError, match="not measured"):
        rings(demand(), stations()).within(500)


@pytest.mark.parametrize("network", ["cainiao", "duoduo", "jd", "hivebox", "yunda"])
@pytest.mark.parametrize("radius_m", RADII)
def test_who_serves_is_the_first_that_stands_near(network, radius_m):
    points, found = demand(), stations()
    own, locker = found["platform"] == network, found["format"] == "locker"
    steps = (found[own], found[~own & ~locker], found[~own & locker])
    expected = np.select([near(points, rows, radius_m) for rows in steps], SERVED[:3], SERVED[3])
    answer = served(points, found, network, radius_m)
    assert answer.astype(str).tolist() == expected.tolist()
    pd.testing.assert_series_equal(servers(points, rings(points, found), network, radius_m), answer)


def test_parts_add_to_the_whole():
    points, found = demand(), stations()
    by_whom = served(points, found, "duoduo", 1000)
    assert set(by_whom.astype(str)) == set(SERVED)
    for by in ((), ("tier",), ("city",), ("tier", "city")):
        table = parts(points, by_whom, weight="people", by=by)
        assert list(table) == list(SERVED)
        assert table.to_numpy().sum() == pytest.approx(points["people"].sum(), rel=1e-12)
    cities_of = parts(points, by_whom, weight="people", by=("city",))
    np.testing.assert_allclose(cities_of.sum(axis=1), points.groupby("city", observed=True)["people"].sum())


def test_own_part_is_the_network_s_coverage():
    points, found = demand(), stations()
    own = parts(points, served(points, found, "duoduo", 300), weight="parcels_per_day", by=()).iloc[0]["own"]
    assert own == pytest.approx(one(points, found, network="duoduo", radius_m=300)["parcels_per_day"])
