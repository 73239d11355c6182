"""Rolling-origin back-tests: their tables, their rule, what they refuse, and how bands are widened."""

import numpy as np
import pandas as pd
import pytest

from analysis import growth
from analysis.growth import trials
from analysis.growth.guards import GrowthError
from analysis.growth.testing import trying
from tests.made_trials import grown, months

SAME = 1e-9  # the same fit on the same numbers, in a batch of another size
NEAR = 1e-4  # spreads of weakly identified curves, whose solver stops at another digit in another batch
EXACT = 1e-12  # the same sums in another order
FEW = ("log-linear", "logistic", "naive", "seasonal naive")
BANDS = [f"{prefix}{end}_{level}" for prefix in ("", "wide_") for level in (80, 95) for end in ("low", "high")]


@pytest.fixture(scope="module")
def tested() -> trials.Backtest:
    return trials.backtest(grown(72), FEW, horizon=6, origins=8)


def test_origins_are_the_last_from_which_every_step_is_known(tested):
    series = grown(72)
    assert list(tested.origins) == list(series.index[72 - 6 - 8 : 72 - 6])
    row = tested.trials.loc[("naive", tested.origins[2], 4)]
    assert row["target"] == tested.origins[2] + 4
    assert row["actual"] == series[row["target"]]
    assert row["median"] == pytest.approx(series[tested.origins[2]], rel=EXACT)


def test_an_origin_knows_nothing_of_what_comes_after(tested):
    """Each row of the back-test is the fit to the series as it was known then."""
    for curve in ("log-linear", "logistic"):
        for origin in tested.origins[[0, 5]]:
            known = grown(72)[:origin]
            fit = growth.fit(known, curve, errors="classical")
            said = tested.trials.loc[(curve, origin)]
            expected = fit.forecast(6)
            assert said["median"].to_numpy() == pytest.approx(expected["median"].to_numpy(), rel=1e-6)
            for band in BANDS[:4]:
                assert said[band].to_numpy() == pytest.approx(expected[band].to_numpy(), rel=NEAR)


def test_what_comes_later_changes_no_forecast(tested):
    changed = grown(72)
    changed[tested.origins[-1] + 1 :] *= 3
    other = trials.backtest(changed, FEW, horizon=6, origins=8)
    last = (slice(None), tested.origins[-1])
    kept = ["median", *BANDS[:4], "scale"]
    pd.testing.assert_frame_equal(other.trials.loc[last, kept], tested.trials.loc[last, kept], rtol=SAME)
    assert not np.allclose(other.trials.loc[last, "actual"], tested.trials.loc[last, "actual"])


def by_hand(rows: pd.DataFrame, benchmark: pd.DataFrame) -> dict[str, float]:
    """Scores of one curve from its trials, one target at a time."""
    total = dict.fromkeys(trials.METRICS, 0.0)
    for row in rows.itertuples():
        error = row.actual - row.median
        total["mase"] += abs(error) / row.scale
        total["rmsse"] += error**2 / row.scale2
        total["smape"] += 200 * abs(error) / (abs(row.actual) + abs(row.median))
        total["bias"] -= error / row.scale
        outside = max(row.wide_low_95 - row.actual, 0) + max(row.actual - row.wide_high_95, 0)
        total["msis"] += (row.wide_high_95 - row.wide_low_95 + 40 * outside) / row.scale
        total["coverage_80"] += row.low_80 <= row.actual <= row.high_80
        total["coverage_95"] += row.low_95 <= row.actual <= row.high_95
        total["held_80"] += row.wide_low_80 <= row.actual <= row.wide_high_80
        total["held_95"] += row.wide_low_95 <= row.actual <= row.wide_high_95
    result = {name: value / len(rows) for name, value in total.items()}
    mine, other = ((r["actual"] - r["median"]).abs().groupby("origin").mean() for r in (rows, benchmark))
    return result | {"rmsse": result["rmsse"] ** 0.5, "wins": float((mine < other).mean()), "n": len(rows)}


