"""A scenario as a file and as one value of a link. Both are read as a stranger's: checked field by field.

A link is pieces joined by "~", fields joined by ".":
`n.Plan~m.24~g.0.04~l.duoduo.subsidy.0.05.t3.t4.s3~r.cainiao.match.0.5.w3~a.margin_cny_per_parcel.0.4`.
Levers (l): network, kind, change, then t tier ("n" is New Tier 1; several tiers are several levers), g region,
p province, c adcodes joined by "-" (their last 00 may be left out; `1301_1311` is all from one to the other), d the
same by tier and then adcode, k courier, s start month, r months to full size, e end month. Rules (r): network, kind,
share, w months of lag, b budget. Texts write a blank as "-" and other marks as their code point (`_26_` is &).
"""

import json
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, replace
from itertools import groupby
from typing import Any

from analysis.rivalry.rules import Rule
from analysis.scenario import fields as check
from analysis.scenario import spans
from analysis.scenario.fields import ScenarioFileError
from analysis.scenario.levers import Lever, Scenario
from data.cities import TIERS
from data.platforms import PLATFORMS

__all__ = ["ScenarioFileError", "from_json", "from_link", "to_json", "to_link"]

FORMAT = 1
LONGEST_LINK = 16_000
LONGEST_FILE = 400_000
_CODES = {tier.replace("New Tier 1", "n").removeprefix("Tier "): tier for tier in TIERS}
_LETTERS = {tier: code for code, tier in _CODES.items()}
_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?(e-?[0-9]{1,3})?")


def to_json(scenario: Scenario) -> str:
    """File that restores `scenario` anywhere; only what differs from the defaults is written."""
    document: dict[str, Any] = {"posthouse": "scenario", "format": FORMAT}
    document |= {key: value for key, value in asdict(scenario).items() if value not in ((), "")}
    document["levers"] = [_changed(lever, Lever(lever.platform, lever.change)) for lever in scenario.levers]
    document["rules"] = {name: _changed(rule, Rule()) for name, rule in scenario.rules}
    document["assumptions"] = dict(scenario.assumptions)
    return json.dumps(document, ensure_ascii=False, indent=1)


def _changed(given: Lever | Rule, default: Lever | Rule) -> dict[str, Any]:
    """Fields of `given` that differ from `default`, and those without a default."""
    plain = asdict(default)
    kept = ("platform", "kind", "change")
    return {key: value for key, value in asdict(given).items() if key in kept or value != plain[key]}


def from_json(text: str | bytes, *, platforms: Collection[str] = PLATFORMS) -> Scenario:
    """Scenario of a file.

    Parameters
    ----------
    platforms : collection of str
        Networks it may name.

    Raises
    ------
    ScenarioFileError
        For the first field that cannot be read.
    """
    document = _parse(text)
    known = ("posthouse", "format", *asdict(Scenario("")))
    check.fields(document, known, where="file")
    if document.get("posthouse") != "scenario":
        raise ScenarioFileError("other_file")
    if check.whole(document.get("format"), "format", 1, 1e6) > FORMAT:
        raise ScenarioFileError("newer", value=document["format"], most=FORMAT)
    levers = check.typed(document.get("levers", []), list, "levers")
    rules = check.typed(document.get("rules", {}), dict, "rules")
    assumptions = check.typed(document.get("assumptions", {}), dict, "assumptions")
    check.few(levers, "levers", check.MOST_LEVERS)
    return Scenario(
        check.line(document.get("name", ""), "name", check.LONGEST_NAME),
        tuple(check.lever(item, f"levers[{i}]", platforms) for i, item in enumerate(levers, 1)),
        check.whole(document.get("version", 1), "version", 1, 1e9),
        rules=tuple((check.one_of(name, "rules", platforms), check.rule(item, name)) for name, item in rules.items()),
        months=check.whole(document.get("months", 12), "months", 1, check.MOST_MONTHS),
        growth_per_year=check.number(document.get("growth_per_year", 0.0), "growth_per_year", -0.5, 1.0),
        assumptions=tuple((key, check.assumption(key, value)) for key, value in assumptions.items()),
        note=check.words(document.get("note", ""), "note", check.LONGEST_NOTE),
        preset=check.line(document.get("preset", ""), "preset", check.LONGEST_NAME),
    )


