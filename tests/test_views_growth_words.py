"""What a growth curve says in its title and sentences, in both languages."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis import growth as model
from analysis.growth import Estimate
from analysis.growth.reach import time_to
from analysis.views import growth, growth_style, growth_trials, growth_words
from tests.made_growth import FITS, MONTHS, PICKED, SERIES, UNIT, made


def test_a_band_that_says_nothing_is_the_title(look):
    forecast = PICKED.widened(FITS["logistic"], 12).assign(low_95=0.0)
    forecast["low_95"] = forecast["high_95"] / (growth_words.WIDE * 1.01)
    title = growth.finding(SERIES, FITS["naive"], look, UNIT, forecast=forecast)
    low, high = (growth_style.rounded(forecast[key].iloc[-1], look) for key in ("low_95", "high_95"))
    assert title == look.say("growth.unpinned", when=look.month(forecast.index[-1]), low=low, high=high, unit=UNIT)
    forecast["low_95"] = forecast["high_95"] / (growth_words.WIDE * 0.99)
    assert growth_style.signed_percent(growth_words.pace(SERIES, forecast)[0]) in growth.finding(
        SERIES, FITS["naive"], look, UNIT, forecast=forecast
    )


def test_a_unit_of_per_cent_stands_at_its_number(look):
    forecast = PICKED.widened(FITS["logistic"], 12).assign(low_95=9e5, high_95=1.1e6)
    lines = growth.sentences(SERIES, FITS["logistic"], look, "%", forecast=forecast)
    title = growth.finding(SERIES, FITS["logistic"], look, "%", forecast=forecast)
    assert " %" not in " ".join([title, *lines])
    assert f"{growth_style.rounded(forecast['median'].iloc[-1], look)}%" in title


def test_what_cannot_be_tested_has_no_outlook(look):
    few = SERIES.iloc[:5]
    values = {
        "n": 5,
        "value": growth_style.rounded(few.iloc[-1], look),
        "unit": UNIT,
        "when": look.month(few.index[-1]),
    }
    change = growth_style.signed_percent(few.iloc[-1] / few.iloc[0] - 1)
    so_far = look.say("growth.so_far", change=change, first=look.month(few.index[0]))
    said = look.say("growth.but", first=look.say("growth.too_short", **values), second=so_far)
    forecast = FITS["naive"].forecast(6)
    assert growth.finding(few, FITS["naive"], look, UNIT, forecast=forecast, untestable=True) == said
    short = replace(PICKED.backtest, reason="too_short")
    assert growth.finding(few, FITS["naive"], look, UNIT, forecast=forecast, backtest=short) == said
    lines = growth.sentences(few, FITS["naive"], look, UNIT, forecast=forecast, untestable=True)
    assert lines == [look.say("growth.stop", sentence=said), look.say("growth.untested")]


def test_a_ceiling_is_in_the_title_with_its_interval_or_not_at_all(look):
    high = Estimate(2e6, 1.8e6, 2.2e6)
    fit = replace(FITS["logistic"], ceiling=high)
    forecast = PICKED.widened(fit, 12).assign(low_95=9e5, high_95=1.1e6)
    words = {key: growth_style.rounded(value, look) for key, value in zip(("value", "low", "high"), high, strict=True)}
    ceiling = look.say("growth.ceiling_short", unit=UNIT, **words)
    assert growth.finding(SERIES, fit, look, UNIT, forecast=forecast).endswith(ceiling)
    below = replace(fit, ceiling=Estimate(0.9e6, 0.8e6, 1e6))
    assert growth_style.rounded(0.9e6, look) not in growth.finding(SERIES, below, look, UNIT)
    tested = replace(PICKED.backtest, reason="beats")
    loose = replace(tested, scores=tested.scores.assign(held_95=0.5))
    assert ceiling not in growth.finding(SERIES, fit, look, UNIT, forecast=forecast, backtest=loose)


def test_past_and_future_growth_are_told_apart(look):
    fit = FITS["log-linear"]
    median = fit.forecast(12)["median"]
    forecast = fit.forecast(12).assign(low_95=median * 0.9, high_95=median * 1.1)
    lines = growth.sentences(SERIES, fit, look, UNIT, forecast=forecast)
    rate = growth_style.signed_percent(growth_words.pace(SERIES, forecast)[0])
    (ahead,) = [line for line in lines if rate in line]
    assert look.month(SERIES.index[-1]) in ahead
    assert look.month(forecast.index[-1]) in ahead
    (past,) = [line for line in lines if growth_style.signed_percent(fit.cagr.value) in line]
    assert look.month(SERIES.index[0]) in past
    steady = pd.Series(np.exp(0.01 * np.arange(60.0)) * (1 + 1e-3 * np.cos(np.arange(60.0))), index=MONTHS)
    even = model.fit(steady, "log-linear")
    said = growth.sentences(steady, even, look, UNIT, forecast=even.forecast(12))
    assert len(said) == 3


def test_a_curve_that_starts_off_the_figures_says_so(look):
    series = SERIES.copy()
    series.iloc[-1] *= 1.3
    forecast = FITS["logistic"].forecast(12)
    apart = FITS["logistic"].fitted.iloc[-1] / series.iloc[-1] - 1
    words = look.say("growth.gap_below", share=f"{-100 * apart:.0f}%", when=look.month(series.index[-1]))
    lines = growth.sentences(series, FITS["logistic"], look, UNIT, forecast=forecast)
    assert look.say("growth.stop", sentence=words) in lines
    level = SERIES.copy()
    level.iloc[-1] = FITS["logistic"].fitted.iloc[-1] * 1.01
    lines = growth.sentences(level, FITS["logistic"], look, UNIT, forecast=forecast)
    kinds = [
        look.say(f"growth.gap_{kind}", share="1%", when=look.month(series.index[-1])) for kind in ("below", "above")
    ]
    assert not {look.say("growth.stop", sentence=kind) for kind in kinds} & set(lines)


def test_a_short_series_is_said_to_be_short(look):
    short = made().iloc[:15]
    title = growth.finding(short, FITS["logistic"], look, UNIT, monthly=True, forecast=FITS["logistic"].forecast(3))
    assert title == look.say("finding.too_short", n=15, need=24)


def test_sentences_say_everything_in_order(look):
    fit = FITS["logistic"]
    forecast = PICKED.widened(fit, 12)
    lines = growth.sentences(
        SERIES, fit, look, UNIT, forecast=forecast, backtest=PICKED.backtest, reach=time_to(fit, 0.9)
    )
    assert len(lines) == 6
    assert growth_style.rounded(forecast["median"].iloc[-1], look) in lines[0]
    assert growth_style.rounded(fit.ceiling.value, look) in lines[3]
    assert look.month(fit.time_to(0.9)) in lines[4]
    assert lines[5] == growth_trials.verdict(PICKED.backtest, look)
    assert all("{" not in line and "nan" not in line for line in lines)


@pytest.mark.parametrize(
    ("low", "high", "key"), [("2024-01", "2026-01", "both"), ("2024-01", None, "open"), (None, None, "alone")]
)
def test_an_open_end_is_said(look, low, high, key):
    ends = [None if end is None else pd.Period(end, "M") for end in (low, high)]
    reach = (pd.Period("2025-01", "M"), *ends)
    lines = growth.sentences(SERIES, FITS["logistic"], look, UNIT, forecast=FITS["logistic"].forecast(6), reach=reach)
    values = {"when": look.month(reach[0]), "low": look.month(ends[0]) if low else "", "high": ""}
    values["high"] = look.month(ends[1]) if high else ""
    assert look.say("growth.stop", sentence=look.say(f"growth.reach_{key}", **values)) in lines
    assert lines[-1] == look.say("growth.untested")


def test_a_method_has_no_ceiling_to_speak_of(look):
    lines = growth.sentences(SERIES, FITS["naive"], look, UNIT, forecast=FITS["naive"].forecast(6))
    assert look.say("growth.no_curve", curve=growth_style.curve_name("naive", look)) in " ".join(lines)
