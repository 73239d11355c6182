"""What was found in a file and how healthy a market is, as tables and a strip of months."""

import datetime as dt

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from analysis.views import findings, health
from analysis.views.look import Look
from data.cities import cities
from data.intake.found import Guess
from data.intake.headers import guess
from data.intake.summary import Sign, gaps
from data.intake.summary import health as signs_of
from data.schema import DATASETS
from data.text import LANGUAGES, say
from tests.small_versions import MONTHS, NETWORKS, drawn, market, volumes

COLUMNS = ("row", "column", "value", "code", "fix_code", "severity", "low", "high", "suggest", "other")


@pytest.fixture
def problems():
    rows = [
        (3, "件量", "abc", "not_a_number", "not_a_number", "error", "", "", "", ""),
        (4, "城市", "杭洲", "unknown_city", "did_you_mean", "error", "", "", "杭州", ""),
        (5, "件量", "x1", "not_a_number", "not_a_number", "error", "", "", "", ""),
        (9, "城市", "合计", "totals_row", "totals_row", "warning", "", "", "", ""),
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def test_summary_counts_and_shows_the_first(problems, look):
    table = findings.summary(problems, look)
    assert table[look.say("change.column_count")].tolist() == ["2", "1", "1"]
    assert table[look.say("change.column_first")].tolist() == [3, 4, 9]
    severities = [look.say(f"severity.{name}") for name in ("error", "error", "warning")]
    assert table[look.say("data.severity")].tolist() == severities
    assert "abc" in table[look.say("change.column_example")][0]
    assert "杭州" in table[look.say("data.fix")][1]


def test_title_counts_severities(problems, look):
    said = look.say("change.problems_found", errors="3", warnings="1", notes="0", kinds=3)
    assert findings.title(problems, look) == said
    assert findings.title(problems.iloc[:0], look) == look.say("change.no_problems")


def test_counts_of_the_title_are_those_of_the_summary(problems, look):
    """One code in two columns is two kinds; findings that are only counted count, and are no kind."""
    other = (2, "备注", "", "own_column", "own_column", "info", "", "", "", "")
    rest = (9, "件量", "120,000", "more_of_this", "more_of_this", "info", "1000", "", "", "not_a_number")
    moved = (7, "格口", "x2", "not_a_number", "not_a_number", "error", "", "", "", "")
    more = pd.concat([problems, pd.DataFrame([other, rest, moved], columns=list(COLUMNS))], ignore_index=True)
    table = findings.summary(more, look)
    said = look.say("change.problems_found", errors="120,004", warnings="1", notes="1", kinds=str(len(table)))
    assert findings.title(more, look) == said
    assert table[look.say("change.column_count")][0] == "120,002"


def test_columns_of_the_table_begin_with_how_grave(problems, look):
    assert findings.table(problems, look).columns[0] == look.say("data.severity")
    assert findings.summary(problems, look).columns[0] == look.say("data.severity")


def test_columns_go_by_their_header_or_a_word(look):
    assert findings.column("platform", look, {"品牌": "platform", "地市": "city"}) == "品牌"
    assert findings.column("platform", look) == look.say("field.platform")
    assert findings.column("rain", look) == "rain"


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda one: one.name)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_words_for_columns_are_headers_that_are_read(dataset, lang):
    """So that a reader told of a missing column can write the word."""
    words = [say(f"field.{name}", lang) for name in dataset.columns]
    guesses, _ = guess(words, dataset)
    assert [one.column for one in guesses] == list(dataset.columns)


def test_table_has_every_finding(problems, look):
    table = findings.table(problems, look)
    assert table[look.say("data.row")].tolist() == [3, 4, 5, 9]
    assert table[look.say("record.value")].tolist() == ["abc", "杭洲", "x1", "合计"]
    assert findings.table(problems.iloc[:0], look).columns.tolist() == table.columns.tolist()
    assert findings.summary(problems.iloc[:0], look).empty


def test_mapping_says_what_is_sure_and_why(look):
    guesses = (
        Guess("城市", "city", 1.0, "alias"),
        Guess("业务量(万件)", "parcels", 1.0, "unit", unit="万件", factor=1e4),
        Guess("品牌方", "", 0.9, "similar", suggest="platform"),
        Guess("单源类", "", 0.6, "similar", suggest="origin"),
        Guess("备注", "", 0.0, "none"),
    )
    table = findings.mapping(guesses, look)
    assert table[look.say("change.column_header")].tolist() == [guess.header for guess in guesses]
    sure = [*(look.say(f"change.{key}") for key in ("sure", "sure", "likely", "maybe")), look.say("unit.none")]
    assert table[look.say("change.column_confidence")].tolist() == sure
    read = table[look.say("change.column_meaning")]
    assert read[0] == look.say("field.city")
    assert read[2] == look.say("change.offered", column=look.say("field.platform"))
    assert read[4] == look.say("change.unused")
    assert table[look.say("change.column_unit")][1] == look.say("change.times", unit="万件", factor="10,000")
    assert table[look.say("change.column_why")][0] == look.say("why.alias")


