"""White space adds up, expected parcels are those of the attraction model by hand, terms are those the market pays."""

import numpy as np
import pandas as pd
import pytest

from analysis.economics import DAYS, STATIONS, break_even, profit, station_type
from analysis.space.catchment import Model, base
from analysis.space.coverage import served
from analysis.space.expected import expected, format_of
from analysis.space.served_cells import cells, served_cells
from analysis.space.white_space import (
    WHITE,
    by_cell,
    by_city,
    finer,
    most_of,
    terms,
    white_space,
)
from data.geo import distance_km
from tests.made_space import CITIES, demand, stations

NETWORK = "duoduo"


def month_rows():
    """Duoduo pays in Shanghai alone; nobody is in the third city but Cainiao; a fifth goes to the door."""
    rows = [
        ("310000", "duoduo", 600.0, 0.10, 100.0, "Tier 1"),
        ("310000", "home", 400.0, 0.0, 0.0, "Tier 1"),
        ("330100", "duoduo", 800.0, 0.0, 0.0, "New Tier 1"),
        ("330100", "home", 200.0, 0.0, 0.0, "New Tier 1"),
        ("331100", "cainiao", 1000.0, 0.05, 0.0, "Tier 3"),
    ]
    names = ["city", "platform", "parcels", "subsidy_cny_per_parcel", "guarantee_cny_per_day", "tier"]
    return pd.DataFrame(rows, columns=names).astype({"city": "category", "platform": "category"})


def judged(points, found, *, radius_m=300, most=40, resolution=8):
    by_whom = served(points, found, NETWORK, radius_m)
    paid = terms(month_rows(), NETWORK)
    return white_space(points, found, by_whom, paid, NETWORK, resolution=resolution, most=most)


def test_white_space_of_cities_adds_up():
    points, found = demand(), stations()
    by_whom = served(points, found, NETWORK, 300)
    table = by_city(points, by_whom)
    assert set(table.index) == set(CITIES)
    assert table["white_parcels_per_day"].is_monotonic_decreasing
    np.testing.assert_allclose(table[list(WHITE)].sum(axis=1), table["white_parcels_per_day"])
    own = (by_whom == "own").to_numpy()
    for city in CITIES:
        here = (points["city"] == city).to_numpy()
        assert table.loc[city, "white_people"] == pytest.approx(points["people"][here & ~own].sum())
        assert table.loc[city, "parcels_per_day"] == pytest.approx(points["parcels_per_day"][here].sum())
    assert table["white_share"].between(0, 1).all()


def test_cells_hold_all_white_space_when_all_are_asked_for():
    points, found = demand(), stations()
    by_whom = served(points, found, NETWORK, 300)
    table = by_cell(points, by_whom, resolution=8, most=10_000)
    white = points["parcels_per_day"][(by_whom != "own").to_numpy()].sum()
    assert table["white_parcels_per_day"].sum() == pytest.approx(white)
    assert (table["white_parcels_per_day"] > 0).all()
    again = cells(points["lat"], points["lon"], 8)
    first = int(table.index[0], 16)
    assert table["parcels_per_day"].iloc[0] == pytest.approx(points["parcels_per_day"][again == first].sum())
    few = by_cell(points, by_whom, resolution=8, most=5)
    pd.testing.assert_frame_equal(few, table.iloc[:5])


def test_expected_is_the_attraction_model_by_hand():
    """Two demand points, a rival and an own station; pull = size over distance squared."""
    points = pd.DataFrame({"lat": [30.0, 30.0], "lon": [120.0, 120.004], "parcels_per_day": [1000.0, 500.0]})
    found = pd.DataFrame(
        {
            "platform": ["cainiao", "duoduo"],
            "format": ["station", "locker"],
            "lat": [30.003, 30.0],
            "lon": [120.0, 120.006],
        }
    )
    site = pd.DataFrame({"lat": [29.998], "lon": [120.001]}, index=["here"])
    metres = (
        distance_km(
            points["lat"].to_numpy()[:, None],
            points["lon"].to_numpy()[:, None],
            np.append(found["lat"], site["lat"])[None],
            np.append(found["lon"], site["lon"])[None],
        )
        * 1000
    )
    size = np.array([STATIONS[f].parcels_per_day for f in ("station", "locker", "station")])
    pull = size / metres**2
    new = pull[:, 2] / pull.sum(axis=1) * points["parcels_per_day"].to_numpy()
    answer = expected(points, found, site, NETWORK, reach_m=1000).loc["here"]
    assert answer["expected_parcels_per_day"] == pytest.approx(new.sum(), rel=1e-9)
    own = new * pull[:, 1] / pull[:, :2].sum(axis=1)
    assert answer["from_own"] == pytest.approx(own.sum(), rel=1e-9)
    assert answer["from_rivals"] == pytest.approx((new - own).sum(), rel=1e-9)
    assert answer["from_nobody"] == 0


