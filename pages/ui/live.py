"""A lever under the hand: the pinned result stays as it was, and beside it the same view follows one slider."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from html import escape
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from analysis.scenario import KINDS, Lever, Scenario
from analysis.scenario.files import ScenarioFileError, from_link
from analysis.scenario.plan import area, fitting
from analysis.views import levers as words
from analysis.views.board import Pin
from analysis.views.look import Look
from analysis.views.masked import Mask
from analysis.views.slide import Slide
from pages.ui import cached, lever_panel, plan_bar, scenario_state, scenarios, stage_slide, turns
from pages.ui.scenarios import Base
from pages.ui.stage_view import FIRST, PAGE, VIEWS, LiveView

ALL = "all"
WITHOUT = ("cooperation",)
"""Kinds of levers that need more than a network and a place: they move only where the plan has them."""
REST = 0.12
"""A slider that moves again within these seconds does not wait for the draws."""
HEAD_START = 0.02
"""Seconds in which the chart leaves for the browser before its intervals are drawn."""
_PLAN, _PICKS, _LEVER = "stage.live_plan", "stage.live_picks", "stage_lever"
T = TypeVar("T")


def plays(pin: Pin, slide: Slide) -> bool:
    """Whether a slide was pinned on the Scenario page, so that its levers can be moved."""
    return pin.page == PAGE and slide.one.kind != "words"


def beside(look: Look, pin: Pin, slide: Slide, *, mask: Mask | None) -> None:
    """What was pinned on the left, the live view with its lever on the right.

    Parameters
    ----------
    mask : Mask or None
        Blacks out names.
    """
    left, right = st.columns(2, gap="medium")
    with left, st.container(key="stage_half_left"):
        st.html(f"<h2>{escape(look.say('show.frozen'))}</h2>")
        if slide.one.kind == "table":
            st.html(stage_slide.table(look, slide.one.view.table))
        else:
            stage_slide.chart(slide.one, "stage_frozen", half=True)
    with right, st.container(key="stage_half_right"):
        base = _base(look, pin)
        if isinstance(base, str):
            st.info(base, icon=":material/info:")
        else:
            st.fragment(partial(_panel, look, base, pin, slide, mask), key="stage_live_panel")()


def seen(pin: Pin) -> Pin | None:
    """The pin with the plan as it is now, to be drawn by its page; None when nothing was moved, or it has no link."""
    found = st.session_state.get(_PLAN, {}).get(pin.id)
    entry = scenario_state.link(found) if found is not None else None
    if entry is None:
        return None
    query = {name: text for name, text in pin.query.items() if name != scenario_state.SAVED}
    key = pin.key if pin.key in VIEWS else FIRST
    return replace(pin, key=key, query={**query, scenario_state.ENTRY: entry}, parts={}, seen="")


def forget() -> None:
    """Put every lever back to where it was pinned."""
    for name in (_PLAN, _PICKS):
        st.session_state.pop(name, None)


def _base(look: Look, pin: Pin) -> Base | str:
    """The month that was pinned in the market in use, or why there is none."""
    market = cached.market()
    if market.panel is None:
        return look.say("market.needs", dataset=look.say("dataset.volumes"))
    months = {f"{month:%Y-%m}": pd.Timestamp(month) for month in cached.months(market)}
    month = months.get(pin.query.get("month", ""), list(months.values())[-1])
    base = scenarios.base(market, look, month)
    return look.say(base) if isinstance(base, str) else base


def _pinned_plan(pin: Pin, base: Base) -> Scenario:
    """The plan as it was pinned, in this market."""
    asked, kept = pin.query.get(scenario_state.ENTRY), pin.query.get(scenario_state.SAVED)
    found = None
    if asked:
        try:
            found = from_link(asked)[0]
        except ScenarioFileError:
            found = None
    elif kept:
        found = plan_bar.saved_plan(kept)
    return fitting(found or scenario_state.example(base), base.model)[0]


def _platform(pin: Pin, base: Base, plan: Scenario) -> str:
    """Whose result is shown: the page's own choice."""
    wanted = [pin.query.get("player", ""), *(lever.platform for lever in plan.levers), "duoduo"]
    return next((name for name in wanted if name in base.players), base.players[0])