def test_names_are_offered_in_words(look):
    found = pd.DataFrame(
        [
            ("city", "Suzhou", 3, 4, "ambiguous_city", ("320500", "341300")),
            ("platform", "菜鸟店", 1, 9, "unknown_platform", ("cainiao",)),
            ("origin", "淘宝特价", 2, 12, "unknown_origin", ()),
        ],
        columns=["column", "written", "rows", "row", "code", "suggest"],
    )
    may = findings.names(found, look)[look.say("change.column_suggest")]
    both = ("苏州（江苏省）", "宿州（安徽省）") if look.lang == "zh" else ("Suzhou (Jiangsu)", "Suzhou (Anhui)")
    assert may[0] == look.join(both)
    assert may[1] == look.name("cainiao")
    assert may[2] == ""
    column = look.say("change.column_dataset_column")
    assert findings.names(found, look, {"地市": "city"})[column].tolist()[:2] == ["地市", look.say("field.platform")]


def test_a_city_that_is_called_as_a_province_keeps_its_ending():
    assert findings.meant("city", ["632500", "460100"], Look("zh", None)) == ["海南州（青海省）", "海口（海南省）"]
    assert findings.meant("origin", ["Alibaba"], Look("zh", None)) == ["阿里巴巴"]


def test_contract_lists_every_column(look):
    table = findings.contract(look)
    assert len(table) == sum(len(dataset.columns) for dataset in DATASETS.values())
    names = [name for dataset in DATASETS.values() for name in dataset.columns]
    assert table[look.say("change.column_code")].tolist() == names
    assert table[look.say("data.column")].tolist() == [look.say(f"field.{name}") for name in names]
    assert (table[look.say("data.meaning")].str.len() > 0).all()


def test_coverage_shows_what_months_hold(look):
    found = drawn(2)
    view = health.coverage(found, look)
    cells = view.figure["data"][0]
    assert cells["y"] == [look.name(name) for name in NETWORKS]
    assert cells["z"] == [[3] * len(MONTHS)] * 3
    first, last = (look.month(MONTHS[place]) for place in (0, -1))
    said = {"months": len(MONTHS), "networks": 3, "first": first, "last": last}
    assert view.title == look.say("change.coverage_whole", **said)
    assert view.table[look.say("change.column_missing")].tolist() == [0, 0, 0]
    assert view.grade == found.grade
    go.Figure(view.figure)


def test_missing_months_are_counted_inside_series(look):
    """Before the first month and after the last one nothing is missing; a zero is there."""
    rows = [("2025-01", "jd", 5), ("2025-04", "jd", 5), ("2025-02", "home", 5), ("2025-03", "home", 0)]
    found = market(volumes=volumes(*rows, ("2025-06", "duoduo", 4)))
    assert health.strip(found).shape == (3, 6)
    lacking = gaps(found)
    assert lacking.loc["jd"].tolist() == [2, 1]
    assert lacking.to_numpy().sum() == 3
    view = health.coverage(found, look)
    assert view.title == look.say("change.coverage_gaps", n="2", series="1", names=look.name("jd"))
    cells = view.figure["data"][0]
    assert cells["z"][cells["y"].index(look.name("jd"))] == [1, None, None, 1, None, None]
    assert view.table[look.say("change.column_months")].sum() == 4


def test_headline_and_sign_agree_on_gaps(look):
    """A network that another city holds all along is not whole: its series in the first city is."""
    rows = [(month, "jd", 5) for month in ("2025-01", "2025-03")]
    whole = [(month, "jd", 5) for month in ("2025-01", "2025-02", "2025-03")]
    table = pd.concat([volumes(*rows), volumes(*whole).assign(city="330200")], ignore_index=True)
    found = market(volumes=table)
    share = {sign.key: sign.value for sign in signs_of(found, today=dt.date(2025, 4, 1))}["missing_share"]
    assert share == pytest.approx(1 / 6)
    view = health.coverage(found, look)
    assert view.title == look.say("change.coverage_gaps", n="1", series="1", names=look.name("jd"))
    assert view.table[look.say("change.column_missing")].tolist() == [1]


def test_facts_say_every_sign(look):
    signs = signs_of(drawn(2), today=dt.date(2026, 4, 1))
    table = health.facts(signs, look)
    assert len(table) == len(signs) - 1 > 5
    assert look.say("health.months_old") not in set(table[look.say("health.what")])
    value = table.set_index(look.say("health.what"))[look.say("health.value")]
    assert value[look.say("health.last_month")] == look.month(MONTHS[-1])
    assert value[look.say("health.cities")] == look.say("health.of_cities", n="3", total=len(cities()))
    assert value[look.say("health.missing_share")] == "0.0%"
    assert set(table[look.say("health.state")]) <= {look.say(f"health.state_{s}") for s in ("good", "warn", "bad")}


def test_verdict_counts_and_names_the_worst(look):
    good, warn, bad = Sign("months", 30, "good"), Sign("cities", 3, "warn"), Sign("missing_share", 0.2, "bad")
    assert health.verdict([good], look) == look.say("health.all_good", n=1)
    first = look.pair(look.say("health.missing_share"), "20.0%")
    assert health.verdict([good, warn, bad], look) == look.say("health.some_bad", n=2, total=3, first=first)
    table = health.facts([good, warn, bad], look)
    assert table[look.say("health.what")].tolist() == [look.say(f"health.{s.key}") for s in (bad, warn, good)]
    asked = table[look.say("health.limit")]
    assert "5%" in asked[0]
    assert "24" in asked[2]
    assert "12" in asked[2]


def test_every_sign_has_words():
    """Those of a file too."""
    look = Look("zh", None)
    keys = ["kept_share", "errors", "warnings", "blank_share"]
    table = health.facts([Sign(key, np.float64(0), "warn") for key in keys], look)
    assert table.iloc[:, 0].is_unique
