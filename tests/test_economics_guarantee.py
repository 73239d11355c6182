"""The guarantee as a put option: laws for every distribution, independent sums, brute force, published anchors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from analysis.economics import DISTRIBUTIONS, equivalent_subsidy, guarantee_top_up, indifference, top_up

CLOSE = 1e-6
"""CNY a day: quadrature of the upper tail is good to about 1e-8 of the income."""
EXACT = 1e-9
MONTE_CARLO_SD = 5
"""Standard errors that a simulated mean may lie off."""
DAYS_OBSERVED = tuple(np.random.default_rng(1).gamma(4, 60, size=95))
SEEN = settings(max_examples=60, deadline=None)

guarantees = st.floats(0.0, 400.0)
rates = st.floats(0.05, 1.0)
means = st.floats(5.0, 1500.0)
variations = st.floats(0.05, 1.2)
every = pytest.mark.parametrize("name", DISTRIBUTIONS)


def spread_of(name, mean, variation):
    """Standard deviation of a day; a negative binomial count varies more than a Poisson count."""
    return np.sqrt(mean + (variation * mean) ** 2) if name == "negative_binomial" else variation * mean


def paid(name, guarantee, rate, mean, variation, settlement="daily"):
    sd = spread_of(name, mean, variation)
    sample = DAYS_OBSERVED if name == "empirical" else None
    return guarantee_top_up(guarantee, rate, mean, sd=sd, distribution=name, sample=sample, settlement=settlement)


def frozen(name, mean, variation):
    sd = spread_of(name, mean, variation)
    if name == "normal":
        return stats.norm(mean, sd)
    if name == "poisson":
        return stats.poisson(mean)
    if name == "negative_binomial":
        return stats.nbinom(mean**2 / (sd**2 - mean), mean / sd**2)
    sigma = np.sqrt(np.log1p(variation**2))
    return stats.lognorm(sigma, scale=mean * np.exp(-(sigma**2) / 2))


def surplus(name, guarantee, rate, mean, variation):
    """E max(0, rQ - G) by summing or integrating the distribution of scipy.stats."""
    if name == "empirical":
        days = np.array(DAYS_OBSERVED) * mean / np.mean(DAYS_OBSERVED)
        return np.maximum(rate * days - guarantee, 0).mean()
    law, strike = frozen(name, mean, variation), guarantee / rate
    if name in ("poisson", "negative_binomial"):
        counts = np.arange(0, law.ppf(1 - 1e-14) + 2)
        return (law.pmf(counts) * np.maximum(rate * counts - guarantee, 0)).sum()
    far = law.ppf(1 - 1e-13)
    if far <= strike:
        return 0.0
    return rate * integrate.quad(law.sf, strike, far, limit=400, epsabs=1e-11, points=[max(mean, strike)])[0]


@every
@SEEN
@given(guarantee=guarantees, rate=rates, mean=means, variation=variations)
def test_parity(name, guarantee, rate, mean, variation):
    put, call = paid(name, guarantee, rate, mean, variation), surplus(name, guarantee, rate, mean, variation)
    if name == "normal" and guarantee == 0:
        return  # the Normal lets parcels fall below 0; a guarantee of 0 pays nothing all the same
    assert put - call == pytest.approx(guarantee - rate * mean, abs=CLOSE * max(1.0, rate * mean))


@every
@SEEN
@given(guarantee=guarantees, rate=rates, mean=means, variation=variations, more=st.floats(0.1, 100.0))
def test_rises_with_the_guarantee_is_convex_and_worth_its_intrinsic_value(name, guarantee, rate, mean, variation, more):
    steps = guarantee + more * np.arange(3)
    low, middle, high = paid(name, steps, rate, mean, variation)
    slack = EXACT * max(1.0, rate * mean, steps[-1])
    assert low <= middle + slack
    assert middle <= high + slack
    assert high - middle >= middle - low - slack or (name == "normal" and guarantee == 0)
    assert low >= max(guarantee - rate * mean, 0) - slack
    assert middle - low <= more + slack or (name == "normal" and guarantee == 0)


@every
@SEEN
@given(rate=rates, mean=means, variation=variations)
def test_no_guarantee_costs_nothing(name, rate, mean, variation):
    assert paid(name, 0.0, rate, mean, variation) == 0


@every
@SEEN
@given(guarantee=guarantees, rate=rates, mean=means, variation=variations, more=st.floats(1.01, 3.0))
def test_falls_with_the_fee(name, guarantee, rate, mean, variation, more):
    dear = paid(name, guarantee, rate, mean, variation)
    cheap = paid(name, guarantee, rate * more, mean, variation)
    slack = EXACT * max(1.0, rate * mean)
    assert cheap <= dear + slack or name == "normal"  # days below 0 parcels grow with the fee


@every
@SEEN
@given(guarantee=guarantees, rate=rates, mean=means, variation=variations)
def test_settling_by_the_month_is_never_dearer(name, guarantee, rate, mean, variation):
    daily, monthly = (paid(name, guarantee, rate, mean, variation, s) for s in ("daily", "monthly"))
    assert monthly <= daily + EXACT * max(1.0, rate * mean, guarantee)


@pytest.mark.parametrize("name", [n for n in DISTRIBUTIONS if n != "empirical"])
@pytest.mark.parametrize(("guarantee", "rate", "mean"), [(100, 0.35, 250), (100, 0.35, 400), (60, 0.42, 150)])
def test_agrees_with_brute_force(name, guarantee, rate, mean):
    days = frozen(name, mean, 0.3).rvs(size=400_000, random_state=7)
    drawn = np.maximum(guarantee - rate * days, 0)
    error = drawn.std() / np.sqrt(drawn.size)
    assert paid(name, guarantee, rate, mean, 0.3) == pytest.approx(drawn.mean(), abs=MONTE_CARLO_SD * error + EXACT)


@pytest.mark.parametrize("name", ["normal", "poisson", "negative_binomial"])
def test_month_agrees_with_brute_force(name):
    days = frozen(name, 280, 0.3).rvs(size=(40_000, 30), random_state=3)
    drawn = np.maximum(30 * 100 - 0.35 * days.sum(axis=1), 0) / 30
    error = drawn.std() / np.sqrt(drawn.size)
    found = paid(name, 100, 0.35, 280, 0.3, "monthly")
    assert found == pytest.approx(drawn.mean(), abs=MONTE_CARLO_SD * error)


def test_numbers_worked_by_hand():
    # Q is 0 or 200 with equal chance: G - rQ is 50 or -20.
    found = guarantee_top_up(50.0, 0.35, 100.0, distribution="empirical", sample=[0.0, 200.0])
    assert found == pytest.approx(25.0)
    # Normal at the money: r sd / sqrt(2 pi).
    assert guarantee_top_up(35.0, 0.35, 100.0, sd=40.0) == pytest.approx(0.35 * 40 / np.sqrt(2 * np.pi))
    # Poisson(1), G = 1, r = 1: only an empty day is topped up.
    assert guarantee_top_up(1.0, 1.0, 1.0, distribution="poisson") == pytest.approx(np.exp(-1))
    assert guarantee_top_up(80.0, 0.35, 0.0, sd=0.0) == 80.0


def test_log_normal_is_the_one_of_the_stations():
    found = guarantee_top_up(100.0, 0.35, [200.0, 400.0], sd=[160.0, 320.0], distribution="lognormal")
    np.testing.assert_allclose(found, top_up(100.0, 0.35, [200.0, 400.0], 0.8), rtol=EXACT)


def test_arrays_broadcast():
    found = guarantee_top_up([[50.0], [100.0]], 0.35, [100.0, 200.0, 300.0], sd=30.0)
    assert found.shape == (2, 3)


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"distribution": "cauchy", "sd": 1.0}, "is no distribution"),
        ({"distribution": "normal"}, "need sd"),
        ({"distribution": "empirical"}, "need a sample"),
        ({"distribution": "negative_binomial", "sd": 1.0}, "take poisson"),
        ({"sd": -1.0}, "need sd"),
    ],
)
def test_what_is_missing_is_said(given_, said):
    with pytest.raises(ValueError, match=said):
        guarantee_top_up(100.0, 0.35, 100.0, **given_)


def test_negative_numbers_are_refused():
    with pytest.raises(ValueError, match="0 or more"):
        guarantee_top_up(-1.0, 0.35, 100.0, sd=1.0)
    with pytest.raises(ValueError, match="0 or more"):
        indifference(100.0, -0.07, rate=0.35)


def test_published_uplift_as_subsidy():
    # Momentum Works (2025): up to 3,000 CNY a month, or 0.05 to 0.12 CNY a parcel: 2,000 to 833 parcels a day.
    daily = 3000 / 30
    assert indifference(daily, 0.05, rate=0.35, add_on=True) == pytest.approx(2000)
    assert indifference(daily, 0.12, rate=0.35, add_on=True) == pytest.approx(833, abs=0.5)
    assert indifference(daily, 0.07, rate=0.35, add_on=True) == pytest.approx(1428.6, abs=0.05)
    assert equivalent_subsidy(daily, 2000) == pytest.approx(0.05)


@SEEN
@given(
    guarantee=st.floats(1.0, 300.0),
    subsidy=st.floats(0.01, 0.3),
    rate=st.floats(0.1, 1.0),
    spread=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
)
def test_both_offers_are_worth_the_same_at_indifference(guarantee, subsidy, rate, spread):
    parcels = indifference(guarantee, subsidy, rate=rate, spread=spread)
    assert top_up(guarantee, rate, parcels, spread) == pytest.approx(subsidy * parcels, rel=1e-6)
    assert top_up(guarantee, rate, 0.9 * parcels, spread) > subsidy * 0.9 * parcels
    assert parcels <= indifference(guarantee, subsidy, rate=rate, add_on=True) * (1 + EXACT)
    if spread == 0:
        assert parcels == pytest.approx(guarantee / (rate + subsidy))


def test_ends_of_indifference():
    assert indifference(0.0, 0.07, rate=0.35) == 0
    assert indifference(100.0, 0.0, rate=0.35) == float("inf")
    np.testing.assert_array_equal(equivalent_subsidy([0.0, 5.0], [0.0, 0.0]), [0.0, np.inf])
