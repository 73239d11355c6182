"""What the growth page looks at: a series, what of it is known, calendar effects, years ahead; all in the address."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from analysis.growth import calendar
from analysis.growth.axis import Axis, axis
from analysis.growth.frozen import Forecast
from analysis.views import growth
from analysis.views.growth_style import curve_name, when
from analysis.views.look import Look
from data.cities import REGIONS, TIERS
from data.markets import Market
from data.people import EVERYONE
from data.workspace import Kept, Ledger, WorkspaceError, place
from pages.ui import area, cached, inputs, layout, markets, people, series, state
from pages.ui import owner as reader
from pages.ui.series import Series, Where

PARTS = ("series", "tiers", "league", "ledger")
YEAR, LONG = 12, 36
"""Months ahead of a back-test; of a series whose figures are a year or more apart."""
LATEST, BEST = "latest", "best"
LEAST_KNOWN = 4
"""Figures that stay when one looks back."""


@dataclass(frozen=True, slots=True, eq=False)
class Pick:
    """A series as it was known at some date.

    Attributes
    ----------
    where : Where
    series : Series
        In the reader's words.
    known, later : pd.Series
        Values up to the date chosen, and those that came after it.
    curve : str
        Key of `CURVES`, or `BEST`.
    calendar, offered : tuple of str
        Calendar effects that are on, and those that apply.
    years : float
        Years ahead.
    axis : Axis or None
        Of the values known, as `spacing` finds it.
    source : object
        Names the values and the calendar in cache keys.
    """

    where: Where
    series: Series
    known: pd.Series
    later: pd.Series
    curve: str
    calendar: tuple[str, ...]
    offered: tuple[str, ...]
    years: float
    axis: Axis | None
    source: object

    @property
    def menu(self) -> tuple[str, ...]:
        """Curves and methods that suit it."""
        return growth.menu(stock=self.series.stock, even=even(self.axis))

    @property
    def monthly(self) -> bool:
        """Whether it is a flow by month, so that two years of it are needed to tell a season from growth."""
        return self.series.flow and self.axis is not None and self.axis.period == YEAR

    @property
    def horizon(self) -> int:
        """Steps ahead of its back-test, whatever the years shown: a forecast hangs on the data alone."""
        return self.axis.clock.steps(months_tested(self.axis) / YEAR) if self.axis else 1

    @property
    def everything(self) -> pd.Series:
        """All that is published."""
        return pd.concat([self.known, self.later])


def months_tested(where: Axis | None) -> int:
    """Months ahead of a back-test."""
    return LONG if where and where.clock.steps(1) == 1 else YEAR


def even(where: Axis | None) -> bool:
    """Whether the steps of a series are equal."""
    return where is not None and where.even


def spacing(values: pd.Series) -> Axis | None:
    """Axis of what is known of a series; None with fewer than two values."""
    known = values.dropna().sort_index()
    return axis(known.index) if len(known) > 1 else None


def pick(look: Look, market: Market) -> Pick:
    """Series, tiers, regions, area, as-of date, years ahead and calendar effects, as chosen on the page."""
    choices = series.choices(look, market)
    asked = st.query_params.get("series")
    if asked is not None and asked not in choices:
        st.info(look.say("growth.no_series", series=layout.plain(asked[:80])), icon=":material/info:")
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="growth_pick"):
        key = inputs.one(look, "series", list(choices), label=lambda k: choices[k].label)
        where = _place(look, Where(key))
        values = series.values(where, market)
        known = _until(look, market, where, values)
        years = inputs.one(look, "years", growth.HORIZONS, default="2", width=170)
    flow, clock = choices[key].flow, spacing(known)
    offered = calendar.offered(known.dropna().index, breaks=series.breaks(key)) if flow else ()
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom", key="growth_controls"):
        curve = _curve(look, clock, stock=choices[key].stock)
        effects = calendar_effects(look, offered)
    return Pick(
        where,
        series.placed(choices[key], where, look),
        known,
        values[len(known) :],
        curve,
        effects,
        offered,
        float(years),
        clock,
        (series.source(where, market), len(known), effects),
    )


def _curve(look: Look, where: Axis | None, *, stock: bool) -> str:
    """A curve or method, or the choice of the back-test."""
    options = (BEST, *growth.menu(stock=stock, even=even(where)))
    said = {BEST: look.say("growth.best")}
    return inputs.one(look, "curve", options, label=lambda c: said.get(c) or curve_name(c, look), width=260)


def _place(look: Look, where: Where) -> Where:
    """Tiers, regions and area of a series of the market."""
    if not where.of_market:
        return where
    tiers = inputs.some(look, "tier", TIERS, label=lambda t: look.term("tier", t), collapsed=False)
    regions = inputs.some(look, "region", REGIONS, label=lambda r: look.term("region", r), collapsed=False)
    return Where(where.key, tiers, regions, area.chip(look))


def _until(look: Look, market: Market, where: Where, values: pd.Series) -> pd.Series:
    """Values known by the date chosen; all of them by default."""
    if where.of_market:
        months = [f"{month:%Y-%m}" for month in reversed(cached.months(market))]
        month = inputs.one(look, "month", months, label=lambda m: look.month(pd.Timestamp(m)), width=130)
        return values[values.index <= pd.Period(month, "M")]
    known = values.dropna()
    labels = {str(label)[:10]: label for label in reversed(known.index[LEAST_KNOWN - 1 :])}
    names = {LATEST: known.index[-1]} | dict(list(labels.items())[1:])
    chosen = inputs.one(look, "until", list(names), label=lambda n: when(names[n], look), width=130, of=where.key)
    return values[values.index <= names[chosen]]


def calendar_effects(look: Look, offered: Sequence[str]) -> tuple[str, ...]:
    """Calendar effects that are on: all that apply, but for those switched off."""
    if not offered:
        return ()
    none: list[str] = []
    off = state.get("off", none, state.some_of(list(calendar.REGRESSORS)))
    key = f"calendar.{look.lang}.{state.joined(offered)}"
    st.session_state.setdefault(key, [name for name in offered if name not in off])
    chosen = st.pills(
        look.say("input.calendar"),
        offered,
        selection_mode="multi",
        format_func=lambda name: look.say(f"calendar.{name}"),
        key=key,
        help=look.say("growth.calendar_help"),
    )
    beyond = [name for name in off if name not in offered]
    state.put("off", beyond + [name for name in offered if name not in chosen], none, state.joined)
    return tuple(name for name in offered if name in chosen)


def go(look: Look, where: Where, made: Forecast | None = None) -> None:
    """Show another series at the next drawing of the page, as a forecast was `made` where one is given."""
    none: list[str] = []
    if made is not None:
        off = [name for name in calendar.REGRESSORS if name not in made.calendar]
        state.put("off", off, none, state.joined)
        state.put("curve", made.curve, BEST)
        known = str(made.history.dropna().index[-1])[:10]
        state.put("month" if where.of_market else "until", known, LATEST)
        dropped = ("month", "curve", f"until.{where.key}")
        keys = [key for key in st.session_state if str(key).startswith(("calendar.", *(f"{n}." for n in dropped)))]
        for key in keys:
            del st.session_state[key]
    state.put("topic", PARTS[0], PARTS[0])
    state.put("series", where.key, "")
    if where.of_market:
        state.put("tier", list(where.tiers), none, state.joined)
        state.put("region", list(where.regions), none, state.joined)
        area.put(where.cities)
    for name in ("topic", "series", "tier", "region"):
        st.session_state.pop(f"{name}.{look.lang}.growth", None)


def owner(market: Market, where: Where) -> str:
    """Whose ledger a forecast is on: the reader's for an uploaded market, or where people sign in; else everyone's."""
    if markets.brought(market) and where.of_market:
        return markets.keeper(market)
    return reader.owner() if people.configured() else EVERYONE


def ledger() -> Ledger:
    """Where frozen forecasts are kept."""
    return Ledger(place())


def frozen(market: Market) -> tuple[Kept, ...]:
    """Frozen forecasts that this reader may see, the latest first; raises `WorkspaceError`."""
    mine = [reader.owner()] if people.configured() else []
    owners = dict.fromkeys((EVERYONE, *mine, owner(market, Where("market.total"))))
    found = [kept for name in owners for kept in ledger().list(name)]
    return tuple(sorted(found, key=lambda kept: kept.made_at, reverse=True))


def values_of(look: Look, key: str, kept: Kept, market: Market) -> pd.Series | None:
    """Today's values of the series of a frozen forecast; those of the illustrative market where everyone sees it.

    None when there is no such series any more.
    """
    where, of = series.read(key), _market_of(kept, market)
    return series.values(where, of) if where.key in series.choices(look, of) else None


def unit_of(look: Look, key: str, kept: Kept, market: Market) -> str:
    """Unit of the series of a frozen forecast in the reader's language."""
    return series.choices(look, _market_of(kept, market))[series.read(key).key].unit


def _market_of(kept: Kept, market: Market) -> Market:
    return cached.demo_market() if kept.owner in (EVERYONE, reader.owner()) else market


def why(look: Look, problem: WorkspaceError) -> str:
    """Why a forecast could not be kept or taken off."""
    return look.say(f"keep.workspace_{problem.code}", **problem.values)
