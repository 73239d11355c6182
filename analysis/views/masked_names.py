"""What networks and companies are called, wherever a text may name them: for the black-out of names.

Generic words ("lockers", "post") name nobody, and some names are part of other words ("其中通过" holds 中通): both are
left alone.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from analysis.views.pinned import Network
from data.platforms import BUILT_IN, ORDER_SOURCES, OUTSIDE, PLATFORMS, Platform, fold, spellings
from data.text import catalogue

_GENERIC = "post rural lockers smartlockers 快递柜 智能快递柜 邮政 ali 阿里 1688 1688.com"
GENERIC = frozenset(map(fold, _GENERIC.split()))
"""Spellings that mean a network in a column of networks and something else in a sentence, or a city (阿里 is Ngari)."""
COMPANIES: Mapping[str, str] = {
    "Alibaba": "阿里巴巴集团 阿里系 阿里健康",
    "SF": "顺丰 顺丰控股 顺丰速运 顺丰快递 sfexpress sfholding",
    "Best": "百世 百世快递 百世集团 bestinc bestexpress",
    "Deppon": "德邦 德邦快递 德邦物流",
    "Danniao": "丹鸟 丹鸟物流",
}
"""Companies of the record that own no network, and further names of one that does; a blank between them."""
GUARDS = {
    "中通": ("(?<![其当之途空])", "(?![过常用])"),
    "京东": ("(?<![北东南])", ""),
    "多多": ("(?<![许很好])", ""),
}
"""What must not stand before and behind a name that other words contain."""
SUBJECTS = {"Outside option", "rest"}
"""Entries of the catalogue's owners that are no company."""
GAP = r"(?:[\s_.·/()（）-]|&amp;|&nbsp;|&|<br ?/?>){0,6}"
TURN = r"(?:<br ?/?>|[\s·.\u00ad\u200b-\u200d\ufeff]){0,2}"
"""What may stand between two words of a name, and between two Chinese characters."""
INITIALS = 3
"""Letters that a name of initials has at most: they may have points between them."""
SOUNDS: Mapping[str, str] = {
    "cainiao": "cainiaoyizhan cainiaowangluo",
    "duoduo": "duoduoyizhan",
    "jd": "jingdongwuliu jingdongkuaidi",
    "tuxi": "zhongtong zhongtongkuaidi tuxishenghuo tuxikuaidi",
    "mama": "yuantong yuantongsudi mamayizhan",
    "sto": "shentong shentongkuaidi",
    "yunda": "yundakuaidi yundayizhan",
    "jt": "jitu jitusudi jituexpress jituyizhan",
    "chinapost": "zhongguoyouzheng",
    "hivebox": "fengchaokuaidigui",
    "rural": "nongcuntaobao",
    "Alibaba": "alibabajituan",
    "SF": "shunfeng shunfengkuaidi shunfengsuyun",
    "Best": "baishi baishikuaidi",
    "Deppon": "debang debangkuaidi debangwuliu",
}
"""The Chinese names as they are spelled in Latin letters, by network and company."""


def row(platform: Platform) -> Network:
    """A network as views keep it."""
    p = platform
    return p.key, p.en, p.zh, p.light, p.dark, p.owner, *p.aliases


def joined(rows: Iterable[Network]) -> tuple[Platform, ...]:
    """Networks of users' own, each once, with everything that it is called in any of the rows."""
    same: dict[str, list[Network]] = {}
    for one in rows:
        if one[0] not in BUILT_IN:
            same.setdefault(one[0], []).append(one)
    found = []
    for key, (first, *more) in same.items():
        _, en, zh, light, dark, owner, *aliases = first
        others = dict.fromkeys([*aliases, *(name for one in more for name in (*one[1:3], *one[5:]))])
        found.append(Platform(key, en, zh, owner, "station", light, dark, tuple(others)))
    return tuple(found)


def companies() -> frozenset[str]:
    """Names of the companies that are known whatever networks are in use."""
    return frozenset([*(p.owner for p in BUILT_IN.values()), *_catalogued(), *COMPANIES, *ORDER_SOURCES])


def known() -> dict[str, str]:
    """Every folded spelling and whom it means: "network:<key>" or "company:<name>".

    The display names of the networks in use come first, then those of companies, then all other spellings. A company
    that is called like its network is that network.
    """
    found: dict[str, str] = {}
    for spelling, whom in _all():
        if fold(spelling) and fold(spelling) not in GENERIC:
            found.setdefault(fold(spelling), whom)
    return found


def pattern(spelled: Mapping[str, str]) -> "re.Pattern[str]":
    """One pattern for all spellings, the longest first; Latin names only as whole words, in either case."""
    known_as = {spelling for spelling, _ in _all() if fold(spelling) in spelled}
    found = sorted(known_as, key=lambda spelling: (-len(fold(spelling)), spelling))
    first = "".join(sorted({one[0].lower() + one[0].upper() for one in found}))
    return re.compile(f"(?=[{re.escape(first)}])(?:{'|'.join(map(_pattern, found))})", re.IGNORECASE)


def folded(match: str) -> str:
    """The spelling that a pattern found, as it is known."""
    return fold(re.sub(r"<br ?/?>|&amp;|&nbsp;", "", match))


def _all() -> Iterator[tuple[str, str]]:
    networks = [p for p in PLATFORMS.values() if p.key != OUTSIDE]
    for p in networks:
        for spelling in (p.key, p.en, p.zh):
            yield spelling, f"network:{p.key}"
    owners = {fold(p.en): f"network:{p.key}" for p in networks}
    for name in dict.fromkeys([*(p.owner for p in networks), *_catalogued(), *COMPANIES]):
        whom = owners.get(fold(name), f"company:{name}")
        words = catalogue().get(f"owner.{name}", {})
        for spelling in ("" if name == "Best" else name, *words.values(), *_others(name)):
            yield spelling, whom
    for p in networks:
        for spelling in (*spellings(p), *SOUNDS.get(p.key, "").split()):
            yield spelling, f"network:{p.key}"
    for name, others in ORDER_SOURCES.items():
        for spelling in others.split():
            yield spelling, owners.get(fold(name), f"company:{name}")


def _others(company: str) -> list[str]:
    return [*COMPANIES.get(company, "").split(), *SOUNDS.get(company, "").split()]


def _catalogued() -> list[str]:
    names = [key.removeprefix("owner.") for key in catalogue() if key.startswith("owner.")]
    return [name for name in names if name not in SUBJECTS]


def _pattern(spelling: str) -> str:
    """The spelling with whatever may stand between its words."""
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", spelling))
    text = GAP.join(_word(word) for word in words)
    before, behind = GUARDS.get(spelling, ("", ""))
    before += "(?<![A-Za-z])" if words[0][0].isascii() else ""
    behind = ("(?![A-Za-z])" if words[-1][-1].isascii() else "") + behind
    return f"{before}{text}{behind}"


def _word(word: str) -> str:
    if word.isascii():
        if word.isalpha() and 1 < len(word) <= INITIALS:
            return r"\.?".join(word)
        return re.escape(word) if len(word) > 1 else f"(?-i:{re.escape(word)})"
    return TURN.join(map(re.escape, word))
