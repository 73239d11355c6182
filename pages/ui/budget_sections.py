"""Best use of a budget: amount, instruments, bounds, the allocation, what more money would do, and its levers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from analysis.budget import Allocation, BudgetError, Problem, allocate, frontier, least_budget, levers, problem, retrace
from analysis.budget.problem import CEILING_CNY, LIFE_MONTHS, MOST_OPENED
from analysis.scenario import Lever, MarketModel, Projection
from analysis.views import budget as views
from analysis.views.look import Look
from data.grade import Grade
from pages.ui import answers, inputs, layout, state, turns, whence

MILLION, MONTHS = 1e6, 12
DEFAULT_MILLION, MOST_MILLION = 500.0, 100_000.0
USES = {"subsidy": ("subsidy",), "both": ("subsidy", "stations"), "stations": ("stations",)}
POINTS = 11
"""Budgets on the frontier beside the chosen one, up to twice as much, closer where the first yuan buys most."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the reader asks for."""

    cny_per_month: float
    use: str
    objective: str
    tiers: tuple[str, ...]


def budget(
    look: Look,
    model: MarketModel,
    platform: str,
    assumptions: Mapping[str, float],
    grade: Grade,
    *,
    planned: Callable[[tuple[Lever, ...]], Projection],
) -> tuple[Lever, ...] | None:
    """Ask, allocate, show, and say what the plan makes of it: `planned` projects the plan with the levers in it.

    The levers of the allocation once its button is pressed, None otherwise.
    """
    with st.container(border=True, gap="small", key="budget_controls"):
        wish = _wish(look, model)
        bounds = _bounds(look, model, platform, wish)
    asked: Problem | None = None
    try:
        asked = problem(
            model,
            platform,
            instruments=USES[wish.use],
            objective=wish.objective,
            assumptions=assumptions,
            tiers=wish.tiers or None,
            **bounds,
        )
        with turns.turn():
            found = allocate(asked, wish.cny_per_month)
    except BudgetError as error:
        why = views.refusal(error, asked, look)
        with answers.pinnable(look, "budget_refused", why, [], grade):
            st.error(why, icon=":material/error:")
        return None
    _result(look, found, model, grade)
    given = levers(found)
    pressed = st.button(
        look.say("budget.put"), icon=":material/playlist_add:", help=look.say("budget.put_help"), key="budget_put"
    )
    if given:
        st.caption(views.then(planned(given), look, platform=platform))
    return given if pressed else None


def _wish(look: Look, model: MarketModel) -> Wish:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="budget_wish"):
        amount = _typed(look, "budget_amount", DEFAULT_MILLION, MOST_MILLION, label=look.say("budget.amount"))
        period = inputs.switch(look, "budget_period", ("month", "year"), label=lambda p: look.say(f"budget.period_{p}"))
        uses = tuple(USES) if (model.density > 0).any() else ("subsidy",)
        use = inputs.switch(look, "budget_use", uses, label=lambda u: look.say(f"budget.use_{u}"))
        aim = inputs.switch(look, "budget_aim", ("parcels", "profit"), label=lambda a: look.say(f"budget.aim_{a}"))
        tiers = inputs.some(look, "budget_tiers", model.tiers, label=lambda t: look.term("tier", t))
    if len(uses) == 1:
        st.caption(look.say("budget.no_effect"))
    return Wish(amount * MILLION / (MONTHS if period == "year" else 1), use, aim, tiers)


def _typed(look: Look, name: str, default: float, most: float, *, label: str) -> float:
    """A number to type, 0 or more, kept in the address."""
    key = f"{name}.{look.lang}"
    st.session_state.setdefault(key, state.get(name, default, state.number(0.0, most)))
    chosen = float(st.number_input(label, 0.0, most, step=default / 10 or 1.0, format="%.0f", key=key, width=190))
    state.put(name, chosen, default, state.digits)
    return chosen


