"""What a small slip would change: bands from their formula, floors, tails, ends that stay open, counts that add up."""

import dataclasses
from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.growth import fit, ledger, reach, shocks
from analysis.growth.curves import CURVES
from analysis.growth.league import league
from analysis.growth.mixes import mix
from data.grade import Grade
from tests.growth_by_hand import regressors

EXACT = 1e-12  # the same sums in another order
SLOPE = 1e-5  # derivatives by differences
DRAWN = 0.1  # share of a half width: 2000 draws
MONTHS = pd.period_range("2019-01", periods=60, freq="M")


def s_curve(n: int, noise: float, seed: int = 0) -> pd.Series:
    t = np.arange(float(n))
    values = 100 / (1 + np.exp(-0.1 * (t - 30))) + np.random.default_rng(seed).normal(0, noise, n)
    return pd.Series(values, index=t)


def differences(value, params):
    """Derivatives (n, k) of value(params) (n,) by central differences."""
    steps = 1e-5 * np.maximum(np.abs(params), 1e-3) * np.eye(len(params))
    return np.stack([(value(params + s) - value(params - s)) / (2 * s.sum()) for s in steps], axis=1)


@pytest.mark.parametrize("names", [(), ("lunar_new_year", "double_11")])
def test_bands_of_an_s_curve_have_the_error_of_parameters_and_the_noise(names):
    """Half width: t sqrt(J C J' + sigma^2), J with the calendar effects, C = sigma^2 (J'J)^-1 of what was observed."""
    series = s_curve(60, 2.0).clip(lower=1.0).set_axis(MONTHS)
    found = fit(series, "logistic", errors="classical", calendar=names)
    columns = np.array(regressors([*MONTHS, *(MONTHS[-1] + h for h in (1, 2, 3, 4, 5, 6))], names)).reshape(-1, 66).T

    def value(params):
        k, t0, r = params[:3]
        return k / (1 + np.exp(-r * (np.arange(66.0) - t0))) * np.exp(columns @ params[3:])

    params = np.r_[found.params[["K", "t0", "r"]], found.effects["estimate"]]
    slopes = differences(value, params)
    sigma2 = float(((series - value(params)[:60]) ** 2).sum()) / (60 - len(params))
    error2 = sigma2 * np.einsum("ni,ij,nj->n", slopes, np.linalg.inv(slopes[:60].T @ slopes[:60]), slopes)
    quantile = stats.t.ppf(0.975, 60 - len(params))
    table = found.forecast(6)
    assert table["median"].to_numpy() == pytest.approx(value(params)[60:], rel=1e-9)
    half = (table["high_95"] - table["median"]).to_numpy()
    assert half == pytest.approx(quantile * np.sqrt(error2 + sigma2)[60:], rel=SLOPE)
    line = (found.band()["high"] - found.fitted).to_numpy()
    assert line == pytest.approx(quantile * np.sqrt(error2)[:60], rel=SLOPE)


@pytest.mark.parametrize("curve", ["logistic", "naive", "seasonal naive"])
def test_bands_of_a_series_that_is_never_negative_do_not_pass_zero(curve):
    values = np.maximum(s_curve(60, 60.0).to_numpy() / 20, 0.0)
    found, below = (fit(pd.Series(v, MONTHS), curve) for v in (values, values - 3))
    assert min(found.band()["low"].min(), found.forecast(6)["low_95"].min()) == 0
    assert min(below.band()["low"].min(), below.forecast(6)["low_95"].min()) < -1


def test_a_season_never_observed_is_the_step_before_it():
    values = pd.Series(100.0 + np.arange(60) + 20 * (np.arange(60) % 12), MONTHS)
    known = values[MONTHS.month != 3]
    table = fit(known, "seasonal naive").forecast(4)
    january, february, april = values[["2023-01", "2023-02", "2023-04"]]
    assert table["median"].tolist() == pytest.approx([january, february, february, april])


def test_few_degrees_of_freedom_widen_the_interval_of_a_time():
    """The quantile of t with two degrees of freedom is more than twice that of a normal one."""
    series = s_curve(60, 0.05)[::12]
    found = fit(series, "logistic", errors="classical")
    gradient = np.array([0, 1, -np.log(9) / found.params["r"] ** 2])
    half = stats.t.ppf(0.975, found.df) * float(np.sqrt(gradient @ found.covariance @ gradient))
    ends = reach.time_to(found, 0.9)
    assert found.df == 2
    assert ends.high - ends.low == pytest.approx(2 * half, rel=2 * DRAWN)