def test_expected_is_the_catchment_of_the_station_once_it_stands():
    """Each site added by itself, all catchments computed anew by the model of catchments, every name worth the same."""
    points, found = demand(), stations().assign(cells=pd.NA)
    sites, rules = points[["lat", "lon"]].iloc[::40], Model(reach_m=1500)
    answer = expected(points, found, sites, NETWORK, reach_m=1500)
    before = base(points, found, model=rules)
    own = (before.stations["platform"] == NETWORK).to_numpy()
    for row, site in sites.iterrows():
        new = {**site, "platform": NETWORK, "format": "station", "station_id": "new", "city": "310000", "cells": pd.NA}
        after = base(points, pd.concat([found, pd.DataFrame([new])]), model=rules)
        parcels = after.stations.set_index("station_id")["parcels_per_day"]
        won = answer.loc[row]
        assert won["expected_parcels_per_day"] == pytest.approx(parcels["new"], rel=1e-9)
        lost = (before.stations.set_index("station_id")["parcels_per_day"] - parcels.drop("new")).to_numpy()
        assert won["from_own"] == pytest.approx(lost[own].sum(), rel=1e-6, abs=1e-6)
        assert won["from_rivals"] == pytest.approx(lost[~own].sum(), rel=1e-6, abs=1e-6)
        assert won["from_nobody"] == pytest.approx(before.unserved - after.unserved, rel=1e-6, abs=1e-6)


def test_what_is_won_comes_from_somewhere_and_is_no_more_than_there_is():
    points, found = demand(), stations()
    site = points[["lat", "lon"]].iloc[:30]
    answer = expected(points, found, site, NETWORK, reach_m=1000)
    sources = answer[["from_own", "from_rivals", "from_nobody"]]
    np.testing.assert_allclose(sources.sum(axis=1), answer["expected_parcels_per_day"])
    assert (sources.to_numpy() >= -1e-9).all()
    assert (answer["expected_parcels_per_day"] <= points["parcels_per_day"].sum()).all()
    alone = expected(points, found.iloc[:0], site, NETWORK, reach_m=1000)
    np.testing.assert_allclose(alone["from_nobody"], alone["expected_parcels_per_day"])
    assert (alone["expected_parcels_per_day"] >= answer["expected_parcels_per_day"] - 1e-9).all()


def test_a_station_out_of_reach_changes_no_expectation():
    points, found = demand(), stations()
    site = points[["lat", "lon"]].iloc[:30]
    far = found.iloc[:1].assign(lat=45.0, lon=85.0)
    before, after = (expected(points, rows, site, NETWORK, reach_m=1000) for rows in (found, pd.concat([found, far])))
    pd.testing.assert_frame_equal(before, after)


def test_terms_are_those_paid_and_the_tier_s_where_the_network_is_not():
    rows = month_rows()
    paid = terms(rows, NETWORK)
    assert paid.loc["310000", "subsidy_cny_per_parcel"] == 0.10
    assert paid.loc["331100", "subsidy_cny_per_parcel"] == 0.0
    in_tier = pd.concat([rows, rows.iloc[:1].assign(city="320500", platform="cainiao")])
    assert terms(in_tier.assign(tier="Tier 1"), NETWORK).loc["320500", "subsidy_cny_per_parcel"] == 0.0
    new_tier_1 = pd.concat([rows, rows.iloc[:1].assign(city="330200", platform="cainiao")])
    assert terms(new_tier_1, NETWORK).loc["330200", "guarantee_cny_per_day"] == 0.0
    shanghai = station_type("station")
    margin = shanghai.margin_cny_per_parcel + 0.10
    assert paid.loc["310000", "break_even_parcels_per_day"] == pytest.approx(shanghai.fixed_cny_per_day / margin)
    assert paid.loc["330100", "break_even_parcels_per_day"] == pytest.approx(break_even(shanghai))
    assert paid["handed_over_share"].round(12).to_dict() == {"310000": 0.6, "330100": 0.8, "331100": 1.0}


@pytest.mark.parametrize("platforms", [["duoduo", "cainiao"], ["home"], []])
def test_a_market_may_say_nothing_of_home_delivery_or_nothing_else(platforms):
    rows = month_rows()[lambda table: table["platform"].isin(platforms)]
    paid = terms(rows, NETWORK)
    assert set(paid.index) == set(rows["city"])
    assert (paid["handed_over_share"] == (0.0 if platforms == ["home"] else 1.0)).all()
    assert np.isfinite(paid).all(axis=None)


def test_usual_pay_counts_parcels_and_not_cities():
    """One city of the tier with nine times the parcels of the other, and a third without the network."""
    cities_of_tier = [("320500", "duoduo", 900.0, 0.10), ("330100", "duoduo", 100.0, 0.0), ("330200", "jd", 5.0, 0.3)]
    columns = ["city", "platform", "parcels", "subsidy_cny_per_parcel"]
    rows = pd.DataFrame(cities_of_tier, columns=columns).assign(guarantee_cny_per_day=0.0)
    paid = terms(rows, NETWORK)
    assert paid.loc["330200", "subsidy_cny_per_parcel"] == pytest.approx(0.09)
    blank = rows.assign(subsidy_cny_per_parcel=[np.nan, 0.04, 0.3])
    assert terms(blank, NETWORK).loc[["320500", "330200"], "subsidy_cny_per_parcel"].tolist() == pytest.approx(
        [0.04] * 2
    )


