"""Fields of a scenario that a stranger may have written: each is checked, and refused with words that help."""

import math
from collections.abc import Collection
from functools import cache
from typing import Any, TypeVar

from analysis.economics.assumptions import ABOVE_ZERO, ASSUMPTIONS
from analysis.rivalry.rules import KINDS as RULES
from analysis.rivalry.rules import Rule
from analysis.scenario.levers import KINDS, Lever
from data.cities import REGIONS, TIERS, cities

T = TypeVar("T")
MOST_LEVERS = 800
LONGEST_NAME = 120
LONGEST_NOTE = 2_000
MOST_MONTHS = 120
MOST_CNY = 1e12
SHOWN = 60
BEYOND = 10.0
"""A number may lie as many times beyond the range of its slider or assumption as this."""
MESSAGES = {
    "too_long": "{field} holds {n} characters: give at most {most}",
    "too_many": "{field}: {n} are given; give at most {most}",
    "no_json": "this is no scenario file: choose a file that Posthouse wrote (JSON)",
    "other_file": "this file holds no scenario: choose a scenario file that Posthouse wrote",
    "newer": "the file is of format {value}, this Posthouse reads up to {most}: update Posthouse",
    "unknown_field": "{field} is no field of a scenario file: take it out",
    "missing": "{field} is missing: add it",
    "not_text": "{field} is no plain text: write letters, figures and marks",
    "not_a_list": "{field} must be a list or an object as Posthouse writes it: restore it",
    "not_a_number": "{field} is {value}: give a number",
    "out_of_range": "{field} is {value}: give {low} to {high}",
    "unknown": "{field} is {value}, which is not known here: choose from {choices}",
    "no_snapshot": "the market of this save cannot be read: save the scenario again on today's market",
    "unreadable": "{value} cannot be read: open the scenario where it was made and copy its link again",
    "repeated": "{field} is given twice: keep one",
    "ends_early": "{field}: the end month {value} is not after the start: give a later one",
}


class ScenarioFileError(ValueError):
    """A scenario that cannot be read: which field, what is wrong, how to mend it.

    Attributes
    ----------
    code : str
        One of too_long, too_many, no_json, other_file, newer, unknown_field, missing, not_text, not_a_list,
        not_a_number, out_of_range, unknown, no_snapshot, unreadable, repeated, ends_early; words are
        under `keep.error_<code>`.
    values : dict
        Strings for those words: field, value, low, high, choices, n, most.
    """

    def __init__(self, code: str, **values: object) -> None:
        self.code = code
        self.values = {key: _shown(value) for key, value in values.items()}
        super().__init__(MESSAGES[code].format(**self.values))


def fields(raw: Any, known: Collection[str], *, where: str) -> None:
    """Refuse what is no object, and fields that nobody knows."""
    for name in typed(raw, dict, where):
        if name not in known:
            raise ScenarioFileError("unknown_field", field=f"{where}.{name}")


def typed(raw: Any, kind: type[T], field: str) -> T:
    """`raw` if it is a `kind`."""
    if not isinstance(raw, kind):
        raise ScenarioFileError("not_a_list", field=field)
    return raw


def few(items: Collection[Any], field: str, most: int, *, code: str = "too_many") -> None:
    """Refuse more than `most` items."""
    if len(items) > most:
        raise ScenarioFileError(code, field=field, n=len(items), most=most)


def words(raw: Any, field: str, longest: int) -> str:
    """Text without control marks; lines may break."""
    if raw is None:
        raise ScenarioFileError("missing", field=field)
    if not isinstance(raw, str) or not raw.replace("\n", " ").isprintable():
        raise ScenarioFileError("not_text", field=field)
    few(raw, field, longest, code="too_long")
    return raw


def line(raw: Any, field: str, longest: int) -> str:
    """Text without control marks on one line: a name."""
    return words(raw, field, longest).replace("\n", " ")


def number(raw: Any, field: str, low: float, high: float) -> float:
    """Finite number within its limits."""
    if raw is None:
        raise ScenarioFileError("missing", field=field)
    if isinstance(raw, bool) or not isinstance(raw, int | float) or abs(raw) == math.inf or raw != raw:
        raise ScenarioFileError("not_a_number", field=field, value=raw)
    if not low <= raw <= high:
        raise ScenarioFileError("out_of_range", field=field, value=raw, low=low, high=high)
    return float(raw)


