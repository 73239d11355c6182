"""The same views as one HTML page: it opens from a disk without a network, and its charts answer the pointer."""

import gzip
import json
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path

from analysis.views.look import Look
from analysis.views.report.frame import PAGE_HEIGHT, figure
from analysis.views.report.geo import used
from analysis.views.report.markup import code, element, strip, table
from analysis.views.report.origin import caption, made, origin
from analysis.views.report.page import CONFIG, SCRIPT, STYLE
from analysis.views.slide import Slide, Told, untold

ROWS, COLUMNS = 500, 40
"""Of a table in the page."""
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
"""The page may fetch nothing, from nowhere."""


def html(slides: Sequence[Slide], look: Look, *, name: str, told: Told = untold) -> bytes:
    """One file with everything in it: charts, tables, notes and where each number comes from.

    Parameters
    ----------
    name : str
        Title of the page.
    told : callable
        Is told of each view that is done; may raise `data.intake.watch.Cancelled`.
    """
    sections = []
    for n, slide in enumerate(slides):
        told(n, len(slides))
        sections.append(_section(slide, look, n))
    charts = {n: figure(slide.one) for n, slide in enumerate(slides) if slide.one.kind in ("chart", "map")}
    data = {"figures": charts, "assets": used(charts.values()), "config": CONFIG}
    links = "".join(f'<li><a href="#view-{n}">{escape(slide.title)}</a></li>' for n, slide in enumerate(slides))
    newest = max((slide.made or slide.one.whence.made for slide in slides), default="")
    document = (
        f'<!doctype html><html lang="{code(look.lang)}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(name)}</title><style>{STYLE}</style></head><body>"
        f'<a class="skip" href="#view-0">{escape(look.say("report.skip"))}</a>'
        f"<header><h1>{escape(name)}</h1>{element('p', look.say('report.offline', time=made(newest, look)))}</header>"
        f'<nav aria-label="{escape(look.say("report.contents"))}"><h2>{escape(look.say("report.contents"))}</h2>'
        f"<ol>{links}</ol></nav><main>{''.join(sections)}</main>"
        f'<script type="text/plain" id="plotly">{_plotly() if charts else ""}</script>'
        f'<script type="text/plain" id="views">{_packed(json.dumps(data, separators=(",", ":")))}</script>'
        f"<script>{SCRIPT}</script></body></html>"
    )
    told(len(slides), len(slides))
    return document.encode()


def _section(slide: Slide, look: Look, n: int) -> str:
    one = slide.one
    answer = (
        element("p", look.say("report.answer", time=made(slide.made, look)), "tag") if slide.what == "answer" else ""
    )
    said = element("p", caption(one), "caption") if one.kind != "words" else ""
    about = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in origin(one, look))
    return (
        f'<section id="view-{n}" lang="{code(one.lang)}" tabindex="-1">{answer}{element("h2", slide.title)}{said}'
        f"{element('p', slide.note, 'note')}{_body(slide, look, n)}"
        f"<details><summary>{escape(look.say('report.about'))}</summary><dl>{about}</dl></details></section>"
    )


def _body(slide: Slide, look: Look, n: int) -> str:
    one = slide.one
    if one.kind == "words":
        return element("p", one.view.caption, "words")
    rows = table(one, look, rows=ROWS, columns=COLUMNS) if len(one.view.table) else ""
    if one.kind == "table":
        return f'<div class="rows" tabindex="0" role="region" aria-label="{escape(slide.title)}">{rows}</div>'
    assert isinstance(one.view.figure, dict)
    height = one.view.figure.get("layout", {}).get("height") or PAGE_HEIGHT
    behind = f'<div class="rows" tabindex="0" role="region" aria-label="{escape(slide.title)}">{rows}</div>'
    return (
        f'{strip(one)}<div class="chart" id="chart-{n}" role="img" aria-label="{escape(one.view.alt)}"'
        f' style="height:{float(height):g}px"><p class="waiting">{escape(look.say("report.drawing"))}</p>'
        f'<p class="undrawn" hidden>{escape(look.say("report.undrawn"))}</p></div>'
        f"<noscript><p>{escape(look.say('report.undrawn'))}</p></noscript>"
        + (f"<details><summary>{escape(look.say('report.as_table'))}</summary>{behind}</details>" if rows else "")
    )


def _packed(text: str) -> str:
    return b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()


@cache
def _plotly() -> str:
    import plotly

    return _packed((Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_text("utf-8"))
