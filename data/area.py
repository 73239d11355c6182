"""A set of prefecture-level cities as one short word, for an address: codes of cities, provinces, and what is left out.

`330100~44~51-510100` are Hangzhou, all of Guangdong, and Sichuan without Chengdu: the first two digits of a code are
the province (GB/T 2260).
"""

from collections.abc import Collection, Mapping
from functools import cache

from data.cities import cities

JOIN, WITHOUT = "~", "-"
LONGEST = 4000
"""Characters that are read of an address: more than every area needs."""


@cache
def members() -> Mapping[str, tuple[str, ...]]:
    """Cities of every province, by the two digits their codes begin with, in the order of the codes."""
    found: dict[str, list[str]] = {}
    for code in sorted(map(str, cities().index)):
        found.setdefault(code[:2], []).append(code)
    return {province: tuple(codes) for province, codes in found.items()}


def known(codes: Collection[str]) -> tuple[str, ...]:
    """The cities of the list among `codes`, once each, in the order of the codes."""
    wanted = set(codes)
    return tuple(code for inside in members().values() for code in inside if code in wanted)


def grouped(codes: Collection[str]) -> tuple[str, ...]:
    """Whole provinces by their two digits, other cities by their codes."""
    wanted, found = set(codes), []
    for province, inside in members().items():
        chosen = [code for code in inside if code in wanted]
        whole = len(chosen) == len(inside) > 1
        found += [province] if whole else chosen
    return tuple(found)


def spread(tokens: Collection[str]) -> tuple[str, ...]:
    """Cities that codes of provinces and of cities stand for; what is neither is left out."""
    return known([code for token in tokens for code in members().get(token, (token,))])


def packed(codes: Collection[str]) -> str:
    """The area as one word, which `unpacked` reads: a province without a few cities where that is shorter."""
    wanted, found = set(codes), []
    for province, inside in members().items():
        chosen = [code for code in inside if code in wanted]
        missing = [code for code in inside if code not in wanted]
        if not chosen:
            continue
        if len(chosen) == 1:
            found += chosen
        elif len(missing) < len(chosen):
            found.append(WITHOUT.join([province, *missing]))
        else:
            found += chosen
    return JOIN.join(found)


def unpacked(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Cities of an area that `packed` wrote, and the pieces that name no city."""
    found, unknown = [], []
    for piece in text[:LONGEST].split(JOIN):
        token, *missing = piece.split(WITHOUT)
        inside = members().get(token) or known([token])
        found += [code for code in inside if code not in missing]
        unknown += [code for code in missing if code not in inside]
        if token and not inside:
            unknown.append(token)
    return known(found), tuple(dict.fromkeys(unknown))
