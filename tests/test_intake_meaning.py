"""What a file means beyond its cells: whose orders parcels were, and which subsidy is in force, up to the panel."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import intake
from data.grade import Grade
from data.markets import make

ROUNDING = 1e-9
"""The panel rounds averages over days to ten decimals."""
ORIGINS = "month,city,platform,parcels,origin\n"
SUBSIDIES = "platform,city,start,end,subsidy_cny_per_parcel,allocation\n"


def read(text, dataset="volumes", **options):
    return intake.read(text.encode(), dataset, **options)


def problems(found, *columns):
    return found.problems[list(columns)].to_numpy().tolist()


def test_origins_by_any_name():
    written = ["阿里巴巴", "拼多多", "Taobao", "pinduoduo", "JD.com", "抖音", "", "未知"]
    rows = "".join(f"2024-{month:02},杭州,菜鸟,3,{name}\n" for month, name in enumerate(written, 1))
    found = read(ORIGINS + rows)
    assert found.problems.empty
    assert found.table["origin"].to_list() == [
        "Alibaba", "Pinduoduo", "Alibaba", "Pinduoduo", "JD", "other", "", "",
    ]  # fmt: skip


def test_unknown_origin_is_kept_as_other_and_said():
    found = read(ORIGINS + "2024-01,杭州,菜鸟,3,Outside option\n2024-02,杭州,菜鸟,4,Alibabba\n2024-03,杭州,菜鸟,5,JD\n")
    assert (found.ok, found.kept, found.rows) == (True, 3, 3)
    assert found.table["origin"].to_list() == ["other", "other", "JD"]
    assert found.table["parcels"].to_list() == [3, 4, 5]
    assert problems(found, "row", "code", "severity", "fix_code", "suggest") == [
        [2, "unknown_origin", "warning", "unknown_origin", ""],
        [3, "unknown_origin", "warning", "did_you_mean", "Alibaba"],
    ]


def test_orders_of_two_shops_of_one_owner_are_no_duplicates():
    rows = "2024-01,杭州,菜鸟,3,淘宝\n2024-01,杭州,菜鸟,4,天猫\n2024-01,杭州,菜鸟,5,抖音\n2024-01,杭州,菜鸟,6,快手\n"
    found = read(ORIGINS + rows)
    assert problems(found, "row", "code") == [[3, "orders_summed"]]
    assert found.table.set_index("origin")["parcels"].to_dict() == {"Alibaba": 7, "other": 11}
    again = read(ORIGINS + "2024-01,杭州,菜鸟,3,Taobao\n2024-01,杭州,菜鸟,4,taobao\n")
    assert problems(again, "row", "code") == [[3, "duplicate_row"]]


def overlaps(*spells):
    """Row and the earlier row of every overlap among spells "start,end" of one network and city."""
    found = read(SUBSIDIES + "".join(f"菜鸟,杭州,{spell},0.05,\n" for spell in spells), "subsidies")
    assert (found.kept, found.ok) == (len(spells), True)
    return problems(found, "row", "code", "other")


def test_a_later_start_ends_an_open_spell_without_a_problem():
    assert overlaps("2024-01-01,", "2024-03-01,", "2025-01-01,2025-06-30", "2025-07-01,") == []


def test_closed_spells_that_overlap_are_said_at_the_later_one_and_kept():
    assert overlaps("2024-03-01,2024-05-31", "2024-01-01,2024-03-01") == [[2, "overlapping_spell", "3"]]
    long_and_two = ("2024-01-01,2024-12-31", "2024-02-01,2024-03-31", "2024-06-01,")
    assert overlaps(*long_and_two) == [[3, "overlapping_spell", "2"], [4, "overlapping_spell", "2"]]


def test_spells_of_other_cities_networks_and_broken_ones_do_not_overlap():
    rows = "菜鸟,杭州,2024-01-01,2024-12-31,0.05,\n菜鸟,金华,2024-02-01,,0.05,\n多多,杭州,2024-02-01,,0.05,\n"
    assert read(SUBSIDIES + rows, "subsidies").problems.empty
    broken = "菜鸟,杭州,2024-02-01,2024-01-01,0.05,\n菜鸟,杭州,2024-01-15,soon,0.05,\n"
    broken += "菜鸟,杭州,2024-01-01,2024-12-31,0.06,\n"
    assert problems(read(SUBSIDIES + broken, "subsidies"), "row", "code") == [
        [2, "end_before_start"], [3, "bad_date"],
    ]  # fmt: skip
    twice = "菜鸟,杭州,2024-01-01,2024-12-31,0.05,\n菜鸟,杭州,2024-01-01,2024-12-31,0.06,\n"
    assert problems(read(SUBSIDIES + twice, "subsidies"), "row", "code") == [[3, "duplicate_row"]]


def test_without_an_end_column_no_spell_overlaps():
    found = read(
        "platform,city,start,subsidy_cny_per_parcel\n菜鸟,杭州,2024-01-01,0.06\n菜鸟,杭州,2024-03-01,0.08\n",
        "subsidies",
    )
    assert found.problems.empty


def panel(**files):
    tables = {dataset: read(text, dataset).table for dataset, text in files.items()}
    return make("test", grade=Grade.REPORTED, version="0" * 12, source="test", **tables).panel


def test_written_origins_are_captive_in_the_panel():
    lines = ["菜鸟,30,阿里巴巴", "菜鸟,8,抖音", "多多,20,pinduoduo", "中通,5,ZTO"]
    rows = panel(volumes="platform,parcels,origin,month,city\n" + "".join(f"{line},2020-01,杭州\n" for line in lines))
    assert rows["platform"].to_list() == ["cainiao", "duoduo", "tuxi"]
    assert rows["open_parcels"].to_list() == [8.0, 0.0, 5.0]


SPELL = st.tuples(st.integers(0, 100), st.none() | st.integers(0, 60), st.integers(1, 9))
"""First day of 2020, days after it of the last one (None: open), subsidy in 0.01 CNY."""


def spells_file(spells):
    first = dt.date(2020, 1, 1)
    lines = []
    for start, length, rate in spells:
        end = "" if length is None else first + dt.timedelta(days=start + length)
        lines.append(f"菜鸟,杭州,{first + dt.timedelta(days=start)},{end},{rate / 100},\n")
    return SUBSIDIES + "".join(lines)


def by_day(spells):
    """Rate of each day: that of the spell which started last; an open one holds until the next start."""
    rates = []
    for day in range(91):
        running = []
        for start, length, rate in spells:
            following = min((s for s, _, _ in spells if s > start), default=10**6)
            if start <= day <= (following - 1 if length is None else start + length):
                running.append((start, rate / 100))
        rates.append(max(running)[1] if running else 0.0)
    return rates


@settings(max_examples=25, deadline=None)
@given(st.lists(SPELL, min_size=1, max_size=6, unique_by=lambda spell: spell[0]))
def test_subsidy_of_a_month_is_the_mean_of_its_days_and_every_overlap_is_said(spells):
    months = "".join(f"2020-{month},杭州,菜鸟,9\n" for month in (1, 2, 3))
    text = spells_file(spells)
    rates = by_day(spells)
    expected = [sum(days) / len(days) for days in (rates[:31], rates[31:60], rates[60:])]
    rows = panel(volumes="month,city,platform,parcels\n" + months, subsidies=text)
    assert rows["subsidy_cny_per_parcel"].to_list() == pytest.approx(expected, abs=ROUNDING)
    overlapped = [
        row
        for row, (start, _, _) in enumerate(spells, 2)
        if any(s < start <= s + length for s, length, _ in spells if length is not None)
    ]
    assert problems(read(text, "subsidies"), "row", "code") == [[row, "overlapping_spell"] for row in overlapped]


# orders of two shops of one owner


def test_orders_of_two_shops_of_one_owner_are_added_up():
    found = read(ORIGINS + "2024-01,杭州,菜鸟,3,淘宝\n2024-01,杭州,菜鸟,4,天猫\n2024-01,杭州,菜鸟,5,抖音\n")
    assert found.table[["parcels", "origin"]].to_numpy().tolist() == [[7, "Alibaba"], [5, "other"]]
    assert problems(found, "row", "code", "other") == [[3, "orders_summed", "2"]]
    assert (found.rows, found.kept, len(found.set_aside)) == (3, 3, 0)
    again = read(found.table.to_csv(index=False))
    pd.testing.assert_frame_equal(again.table, found.table)


@pytest.mark.parametrize("edit", [(2, "weight"), (9, "parcels")])
def test_an_edit_of_a_cell_that_is_not_there_is_refused(edit):
    with pytest.raises(ValueError, match="the file has no"):
        read("month,city,platform,parcels\n" + "2024-01,杭州,菜鸟,3\n", edits={edit: "5"})
