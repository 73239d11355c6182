"""Text that a reader, a file or a link brought, made safe for the places that read marks in it.

Streamlit's Markdown knows links, pictures, formulas, coloured words and icons, and makes a link of a bare address too;
Plotly knows a few HTML tags in every label, a spreadsheet formulas in a cell. What was brought is shown as written.
"""

import re
import unicodedata

JOINER = "\u2060"
"""Unseen, and no break: parts an address from its scheme, which no backslash does."""
_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>$~:&@/])")
_LIVE = re.compile(r"([\\`\[\]<$]|~(?=~)|:(?=[\w+/-]+\[))")
_ADDRESS = re.compile(
    r"(?<=https)(?=://)|(?<=http)(?=://)|(?<=www)(?=\.)|(?<=[\w.+-])(?=@[\w-])|(?<=:)(?!\d\d:)(?=[\w+/-]+:)",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(?=[/A-Za-z])")
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A text that begins so, blanks and full width aside, would be a formula to a spreadsheet."""
_NUMBER = re.compile(r"[+-]?\d[\d,.]*%?")


def unmarked(text: str) -> str:
    """Text of others for Markdown: nothing in it becomes a link, a picture, an icon or a style."""
    return _MARKS.sub(r"\\\1", _ADDRESS.sub(JOINER, text))


def as_written(text: str) -> str:
    """What `unmarked` or `unlinked` made safe, as it was."""
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL).replace(JOINER, "")


def unlinked(text: str) -> str:
    """A sentence of ours that may hold a name of others, for Markdown: nothing in it is fetched, followed or run.

    Bold words and lists stay; a sentence without such marks stays as it is.

    Examples
    --------
    >>> unlinked("**A** leads by 3.1 points")
    '**A** leads by 3.1 points'
    """
    return _LIVE.sub(r"\\\1", _ADDRESS.sub(JOINER, text))


def untagged(text: str) -> str:
    """Text of others for a label of Plotly: tags in it are shown as they are written."""
    return _TAG.sub(f"<{JOINER}", text)


def uncalculated(text: str) -> str:
    """Text for a cell of a CSV: an apostrophe stands before what a spreadsheet would take for a formula.

    Examples
    --------
    >>> uncalculated("=1+1"), uncalculated("-0.5")
    ("'=1+1", '-0.5')
    """
    bare = unicodedata.normalize("NFKC", text).lstrip()
    begins = text.startswith(FORMULAS) or bare.startswith(FORMULAS)
    return f"'{text}" if begins and _NUMBER.fullmatch(text) is None else text
