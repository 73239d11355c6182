"""Plans side by side, and the plans that are kept: versions, branches, names, archive, and what new data move."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from analysis.scenario import Projection, Scenario
from analysis.scenario import compare as beside
from analysis.scenario.files import ScenarioFileError, from_json
from analysis.scenario.plan import fitting
from analysis.scenario.presets import PRESETS
from analysis.views import compare as views
from analysis.views import keeping
from analysis.views.look import Look, View
from data.grade import Grade
from data.workspace import Saved, WorkspaceError
from pages.ui import inputs, layout, markets, people, people_share, plan_bar, scenario_state, scenarios, state
from pages.ui.plan_bar import PRESET, SAVED
from pages.ui.scenarios import Base

MEASURES = ("share", "parcels", "cost", "profit", "total_profit", "station_income")
MOST = 3
"""Scenarios beside the one that is open."""


def compare(look: Look, base: Base, found: Projection, platform: str, tier: str) -> None:
    """Up to four scenarios: measures with intervals, and the inputs in which they differ."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="compare_controls"):
        others = _others(look, base)
        measure = inputs.one(
            look, "judge", MEASURES, label=lambda m: look.say(f"plan.judge_{m}"), collapsed=True, width=240
        )
    mine = replace(found.scenario, name=found.scenario.name or look.say("plan.this_plan"))
    every = [scenarios.drawn(base, fitting(one, base.model)[0]) for one in (mine, *others)]
    view = views.bars(every, look, platform=platform, caption="", grade=base.grade, measure=measure, tier=tier)
    layout.card(look, view, "compare")
    least = min(one.scenario.months for one in every)
    level = [scenarios.drawn(base, replace(one.scenario, months=least)) for one in every]
    table = views.table(beside.compare(level, platform=platform, tier=tier), look)
    title = look.say("plan.measures_of", name=look.name(platform))
    caption = look.say("plan.measures_caption", month=look.month(level[0].months[-1]))
    layout.table_card(look, table, title=title, caption=caption, grade=base.grade, key="measures")
    title, differ = views.inputs(beside.differences([one.scenario for one in every]), look)
    caption = look.say("plan.inputs_caption")
    layout.table_card(look, differ, title=title, caption=caption, grade=base.grade, key="inputs")


def _others(look: Look, base: Base) -> list[Scenario]:
    """Presets and saved plans chosen to stand beside this one."""
    names = {f"{PRESET}{key}": look.say(f"preset.{key}") for key in PRESETS}
    names |= {f"{SAVED}{one.id}": one.name for one in scenarios.kept(base)}
    preset = scenario_state.plan().preset
    default = [f"{PRESET}{preset if preset in PRESETS else next(iter(PRESETS))}"]
    value = [key for key in state.get("beside", default, state.some_of(list(names))) if key in names]
    key = f"beside.{look.lang}"
    st.session_state.setdefault(key, value)
    chosen = st.multiselect(
        look.say("input.beside"),
        list(names),
        format_func=names.__getitem__,
        key=key,
        max_selections=MOST,
        placeholder=look.say("plan.beside_hint"),
        label_visibility="collapsed",
        width=640,
    )
    state.put("beside", list(chosen), default, state.joined)
    return [found for key in chosen if (found := _opened(look, base, key)) is not None]


def _opened(look: Look, base: Base, key: str) -> Scenario | None:
    if key.startswith(PRESET):
        return scenarios.told(base, key.removeprefix(PRESET), look).scenario
    return plan_bar.saved_plan(key.removeprefix(SAVED))


def saved(look: Look, base: Base, platform: str) -> None:
    """List of kept plans; versions, branch, name and archive of the one chosen."""
    private = "kept_yours" if markets.lasting(base.market) else "kept_private"
    mine = base.private or people_share.on()
    st.caption(look.say(f"plan.{private}" if mine else "plan.kept_by_all"))
    archived = st.toggle(look.say("plan.show_archived"), key="show_archived")
    rows = scenarios.kept(base, archived=archived)
    if not rows:
        st.info(look.say("plan.none_archived" if archived else "plan.none_saved"), icon=":material/info:")
        return
    names = {
        one.id: look.say("plan.saved_row", name=layout.plain(one.name), version=one.version, when=_when(one))
        for one in rows
    }
    left, right = st.columns([2, 3], gap="small")
    with left, st.container(border=True, gap="small", height="stretch", key="card_saved"):
        st.header(look.say("plan.saved_n", n=len(rows)), anchor=False)
        chosen = st.radio(look.say("plan.saved_list"), list(names), format_func=names.__getitem__, key="saved_one")
        one = next((row for row in rows if row.id == chosen), rows[0])
        _actions(look, base, one)
    with right:
        _versions(look, one, base.grade)
    _moved(look, base, rows, platform)


def _when(one: Saved) -> str:
    return f"{one.saved_at:%Y-%m-%d %H:%M} UTC"