def test_scores_are_those_of_the_trials(tested):
    benchmark = tested.trials.loc["seasonal naive"]
    for curve in FEW:
        hand = by_hand(tested.trials.loc[curve], benchmark)
        assert tested.scores.loc[curve].to_dict() == pytest.approx(hand, rel=EXACT)
        for step in (1, 6):
            at = (slice(None), step)
            hand = by_hand(tested.trials.loc[curve].loc[at, :], benchmark.loc[at, :])
            assert tested.by_step.loc[(curve, step)].to_dict() == pytest.approx(hand, rel=EXACT)


def test_scale_is_the_seasonal_naive_error_of_what_was_known(tested):
    for origin, rows in tested.trials.loc["naive"].groupby("origin"):
        changes = grown(72)[:origin].diff(12).dropna()
        assert rows["scale"].to_numpy() == pytest.approx(changes.abs().mean(), rel=EXACT)
        assert rows["scale2"].to_numpy() == pytest.approx((changes**2).mean(), rel=EXACT)


def test_many_series_get_what_each_would_get_alone():
    late = grown(72, 1)
    late[:30] = np.nan
    short = grown(72, 2)
    short[:36] = np.nan
    ended = grown(72, 3)
    ended[-4:] = np.nan
    zero = grown(72, 4) - 100
    wide = pd.DataFrame({"whole": grown(72), "late": late, "short": short, "ended": ended, "zero": zero})
    many = trials.backtest_many(wide, FEW, horizon=6, origins=8)
    assert many.failures == {}
    for name in wide:
        alone = trials.backtest(wide[name], FEW, horizon=6, origins=8)
        one = many.of(name)
        pd.testing.assert_frame_equal(one.trials, alone.trials, rtol=NEAR)
        pd.testing.assert_frame_equal(one.ahead, alone.ahead, rtol=NEAR)
        pd.testing.assert_frame_equal(many.scores.loc[name], alone.scores, rtol=NEAR)
        assert (many.chosen[name], many.reason[name]) == (alone.chosen, alone.reason)
    assert set(many.of("zero").failures) == {"log-linear"}
    assert many.of("zero").failures["log-linear"].code == "non_positive"


def test_columns_of_several_levels_keep_them():
    wide = pd.concat({("new", "zto"): grown(60), ("new", "yto"): grown(60, 1)}, axis=1, names=["tier", "network"])
    many = trials.backtest_many(wide, FEW, horizon=3, origins=5)
    assert many.scores.index.names == ["tier", "network", "curve"]
    assert many.of(("new", "yto")).chosen == many.chosen[("new", "yto")]


def test_progress_counts_curves():
    told: list[tuple[int, int]] = []
    trials.backtest(grown(60), FEW, horizon=3, origins=5, progress=lambda done, total: told.append((done, total)))
    assert told == [(i + 1, len(FEW)) for i in range(len(FEW))]


def test_order_of_rows_changes_nothing(tested):
    shuffled = grown(72).sample(frac=1, random_state=1)
    other = trials.backtest(shuffled, FEW, horizon=6, origins=8)
    pd.testing.assert_frame_equal(other.trials, tested.trials)


@pytest.mark.parametrize("power", [-3, 6])
def test_units_scale_forecasts_and_leave_scores(tested, power):
    factor = 10.0**power
    other = trials.backtest(grown(72) * factor, FEW, horizon=6, origins=8)
    pd.testing.assert_frame_equal(other.scores, tested.scores, rtol=NEAR)
    pd.testing.assert_series_equal(other.trials["median"], tested.trials["median"] * factor, rtol=NEAR)
    assert other.chosen == tested.chosen


@pytest.mark.parametrize(
    ("n", "horizon", "origins"), [(72, 12, 12), (47, 12, 12), (46, 12, 11), (40, 12, 5), (39, 11, 5), (25, 1, 1)]
)
def test_short_series_are_tested_as_far_as_they_go(n, horizon, origins):
    found = trials.backtest(grown(n), ("naive",), horizon=12, origins=12)
    assert (found.horizon, len(found.origins)) == (horizon, origins)
    assert len(found.ahead.loc["naive"]) == 12


