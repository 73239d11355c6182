"""Published figures that the illustrative market is held to, and what it has in their place."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from data.demo import model as demo_model
from data.demo import volumes as demo_volumes
from data.demo.parameters import HANDLING_FEE, LOCKERS, RURAL, SMALL_STATION_PARCELS
from data.markets import Market

DAYS = 30
"""Days of the month over which a station's income is counted."""
LARGEST_CITIES = 100
BRANDED = ("station", "partner_store", "agent")
"""Formats that count as stations under a brand."""
BULLETINS = "A · State Post Bureau monthly bulletins"
LOCKER_REVIEW = "C · Intelligent express cabinet: development status and suggestions (7/5), 2019"
MOMENTUM = "C · Momentum Works: Pinduoduo builds last-mile parcel delivery stations, 2025"
RURAL_2018 = "C · Post & Parcel: Alibaba reveals expansion plans for Rural Taobao, 2018-06-22"
PROSPECTUS = "C · Hive Box prospectus as reported, 2024-09-10"


@dataclass(frozen=True, slots=True)
class Anchor:
    """A published figure.

    Attributes
    ----------
    name : str
        Text key in group `anchor`.
    target : float
        As published; a bound when `low` or `high` equals it.
    low, high : float
        What the market's value must lie between.
    unit : str
        Text key in group `unit`.
    source : str
        Grade of the source (A official, B company, C press, D weak), title, date.
    value : callable
        The market's value.
    """

    name: str
    target: float
    low: float
    high: float
    unit: str
    source: str
    value: Callable[[Market], float]


def _near(target: float, tolerance: float) -> tuple[float, float, float]:
    return target, target * (1 - tolerance), target * (1 + tolerance)


