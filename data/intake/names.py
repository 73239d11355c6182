"""What names in cells mean: cities, networks, formats and sources of orders, and suggestions for unknown ones."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from data import cities, places, platforms
from data.contract import Dataset
from data.intake.spelling import simple

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_SUGGESTED = 6
"""Suggestions that a sentence names."""
MOST_GUESSES = 200
"""Unknown names of a column for which like ones are sought."""
MOST_UNRESOLVED = 10_000
"""Spellings of a column that `unresolved` lists, those of the most rows first."""
UNRESOLVED = ("column", "written", "rows", "row", "code", "suggest")
_PROVINCE = "\x1f"
"""Stands between the text of a city and that of its province, where a file has a column of provinces."""
_Line = tuple[str, int, int, str, tuple[str, ...]]
_SETTLED = ("", "renamed_city", "settled_by_province", "set_aside_name")
"""Codes of names that need no decision."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a name means.

    Attributes
    ----------
    value : str or None
        Key of the network, format or source of orders, adcode of the city; None when there is none.
    code : str
        Problem code, "" when the name is known. A value with a code is used all the same.
    keys : tuple of str
        Keys suggested, the likeliest first.
    suggest : str
        The same in words.
    """

    value: str | None
    code: str = ""
    keys: tuple[str, ...] = ()
    suggest: str = ""


def _close(name: str, spellings: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    text = platforms.fold(name)
    near = difflib.get_close_matches(text, spellings, n=3, cutoff=0.6) or _one_off(text, spellings)
    return tuple(dict.fromkeys(key for match in near for key in spellings[match]))


def _one_off(text: str, spellings: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Chinese names of two characters of which one is another, those with the same first one first."""
    if len(text) != 2 or text.isascii():
        return []
    near = [name for name in spellings if len(name) == 2 and (name[0] == text[0] or name[1] == text[1])]
    return sorted(near, key=lambda name: name[0] != text[0])[:3]


def _find_platform(name: str, guess: bool) -> Found:
    key = platforms.resolve(name)
    if key:
        return Found(key)
    known = {spelling: (key,) for spelling, key in platforms.names().items()}
    return _unknown("platform", "unknown_platform", _close(name, known) if guess else ())


def _find_city(name: str, guess: bool) -> Found:
    plain, _, province = name.partition(_PROVINCE)
    place = places.read(plain, province=province)
    if place.problem == "unknown_city" and guess and not place.candidates:
        return _unknown("city", "unknown_city", _close(plain, places.spellings()))
    return Found(place.code, place.problem, place.candidates, words("city", place.candidates))


_FORMATS = {
    "station": ("station", "post", "驿站", "门店", "站点", "代收点", "快递超市"),
    "locker": ("locker", "parcel locker", "cabinet", "快递柜", "智能柜", "自提柜", "丰巢柜"),
    "partner_store": ("partner store", "store", "shop", "合作店", "便利店", "代办点", "合作门店"),
    "agent": ("agent", "township agent", "代理点", "乡镇代理", "加盟点", "代理"),
    "service_centre": ("service centre", "service center", "服务站", "服务中心", "村级服务站", "服务点"),
}


@cache
def _format_spellings() -> dict[str, str]:
    return {platforms.fold(word): key for key, said in _FORMATS.items() for word in (key, *said)}


def _find_format(name: str, guess: bool) -> Found:
    key = _format_spellings().get(platforms.fold(name))
    return Found(key) if key else _unknown("format", "unknown_format", tuple(_FORMATS))


def _find_origin(name: str, guess: bool) -> Found:
    source = platforms.resolve_source(name)
    if source is not None:
        return Found(source)
    known = {spelling: (source,) for spelling, source in platforms.source_names().items() if source}
    keys = _close(name, known) if guess else ()
    return Found(platforms.OTHER_SOURCE, "unknown_origin", keys, words("origin", keys))


_FINDERS: dict[str, Callable[[str, bool], Found]] = {
    "platform": _find_platform,
    "city": _find_city,
    "format": _find_format,
    "origin": _find_origin,
}
KINDS = tuple(_FINDERS)
"""Types of columns that are resolved by name."""
NO_DECISIONS: Mapping[str, str] = {}


