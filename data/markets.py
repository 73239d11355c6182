"""A market: stations, subsidies and volumes in canonical columns, and the panel that the models read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from data import duck
from data.cities import REGIONS, TIERS, cities
from data.grade import Grade
from data.platforms import ORDER_SOURCES, OTHER_SOURCE, OUTSIDE, PLATFORMS, Platform, using

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

REQUIRED: dict[str, tuple[str, ...]] = {
    "stations": ("station_id", "platform", "format", "city", "lat", "lon", "opened", "closed", "cells"),
    "subsidies": (
        *("platform", "city", "start", "end", "subsidy_cny_per_parcel"),
        *("guarantee_cny_per_day", "fee_waiver_cny", "allocation"),
    ),
    "volumes": ("month", "city", "platform", "parcels"),
}
"""Canonical columns by dataset; volumes may also hold `origin`: a key of `ORDER_SOURCES`, "other" or "" (unknown).

Other numeric columns of the volumes are the user's own and follow into the panel.
"""
PANEL = (
    *("month", "city", "platform", "parcels", "open_parcels", "stations", "log_stations"),
    *("subsidy_cny_per_parcel", "guarantee_cny_per_day", "tier", "region", "province"),
)


@dataclass(frozen=True, slots=True)
class Market:
    """One version of a market.

    Attributes
    ----------
    name : str
        What the user calls it.
    grade : Grade
        How far its figures can be trusted.
    version : str
        12-digit digest of its contents.
    source : str
        One line of provenance, or a text key.
    stations, subsidies, volumes : DataFrame or None
        Canonical datasets; None when not supplied.
    panel : DataFrame or None
        One row per month, city and network, with the columns of `PANEL`: parcels per month, stations active at month
        end, subsidy (CNY per parcel) and guarantee (CNY per station per day) averaged over the days of the month.
        The user's own columns of the volumes follow, float64, averaged over the origins; not a number where the
        volumes have no cell. None without volumes.
    networks : tuple of Platform
        Those of its own, beside the built-in ones.
    """

    name: str
    grade: Grade
    version: str
    source: str
    stations: pd.DataFrame | None = None
    subsidies: pd.DataFrame | None = None
    volumes: pd.DataFrame | None = None
    panel: pd.DataFrame | None = None
    networks: tuple[Platform, ...] = ()

    def has(self, dataset: str) -> bool:
        """Whether `dataset` (stations, subsidies, volumes or panel) was supplied and holds rows."""
        table: pd.DataFrame | None = getattr(self, dataset)
        return table is not None and len(table) > 0


def make(
    name: str,
    *,
    grade: Grade,
    version: str,
    source: str,
    stations: pd.DataFrame | None = None,
    subsidies: pd.DataFrame | None = None,
    volumes: pd.DataFrame | None = None,
    networks: tuple[Platform, ...] = (),
) -> Market:
    """Market from validated canonical frames; its panel is built here, and is None without volumes.

    Of the networks beside the built-in ones it knows those in `networks` alone, whichever are in use.
    """
    given = {"stations": stations, "subsidies": subsidies, "volumes": volumes}
    tables = {dataset: table for dataset, table in given.items() if table is not None}
    with using(networks):
        for dataset, table in tables.items():
            _check(dataset, table)
        panel = build_panel(tables) if "volumes" in tables else None
    return Market(name, grade, version, source, stations, subsidies, volumes, panel, networks)


def _check(dataset: str, table: pd.DataFrame) -> None:
    missing = [column for column in REQUIRED[dataset] if column not in table]
    if missing:
        raise ValueError(f"{dataset}: column {', '.join(missing)} is missing; add it (empty where unknown)")
    for column, known in (("platform", set(PLATFORMS)), ("city", set(cities().index))):
        unknown = sorted(set(table[column].dropna().unique()) - known)
        if unknown or table[column].isna().any():
            shown = ", ".join(map(str, unknown[:5])) or "empty cells"
            raise ValueError(f"{dataset}: unknown {column}: {shown}; resolve names to keys before making a market")
    strange = (
        set(table["origin"].dropna().unique()) - {*ORDER_SOURCES, OTHER_SOURCE, ""} if "origin" in table else set()
    )
    if strange:
        raise ValueError(
            f"{dataset}: unknown origin: {', '.join(sorted(map(str, strange))[:5])}; resolve sources first"
        )
    taken = [column for column in _own(table) if column in PANEL] if dataset == "volumes" else []
    if taken:
        raise ValueError(f"{dataset}: column {', '.join(taken)} is one that the panel makes itself; rename or drop it")


def _own(volumes: pd.DataFrame) -> list[str]:
    """Columns of the user's own."""
    return [column for column in volumes.select_dtypes("number") if column not in _TYPES["volumes"]]


