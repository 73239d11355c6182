"""Which chapters there are, in which order, and where their links lead. A new chapter is one entry and two files."""

import posixpath
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from analysis.views.guide.render import Rendered, render
from data.text import LANGUAGES

DOCS = Path(__file__).resolve().parents[3] / "docs"
PICTURES = DOCS / "guide" / "pictures"
STYLE = Path(__file__).with_name("guide.css")
HOME = "start"
APP_PAGES = ("overview", "share", "subsidy", "scenario", "growth", "map", "record", "data", "present")
"""Chapters that go by the name of a page of the app."""
WRITTEN = {
    "using": (HOME, *APP_PAGES),
    "reading": ("numbers", "exports", "glossary"),
    "files": ("files", "findings", "versions", "texts"),
}
"""Chapters in both languages, by group: words under `guide.group_<group>`."""
TEXTS = {
    "methods": "methods.md",
    "about-share": "share.md",
    "about-scenario": "scenario.md",
    "about-growth": "growth.md",
    "about-map": "map.md",
    "about-data": "data.md",
    "about-meeting": "meeting.md",
    "operate": "operate.md",
    "deploy": "deploy/README.md",
    "store": "store.md",
    "keep": "keep.md",
    "people": "people.md",
    "security": "security.md",
    "engine": "engine.md",
    "speed": "speed.md",
    "contribute": "contribute.md",
    "changelog": "../CHANGELOG.md",
}
"""English texts by chapter: files below `docs/`."""
GROUPS: dict[str, tuple[str, ...]] = {
    **WRITTEN,
    "behind": tuple(key for key, path in TEXTS.items() if (DOCS / path).is_file()),
}
"""All chapters in their order."""
KEYS = tuple(key for keys in GROUPS.values() for key in keys)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter in one language.

    Attributes
    ----------
    key, lang : str
        Its name in the address, and the language of the pages around it.
    written : str
        Language that it is written in.
    body : Rendered
    """

    key: str
    lang: str
    written: str
    body: Rendered


def source(key: str, lang: str) -> Path:
    """File that a chapter is written in."""
    return DOCS / TEXTS[key] if key in TEXTS else DOCS / "guide" / lang / f"{key}.md"


@cache
def chapter(key: str, lang: str) -> Chapter:
    """A chapter, rendered once.

    Raises
    ------
    KeyError
        When there is no such chapter or language.
    """
    if key not in KEYS or lang not in LANGUAGES:
        raise KeyError(f"no chapter {key} in {lang}")
    file = source(key, lang)
    body = render(file.read_text("utf-8"), link=lambda target: leads_to(target, file, lang))
    return Chapter(key, lang, LANGUAGES[0] if key in TEXTS else lang, body)


def leads_to(target: str, file: Path, lang: str) -> str:
    """Where a link or picture of a file leads, seen from a page of the guide; "" for what the guide does not hold."""
    path, hash, anchor = target.partition("#")
    if not path or "://" in path or path.startswith("mailto:"):
        return target
    folder = posixpath.relpath(file.parent.as_posix(), DOCS.as_posix())
    found = posixpath.normpath(posixpath.join(folder, path))
    if found.startswith("guide/pictures/"):
        return f"../pictures/{posixpath.basename(found)}"
    known = {text: key for key, text in TEXTS.items() if key in KEYS}
    if found in known:
        return f"{known[found]}{hash}{anchor}"
    for other in LANGUAGES:
        stem, ending = posixpath.splitext(found)
        if ending == ".md" and stem.removeprefix(f"guide/{other}/") in KEYS and stem.startswith(f"guide/{other}/"):
            key = stem.removeprefix(f"guide/{other}/")
            return f"{key if other == lang else f'../{other}/{key}'}{hash}{anchor}"
    return ""
