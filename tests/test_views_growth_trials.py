"""The back-test on screen: scores, verdicts, errors by horizon and forecasts from past dates, in both languages."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.growth.testing import rule
from analysis.views import growth_style, growth_trials
from analysis.views.amounts import inside
from data.grade import Grade
from tests.made_growth import DRAWN, PICKED, SERIES, TRIED, UNIT, clean, traces


def test_the_scoreboard_is_the_back_test(look):
    tested = PICKED.backtest
    table = growth_trials.scoreboard(tested, look)
    mase = tested.scores["mase"].sort_values()
    assert table[look.say("trial.mase")].tolist() == mase.round(3).tolist()
    against = 100 * (mase / mase["seasonal naive"] - 1)
    np.testing.assert_allclose(table[look.say("trial.against")], against, atol=0.05)
    held = tested.scores["held_95"].loc[mase.index]
    np.testing.assert_allclose(table[look.say("trial.held_95")], 100 * held, atol=0.5)
    assert set(growth_trials.scoreboard_columns(look)) <= set(table.columns)


def rescored(tested, reason="beats", chosen="logistic", **mase):
    scores = tested.scores.assign(held_95=0.95)
    for key, value in mase.items():
        scores.loc[key.replace("_", " ") if key == "seasonal_naive" else key.replace("_", "-"), "mase"] = value
    return replace(tested, scores=scores, reason=reason, chosen=chosen)


def test_every_verdict_has_its_word(look):
    tested = rescored(PICKED.backtest, logistic=0.5, log_linear=0.7, naive=1.5, seasonal_naive=1.0)
    tested.scores.loc["log-linear", "held_95"] = rule.LEAST - 0.1
    table = growth_trials.scoreboard(tested, look)
    words = [look.say(f"trial.is_{key}") for key in ("chosen", "narrow", "yardstick", "worse")]
    assert table[look.say("trial.verdict")].tolist() == words


def test_verdicts_follow_the_rule(look):
    tested = rescored(PICKED.backtest, logistic=0.5, log_linear=0.7, naive=1.0, seasonal_naive=1.0)
    tested.scores["msis"] = 10.0
    tested.scores.loc["log-linear", ["held_95", "msis"]] = [0.91, 11.0]
    table = growth_trials.scoreboard(tested, look).set_index(look.say("trial.curve"))[look.say("trial.verdict")]
    assert table[growth_style.curve_name("log-linear", look)] == look.say("trial.is_blunt")
    assert table[growth_style.curve_name("naive", look)] == look.say("trial.is_level")
    tested.scores.loc["log-linear", "msis"] = 9.0
    assert look.say("trial.is_beaten") in growth_trials.scoreboard(tested, look)[look.say("trial.verdict")].tolist()


def test_too_few_dates_settle_nothing(look):
    tested = rescored(PICKED.backtest, reason="too_short", chosen="seasonal naive", logistic=0.5, seasonal_naive=1.0)
    words = growth_trials.scoreboard(tested, look)[look.say("trial.verdict")].tolist()
    assert words.count(look.say("league.is_too_short")) == len(TRIED) - 1
    assert words.count(look.say("trial.is_yardstick")) == 1
    assert look.say("trial.is_chosen") not in words


def test_only_the_best_are_named(look, monkeypatch):
    monkeypatch.setattr(growth_trials, "NAMED", 1)
    tested = PICKED.backtest
    view = growth_trials.by_horizon(tested, look, grade=Grade.REPORTED, chosen="logistic")
    best = [key for key in tested.scores["mase"].sort_values().index if key not in ("logistic", "seasonal naive")]
    kept = {"logistic", "seasonal naive", best[0]}
    names = " ".join(note["text"] for note in view.figure["layout"]["annotations"])
    assert len(view.figure["layout"]["annotations"]) == 3
    assert all(growth_style.curve_name(key, look) in names for key in kept)
    (grey,) = traces(view, growth_style.curve_name(best[1], look))
    assert grey["line"]["color"] == look.theme.muted
    assert view.table.shape == (12, len(TRIED))


def test_the_verdict_is_the_answer(look):
    beats = rescored(PICKED.backtest, logistic=0.5, log_linear=0.7, naive=1.5, seasonal_naive=1.0)
    said = growth_trials.verdict(beats, look)
    assert "50%" in said
    assert growth_style.curve_name("logistic", look) in said
    nothing = rescored(
        PICKED.backtest, "nothing_beats", "seasonal naive", logistic=1.2, log_linear=1.3, naive=1.5, seasonal_naive=1.0
    )
    assert "1.20" in growth_trials.verdict(nothing, look)
    unkept = rescored(
        PICKED.backtest, "nothing_beats", "seasonal naive", logistic=0.8, log_linear=1.3, naive=1.5, seasonal_naive=1.0
    )
    kinds = {growth_trials.verdict(one, look) for one in (beats, nothing, unkept)}
    short = growth_trials.verdict(replace(nothing, reason="too_short"), look)
    assert len(kinds | {short}) == 4
    alone = replace(nothing, scores=nothing.scores.loc[["seasonal naive"]])
    assert growth_style.curve_name("seasonal naive", look) in growth_trials.verdict(alone, look)


def test_errors_by_horizon_are_drawn(look):
    view = clean(growth_trials.by_horizon(PICKED.backtest, look, grade=Grade.REPORTED, chosen="logistic"))
    by_step = PICKED.backtest.by_step["mase"]
    for key in PICKED.backtest.scores.index:
        (line,) = traces(view, growth_style.curve_name(key, look))
        np.testing.assert_allclose(line["y"], by_step[key], atol=DRAWN)
    assert view.table.shape == (12, len(TRIED))
    assert len(view.figure["layout"]["annotations"]) == len(TRIED)


@pytest.mark.parametrize(
    ("better", "key"), [(12, "horizon_all"), (5, "horizon_until"), (0, "horizon_some"), (None, "horizon_alone")]
)
def test_the_title_says_how_far_ahead(look, better, key):
    tested = PICKED.backtest
    by_step = tested.by_step.copy()
    steps = np.arange(1, 13)
    ahead = steps <= better if better else steps > 6
    by_step.loc["logistic", "mase"] = np.where(ahead, 0.5, 2.0)
    by_step.loc["seasonal naive", "mase"] = 1.0
    chosen = "seasonal naive" if better is None else "logistic"
    view = growth_trials.by_horizon(replace(tested, by_step=by_step), look, grade=Grade.REPORTED, chosen=chosen)
    values = {
        "curve": growth_style.curve_name(chosen, look),
        "bar": inside(growth_style.curve_name("seasonal naive", look)),
        "ahead": look.say("trial.ahead_12", n=better),
        **{"n": 6, "total": 12, "first": "1.00", "last": "1.00"},
    }
    assert view.title == look.say(f"trial.{key}", **values)


def test_a_single_step_is_points_in_the_middle(look):
    by_step = PICKED.backtest.by_step.loc[(slice(None), [1]), :].copy()
    by_step.loc["logistic", "mase"] = 0.5
    tested = replace(PICKED.backtest, by_step=by_step, period=1, horizon=1)
    view = clean(growth_trials.by_horizon(tested, look, grade=Grade.REPORTED, chosen="logistic"))
    assert {trace["mode"] for trace in view.figure["data"]} == {"markers"}
    low, high = view.figure["layout"]["xaxis"]["range"]
    assert low < 1 < high
    bar = inside(growth_style.curve_name("seasonal naive", look))
    values = {"curve": growth_style.curve_name("logistic", look), "bar": bar}
    assert view.title == look.say("trial.horizon_one", ahead=look.say("trial.ahead_1_one"), **values)


def test_a_curve_that_misses_by_far_leaves_the_axis(look):
    by_step = PICKED.backtest.by_step.copy()
    by_step.loc["log-linear", "mase"] = 400.0
    view = growth_trials.by_horizon(replace(PICKED.backtest, by_step=by_step), look, grade=Grade.REPORTED)
    top = view.figure["layout"]["yaxis"]["range"][1]
    assert top < 20
    (note,) = [n for n in view.figure["layout"]["annotations"] if "400.00" in n["text"]]
    assert note["y"] <= top


def test_origins_start_from_what_was_known(look):
    view = clean(
        growth_trials.origins(PICKED.backtest, SERIES, look, unit=UNIT, grade=Grade.REPORTED, chosen="logistic")
    )
    rows = PICKED.backtest.trials.loc["logistic"]
    first = PICKED.backtest.origins[0]
    line = view.figure["data"][0]
    assert line["x"][0] == f"{first}-01"
    np.testing.assert_allclose(line["y"], [SERIES[first], *rows.loc[first, "median"]], atol=DRAWN)
    assert len(view.figure["data"]) == len(PICKED.backtest.origins) + 1
    assert len(view.table) == len(rows)
    inside = rows["actual"].between(rows["wide_low_95"], rows["wide_high_95"])[rows["actual"].notna()]
    assert f"{100 * inside.mean():.0f}%" in view.title
    other = growth_trials.origins(PICKED.backtest, SERIES, look, unit=UNIT, grade=Grade.REPORTED, chosen="gompertz")
    assert growth_style.curve_name(PICKED.chosen, look) in other.title
