"""Series that the growth page can fit: published ones first, then those of the market in use."""

from dataclasses import dataclass

import pandas as pd

from analysis.views.look import Look
from data import record
from data.grade import Grade
from data.markets import Market
from data.platforms import OUTSIDE
from pages.ui import cached
from pages.ui.inputs import Filters

LEAST_FIGURES = 8
"""Published series with fewer dates are too short for an S-curve."""
MONTHLY = {"national_monthly": False, "national_monthly_extended": True}


@dataclass(frozen=True, slots=True)
class Series:
    """One series in the reader's words.

    Attributes
    ----------
    label, caption, unit : str
    steps_a_year : int
        Steps of the series in a year, for the horizon.
    monthly : bool
        Whether months follow each other, so that seasons show in the residuals.
    stock : bool
        Whether it counts what is installed, not what happens in a period.
    grade : Grade
    """

    label: str
    caption: str
    unit: str
    steps_a_year: int
    monthly: bool
    stock: bool
    grade: Grade


def choices(look: Look, market: Market) -> dict[str, Series]:
    """Every series by key."""
    return _published(look) | (_of_market(look, market) if market.panel is not None else {})


def _published(look: Look) -> dict[str, Series]:
    found = {
        name: Series(
            look.say(f"growth.{name}"),
            look.say(f"growth.{name}_caption"),
            look.say("growth.parcels"),
            12,
            True,
            False,
            Grade.REPORTED,
        )
        for name in MONTHLY
    }
    found["lockers"] = Series(
        look.say("growth.lockers"),
        look.say("growth.lockers_caption"),
        look.say("growth.sets"),
        2,
        False,
        True,
        Grade.REPORTED,
    )
    table = record.series_list()
    table = table[
        (table["n"] >= LEAST_FIGURES)
        & table["basis"].isin(["year", "month_filled"])
        & ~table["unit"].str.contains("percent")
    ]
    for row in table.itertuples():
        unit = look.term("unit", row.unit)
        name = cached.series_name(row, look)
        caption = look.say("growth.record_series_caption", unit=unit)
        per_year = 1 if row.basis == "year" else 12
        label = look.say("growth.record_series", name=name)
        found[f"record.{row.key}"] = Series(label, caption, unit, per_year, per_year == 12, False, Grade.REPORTED)
    return found


def _of_market(look: Look, market: Market) -> dict[str, Series]:
    caption, parcels, stations = (look.say(f"growth.{k}") for k in ("market_caption", "parcels", "stations"))
    found = {"market.total": Series(look.say("growth.market_total"), caption, parcels, 12, True, False, market.grade)}
    for p in cached.networks(market):
        name = look.name(p)
        found[f"market.{p}"] = Series(
            look.say("growth.market_network", name=name), caption, parcels, 12, True, False, market.grade
        )
        if p != OUTSIDE and market.has("stations"):
            label = look.say("growth.market_stations", name=name)
            found[f"stations.{p}"] = Series(label, caption, stations, 12, False, True, market.grade)
    return found


def values(key: str, market: Market, filters: Filters) -> pd.Series:
    """Numbers of a series; those of the market in the tiers and regions chosen, up to the month chosen."""
    kind, _, name = key.partition(".")
    if key in MONTHLY:
        return record.national_monthly(extend=MONTHLY[key])
    if key == "lockers":
        return record.locker_sets()
    if kind == "record":
        rows = record.series(name)
        return pd.Series(rows["value"].to_numpy(), index=pd.DatetimeIndex(rows["at"]), name=name)
    table = cached.wide(market, "month", filters, history=True, value="stations" if kind == "stations" else "parcels")
    series = table.sum(axis=1) if name == "total" else table[name]
    return (
        series[series.gt(0).cummax()]
        .astype(float)
        .set_axis(pd.PeriodIndex(series.index[series.gt(0).cummax()], freq="M"))
    )
