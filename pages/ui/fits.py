"""Cached fits: the share model, what-if markets, growth curves. Keys are the market's version, names and filters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, TypeVar, cast

import pandas as pd
import streamlit as st

from analysis import captive, landscape, summary
from analysis.views.look import Look
from analysis.views.reading import LOGGED, STEPS
from data import record
from data.cities import cities as all_cities
from data.grade import Grade, weakest
from data.markets import Market
from data.platforms import OUTSIDE
from pages.ui.inputs import Filters

if TYPE_CHECKING:
    from analysis.effect.implied import Implied
    from analysis.growth import Comparison
    from analysis.scenario import MarketModel
    from analysis.share import ShareFit
    from analysis.studies import Study

T = TypeVar("T")
DRIVERS = ("subsidy_cny_per_parcel", "log_stations")
ASSUMED = "+"
"""Last sign of the version of a market whose captive parcels are assumed."""
EFFECTS = (("platform", "tier"), ("platform", "month"))


@st.cache_resource(max_entries=8, show_spinner=False)
def _share_fit(version: str, _panel: pd.DataFrame) -> "ShareFit | str":
    from analysis import share

    drivers = summary.varying(_panel, DRIVERS)
    if not drivers:
        return "no_drivers"
    estimator = "poisson" if (_panel["open_parcels"] <= 0).any() else "log-centred"
    code = ""
    for by, effects in (("tier", EFFECTS), (None, ("platform", ("platform", "month")))):
        try:
            return share.fit(_panel, drivers, volume="open_parcels", by=by, effects=effects, estimator=estimator)
        except share.ShareError as error:
            code = error.code
        if code != "few_clusters":
            return code
    return code


def share_fit(market: Market, look: Look) -> "ShareFit | str":
    """Share model of the whole market, or the code of the reason why these data cannot carry it.

    Coefficients are by tier where every tier has two cities or more, otherwise for the market as a whole.
    """
    assert market.panel is not None
    with st.spinner(look.say("status.fitting")):
        return _share_fit(market.version, market.panel)


def month_rows(market: Market, filters: Filters) -> pd.DataFrame:
    """Panel rows of the month, tiers and regions chosen."""
    assert market.panel is not None
    return filters.rows(summary.at(market.panel, filters.month))


@st.cache_data(max_entries=64, show_spinner=False)
def _elasticities(version: str, key: object, driver: str, _rows: pd.DataFrame, _fit: "ShareFit") -> pd.DataFrame:
    return _fit.elasticities(_with_volume(_rows, _fit), driver, step=STEPS[driver], logged=driver in LOGGED)


def elasticities(market: Market, fit: "ShareFit", filters: Filters, driver: str = DRIVERS[0]) -> pd.DataFrame:
    """Responses to one more of `driver` by tier and network in the month chosen."""
    return _elasticities(market.version, filters.key, driver, month_rows(market, filters), fit)


def _with_volume(rows: pd.DataFrame, fit: "ShareFit") -> pd.DataFrame:
    """Rows of the markets that have parcels of the kind the fit explains."""
    total = rows.groupby(list(fit.market), observed=True)[fit.volume].transform("sum")
    return rows[total > 0]


@st.cache_data(max_entries=64, show_spinner=False)
def _matrices(
    version: str, key: object, driver: str, tier: str, elastic: bool, _rows: pd.DataFrame, _fit: "ShareFit"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    from analysis import responses

    rows = _with_volume(_rows if tier == "all" else _rows[_rows["tier"] == tier], _fit)
    step = None if elastic and driver not in LOGGED else 1.0 if elastic else STEPS[driver]
    changes = responses.matrix(rows, _fit, driver, tier=tier, step=step)
    return changes.drop(columns=OUTSIDE, errors="ignore"), responses.diversion(rows, _fit)


def matrices(
    market: Market, fit: "ShareFit", filters: Filters, *, driver: str, tier: str, elastic: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Response matrix of `driver` (or its elasticities) and diversion matrix of one tier in the month chosen.

    Nobody sets the driver of the outside option, so it has a row in the first and no column.
    """
    return _matrices(market.version, filters.key, driver, tier, elastic, month_rows(market, filters), fit)


def counted(market: Market) -> str:
    """Which parcels the share model explains: open orders where their origin is known, contestable ones as assumed."""
    assert market.panel is not None
    if market.version.endswith(ASSUMED):
        return "assumed_orders"
    return "all_orders" if (market.panel["open_parcels"] == market.panel["parcels"]).all() else "open_orders"


@st.cache_data(max_entries=64, show_spinner=False)
def _origin_known(version: str, _panel: pd.DataFrame) -> bool:
    return captive.known(_panel)


def origin_known(market: Market) -> bool:
    """Whether the source of orders is known, so that captive parcels are measured."""
    assert market.panel is not None
    return _origin_known(market.version, market.panel)


@st.cache_resource(max_entries=8, show_spinner=False)
def _assumed(version: str, kappa: tuple[tuple[str, float], ...], _panel: pd.DataFrame) -> pd.DataFrame:
    return captive.assume(_panel, dict(kappa))


def assumed(market: Market, kappa: dict[str, float]) -> Market:
    """The market with these parts of its networks' parcels taken as routed; itself where nothing is assumed."""
    held = tuple(sorted((name, part) for name, part in kappa.items() if part))
    if not held or origin_known(market):
        return market
    assert market.panel is not None
    named = "-".join(f"{name}{part:g}" for name, part in held)
    panel = _assumed(market.version, held, market.panel)
    version = f"{market.version}-{named}{ASSUMED}"
    return replace(market, panel=panel, version=version, grade=weakest(market.grade, Grade.ASSUMED))


