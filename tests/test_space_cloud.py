"""Stations laid out for the map: every hexagon, tile and month against plain counting."""

import numpy as np
import pandas as pd
import pytest
from h3ronpy import cells_resolution
from h3ronpy.vector import cells_to_coordinates, coordinates_to_cells

from analysis.space import active
from analysis.space.cloud import NEVER, RESOLUTIONS, cloud, hexes, tile_box, tile_of
from analysis.space.moves import moves
from analysis.space.packets import STEPS, every_packet, hex_packet, packed, tile_packet
from data.geo import distance_km

FIRST = pd.Timestamp("2024-01-01")
CITIES = ("310000", "330100", "440300")


@pytest.fixture(scope="module")
def stations():
    draw = np.random.default_rng(7)
    n = 3_000
    seats = {"310000": (31.2, 121.5), "330100": (30.3, 120.2), "440300": (22.5, 114.1)}
    city = draw.choice(CITIES, n)
    opened = FIRST + pd.to_timedelta(draw.integers(-400, 900, n), unit="D")
    closed = opened + pd.to_timedelta(draw.integers(1, 900, n), unit="D")
    return pd.DataFrame(
        {
            "station_id": [f"s{i}" for i in range(n)],
            "platform": draw.choice(["cainiao", "duoduo", "hivebox"], n, p=[0.2, 0.2, 0.6]),
            "city": pd.Categorical(city),
            "lat": [seats[c][0] for c in city] + draw.normal(0, 0.2, n),
            "lon": [seats[c][1] for c in city] + draw.normal(0, 0.2, n),
            "opened": opened.astype("datetime64[us]"),
            "closed": closed.where(draw.random(n) < 0.3).astype("datetime64[us]"),
        }
    )


@pytest.fixture(scope="module")
def laid(stations):
    return cloud(stations, first=FIRST)


def months():
    return pd.date_range(FIRST, periods=36, freq="MS")


@pytest.mark.parametrize("month", [0, 1, 11, 35])
def test_what_stands_is_what_a_market_counts(stations, laid, month):
    expected = active(stations, months()[month])
    assert laid.standing(month).sum() == len(expected)
    assert np.bincount(laid.network[laid.standing(month)], minlength=12).sum() == len(expected)


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_hexagons_count_every_station_once(stations, laid, resolution):
    expected = active(stations, months()[20])
    cells = np.asarray(coordinates_to_cells(expected["lat"].to_numpy(), expected["lon"].to_numpy(), resolution))
    by_hand = pd.crosstab(cells, expected["platform"])
    found = hexes(laid, resolution, 20)
    assert set(np.asarray(cells_resolution(found.cells))) == {resolution}
    table = pd.DataFrame(found.counts, index=found.cells, columns=list(laid.networks))
    pd.testing.assert_frame_equal(
        table.loc[by_hand.index, by_hand.columns], by_hand, check_names=False, check_dtype=False
    )
    assert table.to_numpy().sum() == len(expected)


def test_a_station_lies_in_its_hexagon(stations, laid):
    cells, place = laid.cells[6]
    centres = (
        np.asarray(cells_to_coordinates(cells[place])["lat"]),
        np.asarray(cells_to_coordinates(cells[place])["lng"]),
    )
    away = distance_km(laid.lat.astype(float), laid.lon.astype(float), *centres)
    assert away.max() < 4.6  # longest radius of an H3 cell of resolution 6 here


def test_cities_filter_all_of_it(stations, laid):
    expected = active(stations[stations["city"].isin(["330100"])], months()[30])
    assert hexes(laid, 5, 30, cities=["330100"]).counts.sum() == len(expected)
    assert np.frombuffer(every_packet(laid, 30, cities=["330100"])[:4], "<u4")[0] == len(expected)
    assert hexes(laid, 5, 30, cities=[]).counts.sum() == 0


def test_every_packet_holds_places_and_networks(stations, laid):
    body = every_packet(laid, 12)
    n = int(np.frombuffer(body[:4], "<u4")[0])
    places = np.frombuffer(body[8 : 8 + 8 * n], "<f4").reshape(n, 2)
    network = np.frombuffer(body[8 + 8 * n :], np.uint8)
    expected = active(stations, months()[12])
    assert len(network) == n == len(expected)
    key = np.lexsort(places.T)
    by_hand = expected[["lon", "lat"]].to_numpy(np.float32)
    np.testing.assert_array_equal(places[key], by_hand[np.lexsort(by_hand.T)])
    assert len(body) == 8 + 9 * n


def test_tiles_hold_every_station_within_two_metres(stations, laid):
    seen = 0
    for (x, y), rows in laid.tiles.items():
        body = tile_packet(laid, x, y)
        n = int(np.frombuffer(body[:4], "<u4")[0])
        right, down, opened, closed = np.frombuffer(body[8 : 8 + 8 * n], "<u2").reshape(4, n)
        network = np.frombuffer(body[8 + 8 * n :], np.uint8)
        west, south, east, north = tile_box(x, y)
        lon, lat = west + right / STEPS * (east - west), north - down / STEPS * (north - south)
        away = distance_km(lat, lon, laid.lat[rows].astype(float), laid.lon[rows].astype(float))
        assert away.max() < 0.002
        np.testing.assert_array_equal(network, laid.network[rows])
        np.testing.assert_array_equal(opened, laid.opened[rows])
        np.testing.assert_array_equal(closed, laid.closed[rows])
        seen += n
    assert seen == len(stations)
    assert (laid.closed == NEVER).sum() == stations["closed"].isna().sum()


