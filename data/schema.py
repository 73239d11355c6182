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
    aliases=(
        "network brand operator company 平台 品牌 网络 驿站品牌 运营商 快递品牌 公司 品牌名称 品牌方 归属品牌 "
        "所属品牌 合作品牌 末端品牌 快递公司 物流公司 承运商 平台名称 所属平台 网络名称 所属网络 network_name "
        "brand_name platform_name carrier courier"
    ),
)
_CITY = Column(
    "city",
    "city",
    ("杭州", "330700"),
    required=True,
    aliases=(
        "city_name city_code adcode prefecture 城市 城市名称 地市 地级市 市 城市代码 行政区划代码 城市名 市名 "
        "市级 地市名称 地级市名称 所属城市 所在城市 所属地市 所在市 城市编码 城市adcode cityname city_adcode "
        "city_id prefecture_name prefecture_city"
    ),
)

STATIONS = declare(
    "stations",
    (
        Column(
            "station_id",
            "text",
            ("HZ0001", "JH0001"),
            required=True,
            aliases=(
                "id station store_id site_id poi_id 站点编号 站点id 驿站编号 门店编号 网点编号 编号 站点编码 "
                "驿站编码 门店编码 网点编码 站点代码 网点代码 驿站id 门店id 网点id 柜机编号 柜机编码 设备编号 "
                "station_code store_code outlet_id outlet_code site_code locker_id"
            ),
        ),
        _PLATFORM,
        Column(
            "format",
            "format",
            ("station", "locker"),
            aliases=(
                "type station_type kind 类型 业态 站点类型 网点类型 形态 站点形态 网点形态 驿站类型 门店类型 "
                "业态类型 format_type store_type outlet_type"
            ),
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
            aliases="latitude y 纬度 纬度坐标 wgs84_lat 纬度值 lat_wgs84 gps_lat lat_deg",
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
            aliases=(
                "lng long longitude x 经度 经度坐标 wgs84_lng 经度值 lng_wgs84 lon_wgs84 wgs84_lon gps_lng "
                "gps_lon lon_deg"
            ),
        ),
        Column(
            "opened",
            "date",
            ("2023-05-01", "2024年3月1日"),
            required=True,
            aliases=(
                "opened_on open_date opening_date start_date 开业日期 开业时间 开店日期 上线日期 启用日期 开业日 "
                "开站日期 开站时间 建站日期 建站时间 入驻日期 入驻时间 投放日期 投放时间 开通日期 开通时间 "
                "opened_at open_time opening launch_date"
            ),
        ),
        Column(
            "closed",
            "date",
            ("", "2025/6/30"),
            aliases=(
                "closed_on close_date closing_date end_date 关闭日期 停业日期 关店日期 下线日期 撤站日期 关闭时间 "
                "关站日期 关站时间 闭店日期 停业时间 撤站时间 撤柜日期 closed_at close_time closing"
            ),
        ),
        Column(
            "cells",
            "integer",
            ("", "84"),
            unit="cell",
            low=1,
            high=2000,
            aliases=(
                "boxes compartments 格口 格口数 柜格数 格数 箱格数 格口数量 格口总数 箱格数量 柜格口数 格子数 "
                "locker_cells cell_count compartment_count"
            ),
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
            aliases=(
                "start_date from begin effective 开始日期 起始日期 生效日期 开始时间 开始 起始时间 起始 生效时间 "
                "补贴开始日期 政策开始日期 活动开始日期 valid_from effective_date effective_from"
            ),
        ),
        Column(
            "end",
            "date",
            ("2025-06-30", ""),
            aliases=(
                "end_date to until expiry 结束日期 截止日期 失效日期 结束时间 结束 截止 截止时间 终止日期 "
                "失效时间 补贴结束日期 政策结束日期 活动结束日期 valid_to valid_until effective_to expiry_date"
            ),
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
                "单票补贴(元) 补贴(元/件) 补贴(元/票) 补贴单价 补贴标准 票均补贴 件均补贴 派件补贴 单票补贴金额 "
                "单件补贴金额 单票补贴标准 subsidy_rate subsidy_per_piece subsidy_cny"
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
            aliases=(
                "guarantee daily_guarantee minimum_guarantee 保底 日保底 每日保底 保底金额 保底(元/天) 日保底金额 "
                "每日保底金额 日均保底 日保底收入 guarantee_per_day daily_minimum"
            ),
        ),
        Column(
            "fee_waiver_cny",
            "number",
            ("", "2000"),
            unit="cny",
            low=0,
            high=1_000_000,
            default=0.0,
            aliases=(
                "fee_waiver waiver waived_fee 减免 费用减免 加盟费减免 减免金额 减免(元) 减免额 减免费用 "
                "加盟费减免金额 品牌费减免 管理费减免 waiver_cny fee_reduction"
            ),
        ),
        Column(
            "allocation",
            "fraction",
            ("", "35%"),
            low=0,
            high=1,
            aliases=(
                "own_allocation allocated_share 派单比例 自有单量分配 分配比例 导流比例 派单占比 分配占比 "
                "导流占比 自有单量占比 allocation_share own_share"
            ),
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
            aliases=(
                "period date year_month ym 月份 月 年月 统计月份 日期 期间 年月份 统计月 统计年月 数据月份 "
                "业务月份 所属月份 账期 统计期 统计周期 yyyymm stat_month report_month reporting_month "
                "calendar_month"
            ),
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
                "volume parcel_count orders packages count 业务量 件量 单量 包裹量 票数 快递量 包裹数 件数 派件量 "
                "派件数 派件数量 派件票数 派件件量 派送量 派送件量 快递件量 快递业务量 业务总量 包裹总数 包裹数量 "
                "总件量 票件量 订单量 parcel_volume total_parcels num_parcels shipments shipment_count deliveries "
                "delivery_count delivered_parcels"
            ),
        ),
        Column(
            "origin",
            "origin",
            ("Alibaba", "Pinduoduo"),
            default="",
            aliases=(
                "source order_source ecommerce 来源 订单来源 电商平台 单源 来源平台 单量来源 电商来源 订单平台 "
                "货源 商流 商流平台 order_platform shop_platform ecommerce_platform order_origin"
            ),
        ),
    ),
    key=("month", "city", "platform", "origin"),
    own=MOST_OWN,
    reserved=("row", *PANEL),
)

DATASETS: dict[str, Dataset] = {d.name: d for d in (STATIONS, SUBSIDIES, VOLUMES)}


def template_csv(dataset: str | Dataset) -> bytes:
    """CSV file (UTF-8 with BOM, so that Excel reads it) with the header and two example rows of a dataset."""
    columns = (DATASETS[dataset] if isinstance(dataset, str) else dataset).columns.values()
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.name for column in columns])
    for example in range(2):
        writer.writerow([column.examples[example] for column in columns])
    return out.getvalue().encode("utf-8-sig")
