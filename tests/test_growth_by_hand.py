"""The whole back-test against one written in plain loops (`growth_by_hand`), and what no forecast may depend on."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from analysis.growth import trials
from analysis.growth.curves import CURVES as EVERY
from analysis.growth.testing import conformal
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


def alike(mine: trials.Backtest, theirs: dict) -> None:
    for name in TABLES:
        found, expected = getattr(mine, name), theirs[name]
        assert set(found.columns) == set(expected.columns)
        pd.testing.assert_frame_equal(
            *(found, expected), rtol=SAME, atol=0.0, check_dtype=False, check_names=False, check_like=True
        )
    assert (mine.chosen, mine.reason) == (theirs["chosen"], theirs["reason"])


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
    "a month of next to nothing": (grown(60, 13).where(np.arange(60) != 56, 1e-6), 6, 8, ()),
    "no growth": (grown(72, 11, rate=0.0), 12, 13, ()),
}


@cache
def ours(case: str) -> trials.Backtest:
    series, horizon, origins, calendar = CASES[case]
    return trials.backtest(series, CURVES, horizon, origins, calendar=calendar)


@pytest.mark.parametrize("case", CASES)
def test_every_number_of_a_back_test(case):
    series, horizon, origins, calendar = CASES[case]
    alike(ours(case), hand.backtest(series, CURVES, horizon, origins, calendar))


def test_errors_that_add():
    """A series with zeros: levels, bands that end at zero, no log-linear curve."""
    series = at_zero(grown(60, 12))
    found = trials.backtest(series, CURVES, 6, 8)
    assert found.failures.keys() == {"log-linear"}
    alike(found, hand.backtest(series, CURVES[1:], 6, 8))
    assert (found.trials["low_95"] == 0).any()


def test_cases_choose_differently():
    """What is compared above is more than one branch of the rule."""
    found = {case: ours(case) for case in CASES}
    assert {one.reason for one in found.values()} == {"beats", "nothing_beats", "too_short"}
    assert len({one.chosen for one in found.values()}) == len(CURVES)
    assert any((one.factors.loc[one.chosen] > 1).all(axis=None) for one in found.values())


def test_every_series_of_many():
    """Different lengths, starts and gaps in one table; those that end alike share a batch."""
    wide = pd.concat(
        {
            "whole": grown(90, 20),
            "late": grown(51, 21),
            "short": grown(29, 22),
            "gaps": without(grown(63, 23), 5, 40, -3),
            "ended": grown(66, 24, end="2025-02"),
            "zeros": at_zero(grown(70, 25)),
        },
        axis=1,
    )
    many = trials.backtest_many(wide, CURVES, 6, 7, calendar=("lunar_new_year", "definition_2024"))
    for name, series in wide.items():
        curves = CURVES if name != "zeros" else CURVES[1:]
        expected = hand.backtest(series, curves, 6, 7, ("lunar_new_year", "definition_2024"))
        alike(many.of(name), expected)
        found = many.scores.loc[name]
        pd.testing.assert_frame_equal(found, expected["scores"], rtol=SAME, check_names=False, check_dtype=False)
        assert (many.chosen[name], many.reason[name]) == (expected["chosen"], expected["reason"])


WIDE = [f"wide_{end}_{level}" for end in ("low", "high") for level in (80, 95)]
SAID = ["median", "low_80", "high_80", "low_95", "high_95", "scale", "scale2"]
LATER = {
    "larger": lambda later: later * 7,
    "noise": lambda later: later * np.random.default_rng(0).uniform(0.1, 9, len(later)),
    "missing": lambda later: later.where(np.arange(len(later)) > 4),
}


@pytest.fixture(scope="module")
def before() -> trials.Backtest:
    return trials.backtest(grown(64, 30), horizon=5, origins=9, calendar=("lunar_new_year",))


@pytest.mark.parametrize("change", LATER)
def test_nothing_later_changes_what_was_forecast(before, change):
    """For every curve and method, at every origin before the change."""
    cut, changed = before.origins[4], grown(64, 30)
    changed[cut + 1 :] = LATER[change](changed[cut + 1 :])
    after = trials.backtest(changed, horizon=5, origins=9, calendar=("lunar_new_year",))
    assert set(before.scores.index) == set(EVERY)
    for origin in before.origins:
        was, now = (t.trials.xs(origin, level="origin")[SAID + WIDE] for t in (before, after))
        if origin <= cut:
            pd.testing.assert_frame_equal(now, was, rtol=SAME)
        else:
            moved = np.abs(now["median"] / was["median"] - 1).groupby("curve").max().drop("seasonal naive")
            assert (moved > SAME).all()


def test_a_longer_record_changes_nothing_at_the_same_origin():
    series = grown(70, 31)
    longer, shorter = (trials.backtest(s, CURVES, 4, 12) for s in (series, series[:-5]))
    both = longer.origins.intersection(shorter.origins)
    assert len(both) == 7
    for origin in both:
        now, was = (t.trials.xs(origin, level="origin")[SAID] for t in (longer, shorter))
        pd.testing.assert_frame_equal(now, was, rtol=SAME)


def test_an_origin_does_not_widen_its_own_band():
    """One step ahead, the last value is the target of the last origin alone: it widens what comes after."""
    series = grown(60, 32)
    other = series.copy()
    other.iloc[-1] *= 3
    was, now = (trials.backtest(s, CURVES, 1, 12) for s in (series, other))
    pd.testing.assert_frame_equal(now.trials[SAID + WIDE], was.trials[SAID + WIDE], rtol=SAME)
    assert (now.factors > was.factors).all(axis=None)


RNG = np.random.default_rng(40)
ERRORS = {
    "of any size": RNG.normal(size=(9, 7)) * np.array([[0.3], [1], [4]] * 3),
    "some missing": np.where(RNG.uniform(size=(8, 6)) < 0.3, np.nan, RNG.normal(size=(8, 6))),
    "a step without any": np.where(np.arange(5) == 2, np.nan, RNG.normal(size=(6, 5))),
    "all alike": np.full((6, 4), 0.9),
    "alike and large": np.full((11, 8), -1.7),
    "turning every time": np.where(np.indices((7, 5))[0] % 2, 1.2, -1.1),
    "out of measure below": np.where(np.indices((8, 5))[0] == 3, -1e6, 0.4),
    "of one origin": RNG.normal(size=(1, 3)),
    "none": np.full((5, 3), np.nan),
    "growing": np.cumsum(RNG.normal(size=(12, 12)), axis=1),
}


@pytest.mark.parametrize("level", hand.LEVELS)
@pytest.mark.parametrize("kind", ERRORS)
def test_widths_of_any_errors(kind, level):
    errors = ERRORS[kind]
    rows = np.clip(errors, -conformal.LARGEST, conformal.LARGEST).tolist()
    spread = np.linspace(1.0, 0.6, errors.shape[1]) + 0.3 * (np.arange(errors.shape[1]) % 2)
    found = conformal.multiples(np.stack([errors, 2 * errors]), level / 100)
    assert found[0] == pytest.approx(hand.widths(rows, level), rel=SAME)
    found = conformal.factors(errors, spread, np.array(17.0), level / 100)
    assert found == pytest.approx(hand.factors(rows, spread, 17, level), rel=SAME)


@pytest.mark.parametrize("kind", ["of any size", "some missing", "out of measure below"])
def test_widths_known_then(kind):
    """Each origin has its own spread and degrees of freedom."""
    errors = ERRORS[kind]
    rows = np.clip(errors, -conformal.LARGEST, conformal.LARGEST).tolist()
    spread, df = 0.5 + np.arange(errors.size).reshape(errors.shape) % 7, 4.0 + np.arange(len(errors))
    found = conformal.known_then(errors[None], spread[None], df[None], 0.95)[0]
    for i, row in enumerate(found):
        assert row == pytest.approx(hand.factors(hand.known_at(rows, i), spread[i], df[i], 95), rel=SAME)