@st.cache_resource(max_entries=32, show_spinner=False)
def _market_model(
    version: str, key: object, _panel: pd.DataFrame, _fit: "ShareFit", _filters: Filters
) -> "MarketModel":
    from analysis import scenario

    return scenario.market_model(
        _panel,
        _fit,
        month=_filters.month,
        tiers=_filters.tiers or None,
        regions=_filters.regions or None,
        cities=_filters.area or None,
    )


def market_model(market: Market, fit: "ShareFit", filters: Filters) -> "MarketModel":
    """What the what-if starts from: the month's observed shares and the fitted coefficients."""
    assert market.panel is not None
    return _market_model(market.version, filters.key, market.panel, fit, filters)


@st.cache_data(max_entries=64, show_spinner=False)
def published_rows(key: str) -> pd.DataFrame:
    """Figures of one published series."""
    return record.series(key)


@st.cache_data(max_entries=128, show_spinner=False)
def comparison(source: object, curves: Sequence[str], calendar: Sequence[str], _values: pd.Series) -> "Comparison":
    """These growth curves fitted to the series that `source` names, with these calendar effects."""
    from analysis.growth import compare

    return compare(_values, curves, calendar=calendar)


@st.cache_data(max_entries=128, show_spinner=False)
def confirmed(source: object, curve: str, _values: pd.Series) -> bool:
    """Whether sums by calendar year tell a ceiling as well: a season can make one up."""
    from analysis.growth import annual, compare

    fits = compare(annual(_values), [curve]).fits
    return curve in fits and fits[curve].ceiling is not None


@dataclass(slots=True)
class Slot:
    """Room for one result that takes its time, with a lock so that it is computed once."""

    lock: Lock = field(default_factory=Lock)
    value: object = None


@st.cache_resource(max_entries=128, show_spinner=False)
def _slot(key: object) -> Slot:
    return Slot()


def ready(key: object) -> bool:
    """Whether what `key` names has been computed."""
    return _slot(key).value is not None


def slow(key: object, find: Callable[[Callable[[int, int], None]], T], say: str) -> T:
    """What `find` makes, kept under `key`, which names everything in it; a bar says `say` and how far it is.

    The bar's place stays, empty, on later runs: what follows would change places with it, and the page would jump.
    """
    slot = _slot(key)
    if slot.value is not None:
        st.empty()
    else:
        bar = st.progress(0.0, text=say)

        def tell(done: int, total: int) -> None:
            bar.progress(min(done / total, 1.0), text=say)

        with slot.lock:
            if slot.value is None:
                slot.value = find(tell)
        bar.empty()
    return cast(T, slot.value)


@st.cache_data(max_entries=32, show_spinner=False)
def _payments(version: str, key: object, _panel: pd.DataFrame, _filters: Filters) -> pd.DataFrame:
    rows = _filters.rows(_panel)
    return landscape.by_month(rows[rows["month"] <= _filters.month])


def payments(market: Market, filters: Filters) -> pd.DataFrame:
    """Subsidies by month and network up to the month chosen: see `landscape.by_month`."""
    assert market.panel is not None
    return _payments(market.version, filters.key, market.panel, filters)


@st.cache_data(max_entries=32, show_spinner=False)
def _payers(version: str, _panel: pd.DataFrame) -> list[str]:
    return landscape.payers(_panel)


def payers(market: Market) -> list[str]:
    """Networks that pay a subsidy in some month."""
    assert market.panel is not None
    return _payers(market.version, market.panel)


@st.cache_resource(max_entries=32, show_spinner=False)
def _study(
    version: str, key: object, platform: str, measure: str, control: str, radius: float, _rows: pd.DataFrame
) -> "Study | str":
    from analysis import studies
    from analysis.effect import EffectError

    try:
        return studies.study(_rows, platform, measure=measure, control=control, cities=all_cities(), radius_km=radius)
    except EffectError as error:
        return error.code


def study(
    market: Market, filters: Filters, look: Look, *, platform: str, measure: str, control: str, radius: float
) -> "Study | str":
    """Effect of a network's roll-out up to the month chosen, or the code of the reason why there is none."""
    assert market.panel is not None
    rows = filters.rows(market.panel)
    rows = rows[rows["month"] <= filters.month]
    with st.spinner(look.say("status.fitting")):
        return _study(market.version, filters.key, platform, measure, control, radius, rows)


def implied(market: Market, look: Look, study: "Study") -> "Implied | None":
    """What the share model says the same subsidies did; None where it cannot say."""
    from analysis.effect.implied import implied as by_model

    fit = share_fit(market, look)
    if isinstance(fit, str) or DRIVERS[0] not in fit.drivers or study.roll_out.measure == "answer":
        return None
    return by_model(study.roll_out, *fit.slope(DRIVERS[0]), freedom=fit.freedom(DRIVERS[0]))


@st.cache_resource(max_entries=96, show_spinner=False)
def _found(version: str, key: object, _find: Callable[[], object]) -> object:
    return _find()


def found(market: Market, look: Look, key: object, find: Callable[[], T]) -> T:
    """What `find` makes of the market's panel and share model, kept under `key`, which names everything else in it."""
    with st.spinner(look.say("status.fitting")):
        return cast(T, _found(market.version, key, find))
