"""Names in cells: what they mean, what is suggested, what the reader decided, and what is left to decide."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import intake
from data.cities import cities
from data.intake import names
from data.intake.checks import make_tables
from data.intake.names import KINDS, UNRESOLVED, Found, beside, find, keys, unresolved, words
from data.intake.severity import SET_ASIDE, SEVERITY
from data.platforms import FORMATS, PLATFORMS
from data.schema import DATASETS
from data.text import has, say

CODES = (
    "unknown_platform", "unknown_city", "unknown_format", "unknown_origin", "ambiguous_city", "county", "a_province",
    "not_a_prefecture", "former_city", "renamed_city", "settled_by_province", "set_aside_name",
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("city", "杭州市", "330100"),
        ("city", "江西 宜春", "360900"),
        ("city", "江西省宜春市", "360900"),
        ("city", "浙江-台州", "331000"),
        ("city", "苏州", "320500"),
        ("city", "宿州", "341300"),
        ("platform", "ＪＤ．com", "jd"),
        ("format", "快递柜", "locker"),
        ("origin", "天猫", "Alibaba"),
        ("origin", "未知", ""),
    ],
)
def test_known_names(kind, name, value):
    assert find(kind, name) == Found(value)


@pytest.mark.parametrize(
    ("kind", "name", "value", "code", "suggested"),
    [
        ("city", "Taizhou", None, "ambiguous_city", ("321200", "331000")),
        ("city", "Suzhou", None, "ambiguous_city", ("320500", "341300")),
        ("city", "Yichun\x1f江西", "360900", "settled_by_province", ("360900",)),
        ("city", "义乌", None, "county", ("330700",)),
        ("city", "朝阳区", None, "county", ("110000", "220100")),
        ("city", "330106", None, "county", ("330100",)),
        ("city", "浙江省", None, "a_province", ()),
        ("city", "香港", None, "not_a_prefecture", ()),
        ("city", "襄樊", "420600", "renamed_city", ("420600",)),
        ("city", "巢湖", None, "former_city", ("340100", "340200", "340500")),
        ("city", "杭洲", None, "unknown_city", ("330100", "430200")),
        ("city", "Hangzou", None, "unknown_city", ("330100", "350600", "320400")),
        ("city", "火星", None, "unknown_city", ()),
        ("platform", "Cainio", None, "unknown_platform", ("cainiao",)),
        ("platform", "菜鸟驿栈", None, "unknown_platform", ("cainiao",)),
        ("format", "moon", None, "unknown_format", FORMATS),
        ("origin", "Alibabba", "other", "unknown_origin", ("Alibaba",)),
        ("origin", "ZTO", "other", "unknown_origin", ()),
    ],
)
def test_other_names_have_a_code_and_suggestions_for_page_and_sentence(kind, name, value, code, suggested):
    assert find(kind, name) == Found(value, code, suggested, words(kind, suggested))


@pytest.mark.parametrize("kind", ["city", "platform", "origin"])
def test_without_guessing_an_unknown_name_has_no_suggestions(kind):
    assert find(kind, "Alibabba Hangzou Cainio", guess=False).keys == ()


def test_words_name_a_few_keys_in_both_languages():
    assert words("city", ("331000",)) == "台州 Taizhou (Zhejiang) 331000"
    assert words("platform", ("cainiao", "jd")) == "Cainiao / 菜鸟驿站; JD / 京东驿站"
    many = words("city", tuple(cities().index[:9]))
    assert many.count(";") == names.MOST_SUGGESTED
    assert many.endswith("…")


def test_decisions_come_first():
    said = {"Cainio": "cainiao", "Taizhou": "331000", "火星": "", "菜鸟": "jd"}
    assert find("platform", "Cainio", decisions=said) == Found("cainiao")
    assert find("platform", "菜鸟", decisions=said) == Found("jd")
    assert find("city", "Taizhou", decisions=said) == Found("331000")
    assert find("city", "Taizhou\x1f?", decisions=said) == Found("331000")
    assert find("city", "火星", decisions=said) == Found(None, "set_aside_name")
    assert find("platform", "京东", decisions=said) == Found("jd")


def test_a_decision_leaves_alone_what_the_province_settles():
    for decided in ("331000", ""):
        found = find("city", "Taizhou\x1f江苏", decisions={"Taizhou": decided})
        assert (found.value, found.code) == ("321200", "settled_by_province")


def test_a_decision_for_a_key_that_is_gone_decides_nothing():
    assert find("platform", "Cainio", decisions={"Cainio": "newco"}).code == "unknown_platform"


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_words_and_set_aside_names_are_set_aside(code):
    for lang in ("en", "zh"):
        for part in ("problem", "fix"):
            assert has(f"{part}.{code}")
            assert "{" not in say(f"{part}.{code}", lang, value="x", suggest="y", column="z")
    kept = code in ("renamed_city", "settled_by_province", "unknown_origin", "set_aside_name")
    assert (code in SEVERITY) == kept
    assert (code in SET_ASIDE) == (code == "set_aside_name")


@given(st.sampled_from(KINDS), st.text(max_size=20))
def test_any_text_has_a_value_or_a_code_and_known_suggestions(kind, text):
    found = find(kind, text)
    assert found.value is not None or found.code
    assert set(found.keys) <= set(keys(kind))
    assert found.code in ("", *CODES)


@given(st.sampled_from(KINDS), st.text(max_size=20), st.data())
def test_what_is_decided_is_what_it_means(kind, text, data):
    key, text = data.draw(st.sampled_from(keys(kind))), text.replace("\x1f", "")
    assert find(kind, text, decisions={text: key}) == Found(key)
    assert find(kind, text, decisions={text: ""}) == Found(None, "set_aside_name")


def test_keys_of_a_kind_are_those_of_its_catalogue():
    assert keys("platform") == tuple(PLATFORMS)
    assert set(keys("format")) == set(FORMATS)
    assert len(keys("city")) == 337
    assert keys("origin") == ("Alibaba", "Pinduoduo", "JD", "other")


def test_the_province_stands_beside_a_city_only_where_it_is_needed():
    cells = [("Taizhou", "浙江"), ("Tai zhou City", "江苏"), ("海南", "青海"), ("杭州", "浙江"), ("Suzhou", None)]
    with duckdb.connect() as con:
        con.execute("CREATE TABLE t (c VARCHAR, p VARCHAR)")
        con.executemany("INSERT INTO t VALUES (?, ?)", cells)
        texts = con.sql(f"SELECT {beside('c', 'p')} FROM t").fetchall()
    assert [text.split("\x1f") for (text,) in texts] == [
        ["Taizhou", "浙江"], ["Tai zhou City", "江苏"], ["海南", "青海"], ["杭州"], ["Suzhou"],
    ]  # fmt: skip
    assert [find("city", text).value for (text,) in texts] == ["331000", "321200", "632500", "330100", None]


def tables(cells):
    """Connection with the tables of rows (row, month, city, platform, parcels)."""
    con = duckdb.connect()
    rows = ", ".join(str((*row, "")) for row in cells)
    con.execute(f"CREATE TEMP TABLE raw AS SELECT * FROM (VALUES {rows}) t(row, c0, c1, c2, c3, c4)")
    positions = {"month": 0, "city": 1, "platform": 2, "parcels": 3}
    make_tables(con, DATASETS["volumes"], positions)
    return con, positions


def test_unresolved_spellings_are_listed_once_with_their_rows():
    cells = [
        (2, "2024-01", "杭州", "菜鸟", "3"),
        (3, "2024-01", "Taizhou", "Cainio", "3"),
        (4, "2024-01", "义乌", "菜鸟", "3"),
        (5, "2024-02", " Taizhou ", "菜鸟", "3"),
        (6, "2024-02", "襄樊", "Cainio", "3"),
        (7, "合计", "合计", "", "9"),
    ]
    con, positions = tables(cells)
    with con:
        found = unresolved(con, DATASETS["volumes"], positions)
    assert tuple(found.columns) == UNRESOLVED
    assert found.to_numpy().tolist() == [
        ["city", "Taizhou", 2, 3, "ambiguous_city", ("321200", "331000")],
        ["city", "义乌", 1, 4, "county", ("330700",)],
        ["platform", "Cainio", 2, 3, "unknown_platform", ("cainiao",)],
    ]


def test_nothing_unresolved_is_an_empty_table():
    con, positions = tables([(2, "2024-01", "杭州", "菜鸟", "3")])
    with con:
        found = unresolved(con, DATASETS["volumes"], positions)
    assert tuple(found.columns) == UNRESOLVED
    assert len(found) == 0
    assert found["rows"].dtype == "int64"


def test_a_file_with_a_column_of_provinces_settles_row_by_row():
    rows = [
        "月份,省份,城市,平台,件量",
        "2024-01,浙江,Taizhou,菜鸟,1",
        "2024-01,江苏省,Taizhou,菜鸟,2",
        "2024-02,,Taizhou,菜鸟,3",
    ]
    text = "\n".join(rows)
    found = intake.read(text.encode(), "volumes")
    assert found.table[["city", "parcels"]].to_numpy().tolist() == [["331000", 1], ["321200", 2]]
    assert found.problems.loc[found.problems["row"] > 1, ["row", "value", "code"]].to_numpy().tolist() == [
        [2, "Taizhou", "settled_by_province"],
        [3, "Taizhou", "settled_by_province"],
        [4, "Taizhou", "ambiguous_city"],
    ]
    decided = intake.read(text.encode(), "volumes", names={"city": {"Taizhou": "331000"}})
    assert decided.table["city"].to_list() == ["331000", "321200", "331000"]
    assert len(decided.names) == 0


def test_decisions_map_names_or_set_their_rows_aside_in_a_file():
    text = "月份,城市,平台,件量\n2024-01,义乌,菜鸟,1\n2024-01,杭州,淘淘,2\n2024-02,杭州,淘淘,3\n2024-01,火星,京东,4\n"
    undecided = intake.read(text.encode(), "volumes")
    assert undecided.names[["written", "rows"]].to_numpy().tolist() == [["义乌", 1], ["火星", 1], ["淘淘", 2]]
    said = {"city": {"义乌": "330700", "火星": ""}, "platform": {"淘淘": "duoduo"}}
    found = intake.read(text.encode(), "volumes", names=said)
    assert found.ok
    assert found.table[["city", "platform"]].to_numpy().tolist() == [
        ["330700", "cainiao"], ["330100", "duoduo"], ["330100", "duoduo"],
    ]  # fmt: skip
    assert found.set_aside["row"].to_list() == [5]
    assert found.problems[["row", "value", "code", "severity"]].to_numpy().tolist() == [
        [5, "火星", "set_aside_name", "warning"],
    ]
