"""Folds of the growth page: growth by year, calendar effects, every curve, residuals; and what came afterwards."""

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis.growth import CURVES
from analysis.growth.curves import Method
from analysis.views import growth, growth_ledger
from analysis.views.growth_style import curve_name, when
from analysis.views.look import Look, View
from pages.ui import fits, layout, quiet
from pages.ui.growth_state import Pick
from pages.ui.growth_tested import Shown, Tested, frozen_forecast

if TYPE_CHECKING:
    from analysis.growth.trials import Backtest


def looking_back(look: Look, pick: Pick, shown: Shown) -> None:
    """What came after the date chosen, against what the curve would have said on that date."""
    from analysis.growth import ledger

    if shown.fan().index[0] > pick.later.last_valid_index():
        return
    made = frozen_forecast(pick, shown, title=pick.series.label, back=True)
    scored = ledger.score(made, pick.everything)
    caption = look.say("growth.back_caption", when=when(pick.known.dropna().index[-1], look))
    layout.card(look, growth_ledger.scored(made, scored, pick.everything, look, caption=caption), "back")


def _rates(look: Look, pick: Pick, tested: Tested, shown: Shown) -> None:
    from analysis.growth.reach import growth_rate

    name = look.say("growth.fold_rates")
    table = growth.rates(growth_rate(shown.fan(), pick.known), look)
    _told(look, table, name, look.say("growth.rates_caption"), shown, "rates")
    st.dataframe(table, hide_index=True, alt=name, key="rates", height="content")


def _effects(look: Look, pick: Pick, tested: Tested, shown: Shown) -> None:
    from analysis.growth import calendar

    if not pick.offered:
        st.caption(look.say("growth.no_calendar"))
        return
    seasonal = isinstance(CURVES[shown.fit.curve], Method)
    absorbed = calendar.absorbed(pick.calendar, seasonal)
    table = growth.effects(shown.fit, look, offered=pick.offered, absorbed=absorbed)
    name = look.say("growth.fold_effects")
    _told(look, table, name, look.say("growth.effects_caption"), shown, "effects")
    st.dataframe(table, hide_index=True, alt=name, key="effects", height="content")
    if tested.backtest is not None and tested.backtest.reason != "too_short":
        st.markdown(_with_and_without(look, pick, tested.backtest, shown.fit.curve))


def _with_and_without(look: Look, pick: Pick, tried: "Backtest", curve: str) -> str:
    """What the calendar effects did for the forecasts of the past."""
    from analysis.growth.trials import backtest

    other = () if pick.calendar else pick.offered
    find = partial(backtest, pick.known, [curve], pick.horizon, calendar=other)
    again = fits.slow(("without", pick.source, curve, pick.horizon), lambda tell: find(), look.say("growth.testing"))
    errors = [tried.scores["mase"].get(curve, float("nan")), again.scores["mase"].get(curve, float("nan"))]
    on, off = errors if pick.calendar else reversed(errors)
    return look.say("growth.with_and_without", curve=curve_name(curve, look), on=f"{on:.2f}", off=f"{off:.2f}")


def _fits(look: Look, pick: Pick, tested: Tested, shown: Shown) -> None:
    """What every curve says of ceiling and growth, and the parameters of the one shown."""
    every = look.say("growth.compare")
    table = growth.scoreboard(tested.found.fits, look)
    _told(look, table, every, look.say("growth.compare_caption"), shown, "fits")
    st.dataframe(table, hide_index=True, alt=every, key="fits", height="content")
    curve = shown.fit.curve
    name = look.say("growth.parameters", curve=curve_name(curve, look))
    about = look.say("view.sentences", first=name, second=look.term("curve", f"{curve}_about"))
    if len(shown.fit.params):
        values = growth.parameters(shown.fit, look)
        _told(look, values, name, about, shown, "parameters", fold="fits")
        st.dataframe(values, alt=name, key="parameters", height="content")
    else:
        st.caption(about)
    if not shown.confirmed:
        st.caption(look.say("growth.seasonal_note"))


def _diagnostics(look: Look, pick: Pick, tested: Tested, shown: Shown) -> None:
    from analysis.growth.diagnostics import diagnose

    with st.spinner(look.say("status.fitting")):
        table = growth.diagnostics(diagnose(shown.fit), shown.fit, look)
    alt = look.say("growth.fold_diagnostics")
    _told(look, table, alt, alt, shown, "diagnostics")
    st.dataframe(table, hide_index=True, alt=alt, key="diagnostics", height="content")


def _told(look: Look, table: pd.DataFrame, title: str, caption: str, shown: Shown, key: str, *, fold: str = "") -> None:
    """Caption, pin and download of a table inside a fold, which has the table's name unless another is given."""
    layout.caption_row(look, View({}, table, title, caption, title, shown.grade), key, folds=(f"fold_{fold or key}",))


FOLDS = {"rates": _rates, "effects": _effects, "fits": _fits, "diagnostics": _diagnostics}


def folds(look: Look, pick: Pick, tested: Tested, shown: Shown) -> None:
    """One fold after another; only what is open is computed."""
    for name, draw in FOLDS.items():
        with st.expander(look.say(f"growth.fold_{name}"), key=f"fold_{name}", on_change="rerun") as fold:
            if quiet.unfolded(f"fold_{name}", fold.open):
                draw(look, pick, tested, shown)
