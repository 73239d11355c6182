"""Black-out of names for outside audiences: networks become A, B, C, the same on every slide of a board.

Only words and colours change: every number stays. Letters go by the board, not by the order of the networks, and the
colours by which people know a network give way to neutral ones.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import Any

import pandas as pd
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_numeric_dtype

from analysis.views import masked_names
from analysis.views.pinned import Network, Pinned, Whence
from analysis.views.slide import Slide
from analysis.views.theme import SURFACE, Theme, ink_on, readable
from data.platforms import BUILT_IN, OUTSIDE, PLATFORMS, Platform, added, using
from data.text import say

Rgb = tuple[int, int, int]
NEUTRAL: Mapping[tuple[str, bool], tuple[str, ...]] = {
    ("light", True): (
        *("#8d5fa1", "#4c7731", "#163101", "#5b2358", "#8f4622"),
        *("#0a5b74", "#297cae", "#520401", "#4e4a09", "#07294f"),
    ),
    ("light", False): (
        *("#cf7a95", "#a68931", "#1ea28f", "#8a8b98", "#b96558"),
        *("#7288cf", "#6b8b5a", "#299abe", "#a577ba", "#977a62"),
    ),
    ("dark", True): (
        *("#965719", "#297cae", "#317a45", "#985b93", "#767568"),
        *("#635ea5", "#7e7719", "#ab575f", "#1e7777", "#7e5e70"),
    ),
    ("dark", False): (
        *("#66c7a0", "#ef9687", "#9d9be7", "#f1dbfc", "#c5f6ab"),
        *("#ab965d", "#90d6f2", "#1ea28f", "#d9bb66", "#c87ca8"),
    ),
}
"""Colours in the order of letters, by page and by whether white reads best on them: no network's, all of them 3:1."""
LEAST_MIX, FROM_MIX = 0.12, 2.0
"""A colour between that of the page and a network's has at least so much of the second, and is at most so far off."""
HEX = re.compile(r"#[0-9a-fA-F]{6}(?![0-9a-fA-F])")
RGB = re.compile(r"(rgba?\(\s*)(\d+)(\s*,\s*)(\d+)(\s*,\s*)(\d+)")
ADDRESS = re.compile(r"https?://[^\s\"'<>）)]+|/\w+\?[^\s\"'<>）)]+")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PLACES = 15
"""Letters among which a user's own network draws its own: those behind the letters of the networks of everyone."""


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """Who is called what on one board.

    Attributes
    ----------
    letters : mapping
        Letter by whom it stands for: "network:<key>" or "company:<name>".
    spelled : mapping
        Whom each folded spelling means.
    colours : mapping
        Neutral colours by the networks' own, by page ("light", "dark").
    seed : str
        Id of the board.
    told : tuple of Network
        Networks of users' own that it was told of.
    """

    letters: Mapping[str, str]
    spelled: Mapping[str, str]
    colours: Mapping[str, Mapping[Rgb, Rgb]]
    pattern: "re.Pattern[str]" = field(repr=False)
    seed: str = ""
    told: tuple[Network, ...] = ()

    def knowing(self, networks: tuple[Network, ...]) -> "Mask":
        """The mask of the same board that knows these networks too."""
        more = tuple(one for one in networks if one not in self.told)
        return _mask(self.seed, (*self.told, *more), added()) if more else self

    def text(self, text: str, lang: str) -> str:
        """Words with every network and company under its letter, and without addresses."""
        if text.isascii() and not any(map(str.isalpha, text)):
            return text
        return self.pattern.sub(lambda found: self._said(found[0], lang), ADDRESS.sub("", text))

    def _said(self, found: str, lang: str) -> str:
        whom = self.spelled.get(masked_names.folded(found))
        if whom is None:
            return found
        return say(f"show.{whom.partition(':')[0]}", lang, letter=self.letters[whom])

    def colour(self, text: str, theme: str) -> str:
        """Words, a colour or a colour in words with the networks' colours exchanged for neutral ones."""
        if "#" in text:
            text = HEX.sub(lambda found: _hex(self._other(_rgb(found[0]), theme)), text)
        return RGB.sub(lambda found: self._within(found, theme), text) if "rgb" in text else text

    def _within(self, found: "re.Match[str]", theme: str) -> str:
        head, red, one, green, two, blue = found.groups()
        other = self._other((int(red), int(green), int(blue)), theme)
        return f"{head}{other[0]}{one}{other[1]}{two}{other[2]}"

    def _other(self, colour: Rgb, theme: str) -> Rgb:
        known = self.colours[theme]
        return known[colour] if colour in known else _mixed(colour, theme, tuple(known.items()))