def test_a_tile_without_stations_is_empty(laid):
    assert np.frombuffer(tile_packet(laid, 0, 0)[:4], "<u4")[0] == 0


def test_a_point_lies_in_the_box_of_its_tile():
    draw = np.random.default_rng(1)
    lon, lat = draw.uniform(73, 135, 200), draw.uniform(18, 54, 200)
    for a, b, x, y in zip(lon, lat, *tile_of(lon, lat), strict=True):
        west, south, east, north = tile_box(int(x), int(y))
        assert west <= a <= east
        assert south <= b <= north


def test_lockers_have_most_only_where_nobody_else_stands(laid):
    found = hexes(laid, 4, 20)
    locker = laid.networks.index("hivebox")
    body = hex_packet(found, laid.networks.index("duoduo"), aside=[locker])
    n = len(found.cells)
    most = np.frombuffer(body[8 + 16 * n :], np.uint8)
    others = np.delete(found.counts, locker, axis=1).sum(axis=1) > 0
    assert others.any()
    assert (~others).any()
    assert (most[others] != locker).all()
    assert (most[~others] == locker).all()
    own, total = np.frombuffer(body[8 + 8 * n : 8 + 16 * n], "<u4").reshape(2, n)
    np.testing.assert_array_equal(own, found.counts[:, laid.networks.index("duoduo")])
    np.testing.assert_array_equal(total, found.counts.sum(axis=1))


def test_the_order_of_the_rows_does_not_matter(stations, laid):
    turned = cloud(stations.sample(frac=1, random_state=3), first=FIRST)
    for resolution in RESOLUTIONS:
        one, other = hexes(laid, resolution, 9), hexes(turned, resolution, 9)
        np.testing.assert_array_equal(one.cells, other.cells)
        np.testing.assert_array_equal(one.counts, other.counts)


def test_no_stations_is_no_map():
    empty = pd.DataFrame(
        {
            "platform": pd.Series(dtype=str),
            "city": pd.Series(dtype=str),
            "lat": pd.Series(dtype=float),
            "lon": pd.Series(dtype=float),
            "opened": pd.Series(dtype="datetime64[us]"),
            "closed": pd.Series(dtype="datetime64[us]"),
        }
    )
    nothing = cloud(empty, first=FIRST)
    assert len(hexes(nothing, 5, 0).cells) == 0
    assert np.frombuffer(hex_packet(hexes(nothing, 5, 0), 1), "<u4")[0] == 0


def test_columns_out_of_order_are_refused():
    with pytest.raises(ValueError, match="wide to narrow"):
        packed(np.zeros(3, np.uint8), np.zeros(3, np.float32))


def test_a_network_out_of_use_keeps_its_own_stations(stations):
    """A map made away from the session that knows a network draws it as itself, where it stands."""
    some = stations.assign(platform=stations["platform"].where(stations.index % 50 > 0, "xmylockers"))
    found = hexes(cloud(some, first=FIRST), 5, 20)
    table = pd.DataFrame(found.counts, found.cells, list(cloud(some, first=FIRST).networks))
    expected = active(some, months()[20])
    assert table.to_numpy().sum() == len(expected)
    assert table["xmylockers"].sum() == (expected["platform"] == "xmylockers").sum() > 0
    mine = expected[expected["platform"] == "xmylockers"]
    cells = np.asarray(coordinates_to_cells(mine["lat"].to_numpy(), mine["lon"].to_numpy(), 5))
    np.testing.assert_array_equal(table.index[table["xmylockers"] > 0], np.unique(cells))


@pytest.mark.parametrize("column", ["platform", "city"])
def test_a_station_without_network_or_city_is_refused(stations, column):
    blank = stations.assign(**{column: stations[column].astype(object).where(stations.index > 4)})
    with pytest.raises(ValueError, match=f"5 stations have no {column}"):
        cloud(blank, first=FIRST)


def test_the_last_day_of_a_month_counts_whole(stations):
    """What opens or closes at two in the afternoon of a month's last day, or has no day of opening, counts alike."""
    hour = pd.Timestamp("2024-06-30 14:00")
    some = stations.assign(
        format="station",
        opened=stations["opened"].mask(stations.index % 7 == 0, hour).mask(stations.index % 11 == 0),
        closed=stations["closed"].mask(stations.index % 5 == 0, hour),
    )
    for month in months():
        standing = len(active(some, month))
        assert cloud(some, first=FIRST).standing((month.year - 2024) * 12 + month.month - 1).sum() == standing
        end = month + pd.offsets.MonthEnd(0)
        assert moves(some, FIRST - pd.DateOffset(years=9), end)["after"].sum() == standing
