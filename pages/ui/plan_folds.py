"""What is folded away on the workbench: timing, rivals' answers, horizon and growth, assumptions.

The two long ones are built only while they are open: a slider that moves does not pay for them.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from analysis.economics.assumptions import ASSUMPTIONS, Assumption
from analysis.rivalry.rules import KINDS as RULES
from analysis.rivalry.rules import Rule
from analysis.scenario import Scenario
from analysis.scenario.fields import BEYOND
from analysis.views.look import Look, View
from data.grade import Grade
from pages.ui import layout, pins, plan_list, quiet, scenario_state
from pages.ui.lever_panel import Aim, held
from pages.ui.scenario_state import Timing
from pages.ui.scenarios import Base

LONGEST, LATEST = 60, 60
"""Months of a horizon, and of a start or ramp, that the page offers."""
MILLION = 1e6
TALL = 320
"""Pixels of a long list in a popover."""
HIGHEST_BUDGET = 10_000.0
"""Million CNY a month."""


def folds(look: Look, base: Base, what: Aim) -> None:
    """Four popovers in a row."""
    with st.container(horizontal=True, gap="xsmall", key="folds"):
        with st.popover(look.say("plan.when")):
            _when(look, what)
        _lazy(look, "rivals", lambda: _rivals(look, base))
        with st.popover(look.say("plan.horizon")):
            _horizon(look, base)
        _lazy(look, "assumptions", lambda: _assumptions(look, base))


def _lazy(look: Look, name: str, build: Callable[[], None]) -> None:
    """A popover whose inside is built while it is open."""
    with st.popover(look.say(f"plan.{name}"), key=f"fold_{name}", on_change="rerun") as fold:
        if quiet.unfolded(f"fold_{name}", fold.open):
            build()


def _whole(label: str, key: str, value: int, low: int, high: int, edit: Callable[[Scenario, Any], Scenario]) -> None:
    """A whole number of the plan."""
    st.number_input(
        label, low, max(high, value), step=1, key=held(key, value), on_change=_edited, args=(key, edit), width=150
    )


def _edited(key: str, edit: Callable[[Scenario, Any], Scenario]) -> None:
    """What a widget holds goes into the plan; an empty one changes nothing."""
    if st.session_state[key] is not None:
        plan_list.change(edit(scenario_state.plan(), st.session_state[key]))


def _when(look: Look, what: Aim) -> None:
    platform, kind = what.platform, what.kind
    now = scenario_state.timing(scenario_state.plan(), platform, kind)
    st.caption(look.say("plan.when_of", name=look.name(platform), lever=look.term("lever", kind)))

    def edit(put: Callable[[int], Timing]) -> Callable[[Scenario, int], Scenario]:
        return lambda plan, value: scenario_state.with_timing(plan, platform, kind, put(value))

    with st.container(horizontal=True, gap="small"):
        key = f"when.{platform}.{kind}"
        start, ramp = edit(lambda v: replace(now, start_month=v)), edit(lambda v: replace(now, ramp_months=v))
        _whole(look.say("plan.start"), f"{key}.start", now.start_month, 1, LATEST, start)
        _whole(look.say("plan.ramp"), f"{key}.ramp", now.ramp_months, 0, LATEST, ramp)
        end = edit(lambda v: replace(now, end_month=v or None))
        _whole(look.say("plan.end"), f"{key}.end", now.end_month or 0, 0, LATEST, end)


def _horizon(look: Look, base: Base) -> None:
    now = scenario_state.plan()
    with st.container(horizontal=True, gap="small"):
        _whole(
            look.say("plan.months"), "plan.months", now.months, 1, LONGEST, lambda plan, v: replace(plan, months=int(v))
        )
        key = "plan.growth"
        st.number_input(
            look.say("plan.growth"),
            -50.0,
            100.0,
            step=1.0,
            format="%.1f",
            key=held(key, round(now.growth_per_year * 100, 6)),
            on_change=_edited,
            args=(key, lambda plan, v: replace(plan, growth_per_year=round(v / 100, 8))),
            width=150,
        )
    mean, spread = (f"{v * 100:.1f}" for v in base.model.growth)
    st.caption(look.say("plan.growth_seen", mean=mean, spread=spread))


def _rivals(look: Look, base: Base) -> None:
    """One row a network: what it does when others change what they pay."""
    st.caption(look.say("plan.rivals_help"))
    now = scenario_state.plan()
    keeping = plan_list.keeping(now)
    with st.container(height=TALL, border=False, key="rival_list"):
        for name in base.players:
            if name in keeping:
                st.markdown(layout.plain(look.say("plan.keeps", name=look.name(name))))
            else:
                _rival(look, name, now.rule_of.get(name, Rule()))


def _rival(look: Look, name: str, rule: Rule) -> None:
    """One row: what the network does, and the numbers of it."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key=f"rival_{name}"):
        key = f"rule.{name}"
        st.selectbox(
            look.name(name),
            RULES,
            format_func=lambda kind: look.say(f"plan.rule_{kind}"),
            key=held(key, rule.kind),
            on_change=_edited,
            args=(key, _to_kind(name, rule)),
            width=210,
        )
        if rule.kind != "static":
            _rule(look, name, rule)


