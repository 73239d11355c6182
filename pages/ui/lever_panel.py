"""Left half of the workbench: whose plan, which lever and where, the sliders, and what is in the plan.

Every widget shows the plan and writes to it in its callback, so that the plan is whole before anything is drawn.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st

from analysis.rivalry.rules import Rule
from analysis.scenario import KINDS, Lever, Scenario
from analysis.scenario.presets import last_growth
from analysis.views import compare as words
from analysis.views.look import Look
from data.cities import TIERS
from pages.ui import cached, inputs, layout, scenario_state, scenarios, state
from pages.ui.scenario_state import Place
from pages.ui.scenarios import Base

PLACES = ("tier", "region", "province", "city", "all")
NATURAL = {"forwarding": "province", "shared_delivery": "region"}
"""Where a kind of lever is set at first, when not by city tier."""
FORMATS = {"cny_per_parcel": "%+.2f", "fraction": "percent"}
"""How a slider shows its change, by unit; whole numbers otherwise."""
SLIDERS_IN_A_ROW = 2
SHOWN = 4
"""Lines of the plan in sight; more are folded away."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What the sliders are for: a network, a kind of lever, and the kind of place."""

    platform: str
    kind: str
    at: str
    courier: str = ""


def held(key: str, value: Hashable) -> str:
    """Key of a widget that shows `value`, whatever it showed before."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
    return key


def aim(look: Look, base: Base) -> Aim:
    """Whose plan is made, with which lever, and where."""
    who, which, where = st.columns([4, 6, 5], gap="xsmall")
    default = scenario_state.leader(base.players)
    with who:
        platform = inputs.one(look, "player", base.players, label=look.name, default=default, collapsed=True)
    with which:
        kind = inputs.one(look, "lever", tuple(KINDS), label=lambda k: look.term("lever", k), collapsed=True)
    with where:
        at = _pick(look, "at", kind, PLACES, lambda p: look.say(f"plan.at_{p}"), NATURAL.get(kind, PLACES[0]))
    return Aim(platform, kind, at, _courier(look) if kind == "cooperation" else "")


def _pick(
    look: Look, name: str, of: str, options: Sequence[str], label: Callable[[str], str], default: str | None = None
) -> str:
    """One of `options`; each `of` remembers its own."""
    entry, first = f"{name}_{of}", default or options[0]
    value = state.get(entry, first, state.one_of(options))
    key = f"{entry}.{look.lang}"
    st.session_state.setdefault(key, value if value in options else first)
    chosen = str(
        st.selectbox(look.say(f"input.{name}"), options, format_func=label, key=key, label_visibility="collapsed")
    )
    state.put(entry, chosen, first)
    return chosen


def _courier(look: Look) -> str:
    """The courier whose franchisees cooperate."""
    couriers = tuple(c for c in cached.courier_table("annual").columns if c != "rest")
    return _pick(look, "courier", "cooperation", couriers, lambda c: look.term("subject", c))


def sliders(look: Look, base: Base, what: Aim) -> None:
    """One slider for each tier, or one for the region, province or city chosen."""
    with st.container(gap="xsmall", key="lever_sliders"):
        places = tuple(_places(look, base, what))
        with st.grid(SLIDERS_IN_A_ROW if len(places) > 1 else 1, gap="small"):
            for slot, name, place in places:
                _slider(look, base, what, slot, name, place)
        help_text = look.say(f"lever_help.{what.kind}")
        starts = what.at in ("tier", "all") and bool(scenarios.in_force(base, what.platform, what.kind))
        st.caption(f"{help_text} {look.say('plan.now_then')}" if starts else help_text)


def _places(look: Look, base: Base, what: Aim) -> Iterator[tuple[str, str, Place]]:
    """Slot, name and place of every slider."""
    if what.at == "tier":
        for tier in base.model.tiers:
            yield f"t{TIERS.index(tier) + 1}", look.term("tier", tier), Place(tier=tier, courier=what.courier)
        return
    if what.at == "all":
        yield "all", look.say("plan.at_all"), Place(courier=what.courier)
        return
    options, names = scenarios.places(base, what.at), cached.place_names(what.at, look)
    chosen = _pick(look, "area", what.at, options, lambda c: names.get(c) or look.term(what.at, c))
    where = {
        "region": Place(region=chosen, courier=what.courier),
        "province": Place(province=chosen, courier=what.courier),
        "city": Place(cities=(chosen,), courier=what.courier),
    }
    yield f"{what.at}{options.index(chosen)}", names.get(chosen) or look.term(what.at, chosen), where[what.at]


def _label(look: Look, base: Base, what: Aim, name: str, place: Place) -> str:
    """Tier 3 · 0.070 → 0.120: what is in force now, and in the plan."""
    now = scenarios.in_force(base, what.platform, what.kind)
    value = now.get(place.tier or "") if what.at in ("tier", "all") else None
    if value is None:
        return name
    change = scenario_state.change_at(scenario_state.plan(), what.platform, what.kind, place)
    then = max(value + change, 0.0)
    shown = [f"{v:.2f}" if what.kind == "subsidy" else look.count(v) for v in (value, then)]
    return f"{name} · {shown[0]} → **{shown[1]}**" if change else f"{name} · {shown[0]}"


def _slider(look: Look, base: Base, what: Aim, slot: str, name: str, place: Place) -> None:
    kind = KINDS[what.kind]
    value = scenario_state.change_at(scenario_state.plan(), what.platform, what.kind, place)
    key = f"lever.{what.platform}.{what.kind}.{slot}" + (f".{what.courier}" if what.courier else "")
    whole = kind.step >= 1
    number: Callable[[float], Any] = (lambda v: round(v)) if whole else (lambda v: round(v, 6))
    st.slider(
        _label(look, base, what, name, place),
        min(number(kind.low), number(value)),
        max(number(kind.high), number(value)),
        step=number(kind.step),
        format=FORMATS.get(kind.unit, "%+,d"),
        key=held(key, number(value)),
        on_change=_pulled,
        args=(key, what, place),
    )


def _pulled(key: str, what: Aim, place: Place) -> None:
    """A slider was moved: the plan gets its lever, at the time of those of its network and kind."""
    now = scenario_state.plan()
    when = scenario_state.timing(now, what.platform, what.kind)
    lever = Lever(
        what.platform,
        round(float(st.session_state[key]), 6),
        place.tier,
        kind=what.kind,
        region=place.region,
        province=place.province,
        cities=place.cities,
        courier=place.courier,
        start_month=when.start_month,
        ramp_months=when.ramp_months,
        end_month=when.end_month,
    )
    scenario_state.put(scenario_state.with_change(now, lever))


def listing(look: Look, base: Base) -> None:
    """What is in the plan: levers and answers in words, each with a button that takes it out."""
    now = scenario_state.plan()
    with st.container(gap="xxsmall", key="in_plan"):
        st.markdown(f"**{look.say('plan.in_plan')}**")
        rows = [*_lever_rows(look, now), *_rule_rows(look, now)]
        if not now.levers:
            st.caption(look.say("plan.empty"))
        for row in rows[:SHOWN]:
            _row(look, *row)
        if len(rows) > SHOWN:
            with st.expander(look.say("plan.more", n=len(rows) - SHOWN), key="plan_more"):
                for row in rows[SHOWN:]:
                    _row(look, *row)
        st.caption(settings(look, base, now))


def settings(look: Look, base: Base, now: Scenario) -> str:
    """Horizon and growth; that rivals hold still where nothing else is said; how many assumptions were changed."""
    last = now.growth_per_year == last_growth(base.model) != 0
    said = look.say(
        "plan.horizon_last" if last else "plan.horizon_now", months=now.months, growth=f"{now.growth_per_year * 100:g}"
    )
    parts = [look.say("plan.rivals_still")] if not now.rule_of else [look.say("plan.others_still")]
    parts += [look.say("plan.assumed_n", n=len(now.assumptions))] if now.assumptions else []
    for part in parts:
        said = look.say("view.sentences", first=said, second=part)
    return said


def _lever_rows(look: Look, now: Scenario) -> Iterator[tuple[str, str, Callable[[Scenario], Scenario]]]:
    for number, places in enumerate(scenario_state.families(now)):
        tiers = [look.term("tier", tier) for i in places if (tier := now.levers[i].tier)]
        said = words.describe(replace(now.levers[places[0]], tier=look.join(tiers) or None), look)
        yield f"lever{number}", said, partial(scenario_state.without, places=places)


def _rule_rows(look: Look, now: Scenario) -> Iterator[tuple[str, str, Callable[[Scenario], Scenario]]]:
    for name, rule in now.rule_of.items():
        edit = partial(scenario_state.with_rule, platform=name, rule=Rule())
        yield f"rule_{name}", words.describe_rule(name, rule, look), edit


def _row(look: Look, key: str, said: str, edit: Callable[[Scenario], Scenario]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False, key=f"row_{key}"):
        st.markdown(layout.plain(said), width="stretch")
        st.button(look.say("plan.remove"), type="tertiary", key=f"remove_{key}", on_click=_edited, args=(edit,))


def _edited(edit: Callable[[Scenario], Scenario]) -> None:
    scenario_state.put(edit(scenario_state.plan()))
