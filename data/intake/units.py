"""Units written beside a header or above a table, and what a cell is multiplied by to be in the unit of its column."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from data.contract import Column
from data.intake.spelling import simple

NUMBERS = ("number", "integer", "fraction")
"""Types of columns that have a unit."""
DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "quarter": 365.25 / 4, "year": 365.25}
"""Mean length of a period, in days."""
SCALES = {
    "百": 1e2, "千": 1e3, "万": 1e4, "萬": 1e4, "億": 1e8,
    "w": 1e4, "十万": 1e5, "百万": 1e6, "千万": 1e7, "亿": 1e8, "万亿": 1e12,
    "k": 1e3, "thousand": 1e3, "thousands": 1e3, "'000": 1e3, "000s": 1e3, "1000": 1e3, "1,000": 1e3,
    "10k": 1e4, "tenthousand": 1e4, "10thousand": 1e4, "10000": 1e4, "10,000": 1e4,
    "m": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6, "millions": 1e6,
    "100m": 1e8, "100mn": 1e8, "100million": 1e8, "hundredmillion": 1e8, "bn": 1e9, "billion": 1e9, "billions": 1e9,
}  # fmt: skip
"""Words for how many, folded, and their number."""
NOUNS = {
    "parcel": "件 票 单 个 包裹 parcel parcels package packages order orders item items piece pieces pcs",
    "yuan": "元 块 圆 人民币 cny rmb yuan ¥ 元人民币",
    "jiao": "角 毛 jiao",
    "fen": "分 fen 分钱",
    "cell": "格 格口 个 cell cells",
    "degree": "度 ° degree degrees deg",
    "station": "站 店 站点 网点 门店 驿站 柜 station stations store outlet",
    "day": "天 日 day d",
    "person": "人 people person persons",
    "week": "周 week",
    "month": "月 month mo",
    "quarter": "季 季度 quarter",
    "year": "年 year",
}
"""Words for what is counted, and for periods."""
MONEY = {"yuan": 1.0, "jiao": 0.1, "fen": 0.01}
"""Coins, in CNY."""
SHARES = {
    "%": 0.01, "percent": 0.01, "pct": 0.01, "百分比": 0.01, "百分数": 0.01, "百分点": 0.01, "‰": 0.001,
    "小数": 1.0, "比例": 1.0, "比值": 1.0, "ratio": 1.0, "fraction": 1.0, "share": 1.0,
}  # fmt: skip
"""Units of a fraction."""
_COUNTED = {
    "parcel_per_month": ("parcel", "month"), "cny_per_day": ("money", "day"), "cny_per_parcel": ("money", "parcel"),
    "parcel_per_day": ("parcel", "day"), "parcel": ("parcel", ""), "people": ("person", ""),
    "cny": ("money", ""), "cell": ("cell", ""), "degree": ("degree", ""),
}  # fmt: skip
"""What a unit of a column counts, and for what: a period, a parcel or nothing."""


def either(words: Iterable[str]) -> str:
    """Regular expression of any of these words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_SCALE, _NOUN = either(SCALES), either({word for words in NOUNS.values() for word in words.split()})
_UNIT = re.compile(rf"(?:in)?({_SCALE})?(?:({_NOUN})({_SCALE})?)?((?:(?:/|每|per|a)(?:{_NOUN}))*)")
_EACH = re.compile(rf"(?:/|每|per|a)({_NOUN})")
_BRACKET = re.compile(r"(.*?)\s*[(（\[【［]([^()（）\[\]【】［］]*)[)）\]】］]\s*[:：]?\s*", re.DOTALL)
_BREAK = re.compile(r"[/／_\-—:：,，、|\s]+")
_REMARK = re.compile(
    r"必填|非必填|选填|可选|可空|required|optional|mandatory|gcj-?02|bd-?09|wgs-?84|高德|百度|火星|y{4}.*|[\d\W]*"
)
_DECLARED = re.compile(r"(?:计量)?(?:单位|units?)\s*[:：]\s*([^()（）]+)", re.IGNORECASE)
_PLAIN = frozenset(" ".join(NOUNS[noun] for noun in ("parcel", "cell", "station")).split())


