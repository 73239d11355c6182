"""Odd cells: numbers and dates in every form people write, and names of cities and networks."""

from tests.odd_files import BASE, HEAD, NONE, ROWS, kept, odd, one

SUBSIDY = "平台,城市,开始日期,单票补贴,日保底,派单比例\n"
GUARANTEE = "平台,城市,开始日期,单票补贴,保底\n"
GRANT = ("cainiao", "330100", "2024-01-01", 0.1, 60, 0.35)
ORIGINS = HEAD[:-1] + ",来源\n"


def _number(cell, parcels):
    """A file whose number is written in an odd way."""
    return odd(f"number {cell}", one(f'"{cell}"'), kept(parcels))


def _bad(cell, code):
    return odd(f"no number {cell[:40]}", one(f'"{cell}"'), NONE, f"{code}@2")


def _month(cell):
    return odd(f"month {cell}", one(month=cell), kept())


def _day(cell, day="2024-03-05"):
    return odd(f"day {cell}", f"{SUBSIDY}菜鸟,杭州,\"{cell}\",0.1,60,0.35\n", ((*GRANT[:2], day, *GRANT[3:]),),
               dataset="subsidies")  # fmt: skip


def _no_day(cell, code="bad_date"):
    return odd(f"no day {cell}", f"{SUBSIDY}菜鸟,杭州,{cell},0.1,60,0.35\n", NONE, f"{code}@2", dataset="subsidies")


def _grant(id, subsidy, guarantee, share, row, *found):
    line = f'{SUBSIDY}菜鸟,杭州,2024-01-01,"{subsidy}","{guarantee}","{share}"\n'
    return odd(id, line, (row,) if row else NONE, *found, dataset="subsidies")


def _city(cell, code, *found):
    return odd(f"city {cell}", one(city=cell), kept(city=code) if code else NONE, *found)