def build_panel(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Panel of the datasets, sorted by month, city and network in the order of `PLATFORMS`.

    Columns are those of `PANEL`, then the user's own of the volumes: plain means of the filled cells of a city, month
    and network.

    A row stands where the network handed over parcels, or had a station at month end, in a city-month that the volumes
    cover; home delivery stands in every city-month when the volumes hold it at all. A city-month without any parcels
    has no shares, and no rows.

    `open_parcels` are those of orders whose source owns no network (or is unknown). Where a city-month has none of
    these, all its parcels count as open, because captive orders cannot be told from chosen ones there.

    Of the subsidy spells of one network in one city, the one that started last is in force on each day; they never add.
    A spell without an end lasts until the next one starts.
    """
    own = _own(tables["volumes"])
    with duck.connect() as db:
        for dataset in ("stations", "subsidies", "volumes"):
            db.register(dataset, _slim(dataset, tables.get(dataset)))
        db.register("ranks", pd.DataFrame({"platform": list(PLATFORMS), "rank": range(len(PLATFORMS))}))
        flat = db.execute(_PANEL_SQL, {"owners": list(ORDER_SOURCES), "outside": OUTSIDE}).df()
        if own:
            flat = flat.merge(_own_means(db, tables["volumes"], own), how="left", on=list(_KEY))
    return _labelled(flat)[[*PANEL, *own]]


def _own_means(db: "DuckDBPyConnection", volumes: pd.DataFrame, own: list[str]) -> pd.DataFrame:
    """Means of the user's own columns by month, city and network; DuckDB sees their places, not their names."""
    places = [f"own{place}" for place in range(len(own))]
    cells = volumes[own].set_axis(places, axis=1).astype("float64")
    db.register("own", cells.assign(**{key: volumes[key].astype(_TYPES["volumes"][key]) for key in _KEY}))
    means = ", ".join(f"favg({place}) filter (where isfinite({place})) as {place}" for place in places)
    found = db.execute(
        f"select date_trunc('month', month)::timestamp as month, city, platform, {means} from own group by all"
    ).df()
    return found.set_axis([*_KEY, *own], axis=1)


_KEY = ("month", "city", "platform")
_TYPES: dict[str, dict[str, str]] = {
    "stations": {"city": "str", "platform": "str", "opened": "datetime64[us]", "closed": "datetime64[us]"},
    "subsidies": {
        **{"city": "str", "platform": "str", "start": "datetime64[us]", "end": "datetime64[us]"},
        **{"subsidy_cny_per_parcel": "float64", "guarantee_cny_per_day": "float64"},
    },
    "volumes": {"month": "datetime64[us]", "city": "str", "platform": "str", "parcels": "int64", "origin": "str"},
}


def _slim(dataset: str, table: pd.DataFrame | None) -> pd.DataFrame:
    types = _TYPES[dataset]
    if table is None:
        return pd.DataFrame({column: pd.Series(dtype=kind) for column, kind in types.items()})
    if dataset == "volumes" and "origin" not in table:
        table = table.assign(origin="")
    return table[list(types)].astype({c: k for c, k in types.items() if not _is_labelled(table[c])})


def _is_labelled(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.CategoricalDtype)


_PANEL_SQL = """
with sold as (
    select date_trunc('month', month)::date as month, city::varchar as city, platform::varchar as platform,
        sum(parcels)::bigint as parcels,
        coalesce(sum(parcels) filter (coalesce(origin::varchar, '') not in (select unnest($owners))), 0) as open_parcels
    from volumes group by all
),
markets as (
    select month, city, sum(open_parcels) > 0 as some_open from sold group by all having sum(parcels) > 0
),
span as (select min(month) as first, max(month) as last from sold),
moves as (
    select city::varchar as city, platform::varchar as platform,
        greatest(date_trunc('month', day)::date, span.first) as month, sum(step)::bigint as step
    from (
        select city, platform, opened as day, 1 as step from stations
        union all select city, platform, closed, -1 from stations where closed is not null
    ), span
    where date_trunc('month', day)::date <= span.last group by all
),
calendar as (
    select unnest(generate_series(first, last, interval 1 month))::date as month from span
),
counts as (
    select city, platform, calendar.month,
        sum(coalesce(step, 0)) over (partition by city, platform order by calendar.month) as stations
    from (select distinct city, platform from moves) cross join calendar
    left join moves using (city, platform, month)
),
spells as (
    select city::varchar as city, platform::varchar as platform, start::date as start,
        coalesce("end"::date, lead(start::date) over turns - 1, date '9999-01-01') as until,
        row_number() over turns as turn,
        coalesce(subsidy_cny_per_parcel, 0) as subsidy, coalesce(guarantee_cny_per_day, 0) as guarantee
    from subsidies where start <= coalesce("end", start)
    window turns as (
        partition by city, platform
        order by start, "end" desc nulls first, subsidy_cny_per_parcel, guarantee_cny_per_day
    )
),
pieces as (
    select city, platform, day as since, lead(day) over (partition by city, platform order by day) - 1 as until
    from (
        select city, platform, start as day from spells
        union select city, platform, until + 1 from spells
    )
),
terms as (
    select p.city, p.platform, since, p.until, max_by(subsidy, turn) as subsidy, max_by(guarantee, turn) as guarantee
    from pieces p join spells s on p.city = s.city and p.platform = s.platform and since between s.start and s.until
    group by all
),
paid as (
    select city, platform, month,
        round(sum(days * subsidy / day(last_day(month))), 10) as subsidy,
        round(sum(days * guarantee / day(last_day(month))), 8) as guarantee
    from terms join calendar on since <= last_day(month) and until >= month,
    lateral (select date_diff('day', greatest(since, month), least(until, last_day(month))) + 1 as days)
    group by all
),
present as (
    select month, city, platform from sold where parcels > 0
    union select month, city, platform from counts join markets using (month, city) where stations > 0
    union select month, city, $outside from markets where $outside in (select platform from sold)
)
select month::timestamp as month, city, platform,
    coalesce(parcels, 0) as parcels, coalesce(if(some_open, open_parcels, parcels), 0)::double as open_parcels,
    coalesce(stations, 0)::integer as stations, ln(greatest(coalesce(stations, 0), 1)) as log_stations,
    coalesce(subsidy, 0) as subsidy_cny_per_parcel, coalesce(guarantee, 0) as guarantee_cny_per_day
from present join markets using (month, city)
left join sold using (month, city, platform) left join counts using (month, city, platform)
left join paid using (month, city, platform) join ranks using (platform)
order by month, city, rank
"""


def _labelled(flat: pd.DataFrame) -> pd.DataFrame:
    places = cities().loc[flat["city"]]
    codes = sorted(cities().index)
    return flat.assign(
        month=flat["month"].astype("datetime64[us]"),
        city=pd.Categorical(flat["city"], codes),
        platform=pd.Categorical(flat["platform"], list(PLATFORMS)),
        tier=pd.Categorical(places["tier"], TIERS, ordered=True),
        region=pd.Categorical(places["region"], REGIONS),
        province=pd.Categorical(places["province_en"], sorted(cities()["province_en"].unique())),
    )
