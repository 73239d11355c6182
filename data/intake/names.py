"""What names in cells mean: cities, networks, formats and sources of orders, and suggestions for unknown ones."""

import difflib
from collections.abc import Callable, Mapping
from functools import cache

from data import cities, platforms


@cache
def _city_spellings() -> dict[str, tuple[str, ...]]:
    """Folded names and all the cities they may mean, shown as Chinese name, English name, code."""
    found: dict[str, list[str]] = {}
    for code, row in cities.cities().iterrows():
        shown = f"{row['city_zh']} {row['city_en']} {code}"
        plain = str(row["city_en"]).split(" (")[0]  # "Taizhou (Jiangsu)": the plain name may mean several
        for name in {platforms.fold(n) for n in (plain, row["city_zh"], row["city_full_zh"], row["city_en"])}:
            found.setdefault(name, []).append(shown)
    return {name: tuple(shown) for name, shown in found.items()}


@cache
def _platform_spellings() -> dict[str, tuple[str, ...]]:
    known = platforms.PLATFORMS
    return {name: (f"{known[key].en} / {known[key].zh}",) for name, key in platforms.names().items()}


def _close(name: str, spellings: Mapping[str, tuple[str, ...]]) -> str:
    near = difflib.get_close_matches(platforms.fold(name), spellings, n=3, cutoff=0.6)
    return "; ".join(dict.fromkeys(shown for match in near for shown in spellings[match]))


Found = tuple[str | None, str, str]
"""Value (None when there is none), problem code ("" when the name is known), suggestions."""


def _find_platform(name: str, guess: bool) -> Found:
    key = platforms.resolve(name)
    if key:
        return key, "", ""
    return None, "unknown_platform", _close(name, _platform_spellings()) if guess else ""


def _find_city(name: str, guess: bool) -> Found:
    plain = name.removesuffix(".0")
    code = cities.resolve(plain)
    if code:
        return code, "", ""
    several = _city_spellings().get(platforms.fold(plain).removesuffix("city"), ())
    if len(several) > 1:
        return None, "ambiguous_city", "; ".join(several)
    return None, "unknown_city", _close(plain, _city_spellings()) if guess else ""


_FORMATS = {
    "station": ("station", "post", "驿站", "门店", "站点", "代收点", "快递超市"),
    "locker": ("locker", "parcel locker", "cabinet", "快递柜", "智能柜", "自提柜", "丰巢柜"),
    "partner_store": ("partner store", "store", "shop", "合作店", "便利店", "代办点", "合作门店"),
    "agent": ("agent", "township agent", "代理点", "乡镇代理", "加盟点", "代理"),
    "service_centre": ("service centre", "service center", "服务站", "服务中心", "村级服务站", "服务点"),
}


@cache
def _format_spellings() -> dict[str, tuple[str, ...]]:
    return {platforms.fold(word): (key,) for key, words in _FORMATS.items() for word in (key, *words)}


def _find_format(name: str, guess: bool) -> Found:
    found = _format_spellings().get(platforms.fold(name))
    return (found[0], "", "") if found else (None, "unknown_format", "; ".join(_FORMATS))


@cache
def _source_spellings() -> dict[str, tuple[str, ...]]:
    return {name: (source,) for name, source in platforms.source_names().items() if source}


def _find_origin(name: str, guess: bool) -> Found:
    source = platforms.resolve_source(name)
    if source is not None:
        return source, "", ""
    return platforms.OTHER_SOURCE, "unknown_origin", _close(name, _source_spellings()) if guess else ""


FINDERS: dict[str, Callable[[str, bool], Found]] = {
    "platform": _find_platform,
    "city": _find_city,
    "format": _find_format,
    "origin": _find_origin,
}
"""Types resolved by name; suggestions only for the first unknown ones."""