def test_positive_parameters_are_drawn_in_pairs_about_their_logs():
    found = fit(s_curve(60, 4.0), "logistic")
    wide = dataclasses.replace(found, covariance=400 * found.covariance)
    draws = reach._draws(wide, CURVES["logistic"], np.random.default_rng(0))
    for place, parameter in enumerate(CURVES["logistic"].parameters):
        first, second = draws[: reach.DRAWS // 2, place], draws[reach.DRAWS // 2 :, place]
        estimate = found.params.iloc[place]
        if parameter.positive:
            assert first * second == pytest.approx(np.full(len(first), estimate**2), rel=1e-9)
        else:
            assert first + second == pytest.approx(np.full(len(first), 2 * estimate), rel=1e-9)


def test_a_time_that_some_draws_never_reach_is_open_at_its_late_end_alone():
    found = fit(s_curve(60, 1.0), "logistic")
    slow = found.covariance * 0
    slow.loc["r", "r"] = (10.0 * found.params["r"]) ** 2
    ends = reach.time_to(dataclasses.replace(found, covariance=slow), 0.9)
    assert ends.high is None
    assert ends.low is not None
    assert ends.low < ends.label


def test_normal_scores_are_those_of_ranks_less_a_half():
    found = shocks.paths(np.ones((1, 5)), np.ones((1, 3)), draws=8, seed=0)
    expected = stats.norm.ppf((np.arange(8) + 0.5) / 8)
    assert np.sort(found[:, 1, 0]) == pytest.approx(expected, rel=1e-9)


def test_growth_to_an_outlook_counts_from_the_same_season():
    """Five months ahead of December: from the May before."""
    values = pd.Series(np.exp(0.01 * np.arange(60)) * (1 + 0.5 * (np.arange(60) % 12 == 4)), MONTHS)
    row = league({"one": values}, horizon=5, curves=("naive",)).loc["one"]
    assert row["at"] == "2024-05"
    assert row["growth"] == pytest.approx(row["median"] / values["2023-05"] - 1, rel=EXACT)


def test_every_target_of_a_frozen_forecast_is_counted_once():
    """A target published when it was frozen and withdrawn since is hindsight, not pending."""
    series = pd.Series(100.0 + np.arange(60), MONTHS)
    ahead = pd.DataFrame(dict.fromkeys(ledger.COLUMNS, 150.0), index=MONTHS[-4:].append(MONTHS[-2:] + 2))
    words = {"key": "k", "title": "t", "curve": "naive", "unit": "u", "grade": Grade.ESTIMATED}
    found = ledger.score(ledger.freeze(ahead, series[:-2], made=date(2023, 11, 1), **words), series.drop(MONTHS[-3]))
    assert (found.n, found.hindsight, found.pending) == (2, 2, 2)
    assert found.n + found.hindsight + found.pending == len(ahead)


def test_a_trial_of_shares_with_few_months_tests_fewer_steps():
    """34 months, 24 to learn from: five origins and six steps."""
    walk = np.exp(np.cumsum(np.random.default_rng(4).normal(0, 0.05, (34, 3)), axis=0))
    shares = walk / walk.sum(axis=1, keepdims=True)
    wrong = [np.abs(shares[k : k + 6] - shares[k - 1]) for k in range(24, 29)]
    found = mix(pd.DataFrame(walk, index=MONTHS[:34], columns=list("abc")), 12)
    assert found.errors["naive"] == pytest.approx(np.mean(wrong), rel=1e-9)


def test_a_month_with_one_part_alone_is_no_trial_of_shares():
    walk = np.exp(np.cumsum(np.random.default_rng(4).normal(0, 0.05, (60, 3)), axis=0))
    walk[[10, 52], 1:] = 0.0
    wrong = []
    for k in range(37, 49):
        carried = walk[k - 1] / walk[k - 1].sum()
        wrong += [np.abs(walk[t] / walk[t].sum() - carried) for t in range(k, k + 12) if t != 52]
    found = mix(pd.DataFrame(walk, index=MONTHS, columns=list("abc")), 12)
    assert found.errors["naive"] == pytest.approx(np.mean(wrong), rel=1e-9)