def test_a_station_without_a_format_is_refused():
    points, found = demand(), stations()
    blank = found.assign(format=found["format"].where(found.index > 40))
    with pytest.raises(ValueError, match="a size is missing"):
        expected(points, blank, points[["lat", "lon"]].iloc[:30], NETWORK, reach_m=3000)


def test_more_cells_of_lockers_pull_more():
    points, found = demand(), stations()
    sites, locker = points[["lat", "lon"]].iloc[:30], found["format"] == "locker"
    with_cells = (found.assign(cells=np.where(locker, count, None)).astype({"cells": "Int64"}) for count in (84, 840))
    usual, large = (expected(points, rows, sites, NETWORK, reach_m=3000) for rows in with_cells)
    pd.testing.assert_frame_equal(usual, expected(points, found, sites, NETWORK, reach_m=3000))
    assert (large["expected_parcels_per_day"] < usual["expected_parcels_per_day"]).all()


def test_cells_are_ranked_by_what_a_station_would_win_over_what_it_needs():
    points, found = demand(), stations()
    table = judged(points, found)
    assert table["rank"].tolist() == list(range(1, len(table) + 1))
    assert table["margin"].is_monotonic_decreasing
    paid = terms(month_rows(), NETWORK)
    for _, row in table.head(5).iterrows():
        needs = paid.loc[row["city"], "break_even_parcels_per_day"]
        assert row["margin"] == pytest.approx(row["expected_parcels_per_day"] / needs)
    poor = table[table["city"] == "330100"].iloc[0]
    parcels = min(poor["expected_parcels_per_day"], most_of(NETWORK))
    assert poor["profit_cny_per_month"] == pytest.approx(float(profit(station_type("station"), parcels)) * DAYS)


def test_expected_leaves_what_goes_to_the_door():
    points, found = demand(), stations()
    by_whom, paid = served(points, found, NETWORK, 300), terms(month_rows(), NETWORK)
    options = {"resolution": 8, "most": 20}
    some = white_space(points, found, by_whom, paid, NETWORK, **options)
    every = white_space(points, found, by_whom, paid.assign(handed_over_share=1.0), NETWORK, **options)
    each = some.join(every["expected_parcels_per_day"].rename("all"))
    share = paid["handed_over_share"].reindex(each["city"]).to_numpy()
    np.testing.assert_allclose(each["expected_parcels_per_day"], each["all"] * share)


def test_where_everything_is_covered_there_is_no_cell():
    points = demand()
    everywhere = (
        stations()
        .iloc[[0] * len(points)]
        .assign(lat=points["lat"].to_numpy(), lon=points["lon"].to_numpy(), platform="duoduo", format="station")
    )
    table = judged(points, everywhere)
    assert table.empty
    assert {"expected_parcels_per_day", "margin", "profit_cny_per_month", "rank"} <= set(table)


def test_cut_cells_hold_what_the_whole_ones_held():
    points = demand().assign(degrees=0.01)
    cut = finer(points, 0.004)
    assert len(cut) == 9 * len(points)
    for amount in ("people", "rural", "parcels_per_day"):
        assert cut[amount].sum() == pytest.approx(points[amount].sum())
    assert cut["degrees"].unique() == pytest.approx([0.01 / 3])
    first = cut.iloc[:9]
    assert first["lat"].mean() == pytest.approx(points["lat"].iloc[0])
    assert np.ptp(first["lon"]) == pytest.approx(0.01 * 2 / 3)
    pd.testing.assert_frame_equal(finer(points, 0.01), points)
    assert len(finer(points.assign(degrees=0.0), 0.001)) == len(points)


def test_formats_of_networks():
    assert format_of("hivebox") == "locker"
    assert format_of("home") == "station"


def test_map_cells_are_shares_of_all():
    points, found = demand(), stations()
    by_whom = served(points, found, NETWORK, 300)
    table = served_cells(points, by_whom, weight="people", resolution=8, most=10_000)
    parts = table[["own", "rivals", "lockers_only", "nobody"]]
    np.testing.assert_allclose(parts.sum(axis=1), 1)
    assert table["amount"].sum() == pytest.approx(points["people"].sum())
    assert table.attrs["held"] == pytest.approx(1)
    assert (parts.idxmax(axis=1) == table["first"].astype(str)).all()
    few = served_cells(points, by_whom, weight="people", resolution=8, most=10)
    assert len(few) == 10
    assert few.attrs["held"] == pytest.approx(few["amount"].sum() / points["people"].sum())
    assert few["amount"].is_monotonic_increasing
    none = served_cells(points.assign(people=0.0), by_whom, weight="people", resolution=8, most=10)
    assert none.empty
    assert none.attrs["held"] == 0
