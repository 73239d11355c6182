"""The plan being made: one frozen scenario in the session, one entry in the address, and the edits to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from analysis.rivalry.rules import Rule
from analysis.scenario import Lever, Scenario
from analysis.scenario.files import ScenarioFileError, from_link, to_link
from analysis.scenario.presets import last_growth
from pages.ui import state
from pages.ui.scenarios import Base

ENTRY, SAVED = "plan", "saved"
"""Entries of the address: the plan itself, and the saved scenario it came from."""
_PLAN, _PROBLEMS, _MISSING = "scenario.plan", "scenario.problems", "scenario.missing"
NOTHING = 1e-9
"""A smaller change than this is none."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lever applies; what is not given is everywhere."""

    tier: str | None = None
    region: str | None = None
    province: str | None = None
    cities: tuple[str, ...] = ()
    courier: str = ""

    def holds(self, lever: Lever) -> bool:
        """Whether the lever applies exactly here."""
        return self == of(lever)


@dataclass(frozen=True, slots=True)
class Timing:
    """When levers begin, how long they take to grow to their size, and the first month without them."""

    start_month: int = 1
    ramp_months: int = 0
    end_month: int | None = None


def of(lever: Lever) -> Place:
    """Where a lever applies."""
    return Place(lever.tier, lever.region, lever.province, lever.cities, lever.courier)


def plan() -> Scenario:
    """The plan of this session."""
    found = st.session_state[_PLAN]
    assert isinstance(found, Scenario)
    return found


def put(wanted: Scenario) -> None:
    """Keep a plan and show it in the address, where it fits in."""
    st.session_state[_PLAN] = wanted
    entry = link(wanted)
    if entry is None:
        st.query_params.pop(ENTRY, None)
    elif st.query_params.get(ENTRY) != entry:
        st.query_params[ENTRY] = entry


def link(of: Scenario) -> str | None:
    """A plan as one entry of the address; None for one that is too long to be opened from there."""
    try:
        return to_link(of)
    except ScenarioFileError:
        return None


def new(base: Base) -> Scenario:
    """A plan without levers: parcels grow as in the market's last year."""
    return Scenario("", growth_per_year=last_growth(base.model))


def restore(base: Base, open_saved: Callable[[str], Scenario | None]) -> None:
    """The session's plan, at first that of the address, then the saved one it names, then an example."""
    if _PLAN in st.session_state:
        put(plan())
        return
    asked, saved = st.query_params.get(ENTRY), st.query_params.get(SAVED)
    kept = open_saved(saved) if saved else None
    if saved and kept is None:
        st.session_state[_MISSING] = saved
    read = _read(asked) if asked else None
    put(read or kept or example(base))


def _read(asked: str) -> Scenario | None:
    """Plan of an address; what is wrong with it is kept to be said."""
    try:
        found, wrong = from_link(asked)
    except ScenarioFileError as error:
        st.session_state[_PROBLEMS] = (error,)
        return None
    st.session_state[_PROBLEMS] = wrong
    return found


def leader(players: Sequence[str]) -> str:
    """The network of the plan's first lever, or the one that subsidises most, or the first there is."""
    wanted = [lever.platform for lever in plan().levers] + ["duoduo"]
    return next((name for name in wanted if name in players), players[0])


def opened(other: Scenario, lang: str, *, saved: str | None = None) -> None:
    """Put another plan, kept under the id `saved`, in the place of this one, and show its network and lever."""
    put(other)
    if saved is None:
        st.query_params.pop(SAVED, None)
    else:
        st.query_params[SAVED] = saved
    st.session_state.pop(_PROBLEMS, None)
    st.session_state.pop(_MISSING, None)
    first = other.levers[0] if other.levers else None
    for name, value in (("player", first.platform), ("lever", first.kind)) if first else ():
        state.put(name, value, "")
        st.session_state.pop(f"{name}.{lang}.scenario", None)


