"""Volumes of the illustrative market: the record's national months spread over cities, then over networks."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from data.demo.grid import (
    Floats,
    Ints,
    by_tier,
    city_table,
    month_number,
    numbers,
    population,
    published,
    stream,
    to_total,
)
from data.demo.parameters import CITY_DEMAND_SD, JANUARY_2026, MONTH_DEMAND_SD, PARCELS_PER_HEAD, TIER_GROWTH

RECORD = Path(__file__).resolve().parents[1] / "files" / "record" / "national_monthly_best.csv"
PARCELS = 100_000_000
"""The record counts in 100 million parcels."""
BREAK = 2024
"""First year of the present definition."""
JOINT = "2026-01..02"
"""Months published together."""


@cache
def _record() -> pd.DataFrame:
    return pd.read_csv(RECORD).set_index("period")


@cache
def _ratio() -> float:
    table = _record()
    year = table[table.index.str.startswith(f"{BREAK - 1}-")]
    return float(year["volume_100m_2024_basis"].sum() / year["volume_100m"].sum())


def definition_ratio() -> float:
    """Volume of 2023 on the 2024 definition over volume as first published."""
    return _ratio()


def national_totals() -> pd.Series:
    """Parcels per month in the nation on the 2024 definition (int64), indexed by first of month.

    2023 as published on that definition; 2019 to 2022 raised by the ratio of 2023; January and February 2026 split.
    """
    raw, restated = _record()["volume_100m"], _record()["volume_100m_2024_basis"]
    values = []
    for month in published():
        name = str(month)
        if month.year == BREAK - 1:
            values.append(restated[name])
        elif name in raw.index:
            values.append(raw[name] * (definition_ratio() if month.year < BREAK else 1.0))
        else:
            values.append(_split(name))
    index = pd.DatetimeIndex(published().to_timestamp().to_numpy(), name="month").as_unit("us")
    return pd.Series(np.rint(np.array(values) * PARCELS).astype(np.int64), index=index, name="parcels")


def _split(month: str) -> float:
    both = float(_record().loc[JOINT, "volume_100m"])
    january = round(both * JANUARY_2026, 2)
    return {"2026-01": january, "2026-02": both - january}[month]


def demand(months: pd.PeriodIndex) -> Floats:
    """Relative weight of each city in the nation's parcels, without monthly noise: array (months, cities)."""
    draw = stream("demand")
    level = population() * by_tier(PARCELS_PER_HEAD) * np.exp(draw.normal(0, CITY_DEMAND_SD, len(city_table())))
    years = (numbers(months) - month_number("2019-01")) / 12
    return level * np.exp(years[:, None] * by_tier(TIER_GROWTH))


def city_totals() -> Ints:
    """Parcels per month and city: array (published months, cities); each month adds to the nation's total."""
    noise = stream("demand", "months").normal(0, MONTH_DEMAND_SD, (len(published()), len(city_table())))
    return to_total(demand(published()) * np.exp(noise), national_totals().to_numpy())
