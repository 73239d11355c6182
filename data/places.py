"""What the name of a place in China means: a city of prefecture level, or the county or province it is instead.

Counties are those of the Ministry of Civil Affairs, 2024 (source in the file). Former names and codes are those of the
revisions of GB/T 2260 since 2002 (PyPI GB2260 0.4.1, BSD); the parts of Chaohu by the State Council's decision of 2011.
"""

from dataclasses import dataclass
from functools import cache

import pandas as pd

from data import cities
from data.platforms import fold

_MUNICIPALITIES = {"110100": "110000", "120100": "120000", "310100": "310000"}
"""Codes of all districts of a municipality together: the same area as the municipality."""
_RENAMED = {
    "襄樊": "420600", "xiangfan": "420600", "思茅": "530800", "simao": "530800", "荷泽": "371700",
    "伊克昭": "150600", "哲里木": "150500",
    "142300": "141100", "152600": "150900", "152800": "150800", "522200": "520600", "522400": "520500",
    "532700": "530800", "533500": "530900", "542100": "540300", "542200": "540500", "542300": "540200",
    "542400": "540600", "542600": "540400", "622600": "621200", "632100": "630200", "652100": "650400",
    "652200": "650500",
}  # fmt: skip
"""Names and codes of before, of cities that are the same area today."""
_FORMER = {
    "莱芜": ("370100",), "laiwu": ("370100",), "371200": ("370100",),
    "巢湖": ("340100", "340200", "340500"), "chaohu": ("340100", "340200", "340500"),
    "341400": ("340100", "340200", "340500"),
}  # fmt: skip
"""Cities that were merged into others or divided among them."""
_ELSEWHERE = (
    "香港 香港特别行政区 hongkong hk 澳门 澳门特别行政区 macau macao 台湾 台湾省 taiwan 台北 taipei 港澳台 "
    "710000 810000 820000 "
    "全国 中国 china nationwide national 海外 境外 国外 国际 overseas abroad international "
    "其他 其它 其他城市 其它城市 other others othercities 100000 000000"
)
"""Places that are no part of the 337 cities, a space between them."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a name means.

    Attributes
    ----------
    code : str or None
        Adcode of the prefecture-level city, None when the name is not one city for certain.
    problem : str
        "" for a city by its name; with a code "renamed_city" or "settled_by_province"; without one "ambiguous_city",
        "county", "a_province", "not_a_prefecture", "former_city" or "unknown_city".
    candidates : tuple of str
        Adcodes of the cities it may be or belong to.
    """

    code: str | None
    problem: str = ""
    candidates: tuple[str, ...] = ()


_UNKNOWN = Place(None, "unknown_city")


@cache
def _counties() -> pd.DataFrame:
    return pd.read_csv(cities.FILES / "counties.csv", dtype="str", comment="#", keep_default_na=False).set_index(
        "adcode"
    )


def counties() -> pd.DataFrame:
    """One row per county-level unit, index `adcode` (six-digit string).

    Columns: name_zh, short_zh, pinyin ("" where a character has several readings), prefecture (adcode of its city, ""
    where the province rules it directly).
    """
    return _counties().copy()


def find(name: str) -> tuple[str, ...]:
    """Adcodes of the cities that counties of this name belong to, in order; () when there is no such county.

    `name` is a code, a Chinese name with or without its ending, or pinyin; "" stands for a county directly under its
    province.
    """
    text = fold(name)
    return _county_names().get(text) or _county_names().get(_without(text, ("city", "county", "district")), ())


@cache
def _county_names() -> dict[str, tuple[str, ...]]:
    table = _counties()
    found: dict[str, dict[str, None]] = {}
    for code, full, short, pinyin, prefecture in table.itertuples(name=None):
        plain = short + full[-1] if full.endswith(("自治县", "自治旗")) else ""
        for name in filter(None, {code, full, short, plain, fold(pinyin)}):
            found.setdefault(name, {})[prefecture] = None
    return {name: tuple(sorted(prefectures)) for name, prefectures in found.items()}


def _without(text: str, endings: tuple[str, ...]) -> str:
    return next((text.removesuffix(e) for e in endings if text.endswith(e)), text)


@cache
def provinces() -> dict[str, str]:
    """Folded names of provinces (Chinese full and short, English, six-digit code) and the two digits they stand for."""
    table = cities.cities()[["province_zh", "province_en"]].drop_duplicates()
    found: dict[str, str] = {}
    for code, full, english in table.itertuples(name=None):
        short = _without(full, ("壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市"))
        plain = [fold(part) for part in english.rstrip(")").split(" (")]
        names = [full, short, *plain, *(f"{name}province" for name in plain), f"{code[:2]}0000"]
        found |= dict.fromkeys(names, code[:2])
    return found


@cache
def spellings() -> dict[str, tuple[str, ...]]:
    """Every folded name of a city (code, Chinese, English with and without its province) and the cities it may mean."""
    found: dict[str, dict[str, None]] = {}
    for code, row in cities.cities().iterrows():
        short, full, english = str(row["city_zh"]), str(row["city_full_zh"]), str(row["city_en"])
        plain = english.split(" (")[0]
        more = (f"{short}州", f"{plain} prefecture") if full.endswith("自治州") else (f"{short}地区", f"{short}盟")
        urban = (f"{plain} city", f"{plain} shi") if full.endswith("市") else ()  # else a county-level city bears it
        for name in (str(code), short, full, english, plain, *more, *urban):
            found.setdefault(fold(name), {})[str(code)] = None
    return {name: tuple(sorted(codes)) for name, codes in found.items()}