def whole(raw: Any, field: str, low: float, high: float) -> int:
    """Whole number within its limits."""
    value = number(raw, field, low, high)
    if value != int(value):
        raise ScenarioFileError("not_a_number", field=field, value=raw)
    return int(value)


def one_of(raw: Any, field: str, choices: Collection[str]) -> str:
    """`raw` if it is one of `choices`."""
    if not isinstance(raw, str) or raw not in choices:
        some = list(choices)[:12]
        raise ScenarioFileError("unknown", field=field, value=raw, choices=", ".join(map(str, some)))
    return raw


def assumption(key: Any, raw: Any) -> float:
    """Value of an assumption: 0 or more, above 0 where others are divided by it."""
    known = ASSUMPTIONS[one_of(key, "assumptions", ASSUMPTIONS)]
    return number(raw, key, known.low / BEYOND if key in ABOVE_ZERO else 0.0, BEYOND * known.high)


def rule(raw: Any, field: str) -> Rule:
    """How a network answers, from its plain fields."""
    fields(raw, ("kind", "share", "lag_months", "budget_cny_per_month"), where=field)
    kind = one_of(raw.get("kind", "static"), f"{field}.kind", RULES)
    least = 1 if kind in ("best_response", "budget") else 0
    return Rule(
        kind,
        number(raw.get("share", 1.0), f"{field}.share", 0.0, 2.0),
        whole(raw.get("lag_months", 1), f"{field}.lag_months", least, MOST_MONTHS),
        number(raw.get("budget_cny_per_month", 0.0), f"{field}.budget_cny_per_month", 0.0, MOST_CNY),
    )


def lever(raw: Any, field: str, platforms: Collection[str]) -> Lever:
    """A lever, from its plain fields."""
    fields(raw, Lever.__dataclass_fields__, where=field)
    kind = KINDS[one_of(raw.get("kind", "subsidy"), f"{field}.kind", KINDS)]
    places = typed(raw.get("cities", []), list, f"{field}.cities")
    few(places, f"{field}.cities", len(_places()[1]))
    start = whole(raw.get("start_month", 1), f"{field}.start_month", 1, MOST_MONTHS)
    end = raw.get("end_month")
    if end is not None and whole(end, f"{field}.end_month", 1, MOST_MONTHS + 1) <= start:
        raise ScenarioFileError("ends_early", field=field, value=end)
    return Lever(
        one_of(raw.get("platform"), f"{field}.platform", platforms),
        number(raw.get("change"), f"{field}.change", BEYOND * min(kind.low, 0.0), BEYOND * kind.high),
        _place(raw, "tier", field, TIERS),
        kind=kind.key,
        region=_place(raw, "region", field, REGIONS),
        province=_place(raw, "province", field, _places()[0]),
        cities=tuple(one_of(place, f"{field}.cities", _places()[1]) for place in places),
        courier=_courier(raw.get("courier", ""), f"{field}.courier"),
        start_month=start,
        ramp_months=whole(raw.get("ramp_months", 0), f"{field}.ramp_months", 0, MOST_MONTHS),
        end_month=None if end is None else int(end),
    )


def _place(raw: dict[str, Any], name: str, field: str, choices: Collection[str]) -> str | None:
    return None if raw.get(name) is None else one_of(raw[name], f"{field}.{name}", choices)


def _courier(raw: Any, field: str) -> str:
    return "" if raw == "" else one_of(raw, field, _couriers())


@cache
def _couriers() -> tuple[str, ...]:
    """Couriers with a published share; the table of shares is read when a link or file first names one."""
    from analysis.couriers import REST, annual

    return tuple(name for name in annual().dropna(axis=1, how="all") if name != REST)


@cache
def _places() -> tuple[dict[str, None], dict[str, None]]:
    """Provinces and adcodes, to look up in: a link may name each of them hundreds of times."""
    table = cities()
    return dict.fromkeys(sorted(table["province_en"].unique())), dict.fromkeys(table.index)


def _shown(value: object) -> str:
    """What was written, cut to what a message can carry."""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 4 * SHOWN else f"{text[:SHOWN]}…"
