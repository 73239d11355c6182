"""The networks that compete for the hand-over of a parcel. A new network is one line in the list.

A market may hold networks of its own (`data.networks`). They are there for whoever works on that market, in a session
(`provide`) or a piece of code (`using`), and for nobody else.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

from data import people

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Platform:
    """One network.

    Attributes
    ----------
    key : str
        Name in data and code.
    en, zh : str
        Display names, short enough for a chart label.
    owner : str
        Who controls it; concentration can be counted by owner.
    format : str
        What it runs mostly: station, locker, partner_store, agent, service_centre or door.
    light, dark : str
        Its colour on a light and on a dark page (hex); at least 3:1 against the page.
    aliases : tuple of str
        Other spellings met in files; matched without case, spaces and punctuation.
    """

    key: str
    en: str
    zh: str
    owner: str
    format: str
    light: str
    dark: str
    aliases: tuple[str, ...] = ()


# fmt: off
_LIST = (
    Platform("cainiao", "Cainiao", "菜鸟驿站", "Alibaba", "station", "#1848d1", "#6d8df7", ("菜鸟", "菜鸟网络", "cainiao post", "cainiao station", "cainiao", "cainiao network", "rookie", "rookie station", "newbie", "newbie station")),
    Platform("duoduo", "Duoduo", "多多驿站", "Pinduoduo", "station", "#c3410f", "#f0892f", ("多多", "duoduo station", "多多买菜驿站", "拼多多", "pinduoduo", "pdd", "duo duo", "duoduo maicai")),
    Platform("jd", "JD", "京东驿站", "JD", "partner_store", "#8a0f2e", "#d6364f", ("京东", "jd stations", "京东快递", "京东物流", "京东自提点", "jd", "jd.com", "jd logistics", "jingdong")),
    Platform("tuxi", "Tuxi", "兔喜生活", "ZTO", "station", "#14a0b0", "#54e3ee", ("兔喜", "tuxi (zto)", "兔喜快递超市", "兔喜超市", "中通", "中通快递", "zto", "zto tuxi", "tuxi", "zto express")),
    Platform("mama", "Mama", "妈妈驿站", "YTO", "station", "#5a2b78", "#8f59b3", ("妈妈", "妈妈商店", "圆通", "圆通速递", "圆通妈妈驿站", "yto", "yto mama", "mama", "mama station", "mama station (yto)", "yto express")),
    Platform("sto", "STO", "申通驿站", "STO", "station", "#969669", "#4b7800", ("申通", "申通快递", "喵站", "喵喵站", "sto", "sto express", "sto stations")),
    Platform("yunda", "Yunda", "韵达驿站", "Yunda", "station", "#870fa5", "#b4a5f0", ("韵达", "韵达快递", "韵达速递", "韵达快递超市", "yunda", "yunda express", "yunda stations")),
    Platform("jt", "J&T", "极兔驿站", "J&T", "station", "#964b96", "#b42d78", ("极兔", "极兔速递", "j&t", "jt", "jnt", "j&t stations", "j&t express")),
    Platform("chinapost", "China Post", "中国邮政", "China Post", "station", "#3c784b", "#78c387", ("邮政", "邮政驿站", "邮乐购", "中邮驿站", "邮快合作", "china post", "ems", "post")),
    Platform("hivebox", "Hive Box", "丰巢等快递柜", "Hive Box", "locker", "#b68e1a", "#f3dc7a", ("丰巢", "丰巢快递柜", "速递易", "快递柜", "智能快递柜", "hive box", "hive box & lockers", "丰巢及快递柜", "hivebox", "fengchao", "smart lockers", "lockers", "sudiyi")),
    Platform("rural", "Rural Taobao", "农村淘宝", "Alibaba", "service_centre", "#a52d00", "#ffb41e", ("农淘", "村淘", "rural taobao", "cuntao", "taobao rural")),
    Platform("home", "Home delivery", "送货上门", "Outside option", "door", "#828282", "#7f8a9c", ("上门", "送货到家", "门到门", "home", "door", "door to door", "home delivery")),
)
# fmt: on

BUILT_IN: dict[str, Platform] = {p.key: p for p in _LIST}
"""The networks that everyone has."""
OUTSIDE = "home"
"""The outside option of the share model: a parcel brought to the door."""
FORMATS = ("station", "locker", "partner_store", "agent", "service_centre")
"""Station formats that a file may hold (`door` has no premises)."""


def fold(text: str) -> str:
    """Lower case, half width, without spaces and punctuation: `"ＪＤ．com "` becomes `"jdcom"`."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


