"""Cached scenarios: the market they start from, projections with draws, and what explains them.

Keys are the market's version, the month, and the plan as its file.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar, cast

import pandas as pd
import streamlit as st

from analysis.scenario import MarketModel, Projection, Scenario, simulate
from analysis.scenario.files import from_json, to_json
from analysis.views.look import Look
from data.cities import REGIONS
from data.grade import Grade, weakest
from data.markets import Market
from data.people import EVERYONE
from data.platforms import OUTSIDE
from data.workspace import Saved, Shelf, WorkspaceError, place
from pages.ui import apart, fits, markets, people, turns
from pages.ui import owner as reader

if TYPE_CHECKING:
    from analysis.scenario.presets import Told
    from analysis.scenario.rerun import Moved
    from analysis.share import ShareFit

T = TypeVar("T")
DRAWS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """Where scenarios start: one month of a market.

    Attributes
    ----------
    model : MarketModel
    source : str
        Names market, month and fit in cache keys.
    market : Market
    grade : Grade
        Of everything projected from it.
    """

    model: MarketModel
    source: str
    market: Market
    grade: Grade

    @property
    def private(self) -> bool:
        """Whether the market was uploaded: what is kept about it is the reader's alone."""
        return markets.brought(self.market)

    @property
    def version(self) -> str:
        """Digest of the market's data, without the name of who holds it."""
        return self.market.version.partition("-")[2] if self.private else self.market.version

    @property
    def data_version(self) -> str:
        """Digest of the market's data, and the month."""
        return f"{self.version} {self.model.month:%Y-%m}"

    @property
    def players(self) -> tuple[str, ...]:
        """Networks that can do something."""
        return tuple(p for p in self.model.platforms if p != OUTSIDE)


@st.cache_resource(max_entries=16, show_spinner=False)
def _base(source: str, _market: Market, _month: pd.Timestamp, _fit: "ShareFit") -> Base:
    from analysis.scenario.contest import market_model, own_orders

    assert _market.panel is not None
    orders = own_orders(_market.volumes, _month) if _market.volumes is not None else None
    model = market_model(_market.panel, _fit, month=_month, own_orders=orders)
    return Base(model, source, _market, weakest(_market.grade, Grade.MODELLED))


def base(market: Market, look: Look, month: pd.Timestamp) -> Base | str:
    """One month of the market with the fitted effects, or the code of the reason why there is none."""
    fit = fits.share_fit(market, look)
    if isinstance(fit, str):
        return "scenario.no_subsidies" if fit == "no_drivers" else f"share_error.{fit}"
    if fits.DRIVERS[0] not in fit.drivers:
        return "scenario.no_subsidies"
    return _base(f"{market.version} {month:%Y-%m}", market, month, fit)


@st.cache_resource(max_entries=16, show_spinner=False)
def _drawn(source: str, plan: str, draws: int, _point: Projection) -> Projection:
    return apart.drawn(_point, draws)


def drawn(base: Base, plan: Scenario, *, draws: int = DRAWS, point: Projection | None = None) -> Projection:
    """Projection with its draws, on those of its paths that are known already: its `point`.

    Many readers take turns; a reader who moves a lever meanwhile leaves at once.
    """
    found = point if point is not None else simulate(plan, base.model, draws=0)
    text = to_json(plan)
    with turns.GATE.aside(), turns.alone(f"{base.source} {draws} {text}"):
        return _drawn(base.source, text, draws, found)


def point(base: Base, plan: Scenario) -> Projection:
    """Projection without draws, at once."""
    return simulate(plan, base.model, draws=0)


@st.cache_resource(max_entries=96, show_spinner=False)
def _explained(source: str, plan: str, key: object, _find: Callable[[], object]) -> object:
    with turns.turn():
        return _find()


def explained(base: Base, plan: Scenario, key: object, find: Callable[[], T]) -> T:
    """What `find` makes of the plan in this market, kept under `key`, which names everything else in it."""
    text = to_json(plan)
    with turns.GATE.aside(), turns.alone(f"{base.source} {key} {text}"):
        return cast(T, _explained(base.source, text, key, find))


@st.cache_data(max_entries=96, show_spinner=False)
def _in_force(source: str, platform: str, kind: str, _model: MarketModel) -> dict[str, float]:
    row = _model.platforms.index(platform)
    what = {"subsidy": _model.subsidy, "guarantee": _model.guarantee, "stations": _model.stations}.get(kind)
    if what is None:
        return {}
    weight = {"subsidy": _model.parcels, "guarantee": _model.stations}.get(kind)
    spans = {"": slice(None)} | {tier: _model.span(tier) for tier in _model.tiers}
    if weight is None:
        return {tier: float(what[row, span].sum()) for tier, span in spans.items()}
    return {
        tier: float(what[row, span] @ weight[row, span] / weight[row, span].sum())
        for tier, span in spans.items()
        if weight[row, span].sum() > 0
    }


