"""How much a decoded text looks like one that somebody wrote: words and characters of our own catalogue."""

import unicodedata
from collections import Counter
from functools import cache

from data import cities
from data.platforms import BUILT_IN
from data.schema import DATASETS
from data.text import catalogue

_TEXT = 50_000
PLAUSIBLE = 0.5
"""Chinese tables of names and addresses score 0.7 and more, Korean read as GB 18030 0.35, other misreadings less."""
_TRADITIONAL = (
    "業務量 包裹量 件量 單量 補貼 補助 驛站 網點 門店 編號 緯度 經度 開業 關閉 開始 結束 統計 數量 合計 總計 日期 平臺 "
    "快遞 縣 來源 台灣 電商 訂單 類型 名稱 櫃 菜鳥 廣州 東莞 蘇州 寧波 鄭州 長沙 瀋陽 濟南 無錫 廈門 貴陽 蘭州 單位"
)
_MARKS = "‘’“”—–…·×÷±°℃％（），。、：；！？《》〈〉【】「」￥①②③④⑤⑥⑦⑧⑨⑩→★●○■□△"
_NOT_WRITTEN = ("Cn", "Co", "Cs")


@cache
def _words() -> tuple[str, ...]:
    """Words of two characters and more that files hold: headers, cities, networks."""
    table = cities.cities()
    columns = [column for dataset in DATASETS.values() for column in dataset.columns.values()]
    headers = {header for column in columns for header in column.headers}
    networks = {name for network in BUILT_IN.values() for name in (network.zh, *network.aliases)}
    found = headers | networks | set(table["city_zh"]) | set(table["province_zh"]) | set(_TRADITIONAL.split())
    return tuple(sorted(word for word in found if len(word) > 1 and not word.isascii()))


@cache
def _usual() -> frozenset[str]:
    written = "".join(entry["zh"] for entry in catalogue().values()) + "".join(_words()) + _MARKS
    return frozenset(character for character in written if character > "\x7f")


def plausibility(text: str) -> float:
    """Score a decoded text: above PLAUSIBLE somebody wrote it so, below it is another encoding misread.

    Every character beyond ASCII counts: one of the catalogue's own (there are about 1,200) for it, a word of files
    half as much again, one that is unassigned or private twice against it. Text of ASCII alone scores 1.
    """
    sample = text[:_TEXT]
    beyond = Counter(character for character in sample if character > "\x7f")
    if not beyond:
        return 1.0
    usual = sum(count for character, count in beyond.items() if character in _usual())
    odd = sum(count for character, count in beyond.items() if unicodedata.category(character) in _NOT_WRITTEN)
    words = sum(len(word) * sample.count(word) for word in _words())
    return (usual + min(words, beyond.total()) / 2 - 2 * odd) / beyond.total()
