"""Pieces of a page in HTML: every text is escaped here."""

from html import escape

from analysis.views.look import Look
from analysis.views.pinned import Pinned
from analysis.views.report.cells import right, written
from analysis.views.report.legend import legend


def code(lang: str) -> str:
    """Language of a document, as browsers and readers name it."""
    return "zh-CN" if lang == "zh" else "en-GB"


def element(tag: str, text: str, kind: str = "", *, long: bool = False) -> str:
    """An element that holds a text, with its class; nothing for no text."""
    kinds = " ".join([*([kind] if kind else []), *(["long"] if long else [])])
    given = f' class="{kinds}"' if kinds else ""
    return f"<{tag}{given}>{escape(text)}</{tag}>" if text else ""


def strip(one: Pinned) -> str:
    """What the colours mean; nothing where the chart says so itself."""
    items = "".join(
        f'<li><span style="background:{escape(colour)}"></span>{escape(name)}</li>' for name, colour in legend(one)
    )
    return f'<ul class="legend">{items}</ul>' if items else ""


def table(one: Pinned, look: Look, *, rows: int, columns: int) -> str:
    """At most so many rows and columns of the numbers, and how many more there are."""
    whole = one.view.table
    shown = whole.iloc[:rows, :columns]
    sides = ["number" if number else "" for number in right(shown)]
    head = "".join(
        f'<th scope="col"{_side(side)}>{escape(str(name))}</th>' for name, side in zip(shown, sides, strict=True)
    )
    lines = "".join(
        f"<tr>{''.join(f'<td{_side(side)}>{escape(cell)}</td>' for cell, side in zip(row, sides, strict=True))}</tr>"
        for row in written(shown, look)
    )
    more = [look.say("report.more_rows", n=f"{len(whole) - rows:,}")] if len(whole) > rows else []
    more += [look.say("report.more_columns", n=whole.shape[1] - columns)] if whole.shape[1] > columns else []
    said = element("p", look.text(more), "caption")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>{said}"


def _side(side: str) -> str:
    return f' class="{side}"' if side else ""
