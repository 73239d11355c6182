"""Every text that a page shows, as its reader sees it: labels, helps, cells, hovers, names of series, alternatives."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pandas as pd
from streamlit.testing.v1 import AppTest

from data import record
from data.text import LANGUAGES, has, say
from tests.browser import ROOT

SECONDS = 120
ADDRESSES = (
    "overview",
    *(f"share?view={view}" for view in ("standing", "moves", "drivers", "trust", "couriers")),
    "subsidy",
    "scenario",
    *(f"growth?topic={topic}" for topic in ("series", "tiers", "league", "ledger")),
    *(f"map?room={room}" for room in ("explore", "nation", "coverage", "catchment", "lockers", "rural")),
    "record",
    "data",
    "present",
)
UNSEEN = {
    "id", "url", "key", "spec", "icon", "form_id", "css", "js", "html", "json", "js_content", "css_content", "type",
    "html_content", "format", "mime", "mime_type", "component_name", "language", "element_id", "color", "dtype", "tag",
    "column_config", "columns", "arrow_data", "page_script_hash", "query_params", "query_string", "query_param_key",
    "page", "config", "theme", "selection_mode", "url_path", "script", "name", "tooltip", "code_text",
    "deferred_file_id", "anchor", "user_key", "group_id", "block_id", "chart_data", "file_urls_id",
}  # fmt: skip
"""Fields of Streamlit's messages that are for the browser; formulas and addresses in code boxes are no words."""
DRAWN = ("text", "hovertemplate", "ticktext", "name", "label", "labels", "customdata", "hovertext", "x", "y", "title")
"""Entries of a figure with words; numbers and dates among them have no letter."""
CITED = ("record.source", "record.source_date", "record.note", "record.link", "cover.cell")
"""Columns with what others wrote, in their language, or with codes."""


@cache
def texts(address: str, lang: str) -> tuple[tuple[str, str], ...]:
    """Each text of a page with the kind of element that shows it."""
    return tuple(dict.fromkeys(_texts(address, lang)))


def _texts(address: str, lang: str) -> Iterator[tuple[str, str]]:
    for node in nodes(opened(address, lang)._tree):
        proto = getattr(node, "proto", None)
        if not hasattr(proto, "ListFields"):
            continue
        yield from ((f"{node.type}.{name}", text) for name, text in _fields(proto))
        if node.type in ("arrow_data_frame", "dataframe"):
            yield from _cells(node.value)
        if node.type == "plotly_chart":
            yield from (("figure", text) for text in _figure(json.loads(proto.spec)))


def opened(address: str, lang: str) -> AppTest:
    """The app at an address, run to its end."""
    page, _, query = address.partition("?")
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    app.query_params["lang"] = lang
    for pair in filter(None, query.split("&")):
        name, value = pair.split("=")
        app.query_params[name] = value
    app.run()
    if page != "overview":
        app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    return app


def bare(text: str) -> str:
    """A text without addresses, markup, what a chart fills in, and the titles of sources."""
    text = re.sub(
        r"<(style|script)>.*?</\1>|https?://\S+|:material/\w+:|:[a-z]+(-badge)?\[|`[^`]*`|\$[^$]+\$", " ", text
    )
    lines = [re.sub(r"<[^<>]*>|%?\{[^{}]*\}", "", line) for line in re.split(r"<br/?>", text)]
    said = "\n".join(line for line in lines if line not in _titles())
    if not re.search(r"[a-z]+ [a-z]+ [a-z]+", said):
        return said
    longest = sorted((title for title in _titles() if title in said), key=len, reverse=True)  # one begins another
    return re.sub("|".join(map(re.escape, longest)) or "(?!)", "《》", said)


def nodes(node: Any) -> Iterator[Any]:
    """An app's element and all within it."""
    yield node
    for child in getattr(node, "children", {}).values():
        yield from nodes(child)


def _fields(message: Any) -> Iterator[tuple[str, str]]:
    for field, value in message.ListFields():
        if field.name in UNSEEN:
            continue
        values = value if field.is_repeated else [value]
        if field.message_type is None:
            yield from ((field.name, one) for one in values if field.type == field.TYPE_STRING)
        elif not field.message_type.GetOptions().map_entry:
            for one in values:
                yield from _fields(one)


def _cells(table: pd.DataFrame) -> Iterator[tuple[str, str]]:
    cited = {say(key, lang) for key in CITED if has(key) for lang in LANGUAGES}
    for column in table:
        yield "header", str(column)
        if str(column) not in cited:
            yield from (("cell", text) for text in dict.fromkeys(v for v in table[column] if isinstance(v, str)))


def _figure(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            if key not in ("bdata", "template", "geojson", "locations", "colorscale", "type", "mode", "font", "ids"):
                yield from _figure(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from _figure(one, name)
    elif isinstance(value, str) and name in DRAWN and not re.fullmatch(r"[\d:T.-]+|[xy]\d*|paper|pixel", value):
        yield value


@cache
def _titles() -> frozenset[str]:
    titles = record.load()["source_title"].dropna()
    return frozenset([*titles, *titles.str[:70]])
