"""Structural model of the illustrative market: attraction, free choice, captive routing, and the constants behind them.

For orders that are free to choose, network j's share in city c and month t is the softmax over the networks on offer of

    V = a[j, tier] + trend[j, t] + b[tier] * subsidy + d[tier] * ln(stations) + u[j, c] + e[j, c, t].

An owner's own orders go first, by its allocation, to its network. The constants a and the trends are not assumed:
they are solved for, so that shares of all parcels meet the assumed ones by tier at the base month and in the nation
at the other knots. Solved once, they are the known truth of the market.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from data.cities import TIERS
from data.demo.grid import (
    Floats,
    along,
    by_tier,
    city_table,
    history,
    month_number,
    networks,
    numbers,
    published,
    stream,
    tier_codes,
)
from data.demo.network_table import NETWORKS
from data.demo.parameters import (
    BASE,
    CITY_TASTE_SD,
    DENSITY_EFFECT,
    ORIGINS,
    OTHER,
    SHOCK_SD,
    SUBSIDY_EFFECT,
    Path,
)
from data.demo.roll_out import counts
from data.demo.subsidies import in_force
from data.demo.volumes import demand
from data.platforms import OUTSIDE, PLATFORMS

STEPS = 400
CLOSE = 1e-10
FLOOR = 0.10
"""Least part of a share that free choice must explain; below it the allocation alone would exceed the share."""


@dataclass(frozen=True, slots=True)
class Constants:
    """What was solved for.

    Attributes
    ----------
    by_tier : array (tiers, networks)
        a, relative to home delivery (zero there); zero where the network is on offer in no city of the tier.
    knots : tuple of str
        Months at which trends were solved.
    trends : array (knots, networks)
        Trend at the knots, relative to home delivery; NaN before a network's first.
    """

    by_tier: Floats
    knots: tuple[str, ...]
    trends: Floats


@dataclass(frozen=True, slots=True)
class Choice:
    """Choice at some months: arrays (months, cities, networks).

    Attributes
    ----------
    free : Floats
        Share of orders that are free to choose; sums to one over networks.
    captive : Floats
        Share of its owner's orders that the network gets by routing.
    """

    free: Floats
    captive: Floats


def _softmax(attraction: Floats) -> Floats:
    raised = np.exp(attraction - attraction.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


@cache
def city_tastes() -> Floats:
    """Tastes u: array (cities, networks)."""
    size = len(city_table())
    return np.stack([stream(key, "taste").normal(0, CITY_TASTE_SD, size) for key in networks()], axis=1)


def shocks() -> Floats:
    """Shocks e of the published months: array (months, cities, networks)."""
    size = len(published()), len(city_table())
    return np.stack([stream(key, "shock").normal(0, SHOCK_SD, size) for key in networks()], axis=2)


def _known(months: pd.PeriodIndex) -> tuple[Floats, Floats, Floats]:
    """Attraction without constants and shocks (minus infinity where not on offer), captive shares, and owners' part."""
    stations = counts()[history().get_indexer(months)]
    offered = stations > 0
    offered[..., -1] = True
    value = by_tier(SUBSIDY_EFFECT)[:, None] * in_force(months)
    value += by_tier(DENSITY_EFFECT)[:, None] * np.log(np.maximum(stations, 1)) + city_tastes()
    captive = routed(months)[:, None, :] * offered
    owned = np.stack([owner_share(key, months) for key in networks()], axis=1)
    return np.where(offered, value, -np.inf), captive, captive * owned[:, None, :]


def routed(months: pd.PeriodIndex) -> Floats:
    """Share of the owner's own orders routed to each network where it has stations: array (months, networks)."""
    at = numbers(months)
    paths = [NETWORKS[key].allocation if key != OUTSIDE else () for key in networks()]
    return np.stack([along(path, at) if path else np.zeros(len(at)) for path in paths], axis=1)


def owner_share(key: str, months: pd.PeriodIndex) -> Floats:
    """Share of all orders that belong to a network's owner; zero when the owner sells nothing."""
    path: Path | None = ORIGINS.get(PLATFORMS[key].owner)
    return along(path, numbers(months)) if path else np.zeros(len(months))


