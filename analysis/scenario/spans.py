"""Lists of cities written short for a link: `c1301_1311-4401` is all from one adcode to another, and one more."""

from collections.abc import Iterator, Sequence
from functools import cache

from analysis.scenario.fields import ScenarioFileError, one_of
from data.cities import cities


@cache
def orders() -> dict[str, tuple[str, ...]]:
    """Adcodes by letter of a list: c as they are, d by tier and then as they are."""
    table = cities().sort_index()
    return {"c": tuple(table.index), "d": tuple(table.sort_values("tier", kind="stable").index)}


def written(codes: Sequence[str]) -> str:
    """Letter and list, in the order given; the shorter of the two."""
    return min((letter + "-".join(_parts(codes, letter)) for letter in orders()), key=len)


def _parts(codes: Sequence[str], letter: str) -> Iterator[str]:
    """Codes without a last 00; three or more that follow one another are one span."""
    places = {code: place for place, code in enumerate(orders()[letter])}
    spans: list[list[str]] = []
    for code in codes:
        if spans and code in places and places.get(spans[-1][-1]) == places[code] - 1:
            spans[-1].append(code)
        else:
            spans.append([code])
    for span in spans:
        short = [code.removesuffix("00") for code in span]
        yield from [f"{short[0]}_{short[-1]}"] if len(short) > 2 else short


def read(text: str, letter: str) -> Iterator[str]:
    """Adcodes of a list without its letter."""
    order = orders()[letter]
    for part in text.split("-"):
        ends = [code + "00" * (len(code) == 4) for code in part.split("_")]
        if len(ends) == 1:
            yield ends[0]
            continue
        first, last = (order.index(one_of(code, "cities", order)) for code in (ends[0], ends[-1]))
        if len(ends) > 2 or last < first:
            raise ScenarioFileError("unreadable", value=part)
        yield from order[first : last + 1]