def _bounds(look: Look, model: MarketModel, platform: str, wish: Wish) -> dict[str, Any]:
    """Ceilings, cuts and least presence, folded away."""
    found: dict[str, Any] = {}
    with st.expander(look.say("budget.presence"), key="budget_bounds"):
        with st.grid(3, min_column_width=180, gap="medium"):
            found["ceiling_cny"] = inputs.amount(
                look, "budget_ceiling", 0.01, 1.0, CEILING_CNY, 0.01, label=look.say("budget.ceiling")
            )
            if wish.use != "subsidy":
                most = inputs.amount(
                    look,
                    "budget_most",
                    5.0,
                    200.0,
                    MOST_OPENED * 100,
                    5.0,
                    label=look.say("budget.most_opened"),
                    pattern="%.0f%%",
                )
                found["most_opened"] = most / 100
                label = look.say("budget.life")
                found["life_months"] = inputs.amount(
                    look, "budget_life", 6.0, 120.0, LIFE_MONTHS, 6.0, label=label, pattern="%.0f"
                )
        key = f"budget_cuts.{look.lang}"
        st.session_state.setdefault(key, state.get("budget_cuts", 0.0, state.number(0, 1)) > 0)
        found["cuts"] = st.checkbox(look.say("budget.cuts"), key=key)
        state.put("budget_cuts", float(bool(found["cuts"])), 0.0, state.digits)
        found |= _presence(look, model, platform, wish)
    return found


def _presence(look: Look, model: MarketModel, platform: str, wish: Wish) -> dict[str, Any]:
    j = model.platforms.index(platform)
    tiers = [t for t in model.tiers if model.offered[j, model.span(t)].any() and (not wish.tiers or t in wish.tiers)]
    shares, stations = {}, {}
    with st.grid(3, min_column_width=180, gap="medium"):
        for tier in tiers:
            place, name = model.tiers.index(tier), look.term("tier", tier)
            label = look.say("budget.presence_share", tier=name)
            held = inputs.amount(look, f"budget_hold{place}", 0.0, 100.0, 0.0, 1.0, label=label, pattern="%.0f%%")
            shares[tier] = held / 100
        if wish.use != "subsidy":
            for tier in tiers:
                place, name = model.tiers.index(tier), look.term("tier", tier)
                label = look.say("budget.presence_stations", tier=name)
                stations[tier] = _typed(look, f"budget_has{place}", 0.0, 1e6, label=label)
    return {"least_share": shares, "least_stations": stations}


def _result(look: Look, found: Allocation, model: MarketModel, grade: Grade) -> None:
    retraced = retrace(found, model)
    whence.tell(model=look.say("pinned.budget"))
    left, right = st.columns([3, 2], gap="small")
    with left, st.container(border=True, height="stretch", gap="xsmall", key="card_budget"):
        layout.chart(look, views.allocation(found, look, grade=grade), "budget")
        st.markdown(views.shadow(found, look))
    with right, st.container(border=True, height="stretch", gap="xsmall", key="card_frontier"):
        top = max(found.budget_cny_per_month, MILLION)
        floor = least_budget(found.problem)
        budgets = sorted({*(2 * top * np.linspace(0, 1, POINTS) ** 2).tolist(), floor, found.budget_cny_per_month})
        points = frontier(found.problem, [b for b in budgets if b >= min(floor, found.budget_cny_per_month)])
        layout.chart(look, views.curve(found, points, look, grade=grade), "frontier")
    if caution := views.extrapolated(found, model.observed_range, look):
        st.warning(caution, icon=":material/warning:")
    said = views.trust(found, retraced, look)
    whole = [views.shadow(found, look), *said]
    with answers.pinnable(look, "budget_trust", look.say("pinned.trust_budget"), whole, grade):
        st.markdown("\n".join(f"- {sentence}" for sentence in said))
    layout.table_card(
        look,
        views.retraced_table(retraced, look),
        title=look.say("budget.retrace_heading"),
        caption=look.say("budget.retrace_caption"),
        grade=grade,
        key="budget_retraced",
    )
