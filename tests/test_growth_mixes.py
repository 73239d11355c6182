"""Shares of a whole: which go on and which stay, how often their bands hold, and what their back-test knows."""

import numpy as np
import pandas as pd
import pytest

from analysis.growth import engine
from analysis.growth.mixes import LEAST, mix, mixes

ADDS = 1e-9  # relative; sums in another order
SAME = 1e-6  # the search stops this near among others and alone
HELD = ((0.8, 0.05), (0.95, 0.03))  # 80 nations, two free shares and two or three independent steps each: 2.5 errors

MONTHS = pd.period_range("2019-01", periods=72, freq="M")
T = np.arange(72.0)


def test_a_steady_drift_goes_on_and_a_random_walk_stays():
    steady = np.exp(np.outer(T, [0.03, 0.0, -0.02])) * np.exp(np.random.default_rng(0).normal(0, 0.01, (72, 3)))
    drift = mix(pd.DataFrame(steady, index=MONTHS, columns=list("abc")), 12)
    assert drift.method == "damped trend"
    assert drift.shares()[-1, 0] > drift.last[0] + 0.03
    walk = np.exp(np.cumsum(np.random.default_rng(4).normal(0, 0.05, (72, 3)), axis=0))
    stays = mix(pd.DataFrame(walk, index=MONTHS, columns=list("abc")), 12)
    assert stays.method == "naive"
    assert stays.shares()[-1] == pytest.approx(stays.last, rel=ADDS)
    assert stays.errors["naive"] < stays.errors["damped trend"]


@pytest.mark.parametrize("months", [LEAST, LEAST + 1, LEAST + 4])
def test_with_hardly_two_years_shares_stay_unless_a_trial_says_otherwise(months):
    walk = np.exp(np.cumsum(np.random.default_rng(4).normal(0, 0.05, (months, 3)), axis=0))
    found = mix(pd.DataFrame(walk, index=MONTHS[:months], columns=list("abc")), 12)
    assert found.free.all()
    assert (found.method == "naive") == (found.shares()[-1] == pytest.approx(found.last, rel=ADDS))
    assert (found.half > 0).all()
    assert np.isfinite(found.half).all()
    assert np.isnan(list(found.errors.values())).all() == (months == LEAST)
    assert (np.diff(found.half, axis=2) >= -ADDS).all()


def test_with_more_gaps_than_months_shares_still_add_up():
    walk = np.exp(np.cumsum(np.random.default_rng(4).normal(0, 0.05, (72, 3)), axis=0))
    walk[np.random.default_rng(1).permutation(71)[:40]] = 0.0
    found = mix(pd.DataFrame(walk, index=MONTHS, columns=list("abc")), 12)
    assert found.free.all()
    assert found.residuals.shape == (3, 72)
    assert found.shares().sum(axis=1) == pytest.approx(np.ones(12), rel=ADDS)


def test_the_error_of_a_trial_is_that_of_the_shares_by_hand():
    walk = np.exp(np.cumsum(np.random.default_rng(4).normal(0, 0.05, (72, 3)), axis=0))
    shares = walk / walk.sum(axis=1, keepdims=True)
    wrong = [np.abs(shares[k : k + 12] - shares[k - 1]) for k in range(49, 61)]
    found = mix(pd.DataFrame(walk, index=MONTHS, columns=list("abc")), 12)
    assert found.errors["naive"] == pytest.approx(np.mean(wrong), rel=ADDS)


def walks(nations):
    return np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.04, (nations, 72, 3)), axis=1))


def test_bands_of_shares_hold_as_often_as_they_say():
    """Of independent nations whose shares wander; a fifth of the widths more or less than stated would show."""
    truth = walks(80)
    tables = {i: pd.DataFrame(walk[:60], index=MONTHS[:60], columns=list("abc")) for i, walk in enumerate(truth)}
    found = mixes(tables, 12).values()
    centre, half = (
        np.stack([one.centre.T for one in found]),
        np.stack([one.half.transpose(0, 2, 1) for one in found], 1),
    )
    logs = np.log(truth[:, 60:])
    inside = np.abs(logs - logs.mean(axis=2, keepdims=True) - centre) <= half
    for held, (level, near) in zip(inside.mean(axis=(1, 2, 3)), HELD, strict=True):
        assert held == pytest.approx(level, abs=near)


def test_mixes_side_by_side_are_what_each_is_alone():
    tables = {
        i: pd.DataFrame(walk[12 * i :], index=MONTHS[12 * i :], columns=list("abc")) for i, walk in enumerate(walks(4))
    }
    tables[1].iloc[:20, 2] = 0.0
    tables["held"] = tables[0].where(np.tile(T[:, None] > 60, 3))
    tables["none"] = tables[0][["a"]]
    together = mixes(tables, 18, origins=8)
    assert list(together) == list(tables)
    for key, table in tables.items():
        alone, mine = mix(table, 18, origins=8), together[key]
        assert (mine.method, mine.reasons) == (alone.method, alone.reasons)
        assert mine.errors == pytest.approx(alone.errors, rel=SAME, nan_ok=True)
        for name in ("last", "centre", "half", "residuals"):
            assert getattr(mine, name) == pytest.approx(getattr(alone, name), rel=SAME, abs=SAME, nan_ok=True)


def test_no_origin_knows_what_follows(monkeypatch):
    """Neither the values nor which parts will have been there longest, that log-ratios are taken against."""
    seen, run = [], engine.run
    monkeypatch.setattr(engine, "run", lambda key, batch: seen.append(batch.values) or run(key, batch))
    table = pd.DataFrame(walks(1)[0], index=MONTHS, columns=list("abc"))
    table.iloc[6:12, 0] = 0.0
    other = table.copy()
    other.iloc[61:71, 1] = 0.0
    other.iloc[60:, 2] *= 3
    assert mix(table, 12).free.all()
    assert mix(other, 12).free.all()
    first, second = seen[0], seen[2]
    origins = 12 * 3
    np.testing.assert_array_equal(first[:origins], second[:origins])
    assert not np.array_equal(first[origins:], second[origins:], equal_nan=True)
