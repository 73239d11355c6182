"""Horizons in years, sums by year, and refusals that survive a cache."""

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from analysis.growth import GrowthError, annual, compare, fit
from analysis.growth.axis import axis, rows


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


def test_a_month_twice_does_not_stand_in_for_one_that_is_missing():
    monthly = pd.Series(1.0, index=pd.period_range("2023-01", "2024-12", freq="M"))
    holes = monthly.drop(pd.Period("2023-05", "M"))
    twice = pd.concat([holes, holes[:1]]).sort_index()
    assert list(annual(twice).index.astype(str)) == ["2024"]
    assert list(annual(pd.concat([monthly, monthly[:1]])).index.astype(str)) == ["2024"]
    assert annual(monthly.set_axis(monthly.index.to_timestamp())).tolist() == [12, 12]


EVEN = [
    pd.date_range("2020-01-01", periods=60, freq="D"),
    pd.date_range("2020-01-01", periods=60, freq="D", tz="Asia/Shanghai"),
    pd.date_range("2020-01-05", periods=60, freq="W"),
    pd.period_range("2020-01-01", periods=60, freq="D"),
    pd.period_range("2020-01-05", periods=60, freq="W"),
    pd.date_range("2020-01-31", periods=60, freq="ME"),
    pd.DatetimeIndex([d.replace(day=min(30, d.day)) for d in pd.date_range("2020-01-31", periods=60, freq="ME")]),
]


@pytest.mark.parametrize("index", EVEN, ids=[f"{type(i).__name__} {getattr(i, 'freqstr', '')}" for i in EVEN])
def test_days_weeks_and_the_thirtieth_are_even(index):
    where = axis(index)
    assert where.even
    assert where.period == (12 if where.monthly else 1)
    gaps = axis(index.delete([7, 20, 21]))
    assert gaps.even
    assert list(gaps.index) == list(index)
    assert list(axis(index[:-3]).future(3)) == list(index[-3:])
    assert not axis(index.delete(range(2, 40, 3)).delete(range(4, 30, 2))).even


@pytest.mark.parametrize("index", EVEN[:5], ids=str)
def test_days_and_weeks_have_methods_and_tests_of_correlation(index):
    rng = np.random.default_rng(1)
    series = pd.Series(np.exp(0.02 * np.arange(60) + np.cumsum(rng.normal(0, 0.05, 60))), index=index)
    assert np.isfinite(fit(series, "damped trend").forecast(5).to_numpy()).all()
    assert fit(series, "logistic").autocorrelated


def test_the_rows_of_days_are_on_days_of_their_own():
    """Months differ in length, so that what was known at an origin is fitted on its own times."""
    index = pd.date_range("2020-01-01", periods=60, freq="D")
    series = pd.Series(100 / (1 + np.exp(-0.15 * (np.arange(60) - 20.0))), index=index)
    batch, _ = rows(series, origins=[40, 60], horizon=3)
    cut, _ = rows(series.iloc[:40], horizon=3)
    assert batch.times[0, 20:] == pytest.approx(cut.times[0], abs=1e-9)
    assert rows(series.set_axis(pd.period_range("2020-01", periods=60, freq="M")), horizon=3)[0].times.ndim == 1


def test_import_does_not_load_scipy_or_statsmodels():
    code = "import sys, analysis.growth; print([m for m in ('scipy', 'statsmodels') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_names_that_other_code_counts_on():
    from analysis.growth import backtest, fit_many, select

    series = rising(pd.period_range("2020-01", periods=60, freq="M"))
    tried = backtest(series, ["log-linear", "seasonal naive"], 6, 5)
    assert (tried.horizon, len(tried.origins)) == (6, 5)
    assert select(series, 6, curves=["log-linear"]).chosen == tried.chosen == "log-linear"
    assert fit_many(series.to_frame("s"), "log-linear").params.loc["s", "g"] == pytest.approx(
        fit(series, "log-linear").params["g"]
    )
