"""The league: each row is what the series gets on its own, and changes as the series does."""

import numpy as np
import pandas as pd
import pytest

from analysis.growth.league import SPARK, league
from analysis.growth.trials import backtest

SAME = 1e-9  # sums in another order
BATCHED = 1e-6  # a fit among others and alone stop this near each other
CURVES = ("naive", "seasonal naive", "log-linear", "logistic")

MONTHS = pd.period_range("2019-01", periods=72, freq="M")
T = np.arange(72)
RANDOM = np.random.default_rng(3)
SEASON = np.exp(0.1 * np.sin(2 * np.pi * T / 12))
GROWING = pd.Series(100 * np.exp(0.02 * T + RANDOM.normal(0, 0.02, 72)), index=MONTHS)
FLAT = pd.Series(500 * SEASON * np.exp(RANDOM.normal(0, 0.05, 72)), index=MONTHS)
LATE = GROWING.where(T >= 30)
YEARS = pd.Series([10.0, 14, 20, 27, 40, 55, 77, 110, 150, 215], index=pd.period_range("2015", periods=10, freq="Y"))
SHORT = GROWING.iloc[:20]
ALL = {"growing": GROWING, "flat": FLAT, "late": LATE, "years": YEARS, "short": SHORT}


@pytest.fixture(scope="module")
def table():
    return league(ALL, horizon=18, curves=CURVES)


def test_rows_come_in_the_order_given_with_a_verdict(table):
    assert table.index.tolist() == list(ALL)
    assert table["verdict"].tolist() == ["beats", "nothing_beats", "beats", table["reason"]["years"], "untested"]
    assert table["chosen"].tolist()[:3] == ["log-linear", "seasonal naive", "log-linear"]
    assert table.loc["short", ["chosen", "reason", "at"]].tolist() == ["", "too_few", ""]
    assert table.loc["short", "why"] == {"need": 25, "got": 20}
    assert (table["why"].drop("short") == {}).all()
    assert table.loc["short", ["mase", "mase_naive", "held_95", "median", "low_95", "high_95", "growth"]].isna().all()


@pytest.mark.parametrize("key", ["growing", "flat", "late", "years"])
def test_a_row_is_what_the_series_gets_alone(table, key):
    steps = 2 if key == "years" else 18
    alone = backtest(ALL[key], CURVES, horizon=steps)
    row, scores = table.loc[key], alone.scores
    assert (row["chosen"], row["reason"]) == (alone.chosen, alone.reason)
    assert row["mase"] == pytest.approx(scores.loc[alone.chosen, "mase"], rel=BATCHED)
    assert row["mase_naive"] == pytest.approx(scores.loc["seasonal naive", "mase"], rel=BATCHED)
    assert row["held_95"] == pytest.approx(scores.loc[alone.chosen, "held_95"], rel=BATCHED)
    ahead = alone.ahead.loc[alone.chosen].iloc[-1]
    assert row[["median", "low_95", "high_95"]].tolist() == pytest.approx(
        ahead[["median", "wide_low_95", "wide_high_95"]].tolist(), rel=BATCHED
    )


def test_what_a_row_says_of_the_series_is_counted_by_hand(table):
    growing, years = table.loc["growing"], table.loc["years"]
    assert growing[["n", "first", "last", "at"]].tolist() == [72, "2019-01", "2024-12", "2026-06"]
    assert table.loc["late", ["n", "first"]].tolist() == [42, "2021-07"]
    assert growing["years"] == pytest.approx(71 / 12, rel=SAME)
    assert growing["year_on_year"] == pytest.approx(GROWING[-12:].sum() / GROWING[-24:-12].sum() - 1, rel=SAME)
    same_season = GROWING["2024-06"]  # eighteen months ahead of December is June
    assert growing["growth"] == pytest.approx((growing["median"] / same_season) ** (1 / 2) - 1, rel=SAME)
    assert growing["spark"] == GROWING[-SPARK:].tolist()
    assert (years["value"], years["year_on_year"]) == (215.0, pytest.approx(215 / 150 - 1))
    assert years[["first", "last", "at"]].tolist() == ["2015", "2024", "2026"]
    assert years["growth"] == pytest.approx((years["median"] / 215) ** (1 / 2) - 1, rel=SAME)
    assert np.isnan(table.loc["short", "year_on_year"])


