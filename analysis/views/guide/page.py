"""A page of the guide: chapter, contents, search, the chapters before and after. Plain HTML, all links relative."""

import re
from collections.abc import Iterable, Iterator
from html import escape
from urllib.parse import urlencode

from analysis.views.guide.chapters import APP_PAGES, GROUPS, HOME, KEYS, Chapter, chapter
from analysis.views.guide.render import DEEPEST, SHALLOWEST, Heading, Section
from data.text import LANGUAGES, say

THEMES = ("light", "dark")
NAMES = {"en": "English", "zh": "中文"}
MOST = 30
"""Places that a search lists."""
LONGEST = 80
"""Letters of a search."""
AROUND = 90
"""Letters shown on each side of what was found."""
HIT, HIT_TITLE = 1, 4
"""What a word counts in a text and in its heading."""
Found = tuple[Chapter, Section]


def page(key: str, lang: str, *, theme: str = "", style: str = "") -> str:
    """HTML of a chapter.

    Parameters
    ----------
    theme : str
        "light" or "dark"; the reader's system decides otherwise.
    style : str
        Mark of the style sheet, so that a new one is fetched.

    Raises
    ------
    KeyError
        When there is no such chapter or language.
    """
    one = chapter(key, lang)
    other = f'<p class="note">{_say("guide.english", lang)}</p>' if one.written != lang else ""
    opened = _open_page(key, lang)
    body = f'{opened}{other}<article lang="{_tag(one.written)}">{one.body.html}</article>{_turns(key, lang, theme)}'
    return _frame(one.body.title, body, key, lang, theme, style, aside=_on_page(one, lang))


def unknown_page(key: str, lang: str, *, theme: str = "", style: str = "") -> str:
    """HTML that says that there is no such chapter."""
    title = say("guide.unknown_title", lang)
    words = escape(say("guide.unknown", lang, name=key[:LONGEST]))
    home = f'<p><a href="{_to(HOME, theme)}">{escape(chapter(HOME, lang).body.title)}</a></p>'
    return _frame(title, f"<article><h1>{escape(title)}</h1><p>{words}</p>{home}</article>", "", lang, theme, style)


def search_page(words: str, lang: str, *, theme: str = "", style: str = "") -> str:
    """HTML of the places at which all of some words stand."""
    words = words.strip()[:LONGEST]
    found = found_in(words, lang)
    key = "guide.found" if found else "guide.found_none"
    said = escape(say(key, lang, n=len(found), words=words)) if words else _say("guide.search_first", lang)
    rows = "".join(_row(one, words, theme) for one in found[:MOST])
    title = say("guide.search", lang)
    body = f'<article><h1>{escape(title)}</h1><p role="status">{said}</p><ul class="found">{rows}</ul></article>'
    return _frame(title, body, "", lang, theme, style, words=words)


def found_in(words: str, lang: str) -> list[Found]:
    """Sections that hold every word, those with most of them in heading and text first."""
    wanted = words.lower().split()
    held = [(_score(section, wanted), one, section) for one in _all(lang) for section in one.body.sections]
    ranked = sorted((row for row in held if row[0]), key=lambda row: -row[0])
    return [(one, section) for _, one, section in ranked]


def _score(section: Section, wanted: list[str]) -> int:
    title, text = section.heading.text.lower(), section.text.lower()
    if not wanted or not all(word in title or word in text for word in wanted):
        return 0
    return sum(HIT_TITLE * title.count(word) + HIT * min(text.count(word), HIT_TITLE - 1) for word in wanted)


def _all(lang: str) -> Iterator[Chapter]:
    return (chapter(key, lang) for key in KEYS)


def _row(found: Found, words: str, theme: str) -> str:
    one, section = found
    name = one.body.title if section.heading.level == 1 else f"{one.body.title} · {section.heading.text}"
    link = _to(one.key, theme, section.heading.anchors[0])
    return f'<li lang="{_tag(one.written)}"><a href="{link}">{escape(name)}</a><br>{_around(section.text, words)}</li>'


def _around(text: str, words: str) -> str:
    """What stands around the first word that the text holds, with the words marked."""
    wanted = words.lower().split()
    at = min((place for word in wanted if (place := text.lower().find(word)) >= 0), default=0)
    shown = escape(text[max(0, at - AROUND) : at + AROUND])
    marked = "|".join(sorted((re.escape(escape(word)) for word in wanted), key=len, reverse=True))
    return re.sub(f"({marked})", r"<mark>\1</mark>", shown, flags=re.IGNORECASE) if marked else shown


def _frame(
    title: str, body: str, key: str, lang: str, theme: str, style: str, *, aside: str = "", words: str = ""
) -> str:
    chosen = f' data-theme="{theme}"' if theme in THEMES else ""
    name = say("guide.title", lang)
    return (
        f'<!doctype html>\n<html lang="{_tag(lang)}"{chosen}>\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)} · {escape(name)}</title>"
        '<link rel="icon" href="../../app/static/favicon.png">'
        f'<link rel="stylesheet" href="../assets/guide.css?v={style}">'
        f'</head>\n<body><a class="skip" href="#content">{_say("guide.skip", lang)}</a>'
        f"{_head(key, lang, theme, words)}"
        f'<div class="frame">{_contents(key, lang, theme)}<main id="content" tabindex="-1">{body}</main>{aside}</div>'
        "</body></html>\n"
    )


