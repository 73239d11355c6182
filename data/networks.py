"""A network of one's own, beside the built-in ones: checked, keyed and coloured."""

import hashlib
import re
from collections.abc import Sequence

from data.platforms import BUILT_IN, FORMATS, Platform, fold, spellings

LONGEST = 40
"""Letters of a name, so that it fits a chart."""
MOST_ALIASES = 50
LONGEST_ALIAS = 120
SPARE = (
    *(("#b647ff", "#6c47ff"), ("#32545d", "#c2fff3"), ("#181862", "#a78dce"), ("#ff47a3", "#ed5a68")),
    *(("#621845", "#cda2c0"), ("#7066cc", "#744bd2"), ("#8686ea", "#6c77da")),
    *(("#740606", "#dbc0bd"), ("#008f47", "#c6e7c9"), ("#9300f5", "#ff33ff")),
)
"""Colours on a light and on a dark page that no built-in network has, those furthest from all others first."""
MARKS = " &·-'()（）+"
"""What a name may hold beside letters and figures: nothing that a page could read as a link or a style."""
MESSAGES = {
    "no_name": "a network needs a name of 1 to {most} characters: give one",
    "bad_name": "{name} holds marks that a name cannot have: use letters, figures, blanks and {marks}",
    "name_taken": "{name} already means {other}: give another name, or map the name to that network",
    "no_format": "{name} is no format: choose from {formats}",
    "no_colour": "{name} is no colour: write it as #1848d1",
    "many_aliases": "a network can have {most} other spellings of up to {longest} characters: give fewer",
}


class NetworkError(ValueError):
    """Why a network cannot be added.

    Attributes
    ----------
    code : str
        A key of `MESSAGES`; words are under `network.<code>`.
    values : dict
        Strings for those words.
    """

    def __init__(self, code: str, **values: object) -> None:
        self.code = code
        self.values = {key: str(value) for key, value in values.items()}
        super().__init__(MESSAGES[code].format(**self.values))


def make(
    name: str,
    *,
    beside: Sequence[Platform] = (),
    en: str = "",
    zh: str = "",
    owner: str = "",
    format: str = "station",
    light: str = "",
    dark: str = "",
    aliases: Sequence[str] = (),
) -> Platform:
    """Network called `name`, with a key of its own.

    Parameters
    ----------
    name : str
        Also its name in either language where `en` or `zh` is blank, and its owner where `owner` is.
    beside : sequence of Platform
        Networks of the same market that were added before.
    format : str
        One of `FORMATS`.
    light, dark : str
        Hex colours; by default the first of `SPARE` that is free.
    aliases : sequence of str
        Other spellings met in files.

    Raises
    ------
    NetworkError
        For a name, spelling, format or colour that cannot be taken.
    """
    called, english, chinese, owned = (_named(text or name) for text in (name, en, zh, owner))
    if format not in FORMATS:
        raise NetworkError("no_format", name=format, formats=", ".join(FORMATS))
    by_day, by_night = free(beside)
    made = Platform(
        _key(english, beside),
        english,
        chinese,
        owned,
        format,
        _colour(light or by_day),
        _colour(dark or by_night),
        _aliases(aliases, called, (english, chinese)),
    )
    _alone(made, beside)
    return made


def free(beside: Sequence[Platform]) -> tuple[str, str]:
    """First pair of `SPARE` that the fewest networks of the market have."""
    return min(SPARE, key=lambda pair: sum((p.light, p.dark) == pair for p in beside))


def _named(text: str) -> str:
    line = " ".join(text.split())
    if not 1 <= len(line) <= LONGEST or not fold(line):
        raise NetworkError("no_name", most=LONGEST)
    if not line[0].isalnum() or not all(mark.isalnum() or mark in MARKS for mark in line):
        raise NetworkError("bad_name", name=line, marks=MARKS.strip())
    return line


def _aliases(aliases: Sequence[str], called: str, names: Sequence[str]) -> tuple[str, ...]:
    """Spellings without those that say nothing new."""
    found = {fold(text): " ".join(text.split()) for text in reversed((called, *aliases)) if fold(text)}
    if len(found) > MOST_ALIASES or any(len(text) > LONGEST_ALIAS for text in found.values()):
        raise NetworkError("many_aliases", most=MOST_ALIASES, longest=LONGEST_ALIAS)
    return tuple(text for said, text in reversed(found.items()) if said not in map(fold, names))


def _colour(text: str) -> str:
    if not re.fullmatch("#[0-9a-fA-F]{6}", text):
        raise NetworkError("no_colour", name=text)
    return text.lower()


def _key(english: str, beside: Sequence[Platform]) -> str:
    """Short ASCII name that no network has: it stands in files and links."""
    plain = re.sub("[^a-z0-9]+", "", english.casefold())[:16]
    digest = hashlib.sha256(english.encode()).hexdigest()
    taken = {*BUILT_IN, *(p.key for p in beside)}
    keys = ([f"x{plain}"] if plain else []) + [f"x{plain}{digest[:end]}" for end in range(6, 40)]
    return next(key for key in keys if key not in taken)


def _alone(made: Platform, beside: Sequence[Platform]) -> None:
    """Refuse a spelling that means another network already."""
    meant = {fold(text): p for p in (*beside, *BUILT_IN.values()) for text in spellings(p)}
    for text in spellings(made):
        if fold(text) in meant:
            raise NetworkError("name_taken", name=text, other=meant[fold(text)].en)
