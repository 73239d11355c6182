"""Shares, concentration and rounding: published figures, closed forms and laws."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis import market

EXACT = 1e-12  # sums of a few fractions: rounding only

VOLUMES = pd.DataFrame(
    {
        "city": ["a", "a", "a", "b", "b", "a"],
        "platform": ["cainiao", "duoduo", "rural", "cainiao", "home", "cainiao"],
        "parcels": [30, 20, 10, 5, 15, 40],
    }
)
amounts = st.lists(st.floats(0.001, 1e6), min_size=1, max_size=14)


def test_shares_add_volumes_before_dividing():
    found = market.shares(VOLUMES, by=["city"])
    assert found.loc["a"].to_dict() == pytest.approx({"cainiao": 0.7, "duoduo": 0.2, "home": 0, "rural": 0.1})
    assert found.loc["b", "home"] == 0.75
    assert found.sum(axis=1).to_numpy() == pytest.approx(1, abs=EXACT)


def test_national_share_is_the_volume_weighted_mean_of_cities():
    weights = VOLUMES.groupby("city")["parcels"].sum()
    cities = market.shares(VOLUMES, by=["city"])
    nation = market.shares(VOLUMES).loc["all"]
    assert nation.to_numpy() == pytest.approx(cities.mul(weights, axis=0).sum() / weights.sum(), abs=EXACT)


def test_shares_do_not_change_the_frame_or_depend_on_row_order_or_units():
    before = VOLUMES.copy(deep=True)
    found = market.shares(VOLUMES, by=["city"])
    pd.testing.assert_frame_equal(VOLUMES, before)
    pd.testing.assert_frame_equal(found, market.shares(VOLUMES.iloc[::-1], by=["city"]))
    pd.testing.assert_frame_equal(found, market.shares(VOLUMES.assign(parcels=VOLUMES["parcels"] / 1000), by=["city"]))


def test_owner_volumes_are_added_before_squaring():
    owners = market.by_owner(VOLUMES, by=["city"])
    assert owners.loc["a", "Alibaba"] == pytest.approx(0.8)
    assert (market.hhi(owners) >= market.hhi(market.shares(VOLUMES, by=["city"])) - EXACT).all()


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (VOLUMES.drop(columns="parcels"), "no column parcels"),
        (VOLUMES.assign(parcels=-1), "negative"),
        (VOLUMES.assign(parcels=0), "no volume"),
    ],
)
def test_bad_volumes_are_named(frame, message):
    with pytest.raises(ValueError, match=message):
        market.shares(frame, by=["city"])


def test_an_unknown_network_has_no_owner():
    with pytest.raises(ValueError, match="'nobody' is not a known network"):
        market.by_owner(VOLUMES.assign(platform="nobody"))


def test_hhi_of_the_department_of_justice():
    # US Department of Justice, "Herfindahl-Hirschman Index": shares of 30, 30, 20 and 20 percent give 2,600 points.
    assert market.hhi([0.3, 0.3, 0.2, 0.2]) == pytest.approx(2600, abs=1e-9)


@settings(deadline=None)
@given(st.integers(1, 40))
def test_equal_networks_count_as_many(n):
    equal = np.full(n, 1 / n)
    assert market.hhi(equal) == pytest.approx(1e4 / n)
    assert market.effective_number(equal) == pytest.approx(n)
    assert market.concentration_ratio(equal) == pytest.approx(min(4 / n, 1))


@settings(deadline=None)
@given(amounts)
def test_concentration_ignores_order_and_is_bounded(values):
    held = np.array(values) / sum(values)
    points = market.hhi(held)
    assert 1e4 / len(held) - 1e-6 <= points <= 1e4 + 1e-6
    assert market.hhi(held[::-1]) == pytest.approx(points)
    assert market.concentration_ratio(held, 1) == pytest.approx(held.max())


def test_a_frame_gives_one_answer_a_row():
    rows = market.shares(VOLUMES, by=["city"])
    assert market.hhi(rows)["b"] == pytest.approx(1e4 * (0.25**2 + 0.75**2))
    assert market.concentration_ratio(rows, 2)["a"] == pytest.approx(0.9)


@pytest.mark.parametrize("bad", [[30, 30, 20, 20], [0.5, 0.4], [1.5, -0.5], [np.nan, 1.0], []])
def test_shares_that_are_no_shares_are_refused(bad):
    with pytest.raises(ValueError, match="shares"):
        market.hhi(bad)


def test_a_merger_raises_the_index_by_twice_the_product():
    held = pd.Series({"a": 0.3, "b": 0.3, "c": 0.4})
    merged = pd.Series({"ab": 0.6, "c": 0.4})
    assert market.merger_delta(held, "a", "b") == pytest.approx(market.hhi(merged) - market.hhi(held))
    with pytest.raises(ValueError, match="two different networks"):
        market.merger_delta(held, "a", "a")


def test_bounds_hold_the_index_of_any_fringe():
    known = [0.5, 0.2]
    low, high = market.hhi_bounds(known, fringe=0.3)
    assert (low, high) == pytest.approx((2900, 3800))
    for fringe in ([0.3], [0.1, 0.2], [0.05] * 6):
        assert low < market.hhi([*known, *fringe]) <= high + 1e-9
    assert market.hhi_bounds(known, fringe=0.3, largest=0.2)[1] == pytest.approx(2900 + 400 + 100)
    assert market.hhi_bounds([0.5, 0.5], fringe=0.0) == pytest.approx((5000, 5000))


@settings(deadline=None)
@given(st.floats(0, 0.99), st.floats(0.01, 1))
def test_the_fewest_firms_hold_the_fringe(fringe, largest):
    found = market.fewest(fringe, largest=largest)
    assert found.sum() == pytest.approx(fringe, abs=EXACT * 100)
    assert (found <= largest + EXACT).all()
    assert (found[:-1] == largest).all()


@settings(deadline=None)
@given(arrays(np.float64, (6, 4), elements=st.floats(0.001, 1e6)))
def test_the_nation_is_no_more_concentrated_than_its_mean_city(volumes):
    cities = market.hhi(pd.DataFrame(volumes / volumes.sum(axis=1, keepdims=True)))
    nation = market.hhi(volumes.sum(axis=0) / volumes.sum())
    assert nation <= np.average(cities, weights=volumes.sum(axis=1)) + 1e-6  # points


def test_bounds_refuse_an_impossible_fringe():
    with pytest.raises(ValueError, match="fringe is 1"):
        market.hhi_bounds([], fringe=1)
    with pytest.raises(ValueError, match="largest is 0"):
        market.hhi_bounds([0.7], fringe=0.3, largest=0)


@settings(deadline=None)
@given(amounts, st.integers(0, 3))
def test_rounded_shares_add_up_exactly(values, decimals):
    series = pd.Series(values)
    rounded = market.round_to_total(series, decimals=decimals)
    units = (rounded * 10**decimals).round().astype(int)
    assert units.sum() == 100 * 10**decimals
    assert rounded.to_numpy() == pytest.approx(units / 10**decimals, abs=EXACT)
    assert (rounded - series / series.sum() * 100).abs().max() < 10.0**-decimals


def test_largest_remainders_get_the_last_digits():
    thirds = pd.Series([1, 1, 1], index=["a", "b", "c"])
    assert market.round_to_total(thirds).tolist() == [33.4, 33.3, 33.3]
    assert market.round_to_total(pd.Series([0.0, 3.0, 97.0]), decimals=0).tolist() == [0, 3, 97]
    frame = pd.DataFrame([[1, 2], [1, 5]], columns=["x", "y"])
    assert market.round_to_total(frame, decimals=0).to_numpy().tolist() == [[33, 67], [17, 83]]


@pytest.mark.parametrize("bad", [[0.0, 0.0], [-1.0, 2.0], [np.nan, 1.0]])
def test_values_without_a_total_cannot_be_rounded_to_one(bad):
    with pytest.raises(ValueError, match="positive sum"):
        market.round_to_total(pd.Series(bad))


def test_a_total_between_two_last_digits_is_refused():
    with pytest.raises(ValueError, match="use more"):
        market.round_to_total(pd.Series([1.0, 2.0]), total=0.5, decimals=0)


def test_year_on_year_matches_dates_not_places():
    months = pd.date_range("2024-01-01", periods=25, freq="MS")
    series = pd.Series(np.arange(100.0, 125.0), months).drop(months[3])
    found = market.year_on_year(series)
    assert found[months[12]] == pytest.approx(0.12)
    assert np.isnan(found[months[15]])
    assert found[: months[11]].isna().all()
    assert market.year_on_year(series.to_frame("x"), points=True).loc[months[24], "x"] == 12
    with pytest.raises(TypeError, match="DatetimeIndex"):
        market.year_on_year(pd.Series([1.0, 2.0]))
