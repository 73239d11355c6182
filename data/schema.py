"""The three datasets of a market: columns, units, limits and the headers they go by. A new column is one entry."""

import csv
import io

from data.contract import Column, Dataset, Rule, declare
from data.markets import PANEL

MOST_OWN = 12
"""Columns of the user's own that the volumes may bring."""

_PLATFORM = Column(
    "platform",
    "platform",
    ("菜鸟驿站", "Duoduo"),
    required=True,
    aliases="network brand operator company 平台 品牌 网络 驿站品牌 运营商 快递品牌 公司",
)
_CITY = Column(
    "city",
    "city",
    ("杭州", "330700"),
    required=True,
    aliases="city_name city_code adcode prefecture 城市 城市名称 地市 地级市 市 城市代码 行政区划代码",
)

STATIONS = declare(
    "stations",
    (
        Column(
            "station_id",
            "text",
            ("HZ0001", "JH0001"),
            required=True,
            aliases="id station store_id site_id poi_id 站点编号 站点id 驿站编号 门店编号 网点编号 编号",
        ),
        _PLATFORM,
        Column(
            "format", "format", ("station", "locker"), aliases="type station_type kind 类型 业态 站点类型 网点类型 形态"
        ),
        _CITY,
        Column(
            "lat",
            "number",
            ("30.2741", "29.0792"),
            required=True,
            unit="degree",
            low=3.0,
            high=54.0,
            outside="outside_china",
            aliases="latitude y 纬度 纬度坐标 wgs84_lat",
        ),
        Column(
            "lon",
            "number",
            ("120.1551", "119.6474"),
            required=True,
            unit="degree",
            low=73.0,
            high=136.0,
            outside="outside_china",
            aliases="lng long longitude x 经度 经度坐标 wgs84_lng",
        ),
        Column(
            "opened",
            "date",
            ("2023-05-01", "2024年3月1日"),
            required=True,
            aliases="opened_on open_date opening_date start_date 开业日期 开业时间 开店日期 上线日期 启用日期",
        ),
        Column(
            "closed",
            "date",
            ("", "2025/6/30"),
            aliases="closed_on close_date closing_date end_date 关闭日期 停业日期 关店日期 下线日期 撤站日期",
        ),
        Column(
            "cells",
            "integer",
            ("", "84"),
            unit="cell",
            low=1,
            high=2000,
            aliases="boxes compartments 格口 格口数 柜格数 格数 箱格数",
        ),
    ),
    key=("station_id",),
    rules=(
        Rule("swapped", "lat", "lat BETWEEN 73 AND 136 AND lon BETWEEN 3 AND 54", ("lat", "lon")),
        Rule("closed_before_opened", "closed", "closed < opened"),
    ),
)

SUBSIDIES = declare(
    "subsidies",
    (
        _PLATFORM,
        _CITY,
        Column(
            "start",
            "date",
            ("2025-01-01", "2025/3/1"),
            required=True,
            aliases="start_date from begin effective 开始日期 起始日期 生效日期 开始时间 开始",
        ),
        Column(
            "end",
            "date",
            ("2025-06-30", ""),
            aliases="end_date to until expiry 结束日期 截止日期 失效日期 结束时间 结束 截止",
        ),
        Column(
            "subsidy_cny_per_parcel",
            "number",
            ("0.05", "0.12"),
            required=True,
            unit="cny_per_parcel",
            low=0,
            high=5,
            aliases=(
                "subsidy subsidy_per_parcel per_parcel 补贴 单票补贴 单件补贴 每票补贴 每件补贴 补贴金额 "
                "单票补贴(元) 补贴(元/件) 补贴(元/票)"
            ),
        ),
        Column(
            "guarantee_cny_per_day",
            "number",
            ("", "60"),
            unit="cny_per_day",
            low=0,
            high=10_000,
            default=0.0,
            aliases="guarantee daily_guarantee minimum_guarantee 保底 日保底 每日保底 保底金额 保底(元/天)",
        ),
        Column(
            "fee_waiver_cny",
            "number",
            ("", "2000"),
            unit="cny",
            low=0,
            high=1_000_000,
            default=0.0,
            aliases="fee_waiver waiver waived_fee 减免 费用减免 加盟费减免 减免金额 减免(元)",
        ),
        Column(
            "allocation",
            "fraction",
            ("", "35%"),
            low=0,
            high=1,
            aliases="own_allocation allocated_share 派单比例 自有单量分配 分配比例 导流比例",
        ),
    ),
    key=("platform", "city", "start"),
    rules=(Rule("end_before_start", "end", '"end" < "start"'),),
    spell=("start", "end"),
)

VOLUMES = declare(
    "volumes",
    (
        Column(
            "month",
            "month",
            ("2026-07", "2026年7月"),
            required=True,
            aliases="period date year_month ym 月份 月 年月 统计月份 日期 期间",
        ),
        _CITY,
        _PLATFORM,
        Column(
            "parcels",
            "integer",
            ("1,250,000", "860000"),
            required=True,
            unit="parcel_per_month",
            low=0,
            high=10**11,
            aliases=(
                "volume parcel_count orders packages count 业务量 件量 单量 包裹量 票数 快递量 包裹数 件数 派件量"
            ),
        ),
        Column(
            "origin",
            "origin",
            ("Alibaba", "Pinduoduo"),
            default="",
            aliases="source order_source ecommerce 来源 订单来源 电商平台 单源",
        ),
    ),
    key=("month", "city", "platform", "origin"),
    own=MOST_OWN,
    reserved=PANEL,
)

DATASETS: dict[str, Dataset] = {d.name: d for d in (STATIONS, SUBSIDIES, VOLUMES)}


def template_csv(dataset: str) -> bytes:
    """CSV file (UTF-8 with BOM, so that Excel reads it) with the header and two example rows of a dataset."""
    columns = DATASETS[dataset].columns.values()
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.name for column in columns])
    for example in range(2):
        writer.writerow([column.examples[example] for column in columns])
    return out.getvalue().encode("utf-8-sig")