def in_force(base: Base, platform: str, kind: str) -> dict[str, float]:
    """What a network pays or has now, by tier and ("") in all; nothing for kinds that start from nothing."""
    return _in_force(base.source, platform, kind, base.model)


@st.cache_data(max_entries=32, show_spinner=False)
def _places(source: str, of: str, _model: MarketModel) -> tuple[str, ...]:
    if of == "region":
        return tuple(region for region in REGIONS if region in _model.region)
    if of == "province":
        return tuple(sorted({name for name in _model.province if name}))
    sizes = pd.Series(_model.parcels.sum(axis=0), list(_model.cities))
    return tuple(sizes.sort_values(ascending=False).index)


def places(base: Base, of: str) -> tuple[str, ...]:
    """Regions, provinces or cities (the largest first) of the market."""
    return _places(base.source, of, base.model)


@st.cache_data(max_entries=64, show_spinner=False)
def _told(source: str, preset: str, name: str, _model: MarketModel) -> "Told":
    from analysis.scenario.presets import PRESETS

    return PRESETS[preset].told(_model, name=name)


def told(base: Base, preset: str, look: Look) -> "Told":
    """A preset in this market, and what the market lacks for it."""
    return _told(base.source, preset, look.say(f"preset.{preset}"), base.model)


def shelf() -> Shelf:
    """Where plans are kept."""
    return Shelf(place())


def owner(base: Base) -> str:
    """Whose list a plan is on: this reader's for an uploaded market, or where people sign in; else everyone's."""
    if base.private:
        return markets.keeper(base.market)
    return reader.owner() if people.configured() else EVERYONE


def kept(base: Base, *, archived: bool = False) -> tuple[Saved, ...]:
    """Saved plans that this reader may see in the list; none when they cannot be read.

    Where people sign in, those that others share with him follow his own, and then those that were everyone's before.
    """
    try:
        own = shelf().saved(owner(base), archived=archived)
    except WorkspaceError:
        return ()
    return (*own, *_of_others(base, archived)) if people.configured() else own


def _of_others(base: Base, archived: bool) -> tuple[Saved, ...]:
    try:
        given = [one for one in shelf().received() if one.owner != owner(base) and one.archived == archived]
        return (*given, *(() if base.private else shelf().saved(EVERYONE, archived=archived)))
    except WorkspaceError:
        return ()


def versions(saved: Saved) -> tuple[Saved, ...]:
    """Every version of a kept plan, oldest first; what is known of it when it was deleted meanwhile."""
    try:
        return shelf().versions(saved.id)
    except WorkspaceError:
        return (saved,)


def plan_of(saved: Saved) -> Scenario:
    """The scenario of a save, with the name and version that it has on the list.

    Raises
    ------
    ScenarioFileError
        When it cannot be read.
    """
    return replace(from_json(saved.document), name=saved.name, version=saved.version)


def keep(base: Base, plan: Scenario, *, opened: str | None = None, with_market: bool = False) -> Saved:
    """Save the plan: the next version of the plan `opened` while it bears its name, else a new plan.

    Parameters
    ----------
    opened : str or None
        Id of the kept plan that this session opened or saved before.
    with_market : bool
        Whether the figures of an uploaded market are kept too; those of the illustrative one always are.
    """
    from analysis.scenario.rerun import snapshot

    return shelf().save(
        to_json(plan),
        owner=owner(base),
        name=plan.name,
        market=base.market.name,
        data_version=base.data_version,
        snapshot=snapshot(base.model) if with_market or not base.private else b"",
        id=_continued(base, plan.name, opened) if opened else None,
    )


def _continued(base: Base, name: str, opened: str) -> str | None:
    """The id of the plan that was opened, if it is on this list and bears this name."""
    try:
        found = shelf().open(opened)
    except WorkspaceError:
        return None
    return found.id if (found.owner, found.name) == (owner(base), " ".join(name.split())) else None


@st.cache_data(max_entries=256, show_spinner=False)
def _moved(
    source: str, id: str, version: int, at: datetime, measure: str, platform: str, _row: Saved, _model: MarketModel
) -> "Moved":
    from analysis.scenario.rerun import moved

    plan = plan_of(_row)
    of = plan.levers[0].platform if plan.levers else platform
    return moved(plan, shelf().snapshot(_row), _model, measure=measure, platform=of)


def moved(base: Base, row: Saved, measure: str, platform: str) -> "Moved":
    """What the result of a kept plan moved by, for the network of its first lever (or `platform`), and why."""
    return _moved(base.source, row.id, row.version, row.saved_at, measure, platform, row, base.model)
