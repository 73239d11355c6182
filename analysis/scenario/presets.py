"""Scenarios that tell published stories: their numbers are read from the record, and the rest is said to be assumed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from math import ceil
from typing import Any

import numpy as np
import pandas as pd

from analysis.scenario.contest import MarketModel
from analysis.scenario.levers import KINDS, Lever, Scenario
from data import record
from data.cities import cities

Pair = tuple[str, str]
ASSUMED = {
    "allocation": 0.10,
    "cooperation": 0.05,
    "fee_waiver": 5_000.0,
    "shared_delivery": 0.10,
}
"""Sizes of levers that no source prints: fractions, CNY per new station, CNY per parcel."""
RURAL_TIERS = ("Tier 3", "Tier 4", "Tier 5")
XIAN = "610100"
WEST = ("Southwest", "Northwest")
REMOTE = ("Xizang (Tibet)", "Qinghai", "Gansu")
SHARING = ("chinapost", "tuxi", "mama", "sto", "yunda", "jt")
"""Networks of couriers, whose parcels one operator can deliver together."""
_PERIOD = {("locker_sets", "hivebox"): "2019-12 / 2020-04"}
"""Which figure is meant where the record has several of one metric; otherwise the latest that is not doubted."""


@dataclass(frozen=True, slots=True)
class Told:
    """A story in one market.

    Attributes
    ----------
    scenario : Scenario
    left_out : tuple of (str, str)
        What the market does not have: "network", "tier", "region", "province" or "city" and which; "met" and a network
        whose target the market has reached. Words are under `preset.left_<code>`.
    """

    scenario: Scenario
    left_out: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Draft:
    """Levers as they gather, and what the market lacks."""

    model: MarketModel
    months: int
    levers: list[Lever] = field(default_factory=list)
    left: dict[tuple[str, str], None] = field(default_factory=dict)

    def has(self, what: str, name: str) -> bool:
        """Whether the market has the network, tier, region, province or city; noted when not."""
        places = {"network": "platforms", "tier": "tiers", "city": "cities"}
        found = name in getattr(self.model, places.get(what, what))
        if not found:
            self.left[what, name] = None
        return found

    def add(self, platform: str, kind: str, change: float, **where: Any) -> None:
        """One lever, cut to the range of its kind; none when the network is missing or nothing changes."""
        size = float(np.clip(change, KINDS[kind].low, KINDS[kind].high))
        if self.has("network", platform) and size:
            self.levers.append(Lever(platform, round(size, 4), kind=kind, **where))

    def tiers(self, wanted: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the market; all of its tiers when it has none of them."""
        return tuple(tier for tier in wanted if self.has("tier", tier)) or self.model.tiers

    def unpaid(self, platform: str, tier: str) -> tuple[str, ...]:
        """Cities of a tier in which the network is on offer and pays no subsidy today."""
        j, span = self.model.platforms.index(platform), self.model.span(tier)
        without = self.model.offered[j, span] & (self.model.subsidy[j, span] <= 0)
        return tuple(city for city, free in zip(self.model.cities[span], without, strict=True) if free)

    def open(self, platform: str, count: float, **where: Any) -> None:
        """Stations opened in equal stages, none larger than the slider's range, evenly over the months."""
        stages = ceil(count / KINDS["stations"].high)
        for stage in range(stages):
            start, end = (round(self.months * part / stages) for part in (stage, stage + 1))
            when = {"start_month": start + 1, "ramp_months": max(end - start, 1)}
            self.add(platform, "stations", round(count / stages), **where, **when)

    def fill(self, platform: str, target: float, tiers: tuple[str | None, ...]) -> None:
        """Open what is missing of a national target, by the market's part of the people, in proportion to parcels."""
        if not self.has("network", platform):
            return
        missing = target * _part(self.model) - self.model.stations[self.model.platforms.index(platform)].sum()
        if missing < 1:
            self.left["met", platform] = None
            return
        parcels = [_parcels(self.model, tier) for tier in tiers]
        for tier, weight in zip(tiers, parcels, strict=True):
            self.open(platform, missing * weight / sum(parcels), tier=tier)


