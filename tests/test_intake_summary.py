"""Problems counted by kind, the health of a file or a market, and the CSV of both."""

import csv
import datetime as dt
import io
import re

import pandas as pd
import pytest

from data import intake
from data.demo import load
from data.grade import Grade
from data.intake import summary
from data.markets import make
from data.text import LANGUAGES, catalogue, has, say

HEADER = "month,city,platform,parcels,origin\n"
TODAY = dt.date(2024, 5, 20)
GOOD = "".join(f"2024-{month:02},杭州,{name},5,\n" for month in (1, 2, 3) for name in ("菜鸟", "京东", "多多"))


def read(text):
    return intake.read(text.encode(), "volumes")


def problem(row, code, *, column="parcels", value="", severity="warning", other=""):
    texts = {"fix_code": code, "low": "", "high": "", "suggest": "", "other": other}
    return {"row": row, "column": column, "value": value, "code": code, "severity": severity, **texts}


def say_en(key, **values):
    return say(key, "en", **values)


def say_zh(key, **values):
    return say(key, "zh", **values)


def by_key(signs):
    return {sign.key: (sign.value, sign.state) for sign in signs}


# summary


def test_errors_come_first_then_the_most_frequent():
    made = pd.DataFrame([
        problem(1, "own_column", column="rain", severity="info"), problem(2, "level_break"),
        problem(3, "zero_run", value="2024-02"), problem(4, "zero_run", value="2024-07"),
        problem(5, "not_a_number", value="x", severity="error"),
        problem(6, "blank_cell", column="city", severity="error"),
        problem(7, "blank_cell", column="city", severity="error"), problem(8, "blank_cell", severity="error"),
    ])  # fmt: skip
    table = summary.summarise(made)
    assert table.to_numpy().tolist() == [
        ["blank_cell", "city", "error", 2, 6, ""], ["not_a_number", "parcels", "error", 1, 5, "x"],
        ["blank_cell", "parcels", "error", 1, 8, ""], ["zero_run", "parcels", "warning", 2, 3, "2024-02"],
        ["level_break", "parcels", "warning", 1, 2, ""], ["own_column", "rain", "info", 1, 1, ""],
    ]  # fmt: skip
    assert table.columns.to_list() == ["code", "column", "severity", "count", "first_row", "example"]


def test_findings_that_are_only_counted_count_with_their_kind():
    rest = problem(9, "more_of_this", value="1,234", severity="info", other="zero_run")
    elsewhere = problem(9, "more_of_this", column="month", value="7", severity="info", other="months_missing")
    listed = [problem(2, "zero_run"), problem(9, "zero_run"), problem(3, "months_missing", column="month")]
    table = summary.summarise(pd.DataFrame([*listed, rest, elsewhere]))
    assert table[["code", "count"]].to_numpy().tolist() == [["zero_run", 1236], ["months_missing", 8]]


def test_no_problems_no_summary():
    empty = pd.DataFrame({name: pd.Series(dtype="str") for name in problem(1, "x")})
    assert summary.summarise(empty).empty


def test_every_problem_of_a_file_is_in_its_summary():
    found = read(HEADER + GOOD + "2024-99,杭州,菜鸟,x,\n2024-01,杭州,菜鸟,6,\n,,,1,\n")
    table = summary.summarise(found.problems)
    assert table["count"].sum() == len(found.problems)
    assert set(table["code"]) == set(found.problems["code"])


# CSV


def test_problems_as_csv_cannot_run_as_formulas():
    made = pd.DataFrame([problem(2, "not_a_number", column="=cmd", value="@SUM(A1)", severity="error")])
    rows = list(csv.reader(io.StringIO(summary.to_csv(made, say_en).decode("utf-8-sig"))))
    assert [len(row) for row in rows] == [6, 6]
    assert rows[1][:4] == ["2", "'=cmd", "'@SUM(A1)", say_en("severity.error")]
    assert rows[1][4].startswith("“@SUM(A1)”")


