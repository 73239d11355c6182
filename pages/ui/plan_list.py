"""What is in the plan, line by line, each with a button that takes it out; and the one way to change a plan by hand."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from analysis.rivalry.rules import Rule
from analysis.scenario import KINDS, Lever, Scenario
from analysis.scenario.files import ScenarioFileError, from_link
from analysis.scenario.presets import last_growth
from analysis.views import compare as words
from analysis.views.look import Look, View
from pages.ui import layout, pins, quiet, scenario_state
from pages.ui.scenarios import Base

SHOWN = 4
"""Lines of the plan in sight; more are folded away."""
MANY = 3
"""Lines of one network and kind from which on they are one line, opened on demand."""
PINNED = 60
"""Levers of a plan that a pin of it lists."""
_SEEN = "scenario.levers_seen"


def change(wanted: Scenario) -> None:
    """Put the plan in the place of this one; the sliders stay where they are."""
    scenario_state.put(wanted)
    st.session_state[_SEEN] = wanted.levers


def changed_elsewhere() -> bool:
    """Whether the levers came from elsewhere since the last call: a preset, a saved plan, a file, a budget, a link."""
    before, now = st.session_state.get(_SEEN), scenario_state.plan().levers
    st.session_state[_SEEN] = now
    return bool(now) and now != before


def reread(look: Look) -> None:
    """Open the plan of the address where it is another than the session's: the reader went back in the browser."""
    asked = st.query_params.get(scenario_state.ENTRY)
    if not asked or _SEEN not in st.session_state or asked == scenario_state.link(scenario_state.plan()):
        return
    try:
        found = from_link(asked)[0]
    except ScenarioFileError:
        return
    scenario_state.opened(found, look.lang, saved=st.query_params.get(scenario_state.SAVED))


def keeping(now: Scenario) -> set[str]:
    """Networks whose subsidies the plan sets: they keep to it and answer nobody."""
    return {lever.platform for lever in now.levers if lever.kind == "subsidy" and lever.change}


def listing(look: Look, base: Base) -> None:
    """What is in the plan: levers and answers in words, each with a button that takes it out."""
    now = scenario_state.plan()
    with st.container(gap="xxsmall", key="in_plan"):
        said = settings(look, base, now)
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**{look.say('plan.in_plan')}**", width="stretch")
            _pin(look, base, now, said)
        rows = [*_lever_rows(look, now), *_rule_rows(look, now)]
        if not now.levers:
            st.caption(look.say("plan.empty"))
        for row in rows[:SHOWN]:
            row()
        if len(rows) > SHOWN:
            with st.expander(look.say("plan.more", n=len(rows) - SHOWN), key="plan_more"):
                for row in rows[SHOWN:]:
                    row()
        st.caption(said)


def _pin(look: Look, base: Base, now: Scenario, said: str) -> None:
    """The pin of what is in the plan, as a table."""
    lines = [words.describe(lever, look) for lever in now.levers[:PINNED]]
    lines += [words.describe_rule(name, rule, look) for name, rule in now.rules]
    rest = len(now.levers) - PINNED
    lines += [look.say("market.more", n=rest)] if rest > 0 else []
    table = pd.DataFrame({look.say("pinned.plan_line"): lines})
    title = look.say("pinned.plan_title", name=now.name or look.say("plan.unnamed"))
    pins.offer(look, View({}, table, title, said, title, base.grade), "in_plan")


def settings(look: Look, base: Base, now: Scenario) -> str:
    """Horizon and growth; that rivals hold still where nothing else is said; how many assumptions were changed."""
    last = now.growth_per_year == last_growth(base.model) != 0
    said = look.say(
        "plan.horizon_last" if last else "plan.horizon_now", months=now.months, growth=f"{now.growth_per_year * 100:g}"
    )
    answering = set(now.rule_of) - keeping(now)
    parts = [look.say("plan.others_still" if answering else "plan.rivals_still")]
    parts += [look.say("plan.assumed_n", n=len(now.assumptions))] if now.assumptions else []
    for part in parts:
        said = look.say("view.sentences", first=said, second=part)
    return said


