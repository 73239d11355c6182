"""Horizons in years, sums by year, and refusals that survive a cache."""

import pickle

import numpy as np
import pandas as pd
import pytest

from analysis.growth import GrowthError, annual, compare, fit


def rising(index):
    return pd.Series(np.exp(0.1 * np.arange(len(index))) * (1 + 0.01 * np.cos(np.arange(len(index)))), index=index)


@pytest.mark.parametrize(
    ("index", "steps"),
    [
        (pd.period_range("2020-01", periods=40, freq="M"), 36),
        (pd.period_range("2015Q1", periods=20, freq="Q"), 12),
        (pd.period_range("2005", periods=15, freq="Y"), 3),
        (pd.date_range("2020-01-31", periods=30, freq="ME"), 36),
        (pd.DatetimeIndex(["2016-06-30", "2017-06-30", "2017-12-31", "2018-09-30", "2018-12-31", "2019-12-31"]), 4),
    ],
)
def test_three_years_ahead_is_three_years_ahead(index, steps):
    fitted = fit(rising(index), "log-linear")
    assert fitted.steps(3) == steps
    last = fitted.forecast(steps).index[-1]
    end = last.end_time if isinstance(last, pd.Period) else last
    first = index[-1].end_time if isinstance(index, pd.PeriodIndex) else index[-1]
    assert first + pd.DateOffset(months=36) <= end + pd.Timedelta(days=1)
    assert end < first + pd.DateOffset(months=36 + 12)


def test_numbers_do_not_say_their_years():
    with pytest.raises(TypeError, match="ask for steps"):
        fit(rising(pd.RangeIndex(20)), "log-linear").steps(3)


def test_years_are_summed_only_when_whole():
    monthly = pd.Series(1.0, index=pd.period_range("2023-03", "2026-08", freq="M"))
    monthly["2025-05"] = np.nan
    sums = annual(monthly)
    assert list(sums.index.astype(str)) == ["2024"]
    assert sums.iloc[0] == 12


def test_a_refusal_survives_a_pickle():
    refused = compare(pd.Series([1.0, 2.0], index=pd.period_range("2024-01", periods=2, freq="M")))
    assert refused.failures
    again = pickle.loads(pickle.dumps(refused))
    for curve, error in refused.failures.items():
        assert isinstance(again.failures[curve], GrowthError)
        assert (again.failures[curve].code, again.failures[curve].values) == (error.code, error.values)
        assert str(again.failures[curve]) == str(error)
