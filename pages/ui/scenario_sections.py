"""The workbench: levers on the left, figures and the main chart, and the result in full below."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from typing import Any

import streamlit as st

from analysis.scenario import Projection
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
    explain_sections,
    inputs,
    keep_sections,
    layout,
    lever_panel,
    outlines,
    pins,
    plan_bar,
    plan_folds,
    tables,
    told,
)
from pages.ui import plan_list, scenario_state, scenarios
from pages.ui.lever_panel import Aim
from pages.ui.scenarios import Base

PICTURES = ("path", "networks", "tiers", "map", "money", "stations")
PARTS = ("result", "why", "rivals", "compare", "budget", "saved")
ALL = "all"
HEAD_START = 0.02
"""Seconds in which the chart leaves for the browser before the rest is built."""
PAUSES, PAUSE = 6, 0.02
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
            self.title = st.header(view.title, anchor=False)
            with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
                layout.badge(look, view.grade)
                self.caption = st.caption(view.caption, width="stretch")
                self.table = st.container(horizontal=True, gap="small", wrap=False, width="content")
            self.figure = st.plotly_chart(outlines.drawn(view.figure), config=CONFIG, alt=view.alt, key="chart_point")
        elif view.figure != self.shown.figure or view.title != self.shown.title:
            self.title.header(view.title, anchor=False)
            self.caption.caption(view.caption, width="stretch")
            self.figure.plotly_chart(outlines.drawn(view.figure), config=CONFIG, alt=view.alt, key="chart_drawn")
        self.shown = view
        if final:
            with self.table:
                pins.offer(look, view, "outcome")
                tables.numbers(look, view, "outcome")


def workbench(look: Look, base: Base) -> None:
    """Levers, result and the part chosen; a fragment, so that a lever redraws these alone."""
    st.fragment(partial(_body, look, base), key="workbench")()


def _body(look: Look, base: Base) -> None:
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
    moves = bool(point.point.found.touched)
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
    time.sleep(HEAD_START)
    strip = _figures(look, figures, point, what.platform, tier)
    with controls:
        plan_folds.folds(look, base, what)
        lever_panel.sliders(look, base, what)
        plan_list.listing(look, base)
    _cautions(look, base, point)
    part = inputs.switch(look, "section", PARTS, label=lambda p: look.say(f"plan.part_{p}"))
    below = st.container(key="part")
    _rest(scenario_state.plan())
    drawn = scenarios.drawn(base, plan)
    shown = drawn if moves else point
    with right:
        main.draw(look, _view(shown, look, picture, what.platform, tier), final=True)
    _figures(look, strip, shown, what.platform, tier)
    with figures:
        caption = look.say("pinned.figures_plan", name=said.where(look, tier), month=look.month(shown.months[-1]))
        kpis = said.kpis(shown, look, platform=what.platform, tier=tier)
        layout.caption_row(look, row_view(kpis, look, caption=caption), "figures")
    with below:
        if picture == "stations":
            _stations(look, drawn, what.platform, tier)
        _part(look, base, drawn, part, what, tier)


def _cautions(look: Look, base: Base, found: Projection) -> None:
    """What to know before trusting the result, in one box."""
    known = plan_bar.absences(look, base) + said.cautions(found, look)
    if known:
        with answers.pinnable(look, "cautions", look.say("pinned.cautions"), known, found.grade):
            st.warning("  \n".join(layout.plain(text) for text in known), icon=":material/warning:")


def _rest(plan: object) -> None:
    """Wait a moment after a change; a newer change of a lever ends this run at one of the reads."""
    if st.session_state.get(_LAST, plan) != plan:
        for _ in range(PAUSES):
            time.sleep(PAUSE)
            st.session_state.get(_LAST)
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


def _figures(look: Look, slot: Any, found: Projection, platform: str, tier: str) -> Any:
    """Headline figures in one element, which the second call changes in place."""
    kpis = said.kpis(found, look, platform=platform, tier=tier)
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
        "result": lambda: _result(look, found, what.platform, tier) if found.scenario.levers else None,
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