def active(
    market: Market, month: str, *, networks: tuple[str, ...] = (), formats: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Stations open at the end of a month, of some networks and formats (all when empty)."""
    assert market.stations is not None
    table, end = market.stations, pd.Timestamp(month) + pd.offsets.MonthEnd(0)
    there = (table["opened"] <= end) & ~(table["closed"] <= end)
    if networks:
        there &= table["platform"].isin(networks)
    return table[there & table["format"].isin(formats)] if formats else table[there]


def _count(month: str, network: str) -> Callable[[Market], float]:
    return lambda market: float(len(active(market, month, networks=(network,))))


def _in_largest_cities(market: Market) -> float:
    by_city = active(market, "2020-12", networks=("cainiao",))["city"].value_counts()
    return float(by_city.nlargest(LARGEST_CITIES).sum())


def _counties(market: Market) -> float:
    names = active(market, "2018-06", networks=(RURAL,))["station_id"].str.rsplit("-", n=1).str[0]
    return float(names.nunique())


def _cells(market: Market) -> float:
    return float(active(market, "2024-05", networks=(LOCKERS,))["cells"].mean())


def shares(market: Market, year: int, network: str, by: list[str]) -> pd.Series:
    """Share of a year's parcels that a network handed over, percent, by the columns `by` of the panel."""
    assert market.panel is not None
    table = market.panel[market.panel["month"].dt.year == year]
    total = table.groupby(by, observed=True)["parcels"].sum()
    mine = table[table["platform"] == network].groupby(by, observed=True)["parcels"].sum()
    return (100 * mine / total).fillna(0.0)


def _share(market: Market, year: int, network: str) -> float:
    assert market.panel is not None
    table = market.panel[market.panel["month"].dt.year == year]
    return float(100 * table.loc[table["platform"] == network, "parcels"].sum() / table["parcels"].sum())


def _strongholds(market: Market) -> float:
    return float((shares(market, 2025, "duoduo", ["province"]) > 25).sum())


def _evaluated(month: str, network: str) -> Callable[[Market], float]:
    return lambda _: float(100 * demo_model.share_of_parcels(month)[network])


def _subsidies(market: Market) -> pd.DataFrame:
    assert market.subsidies is not None
    return market.subsidies


def income_uplift(spells: pd.DataFrame) -> pd.Series:
    """Monthly income that a spell adds at a small station, CNY: subsidy, and top-up to the guarantee."""
    fees = HANDLING_FEE * SMALL_STATION_PARCELS
    income = fees + spells["subsidy_cny_per_parcel"] * SMALL_STATION_PARCELS
    return DAYS * (income.clip(lower=spells["guarantee_cny_per_day"]) - fees)


def _in_middle_tiers(market: Market) -> float:
    assert market.panel is not None
    tier = market.panel.drop_duplicates("city").set_index("city")["tier"]
    spells = _subsidies(market)
    where = spells.loc[spells["platform"] == "duoduo", "city"].map(tier)
    return float(100 * where.isin(["Tier 3", "Tier 4"]).mean())


def _origin_share(market: Market) -> float:
    assert market.volumes is not None
    month = market.volumes[market.volumes["month"] == pd.Timestamp("2020-10")]
    return float(100 * month.loc[month["origin"] == "Pinduoduo", "parcels"].sum() / month["parcels"].sum())


def _gap_to_record(market: Market) -> float:
    assert market.volumes is not None
    totals = market.volumes.groupby("month")["parcels"].sum()
    return float((totals - demo_volumes.national_totals()).abs().max())


def _early_2026(market: Market) -> float:
    assert market.volumes is not None
    both = market.volumes["month"].isin(pd.to_datetime(["2026-01-01", "2026-02-01"]))
    return float(market.volumes.loc[both, "parcels"].sum()) / demo_volumes.PARCELS


ANCHORS = (
    Anchor("lockers_2016", *_near(129_000, 0.05), "lockers", LOCKER_REVIEW, _count("2016-06", LOCKERS)),
    Anchor(
        "lockers_2017",
        *_near(200_000, 0.02),
        "lockers",
        "A · State Post Bureau, 2018-02-28",
        _count("2017-12", LOCKERS),
    ),
    Anchor("lockers_2018", *_near(272_000, 0.03), "lockers", "C · Pandaily, 2019-01", _count("2018-12", LOCKERS)),
    Anchor("lockers_2019", *_near(406_000, 0.02), "lockers", "A · Xinhua, 2020-04-29", _count("2019-12", LOCKERS)),
    Anchor("lockers_2024", *_near(330_000 / 0.70, 0.05), "lockers", PROSPECTUS, _count("2024-05", LOCKERS)),
    Anchor("cells", *_near(29_900_000 / 330_000, 0.03), "cells", PROSPECTUS, _cells),
    Anchor("locker_share_2017", 10, 8, 11, "percent", LOCKER_REVIEW, _evaluated("2017-08", LOCKERS)),
    Anchor(
        "locker_share_2021", 10, 8, 11, "percent", "A · Xinhua, 2021-01-15 (target)", lambda m: _share(m, 2021, LOCKERS)
    ),
    Anchor(
        "cainiao_2019",
        *_near(40_000, 0.05),
        "stations",
        "B · Alibaba via InternetRetailing, 2019-11",
        _count("2019-11", "cainiao"),
    ),
    Anchor(
        "cainiao_cities",
        *_near(30_000, 0.10),
        "stations",
        "C · Cainiao Network digitizing last-mile delivery, 2020-06 (plan)",
        _in_largest_cities,
    ),
    Anchor("rural_2016", *_near(16_000, 0.06), "centres", "B · AGLA, 2017-01-26", _count("2016-12", RURAL)),
    Anchor("rural_2018", *_near(30_000, 0.05), "centres", RURAL_2018, _count("2018-06", RURAL)),
    Anchor("rural_counties", *_near(700, 0.08), "counties", RURAL_2018, _counties),
    Anchor("duoduo_provinces", 2, 2, 8, "provinces", MOMENTUM, _strongholds),
    Anchor("duoduo_nation", 25, 5, 25, "percent", MOMENTUM, lambda m: _share(m, 2025, "duoduo")),
    Anchor("duoduo_tiers", 50, 50, 90, "percent", MOMENTUM, _in_middle_tiers),
    Anchor(
        "subsidy_low",
        0.05,
        0.05,
        0.06,
        "cny_parcel",
        MOMENTUM,
        lambda m: float(_subsidies(m)["subsidy_cny_per_parcel"].min()),
    ),
    Anchor(
        "subsidy_high",
        0.12,
        0.11,
        0.12,
        "cny_parcel",
        MOMENTUM,
        lambda m: float(_subsidies(m)["subsidy_cny_per_parcel"].max()),
    ),
    Anchor("uplift", 3000, 2700, 3000, "cny_month", MOMENTUM, lambda m: float(income_uplift(_subsidies(m)).max())),
    Anchor(
        "branded_2025",
        *_near(187_000, 0.15),
        "stations",
        "D · yuantrends, 2025-12-14",
        lambda m: float(len(active(m, "2025-12", formats=BRANDED))),
    ),
    Anchor("pinduoduo_orders", *_near(100 / 3, 0.03), "percent", "B · Pinduoduo, 2020-10-26", _origin_share),
    Anchor("national_totals", 0, 0, 0, "parcels", BULLETINS, _gap_to_record),
    Anchor("early_2026", *_near(304.9, 1e-9), "parcels_100m", BULLETINS, _early_2026),
)


def anchors(market: Market) -> pd.DataFrame:
    """One row per anchor: name, target, low, high, value, unit, source."""
    rows = [(a.name, a.target, a.low, a.high, a.value(market), a.unit, a.source) for a in ANCHORS]
    return pd.DataFrame(rows, columns=["name", "target", "low", "high", "value", "unit", "source"])