def test_two_years_of_months_are_too_few():
    with pytest.raises(GrowthError, match="25 observations, got 24") as raised:
        trials.backtest(grown(24), FEW)
    assert raised.value.code == "too_few"
    assert raised.value.values == {"need": 25, "got": 24}
    many = trials.backtest_many(grown(24).to_frame("short"), FEW)
    assert many.scores.empty
    with pytest.raises(GrowthError, match="25 observations"):
        many.of("short")


def test_an_empty_column_is_told_what_its_months_need():
    with pytest.raises(GrowthError, match="25 observations, got 0"):
        trials.backtest(months(np.full(60, np.nan)), FEW)


def test_the_first_origin_knows_five_values():
    """Not five labels: some years are missing."""
    years = pd.period_range("2005", periods=14, freq="Y")
    values = grown(14).set_axis(years).drop(years[[1, 3, 4]])
    found = trials.backtest(values, ("naive",), horizon=1, origins=99)
    assert values[: found.origins[0]].count() == trying.LEAST
    assert values[: found.origins[0] - 1].count() < trying.LEAST


def test_per_year_is_for_plain_numbers():
    """As in a fit."""
    plain = grown(60).set_axis(np.arange(60.0))
    for series, per_year in ((grown(60), 12), (plain, -12), (plain, np.nan)):
        with pytest.raises(GrowthError) as raised:
            trials.backtest(series, ("naive",), per_year=per_year)
        assert raised.value.code == "per_year"
    assert trials.backtest(plain, ("naive",), horizon=3, per_year=12).period == 12


def test_columns_of_one_name_are_refused():
    twice = pd.concat([grown(60).rename("a"), grown(60, 1).rename("a")], axis=1)
    with pytest.raises(ValueError, match="more than one column is called a: rename"):
        trials.backtest_many(twice, FEW)


def test_years_need_five():
    values = grown(12).set_axis(pd.period_range("2010", periods=12, freq="Y"))
    found = trials.backtest(values, ("naive", "log-linear"), horizon=3)
    assert (found.period, found.horizon, len(found.origins)) == (1, 3, 5)
    with pytest.raises(GrowthError, match="6 observations, got 5"):
        trials.backtest(values[:5], ("naive",), horizon=3)


def test_a_missing_month_is_no_target():
    gap = grown(72)
    gap.iloc[-3] = np.nan
    found = trials.backtest(gap.dropna(), ("naive",), horizon=6, origins=8)
    assert len(found.origins) == 8
    without = found.trials.loc["naive", "actual"].isna()
    assert list(without[without].index) == [(origin, 8 - i) for i, origin in enumerate(found.origins[-3:], start=2)]
    assert found.scores.at["naive", "n"] == 8 * 6 - 3


def test_uneven_dates_leave_curves_and_naive():
    rng = np.random.default_rng(1)
    at = np.cumsum(rng.integers(1, 9, 40)).astype(float) + rng.uniform(0, 0.4, 40)
    series = pd.Series(50 * np.exp(0.01 * at + 0.05 * rng.normal(size=40)), index=at)
    found = trials.backtest(series, (*FEW, "damped trend"), horizon=3, origins=6)
    assert {key: error.code for key, error in found.failures.items()} == {"damped trend": "uneven"}
    assert set(found.scores.index) == set(FEW)
    target = found.trials.loc[("naive", found.origins[0], 2), "target"]
    assert target == series.index[series.index.get_loc(found.origins[0]) + 2]


def test_seasonal_naive_always_comes_along():
    assert "seasonal naive" in trials.backtest(grown(60), ("naive",), horizon=3, origins=5).scores.index


def test_what_cannot_be_asked_for():
    with pytest.raises(GrowthError, match="no curve 'cubic'"):
        trials.backtest(grown(60), ("cubic",))
    with pytest.raises(ValueError, match="at least one"):
        trials.backtest(grown(60), FEW, horizon=0)
    with pytest.raises(GrowthError, match="pandas Series"):
        trials.backtest([1, 2, 3])