ORDER_SOURCES: dict[str, str] = {
    "Alibaba": (
        "阿里 阿里巴巴 阿里巴巴集团 阿里系 淘系 淘宝 淘宝网 天猫 天猫超市 天猫国际 淘天 淘天集团 淘宝天猫 淘特 闲鱼 速卖通 "
        "ali alibaba.com alibabagroup taobao taobao.com tmall tmall.com taobao/tmall taotian xianyu aliexpress 1688 1688.com"
    ),
    "Pinduoduo": "拼多多 拼多多集团 多多 多多买菜 pdd pddholdings pinduoduo.com duoduo duoduomaicai temu",
    "JD": "京东 京东商城 京东自营 京东集团 京东系 京喜 jd.com jdgroup jingdong jingxi",
}
"""Sources of orders that own a network, and so may route them to it; other names of theirs, a space between them."""
OTHER_SOURCE = "other"
"""Every other source of orders: none of them owns a network."""
_OTHERS = (
    "others 其他 其它 其余 其他平台 其它平台 其他电商 其它电商 其他来源 其它来源 抖音 抖音电商 抖音商城 抖音小店 douyin tiktok "
    "tiktokshop 快手 快手电商 快手小店 kuaishou 唯品会 vipshop vip.com 小红书 xiaohongshu rednote 视频号 微信 微信小店 wechat "
    "得物 dewu poizon 苏宁 苏宁易购 suning 希音 shein 亚马逊 amazon 散件 散单 个人 个人件 个人寄件 personal"
)
_UNKNOWN = "未知 不详 不明 unknown n/a nan null none"

_SOURCES = {**ORDER_SOURCES, OTHER_SOURCE: _OTHERS, "": _UNKNOWN}
_SOURCE_BY_NAME = {fold(n): source for source, spellings in _SOURCES.items() for n in (source, *spellings.split())}


@dataclass(frozen=True, slots=True)
class _Book:
    """Networks by key in the order of charts, and their keys by folded spelling."""

    by_key: dict[str, Platform]
    by_name: dict[str, str]


@lru_cache(maxsize=64)
def _book(added: tuple[Platform, ...]) -> _Book:
    """Book of the built-in networks and of `added`, which take no key and no spelling of those before them."""
    new = {p.key: p for p in reversed(added) if p.key not in BUILT_IN}
    own = [p for p in added if new.get(p.key) is p]
    ranked = [p for p in _LIST if p.key != OUTSIDE] + own + [BUILT_IN[OUTSIDE]]
    spelled = {fold(n): p.key for p in reversed((*_LIST, *own)) for n in spellings(p) if fold(n)}
    return _Book({p.key: p for p in ranked}, spelled)


def spellings(platform: Platform) -> tuple[str, ...]:
    """Everything that the network is called."""
    return platform.key, platform.en, platform.zh, *platform.aliases


@dataclass(slots=True)
class _InUse:
    """Whose networks the lists show: of a piece of code, else of the session."""

    here: ContextVar[tuple[Platform, ...] | None] = field(
        default_factory=lambda: ContextVar("networks_here", default=None)
    )
    session: Callable[[], tuple[Platform, ...]] = tuple

    def added(self) -> tuple[Platform, ...]:
        here = self.here.get()
        return self.session() if here is None else here


_in_use = _InUse()


def provide(networks: Callable[[], tuple[Platform, ...]]) -> None:
    """Ask `networks` for the networks of the session, wherever no `using` says which."""
    _in_use.session = networks


def added() -> tuple[Platform, ...]:
    """Networks in use beside the built-in ones."""
    return _in_use.added()


@contextmanager
def using(networks: tuple[Platform, ...]) -> Iterator[None]:
    """Inside, `networks` are there beside the built-in ones, and no others; in this thread alone."""
    token = _in_use.here.set(networks)
    try:
        yield
    finally:
        _in_use.here.reset(token)


def carry(work: Callable[P, T]) -> Callable[P, T]:
    """`work` that meets the networks, and whoever acts, of this moment, in whatever thread it runs."""
    networks, person = added(), people.acting()

    @wraps(work)
    def carried(*args: P.args, **options: P.kwargs) -> T:
        with using(networks), people.acting_as(person):
            return work(*args, **options)

    return carried


class _Networks(Mapping[str, Platform]):
    """The networks in use by key, home delivery last."""

    def __getitem__(self, key: str) -> Platform:
        known = BUILT_IN.get(key)  # no network that was added takes a key of these
        return known if known is not None else _book(added()).by_key[key]

    def __iter__(self) -> Iterator[str]:
        return iter(_book(added()).by_key)

    def __len__(self) -> int:
        return len(_book(added()).by_key)


PLATFORMS: Mapping[str, Platform] = _Networks()


def resolve(name: str) -> str | None:
    """Key of the network that `name` means in either language, or None when it is unknown."""
    return _book(added()).by_name.get(fold(name))


def resolve_source(name: str) -> str | None:
    """Whose orders `name` means: a key of `ORDER_SOURCES`, `OTHER_SOURCE`, "" when not known, or None for any other name.

    Names are matched as those of networks are, in either language.
    """
    return _SOURCE_BY_NAME.get(fold(name))


def source_names() -> dict[str, str]:
    """Every folded spelling of a source of orders and what it means."""
    return dict(_SOURCE_BY_NAME)


def names() -> dict[str, str]:
    """Every folded spelling and the key it means."""
    return dict(_book(added()).by_name)