def as_province() -> tuple[str, ...]:
    """Folded names that a city shares with a province it does not lie in: 海南."""
    return tuple(n for n, number in provinces().items() if any(c[:2] != number for c in spellings().get(n, ())))


def called(code: str, lang: str) -> str:
    """Short name of a city, with its ending where the plain one is taken for a province it does not lie in: 海南州."""
    name = str(cities.cities().at[code, f"city_{lang}"])
    return f"{name}州" if lang == "zh" and fold(name) in as_province() else name


def read(name: str, *, province: str = "") -> Place:
    """Say what a name means.

    Parameters
    ----------
    name : str
        As written: a code, or Chinese or English words, perhaps with the province before or behind.
    province : str
        Province written beside it, which settles a name that several cities bear.
    """
    text = fold(name.removesuffix(".0"))
    if text.isdigit():
        return _by_code(text)
    code = _written_with_code(text)
    if code:
        return Place(code)
    place = _named(text, provinces().get(fold(province), ""))
    return _after_province(text) or place if place == _UNKNOWN else place


def _by_code(text: str) -> Place:
    code = text[:6] if len(text) in (9, 12) and not text[6:].strip("0") else text
    code = _MUNICIPALITIES.get(code, code)
    if code in cities.names():
        return Place(code)
    near = tuple(sorted(c for c in spellings().get(code + "00", ()) if len(code) == 4))
    return _not_a_city(code, "") or Place(None, "unknown_city", near)


def _written_with_code(text: str) -> str | None:
    """Adcode of a cell such as `330100 杭州` or `杭州(330100)`, when both say the same."""
    for code, name in ((text[:6], text[6:]), (text[-6:], text[:-6])):
        if code.isdigit() and not name.isdigit() and code in spellings().get(name, ()):
            return code
    return None


def _named(text: str, within: str) -> Place:
    """What a folded name means; `within` is the number of the province, "" when it is not known."""
    codes = spellings().get(text, ())
    inside = [code for code in codes if code.startswith(within)]
    whole = provinces().get(text, "")
    elsewhere = bool(whole) and not any(code.startswith(whole) for code in codes)
    if elsewhere and not (within and inside):
        return Place(None, "a_province", codes)
    if within and len(inside) == 1 and (len(codes) > 1 or elsewhere):
        return Place(inside[0], "settled_by_province", tuple(inside))
    if len(codes) == 1:
        return Place(codes[0])
    if codes:
        return Place(None, "ambiguous_city", codes)
    return _not_a_city(text, within) or _after_city(text) or _UNKNOWN


def _not_a_city(text: str, within: str) -> Place | None:
    old = _without(text, ("市", "地区", "盟"))
    if text in _RENAMED or old in _RENAMED:
        code = _RENAMED.get(text) or _RENAMED[old]
        return Place(code, "renamed_city", (code,))
    if text in _FORMER or old in _FORMER:
        return Place(None, "former_city", _FORMER.get(text) or _FORMER[old])
    above = tuple(code for code in find(text) if not code or code.startswith(within))
    if above:
        named = tuple(filter(None, above))
        return Place(None, "county" if named else "not_a_prefecture", named)
    if text in provinces():
        return Place(None, "a_province")
    return Place(None, "not_a_prefecture") if text in _ELSEWHERE.split() else None


def _after_province(text: str) -> Place | None:
    """Read `江西宜春`, `江西省宜春市`, `浙江省义乌市` or `yichunjiangxi`; a name the province lacks is none."""
    text = text.removeprefix("中国").removeprefix("china")
    for name in sorted(provinces(), key=len, reverse=True):
        rest = text.removeprefix(name) if text.startswith(name) else text.removesuffix(name)
        if rest in ("", text):
            continue
        number = provinces()[name]
        place = _named(rest, number)
        meant = (place.code,) if place.code else place.candidates
        if meant and not all(code.startswith(number) for code in meant):
            return Place(None, "unknown_city", tuple(dict.fromkeys([*_sounding_like(meant, number), *meant])))
        if place.problem not in ("unknown_city", "a_province"):
            return Place(place.code) if place.problem == "settled_by_province" else place
    return None


def _sounding_like(codes: tuple[str, ...], within: str) -> list[str]:
    """Cities of a province that share their name in pinyin with one of `codes`: 泰州 where 江苏台州 is written."""
    shared = [group for group in spellings().values() if len(group) > 1 and set(group) & set(codes)]
    return sorted({code for group in shared for code in group if code.startswith(within)})


def _after_city(text: str) -> Place | None:
    """Read `杭州市西湖区`: a county behind its city."""
    for end in range(2, len(text) - 1):
        both = tuple(code for code in spellings().get(text[:end], ()) if code in find(text[end:]))
        if both:
            return Place(None, "county", both)
    return None
