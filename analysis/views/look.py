"""How a view is dressed: language, theme and the words and number formats that go with them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analysis.views.theme import Theme
from data.grade import Grade
from data.platforms import PLATFORMS
from data.text import has, reword, say

if TYPE_CHECKING:  # the server says its first words before these are there
    import pandas as pd
    import plotly.graph_objects as go

SHOWN = 3
"""Names in a title; the rest are counted."""
WIDE = str.maketrans("()", "（）")
SHORTEST = 1e4
"""Numbers from here on are shortened on an axis."""


@dataclass(frozen=True, slots=True)
class View:
    """One chart with everything that must travel with it.

    Attributes
    ----------
    figure : go.Figure or dict
        A plain dict (data, layout) where speed counts.
    table : pd.DataFrame
        The same numbers, with headers in the reader's language.
    title : str
        The finding, computed from the data.
    caption : str
        Measure, unit and period.
    alt : str
        What a reader who cannot see the chart needs to know.
    grade : Grade
    """

    figure: "go.Figure | dict[str, Any]"
    table: "pd.DataFrame"
    title: str
    caption: str
    alt: str
    grade: Grade


@dataclass(frozen=True, slots=True)
class Look:
    """Language and colours of one reader."""

    lang: str
    theme: Theme

    def say(self, key: str, /, **values: Any) -> str:
        """Text of the catalogue in the reader's language."""
        return say(key, self.lang, **values)

    def name(self, platform: str) -> str:
        """Name of a network or of the remainder; anything else is shown as it is (an owner, a new network)."""
        from analysis.summary import REMAINDER

        if platform == REMAINDER:
            return self.say("market.other_networks")
        found = PLATFORMS.get(platform)
        if found is not None:
            return found.zh if self.lang == "zh" else found.en
        return self.term("owner", platform)

    def term(self, group: str, value: object) -> str:
        """Translation of a value of a closed list ("tier", "region", "grade"...), or the value itself."""
        key = f"{group}.{value}"
        return self.say(key) if has(key) else str(value)

    def period(self, text: str) -> str:
        """A period as the record writes it ("about 2026-01", "2025 (peak day)") in the reader's words."""
        return reword("record_period", text, self.lang)

    def month(self, month: "pd.Timestamp | pd.Period") -> str:
        """Aug 2026 or 2026年8月."""
        return f"{month.year}年{month.month}月" if self.lang == "zh" else month.strftime("%b %Y")

    def count(self, number: float, digits: int = 1) -> str:
        """Large count with the unit of the language: 18.0 bn or 180.0亿."""
        steps = ((1e8, "亿"), (1e4, "万")) if self.lang == "zh" else ((1e9, " bn"), (1e6, " m"), (1e3, " k"))
        for size, unit in steps:
            if abs(number) >= size:
                return f"{number / size:,.{digits}f}{unit}"
        return f"{number:,.0f}"

    def short(self, number: float) -> str:
        """The same without needless digits, for an axis: 5 bn or 50亿."""
        if abs(number) < SHORTEST:
            return f"{number:,.4g}"
        return re.sub(r"\.?0+(?=\D*$)", "", self.count(number, 2))

    def money(self, cny: float, digits: int = 0, *, signed: bool = False) -> str:
        """CNY with the unit of the language."""
        sign = "-" if cny < 0 else "+" if signed else ""
        size = abs(cny)
        return f"{sign}¥{self.count(size, 2)}" if size >= 1e4 else f"{sign}¥{size:,.{digits}f}"

    def join(self, items: Iterable[str]) -> str:
        """List in a sentence."""
        return ("、" if self.lang == "zh" else ", ").join(items)

    def text(self, sentences: Iterable[str]) -> str:
        """Sentences one after another: Chinese needs no blank between them."""
        return ("" if self.lang == "zh" else " ").join(sentences)

    def pair(self, name: str, value: str) -> str:
        """Name: value, with the colon of the language."""
        return f"{name}：{value}" if self.lang == "zh" else f"{name}: {value}"

    def few(self, items: Sequence[str]) -> str:
        """The first three of a list, and how many more there are."""
        shown = self.join(items[:SHOWN])
        return shown if len(items) <= SHOWN else f"{shown} {self.say('market.more', n=len(items) - SHOWN)}"

    def place(self, text: str) -> str:
        """The half of a bilingual place name ("广东 Guangdong") that the reader's language wants."""
        found = re.fullmatch(r"([\u4e00-\u9fff()（）]+) ([ -~]+)", text)
        if found is None:
            return self.term("place", text)
        return found[1].translate(WIDE) if self.lang == "zh" else found[2]


def percent(share: float, digits: int = 1) -> str:
    """Share given as a fraction, in per cent."""
    return f"{share * 100:.{digits}f}%"