def _to_kind(name: str, rule: Rule) -> Callable[[Scenario, str], Scenario]:
    def edit(plan: Scenario, kind: str) -> Scenario:
        share = 0.5 if kind == "match" and rule.kind != "match" else rule.share
        lag = max(rule.lag_months, 1)
        return scenario_state.with_rule(plan, name, replace(rule, kind=kind, share=share, lag_months=lag))

    return edit


def _rule(look: Look, name: str, rule: Rule) -> None:
    """Numbers of an answer: part matched, months, budget."""

    def edit(put: Callable[[float], Rule]) -> Callable[[Scenario, float], Scenario]:
        return lambda plan, value: scenario_state.with_rule(plan, name, put(value))

    matches = rule.kind == "match"
    if matches:
        share = edit(lambda v: replace(rule, share=round(v / 100, 6)))
        _number(look.say("plan.matched"), f"rule.{name}.share", rule.share * 100, (0.0, 200.0, 5.0), share)
    lag = edit(lambda v: replace(rule, lag_months=int(v)))
    label = look.say("plan.lag" if matches else "plan.every")
    _whole(label, f"rule.{name}.lag", rule.lag_months, 0 if matches else 1, LATEST, lag)
    if rule.kind == "budget":
        budget = rule.budget_cny_per_month / MILLION
        limits = (0.0, max(HIGHEST_BUDGET, budget), 10.0)
        paid = edit(lambda v: replace(rule, budget_cny_per_month=v * MILLION))
        _number(look.say("plan.budget"), f"rule.{name}.budget", budget, limits, paid)


def _number(
    label: str,
    key: str,
    value: float,
    limits: tuple[float, float, float],
    edit: Callable[[Scenario, Any], Scenario],
) -> None:
    low, high, step = limits
    st.number_input(
        label, low, high, step=step, key=held(key, round(value, 6)), on_change=_edited, args=(key, edit), width=150
    )


def _assumptions(look: Look, base: Base) -> None:
    """Every assumption with its unit, grade, range and default; changed ones can be put back."""
    changed = dict(scenario_state.plan().assumptions)
    st.caption(look.say("plan.assumptions_help"))
    if changed:
        st.button(look.say("plan.reset_all"), key="reset_assumptions", on_click=_defaults)
    _pin(look, changed, base.grade)
    with st.container(height=TALL, border=False, key="assumption_list"):
        for assumption in ASSUMPTIONS.values():
            _assumption(look, assumption, changed.get(assumption.key, assumption.value))


def _pin(look: Look, changed: Mapping[str, float], grade: Grade) -> None:
    """The pin of all assumptions, as a table."""
    every = list(ASSUMPTIONS.values())
    now = [changed.get(one.key, one.value) for one in every]
    table = pd.DataFrame(
        {
            look.say("pinned.assumption"): [look.say(f"assume.{one.key}") for one in every],
            look.say("pinned.value"): now,
            look.say("pinned.default"): [one.value for one in every],
            look.say("record.unit"): [look.say(f"unit.{one.unit}") for one in every],
            look.say("grade.heading"): [
                look.say(f"grade.{one.grade if value == one.value else Grade.ASSUMED}")
                for one, value in zip(every, now, strict=True)
            ],
        }
    )
    title = look.say("pinned.assumptions_title", n=len(every), changed=len(changed))
    caption = look.say("plan.assumptions_help")
    pins.offer(look, View({}, table, title, caption, title, grade), "assumptions", folds=("fold_assumptions",))


def _assumption(look: Look, assumption: Assumption, value: float) -> None:
    key, unit = f"assume.{assumption.key}", look.say(f"unit.{assumption.unit}")
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"row_{assumption.key}"):
        with st.container(gap=None, width="stretch"):
            st.markdown(look.say(f"assume.{assumption.key}"))
            default, low, high = (f"{v:,g}" for v in (assumption.value, assumption.low, assumption.high))
            said = look.say("plan.default", value=default, low=low, high=high, unit=unit)
            within = assumption.low <= value <= assumption.high
            st.caption(said if within else look.say("plan.beyond", said=said))
        layout.badge(look, assumption.grade if value == assumption.value else Grade.ASSUMED)
        st.number_input(
            look.say(f"assume.{assumption.key}"),
            min(assumption.low / BEYOND, value),
            max(assumption.high * BEYOND, value),
            value=None,
            step=_step(assumption),
            format="%g",
            key=held(key, float(value)),
            on_change=_edited,
            args=(
                key,
                lambda plan, v: scenario_state.with_assumption(plan, assumption.key, float(v), assumption.value),
            ),
            help=look.say(f"assume_help.{assumption.key}"),
            label_visibility="collapsed",
            width=150,
        )


def _step(assumption: Assumption) -> float:
    """A twentieth of the range, rounded to one figure."""
    return float(f"{(assumption.high - assumption.low) / 20:.0g}")


def _defaults() -> None:
    plan_list.change(replace(scenario_state.plan(), assumptions=()))
