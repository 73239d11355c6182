"""The bar over the workbench: open, name, save, link and files; and what must be said about the plan that is open."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from analysis.scenario import Scenario
from analysis.scenario.absent import absent
from analysis.scenario.files import ScenarioFileError, from_json, to_json
from analysis.scenario.presets import ASSUMED, PRESETS, Told, figures
from analysis.views import area_map, projection
from analysis.views import compare as words
from analysis.views.look import Look
from data.platforms import carry
from data.untrusted import uncalculated
from data.workspace import WorkspaceError
from pages.ui import area, cached, layout, lever_panel, markets, people, scenario_state, scenarios
from pages.ui.lever_panel import held
from pages.ui.scenarios import Base

PRESET, SAVED = "preset.", "saved."
_BOUNDS = {"upper": "plan.up_to", "lower": "plan.at_least"}
_FILE_PROBLEM, _NOTICE, _LOST, _WITH_MARKET = "scenario.file_problem", "scenario.notice", "scenario.lost", "keep_market"


def bar(look: Look, base: Base) -> None:
    """Open, name, save, take away, start over."""
    _open(look, base)
    name = scenario_state.plan().name
    st.text_input(
        look.say("plan.name"),
        key=held("plan.name", name),
        placeholder=look.say("plan.unnamed"),
        max_chars=120,
        on_change=_named,
        label_visibility="collapsed",
        width=190,
    )
    _save_button(look, base)
    with st.popover(look.say("plan.share"), icon=":material/ios_share:", key="share_plan", on_change="rerun") as opened:
        if opened.open:
            _share(look, base)
    st.button(look.say("plan.start_over"), type="tertiary", key="start_over", on_click=_start_over, args=(look, base))


def area_line(look: Look, base: Base, what: lever_panel.Aim) -> None:
    """What the area chosen does on this page, and the way to its levers; nothing without an area in this market."""
    cities = area.chosen()
    if not set(cities) & set(base.model.cities):
        return
    here, said = what.at == "area", layout.plain(area_map.said(cities, look))
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="area_line"):
        if not here:
            label, icon, to = look.say("plan.area_here"), ":material/tune:", (f"at_{what.kind}", "area")
            st.button(label, icon=icon, key="area_levers", on_click=area.turn, args=to)
        st.caption(look.say("plan.area_now" if here else "plan.area_line", area=said), width="stretch")


def _open(look: Look, base: Base) -> None:
    """Presets and saved plans in one list; what is chosen is opened, and the list is ready for the next."""
    saved = scenarios.kept(base)
    names = {f"{PRESET}{key}": look.say("plan.open_preset", name=look.say(f"preset.{key}")) for key in PRESETS}
    names |= {f"{SAVED}{one.id}": look.say("plan.open_saved", name=one.name) for one in saved}
    st.selectbox(
        look.say("plan.open"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=look.say("plan.open_hint"),
        key="open_plan",
        on_change=_opened,
        args=(look, base),
        label_visibility="collapsed",
        width=240,
    )


def _opened(look: Look, base: Base) -> None:
    chosen = st.session_state["open_plan"]
    st.session_state["open_plan"] = None
    if chosen and chosen.startswith(PRESET):
        key = chosen.removeprefix(PRESET)
        scenario_state.opened(scenarios.told(base, key, look).scenario, look.lang)
    elif chosen:
        found = saved_plan(chosen.removeprefix(SAVED))
        if found is not None:
            scenario_state.opened(found, look.lang, saved=chosen.removeprefix(SAVED))


def saved_plan(id: str) -> Scenario | None:
    """The plan kept under an id; None when there is none, or none that can be read."""
    st.session_state.pop(_LOST, None)
    try:
        return scenarios.plan_of(scenarios.shelf().open(id))
    except WorkspaceError as error:
        st.session_state[_LOST] = error
    except ScenarioFileError:
        pass
    return None


def _named() -> None:
    scenario_state.put(replace(scenario_state.plan(), name=st.session_state["plan.name"].strip()))


def _start_over(look: Look, base: Base) -> None:
    scenario_state.opened(scenario_state.new(base), look.lang)


def _save_button(look: Look, base: Base) -> None:
    """Save; for an uploaded market behind what is kept, and the choice to keep its figures too."""
    if not people.may("save"):
        return
    label, icon = look.say("plan.save"), ":material/save:"
    if not base.private:
        st.button(label, icon=icon, key="save_plan", on_click=_save, args=(look, base))
        return
    with st.popover(label, icon=icon, key="save_box"):
        where = layout.plain(scenarios.shelf().where)
        st.caption(look.say("plan.keep_plan", path=where))
        st.checkbox(look.say("plan.keep_market", month=look.month(base.model.month)), key=_WITH_MARKET)
        what = "keep_market_too" if markets.lasting(base.market) else "keep_market_what"
        st.caption(look.say(f"plan.{what}", path=where))
        st.button(label, icon=icon, key="save_plan", on_click=_save, args=(look, base))


def _save(look: Look, base: Base) -> None:
    plan = scenario_state.plan()
    plan = replace(plan, name=plan.name or look.say("plan.unnamed"))
    opened, ticked = st.query_params.get(scenario_state.SAVED), bool(st.session_state.get(_WITH_MARKET))
    try:
        kept = scenarios.keep(base, plan, opened=opened, with_market=ticked)
    except WorkspaceError as error:
        notice("warning", look.say("plan.not_saved", why=why(look, error)))
        return
    scenario_state.put(replace(plan, name=kept.name, version=kept.version))
    st.query_params[scenario_state.SAVED] = kept.id
    told = look.say("plan.saved_as", name=layout.plain(kept.name), version=kept.version)
    if kept.name != " ".join(plan.name.split()):
        taken = look.say("plan.saved_beside", name=layout.plain(plan.name))
        told = look.say("view.sentences", first=told, second=taken)
    notice("check", told)


def notice(icon: str, text: str) -> None:
    """Something to say at the next drawing of the page."""
    st.session_state[_NOTICE] = (icon, text)


def _share(look: Look, base: Base) -> None:
    """Link, table of everything, plan as a file, and a file to open."""
    plan = scenario_state.plan()
    if scenario_state.link(plan) is None:
        st.caption(look.say("plan.no_link"))
    else:
        st.caption(look.say("plan.link_help"))
        address = f"{st.context.url}?{urlencode(st.query_params.to_dict(), safe='~')}"
        st.code(address, language=None, wrap_lines=True)
    stem = "posthouse-scenario"
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            look.say("plan.csv"),
            data=carry(lambda: _csv(look, base, plan)),
            file_name=f"{stem}.csv",
            mime="text/csv",
            key="plan_csv",
            on_click="ignore",
        )
        st.download_button(
            look.say("plan.file"),
            data=to_json(plan),
            file_name=f"{stem}.json",
            mime="application/json",
            key="plan_file",
            on_click="ignore",
        )
    st.file_uploader(
        look.say("plan.upload"), type=["json"], key="plan_upload", on_change=_uploaded, args=(look,), max_upload_size=1
    )


def _csv(look: Look, base: Base, plan: Scenario) -> bytes:
    """Everything projected, with grade, name of the plan, its link and the version of the data; Excel reads it."""
    table = projection.table(scenarios.drawn(base, plan), look)
    link = scenario_state.link(plan) or look.say("plan.no_link")
    said = {"name": plan.name or look.say("plan.unnamed"), "version": base.version, "plan": link}
    table = table.assign(**{look.say(f"plan.column_{key}"): uncalculated(value) for key, value in said.items()})
    return table.to_csv(index=False).encode("utf-8-sig")


def _uploaded(look: Look) -> None:
    file = st.session_state["plan_upload"]
    st.session_state.pop(_FILE_PROBLEM, None)
    if file is None:
        return
    try:
        scenario_state.opened(from_json(file.getvalue()), look.lang)
    except ScenarioFileError as error:
        st.session_state[_FILE_PROBLEM] = error


def absences(look: Look, base: Base) -> list[str]:
    """Levers of the plan that this market has no network or place for."""
    lost = [words.describe(lever, look) for lever in absent(scenario_state.plan(), base.model)]
    return [look.say("plan.absent", levers=look.few(lost))] if lost else []


def notices(look: Look, base: Base) -> None:
    """What went wrong with the link or a file, what was just saved, and the story of a preset."""
    for problem in scenario_state.problems():
        st.warning(look.say("plan.link_wrong", why=why(look, problem)), icon=":material/link_off:")
    if scenario_state.link(scenario_state.plan()) is None:
        st.warning(look.say("plan.no_link"), icon=":material/link_off:")
    if missing := scenario_state.missing():
        lost = st.session_state.get(_LOST)
        if lost is None or lost.code == "not_found":
            said = look.say("plan.missing", id=layout.plain(missing[:20]))
        else:
            said = why(look, lost)
        st.warning(said, icon=":material/link_off:")
    if refused := st.session_state.get(_FILE_PROBLEM):
        st.warning(look.say("plan.file_wrong", why=why(look, refused)), icon=":material/warning:")
    if told := st.session_state.pop(_NOTICE, None):
        st.toast(told[1], icon=f":material/{told[0]}:")
    if scenario_state.plan().preset in PRESETS:
        _story(look, base, scenario_state.plan().preset)


def why(look: Look, problem: ScenarioFileError | WorkspaceError) -> str:
    """What is wrong with a file, a link or a kept plan, and how to mend it."""
    kind = "error" if isinstance(problem, ScenarioFileError) else "workspace"
    return look.say(f"keep.{kind}_{problem.code}", **{key: layout.plain(v) for key, v in problem.values.items()})


def _story(look: Look, base: Base, key: str) -> None:
    """What a preset tells, and on request the figures it rests on and what is assumed."""
    told: Told = scenarios.told(base, key, look)
    with st.container(horizontal=True, gap="small", vertical_alignment="center", wrap=False, key="story"):
        with st.popover(look.say("plan.sources"), type="tertiary", icon=":material/menu_book:", key="story_more"):
            st.markdown(f"**{look.say('preset.assumed')}**")
            assumed = [look.say(text, **ASSUMED) for text in PRESETS[key].assumed]
            st.markdown("\n".join(f"- {layout.plain(line)}" for line in assumed))
            if told.left_out:
                st.markdown(f"**{look.say('preset.left')}**")
                st.markdown("\n".join(f"- {_left(look, *missing)}" for missing in told.left_out))
            st.markdown(f"**{look.say('preset.sources')}**")
            st.markdown("\n".join(f"- {_figure(row, look)}" for row in figures(PRESETS[key]).itertuples()))
        name = look.say(f"preset.{key}")
        st.caption(look.say("plan.source_line", name=name, story=look.say(f"preset.{key}_story")), width="stretch")


def _figure(row: Any, look: Look) -> str:
    """What a source prints, with its title, link and date."""
    ends = [f"{value:,.6g}" for value in (row.value_low, row.value_high) if value == value]
    ends = list(dict.fromkeys(ends))
    number = look.say(_BOUNDS[row.bound], n=ends[0]) if row.bound in _BOUNDS else "–".join(ends)
    said = look.pair(look.term("metric", row.metric), f"{number} {look.term('unit', row.unit)}")
    title = layout.plain(row.source_title)
    source = f"[{title}]({row.source_url})" if row.source_url else title
    return f"{layout.plain(said)} · {source} · {layout.plain(str(row.source_date))}"


def _left(look: Look, what: str, name: str) -> str:
    """One thing that the market lacks, in words."""
    shown = look.name(name) if what in ("network", "met") else look.term(what, name)
    names = cached.place_names(what, look) if what in ("city", "province") else {}
    return look.say(f"preset.left_{what}", name=names.get(name, shown))
