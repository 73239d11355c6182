"""Where the illustrative market's stations stand: around real seats and towns."""

import numpy as np
import pytest

from data import demo, geo
from data.cities import cities
from data.demo import positions
from data.settlements import counties, settlements


@pytest.fixture(scope="module")
def stations():
    return demo.load().stations


def centres(code, *, of_counties=False):
    seat = cities().loc[code]
    return positions._centres(code, seat["lat"], seat["lon"], 4.0, of_counties=of_counties)


def test_the_seat_comes_first_then_the_largest_towns():
    found = centres("330700")  # Jinhua: Yiwu is its largest town
    assert found.shape == (1 + positions.MOST_CENTRES, 3)
    assert found[0, :2].tolist() == cities().loc["330700", ["lon", "lat"]].tolist()
    yiwu = counties().loc["330782"]
    assert geo.distance_km(found[1, 1], found[1, 0], yiwu["lat"], yiwu["lon"]) < 1.0


def test_sub_centres_are_settlements_of_the_prefecture():
    towns = settlements().query("prefecture == '330100' and not seat")
    found = centres("330100")[1:]
    lat, lon = (towns[name].to_numpy()[None] for name in ("lat", "lon"))
    gap = geo.distance_km(found[:, [1]], found[:, [0]], lat, lon)
    assert gap.min(axis=1).max() < 1e-6


def test_of_counties_alone_their_seats_come_first():
    towns = settlements().query("prefecture == '530600' and county != '' and not seat")  # Zhaotong
    seats = counties().loc[towns["county"]]
    found = centres("530600", of_counties=True)[1 : len(seats) + 1]
    inside = geo.inside(seats["lon"].to_numpy(), seats["lat"].to_numpy(), geo.outlines()["530600"])
    assert inside.sum() >= 5
    wanted = {(lon, lat) for lon, lat in seats.loc[inside, ["lon", "lat"]].to_numpy()}
    assert wanted <= {(lon, lat) for lon, lat in found[:, :2]}


def test_a_city_without_towns_draws_its_sub_centres():
    found = centres("460300")
    assert found.shape == (1 + positions.MOST_CENTRES, 3)
    assert len(np.unique(found[:, :2], axis=0)) == len(found)


def test_stations_stand_inside_the_outline_or_by_a_seat_that_it_misses(stations):
    seats, outlines = cities(), geo.outlines()
    for code, rows in stations.groupby("city", observed=True):
        lon, lat = rows["lon"].to_numpy(), rows["lat"].to_numpy()
        out = ~geo.inside(lon, lat, outlines[code]) if code in outlines else np.zeros(len(rows), dtype=bool)
        far = geo.distance_km(lat[out], lon[out], seats.at[code, "lat"], seats.at[code, "lon"])
        # rounding puts a point or two across the border; a drawn sub-centre may itself stand so far from the seat
        assert (out.sum() <= 2) or np.quantile(far, 0.98) <= 2.02 * positions.OFF_OUTLINE_KM, code


def test_most_stations_stand_where_people_live(stations):
    """Within 15 km of a listed town; drawn sub-centres remain where a prefecture has too few."""
    from scipy.spatial import cKDTree

    def directions(frame):
        lat, lon = np.radians(frame["lat"].to_numpy()), np.radians(frame["lon"].to_numpy())
        return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])

    some = stations.iloc[::50]
    chord = cKDTree(directions(settlements())).query(directions(some))[0]
    assert (2 * geo.EARTH_KM * np.arcsin(chord / 2) < 15.0).mean() > 0.9
