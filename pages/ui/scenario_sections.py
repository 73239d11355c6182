"""The workbench: levers on the left, figures and the main chart, and the result in full below."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from typing import Any

import streamlit as st

from analysis.scenario import Projection, Scenario
from analysis.scenario.plan import fitting
from analysis.views import projection as said
from analysis.views import area_map, scenario_map, scenario_money, scenario_path, scenario_tiers, station_effect
from analysis.views.base import CONFIG
from analysis.views.kpis import Kpi, row_view
from analysis.views.look import Look, View, percent
from data.grade import Grade
from pages.ui import (
    answers,
    area,
    charts,
    explain_sections,
    inputs,
    keep_sections,
    layout,
    lever_panel,
    pins,
    plan_bar,
    plan_folds,
    quiet,
    tables,
    told,
)
from pages.ui import plan_list, scenario_state, scenarios, turns
from pages.ui.lever_panel import Aim
from pages.ui.scenarios import Base

PICTURES = ("path", "networks", "tiers", "map", "money", "stations")
RESULT = "result"
PARTS = (RESULT, "why", "rivals", "compare", "budget", "saved")
ALL = "all"
HEAD_START = 0.02
"""Seconds in which the chart leaves for the browser before the rest is built."""
REST = 0.12
"""A slider that moves again within these seconds does not wait for the draws."""
STRIP = "display:grid;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:.6rem"
CELL = "border:1px solid light-dark(#dfe3ea,#2a3547);border-radius:8px;padding:.45rem .7rem"
SMALL = "font-size:.82rem;line-height:1.3;color:light-dark(#5f6775,#a9b1bd)"
MOOD = {True: "color:light-dark(#0f7a3d,#5cc98a)", False: "color:light-dark(#b3261e,#ff9aa9)"}
_LAST = "scenario.last"


@dataclass(slots=True)
class Chart:
    """The main chart on the page: drawn at once without intervals, and again with them."""

    title: Any = None
    caption: Any = None
    table: Any = None
    figure: Any = None
    shown: View | None = None

    def draw(self, look: Look, view: View, *, final: bool) -> None:
        """The first call makes the elements, the second changes those that differ."""
        if self.shown is None:
            self.title = st.header(layout.shown(view.title), anchor=False)
            with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
                layout.badge(look, view.grade)
                self.caption = st.caption(layout.shown(view.caption), width="stretch")
                self.table = st.container(horizontal=True, gap="small", wrap=False, width="content")
            self.figure = st.plotly_chart(charts.ready(view.figure), config=CONFIG, alt=view.alt, key="chart_point")
        elif view.figure != self.shown.figure or view.title != self.shown.title:
            self.title.header(layout.shown(view.title), anchor=False)
            self.caption.caption(layout.shown(view.caption), width="stretch")
            self.figure.plotly_chart(charts.ready(view.figure), config=CONFIG, alt=view.alt, key="chart_drawn")
        self.shown = view
        if final:
            with self.table:
                pins.offer(look, view, "outcome")
                tables.numbers(look, view, "outcome")


@dataclass(frozen=True, slots=True)
class _First:
    """What is worked out and placed before anything else."""

    plan: Scenario
    what: Aim
    point: Projection
    main: Chart
    picture: str
    tier: str
    figures: Any
    right: Any
    controls: Any


@dataclass(frozen=True, slots=True)
class _Beside:
    """What stands beside it."""

    kpis: Sequence[Kpi]
    strip: Any
    part: str
    below: Any


def workbench(look: Look, base: Base) -> None:
    """Levers, result and the part chosen; a fragment, so that a lever redraws these alone."""
    st.fragment(partial(_body, look, base), key="workbench")()


def _body(look: Look, base: Base) -> None:
    pins.pressed()
    with turns.GATE.turn(turns.BESIDE if quiet.catching() else turns.RESULT):
        first = _first(look, base)
    time.sleep(HEAD_START)
    with turns.GATE.turn(turns.BESIDE):
        beside = _beside(look, base, first)
    with first.controls:
        plan_list.listing(look, base)
    _rest(scenario_state.plan())
    drawn = scenarios.drawn(base, first.plan, point=first.point)
    with turns.GATE.turn(turns.BESIDE):
        _last(look, base, first, beside, drawn)
    if beside.part != RESULT:  # what may take long, or waits for the workspace
        with beside.below:
            _part(look, base, drawn, beside.part, first.what, first.tier)


def _first(look: Look, base: Base) -> _First:
    """The new result, before anything else."""
    line, figures = st.container(key="area_words"), st.container(key="figures")
    left, right = st.columns([2, 3], gap="small")
    with left, st.container(border=True, gap="small", height="stretch", key="levers"):
        what = lever_panel.aim(look, base)
        controls = st.container(gap="small", key="controls")
    with line:
        plan_bar.area_line(look, base, what)
    plan = fitting(scenario_state.plan(), base.model)[0]
    point, main = scenarios.point(base, plan), Chart()
    told.scenario(look, base, plan)
    with right, st.container(border=True, gap="xsmall", height="stretch", key="outcome"):
        picture, tier = _switches(look, base)
        area_said = area_map.said(area.chosen(), look) if area.chosen() else ""
        chosen = {
            "month": look.month(base.model.month),
            "player": look.name(what.platform),
            "of": said.where(look, tier),
        }
        told.chosen(look, chosen | {"area.word": area_said})
        main.draw(look, _view(point, look, picture, what.platform, tier), final=False)
    return _First(plan, what, point, main, picture, tier, figures, right, controls)


def _beside(look: Look, base: Base, first: _First) -> _Beside:
    """Headline figures, levers, cautions, and the switch of what stands below."""
    kpis = said.kpis(first.point, look, platform=first.what.platform, tier=first.tier)
    strip = _figures(look, first.figures, first.point, kpis)
    turns.GATE.breathe()
    with first.controls:
        plan_folds.folds(look, base, first.what)
        turns.GATE.breathe()
        lever_panel.sliders(look, base, first.what)
    _cautions(look, base, first.point)
    part = inputs.switch(look, "section", PARTS, label=lambda p: look.say(f"plan.part_{p}"))
    return _Beside(kpis, strip, part, st.container(key="part"))


def _last(look: Look, base: Base, first: _First, beside: _Beside, drawn: Projection) -> None:
    """The result with its intervals, and what stands below."""
    what, tier, kpis = first.what, first.tier, beside.kpis
    moves = bool(first.point.point.found.touched)
    shown = drawn if moves else first.point
    with first.right:
        first.main.draw(look, _view(shown, look, first.picture, what.platform, tier), final=True)
    turns.GATE.breathe()
    if moves:
        kpis = said.kpis(shown, look, platform=what.platform, tier=tier)
        _figures(look, beside.strip, shown, kpis)
    with first.figures:
        caption = look.say("pinned.figures_plan", name=said.where(look, tier), month=look.month(shown.months[-1]))
        layout.caption_row(look, row_view(kpis, look, caption=caption), "figures")
    with beside.below:
        if first.picture == "stations":
            _stations(look, drawn, what.platform, tier)
        if beside.part == RESULT and drawn.scenario.levers:
            _result(look, drawn, what.platform, tier)


def _cautions(look: Look, base: Base, found: Projection) -> None:
    """What to know before trusting the result, in one box."""
    known = plan_bar.absences(look, base) + said.cautions(found, look)
    if known:
        with answers.pinnable(look, "cautions", look.say("pinned.cautions"), known, found.grade):
            st.warning("  \n".join(layout.plain(text) for text in known), icon=":material/warning:")


def _rest(plan: object) -> None:
    """Wait a moment after a change; a newer change of a lever ends this run."""
    if st.session_state.get(_LAST, plan) != plan:
        turns.rest(REST)
    st.session_state[_LAST] = plan


def _switches(look: Look, base: Base) -> tuple[str, str]:
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="picture_switch"):
        picture = inputs.switch(look, "shows", PICTURES, label=lambda p: look.say(f"plan.shows_{p}"))
        tiers = (ALL, *base.model.tiers)
        tier = inputs.one(look, "of", tiers, label=lambda t: said.where(look, t), collapsed=True, width=150)
    return picture, tier


def _view(found: Projection, look: Look, picture: str, platform: str, tier: str) -> View:
    if not found.scenario.levers and picture != "stations":
        return _today(found, look, platform, tier)
    draw: dict[str, Callable[[], View]] = {
        "path": lambda: scenario_path.path(found, look, platform=platform, tier=tier),
        "networks": lambda: scenario_tiers.before_after(found, look, platform=platform, tier=tier),
        "tiers": lambda: scenario_tiers.by_tier(found, look, platform=platform),
        "map": lambda: scenario_map.change(found, look, platform=platform, cities=area.chosen()),
        "money": lambda: scenario_money.money(found, look, platform=platform),
        "stations": lambda: station_effect.incomes(found, look, platform=platform),
    }
    return draw[picture]()


def _today(found: Projection, look: Look, platform: str, tier: str) -> View:
    """Shares before anything is in the plan, and what to do first."""
    view = scenario_tiers.before_after(found, look, platform=platform, tier=tier)
    share = percent(float(found.shares.loc[(tier, platform), "observed"]))
    title = look.say("plan.first", name=look.name(platform), share=share)
    caption = look.say("plan.first_caption", tier=said.where(look, tier), month=look.month(found.month))
    return replace(view, title=title, caption=caption)


def _figures(look: Look, slot: Any, found: Projection, kpis: Sequence[Kpi]) -> Any:
    """Headline figures in one element, which the second call changes in place."""
    cells = "".join(_cell(look, kpi, found.grade) for kpi in kpis)
    return slot.html(f'<div role="group" style="{STRIP}">{cells}</div>')


def _cell(look: Look, kpi: Kpi, grade: Grade) -> str:
    """Label, value, change with its interval; the grade where it is another than that of the chart."""
    good = "" if kpi.good is None or not kpi.delta else MOOD[kpi.delta.startswith("+") == kpi.good]
    under = escape(kpi.versus)
    weaker = f" · {escape(look.say(f'grade.{kpi.grade}'))}" if kpi.grade != grade else ""
    return (
        f'<div style="{CELL}"><div style="{SMALL}">{escape(kpi.label)}{weaker}</div>'
        f'<div><span style="font-size:1.45rem;line-height:1.4;font-weight:650">{escape(kpi.value)}</span>'
        f'<span style="{SMALL};display:block"><b style="{good}">{escape(kpi.delta or "")}</b> {under}</span>'
        "</div></div>"
    )


def _part(look: Look, base: Base, found: Projection, part: str, what: Aim, tier: str) -> None:
    parts: dict[str, Callable[[], None]] = {
        "why": lambda: explain_sections.why(look, base, found, what.platform, tier),
        "rivals": lambda: explain_sections.rivals(look, base, found, what.platform),
        "compare": lambda: keep_sections.compare(look, base, found, what.platform, tier),
        "budget": lambda: explain_sections.budget(look, base, found, what.platform),
        "saved": lambda: keep_sections.saved(look, base, what.platform),
    }
    parts[part]()


def _stations(look: Look, found: Projection, platform: str, tier: str) -> None:
    """Stations opened and closed by tier, and how many there are by month."""
    left, right = st.columns(2, gap="small")
    with left:
        layout.card(look, station_effect.opened(found, look, platform=platform), "opened")
    with right:
        layout.card(look, station_effect.counts(found, look, platform=platform, tier=tier), "counts")


def _result(look: Look, found: Projection, platform: str, tier: str) -> None:
    """By tier, from whom, what networks pay, and the bill."""
    left, right = st.columns([3, 2], gap="small")
    with left:
        layout.card(look, scenario_tiers.before_after(found, look, platform=platform, tier=tier), "before_after")
    with right:
        layout.card(look, said.sources(found, look, platform=platform), "sources")
    left, right = st.columns([3, 2], gap="small")
    with left:
        layout.card(look, scenario_path.subsidies(found, look, platform=platform, tier=tier), "paid")
    with right:
        layout.card(look, scenario_tiers.by_tier(found, look, platform=platform), "by_tier")
