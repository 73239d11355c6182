"""Headline numbers of a market in one month."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.landscape import GUARANTEE, SUBSIDY, networks
from analysis.market import hhi
from analysis.summary import NO_PLAYERS, at, contested, network_shares, row_shares, wide
from data.cities import TIERS
from data.grade import Grade, weakest
from data.markets import Market
from data.platforms import PLATFORMS, using

if TYPE_CHECKING:
    from analysis.share import ShareFit

Key = tuple[str, str]
"""A figure and what it is of: a network, a tier, or "" for the whole market."""
UNITS = {
    "parcels": "parcel_per_month",
    "growth": "fraction",
    "share": "fraction",
    "hhi": "index points",
    "cities": "cities",
    "networks": "networks",
    "stations": "stations",
    "subsidy": "cny_per_parcel",
    "bill": "cny_per_month",
    "guarantee": "cny_per_station_day",
    "response": "points_per_fen",
}
"""Every headline number with its unit code, in the order in which they are shown."""
LEAST_SHARE = 0.01
"""Smaller networks are no headline."""
FEN = 0.01
"""CNY per parcel by which the subsidy rises for `response`."""


def last_month(market: Market) -> pd.Timestamp | None:
    """Latest month with parcels; without volumes the one in which the last station opened; None without both."""
    if market.panel is not None and market.has("panel"):
        return pd.Timestamp(market.panel["month"].max())
    if market.stations is None or not market.has("stations"):
        return None
    return pd.Timestamp(market.stations["opened"].max()).to_period("M").to_timestamp()


def figures(market: Market, month: pd.Timestamp | None, fit: "ShareFit | None" = None) -> dict[Key, float]:
    """Every headline number that the market holds in the month, of networks below LEAST_SHARE too.

    Parameters
    ----------
    market : Market
    month : pandas.Timestamp or None
        First day; None gives nothing.
    fit : ShareFit, optional
        Share model with the subsidy as a driver, by tier or as a whole; without it there is no `response`.
    """
    if month is None:
        return {}
    found: dict[Key, float] = {}
    if market.panel is not None:
        rows = at(market.panel, month)
        if len(rows):
            found |= _volumes(market.panel, rows, month)
            found |= _subsidies(rows) if market.subsidies is not None else {}
            found |= {} if fit is None else {("response", k): v for k, v in responses(rows, fit)["value"].items()}
    if market.stations is not None:
        found["stations", ""] = float(_open(market.stations, month))
    return {key: value for key, value in found.items() if np.isfinite(value)}


def _volumes(panel: pd.DataFrame, rows: pd.DataFrame, month: pd.Timestamp) -> dict[Key, float]:
    volumes = wide(rows, "month")
    shares = row_shares(volumes).iloc[0]
    parcels, earlier = rows["parcels"].sum(), at(panel, month - pd.DateOffset(years=1))["parcels"].sum()
    players = [name for name in contested(volumes) if volumes[name].iloc[0] > 0 and name not in NO_PLAYERS]
    return {
        ("parcels", ""): float(parcels),
        ("growth", ""): float(parcels / earlier - 1) if earlier else np.nan,
        **{("share", str(name)): float(share) for name, share in shares.items()},
        ("hhi", ""): float(hhi(network_shares(volumes).iloc[0])),
        ("cities", ""): float(rows["city"].nunique()),
        ("networks", ""): float(len(players)),
    }


def _subsidies(rows: pd.DataFrame) -> dict[Key, float]:
    """What networks pay, over all their parcels, also where they pay nothing."""
    paying = networks(rows)
    parcels = paying["parcels"].to_numpy(np.float64)
    total = parcels.sum()
    if not total:
        return {}
    paid = {name: float((parcels * paying[name].to_numpy()).sum()) for name in (SUBSIDY, GUARANTEE)}
    return {
        ("subsidy", ""): paid[SUBSIDY] / total,
        ("bill", ""): paid[SUBSIDY],
        ("guarantee", ""): paid[GUARANTEE] / total,
    }


def _open(stations: pd.DataFrame, month: pd.Timestamp) -> int:
    """Stations in service at the end of the month."""
    after = month + pd.DateOffset(months=1)
    closed = stations["closed"] < after
    return int(((stations["opened"] < after) & ~closed).sum())


def responses(rows: pd.DataFrame, fit: "ShareFit") -> pd.DataFrame:
    """What a subsidy higher by FEN adds to a network's share of a tier, to first order.

    Parameters
    ----------
    rows : pandas.DataFrame
        Panel rows of one month.
    fit : ShareFit

    Returns
    -------
    pandas.DataFrame
        Index tier; value, low, high: points of share, the mean over networks weighted by their parcels, with its 95 %
        interval from the coefficient. Tiers without a coefficient are left out; no rows when the subsidy is no driver.
    """
    if fit.by not in (None, "tier"):
        raise ValueError(f"the fit has coefficients by {fit.by!r}: give one by tier, or one for the whole market")
    columns = {"estimate": "value", "low": "low", "high": "high"}
    if SUBSIDY not in fit.drivers:
        return pd.DataFrame(columns=list(columns.values()), dtype=np.float64)
    weight = _weights(rows, fit.volume)
    found = fit.estimates(SUBSIDY)[list(columns)].rename(columns=columns)
    named = found.set_axis(found.index.astype(str))
    by_tier = named.reindex(weight.index) if fit.by else named.loc[["all"] * len(weight)].set_axis(weight.index)
    return by_tier.mul(weight, axis=0).dropna()


def intervals(market: Market, month: pd.Timestamp | None, fit: "ShareFit | None", keys: list[Key]) -> pd.DataFrame:
    """Columns low and high (95 %) of the figures, not numbers where they are counted and not estimated."""
    table = pd.DataFrame({"low": np.nan, "high": np.nan}, index(keys))
    if fit is None or market.panel is None or month is None:
        return table
    found = responses(at(market.panel, month), fit)[["low", "high"]]
    table.update(found.set_axis(index([("response", str(tier)) for tier in found.index])))
    return table


def _weights(rows: pd.DataFrame, volume: str) -> pd.Series:
    """Points of share by tier for one more log-odds per CNY."""
    total = rows.groupby("city", observed=True)[volume].transform("sum")
    cells = rows.assign(room=rows[volume] * (1 - rows[volume] / total.where(total > 0)))[total > 0]
    whole = cells.groupby("tier", observed=True)[volume].sum()
    sums = networks(cells).groupby(["tier", "platform"], observed=True)[[volume, "room"]].sum()
    points = 100 * FEN * sums["room"] / whole.reindex(sums.index.get_level_values("tier")).to_numpy()
    players = sums[volume].groupby(level="tier", observed=True).sum()
    mean = (points * sums[volume]).groupby(level="tier", observed=True).sum() / players
    mean.index = mean.index.astype(str)
    return mean.reindex([tier for tier in TIERS if tier in mean.index]).dropna()


def headline(market: Market, *, month: pd.Timestamp | None = None, fit: "ShareFit | None" = None) -> pd.DataFrame:
    """Headline numbers of a market.

    Parameters
    ----------
    market : Market
    month : pandas.Timestamp, optional
        First day of a month of the panel; the latest by default.
    fit : ShareFit, optional
        Fitted to this market; adds `response` by tier.

    Returns
    -------
    pandas.DataFrame
        Index (figure, of), figures in the order of UNITS, networks with a share of LEAST_SHARE or more: value; low and
        high (95 %, estimates alone); unit (code, words under `unit.<code>`); grade; month. No rows for a market
        without volumes and stations.

    Raises
    ------
    ValueError
        The panel has no such month.
    """
    if month is not None and market.panel is not None and not (market.panel["month"] == month).any():
        raise ValueError(f"the market has no month {month:%Y-%m}: choose one of its panel")
    month = last_month(market) if month is None else month
    found = figures(market, month, fit)
    with using(market.networks):
        keys = ordered({k for k, v in found.items() if k[0] != "share" or v >= LEAST_SHARE})
    table = intervals(market, month, fit, keys)
    table.insert(0, "value", pick(found, keys))
    return table.assign(unit=[UNITS[key] for key, _ in keys], grade=grades(keys, market.grade), month=month)


def ordered(keys: set[Key]) -> list[Key]:
    """Figures in the order of UNITS; networks and tiers in theirs."""
    names = [*PLATFORMS, *TIERS]
    rank = {name: place for place, name in enumerate(("", *names))}
    return sorted(keys, key=lambda key: (list(UNITS).index(key[0]), rank.get(key[1], len(rank)), key[1]))


def index(keys: list[Key]) -> pd.MultiIndex:
    """Index of a table of figures."""
    return (
        pd.MultiIndex.from_tuples(keys, names=["figure", "of"])
        if keys
        else pd.MultiIndex.from_arrays([[], []], names=["figure", "of"])
    )


def grades(keys: list[Key], grade: Grade) -> list[Grade]:
    """Grade of each figure: that of the data, and no better than an estimate for a response."""
    return [weakest(grade, Grade.ESTIMATED) if figure == "response" else grade for figure, _ in keys]


def pick(found: Mapping[Key, float], keys: list[Key]) -> np.ndarray:
    """Values of the keys, not a number where one is missing."""
    return np.array([found.get(key, np.nan) for key in keys], dtype=np.float64)
