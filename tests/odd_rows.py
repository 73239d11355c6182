"""Odd rows: what only shows when rows are compared with one another, and stations that are not where they should be."""

import numpy as np

from data.cities import cities
from data.intake import crs
from data.platforms import PLATFORMS
from data.record import national_monthly
from tests.made_rows import line, months
from tests.odd_files import BASE, HEAD, ROWS, odd

STATION = "站点编号,平台,城市,纬度,经度,开业日期,关闭日期\n"
HANGZHOU = "A1,菜鸟,杭州,30.27413,120.15512,2024-01-05,\n"
A1 = ("A1", "cainiao", "330100", 30.27413, 120.15512, "2024-01-05")
GRANTS = "平台,城市,开始日期,结束日期,单票补贴\n"
SHOWN = ("start", "end", "subsidy_cny_per_parcel")
STEADY = [100_000 + 1_000 * (n % 7) for n in range(24)]


def _series(id, *lines, found, rows=None, **options):
    """A file of records of volumes; what is kept is all of them unless given."""
    records = [record for some in lines for record in some]
    origins = any(record[4] for record in records)
    text = "".join(",".join(map(str, record if origins else record[:4])) + "\n" for record in records)
    head = "month,city,platform,parcels" + (",origin" if origins else "") + "\n"
    return odd(id, head + text, tuple(record[:4] for record in records) if rows is None else rows, *found, **options)


def _changed(at, to):
    return [to(cell) if n in at else cell for n, cell in enumerate(STEADY)]


def _stations(id, text, rows, *found, **options):
    return odd(id, STATION + text, rows, *found, dataset="stations", **options)


def _shifted(system):
    """A station's row with its point in another system."""
    lon, lat = crs.from_wgs84(np.array([120.15512]), np.array([30.27413]), system)
    return HANGZHOU.replace("30.27413", repr(float(lat[0]))).replace("120.15512", repr(float(lon[0])))


def _nation(factor):
    """Records of every city and eight networks for a month, which add up to the nation's parcels times a factor."""
    nation = national_monthly()
    month, parcels = str(nation.index[-1]), nation.iloc[-1]
    people = cities()["population_2020"]
    share = people / people.sum() / 8
    return [
        (month, code, name, max(1, round(parcels * factor * part)), "")
        for code, part in share.items()
        for name in list(PLATFORMS)[:8]
    ]


PARTS = [line("2024-01", [10_000 * n + k for k in range(12)], platform=name) for n, name in enumerate(
    ("jd", "sto", "mama"), 1)]  # fmt: skip
SUM = line("2024-01", [sum(part[k][3] for part in PARTS) for k in range(12)], platform="cainiao")
SOURCES = [line("2024-01", [7_000 + 10 * n for n in range(12)], origin="Alibaba"),
           line("2024-01", [3_000 + 30 * n for n in range(12)], origin="Pinduoduo")]  # fmt: skip
TOGETHER = line("2024-01", [10_000 + 40 * n for n in range(12)])
TEN = ("330100", "330700", "110000", "310000", "440100", "440300", "320100", "320500", "510100", "500000")
ROUNDED = [(f"A{n}", 30 + n % 37 / 100, 120 + n % 41 / 100) for n in range(1_100)]
GAP = [None if n in (5, 6) else cell for n, cell in enumerate(STEADY)]

