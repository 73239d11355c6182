"""Cached tables of the market in use. Keys are small: the market's version, names, filters.

Caches live here, in `fits` and in `published`, nowhere else.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd
import streamlit as st

from analysis import summary
from analysis.space import active
from analysis.views import maps, nation
from analysis.views.look import Look, View
from data import demo
from data import record as published
from data.cities import TIERS
from data.cities import cities as all_cities
from data.markets import Market
from data.platforms import PLATFORMS, Platform
from data.workspace import Version, WorkspaceError
from pages.ui import intake, layout, markets, whence
from pages.ui.inputs import Filters

if TYPE_CHECKING:
    from pydeck import Deck

T = TypeVar("T")
MOST_LARGE = 4
PROVINCE_SUFFIX = "(?:省|市|(?:壮族|回族|维吾尔)?自治区)$"
"""What a Chinese reader leaves out of a province's name in a list."""


@st.cache_resource(max_entries=1, show_spinner=False)
def demo_market() -> Market:
    """The illustrative market, built on the first call ever and read afterwards. Shared: nobody changes it."""
    return demo.load()


def warm() -> None:
    """Read what the first visitor would wait for."""
    market = demo_market()
    if market.panel is not None:
        summary.wide(market.panel, "month")
    published.load()


@st.cache_resource(max_entries=4, show_spinner=False)
def _kept(version: str, _version: Version, _networks: tuple[Platform, ...]) -> Market:
    return markets.build(_version, _networks)


def market() -> Market:
    """The market in use: of this session's files, of the workspace where the reader may see it, or the illustrative."""
    own, found = intake.own_market(), markets.in_use()
    if own is None and found is not None:
        version, networks = found
        try:
            own = _kept(markets.mark(version.info, networks), version, networks)
        except WorkspaceError as error:
            markets.lost(error)
    used = markets.use(own if own is not None else demo_market())
    whence.market(used.version)
    return used


def source(look: Look, market: Market) -> str:
    """Where the market's numbers come from, in one line."""
    if not markets.brought(market):
        return look.say("market.source_demo")
    files, info = look.few([layout.plain(file) for file in market.source.split(", ")]), markets.info()
    if info is None or not markets.lasting(market):
        return look.say("market.source_upload", files=files)
    return look.say("market.source_kept", name=layout.plain(info.name), number=info.number, files=files)


def need_volumes(market: Market, look: Look) -> None:
    """Stop the page with what is needed when the market has no volumes."""
    if market.panel is None:
        st.info(look.say("market.needs", dataset=look.say("dataset.volumes")), icon=":material/info:")
        st.stop()


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
    rows = _filters.rows(_panel)
    rows = rows[rows["month"] <= _filters.month] if history else summary.at(rows, _filters.month)
    return summary.wide(rows, by, value=value)


def wide(market: Market, by: str, filters: Filters, *, history: bool = False, value: str = "parcels") -> pd.DataFrame:
    """`value` by group and network in the month chosen, or in every month up to it."""
    assert market.panel is not None
    return _wide(market.version, by, filters.key, history, value, market.panel, filters)


@st.cache_data(max_entries=64, show_spinner=False)
def _history(version: str, by: str, key: object, most: int, _panel: pd.DataFrame, _filters: Filters) -> pd.DataFrame:
    rows = _filters.rows(_panel)
    shown = summary.in_order(summary.wide(summary.at(rows, _filters.month), by), by).index[:most]
    rows = rows[(rows["month"] <= _filters.month) & rows[by].isin(shown)]
    return summary.wide(rows, [by, "month"]).reindex(shown, level=0)


def history(market: Market, by: str, filters: Filters, *, most: int) -> pd.DataFrame:
    """Parcels by group and month up to the one chosen; the `most` largest groups of that month where there are more."""
    assert market.panel is not None
    return _history(market.version, by, filters.key, most, market.panel, filters)


@st.cache_data(max_entries=64, show_spinner=False)
def _city_rows(version: str, city: str, _panel: pd.DataFrame) -> pd.DataFrame:
    return _panel[_panel["city"] == city]


def city_rows(market: Market, city: str) -> pd.DataFrame:
    """Rows of one city, all months and networks."""
    assert market.panel is not None
    return _city_rows(market.version, city, market.panel)


@st.cache_data(max_entries=64, show_spinner=False)
def _city_codes(version: str, key: object, _panel: pd.DataFrame, _filters: Filters) -> list[str]:
    rows = _filters.rows(summary.at(_panel, _filters.month))
    return sorted(rows["city"].unique())


def city_codes(market: Market, filters: Filters) -> list[str]:
    """Cities that fit the filters."""
    assert market.panel is not None
    return _city_codes(market.version, filters.key, market.panel, filters)


def stations_over_time(market: Market, filters: Filters) -> pd.Series:
    """Active stations of all networks by month."""
    return wide(market, "month", filters, history=True, value="stations").sum(axis=1)


