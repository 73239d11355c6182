"""Made-up parcel events, any number of them, the same for the same numbers: `python -m data.engine.made FOLDER ROWS`.

Written inside DuckDB, file by file, so that a laptop makes billions in little memory. Every parcel comes to a station
and is collected or sent back; cities weigh as they have people, networks gain and lose month by month, and one event
in a thousand has a fault that the checks must find.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from data import duck
from data.cities import cities
from data.engine.base import quoted
from data.platforms import BUILT_IN

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

FIRST = "2025-01-01"
MONTHS = 12
MOST_IN_FILE = 10_000_000
"""Events of one file."""
FAULTY = 1000
"""One event in so many has a fault."""
CITY_SLOTS, NETWORK_SLOTS, HOUR_SLOTS = 4096, 64, 64
"""Weights are kept as so many equal slots, of which a parcel takes one."""
_NETWORKS = {"cainiao": (22, 17), "duoduo": (8, 18), "jd": (6, 6), "tuxi": (10, 9), "mama": (7, 5), "hivebox": (6, 4)}
"""Slots of a network in the first month and the last; the rest goes to those after them."""
_OTHERS = ("sto", "yunda", "jt", "chinapost")
_HOURS = {6: 2, 7: 4, 8: 8, 9: 9, 10: 9, 11: 6, 12: 4, 13: 5, 14: 6, 15: 5, 16: 3, 17: 2, 18: 1}
"""Slots of the hour in which a parcel comes in."""
_MACROS = """
CREATE OR REPLACE TEMP MACRO step(x) AS (xor(x, x >> 13) * 48271) % 2147483647;
CREATE OR REPLACE TEMP MACRO drawn(n, k) AS step(step((n * 2862933 + k * 7919 + 12345) % 2147483647));
"""
_EVENTS = """
SELECT
    CASE WHEN fault = 1 THEN NULL ELSE {time} END AS event_time,
    CASE WHEN fault = 2 THEN '' ELSE city END AS city,
    CASE WHEN fault = 3 THEN 'Beeline' ELSE network END AS network,
    CASE WHEN fault = 4 THEN 'lost' WHEN e = 1 OR fault = 5 THEN 'arrived'
        WHEN drawn(p, 7) % 50 = 0 THEN 'returned' ELSE 'collected' END AS kind,
    CASE WHEN fault = 6 THEN NULL ELSE p END AS parcel_id,
    (place * 100 + number) * 1000 + s AS station_id,
    CASE WHEN fault = 7 THEN 0.0 ELSE round(lon + (drawn(station, 8) % 4001 - 2000) / 10000.0, 4)::DOUBLE END AS lon,
    CASE WHEN fault = 7 THEN 0.0 ELSE round(lat + (drawn(station, 9) % 3001 - 1500) / 10000.0, 4)::DOUBLE END AS lat,
    CASE drawn(p, 10) % 5 WHEN 0 THEN 'Alibaba' WHEN 1 THEN 'Alibaba' WHEN 2 THEN 'Pinduoduo' WHEN 3 THEN 'JD'
        ELSE '' END AS source