def test_seasons_that_are_missing_are_left_out_of_both_years():
    gaps = GROWING.drop([MONTHS[-10], MONTHS[-22]])
    both = np.isin(np.arange(12), [2], invert=True)
    expected = GROWING[-12:][both].sum() / GROWING[-24:-12][both].sum() - 1
    found = league({"gaps": gaps}, curves=CURVES).loc["gaps", "year_on_year"]
    assert found == pytest.approx(expected, rel=SAME)
    half = GROWING.drop(MONTHS[-7:])
    assert np.isfinite(league({"half": half}, curves=CURVES).loc["half", "year_on_year"])
    few = GROWING.drop(MONTHS[-8:-1])
    assert np.isnan(league({"few": few}, curves=CURVES).loc["few", "year_on_year"])


def test_units_change_the_outlook_alone(table):
    other = league({key: one * 1e4 for key, one in ALL.items()}, horizon=18, curves=CURVES)
    for column in ("mase", "mase_naive", "held_95", "year_on_year", "growth"):
        assert other[column].tolist() == pytest.approx(table[column].tolist(), rel=1e-4, abs=1e-6, nan_ok=True)
    for column in ("median", "low_95", "high_95", "value"):
        assert other[column].tolist() == pytest.approx((1e4 * table[column]).tolist(), rel=1e-4, nan_ok=True)
    assert other["verdict"].tolist() == table["verdict"].tolist()


def test_order_and_company_change_nothing(table):
    other = league({key: ALL[key] for key in reversed(ALL)}, horizon=18, curves=CURVES)
    assert other.index.tolist() == list(reversed(ALL))
    for column in ("chosen", "verdict", "n"):
        assert other[column].reindex(table.index).tolist() == table[column].tolist()
    assert other["median"].reindex(table.index).tolist() == pytest.approx(
        table["median"].tolist(), rel=BATCHED, nan_ok=True
    )


def test_what_is_no_series_for_a_forecast_stands_there_untested():
    odd = {
        "empty": pd.Series(dtype=float),
        "one": pd.Series([1.0], index=MONTHS[:1]),
        "twice": pd.Series(np.arange(1.0, 41), index=MONTHS[:40].repeat(1)[[0] * 2 + list(range(38))]),
        "words": pd.Series(["a", "b"], index=MONTHS[:2]),
        "infinite": GROWING.where(T != 7, np.inf),
        "gaps": GROWING * np.nan,
    }
    found = league(odd, curves=CURVES)
    assert found["verdict"].tolist() == ["untested"] * 6
    assert found["n"].tolist() == [0, 1, 40, 2, 72, 0]
    assert found["spark"].tolist() == [[]] * 6
    assert found["reason"].tolist() == ["too_few", "too_few", "duplicates", "not_numeric", "infinite", "too_few"]
    assert found.loc["twice", "why"] == {"count": 2}
    assert found.loc["one", "why"]["got"] == 1
    assert league({}).empty


def test_progress_goes_up_to_the_end():
    told = []
    league(
        {"growing": GROWING, "years": YEARS}, curves=CURVES[:3], progress=lambda done, total: told.append(done / total)
    )
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 3


def test_calendar_effects_are_those_of_the_series_named():
    lift = pd.Series(np.where(MONTHS.month == 11, 1.4, 1.0), index=MONTHS)
    series = {"with": GROWING * lift, "without": GROWING * lift}
    found = league(series, curves=CURVES, calendars={"with": ("double_11",)})
    assert found.loc["with", "mase"] < 0.6 * found.loc["without", "mase"]


def test_dated_series_of_different_spans_stand_beside_each_other():
    early = YEARS.set_axis(pd.date_range("2013-12-31", periods=10, freq="YE"))
    late = YEARS.iloc[:7].set_axis(pd.date_range("2019-12-31", periods=7, freq="YE"))
    found = league({"late": late, "early": early}, horizon=24, curves=CURVES)
    assert found[["first", "last", "at"]].to_numpy().tolist() == [
        ["2019-12-31", "2025-12-31", "2027-12-31"],
        ["2013-12-31", "2022-12-31", "2024-12-31"],
    ]
    assert found["year_on_year"].tolist() == pytest.approx([77 / 55 - 1, 215 / 150 - 1])
    alone = backtest(early, CURVES, horizon=2)
    assert found.loc["early", "mase"] == pytest.approx(alone.scores.loc[alone.chosen, "mase"], rel=BATCHED)
