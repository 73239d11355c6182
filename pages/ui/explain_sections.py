"""Why the result is what it is: what each lever contributes, what it hangs on, where it turns, and how rivals play."""

from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st

from analysis.economics.assumptions import values as assumed
from analysis.rivalry import Equilibrium, Game, equilibria, path
from analysis.scenario import Lever, Projection, Scenario
from analysis.scenario import attribution as split
from analysis.scenario import tipping as turning
from analysis.scenario import tornado as hanging
from analysis.scenario.answers import game_of
from analysis.views import rivalry as pictures
from analysis.views import tipping, tornado, waterfall
from analysis.views.look import Look
from data.grade import Grade, weakest
from data.platforms import OUTSIDE
from pages.ui import budget_sections, inputs, layout, scenario_state, scenarios, told
from pages.ui.scenarios import Base

MEASURES = ("share", "parcels", "cost", "profit", "total_profit", "station_income")
DRAWN = ("share", "parcels", "cost", "profit", "total_profit")
"""Measures with intervals."""
WARS = ("rivals", "all")
"""Who answers: all but the networks with a lever, or everyone."""
MARGINS = ("implied", "assumed")
"""What a parcel earns a network before subsidies: what makes today's subsidies best answers, or the assumption."""
MARGIN = "margin_cny_per_parcel"
ROUNDS = 12
"""Rounds of answers shown."""


def why(look: Look, base: Base, found: Projection, platform: str, tier: str) -> None:
    """Waterfall, tornado, tipping points, and uncertainty by its source."""
    if not found.scenario.levers:
        st.info(look.say("plan.nothing_to_explain"), icon=":material/info:")
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="why_controls"):
        measure = inputs.one(
            look, "judge", MEASURES, label=lambda m: look.say(f"plan.judge_{m}"), collapsed=True, width=260
        )
        order = inputs.switch(look, "order", split.ORDERS, label=lambda o: look.say(f"plan.order_{o}"))
    left, right = st.columns(2, gap="small")
    with left:
        _parts(look, base, found.scenario, platform, measure, tier, order)
        if measure in DRAWN:
            _sources(look, base, found.scenario, platform, measure, tier)
    with right:
        _hangs(look, base, found.scenario, platform, measure, tier)
    _turns(look, base, found.scenario, platform, tier)


def _parts(look: Look, base: Base, plan: Scenario, platform: str, measure: str, tier: str, order: str) -> None:
    find = partial(split.attribute, plan, base.model, platform=platform, measure=measure, tier=tier, order=order)
    parts = scenarios.explained(base, plan, ("parts", platform, measure, tier, order), find)
    layout.card(look, waterfall.waterfall(parts, plan, look, caption="", grade=base.grade), "waterfall")


def _hangs(look: Look, base: Base, plan: Scenario, platform: str, measure: str, tier: str) -> None:
    find = partial(hanging.tornado, plan, base.model, platform=platform, measure=measure, tier=tier)
    frame = scenarios.explained(base, plan, ("tornado", platform, measure, tier), find)
    view = tornado.tornado(frame, look, platform=platform, measure=measure, caption="", grade=base.grade)
    layout.card(look, view, "tornado")


def _sources(look: Look, base: Base, plan: Scenario, platform: str, measure: str, tier: str) -> None:
    find = partial(hanging.uncertainty, plan, base.model, platform=platform, measure=measure, tier=tier)
    frame = scenarios.explained(base, plan, ("uncertainty", platform, measure, tier), find)
    view = tornado.uncertainty(frame, look, platform=platform, measure=measure, caption="", grade=base.grade)
    layout.card(look, view, "uncertainty")


def _turns(look: Look, base: Base, plan: Scenario, platform: str, tier: str) -> None:
    """Smallest change of one input that turns the profit of the whole plan."""
    find = partial(turning.tipping, plan, base.model, platform=platform, tier=tier)
    found = scenarios.explained(base, plan, ("tipping", platform, tier), find)
    tips = tipping.tips(found, look, measure="total_profit", grade=base.grade)
    layout.table_card(
        look, tips.table, title=tips.title, caption=look.say("plan.tips_caption"), grade=tips.grade, key="tipping"
    )