def mask_of(seed: str, ones: Iterable[Pinned] = ()) -> Mask:
    """The mask of a board.

    It knows the networks that everyone has, those in use where it is made, and the users' own that `ones` name.

    Parameters
    ----------
    seed : str
        Id of the board. A network everyone has keeps its letter on it for good; one of a user's own stands behind
        those, at a place that its key draws, so that others that join the board do not move it.
    ones : iterable of Pinned
        Every view of the board, whatever of it is shown.
    """
    return _mask(seed, networks_of(ones), added())


def networks_of(ones: Iterable[Pinned]) -> tuple[Network, ...]:
    """Networks of users' own that the views may name, each once."""
    return tuple(dict.fromkeys(network for one in ones for network in one.whence.networks))


@lru_cache(maxsize=64)
def _mask(seed: str, told: tuple[Network, ...], used: tuple[Platform, ...]) -> Mask:
    rows = (*told, *map(masked_names.row, used))
    with using(masked_names.joined(rows)):
        spelled = masked_names.known()
        whom = set(spelled.values())
        letters = _lettered(seed, {one for one in whom if one.startswith("network:")}, fixed=BUILT_IN)
        letters |= _lettered(seed, {one for one in whom if one.startswith("company:")}, fixed=masked_names.companies())
        colours = {theme: _neutral(letters, rows, theme) for theme in SURFACE}
        return Mask(letters, spelled, colours, masked_names.pattern(spelled), seed, told)


def _lettered(seed: str, whom: Iterable[str], *, fixed: Iterable[str]) -> dict[str, str]:
    """Letters: of the fixed ones in the order that the seed draws, of the others at the places that each draws."""
    kept = set(fixed)
    order = sorted(whom, key=lambda one: _draw(seed, one))
    known = [one for one in order if one.partition(":")[2] in kept]
    found = {one: i for i, one in enumerate(known)}
    taken = set(found.values())
    for one in order:
        if one in found:
            continue
        place = len(known) + int.from_bytes(_draw(seed, one)[-4:]) % PLACES
        while place in taken:
            place += 1
        found[one] = place
        taken.add(place)
    return {one: _letter(place) for one, place in sorted(found.items(), key=lambda item: item[1])}


def masked(one: Pinned, mask: Mask) -> Pinned:
    """The view without a name or a colour that gives a network away; its numbers are the same."""
    view, mask = one.view, mask.knowing(one.whence.networks)
    shown = replace(
        view,
        figure=_rewritten(view.figure, mask, one),
        table=_table(view.table, mask, one),
        title=mask.text(view.title, one.lang),
        caption=mask.text(view.caption, one.lang),
        alt=mask.text(view.alt, one.lang),
    )
    return replace(one, view=shown, whence=_whence(one.whence, mask, one.lang))


def masked_slide(slide: Slide, mask: Mask) -> Slide:
    """The slide with its view, title and note so."""
    lang, mask = slide.one.lang, mask.knowing(slide.one.whence.networks)
    return replace(
        slide, one=masked(slide.one, mask), title=mask.text(slide.title, lang), note=mask.text(slide.note, lang)
    )


