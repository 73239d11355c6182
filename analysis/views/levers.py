"""Levers and rules of rivals as sentences."""

from collections.abc import Sequence
from functools import cache

from analysis.rivalry.rules import Rule
from analysis.scenario.levers import KINDS, Lever
from analysis.views.look import Look
from data.cities import cities

PER_CENT = ("allocation", "cooperation")
"""Kinds of levers that are fractions; a reader reads them in per cent."""
PLACES = {"cny_per_parcel": 3, "fraction": 2, "cny_per_station_day": 1}
"""Decimals that are read of a change; whole numbers for all other units."""
NAMED = 2
"""Cities named in a sentence; more are counted."""


def describe(lever: Lever, look: Look) -> str:
    """Duoduo: subsidy +0.05 CNY per parcel in Tier 3, from month 1 over 3 months."""
    courier = look.term("subject", lever.courier) if lever.courier else look.say("explain.a_courier")
    does = look.say(f"explain.does_{lever.kind}", change=change(lever), courier=courier)
    return look.say(
        "explain.lever", name=look.name(lever.platform), does=does, where=where(lever, look), when=when(lever, look)
    )


def change(lever: Lever) -> str:
    """Change as its sentence takes it: rounded, signed where it may go both ways, fractions in per cent."""
    value, kind = lever.change * (100 if lever.kind in PER_CENT else 1), KINDS[lever.kind]
    digits = PLACES.get(kind.unit, 0)
    said = f"{round(value, digits) or float(f'{value:.1g}'):{'+' if kind.low < 0 else ''},.{max(digits, 6)}f}"
    return said.rstrip("0").rstrip(".").replace("-", "−")


def where(lever: Lever, look: Look) -> str:
    """In Tier 3, Northwest; everywhere when nothing limits it."""
    found = place(lever, look)
    return look.say("explain.in_place", place=found) if found else look.say("explain.everywhere")


def place(lever: Lever, look: Look) -> str:
    """Tier 3, Northwest; empty when nothing limits it."""
    limits = [look.term(group, value) for group, value in (("tier", lever.tier), ("region", lever.region)) if value]
    limits += [_province(lever.province, look)] if lever.province else []
    limits += [_cities(lever.cities, look)] if lever.cities else []
    return look.join(limits)


def sentences(levers: Sequence[Lever], look: Look) -> str:
    """Levers in one cell, or that there is none."""
    said = [describe(lever, look) for lever in levers]
    return ("；" if look.lang == "zh" else "; ").join(said) or look.say("explain.no_lever")


def when(lever: Lever, look: Look) -> str:
    """From month 1 over 3 months, until the end of month 12."""
    said = look.say("explain.from_month", start=lever.start_month)
    one = "_1" if lever.ramp_months == 1 else ""
    said += look.say(f"explain.ramp{one}", ramp=lever.ramp_months) if lever.ramp_months else ""
    return said + (look.say("explain.until_month", end=lever.end_month - 1) if lever.end_month else "")


@cache
def _places(lang: str) -> dict[str, str]:
    """Names of provinces (by their English name) and of cities (by adcode)."""
    table = cities()
    provinces = dict(zip(table["province_en"], table[f"province_{lang}"], strict=True))
    return provinces | dict(zip(table.index, table[f"city_{lang}"], strict=True))


def _province(name: str, look: Look) -> str:
    return _places(look.lang).get(name, name)


def _cities(codes: tuple[str, ...], look: Look) -> str:
    if len(codes) > NAMED:
        return look.say("explain.n_cities", n=len(codes))
    return look.join(_places(look.lang).get(code, code) for code in codes)


def describe_rule(network: str, rule: Rule, look: Look) -> str:
    """Cainiao adds 50 % of the largest rise among the others, 3 months later."""
    return look.say(f"explain.rule_{rule.kind}", name=look.name(network), **rule_words(rule, look))


def rule_words(rule: Rule, look: Look) -> dict[str, str]:
    """What the sentences about a rule are filled with."""
    lag = rule.lag_months
    return {
        "share": f"{rule.share * 100:g}",
        "budget": look.money(rule.budget_cny_per_month),
        "lag": look.say("explain.lag_n" if lag > 1 else f"explain.lag_{lag}", n=lag),
        "every": look.say("explain.every_n" if lag > 1 else "explain.every_1", n=lag),
    }
