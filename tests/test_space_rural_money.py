"""What a village point lives from, and what the way to remote provinces costs: the record, laws and brute force."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.economics import DAYS, break_even, station_type
from analysis.scenario.levers import KINDS
from analysis.space import rural, rural_living, rural_remote
from data import record
from data.cities import cities
from data.geo import distance_km

EXACT = 1e-9


def test_people_of_the_countryside_are_those_of_the_census():
    """Bulletin no. 7 of the seventh census: 901,991,162 urban (63.89 %), 509,787,562 rural; no. 2: 1,411,778,724."""
    assert rural_living.RURAL_PEOPLE_2020 + 901_991_162 == 1_411_778_724
    share = rural_living.RURAL_PEOPLE_2020 / 1_411_778_724
    assert share == pytest.approx(0.3611, abs=5e-5)
    assert rural_living.parcels_per_head_per_year() == pytest.approx(37e9 / 509_787_562)


def test_villages_that_the_record_implies():
    """239,000 are 48.5 %; the Ministry of Civil Affairs counts 490,000 village committees at the end of 2021."""
    assert rural_living.villages() == pytest.approx(239_000 / 0.485)
    assert rural_living.villages() == pytest.approx(490_000, rel=0.01)


def test_couriers_together_are_near_what_is_published_of_them():
    """Six leading companies bring 80 % of parcels, 2024 to mid-2025 (record: six leading companies together)."""
    shares = record.company_shares()
    printed = shares[shares["company"].str.startswith("six")]["share"].iloc[0]
    table = rural_living.couriers()
    assert len(table) == 6
    assert table["together"].iloc[-1] == pytest.approx(printed, abs=0.02)
    parts = rural_living.sharing()
    assert parts.is_monotonic_increasing
    assert parts.loc[0] == 1.0


@pytest.mark.parametrize("format", rural_living.FORMATS)
def test_a_point_lives_from_the_parcels_of_the_break_even(format):
    village = replace(rural_living.village(format), sideline_cny_per_month=0.0)
    assert rural_living.needed_parcels_per_day(village) == pytest.approx(break_even(station_type(format)))
    people = float(rural_living.needed_people(village, part=0.5))
    assert float(rural_living.parcels_per_day(village, people, part=0.5)) == pytest.approx(break_even(village.station))
    assert float(rural_living.profit_cny_per_month(village, people, part=0.5)) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("guarantee", [0.0, 40.0, 90.0, 130.0, 200.0])
@pytest.mark.parametrize("handling", [0.05, 0.30])
def test_with_a_guarantee_it_never_loses_beyond_what_it_needs(guarantee, handling):
    base = rural_living.village()
    station = replace(base.station, guarantee_cny_per_day=guarantee, variable_cny_per_parcel=handling)
    village = replace(base, station=station)
    need = rural_living.needed_parcels_per_day(village)
    each = float(rural_living.parcels_per_day(village, 1.0))
    grid = np.linspace(0.0, 3 * break_even(station), 4001)
    money = rural_living.profit_cny_per_month(village, grid / each)
    losing = grid[money < -1e-6]
    assert (need == 0.0) == (len(losing) == 0)
    assert not len(losing) or losing.max() <= need + EXACT
    assert not len(losing) or need - losing.max() <= grid[1] + EXACT


def test_a_parcel_that_leaves_nothing_never_carries_a_point():
    village = rural_living.village()
    poor = replace(village, station=replace(village.station, variable_cny_per_parcel=0.5), sideline_cny_per_month=0.0)
    assert np.isinf(rural_living.needed_people(poor))
    rich = replace(village, sideline_cny_per_month=10_000.0)
    assert float(rural_living.needed_people(rich)) == 0.0


def test_more_couriers_need_fewer_people_and_earn_more():
    table = rural_living.table(rural_living.village())
    assert table["needed_people"].is_monotonic_decreasing
    assert table["profit_cny_per_month"].is_monotonic_increasing
    assert (table["needed_people"] * table["part"]).to_numpy() == pytest.approx(table["needed_people"].iloc[-1])


MONTH = pd.DataFrame(
    {
        "city": ["540100", "540100", "650100", "330100"],
        "platform": ["duoduo", "home", "duoduo", "duoduo"],
        "parcels": [300_000, 700_000, 2_000_000, 9_000_000],
    }
)


def costs(scale=1.0, **changed):
    rows = MONTH.assign(parcels=MONTH["parcels"] * scale)
    return rural_remote.costs(rural_remote.prefectures(rows, rural.units(), hub="610100", days=DAYS), changed)


def test_only_remote_prefectures_with_parcels_count():
    table = rural_remote.prefectures(MONTH, rural.units(), hub="610100", days=DAYS)
    assert sorted(table.index) == ["540100", "650100"]
    assert table.loc["540100", "parcels_per_day"] == pytest.approx(1_000_000 / DAYS)
    assert table.loc["650100", "trunk_km"] == pytest.approx(2117, abs=2)  # Xi'an to Urumqi along the sphere
    assert table["origin_km"].to_numpy() == pytest.approx(distance_km(29.11, 119.65, 34.26, 108.93), rel=0.01)
    assert rural_remote.prefectures(MONTH, rural.units(), hub="650100", days=DAYS).loc[
        "650100", "trunk_km"
    ] == pytest.approx(0.0)


@pytest.mark.parametrize(
    "changed",
    [{"nonsense": 1.0}, {"truck_parcels": 0.0}, {"load_together": -0.1}, {"detour": float("nan")}],
    ids=str,
)
def test_numbers_that_cannot_be_are_refused(changed):
    with pytest.raises(ValueError, match=r"no number of remote provinces|give a number"):
        rural_remote.values(changed)
    assert rural_remote.values({"van_parcels": 100})["van_parcels"] == 100.0


def test_gathering_saves_nothing_where_nothing_differs():
    same = costs(load_alone=0.85, couriers_alone=1.0, gathering_cny_per_parcel=0.0)
    assert same["alone"].to_numpy() == pytest.approx(same["together"].to_numpy())
    assert (costs()["alone"].sum(axis=1) > costs()["together"].sum(axis=1)).all()


def test_fuller_trucks_and_fewer_vans_never_cost_more():
    low, high = costs(load_together=0.4), costs(load_together=0.8)
    assert low["together", "trunk"].to_numpy() == pytest.approx(2 * high["together", "trunk"].to_numpy())
    few, many = (costs(0.01, couriers_alone=n) for n in (1.0, 8.0))
    assert many["alone", "branch"].to_numpy() == pytest.approx(8 * few["alone", "branch"].to_numpy())
    full = [costs(100.0, couriers_alone=n)["alone", "branch"].to_numpy() for n in (1.0, 8.0)]
    assert full[0] == pytest.approx(full[1])


def test_parcels_start_where_most_were_sent():
    """Ranks of cities by volume, State Post Bureau: first in each year from 2020 to 2022."""
    rows = record.load()
    ranks = rows[rows["id"].str.startswith("by_city") & (rows["metric"] == "rank_by_volume")]
    first = ranks[(ranks["value"] == 1) & ranks["period"].isin(["2020", "2021", "2022"])]
    assert first["place"].str.contains("Jinhua").tolist() == [True, True, True]
    assert cities().at[rural_remote.ORIGIN, "city_en"] == "Jinhua"


def test_the_way_to_the_hub_is_paid_by_the_parcel():
    """From Jinhua 1.35 times the straight way at 6.5 CNY a km over 8,000 parcels at 85 %, and 1 CNY to pick up."""
    km = rural_remote.prefectures(MONTH, rural.units(), hub="610100", days=DAYS)["origin_km"].to_numpy()
    wanted = 1.0 + km * 1.35 * 6.5 / (8000 * 0.85)
    for way in rural_remote.WAYS:
        assert costs()[way, "origin"].to_numpy() == pytest.approx(wanted)


def test_provinces_add_up():
    table = rural_remote.provinces(MONTH, rural.units(), "duoduo", hub="610100", days=DAYS, paid_cny_per_parcel=0.12)
    for way in rural_remote.WAYS:
        assert table[[f"{way}.{leg}" for leg in rural_remote.LEGS]].sum(axis=1).to_numpy() == pytest.approx(table[way])
    assert table.loc["Xizang (Tibet)", "parcels"] == pytest.approx(1_000_000)
    assert table.loc["Xizang (Tibet)", "paid_per_month"] == pytest.approx(0.12 * 300_000)
    saved = (table["alone"] - table["together"]) * table["parcels"]
    assert table["saved_per_month"].to_numpy() == pytest.approx(saved.to_numpy())


def test_more_parcels_as_scenarios_count_forwarding():
    """The price falls by the payment times the network's share; elasticity 0.3, price 7.5 CNY."""
    table = rural_remote.provinces(MONTH, rural.units(), "duoduo", hub="610100", days=DAYS, paid_cny_per_parcel=0.5)
    assert table.loc["Xizang (Tibet)", "more"] == pytest.approx(1e6 * np.expm1(0.3 * 0.5 * 0.3 / 7.5))
    none = rural_remote.provinces(MONTH, rural.units(), "duoduo", hub="610100", days=DAYS)
    assert (none[["more", "paid_per_month"]] == 0).all(axis=None)


def test_revenue_of_a_parcel_sent_is_as_printed():
    """State Post Bureau, first half of 2021: Tibet 6.319 m parcels, 211.846 m CNY; Xinjiang 69.912 m, 1,705.872 m."""
    found = rural_remote.sent()
    assert found["Xizang (Tibet)"] == pytest.approx(211.846 / 6.319, rel=2e-3)
    assert found["Xinjiang"] == pytest.approx(1705.872 / 69.912, rel=2e-3)
    assert sorted(found.index) == sorted(rural_remote.PROVINCES)


def test_the_highest_payment_on_record_fits_the_lever():
    assert rural_remote.highest_payment() == pytest.approx(0.12)
    assert KINDS["forwarding"].low < rural_remote.highest_payment() < KINDS["forwarding"].high
