"""What stations of several cities earn together: one definition for the month as it is and for scenarios."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import share
from analysis.economics import (
    ASSUMPTIONS,
    DAYS,
    below_break_even,
    incomes_by_tier,
    median_income,
    mixed_incomes,
    station_type,
)
from analysis.scenario import Lever, Scenario, market_model, simulate
from data import demo
from tests.small_scenario import MODEL, plan, point

ALIKE = 1e-9  # CNY a month: the same numbers added up in another order
FOUND = 1e-6  # CNY a month: an income of some hundred CNY a day is found to 1e-12 of itself
DRAWN = 400_000
MONTE_CARLO_SD = 5
COSTS = {"fee": 0.35, "subsidy": 0.0, "ancillary": 0.05, "variable": 0.23, "fixed": 243.0, "guarantee": 0.0}
MEAN, MANY = np.array([2600.0, 1500.0, 900.0, 400.0]), np.array([50.0, 120.0, 300.0, 80.0])
CASES = {
    "alike": {},
    "subsidies": {"subsidy": [0.0, 0.02, 0.12, 0.05]},
    "guarantees": {"guarantee": [0.0, 100.0, 250.0, 400.0]},
    "a guarantee pays small stations more than larger ones": {"guarantee": 330.0},
    "the smallest earn the same": {"guarantee": [0.0, 300.0, 300.0, 300.0], "ancillary": 0.23},
    "every parcel loses": {"variable": 0.6, "guarantee": [0.0, 0.0, 300.0, 300.0]},
}


def drawn(costs, spread):
    """Incomes of stations drawn one by one."""
    random = np.random.default_rng(3)
    city = random.choice(MEAN.size, DRAWN, p=MANY / MANY.sum())
    sigma = np.sqrt(np.log1p(spread**2))
    parcels = MEAN[city] * np.exp(sigma * random.standard_normal(DRAWN) - sigma**2 / 2)
    cost = {name: np.broadcast_to(value, MEAN.shape)[city] for name, value in costs.items()}
    paid = np.maximum((cost["fee"] + cost["subsidy"]) * parcels, cost["guarantee"])
    return paid + (cost["ancillary"] - cost["variable"]) * parcels - cost["fixed"]


@pytest.mark.parametrize("changed", CASES.values(), ids=CASES)
@pytest.mark.parametrize("spread", [0.2, 0.8])
def test_agrees_with_stations_drawn_one_by_one(changed, spread):
    costs = COSTS | changed
    median, below = mixed_incomes(MEAN, MANY, spread, **costs)
    earned = drawn(costs, spread)
    error = MONTE_CARLO_SD * 0.5 / np.sqrt(DRAWN)
    low, high = np.quantile(earned, [0.5 - error, 0.5 + error])
    assert low - ALIKE <= median[0] <= high + ALIKE
    assert below[0] == pytest.approx((earned < 0).mean(), abs=error)


@settings(max_examples=80, deadline=None)
@given(
    mean=st.floats(50.0, 3000.0),
    spread=st.floats(0.05, 1.2),
    subsidy=st.floats(0.0, 0.2),
    guarantee=st.floats(0.0, 400.0),
)
def test_one_city_is_the_station_with_the_median_parcels(mean, spread, subsidy, guarantee):
    costs = COSTS | {"subsidy": subsidy, "guarantee": guarantee, "ancillary": 0.25}
    median, below = mixed_incomes([mean], [7.0], spread, **costs)
    assert median[0] == pytest.approx(float(median_income(mean, spread, **costs)), abs=ALIKE)
    assert below[0] == pytest.approx(float(below_break_even(mean, spread, **costs)), abs=1e-12)
    halves, same = mixed_incomes([mean, mean], [3.0, 4.0], spread, **costs)
    assert (halves[0], same[0]) == (pytest.approx(median[0], abs=ALIKE), pytest.approx(below[0], abs=1e-12))


def test_without_spread_it_is_the_middle_city():
    median, below = mixed_incomes(MEAN, MANY, 0.0, **COSTS)
    assert median[0] == pytest.approx(900 * 0.17 - 243)
    assert below[0] == pytest.approx((300 + 80) / MANY.sum())


def test_groups_are_those_of_each_part_alone(strict_floats):
    paid = {"guarantee": np.array([0.0, 0.0, 90.0, 60.0]), "subsidy": np.array([[0.0], [0.07]])}
    costs, many = COSTS | paid, np.stack([MANY, np.array([0.0, 0.0, 5.0, 0.0])])
    median, below = mixed_incomes(MEAN, many, 0.8, **costs, starts=(0, 2))
    assert median.shape == below.shape == (2, 2)
    assert np.isnan([median[1, 0], below[1, 0]]).all()
    for row, group in ((0, slice(0, 2)), (0, slice(2, 4)), (1, slice(2, 4))):
        one = costs | {"guarantee": paid["guarantee"][group], "subsidy": paid["subsidy"][row]}
        alone = mixed_incomes(MEAN[group], many[row, group], 0.8, **one)
        assert (alone[0][0], alone[1][0]) == pytest.approx(
            (median[row, group.start // 2], below[row, group.start // 2])
        )


def test_nobody_earns_nothing(strict_floats):
    assert np.isnan(mixed_incomes(MEAN, 0.0 * MANY, 0.8, **COSTS)).all()
    idle = mixed_incomes(0.0 * MEAN, MANY, 0.8, **(COSTS | {"guarantee": 60.0}))
    assert idle[0][0] == pytest.approx(60 - 243)
    assert idle[1][0] == pytest.approx(1)


@settings(max_examples=40, deadline=None)
@given(more=st.floats(1.0, 200.0), city=st.integers(0, 3))
def test_more_money_never_lowers_the_middle(more, city):
    before = mixed_incomes(MEAN, MANY, 0.8, **(COSTS | {"guarantee": 150.0}))
    guarantee, subsidy = np.full(4, 150.0), np.zeros(4)
    guarantee[city], subsidy[city] = 150.0 + more, more / 1000
    for changed in ({"guarantee": guarantee}, {"guarantee": 150.0, "subsidy": subsidy}):
        after = mixed_incomes(MEAN, MANY, 0.8, **(COSTS | changed))
        assert after[0][0] >= before[0][0] - ALIKE
        assert after[1][0] <= before[1][0] + ALIKE


@pytest.fixture(scope="module")
def illustrative():
    """Panel rows of a month of the illustrative market, and the projection of a plan that does nothing."""
    panel = demo.load().panel
    fit = share.fit(panel, ["subsidy_cny_per_parcel", "log_stations"], volume="open_parcels", by="tier")
    month = panel["month"].max()
    model = market_model(panel, fit, month=month)
    return panel[panel["month"] == month], simulate(Scenario("none", months=1, growth_per_year=0.0), model, draws=0)


def test_the_month_and_the_scenario_say_the_same(illustrative):
    rows, projection = illustrative
    month, income = incomes_by_tier(rows), projection.station_income
    assert len(month) > 50
    for (platform, tier), cell in month.iterrows():
        row = income.loc[(tier, platform)]
        assert row["stations_before"] == pytest.approx(cell["stations"], rel=1e-12)
        assert row["parcels_per_day_before"] == pytest.approx(cell["parcels_per_day"], rel=1e-12)
        for side in ("before", "after"):
            assert row[f"income_{side}"] == pytest.approx(cell["median"], abs=ALIKE)
            assert row[f"below_{side}"] == pytest.approx(cell["below"], abs=ALIKE)
    assert income["income_before"].notna().sum() == len(month)


def test_a_scenario_adds_up_its_cities():
    levers = (
        Lever("duoduo", 0.06, "Tier 3"),
        Lever("duoduo", 70.0, kind="guarantee"),
        Lever("duoduo", 0.04, kind="ancillary", province="Tibet"),
        Lever("duoduo", 20.0, kind="stations"),
    )
    found = point(plan(*levers, growth_per_year=0.1))
    path, j = found.point, MODEL.platforms.index("duoduo")
    stations, parcels = path.stations[j, -1], path.parcels[j, -1]
    kind = station_type("station", path.values)
    extra = path.found.ancillary[j][-1]
    assert extra.any()
    assert not extra.all()
    costs = {
        "fee": kind.fee_cny_per_parcel,
        "subsidy": path.paid_by(j)[-1],
        "ancillary": kind.ancillary_cny_per_parcel + extra,
        "variable": kind.variable_cny_per_parcel,
        "fixed": kind.fixed_cny_per_day,
        "guarantee": path.guaranteed_by(j)[-1],
    }
    spread = ASSUMPTIONS["spread_of_stations"].value
    median, below = mixed_incomes(parcels / stations / DAYS, stations, spread, **costs)
    row = found.station_income.loc[("all", "duoduo")]
    assert row["income_after"] == pytest.approx(median[0] * DAYS, abs=FOUND)
    assert row["below_after"] == pytest.approx(below[0])
    assert row["income_after"] > row["income_before"]
    assert found.station_income.loc[("all", "home"), ["income_before", "below_after"]].isna().all()
