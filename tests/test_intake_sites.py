"""What looks odd among stations and subsidies: one point for many, far from the city, rounded, fen for yuan."""

import pyarrow as pa
import pytest

from data.cities import cities
from data.demo import load
from data.intake import grid, series, sites
from data.intake.cross import FINDING
from data.intake.severity import SEVERITY
from data.schema import DATASETS
from data.text import has, say
from tests.made_rows import months, table

STATIONS, SUBSIDIES = DATASETS["stations"], DATASETS["subsidies"]


def stations(points, city="330100"):
    """Findings of stations at (lat, lon)."""
    made = table(("station_id", "city", "lat", "lon"), [(f"A{n}", city, *p) for n, p in enumerate(points)])
    found = series.check(made, STATIONS)
    assert tuple(found.columns) == FINDING
    return found


def subsidies(rates):
    made = table(("platform", "city", "start", "subsidy_cny_per_parcel"), [
        ("jd", "330100", f"{month}-01", rate) for month, rate in zip(months("2010-01", len(rates)), rates, strict=True)
    ])  # fmt: skip
    return series.check(made, SUBSIDIES)


def spread(count):
    """Points some hundred metres apart, about Hangzhou, with five decimals."""
    return [(30.20011 + n * 0.00413, 120.10013 + n * 0.00317) for n in range(count)]


def test_stations_about_their_city_are_sound():
    assert stations(spread(30)).empty
    assert stations([]).empty


def test_more_than_five_stations_at_one_point_are_said_once():
    point = (30.27411, 120.15513)
    assert stations([*spread(3), *[point] * 5]).empty
    found = stations([*spread(3), *[point] * 6])
    assert found[["row", "column", "code", "other"]].to_numpy().tolist() == [[5, "lat + lon", "same_place", "6"]]


def test_a_station_far_from_its_city():
    found = stations([*spread(9), (39.90421, 116.40739)])  # the middle of Beijing
    assert found[["row", "column", "code"]].to_numpy().tolist() == [[11, "lat + lon", "far_from_city"]]
    # Hangzhou to Beijing by air: 1,120 to 1,130 km by the usual tables
    assert 1_100 < float(found["other"].iloc[0].replace(",", "")) < 1_150


def test_distances():
    # a degree of a meridian of a sphere of 6,371 km is 111.195 km
    assert sites.distance_km(30.0, 120.0, 31.0, 120.0) == pytest.approx(111.195, abs=1e-3)
    assert sites.distance_km(0.0, 0.0, 0.0, 180.0) == pytest.approx(6371.0088 * 3.14159265, rel=1e-6)


def test_a_wide_prefecture_reaches_as_far_as_its_outline():
    # Ruoqiang is some 400 km from Korla, the seat of Bayingolin, and of the same prefecture
    assert stations([(39.02311, 88.16747)] * 3, city="652800").empty
    assert stations([(39.02311, 88.16747)] * 3, city="650100")["code"].to_list() == ["far_from_city"] * 3


def test_rounded_points_but_not_those_that_end_in_zero_by_chance():
    found = stations([*spread(8), (30.27, 120.15), (30.2, 120.0)])
    assert found[["row", "code"]].to_numpy().tolist() == [[10, "rounded_coordinates"], [11, "rounded_coordinates"]]
    assert stations([*spread(98), (30.27, 120.15)]).empty
    assert stations([(30.27, 120.15513), (30.27411, 120.15)]).empty


def test_at_most_so_many_of_a_code():
    found = stations([(30 + n / 100, 120 + n / 100) for n in range(100)] * 14)
    counts = found["code"].value_counts()
    assert counts["rounded_coordinates"] == grid.MOST
    assert counts["same_place"] == 100
    rest = found[found["code"] == "more_of_this"]
    assert rest[["value", "other"]].to_numpy().tolist() == [["400", "rounded_coordinates"]]


def test_rates_in_fen_among_rates_in_yuan():
    usual = [0.05, 0.06, 0.08, 0.1, 0.12, 0.06, 0.07, 0.09, 0.15, 0.08]
    assert subsidies([*usual, 0.3]).empty
    assert subsidies([*usual, 0.3, 0.5, 0.8]).empty  # no gap between those and the others
    found = subsidies([*usual[:5], 0.8, *usual[5:], 5.0])
    assert found[["row", "code", "low"]].to_numpy().tolist() == [
        [7, "level_of_subsidy", "0.085"], [13, "level_of_subsidy", "0.085"],
    ]  # fmt: skip
    assert found["other"].to_list() == ["9", "59"]
    assert subsidies([0.05, 5.0]).empty


def test_every_rate_in_fen_is_said_once():
    found = subsidies([2.0, 3.0, 4.0, 5.0, 2.0, 3.0, 4.0, 0.0, 5.0])
    assert found[["row", "code", "low", "other"]].to_numpy().tolist() == [[4, "unit_of_subsidy", "3.5", "8"]]


def test_the_illustrative_market_holds_no_fault():
    market = load()
    for frame, dataset in ((market.stations, STATIONS), (market.subsidies, SUBSIDIES)):
        made = pa.Table.from_pandas(frame, preserve_index=False)
        made = made.add_column(0, "row", pa.array(range(2, len(frame) + 2)))
        assert set(series.check(made, dataset)["code"]) <= {"same_place"}


def test_every_city_reaches_its_own_seat():
    seats = cities()
    points = list(zip(seats["lat"] + 1e-5, seats["lon"] + 1e-5, strict=True))
    made = table(("city", "lat", "lon"), [(code, *p) for code, p in zip(seats.index, points, strict=True)])
    assert "far_from_city" not in set(series.check(made, STATIONS)["code"])


@pytest.mark.parametrize(
    "code", ["same_place", "far_from_city", "rounded_coordinates", "level_of_subsidy", "unit_of_subsidy"]
)
def test_codes_have_words_and_spare_their_rows(code):
    assert SEVERITY[code] in ("warning", "info")
    for lang in ("en", "zh"):
        for key in (f"problem.{code}", f"fix.{code}"):
            assert has(key)
            assert "{" not in say(key, lang, **dict.fromkeys(("value", "low", "high", "other", "row"), "1"))
