"""The growth chart and its sentences and tables hold the numbers they are given, in both languages."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis import growth as model
from analysis.growth import CURVES, Estimate
from analysis.growth.curves import Method
from analysis.growth.diagnostics import Diagnosis, diagnose
from analysis.growth.reach import growth_rate
from analysis.views import growth, growth_style
from analysis.views.look import Look
from analysis.views.theme import SURFACE, Theme, contrast
from data.grade import Grade
from tests.made_growth import DRAWN, FITS, MONTHS, PICKED, SERIES, UNIT, clean, traces

SHOWN = 5e-5  # tables get five significant digits


def drawn(series, fits, look, **more):
    options = {"chosen": "logistic", "steps": 12, "caption": "c", "unit": UNIT, "grade": Grade.REPORTED}
    return growth.curves(series, fits, look, **(options | more))


def test_the_fan_is_the_forecast_given(look):
    forecast = PICKED.widened(FITS["logistic"], 12)
    view = clean(drawn(SERIES, FITS, look, forecast=forecast, backtest=PICKED.backtest))
    (fan,) = traces(view, "95%")
    np.testing.assert_allclose(fan["y"][:12], forecast["high_95"], atol=DRAWN)
    np.testing.assert_allclose(fan["y"][:11:-1], forecast["low_95"], atol=DRAWN)
    (line,) = traces(view, growth_style.curve_name("logistic", look))
    np.testing.assert_allclose(line["y"], forecast["median"], atol=DRAWN)
    shown = view.table[look.say("model.high_95")]
    assert shown[:60].tolist() == ["–"] * 60
    assert shown[60:].astype(float).to_numpy() == pytest.approx(forecast["high_95"], rel=SHOWN)
    assert view.grade == Grade.ESTIMATED


def test_bands_that_are_not_tested_are_said_to_be(look):
    assert look.say("growth.bands_fit") in drawn(SERIES, FITS, look).caption
    widened = drawn(SERIES, FITS, look, forecast=PICKED.widened(FITS["logistic"], 12), backtest=PICKED.backtest)
    assert look.say("growth.bands_tested", n=len(PICKED.backtest.origins)) in widened.caption


def test_rivals_are_thin_and_the_rest_are_in_the_table(look, monkeypatch):
    monkeypatch.setattr(growth, "RIVALS", 1)
    view = drawn(SERIES, FITS, look)
    names = {key: growth_style.curve_name(key, look) for key in FITS}
    lines = {key: found[0] for key, name in names.items() if (found := traces(view, name))}
    widths = {key: line["line"]["width"] for key, line in lines.items()}
    assert widths.pop("logistic") > max(widths.values())
    assert set(widths) == {"log-linear", growth_style.NAIVE}
    assert set(names.values()) <= set(view.table.columns)
    assert len(lines["log-linear"]["x"]) == 60 + 12
    assert len(lines[growth_style.NAIVE]["x"]) == 12


def test_the_legend_has_no_words_in_brackets(look):
    fits = FITS | model.compare(SERIES, ["damped trend"]).fits
    names = [
        trace["name"] for trace in drawn(SERIES, fits, look, chosen="damped trend").figure["data"] if "name" in trace
    ]
    assert look.term("curve", "damped trend") not in names
    assert not [name for name in names if "(" in name or "（" in name]


@pytest.mark.parametrize(("horizon", "marked"), [(6, True), (12, False)])
def test_the_end_of_what_was_tested_is_marked(look, horizon, marked):
    tested = replace(PICKED.backtest, horizon=horizon)
    forecast = PICKED.widened(FITS["logistic"], 12)
    layout = drawn(SERIES, FITS, look, forecast=forecast, backtest=tested).figure["layout"]
    lines = [shape["x0"] for shape in layout["shapes"] if shape.get("x0") == "2025-06-01"]
    assert len(lines) == marked
    assert (look.say("growth.tested_here") in [note["text"] for note in layout["annotations"]]) is marked
    said = growth.sentences(SERIES, FITS["logistic"], look, UNIT, forecast=forecast, backtest=tested)
    words = look.say("growth.tested_to", ahead=look.say("trial.ahead_12", n=6), when=look.month(forecast.index[5]))
    assert (look.say("growth.stop", sentence=words) == said[1]) is marked


def test_the_ceiling_is_a_line_where_there_is_one(look):
    fit = replace(FITS["logistic"], ceiling=Estimate(1.0e6, 0.9e6, 1.1e6))
    band, line = drawn(SERIES, {"logistic": fit}, look).figure["layout"]["shapes"]
    assert (line["y0"], band["y0"], band["y1"]) == (1.0e6, 0.9e6, 1.1e6)
    for other in (replace(fit, ceiling=None), replace(fit, ceiling=Estimate(9e6, 8e6, 1e7))):
        assert drawn(SERIES, {"logistic": other}, look).figure["layout"]["shapes"] == []
    assert drawn(SERIES, {"logistic": fit}, look, confirmed=False).figure["layout"]["shapes"] == []


def test_calendar_free_curve_is_drawn_when_given(look):
    adjusted = FITS["logistic"].at(SERIES.index, calendar=False)
    (line,) = traces(drawn(SERIES, FITS, look, adjusted=adjusted), look.say("growth.adjusted"))
    np.testing.assert_allclose(line["y"], adjusted, atol=DRAWN)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_curves_look_different_and_stand_out(mode):
    look = Look("en", Theme(mode))
    styles = {key: growth_style.style(key, look, chosen=False) for key in CURVES}
    assert len({(s["color"], s["dash"]) for s in styles.values()}) == len(CURVES)
    colours = {s["color"] for s in styles.values()} | {look.theme.accent}
    assert min(contrast(colour, SURFACE[mode]) for colour in colours) >= 4.5


def test_menu_leaves_out_what_does_not_suit():
    assert "bass" in growth.menu(stock=True)
    assert "bass" not in growth.menu(stock=False)
    seasonal = {key for key, one in CURVES.items() if isinstance(one, Method) and one.even}
    assert not seasonal & set(growth.menu(stock=True, even=False))


def test_the_title_says_how_big_and_how_fast(look):
    forecast = PICKED.widened(FITS["logistic"], 12)
    last = forecast.iloc[-1]
    title = drawn(SERIES, {"logistic": replace(FITS["logistic"], ceiling=None)}, look, forecast=forecast).title
    for key in ("median", "low_95", "high_95"):
        assert growth_style.rounded(last[key], look) in title
    rate = last["median"] / SERIES.iloc[-1] - 1
    assert growth_style.signed_percent(rate) in title
    assert look.month(pd.Period("2025-12", "M")) in title


def test_the_title_says_that_nothing_beat_the_naive(look):
    forecast = PICKED.widened(FITS["seasonal naive"], 12)
    beaten = replace(PICKED.backtest, reason="nothing_beats", chosen="seasonal naive")
    view = drawn(SERIES, FITS, look, chosen="seasonal naive", forecast=forecast, backtest=beaten)
    assert view.title.endswith(look.say("growth.nothing_beats"))


def test_a_series_below_zero_is_all_on_the_axis(look):
    series = pd.Series(np.cos(np.arange(40.0)) * 5 - 3, index=MONTHS[:40])
    fits = model.compare(series, ["naive"]).fits
    view = clean(drawn(series, fits, look, chosen="naive", steps=6))
    low, high = view.figure["layout"]["yaxis"]["range"]
    forecast = fits["naive"].forecast(6)
    assert low <= min(series.min(), forecast["low_95"].min())
    assert high >= max(series.max(), forecast["high_95"].max())
    assert "−" in view.title


def test_plain_numbers_are_a_time_as_well(look):
    time = np.arange(1990.0, 2020.0)
    series = pd.Series(1e3 / (1 + np.exp(-0.3 * (time - 2003))) * (1 + 0.01 * np.cos(5 * time)), index=time)
    view = clean(drawn(series, model.compare(series, ["logistic"]).fits, look, steps=3))
    assert "2022" in view.title


def test_effects_are_per_cent_and_say_what_is_off(look):
    fit = model.fit(SERIES, "log-linear", calendar=("double_11",))
    table = growth.effects(
        fit, look, offered=("double_11", "campaign_618", "lunar_new_year"), absorbed=("campaign_618",)
    )
    value, low, high = (100 * np.expm1(fit.effects.loc["double_11", ["estimate", "low", "high"]])).round(1)
    assert [float(text.replace("−", "-")) for text in table.iloc[0, 1:4]] == [value, low, high]
    states = table[look.say("growth.effect_state")].tolist()
    assert states[1:] == [look.say("growth.effect_absorbed"), look.say("growth.effect_off")]
    assert (table.iloc[1:, 1:4] == "–").all(axis=None)


def test_diagnostics_are_words(look):
    table = growth.diagnostics(diagnose(FITS["logistic"]), FITS["logistic"], look)
    assert len(table) == 7
    assert not table.map(lambda text: "{" in text or "nan" in text).any(axis=None)
    assert table.iloc[-1, 1] == "1"


def test_diagnostics_that_cannot_be_told_say_so(look):
    nothing = float("nan")
    few = Diagnosis(nothing, nothing, 0, nothing, nothing, nothing, None, autocorrelated=False)
    table = growth.diagnostics(few, FITS["logistic"], look)
    assert (table.iloc[:, 2] == look.say("growth.check_few")).sum() == 4
    bad = replace(few, ljung_box=1e-6, lags=8, breusch_pagan=0.4, outlier=-4.2, outlier_at=MONTHS[3])
    table = growth.diagnostics(bad, FITS["logistic"], look)
    assert table.iloc[0, 2] == look.say("growth.check_rhythm_bad", lags=8)
    assert table.iloc[3, 2] == look.say("growth.check_variance_good")
    assert table.iloc[5, 1] == "−4.2"


def test_rates_are_those_of_whole_years_and_the_end(look):
    found = growth_rate(FITS["log-linear"].forecast(30), SERIES)
    table = growth.rates(found, look)
    assert table.iloc[:, 0].tolist() == [look.month(found.index[i]) for i in (11, 23, 29)]
    expected = 100 * found.iloc[[11, 23, 29]]["cagr"][["median", "low_95", "high_95"]]
    np.testing.assert_allclose(table.iloc[:, 4:7], expected, atol=0.05)


def test_fitted_errors_of_methods_are_marked(look):
    table = growth.scoreboard(FITS, look).set_index(look.say("growth.curve"))
    rmse = table[look.say("growth.rmse")]
    assert rmse[growth_style.curve_name("naive", look)] == look.say(
        "growth.rmse_step", value=look.short(FITS["naive"].rmse)
    )
    assert rmse[growth_style.curve_name("logistic", look)] == look.short(FITS["logistic"].rmse)