ROWWISE = [
    odd("the same row twice", ROWS + ROWS.split("\n")[1] + "\n", BASE, "duplicate_same@4"),
    odd("the same key with another number", ROWS + "2024-01,杭州,菜鸟驿站,9\n", BASE, "duplicate_row@4"),
    odd("one city under two names", ROWS + "202401,330100,Cainiao,3\n", BASE, "duplicate_same@4"),
    odd("same key with another source", HEAD[:-1] + ",来源\n2024-01,杭州,菜鸟,3,淘宝\n2024-01,杭州,菜鸟,3,\n",
        ((*BASE[0], "Alibaba"), (*BASE[0], "")), columns=("month", "city", "platform", "parcels", "origin")),
    odd("two shops of one owner", HEAD[:-1] + ",来源\n2024-01,杭州,菜鸟,3,淘宝\n2024-01,杭州,菜鸟,4,天猫\n",
        (("2024-01", "Alibaba", 7),), "orders_summed@3", columns=("month", "origin", "parcels")),
    odd("overlapping spells", f"{GRANTS}菜鸟,杭州,2024-01-01,2024-06-30,0.06\n菜鸟,杭州,2024/6/30,,0.08\n",
        (("2024-01-01", "2024-06-30", 0.06), ("2024-06-30", None, 0.08)), "overlapping_spell@3", dataset="subsidies",
        columns=SHOWN),
    odd("spells that only follow one another", f"{GRANTS}菜鸟,杭州,2024-01-01,,0.06\n菜鸟,杭州,2024-07-01,,0.08\n",
        (("2024-01-01", None, 0.06), ("2024-07-01", None, 0.08)), dataset="subsidies", columns=SHOWN),
    odd("end before start", f"{GRANTS}菜鸟,杭州,2024-02-01,2024-01-01,0.06\n", (), "end_before_start@2",
        dataset="subsidies"),
    _series("steady", line("2024-01", STEADY), found=()),
    _series("missing months", line("2024-01", GAP), line("2024-01", STEADY, platform="sto"),
        found=("months_missing@6",)),
    _series("a month missing everywhere", line("2024-01", GAP), found=("month_missing_everywhere@6",)),
    _series("a month of zeros", line("2024-01", _changed({9}, lambda cell: 0)), found=("zero_run@11",)),
    _series("level break", line("2024-01", _changed(range(12, 24), lambda cell: 4 * cell)), found=("level_break@14",)),
    _series("a run of months 10,000 times off", line("2024-01", _changed({12}, lambda cell: cell * 10_000)),
            line("2024-01", STEADY, platform="sto"), found=("unit_jump@14",)),
    _series("a month under by 10,000", line("2024-01", _changed({12}, lambda cell: cell // 10_000)),
            line("2024-01", STEADY, platform="sto"), found=("unit_fall@14",)),
    _series("a network that is the sum of the others", *PARTS, SUM, found=("total_of_parts@38",)),
    _series("the nation in its published size", _nation(1), found=()),
    _series("the whole column 10,000 times under", _nation(1e-4), found=("unit_of_column@50",)),
    _series("sources that add up to the blank one", *SOURCES, [(*one[:4], "") for one in TOGETHER],
            found=("total_of_origins@26",), rows=tuple(one[:4] for some in (*SOURCES, TOGETHER) for one in some)),
    _series("a month that is off in every city", *(line("2024-01", _changed({5}, lambda cell: cell // 10_000),
        city=city)
            for city in TEN), found=("unit_of_months@55",)),
    odd("spells for parcels and for days", f"{GRANTS[:-1]},日保底\n菜鸟,杭州,2024-01-01,2024-12-31,0.1,0\n"
        "菜鸟,杭州,2024-06-01,2024-12-31,0,60\n", (("2024-01-01", "2024-12-31", 0.1), ("2024-06-01", "2024-12-31", 0)),
        "overlapping_parts@3", dataset="subsidies", columns=SHOWN),
    odd("every rate in fen", GRANTS + "".join(f"菜鸟,杭州,{month}-01,,{n % 4 + 2}\n" for n, month in enumerate(
        months("2024-01", 12))), tuple((f"{month}-01", None, n % 4 + 2) for n, month in enumerate(months("2024-01",
            12))),
        "unit_of_subsidy@4", dataset="subsidies", columns=SHOWN),
    # stations
    _stations("swapped coordinates", "A1,菜鸟,杭州,120.15512,30.27413,2024-01-05,\n", (), "swapped@2"),
    _stations("outside China", "A1,菜鸟,杭州,51.5007,-0.1246,2024-01-05,\n", (), "outside_china@2"),
    _stations("no coordinates", "A1,菜鸟,杭州,0,0,2024-01-05,\n", (), "outside_china@2", "outside_china@2"),
    _stations("degrees and minutes", "A1,菜鸟,杭州,30°16'27\"\"N,120.15512,2024-01-05,\n", (), "not_a_number@2"),
    _stations("degrees with their sign", HANGZHOU.replace("30.27413", "30.27413°"), (A1,)),
    _stations("closed before opened", HANGZHOU.replace("-05,", "-05,2023-01-01"), (), "closed_before_opened@2"),
    _stations("far from its city", HANGZHOU.replace("30.27413,120.15512", "39.90421,116.40739"),
              ((*A1[:3], 39.90421, 116.40739, A1[5]),), "far_from_city@2"),
    _stations("rounded coordinates", HANGZHOU.replace("30.27413,120.15512", "30.27,120.16"),
              ((*A1[:3], 30.27, 120.16, A1[5]),), "rounded_coordinates@2"),
    _stations("1,100 rounded coordinates", "".join(f"{name},菜鸟,杭州,{lat:.2f},{lon:.2f},2024-01-05,\n"
              for name, lat, lon in ROUNDED), tuple((name, *A1[1:3], round(lat, 5), round(lon, 5), A1[5])
              for name, lat, lon in ROUNDED), *(f"rounded_coordinates@{n + 2}" for n in range(1_000)),
                  "more_of_this@1001"),
    _stations("six at one point", "".join(HANGZHOU.replace("A1", f"A{n}") for n in range(1, 7)),
              tuple((f"A{n}", *A1[1:]) for n in range(1, 7)), "same_place@2"),
    _stations("a station twice", HANGZHOU * 2, (A1,), "duplicate_same@3"),
    _stations("a station that moved", HANGZHOU + HANGZHOU.replace("30.2", "30.3"), (A1,), "duplicate_row@3"),
    _stations("a formula for a name", HANGZHOU.replace("A1", '"=1+1"'), (("=1+1", *A1[1:]),)),
    _stations("a name kept from running", HANGZHOU.replace("A1", '"\'=1+1"'), (("=1+1", *A1[1:]),)),
    _stations("a name with leading zeros", HANGZHOU.replace("A1", "0012"), (("0012", *A1[1:]),)),
    _stations("a total of stations", HANGZHOU + "合计,,,,,,\n", (A1,), "totals_row@3"),
    _stations("points in GCJ-02", _shifted("GCJ-02"), (A1,), crs="GCJ-02"),
    _stations("points in BD-09", _shifted("BD-09"), (A1,), crs="BD-09"),
    odd("unknown format", f"{STATION[:-1]},类型\n{HANGZHOU[:-1]},moon\n", (), "unknown_format@2", dataset="stations"),
    odd("fen for yuan", GRANTS + "".join(f"菜鸟,杭州,{month}-01,,{10 if n == 5 else 0.1}\n" for n, month in enumerate(
        months("2024-01", 12))), tuple((f"{month}-01", None, 0.1) for n, month in enumerate(months("2024-01", 12))
        if n != 5), "out_of_range@7", dataset="subsidies", columns=SHOWN),
    odd("ten times the rest", GRANTS + "".join(f"菜鸟,杭州,{month}-01,,{1 if n == 5 else 0.1}\n" for n,
        month in enumerate(
        months("2024-01", 12))), tuple((f"{month}-01", None, 1 if n == 5 else 0.1) for n, month in enumerate(
        months("2024-01", 12))), "level_of_subsidy@7", dataset="subsidies", columns=SHOWN),
]  # fmt: skip
