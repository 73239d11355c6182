"""How the numbers of each page are made, in words: what `whence` keeps with every view."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from analysis.economics.assumptions import ASSUMPTIONS
from analysis.views import levers
from analysis.views.growth_style import curve_name, when
from analysis.views.growth_words import bands_note
from analysis.views.look import Look
from pages.ui import cached, fits, inputs, layout, plan_list, scenario_state, scenarios, whence
from pages.ui.series import MONTHLY

if TYPE_CHECKING:
    from analysis.growth.frozen import Forecast
    from analysis.scenario import Scenario
    from analysis.share import ShareFit
    from analysis.space.catchment import Model
    from analysis.studies import Study
    from data.markets import Market
    from pages.ui.growth_state import Pick
    from pages.ui.growth_tested import Shown, Tested
    from pages.ui.inputs import Filters
    from pages.ui.scenarios import Base

LEVERS = 6
"""Levers and rules of a plan that are told one by one."""


def narrowed(look: Look, filters: "Filters", more: Mapping[str, str]) -> None:
    """What the filters leave, and `more`: names of inputs with what they say; what is empty is left out."""
    whence.filters([*inputs.in_words(filters, look), *pairs(look, more)])


def chosen(look: Look, more: Mapping[str, str]) -> None:
    """The same on a page without the row of filters."""
    whence.filters(pairs(look, more))


def pairs(look: Look, values: Mapping[str, str]) -> list[str]:
    """Each "name: value"; the names are those of inputs, or keys of the catalogue."""
    keys = {name: name if "." in name else f"input.{name}" for name in values}
    return [look.pair(look.say(keys[name]), value) for name, value in values.items() if value]


def share_model(look: Look, market: "Market", fit: "ShareFit", *, driver: str = "") -> None:
    """Estimator, sample and clusters of the share model."""
    model = look.say(
        "pinned.share_model",
        estimator=look.say(f"model.{fit.estimator.replace('-', '_')}"),
        by=look.say("pinned.by_tier" if fit.by else "pinned.by_none"),
        nobs=f"{fit.nobs:,}",
        markets=f"{fit.markets:,}",
        clusters=fit.clusters or 0,
        volume=look.say(f"model.{fits.counted(market)}"),
    )
    more = [look.pair(look.say("pinned.driver"), look.say(f"driver.{driver}"))] if driver else []
    whence.tell(model=look.text([model, *more]), interval=look.say("pinned.interval_clustered"), version=market.version)


def study(look: Look, found: "Study") -> None:
    """Estimator, controls and window of a roll-out's effect."""
    fit, first = found.fit, found.roll_out
    model = look.say(
        "pinned.study",
        measure=look.say(f"effect.measure_{first.measure}"),
        control=look.say(f"effect.control_{fit.control}"),
        treated=fit.treated,
        controls=fit.controls,
        since=look.month(first.months[0]),
        until=look.month(first.months[1]),
    )
    ring = look.say("pinned.ring", km=f"{found.radius_km:g}") if found.radius_km else look.say("pinned.no_ring")
    interval = look.say("pinned.interval_study", level=f"{fit.level * 100:g}", clusters=fit.clusters)
    whence.tell(model=model, assumptions=[ring], interval=interval)


def series(look: Look, pick: "Pick", tested: "Tested", shown: "Shown") -> None:
    """Curve, sample, calendar and bands of a series on the growth page."""
    tried, known = tested.backtest, pick.known.dropna()
    best = tried is not None and shown.fit.curve == tried.chosen and tried.reason != "too_short"
    model = look.say(
        "pinned.curve_tested" if best else "pinned.curve",
        curve=curve_name(shown.fit.curve, look),
        n=f"{len(known):,}",
        since=when(known.index[0], look),
        until=when(known.index[-1], look),
    )
    effects = look.join(look.say(f"calendar.{name}") for name in pick.calendar)
    calendar = look.say("pinned.calendar", effects=effects) if effects else look.say("pinned.no_calendar")
    widened = bands_note(look, tried, widened=shown.forecast is not None)
    whence.tell(model=model, assumptions=[calendar], interval=look.text([look.say("pinned.bands"), widened]))


