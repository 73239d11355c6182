"""Two tables that a map may be given beside a market, and that no market keeps: demand points and flows to stations."""

from typing import TYPE_CHECKING

from data.contract import Column, Dataset, Rule, declare
from data.intake.crs import to_wgs84

if TYPE_CHECKING:
    import pandas as pd

_IN_CHINA = {"low": (3.0, 73.0), "high": (54.0, 136.0)}
_SWAPPED = Rule("swapped", "lat", "lat BETWEEN 73 AND 136 AND lon BETWEEN 3 AND 54", ("lat", "lon"))
"""As of stations."""


def _degrees(name: str, aliases: str, examples: tuple[str, str], *, east: bool, required: bool = True) -> Column:
    low, high = (_IN_CHINA[side][east] for side in ("low", "high"))
    return Column(name, "number", examples, required, "degree", low, high, "outside_china", None, aliases)


_LAT = _degrees(
    "lat",
    "latitude y 纬度 纬度坐标 origin_lat 起点纬度 wgs84_lat 纬度值 lat_wgs84 gps_lat lat_deg",
    ("30.2741", "30.2598"),
    east=False,
)
_LON = _degrees(
    "lon",
    "lng long longitude x 经度 经度坐标 origin_lon origin_lng 起点经度 wgs84_lng 经度值 lon_wgs84 gps_lng gps_lon",
    ("120.1551", "120.1303"),
    east=True,
)

DEMAND = declare(
    "demand",
    (
        Column(
            "name",
            "text",
            ("文三社区", "Gudang"),
            default="",
            aliases="名称 小区 小区名称 社区 社区名称 村名 需求点 点位名称 point neighbourhood village community",
        ),
        _LAT,
        _LON,
        Column(
            "people",
            "number",
            ("5200", "3100"),
            unit="people",
            low=0,
            high=10_000_000,
            aliases="population residents inhabitants 人口 人数 居民 常住人口 人口数 居住人口",
        ),
        Column(
            "village_people",
            "number",
            ("0", "0"),
            unit="people",
            low=0,
            high=10_000_000,
            aliases="rural rural_people rural_population 村民 农村人口 乡村人口 村民人数",
        ),
        Column(
            "parcels_per_day",
            "number",
            ("2100", "1280"),
            unit="parcel_per_day",
            low=0,
            high=10_000_000,
            aliases="parcels demand daily_parcels 日件量 日均件量 日均包裹 件量 单量 包裹量 日单量 需求量 parcels_day",
        ),
    ),
    key=("name", "lat", "lon"),
    rules=(_SWAPPED,),
)

FLOWS = declare(
    "flows",
    (
        Column(
            "point",
            "text",
            ("文三社区", "Gudang"),
            required=True,
            aliases="origin 起点 需求点 来源地 小区 社区 居住地 origin_id origin_name from_point customer_zone zone",
        ),
        _LAT,
        _LON,
        Column(
            "station_id",
            "text",
            ("HZ0001", ""),
            default="",
            aliases="station store_id site_id 站点编号 站点id 驿站编号 网点编号 站点编码 驿站编码 网点编码 取件站点",
        ),
        _degrees(
            "station_lat", "站点纬度 驿站纬度 store_lat to_lat 终点纬度", ("", "30.2611"), east=False, required=False
        ),
        _degrees(
            "station_lon",
            "station_lng 站点经度 驿站经度 store_lon store_lng to_lon to_lng 终点经度",
            ("", "120.1322"),
            east=True,
            required=False,
        ),
        Column(
            "parcels",
            "number",
            ("840", "315"),
            required=True,
            unit="parcel",
            low=0,
            high=10**10,
            aliases="flow volume parcel_count count trips 件量 单量 包裹量 票数 取件量 流量 包裹数 件数",
        ),
    ),
    key=("point", "lat", "lon", "station_id", "station_lat", "station_lon"),
    rules=(_SWAPPED,),
)

EXTRAS: dict[str, Dataset] = {DEMAND.name: DEMAND, FLOWS.name: FLOWS}


def good(rows: "pd.DataFrame", kind: str, crs: str) -> "pd.DataFrame":
    """Rows that mean something, in WGS-84.

    Parameters
    ----------
    rows : DataFrame
        Canonical columns of `kind`, lat and lon in WGS-84 already.
    kind : str
        "demand": points that say neither people nor parcels are left out. "flows": stations are turned into WGS-84.
    crs : str
        Coordinates of the file.
    """
    if kind == "demand":
        return rows[rows[["people", "parcels_per_day"]].notna().any(axis=1)].reset_index(drop=True)
    lon, lat = to_wgs84(rows["station_lon"], rows["station_lat"], crs)
    return rows.assign(station_lon=lon, station_lat=lat)


def to_stations(flows: "pd.DataFrame", stations: "pd.DataFrame | None") -> "pd.DataFrame":
    """Flows whose station has a place: of its own, or of the station of its name.

    Parameters
    ----------
    flows : DataFrame
        Canonical columns of `FLOWS`.
    stations : DataFrame or None
        Canonical stations of a market.

    Returns
    -------
    DataFrame
        origin, lat, lon, station_id ("lat,lon" where it has no name), station_lat, station_lon (degrees, WGS-84),
        platform and format ("" unknown), parcels; one row a pair, repeated pairs added up.
    """
    found = flows.assign(station_id=flows["station_id"].fillna("").astype(str), platform="", format="")
    if stations is not None:
        known = stations.drop_duplicates("station_id").set_index("station_id").reindex(found["station_id"])
        for name, own in (("station_lat", "lat"), ("station_lon", "lon")):
            found[name] = found[name].fillna(known[own].reset_index(drop=True).set_axis(found.index))
        for name in ("platform", "format"):
            found[name] = known[name].astype("str").fillna("").to_numpy(dtype=str)
    found = found[found["station_lat"].notna() & found["station_lon"].notna()]
    at = found["station_lat"].round(5).astype(str) + "," + found["station_lon"].round(5).astype(str)
    found = found.assign(station_id=found["station_id"].where(found["station_id"] != "", at))
    first = dict.fromkeys(("lat", "lon", "station_lat", "station_lon", "platform", "format"), "first")
    found = found.rename(columns={"point": "origin"})
    return found.groupby(["origin", "station_id"], sort=False, as_index=False).agg(first | {"parcels": "sum"})
