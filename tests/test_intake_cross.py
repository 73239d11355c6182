"""Repeated keys and overlapping spells, against plain counting."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.intake import cross, keys
from data.intake.severity import SET_ASIDE, SEVERITY
from data.schema import DATASETS
from data.text import has
from tests.made_rows import table, volumes

VOLUMES, STATIONS, SUBSIDIES = DATASETS["volumes"], DATASETS["stations"], DATASETS["subsidies"]
RUNS = 40
SPELL = ("platform", "city", "start", "end", "subsidy_cny_per_parcel", "guarantee_cny_per_day")


def found(frame, *columns):
    return frame[list(columns or ("row", "code", "other"))].to_numpy().tolist()


# codes


def test_codes_give_back_every_column():
    made = table(("month", "city", "station_id", "cells"), [
        ("2024-03-01", "330100", "A1", 84), ("2024-01-01", "110000", "A2", None), ("2024-03-01", "330100", "A1", 84),
    ])  # fmt: skip
    for name in made.column_names:
        places, categories = cross.codes(made, name)
        written = [None if place < 0 else categories[place] for place in places]
        assert written == made[name].to_pylist()


def test_dates_are_in_order_and_blank_ones_below_zero():
    made = table(("start", "end"), [("2024-03-01", None), ("2000-01-01", "2099-12-31"), ("2024-03-01", "1969-12-31")])
    places, days = cross.codes(made, "start")
    assert (places.tolist(), days.astype("str").tolist()) == ([1, 0, 1], ["2000-01-01", "2024-03-01"])
    assert cross.codes(made, "end")[0].tolist() == [-1, 0, 1]


def test_codes_of_pieces_with_dictionaries_of_their_own():
    pieces = [pa.array(["b", "a"]).dictionary_encode(), pa.array(["a", None, "c"]).dictionary_encode()]
    places, categories = cross.codes(pa.table({"city": pa.chunked_array(pieces)}), "city")
    assert [None if p < 0 else categories[p] for p in places] == ["b", "a", "a", None, "c"]


PARTS = st.integers(1, 9).flatmap(
    lambda n: st.lists(
        st.tuples(st.lists(st.integers(-1, 6), min_size=n, max_size=n), st.sampled_from([7, 100, 50_000])),
        min_size=1,
        max_size=4,
    )
)


@settings(max_examples=RUNS, deadline=None)
@given(PARTS)
def test_packed_keys_are_equal_where_all_parts_are(parts):
    key, space = keys.pack([(np.array(codes, "int32"), size) for codes, size in parts])
    whole = list(zip(*(codes for codes, _ in parts), strict=True))
    assert ((key >= 0) & (key < space)).all()
    assert (key[:, None] == key).tolist() == [[a == b for b in whole] for a in whole]


@settings(max_examples=RUNS, deadline=None)
@given(st.lists(st.integers(0, 9), max_size=30), st.sampled_from([10, 10**12]))
def test_repeated_keys_against_a_plain_count(cells, space):
    later, first = keys.repeated(np.array(cells, "int64"), space)
    expected = [(place, cells.index(cell)) for place, cell in enumerate(cells) if cells.index(cell) < place]
    assert list(zip(later.tolist(), first.tolist(), strict=True)) == expected


def test_repeated_keys_across_blocks():
    key = np.arange(300_000)
    key[[150_000, 299_999]] = 7
    for space in (300_000, 10**12):
        later, first = keys.repeated(key, space)
        assert (later.tolist(), first.tolist()) == ([150_000, 299_999], [7, 7])


# duplicates


def test_same_and_differing_rows_are_told_apart():
    made = volumes([
        ("2024-01", "330100", "jd", 5), ("2024-01", "330100", "jd", 5), ("2024-02", "330100", "jd", 5),
        ("2024-01", "330100", "jd", 6), ("2024-01", "330100", "sto", 5),
    ])  # fmt: skip
    repeated = cross.duplicates(made, VOLUMES)
    assert found(repeated) == [[3, "duplicate_same", "2"], [5, "duplicate_row", "2"]]
    assert set(repeated["column"]) == {"month + city + platform + origin"}
    assert tuple(repeated.columns) == cross.FINDING
    assert "duplicate_same" in SET_ASIDE


def test_a_column_of_the_users_own_counts_and_blanks_agree():
    made = volumes([("2024-01", "330100", "jd", 5)] * 4).append_column("rain", pa.array([None, None, 3.5, 3.5]))
    assert found(cross.duplicates(made, VOLUMES)) == [
        [3, "duplicate_same", "2"], [4, "duplicate_row", "2"], [5, "duplicate_row", "2"],
    ]  # fmt: skip


def test_origins_as_written_tell_rows_apart():
    made = volumes([("2024-01", "330100", "jd", n, "Alibaba") for n in (3, 4, 5)])
    assert len(cross.duplicates(made, VOLUMES)) == 2
    assert found(cross.duplicates(made, VOLUMES, written_origin=np.array([0, 1, 0]))) == [[4, "duplicate_row", "2"]]
    assert cross.duplicates(made, VOLUMES, written_origin=np.array([0, -1, 1])).empty


def test_stations_repeat_by_their_own_number():
    names = ("station_id", "platform", "city", "lat", "lon", "opened", "closed")
    one = ("A1", "jd", "330100", 30.27, 120.15, "2024-01-01", None)
    made = table(names, [one, ("A2", *one[1:]), one, ("A1", "sto", *one[2:])])
    assert found(cross.duplicates(made, STATIONS)) == [[4, "duplicate_same", "2"], [5, "duplicate_row", "2"]]


@settings(max_examples=RUNS, deadline=None)
@given(st.lists(st.tuples(
    st.sampled_from(["2024-01", "2024-02", "2031-12"]), st.sampled_from(["330100", "110000"]),
    st.sampled_from(["jd", "sto"]), st.integers(0, 1), st.sampled_from(["", "JD"]),
), max_size=20))  # fmt: skip
def test_duplicates_against_a_plain_count(records):
    key = [(*record[:3], record[4]) for record in records]
    expected = []
    for place, record in enumerate(records):
        first = key.index(key[place])
        if first < place:
            code = "duplicate_same" if records[first] == record else "duplicate_row"
            expected.append([place + 2, code, str(first + 2)])
    assert found(cross.duplicates(volumes(records), VOLUMES)) == expected


# spells


def spell(start, end=None, *, subsidy=0.05, guarantee=0.0, platform="jd", city="330100"):
    return (platform, city, start, end, subsidy, guarantee)


def test_a_spell_inside_another_is_said_at_the_later_one():
    made = table(SPELL, [
        spell("2024-02-01", "2024-03-31"), spell("2024-01-01", "2024-12-31"), spell("2024-06-01"),
        spell("2024-06-01", "2024-07-01"), spell("2024-02-01", city="330700"), spell("2024-02-01", platform="sto"),
    ])  # fmt: skip
    overlaps = cross.spells(made, SUBSIDIES)
    assert found(overlaps) == [[row, "overlapping_spell", "3"] for row in (2, 4, 5)]
    assert set(overlaps["column"]) == {"start"}
    assert tuple(overlaps.columns) == cross.FINDING


@pytest.mark.parametrize(("last", "rows"), [("2024-02-29", []), ("2024-03-01", [3]), (None, [])])
def test_the_last_day_is_part_of_a_spell(last, rows):
    made = table(SPELL, [spell("2024-01-01", last), spell("2024-03-01", "2024-03-31")])
    assert cross.spells(made, SUBSIDIES)["row"].to_list() == rows


@pytest.mark.parametrize(("earlier", "later", "code"), [
    ((0.0, 60.0), (0.08, 0.0), "overlapping_parts"),
    ((0.08, 0.0), (0.0, 60.0), "overlapping_parts"),
    ((0.08, 60.0), (0.08, 0.0), "overlapping_spell"),
    ((0.08, 60.0), (0.0, 60.0), "overlapping_spell"),
    ((0.0, 60.0), (0.0, 60.0), "overlapping_spell"),
])  # fmt: skip
def test_a_guarantee_and_a_subsidy_in_two_rows(earlier, later, code):
    rows = [
        spell("2024-01-01", "2024-12-31", subsidy=earlier[0], guarantee=earlier[1]),
        spell("2024-03-01", "2024-12-31", subsidy=later[0], guarantee=later[1]),
    ]
    assert found(cross.spells(table(SPELL, rows), SUBSIDIES), "row", "code") == [[3, code]]


def test_other_datasets_and_empty_tables_have_no_spells():
    assert cross.spells(volumes([("2024-01", "330100", "jd", 5)] * 2), VOLUMES).empty
    assert cross.spells(table(SPELL, []), SUBSIDIES).empty
    without_end = table(SPELL, [spell("2024-01-01"), spell("2024-02-01")]).drop_columns(["end"])
    assert cross.spells(without_end, SUBSIDIES).empty
    assert tuple(cross.duplicates(volumes([]), VOLUMES).columns) == cross.FINDING


FIRST = dt.date(2024, 1, 1)
DRAWN = st.tuples(st.sampled_from(["jd", "sto"]), st.integers(0, 40), st.none() | st.integers(-3, 30))


@settings(max_examples=RUNS, deadline=None)
@given(st.lists(DRAWN, max_size=12))
def test_overlaps_against_a_plain_search(drawn):
    day = [(name, start, None if long is None else start + long) for name, start, long in drawn]
    rows = [
        spell(str(FIRST + dt.timedelta(a)), None if b is None else str(FIRST + dt.timedelta(b)), platform=name)
        for name, a, b in day
    ]
    expected = {}
    for row, (name, start, end) in enumerate(day, 2):
        if end is None or end >= start:
            held = [b for other, a, b in day if other == name and b is not None and a <= b and a < start <= b]
            expected |= {row: max(held)} if held else {}
    overlaps = cross.spells(table(SPELL, rows), SUBSIDIES)
    assert overlaps["row"].to_list() == list(expected)
    assert [day[int(other) - 2][2] for other in overlaps["other"]] == list(expected.values())


@pytest.mark.parametrize("code", ["duplicate_row", "duplicate_same", "overlapping_spell", "overlapping_parts"])
def test_codes_have_words_and_a_severity(code):
    assert has(f"problem.{code}")
    assert has(f"fix.{code}")
    assert SEVERITY.get(code, "error") == ("error" if code == "duplicate_row" else "warning")