@st.cache_data(max_entries=64, show_spinner=False)
def _cities(version: str, key: object, network: str, _panel: pd.DataFrame, _filters: Filters) -> pd.DataFrame:
    table = nation.month_table(_filters.rows(_panel), network, _filters.month)
    facts = all_cities().reindex(table.index)
    return table.assign(tier=facts["tier"], city_zh=facts["city_zh"], city_en=facts["city_en"])


def cities(market: Market, filters: Filters, look: Look, *, network: str) -> pd.DataFrame:
    """One row a city with every measure of the map and its `name` in the reader's language."""
    assert market.panel is not None
    table = _cities(market.version, filters.key, network, market.panel, filters)
    return table.assign(name=table[f"city_{look.lang}"])


@cache
def _of_cities(column: str) -> dict[str, str]:
    """A column of the cities by code: lists of a page ask for hundreds of names, one by one."""
    return all_cities()[column].astype(str).to_dict()


def city_tier(code: str) -> str:
    """Tier of a city."""
    return _of_cities("tier")[code]


def place_names(by: str, look: Look) -> dict[str, str]:
    """Names of cities by code, or of provinces, short and in the reader's language; nothing for other groups."""
    if by not in ("city", "province"):
        return {}
    names = all_cities()
    keys = names.index if by == "city" else names["province_en"]
    return dict(zip(keys, names[f"{by}_{look.lang}"].str.replace(PROVINCE_SUFFIX, "", regex=True), strict=True))


def city_label(code: str, look: Look) -> str:
    """Name of a city in a list."""
    return look.say("map.all_cities") if code == "all" else _of_cities(f"city_{look.lang}")[code]


@st.cache_resource(max_entries=16, show_spinner=False)
def _stations(version: str, key: object, place: str, _stations: pd.DataFrame, _filters: Filters) -> pd.DataFrame:
    rows = active(_stations, _filters.month)
    rows = rows[rows["city"] == place] if place != "all" else rows
    tier = all_cities()["tier"].reindex(rows["city"].astype(str)).to_numpy()
    rows = rows.assign(
        tier=pd.Categorical(tier, TIERS, ordered=True),
        region=all_cities()["region"].reindex(rows["city"].astype(str)).to_numpy(),
    )
    return _filters.rows(rows)


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
        return maps.city_map(_rows, _look, network), ""
    cells = maps.grid(_rows, network)
    return maps.density_map(cells, _look, network), maps.density_finding(cells, _look, network)


def deck(market: Market, filters: Filters, place: str, network: str, look: Look) -> "tuple[Deck, str]":
    """Station map of the country (cells, with its finding) or of one city (single stations)."""
    rows = stations(market, filters, place)
    assert rows is not None
    return _deck(market.version, filters.key, place, network, look.lang, look.theme.mode, rows, look)


def networks(market: Market) -> list[str]:
    """Networks of the market in their fixed order."""
    assert market.panel is not None
    present = set(market.panel["platform"].unique())
    return [p for p in PLATFORMS if p in present]


@st.cache_data(max_entries=2, show_spinner=False)
def anchors() -> pd.DataFrame:
    """Published figures and what the illustrative market has in their place."""
    from data.demo import anchors as demo_anchors

    return demo_anchors.anchors(demo_market())


@st.cache_resource(max_entries=96, show_spinner=False)
def drawn(source: object, picture: str, lang: str, mode: str, _draw: Callable[[], View]) -> View:
    """A picture, drawn once for what `source` (market, filters and cut) names."""
    return _draw()


def pictured(market: Market, filters: Filters, look: Look, name: str, draw: Callable[[], View], *cut: object) -> View:
    """A picture of a market in what is chosen, drawn once; `cut` names what else it is of."""
    return drawn((market.version, filters.key, filters.networks, *cut), name, look.lang, look.theme.mode, draw)


@st.cache_resource(max_entries=48, show_spinner=False)
def _held(name: str, key: tuple[object, ...], _make: Callable[[], Any]) -> Any:
    return _make()


def kept(name: str, key: tuple[object, ...], make: Callable[[], T]) -> T:
    """What `make` returned for `name` and `key` (hashable, with the market's version); shared: nobody changes it."""
    return _held(name, key, make)


@cache
def _shelf(name: str) -> Callable[[tuple[object, ...], Callable[[], Any]], Any]:
    """A cache of its own for each name: what is large does not push out what else is."""

    def held(key: tuple[object, ...], _make: Callable[[], Any]) -> Any:
        return _make()

    held.__qualname__ = f"kept_large.{name}"  # by this Streamlit tells caches apart
    return st.cache_resource(max_entries=MOST_LARGE, show_spinner=False)(held)


def kept_large(name: str, key: tuple[object, ...], make: Callable[[], T]) -> T:
    """The same for what takes tens of megabytes: only a few of each name are held."""
    found: T = _shelf(name)(key, make)
    return found