def _parse(text: str | bytes) -> dict[str, Any]:
    check.few(text, "file", LONGEST_FILE, code="too_long")
    try:
        return check.typed(json.loads(text, object_pairs_hook=_object), dict, "file")
    except (ScenarioFileError, RecursionError, ValueError) as error:
        raise (error if isinstance(error, ScenarioFileError) else ScenarioFileError("no_json")) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for key, value in pairs:
        if key in seen:
            raise ScenarioFileError("repeated", field=key)
        seen[key] = value
    return seen


def to_link(scenario: Scenario) -> str:
    """The whole scenario as one value of a link: letters, figures and `-._~` (other letters as they are).

    Raises
    ------
    ScenarioFileError
        "too_long" or "too_many" when `from_link` would not read it.
    """
    check.few(scenario.levers, "levers", check.MOST_LEVERS)
    start = Scenario("")
    pieces = [f"n.{_escape(scenario.name, keep='.')}"]
    pieces += [f"v.{scenario.version}"] if scenario.version != start.version else []
    pieces += [f"m.{scenario.months}"] if scenario.months != start.months else []
    pieces += [f"g.{_digits(scenario.growth_per_year)}"] if scenario.growth_per_year else []
    pieces += [f"p.{_escape(scenario.preset)}"] if scenario.preset else []
    pieces += [f"o.{_escape(scenario.note, keep='.')}"] if scenario.note else []
    for (_, lever), family in groupby(scenario.levers, lambda one: (one.tier is None, replace(one, tier=None))):
        tiers = [one.tier for one in family]
        groups = [tiers] if tiers[0] else [[tier] for tier in tiers]
        pieces += [
            _lever_piece(lever, [_LETTERS.get(tier, _escape(tier)) for tier in group if tier]) for group in groups
        ]
    pieces += [_rule_piece(name, rule) for name, rule in scenario.rules]
    pieces += [f"a.{key}.{_digits(value)}" for key, value in scenario.assumptions]
    link = "~".join(pieces)
    check.few(link, "link", LONGEST_LINK, code="too_long")
    return link


def _lever_piece(lever: Lever, tiers: list[str | None]) -> str:
    fields = [f"l.{lever.platform}.{lever.kind}.{_digits(lever.change)}", *_tier_fields(tiers)]
    texts = (("g", lever.region), ("p", lever.province), ("k", lever.courier))
    fields += [f"{letter}{_escape(text)}" for letter, text in texts if text]
    fields += [spans.written(lever.cities)] if lever.cities else []
    fields += [f"s{lever.start_month}"] if lever.start_month != 1 else []
    fields += [f"r{lever.ramp_months}"] if lever.ramp_months else []
    fields += [f"e{lever.end_month}"] if lever.end_month is not None else []
    return ".".join(fields)


def _tier_fields(tiers: list[str | None]) -> list[str]:
    return [f"t{_LETTERS.get(tier, _escape(tier))}" for tier in tiers if tier]


def _rule_piece(name: str, rule: Rule) -> str:
    fields = [f"r.{name}.{rule.kind}" + (f".{_digits(rule.share)}" if rule.share != 1 else "")]
    fields += [f"w{rule.lag_months}"] if rule.lag_months != 1 else []
    fields += [f"b{_digits(rule.budget_cny_per_month)}"] if rule.budget_cny_per_month else []
    return ".".join(fields)


def from_link(text: str, *, platforms: Collection[str] = PLATFORMS) -> tuple[Scenario, tuple[ScenarioFileError, ...]]:
    """Scenario of a link, and what of the link could not be read and was left out.

    Raises
    ------
    ScenarioFileError
        "too_long" or "too_many": nothing of it is read.
    """
    check.few(text, "link", LONGEST_LINK, code="too_long")
    found: dict[str, list[Any]] = {letter: [] for letter in _READ}
    problems = []
    for piece in filter(None, text.split("~")):
        try:
            _add(piece, found, platforms)
        except ScenarioFileError as problem:
            problems.append(problem)
        check.few(found["l"], "levers", check.MOST_LEVERS)
    names = {"n": "name", "v": "version", "m": "months", "g": "growth_per_year", "p": "preset", "o": "note"}
    given = {name: found[letter][0] for letter, name in names.items() if found[letter]}
    lists = {"levers": tuple(found["l"]), "rules": tuple(found["r"]), "assumptions": tuple(found["a"])}
    return Scenario(**{"name": "", **given, **lists}), tuple(problems)