def problems() -> tuple[ScenarioFileError, ...]:
    """Pieces of the address that could not be read."""
    found: tuple[ScenarioFileError, ...] = st.session_state.get(_PROBLEMS, ())
    return found


def missing() -> str | None:
    """The saved scenario that the address names and nobody kept."""
    found: str | None = st.session_state.get(_MISSING)
    return found


def example(base: Base) -> Scenario:
    """What the page shows first: Duoduo pays 0.05 more in tiers 3 and 4, Cainiao matches half after three months."""
    tiers = [tier for tier in ("Tier 3", "Tier 4") if tier in base.model.tiers]
    if "duoduo" not in base.players or not tiers:
        return new(base)
    levers = tuple(Lever("duoduo", 0.05, tier) for tier in tiers)
    rules = (("cainiao", Rule("match", 0.5, 3)),) if "cainiao" in base.players else ()
    return replace(new(base), levers=levers, rules=rules)


def change_at(wanted: Scenario, platform: str, kind: str, place: Place) -> float:
    """Change of the first lever of this network, kind and place; 0 when there is none."""
    found = _first(wanted.levers, platform, kind, place)
    return 0.0 if found is None else wanted.levers[found].change


def with_change(wanted: Scenario, lever: Lever) -> Scenario:
    """The plan with this lever in the place of the first one of its network, kind and place; without it when 0."""
    levers = list(wanted.levers)
    found = _first(levers, lever.platform, lever.kind, of(lever))
    nothing = abs(lever.change) < NOTHING
    if found is None:
        levers += [] if nothing else [lever]
    elif nothing:
        levers.pop(found)
    else:
        levers[found] = replace(levers[found], change=lever.change)
    return replace(wanted, levers=tuple(levers))


def without(wanted: Scenario, places: Sequence[int]) -> Scenario:
    """The plan without the levers at these positions."""
    return replace(wanted, levers=tuple(lever for i, lever in enumerate(wanted.levers) if i not in places))


def families(wanted: Scenario) -> list[tuple[int, ...]]:
    """Positions of levers that differ in nothing but their tier: one line in the list of what is in the plan."""
    found: dict[Lever, list[int]] = {}
    for i, lever in enumerate(wanted.levers):
        found.setdefault(replace(lever, tier=None), []).append(i)
    return [tuple(places) for places in found.values()]


def timing(wanted: Scenario, platform: str, kind: str) -> Timing:
    """Timing of the first lever of this network and kind."""
    for lever in wanted.levers:
        if (lever.platform, lever.kind) == (platform, kind):
            return Timing(lever.start_month, lever.ramp_months, lever.end_month)
    return Timing()


def with_timing(wanted: Scenario, platform: str, kind: str, when: Timing) -> Scenario:
    """The plan with all levers of this network and kind at this time."""
    end = None if when.end_month is None else max(when.end_month, when.start_month + 1)
    levers = tuple(
        replace(lever, start_month=when.start_month, ramp_months=when.ramp_months, end_month=end)
        if (lever.platform, lever.kind) == (platform, kind)
        else lever
        for lever in wanted.levers
    )
    return replace(wanted, levers=levers)


def with_rule(wanted: Scenario, platform: str, rule: Rule) -> Scenario:
    """The plan with this answer of a network; holding still needs no entry."""
    rules = tuple((name, held) for name, held in wanted.rules if name != platform)
    return replace(wanted, rules=rules if rule.kind == "static" else (*rules, (platform, rule)))


def with_assumption(wanted: Scenario, key: str, value: float, default: float) -> Scenario:
    """The plan with this value of an assumption; the default needs no entry."""
    held = tuple((name, kept) for name, kept in wanted.assumptions if name != key)
    return replace(wanted, assumptions=held if abs(value - default) < NOTHING else (*held, (key, value)))


def _first(levers: Sequence[Lever], platform: str, kind: str, place: Place) -> int | None:
    for i, lever in enumerate(levers):
        if (lever.platform, lever.kind) == (platform, kind) and place.holds(lever):
            return i
    return None
