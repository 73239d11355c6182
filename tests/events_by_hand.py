"""What the queries on parcel events must answer, worked out in pandas, and a small log full of faults."""

import numpy as np
import pandas as pd
import pyarrow as pa

from data import cities, platforms
from data.engine import places, queries
from data.geo import distance_km
from data.settlements import settlements

KM = 3.0
"""Reach of a station."""
HEXAGON = 20.0
KINDS = ["arrived", "collected", "returned"]
QUESTIONS = {
    "written": queries.written,
    "panel": queries.panel,
    "checks": queries.checks,
    "order": queries.order,
    "hours": queries.hours,
    "shares": queries.shares,
    "waits": queries.waits,
    "waits_by_city": lambda log: queries.waits(log, by=("city",)),
    "hexagons": lambda log: places.hexagons(log, km=HEXAGON),
    "squares": lambda log: places.squares(log).order_by("city", "row", "col"),
    "reach_of_parcels": lambda log: places.within(places.vectors(places.squares(log)), km=KM),
    "reach_of_people": lambda log: places.within(places.people(), km=KM),
}
"""The one set, by name: each takes the parsed log."""
ODD = """event_time,city,network,kind,parcel_id,lon,lat,source
2025-01-31 23:59:59,杭州,cainiao,到件,A1,120.15,30.27,Alibaba
2025-02-01 08:00:00,杭州市,菜鸟驿站,签收,A1,120.15,30.27,Alibaba
2025/02/01 09:30,330100,cainiao,collected,A1,120.15,30.27,Alibaba
2025-02-30 09:30:00,330100,cainiao,collected,A2,120.15,30.27,
2025-02-03T09:30:00,330100,cainiao,Collected,A3,120.15,30.27,
2025-02-03 24:00:00,330100,cainiao,collected,A4,120.15,30.27,
yesterday,330100,cainiao,collected,A5,120.15,30.27,
,330100,cainiao,collected,A6,120.15,30.27,
1999-02-03 10:00:00,330100,cainiao,collected,A7,120.15,30.27,
2025-02-04 10:00:00,,cainiao,collected,A8,120.15,30.27,
2025-02-04 10:00:00,330100,,collected,A9,120.15,30.27,
2025-02-04 10:00:00,330100,cainiao,burnt,B1,120.15,30.27,
2025-02-04 10:00:00,330100,cainiao,collected,,120.15,30.27,
2025-02-04 10:00:00,330100,cainiao,collected,B2,30.27,120.15,
2025-02-04 10:00:00,330100,cainiao,collected,B3,east,30.27,
2025-02-04 10:00:00,Atlantis,Beeline,退件,B4,120.15,30.27,
2025-02-05 10:00:00,330100,多多驿站,arrived,B5,120.15,30.27,PDD
2025-02-05 09:00:00,330100,多多驿站,collected,B5,120.15,30.27,PDD
2025-02-06 08:00:00,330100,多多驿站,arrived,B6,120.15,30.27,PDD
2025-02-06 09:00:00,330100,cainiao,arrived,B6,120.15,30.27,PDD
2025-02-06 10:00:00,330100,cainiao,collected,B6,120.15,30.27,PDD
"",330100,cainiao,collected,B7,120.15,30.27,
"""
"""Names in two languages, four ways to write a time, and each fault once at least."""


def parsed(frame: pd.DataFrame) -> pd.DataFrame:
    """Made-up events of Parquet with month, names resolved, and whether each counts."""
    found = frame.rename(columns={"event_time": "time", "parcel_id": "parcel"})
    found["month"] = found["time"].dt.year * 100 + found["time"].dt.month
    found["good"] = found["time"].notna() & (found["city"] != "") & (found["network"] != "") & found["kind"].isin(KINDS)
    for column, resolve in (("city", cities.resolve), ("network", platforms.resolve)):
        meant = {name: resolve(name) or name for name in found[column].unique()}
        found[column] = found[column].map(meant)
    return found