def of_market(look: Look, market: "Market") -> None:
    """The numbers that follow are of the market in use, on a page whose own source says more than that."""
    whence.tell(source=layout.bare(cached.source(look, market)), version=market.version)


def of_series(look: Look, pick: "Pick", market: "Market") -> None:
    """Which series, what of it is known and how far ahead it is carried."""
    known = pick.known.dropna()
    until = when(known.index[-1], look) if len(known) else ""
    years = look.say("pinned.years", n=f"{pick.years:g}")
    chosen(look, {"series": pick.series.label, "until": until, "years": years})
    if pick.where.of_market:
        of_market(look, market)
    else:
        whence.tell(source=_printed_by(look, pick.where.key))


def _printed_by(look: Look, key: str) -> str:
    """Who printed the figures of a published series."""
    kind, _, name = key.partition(".")
    if kind != "record":
        return look.say("pinned.source_monthly" if key in MONTHLY else "pinned.source_lockers")
    titles = fits.published_rows(name)["source_title"].drop_duplicates().astype(str).tolist()
    return look.say("pinned.source_record", titles=look.few(titles))


def frozen(look: Look, made: "Forecast") -> None:
    """Curve and calendar of a forecast as it was frozen."""
    model = look.say("pinned.frozen", curve=curve_name(made.curve, look), when=f"{made.made:%Y-%m-%d}")
    whence.tell(model=model, interval=look.say("pinned.bands"))


def scenario(look: Look, base: "Base", plan: "Scenario") -> None:
    """Name, version, link and levers of the plan, what it assumes, and what its intervals are."""
    entry = st.query_params.get(scenario_state.SAVED, "") or scenario_state.link(plan) or look.say("plan.no_link")
    named = look.say(
        "pinned.scenario",
        name=plan.name or look.say("plan.unnamed"),
        version=plan.version,
        link=entry,
        levers=_levers(look, plan),
    )
    month = look.say("pinned.from_month", month=look.month(base.model.month))
    model = look.text([month, plan_list.settings(look, base, plan)])
    interval = look.say("pinned.draws", n=f"{scenarios.DRAWS:,}")
    whence.tell(scenario=named, model=model, assumptions=assumed(look, plan), interval=interval)


def _levers(look: Look, plan: "Scenario") -> str:
    said = [levers.describe(lever, look) for lever in plan.levers[:LEVERS]]
    said += [levers.describe_rule(name, rule, look) for name, rule in plan.rules[: LEVERS - len(said)]]
    rest = len(plan.levers) + len(plan.rules) - len(said)
    more = [look.say("market.more", n=rest)] if rest > 0 else []
    return look.say("pinned.and_then").join([*said, *more]) or look.say("pinned.no_levers")


def assumed(look: Look, plan: "Scenario") -> list[str]:
    """Assumptions that the plan changes, each with its value; that there are none, where there are none."""
    return [
        look.pair(look.say(f"assume.{key}"), f"{value:g} {look.say(f'unit.{ASSUMPTIONS[key].unit}')}")
        for key, value in plan.assumptions
    ] or [look.say("pinned.defaults")]


def huff(look: Look, model: "Model", source: str) -> None:
    """Exponents and reach of the catchments, and where their demand comes from."""
    kind = look.say("pinned.huff", grade=look.say(f"grade.{model.grade}"))
    numbers = {
        "catch.distance_exponent": f"{model.distance_exponent:g}",
        "catch.attraction_exponent": f"{model.attraction_exponent:g}",
        "catch.reach_m": f"{model.reach_m / 1000:g}",
    }
    whence.tell(model=kind, assumptions=[*pairs(look, numbers), source])


def table(look: Look, model: str, assumptions: Sequence[str] = ()) -> None:
    """A model in the words of its page."""
    whence.tell(model=model, assumptions=[text for text in assumptions if text])
