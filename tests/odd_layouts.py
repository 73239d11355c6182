"""Odd layouts: what stands above and under a table, totals among its rows, and its headers."""

from tests.odd_files import BASE, HEAD, NONE, ROWS, kept, odd, one

TITLE = "2024年各城市业务量统计表,,,\n单位：万件,,,\n"
WAN = ((*BASE[0][:3], 30_000), (*BASE[1][:3], 40_000))
ENGLISH = "month,city,platform,parcels"
FOOT = "制表人：张三,,,\n审核：李四,,,\n数据来源：快递企业填报,,,\n备注,,,\n"
TWO = "月份,城市,平台,业务量\n,,,(万件)\n2024-01,杭州,菜鸟,3\n"
BIDI = "月份,\u202e城市\u202c,平台,件量\n2024-01,杭州,菜鸟,3\n"
SUBSIDIES = "平台,城市,开始日期,单票补贴\n菜鸟,杭州,2024-01-01,0.1\n"


def _more(header, cell="x", *, found="unknown_column@1", **options):
    """A file with one more column, which is left out."""
    return (f"{HEAD[:-1]},{header}\n2024-01,杭州,菜鸟,3,{cell}\n", kept(), *([found] if found else []))


ACROSS = "城市,品牌,2024年1月,2024年2月\n杭州,菜鸟,3,5\n"
DAYS = HEAD + "2024-01-01,杭州,菜鸟,3\n2024-01-02,杭州,菜鸟,4\n"
LAYOUTS = [
    odd("months across", ACROSS, NONE, "months_across@1", *["missing_column@1"] * 2, *["unknown_column@1"] * 2),
    odd("no header", "2024-01,杭州,菜鸟,3\n2024-02,杭州,菜鸟,3\n", NONE, "no_header@1", *["missing_column@1"] * 4,
        *["unknown_column@1"] * 4),
    odd("days", DAYS, kept(), "daily_rows@1", "duplicate_row@3"),
    odd("days added up", DAYS, kept(7), "rows_added_up@3", add_up=True),
    odd("title and unit above", TITLE + ROWS, WAN, "unit_above@3"),
    odd("unit above that the reader knows better", TITLE + ROWS, BASE, units={"parcels": "件"}),
    odd("unit above and another in the header", TITLE + one("3", head=HEAD.replace("件量", "件量(件)")), kept()),
    odd("an office above that calls itself a unit", "单位：杭州市邮政管理局,,,\n" + ROWS, BASE),
    odd("title over one cell", "2024年业务量\n" + ROWS, BASE),
    odd("blank rows above", "\n\n,,,\n" + ROWS, BASE),
    odd("forty lines of notes above", "说明：见下,,,\n" * 40 + ROWS, BASE),
    odd("units in a row of their own", TWO, kept(30_000)),
    odd("groups over the headers", "基本信息,,业务信息,\n" + ROWS, BASE),
    odd("header row given", HEAD + ROWS, BASE, header_row=2),
    odd("header row that is not there", ROWS, "no_header_row", header_row=99),
    odd("footers", ROWS + FOOT, BASE, "footer@4", "footer@5", "footer@6", "footer@7"),
    odd("a total under the table", ROWS + "合计,,,7\n", BASE, "totals_row@4"),
    odd("a total on top", HEAD + "总计,,,7\n" + ROWS.split("\n", 1)[1], BASE, "totals_row@2"),
    odd("a total between", HEAD + "2024-01,杭州,菜鸟,3\n2024-01,杭州 小计,,3\n2024-01,金华,多多,4\n", BASE,
        "totals_row@3"),
    odd("a total by network", ROWS + "2024-01,杭州,合计,3\n", BASE, "totals_row@4"),
    odd("a total in English", ROWS + "Grand Total,,,7\n", BASE, "totals_row@4"),
    odd("a total with its unit", ROWS + "合计(件),,,7\n", BASE, "totals_row@4"),
    odd("a total of the nation", ROWS + "2024-01,全国,菜鸟,7\n", BASE, "totals_row@4"),
    odd("the header again", ROWS + ROWS.replace("2024-01", "2024-02"),
        (*BASE, *(("2024-02", *row[1:]) for row in BASE)), "header_again@4"),
    odd("nothing but totals", HEAD + "合计,,,7\n总计,,,7\n", NONE, "totals_row@2", "totals_row@3"),
    # headers
    odd("blank header", HEAD.replace("件量", "件量,") + "2024-01,杭州,菜鸟,3,x\n", kept(), "unknown_column@1"),
    odd("same header twice", HEAD.replace("件量", "件量,件量") + "2024-01,杭州,菜鸟,3,9\n", kept(),
        "duplicate_header@1"),
    odd("two headers of one meaning", HEAD.replace("件量", "件量,业务量") + "2024-01,杭州,菜鸟,3,9\n", kept(),
        "duplicate_header@1"),
    odd("no header of ours", "a,b,c,d\n2024-01,杭州,菜鸟,3\n", NONE, *["missing_column@1"] * 4,
        *["unknown_column@1"] * 4),
    odd("a header misspelt", HEAD.replace("件量", "percels") + "2024-01,杭州,菜鸟,3\n", NONE,
        "missing_column@1", "unknown_column@1"),
    odd("full-width headers", one(head="ＭＯＮＴＨ,Ｃｉｔｙ,ｐｌａｔｆｏｒｍ,ｐａｒｃｅｌｓ\n"), kept()),
    odd("headers with spaces and colons", one(head=" 月 份 ,城市：,平台:,件量 \n"), kept()),
    odd("newline in a header", one(head='月份,城市,平台,"件量\n"\n'), kept()),
    odd("headers in capitals", one(head=ENGLISH.upper() + "\n"), kept()),
    odd("formula as a header", *_more("\"=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"")),
    odd("SQL as a header", *_more("\"x'); DROP TABLE raw; --\"")),
    odd("quotes in a header", *_more('"a""b"')),
    odd("html as a header", *_more("<script>alert(1)</script>")),
    odd("braces in a header", *_more("{column}")),
    odd("bidi marks around a header", BIDI, kept()),
    odd("bidi marks in a strange header", *_more("a\u202egnp.exe")),
    odd("a header of 1,000 characters", *_more("长" * 1000)),
    odd("a header named as a table of ours", *_more("c0")),
    odd("a header named row", *_more("row", "9", found="own_column@1")),
    odd("a header named row, and rows twice", HEAD[:-1] + ",row\n" + "2024-01,杭州,菜鸟,3,9\n" * 2, kept(),
        "own_column@1",
        "duplicate_same@3"),
    odd("a column of the user's own", *_more("rain", "9", found="own_column@1")),
    odd("unit in the header 万件", one("1.5", head=HEAD.replace("件量", "业务量(万件)")), kept(15_000)),
    odd("unit in full-width brackets 亿件", one("0.5", head=HEAD.replace("件量", "业务量（亿件）")), kept(50_000_000)),
    odd("unit behind a slash", one("1.5", head=HEAD.replace("件量", "业务量/万件")), kept(15_000)),
    odd("unit in English", one("1.5", head="month,city,platform,parcels (million)\n"), kept(1_500_000)),
    odd("unknown unit", one("3", head=HEAD.replace("件量", "业务量(公斤)")), kept(), "unknown_unit@1"),
    odd("unit given", one("1.5"), kept(15_000), units={"parcels": "万件"}),
    odd("mapping overrules", "月份,城市,平台,件量,数\n2024-01,杭州,菜鸟,3,9\n", kept(9),
        mapping={"件量": "", "数": "parcels"}),
    odd("mapping for strange headers", "a,b,c,d\n2024-01,杭州,菜鸟,3\n", kept(),
        mapping={"a": "month", "b": "city", "c": "platform", "d": "parcels"}),
    odd("mapping remembered", "a,b,c,d\n2024-01,杭州,菜鸟,3\n", kept(),
        remembered={"a": "month", "b": "city", "c": "platform", "d": "parcels", "gone": "origin"}),
    odd("a file of another dataset", SUBSIDIES, NONE, "missing_column@1", "missing_column@1",
        *["unknown_column@1"] * 2),
]  # fmt: skip