@dataclass(frozen=True, slots=True)
class Preset:
    """One story.

    Attributes
    ----------
    key : str
        Its name and story are the texts `preset.<key>` and `preset.<key>_story`.
    sources : tuple of (metric, platform)
        Figures of the record that it rests on; `figures` gives their rows.
    assumed : tuple of str
        Text keys of what is assumed beyond the sources; their placeholders are filled from `ASSUMED`.
    months : int
    draw_up : callable
        Adds the levers.
    """

    key: str
    sources: tuple[Pair, ...]
    assumed: tuple[str, ...]
    months: int
    draw_up: Callable[[_Draft], None]

    def build(self, model: MarketModel, *, name: str = "") -> Scenario:
        """The scenario, with networks and places that the market has."""
        return self.told(model, name=name).scenario

    def told(self, model: MarketModel, *, name: str = "") -> Told:
        """The scenario and what the market lacks for it."""
        draft = _Draft(model, self.months)
        self.draw_up(draft)
        kinds = list(dict.fromkeys(lever.kind for lever in draft.levers))
        levers = tuple(sorted(draft.levers, key=lambda lever: kinds.index(lever.kind)))
        growth = last_growth(model)
        scenario = Scenario(name or self.key, levers, months=self.months, growth_per_year=growth, preset=self.key)
        return Told(scenario, tuple(draft.left))


def last_growth(model: MarketModel) -> float:
    """Growth with which a new scenario starts: that of the market's last year in whole per cent; 0 where unknown."""
    return float(np.clip(round(model.growth[0], 2), -0.5, 1.0))


def figures(preset: Preset) -> pd.DataFrame:
    """Rows of the record behind a preset, one a source, with the columns of `data.record.load`."""
    rows = record.load().set_index("id", drop=False)
    return rows.loc[[_row(*pair)["id"] for pair in preset.sources]].reset_index(drop=True)


@cache
def _row(metric: str, platform: str) -> pd.Series:
    rows = record.load()
    rows = rows[(rows["metric"] == metric) & (rows["network"] == platform)]
    rows = rows[rows["period"] == _PERIOD.get((metric, platform), rows["period"])]
    if rows.empty:
        raise ValueError(f"the record has no {metric!r} of {platform!r}: name another metric")
    doubt = rows["traps"].str.contains("superseded|conflict|not_credible")
    return rows.assign(doubt=doubt).sort_values(["doubt", "end"], ascending=[True, False], kind="stable").iloc[0]


def _value(metric: str, platform: str) -> float:
    """Published figure; the middle of a range."""
    row = _row(metric, platform)
    return float(row["value"] if pd.notna(row["value"]) else (row["value_low"] + row["value_high"]) / 2)


def _part(model: MarketModel) -> float:
    """Part of the nation's people who live in the market's cities; unknown cities count as average."""
    people = cities()["population_2020"]
    return float(min(people.reindex(list(model.cities)).fillna(people.mean()).sum() / people.sum(), 1.0))


def _parcels(model: MarketModel, tier: str | None) -> float:
    return float(model.parcels[:, slice(None) if tier is None else model.span(tier)].sum())


def _other_services() -> float:
    """CNY per inbound parcel that one station earned from parcels sent out."""
    outbound = _value("station_profit_per_outbound_parcel", "cainiao") * _value("outbound_parcels_per_day", "cainiao")
    return outbound / _value("inbound_parcels_per_day", "cainiao")


def _duoduo(draft: _Draft) -> None:
    low, high = (int(_value(f"target_city_tier_{end}", "duoduo")) for end in ("low", "high"))
    if not draft.has("network", "duoduo"):
        return
    for tier in draft.tiers(tuple(f"Tier {n}" for n in range(low, high + 1))):
        places = draft.unpaid("duoduo", tier)
        whole = len(places) == len(draft.model.cities[draft.model.span(tier)])
        if places:
            most = _value("subsidy_per_parcel_high", "duoduo")
            draft.add("duoduo", "subsidy", most, tier=tier, cities=() if whole else places)
        for kind in ("allocation", "cooperation"):
            draft.add("duoduo", kind, ASSUMED[kind], tier=tier)


