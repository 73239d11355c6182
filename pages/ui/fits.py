"""Cached fits: the share model, what-if markets, growth curves. Keys are the market's version, names and filters."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis import summary
from analysis.views.look import Look
from data.markets import Market
from pages.ui.inputs import Filters

if TYPE_CHECKING:
    from analysis.growth import Comparison
    from analysis.scenario import MarketModel
    from analysis.share import ShareFit

DRIVERS = ("subsidy_cny_per_parcel", "log_stations")
LEAST_CITIES = 2
"""A tier with fewer has no sampling error of its own."""
EFFECTS = (("platform", "tier"), ("platform", "month"))


@st.cache_resource(max_entries=8, show_spinner=False)
def _share_fit(version: str, _panel: pd.DataFrame) -> "ShareFit | str":
    from analysis import share

    drivers = summary.varying(_panel, DRIVERS)
    if not drivers:
        return "no_drivers"
    estimator = "poisson" if (_panel["open_parcels"] <= 0).any() else "log-centred"
    few = _panel.groupby("tier", observed=True)["city"].nunique().min() < LEAST_CITIES
    by, effects = (None, ("platform", ("platform", "month"))) if few else ("tier", EFFECTS)
    try:
        return share.fit(_panel, drivers, volume="open_parcels", by=by, effects=effects, estimator=estimator)
    except share.ShareError as error:
        return error.code


def share_fit(market: Market, look: Look) -> "ShareFit | str":
    """Share model of the whole market, or the code of the reason why these data cannot carry it.

    Coefficients are by tier where every tier has two cities or more, otherwise for the market as a whole.
    """
    assert market.panel is not None
    with st.spinner(look.say("status.fitting")):
        return _share_fit(market.version, market.panel)


@st.cache_data(max_entries=32, show_spinner=False)
def _elasticities(version: str, key: object, _panel: pd.DataFrame, _fit: "ShareFit", _filters: Filters) -> pd.DataFrame:
    rows = summary.within(summary.at(_panel, _filters.month), tiers=_filters.tiers, regions=_filters.regions)
    return _fit.elasticities(rows, DRIVERS[0])


def elasticities(market: Market, fit: "ShareFit", filters: Filters) -> pd.DataFrame:
    """Responses to the subsidy by tier and network in the month chosen."""
    assert market.panel is not None
    return _elasticities(market.version, filters.key, market.panel, fit, filters)


def counted(market: Market) -> str:
    """Which parcels the share model explains: open orders where their origin is known, else all."""
    assert market.panel is not None
    return "all_orders" if (market.panel["open_parcels"] == market.panel["parcels"]).all() else "open_orders"


@st.cache_resource(max_entries=32, show_spinner=False)
def _market_model(
    version: str, key: object, _panel: pd.DataFrame, _fit: "ShareFit", _filters: Filters
) -> "MarketModel":
    from analysis import scenario

    return scenario.market_model(
        _panel, _fit, month=_filters.month, tiers=_filters.tiers or None, regions=_filters.regions or None
    )


def market_model(market: Market, fit: "ShareFit", filters: Filters) -> "MarketModel":
    """What the what-if starts from: the month's observed shares and the fitted coefficients."""
    assert market.panel is not None
    return _market_model(market.version, filters.key, market.panel, fit, filters)


@st.cache_data(max_entries=128, show_spinner=False)
def comparison(source: object, key: str, curves: Sequence[str], _values: pd.Series) -> "Comparison":
    """These growth curves fitted to the series that `source` (market and filters, or nothing) and `key` name."""
    from analysis.growth import compare

    return compare(_values, curves)


@st.cache_data(max_entries=128, show_spinner=False)
def confirmed(source: object, key: str, curve: str, _values: pd.Series) -> bool:
    """Whether sums by calendar year tell a ceiling as well: a season can make one up."""
    from analysis.growth import annual, compare

    fits = compare(annual(_values), [curve]).fits
    return curve in fits and fits[curve].ceiling is not None
