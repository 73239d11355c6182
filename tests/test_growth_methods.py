"""Naive, damped-trend and Theta forecasts: laws that hold for every method, and the naive ones by hand."""

import numpy as np
import pytest

from analysis.growth import engine
from analysis.growth.batch import Batch
from analysis.growth.methods import naive
from analysis.growth.testing import scores
from tests.made_months import batch, months, run

SAME = 3e-4  # relative; the search stops where the sum of squares is flat, at 1e-10 of it
COVERAGE = (0.93, 0.97)  # of 1,200 forecasts that are right by construction: three standard errors are 0.019
METHODS = ["naive", "seasonal naive", "damped trend", "theta"]
REFUSING = ["damped trend", "theta"]


@pytest.mark.parametrize("key", METHODS)
def test_units_change_nothing_but_units(key: str) -> None:
    values = months(4, 60)
    small, large = run(key, batch(values)), run(key, batch(1e6 * values))
    assert large.median == pytest.approx(1e6 * small.median, rel=SAME)
    assert large.spread == pytest.approx(small.spread, rel=SAME)


@pytest.mark.parametrize("key", METHODS)
@pytest.mark.parametrize("gaps", [False, True])
def test_a_row_does_not_depend_on_the_others_or_on_its_padding(key: str, gaps: bool) -> None:
    values = months(6, 60)
    for i in range(6):
        values[i, : 3 * i] = np.nan
        if gaps:
            values[i, 20 + i] = np.nan
    together = run(key, batch(values))
    for i in range(6):
        alone = run(key, batch(values[i, 3 * i :]))
        assert together.median[i] == pytest.approx(alone.median[0], rel=SAME)
        assert together.spread[i] == pytest.approx(alone.spread[0], rel=SAME)
        assert together.df[i] == alone.df[0]
        assert np.isnan(together.fitted[i, : 3 * i]).all()


@pytest.mark.parametrize("key", METHODS)
def test_input_is_not_changed_and_no_steps_are_no_steps(key: str) -> None:
    values = months(2, 60)
    values[0, :5] = np.nan
    before = values.copy()
    found = run(key, batch(values, horizon=0))
    np.testing.assert_array_equal(values, before)
    assert found.median.shape == found.spread.shape == (2, 0)
    assert (found.failed == "").all()


@pytest.mark.parametrize("key", METHODS)
def test_rows_that_cannot_be_used_say_why_and_leave_the_others_alone(key: str) -> None:
    values = months(5, 48)
    values[1] = np.nan
    values[2, :-1] = np.nan
    values[3] = 5.0
    found = run(key, batch(values))
    assert found.failed.tolist() == ["", "too_few", "too_few", "", ""]
    assert np.isnan(found.median[1:3]).all()
    assert np.isnan(found.sigma[1:3]).all()
    assert found.median[3] == pytest.approx(5.0)
    assert found.spread[3] == pytest.approx(0.0, abs=1e-6)
    assert run(key, batch(values[1:3])).failed.tolist() == ["too_few", "too_few"]


@pytest.mark.parametrize("key", REFUSING)
def test_logs_refuse_what_is_not_positive(key: str) -> None:
    values = months(2, 48)
    values[0, 3] = 0.0
    found = run(key, batch(values))
    assert found.failed.tolist() == ["non_positive", ""]
    assert np.isfinite(found.median[1]).all()


@pytest.mark.parametrize("key", REFUSING)
def test_calendar_effects_are_found_and_put_back(key: str) -> None:
    rng, t = np.random.default_rng(11), np.arange(108)
    event, fixed = (rng.random(108) < 0.1).astype(float), (t % 12 == 5).astype(float)
    event[100] = 1.0
    noise = rng.normal(0, 0.01, (6, 108))
    values = np.exp(4 + 0.01 * t + 0.3 * event + 0.2 * fixed + noise)
    found = run(key, batch(values[:, :96], design=np.column_stack([event, fixed])))
    assert found.effects[:, 0] == pytest.approx(0.3, abs=0.03)
    assert (found.effects[:, 1] == 0).all()
    assert np.log(found.median) == pytest.approx(np.log(values[:, 96:]), abs=0.12)
    plain = run(key, batch(values[:, :96]))
    assert (found.sigma < plain.sigma / 2).all()


@pytest.mark.parametrize("key", REFUSING)
def test_a_gap_is_not_an_observation(key: str) -> None:
    values = months(4, 72)
    gaps = values.copy()
    gaps[:, [30, 31, 55]] = np.nan
    whole, holed = run(key, batch(values)), run(key, batch(gaps))
    assert (whole.df - holed.df == 3).all()
    assert np.log(holed.median) == pytest.approx(np.log(whole.median), abs=0.25)
    assert np.isfinite(holed.fitted[:, [30, 31, 55]]).all()


