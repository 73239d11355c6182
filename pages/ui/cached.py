"""The only place that caches. Keys are small: the market's version, names, filters."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from analysis import summary
from analysis.views import maps
from analysis.views.look import Look
from data import demo
from data import record as published
from data.cities import TIERS
from data.cities import cities as all_cities
from data.markets import Market
from data.platforms import PLATFORMS
from pages.ui import intake
from pages.ui.inputs import Filters

if TYPE_CHECKING:
    from pydeck import Deck

    from analysis.growth import Comparison
    from analysis.scenario import MarketModel
    from analysis.share import ShareFit

DRIVERS = ("subsidy_cny_per_parcel", "log_stations")
EFFECTS = (("platform", "tier"), ("platform", "month"))


@st.cache_resource(max_entries=1, show_spinner=False)
def _demo() -> Market:
    return demo.load()


def demo_market() -> Market:
    """The illustrative market, built on the first call ever and read afterwards. Shared: nobody changes it."""
    return _demo()


def warm() -> None:
    """Read what the first visitor would wait for."""
    market = demo_market()
    if market.panel is not None:
        summary.wide(market.panel, "month")
    published.load()


def market() -> Market:
    """The market in use: the reader's own when chosen, else the illustrative one."""
    own = intake.own_market()
    return own if own is not None else demo_market()


def source(look: Look, market: Market) -> str:
    """Where the market's numbers come from, in one line."""
    own = intake.own_market()
    return look.say("market.source_upload", files=own.source) if own is market else look.say("market.source_demo")


def panel(market: Market, look: Look) -> pd.DataFrame:
    """The market's panel; a market without volumes stops the page with what is needed."""
    if market.panel is None:
        st.info(look.say("market.needs", dataset=look.say("dataset.volumes")), icon=":material/info:")
        st.stop()
    return market.panel


@st.cache_data(max_entries=64, show_spinner=False)
def _months(version: str, _panel: pd.DataFrame) -> list[pd.Timestamp]:
    return sorted(_panel["month"].unique())


def months(market: Market) -> Sequence[pd.Timestamp]:
    """Months of the market, oldest first."""
    assert market.panel is not None
    return _months(market.version, market.panel)


@st.cache_data(max_entries=256, show_spinner=False)
def _wide(
    version: str, by: str, key: object, history: bool, value: str, _panel: pd.DataFrame, _filters: Filters
) -> pd.DataFrame:
    rows = summary.within(_panel, tiers=_filters.tiers, regions=_filters.regions)
    rows = rows[rows["month"] <= _filters.month] if history else summary.at(rows, _filters.month)
    return summary.wide(rows, by, value=value)


def wide(market: Market, by: str, filters: Filters, *, history: bool = False, value: str = "parcels") -> pd.DataFrame:
    """`value` by group and network in the month chosen, or in every month up to it."""
    assert market.panel is not None
    return _wide(market.version, by, filters.key, history, value, market.panel, filters)


def stations_over_time(market: Market, filters: Filters) -> pd.Series:
    """Active stations of all networks by month."""
    return wide(market, "month", filters, history=True, value="stations").sum(axis=1)


@st.cache_data(max_entries=1, show_spinner=False)
def price() -> pd.Series:
    """Published revenue per parcel, CNY, by month."""
    rows = published.series("revenue_per_parcel.industry.china.month_filled.cny-per-parcel")
    return rows.set_index("start")["value"]


@st.cache_data(max_entries=64, show_spinner=False)
def _cities(version: str, key: object, network: str, _panel: pd.DataFrame, _filters: Filters) -> pd.DataFrame:
    rows = summary.within(summary.at(_panel, _filters.month), tiers=_filters.tiers, regions=_filters.regions)
    table = summary.city_measures(rows, network)
    facts = all_cities().reindex(table.index.astype(str))
    table.index = facts.index
    return table.assign(
        tier=facts["tier"],
        city_zh=facts["city_zh"],
        city_en=facts["city_en"],
        stations_per_10k=table["stations"] / facts["population_2020"] * 1e4,
    )


def cities(market: Market, filters: Filters, look: Look, *, network: str) -> pd.DataFrame:
    """One row a city with every measure of the map and its `name` in the reader's language."""
    assert market.panel is not None
    table = _cities(market.version, filters.key, network, market.panel, filters)
    return table.assign(name=table[f"city_{look.lang}"])


@st.cache_data(max_entries=1, show_spinner=False)
def _city_names() -> pd.DataFrame:
    return all_cities()[["city_zh", "city_en"]]


