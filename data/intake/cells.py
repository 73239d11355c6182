"""What a cell of text means, as SQL: its blanks, numbers with units of their own, and dates in every usual form."""

import math
from collections.abc import Mapping
from functools import cache

from data.contract import Column
from data.intake import units

BAD = {
    "number": "not_a_number",
    "integer": "not_a_number",
    "fraction": "not_a_number",
    "date": "bad_date",
    "month": "bad_month",
}
"""Problem of a cell that is no value of its type; types absent here are texts."""
BLANKS = ("-", "--", "—", "——", "–", "－", "/", "／", "n/a", "na", "null", "none", "无", "暂无", "#n/a", "#null!")
"""What people write into a cell that holds nothing, in lower case."""
SPACES = " \t\r\n\v\f\u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u2060\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x2010))
)
_WIDE = "".join(map(chr, range(0xFF01, 0xFF5F))) + "￥\u2212" + SPACES
_HALF = "".join(map(chr, range(0x21, 0x7F))) + "¥-" + " " * len(SPACES)
_NEAR_SCALED, _NEAR = 1e-6, 1e-9
"""Part of a number by which it may miss a whole one: once multiplied, and as written."""
_SIZES = ("", *(word for word in units.SCALES if not any(mark.isdigit() for mark in word)))
_NOUNS = ("", *dict.fromkeys(" ".join([*units.NOUNS.values(), *units.SHARES]).split()))
_MONEY = ("", "¥", "人民币", "rmb", "cny", "yuan")
_SIGNS = {lead: -1.0 if "-" in lead else 1.0 for s in ("", "+", "-") for m in _MONEY for lead in (s + m, m + s)} | {
    f"({money}": -1.0 for money in _MONEY
}
_NUMBER = r"^([^\d.]*)([\d.][\d,. ]*)([^\d,. ][^\d]*)?$"
"""What stands before the digits, the digits, and what stands behind them."""
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?: \d{3}){2,}(?:\.\d+)?|\d+\.?\d*|\.\d+"
"""Digits; two groups of them with a blank between may be two numbers."""
_GROUPS = "([0-9０-９])[\u00a0\u2007-\u2009\u202f\u3000]([0-9０-９])"
"""Digits grouped by a space that keeps them together."""
_FORMULA = r"[=@].*|[-+].*\(.*"
_TIME = r"(?:[t ]\s*(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?: ?[ap]m)?(?:\+08:?00)?)?"
_MIDNIGHT = r"(?:[t ]\s*00?:00(?::00(?:\.0+)?)?(?:\+08:?00)?| 12:00(?::00)? ?am)?"
_MONTHS = (
    "jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?", "aug(?:ust)?",
    "sept?(?:ember)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?",
)  # fmt: skip
_GAP, _NAMED, _NEAR_YEAR = r"\s*[-/., ]?\s*", "\x02(\\d\\d)", r"([1-4]\d)"
_DAY_FORMS = (
    (r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?\s*(?:(?:星期|周).)?", r"\1-\2-\3"),
    (r"(\d{4})(\d\d)(\d\d)(?:\.0+)?", r"\1-\2-\3"),
    (rf"(\d{{1,2}}){_GAP}{_NAMED}{_GAP}(\d{{4}})", r"\3-\2-\1"),
    (rf"{_NAMED}\s*(\d{{1,2}})[,\s]+(\d{{4}})", r"\3-\1-\2"),
    (rf"(\d{{4}}){_GAP}{_NAMED}{_GAP}(\d{{1,2}})", r"\1-\2-\3"),
)
"""Ways to write a day, and the way from there to year, month and day; a month's name is a mark and its number."""
_MONTH_FORMS = (
    (r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*(?:月份?)?", r"\1-\2-1"),
    (r"(\d{4})(\d\d)(?:\.0+)?", r"\1-\2-1"),
    (r"(\d{1,2})\s*[-/.]\s*(\d{4})", r"\2-\1-1"),
    (rf"([2-4]\d){_GAP}{_NAMED}", r"20\1-\2-1"),
    (rf"{_NAMED}{_GAP}{_NEAR_YEAR}", r"20\2-\1-1"),
    (rf"(\d{{4}}){_GAP}{_NAMED}", r"\1-\2-1"),
    (rf"{_NAMED}{_GAP}(\d{{4}})", r"\2-\1-1"),
)
_TWO_WAYS = (
    rf"(?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|1[0-2])[-/.]\d{{4}}{_TIME}|"
    rf"\d{{1,2}}{_GAP}{_NAMED}(?:{_GAP}\d\d)?|{_NAMED}{_GAP}\d{{1,2}}"
)
"""Day or month first; day or year."""
_SERIAL = r"[2-7]\d{4}(?:\.0+)?"
_YEARS = "BETWEEN DATE '2000-01-01' AND DATE '2099-12-31'"


def quote(name: str) -> str:
    """Name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def clean_sql(written: str, *, text: bool = False) -> str:
    """Content of a cell: no spaces around it, no ="..." or apostrophe that keeps it a text; NULL where it is blank.

    Parameters
    ----------
    written : str
        SQL of the cell as written.
    text : bool
        Whether the column holds texts: there an apostrophe goes only where it stands before what Excel would run.
    """
    lead, kept = ("^'('*[=+@\t\r\n＝＋－＠-])", r"\1") if text else ("^'+", "")
    freed = r"""regexp_replace(w, '^="([^"]*)"$', '\1')"""
    odd = f"nullif(regexp_replace({freed}, {literal(lead)}, {literal(kept)}), '')"
    return _let(
        "w", _trimmed(written), f"CASE WHEN w[1] IN ('=', '''') THEN {odd} WHEN NOT {_is_blank('w')} THEN w END"
    )


def blank_sql(written: str) -> str:
    """Condition: a cell is empty, or says in words that it is; NULL for NULL."""
    return _let("w", _trimmed(written), _is_blank("w"))


def value_sql(column: Column, text_sql: str, factor: float = 1.0) -> str:
    """Value of a clean cell: DOUBLE, DATE or the text itself; NULL when it cannot be read.

    Parameters
    ----------
    column : Column
    text_sql : str
        SQL of the cell, as `clean_sql` gives it.
    factor : float
        What a number is multiplied by, unless it has that unit itself.
    """
    if column.type in units.NUMBERS:
        return _number(column, text_sql, factor)
    return _date(text_sql, month=column.type == "month") if column.type in BAD else text_sql


def number_sql(text_sql: str) -> str:
    """Value of a clean cell as a number without any unit but percent: short, for tables of a thousand columns."""
    digits = "try_cast(replace(replace(rtrim(h, '%'), ',', ''), ' ', '') AS DOUBLE)"
    share = f"{digits} / CASE WHEN ends_with(h, '%') THEN 100 ELSE 1 END"
    grouped = f"CASE WHEN regexp_full_match(h, {literal(f'[-+]?(?:{_DIGITS})%?')}) THEN {share} END"
    odd = _let("h", _half_width(_joined(text_sql)), grouped)
    return _let("v", f"coalesce({_double(text_sql)}, {odd})", "CASE WHEN isfinite(v) THEN v END")


def scaled_sql(number: str, column: Column, factor: float) -> str:
    """Value of a number without a unit of its own: multiplied, and whole where it should be and nearly is."""
    scale, period = _taken_apart(factor)
    near = "1" if period != 1 else repr(_NEAR_SCALED if scale != 1 else _NEAR)
    product = _product(number, repr(scale), repr(period)) if factor != 1 else number
    return _whole(product, column, near)


def problem_code_sql(column: Column, text_sql: str) -> str:
    """Problem code of a clean cell that `value_sql` cannot read."""
    if column.type in units.NUMBERS:
        otherwise = f"WHEN {_number(column, text_sql, 1.0)} IS NOT NULL THEN 'unit_twice'"
    else:
        otherwise = f"WHEN regexp_full_match({_dated(text_sql)}, {literal(_TWO_WAYS)}) THEN 'ambiguous_date'"
    formula = f"WHEN regexp_full_match({text_sql}, {literal(_FORMULA)}) THEN 'formula'"
    return f"CASE {formula} {otherwise} ELSE {literal(BAD[column.type])} END"


def _let(name: str, value: str, body: str) -> str:
    return f"list_transform([{value}], lambda {name}: {body})[1]"


def _trimmed(written: str) -> str:
    padded = f"regexp_matches({written}, {literal(f'^[{SPACES}]|[{SPACES}]$')})"
    return f"CASE WHEN {padded} THEN trim({written}, {literal(SPACES)}) ELSE {written} END"


def _is_blank(trimmed: str) -> str:
    return f"lower({trimmed}) IN ('', {', '.join(map(literal, BLANKS))})"


def _double(text: str) -> str:
    """Number as a machine writes it; DuckDB alone takes 1_000 for one."""
    return f"CASE WHEN NOT contains({text}, '_') THEN try_cast({text} AS DOUBLE) END"


def _joined(text: str) -> str:
    return f"regexp_replace({text}, {literal(_GROUPS)}, '\\1,\\2', 'g')"


def _half_width(text: str) -> str:
    plain = f"translate({text}, {literal(_WIDE)}, {literal(_HALF)})"
    return f"lower(CASE WHEN regexp_full_match({text}, '[ -~\\p{{Han}}]*') THEN {text} ELSE {plain} END)"


def _number(column: Column, text: str, factor: float) -> str:
    """Plain digits at once; any other writing only where that fails."""
    plain = scaled_sql(_double(text), column, factor)
    parts = f"regexp_extract({_half_width(_joined(text))}, {literal(_NUMBER)}, ['lead', 'digits', 'tail'])"
    odd = _let("p", parts, _let("q", _worths(column), _assembled(column, factor)))
    return _let("v", f"coalesce({plain}, {odd})", "CASE WHEN isfinite(v) THEN v END")


@cache
def _worths(column: Column) -> str:
    """Struct of what the parts `p` of a number are worth in the column: NULL for one that has no place in it."""
    priced = column.unit == "" or units.factor("元", column) is not None
    signs = {lead: sign for lead, sign in _SIGNS.items() if priced or not lead.strip("(+-")}
    sizes = {size + noun: units.factor(size + noun, column) for noun in _NOUNS for size in _SIZES}
    periods = {noun: units.factor(f"/{noun}" if noun else "", column) for noun in _NOUNS}
    sound = (
        f"regexp_full_match(trim(p.digits), {literal(_DIGITS)}) AND starts_with(w.lead, '(') = ends_with(w.tail, ')')"
    )
    second = "coalesce(w.units[2], '')"
    digits = "try_cast(replace(replace(p.digits, ',', ''), ' ', '') AS DOUBLE)"
    return _let(
        "w",
        "{lead: replace(p.lead, ' ', ''), tail: replace(p.tail, ' ', ''), "
        "units: string_split(rtrim(replace(replace(p.tail, ' ', ''), '每', '/'), ')'), '/')}",
        f"{{number: CASE WHEN {sound} AND len(w.units) < 3 THEN {_worth('w.lead', signs)} * {digits} END, "
        f"size: {_worth('w.units[1]', sizes)}, each: {_worth(second, periods)}, "
        "sized: w.units[1] <> '' OR ltrim(w.lead, '(+-') <> '', timed: len(w.units) = 2}",
    )


def _worth(word: str, numbers: Mapping[str, float | None]) -> str:
    known = {word: number for word, number in numbers.items() if number is not None}
    words, worths = literal("|".join(known)), literal("|".join(map(repr, known.values())))
    return f"string_split({worths}, '|')[list_position(string_split({words}, '|'), {word})]::DOUBLE"


def _assembled(column: Column, factor: float) -> str:
    """Number of the parts' worths `q`, NULL where they contradict the factor."""
    scale, period = _taken_apart(factor)
    size, each = _agreed("q.size", "q.sized", scale), _agreed("q.each", "q.timed", period)
    near = f"CASE WHEN {each} <> 1 THEN 1 WHEN {size} <> 1 THEN {_NEAR_SCALED} ELSE {_NEAR} END"
    return _whole(_product("q.number", size, each), column, near)


def _agreed(own: str, given: str, header: float) -> str:
    """Size that a cell gives itself, or that of the header; NULL where both do and differ."""
    if header == 1:
        return own
    same = f"CASE WHEN abs({own} / {header!r} - 1) < {_NEAR} THEN {header!r} END"
    return f"CASE WHEN {given} THEN {same} ELSE {header!r} END::DOUBLE"


def _product(number: str, size: str, each: str) -> str:
    """A small size divides, so that 35 % is 0.35 to the last bit."""
    return f"(CASE WHEN {size} < 1 THEN {number} / round(1 / {size}) ELSE {number} * {size} END * {each})"


def _whole(number: str, column: Column, near: str) -> str:
    if column.type != "integer":
        return number
    missed = f"abs(n - round(n)) <= {near} * greatest(abs(n), 1)"
    return _let("n", number, f"CASE WHEN {missed} THEN round(n) ELSE n END")


def _taken_apart(factor: float) -> tuple[float, float]:
    """Factor as a power of ten and a ratio of periods."""
    lengths = units.DAYS.values()
    for period in (1.0, *(into / of for into in lengths for of in lengths)):
        power = math.log10(factor / period)
        if abs(power - round(power)) < _NEAR:
            return 10.0 ** round(power), period
    return 1.0, factor


def _dated(text: str) -> str:
    """Half-width text in which the name of a month is a mark and its number."""
    found = _half_width(text)
    for number, name in enumerate(_MONTHS, 1):
        found = f"regexp_replace({found}, '{name}\\.?', '\x02{number:02}')"
    return found


def _date(text: str, *, month: bool) -> str:
    """Day, or the first of its month; years 2000 to 2099."""
    time, more = (_MIDNIGHT, _MONTH_FORMS) if month else (_TIME, ())
    forms = [(form + time, parts) for form, parts in _DAY_FORMS] + list(more)
    tried = [
        f"CASE WHEN regexp_full_match(s, {literal(form)}) "
        f"THEN try_cast(regexp_replace(s, {literal(f'^(?:{form})$')}, '{parts}') AS DATE) END"
        for form, parts in forms
    ]
    serial = f"CASE WHEN regexp_full_match(s, {literal(_SERIAL)}) THEN DATE '1899-12-30' + s::DOUBLE::INTEGER END"
    first = "date_trunc('month', d)::DATE"
    kept = f"CASE WHEN d {_YEARS} THEN {first if month else 'd'} END"
    return _let("s", _dated(text), _let("d", f"coalesce({', '.join([*tried, serial])})", kept))
