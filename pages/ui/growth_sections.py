"""One series on the growth page: curves and the fan, the back-test, and the forecast that can be frozen."""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from analysis.growth import GrowthError
from analysis.views import growth, growth_trials
from analysis.views.growth_style import curve_name
from analysis.views.look import Look, View
from data.grade import Grade, weakest
from data.markets import Market
from data.workspace import WorkspaceError
from pages.ui import answers, cached, fits, growth_folds, growth_state, growth_tested, layout, people, series, told
from pages.ui.growth_state import Pick
from pages.ui.growth_tested import Shown, Tested, frozen_forecast

BOARD = {"curve": 142, "mase": 54, "against": 76, "held_95": 72, "verdict": 118}
"""Columns of the back-test in sight and their pixels; the others are in its table."""
FRACTION = 0.9
"""Of the ceiling, that is reached at a date."""


def series_part(look: Look, market: Market) -> None:
    """Curves at once, the back-test after them."""
    pick = growth_state.pick(look, market)
    layout.need_rows(look, pick.known.to_frame())
    told.of_series(look, pick, market)
    left, right = st.columns([4, 3], gap="small")
    key = ("tested", pick.source, pick.menu, pick.horizon)
    known = fits.ready(key)
    with left, st.container(border=True, height="stretch", gap="xsmall", key="card_growth"):
        # A place is emptied only where a preview gives way: to empty it on every run would scroll the page back.
        main, under = st.container(gap="xsmall") if known else st.empty(), st.container(gap="xsmall")
    if not known:
        with main.container(gap="xsmall"):
            begun = growth_tested.first(pick)
            if begun.found.fits:
                layout.preview(look, _view(look, pick, begun, growth_tested.shown(pick, begun)), "first")
    with right:
        board = st.container(border=True, height="stretch", gap="xsmall", key="card_scoreboard")
    with board:
        tested = fits.slow(key, partial(growth_tested.test, pick), look.say("growth.testing"))
        shown = growth_tested.shown(pick, tested) if tested.found.fits else None
        if shown is not None:
            told.series(look, pick, tested, shown)
        _board(look, pick, tested)
    if shown is None:
        if not known:
            main.empty()
        _refused(look, tested)
        return
    of = (pick.source, pick.menu, shown.fit.curve, shown.steps)
    view = cached.drawn(of, "growth", look.lang, look.theme.mode, lambda: _view(look, pick, tested, shown))
    with main if known else main.container(gap="xsmall"):
        layout.chart(look, view, "growth")
    *facts, verdict = fits.found(market, look, ("growth", look.lang, *of), lambda: _says(look, pick, tested, shown))
    news = [line for line in facts if line.rstrip(".。") not in view.title]
    with under:
        title = look.say("pinned.growth_says", label=pick.series.label)
        with answers.pinnable(look, "growth_says", title, [*facts, verdict], shown.grade):
            if news:
                st.markdown("\n".join(f"- {layout.plain(line)}" for line in news))
        if tested.settled:
            _freeze(look, market, pick, shown)
    if tested.backtest is not None:
        board.markdown(layout.plain(verdict))
    _beneath(look, pick, tested, shown)
    _refused(look, tested)
    answers.notes(look, series.traps(pick.where.key))


def _view(look: Look, pick: Pick, tested: Tested, shown: Shown) -> View:
    return growth.curves(
        pick.known,
        tested.found.fits,
        look,
        chosen=shown.fit.curve,
        steps=shown.steps,
        caption=pick.series.caption,
        unit=pick.series.unit,
        untestable=tested.problem is not None,
        grade=shown.grade,
        monthly=pick.monthly,
        confirmed=shown.confirmed,
        forecast=shown.forecast,
        backtest=tested.backtest,
        adjusted=shown.adjusted(),
    )


