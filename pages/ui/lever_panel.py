"""Left half of the workbench: whose plan, which lever and where, the sliders, and what is in the plan.

Every widget shows the plan and writes to it in its callback, so that the plan is whole before anything is drawn.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

import streamlit as st

from analysis.scenario import KINDS, Lever
from analysis.scenario.contest import MarketModel
from analysis.scenario.plan import area, fitting
from analysis.views import area_map
from analysis.views import compare as words
from analysis.views.look import Look
from data.cities import TIERS
from pages.ui import area as areas
from pages.ui import cached, guard, inputs, layout, plan_list, published, scenario_state, scenarios, state
from pages.ui.scenario_state import Place
from pages.ui.scenarios import Base

PLACES = ("tier", "region", "province", "city", "area", "all")
NATURAL = {"forwarding": "province", "shared_delivery": "region"}
"""Where a kind of lever is set at first, when not by city tier."""
FORMATS = {"cny_per_parcel": "%+.2f", "fraction": "percent"}
"""How a slider shows its change, by unit; whole numbers otherwise."""
SLIDERS_IN_A_ROW = 2
STOPS = 50
"""Steps of the slider of stations up to as many as there are, before they are rounded."""
ROUND = (1, 2, 5, 10)
NAMED = 3
"""Levers without a slider that are named beside it."""


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
    """Whose plan is made, with which lever, and where: those of the first lever of a plan that was just opened."""
    if plan_list.changed_elsewhere():
        _turn_to(look, base)
    if (city := areas.wanted()) in base.model.cities:
        kinds = tuple(KINDS)
        areas.turn(f"at_{state.get('lever', kinds[0], state.one_of(kinds))}", "city")
        areas.turn("area_city", city)
    who, which, where = st.columns([4, 6, 5], gap="xsmall")
    default = scenario_state.leader(base.players)
    with who:
        platform = inputs.one(look, "player", base.players, label=look.name, default=default, collapsed=True)
    with which:
        kind = inputs.one(look, "lever", tuple(KINDS), label=lambda k: look.term("lever", k), collapsed=True)
    with where:
        offered = _offered(look)
        at = _pick(look, "at", kind, tuple(offered), offered.__getitem__, NATURAL.get(kind, PLACES[0]))
    return Aim(platform, kind, at, _courier(look) if kind == "cooperation" else "")


def _offered(look: Look) -> dict[str, str]:
    """Kinds of place with what they are called; the area first where there is one, by what is in it."""
    names = {place: look.say(f"plan.at_{place}") for place in PLACES}
    if cities := areas.chosen():
        named = look.say("plan.at_area_named", area=area_map.said(cities, look))
        return {"area": named} | {place: name for place, name in names.items() if place != "area"}
    return names


def _turn_to(look: Look, base: Base) -> None:
    """Choose network, kind and place of the plan's first lever in this market, but for what the address chooses."""
    levers = fitting(scenario_state.plan(), base.model)[0].levers
    first = next((lever for lever in levers if lever.platform in base.players), None)
    if first is None:
        return
    page = f"{look.lang}.{guard.page()}"
    chosen = [("player", first.platform, f"player.{page}"), ("lever", first.kind, f"lever.{page}")]
    picks = {f"at_{first.kind}": _at(first)}
    one = first.cities[0] if len(first.cities) == 1 else ""
    if which := {"region": first.region, "province": first.province, "city": one}.get(_at(first)):
        picks[f"area_{_at(first)}"] = which
    if first.courier:
        picks["courier_cooperation"] = first.courier
    chosen += [(entry, value, f"{entry}.{look.lang}") for entry, value in picks.items()]
    for entry, value, widget in chosen:
        if state.unread(entry):
            continue
        if state.get(entry, "", str) != value:
            state.put(entry, value, value)
        st.session_state.pop(widget, None)


def _at(lever: Lever) -> str:
    """The kind of place whose sliders show a lever, or come closest to it."""
    if lever.cities and lever.tier is None and set(lever.cities) == set(areas.chosen()):
        return "area"
    if lever.tier is not None or len(lever.cities) > 1:
        return "tier"
    if lever.cities:
        return "city"
    return "province" if lever.province else "region" if lever.region else "all"


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
    couriers = tuple(c for c in published.courier_table("annual").columns if c != "rest")
    return _pick(look, "courier", "cooperation", couriers, lambda c: look.term("subject", c))