def _lever_rows(look: Look, now: Scenario) -> Iterator[Callable[[], None]]:
    """One line a family of levers; one for all of a network and kind where there are many."""
    found: dict[tuple[str, str, str], list[int]] = {}
    families = scenario_state.families(now)
    for number, places in enumerate(families):
        lever = now.levers[places[0]]
        found.setdefault((lever.platform, lever.kind, lever.courier), []).append(number)
    for numbers in found.values():
        rows = [partial(_family, look, now, number, families[number]) for number in numbers]
        if len(rows) < MANY:
            yield from rows
        else:
            yield partial(_folded, look, now, [i for number in numbers for i in families[number]], rows)


def _family(look: Look, now: Scenario, number: int, places: Sequence[int]) -> None:
    tiers = [look.term("tier", tier) for i in places if (tier := now.levers[i].tier)]
    said = words.describe(replace(now.levers[places[0]], tier=look.join(tiers) or None), look)
    _row(look, f"lever{number}", said, partial(scenario_state.without, places=places))


def _folded(look: Look, now: Scenario, places: Sequence[int], rows: Sequence[Callable[[], None]]) -> None:
    """All levers of a network and kind in one line, and each of them on demand."""
    key = f"levers{places[0]}"
    _row(look, key, together(look, [now.levers[i] for i in places]), partial(scenario_state.without, places=places))
    label = look.say("plan.each", n=len(rows))
    with st.popover(label, type="tertiary", key=f"each_{key}", on_change="rerun") as fold:
        if quiet.unfolded(f"each_{key}", fold.open):
            for row in rows:
                row()


def together(look: Look, levers: Sequence[Lever]) -> str:
    """Hive Box: +262,000 stations or lockers in all, everywhere in 14 steps, from month 1."""
    first = levers[0]
    places = list(dict.fromkeys(words.place(lever, look) or look.say("plan.at_all") for lever in levers))
    where = look.say("explain.in_place", place=look.few(places)) if len(places) > 1 else words.where(first, look)
    starts = len({lever.start_month for lever in levers})
    where += look.say("plan.in_steps", n=starts) if starts > 1 else ""
    return look.say(
        "plan.together_sum" if first.kind == "stations" else "plan.together",
        name=look.name(first.platform),
        lever=look.term("lever", first.kind),
        size=_size(look, levers),
        where=where,
        start=min(lever.start_month for lever in levers),
    )


def _size(look: Look, levers: Sequence[Lever]) -> str:
    """The sum of stations; the smallest and largest of anything else."""
    kind, sizes = levers[0].kind, [lever.change for lever in levers]
    if kind == "stations":
        return signed(look, kind, sum(sizes))
    least, most = (signed(look, kind, size) for size in (min(sizes), max(sizes)))
    return least if least == most else look.say("plan.from_to", low=least, high=most)


def signed(look: Look, kind: str, size: float) -> str:
    """+0.12 CNY per parcel, +18,714 stations or lockers, or +10 %."""
    unit = KINDS[kind].unit
    number = f"{round(size * (100 if unit == 'fraction' else 1), 6):+,.9g}".replace("-", "−")
    if kind == "stations":
        return look.say("explain.does_stations", change=number)
    return look.say("plan.size", n=number, unit="%" if unit == "fraction" else look.say(f"unit.{unit}"))


def _rule_rows(look: Look, now: Scenario) -> Iterator[Callable[[], None]]:
    for name, rule in now.rule_of.items():
        edit = partial(scenario_state.with_rule, platform=name, rule=Rule())
        kept = look.say("plan.keeps_of", name=look.name(name)) if name in keeping(now) else ""
        yield partial(_row, look, f"rule_{name}", kept or words.describe_rule(name, rule, look), edit)


def _row(look: Look, key: str, said: str, edit: Callable[[Scenario], Scenario]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False, key=f"row_{key}"):
        st.markdown(layout.plain(said), width="stretch")
        st.button(look.say("plan.remove"), type="tertiary", key=f"remove_{key}", on_click=_edited, args=(edit,))


def _edited(edit: Callable[[Scenario], Scenario]) -> None:
    change(edit(scenario_state.plan()))
