"""Markdown to HTML: no HTML passes through, formulas become MathML, headings have the anchors that links rely on."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import count, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

Link = Callable[[str], str]
NAMED = re.compile(r'\s*<a id="([\w-]+)"></a>')
"""Anchor given to a heading: the one bit of HTML that is understood; others that show Markdown understand it too."""
SHALLOWEST, DEEPEST = 2, 3
"""Levels of the headings that the contents of a page list."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading.

    Attributes
    ----------
    level : int
        1 for the title of the chapter.
    anchors : tuple of str
        The first is the one that contents and search lead to.
    text : str
    """

    level: int
    anchors: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """What stands below one heading, as plain text."""

    heading: Heading
    text: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text brought to HTML.

    Attributes
    ----------
    title : str
        Its first heading of level 1.
    html : str
    sections : tuple of Section
    pictures, links : tuple of str
        Where they lead, as written.
    """

    title: str
    html: str
    sections: tuple[Section, ...]
    pictures: tuple[str, ...]
    links: tuple[str, ...]

    @property
    def anchors(self) -> frozenset[str]:
        """Every anchor of the text."""
        return frozenset(anchor for one in self.sections for anchor in one.heading.anchors)


def render(markdown: str, *, link: Link) -> Rendered:
    """Bring a text to HTML.

    Parameters
    ----------
    link : callable
        Where a link or picture of the text leads; "" where there is nothing to lead to, and the words stand alone.
    """
    parser = _parser()
    tokens = parser.parse(markdown)
    inline = [child for token in tokens for child in token.children or ()]
    pictures = tuple(str(one.attrGet("src")) for one in inline if one.type == "image")
    links = tuple(str(one.attrGet("href")) for one in inline if one.type == "link_open")
    sections = tuple(_sections(tokens))
    for token in tokens:
        if token.children:
            token.children = list(_led(token.children, link))
    html = parser.renderer.render(tokens, parser.options, {})
    title = next((one.heading.text for one in sections if one.heading.level == 1), "")
    return Rendered(title, html, sections, pictures, links)


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.use(dollarmath_plugin, allow_space=False, allow_digits=False, renderer=_formula)
    parser.core.ruler.after("block", "named", lambda state: _name(state.tokens))
    parser.core.ruler.push("reached", lambda state: _reach(state.tokens))
    parser.add_render_rule("table_open", lambda *_: '<div class="table" tabindex="0" role="region"><table>\n')
    parser.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return parser


def _formula(tex: str, options: dict[str, bool]) -> str:
    """A formula as MathML."""
    from latex2mathml.converter import convert

    return convert(tex, display="block" if options.get("display_mode") else "inline")


def slug(text: str) -> str:
    """Anchor of a heading that was given none, as GitHub makes it: `"Who wins, where?"` becomes `"who-wins-where"`."""
    return re.sub(r"[^\w\- ]", "", text.lower()).strip().replace(" ", "-")


def _name(tokens: "Sequence[Token]") -> None:
    """Take the anchors out of headings, or make one that no other has, before their words are read."""
    pairs = [(head, words) for head, words in pairwise(tokens) if head.type == "heading_open"]
    taken = {anchor for _, words in pairs for anchor in NAMED.findall(words.content)}
    for head, words in pairs:
        given = NAMED.findall(words.content)
        words.content = NAMED.sub("", words.content).strip()
        made = slug(words.content)
        free = (f"{made}-{n}" if n else made for n in count())
        head.meta["anchors"] = tuple(given) or (next(one for one in free if one not in taken),)
        taken.add(head.meta["anchors"][0])


def _reach(tokens: "Sequence[Token]") -> None:
    """Put the anchors into the headings."""
    from markdown_it.token import Token

    for head, words in pairwise(tokens):
        if head.type == "heading_open":
            first, *rest = head.meta["anchors"]
            head.attrSet("id", first)
            marks = [Token("html_inline", "", 0, content=f'<span id="{escape(one)}"></span>') for one in rest]
            words.children = [*marks, *(words.children or ())]


def _led(children: "Sequence[Token]", link: Link) -> "Iterator[Token]":
    """The same words with links and pictures that lead somewhere; what leads nowhere is words alone."""
    dropped = False
    for one in children:
        if one.type == "image":
            one.attrSet("src", link(str(one.attrGet("src"))))
            one.attrSet("loading", "lazy")
        if one.type == "link_open":
            target = link(str(one.attrGet("href")))
            dropped = not target
            one.attrSet("href", target)
            if "://" in target:
                one.attrSet("rel", "noopener noreferrer")
                one.attrSet("target", "_blank")
        if not (dropped and one.type in ("link_open", "link_close")):
            yield one


def _sections(tokens: "Sequence[Token]") -> Iterator[Section]:
    heading, said = Heading(0, ("",), ""), list[str]()
    inside = False
    for token in tokens:
        if token.type == "heading_open":
            if heading.level:
                yield Section(heading, " ".join(said))
            heading, said, inside = Heading(int(token.tag[1:]), token.meta["anchors"], ""), [], True
        elif token.type == "heading_close":
            inside = False
        elif token.type == "inline" and inside:
            heading = Heading(heading.level, heading.anchors, _plain(token))
        elif token.type == "inline":
            said.append(_plain(token))
        elif token.type in ("fence", "code_block", "math_block"):
            said.append(token.content)
    if heading.level:
        yield Section(heading, " ".join(said))


def _plain(token: "Token") -> str:
    """Words of a line without marks."""
    drawn = (
        one.content if one.type != "softbreak" else " " for one in token.children or () if one.type != "html_inline"
    )
    return "".join(drawn).strip()