def _panel(look: Look, base: Base, pin: Pin, slide: Slide, mask: Mask | None) -> None:
    first = _pinned_plan(pin, base)
    plans: dict[str, Scenario] = st.session_state.setdefault(_PLAN, {})
    plan = plans.get(pin.id, first)
    shown = LiveView(look, mask, pin.key, pin.query.get("shows", "path"), _platform(pin, base, first), _tier(pin, base))
    place = st.container(key="stage_live_view")
    with st.container(key="stage_live", gap="small"):
        lever = _choose(shown, base, first)
        plan = _slider(shown, base, plan, lever)
        if plan == first:
            plans.pop(pin.id, None)
        else:
            plans[pin.id] = plan
        moved = st.empty()
        if slide.one.whence.version != base.market.version:
            st.html(f'<div class="stage-caption">{escape(look.say("show.other_data"))}</div>')
    with turns.GATE.turn(turns.RESULT), place:
        point = scenarios.point(base, plan)
        shown.draw(point)
    moved.html(f'<div class="stage-caption">{escape(shown.difference(scenarios.point(base, first), point))}</div>')
    time.sleep(HEAD_START)
    if point.point.found.touched:
        turns.rest(REST)
        with place:
            shown.draw(scenarios.drawn(base, plan, point=point))


def _tier(pin: Pin, base: Base) -> str:
    asked = pin.query.get("of", ALL)
    return asked if asked in base.model.tiers else ALL


def _choose(shown: LiveView, base: Base, first: Scenario) -> Lever:
    """Network, kind and place of the one lever: at first that of the plan."""
    look, own = shown.look, first.levers[0] if first.levers else Lever(shown.platform, 0.0)
    who, which, where = st.columns(3, gap="small")
    with who:
        platform = _pick(
            shown,
            "network",
            base.players,
            own.platform,
            look.say("show.network_of"),
            lambda key: shown.text(look.name(key)),
        )
    kinds = [kind for kind in KINDS if kind not in WITHOUT or _held(first, platform, kind)]
    with which:
        kind = _pick(
            shown, f"kind.{platform}", kinds, own.kind, look.say("show.lever"), lambda key: look.term("lever", key)
        )
    places = {scenario_state.of(lever): lever for lever in _held(first, platform, kind)}
    if kind not in WITHOUT:
        tiers = [None, *base.model.tiers]
        places = {
            scenario_state.of(one): one for tier in tiers for one in (Lever(platform, 0.0, tier, kind=kind),)
        } | places
    options = list(places)
    default = scenario_state.of(own) if (platform, kind) == (own.platform, own.kind) else options[0]
    with where:
        place = _pick(
            shown,
            f"place.{platform}.{kind}",
            range(len(options)),
            options.index(default) if default in options else 0,
            look.say("show.where"),
            lambda i: words.place(places[options[i]], look) or look.say("plan.at_all"),
        )
    return places[options[place]]


def _held(plan: Scenario, platform: str, kind: str) -> list[Lever]:
    return [lever for lever in plan.levers if (lever.platform, lever.kind) == (platform, kind)]


def _pick(shown: LiveView, name: str, options: Sequence[T], default: T, label: str, called: Callable[[T], str]) -> T:
    """One of a list, at first the default; a list of its own for blacked-out names, which the browser would keep."""
    picks: dict[str, T] = st.session_state.setdefault(_PICKS, {})
    held = picks.get(name, default)
    at = list(options).index(held) if held in options else 0
    key = f"{_LEVER}.{name}.{'names' if shown.mask is None else 'letters'}"
    picks[name] = chosen = st.selectbox(label, options, index=at, format_func=called, key=key)
    return chosen


def _slider(shown: LiveView, base: Base, plan: Scenario, lever: Lever) -> Scenario:
    """The plan with the lever where the slider stands."""
    look, kind, place = shown.look, KINDS[lever.kind], scenario_state.of(lever)
    low, high, step = kind.low, kind.high, kind.step
    if lever.kind == "stations":
        there = float(base.model.stations[base.model.platforms.index(lever.platform)] @ area(lever, base.model))
        low, high, step = lever_panel.station_limits(there)
    value = scenario_state.change_at(plan, lever.platform, lever.kind, place)
    number: Callable[[float], Any] = round if step >= 1 else partial(round, ndigits=6)
    chosen = st.slider(
        shown.text(look.say("show.change", lever=look.term("lever", lever.kind), unit=look.say(f"unit.{kind.unit}"))),
        min(number(low), number(value)),
        max(number(high), number(value)),
        number(value),
        step=number(step),
        format=lever_panel.FORMATS.get(kind.unit, "%+,d"),
        key=f"{_LEVER}.{lever.platform}.{lever.kind}.{place}",
    )
    when = scenario_state.timing(plan, lever.platform, lever.kind)
    moved = replace(
        lever,
        change=round(float(chosen), 6),
        start_month=when.start_month,
        ramp_months=when.ramp_months,
        end_month=when.end_month,
    )
    return scenario_state.with_change(plan, moved)
