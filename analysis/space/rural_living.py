"""What one point in a village lives from: the people it serves, what they order, and how many couriers share it."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd

from analysis.economics import DAYS, Station, break_even, profit, station_type
from analysis.economics.assumptions import Assumption
from analysis.economics.incomes import Array, Numbers
from data import record
from data.grade import Grade

RURAL_PEOPLE_2020 = 509_787_562
"""Seventh national census, bulletin no. 7 (National Bureau of Statistics, 11 May 2021): 36.11 % of the people."""
DAYS_A_YEAR = 365.0
FORMATS = ("service_centre", "agent", "partner_store")
"""What a village point can be; the first is the default."""
_EXACT_PARCELS = 1e-9
_STEPS = 2001
_DOUBTFUL = "superseded|conflict|not_credible"


@dataclass(frozen=True, slots=True)
class Village:
    """One point and the people around it.

    Attributes
    ----------
    people : float
        Who it serves.
    parcels_per_head_per_year : float
        Parcels sent and received.
    through_point : float
        Fraction of them that come through a point; the rest goes to the door or waits in the township.
    sideline_cny_per_month : float
        What other business leaves: goods sold, bills paid, a counter of a bank.
    station : Station
        Fees, costs, subsidy and guarantee; its own parcels a day are not used.
    """

    people: float
    parcels_per_head_per_year: float
    through_point: float
    sideline_cny_per_month: float
    station: Station


@cache
def _one(metric: str, period: str) -> float:
    rows = record.load()
    found = rows[(rows["metric"] == metric) & (rows["period"] == period) & (rows["kind"] == "stated")]
    return float(found["value"].iloc[0])


def parcels_per_head_per_year() -> float:
    """Rural parcels of 2021, sent and received, over the rural people of the 2020 census: 72.6."""
    return _one("rural_parcels", "2021") / RURAL_PEOPLE_2020


def villages() -> float:
    """Administrative villages that the published count and share of one source imply: 493 thousand."""
    cooperating = _one("villages_in_post_express_cooperation", "2022-04")
    return cooperating / (_one("share_villages_in_post_express_cooperation", "2022-04") / 100)


def people_per_village() -> float:
    """Rural people of the census over the administrative villages: 1,035."""
    return RURAL_PEOPLE_2020 / villages()


def assumptions() -> dict[str, Assumption]:
    """Numbers of a village that are not those of its station, by field."""
    head, people = round(parcels_per_head_per_year(), 1), round(people_per_village())
    items = (
        Assumption("people", people, 100, 20_000, "people", Grade.ESTIMATED, "villages_in_post_express_cooperation"),
        Assumption("parcels_per_head_per_year", head, 10, 200, "parcels_year", Grade.ESTIMATED, "rural_parcels"),
        Assumption("through_point", 0.8, 0.3, 1.0, "fraction"),
        Assumption("sideline_cny_per_month", 1500.0, 0.0, 6000.0, "cny_per_month"),
    )
    return {item.key: item for item in items}


def village(format: str = FORMATS[0]) -> Village:
    """The mean village with a point of `format`, every number at its default."""
    numbers = {key: item.value for key, item in assumptions().items()}
    return Village(station=station_type(format), **numbers)


def couriers() -> pd.DataFrame:
    """Couriers by their latest published or derived share of the nation's parcels, largest first.

    Returns
    -------
    DataFrame
        company, network (whose colour it has; "" for none), share and together (fractions, `together` of all down to
        this row), period, grade, source_title. They do not add to 1: the rest is all others. Shares are of parcels
        sent, and periods differ by courier: a quarter, a half or a year.
    """
    return _couriers().copy()


@cache
def _couriers() -> pd.DataFrame:
    rows = record.company_shares()
    whole = rows["basis"].isin(["quarter", "half", "year"]) & ~rows["traps"].str.contains(_DOUBTFUL)
    rows = rows[whole & (~rows["company"].str.startswith("six")) & (rows["end"] >= "2024-01-01")]
    rows = rows.sort_values(["end", "published"], kind="stable").groupby("company", sort=False).last().reset_index()
    rows = rows.sort_values("share", ascending=False, kind="stable", ignore_index=True)
    shown = ["company", "network", "share", "period", "grade", "source_title"]
    return rows[shown].assign(together=rows["share"].cumsum())


def sharing(table: pd.DataFrame | None = None) -> pd.Series:
    """Part of all parcels that the largest couriers bring together, by how many share: 1, 2, ... and 0 for all.

    The latest share of each is added whatever its period, and a share of the parcels sent in the nation stands for one
    of those that reach a village.
    """
    rows = couriers() if table is None else table
    return pd.Series([*rows["together"], 1.0], index=[*range(1, len(rows) + 1), 0], name="part")


def parcels_per_day(village: Village, people: Numbers | None = None, *, part: Numbers = 1.0) -> Array:
    """Parcels a day of a point that `part` of all parcels come to; for `people`, else for those of the village."""
    served = np.asarray(village.people if people is None else people, float)
    each = village.parcels_per_head_per_year * village.through_point / DAYS_A_YEAR
    found: Array = served * each * np.asarray(part, float)
    return found


def profit_cny_per_month(village: Village, people: Numbers | None = None, *, part: Numbers = 1.0) -> Array:
    """Profit of the point in a month of `DAYS` days, sideline, subsidy and guarantee included, CNY."""
    return profit(village.station, parcels_per_day(village, people, part=part)) * DAYS + village.sideline_cny_per_month


def needed_parcels_per_day(village: Village) -> float:
    """Parcels a day from which on the point never loses: 0 where it lives without any, infinite where it never does.

    With a guarantee the profit is convex in the parcels (the top-up shrinks as they grow), so that it may be negative
    between two points only; the upper one is given.
    """
    station, aside = village.station, village.sideline_cny_per_month
    carried = replace(station, rent_cny_per_month=station.rent_cny_per_month - aside, guarantee_cny_per_day=0.0)
    high = break_even(carried)
    if not np.isfinite(high):
        return 0.0 if _profit(village, np.array([0.0]))[0] >= 0 and station.margin_cny_per_parcel >= 0 else high
    if high <= 0:
        return 0.0
    grid = np.linspace(0.0, high, _STEPS)
    losing = np.flatnonzero(_profit(village, grid[:-1]) < 0)
    if not len(losing):
        return 0.0
    low, top = grid[losing[-1]], grid[losing[-1] + 1]
    while top - low > _EXACT_PARCELS * max(top, 1.0):
        middle = (low + top) / 2
        low, top = (middle, top) if _profit(village, np.array([middle]))[0] < 0 else (low, middle)
    return float(top)


def _profit(village: Village, parcels: Array) -> Array:
    return profit(village.station, parcels) * DAYS + village.sideline_cny_per_month


def needed_people(village: Village, *, part: Numbers = 1.0) -> Array:
    """People from which on the point never loses, when `part` of all parcels come to it; infinite for none."""
    each = parcels_per_day(village, 1.0, part=part)
    need = needed_parcels_per_day(village)
    none = np.inf if need else 0.0
    return np.where(each > 0, need / np.where(each > 0, each, 1.0), none)


def table(village: Village) -> pd.DataFrame:
    """One row for each number of couriers that share the point, the last for all.

    Returns
    -------
    DataFrame
        couriers (0: all), part (of all parcels), parcels_per_day and profit_cny_per_month in this village,
        needed_people and needed_villages (of `people_per_village` each).
    """
    parts = sharing()
    need = needed_people(village, part=parts.to_numpy())
    return pd.DataFrame(
        {
            "couriers": parts.index,
            "part": parts.to_numpy(),
            "parcels_per_day": parcels_per_day(village, part=parts.to_numpy()),
            "profit_cny_per_month": profit_cny_per_month(village, part=parts.to_numpy()),
            "needed_people": need,
            "needed_villages": need / people_per_village(),
        }
    )
