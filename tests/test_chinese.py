"""Pages as a native reader meets them: Chinese pages hold Chinese in Chinese marks, English ones English; no blanks."""

import re

import pytest

from data.platforms import PLATFORMS
from data.text import catalogue, reword
from tests import shown

HAN = "[\u4e00-\u9fff]"
KEPT = {
    # the language switch
    "English",
    # indices, measures of error and methods known by their letters
    *("HHI", "CR4", "CR8", "MASE", "sMAPE", "RMSSE", "MSIS", "CRPS", "ETS", "ARIMA", "Theta", "Wild", "Croston", "H3"),
    *("AIC", "BIC", "AICc", "TBATS", "Logistic", "Gompertz", "Bass", "Richards", "Weibull", "Huff", "Shapley", "IV"),
    # single letters: grades of a source, statistics, hours
    *"ACDFHhptnR",
    # formats, encodings and programs
    *(
        "CSV",
        "TSV",
        "TXT",
        "Excel",
        "PowerPoint",
        "PDF",
        "PNG",
        "SVG",
        "HTML",
        "JSON",
        "GeoJSON",
        "Parquet",
        "zip",
        "gz",
    ),
    *("UTF-8", "UTF-16", "GB18030", "Big5", "MB", "GB", "KB", "Posthouse", "Chromium", "Chrome", "Edge"),
    # coordinates and outlines
    *("WGS-84", "CGCS2000", "GCJ-02", "BD-09", "echarts", "Apache-2.0", "km", "m"),
}
"""Latin words of a Chinese page: names, units and codes that Chinese analysts write in Latin letters too."""
PERIOD = r"(?:H[12]|Q[1-4](?:-Q[1-4])?|[0-9a-f]{8})"
"""Quarters and halves after a year, and short names of versions."""
LATIN = re.compile(r"[A-Za-z][A-Za-z0-9'’&+-]*(?:\.\d)?")
FLAWS = {
    "a half-width mark between Chinese": rf"{HAN}[,;:!?]\s?{HAN}|{HAN}\(|\){HAN}|{HAN}\.(?:\s|$)",
    "a mark twice": r"[，。；：、]{2}",
    "a blank before or after a Chinese mark": r" [，。；：、）]|[，。；：、（] ",
    "straight quotation marks": rf'"[^"]*{HAN}',
    "a number in English": r"\d (?:bn|m|k|mn)\b|\d(?:bn|mn)\b",
    "an English date": r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d",
}
MISSING = re.compile(r"\b(?:nan|NaN|NaT|null|inf)\b|^None$|<NA>|[(（:：=] ?None\b")
NAMES = {one for platform in PLATFORMS.values() for one in (platform.zh, *platform.aliases)} | {"中文"}


def flaws(text: str) -> list[str]:
    """What a native reader would stumble over."""
    text = shown.bare(text)
    words = {word for word in LATIN.findall(text) if word not in KEPT and not re.fullmatch(PERIOD, word)}
    return [*sorted(words), *(name for name, like in FLAWS.items() if re.search(HAN, text) and re.search(like, text))]


@pytest.mark.parametrize("address", shown.ADDRESSES)
def test_a_chinese_page_is_chinese(address):
    found = {text[:120]: found for _, text in shown.texts(address, "zh") if (found := flaws(text))}
    assert found == {}


@pytest.mark.parametrize("address", shown.ADDRESSES)
def test_an_english_page_is_english(address):
    texts = [text for _, text in shown.texts(address, "en") if re.search(HAN, shown.bare(text)) and text not in NAMES]
    assert texts == []


@pytest.mark.parametrize("address", shown.ADDRESSES)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_missing_is_shown_as_a_word(address, lang):
    texts = list(shown.texts(address, lang))
    assert len(texts) > 10
    assert [text for kind, text in texts if kind != "html.body" and MISSING.search(shown.bare(text))] == []


def test_the_catalogue_is_written_in_chinese_marks():
    texts = {key: re.sub(r"`[^`]*`|<[^<>]*>|\{[^{}]*\}", "字", entry["zh"]) for key, entry in catalogue().items()}
    found = {key: [name for name, like in FLAWS.items() if re.search(like, text)] for key, text in texts.items()}
    assert {key: names for key, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "text",
    ["共3个城市 cities", "份额,变化", "菜鸟(驿站)", "165.9 bn", "增长，，放缓", "Aug 2026的份额", '称为"网点"'],
)
def test_what_is_not_native_would_be_found(text):
    assert flaws(text)


@pytest.mark.parametrize(
    ("text", "zh"),
    [
        ("about 2026-01", "约2026-01"),
        ("2025 (peak day)", "2025（高峰日）"),
        ("by about 2021", "约截至2021"),
        ("2024-01 to 2024-05", "2024-01至2024-05"),
        ("2024-Q1", "2024-Q1"),
    ],
)
def test_periods_of_the_record_are_said_in_the_language(text, zh):
    assert reword("record_period", text, "zh") == zh
    assert reword("record_period", text, "en") == text
