"""Errors of a total and of its shares: their sign, their width, their floor; floors and grids of series apart."""

import numpy as np
import pandas as pd
import pytest

from analysis.growth import trials
from analysis.growth.axis import axis
from analysis.growth.coherent import NATION, Coherent, coherent
from analysis.growth.mixes import mix

DRAWN = 0.02  # a quantile of 2000 draws with normal scores, against the half width they are made from
SAME = 1e-6  # the optimiser stops this near on the same problem in another batch
MONTHS = pd.period_range("2019-01", periods=60, freq="M")
NAIVE = ("naive", "seasonal naive")


def market(*, quiet: float = 1e6) -> pd.DataFrame:
    """One tier that is all shocks beside one that has none."""
    walk = np.cumsum(np.random.default_rng(3).normal(0, 0.08, len(MONTHS)))
    columns = pd.MultiIndex.from_tuples([("loud", "a"), ("quiet", "b")], names=["tier", "network"])
    return pd.DataFrame(np.column_stack([1e6 * np.exp(walk), np.full(len(MONTHS), quiet)]), MONTHS, columns)


@pytest.fixture(scope="module")
def found() -> Coherent:
    return coherent(market(), horizon=6, draws=2000, curves=NAIVE)


def test_a_tier_that_moves_the_nation_gains_share_when_the_nation_gains(found):
    loud = found.draws[..., 0] / found.totals
    for step in (0, 5):
        assert np.corrcoef(found.totals[:, step], loud[:, step])[0, 1] > 0.9


def test_both_bands_of_a_share_have_the_widths_of_its_log_ratio(found):
    """Log-ratios of two parts are opposite, so that the log odds are twice the one."""
    mix = found.mixes[NATION]
    table = found.tiers.loc["loud"]
    for level, half in zip((80, 95), mix.half[:, 0], strict=True):
        for end, sign in (("low", -1), ("high", 1)):
            share = table[f"share_{end}_{level}"].to_numpy()
            odds = np.log(share / (1 - share))
            assert odds - 2 * mix.centre[0] == pytest.approx(2 * sign * half, rel=DRAWN)
    assert (mix.half[1] > 1.2 * mix.half[0]).all()


def test_a_nation_whose_errors_add_is_never_negative():
    """Months of nothing leave a naive total on levels, with bands down to zero."""
    volumes = market(quiet=1e5)
    volumes.iloc[[10, 30, 50]] = 0.0
    found = coherent(volumes, horizon=6, draws=500, curves=NAIVE)
    assert found.choice.backtest.multiply == frozenset()
    assert found.totals.min() == 0.0
    assert (found.draws >= 0).all()


def test_series_of_one_batch_have_a_floor_each():
    t = np.arange(len(MONTHS))
    zero, below = pd.Series(t % 7.0, MONTHS), pd.Series(t % 5.0 - 2, MONTHS)
    for names in (("zero", "below"), ("below", "zero")):
        many = trials.backtest_many(pd.DataFrame({"zero": zero, "below": below})[list(names)], NAIVE, 3, 6)
        assert (many.of("zero").floor, many.of("below").floor) == (0.0, -np.inf)
        assert (many.of("zero").ahead["wide_low_95"] >= 0).all()
        assert (many.of("below").ahead["wide_low_95"] < -2).any()


@pytest.mark.parametrize("n", [6, 12, 24])
def test_a_third_of_a_grid_may_be_missing_and_no_more(n):
    places = np.delete(np.arange(float(n)), np.arange(1, n // 3 + 1))
    assert axis(pd.Index(places)).even
    assert not axis(pd.Index(np.delete(places, 1))).even


def drifting(months: int = 60) -> pd.DataFrame:
    noise = np.random.default_rng(0).normal(0, 0.01, (months, 3))
    steady = np.exp(np.outer(np.arange(months), [0.03, 0.0, -0.02]) + noise)
    return pd.DataFrame(steady, index=MONTHS[:months], columns=list("abc"))


def test_a_part_that_enters_does_not_shock_the_others():
    table = drifting()
    table.loc[MONTHS[:25], "a"] = 0.0
    table["a"] *= 50
    residuals = mix(table, 6).residuals
    assert np.isfinite(residuals[1:, 20:30]).all()
    assert np.abs(residuals[1:, 5:]).max() < 0.1


def test_log_ratios_are_continued_as_series_of_their_own():
    """Medians and widened bands of a mix are those that a back-test of each ratio has, without seasons."""
    found = mix(drifting(), 12)
    assert found.method == "damped trend"
    logs = np.log(drifting().to_numpy())
    ratios = pd.DataFrame(np.exp(logs - logs.mean(axis=1, keepdims=True)), columns=list("abc"))
    alone = trials.backtest_many(ratios.set_axis(np.arange(60.0)), ("damped trend",), 12, 12).forecasts("damped trend")
    for i, name in enumerate("abc"):
        table = alone.loc[name, "damped trend"]
        assert np.exp(found.centre[i]) == pytest.approx(table["median"].to_numpy(), rel=SAME)
        for level, half in zip((80, 95), found.half[:, i], strict=True):
            wide = np.log(table[f"wide_high_{level}"] / table["median"]).to_numpy()
            assert half == pytest.approx(wide, rel=SAME)