def test_naive_is_the_last_value_and_a_random_walk() -> None:
    y = np.array([1.0, 2.0, 4.0, 2.0])
    found = naive.naive(batch(y, horizon=4))
    assert found.median[0] == pytest.approx(2.0)
    assert found.sigma[0] == pytest.approx(np.log(2))
    assert found.spread[0] == pytest.approx(np.log(2) * np.sqrt([1, 2, 3, 4]))
    assert found.fitted[0, 1:] == pytest.approx(y[:-1])
    assert found.logs


@pytest.mark.parametrize("key", ["naive", "seasonal naive"])
@pytest.mark.parametrize("value", [0.3, 1 / 3, 7e9 / 3, 1.1e-300])
def test_a_constant_stays_to_the_last_digit(key: str, value: float) -> None:
    given = batch(np.full(40, value))
    found = run(key, given)
    assert (found.median == value).all()
    assert (found.spread == 0).all()
    low, high = engine.bands(found, 0.95, given.floor)
    assert scores.coverage(np.full((1, 12), value), low, high).tolist() == [1.0]


@pytest.mark.parametrize("key", ["naive", "seasonal naive"])
def test_values_are_carried_as_they_are(key: str) -> None:
    values = months(5, 60)
    period = 12 if key == "seasonal naive" else 1
    np.testing.assert_array_equal(run(key, batch(values)).median, np.tile(values[:, -period:], 12 // period))
    np.testing.assert_array_equal(run(key, batch(values)).fitted[:, period:], values[:, :-period])


def test_theta_takes_a_row_too_short_for_seasons_beside_long_ones() -> None:
    values = months(4, 60)
    values[1, :-6] = np.nan
    values[2, :-20] = np.nan
    found = run("theta", batch(values))
    assert (found.failed == "").all()
    for i, start in ((1, 54), (2, 40)):
        alone = run("theta", batch(values[i, start:]))
        assert found.median[i] == pytest.approx(alone.median[0], rel=SAME)


def test_naive_takes_any_values_and_any_times() -> None:
    y = np.array([3.0, -1.0, 0.0, 2.0])
    given = batch(y, horizon=1, period=1)
    uneven = Batch(given.values, np.array([0.0, 1.0, 5.0, 6.0, 7.0]), 1, 1, given.design, np.array([-np.inf]))
    found = naive.naive(uneven)
    assert not found.logs
    assert found.median[0, 0] == 2.0
    assert found.sigma[0] == pytest.approx(np.sqrt((16 + 1 + 4) / 3))


def test_an_older_value_stands_in_with_its_age() -> None:
    y = np.arange(1.0, 13.0)
    y[10] = np.nan
    found = naive.seasonal(batch(y, horizon=8, period=4))
    assert found.median[0] == pytest.approx([9, 10, 7, 12, 9, 10, 7, 12])
    assert (found.spread[0] / found.sigma[0]) ** 2 == pytest.approx([1, 1, 2, 1, 2, 2, 3, 2])
    last = naive.naive(batch(y[:11], horizon=1))
    assert last.median[0, 0] == pytest.approx(10.0)
    assert (last.spread[0, 0] / last.sigma[0]) ** 2 == pytest.approx(2.0)


def test_a_season_never_seen_takes_the_step_before() -> None:
    y = np.tile([1.0, np.nan, 3.0, 4.0], 3)
    assert naive.seasonal(batch(y, horizon=4, period=4)).median[0] == pytest.approx([1, 1, 3, 4])


def test_without_seasons_the_naive_forecasts_are_one() -> None:
    given = batch(months(3, 30), period=1)
    one, other = naive.naive(given), naive.seasonal(given)
    np.testing.assert_array_equal(one.median, other.median)
    np.testing.assert_array_equal(one.spread, other.spread)


@pytest.mark.parametrize("key", ["naive", "damped trend"])
def test_bands_of_a_true_model_hold(key: str) -> None:
    rng = np.random.default_rng(4)
    steps = rng.normal(0, 0.1, (300, 124))
    values = np.exp(5 + np.cumsum(steps, axis=1))
    found = run(key, batch(values[:, :120], horizon=4, period=1))
    t = np.quantile(rng.standard_t(float(found.df[0]), 200_000), 0.975)
    inside = np.abs(np.log(values[:, 120:] / found.median)) < t * found.spread
    assert COVERAGE[0] < inside.mean() < COVERAGE[1]


def test_the_band_of_a_season_never_seen_does_not_hang_on_the_padding() -> None:
    """No January is ever published: the step before stands in, with its age."""
    values = months(1, 60)
    values[:, ::12] = np.nan
    alone = run("seasonal naive", batch(values[0, 1:]))
    padded = run("seasonal naive", batch(np.hstack([np.full((1, 49), np.nan), values[:, 1:]])))
    assert padded.spread[0] == pytest.approx(alone.spread[0], rel=SAME)
    assert alone.spread[0, 0] == alone.spread[0, 1]
