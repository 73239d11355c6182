"""The league of series and the ledger of forecasts on screen, in both languages."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from analysis.growth import league, ledger
from analysis.growth.testing import rule
from analysis.views import growth_league, growth_ledger, growth_style
from data.grade import Grade
from tests.made_growth import DRAWN, SERIES, UNIT, clean, traces

QUICK = ("naive", "log-linear")
LEAGUE = pd.DataFrame(
    {
        **{"n": [90, 6, 2], "first": ["2019-01", "2016-06-30", ""], "last": ["2026-08", "2019-12-31", ""]},
        **{"value": [1.659e10, 4.06e5, np.nan], "year_on_year": [0.05, np.nan, np.nan]},
        **{
            "chosen": ["logistic", "seasonal naive", ""],
            "mase": [0.53, 3.75, np.nan],
            "mase_naive": [0.9, 3.75, np.nan],
        },
        **{"held_95": [0.97, 1.0, np.nan], "at": ["2027-08", "2020-12-31", ""], "median": [1.99e10, 4.06e5, np.nan]},
        **{"low_95": [1.56e10, 1e5, np.nan], "high_95": [2.41e10, 1.4e6, np.nan], "growth": [0.198, 0.0, np.nan]},
        **{"verdict": ["beats", "nothing_beats", "untested"], "spark": [[1.0, 2.0], [1.0], []]},
        **{"reason": ["beats", "nothing_beats", "too_few"], "why": [{}, {}, {"need": 25, "got": 2}]},
    },
    index=["a", "b", "c"],
)


def test_the_league_has_words_and_facts_for_every_column(look):
    words = dict.fromkeys("abc", "x")
    table = growth_league.table(LEAGUE, look, labels=words, units=words, grades=dict.fromkeys("abc", Grade.REPORTED))
    assert list(table) == list(growth_league.columns(look))
    assert {facts["kind"] for facts in growth_league.columns(look).values()} == {"text", "number", "line"}
    assert table[look.say("league.growth")].tolist() == ["+19.8", "+0.0", look.say("unit.none")]
    assert table[look.say("league.trend")].tolist() == [[1.0, 2.0], [1.0], []]
    verdicts = [look.say(f"league.is_{key}") for key in ("beats", "nothing_beats")]
    verdicts.append(
        look.say(
            "league.because",
            verdict=look.say("league.is_untested"),
            why=look.say("growth_error.too_few", need=25, got=2),
        )
    )
    assert table[look.say("league.verdict")].tolist() == verdicts
    assert table[look.say("league.span")].iloc[1] == "2016-06 – 2019-12"
    assert "nan" not in " ".join(map(str, table[look.say("league.outlook")]))
    value, low, high = (growth_style.rounded(number, look) for number in (1.99e10, 1.56e10, 2.41e10))
    said = look.say("league.ahead", value=value, low=low, high=high)
    assert table[look.say("league.outlook")].iloc[0] == look.pair(look.month(pd.Period("2027-08", "M")), said)
    amount = look.say("league.amount", value=growth_style.rounded(1.659e10, look, 4), unit="x")
    assert table[look.say("league.value")].tolist()[::2] == [amount, look.say("unit.none")]
    assert table[look.say("league.mase")].tolist() == ["0.53", "3.75", look.say("unit.none")]
    assert table[look.say("league.held_95")].tolist() == ["97", "100", look.say("unit.none")]


@pytest.mark.parametrize(
    ("verdicts", "kind", "counts"),
    [
        (["beats", "nothing_beats", "beats"], "some", (2, 3, 1)),
        (["beats", "beats"], "all", (2, 2, 0)),
        (["nothing_beats"], "none", (0, 1, 1)),
        (["too_short", "untested"], "untested", (0, 0, 0)),
    ],
)
def test_the_league_counts_what_beats(look, verdicts, kind, counts):
    reasons = ["too_few" if verdict == "untested" else verdict for verdict in verdicts]
    said = growth_league.finding(pd.DataFrame({"verdict": verdicts, "reason": reasons}), look)
    assert said == look.say(f"league.finding_{kind}", **dict(zip(("beats", "tested", "nothing"), counts, strict=True)))


def test_the_league_says_what_is_too_short(look):
    said = growth_league.finding(LEAGUE, look)
    assert said.endswith(look.say("league.too_short", n=1))
    whole = pd.concat([LEAGUE, LEAGUE.iloc[[2]].assign(reason="infinite", why=[{}])])
    two = growth_league.finding(whole, look)
    assert two == look.say("growth.but", first=said, second=look.say("league.not_tested", n=1))
    assert growth_league.finding(LEAGUE.iloc[:2], look) in said


def test_a_series_that_cannot_be_tested_says_why_in_the_league(look):
    """Every reason that the league itself finds has its words, with the figures in them."""
    months = pd.period_range("2020-01", periods=40, freq="M")
    odd = {
        "infinite": pd.Series(np.inf, index=months),
        "not_numeric": pd.Series(["x"] * 40, index=months),
        "duplicates": pd.Series(1.0, index=months[[0] * 40]),
        "too_few": pd.Series(np.arange(1.0, 21), index=months[:20]),
    }
    found, words = league.league(odd, curves=QUICK), dict.fromkeys(odd, "x")
    assert found["reason"].tolist() == list(odd)
    shown = growth_league.table(found, look, labels=words, units=words, grades=dict.fromkeys(odd, Grade.REPORTED))
    for said, (reason, why) in zip(shown[look.say("league.verdict")], found["why"].items(), strict=True):
        sentence = look.say(f"growth_error.{reason}", **why)
        assert said == look.say("league.because", verdict=look.say("league.is_untested"), why=sentence)
        assert "{" not in sentence
    assert "39" in shown[look.say("league.verdict")].iloc[2]


AHEAD = pd.period_range("2025-01", periods=6, freq="M")


def frozen(series, ahead=AHEAD, **more):
    middle = series.dropna().iloc[-1] * (1 + 0.01 * np.arange(len(ahead)))
    bands = {
        f"{end}_{p}": middle * (1 + s * w) for p, w in ((80, 0.02), (95, 0.04)) for end, s in (("low", -1), ("high", 1))
    }
    table = pd.DataFrame({"median": middle, **bands}, index=ahead)
    words = {"key": "k", "title": "Plan", "curve": "logistic", "unit": UNIT, "grade": Grade.MODELLED}
    return ledger.freeze(table, series, made=date(2025, 1, 20), **(words | more))


def come(forecast, *shares):
    """The series with the first targets at these shares of their median."""
    median = forecast.table["median"].iloc[: len(shares)]
    return pd.concat([forecast.history, median * np.array(shares)])


@pytest.mark.parametrize(
    ("shares", "state", "key"),
    [
        ((), "waiting", "finding_waiting"),
        ((1.03, 1.10), "running", "finding_scored_low"),
        ((0.9,) * 6, "finished", "finding_scored_high"),
        ((1.0,), "running", "finding_scored_even"),
    ],
)
def test_a_frozen_forecast_says_how_it_fared(look, shares, state, key):
    forecast = frozen(SERIES)
    now = come(forecast, *shares)
    scored = ledger.score(forecast, now)
    view = clean(growth_ledger.scored(forecast, scored, now, look))
    inside = sum(abs(share - 1) <= 0.04 for share in shares)
    came = scored.rows["actual"].dropna()
    apart = abs(came.sum() / forecast.table["median"].iloc[: len(came)].sum() - 1) if len(came) else 0.0
    values = {
        "n": len(shares),
        "inside": inside,
        "bias": f"{100 * apart:.1f}%",
        "mase": f"{scored.mase:.2f}",
        "width": "4%",
    }
    assert view.title == look.say(f"ledger.{key}", first=look.month(AHEAD[0]), **values)
    (fan,) = traces(view, "95%")
    np.testing.assert_allclose(fan["y"][:6], forecast.table["high_95"], atol=DRAWN)
    marks = [len(trace["x"]) for kind in ("inside", "outside") for trace in traces(view, look.say(f"ledger.{kind}"))]
    assert sum(marks) == len(shares)
    table = growth_ledger.table([(forecast, scored)], look)
    assert table[look.say("ledger.state")].tolist() == [look.say(f"ledger.state_{state}")]
    assert table[look.say("ledger.came")].tolist() == [look.say("ledger.of", n=len(shares), total=6)]
    assert view.grade == Grade.MODELLED


def test_what_was_known_when_frozen_is_shown_and_not_scored(look):
    whole = come(frozen(SERIES), *(1.0,) * 6)
    forecast = frozen(whole, curve="naive")
    back = ledger.score(replace(forecast, known_until=AHEAD[-1]), whole)
    view = growth_ledger.scored(forecast, back, whole, look)
    (marks,) = traces(view, look.say("ledger.hindsight"))
    assert len(marks["x"]) == 6
    assert view.title == look.say("ledger.finding_hindsight")
    assert look.say("ledger.note_hindsight", n=6) in growth_ledger.notes(back, look)


def test_the_first_target_still_to_come_is_named(look):
    whole = come(frozen(SERIES), 1.0, 1.0)
    forecast = frozen(SERIES)
    now = ledger.score(replace(forecast, known_until=AHEAD[1]), whole)
    said = growth_ledger.finding(forecast, now, look)
    first = look.say("ledger.finding_waiting", first=look.month(AHEAD[2]))
    assert said == look.say("growth.but", first=first, second=look.say("ledger.known_already", n=2))


def test_the_unit_is_said_in_the_language_of_the_reader(look):
    forecast = frozen(SERIES)
    scored = ledger.score(forecast, SERIES)
    view = growth_ledger.scored(forecast, scored, SERIES, look, unit="件 parcels")
    assert "件 parcels" in view.caption
    assert "件 parcels" in view.alt
    assert UNIT in growth_ledger.scored(forecast, scored, SERIES, look).caption


def test_scores_that_do_not_exist_are_a_dash(look):
    forecast = frozen(SERIES)
    table = growth_ledger.table([(forecast, ledger.score(forecast, SERIES))], look)
    assert table[look.say("ledger.mase")].tolist() == [look.say("unit.none")]
    assert not table.isna().any(axis=None)


def test_restated_and_withdrawn_values_are_said(look):
    forecast = frozen(SERIES)
    now = forecast.history.iloc[1:].copy()
    now.iloc[5] *= 1.25
    notes = growth_ledger.notes(ledger.score(forecast, now), look)
    assert notes == [look.say("ledger.note_restated", share="25.0%"), look.say("ledger.note_withdrawn", n=1)]


def test_labels_read_as_their_calendar(look):
    assert growth_style.when(pd.Period("2029", "Y"), look) == look.say("trial.year", year=2029)
    assert growth_style.when(pd.Timestamp("2029-03-31"), look) == look.month(pd.Period("2029-03", "M"))
    years = pd.DatetimeIndex(["2027-01-01", "2028-01-01"])
    assert growth_style.when(years[1], look, years) == look.say("trial.year", year=2028)
    months = pd.DatetimeIndex(["2028-01-01", "2028-02-01"])
    assert growth_style.when(months[0], look, months) == look.month(months[0])
    assert growth_style.when(2029.5, look) == "2029.5"
    assert growth_style.when(None, look) == look.say("unit.none")


def test_every_back_test_reason_has_words(look):
    assert all(look.say(f"league.is_{reason}") for reason in (*rule.REASONS, "untested"))


@pytest.mark.parametrize("period", [12, 4, 2, 1, 7])
def test_steps_are_counted_in_their_unit(period, look):
    one, more = growth_style.steps_ahead(1, period, look), growth_style.steps_ahead(8, period, look)
    assert "8" in more
    assert one != more
    assert growth_style.steps_head(period, look)


def test_years_are_years(look):
    assert growth_style.steps_ahead(2, 1, look, years=True) == look.say("trial.ahead_years", n=2)
    assert growth_style.steps_head(1, look, years=True) == look.say("trial.steps_years")
