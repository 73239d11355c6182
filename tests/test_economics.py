"""Stations, lockers, entry and whole networks: published anchors, laws and worked numbers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.economics import (
    ASSUMPTIONS,
    DAYS,
    STANDARD,
    STATIONS,
    break_even,
    capacity,
    declared,
    erlang_b,
    evening_overflow,
    incomes_by_tier,
    locker_throughput,
    made,
    payback_months,
    profit,
    station_type,
)
from data import record
from data.grade import Grade
from data.platforms import FORMATS

EXACT = 1e-9
TABLE = 5e-5
"""Loss tables print four decimals."""
LOADS = 1e-2
"""Load tables print three or four digits, which moves the loss of the smallest by 0.6 %."""


@pytest.mark.parametrize("format", FORMATS)
def test_every_number_of_every_format_is_declared(format):
    station, numbers = STATIONS[format], declared(format)
    for field in set(numbers) - {"day_spread"}:
        assert getattr(station, field) == numbers[field].value
    assert station.sd_per_day == pytest.approx(numbers["day_spread"].value * station.parcels_per_day)
    assert all(item.low <= item.value <= item.high for item in numbers.values())
    assert made(format, {field: item.value for field, item in numbers.items()}, grade=station.grade) == station
    metrics = set(record.load()["metric"])
    assert {item.metric for item in numbers.values()} - {""} <= metrics
    assert station.grade is Grade.ASSUMED


def test_reported_defaults_are_printed_in_the_record():
    rows = record.load()
    for format in FORMATS:
        for item in declared(format).values():
            if item.grade is Grade.REPORTED:
                assert item.value in rows.loc[rows["metric"] == item.metric, "value"].to_list()


def test_assumptions_reach_the_formats_they_apply_to():
    changed = {"handling_fee_cny_per_parcel": 0.45, "rent_cny_per_month": 3000.0}
    for format in FORMATS:
        before, after = STATIONS[format], station_type(format, changed)
        assert after.fee_cny_per_parcel == (before.fee_cny_per_parcel if format == "locker" else 0.45)
        assert after.rent_cny_per_month == (3000 if format == "station" else before.rent_cny_per_month)
    with pytest.raises(ValueError, match="no assumption"):
        station_type("station", {"rents": 1.0})
    with pytest.raises(ValueError, match="no format"):
        station_type("door")


def test_profit_by_hand():
    station = replace(STATIONS["station"], sd_per_day=0.0, parcels_per_day=600.0)
    # 600 x (0.35 + 0.05 - 0.23) - (2,000 + 5,000 + 300) / 30
    assert profit(station) == pytest.approx(102 - 7300 / 30)
    topped = replace(station, guarantee_cny_per_day=250.0)
    assert profit(topped) - profit(station) == pytest.approx(250 - 210)
    assert profit(replace(topped, add_on=True)) - profit(station) == pytest.approx(250)
    assert break_even(station) == pytest.approx(7300 / 30 / 0.17)
    assert break_even(topped) == break_even(station)
    assert profit(station, [100.0, 200.0]).shape == (2,)


@settings(max_examples=60, deadline=None)
@given(fee=st.floats(0.2, 1.0), subsidy=st.floats(0.0, 0.2), rent=st.floats(0.0, 9000.0))
def test_break_even_earns_nothing(fee, subsidy, rent):
    station = replace(
        STATIONS["station"], fee_cny_per_parcel=fee, subsidy_cny_per_parcel=subsidy, rent_cny_per_month=rent
    )
    if station.margin_cny_per_parcel > 1e-6:
        assert profit(station, break_even(station)) == pytest.approx(0, abs=1e-6)
    else:
        assert break_even(station) == float("inf")


def test_no_margin_no_break_even():
    station = replace(STATIONS["station"], variable_cny_per_parcel=0.5)
    assert break_even(station) == float("inf")
    assert profit(station, 2000) < profit(station, 1000)


def test_payback():
    # Deep News (2026): taken over for nearly 60,000 CNY; at 2,000 CNY a month that is 30 months.
    assert payback_months(60000, 2000) == 30
    assert payback_months(60000, 0) == float("inf")
    with pytest.raises(ValueError, match="0 CNY or more"):
        payback_months(-1, 100)


def test_published_station_of_80000_parcels_a_month_barely_lives():
    # redcensor (2026): 0.35 CNY a parcel, 80,000 parcels a month, and still hard to live on.
    month = float(profit(STATIONS["station"], 80000 / DAYS)) * DAYS
    assert 0 < month < 2 * ASSUMPTIONS["wages_cny_per_month"].value


def test_published_loss_of_a_locker():
    # Hive Box 2019: a loss of 4,000 CNY per set and year.
    assert float(profit(STATIONS["locker"])) * DAYS * 12 == pytest.approx(-4000, abs=1)


@pytest.mark.parametrize(
    ("cells", "load"), [(2, 0.153), (5, 1.361), (10, 4.461), (15, 8.108), (20, 12.03), (50, 37.90), (100, 84.06)]
)
def test_erlang_b_table(cells, load):
    # Erlang B table at a loss of 1 %; 15 lines and 8.108 are the example of erlang.com’s calculator manual.
    assert erlang_b(cells, load) == pytest.approx(0.01, rel=LOADS)


def test_erlang_b_by_hand():
    assert erlang_b(0, 3.0) == 1
    assert erlang_b(1, 1.0) == pytest.approx(0.5)
    assert erlang_b(2, 1.0) == pytest.approx(0.2)
    assert erlang_b(10, 5.0) == pytest.approx(0.0184, abs=TABLE)


def test_erlang_b_agrees_with_a_simulated_locker():
    random = np.random.default_rng(2)
    cells, rate, hours, arrivals = 8, 1.0, 6.0, 40_000
    free, lost, now = np.zeros(cells), 0, 0.0
    for gap, stay in zip(random.exponential(1 / rate, arrivals), random.uniform(0, 2 * hours, arrivals), strict=True):
        now += gap
        cell = int(free.argmin())
        if free[cell] > now:
            lost += 1
        else:
            free[cell] = now + stay
    assert lost / arrivals == pytest.approx(float(erlang_b(cells, rate * hours)), abs=0.012)


def test_locker_capacity_and_rush():
    found = locker_throughput(STANDARD)
    assert sum(STANDARD.cells) == 84  # the published standard locker
    assert evening_overflow(STANDARD, found.capacity) == pytest.approx(0.01)
    full = locker_throughput(STANDARD, 300)
    assert full.taken < full.offered
    assert full.overflow > found.overflow
    lost = STANDARD.peak_share * full.overflow + (1 - STANDARD.peak_share) * full.at_other_hours
    assert full.taken == pytest.approx(300 * (1 - lost))
    assert full.profit_cny_per_month == pytest.approx(float(profit(STANDARD.station, full.taken)) * DAYS)
    assert capacity(replace(STANDARD, hours_in_cell=20.0)) == pytest.approx(found.capacity / 2)
    assert capacity(replace(STANDARD, cells=(88, 60, 20))) > 2 * found.capacity  # large sets share their slack
    assert capacity(replace(STANDARD, peak_share=0.0)) == float("inf")
    assert locker_throughput(STANDARD, 0.0).taken == 0


@pytest.mark.parametrize(
    "changed", [{"mix": (1.0,)}, {"mix": (0.5, 0.5, 0.5)}, {"hours_in_cell": 0.0}, {"peak": (22.0, 18.0)}], ids=str
)
def test_an_impossible_locker_is_refused(changed):
    with pytest.raises(ValueError, match="must"):
        replace(STANDARD, **changed)


def rows(**changed):
    cities = pd.DataFrame(
        {
            "platform": ["cainiao", "cainiao", "cainiao", "hivebox", "home"],
            "tier": pd.Categorical(
                ["Tier 1", "Tier 1", "Tier 3", "Tier 3", "Tier 3"], ["Tier 1", "Tier 3"], ordered=True
            ),
            "parcels": [3e6, 6e5, 3e5, 9e4, 1e6],
            "stations": [100, 10, 20, 30, 0],
            "subsidy_cny_per_parcel": [0.0, 0.12, 0.0, 0.0, 0.0],
            "guarantee_cny_per_day": [0.0, 55.0, 0.0, 0.0, 0.0],
        }
    )
    return cities.assign(**changed)


def test_networks_by_tier():
    found = incomes_by_tier(rows())
    assert list(found.index) == [
        ("cainiao", "Tier 1"),
        ("cainiao", "Tier 3"),
        ("cainiao", "all"),
        ("hivebox", "Tier 3"),
        ("hivebox", "all"),
    ]
    first = found.loc[("cainiao", "Tier 1")]
    assert first["stations"] == 110
    assert first["parcels_per_day"] == pytest.approx(3.6e6 / 110 / 30)
    assert first["subsidy_cny_per_parcel"] == pytest.approx(0.12 * 0.6 / 3.6)
    assert first["guarantee_cny_per_day"] == pytest.approx(5.0)
    parts = found.loc["cainiao"]
    assert parts.loc["Tier 3", "median"] == pytest.approx(DAYS * (500 / np.sqrt(1.64) * 0.17) - 7300)
    assert parts.loc["Tier 3", "median"] < parts.loc["all", "median"] < first["median"]
    whole = np.average(parts["below"].iloc[:2], weights=parts["stations"].iloc[:2])
    assert parts.loc["all", "below"] == pytest.approx(whole)
    assert found.loc[("hivebox", "all"), "below"] < 1
    assert ((found["below"] >= 0) & (found["below"] <= 1)).all()


def test_networks_keep_the_callers_frame_and_follow_assumptions():
    before = rows()
    given_ = before.copy()
    dear = incomes_by_tier(before, {"rent_cny_per_month": 9000.0})
    pd.testing.assert_frame_equal(before, given_)
    plain = incomes_by_tier(before)
    assert (dear.loc["cainiao", "below"] > plain.loc["cainiao", "below"]).all()
    assert (dear.loc["hivebox", "below"] == plain.loc["hivebox", "below"]).all()


def test_a_market_without_a_station_has_no_rows():
    assert incomes_by_tier(rows(stations=0)).empty