def sliders(look: Look, base: Base, what: Aim) -> None:
    """One slider for each tier, or one for the place chosen; levers that none of them shows."""
    with st.container(gap="xsmall", key="lever_sliders"):
        places = tuple(_places(look, base, what))
        hidden = _hidden(what, [place for _, _, place in places])
        if not places:
            st.info(look.say("plan.no_area"), icon=":material/highlight_alt:")
        with st.grid(SLIDERS_IN_A_ROW if len(places) > 1 else 1, gap="small"):
            for slot, name, place in places:
                with st.container(gap=None):
                    _slider(look, base, what, slot, name, place)
                    _beside(look, what, [lever for lever in hidden if place.tier and lever.tier == place.tier])
        _beside(look, what, [lever for lever in hidden if not lever.tier or what.at != "tier"])
        help_text = look.say(f"lever_help.{what.kind}")
        starts = what.at in ("tier", "all") and bool(scenarios.in_force(base, what.platform, what.kind))
        st.caption(look.text([help_text, look.say("plan.now_then")]) if starts else help_text)


def _hidden(what: Aim, shown: list[Place]) -> list[Lever]:
    """Levers of the network and kind that are not the first of their place, or whose place has no slider."""
    found = []
    for lever in scenario_state.plan().levers:
        if (lever.platform, lever.kind) == (what.platform, what.kind):
            place = scenario_state.of(lever)
            if place in shown:
                shown = [other for other in shown if other != place]
            else:
                found.append(lever)
    return found


def _beside(look: Look, what: Aim, levers: Sequence[Lever]) -> None:
    """21 cities of Tier 3: +0.12 CNY per parcel."""
    said = [
        look.say(
            "plan.beside",
            place=_named(look, what, lever),
            when=words.when(lever, look),
            size=plan_list.signed(look, lever.kind, lever.change),
        )
        for lever in levers[:NAMED]
    ]
    if len(levers) > NAMED:
        said.append(look.say("market.more", n=len(levers) - NAMED))
    if said:
        st.caption("  \n".join(layout.plain(text) for text in said))


def _named(look: Look, what: Aim, lever: Lever) -> str:
    """Place of a lever, with its courier where that is another than the one chosen."""
    if lever.tier and lever.cities:
        place = look.say("plan.cities_of", n=len(lever.cities), tier=look.term("tier", lever.tier))
    else:
        place = words.place(lever, look) or look.say("plan.at_all")
    if lever.courier == what.courier:
        return place
    return look.join((place, look.term("subject", lever.courier) if lever.courier else look.say("plan.any_courier")))


def _places(look: Look, base: Base, what: Aim) -> Iterator[tuple[str, str, Place]]:
    """Slot, name and place of every slider."""
    if what.at == "tier":
        for tier in base.model.tiers:
            yield f"t{TIERS.index(tier) + 1}", look.term("tier", tier), Place(tier=tier, courier=what.courier)
        return
    if what.at == "all":
        yield "all", look.say("plan.at_all"), Place(courier=what.courier)
        return
    if what.at == "area":
        cities = areas.chosen()
        if set(cities) & set(base.model.cities):
            name = area_map.said(cities, look)
            yield f"area{areas.digest(cities)}", name, Place(cities=cities, courier=what.courier)
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


def _limits(base: Base, what: Aim, place: Place) -> tuple[float, float, float]:
    """Lowest, highest and step of a slider; those of stations go with how many the network has there."""
    kind = KINDS[what.kind]
    if what.kind != "stations":
        return kind.low, kind.high, kind.step
    return station_limits(_there(base.model, what, place))


def _there(model: MarketModel, what: Aim, place: Place) -> float:
    """Stations of the network in the place now."""
    lever = Lever(what.platform, 0.0, place.tier, region=place.region, province=place.province, cities=place.cities)
    return float(model.stations[model.platforms.index(what.platform)] @ area(lever, model))


def station_limits(stations: float) -> tuple[float, float, float]:
    """Down to minus all that there are, up to about as many again, in round steps; at least ten of them."""
    least = max(stations / STOPS, 1.0)
    power = 10.0 ** floor(log10(least))
    step = next(n for n in ROUND if n * power >= least) * power
    return -floor(stations / step) * step, max(ceil(stations / step), 10) * step, step


def _slider(look: Look, base: Base, what: Aim, slot: str, name: str, place: Place) -> None:
    low, high, step = _limits(base, what, place)
    value = scenario_state.change_at(scenario_state.plan(), what.platform, what.kind, place)
    key = f"lever.{what.platform}.{what.kind}.{slot}" + (f".{what.courier}" if what.courier else "")
    number: Callable[[float], Any] = (lambda v: round(v)) if step >= 1 else (lambda v: round(v, 6))
    st.slider(
        _label(look, base, what, name, place),
        min(number(low), number(value)),
        max(number(high), number(value)),
        step=number(step),
        format=FORMATS.get(KINDS[what.kind].unit, "%+,d"),
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
    plan_list.change(scenario_state.with_change(now, lever))