def find(kind: str, name: str, *, guess: bool = True, decisions: Mapping[str, str] = NO_DECISIONS) -> Found:
    """Say what a name means.

    Parameters
    ----------
    kind : str
        One of KINDS.
    name : str
        As written, without spaces around it.
    guess : bool
        Whether to look for names like an unknown one, which takes milliseconds.
    decisions : mapping of str to str
        What the user has said of names: written text to key, or to "" for rows to be set aside. A key that is not known
        (a network taken out since) decides nothing, and nothing is decided of a city that its province settles.
    """
    plain, _, province = name.partition(_PROVINCE)
    decided = decisions.get(plain)
    if decided is None or (province and _find_city(name, False).value):
        return _meaning(kind, name, guess)
    if decided == "":
        return Found(None, "set_aside_name")
    return Found(decided) if decided in keys(kind) else _meaning(kind, name, guess)


def _meaning(kind: str, name: str, guess: bool) -> Found:
    """What a name means, else what it does in simplified characters."""
    plain = simple(name)
    if plain != name and (found := _FINDERS[kind](name, False)).value:
        return found
    return _FINDERS[kind](plain, guess)


def keys(kind: str) -> tuple[str, ...]:
    """Every key a name of this kind may stand for."""
    if kind == "city":
        return tuple(cities.cities().index)
    if kind == "platform":
        return tuple(platforms.PLATFORMS)
    return tuple(_FORMATS) if kind == "format" else (*platforms.ORDER_SOURCES, platforms.OTHER_SOURCE)


def words(kind: str, keys: tuple[str, ...]) -> str:
    """Keys as a reader of either language knows them: `台州 Taizhou (Zhejiang) 331000; 泰州 ...`."""
    shown = [_shown(kind, key) for key in keys[:MOST_SUGGESTED]]
    return "; ".join([*shown, "…"] if len(keys) > MOST_SUGGESTED else shown)


def _shown(kind: str, key: str) -> str:
    if kind == "city":
        return f"{places.called(key, 'zh')} {places.called(key, 'en')} {key}"
    return f"{platforms.PLATFORMS[key].en} / {platforms.PLATFORMS[key].zh}" if kind == "platform" else key


def beside(city: str, province: str) -> str:
    """SQL of the text of a city that `find` reads: with its province behind it, where several cities bear the name.

    Parameters
    ----------
    city, province : str
        SQL of the trimmed texts, NULL where blank.
    """
    shared = [*(name for name, codes in places.spellings().items() if len(codes) > 1), *places.as_province()]
    listed = ", ".join(f"'{name}'" for name in shared)
    plain = f"regexp_replace(regexp_replace(lower({city}), '[\\s\\pP]+', '', 'g'), '(city|shi)$', '')"
    both = f"{city} || chr(31) || {province}"
    return f"CASE WHEN {plain} IN ({listed}) AND {province} IS NOT NULL THEN {both} ELSE {city} END"


def unresolved(con: "DuckDBPyConnection", dataset: Dataset, positions: Mapping[str, int]) -> pd.DataFrame:
    """List the spellings that mean nothing for certain, of the tables that `checks.make_tables` has made.

    Returns
    -------
    DataFrame
        One row a spelling, in the order of the columns, then of the rows: column (of the dataset), written, rows (how
        many), row (the first), code, suggest (tuple of keys, the likeliest first).
    """
    found: list[tuple[object, ...]] = []
    for name in positions:
        kind = dataset.columns[name].type
        if kind in KINDS:
            found += [(name, *line) for line in _unresolved(con, name, kind)]
    frame = pd.DataFrame(found, columns=list(UNRESOLVED))
    return frame.astype(dict.fromkeys(("column", "written", "code"), "str") | {"rows": "int64", "row": "int64"})


def _unresolved(con: "DuckDBPyConnection", column: str, kind: str) -> list[_Line]:
    known = ", ".join(f"'{code}'" for code in _SETTLED)
    lines = con.sql(
        f'SELECT n.t, count(*) AS rows, min(row) AS row, any_value(n.code) FROM cells JOIN "names_{column}" AS n '
        f'ON "t_{column}" = n.t WHERE n.code NOT IN ({known}) AND NOT coalesce(n.total, false) '
        f"GROUP BY n.t ORDER BY rows DESC, row LIMIT {MOST_UNRESOLVED}"
    ).fetchall()
    listed = [
        (name.partition(_PROVINCE)[0], rows, row, code, find(kind, name, guess=place < MOST_GUESSES).keys)
        for place, (name, rows, row, code) in enumerate(lines)
    ]
    return sorted(listed, key=lambda line: line[2])


def _unknown(kind: str, code: str, keys: tuple[str, ...]) -> Found:
    return Found(None, code, keys, words(kind, keys))
