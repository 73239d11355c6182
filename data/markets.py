"""A market: stations, subsidies and volumes in canonical columns, and the panel that the models read."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from data.cities import REGIONS, TIERS, cities
from data.grade import Grade
from data.platforms import OUTSIDE, PLATFORMS

REQUIRED: dict[str, tuple[str, ...]] = {
    "stations": ("station_id", "platform", "format", "city", "lat", "lon", "opened", "closed", "cells"),
    "subsidies": (
        *("platform", "city", "start", "end", "subsidy_cny_per_parcel"),
        *("guarantee_cny_per_day", "fee_waiver_cny", "allocation"),
    ),
    "volumes": ("month", "city", "platform", "parcels"),
}
"""Canonical columns by dataset; volumes may also hold `origin`."""
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
        None without volumes.
    """

    name: str
    grade: Grade
    version: str
    source: str
    stations: pd.DataFrame | None = None
    subsidies: pd.DataFrame | None = None
    volumes: pd.DataFrame | None = None
    panel: pd.DataFrame | None = None

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
) -> Market:
    """Market from validated canonical frames; its panel is built here, and is None without volumes."""
    given = {"stations": stations, "subsidies": subsidies, "volumes": volumes}
    tables = {dataset: table for dataset, table in given.items() if table is not None}
    for dataset, table in tables.items():
        _check(dataset, table)
    panel = build_panel(tables) if "volumes" in tables else None
    return Market(name, grade, version, source, stations, subsidies, volumes, panel)


def _check(dataset: str, table: pd.DataFrame) -> None:
    missing = [column for column in REQUIRED[dataset] if column not in table]
    if missing:
        raise ValueError(f"{dataset}: column {', '.join(missing)} is missing; add it (empty where unknown)")
    for column, known in (("platform", set(PLATFORMS)), ("city", set(cities().index))):
        unknown = sorted(set(table[column].dropna().unique()) - known)
        if unknown or table[column].isna().any():
            shown = ", ".join(map(str, unknown[:5])) or "empty cells"
            raise ValueError(f"{dataset}: unknown {column}: {shown}; resolve names to keys before making a market")


def build_panel(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Panel (columns `PANEL`) of the datasets, sorted by month, city and network in the order of `PLATFORMS`.

    A row stands where the network handed over parcels, or had a station at month end, in a city-month that the volumes
    cover; home delivery stands in every city-month when the volumes hold it at all.
    """
    import duckdb

    with duckdb.connect() as db:
        for dataset in ("stations", "subsidies", "volumes"):
            db.register(dataset, _slim(dataset, tables.get(dataset)))
        owners = sorted({p.owner for p in PLATFORMS.values()})
        db.register("ranks", pd.DataFrame({"platform": list(PLATFORMS), "rank": range(len(PLATFORMS))}))
        flat = db.execute(_PANEL_SQL, {"owners": owners, "outside": OUTSIDE}).df()
    return _labelled(flat)


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
markets as (select distinct month, city from sold),
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
paid as (
    select s.city::varchar as city, s.platform::varchar as platform, m.month,
        round(sum(days * coalesce(s.subsidy_cny_per_parcel, 0) / day(last_day(m.month))), 10) as subsidy,
        round(sum(days * coalesce(s.guarantee_cny_per_day, 0) / day(last_day(m.month))), 8) as guarantee
    from subsidies s
    join calendar m on s.start::date <= last_day(m.month) and coalesce(s."end"::date, date '9999-01-01') >= m.month,
    lateral (
        select date_diff('day', greatest(s.start::date, m.month),
            least(coalesce(s."end"::date, last_day(m.month)), last_day(m.month))) + 1 as days
    ) group by all
),
present as (
    select month, city, platform from sold where parcels > 0
    union select month, city, platform from counts join markets using (month, city) where stations > 0
    union select month, city, $outside from markets where $outside in (select platform from sold)
)
select month::timestamp as month, city, platform,
    coalesce(parcels, 0) as parcels, coalesce(open_parcels, 0)::double as open_parcels,
    coalesce(stations, 0)::integer as stations, ln(greatest(coalesce(stations, 0), 1)) as log_stations,
    coalesce(subsidy, 0) as subsidy_cny_per_parcel, coalesce(guarantee, 0) as guarantee_cny_per_day
from present left join sold using (month, city, platform) left join counts using (month, city, platform)
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
    )[list(PANEL)]