def _add(piece: str, found: dict[str, list[Any]], platforms: Collection[str]) -> None:
    """Read one piece; refuse a second name, length, rule of a network or value of an assumption."""
    letter, _, rest = piece.partition(".")
    if letter not in _READ:
        raise ScenarioFileError("unreadable", value=piece)
    values = list(_READ[letter](rest, platforms))
    taken, given = ([item[0] if letter in "ra" else letter for item in items] for items in (found[letter], values))
    if letter != "l" and set(taken) & set(given):
        raise ScenarioFileError("repeated", field=given[0])
    found[letter] += values


def _read_levers(rest: str, platforms: Collection[str]) -> Iterator[Lever]:
    platform, change, *fields = _split(rest, 2)
    kind, _, amount = change.partition(".")
    raw: dict[str, Any] = {"platform": platform, "kind": kind, "change": _parsed(amount, "change")}
    single = {"g": "region", "p": "province", "k": "courier", "s": "start_month", "r": "ramp_months", "e": "end_month"}
    tiers: list[str | None] = []
    for field in fields:
        letter, value = field[:1], field[1:]
        if letter == "t":
            tiers.append(_CODES[check.one_of(value, "tier", _CODES)])
        elif letter in spans.orders():
            raw.setdefault("cities", []).extend(spans.read(value, letter))
        elif letter not in single or single[letter] in raw:
            raise ScenarioFileError("unreadable", value=f"l.{rest}")
        else:
            raw[single[letter]] = _parsed(value, single[letter]) if letter in "sre" else _unescape(value)
    check.few(tiers, "tier", check.MOST_LEVERS)
    for tier in tiers or [None]:
        yield check.lever({**raw, "tier": tier}, f"l.{platform}.{kind}", platforms)


def _read_rule(rest: str, platforms: Collection[str]) -> Iterator[tuple[str, Rule]]:
    name, rule, *fields = _split(rest, 2)
    kind, _, share = rule.partition(".")
    raw: dict[str, Any] = {"kind": kind} | ({"share": _parsed(share, "share")} if share else {})
    names = {"w": "lag_months", "b": "budget_cny_per_month"}
    for field in fields:
        if field[:1] not in names:
            raise ScenarioFileError("unreadable", value=f"r.{rest}")
        raw[names[field[:1]]] = _parsed(field[1:], names[field[:1]])
    yield check.one_of(name, "rules", platforms), check.rule(raw, name)


def _read_assumption(rest: str, _: Collection[str]) -> Iterator[tuple[str, float]]:
    key, _, value = rest.partition(".")
    yield key, check.assumption(key, _parsed(value, key))


_READ: dict[str, Callable[[str, Collection[str]], Iterable[Any]]] = {
    "n": lambda rest, _: [check.line(_unescape(rest), "name", check.LONGEST_NAME)],
    "v": lambda rest, _: [check.whole(_parsed(rest, "version"), "version", 1, 1e9)],
    "m": lambda rest, _: [check.whole(_parsed(rest, "months"), "months", 1, check.MOST_MONTHS)],
    "g": lambda rest, _: [check.number(_parsed(rest, "growth_per_year"), "growth_per_year", -0.5, 1.0)],
    "p": lambda rest, _: [check.line(_unescape(rest), "preset", check.LONGEST_NAME)],
    "o": lambda rest, _: [check.words(_unescape(rest), "note", check.LONGEST_NOTE)],
    "l": _read_levers,
    "r": _read_rule,
    "a": _read_assumption,
}


def _split(rest: str, least: int) -> list[str]:
    """Fields of a piece: a point before a figure belongs to the number."""
    parts = re.split(r"\.(?!-?[0-9])", rest)
    if len(parts) < least:
        raise ScenarioFileError("unreadable", value=rest)
    return parts


def _parsed(text: str, field: str) -> float:
    if _NUMBER.fullmatch(text) is None:
        raise ScenarioFileError("not_a_number", field=field, value=text)
    return float(text)


def _digits(value: float) -> str:
    """Shortest figures that read back as `value`."""
    whole_number = abs(value) < 1e15 and value == int(value)
    return str(int(value)) if whole_number else repr(float(value)).replace("e+", "e")


def _escape(text: str, *, keep: str = "") -> str:
    marks = {" ": "-"}
    return "".join(c if c.isalnum() or c in keep else marks.get(c, f"_{ord(c):x}_") for c in text)


def _unescape(text: str) -> str:
    def letter(found: re.Match[str]) -> str:
        point = int(found[1], 16)
        return chr(point) if point <= sys.maxunicode else found[0]

    return re.sub(r"_([0-9a-f]{1,6})_", letter, text.replace("-", " "))