def panel(log: pd.DataFrame) -> pd.DataFrame:
    good = log[log["good"]].astype({"month": int})
    keys = [good["city"], good["network"], good["source"].rename("origin"), good["month"]]
    counts = pd.crosstab(keys, good["kind"]).reindex(columns=KINDS, fill_value=0)
    return counts.rename_axis(columns=None).reset_index()


def hours(log: pd.DataFrame) -> pd.DataFrame:
    rows = log[log["good"] & (log["kind"] == "collected")]
    keys = [rows["network"], rows["time"].dt.dayofweek.rename("day"), rows["time"].dt.hour.rename("hour")]
    return rows.groupby(keys).size().rename("parcels").reset_index()


def waits(log: pd.DataFrame) -> pd.DataFrame:
    rows = log[log["good"] & log["parcel"].notna()]
    first = {"came": ("time", "min"), "month": ("month", "min"), "network": ("network", "min")}
    came = rows[rows["kind"] == "arrived"].groupby("parcel").agg(**first)
    went = rows[rows["kind"] == "collected"].groupby("parcel").agg(went=("time", "min"))
    both = came.join(went, how="inner").reset_index()
    minutes = (both["went"] - both["came"]) // pd.Timedelta(minutes=1)
    both = both.assign(minutes=minutes)[minutes >= 0].astype({"month": int})
    rank = {f"p{p}": ("minutes", lambda m, p=p: np.sort(m)[-(-len(m) * p // 100) - 1]) for p in (50, 90, 95)}
    return both.groupby(["network", "month"]).agg(parcels=("minutes", "size"), **rank).reset_index()


def shares(log: pd.DataFrame) -> pd.DataFrame:
    counts = panel(log).groupby(["city", "network", "month"])["collected"].sum().rename("parcels").reset_index()
    total = counts.groupby(["city", "month"])["parcels"].transform("sum")
    counts["share"] = counts["parcels"] / total.where(total > 0)
    before = counts.set_index(["city", "network", "month"])["share"]
    then = pd.MultiIndex.from_arrays([counts["city"], counts["network"], counts["month"] - 100])
    return counts.assign(change=counts["share"].to_numpy() - before.reindex(then).to_numpy())


def located(log: pd.DataFrame) -> pd.DataFrame:
    rows = log[log["good"] & (log["kind"] == "collected")]
    return rows[rows["lon"].between(73, 136) & rows["lat"].between(3, 54)]


def reach(log: pd.DataFrame, stations: pd.DataFrame) -> pd.DataFrame:
    """Parcels of each city within `KM` of a station of each network, by brute force."""
    rows = located(log)
    row, col = (np.floor(rows[name] * places.SQUARES).astype(int) for name in ("lat", "lon"))
    squares = rows.assign(row=row, col=col).groupby(["city", "row", "col"]).size().rename("amount").reset_index()
    lat, lon = ((squares[name].to_numpy() + 0.5) / places.SQUARES for name in ("row", "col"))
    found = []
    for network, posts in stations.groupby("platform"):
        away = distance_km(lat[:, None], lon[:, None], posts["lat"].to_numpy(), posts["lon"].to_numpy()).min(axis=1)
        near = squares[away <= KM].groupby("city")["amount"].sum().rename("within").reset_index()
        found.append(near.assign(network=network))
    everything = squares.groupby("city")["amount"].sum().rename("all")
    table = pd.concat(found).merge(everything, on="city")
    return table[["city", "network", "within", "all"]].sort_values(["city", "network"], ignore_index=True)


def stations() -> pd.DataFrame:
    """Made-up stations: three networks around the seats of the forty largest cities."""
    seats = cities.cities().nlargest(40, "population_2020")
    draw = np.random.default_rng(9)
    rows = np.repeat(np.arange(len(seats)), 6)
    table = {"platform": np.tile(["cainiao", "duoduo", "jd"], 2 * len(seats))}
    for name in ("lat", "lon"):
        table[name] = seats[name].to_numpy()[rows] + draw.uniform(-0.15, 0.15, len(rows))
    return pd.DataFrame(table)


def tables() -> dict[str, pa.Table]:
    """What the questions of reach need to know."""
    return places.reach_tables(stations(), settlements(), km=KM)
