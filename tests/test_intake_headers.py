"""Headers: what is used, what is only offered, and what is said of the header row."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.intake.checks import PROBLEM_COLUMNS
from data.intake.headers import dataset_of, guess, province, unique
from data.intake.likeness import ALONE
from data.intake.remember import header_key
from data.platforms import fold
from data.schema import DATASETS
from data.text import has, say

VOLUMES = ["月份", "城市", "平台", "件量"]
DAYS_A_MONTH = 365.25 / 12


def used(headers, dataset="volumes", **options):
    guesses, _ = guess(headers, DATASETS[dataset], **options)
    return {one.header: one.column for one in guesses if one.column}


def notes(headers, dataset="volumes", **options):
    return [(n["code"], n["column"], n["suggest"], n["other"]) for n in guess(headers, DATASETS[dataset], **options)[1]]


def of(header, headers, dataset="volumes", **options):
    return next(one for one in guess(headers, DATASETS[dataset], **options)[0] if one.header == header)


@pytest.mark.parametrize(
    ("dataset", "headers", "columns"),
    [
        ("volumes", ["统计月份", "所属城市", "归属品牌", "派件量", "订单来源"], "month city platform parcels origin"),
        ("volumes", ["账期", "地市", "快递公司", "业务量(万件)", "来源平台"], "month city platform parcels origin"),
        ("volumes", ["Ｍonth", " CITY ", "Plat-form", "Parcels："], "month city platform parcels"),
        ("volumes", ["\ufeff月份：", "城　市", "平台*", "件\n量"], "month city platform parcels"),
        ("volumes", ["年月（必填）", "城市【必填】", "网络", "parcels (10k)"], "month city platform parcels"),
        (
            "stations",
            ["网点编码", "归属品牌", "网点类型", "所在城市", "纬度(WGS84)", "经度", "入驻时间", "撤柜日期", "格口总数"],
            "station_id platform format city lat lon opened closed cells",
        ),
        (
            "subsidies",
            ["承运商", "城市名", "生效时间", "失效时间", "补贴(分/件)", "保底(元/月)", "减免额", "派单占比(%)"],
            "platform city start end subsidy_cny_per_parcel guarantee_cny_per_day fee_waiver_cny allocation",
        ),
    ],
)
def test_headers_of_real_files(dataset, headers, columns):
    headers = unique(tuple(headers))
    assert used(headers, dataset) == dict(zip(headers, columns.split(), strict=True))
    assert {one[0] for one in notes(headers, dataset)} <= {"unit_converted"}
    assert dataset_of(headers)[0][0] == dataset


@pytest.mark.parametrize(
    ("header", "dataset", "unit", "factor", "why"),
    [
        ("件量", "volumes", "", 1.0, "alias"),
        ("parcels", "volumes", "", 1.0, "name"),
        ("件量(万件)", "volumes", "万件", 1e4, "unit"),
        ("件量（亿件）", "volumes", "亿件", 1e8, "unit"),
        ("件量/万件", "volumes", "万件", 1e4, "unit"),
        ("补贴(元/件)", "subsidies", "元/件", 1.0, "unit"),
        ("subsidy_cny_per_parcel", "subsidies", "cny_per_parcel", 1.0, "name"),
        ("补贴(分/件)", "subsidies", "分/件", 0.01, "unit"),
        ("保底(元/月)", "subsidies", "元/月", 1 / DAYS_A_MONTH, "unit"),
        ("分配比例(%)", "subsidies", "%", 0.01, "unit"),
    ],
)
def test_units_of_headers(header, dataset, unit, factor, why):
    found = of(header, [header], dataset)
    assert (found.unit, found.why, found.confidence) == (unit, why, 1.0)
    assert found.factor == pytest.approx(factor)


def test_units_that_do_not_suit_or_are_of_another_period_are_said():
    assert notes([*VOLUMES[:3], "件量(亿元)"]) == [("unknown_unit", "件量(亿元)", "", "1")]
    assert of("件量(亿元)", [*VOLUMES[:3], "件量(亿元)"]).factor == 1.0
    said = [n for n in notes(["保底(元/月)"], "subsidies") if n[0] == "unit_converted"]
    assert said == [("unit_converted", "保底(元/月)", "", "0.0328542")]


def test_the_reader_s_word_comes_first_then_what_is_remembered_then_the_header():
    headers = ["a", "件量", "业务量", "月份", "城市", "平台"]
    assert used(headers)["件量"] == "parcels"
    assert notes(headers) == [("unknown_column", "a", "", ""), ("duplicate_header", "业务量", "", "parcels")]
    assert used(headers, remembered={"业务量": "parcels"})["业务量"] == "parcels"
    both = guess(headers, DATASETS["volumes"], given={"a": "parcels"}, remembered={"业务量": "parcels"})[0]
    assert [(one.header, one.why) for one in both if one.column == "parcels"] == [("a", "given")]
    assert notes(headers, given={"a": "", "件量": ""}) == []
    assert of("a", headers, given={"a": ""}).why == "given"


def test_what_is_remembered_may_be_written_otherwise_and_may_be_gone():
    assert used(["Ｖol ", "x"], remembered={"vol": "parcels", "y": "city", "x": "moon"}) == {"Ｖol ": "parcels"}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"z": "month"}, "no header 'z'"), ({"a": "moon"}, "no column 'moon'"), ({"a": "city", "b": "city"}, "two")],
)
def test_a_wrong_mapping_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        guess(["a", "b"], DATASETS["volumes"], given=wrong)


@pytest.mark.parametrize(
    ("header", "dataset", "column"),
    [
        ("percels", "volumes", "parcels"),
        ("本月业务量", "volumes", "parcels"),
        ("所属区县", "volumes", "city"),
        ("揽收量", "volumes", "parcels"),
        ("站点名称", "stations", "station_id"),
        ("lng_gcj02", "stations", "lon"),
    ],
)
def test_what_is_only_alike_is_offered_and_not_used(header, dataset, column):
    found = of(header, [header], dataset)
    assert (found.column, found.suggest, found.why) == ("", column, "similar")
    assert 0.6 < found.confidence < 1
    missing = [n for n in notes([header], dataset) if n[:2] == ("missing_column", column)]
    assert missing == [("missing_column", column, header, "")]


def test_counts_that_differ_are_used_when_there_is_one_alone():
    alone = of("入库量/万件", [*VOLUMES[:3], "入库量/万件"])
    assert (alone.column, alone.why, alone.factor, alone.confidence) == ("parcels", "alias", 1e4, 0.9)
    two = [*VOLUMES[:3], "入库量", "签收量"]
    assert "parcels" not in used(two).values()
    assert ("missing_column", "parcels", "入库量, 签收量", "") in notes(two)
    assert used([*VOLUMES, "签收量"])["件量"] == "parcels"
    assert of("签收量", [*VOLUMES, "签收量"]).why == "none"


def test_cells_tell_columns_without_a_known_header():
    sample = pd.DataFrame(
        {
            "a": ["2024年1月", "2024/02", "202403", ""],
            "b": ["杭州", "Suzhou", "330700", "襄樊"],
            "c": ["菜鸟", "京东", "J&T", None],
            "d": ["3", "1,250", "5", "6.0"],
            "e": ["淘宝", "抖音", "抖音", "未知"],
        }
    )
    guesses = guess(list(sample), DATASETS["volumes"], sample=sample)[0]
    assert {one.header: one.suggest for one in guesses} == {
        "a": "month", "b": "city", "c": "platform", "d": "parcels", "e": "origin",
    }  # fmt: skip
    assert not any(one.column for one in guesses)


def test_cells_tell_latitude_from_longitude():
    sample = pd.DataFrame({"p": ["120.1551", "119.6474"], "q": ["30.2741", "29.0792"], "r": ["0.12345", "200.555"]})
    guesses = guess(list(sample), DATASETS["stations"], sample=sample)[0]
    assert [one.suggest for one in guesses] == ["lon", "lat", ""]


def test_cells_of_no_kind_offer_nothing():
    sample = pd.DataFrame({"x": ["晴", "雨"], "y": ["", ""], "z": ["²", "1999-01"]})
    assert not any(one.suggest for one in guess(list(sample), DATASETS["volumes"], sample=sample)[0])


def test_a_column_of_provinces_is_told_and_not_offered():
    headers = [*VOLUMES, "所属省份"]
    assert province(headers) == "所属省份"
    assert province(VOLUMES) is None
    assert of("所属省份", headers).why == "province"
    assert notes(headers) == [("province_column", "所属省份", "", "")]


def test_blank_and_repeated_headers_keep_their_place():
    headers = unique(("城市", "城市", "", " ", "城市 #2"))
    assert headers == ["城市", "城市 #2", "#3", "#4", "城市 #2 #5"]
    assert unique(("a #3", "a", "a", "#4", "")) == ["a #3", "a", "a #3 #3", "#4", "#5"]
    assert [one.header for one in guess(headers, DATASETS["volumes"])[0]] == headers
    assert notes(["城市", "城市 #2"])[:1] == [("duplicate_header", "城市 #2", "", "city")]


def test_datasets_are_told_from_their_headers():
    for name, dataset in DATASETS.items():
        ranked = dataset_of(list(dataset.columns))
        assert ranked[0] == (name, 1.0)
        assert all(score < 0.6 for _, score in ranked[1:])
    assert all(score < 0.1 for _, score in dataset_of(["甲", "乙"]))
    assert len(dataset_of([])) == len(DATASETS)


def test_words_for_counts_are_no_alias_of_a_column():
    aliases = {fold(h) for column in DATASETS["volumes"].columns.values() for h in column.headers}
    assert aliases.isdisjoint(fold(word) for words in ALONE.values() for word in words.split())


@pytest.mark.parametrize("why", ["given", "remembered", "name", "alias", "unit", "similar", "own", "province", "none"])
def test_every_reason_has_words(why):
    assert has(f"why.{why}")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_notes_can_be_said(lang):
    for note in guess([*VOLUMES[:2], "件量(亿元)", "省份", "x"], DATASETS["volumes"])[1]:
        for key in (f"problem.{note['code']}", f"fix.{note['code']}"):
            assert "{" not in say(key, lang, **{k: str(v) for k, v in note.items()})


@given(
    st.lists(
        st.text(max_size=12) | st.sampled_from(["a", "a #2", "#3", *VOLUMES, "省份", "入库量", "件量(万件)"]),
        max_size=9,
    )
)
def test_any_headers_have_one_guess_each_and_every_required_column_is_found_or_missed(written):
    headers = unique(tuple(written))
    assert len(set(headers)) == len(written)
    for dataset in DATASETS.values():
        guesses, said = guess(headers, dataset)
        assert [one.header for one in guesses] == headers
        columns = [one.column for one in guesses if one.column]
        assert len(columns) == len(set(columns))
        missing = {note["column"] for note in said if note["code"] == "missing_column"}
        assert missing == set(dataset.required) - set(columns)
        assert all(set(note) == set(PROBLEM_COLUMNS) for note in said)
        assert {one.header for one in guesses if not one.column} == {
            note["column"] for note in said if note["code"] in ("unknown_column", "duplicate_header", "province_column")
        }


@given(st.lists(st.text(max_size=5), max_size=6), st.randoms())
def test_the_key_of_headers_does_not_depend_on_order_or_writing(headers, random):
    shuffled = headers[:]
    random.shuffle(shuffled)
    assert header_key(shuffled) == header_key(headers)
    assert header_key([f" {header}： " for header in headers]) == header_key(headers)
    assert header_key([*headers, "one more"]) != header_key(headers)


def test_the_key_of_headers_stays_the_same_for_ever():
    assert header_key(VOLUMES) == header_key(["件 量", "平台", "城市", "月份:"]) == "b875d8254325be4c"
    assert header_key(["ab", "c"]) != header_key(["a", "bc"])
