"""Parcel events: one row for each thing that befell a parcel. The columns of a log and what they may be called."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from data.engine.refusal import EngineError
from data.platforms import fold


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a log of events.

    Attributes
    ----------
    name : str
    aliases : str
        Other headers, a space between them; matched without case, spaces and punctuation.
    required : bool
    """

    name: str
    aliases: str
    required: bool = False


FIELDS = (
    Field(
        "time",
        "event_time timestamp datetime scan_time delivered_at sign_time "
        "时间 事件时间 操作时间 签收时间 扫描时间 妥投时间",
        required=True,
    ),
    Field(
        "city",
        "place city_name city_code adcode 城市 地点 城市名称 城市代码 所属城市 地市 签收城市",
        required=True,
    ),
    Field("network", "platform brand company 网络 平台 品牌 快递公司 驿站品牌 承运商", required=True),
    Field("origin", "source order_source 来源 订单来源 电商平台"),
    Field("kind", "event event_type action status 事件 事件类型 操作 操作类型 状态"),
    Field("parcel", "parcel_id waybill waybill_no order_id tracking_no 运单号 单号 快递单号 包裹编号 运单编号"),
    Field("station", "station_id store_id outlet_id 站点编号 驿站编号 网点编号 站点 驿站"),
    Field("lon", "lng longitude 经度"),
    Field("lat", "latitude 纬度"),
)
KINDS = {
    "arrived": "in inbound received stored 到件 到站 入库 已入库 入柜 到达",
    "collected": "out pickup picked_up delivered signed handed_over 签收 已签收 取件 已取件 出库 已出库 妥投 取出",
    "returned": "return refused rejected 退回 退件 已退回 拒收",
}
"""What may befall a parcel at a station, in that order, with other spellings."""
ARRIVED, COLLECTED, RETURNED = 1, 2, 3
"""Places of the kinds, by which queries know them."""
UNREAD = ("station",)
"""Fields that no query reads."""
YEARS = 2005, 2100
"""Years in which a parcel event may lie."""
BOX = 73.0, 136.0, 3.0, 54.0
"""China: least and greatest longitude, least and greatest latitude, degrees."""


def matched(headers: Iterable[str]) -> dict[str, str]:
    """Header of each field that a log has.

    Raises
    ------
    EngineError
        "no_columns" when a required one is missing.
    """
    there = {fold(header): header for header in reversed(list(headers))}
    found: dict[str, str] = {}
    for field in FIELDS:
        spelt = [fold(name) for name in (field.name, *field.aliases.split())]
        header = next((there[name] for name in spelt if name in there), "")
        if header and header not in found.values():
            found[field.name] = header
    lacking = [field.name for field in FIELDS if field.required and field.name not in found]
    if lacking:
        raise EngineError("no_columns", names=", ".join(lacking), found=", ".join(there.values()) or "-")
    return found


def spellings() -> Mapping[int, tuple[str, ...]]:
    """Spellings of each kind, by its place."""
    return {place: (kind, *others.split()) for place, (kind, others) in enumerate(KINDS.items(), 1)}
