"""Coordinates along bent valleys: there and back, their derivatives, and fits of data that show no ceiling."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from analysis.growth import CURVES, fit
from analysis.growth.many import fit_many

BACK = 1e-9  # of two changes of coordinates
STEP = 1e-6  # of central differences, good to its square and to rounding over it
SLOPE = 1e-7
APART = 1e-3  # of the quick search: the share by which it may stop short on a ridge
WORSE = 1e-6  # share of the sum of squares by which another optimum counts as worse

BENT = [key for key, curve in CURVES.items() if getattr(curve, "bend", None)]
SCALED = {
    "logistic": ([0.5, -0.5, 1.0], [5.0, 2.0, 9.0]),
    "gompertz": ([0.5, -0.5, 1.0], [5.0, 2.0, 9.0]),
    "richards": ([0.5, -0.5, 1.0, 0.1], [5.0, 2.0, 9.0, 5.0]),
    "four-parameter logistic": ([-0.5, 0.8, -0.5, 1.0], [0.5, 3.0, 1.5, 9.0]),
    "bass": ([0.5, 0.01, 1.0, -1.0], [5.0, 0.5, 9.0, 0.0]),
}
bent = pytest.mark.parametrize("curve", BENT)


def drawn(curve: str) -> np.ndarray:
    """Parameters (20, k) of a curve on scaled axes."""
    low, high = SCALED[curve]
    return np.random.default_rng(3).uniform(low, high, (20, len(low)))


def unlimited(kind: str) -> pd.DataFrame:
    """Months x 4 series without a ceiling: exponentials, or random walks of logs."""
    rng = np.random.default_rng(5)
    if kind == "exponential":
        logs = rng.uniform(1, 4, 4) + rng.uniform(0.01, 0.04, 4) * np.arange(60.0)[:, None]
        logs += rng.normal(0, 0.02, logs.shape)
    else:
        logs = 4 + rng.normal(0.01, 0.03, (60, 4)).cumsum(axis=0)
    return pd.DataFrame(np.exp(logs), index=pd.period_range("2020-01", periods=60, freq="M"))


@cache
def own(curve: str, kind: str) -> np.ndarray:
    """Sums of squares of the fits one by one."""
    fits = [fit(series, curve) for _, series in unlimited(kind).items()]
    return np.array([one.sigma**2 * one.df for one in fits])


@bent
def test_coordinates_lead_there_and_back(curve):
    bend, params = CURVES[curve].bend, drawn(curve)
    assert bend.back(bend.there(params))[0] == pytest.approx(params, rel=BACK)


@bent
def test_coordinates_have_the_derivatives_they_say(curve):
    bend = CURVES[curve].bend
    theta = bend.there(drawn(curve))
    for j, step in enumerate(STEP * np.eye(theta.shape[1])):
        slopes = (bend.back(theta + step)[0] - bend.back(theta - step)[0]) / (2 * STEP)
        size = np.abs(slopes).max()
        assert bend.back(theta)[1][:, :, j] == pytest.approx(slopes, abs=SLOPE * size)


@bent
@pytest.mark.parametrize("kind", ["exponential", "walk"])
def test_thorough_fits_are_never_worse_than_their_own(curve, kind):
    wide = unlimited(kind)
    quick, thorough = (fit_many(wide, curve, thorough=asked).sse.to_numpy() for asked in (False, True))
    assert (thorough <= own(curve, kind) * (1 + WORSE)).all()
    assert (thorough <= quick * (1 + WORSE)).all()


@bent
def test_a_ceiling_beyond_the_data_hardly_costs_anything(curve):
    wide = unlimited("exponential")
    assert (fit_many(wide, curve).sse.to_numpy() <= own(curve, "exponential") * (1 + APART)).all()
