"""The whole back-test against one written in plain loops (`growth_by_hand`), and what no forecast may depend on."""

import numpy as np
import pandas as pd
import pytest

from analysis.growth import trials
from tests import growth_by_hand as hand

SAME = 1e-9  # the same numbers in another order: least squares by another route, quantiles by another function
CURVES = ("log-linear", "naive", "seasonal naive")
TABLES = ("trials", "scores", "by_step", "factors", "ahead")


def grown(n: int, seed: int = 0, *, rate: float = 0.012, end: str = "2025-06", noise: float = 0.05) -> pd.Series:
    """Growth with a season that wanders a little, ending at a given month."""
    rng, t = np.random.default_rng(seed), np.arange(n)
    wander = np.cumsum(0.02 * rng.normal(size=n))
    values = 300 * np.exp(rate * t + wander + 0.15 * np.sin(np.pi * t / 6) + noise * rng.normal(size=n))
    return pd.Series(values, index=pd.period_range(end=end, periods=n, freq="M"))


def without(series: pd.Series, *places: int) -> pd.Series:
    """The same with some months missing."""
    gaps = series.copy()
    gaps.iloc[list(places)] = np.nan
    return gaps


def at_zero(series: pd.Series) -> pd.Series:
    """The same with two months of nothing, so that no errors multiply."""
    return series.mask(series.index.isin(series.index[[20, -9]]), 0.0)


def alike(ours: trials.Backtest, theirs: dict) -> None:
    for name in TABLES:
        found, expected = getattr(ours, name), theirs[name]
        assert list(found.columns) == list(expected.columns) or set(found.columns) == set(expected.columns)
        expected = expected[list(found.columns)]
        assert list(found.index) == list(expected.index)
        for column in found:
            pd.testing.assert_series_equal(
                *(found[column], expected[column]), rtol=SAME, atol=1e-12, check_dtype=False, check_index=False
            )
    assert (ours.chosen, ours.reason) == (theirs["chosen"], theirs["reason"])


CASES = {
    "whole": (grown(60), 6, 8, ()),
    "an odd number of origins": (grown(57, 1), 5, 7, ()),
    "months missing": (without(grown(60, 2), 13, 30, -1 - 9, -4), 6, 8, ()),
    "the last but one missing": (without(grown(60, 3), -2), 4, 9, ()),
    "a horizon longer than can be tested": (grown(36, 4), 12, 12, ()),
    "fewer origins than settle a choice": (grown(60, 5), 6, 4, ()),
    "a calendar": (grown(66, 6), 6, 9, ("lunar_new_year", "campaign_618", "double_11")),
    "a break that early origins do not know": (grown(40, 7, end="2024-10"), 6, 9, ("definition_2024",)),
    "a calendar and a month missing": (without(grown(60, 8), 40, -5), 6, 7, ("lunar_new_year", "definition_2024")),
    "one step": (grown(48, 9), 1, 24, ()),
    "fast growth": (grown(72, 10, rate=0.05, noise=0.02), 12, 12, ()),
    "no growth": (grown(72, 11, rate=0.0), 12, 13, ()),
}


@pytest.mark.parametrize("case", CASES)
def test_every_number_of_a_back_test(case):
    series, horizon, origins, calendar = CASES[case]
    ours = trials.backtest(series, CURVES, horizon, origins, calendar=calendar)
    alike(ours, hand.backtest(series, CURVES, horizon, origins, calendar))


def test_errors_that_add():
    """A series with zeros: levels, bands that end at zero, no log-linear curve."""
    series = at_zero(grown(60, 12))
    ours = trials.backtest(series, CURVES, 6, 8)
    assert ours.failures.keys() == {"log-linear"}
    alike(ours, hand.backtest(series, CURVES[1:], 6, 8))
    assert (ours.trials["low_95"] == 0).any()


def test_cases_choose_differently():
    """What is compared above is more than one branch of the rule."""
    found = {case: trials.backtest(one[0], CURVES, *one[1:3], calendar=one[3]) for case, one in CASES.items()}
    assert {one.reason for one in found.values()} == {"beats", "nothing_beats", "too_short"}
    assert len({one.chosen for one in found.values()}) == len(CURVES)
    assert any((one.factors.loc[one.chosen] > 1).all(axis=None) for one in found.values())