def _board(look: Look, pick: Pick, tested: Tested) -> None:
    """Which curve forecasts best, or why nobody can tell."""
    st.header(look.say("growth.tested"), anchor=False)
    tried = tested.backtest
    if tried is None:
        st.caption(look.say("growth.not_tested", why=_why(look, tested.problem)) if tested.problem else "")
        return
    table = growth_trials.scoreboard(tried, look)
    caption = look.say("growth.tested_caption", n=len(tried.origins))
    alt, grade = look.say("growth.tested"), weakest(pick.series.grade, tried.grade)
    layout.caption_row(look, View({}, table, alt, caption, alt, grade), "scoreboard")
    help = growth_trials.scoreboard_columns(look)
    columns: dict[str, Any] = {
        look.say(f"trial.{name}"): st.column_config.Column(
            look.say(f"growth.board_{name}"), width=width, help=help.get(look.say(f"trial.{name}"))
        )
        for name, width in BOARD.items()
    }
    st.dataframe(
        table,
        hide_index=True,
        alt=alt,
        key="scoreboard",
        height="content",
        column_order=list(columns),
        column_config=columns,
    )


def _why(look: Look, error: GrowthError) -> str:
    return look.say(f"growth_error.{error.code}", **error.values)


def _refused(look: Look, tested: Tested) -> None:
    """Curves that could not be fitted, in one box; those that could only not be tested, in a line."""
    failures = tested.found.failures
    untested = {k: e for k, e in tested.backtest.failures.items() if k not in failures} if tested.backtest else {}
    for curve, error in untested.items():
        st.caption(look.say("growth.curve_untested", curve=curve_name(curve, look), reason=_why(look, error)))
    said = [
        look.say("growth.failed", curve=curve_name(curve, look), reason=_why(look, error))
        for curve, error in failures.items()
    ]
    if said:
        with answers.pinnable(look, "refused", look.say("pinned.refused"), said, Grade.ESTIMATED):
            st.warning("  \n".join(said), icon=":material/warning:")


def _says(look: Look, pick: Pick, tested: Tested, shown: Shown) -> list[str]:
    """Every fact in sentences: how big, how fast, where it ends, what the bands rest on."""
    from analysis.growth.reach import time_to

    fit = shown.fit
    return growth.sentences(
        pick.known,
        fit,
        look,
        pick.series.unit,
        forecast=shown.fan(),
        trend=tested.found.fits.get("log-linear"),
        monthly=pick.monthly,
        confirmed=shown.confirmed,
        backtest=tested.backtest,
        untestable=tested.problem is not None,
        reach=time_to(fit, FRACTION, level=0.95) if fit.ceiling else None,
    )


def _freeze(look: Look, market: Market, pick: Pick, shown: Shown) -> None:
    """Put the forecast on the ledger, with its date."""
    if not people.may("save"):
        return
    with st.popover(look.say("ledger.freeze"), icon=":material/ac_unit:", key="freeze_box"):
        st.caption(look.say("ledger.freeze_about"))
        name = st.text_input(look.say("ledger.name"), pick.series.label, key=f"freeze_name.{pick.where.text()}"[:200])
        if st.button(look.say("ledger.do_freeze"), type="primary", key="do_freeze"):
            _frozen(look, market, pick, shown, name)


def _frozen(look: Look, market: Market, pick: Pick, shown: Shown, name: str) -> None:
    from analysis.growth import ledger

    made = frozen_forecast(pick, shown, title=name)
    try:
        kept = growth_state.ledger().add(ledger.to_json(made), owner=growth_state.owner(market, pick.where), title=name)
    except WorkspaceError as error:
        st.warning(growth_state.why(look, error), icon=":material/warning:")
        return
    st.success(look.say("ledger.frozen", name=layout.plain(kept.title)), icon=":material/check:")


def _beneath(look: Look, pick: Pick, tested: Tested, shown: Shown) -> None:
    """How well it forecast before, what came after the date chosen, and folds."""
    tried = tested.backtest
    if len(pick.later.dropna()):
        growth_folds.looking_back(look, pick, shown)
    if tried is not None and tried.reason != "too_short":
        of, grade = shown.fit.curve, shown.grade
        unit = pick.series.unit
        draw: dict[str, Callable[[], View]] = {
            "by_horizon": lambda: growth_trials.by_horizon(tried, look, grade=grade, chosen=of),
            "origins": lambda: growth_trials.origins(tried, pick.known, look, unit=unit, grade=grade, chosen=of),
        }
        for column, name in zip(st.columns(2, gap="small"), draw, strict=True):
            with column:
                source = (pick.source, pick.menu, pick.horizon, of)
                layout.card(look, cached.drawn(source, name, look.lang, look.theme.mode, draw[name]), name)
    growth_folds.folds(look, pick, tested, shown)
