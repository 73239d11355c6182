"""Series that the growth page can fit: published ones first, then those of the market in use by tier and region."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

import numpy as np
import pandas as pd

from analysis.views import area_map
from analysis.views.look import Look
from data import area, record
from data.cities import REGIONS, TIERS
from data.grade import Grade
from data.markets import Market
from data.platforms import OUTSIDE
from pages.ui import cached, fits, published, state
from pages.ui.inputs import Filters

MONTHLY = {"national_monthly": False, "national_monthly_extended": True}
SCALES = {"100 million parcels": (1e8, "growth.parcels"), "100 million CNY": (1e8, "growth.cny")}
TRAPS = ["level_break_2024", "combined_months"]
BREAK = "definition_2024"
FREQUENCY = {"year": "Y", "quarter": "Q", "month": "M", "month_filled": "M"}
TOTAL = "market.total"
GROUPS = ("record", "networks", "tiers")
AT = "@"
"""Between series, tiers, regions and cities in the address of a part of the market."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One series in the reader's words.

    Attributes
    ----------
    label, caption, unit : str
    flow : bool
        Parcels or money by month, so that a season and campaign months may be in it.
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


@dataclass(frozen=True, slots=True)
class Where:
    """A series and, for one of the market, the tiers, regions and cities it is summed over; empty means all."""

    key: str
    tiers: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()

    def text(self) -> str:
        """As one word, which `read` understands."""
        key = self.key.replace("%", "%25").replace(AT, "%40")
        parts = state.joined(self.tiers), state.joined(self.regions), area.packed(self.cities)
        return AT.join([key, *parts]).rstrip(AT)

    @property
    def of_market(self) -> bool:
        """Whether it is of the market in use."""
        return self.key.partition(".")[0] in ("market", "stations")


def read(text: str) -> Where:
    """A series from what `Where.text` wrote."""
    key, tiers, regions, cities = [*text.split(AT), "", "", ""][:4]
    of_tiers, of_regions = (tuple(state.some_of(n)(p) or ()) for n, p in ((TIERS, tiers), (REGIONS, regions)))
    return Where(unquote(key), of_tiers, of_regions, area.unpacked(cities)[0])


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
    for row in published.to_fit().itertuples():
        unit = look.say(SCALES[row.unit][1]) if row.unit in SCALES else look.term("unit", row.unit)
        found[f"record.{row.key}"] = Series(
            label=_name(row, look),
            caption=look.say("growth.record_series_caption", unit=unit),
            unit=unit,
            flow=row.basis not in ("year", "level"),
            stock=row.basis == "level",
            grade=Grade(row.grade),
        )
    return found


def _name(row: Any, look: Look) -> str:
    """Name of a published series; that of a company's parcels is short."""
    if row.metric == "parcel_volume":
        company, basis = look.term("subject", row.subject), look.term("basis", row.basis)
        return look.say("growth.company_series", name=company, basis=basis)
    return look.say("growth.record_series", name=published.series_name(row, look))


def _of_market(look: Look, market: Market) -> dict[str, Series]:
    caption, parcels, stations = (look.say(f"growth.{k}") for k in ("market_caption", "parcels", "stations"))
    common: dict[str, Any] = {"caption": caption, "grade": market.grade}
    found = {TOTAL: Series(label=look.say("growth.market_total"), unit=parcels, flow=True, **common)}
    for p in cached.networks(market):
        name = look.name(p)
        label = look.say("growth.market_network", name=name)
        found[f"market.{p}"] = Series(label=label, unit=parcels, flow=True, **common)
        if p != OUTSIDE and market.has("stations"):
            label = look.say("growth.market_stations", name=name)
            found[f"stations.{p}"] = Series(label=label, unit=stations, stock=True, **common)
    return found


def placed(series: Series, where: Where, look: Look) -> Series:
    """The series with its tiers, regions and cities in its label."""
    parts = [look.term("tier", t) for t in where.tiers] + [look.term("region", r) for r in where.regions]
    parts += [area_map.said(where.cities, look)] if where.cities else []
    return replace(series, label=" · ".join([series.label, look.join(parts)])) if parts else series


def values(where: Where, market: Market) -> pd.Series:
    """Numbers of a series from its first one on, all that is known today."""
    kind, _, name = where.key.partition(".")
    if where.key in MONTHLY:
        return record.national_monthly(extend=MONTHLY[where.key])
    if where.key == "lockers":
        return record.locker_sets()
    if kind == "record":
        return _figures(name)
    filters = Filters(cached.months(market)[-1], where.tiers, where.regions, (), where.cities)
    table = cached.wide(market, "month", filters, history=True, value="stations" if kind == "stations" else "parcels")
    series = table.sum(axis=1) if name == "total" else table.get(name, pd.Series(dtype=float))
    started = series[series.gt(0).cummax().astype(bool)].astype(float)
    return started.set_axis(pd.PeriodIndex(started.index, freq="M")).rename(where.text())


def _figures(name: str) -> pd.Series:
    """A published series; by period where its figures are of periods."""
    rows = fits.published_rows(name)
    scale = SCALES.get(rows["unit"].iloc[0], (1.0, ""))[0]
    dates, frequency = pd.DatetimeIndex(rows["at"]), FREQUENCY.get(rows["basis"].iloc[0])
    index = dates.to_period(frequency) if frequency else dates
    return pd.Series(rows["value"].to_numpy(dtype=np.float64) * scale, index=index, name=name)


def league(group: str, choices: dict[str, Series]) -> Iterator[Where]:
    """Series of a part of the league: one of `GROUPS`."""
    of_market = [where for where in map(Where, choices) if where.of_market]
    if group == "record":
        yield from (where for where in map(Where, choices) if not where.of_market)
    elif group == "networks":
        yield from of_market
    else:
        networks = [where.key for where in of_market if where.key.startswith("market.") and where.key != TOTAL]
        yield from (Where(key, (tier,)) for tier in TIERS for key in networks)


def traps(key: str) -> list[str]:
    """Codes of what can mislead about a published series."""
    kind, _, name = key.partition(".")
    if kind == "record":
        codes = fits.published_rows(name)["traps"].str.split("|").explode()
        return codes[codes.astype(bool)].unique().tolist()
    return TRAPS if key in MONTHLY else []


def breaks(key: str) -> tuple[str, ...]:
    """Changes of definition inside a series that was not restated."""
    return (BREAK,) if key not in MONTHLY and "level_break_2024" in traps(key) else ()


def source(where: Where, market: Market) -> object:
    """What the numbers of a series hang on, for the cache."""
    return (market.version if where.of_market else "", where.text())
