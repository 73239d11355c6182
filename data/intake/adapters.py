"""Files that people already hold and that are no dataset of ours: their rows are brought into our columns, one by one.

Rows keep their numbers, so that every finding still names the row of the file. A new kind is one entry.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from data import platforms
from data.geo import prefecture_at
from data.intake.canonical import ROW
from data.intake.cells import literal
from data.intake.found import Guess
from data.platforms import fold

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Options = Mapping[str, str]
"""What a file does not say: platform (a name), year (four digits), opened (a date)."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """A kind of file.

    Attributes
    ----------
    key : str
        Words under `adapter.<key>`.
    dataset : str
        Key of DATASETS that it becomes.
    needs : tuple of str
        Headers, in small letters, that together tell such a file.
    columns : dict of str to str
        Our column to SQL over `{header}`, the text of a cell or NULL, and `{option:name}`.
    options : tuple of str
        What the file does not say and its reader must.
    crs : str
        Coordinates of its points.
    events : bool
        Whether a row is one parcel; they are counted by month, city, network and source.
    """

    key: str
    dataset: str
    needs: tuple[str, ...]
    columns: dict[str, str]
    options: tuple[str, ...] = ()
    crs: str = "WGS-84"
    events: bool = False


def _month_of(time: str) -> str:
    """SQL of the month of a time without its year, such as 09-14 08:52:00."""
    return f"{{option:year}} || '-' || nullif(regexp_extract({{{time}}}, '^(\\d\\d?)[-/]\\d\\d?', 1), '')"


def _lade(key: str, time: str, city: str, *needs: str) -> Adapter:
    """Parcels of Cainiao's open data of couriers' deliveries and pick-ups, whose times lack the year."""
    columns = {"month": _month_of(time), "city": f"{{{city}}}", "platform": "{option:platform}", "parcels": "'1'"}
    return Adapter(key, "volumes", ("order_id", time, city, *needs), columns, ("year", "platform"), events=True)


_LIST = (
    _lade("lade_delivery", "delivery_time", "city", "courier_id", "accept_time"),
    _lade("lade_pickup", "pickup_time", "city", "courier_id", "accept_time"),
    _lade("lade_merged", "sign_time", "from_city_name", "from_dipan_id", "receipt_time"),
    Adapter(
        "osm",
        "stations",
        ("@type", "@id", "@lat", "@lon"),
        {
            "station_id": "{@type} || '/' || {@id}",
            "platform": "{brand in brand, operator, name, brand:en, name:en}",
            "format": "CASE {amenity} WHEN 'parcel_locker' THEN 'locker' WHEN 'post_office' THEN 'station' END",
            "city": "coalesce({addr:city}, {city at @lon, @lat})",
            "lat": "{@lat}",
            "lon": "{@lon}",
            "opened": "coalesce({start_date}, {option:opened})",
            "cells": "{capacity}",
        },
        ("opened",),
    ),
    Adapter(
        "amap",
        "stations",
        ("id", "name", "typecode", "location"),
        {
            "station_id": "{id}",
            "platform": "{brand in name}",
            "city": "coalesce(CASE WHEN left({adcode}, 2) IN ('11', '12', '31', '50') THEN left({adcode}, 2) || '0000' "
            "ELSE left({adcode}, 4) || '00' END, {cityname})",
            "lat": "trim(split_part({location}, ',', 2))",
            "lon": "trim(split_part({location}, ',', 1))",
            "opened": "{option:opened}",
        },
        ("opened",),
        crs="GCJ-02",
    ),
    Adapter(
        "events",
        "volumes",
        ("event_time", "place", "network"),
        {
            "month": "{month of event_time}",
            "city": "{place}",
            "platform": "{network}",
            "parcels": "'1'",
            "origin": "{source}",
        },
        events=True,
    ),
)
ADAPTERS: dict[str, Adapter] = {adapter.key: adapter for adapter in _LIST}
_ALIASES = {
    "event_time": (
        "time timestamp datetime scan_time delivered_at sign_time 时间 事件时间 操作时间 签收时间 扫描时间 妥投时间"
    ),
    "place": "city city_name 城市 地点 城市名称 所属城市 地市 签收城市",
    "network": "platform brand company 网络 平台 品牌 快递公司 驿站品牌 承运商",
    "source": "origin order_source 来源 订单来源 电商平台",
}
"""Other headers of a log of parcels."""
_COUNTED = "parcels volume parcel_count 业务量 件量 单量 包裹量 票数 快递量 包裹数 件数 派件量"
"""Headers of a column of parcels, which make a file a table of volumes and no log."""
_SHORT = 3
"""Latin names up to this length stand for a network only as a word of their own."""
_PLACEHOLDER = re.compile(r"\{([^{}\d][^{}]*)\}")


def detect(headers: Sequence[str]) -> str:
    """Key of the kind of file that has these headers, or "" for none."""
    places = _places(headers)
    counts = bool(set(_COUNTED.split()) & {header.strip().lower() for header in headers})
    fitting = [a for a in ADAPTERS.values() if set(a.needs) <= set(places) and not (a.key == "events" and counts)]
    return max(fitting, key=lambda adapter: len(adapter.needs)).key if fitting else ""


def _places(headers: Sequence[str]) -> dict[str, int]:
    """Place of each header in small letters, and of the names in `_ALIASES` that one of them means."""
    found: dict[str, int] = {}
    for place, header in enumerate(headers):
        found.setdefault(header.strip().lower(), place)
    for name, others in _ALIASES.items():
        meant = [found[other] for other in others.split() if other in found]
        if meant:
            found.setdefault(name, meant[0])
    return found


def guesses(adapter: Adapter) -> tuple[Guess, ...]:
    """What the columns that the rows are brought into mean."""
    return tuple(Guess(name, name, 1.0, "adapter") for name in adapter.columns)


def bring(con: "DuckDBPyConnection", adapter: Adapter, headers: Sequence[str], options: Options) -> None:
    """Turn `raw` of the file into `raw` of our columns, in the order of `adapter.columns`.

    Raises
    ------
    ValueError
        An option is missing.
    """
    absent = [name for name in adapter.options if not options.get(name)]
    if absent:
        raise ValueError(f"a file of the kind {adapter.key} needs {', '.join(absent)}")
    places = _places(headers)
    _cities_at(con, adapter, places)
    cells = [_sql(text, places, options) for text in adapter.columns.values()]
    columns = ", ".join(f"({cell})::VARCHAR AS c{place}" for place, cell in enumerate(cells))
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE raw AS SELECT row, {columns}, NULL::VARCHAR AS c{len(cells)} "
        "FROM raw LEFT JOIN here USING (row) ORDER BY row"
    )


def _sql(text: str, places: Mapping[str, int], options: Options) -> str:
    def cell(name: str) -> str:
        return f"nullif(trim(c{places[name]}), '')" if name in places else "NULL"

    def meant(match: re.Match[str]) -> str:
        kind, _, names = match[1].partition(" ")
        if match[1].startswith("option:"):
            return literal(options[match[1].removeprefix("option:")])
        if match[1].startswith("brand in "):
            return _brand([cell(name.strip()) for name in names.removeprefix("in ").split(",")])
        if match[1].startswith("month of "):
            return f"regexp_replace({cell(names.removeprefix('of '))}, '^(\\d{{4}}[^\\d]?\\d{{1,2}}).*$', '\\1')"
        return "here.city" if kind == "city" and names.startswith("at ") else cell(match[1])

    return _PLACEHOLDER.sub(meant, text)


def _brand(cells: list[str]) -> str:
    """SQL of the longest known name of a network in some cells, else of the first cell that is not blank."""
    spelt = {name.lower() for one in platforms.PLATFORMS.values() for name in (one.zh, one.en, *one.aliases)}
    words = sorted((word for word in spelt if fold(word) not in ("post", "home", "door")), key=len, reverse=True)
    known = "|".join(rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word in words)
    texts = f"lower(concat_ws(' ', {', '.join(cells)}))"
    return f"coalesce(nullif(regexp_extract({texts}, {literal(known)}), ''), {', '.join(cells)})"


def _cities_at(con: "DuckDBPyConnection", adapter: Adapter, places: Mapping[str, int]) -> None:
    """Create `here`: row, and the adcode of the prefecture of its point; empty where none is asked or told."""
    import pyarrow as pa

    con.execute("CREATE OR REPLACE TEMP TABLE here (row BIGINT, city VARCHAR)")
    if not any("{city at " in text for text in adapter.columns.values()) or not {"@lon", "@lat"} <= set(places):
        return
    lon, lat = (f"try_cast(c{places[name]} AS DOUBLE)" for name in ("@lon", "@lat"))
    points = con.sql(f"SELECT row, {lon} AS lon, {lat} AS lat FROM raw WHERE {lon} IS NOT NULL AND {lat} IS NOT NULL")
    found = points.fetchnumpy()
    codes = prefecture_at(np.asarray(found["lon"], float), np.asarray(found["lat"], float))
    con.register("points", pa.table({ROW: pa.array(found[ROW]), "city": pa.array(codes.tolist())}))
    con.execute("INSERT INTO here SELECT row, nullif(city, '') FROM points")
    con.unregister("points")
