"""Incomes of many stations: closed forms against simulated stations, exact ends, monotone in what helps or hurts."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.economics import below_break_even, median_income, top_up

EXACT = 1e-9
SIMULATED = 200_000
MONTE_CARLO_SD = 5
SEEN = settings(max_examples=150, deadline=None)
COSTS = {"fee": 0.35, "subsidy": 0.05, "ancillary": 0.05, "variable": 0.23, "fixed": 243.0, "guarantee": 0.0}
CASES = (
    {},
    {"guarantee": 100.0},
    {"guarantee": 250.0},
    {"guarantee": 300.0, "ancillary": 0.3},
    {"guarantee": 260.0, "variable": 0.42},
    {"guarantee": 300.0, "variable": 0.5},
    {"guarantee": 100.0, "ancillary": 0.23},
)


def incomes(parcels, fee, subsidy, ancillary, variable, fixed, guarantee):
    return np.maximum((fee + subsidy) * parcels, guarantee) + (ancillary - variable) * parcels - fixed


def stations(mean, spread):
    sigma = np.sqrt(np.log1p(spread**2))
    return mean * np.exp(sigma * np.random.default_rng(5).standard_normal(SIMULATED) - sigma**2 / 2)


@pytest.mark.parametrize("changed", CASES, ids=str)
@pytest.mark.parametrize(("mean", "spread"), [(300.0, 0.8), (1500.0, 0.8), (700.0, 0.3)])
def test_agrees_with_simulated_stations(changed, mean, spread):
    costs = COSTS | changed
    parcels = stations(mean, spread)
    found = incomes(parcels, **costs)
    part = (found < 0).mean()
    error = np.sqrt(max(part * (1 - part), 1e-4) / SIMULATED)
    assert below_break_even(mean, spread, **costs) == pytest.approx(part, abs=MONTE_CARLO_SD * error)
    middle = incomes(mean / np.sqrt(1 + spread**2), **costs)
    assert median_income(mean, spread, **costs) == pytest.approx(middle)
    short = np.maximum(costs["guarantee"] - 0.4 * parcels, 0)
    error = short.std() / np.sqrt(SIMULATED)
    assert top_up(costs["guarantee"], 0.4, mean, spread) == pytest.approx(
        short.mean(), abs=MONTE_CARLO_SD * error + EXACT
    )


def test_nothing_and_no_spread_are_exact(strict_floats):
    means, guarantees = np.array([0.0, 0.0, 500.0, 500.0]), np.array([0.0, 100.0, 0.0, 300.0])
    for spread in (0.0, np.array([0.0, 0.8, 0.0, 0.0])):
        np.testing.assert_allclose(top_up(guarantees, 0.4, means, spread), [0, 100, 0, 100], rtol=EXACT)
        costs = COSTS | {"guarantee": guarantees}
        below = below_break_even(means, spread, **costs)
        np.testing.assert_array_equal(below, (incomes(means, **costs) < 0).astype(float))
    assert top_up(100.0, 0.0, 500.0, 0.8) == 100


def test_a_loss_per_parcel_is_carried_by_the_guarantee_alone():
    costs = COSTS | {"guarantee": 300.0, "variable": 0.5}  # each parcel costs 0.05 more than it brings
    assert below_break_even(100.0, 0.5, **costs) < below_break_even(800.0, 0.5, **costs)
    assert below_break_even(100.0, 0.5, **(costs | {"guarantee": 0.0})) == 1


@SEEN
@given(
    mean=st.floats(0.0, 3000.0),
    spread=st.floats(0.0, 1.5),
    guarantee=st.floats(0.0, 400.0),
    subsidy=st.floats(0.0, 0.2),
    ancillary=st.floats(0.0, 0.3),
    variable=st.floats(0.0, 0.8),
    fixed=st.floats(0.0, 500.0),
    more=st.floats(1e-3, 50.0),
)
def test_more_money_never_hurts(mean, spread, guarantee, subsidy, ancillary, variable, fixed, more):
    assume(spread == 0 or spread > 1e-3)
    costs = {
        "fee": 0.35,
        "subsidy": subsidy,
        "ancillary": ancillary,
        "variable": variable,
        "fixed": fixed,
        "guarantee": guarantee,
    }
    now = below_break_even(mean, spread, **costs)
    assert 0 <= now <= 1
    better = [
        costs | {"guarantee": guarantee + more},
        costs | {"subsidy": subsidy + more / 100},
        costs | {"ancillary": ancillary + more / 100},
        costs | {"fixed": max(fixed - more, 0.0)},
    ]
    for changed in better:
        assert below_break_even(mean, spread, **changed) <= now + EXACT
        assert median_income(mean, spread, **changed) >= median_income(mean, spread, **costs) - EXACT


@pytest.mark.parametrize("slope", [0.0, 1e-320, -1e-320, 1e-17, -1e-17])
def test_a_parcel_that_brings_nothing(slope, strict_floats):
    costs = COSTS | {"ancillary": 0.0, "variable": -slope, "guarantee": 100.0}
    assert below_break_even(500.0, 0.8, **(costs | {"fixed": 99.0})) == 0
    assert 0 < below_break_even(500.0, 0.8, **(costs | {"fixed": 101.0})) < 1


def test_shapes_broadcast_as_the_engine_needs():
    draws, networks, cities = 4, 3, 5
    mean = np.linspace(50, 3000, draws * networks * cities).reshape(draws, networks, cities)
    guarantee = np.zeros((networks, cities))
    guarantee[1] = 100.0
    costs = COSTS | {"guarantee": guarantee, "fee": np.array([0.35, 0.35, 0.5])[:, None]}
    spread = np.full((draws, 1, 1), 0.8)
    for found in (below_break_even(mean, spread, **costs), median_income(mean, spread, **costs)):
        assert found.shape == mean.shape
        one = {key: np.broadcast_to(value, (networks, cities))[1, 2] for key, value in costs.items()}
        function = below_break_even if found.max() <= 1 else median_income
        assert found[3, 1, 2] == pytest.approx(float(function(mean[3, 1, 2], 0.8, **one)), rel=EXACT)
    assert top_up(guarantee, 0.4, mean, spread).shape == mean.shape
