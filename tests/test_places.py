"""Places: county-level units, and what any name of a place means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import places
from data.cities import cities
from data.places import Place, counties, find, provinces, read, spellings

# County-level units by province at the end of 2023: China Statistical Yearbook 2024, table 1-1 (2,844 in all); He'an
# and Hekang in Xinjiang were founded in December 2024.
BY_PROVINCE = {
    "11": 16, "12": 16, "13": 167, "14": 117, "15": 103, "21": 100, "22": 60, "23": 121, "31": 16, "32": 95, "33": 90,
    "34": 104, "35": 84, "36": 100, "37": 136, "41": 157, "42": 103, "43": 122, "44": 122, "45": 111, "46": 25,
    "50": 38, "51": 183, "52": 88, "53": 129, "54": 74, "61": 107, "62": 86, "63": 44, "64": 22, "65": 108 + 2,
}  # fmt: skip


def test_counties_are_as_many_as_published():
    assert sum(BY_PROVINCE.values()) == 2844 + 2
    assert counties().groupby(lambda code: code[:2]).size().to_dict() == BY_PROVINCE


def test_every_county_belongs_to_a_city_of_its_province_or_to_none():
    table = counties()
    assert table.index.is_unique
    assert set(table["prefecture"]) - {""} <= set(cities().index)
    belonging = table[table["prefecture"] != ""]
    assert (belonging.index.str[:2] == belonging["prefecture"].str[:2]).all()
    # Xiantao, Qianjiang, Tianmen, Shennongjia; Jiyuan; 15 of Hainan; 12 of the Corps in Xinjiang
    assert (table["prefecture"] == "").sum() == 4 + 1 + 15 + 12


def test_cities_without_counties_are_the_known_four():
    childless = set(cities().index) - set(counties()["prefecture"])
    assert set(cities().loc[sorted(childless), "city_zh"]) == {"东莞", "中山", "儋州", "嘉峪关"}


def test_the_table_cannot_be_changed_from_outside():
    mine = counties()
    mine["prefecture"] = ""
    assert find("义乌") == ("330700",)


@pytest.mark.parametrize(
    ("name", "prefectures"),
    [
        ("义乌", ("330700",)),
        ("昆山市", ("320500",)),
        ("朝阳区", ("110000", "220100")),
        ("330106", ("330100",)),
        ("Yiwu", ("330700",)),
        ("Kunshan", ("320500",)),
        ("Tianchang", ("341100",)),
        ("yiwu city", ("330700",)),
        ("彭水", ("500000",)),
        ("彭水苗族土家族自治县", ("500000",)),
        ("鼓楼区", ("320100", "320300", "350100", "410200")),
        ("仙桃", ("",)),
        ("杭州", ()),
        ("", ()),
    ],
)
def test_counties_are_found_by_any_name(name, prefectures):
    assert find(name) == prefectures


@pytest.mark.parametrize("column", ["city_zh", "city_full_zh", "city_en"])
def test_every_city_is_read_by_its_names(column):
    other_than_province = cities()[column].drop("632500" if column == "city_zh" else [])
    assert {name: read(name) for name in other_than_province} == {
        name: Place(code) for code, name in other_than_province.items()
    }


def test_every_city_is_read_behind_or_before_its_province():
    for code, row in cities().iterrows():
        for written in (
            row["province_zh"] + row["city_full_zh"],
            f"{row['province_zh']} {row['city_zh']}",
            f"{row['city_en'].split(' (')[0]}, {row['province_en'].split(' (')[0]}",
            f"{code} {row['city_zh']}",
            f"{row['city_full_zh']}({code})",
            code + "000000",
        ):
            assert read(written) == Place(code), written


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("Suzhou", ("320500", "341300")),
        ("Fuzhou", ("350100", "361000")),
        ("Taizhou", ("321200", "331000")),
        ("Yichun", ("230700", "360900")),
        ("Yulin City", ("450900", "610800")),
        ("taizhou shi", ("321200", "331000")),
    ],
)
def test_pinyin_of_several_cities_is_ambiguous_until_the_province_settles_it(name, codes):
    assert read(name) == Place(None, "ambiguous_city", codes)
    assert read(name, province="火星") == Place(None, "ambiguous_city", codes)
    for code in codes:
        for written in cities().loc[code, ["province_zh", "province_en"]]:
            assert read(name, province=written) == Place(code, "settled_by_province", (code,))


def test_names_that_are_ambiguous_are_those_five():
    assert {name for name, codes in spellings().items() if len(codes) > 1 and not name.endswith(("city", "shi"))} == {
        "suzhou", "fuzhou", "taizhou", "yichun", "yulin",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "problem", "candidates"),
    [
        ("浙江省", "a_province", ()),
        ("Zhejiang Province", "a_province", ()),
        ("内蒙古", "a_province", ()),
        ("330000", "a_province", ()),
        ("海南", "a_province", ("632500",)),
        ("全国", "not_a_prefecture", ()),
        ("Hong Kong", "not_a_prefecture", ()),
        ("台湾省", "not_a_prefecture", ()),
        ("湖北省仙桃市", "not_a_prefecture", ()),
        ("石河子", "not_a_prefecture", ()),
        ("昌吉市", "county", ("652300",)),
        ("大理市", "county", ("532900",)),
        ("杭州市西湖区", "county", ("330100",)),
        ("浙江省杭州市西湖区", "county", ("330100",)),
        ("北京朝阳", "county", ("110000",)),
        ("重庆市彭水县", "county", ("500000",)),
        ("500112", "county", ("500000",)),
        ("巢湖市", "former_city", ("340100", "340200", "340500")),
        ("341400", "former_city", ("340100", "340200", "340500")),
        ("莱芜", "former_city", ("370100",)),
        ("江苏台州", "unknown_city", ("321200", "331000")),
        ("3301", "unknown_city", ("330100",)),
        ("", "unknown_city", ()),
        ("火星", "unknown_city", ()),
    ],
)
def test_what_is_no_city_says_what_it_is(name, problem, candidates):
    assert read(name) == Place(None, problem, candidates)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("襄樊", "420600"), ("思茅", "530800"), ("思茅地区", "530800"), ("522400", "520500"), ("542300", "540200"),
        ("652200", "650500"), ("142300", "141100"),
    ],
)  # fmt: skip
def test_earlier_names_and_codes_are_read_and_said(name, code):
    assert read(name) == Place(code, "renamed_city", (code,))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("吉林", "220200"), ("朝阳", "211300"), ("毕节地区", "520500"), ("湘西州", "433100"), ("海南州", "632500"),
        ("110100", "110000"), ("330100.0", "330100"), ("中国浙江杭州", "330100"), ("Xi'an", "610100"),
    ],
)  # fmt: skip
def test_usual_other_forms_of_a_city(name, code):
    assert read(name) == Place(code)


def test_the_province_settles_the_city_that_bears_a_province_s_name():
    assert read("海南", province="青海") == Place("632500", "settled_by_province", ("632500",))
    assert read("海南", province="海南省") == Place(None, "a_province", ("632500",))
    assert read("吉林", province="吉林省") == Place("220200")
    assert places.as_province() == ("海南", "hainan")


def test_provinces_go_by_every_name():
    assert set(provinces().values()) == {code[:2] for code in cities().index}
    assert {provinces()[name] for name in ("广西", "广西壮族自治区", "guangxi", "guangxiprovince", "450000")} == {"45"}
    assert provinces()["tibet"] == provinces()["xizang"] == "54"


@given(st.text(max_size=40) | st.text(alphabet="浙江省杭州市海南吉林区县 330106(),.", max_size=60))
def test_any_text_has_one_outcome(text):
    place = read(text)
    assert set(place.candidates) <= set(cities().index)
    assert place.code is None or place.code in cities().index
    assert place.problem or place.code


def test_long_texts_end():
    assert read("浙江" * 20_000) == Place(None, "unknown_city")
