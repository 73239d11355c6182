"""A month's parcels over the days of the calendar: the rooms of the map agree, in February too."""

import pandas as pd
import pytest

from analysis.economics import DAYS, incomes_by_tier
from analysis.space import rural
from analysis.space.carried import daily
from analysis.space.demand import people, surface
from analysis.space.lockers_market import hand_overs
from analysis.space.rural_remote import prefectures, provinces
from analysis.views import nation_values

LHASA = "540100"


def month_of(start):
    at = pd.Timestamp(start)
    rows = pd.DataFrame({"platform": ["duoduo", "hivebox", "home"], "parcels": [2.8e6, 3e5, 7e5]})
    return at, rows.assign(
        month=at,
        city=LHASA,
        tier="Tier 4",
        stations=[100, 50, 0],
        subsidy_cny_per_parcel=0.1,
        guarantee_cny_per_day=0.0,
    )


@pytest.mark.parametrize("start", ["2026-02-01", "2024-02-01", "2026-08-01"])
def test_rooms_agree_on_parcels_a_day(start):
    at, rows = month_of(start)
    whole = 3.8e6 / at.days_in_month
    table = prefectures(rows, rural.units(), hub="610100", days=at.days_in_month)
    assert table.loc[LHASA, "parcels_per_day"] == pytest.approx(whole)
    assert hand_overs(rows, days=at.days_in_month).loc[LHASA, "handed"] == pytest.approx(whole)
    assert surface(rows, people(cities=[LHASA]))["parcels_per_day"].sum() == pytest.approx(whole)
    assert sum(daily(rows).values()) == pytest.approx(3.1e6 / at.days_in_month)


@pytest.mark.parametrize("start", ["2026-02-01", "2026-08-01"])
def test_a_month_of_a_remote_province_is_that_of_the_market(start):
    at, rows = month_of(start)
    found = provinces(rows, rural.units(), "duoduo", hub="610100", days=at.days_in_month).loc["Xizang (Tibet)"]
    assert found["parcels"] == pytest.approx(3.8e6)
    assert found["saved_per_month"] == pytest.approx(found["saved"] * 3.8e6)


@pytest.mark.parametrize("start", ["2026-02-01", "2026-08-01"])
def test_incomes_on_the_map_are_those_of_the_subsidy_page(start):
    at, rows = month_of(start)
    cell = incomes_by_tier(rows).loc[("duoduo", "all")]
    assert cell["parcels_per_day"] == pytest.approx(2.8e6 / 100 / DAYS)
    shown = nation_values.frames(rows, "duoduo", "income_per_station", month=at)
    assert shown.values[0, 0] == pytest.approx(cell["median"], rel=1e-5)