def split(header: str) -> tuple[str, str]:
    """Take the unit off a header: `"业务量(万件)"` is `("业务量", "万件")`.

    Returns
    -------
    str, str
        What is left, and the unit as written: what stands in brackets at the end, unless it is a remark such as
        "required" (left out as well), or a unit behind a slash, a space or an underscore; "" for none.
    """
    written = header.strip()
    bracket = _BRACKET.fullmatch(written)
    if bracket and bracket[1]:
        unit = re.sub(r"^(?:计量)?单位\s*[:：]?\s*", "", bracket[2].strip())
        return bracket[1], "" if _REMARK.fullmatch(unit.casefold()) and not _is_unit(unit) else unit
    for gap in _BREAK.finditer(written):
        base, tail = written[: gap.start()], written[gap.end() :]
        if base and _is_tail(tail, "/" in unicodedata.normalize("NFKC", gap[0])):
            return base, f"/{tail}" if _fold(tail) in _words(DAYS) else tail
    base = re.sub(r"\s*[%％‰]$", "", written)
    return (base, written[-1]) if base and base != written else (written, "")


def factor(unit: str, column: Column) -> float | None:
    """What a cell is multiplied by to be in the unit of its column.

    Parameters
    ----------
    unit : str
        As written, such as 万件, 分/件, "CNY/month" or "%"; of several ("万件、亿元") the first that suits counts.
    column : Column
        The numbers' column; other types have no unit, their factor is 1.

    Returns
    -------
    float or None
        None when it is not a unit of that column.
    """
    if column.type not in NUMBERS or not unit.strip():
        return 1.0
    found = (_factor(_fold(part), column) for part in re.split("[、,，;；]", re.sub(r"(\d),(\d)", r"\1\2", unit)))
    return next((number for number in found if number is not None), None)


def note(unit: str, column: Column) -> str:
    """Code of what is to be said of a unit: "unknown_unit", "unit_converted" from another period, or ""."""
    number = factor(unit, column)
    if number is None:
        return "unknown_unit"
    period = _COUNTED.get(column.unit, ("", ""))[1]
    converted = period in DAYS and {each for each in _periods(unit) if each != period}
    return "unit_converted" if converted and column.type in NUMBERS else ""


def from_preamble(records: Sequence[Sequence[str]]) -> str:
    """Unit declared above a table, as in "单位：万件" or "(unit: million)"; "" for none."""
    found = (_DECLARED.search(cell) for record in records for cell in record)
    return next((match[1].strip() for match in found if match), "")


def _fold(unit: str) -> str:
    return re.sub(r"[\s_·.]+", "", unicodedata.normalize("NFKC", simple(unit)).casefold())


def _words(nouns: Iterable[str]) -> set[str]:
    return {word for noun in nouns for word in NOUNS[noun].split()}


def _is_tail(tail: str, slash: bool) -> bool:
    """Whether a text behind a base is a unit; a plain English word or letter is one behind a slash alone."""
    unit = _fold(tail)
    if unit in SHARES:
        return SHARES[unit] < 1
    if unit in _words(DAYS):
        return slash
    plain = unit.isascii() and (unit in _PLAIN or len(unit) == 1)
    return _is_unit(unit) and (slash or not plain)


def _is_unit(text: str) -> bool:
    unit = _fold(text)
    return bool(unit) and (unit in SHARES or bool(_UNIT.fullmatch(unit)))


def _nouns(word: str) -> set[str]:
    return {noun for noun, words in NOUNS.items() if word in words.split()}


def _periods(unit: str) -> set[str]:
    return {noun for word in _EACH.findall(_fold(unit)) for noun in _nouns(word)} & set(DAYS)


def _factor(unit: str, column: Column) -> float | None:
    if column.type == "fraction":
        return SHARES.get(unit)
    parts = _UNIT.fullmatch(unit)
    if not parts or (column.unit == "degree" and (parts[1] or parts[3])):
        return None
    counted, period = _COUNTED.get(column.unit, ("", ""))
    scale = SCALES.get(parts[1] or "", 1.0) * SCALES.get(parts[3] or "", 1.0)
    return _times(scale, _coin(parts[2] or "", counted), _each(_EACH.findall(parts[4]), period))


def _times(*numbers: float | None) -> float | None:
    product = 1.0
    for number in numbers:
        if number is None:
            return None
        product *= number
    return product


def _coin(word: str, counted: str) -> float | None:
    """Size of a noun in the column's own; None when the column counts something else."""
    nouns = _nouns(word)
    if counted == "money":
        return next((MONEY[noun] for noun in nouns if noun in MONEY), None if word else 1.0)
    return 1.0 if not word or counted in nouns else None


def _each(words: list[str], period: str) -> float | None:
    """Factor from the periods of a unit to that of the column; a unit without any has the column's."""
    meant = [noun for word in words for noun in _nouns(word) if noun in {"parcel", *DAYS}]
    if not meant:
        return 1.0
    if len(meant) > 1 or (meant[0] != period and not {meant[0], period} <= set(DAYS)):
        return None
    return 1.0 if meant[0] == period else DAYS[period] / DAYS[meant[0]]