def test_files_of_problems_and_of_rows_set_aside():
    found = read(HEADER + GOOD + "2024-04,杭州,菜鸟,@1,\n")
    assert summary.problems_csv(found, say_en) == summary.to_csv(found.problems, say_en)
    aside = summary.set_aside_csv(found).decode("utf-8-sig").splitlines()
    assert aside == ["row,month,city,platform,parcels,origin", "11,2024-04,杭州,菜鸟,'@1,"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_begins_as_a_formula(lang):
    """Whatever is written in the cell: words stand before it, or a quotation mark. Rows and `other` are counts."""
    written = {**dict.fromkeys(("column", "value", "low", "high", "suggest"), "-12"), "row": "3", "other": "3"}
    for key, entry in catalogue().items():
        if key.startswith(("problem.", "fix.")) and set(re.findall(r"{(\w+)", entry[lang])) <= set(written):
            said = say(key, lang, **written)
            assert summary.harmless(said) == said


def test_suggestions_are_in_one_language():
    city = problem(2, "ambiguous_city") | {"suggest": "苏州 Suzhou (Jiangsu) 320500; 宿州 Suzhou (Anhui) 341300; …"}
    assert "苏州（江苏省，320500）；宿州（安徽省，341300）；…" in summary.words(city, say_zh)[0]
    assert "Suzhou (Jiangsu) 320500; Suzhou (Anhui) 341300; …" in summary.words(city, say_en)[0]
    network = problem(2, "unknown_platform") | {"fix_code": "did_you_mean", "suggest": "STO / 申通驿站"}
    assert summary.words(network, say_zh)[1] == say_zh("fix.did_you_mean", suggest="申通驿站")
    assert summary.words(network, say_en)[1] == say_en("fix.did_you_mean", suggest="STO")
    formats = problem(2, "unknown_format") | {"suggest": "station; locker"}
    assert "驿站；快递柜" in summary.words(formats, say_zh)[1]


def test_words_for_columns_that_the_file_has_not():
    missing = problem(1, "missing_column", column="lat") | {"fix_code": "did_you_mean_header", "suggest": "A / B; C"}
    assert "“纬度”" in summary.words(missing, say_zh)[0]
    assert "A / B; C" in summary.words(missing, say_zh)[1]
    assert summary.where(missing, say_zh) == "纬度"
    assert summary.where(problem(1, "blank_cell", column="lat"), say_zh) == "lat"


@pytest.mark.parametrize(("text", "safe"), [("=1", "'=1"), ("-3", "'-3"), ("\tx", "'\tx"), ("7", "7"), ("", "")])
def test_harmless(text, safe):
    assert summary.harmless(text) == safe


# health


def test_health_of_a_sound_file():
    signs = by_key(summary.health(read(HEADER + GOOD), today=TODAY))
    assert signs["kept_share"] == (1, "good")
    assert signs["errors"] == (0, "good")
    assert signs["networks"] == (3, "good")
    assert signs["missing_share"] == (0, "good")
    assert signs["last_month"] == ("2024-03", "good")
    assert signs["months_old"] == (2, "good")
    assert (signs["months"], signs["cities"]) == ((3, "bad"), (1, "bad"))


def test_health_of_a_file_with_faults_and_gaps():
    text = GOOD.replace("2024-02,杭州,菜鸟,5", "2024-02,杭州,菜鸟,x") + "2024-08,杭州,菜鸟,5,\n"
    signs = by_key(summary.health(read(HEADER + text), today=dt.date(2025, 6, 1)))
    assert signs["kept_share"] == (0.9, "bad")
    assert signs["errors"] == (1, "bad")
    assert signs["warnings"][1] == "warn"
    # the network has March and August, January before; April to July no series has, so the file lacks them: 1 + 4 of 14
    assert signs["missing_share"] == (pytest.approx(5 / 14), "bad")
    assert signs["months_old"] == (10, "bad")


def test_health_without_good_rows_and_of_other_datasets():
    assert set(by_key(summary.health(read(HEADER + "x,x,x,x,\n"), today=TODAY))) == {
        "kept_share", "errors", "warnings", "blank_share",
    }  # fmt: skip
    stations = "station_id,platform,city,lat,lon,opened,cells\nA1,菜鸟,杭州,30.27411,120.15513,2023-01-01,\n"
    signs = by_key(summary.health(intake.read(stations.encode(), "stations"), today=TODAY))
    assert signs["blank_share"] == (1, "warn")
    assert "months" not in signs


def test_health_of_the_illustrative_market():
    market = load()
    signs = by_key(summary.health(market, today=dt.date(2026, 9, 30)))
    assert signs["stations"] == (len(market.stations), "good")
    assert (signs["cities"], signs["networks"]) == ((337, "good"), (12, "good"))
    assert signs["months"] == (92, "good")  # 2019-01 to 2026-08
    assert signs["last_month"] == ("2026-08", "good")
    assert signs["missing_share"][1] == "good"


def test_health_of_a_market_without_volumes():
    market = make("test", grade=Grade.REPORTED, version="0" * 12, source="test")
    assert by_key(summary.health(market, today=TODAY)) == {"stations": (0, "warn"), "subsidies": (0, "warn")}


def test_signs_have_words():
    signs = {*summary.health(read(HEADER + GOOD), today=TODAY), *summary.health(load(), today=TODAY)}
    assert all(has(f"health.{key}") for sign in signs for key in (sign.key, sign.state))
    assert all(has(f"health.limit_{key}") for key in (*summary.AT_LEAST, *summary.AT_MOST))