def _cainiao(draft: _Draft) -> None:
    model, count = draft.model, int(_value("cities_planned", "cainiao"))
    size = model.parcels.sum(axis=0)
    chosen = set(np.argsort(-size, kind="stable")[:count].tolist())
    each = _value("stations_planned", "cainiao") / count * len(chosen) / size[list(chosen)].sum()
    for tier in model.tiers:
        span = range(*model.span(tier).indices(len(model.cities)))
        inside = [c for c in span if c in chosen]
        places = tuple(model.cities[c] for c in inside) if len(inside) < len(span) else ()
        if inside:
            draft.open("cainiao", each * size[inside].sum(), tier=tier, cities=places)
            draft.add("cainiao", "fee_waiver", ASSUMED["fee_waiver"], tier=tier, cities=places)
            draft.add("cainiao", "ancillary", _other_services(), tier=tier, cities=places)


def _jd(draft: _Draft) -> None:
    model, layers = draft.model, int(_value("delivery_system_tiers", "jd"))
    if not draft.has("network", "jd"):
        return
    city = XIAN if draft.has("city", XIAN) else model.cities[int(model.parcels.sum(axis=0).argmax())]
    j, c = model.platforms.index("jd"), model.cities.index(city)
    for layer in range(layers):
        start = 1 + layer * draft.months // (2 * layers)
        draft.add("jd", "stations", max(round(model.stations[j, c] / layers), 1), cities=(city,), start_month=start)
    draft.add("jd", "subsidy", -model.subsidy[j, c], cities=(city,))


def _rural(draft: _Draft) -> None:
    draft.fill("rural", _value("villages_planned", "rural"), draft.tiers(RURAL_TIERS))


def _shops(draft: _Draft) -> None:
    for platform in ("tuxi", "mama"):
        draft.add(platform, "ancillary", _other_services())


def _lockers(draft: _Draft) -> None:
    draft.fill("hivebox", _value("lockers_installed_forecast", "hivebox"), (None,))


def _shared(draft: _Draft) -> None:
    for region in WEST:
        for platform in SHARING if draft.has("region", region) else ():
            draft.add(platform, "shared_delivery", ASSUMED["shared_delivery"], region=region)


def _forwarding(draft: _Draft) -> None:
    for province in REMOTE:
        if draft.has("province", province):
            draft.add("duoduo", "forwarding", _value("subsidy_per_parcel_high", "duoduo"), province=province)


_SERVICES = "station_profit_per_outbound_parcel outbound_parcels_per_day inbound_parcels_per_day"
_TACTICS = (
    "subsidy_per_parcel_low subsidy_per_parcel_high target_city_tier_low target_city_tier_high "
    "monthly_station_income_uplift"
)
_COUNTIES = "counties_covered counties_planned service_centres villages_planned plan_horizon"
_LOCKERS = "lockers_installed lockers_installed_forecast locker_sets"
_VILLAGES = "villages_in_post_express_cooperation"
_SENT = "provinces_entered subsidy_per_parcel_high"


def _preset(
    key: str, platform: str, metrics: str, assumed: str, draw_up: Callable[[_Draft], None], *, months: int = 24
) -> Preset:
    """Preset whose sources are `metrics` of one network; `assumed` names its sentences."""
    sources = tuple((metric, platform) for metric in metrics.split())
    return Preset(key, sources, tuple(f"preset.{key}_{name}" for name in assumed.split()), months, draw_up)


_LIST = (
    _preset("duoduo", "duoduo", _TACTICS, "level routing guarantee", _duoduo),
    _preset("cainiao", "cainiao", f"stations_planned cities_planned {_SERVICES}", "places waiver services", _cainiao),
    _preset("jd", "jd", "delivery_system_tiers", "count subsidy", _jd),
    _preset("rural", "rural", _COUNTIES, "target conflict", _rural, months=36),
    _preset("shops", "cainiao", _SERVICES, "figure effect", _shops),
    _preset("lockers", "hivebox", _LOCKERS, "target forecast", _lockers),
    _preset("shared", "chinapost", _VILLAGES, "saving networks", _shared),
    _preset("forwarding", "duoduo", _SENT, "network size", _forwarding),
)
PRESETS: dict[str, Preset] = {preset.key: preset for preset in _LIST}
"""Published stories by key."""
