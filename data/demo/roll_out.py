"""Roll-out of the illustrative market: how many stations each network has, where and when; the stations."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from data.demo import positions
from data.demo.grid import (
    Floats,
    Ints,
    along,
    by_tier,
    city_table,
    history,
    month_number,
    networks,
    numbers,
    population,
    stream,
    tier_codes,
    to_total,
)
from data.demo.network_table import NETWORKS
from data.demo.parameters import CELL_CHANCES, CELLS, LOCKERS, RURAL, RURAL_COUNTIES
from data.platforms import OUTSIDE

DENSITY_SD = 0.5
"""Standard deviation of the log of a city's stations per person around its tier."""
PACE_SD = 7.0
"""Standard deviation, in months, of how far a city runs ahead of or behind the national roll-out."""


@dataclass(frozen=True, slots=True)
class RollOut:
    """Stations over time.

    Attributes
    ----------
    active, opened, closed : array (months of history, cities)
        Stations at month end; openings and closings in the month.
    """

    active: Ints
    opened: Ints
    closed: Ints


def _expected(key: str) -> Floats:
    network, table, months = NETWORKS[key], city_table(), numbers(history())
    draw = stream(key, "density")
    province = table["province_en"].map(dict(network.provinces)).fillna(1.0).to_numpy(dtype=np.float64)
    weight = population() * by_tier(network.per_head) * province * np.exp(draw.normal(0, DENSITY_SD, len(table)))
    lag = by_tier(network.delay) + draw.normal(0, PACE_SD, len(table))
    local = weight * along(network.stations, months[:, None] - lag)
    total = local.sum(axis=1, keepdims=True)
    return local * along(network.stations, months)[:, None] / np.where(total > 0, total, 1)


@cache
def roll_out(key: str) -> RollOut:
    """Roll-out of one network, drawn from its assumptions; read, never written."""
    draw, expected = stream(key, "counts"), _expected(key)
    active = np.floor(expected + draw.random(expected.shape[1])).astype(np.int64) * (expected > 0)
    before = np.vstack([np.zeros_like(active[:1]), active[:-1]])
    turnover = np.cumsum(before * NETWORKS[key].churn / 12, axis=0) + draw.random(active.shape[1])
    replaced = np.diff(np.floor(turnover).astype(np.int64), axis=0, prepend=0)
    replaced = np.minimum(replaced, np.minimum(before, active))
    change = active - before
    return RollOut(active, replaced + np.maximum(change, 0), replaced + np.maximum(-change, 0))


def counts() -> Ints:
    """Stations at month end: array (months of history, cities, networks), zero for home delivery."""
    empty = np.zeros((len(history()), len(city_table())), dtype=np.int64)
    return np.stack([empty if key == OUTSIDE else roll_out(key).active for key in networks()], axis=2)


def stations() -> pd.DataFrame:
    """Every station that ever opened, one row each, sorted by network, city and opening."""
    keys = networks()[:-1]
    parts = [_rows(key) for key in keys]
    table = pd.concat(parts, ignore_index=True)
    codes = list(city_table().index)
    city = table.pop("place").to_numpy()
    lat, lon = positions.scatter(city, (table["platform"] == RURAL).to_numpy())
    return table.assign(
        platform=pd.Categorical(table["platform"], keys),
        format=pd.Categorical(table["format"], sorted(table["format"].unique())),
        city=pd.Categorical.from_codes(city, codes),
        lat=lat,
        lon=lon,
    )[["station_id", "platform", "format", "city", "lat", "lon", "opened", "closed", "cells"]]


def _rows(key: str) -> pd.DataFrame:
    plan, draw = roll_out(key), stream(key, "stations")
    city, month = _repeated(plan.opened)
    start = np.concatenate([[0], np.cumsum(plan.opened.sum(axis=0))])
    serial = np.arange(len(city)) - start[city]
    opened = _day_in(month, draw.random(len(city)))
    closed = np.full(len(city), np.datetime64("NaT"), dtype="datetime64[D]")
    gone, when = _repeated(plan.closed)
    first = np.concatenate([[0], np.cumsum(plan.closed.sum(axis=0))])
    # the oldest station closes first, so no station closes before it opened
    closed[start[gone] + np.arange(len(gone)) - first[gone]] = _day_in(when, draw.random(len(gone)))
    cells = draw.choice(CELLS, len(city), p=CELL_CHANCES) if key == LOCKERS else None
    return pd.DataFrame(
        {
            "station_id": _names(key, city, serial, draw),
            "platform": key,
            "format": _formats(key, city, draw),
            "place": city,
            "opened": opened.astype("datetime64[us]"),
            "closed": closed.astype("datetime64[us]"),
            "cells": pd.array([pd.NA] * len(city) if cells is None else cells, dtype="Int64"),
        }
    )


def _repeated(moves: Ints) -> tuple[Ints, Ints]:
    flat = moves.T.ravel()
    cell = np.repeat(np.arange(flat.size), flat)
    city, month = np.divmod(cell, moves.shape[0])
    return city, month


def _day_in(month: Ints, chance: Floats) -> np.ndarray:
    months = history()
    first = months.start_time.to_numpy().astype("datetime64[D]")[month]
    days = np.floor(chance * months.days_in_month.to_numpy()[month]).astype(np.int64)
    return first + days.astype("timedelta64[D]")


def _formats(key: str, city: Ints, draw: np.random.Generator) -> np.ndarray:
    kinds = NETWORKS[key].formats
    if len(kinds) == 1:
        return np.full(len(city), kinds[0][0], dtype=object)
    weights = np.array([weight for _, weight in kinds], dtype=np.float64).T
    edges = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)[tier_codes()[city], :-1]
    chosen = (draw.random(len(city))[:, None] > edges).sum(axis=1)
    return np.array([kind for kind, _ in kinds], dtype=object)[chosen]


def _names(key: str, city: Ints, serial: Ints, draw: np.random.Generator) -> object:
    import pyarrow as pa
    import pyarrow.compute as pc

    def padded(values: Ints, width: int) -> pa.Array:
        return pc.utf8_lpad(pc.cast(pa.array(values), pa.string()), width, "0")

    parts = [pa.array(city_table().index.to_numpy(dtype=object), pa.string()).take(pa.array(city))]
    if key == RURAL:
        parts.append(pc.binary_join_element_wise("c", padded(_county(city, serial, draw), 2), ""))
    parts.append(padded(serial + 1, 5 if key != RURAL else 4))
    return pc.binary_join_element_wise(key, *parts, "-").to_numpy(zero_copy_only=False)


def _county(city: Ints, serial: Ints, draw: np.random.Generator) -> Ints:
    months = numbers(history())
    peak = roll_out(RURAL).active[months <= month_number("2018-06")].max(axis=0)
    reached = np.minimum(to_total(np.maximum(peak, 1e-9), np.array(RURAL_COUNTIES)), peak)
    spread = np.minimum(1.0, (serial + 1) / np.maximum(peak[city], 1)) ** 0.8
    open_counties = np.maximum(1, np.ceil(reached[city] * spread))
    return 1 + np.floor(draw.random(len(city)) * open_counties).astype(np.int64)
