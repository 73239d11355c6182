"""The same views as a PDF: one on a page of 16:9, its charts as lines, its words as letters."""

from collections.abc import Sequence
from html import escape

from analysis.views.look import Look
from analysis.views.pinned import Pinned
from analysis.views.report import browser, images
from analysis.views.report.frame import renamed
from analysis.views.report.html import POLICY
from analysis.views.report.letters import mended
from analysis.views.report.markup import code, element, strip, table
from analysis.views.report.origin import caption, foot, made
from analysis.views.slide import Slide, Told, untold

ROWS, COLUMNS = 15, 9
"""Of a table on one page."""
BODY = 1184, 490
"""Pixels of a chart."""
LONG = 900
"""Letters of an answer from which on it is set smaller."""
STYLE = """
@page { size: 1280px 720px; margin: 0 }
* { box-sizing: border-box }
body { margin: 0; color: #0b1220; font-family: Arial, "Liberation Sans", "PingFang SC", "Microsoft YaHei",
    "Noto Sans CJK SC", sans-serif }
section { width: 1280px; height: 720px; padding: 34px 48px 22px; break-after: page; overflow: hidden;
    display: flex; flex-direction: column }
section:last-child { break-after: auto }
h1 { font-size: 30px; line-height: 1.22; margin: 0 0 4px; max-height: 2.5em; overflow: hidden }
h1.long { font-size: 23px }
p { margin: 0 }
.caption, .note { font-size: 16px; line-height: 1.3; color: #5f6775; max-height: 2.7em; overflow: hidden }
.note { color: #0b1220; border-left: 3px solid #1848d1; padding-left: 8px; margin-top: 5px }
.tag { align-self: flex-start; font-size: 13px; border: 1px solid #5f6775; border-radius: 4px; padding: 0 6px;
    margin-bottom: 6px }
.body { flex: 1; min-height: 0; margin-top: 10px; display: flex; flex-direction: column }
.body svg { width: 100%; flex: 1; min-height: 0; display: block }
.words { font-size: 26px; line-height: 1.45; white-space: pre-line } .words.long { font-size: 17px }
footer { font-size: 12px; line-height: 1.35; color: #5f6775; display: flex; gap: 24px; padding-top: 6px }
footer p { flex: 1 }
table { border-collapse: collapse; width: 100%; font-size: 15px }
th, td { text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid #e8ebf0; vertical-align: top }
th { color: #5f6775 } .number { text-align: right; font-variant-numeric: tabular-nums }
ul { display: flex; flex-wrap: wrap; gap: 2px 16px; list-style: none; margin: 0 0 6px; padding: 0; font-size: 14px }
li { display: flex; align-items: center; gap: 5px } li span { width: 11px; height: 11px; border-radius: 2px }
"""
LONG_TITLE = 130
"""Letters of a title from which on it is set smaller."""


def pdf(slides: Sequence[Slide], look: Look, *, name: str, told: Told = untold) -> bytes:
    """One page a view, with bookmarks; letters can be searched and copied.

    Parameters
    ----------
    name : str
        Title of the document.
    told : callable
        Is told of each view that is done; may raise `data.intake.watch.Cancelled`.

    Raises
    ------
    NoBrowser
        No browser can draw it.
    """
    pages = []
    for n, slide in enumerate(slides):
        told(n, len(slides))
        pages.append(_page(slide, look, n + 1, len(slides)))
    told(len(slides), len(slides))
    document = (
        f'<!doctype html><html lang="{code(look.lang)}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>{escape(name)}</title>'
        f"<style>{STYLE}</style></head><body>{''.join(pages)}</body></html>"
    )
    return mended(browser.draw(lambda screen: screen.printed(document), waiting=lambda: told(len(slides), len(slides))))


def _page(slide: Slide, look: Look, n: int, total: int) -> str:
    one = slide.one
    heading = element("h1", slide.title, long=len(slide.title) > LONG_TITLE)
    said = element("p", caption(one), "caption") if one.kind != "words" else ""
    note = element("p", slide.note, "note")
    tag = (
        element("span", look.say("report.answer", time=made(slide.made, look)), "tag") if slide.what == "answer" else ""
    )
    page = look.say("report.page", n=n, total=total)
    return (
        f'<section lang="{code(one.lang)}">{tag}{heading}{said}{note}'
        f'<div class="body">{_body(one, look, n)}</div>'
        f"<footer><p>{escape(foot(one, look))}</p><span>{escape(page)}</span></footer></section>"
    )


def _body(one: Pinned, look: Look, n: int) -> str:
    if one.kind == "words":
        words = one.view.caption
        return element("p", words, "words", long=len(words) > LONG)
    if one.kind == "table":
        return table(one, look, rows=ROWS, columns=COLUMNS)
    drawn = renamed(images.chart(one, width=BODY[0], height=BODY[1]), f"p{n}-")
    return strip(one) + drawn.replace("<svg ", f'<svg role="img" aria-label="{escape(one.view.alt)}" ', 1)
