"""Versions of a small market."""

import numpy as np
import pandas as pd

from data.grade import Grade
from data.markets import Market, make
from data.platforms import Platform

MONTHS = pd.date_range("2025-01-01", periods=14, freq="MS")
JAN = MONTHS[0]
CITIES = ("330100", "341200", "510100")
NETWORKS = ("cainiao", "duoduo", "home")


def market(*, networks: tuple[Platform, ...] = (), **datasets: pd.DataFrame) -> Market:
    return make("test", grade=Grade.REPORTED, version="0" * 12, source="test", networks=networks, **datasets)


def volumes(*rows: tuple[str, str, int], city: str = CITIES[0]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["month", "platform", "parcels"])
    return table.assign(month=pd.to_datetime(table["month"]), city=city, origin="")


def stations(*rows: tuple[str, str, str | None]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["platform", "opened", "closed"])
    return table.assign(
        station_id=[f"s{n}" for n in range(len(rows))],
        format="station",
        city=CITIES[0],
        lat=30.2,
        lon=120.1,
        opened=pd.to_datetime(table["opened"]),
        closed=pd.to_datetime(table["closed"]),
        cells=pd.array([pd.NA] * len(rows), dtype="Int64"),
    )


def subsidies(*rows: tuple[str, str, float], city: str = CITIES[0]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["platform", "start", "subsidy_cny_per_parcel"])
    return table.assign(
        start=pd.to_datetime(table["start"]),
        end=pd.NaT,
        city=city,
        guarantee_cny_per_day=60.0,
        fee_waiver_cny=0.0,
        allocation=np.nan,
    )


def drawn(seed: int, *, months: int = 14) -> Market:
    """Market of three cities and networks; the first months of the same draw where fewer are wanted."""
    rng = np.random.default_rng(seed)
    shape = (len(MONTHS), len(CITIES), len(NETWORKS))
    parcels = rng.integers(100, 10_000, shape)
    t, c, j = (part.ravel() for part in np.indices(shape))
    table = pd.DataFrame(
        {
            "month": MONTHS[t],
            "city": np.array(CITIES)[c],
            "platform": np.array(NETWORKS)[j],
            "parcels": parcels.ravel(),
            "origin": "",
        }
    )
    opened = [f"2024-{month:02d}-05" for month in rng.integers(1, 13, 20)]
    there = stations(*((NETWORKS[n % 2], day, None) for n, day in enumerate(opened)))
    paid = subsidies(*((name, "2025-01-01", round(rng.uniform(0.01, 0.2), 3)) for name in NETWORKS[:2]))
    return market(
        volumes=table[table["month"] < MONTHS[0] + pd.DateOffset(months=months)], stations=there, subsidies=paid
    )


def restated(found: Market, seed: int) -> Market:
    """The same keys; half the volumes, some stations and the subsidies take other values."""
    rng = np.random.default_rng(seed + 1)
    rows, there, paid = found.volumes, found.stations, found.subsidies
    assert rows is not None
    assert there is not None
    assert paid is not None
    more = np.where(rng.random(len(rows)) < 0.5, rng.integers(1, 500, len(rows)), 0)
    more[-1] += 1
    closed = there["closed"].mask(rng.random(len(there)) < 0.3, MONTHS[3])
    return market(
        volumes=rows.assign(parcels=rows["parcels"] + more),
        stations=there.assign(closed=closed),
        subsidies=paid.assign(subsidy_cny_per_parcel=paid["subsidy_cny_per_parcel"] + 0.01),
    )
