"""Frozen forecasts: files that come back to the last digit, and scores against a calculation by hand."""

import json
import pickle
from datetime import date

import numpy as np
import pandas as pd
import pytest

from analysis.growth import GrowthError
from analysis.growth.ledger import COLUMNS, Forecast, ForecastFileError, freeze, from_json, score, to_json
from data import record
from data.grade import Grade
from data.text import LANGUAGES, say

DIGITS = 1e-12  # sums of a handful of numbers in two orders

MONTHS = pd.period_range("2024-01", "2025-06", freq="M")
SERIES = pd.Series(100.0 + np.arange(18), index=MONTHS)
NEW = pd.Series([120.0, 118.0, 140.0], index=pd.period_range("2025-07", periods=3, freq="M"))


def table(index, middle=119.0):
    median = middle + np.arange(len(index))
    bands = {"low_80": median - 2, "high_80": median + 2, "low_95": median - 4, "high_95": median + 4}
    return pd.DataFrame({"median": median, "mean": median, **bands}, index=index)


def frozen(series=SERIES, ahead=None, **more) -> Forecast:
    ahead = pd.period_range("2025-07", periods=6, freq="M") if ahead is None else ahead
    words = {"key": "market.total", "title": "Before the war", "curve": "logistic", "unit": "parcels a month"}
    options = {"grade": Grade.MODELLED, "made": date(2025, 7, 20), "scale": 4.0, "calendar": ("double_11",)}
    return freeze(table(ahead), series, **(words | options | more))


def everything(forecast):
    plain = {name: getattr(forecast, name) for name in Forecast.__slots__ if name not in ("history", "table")}
    return plain, forecast.history.to_dict(), forecast.table.to_dict()


def test_a_score_is_that_of_a_calculation_by_hand():
    found = score(frozen(), pd.concat([SERIES, NEW]))
    assert found.rows["actual"].tolist()[:3] == NEW.tolist()
    assert found.rows["error"].tolist()[:3] == [-1.0, 2.0, -19.0]
    assert found.rows["inside_80"].tolist()[:3] == [1, 1, 0]
    assert found.rows["inside_95"].tolist()[:3] == [1, 1, 0]
    assert found.rows[["actual", "error", "inside_80", "inside_95"]].iloc[3:].isna().all(axis=None)
    assert (found.n, found.hindsight, found.pending) == (3, 0, 3)
    assert found.mase == pytest.approx((1 + 2 + 19) / 3 / 4, rel=DIGITS)
    assert found.bias == pytest.approx(-18 / 3 / 4, rel=DIGITS)
    assert (found.coverage_80, found.coverage_95) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert (found.restated, found.withdrawn) == (0.0, 0)


def test_before_anything_came_there_is_no_score():
    found = score(frozen(), SERIES)
    assert (found.n, found.hindsight, found.pending) == (0, 0, 6)
    assert np.isnan([found.mase, found.bias, found.coverage_80, found.coverage_95]).all()


def test_targets_published_when_frozen_are_hindsight_and_not_scored():
    whole = pd.concat([SERIES, NEW])
    looking_back = frozen(whole)
    assert looking_back.known_until == NEW.index[-1]
    assert looking_back.history.index[-1] == MONTHS[-1]
    found = score(looking_back, whole)
    assert found.rows["hindsight"].tolist() == [True] * 3 + [False] * 3
    assert (found.n, found.hindsight, found.pending) == (0, 3, 3)
    later = pd.concat([whole, pd.Series([122.5], index=[pd.Period("2025-10", "M")])])
    found = score(looking_back, later)
    assert (found.n, found.mase) == (1, pytest.approx(0.5 / 4))


def test_what_was_restated_since_is_said():
    now = pd.concat([SERIES, NEW]).drop(MONTHS[2])
    now[MONTHS[5]] *= 1.03
    now[MONTHS[6]] *= 0.99
    found = score(frozen(), now)
    assert found.restated == pytest.approx(0.03, rel=1e-9)
    assert found.withdrawn == 1
    gone = score(frozen(), NEW)
    assert np.isnan(gone.restated)
    assert (gone.withdrawn, gone.n) == (18, 3)


def test_the_scale_is_the_change_over_a_year_inside_the_history():
    assert frozen(scale=None).scale == pytest.approx(12.0)
    assert frozen(pd.concat([SERIES, NEW]), scale=None).scale == pytest.approx(12.0)
    yearly = pd.Series([1.0, 2.0, 5.0], index=pd.period_range("2022", periods=3, freq="Y"))
    assert frozen(yearly, pd.period_range("2025", periods=2, freq="Y"), scale=None).scale == pytest.approx(2.0)
    one = frozen(yearly.iloc[:1], pd.period_range("2023", periods=2, freq="Y"), scale=None)
    assert np.isnan(one.scale)
    found = score(one, yearly)
    assert found.n == 2
    assert np.isnan([found.mase, found.bias]).all()