def _head(key: str, lang: str, theme: str, words: str) -> str:
    hidden = f'<input type="hidden" name="theme" value="{theme}">' if theme in THEMES else ""
    label = _say("guide.search", lang)
    languages = _choice(
        (f"../{other}/{_to(key or HOME, theme)}", NAMES[other], other == lang, other) for other in LANGUAGES
    )
    themes = _choice(
        ((_here(one, words), say(f"guide.theme_{one}", lang), one == theme, lang) for one in THEMES),
    )
    return (
        f'<header><a class="home" href="{_to(HOME, theme)}">{_say("guide.title", lang)}</a>'
        f'<form role="search" action="search" method="get"><input type="search" name="q" value="{escape(words)}" '
        f'maxlength="{LONGEST}" aria-label="{label}" placeholder="{label}">{hidden}'
        f'<button type="submit">{_say("guide.search_do", lang)}</button></form>'
        f'<nav class="choice" aria-label="{_say("guide.language", lang)}">{languages}</nav>'
        f'<nav class="choice" aria-label="{_say("guide.theme", lang)}">{themes}</nav></header>'
    )


def _choice(items: Iterable[tuple[str, str, bool, str]]) -> str:
    """Links of which one is in force."""
    now = {True: ' aria-current="true"', False: ""}
    return "".join(
        f'<a href="{link}" lang="{_tag(lang)}"{now[chosen]}>{escape(name)}</a>' for link, name, chosen, lang in items
    )


def _here(theme: str, words: str) -> str:
    """The same page in a theme."""
    return "?" + escape(urlencode({"q": words, "theme": theme} if words else {"theme": theme}))


def _contents(key: str, lang: str, theme: str) -> str:
    groups = "".join(_group(group, key, lang, theme) for group, keys in GROUPS.items() if keys)
    name = _say("guide.contents", lang)
    return (
        f'<nav class="contents" aria-label="{name}"><details><summary>{name}</summary>{groups}</details>{groups}</nav>'
    )


def _group(group: str, key: str, lang: str, theme: str) -> str:
    rows = "".join(_entry(one, key, lang, theme) for one in GROUPS[group])
    return f"<h2>{_say(f'guide.group_{group}', lang)}</h2><ul>{rows}</ul>"


def _entry(one: str, key: str, lang: str, theme: str) -> str:
    held = chapter(one, lang)
    now = ' aria-current="page"' if one == key else ""
    return f'<li lang="{_tag(held.written)}"><a href="{_to(one, theme)}"{now}>{escape(held.body.title)}</a></li>'


def _on_page(one: Chapter, lang: str) -> str:
    heads = [s.heading for s in one.body.sections if SHALLOWEST <= s.heading.level <= DEEPEST]
    if len(heads) < SHALLOWEST:
        return ""
    name = _say("guide.on_page", lang)
    rows = "".join(_line(head) for head in heads)
    return f'<nav class="headings" aria-label="{name}" lang="{_tag(one.written)}"><h2>{name}</h2><ul>{rows}</ul></nav>'


def _line(head: Heading) -> str:
    return f'<li class="level{head.level}"><a href="#{escape(head.anchors[0])}">{escape(head.text)}</a></li>'


def _open_page(key: str, lang: str) -> str:
    """The way from a page's chapter to the page itself."""
    if key not in APP_PAGES:
        return ""
    name = say("guide.open_page", lang, name=say(f"page.{key}", lang))
    path = "" if key == APP_PAGES[0] else key
    return f'<p class="open"><a href="../../{path}?lang={lang}">{escape(name)}</a></p>'


def _turns(key: str, lang: str, theme: str) -> str:
    at = KEYS.index(key)
    links = []
    for word, place in (("previous", at - 1), ("next", at + 1)):
        if 0 <= place < len(KEYS):
            one = chapter(KEYS[place], lang)
            links.append(
                f'<a class="{word}" rel="{word[:4]}" href="{_to(one.key, theme)}"><small>{_say(f"guide.{word}", lang)}'
                f'</small> <span lang="{_tag(one.written)}">{escape(one.body.title)}</span></a>'
            )
    return f'<nav class="turns" aria-label="{_say("guide.turn", lang)}">{"".join(links)}</nav>'


def _to(key: str, theme: str, anchor: str = "") -> str:
    """Address of a chapter, seen from another."""
    asked = f"?theme={theme}" if theme in THEMES else ""
    return escape(f"{key}{asked}{f'#{anchor}' if anchor else ''}")


def _say(key: str, lang: str) -> str:
    return escape(say(key, lang))


def _tag(lang: str) -> str:
    return "zh-CN" if lang == "zh" else lang
