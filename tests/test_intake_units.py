"""Units beside headers and above tables: what a cell is multiplied by, and when nothing is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.contract import Column
from data.intake.units import DAYS, NOUNS, SCALES, factor, from_preamble, note, split
from data.schema import DATASETS, STATIONS, SUBSIDIES, VOLUMES

PARCELS, LAT, LOCKERS = VOLUMES.columns["parcels"], STATIONS.columns["lat"], STATIONS.columns["cells"]
SUBSIDY, GUARANTEE = SUBSIDIES.columns["subsidy_cny_per_parcel"], SUBSIDIES.columns["guarantee_cny_per_day"]
WAIVER, ALLOCATION = SUBSIDIES.columns["fee_waiver_cny"], SUBSIDIES.columns["allocation"]
OWN = Column("own", "number", ("", ""))
A_MONTH = 12 / 365.25
"""Months in a mean day."""


@pytest.mark.parametrize(
    ("header", "base", "unit"),
    [
        ("业务量(万件)", "业务量", "万件"), ("业务量（亿件）", "业务量", "亿件"),
        ("业务量【万件】", "业务量", "万件"),
        ("业务量/万件", "业务量", "万件"), ("业务量_万件", "业务量", "万件"), ("业务量 万件", "业务量", "万件"),
        ("业务量：万件", "业务量", "万件"), ("业务量(单位：万件)", "业务量", "万件"),
        ("业务量\n(万件)", "业务量", "万件"),
        ("parcels (10k)", "parcels", "10k"), ("volume (million)", "volume", "million"), ("volume_10k", "volume", "10k"),
        ("volume (10,000 parcels)", "volume", "10,000 parcels"), ("parcels, million", "parcels", "million"),
        ("补贴(元/件)", "补贴", "元/件"), ("补贴(分/件)", "补贴", "分/件"), ("保底(元/月)", "保底", "元/月"),
        ("保底/月", "保底", "/月"), ("guarantee CNY/month", "guarantee", "CNY/month"),
        ("guarantee_cny_per_month", "guarantee", "cny_per_month"), ("占比(%)", "占比", "%"), ("占比%", "占比", "%"),
        ("业务量(公斤)", "业务量", "公斤"), ("业务量", "业务量", ""), ("业务量(必填)", "业务量", ""),
        ("纬度(GCJ-02)", "纬度", ""), ("业务量(2024)", "业务量", ""), (" 业务量 ", "业务量", ""),
        ("station_id", "station_id", ""), ("order_source", "order_source", ""), ("open date", "open date", ""),
        ("express parcels", "express parcels", ""), ("series k", "series k", ""), ("平台/公司", "平台/公司", ""),
        ("(万件)", "(万件)", ""), ("", "", ""), ("%", "%", ""),
    ],
)  # fmt: skip
def test_a_header_and_its_unit(header, base, unit):
    assert split(header) == (base, unit)


@pytest.mark.parametrize(
    ("unit", "column", "times"),
    [
        ("万件", PARCELS, 1e4), ("亿件", PARCELS, 1e8), ("件", PARCELS, 1), ("10k", PARCELS, 1e4),
        ("千票", PARCELS, 1e3),
        ("million", PARCELS, 1e6), ("10,000 parcels", PARCELS, 1e4), ("'000", PARCELS, 1e3), ("bn", PARCELS, 1e9),
        ("Million parcels", PARCELS, 1e6), ("万件/月", PARCELS, 1e4), ("parcels a month", PARCELS, 1),
        ("件/天", PARCELS, 1 / A_MONTH), ("件/日", PARCELS, 1 / A_MONTH), ("件/年", PARCELS, 1 / 12),
        ("万件/季", PARCELS, 1e4 / 3), ("公斤", PARCELS, None), ("元", PARCELS, None), ("%", PARCELS, None),
        ("元/件", SUBSIDY, 1), ("元/票", SUBSIDY, 1), ("元", SUBSIDY, 1), ("分/件", SUBSIDY, 0.01),
        ("角", SUBSIDY, 0.1),
        ("RMB per parcel", SUBSIDY, 1), ("元/月", SUBSIDY, None), ("USD", SUBSIDY, None),
        ("元/天", GUARANTEE, 1), ("元/月", GUARANTEE, A_MONTH), ("元/站/日", GUARANTEE, 1), ("/月", GUARANTEE, A_MONTH),
        ("CNY/month", GUARANTEE, A_MONTH), ("cny_per_month", GUARANTEE, A_MONTH), ("元/周", GUARANTEE, 1 / 7),
        ("万元/年", GUARANTEE, 1e4 / 365.25), ("元/件", GUARANTEE, None), ("元/天/月", GUARANTEE, None),
        ("元", WAIVER, 1), ("万元", WAIVER, 1e4), ("元/店", WAIVER, 1), ("元/月", WAIVER, None),
        ("%", ALLOCATION, 0.01), ("％", ALLOCATION, 0.01), ("百分比", ALLOCATION, 0.01), ("小数", ALLOCATION, 1),
        ("万件", ALLOCATION, None), ("度", LAT, 1), ("万", LAT, None), ("格", LOCKERS, 1), ("件", LOCKERS, None),
        ("万件、亿元", PARCELS, 1e4), ("万件、亿元", WAIVER, 1e8), ("万", OWN, 1e4), ("mm", OWN, None),
        ("", PARCELS, 1),
    ],
)  # fmt: skip
def test_factor_of_a_unit(unit, column, times):
    assert factor(unit, column) == (None if times is None else pytest.approx(times, rel=1e-12))


@pytest.mark.parametrize(
    ("unit", "column", "code"),
    [
        ("公斤", PARCELS, "unknown_unit"), ("元/月", GUARANTEE, "unit_converted"), ("元/天", GUARANTEE, ""),
        ("万件", PARCELS, ""), ("件/天", PARCELS, "unit_converted"), ("", PARCELS, ""), ("元/件", SUBSIDY, ""),
    ],
)  # fmt: skip
def test_what_is_said_of_a_unit(unit, column, code):
    assert note(unit, column) == code


@pytest.mark.parametrize(
    ("records", "unit"),
    [
        ([("2024年各城市快递业务量",), ("单位：万件",)], "万件"), ([("", "（单位: 亿件）")], "亿件"),
        ([("计量单位：万件、亿元",)], "万件、亿元"), ([("Unit: million parcels",)], "million parcels"),
        ([("2024年各城市快递业务量",)], ""), ([], ""), ([("单位名称", "件量")], ""),
    ],
)  # fmt: skip
def test_unit_above_a_table(records, unit):
    assert from_preamble(records) == unit


def test_no_header_of_a_dataset_loses_a_part_that_is_no_unit():
    for dataset in DATASETS.values():
        for column in dataset.columns.values():
            for header in column.headers:
                base, unit = split(header)
                assert base
                assert factor(unit, column) == 1, header


def test_texts_and_dates_have_no_unit():
    for column in (*STATIONS.columns.values(), *VOLUMES.columns.values()):
        if column.type not in ("number", "integer", "fraction"):
            assert factor("万件", column) == 1
            assert note("万件", column) == ""


@given(st.sampled_from(sorted(SCALES)), st.sampled_from(NOUNS["parcel"].split()), st.sampled_from(sorted(DAYS)))
def test_units_multiply(scale, noun, period):
    each = NOUNS[period].split()[0]
    whole = factor(f"{scale}{noun}/{each}", PARCELS)
    assert whole == pytest.approx(SCALES[scale] * DAYS["month"] / DAYS[period], rel=1e-12)
    assert split(f"业务量({scale}{noun}/{each})") == ("业务量", f"{scale}{noun}/{each}")


@given(st.text(max_size=20))
def test_any_header_keeps_its_text(header):
    base, unit = split(header)
    assert base in header
    assert unit.lstrip("/") in header
    assert bool(base) == bool(header.strip())
    for column in (PARCELS, GUARANTEE, ALLOCATION):
        assert (factor(unit, column) is None) == (note(unit, column) == "unknown_unit")