def origin_shares(months: pd.PeriodIndex) -> tuple[tuple[str, ...], Floats]:
    """Names of the origins of orders, and their shares: array (months, origins)."""
    owned = np.stack([along(path, numbers(months)) for path in ORIGINS.values()], axis=1)
    return (*ORIGINS, OTHER), np.column_stack([owned, 1 - owned.sum(axis=1)])


def _solve(known: Floats, owned: Floats, weight: Floats, target: Floats) -> Floats:
    """Constants (networks,) at which shares of all parcels, weighted over cities, are `target`; home's is zero.

    Parameters
    ----------
    known, owned : array (cities, networks)
        Attraction apart from the constants; captive share of all parcels.
    weight : array (cities,)
        Parcels.
    target : array (networks,)
        NaN for home delivery, which takes what is left.
    """
    present = np.asarray(np.isfinite(known).any(axis=0))
    part = weight / weight.sum()
    need: Floats = np.where(present, np.nan_to_num(target), 0.0) - part @ owned
    need[-1] = 1 - np.nansum(target[:-1] * present[:-1]) - (part @ owned)[-1]
    if np.any(need[present] < FLOOR * np.nan_to_num(target)[present]):
        raise ValueError("captive orders exceed a network's share; lower its allocation or raise its share")
    open_part = part * (1 - owned.sum(axis=1))
    constants = np.zeros(known.shape[1])
    for _ in range(STEPS):
        step = np.log(need[present] / (open_part @ _softmax(known + constants))[present])
        constants[present] += step - step[-1]
        if np.abs(step).max() < CLOSE:
            return constants
    raise ValueError("the assumed shares cannot be met; a network may be in too few cities for its share")


@cache
def constants() -> Constants:
    """Constants by tier at the base month, then trends at the other knots."""
    keys = networks()[:-1]
    tiers, base = tier_codes(), pd.PeriodIndex([BASE], freq="M")
    known, _, owned = _known(base)
    shares = np.array([*(NETWORKS[key].share for key in keys), (np.nan,) * len(TIERS)]).T
    weight = demand(base)[0]
    level = np.zeros((len(TIERS), len(keys) + 1))
    for tier in range(len(TIERS)):
        here = tiers == tier
        level[tier] = _solve(known[0, here], owned[0, here], weight[here], shares[tier])
    knots = tuple(sorted({month for key in keys for month, _ in NETWORKS[key].path} | {BASE}))
    return Constants(level, knots, np.stack([_trend(level, knot) for knot in knots]))


def _trend(level: Floats, knot: str) -> Floats:
    if knot == BASE:
        return np.zeros(level.shape[1])
    months = pd.PeriodIndex([knot], freq="M")
    known, _, owned = _known(months)
    known, owned = known[0] + level[tier_codes()], owned[0]
    paths = [dict(NETWORKS[key].path).get(knot, np.nan) for key in networks()[:-1]]
    target = np.array([*paths, np.nan])
    known[:, :-1] = np.where(np.isnan(target[:-1]), -np.inf, known[:, :-1])
    solved = _solve(known, np.where(np.isfinite(known), owned, 0.0), demand(months)[0], target)
    return np.where(np.isnan(target) & (np.arange(len(target)) < len(target) - 1), np.nan, solved)


def trend(months: pd.PeriodIndex) -> Floats:
    """Trend of each network: array (months, networks), linear between its knots."""
    solved, at = constants(), numbers(months)
    knots = np.array([month_number(knot) for knot in solved.knots], dtype=np.float64)
    columns = []
    for values in solved.trends.T:
        there = np.isfinite(values)
        columns.append(np.interp(at, knots[there], values[there]))
    return np.stack(columns, axis=1)


def choice(months: pd.PeriodIndex, *, shock: Floats | None = None) -> Choice:
    """Free and captive shares at `months`, which may lie before the market's first; without shocks unless given."""
    known, captive, _ = _known(months)
    value = known + constants().by_tier[tier_codes()] + trend(months)[:, None, :]
    return Choice(_softmax(value if shock is None else value + shock), captive)


def share_of_parcels(month: str) -> pd.Series:
    """National share of parcels of each network in one month by the model, without shocks."""
    months = pd.PeriodIndex([month], freq="M")
    _, _, owned = _known(months)
    free, weight = choice(months).free[0], demand(months)[0]
    share = owned[0] + (1 - owned[0].sum(axis=1, keepdims=True)) * free
    return pd.Series(weight @ share / weight.sum(), index=networks(), name=month)