def city_label(code: str, look: Look) -> str:
    """Name of a city in a list."""
    return look.say("map.all_cities") if code == "all" else str(_city_names().loc[code, f"city_{look.lang}"])


@st.cache_resource(max_entries=16, show_spinner=False)
def _stations(version: str, key: object, place: str, _stations: pd.DataFrame, _filters: Filters) -> pd.DataFrame:
    last_day = _filters.month + pd.offsets.MonthEnd(0)
    rows = _stations[(_stations["opened"] <= last_day) & ~(_stations["closed"] <= last_day)]
    rows = rows[rows["city"] == place] if place != "all" else rows
    tier = all_cities()["tier"].reindex(rows["city"].astype(str)).to_numpy()
    rows = rows.assign(
        tier=pd.Categorical(tier, TIERS, ordered=True),
        region=all_cities()["region"].reindex(rows["city"].astype(str)).to_numpy(),
    )
    return summary.within(rows, tiers=_filters.tiers, regions=_filters.regions)


def stations(market: Market, filters: Filters, place: str) -> pd.DataFrame | None:
    """Stations active at the end of the month, of one city or of all; None without station data."""
    if market.stations is None:
        return None
    return _stations(market.version, filters.key, place, market.stations, filters)


@st.cache_resource(max_entries=16, show_spinner=False)
def _deck(
    version: str, key: object, place: str, network: str, lang: str, mode: str, _rows: pd.DataFrame, _look: Look
) -> "tuple[Deck, str]":
    if place != "all":
        return maps.city_map(_rows, _look), ""
    cells = maps.grid(_rows, network)
    return maps.density_map(cells, _look, network), maps.density_finding(cells, _look, network)


def deck(market: Market, filters: Filters, place: str, network: str, look: Look) -> "tuple[Deck, str]":
    """Station map of the country (cells, with its finding) or of one city (single stations)."""
    rows = stations(market, filters, place)
    assert rows is not None
    return _deck(market.version, filters.key, place, network, look.lang, look.theme.mode, rows, look)


@st.cache_resource(max_entries=8, show_spinner=False)
def _share_fit(version: str, _panel: pd.DataFrame) -> "ShareFit | None":
    from analysis import share

    drivers = summary.varying(_panel, DRIVERS)
    if not drivers:
        return None
    estimator = "poisson" if (_panel["open_parcels"] <= 0).any() else "log-centred"
    return share.fit(_panel, drivers, volume="open_parcels", by="tier", effects=EFFECTS, estimator=estimator)


def share_fit(market: Market, look: Look) -> "ShareFit | None":
    """Share model of the whole market; None when no driver varies within its city-months."""
    assert market.panel is not None
    with st.spinner(look.say("status.fitting")):
        return _share_fit(market.version, market.panel)


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
def comparison(version: str, key: str, curves: Sequence[str], _values: pd.Series) -> "Comparison":
    """These growth curves fitted to one series; `version` and `key` name it."""
    from analysis.growth import compare

    return compare(_values, curves)


def networks(market: Market) -> list[str]:
    """Networks of the market in their fixed order."""
    assert market.panel is not None
    present = set(market.panel["platform"].unique())
    return [p for p in PLATFORMS if p in present]


@st.cache_data(max_entries=1, show_spinner=False)
def record() -> pd.DataFrame:
    """Every published figure."""
    return published.load()


@st.cache_data(max_entries=1, show_spinner=False)
def record_years() -> list[str]:
    """Years of the record, latest first."""
    years = published.load()["start"].dropna().dt.year.unique()
    return [str(year) for year in sorted(years, reverse=True)]


@st.cache_data(max_entries=2, show_spinner=False)
def anchors() -> pd.DataFrame:
    """Published figures and what the illustrative market has in their place."""
    from data.demo import anchors as demo_anchors

    return demo_anchors.anchors(_demo())


def series_name(row: Any, look: Look) -> str:
    """Name of a published series: metric, whose, where, how often."""
    parts = [look.term("metric", row.metric)]
    parts += [look.term("subject", row.subject)] if row.subject != "Industry" else []
    parts += [look.term("place", row.place)] if row.place != "China" else []
    return f"{' · '.join(parts)} ({look.term('basis', row.basis)})"


def record_series(rows: pd.DataFrame, look: Look) -> dict[str, str]:
    """Chartable series among these rows of the record, by key, with their names."""
    table = _series_list()
    parts = table.merge(rows[["metric", "subject", "place", "basis", "unit"]].drop_duplicates())
    return {row.key: series_name(row, look) for row in parts.itertuples()}


@st.cache_data(max_entries=1, show_spinner=False)
def _series_list() -> pd.DataFrame:
    return published.series_list()