def _whence(whence: Whence, mask: Mask, lang: str) -> Whence:
    """Names go; so do the address and the list of networks, which hold them."""
    kept = ("page", "version", "made", "address", "networks")
    parts: dict[str, Any] = {}
    for part in fields(whence):
        value = getattr(whence, part.name)
        if part.name not in kept:
            parts[part.name] = (
                mask.text(value, lang) if isinstance(value, str) else tuple(mask.text(text, lang) for text in value)
            )
    return replace(whence, **parts, address="", networks=())


def _rewritten(value: Any, mask: Mask, one: Pinned) -> Any:
    """Every text in a figure or in a cell."""
    if isinstance(value, str):
        return mask.text(mask.colour(value, one.theme), one.lang)
    if isinstance(value, Mapping):
        return {key: _rewritten(inner, mask, one) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rewritten(inner, mask, one) for inner in value]
    return value


def _table(table: pd.DataFrame, mask: Mask, one: Pinned) -> pd.DataFrame:
    columns = [_column(table.iloc[:, i], mask, one) for i in range(table.shape[1])]
    if not columns:
        return table
    return pd.concat(columns, axis=1, keys=_apart(mask.text(str(name), one.lang) for name in table))


def _column(column: pd.Series, mask: Mask, one: Pinned) -> pd.Series:
    kind = column.dtype
    if is_bool_dtype(kind) or is_numeric_dtype(kind) or is_datetime64_any_dtype(kind):
        return column
    return pd.Series([_rewritten(cell, mask, one) for cell in column], index=column.index, dtype="object")


def _apart(names: Iterable[str]) -> list[str]:
    """Headers, each a text of its own: one that comes again is numbered."""
    found: list[str] = []
    for name in names:
        other, n = name, 1
        while other in found:
            n += 1
            other = f"{name} ({n})"
        found.append(other)
    return found


def _draw(seed: str, whom: str) -> bytes:
    return hashlib.sha256(f"{seed}\n{whom}".encode()).digest()


def _letter(place: int) -> str:
    """A, B... Z, AA, AB..."""
    more, last = divmod(place, len(LETTERS))
    return (_letter(more - 1) if more else "") + LETTERS[last]


def _neutral(letters: Iterable[str], rows: Iterable[Network], theme: str) -> dict[Rgb, Rgb]:
    """Neutral colours in the order of letters; white or black reads on each as it did on the network's own."""
    found: dict[Rgb, Rgb] = {}
    taken = {True: 0, False: 0}
    drawn = {"light": 3, "dark": 4}[theme]
    for key in (one.removeprefix("network:") for one in letters if one.startswith("network:")):
        platform, shown = PLATFORMS[key], Theme(theme).colour(key)
        white = ink_on(shown) == "#ffffff"
        offered = NEUTRAL[theme, white]
        other = _rgb(offered[taken[white] % len(offered)])
        taken[white] += 1
        told = [row[drawn] for row in rows if row[0] == key]
        own = platform.light if theme == "light" else platform.dark
        for colour in (shown, own, *told, *(readable(one, theme) for one in told)):
            found.setdefault(_rgb(colour), other)
    home = Theme(theme).colour(OUTSIDE)
    return found | {_rgb(home): _rgb(home)}


@lru_cache(maxsize=65536)
def _mixed(colour: Rgb, theme: str, known: tuple[tuple[Rgb, Rgb], ...]) -> Rgb:
    """A colour between the page's and a network's, as much between the page's and the neutral one; else itself."""
    ground = _rgb(SURFACE[theme])
    for own, other in known:
        along = [o - g for o, g in zip(own, ground, strict=True)]
        length = sum(step * step for step in along)
        part = sum((c - g) * step for c, g, step in zip(colour, ground, along, strict=True)) / length
        off = max(abs(c - g - part * step) for c, g, step in zip(colour, ground, along, strict=True))
        if LEAST_MIX <= part <= 1 and off <= FROM_MIX:
            red, green, blue = (round(g + part * (o - g)) for o, g in zip(other, ground, strict=True))
            return red, green, blue
    return colour


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
