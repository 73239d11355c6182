"""The one catalogue of words a user sees: `files/text.toml`, every entry in English and Chinese."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "zh")
_FILE = Path(__file__).parent / "files" / "text.toml"


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Every entry by dotted key, each with its languages."""
    with _FILE.open("rb") as file:
        return _flatten(tomllib.load(file))


def _flatten(table: dict[str, Any], prefix: str = "") -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for key, value in table.items():
        name = f"{prefix}{key}"
        if set(value) >= set(LANGUAGES) and all(isinstance(value[lang], str) for lang in LANGUAGES):
            found[name] = value
        else:
            found |= _flatten(value, f"{name}.")
    return found


def has(key: str) -> bool:
    """Whether the catalogue holds `key`."""
    return key in catalogue()


def say(key: str, lang: str, /, **values: object) -> str:
    """Text of `key` in `lang` ("en" or "zh") with its {placeholders} filled.

    Raises
    ------
    KeyError
        When the catalogue has no such key: add it to `data/files/text.toml`.
    """
    text = catalogue()[key][lang]
    return text.format(**values) if values else text


def reword(section: str, text: str, lang: str) -> str:
    """A text written in English, said in `lang` by the entry of a section that it fits, else as it is.

    In the English of an entry {a} stands for anything; what stands there is reworded in its turn.

    Examples
    --------
    >>> reword("record_period", "about 2026-01", "zh")
    '约2026-01'
    """
    for key, like in _likes(section):
        found = like.fullmatch(text)
        if found is not None and lang != LANGUAGES[0]:
            return say(key, lang, **{name: reword(section, part, lang) for name, part in found.groupdict().items()})
    return text


@cache
def _likes(section: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    keys = [key for key in catalogue() if key.startswith(f"{section}.")]
    written = [(key, re.escape(catalogue()[key][LANGUAGES[0]])) for key in keys]
    return tuple((key, re.compile(re.sub(r"\\{(\w)\\}", r"(?P<\1>.+)", like))) for key, like in written)