def _actions(look: Look, base: Base, one: Saved) -> None:
    name = st.text_input(look.say("plan.new_name"), one.name, key=f"new_name.{one.id}.{one.version}", max_chars=120)
    with st.container(horizontal=True, gap="xsmall"):
        _button(look, "open", base, one, name)
        if not people.may("save"):
            return
        _button(look, "branch", base, one, name)
        _button(look, "rename", base, one, name)
        _button(look, "restore" if one.archived else "archive", base, one, name)
        with st.popover(look.say("plan.delete"), key="delete_box"):
            st.write(look.say("plan.delete_what", name=layout.plain(one.name)))
            _button(look, "delete", base, one, name)
        if people_share.on() and one.owner == scenarios.owner(base):
            with st.popover(look.say("people.share"), icon=":material/share:", key="share_saved"):
                people_share.box(look, scenarios.shelf(), one.id, who=one.owner)


def _button(look: Look, does: str, base: Base, one: Saved, name: str) -> None:
    if st.button(look.say(f"plan.do_{does}"), key=f"do_{does}"):
        _do(look, does, base, one, name)
        st.rerun()


def _do(look: Look, does: str, base: Base, one: Saved, name: str) -> None:
    """One action on a kept plan; what fails is said."""
    shelf, owner = scenarios.shelf(), scenarios.owner(base)
    try:
        if does == "open":
            _open_version(look, one)
        elif does == "branch":
            copy = name if name != one.name else look.say("plan.copy_of", name=one.name)
            shelf.branch(one.id, owner=owner, name=copy[:120])
        elif does == "rename":
            shelf.rename(one.id, name, owner=owner)
        elif does == "archive":
            shelf.archive(one.id, owner=owner)
        elif does == "delete":
            shelf.delete(one.id, owner=owner)
            _forget(one.id)
        else:
            shelf.restore(one.id, owner=owner)
    except WorkspaceError as error:
        plan_bar.notice("warning", plan_bar.why(look, error))


def _forget(id: str) -> None:
    """The plan that is open stays on the page; its address no longer names what was deleted."""
    if st.query_params.get(scenario_state.SAVED) == id:
        del st.query_params[scenario_state.SAVED]


def _open_version(look: Look, one: Saved) -> None:
    try:
        plan = scenarios.plan_of(one)
    except ScenarioFileError as error:
        plan_bar.notice("warning", plan_bar.why(look, error))
        return
    scenario_state.opened(plan, look.lang, saved=one.id)


def _versions(look: Look, one: Saved, grade: Grade) -> None:
    """Every version of a plan: when, on which data, and what is in it."""
    rows = scenarios.versions(one)
    table = pd.DataFrame(
        {
            look.say("plan.column_kept"): [row.version for row in rows],
            look.say("plan.column_when"): [_when(row) for row in rows],
            look.say("plan.column_data"): [row.data_version for row in rows],
            look.say("plan.column_levers"): [_levers(row, look) for row in rows],
        }
    )
    title = look.say("plan.versions_n" if len(rows) > 1 else "plan.versions_1", name=one.name, n=len(rows))
    caption = look.say("plan.versions_caption", id=one.id)
    if one.branched_from:
        caption = look.say("view.sentences", first=caption, second=look.say("plan.branched", id=one.branched_from))
    with st.container(border=True, gap="xsmall", height="stretch", key="card_versions"):
        layout.heading(look, View({}, table, title, caption, title, grade), "versions")
        st.dataframe(table, hide_index=True, key="versions", alt=title, height="content")
        number = st.selectbox(look.say("plan.which_version"), [row.version for row in reversed(rows)], key="version")
        if st.button(look.say("plan.open_version"), key="open_version"):
            _open_version(look, next(row for row in rows if row.version == number))
            st.rerun()


def _levers(row: Saved, look: Look) -> str:
    try:
        plan = from_json(row.document)
    except ScenarioFileError as error:
        return plan_bar.why(look, error)
    return "; ".join(views.describe(lever, look) for lever in plan.levers)


def _moved(look: Look, base: Base, rows: tuple[Saved, ...], platform: str) -> None:
    """Every kept plan on today's data: what its result was, what moved it, what it is now."""
    measure = inputs.one(
        look, "judge", MEASURES, label=lambda m: look.say(f"plan.judge_{m}"), collapsed=True, width=240
    )
    found, wrong = {}, []
    names = beside.labels([row.name for row in rows])
    for name, row in zip(names, rows, strict=True):
        try:
            found[name] = scenarios.moved(base, row, measure, platform)
        except (ScenarioFileError, WorkspaceError) as error:
            wrong.append(look.say("plan.not_rerun", name=layout.plain(name), why=plan_bar.why(look, error)))
    for text in wrong:
        st.warning(text, icon=":material/warning:")
    if found:
        title, table = keeping.moved(found, look)
        caption = look.say("plan.moved_caption", measure=look.say(f"plan.judge_{measure}"), month=base.data_version)
        layout.table_card(look, table, title=title, caption=caption, grade=base.grade, key="moved")
