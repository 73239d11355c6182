"""The record: typed, checked on load, read-only, and faithful to the figures its sources print."""

import shutil
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import record
from data.grade import Grade
from data.platforms import PLATFORMS
from data.record.files import FILES, FOLDER
from data.record.periods import basis_of, months, parse
from data.record.read import COLUMNS, GRADES, read_folder
from data.record.traps import TRAPS
from data.text import has

PRINTED = 1e-9
"""Relative: figures are read, not computed."""


@pytest.fixture(scope="module")
def frame():
    return record.load()


def one(frame, **where):
    rows = frame
    for column, value in where.items():
        rows = rows[rows[column] == value]
    assert len(rows) == 1, rows
    return rows.iloc[0]


# periods


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2020-11-11", date(2020, 11, 11), date(2020, 11, 11)),
        ("2021-H2", date(2021, 7, 1), date(2021, 12, 31)),
        ("2024 Q3", date(2024, 7, 1), date(2024, 9, 30)),
        ("2018 Q1-Q3", date(2018, 1, 1), date(2018, 9, 30)),
        ("2026-01..02", date(2026, 1, 1), date(2026, 2, 28)),
        ("2024..2025-H1", date(2024, 1, 1), date(2025, 6, 30)),
        ("2018-2021 plan", date(2018, 1, 1), date(2021, 12, 31)),
        ("about 2025-26", date(2025, 1, 1), date(2026, 12, 31)),
        ("2025-01-01 to 2025-10-11", date(2025, 1, 1), date(2025, 10, 11)),
        ("2019-12 / 2020-04", date(2019, 12, 1), date(2019, 12, 31)),
        ("2014-10 plan (3-5 years)", date(2014, 10, 1), date(2014, 10, 31)),
        ("to 2020-05", None, date(2020, 5, 31)),
        ("by about 2021", None, date(2021, 12, 31)),
        ("before 2024-09", None, date(2024, 8, 31)),
        ("from 2020-05-01", date(2020, 5, 1), None),
        ("recently", None, None),
    ],
)
def test_printed_period_is_understood(text, start, end):
    assert parse(text) == (start, end)


def test_year_to_date_starts_in_january():
    assert parse("2026-06", "ytd") == (date(2026, 1, 1), date(2026, 6, 30))


@given(st.integers(2000, 2099), st.integers(1, 12), st.integers(1, 12))
def test_length_and_basis_of_whole_months(year, first, last):
    first, last = sorted((first, last))
    start, end = parse(f"{year}-{first:02d}..{last:02d}")
    assert months(start, end) == last - first + 1
    if first == 1 and 1 < last < 12:
        assert basis_of(start, end) == "ytd"


@given(st.text(max_size=6))
def test_short_text_is_one_period_or_none(text):
    start, end = parse(text)
    assert start is None or end is None or start <= end


# the frame


def test_every_row_of_every_file_is_there(frame):
    for name in FILES:
        raw = pd.read_csv(FOLDER / f"{name}.csv", dtype=str, keep_default_na=False)
        rows = frame.loc[frame["file"] == name, "id"].str.split(":").str[1].astype(int)
        assert set(rows) == set(range(2, len(raw) + 2)), name


def test_columns_and_types(frame):
    assert tuple(frame.columns) == COLUMNS
    assert frame["id"].is_unique
    assert frame["value"].dtype == np.float64
    assert pd.api.types.is_datetime64_any_dtype(frame["start"])
    text = frame.drop(columns=["value", "value_low", "value_high", "start", "end", "at", "months"])
    assert not text.isna().any().any()


def test_closed_lists(frame):
    assert set(frame["bound"]) == {"point", "lower", "upper", "range"}
    assert set(frame["kind"]) == set(GRADES)
    assert set(frame["evidence"]) == set("ABCD")
    assert set(frame["network"]) <= {*PLATFORMS, ""}
    assert set(frame["traps"].str.split("|").explode()) == {*TRAPS, ""}
    assert frame["source_url"].str.match(r"^(https?://.*)?$").all()
    assert (frame["source_title"] != "").all()


def test_bounds_are_ends(frame):
    point, lower, upper, ranged = (frame[frame["bound"] == b] for b in ("point", "lower", "upper", "range"))
    assert (point["value"] == point["value_low"]).all()
    assert (point["value"] == point["value_high"]).all()
    assert lower["value_high"].isna().all()
    assert upper["value_low"].isna().all()
    assert (ranged["value_low"] < ranged["value_high"]).all()
    assert frame[["value_low", "value_high"]].notna().any(axis=1).all()


def test_no_end_before_its_start(frame):
    assert not (frame["end"] < frame["start"]).any()
    assert frame["at"].notna().all()


def test_grade_follows_kind(frame):
    assert set(frame.loc[frame["kind"].isin(["plan", "forecast"]), "grade"]) == {Grade.ASSUMED}
    assert set(frame.loc[frame["kind"] == "derived", "grade"]) == {Grade.ESTIMATED}
    assert set(frame.loc[frame["kind"] == "stated", "grade"]) == {Grade.REPORTED}


