"""Series that the growth page can fit: published ones first, then those of the market in use."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.views.look import Look
from data import record
from data.grade import Grade
from data.markets import Market
from data.platforms import OUTSIDE
from pages.ui import cached, published
from pages.ui.inputs import Filters

MONTHLY = {"national_monthly": False, "national_monthly_extended": True}
SCALES = {"100 million parcels": (1e8, "growth.parcels"), "100 million CNY": (1e8, "growth.cny")}
TRAPS = ["level_break_2024", "combined_months"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One series in the reader's words.

    Attributes
    ----------
    label, caption, unit : str
    flow : bool
        Parcels or money by month, so that seasons stay in the residuals.
    stock : bool
        Whether it counts what is installed, not what happens in a period.
    grade : Grade
    """

    label: str
    caption: str
    unit: str
    flow: bool = False
    stock: bool = False
    grade: Grade = Grade.REPORTED


def choices(look: Look, market: Market) -> dict[str, Series]:
    """Every series by key."""
    return _published(look) | (_of_market(look, market) if market.panel is not None else {})


def _published(look: Look) -> dict[str, Series]:
    grades = {"national_monthly": Grade.REPORTED, "national_monthly_extended": Grade.ASSUMED}
    found = {
        name: Series(
            label=look.say(f"growth.{name}"),
            caption=look.say(f"growth.{name}_caption"),
            unit=look.say("growth.parcels"),
            flow=True,
            grade=grade,
        )
        for name, grade in grades.items()
    }
    found["lockers"] = Series(
        label=look.say("growth.lockers"),
        caption=look.say("growth.lockers_caption"),
        unit=look.say("growth.sets"),
        stock=True,
    )
    for row in published.long_series().itertuples():
        unit = look.say(SCALES[row.unit][1]) if row.unit in SCALES else look.term("unit", row.unit)
        found[f"record.{row.key}"] = Series(
            label=look.say("growth.record_series", name=published.series_name(row, look)),
            caption=look.say("growth.record_series_caption", unit=unit),
            unit=unit,
            flow=row.basis != "year",
        )
    return found


def _of_market(look: Look, market: Market) -> dict[str, Series]:
    caption, parcels, stations = (look.say(f"growth.{k}") for k in ("market_caption", "parcels", "stations"))
    common: dict[str, Any] = {"caption": caption, "grade": market.grade}
    found = {"market.total": Series(label=look.say("growth.market_total"), unit=parcels, flow=True, **common)}
    for p in cached.networks(market):
        name = look.name(p)
        label = look.say("growth.market_network", name=name)
        found[f"market.{p}"] = Series(label=label, unit=parcels, flow=True, **common)
        if p != OUTSIDE and market.has("stations"):
            label = look.say("growth.market_stations", name=name)
            found[f"stations.{p}"] = Series(label=label, unit=stations, stock=True, **common)
    return found


def values(key: str, market: Market, filters: Filters | None) -> pd.Series:
    """Numbers of a series; those of the market in the tiers and regions chosen, up to the month chosen."""
    kind, _, name = key.partition(".")
    if key in MONTHLY:
        return record.national_monthly(extend=MONTHLY[key])
    if key == "lockers":
        return record.locker_sets()
    if kind == "record":
        rows = record.series(name)
        scale = SCALES.get(rows["unit"].iloc[0], (1.0, ""))[0]
        return pd.Series(rows["value"].to_numpy() * scale, index=pd.DatetimeIndex(rows["at"]), name=name)
    assert filters is not None
    table = cached.wide(market, "month", filters, history=True, value="stations" if kind == "stations" else "parcels")
    series = table.sum(axis=1) if name == "total" else table.get(name, pd.Series(dtype=float))
    started = series[series.gt(0).cummax().astype(bool)].astype(float)
    return started.set_axis(pd.PeriodIndex(started.index, freq="M"))


def of_market(key: str) -> bool:
    """Whether a series is of the market in use, and so follows the filters."""
    return key.partition(".")[0] in ("market", "stations")


def traps(key: str) -> list[str]:
    """Codes of what can mislead about a published series."""
    kind, _, name = key.partition(".")
    if kind == "record":
        codes = record.series(name)["traps"].str.split("|").explode()
        return codes[codes.astype(bool)].unique().tolist()
    return TRAPS if key in MONTHLY else []


def source(key: str, market: Market, filters: Filters | None) -> object:
    """What the numbers of a series hang on, for the cache: nothing for published ones."""
    return (market.version, filters.key) if of_market(key) and filters is not None else ""