FROM (
    SELECT p, e, city, network, lon, lat, place, number, drawn(p, 5) % stations AS s,
        (place * 100 + number) * 1000 + drawn(p, 5) % stations AS station,
        arrived + to_minutes(CASE WHEN e = 1 THEN 0 ELSE 20 + (r * r) // 700 + greatest(r - 950, 0) * 60 END) AS time,
        CASE WHEN drawn(2 * p + e, 11) % {faulty} = 0 THEN drawn(2 * p + e, 12) % 8 ELSE 0 END AS fault
    FROM (
        SELECT p, city, lon, lat, place, stations, drawn(p, 4) % 1000 AS r,
            TIMESTAMP '{first}' + to_days(day) + to_seconds(hour * 3600 + drawn(p, 6) % 3600) AS arrived,
            least(day * {months} // {days}, {months} - 1) AS nth, drawn(p, 2) % {network_slots} AS pick
        FROM (SELECT range AS p, (range * {days} // {parcels})::INTEGER AS day FROM range({start}, {stop}))
        JOIN city_slots ON city_slots.slot = drawn(p, 1) % {city_slots}
        JOIN hour_slots ON hour_slots.slot = drawn(p, 3) % {hour_slots}
    )
    JOIN network_slots ON network_slots.slot = pick AND network_slots.month = nth
    CROSS JOIN (VALUES (1), (2)) AS twice (e)
)
"""


def make(folder: Path, rows: int, *, months: int = MONTHS, text: bool = False, faulty: int = FAULTY) -> Path:
    """Write events into a folder, in several files, oldest first.

    Parameters
    ----------
    rows : int
        Events; two a parcel.
    months : int
        From January 2025 on.
    text : bool
        CSV with times as people write them, instead of Parquet.
    faulty : int
        One event in so many has a fault.

    Returns
    -------
    Path
        The folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parcels = rows // 2
    con = duck.connect()
    try:
        con.execute(_MACROS)
        for name, table in _slots(months).items():
            con.register("given", table)
            con.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM given")
            con.unregister("given")
        for number, (start, stop) in enumerate(_parts(parcels)):
            _write(
                con, folder, number, start=start, stop=stop, parcels=parcels, months=months, text=text, faulty=faulty
            )
    finally:
        con.close()
    return folder


def _parts(parcels: int) -> Iterator[tuple[int, int]]:
    step = MOST_IN_FILE // 2
    for start in range(0, parcels, step):
        yield start, min(start + step, parcels)


def _write(
    con: "DuckDBPyConnection",
    folder: Path,
    number: int,
    *,
    start: int,
    stop: int,
    parcels: int,
    months: int,
    text: bool,
    faulty: int,
) -> None:
    days = (pd.Timestamp(FIRST) + pd.DateOffset(months=months) - pd.Timestamp(FIRST)).days
    stamp = "CASE WHEN p % 3 = 0 THEN strftime(time, '%Y/%m/%d %H:%M') ELSE strftime(time, '%Y-%m-%d %H:%M:%S') END"
    select = _EVENTS.format(
        time=stamp if text else "time",
        first=FIRST,
        months=months,
        days=days,
        parcels=parcels,
        start=start,
        stop=stop,
        faulty=faulty,
        city_slots=CITY_SLOTS,
        network_slots=NETWORK_SLOTS,
        hour_slots=HOUR_SLOTS,
    )
    file = folder / f"events-{number:05d}.{'csv' if text else 'parquet'}"
    form = "FORMAT csv, HEADER" if text else "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 500000"
    con.execute(f"COPY ({select}) TO {quoted(str(file))} ({form})")


def _slots(months: int) -> "dict[str, pa.Table]":
    """Cities, networks by month, and hours as equal slots."""
    import pyarrow as pa

    table = cities().reset_index()
    place = _dealt(table["population_2020"].to_numpy(float), CITY_SLOTS)
    spelt = np.where(
        np.arange(CITY_SLOTS) % 4 == 0, table["city_full_zh"].to_numpy()[place], table["adcode"].to_numpy()[place]
    )
    city = {
        "slot": np.arange(CITY_SLOTS),
        "place": place,
        "city": spelt.astype(str),
        "lon": table["lon"].to_numpy(float)[place],
        "lat": table["lat"].to_numpy(float)[place],
        "stations": 5 + (table["population_2020"].to_numpy() // 100_000)[place],
    }
    network: dict[str, list[object]] = {"month": [], "slot": [], "number": [], "network": []}
    for month in range(months):
        for slot, key in enumerate(_of_month(month / max(months - 1, 1))):
            name = BUILT_IN[key].zh if slot % 3 else key
            for column, value in zip(network, (month, slot, list(BUILT_IN).index(key), name), strict=True):
                network[column].append(value)
    hours = np.repeat(list(_HOURS), list(_HOURS.values()))
    hour = {"slot": np.arange(HOUR_SLOTS), "hour": hours[np.arange(HOUR_SLOTS) % len(hours)]}
    return {"city_slots": pa.table(city), "network_slots": pa.table(network), "hour_slots": pa.table(hour)}


def _of_month(through: float) -> list[str]:
    """Key of the network of each slot, `through` the months from 0 to 1."""
    keys = [key for key, (first, last) in _NETWORKS.items() for _ in range(round(first + (last - first) * through))]
    return keys + [_OTHERS[n % len(_OTHERS)] for n in range(NETWORK_SLOTS - len(keys))]


def _dealt(weights: np.ndarray, slots: int) -> np.ndarray:
    """Place of the weight that each slot belongs to; every weight has one slot at least."""
    spare = slots - len(weights)
    return np.repeat(np.arange(len(weights)), 1 + _whole(weights / weights.sum() * spare, spare))


def _whole(parts: np.ndarray, total: int) -> np.ndarray:
    """Whole numbers near the parts that add up to the total."""
    down = np.floor(parts).astype(int)
    down[np.argsort(down - parts, kind="stable")[: total - down.sum()]] += 1
    return down


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(float(sys.argv[2])))