def test_callers_cannot_change_the_record():
    mine = record.load()
    mine["value"] = 0.0
    mine.loc[:, "note"] = "mine"
    series = record.locker_sets()
    series.iloc[0] = -1
    assert record.load()["value"].sum() > 0
    assert "mine" not in set(record.load()["note"])
    assert record.locker_sets().iloc[0] == 129_000


# what is printed


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ({"id": "national_annual:44:express_volume"}, 1750.8),  # State Post Bureau, 2024
        ({"file": "by_company", "subject": "ZTO", "period": "2023", "metric": "market_share_volume"}, 22.9),
        ({"file": "by_province", "place": "浙江 Zhejiang", "period": "2021-H1", "metric": "express_volume"}, 104.7378),
        ({"file": "facts", "metric": "locker_cells", "period": "2024-05-31"}, 29_900_000),
        ({"file": "cr8", "metric": "cr8_by_volume", "period": "2026-08"}, 96.2),
    ],
)
def test_figures_are_those_printed(frame, where, value):
    assert one(frame, **where)["value"] == pytest.approx(value, rel=PRINTED)


def test_guidance_is_a_plan_with_a_range(frame):
    row = one(frame, basis="guidance", metric="parcel_volume")
    assert (row["value_low"], row["value_high"], row["kind"], row["grade"]) == (382, 387, "plan", Grade.ASSUMED)


@pytest.mark.parametrize(
    ("code", "where"),
    [
        ("uplift_not_guarantee", {"metric": "monthly_station_income_uplift"}),
        ("not_credible", {"metric": "applications_received"}),
        ("conflict", {"metric": "lockers_installed_forecast"}),
        ("conflict", {"metric": "service_centre_growth_factor_planned"}),
        ("plan_not_fact", {"metric": "stations_planned"}),
        ("no_published_figure", {"metric": "provinces_entered"}),
        ("revenue_2021_12", {"metric": "revenue_per_parcel", "period": "2021-12"}),
        ("combined_months", {"metric": "express_volume", "period": "2026-01..02"}),
        ("superseded", {"id": "national_annual:45:express_volume"}),
        ("level_break_2024", {"id": "national_annual:44:express_volume"}),
        ("enterprises_above_size_until_2013", {"id": "national_annual:15:express_volume"}),
        ("mode_share_weak", {"metric": "share_parcels_lockers"}),
    ],
)
def test_trap_is_carried_by_its_row(frame, code, where):
    assert code in one(frame, **where)["traps"].split("|")


def test_all_provinces_and_cities_are_origin_counted(frame):
    places = frame[frame["file"].isin(["by_province", "by_city"])]
    assert places["traps"].str.contains("origin_counted").all()


def test_networks_are_resolved(frame):
    found = frame.drop_duplicates("subject").set_index("subject")["network"]
    assert found["Duoduo Station (Pinduoduo)"] == "duoduo"
    assert found["Smart lockers"] == "hivebox"
    assert found["J&T (China)"] == "jt"
    assert found["Industry"] == ""


# checks on load


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("facts", ",0.05,0.05,", ",0.05x,0.05,", r"facts\.csv row 11, column value_low: '0\.05x' is not a number"),
        ("facts", "point,stated,RMB/parcel,C", "near,stated,RMB/parcel,C", r"column bound: 'near' is not one of"),
        ("facts", "range,stated,RMB/parcel", "range,maybe,RMB/parcel", r"column kind: 'maybe'"),
        (
            "national_annual",
            "2009,express_revenue",
            "in 9,express_revenue",
            r"row 5, column year: 'in 9' is not a period",
        ),
        ("cr8", "period,index", "period,name", r"cr8\.csv row 1: columns are"),
        ("by_city", ",high,", ",sure,", r"column confidence: 'sure' is not one of"),
        ("facts", ",1.5,3,range", ",5,3,range", r"facts\.csv row 110: the low end 5 is above the high end 3"),
    ],
)
def test_broken_cell_is_named(tmp_path, name, old, new, message):
    folder = tmp_path / "record"
    shutil.copytree(FOLDER, folder)
    path = folder / f"{name}.csv"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ValueError, match=message):
        read_folder(folder)


def test_search_needs_every_word_and_ignores_case(frame):
    found = record.search(frame, "hive BOX sets")
    assert {"locker_sets"} <= set(found["metric"])
    assert found["subject"].str.contains("Hive Box").any()
    assert record.search(frame, "no such figure anywhere").empty
    assert len(record.search(frame, "  ")) == len(frame)


@pytest.mark.parametrize("group", ["metric", "unit", "bound", "kind", "basis", "subject"])
def test_every_word_of_a_closed_list_is_in_the_catalogue(frame, group):
    assert [value for value in frame[group].unique() if not has(f"{group}.{value}")] == []


@pytest.mark.parametrize("code", TRAPS)
def test_every_trap_is_explained(code):
    assert has(f"trap.{code}")
    assert has(f"trap.{code}_name")