def rivals(look: Look, base: Base, found: Projection, platform: str) -> None:
    """Where the war comes to rest when rivals answer the plan, what each answer rests on, and who gains."""
    said = {"name": look.name(platform), "margin": f"{assumed(dict(found.scenario.assumptions))[MARGIN]:g}"}
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="war_controls"):
        who = inputs.switch(look, "war", WARS, label=lambda w: look.say(f"plan.war_{w}", **said))
        rests = inputs.switch(look, "rests", MARGINS, label=lambda m: look.say(f"plan.war_margin_{m}", **said))
    still = look.say("plan.war_why_still") if rests == "implied" else ""
    st.caption(look.say("explain.then", first=still, second=look.say("rivalry.unlike_path")).strip())
    find = partial(_war, found, platform, who, rests)
    game, ends = scenarios.explained(base, found.scenario, ("war", who, platform, rests), find)
    told.table(look, look.say("pinned.war"), told.assumed(look, found.scenario))
    rounds = path(game, steps=ROUNDS, sequential=True)
    end = pictures.shown(ends, rounds)
    month = look.month(found.months[-1])
    caption = look.say(f"plan.war_{who}_caption", month=month, **said)
    caption = look.say(f"plan.war_on_{rests}", caption=caption, **said)
    caption = pictures.several(ends, rounds, look, caption=caption)
    left, right = st.columns([3, 2], gap="small")
    grade = weakest(base.grade, Grade.ASSUMED)
    answers = grade if rests == "assumed" else base.grade
    with left:
        layout.card(look, pictures.war(end, game, look, caption=caption, grade=answers), "war")
    with right:
        layout.card(look, pictures.path(rounds, game, look, caption=look.say("plan.rounds"), grade=answers), "rounds")
    left, right = st.columns([3, 2], gap="small")
    with left:
        margins = game_of(base.model)
        caption = look.say("plan.margins_caption", month=look.month(found.months[0]))
        layout.card(look, pictures.margins(margins, look, caption=caption, grade=grade), "margins")
    with right:
        caption = look.say("plan.gains_caption", month=month)
        layout.card(look, pictures.prisoners(end, game, look, caption=caption, grade=grade), "gains")


def _war(found: Projection, platform: str, who: str, rests: str) -> tuple[Game, tuple[Equilibrium, ...]]:
    """The last month of the plan as a game, and where it can come to rest."""
    model, path_, margin = found.model, found.point, game_of(found.model).margin
    if rests == "assumed":
        margin = np.full_like(margin, assumed(dict(found.scenario.assumptions))[MARGIN])
    growth = float(path_.growth[-1])
    captive = model.captive * growth
    for row, cells in path_.found.routed.items():
        captive[row] += cells[-1] * growth
    levered = {lever.platform for lever in found.scenario.levers} | {platform}
    still = {OUTSIDE} | (levered if who == "rivals" else set())
    game = game_of(
        model,
        path_.parcels[:, -1],
        np.stack([path_.paid_by(row)[-1] for row in range(len(model.platforms))]),
        captive,
        margin=margin,
        plays=np.array([name not in still for name in model.platforms]),
    )
    return game, equilibria(game)


def budget(look: Look, base: Base, found: Projection, platform: str) -> None:
    """Best use of a budget; its levers can take the place of those of the same kind in the plan."""
    plan = found.scenario
    levers = budget_sections.budget(
        look,
        base.model,
        platform,
        dict(plan.assumptions),
        base.grade,
        planned=lambda given: scenarios.point(base, _with(plan, given)),
    )
    if levers is not None:
        scenario_state.put(_with(scenario_state.plan(), levers))
        st.rerun()


def _with(plan: Scenario, levers: tuple[Lever, ...]) -> Scenario:
    """The plan with these levers in place of those of the same networks and kinds."""
    new = {(lever.platform, lever.kind) for lever in levers}
    kept = tuple(lever for lever in plan.levers if (lever.platform, lever.kind) not in new)
    return replace(plan, levers=(*kept, *levers))