def test_a_forecast_does_not_change_with_what_it_was_made_from():
    series, ahead = SERIES.copy(), table(NEW.index)
    words = {"key": "k", "title": "t", "curve": "gompertz", "unit": "u", "grade": Grade.REPORTED}
    kept = freeze(ahead, series, made=date(2025, 7, 1), **words)
    series.iloc[0], ahead.iloc[0, 0] = -1.0, -1.0
    assert kept.history.iloc[0] == 100.0
    assert kept.table["median"].iloc[0] == 119.0


KINDS = {
    "months": (SERIES, NEW.index),
    "years": (
        pd.Series([1 / 3, 2.0], index=pd.period_range("2023", periods=2, freq="Y")),
        pd.period_range("2025", periods=2, freq="Y"),
    ),
    "quarters": (
        pd.Series([1.0, 2.0], index=pd.period_range("2023Q1", periods=2, freq="Q")),
        pd.period_range("2023Q3", periods=2, freq="Q"),
    ),
    "weeks": (
        pd.Series([1.0, 2.0], index=pd.period_range("2024-01-01", periods=2, freq="W")),
        pd.period_range("2024-01-15", periods=2, freq="W"),
    ),
    "dates": (record.locker_sets(), pd.DatetimeIndex(["2020-12-31", "2021-12-31"])),
    "numbers": (pd.Series([1e-9, 0.1 + 0.2], index=[1, 2.5]), pd.Index([4.0, 5.5])),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_brings_back_every_field_to_the_last_digit(kind):
    series, ahead = KINDS[kind]
    given = frozen(series, ahead, title="双11之前 “A”")
    back = from_json(to_json(given))
    assert everything(back) == everything(given)
    assert back.table.index.equals(given.table.index)
    assert type(back.table.index) is type(given.table.index)
    assert list(back.table) == list(COLUMNS)
    assert to_json(from_json(to_json(given).encode())) == to_json(given)
    assert score(back, series).restated == 0.0


def test_a_file_without_a_scale_comes_back():
    assert np.isnan(from_json(to_json(frozen(scale=np.nan))).scale)


def test_months_meet_dates_and_month_ends_meet_other_days_of_the_month():
    later = pd.concat([SERIES, NEW])
    dated = later.set_axis(later.index.to_timestamp(how="start"))
    found = score(frozen(), dated)
    assert (found.n, found.restated, found.withdrawn) == (3, 0.0, 0)
    stock = record.locker_sets()
    yearly = frozen(stock, pd.DatetimeIndex(["2020-12-31", "2021-12-31"]))
    came = pd.concat([stock, pd.Series([5.0e5], index=pd.DatetimeIndex(["2020-12-28"]))])
    assert score(yearly, came).rows["actual"].tolist()[0] == 5.0e5
    days = frozen(stock, pd.DatetimeIndex(["2020-12-28", "2020-12-30"]))
    assert score(days, came).n == 1


@pytest.mark.parametrize("days", [7, 14, 28])
@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize("known", [2, 5, 40])
def test_weeks_and_four_weeks_meet_on_their_day(days, steps, known):
    index = pd.date_range("2023-01-01", periods=known + steps + 3, freq=f"{days}D")
    series = pd.Series(np.arange(1.0, len(index) + 1), index=index)
    given = frozen(series.iloc[:known], index[known : known + steps])
    found = score(given, series)
    assert found.rows["actual"].tolist() == series.iloc[known : known + steps].tolist()
    assert (found.restated, found.withdrawn) == (0.0, 0)
    waiting = score(given, series.iloc[:known])
    assert (waiting.n, waiting.pending) == (0, steps)


def test_months_meet_another_day_of_the_month_with_one_target_too():
    index = pd.date_range("2024-01-31", periods=15, freq="ME")
    series = pd.Series(np.arange(1.0, 16), index=index)
    given = frozen(series.iloc[:12], index[12:13])
    moved = series.set_axis(index - pd.Timedelta(days=3))
    assert (score(given, moved).n, score(given, moved).restated) == (1, 0.0)
    twice = pd.concat([moved, pd.Series([7.0], index=[index[12] - pd.Timedelta(days=9)])])
    assert score(given, twice).pending == 1, "which of two dates of the month is meant cannot be told"
    assert score(given, pd.concat([twice, series.iloc[12:13]])).rows["actual"].tolist() == [13.0]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_dates_of_a_time_zone_are_those_of_the_clock_there(zone):
    index = pd.date_range("2024-01-31", periods=15, freq="ME")
    plain = pd.Series(np.arange(1.0, 16), index=index)
    series = plain.tz_localize(zone)
    given = frozen(series.iloc[:12], series.index[12:15])
    assert everything(given) == everything(frozen(plain.iloc[:12], index[12:15]))
    back = from_json(to_json(given))
    assert everything(back) == everything(given)
    for now in (series, plain):
        found = score(back, now)
        assert (found.rows["actual"].tolist(), found.n, found.restated) == ([13.0, 14.0, 15.0], 3, 0.0)
    document = json.loads(to_json(given))
    document["table"] = [[f"{row[0]}+08:00", *row[1:]] for row in document["table"]]
    assert from_json(json.dumps(document)).table.index.equals(given.table.index)
    assert series.index.tz is not None


def test_a_revised_zero_is_a_change_of_all_of_it():
    history = SERIES.copy()
    history.iloc[4] = 0.0
    given = frozen(history)
    assert score(given, history).restated == 0.0
    now = history.copy()
    now.iloc[4], now.iloc[9] = 1e-9, now.iloc[9] * 1.5
    assert score(given, now).restated == 1.0
    now.iloc[9] *= 2
    assert score(given, now).restated == pytest.approx(2.0, rel=DIGITS)


def test_a_series_that_counts_time_in_another_way_is_refused():
    for index in (np.arange(18.0), pd.period_range("2001", periods=18, freq="Y")):
        with pytest.raises(GrowthError) as error:
            score(frozen(), SERIES.set_axis(index))
        assert error.value.code == "other_index"


def test_what_cannot_be_frozen_is_refused():
    words = {"key": "k", "title": "t", "curve": "gompertz", "unit": "u", "grade": Grade.REPORTED, "made": date.today()}
    whole = table(NEW.index)
    for bad in (whole.drop(columns="low_80"), whole.iloc[:0], whole.assign(high_95=np.nan)):
        with pytest.raises(ValueError, match="at least one step"):
            freeze(bad, SERIES, **words)
    with pytest.raises(ValueError, match="series is empty"):
        freeze(whole, SERIES * np.nan, **words)


FIELDS = ("series", "title", "curve", "calendar", "made", "known_until", "unit", "grade", "history", "table", "scale")
WRONG = {
    "series": [3, "a\x00b"],
    "title": [None],
    "curve": ["straight", []],
    "calendar": [7, [1]],
    "made": ["yesterday", 5],
    "known_until": [None, "NaT", "when"],
    "unit": [{}],
    "grade": ["excellent"],
    "history": [[], "x", [["2024-01"]], [["2024-01", "x"]], [["2024-02", 1], ["2024-01", 1]], [["NaT", 1]]],
    "table": [[["2024-01", 1, 2]], [["2024-01", 1, 2, 3, 4, None]], [[None, 1, 2, 3, 4, 5]]],
    "scale": ["large", []],
}


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_that_cannot_be_read_is_named(field):
    document = json.loads(to_json(frozen()))
    for value in WRONG[field]:
        with pytest.raises(ForecastFileError) as error:
            from_json(json.dumps(document | {field: value}))
        assert (error.value.code, error.value.values["field"]) == ("field", field)
    with pytest.raises(ForecastFileError) as error:
        from_json(json.dumps({key: kept for key, kept in document.items() if key != field}))
    assert error.value.values["field"] == field


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "no_json"),
        ("[1]", "no_json"),
        (b"\xff\xfe\x00", "no_json"),
        ("[" * 100_000, "no_json"),
        ("{}", "other_file"),
        ('{"posthouse": "scenario", "format": 1}', "other_file"),
        ('{"posthouse": "forecast"}', "field"),
        ('{"posthouse": "forecast", "format": 2}', "newer"),
    ],
)
def test_a_file_that_is_no_forecast_is_refused_with_words_in_both_languages(text, code):
    with pytest.raises(ForecastFileError) as error:
        from_json(text)
    assert error.value.code == code
    assert all(say(f"ledger.file_{code}", lang, **error.value.values) for lang in LANGUAGES)
    again = pickle.loads(pickle.dumps(error.value))
    assert (again.code, again.values, str(again)) == (error.value.code, error.value.values, str(error.value))
