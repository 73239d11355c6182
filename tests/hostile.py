"""Names that strangers may give, and what a page would make of them: links, pictures, icons, formulas, tags, scripts.

What Streamlit's page makes of Markdown is told by CommonMark (markdown-it) and by what its own page does beyond it
(StreamlitMarkdown.js of the pinned version): bare addresses become links after escapes are resolved, words between
colons icons, `:name[...]` styles, dollars formulas.
"""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from markdown_it import MarkdownIt
from streamlit.testing.v1 import AppTest

from tests.shown import UNSEEN, nodes

MARK = "zqx"
"""Stands in every payload."""
OUTSIDE = f"{MARK}.example"
PAYLOADS = (
    f"![{MARK}](https://{OUTSIDE}/a.png)",
    f"[{MARK}](https://{OUTSIDE}/b)",
    f"<img src=https://{OUTSIDE}/c.png onerror=window.{MARK}=1>",
    f"<a href='https://{OUTSIDE}/d'>{MARK}</a><b>{MARK}</b>",
    f"<script>window.{MARK}=1</script>",
    f"https://{OUTSIDE}/e www.{OUTSIDE} {MARK}@{OUTSIDE}",
    f":material/{MARK}: :{MARK}: :red[{MARK}]",
    f"${MARK}$ `{MARK}` ~~{MARK}~~ <https://{OUTSIDE}/f>",
    f"=cmd|'/c {MARK}'!A1",
    f"\\[{MARK}](https://{OUTSIDE}/g)",
    f"]( https://{OUTSIDE}/h ![{MARK}][x",
)
NAME = f"![{MARK}](https://{OUTSIDE}/a.png) <img src=//{OUTSIDE}/b> https://{OUTSIDE} :red[{MARK}] :material/{MARK}:"
"""As much as a name holds: 120 letters."""
NOT_MARKDOWN = {
    "code": ("code_text", "body"),
    "arrow_data_frame": ("alt",),
    "dataframe": ("alt",),
    "plotly_chart": ("spec", "config", "alt"),
    "deck_gl_json_chart": ("json", "alt"),
    "html": ("body",),
    "bidi_component": ("json",),
    "download_button": ("url",),
    "link_button": ("url",),
    "page_link": ("page", "query_string"),
}
"""Fields of elements that show a text letter by letter, or not at all; or that are looked at in another way."""
TYPED = ("selectbox", "multiselect", "text_input", "text_area")
"""Inputs of which only the label and the help are Markdown."""
_ADDRESS = re.compile(r"(https?://|www(?=\.))([-.\w]+)([^ \t\r\n]*)", re.IGNORECASE)
_MAIL = re.compile(r"(?<![\w.+-])([-.\w+]+)@([-\w]+(?:\.[-\w]+)+)")
_ICON = re.compile(r":material[_/](\w+):|:[\w+-][\w+-]*:")
_STYLE = re.compile(r"(?<!\\)(?:\\\\)*:[\w-]+\[")
_FORMULA = re.compile(r"(?<!\\)\$(?!\s)[^$\n]*[^\s$\\]\$")
_PARSER = MarkdownIt("commonmark", {"html": True}).enable(["strikethrough", "table"])


def live(markdown: str) -> list[str]:
    """What a page would make of a text beyond letters and emphasis, as far as the mark is in it."""
    found = [f"style {one[0]}" for one in _STYLE.finditer(markdown) if MARK in markdown[one.end() :][:40]]
    found += [f"formula {one[0]}" for one in _FORMULA.finditer(markdown) if MARK in one[0]]
    for token in _flat(_PARSER.parse(markdown)):
        if token.type in ("link_open", "image"):
            found.append(f"{token.type} {token.attrs.get('href') or token.attrs.get('src')}")
        elif token.type in ("html_inline", "html_block", "code_inline", "fence"):
            found.append(f"{token.type} {token.content}")
        elif token.type == "text":
            for pattern in (_ADDRESS, _MAIL, _ICON):
                found += [f"{pattern.pattern[:12]} {one[0]}" for one in pattern.finditer(token.content)]
    return [one for one in found if MARK in one and not re.fullmatch(r"code_inline \w+", one)]


def _flat(tokens: Any) -> Iterator[Any]:
    for token in tokens:
        yield token
        yield from _flat(token.children or [])


class _Tags(HTMLParser):
    """Tags and attributes that hold the mark, and scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = f"<{tag} {attrs}>"
        if MARK in said:
            self.found.append(said)


def tags(html: str) -> list[str]:
    """Tags of HTML that hold the mark."""
    parser = _Tags()
    parser.feed(html)
    return parser.found


def labels(figure: Any) -> Iterator[str]:
    """Every text of a figure."""
    if isinstance(figure, dict):
        for one in figure.values():
            yield from labels(one)
    elif isinstance(figure, list):
        for one in figure:
            yield from labels(one)
    elif isinstance(figure, str):
        yield figure


_PSEUDO = re.compile(r"<(/?(?:a|b|i|em|u|s|sup|sub|span|br)\b[^<>]*)>", re.IGNORECASE)


def tagged(text: str) -> list[str]:
    """Tags of Plotly in a label that hold the mark: `<a href=...>` above all."""
    return [one[0] for one in _PSEUDO.finditer(text) if MARK in one[1]]


def alive(app: AppTest) -> list[str]:
    """What on a page has come alive of what strangers named, each with the element that shows it."""
    found = []
    for node in nodes(app._tree):
        proto = getattr(node, "proto", None)
        if not hasattr(proto, "ListFields"):
            continue
        texts = list(_texts(proto))
        skipped = NOT_MARKDOWN.get(node.type, ())
        for name, text in texts:
            plain = node.type in TYPED and name not in ("label", "help")
            if MARK in text and name not in skipped and not plain:
                found += [f"{node.type}.{name}: {one}" for one in live(text)]
        if node.type == "html":
            found += [f"html: {one}" for _, text in texts for one in tags(text)]
        if node.type == "plotly_chart" and MARK in proto.spec:
            found += [f"plotly: {one}" for text in labels(json.loads(proto.spec)) for one in tagged(text)]
        if node.type == "deck_gl_json_chart" and MARK in proto.json:
            tip = json.loads(proto.tooltip or "{}") if hasattr(proto, "tooltip") else {}
            found += [f"deck: {one}" for one in tags(str(tip.get("html", "")))]
    return found


def met(app: AppTest) -> bool:
    """Whether the page shows anything of what strangers named at all: else nothing was tested."""
    return any(
        MARK in text
        for node in nodes(app._tree)
        if hasattr(getattr(node, "proto", None), "ListFields")
        for _, text in _texts(node.proto)
    ) or any(MARK in str(table.value.to_dict()) for table in app.dataframe)


def _texts(message: Any) -> Iterator[tuple[str, str]]:
    for field, value in message.ListFields():
        if field.name in UNSEEN - {"html", "body"}:
            continue
        values = value if field.is_repeated else [value]
        if field.message_type is None:
            yield from ((field.name, one) for one in values if field.type == field.TYPE_STRING)
        elif not field.message_type.GetOptions().map_entry:
            for one in values:
                yield from _texts(one)
