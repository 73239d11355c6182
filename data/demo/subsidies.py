"""Subsidy spells of the illustrative market: who pays what, where and when, drawn apart from taste and shocks."""

from functools import cache

import numpy as np
import pandas as pd

from data.demo.grid import (
    Floats,
    Ints,
    along,
    by_tier,
    city_table,
    history,
    month_number,
    networks,
    published,
    stream,
)
from data.demo.network_table import NETWORKS
from data.demo.parameters import SUBSIDY_STEPS, Campaign
from data.demo.roll_out import roll_out
from data.platforms import OUTSIDE

GAP_MONTHS = (1, 8)
ANSWER_MONTHS = (2, 10)
WINDOW = 0.6
"""Part of a campaign's time over which first spells start."""


@cache
def spells() -> pd.DataFrame:
    """Every spell, sorted by network, city and start; read, never written."""
    keys = [key for key in networks() if key != OUTSIDE]
    found: dict[str, pd.DataFrame] = {}
    for key in sorted(keys, key=lambda name: any(c.answers for c in NETWORKS[name].campaigns)):
        parts = [_campaign(key, n, campaign, found) for n, campaign in enumerate(NETWORKS[key].campaigns)]
        if parts:
            found[key] = pd.concat(parts)
    table = pd.concat(found.values(), ignore_index=True)
    table["platform"] = pd.Categorical(table["platform"], keys)
    table["city"] = pd.Categorical(table["city"], list(city_table().index))
    return table.sort_values(["platform", "city", "start"], ignore_index=True)


def _campaign(key: str, number: int, campaign: Campaign, found: dict[str, pd.DataFrame]) -> pd.DataFrame:
    draw = stream(key, "campaign", str(number))
    size, last = len(city_table()), month_number(campaign.until)
    since = month_number(campaign.since)
    start = since + np.floor(draw.random(size) * WINDOW * (last - since)).astype(np.int64)
    if campaign.answers:
        start = _answering(found.get(campaign.answers), draw)
    start = np.maximum(start, _entered(key))
    takes_part = draw.random(size) < by_tier(campaign.chance)
    parts = []
    for _ in range(campaign.rounds):
        end = start + draw.integers(campaign.months[0], campaign.months[1] + 1, size)
        rows = np.flatnonzero(takes_part & (start <= last))
        parts.append(_terms(key, campaign, rows, start, np.minimum(end, last + 1), draw))
        start = end + draw.integers(GAP_MONTHS[0], GAP_MONTHS[1] + 1, size)
    return pd.concat(parts)


def _entered(key: str) -> Ints:
    active = roll_out(key).active > 0
    first = month_number(str(history()[0])) + active.argmax(axis=0)
    return np.where(active.any(axis=0), first, np.iinfo(np.int32).max).astype(np.int64)


def _answering(rival: pd.DataFrame | None, draw: np.random.Generator) -> Ints:
    never = pd.Series(np.iinfo(np.int32).max, index=city_table().index)
    if rival is not None:
        first = rival.groupby("city")["start"].min()
        never.update(first.dt.year * 12 + first.dt.month - 1)
    wait = draw.integers(ANSWER_MONTHS[0], ANSWER_MONTHS[1] + 1, len(never))
    return never.to_numpy(dtype=np.int64) + wait


def _terms(key: str, campaign: Campaign, rows: Ints, start: Ints, end: Ints, draw: np.random.Generator) -> pd.DataFrame:
    """Spells of one round; every city draws, so that one city's terms do not hang on which others take part."""
    size = len(start)
    day = draw.integers(0, 28, size)
    level = draw.integers(SUBSIDY_STEPS[0], SUBSIDY_STEPS[1] + 1, size) * 5 / 1000
    low, high = campaign.guarantee
    guarantee = draw.integers(low, high + 1, size).astype(np.float64)
    waiver = draw.choice(campaign.waiver, size)
    begins, ends = _date(start[rows]) + day[rows], _date(end[rows]) - 1
    last_day = published()[-1].end_time.to_datetime64().astype("datetime64[D]")
    closing = np.where(ends >= last_day, np.datetime64("NaT"), ends)
    routes = NETWORKS[key].allocation
    return pd.DataFrame(
        {
            "platform": key,
            "city": city_table().index[rows],
            "start": begins.astype("datetime64[us]"),
            "end": closing.astype("datetime64[us]"),
            "subsidy_cny_per_parcel": level[rows],
            "guarantee_cny_per_day": guarantee[rows],
            "fee_waiver_cny": waiver[rows],
            "allocation": along(routes, start[rows].astype(np.float64)).round(3) if routes else np.nan,
        }
    )


def _date(month: Ints) -> np.ndarray:
    return (month - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]")


def in_force(months: pd.PeriodIndex) -> Floats:
    """Subsidy per parcel averaged over the days of each month: array (months, cities, networks)."""
    table = spells()
    first = months.start_time.to_numpy().astype("datetime64[D]")
    last = months.end_time.to_numpy().astype("datetime64[D]")
    start = table["start"].to_numpy().astype("datetime64[D]")
    end = table["end"].fillna(pd.Timestamp(last.max())).to_numpy().astype("datetime64[D]")
    days = (np.minimum(end, last[:, None]) - np.maximum(start, first[:, None])).astype(np.int64) + 1
    paid = np.maximum(days, 0) / months.days_in_month.to_numpy()[:, None]
    total = np.zeros((len(city_table()), len(networks()), len(months)))
    cells = table["city"].cat.codes.to_numpy(), table["platform"].cat.codes.to_numpy()
    np.add.at(total, cells, (paid * table["subsidy_cny_per_parcel"].to_numpy()).T)
    return np.moveaxis(total, 2, 0)
