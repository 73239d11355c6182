"""The top of a table: titles and units above it, one header row or two."""

import pytest

from data.intake.decode import first_records
from data.intake.plain import FIRST
from tests.made_uploads import HEADER, ROWS, code, opened


@pytest.mark.parametrize(
    ("text", "header_row", "header"),
    [
        ("2024年各城市业务量统计表\n单位：万件\n" + ROWS, 3, HEADER),
        ("统计月份：2024-01,,,\n,,,\n" + ROWS, 3, HEADER),
        ("\n\n\n" + ROWS, 4, HEADER),
        ("月份,城市,平台,业务量\n,,,(万件)\n2024-01,杭州,菜鸟,3\n", 2, ("月份", "城市", "平台", "业务量(万件)")),
        ("月份,城市,平台,业务量\n,,,万件\n2024-01,杭州,菜鸟,3\n", 2, ("月份", "城市", "平台", "业务量(万件)")),
        ("月份,城市,数据,\n,,平台,业务量\n2024-01,杭州,菜鸟,3\n", 2, ("月份", "城市", "平台", "业务量")),
        ("基本信息,,业务信息,\n月份,城市,平台,业务量\n2024-01,杭州,菜鸟,3\n", 2, ("月份", "城市", "平台", "业务量")),
        ("Monat,Stadt,Netz\n2024-01,杭州,菜鸟\n", 1, ("Monat", "Stadt", "Netz")),
        ("各城市,,\nStadt,2024-01,2024-02\n杭州,1,2\n", 2, ("Stadt", "2024-01", "2024-02")),
        ("订单,order_id,city,courier_id,accept_time,delivery_time\n1,2,x,3,a,b\n", 1, None),
        ("月份,业务量（亿件）,城市,平台\n2024-01,3,杭州,菜鸟\n", 1, ("月份", "业务量（亿件）", "城市", "平台")),
        ("说明,见下\n" * 30 + ROWS, 31, HEADER),
        (ROWS + "月份,城市,平台,件量\n2024-02,杭州,菜鸟,3\n", 1, HEADER),
        ("城市\n杭州\n", 1, ("城市",)),
    ],
)
def test_header_is_found(tmp_path, text, header_row, header):
    sheet, _ = opened(text.encode(), tmp_path)
    assert sheet.header_row == header_row
    assert header is None or sheet.header == header


def test_header_row_can_be_given(tmp_path):
    text = "月份,城市,平台,件量\nmonth,city,platform,parcels\n2024-01,杭州,菜鸟,3\n"
    assert opened(text.encode(), tmp_path)[0].header_row == 1
    sheet, _ = opened(text.encode(), tmp_path, header_row=2)
    assert (sheet.header, sheet.header_row) == (("month", "city", "platform", "parcels"), 2)
    assert code(text.encode(), tmp_path, header_row=3) == "header_only"
    for row in (0, -1, 9):
        assert code(text.encode(), tmp_path, header_row=row) == "no_header_row"
    far = "x,y\n" * 200 + ROWS
    assert opened(far.encode(), tmp_path, header_row=201)[0].header == HEADER


def test_header_given_as_it_was_found_is_the_same(tmp_path):
    text = "月份,城市,平台,业务量\n,,,万件\n2024-01,杭州,菜鸟,3\n".encode()
    found, _ = opened(text, tmp_path)
    again, _ = opened(text, tmp_path, header_row=found.header_row)
    assert again.header == found.header


def test_first_records_are_shown_as_written(tmp_path):
    sheet, records = opened(("标题\n" + ROWS + "2024-02,杭州,菜鸟, 5 \n" * 60).encode(), tmp_path)
    assert sheet.first == tuple(map(tuple, records[:FIRST]))
    low, records = opened(("x\n" * 40 + ROWS).encode(), tmp_path)
    assert (low.header_row, low.first[-1]) == (41, tuple(records[-1]))
    assert first_records(low.path, ",", 2) == [["x"], ["x"]]