CELLS = [
    *(_number(*pair) for pair in (
        ("1.2万", 12_000), ("3.4亿", 340_000_000), ("12万件", 120_000), ("1,250,000", 1_250_000), ("１２５０", 1250),
        ("１，２５０", 1250), ("1.2e3", 1200), (" 7 ", 7), ("7.0", 7), ("'1234", 1234), ("+5", 5), ("1 250 000",
        1_250_000),
        ("\u00a07\u3000", 7), ("1.2345万", 12_345), ("0", 0), ('=""1234""', 1234),
    )),
    *(_bad(*pair) for pair in (
        ("五百", "not_a_number"), ("nan", "not_a_number"), ("inf", "not_a_number"), ("1e999", "not_a_number"),
        ("-inf", "not_a_number"), ("1.234,5", "not_a_number"), ("1,00", "not_a_number"), ("35%", "not_a_number"),
        ("(1,200)", "out_of_range"), ("-3", "out_of_range"), ("9" * 30, "out_of_range"), ("1.5", "not_whole"),
        ("=SUM(D1:D9)", "formula"), ("=1+1", "formula"), ("@SUM(1)", "formula"), ("#VALUE!", "not_a_number"),
        ("-", "blank_cell"), ("#N/A", "blank_cell"), ("暂无", "blank_cell"), ("\u3000", "blank_cell"),
        ("￥3", "not_a_number"), ("3元", "not_a_number"), ("<b>3</b>", "not_a_number"), ("3;4", "not_a_number"),
        ("x" * 5000, "not_a_number"),
    )),
    odd("more than the nation's", one("99999999999"), kept(99_999_999_999), "unit_of_column_maybe@2"),
    odd("unit twice", one("3万", head=HEAD.replace("件量", "业务量(亿件)")), NONE, "unit_twice@2"),
    _grant("percent, currency and blanks", "￥0.10", "60元", "35%", GRANT),
    _grant("blank where it may be", "0.1", "", "", (*GRANT[:4], 0, None)),
    _grant("placeholders where it may be blank", "0.1", "—", "N/A", (*GRANT[:4], 0, None)),
    _grant("more than the whole", "0.1", "60", "135%", None, "out_of_range@2"),
    _grant("a negative subsidy", "-0.1", "60", "35%", None, "out_of_range@2"),
    odd("fen per parcel", f"{SUBSIDY.replace('单票补贴', '补贴(分/件)')}菜鸟,杭州,2024-01-01,10,60,0.35\n", (GRANT,),
        dataset="subsidies"),
    odd("percent in the header", f"{SUBSIDY.replace('派单比例', '派单比例(%)')}菜鸟,杭州,2024-01-01,0.1,60,35\n",
        (GRANT,),
        dataset="subsidies"),
    odd("guarantee a month by its header",
        f"{SUBSIDY.replace('日保底', '保底(元/月)')}菜鸟,杭州,2024-01-01,0.1,1826.25,0.35\n",
        (GRANT,), "unit_converted@1", dataset="subsidies"),
    odd("guarantee that looks monthly", f"{GUARANTEE}菜鸟,杭州,2024-01-01,0.1,1800\n", ((*GRANT[:4], 1800, None),),
        "looks_monthly@2", dataset="subsidies"),
    *map(_month, ("2024/1", "2024.01", "202401", "2024年1月", "2024年01月份", "2024/1/1", "20240101", "２０２４-01",
                  "24-Jan", "Jan-24", "Jan 2024", "2024-Jan", "January 2024", "45292", "45292.0", "2024-01-01 00:00:00",
                  "2024年 1月", "01/2024")),
    *(odd(f"no month {cell}", one(month=cell), NONE, f"{code}@2") for cell, code in (
        ("2024-13", "bad_month"), ("1024-01", "bad_month"), ("2024", "bad_month"), ("一月", "bad_month"), ("24/1",
        "bad_month"),
        ("2024Q1", "bad_month"), ("3/1/2024", "ambiguous_date"), ("01-03-2024", "ambiguous_date"), ("2024-00",
        "bad_month"),
        ("", "blank_cell"), ("19999", "bad_month"), ("2024-01至2024-03", "bad_month"),
    )),
    *map(_day, ("2024/3/5", "2024.3.5", "20240305", "2024年3月5日", "45356", "2024-03-05T00:00:00", "2024-03-05 13:20",
                "5 Mar 2024", "Mar 5, 2024", "2024-03-05 星期二")),
    *map(_no_day, ("2024-02-30", "2024-02", "五月", "24-3-5")),
    _no_day("3/1/2024", "ambiguous_date"),
    _no_day("24-Mar", "ambiguous_date"),
    # names
    *(_city(*entry) for entry in (
        ("杭州市", "330100"), ("Hangzhou", "330100"), ("330100", "330100"), ("330100.0", "330100"), ("浙江省杭州市",
        "330100"),
        ("江西省宜春市", "360900"), ("苏州", "320500"), ("宿州", "341300"), ("泰州", "321200"), ("台州", "331000"),
        ("Suzhou", None, "ambiguous_city@2"), ("Taizhou", None, "ambiguous_city@2"), ("Fuzhou", None,
        "ambiguous_city@2"),
        ("Yichun", None, "ambiguous_city@2"), ("杭洲", None, "unknown_city@2"), ("火星", None, "unknown_city@2"),
        ("昆山市", None, "county@2"), ("义乌", None, "county@2"), ("朝阳区", None, "county@2"), ("330106", None,
        "county@2"),
        ("浙江省", None, "a_province@2"), ("香港", None, "not_a_prefecture@2"), ("海外", None, "not_a_prefecture@2"),
        ("襄樊", "420600", "renamed_city@2"), ("思茅", "530800", "renamed_city@2"),
        ("莱芜", None, "former_city@2"), ("巢湖", None, "former_city@2"), ("{value}", None, "unknown_city@2"),
        ("杭州'; DROP TABLE raw; --", None, "unknown_city@2"),
        ("<img src=x>", None, "unknown_city@2"),
    )),
    odd("province in its own column", HEAD[:-1] + ",省份\n2024-01,Yichun,菜鸟,3,江西\n", kept(city="360900"),
        "province_column@1", "settled_by_province@2"),
    odd("unknown network", ROWS + "2024-02,杭州,Cainio,3\n2024-02,杭州,顺丰蜂巢,3\n", BASE,
        "unknown_platform@4", "unknown_platform@5"),
    odd("unknown network decided", one(platform="某某驿站"), kept(platform="tuxi"),
        names={"platform": {"某某驿站": "tuxi"}}),
    odd("unknown network set aside", ROWS + "2024-02,杭州,某某驿站,3\n", BASE, "set_aside_name@4",
        names={"platform": {"某某驿站": ""}}),
    odd("ambiguous city decided", one(city="Suzhou"), kept(city="341300"), names={"city": {"Suzhou": "341300"}}),
    odd("decision for a network that is gone", one(platform="某某驿站"), NONE, "unknown_platform@2",
        names={"platform": {"某某驿站": "gone"}}),
    odd("unknown source", f"{ORIGINS}2024-01,杭州,菜鸟,3,ZTO\n", (("2024-01", "other"),), "unknown_origin@2",
        columns=("month", "origin")),
    odd("cells mended", one("五百", city="杭洲"), kept(500), edits={(2, "件量"): "500", (2, "城市"): "杭州"}),
    odd("a mend that is wrong as well", one("五百"), NONE, "not_a_number@2", edits={(2, "件量"): "六百"}),
    odd("a mend of a good row", ROWS, (BASE[0], (*BASE[1][:3], 44)), edits={(3, "件量"): "44"}),
]  # fmt: skip
